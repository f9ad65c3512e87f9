package runtime

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
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
	// Retry runs the function again when the server could not serialize it. Its
	// zero value does not. A part of a transaction cannot be run again without
	// the rest: there Retry is ignored, and that of the transaction counts.
	Retry Retry
	// Savepoint makes a part of a transaction revocable: if it fails, what the
	// transaction did before it stays. A transaction of its own, which is
	// revocable anyway, ignores it.
	Savepoint bool
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

// Tx is a transaction that [InTx] has begun, or a part of one with a savepoint.
// It is a [DB] and must not be used by several goroutines at once: what comes
// while another statement has not ended is refused. After the end of the function
// that it was passed to, everything is refused with [pgx.ErrTxClosed].
type Tx struct {
	tx pgx.Tx
	// shared is what the transaction has in common with its savepoints.
	shared *txShared
	// depth is 0 for the transaction, else the number of savepoints in force.
	depth int
	ended atomic.Bool
	// failed is the error of a part that had no savepoint of its own.
	failed error
}

type txShared struct {
	options TxOptions
	watch   *watch
	// using is held while a statement starts, and at the end.
	using sync.Mutex
}

var (
	_ DB       = (*Tx)(nil)
	_ Beginner = (*Tx)(nil)
)

// ErrCommitUnknown is in the error of a transaction whose COMMIT was sent and
// not answered: nobody but the database knows whether it took place. [InTx]
// never runs such a transaction again.
var ErrCommitUnknown = errors.New("the connection was lost during COMMIT, which may have taken place")

var (
	errTxEnded = fmt.Errorf("the function of this transaction has returned: %w", pgx.ErrTxClosed)
	errTxBusy  = errors.New("another statement of this transaction has not ended: read its rows or close them; and a transaction is for one goroutine at a time")
)

// target is what statements of the transaction run on, and who watches.
func (t *Tx) target() (DB, *watch) { return (*guarded)(t), t.shared.watch }

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

// guarded is pgx's transaction, for one statement at a time and until its end.
type guarded Tx

// use lets the caller start a statement, and must be followed by unuse.
func (g *guarded) use() error {
	if g.ended.Load() {
		return errTxEnded
	}
	if !g.shared.using.TryLock() {
		return errTxBusy
	}
	// pgx would refuse it too, but the connection can be of no use after that.
	if conn := g.tx.Conn(); conn != nil && conn.PgConn().IsBusy() {
		g.shared.using.Unlock()
		return errTxBusy
	}
	return nil
}

func (g *guarded) unuse() { g.shared.using.Unlock() }

func (g *guarded) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := g.use(); err != nil {
		return pgconn.CommandTag{}, err
	}
	defer g.unuse()
	return g.tx.Exec(ctx, sql, args...)
}

func (g *guarded) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if err := g.use(); err != nil {
		return failedRows{err}, err
	}
	defer g.unuse()
	return g.tx.Query(ctx, sql, args...)
}

func (g *guarded) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := g.Query(ctx, sql, args...)
	return row{rows: rows, op: OpQuery, err: err}
}

func (g *guarded) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := g.use(); err != nil {
		return pgx.FailedBatchResults(b, err)
	}
	defer g.unuse()
	return g.tx.SendBatch(ctx, b)
}

func (g *guarded) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := g.use(); err != nil {
		return 0, err
	}
	defer g.unuse()
	return g.tx.CopyFrom(ctx, table, columns, rows)
}

// Pgx returns pgx's transaction, for what this package does not cover. It must
// not be committed nor rolled back.
func (t *Tx) Pgx() pgx.Tx { return t.tx }

// BeginTx begins a savepoint, which pgx presents as a transaction. Options
// cannot be given: the transaction has its own.
func (t *Tx) BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error) {
	if options != (pgx.TxOptions{}) {
		return nil, callError(ctx, OpBegin, "", errors.New("a savepoint has the options of its transaction"))
	}
	g := (*guarded)(t)
	if err := g.use(); err != nil {
		return nil, callError(ctx, OpBegin, "", err)
	}
	defer g.unuse()
	tx, err := t.tx.Begin(ctx)
	return tx, callError(ctx, OpBegin, "", err)
}

// InTx runs fn in a transaction: nil commits, an error or a panic rolls back,
// and the panic goes on. What fn returns is returned as it is. A COMMIT that
// fails, or that the server turns into a rollback because a statement had
// failed, is an error; if it is not known whether the COMMIT took place,
// errors.Is finds [ErrCommitUnknown].
//
// If db is a [*Tx], fn is a part of that transaction, which must be as isolated
// and as read-only as options ask. Nothing is begun or committed. What InTx
// returned an error for is never kept: unless options ask for a savepoint, a
// part that fails lets the whole transaction fail, even if the function around
// it makes nothing of the error.
//
// With options.Retry, fn can run several times, each in a transaction of its
// own; what it does outside of the database has to bear that.
func InTx(ctx context.Context, db Beginner, options TxOptions, fn func(tx *Tx) error) error {
	if outer, ok := db.(*Tx); ok {
		return outer.part(ctx, options, fn)
	}
	begin, err := options.pgx()
	if err != nil {
		return callError(ctx, OpBegin, "", err)
	}
	backoff, err := options.Retry.backoff()
	if err != nil {
		return callError(ctx, OpBegin, "", err)
	}
	if openTransaction(db) {
		return callError(ctx, OpBegin, "", errors.New("the connection is in a transaction already, which this one's COMMIT would end; "+
			"begin both with InTx, and pass the first's *runtime.Tx"))
	}
	for attempt := 1; ; attempt++ {
		err := once(ctx, db, begin, options, fn)
		if !mayRetry(err) || options.Retry.Attempts <= 1 {
			return err
		}
		if attempt == options.Retry.Attempts {
			return callError(ctx, "", "", fmt.Errorf("gave up after %d attempts: %w", attempt, err))
		}
		if cause := backoff.wait(ctx); cause != nil {
			return callError(ctx, "", "", fmt.Errorf("%w before attempt %d: %w", cause, attempt+1, err))
		}
	}
}

// openTransaction reports whether db is a connection with a transaction on it.
// There, PostgreSQL answers BEGIN with a mere warning.
func openTransaction(db Beginner) bool {
	var conn *pgx.Conn
	switch c := db.(type) {
	case *pgx.Conn:
		conn = c
	case interface{ Conn() *pgx.Conn }: // *pgxpool.Conn
		conn = c.Conn()
	default:
		return false
	}
	status := conn.PgConn().TxStatus()
	return status == 'T' || status == 'E'
}

// once runs fn in one transaction.
func once(ctx context.Context, db Beginner, begin pgx.TxOptions, options TxOptions, fn func(tx *Tx) error) error {
	t := &Tx{shared: &txShared{options: options, watch: watchOf(db)}}
	observing := true
	defer func() {
		if observing && t.tx != nil {
			_ = t.rollback(ctx) // the observer's panic is the news
		}
	}()
	err := observed(ctx, t.shared.watch, OpBegin, "", func(ctx context.Context) (_ int64, err error) {
		t.tx, err = db.BeginTx(ctx, begin)
		return 0, err
	})
	observing = false
	if err != nil {
		return err
	}
	return t.run(ctx, fn, t.commit, t.rollback)
}

// part runs fn as a part of the transaction.
func (t *Tx) part(ctx context.Context, options TxOptions, fn func(tx *Tx) error) error {
	if err := t.satisfies(ctx, options); err != nil {
		return callError(ctx, OpBegin, "", err)
	}
	if !options.Savepoint {
		if t.ended.Load() {
			return callError(ctx, OpBegin, "", errTxEnded)
		}
		return t.together(fn)
	}
	s := &Tx{tx: t.tx, shared: t.shared, depth: t.depth + 1}
	err := observed(ctx, t.shared.watch, OpBegin, "", func(ctx context.Context) (int64, error) {
		_, err := (*guarded)(t).Exec(ctx, "savepoint "+s.name())
		return 0, err
	})
	if err != nil {
		return err
	}
	revoke := func(ctx context.Context) error {
		err := s.revoke(ctx)
		if err != nil && t.failed == nil {
			t.failed = err
		}
		return err
	}
	release := func(ctx context.Context) error {
		err := s.release(ctx)
		if err != nil {
			err = join(err, revoke(ctx))
		}
		return err
	}
	return s.run(ctx, fn, release, revoke)
}

// together runs fn, and notes if it fails.
func (t *Tx) together(fn func(tx *Tx) error) (err error) {
	err = errors.New("it did not return")
	defer func() {
		if err != nil && t.failed == nil {
			t.failed = err
		}
	}()
	err = fn(t)
	return err
}

func (t *Tx) name() string { return "pgwright_" + strconv.Itoa(t.depth) }

func (t *Tx) release(ctx context.Context) error {
	return observed(ctx, t.shared.watch, OpCommit, "", func(ctx context.Context) (int64, error) {
		_, err := t.tx.Exec(ctx, "release savepoint "+t.name())
		return 0, err
	})
}

// revoke rolls back to the savepoint.
func (t *Tx) revoke(ctx context.Context) error {
	return t.undo(ctx, func(ctx context.Context) error {
		// Without the release, each failure would nest what follows one deeper.
		_, err := t.tx.Exec(ctx, "rollback to savepoint "+t.name()+"; release savepoint "+t.name())
		return err
	})
}

// run calls fn, and finish or revoke after it.
func (t *Tx) run(ctx context.Context, fn func(tx *Tx) error, finish, revoke func(context.Context) error) error {
	returned := false
	defer func() {
		// A panic, or runtime.Goexit as of a test that fails.
		if !returned {
			t.end()
			defer t.shared.using.Unlock()
			_ = revoke(ctx) // what unwinds the stack is the news
		}
	}()
	err := fn(t)
	returned = true
	overlap := t.end()
	defer t.shared.using.Unlock()
	switch {
	case err != nil:
		return join(err, revoke(ctx))
	case t.failed != nil:
		err = fmt.Errorf("rolled back because a part failed that has no savepoint: %w", t.failed)
	case overlap:
		err = errors.New("rolled back because a statement was still running when the function returned")
	default:
		err = ctx.Err() // with a cancelled context nothing can be sent
	}
	if err != nil {
		return join(callError(ctx, OpCommit, "", err), revoke(ctx))
	}
	return finish(ctx)
}

// join is errors.Join, which leaves a lone error as it is.
func join(err, other error) error {
	if other == nil {
		return err
	}
	return errors.Join(err, other)
}

// end lets nothing be started any more and waits for what has been. It reports
// whether there was such a thing. t.shared.using is then held.
func (t *Tx) end() (overlap bool) {
	t.ended.Store(true)
	if t.shared.using.TryLock() {
		return false
	}
	t.shared.using.Lock()
	return true
}

func (t *Tx) commit(ctx context.Context) error {
	return observed(ctx, t.shared.watch, OpCommit, "", func(ctx context.Context) (int64, error) {
		// pgx cannot tell afterwards: it calls an error safe to retry that came
		// of a connection lost after COMMIT was sent.
		conn := t.tx.Conn()
		unsent := conn != nil && (conn.IsClosed() || conn.PgConn().IsBusy())
		err := t.tx.Commit(ctx)
		var pg *pgconn.PgError
		switch {
		case err == nil, unsent, errors.Is(err, pgx.ErrTxCommitRollback), errors.Is(err, pgx.ErrTxClosed):
			return 0, err
		case errors.As(err, &pg) && !fatal(pg):
			return 0, err
		}
		return 0, fmt.Errorf("%w: %w", ErrCommitUnknown, err)
	})
}

// fatal reports whether the server ended the connection with an error. At COMMIT
// that can come after the fact: a connection that waits for a replica and is
// terminated has committed.
func fatal(err *pgconn.PgError) bool {
	severity := err.SeverityUnlocalized
	if severity == "" {
		severity = err.Severity
	}
	return severity != "ERROR"
}

// rollbackTimeout is how long a rollback may take that follows a cancelled
// context. Then pgx closes the connection, which rolls back too.
const rollbackTimeout = 5 * time.Second

func (t *Tx) rollback(ctx context.Context) error { return t.undo(ctx, t.tx.Rollback) }

func (t *Tx) undo(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	return observed(ctx, t.shared.watch, OpRollback, "", func(ctx context.Context) (int64, error) {
		lost := t.lost()
		if err := f(ctx); err != nil && !lost && !errors.Is(err, pgx.ErrTxClosed) {
			return 0, err
		}
		return 0, nil
	})
}

// lost reports whether the connection is closed, which rolls back too.
func (t *Tx) lost() bool {
	conn := t.tx.Conn()
	return conn != nil && conn.IsClosed()
}

// satisfies returns an error if a part of the transaction needs other options
// than it has.
func (t *Tx) satisfies(ctx context.Context, options TxOptions) error {
	if _, err := options.pgx(); err != nil {
		return err
	}
	have := t.shared.options
	have.Isolation = max(have.Isolation, ReadCommitted)
	if lacks(have, options) == nil {
		return nil
	}
	// The server's settings can ask for more than the options did.
	var isolation, readOnly, deferrable string
	row := t.QueryRow(ctx, "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), current_setting('transaction_deferrable')")
	if err := row.Scan(&isolation, &readOnly, &deferrable); err != nil {
		return err
	}
	for _, level := range []Isolation{RepeatableRead, Serializable} {
		if isolation == level.String() {
			have.Isolation = level
		}
	}
	have.ReadOnly = readOnly == "on"
	have.Deferrable = deferrable == "on"
	return lacks(have, options)
}

func lacks(have, want TxOptions) error {
	switch {
	case want.Isolation > have.Isolation:
		return fmt.Errorf("a part of a transaction asks for isolation %s, the transaction has %s", want.Isolation, have.Isolation)
	case want.ReadOnly && !have.ReadOnly:
		return errors.New("a part of a transaction asks for read only, the transaction is not")
	case want.Deferrable && !have.Deferrable:
		return errors.New("a part of a transaction asks for deferrable, the transaction is not")
	}
	return nil
}
