package generator_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"
)

// proxy stands between a client and a server and changes what they say, to be
// a server that nobody has seen yet.
type proxy struct {
	// tree changes the query trees that the server sends; nil leaves them.
	tree func(string) string
	// refuse is part of a simple query that the server is to answer with an
	// error; empty refuses nothing.
	refuse string
	// ahead, if there is one, counts simple queries, and has their answers take
	// long.
	ahead *ahead

	network, server string
}

// open starts the proxy before the server of a URL and returns the URL to use.
func (p *proxy) open(t *testing.T, url string) string {
	t.Helper()
	config, err := pgconn.ParseConfig(url)
	require.NoError(t, err)
	p.network, p.server = pgconn.NetworkAddress(config.Host, config.Port)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				if err := p.serve(client); err != nil {
					t.Errorf("proxy: %v", err)
				}
			})
		}
	})
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		connections.Wait()
	})
	host, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return "host=" + host + " port=" + port + " user=" + config.User + " password='" + config.Password + "' dbname=" + config.Database + " sslmode=disable"
}

// ahead tells how many simple queries a client sends before it has the answers to
// earlier ones.
type ahead struct{ now, most, all atomic.Int64 }

func (a *ahead) asked() {
	a.all.Add(1)
	a.most.Store(max(a.most.Load(), a.now.Add(1)))
}

func (a *ahead) answered() {
	time.Sleep(time.Millisecond)
	a.now.Add(-1)
}

func (p *proxy) serve(client net.Conn) error {
	server, err := net.Dial(p.network, p.server)
	if err != nil {
		return errors.Join(err, client.Close())
	}
	var back sync.WaitGroup
	var backErr error
	back.Go(func() { backErr = p.answers(client, server) })
	err = p.questions(client, server)
	// The server says its last word when the client has gone.
	err = errors.Join(err, server.Close())
	back.Wait()
	return errors.Join(err, backErr, client.Close())
}

// questions passes on what the client says.
func (p *proxy) questions(client, server net.Conn) error {
	// The first message has no type.
	length := make([]byte, 4)
	if _, err := io.ReadFull(client, length); err != nil {
		return err
	}
	first := make([]byte, binary.BigEndian.Uint32(length)-4)
	if _, err := io.ReadFull(client, first); err != nil {
		return err
	}
	if _, err := server.Write(append(length, first...)); err != nil {
		return err
	}
	for {
		kind, body, err := message(client)
		if err != nil {
			return ended(err)
		}
		if kind == 'Q' && p.refuse != "" && strings.Contains(string(body), p.refuse) {
			if err := refusal(client); err != nil {
				return err
			}
			continue
		}
		if kind == 'Q' && p.ahead != nil {
			p.ahead.asked()
		}
		if err := say(server, kind, body); err != nil {
			return err
		}
	}
}

// refusal answers a simple query with an error.
func refusal(client net.Conn) error {
	no, err := (&pgproto3.ErrorResponse{Severity: "ERROR", Code: "42501", Message: "permission denied to set parameter"}).Encode(nil)
	if err != nil {
		return err
	}
	ready, err := (&pgproto3.ReadyForQuery{TxStatus: 'I'}).Encode(nil)
	if err != nil {
		return err
	}
	_, err = client.Write(append(no, ready...))
	return err
}

// answers passes on what the server says.
func (p *proxy) answers(client, server net.Conn) error {
	for {
		kind, body, err := message(server)
		if err != nil {
			return ended(err)
		}
		if kind == 'N' && p.tree != nil {
			var notice pgproto3.NoticeResponse
			if err := notice.Decode(body); err != nil {
				return err
			}
			notice.Detail = p.tree(notice.Detail)
			text, err := notice.Encode(nil)
			if err != nil {
				return err
			}
			body = text[5:]
		}
		if kind == 'Z' && p.ahead != nil && p.ahead.now.Load() > 0 {
			p.ahead.answered()
		}
		if err := say(client, kind, body); err != nil {
			return ended(err)
		}
	}
}

// ended takes the end of a connection for no error.
func ended(err error) error {
	var network *net.OpError
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &network) {
		return nil
	}
	return err
}

func message(from io.Reader) (kind byte, body []byte, err error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(from, head); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint32(head[1:])-4)
	_, err = io.ReadFull(from, body)
	return head[0], body, err
}

func say(to io.Writer, kind byte, body []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4))
	_, err := to.Write(append(head, body...))
	return err
}
