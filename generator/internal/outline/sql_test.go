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

// nasty makes a database with testdata/nasty.sql.
func nasty(t *testing.T) *pgx.Conn {
	t.Helper()
	conn := connect(t, pgtest.New(t))
	version := read(t, conn, introspect.Options{}).ServerVersion
	for _, part := range script(t, version/10000) {
		run(t, conn, part)
	}
	return conn
}

// What SQL prints makes a database that introspects identically.
func TestSQLMakesTheSameDatabase(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]func(*testing.T) *pgx.Conn{
		"nasty": nasty,
		"odd": func(t *testing.T) *pgx.Conn {
			text, err := os.ReadFile("testdata/odd.sql")
			require.NoError(t, err)
			return connect(t, pgtest.Schema(t, string(text)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := read(t, source(t), introspect.Options{})
			require.Empty(t, d.Omitted)
			sql, err := SQL(d)
			require.NoError(t, err)
			again := connect(t, pgtest.Schema(t, sql))
			e := read(t, again, introspect.Options{})
			require.Equal(t, asJSON(t, d), asJSON(t, e))
			sqlAgain, err := SQL(e)
			require.NoError(t, err)
			require.Equal(t, sql, sqlAgain)
		})
	}
}

// Every relation can be made by itself, with what it needs.
func TestSQLOfEachRelation(t *testing.T) {
	t.Parallel()
	conn := nasty(t)
	d := read(t, conn, introspect.Options{})
	empty := connect(t, pgtest.New(t))
	for _, r := range slices.Concat(d.Tables, d.Views) {
		some := read(t, conn, introspect.Options{Schemas: []string{r.Schema}, Only: []string{r.Name}, Needed: true})
		sql, err := SQL(some)
		require.NoError(t, err)
		tx, err := empty.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Conn().PgConn().Exec(t.Context(), sql).ReadAll()
		require.NoError(t, err, "%s.%s:\n%s", r.Schema, r.Name, sql)
		require.NoError(t, tx.Rollback(t.Context()))
	}
}

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

// What the script lacks, it says.
func TestSQLNamesWhatIsNotDescribed(t *testing.T) {
	t.Parallel()
	d := read(t, connect(t, pgtest.Schema(t, `
		CREATE FUNCTION ended() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
		CREATE EVENT TRIGGER ended ON sql_drop EXECUTE FUNCTION ended();
		CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
		CREATE TYPE span AS RANGE (subtype = float8)`)), introspect.Options{})
	sql, err := SQL(d)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(sql, "-- left out: event trigger ended\n-- left out: text search configuration public.plain\n\nSET "), sql)
	require.Equal(t, 2, strings.Count(sql, "left out"))
}
