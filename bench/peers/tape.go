package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// tape is a connection that can keep what the server answers to a call, and play it back for the same call: then there
// are no kernel, no network and no server, and what a call costs is what the client itself computes.
type tape struct {
	net.Conn
	// mu guards what follows: where a write takes long, pgx reads in another goroutine meanwhile.
	mu sync.Mutex
	// more is signalled when there is something to read.
	more    *sync.Cond
	mode    tapeMode
	entries []tapeEntry
	// at is the next entry to play, pending what was asked for and not read yet.
	at      int
	pending []byte
	// calls is how often the whole tape was played.
	calls int
	// others are the requests that are not on the tape: a pool may ask whether the connection is alive.
	others int
}

type tapeMode int

const (
	passing tapeMode = iota
	recording
	playing
)

// tapeEntry is a request and its answer.
type tapeEntry struct{ request, answer []byte }

var (
	errNoTape  = errors.New("the client has no connection yet")
	errNothing = errors.New("the call sent nothing")
)

func newTape() *tape {
	t := &tape{}
	t.more = sync.NewCond(&t.mu)
	return t
}

// record makes the tape keep what follows.
func (t *tape) record() error {
	if t.Conn == nil {
		return errNoTape
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mode, t.entries = recording, nil
	return nil
}

// play makes the tape answer the calls that follow.
func (t *tape) play() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.entries) == 0 {
		return errNothing
	}
	t.mode, t.at, t.pending, t.calls, t.others = playing, 0, nil, 0, 0
	return nil
}

// stop passes on what follows, and checks that so many calls were answered, all whole.
func (t *tape) stop(calls int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mode = passing
	t.more.Broadcast()
	if t.calls != calls || t.at != 0 || len(t.pending) != 0 {
		return fmt.Errorf("%d calls were answered, not %d, and %d bytes of answers were not read", t.calls, calls, len(t.pending))
	}
	if t.others > 1+calls/100 {
		return fmt.Errorf("%d requests in %d calls are not those that were recorded", t.others, calls)
	}
	return nil
}

// Write sends a request, or looks it up.
func (t *tape) Write(b []byte) (int, error) {
	if t.answer(b) {
		return len(b), nil
	}
	return t.Conn.Write(b)
}

// answer is true if the tape has the answer to a request.
func (t *tape) answer(request []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch t.mode {
	case recording:
		t.entries = append(t.entries, tapeEntry{request: bytes.Clone(request)})
	case playing:
		e := &t.entries[t.at]
		if !bytes.Equal(request, e.request) {
			t.others++
			break
		}
		t.pending = append(t.pending, e.answer...)
		if t.at++; t.at == len(t.entries) {
			t.at = 0
			t.calls++
		}
		t.more.Broadcast()
		return true
	}
	t.more.Broadcast()
	return false
}

// Read returns what was answered.
func (t *tape) Read(b []byte) (int, error) {
	if n := t.played(b); n > 0 {
		return n, nil
	}
	n, err := t.Conn.Read(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.mode == recording && len(t.entries) > 0 {
		e := &t.entries[len(t.entries)-1]
		e.answer = append(e.answer, b[:n]...)
	}
	return n, err
}

// played reads from the tape. It returns 0 if the server is to be asked.
func (t *tape) played(b []byte) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.mode == playing && len(t.pending) == 0 && t.others == 0 {
		t.more.Wait()
	}
	if t.mode != playing {
		return 0
	}
	n := copy(b, t.pending)
	t.pending = append(t.pending[:0], t.pending[n:]...)
	return n
}

type tapeKey struct{}

// context is one under which a peer opens its connection through the tape.
func (t *tape) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, tapeKey{}, t)
}

// taped puts the tape of ctx between a client and the server.
func taped(ctx context.Context, config *pgconn.Config) {
	t, ok := ctx.Value(tapeKey{}).(*tape)
	if !ok {
		return
	}
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, address string) (_ net.Conn, err error) {
		if t.Conn, err = dial(ctx, network, address); err != nil {
			return nil, err
		}
		return t, nil
	}
}
