package analysis

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// directives applies what a query's comment says of its columns, parameters
// and row. The user has the last word, but is told where the analysis proves
// the opposite.
func (a *analyser) directives(st *statement, q *model.Query) {
	for _, d := range st.Header.Directives {
		switch d.Kind {
		case "row":
			q.RowName = d.Name
			if !q.Command.ReturnsRows() {
				a.report(st.File.Error(d.Offset, fmt.Sprintf("query %s is %s and returns no rows that could be a %s", q.Name, q.Command, d.Name), "remove the line"))
			}
		case "column":
			found, embedded := false, ""
			for _, c := range q.Columns {
				switch {
				case c.Name != d.Target:
				case c.Embed != nil:
					embedded = c.Embed.Name
				default:
					found = true
					a.columnDirective(st, d, c)
				}
			}
			switch {
			case found:
			case embedded != "":
				a.report(st.File.Error(d.Offset, fmt.Sprintf("column %s is part of sqlc.embed(%s), whose struct is the same in all queries", d.Target, embedded), "name the columns instead, or override the type of the table's column in the configuration"))
			default:
				a.report(a.noTarget(st, d, "column", names(q.Columns, func(c *model.Column) string { return c.Name })))
			}
		case "param":
			if p := a.paramNamed(st, q, d, d.Target); p != nil {
				a.paramDirective(st, q, d, p)
			}
		case "params":
			a.rows(st, q, d)
		}
	}
}

func (a *analyser) columnDirective(st *statement, d sqltext.Directive, c *model.Column) {
	switch {
	case d.NotNull:
		if !c.Nullable {
			break
		}
		c.Nullable, c.Why, c.Overridden = false, overridden(c.Why), true
	case d.Nullable:
		if c.If != nil {
			c.If, c.Why, c.Overridden = nil, overridden(c.Why), true
		}
		if c.Nullable {
			break
		}
		a.report(st.File.Warning(d.Offset, fmt.Sprintf("column %s is said to be nullable, but it never is NULL: %s", c.Name, c.Why), "the line can go"))
		c.Nullable, c.Why, c.Overridden = true, overridden(c.Why), true
	}
	if d.GoType != "" {
		c.GoType = d.GoType
	}
}

// overridden is the reason of a verdict that a directive turns around.
func overridden(why string) string { return "directive (analysis: " + why + ")" }

// paramNamed finds a parameter of a directive, and reports that there is none.
func (a *analyser) paramNamed(st *statement, q *model.Query, d sqltext.Directive, name string) *model.Param {
	for _, p := range q.Params {
		if p.Name == name {
			return p
		}
	}
	d.Target = name
	a.report(a.noTarget(st, d, "parameter", names(q.Params, func(p *model.Param) string { return p.Name })))
	return nil
}

func (a *analyser) paramDirective(st *statement, q *model.Query, d sqltext.Directive, p *model.Param) {
	if d.Like != nil {
		a.like(st, d, p)
	}
	if d.NotNull && p.Nullable || d.Nullable && !p.Nullable {
		p.Nullable, p.Why = d.Nullable, overridden(p.Why)
	}
	p.Stated = p.Stated || d.NotNull || d.Nullable
	if d.GoType != "" {
		p.GoType = d.GoType
	}
	if d.SetBy == "" {
		return
	}
	by := a.paramNamed(st, q, d, d.SetBy)
	switch {
	case by == nil:
	case by == p || by.Gives || p.Gives:
		a.report(st.File.Error(d.Offset, fmt.Sprintf("parameter %s cannot be set by %s", p.Name, by.Name), "every optional parameter has a boolean parameter of its own"))
	case scalar(by.Type).Name != "bool":
		a.report(st.File.Error(d.Offset, fmt.Sprintf("parameter %s is set by %s, whose type is %s and not boolean", p.Name, by.Name, by.Type.Display), fmt.Sprintf("write CASE WHEN @%s THEN @%s ELSE … END in the query", by.Name, p.Name)))
	case q.Command == model.CopyFrom:
		a.report(st.File.Error(d.Offset, fmt.Sprintf("query %s is :copyfrom, and COPY has no optional values", q.Name), "remove the line"))
	default:
		p.Given, by.Gives = by, true
	}
}

// scalar is the type of an array's elements, or the type itself.
func scalar(t *model.Type) *model.Type {
	if t.Kind == model.Array {
		return base(t.Element)
	}
	return t
}

// like types a parameter as a table's column.
func (a *analyser) like(st *statement, d sqltext.Directive, p *model.Param) {
	table, column := d.Like[len(d.Like)-2], d.Like[len(d.Like)-1]
	schemas := append([]string{"pg_catalog"}, a.session.Catalog.SearchPath...)
	if len(d.Like) == 3 {
		schemas = d.Like[:1]
	}
	var found *catalog.Relation
	for _, schema := range schemas {
		if found = a.relation(schema, table); found != nil {
			break
		}
	}
	if found == nil {
		a.report(st.File.Error(d.Offset, fmt.Sprintf("parameter %s is like a column of %s, and there is no such table", p.Name, table), ""))
		return
	}
	var have []string
	for _, c := range a.types.table(found).Columns {
		have = append(have, c.Name)
		if c.Name != column {
			continue
		}
		p.Source = c.Source
		p.Like, p.Nullable, p.Why, p.Dimensions = c, c.Nullable, c.Why, c.Dimensions
		return
	}
	a.report(st.File.Error(d.Offset, fmt.Sprintf("parameter %s is like column %s of %s, and there is no such column", p.Name, column, table), diag.DidYouMean(column, have)))
}

// relation finds a relation by name.
func (a *analyser) relation(schema, name string) *catalog.Relation {
	if a.byName == nil {
		a.byName = map[[2]string]*catalog.Relation{}
		for _, r := range a.session.Catalog.Relations {
			a.byName[[2]string{r.Schema, r.Name}] = r
		}
	}
	return a.byName[[2]string{schema, name}]
}

// rows makes the parameters of a query columns of rows.
func (a *analyser) rows(st *statement, q *model.Query, d sqltext.Directive) {
	switch q.Command {
	case model.CopyFrom, model.BatchExec, model.BatchOne, model.BatchMany:
		a.report(st.File.Error(d.Offset, fmt.Sprintf("query %s is %s, which takes rows anyway", q.Name, q.Command), "remove the line"))
		return
	}
	if len(q.Params) == 0 {
		a.report(st.File.Error(d.Offset, fmt.Sprintf("query %s takes rows but has no parameters", q.Name), "remove the line"))
		return
	}
	for _, p := range q.Params {
		if p.Type.Kind != model.Array {
			a.report(st.File.Error(d.Offset, fmt.Sprintf("query %s takes rows, and the type of its parameter %s is %s and no array", q.Name, p.Name, p.Type.Display), "give every parameter as an array, as in unnest(@names::text[])"))
			return
		}
	}
	q.Rows = true
	for _, p := range q.Params {
		p.Each = true
	}
}

func names[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = name(v)
	}
	return out
}

func (a *analyser) noTarget(st *statement, d sqltext.Directive, what string, have []string) *diag.Diagnostic {
	hint := fmt.Sprintf("the query has no %ss", what)
	if len(have) > 0 {
		hint = cmp.Or(diag.DidYouMean(d.Target, have), fmt.Sprintf("its %ss are %s", what, strings.Join(have, ", ")))
	}
	return st.File.Error(d.Offset, fmt.Sprintf("query %s has no %s %s", st.Header.Name, what, d.Target), hint)
}
