package sqlc_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/sqlc"
)

// The test's own program stands for sqlc, and for go, under those names.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "sqlc":
		os.Exit(play(os.Args[1:]))
	case "go":
		status := play(os.Args[3:])
		if status != 0 {
			_, _ = fmt.Fprintf(os.Stderr, "exit status %d\n", status)
		}
		os.Exit(status)
	case "sequel":
		_, _ = os.Stdout.WriteString("this is something else\nwith two lines\n")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// play is what an sqlc does.
func play(args []string) int {
	switch args[0] {
	case "version":
		_, _ = os.Stdout.WriteString("v1.31.1\n")
		return 0
	case "where":
		dir, err := os.Getwd()
		if err != nil {
			return 3
		}
		_, _ = os.Stdout.WriteString(dir)
		_, _ = os.Stderr.WriteString("a warning\n")
		return 0
	case "mute":
		return 7
	default:
		_, _ = os.Stderr.WriteString("# package db\nquery.sql:1:1: syntax error\n")
		return 1
	}
}

// install puts the test's program into a folder under a name.
func install(t *testing.T, name string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.Symlink(self, filepath.Join(dir, name)))
	return dir
}

func TestFind(t *testing.T) {
	for name, test := range map[string]struct {
		installed []string
		path      string
		logs      bool
		err       string
	}{
		"on PATH":             {installed: []string{"sqlc", "go"}},
		"by the Go toolchain": {installed: []string{"go"}, logs: true},
		"neither":             {err: "neither is on PATH"},
		"named":               {installed: []string{"sequel"}, path: "sqlc"},
		"named, not there":    {installed: []string{"sqlc"}, path: "none/sqlc", err: "sqlc is not there"},
		"another program":     {path: "sequel", err: `is not sqlc: asked for its version, it says "this is something else"`},
	} {
		t.Run(name, func(t *testing.T) {
			path := ""
			for _, program := range test.installed {
				path += install(t, program) + string(filepath.ListSeparator)
			}
			t.Setenv("PATH", path)
			named := test.path
			if named != "" && filepath.Base(named) == named {
				named = filepath.Join(install(t, named), named)
			}
			var log bytes.Buffer
			p, err := sqlc.Find(context.Background(), named, &log)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "v1.31.1", p.Version)
			require.Equal(t, test.logs, log.Len() > 0, log.String())

			_, err = p.Run(context.Background(), "", "generate")
			require.Equal(t, &sqlc.Failure{Said: "# package db\nquery.sql:1:1: syntax error", Status: 1}, err)
		})
	}
}

func TestNotFoundIsKnown(t *testing.T) {
	t.Setenv("PATH", "")
	_, err := sqlc.Find(context.Background(), "", nil)
	require.ErrorIs(t, err, sqlc.ErrNotFound)
}

func TestRun(t *testing.T) {
	t.Parallel()
	p, err := sqlc.Find(context.Background(), filepath.Join(install(t, "sqlc"), "sqlc"), nil)
	require.NoError(t, err)

	folder, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	out, err := p.Run(context.Background(), folder, "where")
	require.NoError(t, err)
	require.Equal(t, folder, out)

	_, err = p.Run(context.Background(), folder, "generate")
	var failure *sqlc.Failure
	require.ErrorAs(t, err, &failure)
	require.Equal(t, &sqlc.Failure{Said: "# package db\nquery.sql:1:1: syntax error", Status: 1}, failure)
	require.EqualError(t, err, "sqlc: # package db (and 1 more lines)")

	_, err = p.Run(context.Background(), folder, "mute")
	require.EqualError(t, err, "sqlc: exit status 7")

	_, err = p.Run(context.Background(), filepath.Join(folder, "gone"), "where")
	require.ErrorContains(t, err, "run ")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = p.Run(ctx, folder, "where")
	require.ErrorIs(t, err, context.Canceled)
}
