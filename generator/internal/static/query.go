package static

import (
	"slices"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// value is what is known of an expression. The zero value: nothing.
type value struct {
	name string
	// oid is the type, 0 if it is not known; domains are followed by whoever
	// needs their base.
	oid uint32
	// literal is true for a string or NULL whose type the place decides.
	literal bool
	notNull bool
	why     string
	// elements is true for an array whose elements may be NULL.
	elements   bool
	dimensions int
	// relation and attribute are the stored column that the value is.
	relation  *catalog.Relation
	attribute int16
	// written is the column that stands there, also of a view.
	written          *catalog.Relation
	writtenAttribute int16
	// at is the token that a select item begins with.
	at int
	// joined is true if an outer join may leave out the row that the value is
	// of.
	joined bool
	// weak is true for a name that a cast around the value would not keep, and
	// sole for the only column of a function in FROM, which an alias renames.
	weak, sole bool
}

// relation is what FROM can have: the columns of a table, or of a query. open
// says that there may be others.
type relation struct {
	columns []value
	open    bool
	stored  *catalog.Relation
}

// entry is an item of FROM.
type entry struct {
	alias, schema string
	*relation
	// missing says why the whole row can be NULL, empty if it cannot.
	missing string
	// using are the columns of which only one is left after USING.
	using []string
}

// scope is where names are looked up.
type scope struct {
	entries []*entry
	outer   *scope
	// ctes are the queries of WITH by name.
	ctes map[string]*relation
	// sets is true where GROUP BY makes columns NULL.
	sets bool
	// from and to are the tokens that see it.
	from, to int
	// target is what an INSERT or UPDATE writes to.
	target *entry
}

func (s *scope) cte(name string) *relation {
	for ; s != nil; s = s.outer {
		if r, ok := s.ctes[name]; ok {
			return r
		}
	}
	return nil
}

// star is one in the outermost result, with what it stands for.
type star struct {
	// from and to are the tokens of the item.
	from, to int
	names    []string
	// stored is the table of t.*.
	stored *catalog.Relation
	entry  *entry
	// first is its first column.
	first int
}

// reader reads one statement.
type reader struct {
	*world
	*text
	// scopes are those of all queries in the statement.
	scopes []*scope
	// stars are those of the first arm of the result, and of the others.
	stars []star
	// visited are the parentheses whose query has been read.
	visited map[int]*relation
	// depth and steps count what is entered.
	depth, steps int
	// assigned are the expressions that go into columns, and labelled are the
	// first tokens of select items.
	assigned []assignment
	labelled map[int]bool
	// unresolved is true if a name was not found, and list is where the
	// list of the result is, if nothing else refers to it. missing are the names
	// that surely mean nothing.
	unresolved bool
	list       [2]int
	missing    []missing
}

func newReader(w *world, t *text) *reader {
	return &reader{world: w, text: t, visited: map[int]*relation{}, labelled: map[int]bool{}}
}

// deepest is how deep queries and expressions are followed, and most how many
// of them are read. No statement that somebody writes gets there.
const (
	deepest = 200
	most    = 200_000
)

// enter goes into a query or an expression, unless that is too much.
func (r *reader) enter() bool {
	r.depth++
	r.steps++
	return r.depth <= deepest && r.steps <= most
}

func (r *reader) leave() { r.depth-- }

// statement reads what a whole statement returns; nil for no rows.
func (r *reader) statement() *relation {
	return r.query(0, len(r.tokens), nil, true)
}

// query reads a query or a statement that writes.
func (r *reader) query(i, j int, outer *scope, top bool) *relation {
	defer r.leave()
	if !r.enter() {
		return &relation{open: true}
	}
	for r.is(i, "(") && r.pair(i) == j-1 {
		i, j = i+1, j-1
	}
	if r.word(i) == "with" {
		with := &scope{outer: outer, ctes: map[string]*relation{}, from: i, to: j}
		i = r.with(i+1, j, with)
		outer = with
	}
	switch r.word(i) {
	case "insert", "update", "delete":
		return r.change(i, j, outer, top)
	case "select", "values", "table":
		return r.arms(i, j, outer, top)
	case "merge":
		return r.merge(i, j, outer)
	case "explain", "show", "fetch", "execute":
		return &relation{open: true}
	}
	if r.is(i, "(") {
		return r.arms(i, j, outer, top)
	}
	return nil
}

// with reads the queries of a WITH clause and returns the token behind them.
func (r *reader) with(i, j int, s *scope) int {
	recursive := r.word(i) == "recursive"
	if recursive {
		i++
	}
	for i < j {
		name := r.name(i)
		i++
		var columns []string
		if r.is(i, "(") {
			columns = r.names(i)
			i = r.skip(i)
		}
		i++ // AS
		for r.word(i) == "not" || r.word(i) == "materialized" {
			i++
		}
		if !r.is(i, "(") || r.pair(i) < 0 {
			return j
		}
		if recursive {
			s.ctes[name] = &relation{open: true}
			s.ctes[name] = r.firstArm(i+1, r.pair(i), s, columns)
			r.forget(i, r.pair(i))
		}
		q := r.query(i+1, r.pair(i), s, false)
		if recursive && q != nil {
			for n := range q.columns {
				q.columns[n].notNull, q.columns[n].why = false, "the query is recursive"
				q.columns[n].relation = nil
			}
		}
		r.visited[i] = q
		s.ctes[name] = renamedColumns(q, columns)
		for i = r.pair(i) + 1; r.word(i) == "search" || r.word(i) == "cycle"; {
			// They add columns.
			s.ctes[name] = &relation{open: true}
			i = r.find(i+1, j, func(k int) bool {
				return r.is(k, ",") || r.beginsQuery(k) || r.word(k) == "search" || r.word(k) == "cycle"
			})
		}
		if !r.is(i, ",") {
			return i
		}
		i++
	}
	return i
}

// forget takes back the scopes of a range, which will be read again.
func (r *reader) forget(i, j int) {
	r.scopes = slices.DeleteFunc(r.scopes, func(s *scope) bool { return s.from >= i && s.to <= j })
	for at := range r.visited {
		if at > i && at < j {
			delete(r.visited, at)
		}
	}
}

// firstArm is what a recursive query begins with, which decides its columns.
func (r *reader) firstArm(i, j int, s *scope, columns []string) *relation {
	end := r.find(i, j, r.joins)
	q := r.query(i, end, s, false)
	if q == nil {
		return &relation{open: true}
	}
	out := &relation{open: q.open}
	for _, c := range q.columns {
		out.columns = append(out.columns, value{name: c.name, oid: c.oid, why: "the query is recursive", elements: true})
	}
	return renamedColumns(out, columns)
}

// renamedColumns is a relation with a list of names for its first columns.
func renamedColumns(q *relation, names []string) *relation {
	if q == nil {
		return &relation{}
	}
	out := &relation{columns: slices.Clone(q.columns), open: q.open, stored: q.stored}
	for i, n := range names {
		if i < len(out.columns) {
			out.columns[i].name = n
		}
	}
	if q.open && len(names) > 0 {
		return &relation{open: true}
	}
	return out
}

// joins reports whether a token puts two queries together.
func (r *reader) joins(i int) bool {
	switch r.word(i) {
	case "union", "intersect", "except":
		return !r.named(i)
	}
	return false
}

// arms reads queries that a UNION and its like put together.
func (r *reader) arms(i, j int, outer *scope, top bool) *relation {
	// What stands behind the last arm belongs to all of them.
	end := j
	var out *relation
	for first := true; ; first = false {
		stop := r.find(i, end, r.joins)
		arm := r.arm(i, stop, outer, top, stop < end || !first)
		switch {
		case first:
			out = arm
		case arm == nil || out == nil || arm.open || out.open || len(arm.columns) != len(out.columns):
			out = &relation{open: true}
		default:
			for n := range out.columns {
				out.columns[n] = r.common(out.columns[n], arm.columns[n])
			}
		}
		if stop == end {
			return out
		}
		for i = stop + 1; r.word(i) == "all" || r.word(i) == "distinct"; {
			i++
		}
	}
}

// common is a column of a UNION of two.
func (r *reader) common(a, b value) value {
	out := value{name: a.name, weak: a.weak, elements: a.elements || b.elements, dimensions: max(a.dimensions, b.dimensions)}
	out.oid, out.literal = r.commonType(a, b)
	out.written, out.writtenAttribute = a.written, a.writtenAttribute
	out.notNull = a.notNull && b.notNull
	out.why = a.why
	if a.notNull {
		out.why = b.why
	}
	return out
}

// arm reads SELECT, VALUES, TABLE or a query in parentheses.
func (r *reader) arm(i, j int, outer *scope, top, several bool) *relation {
	switch {
	case r.is(i, "(") && r.pair(i) > 0:
		q := r.query(i+1, r.pair(i), outer, top)
		r.visited[i] = q
		r.nested(r.pair(i)+1, j, outer)
		return q
	case r.word(i) == "values":
		return r.values(i+1, j, outer)
	case r.word(i) == "table":
		schema, name, _ := r.qualified(r.unless(i + 1))
		return r.table(schema, name, outer)
	case r.word(i) == "select":
		return r.selection(i, j, outer, top, several)
	}
	return &relation{open: true}
}

// isClause reports whether a keyword begins a clause behind the items.
func (r *reader) isClause(i int) bool {
	if r.named(i) {
		return false
	}
	switch r.word(i) {
	case "from":
		return r.word(i-1) != "distinct" || r.word(i-2) != "is" && r.word(i-2) != "not"
	case "group":
		return r.word(i-1) != "within"
	case "where", "having", "window", "order", "limit", "offset", "fetch", "for", "into":
		return true
	}
	return false
}

func (r *reader) selection(i, j int, outer *scope, top, several bool) *relation {
	s := &scope{outer: outer, from: i, to: j}
	r.scopes = append(r.scopes, s)
	i++
	if r.word(i) == "all" {
		i++
	}
	if r.word(i) == "distinct" {
		i++
		if r.word(i) == "on" {
			i = r.skip(i + 1)
		}
	}
	end := r.find(i, j, r.isClause)
	behind := end
	if r.word(end) == "into" {
		behind = r.find(end+1, j, r.isClause)
	}
	if r.word(behind) == "from" {
		behind = r.from(behind+1, j, s)
	}
	if group := r.find(behind, j, func(k int) bool { return r.words(k, "group", "by") && r.isClause(k) }); group < j {
		several = true
		stop := r.find(group+2, j, func(k int) bool { return r.isClause(k) && k > group })
		for k := group; k < stop; k++ {
			switch r.word(k) {
			case "rollup", "cube", "sets":
				s.sets = true
			}
		}
	}
	if top && !several {
		r.list = [2]int{i, end}
	}
	out := r.items(i, end, s, top)
	r.nested(i, j, s)
	return out
}

// nested reads the queries inside of expressions that nobody has read yet: the
// parameters in them need their scopes.
func (r *reader) nested(i, j int, s *scope) {
	for k := i; k < j; k++ {
		if !r.isQuery(k) {
			continue
		}
		if _, done := r.visited[k]; !done {
			r.visited[k] = nil
			r.visited[k] = r.query(k+1, r.pair(k), s, false)
		}
		k = r.pair(k)
	}
}

func (r *reader) values(i, j int, outer *scope) *relation {
	s := &scope{outer: outer, from: i, to: j}
	r.scopes = append(r.scopes, s)
	end := r.find(i, j, r.isClause)
	var out *relation
	for _, row := range r.split(i, end) {
		if !r.is(row[0], "(") {
			return &relation{open: true}
		}
		next := &relation{}
		for n, part := range r.split(row[0]+1, r.pair(row[0])) {
			v := r.expr(part[0], part[1], s)
			v.name = "column" + itoa(n+1)
			v.relation = nil
			next.columns = append(next.columns, v)
		}
		switch {
		case out == nil:
			out = next
		case len(out.columns) != len(next.columns):
			return &relation{open: true}
		default:
			for n := range out.columns {
				out.columns[n] = r.common(out.columns[n], next.columns[n])
			}
		}
	}
	r.nested(i, j, s)
	return out
}
