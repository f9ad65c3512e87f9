package nullability

import (
	"fmt"
	"slices"
	"strings"
)

// change is a statement that changes a table and returns the six columns.
func (g *generator) change(depth int) string {
	return g.part("change", func() string {
		t := g.world.tables[g.IntN(len(g.world.tables))]
		switch n := g.IntN(9); {
		case n < 3:
			return g.insert(t, depth)
		case n < 6:
			return g.update(t, depth)
		case n == 6 && g.version >= 170000 && t.name != "ruled":
			return g.merge(t, depth)
		}
		return g.delete(t, depth)
	})
}

// returning is a RETURNING list over what can be seen of the changed table and
// the rest.
func (g *generator) returning(alias string, rest []randomColumn, depth int) string {
	seen := concatColumns(g.columns(alias), g.columns(alias), rest)
	if g.version >= 180000 && g.chance(2) {
		// Few others, so that conditions on one of the three meet the others.
		seen = concatColumns(g.columns(alias), g.columns("old"), g.columns("new"))
	}
	return " RETURNING " + g.outputs(seen, depth, false)
}

func (g *generator) target(t randomTable, alias string) string {
	if t.inherited && g.chance(4) {
		return "ONLY " + t.name + " AS " + alias
	}
	return t.name + " AS " + alias
}

// assigned is a value for a column of a table, which is seldom NULL where the
// table does not take it.
func (g *generator) assigned(t randomTable, i int, visible []randomColumn) string {
	if g.chance(12) {
		return "DEFAULT"
	}
	// No subqueries, and nothing of the domain's own type: an empty subquery or
	// an outer join stores NULL in spite of the domain, as PostgreSQL documents.
	value := g.expr(visible, kinds[i], 1, false) + "::" + typeNames[kinds[i]]
	if slices.Contains(t.needed, columnNames[i]) && !g.chance(8) {
		return fmt.Sprintf("coalesce(%s, %s)", value, g.value(kinds[i], 10+g.IntN(80), len(t.keys) > 0))
	}
	return value
}

func (g *generator) insert(t randomTable, depth int) string {
	alias := g.name("x")
	var columns, values []string
	from, visible := "", []randomColumn(nil)
	if g.chance(2) {
		from, visible = g.from(depth-1, nil)
	}
	for i, name := range columnNames {
		if !slices.Contains(t.writable, name) || !slices.Contains(t.needed, name) && g.chance(4) {
			continue
		}
		value := "DEFAULT"
		for value == "DEFAULT" {
			value = g.assigned(t, i, visible)
			if from == "" {
				break
			}
		}
		columns, values = append(columns, name), append(values, value)
	}
	if len(columns) == 0 {
		return fmt.Sprintf("INSERT INTO %s AS %s DEFAULT VALUES%s", t.name, alias, g.returning(alias, nil, depth))
	}
	sql := fmt.Sprintf("INSERT INTO %s AS %s (%s) ", t.name, alias, strings.Join(columns, ", "))
	switch {
	case from != "":
		sql += fmt.Sprintf("SELECT %s FROM %s WHERE %s LIMIT 3", strings.Join(values, ", "), from, g.condition(visible, 1, nil))
	case g.chance(4):
		sql += fmt.Sprintf("VALUES (%[1]s), (%[1]s)", strings.Join(values, ", "))
	default:
		sql += fmt.Sprintf("VALUES (%s)", strings.Join(values, ", "))
	}
	switch g.IntN(4) {
	case 2:
		sql += " ON CONFLICT DO NOTHING"
	case 3:
		if len(t.keys) > 0 && !t.view {
			seen := concatColumns(g.columns(alias), g.columns("excluded"))
			sql += fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET %s", g.one(t.keys...), g.assignments(t, seen, true))
			if g.chance(3) {
				sql += " WHERE " + g.condition(seen, 1, nil)
			}
		}
	}
	return sql + g.returning(alias, nil, depth)
}

// assignments is what stands after SET. Assigning the columns of a subquery is
// left out where several is false: servers crash on it in MERGE.
func (g *generator) assignments(t randomTable, visible []randomColumn, several bool) string {
	var list []string
	for i, name := range columnNames {
		if slices.Contains(t.writable, name) && g.chance(3) {
			list = append(list, name+" = "+g.assigned(t, i, visible))
		}
	}
	if len(list) == 0 {
		name := t.writable[0]
		return name + " = " + g.assigned(t, slices.Index(columnNames, name), visible)
	}
	if several && slices.Contains(t.writable, "c") && slices.Contains(t.writable, "d") && g.chance(8) {
		list = slices.DeleteFunc(list, func(s string) bool { return strings.HasPrefix(s, "c =") || strings.HasPrefix(s, "d =") })
		list = append(list, fmt.Sprintf("(c, d) = (SELECT %s::text, %s::text)", g.expr(visible, 't', 1, false), g.expr(visible, 't', 1, false)))
	}
	return strings.Join(list, ", ")
}

func (g *generator) update(t randomTable, depth int) string {
	alias := g.name("x")
	seen := g.columns(alias)
	from, rest := "", []randomColumn(nil)
	if g.chance(2) {
		from, rest = g.from(depth-1, nil)
		from = " FROM " + from
	}
	seen = concatColumns(seen, rest)
	sql := fmt.Sprintf("UPDATE %s SET %s%s", g.target(t, alias), g.assignments(t, seen, true), from)
	if g.IntN(3) > 0 {
		sql += " WHERE " + g.condition(seen, 1, nil)
	}
	return sql + g.returning(alias, rest, depth)
}

func (g *generator) delete(t randomTable, depth int) string {
	alias := g.name("x")
	using, rest := "", []randomColumn(nil)
	if g.chance(2) {
		using, rest = g.from(depth-1, nil)
		using = " USING " + using
	}
	sql := fmt.Sprintf("DELETE FROM %s%s", g.target(t, alias), using)
	if g.IntN(3) > 0 {
		sql += " WHERE " + g.condition(concatColumns(g.columns(alias), rest), 1, nil)
	}
	return sql + g.returning(alias, rest, depth)
}

// merge is a MERGE, which returns something from PostgreSQL 17 on.
func (g *generator) merge(t randomTable, depth int) string {
	alias := g.name("x")
	target := g.columns(alias)
	source, rest := g.item(depth-1, nil)
	both := concatColumns(target, rest)
	on := g.pick(rest, 'i')
	if on == "" {
		on = "1"
	}
	sql := fmt.Sprintf("MERGE INTO %s USING %s ON %s.a = %s", g.target(t, alias), source, alias, on)
	if g.chance(3) {
		sql += " AND " + g.condition(both, 1, nil)
	}
	// The first WHEN of a kind without a condition is the last of its kind.
	and := func(seen []randomColumn) string {
		if g.chance(3) {
			return " AND " + g.condition(seen, 1, nil)
		}
		return ""
	}
	for range 1 + g.IntN(2) {
		when := and(both)
		sql += " WHEN MATCHED" + when + " THEN " + g.one("UPDATE SET "+g.assignments(t, both, false), "DELETE", "DO NOTHING")
		if when == "" {
			break
		}
	}
	if g.chance(2) {
		var columns, values []string
		for i, name := range columnNames {
			if slices.Contains(t.writable, name) {
				columns, values = append(columns, name), append(values, g.assigned(t, i, rest))
			}
		}
		if len(columns) > 0 {
			sql += fmt.Sprintf(" WHEN NOT MATCHED%s%s THEN INSERT (%s) VALUES (%s)", g.one("", " BY TARGET"), and(rest), strings.Join(columns, ", "), strings.Join(values, ", "))
		}
	}
	if g.chance(3) {
		sql += " WHEN NOT MATCHED BY SOURCE" + and(target) + " THEN " + g.one("DELETE", "UPDATE SET "+g.assignments(t, target, false))
	}
	if g.chance(6) {
		return sql + " RETURNING " + strings.Replace(g.outputs(both, depth, false), " AS c", " || merge_action() AS c", 1)
	}
	return sql + g.returning(alias, rest, depth)
}
