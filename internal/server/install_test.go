//go:build unix

package server

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const testPlatform = "x86_64-unknown-linux-gnu"

// releaseServer serves files by their path, and counts the requests for each.
type releaseServer struct {
	*httptest.Server
	files    map[string][]byte
	requests sync.Map // path to *atomic.Int64
}

func newReleaseServer(t testing.TB, files map[string][]byte) *releaseServer {
	t.Helper()
	s := &releaseServer{files: files}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.count(r.URL.Path).Add(1)
		content, ok := s.files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		if _, err := w.Write(content); err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *releaseServer) count(path string) *atomic.Int64 {
	n, _ := s.requests.LoadOrStore(path, new(atomic.Int64))
	return n.(*atomic.Int64)
}

func assetPath(version string) string {
	return "/" + version + "/postgresql-" + version + "-" + testPlatform + ".tar.gz"
}

func sumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// fakeRelease is a published release whose programs are scripts.
func fakeRelease(t testing.TB, version string) map[string][]byte {
	t.Helper()
	top := "postgresql-" + version + "-" + testPlatform
	printed, _ := strings.CutSuffix(version, ".0")
	archive := tarGz(t,
		tarDir(top+"/"), tarDir(top+"/bin/"),
		tarProgram(top+"/bin/postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) "+printed+"'\n"),
		tarProgram(top+"/bin/initdb", "#!/bin/sh\nexit 1\n"),
		tarFile(top+"/share/postgres.bki", strings.Repeat("catalog ", 10_000)),
	)
	return releaseOf(version, archive)
}

func releaseOf(version string, archive []byte) map[string][]byte {
	name := assetPath(version)
	return map[string][]byte{
		name:             archive,
		name + ".sha256": []byte(sumOf(archive) + "  " + path.Base(name) + "\n"),
	}
}

func installOptions(t testing.TB, s *releaseServer, version string) InstallOptions {
	t.Helper()
	return InstallOptions{
		Version: version, BaseURL: s.URL, CacheDir: filepath.Join(openDir(t), "cache"), Platform: testPlatform,
		Env: environment(nil),
	}
}

// installed lists what an installation left in the cache, besides lock files.
func installed(t testing.TB, opts InstallOptions) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(opts.CacheDir, "postgres"))
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".lock") {
			names = append(names, f.Name())
		}
	}
	return names
}

func TestInstall(t *testing.T) {
	t.Parallel()
	server := newReleaseServer(t, fakeRelease(t, "17.2.0"))
	opts := installOptions(t, server, "17.2")
	var progress []int64
	total := int64(len(server.files[assetPath("17.2.0")]))
	opts.Progress = func(done, of int64) {
		require.Equal(t, total, of)
		progress = append(progress, done)
	}
	want := &Binaries{
		Dir: filepath.Join(opts.CacheDir, "postgres/17.2.0/bin"), Version: "17.2", Major: 17, Source: "pgwright postgres install",
	}
	bin, err := Install(t.Context(), opts)
	require.NoError(t, err)
	require.Equal(t, want, bin)
	require.NotEmpty(t, progress)
	require.Equal(t, total, progress[len(progress)-1])
	require.Equal(t, []string{"17.2.0"}, installed(t, opts))

	found, err := Find(t.Context(), Options{CacheDir: opts.CacheDir, Env: environment(nil), standard: []string{""}})
	require.NoError(t, err)
	require.Equal(t, want, found)

	again, err := Install(t.Context(), opts)
	require.NoError(t, err)
	require.Equal(t, want, again)
	require.EqualValues(t, 1, server.count(assetPath("17.2.0")).Load(), "what is there is not fetched again")
}

func TestInstallByVariable(t *testing.T) {
	t.Parallel()
	newest := InstallVersions()[0]
	server := newReleaseServer(t, fakeRelease(t, newest))
	opts := installOptions(t, server, "")
	opts.BaseURL = ""
	opts.Env = environment(map[string]string{"PGWRIGHT_POSTGRES_URL": server.URL + "/", "PGWRIGHT_CACHE": opts.CacheDir})
	dir := opts.CacheDir
	opts.CacheDir = ""
	bin, err := Install(t.Context(), opts)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "postgres", newest, "bin"), bin.Dir)
}

func TestInstallRepairsADamagedOne(t *testing.T) {
	t.Parallel()
	server := newReleaseServer(t, fakeRelease(t, "17.2.0"))
	opts := installOptions(t, server, "17.2.0")
	bin, err := Install(t.Context(), opts)
	require.NoError(t, err)
	require.NoError(t, os.Remove(bin.program("initdb")))
	// And an attempt that was killed left this behind.
	require.NoError(t, os.MkdirAll(filepath.Join(opts.CacheDir, "postgres/.17.2.0/tree/bin"), 0o755))
	again, err := Install(t.Context(), opts)
	require.NoError(t, err)
	require.Equal(t, bin, again)
	require.FileExists(t, bin.program("initdb"))
	require.Equal(t, []string{"17.2.0"}, installed(t, opts))
}

func TestInstallAtOnce(t *testing.T) {
	t.Parallel()
	server := newReleaseServer(t, fakeRelease(t, "17.2.0"))
	opts := installOptions(t, server, "17.2.0")
	errs := make(chan error, 5)
	for range cap(errs) {
		go func() {
			_, err := Install(t.Context(), opts)
			errs <- err
		}()
	}
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	require.EqualValues(t, 1, server.count(assetPath("17.2.0")).Load(), "one fetches, the others wait")
}

func TestInstallFailures(t *testing.T) {
	t.Parallel()
	good := fakeRelease(t, "17.2.0")
	name := assetPath("17.2.0")
	archive := good[name]
	with := func(path string, content []byte) map[string][]byte {
		files := map[string][]byte{}
		for p, c := range good {
			files[p] = c
		}
		if content == nil {
			delete(files, path)
		} else {
			files[path] = content
		}
		return files
	}
	damaged := bytes.Clone(archive)
	damaged[len(damaged)/2] ^= 1
	top := "postgresql-17.2.0-" + testPlatform
	for _, test := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"nothing published", nil, "PostgreSQL 17.2.0 is not published for " + testPlatform + "; known versions are 18.4.0, "},
		{"archive missing", with(name, nil), "is not published"},
		{"damaged archive", with(name, damaged), "the download is damaged or was tampered with"},
		{"archive cut off", with(name, archive[:len(archive)/2]), "the download is damaged or was tampered with"},
		{"no sum in the checksum file", with(name+".sha256", []byte("<html>welcome</html>")), "checksum file has 0 SHA-256 sums"},
		{"empty checksum file", with(name+".sha256", []byte{}), "checksum file has 0 SHA-256 sums"},
		{"two sums", with(name+".sha256", []byte(sumOf(nil)+"\n"+sumOf(archive)+"\n")), "checksum file has 2 SHA-256 sums"},
		{"no archive but a page", releaseOf("17.2.0", []byte("<html>welcome</html>")), "gzip: invalid header"},
		{"archive that writes elsewhere", releaseOf("17.2.0", tarGz(t, tarFile(top+"/../../escaped", "x"))), "leaves the folder"},
		{"link to elsewhere", releaseOf("17.2.0", tarGz(t, tarSymlink(top+"/bin", "/usr/bin"))), "leaves the folder"},
		{"archive of something else", releaseOf("17.2.0", tarGz(t, tarFile("other/README", "x"))), "does not work here: no such folder"},
		{"programs for another machine", releaseOf("17.2.0", tarGz(t,
			tarProgram(top+"/bin/postgres", "\x7fELF nonsense"), tarProgram(top+"/bin/initdb", "x"))), "does not work here: postgres --version: "},
		{
			"programs without their libraries", releaseOf("17.2.0", tarGz(t,
				tarProgram(top+"/bin/postgres", "#!/bin/sh\necho libicu.so.60: no such file >&2; exit 127"), tarProgram(top+"/bin/initdb", "x"))),
			"does not work here: postgres --version: exit status 127: libicu.so.60",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := installOptions(t, newReleaseServer(t, test.files), "17.2.0")
			_, err := Install(t.Context(), opts)
			require.ErrorContains(t, err, "install PostgreSQL: ")
			require.ErrorContains(t, err, test.want)
			require.Empty(t, installed(t, opts))
			require.NoFileExists(t, filepath.Join(opts.CacheDir, "escaped"))
			require.NoFileExists(t, filepath.Join(opts.CacheDir, "postgres/escaped"))
		})
	}
}

func TestInstallOverABadLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		handle http.HandlerFunc
		want   string
	}{
		{"server error", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
		}, "the server answered 503 Service Unavailable"},
		{"connection cut", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, "half")
		}, "unexpected EOF"},
		{"archive too large", func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, ".sha256") {
				_, _ = io.WriteString(w, sumOf(nil))
				return
			}
			w.Header().Set("Content-Length", strconv.Itoa(maxArchiveBytes+1))
		}, "is too large"},
		{"redirect in a circle", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, "stopped after 10 redirects"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.handle)
			t.Cleanup(server.Close)
			opts := installOptions(t, &releaseServer{Server: server}, "17.2.0")
			_, err := Install(t.Context(), opts)
			require.ErrorContains(t, err, test.want)
			require.Empty(t, installed(t, opts))
		})
	}
	t.Run("no server", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(nil)
		server.Close()
		opts := installOptions(t, &releaseServer{Server: server}, "17.2.0")
		_, err := Install(t.Context(), opts)
		require.ErrorContains(t, err, "connection refused")
		require.Empty(t, installed(t, opts))
	})
	t.Run("from https to http", func(t *testing.T) {
		t.Parallel()
		plain := newReleaseServer(t, fakeRelease(t, "17.2.0"))
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, plain.URL+r.URL.Path, http.StatusFound)
		}))
		t.Cleanup(server.Close)
		opts := installOptions(t, &releaseServer{Server: server}, "17.2.0")
		opts.Client = server.Client()
		_, err := Install(t.Context(), opts)
		require.ErrorContains(t, err, "refused to be sent from https to http://")
	})
}

func TestInstallCancelled(t *testing.T) {
	t.Parallel()
	files := fakeRelease(t, "17.2.0")
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content := files[r.URL.Path]
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			_, _ = w.Write(content)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:len(content)/2])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	opts := installOptions(t, &releaseServer{Server: server}, "17.2.0")
	begin := time.Now()
	_, err := Install(ctx, opts)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(begin), 10*time.Second)
	require.Empty(t, installed(t, opts))
}

func TestInstallOnAFullDisk(t *testing.T) {
	t.Parallel()
	top := "postgresql-17.2.0-" + testPlatform
	incompressible := make([]byte, 200<<10)
	for i, state := 0, uint32(1); i < len(incompressible); i++ {
		state = state*1664525 + 1013904223
		incompressible[i] = byte(state >> 24)
	}
	for _, test := range []struct {
		name    string
		content string
	}{
		{"while fetching", string(incompressible)},
		{"while unpacking", strings.Repeat("x", 200<<10)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := newReleaseServer(t, releaseOf("17.2.0", tarGz(t, tarFile(top+"/share/large", test.content))))
			opts := installOptions(t, server, "17.2.0")
			limited := func(cmd *exec.Cmd) {
				cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `ulimit -f 100; exec "$0"`, cmd.Path}
			}
			h := runHelper(t, helperTask{Do: "install", CacheDir: opts.CacheDir, BaseURL: server.URL}, limited)
			require.Contains(t, h.Error, "file too large")
			h.finish(t)
			require.Empty(t, installed(t, opts))
		})
	}
}

// The archive is made of the PostgreSQL that the tests use; installed elsewhere it has to run.
func TestInstallTheRealThing(t *testing.T) {
	t.Parallel()
	sharedOptions(t) // finds the binaries
	version := sharedCache.bin.Version + ".0"
	top := "postgresql-" + version + "-" + testPlatform
	server := newReleaseServer(t, releaseOf(version, packPostgres(t, sharedCache.bin, top)))
	opts := installOptions(t, server, version)
	bin, err := Install(t.Context(), opts)
	require.NoError(t, err)
	require.Equal(t, sharedCache.bin.Version, bin.Version)
	require.NotEqual(t, sharedCache.bin.Dir, bin.Dir)

	s := start(t, Options{CacheDir: opts.CacheDir, Env: environment(nil), standard: []string{""}, Log: testLog{t}}, "")
	require.Equal(t, bin, s.Binaries())
	require.Equal(t, "2", query(t, s.URL("postgres"), "SELECT (1 + 1)::text"))
	require.NoError(t, s.Stop())
}

// packPostgres makes an archive of an installation, with what a server needs to run. Where the distribution keeps the
// shared files elsewhere (Debian) the programs go on finding them there.
func packPostgres(t testing.TB, bin *Binaries, top string) []byte {
	t.Helper()
	var b bytes.Buffer
	zip, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	require.NoError(t, err)
	tape := tar.NewWriter(zip)
	prefix := filepath.Dir(bin.Dir)
	for _, part := range []string{"bin/postgres", "bin/initdb", "lib", "share"} {
		root := filepath.Join(prefix, part)
		if _, err := os.Stat(root); err != nil {
			continue
		}
		require.NoError(t, filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && (d.Name() == "pgxs" || d.Name() == "bitcode" || d.Name() == "doc" || d.Name() == "man") {
				return filepath.SkipDir
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			link := ""
			if d.Type()&fs.ModeSymlink != 0 {
				if link, err = os.Readlink(file); err != nil || filepath.IsAbs(link) {
					return err
				}
			}
			header, err := tar.FileInfoHeader(info, link)
			if err != nil {
				return err
			}
			relative, err := filepath.Rel(prefix, file)
			if err != nil {
				return err
			}
			header.Name = top + "/" + filepath.ToSlash(relative)
			if err := tape.WriteHeader(header); err != nil || !info.Mode().IsRegular() {
				return err
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			_, err = tape.Write(content)
			return err
		}))
	}
	require.NoError(t, tape.Close())
	require.NoError(t, zip.Close())
	return b.Bytes()
}

func TestFullVersion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ asked, want, err string }{
		{"", "18.4.0", ""},
		{"18", "18.4.0", ""},
		{"17", "17.10.0", ""},
		{"13", "13.23.0", ""},
		{"17.2", "17.2.0", ""},
		{"17.2.1", "17.2.1", ""},
		{"19.0.0", "19.0.0", ""},
		{"99", "", "no release of PostgreSQL 99 is known: give a full version, or one of 18.4.0, 17.10.0, "},
		{"12", "", "too old: 13 is the oldest supported"},
		{"9.6.1", "", "too old"},
		{"17.2.1.0", "", "is not of the form"},
		{"latest", "", "is not of the form"},
		{"../17", "", "is not of the form"},
		{"17/..", "", "is not of the form"},
		{" 17", "", "is not of the form"},
		{"17.", "", "is not of the form"},
		{"99999999999999999999", "", "is not of the form"},
	} {
		t.Run(test.asked, func(t *testing.T) {
			t.Parallel()
			got, err := fullVersion(test.asked)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestParseSum(t *testing.T) {
	t.Parallel()
	sum := sumOf([]byte("x"))
	spaced := spacedSum(sum)
	for _, test := range []struct{ name, text, err string }{
		{"sum and file", sum + "  postgresql.tar.gz\n", ""},
		{"binary mode", sum + " *postgresql.tar.gz\n", ""},
		{"sum alone", sum, ""},
		{"capitals", strings.ToUpper(sum) + "\n", ""},
		{"tagged", "SHA256 (postgresql.tar.gz) = " + sum + "\n", ""},
		{"certutil", "SHA256 hash of postgresql.tar.gz:\r\n" + sum + "\r\nCertUtil: -hashfile command completed successfully.\r\n", ""},
		{"old certutil", "SHA256 hash of file postgresql.tar.gz:\r\n" + spaced + "\r\nCertUtil: -hashfile command completed successfully.\r\n", ""},
		{"same twice", sum + "\n" + sum + "\n", ""},
		{"nothing", "", "0 SHA-256 sums"},
		{"too short", sum[:63], "0 SHA-256 sums"},
		{"too long", sum + "0", "0 SHA-256 sums"},
		{"two", sum + "\n" + sumOf(nil), "2 SHA-256 sums"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseSum(test.text)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, sum, got)
		})
	}
}

func spacedSum(sum string) string {
	var bytes []string
	for i := 0; i < len(sum); i += 2 {
		bytes = append(bytes, sum[i:i+2])
	}
	return strings.Join(bytes, " ")
}

func FuzzParseSum(f *testing.F) {
	f.Add(sumOf(nil) + "  file\n")
	f.Add(spacedSum(sumOf(nil)))
	f.Fuzz(func(t *testing.T, text string) {
		sum, err := parseSum(text)
		if err == nil {
			require.Regexp(t, `^[0-9a-f]{64}$`, sum)
		}
	})
}

func TestPlatform(t *testing.T) {
	t.Parallel()
	got, err := platform()
	require.NoError(t, err)
	require.Regexp(t, `^(x86_64|aarch64)-(unknown-linux-(gnu|musl)|apple-darwin)$`, got)
}

func TestUsesMusl(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		files []string
		want  bool
	}{
		{"Debian", []string{"lib64/ld-linux-x86-64.so.2"}, false},
		{"Debian with musl beside", []string{"lib64/ld-linux-x86-64.so.2", "lib/ld-musl-x86_64.so.1"}, false},
		{"Alpine", []string{"etc/alpine-release", "lib/ld-musl-x86_64.so.1"}, true},
		{"Alpine with gcompat", []string{"etc/alpine-release", "lib/ld-musl-x86_64.so.1", "lib/ld-linux-x86-64.so.2"}, true},
		{"another musl system", []string{"lib/ld-musl-aarch64.so.1"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for _, file := range test.files {
				require.NoError(t, os.MkdirAll(filepath.Join(root, filepath.Dir(file)), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(root, file), nil, 0o644))
			}
			require.Equal(t, test.want, usesMusl(root))
		})
	}
}

func ExampleNotFoundError() {
	err := &NotFoundError{Version: "17", Candidates: []Candidate{
		{Source: "PATH", Dir: "/usr/bin", Version: "15.18", Reason: "version 15.18, not 17"},
	}}
	first, _, _ := strings.Cut(err.Error(), "\nget one")
	fmt.Println(first)
	// Output:
	// no PostgreSQL 17 found
	//   PATH (/usr/bin): version 15.18, not 17
}
