package project

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/apptest"
)

// TestGeneratedCodeCompiles also shows that the SQL is right: PostgreSQL has accepted it.
func TestGeneratedCodeCompiles(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, Write(dir, 2*len(kinds)))
	run := func(dir, name string, args ...string) {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	run(root, "go", "run", "./cmd/pgwright", "generate", "-f", filepath.Join(dir, PgwrightConfig))
	require.NoError(t, apptest.WriteModule(dir, "example.com/app", root))
	run(dir, "go", "vet", "./"+PgwrightOut)
}

func TestEachTableHasItsOwnName(t *testing.T) {
	t.Parallel()
	names := make(map[string]bool)
	for i := range 2000 {
		names[name(i)] = true
		require.LessOrEqual(t, parentOf(i), i)
	}
	require.Len(t, names, 2000)
}
