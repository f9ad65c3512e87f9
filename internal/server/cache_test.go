//go:build unix

package server

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUnusableCacheDirectories(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(t *testing.T) string
		want string
	}{
		{"of another user", func(t *testing.T) string {
			if os.Geteuid() != 0 {
				return "/usr" // root's
			}
			dir := openDir(t)
			require.NoError(t, os.Lchown(dir, 12345, -1))
			return dir
		}, "belongs to another user (uid "},
		{"link made by another user", func(t *testing.T) string {
			if os.Geteuid() != 0 {
				return "/usr/lib" // below a directory of root's
			}
			link := filepath.Join(openDir(t), "link")
			require.NoError(t, os.Symlink(openDir(t), link))
			require.NoError(t, os.Lchown(link, 12345, -1))
			return link
		}, "belongs to another user (uid "},
		{"open to everybody", func(t *testing.T) string {
			dir := openDir(t)
			require.NoError(t, os.Chmod(dir, 0o777))
			return dir
		}, "can be written by every user"},
		{"file", func(t *testing.T) string {
			file := filepath.Join(openDir(t), "file")
			require.NoError(t, os.WriteFile(file, nil, 0o600))
			return file
		}, "not a directory"},
		{"below a file", func(t *testing.T) string {
			file := filepath.Join(openDir(t), "file")
			require.NoError(t, os.WriteFile(file, nil, 0o600))
			return filepath.Join(file, "cache")
		}, "not a directory"},
		{"where nothing can be made", func(*testing.T) string { return "/proc/pgwright" }, "no such file or directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := test.make(t)
			sharedOptions(t)
			_, err := Start(t.Context(), Options{BinDir: sharedCache.bin.Dir, CacheDir: dir}, "")
			require.ErrorContains(t, err, "no usable cache directory (set PGWRIGHT_CACHE to one): ")
			require.ErrorContains(t, err, test.want)
			_, err = Start(t.Context(), Options{BinDir: sharedCache.bin.Dir, CacheDir: sharedCache.dir, ScratchDir: dir}, "")
			require.ErrorContains(t, err, test.want)
		})
	}
}

// A directory that one process makes is never seen by another before the server's account can pass it.
func TestCacheMadeAtOnce(t *testing.T) {
	t.Parallel()
	account, err := serverAccount()
	require.NoError(t, err)
	dir := openDir(t)
	errs := make(chan error, 8)
	for i := range 100 {
		root := filepath.Join(dir, strconv.Itoa(i))
		for range cap(errs) {
			go func() {
				_, err := openCache(Options{CacheDir: root}, account, &logger{})
				errs <- err
			}()
		}
		for range cap(errs) {
			require.NoError(t, <-errs)
		}
	}
}

func TestCacheThroughALink(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	dir := keepDirectory(t, opts, "key")
	link := filepath.Join(openDir(t), "link")
	require.NoError(t, os.Symlink(opts.CacheDir, link))
	opts.CacheDir = link
	s := start(t, opts, "key")
	require.False(t, s.Fresh())
	require.Equal(t, dir, s.entry.dir)
}

func TestScratchDir(t *testing.T) {
	t.Parallel()
	opts := ownOptions(t)
	opts.ScratchDir = filepath.Join(openDir(t), "scratch")
	s := start(t, opts, "")
	require.Equal(t, opts.ScratchDir, filepath.Dir(s.entry.dir))
	require.NoError(t, s.Stop())
	left, err := os.ReadDir(opts.ScratchDir)
	require.NoError(t, err)
	require.Empty(t, left)
	kept := start(t, opts, "key")
	require.NotEqual(t, opts.ScratchDir, filepath.Dir(kept.entry.dir))
}

// makeKept makes directories that look kept, the first used last.
func makeKept(t *testing.T, c *cache, kind string, count int, oldest time.Duration) []string {
	t.Helper()
	var dirs []string
	for i := range count {
		e := entry{dir: c.dataDir(kind, "made"+strconv.Itoa(100+i)), account: c.account}
		require.NoError(t, c.mkdir(e.dir))
		require.NoError(t, e.markComplete())
		used := time.Now().Add(-time.Hour - oldest*time.Duration(i)/time.Duration(count))
		require.NoError(t, os.Chtimes(e.markerFile(), used, used))
		dirs = append(dirs, e.dir)
	}
	return dirs
}

func TestSweep(t *testing.T) {
	t.Parallel()
	setUp := func(t *testing.T) (*cache, *Binaries) {
		opts := emptyOptions(t)
		sharedOptions(t)
		return openTestCache(t, opts), sharedCache.bin
	}
	exist := func(t *testing.T, dirs []string) (existing int) {
		t.Helper()
		for i, dir := range dirs {
			_, err := os.Stat(dir)
			if err == nil {
				require.Equal(t, i, existing, "those used last stay")
				existing++
			}
		}
		return existing
	}
	t.Run("keeps those used last", func(t *testing.T) {
		t.Parallel()
		c, bin := setUp(t)
		schemas := makeKept(t, c, "schema", keptDirs+5, time.Hour)
		templates := makeKept(t, c, "template", keptTemplates+3, time.Hour)
		c.sweep(t.Context(), bin)
		require.Equal(t, keptDirs, exist(t, schemas))
		require.Equal(t, keptTemplates, exist(t, templates))
		locks, err := filepath.Glob(c.dataDir("schema", "*.lock"))
		require.NoError(t, err)
		require.Empty(t, locks)
	})
	t.Run("removes those not used for long", func(t *testing.T) {
		t.Parallel()
		c, bin := setUp(t)
		dirs := makeKept(t, c, "schema", 4, 4*keptFor*2/3) // the second was used 20 days ago, the third 40
		c.sweep(t.Context(), bin)
		require.Equal(t, 2, exist(t, dirs))
	})
	t.Run("spares those in use", func(t *testing.T) {
		t.Parallel()
		c, bin := setUp(t)
		dirs := makeKept(t, c, "schema", keptDirs+2, time.Hour)
		last := dirs[len(dirs)-1]
		lock, err := tryLock(last+".lock", false)
		require.NoError(t, err)
		fresh, err := c.lockEntry(c.dataDir("schema", "not complete yet"))
		require.NoError(t, err)
		scratch, err := c.takeScratch()
		require.NoError(t, err)
		c.sweep(t.Context(), bin)
		require.Equal(t, keptDirs, exist(t, dirs[:keptDirs+1]))
		for _, dir := range []string{last, fresh.dir, scratch.dir} {
			require.DirExists(t, dir)
		}
		for _, free := range []func() error{lock.unlock, fresh.lock.unlock, scratch.lock.unlock} {
			require.NoError(t, free())
		}
		c.sweep(t.Context(), bin)
		for _, dir := range []string{last, fresh.dir, scratch.dir} {
			require.NoDirExists(t, dir)
		}
	})
	t.Run("spares what was used since it looked", func(t *testing.T) {
		t.Parallel()
		c, bin := setUp(t)
		dir := makeKept(t, c, "schema", 1, 0)[0]
		for _, seen := range []usage{{dir: dir}, {dir: dir, complete: true, used: time.Now().Add(-2 * keptFor)}} {
			require.NoError(t, c.sweepEntry(t.Context(), bin, seen, false))
			require.DirExists(t, dir)
		}
		require.NoError(t, c.sweepEntry(t.Context(), bin, lastUse(dir), false))
		require.NoDirExists(t, dir)
	})
	t.Run("removes what an interrupted removal left", func(t *testing.T) {
		t.Parallel()
		c, bin := setUp(t)
		for _, kind := range []string{"schema", "scratch", "template"} {
			require.NoError(t, os.WriteFile(c.dataDir(kind, "lock-alone.lock"), nil, 0o600))
			require.NoError(t, os.MkdirAll(c.dataDir(kind, "without-marker", "data"), 0o700))
		}
		c.sweep(t.Context(), bin)
		for _, kind := range []string{"schema", "scratch", "template"} {
			left, err := os.ReadDir(c.dataDir(kind))
			require.NoError(t, err)
			require.Empty(t, left, kind)
		}
	})
}

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	exclusive, err := tryLock(path, false)
	require.NoError(t, err)
	for _, shared := range []bool{false, true} {
		_, err = tryLock(path, shared)
		require.ErrorIs(t, err, errLocked)
	}
	require.NoError(t, exclusive.unlock())

	first, err := tryLock(path, true)
	require.NoError(t, err)
	second, err := tryLock(path, true)
	require.NoError(t, err, "shared locks go together")
	_, err = tryLock(path, false)
	require.ErrorIs(t, err, errLocked)
	require.NoError(t, first.unlock())
	require.NoError(t, second.unlock())

	// A child that was just forked holds a copy of the file until it starts its program.
	copied, err := tryLock(path, false)
	require.NoError(t, err)
	child, err := syscall.Dup(int(copied.file.Fd()))
	require.NoError(t, err)
	require.NoError(t, copied.unlock())

	last, err := tryLock(path, false)
	require.NoError(t, err)
	require.NoError(t, syscall.Close(child))
	require.NoError(t, last.unlockAndRemove())
	require.NoFileExists(t, path)
}

// A lock on a file that was removed meanwhile would exclude nobody: with many takers there is never more than one holder.
func TestLockWhileItsFileIsRemoved(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	held := make(chan struct{}, 1)
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() {
			errs <- func() error {
				for range 200 {
					lock, err := waitLock(t.Context(), path, false)
					if err != nil {
						return err
					}
					select {
					case held <- struct{}{}:
					default:
						return errors.New("two hold the lock")
					}
					<-held
					if err := lock.unlockAndRemove(); err != nil {
						return err
					}
				}
				return nil
			}()
		}()
	}
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
}

func TestPostmasterPID(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		want       int
	}{
		{"running", "4711\n/data\n1700000000\n5432\n/run\n\n  5432001  3\nready   \n", 4711},
		{"single-user server", "-4711\n/data\n", 0},
		{"empty", "", 0},
		{"no number", "abc\n", 0},
		{"the first process", "1\n", 0},
		{"too large", "99999999999999999999\n", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(test.text), 0o600))
			pid, err := postmasterPID(data)
			require.NoError(t, err)
			require.Equal(t, test.want, pid)
		})
	}
	pid, err := postmasterPID(t.TempDir())
	require.NoError(t, err)
	require.Zero(t, pid)
}

func TestRunsIn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		want bool
	}{
		{"ours", []string{"/usr/lib/postgresql/15/bin/postgres", "-D", "/c/data", "-c", "fsync=off"}, true},
		{"ours as ps shows it", []string{"/bin/postgres", "-D", "/c/my", "data", "-c", "x"}, false},
		{"another directory", []string{"/bin/postgres", "-D", "/c/data2"}, false},
		{"another program", []string{"/bin/less", "/c/data"}, false},
		{"gone", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, runsIn(test.args, "/c/data"))
		})
	}
	require.True(t, runsIn([]string{"/bin/postgres", "-D", "/c/my", "data", "-c", "x"}, "/c/my data"))
}
