package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Isolation is a transaction's isolation level. Its zero value leaves the
// choice to the server.
type Isolation uint8

// The isolation levels, from the weakest to the strongest. PostgreSQL treats
// read uncommitted as read committed.
const (
	DefaultIsolation Isolation = iota
	ReadCommitted
	RepeatableRead
	Serializable
)

// String returns the level in SQL's words.
func (i Isolation) String() string {
	switch i {
	case DefaultIsolation:
		return "default"
	case ReadCommitted:
		return string(pgx.ReadCommitted)
	case RepeatableRead:
		return string(pgx.RepeatableRead)
	case Serializable:
		return string(pgx.Serializable)
	}
	return fmt.Sprintf("Isolation(%d)", uint8(i))
}

// TxOptions are what a transaction is begun with. The zero value sends exactly
// "begin".
type TxOptions struct {
	Isolation Isolation
	ReadOnly  bool
	// Deferrable lets a serializable read-only transaction wait for a moment
	// at which it cannot fail.
	Deferrable bool
}

func (o TxOptions) pgx() (pgx.TxOptions, error) {
	var options pgx.TxOptions
	switch o.Isolation {
	case DefaultIsolation:
	case ReadCommitted, RepeatableRead, Serializable:
		options.IsoLevel = pgx.TxIsoLevel(o.Isolation.String())
	default:
		return options, fmt.Errorf("there is no isolation level %s", o.Isolation)
	}
	if o.ReadOnly {
		options.AccessMode = pgx.ReadOnly
	}
	if o.Deferrable {
		options.DeferrableMode = pgx.Deferrable
	}
	return options, nil
}

// Tx is a transaction that [InTx] has begun. It is a [DB] and must not be used
// by several goroutines at once, nor after the function that it was passed to
// has returned.
type Tx struct {
	tx      pgx.Tx
	options TxOptions
	watch   *watch
}

var (
	_ DB       = (*Tx)(nil)
	_ Beginner = (*Tx)(nil)
)

// target is what statements of the transaction run on, and who watches.
func (t *Tx) target() (DB, *watch) { return t.tx, t.watch }

// Exec runs a statement in the transaction.
func (t *Tx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return exec(ctx, t, "", sql, args)
}

// Query runs a statement in the transaction.
func (t *Tx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return queryRows(ctx, t, sql, args)
}

// QueryRow runs a statement in the transaction.
func (t *Tx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return queryRow(ctx, t, sql, args)
}

// SendBatch runs statements in the transaction.
func (t *Tx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return queryBatch(ctx, t, b)
}

// CopyFrom loads rows in the transaction.
func (t *Tx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return copyRows(ctx, t, table, columns, rows)
}

// Pgx returns pgx's transaction, for what this package does not cover. It must
// not be committed nor rolled back.
func (t *Tx) Pgx() pgx.Tx { return t.tx }

// BeginTx begins a savepoint, which pgx presents as a transaction. Options
// cannot be given: the transaction has its own.
func (t *Tx) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	if options != (pgx.TxOptions{}) {
		return nil, errors.New("a savepoint has the options of its transaction")
	}
	return t.tx.Begin(ctx)
}

// InTx runs fn in a transaction: nil commits, an error or a panic rolls back,
// and the panic goes on. A COMMIT that fails, or that the server turns into a
// rollback because a statement had failed, is an error.
//
// If db is a [*Tx], fn runs in that transaction, which commits or rolls back
// when its own function ends. It must be at least as isolated as options ask.
func InTx(ctx context.Context, db Beginner, options TxOptions, fn func(tx *Tx) error) error {
	if outer, ok := db.(*Tx); ok {
		if err := outer.satisfies(options); err != nil {
			return err
		}
		return fn(outer)
	}
	begin, err := options.pgx()
	if err != nil {
		return &Error{Err: err}
	}
	watch := watchOf(db)
	var tx pgx.Tx
	finished := false
	defer func() {
		// A panic, or runtime.Goexit as of a test that fails.
		if !finished && tx != nil {
			_ = rollback(ctx, watch, tx) // what unwinds the stack is the news
		}
	}()
	err = observed(ctx, watch, OpBegin, "", func(ctx context.Context) (int64, error) {
		tx, err = db.BeginTx(ctx, begin)
		return 0, err
	})
	if err != nil {
		finished = true
		return err
	}
	err = fn(&Tx{tx: tx, options: options, watch: watch})
	finished = true
	if err != nil {
		if failed := rollback(ctx, watch, tx); failed != nil {
			return errors.Join(err, failed)
		}
		return err
	}
	return observed(ctx, watch, OpCommit, "", func(ctx context.Context) (int64, error) {
		return 0, tx.Commit(ctx)
	})
}

// satisfies returns an error if a part of the transaction needs other options
// than it has.
func (t *Tx) satisfies(options TxOptions) error {
	have := max(t.options.Isolation, ReadCommitted)
	switch {
	case options.Isolation > Serializable:
		_, err := options.pgx()
		return &Error{Err: err}
	case options.Isolation > have:
		return &Error{Err: fmt.Errorf("a part of a transaction asks for isolation %s, the transaction has %s",
			options.Isolation, t.options.Isolation)}
	case options.ReadOnly && !t.options.ReadOnly:
		return &Error{Err: errors.New("a part of a transaction asks for read only, the transaction is not")}
	}
	return nil
}

// rollbackTimeout is how long a rollback may take that follows a cancelled
// context. Then pgx closes the connection, which rolls back too.
const rollbackTimeout = 5 * time.Second

func rollback(ctx context.Context, watch *watch, tx pgx.Tx) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	return observed(ctx, watch, OpRollback, "", func(ctx context.Context) (int64, error) {
		if err := tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			return 0, err
		}
		return 0, nil
	})
}
