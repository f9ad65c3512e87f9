package main

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
	"github.com/pgwright/pgwright/runtime/profile"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const first = `seeded 10000 sales in 6 categories

  category  sales   revenue  median    best day  run
     music   1707  43920.88   25.92  2025-03-31    1
    garden   1698  43760.86   25.89  2025-04-14    1
     books   1690  42929.52   25.34  2025-03-22    1
       tea   1637  41809.49   25.58  2025-03-12    1
      toys   1640  41386.69   24.93  2025-03-16    1
    coffee   1628  41044.60   25.32  2025-04-04    1
`

// A second run replaces what the first one made, and a category without a sale
// goes.
func TestEtl(t *testing.T) {
	t.Parallel()
	url := runtime.WithDSN(pgtest.New(t))
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), 10_000, &out, url))
	require.Equal(t, first, out.String())

	out.Reset()
	require.NoError(t, run(t.Context(), 3, &out, url))
	require.Equal(t, `seeded 3 sales in 2 categories

  category  sales  revenue  median    best day  run
       tea      2    71.23   35.62  2025-03-01    2
    coffee      1     3.01    3.01  2025-03-01    2
`, out.String())

	out.Reset()
	require.NoError(t, run(t.Context(), 0, &out, url))
	require.Equal(t, "seeded 0 sales in 0 categories\n\n  category  sales  revenue  median  best day  run\n", out.String())
}

// The tables of create.sql are those of schema.sql.
func TestEtlOnItsSchema(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("schema.sql")
	require.NoError(t, err)
	const columns = `SELECT table_name, column_name, ordinal_position, data_type, is_nullable, coalesce(column_default, '')
		FROM information_schema.columns WHERE table_schema = 'public'
		UNION ALL SELECT conrelid::regclass::text, pg_get_constraintdef(oid), 0, conname, '', '' FROM pg_constraint WHERE conrelid <> 0
			AND connamespace = 'public'::regnamespace
		UNION ALL SELECT tablename, indexdef, 0, '', '', '' FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`
	describe := func(url string) []map[string]any {
		conn, err := pgx.Connect(t.Context(), url)
		require.NoError(t, err)
		defer conn.Close(t.Context())
		all, err := runtime.All[map[string]any](t.Context(), conn, columns)
		require.NoError(t, err)
		return all
	}
	empty, made := pgtest.New(t), pgtest.Schema(t, string(schema))
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), 10_000, &out, runtime.WithDSN(empty)))
	require.Equal(t, first, out.String())
	require.Equal(t, describe(made), describe(empty))
	out.Reset()
	require.NoError(t, run(t.Context(), 10_000, &out, runtime.WithDSN(made)))
	require.Equal(t, first, out.String())
}

// An interrupt leaves the sales of the run before.
func TestEtlIsInterrupted(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), 3, &out, runtime.WithDSN(url)))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	lock, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = lock.Exec(t.Context(), "LOCK TABLE sales IN SHARE ROW EXCLUSIVE MODE")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	out.Reset()
	require.ErrorIs(t, run(ctx, 10_000, &out, runtime.WithDSN(url)), context.DeadlineExceeded)
	require.Empty(t, out.String())
	require.NoError(t, lock.Rollback(t.Context()))
	n, err := runtime.Value[int](t.Context(), conn, "SELECT count(*) FROM sales")
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

// The first category that fails ends the run, and says which it was.
func TestEtlFails(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), 3, &out, runtime.WithDSN(url)))
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), "ALTER TABLE summaries ADD CHECK (category <> 'music')")
	require.NoError(t, err)
	err = run(t.Context(), 100, &out, runtime.WithDSN(url))
	require.ErrorContains(t, err, "SaveSummaries")
	constraint, ok := runtime.CheckViolation(err)
	require.True(t, ok)
	require.Equal(t, "summaries_category_check", constraint)

	_, err = conn.Exec(t.Context(), "ALTER TABLE sales ALTER cents TYPE int")
	require.NoError(t, err)
	require.ErrorContains(t, run(t.Context(), 3, &out, runtime.WithDSN(url)), `LoadSales: column "cents": generated for bigint, the server sends integer`)
}

// The file beside the program, and what the environment says over it, is where
// the database is.
func TestEtlProfile(t *testing.T) {
	t.Setenv("AUTO_WORKFLOW_CONNECTORS_POSTGRES_EXAMPLE__HOST", "db.internal")
	t.Setenv("EXAMPLE_PASSWORD", "hush")
	s, err := profile.Load(t.Context(), "example", profile.Options{})
	require.NoError(t, err)
	require.Equal(t, "db.internal", s.Host)
	require.Equal(t, 30*time.Second, s.StatementTimeout)

	url := pgtest.New(t)
	t.Setenv("AUTO_WORKFLOW_CONNECTORS_POSTGRES_EXAMPLE__DSN", url)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), 10_000, &out))
	require.Equal(t, first, out.String())
}
