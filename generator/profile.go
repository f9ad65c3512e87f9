package generator

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/runtime/profile"
)

// byProfile opens the database of the profile that the options name.
func (l *loader) byProfile(ctx context.Context) (opener, error) {
	if l.opt.Database != "" {
		return nil, errors.New("both a database and a profile are named")
	}
	settings, err := profile.Load(ctx, l.opt.Profile, profile.Options{})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*analysis.Session, error) {
		config, err := connConfig(settings)
		if err != nil {
			return nil, err
		}
		return analysis.OpenConfig(ctx, config, true, !l.opt.NoQueryTree)
	}, nil
}

// connConfig is what an analysis needs of a profile's settings: where the
// database is, and what decides how names resolve. The server may take any time
// for its catalog, so that statement_timeout does not count.
func connConfig(s *profile.Settings) (*pgx.ConnConfig, error) {
	dsn := s.DSN.Reveal()
	if dsn == "" {
		// Only pgx's parser makes the TLS configuration of an sslmode. What may
		// hold any character is set afterwards.
		query := url.Values{"host": {s.Host}, "port": {strconv.Itoa(int(s.Port))}, "user": {"profile"}, "database": {"profile"}, "target_session_attrs": {"any"}, "sslmode": {"prefer"}}
		if s.SSLMode != "" {
			query.Set("sslmode", s.SSLMode)
		}
		dsn = "postgres:///?" + strings.ReplaceAll(query.Encode(), "+", "%20")
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		// pgx's error shows parts of the connection string.
		return nil, errors.New("the connection string of the profile " + strconv.Quote(s.Profile) + " cannot be used")
	}
	if s.DSN == "" {
		config.Database, config.User, config.Password = s.Database, s.User, s.Password.Reveal()
	}
	if s.ConnectTimeout > 0 {
		config.ConnectTimeout = s.ConnectTimeout
	}
	maps.Copy(config.RuntimeParams, s.Params)
	if s.ApplicationName != "" {
		config.RuntimeParams["application_name"] = s.ApplicationName
	}
	if s.SearchPath != "" {
		config.RuntimeParams["search_path"] = s.SearchPath
	}
	return config, nil
}
