package static

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

func itoa(n int) string { return strconv.Itoa(n) }

const unclear = "sqlc cannot tell whether it is NULL"

// expr reads an expression. What it does not understand has no type, and what
// it does not prove can be NULL.
func (r *reader) expr(i, j int, s *scope) value {
	defer r.leave()
	if !r.enter() || i >= j {
		return value{why: unclear}
	}
	if r.is(i, "(") && r.pair(i) == j-1 {
		if r.isQuery(i) {
			return r.scalar(i, s)
		}
		if len(r.split(i+1, j-1)) == 1 {
			return r.expr(i+1, j-1, s)
		}
		return value{why: unclear, name: "row", weak: true}
	}
	if v, ok := r.condition(i, j, s); ok {
		return v
	}
	if at := r.operator(i, j); at < j {
		return r.operation(i, at, j, s)
	}
	return r.primary(i, j, s)
}

// scalar is a query in parentheses as a value: NULL without a row.
func (r *reader) scalar(open int, s *scope) value {
	q := r.query(open+1, r.pair(open), s, false)
	r.visited[open] = q
	if q == nil || q.open || len(q.columns) != 1 {
		return value{why: unclear}
	}
	v := q.columns[0]
	v.notNull, v.why, v.relation = false, "a subquery gives NULL if it finds no row", nil
	if v.literal && v.oid == 0 {
		v.oid, v.literal = r.builtin("text"), false
	}
	return v
}

var comparisons = set("=", "<", ">", "<=", ">=", "<>", "!=")

// condition reads an expression that is made of AND, OR, NOT, tests and
// comparisons: a boolean.
func (r *reader) condition(i, j int, s *scope) (value, bool) {
	out := value{name: "?column?", weak: true, oid: r.builtin("bool"), why: unclear}
	for _, word := range []string{"or", "and"} {
		if r.find(i, j, func(k int) bool { return r.isAnd(i, k, word) }) == j {
			continue
		}
		out.notNull = true
		for from := i; from <= j; {
			end := r.find(from, j, func(k int) bool { return r.isAnd(i, k, word) })
			if v := r.expr(from, end, s); !v.notNull {
				out.notNull = false
			}
			from = end + 1
		}
		if out.notNull {
			out.why = "made of conditions that are never NULL"
		}
		return out, true
	}
	if r.word(i) == "not" {
		v := r.expr(i+1, j, s)
		out.notNull, out.why = v.notNull, v.why
		return out, true
	}
	if r.word(i) == "exists" && r.is(i+1, "(") && r.pair(i+1) == j-1 {
		out.name, out.notNull, out.why = "exists", true, "EXISTS is true or false"
		return out, true
	}
	at := r.find(i, j, func(k int) bool {
		switch r.word(k) {
		case "is", "isnull", "notnull":
			return !r.named(k)
		}
		return false
	})
	if at < j {
		if r.find(at+1, j, func(k int) bool { return r.kind(k) == sqltext.Operator }) < j && r.word(at+1) != "distinct" && r.word(at+2) != "distinct" {
			return out, true // something is done with the answer
		}
		out.notNull, out.why = true, "a test for NULL is true or false"
		return out, true
	}
	at = r.find(i, j, func(k int) bool {
		switch r.word(k) {
		case "in", "like", "ilike", "similar", "between":
			return !r.named(k) && k > i
		}
		return false
	})
	if at < j {
		return out, true
	}
	at = r.find(i, j, func(k int) bool { return r.kind(k) == sqltext.Operator && comparisons[r.raw(k)] })
	if at == j {
		return out, false
	}
	switch r.word(at + 1) {
	case "any", "all", "some":
		return out, true
	}
	a, b := r.expr(i, at, s), r.expr(at+1, j, s)
	if a.notNull && b.notNull && (r.plainValue(a) || a.literal) && (r.plainValue(b) || b.literal) {
		out.notNull, out.why = true, "both sides are never NULL"
	}
	return out, true
}

// isAnd reports whether a token is AND or OR, and not the AND of BETWEEN.
func (r *reader) isAnd(i, k int, word string) bool {
	if r.word(k) != word || r.named(k) {
		return false
	}
	if word == "or" {
		return true
	}
	open := 0
	for at := i; at < k; at = r.skip(at) {
		switch r.word(at) {
		case "between":
			open++
		case "and":
			open = max(0, open-1)
		case "or":
			open = 0
		}
	}
	return open == 0
}

// plainValue reports whether comparing values of a type gives no NULL: not of a
// row or an array that may hold some.
func (r *reader) plainValue(v value) bool {
	t := r.Types[r.base(v.oid)]
	return t != nil && t.Element == 0 && (t.Kind == catalog.Base || t.Kind == catalog.Enum)
}

// binds is how tightly an operator binds; 0 for what is none.
func (r *reader) binds(k int) int {
	if r.words(k, "at", "time", "zone") && !r.named(k) {
		return 5
	}
	if r.kind(k) != sqltext.Operator {
		return 0
	}
	switch r.raw(k) {
	case "+", "-":
		return 2
	case "*", "/", "%":
		return 3
	case "^":
		return 4
	}
	return 1
}

// operator finds the operator that is applied last: the last one of those that
// bind the least. One with nothing to its left is a sign.
func (r *reader) operator(i, j int) int {
	found, least := j, 9
	for k := i; k < j; k = r.skip(k) {
		b := r.binds(k)
		if b == 0 || k == i || r.binds(k-1) > 0 && r.binds(k-1) < 5 {
			continue
		}
		if b <= least {
			found, least = k, b
		}
	}
	if found == j && r.kind(i) == sqltext.Operator {
		return i
	}
	return found
}

var numbers = []string{"int2", "int4", "int8", "numeric", "float4", "float8"}

// operation reads an expression around an operator.
func (r *reader) operation(i, at, j int, s *scope) value {
	out := value{name: "?column?", weak: true, why: unclear}
	op := r.raw(at)
	if at == i {
		v := r.expr(i+1, j, s)
		if op == "-" || op == "+" {
			if t := r.typeName(r.base(v.oid)); slices.Contains(numbers, t) || t == "interval" {
				out.oid, out.notNull, out.why = r.base(v.oid), v.notNull, v.why
			}
		}
		return out
	}
	if r.words(at, "at", "time", "zone") {
		a, zone := r.expr(i, at, s), r.expr(at+3, j, s)
		switch r.typeName(r.base(a.oid)) {
		case "timestamptz":
			out.oid = r.builtin("timestamp")
		case "timestamp":
			out.oid = r.builtin("timestamptz")
		}
		out.name = "timezone"
		out.notNull = out.oid != 0 && a.notNull && zone.notNull
		out.why = either(out.notNull, a, zone)
		return out
	}
	a, b := r.expr(i, at, s), r.expr(at+1, j, s)
	result, total := r.operatorResult(op, a, b)
	if result == "" {
		return out
	}
	out.oid = r.builtin(result)
	out.notNull = total && a.notNull && b.notNull
	out.why = either(out.notNull, a, b)
	return out
}

// either is the reason of a value that is made of several.
func either(notNull bool, values ...value) string {
	if notNull {
		return "made of values that are never NULL"
	}
	for _, v := range values {
		if !v.notNull && v.why != "" {
			return v.why
		}
	}
	return unclear
}

// operatorResult is the type of what an operator of PostgreSQL's gives, empty
// if it is not known, and whether it gives NULL for NULL only.
func (r *reader) operatorResult(op string, a, b value) (name string, total bool) {
	x, y := r.typeName(r.base(a.oid)), r.typeName(r.base(b.oid))
	// A literal takes the type of the other side.
	if a.literal && a.oid == 0 {
		x = y
	}
	if b.literal && b.oid == 0 {
		y = x
	}
	if op == "||" && a.literal && b.literal && a.oid == 0 && b.oid == 0 {
		return "text", true
	}
	if x == "" || y == "" {
		return "", false
	}
	literal := a.literal && a.oid == 0 || b.literal && b.oid == 0
	text := func(t string) bool { return t == "text" || t == "varchar" || t == "bpchar" }
	json := func(t string) bool { return t == "json" || t == "jsonb" }
	m, n := slices.Index(numbers, x), slices.Index(numbers, y)
	switch op {
	case "+", "-", "*", "/", "%":
		if m >= 0 && n >= 0 {
			return arithmetic(op, m, n), true
		}
		if literal {
			return "", false
		}
		return moments[op+" "+x+" "+y], true
	case "^":
		if m >= 0 && n >= 0 {
			if x == "numeric" && n <= 3 || y == "numeric" && m <= 3 {
				return "numeric", true
			}
			if m < 3 && n < 3 || m > 3 || n > 3 {
				return "float8", true
			}
		}
	case "||":
		switch {
		case text(x) && text(y):
			return "text", true
		case literal && (text(x) || text(y)):
			return "text", true
		case (text(x) || text(y)) && (r.scalarType(x) && r.scalarType(y)):
			return "text", true
		case x == "jsonb" && y == "jsonb":
			return "jsonb", true
		case x == "bytea" && y == "bytea":
			return "bytea", true
		}
	case "->", "#>":
		if json(x) && (op == "->" || y == "_text" || b.literal) {
			return x, false
		}
	case "->>", "#>>":
		if json(x) {
			return "text", false
		}
	case "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "^@":
		if text(x) && text(y) {
			return "bool", true
		}
	case "@>", "<@", "&&", "?", "?|", "?&", "@@", "@?":
		return "bool", false
	case "&", "|", "#", "<<", ">>":
		if m >= 0 && m <= 2 && m == n {
			return x, true
		}
	}
	return "", false
}

// scalarType reports whether "||" with text takes a type as text.
func (r *reader) scalarType(name string) bool {
	return name == "text" || name == "varchar" || name == "bpchar" || slices.Contains(numbers, name) || name == "bool" || name == "date" ||
		name == "uuid" || name == "timestamp" || name == "timestamptz"
}

// arithmetic is the type of numbers put together, by their place in numbers.
func arithmetic(op string, m, n int) string {
	most := max(m, n)
	switch {
	case most <= 3:
		return numbers[most]
	case op == "%":
		return "" // there is none for floats
	case m == 4 && n == 4:
		return "float4"
	default:
		// Of a float4 and another number, both become float8.
		return "float8"
	}
}

// moments are the operators of dates and times.
var moments = map[string]string{
	"+ date int4": "date", "+ int4 date": "date", "- date int4": "date", "- date date": "int4",
	"+ date interval": "timestamp", "- date interval": "timestamp", "+ interval date": "timestamp",
	"+ timestamp interval": "timestamp", "- timestamp interval": "timestamp", "+ interval timestamp": "timestamp",
	"+ timestamptz interval": "timestamptz", "- timestamptz interval": "timestamptz", "+ interval timestamptz": "timestamptz",
	"- timestamp timestamp": "interval", "- timestamptz timestamptz": "interval",
	"+ interval interval": "interval", "- interval interval": "interval",
	"* interval float8": "interval", "* interval int4": "interval", "* float8 interval": "interval", "* int4 interval": "interval",
	"* interval int8": "interval", "* int8 interval": "interval", "/ interval float8": "interval", "/ interval int4": "interval",
}

// primary reads what has no operator but casts, subscripts and COLLATE.
func (r *reader) primary(i, j int, s *scope) value {
	if at := r.find(i, j, func(k int) bool { return r.word(k) == "collate" && !r.named(k) }); at < j {
		v := r.expr(i, at, s)
		v.relation = nil
		return v
	}
	cast := j
	for k := i; k < j; k = r.skip(k) {
		if r.is(k, "::") {
			cast = k
		}
	}
	if cast < j {
		oid, dimensions, next := r.typeAt(r.text, cast+1)
		if next != j {
			return value{why: unclear}
		}
		return r.cast(r.expr(i, cast, s), oid, dimensions, cast+1)
	}
	if r.is(j-1, "]") && r.pair(j-1) > i {
		open := r.pair(j - 1)
		if r.word(i) == "array" && open == i+1 {
			return r.array(open, s)
		}
		a := r.expr(i, open, s)
		colon := r.find(open+1, j-1, func(k int) bool { return r.is(k, ":") })
		if e := r.element(a.oid); e != 0 && colon == j-1 {
			return value{name: a.name, oid: e, why: "a subscript can be out of range"}
		}
		return value{why: unclear}
	}
	switch r.kind(i) {
	case sqltext.String:
		if j-i == 1 {
			return value{name: "?column?", weak: true, literal: true, notNull: true, why: "a constant"}
		}
	case sqltext.Number:
		if j-i == 1 {
			return value{name: "?column?", weak: true, oid: r.builtin(constant(r.raw(i))), notNull: true, why: "a constant"}
		}
	case sqltext.Placeholder:
		if j-i == 1 {
			return value{name: "?column?", weak: true, literal: true, why: "a parameter"}
		}
	}
	if v, ok := r.keyword(i, j, s); ok {
		return v
	}
	if oid, _, next := r.typeAt(r.text, i); oid != 0 && next == j-1 && r.kind(next) == sqltext.String {
		// date '2024-02-29'
		v := value{oid: oid, notNull: true, why: "a constant"}
		v.name, v.weak = r.typeLabel(oid, i), true
		return v
	}
	if end := r.pair(i); r.is(i, "(") && r.is(end+1, ".") && end+3 == j && r.name(end+2) != "" {
		return r.field(r.expr(i+1, end, s), r.name(end+2))
	}
	schema, name, next := r.qualified(i)
	switch {
	case name != "" && r.is(next, "("):
		return r.call(i, next, j, s)
	case next == j && name != "":
		v, n := r.lookup(s, "", schema, name)
		if n == 0 {
			r.unresolved = true
			return value{name: name, why: unclear}
		}
		v.name, v.weak, v.sole = name, false, false
		return v
	case r.is(next, ".") && r.name(next+1) != "" && next+2 == j:
		v, n := r.lookup(s, schema, name, r.name(next+1))
		if n == 0 {
			r.unresolved = true
			return value{name: r.name(next + 1), why: unclear}
		}
		v.name = r.name(next + 1)
		return v
	}
	return value{why: unclear}
}

// field is a field of a composite value, none of which can forbid NULL.
func (r *reader) field(v value, name string) value {
	out := value{name: name, why: "a field of a composite value can be NULL", elements: true}
	t := r.Types[r.base(v.oid)]
	if t == nil || r.Relations[t.Relation] == nil {
		return out
	}
	for _, c := range r.Relations[t.Relation].Columns {
		if c.Name == name && r.Types[c.Type] != nil {
			out.oid, out.dimensions = c.Type, c.Dimensions
		}
	}
	return out
}

// constant is the type of a number.
func constant(raw string) string {
	if _, err := strconv.ParseInt(raw, 0, 32); err == nil {
		return "int4"
	}
	if _, err := strconv.ParseInt(raw, 0, 64); err == nil {
		return "int8"
	}
	return "numeric"
}

// cast gives a value another type.
func (r *reader) cast(v value, oid uint32, dimensions, at int) value {
	out := value{name: v.name, weak: v.weak, oid: oid, notNull: v.notNull, why: v.why, elements: true, dimensions: dimensions}
	if v.weak || v.name == "" {
		out.name, out.weak = r.typeLabel(oid, at), true
	}
	from, to := r.typeName(r.base(v.oid)), r.Types[oid]
	switch {
	case oid == 0:
		out.notNull = false
	case v.literal && v.oid == 0:
		out.elements = true
	case from == "json" || from == "jsonb" || from == "" && !r.enum(v.oid) || r.ddl.casts || to.Kind == catalog.Domain || to.Kind == catalog.Composite:
		// JSON's null becomes NULL, and other casts are of the user's own.
		if r.base(oid) != r.base(v.oid) {
			out.notNull, out.why = false, unclear
		}
	}
	if v.oid == oid {
		out.elements = v.elements
	}
	if out.notNull {
		out.why = v.why
	}
	return out
}

func (r *reader) enum(oid uint32) bool {
	t := r.Types[oid]
	return t != nil && t.Kind == catalog.Enum
}

// typeLabel is the name of a column that is a cast of something nameless.
func (r *reader) typeLabel(oid uint32, at int) string {
	if t := r.Types[oid]; t != nil {
		if e := r.Types[t.Element]; e != nil && t.Category == 'A' {
			return e.Name
		}
		return t.Name
	}
	_, name, _ := r.qualified(at)
	return name
}

// array is ARRAY[…].
func (r *reader) array(open int, s *scope) value {
	out := value{name: "array", weak: true, notNull: true, why: "an array is built", dimensions: 1}
	var all value
	for n, part := range r.split(open+1, r.pair(open)) {
		var v value
		if r.is(part[0], "[") && r.pair(part[0]) == part[1]-1 {
			v = r.array(part[0], s)
			out.dimensions = v.dimensions + 1
			out.elements = out.elements || v.elements
		} else {
			v = r.expr(part[0], part[1], s)
			out.elements = out.elements || !v.notNull
		}
		if n == 0 {
			all = v
			continue
		}
		oid, literal := r.commonType(all, v)
		all.oid, all.literal = oid, literal
	}
	if all.literal && all.oid == 0 {
		all.oid = r.builtin("text")
	}
	switch t := r.Types[r.base(all.oid)]; {
	case t == nil:
	case out.dimensions > 1:
		out.oid = all.oid
	case t.Element == 0:
		out.oid = r.arrayOf(r.base(all.oid))
	default:
		out.oid, out.dimensions = r.base(all.oid), max(all.dimensions, 1)+1
	}
	return out
}

// commonType is the type of values that become one, as in UNION, CASE and
// COALESCE; 0 if it is not known.
func (r *reader) commonType(a, b value) (oid uint32, literal bool) {
	switch {
	case a.literal && a.oid == 0:
		return b.oid, b.literal
	case b.literal && b.oid == 0:
		return a.oid, a.literal
	case a.oid == b.oid:
		return a.oid, false
	}
	x, y := r.typeName(r.base(a.oid)), r.typeName(r.base(b.oid))
	m, n := slices.Index(numbers, x), slices.Index(numbers, y)
	if m >= 0 && n >= 0 {
		return r.builtin(numbers[max(m, n)]), false
	}
	if r.base(a.oid) == r.base(b.oid) {
		return r.base(a.oid), false
	}
	if x == "text" && (y == "varchar" || y == "bpchar") || y == "text" && (x == "varchar" || x == "bpchar") {
		return r.builtin("text"), false
	}
	return 0, false
}

// keyword reads what is written with words of SQL and is no call.
func (r *reader) keyword(i, j int, s *scope) (value, bool) {
	simple := func(typ, name string, weak bool) (value, bool) {
		return value{name: name, weak: weak, oid: r.builtin(typ), notNull: true, why: "never NULL"}, true
	}
	if j-i == 1 || j-i == 4 && r.is(i+1, "(") {
		switch w := r.word(i); w {
		case "true", "false":
			return simple("bool", "?column?", true)
		case "current_date":
			return simple("date", w, false)
		case "current_timestamp":
			return simple("timestamptz", w, false)
		case "localtimestamp":
			return simple("timestamp", w, false)
		case "current_time":
			return simple("timetz", w, false)
		case "localtime":
			return simple("time", w, false)
		case "current_user", "session_user", "current_role", "user":
			return simple("name", w, false)
		}
	}
	switch {
	case r.word(i) == "null" && j-i == 1:
		return value{name: "?column?", weak: true, literal: true, why: "NULL"}, true
	case r.word(i) == "case" && r.pair(i) == j-1:
		return r.choice(i, s), true
	case r.word(i) == "array" && r.isQuery(i+1) && r.pair(i+1) == j-1:
		q := r.query(i+2, j-1, s, false)
		r.visited[i+1] = q
		out := value{name: "array", weak: true, notNull: true, why: "an array is built", elements: true}
		if q != nil && !q.open && len(q.columns) == 1 && r.element(q.columns[0].oid) == 0 {
			if c := r.detached(q).columns[0]; c.oid != 0 {
				out.oid, out.elements = r.arrayOf(r.base(c.oid)), !c.notNull
			}
		}
		return out, true
	case r.word(i) == "cast" && r.is(i+1, "(") && r.pair(i+1) == j-1:
		as := r.find(i+2, j-1, func(k int) bool { return r.word(k) == "as" })
		if as == j-1 {
			return value{}, false
		}
		oid, dimensions, _ := r.typeAt(r.text, as+1)
		return r.cast(r.expr(i+2, as, s), oid, dimensions, as+1), true
	case r.word(i) == "row" && r.is(i+1, "("):
		return value{name: "row", weak: true, why: unclear}, true
	}
	return value{}, false
}

// choice is CASE.
func (r *reader) choice(i int, s *scope) value {
	end := r.pair(i)
	out := value{name: "case", weak: true, notNull: true}
	other := false
	n := 0
	for k := i + 1; k < end; {
		at := r.find(k, end, func(k int) bool { return (r.word(k) == "then" || r.word(k) == "else") && !r.named(k) })
		if at == end {
			break
		}
		stop := r.find(at+1, end, func(k int) bool { return (r.word(k) == "when" || r.word(k) == "else") && !r.named(k) })
		v := r.expr(at+1, stop, s)
		other = other || r.word(at) == "else"
		if n == 0 {
			out.oid, out.literal = v.oid, v.literal
			out.dimensions, out.elements = v.dimensions, v.elements
		} else {
			out.oid, out.literal = r.commonType(out, v)
			out.elements = out.elements || v.elements
			if v.dimensions != out.dimensions {
				out.dimensions = 0
			}
		}
		if r.word(at) == "else" && !v.weak && v.name != "" {
			out.name, out.weak = v.name, false
		}
		if !v.notNull && out.notNull {
			out.notNull, out.why = false, v.why
		}
		n++
		k = stop
	}
	switch {
	case !other && out.notNull:
		out.notNull, out.why = false, "CASE has no ELSE"
	case out.notNull:
		out.why = "no branch is NULL"
	}
	return out
}

// arguments reads those of a call.
func (r *reader) arguments(open int, s *scope) []value {
	var out []value
	i, j := open+1, r.pair(open)
	if r.word(i) == "distinct" || r.word(i) == "all" {
		i++
	}
	// ORDER BY inside of an aggregate.
	end := r.find(i, j, func(k int) bool { return r.words(k, "order", "by") })
	for _, part := range r.split(i, end) {
		from := part[0]
		if r.is(from+1, "=>") || r.is(from+1, ":=") {
			from += 2
		}
		if r.word(from) == "variadic" {
			from++
		}
		out = append(out, r.expr(from, part[1], s))
	}
	return out
}

// function finds a function of the user's. known is true if there is one of
// the name, and the function is nil if nobody can tell which one is meant.
func (w *world) function(schema, name string, arguments int) (f *function, known bool) {
	list, ok := w.ddl.functions[name]
	if !ok || schema == "pg_catalog" {
		return nil, false
	}
	if len(list) != 1 || list[0] == nil || schema != "" && schema != defaultSchema {
		return nil, true
	}
	f = list[0]
	least := 0
	for _, a := range f.arguments {
		if !a.byDefault {
			least++
		}
	}
	if arguments < least || arguments > len(f.arguments) {
		return nil, true
	}
	if _, also := ownFunctions[name]; also || w.special(name) {
		return nil, true // PostgreSQL has one of the same name
	}
	return f, true
}

// call reads a call of a function from its name to the end of what belongs to
// it.
func (r *reader) call(i, open, j int, s *scope) value {
	schema, name, _ := r.qualified(i)
	out := value{name: name, why: unclear}
	// FILTER, OVER and WITHIN GROUP may follow; nothing else.
	over := false
	for k := r.pair(open) + 1; k < j; {
		switch {
		case r.word(k) == "filter" && r.is(k+1, "("):
			k = r.skip(k + 1)
		case r.words(k, "within", "group") && r.is(k+2, "("):
			return out
		case r.word(k) == "over":
			over = true
			k = r.skip(k + 1)
		case r.word(k) == "ignore" || r.word(k) == "respect" || r.word(k) == "nulls":
			k++
		default:
			return value{why: unclear}
		}
	}
	switch r.word(i) {
	case "coalesce", "greatest", "least", "nullif":
		if schema == "" {
			return r.conditional(name, r.arguments(open, s))
		}
	case "extract":
		from := r.find(open+1, r.pair(open), func(k int) bool { return r.word(k) == "from" })
		if from < r.pair(open) {
			out.oid = r.builtin("numeric")
			if r.typeName(r.base(r.expr(from+1, r.pair(open), s).oid)) == "" {
				out.oid = 0
			}
			out.why = "extract of an infinite date is NULL"
		}
		return out
	case "trim", "substring", "overlay", "position":
		return r.wordy(name, open, s)
	}
	args := r.arguments(open, s)
	if f, known := r.function(schema, name, len(args)); known {
		if f == nil || len(f.columns) > 0 || f.result.body == nil {
			return out
		}
		out.oid, out.dimensions = r.spelled(f.result)
		out.elements, out.why = true, "a function of the schema's may return NULL"
		return out
	}
	if schema != "" && schema != "pg_catalog" {
		return out
	}
	return r.ownCall(name, open, args, over)
}

// conditional is COALESCE and its like.
func (r *reader) conditional(name string, args []value) value {
	out := value{name: name}
	for n, v := range args {
		if n == 0 {
			out.oid, out.literal, out.elements, out.dimensions = v.oid, v.literal, v.elements, v.dimensions
			continue
		}
		out.oid, out.literal = r.commonType(out, v)
		out.elements = out.elements || v.elements
	}
	if name == "nullif" {
		if len(args) > 0 {
			out.oid, out.literal = args[0].oid, args[0].literal
		}
		out.why = "NULLIF can be NULL"
		return out
	}
	for _, v := range args {
		if v.notNull {
			out.notNull, out.why = true, "one of the values is never NULL"
			return out
		}
	}
	out.why = either(false, args...)
	return out
}

// wordy are the functions that SQL writes with words between the arguments.
func (r *reader) wordy(name string, open int, s *scope) value {
	out := value{name: name, why: unclear}
	switch name {
	case "position":
		out.oid = r.builtin("int4")
		return out
	case "trim":
		out.name = "btrim"
		switch r.word(open + 1) {
		case "leading":
			out.name = "ltrim"
		case "trailing":
			out.name = "rtrim"
		}
	}
	// Of bytes and of bits they give the same again.
	last := r.find(open+1, r.pair(open), func(k int) bool {
		return r.word(k) == "from" || r.word(k) == "for" || r.is(k, ",") || r.word(k) == "placing" || r.word(k) == "similar"
	})
	from, to := open+1, last
	if name == "trim" && last < r.pair(open) && r.word(last) == "from" {
		from, to = last+1, r.pair(open)
	}
	v := r.expr(from, to, s)
	if strings.Contains(" text varchar bpchar ", " "+r.typeName(r.base(v.oid))+" ") && v.oid != 0 {
		out.oid = r.builtin("text")
		if name == "trim" && to == r.pair(open) && from == open+1 {
			out.notNull, out.why = v.notNull, v.why
		}
	}
	return out
}
