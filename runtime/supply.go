package runtime

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// supply is a pool that tries again to open a connection. Only what has not
// reached the server is tried again, so that nothing is done twice.
type supply struct {
	*pgxpool.Pool
	retries retries
}

// acquirer gives connections: a pool, or a supply.
type acquirer interface {
	Acquire(ctx context.Context) (*pgxpool.Conn, error)
}

// Acquire takes a connection. It must be released.
func (s *supply) Acquire(ctx context.Context) (*pgxpool.Conn, error) {
	return attempt(ctx, &s.retries, s.Pool.Acquire)
}

// Exec runs a statement that returns no rows.
func (s *supply) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return attempt(ctx, &s.retries, func(ctx context.Context) (pgconn.CommandTag, error) {
		return s.Pool.Exec(ctx, sql, args...)
	})
}

// Query runs a statement that returns rows.
func (s *supply) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return attempt(ctx, &s.retries, func(ctx context.Context) (pgx.Rows, error) {
		return s.Pool.Query(ctx, sql, args...)
	})
}

// QueryRow runs a statement that returns one row.
func (s *supply) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := s.Query(ctx, sql, args...)
	return row{rows: rows, op: OpQuery, err: err}
}

// SendBatch sends several statements in one round trip.
func (s *supply) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	conn, err := s.Acquire(ctx)
	if err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	results := conn.SendBatch(ctx, b)
	if tx := results.Tx(); tx != nil { // goes on when the batch is closed
		return &supplyBatch{results, &supplyTx{tx, conn}, nil}
	}
	return &supplyBatch{results, nil, conn}
}

// CopyFrom loads rows with COPY.
func (s *supply) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return attempt(ctx, &s.retries, func(ctx context.Context) (int64, error) {
		return s.Pool.CopyFrom(ctx, table, columns, rows)
	})
}

// BeginTx begins a transaction.
func (s *supply) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	return attempt(ctx, &s.retries, func(ctx context.Context) (pgx.Tx, error) {
		return s.Pool.BeginTx(ctx, options)
	})
}

// supplyBatch gives its connection back when it is closed.
type supplyBatch struct {
	pgx.BatchResults
	tx   *supplyTx     // that the batch has begun
	conn *pgxpool.Conn // nil if tx has it
}

// Tx returns the transaction that the batch has begun, or nil.
func (b *supplyBatch) Tx() pgx.Tx {
	if b.tx == nil {
		return nil
	}
	return b.tx
}

// Close ends the batch.
func (b *supplyBatch) Close() error {
	err := b.BatchResults.Close()
	if b.conn != nil {
		b.conn.Release()
		b.conn = nil
	}
	return err
}

// supplyTx gives its connection back when it ends.
type supplyTx struct {
	pgx.Tx
	conn *pgxpool.Conn
}

// Commit commits the transaction.
func (t *supplyTx) Commit(ctx context.Context) error {
	err := t.Tx.Commit(ctx)
	t.release()
	return err
}

// Rollback rolls the transaction back.
func (t *supplyTx) Rollback(ctx context.Context) error {
	err := t.Tx.Rollback(ctx)
	t.release()
	return err
}

func (t *supplyTx) release() {
	if t.conn != nil {
		t.conn.Release()
		t.conn = nil
	}
}

// retries say how often and how long to try to open a connection. The zero
// value tries once.
type retries struct {
	attempts int
	// min is the first wait between two attempts; each is twice the one before,
	// up to max.
	min, max time.Duration
	// jitter is the share of a wait that is random.
	jitter float64
	// limit is how long to go on, 0 for as long as there are attempts.
	limit time.Duration
}

// attempt calls try until it has a connection, or the reason that it has none
// will not pass, or there has been enough of it.
func attempt[T any](ctx context.Context, r *retries, try func(ctx context.Context) (T, error)) (T, error) {
	if r.attempts <= 1 {
		t, err := try(ctx)
		return t, conceal(err)
	}
	begin := time.Now()
	t, err := try(ctx)
	for n := 1; n < r.attempts && mayPass(ctx, err); n++ {
		wait := r.wait(n)
		if r.limit > 0 {
			if time.Since(begin)+wait >= r.limit {
				break
			}
			if n == 1 {
				ctx = context.WithValue(ctx, patienceKey{}, begin.Add(r.limit))
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return t, cancelled(ctx, conceal(err))
		case <-timer.C:
		}
		again, failure := try(ctx)
		var impatience *waitError
		if errors.As(failure, &impatience) {
			break // and what kept the connection from being opened is the news
		}
		t, err = again, failure
	}
	return t, conceal(err)
}

// patienceKey is the context's key of the time at which to stop waiting for a
// connection.
type patienceKey struct{}

// wait returns how long to wait after n attempts.
func (r *retries) wait(n int) time.Duration {
	wait := r.min
	for range n - 1 {
		if wait >= r.max/2 {
			wait = r.max
			break
		}
		wait *= 2
	}
	wait = min(wait, r.max)
	return wait - time.Duration(r.jitter*rand.Float64()*float64(wait))
}

// mayPass is true if no connection could be opened, but perhaps can be soon.
// An error of anything else is none of this: pgx calls some safe to retry that
// came after a statement was sent.
func mayPass(ctx context.Context, err error) bool {
	if err == nil || ctx.Err() != nil {
		return false
	}
	var opening *pgconn.ConnectError
	if !errors.As(err, &opening) {
		return false
	}
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		// PgBouncer says protocol_violation to a setting that it does not take.
		return kindOfState(refusal.Code) == KindTransient && refusal.Code != protocolViolation
	}
	var name *net.DNSError
	if errors.As(err, &name) {
		return name.IsTimeout || name.IsTemporary
	}
	// The alerts of TLS are OpErrors too, and do not pass.
	var network *net.OpError
	if errors.As(err, &network) && (network.Op == "dial" || network.Op == "read" || network.Op == "write") {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

const protocolViolation = "08P01"

// conceal takes the password out of an error of pgx's, which has the settings
// of the connection in a field that some logs print.
func conceal(err error) error {
	if err == nil {
		return nil // before anything is allocated
	}
	var opening *pgconn.ConnectError
	if errors.As(err, &opening) && opening.Config != nil {
		opening.Config.Password = ""
	}
	return err
}
