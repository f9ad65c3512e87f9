package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Bouncer is a PgBouncer in front of a server, in transaction mode: each transaction of a client may run on another
// connection to the server. Its methods are safe for concurrent use.
type Bouncer struct {
	server  *Server
	process *process
	files   []string
	logFile string
}

const (
	// bouncerPort makes the name of PgBouncer's socket, which lies beside the server's.
	bouncerPort = 6432
	// bouncerConnections is how many connections to the server each database can have.
	bouncerConnections = 20
	bouncerTimeout     = 20 * time.Second
)

// bouncerFolders are where packages put a program that is not on everyone's path.
var bouncerFolders = []string{"/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"}

// findBouncer returns the path of pgbouncer.
func findBouncer() (string, error) {
	if path, err := exec.LookPath("pgbouncer"); err == nil {
		return path, nil
	}
	for _, dir := range bouncerFolders {
		path := filepath.Join(dir, "pgbouncer")
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0 {
			return path, nil
		}
	}
	return "", errors.New("no pgbouncer found: install it with the system's package manager (on Debian: apt-get install pgbouncer)")
}

// StartBouncer starts a PgBouncer in front of the server. It lives until [Bouncer.Stop], which has to come before
// [Server.Stop], or until this process dies.
func (s *Server) StartBouncer(ctx context.Context) (*Bouncer, error) {
	if runtime.GOOS == "windows" {
		return nil, errors.New("PgBouncer is started on Unix systems only")
	}
	program, err := findBouncer()
	if err != nil {
		return nil, err
	}
	account, err := serverAccount()
	if err != nil {
		return nil, err
	}
	b := &Bouncer{server: s, logFile: filepath.Join(s.host, "pgbouncer.log")}
	settings, users := filepath.Join(s.host, "pgbouncer.ini"), filepath.Join(s.host, "pgbouncer.users")
	b.files = []string{settings, users, b.logFile, filepath.Join(s.host, ".s.PGSQL."+strconv.Itoa(bouncerPort))}
	for path, text := range map[string]string{settings: b.settings(users), users: strconv.Quote(Superuser) + ` ""` + "\n"} {
		if err := writeOwned(path, text, account); err != nil {
			return nil, errors.Join(err, b.remove())
		}
	}
	logFile, err := os.OpenFile(b.logFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("log of pgbouncer: %w", err), b.remove())
	}
	defer logFile.Close()
	b.process, err = startProcess(command{
		path: program, args: []string{settings}, dir: s.host, output: logFile, account: account, onDeath: kill,
	})
	if err != nil {
		return nil, errors.Join(err, b.remove())
	}
	if err := b.awaitReady(ctx); err != nil {
		return nil, errors.Join(err, b.Stop())
	}
	return b, nil
}

func writeOwned(path, text string, account account) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("settings of pgbouncer: %w", err)
	}
	return account.own(path)
}

// settings are those of a PgBouncer out of the box but for the mode, and for limits that many parallel tests keep to.
func (b *Bouncer) settings(users string) string {
	lines := []string{
		"[databases]",
		"* = host=" + b.server.host + " port=" + strconv.Itoa(b.server.port),
		"[pgbouncer]",
		"pool_mode = transaction",
		"listen_addr =",
		"listen_port = " + strconv.Itoa(bouncerPort),
		"unix_socket_dir = " + b.server.host,
		"auth_type = trust",
		"auth_file = " + users,
		"stats_users = " + Superuser, // may ask the database "pgbouncer" with SHOW POOLS and the like
		"max_client_conn = 1000",
		"default_pool_size = " + strconv.Itoa(bouncerConnections),
		// URL sets it to nothing, so that the environment cannot set it to something.
		"ignore_startup_parameters = options",
	}
	return strings.Join(lines, "\n") + "\n"
}

func (b *Bouncer) awaitReady(ctx context.Context) error {
	config, err := pgconn.ParseConfig(b.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connection settings: %w", err)
	}
	deadline := time.Now().Add(bouncerTimeout)
	for {
		conn, err := pgconn.ConnectConfig(ctx, config)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-b.process.done:
			return fmt.Errorf("pgbouncer stopped while starting: %w; its log ends:\n%s", b.process.failure(), logTail(b.logFile))
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("pgbouncer does not answer after %s: %w; its log ends:\n%s", bouncerTimeout, err, logTail(b.logFile))
		}
	}
}

// URL returns a connection string for a database of the server, as [Server.URL] does, through PgBouncer.
func (b *Bouncer) URL(database string) string { return b.server.url(database, bouncerPort) }

// Stop ends PgBouncer at once. Connections through it are cut.
func (b *Bouncer) Stop() error {
	err := b.process.stop(kill, stopTimeout)
	if err != nil {
		err = fmt.Errorf("%w; its log ends:\n%s", err, logTail(b.logFile))
	}
	return errors.Join(err, b.remove())
}

func (b *Bouncer) remove() error {
	var errs []error
	for _, path := range b.files {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
