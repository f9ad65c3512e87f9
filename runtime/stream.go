package runtime

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Each streams the rows. An error is the last pair, with the zero value. The
// sequence can be used again, and then runs the query again.
//
// The connection is busy until the loop ends. Leaving the loop early, also with
// a panic, does not read the rest: what is there within a few milliseconds is
// skipped, and then the statement is cancelled on the server; the connection
// can be used at once. In a transaction, which a cancelled statement would
// abort, and of a statement that writes, the rest is read and thrown away.
// [WithFetchSize] reads through a cursor instead, which can be left early in a
// transaction too.
func (s *Statement[T]) Each(ctx context.Context, db Querier, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := s.stream(ctx, db, args, yield); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

func (s *Statement[T]) stream(ctx context.Context, db Querier, args []any, yield func(T, error) bool) error {
	if n := fetchSize(ctx); n > 0 {
		return s.reading().stream(ctx, db, n, args, yield)
	}
	rows, err := queryWith(ctx, db, s.Name, s.SQL, s.arguments(db, args), true)
	if err != nil {
		return err
	}
	ended := false
	defer func() {
		if !ended { // left early, or a panic, or runtime.Goexit
			leave(ctx, rows, s.SQL)
		}
	}()
	r := s.row(rows, true)
	if r.err != nil {
		return callError(ctx, OpQuery, s.Name, r.err)
	}
	t := new(T)
	for rows.Next() {
		if s.decode(t, r); r.err != nil {
			return callError(ctx, OpQuery, s.Name, r.err)
		}
		if !yield(*t, nil) {
			return nil
		}
	}
	ended = true
	if err := rows.Err(); err != nil {
		return callError(ctx, OpQuery, s.Name, err)
	}
	s.release(r)
	return nil
}

// holder runs queries on a connection that stays acquired until [leave] has
// done with it: the rows of a pool give theirs back when they end, and then the
// statement that is cancelled could be someone else's.
type holder struct {
	pool    *pgxpool.Pool
	retries retries
}

// holding returns a holder for a pool, and everything else as it is.
func holding(db Querier) Querier {
	switch db := db.(type) {
	case *pgxpool.Pool:
		return &holder{pool: db}
	case *supply:
		return &holder{db.Pool, db.retries}
	}
	return db
}

// Query acquires the connection.
func (h *holder) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return attempt(ctx, &h.retries, func(ctx context.Context) (pgx.Rows, error) {
		conn, err := h.pool.Acquire(ctx)
		if err != nil {
			return failedRows{err}, err
		}
		rows, err := conn.Query(ctx, sql, args...)
		if err != nil {
			conn.Release()
			return rows, err
		}
		return &heldRows{rows, conn}, nil
	})
}

// heldRows give their connection back when they end.
type heldRows struct {
	pgx.Rows
	conn *pgxpool.Conn
}

// Next goes to the next row.
func (r *heldRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.release()
	return false
}

// Close ends the rows.
func (r *heldRows) Close() {
	r.Rows.Close()
	r.release()
}

func (r *heldRows) release() {
	if r.conn != nil {
		r.conn.Release()
		r.conn = nil
	}
}

const (
	// leaveGrace is how long the rest of a result may take before its statement
	// is cancelled, which needs another connection.
	leaveGrace = 10 * time.Millisecond
	// cancelDelivery is how long a cancel request that was not confirmed may
	// still be on its way; pgx waits as long after its own.
	cancelDelivery = 100 * time.Millisecond
)

// leave closes rows that [queryWith] has returned and whose rest nobody wants.
func leave(ctx context.Context, rows pgx.Rows, sql string) {
	defer rows.Close()
	if rows.Err() != nil {
		return // ended, and the connection can be someone else's
	}
	switch rows := rows.(type) {
	case *watchedRows:
		rows.left = true
		leave(ctx, rows.Rows, sql)
		return
	case *errorRows:
		leave(ctx, rows.Rows, sql)
		return
	case *heldRows:
		leave(ctx, rows.Rows, sql)
		return
	}
	conn := rows.Conn()
	if conn == nil || ctx.Err() != nil || conn.PgConn().TxStatus() != 'I' || !readsOnly(sql) {
		return
	}
	if fmt.Sprintf("%T", rows) != "*pgx.baseRows" {
		// Rows of a pool or of someone else's: the connection may be given away
		// as soon as they end, so the cancel request must have arrived before.
		if !requestCancel(conn.PgConn()).end(cancelTimeout) {
			time.Sleep(cancelDelivery)
		}
		return
	}
	confirmed, done := false, make(chan struct{})
	timer := time.AfterFunc(leaveGrace, func() {
		defer close(done)
		confirmed = requestCancel(conn.PgConn()).end(cancelTimeout)
	})
	rows.Close()
	if timer.Stop() {
		return
	}
	<-done
	var e *pgconn.PgError
	if errors.As(rows.Err(), &e) && e.Code == queryCanceled {
		return
	}
	// The statement ended before the request arrived. PostgreSQL ignores one
	// that finds the connection idle, so nothing is left of it after a round
	// trip.
	if !confirmed {
		time.Sleep(cancelDelivery)
	}
	_ = conn.PgConn().Ping(ctx) // what else ails the connection, its next user is told
}
