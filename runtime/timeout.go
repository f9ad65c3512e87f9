package runtime

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// WithTimeout returns a context under which the server cancels each statement
// that takes longer than d: its statement_timeout is d for that statement, and
// what it was before for the next. The error is [ErrTimeout] and says d. Of two
// timeouts the inner one holds; the deadline of a context goes on beside it.
//
// The setting goes with the statement in one round trip: the server takes what
// is pipelined for one transaction, which is what SET LOCAL needs to have an
// effect. (The first use of a statement on a connection still costs the round
// trip that prepares it, and COPY, which cannot be pipelined, makes three.) So a
// statement that cannot run in a transaction, such as VACUUM, cannot have a
// timeout, nor can several statements in one string. In a batch the timeout is
// that of each statement. What is passed in for the database has to have a
// SendBatch.
//
// d is rounded up to milliseconds, the server's unit. If it is not positive
// the time has passed already: nothing is sent.
func WithTimeout(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, timeoutKey{}, d)
}

type timeoutKey struct{}

// timeoutOf returns the timeout for statements under ctx.
func timeoutOf(ctx context.Context) (time.Duration, bool) {
	d, ok := ctx.Value(timeoutKey{}).(time.Duration)
	return d, ok
}

// The setting is local to the transaction. Where that may go on after the
// statement, the value from before is kept in a setting of our own, so that
// nobody has to wait for it before it can be sent back.
const (
	setTimeout  = `select pg_catalog.set_config('statement_timeout', $1, true)`
	swapTimeout = `select case when pg_catalog.set_config('pgwright.statement_timeout', ` +
		`pg_catalog.current_setting('statement_timeout'), true) is not null ` +
		`then pg_catalog.set_config('statement_timeout', $1, true) end`
	// If the transaction has ended in between, both settings have with it.
	restoreTimeout = `select pg_catalog.set_config('statement_timeout', kept, true) ` +
		`from pg_catalog.current_setting('pgwright.statement_timeout', true) as kept where kept <> ''`
)

// limit is the timeout of one call.
type limit struct {
	ctx   context.Context //nolint:containedctx // of one call
	d     time.Duration
	start time.Time
}

// newLimit returns an error if the time has passed.
func newLimit(ctx context.Context, d time.Duration) (limit, error) {
	if d <= 0 {
		return limit{}, fmt.Errorf("timeout of %s: %w", d, context.DeadlineExceeded)
	}
	return limit{ctx: ctx, d: d, start: time.Now()}, nil
}

// setting is the value for statement_timeout.
func (l limit) setting() string {
	ms := (l.d + time.Millisecond - 1) / time.Millisecond
	if l.d > math.MaxInt32*time.Millisecond {
		ms = math.MaxInt32
	}
	return strconv.FormatInt(int64(ms), 10)
}

// explain adds the duration to the server's word that it cancelled the
// statement. Someone else could have made it, but not before the time was up.
func (l limit) explain(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "57014" || l.ctx.Err() != nil || time.Since(l.start) < l.d {
		return err
	}
	return fmt.Errorf("statement timeout of %s: %w", l.d, err)
}

// inTransaction is false if db is known to be in none.
func inTransaction(db any) bool {
	switch db := db.(type) {
	case *pgxpool.Pool, *supply:
		return false
	case *pgxpool.Conn:
		return db.Conn().PgConn().TxStatus() != 'I'
	case *pgx.Conn:
		return db.PgConn().TxStatus() != 'I'
	}
	return true
}

var errNoBatch = errors.New("a timeout needs a database with SendBatch")

// send sends one statement with its timeout. What is returned has the
// statement's result to be read, and has to be closed.
func (l limit) send(db any, sql string, args []any) (pgx.BatchResults, error) {
	sender, ok := db.(BatchSender)
	if !ok {
		return nil, errNoBatch
	}
	args, err := withoutOptions(args)
	if err != nil {
		return nil, err
	}
	var b pgx.Batch
	inside := inTransaction(db)
	if inside {
		b.Queue(swapTimeout, l.setting())
	} else {
		b.Queue(setTimeout, l.setting())
	}
	b.Queue(sql, args...)
	if inside {
		b.Queue(restoreTimeout)
	}
	results := sender.SendBatch(l.ctx, &b)
	if _, err := results.Exec(); err != nil {
		_ = results.Close() // repeats err
		return nil, l.explain(err)
	}
	return results, nil
}

// withoutOptions returns the arguments behind the options that pgx takes in
// front of them, since a batch takes none. Which format a result comes in
// makes no difference to whoever reads it with this package or with Scan.
func withoutOptions(args []any) ([]any, error) {
	for len(args) > 0 {
		switch args[0].(type) {
		case pgx.QueryResultFormats, pgx.QueryResultFormatsByOID:
			args = args[1:]
		case pgx.QueryExecMode:
			return nil, errors.New("a statement with a timeout runs in the connection's exec mode")
		default:
			return args, nil
		}
	}
	return nil, nil
}

func (l limit) query(db Querier, sql string, args []any) (pgx.Rows, error) {
	results, err := l.send(db, sql, args)
	if err != nil {
		return failedRows{err: err}, err
	}
	rows, err := results.Query()
	limited := &limitedRows{Rows: rows, limit: l, results: results}
	if err != nil {
		limited.Close()
		return limited, limited.Err()
	}
	return limited, nil
}

func (l limit) exec(db Execer, sql string, args []any) (pgconn.CommandTag, error) {
	results, err := l.send(db, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if closed := results.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return pgconn.CommandTag{}, l.explain(err)
	}
	return tag, nil
}

// sendBatch sends a batch of which each statement has the timeout.
func (l limit) sendBatch(db BatchSender, b *pgx.Batch) pgx.BatchResults {
	if b.Len() == 0 {
		return db.SendBatch(l.ctx, b)
	}
	// The caller's batch may begin a transaction, also if there is none yet.
	var before, after pgx.Batch
	before.Queue(swapTimeout, l.setting())
	after.Queue(restoreTimeout)
	limited := *b // with what it has that is not exported
	limited.QueuedQueries = make([]*pgx.QueuedQuery, 0, b.Len()+2)
	limited.QueuedQueries = append(limited.QueuedQueries, before.QueuedQueries...)
	limited.QueuedQueries = append(limited.QueuedQueries, b.QueuedQueries...)
	limited.QueuedQueries = append(limited.QueuedQueries, after.QueuedQueries...)
	results := db.SendBatch(l.ctx, &limited)
	_, err := results.Exec()
	return &limitedBatch{BatchResults: results, limit: l, err: err}
}

// limitedRows are the rows of a statement with a timeout.
type limitedRows struct {
	pgx.Rows
	limit limit
	// results is closed after the rows, and gives the connection back.
	results pgx.BatchResults
	closed  bool
	err     error
}

// Next ends the statement after the last row.
func (r *limitedRows) Next() bool {
	if !r.closed && r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

// Close ends the statement.
func (r *limitedRows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.Rows.Close()
	r.err = r.Rows.Err()
	if r.results != nil {
		if err := r.results.Close(); r.err == nil {
			r.err = err
		}
	}
	r.err = r.limit.explain(r.err)
}

// Err returns the error of the statement, or of what follows it.
func (r *limitedRows) Err() error {
	if r.closed {
		return r.err
	}
	return r.Rows.Err()
}

// limitedBatch is a batch with a timeout.
type limitedBatch struct {
	pgx.BatchResults
	limit limit
	// err is why the timeout could not be set.
	err error
}

// Exec reads the outcome of a command.
func (b *limitedBatch) Exec() (pgconn.CommandTag, error) {
	if b.err != nil {
		return pgconn.CommandTag{}, b.limit.explain(b.err)
	}
	tag, err := b.BatchResults.Exec()
	return tag, b.limit.explain(err)
}

// Query reads the rows of a query.
func (b *limitedBatch) Query() (pgx.Rows, error) {
	if b.err != nil {
		err := b.limit.explain(b.err)
		return failedRows{err: err}, err
	}
	rows, err := b.BatchResults.Query()
	return &limitedRows{Rows: rows, limit: b.limit}, b.limit.explain(err)
}

// QueryRow reads the first row of a query.
func (b *limitedBatch) QueryRow() pgx.Row {
	rows, err := b.Query()
	return row{rows: rows, op: OpBatch, err: err}
}

// Close ends the batch.
func (b *limitedBatch) Close() error { return b.limit.explain(b.BatchResults.Close()) }

// limitCopy runs copy, which is to use the Copier that it gets, with a
// timeout: what is copied cannot go in one round trip with anything else, so
// that there is one before and one after it.
func limitCopy(ctx context.Context, db Copier, d time.Duration, copy func(db Copier) (int64, error)) (int64, error) {
	l, err := newLimit(ctx, d)
	if err != nil {
		return 0, err
	}
	switch db := db.(type) {
	case *pgxpool.Pool:
		return l.copyPool(db, copy)
	case *supply:
		return l.copyPool(db, copy)
	case closedClient:
		return 0, db.err
	case *pgxpool.Conn:
		return l.copy(db.Conn(), copy)
	case *pgx.Conn:
		return l.copy(db, copy)
	case *guarded:
		return l.copyInside(db, copy)
	case pgx.Tx:
		return l.copyInside(db, copy)
	}
	return 0, fmt.Errorf("a timeout for COPY cannot go through a wrapper: %s", hintDirect)
}

func (l limit) copyPool(pool acquirer, copy func(db Copier) (int64, error)) (int64, error) {
	conn, err := pool.Acquire(l.ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	return l.copy(conn.Conn(), copy)
}

// copy copies with a transaction around it, unless there is one.
func (l limit) copy(conn *pgx.Conn, copy func(db Copier) (int64, error)) (int64, error) {
	if conn.PgConn().TxStatus() != 'I' {
		return l.copyInside(conn, copy)
	}
	n, err := encloseIn(l.ctx, conn, "begin; set local statement_timeout = "+l.setting(), copy)
	return n, l.explain(err)
}

// session is a connection in a transaction.
type session interface {
	Execer
	Copier
}

// copyInside copies in a transaction. If that fails, the setting ends with the
// transaction, which can only be rolled back now, or with what is rolled back
// to a savepoint.
func (l limit) copyInside(db session, copy func(db Copier) (int64, error)) (int64, error) {
	if _, err := db.Exec(l.ctx, swapTimeout, l.setting()); err != nil {
		return 0, err
	}
	n, err := copy(db)
	if err == nil {
		_, err = db.Exec(l.ctx, restoreTimeout)
	}
	if err != nil {
		return 0, l.explain(err)
	}
	return n, nil
}
