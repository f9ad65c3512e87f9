package nullability

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// A column that can be seen: what to write, and its kind.
type randomColumn struct {
	sql  string
	kind byte
	// row is the relation, if a reference to its whole row is possible.
	row string
}

// generator writes random schemas and statements.
type generator struct {
	choices
	world   *randomWorld
	version int
	names   int
	// ctes are names of CTEs with the six columns of each relation.
	ctes []string
	// params are the kinds of the parameters so far.
	params []byte
}

func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *generator) columns(alias string) []randomColumn {
	out := make([]randomColumn, len(columnNames))
	for i, name := range columnNames {
		out[i] = randomColumn{alias + "." + name, kinds[i], alias}
	}
	return out
}

func concatColumns(lists ...[]randomColumn) []randomColumn { return slices.Concat(lists...) }

// statement is a whole statement.
func (g *generator) statement() string {
	return g.part("statement", func() string {
		g.names, g.ctes, g.params = 100, nil, nil
		// Small statements show more: they return rows.
		depth := 1 + g.IntN(3)
		with := ""
		if g.chance(3) {
			with = g.with(depth - 1)
		}
		if g.chance(5) {
			return renumber(with + g.change(depth))
		}
		return renumber(with + g.query(depth, nil))
	})
}

var numbered = regexp.MustCompile(`\$\d+`)

// renumber closes the gaps in the numbers of parameters that parts which were
// not taken leave.
func renumber(sql string) string {
	numbers := map[string]string{}
	return numbered.ReplaceAllStringFunc(sql, func(old string) string {
		if numbers[old] == "" {
			numbers[old] = "$" + strconv.Itoa(len(numbers)+1)
		}
		return numbers[old]
	})
}

// with is a WITH clause, or nothing.
func (g *generator) with(depth int) string {
	var with []string
	recursive := false
	for len(with) < 3 {
		text := g.part("cte", func() string {
			if len(with) > 0 && g.IntN(2) == 0 {
				return ""
			}
			name := g.name("w")
			materialized := ""
			if g.chance(6) {
				materialized = g.one("MATERIALIZED ", "NOT MATERIALIZED ")
			}
			var text string
			switch g.IntN(6) {
			case 4:
				text = fmt.Sprintf("%s AS (%s)", name, g.change(1))
			case 5:
				recursive = true
				text = g.recursiveCTE(name)
			default:
				text = fmt.Sprintf("%s AS %s(%s)", name, materialized, g.query(depth, nil))
			}
			g.ctes = append(g.ctes, name)
			return text
		})
		if text == "" {
			break
		}
		with = append(with, text)
	}
	switch {
	case len(with) == 0:
		return ""
	case recursive:
		return "WITH RECURSIVE " + strings.Join(with, ", ") + " "
	}
	return "WITH " + strings.Join(with, ", ") + " "
}

func (g *generator) recursiveCTE(name string) string {
	table := g.one(g.world.readable...)
	seen := concatColumns(g.columns("r"), g.columns("x"))
	where := g.condition(seen, 1, nil)
	join := g.one("JOIN", "LEFT JOIN")
	step := fmt.Sprintf("SELECT %s FROM %s r %s %s x ON x.a = r.a WHERE %s", g.outputs(seen, 0, false), name, join, table, where)
	if join == "JOIN" && g.chance(3) {
		step = fmt.Sprintf("SELECT %s FROM %s x JOIN %s r ON x.b = r.a WHERE %s", g.outputs(seen, 0, false), table, name, where)
	}
	union := "UNION"
	if g.chance(4) {
		// Bounded, because it might not end.
		union = "UNION ALL"
		step += " AND r.a IS NULL AND false"
	}
	return fmt.Sprintf("%s (a, b, c, d, f, e) AS (SELECT a::int, b::int, c::text, d::text, f::boolean, e::int[] FROM (%s) z %s %s)", name, g.query(1, nil), union, step)
}

// query is a query with the six columns, which may refer to outer ones.
func (g *generator) query(depth int, outer []randomColumn) string {
	return g.part("query", func() string {
		if depth > 0 && g.chance(7) {
			op := g.one("UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL")
			text := fmt.Sprintf("(%s) %s (%s)", g.query(depth-1, outer), op, g.query(depth-1, outer))
			if g.chance(6) {
				text += g.one(" LIMIT 4", " ORDER BY a", " OFFSET 1")
			}
			return text
		}
		from, visible := g.from(depth, outer)
		all := concatColumns(visible, outer)
		where := ""
		if g.chance(2) {
			where = " WHERE " + g.condition(all, 1+g.IntN(2), nil)
		}
		if g.chance(4) {
			return g.groupedQuery(from, where, visible, outer, depth)
		}
		distinct := ""
		if g.chance(8) {
			distinct = g.one("DISTINCT ", "DISTINCT ON ("+g.expr(all, 'i', 0, false)+") ")
		}
		limit := ""
		if g.chance(8) {
			limit = g.one(" LIMIT 3", " OFFSET 1", " LIMIT ALL", " FETCH FIRST 2 ROWS ONLY")
		}
		window := ""
		outputs := g.outputs(all, depth, true)
		if strings.Contains(outputs, " OVER named") {
			window = " WINDOW named AS " + g.frame(all)
		}
		return "SELECT " + distinct + outputs + " FROM " + from + where + window + limit
	})
}

// outputs are the six columns of an output list.
func (g *generator) outputs(visible []randomColumn, depth int, windows bool) string {
	var out []string
	for i, name := range columnNames {
		e := g.part("output", func() string {
			switch {
			case windows && g.chance(9):
				return g.window(visible, kinds[i])
			case windows && g.chance(40):
				return g.setReturning(visible, kinds[i])
			}
			return g.expr(visible, kinds[i], 2, depth > 0)
		})
		out = append(out, e+" AS "+name)
	}
	return strings.Join(out, ", ")
}

// setReturning is a call of a function that returns a set, in an output list.
func (g *generator) setReturning(visible []randomColumn, kind byte) string {
	switch kind {
	case 'i':
		return g.one("generate_series(1, 2)", "unnest("+g.expr(visible, 'e', 1, false)+")", "generate_series(1, "+g.expr(visible, 'i', 0, false)+")")
	case 't':
		return g.one("unnest(ARRAY["+g.expr(visible, 't', 0, false)+", 'x'])", "jsonb_object_keys('{\"k\": 1, \"l\": 2}')", "regexp_split_to_table("+g.expr(visible, 't', 0, false)+", 'x')")
	}
	return g.expr(visible, kind, 1, false)
}

func (g *generator) frame(visible []randomColumn) string {
	order := "ORDER BY " + g.expr(visible, 'i', 0, false)
	frame := g.one("", "", "ROWS", "GROUPS", "ROWS", "RANGE", "dates")
	switch frame {
	case "":
		if g.chance(3) {
			order = ""
		}
	case "dates":
		order = "ORDER BY date '2021-02-26' + " + g.expr(visible, 'i', 0, false) + g.one("", " DESC")
		interval := func() string {
			return g.one("'1 day'", "'1 month'", "'1 month -30 days'", "'0'", "make_interval(days => 1)", "interval '1 month' - interval '30 days'")
		}
		frame = " RANGE BETWEEN " + g.one("CURRENT ROW", "UNBOUNDED PRECEDING", interval()+" PRECEDING") + " AND " + g.one("CURRENT ROW", interval()+" FOLLOWING")
	default:
		frame = " " + frame + " BETWEEN " + g.one("UNBOUNDED PRECEDING AND CURRENT ROW", "CURRENT ROW AND UNBOUNDED FOLLOWING", "1 PRECEDING AND 1 FOLLOWING",
			"UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING", "2 PRECEDING AND 1 PRECEDING", "1 FOLLOWING AND 2 FOLLOWING", "0 PRECEDING AND CURRENT ROW", "CURRENT ROW AND 0 FOLLOWING", "2 FOLLOWING AND UNBOUNDED FOLLOWING") +
			g.one("", "", " EXCLUDE NO OTHERS", " EXCLUDE CURRENT ROW", " EXCLUDE TIES", " EXCLUDE GROUP")
	}
	partition := ""
	if g.chance(2) {
		partition = "PARTITION BY " + g.expr(visible, 'i', 0, false) + " "
	}
	return "(" + partition + order + frame + ")"
}

func (g *generator) window(visible []randomColumn, kind byte) string {
	return g.part("window", func() string {
		arg := g.expr(visible, kind, 1, false)
		over := "named"
		if !g.chance(4) {
			over = g.frame(visible)
		}
		filter := ""
		if g.chance(8) {
			filter = " FILTER (WHERE " + g.condition(visible, 1, nil) + ")"
		}
		switch kind {
		case 'b':
			if g.chance(2) {
				return fmt.Sprintf("bool_or(%s)%s OVER %s", arg, filter, over)
			}
		case 'i':
			if f := g.one("", "", "row_number()", "rank()", "ntile("+g.expr(visible, 'i', 0, false)+")", "count(*)"+filter, "sum("+arg+")"+filter, "count("+arg+")"+filter); f != "" {
				return fmt.Sprintf("(%s OVER %s)::int", f, over)
			}
		case 't':
			if g.chance(3) {
				return fmt.Sprintf("string_agg(%s, %s)%s OVER %s", arg, g.expr(visible, 't', 0, false), filter, over)
			}
		case 'e':
			if g.chance(3) {
				return fmt.Sprintf("array_agg(%s)%s OVER %s", g.expr(visible, 'i', 1, false), filter, over)
			}
		}
		switch g.IntN(6) {
		case 0:
			return fmt.Sprintf("first_value(%s) OVER %s", arg, over)
		case 1:
			return fmt.Sprintf("last_value(%s) OVER %s", arg, over)
		case 2:
			return fmt.Sprintf("%s(%s) OVER %s", g.one("lag", "lead"), arg, over)
		case 3:
			return fmt.Sprintf("%s(%s, %s, %s) OVER %s", g.one("lag", "lead"), arg, g.expr(visible, 'i', 0, false), g.expr(visible, kind, 0, false), over)
		case 4:
			return fmt.Sprintf("nth_value(%s, %s) OVER %s", arg, g.one("1", "2"), over)
		}
		if kind == 'b' {
			return fmt.Sprintf("bool_and(%s) OVER %s", arg, over)
		}
		return fmt.Sprintf("%s(%s)%s OVER %s", g.one("max", "min"), arg, filter, over)
	})
}

// aggregate is a call of an aggregate.
func (g *generator) aggregate(visible []randomColumn, kind byte) string {
	return g.part("aggregate", func() string {
		arg := g.expr(visible, kind, 1, false)
		filter := ""
		if g.chance(5) {
			filter = " FILTER (WHERE " + g.condition(visible, 1, nil) + ")"
		}
		if g.chance(10) {
			arg = "DISTINCT " + arg
		}
		switch kind {
		case 'i':
			switch f := g.one("max", "min", "sum", "count", "avg", "bit_or", "last_one", "*", "within", "mode", "stddev"); f {
			case "*":
				return "count(*)" + filter + "::int"
			case "within":
				return fmt.Sprintf("percentile_disc(%s) WITHIN GROUP (ORDER BY %s)%s", g.one("0.5", "NULL::float"), g.expr(visible, 'i', 1, false), filter)
			case "mode":
				return fmt.Sprintf("mode() WITHIN GROUP (ORDER BY %s)%s", g.expr(visible, 'i', 1, false), filter)
			case "last_one":
				return "last_one(" + strings.TrimPrefix(arg, "DISTINCT ") + ")" + filter
			default:
				return f + "(" + arg + ")" + filter + "::int"
			}
		case 't':
			if g.chance(3) {
				return fmt.Sprintf("string_agg(%s, %s)%s", strings.TrimPrefix(arg, "DISTINCT "), g.expr(visible, 't', 0, false), filter)
			}
			return g.one("max", "min") + "(" + arg + ")" + filter
		case 'e':
			switch g.IntN(3) {
			case 1:
				return fmt.Sprintf("array_agg(%s)%s", g.expr(visible, 'i', 1, false), filter)
			case 2:
				return fmt.Sprintf("array_agg(%s ORDER BY %s)%s", g.expr(visible, 'i', 0, false), g.expr(visible, 't', 0, false), filter)
			}
			return g.one("max", "min") + "(" + arg + ")" + filter
		}
		return g.one("bool_and", "bool_or", "every") + "(" + arg + ")" + filter
	})
}

func (g *generator) groupedQuery(from, where string, visible, outer []randomColumn, depth int) string {
	return g.part("grouped", func() string {
		var keys []randomColumn
		for range 3 {
			k := g.part("key", func() string {
				if g.IntN(4) == 0 {
					return ""
				}
				kind := kinds[g.IntN(len(kinds))]
				k := g.pick(visible, kind)
				if k == "" || g.chance(4) {
					k = g.expr(visible, kind, 1, false)
				}
				if kind == 'i' && g.chance(12) {
					k += "::numeric"
				}
				keys = append(keys, randomColumn{sql: k, kind: kind})
				return k
			})
			if k == "" {
				break
			}
		}
		grouped := slices.Clone(keys)
		for _, kind := range []byte("itbe") {
			grouped = append(grouped, randomColumn{sql: g.aggregate(visible, kind), kind: kind})
		}
		if len(keys) > 0 && keys[0].kind == 'i' && g.chance(2) {
			// The direct argument is evaluated once for a group.
			grouped = append(grouped, randomColumn{sql: fmt.Sprintf("percentile_disc((%s) * 0.0) WITHIN GROUP (ORDER BY %s)", keys[0].sql, g.expr(visible, 'i', 1, false)), kind: 'i'})
		}
		if len(keys) > 0 && g.chance(6) {
			grouped = append(grouped, randomColumn{sql: "grouping(" + keys[0].sql + ")", kind: 'i'})
		}
		grouped = append(grouped, outer...)
		var out []string
		for i, name := range columnNames {
			e := g.part("output", func() string {
				if g.chance(12) {
					return g.window(grouped, kinds[i])
				}
				return g.expr(grouped, kinds[i], 1, depth > 0 && g.chance(3))
			})
			out = append(out, strings.ReplaceAll(e, "OVER named", "OVER ()")+" AS "+name)
		}
		distinct := ""
		if g.chance(10) {
			distinct = "DISTINCT "
		}
		sql := "SELECT " + distinct + strings.Join(out, ", ") + " FROM " + from + where
		var list []string
		for _, k := range keys {
			list = append(list, "("+k.sql+")")
		}
		if len(keys) > 0 {
			all := strings.Join(list, ", ")
			by := " GROUP BY "
			if g.version >= 140000 && g.chance(10) {
				by += "DISTINCT "
			}
			switch g.IntN(9) {
			case 3, 4:
				sql += by + g.one("ROLLUP", "CUBE") + " (" + all + ")"
			case 5:
				sql += by + "GROUPING SETS ((" + all + "), " + list[0] + g.one("", ", ()") + ")"
			case 6:
				sql += by + list[0] + ", ROLLUP (" + list[len(list)-1] + ")"
			case 7:
				sql += by + "GROUPING SETS (ROLLUP (" + all + "), CUBE (" + list[0] + "))"
			case 8:
				sql += by + "GROUPING SETS ((" + all + "), (" + all + ")), " + list[0]
			default:
				sql += by + all
			}
		}
		if g.chance(3) {
			sql += " HAVING " + g.condition(grouped, 1, nil)
		}
		return sql
	})
}

// from is what stands after FROM, with what can be seen of it.
func (g *generator) from(depth int, outer []randomColumn) (string, []randomColumn) {
	var visible []randomColumn
	sql := g.part("item", func() string {
		var text string
		text, visible = g.item(depth, outer)
		return text
	})
	for range 4 {
		var more []randomColumn
		join := g.part("join", func() string {
			if g.IntN(2) == 0 {
				return ""
			}
			var text string
			text, more = g.joinTo(visible, depth, outer)
			return text
		})
		if join == "" {
			break
		}
		sql += join
		visible = append(visible, more...)
	}
	return sql, visible
}

// joinTo is a join to what stands before it.
func (g *generator) joinTo(visible []randomColumn, depth int, outer []randomColumn) (string, []randomColumn) {
	join := g.one("JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "LATERAL")
	if join == "LATERAL" {
		alias := g.name("l")
		seen := concatColumns(visible, outer)
		if g.chance(4) {
			// A set-returning function sees what stands before it.
			text := fmt.Sprintf("%s(%s)", g.one(g.world.sets...), g.expr(seen, 'i', 0, false))
			return fmt.Sprintf(" %s %s %s ON true", g.one("LEFT JOIN", "JOIN"), text, alias), g.columns(alias)
		}
		sub := g.query(max(depth-1, 0), seen)
		return fmt.Sprintf(" %s LATERAL (%s) %s ON %s", g.one("LEFT JOIN", "JOIN"), sub, alias, g.one("true", "true", alias+".a = 1")), g.columns(alias)
	}
	right, more := g.item(depth-1, outer)
	if depth > 0 && g.chance(5) {
		right, more = g.joined(depth-1, outer)
	}
	switch join {
	case "CROSS JOIN":
		return " CROSS JOIN " + right, more
	case "FULL JOIN":
		// Only merge and hash joins can do it.
		l, r := g.pick(visible, 'i'), g.pick(more, 'i')
		if l == "" || r == "" {
			return " FULL JOIN " + right + " ON true", more
		}
		return fmt.Sprintf(" FULL JOIN %s ON %s = %s%s", right, l, r, g.one("", " AND true")), more
	}
	if l, r := g.pick(visible, 'i'), g.pick(more, 'i'); l != "" && r != "" && g.chance(2) {
		return fmt.Sprintf(" %s %s ON %s = %s", join, right, l, r), more
	}
	return fmt.Sprintf(" %s %s ON %s", join, right, g.condition(concatColumns(visible, more), 1, nil)), more
}

// joined is a join in brackets, perhaps with merged columns.
func (g *generator) joined(depth int, outer []randomColumn) (string, []randomColumn) {
	left, visible := g.six(depth, outer)
	right, more := g.six(depth, outer)
	switch g.IntN(5) {
	case 1, 2:
		alias := g.name("j")
		return fmt.Sprintf("(%s %s %s USING (a)) AS %s (a, b, c, d, f, e, g, h, k, m, n)", left, g.one("FULL JOIN", "LEFT JOIN", "JOIN", "RIGHT JOIN"), right, alias), g.columns(alias)
	case 3:
		alias := g.name("j")
		third, _ := g.six(depth, outer)
		return fmt.Sprintf("(%s %s %s USING (a) %s %s USING (a)) AS %s (a, b, c, d, f, e, g1, g2, g3, g4, g5, h1, h2, h3, h4, h5)", left, g.one("FULL JOIN", "LEFT JOIN"), right, g.one("FULL JOIN", "LEFT JOIN", "JOIN", "RIGHT JOIN"), third, alias), g.columns(alias)
	case 4:
		alias := g.name("j")
		return fmt.Sprintf("(%s NATURAL %s %s) AS %s", left, g.one("FULL JOIN", "LEFT JOIN", "JOIN", "RIGHT JOIN"), right, alias), g.columns(alias)
	}
	visible = append(visible, more...)
	return fmt.Sprintf("(%s %s %s ON %s)", left, g.one("LEFT JOIN", "JOIN", "RIGHT JOIN"), right, g.condition(visible, 1, nil)), visible
}

// item is an item of FROM.
func (g *generator) item(depth int, outer []randomColumn) (string, []randomColumn) {
	switch g.IntN(24) {
	case 20:
		alias := g.name("r")
		return fmt.Sprintf("generate_series(1, %s) AS %s (a)", g.one("2", "3"), alias), []randomColumn{{sql: alias + ".a", kind: 'i'}}
	case 21:
		alias := g.name("r")
		return fmt.Sprintf("unnest(%s) WITH ORDINALITY AS %s (a, b)", g.one("'{1,2}'::int[]", "'{1,NULL}'::int[]", "ARRAY[3, 1]"), alias), []randomColumn{{sql: alias + ".a", kind: 'i'}, {sql: alias + ".b::int", kind: 'i'}}
	case 22:
		alias := g.name("r")
		return fmt.Sprintf("ROWS FROM (generate_series(1, %s), unnest('{x,y}'::text[])) WITH ORDINALITY AS %s (a, c, b)", g.one("2", "3"), alias),
			[]randomColumn{{sql: alias + ".a", kind: 'i'}, {sql: alias + ".c", kind: 't'}, {sql: alias + ".b::int", kind: 'i'}}
	case 23:
		alias := g.name("r")
		return fmt.Sprintf("jsonb_to_recordset('[{\"a\": 1, \"c\": \"x\"}, {\"a\": null}]') AS %s (a int, c text)", alias), []randomColumn{{sql: alias + ".a", kind: 'i'}, {sql: alias + ".c", kind: 't', row: alias}}
	}
	return g.six(depth, outer)
}

// six is an item of FROM with the six columns.
func (g *generator) six(depth int, outer []randomColumn) (string, []randomColumn) {
	alias := g.name("r")
	switch g.IntN(14) {
	case 8, 9:
		if depth > 0 {
			return "(" + g.query(depth-1, nil) + ") " + alias, g.columns(alias)
		}
	case 10:
		return fmt.Sprintf("(VALUES (1, %s, 'x', %s, true, '{1}'::int[]), (2, 3, %s, 'y', %s, %s)) AS %s (a, b, c, d, f, e)",
			g.one("1", "NULL"), g.one("'x'", "NULL"), g.one("'y'", "NULL"), g.one("false", "NULL"), g.one("'{2}'", "NULL"), alias), g.columns(alias)
	case 11, 12:
		if len(g.ctes) > 0 {
			return g.one(g.ctes...) + " " + alias, g.columns(alias)
		}
	case 13:
		return fmt.Sprintf("%s(%s) %s", g.one(g.world.sets...), g.constant('i'), alias), g.columns(alias)
	}
	only := ""
	table := g.one(g.world.readable...)
	if (table == "parent" || table == "parts") && g.chance(3) {
		only = "ONLY "
	}
	return only + table + " " + alias, g.columns(alias)
}

func (g *generator) pick(visible []randomColumn, kind byte) string {
	var of []string
	for _, c := range visible {
		if c.kind == kind {
			of = append(of, c.sql)
		}
	}
	if len(of) == 0 {
		return ""
	}
	return g.one(of...)
}

// alias is the name of a relation that can be seen, or "".
func (g *generator) alias(visible []randomColumn) string {
	var of []string
	for _, c := range visible {
		if c.row != "" && !slices.Contains(of, c.row) {
			of = append(of, c.row)
		}
	}
	if len(of) == 0 {
		return ""
	}
	return g.one(of...)
}

func (g *generator) constant(kind byte) string {
	if g.chance(4) {
		return g.parameter(kind)
	}
	switch kind {
	case 'i':
		return g.one("1", "2", "3", "NULL::int")
	case 't':
		return g.one("'x'", "'y'", "NULL::text")
	case 'e':
		return g.one("'{1}'::int[]", "'{2,NULL}'::int[]", "'{}'::int[]", "NULL::int[]")
	}
	return g.one("true", "false", "NULL::boolean")
}

// parameter is a parameter of a kind, an older one or the next.
func (g *generator) parameter(kind byte) string {
	n := slices.Index(g.params, kind)
	if n < 0 || g.chance(2) {
		n = len(g.params)
		g.params = append(g.params, kind)
	}
	return fmt.Sprintf("$%d::%s", n+1, map[byte]string{'i': "int", 't': "text", 'e': "int[]", 'b': "boolean"}[kind])
}

// parameterValues are lists of parameters to run a random statement with: without
// any value, with values only, and with NULL among them.
func parameterValues(_ string, d *pgconn.StatementDescription) [][][]byte {
	lists := make([][][]byte, 3)
	for i, oid := range d.ParamOIDs {
		values := map[uint32][3]string{16: {"", "t", "f"}, 23: {"", "1", "2"}, 25: {"", "x", "y"}, 1007: {"", "{1,2}", "{2,NULL}"}}[oid]
		for j := range lists {
			var value []byte
			if values[j] != "" && (j < 2 || i%2 == 0) {
				value = []byte(values[j])
			}
			lists[j] = append(lists[j], value)
		}
	}
	return lists
}

// expr is an expression of a kind.
func (g *generator) expr(visible []randomColumn, kind byte, depth int, subqueries bool) string {
	return g.part("expr"+string(kind), func() string { return g.expression(visible, kind, depth, subqueries) })
}

func (g *generator) expression(visible []randomColumn, kind byte, depth int, subqueries bool) string {
	column := g.pick(visible, kind)
	if column == "" || g.chance(12) {
		column = g.constant(kind)
	}
	if depth == 0 || g.IntN(3) == 0 {
		return column
	}
	sub := func() string { return g.expr(visible, kind, depth-1, subqueries) }
	condition := func() string { return g.condition(visible, depth-1, nil) }
	switch g.IntN(12) {
	case 0:
		return fmt.Sprintf("coalesce(%s, %s)", sub(), sub())
	case 1:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", condition(), sub(), sub())
	case 2:
		text := fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s THEN %s", condition(), sub(), condition(), sub())
		if g.chance(2) {
			text += " ELSE " + sub()
		}
		return text + " END"
	case 3:
		return fmt.Sprintf("CASE %s WHEN %s THEN %s ELSE %s END", g.expr(visible, 'i', 0, false), g.expr(visible, 'i', 0, false), sub(), sub())
	case 4:
		if kind != 'b' {
			return fmt.Sprintf("%s(%s, %s)", g.one("nullif", "greatest", "least"), sub(), sub())
		}
	case 5, 6:
		if subqueries {
			return g.scalarSubquery(visible, kind, sub)
		}
	case 7:
		if alias := g.alias(visible); alias != "" {
			switch kind {
			case 'i':
				return fmt.Sprintf("num_nulls(%s)", alias)
			case 't':
				return g.one(alias+"::text", "row_to_json("+alias+")::text", "concat("+alias+")")
			}
		}
	}
	i := func() string { return g.expr(visible, 'i', depth-1, false) }
	t := func() string { return g.expr(visible, 't', depth-1, false) }
	e := func() string { return g.expr(visible, 'e', depth-1, false) }
	switch kind {
	case 'i':
		switch g.IntN(16) {
		case 0:
			return fmt.Sprintf("(%s + %s)", sub(), sub())
		case 1:
			return fmt.Sprintf("length(%s)", t())
		case 2:
			return fmt.Sprintf("(-%s)", sub())
		case 3:
			return fmt.Sprintf("half(%s)", sub())
		case 4:
			return fmt.Sprintf("orone(%s)", sub())
		case 5:
			return fmt.Sprintf("(%s)[1]", e())
		case 6:
			return fmt.Sprintf("array_length(%s, 1)", e())
		case 7:
			return fmt.Sprintf("cardinality(%s)", e())
		case 8:
			return fmt.Sprintf("(jsonb_build_object('k', %s) ->> 'k')::int", sub())
		case 9:
			return fmt.Sprintf("array_position(%s, %s)", e(), sub())
		case 10:
			return fmt.Sprintf("num_nonnulls(%s, %s)", sub(), t())
		case 11:
			return fmt.Sprintf("%s::%s::int", sub(), g.one("numeric", "small", "text"))
		case 12:
			return fmt.Sprintf("(ROW(%s, %s)).f1", sub(), t())
		case 13:
			return fmt.Sprintf("(%s)::int", condition())
		case 14:
			return fmt.Sprintf("upper(int4range(%s, NULL))", i())
		}
		// An implicit cast, which is equal to an explicit one.
		return fmt.Sprintf("(%s * 2.5)::int", sub())
	case 't':
		switch g.IntN(9) {
		case 0:
			return fmt.Sprintf("(%s || %s)", sub(), sub())
		case 1:
			return fmt.Sprintf("upper(%s)", sub())
		case 2:
			return fmt.Sprintf("(%s)::text", i())
		case 3:
			return fmt.Sprintf("concat(%s, %s)", sub(), i())
		case 4:
			return fmt.Sprintf("concat_ws(%s, %s)", sub(), sub())
		case 5:
			return fmt.Sprintf("substring(%s from 'x')", sub())
		case 6:
			return fmt.Sprintf("array_to_string(%s, ',')", e())
		case 7:
			return fmt.Sprintf("%s(%s)", g.one("to_json", "quote_nullable", "to_jsonb"), i()) + "::text"
		}
		return fmt.Sprintf("format('%%s', %s)", sub())
	case 'e':
		switch g.IntN(8) {
		case 0:
			return fmt.Sprintf("ARRAY[%s, %s]", i(), i())
		case 1:
			return fmt.Sprintf("array_append(%s, %s)", sub(), i())
		case 2:
			return fmt.Sprintf("(%s || %s)", sub(), sub())
		case 3:
			return fmt.Sprintf("(%s)[1:2]", sub())
		case 4:
			return fmt.Sprintf("(%s)[%s:]", sub(), i())
		case 5:
			return fmt.Sprintf("array_remove(%s, %s)", sub(), i())
		case 6:
			if subqueries {
				alias := g.name("s")
				inner := g.columns(alias)
				return fmt.Sprintf("ARRAY(SELECT %s FROM %s %s WHERE %s)", g.expr(inner, 'i', 1, false), g.one(g.world.readable...), alias, g.condition(concatColumns(inner, visible), 1, nil))
			}
		}
		return fmt.Sprintf("array_replace(%s, 1, %s)", sub(), i())
	}
	return condition()
}

func (g *generator) scalarSubquery(visible []randomColumn, kind byte, sub func() string) string {
	alias := g.name("s")
	table := g.one(g.world.readable...)
	inner := concatColumns(g.columns(alias), visible)
	switch g.IntN(5) {
	case 1:
		return fmt.Sprintf("(SELECT %s FROM %s %s WHERE %s LIMIT 1)", g.expr(inner, kind, 1, false), table, alias, g.condition(inner, 1, nil))
	case 2:
		return fmt.Sprintf("(SELECT coalesce(%s, %s) FROM %s %s WHERE %s)", g.aggregate(g.columns(alias), kind), sub(), table, alias, g.condition(inner, 1, nil))
	case 3:
		return fmt.Sprintf("(SELECT %s FROM %s %s HAVING %s)", g.aggregate(g.columns(alias), kind), table, alias, g.condition([]randomColumn{{sql: g.aggregate(g.columns(alias), 'i'), kind: 'i'}}, 1, nil))
	case 4:
		return fmt.Sprintf("(SELECT %s WHERE %s)", sub(), g.condition(visible, 0, nil))
	}
	return fmt.Sprintf("(SELECT %s)", sub())
}

// condition is a boolean expression that says something of columns.
func (g *generator) condition(visible []randomColumn, depth int, _ []randomColumn) string {
	return g.part("exprb", func() string { return g.conditionOf(visible, depth) })
}

func (g *generator) conditionOf(visible []randomColumn, depth int) string {
	sub := func() string { return g.condition(visible, depth-1, nil) }
	if depth > 0 {
		switch g.IntN(9) {
		case 3:
			return fmt.Sprintf("(%s AND %s)", sub(), sub())
		case 4, 5, 8:
			return fmt.Sprintf("(%s OR %s)", sub(), sub())
		case 6:
			return fmt.Sprintf("(NOT %s)", sub())
		case 7:
			return fmt.Sprintf("(%s %s)", sub(), g.one("IS NOT NULL", "IS NULL", "IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE", "IS UNKNOWN", "IS NOT UNKNOWN"))
		}
	}
	kind := kinds[g.IntN(4)]
	left, right := g.expr(visible, kind, depth, false), g.expr(visible, kind, 0, false)
	number := func() string { return g.expr(visible, 'i', 0, false) }
	switch g.IntN(16) {
	case 0, 1:
		return fmt.Sprintf("(%s %s)", left, g.one("IS NOT NULL", "IS NULL"))
	case 2:
		return fmt.Sprintf("(%s %s %s)", left, g.one("IS DISTINCT FROM", "IS NOT DISTINCT FROM"), right)
	case 3:
		return fmt.Sprintf("(%s %s (%s, %s))", left, g.one("IN", "NOT IN"), right, g.constant(kind))
	case 4:
		array := "int"
		if kind == 't' {
			array = "text"
		}
		return fmt.Sprintf("(%s %s (ARRAY[%s]::%s[]))", left, g.one("= ANY", "<> ALL", "= ALL", "<> ANY"), g.one(right, "", right+", NULL"), array)
	case 5:
		alias := g.name("s")
		inner := concatColumns(g.columns(alias), visible)
		return fmt.Sprintf("(%s (SELECT 1 FROM %s %s WHERE %s))", g.one("EXISTS", "NOT EXISTS"), g.one(g.world.readable...), alias, g.condition(inner, min(depth, 1), nil))
	case 6:
		alias := g.name("s")
		inner := concatColumns(g.columns(alias), visible)
		where := ""
		if g.chance(3) {
			where = " WHERE " + g.condition(inner, 0, nil)
		}
		return fmt.Sprintf("(%s %s (SELECT %s FROM %s %s%s))", left, g.one("IN", "NOT IN", "= ALL", "<> ALL", "= ANY", "<> ANY"), g.pick(g.columns(alias), kind), g.one(g.world.readable...), alias, where)
	case 7:
		return fmt.Sprintf("((%s, %s) %s (%s, %s))", left, number(), g.one("=", "<", ">=", "<>", "IS DISTINCT FROM"), right, g.constant('i'))
	case 8:
		return fmt.Sprintf("((%s, %s) %s)", left, right, g.one("IS NOT NULL", "IS NULL"))
	case 9:
		if alias := g.alias(visible); alias != "" {
			return fmt.Sprintf("(%s %s)", g.one(alias, alias+".*"), g.one("IS NOT NULL", "IS NULL", "IS DISTINCT FROM NULL", "IS NOT DISTINCT FROM NULL"))
		}
	case 10:
		return fmt.Sprintf("(%s %s (%s))", number(), g.one("= ANY", "<> ALL", "< ALL"), g.expr(visible, 'e', 0, false))
	case 11:
		return fmt.Sprintf("(%s %s %s)", number(), g.one("===", "~~~"), number())
	case 12:
		alias := g.name("s")
		return fmt.Sprintf("((%s, %s) %s (SELECT %s, %s.a FROM %s %s))", left, number(), g.one("IN", "NOT IN"), g.pick(g.columns(alias), kind), alias, g.one(g.world.readable...), alias)
	case 13:
		return fmt.Sprintf("(%s BETWEEN %s %s AND %s)", left, g.one("", "SYMMETRIC"), right, g.constant(kind))
	case 14:
		return fmt.Sprintf("(%s && %s)", g.expr(visible, 'e', 0, false), g.expr(visible, 'e', 0, false))
	}
	if kind == 't' {
		return fmt.Sprintf("(%s %s %s)", left, g.one("=", "<>", "<", "LIKE", ">=", "~"), right)
	}
	return fmt.Sprintf("(%s %s %s)", left, g.one("=", "<>", "<", ">="), right)
}
