package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/examples/bulk/station"
	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func schema(t *testing.T) string {
	t.Helper()
	sql, err := os.ReadFile("schema.sql")
	require.NoError(t, err)
	return string(sql)
}

func TestBulk(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	path := filepath.Join(t.TempDir(), "readings.csv")
	var out, bar bytes.Buffer
	require.NoError(t, run(context.Background(), pgtest.Schema(t, schema(t)), rows, path, &out, &progress{out: &bar, bar: true}))
	lines := strings.Split(out.String(), "\n")
	require.Regexp(t, `^loaded 20000 rows in \d`, lines[0])
	require.Regexp(t, `^wrote 20000 rows, \d\.\d MB, to .*readings\.csv in \d`, lines[1])
	require.Regexp(t, `^memory taken from the system: \d+\.\d MB$`, lines[2])
	require.Contains(t, bar.String(), "\rloaded [==============================] 100%")
	require.Contains(t, bar.String(), "\rwrote  [==============================] 100%")

	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, rows+1)
	require.Equal(t, []string{"id", "station", "measured_at", "celsius", "note"}, records[0])
	require.Equal(t, []string{"1", "Kiel", "2024-01-01T00:00:00Z", "-20.0", ""}, records[1])
	require.Equal(t, []string{"8", `the "old" one`, "2024-01-01T00:07:00Z", "", "no value:\nthe sensor was being changed"}, records[8])
	require.Equal(t, []string{"20000", `the "old" one`, "2024-01-14T21:19:00Z", "-0.1", ""}, records[rows])
}

// TestBulkFails wants no row to stay, and lines instead of a bar.
func TestBulkFails(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Schema(t, schema(t)+"INSERT INTO readings VALUES (15000, 'Kiel', now())")
	path := filepath.Join(t.TempDir(), "readings.csv")
	var out, log bytes.Buffer
	err := run(ctx, url, 20_000, path, &out, &progress{out: &log})
	require.ErrorContains(t, err, `LoadReadings: line 15000: ERROR: duplicate key value violates unique constraint "readings_pkey"`)
	require.Empty(t, out.String())
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer conn.Close(ctx)
	n, err := station.New(conn).CountReadings(ctx)
	require.NoError(t, err)
	require.Equal(t, int64(1), n)

	require.NoError(t, run(ctx, pgtest.Schema(t, schema(t)), 10, path, &out, &progress{out: &log}))
	require.Regexp(t, `^loaded 10 of 10 rows \(100%\), \d+ rows/s\nwrote 10 of 10 rows \(100%\), \d+ rows/s\n$`, log.String())
	require.ErrorContains(t, run(ctx, "", 1, path, &out, &progress{out: &log}), "DATABASE_URL")
	require.ErrorIs(t, run(ctx, pgtest.Schema(t, schema(t)), 1, filepath.Join(t.TempDir(), "missing", "x"), &out, &progress{out: &log}), os.ErrNotExist)
}
