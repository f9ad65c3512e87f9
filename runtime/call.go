package runtime

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// through is implemented by what runs statements on something else: a client
// on its pool, a transaction on pgx's. Statements go to the target, and
// whoever watches is told here, once.
type through interface {
	target() (DB, *watch)
}

// watch says who wants to know of operations. Where nobody does it is nil, and
// nothing is paid for.
type watch struct {
	// observer is nil where only a tracer of pgx's wants to know the query.
	observer Observer
}

// newWatch returns the watch for an observer, which can be nil, and for
// tracers.
func newWatch(observer Observer, traced bool) *watch {
	if observer == nil && !traced {
		return nil
	}
	return &watch{observer: observer}
}

// watchOf returns who watches db, nil if nobody does.
func watchOf(db any) *watch {
	if t, ok := db.(through); ok {
		_, w := t.target()
		return w
	}
	return nil
}

// query starts a statement that returns rows. Every such statement starts
// here.
func query(ctx context.Context, db Querier, name, sql string, args []any) (pgx.Rows, error) {
	return queryWith(ctx, db, name, sql, args, false)
}

// queryWith is query, for rows that [leave] ends if need be when hold is true.
func queryWith(ctx context.Context, db Querier, name, sql string, args []any, hold bool) (pgx.Rows, error) {
	var w *watch
	if t, ok := db.(through); ok {
		db, w = t.target()
	}
	if _, limited := timeoutOf(ctx); hold && !limited {
		db = holding(db)
	}
	if w == nil {
		rows, err := startQuery(ctx, db, sql, args)
		return rows, callError(ctx, OpQuery, name, err)
	}
	c := w.start(ctx, OpQuery, name)
	rows, err := startQuery(c.ctx, db, sql, args)
	if err != nil {
		err = c.end(0, err)
		return &watchedRows{Rows: rows, ended: true, err: err}, err
	}
	return &watchedRows{Rows: rows, call: c}, nil
}

// exec runs a statement that returns no rows. Every such statement starts
// here.
func exec(ctx context.Context, db Execer, name, sql string, args []any) (pgconn.CommandTag, error) {
	var w *watch
	if t, ok := db.(through); ok {
		db, w = t.target()
	}
	if w == nil {
		tag, err := startExec(ctx, db, sql, args)
		return tag, callError(ctx, OpExec, name, err)
	}
	c := w.start(ctx, OpExec, name)
	tag, err := startExec(c.ctx, db, sql, args)
	return tag, c.end(tag.RowsAffected(), err)
}

// sendBatch sends a batch. Every batch is sent here. The results report
// [*Error]s if somebody watches; otherwise whoever reads them sees to that.
func sendBatch(ctx context.Context, db BatchSender, name string, b *pgx.Batch) pgx.BatchResults {
	var w *watch
	if t, ok := db.(through); ok {
		db, w = t.target()
	}
	if w == nil {
		return startBatch(ctx, db, b)
	}
	c := w.start(ctx, OpBatch, name)
	return &watchedBatch{BatchResults: startBatch(c.ctx, db, b), call: c}
}

// The start functions send what somebody may watch, with its timeout.

func startQuery(ctx context.Context, db Querier, sql string, args []any) (pgx.Rows, error) {
	d, ok := timeoutOf(ctx)
	if !ok {
		return db.Query(ctx, sql, args...)
	}
	l, err := newLimit(ctx, d)
	if err != nil {
		return failedRows{err: err}, err
	}
	return l.query(db, sql, args)
}

func startExec(ctx context.Context, db Execer, sql string, args []any) (pgconn.CommandTag, error) {
	d, ok := timeoutOf(ctx)
	if !ok {
		return db.Exec(ctx, sql, args...)
	}
	l, err := newLimit(ctx, d)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	return l.exec(db, sql, args)
}

func startBatch(ctx context.Context, db BatchSender, b *pgx.Batch) pgx.BatchResults {
	d, ok := timeoutOf(ctx)
	if !ok {
		return db.SendBatch(ctx, b)
	}
	l, err := newLimit(ctx, d)
	if err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	return l.sendBatch(db, b)
}

// startCopy runs copy, which is to use the Copier that it gets, with the timeout
// of ctx. loads is true if it sends data to the server.
func startCopy(ctx context.Context, db Copier, loads bool, copy func(db Copier) (int64, error)) (int64, error) {
	if d, ok := timeoutOf(ctx); ok {
		return limitCopy(ctx, db, d, copy)
	}
	if loads {
		return encloseCopy(ctx, db, copy)
	}
	return copy(db)
}

// observed runs an operation that has no rows to read, such as a commit, and
// tells w, which can be nil, of it.
func observed(ctx context.Context, w *watch, op, name string, f func(ctx context.Context) (rows int64, err error)) error {
	if w == nil {
		_, err := f(ctx)
		return callError(ctx, op, name, err)
	}
	c := w.start(ctx, op, name)
	rows, err := f(c.ctx)
	return c.end(rows, err)
}

// call is an operation that is watched.
type call struct {
	// outer is the caller's context, ctx has the call too.
	outer, ctx context.Context //nolint:containedctx // of one call
	observer   Observer
	op, query  string
	start      time.Time
}

// callKey is the context's key of the call that it belongs to.
type callKey struct{}

// callOf returns the call that is watched under ctx, or nil.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

func (w *watch) start(ctx context.Context, op, query string) *call {
	c := &call{outer: ctx, observer: w.observer, op: op, query: query}
	c.ctx = context.WithValue(ctx, callKey{}, c)
	if w.observer != nil {
		c.start = time.Now()
	}
	return c
}

// connecting returns a context under which new connections are observed, but
// nothing else is. The watch can be nil.
func (w *watch) connecting(ctx context.Context) context.Context {
	if w == nil {
		return ctx
	}
	return w.start(ctx, OpConnect, "").ctx
}

// end tells the observer of the end, and returns the error as an [*Error].
func (c *call) end(rows int64, err error) error {
	err = callError(c.outer, c.op, c.query, err)
	if c.observer == nil {
		return err
	}
	seen := err
	if errors.Is(err, ErrNoRows) {
		seen = nil
	}
	c.observer.Observe(c.outer, Event{
		Op: c.op, Query: c.query, Start: c.start, Duration: time.Since(c.start), Rows: rows, Err: seen,
	})
	return err
}

// watchedRows are rows whose end is observed.
type watchedRows struct {
	pgx.Rows
	call *call
	// row is what reads the rows, if it is this package: an error of it is one
	// of the operation.
	row *Row
	// unread is the error of a row that could not be read.
	unread error
	count  int64
	ended  bool
	err    error
	// left is true if the caller wanted no more rows: what became of the rest
	// is no error then.
	left bool
}

// Next ends the operation after the last row.
func (r *watchedRows) Next() bool {
	if r.ended {
		return false
	}
	if !r.Rows.Next() {
		r.end()
		return false
	}
	r.count++
	return true
}

// Close ends the operation.
func (r *watchedRows) Close() {
	if !r.ended {
		r.Rows.Close()
		r.end()
	}
}

// Err returns an [*Error].
func (r *watchedRows) Err() error {
	if r.ended {
		return r.err
	}
	return callError(r.call.outer, r.call.op, r.call.query, r.Rows.Err())
}

// Scan returns an [*Error], and the observer sees it.
func (r *watchedRows) Scan(dest ...any) error { return r.failed(r.Rows.Scan(dest...)) }

// Values returns an [*Error], and the observer sees it.
func (r *watchedRows) Values() ([]any, error) {
	values, err := r.Rows.Values()
	return values, r.failed(err)
}

func (r *watchedRows) failed(err error) error {
	err = callError(r.call.outer, r.call.op, r.call.query, err)
	if r.unread == nil {
		r.unread = err
	}
	return err
}

func (r *watchedRows) end() {
	if r.ended {
		return
	}
	r.ended = true
	rows := r.count
	if tag := r.CommandTag(); !tag.Select() && rows == 0 {
		rows = tag.RowsAffected()
	}
	if !r.left {
		r.err = callError(r.call.outer, r.call.op, r.call.query, r.Rows.Err())
	}
	seen := cmp.Or(r.err, r.unread)
	if seen == nil && r.row != nil {
		seen = r.row.err
	}
	r.row = nil
	_ = r.call.end(rows, seen) // is r.err, or what the reader of the rows returns
}

// watchedBatch is a batch whose end is observed.
type watchedBatch struct {
	pgx.BatchResults
	call  *call
	rows  int64
	err   error
	ended bool
}

// note keeps the first error.
func (b *watchedBatch) note(err error) error {
	err = callError(b.call.outer, b.call.op, b.call.query, err)
	if b.err == nil {
		b.err = err
	}
	return err
}

// Exec reads the outcome of a command.
func (b *watchedBatch) Exec() (pgconn.CommandTag, error) {
	tag, err := b.BatchResults.Exec()
	b.rows += tag.RowsAffected()
	return tag, b.note(err)
}

// Query reads the rows of a query.
func (b *watchedBatch) Query() (pgx.Rows, error) {
	rows, err := b.BatchResults.Query()
	return &batchRows{Rows: rows, batch: b}, b.note(err)
}

// QueryRow reads the first row of a query.
func (b *watchedBatch) QueryRow() pgx.Row {
	rows, err := b.Query()
	return row{rows: rows, op: OpBatch, err: err}
}

// Close ends the batch.
func (b *watchedBatch) Close() error {
	err := b.note(b.BatchResults.Close())
	if !b.ended {
		b.ended = true
		_ = b.call.end(b.rows, b.err) // returned by whoever read it
	}
	return err
}

// batchRows are the rows of one query of a batch that is watched.
type batchRows struct {
	pgx.Rows
	batch *watchedBatch
	row   *Row
	ended bool
}

// Next counts.
func (r *batchRows) Next() bool {
	if !r.Rows.Next() {
		r.end()
		return false
	}
	r.batch.rows++
	return true
}

// Err returns an [*Error].
func (r *batchRows) Err() error { return r.batch.note(r.Rows.Err()) }

// Close notes what failed.
func (r *batchRows) Close() {
	r.Rows.Close()
	r.end()
}

func (r *batchRows) end() {
	if r.ended {
		return
	}
	r.ended = true
	if r.Err() == nil && r.row != nil {
		_ = r.batch.note(r.row.err) // returned by whoever reads the rows
	}
	r.row = nil
}

// readBy tells watched rows who decodes them.
func readBy(rows pgx.Rows, r *Row) {
	switch rows := rows.(type) {
	case *watchedRows:
		rows.row = r
	case *batchRows:
		rows.row = r
	}
}

// The statements that a [*Tx] or a client is given directly have no name, and
// their results report [*Error]s whether somebody watches or not.

// queryRows starts a statement that returns rows.
func queryRows(ctx context.Context, db Querier, sql string, args []any) (pgx.Rows, error) {
	rows, err := query(ctx, db, "", sql, args)
	if _, ok := rows.(*watchedRows); ok {
		return rows, err
	}
	return &errorRows{Rows: rows, ctx: ctx, op: OpQuery}, err
}

// queryRow starts a statement that returns one row.
func queryRow(ctx context.Context, db Querier, sql string, args []any) pgx.Row {
	rows, err := queryRows(ctx, db, sql, args)
	return row{rows: rows, op: OpQuery, err: err}
}

// queryBatch sends a batch.
func queryBatch(ctx context.Context, db BatchSender, b *pgx.Batch) pgx.BatchResults {
	results := sendBatch(ctx, db, "", b)
	if _, ok := results.(*watchedBatch); ok {
		return results
	}
	return &errorBatch{BatchResults: results, ctx: ctx}
}

// copyRows loads rows with pgx's COPY.
func copyRows(ctx context.Context, db Copier, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (n int64, err error) {
	var w *watch
	if t, ok := db.(through); ok {
		db, w = t.target()
	}
	err = observed(ctx, w, OpCopy, "", func(ctx context.Context) (int64, error) {
		n, err = startCopy(ctx, db, true, func(db Copier) (int64, error) {
			return db.CopyFrom(ctx, table, columns, rows)
		})
		return n, err
	})
	return n, err
}

// errorRows are rows whose errors are [*Error]s.
type errorRows struct {
	pgx.Rows
	ctx context.Context //nolint:containedctx // of one call
	op  string
}

// Err returns an [*Error].
func (r *errorRows) Err() error { return callError(r.ctx, r.op, "", r.Rows.Err()) }

// Scan returns an [*Error].
func (r *errorRows) Scan(dest ...any) error {
	return callError(r.ctx, r.op, "", r.Rows.Scan(dest...))
}

// Values returns an [*Error].
func (r *errorRows) Values() ([]any, error) {
	values, err := r.Rows.Values()
	return values, callError(r.ctx, r.op, "", err)
}

// errorBatch is a batch whose errors are [*Error]s.
type errorBatch struct {
	pgx.BatchResults
	ctx context.Context //nolint:containedctx // of one call
}

// Exec returns an [*Error].
func (b *errorBatch) Exec() (pgconn.CommandTag, error) {
	tag, err := b.BatchResults.Exec()
	return tag, callError(b.ctx, OpBatch, "", err)
}

// Query returns an [*Error].
func (b *errorBatch) Query() (pgx.Rows, error) {
	rows, err := b.BatchResults.Query()
	return &errorRows{Rows: rows, ctx: b.ctx, op: OpBatch}, callError(b.ctx, OpBatch, "", err)
}

// QueryRow returns an [*Error].
func (b *errorBatch) QueryRow() pgx.Row {
	rows, err := b.Query()
	return row{rows: rows, op: OpBatch, err: err}
}

// Close returns an [*Error].
func (b *errorBatch) Close() error {
	return callError(b.ctx, OpBatch, "", b.BatchResults.Close())
}

// row is the first row of rows, as pgx's QueryRow returns it.
type row struct {
	rows pgx.Rows
	op   string
	err  error
}

var errDriverBytes = errors.New("cannot scan into *pgtype.DriverBytes from QueryRow: the bytes are gone when it returns")

// Scan reads the row and closes the rows.
func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	for _, d := range dest {
		if _, ok := d.(*pgtype.DriverBytes); ok {
			return callError(context.Background(), r.op, "", errDriverBytes)
		}
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return &Error{Op: r.op, Kind: KindNoRows, Err: ErrNoRows}
	}
	if err := r.rows.Scan(dest...); err != nil {
		return callError(context.Background(), r.op, "", err)
	}
	r.rows.Close()
	return r.rows.Err()
}
