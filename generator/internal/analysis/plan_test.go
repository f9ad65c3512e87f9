package analysis_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const plannedSchema = `
CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE TABLE a (id positive PRIMARY KEY, x int, y int, active boolean NOT NULL DEFAULT true, m money, xi xid);
CREATE UNIQUE INDEX a_active ON a (x) WHERE active;
CREATE UNIQUE INDEX a_lower ON a (lower(y::text));
CREATE TABLE b (id int PRIMARY KEY, x int, y int);
CREATE TABLE spans (id int PRIMARY KEY, during int4range, EXCLUDE USING gist (during WITH &&));
CREATE TABLE checked (id int CONSTRAINT above CHECK (id > 0));
CREATE TABLE published (id int, v int);
CREATE TABLE days (day int, v int) PARTITION BY LIST (day);
CREATE TABLE day1 PARTITION OF days (PRIMARY KEY (day)) FOR VALUES IN (1);
CREATE TABLE day2 PARTITION OF days FOR VALUES IN (2);
CREATE PUBLICATION pub FOR TABLE published, day2;
CREATE MATERIALIZED VIEW stored AS SELECT id, x FROM a;
CREATE VIEW compared AS SELECT a.x, b.y FROM a FULL JOIN b ON a.x < b.x;
CREATE VIEW counted AS SELECT x, count(*) AS n FROM a GROUP BY x;
CREATE VIEW shown AS SELECT id, x FROM a;
CREATE FUNCTION refuses(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'feature_not_supported'; END $$;
CREATE FUNCTION tries(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN INSERT INTO a (id) VALUES ($1) ON CONFLICT (y) DO NOTHING; RETURN 1; END $$;
INSERT INTO a (id, x, y) VALUES (1, 1, 1);
INSERT INTO b VALUES (1, 1, 1);
`

// plannedCases are statements that only the planner can refuse. Each of those
// that always fail fails for all args, and each other one succeeds for the args.
var plannedCases = []struct {
	name, sql string
	args      [][]any
	// refused is a part of what is reported, empty if the statement is taken.
	refused string
}{
	{"a key of ON CONFLICT that there is not", "INSERT INTO a (id, x) VALUES ($1, $2) ON CONFLICT (y) DO NOTHING", [][]any{{5, 5}, {6, nil}}, "no unique or exclusion constraint matching"},
	{"a column of a key", "INSERT INTO a (id) VALUES ($1) ON CONFLICT (id, x) DO UPDATE SET x = 1", [][]any{{5}}, "no unique or exclusion constraint matching"},
	{"a key", "INSERT INTO a (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", [][]any{{5}}, ""},
	{"an expression", "INSERT INTO a (id, y) VALUES ($1, 7) ON CONFLICT (lower(y::text)) DO NOTHING", [][]any{{7}}, ""},
	{"another expression", "INSERT INTO a (id, y) VALUES ($1, 7) ON CONFLICT (upper(y::text)) DO NOTHING", [][]any{{7}}, "no unique or exclusion constraint matching"},
	{"a partial index without its condition", "INSERT INTO a (id) VALUES ($1) ON CONFLICT (x) DO NOTHING", [][]any{{5}}, "no unique or exclusion constraint matching"},
	{"a partial index", "INSERT INTO a (id) VALUES ($1) ON CONFLICT (x) WHERE active DO NOTHING", [][]any{{5}}, ""},
	{"a partial index, its condition a parameter", "INSERT INTO a (id) VALUES ($1) ON CONFLICT (x) WHERE active = $2 DO NOTHING", [][]any{{5, true}}, ""},
	{"in WITH", "WITH n AS (INSERT INTO a (id) VALUES ($1) ON CONFLICT (y) DO NOTHING RETURNING id) SELECT id FROM n WHERE $2 OR id > 1", [][]any{{5, true}, {6, false}}, "no unique or exclusion constraint matching"},
	{"through a view", "INSERT INTO shown (id) VALUES ($1) ON CONFLICT (x) DO NOTHING", [][]any{{5}}, "no unique or exclusion constraint matching"},
	{"through a view, a key", "INSERT INTO shown (id) VALUES ($1) ON CONFLICT (id) DO NOTHING", [][]any{{5}}, ""},
	{"an exclusion constraint and DO UPDATE", "INSERT INTO spans VALUES ($1, '[1,2]') ON CONFLICT ON CONSTRAINT spans_during_excl DO UPDATE SET id = 1", [][]any{{5}}, "not supported with exclusion constraints"},
	{"an exclusion constraint and DO NOTHING", "INSERT INTO spans VALUES ($1, '[1,2]') ON CONFLICT ON CONSTRAINT spans_during_excl DO NOTHING", [][]any{{5}}, ""},
	{"a CHECK", "INSERT INTO checked VALUES ($1) ON CONFLICT ON CONSTRAINT above DO NOTHING", [][]any{{5}}, "no associated index"},
	{"FULL JOIN without an equality", "SELECT a.x, b.y FROM a FULL JOIN b ON a.x < b.x LIMIT $1", [][]any{{5}, {nil}}, "FULL JOIN"},
	{"FULL JOIN with an equality", "SELECT a.x, b.y FROM a FULL JOIN b ON a.id = b.id AND a.x < b.x", [][]any{{}}, ""},
	{"FULL JOIN ON true", "SELECT a.x, b.y FROM a FULL JOIN b ON true", [][]any{{}}, ""},
	{"FULL JOIN ON a parameter", "SELECT a.x, b.y FROM a FULL JOIN b ON $1 OR a.x < b.x", [][]any{{true}}, ""},
	{"FULL JOIN that WHERE makes a LEFT JOIN", "SELECT a.x, b.y FROM a FULL JOIN b ON a.x < b.x WHERE a.id = $1", [][]any{{1}}, ""},
	{"FULL JOIN that a parameter makes a LEFT JOIN", "SELECT a.x, b.y FROM a FULL JOIN b ON a.x < b.x WHERE $1 OR a.id = 1", [][]any{{false}}, ""},
	{"FULL JOIN that NULL makes none", "SELECT a.x, b.y FROM a FULL JOIN b ON a.x < b.x WHERE coalesce(a.x, b.x) = $1::int", [][]any{{nil}}, ""},
	{"FULL JOIN in a branch never taken", "SELECT CASE WHEN $1 THEN (SELECT count(*) FROM a FULL JOIN b ON a.x < b.x) END", [][]any{{false}}, ""},
	{"FULL JOIN whose condition is in a subquery", "SELECT a.x FROM (SELECT $1::boolean AS all_of) q, a FULL JOIN b ON a.x < b.x WHERE q.all_of OR a.id = 1", [][]any{{false}}, ""},
	{"FULL JOIN and its values in a list", "SELECT a.x FROM (VALUES ($1::int)) AS v(id), a FULL JOIN b ON a.x < b.x WHERE v.id = 2 OR a.id = 1", [][]any{{1}}, ""},
	{"FULL JOIN in WITH that nobody reads", "WITH unread AS (SELECT a.x, b.y FROM a FULL JOIN b ON a.x < b.x) SELECT 1", [][]any{{}}, ""},
	{"FULL JOIN of a view", "SELECT x FROM compared", [][]any{{}}, "FULL JOIN"},
	{"FULL JOIN of a view that WHERE makes a LEFT JOIN", "SELECT y FROM compared WHERE x = $1", [][]any{{1}}, ""},
	{"FULL JOIN of a cursor", "DECLARE c CURSOR FOR SELECT a.x, b.y FROM a FULL JOIN b ON a.x < b.x", [][]any{{}}, "FULL JOIN"},
	{"FOR UPDATE of an outer join", "SELECT b.x FROM b LEFT JOIN a ON a.id = b.id LIMIT $1 FOR UPDATE", [][]any{{1}}, "nullable side of an outer join"},
	{"FOR UPDATE of one side", "SELECT b.x FROM b LEFT JOIN a ON a.id = b.id WHERE b.id = $1 FOR UPDATE OF b", [][]any{{1}}, ""},
	{"FOR UPDATE with a parameter that makes it an inner join", "SELECT b.x FROM b LEFT JOIN a ON a.id = b.id WHERE ($1::int IS NULL OR a.x = $1) FOR UPDATE", [][]any{{1}}, ""},
	{"FOR UPDATE with a parameter that cannot be NULL", "SELECT b.x FROM b LEFT JOIN a ON a.id = b.id WHERE b.x = @x OR a.x = 1 FOR UPDATE", [][]any{{1}, {2}}, "nullable side of an outer join"},
	{"FOR UPDATE with a parameter that can be NULL", "SELECT b.x FROM b LEFT JOIN a ON a.id = b.id WHERE b.x = sqlc.narg(x) OR a.x = 1 FOR UPDATE", [][]any{{nil}}, ""},
	{"FOR UPDATE of a view with groups", "SELECT x FROM counted FOR UPDATE", [][]any{{}}, "not allowed with GROUP BY"},
	{"FOR UPDATE of a view", "SELECT x FROM shown FOR UPDATE", [][]any{{}}, ""},
	{"FOR UPDATE of a materialized view", "SELECT x FROM stored WHERE id = $1 FOR UPDATE", [][]any{{1}}, "cannot lock rows in materialized view"},
	{"a row of a materialized view", "INSERT INTO stored VALUES ($1, 1)", [][]any{{1}}, "cannot change materialized view"},
	{"UPDATE of what is published", "UPDATE published SET v = CASE WHEN $1 THEN 1 END", [][]any{{true}, {false}}, "does not have a replica identity"},
	{"INSERT into what is published", "INSERT INTO published VALUES ($1, 1)", [][]any{{1}}, ""},
	{"UPDATE of a partition that is not", "UPDATE days SET v = 1 WHERE day = $1", [][]any{{1}}, ""},
	{"types that cannot be grouped", "SELECT DISTINCT m, xi FROM a", [][]any{{}}, "could not implement DISTINCT"},
	{"types that can be grouped", "SELECT m, count(*) FROM a GROUP BY m", [][]any{{}}, ""},
	{"a recursion over what cannot be hashed", "WITH RECURSIVE r AS (SELECT B'101' AS v UNION SELECT v FROM r) SELECT v FROM r", [][]any{{}}, "could not implement recursive UNION"},
	{"a constant that cannot be computed", "SELECT x FROM shown WHERE CASE WHEN $1 THEN x = 1/0 ELSE true END", [][]any{{false}}, ""},
	{"a function that refuses", "SELECT CASE WHEN $1 THEN refuses(1) END FROM shown", [][]any{{false}}, ""},
	{"a function whose statement is wrong", "SELECT CASE WHEN $1 THEN tries(1) END FROM shown", [][]any{{false}}, ""},
	{"a cursor that may be open", "DELETE FROM b WHERE CURRENT OF c", nil, ""},
}

func TestPlanned(t *testing.T) {
	t.Parallel()
	url := pgtest.Schema(t, plannedSchema)
	for _, mode := range []struct {
		name       string
		live, tree bool
	}{{"throwaway", false, true}, {"live", true, true}, {"live without trees", true, false}} {
		t.Run(mode.name, func(t *testing.T) {
			session, err := analysis.Open(t.Context(), url, mode.live, mode.tree)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, session.Close(context.Background())) })
			text := ""
			for _, c := range plannedCases {
				text += "-- name: " + nameOf(c.name) + " :exec\n" + c.sql + " -- to the end\n;\n"
			}
			file, diags := sqltext.Split("q.sql", text)
			queries, more := analysis.Queries([]*sqltext.File{file})
			diags.Join(more)
			require.Empty(t, diags.Format())
			// Twice: nothing is left behind that the second time would find.
			for range 2 {
				result, err := analysis.Run(t.Context(), session, queries)
				require.NoError(t, err)
				for _, c := range plannedCases {
					got := ""
					if d := result.Rejected[nameOf(c.name)]; d != nil {
						got = d.Message
					}
					if !mode.tree && len(c.args) > 0 && len(c.args[0]) > 0 {
						// Nothing tells what the parameters are for.
						require.Empty(t, got, c.name)
						continue
					}
					require.Equal(t, c.refused != "", got != "", "%s: %q", c.name, got)
					require.Contains(t, got, c.refused, c.name)
				}
			}
		})
	}
}

// What is refused fails whatever it is given, and what is taken can succeed.
func TestPlannedIsWhatHappens(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.Schema(t, plannedSchema))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	for _, c := range plannedCases {
		for _, args := range c.args {
			tx, err := conn.Begin(t.Context())
			require.NoError(t, err)
			_, err = tx.Exec(t.Context(), strings.NewReplacer("@x", "$1", "sqlc.narg(x)", "$1").Replace(c.sql), args...)
			if c.refused == "" {
				require.NoError(t, err, c.name)
			} else {
				require.ErrorContains(t, err, c.refused, c.name)
			}
			require.NoError(t, tx.Rollback(t.Context()))
		}
	}
}

// nameOf makes a query's name of a case's.
func nameOf(name string) string {
	out := []byte("Q")
	for i := range len(name) {
		if c := name[i]; c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			out = append(out, c)
		}
	}
	return string(out)
}
