package tables

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// Column is a column as a template sees it, with the parameter that stands for
// it in the statement.
type Column struct {
	// SQL is the column's name as an identifier.
	SQL string
	// Words is the name for people.
	Words string
	// Value is the parameter as SQL, Target its name in a directive, and Alias
	// its name as an identifier.
	Value, Target, Alias string
	// Optional is true if the parameter may be left out. IsGiven is then the
	// boolean parameter that says whether it was not, as SQL; Given is that
	// one's name in a directive and Flag its name as an identifier.
	Optional             bool
	IsGiven, Given, Flag string
	// Default is what a new row gets in the column by itself, as SQL of the
	// column's type; empty for one that gets NULL.
	Default string
	// Like is the column with its table, for a directive.
	Like string
	// Array is the array type that holds the column's value for many rows: of
	// the column's own type, or of text for an array or a composite, which
	// unnest would take apart.
	Array string

	// cast is what makes a value of such a text, compared what makes a parameter
	// comparable with the column.
	cast, compared string
	column         *catalog.Column
}

// Of is the column's value in a row called alias of what [Column.Array] was
// unnested to.
func (c *Column) Of(alias string) string { return alias + "." + c.Alias + c.cast }

// Columns are columns in order.
type Columns []*Column

func (cs Columns) join(separator string, f func(*Column) string) string {
	parts := make([]string, len(cs))
	for i, c := range cs {
		parts[i] = f(c)
	}
	return strings.Join(parts, separator)
}

// SQL lists the names.
func (cs Columns) SQL() string { return cs.join(", ", func(c *Column) string { return c.SQL }) }

// Values lists the parameters.
func (cs Columns) Values() string { return cs.join(", ", func(c *Column) string { return c.Value }) }

// Row is the columns as one value to compare with others.
func (cs Columns) Row() string { return row(cs.SQL(), len(cs)) }

// RowOfValues is the parameters as one value.
func (cs Columns) RowOfValues() string {
	return row(cs.join(", ", func(c *Column) string { return c.Value + c.compared }), len(cs))
}

func row(list string, n int) string {
	if n == 1 {
		return list
	}
	return "(" + list + ")"
}

// Match is the condition that each column equals its parameter.
func (cs Columns) Match() string {
	return cs.join(" AND ", func(c *Column) string { return c.SQL + " = " + c.Value + c.compared })
}

// Words lists the names for people: "a, b and c".
func (cs Columns) Words() string {
	words := cs.join(", ", func(c *Column) string { return c.Words })
	if i := strings.LastIndex(words, ", "); len(cs) > 1 && i >= 0 {
		return words[:i] + " and " + words[i+2:]
	}
	return words
}

// Optional are those that may be left out.
func (cs Columns) Optional() Columns {
	return slices.DeleteFunc(slices.Clone(cs), func(c *Column) bool { return !c.Optional })
}

// without are those that are not among others.
func (cs Columns) without(others Columns) Columns {
	return slices.DeleteFunc(slices.Clone(cs), func(c *Column) bool {
		return slices.ContainsFunc(others, func(o *Column) bool { return o.column.Number == c.column.Number })
	})
}

// parameters hands out names of parameters that are unique in a statement,
// upper and lower case being the same.
type parameters struct{ used map[string]bool }

func (p *parameters) name(want string) string {
	if p.used == nil {
		p.used = map[string]bool{}
	}
	want = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return '_'
		}
		return r
	}, want)
	out := want
	for i := 2; p.used[strings.ToLower(out)]; i++ {
		out = want + "_" + strconv.Itoa(i)
	}
	p.used[strings.ToLower(out)] = true
	return out
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// parameter writes a parameter as SQL.
func parameter(name string) string {
	if plainName.MatchString(name) {
		return "@" + name
	}
	return "sqlc.arg(" + quoted(name) + ")"
}

// target writes a name for a directive, which ends with its line.
func target(name string) string {
	switch {
	case plainName.MatchString(name):
		return name
	case !strings.ContainsFunc(name, unicode.IsControl) && !strings.ContainsAny(name, "\u2028\u2029"):
		return quoted(name)
	}
	var b strings.Builder
	for _, r := range strings.ReplaceAll(name, `\`, `\\`) {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			fmt.Fprintf(&b, `\%04X`, r)
			continue
		}
		b.WriteRune(r)
	}
	return "U&" + quoted(b.String())
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// column makes the template's view of a column, without a parameter.
func (m *maker) column(r *catalog.Relation, c *catalog.Column) *Column {
	typ := m.base(c.Type)
	out := &Column{
		SQL: m.opt.Quote(c.Name), Words: oneLine(c.Name),
		Like:  target(r.Name) + "." + target(c.Name),
		Array: m.typeName(typ) + "[]", column: c,
	}
	if r.Schema != m.opt.DefaultSchema || m.builtin[r.Name] {
		out.Like = target(r.Schema) + "." + out.Like
	}
	if !m.scalar(c) {
		out.Array, out.cast = "text[]", "::"+m.typeName(typ)
	}
	if t := m.catalog.Types[typ]; t != nil && t.Kind == catalog.Composite {
		out.compared = "::" + m.typeName(typ)
	}
	return out
}

// scalar reports whether a column's value is one that an array can hold as it
// is.
func (m *maker) scalar(c *catalog.Column) bool {
	t := m.catalog.BaseType(c.Type)
	return t == nil || t.Kind != catalog.Composite && !m.isArray(t.OID)
}

// columns makes the view of columns by number, each with a parameter of its
// name.
func (m *maker) columns(r *catalog.Relation, numbers []int16, p *parameters) Columns {
	var out Columns
	for _, n := range numbers {
		if c := r.Column(n); c != nil {
			view := m.column(r, c)
			view.bind(m, p.name(c.Name))
			out = append(out, view)
		}
	}
	return out
}

// bind gives a column its parameter.
func (c *Column) bind(m *maker, name string) {
	c.Value, c.Target, c.Alias = parameter(name), target(name), m.opt.Quote(name)
}

// option makes a bound column's parameter optional.
func (c *Column) option(m *maker, p *parameters) {
	name := p.name(c.column.Name + "_given")
	c.Optional = true
	c.IsGiven, c.Given, c.Flag = parameter(name), target(name), m.opt.Quote(name)
}

// defaultOf is what a new row gets in a column by itself, or empty if that is
// NULL, as an expression of the column's own type.
func (m *maker) defaultOf(c *catalog.Column) string {
	expression := c.Default
	if expression == "" {
		if t := m.catalog.Types[c.Type]; t != nil {
			expression = t.Default
		}
	}
	if expression == "" {
		return ""
	}
	return typed(expression, m.typeName(m.base(c.Type)))
}

// enclosed reports whether the parentheses at the ends of an expression belong
// together.
func enclosed(expression string) bool {
	depth := 0
	for i, r := range expression {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		case '\'', '"':
			return false
		}
		if depth == 0 && i < len(expression)-1 {
			return false
		}
	}
	return depth == 0 && expression != ""
}

var (
	literal = regexp.MustCompile(`^'(?:[^']|'')*'::(.*)$`)
	next    = regexp.MustCompile(`^nextval\('(?:[^']|\'\')*'::regclass\)$`)
	simple  = regexp.MustCompile(`^(?:[\w.]+|[\w.]+\([^()]*\)|'(?:[^']|'')*')$`)
)

// typed is an expression with a cast, unless it is seen to have the type: what
// a CASE is to be must not depend on what a default happens to be written as.
func typed(expression, typ string) string {
	if l := literal.FindStringSubmatch(expression); l != nil && l[1] == typ {
		return expression
	}
	switch {
	case typ == "boolean" && (expression == "true" || expression == "false"),
		typ == "timestamp with time zone" && (expression == "now()" || expression == "CURRENT_TIMESTAMP"),
		typ == "uuid" && expression == "gen_random_uuid()",
		typ == "bigint" && next.MatchString(expression):
		return expression
	case simple.MatchString(expression) || enclosed(expression):
		return expression + "::" + typ
	}
	return "(" + expression + ")::" + typ
}
