package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/runtime"
	"github.com/pgwright/pgwright/runtime/profile"
)

// instance is what a doctor finds out about the server behind a profile.
type instance struct {
	opened  time.Duration // what it took to connect
	latency time.Duration // the median of some round trips
	skew    time.Duration // how far the server's clock is ahead of ours

	remote net.Addr
	tls    *tls.ConnectionState // nil without TLS
	// verified is true if the server's certificate was checked.
	verified bool
	maxSize  int32
	execMode pgx.QueryExecMode

	version                     string
	versionNumber               int
	database, role              string
	superuser                   bool
	roleLimit                   int // connections of the role, -1 for any number
	connections, maxConnections int
	reserved                    int // connections that only superusers get
	statementTimeout            string
	standby                     bool
	pooled                      bool // something else than the server answered
	prepared                    preparation
	schema                      *string // where names are looked for first, nil for nowhere
	encoding                    string
	clock                       time.Time
}

// preparation says what becomes of prepared statements behind a pooler.
type preparation int

const (
	preparationUnknown preparation = iota
	preparationKept
	preparationLost
)

// roundTrips is the number of round trips whose median is the latency.
const roundTrips = 21

// inquiry reads all that a role without privileges may know, in one round trip.
const inquiry = `select current_setting('server_version'), current_setting('server_version_num')::int4,
	current_database(), current_user, r.rolsuper, r.rolconnlimit,
	(select count(*) from pg_stat_activity where backend_type = 'client backend')::int4,
	current_setting('max_connections')::int4,
	current_setting('superuser_reserved_connections')::int4 + coalesce(current_setting('reserved_connections', true)::int4, 0),
	current_setting('statement_timeout'), pg_is_in_recovery(), pg_backend_pid(), current_schema(),
	current_setting('server_encoding'), clock_timestamp()
from pg_roles r where r.rolname = current_user`

// examine asks the server.
func (s *instance) examine(ctx context.Context, client *runtime.Client, settings *profile.Settings) error {
	config := client.Pool().Config()
	s.maxSize, s.execMode = config.MaxConns, config.ConnConfig.DefaultQueryExecMode
	err := client.Conn(ctx, func(conn *pgx.Conn) error {
		s.remote = conn.PgConn().Conn().RemoteAddr()
		if c, ok := conn.PgConn().Conn().(*tls.Conn); ok {
			state := c.ConnectionState()
			s.tls = &state
			s.verified = s.isVerified(conn.Config())
		}
		var trips []time.Duration
		for range roundTrips {
			begin := time.Now()
			if err := conn.Ping(ctx); err != nil {
				return err
			}
			trips = append(trips, time.Since(begin))
		}
		slices.Sort(trips)
		s.latency = trips[len(trips)/2]
		begin := time.Now()
		var backend int32
		// Nothing is prepared: whether a pooler keeps that is yet to be seen.
		err := conn.QueryRow(ctx, inquiry, pgx.QueryExecModeExec).Scan(&s.version, &s.versionNumber, &s.database, &s.role, &s.superuser,
			&s.roleLimit, &s.connections, &s.maxConnections, &s.reserved, &s.statementTimeout, &s.standby, &backend, &s.schema, &s.encoding, &s.clock)
		if err != nil {
			return err
		}
		s.skew = s.clock.Sub(begin.Add(time.Since(begin) / 2))
		// A pooler has process ids of its own.
		s.pooled = conn.PgConn().PID() != uint32(backend)
		return nil
	})
	if err != nil || !s.pooled || s.maxSize < 2 {
		return err
	}
	return s.tryPrepared(ctx, client)
}

// isVerified reports whether the connection would have failed with a wrong
// certificate.
func (s *instance) isVerified(config *pgx.ConnConfig) bool {
	return config.TLSConfig != nil && (!config.TLSConfig.InsecureSkipVerify || config.TLSConfig.VerifyPeerCertificate != nil || config.TLSConfig.VerifyConnection != nil)
}

// tryPrepared finds out whether a pooler keeps prepared statements: one
// connection prepares a statement, another one then keeps the server's
// connection busy, and the first uses the statement on what it gets.
func (s *instance) tryPrepared(ctx context.Context, client *runtime.Client) error {
	const name = "pgwright_doctor"
	return client.Conn(ctx, func(one *pgx.Conn) error {
		return client.Conn(ctx, func(other *pgx.Conn) error {
			if _, err := one.PgConn().Prepare(ctx, name, "select 1", nil); err != nil {
				return err
			}
			if _, err := other.PgConn().Exec(ctx, "begin").ReadAll(); err != nil {
				return err
			}
			// The pooler may have no second connection to the server to give.
			short, cancel := context.WithTimeout(ctx, 2*time.Second)
			err := one.PgConn().ExecPrepared(short, name, nil, nil, nil).Read().Err
			cancel()
			var refusal *pgconn.PgError
			switch {
			case err == nil:
				s.prepared = preparationKept
			case errors.As(err, &refusal) && refusal.Code == "26000":
				s.prepared = preparationLost
			}
			_, err = other.PgConn().Exec(ctx, "rollback").ReadAll()
			if s.prepared == preparationKept {
				_, gone := one.PgConn().Exec(ctx, "deallocate "+name).ReadAll()
				err = errors.Join(err, gone)
			}
			return err
		})
	})
}

// text is a table of what the server is.
func (s *instance) text() ([]byte, error) {
	var b bytes.Buffer
	t := newSection(&b, "server")
	version := "PostgreSQL " + s.version
	if s.standby {
		version += ", a standby"
	}
	t.row("version", version)
	address := s.remote.String()
	if s.remote.Network() == "unix" {
		address = "a Unix socket"
	}
	if s.pooled {
		address += ", a pooler"
	}
	t.row("address", address)
	t.row("database", s.database)
	role := s.role
	if s.superuser {
		role += ", a superuser"
	}
	t.row("role", role)
	encryption := "none"
	if s.tls != nil {
		encryption = tls.VersionName(s.tls.Version) + ", certificate not verified"
		if s.verified {
			encryption = tls.VersionName(s.tls.Version) + ", certificate verified"
		}
	}
	t.row("TLS", encryption)
	t.row("time to connect", milliseconds(s.opened))
	t.row("round trip", fmt.Sprintf("%s, the median of %d", milliseconds(s.latency), roundTrips))
	t.row("connections", fmt.Sprintf("%d of %d are open; the pool opens up to %d", s.connections, s.maxConnections, s.maxSize))
	limit := s.statementTimeout
	if limit == "0" {
		limit = "none"
	}
	t.row("statement timeout", limit)
	err := t.Flush()
	return b.Bytes(), err
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 2, 64) + " ms"
}

// oldest is the oldest version that pgwright is made for.
const oldest = 13

// supported are the days of the last fixes of the versions, from
// https://www.postgresql.org/support/versioning/.
var supported = map[int]string{
	13: "2025-11-13", 14: "2026-11-12", 15: "2027-11-11", 16: "2028-11-09", 17: "2029-11-08", 18: "2030-11-14",
}

// judge says what is wrong with the server and with how it is used.
func (s *instance) judge(settings *profile.Settings, f *findings) {
	major := s.versionNumber / 10000
	if major < oldest {
		f.error("PostgreSQL %s is older than %d, the oldest that pgwright is made for: upgrade the server", s.version, oldest)
	} else if last, ok := supported[major]; ok && time.Now().Format(time.DateOnly) > last {
		f.advise("PostgreSQL %d gets no fixes since %s: upgrade the server", major, last)
	}
	tcp, isTCP := s.remote.(*net.TCPAddr)
	far := isTCP && !tcp.IP.IsLoopback()
	switch {
	case far && s.tls == nil:
		f.error("the connection to %s is not encrypted: %s", tcp.IP, verifyFull(settings))
	case far && !s.verified:
		f.advise("nobody checks that %s is the right server: %s", tcp.IP, verifyFull(settings))
	}
	if s.superuser {
		f.advise("%s is a superuser: let the application connect as a role that owns nothing more than it needs", s.role)
	}
	if s.statementTimeout == "0" {
		f.advise("a statement may run for ever: set statement_timeout = \"30s\" in the profile, or ALTER ROLE … SET statement_timeout")
	}
	s.judgeConnections(settings, f)
	s.judgePooler(settings, f)
	if s.schema == nil {
		f.advise("search_path names no schema that exists and that %s may use: names without a schema are not found", s.role)
	}
	if s.encoding == "SQL_ASCII" {
		f.advise("the database has the encoding SQL_ASCII, so that its texts may be of any: Go's strings are UTF-8")
	}
	if skew := s.skew.Abs(); skew > 2*time.Second {
		f.advise("the clocks are %v apart: have both machines set theirs by NTP", skew.Round(100*time.Millisecond))
	}
	if s.latency > 20*time.Millisecond {
		f.advise("a round trip takes %s: keep the application near the database, and statements in batches", milliseconds(s.latency))
	}
}

// verifyFull says how to have the server's certificate verified.
func verifyFull(settings *profile.Settings) string {
	if settings.DSN != "" {
		return "write sslmode=verify-full in dsn (" + origin(settings, "dsn") + ")"
	}
	return "set sslmode = \"verify-full\" (it is " + cmp.Or(settings.SSLMode, "not set") + ")"
}

// judgeConnections compares the pool with what the server has.
func (s *instance) judgeConnections(settings *profile.Settings, f *findings) {
	if s.pooled {
		// How many connections the pooler has for us, it does not tell.
		return
	}
	available := s.maxConnections
	if !s.superuser {
		available -= s.reserved
	}
	size := fmt.Sprintf("the pool may open %d connections (%s)", s.maxSize, origin(settings, "pool.max_size"))
	switch {
	case int(s.maxSize) > available:
		f.error("%s, and the server has %d for it (max_connections %d): make one of them fit, for all processes together", size, available, s.maxConnections)
	case s.roleLimit >= 0 && int(s.maxSize) > s.roleLimit:
		f.error("%s, and the role %s has a limit of %d: make one of them fit, for all processes together", size, s.role, s.roleLimit)
	case int(s.maxSize)*2 > available:
		f.advise("%s, more than half of the %d that the server has for all: two such processes do not fit", size, available)
	}
}

// judgePooler says which exec modes lose what they prepared.
func (s *instance) judgePooler(settings *profile.Settings, f *findings) {
	if !s.pooled || s.execMode != pgx.QueryExecModeCacheStatement && s.execMode != pgx.QueryExecModeDescribeExec {
		return
	}
	const do = "set exec_mode = \"exec\" or \"cache_describe\", or max_prepared_statements in PgBouncer"
	mode := strings.ReplaceAll(s.execMode.String(), " ", "_")
	switch s.prepared {
	case preparationKept:
	case preparationLost:
		f.error("a pooler in transaction mode loses prepared statements, which exec_mode %s (%s) needs: %s", mode, origin(settings, "exec_mode"), do)
	case preparationUnknown:
		f.advise("a pooler is in front, and exec_mode %s (%s) needs prepared statements: if it pools transactions, %s", mode, origin(settings, "exec_mode"), do)
	}
}
