package runtime

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

type fetchSizeKey struct{}

// WithFetchSize makes the queries that are streamed with ctx read through a
// cursor of the server, n rows at a time, as [Statement.Each] and generated
// methods do that return an iterator. Other statements are not concerned. An n
// of 0 or less takes it back.
//
// n rows are in memory at once, and each n rows take a round trip or two. The
// connection is free while the loop's body runs: in a transaction it can run
// other statements there, and leaving the loop early costs one round trip. A
// cursor needs a transaction. Unless there is one already, one is begun, which
// ends with the loop: COMMIT after the last row, ROLLBACK when the loop is left
// early. All rows are of the moment at which the loop began.
//
// Only SELECT, VALUES, TABLE and WITH without a part that writes can be read so;
// others are an error. PostgreSQL plans a cursor for fast first rows
// (cursor_tuple_fraction).
func WithFetchSize(ctx context.Context, n int) context.Context {
	return context.WithValue(ctx, fetchSizeKey{}, n)
}

func fetchSize(ctx context.Context) int {
	n, _ := ctx.Value(fetchSizeKey{}).(int)
	return n
}

// reading is a query whose rows can be read through a cursor.
type reading[T any] struct {
	name, sql string
	// formats are the result's, nil for pgx's own choice.
	formats any
	// read appends all rows to batch, which is n at most.
	read func(rows pgx.Rows, n int, batch []T) ([]T, error)
}

// stream calls yield with the rows. To an observer it is one operation.
//
// A portal of the protocol would do without DECLARE and FETCH, but pgx always
// executes one to its end; to go around it is to lose its handling of
// parameters, contexts, tracers and exec modes.
func (s *reading[T]) stream(ctx context.Context, db Querier, n int, args []any, yield func(T, error) bool) (err error) {
	var w *watch
	if t, ok := db.(through); ok {
		db, w = t.target()
	}
	if w != nil {
		c, rows, each := w.start(ctx, OpQuery, s.name), int64(0), yield
		ctx = c.ctx
		yield = func(t T, err error) bool {
			rows++
			return each(t, err)
		}
		defer func() { err = c.end(rows, err) }()
	}
	return callError(ctx, OpQuery, s.name, s.readCursor(ctx, db, n, args, yield))
}

func (s *reading[T]) readCursor(ctx context.Context, db Querier, n int, args []any, yield func(T, error) bool) (err error) {
	if !canBeCursor(s.sql) {
		return errNoCursor
	}
	tx, err := cursorTx(ctx, db)
	if err != nil {
		return err
	}
	finished := false
	defer func() {
		if tx.begun == nil {
			return
		}
		if !finished {
			// Left early, or an error, or a panic: that is the news.
			ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
			defer stop()
			_ = tx.begun.Rollback(ctx)
		} else if failed := tx.begun.Commit(ctx); failed != nil {
			err = failed
		}
	}()
	c, err := declare(ctx, tx, s.sql, args)
	if err != nil {
		return err
	}
	defer c.close(ctx)
	var batch []T
	for {
		clear(batch)
		err := c.limited(ctx, func() error {
			batch, err = s.fetch(ctx, c, n, batch[:0])
			return err
		})
		if err != nil {
			return err
		}
		for _, t := range batch {
			if !yield(t, nil) {
				return nil
			}
		}
		if len(batch) < n {
			finished = true
			return nil
		}
	}
}

var errNoCursor = errors.New("only SELECT, VALUES, TABLE and WITH can be read through a cursor; " +
	"call it with WithFetchSize(ctx, 0)")

// cursorIn is where a cursor lives: in a transaction.
type cursorIn struct {
	db Querier
	// conn is its connection, nil if it cannot be known.
	conn *pgx.Conn
	// begun is the transaction if it was begun for the cursor.
	begun pgx.Tx
}

// cursorTx begins a transaction, unless db is in one.
func cursorTx(ctx context.Context, db Querier) (cursorIn, error) {
	in := cursorIn{db: db}
	switch db := db.(type) {
	case *guarded:
		in.conn = db.tx.Conn()
		return in, nil
	case pgx.Tx:
		in.conn = db.Conn()
		return in, nil
	case *pgx.Conn:
		in.conn = db
	case *pgxpool.Conn:
		in.conn = db.Conn()
	}
	if in.conn != nil && in.conn.PgConn().TxStatus() != 'I' {
		return in, nil
	}
	b, ok := db.(Beginner)
	if !ok {
		return in, nil // the server knows whether it is in a transaction
	}
	tx, err := b.BeginTx(ctx, pgx.TxOptions{})
	if err != nil {
		return in, err
	}
	return cursorIn{db: tx, conn: tx.Conn(), begun: tx}, nil
}

// cursor is a cursor of the server.
type cursor struct {
	in   cursorIn
	name string
	// number is that of the name, 0 if it is not one of the connection's.
	number int
	// mode is how its statements are sent: never from a cache, since the same
	// FETCH means other columns next time.
	mode pgx.QueryExecMode
}

func declare(ctx context.Context, in cursorIn, sql string, args []any) (*cursor, error) {
	c := &cursor{in: in, mode: pgx.QueryExecModeDescribeExec}
	if in.conn != nil {
		switch m := in.conn.Config().DefaultQueryExecMode; m {
		case pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
			c.mode = m
		}
	}
	c.takeName()
	options := make([]any, 1, 1+len(args))
	options[0] = c.mode
	err := c.limited(ctx, func() error {
		return run(ctx, in.db, "declare "+c.name+" no scroll cursor for "+sql, append(options, args...)...)
	})
	if err != nil {
		c.freeName()
		var e *pgconn.PgError
		if errors.As(err, &e) && e.Code == "25P01" {
			return nil, fmt.Errorf("a cursor needs a transaction, and %T cannot begin one: pass one, or what has BeginTx: %w", in.db, err)
		}
		return nil, err
	}
	return c, nil
}

// fetch appends the next rows to batch, n unless the cursor is at its end.
func (s *reading[T]) fetch(ctx context.Context, c *cursor, n int, batch []T) ([]T, error) {
	options := make([]any, 1, 2)
	options[0] = c.mode
	if s.formats != nil {
		options = append(options, s.formats)
	}
	rows, err := c.in.db.Query(ctx, "fetch forward "+strconv.Itoa(n)+" from "+c.name, options...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	batch, err = s.read(rows, n, batch)
	if err != nil {
		return nil, err
	}
	return batch, rows.Err()
}

// roomFor makes room for one more of at most n rows.
func roomFor[T any](batch []T, n int) []T {
	if len(batch) < cap(batch) {
		return batch
	}
	larger := make([]T, len(batch), min(n, max(2*cap(batch), 16)))
	copy(larger, batch)
	return larger
}

// reading returns the statement as one to read through a cursor.
func (s *Statement[T]) reading() *reading[T] {
	return &reading[T]{name: s.Name, sql: s.SQL, formats: s.shape.resultFormats(s.Columns), read: s.readAll}
}

func (s *Statement[T]) readAll(rows pgx.Rows, n int, batch []T) ([]T, error) {
	r := s.row(rows, true)
	if r.err != nil {
		return nil, r.err
	}
	for rows.Next() {
		batch = roomFor(batch, n)
		batch = batch[:len(batch)+1]
		if s.decode(&batch[len(batch)-1], r); r.err != nil {
			return nil, r.err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	s.release(r)
	return batch, nil
}

// limited runs one of the cursor's statements with the timeout that ctx has, if
// any. The statements of the loop's body are not concerned.
func (c *cursor) limited(ctx context.Context, statement func() error) error {
	d, ok := timeoutOf(ctx)
	if !ok {
		return statement()
	}
	l, err := newLimit(ctx, d)
	if err != nil {
		return err
	}
	if err := run(ctx, c.in.db, swapTimeout, c.mode, l.setting()); err != nil {
		return l.explain(err)
	}
	if err := statement(); err != nil {
		return l.explain(err) // the setting ends with the transaction
	}
	return l.explain(run(ctx, c.in.db, restoreTimeout, c.mode))
}

// closeTimeout is how long closing a cursor may take when nobody waits for its
// rows any more.
const closeTimeout = 5 * time.Second

// close closes the cursor, unless the end of its transaction does.
func (c *cursor) close(ctx context.Context) {
	c.freeName()
	conn := c.in.conn
	if c.in.begun != nil || conn != nil && (conn.IsClosed() || conn.PgConn().TxStatus() != 'T') {
		return
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer stop()
	_ = run(ctx, c.in.db, "close "+c.name, c.mode) // the transaction's next statement shows what is wrong with it
}

// run runs a statement that returns no rows through a Query method.
func run(ctx context.Context, db Querier, sql string, args ...any) error {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	rows.Close()
	return rows.Err()
}

// cursorNames is the key of a connection's custom data under which the numbers
// of its cursors are, one bit each.
const cursorNames = "github.com/pgwright/pgwright/runtime.cursors"

// takeName gives the cursor a name that no other one has. The names are few and
// the same every time, for what counts statements by their text.
func (c *cursor) takeName() {
	if c.in.conn != nil {
		data := c.in.conn.PgConn().CustomData()
		taken, _ := data[cursorNames].(uint64)
		if free := bits.TrailingZeros64(^taken); free < 64 {
			data[cursorNames] = taken | 1<<free
			c.number = free + 1
			c.name = fmt.Sprintf("pgwright_cursor_%d", c.number)
			return
		}
	}
	c.name = fmt.Sprintf("pgwright_cursor_%p", c)
}

func (c *cursor) freeName() {
	if c.number == 0 {
		return
	}
	data := c.in.conn.PgConn().CustomData()
	taken, _ := data[cursorNames].(uint64)
	data[cursorNames] = taken &^ (1 << (c.number - 1))
	c.number = 0
}
