package config_test

import (
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pgwright/pgwright/internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
)

var update = flag.Bool("update", false, "rewrite the expected results")

// TestErrors compares what is said about bad configurations, positions and
// carets included, with testdata/errors.txtar.
func TestErrors(t *testing.T) {
	const name = "testdata/errors.txtar"
	archive, err := txtar.ParseFile(name)
	require.NoError(t, err)
	for i := 0; i+1 < len(archive.Files); i += 2 {
		input, want := archive.Files[i], &archive.Files[i+1]
		name, file := path.Split(input.Name)
		require.Equal(t, name+"want", want.Name)
		t.Run(strings.TrimSuffix(name, "/"), func(t *testing.T) {
			cfg, list := config.Parse(file, input.Data)
			require.Nil(t, cfg)
			require.True(t, list.HasErrors())
			got := list.Format()
			if *update {
				want.Data = []byte(got)
				return
			}
			require.Equal(t, string(want.Data), got)
		})
	}
	if *update {
		require.NoError(t, os.WriteFile(name, txtar.Format(archive), 0o644))
	}
}

func parse(t *testing.T, text string) (*config.Config, diag.List) {
	t.Helper()
	cfg, list := config.Parse("project/sqlc.yaml", []byte(text))
	require.False(t, list.HasErrors(), list.Format())
	require.NotNil(t, cfg)
	return cfg, list
}

// TestCorpus loads the configurations of the corpus that lies beside the
// checkout, laid out as sqlc's regression suite is, and otherwise those of
// testdata/sqlc.
func TestCorpus(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "..", "shared", "corpus", "sqlc")
	if _, err := os.Stat(root); err != nil {
		require.ErrorIs(t, err, fs.ErrNotExist)
		root = filepath.Join("testdata", "sqlc")
	}
	n := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if !slices.Contains(config.Names[:], d.Name()) {
			return nil
		}
		n++
		cfg, list := config.Load(path)
		if strings.Contains(path, "golang_invalid_sql_package") {
			require.Nil(t, cfg)
			require.Contains(t, list.Format(), "unknown SQL package: pgx/5")
			return nil
		}
		require.False(t, list.HasErrors(), "%s", list.Format())
		require.NotEmpty(t, cfg.Packages)
		for _, p := range cfg.Packages {
			require.NotEmpty(t, p.Schema)
			require.NotEmpty(t, p.Queries)
			require.NotEmpty(t, p.Out)
			require.NotEmpty(t, p.Name)
			require.Equal(t, config.SQLC, p.Style)
		}
		return nil
	}))
	require.Positive(t, n)
}
