package nullability

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime/catalog"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// database is a database with a schema, and a connection that brings trees.
type database struct {
	conn     *pgx.Conn
	tree     string
	catalog  *catalog.Catalog
	analyzer *Analyzer
}

// open makes a database and runs scripts in it.
func open(t testing.TB, scripts ...string) *database {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	config, err := pgx.ParseConfig(pgtest.New(t))
	require.NoError(t, err)
	d := &database{}
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if tree, ok := TreeFromNotice(n.Message, n.Detail); ok {
			d.tree = tree
		}
	}
	d.conn, err = pgx.ConnectConfig(ctx, config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.conn.Close(context.Background())) })
	for _, s := range scripts {
		_, err := d.conn.PgConn().Exec(ctx, s).ReadAll()
		require.NoError(t, err)
	}
	d.reload(t)
	return d
}

// reload reads the catalog again.
func (d *database) reload(t testing.TB) {
	t.Helper()
	var err error
	d.catalog, err = catalog.Load(t.Context(), d.conn)
	require.NoError(t, err)
	d.analyzer = NewAnalyzer(d.catalog)
}

// trees switches the printing of trees.
func (d *database) trees(t testing.TB, on bool) {
	t.Helper()
	var b strings.Builder
	for name, value := range Settings() {
		if on {
			b.WriteString("SET " + name + " = " + value + ";")
		} else {
			b.WriteString("RESET " + name + ";")
		}
	}
	_, err := d.conn.PgConn().Exec(t.Context(), b.String()).ReadAll()
	require.NoError(t, err)
}

// input asks the server about a statement.
func (d *database) input(t testing.TB, sql string) (Input, *pgconn.StatementDescription, error) {
	t.Helper()
	d.trees(t, true)
	defer d.trees(t, false)
	d.tree = ""
	description, err := d.conn.PgConn().Prepare(t.Context(), "", sql, nil)
	if err != nil {
		return Input{}, nil, err
	}
	return Input{
		SQL:     sql,
		Tree:    d.tree,
		Catalog: d.catalog,
		Columns: len(description.Fields),
		Params:  len(description.ParamOIDs),
	}, description, nil
}

// analyze judges a statement that the server accepts.
func (d *database) analyze(t *testing.T, sql string) *Result {
	t.Helper()
	in, _, err := d.input(t, sql)
	require.NoError(t, err, sql)
	return d.analyzer.Analyze(in)
}

// letters are the verdicts on the columns: R for not null, N for nullable.
func letters(r *Result) string {
	var b strings.Builder
	for _, c := range r.Columns {
		if c.Nullable {
			b.WriteByte('N')
		} else {
			b.WriteByte('R')
		}
	}
	return b.String()
}

// reasons are the verdicts on the columns, each on a line.
func reasons(r *Result) string {
	var b strings.Builder
	for i, c := range r.Columns {
		fmt.Fprintf(&b, "  %d nullable=%t: %s\n", i+1, c.Nullable, c.Why)
	}
	return b.String()
}
