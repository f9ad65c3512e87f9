package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/server"
	"github.com/pgwright/pgwright/runtime/profile"
)

// clinic is a server with roles for doctors to look at.
type clinic struct{ host, port, superuser string }

const clinicSQL = `
set password_encryption = 'scram-sha-256';
create role app login password 'hunter 2';
create role limited login connection limit 2;
create role strict login;
alter role strict set statement_timeout = '5s';
create database closed;
revoke connect on database closed from public;
`

func newClinic(t *testing.T) clinic {
	t.Helper()
	s, err := server.Start(t.Context(), server.Options{BinDir: os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN")}, "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	config, err := s.ConnConfig("postgres")
	require.NoError(t, err)
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	for _, statement := range strings.Split(strings.TrimSpace(clinicSQL), ";\n") {
		_, err = conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	// The role app needs its password from now on.
	var path string
	var loaded time.Time
	require.NoError(t, conn.QueryRow(t.Context(), "select current_setting('hba_file'), pg_conf_load_time()").Scan(&path, &loaded))
	rules, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append([]byte("local all app scram-sha-256\n"), rules...), 0o600))
	_, err = conn.Exec(t.Context(), "select pg_reload_conf()")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		var now time.Time
		return conn.QueryRow(t.Context(), "select pg_conf_load_time()").Scan(&now) == nil && now.After(loaded)
	}, 10*time.Second, 10*time.Millisecond)
	return clinic{host: config.Host, port: fmt.Sprint(config.Port), superuser: config.User}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	c := newClinic(t)
	address := "host = '" + c.host + "'\nport = " + c.port + "\ndatabase = 'postgres'\n"
	behind := func(transactions bool) string {
		a := pooler{network: "unix", address: filepath.Join(c.host, ".s.PGSQL."+c.port), transactions: transactions}.start(t)
		return fmt.Sprintf("host = '127.0.0.1'\nport = %d\ndatabase = 'postgres'\nuser = 'strict'\nsslmode = 'disable'\nmax_size = 3\n", a.Port)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, silent.Close()) })
	for _, test := range []struct {
		name    string
		profile string
		mode    os.FileMode
		status  int
		want    []string // regular expressions of whole lines
		not     string   // a regular expression of what no line has; old servers get advice of their own, "PostgreSQL …"
	}{
		{
			name: "healthy", profile: address + "user = 'strict'\nmax_size = 3\n",
			want: []string{
				"profile p",
				`  user +strict +profiles.toml:5`,
				`  pool.max_size +3 +profiles.toml:6`,
				`  retries.attempts +3 +default`,
				"server",
				`  version +PostgreSQL 1[0-9][^ ]*.*`,
				`  address +a Unix socket`,
				`  database +postgres`,
				`  role +strict`,
				`  TLS +none`,
				`  time to connect +[0-9.]+ ms`,
				`  round trip +[0-9.]+ ms, the median of 21`,
				`  connections +[0-9]+ of [0-9]+ are open; the pool opens up to 3`,
				`  statement timeout +5s`,
				"healthy",
			},
			not: "^error:|^advice: [^P]|hunter",
		},
		{
			name: "a superuser without statement_timeout", profile: address + "user = '" + c.superuser + "'\nmax_size = 3\n",
			want: []string{
				"  role +" + c.superuser + ", a superuser",
				"advice: " + c.superuser + " is a superuser: .*",
				"advice: a statement may run for ever: set statement_timeout = .*",
				"healthy",
			},
		},
		{
			name: "the profile's statement_timeout", profile: address + "user = 'limited'\nmax_size = 2\nstatement_timeout = 7\n",
			want: []string{"  statement timeout +7s", "healthy"}, not: "^error:|^advice: [^P]",
		},
		{
			name: "a password in a file that all can read", profile: address + "user = 'app'\npassword = 'hunter 2'\nmax_size = 3\nstatement_timeout = 7\n", mode: 0o644,
			want: []string{`  password +\*\*\* +profiles.toml:6`, `advice: the password at profiles.toml:6 can be read by others \(mode 0644\): write password = "secret://…" there, or chmod 600 the file`, "healthy"},
			not:  "hunter",
		},
		{
			name: "a dsn, and what it overrides", profile: "dsn = \"host=" + c.host + " port=" + c.port + " dbname=postgres user=app password='hunter 2'\"\nuser = 'other'\nstatement_timeout = 7\nmax_size = 3\n", mode: 0o640,
			want: []string{
				`advice: user \(profiles.toml:3\) has no effect, because dsn is set \(profiles.toml:2\)`,
				`advice: the password at profiles.toml:2 can be read by others \(mode 0640\): write dsn = .*`, "healthy",
			},
			not: "hunter",
		},
		{
			name: "the wrong password", profile: address + "user = 'app'\npassword = 'hunter 3'\n", status: exitFailure,
			want: []string{`error: the server refuses the connection: password authentication failed for user "app" \(SQLSTATE 28P01\): check user \(profiles.toml:5\) and password \(profiles.toml:6\)`},
			not:  "hunter|healthy",
		},
		{
			name: "a role that does not exist", profile: address + "user = 'nobody'\n", status: exitFailure,
			want: []string{`error: .*role "nobody" does not exist \(SQLSTATE 28000\): check user \(profiles.toml:5\), and the lines of the server's pg_hba.conf for this machine`},
		},
		{
			name: "a database that does not exist", profile: strings.Replace(address, "'postgres'", "'nowhere'", 1) + "user = 'strict'\n", status: exitFailure,
			want: []string{`error: .*database "nowhere" does not exist \(SQLSTATE 3D000\): check database \(profiles.toml:4\), or create it`},
		},
		{
			name: "a database that one may not use", profile: strings.Replace(address, "'postgres'", "'closed'", 1) + "user = 'strict'\n", status: exitFailure,
			want: []string{`error: .*permission denied for database "closed" \(SQLSTATE 42501\): grant CONNECT .*`},
		},
		{
			name: "a setting that the server does not take", profile: address + "user = 'strict'\nparams.work_mem = 'much'\n", status: exitFailure,
			want: []string{`error: .*invalid value for parameter "work_mem": "much" \(SQLSTATE 22023\): check search_path, statement_timeout and params`},
		},
		{
			name: "a pool larger than the server", profile: address + "user = 'strict'\nmax_size = 5000\n", status: exitFailure,
			want: []string{`error: the pool may open 5000 connections \(profiles.toml:6\), and the server has [0-9]+ for it \(max_connections [0-9]+\): .*`},
			not:  "healthy",
		},
		{
			name: "a pool larger than the role's limit", profile: address + "user = 'limited'\nmax_size = 3\nstatement_timeout = 1\n", status: exitFailure,
			want: []string{`error: the pool may open 3 connections \(profiles.toml:6\), and the role limited has a limit of 2: .*`},
		},
		{
			name: "a search_path to nowhere", profile: address + "user = 'strict'\nmax_size = 3\nsearch_path = 'nowhere'\n",
			want: []string{`advice: search_path names no schema that exists and that strict may use: .*`, "healthy"},
		},
		{
			name: "an unknown sslmode", profile: address + "user = 'strict'\nsslmode = 'requre'\n", status: exitFailure,
			want: []string{`error: profiles.toml:6: sslmode: unknown "requre", did you mean "require"\? .*`},
		},
		{
			name: "several mistakes", profile: address + "usr = 'strict'\nmax_size = 'x'\n", status: exitFailure,
			want: []string{`error: profiles.toml:5: usr: unknown key, did you mean user\?`, `error: profiles.toml:6: max_size: want an integer .*`},
		},
		{
			name: "a host that does not resolve", profile: "host = 'nowhere.invalid'\ndatabase = 'd'\nuser = 'u'\n", status: exitFailure,
			want: []string{`error: cannot resolve host "nowhere.invalid": check host \(profiles.toml:2\)`},
		},
		{
			name: "nobody listens", profile: "host = '127.0.0.1'\nport = 1\ndatabase = 'd'\nuser = 'u'\n", status: exitFailure,
			want: []string{`error: connection refused by 127.0.0.1:1: does a server listen there\? check host \(profiles.toml:2\) and port \(profiles.toml:3\)`},
		},
		{
			name: "no socket", profile: "host = '/nowhere'\ndatabase = 'd'\nuser = 'u'\n", status: exitFailure,
			want: []string{`error: there is no socket /nowhere/.s.PGSQL.5432: does the server run\? check host \(profiles.toml:2\) and port \(default\)`},
		},
		{
			name: "no answer", profile: fmt.Sprintf("host = '127.0.0.1'\nport = %d\ndatabase = 'd'\nuser = 'u'\nconnect_timeout = '200ms'\nsslmode = 'disable'\n", silent.Addr().(*net.TCPAddr).Port), status: exitFailure,
			want: []string{`error: no answer: a firewall, or the wrong host\? check host \(profiles.toml:2\) and port \(profiles.toml:3\); connect_timeout is 200ms`},
		},
		{
			name: "a server without TLS", profile: strings.Replace(behind(false), "'disable'", "'require'", 1), status: exitFailure,
			want: []string{`error: the server does not speak TLS: set ssl = on there, or check sslmode \(profiles.toml:6\)`},
		},
		{
			name: "a pooler of sessions", profile: behind(false),
			want: []string{`  address +127.0.0.1:[0-9]+, a pooler`, "healthy"}, not: "^error:|^advice: [^P]",
		},
		{
			name: "a pooler of transactions", profile: behind(true), status: exitFailure,
			want: []string{`error: a pooler in transaction mode loses prepared statements, which exec_mode cache_statement \(not set\) needs: set exec_mode = "exec" or "cache_describe", or max_prepared_statements in PgBouncer`},
		},
		{
			name: "a pooler of transactions, and an exec_mode for it", profile: behind(true) + "exec_mode = 'exec'\n",
			want: []string{`  exec_mode +exec +profiles.toml:8`, "healthy"}, not: "^error:|^advice: [^P]",
		},
		{
			name: "a pooler that cannot be tried", profile: strings.Replace(behind(true), "max_size = 3", "max_size = 1", 1),
			want: []string{`advice: a pooler is in front, and exec_mode cache_statement \(not set\) needs prepared statements: if it pools transactions, .*`, "healthy"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "profiles.toml")
			require.NoError(t, os.WriteFile(path, []byte("[connectors.postgres.p]\n"+test.profile), 0o600))
			if test.mode != 0 {
				require.NoError(t, os.Chmod(path, test.mode))
			}
			status, stdout, stderr := call(t.Context(), "doctor", "--config", path, "p")
			require.Empty(t, stderr)
			stdout = strings.ReplaceAll(stdout, filepath.Dir(path)+string(filepath.Separator), "")
			for _, line := range test.want {
				require.Regexp(t, regexp.MustCompile("(?m)^"+line+"$"), stdout)
			}
			if test.not != "" {
				require.NotRegexp(t, regexp.MustCompile("(?m)"+test.not), stdout)
			}
			require.Equal(t, test.status, status, stdout)
		})
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	settings, err := profile.Load(context.Background(), "p", profile.Options{
		Dir: t.TempDir(), Environ: []string{}, Settings: map[string]any{"host": "h", "database": "d", "user": "u", "max_size": 10},
	})
	require.NoError(t, err)
	far := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5432}
	schema := "public"
	for _, c := range []struct {
		name   string
		change func(s *instance)
		want   []string
	}{
		{name: "nothing wrong", change: func(*instance) {}},
		{name: "far away without TLS", change: func(s *instance) { s.tls = nil }, want: []string{`error: the connection to 192.0.2.1 is not encrypted: set sslmode = "verify-full" (it is not set)`}},
		{name: "the same machine without TLS", change: func(s *instance) { s.tls, s.remote = nil, &net.TCPAddr{IP: net.IPv6loopback} }},
		{name: "an unverified certificate", change: func(s *instance) { s.verified = false }, want: []string{`advice: nobody checks that 192.0.2.1 is the right server: set sslmode = "verify-full" (it is not set)`}},
		{name: "an old server", change: func(s *instance) { s.version, s.versionNumber = "12.22", 120022 }, want: []string{"error: PostgreSQL 12.22 is older than 13, the oldest that pgwright is made for: upgrade the server"}},
		{name: "a server without fixes", change: func(s *instance) { s.versionNumber = 130023 }, want: []string{"advice: PostgreSQL 13 gets no fixes since 2025-11-13: upgrade the server"}},
		{name: "more than half of the connections", change: func(s *instance) { s.maxConnections = 22 }, want: []string{"advice: the pool may open 10 connections (code), more than half of the 19 that the server has for all: two such processes do not fit"}},
		{name: "not enough connections", change: func(s *instance) { s.maxConnections = 12 }, want: []string{"error: the pool may open 10 connections (code), and the server has 9 for it (max_connections 12): make one of them fit, for all processes together"}},
		{name: "a pooler has its own connections", change: func(s *instance) { s.maxConnections, s.pooled, s.prepared = 5, true, preparationKept }},
		{name: "clocks apart", change: func(s *instance) { s.skew = -time.Hour - 9*time.Millisecond }, want: []string{"advice: the clocks are 1h0m0s apart: have both machines set theirs by NTP"}},
		{name: "a slow network", change: func(s *instance) { s.latency = 81 * time.Millisecond }, want: []string{"advice: a round trip takes 81.00 ms: keep the application near the database, and statements in batches"}},
		{name: "no encoding", change: func(s *instance) { s.encoding = "SQL_ASCII" }, want: []string{"advice: the database has the encoding SQL_ASCII, so that its texts may be of any: Go's strings are UTF-8"}},
		{name: "describe_exec behind a pooler", change: func(s *instance) {
			s.pooled, s.prepared, s.execMode = true, preparationLost, pgx.QueryExecModeDescribeExec
		}, want: []string{`error: a pooler in transaction mode loses prepared statements, which exec_mode describe_exec (not set) needs: set exec_mode = "exec" or "cache_describe", or max_prepared_statements in PgBouncer`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := &instance{
				remote: far, tls: &tls.ConnectionState{}, verified: true, maxSize: 10, execMode: pgx.QueryExecModeCacheStatement,
				version: "99.0", versionNumber: 990000, role: "r", roleLimit: -1, maxConnections: 100, reserved: 3, statementTimeout: "30s",
				schema: &schema, encoding: "UTF8",
			}
			c.change(s)
			var f findings
			s.judge(settings, &f)
			require.Equal(t, c.want, f.lines)
		})
	}
}

// The causes that a server of the tests cannot have.
func TestExplainFailure(t *testing.T) {
	t.Parallel()
	settings, err := profile.Load(context.Background(), "p", profile.Options{
		Dir: t.TempDir(), Environ: []string{}, Settings: map[string]any{"host": "h", "database": "d", "user": "u"},
	})
	require.NoError(t, err)
	certificate := &x509.Certificate{DNSNames: []string{"other"}}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"another host's certificate", &tls.CertificateVerificationError{Err: x509.HostnameError{Certificate: certificate, Host: "h"}}, "the server's certificate is not for this host: x509: certificate is valid for other, not h: check host (code)"},
		{"an unknown authority", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "the server's certificate is signed by an authority that this machine does not trust: name its file in PGSSLROOTCERT, or as sslrootcert in a dsn"},
		{"an expired certificate", &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired, Detail: "in May"}}, "the server's certificate does not verify: x509: certificate has expired or is not yet valid: in May"},
		{"no more connections", &pgconn.PgError{Code: "53300", Message: "too many"}, "the server refuses the connection: too many (SQLSTATE 53300): all connections are taken: make the pools of all processes together smaller than max_connections, or put PgBouncer in front"},
		{"starting", &pgconn.PgError{Code: "57P03", Message: "starting"}, "the server refuses the connection: starting (SQLSTATE 57P03): the server is starting or stopping: try again"},
		{"a pooler's refusal", &pgconn.PgError{Code: "08P01", Message: "unsupported"}, "the server refuses the connection: unsupported (SQLSTATE 08P01): a pooler such as PgBouncer takes few settings with a new connection: give the role its search_path, statement_timeout and params with ALTER ROLE … SET"},
		{"another refusal", &pgconn.PgError{Code: "XX000", Message: "oops"}, "the server refuses the connection: oops (SQLSTATE XX000): see the server's log"},
		{"another error", errors.New("oops"), "connect: oops"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var f findings
			explainFailure(settings, fmt.Errorf("connect: %w", c.err), &f)
			require.Equal(t, []string{"error: " + c.want}, f.lines)
			require.True(t, f.ill)
		})
	}
}
