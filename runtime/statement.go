package runtime

import (
	"context"
	"sync"
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
	// Decode reads one row, all its columns in order, and sets all of T: a
	// stream decodes each row over the one before.
	Decode func(*T, *Row)
	// EmptySlices makes [Statement.All] and its siblings return an empty slice
	// where they return nil: when there are no rows.
	EmptySlices bool

	shape shape
	// expected is how many rows to make room for.
	expected atomic.Int64
	// free are cursors to use again.
	free sync.Pool
}

// All returns all rows, nil if there are none.
func (s *Statement[T]) All(ctx context.Context, db Querier, args ...any) ([]T, error) {
	rows, err := s.query(ctx, db, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return s.collect(ctx, OpQuery, rows)
}

// collect reads all rows.
func (s *Statement[T]) collect(ctx context.Context, op string, rows pgx.Rows) ([]T, error) {
	r := s.row(rows, true)
	if r.err != nil {
		return nil, callError(ctx, op, s.Name, r.err)
	}
	var all []T
	if s.EmptySlices {
		all = []T{}
	}
	for rows.Next() {
		if len(all) == cap(all) {
			all = s.grow(all)
		}
		all = all[:len(all)+1]
		if s.decode(&all[len(all)-1], r); r.err != nil {
			return nil, callError(ctx, op, s.Name, r.err)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, callError(ctx, op, s.Name, err)
	}
	s.release(r)
	s.remember(len(all))
	return trim(all), nil
}

// AllPointers is [Statement.All] with a pointer to each row.
func (s *Statement[T]) AllPointers(ctx context.Context, db Querier, args ...any) ([]*T, error) {
	rows, err := s.query(ctx, db, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return s.collectPointers(ctx, OpQuery, rows)
}

// collectPointers reads all rows, each into memory that few others share.
func (s *Statement[T]) collectPointers(ctx context.Context, op string, rows pgx.Rows) ([]*T, error) {
	r := s.row(rows, true)
	if r.err != nil {
		return nil, callError(ctx, op, s.Name, r.err)
	}
	var all []*T
	if s.EmptySlices {
		all = []*T{}
	}
	// Keeping one row keeps a few others alive, not all.
	var free []T
	for rows.Next() {
		if len(free) == 0 {
			free = make([]T, min(max(len(all), 1), largestRows))
		}
		if s.decode(&free[0], r); r.err != nil {
			return nil, callError(ctx, op, s.Name, r.err)
		}
		all = append(all, &free[0])
		free = free[1:]
	}
	if err := rows.Err(); err != nil {
		return nil, callError(ctx, op, s.Name, err)
	}
	s.release(r)
	return all, nil
}

// One returns the first row. Without one the error is [ErrNoRows]. More rows
// are ignored.
func (s *Statement[T]) One(ctx context.Context, db Querier, args ...any) (T, error) {
	t, err := s.OnePointer(ctx, db, args...)
	if err != nil {
		var zero T
		return zero, err
	}
	return *t, nil
}

// OnePointer is [Statement.One] with a pointer to the row, nil on an error.
func (s *Statement[T]) OnePointer(ctx context.Context, db Querier, args ...any) (*T, error) {
	t, err := s.Optional(ctx, db, args...)
	if err == nil && t == nil {
		err = callError(ctx, OpQuery, s.Name, ErrNoRows)
	}
	return t, err
}

// Optional returns the first row, or nil if there is none.
func (s *Statement[T]) Optional(ctx context.Context, db Querier, args ...any) (*T, error) {
	rows, err := s.query(ctx, db, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return s.first(ctx, OpQuery, rows)
}

// first reads the first row and closes the rows.
func (s *Statement[T]) first(ctx context.Context, op string, rows pgx.Rows) (*T, error) {
	r := s.row(rows, false)
	if r.err != nil {
		return nil, callError(ctx, op, s.Name, r.err)
	}
	var t *T
	if rows.Next() {
		t = new(T)
		if s.decode(t, r); r.err != nil {
			return nil, callError(ctx, op, s.Name, r.err)
		}
	}
	// An error can come after the first row.
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, callError(ctx, op, s.Name, err)
	}
	s.release(r)
	return t, nil
}

func (s *Statement[T]) query(ctx context.Context, db Querier, args []any) (pgx.Rows, error) {
	return query(ctx, db, s.Name, s.SQL, s.arguments(db, args))
}

// arguments returns what to pass to pgx with the SQL.
func (s *Statement[T]) arguments(db any, args []any) []any {
	all := make([]any, 1, 1+len(args))
	all[0] = s.shape.resultFormats(s.Columns)
	all = append(all, args...)
	passTo(db, all)
	return all
}

// row returns a cursor for the rows of a result, with an error in it if they
// are not what the code was generated for.
func (s *Statement[T]) row(rows pgx.Rows, many bool) *Row {
	r, _ := s.free.Get().(*Row)
	if r == nil {
		r = new(Row)
	}
	*r = Row{name: s.Name, columns: s.Columns, shape: &s.shape, rows: rows, many: many, scratch: r.scratch}
	r.fields = rows.FieldDescriptions()
	if len(r.fields) == 0 && len(s.Columns) != 0 {
		// Nothing is known of the result of a failed query.
		return r
	}
	plain, err := s.shape.verify(s.Name, s.Columns, r.fields, rows)
	if !plain {
		r.kind = mixedFrame
	}
	r.err = err
	readBy(rows, r)
	return r
}

// release gives a cursor back that is in no one's hands any more. What was
// read with it stays as it is.
func (s *Statement[T]) release(r *Row) {
	scratch := r.scratch[:0]
	if cap(scratch) > largestChunk {
		scratch = nil
	}
	*r = Row{scratch: scratch}
	s.free.Put(r)
}

// decode reads the current row.
func (s *Statement[T]) decode(t *T, r *Row) {
	values := r.rows.RawValues()
	if len(values) != len(s.Columns) || len(r.fields) != len(values) {
		r.err = compareColumns(s.Name, s.Columns, make([]pgconn.FieldDescription, len(values)), r.rows)
		return
	}
	r.at = 0
	if r.kind == plainFrame {
		r.values = values
	} else {
		r.mixed = values
	}
	s.Decode(t, r)
}

// grow makes room for more rows, in steps up to as many as came last time: a
// small result does not pay for a large one before it, and a large one is
// hardly copied.
func (s *Statement[T]) grow(all []T) []T {
	const first, step = 16, 16
	have, expected := cap(all), int(s.expected.Load())
	n := 2 * have
	switch {
	case have == 0:
		n = min(max(expected, 4), first)
	case expected > have && 8*step*have >= expected:
		n = expected
	case expected > have:
		n = step * have
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
// use. A slice of arguments that is passed to its methods is theirs.
type Command struct {
	// Name is the query's name, for errors.
	Name string
	// SQL is the statement as it is sent.
	SQL string
}

// Exec runs the command.
func (c *Command) Exec(ctx context.Context, db Execer, args ...any) error {
	_, err := c.exec(ctx, db, args)
	return err
}

// Rows runs the command and returns the number of rows that it affected.
func (c *Command) Rows(ctx context.Context, db Execer, args ...any) (int64, error) {
	tag, err := c.exec(ctx, db, args)
	if err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}

// Result runs the command and returns PostgreSQL's command tag.
func (c *Command) Result(ctx context.Context, db Execer, args ...any) (pgconn.CommandTag, error) {
	tag, err := c.exec(ctx, db, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	return tag, nil
}

func (c *Command) exec(ctx context.Context, db Execer, args []any) (pgconn.CommandTag, error) {
	passTo(db, args)
	return exec(ctx, db, c.Name, c.SQL, args)
}
