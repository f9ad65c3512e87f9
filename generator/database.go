package generator

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/internal/server"
)

// Database is a throwaway PostgreSQL with a project's schema in it.
type Database struct {
	// URL is its connection string, for libpq as for pgx. The user may do
	// everything.
	URL string

	server *server.Server
}

// Close stops the server and throws its data away.
func (d *Database) Close() error { return d.server.Stop() }

// StartDatabase starts a server of its own and applies the schema of the
// project's first package, for a program or a test to work on. Where the
// schema has errors the Database is nil, and the report says what they are.
func StartDatabase(ctx context.Context, opt Options) (d *Database, report string, err error) {
	path, err := configPath(opt)
	if err != nil {
		return nil, "", err
	}
	cfg, diags := config.Load(path)
	if cfg == nil {
		return nil, diags.Format(), nil
	}
	l := &loader{opt: opt, cfg: cfg}
	p := &projectPackage{config: cfg.Packages[0]}
	scripts, ok := l.scripts(p)
	if !ok {
		return nil, p.diags.Format(), nil
	}
	s, err := server.Start(ctx, server.Options{BinDir: opt.PostgresBin, Env: opt.Env, Log: opt.Log}, "")
	if err != nil {
		return nil, "", err
	}
	d = &Database{URL: s.URL("postgres"), server: s}
	ok, err = applySchema(ctx, d.URL, scripts, &p.diags)
	if err != nil || !ok {
		return nil, p.diags.Format(), errors.Join(err, d.Close())
	}
	if d.URL, err = plainURL(s); err != nil {
		return nil, "", errors.Join(err, d.Close())
	}
	return d, "", nil
}

// plainURL has only what every client of PostgreSQL understands.
func plainURL(s *server.Server) (string, error) {
	c, err := s.ConnConfig("postgres")
	if err != nil {
		return "", err
	}
	query := url.Values{"host": {c.Host}, "port": {strconv.Itoa(int(c.Port))}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(c.User), Path: "/" + c.Database, RawQuery: query.Encode()}
	return u.String(), nil
}
