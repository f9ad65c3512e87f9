package generator

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/lock"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/generator/internal/static"
)

// readLock reads the lock of a project, nil if there is none. One that cannot
// be read is as good as none, since it only saves work; the warning says so.
func readLock(root string, m *memory) (*lock.Lock, *diag.Diagnostic) {
	data, err := os.ReadFile(filepath.Join(root, lock.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var l *lock.Lock
	if err == nil {
		l, err = m.parseLock(data)
	}
	if err != nil {
		d := &diag.Diagnostic{File: lock.Name}
		var place *lock.PlaceError
		var cause *fs.PathError
		switch {
		case errors.As(err, &place):
			d = diag.At(lock.Name, string(data), place.Offset, "", "")
		case errors.As(err, &cause):
			err = cause.Err
		}
		d.Severity = diag.Warning
		d.Message = "the lock cannot be read and does not count: " + err.Error()
		d.Hint = "pgwright generate writes it anew; after a merge with conflicts, that is the way to resolve them"
		return nil, d
	}
	return l, nil
}

// inputs are what the analysis of a package sees, in digests.
type inputs struct {
	// queries are those that are written and those that are made; diags is what
	// is wrong with them as text.
	queries    []*analysis.Query
	made       *madeQueries
	diags      diag.List
	schemaKey  string
	files      map[string]string
	statements map[string]string
}

func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		// Writing to a hash cannot fail.
		_, _ = fmt.Fprintf(h, "%d %s\n", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func newInputs(written []*sqltext.File, made *madeQueries, scripts []*schema.Script) *inputs {
	in := &inputs{made: made, schemaKey: schemaKey(scripts), files: map[string]string{}, statements: map[string]string{}}
	files, notes := made.besides(written)
	queries, diags := analysis.Queries(append(slices.Clone(written), files...))
	in.queries = queries
	in.diags.Join(notes)
	in.diags.Join(made.placed(diags))
	texts := map[string][]string{}
	for _, s := range scripts {
		texts[s.File.Name] = append(texts[s.File.Name], s.SQL)
	}
	for name, text := range texts {
		in.files[name] = digest(text...)
	}
	for _, q := range queries {
		in.statements[q.Header.Name] = statementDigest(q.Statement)
	}
	return in
}

// statementDigest tells apart what a query says, its directives included, but
// not where it stands nor how it is documented.
func statementDigest(s *sqltext.Statement) string {
	parts := []string{s.Header.Text(), s.Text()}
	for _, d := range s.Header.Directives {
		parts = append(parts, d.Kind, d.Target, fmt.Sprint(d.NotNull, d.Nullable), d.GoType, d.Name, fmt.Sprintf("%q", d.Like), d.SetBy)
	}
	return digest(parts...)
}

// changes says what is not as the record has it. Nothing means that the
// record holds.
func (in *inputs) changes(p *lock.Package, live bool, engine string) []string {
	var out []string
	switch {
	case p == nil:
		return []string{"there is no record of the package"}
	case p.Engine != engine:
		out = append(out, "it is from another engine, "+cmp.Or(p.Engine, "PostgreSQL"))
	case p.Revision != revision(engine):
		out = append(out, "it is from another version of pgwright")
	case p.Live != live:
		out = append(out, "it is about another source of the schema")
	case p.Tables != in.made.digest:
		out = append(out, "the options of tables or their templates have changed")
	}
	if !live {
		out = append(out, differences("", in.files, p.Inputs)...)
		if len(out) == 0 && in.schemaKey != p.Schema {
			out = append(out, "the schema files come in another order")
		}
	}
	return append(out, differences("query ", in.statements, p.Statements)...)
}

// revision is that of the analysis that an engine gives.
func revision(engine string) int {
	if engine == "" {
		return analysis.Revision
	}
	return analysis.Revision*100 + static.Revision
}

// differences compares digests by name.
func differences(what string, now, then map[string]string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(now)) {
		switch old, ok := then[name]; {
		case !ok:
			out = append(out, what+name+" is new")
		case old != now[name]:
			out = append(out, what+name+" has changed")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(then)) {
		if _, ok := now[name]; !ok {
			out = append(out, what+name+" is gone")
		}
	}
	return out
}

// recall fills a package from its record, as the analysis would. Queries that
// the memory has from before stay the very ones.
func (in *inputs) recall(record *lock.Package, p *projectPackage, memory *memory) {
	p.diags.Join(in.diags)
	m := *record.Model
	m.Queries = nil
	byName := map[string]int{}
	for i, q := range record.Model.Queries {
		byName[q.Name] = i
	}
	starts := map[string]*sqltext.Statement{}
	for _, q := range in.queries {
		starts[q.Header.Name] = q.Statement
		if i, ok := byName[q.Header.Name]; ok {
			m.Queries = append(m.Queries, memory.recall(record, record.Model.Queries[i], q))
		}
	}
	var said diag.List
	for _, w := range record.Warnings {
		s := starts[w.Query]
		if s == nil {
			continue
		}
		said.Add(s.File.WarningAt(s.Header.Line+w.Line, w.Column, w.Message, w.Hint))
	}
	p.diags.Join(in.made.placed(said))
	in.made.claim(&m)
	p.model, p.record = &m, record
	p.model.Name = p.config.Name
}

// remember makes the record of an analysed package.
func (in *inputs) remember(p *projectPackage, live bool, server int, said diag.List) *lock.Package {
	record := &lock.Package{
		Out: p.config.Out, Revision: revision(p.engine), Server: server, Engine: p.engine, Live: live,
		Inputs: in.files, Statements: in.statements, Tables: in.made.digest, Made: in.made.records(),
	}
	if !live {
		record.Schema = in.schemaKey
	}
	m := *p.model
	m.Queries = nil
	byName := map[string]*analysis.Query{}
	for _, q := range in.queries {
		byName[q.Header.Name] = q
	}
	for _, q := range p.model.Queries {
		m.Queries = append(m.Queries, byName[q.Name].Forget(q))
	}
	record.Model = &m
	for _, d := range said.Sorted() {
		if q := in.at(d.File, d.Line); q != nil && d.Severity == diag.Warning {
			record.Warnings = append(record.Warnings, lock.Warning{
				Query: q.Header.Name, Line: d.Line - q.Header.Line, Column: d.Column, Message: d.Message, Hint: d.Hint,
			})
		}
	}
	return record
}

// at is the query that a line belongs to, or nil.
func (in *inputs) at(file string, line int) *analysis.Query {
	var found *analysis.Query
	for _, q := range in.queries {
		if q.File.Name == file && q.Header.Line <= line && (found == nil || q.Header.Line > found.Header.Line) {
			found = q
		}
	}
	return found
}

// stale explains why the record does not spare the server that is not there.
func stale(err error, changes []string) error {
	const most = 5
	if more := len(changes) - most; more > 0 {
		changes = append(slices.Clone(changes[:most]), fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("%w\n%s does not hold, so PostgreSQL has to be asked: %s", err, lock.Name, strings.Join(changes, "; "))
}

// newLock is the lock that belongs to the project now, nil if there is nothing
// to record. A record that only says that another version of PostgreSQL has
// come to the same conclusions is not renewed.
func (p *project) newLock(m *memory) ([]byte, error) {
	l := &lock.Lock{}
	for _, pkg := range p.packages {
		record := pkg.record
		if record == nil {
			return nil, nil
		}
		if old := p.lock.Package(record.Out); old != nil && old.Server != record.Server {
			same := *record
			same.Server = old.Server
			one, err := (&lock.Lock{Packages: []*lock.Package{&same}}).Encode()
			if err != nil {
				return nil, err
			}
			other, err := (&lock.Lock{Packages: []*lock.Package{old}}).Encode()
			if err != nil {
				return nil, err
			}
			if bytes.Equal(one, other) {
				record = old
				m.keepAnalysis(record, pkg.model)
			}
		}
		l.Packages = append(l.Packages, record)
	}
	text, err := l.Encode()
	if err == nil {
		m.keepLock(text, l)
	}
	return text, err
}
