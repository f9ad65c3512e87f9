package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The cache directory:
//
//	postgres/<version>/       binaries that Install fetched
//	data1/template/<id>/      freshly initialised data directories, one per build of PostgreSQL
//	data1/schema/<id>.<slot>/ data directories kept for a schema; several runs at once take several slots
//	data1/scratch/<id>/       data directories of servers that run now
//
// Each of the last three has a lock file beside it, named as it is with ".lock", which its user holds. The number is to
// be raised when the layout changes.
const dataLayout = "data1"

const (
	slotsPerKey   = 4
	keptDirs      = 16
	keptTemplates = 8
	keptFor       = 30 * 24 * time.Hour
	orphanTimeout = 5 * time.Second
	// maxSocketPath is the shortest limit of sun_path that systems have (104 on macOS and the BSDs, 108 on Linux).
	maxSocketPath = 103
)

// cacheRoots lists the possible cache directories, best first. A directory that the user named is the only one.
func (o Options) cacheRoots(account account) ([]string, error) {
	named := o.CacheDir
	if named == "" {
		named = o.env("PGWRIGHT_CACHE")
	}
	if named != "" {
		path, err := filepath.Abs(named)
		if err != nil {
			return nil, fmt.Errorf("cache directory: %w", err)
		}
		return []string{path}, nil
	}
	var roots []string
	home := o.env("HOME")
	switch {
	case runtime.GOOS == "windows":
		roots = append(roots, o.env("LocalAppData"))
	case runtime.GOOS == "darwin" && home != "":
		roots = append(roots, filepath.Join(home, "Library", "Caches"))
	case o.env("XDG_CACHE_HOME") != "":
		roots = append(roots, o.env("XDG_CACHE_HOME"))
	case home != "":
		roots = append(roots, filepath.Join(home, ".cache"))
	}
	roots = slices.DeleteFunc(roots, func(dir string) bool { return !filepath.IsAbs(dir) })
	for i, root := range roots {
		roots[i] = filepath.Join(root, "pgwright")
	}
	if account.suffix() != "" {
		// The server's account usually cannot enter root's home directory.
		roots = append(roots, "/var/cache/pgwright")
	}
	return append(roots, filepath.Join(os.TempDir(), "pgwright-"+strconv.Itoa(os.Geteuid()))), nil
}

type cache struct {
	root    string
	scratch string // elsewhere than in the root, or ""
	account account
	log     *logger
}

// openCache makes the first of the possible cache directories that can be used.
func openCache(opts Options, account account, log *logger) (*cache, error) {
	roots, err := opts.cacheRoots(account)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, root := range roots {
		c := &cache{root: root, account: account, log: log}
		if err := c.prepare(); err != nil {
			errs = append(errs, err)
			continue
		}
		if opts.ScratchDir != "" {
			if c.scratch, err = c.usable(opts.ScratchDir); err != nil {
				return nil, err
			}
		}
		return c, nil
	}
	return nil, fmt.Errorf("no usable cache directory (set PGWRIGHT_CACHE to one): %w", errors.Join(errs...))
}

func (c *cache) prepare() error {
	root, err := c.usable(c.root)
	if err != nil {
		return err
	}
	c.root = root
	for _, dir := range []string{c.dataDir(), c.dataDir("template"), c.dataDir("schema"), c.dataDir("scratch")} {
		if err := c.mkdir(dir); err != nil {
			return fmt.Errorf("cache directory: %w", err)
		}
	}
	return nil
}

// usable makes a directory if needed and checks that it can hold data directories. It returns the path without links:
// an orphan is recognised by the path it was started with, so a directory must always get the same one.
func (c *cache) usable(dir string) (string, error) {
	fail := func(err error) (string, error) { return "", fmt.Errorf("cache directory: %w", err) }
	// Checked before anything is made, so that a refused directory is left as it was.
	if err := c.enterable(dir); err != nil {
		return fail(err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fail(err)
	}
	if err := c.mkdir(dir); err != nil {
		return fail(err)
	}
	// A link counts as well as what it leads to: in a folder of temporary files another user could have made it.
	for _, stat := range []func(string) (fs.FileInfo, error){os.Lstat, os.Stat} {
		info, err := stat(dir)
		if err != nil {
			return fail(err)
		}
		if err := checkOwner(dir, info); err != nil {
			return fail(err)
		}
	}
	probe, err := os.CreateTemp(dir, ".probe")
	if err != nil {
		return fail(err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return fail(err)
	}
	path, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return fail(err)
	}
	return path, nil
}

// enterable is canEnter of the account. Where the umask is strict, another process may be just about to let it in: mkdir
// does so in two steps.
func (c *cache) enterable(dir string) error {
	const tries, pause = 5, 10 * time.Millisecond
	var err error
	for range tries {
		if err = c.account.canEnter(dir); err == nil {
			return nil
		}
		time.Sleep(pause)
	}
	return err
}

// mkdir makes a directory that only this user can read, and that the server's account can pass.
func (c *cache) mkdir(path string) error {
	mode := fs.FileMode(0o700)
	if c.account.suffix() != "" {
		mode = 0o711
	}
	err := os.Mkdir(path, mode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil || mode == 0o700 {
		return err
	}
	return os.Chmod(path, mode) // whatever the umask
}

func (c *cache) dataDir(elem ...string) string {
	if c.scratch != "" && len(elem) > 0 && elem[0] == "scratch" {
		return filepath.Join(append([]string{c.scratch}, elem[1:]...)...)
	}
	return filepath.Join(append([]string{c.root, dataLayout}, elem...)...)
}

// buildID names one build of PostgreSQL. Two builds of one version can differ in what they write.
func buildID(bin *Binaries) (string, error) {
	info, err := os.Stat(bin.program("postgres"))
	if err != nil {
		return "", fmt.Errorf("postgres binary: %w", err)
	}
	identity := fmt.Sprintf("%s\x00%d\x00%d\x00%s", bin.Dir, info.Size(), info.ModTime().UnixNano(), strings.Join(initdbArgs(), " "))
	return bin.Version + "-" + shortHash(identity), nil
}

func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// entry is a data directory with what belongs to it, locked by this process.
type entry struct {
	dir      string
	lock     *fileLock
	account  account
	keepable bool // has a place in the cache
	complete bool // was marked as complete when it was taken
}

func (e *entry) data() string       { return filepath.Join(e.dir, "data") }
func (e *entry) logFile() string    { return filepath.Join(e.dir, "log") }
func (e *entry) markerFile() string { return filepath.Join(e.dir, "complete") }
func (e *entry) linkFile() string   { return filepath.Join(e.dir, "socket") }

// take locks a directory for a server: one kept for the key if there is a free one, else an empty one.
func (c *cache) take(ctx context.Context, bin *Binaries, key string) (*entry, error) {
	if key == "" {
		return c.takeScratch()
	}
	build, err := buildID(bin)
	if err != nil {
		return nil, err
	}
	for slot := range slotsPerKey {
		dir := c.dataDir("schema", build+"-"+shortHash(key)+"."+strconv.Itoa(slot))
		e, err := c.lockEntry(dir)
		if errors.Is(err, errLocked) {
			continue
		}
		if err != nil {
			return nil, err
		}
		e.keepable = true
		if err := c.stopOrphan(ctx, e, bin); err != nil {
			return nil, errors.Join(err, e.lock.unlock())
		}
		if e.complete = e.isComplete(); e.complete {
			if err := e.touch(); err != nil {
				return nil, errors.Join(err, e.lock.unlock())
			}
		}
		return e, nil
	}
	c.log.printf("all directories kept for this schema are in use")
	return c.takeScratch()
}

func (c *cache) takeScratch() (*entry, error) {
	for {
		var id [4]byte
		rand.Read(id[:])
		e, err := c.lockEntry(c.dataDir("scratch", hex.EncodeToString(id[:])))
		if !errors.Is(err, errLocked) {
			return e, err
		}
	}
}

// lockEntry locks a directory and makes it if needed.
func (c *cache) lockEntry(dir string) (*entry, error) {
	lock, err := tryLock(dir+".lock", false)
	if err != nil {
		return nil, err
	}
	if err := c.mkdir(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("data directory: %w", err), lock.unlockAndRemove())
	}
	return &entry{dir: dir, lock: lock, account: c.account}, nil
}

// marker is the content of the file that makes a directory complete.
type marker struct {
	// Boot is the boot of the machine in which the directory was made. Nothing is synced to disk, so after another boot,
	// perhaps after a power cut, the files cannot be trusted.
	Boot string `json:"boot"`
}

func (e *entry) isComplete() bool {
	text, err := os.ReadFile(e.markerFile())
	if err != nil {
		return false
	}
	var m marker
	return json.Unmarshal(text, &m) == nil && m.Boot == bootID()
}

func (e *entry) markComplete() error {
	text, err := json.Marshal(marker{Boot: bootID()})
	if err != nil {
		return fmt.Errorf("mark the data directory: %w", err)
	}
	// Written under another name first, so that the marker is there whole or not at all.
	temporary := e.markerFile() + ".new"
	if err := os.WriteFile(temporary, text, 0o600); err != nil {
		return fmt.Errorf("mark the data directory: %w", err)
	}
	if err := os.Rename(temporary, e.markerFile()); err != nil {
		return fmt.Errorf("mark the data directory: %w", err)
	}
	return nil
}

func (e *entry) unmark() error {
	if err := os.Remove(e.markerFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unmark the data directory: %w", err)
	}
	return nil
}

// touch notes that the directory was used now, for the order of clean-up.
func (e *entry) touch() error {
	now := time.Now()
	if err := os.Chtimes(e.markerFile(), now, now); err != nil {
		return fmt.Errorf("note the use of the data directory: %w", err)
	}
	return nil
}

// socketDir makes the directory for the server's socket: in the entry, or elsewhere if that path is too long or has a
// comma, which separates hosts in a connection string.
func (e *entry) socketDir(account account) (string, error) {
	dir := filepath.Join(e.dir, "run")
	if len(dir)+len("/.s.PGSQL.00000") <= maxSocketPath && !strings.Contains(dir, ",") {
		if err := os.RemoveAll(dir); err != nil {
			return "", fmt.Errorf("socket directory: %w", err)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			return "", fmt.Errorf("socket directory: %w", err)
		}
	} else {
		if err := e.removeSocketDir(); err != nil {
			return "", err
		}
		var err error
		if dir, err = shortTempDir(); err != nil {
			return "", fmt.Errorf("socket directory: %w", err)
		}
		if err := os.WriteFile(e.linkFile(), []byte(dir), 0o600); err != nil {
			return "", errors.Join(fmt.Errorf("socket directory: %w", err), os.Remove(dir))
		}
	}
	if err := account.own(dir); err != nil {
		return "", fmt.Errorf("socket directory: %w", err)
	}
	return dir, nil
}

const socketDirPrefix = "pgwright-socket-"

func shortTempDir() (string, error) {
	parent := os.TempDir()
	if len(parent) > 40 || strings.Contains(parent, ",") {
		parent = "/tmp"
	}
	return os.MkdirTemp(parent, socketDirPrefix)
}

// removeSocketDir removes a socket directory that lies outside of the entry.
func (e *entry) removeSocketDir() error {
	dir, err := os.ReadFile(e.linkFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("socket directory: %w", err)
	}
	if strings.HasPrefix(filepath.Base(string(dir)), socketDirPrefix) {
		if err := os.RemoveAll(string(dir)); err != nil {
			return fmt.Errorf("socket directory: %w", err)
		}
	}
	return os.Remove(e.linkFile())
}

// release frees the entry, and removes it unless it is complete.
func (e *entry) release() error {
	if !e.isComplete() {
		return e.discard()
	}
	return errors.Join(e.removeSocketDir(), e.lock.unlock())
}

// discard removes the entry and frees its lock.
func (e *entry) discard() error {
	err := e.unmark() // first, so that what is left after an interruption is not taken for a whole directory
	if err == nil {
		err = e.removeSocketDir()
	}
	if removeErr := removeAll(e.dir); removeErr != nil {
		return errors.Join(err, removeErr, e.lock.unlock())
	}
	return errors.Join(err, e.lock.unlockAndRemove())
}

// removeAll removes a tree. Children of a server that was just stopped may still drop a file into it.
func removeAll(path string) error {
	var err error
	for range 5 {
		if err = os.RemoveAll(path); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("remove data directory: %w", err)
}

// stopOrphan stops a server that runs in a directory whose lock was free: its parent was killed.
func (c *cache) stopOrphan(ctx context.Context, e *entry, bin *Binaries) error {
	pid, err := postmasterPID(e.data())
	if pid == 0 || err != nil {
		return err
	}
	running := func() (bool, error) {
		args, err := commandLine(pid)
		if err != nil {
			return false, fmt.Errorf("look at process %d: %w", pid, err)
		}
		return runsIn(args, e.data()), nil
	}
	for _, mode := range []stopMode{fast, immediate, kill} {
		alive, err := running()
		if !alive || err != nil {
			return err
		}
		c.log.printf("stopping server %d, which a killed run left behind (%s)", pid, mode)
		if err := signalOrphan(pid, mode, bin); err != nil {
			return fmt.Errorf("stop server %d that a killed run left behind: %w", pid, err)
		}
		for end := time.Now().Add(orphanTimeout); alive && time.Now().Before(end); {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(2 * time.Millisecond):
			}
			if alive, err = running(); err != nil {
				return err
			}
		}
		if !alive {
			return nil
		}
	}
	return fmt.Errorf("server %d that a killed run left behind does not stop", pid)
}

// runsIn reports whether the arguments are those of a postmaster on the data directory.
func runsIn(args []string, data string) bool {
	if len(args) == 0 || !strings.HasPrefix(filepath.Base(args[0]), "postgres") {
		return false
	}
	return runtime.GOOS == "windows" || slices.Contains(args, data) || strings.Contains(strings.Join(args, " "), " -D "+data+" ")
}

// postmasterPID returns the process noted in postmaster.pid, or 0 if there is none.
func postmasterPID(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for a running server: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0, nil
	}
	return pid, nil
}

// sweep removes what killed runs left behind and what was not used for long. Its errors are no reason to fail a run: the
// next sweep meets them again.
func (c *cache) sweep(ctx context.Context, bin *Binaries) {
	for _, kind := range []struct {
		name string
		keep int
	}{{"scratch", 0}, {"schema", keptDirs}, {"template", keptTemplates}} {
		if err := c.sweepKind(ctx, bin, kind.name, kind.keep); err != nil {
			c.log.printf("clean-up of %s: %v", c.dataDir(kind.name), err)
		}
	}
}

func (c *cache) sweepKind(ctx context.Context, bin *Binaries, kind string, keep int) error {
	files, err := os.ReadDir(c.dataDir(kind))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	var all []usage
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".lock")
		if !seen[name] {
			seen[name] = true
			all = append(all, lastUse(c.dataDir(kind, name)))
		}
	}
	slices.SortFunc(all, func(a, b usage) int {
		return cmp.Or(b.used.Compare(a.used), strings.Compare(a.dir, b.dir))
	})
	var errs []error
	kept := 0
	for _, u := range all {
		if ctx.Err() != nil {
			break
		}
		stays := u.complete && kept < keep && time.Since(u.used) < keptFor
		if stays {
			kept++
			pid, err := postmasterPID(filepath.Join(u.dir, "data"))
			errs = append(errs, err)
			if pid == 0 {
				continue
			}
		}
		errs = append(errs, c.sweepEntry(ctx, bin, u, stays))
	}
	return errors.Join(errs...)
}

// usage is what decides whether a directory is removed.
type usage struct {
	dir      string
	complete bool
	used     time.Time
}

func lastUse(dir string) usage {
	e := entry{dir: dir}
	u := usage{dir: dir, complete: e.isComplete()}
	if info, err := os.Stat(e.markerFile()); err == nil {
		u.used = info.ModTime()
	}
	return u
}

// sweepEntry stops an orphan in a directory that is not in use and removes the directory unless it stays.
func (c *cache) sweepEntry(ctx context.Context, bin *Binaries, seen usage, stays bool) error {
	lock, err := tryLock(seen.dir+".lock", false)
	if errors.Is(err, errLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	if lastUse(seen.dir) != seen {
		return lock.unlock() // somebody used it between the look at it and the lock
	}
	e := &entry{dir: seen.dir, lock: lock, account: c.account}
	if err := c.stopOrphan(ctx, e, bin); err != nil {
		return errors.Join(err, lock.unlock())
	}
	if stays {
		return lock.unlock()
	}
	c.log.printf("removed %s", seen.dir)
	return e.discard()
}

// CacheDir returns the directory where this package keeps its things, for others that belong to the same cache. It is made
// if it is not there.
func CacheDir(opts Options) (string, error) {
	account, err := serverAccount()
	if err != nil {
		return "", err
	}
	c, err := openCache(opts, account, newLogger(opts.Log))
	if err != nil {
		return "", err
	}
	return c.root, nil
}
