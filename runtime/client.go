package runtime

import (
	"context"
	"database/sql"
	"database/sql/driver"
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
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrClosed is the error of everything that is asked of a [Client] after its
// Close.
var ErrClosed = errors.New("the client is closed")

// Client is a database to run statements on: a pool of connections, and who
// watches. It is a [DB], safe for concurrent use, and must be closed. However
// it is printed, nothing of its settings shows but the profile's name.
type Client struct {
	// profile is its name, or empty.
	profile string
	supply  *supply
	watch   *watch
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
// closing the client leaves the pool open. Of the options only [WithObserver]
// has an effect; the rest is decided by the pool.
func NewClient(pool *pgxpool.Pool, options ...Option) *Client {
	o := newOpening(options)
	return &Client{
		supply:  &supply{Pool: pool},
		watch:   newWatch(o.observer, pool.Config().ConnConfig.Tracer != nil),
		release: func() {},
	}
}

// target is what statements run on, and who watches.
func (c *Client) target() (DB, *watch) {
	if c.closed.Load() {
		return closedClient{c.closedError()}, c.watch
	}
	return c.supply, c.watch
}

// Pool returns the pool, for what pgx alone can do. It belongs to the client
// and must not be closed. What is changed in it is changed for all clients that
// share it.
func (c *Client) Pool() *pgxpool.Pool { return c.supply.Pool }

// SQL returns a [sql.DB] on the client's pool, for libraries that want one:
// each of its connections is taken from the pool while it is used. It is the
// same at each call, and is closed with the client.
func (c *Client) SQL() *sql.DB {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sql == nil {
		c.sql = sql.OpenDB(sqlConnector{stdlib.GetPoolConnector(c.supply.Pool), c})
		c.sql.SetMaxIdleConns(0) // the pool keeps the idle ones
		if c.closed.Load() {
			_ = c.sql.Close() // without connections there is nothing that fails
		}
	}
	return c.sql
}

// Close gives the pool back. The last client of a shared pool closes it, which
// waits until all its connections are back. Later calls do nothing.
func (c *Client) Close() {
	c.mu.Lock()
	if c.closed.Swap(true) {
		c.mu.Unlock()
		return
	}
	db := c.sql
	c.mu.Unlock()
	if db != nil {
		_ = db.Close() // gives connections back, which does not fail
	}
	c.release()
}

// Exec runs a statement that returns no rows.
func (c *Client) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return exec(ctx, c, "", sql, args)
}

// Query runs a statement that returns rows. They keep a connection until they
// are closed or read to the end.
func (c *Client) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return queryRows(ctx, c, sql, args)
}

// QueryRow runs a statement that returns one row. The row's Scan, which must be
// called, returns any error.
func (c *Client) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return queryRow(ctx, c, sql, args)
}

// SendBatch sends several statements in one round trip. The results must be
// closed.
func (c *Client) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return queryBatch(ctx, c, b)
}

// CopyFrom loads rows with COPY, encoded by pgx.
func (c *Client) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return copyRows(ctx, c, table, columns, rows)
}

// BeginTx begins a transaction of pgx. It keeps a connection until it is
// committed or rolled back; [Client.InTx] sees to that.
func (c *Client) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	if c.closed.Load() {
		return nil, callError(ctx, OpBegin, "", c.closedError())
	}
	tx, err := c.supply.BeginTx(ctx, options)
	return tx, callError(ctx, OpBegin, "", err)
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
	if c.closed.Load() {
		return callError(ctx, OpConnect, "", c.closedError())
	}
	conn, err := c.supply.Acquire(ctx)
	if err != nil {
		return callError(ctx, OpConnect, "", err)
	}
	defer conn.Release()
	return fn(conn.Conn())
}

// Ping makes a round trip to the server.
func (c *Client) Ping(ctx context.Context) error {
	return observed(ctx, c.watch, OpPing, "", func(ctx context.Context) (int64, error) {
		if c.closed.Load() {
			return 0, c.closedError()
		}
		conn, err := c.supply.Acquire(ctx)
		if err != nil {
			return 0, err
		}
		defer conn.Release()
		return 0, conn.Ping(ctx)
	})
}

// Stats returns the state of the pool at this moment.
func (c *Client) Stats() *pgxpool.Stat { return c.supply.Stat() }

func (c *Client) closedError() error { return fmt.Errorf("%s: %w", c, ErrClosed) }

// String says which client it is.
func (c *Client) String() string {
	if c == nil || c.profile == "" {
		return "runtime.Client"
	}
	return fmt.Sprintf("runtime.Client(%q)", c.profile)
}

// Format prints what String returns, whatever the verb.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, c.String()) // package fmt has no way to take an error
}

// LogValue logs what String returns.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText writes what String returns.
func (c *Client) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// sqlConnector takes the connections of a [sql.DB] from a client.
type sqlConnector struct {
	driver.Connector // to the client's pool
	client           *Client
}

// Connect takes a connection from the pool.
func (c sqlConnector) Connect(ctx context.Context) (driver.Conn, error) {
	if c.client.closed.Load() {
		return nil, c.client.closedError()
	}
	return attempt(ctx, &c.client.supply.retries, c.Connector.Connect)
}

// closedClient is the database of a closed client.
type closedClient struct{ err error }

// Exec returns the error.
func (c closedClient) Exec(context.Context, string, ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, c.err
}

// Query returns the error.
func (c closedClient) Query(context.Context, string, ...any) (pgx.Rows, error) {
	return failedRows(c), c.err
}

// QueryRow returns a row with the error.
func (c closedClient) QueryRow(context.Context, string, ...any) pgx.Row { return failedRows(c) }

// SendBatch returns results with the error.
func (c closedClient) SendBatch(_ context.Context, b *pgx.Batch) pgx.BatchResults {
	return pgx.FailedBatchResults(b, c.err)
}

// CopyFrom returns the error.
func (c closedClient) CopyFrom(context.Context, pgx.Identifier, []string, pgx.CopyFromSource) (int64, error) {
	return 0, c.err
}

// failedRows are the rows of a statement that was not sent.
type failedRows struct{ err error }

func (r failedRows) Close()                                       {}
func (r failedRows) Err() error                                   { return r.err }
func (r failedRows) CommandTag() pgconn.CommandTag                { return pgconn.CommandTag{} }
func (r failedRows) FieldDescriptions() []pgconn.FieldDescription { return nil }
func (r failedRows) Next() bool                                   { return false }
func (r failedRows) Scan(...any) error                            { return r.err }
func (r failedRows) Values() ([]any, error)                       { return nil, r.err }
func (r failedRows) RawValues() [][]byte                          { return nil }
func (r failedRows) Conn() *pgx.Conn                              { return nil }
func (r failedRows) TypeMap() *pgtype.Map                         { return nil }
