package nullability

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The corpus that the project's design was measured on stands beside the
// repository, where it is at hand.
const sharedCorpus = "../../../../shared/corpus/nullability"

func TestSharedCorpus(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile(filepath.Join(sharedCorpus, "schema.sql"))
	if os.IsNotExist(err) {
		t.Log("the corpus is not here; the cases of testdata are the test")
		return
	}
	require.NoError(t, err)
	d := open(t, string(schema))
	f, err := os.Open(filepath.Join(sharedCorpus, "cases.jsonl"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	lines := bufio.NewScanner(f)
	columns := 0
	for lines.Scan() {
		var c struct{ SQL, Expect, Note string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		r := d.analyze(t, c.SQL)
		require.Empty(t, r.Fallback, c.SQL)
		require.Equal(t, c.Expect, letters(r), "%s: %s\n%s", c.Note, c.SQL, reasons(r))
		columns += len(c.Expect)
	}
	require.NoError(t, lines.Err())
	t.Logf("PostgreSQL %d, hand-labelled corpus: %d of %d columns as labelled", d.catalog.ServerVersion, columns, columns)
	require.Equal(t, 122, columns)
}
