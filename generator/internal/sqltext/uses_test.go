package sqltext

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, sql string
		want      map[int]Use
	}{
		{"none", "SELECT '$1', 1 -- $2", map[int]Use{}},
		{"plain", "SELECT a FROM t WHERE a = $1 AND b IN ($2, $3)", map[int]Use{1: {}, 2: {}, 3: {}}},
		{"casts", "SELECT $1::int, CAST($2 AS text), ($3)::int, $4 :: text", map[int]Use{1: {Cast: true}, 2: {Cast: true}, 3: {}, 4: {Cast: true}}},
		{"the first use counts", "SELECT $1::int, $1, $2, $2::int", map[int]Use{1: {Cast: true}, 2: {}}},
		{"calls", "SELECT lower($1), app.f(1, $2), g($3 || 'x'), coalesce($4, 1)", map[int]Use{
			1: {Call: "lower"}, 2: {Call: "f", Argument: 1}, 3: {}, 4: {},
		}},
		{"labels", "CALL p(b => $1, a := $2)", map[int]Use{1: {Call: "p", Label: "b"}, 2: {Call: "p", Argument: 1, Label: "a"}}},
		{"nested", "SELECT f(g(1, 2), $1, ARRAY[3, $2])", map[int]Use{1: {Call: "f", Argument: 1}, 2: {}}},
		{"values", "INSERT INTO t (a, b) VALUES ($1, lower($2))", map[int]Use{1: {}, 2: {Call: "lower"}}},
		{"unbalanced", ")($1", map[int]Use{1: {}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, Uses(c.sql))
		})
	}
}
