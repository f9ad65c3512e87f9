package tables

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// call is what a template about a function can use.
type call struct {
	// Name is the name of the method.
	Name string
	// Relation is the function's name for people, Function its name as SQL, and
	// Result the name of what it returns.
	Relation, Function, Result string
	// Comment is the function's own, on one line.
	Comment string
	// Directives are the lines about the parameters, with their line ends.
	Directives string
	// Arguments are the arguments as SQL.
	Arguments string
	// Void is true if nothing comes back.
	Void bool
}

// functions makes the calls of functions and procedures.
func (m *maker) functions() {
	var all []*catalog.Function
	count := map[[2]string]int{}
	for _, f := range m.catalog.Functions {
		if own(f.Schema) && f.Extension == "" && m.callable(f) && m.opt.Selected(f.Schema, f.Name, false) {
			all = append(all, f)
			count[[2]string{f.Schema, f.Name}]++
		}
	}
	slices.SortFunc(all, func(a, b *catalog.Function) int {
		return cmp.Or(strings.Compare(a.Schema, b.Schema), strings.Compare(a.Name, b.Name), strings.Compare(m.signature(a), m.signature(b)))
	})
	for _, f := range all {
		name := f.Name
		if count[[2]string{f.Schema, f.Name}] > 1 {
			// Overloaded functions are told apart by their arguments' types, so
			// that a further one does not change the others' names.
			name += "_" + m.signature(f)
		}
		m.call(f, m.unique(m.opt.Names.Routine(f.Schema, strings.TrimSuffix(name, "_"))))
	}
}

// signature names the types of a function's input arguments.
func (m *maker) signature(f *catalog.Function) string {
	var words []string
	for _, oid := range f.Arguments {
		if t := m.catalog.Types[oid]; t != nil {
			if e := m.catalog.Types[t.Element]; e != nil {
				words = append(words, e.Name, "array")
				continue
			}
			words = append(words, t.Name)
		}
	}
	return strings.Join(words, "_")
}

// callable reports whether a function can be called from outside and says what
// comes back: no aggregates, triggers and helpers of PostgreSQL's, none whose
// types depend on the call, none that returns records without saying of what.
func (m *maker) callable(f *catalog.Function) bool {
	if f.Kind != catalog.PlainFunction && f.Kind != catalog.Procedure {
		return false
	}
	pseudo := func(oid uint32) bool {
		t := m.catalog.Types[oid]
		return t == nil || t.Kind == catalog.Pseudo
	}
	out := 0
	for _, a := range f.Signature {
		if pseudo(a.Type) {
			return false
		}
		if a.Mode == catalog.Out || a.Mode == catalog.InOut || a.Mode == catalog.TableColumn {
			out++
		}
	}
	if t := m.catalog.Types[f.Returns]; t != nil && t.Schema == "pg_catalog" {
		switch t.Name {
		case "void":
			return !f.ReturnsSet
		case "record":
			return out > 0
		}
	}
	return f.Kind == catalog.Procedure || !pseudo(f.Returns)
}

// call makes the statement that calls a function.
func (m *maker) call(f *catalog.Function, name string) {
	d := &call{
		Name: name, Relation: m.label(f.Schema, f.Name), Function: m.qualified(f.Schema, f.Name),
		Result: m.opt.Quote(f.Name), Comment: oneLine(f.Comment),
	}
	out := 0
	for _, a := range f.Signature {
		if a.Mode == catalog.Out || a.Mode == catalog.InOut {
			out++
		}
	}
	returns := m.catalog.Types[f.Returns]
	template, kind := "call", "function "
	switch {
	case f.Kind == catalog.Procedure:
		template, kind, d.Void = "call_procedure", "procedure ", out == 0
	case f.ReturnsSet:
		template = "call_rows"
	case out > 1 || returns.Kind == catalog.Composite:
		template = "call_row"
	case returns.Kind == catalog.Pseudo && returns.Name == "void":
		d.Void = true
	}
	m.arguments(f, d)
	m.add(template, kind+oneLine(f.Schema+"."+f.Name), d)
}

// arguments writes a function's arguments, by name where all of them have one.
func (m *maker) arguments(f *catalog.Function, d *call) {
	var in []*catalog.Argument
	for _, a := range f.Signature {
		switch {
		case a.Mode == catalog.TableColumn:
		case a.Mode == catalog.Out && f.Kind != catalog.Procedure:
		default:
			in = append(in, a)
		}
	}
	named := !slices.ContainsFunc(in, func(a *catalog.Argument) bool { return a.Name == "" })
	var p parameters
	var parts []string
	var directives strings.Builder
	for i, a := range in {
		value := m.argument(a, cmp.Or(a.Name, "arg"+strconv.Itoa(i+1)), &p, &directives)
		if named {
			value = m.opt.Quote(a.Name) + " => " + value
		}
		if a.Mode == catalog.Variadic {
			value = "VARIADIC " + value
		}
		parts = append(parts, value)
	}
	d.Arguments, d.Directives = strings.Join(parts, ", "), directives.String()
}

// argument writes one argument, and what a directive has to say of it. The type
// says which of several functions is meant.
func (m *maker) argument(a *catalog.Argument, name string, p *parameters, directives *strings.Builder) string {
	typ := m.typeName(a.Type)
	if a.Mode == catalog.Out {
		// A procedure is given something for what comes out, too.
		return "NULL::" + typ
	}
	name = p.name(name)
	switch {
	case a.Default == "":
		directives.WriteString("-- param: " + target(name) + " not null\n")
		return parameter(name) + "::" + typ
	case strings.HasPrefix(a.Default, "NULL::"):
		// To leave it out and to pass NULL are the same.
		directives.WriteString("-- param: " + target(name) + " nullable\n")
		return parameter(name) + "::" + typ
	}
	given := p.name(name + "_given")
	directives.WriteString("-- param: " + target(name) + " not null set by " + target(given) + "\n")
	base := m.typeName(m.base(a.Type))
	value := "CASE WHEN " + parameter(given) + " THEN " + parameter(name) + "::" + base + " ELSE " + typed(a.Default, base) + " END"
	if base != typ {
		value = "(" + value + ")::" + typ
	}
	return value
}
