package outline

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime/introspect"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	return conn
}

func run(t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	_, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err)
}

func read(t testing.TB, conn *pgx.Conn, opt introspect.Options) *introspect.Database {
	t.Helper()
	d, err := introspect.Read(t.Context(), conn, opt)
	require.NoError(t, err)
	return d
}

// script reads testdata/nasty.sql as far as a version of PostgreSQL knows it.
func script(t testing.TB, major int) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/nasty.sql")
	require.NoError(t, err)
	var out []string
	since := 13
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if n, err := fmt.Sscanf(line, "-- since %d", &since); n == 1 {
			require.NoError(t, err)
			out = append(out, b.String())
			b.Reset()
		}
		if since <= major {
			b.WriteString(line)
		}
	}
	return append(out, b.String())
}

func asJSON(t testing.TB, d *introspect.Database) string {
	t.Helper()
	b, err := json.MarshalIndent(d, "", "  ")
	require.NoError(t, err)
	return string(b)
}

// What SQL prints makes a database that introspects identically.
func TestSQLMakesTheSameDatabase(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	version := read(t, conn, introspect.Options{}).ServerVersion
	for _, part := range script(t, version/10000) {
		run(t, conn, part)
	}
	d := read(t, conn, introspect.Options{})
	sql, err := SQL(d)
	require.NoError(t, err)

	again := connect(t, pgtest.New(t))
	_, err = again.PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err, sql)
	e := read(t, again, introspect.Options{})
	require.Equal(t, asJSON(t, d), asJSON(t, e))
	sqlAgain, err := SQL(e)
	require.NoError(t, err)
	require.Equal(t, sql, sqlAgain)
	require.Empty(t, d.Omitted)

	// Any choice of its relations can be made by itself, too.
	for _, r := range slices.Concat(d.Tables, d.Views) {
		some := read(t, conn, introspect.Options{Schemas: []string{r.Schema}, Only: []string{r.Name}, Needed: true})
		sql, err := SQL(some)
		require.NoError(t, err)
		tx, err := again.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Conn().PgConn().Exec(t.Context(), emptied+sql).ReadAll()
		require.NoError(t, err, "%s.%s:\n%s", r.Schema, r.Name, sql)
		require.NoError(t, tx.Rollback(t.Context()))
	}
}

// emptied drops what testdata/nasty.sql makes.
const emptied = `SET LOCAL client_min_messages = error;
DROP SCHEMA app CASCADE; DROP SCHEMA ext CASCADE; DROP SCHEMA "Odd ""schema""" CASCADE;
DROP FOREIGN DATA WRAPPER nowhere CASCADE; DROP EXTENSION IF EXISTS earthdistance, cube, btree_gist, hstore CASCADE;
`

// What a foreign key refers to is not pulled in, and the script says so.
func TestSQLWithoutWhatForeignKeysReferTo(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.Schema(t, `CREATE TABLE users (id int PRIMARY KEY); CREATE TABLE orders (id int PRIMARY KEY, "user" int REFERENCES users)`))
	sql, err := SQL(read(t, conn, introspect.Options{Only: []string{"orders"}, Needed: true}))
	require.NoError(t, err)
	require.Equal(t, `-- left out: constraint orders_user_fkey of public.orders: FOREIGN KEY ("user") REFERENCES public.users(id)

CREATE TABLE public.orders (
    id integer NOT NULL,
    "user" integer,
    CONSTRAINT orders_pkey PRIMARY KEY (id)
);
`, sql)
}

func TestSQLOfNothing(t *testing.T) {
	t.Parallel()
	sql, err := SQL(read(t, connect(t, pgtest.New(t)), introspect.Options{}))
	require.NoError(t, err)
	require.Empty(t, sql)
}

// What cannot be put into an order is an error, and no script that fails.
func TestSQLOfACircle(t *testing.T) {
	t.Parallel()
	a := introspect.Object{Kind: introspect.FunctionObject, Schema: "s", Name: "a", Part: "integer"}
	b := introspect.Object{Kind: introspect.FunctionObject, Schema: "s", Name: "B"}
	_, err := SQL(&introspect.Database{
		Functions:    []*introspect.Function{{Schema: "s", Name: "a", Signature: "integer"}, {Schema: "s", Name: "B"}},
		Dependencies: []introspect.Dependency{{Object: a, Needs: b}, {Object: b, Needs: a}},
	})
	require.EqualError(t, err, `these objects need each other, and none can be made first: function s."B", function s.a`)
}
