package nullability

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// output judges the i-th output column of e's query.
func (a *analysis) output(e *env, i int) verdict {
	if e.q.setop != nil {
		return a.setColumn(e, e.q.setop, i)
	}
	targets := e.q.targets()
	if i < 0 || i >= len(targets) {
		return nullable("unknown column")
	}
	return a.eval(e, targets[i].Node("expr"))
}

// Values of a set operation's op.
const (
	setUnion     = 1
	setIntersect = 2
	setExcept    = 3
)

// setColumn judges a column of UNION, INTERSECT or EXCEPT, or of a branch.
func (a *analysis) setColumn(e *env, n *nodetree.Node, i int) verdict {
	if n.Tag() == "RANGETBLREF" {
		index := n.Int("rtindex")
		r := e.q.rel(index)
		if r == nil {
			return nullable("unknown branch")
		}
		return a.relColumn(e, index, i+1)
	}
	if n.Tag() != "SETOPERATIONSTMT" || a.castsColumn(e, n, i) {
		return nullable("unknown set operation")
	}
	left := a.setColumn(e, n.Node("larg"), i)
	switch n.Int("op") {
	case setUnion:
		if left.null {
			return because("union: ", left.why)
		}
		right := a.setColumn(e, n.Node("rarg"), i)
		if right.null {
			return because("union: ", right.why)
		}
		return notNull("not null in each branch of the union")
	case setIntersect:
		if !left.null {
			return left
		}
		right := a.setColumn(e, n.Node("rarg"), i)
		if right.null {
			return because("intersect: ", left.why)
		}
		return right
	case setExcept:
		return left
	}
	return nullable("unknown set operation")
}

// castsColumn reports whether a branch's column is converted with a cast from
// or to a user's type, which may return NULL. The tree does not show the cast.
func (a *analysis) castsColumn(e *env, n *nodetree.Node, i int) bool {
	k := 0
	for typ := range n.Get("colTypes").Numbers() {
		if k == i {
			return !a.uniform(e.q, n, i, uint32(typ))
		}
		k++
	}
	return true
}

// uniform reports whether the branches' columns have a type or are converted to
// it by PostgreSQL's own casts.
func (a *analysis) uniform(q *query, n *nodetree.Node, i int, typ uint32) bool {
	if n.Tag() == "SETOPERATIONSTMT" {
		return a.uniform(q, n.Node("larg"), i, typ) && a.uniform(q, n.Node("rarg"), i, typ)
	}
	r := q.rel(n.Int("rtindex"))
	if r == nil || r.node.Node("subquery").Tag() != "QUERY" {
		return false
	}
	sub := a.query(r.node.Node("subquery"), q)
	if i >= len(sub.targets()) {
		return false
	}
	own := exprType(sub.targets()[i].Node("expr"))
	if own == typ && own != 0 || own != 0 && own < firstUserOID && typ < firstUserOID {
		return true
	}
	from, to := a.schema.catalog.BaseType(own), a.schema.catalog.BaseType(typ)
	return from != nil && from == to
}

// evalSublink judges a subquery in an expression.
func (a *analysis) evalSublink(e *env, n *nodetree.Node) verdict {
	kind, ok := n.Get("subLinkType").Int()
	sub := n.Node("subselect")
	if !ok || sub.Tag() != "QUERY" {
		return nullable("unknown subquery")
	}
	switch kind {
	case sublinkExists:
		return notNull("exists")
	case sublinkArray:
		return notNull("array of a subquery")
	case sublinkAny, sublinkAll:
		q := a.query(sub, e.q)
		inner := a.outputEnv(q, e)
		outer := *e
		outer.sublink = make([]verdict, len(q.targets()))
		for i := range outer.sublink {
			outer.sublink[i] = a.output(inner, i)
		}
		if v := a.eval(&outer, n.Node("testexpr")); v.null {
			return because("comparison with a subquery: ", v.why)
		}
		return notNull("comparison of values that are not null")
	case sublinkExpr:
		q := a.query(sub, e.q)
		if !q.oneRow() {
			return nullable("the subquery can return no row")
		}
		return a.output(a.outputEnv(q, e), 0)
	}
	return nullable("subquery")
}

// oneRow reports whether a query surely returns a row.
func (q *query) oneRow() bool {
	if q.command != selectCommand || q.setop != nil || q.node.Bool("hasTargetSRFs") ||
		!q.node.Get("havingQual").IsNull() || !q.node.Get("limitOffset").IsNull() || !q.node.Get("limitCount").IsNull() {
		return false
	}
	if q.sets != nil || len(q.node.List("groupClause")) > 0 {
		return false
	}
	if q.node.Bool("hasAggs") {
		return true
	}
	tree := q.node.Node("jointree")
	return tree != nil && len(tree.List("fromlist")) == 0 && tree.Get("quals").IsNull()
}
