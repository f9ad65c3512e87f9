package golang

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// settle decides on the columns that cannot be NULL as long as parameters are
// given: a value of Go's plain types always is. What an override or pgtype has in
// their place can be NULL. The query itself is not changed.
func (g *generator) settle(q *model.Query) *model.Query {
	if !unsettled(q) {
		return q
	}
	out := *q
	out.Columns = slices.Clone(q.Columns)
	for i, c := range q.Columns {
		if c.If == nil || c.Overridden || slices.ContainsFunc(c.If.Params, func(n int) bool { return !g.alwaysGiven(q, n) }) {
			continue
		}
		settled := *c
		settled.Nullable, settled.ElementNullable = c.If.Nullable, c.If.ElementNullable
		settled.Why = c.If.Why
		out.Columns[i] = &settled
	}
	return &out
}

// unsettled reports whether there is anything to decide on.
func unsettled(q *model.Query) bool {
	return slices.ContainsFunc(q.Columns, func(c *model.Column) bool { return c.If != nil })
}

// plain are the types of Go, besides those of enums, whose every value is sent as
// one that is not NULL.
var plain = []string{"bool", "int16", "int32", "int64", "uint32", "uint64", "float32", "float64", "string"}

// alwaysGiven reports whether callers cannot pass NULL for a parameter, or as an
// element of it if it is an array.
func (g *generator) alwaysGiven(q *model.Query, number int) bool {
	if number < 1 || number > len(q.Params) {
		return false
	}
	p := q.Params[number-1]
	if p.Given != nil || p.Gives || p.Each || p.Like != nil {
		return false
	}
	typ, element := g.valueCodec(p).typ, p.Type
	if p.Type.Kind == model.Array {
		typ.prefix = strings.ReplaceAll(typ.prefix, "[]", "")
		element = p.Type.Element
	}
	switch {
	case typ.prefix != "" || len(typ.args) > 0:
		return false
	case element.Kind == model.Enum && typ.key() == g.model(g.typeNames[typeKey{element.Schema, element.Name}]).key():
		return true
	case typ.path == "time":
		return typ.name == "Time"
	}
	return typ.path == "" && slices.Contains(plain, typ.name)
}
