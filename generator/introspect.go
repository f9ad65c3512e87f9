package generator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/outline"
	"github.com/pgwright/pgwright/internal/server"
	"github.com/pgwright/pgwright/runtime/introspect"
	"github.com/pgwright/pgwright/runtime/profile"
)

// Selection says what of a database to introspect.
type Selection struct {
	// Package is the name or folder of the package whose database is meant. It
	// is not needed if the project has one database, or [Options] name one.
	Package string
	introspect.Options
}

// Introspection is what a database holds, to be shown.
type Introspection struct {
	Database *introspect.Database
	// Warnings is text for people.
	Warnings string
}

// JSON is the introspection as an object, whose form is that of
// [introspect.Database].
func (i *Introspection) JSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	// SQL is full of the characters that HTML cares for.
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(i.Database)
	return b.Bytes(), err
}

// SQL is the statements that make the objects anew. It wants all that they need,
// as the option Needed gives it.
func (i *Introspection) SQL() (string, error) { return outline.SQL(i.Database) }

// Text is for people.
func (i *Introspection) Text() string { return outline.Text(i.Database) }

// Dot is an entity diagram for Graphviz.
func (i *Introspection) Dot() string { return outline.Dot(i.Database) }

// Mermaid is an entity diagram for Markdown.
func (i *Introspection) Mermaid() string { return outline.Mermaid(i.Database) }

// Introspect reads what a database holds: the one that opt names, else that of
// the project's configuration, else a throwaway one with the schema's files.
// Nothing is changed in it. Where the project's files have errors the result is
// nil, and the report says what they are.
func Introspect(ctx context.Context, opt Options, what Selection) (i *Introspection, report string, err error) {
	l := &loader{opt: opt}
	p := &projectPackage{config: &config.Package{}}
	if opt.Database == "" && opt.Profile == "" {
		path, err := configPath(opt)
		if err != nil {
			return nil, "", fmt.Errorf("%w, or a database with --database or --profile", err)
		}
		var cfg *config.Config
		if cfg, p.diags = config.Load(path); cfg == nil {
			return nil, p.diags.Format(), nil
		}
		l.cfg = cfg
		if p.config, err = choosePackage(cfg, what.Package); err != nil {
			return nil, "", err
		}
	}
	conn, closeAll, err := l.introspected(ctx, p)
	if err != nil || conn == nil {
		return nil, p.diags.Format(), err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	// One transaction is one connection to the server, whatever pooler is in
	// between, and what it sets is gone with it.
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, "", err
	}
	d, err := introspect.Read(ctx, tx, what.Options)
	if err := errors.Join(err, tx.Rollback(ctx)); err != nil {
		return nil, "", err
	}
	return &Introspection{Database: d, Warnings: p.diags.Format()}, "", nil
}

// choosePackage finds the package that is meant. With none named, all packages
// must have the same database.
func choosePackage(cfg *config.Config, named string) (*config.Package, error) {
	var all []string
	same := true
	for _, p := range cfg.Packages {
		if named != "" && (p.Name == named || p.Out == named) {
			return p, nil
		}
		all = append(all, p.Out)
		same = same && source(p) == source(cfg.Packages[0])
	}
	if named != "" {
		return nil, fmt.Errorf("there is no package %s; there are %s", named, strings.Join(all, ", "))
	}
	if !same {
		return nil, fmt.Errorf("the packages have different databases; choose one with --package: %s", strings.Join(all, ", "))
	}
	return cfg.Packages[0], nil
}

// source tells the databases of packages apart.
func source(p *config.Package) string {
	if p.Database != nil && p.Database.URI != "" {
		return p.Database.URI
	}
	return strings.Join(p.Schema, "\x00")
}

// introspected connects to the database of a package. The connection is nil if
// the package's files have errors.
func (l *loader) introspected(ctx context.Context, p *projectPackage) (conn *pgx.Conn, closeAll func() error, err error) {
	connConfig, live, err := l.liveConfig(ctx, p)
	if err != nil || live && connConfig == nil {
		return nil, nil, err
	}
	stop := func() error { return nil }
	if !live {
		url, stopServer, err := l.schemaDatabase(ctx, p)
		if err != nil || stopServer == nil {
			return nil, nil, err
		}
		stop = stopServer
		if connConfig, err = pgx.ParseConfig(url); err != nil {
			return nil, nil, errors.Join(err, stop())
		}
	}
	// Prepared statements would not survive a pooler.
	connConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err = pgx.ConnectConfig(ctx, connConfig)
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("connect to the database: %w", err), stop())
	}
	return conn, func() error { return errors.Join(conn.Close(ctx), stop()) }, nil
}

// liveConfig is how to connect to the database of the user's that is meant, if
// any. It is nil if what names the database cannot be used.
func (l *loader) liveConfig(ctx context.Context, p *projectPackage) (c *pgx.ConnConfig, live bool, err error) {
	if l.opt.Profile != "" {
		if l.opt.Database != "" {
			return nil, true, errors.New("both a database and a profile are named")
		}
		settings, err := profile.Load(ctx, l.opt.Profile, profile.Options{})
		if err != nil {
			return nil, true, err
		}
		c, err = connConfig(settings)
		return c, true, err
	}
	url := l.opt.Database
	if url == "" {
		if p.config.Database == nil || p.config.Database.URI == "" {
			return nil, false, nil
		}
		uri, problem := l.cfg.DatabaseURI(p.config, l.env)
		p.diags.Add(problem)
		if uri == "" {
			return nil, true, nil
		}
		url = uri
	}
	c, err = pgx.ParseConfig(url)
	return c, true, err
}

// schemaDatabase starts a server with the schema of a package, without its
// stubs, which are not part of it. There is nothing to stop if the schema has
// errors.
func (l *loader) schemaDatabase(ctx context.Context, p *projectPackage) (url string, stop func() error, err error) {
	scripts, ok := l.readScripts(p, p.config.Schema, p.config.SchemaPos)
	if !ok {
		return "", nil, nil
	}
	s, err := server.Start(ctx, server.Options{BinDir: l.opt.PostgresBin, Env: l.opt.Env, Log: l.opt.Log}, schemaKey(scripts))
	if err != nil {
		return "", nil, err
	}
	if s.Fresh() {
		ok, err := applySchema(ctx, s.URL("postgres"), scripts, &p.diags)
		if err == nil && ok {
			err = s.Keep(ctx)
		}
		if err != nil || !ok {
			return "", nil, errors.Join(err, s.Stop())
		}
	}
	return s.URL("postgres"), s.Stop, nil
}
