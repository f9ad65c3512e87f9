package runtime

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Queue adds the statement to a batch.
func (s *Statement[T]) Queue(b *pgx.Batch, args ...any) { b.Queue(s.SQL, args...) }

// Queue adds the command to a batch.
func (c *Command) Queue(b *pgx.Batch, args ...any) { b.Queue(c.SQL, args...) }

// SendMany sends a batch of this statement only. The results must be closed.
func (s *Statement[T]) SendMany(ctx context.Context, db BatchSender, b *pgx.Batch) *BatchManyResults[T] {
	return &BatchManyResults[T]{statement: s, batch: send(ctx, db, s.Name, b)}
}

// SendOne sends a batch of this statement only. The results must be closed.
func (s *Statement[T]) SendOne(ctx context.Context, db BatchSender, b *pgx.Batch) *BatchOneResults[T] {
	return &BatchOneResults[T]{statement: s, batch: send(ctx, db, s.Name, b)}
}

// SendManyPointers is [Statement.SendMany] with a pointer to each row.
func (s *Statement[T]) SendManyPointers(ctx context.Context, db BatchSender, b *pgx.Batch) *BatchManyPointers[T] {
	return &BatchManyPointers[T]{statement: s, batch: send(ctx, db, s.Name, b)}
}

// SendOnePointer is [Statement.SendOne] with a pointer to each row.
func (s *Statement[T]) SendOnePointer(ctx context.Context, db BatchSender, b *pgx.Batch) *BatchOnePointers[T] {
	return &BatchOnePointers[T]{statement: s, batch: send(ctx, db, s.Name, b)}
}

// Send sends a batch of this command only. The results must be closed.
func (c *Command) Send(ctx context.Context, db BatchSender, b *pgx.Batch) *BatchExecResults {
	return &BatchExecResults{batch: send(ctx, db, c.Name, b)}
}

// batch is a batch that was sent.
type batch struct {
	ctx     context.Context //nolint:containedctx // of one call
	name    string
	results pgx.BatchResults
	length  int
	closed  bool
}

func send(ctx context.Context, db BatchSender, name string, b *pgx.Batch) batch {
	length := b.Len()
	passIn(db, b)
	return batch{ctx: ctx, name: name, results: sendBatch(ctx, db, name, b), length: length}
}

// Close ends the batch and returns its first error. Callbacks that have not
// been called yet get [ErrBatchAlreadyClosed].
func (b *batch) Close() error {
	b.closed = true
	return callError(b.ctx, OpBatch, b.name, b.results.Close())
}

// BatchManyPointers are [BatchManyResults] with a pointer to each row.
type BatchManyPointers[T any] struct {
	statement *Statement[T]
	batch
}

// Query calls f with the rows of each query in turn, and closes the batch.
func (b *BatchManyPointers[T]) Query(f func(i int, rows []*T, err error)) {
	defer b.results.Close()
	for i := range b.length {
		var all []*T
		if b.statement.EmptySlices {
			all = []*T{}
		}
		err := ErrBatchAlreadyClosed
		if !b.closed {
			all, err = b.next()
		}
		if f != nil {
			f(i, all, err)
		}
	}
}

func (b *BatchManyPointers[T]) next() ([]*T, error) {
	rows, err := b.results.Query()
	if err != nil {
		return nil, callError(b.ctx, OpBatch, b.name, err)
	}
	defer rows.Close()
	return b.statement.collectPointers(b.ctx, OpBatch, rows)
}

// BatchOnePointers are [BatchOneResults] with a pointer to the row, nil on an
// error.
type BatchOnePointers[T any] struct {
	statement *Statement[T]
	batch
}

// QueryRow calls f with the row of each query in turn, and closes the batch.
func (b *BatchOnePointers[T]) QueryRow(f func(i int, row *T, err error)) {
	defer b.results.Close()
	for i := range b.length {
		var t *T
		err := ErrBatchAlreadyClosed
		if !b.closed {
			t, err = nextRow(&b.batch, b.statement)
		}
		if f != nil {
			f(i, t, err)
		}
	}
}

// nextRow reads the one row of the next query of a batch.
func nextRow[T any](b *batch, s *Statement[T]) (*T, error) {
	rows, err := b.results.Query()
	if err != nil {
		return nil, callError(b.ctx, OpBatch, b.name, err)
	}
	defer rows.Close()
	t, err := s.first(b.ctx, OpBatch, rows)
	if err == nil && t == nil {
		err = callError(b.ctx, OpBatch, b.name, ErrNoRows)
	}
	return t, err
}

// BatchManyResults are the results of a batch of queries for many rows.
type BatchManyResults[T any] struct {
	statement *Statement[T]
	batch
}

// Query calls f with the rows of each query in turn, and closes the batch.
func (b *BatchManyResults[T]) Query(f func(i int, rows []T, err error)) {
	defer b.results.Close()
	for i := range b.length {
		var all []T
		if b.statement.EmptySlices {
			all = []T{}
		}
		err := ErrBatchAlreadyClosed
		if !b.closed {
			all, err = b.next()
		}
		if f != nil {
			f(i, all, err)
		}
	}
}

func (b *BatchManyResults[T]) next() ([]T, error) {
	rows, err := b.results.Query()
	if err != nil {
		return nil, callError(b.ctx, OpBatch, b.name, err)
	}
	defer rows.Close()
	return b.statement.collect(b.ctx, OpBatch, rows)
}

// BatchOneResults are the results of a batch of queries for one row.
type BatchOneResults[T any] struct {
	statement *Statement[T]
	batch
}

// QueryRow calls f with the row of each query in turn, and closes the batch.
func (b *BatchOneResults[T]) QueryRow(f func(i int, row T, err error)) {
	defer b.results.Close()
	for i := range b.length {
		var t T
		err := ErrBatchAlreadyClosed
		if !b.closed {
			t, err = b.next()
		}
		if f != nil {
			f(i, t, err)
		}
	}
}

func (b *BatchOneResults[T]) next() (T, error) {
	t, err := nextRow(&b.batch, b.statement)
	if err != nil {
		var zero T
		return zero, err
	}
	return *t, nil
}

// BatchExecResults are the results of a batch of commands.
type BatchExecResults struct {
	batch
}

// Exec calls f, which can be nil, with the outcome of each command in turn,
// and closes the batch.
func (b *BatchExecResults) Exec(f func(i int, err error)) {
	defer b.results.Close()
	for i := range b.length {
		err := ErrBatchAlreadyClosed
		if !b.closed {
			_, err = b.results.Exec()
			err = callError(b.ctx, OpBatch, b.name, err)
		}
		if f != nil {
			f(i, err)
		}
	}
}
