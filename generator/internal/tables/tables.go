// Package tables makes the annotated SQL of methods that nobody has to write:
// of each table from its keys and columns, of views, and of functions.
//
// It decides which statements there are, and gives each the name of its method
// and the data for its template; the SQL itself is in the templates, and any of
// them can be replaced. What comes out is text as in a query file, for which
// the analysis is the judge: this package never says what a statement means.
//
// [Generate] is pure: the same catalog, names and templates give the same text.
package tables

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Options say what to make statements of, and how they are called.
type Options struct {
	// DefaultSchema is the schema whose objects need no qualification.
	DefaultSchema string
	// Selected reports whether an object is wanted. For a partition, exact is
	// true: only naming it itself includes it.
	Selected func(schema, name string, exact bool) bool
	Names    Names
	// Quote writes a name as an identifier of SQL.
	Quote     func(string) string
	Templates *Templates
}

// Names are the Go names of a schema's objects.
type Names interface {
	// Table is one row of a table, Plural many of them.
	Table(schema, table string) string
	Plural(schema, table string) string
	// Routine is a function.
	Routine(schema, name string) string
	// Column is a column, Columns many values of it, as SQL calls them.
	Column(column string) string
	Columns(column string) string
}

// Generate makes the statements of all objects that are wanted: relations by
// schema and name, then functions.
func Generate(c *catalog.Catalog, opt Options) ([]*Statement, diag.List) {
	m := &maker{catalog: c, opt: opt, taken: map[string]bool{"WithTx": true}, builtin: map[string]bool{}, broken: map[string]bool{}}
	m.system()
	for _, r := range m.relations() {
		m.relation(r)
	}
	m.functions()
	return m.out, m.diags
}

// maker collects statements.
type maker struct {
	catalog *catalog.Catalog
	opt     Options
	// taken are the names of methods, builtin the names of PostgreSQL's own
	// relations, types and functions, which hide those of the default schema.
	taken, builtin map[string]bool
	// broken are the templates that could not be executed.
	broken map[string]bool
	out    []*Statement
	diags  diag.List
}

// system collects the names that mean PostgreSQL's own objects.
func (m *maker) system() {
	const schema = "pg_catalog"
	for _, r := range m.catalog.Relations {
		if r.Schema == schema {
			m.builtin[r.Name] = true
		}
	}
	for _, t := range m.catalog.Types {
		if t.Schema == schema {
			m.builtin[t.Name] = true
		}
	}
	for _, f := range m.catalog.Functions {
		if f.Schema == schema {
			m.builtin[f.Name] = true
		}
	}
}

// own reports whether a schema can hold objects of the user's.
func own(schema string) bool {
	return schema != "information_schema" && !strings.HasPrefix(schema, "pg_")
}

// relations are the wanted tables and views, sorted.
func (m *maker) relations() []*catalog.Relation {
	var out []*catalog.Relation
	for _, r := range m.catalog.Relations {
		switch r.Kind {
		case catalog.Table, catalog.PartitionedTable, catalog.ForeignTable, catalog.View, catalog.MaterializedView:
		default:
			continue
		}
		if own(r.Schema) && r.Extension == "" && m.opt.Selected(r.Schema, r.Name, r.Partition) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *catalog.Relation) int {
		return cmp.Or(strings.Compare(a.Schema, b.Schema), strings.Compare(a.Name, b.Name))
	})
	return out
}

// unique returns a name for a method: the one wished for, or with the first
// number from 2 that makes it new.
func (m *maker) unique(name string) string {
	out := name
	for i := 2; m.taken[out]; i++ {
		out = name + strconv.Itoa(i)
	}
	m.taken[out] = true
	return out
}

// qualified is an object's name as SQL.
func (m *maker) qualified(schema, name string) string {
	if schema == m.opt.DefaultSchema && !m.builtin[name] {
		return m.opt.Quote(name)
	}
	return m.opt.Quote(schema) + "." + m.opt.Quote(name)
}

// label is an object's name for people, on one line.
func (m *maker) label(schema, name string) string {
	if schema == m.opt.DefaultSchema {
		return oneLine(name)
	}
	return oneLine(schema + "." + name)
}

// oneLine makes text fit into a comment that ends with its line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// typeName is a type as SQL, such that a cast to it cuts nothing off: character
// alone would mean a single one, and so would bit.
func (m *maker) typeName(oid uint32) string {
	t := m.catalog.Types[oid]
	switch {
	case t == nil:
		return "unknown"
	case t.Element != 0 && t.Category == 'A':
		return m.typeName(t.Element) + "[]"
	case t.Schema != "pg_catalog":
		return m.qualified(t.Schema, t.Name)
	case t.Name == "bpchar":
		return "bpchar"
	case t.Name == "bit":
		return `"bit"`
	}
	return t.Display
}

// base is the type that a domain is over, or the type itself.
func (m *maker) base(oid uint32) uint32 {
	if t := m.catalog.BaseType(oid); t != nil {
		return t.OID
	}
	return oid
}

// isArray reports whether a type is a true array.
func (m *maker) isArray(oid uint32) bool {
	t := m.catalog.Types[oid]
	return t != nil && t.Element != 0 && t.Category == 'A'
}
