package generator_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// What was formatted is taken from the file of before only where that is
// certainly what formatting gives.
func TestFormattedBefore(t *testing.T) {
	t.Parallel()
	const out = "db/a.sql.go"
	tests := []struct {
		name   string
		change func(t *testing.T, dir, record string)
	}{
		{name: "nothing", change: func(*testing.T, string, string) {}},
		{name: "a query", change: func(t *testing.T, dir, _ string) { edit(t, dir, "a.sql", "SELECT", "SELECT DISTINCT") }},
		{name: "a new file takes another's place", change: func(t *testing.T, dir, _ string) {
			require.NoError(t, os.Rename(filepath.Join(dir, "a.sql"), filepath.Join(dir, "c.sql")))
			require.NoError(t, os.Rename(filepath.Join(dir, "b.sql"), filepath.Join(dir, "a.sql")))
			require.NoError(t, os.Rename(filepath.Join(dir, "c.sql"), filepath.Join(dir, "b.sql")))
		}},
		{name: "an edited file", change: func(t *testing.T, dir, _ string) { edit(t, dir, out, "package db", "package db // mine") }},
		{name: "other line ends", change: func(t *testing.T, dir, _ string) { edit(t, dir, out, "\n", "\r\n") }},
		{name: "an empty file", change: func(t *testing.T, dir, _ string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, out), nil, 0o644))
		}},
		{name: "no file", change: func(t *testing.T, dir, _ string) { require.NoError(t, os.Remove(filepath.Join(dir, out))) }},
		{name: "files that were swapped", change: func(t *testing.T, dir, _ string) {
			a, err := os.ReadFile(filepath.Join(dir, out))
			require.NoError(t, err)
			b, err := os.ReadFile(filepath.Join(dir, "db/b.sql.go"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, out), b, 0o644))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "db/b.sql.go"), a, 0o644))
		}},
		{name: "a damaged record", change: func(t *testing.T, _, record string) {
			require.NoError(t, os.WriteFile(record, []byte(`{"db/a.sql.go":{"source":1`), 0o644))
		}},
		{name: "a record of something else", change: func(t *testing.T, _, record string) {
			require.NoError(t, os.WriteFile(record, []byte(`[]`), 0o644))
		}},
		{name: "no record", change: func(t *testing.T, _, record string) { require.NoError(t, os.Remove(record)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := project(t)
			res := generate(t, dir)
			_, err := generator.Write(res)
			require.NoError(t, err)
			tt.change(t, dir, res.FormattedPath())
			var log bytes.Buffer
			run := func() *generator.Result {
				log.Reset()
				res, err := generator.Generate(context.Background(), generator.Options{
					ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv), Fresh: true, Log: &log,
				})
				require.NoError(t, err)
				require.False(t, res.HasErrors(), res.Report())
				return res
			}
			got := run()
			_, err = generator.Write(got)
			require.NoError(t, err)
			require.NotContains(t, log.String(), "not remembered")
			require.FileExists(t, got.FormattedPath())

			require.NoError(t, os.Remove(got.FormattedPath()))
			want := run()
			require.Len(t, got.Files, len(want.Files))
			for i, f := range want.Files {
				require.Equal(t, f.Path, got.Files[i].Path)
				require.Equal(t, string(f.Content), string(got.Files[i].Content))
				written, err := os.ReadFile(filepath.Join(dir, f.Path))
				require.NoError(t, err)
				require.Equal(t, string(f.Content), string(written))
			}
		})
	}
}

// The record is what decides: a file that it vouches for is not formatted.
func TestFormattedBeforeIsNotFormattedAgain(t *testing.T) {
	t.Parallel()
	dir := project(t)
	res := generate(t, dir)
	_, err := generator.Write(res)
	require.NoError(t, err)
	path := filepath.Join(dir, "db", "a.sql.go")
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	after := append(bytes.Clone(before), "// unformatted\n"...)
	require.NoError(t, os.WriteFile(path, after, 0o644))
	digest := func(content []byte) []byte {
		sum := sha256.Sum256(content)
		return []byte(hex.EncodeToString(sum[:]))
	}
	record, err := os.ReadFile(res.FormattedPath())
	require.NoError(t, err)
	require.Contains(t, string(record), string(digest(before)))
	require.NoError(t, os.WriteFile(res.FormattedPath(), bytes.Replace(record, digest(before), digest(after), 1), 0o644))
	require.Contains(t, string(generate(t, dir).Files[0].Content), "// unformatted\n")
}
