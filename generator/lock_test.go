package generator_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// noServer makes the options that find no PostgreSQL.
func noServer(t *testing.T, config string) generator.Options {
	return generator.Options{ConfigFile: config, PostgresBin: t.TempDir()}
}

// Whatever a project generates, its lock alone gives the same bytes, and says
// the same besides.
func TestLockStandsInForTheServer(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*/sqlc.*")
	require.NoError(t, err)
	for _, config := range cases {
		dir := filepath.Dir(config)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			// The same name, so that positions are the same.
			own := filepath.Join(t.TempDir(), filepath.Base(dir))
			require.NoError(t, os.CopyFS(own, os.DirFS(dir)))
			config := filepath.Join(own, filepath.Base(config))
			opt := generator.Options{ConfigFile: config, PostgresBin: os.Getenv(pgtest.BinEnv)}
			asked, err := generator.Generate(context.Background(), opt)
			require.NoError(t, err)
			if asked.HasErrors() {
				require.Nil(t, asked.Lock())
				return
			}
			require.NotEmpty(t, asked.Lock())
			require.NoError(t, os.WriteFile(filepath.Join(own, "pgwright.lock"), asked.Lock(), 0o644))

			recalled, err := generator.Generate(context.Background(), noServer(t, config))
			require.NoError(t, err)
			require.Equal(t, asked.Files, recalled.Files)
			require.Equal(t, asked.Report(), recalled.Report())
			require.Equal(t, string(asked.Lock()), string(recalled.Lock()))

			there, err := generator.Describe(context.Background(), opt)
			require.NoError(t, err)
			here, err := generator.Describe(context.Background(), noServer(t, config))
			require.NoError(t, err)
			require.Equal(t, there, here)
		})
	}
}

// locked is a project with its lock.
func locked(t *testing.T) string {
	dir := project(t)
	_, err := generator.Write(generate(t, dir))
	require.NoError(t, err)
	return dir
}

func edit(t *testing.T, dir, name, old, replacement string) {
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(text), old)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), old, replacement, 1)), 0o644))
}

// What no longer holds is named where there is no server to ask.
func TestStaleLockNeedsAServer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, old, replacement, want string
	}{
		{"a query", "a.sql", "FROM t", "FROM t WHERE id > 1", "query A has changed"},
		{"a command", "a.sql", ":many", ":one", "query A has changed"},
		{"a directive", "a.sql", ":many\n", ":many\n-- column: id nullable\n", "query A has changed"},
		{"a new query", "a.sql", "FROM t;", "FROM t;\n-- name: C :one\nSELECT 1;", "query C is new"},
		{"a query that is gone", "a.sql", "-- name: A :many\nSELECT id FROM t;", "", "query A is gone"},
		{"the schema", "schema.sql", "NOT NULL", "", "schema.sql has changed"},
		{"the revision", "pgwright.lock", `"revision": `, `"revision": 9`, "it is from another version of pgwright"},
		{"the order", "pgwright.lock", `"schema": "`, `"schema": "0`, "the schema files come in another order"},
		{"the folder", "sqlc.yaml", "out: db", "out: other", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := locked(t)
			edit(t, dir, tt.file, tt.old, tt.replacement)
			_, err := generator.Generate(context.Background(), noServer(t, filepath.Join(dir, "sqlc.yaml")))
			require.ErrorContains(t, err, "no PostgreSQL")
			if tt.want != "" {
				require.ErrorContains(t, err, "pgwright.lock does not hold, so PostgreSQL has to be asked: "+tt.want)
			}
			// With one all is well, and the lock holds again.
			_, err = generator.Write(generate(t, dir))
			require.NoError(t, err)
			_, err = generator.Generate(context.Background(), noServer(t, filepath.Join(dir, "sqlc.yaml")))
			require.NoError(t, err)
		})
	}
}

// What changes nothing about the answer needs no server.
func TestLockHoldsForWhatTheServerDoesNotSee(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, old, replacement string
	}{
		{"a comment of a query", "a.sql", "-- name", "-- A lists all.\n-- name"},
		{"space between queries", "a.sql", "-- name", "\n\n\n-- name"},
		{"an option of the code", "sqlc.yaml", "out: db\n", "out: db\n        options: {emit_interface: true}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := locked(t)
			edit(t, dir, tt.file, tt.old, tt.replacement)
			recalled, err := generator.Generate(context.Background(), noServer(t, filepath.Join(dir, "sqlc.yaml")))
			require.NoError(t, err)
			opt := generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv), Fresh: true}
			asked, err := generator.Generate(context.Background(), opt)
			require.NoError(t, err)
			require.Equal(t, asked.Files, recalled.Files)
			require.Equal(t, string(asked.Lock()), string(recalled.Lock()))
		})
	}
}

// A lock that is not one is said to be so, and the server is asked.
func TestUnreadableLock(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty":    "",
		"a merge":  "<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n",
		"a format": `{"format": 99}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := locked(t)
			want, err := os.ReadFile(filepath.Join(dir, "pgwright.lock"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "pgwright.lock"), []byte(content), 0o644))
			res := generate(t, dir)
			require.Regexp(t, `^pgwright\.lock(:1:1)?: warning: the lock cannot be read and does not count: `, res.Report())
			require.Equal(t, string(want), string(res.Lock()))
		})
	}
}

// A database that does not answer is no obstacle if the queries are the same.
func TestLockOfALiveDatabase(t *testing.T) {
	t.Parallel()
	dir := project(t)
	url := pgtest.Schema(t, "CREATE TABLE t (id bigint NOT NULL)")
	config := filepath.Join(dir, "sqlc.yaml")
	asked, err := generator.Generate(context.Background(), generator.Options{ConfigFile: config, Database: url})
	require.NoError(t, err)
	_, err = generator.Write(asked)
	require.NoError(t, err)

	nobody := generator.Options{ConfigFile: config, Database: "host=127.0.0.1 port=1 user=x dbname=x"}
	recalled, err := generator.Generate(context.Background(), nobody)
	require.NoError(t, err)
	require.Equal(t, asked.Files, recalled.Files)
	require.Contains(t, recalled.Report(), "the database cannot be asked, and the lock counts")

	edit(t, dir, "a.sql", "FROM t", "FROM t WHERE id > 1")
	_, err = generator.Generate(context.Background(), nobody)
	require.ErrorContains(t, err, "connect to the database")

	// The lock says nothing about the schema files.
	_, err = generator.Generate(context.Background(), noServer(t, config))
	require.ErrorContains(t, err, "it is about another source of the schema")
}

// Without query trees there is nothing worth recording, and what was recorded
// goes.
func TestNoLockWithoutQueryTrees(t *testing.T) {
	t.Parallel()
	dir := locked(t)
	opt := generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv), NoQueryTree: true, Fresh: true}
	res, err := generator.Generate(context.Background(), opt)
	require.NoError(t, err)
	require.Nil(t, res.Lock())
	w, err := generator.Write(res)
	require.NoError(t, err)
	require.True(t, w.Lock)
	require.NoFileExists(t, filepath.Join(dir, "pgwright.lock"))
}
