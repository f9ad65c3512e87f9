package runtime_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// trips counts how often a client waits for the server: reads that follow a
// write.
type trips struct{ n atomic.Int64 }

func (c *trips) take() int64 { return c.n.Swap(0) }

func (c *trips) dial(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: conn, trips: c}, nil
	}
}

type countedConn struct {
	net.Conn
	trips *trips
	wrote atomic.Bool
}

func (c *countedConn) Write(b []byte) (int, error) {
	c.wrote.Store(true)
	return c.Conn.Write(b)
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.wrote.Swap(false) {
		c.trips.n.Add(1)
	}
	return n, err
}

// limitedTarget is something to run statements on that has one connection.
type limitedTarget struct {
	db    runtime.DB
	trips *trips
	// begun is true if there is a transaction around what runs.
	begun bool
}

func (l limitedTarget) show(t *testing.T) string {
	t.Helper()
	var setting string
	require.NoError(t, l.db.QueryRow(context.Background(), "SHOW statement_timeout").Scan(&setting))
	return setting
}

// wrapped is an application's own type around something of pgx's.
type wrapped struct{ runtime.DB }

// limitedTargets calls f for whatever statements can be run on, with a
// connection whose statement_timeout is 54321 ms, by alterTimeout.
func limitedTargets(t *testing.T, url string, mode pgx.QueryExecMode, f func(t *testing.T, target limitedTarget)) {
	t.Helper()
	for name, open := range map[string]func(t *testing.T, pool *pgxpool.Pool, target limitedTarget){
		"pool": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			target.db = pool
			f(t, target)
		},
		"client": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			client := runtime.NewClient(pool)
			defer client.Close()
			target.db = client
			f(t, target)
		},
		"pool's connection": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			conn, err := pool.Acquire(t.Context())
			require.NoError(t, err)
			defer conn.Release()
			target.db = conn
			f(t, target)
		},
		"connection": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			conn, err := pool.Acquire(t.Context())
			require.NoError(t, err)
			defer conn.Release()
			target.db = conn.Conn()
			f(t, target)
		},
		"connection in a transaction": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			conn, err := pool.Acquire(t.Context())
			require.NoError(t, err)
			defer conn.Release()
			_, err = conn.Exec(t.Context(), "begin")
			require.NoError(t, err)
			target.db, target.begun = conn.Conn(), true
			f(t, target)
			_, err = conn.Exec(t.Context(), "rollback")
			require.NoError(t, err)
		},
		"pgx's transaction": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			tx, err := pool.Begin(t.Context())
			require.NoError(t, err)
			target.db, target.begun = tx, true
			f(t, target)
			require.NoError(t, tx.Rollback(t.Context()))
		},
		"transaction": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			require.EqualError(t, runtime.InTx(t.Context(), pool, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				target.db, target.begun = tx, true
				f(t, target)
				return fmt.Errorf("roll back")
			}), "roll back")
		},
		"wrapped pool": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			target.db = wrapped{pool}
			f(t, target)
		},
		"wrapped transaction": func(t *testing.T, pool *pgxpool.Pool, target limitedTarget) {
			tx, err := pool.Begin(t.Context())
			require.NoError(t, err)
			target.db, target.begun = wrapped{tx}, true
			f(t, target)
			require.NoError(t, tx.Rollback(t.Context()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, err := pgxpool.ParseConfig(forMode(t, url, mode))
			require.NoError(t, err)
			config.MaxConns = 1
			config.ConnConfig.DefaultQueryExecMode = mode
			target := limitedTarget{trips: new(trips)}
			config.ConnConfig.DialFunc = target.trips.dial(config.ConnConfig.DialFunc)
			pool, err := pgxpool.NewWithConfig(t.Context(), config)
			require.NoError(t, err)
			defer pool.Close()
			open(t, pool, target)
			// Nothing of it is left for the next user of the connection.
			require.Equal(t, "54321ms", limitedTarget{db: pool}.show(t))
		})
	}
}

// sleeper returns its statement_timeout after a while, for 1000 rows.
func sleeper() *runtime.Statement[string] {
	return value(`-- name: Sleep
SELECT current_setting('statement_timeout') || left(pg_sleep(CASE WHEN i = 1000 THEN $1::float8 ELSE 0 END)::text, 0)
FROM generate_series(1, 1000) AS i`, column(runtime.Text), (*row).Text)
}

// limitedCalls are the ways to run a statement. They return the setting that
// the statement saw, empty if it cannot tell.
func limitedCalls() map[string]func(ctx context.Context, db runtime.DB, seconds float64) (string, error) {
	list := sleeper()
	command := &runtime.Command{Name: "Sleep", SQL: "SELECT pg_sleep($1::float8)"}
	return map[string]func(ctx context.Context, db runtime.DB, seconds float64) (string, error){
		"all": func(ctx context.Context, db runtime.DB, seconds float64) (string, error) {
			all, err := list.All(ctx, db, seconds)
			if err != nil {
				return "", err
			}
			return all[999], nil
		},
		"all pointers": func(ctx context.Context, db runtime.DB, seconds float64) (string, error) {
			all, err := list.AllPointers(ctx, db, seconds)
			if err != nil {
				return "", err
			}
			return *all[999], nil
		},
		"one": func(ctx context.Context, db runtime.DB, seconds float64) (string, error) {
			return list.One(ctx, db, seconds)
		},
		"each": func(ctx context.Context, db runtime.DB, seconds float64) (seen string, err error) {
			for seen, err = range list.Each(ctx, db, seconds) {
				if err != nil {
					return "", err
				}
			}
			return seen, nil
		},
		"exec": func(ctx context.Context, db runtime.DB, seconds float64) (string, error) {
			return "", command.Exec(ctx, db, seconds)
		},
		"rows": func(ctx context.Context, db runtime.DB, seconds float64) (string, error) {
			n, err := command.Rows(ctx, db, seconds)
			if err == nil && n != 1 {
				err = fmt.Errorf("%d rows", n)
			}
			return "", err
		},
		"batch": func(ctx context.Context, db runtime.DB, seconds float64) (seen string, err error) {
			var b pgx.Batch
			list.Queue(&b, 0.0)
			list.Queue(&b, seconds)
			results := list.SendMany(ctx, db, &b)
			results.Query(func(i int, rows []string, e error) {
				if i == 1 && e == nil {
					seen = rows[999]
				}
				err = e
			})
			if closed := results.Close(); (closed == nil) != (err == nil) {
				return "", fmt.Errorf("closed with %v after %v", closed, err)
			}
			return seen, err
		},
		"batch of commands": func(ctx context.Context, db runtime.DB, seconds float64) (string, error) {
			var b pgx.Batch
			command.Queue(&b, seconds)
			return "", command.Send(ctx, db, &b).Close()
		},
	}
}

// alterTimeout is a setting of the database, which holds behind a pooler too.
const alterTimeout = `DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET statement_timeout = 54321', current_database()); END$$;`

func TestTimeout(t *testing.T) {
	t.Parallel()
	url := pgtest.Schema(t, alterTimeout)
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			limitedTargets(t, url, mode, func(t *testing.T, target limitedTarget) {
				ctx := context.Background()
				for name, call := range limitedCalls() {
					limited := runtime.WithTimeout(ctx, 4321*time.Millisecond)
					_, err := call(limited, target.db, 0) // prepares
					require.NoError(t, err, name)
					require.Equal(t, "54321ms", target.show(t), name)
					_, err = call(ctx, target.db, 0)
					require.NoError(t, err, name)
					target.trips.take()
					_, err = call(ctx, target.db, 0)
					require.NoError(t, err, name)
					without := target.trips.take()
					seen, err := call(limited, target.db, 0)
					require.NoError(t, err, name)
					require.Equal(t, without, target.trips.take(), name)
					if seen != "" {
						require.Equal(t, "4321ms", seen, name)
					}
					require.Equal(t, "54321ms", target.show(t), name)
				}
			})
		})
	}
}

func TestTimeoutPasses(t *testing.T) {
	t.Parallel()
	const d = 30 * time.Millisecond
	url := pgtest.Schema(t, alterTimeout)
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			for name, call := range limitedCalls() {
				t.Run(name, func(t *testing.T) {
					limitedTargets(t, url, mode, func(t *testing.T, target limitedTarget) {
						start := time.Now()
						_, err := call(runtime.WithTimeout(context.Background(), d), target.db, 30)
						require.GreaterOrEqual(t, time.Since(start), d)
						require.Less(t, time.Since(start), 20*time.Second)
						require.ErrorIs(t, err, runtime.ErrTimeout)
						require.NotErrorIs(t, err, runtime.ErrTransient)
						requirePgError(t, err, queryOf(name), "57014")
						require.ErrorContains(t, err, "statement timeout of 30ms: ")
						if !target.begun {
							require.Equal(t, "54321ms", target.show(t))
						}
					})
				})
			}
		})
	}
}

// queryOf is the name of the query that a limited call runs.
func queryOf(call string) string {
	switch call {
	case "exec", "rows", "batch of commands":
		return "Sleep"
	}
	return "Get"
}

// Whatever becomes of a statement, the next one on its connection has the
// connection's own timeout.
func TestTimeoutDoesNotLeak(t *testing.T) {
	t.Parallel()
	url := pgtest.Schema(t, alterTimeout)
	list := sleeper()
	bad := value("SELECT NULL::int4 FROM generate_series(1, $1::int4)", column(runtime.Int4), (*row).Int4)
	errBody := fmt.Errorf("panic in the body")
	for name, f := range map[string]func(t *testing.T, ctx context.Context, db runtime.DB){
		"a failing statement": func(t *testing.T, ctx context.Context, db runtime.DB) {
			_, err := value("SELECT 1 / $1::int4", column(runtime.Int4), (*row).Int4).One(ctx, db, int32(0))
			requirePgError(t, err, "Get", "22012")
		},
		"a statement that does not parse": func(t *testing.T, ctx context.Context, db runtime.DB) {
			_, err := value("SELEC", column(runtime.Int4), (*row).Int4).All(ctx, db)
			requirePgError(t, err, "Get", "42601")
		},
		"an argument that cannot be sent": func(t *testing.T, ctx context.Context, db runtime.DB) {
			_, err := list.All(ctx, db, struct{}{})
			require.Error(t, err)
		},
		"a row that cannot be read": func(t *testing.T, ctx context.Context, db runtime.DB) {
			_, err := bad.All(ctx, db, int32(5))
			require.ErrorContains(t, err, "null in a column")
		},
		"a loop that is left": func(t *testing.T, ctx context.Context, db runtime.DB) {
			for _, err := range list.Each(ctx, db, 0.0) {
				require.NoError(t, err)
				break
			}
		},
		"a panic in the loop's body": func(t *testing.T, ctx context.Context, db runtime.DB) {
			require.PanicsWithError(t, errBody.Error(), func() {
				for range list.Each(ctx, db, 0.0) {
					panic(errBody)
				}
			})
		},
		"a cancelled context": func(t *testing.T, ctx context.Context, db runtime.DB) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(20*time.Millisecond, cancel)
			_, err := list.All(ctx, db, 30.0)
			require.ErrorIs(t, err, context.Canceled)
			require.NotErrorIs(t, err, runtime.ErrTimeout)
			require.ErrorIs(t, err, runtime.ErrPermanent)
		},
		"a context cancelled before": func(t *testing.T, ctx context.Context, db runtime.DB) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_, err := list.All(ctx, db, 0.0)
			require.ErrorIs(t, err, context.Canceled)
			require.NotErrorIs(t, err, runtime.ErrTimeout)
		},
		"an earlier deadline": func(t *testing.T, ctx context.Context, db runtime.DB) {
			ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			_, err := list.All(ctx, db, 30.0)
			require.ErrorIs(t, err, runtime.ErrTimeout)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		},
		"a batch that is closed half-way": func(t *testing.T, ctx context.Context, db runtime.DB) {
			var b pgx.Batch
			list.Queue(&b, 0.0)
			list.Queue(&b, 0.0)
			results := list.SendMany(ctx, db, &b)
			results.Query(func(_ int, _ []string, err error) {
				require.NoError(t, results.Close())
			})
		},
		"a batch that begins a transaction": func(t *testing.T, ctx context.Context, db runtime.DB) {
			var b pgx.Batch
			b.Queue("begin")
			list.Queue(&b, 0.0)
			b.Queue("commit")
			require.NoError(t, list.SendMany(ctx, db, &b).Close())
		},
	} {
		for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
			// With pgx's own way to end a statement, which closes the
			// connection, and with a client's, which keeps it. (pgx can keep it,
			// too, but a request of its watcher may come late on a busy machine
			// and hit the next statement.)
			for way, handler := range map[string]func(*pgconn.PgConn) ctxwatch.Handler{
				"default":        nil,
				"cancel request": runtime.NewCanceller,
			} {
				t.Run(name+"/"+mode.String()+"/"+way, func(t *testing.T) {
					t.Parallel()
					config, err := pgxpool.ParseConfig(forMode(t, url, mode))
					require.NoError(t, err)
					config.MaxConns = 1
					config.ConnConfig.DefaultQueryExecMode = mode
					if handler != nil {
						config.ConnConfig.BuildContextWatcherHandler = handler
					}
					var opened atomic.Int32
					config.AfterConnect = func(context.Context, *pgx.Conn) error {
						opened.Add(1)
						return nil
					}
					db, err := pgxpool.NewWithConfig(t.Context(), config)
					require.NoError(t, err)
					defer db.Close()
					f(t, runtime.WithTimeout(t.Context(), 10*time.Second), db)
					require.Equal(t, "54321ms", limitedTarget{db: db}.show(t))
					require.Zero(t, db.Stat().AcquiredConns())
					if handler != nil && name != "an argument that cannot be sent" { // where pgx gives it up
						require.Equal(t, int32(1), opened.Load(), "the connection is kept")
					}
				})
			}
		}
	}
}

// A statement that fails in a transaction leaves the setting to the rollback,
// also to that of a savepoint.
func TestTimeoutAfterFailureInTransaction(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	err := runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 9999")
		require.NoError(t, err)
		limited := runtime.WithTimeout(ctx, 20*time.Millisecond)
		for range 2 {
			savepoint, err := tx.BeginTx(ctx, pgx.TxOptions{})
			require.NoError(t, err)
			_, err = sleeper().One(limited, savepoint, 30.0)
			require.ErrorIs(t, err, runtime.ErrTimeout)
			_, err = sleeper().One(limited, savepoint, 30.0)
			requirePgError(t, err, "Get", "25P02")
			require.NoError(t, savepoint.Rollback(ctx))
			require.Equal(t, "9999ms", limitedTarget{db: tx}.show(t))
			_, err = sleeper().One(limited, tx, 0.0)
			require.NoError(t, err)
			require.Equal(t, "9999ms", limitedTarget{db: tx}.show(t))
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, "0", limitedTarget{db: db}.show(t))
}

func TestTimeoutDurations(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	one := sleeper()
	for _, test := range []struct {
		d    time.Duration
		want string
	}{
		{time.Nanosecond, "1ms"},
		{999 * time.Microsecond, "1ms"},
		{time.Millisecond, "1ms"},
		{1500 * time.Microsecond, "2ms"},
		{2 * time.Second, "2s"},
		{math.MaxInt32 * time.Millisecond, "2147483647ms"},
		{math.MaxInt32*time.Millisecond + 1, "2147483647ms"},
		{math.MaxInt64, "2147483647ms"},
	} {
		// Too short a time for most statements, but not for one that does nothing.
		got, err := value("SELECT current_setting('statement_timeout')", column(runtime.Text), (*row).Text).
			One(runtime.WithTimeout(ctx, test.d), db)
		if err != nil {
			require.Less(t, test.d, time.Second)
			require.ErrorIs(t, err, runtime.ErrTimeout)
			continue
		}
		require.Equal(t, test.want, got, test.d)
	}
	for _, d := range []time.Duration{0, -1, math.MinInt64} {
		limited := runtime.WithTimeout(ctx, d)
		for name, call := range limitedCalls() {
			_, err := call(limited, db, 0)
			require.ErrorIs(t, err, runtime.ErrTimeout, name)
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
			require.EqualError(t, err, fmt.Sprintf("%s: timeout of %s: context deadline exceeded", queryOf(name), d), name)
		}
	}
	// The inner timeout holds.
	seen, err := one.One(runtime.WithTimeout(runtime.WithTimeout(ctx, time.Millisecond), time.Hour), db, 0.0)
	require.NoError(t, err)
	require.Equal(t, "1h", seen)
	// What runs only queries cannot have one.
	_, err = one.One(runtime.WithTimeout(ctx, time.Hour), struct{ runtime.Querier }{db}, 0.0)
	require.EqualError(t, err, "Get: a timeout needs a database with SendBatch")
}

// items come from a source that waits.
func slowItems(n int, wait time.Duration) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		for i := range n {
			time.Sleep(wait)
			if !yield(item{ID: int64(i)}, nil) {
				return
			}
		}
	}
}

func TestTimeoutOfCopy(t *testing.T) {
	t.Parallel()
	url := pgtest.Schema(t, alterTimeout+`CREATE TABLE "odd ""table""" (id int8, "odd ""name""" text, UNIQUE (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE seen (timeout text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
	IF NEW.id = 7 THEN PERFORM pg_sleep(30); END IF;
	INSERT INTO seen VALUES (current_setting('statement_timeout'));
	RETURN NEW;
END$$;
CREATE TRIGGER see BEFORE INSERT ON "odd ""table""" FOR EACH ROW EXECUTE FUNCTION see()`)
	load := items()
	limitedTargets(t, url, pgx.QueryExecModeCacheStatement, func(t *testing.T, target limitedTarget) {
		ctx := context.Background()
		limited := runtime.WithTimeout(ctx, 4321*time.Millisecond)
		if _, ok := target.db.(wrapped); ok {
			_, err := load.From(limited, target.db, []item{{ID: 1}})
			require.EqualError(t, err, "LoadItems: a timeout for COPY cannot go through a wrapper: pass the pool, connection or transaction itself")
			return
		}
		// One's own rows only: the others are not committed, or are of others.
		base := time.Now().UnixNano()
		rows := []item{{ID: base}, {ID: base + 1}}
		_, err := load.From(limited, target.db, rows) // prepares
		require.NoError(t, err)
		target.trips.take()
		n, err := load.From(limited, target.db, []item{{ID: base + 3}})
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
		// COPY itself is one or two: pgx does not wait for the server's go-ahead.
		require.Contains(t, []int64{3, 4}, target.trips.take())
		require.Equal(t, "54321ms", target.show(t))
		var seen int
		require.NoError(t, target.db.QueryRow(ctx, "SELECT count(*) FROM seen WHERE timeout = '4321ms'").Scan(&seen))
		require.GreaterOrEqual(t, seen, 3)

		if !target.begun {
			_, err = load.From(limited, target.db, rows)
			constraint, ok := runtime.UniqueViolation(err)
			require.True(t, ok, "a deferred constraint fails the COMMIT: %v", err)
			require.Equal(t, `odd "table"_id_key`, constraint)
			require.Equal(t, "54321ms", target.show(t))
			require.Panics(t, func() {
				_, _ = load.FromSeq(limited, target.db, func(func(item, error) bool) { panic("in the source") })
			})
			require.Equal(t, "54321ms", target.show(t))
			_, err = load.FromSeq(limited, target.db, many(1000, context.Canceled))
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, "54321ms", target.show(t))
		}
		_, err = load.FromSeq(runtime.WithTimeout(ctx, 50*time.Millisecond), target.db, slowItems(10, time.Millisecond))
		requirePgError(t, err, "LoadItems", "57014")
		require.ErrorIs(t, err, runtime.ErrTimeout)
		require.ErrorContains(t, err, "statement timeout of 50ms: ")
		if !target.begun {
			require.Equal(t, "54321ms", target.show(t))
		}
	})
}
