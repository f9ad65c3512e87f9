package generator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/golang"
	"github.com/pgwright/pgwright/generator/internal/lock"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// Drift is one way in which a database is not what code was generated for.
type Drift struct {
	// Package is the folder of the generated code, Query the query's name and
	// so its method's; File and Line are the query's place.
	Package string `json:"package"`
	Query   string `json:"query"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	// Message says what is different.
	Message string `json:"message"`
}

// String is the drift as a line for people.
func (d Drift) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", d.File, d.Line, d.Query, d.Message)
}

// FindDrift compares a live database, that of opt, with the lock of a project:
// it asks the database about the statements that the generated code sends. The
// drifts are in the order of the queries. The error is for what keeps it from
// comparing, such as no lock, or queries that were edited since.
func FindDrift(ctx context.Context, opt Options) ([]Drift, error) {
	if opt.Database == "" && opt.Profile == "" {
		return nil, errors.New("no database to compare with")
	}
	path, err := configPath(opt)
	if err != nil {
		return nil, err
	}
	cfg, diags := config.Load(path)
	if cfg == nil {
		return nil, errors.New(strings.TrimSuffix(diags.Format(), "\n"))
	}
	data, err := os.ReadFile(filepath.Join(cfg.Root, lock.Name))
	if err != nil {
		return nil, fmt.Errorf("without the lock there is nothing to compare with; pgwright generate writes it: %w", err)
	}
	recorded, err := lock.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", lock.Name, err)
	}
	l := &loader{opt: opt, cfg: cfg}
	var out []Drift
	for _, pkg := range cfg.Packages {
		p := &projectPackage{config: pkg}
		drifts, err := l.drift(ctx, p, recorded.Package(pkg.Out))
		if err != nil {
			return nil, err
		}
		out = append(out, drifts...)
	}
	return out, nil
}

func (l *loader) drift(ctx context.Context, p *projectPackage, record *lock.Package) ([]Drift, error) {
	written := l.queries(p)
	made, ok := l.made(p)
	if ok {
		made.recall(record)
	}
	in := newInputs(written, made, nil)
	p.diags.Join(in.diags)
	if p.diags.HasErrors() {
		return nil, errors.New(strings.TrimSuffix(p.diags.Format(), "\n"))
	}
	if record == nil {
		return nil, fmt.Errorf("the lock says nothing of %s; pgwright generate writes it", p.config.Out)
	}
	if made.digest != record.Tables {
		return nil, errors.New("the lock is not about these options of tables or their templates, run pgwright generate first")
	}
	if changes := differences("query ", in.statements, record.Statements); len(changes) > 0 {
		return nil, fmt.Errorf("the lock is not about these queries, run pgwright generate first: %s", strings.Join(changes, "; "))
	}
	in.recall(record, p, l.memory)
	sent, err := asSent(in.queries, p.model)
	if err != nil {
		return nil, err
	}
	open, _, err := l.live(ctx, p)
	if err != nil {
		return nil, err
	}
	session, err := open(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	result, err := analysis.Run(ctx, session, sent)
	if err := errors.Join(err, session.Close(ctx)); err != nil {
		return nil, err
	}
	p.engine = record.Engine
	return compare(p, result, session.NoTree == ""), nil
}

// changesSince says what an analysis found otherwise than the lock has it, of
// the queries that were there before, whatever their text.
func (l *loader) changesSince(in *inputs, record *lock.Package, p *projectPackage, result *analysis.Result, trees bool) []Drift {
	before := &projectPackage{config: p.config, engine: p.engine}
	in.recall(record, before, l.memory)
	result = l.memory.news(record, result)
	before.model.Queries = slices.DeleteFunc(before.model.Queries, func(q *model.Query) bool {
		return result.Rejected[q.Name] != nil || !slices.ContainsFunc(result.Package.Queries, func(now *model.Query) bool { return now.Name == q.Name })
	})
	return compare(before, result, trees)
}

// asSent are the queries as the generated code sends them: with the stars that
// were spelled out when it was generated.
func asSent(queries []*analysis.Query, m *model.Package) ([]*analysis.Query, error) {
	out := slices.Clone(queries)
	for i, q := range m.Queries {
		if queries[i].SentText() == q.SQL {
			continue
		}
		f, diags := sqltext.Split(q.File, queries[i].Header.Text()+q.SQL)
		one, more := analysis.Queries([]*sqltext.File{f})
		diags.Join(more)
		if diags.HasErrors() || len(one) != 1 {
			return nil, fmt.Errorf("the recorded statement of %s cannot be read: %s", q.Name, diags.Format())
		}
		// The numbers are the same; names and macros are in the user's text only.
		one[0].Header.Directives = queries[i].Header.Directives
		one[0].Rewritten.Params = queries[i].Rewritten.Params
		out[i] = one[0]
	}
	return out, nil
}

// compare says what an analysis found otherwise than it was recorded.
func compare(p *projectPackage, found *analysis.Result, trees bool) []Drift {
	var out []Drift
	options := goOptions(p.config, p.model.DefaultSchema)
	recorded, current := golang.NewTypes(p.model, options), golang.NewTypes(found.Package, options)
	now := map[string]*model.Query{}
	for _, q := range found.Package.Queries {
		now[q.Name] = current.Settled(q)
	}
	for _, q := range p.model.Queries {
		q = recorded.Settled(q)
		add := func(format string, args ...any) {
			out = append(out, Drift{Package: p.config.Out, Query: q.Name, File: q.File, Line: q.Line, Message: fmt.Sprintf(format, args...)})
		}
		other := now[q.Name]
		if other == nil {
			add("PostgreSQL rejects it now: %s", found.Rejected[q.Name].Message)
			continue
		}
		// What another engine did not know is no change.
		compareColumns(q, other, trees, trees && p.engine == found.Engine, add)
		compareParams(q, other, trees && p.engine == found.Engine, add)
	}
	return append(out, compareTypes(p, found.Package)...)
}

func compareColumns(q, other *model.Query, trees, proofs bool, add func(string, ...any)) {
	if len(q.Columns) != len(other.Columns) {
		add("it returned %d columns and returns %d now", len(q.Columns), len(other.Columns))
		return
	}
	for i, c := range q.Columns {
		o := other.Columns[i]
		if c.Name != o.Name {
			add("column %s is called %s now", c.Name, o.Name)
		}
		if c.Type.Display != o.Type.Display {
			add("column %s was %s and is %s now", c.Name, c.Type.Display, o.Type.Display)
		}
		switch {
		case !trees || c.Overridden:
		case !c.Nullable && o.Nullable:
			add("column %s became nullable: %s", c.Name, o.Why)
		case c.Nullable && !o.Nullable && proofs:
			add("column %s is never NULL any more: %s", c.Name, o.Why)
		}
	}
}

func compareParams(q, other *model.Query, trees bool, add func(string, ...any)) {
	if len(q.Params) != len(other.Params) {
		add("it took %d parameters and takes %d now", len(q.Params), len(other.Params))
		return
	}
	for i, c := range q.Params {
		o := other.Params[i]
		if c.Type.Display != o.Type.Display {
			add("parameter %s was %s and is %s now", c.Name, c.Type.Display, o.Type.Display)
		}
		if trees && c.Nullable != o.Nullable {
			now := "does not take NULL any more"
			if o.Nullable {
				now = "takes NULL now"
			}
			add("parameter %s %s: %s", c.Name, now, o.Why)
		}
	}
}

// compareTypes compares the enums and composites that queries use.
func compareTypes(p *projectPackage, other *model.Package) []Drift {
	var out []Drift
	now := map[[2]string]*model.Type{}
	for _, t := range other.Types {
		now[[2]string{t.Schema, t.Name}] = t
	}
	for _, q := range p.model.Queries {
		for _, t := range typesOf(q) {
			o := now[[2]string{t.Schema, t.Name}]
			if o == nil || o.Kind != t.Kind {
				continue // the columns have said so
			}
			message := ""
			switch t.Kind {
			case model.Enum:
				message = listChange("label", t.Labels, o.Labels)
			case model.Composite:
				message = listChange("field", fieldNames(t), fieldNames(o))
			case model.Base, model.Array, model.Domain, model.Range, model.Multirange, model.Pseudo:
			}
			if message != "" {
				out = append(out, Drift{Package: p.config.Out, Query: q.Name, File: q.File, Line: q.Line, Message: "type " + t.Display + message})
			}
		}
	}
	return out
}

// typesOf are the types that a query's code reads and writes, each once.
func typesOf(q *model.Query) []*model.Type {
	var out []*model.Type
	var add func(t *model.Type)
	add = func(t *model.Type) {
		if t == nil || slices.Contains(out, t) {
			return
		}
		out = append(out, t)
		add(t.Element)
		for _, f := range t.Fields {
			add(f.Type)
		}
	}
	for _, c := range q.Columns {
		add(c.Type)
	}
	for _, c := range q.Params {
		add(c.Type)
	}
	return out
}

func fieldNames(t *model.Type) []string {
	out := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		out[i] = f.Name + " " + f.Type.Display
	}
	return out
}

// listChange says what one list has that the other lacks.
func listChange(what string, old, now []string) string {
	var parts []string
	for _, v := range now {
		if !slices.Contains(old, v) {
			parts = append(parts, fmt.Sprintf("has the new %s %q", what, v))
		}
	}
	for _, v := range old {
		if !slices.Contains(now, v) {
			parts = append(parts, fmt.Sprintf("lacks the %s %q", what, v))
		}
	}
	if len(parts) == 0 && !slices.Equal(old, now) {
		parts = append(parts, fmt.Sprintf("has its %ss in another order", what))
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + strings.Join(parts, ", ")
}
