package static

import (
	"maps"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// key names an object: schema and name.
type key [2]string

// relationKind says what a relation was created as.
type relationKind int

const (
	// plain is CREATE TABLE with a list of columns.
	plain relationKind = iota + 1
	foreign
	view
	// stored is the result of a query at some time: a materialized view, or a
	// table made by CREATE TABLE … AS.
	stored
)

// declared is a relation as the schema files leave it.
type declared struct {
	kind relationKind
	// query is the tokens from..to of body: that of a view or of a stored one.
	body     *text
	from, to int
	columns  []string
	// doubtful says why NOT NULL does not hold although sqlc says so, or is
	// empty.
	doubtful string
	parents  []key
	at       *sqltext.Statement
	// own are the names of the columns that the statement itself lists, and
	// keyed those that are NOT NULL without the words: of a primary key, a serial,
	// an identity. sqlc knows those of keys in CREATE TABLE only.
	own, keyed []string
	// raised is true if a column was made NOT NULL later, or by a key of the table,
	// and freed if one was allowed NULL again.
	raised, freed bool
}

// function is a function of the schema files.
type function struct {
	// arguments are those that go in.
	arguments []argument
	setOf     bool
	// result is a type, or the columns of a table.
	result  spelled
	columns []argument
}

type argument struct {
	name string
	typ  spelled
	// byDefault is true if a call can leave it out.
	byDefault bool
}

// spelled is a type as it is written, at a token.
type spelled struct {
	body *text
	at   int
}

// ddl is what the schema files say beyond what sqlc keeps of them. It is read
// off the tokens of the statements, and whatever is not understood takes trust
// away and never gives any.
type ddl struct {
	relations  map[key]*declared
	functions  map[string][]*function
	domains    map[key]spelled
	composites map[key][]argument
	ranges     map[key]spelled
	// multiranges has the ranges that are of.
	multiranges map[key]key
	// extensions has the schema of each.
	extensions map[string]string
	// order is that of the types.
	order []key
	// casts is true if a cast of the user's own can give a NULL; hidden is a
	// statement that sqlc does not look into and that changes tables, and drops
	// is true if such a one can drop a NOT NULL.
	casts  bool
	hidden []*sqltext.Statement
	drops  bool
	// notNulls are the names of constraints that are NOT NULL.
	notNulls map[string]bool
}

// sorted are the names of the relations in an order that is the same each time.
func (d *ddl) sorted() []key {
	return slices.SortedFunc(maps.Keys(d.relations), func(a, b key) int { return slices.Compare(a[:], b[:]) })
}

const defaultSchema = "public"

func inSchema(s, name string) key {
	if s == "" {
		s = defaultSchema
	}
	return key{s, name}
}

func readDDL(scripts []*schema.Script) *ddl {
	d := &ddl{
		relations: map[key]*declared{}, functions: map[string][]*function{}, domains: map[key]spelled{},
		composites: map[key][]argument{}, ranges: map[key]spelled{}, multiranges: map[key]key{},
		extensions: map[string]string{}, notNulls: map[string]bool{},
	}
	for _, script := range scripts {
		for _, s := range script.Statements {
			d.statement(s, newText(s.File.Text[s.Start:s.End]))
		}
	}
	return d
}

func (d *ddl) statement(s *sqltext.Statement, t *text) {
	switch t.word(0) {
	case "create":
		d.create(s, t)
	case "alter":
		d.alter(t)
	case "drop":
		d.drop(t)
	case "do":
		d.dynamic(s, t)
	case "select":
		if into := t.find(1, len(t.tokens), func(i int) bool { return t.word(i) == "into" }); into < len(t.tokens) {
			// SELECT … INTO is a table that sqlc does not know.
			d.hidden = append(d.hidden, s)
		}
	}
}

// dynamic takes note of code that changes tables behind sqlc's back.
func (d *ddl) dynamic(s *sqltext.Statement, t *text) {
	body := strings.ToLower(t.sql)
	if strings.Contains(body, "alter") || strings.Contains(body, "create") || strings.Contains(body, "drop") {
		d.hidden = append(d.hidden, s)
		d.drops = d.drops || strings.Contains(body, "drop")
	}
}

func (d *ddl) create(s *sqltext.Statement, t *text) {
	i := 1
	if t.words(i, "or", "replace") {
		i += 2
	}
	for slices.Contains([]string{"global", "local", "temp", "temporary", "unlogged", "recursive"}, t.word(i)) {
		i++
	}
	switch t.word(i) {
	case "table":
		d.table(s, t, i+1, plain)
	case "foreign":
		if t.word(i+1) == "table" {
			d.table(s, t, i+2, foreign)
		}
	case "view":
		d.view(s, t, i+1, view)
	case "materialized":
		d.view(s, t, i+2, stored)
	case "function":
		d.function(t, i+1)
	case "procedure":
		d.function(t, i+1)
	case "aggregate":
		if _, name, _ := t.qualified(i + 1); name != "" {
			// Two of them: nobody can tell which one a call means.
			d.functions[name] = append(d.functions[name], nil)
		}
	case "domain":
		schema, name, next := t.qualified(i + 1)
		if t.word(next) == "as" {
			next++
		}
		d.declare(inSchema(schema, name))
		d.domains[inSchema(schema, name)] = spelled{t, next}
	case "type":
		d.typ(t, i+1)
	case "cast":
		d.casts = true
	case "rule":
		d.rule(t)
	case "extension":
		d.extension(t, i+1)
	}
}

func (d *ddl) declare(k key) {
	if !slices.Contains(d.order, k) {
		d.order = append(d.order, k)
	}
}

// unless passes over IF [NOT] EXISTS, and ONLY.
func (t *text) unless(i int) int {
	if t.word(i) == "if" {
		i++
		if t.word(i) == "not" {
			i++
		}
		i++
	}
	if t.word(i) == "only" {
		i++
	}
	return i
}

func (d *ddl) table(s *sqltext.Statement, t *text, i int, kind relationKind) {
	schema, name, next := t.qualified(t.unless(i))
	k := inSchema(schema, name)
	if d.relations[k] != nil && t.word(i) == "if" {
		return
	}
	r := &declared{kind: kind, at: s}
	end := len(t.tokens)
	as := t.find(next, end, func(i int) bool { return t.word(i) == "as" && (t.beginsQuery(i+1) || t.word(i+1) == "execute") })
	if as < end {
		r.kind = stored
		r.body, r.from, r.to = t, as+1, t.withData(as+1, end)
		if t.is(next, "(") {
			r.columns = t.names(next)
		}
		d.relations[k] = r
		return
	}
	if t.words(next, "partition", "of") {
		parent, of, _ := t.qualified(next + 2)
		r.parents = append(r.parents, inSchema(parent, of))
	}
	for j := next; j < end; j++ {
		switch {
		case t.word(j) == "inherits" && t.is(j+1, "("):
			for _, part := range t.split(j+2, t.pair(j+1)) {
				parent, of, _ := t.qualified(part[0])
				r.parents = append(r.parents, inSchema(parent, of))
			}
		case t.word(j) == "like" && (t.is(j-1, "(") || t.is(j-1, ",")):
			// sqlc takes over what it thinks of a view's columns.
			from, of, _ := t.qualified(j + 1)
			if source := d.relations[inSchema(from, of)]; source == nil || source.kind != plain {
				r.doubtful = "it is LIKE something that is not a table"
			} else if source.doubtful != "" {
				r.doubtful = source.doubtful
			}
		case t.word(j) == "constraint" && t.words(j+2, "not", "null"):
			d.notNulls[t.name(j+1)] = true
		}
	}
	if t.is(next, "(") {
		for _, part := range t.split(next+1, t.pair(next)) {
			r.column(t, part[0], part[1])
		}
	}
	d.relations[k] = r
}

// column reads a column or a constraint of CREATE TABLE.
func (r *declared) column(t *text, i, j int) {
	switch t.word(i) {
	case "constraint", "primary", "unique", "check", "foreign", "exclude", "like":
		r.key(t, i, j)
		return
	}
	name := t.name(i)
	r.own = append(r.own, name)
	if strings.HasSuffix(t.word(i+1), "serial") || t.find(i, j, func(k int) bool { return t.words(k, "as", "identity") || t.words(k, "primary", "key") }) < j {
		r.keyed = append(r.keyed, name)
	}
}

// key reads a constraint that may be a primary key.
func (r *declared) key(t *text, i, j int) {
	at := t.find(i, j, func(k int) bool { return t.words(k, "primary", "key") })
	if at < j && t.is(at+2, "(") {
		r.keyed = append(r.keyed, t.names(at+2)...)
		r.raised = true
	}
}

// withData is the end of a query without WITH [NO] DATA behind it.
func (t *text) withData(i, j int) int {
	if t.words(j-3, "with", "no", "data") && j-3 > i {
		return j - 3
	}
	if t.words(j-2, "with", "data") && j-2 > i {
		return j - 2
	}
	return j
}

// names are the names of a list in parentheses.
func (t *text) names(open int) []string {
	var out []string
	for _, part := range t.split(open+1, t.pair(open)) {
		out = append(out, t.name(part[0]))
	}
	return out
}

func (d *ddl) view(s *sqltext.Statement, t *text, i int, kind relationKind) {
	schema, name, next := t.qualified(t.unless(i))
	r := &declared{kind: kind, body: t, at: s}
	if t.is(next, "(") {
		r.columns = t.names(next)
	}
	end := len(t.tokens)
	r.from = t.find(next, end, func(i int) bool { return t.word(i) == "as" && t.beginsQuery(i+1) }) + 1
	r.to = t.withData(r.from, end)
	if t.words(end-2, "check", "option") {
		r.to = end - 2
		for r.to > r.from && t.word(r.to) != "with" {
			r.to--
		}
	}
	d.relations[inSchema(schema, name)] = r
}

func (d *ddl) function(t *text, i int) {
	schema, name, open := t.qualified(i)
	if name == "" || !t.is(open, "(") || t.pair(open) < 0 {
		return
	}
	f := &function{}
	list := d.functions[name]
	if schema != "" && schema != defaultSchema || t.word(1) == "or" && len(list) == 1 && list[0] != nil {
		// What is replaced has the same arguments; in another schema, only the
		// path says which one is called.
		if schema != "" && schema != defaultSchema {
			d.functions[name] = append(list, nil, nil)
			return
		}
		list = nil
	}
	var out []argument
	for _, part := range t.split(open+1, t.pair(open)) {
		a, mode := t.argument(part[0], part[1])
		switch mode {
		case "out":
			out = append(out, a)
		case "inout":
			out = append(out, a)
			f.arguments = append(f.arguments, a)
		case "variadic":
			f = nil
		default:
			f.arguments = append(f.arguments, a)
		}
		if f == nil {
			d.functions[name] = append(list, nil)
			return
		}
	}
	next := t.pair(open) + 1
	switch {
	case t.words(next, "returns", "table") && t.is(next+2, "("):
		f.setOf = true
		for _, part := range t.split(next+3, t.pair(next+2)) {
			a, _ := t.argument(part[0], part[1])
			f.columns = append(f.columns, a)
		}
	case t.word(next) == "returns":
		next++
		if t.word(next) == "setof" {
			f.setOf = true
			next++
		}
		f.result = spelled{t, next}
		if len(out) > 1 {
			f.columns = out
		}
	case t.word(i-1) == "procedure" && len(out) > 0:
		f = nil // CALL has a place for what comes out, too
	case len(out) == 1:
		f.result = out[0].typ
	case len(out) > 1:
		f.columns = out
	case t.word(i-1) != "procedure":
		f = nil
	}
	d.functions[name] = append(list, f)
}

// argument reads an argument of a function, a column of RETURNS TABLE, or a
// field of a composite type.
func (t *text) argument(i, j int) (a argument, mode string) {
	switch w := t.word(i); w {
	case "in", "out", "inout", "variadic":
		mode = w
		i++
		if w == "in" && t.word(i) == "out" {
			mode = "inout"
			i++
		}
	}
	end := t.find(i, j, func(k int) bool {
		return t.word(k) == "default" || t.is(k, "=") || t.is(k, ":=") || t.word(k) == "collate"
	})
	a.byDefault = end < j && t.word(end) != "collate"
	// A name is there if a type still follows it; a type of two words, such as
	// double precision, is none with a name.
	if t.name(i) != "" && i+1 < end && !t.is(i+1, ".") && !t.is(i+1, "(") && !t.is(i+1, "[") && !(multiword[t.word(i)] != "" && strings.Contains(multiword[t.word(i)], t.word(i+1)) && t.word(i+1) != "") {
		a.name = t.name(i)
		i++
	}
	a.typ = spelled{t, i}
	return a, mode
}

// multiword has the second words of types that have several.
var multiword = map[string]string{
	"double": "precision", "character": "varying", "char": "varying", "national": "character char", "bit": "varying",
	"timestamp": "with without", "time": "with without",
}

func (d *ddl) typ(t *text, i int) {
	schema, name, next := t.qualified(i)
	k := inSchema(schema, name)
	if t.word(next) != "as" {
		return
	}
	switch {
	case t.is(next+1, "("):
		d.declare(k)
		fields := []argument{}
		for _, part := range t.split(next+2, t.pair(next+1)) {
			a := argument{name: t.name(part[0]), typ: spelled{t, part[0] + 1}}
			fields = append(fields, a)
		}
		d.composites[k] = fields
	case t.word(next+1) == "range" && t.is(next+2, "("):
		d.declare(k)
		multi := key{k[0], k[1] + "_multirange"}
		if strings.Contains(k[1], "range") {
			multi[1] = strings.Replace(k[1], "range", "multirange", 1)
		}
		for _, part := range t.split(next+3, t.pair(next+2)) {
			switch t.word(part[0]) {
			case "subtype":
				d.ranges[k] = spelled{t, part[0] + 2}
			case "multirange_type_name":
				s, n, _ := t.qualified(part[0] + 2)
				multi = inSchema(s, n)
			}
		}
		d.declare(multi)
		d.multiranges[multi] = k
	}
}

// rule takes note that what a statement does to a table can be replaced, its
// RETURNING list included.
func (d *ddl) rule(t *text) {
	for i := range t.tokens {
		if t.word(i) == "to" && t.word(i-2) == "on" {
			schema, name, _ := t.qualified(i + 1)
			if r := d.relations[inSchema(schema, name)]; r != nil {
				r.doubtful = "a rule can replace what a statement does to it"
			}
			return
		}
	}
}

func (d *ddl) extension(t *text, i int) {
	i = t.unless(i)
	name := t.name(i)
	d.extensions[name] = defaultSchema
	for j := i + 1; j < len(t.tokens); j++ {
		if t.word(j) == "schema" {
			d.extensions[name] = t.name(j + 1)
		}
	}
}

func (d *ddl) alter(t *text) {
	i := 1
	switch t.word(i) {
	case "materialized", "foreign":
		i++
	case "type":
		d.alterType(t)
		return
	case "domain":
		schema, name, next := t.qualified(2)
		if t.words(next, "rename", "to") {
			rename(d.domains, inSchema(schema, name), t.name(next+2))
			d.renamed(inSchema(schema, name), t.name(next+2))
		}
		return
	case "function":
		_, name, _ := t.qualified(2)
		for j := range t.tokens {
			if t.words(j, "rename", "to") {
				d.functions[t.name(j+2)] = append(d.functions[t.name(j+2)], d.functions[name]...)
				delete(d.functions, name)
			}
		}
		return
	}
	if w := t.word(i); w != "table" && w != "view" {
		return
	}
	schema, name, next := t.qualified(t.unless(i + 1))
	k := inSchema(schema, name)
	r := d.relations[k]
	if r == nil {
		return
	}
	if t.words(next, "rename", "to") {
		rename(d.relations, k, t.name(next+2))
		return
	}
	if t.words(next, "set", "schema") {
		delete(d.relations, k)
		d.relations[key{t.name(next + 2), name}] = r
		return
	}
	if t.word(next) == "rename" && r.kind != plain && r.kind != foreign {
		// The query has the old name of the column.
		r.body = nil
	}
	for _, part := range t.split(next, len(t.tokens)) {
		j := part[0]
		switch {
		case t.word(j) == "add":
			if t.word(j+1) == "column" || t.word(j+1) != "constraint" && t.word(j+1) != "primary" {
				r.column(t, t.unless(j+1+btoi(t.word(j+1) == "column")), part[1])
			}
			r.key(t, j+1, part[1])
		case t.find(j, part[1], func(k int) bool { return t.words(k, "set", "not", "null") }) < part[1]:
			r.raised = true
		case t.find(j, part[1], func(k int) bool { return t.words(k, "drop", "not", "null") }) < part[1]:
			r.freed = true
		case t.words(j, "drop", "constraint"):
			c := t.name(t.unless(j + 2))
			if d.notNulls[c] || strings.Contains(c, "not_null") {
				r.doubtful = "the constraint " + c + " is dropped"
			}
		case t.words(j, "attach", "partition"):
			s, n, _ := t.qualified(j + 2)
			if child := d.relations[inSchema(s, n)]; child != nil {
				child.parents = append(child.parents, k)
			}
		case t.word(j) == "inherit":
			s, n, _ := t.qualified(j + 1)
			r.parents = append(r.parents, inSchema(s, n))
		}
	}
}

func rename[V any](m map[key]V, from key, name string) {
	if v, ok := m[from]; ok {
		delete(m, from)
		m[key{from[0], name}] = v
	}
}

func (d *ddl) renamed(from key, name string) {
	for i, k := range d.order {
		if k == from {
			d.order[i] = key{from[0], name}
		}
	}
}

func (d *ddl) alterType(t *text) {
	schema, name, next := t.qualified(2)
	k := inSchema(schema, name)
	if t.words(next, "rename", "to") {
		rename(d.composites, k, t.name(next+2))
		rename(d.ranges, k, t.name(next+2))
		d.renamed(k, t.name(next+2))
		return
	}
	fields, ok := d.composites[k]
	if !ok {
		return
	}
	if t.words(next, "rename", "attribute") {
		for i := range fields {
			if fields[i].name == t.name(next+2) {
				fields[i].name = t.name(next + 4)
			}
		}
		return
	}
	for _, part := range t.split(next, len(t.tokens)) {
		j := part[0]
		at := t.unless(j + 2)
		switch {
		case t.words(j, "add", "attribute"):
			fields = append(fields, argument{name: t.name(at), typ: spelled{t, at + 1}})
		case t.words(j, "drop", "attribute"):
			fields = slices.DeleteFunc(fields, func(a argument) bool { return a.name == t.name(at) })
		case t.words(j, "alter", "attribute"):
			to := at + 1
			if t.words(to, "set", "data") {
				to += 2
			}
			for i := range fields {
				if fields[i].name == t.name(at) {
					fields[i].typ = spelled{t, to + 1}
				}
			}
		}
	}
	d.composites[k] = fields
}

func (d *ddl) drop(t *text) {
	i := 1
	if t.word(i) == "materialized" || t.word(i) == "foreign" {
		i++
	}
	what := t.word(i)
	for _, part := range t.split(t.unless(i+1), len(t.tokens)) {
		schema, name, _ := t.qualified(part[0])
		k := inSchema(schema, name)
		switch what {
		case "table", "view":
			delete(d.relations, k)
		case "domain":
			delete(d.domains, k)
		case "type":
			delete(d.composites, k)
			delete(d.ranges, k)
		case "function":
			delete(d.functions, name)
		}
	}
}
