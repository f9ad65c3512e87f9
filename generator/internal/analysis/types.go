package analysis

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// firstUnpinnedOID is where the OIDs end that PostgreSQL's source assigns by
// hand; those mean the same on every server and version.
const firstUnpinnedOID = 10000

// types makes model types and tables of the catalog's, each once.
type types struct {
	catalog *catalog.Catalog
	made    map[uint32]*model.Type
	tables  map[uint32]*model.Table
	// touched is what was asked for, made before or not.
	touched touched
}

func newTypes(c *catalog.Catalog) *types {
	return &types{catalog: c, made: map[uint32]*model.Type{}, tables: map[uint32]*model.Table{}}
}

// of returns the type with an OID; one that the catalog does not know is a
// pseudo-type with no name.
func (ts *types) of(oid uint32) *model.Type {
	ts.touched.typ(oid)
	if t, ok := ts.made[oid]; ok {
		return t
	}
	t := &model.Type{OID: oid}
	ts.made[oid] = t
	c := ts.catalog.Types[oid]
	if c == nil {
		t.Kind, t.Display = model.Pseudo, "???"
		return t
	}
	t.Schema, t.Name, t.Display = c.Schema, c.Name, c.Display
	t.Binary, t.Builtin = c.Binary, oid < firstUnpinnedOID
	t.Extension, t.Comment = c.Extension, c.Comment
	switch c.Kind {
	case catalog.Enum:
		t.Kind, t.Labels = model.Enum, c.Labels
	case catalog.Domain:
		t.Kind, t.Element, t.Dimensions = model.Domain, ts.of(c.Base), c.Dimensions
	case catalog.Range:
		t.Kind, t.Element = model.Range, ts.of(c.Subtype)
	case catalog.Multirange:
		t.Kind, t.Element = model.Multirange, ts.of(c.Subtype)
	case catalog.Composite:
		t.Kind = model.Composite
		if r := ts.catalog.Relations[c.Relation]; r != nil {
			if t.Comment == "" {
				t.Comment = r.Comment
			}
			if r.Kind != catalog.CompositeType {
				t.RowOf = ts.table(r)
			}
			for _, column := range r.Columns {
				t.Fields = append(t.Fields, &model.Field{
					Name: column.Name, Type: ts.of(column.Type), Dimensions: column.Dimensions, Comment: column.Comment,
				})
			}
		}
	case catalog.Pseudo:
		t.Kind = model.Pseudo
		if c.Element != 0 {
			t.Element = ts.of(c.Element)
		}
	default:
		// oidvector and int2vector have elements but no array's text.
		if e := ts.catalog.Types[c.Element]; e != nil && e.Array == oid {
			t.Kind, t.Element = model.Array, ts.of(c.Element)
		}
	}
	return t
}

// table makes the struct of a relation's rows. What a view's columns may be
// is the analysis's to say; until then they are all nullable.
func (ts *types) table(r *catalog.Relation) *model.Table {
	ts.touched.table(r.OID)
	if t, ok := ts.tables[r.OID]; ok {
		return t
	}
	t := &model.Table{
		Schema: r.Schema, Name: r.Name, Comment: r.Comment,
		View: r.Kind == catalog.View || r.Kind == catalog.MaterializedView,
	}
	ts.tables[r.OID] = t
	for _, c := range r.Columns {
		declared := ts.of(c.Type)
		column := &model.Column{
			Name: c.Name, Type: declared, Dimensions: c.Dimensions, Comment: c.Comment,
			Nullable: true, Why: "column " + c.Name + " allows NULL",
			Source: &model.ColumnRef{Schema: r.Schema, Table: r.Name, Column: c.Name},
		}
		column.Written = column.Source
		if declared.Kind == model.Domain {
			column.Domain, column.Type, column.Dimensions = declared, base(declared), ts.dimensions(c)
		}
		// PostgreSQL does not check a foreign table's constraints.
		if !t.View && r.Kind != catalog.ForeignTable && ts.storedNotNull(c) {
			column.Nullable, column.Why = false, "not null"
		}
		t.Columns = append(t.Columns, column)
	}
	return t
}

// storedNotNull reports whether a stored column can hold no NULL, by its own
// constraint or its domain's.
func (ts *types) storedNotNull(c *catalog.Column) bool {
	if c.NotNull {
		return true
	}
	for t := ts.catalog.Types[c.Type]; t != nil && t.Kind == catalog.Domain; t = ts.catalog.Types[t.Base] {
		if t.NotNull {
			return true
		}
	}
	return false
}

// dimensions is how many array dimensions a column declares, itself or by its
// domain. PostgreSQL keeps the number but does not enforce it.
func (ts *types) dimensions(c *catalog.Column) int {
	n := c.Dimensions
	for t := ts.catalog.Types[c.Type]; t != nil && t.Kind == catalog.Domain; t = ts.catalog.Types[t.Base] {
		n = max(n, t.Dimensions)
	}
	return n
}

// base follows domains down to the type that they are over.
func base(t *model.Type) *model.Type {
	for t.Kind == model.Domain {
		t = t.Element
	}
	return t
}

// own reports whether an object belongs to the user's schema: neither to the
// system nor to an extension.
func own(schema, extension string) bool {
	return extension == "" && schema != "pg_catalog" && schema != "information_schema" && !strings.HasPrefix(schema, "pg_toast") && !strings.HasPrefix(schema, "pg_temp")
}

// userTables are the tables and views of the user's schema, sorted.
func (ts *types) userTables() []*model.Table {
	var out []*model.Table
	for _, r := range ts.catalog.Relations {
		switch r.Kind {
		case catalog.Table, catalog.PartitionedTable, catalog.ForeignTable, catalog.View, catalog.MaterializedView:
			if own(r.Schema, r.Extension) && !r.Partition {
				out = append(out, ts.table(r))
			}
		}
	}
	slices.SortFunc(out, func(a, b *model.Table) int {
		return strings.Compare(a.Schema+"\x00"+a.Name, b.Schema+"\x00"+b.Name)
	})
	return out
}

// userTypes are the enums, composites, domains and ranges of the user's
// schema, and those of extensions and the system that were touched, sorted.
func (ts *types) userTypes(tables []*model.Table) []*model.Type {
	var roots []*model.Type
	for oid, t := range ts.catalog.Types {
		if !own(t.Schema, t.Extension) {
			continue
		}
		switch t.Kind {
		case catalog.Enum, catalog.Domain, catalog.Range, catalog.Multirange:
			roots = append(roots, ts.of(oid))
		case catalog.Composite:
			if r := ts.catalog.Relations[t.Relation]; r != nil && r.Kind == catalog.CompositeType {
				roots = append(roots, ts.of(oid))
			}
		}
	}
	var out []*model.Type
	for _, t := range ts.reached(roots, tables) {
		switch t.Kind {
		case model.Enum, model.Composite, model.Domain, model.Range, model.Multirange:
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b *model.Type) int {
		return strings.Compare(a.Schema+"\x00"+a.Name, b.Schema+"\x00"+b.Name)
	})
	return out
}
