package outline

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pgwright/pgwright/runtime/introspect"
)

// Text is for people: a heading and a table for each relation, then the rest.
func Text(d *introspect.Database) string {
	t := &text{}
	for _, r := range slices.Concat(d.Tables, d.Views) {
		t.relation(r)
	}
	t.types(d)
	t.rest(d)
	return t.String()
}

type text struct{ strings.Builder }

// heading begins an object, behind an empty line.
func (t *text) heading(what, comment string) {
	if t.Len() > 0 {
		t.WriteByte('\n')
	}
	t.WriteString(what)
	if comment != "" {
		t.WriteString("  " + oneLine(comment))
	}
	t.WriteByte('\n')
}

// table writes rows under a title, if there are any.
func (t *text) table(title string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	t.WriteString("  " + title + "\n")
	t.rows("    ", rows)
}

// section is a table that belongs to no relation.
func (t *text) section(title string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	t.heading(title, "")
	t.rows("  ", rows)
}

// rows aligns cells. The writer never fails.
func (t *text) rows(indent string, rows [][]string) {
	w := tabwriter.NewWriter(t, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			row[i] = oneLine(cell)
		}
		for len(row) > 1 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		_, _ = fmt.Fprintf(w, "%s%s\n", indent, strings.Join(row, "\t"))
	}
	_ = w.Flush()
}

func (t *text) relation(r *introspect.Relation) {
	t.heading(string(r.Kind)+" "+shown(r.Schema, r.Name), r.Comment)
	for _, line := range about(r) {
		t.WriteString("  " + line + "\n")
	}
	var rows [][]string
	for _, c := range r.Columns {
		row := []string{name(c.Name), short(c.Type), nullity(c.NotNull), filled(c), c.Comment}
		if r.Definition != "" {
			row[2] = "" // PostgreSQL does not know it of a view
		}
		rows = append(rows, row)
	}
	t.table("columns", rows)
	rows = nil
	for _, c := range constraints(r) {
		rows = append(rows, []string{name(c.Name), short(c.Definition), c.Comment})
	}
	t.table("constraints", rows)
	rows = nil
	for _, x := range r.Indexes {
		_, definition, _ := strings.Cut(x.Definition, " USING ")
		if x.Unique {
			definition = "unique " + definition
		}
		rows = append(rows, []string{name(x.Name), short(definition), x.Comment})
	}
	t.table("indexes", rows)
	rows = nil
	for _, f := range r.ReferencedBy {
		rows = append(rows, []string{shown(f.Schema, f.Table) + " (" + names(f.Columns) + ")"})
	}
	t.table("referenced by", rows)
	rows = nil
	for _, x := range r.Triggers {
		_, definition, _ := strings.Cut(x.Definition, "TRIGGER "+name(x.Name)+" ")
		rows = append(rows, []string{name(x.Name), short(definition), x.Enabled, x.Comment})
	}
	t.table("triggers", rows)
	rows = nil
	for _, x := range r.Rules {
		_, definition, _ := strings.Cut(oneLine(x.Definition), " AS ")
		rows = append(rows, []string{name(x.Name), short(definition), x.Enabled, x.Comment})
	}
	t.table("rules", rows)
	rows = nil
	for _, p := range r.Policies {
		rows = append(rows, []string{name(p.Name), p.Command + " for " + strings.Join(p.Roles, ", "), short(p.Using), p.Comment})
	}
	t.table("policies", rows)
}

// about are the lines on a relation as a whole.
func about(r *introspect.Relation) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if p := r.PartitionOf; p != nil {
		add("partition of %s %s", shown(p.Schema, p.Name), r.PartitionBound)
	}
	if r.PartitionBy != "" {
		add("partitioned by %s", short(r.PartitionBy))
	}
	for _, p := range r.Inherits {
		add("inherits %s", shown(p.Schema, p.Name))
	}
	if r.OfType != "" {
		add("of type %s", short(r.OfType))
	}
	if r.Server != "" {
		add("on server %s", name(r.Server))
	}
	if r.Unlogged {
		add("unlogged")
	}
	if r.RowSecurity {
		add("row security")
	}
	if r.NotPopulated {
		add("not populated")
	}
	return out
}

// constraints are all of a relation, the primary key first.
func constraints(r *introspect.Relation) []*introspect.Constraint {
	var out []*introspect.Constraint
	if r.PrimaryKey != nil {
		out = append(out, r.PrimaryKey)
	}
	return slices.Concat(out, r.Uniques, r.ForeignKeys, r.Exclusions, r.Checks)
}

func nullity(notNull bool) string {
	if notNull {
		return "not null"
	}
	return "null"
}

// filled is what a column gets without being told.
func filled(c *introspect.Column) string {
	switch {
	case c.Generated != "":
		return "generated " + short(c.Expression)
	case c.Identity != nil && c.Identity.Always:
		return "identity, always"
	case c.Identity != nil:
		return "identity, by default"
	case c.Default != "":
		return "default " + short(c.Default)
	}
	return ""
}

func (t *text) types(d *introspect.Database) {
	var rows [][]string
	for _, e := range d.Enums {
		labels := make([]string, len(e.Labels))
		for i, l := range e.Labels {
			labels[i] = literal(l)
		}
		rows = append(rows, []string{"enum", shown(e.Schema, e.Name), strings.Join(labels, ", "), e.Comment})
	}
	for _, x := range d.Domains {
		words := []string{x.Type}
		if x.NotNull {
			words = append(words, "not null")
		}
		if x.Default != "" {
			words = append(words, "default "+x.Default)
		}
		for _, c := range x.Checks {
			words = append(words, c.Definition)
		}
		rows = append(rows, []string{"domain", shown(x.Schema, x.Name), short(strings.Join(words, " ")), x.Comment})
	}
	for _, c := range d.Composites {
		fields := make([]string, len(c.Fields))
		for i, f := range c.Fields {
			fields[i] = name(f.Name) + " " + short(f.Type)
		}
		rows = append(rows, []string{"composite", shown(c.Schema, c.Name), items(fields), c.Comment})
	}
	for _, r := range d.Ranges {
		rows = append(rows, []string{"range", shown(r.Schema, r.Name), "of " + short(r.Subtype), r.Comment})
	}
	for _, b := range d.BaseTypes {
		rows = append(rows, []string{"base type", shown(b.Schema, b.Name), "", b.Comment})
	}
	t.section("types", rows)
}

func (t *text) rest(d *introspect.Database) {
	var rows [][]string
	for _, f := range d.Functions {
		returns := ""
		if f.Returns != "" {
			returns = "returns " + short(f.Returns)
		}
		rows = append(rows, []string{f.Kind, shown(f.Schema, f.Name) + "(" + short(f.Signature) + ")", returns, f.Volatility + " " + f.Language, f.Comment})
	}
	t.section("functions", rows)
	rows = nil
	for _, s := range d.Sequences {
		owner := ""
		if o := s.OwnedBy; o != nil {
			owner = "owned by " + shown(o.Schema, o.Table) + "." + name(o.Column)
		}
		rows = append(rows, []string{shown(s.Schema, s.Name), s.Type, strings.ToLower(strings.Join(sequenceOptions(s), " ")), owner, s.Comment})
	}
	t.section("sequences", rows)
	rows = nil
	for _, s := range d.Statistics {
		definition := strings.TrimPrefix(s.Definition, "CREATE STATISTICS "+qualified(s.Schema, s.Name)+" ")
		rows = append(rows, []string{shown(s.Schema, s.Name), short(definition), s.Comment})
	}
	t.section("statistics", rows)
	rows = nil
	for _, c := range d.Collations {
		rows = append(rows, []string{shown(c.Schema, c.Name), c.Provider, c.Locale + c.Collate, c.Comment})
	}
	t.section("collations", rows)
	rows = nil
	for _, s := range d.Servers {
		rows = append(rows, []string{name(s.Name), name(s.Wrapper), s.Comment})
	}
	t.section("foreign servers", rows)
	rows = nil
	for _, e := range d.Extensions {
		rows = append(rows, []string{name(e.Name), e.Version, "in " + name(e.Schema)})
	}
	t.section("extensions", rows)
	rows = nil
	for _, o := range d.Omitted {
		rows = append(rows, []string{o})
	}
	t.section("not described", rows)
}

// shown is a name for people: public goes without saying.
func shown(schema, s string) string {
	if schema == "public" {
		schema = ""
	}
	return qualified(schema, s)
}

// short leaves "public." out of SQL, but for what stands in quotes.
func short(sql string) string {
	const public = "public."
	if !strings.Contains(sql, public) {
		return sql
	}
	var b strings.Builder
	var quote byte
	for i := 0; i < len(sql); i++ {
		c := sql[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case strings.HasPrefix(sql[i:], public) && (i == 0 || !partOfName(sql[i-1])):
			i += len(public) - 1
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func partOfName(c byte) bool {
	return c == '_' || c == '.' || c == '$' || c == '"' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 0x80
}
