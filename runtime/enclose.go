package runtime

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// encloseCopy runs a COPY that loads data in a transaction of its own if the
// exec mode is one of those for poolers, and there is no transaction yet.
//
// A server that refuses a COPY says so while data is still on its way. Outside
// of a transaction PgBouncer takes that for the end, gives the session to
// another client, and sends the rest of the data elsewhere
// (github.com/pgbouncer/pgbouncer/issues/57): in the middle of a message, so
// that the other client waits for ever. In a transaction the session stays
// until the ROLLBACK, and drops what comes before it.
func encloseCopy(ctx context.Context, db Copier, copy func(db Copier) (int64, error)) (int64, error) {
	switch db := db.(type) {
	case *pgxpool.Pool:
		return encloseFromPool(ctx, db, copy)
	case *supply:
		return encloseFromPool(ctx, db, copy)
	case *pgxpool.Conn:
		return enclose(ctx, db.Conn(), copy)
	case *pgx.Conn:
		return enclose(ctx, db, copy)
	}
	return copy(db)
}

func encloseFromPool(ctx context.Context, pool acquirer, copy func(db Copier) (int64, error)) (int64, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	return enclose(ctx, conn.Conn(), copy)
}

func enclose(ctx context.Context, conn *pgx.Conn, copy func(db Copier) (int64, error)) (int64, error) {
	if conn.PgConn().TxStatus() != 'I' || !pooled(conn.Config().DefaultQueryExecMode) {
		return copy(conn)
	}
	return encloseIn(ctx, conn, "begin", copy)
}

// encloseIn runs copy between begin and COMMIT or ROLLBACK.
func encloseIn(ctx context.Context, conn *pgx.Conn, begin string, copy func(db Copier) (int64, error)) (int64, error) {
	// The end of ctx leaves the connection usable here too.
	run := func(ctx context.Context, sql string) error {
		return cancelled(ctx, interruptible(ctx, conn.PgConn(), func(ctx context.Context) error {
			_, err := conn.Exec(ctx, sql)
			return err
		}))
	}
	committed := false
	defer func() {
		if committed || conn.PgConn().TxStatus() == 'I' {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
		defer cancel()
		// If it fails, the connection has, and what is copied with it.
		_ = run(ctx, "rollback")
	}()
	if err := run(ctx, begin); err != nil {
		return 0, err
	}
	n, err := copy(conn)
	if err == nil {
		err = run(ctx, "commit")
		committed = err == nil
	}
	if err != nil {
		return 0, err
	}
	return n, nil
}

// pooled is true of the exec modes that work behind a pooler in transaction
// mode: those that keep nothing in a session.
func pooled(mode pgx.QueryExecMode) bool {
	switch mode {
	case pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol:
		return true
	}
	return false
}
