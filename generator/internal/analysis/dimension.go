package analysis

import (
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// aggregateOfArrays is array_agg(anyarray), whose result has one dimension
// more than its argument (src/include/catalog/pg_proc.dat).
const aggregateOfArrays = 4053

// measure finds, while the tree is at hand, how many dimensions the arrays
// have that a query builds: the type of an array does not say.
func (a *analyser) measure(st *statement, got answer) {
	var query *nodetree.Node
	for i, f := range st.answer.fields {
		if base(a.types.of(f.DataTypeOID)).Kind != model.Array {
			continue
		}
		if query == nil {
			if query = queryOf(got.root); query == nil {
				return
			}
			query = arms(query)[0]
		}
		list := targets(query)
		if i >= len(list) {
			return
		}
		if n := a.arrayDimensions(query, list[i].Node("expr")); n > 1 {
			if st.dimensions == nil {
				st.dimensions = map[int]int{}
			}
			st.dimensions[i] = n
		}
	}
}

// arrayDimensions is the number of dimensions of an expression's arrays; one
// where nothing tells.
func (a *analyser) arrayDimensions(query, expr *nodetree.Node) int {
	switch expr = ungrouped(query, expr); expr.Tag() {
	case "ARRAYEXPR", "ARRAY":
		elements := expr.List("elements")
		if expr.Bool("multidims") && len(elements) > 0 {
			return 1 + a.arrayDimensions(query, elements[0].Node())
		}
	case "AGGREF":
		if args := expr.List("args"); expr.OID("aggfnoid") == aggregateOfArrays && len(args) > 0 {
			return 1 + a.arrayDimensions(query, args[0].Node().Node("expr"))
		}
	case "RELABELTYPE", "COERCETODOMAIN", "ARRAYCOERCEEXPR":
		return a.arrayDimensions(query, expr.Node("arg"))
	case "COALESCE", "COALESCEEXPR":
		most := 1
		for _, v := range expr.List("args") {
			most = max(most, a.arrayDimensions(query, v.Node()))
		}
		return most
	case "VAR":
		if expr.Int("varlevelsup") != 0 {
			break
		}
		rte := rangeTable(query, expr.Int("varno"))
		if r := a.session.Catalog.Relations[rte.OID("relid")]; r != nil {
			if c := r.Column(int16(expr.Int("varattno"))); c != nil {
				return max(1, a.types.dimensions(c))
			}
		}
	}
	return 1
}
