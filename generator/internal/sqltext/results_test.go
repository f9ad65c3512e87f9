package sqltext

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What sqlc calls each of these columns was seen in its output.
func TestResults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sql string
		// postgres are the names that PostgreSQL gives.
		postgres []string
		want     []Result
	}{
		{"columns", "SELECT id, u.name, (nick) FROM u", []string{"id", "name", "nick"}, []Result{{}, {}, {}}},
		{"labels", "SELECT a::int AS int4, CASE WHEN b THEN 1 END AS case, now() now, count(*)::int n", []string{"int4", "case", "now", "n"}, []Result{{}, {}, {}, {}}},
		{"quoted labels", `SELECT a::int AS "Full Name", b::int "int4", 1 AS "x""y"`, []string{"Full Name", "int4", `x"y`}, []Result{{}, {}, {}}},
		{
			"casts", "SELECT sum(a)::bigint, 'x'::text, $1::int, (a + 1)::numeric(10, 2), CAST(sum(a) AS bigint), (SELECT 1)::int, x[1]::text, (h).street::text, ARRAY[1]::int[], true::bool, CASE WHEN a THEN 1 END::int FROM t",
			[]string{"sum", "text", "int4", "numeric", "sum", "int4", "x", "street", "array", "bool", "case"},
			[]Result{{Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}},
		},
		{"casts of columns", `SELECT name::text, (name)::varchar::text, u.name::text, CAST(nick AS varchar), "Id"::text FROM u`, []string{"name", "name", "name", "nick", "Id"}, []Result{{}, {}, {Name: "u_name"}, {}, {}}},
		{"casts inside", "SELECT a::int + 1, 1 + a::int, a::int = b AND c::bool, a::int IS NULL, lower(a::text)", []string{"?column?", "?column?", "?column?", "?column?", "lower"}, []Result{{}, {}, {Logic: true}, {}, {}}},
		{"values of one word", "SELECT current_date, user, true, NULL, localtime(0)", []string{"current_date", "user", "bool", "?column?", "localtime"}, []Result{{Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {}, {Name: Unnamed}}},
		{"choices", "SELECT CASE a WHEN 1 THEN b ELSE c END, greatest(a, 1), nullif(a, 1), ARRAY[1, 2], ARRAY(SELECT 1), grouping(a)", []string{"c", "greatest", "nullif", "array", "array", "grouping"}, []Result{{Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: "exists"}, {Name: Unnamed}}},
		{"coalesce", "SELECT coalesce(nick, 'a'), coalesce(f(a, b), u.name, 1), coalesce(sum(a), 0), coalesce(1, 2)", []string{"coalesce", "coalesce", "coalesce", "coalesce"}, []Result{{Name: "nick"}, {Name: "name"}, {}, {}}},
		{"parts", "SELECT tags[1], nums[1:2], (home).zip, name COLLATE \"C\", date '2020-01-01', interval '1' day", []string{"tags", "nums", "zip", "name", "date", "interval"}, []Result{{Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}, {Name: Unnamed}}},
		{"calls", "SELECT count(*), pg_catalog.upper(a), row_number() OVER (ORDER BY a), count(*) FILTER (WHERE a AND b), extract(year FROM a)", []string{"count", "upper", "row_number", "count", "date_part"}, []Result{{}, {}, {}, {}, {}}},
		{
			"conditions", "SELECT a AND b, NOT a AS x, (a OR b) AS y, a BETWEEN 1 AND 2, a BETWEEN 1 AND 2 AND b, f(a AND b), CASE WHEN a AND b THEN 1 END AS z, a = 1",
			[]string{"?column?", "x", "y", "?column?", "?column?", "f", "z", "?column?"},
			[]Result{{Logic: true}, {Logic: true}, {Logic: true}, {}, {Logic: true}, {}, {}, {}},
		},
		{"exists", "SELECT EXISTS (SELECT 1), NOT EXISTS (SELECT 1), NOT EXISTS (SELECT 1) AS x, NOT EXISTS (SELECT 1) AND a", []string{"exists", "?column?", "x", "?column?"}, []Result{{}, {Name: "not_exists"}, {}, {Logic: true}}},
		{"subqueries", "SELECT (SELECT a::int FROM t), ((SELECT 1)) FROM u", []string{"a", "?column?"}, []Result{{}, {}}},
		{"the first of a union", "SELECT a::int + 1, b::int FROM t UNION SELECT 1, c FROM u", []string{"?column?", "b"}, []Result{{}, {}}},
		{"with and returning", "WITH x AS (SELECT 1::int) UPDATE t SET a = 1 RETURNING upper(a)::text, b", []string{"upper", "b"}, []Result{{Name: Unnamed}, {}}},
		{"no list", "DELETE FROM t", nil, []Result{}},
		{"a star", "SELECT *, a FROM t", []string{"b", "c", "a"}, nil},
		{"unbalanced", "SELECT (a::int, ) , [b", []string{"x", "y"}, []Result{{}, {}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, Results(c.sql, c.postgres))
		})
	}
}

func FuzzResults(f *testing.F) {
	f.Add("SELECT a::int AS b, coalesce(x, (y)), CASE WHEN z THEN 1 END FROM t")
	f.Add("SELECT CAST(a AS int), ARRAY[1], (h).x, NOT EXISTS (SELECT 1)")
	f.Fuzz(func(t *testing.T, sql string) {
		w := starFinder{text: sql, tokens: Significant(sql), results: [][2]int{}}
		w.run()
		names := make([]string, len(w.results))
		require.Len(t, Results(sql, names), len(names))
	})
}
