package sqlc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/cel"
	"github.com/pgwright/pgwright/internal/cel/sqlc"
)

// evaluate evaluates a rule with a plan.
func evaluate(t *testing.T, rule string, plan []byte) cel.Value {
	t.Helper()
	e := sqlc.New()
	p, fault := cel.Compile(rule, e.Variables)
	require.Nil(t, fault)
	explained, err := e.PostgreSQL(plan)
	require.NoError(t, err)
	v, err := p.Eval(map[string]cel.Value{
		"query": e.Query("SELECT 1", "One", "one", []int{1, 3}), "config": e.Config("2", []string{"s"}, []string{"q", "r"}),
		"postgresql": explained, "mysql": e.MySQL(),
	})
	require.NoError(t, err)
	return v
}

func TestVariables(t *testing.T) {
	t.Parallel()
	plan := []byte(`[{"Plan": {"Node Type": "Sort", "Total Cost": 8.17, "Plan Rows": 12, "Sort Key": ["a", "b"], "New Key": [{}], "Async Capable": true,
		"Plans": [{"Node Type": "Seq Scan", "Relation Name": "t", "Plans": "odd", "Plan Rows": -1}]}, "Settings": {"jit": "off", "odd": 1}}]`)
	for rule, want := range map[string]cel.Value{
		"query.sql + query.name + query.cmd":                           "SELECT 1Oneone",
		"query.params.map(p, p.number)":                                []cel.Value{int64(1), int64(3)},
		"config.version + config.engine":                               "2postgresql",
		"config.schema + config.queries":                               []cel.Value{"s", "q", "r"},
		"postgresql.explain.plan.node_type":                            "Sort",
		"postgresql.explain.plan.total_cost":                           float64(float32(8.17)),
		"postgresql.explain.plan.plan_rows":                            uint64(12),
		"postgresql.explain.plan.sort_key":                             []cel.Value{"a", "b"},
		"postgresql.explain.plan.async_capable":                        true,
		"postgresql.explain.plan.plans[0].relation_name":               "t",
		"postgresql.explain.plan.plans[0].plan_rows":                   uint64(0),
		"postgresql.explain.plan.plans[0].plans.size()":                int64(0),
		"postgresql.explain.settings.jit":                              "off",
		"has(postgresql.explain.settings.odd)":                         false,
		"has(postgresql.explain.planning)":                             false,
		"has(postgresql.explain)":                                      true,
		"has(mysql.explain) || mysql.explain.query_block.table.insert": false,
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, evaluate(t, rule, plan))
		})
	}
	require.Equal(t, false, evaluate(t, "has(postgresql.explain)", nil))
	require.Equal(t, "A", evaluate(t, "postgresql.explain.plan.node_type", []byte(`["x", {"Plan": {"Node Type": "A"}}, {"Plan": {"Node Type": "B"}}]`)))
}

func TestPlansThatAreNone(t *testing.T) {
	t.Parallel()
	for _, plan := range []string{"", "{}", "[{"} {
		_, err := sqlc.New().PostgreSQL([]byte(plan))
		require.ErrorContains(t, err, "read the plan: ")
	}
	for _, plan := range []string{"[]", "[1]", `["Utility Statement"]`} {
		v, err := sqlc.New().PostgreSQL([]byte(plan))
		require.NoError(t, err)
		require.Empty(t, v.Fields)
	}
}
