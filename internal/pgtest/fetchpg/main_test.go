package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeNPM puts an npm on PATH that "packs" the given files, and returns the file in which it counts its calls.
func fakeNPM(t *testing.T, files map[string]string) (calls string) {
	t.Helper()
	dir := t.TempDir()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	tape := tar.NewWriter(zip)
	for name, content := range files {
		require.NoError(t, tape.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg}))
		_, err := tape.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, tape.Close())
	require.NoError(t, zip.Close())
	archive := filepath.Join(dir, "archive")
	require.NoError(t, os.WriteFile(archive, b.Bytes(), 0o644))
	calls = filepath.Join(dir, "calls")
	script := "#!/bin/sh\necho \"$@\" >> " + calls + "\ncp " + archive + " package.tgz\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "npm"), []byte(script), 0o755))
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return calls
}

func TestFetch(t *testing.T) {
	calls := fakeNPM(t, map[string]string{
		"package/package.json":             "{}",
		"package/native/bin/postgres":      "server",
		"package/native/lib/libpq.so.5.18": "library",
		"package/native/pg-symlinks.json":  `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`,
	})
	dir := filepath.Join(t.TempDir(), "postgres")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-dir", dir, "18"}, &out, &out))
	require.Equal(t, "fetched "+filepath.Join(dir, "18", "bin")+"\n", out.String())
	library, err := os.ReadFile(filepath.Join(dir, "18/lib/libpq.so.5"))
	require.NoError(t, err)
	require.Equal(t, "library", string(library))
	require.NoFileExists(t, filepath.Join(dir, "18/package.json"))

	require.NoError(t, run(t.Context(), []string{"-dir", dir, "18"}, &out, &out))
	log, err := os.ReadFile(calls)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(log), "\n"), "what is there is not fetched again")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "no temporary folder stays")
}

func TestFetchFailures(t *testing.T) {
	for _, test := range []struct {
		name  string
		files map[string]string
		args  []string
		want  string
	}{
		{"unknown version", nil, []string{"9"}, "no PostgreSQL 9: known are 13, 14"},
		{"link out of the folder", map[string]string{
			"package/native/pg-symlinks.json": `[{"source":"../../etc/passwd","target":"native/lib"}]`,
		}, []string{"18"}, "escapes"},
		{"broken list of links", map[string]string{"package/native/pg-symlinks.json": `{`}, []string{"18"}, "pg-symlinks.json"},
	} {
		t.Run(test.name, func(t *testing.T) {
			fakeNPM(t, test.files)
			dir := t.TempDir()
			var out bytes.Buffer
			err := run(t.Context(), append([]string{"-dir", dir}, test.args...), &out, &out)
			require.ErrorContains(t, err, test.want)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}
