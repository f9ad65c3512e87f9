package nullability

import (
	"slices"

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
	// The direct arguments are evaluated once for a group, so that a grouping set
	// can have turned them into NULL.
	direct := nodes(n.List("aggdirectargs"))
	if len(args)+len(direct) == 0 {
		return nullable(name + " without arguments")
	}
	if v := a.over(e, name, direct); v.null {
		return v
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
	g := e.q.groupedAs(n)
	switch {
	case g == nil:
		return verdict{}, false
	case g.always:
		return a.eval(a.rows(e), n), true
	case !g.mixed && n.Tag() == "VAR":
		if _, ok := a.knownVar(e, n); ok {
			return verdict{}, false
		}
	}
	return nullable("not in every grouping set"), true
}

// groupedExpr is an expression that a query groups by.
type groupedExpr struct {
	text string
	// always: it is in all grouping sets.
	always bool
	// mixed: it is written twice, and only one of them is. Nobody knows then
	// which of the two something refers to.
	mixed bool
}

// groupedAs returns how q groups by an expression, or nil.
func (q *query) groupedAs(n *nodetree.Node) *groupedExpr {
	groups := q.groups()
	if len(groups) == 0 {
		return nil
	}
	text, _ := fingerprint(n)
	for i := range groups {
		if groups[i].text == text {
			return &groups[i]
		}
	}
	return nil
}

// groups are the grouped expressions of a query with grouping sets, in the
// order of GROUP BY.
func (q *query) groups() []groupedExpr {
	if q.haveGroups || q.sets == nil {
		return q.groupedExprs
	}
	q.haveGroups = true
	clauses := q.node.List("groupClause")
	// same are the texts by which expressions are told apart: from PostgreSQL 18
	// on, the output list refers to the first one of equals.
	same := make([]string, len(clauses))
	for i, v := range clauses {
		ref := v.Node().Int("tleSortGroupRef")
		g := groupedExpr{always: q.inAllSets(ref)}
		for _, v := range q.node.List("targetList") {
			if t := v.Node(); t.Int("ressortgroupref") == ref && ref != 0 {
				g.text, _ = fingerprint(t.Node("expr"))
				break
			}
		}
		same[i] = g.text
		for _, r := range q.rels {
			if r.kind == rteGroup {
				same[i], _ = fingerprint(r.groupExpr(i + 1))
			}
		}
		q.groupedExprs = append(q.groupedExprs, g)
	}
	known := !slices.ContainsFunc(q.sets, func(v nodetree.Value) bool { return !knownGrouping(v.Node()) })
	for i := range same {
		if !known {
			q.groupedExprs[i].always, q.groupedExprs[i].mixed = false, true
			continue
		}
		for j := range same {
			if same[i] == same[j] && q.groupedExprs[i].always != q.inAllSets(clauses[j].Node().Int("tleSortGroupRef")) {
				q.groupedExprs[i].always, q.groupedExprs[i].mixed = false, true
				break
			}
		}
	}
	return q.groupedExprs
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

// knownGrouping reports whether an item of GROUP BY and all within are of kinds
// that exist today.
func knownGrouping(n *nodetree.Node) bool {
	switch groupingKind(n) {
	case groupingEmpty, groupingSimple, groupingRollup, groupingCube:
		return true
	case groupingSets:
		return !slices.ContainsFunc(n.List("content"), func(v nodetree.Value) bool { return !knownGrouping(v.Node()) })
	}
	return false
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
