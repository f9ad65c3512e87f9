package nullability

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Some columns are NULL only if a parameter is. That is tried with arguments
// that are not.
func TestGiven(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	_, err := d.conn.Exec(t.Context(), "INSERT INTO users (id, email, bio) VALUES (901, 'given', NULL)")
	require.NoError(t, err)
	for _, c := range []struct {
		sql  string
		args []any
		// want has a letter for each column: R for not null, P for not null
		// unless a parameter is, N for nullable.
		want string
	}{
		{"SELECT $1::int + 1, upper($2::text), 1", []any{1, "a"}, "PPR"},
		{"SELECT pg_try_advisory_lock($1), hashtext($2) IS NULL", []any{1, "a"}, "PR"},
		{"SELECT length(email || $1), length(bio || $1) FROM users WHERE id = 901", []any{"a"}, "PN"},
		{"SELECT i + $1::int FROM generate_series(0, $2::int) AS i", []any{1, 2}, "P"},
		{"SELECT unnest($1::text[])", []any{[]string{"a"}}, "P"},
		{"SELECT x, n FROM unnest($1::text[]) WITH ORDINALITY AS u (x, n)", []any{[]string{"a"}}, "PR"},
		{"SELECT unnest($1::text[]), unnest($2::int[])", []any{[]string{"a"}, []int32{1, 2}}, "NN"},
		{"SELECT a, b FROM unnest($1::text::pair[]) u", []any{`{"(,)"}`}, "NN"},
		{"SELECT a FROM unnest($1::pair[]) u", []any{`{"(,)"}`}, "N"},
		{"SELECT ($1::pair).a", []any{"(,)"}, "N"},
		{"SELECT ($1::int[])[9]", []any{[]int32{1}}, "N"},
		{"SELECT CASE WHEN $1 THEN $2::int ELSE 1 END", []any{true, 1}, "P"},
		{"SELECT coalesce(bio, $1) FROM users WHERE id = 901", []any{"x"}, "P"},
		{"SELECT nullif($1::int, 1)", []any{1}, "N"},
		{"SELECT max($1::int) FROM users WHERE false", []any{1}, "N"},
		{"SELECT (SELECT $1::int), (SELECT $1::int WHERE false)", []any{1}, "PN"},
		{"WITH x AS (SELECT $1::int AS a) SELECT a, bio FROM x, users WHERE id = 901", []any{1}, "PN"},
		{"SELECT $1::int UNION SELECT 1", []any{1}, "P"},
		{"SELECT b.x FROM users LEFT JOIN (SELECT $1::int AS x WHERE false) b ON true LIMIT 1", []any{1}, "N"},
		{"SELECT $1::jsonb->>'a', $1::jsonb = '{}'", []any{"{}"}, "NP"},
		{"UPDATE users SET bio = $1 WHERE id = 901 RETURNING bio, id", []any{"a"}, "NR"},
	} {
		got := ""
		r := d.analyze(t, c.sql)
		for _, column := range r.Columns {
			switch {
			case column.If != nil && !column.If.Nullable:
				require.True(t, column.Nullable, c.sql)
				got += "P"
			case column.Nullable:
				got += "N"
			default:
				got += "R"
			}
		}
		require.Equal(t, c.want, got, c.sql)
		rows, err := d.conn.Query(t.Context(), c.sql, c.args...)
		require.NoError(t, err, c.sql)
		for rows.Next() {
			for i, v := range rows.RawValues() {
				require.False(t, v == nil && c.want[i] != 'N', "%s: column %d is NULL", c.sql, i+1)
			}
		}
		require.NoError(t, rows.Err(), c.sql)
	}
}

// Joined does not care for the conditions that keep the rows of an outer join
// that found nothing from coming.
func TestJoined(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	for sql, want := range map[string][]bool{
		"SELECT u.id, p.id FROM users u LEFT JOIN posts p ON p.user_id = u.id":                   {false, true},
		"SELECT u.id, p.id FROM users u LEFT JOIN posts p ON p.user_id = u.id WHERE p.id = 1":    {false, true},
		"SELECT u.id, p.id FROM users u FULL JOIN posts p ON p.user_id = u.id WHERE u.id = 1":    {true, true},
		"SELECT u.id, p.id FROM users u RIGHT JOIN posts p ON p.user_id = u.id":                  {true, false},
		"SELECT u.id, p.id FROM users u JOIN posts p ON p.user_id = u.id":                        {false, false},
		"SELECT u.id, p.id FROM users u LEFT JOIN posts p ON p.user_id = u.id GROUP BY u.id, 2":  {false, true},
		"SELECT lower(u.email), p.id + 1 FROM users u LEFT JOIN posts p ON p.user_id = u.id":     {false, false},
		"SELECT x.id FROM (SELECT p.id FROM users u LEFT JOIN posts p ON p.user_id = u.id) AS x": {false},
	} {
		var got []bool
		for _, c := range d.analyze(t, sql).Columns {
			got = append(got, c.Joined)
		}
		require.Equal(t, want, got, sql)
	}
}
