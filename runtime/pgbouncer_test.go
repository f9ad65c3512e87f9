package runtime_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// The rest of this package's tests run through PgBouncer with make
// test-pgbouncer. This one always does: more clients than sessions, and each
// kind of statement.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	url := pgtest.Pooled(t, pgtest.Schema(t, "CREATE TABLE item (id int PRIMARY KEY)"))
	client := open(t, runtime.WithDSN(url), runtime.WithSetting("max_size", 40))
	const workers, each = 40, 10
	insert := runtime.Command{Name: "Insert", SQL: "INSERT INTO item VALUES ($1)"}
	errs := make(chan error, workers)
	var wait sync.WaitGroup
	for worker := range workers {
		wait.Go(func() {
			errs <- func() error {
				ctx := t.Context()
				for i := range int32(each) {
					id := int32(worker)*each + i
					var err error
					switch i % 5 {
					case 0:
						err = insert.Exec(ctx, client, id)
					case 1:
						err = client.InTx(ctx, runtime.TxOptions{Isolation: runtime.RepeatableRead}, func(tx *runtime.Tx) error {
							if err := insert.Exec(ctx, tx, id); err != nil {
								return err
							}
							return tx.QueryRow(ctx, "SELECT id FROM item WHERE id = $1", id).Scan(new(int32))
						})
					case 2:
						_, err = copyItems.From(ctx, client, []int32{id})
					case 3:
						err = insert.Exec(runtime.WithTimeout(ctx, time.Minute), client, id)
					case 4:
						var b pgx.Batch
						insert.Queue(&b, id)
						err = insert.Send(ctx, client, &b).Close()
					}
					if err != nil {
						return fmt.Errorf("%d: %w", id, err)
					}
					n := 0
					for _, err := range itemIDs.Each(runtime.WithFetchSize(ctx, 2), client) {
						if err != nil {
							return fmt.Errorf("%d, cursor: %w", id, err)
						}
						if n++; n == 3 {
							break
						}
					}
				}
				return nil
			}()
		})
	}
	wait.Wait()
	for range workers {
		require.NoError(t, <-errs)
	}
	ids, err := itemIDs.All(t.Context(), client)
	require.NoError(t, err)
	require.Len(t, ids, workers*each)
	require.Equal(t, show(t, client, "statement_timeout"), "0", "a timeout is left in no session")
}

// A context that ends cancels its own statement and none of another client's,
// although all use the same few sessions, and although PgBouncer drops a request
// for a client that it has no session for yet.
func TestCancelBehindPgBouncer(t *testing.T) {
	t.Parallel()
	client := open(t, runtime.WithDSN(pgtest.Pooled(t, pgtest.New(t))), runtime.WithSetting("max_size", 8))
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Go(func() {
			for i := range 30 {
				if worker%2 == 0 {
					if _, err := client.Exec(t.Context(), "SELECT pg_sleep(0.003)"); err != nil {
						t.Errorf("worker %d, statement %d: %v", worker, i, err)
					}
					continue
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond/4)
				if _, err := client.Exec(ctx, "SELECT pg_sleep(600)"); err == nil {
					t.Errorf("worker %d, statement %d was not cancelled", worker, i)
				}
				cancel()
			}
		})
	}
	wait.Wait()
	require.NoError(t, client.Ping(t.Context()))
	require.LessOrEqual(t, client.Stats().NewConnsCount(), int64(8), "no connection had to be closed")
}

// A COPY that the server refuses while its data is on the way disturbs nobody
// else, whatever the refusal meets, and keeps no session.
func TestFailedCopyBehindPgBouncer(t *testing.T) {
	t.Parallel()
	url := pgtest.Pooled(t, pgtest.Schema(t, "CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (7)"))
	client := open(t, runtime.WithDSN(url), runtime.WithSetting("max_size", 8))
	pool, err := pgxpool.New(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	endless := func(yield func(int32, error) bool) {
		for i := int32(0); yield(i, nil); i++ {
		}
	}
	slice := make([]int32, 1_000_000)
	for i := range slice {
		slice[i] = int32(i)
	}
	ways := map[string]func(ctx context.Context) error{
		"sequence": func(ctx context.Context) error { _, err := copyItems.FromSeq(ctx, client, endless); return err },
		"slice":    func(ctx context.Context) error { _, err := copyItems.From(ctx, client, slice); return err },
		"pool":     func(ctx context.Context) error { _, err := copyItems.From(ctx, pool, slice); return err },
		"data": func(ctx context.Context) error {
			_, err := runtime.CopyFrom(ctx, client, "item", strings.NewReader(strings.Repeat("7\n", 1_000_000)), runtime.CopyOptions{})
			return err
		},
		"pgx": func(ctx context.Context) error {
			_, err := client.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id"},
				pgx.CopyFromSlice(len(slice), func(i int) ([]any, error) { return []any{slice[i]}, nil }))
			return err
		},
		"timeout": func(ctx context.Context) error {
			_, err := copyItems.FromSeq(runtime.WithTimeout(ctx, time.Minute), client, endless)
			return err
		},
		"transaction": func(ctx context.Context) error {
			return client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				_, err := copyItems.From(ctx, tx, slice)
				return err
			})
		},
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	done := make(chan struct{})
	var others, wait sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := runtime.Value[int](ctx, client, "SELECT 1"); err != nil {
					t.Errorf("another client: %v", err)
					return
				}
			}
		})
	}
	for name, fails := range ways {
		wait.Go(func() {
			for i := range 10 {
				err := fails(ctx)
				if _, refused := runtime.UniqueViolation(err); !refused {
					t.Errorf("%s, %d: %v", name, i, err)
				}
			}
		})
	}
	wait.Wait()
	close(done)
	others.Wait()
	ids, err := itemIDs.All(t.Context(), client)
	require.NoError(t, err)
	require.Equal(t, []int32{7}, ids)
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	require.Zero(t, sessionsInUse(t, config.Database))
}

// sessionsInUse returns how many sessions of a database PgBouncer has given to
// its clients.
func sessionsInUse(t *testing.T, database string) (n int) {
	t.Helper()
	config, err := pgx.ParseConfig(pgtest.Pooled(t, "postgres:///pgbouncer"))
	require.NoError(t, err)
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(t.Context(), config)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), "SHOW POOLS")
	require.NoError(t, err)
	pools, err := pgx.CollectRows(rows, pgx.RowToMap)
	require.NoError(t, err)
	for _, pool := range pools {
		if pool["database"] == database {
			active, err := strconv.Atoi(fmt.Sprint(pool["sv_active"]))
			require.NoError(t, err)
			n += active
		}
	}
	return n
}

// What belongs to a session is the next client's as well, and not there for the
// one that made it: the reason why the rest of these tests keep nothing in one.
func TestPgBouncerKeepsNoSession(t *testing.T) {
	t.Parallel()
	url := pgtest.Pooled(t, pgtest.New(t))
	connect := func(t *testing.T, mode pgx.QueryExecMode) *pgx.Conn {
		config, err := pgx.ParseConfig(url)
		require.NoError(t, err)
		config.DefaultQueryExecMode = mode
		conn, err := pgx.ConnectConfig(t.Context(), config)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
		return conn
	}
	for _, test := range []struct {
		name string
		mode pgx.QueryExecMode
		// first runs in a session, which other has a transaction in afterwards,
		// while then needs another session.
		first string
		other string
		want  any
		then  func(t *testing.T, conn *pgx.Conn)
	}{
		{"setting", pgx.QueryExecModeExec, "SET lock_timeout = '7s'", "SHOW lock_timeout", "7s", func(t *testing.T, conn *pgx.Conn) {
			require.Equal(t, "0", show(t, conn, "lock_timeout"))
		}},
		{"advisory lock", pgx.QueryExecModeExec, "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_lock(1)", true, func(t *testing.T, conn *pgx.Conn) {
			locked, err := runtime.Value[bool](t.Context(), conn, "SELECT pg_try_advisory_lock(1)")
			require.NoError(t, err)
			require.False(t, locked)
		}},
		{"temporary table", pgx.QueryExecModeExec, "CREATE TEMPORARY TABLE mine (n int)", "SELECT count(*) FROM mine", int64(0), func(t *testing.T, conn *pgx.Conn) {
			_, err := runtime.Value[int](t.Context(), conn, "SELECT count(*) FROM mine")
			requirePgError(t, err, "", "42P01")
		}},
		{"notification", pgx.QueryExecModeExec, "LISTEN news", "SELECT pg_listening_channels()", "news", func(t *testing.T, conn *pgx.Conn) {
			_, err := conn.Exec(t.Context(), "NOTIFY news")
			require.NoError(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err = conn.WaitForNotification(ctx)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		}},
		{"prepared statement", pgx.QueryExecModeCacheStatement, "SELECT 11", "SELECT 12", int32(12), func(t *testing.T, conn *pgx.Conn) {
			_, err := runtime.Value[int](t.Context(), conn, "SELECT 11")
			requirePgError(t, err, "", "26000")
		}},
	} {
		t.Run(test.name, func(t *testing.T) { // one at a time, so that there is one session
			first, other := connect(t, test.mode), connect(t, pgx.QueryExecModeExec)
			rows, err := first.Query(t.Context(), test.first) // Exec would not prepare it
			require.NoError(t, err)
			rows.Close()
			require.NoError(t, rows.Err())
			tx, err := other.Begin(t.Context())
			require.NoError(t, err)
			var got any
			require.NoError(t, tx.QueryRow(t.Context(), test.other).Scan(&got))
			require.Equal(t, test.want, got)
			test.then(t, first)
			require.NoError(t, tx.Rollback(t.Context()))
		})
	}
}

func TestPgBouncerRefusesSettings(t *testing.T) {
	t.Parallel()
	url := pgtest.Pooled(t, pgtest.New(t))
	for key, value := range map[string]any{
		"search_path": "public", "statement_timeout": "1s", "params": map[string]any{"work_mem": "5MB"},
	} {
		name := key
		if key == "params" {
			name = "work_mem"
		}
		_, err := new(runtime.Registry).Open(t.Context(), "test", runtime.WithDSN(url), runtime.WithSetting(key, value))
		require.ErrorIs(t, err, runtime.ErrConfig, key)
		require.ErrorContains(t, err, "PgBouncer takes no "+name+" with a connection: set it with ALTER ROLE or ALTER DATABASE instead", key)
	}
	client := open(t, runtime.WithDSN(url), runtime.WithSetting("params", map[string]any{"application_name": "mine"}))
	require.Equal(t, "mine", show(t, client, "application_name"))
}

// BenchmarkExecModes shows what it costs to be without prepared statements, and
// what the way through PgBouncer costs: see docs/RUNTIME.md.
func BenchmarkExecModes(b *testing.B) {
	url := pgtest.Schema(b, "CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item SELECT generate_series(1, 10000); ANALYZE item")
	get := runtime.Statement[int32]{
		Name: "Get", SQL: "SELECT id FROM item WHERE id = $1", Columns: itemIDs.Columns, Decode: itemIDs.Decode,
	}
	for _, way := range []struct{ name, url string }{{"direct", pgtest.Direct(b, url)}, {"pgbouncer", pgtest.Pooled(b, url)}} {
		for _, mode := range []string{"cache_statement", "cache_describe", "exec", "simple_protocol"} {
			if way.name == "pgbouncer" && mode == "cache_statement" {
				continue
			}
			b.Run(way.name+"/"+mode, func(b *testing.B) {
				client, err := new(runtime.Registry).Open(b.Context(), "test", runtime.WithDSN(way.url), runtime.WithSetting("exec_mode", mode))
				require.NoError(b, err)
				defer client.Close()
				for b.Loop() {
					if _, err := get.One(b.Context(), client, int32(5000)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
