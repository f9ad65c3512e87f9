package generator

import (
	"context"
	"errors"
	"fmt"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/lock"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqlc"
	"github.com/pgwright/pgwright/generator/internal/static"
)

// The engines. The one of sqlc needs no PostgreSQL.
const (
	enginePostgreSQL = "postgresql"
	engineSQLC       = "sqlc"
)

// engine is who analyses a package if it is not PostgreSQL, else empty.
func (l *loader) engine(p *projectPackage) string {
	engine := p.config.Options.Engine
	if l.opt.Engine != "" {
		engine = l.opt.Engine
	}
	if engine != engineSQLC || l.opt.Database != "" || l.opt.Profile != "" {
		return ""
	}
	return engineSQLC
}

// static analyses a package without a server.
func (l *loader) static(ctx context.Context, p *projectPackage, scripts []*schema.Script, in *inputs, record *lock.Package, changes []string) error {
	if p.config.Options.Tables != nil {
		p.diags.Add(l.cfg.At(p.config.Pos("tables"), "methods of tables need PostgreSQL: sqlc does not know the keys of tables",
			"remove engine: sqlc, or tables, or write the queries"))
		return nil
	}
	if len(p.config.Schema) == 0 {
		p.diags.Add(l.cfg.At(p.config.Pos("database"), "sqlc's engine needs the schema as files", "give them under schema:"))
		return nil
	}
	p.diags.Join(in.diags)
	if l.request != nil {
		l.assemble(p, in, record, static.Analyse(&static.Said{Request: l.request}, scripts, in.queries))
		return nil
	}
	if l.sqlc == nil {
		program, err := sqlc.Find(ctx, l.opt.SQLC, l.opt.Notice)
		switch {
		case errors.Is(err, sqlc.ErrNotFound) && record != nil:
			return stale(err, changes)
		case err != nil:
			return fmt.Errorf("engine sqlc: %w", err)
		}
		l.opt.logf("sqlc %s", program.Version)
		l.sqlc = program
	}
	said, diags, err := static.Ask(ctx, l.sqlc, scripts, in.queries)
	p.diags.Join(diags)
	if err != nil || said == nil {
		return err
	}
	l.assemble(p, in, record, static.Analyse(said, scripts, in.queries))
	return nil
}

// assemble fills a package with what was found out.
func (l *loader) assemble(p *projectPackage, in *inputs, record *lock.Package, result *analysis.Result) {
	p.model = result.Package
	p.model.Name = p.config.Name
	p.diags.Join(result.Diagnostics)
	if record != nil && record.Engine == p.engine {
		p.changes = l.changesSince(in, record, p, result, true)
	}
	if !p.diags.HasErrors() {
		p.record = in.remember(p, false, 0, result.Diagnostics)
	}
}

// Engines are the names of those that can analyse queries.
func Engines() []string { return config.Engines }
