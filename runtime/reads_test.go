package runtime

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadsOnly(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, sql     string
		reads, cursor bool
	}{
		{"select", "SELECT 1", true, true},
		{"header", "-- name: UpdateAll :iter\r\nselect updated FROM deletes", true, true},
		{"comments", "/* insert /* into */ x */ -- delete\n(SELECT 1)", true, true},
		{"values", "values (1)", true, true},
		{"table", "TABLE t;", true, true},
		{"with", "WITH a AS (SELECT 1) SELECT * FROM a", true, true},
		{"literal", "SELECT 'it''s insert', $$update$$, $a$ $$ delete $a$, \"merge\"", true, true},
		{"parameters", "SELECT $1, $2::text", true, true},
		{"dollar in a name", "SELECT a$b$, 1; INSERT INTO t VALUES ('$b$')", false, true},
		{"writes in with", "WITH a AS (insert INTO t VALUES (1) RETURNING *) SELECT * FROM a", false, true},
		{"lock", "SELECT * FROM t FOR UPDATE", false, true},
		{"insert", "INSERT INTO t VALUES (1) RETURNING *", false, false},
		{"insert after a comment", "-- select\ninsert INTO t VALUES (1) RETURNING *", false, false},
		{"merge", "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", false, false},
		{"explain", "EXPLAIN ANALYZE SELECT 1", false, false},
		{"backslash", `WITH b AS (SELECT '\'), a AS (DELETE FROM t RETURNING '') SELECT * FROM a`, false, true},
		{"escaped", `WITH b AS (SELECT E'\''), a AS (DELETE FROM t RETURNING '') SELECT * FROM a`, false, true},
		{"harmless backslash", `SELECT '\d+'`, true, true},
		{"empty", "", false, false},
		{"only a comment", "-- select", false, false},
		{"open literal", "SELECT 'update", true, true},
		{"open comment", "SELECT /* update", true, true},
		{"open dollar", "SELECT $x$ update", true, true},
		{"dollar", "SELECT $", true, true},
		{"unicode", "SELECT größe$1$ FROM t", true, true},
	}
	for _, test := range tests {
		require.Equal(t, test.reads, readsOnly(test.sql), test.name)
		require.Equal(t, test.cursor, canBeCursor(test.sql), test.name)
	}
}

func FuzzReadsOnly(f *testing.F) {
	f.Add(`SELECT $a$ x $a$, 'a\'b', "c" /* d */ -- e`)
	f.Fuzz(func(t *testing.T, sql string) {
		if readsOnly(sql) {
			require.True(t, canBeCursor(sql))
		}
		// What comes first decides, whatever follows.
		require.False(t, readsOnly("INSERT "+sql))
	})
}
