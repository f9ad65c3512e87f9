package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/server"
)

// read returns the files of a folder by name.
func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = string(text)
	}
	return files
}

// TestLiveDatabase generates the same code from a database that has the schema
// as from the schema's files, and leaves nothing in it.
func TestLiveDatabase(t *testing.T) {
	t.Parallel()
	byFiles, byDatabase := project(t), project(t)
	status, _, stderr := call(t.Context(), "generate", "-f", filepath.Join(byFiles, "sqlc.yaml"))
	require.Equal(t, exitOK, status, stderr)

	s, err := server.Start(t.Context(), server.Options{BinDir: os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN")}, "")
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Stop()) }()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	schema, err := os.ReadFile(filepath.Join(byDatabase, "schema", "schema.sql"))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), string(schema))
	require.NoError(t, err)
	const objects = "SELECT count(*) FROM pg_class"
	var before, after int
	require.NoError(t, conn.QueryRow(t.Context(), objects).Scan(&before))

	require.NoError(t, os.RemoveAll(filepath.Join(byDatabase, "schema")))
	status, stdout, stderr := call(t.Context(), "generate", "-f", filepath.Join(byDatabase, "sqlc.yaml"), "--database", s.URL("postgres"))
	require.Equal(t, exitOK, status, stderr)
	require.Contains(t, stdout, "generated ")
	require.Equal(t, read(t, filepath.Join(byFiles, "db")), read(t, filepath.Join(byDatabase, "db")))

	require.NoError(t, conn.QueryRow(t.Context(), objects).Scan(&after))
	require.Equal(t, before, after)
	require.NoError(t, conn.Close(t.Context()))
}

// TestLiveDatabaseBehindAPooler asks through a pooler that gives each transaction
// another connection to the server, on which no setting may be lost, or left for
// others.
func TestLiveDatabaseBehindAPooler(t *testing.T) {
	t.Parallel()
	byFiles, byPooler := project(t), project(t)
	status, _, stderr := call(t.Context(), "generate", "-f", filepath.Join(byFiles, "sqlc.yaml"))
	require.Equal(t, exitOK, status, stderr)

	s, err := server.Start(t.Context(), server.Options{BinDir: os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN")}, "")
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Stop()) }()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	schema, err := os.ReadFile(filepath.Join(byPooler, "schema", "schema.sql"))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), string(schema))
	require.NoError(t, err)
	config, err := s.ConnConfig("postgres")
	require.NoError(t, err)
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	address = pooler{network: network, address: address, transactions: true}.start(t).String()
	url := "postgres://" + config.User + "@" + address + "/postgres?sslmode=disable"

	status, _, stderr = call(t.Context(), "generate", "-f", filepath.Join(byPooler, "sqlc.yaml"), "--database", url)
	require.Equal(t, exitOK, status, stderr)
	require.Empty(t, stderr)
	require.Equal(t, read(t, filepath.Join(byFiles, "db")), read(t, filepath.Join(byPooler, "db")))
	status, stdout, stderr := call(t.Context(), "introspect", "--json", "--database", url)
	require.Equal(t, exitOK, status, stderr)
	_, direct, _ := call(t.Context(), "introspect", "--json", "--database", s.URL("postgres"))
	require.Equal(t, direct, stdout)
	require.NoError(t, conn.Close(t.Context()))
}

// TestRunsAtOnce has several runs write the same project.
func TestRunsAtOnce(t *testing.T) {
	t.Parallel()
	dir := project(t)
	alone := project(t)
	status, _, stderr := call(t.Context(), "generate", "-f", filepath.Join(alone, "sqlc.yaml"))
	require.Equal(t, exitOK, status, stderr)
	var wg sync.WaitGroup
	type result struct {
		status         int
		stdout, stderr string
	}
	results := make([]result, 6)
	for i := range results {
		wg.Go(func() {
			r := &results[i]
			r.status, r.stdout, r.stderr = call(t.Context(), "generate", "-f", filepath.Join(dir, "sqlc.yaml"))
		})
	}
	wg.Wait()
	for _, r := range results {
		require.Equal(t, exitOK, r.status, r.stderr)
		require.Empty(t, r.stderr)
	}
	require.Equal(t, read(t, filepath.Join(alone, "db")), read(t, filepath.Join(dir, "db")))
}

// TestInstallInterrupted stops waiting for a server that does not answer.
func TestInstallInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	asked := make(chan struct{}, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer srv.Close()
	cache := serverCache(t)
	env := func(name string) string {
		if name == "PGWRIGHT_CACHE" {
			return cache
		}
		return os.Getenv(name)
	}
	go func() {
		<-asked
		cancel()
	}()
	var out, errOut strings.Builder
	start := time.Now()
	require.Equal(t, exitFailure, run(ctx, []string{"postgres", "install", "--base-url", srv.URL, "17"}, env, strings.NewReader(""), &out, &errOut))
	require.Less(t, time.Since(start), 20*time.Second)
	require.Equal(t, "pgwright: interrupted\n", errOut.String())
	require.Empty(t, out.String())
}

// JSON has operators as PostgreSQL writes them, and not as HTML would.
func TestCheckDatabaseAsJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sqlc.yaml":   "version: \"2\"\nsql:\n- engine: postgresql\n  schema: schema.sql\n  queries: queries.sql\n  codegen:\n  - {plugin: pgwright, out: db}\n",
		"schema.sql":  "CREATE TABLE t (id int);\n",
		"queries.sql": "-- name: Others :many\nSELECT 1 FROM t WHERE id <> 1;\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	config := filepath.Join(dir, "sqlc.yaml")
	status, _, stderr := call(t.Context(), "generate", "-f", config)
	require.Equal(t, exitOK, status, stderr)
	s, err := server.Start(t.Context(), server.Options{BinDir: os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN")}, "")
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Stop()) }()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "CREATE TABLE t (id json)")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	status, stdout, stderr := call(t.Context(), "check", "--json", "-f", config, "--database", s.URL("postgres"))
	require.Equal(t, exitFailure, status, stderr)
	require.Contains(t, stdout, "operator does not exist: json <> integer")
}
