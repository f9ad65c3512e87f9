package runtime

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// canceller asks the server to cancel a statement whose context has ended. pgx
// goes on to read the server's answer, so that the connection stays usable.
//
// A request to cancel goes over a connection of its own, names only the
// session, and hits whatever runs there when it arrives. The server closes that
// connection when it has passed the request on, and a request that was passed
// on before a statement was sent cannot cancel it: a session that reads its
// next command drops the request (src/backend/tcop/postgres.c). So the
// connection is not used again before that answer, and not at all without it.
type canceller struct {
	conn    *pgconn.PgConn
	request *request // the last one
}

// request asks the server to cancel what runs on a connection, again and again
// until it is ended. One that comes too early is lost: the session may not have
// read the statement yet, and PgBouncer may have no session for it yet.
type request struct {
	over     chan struct{} // closed when nothing is left to cancel
	done     chan struct{} // closed when the server has been asked for the last time
	passedOn bool          // that last time; written before
}

func requestCancel(conn *pgconn.PgConn) *request {
	r := &request{over: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(r.done)
		for pause := requestPause; ; pause *= 2 {
			r.passedOn = passOn(conn)
			if !r.passedOn || wait(r.over, pause) {
				return
			}
		}
	}()
	return r
}

// passOn sends one request, and reports whether the server has answered.
func passOn(conn *pgconn.PgConn) bool {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	// An error and no answer are the same: the request may be on its way.
	return conn.CancelRequest(ctx) == nil && ctx.Err() == nil
}

// end stops asking, not before it was asked once, and reports whether the
// server has answered: then no later statement is hit.
func (r *request) end(limit time.Duration) bool {
	close(r.over)
	return wait(r.done, limit) && r.passedOn
}

const (
	// cancelTimeout is how long the server may take to end a statement that it
	// was asked to cancel. Then the connection is closed.
	cancelTimeout = 5 * time.Second
	// answerTimeout is how long to wait for the answer to the request when the
	// statement has ended already.
	answerTimeout = time.Second
	// requestTimeout is how long the request itself goes on. A PgBouncer of
	// version 1.18 can end with a fatal error if a client gives one up
	// (github.com/pgbouncer/pgbouncer/issues/801), and newer ones give it up
	// themselves after 10 s (cancel_wait_timeout).
	requestTimeout = 15 * time.Second
	// requestPause is the time until the second request. It doubles.
	requestPause = 100 * time.Millisecond
)

// doubtKey marks connections that a late request could still reach.
const doubtKey = "github.com/pgwright/pgwright/runtime: cancel in doubt"

func newCanceller(conn *pgconn.PgConn) ctxwatch.Handler { return &canceller{conn: conn} }

// inDoubt is true of a connection that must not be used.
func inDoubt(conn *pgconn.PgConn) bool {
	_, doubt := conn.CustomData()[doubtKey]
	return doubt
}

// HandleCancel sends the request when a statement's context has ended.
func (c *canceller) HandleCancel(context.Context) {
	// The fallback if nobody answers. It fails only on a closed connection.
	_ = c.conn.Conn().SetDeadline(time.Now().Add(cancelTimeout))
	c.request = requestCancel(c.conn)
}

// HandleUnwatchAfterCancel waits for the request when the statement has ended.
func (c *canceller) HandleUnwatchAfterCancel() {
	if c.request.end(answerTimeout) {
		_ = c.conn.Conn().SetDeadline(time.Time{})
		return
	}
	// The pool throws the connection away; nobody else can use it either.
	c.conn.CustomData()[doubtKey] = struct{}{}
	_ = c.conn.Conn().SetDeadline(time.Unix(1, 0))
}
