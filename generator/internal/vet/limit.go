package vet

import (
	"fmt"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// noLimit finds queries that bring a large table into memory: by the planner's
// estimate where the database is a real one, and else by the tables that FROM
// reads without any condition.
func (c *check) noLimit() {
	n := c.outer()
	if n == nil || !c.st.Collects || n.Int("commandType") != selectCommand || n.Node("limitCount") != nil {
		return
	}
	const hint = "add a LIMIT and read in pages, or take the rows one by one with :iter"
	q := c.queries[0]
	if c.options.Real {
		if c.st.Plan != nil && c.st.Plan.Rows >= float64(c.options.Large) {
			c.report(c.keyword(q, "select"), fmt.Sprintf("this returns some %s rows at once", count(int64(c.st.Plan.Rows))), hint)
		}
		return
	}
	if n.Node("setOperations") != nil || n.Bool("hasAggs") || len(n.List("groupClause")) > 0 || len(n.List("distinctClause")) > 0 ||
		n.Node("jointree").Node("quals") != nil {
		return
	}
	for _, i := range q.leaves() {
		r := c.catalog.Relations[q.relation(i).OID("relid")]
		if r == nil || q.relation(i).Int("rtekind") != rteRelation || r.OID < catalog.FirstUserOID {
			continue
		}
		rows, known := c.rows(r)
		switch {
		case known && rows >= c.options.Large:
			c.report(c.relationAt(q, alias(q.relation(i))), fmt.Sprintf("this returns all %s rows of %s at once", count(rows), r.Name), hint)
		case !known:
			c.reportAs(diag.Note, c.relationAt(q, alias(q.relation(i))), fmt.Sprintf("this returns all rows of %s at once, and nobody says how many there are", r.Name), hint)
		default:
			continue
		}
		return
	}
}

// count writes a number with its thousands apart.
func count(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
