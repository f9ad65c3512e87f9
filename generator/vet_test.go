package generator_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// Plans are asked for many at a time: a database may be far away.
func TestVetDoesNotWaitForEachPlan(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var queries strings.Builder
	for i := range 100 {
		fmt.Fprintf(&queries, "-- name: Q%d :many\nSELECT id FROM t WHERE name = @name AND id > %d;\n\n", i, i)
	}
	for name, text := range map[string]string{
		"sqlc.yaml":   "version: \"2\"\nsql:\n  - engine: postgresql\n    queries: queries.sql\n    codegen:\n      - plugin: pgwright\n        out: db\n    database:\n      uri: ${DATABASE}\n",
		"queries.sql": queries.String(),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	p := proxy{ahead: &ahead{}}
	url := p.open(t, pgtest.Schema(t, "CREATE TABLE t (id bigint PRIMARY KEY, name text NOT NULL); INSERT INTO t SELECT i, i FROM generate_series(1, 20000) i; ANALYZE t"))
	r, err := generator.Vet(context.Background(), generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), Database: url}, []string{"seq-scan"})
	require.NoError(t, err)
	require.Empty(t, r.Report())
	require.Len(t, r.Findings, 100, r.Text(true))
	require.Equal(t, 100, r.Queries)
	require.Greater(t, p.ahead.all.Load(), int64(200))
	require.Greater(t, p.ahead.most.Load(), int64(10))
}

// TestVetIsDocumented holds docs/VET.md to the rules: a section each, in order,
// with the example that the rule's own test runs.
func TestVetIsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "docs", "VET.md"))
	require.NoError(t, err)
	sections := strings.Split(string(text), "\n### ")[1:]
	rules := generator.VetRules()
	require.Len(t, sections, len(rules))
	for i, r := range rules {
		require.True(t, strings.HasPrefix(sections[i], r.Name+"\n\nFinds "+r.Summary+".\n"), r.Name)
		require.Contains(t, sections[i], "\nBad:\n\n```sql\n"+r.Bad+"```\n\nGood:\n\n```sql\n"+r.Good+"```\n")
		require.Contains(t, sections[i], r.Schema)
		require.Contains(t, strings.Join(strings.Fields(sections[i]), " "), strings.Join(strings.Fields(r.Why), " "))
	}
}
