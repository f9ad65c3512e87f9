package profile_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/profile"
)

const env = profile.DefaultEnvPrefix

// folder makes a folder with files, whose paths are relative to it.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return root
}

// address is what a profile needs at least.
const address = "[connectors.postgres.default]\nhost = 'db'\ndatabase = 'app'\nuser = 'me'\n"

func TestDefaults(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"pgwright.toml": address})
	s, err := profile.Load(context.Background(), "default", profile.Options{Dir: dir, Environ: []string{}})
	require.NoError(t, err)
	require.Equal(t, "default", s.Profile)
	require.Empty(t, s.DSN.Reveal())
	require.Equal(t, "db", s.Host)
	require.Equal(t, uint16(5432), s.Port)
	require.Equal(t, "app", s.Database)
	require.Equal(t, "me", s.User)
	require.Empty(t, s.Password.Reveal())
	require.Empty(t, s.SSLMode)
	require.Empty(t, s.ApplicationName)
	require.Equal(t, int32(0), s.MinSize)
	require.Equal(t, int32(10), s.MaxSize)
	require.Equal(t, 30*time.Second, s.Timeout)
	require.Equal(t, 30*time.Minute, s.MaxIdle)
	require.Equal(t, 10*time.Second, s.ConnectTimeout)
	require.Zero(t, s.StatementTimeout)
	require.Equal(t, profile.Retries{Attempts: 3, BackoffMin: 100 * time.Millisecond, BackoffMax: 2 * time.Second, Jitter: 0.2}, s.Retries)
	require.Empty(t, s.ExecMode)
	require.Empty(t, s.SearchPath)
	require.Empty(t, s.Params)
}

func TestEachLayerOverridesTheOnesBefore(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"pgwright.toml": address + "max_size = 20\npool.min_size = 2\npassword = 'file'\n"})
	o := profile.Options{Dir: dir, Environ: []string{
		env + "DEFAULT__POOL__MAX_SIZE=30", env + "DEFAULT__PASSWORD=variable", env + "DEFAULT__STATEMENT_TIMEOUT=30s",
		env + `DEFAULT__JSON={"password": "json", "pool": {"timeout": 1.5}}`,
	}, Settings: map[string]any{"user": "code"}}
	s, err := profile.Load(context.Background(), "default", o)
	require.NoError(t, err)
	require.Equal(t, int32(2), s.MinSize)
	require.Equal(t, int32(30), s.MaxSize)
	require.Equal(t, 1500*time.Millisecond, s.Timeout)
	require.Equal(t, 30*time.Second, s.StatementTimeout)
	require.Equal(t, "json", s.Password.Reveal())
	require.Equal(t, "code", s.User)
	require.Equal(t, "db", s.Host)
}
