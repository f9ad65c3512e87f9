package vet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// selectStar finds stars whose columns go somewhere: into the result, into
// another table, into the branch of a UNION. A star in EXISTS, or in a subquery
// that another list chooses from, costs nothing.
func (c *check) selectStar() {
	for _, s := range sqltext.Stars(c.st.SQL) {
		if slices.Contains(c.st.Embeds, s.Start) {
			continue
		}
		for _, q := range c.queries {
			// The columns of a UNION have the places of its first branch.
			if q.node.Node("setOperations") == nil && starOf(q, s) != 0 {
				c.star(q, s)
				break
			}
		}
	}
}

// starOf is the range-table index of a relation that the columns of a star come
// from, or 0 if the star is none of the query's.
func starOf(q *query, s sqltext.Star) int {
	lists := q.node.List("targetList")
	if q.command != selectCommand {
		lists = q.node.List("returningList")
	}
	for _, v := range lists {
		if n := v.Node().Node("expr"); n.Tag() == "VAR" && n.Int("location") == s.Start {
			return n.Int("varno")
		}
	}
	return 0
}

func (c *check) star(q *query, s sqltext.Star) {
	written := strings.TrimSpace(c.st.SQL[s.Start:s.End])
	arms := q.parent != nil && q.parent.node.Node("setOperations") != nil
	feeds := q.parent != nil && q.parent.command == insertCommand
	leaves := q.leaves()
	switch {
	case feeds:
		c.report(s.Start, fmt.Sprintf("%s feeds an INSERT by position: a column added to either table moves the others, or breaks the statement", written),
			"name the columns on both sides")
	case arms:
		c.report(s.Start, fmt.Sprintf("%s in a branch of a set operation matches the other branches by position: a column added to the table breaks it", written),
			"name the columns in every branch")
	case !q.result:
	case s.Qualifier == "" && len(leaves) > 1 && !s.Returning:
		var names []string
		for _, i := range leaves {
			if n := alias(q.relation(i)); n != "" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
		c.report(s.Start, "* returns all columns of "+enumerate(names),
			"name the columns that are needed, or use sqlc.embed(table) for whole rows")
	case c.stored(q, starOf(q, s)):
		c.reportAs(diag.Note, s.Start, fmt.Sprintf("%s returns every column, and those that the table will have", written),
			"name the columns that are needed; a method that returns the whole row may keep the star, which pgwright spells out")
	}
}

// stored reports whether an entry of the range table is a table or a view.
func (c *check) stored(q *query, i int) bool {
	rte := q.relation(i)
	if rte.Int("rtekind") == rteJoin {
		return true
	}
	return rte.Int("rtekind") == rteRelation && c.catalog.Relations[rte.OID("relid")] != nil
}

func enumerate(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// outer is the query of the outermost result, or nil.
func (c *check) outer() *nodetree.Node {
	if len(c.queries) == 0 {
		return nil
	}
	return c.queries[0].node
}
