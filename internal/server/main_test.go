//go:build unix

package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// helperEnv makes the test binary act as another program that uses the package: its value is a helperTask.
const helperEnv = "PGWRIGHT_TEST_HELPER"

// helperTask says what the helper process does.
type helperTask struct {
	Do       string // "": start a server and hold it until stdin ends; "watch": hold a process by watchByShell; "install"
	BinDir   string
	CacheDir string
	Key      string
	Keep     bool
	PID      int    // process to watch
	BaseURL  string // of the release to install
}

// helperReport is the line that the helper prints when it holds what it was told to.
type helperReport struct {
	Error string
	PID   int
	URL   string
	Fresh bool
	Dir   string
	Uid   int
}

func TestMain(m *testing.M) {
	if task := os.Getenv(helperEnv); task != "" {
		os.Exit(helperMain(task))
	}
	code := m.Run()
	if err := os.RemoveAll(sharedCache.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func helperMain(text string) int {
	var task helperTask
	report := helperReport{Uid: os.Geteuid()}
	err := json.Unmarshal([]byte(text), &task)
	stop := func() error { return nil }
	signal.Ignore(syscall.SIGXFSZ) // so that a file over the limit is an error
	switch {
	case err != nil:
	case task.Do == "watch":
		stop, err = watchByShell(task.PID, fast)
	case task.Do == "install":
		_, err = Install(context.Background(), InstallOptions{
			Version: "17.2.0", Platform: testPlatform, CacheDir: task.CacheDir, BaseURL: task.BaseURL,
		})
	default:
		var s *Server
		s, err = Start(context.Background(), Options{BinDir: task.BinDir, CacheDir: task.CacheDir}, task.Key)
		if err == nil {
			report.PID, report.URL, report.Fresh, report.Dir = s.process.cmd.Process.Pid, s.URL("postgres"), s.Fresh(), s.entry.dir
			stop = s.Stop
			if task.Keep && s.Fresh() {
				err = s.Keep(context.Background())
			}
		}
	}
	if err != nil {
		report.Error = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(report); err != nil {
		return 1
	}
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return 1
	}
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// helper is a running helper process.
type helper struct {
	helperReport
	cmd   *exec.Cmd
	stdin io.Closer
}

// runHelper starts a helper and waits for its report.
func runHelper(t testing.TB, task helperTask, change ...func(*exec.Cmd)) *helper {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe)
	text, err := json.Marshal(task)
	require.NoError(t, err)
	cmd.Env = append(os.Environ(), helperEnv+"="+string(text))
	cmd.Stderr = testLog{t}
	for _, c := range change {
		c(cmd)
	}
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	h := &helper{cmd: cmd, stdin: stdin}
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			h.kill(t)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(line), &h.helperReport))
	return h
}

// kill ends the helper as `kill -9` does.
func (h *helper) kill(t testing.TB) {
	t.Helper()
	require.NoError(t, h.cmd.Process.Kill())
	var exit *exec.ExitError
	require.ErrorAs(t, h.cmd.Wait(), &exit)
}

// finish lets the helper stop in order.
func (h *helper) finish(t testing.TB) {
	t.Helper()
	require.NoError(t, h.stdin.Close())
	require.NoError(t, h.cmd.Wait())
}

func awaitGone(t testing.TB, pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}, 10*time.Second, 5*time.Millisecond, "process %d still runs", pid)
}

// sharedCache is for tests that do not care what else is in the cache, and the source of templates for the others.
var sharedCache struct {
	once sync.Once
	dir  string
	bin  *Binaries
	err  error
}

func sharedOptions(t testing.TB) Options {
	t.Helper()
	opts := Options{BinDir: os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN"), Log: testLog{t}}
	sharedCache.once.Do(func() {
		sharedCache.dir, sharedCache.err = os.MkdirTemp(testRoot(), "pgwt")
		if sharedCache.err != nil {
			return
		}
		if sharedCache.err = os.Chmod(sharedCache.dir, 0o755); sharedCache.err != nil {
			return
		}
		opts := opts
		opts.CacheDir = sharedCache.dir
		if sharedCache.bin, sharedCache.err = Find(context.Background(), opts); sharedCache.err != nil {
			return
		}
		s, err := Start(context.Background(), opts, "")
		if err != nil {
			sharedCache.err = err
			return
		}
		sharedCache.err = s.Stop()
	})
	require.NoError(t, sharedCache.err)
	opts.CacheDir = sharedCache.dir
	return opts
}

// ownOptions uses a cache of the test's own, with a template in it.
func ownOptions(t testing.TB) Options {
	t.Helper()
	shared := sharedOptions(t)
	own := emptyOptions(t)
	from, to := openTestCache(t, shared), openTestCache(t, own)
	template, made, err := from.template(t.Context(), sharedCache.bin)
	require.NoError(t, err)
	require.False(t, made)
	copied, err := to.templateEntry(sharedCache.bin)
	require.NoError(t, err)
	require.NoError(t, to.mkdir(copied.dir))
	require.NoError(t, copyTree(t.Context(), template.data(), copied.data(), to.account))
	require.NoError(t, copied.markComplete())
	require.NoError(t, template.lock.unlock())
	return own
}

// emptyOptions uses a new cache of the test's own, in a folder that the server's account can enter.
func emptyOptions(t testing.TB) Options {
	t.Helper()
	return Options{
		BinDir:   os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN"),
		CacheDir: filepath.Join(openDir(t), "cache"),
		Log:      testLog{t},
	}
}

func openTestCache(t testing.TB, opts Options) *cache {
	t.Helper()
	account, err := serverAccount()
	require.NoError(t, err)
	c, err := openCache(opts, account, newLogger(opts.Log))
	require.NoError(t, err)
	return c
}

// openDir is a temporary directory with a short path that every user can pass, unlike t.TempDir.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(testRoot(), "pgwt")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// testRoot is in memory where possible, which makes the tests several times faster.
func testRoot() string {
	if dir := MemoryDir(); dir != "" {
		return filepath.Dir(dir)
	}
	return "/tmp"
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// entries lists a kind of directory in the cache, without the lock files.
func entries(t testing.TB, opts Options, kind string) []string {
	t.Helper()
	files, err := os.ReadDir(filepath.Join(opts.CacheDir, dataLayout, kind))
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	var names []string
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".lock") {
			names = append(names, f.Name())
		}
	}
	return names
}

// lockFiles lists the lock files of a kind of directory.
func lockFiles(t testing.TB, opts Options, kind string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(opts.CacheDir, dataLayout, kind, "*.lock"))
	require.NoError(t, err)
	return files
}

// asNobody makes a command run without rights, if this process has any to lose.
func asNobody(t testing.TB) (func(*exec.Cmd), int) {
	t.Helper()
	if os.Geteuid() != 0 {
		return func(*exec.Cmd) {}, os.Geteuid()
	}
	nobody, err := user.Lookup("nobody")
	require.NoError(t, err)
	uid, err := strconv.Atoi(nobody.Uid)
	require.NoError(t, err)
	gid, err := strconv.Atoi(nobody.Gid)
	require.NoError(t, err)
	// The test binary lies in a folder that only root can enter.
	exe, err := os.Executable()
	require.NoError(t, err)
	text, err := os.ReadFile(exe)
	require.NoError(t, err)
	copied := filepath.Join(openDir(t), "helper.test")
	require.NoError(t, os.WriteFile(copied, text, 0o755))
	return func(cmd *exec.Cmd) {
		cmd.Path, cmd.Dir = copied, "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	}, uid
}
