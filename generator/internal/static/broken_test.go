package static_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqlcplugin"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/generator/internal/static"
)

// Statements with tokens taken out, doubled and put elsewhere are answered too,
// and what is not null has a reason.
func TestBrokenStatements(t *testing.T) {
	t.Parallel()
	text := func(name string) string {
		text, err := os.ReadFile(filepath.Join("testdata", "shop", name))
		require.NoError(t, err)
		return string(text)
	}
	request, ddl, sql := []byte(text("request.json")), text("schema.sql"), text("queries.sql")
	known := 0
	for i := range 800 {
		random := rand.New(rand.NewPCG(uint64(i), 1))
		d := ddl
		if i%3 == 0 {
			d = broken(ddl, random)
		}
		known += len(answered(t, request, d, broken(sql, random)).Package.Queries)
	}
	require.Greater(t, known, 800)
}

// broken changes a few tokens of a text.
func broken(text string, random *rand.Rand) string {
	for range 1 + random.IntN(20) {
		tokens := sqltext.Tokens(text)
		if len(tokens) == 0 {
			return text
		}
		a, b := tokens[random.IntN(len(tokens))], tokens[random.IntN(len(tokens))]
		switch random.IntN(3) {
		case 0:
			text = text[:a.Start] + text[a.End:]
		case 1:
			text = text[:a.Start] + text[b.Start:b.End] + text[a.End:]
		case 2:
			text = text[:a.Start] + " " + text[b.Start:b.End] + " " + text[a.Start:]
		}
	}
	return text
}

// answered analyses whatever can be read as queries.
func answered(t *testing.T, recorded []byte, ddl, sql string) *analysis.Result {
	request, err := sqlcplugin.Parse(recorded)
	require.NoError(t, err)
	scripts, _, _ := schema.Parse("schema.sql", ddl)
	file, _ := sqltext.Split("queries.sql", sql)
	all, _ := analysis.Queries([]*sqltext.File{file})
	result := static.Analyse(&static.Said{Request: request}, scripts, all)
	require.LessOrEqual(t, len(result.Package.Queries), len(all))
	for _, q := range result.Package.Queries {
		for _, c := range q.Columns {
			require.NotNil(t, c.Type)
			require.False(t, !c.Nullable && c.Why == "", "%s.%s is not null without a reason", q.Name, c.Name)
		}
	}
	return result
}
