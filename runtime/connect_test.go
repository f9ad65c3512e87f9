package runtime_test

import (
	"io"
	"net"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime"
)

// proxy listens on a port of this machine and passes connections on to a
// server, or does with them what a test wants.
type proxy struct {
	listener    net.Listener
	database    string
	network, to string
	connections atomic.Int64
	// refuse, if it is set, gets each connection with its number, from 1; true
	// passes it on.
	refuse  func(n int64, conn net.Conn) bool
	held    sync.RWMutex // locked while nothing is passed on
	arrived chan struct{}
}

func newProxy(t *testing.T, dsn string) *proxy {
	t.Helper()
	p := &proxy{arrived: make(chan struct{}, 1000)}
	if dsn != "" {
		config, err := pgconn.ParseConfig(dsn)
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
	n := p.connections.Add(1)
	p.arrived <- struct{}{}
	if p.refuse != nil && !p.refuse(n, conn) {
		return
	}
	p.held.RLock()
	p.held.RUnlock() //nolint:staticcheck // waits while it is held
	server, err := net.Dial(p.network, p.to)
	if err != nil {
		t.Errorf("proxy: %v", err)
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, conn) // ends with either side
		server.Close()
	}()
	_, _ = io.Copy(conn, server)
}

func (p *proxy) hold()  { p.held.Lock() }
func (p *proxy) letGo() { p.held.Unlock() }

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

// newRefusal is a server that refuses everybody with a SQLSTATE.
func newRefusal(t *testing.T, state, message string) *proxy {
	t.Helper()
	p := newProxy(t, "")
	p.refuse = func(_ int64, conn net.Conn) bool { return refuseWith(conn, state, message) }
	return p
}

func refuseWith(conn net.Conn, state, message string) bool {
	backend := pgproto3.NewBackend(conn, conn)
	if _, err := backend.ReceiveStartupMessage(); err != nil {
		return false
	}
	backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: state, Message: message})
	_ = backend.Flush() // the client may have gone
	return false
}
