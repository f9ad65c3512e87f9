package golang

import (
	"go/token"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jinzhu/inflection"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// namer turns names of SQL into names of Go.
type namer struct {
	initialisms map[string]bool
	// plurals writes the plural of an initialism as IDs, not Ids.
	plurals     bool
	rename      map[string]string
	exactTables bool
	// asSQLC keeps to sqlc's rules where they differ: no underscore between
	// digits, and only whole names are exceptions of the plural.
	asSQLC bool
	// keepPlural lists the tables whose name is not made singular.
	keepPlural []string
	// singulars are those that were asked for before, which takes long to find
	// out.
	singulars map[string]string
}

// exported is the exported Go name of a SQL name: words end at any character
// that is not a letter or a digit, each starts upper case, and initialisms are
// upper case throughout. A user's renaming goes before all.
func (n *namer) exported(name string) string {
	if to, ok := n.rename[name]; ok {
		return to
	}
	var b strings.Builder
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		lower := strings.ToLower(w)
		switch {
		case n.initialisms[lower] && (w == lower || w == strings.ToUpper(w)):
			b.WriteString(strings.ToUpper(w))
		case n.plurals && w == lower && n.initialisms[strings.TrimSuffix(w, "s")]:
			b.WriteString(strings.ToUpper(strings.TrimSuffix(w, "s")) + "s")
		case i > 0 && !n.asSQLC && endsWithDigit(b.String()) && startsWithDigit(w):
			// "v1_2" and "v_12" are two names.
			b.WriteByte('_')
			b.WriteString(w)
		default:
			r := []rune(w)
			r[0] = unicode.ToUpper(r[0])
			b.WriteString(string(r))
		}
	}
	s := b.String()
	if first, _ := firstRune(s); !unicode.IsUpper(first) {
		// A digit, or a letter of a script without capitals.
		s = "X" + s
	}
	return s
}

// unexported is the Go name of a variable or parameter for a SQL name. A name
// that Go or the generated code already uses gets an underscore.
func (n *namer) unexported(name string, taken ...string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "arg"
	}
	first := words[0]
	rest := ""
	if len(words) > 1 {
		rest = n.exported(strings.Join(words[1:], "_"))
		if to := strings.Join(words[1:], "_"); startsWithDigit(to) {
			rest = strings.TrimPrefix(rest, "X")
			if endsWithDigit(first) {
				rest = "_" + rest
			}
		}
	}
	s := lowerFirst(first, n.initialisms) + rest
	if startsWithDigit(s) {
		s = "x" + s
	}
	for reserved(s) || slices.Contains(taken, s) {
		s += "_"
	}
	return s
}

// method is the name of a query as a method; the user wrote it as an
// identifier, so it stays as it is.
func (n *namer) statement(query string) string {
	return lowerFirst(query, n.initialisms)
}

// lowerFirst makes the first letter, or a leading initialism, lower case.
func lowerFirst(s string, initialisms map[string]bool) string {
	r := []rune(s)
	upper := 0
	for upper < len(r) && unicode.IsUpper(r[upper]) {
		upper++
	}
	switch {
	case upper == 0:
		return s
	case upper == len(r) && initialisms[strings.ToLower(s)]:
		return strings.ToLower(s)
	case upper > 1 && initialisms[strings.ToLower(string(r[:upper-1]))]:
		// IDOfUser → idOfUser
		return strings.ToLower(string(r[:upper-1])) + string(r[upper-1:])
	}
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// table is the name of the struct for a table's rows.
func (n *namer) table(schema, table, defaultSchema string) string {
	name := table
	if !n.exactTables && !slices.Contains(n.keepPlural, table) {
		name = n.singular(table)
	}
	if schema != defaultSchema {
		name = schema + "_" + name
	}
	return n.exported(name)
}

// typ is the name of an enum or a composite.
func (n *namer) typ(schema, name, defaultSchema string) string {
	if schema != defaultSchema {
		name = schema + "_" + name
	}
	return n.exported(name)
}

// Names gives the objects of a schema their Go names, before a package is
// generated. It is safe for concurrent use.
type Names struct {
	namer         *namer
	defaultSchema string
}

// NewNames prepares the naming of a package.
func NewNames(opt Options) *Names {
	g := newGenerator(&model.Package{}, opt)
	return &Names{namer: g.names, defaultSchema: opt.DefaultSchema}
}

// Table is the name of a table's struct, if no other type takes it.
func (n *Names) Table(schema, table string) string {
	return n.namer.table(schema, table, n.defaultSchema)
}

// Plural is the name for many rows of a table. For a word that has no plural it
// is the same as [Names.Table].
func (n *Names) Plural(schema, table string) string {
	name := table
	if one := n.Table(schema, table); one == n.namer.typ(schema, table, n.defaultSchema) {
		name = inflection.Plural(table)
	}
	return n.namer.typ(schema, name, n.defaultSchema)
}

// Routine is the name for calling a function.
func (n *Names) Routine(schema, name string) string {
	return n.namer.typ(schema, name, n.defaultSchema)
}

// Column is the name of a column's field, if no other column takes it.
func (n *Names) Column(column string) string { return n.namer.exported(column) }

// Columns is the name of a parameter for many values of a column.
func (n *Names) Columns(column string) string { return inflection.Plural(column) }

// singular is what a row of a table is called.
func (n *namer) singular(table string) string {
	s, ok := n.singulars[table]
	if !ok {
		s = n.findSingular(table)
		n.singulars[table] = s
	}
	return s
}

func (n *namer) findSingular(table string) string {
	if !n.asSQLC {
		return singular(table)
	}
	switch strings.ToLower(table) {
	case "campus", "meta", "metadata":
		return table
	case "calories", "waves":
		return table[:len(table)-1]
	}
	return inflection.Singular(table)
}

// singular is inflection's answer, but for some words that it gets wrong.
func singular(s string) string {
	cut := strings.LastIndexByte(s, '_') + 1
	word := strings.ToLower(s[cut:])
	for _, w := range []struct{ plural, singular string }{
		{"campus", "campus"},
		{"meta", "meta"},
		{"metadata", "metadata"},
		{"calories", "calorie"},
		{"waves", "wave"},
		{"data", "data"},
		{"status", "status"},
		{"bonus", "bonus"},
		{"caches", "cache"},
	} {
		if word == w.plural {
			return s[:cut] + s[cut:cut+len(w.singular)]
		}
	}
	return inflection.Singular(s)
}

// enumConstant is the part of a constant's name that stands for an enum's
// value; place counts from 1 and names a value without letters or digits.
func (n *namer) enumConstant(value string, place int) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if n.initialisms[strings.ToLower(w)] {
			b.WriteString(strings.ToUpper(w))
			continue
		}
		if endsWithDigit(b.String()) && startsWithDigit(w) {
			b.WriteByte('_')
		}
		r := []rune(w)
		r[0] = unicode.ToUpper(r[0])
		b.WriteString(string(r))
	}
	if b.Len() == 0 {
		return "Value" + strconv.Itoa(place)
	}
	return b.String()
}

// reserved reports whether a local name would hide something that the
// generated bodies use, or is none in Go.
func reserved(s string) bool {
	if token.IsKeyword(s) {
		return true
	}
	switch s {
	case "ctx", "q", "db", "arg", "row", "e", "r", "batch", "i",
		"any", "bool", "byte", "error", "false", "true", "nil", "iota", "string", "len", "range", "append",
		"int16", "int32", "int64", "uint32", "float32", "float64", "rune", "int", "uint", "new", "make", "max", "min", "cap", "copy", "clear", "close", "delete", "panic", "print", "println", "real", "imag", "complex", "recover", "comparable",
		"context", "iter", "time", "runtime", "pgx", "pgconn", "pgtype", "json", "net", "netip":
		return true
	}
	return false
}

// scope hands out names that are unique in it.
type scope struct {
	used map[string]bool
	// separator stands between a name and the number that makes it unique.
	separator string
}

func newScope(separator string, reserved ...string) *scope {
	s := &scope{used: map[string]bool{}, separator: separator}
	for _, r := range reserved {
		s.used[r] = true
	}
	return s
}

// unique returns name, or name with the first number from 2 that makes it new.
func (s *scope) unique(name string) string {
	out := name
	for i := 2; s.used[out]; i++ {
		out = name + s.separator + strconv.Itoa(i)
	}
	s.used[out] = true
	return out
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return 0, false
}

func startsWithDigit(s string) bool {
	r, ok := firstRune(s)
	return ok && unicode.IsDigit(r)
}

func endsWithDigit(s string) bool {
	r := []rune(s)
	return len(r) > 0 && unicode.IsDigit(r[len(r)-1])
}
