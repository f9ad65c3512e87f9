package nullability

import (
	"slices"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// command is what a query does.
type command int

const (
	unknownCommand command = iota
	selectCommand
	updateCommand
	insertCommand
	deleteCommand
	mergeCommand
	utility
)

// commandOf reads a query's commandType. PostgreSQL 15 put MERGE before the
// utility statements.
func commandOf(n *nodetree.Node, c *catalog.Catalog) command {
	kind := n.Int("commandType")
	switch {
	case kind < int(selectCommand) || kind > int(deleteCommand):
		if kind == 5 && c.ServerVersion >= 150000 {
			return mergeCommand
		}
		return utility
	default:
		return command(kind)
	}
}

// query is what is true of a query wherever its columns are asked for. It is
// made once for each query node.
type query struct {
	node    *nodetree.Node
	parent  *query
	command command
	// result is the range-table index of what the statement changes, or 0.
	result int
	rels   []*rel
	// sides are the sides of outer joins that can be missing.
	sides []*side
	full  []*fullJoin
	// quals are the conditions of WHERE and ON.
	quals []*qual
	// setop is the root of UNION, INTERSECT and EXCEPT, or nil.
	setop *nodetree.Node
	// sets are the grouping sets, or nil.
	sets []nodetree.Value
	// stale is true within a materialized view: what its rows were made from
	// may have had other constraints.
	stale bool

	list []*nodetree.Node

	rowFacts        facts
	haveRow         bool
	outFacts        facts
	haveOut         bool
	aggregatePrints []string
	groupedExprs    []groupedExpr
	haveGroups      bool
	srfs            int
}

// Values of rtekind.
const (
	rteRelation = iota
	rteSubquery
	rteJoin
	rteFunction
	rteTableFunc
	rteValues
	rteCTE
	rteTuplestore
	rteResult
	rteGroup
)

// rel is an entry of a query's range table.
type rel struct {
	node *nodetree.Node
	kind int
	// joined is true for what stands in FROM.
	joined bool
	// nulledBy are the sides of outer joins that must match for the relation to
	// be part of the row.
	nulledBy []*side
	columns  map[int]remembered
}

// remembered is a verdict on a column of a relation before outer joins.
type remembered struct {
	verdict    verdict
	generation int
}

func (r *rel) name() string { return r.node.Node("eref").Text("aliasname") }

func (r *rel) columnName(column int) string {
	names := r.node.Node("eref").List("colnames")
	if column >= 1 && column <= len(names) {
		return names[column-1].Text()
	}
	return ""
}

// groupExpr is the expression of a column of the grouping step (PostgreSQL 18).
func (r *rel) groupExpr(column int) *nodetree.Node {
	exprs := r.node.List("groupexprs")
	if column >= 1 && column <= len(exprs) {
		return exprs[column-1].Node()
	}
	return nil
}

// query returns what is known of a query node that stands in parent.
func (a *analysis) query(n *nodetree.Node, parent *query) *query {
	if q := a.queries[n]; q != nil {
		return q
	}
	q := &query{
		node:    n,
		parent:  parent,
		command: commandOf(n, a.schema.catalog),
		result:  n.Int("resultRelation"),
		setop:   n.Node("setOperations"),
		sets:    n.List("groupingSets"),
		stale:   parent != nil && parent.stale,
		srfs:    -1,
	}
	for _, v := range n.List("rtable") {
		r := &rel{node: v.Node(), kind: -1}
		if kind, ok := r.node.Get("rtekind").Int(); ok {
			r.kind = kind
		}
		// The grouping step is in the range table, but not in FROM.
		r.joined = r.kind == rteGroup
		q.rels = append(q.rels, r)
	}
	name := "targetList"
	if q.command != selectCommand {
		name = "returningList"
	}
	for _, v := range n.List(name) {
		if t := v.Node(); !t.Bool("resjunk") {
			q.list = append(q.list, t)
		}
	}
	q.join()
	a.queries[n] = q
	return q
}

// targets are the output columns.
func (q *query) targets() []*nodetree.Node { return q.list }

func (q *query) rel(i int) *rel {
	if i >= 1 && i <= len(q.rels) {
		return q.rels[i-1]
	}
	return nil
}

// up returns the query level queries further out, or nil.
func (q *query) up(level int) *query {
	for ; level > 0 && q != nil; level-- {
		q = q.parent
	}
	return q
}

// resolve follows a column of a join to what it stands for: a column of a
// relation, or else an expression.
func (q *query) resolve(rel, column int) (int, int, *nodetree.Node) {
	for range maxNesting {
		r := q.rel(rel)
		if r == nil || r.kind != rteJoin {
			return rel, column, nil
		}
		vars := r.node.List("joinaliasvars")
		if column < 1 || column > len(vars) {
			return rel, column, nil
		}
		expr := vars[column-1].Node()
		if expr.Tag() != "VAR" || expr.Int("varlevelsup") != 0 {
			return rel, column, expr
		}
		rel, column = expr.Int("varno"), expr.Int("varattno")
	}
	return rel, column, nil
}

// grouped reports whether output rows are groups. Without GROUP BY there is
// one, even if there is nothing to aggregate.
func (q *query) grouped() bool {
	return q.node.Bool("hasAggs") || len(q.node.List("groupClause")) > 0 || q.sets != nil || q.node.Node("havingQual") != nil
}

// nonEmptyGroups reports whether every group has a row.
func (q *query) nonEmptyGroups() bool {
	if q.sets != nil {
		return slices.ContainsFunc(q.sets, func(v nodetree.Value) bool { return neverEmpty(v.Node()) })
	}
	return len(q.node.List("groupClause")) > 0
}

// rowFacts are the facts about q's rows before grouping.
func (a *analysis) rowFacts(q *query) facts {
	if !q.haveRow {
		q.haveRow = true
		for _, ql := range q.quals {
			ql.facts = a.facts(q, ql.expr, isTrue, ql.source)
		}
		q.rowFacts = q.close(nil)
	}
	return q.rowFacts
}

// outputFacts are the facts about q's rows after grouping.
func (a *analysis) outputFacts(q *query) facts {
	if q.haveOut {
		return q.outFacts
	}
	q.haveOut = true
	if !q.grouped() {
		q.outFacts = a.rowFacts(q)
		return q.outFacts
	}
	c := collector{a: a, q: q, source: fromHaving, grouped: true}
	out := c.collect(q.node.Node("havingQual"), isTrue)
	if q.nonEmptyGroups() {
		before := a.rowFacts(q)
		if q.sets != nil {
			// A grouping set can turn q's own columns into NULL.
			before = slices.DeleteFunc(slices.Clone(before), func(f fact) bool { return f.level == 0 })
			q.outFacts = out.union(before)
			return q.outFacts
		}
		out = q.close(out.union(before))
	}
	q.outFacts = out
	return q.outFacts
}

// aggregate numbers an aggregate by its text, so that the one in HAVING is
// found in the output list.
func (q *query) aggregate(n *nodetree.Node, add bool) (int, bool) {
	print, plain := fingerprint(n)
	if !plain {
		return 0, false
	}
	i := slices.Index(q.aggregatePrints, print)
	if i < 0 && add {
		i = len(q.aggregatePrints)
		q.aggregatePrints = append(q.aggregatePrints, print)
	}
	return i, i >= 0
}
