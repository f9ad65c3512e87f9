//go:build unix

package schema

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Reading a named pipe would wait for ever.
func TestFindPipe(t *testing.T) {
	t.Parallel()
	root := folder(t, "-- db/a.sql --\nselect 1;\n")
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "pipe.sql"), 0o600))
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "db", "b.sql"), 0o600))
	for _, path := range []string{"pipe.sql", "pipe*.sql"} {
		sources, diags := Find(root, []string{path})
		require.Empty(t, sources, path)
		require.True(t, diags.HasErrors(), path)
	}
	for _, path := range []string{"db", "db/*.sql"} {
		sources, diags := Find(root, []string{path})
		require.Empty(t, messages(diags), path)
		require.Len(t, sources, 1, path)
	}
}
