// Package server finds, starts, caches and stops a throwaway PostgreSQL, and fetches its binaries on request.
//
// Rules for callers:
//
//   - [Start] without a key gives an empty server that is thrown away by [Server.Stop]. With a key (the hash of a schema)
//     it gives the data directory kept for that server version and key. [Server.Fresh] tells whether that directory is
//     new: then apply the schema and call [Server.Keep]; a directory that was not marked by Keep is thrown away.
//   - The server lives until [Server.Stop] or until the context given to Start is done, whichever is first. Call Stop in
//     any case: it waits, and it reports what went wrong.
//   - The server listens on a Unix socket that only its own account can enter; on Windows on 127.0.0.1. It is
//     configured for speed, not for safety: a power cut may lose it. Directories made before the last boot of the
//     machine are for that reason made anew.
//   - Any number of processes and goroutines may use one cache directory at the same time. Each running server holds a
//     lock file; a lock that is free beside a running server marks a server whose parent was killed, and the next Start
//     stops that server. On Linux the kernel stops it together with its parent, on other Unix systems a watching shell
//     does; on Windows only the next Start cleans up.
//   - A process that runs as root starts the server as the user postgres or nobody, because PostgreSQL refuses root.
package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Superuser is the role that owns everything in a server started by this package. It needs no password.
const Superuser = "postgres"

// DefaultMaxConnections is the connection limit of a server whose Options do not set one.
const DefaultMaxConnections = 20

const (
	socketPort = 5432
	// cannotConnectNow is the SQLSTATE of a server that is still starting.
	cannotConnectNow = "57P03"
	// lockTableSize is how many locks all transactions together can hold. A schema script is one transaction and locks
	// every object that it makes; 500 tables with keys and sequences are some 5,000 objects.
	lockTableSize = 20 * 1024

	readyTimeout = time.Minute
	stopTimeout  = 20 * time.Second
)

// Options say where to look for PostgreSQL and where to keep data directories. The zero value uses the environment.
type Options struct {
	BinDir         string              // folder of postgres and initdb (--postgres-bin); nothing else is tried when set
	CacheDir       string              // default: PGWRIGHT_CACHE, else pgwright in the user's cache directory
	ScratchDir     string              // for directories that are not kept; default: in the cache directory
	Env            func(string) string // default [os.Getenv]
	Version        string              // wanted version: a major ("15"), or "15.18"; "" takes any supported one
	Log            io.Writer           // receives a line for each step with its duration; may be nil
	MaxConnections int                 // default [DefaultMaxConnections]

	// standard replaces the glob patterns of the standard install folders in tests.
	standard []string
	// extra settings for tests, as name=value.
	settings []string
}

func (o Options) env(name string) string {
	if o.Env != nil {
		return o.Env(name)
	}
	return os.Getenv(name)
}

// Server is a running throwaway PostgreSQL. Its methods are safe for concurrent use.
type Server struct {
	binaries *Binaries
	log      *logger
	entry    *entry
	process  *process
	host     string // socket directory, or an IP address on Windows
	port     int
	fresh    bool

	unwatch   func() bool
	stopSweep context.CancelFunc
	sweeper   sync.WaitGroup

	stop    sync.Once
	stopErr error
}

// Start starts a server on a data directory of its own: a scratch one if key is empty, else the one kept for the server's
// version and key. When all the directories kept for a key are in use by other servers the caller gets a scratch one,
// which is fresh. An error from the server carries the end of its log.
func Start(ctx context.Context, opts Options, key string) (*Server, error) {
	log := newLogger(opts.Log)
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	bin, err := Find(ctx, opts)
	if err != nil {
		return nil, err
	}
	log.printf("PostgreSQL %s from %s (%s)", bin.Version, bin.Dir, bin.Source)
	cache, err := openCache(opts, account, log)
	if err != nil {
		return nil, err
	}
	s := &Server{binaries: bin, log: log}
	if err := s.start(ctx, cache, opts, key); err != nil {
		return nil, err
	}
	s.unwatch = context.AfterFunc(ctx, func() { s.stop.Do(s.shutdown) })
	ctx, s.stopSweep = context.WithCancel(ctx)
	s.sweeper.Go(func() { cache.sweep(ctx, bin) })
	return s, nil
}

func (s *Server) start(ctx context.Context, cache *cache, opts Options, key string) error {
	e, err := cache.take(ctx, s.binaries, key)
	if err != nil {
		return err
	}
	s.entry = e
	if e.complete {
		if err = s.launch(ctx, opts, cache.account); err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return errors.Join(err, e.release())
		}
		s.log.printf("the directory kept for this schema does not start and is made anew: %v", err)
	}
	s.fresh = true
	for attempt := 0; ; attempt++ {
		made, err := cache.fill(ctx, s.binaries, e)
		if err != nil {
			return errors.Join(err, e.discard())
		}
		err = s.launch(ctx, opts, cache.account)
		if err == nil {
			return nil
		}
		// A copy of a template made in an earlier run fails: the template may be damaged, so one made now gets a try.
		if made || attempt > 0 || ctx.Err() != nil {
			return errors.Join(err, e.discard())
		}
		if err := cache.dropTemplate(ctx, s.binaries); err != nil {
			return errors.Join(err, e.discard())
		}
	}
}

// launch runs postgres on the entry's data directory and returns when it answers queries.
func (s *Server) launch(ctx context.Context, opts Options, account account) error {
	begin := time.Now()
	if err := s.listenPlace(account); err != nil {
		return err
	}
	logFile, err := os.OpenFile(s.entry.logFile(), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("server log: %w", err)
	}
	defer logFile.Close()
	p, err := startProcess(command{
		path:    s.binaries.program("postgres"),
		args:    s.arguments(opts),
		dir:     s.entry.data(),
		output:  logFile,
		account: account,
		onDeath: s.deathSignal(),
	})
	if err != nil {
		return err
	}
	s.process = p
	if err := s.awaitReady(ctx); err != nil {
		if p.ended() {
			return errors.Join(s.withLog(err), p.endWatch())
		}
		s.awaitHandlers()
		return errors.Join(s.withLog(err), p.stop(immediate, stopTimeout))
	}
	s.log.step("started the server", begin)
	return nil
}

// awaitHandlers waits until the postmaster notes its state in postmaster.pid. A signal that comes before that kills it
// with its System V memory segment left behind, and some systems have room for 32 of them.
func (s *Server) awaitHandlers() {
	for end := time.Now().Add(time.Second); time.Now().Before(end) && !s.process.ended(); {
		text, err := os.ReadFile(filepath.Join(s.entry.data(), "postmaster.pid"))
		if err == nil && (bytes.Contains(text, []byte("starting")) || bytes.Contains(text, []byte("ready"))) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// deathSignal is what the server receives when this process dies: a kept directory is shut down in order, so that its
// next start needs no recovery.
func (s *Server) deathSignal() stopMode {
	if s.entry.complete {
		return fast
	}
	return immediate
}

func (s *Server) listenPlace(account account) error {
	if runtime.GOOS == "windows" {
		port, err := freePort()
		if err != nil {
			return err
		}
		s.host, s.port = "127.0.0.1", port
		return nil
	}
	dir, err := s.entry.socketDir(account)
	if err != nil {
		return err
	}
	s.host, s.port = dir, socketPort
	return nil
}

func (s *Server) arguments(opts Options) []string {
	connections := opts.MaxConnections
	if connections <= 0 {
		connections = DefaultMaxConnections
	}
	settings := []string{
		"port=" + strconv.Itoa(s.port),
		"max_connections=" + strconv.Itoa(connections),
		"fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
		"min_wal_size=2MB", "max_wal_size=256MB", "checkpoint_timeout=1h",
		"autovacuum=off", "jit=off", "bgwriter_lru_maxpages=0", "track_counts=off",
		"max_worker_processes=0", "max_parallel_workers=0", "max_logical_replication_workers=0",
		"shared_buffers=32MB", "huge_pages=off",
		"max_locks_per_transaction=" + strconv.Itoa(max(64, lockTableSize/connections)),
		"logging_collector=off", "log_destination=stderr", "log_min_messages=fatal", "log_checkpoints=off",
		"timezone=UTC", "log_timezone=UTC", "ssl=off", "cluster_name=pgwright",
	}
	if runtime.GOOS == "windows" {
		settings = append(settings, "listen_addresses="+s.host)
	} else {
		settings = append(settings, "listen_addresses=", "unix_socket_directories="+quoteListItem(s.host),
			// In files of the data directory, so that a killed server leaves nothing in the system's shared memory.
			"dynamic_shared_memory_type=mmap")
	}
	if s.binaries.Major >= 18 {
		// The default of 18 starts three processes for asynchronous reads, which a small cached database never needs.
		settings = append(settings, "io_method=sync")
	}
	args := []string{"-D", s.entry.data()}
	for _, setting := range append(settings, opts.settings...) {
		args = append(args, "-c", setting)
	}
	return args
}

// quoteListItem makes a path safe in a setting that is a comma-separated list of identifiers.
func quoteListItem(path string) string {
	return `"` + strings.ReplaceAll(path, `"`, `""`) + `"`
}

func (s *Server) awaitReady(ctx context.Context) error {
	config, err := pgconn.ParseConfig(s.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connection settings: %w", err)
	}
	deadline := time.Now().Add(readyTimeout)
	for wait := time.Millisecond; ; wait = min(wait*5/4, 50*time.Millisecond) {
		conn, err := pgconn.ConnectConfig(ctx, config)
		if err == nil {
			return conn.Close(ctx)
		}
		var refusal *pgconn.PgError
		if errors.As(err, &refusal) && refusal.Code != cannotConnectNow {
			return fmt.Errorf("postgres refuses a connection: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.process.done:
			return fmt.Errorf("postgres stopped while starting: %w", s.process.failure())
		case <-time.After(wait):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("postgres does not answer after %s: %w", readyTimeout, err)
		}
	}
}

// URL returns a connection string for a database of the server; "postgres" always exists. It overrides those variables
// of the libpq environment (PGSSLMODE, PGOPTIONS, …) that would break or alter a connection.
func (s *Server) URL(database string) string { return s.url(database, s.port) }

func (s *Server) url(database string, port int) string {
	query := url.Values{
		"host": {s.host}, "port": {strconv.Itoa(port)},
		"sslmode": {"disable"}, "channel_binding": {"disable"}, "require_auth": {"none"},
		"target_session_attrs": {"any"}, "options": {""}, "timezone": {"UTC"},
	}
	// A plus sign stands for itself in these URLs.
	raw := strings.ReplaceAll(query.Encode(), "+", "%20")
	u := url.URL{Scheme: "postgres", User: url.User(Superuser), Path: "/" + database, RawQuery: raw}
	return u.String()
}

// ConnConfig returns the settings of URL in parsed form. Each call returns a value that the caller may change.
func (s *Server) ConnConfig(database string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(s.URL(database))
	if err != nil {
		return nil, fmt.Errorf("connection settings: %w", err)
	}
	return config, nil
}

// Socket returns the directory of the server's Unix socket, or "" on Windows.
func (s *Server) Socket() string {
	if runtime.GOOS == "windows" {
		return ""
	}
	return s.host
}

// Binaries returns the PostgreSQL that runs. The caller must not change it.
func (s *Server) Binaries() *Binaries { return s.binaries }

// Version returns the server's full version, as "15.18".
func (s *Server) Version() string { return s.binaries.Version }

// Fresh reports whether the data directory was newly made, so that it holds no schema yet.
func (s *Server) Fresh() bool { return s.fresh }

// Keep marks the data directory as complete: only then do later calls of Start with the same key find it. On a scratch
// directory it does nothing. Call it once, after the schema was applied.
func (s *Server) Keep(ctx context.Context) error {
	if !s.entry.keepable {
		return nil
	}
	config, err := s.ConnConfig("postgres")
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("keep the data directory: %w", err)
	}
	// Commits are asynchronous: without a checkpoint a killed server loses the last of them.
	_, err = conn.Exec(ctx, "CHECKPOINT")
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("keep the data directory: %w", err)
	}
	return s.entry.markComplete()
}

// Discard makes Stop throw the data directory away, even one that is kept: for a caller that found it damaged.
func (s *Server) Discard() error { return s.entry.unmark() }

// Stop stops the server and waits for its end: in order if its directory is kept, at once if it is thrown away.
// Connections still open are cut. Later calls return the result of the first.
func (s *Server) Stop() error {
	s.unwatch()
	s.stopSweep()
	s.stop.Do(s.shutdown)
	s.sweeper.Wait()
	return s.stopErr
}

func (s *Server) shutdown() {
	begin := time.Now()
	mode := immediate
	if s.entry.isComplete() {
		mode = fast
	}
	err := s.process.stop(mode, stopTimeout)
	if err != nil {
		err = errors.Join(s.withLog(err), s.entry.discard())
	} else {
		err = s.entry.release()
	}
	s.stopErr = err
	s.log.step("stopped the server", begin)
}

// withLog adds the end of the server's log to an error.
func (s *Server) withLog(err error) error {
	if tail := logTail(s.entry.logFile()); tail != "" {
		return fmt.Errorf("%w; its log ends:\n%s", err, tail)
	}
	return err
}

const tailBytes = 4096

// logTail returns the last lines of a log file, or "" if there is nothing to show.
func logTail(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > tailBytes {
		if _, err := f.Seek(-tailBytes, io.SeekEnd); err != nil {
			return ""
		}
	}
	text, err := io.ReadAll(io.LimitReader(f, tailBytes))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(text), "?"))
}

// logger writes the lines of -v. Several goroutines may use it.
type logger struct {
	mu  sync.Mutex
	out io.Writer
}

func newLogger(out io.Writer) *logger {
	if out == nil {
		out = io.Discard
	}
	return &logger{out: out}
}

func (l *logger) printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, "server: "+format+"\n", args...)
}

func (l *logger) step(what string, begin time.Time) {
	l.printf("%s in %s", what, time.Since(begin).Round(100*time.Microsecond))
}

func exeName(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

func (b *Binaries) program(name string) string { return filepath.Join(b.Dir, exeName(name)) }
