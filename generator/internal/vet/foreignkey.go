package vet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// ForeignKey is a foreign key constraint.
type ForeignKey struct {
	Name string
	// Table has the key, and References is what it refers to.
	Table, References uint32
	// Columns are the numbers of its columns.
	Columns []int16
}

// KeyFinding is a finding about a foreign key.
type KeyFinding struct {
	Finding
	// Table has the key, and Columns are the names of its columns.
	Table   *catalog.Relation
	Columns []string
}

// ForeignKeys finds those whose columns no index begins with. An index that
// leaves rows out counts: mostly they are those without a reference.
func (k *Checker) ForeignKeys(keys []ForeignKey) []KeyFinding {
	rule, _ := Lookup("foreign-key-index")
	var out []KeyFinding
	for _, key := range keys {
		table, other := k.catalog.Relations[key.Table], k.catalog.Relations[key.References]
		if table == nil || other == nil || table.Extension != "" || served(table, key.Columns) {
			continue
		}
		if rows, known := k.rows(table); k.options.Real && known && rows < k.options.Large {
			continue
		}
		f := KeyFinding{Table: table}
		for _, n := range key.Columns {
			if column := table.Column(n); column != nil {
				f.Columns = append(f.Columns, column.Name)
			}
		}
		list := strings.Join(f.Columns, ", ")
		what := "has"
		if len(f.Columns) > 1 {
			list, what = "("+list+")", "have"
		}
		f.Finding = Finding{
			Rule: rule.Name, Severity: rule.Severity, Offset: -1,
			Message: fmt.Sprintf("%s of %s %s no index: a DELETE from %s, or an UPDATE of its key, reads all of %s for each row", list, table.Name, what, other.Name, table.Name),
			Hint:    fmt.Sprintf("CREATE INDEX ON %s (%s);", table.Name, strings.Join(f.Columns, ", ")),
		}
		out = append(out, f)
	}
	return out
}

// served reports whether an index begins with columns, in any order.
func served(r *catalog.Relation, columns []int16) bool {
	return slices.ContainsFunc(r.Indexes, func(index *catalog.Index) bool {
		if len(index.Columns) < len(columns) || index.Method != "btree" && index.Method != "hash" {
			return false
		}
		return !slices.ContainsFunc(index.Columns[:len(columns)], func(n int16) bool { return !slices.Contains(columns, n) })
	})
}
