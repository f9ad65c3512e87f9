package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	goruntime "runtime"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/runtime"
	"github.com/pgwright/pgwright/runtime/profile"
)

// examineSettings finds what can be told without the database.
func examineSettings(s *profile.Settings, f *findings) {
	for _, e := range s.Explain() {
		if e.Ignored {
			f.advise("%s (%s) has no effect, because dsn is set (%s)", e.Key, e.Origin, origin(s, "dsn"))
		}
		literal := e.Key == "password" || e.Key == "dsn" && hasPassword(s.DSN.Reveal())
		if !literal || e.Ignored || e.Value == "" || e.Secret != "" || e.File == "" || goruntime.GOOS == "windows" {
			continue
		}
		info, err := os.Stat(e.File)
		if err == nil && info.Mode().Perm()&0o044 != 0 {
			f.advise("the password at %s can be read by others (mode %04o): write %s = \"secret://…\" there, or chmod 600 the file", e.Origin, info.Mode().Perm(), e.Key)
		}
	}
}

// hasPassword reports whether a connection string holds a password.
func hasPassword(dsn string) bool {
	if u, err := url.Parse(dsn); err == nil && u.Scheme != "" {
		_, has := u.User.Password()
		return has || u.Query().Has("password")
	}
	return strings.Contains(dsn, "password")
}

// origin says where a key is set, "default" or "not set" if nowhere.
func origin(s *profile.Settings, key string) string {
	for _, e := range s.Explain() {
		if e.Key == key && e.Origin != "" {
			return e.Origin
		}
	}
	return "not set"
}

// places names keys and where they are set; with a dsn, that.
func places(s *profile.Settings, keys ...string) string {
	if s.DSN != "" {
		keys = []string{"dsn"}
	}
	var all []string
	for _, key := range keys {
		all = append(all, key+" ("+origin(s, key)+")")
	}
	return strings.Join(all, " and ")
}

// explainFailure says why there is no connection and what to do.
func explainFailure(s *profile.Settings, err error, f *findings) {
	var (
		name        *net.DNSError
		network     *net.OpError
		refusal     *pgconn.PgError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		hostname    x509.HostnameError
	)
	address := func() string {
		if errors.As(err, &network) && network.Addr != nil {
			return network.Addr.String()
		}
		return "the server"
	}
	switch {
	case errors.As(err, &refusal):
		explainRefusal(s, refusal, f)
	case errors.As(err, &name):
		f.error("cannot resolve host %q: check %s", name.Name, places(s, "host"))
	case errors.As(err, &hostname):
		f.error("the server's certificate is not for this host: %v: check %s", hostname, places(s, "host"))
	case errors.As(err, &authority):
		f.error("the server's certificate is signed by an authority that this machine does not trust: name its file in PGSSLROOTCERT, or as sslrootcert in a dsn")
	case errors.As(err, &certificate):
		f.error("the server's certificate does not verify: %v", certificate.Err)
	case strings.Contains(err.Error(), "server refused TLS connection"):
		// pgx has no type for this one.
		f.error("the server does not speak TLS: set ssl = on there, or check %s", places(s, "sslmode"))
	case errors.Is(err, syscall.ECONNREFUSED):
		f.error("connection refused by %s: does a server listen there? check %s", address(), places(s, "host", "port"))
	case errors.Is(err, fs.ErrNotExist):
		f.error("there is no socket %s: does the server run? check %s", address(), places(s, "host", "port"))
	case errors.Is(err, fs.ErrPermission):
		f.error("no permission to use the socket %s", address())
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		f.error("there is no way to %s: check the network, and %s", address(), places(s, "host"))
	case errors.Is(err, runtime.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		f.error("no answer: a firewall, or the wrong host? check %s; connect_timeout is %v", places(s, "host", "port"), s.ConnectTimeout)
	default:
		f.error("%v", err)
	}
}

// explainRefusal says what to do about the server's own error.
func explainRefusal(s *profile.Settings, e *pgconn.PgError, f *findings) {
	var do string
	switch e.Code {
	case "28P01":
		do = "check " + places(s, "user", "password")
	case "28000":
		do = "check " + places(s, "user") + ", and the lines of the server's pg_hba.conf for this machine"
	case "3D000":
		do = "check " + places(s, "database") + ", or create it"
	case "42501":
		do = "grant CONNECT on the database to the role"
	case "53300":
		do = "all connections are taken: make the pools of all processes together smaller than max_connections, or put PgBouncer in front"
	case "57P03":
		do = "the server is starting or stopping: try again"
	case "08P01":
		do = "a pooler such as PgBouncer takes few settings with a new connection: " +
			"give the role its search_path, statement_timeout and params with ALTER ROLE … SET"
	case "22023", "42704", "22P02":
		do = "check search_path, statement_timeout and params"
	default:
		do = "see the server's log"
	}
	f.error("the server refuses the connection: %s (SQLSTATE %s): %s", e.Message, e.Code, do)
}
