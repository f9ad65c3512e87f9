package runtime

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/runtime/internal/structs"
)

// All returns all rows, nil if there are none. See [One] for what T can be.
func All[T any](ctx context.Context, db Querier, sql string, args ...any) ([]T, error) {
	rows, err := query(ctx, db, "", sql, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	err = scanRows(rows, rowReader[T], func(t *T) bool {
		all = append(all, *t)
		return true
	})
	if err != nil {
		return nil, callError(ctx, OpQuery, "", err)
	}
	return trim(all), nil
}

// One returns the first row. Without one the error is [ErrNoRows]. More rows
// are ignored, as by a generated method of a query for one row.
//
// T is a struct, with a field for each column and a column for each field, by
// the name in its tag, `db:"placed_at"`, or else its own, without regard to case
// and underscores; `db:"-"` leaves a field out, and the fields of embedded
// structs count as the struct's. Or T is a pointer to a struct, a
// map[string]any, a type that implements [pgx.RowScanner], or whatever pgx can
// scan the only column into, such as a string, a time.Time or, for a column that
// can be NULL, a pointer to one.
func One[T any](ctx context.Context, db Querier, sql string, args ...any) (T, error) {
	return one(ctx, db, sql, args, rowReader[T])
}

// Value returns the only column of the first row. Without a row the error is
// [ErrNoRows]; another number of columns is an error. T can be a struct too: for
// a column of type json, for instance.
func Value[T any](ctx context.Context, db Querier, sql string, args ...any) (T, error) {
	return one(ctx, db, sql, args, valueReader[T])
}

// First returns the first row, or nil if there is none. More rows are ignored.
// See [One] for what T can be.
func First[T any](ctx context.Context, db Querier, sql string, args ...any) (*T, error) {
	return first(ctx, db, sql, args, rowReader[T])
}

// Iter streams the rows. An error is the last pair, with the zero value. The
// sequence can be used again, and then runs the statement again. The connection
// is busy until the loop ends; leaving it early and [WithFetchSize] do what they
// do to [Statement.Each]. See [One] for what T can be.
func Iter[T any](ctx context.Context, db Querier, sql string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := stream(ctx, db, sql, args, yield); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

func stream[T any](ctx context.Context, db Querier, sql string, args []any, yield func(T, error) bool) error {
	if n := fetchSize(ctx); n > 0 {
		r := &reading[T]{sql: sql, read: readBatch[T]}
		return r.stream(ctx, db, n, args, yield)
	}
	rows, err := queryWith(ctx, db, "", sql, args, true)
	if err != nil {
		return err
	}
	ended := false
	defer func() {
		if !ended { // left early, or a panic, or runtime.Goexit
			leave(ctx, rows, sql)
		}
	}()
	left := false
	err = scanRows(rows, rowReader[T], func(t *T) bool {
		left = !yield(*t, nil)
		return !left
	})
	if left {
		return nil
	}
	ended = err == nil
	return callError(ctx, OpQuery, "", err)
}

// readBatch appends all rows to batch, which is n at most.
func readBatch[T any](rows pgx.Rows, n int, batch []T) ([]T, error) {
	err := scanRows(rows, rowReader[T], func(t *T) bool {
		batch = append(roomFor(batch, n), *t)
		return true
	})
	return batch, err
}

// Exec runs a statement and returns the number of rows that it affected.
func Exec(ctx context.Context, db Execer, sql string, args ...any) (int64, error) {
	tag, err := exec(ctx, db, "", sql, args)
	if err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}

// What one batch of [ExecMany] holds at most.
const (
	execManyRows  = 1000
	execManyBytes = 4 << 20
)

// ExecMany runs a statement with each of the arguments that rows, a
// [][]any or an [iter.Seq] of []any, has, and returns the sum of the rows that
// were affected.
//
// The statements go out in batches of 1000, or fewer if their strings and bytes
// are more than 4 MiB together, each in one round trip. A batch takes place as a
// whole or, if one of its statements fails, not at all; the batches before it
// stay, and the number returned is theirs. In a transaction, nothing is kept.
// The error says which row it was.
//
// rows must not use db if that is a single connection or a transaction.
func ExecMany[R [][]any | iter.Seq[[]any]](ctx context.Context, db BatchSender, sql string, rows R) (int64, error) {
	var all iter.Seq[[]any]
	switch rows := any(rows).(type) {
	case [][]any:
		all = func(yield func([]any) bool) {
			for _, row := range rows {
				if !yield(row) {
					return
				}
			}
		}
	case iter.Seq[[]any]:
		all = rows
	}
	var affected int64
	sent, size := 0, 0
	batch := &pgx.Batch{}
	send := func() error {
		n, err := sendAll(ctx, db, batch, sent)
		if err != nil {
			return err
		}
		affected += n
		sent += batch.Len()
		batch, size = &pgx.Batch{}, 0
		return nil
	}
	for args := range all {
		batch.Queue(sql, args...)
		if size += sizeOf(args); batch.Len() < execManyRows && size < execManyBytes {
			continue
		}
		if err := send(); err != nil {
			return affected, err
		}
	}
	if batch.Len() == 0 {
		return affected, nil
	}
	err := send()
	return affected, err
}

// sizeOf is the size of what can be large.
func sizeOf(args []any) int {
	n := 0
	for _, arg := range args {
		switch arg := arg.(type) {
		case string:
			n += len(arg)
		case []byte:
			n += len(arg)
		}
	}
	return n
}

// sendAll sends a batch after sent rows in others.
func sendAll(ctx context.Context, db BatchSender, b *pgx.Batch, sent int) (affected int64, err error) {
	results := sendBatch(ctx, db, "", b)
	rows := b.Len()
	for i := range rows {
		tag, err := results.Exec()
		if err != nil {
			_ = results.Close() // the same error
			return 0, rowsError(ctx, sent+1+i, sent+rows, err)
		}
		affected += tag.RowsAffected()
	}
	if err := results.Close(); err != nil {
		return 0, rowsError(ctx, sent+1, sent+rows, err)
	}
	return affected, nil
}

// rowsError says which row failed, as far as that is known: an error that is
// not the server's can be of any row of the batch.
func rowsError(ctx context.Context, from, to int, err error) error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // only the outermost layer counts
		err = e.Err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) || from == to {
		return callError(ctx, OpBatch, "", fmt.Errorf("row %d: %w", from, err))
	}
	return callError(ctx, OpBatch, "", fmt.Errorf("rows %d to %d: %w", from, to, err))
}

func one[T any](ctx context.Context, db Querier, sql string, args []any, read newReader[T]) (T, error) {
	t, err := first(ctx, db, sql, args, read)
	if err == nil && t == nil {
		err = callError(ctx, OpQuery, "", ErrNoRows)
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return *t, nil
}

func first[T any](ctx context.Context, db Querier, sql string, args []any, read newReader[T]) (*T, error) {
	rows, err := query(ctx, db, "", sql, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var first *T
	err = scanRows(rows, read, func(t *T) bool {
		first = t
		return false
	})
	if err == nil {
		// An error can come after the first row.
		rows.Close()
		err = rows.Err()
	}
	if err != nil {
		return nil, callError(ctx, OpQuery, "", err)
	}
	return first, nil
}

// scanRows calls f with each row, whose place the next one takes, until f
// returns false. The rows are not closed then.
func scanRows[T any](rows pgx.Rows, read newReader[T], f func(*T) bool) error {
	var scan func(*T) error
	var err error
	t := new(T)
	for rows.Next() {
		if scan == nil {
			if scan, err = read(rows); err != nil {
				return err
			}
		}
		var zero T
		*t = zero
		if err := scan(t); err != nil {
			return err
		}
		if !f(t) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if scan == nil {
		// A result that does not fit is found without a row as well.
		_, err = read(rows)
	}
	return err
}

// newReader returns how to read a row of rows, whose columns are known.
type newReader[T any] func(rows pgx.Rows) (func(*T) error, error)

var errNoColumns = errors.New("the statement returns no columns: use Exec, or add RETURNING")

// rowReader reads a row into whatever T is.
func rowReader[T any](rows pgx.Rows) (func(*T) error, error) {
	if _, ok := any((*T)(nil)).(pgx.RowScanner); ok {
		return func(t *T) error { return scanInto(rows, t) }, nil
	}
	columns := columnNames(rows)
	if len(columns) == 0 {
		return nil, errNoColumns
	}
	if _, ok := any((*T)(nil)).(*map[string]any); ok {
		return func(t *T) (err error) {
			*any(t).(*map[string]any), err = pgx.RowToMap(rows) //nolint:errcheck // it is one
			return err
		}, structs.Distinct(columns)
	}
	layout, ok, err := structs.Of[T]()
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return valueReader[T](rows)
	}
	targets, err := layout.Match(columns)
	if err != nil {
		return nil, err
	}
	pointers := make([]any, len(columns))
	return func(t *T) error {
		targets.Point(t, pointers)
		return scanInto(rows, pointers...)
	}, nil
}

// valueReader reads the only column.
func valueReader[T any](rows pgx.Rows) (func(*T) error, error) {
	switch columns := columnNames(rows); len(columns) {
	case 0:
		return nil, errNoColumns
	case 1:
		pointer := make([]any, 1)
		return func(t *T) error {
			pointer[0] = t
			return scanInto(rows, pointer...)
		}, nil
	default:
		return nil, fmt.Errorf("one value of type %s is asked for, the result has %d columns: %s",
			pointsTo((*T)(nil)), len(columns), strings.Join(columns, ", "))
	}
}

func columnNames(rows pgx.Rows) []string {
	fields := rows.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// pointsTo is the type that a pointer points to.
func pointsTo(pointer any) string { return strings.TrimPrefix(fmt.Sprintf("%T", pointer), "*") }

// scanInto reads the current row. The error names the column.
func scanInto(rows pgx.Rows, pointers ...any) error {
	values := rows.RawValues() // gone after an error
	err := rows.Scan(pointers...)
	if err == nil {
		return nil
	}
	var scan pgx.ScanArgError
	if !errors.As(err, &scan) {
		return err
	}
	cause := scan.Err
	if i := scan.ColumnIndex; i < len(values) && i < len(pointers) && values[i] == nil {
		have := pointsTo(pointers[i])
		cause = fmt.Errorf("NULL does not fit %s, use *%s: %w", have, have, cause)
	}
	kind, state := classify(cause)
	return &Error{Op: OpQuery, Column: scan.FieldName, Kind: kind, SQLState: state, Err: cause}
}
