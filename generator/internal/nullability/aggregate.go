package nullability

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// aggregateClass is when an aggregate of PostgreSQL's own returns a value.
type aggregateClass uint8

const (
	// unknownAggregate: never surely.
	unknownAggregate aggregateClass = iota
	// countAggregate: always, for no rows too.
	countAggregate
	// anyRow: if there is a row, whatever its values.
	anyRow
	// anyValue: if there is a row in which no argument is NULL.
	anyValue
)

func (a *analysis) aggregateClass(oid uint32) aggregateClass {
	for i := range aggregates {
		if aggregates[i].oid == oid && a.has(aggregates[i].builtin) {
			return aggregates[i].class
		}
	}
	return unknownAggregate
}

// evalAggregate judges a call of an aggregate.
func (a *analysis) evalAggregate(e *env, n *nodetree.Node) verdict {
	name := a.functionName(n.OID("aggfnoid"))
	class := a.aggregateClass(n.OID("aggfnoid"))
	switch {
	case class == countAggregate:
		return notNull(name + " is never null")
	case n.Int("agglevelsup") != 0:
		return nullable(name + " over the rows of an outer query")
	}
	if i, ok := e.q.aggregate(n, false); ok {
		if _, ok := e.facts.find(key{rel: i, column: aggregateValue}); ok {
			return notNull("having " + name + " is not null")
		}
	}
	switch {
	case class == unknownAggregate:
		return nullable(name + " can return null")
	case !n.Get("aggfilter").IsNull():
		return nullable(name + " with FILTER")
	case !e.q.nonEmptyGroups():
		if e.q.sets != nil {
			return nullable(name + " over an empty grouping set")
		}
		return nullable(name + " without GROUP BY")
	case class == anyRow:
		return notNull(name + " of a group")
	}
	rows := a.rows(e)
	var args []*nodetree.Node
	for _, v := range n.List("args") {
		if t := v.Node(); !t.Bool("resjunk") {
			args = append(args, t.Node("expr"))
		}
	}
	args = append(args, nodes(n.List("aggdirectargs"))...)
	if len(args) == 0 {
		return nullable(name + " without arguments")
	}
	return a.over(rows, name+" of a group", args)
}

// evalGroupingSet judges an expression that a grouping set may have turned into
// NULL. Before PostgreSQL 18 nothing marks such an expression: it is one that
// reads like a grouped one.
func (a *analysis) evalGroupingSet(e *env, n *nodetree.Node) (verdict, bool) {
	switch n.Tag() {
	case "AGGREF", "GROUPINGFUNC", "WINDOWFUNC":
		return verdict{}, false
	}
	a.printGroups(e.q)
	if len(e.q.groupPrints) == 0 {
		return verdict{}, false
	}
	print, _ := fingerprint(n)
	for _, g := range e.q.groupPrints {
		if g.text != print {
			continue
		}
		if !g.always {
			if n.Tag() == "VAR" {
				if _, ok := a.knownVar(e, n); ok {
					return verdict{}, false
				}
			}
			return nullable("not in every grouping set"), true
		}
		return a.eval(a.rows(e), n), true
	}
	return verdict{}, false
}

// isGroupedExpr reports whether an expression is one that q groups by.
func (a *analysis) isGroupedExpr(q *query, n *nodetree.Node) bool {
	a.printGroups(q)
	print, _ := fingerprint(n)
	for _, g := range q.groupPrints {
		if g.text == print {
			return true
		}
	}
	return false
}

// groupPrint is a grouped expression.
type groupPrint struct {
	text string
	// always: in all grouping sets.
	always bool
}

func (a *analysis) printGroups(q *query) {
	if q.havePrints {
		return
	}
	q.havePrints = true
	for _, v := range q.node.List("groupClause") {
		ref := v.Node().Int("tleSortGroupRef")
		for _, t := range q.node.List("targetList") {
			if t := t.Node(); t.Int("ressortgroupref") == ref && ref != 0 {
				expr := t.Node("expr")
				print, _ := fingerprint(expr)
				q.groupPrints = append(q.groupPrints, groupPrint{print, q.inAllSets(ref)})
				break
			}
		}
	}
}

// inAllSets reports whether a grouped expression is in every grouping set. The
// sets of a query are the combinations of its items, one set from each.
func (q *query) inAllSets(ref int) bool {
	if q.sets == nil {
		return true
	}
	for _, v := range q.sets {
		if alwaysHolds(v.Node(), ref) {
			return true
		}
	}
	return false
}

// Values of a grouping set's kind.
const (
	groupingEmpty  = 0
	groupingSimple = 1
	groupingRollup = 2
	groupingCube   = 3
	groupingSets   = 4
)

func groupingKind(n *nodetree.Node) int {
	kind, ok := n.Get("kind").Int()
	if !ok || n.Tag() != "GROUPINGSET" {
		return -1
	}
	return kind
}

// alwaysHolds reports whether all sets of an item contain a reference. ROLLUP
// and CUBE contain the empty set.
func alwaysHolds(n *nodetree.Node, ref int) bool {
	switch groupingKind(n) {
	case groupingSimple:
		for r := range n.Get("content").Numbers() {
			if r == ref {
				return true
			}
		}
	case groupingSets:
		for _, v := range n.List("content") {
			if !alwaysHolds(v.Node(), ref) {
				return false
			}
		}
		return len(n.List("content")) > 0
	}
	return false
}

// neverEmpty reports whether no set of an item is the empty one.
func neverEmpty(n *nodetree.Node) bool {
	switch groupingKind(n) {
	case groupingSimple:
		for range n.Get("content").Numbers() {
			return true
		}
	case groupingSets:
		for _, v := range n.List("content") {
			if !neverEmpty(v.Node()) {
				return false
			}
		}
		return len(n.List("content")) > 0
	}
	return false
}
