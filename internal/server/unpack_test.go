package server

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
)

type tarEntry struct {
	name, content, link string
	kind                byte
	mode                int64
}

func tarDir(name string) tarEntry { return tarEntry{name: name, kind: tar.TypeDir, mode: 0o755} }
func tarFile(name, content string) tarEntry {
	return tarEntry{name: name, content: content, kind: tar.TypeReg, mode: 0o644}
}

func tarProgram(name, content string) tarEntry {
	return tarEntry{name: name, content: content, kind: tar.TypeReg, mode: 0o4751}
}

func tarSymlink(name, to string) tarEntry {
	return tarEntry{name: name, link: to, kind: tar.TypeSymlink, mode: 0o777}
}

func tarLink(name, to string) tarEntry {
	return tarEntry{name: name, link: to, kind: tar.TypeLink, mode: 0o644}
}

func tarGz(t testing.TB, entries ...tarEntry) []byte {
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

func TestUnpack(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := tarGz(t,
		tarDir("top/"), tarFile("README", "outside of the prefix"), tarDir("top/bin/"), tarProgram("top/bin/postgres", "server"),
		tarFile("./top/share/postgres.bki", "catalog"), tarSymlink("top/lib/libpq.so", "libpq.so.5"), tarFile("top/lib/libpq.so.5", "library"),
		tarLink("top/lib/copy", "top/lib/libpq.so.5"), tarSymlink("top/bin/up", "../share"),
	)
	require.NoError(t, unpack(t.Context(), bytes.NewReader(text), folder, "top", defaultUnpackLimits()))
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

func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	small := unpackLimits{bytes: 10, entries: 3}
	for _, test := range []struct {
		name    string
		entries []tarEntry
		want    string
	}{
		{"parent folder", []tarEntry{tarFile("../escaped", "x")}, "leaves the folder"},
		{"parent folder inside", []tarEntry{tarFile("a/../../escaped", "x")}, "leaves the folder"},
		{"parent folder that comes back", []tarEntry{tarFile("a/../b", "x")}, "leaves the folder"},
		{"absolute name", []tarEntry{tarFile("/escaped", "x")}, "leaves the folder"},
		{"backslashes", []tarEntry{tarFile(`..\escaped`, "x")}, "leaves the folder"},
		{"absolute link", []tarEntry{tarSymlink("l", "/etc/passwd")}, "leaves the folder"},
		{"link out", []tarEntry{tarSymlink("a/l", "../../escaped")}, "leaves the folder"},
		{"link to itself", []tarEntry{tarSymlink("l", ".")}, "leaves the folder"},
		{"file through a link", []tarEntry{tarSymlink("l", "target"), tarFile("l", "x")}, "exists"},
		{"links that lead out together", []tarEntry{tarSymlink("a/b/l", "../.."), tarSymlink("m", "a/b/l/..")}, "leaves the folder"},
		{"link made through a link", []tarEntry{tarSymlink("a/b/s", "../.."), tarSymlink("a/b/s/l", "../../..")}, "leaves the folder"},
		{"links in a circle", []tarEntry{tarSymlink("a", "b"), tarSymlink("b", "a")}, "leaves the folder"},
		{"hard link out", []tarEntry{tarLink("h", "../../etc/passwd")}, "leaves the folder"},
		{"hard link to nothing", []tarEntry{tarLink("h", "nothing")}, "no such file"},
		{"hard link to a link", []tarEntry{tarSymlink("l", "x"), tarLink("h", "l")}, "no file"},
		{"device", []tarEntry{{name: "d", kind: tar.TypeChar}}, "not allowed"},
		{"pipe", []tarEntry{{name: "p", kind: tar.TypeFifo}}, "not allowed"},
		{"same file twice", []tarEntry{tarFile("a", "x"), tarFile("a", "y")}, "exists"},
		{"too large file", []tarEntry{tarFile("a", "12345678901")}, "more than 10 bytes"},
		{"too large together", []tarEntry{tarFile("a", "123456"), tarFile("b", "123456")}, "more than 10 bytes"},
		{"too many entries", []tarEntry{tarDir("a"), tarDir("b"), tarDir("c"), tarDir("d")}, "more than 3 entries"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outer := t.TempDir()
			folder := filepath.Join(outer, "in")
			require.NoError(t, os.Mkdir(folder, 0o755))
			err := unpack(t.Context(), bytes.NewReader(tarGz(t, test.entries...)), folder, "", small)
			require.ErrorContains(t, err, test.want)
			left, err := os.ReadDir(outer)
			require.NoError(t, err)
			require.Len(t, left, 1, "nothing is written beside the folder")
		})
	}
}

func TestUnpackBrokenStream(t *testing.T) {
	t.Parallel()
	whole := tarGz(t, tarFile("a", strings.Repeat("content", 1000)), tarFile("b", "x"))
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
			err := unpack(t.Context(), bytes.NewReader(test.text), t.TempDir(), "", defaultUnpackLimits())
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestUnpackStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := unpack(ctx, bytes.NewReader(tarGz(t, tarFile("a", "x"))), t.TempDir(), "", defaultUnpackLimits())
	require.ErrorIs(t, err, context.Canceled)
}

func TestUnpackReportsAReadError(t *testing.T) {
	t.Parallel()
	text := tarGz(t, tarFile("a", strings.Repeat("x", 100)))
	err := unpack(t.Context(), iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader(text))), t.TempDir(), "", defaultUnpackLimits())
	require.ErrorIs(t, err, iotest.ErrTimeout)
}

// FuzzUnpack unpacks arbitrary tar entries and checks that nothing appears outside, also not through the links it made.
func FuzzUnpack(f *testing.F) {
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
		for _, e := range []tarEntry{tarSymlink(link1, to1), tarSymlink(link2, to2), tarFile(name, "x")} {
			header := &tar.Header{Name: e.name, Linkname: e.link, Typeflag: e.kind, Mode: e.mode, Size: int64(len(e.content))}
			if tape.WriteHeader(header) != nil {
				return // the format cannot hold such a name
			}
			_, err := tape.Write([]byte(e.content))
			require.NoError(t, err)
		}
		require.NoError(t, tape.Close())
		require.NoError(t, zip.Close())
		err := unpack(t.Context(), &b, folder, "", unpackLimits{bytes: 1 << 10, entries: 10})
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
