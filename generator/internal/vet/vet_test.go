package vet_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/generator/internal/vet"
	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const shop = `
CREATE TABLE users (
    id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL, referred_by bigint, tags text[] NOT NULL, code varchar(10)
);
CREATE INDEX ON users (code);
CREATE TABLE orders (
    id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, status text NOT NULL, created_at timestamptz NOT NULL, tenant int NOT NULL
);
CREATE INDEX orders_user ON orders (user_id);
CREATE INDEX orders_created ON orders (created_at);
CREATE TABLE items (order_id bigint NOT NULL, product_id bigint NOT NULL, quantity int, PRIMARY KEY (order_id, product_id));
CREATE TABLE archive (LIKE orders);
CREATE TABLE "Odd ""table""" (id int PRIMARY KEY, "from" int);
CREATE VIEW pairs AS SELECT u.id AS user_id, o.id AS order_id FROM users u, orders o;
CREATE TABLE events (id bigint, at timestamptz NOT NULL, kind text NOT NULL, payload text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE events_2 PARTITION OF events DEFAULT;
CREATE FUNCTION numbers(n int) RETURNS SETOF int LANGUAGE sql STABLE AS 'SELECT generate_series(1, n)';
CREATE SCHEMA other;
CREATE TABLE other.users (id int);
CREATE TABLE ruled (id int);
CREATE RULE nothing AS ON DELETE TO ruled DO INSTEAD NOTHING;
CREATE RULE twice AS ON UPDATE TO ruled DO ALSO UPDATE users SET name = 'x' WHERE name = 'y';
CREATE RULE notify AS ON INSERT TO ruled DO ALSO NOTIFY ruled;
CREATE PROCEDURE nothing() LANGUAGE sql AS '';
`

// shared is a schema in a server, to vet statements on.
type shared struct {
	session *analysis.Session
	checker *vet.Checker
}

func open(t testing.TB, schema string, o vet.Options) *shared {
	t.Helper()
	session, err := analysis.Open(t.Context(), pgtest.Schema(t, schema), false, true)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, session.Close(context.Background())) })
	if o.Large == 0 {
		o.Large = 1000
	}
	return &shared{session, vet.New(session.Catalog, o)}
}

// find vets the queries of a file. A finding is the rule, the severity's first
// letter unless it is an error, and the text that it points at.
func (s *shared) find(t testing.TB, sql string) []string {
	t.Helper()
	var out []string
	for _, f := range s.vet(t, sql) {
		out = append(out, f.text)
	}
	slices.Sort(out)
	return out
}

type found struct {
	vet.Finding
	text string
}

func (s *shared) vet(t testing.TB, sql string) []found {
	t.Helper()
	file, diags := sqltext.Split("q.sql", sql)
	queries, more := analysis.Queries([]*sqltext.File{file})
	diags.Join(more)
	result, err := analysis.Run(t.Context(), s.session, queries)
	require.NoError(t, err)
	diags.Join(result.Diagnostics)
	require.Empty(t, diags.Format())
	plans := make([]*vet.Plan, len(queries))
	var explained []analysis.Explained
	for i, q := range queries {
		e := analysis.Explained{SQL: q.Rewritten.SQL}
		for _, p := range result.Package.Queries[i].Params {
			e.Params = append(e.Params, p.Type.Display)
		}
		explained = append(explained, e)
	}
	require.NoError(t, s.session.Explain(t.Context(), explained, [][2]string{{"enable_seqscan", "off"}}, func(i int, plan []byte, _ *pgconn.PgError) {
		if plan != nil {
			plans[i], err = vet.ParsePlan(plan)
			require.NoError(t, err)
		}
	}))
	var out []found
	require.NoError(t, s.session.Trees(t.Context(), queries, func(i int, tree *nodetree.Node) {
		q, m := queries[i], result.Package.Queries[i]
		st := &vet.Statement{
			SQL: q.Rewritten.SQL, Tree: tree, Params: len(m.Params), Plan: plans[i], Collects: m.Command == model.Many,
			Nullable: func(n int) bool { return m.Params[n-1].Nullable },
		}
		for _, e := range q.Rewritten.Embeds {
			st.Embeds = append(st.Embeds, e.Start)
		}
		for _, f := range s.checker.Statement(st, func(string) bool { return true }) {
			text := "-"
			if f.Offset >= 0 {
				text, _, _ = strings.Cut(q.File.Text[q.Rewritten.MapOffset(f.Offset):], "\n")
				text = strings.TrimSuffix(text, ";")
				text = text[:min(len(text), 12)]
			}
			out = append(out, found{f, fmt.Sprintf("%s%s %s", f.Rule, [...]string{"", " W", " N"}[f.Severity], text)})
		}
	}))
	return out
}

func TestRules(t *testing.T) {
	t.Parallel()
	s := open(t, shop, vet.Options{})
	for _, c := range []struct {
		name, command, sql string
		want               []string
	}{
		{"delete all", ":exec", "DELETE FROM users", []string{"no-where DELETE FROM "}},
		{"update all", ":exec", "UPDATE users u SET name = 'x'", []string{"no-where UPDATE users"}},
		{"said to be meant", ":exec", "DELETE FROM users WHERE true", nil},
		{"in a CTE", ":many", "WITH gone AS MATERIALIZED (/* delete */ DELETE FROM orders RETURNING id) SELECT id FROM gone LIMIT 5", []string{"no-where DELETE FROM "}},
		{"a CTE before", ":exec", "WITH d AS (DELETE FROM items WHERE order_id = $1 RETURNING 1) UPDATE users SET name = 'x'", []string{"no-where UPDATE users"}},
		{"words in comments, strings and names", ":exec", `DELETE /* where */ FROM "Odd ""table""" -- where id = 1`, []string{"no-where DELETE /* wh"}},
		{"update from without a condition", ":exec", "UPDATE orders SET status = 'x' FROM users", []string{"no-where UPDATE order"}},
		{"on conflict", ":exec", "INSERT INTO users (id, email, name, tags) VALUES (1, 'x', 'x', '{}') ON CONFLICT (id) DO UPDATE SET name = 'y'", nil},

		{"comma without a condition", ":many", "SELECT u.id FROM users u, orders o WHERE o.status = 'x' LIMIT 1", []string{"cross-join orders o WHE"}},
		{"join on true", ":many", "SELECT u.id FROM users u JOIN orders o ON true LIMIT 1", []string{"cross-join orders o ON "}},
		{"join on one side", ":many", "SELECT u.id FROM users u JOIN orders o ON o.status = 'x' LIMIT 1", []string{"cross-join orders o ON "}},
		{"natural without common columns", ":many", `SELECT i.quantity FROM items i NATURAL JOIN "Odd ""table""" LIMIT 1`, []string{`cross-join "Odd ""table`}},
		{"cross join", ":many", "SELECT u.id FROM users u CROSS JOIN orders o LIMIT 1", nil},
		{"condition in where", ":many", "SELECT u.id FROM users u, orders o WHERE o.user_id = u.id LIMIT 1", nil},
		{"using", ":many", "SELECT a.id FROM orders a JOIN archive b USING (id) LIMIT 1", nil},
		{"merged column", ":many", "SELECT u.name FROM orders a FULL JOIN archive b USING (id), users u (uid) WHERE uid = id LIMIT 1", nil},
		{"by way of a third", ":many", "SELECT u.id FROM users u, orders o, items i WHERE i.order_id = o.id AND o.user_id = u.id LIMIT 1", nil},
		{"one of three", ":many", "SELECT u.id FROM users u, orders o, items i WHERE o.user_id = u.id LIMIT 1", []string{"cross-join items i WHER"}},
		{"condition in a subquery", ":many", "SELECT u.id FROM users u, orders o WHERE EXISTS (SELECT 1 FROM items i WHERE i.order_id = o.id AND i.product_id = u.id) LIMIT 1", nil},
		{"same parameter", ":many", "SELECT a.id FROM orders a, archive b WHERE a.tenant = $1 AND b.tenant = $1 LIMIT 1", []string{"seq-scan W archive b WH", "seq-scan W orders a, ar"}},
		{"other parameters", ":many", "SELECT a.id FROM orders a, archive b WHERE a.id > $1 AND b.tenant > $2 LIMIT 1", []string{"cross-join archive b WH", "seq-scan W archive b WH"}},
		{"one row each", ":one", "SELECT u.name, o.status FROM users u, orders o WHERE u.email = $1 AND o.id = $2", nil},
		{"lateral", ":many", "SELECT u.id FROM users u LEFT JOIN LATERAL (SELECT id FROM orders o WHERE o.user_id = u.id LIMIT 3) o ON true LIMIT 1", nil},
		{"lateral function", ":many", "SELECT tag FROM users u, unnest(u.tags) AS tag LIMIT 1", nil},
		{"function of parameters", ":many", "SELECT u.id, d FROM users u, generate_series(1, 10) AS d LIMIT 1", nil},
		{"one row of a subquery", ":many", "SELECT u.id FROM users u, (SELECT max(id) AS m FROM orders) x LIMIT 1", nil},
		{"one row of a CTE", ":many", "WITH x AS (SELECT id FROM orders LIMIT 1) SELECT u.id FROM users u, x LIMIT 1", nil},
		{"many rows of a CTE", ":many", "WITH x AS (SELECT id FROM orders) SELECT u.id FROM users u, x LIMIT 1", []string{"cross-join x LIMIT 1"}},
		{"one row that was inserted", ":many", "WITH x AS (INSERT INTO items (order_id, product_id) VALUES ($1, $2) RETURNING product_id) SELECT u.id FROM users u, x LIMIT 1", nil},
		{"one row that was deleted", ":many", "WITH x AS (DELETE FROM orders WHERE id = $1 RETURNING user_id) SELECT u.id FROM users u, x LIMIT 1", nil},
		{"rows that were deleted", ":many", "WITH x AS (DELETE FROM orders WHERE user_id = $1 RETURNING user_id) SELECT u.id FROM users u, x LIMIT 1", []string{"cross-join x LIMIT 1"}},
		{"one row of a key", ":many", "WITH x AS (SELECT id FROM users WHERE email = $1) SELECT o.id FROM orders o, x LIMIT 1", nil},
		{"a union of rows", ":many", "SELECT u.id FROM users u, (SELECT 1 AS n UNION ALL SELECT 2) x LIMIT 1", nil},
		{"a union of tables", ":many", "SELECT u.id FROM users u, (SELECT 1::bigint AS n UNION ALL SELECT id FROM orders) x LIMIT 1", []string{"cross-join x LIMIT 1"}},
		{"recursion", ":many", "WITH RECURSIVE x AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM x WHERE n < 9) SELECT u.id FROM users u, x LIMIT 1", nil},
		{"a table with itself", ":many", "SELECT 1 FROM users, other.users LIMIT 1", []string{"cross-join users LIMIT "}},
		{"values", ":many", "SELECT u.id FROM users u, (VALUES (1), (2)) v(n) LIMIT 1", nil},
		{"inside of a view", ":many", "SELECT user_id FROM pairs LIMIT 1", nil},
		{"beside a view", ":many", "SELECT p.user_id FROM pairs p, orders o LIMIT 1", []string{"cross-join orders o LIM"}},
		{"delete using", ":exec", "DELETE FROM orders o USING users u WHERE u.name LIKE 'x%'", []string{"cross-join users u WHER"}},
		{"in a subquery", ":one", "SELECT (SELECT count(*) FROM users a, orders b) AS n", []string{"cross-join orders b) AS"}},

		{"star of a join", ":many", "SELECT * FROM users u JOIN orders o ON o.user_id = u.id LIMIT 1", []string{"select-star W * FROM users"}},
		{"star of a table", ":one", "SELECT * FROM users WHERE id = $1", []string{"select-star N * FROM users"}},
		{"star of one of two", ":one", "SELECT u.* FROM users u JOIN orders o ON o.user_id = u.id WHERE o.id = $1", []string{"select-star N u.* FROM use"}},
		{"embed", ":many", "SELECT sqlc.embed(u), sqlc.embed(o) FROM users u JOIN orders o ON o.user_id = u.id LIMIT 1", nil},
		{"count", ":one", "SELECT count(*) FROM users", nil},
		{"exists", ":one", "SELECT EXISTS (SELECT * FROM users u JOIN orders o ON o.user_id = u.id) AS e", nil},
		{"insert", ":exec", "INSERT INTO archive SELECT * FROM orders WHERE id = $1", []string{"select-star W * FROM order"}},
		{"union", ":many", "SELECT * FROM orders WHERE id = 1 UNION SELECT * FROM archive WHERE id = 2 LIMIT 1", []string{"select-star W * FROM archi", "select-star W * FROM order"}},
		{"of a subquery", ":many", "SELECT * FROM (SELECT id FROM orders) x LIMIT 1", nil},
		{"of a CTE", ":many", "WITH x AS (SELECT * FROM orders WHERE id = 1) SELECT id FROM x LIMIT 1", nil},
		{"returning", ":one", "UPDATE users SET name = 'x' WHERE id = $1 RETURNING *", []string{"select-star N *"}},
		{"multiplication", ":one", "SELECT quantity * quantity AS n FROM items WHERE order_id = $1 LIMIT 1", nil},

		{"not in a nullable subquery", ":many", "SELECT name FROM users WHERE id NOT IN (SELECT referred_by FROM users) LIMIT 1", []string{"not-in-null NOT IN (SELE"}},
		{"not in a subquery without NULLs", ":many", "SELECT name FROM users WHERE id NOT IN (SELECT user_id FROM orders) LIMIT 1", nil},
		{"with the NULLs left out", ":many", "SELECT name FROM users WHERE id NOT IN (SELECT referred_by FROM users WHERE referred_by IS NOT NULL) LIMIT 1", nil},
		{"not of in", ":many", "SELECT name FROM users WHERE NOT (name = 'x' OR id IN (SELECT referred_by FROM users)) LIMIT 1", []string{"not-in-null IN (SELECT r"}},
		{"in", ":many", "SELECT name FROM users WHERE id IN (SELECT referred_by FROM users) LIMIT 1", nil},
		{"not twice", ":many", "SELECT name FROM users WHERE NOT (id NOT IN (SELECT referred_by FROM users)) LIMIT 1", nil},
		{"through a CTE", ":many", "WITH r AS (SELECT referred_by FROM users) SELECT name FROM users WHERE id NOT IN (SELECT referred_by FROM r) LIMIT 1", []string{"not-in-null NOT IN (SELE"}},
		{"a CTE without NULLs", ":many", "WITH r AS (SELECT user_id FROM orders) SELECT name FROM users WHERE id NOT IN (SELECT user_id FROM r) LIMIT 1", nil},
		{"an outer join", ":many", "SELECT name FROM users WHERE id NOT IN (SELECT o.user_id FROM items i LEFT JOIN orders o ON o.id = i.order_id) LIMIT 1", []string{"not-in-null NOT IN (SELE"}},
		{"correlated", ":many", "SELECT name FROM users u WHERE id NOT IN (SELECT u.id FROM orders) LIMIT 1", nil},
		{"all of a subquery", ":many", "SELECT name FROM users WHERE id <> ALL (SELECT referred_by FROM users) LIMIT 1", []string{"not-in-null <> ALL (SELE"}},
		{"constants", ":many", "SELECT name FROM users WHERE name NOT IN ('a', NULL) LIMIT 1", []string{"not-in-null NOT IN ('a',"}},
		// A NULL of the row itself leaves out that row only.
		{"a nullable column in the list", ":many", "SELECT name FROM users WHERE id NOT IN (1, referred_by) LIMIT 1", nil},
		{"a column in the list", ":many", "SELECT o.id FROM orders o WHERE o.id NOT IN (1, o.user_id) LIMIT 1", nil},
		{"parameters", ":many", "SELECT name FROM users WHERE id NOT IN ($1, $2) LIMIT 1", nil},
		{"a parameter that can be NULL", ":many", "SELECT name FROM users WHERE id NOT IN (1, sqlc.narg(x)) LIMIT 1", []string{"not-in-null NOT IN (1, s"}},
		{"a slice", ":many", "SELECT name FROM users WHERE id NOT IN (sqlc.slice(ids)) LIMIT 1", nil},
		{"an array parameter", ":many", "SELECT name FROM users WHERE id <> ALL ($1::bigint[]) LIMIT 1", nil},
		{"an array of a query", ":many", "SELECT name FROM users WHERE id <> ALL (ARRAY(SELECT referred_by FROM users)) LIMIT 1", []string{"not-in-null <> ALL (ARRA"}},
		{"a stored array", ":many", "SELECT name FROM users WHERE name <> ALL (tags) LIMIT 1", nil},
		{"in a select list", ":many", "SELECT id NOT IN (SELECT referred_by FROM users) AS x FROM users LIMIT 1", []string{"not-in-null NOT IN (SELE"}},
		{"in a subquery in FROM", ":many", "SELECT x.name FROM (SELECT name FROM users WHERE id NOT IN (SELECT referred_by FROM users)) x LIMIT 1", []string{"not-in-null NOT IN (SELE"}},
		{"in a delete", ":exec", "DELETE FROM users WHERE id NOT IN (SELECT referred_by FROM users)", []string{"not-in-null NOT IN (SELE"}},

		{"no limit", ":many", "SELECT id FROM orders ORDER BY id", []string{"no-limit N orders ORDER"}},
		{"limit", ":many", "SELECT id FROM orders ORDER BY id LIMIT $1", nil},
		{"fetch", ":many", "SELECT id FROM orders ORDER BY id FETCH FIRST 5 ROWS ONLY", nil},
		{"a condition", ":many", "SELECT id FROM orders WHERE user_id = $1", nil},
		{"an aggregate", ":many", "SELECT count(*) FROM orders", nil},
		{"groups", ":many", "SELECT status, count(*) FROM orders GROUP BY status", nil},
		{"one", ":one", "SELECT id FROM orders", nil},
		{"a stream", ":iter", "SELECT id FROM orders", nil},
		{"catalogs", ":many", "SELECT oid FROM pg_class", nil},
		{"a function", ":many", "SELECT n FROM numbers(3) AS n", nil},

		{"a cast to date", ":many", "SELECT id FROM orders WHERE created_at::date = $1 LIMIT 1", []string{"cast-defeats-index W created_at::"}},
		{"a call that is a cast", ":many", "SELECT id FROM orders WHERE date(created_at) = $1 LIMIT 1", []string{"cast-defeats-index W created_at) "}},
		{"a cast that nobody wrote", ":many", "SELECT id FROM orders WHERE id = 1.5 LIMIT 1", []string{"cast-defeats-index W id = 1.5 LIM"}},
		{"a cast to text", ":many", "SELECT id FROM orders WHERE id::text = $1 LIMIT 1", []string{"cast-defeats-index W id::text = $"}},
		{"between", ":many", "SELECT id FROM orders WHERE created_at::date BETWEEN $1 AND $2 LIMIT 1", []string{"cast-defeats-index W created_at::", "cast-defeats-index W created_at::"}},
		{"in a list", ":many", "SELECT id FROM orders WHERE id::text IN ('1', '2') LIMIT 1", []string{"cast-defeats-index W id::text IN "}},
		{"in a join", ":many", "SELECT o.id FROM orders o JOIN users u ON u.name = o.id::text LIMIT 1", []string{"cast-defeats-index W o.id::text L"}},
		{"a join with an index on the other side", ":many", "SELECT o.id FROM orders o JOIN users u ON u.email = o.id::text LIMIT 1", nil},
		{"a cast that keeps the index", ":many", "SELECT id FROM users WHERE code = $1::text LIMIT 1", nil},
		{"a cast of the parameter", ":many", "SELECT id FROM orders WHERE id = $1::int LIMIT 1", nil},
		{"a column without an index", ":one", "SELECT count(*) FROM items WHERE product_id::text = '1'", nil},
		{"like", ":many", "SELECT id FROM orders WHERE id::text LIKE '1%' LIMIT 1", nil},
		{"a cast in the result", ":many", "SELECT id::text FROM orders WHERE id = $1", nil},

		{"no index", ":many", "SELECT id FROM orders WHERE status = $1 LIMIT 1", []string{"seq-scan W orders WHERE"}},
		{"an index", ":one", "SELECT status FROM orders WHERE id = $1", nil},
		{"an index and a filter", ":many", "SELECT id FROM orders WHERE user_id = $1 AND status = $2", nil},
		{"a constant condition", ":many", "SELECT id FROM orders WHERE status = 'x' LIMIT 1", nil},
		{"an order that an index has", ":many", "SELECT id FROM orders WHERE status = $1 ORDER BY id", []string{"seq-scan W orders WHERE"}},
		{"an order with a limit", ":many", "SELECT id FROM orders WHERE status = $1 ORDER BY id LIMIT 10", nil},
		{"what is not", ":many", "SELECT id FROM orders WHERE status <> $1 AND NOT (tenant = ANY ($2::int[])) LIMIT 1", nil},
		{"what is not, among others", ":many", "SELECT id FROM orders WHERE status <> $1 AND tenant = $2 LIMIT 1", []string{"seq-scan W orders WHERE"}},
		{"an update", ":exec", "UPDATE orders SET status = 'x' WHERE status = $1", []string{"seq-scan W orders SET s"}},
		{"a delete", ":exec", "DELETE FROM orders WHERE status = $1", []string{"seq-scan W orders WHERE"}},
		{"partitions", ":many", "SELECT id FROM events e WHERE kind = $1 LIMIT 1", []string{"seq-scan W events e WHE"}},
		{"partitions with an index", ":many", "SELECT kind FROM events WHERE id = $1 LIMIT 1", nil},
		{"in a subquery", ":one", "SELECT EXISTS (SELECT 1 FROM orders WHERE status = $1) AS e", []string{"seq-scan W orders WHERE"}},
		{"through a view", ":many", "SELECT user_id FROM pairs WHERE order_id = $1 LIMIT 1", nil},

		{"values alone", ":many", "VALUES (1), (2)", nil},
		{"nothing in FROM", ":one", "SELECT 1 AS one", nil},
		{"call", ":exec", "CALL nothing()", nil},
		{"utility", ":exec", "TRUNCATE users CASCADE", nil},
		{"a rule that does nothing", ":exec", "DELETE FROM ruled WHERE id = $1", nil},
		{"a rule that does more", ":exec", "UPDATE ruled SET id = 1 WHERE id = $1", []string{"seq-scan W ruled SET id"}},
		{"a rule that notifies", ":exec", "INSERT INTO ruled VALUES ($1)", nil},
		{"copyfrom", ":copyfrom", "INSERT INTO items (order_id, product_id) VALUES ($1, $2)", nil},
		{"insert", ":exec", "INSERT INTO items (order_id, product_id) VALUES ($1, $2)", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.ElementsMatch(t, c.want, s.find(t, "-- name: Q "+c.command+"\n"+c.sql+";\n"))
		})
	}
}

// TestNewStatements is about what older servers do not have.
func TestNewStatements(t *testing.T) {
	t.Parallel()
	s := open(t, shop, vet.Options{})
	for _, c := range []struct {
		since              int
		name, command, sql string
		want               []string
	}{
		{150000, "merge", ":exec", "MERGE INTO users u USING orders o ON o.user_id = u.id WHEN MATCHED THEN UPDATE SET name = 'x' WHEN NOT MATCHED THEN DO NOTHING", nil},
		{150000, "merge that deletes", ":exec", "MERGE INTO items i USING (SELECT 1 AS n) x ON i.order_id = $1 WHEN MATCHED THEN DELETE", nil},
		{150000, "not in in a merge", ":exec", "MERGE INTO items i USING (SELECT id FROM users WHERE id NOT IN (SELECT referred_by FROM users)) x ON i.order_id = x.id WHEN MATCHED THEN DELETE", []string{"not-in-null NOT IN (SELE"}},
		{150000, "star in a merge's source", ":exec", "MERGE INTO items i USING (SELECT * FROM orders) x ON i.order_id = x.id WHEN MATCHED THEN DELETE", nil},
		{160000, "subquery without an alias", ":many", "SELECT id FROM (SELECT id FROM users) LIMIT 1", nil},
		{170000, "merge returning", ":many", "MERGE INTO items i USING orders o ON o.id = i.order_id WHEN MATCHED THEN DELETE RETURNING i.order_id", nil},
		{170000, "json_table", ":many", `SELECT u.id, j.n FROM users u, JSON_TABLE($1::jsonb, '$[*]' COLUMNS (n int PATH '$')) j LIMIT 1`, nil},
		{180000, "returning old", ":one", "UPDATE users SET name = 'x' WHERE id = $1 RETURNING old.name, new.name AS now", nil},
		{180000, "grouping", ":many", "SELECT status, count(*) FROM orders WHERE id NOT IN (SELECT referred_by FROM users) GROUP BY status, status || 'x' HAVING status || 'x' NOT IN (SELECT code FROM users) LIMIT 1", []string{"not-in-null NOT IN (SELE", "not-in-null NOT IN (SELE"}},
		{130000, "sample", ":many", "SELECT u.id FROM users u TABLESAMPLE SYSTEM (1) JOIN orders o ON o.user_id = u.id LIMIT 1", nil},
		{130000, "rows from", ":many", "SELECT a FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS x (a, b), users LIMIT 1", nil},
		{130000, "grouping sets", ":many", "SELECT status, count(*) FROM orders WHERE user_id = $1 GROUP BY GROUPING SETS ((status), ()) LIMIT 1", nil},
		{130000, "for update", ":many", "SELECT id FROM orders WHERE user_id = $1 FOR UPDATE SKIP LOCKED", nil},
		{130000, "window", ":many", "SELECT row_number() OVER (PARTITION BY status ORDER BY id) AS n FROM orders WHERE user_id = $1", nil},
		{130000, "quoted everything", ":many", `SELECT "x"."from" FROM "Odd ""table""" AS "x", users WHERE "x"."from" NOT IN (SELECT "from" FROM "Odd ""table""") LIMIT 1`, []string{"cross-join users WHERE ", "not-in-null NOT IN (SELE"}},
		{130000, "in parentheses", ":many", "(((SELECT * FROM users u JOIN orders o ON o.user_id = u.id LIMIT 1)))", []string{"select-star W * FROM users"}},
		{130000, "deep", ":one", "SELECT " + strings.Repeat("(SELECT ", 60) + "1" + strings.Repeat(")", 60) + " AS n", nil},
		{130000, "many joins", ":many", "SELECT u0.id FROM users u0" + manyJoins(40) + " LIMIT 1", nil},
	} {
		if s.session.Catalog.ServerVersion < c.since {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			require.ElementsMatch(t, c.want, s.find(t, "-- name: Q "+c.command+"\n"+c.sql+";\n"))
		})
	}
}

func manyJoins(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " JOIN users u%d ON u%d.id = u%d.id", i+1, i+1, i)
	}
	return b.String()
}

// TestExamples holds every rule to the example that it is explained with.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, r := range vet.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, r.Why)
			if r.Schema == "" {
				require.Equal(t, []string{r.Name}, keys(t, r.Bad))
				require.Empty(t, keys(t, r.Good))
				return
			}
			s := open(t, r.Schema, vet.Options{})
			rules := func(sql string) []string {
				var out []string
				for _, f := range s.vet(t, "-- name: Q :many\n"+sql) {
					out = append(out, f.Rule)
				}
				return out
			}
			require.Contains(t, rules(command(r.Bad)), r.Name)
			require.NotContains(t, rules(command(r.Good)), r.Name)
		})
	}
}

// command gives a statement that returns nothing something to return.
func command(sql string) string {
	if strings.HasPrefix(sql, "DELETE") {
		return strings.Replace(sql, ";", " RETURNING id;", 1)
	}
	return sql
}

// keys are the rules that have something against a schema.
func keys(t *testing.T, schema string) []string {
	t.Helper()
	s := open(t, schema, vet.Options{})
	statistics, err := s.session.Statistics(t.Context())
	require.NoError(t, err)
	var list []vet.ForeignKey
	for _, k := range statistics.ForeignKeys {
		list = append(list, vet.ForeignKey(k))
	}
	var out []string
	for _, f := range s.checker.ForeignKeys(list) {
		out = append(out, f.Rule)
	}
	return out
}

func TestForeignKeys(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		schema string
		want   int
	}{
		"none":                      {"user_id bigint REFERENCES users);", 1},
		"an index":                  {"user_id bigint REFERENCES users); CREATE INDEX ON t (user_id)", 0},
		"an index with more":        {"user_id bigint REFERENCES users, n int); CREATE INDEX ON t (user_id, n)", 0},
		"an index with more first":  {"user_id bigint REFERENCES users, n int); CREATE INDEX ON t (n, user_id)", 1},
		"a partial index":           {"user_id bigint REFERENCES users); CREATE INDEX ON t (user_id) WHERE user_id IS NOT NULL", 0},
		"an index on an expression": {"user_id bigint REFERENCES users); CREATE INDEX ON t ((user_id + 1))", 1},
		"brin":                      {"user_id bigint REFERENCES users); CREATE INDEX ON t USING brin (user_id)", 1},
		"a primary key":             {"user_id bigint PRIMARY KEY REFERENCES users)", 0},
		"two columns":               {"a int, b int, FOREIGN KEY (a, b) REFERENCES pairs)", 1},
		"two columns turned":        {"a int, b int, FOREIGN KEY (a, b) REFERENCES pairs); CREATE INDEX ON t (b, a)", 0},
		"one of two columns":        {"a int, b int, FOREIGN KEY (a, b) REFERENCES pairs); CREATE INDEX ON t (b)", 1},
		"partitions":                {"user_id bigint REFERENCES users) PARTITION BY LIST (user_id); CREATE TABLE t1 PARTITION OF t DEFAULT", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Len(t, keys(t, "CREATE TABLE users (id bigint PRIMARY KEY); CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE t ("+c.schema), c.want)
		})
	}
}

// With the sizes of a real database, only large tables count.
func TestRealSizes(t *testing.T) {
	t.Parallel()
	session, err := analysis.Open(t.Context(), pgtest.Schema(t, shop+"INSERT INTO users SELECT i, i, i, i, '{}' FROM generate_series(1, 3000) i; INSERT INTO archive SELECT i, i, 'x', now(), 1 FROM generate_series(1, 100) i; ANALYZE"), true, true)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, session.Close(context.Background())) })
	statistics, err := session.Statistics(t.Context())
	require.NoError(t, err)
	sizes := map[string]int64{}
	for oid, n := range statistics.Rows {
		sizes[session.Catalog.Relations[oid].Schema+"."+session.Catalog.Relations[oid].Name] = n
	}
	require.Equal(t, int64(3000), sizes["public.users"])
	require.Equal(t, int64(100), sizes["public.archive"])
	checker := vet.New(session.Catalog, vet.Options{Large: 1000, Rows: statistics.Rows, Real: true})
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"a large table":        {"SELECT id FROM users WHERE name = 'x'", []string{"users has some 3,000 rows and is read row by row for (name = 'x'::text)"}},
		"a small table":        {"SELECT id FROM archive WHERE status = 'x'", nil},
		"an index":             {"SELECT id FROM users WHERE id = 7", nil},
		"all of a large table": {"SELECT id FROM users", []string{"this returns some 3,000 rows at once"}},
		"all of a small table": {"SELECT id FROM archive", nil},
		"a product":            {"SELECT a.id FROM archive a CROSS JOIN archive b", []string{"this returns some 10,000 rows at once"}},
		"a limit":              {"SELECT id FROM users LIMIT 10", nil},
	} {
		t.Run(name, func(t *testing.T) {
			var plan *vet.Plan
			require.NoError(t, session.Explain(t.Context(), []analysis.Explained{{SQL: c.sql}}, nil, func(_ int, text []byte, refused *pgconn.PgError) {
				require.Nil(t, refused)
				var err error
				plan, err = vet.ParsePlan(text)
				require.NoError(t, err)
			}))
			file, _ := sqltext.Split("q.sql", "-- name: Q :many\n"+c.sql)
			queries, _ := analysis.Queries([]*sqltext.File{file})
			var got []string
			require.NoError(t, session.Trees(t.Context(), queries, func(_ int, tree *nodetree.Node) {
				for _, f := range checker.Statement(&vet.Statement{SQL: c.sql, Tree: tree, Plan: plan, Collects: true}, func(rule string) bool { return rule == "seq-scan" || rule == "no-limit" }) {
					got = append(got, f.Message)
				}
			}))
			require.Equal(t, c.want, got)
		})
	}
}

// A statement that has no plan keeps no other from having one, and leaves
// nothing behind.
func TestExplainGoesOnAfterARefusal(t *testing.T) {
	t.Parallel()
	for _, live := range []bool{false, true} {
		t.Run(fmt.Sprintf("live %t", live), func(t *testing.T) {
			t.Parallel()
			session, err := analysis.Open(t.Context(), pgtest.Schema(t, shop+"CREATE DOMAIN must AS bigint NOT NULL"), live, true)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, session.Close(context.Background())) })
			var list []analysis.Explained
			for i := range 40 {
				list = append(list,
					analysis.Explained{SQL: fmt.Sprintf("SELECT %d FROM users WHERE id = $1 -- one", i), Params: []string{"bigint"}},
					analysis.Explained{SQL: "LISTEN news"},
					analysis.Explained{SQL: "LISTEN news", Params: []string{"bigint"}},
					analysis.Explained{SQL: "SELECT $1 FROM nowhere", Params: []string{"bigint"}},
					// It can be prepared, but not executed for NULL.
					analysis.Explained{SQL: "SELECT name FROM users WHERE id = $1", Params: []string{"must"}},
				)
			}
			// More than is ever sent ahead.
			list = append(list, analysis.Explained{SQL: "SELECT id FROM users WHERE name IN ('" + strings.Repeat("x', '", 100_000) + "')"})
			for range 2 {
				next := 0
				require.NoError(t, session.Explain(t.Context(), list, [][2]string{{"enable_seqscan", "off"}}, func(i int, plan []byte, refused *pgconn.PgError) {
					require.Equal(t, next, i)
					next++
					if i%5 == 0 {
						require.Nil(t, refused)
						require.Contains(t, string(plan), `"Relation Name": "users"`)
						require.Equal(t, i < 200, strings.Contains(string(plan), fmt.Sprintf("(%d)", i/5)) || strings.Contains(string(plan), fmt.Sprintf(`"%d"`, i/5)))
						return
					}
					if i%5 == 4 && session.Catalog.ServerVersion >= 160000 {
						require.Nil(t, refused)
						return
					}
					require.NotNil(t, refused, list[i].SQL)
					require.NotEqual(t, "42P05", refused.Code, "it was left behind")
					require.Empty(t, plan)
				}))
				require.Equal(t, len(list), next)
			}
			file, _ := sqltext.Split("q.sql", "-- name: Q :many\nSELECT id FROM users")
			queries, _ := analysis.Queries([]*sqltext.File{file})
			require.NoError(t, session.Trees(t.Context(), queries, func(_ int, tree *nodetree.Node) { require.NotNil(t, tree) }))
		})
	}
}

// Whoever gives up waiting for plans gets no answers of theirs later on.
func TestExplainCanBeCancelled(t *testing.T) {
	t.Parallel()
	session, err := analysis.Open(t.Context(), pgtest.Schema(t, shop), false, true)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	list := make([]analysis.Explained, 1000)
	for i := range list {
		list[i].SQL = "SELECT id FROM users"
	}
	err = session.Explain(ctx, list, nil, func(i int, _ []byte, _ *pgconn.PgError) {
		if i == 3 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, session.Alive())
}
