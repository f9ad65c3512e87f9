package nullability

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	randomQueries = flag.Int("random.queries", 400, "how many random statements to judge and run")
	randomSeed    = flag.Uint64("random.seed", 1, "seed of the random statements")
)

// randomSchema has few values, so that conditions and joins often hold, and
// NULL wherever it may be.
const randomSchema = `
CREATE TABLE t1 (a int NOT NULL, b int, c text, d text NOT NULL, f boolean);
CREATE TABLE t2 (a int, b int NOT NULL, c text NOT NULL, d text, f boolean NOT NULL);
CREATE TABLE t3 (a int NOT NULL, b int, c text, d text, f boolean);
CREATE TABLE t4 (a int, b int, c text, d text, f boolean, CHECK (a IS NOT NULL AND (b IS NOT NULL OR c IS NOT NULL)));
INSERT INTO t1 SELECT a, b, c, d, f FROM (VALUES (1, NULL, NULL, 'x', NULL), (2, 1, 'x', 'y', true), (3, 2, NULL, 'x', false), (1, 3, 'y', 'y', NULL)) v (a, b, c, d, f);
INSERT INTO t2 VALUES (NULL, 1, 'x', NULL, true), (1, 2, 'y', 'x', false), (2, 3, 'x', NULL, true), (NULL, 1, 'z', 'y', false);
INSERT INTO t3 VALUES (1, NULL, NULL, NULL, NULL), (2, 2, 'x', 'y', true), (4, 1, NULL, 'x', false);
INSERT INTO t4 VALUES (1, NULL, 'x', NULL, NULL), (2, 1, NULL, NULL, true), (3, 3, 'y', 'x', false);
CREATE VIEW v1 AS SELECT t1.a, t2.b, t2.c, t1.d, t2.f FROM t1 LEFT JOIN t2 ON t1.b = t2.b;
CREATE VIEW v2 AS SELECT a, max(b) AS b, min(c) AS c, string_agg(d, '') AS d, bool_and(f) AS f FROM t3 GROUP BY a;
`

// A column of random statements: what to write and its type, i, t or b.
type randomColumn struct {
	sql  string
	kind byte
}

// generator writes random statements.
type generator struct {
	*rand.Rand
	names   int
	version int
	// ctes are names of CTEs with the five columns of each table.
	ctes []string
}

func (g *generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

// kinds are the types of the columns a, b, c, d and f, which each table has.
const kinds = "iittb"

// statement is a whole statement with the five columns.
func (g *generator) statement() string {
	g.names, g.ctes = 0, nil
	var with []string
	recursive := false
	for range g.IntN(3) {
		name := g.name("w")
		body := g.query(2, nil)
		if g.IntN(3) == 0 {
			recursive = true
			body = fmt.Sprintf("(%s) UNION SELECT * FROM (SELECT %s FROM %s r LEFT JOIN t1 ON t1.a = r.a WHERE %s) z", g.query(1, nil),
				g.outputs(append(g.columns("r"), g.columns("t1")...), 1), name, g.condition(append(g.columns("r"), g.columns("t1")...), 1, nil))
			with = append(with, fmt.Sprintf("%s (a, b, c, d, f) AS (%s)", name, body))
		} else {
			with = append(with, fmt.Sprintf("%s AS (%s)", name, body))
		}
		g.ctes = append(g.ctes, name)
	}
	sql := g.query(3, nil)
	if len(with) > 0 {
		clause := "WITH "
		if recursive {
			clause += "RECURSIVE "
		}
		sql = clause + strings.Join(with, ", ") + " " + sql
	}
	return sql
}

func (g *generator) columns(alias string) []randomColumn {
	var out []randomColumn
	for i, name := range []string{"a", "b", "c", "d", "f"} {
		out = append(out, randomColumn{alias + "." + name, kinds[i]})
	}
	return out
}

// query is a query with the five columns, which may refer to outer ones.
func (g *generator) query(depth int, outer []randomColumn) string {
	if depth > 0 && g.IntN(6) == 0 {
		op := g.one("UNION", "UNION ALL", "INTERSECT", "EXCEPT")
		return fmt.Sprintf("(%s) %s (%s)", g.query(depth-1, outer), op, g.query(depth-1, outer))
	}
	from, visible := g.from(depth, outer)
	where := ""
	all := append(append([]randomColumn{}, visible...), outer...)
	if g.IntN(3) > 0 {
		where = " WHERE " + g.condition(all, 2, outer)
	}
	if g.IntN(4) == 0 {
		return g.groupedQuery(from, where, visible, outer)
	}
	distinct := ""
	if g.IntN(8) == 0 {
		distinct = "DISTINCT "
	}
	limit := ""
	if g.IntN(8) == 0 {
		limit = " LIMIT 3"
	}
	return "SELECT " + distinct + g.outputs(all, depth) + " FROM " + from + where + limit
}

func (g *generator) outputs(visible []randomColumn, depth int) string {
	var out []string
	for i, name := range []string{"a", "b", "c", "d", "f"} {
		e := g.expr(visible, kinds[i], 2, depth > 0)
		if depth > 0 && g.IntN(8) == 0 {
			e = g.window(visible, kinds[i])
		}
		out = append(out, e+" AS "+name)
	}
	return strings.Join(out, ", ")
}

func (g *generator) window(visible []randomColumn, kind byte) string {
	arg := g.expr(visible, kind, 1, false)
	over := "(" + g.one("", "PARTITION BY "+g.expr(visible, 'i', 0, false)) + " " + g.one("", "ORDER BY "+g.expr(visible, 't', 0, false),
		"ORDER BY "+g.expr(visible, 'i', 0, false)+" ROWS BETWEEN "+g.one("1 PRECEDING", "UNBOUNDED PRECEDING", "CURRENT ROW")+" AND "+g.one("CURRENT ROW", "1 FOLLOWING", "UNBOUNDED FOLLOWING")+g.one("", " EXCLUDE CURRENT ROW", " EXCLUDE TIES", " EXCLUDE GROUP"),
		"ORDER BY "+g.expr(visible, 'i', 0, false)+" ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING") + ")"
	function := g.one("first_value", "last_value", "lag", "max")
	if kind == 'b' {
		function = g.one("first_value", "last_value", "bool_or")
	}
	if function == "lag" && g.IntN(2) == 0 {
		return fmt.Sprintf("lag(%s, 1, %s) OVER %s", arg, g.expr(visible, kind, 0, false), over)
	}
	return fmt.Sprintf("%s(%s) OVER %s", function, arg, over)
}

func (g *generator) groupedQuery(from, where string, visible, outer []randomColumn) string {
	var keys []randomColumn
	for range g.IntN(3) {
		kind := kinds[g.IntN(len(kinds))]
		k := g.pick(visible, kind)
		if k == "" || g.IntN(4) == 0 {
			k = g.expr(visible, kind, 1, false)
		}
		keys = append(keys, randomColumn{k, kind})
	}
	aggregate := func(kind byte) string {
		arg := g.expr(visible, kind, 1, false)
		filter := ""
		if g.IntN(5) == 0 {
			filter = " FILTER (WHERE " + g.condition(visible, 1, nil) + ")"
		}
		switch kind {
		case 'i':
			return g.one("max", "min", "count") + "(" + arg + ")" + filter + "::int"
		case 't':
			return g.one("max", "min") + "(" + arg + ")" + filter
		}
		return g.one("bool_and", "bool_or") + "(" + arg + ")" + filter
	}
	grouped := append([]randomColumn{}, keys...)
	for _, kind := range []byte("itb") {
		grouped = append(grouped, randomColumn{aggregate(kind), kind})
	}
	grouped = append(grouped, outer...)
	var out []string
	for i, name := range []string{"a", "b", "c", "d", "f"} {
		out = append(out, g.expr(grouped, kinds[i], 1, false)+" AS "+name)
	}
	sql := "SELECT " + strings.Join(out, ", ") + " FROM " + from + where
	var list []string
	for _, k := range keys {
		list = append(list, "("+k.sql+")")
	}
	switch {
	case len(keys) == 0:
	case g.IntN(3) == 0:
		sql += " GROUP BY " + g.one("ROLLUP", "CUBE") + " (" + strings.Join(list, ", ") + ")"
	case g.IntN(4) == 0:
		sql += " GROUP BY GROUPING SETS ((" + strings.Join(list, ", ") + "), " + list[0] + g.one("", ", ()") + ")"
	default:
		sql += " GROUP BY " + strings.Join(list, ", ")
	}
	if g.IntN(3) == 0 {
		sql += " HAVING " + g.condition(grouped, 1, nil)
	}
	return sql
}

// from is an item of FROM with what can be seen of it.
func (g *generator) from(depth int, outer []randomColumn) (string, []randomColumn) {
	sql, visible := g.item(depth, outer)
	for range g.IntN(3) {
		join := g.one("JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", ",", "LATERAL")
		if join == "LATERAL" && depth > 0 {
			alias := g.name("l")
			sub := g.query(depth-1, append(append([]randomColumn{}, visible...), outer...))
			sql = fmt.Sprintf("%s %s LATERAL (%s) %s ON true", sql, g.one("LEFT JOIN", "JOIN"), sub, alias)
			visible = append(visible, g.columns(alias)...)
			continue
		}
		right, more := g.item(depth-1, outer)
		if g.IntN(5) == 0 && depth > 0 {
			right, more = g.joined(depth-1, outer)
		}
		switch {
		case join == "," || join == "LATERAL":
			sql = fmt.Sprintf("%s CROSS JOIN %s", sql, right)
			visible = append(visible, more...)
		case join == "FULL JOIN":
			// Only merge and hash joins can do it.
			left, l := g.pick(visible, 'i'), g.pick(more, 'i')
			visible = append(visible, more...)
			sql = fmt.Sprintf("%s FULL JOIN %s ON %s = %s", sql, right, left, l)
		default:
			visible = append(visible, more...)
			sql = fmt.Sprintf("%s %s %s ON %s", sql, join, right, g.condition(visible, 1, nil))
		}
	}
	return sql, visible
}

// joined is a join in brackets, perhaps with merged columns.
func (g *generator) joined(depth int, outer []randomColumn) (string, []randomColumn) {
	left, visible := g.item(depth, outer)
	right, more := g.item(depth, outer)
	if g.IntN(2) == 0 {
		alias := g.name("j")
		return fmt.Sprintf("(%s %s %s USING (a)) AS %s (a, b, c, d, f, g, h, k, m)", left, g.one("FULL JOIN", "LEFT JOIN", "JOIN", "RIGHT JOIN"), right, alias), g.columns(alias)
	}
	visible = append(visible, more...)
	return fmt.Sprintf("(%s %s %s ON %s)", left, g.one("LEFT JOIN", "JOIN", "RIGHT JOIN"), right, g.condition(visible, 1, nil)), visible
}

func (g *generator) item(depth int, outer []randomColumn) (string, []randomColumn) {
	alias := g.name("r")
	switch n := g.IntN(10); {
	case n < 2 && depth > 0:
		return "(" + g.query(depth-1, nil) + ") " + alias, g.columns(alias)
	case n == 2:
		return fmt.Sprintf("(VALUES (1, %s, 'x', %s, true), (2, 3, %s, 'y', %s)) AS %s (a, b, c, d, f)", g.one("1", "NULL"), g.one("'x'", "NULL"), g.one("'y'", "NULL"), g.one("false", "NULL"), alias), g.columns(alias)
	case n == 3 && len(g.ctes) > 0:
		return g.one(g.ctes...) + " " + alias, g.columns(alias)
	case n == 4:
		return g.one("v1", "v2") + " " + alias, g.columns(alias)
	}
	return g.one("t1", "t2", "t3", "t4") + " " + alias, g.columns(alias)
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

func (g *generator) constant(kind byte) string {
	switch kind {
	case 'i':
		return g.one("1", "2", "3", "NULL::int")
	case 't':
		return g.one("'x'", "'y'", "NULL::text")
	}
	return g.one("true", "false", "NULL::boolean")
}

// expr is an expression of a type.
func (g *generator) expr(visible []randomColumn, kind byte, depth int, subqueries bool) string {
	column := g.pick(visible, kind)
	if column == "" || g.IntN(12) == 0 {
		column = g.constant(kind)
	}
	if depth == 0 || g.IntN(3) == 0 {
		return column
	}
	sub := func() string { return g.expr(visible, kind, depth-1, subqueries) }
	switch g.IntN(9) {
	case 0:
		return fmt.Sprintf("coalesce(%s, %s)", sub(), sub())
	case 1:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", g.condition(visible, depth-1, nil), sub(), sub())
	case 2:
		return fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s THEN %s%s END", g.condition(visible, depth-1, nil), sub(), g.condition(visible, depth-1, nil), sub(), g.one("", " ELSE "+sub()))
	case 3:
		return fmt.Sprintf("CASE %s WHEN %s THEN %s ELSE %s END", g.expr(visible, 'i', 0, false), g.constant('i'), sub(), sub())
	case 4:
		if kind != 'b' {
			return fmt.Sprintf("%s(%s, %s)", g.one("greatest", "least", "nullif"), sub(), sub())
		}
	case 5:
		if subqueries {
			alias := g.name("s")
			table := g.one("t1", "t2", "t3", "t4")
			inner := append(g.columns(alias), visible...)
			body := g.expr(inner, kind, 1, false)
			switch g.IntN(3) {
			case 0:
				return fmt.Sprintf("(SELECT %s FROM %s %s WHERE %s LIMIT 1)", body, table, alias, g.condition(inner, 1, nil))
			case 1:
				function := "max"
				if kind == 'b' {
					function = "bool_or"
				}
				return fmt.Sprintf("(SELECT coalesce(%s(%s), %s) FROM %s %s WHERE %s)", function, g.expr(g.columns(alias), kind, 1, false), sub(), table, alias, g.condition(inner, 1, nil))
			}
			return fmt.Sprintf("(SELECT %s)", sub())
		}
	}
	switch kind {
	case 'i':
		return g.one(fmt.Sprintf("(%s + %s)", sub(), sub()), fmt.Sprintf("length(%s)", g.expr(visible, 't', depth-1, false)), fmt.Sprintf("(-%s)", sub()))
	case 't':
		return g.one(fmt.Sprintf("(%s || %s)", sub(), sub()), fmt.Sprintf("upper(%s)", sub()), fmt.Sprintf("(%s)::text", g.expr(visible, 'i', depth-1, false)), fmt.Sprintf("concat(%s)", sub()))
	}
	return g.condition(visible, depth-1, nil)
}

// condition is a boolean expression that says something of columns.
func (g *generator) condition(visible []randomColumn, depth int, outer []randomColumn) string {
	sub := func() string { return g.condition(visible, depth-1, outer) }
	if depth > 0 {
		switch g.IntN(8) {
		case 0, 1:
			return fmt.Sprintf("(%s AND %s)", sub(), sub())
		case 2, 3:
			return fmt.Sprintf("(%s OR %s)", sub(), sub())
		case 4:
			return fmt.Sprintf("(NOT %s)", sub())
		case 5:
			return fmt.Sprintf("(%s %s)", sub(), g.one("IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE", "IS UNKNOWN", "IS NOT UNKNOWN", "IS NULL", "IS NOT NULL"))
		}
	}
	kind := kinds[g.IntN(4)]
	left, right := g.expr(visible, kind, depth, false), g.expr(visible, kind, 0, false)
	switch g.IntN(11) {
	case 0, 1:
		return fmt.Sprintf("(%s %s)", left, g.one("IS NULL", "IS NOT NULL"))
	case 2:
		return fmt.Sprintf("(%s %s %s)", left, g.one("IS DISTINCT FROM", "IS NOT DISTINCT FROM"), right)
	case 3:
		return fmt.Sprintf("(%s %s (%s, %s))", left, g.one("IN", "NOT IN"), right, g.constant(kind))
	case 4:
		array := "int"
		if kind == 't' {
			array = "text"
		}
		return fmt.Sprintf("(%s %s (ARRAY[%s]::%s[]))", left, g.one("= ANY", "<> ALL", "= ALL", "<> ANY"), g.one("", right, right+", NULL"), array)
	case 5:
		alias := g.name("s")
		inner := append(g.columns(alias), visible...)
		return fmt.Sprintf("(%s (SELECT 1 FROM %s %s WHERE %s))", g.one("EXISTS", "NOT EXISTS"), g.one("t1", "t2"), alias, g.condition(inner, 1, nil))
	case 6:
		alias := g.name("s")
		return fmt.Sprintf("(%s %s (SELECT %s FROM %s %s))", left, g.one("IN", "NOT IN", "= ALL", "<> ALL", "= ANY"), g.pick(g.columns(alias), kind), g.one("t1", "t3"), alias)
	case 7:
		return fmt.Sprintf("((%s, %s) %s (%s, %s))", left, g.expr(visible, 'i', 0, false), g.one("=", "<", ">=", "<>", "IS DISTINCT FROM"), right, g.constant('i'))
	case 8:
		return fmt.Sprintf("((%s, %s) %s)", left, right, g.one("IS NULL", "IS NOT NULL"))
	}
	if kind == 't' {
		return fmt.Sprintf("(%s %s %s)", left, g.one("=", "<>", "<", "LIKE", ">="), right)
	}
	return fmt.Sprintf("(%s %s %s)", left, g.one("=", "<>", "<", ">="), right)
}

// TestRandomStatements judges random statements and runs them: no column that
// was claimed not null may hold a NULL.
func TestRandomStatements(t *testing.T) {
	t.Parallel()
	d := open(t, randomSchema)
	_, err := d.conn.PgConn().Exec(t.Context(), "SET statement_timeout = '1s'").ReadAll()
	require.NoError(t, err)
	w := newWitness(t, d)
	ran, claimed := 0, 0
	errors := map[string]int{}
	for i := range *randomQueries {
		seed := *randomSeed*1_000_000 + uint64(i)
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), version: d.catalog.ServerVersion}
		sql := g.statement()
		in, _, err := d.input(t, sql)
		if err != nil {
			errors[err.Error()]++
			continue
		}
		r := d.analyzer.Analyze(in)
		require.Empty(t, r.Fallback, sql)
		null := make([]bool, len(r.Columns))
		for _, state := range []string{"rows", "empty", "single"} {
			if err := w.run(t, sql, state, nil, r, null); err != nil {
				errors[err.Error()]++
				continue
			}
			ran++
		}
		for _, c := range r.Columns {
			if !c.Nullable {
				claimed++
			}
		}
	}
	t.Logf("%d runs, %d columns claimed not null, errors: %v", ran, claimed, errors)
	require.Greater(t, ran, *randomQueries, "too few statements could be run: %v", errors)
	require.Greater(t, claimed, *randomQueries/2, "too little was claimed to test anything")
}
