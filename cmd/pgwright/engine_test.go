package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEngineFlag(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"unknown":         {[]string{"generate", "--engine", "mysql"}, `there is no engine "mysql"; it is one of postgresql, sqlc`},
		"with a database": {[]string{"describe", "--engine", "sqlc", "--database", "x"}, "--engine sqlc asks no database"},
		"with a profile":  {[]string{"check", "--engine", "sqlc", "--profile", "x"}, "--engine sqlc asks no database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, stderr := call(t.Context(), test.args...)
			require.Equal(t, exitUsage, status)
			require.Contains(t, stderr, test.says)
		})
	}
}

func TestEngineCompletes(t *testing.T) {
	t.Parallel()
	status, stdout, _ := call(t.Context(), "__complete", "generate", "--engine", "")
	require.Equal(t, exitOK, status)
	require.Contains(t, stdout, "postgresql\nsqlc\n")
}

// Without sqlc the engine says what to do.
func TestEngineWithoutSQLC(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sqlc.yaml": "version: \"2\"\nsql:\n  - schema: s.sql\n    queries: q.sql\n    codegen: [{plugin: pgwright, out: db, options: {engine: sqlc}}]\n",
		"s.sql":     "CREATE TABLE t (id integer);",
		"q.sql":     "-- name: All :many\nSELECT * FROM t;\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	status, _, stderr := call(t.Context(), "generate", "-f", filepath.Join(dir, "sqlc.yaml"), "--sqlc", filepath.Join(dir, "none"))
	require.Equal(t, exitFailure, status)
	require.Contains(t, stderr, "engine sqlc: sqlc is not there")
	require.NoFileExists(t, filepath.Join(dir, "pgwright.lock"))
}
