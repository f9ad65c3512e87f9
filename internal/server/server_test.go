//go:build unix

package server

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func start(t testing.TB, opts Options, key string) *Server {
	t.Helper()
	s, err := Start(t.Context(), opts, key)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Stop() }) // the tests that expect an error have asked for it before
	return s
}

func query(t testing.TB, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	var value string
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&value))
	require.NoError(t, conn.Close(t.Context()))
	return value
}

func execute(t testing.TB, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

// keepDirectory leaves a complete directory with a table for the key, and returns its path.
func keepDirectory(t testing.TB, opts Options, key string) string {
	t.Helper()
	s := start(t, opts, key)
	require.True(t, s.Fresh())
	execute(t, s.URL("postgres"), "CREATE TABLE kept AS SELECT 42 AS answer")
	require.NoError(t, s.Keep(t.Context()))
	require.NoError(t, s.Stop())
	return s.entry.dir
}

func TestScratchServer(t *testing.T) {
	t.Parallel()
	s := start(t, sharedOptions(t), "")
	require.True(t, s.Fresh())
	url := s.URL("postgres")
	for setting, want := range map[string]string{
		"server_version": s.Version(), "TimeZone": "UTC", "server_encoding": "UTF8", "listen_addresses": "",
		"fsync": "off", "jit": "off", "autovacuum": "off", "max_connections": "20",
	} {
		got := query(t, url, "SHOW "+setting)
		if setting == "server_version" {
			got, _, _ = strings.Cut(got, " ")
		}
		require.Equal(t, want, got, setting)
	}
	require.Equal(t, "C C postgres", query(t, url, "SELECT datcollate || ' ' || datctype || ' ' || current_user FROM pg_database WHERE datname = 'postgres'"))
	require.NoError(t, s.Keep(t.Context()), "does nothing to a scratch directory")
	require.NoError(t, s.Stop())
	require.NoDirExists(t, s.entry.dir)
	require.NoFileExists(t, s.entry.dir+".lock")
	awaitGone(t, s.process.cmd.Process.Pid)
	require.NoError(t, s.Stop(), "a second stop repeats the result of the first")
}

func TestSocketIsPrivate(t *testing.T) {
	t.Parallel()
	s := start(t, sharedOptions(t), "")
	info, err := os.Stat(s.Socket())
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

func TestKeptDirectoryIsReused(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	keepDirectory(t, opts, "key")
	for range 3 {
		s := start(t, opts, "key")
		require.False(t, s.Fresh())
		require.Equal(t, "42", query(t, s.URL("postgres"), "SELECT answer::text FROM kept"))
		require.NoError(t, s.Stop())
	}
	require.True(t, start(t, opts, "another key").Fresh())
}

func TestDirectoryWithoutKeepIsThrownAway(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	first := start(t, opts, "key")
	execute(t, first.URL("postgres"), "CREATE TABLE half ()")
	require.NoError(t, first.Stop())
	require.Empty(t, entries(t, opts, "schema"))
	second := start(t, opts, "key")
	require.True(t, second.Fresh())
	require.Equal(t, "0", query(t, second.URL("postgres"), "SELECT count(*)::text FROM pg_class WHERE relname = 'half'"))
}

func TestDiscard(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	keepDirectory(t, opts, "key")
	s := start(t, opts, "key")
	require.False(t, s.Fresh())
	require.NoError(t, s.Discard())
	require.NoError(t, s.Stop())
	require.True(t, start(t, opts, "key").Fresh())
}

// A schema script runs as one transaction, which holds a lock for each object that it makes.
func TestLargeSchemaInOneTransaction(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{0, 200} {
		t.Run(strconv.Itoa(connections)+" connections", func(t *testing.T) {
			t.Parallel()
			opts := sharedOptions(t)
			opts.MaxConnections = connections
			s := start(t, opts, "")
			var script strings.Builder
			for i := range 1000 {
				fmt.Fprintf(&script, "CREATE TABLE t%d (id bigserial PRIMARY KEY, name text UNIQUE);\n", i)
			}
			execute(t, s.URL("postgres"), script.String())
			require.Equal(t, "1000", query(t, s.URL("postgres"), "SELECT count(*)::text FROM pg_class WHERE relkind = 'r' AND oid >= 16384"))
		})
	}
}

func TestStopCutsConnections(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprintf("keep %v", keep), func(t *testing.T) {
			t.Parallel()
			s := start(t, ownOptions(t), "key")
			if keep {
				require.NoError(t, s.Keep(t.Context()))
			}
			conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
			require.NoError(t, err)
			cut := make(chan error)
			go func() {
				_, err := conn.Exec(context.Background(), "SELECT pg_sleep(60)")
				cut <- err
			}()
			require.Eventually(t, func() bool {
				return query(t, s.URL("postgres"), "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1"
			}, 5*time.Second, 5*time.Millisecond)
			begin := time.Now()
			require.NoError(t, s.Stop())
			require.Less(t, time.Since(begin), 5*time.Second)
			require.Error(t, <-cut)
		})
	}
}

func TestServerThatDiesIsReported(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	s := start(t, opts, "key")
	require.NoError(t, s.Keep(t.Context()))
	require.NoError(t, syscall.Kill(s.process.cmd.Process.Pid, syscall.SIGKILL))
	<-s.process.done
	require.ErrorContains(t, s.Stop(), "postgres had stopped by itself: signal: killed")
	require.Empty(t, entries(t, opts, "schema"), "its directory is not trusted any more")
}

func TestContextEndsTheServer(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Start(ctx, opts, "")
	require.NoError(t, err)
	pid := s.process.cmd.Process.Pid
	cancel()
	awaitGone(t, pid)
	require.NoError(t, s.Stop())
	require.Empty(t, entries(t, opts, "scratch"))
}

// Whenever the context ends, no process and no directory stays; the start may also have been faster.
func TestContextEndsTheStart(t *testing.T) {
	t.Parallel()
	for _, cached := range []bool{false, true} {
		for _, after := range []time.Duration{0, 5, 20, 40, 60, 80, 100, 300} {
			t.Run(fmt.Sprintf("template %v, %d ms", cached, after), func(t *testing.T) {
				t.Parallel()
				opts := emptyOptions(t)
				if cached {
					opts = ownOptions(t)
				}
				ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
				defer cancel()
				s, err := Start(ctx, opts, "key")
				if err == nil {
					require.NotZero(t, after)
					<-ctx.Done()
					require.NoError(t, s.Stop())
				} else {
					require.ErrorIs(t, err, context.DeadlineExceeded)
				}
				require.Empty(t, entries(t, opts, "schema"))
				require.Empty(t, serversIn(t, opts.CacheDir))
			})
		}
	}
}

// serversIn lists the processes whose arguments name the folder.
func serversIn(t testing.TB, dir string) []string {
	t.Helper()
	out, err := exec.Command("ps", "-eo", "pid=,args=").Output()
	require.NoError(t, err)
	var found []string
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, dir) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

func TestStartErrorShowsTheLog(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	opts.settings = []string{"shared_preload_libraries=no_such_library"}
	_, err := Start(t.Context(), opts, "key")
	require.ErrorContains(t, err, "postgres stopped while starting: exit status 1; its log ends:\n")
	require.ErrorContains(t, err, `could not access file "no_such_library"`)
	require.Equal(t, 1, strings.Count(err.Error(), "exit status"), "said once: %v", err)
	require.Empty(t, entries(t, opts, "schema"))
}

func TestHostileEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"PGHOST": "example.invalid", "PGPORT": "1", "PGUSER": "somebody", "PGDATABASE": "elsewhere", "PGPASSWORD": "x",
		"PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/nonexistent", "PGOPTIONS": "-c search_path=nowhere", "PGTZ": "Asia/Tokyo",
		"PGTARGETSESSIONATTRS": "standby", "PGCONNECT_TIMEOUT": "1", "PGDATA": "/nonexistent", "TZ": "Asia/Tokyo",
		"LC_ALL": "xx_XX", "LANG": "xx_XX", "PGCHANNELBINDING": "require", "PGREQUIREAUTH": "scram-sha-256",
		"PGDATESTYLE": "german",
	} {
		t.Setenv(name, value)
	}
	s := start(t, emptyOptions(t), "key")
	url := s.URL("postgres")
	require.Equal(t, `"$user", public`, query(t, url, "SHOW search_path"))
	require.Equal(t, "UTC", query(t, url, "SHOW timezone"))
	require.Equal(t, "C", query(t, url, "SHOW lc_messages"))
	require.NoError(t, s.Keep(t.Context()))
	require.NoError(t, s.Stop())
}

func TestLongSocketPath(t *testing.T) {
	t.Parallel()
	opts := emptyOptions(t)
	opts.CacheDir = filepath.Join(openDir(t), strings.Repeat("long", 20), strings.Repeat("path", 20))
	s := start(t, opts, "key")
	socket := s.Socket()
	require.NotContains(t, socket, opts.CacheDir)
	require.Equal(t, "1", query(t, s.URL("postgres"), "SELECT '1'"))
	require.NoError(t, s.Keep(t.Context()))
	require.NoError(t, s.Stop())
	require.NoDirExists(t, socket)

	h := runHelper(t, helperTask{BinDir: opts.BinDir, CacheDir: opts.CacheDir, Key: "key"})
	require.Empty(t, h.Error)
	h.kill(t)
	left, err := os.ReadFile(filepath.Join(h.Dir, "socket"))
	require.NoError(t, err)
	require.DirExists(t, string(left))
	again := start(t, opts, "key")
	require.NoDirExists(t, string(left), "the next start removes what a killed one left")
	require.NoError(t, again.Stop())
}

func TestPathWithBlanksAndQuotes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b+c", `"a" 'b'\c`, "a,b", "a=b&c%20d?#@ünï", "-a $HOME"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := ownOptions(t)
			moved := filepath.Join(openDir(t), name)
			require.NoError(t, os.Rename(opts.CacheDir, moved))
			opts.CacheDir = moved
			keepDirectory(t, opts, "key")
			require.False(t, start(t, opts, "key").Fresh())
		})
	}
}

func TestDamagedDirectoryIsMadeAnew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, dir string)
	}{
		{"control file cut off", func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "data/global/pg_control"), 100))
		}},
		{"control file lost", func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "data/global/pg_control")))
		}},
		{"write-ahead log lost", func(t *testing.T, dir string) {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "data/pg_wal")))
		}},
		{"data lost", func(t *testing.T, dir string) {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "data")))
		}},
		{"marker of another boot", func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "complete"), []byte(`{"boot":"another"}`), 0o600))
		}},
		{"marker cut off", func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "complete"), 3))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := ownOptions(t)
			test.damage(t, keepDirectory(t, opts, "key"))
			s := start(t, opts, "key")
			require.True(t, s.Fresh())
			require.Equal(t, "0", query(t, s.URL("postgres"), "SELECT count(*)::text FROM pg_class WHERE relname = 'kept'"))
			require.NoError(t, s.Keep(t.Context()))
			require.NoError(t, s.Stop())
			require.False(t, start(t, opts, "key").Fresh())
		})
	}
}

func TestDamagedTemplateIsMadeAnew(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	template := filepath.Join(opts.CacheDir, dataLayout, "template", entries(t, opts, "template")[0])
	require.NoError(t, os.Truncate(filepath.Join(template, "data/global/pg_control"), 100))
	s := start(t, opts, "")
	require.NoError(t, s.Stop())
	require.NoError(t, start(t, opts, "").Stop())
}

func TestTemplateWithALinkIsRefused(t *testing.T) {
	t.Parallel()
	from := t.TempDir()
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(from, "PG_VERSION")))
	err := copyTree(t.Context(), from, filepath.Join(t.TempDir(), "to"), account{})
	require.ErrorContains(t, err, "neither a file nor a directory")
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	// A limit on the size of files makes writes fail as a full disk does.
	limited := func(cmd *exec.Cmd) {
		cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `ulimit -f 100; exec "$0"`, cmd.Path}
	}
	h := runHelper(t, helperTask{BinDir: opts.BinDir, CacheDir: opts.CacheDir, Key: "key"}, limited)
	require.Contains(t, h.Error, "copy the data directory: ")
	require.Contains(t, h.Error, "file too large")
	h.finish(t)
	require.Empty(t, entries(t, opts, "schema"))
	require.True(t, start(t, opts, "key").Fresh(), "the cache is still good")
}

func TestBrokenInitdb(t *testing.T) {
	t.Parallel()
	opts := emptyOptions(t)
	opts.BinDir = fakeBin(t, map[string]string{
		"postgres": "echo 'postgres (PostgreSQL) 15.1'",
		"initdb":   "echo 'initdb: error: no space on Mars' >&2; exit 3",
	})
	_, err := Start(t.Context(), opts, "")
	require.ErrorContains(t, err, "initdb")
	require.ErrorContains(t, err, "exit status 3; its output ends:\ninitdb: error: no space on Mars")
	require.Empty(t, entries(t, opts, "template"))
	require.Empty(t, entries(t, opts, "scratch"))
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	opts := emptyOptions(t)
	var wait sync.WaitGroup
	errs := make(chan error, 8)
	for i := range cap(errs) {
		wait.Go(func() {
			errs <- func() error {
				for range 3 {
					s, err := Start(t.Context(), opts, "key")
					if err != nil {
						return err
					}
					conn, err := pgx.Connect(t.Context(), s.URL("postgres"))
					if err != nil {
						return err
					}
					if s.Fresh() {
						if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 42 AS answer"); err != nil {
							return err
						}
						if err := s.Keep(t.Context()); err != nil {
							return err
						}
					}
					var answer int
					if err := conn.QueryRow(t.Context(), "SELECT answer FROM kept").Scan(&answer); err != nil {
						return fmt.Errorf("fresh %v: %w", s.Fresh(), err)
					}
					if i%2 == 0 {
						if err := conn.Close(t.Context()); err != nil {
							return err
						}
					}
					if err := s.Stop(); err != nil {
						return err
					}
				}
				return nil
			}()
		})
	}
	wait.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.Empty(t, entries(t, opts, "scratch"))
	require.LessOrEqual(t, len(entries(t, opts, "schema")), slotsPerKey)
	require.Len(t, entries(t, opts, "template"), 1, "one initdb served all")
	require.Empty(t, serversIn(t, opts.CacheDir))
}

func TestTwoProcessesAtOnce(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	dir := keepDirectory(t, opts, "key")
	task := helperTask{BinDir: opts.BinDir, CacheDir: opts.CacheDir, Key: "key", Keep: true}
	first, second := runHelper(t, task), runHelper(t, task)
	require.Empty(t, first.Error)
	require.Empty(t, second.Error)
	require.False(t, first.Fresh)
	require.Equal(t, dir, first.Dir)
	require.True(t, second.Fresh, "the second has a directory of its own")
	require.Equal(t, "42", query(t, first.URL, "SELECT answer::text FROM kept"))
	require.Equal(t, "1", query(t, second.URL, "SELECT '1'"))
	first.finish(t)
	second.finish(t)
	require.Len(t, entries(t, opts, "schema"), 2)

	first, second = runHelper(t, task), runHelper(t, task)
	require.False(t, first.Fresh)
	require.False(t, second.Fresh, "and keeps it")
	first.finish(t)
	second.finish(t)
}

func TestKilledParentLeavesNoServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, key string
		keep      bool
		kept      bool // there is a complete directory before
		fresh     bool // the next start has to make a new one
	}{
		{"scratch", "", false, false, true},
		{"fresh directory", "key", false, false, true},
		{"directory just kept", "key", true, false, false},
		{"kept directory", "key", false, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opts := ownOptions(t)
			if test.kept {
				keepDirectory(t, opts, "key")
			}
			h := runHelper(t, helperTask{BinDir: opts.BinDir, CacheDir: opts.CacheDir, Key: test.key, Keep: test.keep})
			require.Empty(t, h.Error)
			h.kill(t)
			awaitGone(t, h.PID)
			s := start(t, opts, test.key)
			require.Equal(t, test.fresh, s.Fresh())
			s.sweeper.Wait()
			require.NoError(t, s.Stop())
			require.Empty(t, entries(t, opts, "scratch"))
			require.Empty(t, lockFiles(t, opts, "scratch"))
			require.Empty(t, serversIn(t, opts.CacheDir))
		})
	}
}

// A server that survived its parent, as on systems without a parent-death signal, is stopped by the next start.
func TestOrphanIsStopped(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"key", ""} {
		t.Run("key "+key, func(t *testing.T) {
			t.Parallel()
			opts := ownOptions(t)
			dir := keepDirectory(t, opts, "key")
			if key == "" {
				moved := filepath.Join(opts.CacheDir, dataLayout, "scratch", "0badcafe")
				require.NoError(t, os.Rename(dir, moved))
				dir = moved
			}
			orphan := runOrphan(t, dir)
			s := start(t, opts, key)
			s.sweeper.Wait()
			select {
			case <-orphan.done:
			case <-time.After(10 * time.Second):
				require.Fail(t, "the orphan still runs")
			}
			require.Equal(t, key == "", s.Fresh())
			require.NoError(t, s.Stop())
			require.Empty(t, entries(t, opts, "scratch"))
		})
	}
}

// runOrphan runs a server in a directory without holding its lock.
func runOrphan(t testing.TB, dir string) *process {
	t.Helper()
	account, err := serverAccount()
	require.NoError(t, err)
	output, err := os.Create(filepath.Join(dir, "log"))
	require.NoError(t, err)
	data := filepath.Join(dir, "data")
	p, err := startProcess(command{
		path: sharedCache.bin.program("postgres"),
		args: []string{"-D", data, "-c", "listen_addresses=", "-c", "unix_socket_directories=" + filepath.Join(dir, "run")},
		dir:  data, output: output, account: account, onDeath: immediate,
	})
	require.NoError(t, err)
	require.NoError(t, output.Close())
	t.Cleanup(func() {
		if !p.ended() {
			require.NoError(t, p.stop(immediate, stopTimeout))
		}
	})
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
		return err == nil && strings.Contains(string(text), "ready")
	}, 10*time.Second, 2*time.Millisecond)
	return p
}

// A process id in postmaster.pid can belong to another program by now, which must live on.
func TestForeignProcessIsNotStopped(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	dir := keepDirectory(t, opts, "key")
	sleep := exec.Command("sleep", "60")
	require.NoError(t, sleep.Start())
	pidFile := fmt.Sprintf("%d\n%s\n", sleep.Process.Pid, filepath.Join(dir, "data"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "data/postmaster.pid"), []byte(pidFile), 0o644))
	s := start(t, opts, "key")
	require.NoError(t, s.Stop())
	require.NoError(t, sleep.Process.Signal(syscall.Signal(0)))
	require.NoError(t, sleep.Process.Kill())
	require.Error(t, sleep.Wait())
}

// On systems without a parent-death signal a shell watches; it works on this one too.
func TestWatchByShell(t *testing.T) {
	t.Parallel()
	t.Run("killed parent", func(t *testing.T) {
		t.Parallel()
		sleep := exec.Command("sleep", "60")
		require.NoError(t, sleep.Start())
		h := runHelper(t, helperTask{Do: "watch", PID: sleep.Process.Pid})
		require.Empty(t, h.Error)
		h.kill(t)
		require.ErrorContains(t, sleep.Wait(), "interrupt")
	})
	t.Run("parent that ends in order", func(t *testing.T) {
		t.Parallel()
		sleep := exec.Command("sleep", "60")
		require.NoError(t, sleep.Start())
		h := runHelper(t, helperTask{Do: "watch", PID: sleep.Process.Pid})
		require.Empty(t, h.Error)
		h.finish(t)
		require.NoError(t, sleep.Process.Kill())
		require.ErrorContains(t, sleep.Wait(), "killed", "the shell sent nothing before")
	})
}

func TestWithoutRights(t *testing.T) {
	t.Parallel()
	sharedOptions(t) // finds the binaries
	nobody, uid := asNobody(t)
	home := openDir(t)
	require.NoError(t, os.Lchown(home, uid, -1))
	environment := func(values ...string) func(*exec.Cmd) {
		return func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, values...) }
	}
	task := helperTask{BinDir: sharedCache.bin.Dir, Key: "key", Keep: true}
	t.Run("home", func(t *testing.T) {
		h := runHelper(t, task, nobody, environment("HOME="+home, "XDG_CACHE_HOME=", "PGWRIGHT_CACHE="))
		require.Empty(t, h.Error)
		require.Equal(t, uid, h.Uid)
		require.True(t, strings.HasPrefix(h.Dir, home+"/"), h.Dir)
		info, err := os.Stat(h.Dir)
		require.NoError(t, err)
		require.Equal(t, uid, int(info.Sys().(*syscall.Stat_t).Uid))
		h.finish(t)
	})
	t.Run("home that cannot be written", func(t *testing.T) {
		temporary := openDir(t)
		require.NoError(t, os.Lchown(temporary, uid, -1))
		h := runHelper(t, task, nobody, environment("HOME=/nonexistent", "XDG_CACHE_HOME=/proc/nothing", "PGWRIGHT_CACHE=", "TMPDIR="+temporary))
		require.Empty(t, h.Error)
		require.True(t, strings.HasPrefix(h.Dir, filepath.Join(temporary, "pgwright-"+strconv.Itoa(uid))+"/"), h.Dir)
		h.finish(t)
	})
	t.Run("cache that cannot be written", func(t *testing.T) {
		h := runHelper(t, task, nobody, environment("PGWRIGHT_CACHE=/usr/lib/pgwright-test"))
		require.Contains(t, h.Error, "no usable cache directory (set PGWRIGHT_CACHE to one): ")
		require.Contains(t, h.Error, "permission denied")
		h.finish(t)
	})
}

func BenchmarkStart(b *testing.B) {
	b.Run("kept", func(b *testing.B) {
		opts := ownOptions(b)
		opts.Log = nil
		keepDirectory(b, opts, "key")
		b.ResetTimer()
		for b.Loop() {
			benchmarkStart(b, opts, "key")
		}
	})
	b.Run("scratch", func(b *testing.B) {
		opts := ownOptions(b)
		opts.Log = nil
		for b.Loop() {
			benchmarkStart(b, opts, "")
		}
	})
}

// benchmarkStart reports the time to the first query, and to the end of the server.
func benchmarkStart(b *testing.B, opts Options, key string) {
	begin := time.Now()
	s, err := Start(b.Context(), opts, key)
	require.NoError(b, err)
	require.Equal(b, "1", query(b, s.URL("postgres"), "SELECT '1'"))
	b.ReportMetric(float64(time.Since(begin).Microseconds())/1000, "ms/start")
	begin = time.Now()
	require.NoError(b, s.Stop())
	b.ReportMetric(float64(time.Since(begin).Microseconds())/1000, "ms/stop")
}
