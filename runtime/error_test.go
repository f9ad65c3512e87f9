package runtime_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// requireKind checks that an error is of one kind only.
func requireKind(t *testing.T, err error, want error) {
	t.Helper()
	var e *runtime.Error
	require.ErrorAs(t, err, &e)
	for _, kind := range []error{
		runtime.ErrTransient, runtime.ErrTimeout, runtime.ErrAuth, runtime.ErrConfig, runtime.ErrPermanent, runtime.ErrNoRows,
	} {
		require.Equal(t, kind == want, errors.Is(err, kind), "%v: %v", kind, err) //nolint:errorlint // identity is meant
	}
}

func TestKindOfState(t *testing.T) {
	t.Parallel()
	conn := connect(t)
	for state, want := range map[string]error{
		"40001": runtime.ErrTransient, "40P01": runtime.ErrTransient, "55P03": runtime.ErrTransient,
		"08000": runtime.ErrTransient, "08003": runtime.ErrTransient, "08006": runtime.ErrTransient,
		"57P01": runtime.ErrTransient, "57P02": runtime.ErrTransient, "57P03": runtime.ErrTransient,
		"53300": runtime.ErrTransient,
		"57014": runtime.ErrTimeout,
		"28000": runtime.ErrAuth, "28P01": runtime.ErrAuth,
		"40002": runtime.ErrPermanent, "40003": runtime.ErrPermanent, "53100": runtime.ErrPermanent,
		"57P04": runtime.ErrPermanent, "55006": runtime.ErrPermanent, "23505": runtime.ErrPermanent,
		"42601": runtime.ErrPermanent, "42501": runtime.ErrPermanent, "P0001": runtime.ErrPermanent,
		"02000": runtime.ErrPermanent, // no_data of the server's is not ErrNoRows
	} {
		raise := &runtime.Command{Name: "Raise", SQL: fmt.Sprintf("DO $$BEGIN RAISE 'deadlock, timeout' USING ERRCODE = '%s'; END$$", state)}
		err := raise.Exec(context.Background(), conn)
		requireKind(t, err, want)
		requirePgError(t, err, "Raise", state)
		var e *runtime.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, state, e.SQLState)
		require.Equal(t, runtime.OpExec, e.Op)
		require.Equal(t, "Raise: ERROR: deadlock, timeout (SQLSTATE "+state+")", err.Error())
	}
}

// What the server raises by itself, and what never gets to it.
func TestKinds(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Schema(t, `CREATE TABLE counters (id int4 PRIMARY KEY, n int4 NOT NULL); INSERT INTO counters SELECT i, 0 FROM generate_series(1, 9) AS i`)
	open := func(t *testing.T, change func(*pgxpool.Config)) *pgxpool.Pool {
		t.Helper()
		config, err := pgxpool.ParseConfig(url)
		require.NoError(t, err)
		if change != nil { // who is refused: a pooler would give its own reasons
			config, err = pgxpool.ParseConfig(pgtest.Direct(t, url))
			require.NoError(t, err)
			change(config)
		}
		db, err := pgxpool.NewWithConfig(ctx, config)
		require.NoError(t, err)
		t.Cleanup(db.Close)
		return db
	}
	count := &runtime.Command{Name: "Count", SQL: "UPDATE counters SET n = n + 1 WHERE id = $1"}
	sleep := &runtime.Command{Name: "Sleep", SQL: "SELECT pg_sleep($1::float8)"}
	get := value("SELECT n FROM counters WHERE id = $1", column(runtime.Int4), (*row).Int4)
	for name, test := range map[string]struct {
		raise func(t *testing.T) error
		want  error
		// cause is what errors.Is must find too, if it is not nil.
		cause error
		state string
	}{
		"serialization failure": {state: "40001", want: runtime.ErrTransient, raise: func(t *testing.T) error {
			db := open(t, nil)
			return runtime.InTx(ctx, db, runtime.TxOptions{Isolation: runtime.RepeatableRead}, func(tx *runtime.Tx) error {
				_, err := get.One(ctx, tx, int32(1))
				require.NoError(t, err)
				require.NoError(t, count.Exec(ctx, db, int32(1)))
				return count.Exec(ctx, tx, int32(1))
			})
		}},
		"deadlock": {state: "40P01", want: runtime.ErrTransient, raise: func(t *testing.T) error {
			db := open(t, nil)
			other := make(chan error, 1)
			err := runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				require.NoError(t, count.Exec(ctx, tx, int32(5)))
				locked := make(chan struct{})
				go func() {
					other <- runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
						err := count.Exec(ctx, tx, int32(6))
						close(locked)
						if err != nil {
							return err
						}
						return count.Exec(ctx, tx, int32(5))
					})
				}()
				<-locked
				return count.Exec(ctx, tx, int32(6))
			})
			if err == nil { // the other one is the victim
				return <-other
			}
			require.NoError(t, <-other)
			return err
		}},
		"lock not available": {state: "55P03", want: runtime.ErrTransient, raise: func(t *testing.T) error {
			db := open(t, nil)
			return runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				require.NoError(t, count.Exec(ctx, tx, int32(4)))
				_, err := value("SELECT n FROM counters WHERE id = 4 FOR UPDATE NOWAIT", column(runtime.Int4), (*row).Int4).One(ctx, db)
				return err
			})
		}},
		"terminated": {state: "57P01", want: runtime.ErrTransient, raise: func(t *testing.T) error {
			return (&runtime.Command{SQL: "SELECT pg_terminate_backend(pg_backend_pid())"}).Exec(ctx, open(t, nil))
		}},
		"lost connection": {want: runtime.ErrTransient, raise: func(t *testing.T) error {
			var raw net.Conn
			db := open(t, func(config *pgxpool.Config) {
				dial := config.ConnConfig.DialFunc
				config.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := dial(ctx, network, addr)
					raw = conn
					return conn, err
				}
			})
			require.NoError(t, db.Ping(ctx))
			time.AfterFunc(20*time.Millisecond, func() { _ = raw.Close() })
			return sleep.Exec(ctx, db, 30.0)
		}},
		"refused connection": {want: runtime.ErrTransient, raise: func(t *testing.T) error {
			return sleep.Exec(ctx, open(t, func(config *pgxpool.Config) {
				config.ConnConfig.Host, config.ConnConfig.Port, config.ConnConfig.Fallbacks = "127.0.0.1", 1, nil
			}), 0.0)
		}},
		"statement_timeout": {state: "57014", want: runtime.ErrTimeout, raise: func(t *testing.T) error {
			return sleep.Exec(ctx, open(t, func(config *pgxpool.Config) {
				config.ConnConfig.RuntimeParams["statement_timeout"] = "20"
			}), 30.0)
		}},
		"deadline": {want: runtime.ErrTimeout, cause: context.DeadlineExceeded, raise: func(t *testing.T) error {
			db := open(t, nil)
			require.NoError(t, db.Ping(ctx))
			ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			return sleep.Exec(ctx, db, 30.0)
		}},
		"no connection in time": {want: runtime.ErrTimeout, cause: context.DeadlineExceeded, raise: func(t *testing.T) error {
			db := open(t, func(config *pgxpool.Config) { config.MaxConns = 1 })
			conn, err := db.Acquire(ctx)
			require.NoError(t, err)
			defer conn.Release()
			ctx, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
			defer cancel()
			_, err = get.One(ctx, db, int32(1))
			return err
		}},
		"connect_timeout": {want: runtime.ErrTimeout, raise: func(t *testing.T) error {
			silent, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer func() { require.NoError(t, silent.Close()) }()
			return sleep.Exec(ctx, open(t, func(config *pgxpool.Config) {
				config.ConnConfig.Host, config.ConnConfig.Fallbacks = "127.0.0.1", nil
				config.ConnConfig.Port = uint16(silent.Addr().(*net.TCPAddr).Port)
				config.ConnConfig.ConnectTimeout = 50 * time.Millisecond
			}), 0.0)
		}},
		"cancelled, and the server says so": {want: runtime.ErrPermanent, cause: context.Canceled, state: "57014", raise: func(t *testing.T) error {
			db := open(t, func(config *pgxpool.Config) {
				config.ConnConfig.RuntimeParams["application_name"] = t.Name()
				config.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
					return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 30 * time.Second}
				}
			})
			require.NoError(t, db.Ping(ctx))
			ctx, cancel := context.WithCancel(ctx)
			whenSession(t, db, "wait_event = 'PgSleep' AND application_name = $1", t.Name(), cancel)
			return sleep.Exec(ctx, db, 30.0)
		}},
		"deadline, and the server says so": {want: runtime.ErrTimeout, cause: context.DeadlineExceeded, state: "57014", raise: func(t *testing.T) error {
			db := open(t, func(config *pgxpool.Config) {
				config.ConnConfig.RuntimeParams["application_name"] = t.Name()
				config.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
					return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: 30 * time.Second}
				}
			})
			require.NoError(t, db.Ping(ctx))
			ctx := newExpiring()
			whenSession(t, db, "wait_event = 'PgSleep' AND application_name = $1", t.Name(), ctx.pass)
			_, err := value("SELECT 1 FROM pg_sleep(30)", column(runtime.Int4), (*row).Int4).All(ctx, db)
			return err
		}},
		"cancelled": {want: runtime.ErrPermanent, cause: context.Canceled, raise: func(t *testing.T) error {
			db := open(t, nil)
			require.NoError(t, db.Ping(ctx))
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(20*time.Millisecond, cancel)
			return sleep.Exec(ctx, db, 30.0)
		}},
		"unknown user": {state: "28000", want: runtime.ErrAuth, raise: func(t *testing.T) error {
			return sleep.Exec(ctx, open(t, func(config *pgxpool.Config) { config.ConnConfig.User = "nobody at all" }), 0.0)
		}},
		"a connection string that cannot be read": {want: runtime.ErrConfig, raise: func(t *testing.T) error {
			_, err := runtime.Open(ctx, "test", runtime.WithDSN("postgres://u:hunter2@host:port/db"))
			return err
		}},
		"unknown profile": {want: runtime.ErrConfig, raise: func(t *testing.T) error {
			_, err := runtime.Open(ctx, "no such profile", runtime.WithEnvPrefix("NO_SUCH_PREFIX_"))
			return err
		}},
		"bytes that would be gone": {want: runtime.ErrPermanent, raise: func(t *testing.T) error {
			client := runtime.NewClient(open(t, nil))
			defer client.Close()
			var b pgtype.DriverBytes
			return client.QueryRow(ctx, "SELECT 'a'::bytea").Scan(&b)
		}},
		"a closed client": {want: runtime.ErrPermanent, cause: runtime.ErrClosed, raise: func(t *testing.T) error {
			client := runtime.NewClient(open(t, nil))
			client.Close()
			_, err := client.BeginTx(ctx, pgx.TxOptions{})
			return err
		}},
		"unknown database": {state: "3D000", want: runtime.ErrPermanent, raise: func(t *testing.T) error {
			return sleep.Exec(ctx, open(t, func(config *pgxpool.Config) { config.ConnConfig.Database = "no such database" }), 0.0)
		}},
		"no rows": {want: runtime.ErrNoRows, cause: sql.ErrNoRows, raise: func(t *testing.T) error {
			_, err := get.One(ctx, open(t, nil), int32(99))
			require.ErrorIs(t, err, pgx.ErrNoRows)
			return err
		}},
		"no rows of a statement by hand": {want: runtime.ErrNoRows, cause: sql.ErrNoRows, raise: func(t *testing.T) error {
			return runtime.InTx(ctx, open(t, nil), runtime.TxOptions{}, func(tx *runtime.Tx) error {
				var n int
				return tx.QueryRow(ctx, "SELECT 1 WHERE false").Scan(&n)
			})
		}},
		"closed pool": {want: runtime.ErrPermanent, raise: func(t *testing.T) error {
			db := open(t, nil)
			db.Close()
			return sleep.Exec(ctx, db, 0.0)
		}},
		"closed connection": {want: runtime.ErrTransient, cause: pgconn.ErrConnClosed, raise: func(t *testing.T) error {
			conn, err := pgx.Connect(ctx, url)
			require.NoError(t, err)
			require.NoError(t, conn.Close(ctx))
			return sleep.Exec(ctx, conn, 0.0)
		}},
		"ended transaction": {want: runtime.ErrPermanent, cause: pgx.ErrTxClosed, raise: func(t *testing.T) error {
			tx, err := open(t, nil).Begin(ctx)
			require.NoError(t, err)
			require.NoError(t, tx.Rollback(ctx))
			return sleep.Exec(ctx, tx, 0.0)
		}},
		"a swallowed error before COMMIT": {want: runtime.ErrPermanent, cause: pgx.ErrTxCommitRollback, raise: func(t *testing.T) error {
			return runtime.InTx(ctx, open(t, nil), runtime.TxOptions{}, func(tx *runtime.Tx) error {
				_, err := tx.Exec(ctx, "SELECT 1/0")
				requirePgError(t, err, "", "22012")
				return nil
			})
		}},
		"an argument that cannot be sent": {want: runtime.ErrPermanent, raise: func(t *testing.T) error {
			return sleep.Exec(ctx, open(t, nil), struct{}{})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.raise(t)
			requireKind(t, err, test.want)
			if test.cause != nil {
				require.ErrorIs(t, err, test.cause)
			}
			var e *runtime.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, test.state, e.SQLState, err)
			require.NotEmpty(t, e.Op, err)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Schema(t, `CREATE DOMAIN mandatory AS int4 NOT NULL;
CREATE TABLE parents (id int8 CONSTRAINT "Parent key" PRIMARY KEY);
CREATE TABLE "odd ""table""" (
	id int8 CONSTRAINT item_key UNIQUE DEFERRABLE INITIALLY DEFERRED,
	"odd ""name""" text CONSTRAINT name_check CHECK ("odd ""name""" <> 'bad'),
	parent int8 CONSTRAINT parent_fkey REFERENCES parents,
	during int4range,
	forced int4 NOT NULL DEFAULT 1,
	twice int4,
	always mandatory DEFAULT 1,
	CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&));
CREATE UNIQUE INDEX item_twice ON "odd ""table""" (twice);
INSERT INTO parents VALUES (1);
INSERT INTO "odd ""table""" (id, parent, twice, during) VALUES (0, 1, 5, '[1,10)')`)
	db, err := pgxpool.New(ctx, url)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	helpers := map[string]func(error) (string, bool){
		"unique": runtime.UniqueViolation, "foreign key": runtime.ForeignKeyViolation, "check": runtime.CheckViolation,
		"not null": runtime.NotNullViolation, "exclusion": runtime.ExclusionViolation,
	}
	for _, test := range []struct{ name, kind, constraint, sql string }{
		{"unique index", "unique", "item_twice", `INSERT INTO "odd ""table""" (twice) VALUES (5)`},
		{"deferred unique at commit", "unique", "item_key", `INSERT INTO "odd ""table""" (id) VALUES (0)`},
		{"primary key with an odd name", "unique", "Parent key", `INSERT INTO parents VALUES (1)`},
		{"foreign key", "foreign key", "parent_fkey", `INSERT INTO "odd ""table""" (parent) VALUES (77)`},
		{"foreign key of a parent", "foreign key", "parent_fkey", `DELETE FROM parents`},
		{"check", "check", "name_check", `INSERT INTO "odd ""table""" ("odd ""name""") VALUES ('bad')`},
		{"not null", "not null", "forced", `INSERT INTO "odd ""table""" (forced) VALUES (NULL)`},
		{"not null of a domain", "not null", "mandatory", `INSERT INTO "odd ""table""" (always) VALUES (NULL)`},
		{"exclusion", "exclusion", "no_overlap", `INSERT INTO "odd ""table""" (during) VALUES ('[5,6)')`},
		{"none", "", "", `SELECT 1/0`},
	} {
		command := &runtime.Command{Name: "Put", SQL: test.sql}
		for way, err := range map[string]error{
			"command": command.Exec(ctx, db),
			"batch": func() error {
				var b pgx.Batch
				command.Queue(&b)
				return command.Send(ctx, db, &b).Close()
			}(),
			"transaction": runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error { return command.Exec(ctx, tx) }),
			"timeout":     command.Exec(runtime.WithTimeout(ctx, time.Minute), db),
		} {
			require.Error(t, err, "%s %s", test.name, way)
			requireKind(t, err, runtime.ErrPermanent)
			for kind, helper := range helpers {
				constraint, ok := helper(fmt.Errorf("wrapped: %w", err))
				require.Equal(t, kind == test.kind, ok, "%s %s: %s", test.name, way, kind)
				if ok {
					require.Equal(t, test.constraint, constraint, "%s %s", test.name, way)
				}
			}
		}
	}
	_, err = items().From(ctx, db, []item{{ID: 5}, {ID: 5}})
	constraint, ok := runtime.UniqueViolation(err)
	require.True(t, ok)
	require.Equal(t, "item_key", constraint)
	require.Equal(t, runtime.OpCopy, errorOf(t, err).Op)
	for kind, helper := range helpers {
		_, ok := helper(nil)
		require.False(t, ok, kind)
		_, ok = helper(runtime.ErrNoRows)
		require.False(t, ok, kind)
	}
}

func errorOf(t *testing.T, err error) *runtime.Error {
	t.Helper()
	var e *runtime.Error
	require.ErrorAs(t, err, &e)
	return e
}

func TestKindString(t *testing.T) {
	t.Parallel()
	for kind, want := range map[runtime.Kind]string{
		runtime.KindPermanent: "permanent", runtime.KindTransient: "transient", runtime.KindTimeout: "timeout",
		runtime.KindAuth: "auth", runtime.KindConfig: "config", runtime.KindNoRows: "no rows",
	} {
		require.Equal(t, want, kind.String())
	}
	require.EqualError(t, runtime.ErrTransient, "transient error")
	require.EqualError(t, &runtime.Error{Op: runtime.OpCommit, Err: runtime.ErrNoRows}, "commit: no rows in result set")
}
