package generator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/lock"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqlc"
	"github.com/pgwright/pgwright/generator/internal/sqlcplugin"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/internal/server"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// project is a configuration with all that the analysis found out.
type project struct {
	cfg      *config.Config
	root     string
	packages []*projectPackage
	// diags are those of the configuration, which belong to no package.
	diags diag.List
	// lock is what was recorded of an earlier analysis, or nil.
	lock *lock.Lock
	// formatted is what is remembered of the files of an earlier run, or nil.
	formatted *formatted
}

// projectPackage is one package of a project.
type projectPackage struct {
	config *config.Package
	// model is nil if the schema or the queries could not be read.
	model *model.Package
	diags diag.List
	// engine is who analysed the package if that was not PostgreSQL.
	engine string
	// record is what the lock shall say of the package, nil for nothing.
	record *lock.Package
	// changes are what the analysis found otherwise than the lock had it.
	changes []Drift
}

// load reads a project and has it analysed. The databases that are started
// for it are added to those of the session, and are its to close.
func load(ctx context.Context, opt Options, databases *databases, m *memory) (*project, error) {
	path, err := configPath(opt)
	if err != nil {
		return nil, err
	}
	cfg, diags := config.Load(path)
	if cfg == nil {
		return &project{diags: diags}, nil
	}
	return loadConfig(ctx, &loader{opt: opt, cfg: cfg, databases: databases, memory: m}, diags)
}

// loadConfig is [load] for a configuration that has been read.
func loadConfig(ctx context.Context, l *loader, diags diag.List) (*project, error) {
	opt, cfg := l.opt, l.cfg
	p := &project{cfg: cfg, root: cfg.Root, diags: diags, formatted: openFormatted(opt, cfg)}
	if !opt.Fresh {
		var unreadable *diag.Diagnostic
		p.lock, unreadable = readLock(cfg.Root, l.memory)
		p.diags.Add(unreadable)
	}
	l.lock = p.lock
	for _, pkg := range cfg.Packages {
		pp := &projectPackage{config: pkg}
		p.packages = append(p.packages, pp)
		if err := l.analyse(ctx, pp); err != nil {
			return nil, err
		}
		pp.diags.Join(contradictions(cfg, pp))
	}
	return p, nil
}

func configPath(opt Options) (string, error) {
	if opt.ConfigFile != "" {
		return opt.ConfigFile, nil
	}
	path, err := config.Find(".")
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%w; run pgwright init to make one, or name one with -f", err)
	}
	return path, err
}

// loader analyses the packages of a configuration.
type loader struct {
	opt       Options
	cfg       *config.Config
	lock      *lock.Lock
	databases *databases
	// memory is that of the session, nil if there is none.
	memory *memory
	// sqlc is found when it is needed. request is what it has said already, where
	// it is sqlc that asks.
	sqlc    *sqlc.Program
	request *sqlcplugin.Request
}

// databases are the servers of our own that are running, by the key of the
// schema that they have. Packages with the same schema share one.
type databases struct {
	running map[string]*database
}

// database is where queries are analysed.
type database struct {
	url    string
	server *server.Server
	// session is kept open from one analysis to the next.
	session *analysis.Session
	// used is true if the last run needed it.
	used bool
}

// session opens the session of a database, or returns the one that is open.
func (d *database) open(ctx context.Context, tree bool) (*analysis.Session, error) {
	if d.session != nil && d.session.Alive() {
		return d.session, nil
	}
	var err error
	d.session, err = analysis.Open(ctx, d.url, false, tree)
	return d.session, err
}

func (d *database) stop(ctx context.Context) error {
	var err error
	if d.session != nil {
		err = d.session.Close(ctx)
	}
	return errors.Join(err, d.server.Stop())
}

// close stops all databases.
func (ds *databases) close(ctx context.Context) error {
	for _, d := range ds.running {
		d.used = false
	}
	return ds.sweep(ctx)
}

// sweep stops the databases that the last run did not need.
func (ds *databases) sweep(ctx context.Context) error {
	var errs []error
	for key, d := range ds.running {
		if d.used {
			d.used = false
			continue
		}
		errs = append(errs, d.stop(ctx))
		delete(ds.running, key)
	}
	return errors.Join(errs...)
}

// analyse fills a package. The error is for what is no fault of its files.
func (l *loader) analyse(ctx context.Context, p *projectPackage) (err error) {
	written := l.queries(p)
	_, diags := analysis.Queries(written)
	p.diags.Join(diags)
	p.engine = l.engine(p)
	open, live, err := l.live(ctx, p)
	if err != nil || live && open == nil {
		return err
	}
	var scripts []*schema.Script
	if !live {
		var ok bool
		if scripts, ok = l.scripts(p); !ok {
			return nil
		}
	}
	record := l.lock.Package(p.config.Out)
	made, ok := l.made(p)
	if !ok {
		return nil
	}
	made.recall(record)
	in := newInputs(written, made, scripts)
	changes := in.changes(record, live, p.engine)
	var session *analysis.Session
	switch {
	case live:
		session, err = open(ctx)
		if err != nil && len(changes) == 0 {
			p.diags.Add(&diag.Diagnostic{
				Severity: diag.Warning, File: lock.Name,
				Message: "the database cannot be asked, and the lock counts: " + err.Error(),
			})
			in.recall(record, p, l.memory)
			return nil
		}
		if err != nil {
			return fmt.Errorf("connect to the database: %w", err)
		}
		defer func() { err = errors.Join(err, session.Close(ctx)) }()
	case len(changes) == 0:
		in.recall(record, p, l.memory)
		if d := l.databases.running[in.schemaKey]; d != nil {
			d.used = true // it will be needed again
		} else if l.memory != nil {
			l.memory.cold = true
		}
		return nil
	case p.engine != "":
		return l.static(ctx, p, scripts, in, record, changes)
	default:
		d, err := l.throwaway(ctx, p, scripts)
		var none *server.NotFoundError
		switch {
		case l.request != nil && errors.As(err, &none):
			p.engine = engineSQLC
			return l.static(ctx, p, scripts, in, record, changes)
		case err != nil && record != nil:
			return stale(err, changes)
		case err != nil || d == nil:
			return err
		}
		if session, err = d.open(ctx, !l.opt.NoQueryTree); err != nil {
			return err
		}
	}
	if !made.generate(l, p, session.Catalog) {
		return nil
	}
	in = newInputs(written, made, scripts)
	p.diags.Join(in.diags)
	result, err := analysis.Run(ctx, session, in.queries)
	if err != nil {
		if d := l.databases.running[in.schemaKey]; !live && d != nil {
			// Whatever it was, the next run shall have a server that works.
			delete(l.databases.running, in.schemaKey)
			err = errors.Join(err, d.stop(ctx))
		}
		return err
	}
	p.model = result.Package
	p.model.Name = p.config.Name
	p.diags.Join(made.placed(result.Diagnostics))
	made.claim(p.model)
	if record != nil && record.Engine == p.engine {
		p.changes = l.changesSince(in, record, p, result, session.NoTree == "")
	}
	if session.NoTree != "" {
		// Not worth recording: with the tree the verdicts would be others.
		p.diags.Add(&diag.Diagnostic{
			Severity: diag.Warning, File: l.cfg.File,
			Message: session.NoTree + ", so every column counts as nullable",
		})
		return nil
	}
	if !p.diags.HasErrors() {
		p.record = in.remember(p, live, session.Catalog.ServerVersion/10000, result.Diagnostics)
		l.memory.keepAnalysis(p.record, p.model)
	}
	return nil
}

// opener opens a session on a database of the user's.
type opener func(ctx context.Context) (*analysis.Session, error)

func (l *loader) byURL(url string) opener {
	return func(ctx context.Context) (*analysis.Session, error) {
		return analysis.Open(ctx, url, true, !l.opt.NoQueryTree)
	}
}

// live opens the database that a package is to be analysed on, if any. The
// opener is nil if what names the database cannot be used.
func (l *loader) live(ctx context.Context, p *projectPackage) (open opener, live bool, err error) {
	if l.opt.Profile != "" {
		open, err = l.byProfile(ctx)
		return open, true, err
	}
	if l.opt.Database != "" {
		return l.byURL(l.opt.Database), true, nil
	}
	if p.engine != "" || p.config.Database == nil || p.config.Database.URI == "" {
		return nil, false, nil
	}
	url, d := l.cfg.DatabaseURI(p.config, l.env)
	p.diags.Add(d)
	if url == "" {
		return nil, true, nil
	}
	return l.byURL(url), true, nil
}

func (l *loader) env(name string) string {
	if l.opt.Env != nil {
		return l.opt.Env(name)
	}
	return os.Getenv(name)
}

// scripts reads the schema files, and the stubs after them. It returns false if
// that cannot be done; then there is no use in asking about the queries.
func (l *loader) scripts(p *projectPackage) (out []*schema.Script, ok bool) {
	out, ok = l.readScripts(p, p.config.Schema, p.config.SchemaPos)
	stubs, stubsOK := l.readScripts(p, p.config.Stubs, p.config.StubsPos)
	return append(out, stubs...), ok && stubsOK
}

func (l *loader) readScripts(p *projectPackage, paths []string, pos []config.Pos) (out []*schema.Script, ok bool) {
	scripts, _, diags := schema.Load(l.cfg.Root, paths)
	p.diags.Join(l.placed(diags, paths, pos))
	return scripts, !diags.HasErrors()
}

// queries reads and splits the query files.
func (l *loader) queries(p *projectPackage) []*sqltext.File {
	sources, diags := schema.Find(l.cfg.Root, p.config.Queries)
	p.diags.Join(l.placed(diags, p.config.Queries, p.config.QueriesPos))
	// What cannot be found is reported where the schema is read.
	ddl, _ := schema.Find(l.cfg.Root, append(slices.Clone(p.config.Schema), p.config.Stubs...))
	inSchema := map[string]bool{}
	for _, s := range ddl {
		inSchema[s.Path] = true
	}
	var files []*sqltext.File
	for _, s := range sources {
		text, err := os.ReadFile(s.Path)
		if err != nil {
			p.diags.Add(&diag.Diagnostic{File: s.Name, Message: "the file cannot be read: " + err.Error()})
			continue
		}
		f, diags := l.memory.splitFile(s.Path, s.Name, string(text))
		p.diags.Join(diags)
		if !diags.HasErrors() && !inSchema[s.Path] {
			p.diags.Add(nameless(f))
		}
		files = append(files, f)
	}
	return files
}

// nameless is a warning about a query file with statements of which none is a
// query.
func nameless(f *sqltext.File) *diag.Diagnostic {
	for _, s := range f.Statements {
		if s.Header != nil {
			return nil
		}
	}
	if len(f.Statements) == 0 {
		return nil
	}
	return f.Warning(f.Statements[0].Start, "no statement of this file has a name, so nothing is made of it", `begin each query with a line like "-- name: ListOrders :many"`)
}

// placed gives errors about a path that is not there the place in the
// configuration that names it.
func (l *loader) placed(diags diag.List, paths []string, pos []config.Pos) diag.List {
	if !diags.HasErrors() || len(paths) != len(pos) {
		return diags
	}
	var out diag.List
	at := map[string]config.Pos{}
	for i, path := range paths {
		_, problems := schema.Find(l.cfg.Root, []string{path})
		for _, d := range problems.Sorted() {
			at[d.File+"\x00"+d.Message] = pos[i]
		}
	}
	for _, d := range diags.Sorted() {
		if p, ok := at[d.File+"\x00"+d.Message]; ok && d.Severity == diag.Error {
			d = l.cfg.At(p, d.File+": "+d.Message, d.Hint)
		}
		out.Add(d)
	}
	return out
}

// throwaway starts a server of our own that has the schema. It returns nil
// if the schema has errors.
func (l *loader) throwaway(ctx context.Context, p *projectPackage, scripts []*schema.Script) (*database, error) {
	key := schemaKey(scripts)
	if d := l.databases.running[key]; d != nil {
		d.used = true
		return d, nil
	}
	s, err := server.Start(ctx, server.Options{BinDir: l.opt.PostgresBin, Env: l.opt.Env, Log: l.opt.Log}, key)
	if err != nil {
		return nil, err
	}
	d := &database{url: s.URL("postgres"), server: s, used: true}
	l.databases.running[key] = d
	if !s.Fresh() {
		return d, nil
	}
	ok, err := applySchema(ctx, d.url, scripts, &p.diags)
	if err != nil || !ok {
		// Whoever wants this schema next, another package or another run, shall
		// not get half of it.
		delete(l.databases.running, key)
		return nil, errors.Join(err, s.Stop())
	}
	return d, s.Keep(ctx)
}

// schemaKey tells schemas apart: by all that their scripts run.
func schemaKey(scripts []*schema.Script) string {
	h := sha256.New()
	for _, s := range scripts {
		// Writing to a hash cannot fail.
		_, _ = fmt.Fprintf(h, "%d %s\n", len(s.SQL), s.SQL)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// applySchema runs the schema's scripts, one round trip each. It returns false
// if PostgreSQL rejected one.
func applySchema(ctx context.Context, url string, scripts []*schema.Script, diags *diag.List) (ok bool, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return false, err
	}
	config.OnNotice = func(*pgconn.PgConn, *pgconn.Notice) {}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var file *sqltext.File
	for _, s := range scripts {
		if s.File != file {
			// What one file sets, such as the search_path of a dump, is not
			// for the next one. Function bodies may mention later objects.
			if _, err := conn.PgConn().Exec(ctx, "reset all; set check_function_bodies = off").ReadAll(); err != nil {
				return false, err
			}
			file = s.File
		}
		if s.SQL == "" {
			continue
		}
		results, err := conn.PgConn().Exec(ctx, s.SQL).ReadAll()
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg):
			completed := 0
			for _, r := range results {
				// The failing statement may have begun its answer.
				if r.Err == nil {
					completed++
				}
			}
			var made *catalog.Catalog
			if conn.PgConn().TxStatus() == 'E' {
				// The file has a BEGIN of its own.
				if _, err := conn.PgConn().Exec(ctx, "rollback").ReadAll(); err != nil {
					return false, fmt.Errorf("apply %s: %w", s.File.Name, errors.Join(pg, err))
				}
			}
			if !conn.IsClosed() {
				// All that the files before this one made is there.
				if made, err = catalog.Load(ctx, conn); err != nil {
					return false, fmt.Errorf("apply %s: %w", s.File.Name, errors.Join(pg, err))
				}
			}
			diags.Add(schemaError(scripts, s, completed, pg, made))
			return false, nil
		case err != nil:
			return false, fmt.Errorf("apply %s: %w", s.File.Name, err)
		}
	}
	return true, nil
}
