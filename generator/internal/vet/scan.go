package vet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// seqScan finds plans that read a large table row by row to find some of its
// rows.
func (c *check) seqScan() {
	if c.st.Plan == nil {
		return
	}
	seen := map[uint32]bool{}
	var walk func(p *Plan, limited bool)
	walk = func(p *Plan, limited bool) {
		if r := c.byName[[2]string{p.Schema, p.Relation}]; r != nil && r.OID >= catalog.FirstUserOID {
			if root := c.root(r); !seen[root.OID] && c.scanned(root, p, limited) {
				seen[root.OID] = true
			}
		}
		for _, below := range p.Plans {
			walk(below, p.Type == "Limit" || limited && p.Type == "Append")
		}
	}
	walk(c.st.Plan, false)
}

func (c *check) scanned(r *catalog.Relation, p *Plan, limited bool) bool {
	if p.Filter == "" {
		return false
	}
	rows, known := c.rows(r)
	if known && rows < c.options.Large {
		return false
	}
	switch p.Type {
	case "Seq Scan":
	case "Index Scan", "Index Only Scan":
		// Without sequential scans the planner reads all of an index instead. With
		// a LIMIT that may be the right way, from the first row that is wanted on.
		if c.options.Real || p.IndexCond != "" || limited {
			return false
		}
	default:
		return false
	}
	how := "is read row by row"
	if known {
		how = fmt.Sprintf("has some %s rows and is read row by row", count(rows))
	}
	if !known && !slices.ContainsFunc(terms(p.Filter), chooses) || c.cast[r.OID] {
		return false
	}
	message := fmt.Sprintf("%s %s: no index serves %s", r.Name, how, clip(unqualified(p.Filter, p.Alias)))
	hint := "make an index for the condition, or say it in a way that an index serves"
	if c.options.Real {
		message = fmt.Sprintf("%s %s for %s", r.Name, how, clip(unqualified(p.Filter, p.Alias)))
		hint = "make an index for the condition; where most rows fulfil it, this is the best plan"
	}
	c.report(c.scanAt(r), message, hint)
	return true
}

// terms cuts a filter, as EXPLAIN prints it, at its outermost ANDs.
func terms(filter string) []string {
	var out []string
	inner := strings.TrimSuffix(strings.TrimPrefix(filter, "("), ")")
	depth, from := 0, 0
	for i := range len(inner) {
		switch inner[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return []string{filter}
			}
		case ' ':
			if depth == 0 && strings.HasPrefix(inner[i:], " AND ") {
				out = append(out, inner[from:i])
				from = i + len(" AND ")
			}
		}
	}
	return append(out, inner[from:])
}

// chooses reports whether a condition picks rows by a parameter. Which share of
// the rows a constant condition leaves nobody knows, and one that says what
// shall not be leaves most of them.
func chooses(term string) bool {
	return strings.Contains(term, "$") && !strings.Contains(term, "<>") && !strings.HasPrefix(strings.TrimLeft(term, "("), "NOT ")
}

// scanAt is where the statement names a table, and its beginning if a view or
// a function does.
func (c *check) scanAt(r *catalog.Relation) int {
	for _, q := range c.queries {
		for i, v := range q.node.List("rtable") {
			rte := v.Node()
			if rte.Int("rtekind") != rteRelation || rte.OID("relid") != r.OID {
				continue
			}
			if i+1 == q.node.Int("resultRelation") && q.command != insertCommand {
				return c.relationAt(q, r.Name)
			}
			return c.relationAt(q, alias(rte))
		}
	}
	return c.first()
}

// unqualified leaves a table's name out before its columns.
func unqualified(filter, table string) string {
	var b strings.Builder
	for i := 0; i < len(filter); i++ {
		if strings.HasPrefix(filter[i:], table+".") && (i == 0 || strings.IndexByte(" (", filter[i-1]) >= 0) {
			i += len(table)
			continue
		}
		b.WriteByte(filter[i])
	}
	return b.String()
}

// clip cuts what is too long for a line.
func clip(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
