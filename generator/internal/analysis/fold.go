package analysis

import (
	"slices"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// A plan for certain parameters can be possible where the one for any is not:
// once $1 is known, WHERE $1 IS NULL OR b.id = $1 can turn an outer join into
// an inner one, or leave a subquery out. So an error counts only if no
// parameter is where its value could take away a condition.

// reach is the part of a statement whose parameters have a say in an error.
type reach int

const (
	// anywhere is all of the statement.
	anywhere reach = iota
	// onConflictKey is the key and the condition of ON CONFLICT: rows to insert
	// are planned whatever comes of them.
	onConflictKey
	// rowMarks is all of a statement that locks rows, and nothing of another:
	// what is written to is never left out.
	rowMarks
)

// constant reports whether parameters cannot change what a statement is planned
// to do. Where there is no tree to see that, only a statement without any is.
func (a *analyser) constant(st *statement, r reach) bool {
	if len(st.answer.params) == 0 {
		return true
	}
	root := queryOf(st.answer.root)
	if root == nil {
		return false
	}
	f := folding{never: func(n int) bool { return !a.canBeNull(st, n) }}
	switch r {
	case onConflictKey:
		walk(root, func(n *nodetree.Node) {
			if n.Tag() == "ONCONFLICTEXPR" {
				for _, field := range []string{"arbiterElems", "arbiterWhere"} {
					f.value(n.Get(field), nil, foldable)
				}
			}
		})
		return !f.found
	case rowMarks:
		locks := false
		walk(root, func(n *nodetree.Node) { locks = locks || n.Tag() == "ROWMARKCLAUSE" })
		if !locks {
			return true
		}
	}
	f.node(root, nil, foldable)
	return !f.found
}

// canBeNull reports whether an application can pass NULL for a parameter.
func (a *analyser) canBeNull(st *statement, number int) bool {
	for _, p := range st.rewritten.Params {
		if p.Number == number && p.Nullable {
			return true
		}
	}
	for _, d := range st.Header.Directives {
		if d.Kind == "param" && d.Nullable {
			return true
		}
	}
	return number < 1 || number > len(st.verdict.Params) || st.verdict.Params[number-1].Nullable
}

// fold says what knowing a parameter can do in a place.
type fold int

const (
	// foldable: it may become a condition, or a part of one.
	foldable fold = iota
	// compared: it is compared with a stored column, so that only NULL could
	// take the condition away.
	compared
	// harmless: it is a value and no more.
	harmless
)

type folding struct {
	// never tells which parameters are never NULL.
	never func(number int) bool
	// found is true if a parameter could take away a condition.
	found bool
}

// node looks at a node of a query, nil for the statement itself.
func (f *folding) node(n, query *nodetree.Node, at fold) {
	switch n.Tag() {
	case "PARAM":
		if n.Int("paramkind") == 0 && (at == foldable || at == compared && !f.never(n.Int("paramid"))) {
			f.found = true
		}
		return
	case "QUERY":
		for i := range n.Len() {
			name, v := n.Field(i)
			switch {
			case name == "limitCount", name == "limitOffset", name == "targetList" && query == nil:
				f.value(v, n, harmless)
			default:
				f.value(v, n, foldable)
			}
		}
		return
	case "OPEXPR":
		if n.OID("opresulttype") == booleanType {
			at = foldable
			if stored(n, query) {
				at = compared
			}
		}
	case "SCALARARRAYOPEXPR":
		at = foldable
		if stored(n, query) {
			at = compared
		}
	case "TARGETENTRY", "RELABELTYPE", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COERCETODOMAIN", "COLLATEEXPR", "FUNCEXPR", "ARRAY", "ARRAYEXPR", "VAR", "CONST":
	default:
		at = foldable
	}
	for i := range n.Len() {
		_, v := n.Field(i)
		f.value(v, query, at)
	}
}

func (f *folding) value(v nodetree.Value, query *nodetree.Node, at fold) {
	if n := v.Node(); n != nil {
		f.node(n, query, at)
	}
	for _, item := range v.List() {
		f.value(item, query, at)
	}
}

// booleanType is BOOLOID of src/include/catalog/pg_type.dat.
const booleanType = 16

// stored reports whether one operand is a column of a relation, which no
// parameter makes a constant.
func stored(operator, query *nodetree.Node) bool {
	return slices.ContainsFunc(operator.List("args"), func(v nodetree.Value) bool {
		n := v.Node()
		for n.Tag() == "RELABELTYPE" {
			n = n.Node("arg")
		}
		return n.Tag() == "VAR" && n.Int("varlevelsup") == 0 && rangeTable(query, n.Int("varno")).OID("relid") != 0
	})
}
