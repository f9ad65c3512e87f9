package runtime

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pgwright/pgwright/runtime/profile"
)

// poolConfig makes pgx's configuration of a profile's settings.
func poolConfig(s *profile.Settings) (*pgxpool.Config, error) {
	dsn := s.DSN.Reveal()
	if dsn == "" {
		dsn = addressOf(s)
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("profile %q: %w", s.Profile, malformed(s, err))
	}
	conn := config.ConnConfig
	// What pgxpool has taken out of it is what the connection string sets.
	var inDSN map[string]string
	if s.DSN == "" {
		// Nothing of the environment that names a database reaches a profile that
		// names one. The certificates of TLS may come from there.
		conn.Database, conn.User, conn.Password = s.Database, s.User, s.Password.Reveal()
		conn.RuntimeParams = map[string]string{}
		conn.RequireAuth, conn.KerberosSpn, conn.KerberosSrvName = "", "", ""
		if s.ApplicationName != "" {
			conn.RuntimeParams["application_name"] = s.ApplicationName
		}
	} else if whole, err := pgx.ParseConfig(dsn); err == nil {
		inDSN = whole.RuntimeParams
	}

	configured := map[string]bool{}
	for _, e := range s.Explain() {
		configured[e.Key] = e.Origin != "" && e.Origin != "default"
	}
	// A default of the profile's does not override the connection string.
	decides := func(key, parameter string) bool {
		_, set := inDSN[parameter]
		return configured[key] || !set
	}
	if decides("pool.max_size", "pool_max_conns") {
		config.MaxConns = s.MaxSize
	}
	if decides("pool.min_size", "pool_min_conns") {
		config.MinConns = s.MinSize
	}
	if decides("pool.max_idle", "pool_max_conn_idle_time") {
		config.MaxConnIdleTime = s.MaxIdle
		if s.MaxIdle == 0 {
			config.MaxConnIdleTime = math.MaxInt64
		}
	}
	if s.DSN == "" || configured["connect_timeout"] || conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = s.ConnectTimeout
		conn.DialFunc = (&net.Dialer{KeepAlive: keepAlive}).DialContext
	}
	if mode, ok := execModes[s.ExecMode]; ok {
		conn.DefaultQueryExecMode = mode
	}
	maps.Copy(conn.RuntimeParams, s.Params)
	if s.StatementTimeout > 0 {
		conn.RuntimeParams["statement_timeout"] = strconv.FormatInt(s.StatementTimeout.Milliseconds(), 10)
	}
	if s.SearchPath != "" {
		conn.RuntimeParams["search_path"] = s.SearchPath
	}
	conn.BuildContextWatcherHandler = newCanceller
	return config, nil
}

// keepAlive is how often to see whether an idle connection is alive, as pgx's
// own dialer does.
const keepAlive = 5 * time.Minute

// execModes are pgx's by their name in connection strings.
var execModes = map[string]pgx.QueryExecMode{
	"cache_statement": pgx.QueryExecModeCacheStatement,
	"cache_describe":  pgx.QueryExecModeCacheDescribe,
	"describe_exec":   pgx.QueryExecModeDescribeExec,
	"exec":            pgx.QueryExecModeExec,
	"simple_protocol": pgx.QueryExecModeSimpleProtocol,
}

// addressOf returns a connection string with what pgx can work out only from
// one: hosts, sockets, and TLS with its fallbacks. It sets whatever else the
// variables of libpq could set (PGTARGETSESSIONATTRS and such) to its default.
func addressOf(s *profile.Settings) string {
	query := url.Values{
		"host": {s.Host}, "port": {strconv.Itoa(int(s.Port))}, "user": {"replaced"}, "password": {""}, "database": {"replaced"},
		"target_session_attrs": {"any"}, "channel_binding": {"prefer"}, "sslnegotiation": {"postgres"}, "connect_timeout": {"0"},
		"min_protocol_version": {"3.0"}, "max_protocol_version": {"3.0"}, "require_auth": {""}, "sslmode": {"prefer"},
	}
	if s.SSLMode != "" {
		query.Set("sslmode", s.SSLMode)
	}
	// A plus sign stands for itself in these URLs.
	return "postgres:///?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// malformations are what pgx says of connection strings. It quotes them too,
// with the password covered only where it recognises one, so that none of its
// text is passed on but these.
var malformations = []string{
	"failed to parse as URL", "failed to parse as keyword/value", "invalid port", "could not match",
	"invalid connect_timeout", "failed to configure TLS", "failed to read service", "invalid sslcertmode",
	"unknown target_session_attrs", "invalid min_protocol_version", "invalid max_protocol_version",
	"min_protocol_version cannot be greater than max_protocol_version", "unknown channel_binding", "invalid require_auth",
	"invalid default_query_exec_mode", "cannot parse statement_cache_capacity", "cannot parse description_cache_capacity",
	"pool_max_conns too small", "cannot parse pool_max_conns", "cannot parse pool_min_conns", "cannot parse pool_min_idle_conns",
	"cannot parse pool_max_conn_lifetime_jitter", "cannot parse pool_max_conn_lifetime", "cannot parse pool_max_conn_idle_time",
	"cannot parse pool_health_check_period", "cannot parse pool_ping_timeout",
}

// malformed says what is wrong with connection settings without a word of them.
func malformed(s *profile.Settings, err error) error {
	what := "the settings of the connection cannot be used"
	if s.DSN != "" {
		what = "the dsn cannot be used"
	}
	for _, m := range malformations {
		if strings.Contains(err.Error(), "`: "+m) {
			if m == "could not match" {
				m = "not as many ports as hosts"
			}
			what += ": " + m
			break
		}
	}
	var file *fs.PathError
	if errors.As(err, &file) {
		return fmt.Errorf("%s: %w", what, file)
	}
	return errors.New(what)
}

// retriesOf returns how to open connections.
func retriesOf(s *profile.Settings) retries {
	return retries{
		attempts: s.Retries.Attempts, min: s.Retries.BackoffMin, max: s.Retries.BackoffMax, jitter: s.Retries.Jitter,
		limit: s.Timeout,
	}
}

// explainOpening wraps an error of the first connection.
func explainOpening(ctx context.Context, name string, config *pgxpool.Config, err error) error {
	var refusal *pgconn.PgError
	err = fmt.Errorf("profile %q: %w", name, err)
	if errors.As(err, &refusal) && refusal.Code == protocolViolation {
		for _, name := range slices.Sorted(maps.Keys(config.ConnConfig.RuntimeParams)) {
			if !poolerTakes[strings.ToLower(name)] {
				return &Error{Op: OpConnect, Kind: KindConfig, SQLState: refusal.Code, Err: fmt.Errorf(
					"%w (PgBouncer takes no %s with a connection: set it with ALTER ROLE or ALTER DATABASE instead)", err, name)}
			}
		}
	}
	return callError(ctx, OpConnect, "", err)
}

// poolerTakes are the settings that PgBouncer takes with a connection and keeps for
// it, whichever session its statements run in.
var poolerTakes = map[string]bool{
	"client_encoding": true, "datestyle": true, "timezone": true, "standard_conforming_strings": true, "application_name": true,
	"options": true, // which it names itself if it refuses them
}
