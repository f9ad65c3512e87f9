package runtime

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
)

// The operations that an [Event] and an [Error] name.
const (
	OpQuery    = "query"    // a statement that returns rows
	OpExec     = "exec"     // a statement that returns none
	OpBatch    = "batch"    // statements sent together
	OpCopy     = "copy"     // COPY, in either direction
	OpBegin    = "begin"    // the start of a transaction, or of a savepoint
	OpCommit   = "commit"   // its end, or the release of a savepoint
	OpRollback = "rollback" // its end
	OpConnect  = "connect"  // a new connection
	OpPing     = "ping"
)

// Event is one operation that has ended.
type Event struct {
	// Op is what was done, one of the Op constants.
	Op string
	// Query is the name of the generated query, empty for SQL written by hand.
	Query string
	// Start is when the operation began, which for a pool is before it waits
	// for a connection.
	Start time.Time
	// Duration is the time to the end of the operation: for rows, until the
	// last was read or the caller left the loop, so that what the caller does
	// in a loop counts.
	Duration time.Duration
	// Rows is the number of rows that were read, or else the number that the
	// server says were affected. In a batch it is their sum.
	Rows int64
	// Err is an [*Error], nil if the operation did what it should. That there
	// is no row for a query that asks for one is not an error here, nor is a
	// loop that the caller has left.
	Err error
}

// Kind is the kind of the error. It means nothing if there is none.
func (e Event) Kind() Kind {
	if err, ok := e.Err.(*Error); ok { //nolint:errorlint // Err is one, if anything
		return err.Kind
	}
	return KindPermanent
}

// Observer is told of every operation of the clients and transactions that it
// belongs to.
//
// It is called when the operation has ended and its connection was given back,
// in the goroutine of the caller, who waits: what takes long belongs into a
// goroutine of the observer's own. Several goroutines call it at once. It has
// no way to fail an operation; a panic in it goes to the caller of the
// operation, as any other of the caller's program. Only [OpConnect] is told in a
// goroutine of the pool's, for clients that [Open] returned, while the operation
// that waits for the connection is still under way.
type Observer interface {
	// Observe takes the context that the operation was called with.
	Observe(ctx context.Context, e Event)
}

// ObserverFunc is a function as an [Observer].
type ObserverFunc func(ctx context.Context, e Event)

// Observe calls f.
func (f ObserverFunc) Observe(ctx context.Context, e Event) { f(ctx, e) }

// Observers tells several observers, in order.
type Observers []Observer

// Observe calls each.
func (o Observers) Observe(ctx context.Context, e Event) {
	for _, observer := range o {
		observer.Observe(ctx, e)
	}
}

// QueryName returns the name of the generated query that runs under ctx, for
// tracers of pgx. It is known where somebody watches: on a client with an
// observer or a tracer, and in its transactions. Elsewhere a tracer has the SQL,
// which begins with the line "-- name: …" of generated queries.
func QueryName(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.query
	}
	return ""
}

// watchConnect makes the observer of the operation that a connection is opened
// for see that.
func watchConnect(ctx context.Context, config *pgx.ConnConfig) {
	c := callOf(ctx)
	if c == nil || c.observer == nil {
		return
	}
	var tracer pgx.QueryTracer = connectTracer{c.observer}
	if config.Tracer != nil {
		tracer = multitracer.New(config.Tracer, tracer)
	}
	config.Tracer = tracer
}

// connectTracer is how pgx tells of connections.
type connectTracer struct{ observer Observer }

type connectKey struct{}

// TraceConnectStart notes the time.
func (t connectTracer) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	return context.WithValue(ctx, connectKey{}, time.Now())
}

// TraceConnectEnd tells the observer.
func (t connectTracer) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	start, _ := ctx.Value(connectKey{}).(time.Time)
	t.observer.Observe(ctx, Event{
		Op: OpConnect, Start: start, Duration: time.Since(start), Err: callError(ctx, OpConnect, "", conceal(data.Err)),
	})
}

// TraceQueryStart does nothing: statements are observed before they get to pgx.
func (t connectTracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd does nothing.
func (t connectTracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
