package cases

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/bench/database"
	"github.com/pgwright/pgwright/bench/measure"
	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func newSet(t testing.TB, sizes Sizes) *Set {
	ctx := context.Background()
	url := pgtest.New(t)
	require.NoError(t, database.Fill(ctx, url, sizes.Rows))
	set, err := New(ctx, url, sizes)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, set.Close(ctx)) })
	return set
}

// TestEveryCase runs each work with few rows, for its checks.
func TestEveryCase(t *testing.T) {
	t.Parallel()
	set := newSet(t, Sizes{Rows: 500, Calls: 10})
	for _, c := range set.All() {
		t.Run(c.Name, func(t *testing.T) {
			res, err := measure.Compare(context.Background(), measure.Options{}, c.Works()...)
			require.NoError(t, err)
			for work := range res.Len() {
				require.Positive(t, res.Cost(work).Wall)
			}
		})
	}
}

// TestChecksNotice runs each work that reads on a table in which one value is another.
func TestChecksNotice(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	set := newSet(t, Sizes{Rows: 500, Calls: 500})
	_, err := set.conn.Exec(ctx, "UPDATE items SET name = name || '!', quantity = quantity + 1 WHERE id = 250")
	require.NoError(t, err)
	for _, c := range set.All() {
		for _, w := range c.Works() {
			if c.Name == "stream, wide" && w.Verify == nil {
				continue // nothing is decoded, so that nothing but the ids can be seen
			}
			if w.Name == "bytes encoded beforehand" {
				continue // these are the table's own bytes
			}
			_, err := measure.Compare(ctx, measure.Options{}, w)
			require.Error(t, err, "%s: %s", c.Name, w.Name)
		}
	}
}

func BenchmarkEveryCase(b *testing.B) {
	set := newSet(b, Sizes{Rows: 20_000, Calls: 1_000})
	ctx := context.Background()
	for _, c := range set.All() {
		for _, w := range c.Works() {
			b.Run(c.Name+"/"+w.Name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					if w.Prepare != nil {
						require.NoError(b, w.Prepare(ctx))
					}
					b.StartTimer()
					require.NoError(b, w.Run(ctx))
					b.StopTimer()
					if w.Check != nil {
						require.NoError(b, w.Check(ctx))
					}
					b.StartTimer()
				}
				b.ReportMetric(float64(w.Rows), "rows/op")
			})
		}
	}
}
