package catalog

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// connect connects to a database.
func connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	return conn
}

func run(t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	_, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err)
}

// load makes a database with testdata/schema.sql and loads its catalog.
func load(t testing.TB) (*pgx.Conn, *Catalog) {
	t.Helper()
	schema, err := os.ReadFile("testdata/schema.sql")
	require.NoError(t, err)
	conn := connect(t, pgtest.New(t))
	run(t, conn, string(schema))
	c, err := Load(t.Context(), conn)
	require.NoError(t, err)
	return conn, c
}

func relation(t testing.TB, c *Catalog, name string) *Relation {
	t.Helper()
	for _, rel := range c.Relations {
		if rel.Schema+"."+rel.Name == name {
			return rel
		}
	}
	require.Fail(t, "no relation "+name)
	return nil
}

func typeNamed(t testing.TB, c *Catalog, name string) *Type {
	t.Helper()
	for _, typ := range c.Types {
		if typ.Schema+"."+typ.Name == name {
			return typ
		}
	}
	require.Fail(t, "no type "+name)
	return nil
}

func function(t testing.TB, c *Catalog, name string) *Function {
	t.Helper()
	for _, f := range c.Functions {
		if f.Schema+"."+f.Name == name {
			return f
		}
	}
	require.Fail(t, "no function "+name)
	return nil
}

func TestLoadRelations(t *testing.T) {
	t.Parallel()
	conn, c := load(t)
	var version int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int").Scan(&version))
	require.Equal(t, version, c.ServerVersion)
	require.Equal(t, []string{"shop", "public"}, c.SearchPath)

	orders := relation(t, c, "shop.orders")
	require.Equal(t, Table, orders.Kind)
	require.Equal(t, "What was bought.", orders.Comment)
	require.Equal(t, orders.OID, c.Type(orders.Type).Relation)
	require.False(t, orders.Rules)
	require.Len(t, orders.Checks, 1)
	require.True(t, strings.HasPrefix(orders.Checks[0], "{NULLTEST "), orders.Checks[0])

	byName := map[string]*Column{}
	for _, column := range orders.Columns {
		byName[column.Name] = column
		require.Same(t, column, orders.Column(column.Number))
	}
	require.Nil(t, byName["dropped"])
	require.Equal(t, int16(1), byName["id"].Number)
	require.Equal(t, int16(3), byName["Note"].Number)
	require.Nil(t, orders.Column(2))
	require.Nil(t, orders.Column(0))
	require.Nil(t, orders.Column(-1))
	require.Nil(t, orders.Column(99))
	require.True(t, byName["id"].NotNull)
	require.Equal(t, byte('a'), byName["id"].Identity)
	require.False(t, byName["Note"].NotNull)
	require.Equal(t, "Free text.", byName["Note"].Comment)
	require.Equal(t, 2, byName["grid"].Dimensions)
	require.Equal(t, "integer[]", c.Type(byName["grid"].Type).Display)
	require.True(t, byName["made"].HasDefault)
	require.Equal(t, byte('s'), byName["total"].Generated)
	require.Equal(t, typeNamed(t, c, "shop.state").OID, byName["state"].Type)

	require.Equal(t, CompositeType, relation(t, c, "shop.point3").Kind)
	require.Equal(t, Sequence, relation(t, c, "shop.orders_id_seq").Kind)
	require.Equal(t, ForeignTable, relation(t, c, "shop.remote").Kind)

	view := relation(t, c, "shop.open_orders")
	require.Equal(t, View, view.Kind)
	require.True(t, strings.HasPrefix(view.Query, "({QUERY "), view.Query)
	require.False(t, view.Rules)
	require.True(t, relation(t, c, "shop.ruled_view").Rules)
	require.True(t, relation(t, c, "shop.ruled").Rules)
	matview := relation(t, c, "shop.order_counts")
	require.Equal(t, MaterializedView, matview.Kind)
	require.NotEmpty(t, matview.Query)

	parts := relation(t, c, "shop.parts")
	require.Equal(t, PartitionedTable, parts.Kind)
	require.False(t, parts.Partition)
	first, second := relation(t, c, "shop.parts_1"), relation(t, c, "shop.parts_2")
	require.True(t, first.Partition)
	require.ElementsMatch(t, []uint32{first.OID, second.OID}, parts.Children)

	// A check that children need not fulfil says nothing of a scan.
	require.Empty(t, relation(t, c, "shop.parent").Checks)
	require.Len(t, relation(t, c, "shop.childless").Checks, 1)
	require.Empty(t, relation(t, c, "shop.unchecked").Checks)

	class := relation(t, c, "pg_catalog.pg_class")
	require.Equal(t, "relname", class.Columns[1].Name)
	require.True(t, class.Columns[1].NotNull)
	require.Equal(t, View, relation(t, c, "information_schema.tables").Kind)
	require.Empty(t, relation(t, c, "information_schema.tables").Query)
}

func TestLoadTypes(t *testing.T) {
	t.Parallel()
	_, c := load(t)
	text := c.Type(25)
	require.Equal(t, "text", text.Display)
	require.Equal(t, Base, text.Kind)
	require.Equal(t, uint32(1009), text.Array)
	require.Equal(t, uint32(25), c.Type(1009).Element)
	require.Equal(t, byte('S'), text.Category)
	require.True(t, text.Binary)
	// Types of fixed length have an element type, but are no arrays.
	require.Zero(t, c.Type(19).Element)
	require.Zero(t, c.Type(600).Element)
	require.Equal(t, uint32(21), c.Type(22).Element)

	state := typeNamed(t, c, "shop.state")
	require.Equal(t, Enum, state.Kind)
	require.Equal(t, []string{"new", "paid", "sent"}, state.Labels)
	require.Equal(t, "Where an order is.", state.Comment)
	require.Equal(t, state.OID, c.Type(state.Array).Element)
	require.Equal(t, "state[]", c.Type(state.Array).Display)

	sure := typeNamed(t, c, "shop.sure")
	require.Equal(t, Domain, sure.Kind)
	require.True(t, sure.NotNull)
	require.Len(t, sure.Checks, 1)
	require.Equal(t, typeNamed(t, c, "shop.amount").OID, sure.Base)
	require.Equal(t, "int4", c.BaseType(sure.OID).Name)
	require.Nil(t, c.BaseType(1))
	grid := typeNamed(t, c, "shop.grid")
	require.Equal(t, 2, grid.Dimensions)

	span := typeNamed(t, c, "shop.span")
	require.Equal(t, Range, span.Kind)
	require.Equal(t, "float8", c.Type(span.Subtype).Name)
	if c.ServerVersion >= 140000 {
		multi := typeNamed(t, c, "shop.span_multirange")
		require.Equal(t, Multirange, multi.Kind)
		require.Equal(t, span.OID, multi.Subtype)
	}

	point := typeNamed(t, c, "shop.point3")
	require.Equal(t, Composite, point.Kind)
	require.True(t, point.Binary)
	// A composite type with a field that has no binary format has none either.
	require.False(t, typeNamed(t, c, "shop.plain").Binary)
	require.False(t, typeNamed(t, c, "shop.with_plain").Binary)
	require.False(t, c.Type(typeNamed(t, c, "shop.with_plain").Array).Binary)
	require.Equal(t, Pseudo, c.Type(2249).Kind)
}

func TestLoadFunctions(t *testing.T) {
	t.Parallel()
	_, c := load(t)
	f := function(t, c, "shop.find")
	require.Equal(t, PlainFunction, f.Kind)
	require.True(t, f.ReturnsSet)
	require.False(t, f.Strict)
	require.Equal(t, []uint32{23, 25, 1009}, f.Arguments)
	require.Equal(t, []string{"p_id", "", "p_rest"}, f.ArgumentNames)
	require.Equal(t, uint32(25), f.Variadic)
	require.Equal(t, uint32(2249), f.Returns)
	f = function(t, c, "shop.both_ways")
	require.Equal(t, []uint32{23}, f.Arguments)
	require.Equal(t, []string{"b"}, f.ArgumentNames)
	f = function(t, c, "shop.nothing")
	require.Empty(t, f.Arguments)
	require.Empty(t, f.ArgumentNames)
	require.Equal(t, Procedure, function(t, c, "shop.work").Kind)
	require.Equal(t, Aggregate, function(t, c, "shop.total").Kind)
	require.Equal(t, WindowFunction, c.Functions[3100].Kind)
	upper := c.Functions[871]
	require.Equal(t, "upper", upper.Name)
	require.True(t, upper.Strict)
	require.Equal(t, []string{""}, upper.ArgumentNames)
}

func TestLoadExtensions(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	run(t, conn, `CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE TABLE t (a citext, b hstore)`)
	c, err := Load(t.Context(), conn)
	require.NoError(t, err)
	citext := typeNamed(t, c, "public.citext")
	require.Equal(t, "citext", citext.Extension)
	require.Equal(t, "citext", c.Type(citext.Array).Extension)
	require.Equal(t, "hstore", typeNamed(t, c, "public.hstore").Extension)
	require.Empty(t, typeNamed(t, c, "public.t").Extension)
	require.Empty(t, relation(t, c, "public.t").Extension)
}

// PostgreSQL 18 has NOT NULL constraints that older rows need not fulfil.
func TestLoadNotValid(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	run(t, conn, "CREATE TABLE t (a int, b int NOT NULL)")
	c, err := Load(t.Context(), conn)
	require.NoError(t, err)
	if c.ServerVersion < 180000 {
		require.False(t, relation(t, c, "public.t").Columns[0].NotNull)
		return
	}
	run(t, conn, "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID")
	c, err = Load(t.Context(), conn)
	require.NoError(t, err)
	require.False(t, relation(t, c, "public.t").Columns[0].NotNull)
	require.True(t, relation(t, c, "public.t").Columns[1].NotNull)
	run(t, conn, "ALTER TABLE t VALIDATE CONSTRAINT n")
	c, err = Load(t.Context(), conn)
	require.NoError(t, err)
	require.True(t, relation(t, c, "public.t").Columns[0].NotNull)
}

// A role without privileges sees the same, and leaves no trace.
func TestLoadUnprivileged(t *testing.T) {
	t.Parallel()
	conn, want := load(t)
	role := fmt.Sprintf("nobody_%d", conn.PgConn().PID())
	// Without USAGE the schema would not be on the search path, by which types
	// are displayed.
	run(t, conn, "CREATE ROLE "+role+"; GRANT USAGE ON SCHEMA shop TO "+role)
	t.Cleanup(func() {
		_, err := conn.Exec(context.Background(), "RESET ROLE; DROP OWNED BY "+role+"; DROP ROLE "+role)
		require.NoError(t, err)
	})
	run(t, conn, "SET ROLE "+role)
	got, err := Load(t.Context(), conn)
	require.NoError(t, err)
	require.Len(t, got.Types, len(want.Types))
	for oid := range want.Types {
		require.Equal(t, want.Types[oid], got.Types[oid])
	}
	require.Len(t, got.Relations, len(want.Relations))
	for oid := range want.Relations {
		require.Equal(t, want.Relations[oid], got.Relations[oid])
	}
	require.Len(t, got.Functions, len(want.Functions))
	for oid := range want.Functions {
		require.Equal(t, want.Functions[oid], got.Functions[oid])
	}
	require.Equal(t, byte('I'), conn.PgConn().TxStatus())
}

// In a transaction, Load sees what it sees, and leaves it open.
func TestLoadInTransaction(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	for _, mode := range []string{"", "READ ONLY"} {
		run(t, conn, "BEGIN")
		run(t, conn, "CREATE TABLE mine (a int)")
		if mode != "" {
			run(t, conn, "SET TRANSACTION "+mode)
		}
		c, err := Load(t.Context(), conn)
		require.NoError(t, err)
		require.Equal(t, Table, relation(t, c, "public.mine").Kind)
		require.Equal(t, byte('T'), conn.PgConn().TxStatus())
		run(t, conn, "ROLLBACK")
	}
	run(t, conn, "SET default_transaction_read_only = on")
	_, err := Load(t.Context(), conn)
	require.NoError(t, err)
}

// Objects of the user's schemas do not get in the way of those of the system.
func TestLoadUnderAStrangeSearchPath(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	run(t, conn, `
		CREATE SCHEMA trap;
		CREATE TABLE trap.pg_class (x int);
		CREATE TABLE trap.pg_type (x int);
		CREATE FUNCTION trap.format_type(oid, integer) RETURNS text LANGUAGE sql AS 'SELECT ''trapped''';
		CREATE DOMAIN trap.text AS integer;
		SET search_path = trap, pg_catalog`)
	c, err := Load(t.Context(), conn)
	require.NoError(t, err)
	require.Equal(t, "integer", c.Type(23).Display)
	require.Equal(t, []string{"trap", "pg_catalog"}, c.SearchPath)
	run(t, conn, `SET search_path = ''`)
	c, err = Load(t.Context(), conn)
	require.NoError(t, err)
	require.Empty(t, c.SearchPath)
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	run(t, conn, "SET statement_timeout = '1ms'")
	_, err := Load(t.Context(), conn)
	require.ErrorContains(t, err, "load the catalog: ")
	// A timeout that short can cancel the ROLLBACK as well.
	require.True(t, conn.IsClosed() || conn.PgConn().TxStatus() == 'I', "the transaction is not left open")

	conn = connect(t, pgtest.New(t))
	role := fmt.Sprintf("unreading_%d", conn.PgConn().PID())
	run(t, conn, "CREATE ROLE "+role+"; REVOKE SELECT ON pg_type FROM PUBLIC; SET ROLE "+role)
	_, err = Load(t.Context(), conn)
	require.ErrorContains(t, err, "load the catalog: ")
	require.ErrorContains(t, err, "permission denied")
	require.Equal(t, byte('I'), conn.PgConn().TxStatus(), "the transaction is not left open")
	run(t, conn, "RESET ROLE")
	_, err = Load(t.Context(), conn)
	require.NoError(t, err)
	run(t, conn, "DROP ROLE "+role)

	run(t, conn, "BEGIN")
	_, err = conn.Exec(t.Context(), "SELECT 1/0")
	require.Error(t, err)
	_, err = Load(t.Context(), conn)
	require.ErrorContains(t, err, "current transaction is aborted")
	run(t, conn, "ROLLBACK")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Load(ctx, conn)
	require.ErrorIs(t, err, context.Canceled)
}

func TestMajorVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"13.0": 13, "15.18 (Debian 15.18-0+deb12u1)": 15, "18beta1": 18, "19": 19} {
		got, err := majorVersion(version)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := majorVersion("12.22")
	require.EqualError(t, err, "PostgreSQL 12.22 is too old: version 13 is the oldest one supported")
	for _, version := range []string{"", "eleven", "CockroachDB CCL v23"} {
		_, err := majorVersion(version)
		require.ErrorContains(t, err, "is not PostgreSQL's")
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, tables := range []int{0, 500} {
		b.Run(fmt.Sprintf("tables=%d", tables), func(b *testing.B) {
			conn := connect(b, pgtest.New(b))
			var schema strings.Builder
			for i := range tables {
				fmt.Fprintf(&schema, `CREATE TABLE t%d (id bigint PRIMARY KEY, name text NOT NULL CHECK (name <> ''), note text, a int, b int, c int, d date, e timestamptz, f numeric, g jsonb, h text[], i uuid, j boolean, k bytea, l text);
					COMMENT ON COLUMN t%[1]d.note IS 'a note';`, i)
				if i%10 == 0 {
					fmt.Fprintf(&schema, "CREATE VIEW v%d AS SELECT id, name, upper(note) AS note FROM t%[1]d WHERE a > 1;", i)
				}
			}
			run(b, conn, schema.String())
			for b.Loop() {
				if _, err := Load(b.Context(), conn); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a new row gets, what tells rows apart, and how functions are called.
func TestLoadKeysDefaultsAndArguments(t *testing.T) {
	t.Parallel()
	conn := connect(t, pgtest.New(t))
	run(t, conn, `
		CREATE EXTENSION citext;
		CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
		CREATE DOMAIN level AS int DEFAULT 3;
		CREATE TABLE ref (id int PRIMARY KEY);
		CREATE TABLE t (
			id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
			gone int,
			a text DEFAULT 'x' || 'y',
			b text COLLATE folded,
			l level,
			twice int GENERATED ALWAYS AS (id * 2) STORED,
			r int REFERENCES ref,
			UNIQUE (a, b) INCLUDE (l) DEFERRABLE
		);
		ALTER TABLE t DROP COLUMN gone;
		CREATE UNIQUE INDEX other_collation ON t (b COLLATE "C");
		CREATE UNIQUE INDEX part ON t (r) WHERE r > 0;
		CREATE INDEX expr ON t ((a || 'x'), l);
		CREATE INDEX hashed ON t USING hash (l);
		CREATE FUNCTION plain(int, b text = 'B') RETURNS text LANGUAGE sql AS $$ SELECT $2 $$;
		COMMENT ON FUNCTION plain IS 'says b';
		CREATE FUNCTION many(a int, OUT b int, INOUT c int = 1, VARIADIC d int[] = '{}') LANGUAGE sql AS $$ SELECT a, c $$;`)
	c, err := Load(t.Context(), conn)
	require.NoError(t, err)
	rel := relation(t, c, "public.t")
	defaults := map[string]string{}
	for _, column := range rel.Columns {
		defaults[column.Name] = column.Default
	}
	require.Equal(t, map[string]string{
		"id": "nextval('t_id_seq'::regclass)", "a": "('x'::text || 'y'::text)", "b": "", "l": "", "twice": "", "r": "",
	}, defaults)
	require.Equal(t, "3", typeNamed(t, c, "public.level").Default)
	require.Equal(t, []*Index{
		{Name: "expr", Method: "btree", Columns: []int16{0, 5}},
		{Name: "hashed", Method: "hash", Columns: []int16{5}},
		{Name: "other_collation", Method: "btree", Columns: []int16{4}},
		{Name: "part", Method: "btree", Unique: true, Partial: true, Columns: []int16{7}},
		{Name: "t_a_b_l_key", Method: "btree", Unique: true, Deferrable: true, Columns: []int16{3, 4}},
		{Name: "t_pkey", Method: "btree", Primary: true, Unique: true, Columns: []int16{1}},
	}, rel.Indexes)
	require.Equal(t, [][]int16{{7}}, rel.ForeignKeys)

	plain := function(t, c, "public.plain")
	require.Equal(t, "says b", plain.Comment)
	require.Empty(t, plain.Extension)
	require.Equal(t, []*Argument{{Type: 23, Mode: In}, {Name: "b", Type: 25, Mode: In, Default: "'B'::text"}}, plain.Signature)
	require.Equal(t, []*Argument{
		{Name: "a", Type: 23, Mode: In},
		{Name: "b", Type: 23, Mode: Out},
		{Name: "c", Type: 23, Mode: InOut, Default: "1"},
		{Name: "d", Type: 1007, Mode: Variadic, Default: "'{}'::integer[]"},
	}, function(t, c, "public.many").Signature)
	require.Equal(t, "citext", function(t, c, "public.citext_eq").Extension)
	require.Empty(t, function(t, c, "pg_catalog.int4pl").Signature)
}

// A catalog takes as many queries, and waits as often for the server, whether
// the schema has one table or many.
func TestLoadAsksOnce(t *testing.T) {
	t.Parallel()
	var waits [2]int
	for i, tables := range []int{1, 300} {
		config, err := pgx.ParseConfig(pgtest.New(t))
		require.NoError(t, err)
		counted := &countedConn{}
		dial := config.DialFunc
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			counted.Conn = conn
			return counted, err
		}
		conn, err := pgx.ConnectConfig(t.Context(), config)
		require.NoError(t, err)
		defer conn.Close(context.Background())
		for n := range tables {
			run(t, conn, fmt.Sprintf("CREATE TABLE t%d (id int PRIMARY KEY, parent int REFERENCES t%d)", n, max(n-1, 0)))
		}
		counted.waits = 0
		c, err := Load(t.Context(), conn)
		require.NoError(t, err)
		require.NotNil(t, relation(t, c, fmt.Sprintf("public.t%d", tables-1)))
		waits[i] = counted.waits
	}
	require.Equal(t, waits[0], waits[1])
	require.LessOrEqual(t, waits[0], 2)
}

// countedConn counts how often a client waits for the server: reads that
// follow a write.
type countedConn struct {
	net.Conn
	wrote bool
	waits int
}

func (c *countedConn) Write(b []byte) (int, error) {
	c.wrote = true
	return c.Conn.Write(b)
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.wrote {
		c.wrote = false
		c.waits++
	}
	return n, err
}

// A connection whose transaction cannot be ended serves nobody: it is closed.
func TestLoadCannotRollBack(t *testing.T) {
	t.Parallel()
	config, err := pgx.ParseConfig(pgtest.New(t))
	require.NoError(t, err)
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		return noRollback{conn}, err
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	run(t, conn, "SET statement_timeout = '1ms'")
	_, err = Load(t.Context(), conn)
	require.ErrorContains(t, err, "load the catalog: ")
	require.ErrorContains(t, err, `syntax error at or near "ROLLBACX"`)
	require.True(t, conn.IsClosed())
}

// noRollback makes each ROLLBACK that is sent a syntax error.
type noRollback struct{ net.Conn }

func (c noRollback) Write(b []byte) (int, error) {
	return c.Conn.Write(bytes.ReplaceAll(b, []byte("ROLLBACK"), []byte("ROLLBACX")))
}
