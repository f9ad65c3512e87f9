package runtime

import (
	"context"
	"iter"
)

// Each streams the rows. The connection is busy until the loop ends; leaving
// the loop early closes the result. An error is the last pair, with the zero
// value. The sequence can be used again, and then runs the query again.
func (s *Statement[T]) Each(ctx context.Context, db Querier, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := s.stream(ctx, db, args, yield); err != nil {
			var zero T
			yield(zero, err)
		}
	}
}

func (s *Statement[T]) stream(ctx context.Context, db Querier, args []any, yield func(T, error) bool) error {
	rows, err := s.query(ctx, db, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	r := s.row(rows, true)
	if r.err != nil {
		return callError(ctx, OpQuery, s.Name, r.err)
	}
	t := new(T)
	for rows.Next() {
		var zero T
		*t = zero
		if s.decode(t, r); r.err != nil {
			return callError(ctx, OpQuery, s.Name, r.err)
		}
		if !yield(*t, nil) {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return callError(ctx, OpQuery, s.Name, err)
	}
	s.release(r)
	return nil
}
