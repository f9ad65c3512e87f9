package runtime

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Statement is a query whose rows are decoded into values of type T. It must
// not be copied, nor its fields changed, after its first use.
type Statement[T any] struct {
	// Name is the query's name, for errors.
	Name string
	// SQL is the statement as it is sent.
	SQL string
	// Columns are those of the result, in order.
	Columns []Column
	// Decode reads one row, all its columns in order.
	Decode func(*T, *Row)
	// EmptySlices makes [Statement.All] and its siblings return an empty slice
	// where they return nil: when there are no rows.
	EmptySlices bool

	shape shape
	// expected is how many rows to make room for.
	expected atomic.Int64
}

// All returns all rows, nil if there are none.
func (s *Statement[T]) All(ctx context.Context, db Querier, args ...any) ([]T, error) {
	rows, err := s.query(ctx, db, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return s.collect(rows)
}

// collect reads all rows.
func (s *Statement[T]) collect(rows pgx.Rows) ([]T, error) {
	var all []T
	if s.EmptySlices {
		all = []T{}
	}
	r := Row{many: true}
	if err := s.start(&r, rows); err != nil {
		return nil, err
	}
	for rows.Next() {
		if len(all) == cap(all) {
			all = s.grow(all)
		}
		all = all[:len(all)+1]
		if !s.decode(&all[len(all)-1], &r, rows) {
			return nil, r.err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, queryError(s.Name, err)
	}
	s.remember(len(all))
	return trim(all), nil
}

// AllPointers is [Statement.All] with a pointer to each row.
func (s *Statement[T]) AllPointers(ctx context.Context, db Querier, args ...any) ([]*T, error) {
	all, err := s.All(ctx, db, args...)
	if all == nil || err != nil {
		return nil, err
	}
	pointers := make([]*T, len(all))
	for i := range all {
		pointers[i] = &all[i]
	}
	return pointers, nil
}

// One returns the first row. Without one the error is [ErrNoRows]. More rows
// are ignored.
func (s *Statement[T]) One(ctx context.Context, db Querier, args ...any) (T, error) {
	var t T
	found, err := s.first(ctx, db, &t, args)
	if err == nil && !found {
		err = &Error{Query: s.Name, Err: ErrNoRows}
	}
	if err != nil {
		var zero T
		return zero, err
	}
	return t, nil
}

// OnePointer is [Statement.One] with a pointer to the row, nil on an error.
func (s *Statement[T]) OnePointer(ctx context.Context, db Querier, args ...any) (*T, error) {
	t, err := s.Optional(ctx, db, args...)
	if err == nil && t == nil {
		err = &Error{Query: s.Name, Err: ErrNoRows}
	}
	return t, err
}

// Optional returns the first row, or nil if there is none.
func (s *Statement[T]) Optional(ctx context.Context, db Querier, args ...any) (*T, error) {
	t := new(T)
	found, err := s.first(ctx, db, t, args)
	if err != nil || !found {
		return nil, err
	}
	return t, nil
}

func (s *Statement[T]) first(ctx context.Context, db Querier, t *T, args []any) (found bool, err error) {
	rows, err := s.query(ctx, db, args)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	return s.readFirst(t, rows)
}

func (s *Statement[T]) readFirst(t *T, rows pgx.Rows) (found bool, err error) {
	var r Row
	if err := s.start(&r, rows); err != nil {
		return false, err
	}
	if found = rows.Next(); found && !s.decode(t, &r, rows) {
		return false, r.err
	}
	// The rows are closed to learn of an error that came after the first one.
	rows.Close()
	if err := rows.Err(); err != nil {
		return false, queryError(s.Name, err)
	}
	return found, nil
}

// Each streams the rows. The connection is busy until the loop ends; leaving
// the loop early closes the result. An error is the last pair, with the zero
// value. The sequence can be used again, and then runs the query again.
func (s *Statement[T]) Each(ctx context.Context, db Querier, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		rows, err := s.query(ctx, db, args)
		if err != nil {
			yield(zero, err)
			return
		}
		defer rows.Close()
		r := Row{many: true}
		if err := s.start(&r, rows); err != nil {
			yield(zero, err)
			return
		}
		for rows.Next() {
			var t T
			if !s.decode(&t, &r, rows) {
				yield(zero, r.err)
				return
			}
			if !yield(t, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(zero, queryError(s.Name, err))
		}
	}
}

func (s *Statement[T]) query(ctx context.Context, db Querier, args []any) (pgx.Rows, error) {
	options := make([]any, 1, 1+len(args))
	options[0] = s.shape.resultFormats(s.Columns)
	rows, err := db.Query(ctx, s.SQL, append(options, args...)...)
	if err != nil {
		return nil, queryError(s.Name, err)
	}
	return rows, nil
}

// start readies r for the rows of a result.
func (s *Statement[T]) start(r *Row, rows pgx.Rows) error {
	r.name, r.columns, r.rows, r.shape = s.Name, s.Columns, rows, &s.shape
	r.fields = rows.FieldDescriptions()
	if len(r.fields) == 0 && len(s.Columns) != 0 {
		// Nothing is known of the result of a failed query.
		return nil
	}
	plain, err := s.shape.verify(s.Name, s.Columns, r.fields, rows)
	if !plain {
		r.kind = mixedFrame
	}
	return err
}

// decode reads the current row.
func (s *Statement[T]) decode(t *T, r *Row, rows pgx.Rows) bool {
	r.values = rows.RawValues()
	r.at = 0
	if len(r.values) != len(s.Columns) || len(r.fields) != len(r.values) {
		r.err = compareColumns(s.Name, s.Columns, make([]pgconn.FieldDescription, len(r.values)), rows)
		return false
	}
	s.Decode(t, r)
	return r.err == nil
}

// maxExpected bounds the room that is made before the first row has come, in
// bytes.
const maxExpected = 1 << 20

// grow makes room for more rows: at first as many as came last time.
func (s *Statement[T]) grow(all []T) []T {
	n := 2 * cap(all)
	if cap(all) == 0 {
		n = max(int(s.expected.Load()), 4)
	}
	larger := make([]T, len(all), n)
	copy(larger, all)
	return larger
}

// remember notes how many rows came. A smaller result halves the expectation,
// so that one large result does not cost memory for long.
func (s *Statement[T]) remember(n int) {
	expected := s.expected.Load()
	if int64(n) >= expected {
		expected = int64(n)
	} else {
		expected = max(expected/2, int64(n))
	}
	if expected != s.expected.Load() {
		s.expected.Store(expected)
	}
}

// trim returns all without the room that was not needed, if that is most of it.
func trim[T any](all []T) []T {
	if cap(all) < 64 || cap(all)/2 <= len(all) {
		return all
	}
	return append(make([]T, 0, len(all)), all...)
}

// Command is a statement without rows. It must not be changed after its first
// use.
type Command struct {
	// Name is the query's name, for errors.
	Name string
	// SQL is the statement as it is sent.
	SQL string
}

// Exec runs the command.
func (c *Command) Exec(ctx context.Context, db Execer, args ...any) error {
	_, err := db.Exec(ctx, c.SQL, args...)
	return queryError(c.Name, err)
}

// Rows runs the command and returns the number of rows that it affected.
func (c *Command) Rows(ctx context.Context, db Execer, args ...any) (int64, error) {
	tag, err := db.Exec(ctx, c.SQL, args...)
	if err != nil {
		return 0, queryError(c.Name, err)
	}
	return tag.RowsAffected(), nil
}

// Result runs the command and returns PostgreSQL's command tag.
func (c *Command) Result(ctx context.Context, db Execer, args ...any) (pgconn.CommandTag, error) {
	tag, err := db.Exec(ctx, c.SQL, args...)
	if err != nil {
		return pgconn.CommandTag{}, queryError(c.Name, err)
	}
	return tag, nil
}
