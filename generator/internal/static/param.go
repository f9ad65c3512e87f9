package static

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/nullability"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// use is what the place of a parameter says of it.
type use struct {
	oid      uint32
	column   value
	word     string
	nullable bool
	why      string
	// direct is true if nothing but the parameter is compared or stored.
	direct   bool
	arrayOf  bool
	function string
	elements bool
}

// assignment is an expression whose value goes into a column.
type assignment struct {
	from, to int
	column   value
}

// scopeAt is the innermost scope that a token sees; never nil.
func (r *reader) scopeAt(k int) *scope {
	best := &scope{from: 0, to: len(r.tokens) + 1}
	for _, s := range r.scopes {
		if s.from <= k && k < s.to && s.to-s.from < best.to-best.from {
			best = s
		}
	}
	return best
}

// params reads the uses of all parameters. The first use that gives a type
// decides it, as in PostgreSQL.
func (r *reader) params(n int) []use {
	out := make([]use, n)
	for k := range r.tokens {
		if r.kind(k) != sqltext.Placeholder {
			continue
		}
		number := int(number(r.raw(k)[1:]))
		if number < 1 || number > n {
			continue
		}
		u := r.use(k)
		p := &out[number-1]
		if p.oid == 0 {
			p.oid = u.oid
		}
		if p.word == "" && u.word != "" {
			p.word, p.direct, p.function = u.word, u.direct, u.function
		}
		if p.column.relation == nil {
			p.column = u.column
		}
		p.arrayOf, p.elements = p.arrayOf || u.arrayOf, p.elements || u.elements
		if u.why != "" && (p.why == "" || u.nullable && !p.nullable) {
			p.why = u.why
		}
		p.nullable = p.nullable || u.nullable
	}
	return out
}

func (r *reader) use(k int) use {
	i, j := k, k+1
	s := r.scopeAt(k)
	var cast uint32
	for {
		switch {
		case r.is(j, "::"):
			oid, _, next := r.typeAt(r.text, j+1)
			if cast == 0 {
				cast = oid
			}
			j = next
			continue
		case r.word(j) == "as" && r.is(i-1, "(") && r.word(i-2) == "cast":
			if cast == 0 {
				cast, _, _ = r.typeAt(r.text, j+1)
			}
			i, j = i-2, r.skip(i-1)
			continue
		case r.is(i-1, "(") && r.pair(i-1) == j && !r.calls(i-1):
			i, j = i-1, j+1
			continue
		}
		break
	}
	u := r.place(i, j, s)
	if cast != 0 {
		u.oid = cast
	}
	return u
}

// calls reports whether a parenthesis belongs to what stands before it: a
// function, IN, ANY, VALUES.
func (r *reader) calls(open int) bool {
	switch r.word(open - 1) {
	case "and", "or", "not", "where", "on", "when", "then", "else", "case", "select", "limit", "offset", "between", "like", "ilike", "set",
		"having", "by", "returning", "distinct", "from":
		return false
	case "":
		return r.kind(open-1) == sqltext.QuotedIdent || r.is(open-1, ",") && r.isRow(open)
	}
	return true
}

// isRow reports whether parentheses are a row of VALUES.
func (r *reader) isRow(open int) bool {
	for open > 1 && r.is(open-1, ",") && r.is(open-2, ")") && r.pair(open-2) >= 0 {
		open = r.pair(open - 2)
	}
	return r.word(open-1) == "values"
}

// place says what an expression is for.
func (r *reader) place(i, j int, s *scope) use {
	for _, a := range r.assigned {
		if a.from == i && a.to == j {
			return storedInto(a.column)
		}
	}
	if r.labelled[i] && (r.is(j, ",") || r.isEnd(j) || r.word(j) == "as" || r.isClause(j) || r.name(j) != "") {
		return use{oid: r.builtin("text")}
	}
	prev, next := r.word(i-1), r.word(j)
	if !r.named(i - 1) {
		switch prev {
		case "limit", "offset":
			return use{oid: r.builtin("int8"), word: prev, why: prev, direct: true}
		case "first", "next":
			if r.word(i-2) == "fetch" {
				return use{oid: r.builtin("int8"), word: "limit", why: "limit", direct: true}
			}
		case "like", "ilike", "to":
			if prev != "to" || r.word(i-2) == "similar" {
				at := r.notBefore(i - 1 - btoi(prev == "to"))
				u := r.compared(r.leftOf(at), at, s)
				u.oid = r.builtin("text")
				return u
			}
		case "escape":
			return use{oid: r.builtin("text")}
		case "between", "symmetric":
			at := r.notBefore(i - 1 - btoi(prev == "symmetric"))
			return r.compared(r.leftOf(at), at, s)
		case "and":
			if at := r.betweenOf(i - 1); at >= 0 {
				at = r.notBefore(at)
				return r.compared(r.leftOf(at), at, s)
			}
		case "from":
			if r.word(i-2) == "distinct" {
				at := i - 3
				if r.word(at) == "not" {
					at--
				}
				u := r.compared(r.leftOf(at), at, s)
				u.nullable, u.why = true, "compared by IS DISTINCT FROM"
				return u
			}
		case "then", "else":
			return r.branch(i, s)
		}
	}
	if next == "is" || next == "isnull" || next == "notnull" {
		if r.word(j+1) == "distinct" || r.words(j+1, "not", "distinct") {
			at := j + 3 + btoi(r.word(j+1) == "not")
			u := r.compared(at, r.rightOf(at), s)
			u.nullable, u.why = true, "compared by IS DISTINCT FROM"
			return u
		}
		return use{nullable: true, why: "tested for null"}
	}
	if next == "between" || next == "not" && r.word(j+1) == "between" {
		at := j + 1 + btoi(next == "not")
		return r.compared(at, r.rightOf(at), s)
	}
	if next == "in" || next == "not" && r.word(j+1) == "in" {
		at := j + 1 + btoi(next == "not")
		if r.isQuery(at) {
			if q := r.visited[at]; q != nil && len(q.columns) == 1 {
				return r.comparedWith(q.columns[0])
			}
		}
		return use{}
	}
	if u, ok := r.beside(i, j, s); ok {
		return u
	}
	if r.boolean(i, j) {
		return use{oid: r.builtin("bool")}
	}
	return r.inside(i, j, s)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// notBefore passes over a NOT that ends right before a token, to the left.
func (r *reader) notBefore(i int) int {
	if r.word(i-1) == "not" {
		return i - 1
	}
	return i
}

// storedInto is the use of a value that goes into a column.
func storedInto(column value) use {
	u := use{oid: column.oid, column: column, word: column.name, direct: true, why: "stored into " + column.name}
	if column.relation != nil {
		c := column.relation.Column(column.attribute)
		u.nullable = c != nil && !c.NotNull
		if u.why = "stored into " + column.relation.Name + "." + column.name + ", which is not null"; u.nullable {
			u.why = "stored into " + column.name + ", which is nullable"
		}
	}
	return u
}

// comparedAs are types without an operator of their own, and whose they use.
var comparedAs = map[string]string{"varchar": "text", "cidr": "inet", "regclass": "oid", "regtype": "oid", "regproc": "oid"}

// comparedWith is the use of a value beside another.
func (r *reader) comparedWith(v value) use {
	u := use{oid: v.oid, direct: true}
	if as, ok := comparedAs[r.typeName(r.base(v.oid))]; ok {
		u.oid = r.builtin(as)
	}
	if v.relation != nil {
		u.column, u.word, u.why = v, v.name, "compared with "+v.name
	}
	return u
}

// compared is the use beside the expression from..to.
func (r *reader) compared(from, to int, s *scope) use {
	v := r.expr(from, to, s)
	u := r.comparedWith(v)
	for k := from; k < to && u.word == ""; k++ {
		// What is made of a column goes by its name.
		if r.name(k) == "" || r.is(k+1, "(") || r.is(k+1, ".") || r.is(k-1, "::") {
			continue
		}
		alias := ""
		if r.is(k-1, ".") {
			alias = r.name(k - 2)
		}
		if c, n := r.lookup(s, "", alias, r.name(k)); n == 1 && c.relation != nil {
			u.column, u.word, u.why = c, c.name, "compared with "+c.name
		}
	}
	return u
}

// isEnd reports whether a token ends all that is open.
func (r *reader) isEnd(j int) bool { return j >= len(r.tokens) || r.is(j, ")") || r.is(j, "]") }

// edges are the words that an operand of a comparison cannot go beyond.
var edges = set("and", "or", "not", "where", "on", "when", "then", "else", "case", "end", "select", "set", "values", "having", "between", "returning", "from",
	"group", "order", "limit", "offset", "window", "union", "intersect", "except", "for", "fetch", "is", "in", "like", "ilike", "similar", "by", "join",
	"inner", "cross", "natural", "using", "as", "asc", "desc", "distinct", "all", "over", "filter", "isnull", "notnull", "nulls", "with", "into", "do", "update")

func (r *reader) edge(k int) bool {
	if r.is(k, ",") || r.is(k, "(") || r.is(k, "[") || r.is(k, "=>") || r.is(k, ":=") {
		return true
	}
	if r.kind(k) == sqltext.Operator && comparisons[r.raw(k)] {
		return true
	}
	if edges[r.word(k)] && !r.named(k) {
		return r.word(k) != "all" || !r.is(k+1, "(")
	}
	w := r.word(k)
	return (w == "left" || w == "right" || w == "full") && r.beginsJoin(k)
}

// leftOf is where the operand begins that ends before a token.
func (r *reader) leftOf(at int) int {
	for at > 0 {
		k := at - 1
		if p := r.pair(k); p >= 0 && p < k {
			at = p
			continue
		}
		if r.edge(k) {
			break
		}
		at = k
	}
	return at
}

// rightOf is where the operand ends that begins at a token.
func (r *reader) rightOf(at int) int {
	for k := at; k < len(r.tokens); {
		if p := r.pair(k); p > k {
			k = p + 1
			continue
		}
		if r.is(k, "(") || r.isEnd(k) || r.edge(k) {
			return k
		}
		k++
	}
	return len(r.tokens)
}

// betweenOf is the BETWEEN that an AND belongs to, or -1.
func (r *reader) betweenOf(and int) int {
	for k := and - 1; k >= 0; k-- {
		if p := r.pair(k); p >= 0 && p < k {
			k = p
			continue
		}
		switch r.word(k) {
		case "between":
			return k
		case "and", "or", "where", "on", "having", "when", "select":
			return -1
		}
		if r.is(k, "(") || r.is(k, ",") {
			return -1
		}
	}
	return -1
}

// beside reads a parameter that an operator combines with something.
func (r *reader) beside(i, j int, s *scope) (use, bool) {
	if r.kind(i-1) == sqltext.Operator && i-1 > 0 && !r.is(i-1, "=>") {
		op := r.raw(i - 1)
		if comparisons[op] {
			return r.compared(r.leftOf(i-1), i-1, s), true
		}
		from := r.leftOf(i - 1)
		if at := r.operator(from, j); at == i-1 {
			return r.operand(op, r.expr(from, i-1, s), false), true
		}
		// The operator binds more tightly than one before it.
		for k := i - 2; k > from; k-- {
			if r.binds(k) > 0 && r.operator(k+1, j) == i-1 {
				return r.operand(op, r.expr(k+1, i-1, s), false), true
			}
		}
		return use{}, true
	}
	if r.kind(j) == sqltext.Operator {
		op := r.raw(j)
		if comparisons[op] {
			at := j + 1
			if w := r.word(at); (w == "any" || w == "all" || w == "some") && r.is(at+1, "(") {
				if q := r.visited[at+1]; q != nil && len(q.columns) == 1 {
					return r.comparedWith(q.columns[0]), true
				}
				v := r.expr(at+2, r.pair(at+1), s)
				v.oid = r.element(v.oid)
				return r.comparedWith(v), true
			}
			return r.compared(at, r.rightOf(at), s), true
		}
		to := r.rightOf(j + 1)
		if at := r.operator(i, to); at == j {
			return r.operand(op, r.expr(j+1, to, s), true), true
		}
		for k := j + 2; k < to; k++ {
			if r.binds(k) > 0 && r.operator(i, k) == j {
				return r.operand(op, r.expr(j+1, k, s), true), true
			}
		}
		return use{}, true
	}
	return use{}, false
}

// operand is the type that PostgreSQL gives an unknown value beside another.
func (r *reader) operand(op string, v value, left bool) use {
	typ := r.typeName(r.base(v.oid))
	u := use{}
	switch op {
	case "+", "-", "*", "/", "%":
		switch {
		case slices.Contains(numbers, typ):
			u = r.comparedWith(v)
			u.oid = r.base(v.oid)
		case (typ == "timestamptz" || typ == "timestamp") && op == "+":
			u.oid = r.builtin("interval")
		}
	case "||":
		switch typ {
		case "text", "varchar", "bpchar":
			u.oid = r.builtin("text")
		case "jsonb", "bytea":
			u.oid = r.base(v.oid)
		case "":
			if v.literal && v.oid == 0 {
				u.oid = r.builtin("text")
			}
		}
	case "->", "->>":
		if !left && (typ == "json" || typ == "jsonb") {
			u.oid = r.builtin("text")
		}
	case "#>", "#>>":
		if !left && (typ == "json" || typ == "jsonb") {
			u.oid = r.builtin("_text")
		}
	case "?":
		if !left && typ == "jsonb" {
			u.oid = r.builtin("text")
		}
	case "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "^@":
		u = r.comparedWith(v)
		u.oid = 0
		if typ == "text" || typ == "varchar" || typ == "bpchar" {
			u.oid = r.builtin("text")
		}
	case "@>", "<@", "&&":
		t := r.Types[r.base(v.oid)]
		if typ == "jsonb" || t != nil && t.Element != 0 {
			u = r.comparedWith(v)
			u.oid = r.base(v.oid)
		}
	case "@@":
		if !left && typ == "tsvector" {
			u.oid = r.builtin("tsquery")
		}
	}
	return u
}

// boolean reports whether a condition is all that is asked for.
func (r *reader) boolean(i, j int) bool {
	switch r.word(i - 1) {
	case "where", "and", "or", "not", "when", "having", "on":
	default:
		if w := r.word(j); w != "and" && w != "or" {
			return false
		}
		return r.is(i-1, "(") && !r.calls(i-1)
	}
	switch r.word(j) {
	case "and", "or", "then", "group", "order", "limit", "offset", "having", "returning", "window", "union", "for", "left", "right", "inner", "join", "where":
		return true
	}
	return r.isEnd(j)
}

// open is the parenthesis around a token, or -1.
func (r *reader) open(k int) int {
	for k--; k >= 0; k-- {
		if p := r.pair(k); p >= 0 && p < k {
			k = p
			continue
		}
		if (r.is(k, "(") || r.is(k, "[")) && r.pair(k) > k {
			return k
		}
	}
	return -1
}

// branch is a value that CASE chooses: what the others are, or what the place
// of the CASE asks for.
func (r *reader) branch(i int, s *scope) use {
	at := i - 1
	for ; at >= 0; at-- {
		if p := r.pair(at); p >= 0 && p < at {
			at = p
			continue
		}
		if r.word(at) == "case" && r.pair(at) > i {
			break
		}
	}
	if at < 0 {
		return use{}
	}
	end := r.pair(at) + 1
	return r.chosen(r.place(at, end, s), r.choice(at, s))
}

// chosen is the use of one of several values, of which the type is v's: that of
// the others, or text if they are constants without a type.
func (r *reader) chosen(u use, v value) use {
	u.oid, u.direct = v.oid, false
	if v.literal && v.oid == 0 {
		u.oid = r.builtin("text")
	}
	return u
}

// inside reads a parameter as an argument of a function or as one of a list.
func (r *reader) inside(i, j int, s *scope) use {
	open := r.open(i)
	if open < 0 {
		return use{}
	}
	from := i
	label := ""
	if r.is(i-1, "=>") || r.is(i-1, ":=") {
		label, from = r.name(i-2), i-2
	}
	if r.word(from-1) == "distinct" {
		from--
	}
	alone := (from-1 == open || r.is(from-1, ",")) && (r.is(j, ",") || j == r.pair(open) || r.words(j, "order", "by"))
	if !alone {
		return use{}
	}
	if r.is(open, "[") {
		return r.ofArray(open, i, s)
	}
	switch w := r.word(open - 1); w {
	case "any", "all", "some":
		if r.kind(open-2) != sqltext.Operator {
			return use{}
		}
		u := r.compared(r.leftOf(open-2), open-2, s)
		u.oid = r.arrayOfElement(u.oid)
		u.word, u.arrayOf = nullability.Plural(u.word), true
		return u
	case "in":
		at := r.notBefore(open - 1)
		v := r.expr(r.leftOf(at), at, s)
		u := r.comparedWith(v)
		if len(r.split(open+1, r.pair(open))) > 1 {
			u.oid = v.oid // it becomes an array of them
		}
		return u
	case "coalesce", "greatest", "least", "nullif":
		var others value
		for n, part := range r.split(open+1, r.pair(open)) {
			v := r.expr(part[0], part[1], s)
			if n == 0 {
				others = v
				continue
			}
			others.oid, others.literal = r.commonType(others, v)
			if others.relation == nil {
				others.relation, others.attribute, others.name = v.relation, v.attribute, v.name
			}
		}
		u := r.chosen(r.place(open-1, r.pair(open)+1, s), others)
		if u.word == "" && others.relation != nil {
			u.column, u.word, u.why = others, others.name, "compared with "+others.name
		}
		if w == "coalesce" && j < r.pair(open) {
			u.nullable, u.why = true, "argument of COALESCE"
		}
		return u
	}
	at := 0
	for n, part := range r.split(open+1, r.pair(open)) {
		if part[0] <= i && i < part[1] {
			at = n
		}
	}
	return r.argumentUse(open, at, label)
}

// argumentUse is the argument of a function at a place.
func (r *reader) argumentUse(open, at int, label string) use {
	name := r.name(open - 1)
	schema := ""
	if r.is(open-2, ".") {
		schema = r.name(open - 3)
	}
	if name == "" || r.kind(open-1) == sqltext.Ident && edges[r.word(open-1)] {
		return use{}
	}
	total := len(r.split(open+1, r.pair(open)))
	if f, known := r.function(schema, name, total); known {
		if f == nil {
			return use{}
		}
		for n, a := range f.arguments {
			if label == "" && n == at || label != "" && a.name == label {
				oid, _ := r.spelled(a.typ)
				return use{oid: oid, word: a.name, why: "argument of " + name, function: name}
			}
		}
		return use{}
	}
	if own, ok := ownFunctions[name]; ok {
		if at < len(own.arguments) && len(own.arguments) == total {
			return use{oid: r.builtin(own.arguments[at])}
		}
		return use{}
	}
	if strings.HasPrefix(name, "pg_") && strings.Contains(name, "advisory") && total <= 2 {
		// One key of 64 bits or two of 32.
		return use{oid: r.builtin([]string{"int8", "int4"}[total-1])}
	}
	switch name {
	case "lower", "upper", "btrim", "ltrim", "rtrim", "length":
		if at == 0 {
			return use{oid: r.builtin("text")}
		}
	case "plainto_tsquery", "to_tsquery", "websearch_to_tsquery", "phraseto_tsquery":
		if total == 1 {
			return use{oid: r.builtin("text")}
		}
	}
	return use{}
}

// ofArray is an element of ARRAY[…].
func (r *reader) ofArray(open, i int, s *scope) use {
	if r.word(open-1) != "array" {
		return use{}
	}
	for _, part := range r.split(open+1, r.pair(open)) {
		if v := r.expr(part[0], part[1], s); v.oid != 0 && part[0] != i {
			return use{oid: v.oid}
		}
	}
	end := r.pair(open) + 1
	if r.is(end, "::") {
		oid, _, _ := r.typeAt(r.text, end+1)
		return use{oid: r.element(oid)}
	}
	return use{}
}

// arrayOfElement is the type of arrays of a value; that of a domain's base, as
// PostgreSQL has it for = ANY.
func (r *reader) arrayOfElement(oid uint32) uint32 {
	t := r.Types[oid]
	if t == nil {
		return 0
	}
	if t.Kind == catalog.Domain {
		t = r.Types[r.base(oid)]
	}
	if t == nil || t.Element != 0 {
		return 0
	}
	return t.Array
}
