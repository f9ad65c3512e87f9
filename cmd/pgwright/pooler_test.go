package main

import (
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

// pooler is what a connection pooler in front of a server does to a session: its
// process id is not the server's, and if it pools transactions, each may run on
// another connection to the server.
type pooler struct {
	network, address string // of the server
	transactions     bool
}

// start listens until the test ends, and returns the address.
func (p pooler) start(t *testing.T) *net.TCPAddr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return l.Addr().(*net.TCPAddr)
}

// message reads one message of the protocol. The one that begins a connection
// has no type.
func message(r io.Reader, typed bool) ([]byte, error) {
	head := make([]byte, 4, 5)
	if typed {
		head = head[:5]
	}
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[len(head)-4:])
	m := append(head, make([]byte, size-4)...)
	_, err := io.ReadFull(r, m[len(head):])
	return m, err
}

// answer copies the server's messages up to ReadyForQuery, and returns its
// transaction status.
func answer(server io.Reader, client io.Writer) (byte, error) {
	for {
		m, err := message(server, true)
		if err != nil {
			return 0, err
		}
		if m[0] == 'K' {
			binary.BigEndian.PutUint32(m[5:], 4711)
		}
		if _, err := client.Write(m); err != nil {
			return 0, err
		}
		if m[0] == 'Z' {
			return m[5], nil
		}
	}
}

// serve handles one client, with two connections to the server. It ends when
// either side does; the test sees that at the other end.
func (p pooler) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	startup, err := message(client, false)
	for ; err == nil && len(startup) == 8; startup, err = message(client, false) {
		if _, err := client.Write([]byte{'N'}); err != nil { // no TLS
			return
		}
	}
	if err != nil {
		return
	}
	var servers [2]net.Conn
	for i, to := range []io.Writer{client, io.Discard} {
		if servers[i], err = net.Dial(p.network, p.address); err != nil {
			return
		}
		defer func() { _ = servers[i].Close() }()
		if _, err := servers[i].Write(startup); err != nil {
			return
		}
		if _, err := answer(servers[i], to); err != nil {
			return
		}
	}
	for at := 0; ; {
		m, err := message(client, true)
		if err != nil {
			return
		}
		if _, err := servers[at].Write(m); err != nil {
			return
		}
		if m[0] != 'Q' && m[0] != 'S' {
			continue
		}
		status, err := answer(servers[at], client)
		if err != nil {
			return
		}
		if p.transactions && status == 'I' {
			at = 1 - at
		}
	}
}
