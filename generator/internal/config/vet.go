package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Vet are the options of pgwright vet.
type Vet struct {
	// Disable names rules that are not applied, DisablePos are their places.
	Disable    []string
	DisablePos []Pos
	// LargeTable is the number of rows from which a table counts as large; nil
	// means 10,000.
	LargeTable *int64
	// Rows are the rows of tables, by name, with or without a schema, that a
	// database without data shall be judged with. RowsPos are their places.
	Rows    map[string]int64
	RowsPos map[string]Pos
}

// and adds the settings of all packages. A package's own win, and rules are
// disabled that either disables.
func (v Vet) and(all Vet) Vet {
	out := Vet{
		Disable: slices.Concat(v.Disable, all.Disable), DisablePos: slices.Concat(v.DisablePos, all.DisablePos),
		LargeTable: v.LargeTable, Rows: v.Rows, RowsPos: v.RowsPos,
	}
	if out.LargeTable == nil {
		out.LargeTable = all.LargeTable
	}
	if len(all.Rows) == 0 {
		return out
	}
	out.Rows, out.RowsPos = maps.Clone(all.Rows), maps.Clone(all.RowsPos)
	maps.Copy(out.Rows, v.Rows)
	maps.Copy(out.RowsPos, v.RowsPos)
	return out
}

// vet reads the option of that name.
func (r *reader) vet(t *table) Vet {
	var out Vet
	o := t.child("vet")
	if o == nil {
		return out
	}
	out.Disable, out.DisablePos = o.texts("disable")
	if n := o.get("large_table"); n != nil {
		if rows, ok := r.rows(n, "large_table"); ok {
			out.LargeTable = &rows
		}
	}
	if rows := o.child("rows"); rows != nil {
		out.Rows, out.RowsPos = map[string]int64{}, map[string]Pos{}
		for _, e := range rows.node.entries {
			if n, ok := r.rows(e.value, fmt.Sprintf("rows of %q", e.key)); ok {
				out.Rows[e.key], out.RowsPos[e.key] = n, e.keyPos
			}
		}
	}
	o.done()
	return out
}

// rows reads a number of rows.
func (r *reader) rows(n *node, what string) (int64, bool) {
	if n.kind == number {
		if rows, err := strconv.ParseInt(n.scalar, 10, 64); err == nil && rows >= 0 {
			return rows, true
		}
	}
	r.errorAt(n.pos, fmt.Sprintf("%s must be a number of rows, not %s", what, n.describe()), "")
	return 0, false
}
