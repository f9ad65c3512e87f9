package nullability

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A constraint was checked with the function as it was then. That a user's
// function is strict today says nothing of rows from before.
func TestConstraintsWithRedefinedFunctions(t *testing.T) {
	t.Parallel()
	d := open(t, `
		CREATE FUNCTION fine(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
		CREATE DOMAIN checked AS int CHECK (fine(VALUE) IS TRUE);
		CREATE TABLE t (a int CHECK (fine(a) IS TRUE), b checked, c int CHECK ((c > 0) IS TRUE));
		INSERT INTO t VALUES (NULL, NULL, 1);
		CREATE OR REPLACE FUNCTION fine(int) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT true';
	`)
	const sql = "SELECT a, b, c FROM t"
	require.Equal(t, "NNR", letters(d.analyze(t, sql)))
	var nulls int
	require.NoError(t, d.conn.QueryRow(t.Context(), "SELECT num_nulls(a, b) FROM t").Scan(&nulls))
	require.Equal(t, 2, nulls)
	// In a condition the function is the one of today.
	require.Equal(t, "RNR", letters(d.analyze(t, sql+" WHERE fine(a)")))
}
