package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrNoRows is the error of a query for one row that found none. It is
// [pgx.ErrNoRows], and errors.Is finds [sql.ErrNoRows] in it too.
//
// [sql.ErrNoRows]: https://pkg.go.dev/database/sql#ErrNoRows
var ErrNoRows = pgx.ErrNoRows

// ErrBatchAlreadyClosed is what the remaining callbacks of a batch get after
// its Close.
var ErrBatchAlreadyClosed = errors.New("batch already closed")

// Error is what every error of this package is. errors.Is finds the error of
// its [Kind] in it, and errors.As pgx's own, which it unwraps to.
type Error struct {
	// Op is what was done, one of the Op constants, or empty.
	Op string
	// Query is the name of the generated query, or empty.
	Query string
	// Column is the column that could not be read or written, or empty.
	Column string
	// Line is the line of the data that a COPY could not load, counted from 1 and
	// with the header; of binary data, and of rows of a typed COPY, it is the
	// number of the row. It is 0 if the server does not say it in English, or the
	// error is not about a line.
	Line int64
	// Kind is what can be done about it.
	Kind Kind
	// SQLState is the server's five characters, empty if the error is not the
	// server's.
	SQLState string
	// Err is the cause, never nil: pgx's error, a [*DriftError], or one of
	// this package's own.
	Err error
}

// Error says the query (without one, what was done), the line, the column and
// the cause, in this order.
func (e *Error) Error() string {
	var b strings.Builder
	if name := cmp.Or(e.Query, e.Op); name != "" {
		b.WriteString(name)
		b.WriteString(": ")
	}
	if e.Line != 0 {
		b.WriteString("line ")
		b.WriteString(strconv.FormatInt(e.Line, 10))
		b.WriteString(": ")
	}
	if e.Column != "" {
		b.WriteString(`column "`)
		b.WriteString(e.Column)
		b.WriteString(`": `)
	}
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the error of e's kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(kindError)
	return ok && kind.kind == e.Kind
}

// queryError wraps an error with the query's name unless it already carries
// one.
func queryError(query string, err error) error {
	return callError(context.Background(), "", query, err)
}

// callError is queryError for an operation under ctx.
func callError(ctx context.Context, op, query string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*Error); ok { //nolint:errorlint // only the outermost layer counts
		switch {
		case e.Op != "" || op == "" && e.Query != "":
			return e
		default:
			named := *e
			named.Op, named.Query = op, cmp.Or(e.Query, query)
			return &named
		}
	}
	if isStale(err) {
		err = fmt.Errorf("the columns of the result have changed since this connection prepared the query; "+
			"the next call prepares it again and, if the code does not fit any more, says so: then run pgwright generate: %w", err)
	}
	err = ended(ctx, err)
	kind, state := classify(err)
	return &Error{Op: op, Query: query, Kind: kind, SQLState: state, Err: err}
}

// ended makes the server's answer to the cancellation of a statement say so if
// it is the end of ctx that cancelled it.
func ended(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	if e := new(pgconn.PgError); errors.As(err, &e) && e.Code == "57014" {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

// isStale reports whether the server refused a prepared statement because a
// change of the schema gave its result other columns. The SQLSTATE says no more
// than that a feature is not supported, and the message is translated, so the
// place in PostgreSQL's source is what tells (src/backend/utils/cache/plancache.c).
func isStale(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "0A000" && pg.Routine == "RevalidateCachedQuery"
}

var (
	errNull = errors.New("null in a column generated as not null; " +
		`if NULL is right there, generate again with "-- column: … nullable" or a changed schema`)
	errNullElement = errors.New("null in an array whose elements are generated as not null; " +
		"generate the column with nullable elements")
	errNullBound   = errors.New("null as the bound of a range")
	errTooFew      = errors.New("the generated code reads more values than there are")
	errTruncated   = errors.New("value is truncated")
	errTrailing    = errors.New("value has trailing bytes")
	errNotHost     = errors.New("a network does not fit netip.Addr; override the column's Go type with netip.Prefix")
	errInfinity    = errors.New("infinity does not fit time.Time; override the column's Go type with one of pgtype's")
	errElementRead = errors.New("an array element was not read by its decoder")
)

const hintGenerate = `run "pgwright generate"`

var (
	errDateStyle     = errors.New("only DateStyle ISO can be read in the text format: set datestyle = 'ISO'")
	errIntervalStyle = errors.New("only IntervalStyle postgres can be read in the text format: set intervalstyle = 'postgres'")
)
