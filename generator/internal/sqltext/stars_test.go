package sqltext

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/sqlc-dev/oliphant"
	"github.com/stretchr/testify/require"
)

func TestStars(t *testing.T) {
	t.Parallel()
	// A star is written as: text @ arm (- if nested) item/items.
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"plain":                    {"SELECT * FROM t", []string{"* @0 0/1"}},
		"tight":                    {"select*from t", []string{"* @0 0/1"}},
		"qualified":                {`SELECT a, t.*, s.t.*, "Q".* , s . "T" . * FROM t`, []string{"t.* @0 1/5", "s.t.* @0 2/5", `"Q".* @0 3/5`, `s . "T" . * @0 4/5`}},
		"expressions":              {"SELECT (f(x)).*, (a).b.*, c[1].*, (c[1]).d.*, $1.*", []string{"(f(x)).* @0 0/5", "(a).b.* @0 1/5", "c[1].* @0 2/5", "(c[1]).d.* @0 3/5", "$1.* @0 4/5"}},
		"count and products":       {"SELECT count(*), a * b, 2 * 3, count(t.*), row_to_json(t.*), f(VARIADIC x) FROM t", nil},
		"row tests":                {"SELECT t.* IS NULL, t.* = u.*, NOT t.*, (t.*)::text, t.*::text, ROW(t.*), (a, t.*), ((a) = (t.*)), (t.*) = (a), f (t.*), (f(t.*)) FROM t", nil},
		"labels":                   {`SELECT t.* AS x, u.* y, (v.*) AS "Z", (w.*) q, a * b, a.b * c AS d, (a * b) c FROM t`, []string{"t.* AS x @0 0/7", "u.* y @0 1/7", `(v.*) AS "Z" @0 2/7`, "(w.*) q @0 3/7"}},
		"in parentheses":           {"SELECT (t.*), (( s.t.* )), ((f(x)).*), (c[1].*), (\"a\".*) FROM t", []string{"(t.*) @0 0/5", "(( s.t.* )) @0 1/5", "((f(x)).*) @0 2/5", "(c[1].*) @0 3/5", `("a".*) @0 4/5`}},
		"distinct":                 {"SELECT DISTINCT * FROM t", []string{"* @0 0/1"}},
		"all":                      {"SELECT ALL * FROM t", []string{"* @0 0/1"}},
		"distinct on":              {"SELECT DISTINCT ON (a, b) *, c FROM t", []string{"* @0 0/2"}},
		"distinct from":            {"SELECT a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b, * FROM t", []string{"* @0 2/3"}},
		"label from":               {`SELECT a AS from, t.order, * FROM t`, []string{"* @0 2/3"}},
		"within group":             {"SELECT mode() WITHIN GROUP (ORDER BY a), * FROM t", []string{"* @0 1/2"}},
		"window":                   {"SELECT sum(a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d), t.* FROM t", []string{"t.* @0 1/2"}},
		"no from":                  {"SELECT *", []string{"* @0 0/1"}},
		"where instead of from":    {"SELECT * WHERE true", []string{"* @0 0/1"}},
		"into":                     {"SELECT * INTO x FROM t", []string{"* @0 0/1"}},
		"comments":                 {"SELECT /* * */ * -- *\nFROM t", []string{"* @0 0/1"}},
		"comment beside":           {"SELECT */**/FROM t", []string{"* @0 0/1"}},
		"union":                    {"SELECT * FROM a UNION ALL SELECT b.* FROM b EXCEPT SELECT c, d FROM c INTERSECT DISTINCT SELECT * FROM d", []string{"* @0 0/1", "b.* @1 0/1", "* @3 0/1"}},
		"union in parentheses":     {"((SELECT * FROM a) UNION (SELECT * FROM b LIMIT 1)) ORDER BY 1", []string{"* @0 0/1", "* @1 0/1"}},
		"subqueries":               {"SELECT (SELECT * FROM x), *, ARRAY(SELECT * FROM y), ARRAY[(SELECT * FROM z)] FROM (SELECT * FROM t) t WHERE EXISTS (SELECT * FROM u) AND a IN (SELECT * FROM v UNION SELECT * FROM w)", []string{"* @- 0/1", "* @0 1/4", "* @- 0/1", "* @- 0/1", "* @- 0/1", "* @- 0/1", "* @- 0/1", "* @- 0/1"}},
		"lateral":                  {"SELECT * FROM a, LATERAL (SELECT a.*, 1 FROM b) l", []string{"* @0 0/1", "a.* @- 0/2"}},
		"with":                     {"WITH x AS (SELECT * FROM a), y (m, n) AS NOT MATERIALIZED (SELECT b.*, 1 FROM b) SELECT x.*, * FROM x", []string{"* @- 0/1", "b.* @- 0/2", "x.* @0 0/2", "* @0 1/2"}},
		"with and parentheses":     {"WITH x AS MATERIALIZED (SELECT * FROM a) (SELECT * FROM x) UNION ALL (WITH y AS (SELECT * FROM b) SELECT * FROM y)", []string{"* @- 0/1", "* @0 0/1", "* @- 0/1", "* @1 0/1"}},
		"with recursive":           {"WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT * FROM t) SEARCH DEPTH FIRST BY n SET o CYCLE n SET c USING p SELECT * FROM t", []string{"* @- 0/1", "* @0 0/1"}},
		"with named after a word":  {"WITH update AS (SELECT * FROM a), delete AS (SELECT * FROM b) SELECT * FROM update", []string{"* @- 0/1", "* @- 0/1", "* @0 0/1"}},
		"with and values":          {"WITH x AS (SELECT 1) VALUES ((SELECT * FROM x)) UNION ALL SELECT * FROM x", []string{"* @- 0/1", "* @0 0/1"}},
		"insert":                   {"INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = 3 WHERE t.a > 1 RETURNING *", []string{"returning * @0 0/1"}},
		"insert from select":       {"INSERT INTO t SELECT * FROM s RETURNING t.*, 1", []string{"* @- 0/1", "returning t.* @0 0/2"}},
		"insert from parentheses":  {"INSERT INTO t (a) (SELECT * FROM s) RETURNING *", []string{"* @- 0/1", "returning * @0 0/1"}},
		"insert from union":        {"INSERT INTO t SELECT * FROM s UNION (SELECT * FROM r) RETURNING *", []string{"* @- 0/1", "* @- 0/1", "returning * @0 0/1"}},
		"insert from with":         {"INSERT INTO t WITH x AS (SELECT * FROM s) SELECT * FROM x RETURNING *", []string{"* @- 0/1", "* @- 0/1", "returning * @0 0/1"}},
		"update":                   {"UPDATE t SET (a, b) = (SELECT * FROM s) FROM u WHERE u.a = t.a RETURNING u.*, a * b", []string{"* @- 0/1", "returning u.* @0 0/2"}},
		"delete":                   {"DELETE FROM t USING u WHERE true RETURNING *", []string{"returning * @0 0/1"}},
		"merge":                    {"MERGE INTO t USING (SELECT * FROM s) s ON s.a = t.a WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (1) RETURNING merge_action(), t.*", []string{"* @- 0/1", "returning t.* @0 1/2"}},
		"returning old and new":    {"UPDATE t SET a = 1 RETURNING WITH (OLD AS o, NEW AS n) o.*, n.*", []string{"returning o.* @0 0/2", "returning n.* @0 1/2"}},
		"changes in with":          {"WITH d AS (DELETE FROM t RETURNING *), i AS (INSERT INTO u SELECT * FROM d RETURNING u.*) SELECT * FROM d", []string{"returning * @- 0/1", "* @- 0/1", "returning u.* @- 0/1", "* @0 0/1"}},
		"change behind with":       {"WITH s AS (SELECT * FROM x) UPDATE t SET a = 1 FROM s RETURNING *", []string{"* @- 0/1", "returning * @0 0/1"}},
		"returning in JSON":        {"SELECT JSON_VALUE(j, '$.a' RETURNING int), * FROM t", []string{"* @0 1/2"}},
		"for update":               {"SELECT * FROM t FOR UPDATE OF t SKIP LOCKED", []string{"* @0 0/1"}},
		"table":                    {"TABLE t", []string{"table TABLE @0 0/1"}},
		"table in union":           {"SELECT 1 UNION TABLE s.t UNION (TABLE u)", []string{"table TABLE @1 0/1", "table TABLE @2 0/1"}},
		"table behind with":        {"WITH table_ AS (TABLE a) TABLE table_", []string{"table TABLE @- 0/1", "table TABLE @0 0/1"}},
		"view":                     {"CREATE VIEW v AS SELECT * FROM t", []string{"* @- 0/1"}},
		"explain":                  {"EXPLAIN SELECT * FROM t", []string{"* @- 0/1"}},
		"create table as":          {"CREATE TABLE x AS TABLE y", nil},
		"copy":                     {"COPY (SELECT * FROM t) TO STDOUT", []string{"* @- 0/1"}},
		"cursor":                   {"DECLARE c CURSOR FOR SELECT * FROM t", []string{"* @- 0/1"}},
		"utility":                  {"TRUNCATE TABLE t", nil},
		"case":                     {"SELECT CASE WHEN a THEN b * c END, * FROM t", []string{"* @0 1/2"}},
		"operator":                 {"SELECT a OPERATOR(pg_catalog.*) b, t.* FROM t", []string{"t.* @0 1/2"}},
		"trailing semicolon":       {"SELECT *;", []string{"* @0 0/1"}},
		"empty":                    {"", nil},
		"empty list":               {"SELECT FROM t", nil},
		"unbalanced":               {"SELECT ((*, )))) SELECT * FROM", []string{"* @1 0/1"}},
		"extract":                  {"SELECT extract(epoch FROM a), trim(both FROM b), substring(c FROM 1 FOR 2), * FROM t", []string{"* @0 3/4"}},
		"aggregate over subquery":  {"SELECT count(DISTINCT (SELECT * FROM x)), * FROM t", []string{"* @- 0/1", "* @0 1/2"}},
		"values with a subquery":   {"VALUES ((SELECT * FROM x))", []string{"* @- 0/1"}},
		"set-returning join lists": {"SELECT * FROM a JOIN b USING (x) JOIN LATERAL unnest(a.*) ON true", []string{"* @0 0/1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, s := range Stars(c.sql) {
				text := c.sql[s.Start:s.End]
				arm := "-"
				if s.Outer {
					arm = fmt.Sprint(s.Arm)
				}
				line := fmt.Sprintf("%s @%s %d/%d", text, arm, s.Item, s.Items)
				if s.Returning {
					line = "returning " + line
				}
				if s.Table {
					line = "table " + line
				} else if s.Qualifier == "" {
					require.Equal(t, "*", text)
				} else {
					require.Contains(t, text, s.Qualifier)
					require.NotContains(t, " .", s.Qualifier[len(s.Qualifier)-1:])
				}
				got = append(got, line)
			}
			require.Equal(t, c.want, got)
			if tree, err := oliphant.Parse(c.sql); err == nil && len(tree.Stmts) == 1 {
				requireTreeStars(t, c.sql)
			} else {
				require.Contains(t, []string{"empty", "unbalanced"}, name)
			}
		})
	}
}

func TestStarDepth(t *testing.T) {
	t.Parallel()
	stars := Stars(`SELECT "Q".*, (SELECT (SELECT * FROM a)) FROM b`)
	require.Equal(t, []Star{
		{Start: 7, End: 12, Qualifier: `"Q"`, Outer: true, Items: 2},
		{Start: 30, End: 31, Arm: -1, Items: 1, Depth: 2},
	}, stars)
}

// treeStar is a star as a parser sees it.
type treeStar struct {
	Start       int
	Outer       bool
	Item, Items int
}

// treeStars finds the stars of a statement's syntax tree, other than those of
// TABLE commands, which have no place of their own.
func treeStars(t *testing.T, sql string) []treeStar {
	text, err := oliphant.ParseToJSON(sql)
	require.NoError(t, err)
	var tree struct {
		Stmts []struct{ Stmt map[string]any }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &tree))
	require.Len(t, tree.Stmts, 1)

	outer := map[*any]bool{}
	list := func(node any, path ...string) []any {
		for _, p := range path {
			m, _ := node.(map[string]any)
			node = m[p]
		}
		l, _ := node.([]any)
		return l
	}
	var mark func(query map[string]any)
	mark = func(query map[string]any) {
		if query["larg"] != nil {
			mark(query["larg"].(map[string]any))
			mark(query["rarg"].(map[string]any))
			return
		}
		if l := list(query, "targetList"); len(l) > 0 {
			outer[&l[0]] = true
		}
	}
	for kind, node := range tree.Stmts[0].Stmt {
		switch kind {
		case "SelectStmt":
			mark(node.(map[string]any))
		case "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt":
			if l := list(node, "returningClause", "exprs"); len(l) > 0 {
				outer[&l[0]] = true
			}
		}
	}

	var out []treeStar
	collect := func(l []any) {
		for i, item := range l {
			target := item.(map[string]any)["ResTarget"].(map[string]any)
			fields := append(list(target, "val", "ColumnRef", "fields"), list(target, "val", "A_Indirection", "indirection")...)
			if len(fields) == 0 || fields[len(fields)-1].(map[string]any)["A_Star"] == nil {
				continue
			}
			start, _ := target["location"].(float64)
			if start >= 0 {
				out = append(out, treeStar{Start: int(start), Outer: outer[&l[0]], Item: i, Items: len(l)})
			}
		}
	}
	var walk func(key string, node any)
	walk = func(key string, node any) {
		switch node := node.(type) {
		case map[string]any:
			// larg and rarg hold a SelectStmt without its name around it.
			if key == "SelectStmt" || key == "larg" || key == "rarg" {
				collect(list(node, "targetList"))
			}
			collect(list(node, "returningClause", "exprs"))
			for k, v := range node {
				walk(k, v)
			}
		case []any:
			for _, v := range node {
				walk("", v)
			}
		}
	}
	walk("", tree.Stmts[0].Stmt)
	sort.Slice(out, func(i, j int) bool { return out[i].Start < out[j].Start })
	// A subquery that several columns are set to is in the tree for each.
	return slices.Compact(out)
}

// requireTreeStars holds Stars against a parser.
func requireTreeStars(t *testing.T, sql string) {
	var got []treeStar
	for _, s := range Stars(sql) {
		if !s.Table {
			got = append(got, treeStar{s.Start, s.Outer, s.Item, s.Items})
		}
	}
	sort.Slice(got, func(i, j int) bool { return got[i].Start < got[j].Start })
	require.Equal(t, treeStars(t, sql), got, sql)
}

// FuzzStars puts statements together from parts and holds the stars found in
// those that PostgreSQL would parse against the ones in the syntax tree.
func FuzzStars(f *testing.F) {
	for i, s := range []string{
		"SELECT *, t.* FROM t UNION SELECT * FROM (SELECT * FROM u) u", "WITH x AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM x RETURNING u.*",
		"SELECT DISTINCT ON (a) (f(x)).*, a IS DISTINCT FROM b, count(*) FROM t", "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING WITH (OLD AS o) *",
		"WITH RECURSIVE a AS (VALUES (1) UNION TABLE a) (SELECT * FROM a) EXCEPT ALL TABLE b FOR UPDATE", "EXPLAIN SELECT * FROM t",
	} {
		f.Add(s, uint(i), uint(i*7))
	}
	parts := []string{
		"(SELECT * FROM t)", "SELECT t.*, 1 FROM t", " UNION ALL ", "WITH w AS (SELECT * FROM v) ", "RETURNING *", "INSERT INTO t ", "UPDATE t SET a = 1 ",
		"DELETE FROM t ", "(", ")", ", ", "*", "s.t.*", "(c).d.*", "a * b", "count(*)", "TABLE t", "VALUES (1)", " FROM t ", " IS DISTINCT FROM b", "AS from", "DISTINCT ON (a) ", "f(t.*)",
	}
	f.Fuzz(func(t *testing.T, sql string, cut, part uint) {
		at := int(cut % uint(len(sql)+1))
		for _, sql := range []string{sql, sql[:at] + " " + parts[part%uint(len(parts))] + " " + sql[at:]} {
			Stars(sql)
			if strings.IndexByte(sql, 0) >= 0 {
				continue // the parser stops there
			}
			tree, err := oliphant.Parse(sql)
			if err == nil && len(tree.Stmts) == 1 {
				requireTreeStars(t, sql)
			}
		}
	})
}
