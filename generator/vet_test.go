package generator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
)

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
