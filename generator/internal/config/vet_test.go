package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/config"
)

func TestVetOptions(t *testing.T) {
	t.Parallel()
	cfg, diags := config.Parse("sqlc.yaml", []byte(`version: "2"
sql:
- schema: s
  queries: q
  codegen:
  - plugin: pgwright
    out: a
    options:
      vet: {disable: [no-limit], rows: {a: 1, b: 2}}
- schema: s
  queries: q
  gen: {go: {out: b, sql_package: pgx/v5}}
options:
  pgwright:
    vet: {disable: [no-where], large_table: 50, rows: {b: 3, "s.c": 4}}
`))
	require.Empty(t, diags.Format())
	first, second := cfg.Packages[0].Options.Vet, cfg.Packages[1].Options.Vet
	require.Equal(t, []string{"no-limit", "no-where"}, first.Disable)
	require.Len(t, first.DisablePos, 2)
	require.Equal(t, map[string]int64{"a": 1, "b": 2, "s.c": 4}, first.Rows)
	require.Equal(t, int64(50), *first.LargeTable)
	require.Equal(t, []string{"no-where"}, second.Disable)
	require.Equal(t, map[string]int64{"b": 3, "s.c": 4}, second.Rows)
	require.Equal(t, int64(50), *second.LargeTable)
}

func TestVetOptionsThatAreWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ vet, want string }{
		"a word for a number": {"{large_table: many}", `large_table must be a number of rows, not "many"`},
		"a negative number":   {"{large_table: -1}", "large_table must be a number of rows, not -1"},
		"a fraction":          {"{rows: {a: 1.5}}", `rows of "a" must be a number of rows, not 1.5`},
		"a list of rows":      {"{rows: [a]}", "rows must be a mapping, not a list"},
		"an unknown key":      {"{disabled: [a]}", `did you mean "disable"?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := config.Parse("sqlc.yaml", []byte("version: \"2\"\nsql:\n- {schema: s, queries: q, gen: {go: {out: b, sql_package: pgx/v5}}}\noptions: {pgwright: {vet: "+c.vet+"}}\n"))
			require.Contains(t, diags.Format(), c.want)
		})
	}
}

// The place of a byte of a rule's expression is that in the file, however YAML
// writes the expression.
func TestPlaceInAnExpression(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule string
		word string
		want config.Pos
	}{
		"plain":             {"rule: query.cmd == 1", "cmd", config.Pos{Line: 5, Column: 17}},
		"quoted":            {`rule: "query.cmd == 1"`, "cmd", config.Pos{Line: 5, Column: 18}},
		"block":             {"rule: |\n      query.sql == 'größe'\n      && query.cmd == 1", "cmd", config.Pos{Line: 7, Column: 16}},
		"deep block":        {"rule: |-\n        query.sql\n          .cmd", "cmd", config.Pos{Line: 7, Column: 12}},
		"folded":            {"rule: >\n      query.sql\n      == query.cmd", "cmd", config.Pos{Line: 5, Column: 11}},
		"with escapes":      {`rule: "query.sql == \"x\" || query.cmd == 1"`, "cmd", config.Pos{Line: 5, Column: 11}},
		"behind characters": {"rule: query.sql == 'größe' || query.cmd == 1", "cmd", config.Pos{Line: 5, Column: 41}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, diags := config.Parse("sqlc.yaml", []byte("version: \"2\"\nsql: [{schema: s, queries: q, gen: {go: {out: b, sql_package: pgx/v5}}}]\nrules:\n  - name: a\n    "+c.rule+"\n"))
			require.Empty(t, diags.Format())
			rule := cfg.Rules[0]
			require.Equal(t, c.want, cfg.InExpression(rule, strings.Index(rule.Expression, c.word)))
		})
	}
}
