package static_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever the files say, there is an answer.
func FuzzAnalyse(f *testing.F) {
	var requests [][]byte
	for i, name := range []string{"shop", "doubt", "unknown"} {
		text := func(file string) string {
			text, err := os.ReadFile(filepath.Join("testdata", name, file))
			require.NoError(f, err)
			return string(text)
		}
		requests = append(requests, []byte(text("request.json")))
		f.Add(i, text("schema.sql"), text("queries.sql"))
		for _, q := range strings.Split(text("queries.sql"), "\n\n") {
			f.Add(i, text("schema.sql"), q)
		}
	}
	f.Fuzz(func(t *testing.T, n int, ddl, sql string) {
		answered(t, requests[uint(n)%uint(len(requests))], ddl, sql)
	})
}
