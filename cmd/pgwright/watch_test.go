package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// output collects what a command prints while it runs.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// take waits for a text and returns what was printed since the last take.
func (o *output) take(t *testing.T, want string) string {
	t.Helper()
	var got string
	require.Eventually(t, func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		got = o.text.String()
		if !strings.Contains(got, want) {
			return false
		}
		o.text.Reset()
		return true
	}, time.Minute, 5*time.Millisecond, "no %q in the output", want)
	return got
}

// TestWatch edits a project as people do, and reads what watch says of it.
func TestWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	const configuration = "version: \"2\"\nsql:\n  - engine: postgresql\n    schema: schema\n    queries: queries\n    codegen:\n      - plugin: pgwright\n        out: db\n"
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "schema"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "queries"), 0o755))
	write("sqlc.yaml", configuration)
	write("schema/1.sql", "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);\n")
	write("queries/users.sql", "-- name: Names :many\nSELECT name FROM users;\n")

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out := &output{}
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"watch", "-f", filepath.Join(dir, "sqlc.yaml")}, os.Getenv, strings.NewReader(""), out, out)
	}()
	require.Contains(t, out.take(t, "generated 3 files (3 changed) in "), "wrote db/users.sql.go\n")

	// One query: one file.
	write("queries/users.sql", "-- name: Names :many\nSELECT name FROM users ORDER BY name;\n")
	got := out.take(t, "generated ")
	require.True(t, strings.HasPrefix(got, "wrote db/users.sql.go\ngenerated 3 files (1 changed) in "), got)

	// A mistake is shown, and nothing is written until it is mended.
	write("queries/users.sql", "-- name: Names :many\nSELECT nme FROM users;\n")
	got = out.take(t, `column "nme" does not exist`)
	require.NotContains(t, got, "wrote")
	write("queries/users.sql", "-- name: Names :many\nSELECT name FROM users ORDER BY 1;\n")
	out.take(t, "wrote db/users.sql.go\ngenerated 3 files (1 changed)")

	// A new file, and one that goes.
	write("queries/more.sql", "-- name: One :one\nSELECT 1 AS n;\n")
	out.take(t, "wrote db/db.go\nwrote db/more.sql.go\ngenerated 4 files (2 changed)")
	require.NoError(t, os.Remove(filepath.Join(dir, "queries", "more.sql")))
	out.take(t, "wrote db/db.go\nremoved db/more.sql.go\ngenerated 3 files (1 changed, 1 removed)")

	// A migration: what it does to queries is said first.
	write("schema/2.sql", "ALTER TABLE users ALTER COLUMN name DROP NOT NULL;\n")
	got = out.take(t, "generated ")
	require.True(t, strings.HasPrefix(got, "queries/users.sql:1: Names: column name became nullable: users.name is nullable\nwrote "), got)

	// A configuration that cannot be read is waited for.
	write("sqlc.yaml", "version: \"2\"\nsql: [\n")
	out.take(t, "sqlc.yaml:")
	write("sqlc.yaml", configuration)
	out.take(t, "generated 3 files (none changed)")

	// Nothing is said of a file that was only touched.
	require.NoError(t, os.Chtimes(filepath.Join(dir, "queries", "users.sql"), time.Time{}, time.Now().Add(time.Hour)))
	require.Equal(t, 1, strings.Count(out.take(t, "generated 3 files (none changed)"), "\n"))

	stop()
	select {
	case s := <-status:
		require.Equal(t, exitOK, s)
	case <-time.After(time.Minute):
		require.Fail(t, "watch did not stop")
	}
	require.Equal(t, "stopped\n", out.take(t, "stopped\n"))
}
