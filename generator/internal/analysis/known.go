package analysis

import (
	"fmt"
	"maps"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/nullability"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// known is what a session remembers from one run to the next. Its catalog is
// that of when it was opened, so the same text has the same answer for as long
// as it lives; what no run has had for long is forgotten.
type known struct {
	judges *nullability.Analyzer
	types  *types
	// views is true once the columns of views are judged.
	views bool
	// judged are the server's answers by what was asked, and built the queries
	// that were made of them by all that their file says, its place included.
	judged map[string]*judged
	built  map[string]*built
	// run counts the runs.
	run int
}

// keptRuns is for how many runs an answer is kept that none of them needs: more
// than a project has packages with one schema, or a user undoes edits.
const keptRuns = 50

// forget drops what has not been of use for long.
func (k *known) forget() {
	maps.DeleteFunc(k.judged, func(_ string, j *judged) bool { return j.run < k.run-keptRuns })
	maps.DeleteFunc(k.built, func(_ string, b *built) bool { return b.run < k.run-keptRuns })
}

// judged is what the server and the analysis say of a statement's text,
// wherever it stands.
type judged struct {
	answer  answer
	verdict *nullability.Result
	// embeds has the place of an embed among those of the statement for each of
	// its columns, and tables what it embeds.
	embeds     map[int]int
	tables     map[int]*catalog.Relation
	dimensions map[int]int
	edits      []sqltext.Edit
	expanded   bool
	doubts     []doubt
	run        int
}

// built is a query of the model, with all that was said and used on the way.
type built struct {
	query    *model.Query
	said     diag.List
	embedded []*model.Table
	touched  touched
	run      int
}

// analyser goes on with what the session knows.
func (s *Session) analyser() *analyser {
	a := newAnalyser(s)
	if s.known == nil {
		s.known = &known{judges: a.judges, types: a.types, judged: map[string]*judged{}, built: map[string]*built{}}
	}
	a.judges, a.types = s.known.judges, s.known.types
	a.types.touched = touched{}
	return a
}

// question is all of a query that decides what is asked and how the answer is
// read.
func question(r *sqltext.Rewritten) string {
	var b strings.Builder
	b.WriteString(r.SQL)
	for _, e := range r.Embeds {
		_, _ = fmt.Fprintf(&b, "\x00%d %d %s", e.Start, e.End, e.Name) // a Builder takes everything
	}
	return b.String()
}

// spelling is all that decides what a query is and what is said of it: its
// text, the lines around it and where they are.
func spelling(s *sqltext.Statement) string {
	first := min(s.Header.Offset, s.Start)
	for _, d := range s.Header.Directives {
		first = min(first, d.Offset)
	}
	text := s.File.Text
	first = strings.LastIndexByte(text[:first], '\n') + 1
	end := len(text)
	if n := strings.IndexByte(text[s.End:], '\n'); n >= 0 {
		end = s.End + n
	}
	return fmt.Sprintf("%s\x00%d %d\x00%q\x00%s", s.File.Name, s.File.Line(first), s.Start-first, s.Header.Comment, text[first:end])
}

// recall fills a statement with an earlier answer to the same question.
func (a *analyser) recall(st *statement, j *judged) error {
	st.known = j
	st.answer, st.verdict, st.dimensions, st.edits = j.answer, j.verdict, j.dimensions, j.edits
	if j.embeds != nil {
		st.embeds, st.tables = map[int]*sqltext.Embed{}, map[*sqltext.Embed]*catalog.Relation{}
	}
	for column, i := range j.embeds {
		st.embeds[column] = &st.rewritten.Embeds[i]
	}
	for i, r := range j.tables {
		st.tables[&st.rewritten.Embeds[i]] = r
	}
	for _, d := range j.doubts {
		a.doubt(st, d.relation, d.offset, d.message, d.hint)
	}
	if !j.expanded {
		return nil
	}
	r, err := st.rewritten.Replace(j.edits)
	if err != nil {
		return fmt.Errorf("expand the stars of query %s: %w", st.Header.Name, err)
	}
	st.rewritten = r
	return nil
}

// judged is what to remember of a statement that the server has answered.
func (st *statement) judged(asked *sqltext.Rewritten) *judged {
	if st.known != nil {
		return st.known
	}
	st.answer.root = nil // what is said about the statement has been said
	j := &judged{
		answer: st.answer, verdict: st.verdict, dimensions: st.dimensions, edits: st.edits,
		expanded: st.rewritten != asked, doubts: st.doubts,
	}
	if st.embeds == nil {
		return j
	}
	j.embeds, j.tables = map[int]int{}, map[int]*catalog.Relation{}
	for i := range asked.Embeds {
		e := &asked.Embeds[i]
		if r := st.tables[e]; r != nil {
			j.tables[i] = r
		}
		for column, of := range st.embeds {
			if of == e {
				j.embeds[column] = i
			}
		}
	}
	return j
}

// touched are the OIDs of the types and relations that somebody asked for.
type touched struct{ types, tables map[uint32]bool }

func (t *touched) typ(oid uint32) {
	if t.types == nil {
		t.types = map[uint32]bool{}
	}
	t.types[oid] = true
}

func (t *touched) table(oid uint32) {
	if t.tables == nil {
		t.tables = map[uint32]bool{}
	}
	t.tables[oid] = true
}

func (t *touched) join(other touched) {
	for oid := range other.types {
		t.typ(oid)
	}
	for oid := range other.tables {
		t.table(oid)
	}
}

// during has what f reports and touches noted for a statement as well.
func (a *analyser) during(st *statement, f func()) {
	before := a.types.touched
	a.about, a.types.touched = st, st.touched
	f()
	st.touched = a.types.touched
	a.about, a.types.touched = nil, before
	a.types.touched.join(st.touched)
}

// reached are all types that the touched ones, and the tables and types of the
// user's schema, are made of.
func (ts *types) reached(roots []*model.Type, tables []*model.Table) []*model.Type {
	types, rows := map[*model.Type]bool{}, map[*model.Table]bool{}
	var typ func(t *model.Type)
	table := func(t *model.Table) {
		if t == nil || rows[t] {
			return
		}
		rows[t] = true
		for _, c := range t.Columns {
			typ(c.Type)
			typ(c.Domain)
		}
	}
	typ = func(t *model.Type) {
		if t == nil || types[t] {
			return
		}
		types[t] = true
		typ(t.Element)
		table(t.RowOf)
		for _, f := range t.Fields {
			typ(f.Type)
		}
	}
	for _, t := range roots {
		typ(t)
	}
	for _, t := range tables {
		table(t)
	}
	for oid := range ts.touched.types {
		typ(ts.made[oid])
	}
	for oid := range ts.touched.tables {
		table(ts.tables[oid])
	}
	out := make([]*model.Type, 0, len(types))
	for t := range maps.Keys(types) {
		out = append(out, t)
	}
	return out
}

// Asked is how many statements the session has sent to be described.
func (s *Session) Asked() int { return s.asked }
