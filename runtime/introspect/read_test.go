package introspect_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
	"github.com/pgwright/pgwright/runtime/introspect"
)

var update = flag.Bool("update", false, "rewrite the expected files of testdata")

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

// shop makes a database with testdata/schema.sql.
func shop(t testing.TB) string {
	t.Helper()
	schema, err := os.ReadFile("testdata/schema.sql")
	require.NoError(t, err)
	return pgtest.Schema(t, string(schema))
}

func asJSON(t testing.TB, d *introspect.Database) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(d))
	return b.String()
}

// The JSON form is the one of testdata, which programs rely on, whatever the
// version of the server.
func TestReadGivesTheDocumentedJSON(t *testing.T) {
	t.Parallel()
	d, err := introspect.Read(t.Context(), connect(t, shop(t)), introspect.Options{})
	require.NoError(t, err)
	require.Greater(t, d.ServerVersion, 130000)
	// What differs between versions.
	d.ServerVersion = 0
	for _, r := range d.Ranges {
		r.Multirange = nil
	}
	for _, e := range d.Extensions {
		e.Version = ""
	}
	for _, r := range d.Tables {
		for _, c := range r.Columns {
			c.NotNullConstraint = nil
		}
	}
	for _, v := range d.Views {
		v.Definition = strings.ReplaceAll(v.Definition, "orders.", "")
	}
	for _, f := range d.Functions {
		// PostgreSQL 13 does not print IN.
		f.Definition = strings.ReplaceAll(f.Definition, "(IN ", "(")
	}
	const path = "testdata/database.json"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(asJSON(t, d)), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), asJSON(t, d), "run go test ./runtime/introspect -update if the difference is meant")
}

// Everything that has a database can be asked, in every exec mode, and all say
// the same.
func TestReadOverEverything(t *testing.T) {
	t.Parallel()
	url := shop(t)
	ctx := t.Context()
	first, err := introspect.Read(ctx, connect(t, url), introspect.Options{})
	require.NoError(t, err)
	want := asJSON(t, first)
	require.NotEmpty(t, first.Dependencies)
	same := func(t *testing.T, db introspect.DB) {
		t.Helper()
		for range 2 { // the second time with what the first has left in caches
			d, err := introspect.Read(ctx, db, introspect.Options{})
			require.NoError(t, err)
			require.Equal(t, want, asJSON(t, d))
			require.Equal(t, first.Dependencies, d.Dependencies)
		}
	}
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		t.Run(mode.String(), func(t *testing.T) {
			config, err := pgx.ParseConfig(url)
			require.NoError(t, err)
			config.DefaultQueryExecMode = mode
			conn, err := pgx.ConnectConfig(ctx, config)
			require.NoError(t, err)
			same(t, conn)
			tx, err := conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly, IsoLevel: pgx.RepeatableRead})
			require.NoError(t, err)
			same(t, tx)
			require.NoError(t, tx.Commit(ctx))
			require.NoError(t, conn.Close(ctx))
		})
	}
	pool, err := pgxpool.New(ctx, url)
	require.NoError(t, err)
	defer pool.Close()
	same(t, pool)
	client := runtime.NewClient(pool)
	defer client.Close()
	same(t, client)
	require.NoError(t, client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		same(t, tx)
		return nil
	}))
}

// The connection's search path changes nothing, not even one that hides
// PostgreSQL's own names, and is as before.
func TestReadUnderAnySearchPath(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	conn := connect(t, shop(t))
	d, err := introspect.Read(ctx, conn, introspect.Options{})
	require.NoError(t, err)
	want := asJSON(t, d)
	settings := func() (out [3]string) {
		require.NoError(t, conn.QueryRow(ctx, "SELECT current_setting('search_path'), current_setting('jit'), current_setting('default_transaction_read_only')").
			Scan(&out[0], &out[1], &out[2]))
		return out
	}
	run(t, conn, `
		CREATE TEMP TABLE pg_class (oid int);
		CREATE TEMP TABLE pg_namespace (oid int);
		CREATE SCHEMA evil;
		CREATE FUNCTION evil.format_type(oid, int) RETURNS text LANGUAGE sql AS $$ SELECT 'wrong' $$;
		CREATE FUNCTION evil.pg_get_viewdef(oid) RETURNS text LANGUAGE sql AS $$ SELECT 'wrong' $$;
		CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = text, FUNCTION = pg_catalog.nameeqtext)`)
	for _, path := range []string{`shop`, `"$user", public`, `evil, pg_catalog`, `''`, `"no such", 'Odd "schema'`} {
		t.Run(path, func(t *testing.T) {
			_, err := conn.Exec(ctx, "SET search_path = "+path)
			require.NoError(t, err)
			before := settings()
			read := func(db introspect.DB) {
				d, err := introspect.Read(ctx, db, introspect.Options{Schemas: []string{"shop"}, Needed: true})
				require.NoError(t, err)
				d.Schemas, d.Omitted = nil, nil
				var all introspect.Database
				require.NoError(t, json.Unmarshal([]byte(want), &all))
				all.Schemas, all.Omitted = nil, nil
				require.JSONEq(t, asJSON(t, &all), asJSON(t, d))
			}
			read(conn)
			require.Equal(t, before, settings())
			tx, err := conn.Begin(ctx)
			require.NoError(t, err)
			_, err = tx.Exec(ctx, "SET LOCAL jit = on")
			require.NoError(t, err)
			inside := settings()
			read(tx)
			require.Equal(t, inside, settings())
			require.NoError(t, tx.Commit(ctx))
			require.Equal(t, before, settings())
		})
	}
}

// The right to connect is enough, and nothing is written.
func TestReadWithoutRights(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	url := shop(t)
	conn := connect(t, url)
	before, err := introspect.Read(ctx, conn, introspect.Options{})
	require.NoError(t, err)
	role := fmt.Sprintf("nobody_%d", time.Now().UnixNano())
	run(t, conn, "CREATE ROLE "+role)
	t.Cleanup(func() {
		// Roles belong to the server, which outlives the test.
		conn, err := pgx.Connect(context.Background(), pgtest.Server(t).URL("postgres"))
		require.NoError(t, err)
		_, err = conn.Exec(context.Background(), "DROP ROLE "+role)
		require.NoError(t, err)
		require.NoError(t, conn.Close(context.Background()))
	})
	run(t, conn, "REVOKE ALL ON SCHEMA shop FROM PUBLIC; SET ROLE "+role+"; SET default_transaction_read_only = on")
	d, err := introspect.Read(ctx, conn, introspect.Options{})
	require.NoError(t, err)
	require.Equal(t, asJSON(t, before), asJSON(t, d))
	run(t, conn, "RESET ROLE")
}

func TestReadChooses(t *testing.T) {
	t.Parallel()
	conn := connect(t, shop(t))
	run(t, conn, `CREATE TABLE public.users (id int PRIMARY KEY); CREATE SCHEMA other; CREATE VIEW other.mine AS SELECT id FROM shop.open_orders; CREATE TABLE other."a.b" (s shop.state)`)
	for name, c := range map[string]struct {
		opt introspect.Options
		// want are the relations and the types.
		want, types string
		err         string
	}{
		"everything":          {want: "other.a.b public.users shop.child shop.logs shop.logs_old shop.orders shop.parent shop.users other.mine shop.counts shop.open_orders", types: "state amount place span"},
		"a schema":            {opt: introspect.Options{Schemas: []string{"other"}}, want: "other.a.b other.mine", types: "state"},
		"two schemas":         {opt: introspect.Options{Schemas: []string{"other", "public"}}, want: "other.a.b public.users other.mine", types: "state"},
		"a name":              {opt: introspect.Options{Only: []string{"users"}}, want: "public.users shop.users"},
		"a name in a schema":  {opt: introspect.Options{Only: []string{"users"}, Schemas: []string{"shop"}}, want: "shop.users"},
		"schema and name":     {opt: introspect.Options{Only: []string{"shop.users"}}, want: "shop.users"},
		"patterns":            {opt: introspect.Options{Only: []string{"o*s", "shop.*ren*"}}, want: "shop.orders shop.parent shop.open_orders", types: "state amount place"},
		"a name with a dot":   {opt: introspect.Options{Only: []string{"a.b"}}, want: "other.a.b", types: "state"},
		"a view alone":        {opt: introspect.Options{Only: []string{"mine"}}, want: "other.mine"},
		"a view and its need": {opt: introspect.Options{Only: []string{"mine"}, Needed: true}, want: "shop.orders other.mine shop.open_orders", types: "state amount place"},
		"a child":             {opt: introspect.Options{Only: []string{"child"}, Needed: true}, want: "shop.child shop.parent"},
		"no such schema":      {opt: introspect.Options{Schemas: []string{"shop", "shap"}}, err: `introspect: there is no schema "shap"`},
		"no such table":       {opt: introspect.Options{Only: []string{"users", "nothing"}}, err: "introspect: there is no table or view nothing"},
		"nearly":              {opt: introspect.Options{Only: []string{"Child"}}, err: "introspect: there is no table or view Child; did you mean shop.child?"},
		"not in the schema":   {opt: introspect.Options{Only: []string{"child"}, Schemas: []string{"other"}}, err: "introspect: there is no table or view child; did you mean shop.child?"},
		"nothing at all":      {opt: introspect.Options{Only: []string{""}}, err: "introspect: there is no table or view "},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := introspect.Read(t.Context(), conn, c.opt)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			var got, types []string
			for _, list := range [][]*introspect.Relation{d.Tables, d.Views} {
				for _, r := range list {
					got = append(got, r.Schema+"."+r.Name)
				}
			}
			for _, e := range d.Enums {
				types = append(types, e.Name)
			}
			for _, e := range d.Domains {
				types = append(types, e.Name)
			}
			for _, e := range d.Composites {
				types = append(types, e.Name)
			}
			for _, e := range d.Ranges {
				types = append(types, e.Name)
			}
			require.Equal(t, c.want, strings.Join(got, " "))
			require.Equal(t, c.types, strings.Join(types, " "))
		})
	}
}

// counter counts round trips.
type counter struct {
	introspect.DB
	trips int
}

func (c *counter) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	c.trips++
	return c.DB.SendBatch(ctx, b)
}

// A thousand tables take as many queries as one.
func TestReadManyTables(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `CREATE TABLE t%[1]d (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, n int DEFAULT %[1]d, CHECK (n >= 0),
			state varchar(9) NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'old')), at timestamptz NOT NULL DEFAULT now(), doc jsonb, tags text[], price numeric(10, 2), other bigint`, i)
		if i > 0 {
			fmt.Fprintf(&b, " REFERENCES t%d", i-1)
		}
		fmt.Fprintf(&b, "); CREATE INDEX ON t%d (other, at) WHERE n > 5;\n", i)
		if i%10 == 0 {
			fmt.Fprintf(&b, "CREATE VIEW v%[1]d AS SELECT id, count(*) AS n FROM t%[1]d GROUP BY id;\n", i)
		}
	}
	conn := connect(t, pgtest.Schema(t, b.String()))
	db := &counter{DB: conn}
	start := time.Now()
	d, err := introspect.Read(t.Context(), db, introspect.Options{})
	took := time.Since(start)
	require.NoError(t, err)
	t.Logf("%d tables, %d views in %v, with %d round trips", len(d.Tables), len(d.Views), took, db.trips)
	require.Len(t, d.Tables, 1000)
	require.Len(t, d.Views, 100)
	require.Equal(t, 2, db.trips)
	// The server does it in a fraction of a second; the machine may be busy.
	require.Less(t, took, 20*time.Second)
}

// A connection that ends says so, and not something about catalogs.
func TestReadReportsFailures(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := introspect.Read(ctx, conn, introspect.Options{})
	require.ErrorIs(t, err, context.Canceled)

	tx, err := connect(t, pgtest.New(t)).Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "SELECT 1/0")
	require.Error(t, err)
	_, err = introspect.Read(t.Context(), tx, introspect.Options{})
	require.ErrorContains(t, err, "introspect: ")
	require.ErrorContains(t, err, "current transaction is aborted")
	require.NoError(t, tx.Rollback(t.Context()))
}
