package vet

import (
	"fmt"
	"slices"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// comparisons are the operators and words that an index can serve.
func comparisons() []string {
	return []string{"=", "<", ">", "<=", ">=", "between", "in"}
}

// castDefeatsIndex finds comparisons that cast a column which has an index.
func (c *check) castDefeatsIndex() {
	for _, q := range c.queries {
		for _, cond := range q.conditions() {
			if (cond.Tag() != "OPEXPR" && cond.Tag() != "SCALARARRAYOPEXPR") || !slices.Contains(comparisons(), c.operator(cond.Int("location"))) {
				continue
			}
			args := cond.List("args")
			if len(args) != 2 {
				continue
			}
			for side := range 2 {
				if cond.Tag() == "SCALARARRAYOPEXPR" && (side == 1 || !cond.Bool("useOr")) {
					continue
				}
				if c.defeated(q, args[side].Node(), args[1-side].Node()) {
					break
				}
			}
		}
	}
}

// defeated reports a cast column that has an index, unless the other side is a
// column that has one as well.
func (c *check) defeated(q *query, side, other *nodetree.Node) bool {
	column, to, written := c.castOf(side)
	if column.Tag() != "VAR" || column.Int("varlevelsup") != 0 {
		return false
	}
	r, attribute, index := c.indexed(q, column)
	if index == nil {
		return false
	}
	if v := bare(other); v.Tag() == "VAR" && v.Int("varlevelsup") == 0 {
		if _, _, usable := c.indexed(q, v); usable != nil {
			return false
		}
	}
	c.cast[r.OID] = true
	from, target := c.display(attribute.Type), c.display(to)
	if written {
		c.report(column.Int("location"), fmt.Sprintf("the cast of %s to %s keeps index %s of %s from being used", attribute.Name, target, index.Name, r.Name), castHint(from, target))
		return true
	}
	c.report(column.Int("location"), fmt.Sprintf("%s is %s and is compared with a %s: it is cast in every row, and index %s of %s is not used", attribute.Name, from, target, index.Name, r.Name),
		fmt.Sprintf("cast the other side to %s", from))
	return true
}

func castHint(from, to string) string {
	if to == "date" {
		return fmt.Sprintf("compare the bare column with a range of %s: from the day on, and before the day after it", from)
	}
	return fmt.Sprintf("cast the other side to %s, or make an index on the cast", from)
}

func (c *check) display(oid uint32) string {
	if t := c.catalog.Types[oid]; t != nil {
		return t.Display
	}
	return "another type"
}

// castOf takes a cast apart: what is cast, to which type, and whether the
// statement says so. Without a cast it returns a nil node.
func (c *check) castOf(n *nodetree.Node) (arg *nodetree.Node, to uint32, written bool) {
	n = bare(n)
	switch n.Tag() {
	case "COERCEVIAIO":
		arg, to, written = n.Node("arg"), n.OID("resulttype"), n.Int("coerceformat") != 2
	case "FUNCEXPR":
		f := c.catalog.Functions[n.OID("funcid")]
		args := n.List("args")
		if f == nil || len(args) == 0 {
			return nil, 0, false
		}
		to = n.OID("funcresulttype")
		switch n.Int("funcformat") {
		case 1:
			written = true
		case 2:
		default:
			// date(x) is a cast as well, in another spelling.
			if t := c.catalog.Types[to]; t == nil || t.Name != f.Name || len(args) != 1 {
				return nil, 0, false
			}
			written = true
		}
		arg = args[0].Node()
	default:
		return nil, 0, false
	}
	return bare(arg), to, written
}

// indexed finds an index that a comparison with the bare column can use. A
// table with an index that begins with an expression may have one for the cast.
func (c *check) indexed(q *query, column *nodetree.Node) (*catalog.Relation, *catalog.Column, *catalog.Index) {
	rte := q.relation(column.Int("varno"))
	r := c.catalog.Relations[rte.OID("relid")]
	if rte.Int("rtekind") != rteRelation || r == nil {
		return nil, nil, nil
	}
	attribute := r.Column(int16(column.Int("varattno")))
	if attribute == nil {
		return nil, nil, nil
	}
	var found *catalog.Index
	for _, index := range r.Indexes {
		switch {
		case len(index.Columns) == 0:
		case index.Columns[0] == 0:
			return nil, nil, nil
		case index.Columns[0] == attribute.Number && (index.Method == "btree" || index.Method == "hash") && found == nil:
			found = index
		}
	}
	return r, attribute, found
}
