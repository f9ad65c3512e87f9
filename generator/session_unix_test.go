//go:build unix

package generator_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// A server that breaks off in the middle of the schema is not used again with
// the half of it: the next run of the session begins anew.
func TestSessionAfterAnInterruptedSchema(t *testing.T) {
	t.Parallel()
	marks, err := os.MkdirTemp("", "pgwright-session-*") // for the server, which may be another user
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(marks)) })
	require.NoError(t, os.Chmod(marks, 0o777))
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sqlc.yaml":   "version: \"2\"\nsql:\n- engine: postgresql\n  schema: schema.sql\n  queries: queries.sql\n  codegen:\n  - {plugin: pgwright, out: db}\n",
		"queries.sql": "-- name: Names :many\nSELECT name FROM users;\n",
		"schema.sql": fmt.Sprintf("DO $$ BEGIN EXECUTE $copy$COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; test -e %[1]s/over || { touch %[1]s/over; kill -9 $PPID; }'$copy$; END $$;\n"+
			"CREATE TABLE users (name text NOT NULL);\n", marks),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	s := generator.NewSession(generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv)})
	defer func() { require.NoError(t, s.Close(context.Background())) }()
	_, err = s.Generate(t.Context())
	require.ErrorContains(t, err, "apply schema.sql")
	res, err := s.Generate(t.Context())
	require.NoError(t, err)
	require.False(t, res.HasErrors(), res.Report())
}
