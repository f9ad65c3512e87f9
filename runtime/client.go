package runtime

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrClosed is the error of everything that is asked of a [Client] after its
// Close.
var ErrClosed = errors.New("the client is closed")

// Client is a database to run statements on: a pool of connections, and what
// is to be done around each statement. It is a [DB], safe for concurrent use,
// and must be closed. It prints neither its settings nor its pool.
type Client struct {
	pool *pgxpool.Pool
	// name is the profile's, or empty.
	name    string
	opening retries
	// release gives the pool back.
	release func()

	closed atomic.Bool
	mu     sync.Mutex
	sql    *sql.DB // made by its first user
}

var (
	_ DB       = (*Client)(nil)
	_ Beginner = (*Client)(nil)
)

// NewClient returns a client on a pool that the caller has made and keeps:
// closing the client leaves the pool open.
func NewClient(pool *pgxpool.Pool) *Client {
	return &Client{pool: pool, release: func() {}}
}

// Pool returns the pool, for what pgx alone can do. It belongs to the client
// and must not be closed. With a pool that other clients share, what is changed
// in it is changed for them too.
func (c *Client) Pool() *pgxpool.Pool { return c.pool }

// Close gives the pool back. The last client of a shared pool closes it, which
// waits until all its connections are back. Later calls do nothing.
func (c *Client) Close() {
	if c.closed.Swap(true) {
		return
	}
	c.mu.Lock()
	db := c.sql
	c.mu.Unlock()
	if db != nil {
		_ = db.Close() // it keeps no connections, so none can fail to close
	}
	c.release()
}

// Exec runs a statement that returns no rows.
func (c *Client) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	conn, err := c.acquire(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer conn.Release()
	tag, err := conn.Exec(ctx, sql, args...)
	return tag, cancelled(ctx, err)
}

// Query runs a statement that returns rows. They keep a connection until they
// are closed or read to the end.
func (c *Client) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	conn, err := c.acquire(ctx)
	if err != nil {
		return failedRows{err}, err
	}
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		conn.Release()
		return rows, cancelled(ctx, err)
	}
	return &clientRows{rows, ctx, conn}, nil
}

// QueryRow runs a statement that returns one row. An error is returned by the
// row's Scan.
func (c *Client) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := c.Query(ctx, sql, args...)
	return &clientRow{rows, err}
}

// SendBatch sends several statements in one round trip. The results must be
// closed.
func (c *Client) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	conn, err := c.acquire(ctx)
	if err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	results := &clientBatch{conn.SendBatch(ctx, b), ctx, conn, nil}
	if tx := results.BatchResults.Tx(); tx != nil { // which lives on when the batch is closed
		results.tx, results.conn = &clientTx{tx, conn}, nil
	}
	return results
}

// CopyFrom loads rows with COPY, encoded by pgx.
func (c *Client) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	conn, err := c.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	n, err := conn.CopyFrom(ctx, table, columns, rows)
	return n, cancelled(ctx, err)
}

// BeginTx begins a transaction of pgx. It keeps a connection until it is
// committed or rolled back; [Client.InTx] sees to that.
func (c *Client) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	conn, err := c.acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		conn.Release()
		return nil, cancelled(ctx, err)
	}
	return &clientTx{tx, conn}, nil
}

// InTx runs fn in a transaction, as the function [InTx] does.
func (c *Client) InTx(ctx context.Context, options TxOptions, fn func(tx *Tx) error) error {
	return InTx(ctx, c, options, fn)
}

// Conn runs fn with a connection of the pool, for what needs one and the same:
// settings of a session, advisory locks, LISTEN, temporary tables. fn must not
// keep the connection, and should undo what it did to the session; a connection
// that it leaves in a transaction, or closed, is thrown away.
func (c *Client) Conn(ctx context.Context, fn func(conn *pgx.Conn) error) error {
	conn, err := c.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return fn(conn.Conn())
}

// Ping sends an empty statement to the server.
func (c *Client) Ping(ctx context.Context) error {
	conn, err := c.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return cancelled(ctx, conn.Ping(ctx))
}

// Stats returns the state of the pool at this moment.
func (c *Client) Stats() *pgxpool.Stat { return c.pool.Stat() }

// acquire takes a connection from the pool. It must be released.
func (c *Client) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	if c.closed.Load() {
		return nil, c.closedError(nil)
	}
	conn, err := c.opening.acquire(ctx, c.pool)
	if err != nil && c.closed.Load() {
		return nil, c.closedError(err)
	}
	return conn, err
}

func (c *Client) closedError(err error) error {
	if err == nil {
		return fmt.Errorf("%s: %w", c, ErrClosed)
	}
	return fmt.Errorf("%s: %w: %w", c, ErrClosed, err)
}

// clientRows give their connection back when they end.
type clientRows struct {
	pgx.Rows
	ctx  context.Context //nolint:containedctx // of one call
	conn *pgxpool.Conn
}

// Close ends the rows. Later calls do nothing.
func (r *clientRows) Close() {
	r.Rows.Close()
	r.release()
}

// Next goes to the next row.
func (r *clientRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.release()
	return false
}

// Err returns the error that ended the rows.
func (r *clientRows) Err() error { return cancelled(r.ctx, r.Rows.Err()) }

// Scan reads the values of the current row. An error ends the rows.
func (r *clientRows) Scan(dest ...any) error {
	err := r.Rows.Scan(dest...)
	if err != nil {
		r.Close()
	}
	return cancelled(r.ctx, err)
}

// Values returns the values of the current row. An error ends the rows.
func (r *clientRows) Values() ([]any, error) {
	values, err := r.Rows.Values()
	if err != nil {
		r.Close()
	}
	return values, cancelled(r.ctx, err)
}

func (r *clientRows) release() {
	if r.conn != nil {
		r.conn.Release()
		r.conn = nil
	}
}

// clientRow is the first of rows.
type clientRow struct {
	rows pgx.Rows
	err  error
}

var errDriverBytes = errors.New("cannot scan into *pgtype.DriverBytes from QueryRow: the bytes are gone when it returns")

// Scan reads the values of the row and closes the rows, as pgx's own row does.
func (r *clientRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	for _, d := range dest {
		if _, ok := d.(*pgtype.DriverBytes); ok {
			return errDriverBytes
		}
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close() // an error can come after the row
	return r.rows.Err()
}

// clientBatch gives its connection back when it is closed.
type clientBatch struct {
	pgx.BatchResults
	ctx  context.Context //nolint:containedctx // of one call
	conn *pgxpool.Conn
	tx   *clientTx // that the batch has begun
}

// Exec reads the result of the next statement.
func (b *clientBatch) Exec() (pgconn.CommandTag, error) {
	tag, err := b.BatchResults.Exec()
	return tag, cancelled(b.ctx, err)
}

// Query reads the rows of the next statement.
func (b *clientBatch) Query() (pgx.Rows, error) {
	rows, err := b.BatchResults.Query()
	if err != nil {
		return rows, cancelled(b.ctx, err)
	}
	return &clientRows{rows, b.ctx, nil}, nil
}

// QueryRow reads the row of the next statement.
func (b *clientBatch) QueryRow() pgx.Row {
	rows, err := b.Query()
	return &clientRow{rows, err}
}

// Close ends the batch and gives the connection back. Later calls do nothing.
func (b *clientBatch) Close() error {
	err := b.BatchResults.Close()
	if b.conn != nil {
		b.conn.Release()
		b.conn = nil
	}
	return cancelled(b.ctx, err)
}

// Tx returns the transaction that the batch has begun, or nil.
func (b *clientBatch) Tx() pgx.Tx {
	if b.tx == nil {
		return nil
	}
	return b.tx
}

// clientTx gives its connection back when it ends.
type clientTx struct {
	pgx.Tx
	conn *pgxpool.Conn
}

// Exec runs a statement in the transaction.
func (t *clientTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	tag, err := t.Tx.Exec(ctx, sql, args...)
	return tag, cancelled(ctx, err)
}

// Query runs a statement in the transaction.
func (t *clientTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	rows, err := t.Tx.Query(ctx, sql, args...)
	if err != nil {
		return rows, cancelled(ctx, err)
	}
	return &clientRows{rows, ctx, nil}, nil
}

// QueryRow runs a statement in the transaction.
func (t *clientTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := t.Query(ctx, sql, args...)
	return &clientRow{rows, err}
}

// SendBatch runs statements in the transaction.
func (t *clientTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return &clientBatch{t.Tx.SendBatch(ctx, b), ctx, nil, nil}
}

// CopyFrom loads rows in the transaction.
func (t *clientTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	n, err := t.Tx.CopyFrom(ctx, table, columns, rows)
	return n, cancelled(ctx, err)
}

// Commit commits the transaction.
func (t *clientTx) Commit(ctx context.Context) error {
	err := t.Tx.Commit(ctx)
	t.release()
	return cancelled(ctx, err)
}

// Rollback rolls the transaction back.
func (t *clientTx) Rollback(ctx context.Context) error {
	err := t.Tx.Rollback(ctx)
	t.release()
	return cancelled(ctx, err)
}

func (t *clientTx) release() {
	if t.conn != nil {
		t.conn.Release()
		t.conn = nil
	}
}

// failedRows are the rows of a statement that could not be sent.
type failedRows struct{ err error }

func (failedRows) Close()                                       {}
func (failedRows) Next() bool                                   { return false }
func (failedRows) Conn() *pgx.Conn                              { return nil }
func (failedRows) TypeMap() *pgtype.Map                         { return pgtype.NewMap() }
func (failedRows) RawValues() [][]byte                          { return nil }
func (failedRows) CommandTag() pgconn.CommandTag                { return pgconn.CommandTag{} }
func (failedRows) FieldDescriptions() []pgconn.FieldDescription { return nil }
func (r failedRows) Err() error                                 { return r.err }
func (r failedRows) Scan(...any) error                          { return r.err }
func (r failedRows) Values() ([]any, error)                     { return nil, r.err }

// String says which client it is.
func (c *Client) String() string {
	if c.name == "" {
		return "runtime.Client"
	}
	return fmt.Sprintf("runtime.Client(%q)", c.name)
}

// Format prints what String returns, whatever the verb: a client has secrets.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, c.String()) // package fmt has no way to take an error
}

// LogValue is what package slog logs: what String returns.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText is what JSON and others write: what String returns.
func (c *Client) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
