package peers

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/bench/database"
	"github.com/pgwright/pgwright/bench/measure"
	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func open(t *testing.T, sizes Sizes) *Jobs {
	ctx := context.Background()
	url := pgtest.New(t)
	require.NoError(t, database.Fill(ctx, url, sizes.Rows))
	j, err := Open(ctx, url, sizes)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, j.Close(ctx)) })
	return j
}

// TestEveryJob runs each job of each peer with few rows, for its checks.
func TestEveryJob(t *testing.T) {
	t.Parallel()
	j := open(t, Sizes{Rows: 1200, Calls: 10})
	run := func(how string, jobs []Job) {
		for _, job := range jobs {
			for _, w := range job.Works {
				t.Run(how+"/"+job.Name+"/"+w.Name, func(t *testing.T) {
					_, err := measure.Compare(context.Background(), measure.Options{}, w)
					require.NoError(t, err)
				})
			}
		}
	}
	run("server", j.All())
	run("alone", j.Alone())
	run("server again", j.All()[:1])
}

// TestTapeNotices makes other calls than the one that was recorded.
func TestTapeNotices(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	j := open(t, Sizes{Rows: 200, Calls: 200})
	w := j.Alone()[0].Works[0]
	require.NoError(t, w.Prepare(ctx))
	require.NoError(t, w.Run(ctx))
	require.NoError(t, j.clients[0].Get(ctx, 1))
	require.ErrorContains(t, w.Check(ctx), "201 calls were answered, not 200")

	require.NoError(t, w.Prepare(ctx))
	for range 200 {
		require.NoError(t, j.clients[0].List(ctx, 2), "the server itself answers what is not on the tape")
	}
	require.ErrorContains(t, j.tapes[0].stop(0), "in 0 calls are not those that were recorded")
}

// TestChecksNotice runs each job on a table in which one value of the first rows is another.
func TestChecksNotice(t *testing.T) {
	t.Parallel()
	j := open(t, Sizes{Rows: 200, Calls: 200})
	_, err := j.conn.Exec(context.Background(), "UPDATE items SET name = name || '!'")
	require.NoError(t, err)
	for _, job := range append(j.All(), j.Alone()...) {
		if job.Name == "update one row" {
			continue // the rows to change are made from the table
		}
		for _, w := range job.Works {
			_, err := measure.Compare(context.Background(), measure.Options{}, w)
			require.Error(t, err, "%s: %s", job.Name, w.Name)
		}
	}
}
