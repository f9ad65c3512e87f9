//go:build unix

package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestInterruptLeavesNoServer interrupts a run while its server applies a
// schema that takes a minute.
func TestInterruptLeavesNoServer(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			dir := project(t)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "schema", "schema.sql"), []byte("SELECT pg_sleep(60);\n"), 0o644))
			cache := serverCache(t)
			var stdout, stderr bytes.Buffer
			cmd := command("generate", "-f", filepath.Join(dir, "sqlc.yaml"))
			cmd.Env = append(cmd.Env, "PGWRIGHT_CACHE="+cache)
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			require.NoError(t, cmd.Start())
			var pid int
			require.Eventually(t, func() bool {
				pid = serverPID(t, cache)
				return pid != 0
			}, 30*time.Second, 10*time.Millisecond, "no server came up")
			require.NoError(t, cmd.Process.Signal(signal))
			start := time.Now()
			err := cmd.Wait()
			require.Less(t, time.Since(start), 20*time.Second)
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, exitFailure, exit.ExitCode())
			require.Equal(t, "pgwright: interrupted\n", stderr.String())
			require.Empty(t, stdout.String())
			require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH, "the server still runs")
			require.NoFileExists(t, filepath.Join(dir, "db", "db.go"))
		})
	}
}

// serverPID returns the process that runs on a data directory below a folder,
// or 0. Files come and go while it looks.
func serverPID(t *testing.T, dir string) int {
	t.Helper()
	pid := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "postmaster.pid" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil
		}
		lines := strings.Split(string(text), "\n")
		if len(lines) < 8 || !strings.HasPrefix(lines[7], "ready") {
			return nil
		}
		pid, err = strconv.Atoi(lines[0])
		return err
	}))
	return pid
}
