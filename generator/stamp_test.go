package generator_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// What was generated is remembered only as long as it is certainly still right.
func TestNothingChanged(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(t *testing.T, dir, stamp string)
		fast   bool
	}{
		{name: "nothing", change: func(*testing.T, string, string) {}, fast: true},
		{name: "a touched file", fast: true, change: func(t *testing.T, dir, _ string) {
			require.NoError(t, os.Chtimes(filepath.Join(dir, "a.sql"), time.Now(), time.Now().Add(time.Hour)))
		}},
		{name: "a query", change: func(t *testing.T, dir, _ string) { edit(t, dir, "a.sql", "SELECT", "SELECT DISTINCT") }},
		{name: "a comment of a query", change: func(t *testing.T, dir, _ string) { edit(t, dir, "a.sql", "-- name", "-- A is first.\n-- name") }},
		{name: "the schema", change: func(t *testing.T, dir, _ string) { edit(t, dir, "schema.sql", "NOT NULL", "") }},
		{name: "the configuration", change: func(t *testing.T, dir, _ string) {
			edit(t, dir, "sqlc.yaml", "out: db\n", "out: db\n        options: {emit_interface: true}\n")
		}},
		{name: "the lock", change: func(t *testing.T, dir, _ string) { edit(t, dir, "pgwright.lock", `"null":false`, `"null":true`) }},
		{name: "no lock", change: func(t *testing.T, dir, _ string) { require.NoError(t, os.Remove(filepath.Join(dir, "pgwright.lock"))) }},
		{name: "a generated file", change: func(t *testing.T, dir, _ string) { edit(t, dir, "db/db.go", "package db", "package db\n\n") }},
		{name: "a generated file is gone", change: func(t *testing.T, dir, _ string) { require.NoError(t, os.Remove(filepath.Join(dir, "db", "db.go"))) }},
		{name: "a generated file too many", change: func(t *testing.T, dir, _ string) {
			content, err := os.ReadFile(filepath.Join(dir, "db", "a.sql.go"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "db", "z.sql.go"), content, 0o644))
		}},
		{name: "a damaged stamp", change: func(t *testing.T, dir, stamp string) {
			require.NoError(t, os.WriteFile(stamp, []byte("{"), 0o644))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := project(t)
			var log bytes.Buffer
			opt := generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv), Log: &log}
			run := func() (*generator.Result, bool) {
				log.Reset()
				res, err := generator.Generate(context.Background(), opt)
				require.NoError(t, err)
				require.False(t, res.HasErrors(), res.Report())
				fast := bytes.Contains(log.Bytes(), []byte("nothing has changed"))
				_, err = generator.Write(res)
				require.NoError(t, err)
				require.NotContains(t, log.String(), "not remembered")
				return res, fast
			}
			first, fast := run()
			require.False(t, fast)

			tt.change(t, dir, first.StampPath(t))
			second, fast := run()
			require.Equal(t, tt.fast, fast)
			opt.Fresh = true
			fresh, fast := run()
			require.False(t, fast)
			if tt.name != "the lock" { // which was believed
				require.Equal(t, fresh.Files, second.Files)
			}
			if tt.fast {
				require.Equal(t, first.Files, second.Files)
			}
			// And then nothing has changed again.
			opt.Fresh = false
			_, fast = run()
			require.True(t, fast)
		})
	}
}
