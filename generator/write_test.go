package generator_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// project writes a small project into a folder of its own.
func project(t *testing.T) string {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"sqlc.yaml":  "version: \"2\"\nsql:\n  - engine: postgresql\n    schema: schema.sql\n    queries: [a.sql, b.sql]\n    codegen:\n      - plugin: pgwright\n        out: db\n",
		"schema.sql": "CREATE TABLE t (id bigint NOT NULL);\n",
		"a.sql":      "-- name: A :many\nSELECT id FROM t;\n",
		"b.sql":      "-- name: B :many\nSELECT id FROM t;\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	return dir
}

func generate(t *testing.T, dir string) *generator.Result {
	res, err := generator.Generate(context.Background(), generator.Options{
		ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv),
	})
	require.NoError(t, err)
	require.False(t, res.HasErrors(), res.Report())
	return res
}

func TestWrite(t *testing.T) {
	t.Parallel()
	dir := project(t)
	res := generate(t, dir)
	w, err := generator.Write(res)
	require.NoError(t, err)
	require.Equal(t, &generator.Written{Changed: []string{"db/a.sql.go", "db/b.sql.go", "db/db.go", "db/models.go"}, Lock: true}, w)

	// What is as it should be is not touched.
	old := time.Now().Add(-time.Hour)
	path := filepath.Join(dir, "db", "a.sql.go")
	require.NoError(t, os.Chtimes(path, old, old))
	w, err = generator.Write(res)
	require.NoError(t, err)
	require.Equal(t, &generator.Written{Unchanged: 4}, w)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.WithinDuration(t, old, info.ModTime(), time.Second)

	// A file that is no longer made goes, one that somebody wrote stays.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "db", "own.go"), []byte("package db\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b.sql"), nil, 0o644))
	w, err = generator.Write(generate(t, dir))
	require.NoError(t, err)
	require.Equal(t, &generator.Written{Changed: []string{"db/db.go"}, Removed: []string{"db/b.sql.go"}, Unchanged: 2, Lock: true}, w)
	require.FileExists(t, filepath.Join(dir, "db", "own.go"))
}

// A file in the way that is somebody's own stops the run before anything is
// written.
func TestWriteLeavesForeignFilesAlone(t *testing.T) {
	t.Parallel()
	dir := project(t)
	own := filepath.Join(dir, "db", "models.go")
	require.NoError(t, os.Mkdir(filepath.Dir(own), 0o755))
	require.NoError(t, os.WriteFile(own, []byte("package db // mine\n"), 0o644))
	_, err := generator.Write(generate(t, dir))
	require.ErrorContains(t, err, "db/models.go was not written by pgwright")
	entries, err := os.ReadDir(filepath.Dir(own))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestWriteWhereItCannot(t *testing.T) {
	t.Parallel()
	dir := project(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "db"), []byte("a file"), 0o644))
	_, err := generator.Write(generate(t, dir))
	require.ErrorContains(t, err, "db/")
	content, err := os.ReadFile(filepath.Join(dir, "db"))
	require.NoError(t, err)
	require.Equal(t, "a file", string(content))
}
