package golang

import "github.com/pgwright/pgwright/generator/internal/model"

// Place is what of the database a name of the generated code stands for.
type Place struct {
	// Query is nil for a field of a table's struct.
	Query *model.Query
	// Column, Param and Embed: one of them is set.
	Column *model.Column
	Param  *model.Param
	Embed  *model.Embed
}

// Places maps the names of fields and methods, as in "Order.Total" and
// "Queries.GetTotal", to what they stand for. A method's places are its only
// column and the parameters in its signature.
func (t *Types) Places() map[string][]Place {
	out := map[string][]Place{}
	add := func(name string, p Place) { out[name] = append(out[name], p) }
	g := t.names()
	for _, table := range g.pkg.Tables {
		name := g.tableNames[tableKey{table.Schema, table.Name}]
		for i, f := range g.tableFields(table) {
			add(name+"."+f.name, Place{Column: table.Columns[i]})
		}
	}
	for _, q := range g.queries {
		method := "Queries." + q.Name
		named := []string{method}
		if q.batch != "" {
			named = append(named, q.batch+".QueryRow", q.batch+".Query")
		}
		if g.opt.Interface {
			named = append(named, "Querier."+q.Name)
		}
		for i, a := range q.args {
			p := Place{Query: q.Query, Param: q.Params[i]}
			switch {
			case a.given:
			case q.paramsStruct != "":
				add(q.paramsStruct+"."+q.params[a.param].name, p)
			default:
				for _, name := range named {
					add(name, p)
				}
			}
		}
		if q.row == nil {
			continue
		}
		if q.row.scalar != nil {
			for _, name := range named {
				add(name, Place{Query: q.Query, Column: q.Columns[0]})
			}
			continue
		}
		if q.row.table != nil {
			continue
		}
		column := 0
		for _, f := range q.row.fields {
			p := Place{Query: q.Query, Column: q.Columns[column], Embed: f.embed}
			if f.embed != nil {
				p.Column = nil
			}
			add(q.row.name+"."+f.name, p)
			column += max(1, f.columns)
		}
	}
	return out
}
