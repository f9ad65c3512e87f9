package static

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
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

// change reads INSERT, UPDATE or DELETE.
func (r *reader) change(i, j int, outer *scope, top bool) *relation {
	s := &scope{outer: outer, from: i, to: j}
	r.scopes = append(r.scopes, s)
	at := i + 1
	if r.word(at) == "into" || r.word(at) == "from" {
		at++
	}
	at = r.unless(at)
	schema, name, next := r.qualified(at)
	if r.is(next, "*") {
		next++
	}
	target := &entry{alias: name, schema: schema, relation: r.stored(schema, name)}
	if to := target.stored; to != nil && to.Kind == catalog.View {
		// Its columns stay what the parameters go into.
		target.relation = doubtful(target.relation, "a trigger of the view decides what comes back")
		target.relation.stored = to
	}
	if r.word(next) == "as" {
		target.alias, target.schema = r.name(next+1), ""
		next += 2
	} else if w := r.word(next); r.name(next) != "" && w != "set" && w != "using" && w != "where" && w != "returning" && w != "values" &&
		w != "select" && w != "default" && w != "with" && w != "overriding" && w != "table" {
		target.alias, target.schema = r.name(next), ""
		next++
	}
	s.entries, s.target = []*entry{target}, target
	returning := r.find(next, j, func(k int) bool { return r.word(k) == "returning" && !r.named(k) })
	switch r.word(i) {
	case "insert":
		k := next
		columns := target.columns
		if r.is(k, "(") && !r.isQuery(k) {
			columns = r.targets(k, target)
			k = r.skip(k)
		}
		for r.word(k) == "overriding" || r.word(k) == "system" || r.word(k) == "user" || r.word(k) == "value" {
			k++
		}
		stop := r.find(k, returning, func(n int) bool { return r.words(n, "on", "conflict") })
		if r.beginsQuery(k) {
			r.inserted(k, stop, columns)
			r.query(k, stop, outer, false)
		}
		if stop < returning {
			if set := r.find(stop, returning, func(n int) bool { return r.word(n) == "set" }); set < returning {
				r.set(set+1, r.find(set, returning, func(n int) bool { return r.word(n) == "where" }), target)
			}
			// The row that was to be inserted, in ON CONFLICT DO UPDATE.
			inner := &scope{outer: outer, from: stop, to: returning, target: target}
			inner.entries = []*entry{target, {alias: "excluded", relation: doubtful(target.relation, "it is the row that was to be inserted")}}
			r.scopes = append(r.scopes, inner)
		}
	case "update":
		from := r.find(next, returning, func(k int) bool { return r.word(k) == "from" && r.isClause(k) })
		if from < returning {
			r.from(from+1, returning, s)
		}
		r.set(next+1, min(from, r.find(next, returning, func(k int) bool { return r.word(k) == "where" })), target)
	case "delete":
		if r.word(next) == "using" {
			r.from(next+1, returning, s)
		}
	}
	r.nested(next, j, s)
	if returning == j {
		return nil
	}
	if r.word(returning+1) == "with" {
		return &relation{open: true}
	}
	if top {
		r.list = [2]int{returning + 1, j}
	}
	return r.items(returning+1, j, s, top)
}

// targets are the columns of a list in parentheses.
func (r *reader) targets(open int, target *entry) []value {
	var out []value
	for _, part := range r.split(open+1, r.pair(open)) {
		out = append(out, r.target(part[0], part[1], target))
	}
	return out
}

// target is a column that is written to.
func (r *reader) target(i, j int, target *entry) value {
	name := r.name(i)
	if !target.open && name != "" && !slices.ContainsFunc(target.columns, func(c value) bool { return c.name == name }) {
		r.missing = append(r.missing, missing{i, fmt.Sprintf("column %q of relation %q does not exist", name, target.alias), names(target.columns)})
	}
	return target.column(name, j-i == 1)
}

func names(columns []value) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

// column is the column with a name; one of which only a part is meant, or that
// is not known, has no type.
func (e *entry) column(name string, whole bool) value {
	for _, c := range e.columns {
		if c.name == name && whole {
			return c
		}
	}
	return value{name: name}
}

// inserted takes note of what goes into the columns of an INSERT.
func (r *reader) inserted(i, j int, columns []value) {
	if r.word(i) == "with" {
		i = r.find(i+1, j, func(k int) bool { return r.word(k) == "select" || r.word(k) == "values" })
	}
	switch r.word(i) {
	case "values":
		for _, row := range r.split(i+1, j) {
			if r.is(row[0], "(") {
				r.assign(r.split(row[0]+1, r.pair(row[0])), columns)
			}
		}
	case "select":
		for from := i; from < j; {
			end := r.find(from, j, r.joins)
			if r.word(from) == "select" {
				items := r.split(from+1, r.find(from+1, end, r.isClause))
				for n := range items {
					items[n][1], _ = r.label(items[n][0], items[n][1])
				}
				r.assign(items, columns)
			}
			for from = end + 1; r.word(from) == "all" || r.word(from) == "distinct"; {
				from++
			}
		}
	}
}

func (r *reader) assign(parts [][2]int, columns []value) {
	for n, part := range parts {
		if n < len(columns) {
			r.assigned = append(r.assigned, assignment{part[0], part[1], columns[n]})
		}
	}
}

// set reads the list of SET.
func (r *reader) set(i, j int, target *entry) {
	for _, part := range r.split(i, j) {
		equals := r.find(part[0], part[1], func(k int) bool { return r.is(k, "=") })
		if equals >= part[1] {
			continue
		}
		if !r.is(part[0], "(") {
			r.assign([][2]int{{equals + 1, part[1]}}, []value{r.target(part[0], equals, target)})
			continue
		}
		at := equals + 1
		if r.word(at) == "row" {
			at++
		}
		if r.is(at, "(") && !r.isQuery(at) {
			r.assign(r.split(at+1, r.pair(at)), r.targets(part[0], target))
		}
	}
}

// merge reads MERGE, whose result is not followed.
func (r *reader) merge(i, j int, outer *scope) *relation {
	s := &scope{outer: outer, from: i, to: j}
	r.scopes = append(r.scopes, s)
	at := i + 1
	if r.word(at) == "into" {
		at++
	}
	using := r.find(at, j, func(k int) bool { return r.word(k) == "using" && !r.named(k) })
	r.fromItem(at, using, s)
	target := s.entries[0]
	on := r.find(using, j, func(k int) bool { return r.word(k) == "on" && !r.named(k) })
	if using < j {
		r.fromItem(using+1, on, s)
	}
	when := func(k int) bool { return (r.word(k) == "when" || r.word(k) == "returning") && !r.named(k) }
	for k := r.find(on, j, when); k < j; {
		end := r.find(k+1, j, when)
		switch then := r.find(k, end, func(k int) bool { return r.word(k) == "then" }) + 1; r.word(then) {
		case "update":
			r.set(then+2, end, target)
		case "insert":
			columns := target.columns
			if r.is(then+1, "(") {
				columns = r.targets(then+1, target)
			}
			values := r.find(then, end, func(k int) bool { return r.word(k) == "values" })
			r.inserted(values, end, columns)
		}
		k = end
	}
	r.nested(on, j, s)
	if r.find(i, j, func(k int) bool { return r.word(k) == "returning" && !r.named(k) }) == j {
		return nil
	}
	return &relation{open: true}
}

// doubtful is a relation all of whose columns may be NULL.
func doubtful(q *relation, why string) *relation {
	out := &relation{columns: slices.Clone(q.columns), open: q.open}
	for i := range out.columns {
		out.columns[i].notNull, out.columns[i].why = false, why
		out.columns[i].written = nil
	}
	return out
}

// table is what a name in FROM means.
func (r *reader) table(schema, name string, s *scope) *relation {
	if schema == "" {
		if cte := s.cte(name); cte != nil {
			return r.detached(cte)
		}
	}
	return r.stored(schema, name)
}

// stored is a table or a view.
func (w *world) stored(schema, name string) *relation {
	var found *catalog.Relation
	path := []string{"pg_catalog", defaultSchema}
	if schema != "" {
		path = []string{schema}
	}
	for _, p := range path {
		if found = w.relations[key{p, name}]; found != nil {
			break
		}
	}
	if found == nil {
		return &relation{open: true}
	}
	k := key{found.Schema, found.Name}
	if d := w.ddl.relations[k]; d != nil && (d.kind == view || d.kind == stored) {
		return w.derived(k, d, found)
	}
	out := &relation{stored: found}
	for _, c := range found.Columns {
		v := value{name: c.Name, oid: c.Type, relation: found, attribute: c.Number, elements: true, notNull: c.NotNull, why: found.Name + "." + c.Name + " is not null", dimensions: c.Dimensions}
		v.written, v.writtenAttribute = found, c.Number
		if !c.NotNull {
			v.why = cmp.Or(w.doubts[c], found.Name+"."+c.Name+" is nullable")
		}
		if w.Types[c.Type] == nil {
			v.oid = 0
		}
		out.columns = append(out.columns, v)
	}
	return out
}

// derived is what the query of a view gives, or that of a table made by one.
func (w *world) derived(k key, d *declared, found *catalog.Relation) *relation {
	if q, ok := w.queries[k]; ok {
		if q == nil {
			return &relation{open: true} // it reads itself
		}
		return q
	}
	w.queries[k] = nil
	q := &relation{open: true}
	if d.body != nil {
		q = newReader(w, d.body).query(d.from, d.to, nil, false)
		q = renamedColumns(q, d.columns)
	}
	out := &relation{stored: found}
	for i, c := range found.Columns {
		v := value{why: "nothing is known of it"}
		if !q.open && len(q.columns) == len(found.Columns) {
			v = q.columns[i]
		}
		if v.name == "" {
			v.name = c.Name
		}
		// sqlc takes no notice of a list of names behind that of the view.
		c.Name = v.name
		v.weak, v.written, v.writtenAttribute = false, found, c.Number
		if v.literal && v.oid == 0 {
			v.oid, v.literal = w.builtin("text"), false
		}
		if d.kind == stored {
			v.notNull, v.why = false, found.Name+" holds what its query once gave"
			v.relation, v.attribute = found, c.Number
		}
		out.columns = append(out.columns, v)
	}
	w.queries[k] = out
	return out
}

// items reads a list of select items.
func (r *reader) items(i, j int, s *scope, top bool) *relation {
	out := &relation{}
	for _, part := range r.split(i, j) {
		from, to := part[0], part[1]
		if r.is(to-1, "*") && (to-from == 1 || r.is(to-2, ".")) {
			st, ok := r.star(from, to, s)
			if !ok {
				out.open = true
				continue
			}
			if top {
				names := star{from: from, to: to, first: len(out.columns), names: st.names, stored: st.stored, entry: st.entry}
				r.stars = append(r.stars, names)
			}
			for n := range st.columns {
				st.columns[n].at = from
			}
			out.columns = append(out.columns, st.columns...)
			continue
		}
		end, label := r.label(from, to)
		r.labelled[from] = true
		v := r.expr(from, end, s)
		if label != "" {
			v.name, v.weak = label, false
		}
		if v.name == "" {
			v.name = "?column?"
		}
		v.at = from
		out.columns = append(out.columns, v)
	}
	return out
}

// label finds the name that an item is given, and where its expression ends.
func (r *reader) label(i, j int) (end int, label string) {
	if j-i >= 3 && r.word(j-2) == "as" && r.name(j-1) != "" {
		return j - 2, r.name(j - 1)
	}
	if j-i < 2 || r.name(j-1) == "" {
		return j, ""
	}
	if r.kind(j-1) == sqltext.Ident && notLabels[r.word(j-1)] {
		return j, ""
	}
	switch r.kind(j - 2) {
	case sqltext.Ident:
		if notBefore[r.word(j-2)] {
			return j, ""
		}
	case sqltext.QuotedIdent, sqltext.Number, sqltext.String, sqltext.Placeholder:
	default:
		if !r.is(j-2, ")") && !r.is(j-2, "]") {
			return j, ""
		}
	}
	return j - 1, r.name(j - 1)
}

// notLabels are words that can end an expression and are no label without AS,
// notBefore those that have the rest of their expression behind them.
var (
	notLabels = set("end", "null", "true", "false", "isnull", "notnull", "precision", "varying", "zone", "year", "month", "day", "hour", "minute", "second",
		"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "current_role", "user")
	notBefore = set("is", "not", "and", "or", "like", "ilike", "between", "in", "to", "similar", "zone", "collate", "distinct", "from", "double", "character",
		"national", "with", "time", "without", "escape", "all", "any", "some", "when", "then", "else", "case", "symmetric", "over", "operator", "array")
)

func set(words ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[w] = true
	}
	return out
}

// expanded is a star with its columns.
type expanded struct {
	columns []value
	names   []string
	stored  *catalog.Relation
	entry   *entry
}

// star reads * or t.*.
func (r *reader) star(i, j int, s *scope) (expanded, bool) {
	if j-i == 1 {
		var out expanded
		if len(s.entries) == 0 {
			return out, false
		}
		merged := map[string]bool{}
		for _, e := range s.entries {
			if e.open || len(e.using) > 0 && len(s.entries) > 2 {
				return out, false
			}
			// The columns of USING come first, and once.
			for _, name := range e.using {
				v, n := r.lookup(s, "", "", name)
				if n == 0 {
					return out, false
				}
				merged[name] = true
				out.columns = append(out.columns, v)
				out.names = append(out.names, sqltext.Identifier(name))
			}
		}
		for _, e := range s.entries {
			for _, c := range e.columns {
				if merged[c.name] {
					continue
				}
				out.columns = append(out.columns, e.of(c, s))
				name := sqltext.Identifier(c.name)
				if len(s.entries) > 1 && e.alias != "" {
					name = e.qualifier() + "." + name
				}
				out.names = append(out.names, name)
			}
		}
		return out, true
	}
	schema, alias, next := r.qualified(i)
	if next != j-2 {
		return expanded{}, false
	}
	for at := s; at != nil; at = at.outer {
		for _, e := range at.entries {
			if !e.called(schema, alias) {
				continue
			}
			out := expanded{stored: e.stored, entry: e}
			if e.open {
				return out, false
			}
			for _, c := range e.columns {
				out.columns = append(out.columns, e.of(c, at))
				out.names = append(out.names, r.between(i, j-2)+"."+sqltext.Identifier(c.name))
			}
			return out, true
		}
	}
	return expanded{}, false
}

func (e *entry) qualifier() string {
	if e.schema != "" {
		return sqltext.Identifier(e.schema) + "." + sqltext.Identifier(e.alias)
	}
	return sqltext.Identifier(e.alias)
}

func (e *entry) called(schema, alias string) bool {
	return e.alias == alias && (schema == "" || schema == e.schema)
}

// of is a column of an entry as a query sees it.
func (e *entry) of(c value, s *scope) value {
	if e.missing != "" {
		c.joined = true
		if c.notNull {
			c.notNull, c.why = false, e.missing
		}
	}
	if s.sets && c.notNull {
		c.notNull, c.why = false, "GROUP BY has several grouping sets"
	}
	return c
}

// lookup finds a column by its name. It returns how many there are: 0 also
// where one may hide behind something that is not known.
func (r *reader) lookup(s *scope, schema, alias, name string) (value, int) {
	for ; s != nil; s = s.outer {
		var found []value
		merged, hidden := false, false
		for _, e := range s.entries {
			if alias != "" && !e.called(schema, alias) {
				continue
			}
			hidden = hidden || e.open
			merged = merged || slices.Contains(e.using, name)
			for _, c := range e.columns {
				if c.name == name {
					found = append(found, e.of(c, s))
				}
			}
			if alias != "" && len(found) == 0 {
				return value{}, 0
			}
		}
		switch {
		case hidden && (alias == "" || len(found) == 0):
			return value{}, 0
		case len(found) == 1:
			return found[0], 1
		case len(found) > 1 && merged:
			out := found[0]
			for _, v := range found[1:] {
				if v.oid != out.oid {
					return value{}, 0
				}
				if !v.notNull {
					out.notNull, out.why = false, v.why
				}
			}
			out.relation = nil
			return out, 1
		case len(found) > 1:
			return value{}, 0
		}
	}
	return value{}, 0
}
