package runtime_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	goruntime "runtime"
	"strconv"
	"strings"
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

// dials counts the connections that a pool or connection makes, those for
// cancel requests among them.
type dials struct{ n atomic.Int64 }

func (d *dials) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.n.Add(1)
	return new(net.Dialer).DialContext(ctx, network, address)
}

// dialedPool is a pool of one connection.
func dialedPool(t *testing.T) (*pgxpool.Pool, *dials) {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.New(t))
	require.NoError(t, err)
	d := &dials{}
	config.ConnConfig.DialFunc = d.dial
	config.MaxConns = 1
	p, err := pgxpool.NewWithConfig(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p, d
}

// onlyQuery is an application's wrapper with nothing but Query.
type onlyQuery struct{ db runtime.Querier }

func (o onlyQuery) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return o.db.Query(ctx, sql, args...)
}

// series streams as many rows as its argument says. They come as they are
// made: in FROM the function would be run to its end first.
func series() *runtime.Statement[int32] {
	return value("SELECT generate_series(1, $1::int4)", column(runtime.Int4), (*row).Int4)
}

const tenMillion = int32(10_000_000)

// quick is how long leaving a loop may take. The machine may be busy: the best
// of the tries counts. One that reads all rows takes longer each time.
const quick = 100 * time.Millisecond

func TestLeaveEarly(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, d := dialedPool(t)
	held, err := db.Acquire(ctx)
	require.NoError(t, err)
	url := db.Config().ConnString()
	conn := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	simple := connectMode(t, url, pgx.QueryExecModeSimpleProtocol)
	held.Release()
	oh := errors.New("oh")
	leave := map[string]func(s *runtime.Statement[int32], db runtime.Querier) int{
		"break": func(s *runtime.Statement[int32], db runtime.Querier) (n int) {
			for _, err := range s.Each(ctx, db, tenMillion) {
				require.NoError(t, err)
				if n++; n == 10 {
					break
				}
			}
			return n
		},
		"panic": func(s *runtime.Statement[int32], db runtime.Querier) (n int) {
			require.PanicsWithValue(t, oh, func() {
				for range s.Each(ctx, db, tenMillion) {
					if n++; n == 10 {
						panic(oh)
					}
				}
			})
			return n
		},
		"goexit": func(s *runtime.Statement[int32], db runtime.Querier) (n int) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				for range s.Each(ctx, db, tenMillion) {
					if n++; n == 10 {
						goruntime.Goexit()
					}
				}
			}()
			<-done
			return n
		},
		"decoder": func(s *runtime.Statement[int32], db runtime.Querier) (n int) {
			bad := value(s.SQL, column(runtime.Int4), (*row).Int4)
			bad.Decode = func(v *int32, r *row) {
				if *v = r.Int4(); *v == 10 {
					r.Int4() // more than there is
				}
			}
			var last error
			for _, err := range bad.Each(ctx, db, tenMillion) {
				if last = err; err == nil {
					n++
				}
			}
			require.ErrorContains(t, last, "reads more values than there are")
			return n + 1
		},
	}
	ways := []struct {
		name string
		db   runtime.Querier
		pid  func() uint32
	}{
		{"pool", db, nil},
		{"wrapped pool", onlyQuery{db}, nil},
		{"connection", conn, nil},
		{"wrapped connection", onlyQuery{conn}, nil},
		{"simple protocol", simple, nil},
	}
	s := series()
	pid := value("SELECT pg_backend_pid()", column(runtime.Int4), (*row).Int4)
	for _, way := range ways {
		before, err := pid.One(ctx, way.db)
		require.NoError(t, err)
		for name, leave := range leave {
			took := best(quick, func() {
				require.Equal(t, 10, leave(s, way.db), "%s %s", way.name, name)
				after, err := pid.One(ctx, way.db)
				require.NoError(t, err, "%s %s", way.name, name)
				require.Equal(t, before, after, "%s %s: the connection is kept", way.name, name)
			})
			t.Logf("%-20s %-8s %v", way.name, name, took)
			require.Less(t, took, quick, "%s %s", way.name, name)
		}
	}
	require.Greater(t, d.n.Load(), int64(1), "statements were cancelled")

	// With a timeout, which shares its round trip with the statement.
	for _, db := range []runtime.Querier{db, conn} {
		require.Less(t, best(quick, func() {
			for _, err := range s.Each(runtime.WithTimeout(ctx, time.Minute), db, tenMillion) {
				require.NoError(t, err)
				break
			}
			_, err := pid.One(ctx, db)
			require.NoError(t, err)
		}), quick, "%T", db)
	}
}

// TestLeaveIsObserved wants one event for each loop, without an error, and the
// connection back by then.
func TestLeaveIsObserved(t *testing.T) {
	t.Parallel()
	db, _ := dialedPool(t)
	var events []runtime.Event
	client := runtime.NewClient(db, runtime.WithObserver(runtime.ObserverFunc(func(ctx context.Context, e runtime.Event) {
		require.NoError(t, db.Ping(ctx), "the pool has one connection")
		events = append(events, e)
	})))
	defer client.Close()
	ctx := context.Background()
	for _, ctx := range []context.Context{ctx, runtime.WithTimeout(ctx, time.Minute), runtime.WithFetchSize(ctx, 2)} {
		n := 0
		for _, err := range series().Each(ctx, client, tenMillion) {
			require.NoError(t, err)
			if n++; n == 3 {
				break
			}
		}
		require.Len(t, events, 1)
		require.NoError(t, events[0].Err)
		require.Equal(t, runtime.Event{Op: runtime.OpQuery, Query: "Get", Rows: 3, Start: events[0].Start, Duration: events[0].Duration}, events[0])
		events = nil
		for range series().Each(ctx, client, "x") {
		}
		require.Len(t, events, 1)
		require.Error(t, events[0].Err)
		events = nil
	}
}

// TestLeaveWaiting leaves a loop whose next row will not come for a long time.
func TestLeaveWaiting(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _ := dialedPool(t)
	// The server sends rows when it has 8 kB of them.
	slow := value("SELECT repeat('x', CASE WHEN pg_sleep(CASE i WHEN 100 THEN 3600 ELSE 0 END) IS NULL THEN 0 ELSE 1000 END) FROM (SELECT generate_series(1, 1000) i) t",
		column(runtime.Text), (*row).Text)
	for _, db := range []runtime.Querier{db, onlyQuery{db}} {
		start := time.Now()
		for v, err := range slow.Each(ctx, db) {
			require.NoError(t, err)
			require.Len(t, v, 1000)
			break
		}
		require.Less(t, time.Since(start), 10*time.Second)
	}
}

// TestLeaveSmallRest wants no connection for a cancel request where the rest of
// the result is at hand.
func TestLeaveSmallRest(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, d := dialedPool(t)
	cancels := 0
	s := series()
	for i := range 50 {
		before := d.n.Load()
		for _, err := range s.Each(ctx, db, int32(1000)) {
			require.NoError(t, err)
			break
		}
		if i > 0 && d.n.Load() > before { // the first makes the connection
			cancels++
		}
	}
	// A machine that is busy elsewhere for 10 ms may need one.
	require.Less(t, cancels, 40)
}

// TestLeaveHitsNothingElse runs a statement at once after each of many that are
// left near their end, where a cancel request can come too late.
func TestLeaveHitsNothingElse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, d := dialedPool(t)
	rounds := 30
	if n, err := strconv.Atoi(os.Getenv("PGWRIGHT_TEST_ROUNDS")); err == nil {
		rounds = n
	}
	s := series()
	next := value("SELECT 1 FROM generate_series(1, 200000) HAVING count(*) > 0", column(runtime.Int4), (*row).Int4)
	for i := range rounds {
		for _, db := range []runtime.Querier{db, onlyQuery{db}} {
			// Around as many rows as the server sends in the time of grace.
			n := 0
			for _, err := range s.Each(ctx, db, int32(10_000+i%100*3000)) {
				require.NoError(t, err)
				if n++; n == 3 {
					break
				}
			}
			one, err := next.One(ctx, db)
			require.NoError(t, err, "round %d", i)
			require.Equal(t, int32(1), one)
		}
	}
	t.Logf("%d cancel requests in %d rounds", d.n.Load()-1, rounds)
	require.GreaterOrEqual(t, d.n.Load(), int64(rounds), "each round cancels once at least")
}

// TestLeaveCancelFails leaves a loop while the server cannot be reached for a
// cancel request, and while it does not answer one.
func TestLeaveCancelFails(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	no := errors.New("no")
	for _, fail := range []string{"dial", "answer"} {
		config, err := pgx.ParseConfig(pgtest.New(t))
		require.NoError(t, err)
		first := true
		var mu sync.Mutex
		config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			switch {
			case first:
				first = false
			case fail == "dial":
				return nil, no
			default:
				c, err := new(net.Dialer).DialContext(ctx, network, address)
				return cutConn{c}, err
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		conn, err := pgx.ConnectConfig(ctx, config)
		require.NoError(t, err)
		for _, err := range series().Each(ctx, conn, int32(500_000)) {
			require.NoError(t, err)
			break
		}
		two, err := value("SELECT 2", column(runtime.Int4), (*row).Int4).One(ctx, conn)
		require.NoError(t, err, fail)
		require.Equal(t, int32(2), two)
		require.NoError(t, conn.Close(ctx))
	}
}

// cutConn loses what is written to it.
type cutConn struct{ net.Conn }

func (cutConn) Write(p []byte) (int, error) { return len(p), nil }
func (cutConn) Read([]byte) (int, error)    { return 0, io.EOF }

func TestLeaveInTransaction(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, d := dialedPool(t)
	_, err := db.Exec(ctx, "CREATE TABLE t (n int4)")
	require.NoError(t, err)
	dialed := d.n.Load()
	s := series()
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO t VALUES (1)")
		require.NoError(t, err)
		for _, db := range []runtime.Querier{tx, tx.Pgx(), tx.Pgx().Conn(), onlyQuery{tx}} {
			for _, err := range s.Each(ctx, db, int32(200_000)) {
				require.NoError(t, err)
				break
			}
			_, err = tx.Exec(ctx, "INSERT INTO t VALUES (2)")
			require.NoError(t, err, "%T", db)
		}
		return nil
	}))
	require.Equal(t, dialed, d.n.Load(), "nothing was cancelled")

	// What writes is not cancelled either.
	insert := value("INSERT INTO t SELECT generate_series(1, 100000) RETURNING n", column(runtime.Int4), (*row).Int4)
	for _, err := range insert.Each(ctx, db) {
		require.NoError(t, err)
		break
	}
	require.Equal(t, dialed, d.n.Load())
	n, err := value("SELECT count(*) FROM t", column(runtime.Int8), (*row).Int8).One(ctx, db)
	require.NoError(t, err)
	require.Equal(t, int64(100_005), n)
}

// TestLeaveAfterAnError wants nothing to be cancelled that has ended by itself.
func TestLeaveAfterAnError(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, d := dialedPool(t)
	require.NoError(t, db.Ping(ctx))
	dialed := d.n.Load()
	const sql = "SELECT 1/(500 - generate_series(1, 1000))"
	for _, db := range []runtime.Querier{db, onlyQuery{db}} {
		var last error
		for _, last = range runtime.Iter[int](ctx, db, sql) {
		}
		requirePgError(t, last, "", "22012")
		for _, last = range value(sql, column(runtime.Int4), (*row).Int4).Each(ctx, db) {
		}
		requirePgError(t, last, "Get", "22012")
		for _, last = range runtime.Iter[bool](ctx, db, "SELECT 'x'") {
		}
		require.Error(t, last)
	}
	require.Equal(t, dialed, d.n.Load())
}

// TestLeaveCancelled leaves a loop because its context is done.
func TestLeaveCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	db, _ := dialedPool(t)
	start := time.Now()
	for _, err := range series().Each(ctx, db, tenMillion) {
		require.NoError(t, err)
		cancel()
		break
	}
	require.Less(t, time.Since(start), 5*time.Second)
	_, err := value("SELECT 2", column(runtime.Int4), (*row).Int4).One(context.Background(), db)
	require.NoError(t, err)
}

// TestStreamIsFlat streams results of very different length in turn and
// compares what lives on the heap in the middle of them.
func TestStreamIsFlat(t *testing.T) { //nolint:paralleltest // it looks at the heap
	ctx := context.Background()
	db, _ := dialedPool(t)
	s := value("SELECT 'row ' || generate_series(1, $1::int4)", column(runtime.Text), (*row).Text)
	live := func(ctx context.Context, rows int32) (peak uint64) {
		n := int32(0)
		for v, err := range s.Each(ctx, db, rows) {
			require.NoError(t, err)
			if n++; n%(rows/4) == 0 {
				require.Equal(t, "row "+strconv.Itoa(int(n)), v)
				goruntime.GC()
				var m goruntime.MemStats
				goruntime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
		require.Equal(t, rows, n)
		return peak
	}
	for name, ctx := range map[string]context.Context{"stream": ctx, "cursor": runtime.WithFetchSize(ctx, 1000)} {
		small := live(ctx, 10_000)
		large := live(ctx, 400_000)
		require.Less(t, large, small+1<<20, "%s: %d bytes live at 10,000 rows, %d at 400,000", name, small, large)
	}
}

// TestStreamMemory streams PGWRIGHT_STREAM_ROWS rows and prints the greatest
// resident size that the process has had; make memory runs it with
// 10,000 and with 10,000,000.
func TestStreamMemory(t *testing.T) { //nolint:paralleltest // it looks at the process
	rows := 10_000
	if text := os.Getenv("PGWRIGHT_STREAM_ROWS"); text != "" {
		var err error
		rows, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	ctx := context.Background()
	if n, err := strconv.Atoi(os.Getenv("PGWRIGHT_STREAM_FETCH")); err == nil {
		ctx = runtime.WithFetchSize(ctx, n)
	}
	conn := connect(t)
	type wide struct {
		ID   int32
		Name string
		At   time.Time
		Note *string
	}
	s := &runtime.Statement[wide]{
		Name: "Wide", SQL: `SELECT i, 'number ' || i, timestamptz '2024-01-01' + i * interval '1 s', CASE WHEN i % 3 = 0 THEN repeat('x', i % 50) END
			FROM (SELECT generate_series(1, $1::int4) i) t`,
		Columns: []runtime.Column{
			{Name: "i", Type: runtime.Int4},
			{Name: "name", Type: runtime.Text},
			{Name: "at", Type: runtime.Timestamptz},
			{Name: "note", Type: runtime.Text},
		},
		Decode: func(w *wide, r *runtime.Row) {
			w.ID, w.Name, w.At, w.Note = r.Int4(), r.Text(), r.Timestamptz(), r.NullText()
		},
	}
	n, length, start := 0, 0, time.Now()
	for w, err := range s.Each(ctx, conn, int32(rows)) {
		require.NoError(t, err)
		n++
		length += len(w.Name)
	}
	require.Equal(t, rows, n)
	require.Greater(t, length, 8*rows)
	status, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, os.ErrNotExist) {
		return // only Linux tells
	}
	require.NoError(t, err)
	_, peak, found := strings.Cut(string(status), "VmHWM:")
	require.True(t, found)
	peak, _, _ = strings.Cut(peak, "\n")
	t.Logf("%d rows in %v, peak %s", n, time.Since(start).Round(time.Millisecond), strings.TrimSpace(peak))
}
