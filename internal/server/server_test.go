package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// testOptions uses a cache of the test's own, in a folder that the server's account can enter.
func testOptions(t testing.TB) Options {
	t.Helper()
	return Options{
		BinDir:   os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN"),
		CacheDir: filepath.Join(openDir(t), "cache"),
		Log:      testLog{t},
	}
}

// openDir is a temporary directory with a short path that every user can pass, unlike t.TempDir.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pgwt")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

func start(t testing.TB, opts Options, key string) *Server {
	t.Helper()
	s, err := Start(t.Context(), opts, key)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s
}

func query(t testing.TB, s *Server, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	var value string
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&value))
	require.NoError(t, conn.Close(t.Context()))
	return value
}

func execute(t testing.TB, s *Server, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	_, err = conn.PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func TestScratchServer(t *testing.T) {
	t.Parallel()
	s := start(t, testOptions(t), "")
	require.True(t, s.Fresh())
	require.Equal(t, s.Version(), strings.Fields(query(t, s, "SHOW server_version"))[0])
	require.Equal(t, "UTC", query(t, s, "SHOW timezone"))
	require.Equal(t, "C", query(t, s, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'"))
	require.Equal(t, "UTF8", query(t, s, "SHOW server_encoding"))
	require.Equal(t, "", query(t, s, "SHOW listen_addresses"))
	dir := s.entry.dir
	require.NoError(t, s.Stop())
	require.NoDirExists(t, dir)
	require.NoError(t, s.Stop(), "a second stop repeats the result of the first")
}

func TestKeptDirectoryIsReused(t *testing.T) {
	t.Parallel()
	opts := testOptions(t)
	first := start(t, opts, "key")
	require.True(t, first.Fresh())
	execute(t, first, "CREATE TABLE kept AS SELECT 42 AS answer")
	require.NoError(t, first.Keep(t.Context()))
	require.NoError(t, first.Stop())

	second := start(t, opts, "key")
	require.False(t, second.Fresh())
	require.Equal(t, "42", query(t, second, "SELECT answer::text FROM kept"))
	require.NoError(t, second.Stop())

	other := start(t, opts, "another key")
	require.True(t, other.Fresh())
}

func TestDirectoryWithoutKeepIsThrownAway(t *testing.T) {
	t.Parallel()
	opts := testOptions(t)
	first := start(t, opts, "key")
	execute(t, first, "CREATE TABLE half ()")
	require.NoError(t, first.Stop())
	second := start(t, opts, "key")
	require.True(t, second.Fresh())
	require.Equal(t, "0", query(t, second, "SELECT count(*)::text FROM pg_class WHERE relname = 'half'"))
}
