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
	conn *pgconn.PgConn
	// late ends the request, done is closed when it has ended.
	late context.CancelFunc
	done chan struct{}
	// passedOn is written before done is closed.
	passedOn bool
}

const (
	// cancelTimeout is how long the server may take to end a statement that it
	// was asked to cancel. Then the connection is closed.
	cancelTimeout = 5 * time.Second
	// answerTimeout is how long the request may go on when the statement has
	// ended already.
	answerTimeout = time.Second
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
	deadline := time.Now().Add(cancelTimeout)
	// The fallback if nobody answers. It fails only on a closed connection.
	_ = c.conn.Conn().SetDeadline(deadline)
	ctx, late := context.WithDeadline(context.Background(), deadline)
	done := make(chan struct{})
	c.late, c.done, c.passedOn = late, done, false
	go func() {
		defer close(done)
		// An error and no answer are the same: the request may be on its way.
		err := c.conn.CancelRequest(ctx)
		c.passedOn = err == nil && ctx.Err() == nil
	}()
}

// HandleUnwatchAfterCancel waits for the request when the statement has ended.
func (c *canceller) HandleUnwatchAfterCancel() {
	timer := time.AfterFunc(answerTimeout, c.late)
	<-c.done
	timer.Stop()
	c.late()
	if c.passedOn {
		_ = c.conn.Conn().SetDeadline(time.Time{})
		return
	}
	// The pool throws the connection away; nobody else can use it either.
	c.conn.CustomData()[doubtKey] = struct{}{}
	_ = c.conn.Conn().SetDeadline(time.Unix(1, 0))
}
