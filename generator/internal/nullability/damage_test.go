package nullability

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// caseInputs are the trees of all cases.
func caseInputs(t *testing.T) ([]Input, *Analyzer) {
	t.Helper()
	d := openCases(t)
	var inputs []Input
	for _, c := range readCases(t) {
		if d.catalog.ServerVersion/10000 >= c.version {
			in, _, err := d.input(t, c.sql)
			require.NoError(t, err)
			inputs = append(inputs, in)
		}
	}
	return inputs, d.analyzer
}

// bolder returns what a result claims that another does not: a column that is
// not null, an array without NULL elements.
func bolder(r, than *Result) string {
	for i, c := range r.Columns {
		if !c.Nullable && than.Columns[i].Nullable {
			return fmt.Sprintf("column %d is not null now (%s), and was nullable (%s)", i+1, c.Why, than.Columns[i].Why)
		}
		if !c.ElementNullable && than.Columns[i].ElementNullable {
			return fmt.Sprintf("the elements of column %d are not null now", i+1)
		}
	}
	return ""
}

// sampled: one of so many single nodes and fields is damaged, to save time.
const sampled = 10

// groupedByText: with grouping sets the analysis compares expressions by their
// text, so damage to one of two equal ones cannot be told from another
// expression. No version changes one of two.
func groupedByText(in Input) bool { return strings.Contains(in.Tree, "{GROUPINGSET") }

// A node that is not known makes no column not null, and its own column is
// nullable, be it one node or all of a kind.
func TestUnknownNodes(t *testing.T) {
	t.Parallel()
	inputs, analyzer := caseInputs(t)
	damaged, own := 0, 0
	for _, in := range inputs {
		whole := analyzer.Analyze(in)
		root := thaw(t, in.Tree)
		columns := root.targets()
		kinds := map[string][]*tree{}
		for _, n := range root.nodes() {
			kinds[n.tag] = append(kinds[n.tag], n)
		}
		for tag, nodes := range kinds {
			each := [][]*tree{nodes}
			if !groupedByText(in) {
				for i := damaged % sampled; i < len(nodes); i += sampled {
					each = append(each, nodes[i:i+1])
				}
			}
			for _, unknown := range each {
				for _, n := range unknown {
					n.tag = "FUTURENODE"
				}
				broken := in
				broken.Tree = root.String()
				r := analyzer.Analyze(broken)
				for _, n := range unknown {
					n.tag = tag
				}
				damaged++
				require.Empty(t, bolder(r, whole), "%s without knowing %s", in.SQL, tag)
				for i, expr := range columns {
					if slices.Contains(unknown, expr) && root.get("setOperations") == "<>" {
						own++
						require.True(t, r.Columns[i].Nullable, "%s without knowing %s", in.SQL, tag)
					}
				}
				if slices.Contains(unknown, root) {
					require.NotEmpty(t, r.Fallback)
				}
			}
		}
		in.Tree = root.String()
		require.Equal(t, whole, analyzer.Analyze(in), in.SQL)
	}
	t.Logf("%d times some nodes of %d statements, %d of them output columns", damaged, len(inputs), own)
	require.Greater(t, damaged, 1000)
	require.Greater(t, own, 100)
}

// A field that is missing makes no column not null, be it missing in one node
// or in all of a kind.
func TestMissingFields(t *testing.T) {
	t.Parallel()
	inputs, analyzer := caseInputs(t)
	bad := map[string]string{}
	damaged, refused, at := 0, 0, 0
	for _, in := range inputs {
		whole := analyzer.Analyze(in)
		root := thaw(t, in.Tree)
		try := func(what string) {
			broken := in
			broken.Tree = root.String()
			r := analyzer.Analyze(broken)
			damaged++
			if r.Fallback != "" {
				refused++
			}
			if why := bolder(r, whole); why != "" {
				bad[what] = why + ": " + in.SQL
			}
		}
		fields := map[string]bool{}
		for _, n := range root.nodes() {
			for i, name := range n.names {
				if at++; at%sampled == 0 && !groupedByText(in) {
					value := n.values[i]
					n.names[i], n.values[i] = "gone", "7"
					try("a " + n.tag + " without " + name)
					n.names[i], n.values[i] = name, value
				}
				fields[n.tag+" "+name] = true
			}
		}
		for field := range fields {
			tag, name, _ := strings.Cut(field, " ")
			whole := map[*tree]any{}
			for _, n := range root.nodes() {
				if i := slices.Index(n.names, name); i >= 0 && n.tag == tag {
					whole[n] = n.values[i]
					n.names[i], n.values[i] = "gone", "7"
				}
			}
			try("any " + tag + " without " + name)
			for n, value := range whole {
				i := slices.Index(n.names, "gone")
				n.names[i], n.values[i] = name, value
			}
		}
	}
	var list []string
	for _, k := range slices.Sorted(maps.Keys(bad)) {
		list = append(list, k+": "+bad[k])
	}
	t.Logf("%d times fields of %d statements, %d times the tree was refused", damaged, len(inputs), refused)
	require.Empty(t, list, strings.Join(list, "\n"))
	require.Greater(t, damaged, 5000)
	require.Less(t, refused, damaged)
}

// Fields that a later version adds change nothing, and make no column not null
// if they differ in what else is equal.
func TestUnknownFields(t *testing.T) {
	t.Parallel()
	inputs, analyzer := caseInputs(t)
	for _, in := range inputs {
		whole := analyzer.Analyze(in)
		for _, same := range []bool{true, false} {
			root := thaw(t, in.Tree)
			for i, n := range root.nodes() {
				value := any("7")
				if !same {
					value = []any{"<>", "7", &tree{tag: "FUTURENODE"}}[i%3]
				}
				n.names, n.values = append(n.names, "future"), append(n.values, value)
			}
			broken := in
			broken.Tree = root.String()
			r := analyzer.Analyze(broken)
			if same {
				require.Equal(t, whole, r, in.SQL)
			} else if !groupedByText(in) {
				require.Empty(t, bolder(r, whole), in.SQL)
			}
		}
	}
}

// Whatever becomes of a tree on its way, there is an answer.
func TestGarbledTrees(t *testing.T) {
	t.Parallel()
	inputs, analyzer := caseInputs(t)
	r := rand.New(rand.NewPCG(1, 2))
	fallbacks, judged := 0, 0
	for _, in := range inputs {
		for range 20 {
			text := []byte(in.Tree)
			switch r.IntN(4) {
			case 0:
				text = text[:r.IntN(len(text))]
			case 1:
				from := r.IntN(len(text))
				text = slices.Delete(text, from, min(len(text), from+1+r.IntN(40)))
			case 2:
				from := r.IntN(len(text))
				text = slices.Insert(text, from, text[r.IntN(len(text)):][:1]...)
			}
			for range r.IntN(4) * min(1, len(text)) {
				text[r.IntN(len(text))] = "{}() :<>\\\"0129aT"[r.IntN(16)]
			}
			broken := in
			broken.Tree = string(text)
			broken.Columns += r.IntN(3) - 1
			broken.Columns = max(0, broken.Columns)
			result := analyzer.Analyze(broken)
			require.Len(t, result.Columns, broken.Columns)
			require.Len(t, result.Params, broken.Params)
			if result.Fallback != "" {
				fallbacks++
				for _, c := range result.Columns {
					require.True(t, c.Nullable)
					require.True(t, c.ElementNullable)
				}
			} else {
				judged++
			}
		}
	}
	t.Logf("%d trees could not be used, %d could", fallbacks, judged)
	require.Positive(t, judged)
	require.Positive(t, fallbacks)
}
