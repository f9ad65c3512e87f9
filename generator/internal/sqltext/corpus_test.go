package sqltext

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sqlc-dev/oliphant"
	"github.com/stretchr/testify/require"
)

// corpus is sqlc's regression suite, which lies beside the checkout. On a
// machine without it the cases of the other tests have to do.
const corpus = "../../../../shared/corpus/sqlc"

// faulty are the files of the corpus that are there for their errors.
var faulty = map[string]int{
	"invalid_queries_foo/pgx/v5/query.sql":  3,
	"sqlc_arg_invalid/postgresql/query.sql": 5,
}

// Every file of the corpus splits as a parser splits it, and its stars are
// where the parser sees them.
func TestCorpusFiles(t *testing.T) {
	t.Parallel()
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || filepath.Ext(path) != ".sql" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(corpus, path)
		if err != nil {
			return err
		}
		text := string(content)
		f, diags := Split(name, text)
		for _, s := range f.Statements {
			r, more := s.Rewrite()
			diags.Join(more)
			if tree, err := oliphant.Parse(r.SQL); err == nil {
				require.Len(t, tree.Stmts, 1)
				requireTreeStars(t, r.SQL)
			}
		}
		require.Len(t, diags.Sorted(), faulty[name], diags.Format())
		if parts, err := oliphant.SplitWithScanner(text, true); err == nil {
			require.Len(t, f.Statements, len(parts), name)
		}
		return nil
	})
	require.NoError(t, err)
}

// What PostgreSQL is sent is what sqlc sends, but for stars, which are
// expanded later, and slices.
func TestCorpusQueries(t *testing.T) {
	t.Parallel()
	oracle, err := os.Open(filepath.Join(corpus, "oracle.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	require.NoError(t, err)
	defer oracle.Close()
	type query struct {
		Name, Cmd, SQL string
		NParams        int
	}
	compared := 0
	lines := bufio.NewScanner(oracle)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c struct {
			Queries []string
			Oracle  []query
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		want := map[string]query{}
		for _, q := range c.Oracle {
			want[q.Name] = q
		}
		for _, name := range c.Queries {
			content, err := os.ReadFile(filepath.Join(corpus, name))
			if errors.Is(err, fs.ErrNotExist) {
				continue // the corpus has the cases of PostgreSQL only
			}
			require.NoError(t, err)
			f, diags := Split(name, string(content))
			require.Empty(t, diags.Format())
			for _, s := range f.Statements {
				if s.Header == nil {
					continue
				}
				q, found := want[s.Header.Name]
				if !found {
					continue
				}
				r, diags := s.Rewrite()
				require.Empty(t, diags.Format())
				require.Equal(t, q.Cmd, s.Header.Command, name)
				require.Len(t, r.Params, q.NParams, r.SQL)
				sql := strings.TrimPrefix(r.SQL, s.Header.Text())
				slice := false
				for _, p := range r.Params {
					slice = slice || p.Kind == Slice
				}
				if !slice && len(Stars(sql)) == 0 {
					require.Equal(t, strings.TrimLeft(q.SQL, "\n"), sql, name)
					compared++
				}
			}
		}
	}
	require.NoError(t, lines.Err())
	require.Greater(t, compared, 100)
}
