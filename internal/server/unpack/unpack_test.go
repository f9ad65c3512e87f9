package unpack_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/server/unpack"
)

type entry struct {
	name, content, link string
	kind                byte
	mode                int64
}

func dir(name string) entry { return entry{name: name, kind: tar.TypeDir, mode: 0o755} }
func file(name, content string) entry {
	return entry{name: name, content: content, kind: tar.TypeReg, mode: 0o644}
}
func program(name, content string) entry {
	return entry{name: name, content: content, kind: tar.TypeReg, mode: 0o4751}
}
func symlink(name, to string) entry {
	return entry{name: name, link: to, kind: tar.TypeSymlink, mode: 0o777}
}
func hardlink(name, to string) entry {
	return entry{name: name, link: to, kind: tar.TypeLink, mode: 0o644}
}

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	tape := tar.NewWriter(zip)
	for _, e := range entries {
		require.NoError(t, tape.WriteHeader(&tar.Header{
			Name: e.name, Linkname: e.link, Typeflag: e.kind, Mode: e.mode, Size: int64(len(e.content)),
		}))
		_, err := tape.Write([]byte(e.content))
		require.NoError(t, err)
	}
	require.NoError(t, tape.Close())
	require.NoError(t, zip.Close())
	return b.Bytes()
}

func TestTarGz(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := archive(t,
		dir("top/"), file("README", "outside of the prefix"), dir("top/bin/"), program("top/bin/postgres", "server"),
		file("./top/share/postgres.bki", "catalog"), symlink("top/lib/libpq.so", "libpq.so.5"), file("top/lib/libpq.so.5", "library"),
		hardlink("top/lib/copy", "top/lib/libpq.so.5"), symlink("top/bin/up", "../share"),
	)
	require.NoError(t, unpack.TarGz(t.Context(), bytes.NewReader(text), folder, "top", unpack.Defaults()))
	for name, want := range map[string]string{
		"bin/postgres": "server", "share/postgres.bki": "catalog", "lib/libpq.so": "library", "lib/copy": "library",
		"bin/up/postgres.bki": "catalog",
	} {
		got, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, want, string(got), name)
	}
	require.NoFileExists(t, filepath.Join(folder, "README"))
	info, err := os.Stat(filepath.Join(folder, "bin/postgres"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o755), info.Mode()&(fs.ModePerm|fs.ModeSetuid), "executable for all, but with no special rights")
	info, err = os.Stat(filepath.Join(folder, "lib/copy"))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o644), info.Mode())
}

func TestTarGzRefuses(t *testing.T) {
	t.Parallel()
	small := unpack.Limits{Bytes: 10, Entries: 3}
	for _, test := range []struct {
		name    string
		entries []entry
		want    string
	}{
		{"parent folder", []entry{file("../escaped", "x")}, "leaves the folder"},
		{"parent folder inside", []entry{file("a/../../escaped", "x")}, "leaves the folder"},
		{"parent folder that comes back", []entry{file("a/../b", "x")}, "leaves the folder"},
		{"absolute name", []entry{file("/escaped", "x")}, "leaves the folder"},
		{"backslashes", []entry{file(`..\escaped`, "x")}, "leaves the folder"},
		{"absolute link", []entry{symlink("l", "/etc/passwd")}, "leaves the folder"},
		{"link out", []entry{symlink("a/l", "../../escaped")}, "leaves the folder"},
		{"link to itself", []entry{symlink("l", ".")}, "leaves the folder"},
		{"file through a link", []entry{symlink("l", "target"), file("l", "x")}, "exists"},
		{"links that lead out together", []entry{symlink("a/b/l", "../.."), symlink("m", "a/b/l/..")}, "leaves the folder"},
		{"link made through a link", []entry{symlink("a/b/s", "../.."), symlink("a/b/s/l", "../../..")}, "leaves the folder"},
		{"links in a circle", []entry{symlink("a", "b"), symlink("b", "a")}, "leaves the folder"},
		{"hard link out", []entry{hardlink("h", "../../etc/passwd")}, "leaves the folder"},
		{"hard link to nothing", []entry{hardlink("h", "nothing")}, "no such file"},
		{"hard link to a link", []entry{symlink("l", "x"), hardlink("h", "l")}, "no file"},
		{"device", []entry{{name: "d", kind: tar.TypeChar}}, "not allowed"},
		{"pipe", []entry{{name: "p", kind: tar.TypeFifo}}, "not allowed"},
		{"same file twice", []entry{file("a", "x"), file("a", "y")}, "exists"},
		{"too large file", []entry{file("a", "12345678901")}, "more than 10 bytes"},
		{"too large together", []entry{file("a", "123456"), file("b", "123456")}, "more than 10 bytes"},
		{"too many entries", []entry{dir("a"), dir("b"), dir("c"), dir("d")}, "more than 3 entries"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outer := t.TempDir()
			folder := filepath.Join(outer, "in")
			require.NoError(t, os.Mkdir(folder, 0o755))
			err := unpack.TarGz(t.Context(), bytes.NewReader(archive(t, test.entries...)), folder, "", small)
			require.ErrorContains(t, err, test.want)
			left, err := os.ReadDir(outer)
			require.NoError(t, err)
			require.Len(t, left, 1, "nothing is written beside the folder")
		})
	}
}

func TestTarGzBrokenStream(t *testing.T) {
	t.Parallel()
	whole := archive(t, file("a", strings.Repeat("content", 1000)), file("b", "x"))
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // in the checksum at the end
	for _, test := range []struct {
		name string
		text []byte
		want string
	}{
		{"empty", nil, "EOF"},
		{"not gzip", []byte("<html>not found</html>"), "invalid header"},
		{"cut off", whole[:len(whole)-20], "unexpected EOF"},
		{"wrong checksum", flipped, "checksum"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := unpack.TarGz(t.Context(), bytes.NewReader(test.text), t.TempDir(), "", unpack.Defaults())
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestTarGzStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := unpack.TarGz(ctx, bytes.NewReader(archive(t, file("a", "x"))), t.TempDir(), "", unpack.Defaults())
	require.ErrorIs(t, err, context.Canceled)
}

func TestTarGzReportsAReadError(t *testing.T) {
	t.Parallel()
	text := archive(t, file("a", strings.Repeat("x", 100)))
	err := unpack.TarGz(t.Context(), iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(text))), t.TempDir(), "", unpack.Defaults())
	require.ErrorIs(t, err, iotest.ErrTimeout)
}

// FuzzTarGz unpacks arbitrary tar entries and checks that nothing appears outside, also not through the links it made.
func FuzzTarGz(f *testing.F) {
	f.Add("a/b", "../..", "m", "a/b/l/..", "m/escaped")
	f.Add("l", "x", "x/y", "..", "l/../z")
	f.Add("a", ".", "a/b", "/etc", "..")
	f.Fuzz(func(t *testing.T, link1, to1, link2, to2, name string) {
		outer := t.TempDir()
		folder := filepath.Join(outer, "in")
		require.NoError(t, os.Mkdir(folder, 0o755))
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		tape := tar.NewWriter(zip)
		for _, e := range []entry{symlink(link1, to1), symlink(link2, to2), file(name, "x")} {
			header := &tar.Header{Name: e.name, Linkname: e.link, Typeflag: e.kind, Mode: e.mode, Size: int64(len(e.content))}
			if tape.WriteHeader(header) != nil {
				return // the format cannot hold such a name
			}
			_, err := tape.Write([]byte(e.content))
			require.NoError(t, err)
		}
		require.NoError(t, tape.Close())
		require.NoError(t, zip.Close())
		err := unpack.TarGz(t.Context(), &b, folder, "", unpack.Limits{Bytes: 1 << 10, Entries: 10})
		left, readErr := os.ReadDir(outer)
		require.NoError(t, readErr)
		require.Len(t, left, 1)
		if err != nil {
			return
		}
		real, err := filepath.EvalSymlinks(folder)
		require.NoError(t, err)
		require.NoError(t, filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			require.NoError(t, err)
			if d.Type()&fs.ModeSymlink == 0 {
				return nil
			}
			target, err := filepath.EvalSymlinks(path)
			if err == nil {
				require.True(t, target == real || strings.HasPrefix(target, real+"/"), "%s leads to %s", path, target)
			}
			return nil
		}))
	})
}
