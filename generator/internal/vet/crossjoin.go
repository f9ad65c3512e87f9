package vet

import (
	"fmt"
	"slices"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// crossJoin finds queries whose FROM reads relations that no condition links.
// CROSS JOIN says that this is meant, and what has one row at most does no harm.
func (c *check) crossJoin() {
	for _, q := range c.queries {
		switch q.command {
		case selectCommand:
		case updateCommand, deleteCommand:
			if q.node.Node("jointree").Node("quals") == nil {
				continue // no-where says more
			}
		default:
			continue
		}
		c.crossJoinOf(q)
	}
}

func (c *check) crossJoinOf(q *query) {
	leaves := q.leaves()
	if len(leaves) < 2 {
		return
	}
	g := groups{}
	for _, i := range leaves {
		g[i] = i
	}
	conditions := q.conditions()
	// byValue are the relations with a column that equals a parameter, a
	// constant or an outer column: two with the same are linked.
	byValue := map[string]int{}
	for _, cond := range conditions {
		read := q.reads(nodetree.NodeValue(cond), 0)
		g.joinAll(read)
		if v, column := c.equality(q, cond); v != "" && column != nil {
			r := column.Int("varno")
			if other, ok := byValue[v]; ok {
				g.join(r, other)
			}
			byValue[v] = r
		}
	}
	for _, i := range leaves {
		// A lateral subquery or function is linked with what it reads.
		rte := q.relation(i)
		for _, name := range []string{"subquery", "functions", "tablefunc", "values_lists", "tablesample"} {
			for r := range q.reads(rte.Get(name), 0) {
				g.join(i, r)
			}
		}
	}
	c.joinMeant(q, q.node.Node("jointree"), g)
	var first int
	for _, i := range leaves {
		if !c.multiplies(q, i, conditions) {
			continue
		}
		switch {
		case first == 0:
			first = i
		case g.root(i) != g.root(first):
			a, b := alias(q.relation(first)), alias(q.relation(i))
			at := c.relationAt(q, b)
			if a == b {
				a, b = c.qualified(q, first), c.qualified(q, i)
				at = c.relationAt(q, alias(q.relation(i)), at)
			}
			c.report(at, fmt.Sprintf("no condition joins %s and %s: every row of one meets every row of the other", a, b),
				"add the condition; if every pair is meant, say so with CROSS JOIN")
			return
		}
	}
}

// qualified is the name of a relation with its schema.
func (c *check) qualified(q *query, i int) string {
	if r := c.catalog.Relations[q.relation(i).OID("relid")]; r != nil {
		return r.Schema + "." + r.Name
	}
	return alias(q.relation(i))
}

// joinMeant links both sides of a CROSS JOIN, and returns a relation of a join.
func (c *check) joinMeant(q *query, n *nodetree.Node, g groups) int {
	switch n.Tag() {
	case "RANGETBLREF":
		return n.Int("rtindex")
	case "FROMEXPR":
		for _, v := range n.List("fromlist") {
			c.joinMeant(q, v.Node(), g)
		}
		return 0
	case "JOINEXPR":
		left, right := c.joinMeant(q, n.Node("larg"), g), c.joinMeant(q, n.Node("rarg"), g)
		if n.Node("quals") == nil && !n.Bool("isNatural") && left > 0 && right > 0 {
			g.join(left, right)
		}
		return max(left, right)
	}
	return 0
}

// multiplies reports whether a relation can have many rows. Sets that functions
// and VALUES make are small and are combined on purpose.
func (c *check) multiplies(q *query, i int, conditions []*nodetree.Node) bool {
	rte := q.relation(i)
	switch rte.Int("rtekind") {
	case rteRelation:
		return !c.oneRow(q, i, conditions)
	case rteSubquery:
		return c.many(rte.Node("subquery"))
	case rteCTE:
		cte := q.cte(rte.Text("ctename"), rte.Int("ctelevelsup"))
		return cte == nil || c.many(cte)
	}
	return false
}

// many reports whether a query can return many rows of tables. What a recursive
// query reads of itself is not counted again.
func (c *check) many(n *nodetree.Node) bool {
	known, seen := c.large[n]
	if !seen {
		c.large[n] = false
		known = c.manyAnew(n)
		c.large[n] = known
	}
	return known
}

func (c *check) manyAnew(n *nodetree.Node) bool {
	if single(n) {
		return false
	}
	for _, q := range c.queries {
		if q.node == n {
			if n.Node("setOperations") != nil {
				return slices.ContainsFunc(n.List("rtable"), func(v nodetree.Value) bool {
					sub := v.Node().Node("subquery")
					return sub != nil && c.many(sub)
				})
			}
			conditions := q.conditions()
			return slices.ContainsFunc(q.leaves(), func(i int) bool { return c.multiplies(q, i, conditions) })
		}
	}
	return true
}

// cte is the query of a WITH clause that q sees.
func (q *query) cte(name string, level int) *nodetree.Node {
	for ; level > 0 && q != nil; level-- {
		q = q.parent
	}
	if q == nil {
		return nil
	}
	for _, v := range q.node.List("cteList") {
		if v.Node().Text("ctename") == name {
			return v.Node().Node("ctequery")
		}
	}
	return nil
}

// single reports whether a query returns one row at most.
func single(n *nodetree.Node) bool {
	if limit := n.Node("limitCount"); limit != nil {
		if args := limit.List("args"); limit.Tag() == "FUNCEXPR" && len(args) == 1 {
			limit = args[0].Node() // the cast to bigint
		}
		if one := bare(limit); one.Tag() == "CONST" && !one.Bool("constisnull") {
			if d := one.Get("constvalue").Datum(); len(d) > 0 && !slices.ContainsFunc(d[1:], func(b byte) bool { return b != 0 }) && d[0] <= 1 {
				return true
			}
		}
	}
	if n.Node("setOperations") != nil || len(n.List("groupClause")) > 0 || len(n.List("groupingSets")) > 0 || n.Bool("hasTargetSRFs") {
		return false
	}
	if n.Bool("hasAggs") {
		return true
	}
	for _, v := range n.List("rtable") {
		if v.Node().Int("rtekind") != rteResult {
			return false
		}
	}
	return n.Int("commandType") == selectCommand
}

// oneRow reports whether conditions leave one row of a table at most: those
// that set all columns of a unique index to values from elsewhere.
func (c *check) oneRow(q *query, i int, conditions []*nodetree.Node) bool {
	r := c.catalog.Relations[q.relation(i).OID("relid")]
	if r == nil {
		return false
	}
	fixed := map[int16]bool{}
	for _, cond := range conditions {
		if v, column := c.equality(q, cond); v != "" && column != nil && column.Int("varno") == i {
			fixed[int16(column.Int("varattno"))] = true
		}
	}
	for _, index := range r.Indexes {
		if index.Unique && !index.Partial && !slices.ContainsFunc(index.Columns, func(n int16) bool { return n == 0 || !fixed[n] }) {
			return true
		}
	}
	return false
}

// equality takes apart a condition that sets a column of q to a value that none
// of q's relations has: the column, and a text that is the same for the same
// value.
func (c *check) equality(q *query, cond *nodetree.Node) (value string, column *nodetree.Node) {
	args := cond.List("args")
	if cond.Tag() != "OPEXPR" || len(args) != 2 || c.operator(cond.Int("location")) != "=" {
		return "", nil
	}
	for side := range 2 {
		column, other := bare(args[side].Node()), args[1-side]
		if column.Tag() != "VAR" || column.Int("varlevelsup") != 0 || len(q.reads(other, 0)) > 0 || q.relation(column.Int("varno")).Int("rtekind") == rteJoin {
			continue
		}
		if key := c.value(bare(other.Node())); key != "" {
			return key, column
		}
	}
	return "", nil
}

// value is a text that is the same for equal values, and different for each
// value that nobody can tell.
func (c *check) value(n *nodetree.Node) string {
	switch n.Tag() {
	case "PARAM":
		return "$" + n.Get("paramid").Raw()
	case "CONST":
		return "constant " + n.Get("constvalue").Raw()
	case "VAR":
		return "outer " + n.Get("varlevelsup").Raw() + " " + n.Get("varno").Raw() + " " + n.Get("varattno").Raw()
	}
	return fmt.Sprintf("%p", n)
}

// operator is the operator, or the word, at a byte of the statement.
func (c *check) operator(offset int) string {
	i := c.at(offset)
	if offset < 0 || i >= len(c.tokens) || c.tokens[i].Start != offset {
		return ""
	}
	if w := c.word(i); w != "" {
		return w
	}
	return c.text(i)
}

// groups are sets of relations, each with a representative.
type groups map[int]int

func (g groups) root(i int) int {
	for g[i] != i {
		next, ok := g[i]
		if !ok {
			g[i] = i
			break
		}
		i = next
	}
	return i
}

func (g groups) join(a, b int) { g[g.root(a)] = g.root(b) }

func (g groups) joinAll(set map[int]bool) {
	first := 0
	for i := range set {
		if first == 0 {
			first = i
		}
		g.join(first, i)
	}
}
