package nullability

import (
	"encoding/binary"
	"slices"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// OIDs of functions on arrays.
const (
	arrayAppend  = 378  // array_append(anycompatiblearray, anycompatible)
	arrayPrepend = 379  // array_prepend(anycompatible, anycompatiblearray)
	arrayCat     = 383  // array_cat(anycompatiblearray, anycompatiblearray)
	arrayRemove  = 3167 // array_remove(anycompatiblearray, anycompatible)
	arrayAgg     = 2335 // array_agg(anynonarray)
	unnest       = 2331 // unnest(anyarray)

	stringToArray  = 394  // string_to_array(text, text)
	regexpSplit    = 2767 // regexp_split_to_array(text, text)
	regexpSplitOpt = 2768 // regexp_split_to_array(text, text, text)
)

// elements reports whether an array can have NULL elements. Of what is no array
// it may say anything.
func (a *analysis) elements(e *env, n *nodetree.Node) bool {
	if e == nil || n == nil || !a.step() {
		return true
	}
	switch n.Tag() {
	case "CONST":
		d := arrayDatum(n)
		return !n.Bool("constisnull") && (d == nil || d.nulls)
	case "ARRAY", "ARRAYEXPR":
		return slices.ContainsFunc(n.List("elements"), func(v nodetree.Value) bool {
			if n.Bool("multidims") {
				return a.elements(e, v.Node())
			}
			return a.eval(e, v.Node()).null
		})
	case "RELABELTYPE", "COLLATE", "COLLATEEXPR", "COERCETODOMAIN":
		return a.elements(e, n.Node("arg"))
	case "ARRAYCOERCEEXPR":
		inner := *e
		inner.test = &binding{verdict: notNull("element"), elements: true}
		if a.elements(e, n.Node("arg")) {
			return true
		}
		return a.eval(&inner, n.Node("elemexpr")).null
	case "COALESCE", "COALESCEEXPR":
		return slices.ContainsFunc(n.List("args"), func(v nodetree.Value) bool { return a.elements(e, v.Node()) })
	case "CASE", "CASEEXPR":
		for _, v := range n.List("args") {
			if a.elements(e, v.Node().Node("result")) {
				return true
			}
		}
		last := n.Node("defresult")
		return last != nil && a.elements(e, last)
	case "SUBSCRIPTINGREF":
		return len(n.List("reflowerindexpr")) == 0 || a.elements(e, n.Node("refexpr"))
	case "AGGREF":
		return a.aggregateElements(e, n)
	case "SUBLINK":
		return a.sublinkElements(e, n)
	case "FUNCEXPR":
		return a.functionElements(e, n.OID("funcid"), n.List("args"))
	case "OPEXPR":
		return a.functionElements(e, n.OID("opfuncid"), n.List("args"))
	case "VAR":
		return a.columnElements(e, n)
	case "PARAM":
		return !a.isGiven(n)
	}
	return true
}

func (a *analysis) functionElements(e *env, oid uint32, args []nodetree.Value) bool {
	if len(args) != 2 && oid != regexpSplitOpt {
		return true
	}
	switch oid {
	case stringToArray, regexpSplit, regexpSplitOpt:
		return false
	case arrayAppend:
		return a.elements(e, args[0].Node()) || a.eval(e, args[1].Node()).null
	case arrayPrepend:
		return a.eval(e, args[0].Node()).null || a.elements(e, args[1].Node())
	case arrayCat:
		return a.elements(e, args[0].Node()) || a.elements(e, args[1].Node())
	case arrayRemove:
		second := args[1].Node()
		removed := second.Tag() == "CONST" && second.Bool("constisnull")
		return !removed && a.elements(e, args[0].Node())
	}
	return true
}

// aggregateElements: array_agg collects what its argument is in rows that
// FILTER lets through.
func (a *analysis) aggregateElements(e *env, n *nodetree.Node) bool {
	args := n.List("args")
	if n.OID("aggfnoid") != arrayAgg || n.Int("agglevelsup") != 0 || len(args) == 0 {
		return true
	}
	rows := a.rows(e)
	c := collector{a: a, q: rows.q, source: fromCondition}
	return a.eval(rows.with(c.collect(n.Node("aggfilter"), isTrue)), args[0].Node().Node("expr")).null
}

func (a *analysis) sublinkElements(e *env, n *nodetree.Node) bool {
	kind, ok := n.Get("subLinkType").Int()
	sub := n.Node("subselect")
	if !ok || sub.Tag() != "QUERY" {
		return true
	}
	q := a.query(sub, e.q)
	inner := a.outputEnv(q, e)
	switch kind {
	case sublinkArray:
		// An array of arrays has the elements of all.
		if t := q.targets(); q.setop == nil && len(t) == 1 && a.isArray(exprType(t[0].Node("expr"))) {
			return a.outputElements(inner, 0)
		}
		return a.output(inner, 0).null
	case sublinkExpr:
		return a.outputElements(inner, 0)
	}
	return true
}

// columnElements follows a column to the expression that it comes from.
func (a *analysis) columnElements(e *env, n *nodetree.Node) bool {
	t := e.at(n.Int("varlevelsup"))
	if t == nil {
		return true
	}
	rel, column, expr := t.q.resolve(n.Int("varno"), n.Int("varattno"))
	if expr != nil {
		return true
	}
	return a.relElements(t, rel, column)
}

func (a *analysis) relElements(t *env, index, column int) bool {
	if a.depth >= maxNesting {
		return true
	}
	a.depth++
	defer func() { a.depth-- }()
	r := t.q.rel(index)
	if r == nil {
		return true
	}
	switch r.kind {
	case rteSubquery:
		if sub := r.node.Node("subquery"); sub.Tag() == "QUERY" {
			return a.outputElements(a.outputEnv(a.query(sub, t.q), a.rowsOrSelf(t)), column-1)
		}
	case rteCTE:
		d := t.at(r.node.Int("ctelevelsup"))
		if d == nil {
			return true
		}
		cte := d.q.cte(r.node.Text("ctename"))
		if sub := cte.Node("ctequery"); sub.Tag() == "QUERY" && !cte.Bool("cterecursive") {
			return a.outputElements(a.outputEnv(a.query(sub, d.q), a.rowsOrSelf(d)), column-1)
		}
	case rteRelation:
		rel := a.schema.catalog.Relations[r.node.OID("relid")]
		if rel == nil || rel.Kind != catalog.View || a.replaced(t, index, r) || t.q.stale {
			return true
		}
		if tree := a.schema.view(rel); tree != nil {
			return a.outputElements(a.outputEnv(a.query(tree, nil), nil), column-1)
		}
	case rteValues:
		up := a.rowsOrSelf(t)
		for _, v := range r.node.List("values_lists") {
			items := v.List()
			if column < 1 || column > len(items) || a.elements(up, items[column-1].Node()) {
				return true
			}
		}
		return false
	case rteGroup:
		return a.elements(a.rowsOrSelf(t), r.groupExpr(column))
	}
	return true
}

// outputElements reports whether an array in the i-th output column can have
// NULL elements.
func (a *analysis) outputElements(e *env, i int) bool {
	if e.q.setop != nil {
		return a.setElements(e, e.q.setop, i)
	}
	targets := e.q.targets()
	if i < 0 || i >= len(targets) {
		return true
	}
	return a.elements(e, targets[i].Node("expr"))
}

func (a *analysis) setElements(e *env, n *nodetree.Node, i int) bool {
	if n.Tag() == "RANGETBLREF" {
		return a.relElements(e, n.Int("rtindex"), i+1)
	}
	if n.Tag() != "SETOPERATIONSTMT" || a.castsColumn(e, n, i) {
		return true
	}
	return a.setElements(e, n.Node("larg"), i) || n.Int("op") != setExcept && a.setElements(e, n.Node("rarg"), i)
}

// arrayHeader is what the header of a constant array says.
type arrayHeader struct {
	dimensions int
	nulls      bool
}

// arrayDatum reads the header of an array constant (src/include/utils/array.h):
// length, number of dimensions, the offset of the data, which is 0 if there is
// no bitmap of NULLs, and the element type. It returns nil for anything else.
func arrayDatum(n *nodetree.Node) *arrayHeader {
	if n.Tag() != "CONST" || !isConstant(n) || n.Int("constlen") != -1 {
		return nil
	}
	b := n.Get("constvalue").Datum()
	if len(b) < 16 {
		return nil
	}
	// The server may have the other byte order; a small number tells.
	var order binary.ByteOrder = binary.LittleEndian
	if order.Uint32(b[4:]) > maxDimensions {
		order = binary.BigEndian
	}
	if d := order.Uint32(b[4:]); d <= maxDimensions {
		return &arrayHeader{dimensions: int(d), nulls: order.Uint32(b[8:]) != 0}
	}
	return nil
}

// maxDimensions is PostgreSQL's MAXDIM.
const maxDimensions = 6

// exprType is the OID of an expression's type, or 0.
func exprType(n *nodetree.Node) uint32 {
	switch n.Tag() {
	case "VAR":
		return n.OID("vartype")
	case "CONST":
		return n.OID("consttype")
	case "PARAM":
		return n.OID("paramtype")
	case "AGGREF":
		return n.OID("aggtype")
	case "WINDOWFUNC":
		return n.OID("wintype")
	case "FUNCEXPR":
		return n.OID("funcresulttype")
	case "OPEXPR", "NULLIFEXPR":
		return n.OID("opresulttype")
	case "BOOLEXPR", "NULLTEST", "BOOLEANTEST", "DISTINCTEXPR", "SCALARARRAYOPEXPR", "ROWCOMPARE", "ROWCOMPAREEXPR", "CURRENTOFEXPR", "JSONISPREDICATE":
		return boolOID
	case "RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR", "CONVERTROWTYPEEXPR", "COERCETODOMAIN", "FIELDSELECT", "FIELDSTORE":
		return n.OID("resulttype")
	case "COLLATE", "COLLATEEXPR", "NAMEDARGEXPR":
		return exprType(n.Node("arg"))
	case "CASE", "CASEEXPR":
		return n.OID("casetype")
	case "COALESCE", "COALESCEEXPR":
		return n.OID("coalescetype")
	case "MINMAX", "MINMAXEXPR":
		return n.OID("minmaxtype")
	case "ARRAY", "ARRAYEXPR":
		return n.OID("array_typeid")
	case "ROW", "ROWEXPR":
		return n.OID("row_typeid")
	case "SQLVALUEFUNCTION":
		return n.OID("type")
	case "NEXTVALUEEXPR":
		return n.OID("typeId")
	case "CASETESTEXPR", "SETTODEFAULT", "COERCETODOMAINVALUE":
		return n.OID("typeId")
	case "SUBSCRIPTINGREF":
		if len(n.List("reflowerindexpr")) > 0 {
			return n.OID("refcontainertype")
		}
		if t := n.OID("refrestype"); t != 0 {
			return t
		}
		return n.OID("refelemtype")
	case "SUBLINK":
		if kind, ok := n.Get("subLinkType").Int(); ok {
			switch kind {
			case sublinkExists, sublinkAny, sublinkAll, sublinkRowCompare:
				return boolOID
			case sublinkExpr:
				for _, v := range n.Node("subselect").List("targetList") {
					return exprType(v.Node().Node("expr"))
				}
			}
		}
	}
	return 0
}
