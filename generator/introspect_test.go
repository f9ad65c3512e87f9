package generator_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// introspection reads all of a database.
func introspection(t *testing.T, url string) *generator.Introspection {
	t.Helper()
	i, report, err := generator.Introspect(context.Background(), generator.Options{Database: url}, generator.Selection{})
	require.NoError(t, err)
	require.Empty(t, report)
	return i
}

func introspectionJSON(t *testing.T, i *generator.Introspection) string {
	t.Helper()
	b, err := i.JSON()
	require.NoError(t, err)
	return string(b)
}

// requireSameAgain has the SQL of an introspection make another database, which
// must introspect identically.
func requireSameAgain(t *testing.T, name string, i *generator.Introspection, sql string) {
	t.Helper()
	url := pgtest.New(t)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err, "%s:\n%s", name, sql)
	require.NoError(t, conn.Close(t.Context()))
	require.Equal(t, introspectionJSON(t, i), introspectionJSON(t, introspection(t, url)), name)
}

// configurations are those under a folder.
func configurations(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if base := filepath.Base(path); err == nil && !d.IsDir() && strings.HasPrefix(base, "sqlc.") {
			out = append(out, path)
		}
		return err
	})
	require.NoError(t, err)
	return out
}

// What introspect prints as SQL makes the same database: of the golden projects,
// the demo and the corpus.
func TestIntrospectedSQLMakesTheSameDatabase(t *testing.T) {
	t.Parallel()
	configs := append(configurations(t, "testdata"), "../sqlc.yaml")
	least := 25
	if root := filepath.Join(corpus, "sqlc"); exists(t, root) {
		configs = append(configs, configurations(t, root)...)
		least = 150
	}
	made, seen := 0, map[string]bool{}
	for _, config := range configs {
		url := pgtest.New(t)
		if err := generator.ApplySchema(context.Background(), config, url); err != nil {
			t.Logf("%s is refused", config)
			continue
		}
		made++
		i := introspection(t, url)
		sql, err := i.SQL()
		require.NoError(t, err, config)
		if !seen[sql] {
			seen[sql] = true
			requireSameAgain(t, config, i, sql)
		}
	}
	t.Logf("%d schemas, %d different ones", made, len(seen))
	require.Greater(t, made, least)
}

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	if err != nil {
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
	return err == nil
}
