package generator

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/golang"
	"github.com/pgwright/pgwright/generator/internal/lock"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// memory is what a session keeps of a run for the next one, so that only what
// has changed is done again. Nothing in it is taken on trust: everything is kept
// beside the very bytes that it was made of. A nil memory keeps nothing.
type memory struct {
	// files are the query files by path, as they were split.
	files map[string]splitFile
	// lockText is the lock that was written or read last, as lock has it.
	lockText []byte
	lock     *lock.Lock
	// analysed is what the records of the lock were made of, as far as that was in
	// this session.
	analysed map[*lock.Package]*model.Package
	// recalled are the queries of records with what their files say.
	recalled map[*lock.Package]map[*model.Query]*model.Query
	// generated are the files of packages, by their folders.
	generated map[string]*golang.Kept
	// split counts the files that had to be split.
	split int
	// cold is true if the next run will need a server that is not running.
	cold bool
}

type splitFile struct {
	file  *sqltext.File
	diags diag.List
}

func newMemory() *memory {
	return &memory{files: map[string]splitFile{}, analysed: map[*lock.Package]*model.Package{}, generated: map[string]*golang.Kept{}, recalled: map[*lock.Package]map[*model.Query]*model.Query{}}
}

// splitFile is [sqltext.Split]. The caller must not change the file.
func (m *memory) splitFile(path, name, text string) (*sqltext.File, diag.List) {
	if m == nil {
		return sqltext.Split(name, text)
	}
	path = filepath.Clean(path)
	if known, ok := m.files[path]; ok && known.file.Text == text && known.file.Name == name {
		return known.file, known.diags
	}
	m.split++
	f, diags := sqltext.Split(name, text)
	m.files[path] = splitFile{f, diags}
	return f, diags
}

// parseLock is [lock.Parse].
func (m *memory) parseLock(text []byte) (*lock.Lock, error) {
	if m == nil {
		return lock.Parse(text)
	}
	if m.lock != nil && bytes.Equal(text, m.lockText) {
		return m.lock, nil
	}
	l, err := lock.Parse(text)
	if err == nil {
		m.keepLock(text, l)
	}
	return l, err
}

// keepLock remembers a lock by its text.
func (m *memory) keepLock(text []byte, l *lock.Lock) {
	if m == nil {
		return
	}
	m.lockText, m.lock = text, l
	gone := func(p *lock.Package) bool { return !slices.Contains(l.Packages, p) }
	maps.DeleteFunc(m.analysed, func(p *lock.Package, _ *model.Package) bool { return gone(p) })
	maps.DeleteFunc(m.recalled, func(p *lock.Package, _ map[*model.Query]*model.Query) bool { return gone(p) })
}

// keepAnalysis remembers what a record was made of.
func (m *memory) keepAnalysis(record *lock.Package, p *model.Package) {
	if m == nil {
		return
	}
	m.analysed[record] = p
	byName := map[string]*model.Query{}
	for _, q := range p.Queries {
		byName[q.Name] = q
	}
	of := map[*model.Query]*model.Query{}
	for _, recorded := range record.Model.Queries {
		of[recorded] = byName[recorded.Name]
	}
	m.recalled[record] = of
}

// recall is [analysis.Query.Recall].
func (m *memory) recall(record *lock.Package, recorded *model.Query, q *analysis.Query) *model.Query {
	out := q.Recall(recorded)
	if m == nil {
		return out
	}
	if m.recalled[record] == nil {
		m.recalled[record] = map[*model.Query]*model.Query{}
	}
	// The rest is from the record, or from a text that has the digest recorded.
	old := m.recalled[record][recorded]
	if old != nil && old.SQL == out.SQL && old.File == out.File && old.Line == out.Line && slices.Equal(old.Comment, out.Comment) {
		return old
	}
	m.recalled[record][recorded] = out
	return out
}

// kept are the files of a package's folder.
func (m *memory) kept(folder string) *golang.Kept {
	if m == nil {
		return &golang.Kept{}
	}
	if m.generated[folder] == nil {
		m.generated[folder] = &golang.Kept{}
	}
	return m.generated[folder]
}

// news is an analysis without the queries that are the very ones that a record
// was made of: nothing can have changed about those.
func (m *memory) news(record *lock.Package, result *analysis.Result) *analysis.Result {
	if m == nil || m.analysed[record] == nil {
		return result
	}
	before := map[*model.Query]bool{}
	for _, q := range m.analysed[record].Queries {
		before[q] = true
	}
	out, p := *result, *result.Package
	p.Queries = slices.DeleteFunc(slices.Clone(p.Queries), func(q *model.Query) bool { return before[q] })
	out.Package = &p
	return &out
}
