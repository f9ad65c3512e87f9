// Package static is the analysis without a server: it turns what sqlc says of
// a schema and of queries into the answers that PostgreSQL would give.
//
// sqlc reads the schema, checks the syntax of the queries and looks up their
// names. What it says of the types and the NULLs of expressions is a guess
// (sum(price) is a bigint to it, and never NULL), so none of that is taken over.
// This package follows the columns of each query back to where they come from,
// on tokens:
//
//   - A column that names a stored column has its type, and is not null if that
//     is and no outer join, grouping set or rule can change it. Views, CTEs and
//     subqueries are followed.
//   - A cast, a constant, an operator or a function of PostgreSQL's own whose
//     result is known has that type. It is not null where all it is made of is,
//     and the function is known to return NULL for NULL only.
//   - Of everything else nothing is known. Where the type is needed that is an
//     error, which says to add a cast; it is never a guess. What is not proved to
//     be not null can be NULL.
//
// It does no I/O but for [Ask], and its functions are safe for concurrent use.
package static

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/nullability"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/internal/nearest"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Revision is raised as [analysis.Revision] is.
const Revision = 1

// Analyse is [analysis.Run] on what sqlc says of a schema. The scripts are those
// that the schema is made of.
func Analyse(said *Said, scripts []*schema.Script, queries []*analysis.Query) *analysis.Result {
	w := newWorld(said.Request, readDDL(scripts))
	w.settle()
	warnings := w.warnings()
	known := w.views(&warnings)
	w.doubtful(known)
	answers := make([]*analysis.Answer, len(queries))
	for i, q := range queries {
		answers[i] = w.answer(q)
		if rejected := said.Rejected[i]; len(rejected) > 0 {
			answers[i] = &analysis.Answer{Rejected: rejected}
		}
	}
	result := analysis.Assemble(w.Catalog, known, queries, answers)
	result.Diagnostics.Join(warnings)
	result.Engine = "sqlc"
	return result
}

// settle has the catalog say not null only where that is to be relied upon, and
// keeps why it does not elsewhere.
func (w *world) settle() {
	sound := map[*catalog.Column]bool{}
	for _, r := range w.Relations {
		for _, c := range r.Columns {
			ok, why := w.notNull(r, c)
			if sound[c] = ok; !ok && c.NotNull {
				w.doubts[c] = why
			}
		}
	}
	for c, ok := range sound {
		c.NotNull = ok
	}
}

// doubtful adds the columns of tables that are NOT NULL to sqlc and not to be
// relied upon.
func (w *world) doubtful(known map[uint32][]analysis.KnownColumn) {
	for oid, r := range w.Relations {
		if _, view := known[oid]; view || !slices.ContainsFunc(r.Columns, func(c *catalog.Column) bool { return w.doubts[c] != "" }) {
			continue
		}
		columns := make([]analysis.KnownColumn, len(r.Columns))
		for i, c := range r.Columns {
			if why, ok := w.doubts[c]; ok {
				columns[i] = analysis.KnownColumn{Nullable: true, Why: why}
			}
		}
		known[oid] = columns
	}
}

// warnings are what makes the answers worth less.
func (w *world) warnings() diag.List {
	var out diag.List
	for _, s := range w.ddl.hidden {
		out.Add(s.File.Warning(s.Start, "sqlc does not run this: what it changes in the schema is not seen", "write the statements that change tables and types by themselves"))
	}
	for name, table := range w.unknown {
		d := w.ddl.relations[table]
		if d == nil {
			continue
		}
		out.Add(d.at.File.Warning(d.at.Start, fmt.Sprintf("no schema file creates the type %s of this table; its values are read as text", name), "if it is of an extension, add CREATE EXTENSION to the schema"))
	}
	return out
}

// views gives the columns of views the types that their queries give. A view
// with a column of unknown type is nothing that a struct can be made of.
func (w *world) views(warnings *diag.List) map[uint32][]analysis.KnownColumn {
	out := map[uint32][]analysis.KnownColumn{}
	for _, k := range w.ddl.sorted() {
		d, r := w.ddl.relations[k], w.relations[k]
		if r == nil || d.kind != view && d.kind != stored {
			continue
		}
		known := true
		var columns []analysis.KnownColumn
		for i, v := range w.derived(k, d, r).columns {
			if r.Columns[i].Type = v.oid; w.Types[v.oid] == nil {
				warnings.Add(d.at.File.Warning(d.at.Start, fmt.Sprintf("sqlc cannot tell the type of column %s of %s, which therefore gets no struct", v.name, k[1]), "cast the column in the query of the view"))
				known = false
				break
			}
			if r.Columns[i].Dimensions = v.dimensions; w.element(v.oid) != 0 {
				r.Columns[i].Dimensions = max(1, v.dimensions)
			}
			columns = append(columns, analysis.KnownColumn{Nullable: !v.notNull, Why: v.why})
		}
		if !known {
			delete(w.Relations, r.OID)
			continue
		}
		if r.Kind == catalog.View || r.Kind == catalog.MaterializedView {
			out[r.OID] = columns
		}
	}
	return out
}

// answer reads one query.
func (w *world) answer(q *analysis.Query) *analysis.Answer {
	a := &answering{Query: q, Answer: &analysis.Answer{Rewritten: q.Rewritten, Verdict: &nullability.Result{}}}
	a.reader = newReader(w, newText(q.Rewritten.SQL))
	result := a.statement()
	a.checkNames()
	for _, m := range a.missing {
		hint := Advice
		if name := a.name(m.at + 2*btoi(a.is(m.at+1, "."))); name != "" {
			if near := nearest.Name(name, m.near); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
		}
		a.reject(m.at, m.message, hint)
	}
	if len(a.missing) > 0 {
		return a.Answer
	}
	if result != nil {
		a.answerColumns(result)
		a.expand()
		if !model.Command(q.Header.Command).ReturnsRows() && len(a.Rejected) > 0 {
			// Nobody will see them.
			a.Rejected, a.Columns, a.Embeds, a.Verdict.Columns = nil, nil, nil, nil
		}
	}
	a.answerParams()
	return a.Answer
}

// answering is a query on its way to an answer.
type answering struct {
	*analysis.Query
	*analysis.Answer
	*reader
}

// reject says that something cannot be told, at a token.
func (a *answering) reject(token int, message, hint string) {
	offset := 0
	if token >= 0 && token < len(a.tokens) {
		offset = a.tokens[token].Start
	}
	a.Rejected = append(a.Rejected, a.File.Error(a.Query.Rewritten.MapOffset(offset), message, hint))
}

func (a *answering) answerColumns(result *relation) {
	if result.open {
		a.reject(0, fmt.Sprintf("sqlc cannot tell the columns of query %s", a.Header.Name), "name the columns one by one, each with a cast where it is no column of a table. "+Advice)
		return
	}
	a.Columns = []analysis.Field{}
	for i, v := range result.columns {
		if v.literal && v.oid == 0 {
			v.oid = a.builtin("text")
		}
		if a.Types[v.oid] == nil {
			a.reject(v.at, fmt.Sprintf("sqlc cannot tell the type of column %s", nameOf(v, i)), fmt.Sprintf("add a cast, as in (…)::numeric. %s", Advice))
			continue
		}
		field := analysis.Field{Name: v.name, Type: a.base(v.oid), Dimensions: v.dimensions}
		c := nullability.Column{Nullable: !v.notNull, Why: v.why, ElementNullable: v.elements, Joined: v.joined}
		if a.Types[v.oid].Kind == catalog.Domain {
			c.Domain = v.oid
		}
		if v.relation != nil {
			c.Relation, c.Attribute = v.relation.OID, v.attribute
		}
		if v.written != nil {
			c.WrittenRelation, c.WrittenAttribute = v.written.OID, v.writtenAttribute
		}
		a.Columns = append(a.Columns, field)
		a.Verdict.Columns = append(a.Verdict.Columns, c)
		a.Embeds = append(a.Embeds, -1)
	}
	if len(a.Rejected) == 0 {
		a.answerEmbeds()
	}
}

// nameOf is how to call a column in a message.
func nameOf(v value, i int) string {
	if v.name == "?column?" || v.name == "" {
		return strconv.Itoa(i + 1)
	}
	return v.name
}

// answerEmbeds finds the columns that each sqlc.embed stands for.
func (a *answering) answerEmbeds() {
	a.Tables = make([]uint32, len(a.Query.Rewritten.Embeds))
	for n, e := range a.Query.Rewritten.Embeds {
		at := slices.IndexFunc(a.stars, func(s star) bool { return a.tokens[s.from].Start == e.Start })
		if at < 0 {
			a.Rejected = append(a.Rejected, a.File.Error(e.Offset, fmt.Sprintf("sqlc.embed(%s) has no columns in the result of the query", e.Name), "use it in the list of the outermost SELECT, or after RETURNING"))
			continue
		}
		s := a.stars[at]
		if s.stored == nil || a.Relations[s.stored.OID] == nil || len(s.stored.Columns) != len(s.names) {
			a.Rejected = append(a.Rejected, a.File.Error(e.Offset, fmt.Sprintf("sqlc.embed(%s) is not a table or view", e.Name), "embed takes the name or alias of a table or view in FROM; name the columns of anything else"))
			continue
		}
		a.Tables[n] = s.stored.OID
		for i := range s.names {
			if s.first+i >= len(a.Embeds) {
				break
			}
			a.Embeds[s.first+i] = n
			if s.entry.missing != "" {
				c := &a.Verdict.Columns[s.first+i]
				c.OuterJoined, c.OuterJoinWhy = true, s.entry.missing
			}
		}
	}
}

// expand spells out the stars of the result.
func (a *answering) expand() {
	if len(a.Rejected) > 0 {
		return
	}
	var edits []sqltext.Edit
	for _, s := range a.stars {
		if len(s.names) > 0 {
			edits = append(edits, sqltext.Edit{Start: a.tokens[s.from].Start, End: a.tokens[s.to-1].End, Text: strings.Join(s.names, ", ")})
		}
	}
	slices.SortFunc(edits, func(x, y sqltext.Edit) int { return x.Start - y.Start })
	edits = slices.CompactFunc(edits, func(x, y sqltext.Edit) bool { return x.Start == y.Start })
	// Edits that lie inside of each other do not occur; the star would stay.
	if r, err := a.Query.Rewritten.Replace(edits); err == nil && len(edits) > 0 {
		a.Answer.Rewritten = r
	}
}

func (a *answering) answerParams() {
	highest := 0
	for _, p := range a.Query.Rewritten.Params {
		highest = max(highest, p.Number)
	}
	a.Answer.Params = make([]uint32, highest)
	a.Verdict.Params = make([]nullability.Param, highest)
	for i, u := range a.params(highest) {
		a.Answer.Params[i] = u.oid
		p := nullability.Param{
			Number: i + 1, Name: u.word, Word: u.word, Direct: u.direct, Nullable: u.nullable, Why: u.why,
			ElementNullable: u.elements, ArrayOf: u.arrayOf, Function: u.function,
		}
		if p.Name == "" {
			p.Name = "arg" + strconv.Itoa(i+1)
		}
		if p.Why == "" {
			p.Why = "no use takes null"
		}
		if u.column.relation != nil {
			p.Relation, p.Attribute = u.column.relation.OID, u.column.attribute
		}
		a.Verdict.Params[i] = p
	}
	for _, p := range a.Query.Rewritten.Params {
		if a.Types[a.Answer.Params[p.Number-1]] != nil {
			continue
		}
		name := "$" + strconv.Itoa(p.Number)
		if p.Name != "" {
			name = "@" + p.Name
		}
		a.Rejected = append(a.Rejected, a.File.Error(p.Offsets[0], fmt.Sprintf("sqlc cannot tell the type of parameter %s", name), fmt.Sprintf("say it with a cast, as in %s::text. %s", name, Advice)))
	}
}
