package sqltext

import (
	"fmt"
	"strings"
	"testing"
)

// queries is a file of so many queries of a usual size.
func queries(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `-- name: ListOrders%d :many
-- ListOrders returns a user's orders since a moment, oldest first.
SELECT o.id, o.placed_at, u.nickname, count(*) AS "Total", coalesce(o.note, 'it''s') AS note
FROM orders o LEFT JOIN users u ON u.id = o.user_id -- who
WHERE o.user_id = @user_id AND o.placed_at >= sqlc.arg(since) AND o.kind = ANY (sqlc.slice(kinds)::text[])
GROUP BY o.id, u.nickname HAVING count(*) > @least::int ORDER BY o.placed_at LIMIT @lim;

`, i)
	}
	return b.String()
}

// All that a run does to 2,500 queries; to stay well below 60 ms.
func BenchmarkFile(b *testing.B) {
	text := queries(2500)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		f, _ := Split("q.sql", text)
		for _, s := range f.Statements {
			r, _ := s.rewrite()
			Stars(r.SQL)
		}
	}
}
