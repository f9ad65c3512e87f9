package nullability

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// A sabotage takes a rule from the analysis, by hiding from it what the rule is
// about.
type sabotage struct {
	rule string
	// tree changes the nodes of a statement's tree.
	tree func(n *tree)
	// catalog changes a copy of the catalog.
	catalog func(c *catalog.Catalog)
}

var sabotages = []sabotage{
	{rule: "an outer join can leave a side out", tree: func(n *tree) {
		if n.tag == "JOINEXPR" {
			n.set("jointype", "0")
		}
	}},
	{rule: "a grouping set can leave an expression out", tree: func(n *tree) { n.set("groupingSets", "<>") }},
	{rule: "a column without NOT NULL can be NULL", catalog: func(c *catalog.Catalog) {
		everyColumn(c, func(x *catalog.Column) { x.NotNull = true })
	}},
	{rule: "NULL is NULL, as is CASE without ELSE", tree: func(n *tree) {
		if n.tag == "CONST" {
			n.set("constisnull", "false")
		}
	}},
	{rule: "a union has the rows of each branch", tree: func(n *tree) {
		if n.tag == "SETOPERATIONSTMT" && n.get("op") == "1" {
			n.set("op", "2")
		}
	}},
	{rule: "an aggregate without GROUP BY may have no rows", tree: func(n *tree) {
		if n.get("hasAggs") == "true" && n.get("groupClause") == "<>" {
			n.set("groupClause", []any{&tree{tag: "SORTGROUPCLAUSE", names: []string{"tleSortGroupRef"}, values: []any{"99"}}})
		}
	}},
	{rule: "FILTER can leave no rows", tree: func(n *tree) { n.set("aggfilter", "<>") }},
	{rule: "a frame may lack the current row", tree: func(n *tree) {
		if n.tag == "WINDOWCLAUSE" {
			n.set("frameOptions", "1058")
		}
	}},
	{rule: "an interval can lead past the current row", tree: func(n *tree) {
		if n.tag == "WINDOWCLAUSE" && n.get("startInRangeFunc") != "0" {
			// in_range(integer, integer, integer, boolean, boolean)
			n.set("startInRangeFunc", "4128")
		}
	}},
	{rule: "a grouping set can turn a direct argument into NULL", tree: func(n *tree) {
		if n.tag == "AGGREF" {
			n.set("aggdirectargs", "<>")
		}
	}},
	{rule: "a scalar subquery can return no row", tree: func(n *tree) {
		if n.tag == "SUBLINK" && n.get("subLinkType") == "4" {
			n.set("subLinkType", "6")
		}
	}},
	{rule: "a function can return NULL", tree: func(n *tree) {
		if n.tag == "FUNCEXPR" && n.get("funcretset") == "false" {
			n.set("funcid", "67")
		}
		if n.tag == "OPEXPR" {
			n.set("opfuncid", "67")
		}
	}},
	{rule: "OR proves what both sides prove", tree: func(n *tree) {
		if n.tag == "BOOLEXPR" && n.get("boolop") == "or" {
			n.set("boolop", "and")
		}
	}},
	{rule: "IS NULL is not IS NOT NULL", tree: func(n *tree) {
		if n.tag == "NULLTEST" {
			n.set("nulltesttype", "1")
		}
	}},
	{rule: "only strict functions prove that an argument is not NULL", catalog: func(c *catalog.Catalog) {
		c.Functions = maps.Clone(c.Functions)
		for oid, f := range c.Functions {
			strict := *f
			strict.Strict = true
			c.Functions[oid] = &strict
		}
	}},
	{rule: "a materialized view may be stale", catalog: func(c *catalog.Catalog) {
		everyRelation(c, func(r *catalog.Relation) {
			if r.Kind == catalog.MaterializedView {
				r.Kind = catalog.View
			}
		})
	}},
	{rule: "a child table may lack NOT NULL", catalog: func(c *catalog.Catalog) {
		everyRelation(c, func(r *catalog.Relation) { r.Children = nil })
	}},
	{rule: "a rule can replace what a statement returns", catalog: func(c *catalog.Catalog) {
		everyRelation(c, func(r *catalog.Relation) { r.Rules = false })
	}},
	{rule: "VALUES has several rows", tree: func(n *tree) {
		if rows, ok := n.get("values_lists").([]any); ok {
			n.set("values_lists", rows[:1])
		}
	}},
}

func everyRelation(c *catalog.Catalog, change func(*catalog.Relation)) {
	c.Relations = maps.Clone(c.Relations)
	for oid, rel := range c.Relations {
		r := *rel
		change(&r)
		c.Relations[oid] = &r
	}
}

func everyColumn(c *catalog.Catalog, change func(*catalog.Column)) {
	everyRelation(c, func(r *catalog.Relation) {
		r.Columns = slices.Clone(r.Columns)
		for i, column := range r.Columns {
			x := *column
			change(&x)
			r.Columns[i] = &x
		}
	})
}

// saboteur is an analysis without a rule.
type saboteur struct {
	sabotage
	analyzer *Analyzer
}

func (s sabotage) saboteur(c *catalog.Catalog) saboteur {
	if s.catalog != nil {
		changed := *c
		s.catalog(&changed)
		c = &changed
	}
	return saboteur{s, NewAnalyzer(c)}
}

// analyze judges a statement without the rule.
func (s saboteur) analyze(t *testing.T, in Input) *Result {
	t.Helper()
	if s.tree != nil {
		root := thaw(t, in.Tree)
		for _, n := range root.nodes() {
			s.tree(n)
		}
		in.Tree = root.String()
	}
	return s.analyzer.Analyze(in)
}

// rareScript and rareStatements need the rules that few random statements need.
var rareScript = []string{
	"CREATE TABLE t (a int, b int)",
	rowMarker + "INSERT INTO t VALUES (1, NULL)",
	rowMarker + "INSERT INTO t VALUES (2, 2)",
	"CREATE MATERIALIZED VIEW m AS SELECT * FROM t",
	"DELETE FROM t WHERE b IS NULL",
	"ALTER TABLE t ALTER b SET NOT NULL",
	"CREATE TABLE u (a int, b int)",
	rowMarker + "INSERT INTO u VALUES (1, NULL)",
	rowMarker + "INSERT INTO u VALUES (NULL, 2)",
	// Before PostgreSQL 18 the first of these fails, from then on the others do.
	"CREATE TABLE parent (a int NOT NULL NO INHERIT)",
	"CREATE TABLE parent (a int NOT NULL)",
	"CREATE TABLE child () INHERITS (parent)",
	"ALTER TABLE child ALTER a DROP NOT NULL",
	rowMarker + "INSERT INTO child VALUES (NULL)",
	"CREATE TABLE ruled (a int NOT NULL)",
	"CREATE RULE instead AS ON INSERT TO ruled DO INSTEAD INSERT INTO u VALUES (NEW.a) RETURNING NULL::int",
	"CREATE FUNCTION loose(int) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
}

var rareStatements = []string{
	"SELECT b FROM m",
	"SELECT a FROM parent",
	"INSERT INTO ruled VALUES (1) RETURNING a",
	"SELECT a FROM u WHERE loose(a)",
	"SELECT a FROM u WHERE a IS NULL",
	"SELECT a FROM u WHERE a > 0 OR b > 0",
	"SELECT x FROM (VALUES (1), (NULL)) v (x)",
	"SELECT nullif(a, a), half.x FROM u, LATERAL (SELECT u.a % 2 AS x) half",
	"SELECT array_length('{}'::int[], 1)",
	"SELECT max(a) OVER (ORDER BY b ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING) FROM t",
	"SELECT max(a) OVER (ORDER BY d RANGE BETWEEN interval '1 month -30 days' PRECEDING AND CURRENT ROW) FROM (VALUES (1, date '2021-03-01')) v (a, d)",
	"SELECT percentile_disc(b * 0.0) WITHIN GROUP (ORDER BY b) FROM t GROUP BY GROUPING SETS ((a), (b))",
	"SELECT b, max(b) FROM t GROUP BY ROLLUP (b)",
	"SELECT max(b) FILTER (WHERE b < 0) FROM t GROUP BY b",
	"SELECT max(b) FROM t",
	"SELECT 1 UNION SELECT a FROM u",
}

// TestPlantedLies checks the checks: each wrong claim about a column that some
// run shows to be NULL must be found, be it planted in a result or made by an
// analysis that lacks a rule.
func TestPlantedLies(t *testing.T) {
	t.Parallel()
	p := newRandomProof(t)
	planted, found := 0, 0
	wrong := make([]int, len(sabotages))
	var saboteurs []saboteur
	turncoats := func() {
		saboteurs = nil
		for _, s := range sabotages {
			saboteurs = append(saboteurs, s.saboteur(p.d.catalog))
		}
	}
	check := func(sql string) {
		j, err := p.try(t.Context(), sql, parameterValues)
		if err != nil {
			require.NotNil(t, pgError(err), "%s\n%s", err, sql)
			return
		}
		require.Empty(t, j.lies, sql)
		// catches runs the checks on other claims.
		catches := func(r *Result) map[int]bool {
			caught := map[int]bool{}
			for _, run := range j.results {
				for _, l := range compare(p.d.catalog, r, run.result, run.state, make([]bool, len(r.Columns))) {
					if !l.element {
						caught[l.column] = true
					}
				}
			}
			return caught
		}
		for k := range j.result.Columns {
			if !j.null[k] {
				continue
			}
			lying := *j.result
			lying.Columns = slices.Clone(j.result.Columns)
			lying.Columns[k].Nullable = false
			planted++
			caught := catches(&lying)
			require.Len(t, caught, 1, sql)
			if caught[k] {
				found++
			}
		}
		for n, s := range saboteurs {
			r := s.analyze(t, j.in)
			caught := catches(r)
			for k, c := range r.Columns {
				if !c.Nullable && j.null[k] {
					wrong[n]++
					require.True(t, caught[k], "%s: column %d of %s", s.rule, k+1, sql)
				}
			}
		}
	}
	p.load(t, rareScript, 0)
	turncoats()
	for _, sql := range rareStatements {
		check(sql)
	}
	const statements = 2 * perWorld
	for i := range statements {
		if i%perWorld == 0 {
			p.newWorld(t, 77, i/perWorld)
			turncoats()
		}
		check(p.newStatement(77, i).text)
	}
	t.Logf("%d of %d planted lies found (%.1f %%)", found, planted, 100*float64(found)/float64(planted))
	require.Equal(t, planted, found)
	require.Greater(t, planted, statements)
	for n, s := range sabotages {
		t.Logf("%4d wrong claims, all of them found, without the rule: %s", wrong[n], s.rule)
		require.Positive(t, wrong[n], "no statement shows that this rule is needed: %s", s.rule)
	}
}
