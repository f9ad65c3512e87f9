package runtime_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// cancelRequest is the code of a message that asks to cancel a statement.
const cancelRequest = 80877102

// proxy listens on a port of this machine and passes connections on to a
// server, or does with them what a test wants.
type proxy struct {
	listener    net.Listener
	database    string
	network, to string
	connections atomic.Int64
	// refuse, if it is set, gets each connection with its number, from 1; true
	// passes it on.
	refuse func(n int64, conn net.Conn) bool
	cancel func() // before a request to cancel is passed on
	// open is a channel that is closed while connections are passed on.
	open    atomic.Value
	arrived chan struct{}
}

func newProxy(t *testing.T, dsn string) *proxy {
	t.Helper()
	p := &proxy{arrived: make(chan struct{}, 1000)}
	p.hold()
	p.letGo()
	if dsn != "" {
		// What happens while a connection is opened is the server's and no pooler's.
		config, err := pgconn.ParseConfig(pgtest.Direct(t, dsn))
		require.NoError(t, err)
		p.network, p.to = pgconn.NetworkAddress(config.Host, config.Port)
		p.database = config.Database
	}
	var err error
	p.listener, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wait sync.WaitGroup
	t.Cleanup(func() {
		require.NoError(t, p.listener.Close())
		wait.Wait()
	})
	wait.Go(func() {
		for {
			conn, err := p.listener.Accept()
			if err != nil {
				return
			}
			wait.Go(func() { p.pass(t, conn) })
		}
	})
	return p
}

func (p *proxy) pass(t *testing.T, conn net.Conn) {
	defer conn.Close()
	// The length and the kind of the first message. pgx asks to cancel what
	// runs on a connection that it gives up, even one that never was.
	begin := make([]byte, 8)
	if _, err := io.ReadFull(conn, begin); err != nil {
		return
	}
	if binary.BigEndian.Uint32(begin[4:]) != cancelRequest {
		n := p.connections.Add(1)
		p.arrived <- struct{}{}
		if p.refuse != nil && !p.refuse(n, conn) {
			return
		}
	} else if p.cancel != nil {
		p.cancel()
	}
	<-p.open.Load().(chan struct{})
	server, err := net.Dial(p.network, p.to)
	if err != nil {
		t.Errorf("proxy: %v", err)
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, io.MultiReader(bytes.NewReader(begin), conn)) // ends with either side
		server.Close()
	}()
	_, _ = io.Copy(conn, server)
}

func (p *proxy) hold()  { p.open.Store(make(chan struct{})) }
func (p *proxy) letGo() { close(p.open.Load().(chan struct{})) }

func (p *proxy) waitForConnection(t *testing.T) {
	t.Helper()
	select {
	case <-p.arrived:
	case <-time.After(10 * time.Second):
		require.Fail(t, "nobody connects")
	}
}

func (p *proxy) options() []runtime.Option {
	address := p.listener.Addr().(*net.TCPAddr)
	u := url.URL{
		Scheme: "postgres", User: url.User("postgres"), Path: "/" + p.database,
		Host: "127.0.0.1:" + strconv.Itoa(address.Port), RawQuery: "sslmode=disable",
	}
	return []runtime.Option{runtime.WithDSN(u.String()), runtime.WithSetting("retries.backoff_min", "1ms")}
}

// address returns the proxy's address in single settings, with a password: a
// DSN would override it.
func (p *proxy) address(password string) []runtime.Option {
	return []runtime.Option{
		runtime.WithSetting("host", "127.0.0.1"), runtime.WithSetting("port", p.listener.Addr().(*net.TCPAddr).Port),
		runtime.WithSetting("database", cmp.Or(p.database, "nowhere")), runtime.WithSetting("user", "postgres"),
		runtime.WithSetting("password", password), runtime.WithSetting("sslmode", "disable"), runtime.WithSetting("retries.backoff_min", "1ms"),
	}
}

// newRefusal is a server that refuses everybody with a SQLSTATE.
func newRefusal(t *testing.T, state, message string) *proxy {
	t.Helper()
	p := newProxy(t, "")
	p.refuse = func(_ int64, conn net.Conn) bool { return refuseWith(conn, state, message) }
	return p
}

func refuseWith(conn net.Conn, state, message string) bool {
	backend := pgproto3.NewBackend(conn, conn)
	backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: state, Message: message})
	_ = backend.Flush() // the client may have gone
	// A connection that is closed with input unread is reset, and the error lost.
	_ = conn.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, conn)
	return false
}

func TestOpenTriesAgain(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t)
	for _, test := range []struct {
		name     string
		refuse   func(n int64, conn net.Conn) bool // the first two connections
		state    string
		attempts int64 // 3 if it was tried again
	}{
		{"connection closed", func(_ int64, conn net.Conn) bool { return false }, "", 3},
		{"server starts", refusing("57P03"), "", 3},
		{"server stops", refusing("57P01"), "", 3},
		{"too many connections", refusing("53300"), "", 3},
		{"connection failure", refusing("08006"), "", 3},
		{"wrong password", refusing("28P01"), "28P01", 1},
		{"user not let in", refusing("28000"), "28000", 1},
		{"no such database", refusing("3D000"), "3D000", 1},
		{"no right to connect", refusing("42501"), "42501", 1},
		{"setting that does not exist", refusing("42704"), "42704", 1},
		{"setting that a pooler does not take", refusing("08P01"), "08P01", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, dsn)
			p.refuse = func(n int64, conn net.Conn) bool { return n >= 3 || test.refuse(n, conn) }
			client, err := new(runtime.Registry).Open(t.Context(), "test", p.options()...)
			if test.state == "" {
				require.NoError(t, err)
				client.Close()
			} else {
				require.ErrorContains(t, err, test.state)
			}
			require.Equal(t, test.attempts, p.connections.Load())
		})
	}
}

func refusing(state string) func(int64, net.Conn) bool {
	return func(_ int64, conn net.Conn) bool { return refuseWith(conn, state, "refused") }
}

// Not only Open: whatever needs a new connection tries again to open one, and
// does once what it was asked for.
func TestEverythingTriesToConnectAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	p := newProxy(t, pgtest.Schema(t, "CREATE TABLE item (id int)"))
	var failures atomic.Int64
	p.refuse = func(int64, net.Conn) bool { return failures.Add(-1) < 0 }
	client := open(t, p.options()...)
	insert := "INSERT INTO item VALUES (1)"
	for _, test := range []struct {
		name string
		use  func() error
	}{
		{"exec", func() error { _, err := client.Exec(ctx, insert); return err }},
		{"query", func() error {
			rows, err := client.Query(ctx, insert)
			if err != nil {
				return err
			}
			rows.Close()
			return rows.Err()
		}},
		{"row", func() error { return client.QueryRow(ctx, insert+" RETURNING id").Scan(new(int)) }},
		{"batch", func() error {
			b := &pgx.Batch{}
			b.Queue(insert)
			return client.SendBatch(ctx, b).Close()
		}},
		{"copy", func() error {
			_, err := client.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id"}, pgx.CopyFromRows([][]any{{1}}))
			return err
		}},
		{"typed copy", func() error { _, err := copyItems.From(ctx, client, []int32{1}); return err }},
		{"transaction", func() error {
			return client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error { _, err := tx.Exec(ctx, insert); return err })
		}},
		{"connection", func() error {
			return client.Conn(ctx, func(conn *pgx.Conn) error { _, err := conn.Exec(ctx, insert); return err })
		}},
		{"sql", func() error { _, err := client.SQL().ExecContext(ctx, insert); return err }},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.Exec(ctx, "TRUNCATE item")
			require.NoError(t, err)
			client.Pool().Reset()
			failures.Store(2)
			require.NoError(t, test.use())
			require.Negative(t, failures.Load(), "there was nothing to try again")
			require.Equal(t, "1", count(t, client, "item"))

			client.Pool().Reset()
			failures.Store(3)
			err = test.use()
			require.Error(t, err, "three attempts are all")
			if test.name != "sql" {
				require.ErrorIs(t, err, runtime.ErrTransient)
			}
			failures.Store(0)
		})
	}
}

func count(t *testing.T, db runtime.DB, table string) (n string) {
	t.Helper()
	require.NoError(t, db.QueryRow(context.Background(), "SELECT count(*)::text FROM "+table).Scan(&n))
	return n
}

// Neither the end of the context nor the profile's timeout is outlasted by the
// attempts.
func TestAttemptsEnd(t *testing.T) {
	t.Parallel()
	forever := []runtime.Option{runtime.WithSetting("retries.attempts", 1000), runtime.WithSetting("retries.backoff_max", "10ms")}
	t.Run("with the context", func(t *testing.T) {
		t.Parallel()
		p := newRefusal(t, "57P03", "the database system is starting up")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := new(runtime.Registry).Open(ctx, "test", append(p.options(), forever...)...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, runtime.ErrTimeout)
	})
	t.Run("with the timeout", func(t *testing.T) {
		t.Parallel()
		p := newRefusal(t, "57P03", "the database system is starting up")
		begin := time.Now()
		_, err := new(runtime.Registry).Open(t.Context(), "test", append(append(p.options(), forever...), runtime.WithSetting("timeout", "1s"))...)
		require.ErrorContains(t, err, "starting up", "the reason is what counts")
		require.ErrorIs(t, err, runtime.ErrTransient)
		require.Less(t, time.Since(begin), 5*time.Second)
		require.Greater(t, p.connections.Load(), int64(3))
	})
	t.Run("with a server that does not answer", func(t *testing.T) {
		t.Parallel()
		p := newProxy(t, pgtest.New(t))
		p.hold()
		defer p.letGo()
		begin := time.Now()
		_, err := new(runtime.Registry).Open(t.Context(), "test", append(p.options(),
			runtime.WithSetting("timeout", "100ms"), runtime.WithSetting("connect_timeout", "1h"))...)
		require.ErrorIs(t, err, runtime.ErrTimeout)
		require.Less(t, time.Since(begin), 5*time.Second)
		_, err = new(runtime.Registry).Open(t.Context(), "test", append(p.options(),
			runtime.WithSetting("timeout", 0), runtime.WithSetting("connect_timeout", "50ms"))...)
		require.ErrorIs(t, err, runtime.ErrTimeout)
		require.Less(t, time.Since(begin), 10*time.Second)
	})
}

func TestTimeoutBoundsTheWaitForAConnection(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dsn := pgtest.New(t)
	var client *runtime.Client
	require.Eventually(t, func() bool { // a connection can take longer than that on a busy machine
		var err error
		client, err = new(runtime.Registry).Open(ctx, "test", runtime.WithDSN(dsn), runtime.WithSetting("max_size", 2), runtime.WithSetting("timeout", "50ms"))
		return err == nil
	}, 30*time.Second, time.Millisecond)
	t.Cleanup(client.Close)
	acquire := func(t *testing.T) (conn *pgxpool.Conn) {
		t.Helper()
		require.Eventually(t, func() bool {
			var err error
			conn, err = client.Pool().Acquire(ctx)
			return err == nil
		}, 30*time.Second, time.Millisecond)
		t.Cleanup(conn.Release)
		return conn
	}
	for _, test := range []struct {
		name string
		use  func() error
	}{
		{"exec", func() error { _, err := client.Exec(ctx, "SELECT 1"); return err }},
		{"ping", func() error { return client.Ping(ctx) }},
		{"pool", func() error { return client.Pool().Ping(ctx) }},
		{"sql", func() error { return client.SQL().PingContext(ctx) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			first, second := acquire(t), acquire(t)
			begin := time.Now()
			err := test.use()
			require.Less(t, time.Since(begin), 10*time.Second)
			require.ErrorContains(t, err, "no connection was free within 50ms (2 open, at most 2)")
			require.ErrorIs(t, err, context.DeadlineExceeded)
			first.Release()
			require.NoError(t, test.use())
			second.Release()
		})
	}
	conns := client.Pool().AcquireAllIdle(ctx)
	require.Len(t, conns, 2)
	require.ErrorIs(t, client.Ping(ctx), runtime.ErrTimeout)
	for _, conn := range conns {
		conn.Release()
	}
	require.NoError(t, client.Ping(ctx))

	own := acquire(t).Hijack()
	require.NoError(t, client.Ping(ctx))
	require.NoError(t, own.Close(ctx))

	// The caller's own deadline is not the pool's.
	first, second := acquire(t), acquire(t)
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	err := client.Ping(short)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotContains(t, err.Error(), "no connection was free")
	first.Release()
	second.Release()
}

// Many at once on few connections, some of them broken: every wait ends, and
// the count of what is in use does not drift.
func TestGateUnderLoad(t *testing.T) {
	t.Parallel()
	client := open(t, runtime.WithDSN(pgtest.New(t)), runtime.WithSetting("max_size", 3), runtime.WithSetting("timeout", "1m"))
	var wait sync.WaitGroup
	for i := range 16 {
		wait.Go(func() {
			for n := range 60 {
				switch (i + n) % 8 {
				case 0:
					_ = client.Conn(t.Context(), func(conn *pgx.Conn) error { return conn.Close(t.Context()) })
				case 1:
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*time.Microsecond)
					_, _ = client.Exec(ctx, "SELECT pg_sleep(0.001)")
					cancel()
				default:
					if _, err := client.Exec(t.Context(), "SELECT 1"); err != nil {
						t.Errorf("%d: %v", i, err)
					}
				}
			}
		})
	}
	wait.Wait()
	conns := make([]*pgxpool.Conn, 3)
	for i := range conns {
		var err error
		conns[i], err = client.Pool().Acquire(t.Context())
		require.NoError(t, err)
	}
	require.Zero(t, runtime.Spare(client.Pool()), "all are in use, so the next one waits with a timeout")
	for _, conn := range conns {
		conn.Release()
	}
	require.EqualValues(t, 3, runtime.Spare(client.Pool()))
}
