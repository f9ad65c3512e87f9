package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

func TestRetryKeepsEveryIncrement(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, "CREATE TABLE counter (n int4); INSERT INTO counter VALUES (0)")
	require.NoError(t, err)
	const goroutines, increments = 4, 25
	var runs atomic.Int64
	for _, isolation := range []runtime.Isolation{runtime.RepeatableRead, runtime.Serializable} {
		options := runtime.TxOptions{Isolation: isolation, Retry: runtime.Retry{Attempts: 1000, BackoffMin: time.Millisecond, BackoffMax: 20 * time.Millisecond}}
		var wg sync.WaitGroup
		errs := make([]error, goroutines)
		for i := range goroutines {
			wg.Go(func() {
				for range increments {
					errs[i] = errors.Join(errs[i], runtime.InTx(ctx, db, options, func(tx *runtime.Tx) error {
						runs.Add(1)
						var n int
						if err := tx.QueryRow(ctx, "SELECT n FROM counter").Scan(&n); err != nil {
							return fmt.Errorf("read: %w", err)
						}
						_, err := tx.Exec(ctx, "UPDATE counter SET n = $1", n+1)
						return err
					}))
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
	}
	var n int
	require.NoError(t, db.QueryRow(ctx, "SELECT n FROM counter").Scan(&n))
	require.Equal(t, 2*goroutines*increments, n)
	require.Greater(t, runs.Load(), int64(n), "nobody was in anybody's way")
}

// skewed are two transactions that each read what the other one writes: one of
// them fails, and says so no sooner than at its COMMIT.
func TestRetryAtCommit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, "CREATE TABLE marks (n int4)")
	require.NoError(t, err)
	options := runtime.TxOptions{Isolation: runtime.Serializable}
	other := func() error {
		return runtime.InTx(ctx, db, options, func(tx *runtime.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO marks SELECT count(*) FROM marks")
			return err
		})
	}
	run := func(options runtime.TxOptions) (attempts int, err error) {
		err = runtime.InTx(ctx, db, options, func(tx *runtime.Tx) error {
			attempts++
			_, err := tx.Exec(ctx, "INSERT INTO marks SELECT count(*) FROM marks")
			require.NoError(t, err)
			if attempts == 1 {
				require.NoError(t, other())
			}
			return nil
		})
		return attempts, err
	}
	attempts, err := run(options)
	requirePgError(t, err, "", "40001")
	require.NotErrorIs(t, err, runtime.ErrCommitUnknown)
	require.Equal(t, 1, attempts)
	options.Retry.Attempts = 2
	attempts, err = run(options)
	require.NoError(t, err)
	require.Equal(t, 2, attempts)
	var n int
	require.NoError(t, db.QueryRow(ctx, "SELECT count(*) FROM marks").Scan(&n))
	require.Equal(t, 3, n)
}

func TestRetryAfterDeadlock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, "CREATE TABLE accounts (id int4 PRIMARY KEY, n int4); INSERT INTO accounts VALUES (1, 0), (2, 0)")
	require.NoError(t, err)
	var runs atomic.Int64
	var meet sync.WaitGroup
	meet.Add(2)
	// Only one of the two looks for a deadlock, or both could find it and end.
	move := func(first, second int, lookAfter string) error {
		met := false
		options := runtime.TxOptions{Retry: runtime.Retry{Attempts: 5}}
		return runtime.InTx(ctx, db, options, func(tx *runtime.Tx) error {
			runs.Add(1)
			if _, err := tx.Exec(ctx, "SELECT set_config('deadlock_timeout', $1, true)", lookAfter); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "UPDATE accounts SET n = n + 1 WHERE id = $1", first); err != nil {
				return err
			}
			if !met {
				met = true
				meet.Done()
				meet.Wait()
			}
			_, err := tx.Exec(ctx, "UPDATE accounts SET n = n + 1 WHERE id = $1", second)
			return err
		})
	}
	var wg sync.WaitGroup
	var one, two error
	wg.Go(func() { one = move(1, 2, "10ms") })
	wg.Go(func() { two = move(2, 1, "1min") })
	wg.Wait()
	require.NoError(t, one)
	require.NoError(t, two)
	var n int
	require.NoError(t, db.QueryRow(ctx, "SELECT sum(n) FROM accounts").Scan(&n))
	require.Equal(t, 4, n)
	require.Equal(t, int64(3), runs.Load())
}

// raise makes the server fail with a SQLSTATE of one's choice.
func raise(code string) string {
	return fmt.Sprintf("DO $$ BEGIN RAISE 'no' USING ERRCODE = '%s'; END $$", code)
}

func TestRetry(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	mine := errors.New("mine")
	serialize := &pgconn.PgError{Code: "40001"}
	three := runtime.Retry{Attempts: 3, BackoffMin: 40 * time.Millisecond}
	tests := []struct {
		name    string
		retry   runtime.Retry
		fn      func(tx *runtime.Tx, attempt int) error
		runs    int
		message string
		least   time.Duration
	}{
		{"none", runtime.Retry{}, func(tx *runtime.Tx, _ int) error {
			_, err := tx.Exec(ctx, raise("40001"))
			return err
		}, 1, "exec: ERROR: no (SQLSTATE 40001)", 0},
		{"one attempt", runtime.Retry{Attempts: 1}, func(tx *runtime.Tx, _ int) error {
			_, err := tx.Exec(ctx, raise("40001"))
			return err
		}, 1, "exec: ERROR: no (SQLSTATE 40001)", 0},
		{"all fail", three, func(tx *runtime.Tx, _ int) error {
			_, err := tx.Exec(ctx, raise("40001"))
			return err
		}, 3, "gave up after 3 attempts: exec: ERROR: no (SQLSTATE 40001)", 60 * time.Millisecond},
		{"deadlocks", three, func(tx *runtime.Tx, _ int) error {
			_, err := tx.Exec(ctx, raise("40P01"))
			return err
		}, 3, "gave up after 3 attempts: exec: ERROR: no (SQLSTATE 40P01)", 60 * time.Millisecond},
		{"the last succeeds", three, func(tx *runtime.Tx, attempt int) error {
			if attempt == 3 {
				return nil
			}
			_, err := tx.Exec(ctx, raise("40001"))
			return err
		}, 3, "", 60 * time.Millisecond},
		{"the second fails otherwise", three, func(tx *runtime.Tx, attempt int) error {
			if attempt == 2 {
				return mine
			}
			_, err := tx.Exec(ctx, raise("40001"))
			return err
		}, 2, "mine", 20 * time.Millisecond},
		{"other errors of the server", three, func(tx *runtime.Tx, _ int) error {
			_, err := tx.Exec(ctx, raise("40003"))
			return err
		}, 1, "exec: ERROR: no (SQLSTATE 40003)", 0},
		{"lock not available", three, func(tx *runtime.Tx, _ int) error {
			_, err := tx.Exec(ctx, raise("55P03"))
			return err
		}, 1, "exec: ERROR: no (SQLSTATE 55P03)", 0},
		{"wrapped", three, func(_ *runtime.Tx, attempt int) error {
			if attempt == 2 {
				return nil
			}
			return fmt.Errorf("mine: %w", serialize)
		}, 2, "", 20 * time.Millisecond},
		{"a failure kept quiet", three, func(tx *runtime.Tx, _ int) error {
			_, _ = tx.Exec(ctx, raise("40001"))
			return nil
		}, 1, "commit: commit unexpectedly resulted in rollback", 0},
		{"a part fails, and is kept quiet", three, func(tx *runtime.Tx, attempt int) error {
			_ = runtime.InTx(ctx, tx, runtime.TxOptions{Retry: runtime.Retry{Attempts: 9}}, func(tx *runtime.Tx) error {
				if attempt == 2 {
					return nil
				}
				_, err := tx.Exec(ctx, raise("40001"))
				return err
			})
			return nil
		}, 2, "", 20 * time.Millisecond},
		{"of a part is ignored", runtime.Retry{}, func(tx *runtime.Tx, _ int) error {
			return runtime.InTx(ctx, tx, runtime.TxOptions{Savepoint: true, Retry: three}, func(tx *runtime.Tx) error {
				_, err := tx.Exec(ctx, raise("40001"))
				return err
			})
		}, 1, "exec: ERROR: no (SQLSTATE 40001)", 0},
		{"pauses are bounded", runtime.Retry{Attempts: 30, BackoffMax: time.Millisecond}, func(*runtime.Tx, int) error { return serialize }, 30, "", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			runs := 0
			start := time.Now()
			var before *runtime.Tx
			err := runtime.InTx(ctx, db, runtime.TxOptions{Retry: test.retry}, func(tx *runtime.Tx) error {
				if runs++; before != nil {
					_, err := before.Exec(ctx, "SELECT 1")
					require.ErrorIs(t, err, pgx.ErrTxClosed)
				}
				before = tx
				return test.fn(tx, runs)
			})
			require.Equal(t, test.runs, runs)
			require.GreaterOrEqual(t, time.Since(start), test.least)
			require.Less(t, time.Since(start), 10*time.Second)
			switch {
			case runs == 30:
				require.ErrorContains(t, err, "gave up after 30 attempts: ")
				require.ErrorIs(t, err, serialize)
			case test.message == "":
				require.NoError(t, err)
			default:
				require.EqualError(t, err, test.message)
			}
			require.Zero(t, db.Stat().AcquiredConns())
		})
	}

	t.Run("panic", func(t *testing.T) {
		runs := 0
		require.PanicsWithValue(t, serialize, func() {
			_ = runtime.InTx(ctx, db, runtime.TxOptions{Retry: three}, func(*runtime.Tx) error {
				runs++
				panic(serialize)
			})
		})
		require.Equal(t, 1, runs)
	})
	t.Run("cancelled pause", func(t *testing.T) {
		cancelled, cancel := context.WithCancel(ctx)
		runs := 0
		start := time.Now()
		err := runtime.InTx(cancelled, db, runtime.TxOptions{Retry: runtime.Retry{Attempts: 5, BackoffMin: time.Hour}}, func(*runtime.Tx) error {
			runs++
			time.AfterFunc(50*time.Millisecond, cancel)
			return serialize
		})
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, serialize)
		require.ErrorContains(t, err, "context canceled before attempt 2: ")
		require.Equal(t, 1, runs)
		require.Less(t, time.Since(start), time.Minute)
	})
}

// cut is a connection that ends when the client sends COMMIT, before or after
// the server has got it.
type cut struct {
	net.Conn
	after bool
}

func (c *cut) Write(b []byte) (int, error) {
	if !bytes.Contains(b, []byte("commit\x00")) {
		return c.Conn.Write(b)
	}
	if c.after {
		if _, err := c.Conn.Write(b); err != nil {
			return 0, err
		}
		// The server's answer shows that it has committed.
		if _, err := c.Read(make([]byte, 1)); err != nil {
			return 0, err
		}
	}
	if err := c.Close(); err != nil {
		return 0, err
	}
	return len(b), nil
}

func TestLostCommitIsNotRetried(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("after %t", after), func(t *testing.T) {
			t.Parallel()
			url := pgtest.New(t)
			config, err := pgxpool.ParseConfig(url)
			require.NoError(t, err)
			config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
				return &cut{Conn: conn, after: after}, err
			}
			db, err := pgxpool.NewWithConfig(ctx, config)
			require.NoError(t, err)
			t.Cleanup(db.Close)
			add, all := numbers(t, db)
			runs := 0
			err = runtime.InTx(ctx, db, runtime.TxOptions{Retry: runtime.Retry{Attempts: 5}}, func(tx *runtime.Tx) error {
				runs++
				return add(tx, 1)
			})
			require.ErrorIs(t, err, runtime.ErrCommitUnknown)
			require.ErrorContains(t, err, "commit: the connection was lost during COMMIT, which may have taken place: ")
			require.Equal(t, 1, runs)
			if after {
				require.Equal(t, []int32{1}, all())
			} else {
				require.Empty(t, all())
			}
		})
	}
}

func TestTerminatedDuringCommit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, `CREATE TABLE slow (n int4);
		CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
		CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()`)
	require.NoError(t, err)
	end := func(t *testing.T, function string, pid int32) {
		for {
			tag, err := db.Exec(ctx, "SELECT "+function+"($1) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'", pid)
			require.NoError(t, err)
			if tag.RowsAffected() == 1 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	tests := []struct {
		function, code string
		unknown        bool
	}{
		{"pg_terminate_backend", "57P01", true},
		{"pg_cancel_backend", "57014", false},
	}
	for _, test := range tests {
		t.Run(test.function, func(t *testing.T) {
			runs := 0
			var wg sync.WaitGroup
			err := runtime.InTx(ctx, db, runtime.TxOptions{Retry: runtime.Retry{Attempts: 3}}, func(tx *runtime.Tx) error {
				runs++
				var pid int32
				require.NoError(t, tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid))
				wg.Go(func() { end(t, test.function, pid) })
				_, err := tx.Exec(ctx, "INSERT INTO slow VALUES (1)")
				return err
			})
			wg.Wait()
			requirePgError(t, err, "", test.code)
			require.Equal(t, test.unknown, errors.Is(err, runtime.ErrCommitUnknown))
			require.Equal(t, 1, runs)
			requireReleased(t, db)
		})
	}

	// A context that ends while the server commits.
	timeout := newExpiring()
	err = runtime.InTx(timeout, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		var pid int32
		require.NoError(t, tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid))
		whenSession(t, db, "wait_event = 'PgSleep' AND pid = $1", pid, timeout.pass)
		_, err := tx.Exec(timeout, "INSERT INTO slow VALUES (1)")
		return err
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, runtime.ErrCommitUnknown)
}

func TestCancelledTransaction(t *testing.T) {
	t.Parallel()
	db := pool(t)
	add, all := numbers(t, db)
	ctx, cancel := context.WithCancel(context.Background())
	var pid uint32
	err := runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		pid = tx.Pgx().Conn().PgConn().PID()
		require.NoError(t, add(tx, 1))
		cancel()
		return nil // knowing nothing of it
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, runtime.ErrCommitUnknown)
	require.Empty(t, all())
	conn, err := db.Acquire(context.Background())
	require.NoError(t, err)
	defer conn.Release()
	require.Equal(t, pid, conn.Conn().PgConn().PID(), "the connection lives on")

	timeout, stop := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer stop()
	err = runtime.InTx(timeout, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := tx.Exec(timeout, "SELECT pg_sleep(60)")
		return err
	})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, all())
}
