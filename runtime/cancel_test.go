package runtime_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

var sleepy = runtime.Statement[string]{
	Name: "Sleepy", SQL: "SELECT pg_sleep(600)::text", Columns: []runtime.Column{{Name: "pg_sleep", Type: runtime.Text}},
	Decode: func(v *string, r *runtime.Row) { *v = r.Text() },
}

func backend(t *testing.T, db runtime.DB) (pid int) {
	t.Helper()
	require.NoError(t, db.QueryRow(context.Background(), "SELECT pg_backend_pid()").Scan(&pid))
	return pid
}

// The end of a context ends the statement on the server, at once and whatever
// it is, and the connection goes on to be used.
func TestCancelledContext(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Schema(t, "CREATE TABLE item (id int PRIMARY KEY)")
	watcher := open(t, runtime.WithDSN(dsn))
	const sleep = "SELECT pg_sleep(600)"
	for _, test := range []struct {
		name string
		use  func(ctx context.Context, client *runtime.Client) error
	}{
		{"exec", func(ctx context.Context, client *runtime.Client) error { _, err := client.Exec(ctx, sleep); return err }},
		{"query", func(ctx context.Context, client *runtime.Client) error {
			rows, err := client.Query(ctx, sleep)
			if err != nil {
				return err
			}
			defer rows.Close()
			rows.Next()
			return rows.Err()
		}},
		{"row", func(ctx context.Context, client *runtime.Client) error {
			return client.QueryRow(ctx, sleep).Scan(new(string))
		}},
		{"batch", func(ctx context.Context, client *runtime.Client) error {
			b := &pgx.Batch{}
			b.Queue("SELECT 1")
			b.Queue(sleep)
			return client.SendBatch(ctx, b).Close()
		}},
		{"generated", func(ctx context.Context, client *runtime.Client) error { _, err := sleepy.All(ctx, client); return err }},
		{"transaction", func(ctx context.Context, client *runtime.Client) error {
			return client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error { _, err := tx.Exec(ctx, sleep); return err })
		}},
		{"transaction of pgx", func(ctx context.Context, client *runtime.Client) error {
			tx, err := client.BeginTx(ctx, pgx.TxOptions{})
			if err != nil {
				return err
			}
			_, err = sleepy.All(ctx, tx)
			if err := tx.Rollback(context.Background()); err != nil {
				return err
			}
			return err
		}},
		{"typed copy", func(ctx context.Context, client *runtime.Client) error {
			_, err := copyItems.FromSeq(ctx, client, func(yield func(int32, error) bool) {
				for i := int32(0); yield(i, ctx.Err()); i++ {
				}
			})
			return err
		}},
		{"typed copy of what does not mind", func(ctx context.Context, client *runtime.Client) error {
			_, err := copyItems.FromSeq(ctx, client, func(yield func(int32, error) bool) {
				for i := int32(0); yield(i, nil); i++ {
				}
			})
			return err
		}},
		{"copy", func(ctx context.Context, client *runtime.Client) error {
			i := 0
			_, err := client.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id"}, pgx.CopyFromFunc(func() ([]any, error) {
				i++
				return []any{i}, nil
			}))
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client := open(t, runtime.WithDSN(dsn), runtime.WithSetting("max_size", 1), runtime.WithSetting("application_name", test.name))
			require.NoError(t, client.Ping(t.Context()))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(50*time.Millisecond, cancel)
			begin := time.Now()
			err := test.use(ctx, client)
			require.ErrorIs(t, err, context.Canceled)
			require.Less(t, time.Since(begin), 30*time.Second)
			var running int
			require.NoError(t, watcher.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state = 'active'", test.name).Scan(&running))
			require.Zero(t, running)
			require.NoError(t, client.Ping(t.Context()))
			require.EqualValues(t, 1, client.Stats().NewConnsCount())
		})
	}
}

func TestDeadlineOfAContext(t *testing.T) {
	t.Parallel()
	client := open(t, runtime.WithDSN(pgtest.New(t)), runtime.WithSetting("max_size", 1))
	pid := backend(t, client)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := client.Exec(ctx, "SELECT pg_sleep(600)")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, runtime.ErrTimeout)
	require.Equal(t, pid, backend(t, client))
}

// A request to cancel that comes late hits nobody else: contexts that end at
// any moment of a statement never fail the next one on the same connection.
func TestNoLateCancel(t *testing.T) {
	t.Parallel()
	client := open(t, runtime.WithDSN(pgtest.New(t)), runtime.WithSetting("max_size", 2))
	var wait sync.WaitGroup
	var cancelled, finished int
	var mu sync.Mutex
	for worker := range 2 {
		wait.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for i := range 200 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.IntN(2000))*time.Microsecond)
				_, err := client.Exec(ctx, "SELECT pg_sleep(0.001)")
				cancel()
				mu.Lock()
				if err != nil {
					cancelled++
				} else {
					finished++
				}
				mu.Unlock()
				if _, err := client.Exec(t.Context(), "SELECT pg_sleep(0.002)"); err != nil {
					t.Errorf("worker %d, statement %d: %v", worker, i, err)
				}
			}
		})
	}
	wait.Wait()
	require.Positive(t, cancelled)
	t.Logf("%d cancelled, %d finished, %d connections made", cancelled, finished, client.Stats().NewConnsCount())
}

// tardy holds a statement back until a request to cancel it was answered.
type tardy struct {
	net.Conn
	hold  bool
	asked chan struct{}
}

func (c tardy) Write(b []byte) (int, error) {
	if c.hold && bytes.Contains(b, []byte("pg_sleep")) {
		<-c.asked
	}
	return c.Conn.Write(b)
}

func (c tardy) Close() error {
	if !c.hold {
		select {
		case c.asked <- struct{}{}:
		default: // the second request: nobody waits for it
		}
	}
	return c.Conn.Close()
}

// A request that comes before its statement is lost; the next one is not.
func TestCancelBeforeTheStatement(t *testing.T) {
	t.Parallel()
	asked, first := make(chan struct{}), atomic.Bool{}
	client := open(t, runtime.WithDSN(pgtest.New(t)), runtime.WithPoolConfig(func(config *pgxpool.Config) {
		config.MaxConns = 1
		dial := config.ConnConfig.DialFunc
		config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			return tardy{conn, first.CompareAndSwap(false, true), asked}, err
		}
	}))
	require.NoError(t, client.Ping(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	begin := time.Now()
	_, err := client.Exec(ctx, "SELECT pg_sleep(600)")
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(begin), 4*time.Second)
	require.NoError(t, client.Ping(t.Context()))
	require.EqualValues(t, 1, client.Stats().NewConnsCount(), "the connection is kept")
}

// If nobody answers to the request to cancel, it may come at any time, and so
// the connection is not used again.
func TestConnectionInDoubtIsThrownAway(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t)
	p := newProxy(t, dsn)
	release, asked := make(chan struct{}), make(chan struct{}, 100)
	answer := sync.OnceFunc(func() { close(release) })
	defer answer()
	p.cancel = func() {
		asked <- struct{}{}
		<-release
	}
	watcher := open(t, runtime.WithDSN(pgtest.Direct(t, dsn)))
	// The context ends while the statement waits for a lock, which it gets once
	// it was asked to be cancelled.
	const statement = "SELECT pg_advisory_xact_lock($1::int8)"
	exec := func(db runtime.DB, pid int, lock int64) error {
		holder, err := watcher.BeginTx(t.Context(), pgx.TxOptions{})
		require.NoError(t, err)
		_, err = holder.Exec(t.Context(), statement, lock)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		whenSession(t, watcher, "wait_event = 'advisory' AND pid = $1", pid, func() {
			cancel()
			<-asked
			if err := holder.Rollback(context.Background()); err != nil {
				t.Errorf("give up the lock: %v", err)
			}
		})
		_, err = db.Exec(ctx, statement, lock)
		return err
	}
	client := open(t, append(p.options(), runtime.WithSetting("max_size", 1))...)
	pid := backend(t, client)
	require.NoError(t, exec(client, pid, 1), "the statement ends by itself")
	require.NotEqual(t, pid, backend(t, client))
	require.EqualValues(t, 1, client.Stats().TotalConns())

	// In a transaction the same connection is asked for again.
	err := client.InTx(t.Context(), runtime.TxOptions{}, func(tx *runtime.Tx) error {
		if err := exec(tx, backend(t, tx), 2); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), "SELECT 1")
		return err
	})
	require.Error(t, err)
	answer()
	require.NoError(t, client.Ping(t.Context()))
}
