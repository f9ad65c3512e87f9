package outline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/runtime/introspect"
)

// A diagram has the tables and their foreign keys. Partitions are parts of their
// tables, and views are in it only if there is nothing else.

// entities are the relations of a diagram.
func entities(d *introspect.Database) []*introspect.Relation {
	out := slices.DeleteFunc(slices.Clone(d.Tables), func(r *introspect.Relation) bool { return r.PartitionOf != nil })
	if len(out) == 0 {
		return slices.Concat(d.Tables, d.Views)
	}
	return out
}

// relationship is a foreign key between two entities.
type relationship struct {
	key      *introspect.Constraint
	from, to *introspect.Relation
	// optional is true if a row need not refer to any, single if no two refer to
	// the same.
	optional, single bool
}

func relationships(d *introspect.Database) []relationship {
	list := entities(d)
	there := map[introspect.Name]*introspect.Relation{}
	for _, r := range list {
		there[introspect.Name{Schema: r.Schema, Name: r.Name}] = r
	}
	var out []relationship
	for _, r := range list {
		for _, k := range r.ForeignKeys {
			if k.References == nil {
				continue
			}
			to := there[introspect.Name{Schema: k.References.Schema, Name: k.References.Table}]
			if to == nil {
				continue
			}
			optional := slices.ContainsFunc(r.Columns, func(c *introspect.Column) bool { return !c.NotNull && slices.Contains(k.Columns, c.Name) })
			out = append(out, relationship{k, r, to, optional, unique(r, k.Columns)})
		}
	}
	return out
}

// unique reports whether no two rows have the same values in columns.
func unique(r *introspect.Relation, columns []string) bool {
	within := func(key []string) bool {
		return len(key) > 0 && !slices.ContainsFunc(key, func(c string) bool { return !slices.Contains(columns, c) })
	}
	if r.PrimaryKey != nil && within(r.PrimaryKey.Columns) || slices.ContainsFunc(r.Uniques, func(u *introspect.Constraint) bool { return within(u.Columns) }) {
		return true
	}
	return slices.ContainsFunc(r.Indexes, func(x *introspect.Index) bool {
		if !x.Unique || x.Where != "" || x.Invalid {
			return false
		}
		var key []string
		for _, k := range x.Keys {
			key = append(key, k.Column) // an expression is no column
		}
		return within(key)
	})
}

// keyMarks are PK, FK and UK, as the columns are parts of keys.
func keyMarks(r *introspect.Relation, column string) []string {
	var out []string
	if r.PrimaryKey != nil && slices.Contains(r.PrimaryKey.Columns, column) {
		out = append(out, "PK")
	}
	if slices.ContainsFunc(r.ForeignKeys, func(k *introspect.Constraint) bool { return slices.Contains(k.Columns, column) }) {
		out = append(out, "FK")
	}
	if slices.ContainsFunc(r.Uniques, func(k *introspect.Constraint) bool { return slices.Equal(k.Columns, []string{column}) }) {
		out = append(out, "UK")
	}
	return out
}

// abbreviations of types that take room.
var abbreviations = strings.NewReplacer(
	"timestamp with time zone", "timestamptz", "timestamp without time zone", "timestamp", "time with time zone", "timetz",
	"time without time zone", "time", "character varying", "varchar", "double precision", "float8",
)

// abbreviated also knows a precision in the middle: timestamp(3) with time zone.
func abbreviated(typ string) string {
	typ = short(typ)
	for _, kind := range []string{"timestamp", "time"} {
		if rest, ok := strings.CutPrefix(typ, kind+"("); ok {
			digits, zone, _ := strings.Cut(rest, ")")
			if after, ok := strings.CutPrefix(zone, " with time zone"); ok {
				return kind + "tz(" + digits + ")" + after
			}
			return kind + "(" + digits + ")" + strings.TrimPrefix(zone, " without time zone")
		}
	}
	return abbreviations.Replace(typ)
}

// Dot is the diagram in the language of Graphviz
// (https://graphviz.org/doc/info/lang.html).
func Dot(d *introspect.Database) string {
	var b strings.Builder
	b.WriteString("digraph database {\n" +
		"  graph [rankdir=LR, nodesep=0.4, ranksep=1.2];\n" +
		"  node [shape=plain, fontname=\"Helvetica\", fontsize=11];\n" +
		"  edge [dir=both, arrowsize=0.8, color=\"#555555\"];\n")
	for _, r := range entities(d) {
		fmt.Fprintf(&b, "\n  %s [label=<\n    <table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"4\">\n", dotID(r.Schema+"."+r.Name))
		fmt.Fprintf(&b, "      <tr><td bgcolor=\"#dde6f0\" colspan=\"3\"><b>%s</b></td></tr>\n", markup(shown(r.Schema, r.Name)))
		for i, c := range r.Columns {
			null := ""
			if !c.NotNull {
				null = "?"
			}
			fmt.Fprintf(&b, "      <tr><td align=\"left\" port=\"l%d\">%s</td><td align=\"left\">%s</td><td align=\"left\" port=\"r%d\">%s</td></tr>\n",
				i, markup(name(c.Name)), markup(abbreviated(c.Type)+null), i, strings.Join(keyMarks(r, c.Name), " "))
		}
		b.WriteString("    </table>>];\n")
	}
	if list := relationships(d); len(list) > 0 {
		b.WriteByte('\n')
		for _, x := range list {
			tail, head := "crowodot", "teetee"
			if x.single {
				tail = "teeodot"
			}
			if x.optional {
				head = "teeodot"
			}
			fmt.Fprintf(&b, "  %s:%s -> %s:%s [arrowtail=%s, arrowhead=%s, tooltip=%s];\n",
				dotID(x.from.Schema+"."+x.from.Name), port("r", x.from, x.key.Columns), dotID(x.to.Schema+"."+x.to.Name), port("l", x.to, x.key.References.Columns),
				tail, head, dotID(x.key.Name))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// port is where an edge meets the first of a key's columns.
func port(side string, r *introspect.Relation, columns []string) string {
	for i, c := range r.Columns {
		if len(columns) > 0 && c.Name == columns[0] {
			return fmt.Sprintf("%s%d", side, i)
		}
	}
	return side + "0"
}

// dotID is a text as an ID. A backslash begins an escape in some attributes.
func dotID(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(s) + `"`
}

func markup(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", " ").Replace(s)
}

// Mermaid is the diagram as an erDiagram of Mermaid
// (https://mermaid.js.org/syntax/entityRelationshipDiagram.html), which Markdown
// on GitHub and GitLab shows.
func Mermaid(d *introspect.Database) string {
	var b strings.Builder
	b.WriteString("erDiagram\n")
	for _, r := range entities(d) {
		fmt.Fprintf(&b, "    %s {\n", mermaidName(r))
		for _, c := range r.Columns {
			line := word(abbreviated(c.Type), "()[]") + " " + word(c.Name, "")
			if marks := keyMarks(r, c.Name); len(marks) > 0 {
				line += " " + strings.Join(marks, ",")
			}
			if note := columnNote(c); note != "" {
				line += ` "` + note + `"`
			}
			fmt.Fprintf(&b, "        %s\n", line)
		}
		b.WriteString("    }\n")
	}
	for _, x := range relationships(d) {
		from, to := "}o", "||"
		if x.single {
			from = "|o"
		}
		if x.optional {
			to = "o|"
		}
		fmt.Fprintf(&b, "    %s %s--%s %s : \"%s\"\n", mermaidName(x.from), from, to, mermaidName(x.to), unquoted(strings.Join(x.key.Columns, ", ")))
	}
	return b.String()
}

// columnNote says what the column's words cannot: that it can be NULL, and its
// name where that has other characters.
func columnNote(c *introspect.Column) string {
	var notes []string
	if word(c.Name, "") != c.Name {
		notes = append(notes, unquoted(c.Name))
	}
	if !c.NotNull {
		notes = append(notes, "null")
	}
	return strings.Join(notes, ", ")
}

// mermaidName is the name of an entity: in quotes, almost any text.
func mermaidName(r *introspect.Relation) string {
	n := r.Name
	if r.Schema != "public" {
		n = r.Schema + "." + n
	}
	if word(n, "") == n {
		return n
	}
	return `"` + unquoted(n) + `"`
}

// unquoted has none of the characters that end a text in quotes.
func unquoted(s string) string {
	return strings.NewReplacer(`"`, "'", "\n", " ", "\r", " ", `\`, "/", "%", "_").Replace(s)
}

// word is a text as a name or type of a column, which knows no quotes: letters,
// digits and underscores, and some more characters.
func word(s, more string) string {
	var b strings.Builder
	for i, r := range s {
		plain := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9'
		if plain || i > 0 && strings.ContainsRune(more, r) {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	return b.String()
}
