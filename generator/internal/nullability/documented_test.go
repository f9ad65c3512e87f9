package nullability

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var quoted = regexp.MustCompile("`([^`]+)`")

// Every reason that the documentation shows is one that a case gets.
func TestDocumentedReasons(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, "docs/NULLABILITY.md"))
	require.NoError(t, err)
	_, tables, found := strings.Cut(string(text), "\n## Reasons\n")
	require.True(t, found)
	tables, _, _ = strings.Cut(tables, "\n## ")
	notNull, null, found := strings.Cut(tables, "And after `null`:")
	require.True(t, found)

	inputs, analyzer := caseInputs(t)
	given := map[bool][]string{}
	for _, in := range inputs {
		for _, c := range analyzer.Analyze(in).Columns {
			given[c.Nullable] = append(given[c.Nullable], c.Why)
		}
	}
	// No case has a node that does not exist, nor is one without a query.
	strange := inputs[0]
	strange.Tree = strings.ReplaceAll(strange.Tree, "{VAR", "{FUTURE")
	utility, _, err := openCases(t).input(t, "SHOW search_path")
	require.NoError(t, err)
	for _, in := range []Input{strange, utility} {
		given[true] = append(given[true], analyzer.Analyze(in).Columns[0].Why)
	}
	var missing []string
	for nullable, table := range map[bool]string{false: notNull, true: null} {
		reasons := 0
		for _, line := range strings.Split(table, "\n") {
			if !strings.HasPrefix(line, "| `") {
				continue
			}
			first, _, _ := strings.Cut(line[2:], " | ")
			for _, m := range quoted.FindAllStringSubmatch(first, -1) {
				reasons++
				start, open := strings.CutSuffix(m[1], "…")
				if !slices.ContainsFunc(given[nullable], func(why string) bool { return why == m[1] || open && strings.HasPrefix(why, start) }) {
					missing = append(missing, m[1])
				}
			}
		}
		require.Greater(t, reasons, 15)
	}
	require.Empty(t, missing, "no column of the cases has these reasons")
}
