package analysis

import (
	"fmt"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
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
			found := false
			for _, p := range q.Params {
				if p.Name == d.Target {
					found = true
					if d.NotNull && p.Nullable || d.Nullable && !p.Nullable {
						p.Nullable, p.Why = d.Nullable, overridden(p.Why)
					}
					if d.GoType != "" {
						p.GoType = d.GoType
					}
				}
			}
			if !found {
				a.report(a.noTarget(st, d, "parameter", names(q.Params, func(p *model.Param) string { return p.Name })))
			}
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
		hint = fmt.Sprintf("its %ss are %s", what, strings.Join(have, ", "))
		if near := nearest(d.Target, have); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
	}
	return st.File.Error(d.Offset, fmt.Sprintf("query %s has no %s %s", st.Header.Name, what, d.Target), hint)
}

// nearest returns the name that a misspelt one most likely means, or "".
func nearest(word string, names []string) string {
	return diag.Nearest(word, names, max(2, len(word)/3))
}
