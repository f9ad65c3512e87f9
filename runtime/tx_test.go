package runtime_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// journal records the SQL that a pool sends.
type journal struct {
	mu  sync.Mutex
	sql []string
}

func (j *journal) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sql = append(j.sql, data.SQL)
	return ctx
}

func (j *journal) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	sql := j.sql
	j.sql = nil
	return sql
}

func tracedPool(t *testing.T) (*pgxpool.Pool, *journal) {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.New(t))
	require.NoError(t, err)
	j := &journal{}
	config.ConnConfig.Tracer = j
	p, err := pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p, j
}

func TestInTx(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, j := tracedPool(t)
	insert := &runtime.Command{Name: "Insert", SQL: "INSERT INTO t VALUES ($1)"}
	create := &runtime.Command{Name: "Create", SQL: "CREATE TABLE t (n int4 PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)"}
	require.NoError(t, create.Exec(ctx, db))
	count := func(want int) {
		t.Helper()
		var n int
		require.NoError(t, db.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&n))
		require.Equal(t, want, n)
		require.Zero(t, db.Stat().AcquiredConns())
		j.take()
	}
	count(0)

	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		return insert.Exec(ctx, tx, int32(1))
	}))
	require.Equal(t, []string{"begin", insert.SQL, "commit"}, j.take())
	count(1)

	mine := errors.New("mine")
	err := runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.NoError(t, insert.Exec(ctx, tx, int32(2)))
		return mine
	})
	require.Same(t, mine, err)
	require.Equal(t, []string{"begin", insert.SQL, "rollback"}, j.take())
	count(1)

	require.PanicsWithValue(t, "oh", func() {
		_ = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
			require.NoError(t, insert.Exec(ctx, tx, int32(2)))
			panic("oh")
		})
	})
	require.Equal(t, []string{"begin", insert.SQL, "rollback"}, j.take())
	count(1)

	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
			if err := insert.Exec(ctx, tx, int32(2)); err != nil {
				return err
			}
			goruntime.Goexit()
			return nil
		})
	}()
	<-done
	require.Equal(t, []string{"begin", insert.SQL, "rollback"}, j.take())
	count(1)

	// A failed COMMIT.
	err = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		return insert.Exec(ctx, tx, int32(1))
	})
	requirePgError(t, err, "", "23505")
	count(1)

	// A swallowed error turns COMMIT into ROLLBACK.
	err = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.NoError(t, insert.Exec(ctx, tx, int32(3)))
		require.Error(t, insert.Exec(ctx, tx, "not a number"))
		_, err := tx.Exec(ctx, "SELECT 1/0")
		require.Error(t, err)
		return nil
	})
	require.ErrorIs(t, err, pgx.ErrTxCommitRollback)
	count(1)

	// A cancelled context still rolls back, and the connection lives on.
	cancelled, cancel := context.WithCancel(ctx)
	var pid uint32
	err = runtime.InTx(cancelled, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		pid = tx.Pgx().Conn().PgConn().PID()
		require.NoError(t, insert.Exec(ctx, tx, int32(4)))
		cancel()
		return cancelled.Err()
	})
	require.ErrorIs(t, err, context.Canceled)
	count(1)
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.Equal(t, pid, tx.Pgx().Conn().PgConn().PID())
		return nil
	}))

	// A connection that is lost.
	j.take()
	err = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		return tx.Pgx().Conn().Close(ctx)
	})
	require.Error(t, err)
	count(1)

	_, err = pgxpool.New(ctx, db.Config().ConnString())
	require.NoError(t, err)
	closed, err := pgxpool.New(ctx, db.Config().ConnString())
	require.NoError(t, err)
	closed.Close()
	err = runtime.InTx(ctx, closed, runtime.TxOptions{}, func(*runtime.Tx) error {
		require.Fail(t, "there is no transaction to run in")
		return nil
	})
	require.ErrorContains(t, err, "begin: ")
}

func TestTxOptions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, j := tracedPool(t)
	tests := []struct {
		name    string
		options runtime.TxOptions
		begin   string
	}{
		{"zero", runtime.TxOptions{}, "begin"},
		{"read committed", runtime.TxOptions{Isolation: runtime.ReadCommitted}, "begin isolation level read committed"},
		{"repeatable read", runtime.TxOptions{Isolation: runtime.RepeatableRead, ReadOnly: true}, "begin isolation level repeatable read read only"},
		{
			"serializable",
			runtime.TxOptions{Isolation: runtime.Serializable, ReadOnly: true, Deferrable: true},
			"begin isolation level serializable read only deferrable",
		},
	}
	for _, test := range tests {
		j.take()
		require.NoError(t, runtime.InTx(ctx, db, test.options, func(*runtime.Tx) error { return nil }), test.name)
		require.Equal(t, []string{test.begin, "commit"}, j.take(), test.name)
	}
	err := runtime.InTx(ctx, db, runtime.TxOptions{Isolation: 9}, func(*runtime.Tx) error { return nil })
	require.EqualError(t, err, "begin: there is no isolation level Isolation(9)")
	for _, retry := range []runtime.Retry{
		{Attempts: -1},
		{Attempts: 2, BackoffMin: -time.Second},
		{Attempts: 2, BackoffMax: -time.Second},
		{Attempts: 2, BackoffMin: 2 * time.Second, BackoffMax: time.Second},
	} {
		err := runtime.InTx(ctx, db, runtime.TxOptions{Retry: retry}, func(*runtime.Tx) error { return nil })
		require.ErrorContains(t, err, "begin: a retry's ")
	}
	require.Empty(t, j.take())
}

func TestNestedInTx(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, j := tracedPool(t)
	nested := func(outer, inner runtime.TxOptions) error {
		return runtime.InTx(ctx, db, outer, func(tx *runtime.Tx) error {
			return runtime.InTx(ctx, tx, inner, func(same *runtime.Tx) error {
				require.Same(t, tx, same)
				_, err := same.Exec(ctx, "SELECT 1")
				return err
			})
		})
	}
	require.NoError(t, nested(runtime.TxOptions{}, runtime.TxOptions{}))
	require.Equal(t, []string{"begin", "SELECT 1", "commit"}, j.take())
	require.NoError(t, nested(runtime.TxOptions{}, runtime.TxOptions{Isolation: runtime.ReadCommitted}))
	require.NoError(t, nested(runtime.TxOptions{Isolation: runtime.Serializable, ReadOnly: true}, runtime.TxOptions{Isolation: runtime.RepeatableRead, ReadOnly: true}))
	require.Len(t, j.take(), 6)
	refused := []struct {
		name         string
		outer, inner runtime.TxOptions
		message      string
	}{
		{
			"serializable in repeatable read",
			runtime.TxOptions{Isolation: runtime.RepeatableRead},
			runtime.TxOptions{Isolation: runtime.Serializable},
			"begin: a part of a transaction asks for isolation serializable, the transaction has repeatable read",
		},
		{
			"repeatable read in the default",
			runtime.TxOptions{},
			runtime.TxOptions{Isolation: runtime.RepeatableRead},
			"begin: a part of a transaction asks for isolation repeatable read, the transaction has read committed",
		},
		{
			"read only",
			runtime.TxOptions{},
			runtime.TxOptions{ReadOnly: true},
			"begin: a part of a transaction asks for read only, the transaction is not",
		},
		{
			"deferrable",
			runtime.TxOptions{Isolation: runtime.Serializable},
			runtime.TxOptions{Isolation: runtime.Serializable, Deferrable: true},
			"begin: a part of a transaction asks for deferrable, the transaction is not",
		},
		{
			"savepoint",
			runtime.TxOptions{},
			runtime.TxOptions{Savepoint: true, ReadOnly: true},
			"begin: a part of a transaction asks for read only, the transaction is not",
		},
		{"unknown", runtime.TxOptions{}, runtime.TxOptions{Isolation: 9}, "begin: there is no isolation level Isolation(9)"},
	}
	for _, test := range refused {
		j.take()
		require.EqualError(t, nested(test.outer, test.inner), test.message, test.name)
		sent := j.take()
		require.NotContains(t, sent, "SELECT 1", test.name)
		require.Equal(t, "rollback", sent[len(sent)-1], test.name)
	}

	// The server's own settings count, and what the transaction was set to.
	for _, setting := range []string{
		"SET LOCAL transaction_isolation = 'serializable'", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
	} {
		require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
			_, err := tx.Exec(ctx, setting)
			require.NoError(t, err)
			return runtime.InTx(ctx, tx, runtime.TxOptions{Isolation: runtime.Serializable}, func(*runtime.Tx) error { return nil })
		}), setting)
	}

	// What InTx returned an error for is not kept, whatever is made of it.
	j.take()
	inner := errors.New("inner")
	err := runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.Same(t, inner, runtime.InTx(ctx, tx, runtime.TxOptions{}, func(*runtime.Tx) error { return inner }))
		return nil
	})
	require.ErrorIs(t, err, inner)
	require.EqualError(t, err, "commit: rolled back because a part failed that has no savepoint: inner")
	require.Equal(t, []string{"begin", "rollback"}, j.take())

	// The same for a panic that the function around it recovers from.
	err = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.Panics(t, func() {
			_ = runtime.InTx(ctx, tx, runtime.TxOptions{}, func(*runtime.Tx) error { panic("oh") })
		})
		return nil
	})
	require.EqualError(t, err, "commit: rolled back because a part failed that has no savepoint: it did not return")
	require.Equal(t, []string{"begin", "rollback"}, j.take())

	// The function's own error is the news.
	mine := errors.New("mine")
	require.Same(t, mine, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.Error(t, runtime.InTx(ctx, tx, runtime.TxOptions{}, func(*runtime.Tx) error { return inner }))
		return mine
	}))

	// What else takes a Beginner gets a savepoint.
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		savepoint, err := tx.BeginTx(ctx, pgx.TxOptions{})
		require.NoError(t, err)
		_, err = savepoint.Exec(ctx, "SELECT 1/0")
		require.Error(t, err)
		require.NoError(t, savepoint.Rollback(ctx))
		_, err = tx.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.Serializable})
		require.EqualError(t, err, "begin: a savepoint has the options of its transaction")
		var one int
		require.NoError(t, tx.QueryRow(ctx, "SELECT 1").Scan(&one))
		number, err := value("SELECT 7", column(runtime.Int4), (*row).Int4).One(ctx, tx)
		require.NoError(t, err)
		require.Equal(t, int32(7), number)
		results := tx.SendBatch(ctx, &pgx.Batch{})
		require.NoError(t, results.Close())
		return nil
	}))
}
