package generator_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
)

// Without query trees there are types but no promises, and describe says why.
func TestWithoutQueryTrees(t *testing.T) {
	t.Parallel()
	opt := generator.Options{ConfigFile: "testdata/params/sqlc.yaml", Database: database(t, "params"), NoQueryTree: true}
	d, err := generator.Describe(context.Background(), opt)
	require.NoError(t, err)
	require.False(t, d.HasErrors, d.Report)
	require.Contains(t, d.Report, "warning: the query tree is turned off, so every column counts as nullable")
	columns := 0
	for _, q := range d.Packages[0].Queries {
		for _, c := range q.Columns {
			if q.Name == "Directives" && c.Name == "note" {
				// The user's word counts as ever.
				require.False(t, c.Nullable)
				continue
			}
			columns++
			require.True(t, c.Nullable, "%s.%s", q.Name, c.Name)
			require.Contains(t, c.Why, "tree", "%s.%s", q.Name, c.Name)
		}
		for _, p := range q.Params {
			require.NotEmpty(t, p.Name)
			require.NotEqual(t, "???", p.Type)
		}
	}
	require.Positive(t, columns)

	// Code comes out all the same.
	res, err := generator.Generate(context.Background(), opt)
	require.NoError(t, err)
	require.False(t, res.HasErrors(), res.Report())
	require.NotEmpty(t, res.Files)
}
