package runtime

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// gate bounds how long to wait for a connection of a pool, whoever asks for
// one. A context with a deadline costs five allocations, so it is made only if
// there is no connection that can be had at once. pgx lets a tracer exchange
// the context of Pool.Acquire, which is where this happens.
type gate struct {
	timeout time.Duration
	most    int32 // connections of the pool
	// tracer is the one that connections have, or nil.
	tracer   pgx.QueryTracer
	acquires pgxpool.AcquireTracer // is tracer, or nil
	releases pgxpool.ReleaseTracer // is tracer, or nil

	// open is the number of connections, taken of those in use, and asked of
	// calls that are getting one. A connection can be counted in both of the
	// latter, never in neither.
	open, taken, asked atomic.Int64
	// returned is when a connection was given back last, in nanoseconds.
	returned atomic.Int64
}

// install puts the gate in front of the pool that the config will make, and
// keeps what is there.
func (g *gate) install(config *pgxpool.Config) {
	g.tracer = config.ConnConfig.Tracer
	g.acquires, _ = g.tracer.(pgxpool.AcquireTracer)
	g.releases, _ = g.tracer.(pgxpool.ReleaseTracer)
	config.ConnConfig.Tracer = g

	// A connection has the tracer alone: the gate is none of its business.
	beforeConnect := config.BeforeConnect
	config.BeforeConnect = func(ctx context.Context, c *pgx.ConnConfig) error {
		c.Tracer = g.tracer
		if beforeConnect != nil {
			if err := beforeConnect(ctx, c); err != nil {
				return err
			}
		}
		watchConnect(ctx, c)
		return nil
	}
	afterConnect := config.AfterConnect
	config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		if afterConnect != nil {
			if err := afterConnect(ctx, c); err != nil {
				return err
			}
		}
		g.open.Add(1)
		return nil
	}
	beforeClose := config.BeforeClose
	config.BeforeClose = func(c *pgx.Conn) {
		g.open.Add(-1)
		if beforeClose != nil {
			beforeClose(c)
		}
	}
	prepare := config.PrepareConn
	//lint:ignore SA1019 pgx would not call it any more, and somebody may have set it
	if before := config.BeforeAcquire; prepare == nil && before != nil {
		prepare = func(ctx context.Context, c *pgx.Conn) (bool, error) { return before(ctx, c), nil }
	}
	config.PrepareConn = func(ctx context.Context, c *pgx.Conn) (bool, error) {
		if inDoubt(c.PgConn()) {
			return false, nil
		}
		if prepare != nil {
			if ok, err := prepare(ctx, c); !ok || err != nil {
				return ok, err
			}
		}
		g.taken.Add(1)
		return true, nil
	}
}

// pingAfter is for how long pgx takes an idle connection for a live one.
const pingAfter = time.Second

// TraceAcquireStart bounds the wait unless a connection is there.
func (g *gate) TraceAcquireStart(ctx context.Context, pool *pgxpool.Pool, data pgxpool.TraceAcquireStartData) context.Context {
	if g.acquires != nil {
		ctx = g.acquires.TraceAcquireStart(ctx, pool, data)
	}
	asked := g.asked.Add(1)
	if g.timeout <= 0 {
		return ctx
	}
	// One that has been idle for longer is pinged first, which can take long.
	fresh := time.Now().UnixNano()-g.returned.Load() < int64(pingAfter)
	if fresh && asked+g.taken.Load() <= g.open.Load() {
		return ctx
	}
	deadline := time.Now().Add(g.timeout)
	if patience, ok := ctx.Value(patienceKey{}).(time.Time); ok && patience.Before(deadline) {
		deadline = patience
	}
	w := &waiting{caller: ctx, gate: g}
	w.Context, w.cancel = context.WithDeadline(ctx, deadline)
	return w
}

// TraceAcquireEnd ends the wait.
func (g *gate) TraceAcquireEnd(ctx context.Context, pool *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	g.asked.Add(-1)
	if w, ok := ctx.(*waiting); ok {
		w.cancel()
		ctx = w.caller
	}
	if g.acquires != nil {
		g.acquires.TraceAcquireEnd(ctx, pool, data)
	}
}

// TraceRelease counts.
func (g *gate) TraceRelease(pool *pgxpool.Pool, data pgxpool.TraceReleaseData) {
	g.taken.Add(-1)
	g.returned.Store(time.Now().UnixNano())
	if g.releases != nil {
		g.releases.TraceRelease(pool, data)
	}
}

// TraceQueryStart makes a gate a tracer for pgx. It is not called: the
// connections of the pool have the tracer itself.
func (g *gate) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if g.tracer != nil {
		ctx = g.tracer.TraceQueryStart(ctx, conn, data)
	}
	return ctx
}

// TraceQueryEnd makes a gate a tracer for pgx.
func (g *gate) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	if g.tracer != nil {
		g.tracer.TraceQueryEnd(ctx, conn, data)
	}
}

// waiting is the context of a wait for a connection.
type waiting struct {
	context.Context //nolint:containedctx // is one
	caller          context.Context
	cancel          context.CancelFunc
	gate            *gate
}

// Err says how long the wait was if it was too long.
func (w *waiting) Err() error {
	err := w.Context.Err()
	if err != context.DeadlineExceeded || w.caller.Err() != nil { //nolint:errorlint // contexts do not wrap it
		return err
	}
	return &waitError{after: w.gate.timeout, open: w.gate.open.Load(), most: w.gate.most}
}

// waitError is the error of a wait for a connection that was too long.
type waitError struct {
	after time.Duration
	open  int64
	most  int32
}

// Error says what was waited for.
func (e *waitError) Error() string {
	return fmt.Sprintf("no connection was free within %s (%d open, at most %d)", e.after, e.open, e.most)
}

// Unwrap returns the error of a deadline.
func (*waitError) Unwrap() error { return context.DeadlineExceeded }

// Timeout reports that the time was up, as [net.Error] does.
func (*waitError) Timeout() bool { return true }
