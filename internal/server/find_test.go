//go:build unix

package server

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeBin makes a folder of shell scripts.
func fakeBin(t testing.TB, scripts map[string]string) string {
	t.Helper()
	dir := openDir(t)
	writeScripts(t, dir, scripts)
	return dir
}

func writeScripts(t testing.TB, dir string, scripts map[string]string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for name, script := range scripts {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	}
}

// fakePostgres makes a folder that looks like an installation of a version.
func fakePostgres(t testing.TB, dir, version string) string {
	t.Helper()
	writeScripts(t, dir, map[string]string{"postgres": "echo 'postgres (PostgreSQL) " + version + "'", "initdb": "exit 1"})
	return dir
}

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestFind(t *testing.T) {
	t.Parallel()
	root := openDir(t)
	old := fakePostgres(t, filepath.Join(root, "old"), "12.22")
	v15 := fakePostgres(t, filepath.Join(root, "15"), "15.18 (Debian 15.18-0+deb12u1)")
	v17 := fakePostgres(t, filepath.Join(root, "17"), "17.10")
	beta := fakePostgres(t, filepath.Join(root, "beta"), "19beta1")
	standard9 := fakePostgres(t, filepath.Join(root, "lib/9.6/bin"), "9.6.24")
	standard14 := fakePostgres(t, filepath.Join(root, "lib/14/bin"), "14.23")
	standard18 := fakePostgres(t, filepath.Join(root, "lib/18/bin"), "18.4")
	require.DirExists(t, standard9)
	cacheDir := filepath.Join(root, "cache")
	cached16 := fakePostgres(t, filepath.Join(cacheDir, "postgres/16.14.0/bin"), "16.14")
	cached9 := fakePostgres(t, filepath.Join(cacheDir, "postgres/16.9.0/bin"), "16.9")
	require.DirExists(t, cached9)
	links := filepath.Join(root, "links")
	require.NoError(t, os.Mkdir(links, 0o755))
	require.NoError(t, os.Symlink(filepath.Join(v17, "postgres"), filepath.Join(links, "postgres")))
	client := fakeBin(t, map[string]string{"psql": "", "pg_config": "echo " + v17})
	noInitdb := fakeBin(t, map[string]string{"postgres": "echo 'postgres (PostgreSQL) 15.1'"})
	broken := fakeBin(t, map[string]string{"postgres": "echo 'no such library' >&2; exit 127", "initdb": ""})
	strange := fakeBin(t, map[string]string{"postgres": "echo 'cockroach 1.0'", "initdb": ""})
	notExecutable := openDir(t)
	require.NoError(t, os.WriteFile(filepath.Join(notExecutable, "postgres"), nil, 0o644))
	standard := filepath.Join(root, "lib/*/bin")

	for _, test := range []struct {
		name     string
		opts     Options
		env      map[string]string
		standard string
		want     Binaries // zero: not found
		err      string
	}{
		{
			name: "flag", opts: Options{BinDir: v15}, env: map[string]string{"PGWRIGHT_POSTGRES_BIN": v17, "PATH": v17},
			want: Binaries{v15, "15.18", 15, "--postgres-bin"},
		},
		{
			name: "flag with the root of an installation", opts: Options{BinDir: filepath.Dir(standard14)},
			want: Binaries{standard14, "14.23", 14, "--postgres-bin"},
		},
		{
			name: "variable", env: map[string]string{"PGWRIGHT_POSTGRES_BIN": v17, "PATH": v15},
			want: Binaries{v17, "17.10", 17, "PGWRIGHT_POSTGRES_BIN"},
		},
		{name: "PATH", env: map[string]string{"PATH": client + ":" + v15 + ":" + v17}, want: Binaries{v15, "15.18", 15, "PATH"}},
		{name: "PATH with a link", env: map[string]string{"PATH": links}, want: Binaries{v17, "17.10", 17, "PATH"}},
		{name: "PATH with a version that is too old", env: map[string]string{"PATH": old + ":" + v15}, want: Binaries{v15, "15.18", 15, "PATH"}},
		{
			name: "PATH with broken ones", env: map[string]string{"PATH": broken + ":" + strange + ":" + noInitdb + ":" + notExecutable + ":" + beta},
			want: Binaries{beta, "19beta1", 19, "PATH"},
		},
		{name: "relative PATH is not used", env: map[string]string{"PATH": ".:../server"}, err: "PATH: nothing there"},
		{name: "pg_config", env: map[string]string{"PATH": client}, want: Binaries{v17, "17.10", 17, "pg_config --bindir"}},
		{name: "wanted major", opts: Options{Version: "17"}, env: map[string]string{"PATH": v15 + ":" + v17}, want: Binaries{v17, "17.10", 17, "PATH"}},
		{name: "wanted minor", opts: Options{Version: "15.18"}, env: map[string]string{"PATH": v17 + ":" + v15}, want: Binaries{v15, "15.18", 15, "PATH"}},
		{name: "standard folder, newest first", standard: standard, want: Binaries{standard18, "18.4", 18, "standard folder"}},
		{name: "standard folder, wanted", opts: Options{Version: "14"}, standard: standard, want: Binaries{standard14, "14.23", 14, "standard folder"}},
		{name: "installed, newest first", opts: Options{CacheDir: cacheDir}, want: Binaries{cached16, "16.14", 16, "pgwright postgres install"}},
		{name: "installed, by variable", env: map[string]string{"PGWRIGHT_CACHE": cacheDir}, want: Binaries{cached16, "16.14", 16, "pgwright postgres install"}},
		{name: "standard before installed", opts: Options{CacheDir: cacheDir}, standard: standard, want: Binaries{standard18, "18.4", 18, "standard folder"}},

		{name: "nothing", err: "no PostgreSQL 13 or newer found"},
		{name: "nothing of the version", opts: Options{Version: "16"}, env: map[string]string{"PATH": v15}, err: "PATH (" + v15 + "): version 15.18, not 16"},
		{name: "flag with no such folder", opts: Options{BinDir: root + "/none"}, env: map[string]string{"PATH": v15}, err: "--postgres-bin (" + root + "/none): no such folder"},
		{name: "flag with client only", opts: Options{BinDir: client}, err: "has the client programs only, no postgres"},
		{name: "flag with an empty folder", opts: Options{BinDir: t.TempDir()}, err: "has no postgres program"},
		{name: "flag without initdb", opts: Options{BinDir: noInitdb}, err: "has postgres but no initdb"},
		{name: "flag with an old version", opts: Options{BinDir: old}, err: "version 12.22 is too old: 13 is the oldest supported"},
		{name: "flag with another version", opts: Options{BinDir: v15, Version: "17"}, err: "version 15.18, not 17"},
		{name: "program that fails", opts: Options{BinDir: broken}, err: "postgres --version: exit status 127: no such library"},
		{name: "program that is something else", opts: Options{BinDir: strange}, err: `postgres --version says "cockroach 1.0"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := test.opts
			opts.Env = environment(test.env)
			opts.standard = []string{test.standard}
			bin, err := Find(t.Context(), opts)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				var notFound *NotFoundError
				require.True(t, errors.As(err, &notFound))
				for _, way := range []string{"package manager", "--postgres-bin or PGWRIGHT_POSTGRES_BIN", "pgwright postgres install"} {
					require.ErrorContains(t, err, way)
				}
				return
			}
			require.NoError(t, err)
			require.Equal(t, &test.want, bin)
		})
	}
}

func TestFindRealInstallation(t *testing.T) {
	t.Parallel()
	bin, err := Find(t.Context(), sharedOptions(t))
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(bin.Dir, "initdb"))
	require.GreaterOrEqual(t, bin.Major, MinMajor)
	real, err := filepath.EvalSymlinks(filepath.Join(bin.Dir, "postgres"))
	require.NoError(t, err)
	require.Equal(t, filepath.Join(bin.Dir, "postgres"), real)
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	root := openDir(t)
	v15 := fakePostgres(t, filepath.Join(root, "15"), "15.18")
	v17 := fakePostgres(t, filepath.Join(root, "lib/17/bin"), "17.10")
	old := fakePostgres(t, filepath.Join(root, "lib/12/bin"), "12.22")
	writeScripts(t, v15, map[string]string{"pg_config": "echo " + v15})
	opts := Options{
		Env:      environment(map[string]string{"PATH": v15}),
		CacheDir: filepath.Join(root, "cache"),
		standard: []string{filepath.Join(root, "lib/*/bin")},
	}
	require.Equal(t, []Candidate{
		{Source: "PATH", Dir: v15, Version: "15.18", Used: true},
		{Source: "pg_config --bindir", Dir: v15, Version: "15.18", Reason: "the same as PATH"},
		{Source: "standard folder", Dir: v17, Version: "17.10", Reason: "an earlier one is used"},
		{Source: "standard folder", Dir: old, Version: "12.22", Reason: "version 12.22 is too old: 13 is the oldest supported"},
		{Source: "pgwright postgres install", Reason: "nothing there"},
	}, Candidates(t.Context(), opts))
}

// Root's server runs as another user, who must be able to reach the programs and the cache.
func TestUnreachableFolders(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		// Without root the server runs as the user who made the folders; what is left to test is that they are accepted.
		dir := t.TempDir()
		account, err := serverAccount()
		require.NoError(t, err)
		require.NoError(t, account.canEnter(dir))
		return
	}
	private := t.TempDir() // of mode 0700
	require.NoError(t, os.Chmod(private, 0o700))
	fakePostgres(t, filepath.Join(private, "bin"), "15.18")
	_, err := Find(t.Context(), Options{BinDir: filepath.Join(private, "bin"), Env: environment(nil)})
	require.ErrorContains(t, err, ", as which the server runs, cannot enter "+filepath.Dir(private))

	opts := emptyOptions(t)
	opts.CacheDir = filepath.Join(private, "cache")
	_, err = Start(t.Context(), opts, "")
	require.ErrorContains(t, err, "cannot enter")
	require.NoDirExists(t, opts.CacheDir)
}

func TestCacheRoots(t *testing.T) {
	t.Parallel()
	self := account{}
	fallback := filepath.Join(os.TempDir(), "pgwright-"+strconv.Itoa(os.Geteuid()))
	for _, test := range []struct {
		name string
		opts Options
		env  map[string]string
		want []string
	}{
		{"option", Options{CacheDir: "/c"}, map[string]string{"PGWRIGHT_CACHE": "/e", "HOME": "/h"}, []string{"/c"}},
		{"variable", Options{}, map[string]string{"PGWRIGHT_CACHE": "/e", "HOME": "/h"}, []string{"/e"}},
		{"no home", Options{}, nil, []string{fallback}},
		{"relative home", Options{}, map[string]string{"HOME": "h"}, []string{fallback}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.opts.Env = environment(test.env)
			roots, err := test.opts.cacheRoots(self)
			require.NoError(t, err)
			require.Equal(t, test.want, roots)
		})
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, line := range []string{
		"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "postgres (PostgreSQL) 18beta2", "postgres (PostgreSQL) 99999999999999999999", "",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		version, major, err := parseVersion(line)
		if err == nil {
			require.Regexp(t, `^[0-9]+[.0-9a-z]*$`, version)
			require.GreaterOrEqual(t, major, 0)
		}
	})
}
