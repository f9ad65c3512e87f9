package vet

import "fmt"

// noWhere finds UPDATE and DELETE without a WHERE. Any condition will do: WHERE
// true says that all rows are meant.
func (c *check) noWhere() {
	for _, q := range c.queries {
		if q.command != updateCommand && q.command != deleteCommand {
			continue
		}
		if q.node.Node("jointree").Node("quals") != nil {
			continue
		}
		table := alias(q.relation(q.node.Int("resultRelation")))
		if r := c.catalog.Relations[q.relation(q.node.Int("resultRelation")).OID("relid")]; r != nil {
			table = r.Name
		}
		word, message := "update", fmt.Sprintf("UPDATE without WHERE changes every row of %s", table)
		if q.command == deleteCommand {
			word, message = "delete", fmt.Sprintf("DELETE without WHERE removes every row of %s", table)
		}
		c.report(c.keyword(q, word), message, "add a condition; if every row is meant, say so with WHERE true")
	}
}
