package generator

import (
	"fmt"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/golang"
	"github.com/pgwright/pgwright/generator/internal/model"
)

// contradictions warns of overrides by column that call nullable what no row of
// the table has a NULL in. In them the word has no effect, as in sqlc, but
// whoever wrote it expects NULLs that never come.
func contradictions(cfg *config.Config, p *projectPackage) diag.List {
	var out diag.List
	if p.model == nil {
		return out
	}
	for _, o := range p.config.Options.Overrides {
		if !o.Nullable || o.Column == "" {
			continue
		}
		schema, table, column := splitColumn(o.Column)
		pattern := golang.Override{Schema: schema, Table: table, Column: column}
		if neverNull(p.model, pattern) {
			d := cfg.At(o.Pos, fmt.Sprintf("the override says that %s is nullable, but no row of a table can have a NULL there", o.Column),
				"remove nullable; an override by column is for the column whatever it is")
			d.Severity = diag.Warning
			out.Add(d)
		}
	}
	return out
}

// neverNull reports whether an override is for columns of tables and all of
// them are not null.
func neverNull(m *model.Package, o golang.Override) bool {
	found := false
	for _, t := range m.Tables {
		for _, c := range t.Columns {
			if o.MatchColumn(&model.ColumnRef{Schema: t.Schema, Table: t.Name, Column: c.Name}, m.DefaultSchema) {
				if c.Nullable {
					return false
				}
				found = true
			}
		}
	}
	return found
}
