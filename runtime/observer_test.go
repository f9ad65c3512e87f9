package runtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// events keeps what it observes.
type events struct {
	mu   sync.Mutex
	seen []runtime.Event
	// also is called too, if it is not nil.
	also func(ctx context.Context, e runtime.Event)
}

func (o *events) Observe(ctx context.Context, e runtime.Event) {
	o.mu.Lock()
	o.seen = append(o.seen, e)
	also := o.also
	o.mu.Unlock()
	if also != nil {
		also(ctx, e)
	}
}

func (o *events) take() []runtime.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := o.seen
	o.seen = nil
	return seen
}

// lines are events as "op query rows error's kind".
func lines(t *testing.T, seen []runtime.Event) []string {
	t.Helper()
	var all []string
	for _, e := range seen {
		line := strings.TrimSuffix(fmt.Sprintf("%s %s %d", e.Op, e.Query, e.Rows), " ")
		if e.Err != nil {
			require.Equal(t, e.Op, errorOf(t, e.Err).Op)
			require.Equal(t, e.Query, errorOf(t, e.Err).Query)
			line += " " + e.Kind().String()
		}
		require.WithinDuration(t, time.Now(), e.Start, time.Minute)
		require.Positive(t, e.Duration)
		all = append(all, line)
	}
	return all
}

func TestObserver(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Schema(t, `CREATE TABLE "odd ""table""" (id int8 UNIQUE DEFERRABLE INITIALLY DEFERRED, "odd ""name""" text)`)
	numbers := value("SELECT i FROM generate_series(1, $1::int4) AS i", column(runtime.Int4), (*row).Int4)
	nulls := value("SELECT nullif(i, 3) FROM generate_series(1, $1::int4) AS i", column(runtime.Int4), (*row).Int4)
	drifted := value("SELECT 'a'", column(runtime.Int4), (*row).Int4)
	divide := &runtime.Command{Name: "Divide", SQL: "SELECT 1 / $1::int4"}
	errRollback := errors.New("roll back")
	for name, test := range map[string]struct {
		run  func(t *testing.T, db *runtime.Client)
		want []string
	}{
		"all": {want: []string{"query Get 5"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := numbers.All(ctx, db, int32(5))
			require.NoError(t, err)
		}},
		"all pointers": {want: []string{"query Get 5"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := numbers.AllPointers(ctx, db, int32(5))
			require.NoError(t, err)
		}},
		"one": {want: []string{"query Get 1"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := numbers.One(ctx, db, int32(1))
			require.NoError(t, err)
		}},
		"no row is no failure": {want: []string{"query Get 0"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := numbers.One(ctx, db, int32(0))
			require.ErrorIs(t, err, runtime.ErrNoRows)
		}},
		"each": {want: []string{"query Get 5"}, run: func(t *testing.T, db *runtime.Client) {
			for _, err := range numbers.Each(ctx, db, int32(5)) {
				require.NoError(t, err)
			}
		}},
		"each, left early": {want: []string{"query Get 2"}, run: func(t *testing.T, db *runtime.Client) {
			for i, err := range numbers.Each(ctx, db, int32(5)) {
				require.NoError(t, err)
				if i == 2 {
					break
				}
			}
		}},
		"a panic in a loop": {want: []string{"query Get 1"}, run: func(t *testing.T, db *runtime.Client) {
			require.Panics(t, func() {
				for range numbers.Each(ctx, db, int32(5)) {
					panic("in the loop")
				}
			})
		}},
		"a row that cannot be read": {want: []string{"query Get 3 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := nulls.All(ctx, db, int32(5))
			require.ErrorContains(t, err, `Get: column "c": null`)
		}},
		"a row that cannot be read in a loop": {want: []string{"query Get 3 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			var failed error
			for _, failed = range nulls.Each(ctx, db, int32(5)) {
			}
			require.ErrorContains(t, failed, `Get: column "c": null`)
		}},
		"a changed schema": {want: []string{"query Get 0 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := drifted.All(ctx, db)
			require.ErrorContains(t, err, "the schema has changed")
		}},
		"exec": {want: []string{"exec Divide 1"}, run: func(t *testing.T, db *runtime.Client) {
			require.NoError(t, divide.Exec(ctx, db, int32(1)))
		}},
		"a failing exec": {want: []string{"exec Divide 0 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			requirePgError(t, divide.Exec(ctx, db, int32(0)), "Divide", "22012")
		}},
		"a timeout": {want: []string{"query Get 0 timeout"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := value("SELECT 1 FROM pg_sleep(30)", column(runtime.Int4), (*row).Int4).
				All(runtime.WithTimeout(ctx, 10*time.Millisecond), db)
			require.ErrorIs(t, err, runtime.ErrTimeout)
		}},
		"batch": {want: []string{"batch Get 7"}, run: func(t *testing.T, db *runtime.Client) {
			var b pgx.Batch
			numbers.Queue(&b, int32(3))
			numbers.Queue(&b, int32(4))
			results := numbers.SendMany(ctx, db, &b)
			results.Query(func(_ int, _ []int32, err error) { require.NoError(t, err) })
			require.NoError(t, results.Close())
		}},
		"batch of one each": {want: []string{"batch Get 1"}, run: func(t *testing.T, db *runtime.Client) {
			var b pgx.Batch
			numbers.Queue(&b, int32(3))
			numbers.Queue(&b, int32(0))
			results := numbers.SendOne(ctx, db, &b)
			results.QueryRow(func(i int, _ int32, err error) { require.Equal(t, i == 1, errors.Is(err, runtime.ErrNoRows)) })
			require.NoError(t, results.Close())
		}},
		"batch with a row that cannot be read": {want: []string{"batch Get 5 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			var b pgx.Batch
			nulls.Queue(&b, int32(5))
			nulls.Queue(&b, int32(2))
			failures := 0
			results := nulls.SendMany(ctx, db, &b)
			results.Query(func(_ int, _ []int32, err error) {
				if err != nil {
					failures++
				}
			})
			require.NoError(t, results.Close())
			require.Equal(t, 1, failures)
		}},
		"failing batch": {want: []string{"batch Divide 1 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			var b pgx.Batch
			divide.Queue(&b, int32(1))
			divide.Queue(&b, int32(0))
			results := divide.Send(ctx, db, &b)
			results.Exec(nil)
			requirePgError(t, results.Close(), "Divide", "22012")
		}},
		"copy": {want: []string{"copy LoadItems 2"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := items().From(ctx, db, []item{{ID: 101}, {ID: 102}})
			require.NoError(t, err)
		}},
		"failing copy": {want: []string{"copy LoadItems 0 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			_, err := items().From(ctx, db, []item{{ID: 1}, {ID: 1}})
			_, ok := runtime.UniqueViolation(err)
			require.True(t, ok)
		}},
		"transaction": {want: []string{"begin  0", "query Get 1", "commit  0"}, run: func(t *testing.T, db *runtime.Client) {
			require.NoError(t, db.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				_, err := numbers.One(ctx, tx, int32(1))
				return err
			}))
		}},
		"rollback": {want: []string{"begin  0", "exec Divide 1", "rollback  0"}, run: func(t *testing.T, db *runtime.Client) {
			require.ErrorIs(t, db.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				require.NoError(t, divide.Exec(ctx, tx, int32(1)))
				return errRollback
			}), errRollback)
		}},
		"failing commit": {want: []string{"begin  0", "exec  1", "exec  1", "commit  0 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			require.Error(t, db.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				for range 2 {
					_, err := tx.Exec(ctx, `INSERT INTO "odd ""table""" VALUES (77)`)
					require.NoError(t, err)
				}
				return nil
			}))
		}},
		"by hand": {
			want: []string{"query  3", "query  1", "query  0", "query  1 permanent", "exec  1", "query  1", "batch  3", "copy  1", "ping  0", "query  0 permanent"},
			run: func(t *testing.T, db *runtime.Client) {
				rows, err := db.Query(ctx, "SELECT generate_series(1, 3)")
				require.NoError(t, err)
				all, err := pgx.CollectRows(rows, pgx.RowTo[int])
				require.NoError(t, err)
				require.Equal(t, []int{1, 2, 3}, all)
				var n int
				require.NoError(t, db.QueryRow(ctx, "SELECT 7").Scan(&n))
				require.Equal(t, 7, n)
				require.ErrorIs(t, db.QueryRow(ctx, "SELECT 7 WHERE false").Scan(&n), pgx.ErrNoRows)
				require.Error(t, db.QueryRow(ctx, "SELECT 'seven'").Scan(&n))
				_, err = db.Exec(ctx, "SELECT 1")
				require.NoError(t, err)
				rows, err = db.Query(ctx, `INSERT INTO "odd ""table""" VALUES (2)`)
				require.NoError(t, err)
				rows.Close()
				require.NoError(t, rows.Err())
				var b pgx.Batch
				b.Queue("SELECT 1")
				b.Queue("SELECT 1")
				b.Queue("SELECT 1")
				results := db.SendBatch(ctx, &b)
				require.NoError(t, results.QueryRow().Scan(&n))
				rows, err = results.Query()
				require.NoError(t, err)
				_, err = pgx.CollectRows(rows, pgx.RowTo[int])
				require.NoError(t, err)
				_, err = results.Exec()
				require.NoError(t, err)
				require.NoError(t, results.Close())
				_, err = db.CopyFrom(ctx, pgx.Identifier{`odd "table"`}, []string{"id"}, pgx.CopyFromRows([][]any{{int64(3)}}))
				require.NoError(t, err)
				require.NoError(t, db.Ping(ctx))
				rows, _ = db.Query(ctx, "SELEC")
				_, err = pgx.CollectRows(rows, pgx.RowTo[int])
				require.Equal(t, "42601", errorOf(t, err).SQLState)
			},
		},
		"a cancelled context": {want: []string{"exec Divide 0 permanent"}, run: func(t *testing.T, db *runtime.Client) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			require.ErrorIs(t, divide.Exec(ctx, db, int32(1)), context.Canceled)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, err := pgxpool.New(ctx, url)
			require.NoError(t, err)
			defer pool.Close()
			var seen events
			db := runtime.NewClient(pool, runtime.WithObserver(&seen))
			defer db.Close()
			inTx := len(test.want) > 0 && strings.HasPrefix(test.want[0], "begin")
			seen.also = func(_ context.Context, e runtime.Event) {
				if !inTx {
					require.Zero(t, pool.Stat().AcquiredConns(), "the connection was given back: %v", e.Op)
				}
			}
			test.run(t, db)
			require.Equal(t, test.want, lines(t, seen.take()))
			require.Zero(t, pool.Stat().AcquiredConns())
		})
	}
}

func TestObserverOfConnections(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	var seen events
	db, err := runtime.Open(ctx, "test", runtime.WithDSN(pgtest.New(t)), runtime.WithObserver(&seen))
	require.NoError(t, err)
	defer db.Close()
	require.Equal(t, []string{"connect  0"}, lines(t, seen.take()))
	// One connection is held, so that the statement needs another.
	require.NoError(t, db.Conn(ctx, func(*pgx.Conn) error {
		return (&runtime.Command{Name: "Nothing", SQL: "SELECT 1"}).Exec(ctx, db)
	}))
	require.Equal(t, []string{"connect  0", "exec Nothing 1"}, lines(t, seen.take()))

	var refused events
	_, err = runtime.Open(ctx, "test", runtime.WithDSN("postgres://nobody@127.0.0.1:1/none?sslmode=disable"), runtime.WithObserver(&refused))
	require.ErrorIs(t, err, runtime.ErrTransient)
	require.Contains(t, lines(t, refused.take()), "connect  0 transient")
}

// nameTracer notes the names of queries that pgx runs.
type nameTracer struct {
	mu    sync.Mutex
	names []string
}

func (n *nameTracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.names = append(n.names, runtime.QueryName(ctx))
	return ctx
}

func (*nameTracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestQueryName(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	tracer := new(nameTracer)
	config, err := pgxpool.ParseConfig(pgtest.New(t))
	require.NoError(t, err)
	config.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	defer pool.Close()
	db := runtime.NewClient(pool)
	defer db.Close()
	require.NoError(t, (&runtime.Command{Name: "First", SQL: "SELECT 1"}).Exec(ctx, db))
	require.NoError(t, db.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		return (&runtime.Command{Name: "Second", SQL: "SELECT 1"}).Exec(ctx, tx)
	}))
	_, err = db.Exec(ctx, "SELECT 1")
	require.NoError(t, err)
	require.Equal(t, []string{"First", "", "Second", "", ""}, tracer.names)
	require.Empty(t, runtime.QueryName(ctx))
}

// A panic of an observer leaves nothing behind.
func TestObserverPanics(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := pool(t)
	for _, op := range []string{runtime.OpQuery, runtime.OpExec, runtime.OpBatch, runtime.OpBegin, runtime.OpCommit, runtime.OpRollback} {
		db := runtime.NewClient(pool, runtime.WithObserver(runtime.ObserverFunc(func(_ context.Context, e runtime.Event) {
			if e.Op == op {
				panic("observer of " + op)
			}
		})))
		require.PanicsWithValue(t, "observer of "+op, func() {
			_ = db.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				_, err := tx.Exec(ctx, "SELECT 1")
				require.NoError(t, err)
				var n int
				require.NoError(t, tx.QueryRow(ctx, "SELECT 1").Scan(&n))
				var b pgx.Batch
				b.Queue("SELECT 1")
				require.NoError(t, tx.SendBatch(ctx, &b).Close())
				if op == runtime.OpRollback {
					return errors.New("roll back")
				}
				return nil
			})
		})
		db.Close()
		require.Zero(t, pool.Stat().AcquiredConns(), op)
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := pool(t)
	var counters runtime.Counters
	var seen events
	db := runtime.NewClient(pool, runtime.WithObserver(runtime.Observers{&counters, &seen}))
	defer db.Close()
	require.Empty(t, counters.Snapshot())
	require.Equal(t, "{}", counters.String())
	const workers, calls = 8, 25
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			divide := &runtime.Command{Name: "Divide", SQL: "SELECT 1 / $1::int4"}
			for i := range calls {
				err := divide.Exec(ctx, db, int32(i))
				if (err != nil) != (i == 0) {
					t.Errorf("call %d: %v", i, err)
				}
			}
			if err := db.InTx(ctx, runtime.TxOptions{}, func(*runtime.Tx) error { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	snapshot := counters.Snapshot()
	require.Len(t, snapshot, 3)
	require.Equal(t, []string{"begin", "commit", "exec"}, []string{snapshot[0].Op, snapshot[1].Op, snapshot[2].Op})
	require.Equal(t, int64(workers*calls), snapshot[2].Count)
	require.Equal(t, int64(workers), snapshot[2].Errors)
	require.Equal(t, int64(workers*(calls-1)), snapshot[2].Rows)
	var sum time.Duration
	for _, e := range seen.take() {
		if e.Op == runtime.OpExec {
			sum += e.Duration
		}
	}
	require.Equal(t, sum, snapshot[2].Latency)
	var inBuckets int64
	for i, bucket := range snapshot[2].Histogram {
		inBuckets += bucket.Count
		if i > 0 && i < len(snapshot[2].Histogram)-1 {
			require.Greater(t, bucket.Bound, snapshot[2].Histogram[i-1].Bound)
		}
	}
	require.Equal(t, snapshot[2].Count, inBuckets)
	metrics := counters.Metrics()
	require.Len(t, metrics, 12)
	require.InDelta(t, float64(workers*calls), metrics["postgres.exec.count"], 0)
	require.InDelta(t, float64(workers), metrics["postgres.exec.errors"], 0)
	require.InDelta(t, float64(sum)/1e6, metrics["postgres.exec.latency_ms"], 1e-6)
	var decoded map[string]float64
	require.NoError(t, json.Unmarshal([]byte(counters.String()), &decoded))
	require.Equal(t, metrics, decoded)
}

func TestCountersBuckets(t *testing.T) {
	t.Parallel()
	var counters runtime.Counters
	for _, d := range []time.Duration{0, time.Millisecond, time.Millisecond + 1, 10 * time.Second, time.Hour} {
		counters.Observe(context.Background(), runtime.Event{Op: runtime.OpQuery, Duration: d})
	}
	histogram := counters.Snapshot()[0].Histogram
	require.Equal(t, runtime.Bucket{Bound: time.Millisecond, Count: 2}, histogram[0])
	require.Equal(t, runtime.Bucket{Bound: 2 * time.Millisecond, Count: 1}, histogram[1])
	require.Equal(t, runtime.Bucket{Bound: 10 * time.Second, Count: 1}, histogram[len(histogram)-2])
	require.Equal(t, runtime.Bucket{Count: 1}, histogram[len(histogram)-1])
}

func TestSlogObserver(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool := pool(t)
	for _, test := range []struct {
		name  string
		level slog.Level
		slow  time.Duration
		run   func(db *runtime.Client) error
		want  string
	}{
		{
			name: "success", level: slog.LevelDebug,
			run:  func(db *runtime.Client) error { return (&runtime.Command{Name: "Put", SQL: "SELECT 1"}).Exec(ctx, db) },
			want: `level=DEBUG msg="postgres exec" query=Put duration=1 rows=1` + "\n",
		},
		{
			name: "success is quiet", level: slog.LevelInfo,
			run: func(db *runtime.Client) error { return (&runtime.Command{Name: "Put", SQL: "SELECT 1"}).Exec(ctx, db) },
		},
		{
			name: "slow", level: slog.LevelInfo, slow: 20 * time.Millisecond,
			run: func(db *runtime.Client) error {
				return (&runtime.Command{Name: "Put", SQL: "SELECT pg_sleep(0.02)"}).Exec(ctx, db)
			},
			want: `level=WARN msg="postgres exec" query=Put duration=1 rows=1` + "\n",
		},
		{
			name: "failure", level: slog.LevelInfo,
			run: func(db *runtime.Client) error {
				return (&runtime.Command{Name: "Put", SQL: "SELECT 1/0"}).Exec(ctx, db)
			},
			want: `level=ERROR msg="postgres exec" query=Put duration=1 rows=0 error="Put: ERROR: division by zero (SQLSTATE 22012)"` +
				" kind=permanent sqlstate=22012\n",
		},
		{
			name: "timeout", level: slog.LevelInfo,
			run: func(db *runtime.Client) error {
				_, err := db.Exec(runtime.WithTimeout(ctx, time.Millisecond), "SELECT pg_sleep(30)")
				return err
			},
			want: `level=WARN msg="postgres exec" duration=1 rows=0 error="exec: statement timeout of 1ms: ` +
				`ERROR: canceling statement due to statement timeout (SQLSTATE 57014)" kind=timeout sqlstate=57014` + "\n",
		},
		{
			name: "cancelled", level: slog.LevelInfo,
			run: func(db *runtime.Client) error {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return db.Ping(ctx)
			},
			want: `level=INFO msg="postgres ping" duration=1 rows=0 error="ping: context canceled" kind=permanent` + "\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{
				Level: test.level,
				ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
					switch a.Key {
					case slog.TimeKey:
						return slog.Attr{}
					case "duration":
						if a.Value.Duration() <= 0 {
							t.Errorf("duration %s", a.Value)
						}
						return slog.Int("duration", 1)
					}
					return a
				},
			}))
			db := runtime.NewClient(pool, runtime.WithObserver(runtime.SlogObserver(logger, runtime.SlogOptions{Slow: test.slow})))
			defer db.Close()
			err := test.run(db)
			require.Equal(t, strings.Contains(test.want, "error="), err != nil, err)
			require.Equal(t, test.want, log.String())
		})
	}
}

// Nobody pays for watching where nobody watches: what this package adds to a
// statement of pgx's allocates nothing.
func TestUnwatchedAllocatesNothing(t *testing.T) { //nolint:paralleltest // counts the allocations of the process
	ctx := context.Background()
	pool := pool(t)
	client := runtime.NewClient(pool)
	defer client.Close()
	watched := runtime.NewClient(pool, runtime.WithObserver(new(runtime.Counters)))
	defer watched.Close()
	const sql = "SELECT $1::int4"
	command := &runtime.Command{Name: "Get", SQL: sql}
	one := value(sql, column(runtime.Int4), (*row).Int4)
	conn, err := pool.Acquire(ctx)
	require.NoError(t, err)
	defer conn.Release()
	allocs := func(f func() error) float64 {
		require.NoError(t, f())
		return testing.AllocsPerRun(100, func() {
			if err := f(); err != nil {
				t.Error(err)
			}
		})
	}
	byHand := allocs(func() error {
		_, err := conn.Conn().Exec(ctx, sql, int32(1))
		return err
	})
	require.Equal(t, byHand, allocs(func() error { return command.Exec(ctx, conn.Conn(), int32(1)) }))
	exec := allocs(func() error {
		_, err := pool.Exec(ctx, sql, int32(1))
		return err
	})
	require.Equal(t, exec, allocs(func() error { return command.Exec(ctx, pool, int32(1)) }))
	require.Equal(t, exec, allocs(func() error { return command.Exec(ctx, client, int32(1)) }))
	require.Greater(t, allocs(func() error { return command.Exec(ctx, watched, int32(1)) }), exec)
	onConn := allocs(func() error {
		_, err := one.One(ctx, conn.Conn(), int32(1))
		return err
	})
	var scanned float64
	require.NoError(t, pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		scanned = allocs(func() error {
			var n int32
			return tx.QueryRow(ctx, sql, int32(1)).Scan(&n)
		})
		return nil
	}))
	require.LessOrEqual(t, onConn, scanned+2, "of which one is the result formats, one the value")
	require.NoError(t, runtime.InTx(ctx, conn, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.Equal(t, onConn, allocs(func() error {
			_, err := one.One(ctx, tx, int32(1))
			return err
		}))
		return nil
	}))
}
