// Package pgtest gives each test an empty PostgreSQL database of its own, on one server per test binary.
//
// Rules for callers:
//
//   - A test calls [New] or [Schema] and gets a connection string; parallel tests do not see each other. The database is
//     dropped when the test ends, with whatever connections it left open.
//   - A package that uses databases has `func TestMain(m *testing.M) { pgtest.Main(m) }`, which stops the server and
//     removes its files. Without it the server still ends with the test binary on Linux, and its files are removed by the
//     next run.
//   - With PGWRIGHT_TEST_PGBOUNCER set, the connection strings of New and Schema go through a PgBouncer in transaction mode,
//     with the exec mode that the documentation names for it. What a test needs for itself on the server, beside what it
//     tests, it does through [Direct]. [Pooled] is the way through a PgBouncer in any case.
//   - Without a server a test fails; it does not skip. PGWRIGHT_TEST_POSTGRES_BIN names the folder of the server to use, so
//     that the same tests run on several versions; fetchpg fills a folder for each.
package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/internal/server"
)

// BouncerEnv is the environment variable that, set to anything, puts a PgBouncer between the tests and their databases.
const BouncerEnv = "PGWRIGHT_TEST_PGBOUNCER"

// bouncerMode is the exec mode that docs/RUNTIME.md names for PgBouncer.
const bouncerMode = "cache_describe"

// BinEnv is the environment variable that names the folder of the PostgreSQL to test on.
const BinEnv = "PGWRIGHT_TEST_POSTGRES_BIN"

// maxConnections is enough for as many parallel tests as there are cores, each with a pool.
const maxConnections = 200

const (
	createTimeout = 3 * time.Minute // dropping waits for every backend, however busy the machine
	maxNameLength = 63
)

// shared is the server of this test binary, started by its first user.
var shared sharedServer

type sharedServer struct {
	mu      sync.Mutex
	started bool
	server  *server.Server
	err     error

	bouncing   bool
	bouncer    *server.Bouncer
	bouncerErr error
}

func (s *sharedServer) get() (*server.Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started {
		s.started = true
		s.server, s.err = server.Start(context.Background(), server.Options{
			BinDir:         os.Getenv(BinEnv),
			ScratchDir:     server.MemoryDir(),
			MaxConnections: maxConnections,
		}, "")
	}
	return s.server, s.err
}

// pooler returns the PgBouncer of this test binary, started by its first user.
func (s *sharedServer) pooler() (*server.Bouncer, error) {
	running, err := s.get()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.bouncing {
		s.bouncing = true
		s.bouncer, s.bouncerErr = running.StartBouncer(context.Background())
	}
	return s.bouncer, s.bouncerErr
}

func (s *sharedServer) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil
	}
	running, bouncer := s.server, s.bouncer
	s.server, s.started = nil, false
	s.bouncer, s.bouncing = nil, false
	var err error
	if bouncer != nil {
		err = bouncer.Stop()
	}
	return errors.Join(err, running.Stop())
}

// Main runs the tests of a package, stops the shared server, and exits. It fails the package if the server cannot be
// stopped. A panic in a test ends the process without it; the server then ends as the package comment says.
func Main(m *testing.M) {
	code := m.Run()
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// Server returns the server of this test binary. The test must not stop it, nor change its roles and settings.
func Server(t testing.TB) *server.Server {
	t.Helper()
	s, err := shared.get()
	if err != nil {
		t.Fatalf("pgtest: these tests need a PostgreSQL server (%s names one): %v", BinEnv, err)
	}
	return s
}

// New makes an empty database for the test and returns its connection string.
func New(t testing.TB) string {
	t.Helper()
	name := create(t)
	if os.Getenv(BouncerEnv) != "" {
		return pooled(t, name)
	}
	return Server(t).URL(name)
}

// create makes an empty database that is dropped with the test.
func create(t testing.TB) (name string) {
	t.Helper()
	s := Server(t)
	name = databaseName(t.Name())
	identifier := pgx.Identifier{name}.Sanitize()
	sql := "CREATE DATABASE " + identifier + " TEMPLATE template0"
	if s.Binaries().Major >= 15 {
		sql += " STRATEGY file_copy" // the only way before 15, and faster than the default since
	}
	if err := execute(s.URL("postgres"), sql); err != nil {
		t.Fatalf("pgtest: create a database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(s.URL("postgres"), "DROP DATABASE IF EXISTS "+identifier+" WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: drop the database: %v", err)
		}
	})
	return name
}

// Schema makes a database for the test as New does and runs a script in it, as one transaction.
func Schema(t testing.TB, sql string) string {
	t.Helper()
	url := New(t)
	if err := execute(Direct(t, url), sql); err != nil {
		t.Fatalf("pgtest: apply the schema: %v", err)
	}
	return url
}

// Direct returns the connection string of the same database without a PgBouncer between.
func Direct(t testing.TB, url string) string {
	t.Helper()
	return Server(t).URL(databaseOf(t, url))
}

// Pooled returns the connection string of the same database through a PgBouncer in transaction mode, with the exec mode
// that the documentation names for it.
func Pooled(t testing.TB, url string) string {
	t.Helper()
	return pooled(t, databaseOf(t, url))
}

func pooled(t testing.TB, database string) string {
	t.Helper()
	b, err := shared.pooler()
	if err != nil {
		t.Fatalf("pgtest: these tests need a PgBouncer: %v", err)
	}
	return b.URL(database) + "&default_query_exec_mode=" + bouncerMode
}

func databaseOf(t testing.TB, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return config.Database
}

func execute(url, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), createTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	// The simple protocol takes several statements at once.
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	if closeErr := conn.Close(ctx); err == nil {
		err = closeErr
	}
	return err
}

var notPlain = regexp.MustCompile(`[^a-z0-9]+`)

// databaseName makes a name that shows in the server's messages which test it belongs to.
func databaseName(test string) string {
	var random [6]byte
	rand.Read(random[:])
	suffix := "_" + hex.EncodeToString(random[:])
	plain := strings.Trim(notPlain.ReplaceAllString(strings.ToLower(test), "_"), "_")
	return plain[:min(len(plain), maxNameLength-len(suffix))] + suffix
}
