package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// numbers are in a table n(n) that a function writes to, and reads back.
func numbers(t *testing.T, db runtime.DB) (add func(db runtime.Execer, n int) error, all func() []int32) {
	t.Helper()
	ctx := context.Background()
	_, err := db.Exec(ctx, "CREATE TABLE n (n int4 PRIMARY KEY)")
	require.NoError(t, err)
	add = func(db runtime.Execer, n int) error {
		_, err := db.Exec(ctx, "INSERT INTO n VALUES ($1)", n)
		return err
	}
	all = func() []int32 {
		t.Helper()
		rows, err := db.Query(ctx, "SELECT n FROM n ORDER BY n")
		require.NoError(t, err)
		got, err := pgx.CollectRows(rows, pgx.RowTo[int32])
		require.NoError(t, err)
		return got
	}
	return add, all
}

func TestSavepoint(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, j := tracedPool(t)
	add, all := numbers(t, db)
	in := func(db runtime.Beginner, options runtime.TxOptions, fn func(*runtime.Tx) error) error {
		return runtime.InTx(ctx, db, options, fn)
	}
	savepoint := runtime.TxOptions{Savepoint: true}
	inner := errors.New("inner")
	tests := []struct {
		name string
		fn   func(t *testing.T, tx *runtime.Tx) error
		want []int32
	}{
		{"kept", func(_ *testing.T, tx *runtime.Tx) error {
			return in(tx, savepoint, func(tx *runtime.Tx) error { return add(tx, 2) })
		}, []int32{1, 2}},
		{"revoked", func(t *testing.T, tx *runtime.Tx) error {
			require.Same(t, inner, in(tx, savepoint, func(tx *runtime.Tx) error {
				require.NoError(t, add(tx, 2))
				return inner
			}))
			return add(tx, 3)
		}, []int32{1, 3}},
		{"panic", func(t *testing.T, tx *runtime.Tx) error {
			require.PanicsWithValue(t, "oh", func() {
				_ = in(tx, savepoint, func(tx *runtime.Tx) error {
					require.NoError(t, add(tx, 2))
					panic("oh")
				})
			})
			return add(tx, 3)
		}, []int32{1, 3}},
		{"failed statement", func(t *testing.T, tx *runtime.Tx) error {
			requirePgError(t, in(tx, savepoint, func(tx *runtime.Tx) error {
				return (&runtime.Command{Name: "Again", SQL: "INSERT INTO n VALUES (1)"}).Exec(ctx, tx)
			}), "Again", "23505")
			return add(tx, 3)
		}, []int32{1, 3}},
		{"failed statement kept quiet", func(t *testing.T, tx *runtime.Tx) error {
			err := in(tx, savepoint, func(tx *runtime.Tx) error {
				require.NoError(t, add(tx, 2))
				require.Error(t, add(tx, 1))
				return nil
			})
			require.ErrorContains(t, err, "25P02")
			require.ErrorContains(t, err, "commit: ")
			return add(tx, 3)
		}, []int32{1, 3}},
		{"in a savepoint", func(t *testing.T, tx *runtime.Tx) error {
			return in(tx, savepoint, func(tx *runtime.Tx) error {
				require.NoError(t, add(tx, 2))
				require.Same(t, inner, in(tx, savepoint, func(tx *runtime.Tx) error {
					require.NoError(t, add(tx, 3))
					return inner
				}))
				require.NoError(t, in(tx, savepoint, func(tx *runtime.Tx) error { return add(tx, 4) }))
				return nil
			})
		}, []int32{1, 2, 4}},
		{"outer one revoked", func(t *testing.T, tx *runtime.Tx) error {
			require.Same(t, inner, in(tx, savepoint, func(tx *runtime.Tx) error {
				require.NoError(t, in(tx, savepoint, func(tx *runtime.Tx) error { return add(tx, 3) }))
				return inner
			}))
			return nil
		}, []int32{1}},
		{"a part of a savepoint fails", func(t *testing.T, tx *runtime.Tx) error {
			err := in(tx, savepoint, func(tx *runtime.Tx) error {
				require.NoError(t, add(tx, 2))
				require.Same(t, inner, in(tx, runtime.TxOptions{}, func(*runtime.Tx) error { return inner }))
				return nil
			})
			require.ErrorIs(t, err, inner)
			return add(tx, 3)
		}, []int32{1, 3}},
		{"outer transaction in a savepoint", func(t *testing.T, outer *runtime.Tx) error {
			require.Same(t, inner, in(outer, savepoint, func(*runtime.Tx) error {
				require.NoError(t, add(outer, 2))
				return inner
			}))
			return nil
		}, []int32{1}},
		{"cancelled", func(t *testing.T, tx *runtime.Tx) error {
			cancelled, cancel := context.WithCancel(ctx)
			require.ErrorIs(t, runtime.InTx(cancelled, tx, savepoint, func(tx *runtime.Tx) error {
				require.NoError(t, add(tx, 2))
				cancel()
				return nil
			}), context.Canceled)
			return add(tx, 3)
		}, []int32{1, 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := db.Exec(ctx, "TRUNCATE n")
			require.NoError(t, err)
			// The option does nothing for a transaction of its own.
			require.NoError(t, in(db, savepoint, func(tx *runtime.Tx) error {
				require.NoError(t, add(tx, 1))
				return test.fn(t, tx)
			}))
			require.Equal(t, test.want, all())
			require.Zero(t, db.Stat().AcquiredConns())
		})
	}

	// Failures do not pile up.
	j.take()
	require.NoError(t, in(db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		for range 2 {
			require.Same(t, inner, in(tx, savepoint, func(*runtime.Tx) error { return inner }))
		}
		return nil
	}))
	const rollback = "rollback to savepoint pgwright_1; release savepoint pgwright_1"
	require.Equal(t, []string{"begin", "savepoint pgwright_1", rollback, "savepoint pgwright_1", rollback, "commit"}, j.take())

	// Without its connection a savepoint cannot be kept.
	err := in(db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.Same(t, inner, in(tx, savepoint, func(tx *runtime.Tx) error {
			require.NoError(t, tx.Pgx().Conn().Close(ctx))
			return inner
		}))
		return nil
	})
	require.ErrorContains(t, err, "commit: ")
	err = in(db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := tx.Exec(ctx, "SELECT 1/0")
		require.Error(t, err)
		return in(tx, savepoint, func(*runtime.Tx) error {
			require.Fail(t, "there is no savepoint")
			return nil
		})
	})
	requirePgError(t, err, "", "25P02")
}

func TestNestedTransactionsOnTheWire(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t)
	add, all := numbers(t, conn)
	var wire bytes.Buffer
	conn.PgConn().Frontend().Trace(&wire, pgproto3.TracerOptions{SuppressTimestamps: true})
	err := runtime.InTx(ctx, conn, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.NoError(t, add(tx, 1))
		return runtime.InTx(ctx, tx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
			require.NoError(t, add(tx, 2))
			return runtime.InTx(ctx, tx, runtime.TxOptions{Isolation: runtime.ReadCommitted}, func(tx *runtime.Tx) error { return add(tx, 3) })
		})
	})
	conn.PgConn().Frontend().Untrace()
	require.NoError(t, err)
	require.Equal(t, []int32{1, 2, 3}, all())
	// All messages that a statement without arguments is sent with.
	var queries []string
	for line := range strings.Lines(wire.String()) {
		if fields := strings.Split(strings.TrimSpace(line), "\t"); fields[0] == "F" && fields[1] == "Query" {
			queries = append(queries, strings.TrimSpace(fields[3]))
		}
	}
	require.Equal(t, []string{`"begin"`, `"commit"`}, queries, wire.String())
	require.Equal(t, 1, strings.Count(wire.String(), `"BEGIN"`))
	require.Equal(t, 1, strings.Count(wire.String(), `"COMMIT"`))
}

func TestPanicLeavesNoTransaction(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(pgtest.New(t))
	require.NoError(t, err)
	config.MaxConns = 1
	db, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	for _, nested := range []bool{false, true} {
		require.PanicsWithValue(t, "oh", func() {
			_ = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				_, err := tx.Exec(ctx, "SELECT txid_current()")
				require.NoError(t, err)
				if !nested {
					panic("oh")
				}
				return runtime.InTx(ctx, tx, runtime.TxOptions{Savepoint: true}, func(*runtime.Tx) error { panic("oh") })
			})
		})
		// The only connection is free, and no other one is in a transaction.
		timeout, cancel := context.WithTimeout(ctx, 10*time.Second)
		var open int
		err := db.QueryRow(timeout, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`).Scan(&open)
		cancel()
		require.NoError(t, err)
		require.Zero(t, open)
		require.Equal(t, byte('I'), status(t, db))
	}
}

// requireReleased waits for the pool to have all its connections, or to have
// thrown them away, which it does on the side.
func requireReleased(t *testing.T, db *pgxpool.Pool) {
	t.Helper()
	require.Eventually(t, func() bool { return db.Stat().AcquiredConns() == 0 }, 10*time.Second, time.Millisecond)
}

func status(t *testing.T, db *pgxpool.Pool) byte {
	t.Helper()
	conn, err := db.Acquire(context.Background())
	require.NoError(t, err)
	defer conn.Release()
	return conn.Conn().PgConn().TxStatus()
}

func TestTxAfterItsEnd(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	var ended []*runtime.Tx
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.NoError(t, runtime.InTx(ctx, tx, runtime.TxOptions{Savepoint: true}, func(tx *runtime.Tx) error {
			ended = append(ended, tx)
			return nil
		}))
		_, err := ended[0].Exec(ctx, "SELECT 1")
		require.ErrorIs(t, err, pgx.ErrTxClosed)
		ended = append(ended, tx)
		return nil
	}))
	require.Error(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		ended = append(ended, tx)
		return errors.New("mine")
	}))
	for _, tx := range ended {
		const message = "the function of this transaction has returned: tx is closed"
		_, err := tx.Exec(ctx, "SELECT 1")
		require.EqualError(t, err, "exec: "+message)
		rows, err := tx.Query(ctx, "SELECT 1")
		require.EqualError(t, err, "query: "+message)
		require.False(t, rows.Next())
		require.EqualError(t, rows.Err(), "query: "+message)
		require.EqualError(t, tx.QueryRow(ctx, "SELECT 1").Scan(), "query: "+message)
		require.EqualError(t, tx.SendBatch(ctx, &pgx.Batch{}).Close(), "batch: "+message)
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"n"}, []string{"n"}, pgx.CopyFromRows(nil))
		require.EqualError(t, err, "copy: "+message)
		_, err = tx.BeginTx(ctx, pgx.TxOptions{})
		require.EqualError(t, err, "begin: "+message)
		for _, options := range []runtime.TxOptions{{}, {Savepoint: true}, {Isolation: runtime.Serializable}} {
			err := runtime.InTx(ctx, tx, options, func(*runtime.Tx) error {
				require.Fail(t, "the transaction has ended")
				return nil
			})
			require.ErrorIs(t, err, pgx.ErrTxClosed)
		}
		_, err = value("SELECT 7", column(runtime.Int4), (*row).Int4).One(ctx, tx)
		require.ErrorIs(t, err, pgx.ErrTxClosed)
	}
	require.Zero(t, db.Stat().AcquiredConns())
}

func TestTxOfSeveralGoroutines(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	add, all := numbers(t, db)

	// Several at once: each is done or refused, and the transaction goes on.
	const goroutines = 8
	done := make([]bool, goroutines)
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		var wg sync.WaitGroup
		for i := range goroutines {
			wg.Go(func() {
				if err := add(tx, i); err != nil {
					require.ErrorContains(t, err, "exec: another statement of this transaction has not ended")
					return
				}
				done[i] = true
			})
		}
		wg.Wait()
		return nil
	}))
	var want []int32
	for i, done := range done {
		if done {
			want = append(want, int32(i))
		}
	}
	require.NotEmpty(t, want)
	require.Equal(t, want, all())

	// One that is still running at the end.
	var wg sync.WaitGroup
	err := runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.NoError(t, add(tx, 100))
		var pid int32
		require.NoError(t, tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid))
		wg.Go(func() {
			_, err := tx.Exec(ctx, "SELECT pg_sleep(2)")
			if err != nil {
				t.Errorf("nothing else has the transaction: %v", err)
			}
		})
		awaitSession(t, db, "wait_event = 'PgSleep' AND pid = $1", pid)
		_, err := tx.Exec(ctx, "SELECT 1")
		require.ErrorContains(t, err, "another statement of this transaction has not ended")
		return nil
	})
	wg.Wait()
	require.EqualError(t, err, "commit: rolled back because a statement was still running when the function returned")
	require.Equal(t, want, all())

	// Rows that are still open.
	err = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		rows, err := tx.Query(ctx, "SELECT generate_series(1, 10)")
		require.NoError(t, err)
		require.True(t, rows.Next())
		require.ErrorContains(t, add(tx, 101), "exec: another statement of this transaction has not ended: read its rows")
		rows.Close()
		return add(tx, 102)
	})
	require.NoError(t, err)
	err = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.NoError(t, add(tx, 103))
		rows, err := tx.Query(ctx, "SELECT generate_series(1, 10)")
		require.NoError(t, err)
		require.True(t, rows.Next())
		return nil
	})
	require.ErrorContains(t, err, "commit: ")
	require.NotErrorIs(t, err, runtime.ErrCommitUnknown)
	require.Equal(t, append(want, 102), all())
	requireReleased(t, db)

	// A statement in the middle of a COPY.
	_, err = db.Exec(ctx, "CREATE TABLE other (n int4)")
	require.NoError(t, err)
	err = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"other"}, []string{"n"}, pgx.CopyFromFunc(func() ([]any, error) { return nil, add(tx, 104) }))
		return err
	})
	require.ErrorContains(t, err, "another statement of this transaction has not ended")
}

func TestInTxOverConnections(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	p := pool(t)
	add, all := numbers(t, p)
	acquired, err := p.Acquire(ctx)
	require.NoError(t, err)
	defer acquired.Release()
	conn := acquired.Conn()
	client := runtime.NewClient(p)
	t.Cleanup(client.Close)
	n := 0
	for _, db := range []runtime.Beginner{p, acquired, conn, client} {
		n++
		require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error { return add(tx, n) }))
		require.Error(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
			require.NoError(t, add(tx, 100))
			return errors.New("mine")
		}))
	}
	require.Equal(t, []int32{1, 2, 3, 4}, all())

	// A second BEGIN on a connection would be a warning, and its COMMIT that of
	// the first.
	for _, db := range []runtime.Beginner{acquired, conn} {
		for _, statement := range []string{"SELECT 1", "SELECT 1/0"} {
			err := runtime.InTx(ctx, conn, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				_, _ = tx.Exec(ctx, statement)
				return runtime.InTx(ctx, db, runtime.TxOptions{}, func(*runtime.Tx) error {
					require.Fail(t, "there is no second transaction")
					return nil
				})
			})
			require.ErrorContains(t, err, "begin: the connection is in a transaction already")
			require.Equal(t, byte('I'), conn.PgConn().TxStatus())
		}
	}
}

func TestSavepointsAreObserved(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	var ops []string
	client := runtime.NewClient(pool(t), runtime.WithObserver(runtime.ObserverFunc(func(_ context.Context, e runtime.Event) {
		require.NoError(t, e.Err)
		ops = append(ops, e.Op)
	})))
	t.Cleanup(client.Close)
	savepoint := runtime.TxOptions{Savepoint: true}
	require.NoError(t, client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.NoError(t, runtime.InTx(ctx, tx, savepoint, func(tx *runtime.Tx) error {
			_, err := runtime.Exec(ctx, tx, "SELECT 1")
			return err
		}))
		require.Error(t, runtime.InTx(ctx, tx, savepoint, func(*runtime.Tx) error { return errors.New("mine") }))
		return nil
	}))
	require.Equal(t, []string{
		runtime.OpBegin,
		runtime.OpBegin, runtime.OpExec, runtime.OpCommit,
		runtime.OpBegin, runtime.OpRollback,
		runtime.OpCommit,
	}, ops)
}
