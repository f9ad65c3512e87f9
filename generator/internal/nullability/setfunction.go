package nullability

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// evalSetFunction judges a set-returning function in an output list. Several of
// them run in step, and the shorter ones are filled up with NULLs.
func (a *analysis) evalSetFunction(e *env, n *nodetree.Node) verdict {
	oid := n.OID("funcid")
	name := a.functionName(oid)
	if e.q.setFunctions() > 1 {
		return nullable(name + " is filled up with nulls beside another function that returns a set")
	}
	if oid == unnest {
		return a.unnested(e, n)
	}
	if f := a.setFunction(oid); f != nil && f.columns == 1 {
		return notNull(name + " returns no null")
	}
	return nullable(name + " can return null")
}

func (a *analysis) unnested(e *env, n *nodetree.Node) verdict {
	args := n.List("args")
	if len(args) != 1 || a.elements(e, args[0].Node()) {
		return nullable("elements of an array can be null")
	}
	return notNull("elements of an array without nulls")
}

// setFunctions counts the set-returning functions in the output list.
func (q *query) setFunctions() int {
	if q.srfs < 0 {
		q.srfs = 0
		if q.node.Bool("hasTargetSRFs") {
			q.srfs = countSets(q.node.Get("targetList"))
			for _, r := range q.rels {
				if r.kind == rteGroup {
					q.srfs += countSets(r.node.Get("groupexprs"))
				}
			}
		}
	}
	return q.srfs
}

func countSets(v nodetree.Value) int {
	count := 0
	for _, item := range v.List() {
		count += countSets(item)
	}
	if n := v.Node(); n != nil {
		if n.Tag() == "QUERY" {
			return 0
		}
		if n.Bool("funcretset") || n.Bool("opretset") {
			count++
		}
		for i := range n.Len() {
			_, f := n.Field(i)
			count += countSets(f)
		}
	}
	return count
}

// functionColumn judges a column of a function in FROM.
func (a *analysis) functionColumn(t *env, r *rel, column int) verdict {
	functions := r.node.List("functions")
	total := 0
	for _, v := range functions {
		total += v.Node().Int("funccolcount")
	}
	if column == total+1 && r.node.Bool("funcordinality") {
		return notNull("ordinality")
	}
	if len(functions) != 1 || column < 1 || column > total {
		return nullable("the shorter of several functions is filled up with nulls")
	}
	f := functions[0].Node()
	expr := f.Node("funcexpr")
	if len(f.List("funccolnames")) > 0 {
		return nullable("the function returns records")
	}
	up := a.rowsOrSelf(t)
	typ := a.schema.catalog.BaseType(exprType(expr))
	switch {
	case expr.Tag() == "FUNCEXPR" && expr.Bool("funcretset"):
		oid := expr.OID("funcid")
		name := a.functionName(oid)
		if oid == unnest && total == 1 && typ != nil && typ.Kind != catalog.Composite {
			return a.unnested(up, expr)
		}
		if f := a.setFunction(oid); f != nil && f.columns&(1<<(column-1)) != 0 {
			return notNull(name + " returns no null")
		}
		return nullable(name + " can return null")
	case total != 1 || typ == nil || typ.Kind == catalog.Composite || typ.Kind == catalog.Pseudo:
		return nullable("field of what the function returns")
	}
	return a.eval(up, expr)
}

// tableFuncColumn judges a column of XMLTABLE or JSON_TABLE.
func (a *analysis) tableFuncColumn(r *rel, column int) verdict {
	f := r.node.Node("tablefunc")
	if kind, ok := f.Get("functype").Int(); ok && kind != 0 {
		return nullable("column of json_table")
	}
	if n, ok := f.Get("ordinalitycol").Int(); ok && n == column-1 {
		return notNull("ordinality")
	}
	for n := range f.Get("notnulls").Numbers() {
		if n == column-1 {
			return notNull("xmltable column with NOT NULL")
		}
	}
	return nullable("column of xmltable")
}

// setFunction is a set-returning function of PostgreSQL's own, with a bit for
// each column that is never NULL.
type setFunction struct {
	builtin
	columns uint
}

func (a *analysis) setFunction(oid uint32) *setFunction {
	for i := range setFunctions {
		if setFunctions[i].oid == oid && a.has(setFunctions[i].builtin) {
			return &setFunctions[i]
		}
	}
	return nil
}
