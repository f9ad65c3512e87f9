package outline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/runtime/introspect"
)

// SQL writes the statements that make the objects of a database anew: each after
// what it needs, with all names in full, so that the search path does not
// matter. Foreign keys to tables that are not there are left out, with a
// comment. Roles that policies name, tablespaces and the libraries of C
// functions must exist where the statements run.
func SQL(d *introspect.Database) (string, error) {
	w := &writer{d: d, p: newPlan(d), relations: map[introspect.Name]*introspect.Relation{}}
	for _, r := range slices.Concat(d.Tables, d.Views) {
		w.relations[introspect.Name{Schema: r.Schema, Name: r.Name}] = r
	}
	w.namespaces()
	w.types()
	w.functions()
	w.sequences()
	for _, r := range d.Tables {
		w.table(r)
	}
	for _, r := range d.Views {
		w.view(r)
	}
	w.statistics()
	w.joinParts()
	groups, err := w.p.order()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, name := range d.Omitted {
		fmt.Fprintf(&b, "-- left out: %s\n", oneLine(name))
	}
	for _, line := range w.leftOut {
		fmt.Fprintf(&b, "-- left out: %s\n", oneLine(line))
	}
	if len(d.Functions) > 0 {
		// Bodies may mention what comes later.
		groups = slices.Insert(groups, 0, []string{"SET check_function_bodies = off"})
		groups = append(groups, []string{"RESET check_function_bodies"})
	}
	for _, statements := range groups {
		if len(statements) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		for _, s := range statements {
			b.WriteString(strings.TrimSuffix(s, ";"))
			b.WriteString(";\n")
		}
	}
	return b.String(), nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// writer adds the steps of a database to a plan.
type writer struct {
	d         *introspect.Database
	p         *plan
	relations map[introspect.Name]*introspect.Relation
	// parts are objects that had best be a part of another one.
	parts []partOf
	// leftOut says what is missing from the script.
	leftOut []string
}

type partOf struct {
	part, whole introspect.Object
	// alone writes the part if it has to be a step of its own.
	alone func() []string
}

// joinParts decides which defaults and constraints are written with their table
// or domain.
func (w *writer) joinParts() {
	for _, x := range w.parts {
		if !w.p.join(x.part, x.whole) {
			w.p.add(x.part, x.alone, x.whole)
		}
	}
}

// joined reports whether an object is written with another one.
func (w *writer) joined(o introspect.Object) bool {
	_, ok := w.p.part[o]
	return ok
}

// comment is a COMMENT statement, or nothing.
func comment(kind, name, text string) []string {
	if text == "" {
		return nil
	}
	return []string{"COMMENT ON " + kind + " " + name + " IS " + literal(text)}
}

func (w *writer) namespaces() {
	for _, s := range w.d.Schemas {
		w.p.add(introspect.Object{Kind: introspect.SchemaObject, Name: s.Name}, func() []string {
			var out []string
			if s.Name != "public" { // which every database has
				out = append(out, "CREATE SCHEMA "+name(s.Name))
			}
			return append(out, comment("SCHEMA", name(s.Name), s.Comment)...)
		})
	}
	for _, e := range w.d.Extensions {
		var needs []introspect.Object
		if !e.OwnSchema {
			needs = append(needs, introspect.Object{Kind: introspect.SchemaObject, Name: e.Schema})
		}
		w.p.add(introspect.Object{Kind: introspect.ExtensionObject, Name: e.Name}, func() []string {
			sql := "CREATE EXTENSION IF NOT EXISTS " + name(e.Name)
			if !e.OwnSchema {
				sql += " WITH SCHEMA " + name(e.Schema)
			}
			if e.Pinned {
				sql += " VERSION " + literal(e.Version)
			}
			return []string{sql}
		}, needs...)
	}
	for _, c := range w.d.Collations {
		w.p.add(introspect.Object{Kind: introspect.CollationObject, Schema: c.Schema, Name: c.Name}, func() []string { return collation(c) })
	}
	for _, f := range w.d.Wrappers {
		w.p.add(introspect.Object{Kind: introspect.WrapperObject, Name: f.Name}, func() []string {
			sql := "CREATE FOREIGN DATA WRAPPER " + name(f.Name)
			if f.Handler != "" {
				sql += " HANDLER " + f.Handler
			}
			if f.Validator != "" {
				sql += " VALIDATOR " + f.Validator
			}
			return append([]string{sql + serverOptions(f.Options)}, comment("FOREIGN DATA WRAPPER", name(f.Name), f.Comment)...)
		})
	}
	for _, s := range w.d.Servers {
		w.p.add(introspect.Object{Kind: introspect.ForeignServer, Name: s.Name}, func() []string {
			sql := "CREATE SERVER " + name(s.Name)
			if s.Type != "" {
				sql += " TYPE " + literal(s.Type)
			}
			if s.Version != "" {
				sql += " VERSION " + literal(s.Version)
			}
			sql += " FOREIGN DATA WRAPPER " + name(s.Wrapper) + serverOptions(s.Options)
			return append([]string{sql}, comment("SERVER", name(s.Name), s.Comment)...)
		})
	}
}

func collation(c *introspect.Collation) []string {
	options := []string{"provider = " + c.Provider}
	if c.Provider == "libc" {
		options = append(options, "lc_collate = "+literal(c.Collate), "lc_ctype = "+literal(c.CType))
	} else {
		options = append(options, "locale = "+literal(c.Locale))
	}
	if !c.Deterministic {
		options = append(options, "deterministic = false")
	}
	if c.Rules != "" {
		options = append(options, "rules = "+literal(c.Rules))
	}
	q := qualified(c.Schema, c.Name)
	return append([]string{"CREATE COLLATION " + q + " (" + strings.Join(options, ", ") + ")"}, comment("COLLATION", q, c.Comment)...)
}

// need is an object's schema, which dependencies do not name where it is
// public.
func inSchema(schema string) introspect.Object {
	return introspect.Object{Kind: introspect.SchemaObject, Name: schema}
}

func (w *writer) types() {
	add := func(schema, typ string, write func(q string) []string) {
		w.p.add(introspect.Object{Kind: introspect.TypeObject, Schema: schema, Name: typ}, func() []string {
			return write(qualified(schema, typ))
		}, inSchema(schema))
	}
	for _, t := range w.d.Enums {
		add(t.Schema, t.Name, func(q string) []string {
			labels := make([]string, len(t.Labels))
			for i, l := range t.Labels {
				labels[i] = literal(l)
			}
			return append([]string{"CREATE TYPE " + q + " AS ENUM " + items(labels)}, comment("TYPE", q, t.Comment)...)
		})
	}
	for _, t := range w.d.Composites {
		add(t.Schema, t.Name, func(q string) []string {
			fields := make([]string, len(t.Fields))
			for i, f := range t.Fields {
				fields[i] = name(f.Name) + " " + f.Type + collate(f.Collation)
			}
			out := append([]string{"CREATE TYPE " + q + " AS " + block(fields)}, comment("TYPE", q, t.Comment)...)
			for _, f := range t.Fields {
				out = append(out, comment("COLUMN", q+"."+name(f.Name), f.Comment)...)
			}
			return out
		})
	}
	for _, t := range w.d.Domains {
		add(t.Schema, t.Name, func(q string) []string { return w.domain(t, q) })
		for _, c := range t.Checks {
			o := introspect.Object{Kind: introspect.ConstraintObject, Schema: t.Schema, Name: t.Name, Part: c.Name}
			whole := introspect.Object{Kind: introspect.TypeObject, Schema: t.Schema, Name: t.Name}
			alone := func() []string { return w.domainCheck(t, c) }
			if c.NotValid {
				w.p.add(o, alone, whole)
			} else {
				w.parts = append(w.parts, partOf{o, whole, alone})
			}
		}
	}
	for _, t := range w.d.Ranges {
		add(t.Schema, t.Name, func(q string) []string { return rangeType(t, q) })
		if t.Canonical != "" {
			w.shell(t.Schema, t.Name)
		}
	}
	for _, t := range w.d.BaseTypes {
		add(t.Schema, t.Name, func(q string) []string {
			return append([]string{t.Definition}, comment("TYPE", q, t.Comment)...)
		})
		if strings.HasSuffix(t.Definition, ")") { // else it is one
			w.shell(t.Schema, t.Name)
		}
	}
}

// shell has the functions that a type is made of use the type's name before it
// is there.
func (w *writer) shell(schema, typ string) {
	whole := introspect.Object{Kind: introspect.TypeObject, Schema: schema, Name: typ}
	shell := introspect.Object{Kind: shellObject, Schema: schema, Name: typ}
	w.p.add(shell, func() []string { return []string{"CREATE TYPE " + qualified(schema, typ)} }, inSchema(schema))
	for _, f := range w.p.needs[whole] {
		if f.Kind != introspect.FunctionObject {
			continue
		}
		// The lists may be shared.
		needs := slices.Clone(w.p.needs[f])
		for i, n := range needs {
			if n == whole {
				needs[i] = shell
			}
		}
		w.p.needs[f] = needs
	}
	w.p.needs[whole] = append(slices.Clone(w.p.needs[whole]), shell)
}

func (w *writer) domain(t *introspect.Domain, q string) []string {
	lines := []string{"CREATE DOMAIN " + q + " AS " + t.Type + collate(t.Collation)}
	if t.Default != "" {
		lines = append(lines, "DEFAULT "+t.Default)
	}
	if t.NotNull {
		constraint := "NOT NULL"
		if t.NotNullConstraint != "" {
			constraint = "CONSTRAINT " + name(t.NotNullConstraint) + " NOT NULL"
		}
		lines = append(lines, constraint)
	}
	comments := comment("DOMAIN", q, t.Comment)
	for _, c := range t.Checks {
		if w.joined(introspect.Object{Kind: introspect.ConstraintObject, Schema: t.Schema, Name: t.Name, Part: c.Name}) {
			lines = append(lines, "CONSTRAINT "+name(c.Name)+" "+c.Definition)
			comments = append(comments, comment("CONSTRAINT "+name(c.Name)+" ON DOMAIN", q, c.Comment)...)
		}
	}
	return append([]string{strings.Join(lines, "\n    ")}, comments...)
}

func (w *writer) domainCheck(t *introspect.Domain, c *introspect.Constraint) []string {
	q := qualified(t.Schema, t.Name)
	return append([]string{"ALTER DOMAIN " + q + " ADD CONSTRAINT " + name(c.Name) + " " + c.Definition},
		comment("CONSTRAINT "+name(c.Name)+" ON DOMAIN", q, c.Comment)...)
}

func rangeType(t *introspect.Range, q string) []string {
	options := []string{"SUBTYPE = " + t.Subtype}
	for _, o := range []struct{ name, value string }{
		{"SUBTYPE_OPCLASS", t.OperatorClass}, {"COLLATION", t.Collation}, {"CANONICAL", t.Canonical}, {"SUBTYPE_DIFF", t.Difference},
	} {
		if o.value != "" {
			options = append(options, o.name+" = "+o.value)
		}
	}
	if m := t.Multirange; m != nil && (m.Schema != t.Schema || m.Name != multirangeName(t.Name)) {
		options = append(options, "MULTIRANGE_TYPE_NAME = "+qualified(m.Schema, m.Name))
	}
	return append([]string{"CREATE TYPE " + q + " AS RANGE " + block(options)}, comment("TYPE", q, t.Comment)...)
}

// multirangeName is what PostgreSQL calls the multirange of a range
// (makeMultirangeTypeName in src/backend/catalog/pg_type.c).
func multirangeName(name string) string {
	if strings.Contains(name, "range") {
		return strings.Replace(name, "range", "multirange", 1)
	}
	return name + "_multirange"
}

func (w *writer) functions() {
	for _, f := range w.d.Functions {
		o := introspect.Object{Kind: introspect.FunctionObject, Schema: f.Schema, Name: f.Name, Part: f.Signature}
		w.p.add(o, func() []string {
			kind, signature := "FUNCTION", f.Signature
			switch f.Kind {
			case "procedure":
				kind = "PROCEDURE"
			case "aggregate":
				kind = "AGGREGATE"
				if signature == "" {
					signature = "*"
				}
			}
			return append([]string{f.Definition}, comment(kind, qualified(f.Schema, f.Name)+"("+signature+")", f.Comment)...)
		}, inSchema(f.Schema))
	}
}

func (w *writer) sequences() {
	for _, s := range w.d.Sequences {
		o := introspect.Object{Kind: introspect.SequenceObject, Schema: s.Schema, Name: s.Name}
		q := qualified(s.Schema, s.Name)
		w.p.add(o, func() []string {
			create := "CREATE SEQUENCE "
			if s.Unlogged {
				create = "CREATE UNLOGGED SEQUENCE "
			}
			sql := create + q
			if s.Type != "bigint" {
				sql += " AS " + s.Type
			}
			for _, option := range sequenceOptions(s) {
				sql += " " + option
			}
			return append([]string{sql}, comment("SEQUENCE", q, s.Comment)...)
		}, inSchema(s.Schema))
		if owner := s.OwnedBy; owner != nil && w.relations[introspect.Name{Schema: owner.Schema, Name: owner.Table}] != nil {
			w.p.add(introspect.Object{Kind: ownerObject, Schema: s.Schema, Name: s.Name}, func() []string {
				return []string{"ALTER SEQUENCE " + q + " OWNED BY " + qualified(owner.Schema, owner.Table) + "." + name(owner.Column)}
			}, o, introspect.Object{Kind: introspect.RelationObject, Schema: owner.Schema, Name: owner.Table})
		}
	}
}

// largest are the bounds of the types that sequences can have.
var largest = map[string]int64{"smallint": 1<<15 - 1, "integer": 1<<31 - 1, "bigint": 1<<63 - 1}

// sequenceOptions are those that are not the defaults.
func sequenceOptions(s *introspect.Sequence) []string {
	minimum, maximum := int64(1), largest[s.Type]
	start := minimum
	if s.Increment < 0 {
		minimum, maximum = -maximum-1, -1
		start = maximum
	}
	var out []string
	if s.Increment != 1 {
		out = append(out, fmt.Sprintf("INCREMENT BY %d", s.Increment))
	}
	if s.Min != minimum {
		out = append(out, fmt.Sprintf("MINVALUE %d", s.Min))
		if s.Increment > 0 {
			start = s.Min
		}
	}
	if s.Max != maximum {
		out = append(out, fmt.Sprintf("MAXVALUE %d", s.Max))
		if s.Increment < 0 {
			start = s.Max
		}
	}
	if s.Start != start {
		out = append(out, fmt.Sprintf("START WITH %d", s.Start))
	}
	if s.Cache != 1 {
		out = append(out, fmt.Sprintf("CACHE %d", s.Cache))
	}
	if s.Cycle {
		out = append(out, "CYCLE")
	}
	return out
}

func (w *writer) statistics() {
	for _, s := range w.d.Statistics {
		w.p.add(introspect.Object{Kind: introspect.StatisticsObject, Schema: s.Schema, Name: s.Name}, func() []string {
			return append([]string{s.Definition}, comment("STATISTICS", qualified(s.Schema, s.Name), s.Comment)...)
		}, inSchema(s.Schema))
	}
}
