package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/golang"
	"github.com/pgwright/pgwright/generator/internal/lock"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/generator/internal/tables"
	"github.com/pgwright/pgwright/internal/nearest"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// tablesOutput is the name of the file that methods made of tables go into.
const tablesOutput = "tables"

// madeQueries are the queries that nobody wrote. Each statement that was made
// of a table, view or function is a query file of its own.
type madeQueries struct {
	// digest tells apart all that decides which queries there are, besides the
	// schema. It is empty if none are wanted.
	digest     string
	templates  *tables.Templates
	statements []*tables.Statement
	byFile     map[string]*tables.Statement
	config     string
}

// made prepares the queries of a package's tables. It returns false if that
// cannot be done.
func (l *loader) made(p *projectPackage) (*madeQueries, bool) {
	m := &madeQueries{byFile: map[string]*tables.Statement{}, config: l.cfg.File}
	cfg := p.config.Options.Tables
	if cfg == nil {
		return m, true
	}
	overrides, ok := l.templates(p, cfg)
	if !ok {
		return m, false
	}
	templates, diags := tables.Load(overrides, filepath.ToSlash(cfg.Templates))
	p.diags.Join(diags)
	if diags.HasErrors() {
		return m, false
	}
	m.templates = templates
	o := goOptions(p.config, "")
	m.digest = digest(slices.Concat(templates.Texts(), []string{fmt.Sprintf("%q %q", cfg.Include, cfg.Exclude), fmt.Sprintf(
		"%t %q %q %t %q", o.ExactTableNames, o.KeepPlural, o.Initialisms, o.PluralInitialisms, o.Rename,
	)})...)
	return m, true
}

// generate makes the queries of a catalog.
func (m *madeQueries) generate(l *loader, p *projectPackage, c *catalog.Catalog) bool {
	if m.digest == "" {
		return true
	}
	schema := analysis.DefaultSchema(c)
	s := &selection{cfg: p.config.Options.Tables, defaultSchema: schema, matched: map[string]bool{}}
	statements, diags := tables.Generate(c, tables.Options{
		DefaultSchema: schema, Selected: s.selected, Templates: m.templates,
		Names: golang.NewNames(goOptions(p.config, schema)), Quote: sqltext.Identifier,
	})
	p.diags.Join(diags)
	p.diags.Join(s.unmatched(l.cfg))
	m.statements = statements
	return !diags.HasErrors()
}

// recall takes the queries from the record of an earlier run.
func (m *madeQueries) recall(record *lock.Package) {
	if m.digest == "" || record == nil || record.Tables != m.digest {
		return
	}
	for _, r := range record.Made {
		if st := m.templates.Restore(tables.Record(r)); st != nil {
			m.statements = append(m.statements, st)
		}
	}
}

// records are the queries for the lock.
func (m *madeQueries) records() []lock.Made {
	var out []lock.Made
	for _, st := range m.statements {
		out = append(out, lock.Made(st.Record()))
	}
	return out
}

// besides are the files of the queries that were made, but for those that
// somebody has written a query of the same name for.
func (m *madeQueries) besides(written []*sqltext.File) ([]*sqltext.File, diag.List) {
	var diags diag.List
	byHand := map[string]*sqltext.Statement{}
	for _, f := range written {
		for _, st := range f.Statements {
			if st.Header != nil {
				byHand[st.Header.Name] = st
			}
		}
	}
	var files []*sqltext.File
	var replaced []string
	var faults diag.List
	for i, st := range m.statements {
		name := fmt.Sprintf("%s#%06d", st.File(), i)
		m.byFile[name] = st
		f, problems := sqltext.Split(name, st.Text)
		faults.Join(problems)
		f.Statements = slices.DeleteFunc(f.Statements, func(made *sqltext.Statement) bool {
			if made.Header == nil || byHand[made.Header.Name] == nil {
				return false
			}
			own := byHand[made.Header.Name]
			replaced = append(replaced, fmt.Sprintf("%s (%s:%d)", made.Header.Name, own.File.Name, own.Header.Line))
			return true
		})
		files = append(files, f)
	}
	diags.Join(m.placed(faults))
	if len(replaced) > 0 {
		slices.Sort(replaced)
		diags.Add(&diag.Diagnostic{
			Severity: diag.Note, File: m.config,
			Message: "written by hand, and so not made of tables: " + strings.Join(replaced, ", "),
		})
	}
	return files, diags
}

// templates reads the user's templates.
func (l *loader) templates(p *projectPackage, cfg *config.Tables) (map[string]string, bool) {
	if cfg.Templates == "" {
		return nil, true
	}
	dir := filepath.Join(l.cfg.Root, filepath.FromSlash(cfg.Templates))
	entries, err := os.ReadDir(dir)
	if err != nil {
		p.diags.Add(l.cfg.At(cfg.TemplatesPos, fmt.Sprintf("the folder of templates cannot be read: %v", cause(err)), "paths are relative to the folder of the configuration file"))
		return nil, false
	}
	out := map[string]string{}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".sql") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			p.diags.Add(l.cfg.At(cfg.TemplatesPos, fmt.Sprintf("the template %s cannot be read: %v", e.Name(), cause(err)), ""))
			return nil, false
		}
		out[e.Name()] = string(text)
	}
	if len(out) == 0 {
		p.diags.Add(l.cfg.At(cfg.TemplatesPos, "the folder of templates has no .sql files", ""))
		return nil, false
	}
	return out, true
}

// selection decides which objects the configuration means, and remembers which
// of its patterns mean any.
type selection struct {
	cfg           *config.Tables
	defaultSchema string
	matched       map[string]bool
	// names are those of all objects that were asked about.
	names []string
}

// selected reports whether an object is included and not excluded. One that
// only its exact name includes is a partition.
func (s *selection) selected(schema, name string, exact bool) bool {
	s.names = append(s.names, schema+"."+name)
	in := s.match(s.cfg.Include, schema, name, exact)
	if len(s.cfg.Include) == 0 {
		in = !exact
	}
	out := s.match(s.cfg.Exclude, schema, name, false)
	return in && !out
}

// split cuts a pattern into those for the schema and the name.
func (s *selection) split(pattern string) (schema, name string) {
	schema, name, qualified := strings.Cut(pattern, ".")
	if !qualified {
		return s.defaultSchema, schema
	}
	return schema, name
}

func (s *selection) match(patterns []string, schema, name string, exact bool) bool {
	found := false
	for _, p := range patterns {
		of, pattern := s.split(p)
		if exact && (of != schema || pattern != name) || !golang.Match(of, schema) || !golang.Match(pattern, name) {
			continue
		}
		found, s.matched[p] = true, true
	}
	return found
}

// unmatched reports names that nothing has. A pattern that means nothing is
// none: what it is for may come or have gone.
func (s *selection) unmatched(cfg *config.Config) diag.List {
	var diags diag.List
	for _, list := range []struct {
		key      string
		patterns []string
		pos      []config.Pos
	}{
		{"include", s.cfg.Include, s.cfg.IncludePos},
		{"exclude", s.cfg.Exclude, s.cfg.ExcludePos},
	} {
		for i, p := range list.patterns {
			if s.matched[p] || strings.ContainsAny(p, "*?\\") {
				continue
			}
			schema, name := s.split(p)
			hint := "no schema file creates it, or nothing can be made of it"
			if near := nearest.Within(schema+"."+name, s.names, max(2, len(name)/3)); near != "" {
				hint = fmt.Sprintf("did you mean %s?", near)
			}
			diags.Add(cfg.At(list.pos[i], fmt.Sprintf("%s: there is no table, view or function %s.%s", list.key, schema, name), hint))
		}
	}
	return diags
}

// placed moves diagnostics about statements that were made to the templates
// that they are from. What is wrong with a template is wrong with all that it
// makes: the first one stands for the others.
func (m *madeQueries) placed(list diag.List) diag.List {
	type place struct {
		file         string
		line, column int
		severity     diag.Severity
	}
	var out diag.List
	first := map[place]*diag.Diagnostic{}
	more := map[place]int{}
	for _, d := range list.Sorted() {
		st := m.byFile[d.File]
		if st == nil {
			out.Add(d)
			continue
		}
		d = st.Place(d)
		at := place{d.File, d.Line, d.Column, d.Severity}
		if first[at] != nil {
			more[at]++
			continue
		}
		first[at] = d
		out.Add(d)
	}
	for at, d := range first {
		if more[at] > 0 {
			d.Hint = strings.TrimPrefix(fmt.Sprintf("%s\nthis place of the template is at fault in %d cases", d.Hint, more[at]+1), "\n")
		}
	}
	return out
}

// claim says of the queries that were made where they are from and go to.
func (m *madeQueries) claim(pkg *model.Package) {
	for _, q := range pkg.Queries {
		if st := m.byFile[q.File]; st != nil {
			q.File, q.Line, q.Output = st.File(), st.Line(q.Line), tablesOutput
		}
	}
}

// cause drops the path that an error begins with.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
