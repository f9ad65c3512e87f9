package runtime_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// statements returns what was sent, without the numbers of rows.
func statements(j *journal) []string {
	sql := j.take()
	for i, s := range sql {
		sql[i], _, _ = strings.Cut(s, " ")
	}
	return sql
}

func TestFetchSize(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.New(t)
	modes := []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	}
	for _, mode := range modes {
		config, err := pgxpool.ParseConfig(forMode(t, url, mode))
		require.NoError(t, err)
		j := &journal{}
		config.ConnConfig.Tracer = j
		config.ConnConfig.DefaultQueryExecMode = mode
		config.MaxConns = 1
		db, err := pgxpool.NewWithConfig(ctx, config)
		require.NoError(t, err)
		t.Cleanup(db.Close)
		client := runtime.NewClient(db)
		conn, err := db.Acquire(ctx)
		require.NoError(t, err)
		conn.Release()

		for _, db := range []runtime.Querier{db, client, &through{Pool: db}} {
			for _, n := range []int{1, 7, 10, 11, 1000} {
				for range 2 { // what a connection remembers of the first is no hindrance
					var got []order
					for o, err := range orders().Each(runtime.WithFetchSize(ctx, n), db, int64(10)) {
						require.NoError(t, err, "%s %d", mode, n)
						got = append(got, o)
					}
					checkOrders(t, 10, got)
					want := []string{"begin", "declare"}
					for range 10/n + 1 {
						want = append(want, "fetch")
					}
					require.Equal(t, append(want, "commit"), statements(j), "%s %d", mode, n)
				}
			}
		}
		// Other columns under the same name of a cursor.
		texts := value("SELECT $1::text || generate_series(1, 3)", column(runtime.Text), (*row).Text)
		var got []string
		for v, err := range texts.Each(runtime.WithFetchSize(ctx, 2), db, "n") {
			require.NoError(t, err)
			got = append(got, v)
		}
		require.Equal(t, []string{"n1", "n2", "n3"}, got)
		j.take()

		// Without rows, and with none asked for.
		for range orders().Each(runtime.WithFetchSize(ctx, 5), db, int64(0)) {
			require.Fail(t, "there is no row")
		}
		require.Equal(t, []string{"begin", "declare", "fetch", "commit"}, statements(j))
		for _, err := range series().Each(runtime.WithFetchSize(runtime.WithFetchSize(ctx, 5), 0), db, int32(3)) {
			require.NoError(t, err)
		}
		require.Equal(t, []string{"SELECT"}, statements(j))
	}
}

func TestFetchSizeInTransaction(t *testing.T) {
	t.Parallel()
	db, j := tracedPool(t)
	ctx := runtime.WithFetchSize(context.Background(), 3)
	_, err := db.Exec(ctx, "CREATE TABLE t (n int4)")
	require.NoError(t, err)
	insert := &runtime.Command{Name: "Insert", SQL: "INSERT INTO t VALUES ($1)"}
	s := series()
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		for _, db := range []runtime.Querier{tx, tx.Pgx(), tx.Pgx().Conn(), onlyQuery{tx}} {
			j.take()
			n := int32(0)
			for i, err := range s.Each(ctx, db, int32(7)) {
				require.NoError(t, err)
				n++
				require.Equal(t, n, i)
				// The connection is free in the loop, for another stream too.
				require.NoError(t, insert.Exec(ctx, tx, i))
				inner := int32(0)
				for _, err := range s.Each(ctx, tx, tenMillion) {
					require.NoError(t, err)
					if inner++; inner == 5 {
						break
					}
				}
			}
			require.Equal(t, int32(7), n)
			inner := []string{"INSERT", "declare", "fetch", "fetch", "close"}
			var want []string
			for i := range 7 {
				if i%3 == 0 {
					want = append(want, "fetch")
				}
				want = append(want, inner...)
			}
			require.Equal(t, append(append([]string{"declare"}, want...), "close"), statements(j), "%T", db)

			require.PanicsWithValue(t, "oh", func() {
				for range s.Each(ctx, db, tenMillion) {
					panic("oh")
				}
			})
			require.Equal(t, []string{"declare", "fetch", "close"}, statements(j))
		}
		return nil
	}))
	n, err := value("SELECT count(*) FROM t", column(runtime.Int8), (*row).Int8).One(ctx, db)
	require.NoError(t, err)
	require.Equal(t, int64(28), n)

	// An error of the body ends the transaction as it would anyway.
	no := errors.New("no")
	require.Same(t, no, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		for i, err := range s.Each(ctx, tx, int32(7)) {
			require.NoError(t, err)
			_, err := tx.Exec(ctx, "SELECT 1/($1::int4 - 2)", i)
			if i == 2 {
				require.Error(t, err)
				return no
			}
			require.NoError(t, err)
		}
		return nil
	}))
	// A savepoint's cursor.
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		inner, err := tx.Pgx().Begin(ctx)
		require.NoError(t, err)
		for _, err := range s.Each(ctx, inner, int32(7)) {
			require.NoError(t, err)
			require.NoError(t, inner.Rollback(ctx))
			break
		}
		one, err := s.One(ctx, tx, int32(1))
		require.Equal(t, int32(1), one)
		return err
	}), "what a rollback has closed is closed no more")
}

func TestFetchSizeLeave(t *testing.T) {
	t.Parallel()
	db, j := tracedPool(t)
	ctx := runtime.WithFetchSize(context.Background(), 100)
	_, err := db.Exec(ctx, "CREATE TABLE t (n int4)")
	require.NoError(t, err)
	s := series()
	require.Less(t, best(quick, func() {
		j.take()
		for range s.Each(ctx, db, tenMillion) {
			break
		}
		require.Equal(t, []string{"begin", "declare", "fetch", "rollback"}, statements(j))
	}), quick)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range s.Each(ctx, db, tenMillion) {
			goruntime.Goexit()
		}
	}()
	<-done
	require.Equal(t, []string{"begin", "declare", "fetch", "rollback"}, statements(j))
	require.Zero(t, db.Stat().AcquiredConns())

	last := func(ctx context.Context, db runtime.Querier, s *runtime.Statement[int32], args ...any) (n int, last error) {
		for _, err := range s.Each(ctx, db, args...) {
			if last = err; err == nil {
				n++
			}
		}
		return n, last
	}
	// What cannot be a cursor.
	insert := value("INSERT INTO t VALUES (1) RETURNING n", column(runtime.Int4), (*row).Int4)
	_, err = last(ctx, db, insert)
	require.EqualError(t, err, "Get: only SELECT, VALUES, TABLE and WITH can be read through a cursor; call it with WithFetchSize(ctx, 0)")
	require.ErrorIs(t, err, runtime.ErrPermanent)
	require.Empty(t, j.take())
	with := value("WITH i AS (INSERT INTO t VALUES (1) RETURNING n) SELECT n FROM i", column(runtime.Int4), (*row).Int4)
	_, err = last(ctx, db, with)
	requirePgError(t, err, "Get", "0A000")
	// Where there is no transaction and none can be begun.
	_, err = last(ctx, onlyQuery{db}, s, int32(3))
	requirePgError(t, err, "Get", "25P01")
	require.ErrorContains(t, err, "a cursor needs a transaction")
	// An error in the middle, of the server and of the decoder.
	n, err := last(ctx, db, value("SELECT 1/(950 - i) FROM (SELECT generate_series(1, 1000) i) t", column(runtime.Int4), (*row).Int4))
	requirePgError(t, err, "Get", "22012")
	require.Equal(t, 900, n)
	bad := value("SELECT NULL::int4", column(runtime.Int4), (*row).Int4)
	_, err = last(ctx, db, bad)
	require.ErrorContains(t, err, "null in a column generated as not null")
	_, err = last(ctx, db, value("SELECT 'x'", column(runtime.Int4), (*row).Int4))
	drift := new(runtime.DriftError)
	require.ErrorAs(t, err, &drift)
	// A context that ends.
	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	n = 0
	for _, err = range s.Each(cancelled, db, tenMillion) {
		if n++; n == 150 {
			cancel()
		}
	}
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 201, n, "what was fetched is yielded, then the error")
	require.Zero(t, db.Stat().AcquiredConns())
	// A timeout, which is that of each FETCH and not of what is done in between.
	limited := runtime.WithTimeout(ctx, 1500*time.Millisecond)
	slow := value("SELECT i FROM (SELECT i, pg_sleep(CASE i WHEN 250 THEN 30 ELSE 0 END) FROM (SELECT generate_series(1, 1000) i) t) t",
		column(runtime.Int4), (*row).Int4)
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := tx.Exec(ctx, "SAVEPOINT s")
		require.NoError(t, err)
		n, err := last(limited, tx, slow)
		require.ErrorIs(t, err, runtime.ErrTimeout)
		require.ErrorContains(t, err, "Get: statement timeout of 1.5s: ")
		require.Equal(t, 200, n)
		_, err = tx.Exec(ctx, "ROLLBACK TO s")
		require.NoError(t, err)
		for _, err := range s.Each(limited, tx, int32(250)) {
			require.NoError(t, err)
			setting, err := value("SELECT current_setting('statement_timeout')", column(runtime.Text), (*row).Text).One(ctx, tx)
			require.NoError(t, err)
			require.Equal(t, "0", setting)
		}
		return nil
	}))
	n, err = last(limited, db, slow)
	require.ErrorIs(t, err, runtime.ErrTimeout)
	require.Equal(t, 200, n)

	// A constraint that only COMMIT checks.
	_, err = db.Exec(ctx, `CREATE TABLE d (n int4 PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
		CREATE FUNCTION put() RETURNS int4 LANGUAGE sql AS 'INSERT INTO d VALUES (1) RETURNING 1'`)
	require.NoError(t, err)
	puts := value("SELECT put() FROM generate_series(1, 2)", column(runtime.Int4), (*row).Int4)
	n, err = last(ctx, db, puts)
	require.Equal(t, 2, n)
	requirePgError(t, err, "Get", "23505")
}
