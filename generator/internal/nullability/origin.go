package nullability

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// origin finds the table column that an output column shows unchanged.
func (a *analysis) origin(e *env, i int) (uint32, int16) {
	return a.originOf(e.q, i, 0)
}

func (a *analysis) originOf(q *query, i, depth int) (uint32, int16) {
	targets := q.targets()
	if q.setop != nil || i < 0 || i >= len(targets) {
		return 0, 0
	}
	return a.originVar(q, targets[i].Node("expr"), depth)
}

// written finds the relation's column that an output column names right where
// it stands: not through a subquery, a CTE or a view, and of a UNION in its
// first branch.
func (a *analysis) written(q *query, i int) (uint32, int16) {
	for range maxNesting {
		if q.setop == nil {
			break
		}
		n := q.setop
		for n.Tag() == "SETOPERATIONSTMT" {
			n = n.Node("larg")
		}
		r := q.rel(n.Int("rtindex"))
		if r == nil || r.node.Node("subquery").Tag() != "QUERY" {
			return 0, 0
		}
		q = a.query(r.node.Node("subquery"), q)
	}
	targets := q.targets()
	if i < 0 || i >= len(targets) {
		return 0, 0
	}
	n := targets[i].Node("expr")
	for range maxNesting {
		if n.Tag() != "VAR" || n.Int("varlevelsup") != 0 {
			return 0, 0
		}
		index, column, expr := q.resolve(n.Int("varno"), n.Int("varattno"))
		r := q.rel(index)
		switch {
		case expr != nil || r == nil || column < 1:
			return 0, 0
		case r.kind == rteGroup:
			n = r.groupExpr(column)
		case r.kind == rteRelation:
			return r.node.OID("relid"), int16(column)
		default:
			return 0, 0
		}
	}
	return 0, 0
}

// originVar follows a plain reference through subqueries, CTEs and views.
func (a *analysis) originVar(q *query, n *nodetree.Node, depth int) (uint32, int16) {
	if n.Tag() != "VAR" || depth > maxNesting {
		return 0, 0
	}
	q = q.up(n.Int("varlevelsup"))
	if q == nil {
		return 0, 0
	}
	index, column, expr := q.resolve(n.Int("varno"), n.Int("varattno"))
	r := q.rel(index)
	if expr != nil || r == nil || column < 1 {
		return 0, 0
	}
	switch r.kind {
	case rteRelation:
		rel := a.schema.catalog.Relations[r.node.OID("relid")]
		if rel == nil || rel.Column(int16(column)) == nil {
			return 0, 0
		}
		if rel.Kind == catalog.View {
			if tree := a.schema.view(rel); tree != nil {
				return a.originOf(a.query(tree, nil), column-1, depth+1)
			}
		}
		return rel.OID, int16(column)
	case rteSubquery:
		if sub := r.node.Node("subquery"); sub.Tag() == "QUERY" {
			return a.originOf(a.query(sub, q), column-1, depth+1)
		}
	case rteCTE:
		d := q.up(r.node.Int("ctelevelsup"))
		if d == nil {
			return 0, 0
		}
		if sub := d.cte(r.node.Text("ctename")).Node("ctequery"); sub.Tag() == "QUERY" {
			return a.originOf(a.query(sub, d), column-1, depth+1)
		}
	case rteGroup:
		return a.originVar(q, r.groupExpr(column), depth+1)
	}
	return 0, 0
}

// reference finds the relation of the statement that a plain column belongs to,
// and whether that can be missing from the row. joined is true if an outer join
// could leave it out but for a condition.
func (a *analysis) reference(e *env, n *nodetree.Node) (index int, missing bool, why string, joined bool) {
	for range maxNesting {
		if n.Tag() != "VAR" || n.Int("varlevelsup") != 0 {
			return 0, false, "", false
		}
		rel, column, expr := e.q.resolve(n.Int("varno"), n.Int("varattno"))
		r := e.q.rel(rel)
		if expr != nil || r == nil {
			return 0, false, "", false
		}
		if r.kind == rteGroup {
			n = r.groupExpr(column)
			continue
		}
		if rel == e.q.result {
			if why := e.q.missingReturning(n.Int("varreturningtype")); why != "" {
				return rel, true, why, true
			}
		}
		if ok, s := a.rowsOrSelf(e).present(0, rel); !ok {
			here, _ := e.present(0, rel)
			if !here {
				return rel, true, s.why(a.relationName(r)), true
			}
			return rel, false, "", true
		}
		return rel, false, "", len(r.nulledBy) > 0
	}
	return 0, false, "", false
}
