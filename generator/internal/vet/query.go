package vet

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// Values of commandType, of src/include/nodes/nodes.h. PostgreSQL 15 put MERGE
// before the utility statements, which have no tree to speak of.
const (
	selectCommand = 1
	updateCommand = 2
	insertCommand = 3
	deleteCommand = 4
)

// Values of rtekind.
const (
	rteRelation = 0
	rteSubquery = 1
	rteJoin     = 2
	rteFunction = 3
	rteValues   = 5
	rteCTE      = 6
	rteResult   = 8
)

// query is a query of a statement: the statement itself, a subquery, or one of
// its WITH clause.
type query struct {
	node    *nodetree.Node
	parent  *query
	command int
	// start is a byte of the statement at or before the query's first one.
	start int
	// result is true for the statement itself, and for the branches of a UNION
	// that make its result.
	result bool
}

// collect lists a query and those inside of it. A place that the server does
// not tell is that of what is around it.
func (c *check) collect(n *nodetree.Node, parent *query, start int) {
	q := &query{node: n, parent: parent, command: n.Int("commandType"), start: start, result: parent == nil}
	c.queries = append(c.queries, q)
	if parent != nil && parent.result && parent.node.Node("setOperations") != nil {
		for _, v := range parent.node.List("rtable") {
			q.result = q.result || v.Node().Node("subquery") == n
		}
	}
	for i := range n.Len() {
		name, v := n.Field(i)
		if name == "setOperations" {
			continue
		}
		c.inside(v, q, start)
	}
}

func (c *check) inside(v nodetree.Value, q *query, start int) {
	if n := v.Node(); n != nil {
		switch n.Tag() {
		case "QUERY":
			c.collect(n, q, start)
			return
		case "SUBLINK", "COMMONTABLEEXPR":
			if at, ok := n.Get("location").Int(); ok && at >= 0 {
				start = at
			}
		}
		for i := range n.Len() {
			_, field := n.Field(i)
			c.inside(field, q, start)
		}
	}
	for _, item := range v.List() {
		c.inside(item, q, start)
	}
}

// relation is the n-th entry of a query's range table, from 1; nil if there is
// none.
func (q *query) relation(n int) *nodetree.Node {
	list := q.node.List("rtable")
	if n < 1 || n > len(list) {
		return nil
	}
	return list[n-1].Node()
}

// alias is what a query calls an entry of its range table.
func alias(rte *nodetree.Node) string { return rte.Node("eref").Text("aliasname") }

// leaves are the entries of the range table that FROM reads, joins taken apart.
func (q *query) leaves() []int {
	var out []int
	var walk func(n *nodetree.Node)
	walk = func(n *nodetree.Node) {
		switch n.Tag() {
		case "RANGETBLREF":
			out = append(out, n.Int("rtindex"))
		case "JOINEXPR":
			walk(n.Node("larg"))
			walk(n.Node("rarg"))
		case "FROMEXPR":
			for _, v := range n.List("fromlist") {
				walk(v.Node())
			}
		}
	}
	walk(q.node.Node("jointree"))
	return out
}

// visit walks an expression, subqueries included. depth is the number of
// queries around a node that the walk began outside of.
func visit(v nodetree.Value, depth int, see func(n *nodetree.Node, depth int)) {
	if n := v.Node(); n != nil {
		if n.Tag() == "QUERY" {
			depth++
		}
		see(n, depth)
		for i := range n.Len() {
			if name, field := n.Field(i); name != "joinaliasvars" {
				visit(field, depth, see)
			}
		}
	}
	for _, item := range v.List() {
		visit(item, depth, see)
	}
}

// reads lists the entries of q's range table that an expression of q refers to.
// depth is the number of queries between q and the expression.
func (q *query) reads(v nodetree.Value, depth int) map[int]bool {
	out := map[int]bool{}
	visit(v, depth, func(n *nodetree.Node, depth int) {
		if n.Tag() == "VAR" && n.Int("varlevelsup") == depth {
			q.resolve(n.Int("varno"), n.Int("varattno"), out)
		}
	})
	return out
}

// resolve follows a column of a join to the entries that it is of.
func (q *query) resolve(relation, column int, out map[int]bool) {
	rte := q.relation(relation)
	vars := rte.List("joinaliasvars")
	if rte.Int("rtekind") != rteJoin || len(vars) == 0 {
		out[relation] = true
		return
	}
	for i, v := range vars {
		if column >= 1 && i != column-1 {
			continue
		}
		for r := range q.reads(v, 0) {
			out[r] = true
		}
	}
}

// conjuncts are the conditions that an AND joins.
func conjuncts(n *nodetree.Node) []*nodetree.Node {
	if n == nil {
		return nil
	}
	if n.Tag() != "BOOLEXPR" || n.Text("boolop") != "and" {
		return []*nodetree.Node{n}
	}
	var out []*nodetree.Node
	for _, v := range n.List("args") {
		out = append(out, conjuncts(v.Node())...)
	}
	return out
}

// conditions are the conditions of WHERE and of all ONs.
func (q *query) conditions() []*nodetree.Node {
	var out []*nodetree.Node
	var walk func(n *nodetree.Node)
	walk = func(n *nodetree.Node) {
		switch n.Tag() {
		case "JOINEXPR":
			walk(n.Node("larg"))
			walk(n.Node("rarg"))
			out = append(out, conjuncts(n.Node("quals"))...)
		case "FROMEXPR":
			for _, v := range n.List("fromlist") {
				walk(v.Node())
			}
			out = append(out, conjuncts(n.Node("quals"))...)
		}
	}
	walk(q.node.Node("jointree"))
	return out
}

// bare is an expression without the casts that change nothing but its type's
// name.
func bare(n *nodetree.Node) *nodetree.Node {
	for n.Tag() == "RELABELTYPE" || n.Tag() == "COLLATE" || n.Tag() == "COLLATEEXPR" {
		n = n.Node("arg")
	}
	return n
}
