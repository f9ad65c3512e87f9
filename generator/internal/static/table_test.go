package static

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func rows[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) []T {
	t.Helper()
	found, err := conn.Query(t.Context(), sql, args...)
	require.NoError(t, err)
	out, err := pgx.CollectRows(found, pgx.RowTo[T])
	require.NoError(t, err)
	return out
}

// The table of types is PostgreSQL's own, as far as the server has them.
func TestTypesAreThoseOfPostgreSQL(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.New(t))
	require.NoError(t, err)
	found := rows[string](t, conn, `
SELECT concat_ws(' ', t.oid, t.typname, t.typarray, t.typtype, coalesce(r.rngsubtype, 0), (t.typsend <> 0)::int, CASE WHEN t.oid = 18 THEN 'Z' ELSE t.typcategory END, format_type(t.oid, NULL))
FROM pg_type t LEFT JOIN pg_range r ON r.rngtypid = t.oid WHERE t.oid < 10000`)
	require.NoError(t, conn.Close(t.Context()))
	have := map[string]bool{}
	names := map[string]bool{}
	for _, line := range found {
		f := strings.SplitN(line, " ", 3)
		// The category of "char" is another one before PostgreSQL 15.
		have[line], names[f[1]] = true, true
	}
	checked := 0
	for line := range strings.Lines(builtinTypes) {
		line = strings.TrimSuffix(line, "\n")
		f := strings.SplitN(line, " ", 8)
		require.Len(t, f, 8, line)
		require.NotZero(t, number(f[0]), line)
		if !names[f[1]] {
			continue // of a newer version
		}
		if f[3] == "m" {
			f[4] = "0" // of a multirange the other table says it
		}
		require.True(t, have[strings.Join(f, " ")], "PostgreSQL has no such type: %s", line)
		checked++
	}
	require.Greater(t, checked, 60)
}

// Each function of the table returns the type that it says, whatever it is given,
// and NULL for NULL only if it says so.
func TestFunctionsAreThoseOfPostgreSQL(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	type function struct {
		Result, Arguments string
		Strict            bool
	}
	checked := 0
	var calls []string
	var names []string
	for name, own := range ownFunctions {
		found, err := conn.Query(t.Context(), `SELECT prorettype::regtype::text, array_to_string(ARRAY(SELECT typname FROM unnest(proargtypes) WITH ORDINALITY u (o, n) JOIN pg_type ON oid = o ORDER BY n), ','), proisstrict
FROM pg_proc WHERE proname = $1 AND pronamespace = 'pg_catalog'::regnamespace AND NOT proretset`, name)
		require.NoError(t, err)
		list, err := pgx.CollectRows(found, pgx.RowToStructByPos[function])
		require.NoError(t, err)
		want := rows[string](t, conn, "SELECT to_regtype($1)::text", own.result)[0]
		for _, f := range list {
			require.Equal(t, want, f.Result, name)
			if own.arguments != nil {
				require.Equal(t, strings.Join(own.arguments, ","), f.Arguments, name)
				require.Len(t, list, 1, name)
			}
			checked++
		}
		if len(list) > 0 && own.class == "total" && own.arguments != nil {
			columns := make([]string, len(own.arguments))
			for i, a := range own.arguments {
				columns[i] = "c_" + a
			}
			calls, names = append(calls, fmt.Sprintf("%s(%s)", name, strings.Join(columns, ", "))), append(names, own.arguments...)
		}
	}
	require.Greater(t, checked, 80)

	// PostgreSQL's own tree is what proves a total one.
	slices.Sort(names)
	columns := ""
	for _, name := range slices.Compact(names) {
		columns += fmt.Sprintf(", c_%s %s NOT NULL", name, name)
	}
	_, err = conn.Exec(t.Context(), "CREATE TABLE t ("+columns[2:]+")")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	session, err := analysis.Open(t.Context(), url, false, true)
	require.NoError(t, err)
	file, _ := sqltext.Split("q.sql", "-- name: Q :many\nSELECT "+strings.Join(calls, ", ")+" FROM t;")
	queries, diags := analysis.Queries([]*sqltext.File{file})
	require.False(t, diags.HasErrors(), diags.Format())
	result, err := analysis.Run(t.Context(), session, queries)
	require.NoError(t, err)
	require.NoError(t, session.Close(t.Context()))
	require.Len(t, result.Package.Queries, 1, result.Diagnostics.Format())
	for i, c := range result.Package.Queries[0].Columns {
		require.False(t, c.Nullable, "%s can be NULL: %s", calls[i], c.Why)
	}
}
