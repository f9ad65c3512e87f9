package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	goruntime "runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/internal/server"
	"github.com/pgwright/pgwright/runtime"
	"github.com/pgwright/pgwright/runtime/profile"
)

// restartable returns what starts a server of the test's own, always on the
// same data and at the same address.
func restartable(t *testing.T) (start func() *server.Server) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pgwr") // which the server's account can enter, with a short name for the socket
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	options := server.Options{BinDir: pgtest.Server(t).Binaries().Dir, CacheDir: dir}
	kept := false
	return func() *server.Server {
		s, err := server.Start(context.Background(), options, "restart")
		require.NoError(t, err)
		if !kept {
			require.NoError(t, s.Keep(context.Background()))
			kept = true
		}
		return s
	}
}

// Fifty goroutines write while sessions are killed and the server is restarted.
// What was acknowledged is there, nothing is there twice, each error says of
// what kind it is and comes in time, and nothing is left behind.
func TestFaultsUnderLoad(t *testing.T) { //nolint:paralleltest // it counts goroutines
	start := restartable(t)
	s := start()
	before := goruntime.NumGoroutine()
	client, err := new(runtime.Registry).Open(t.Context(), "test", runtime.WithDSN(s.URL("postgres")), runtime.WithSetting("max_size", 10),
		runtime.WithSetting("retries.backoff_min", "1ms"), runtime.WithSetting("retries.backoff_max", "5ms"),
		runtime.WithSetting("params", map[string]any{"synchronous_commit": "on"}))
	require.NoError(t, err)
	defer client.Close()
	_, err = client.Exec(t.Context(), "CREATE TABLE item (id int); CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)")
	require.NoError(t, err)

	const workers, patience = 50, 10 * time.Second
	insert := &runtime.Command{Name: "Insert", SQL: "INSERT INTO item VALUES ($1)"}
	count := &runtime.Command{Name: "Count", SQL: "UPDATE counter SET n = n + 1"}
	ways := []func(ctx context.Context, id int32) error{
		func(ctx context.Context, id int32) error { return insert.Exec(ctx, client, id) },
		func(ctx context.Context, id int32) error {
			retry := runtime.Retry{Attempts: 20, BackoffMin: time.Millisecond, BackoffMax: 20 * time.Millisecond}
			return client.InTx(ctx, runtime.TxOptions{Isolation: runtime.RepeatableRead, Retry: retry}, func(tx *runtime.Tx) error {
				if err := insert.Exec(ctx, tx, id); err != nil {
					return err
				}
				return count.Exec(ctx, tx)
			})
		},
		func(ctx context.Context, id int32) error {
			_, err := copyItems.From(ctx, client, []int32{id})
			return err
		},
		func(ctx context.Context, id int32) error {
			return insert.Exec(runtime.WithTimeout(ctx, time.Minute), client, id)
		},
		func(ctx context.Context, id int32) error {
			var b pgx.Batch
			insert.Queue(&b, id)
			return insert.Send(ctx, client, &b).Close()
		},
	}
	var next, failed atomic.Int32
	acknowledged := make([][]int32, workers)
	over := make(chan struct{})
	var wait sync.WaitGroup
	for worker := range workers {
		wait.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				id := next.Add(1)
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				begin := time.Now()
				err := ways[int(id)%len(ways)](ctx, id)
				cancel()
				if took := time.Since(begin); took > patience+2*time.Second {
					t.Errorf("%d took %s", id, took)
				}
				switch {
				case err == nil:
					acknowledged[worker] = append(acknowledged[worker], id)
				case errors.Is(err, runtime.ErrTransient), errors.Is(err, runtime.ErrCommitUnknown):
					failed.Add(1)
					time.Sleep(time.Millisecond)
				default:
					t.Errorf("%d: %v", id, err)
				}
			}
		})
	}
	kill := func() {
		admin, err := pgx.Connect(context.Background(), s.URL("postgres"))
		require.NoError(t, err)
		defer admin.Close(context.Background())
		for range 20 {
			time.Sleep(20 * time.Millisecond)
			_, err := admin.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
			require.NoError(t, err)
		}
	}
	kill()
	require.NoError(t, s.Stop())
	time.Sleep(100 * time.Millisecond)
	s = start()
	defer func() { require.NoError(t, s.Stop()) }()
	kill()
	time.Sleep(100 * time.Millisecond)
	close(over)
	wait.Wait()

	ids, err := itemIDs.All(t.Context(), client)
	require.NoError(t, err)
	there := map[int32]int{}
	for _, id := range ids {
		there[id]++
		require.Equal(t, 1, there[id], "%d was written twice", id)
	}
	total := 0
	for _, acknowledged := range acknowledged {
		for _, id := range acknowledged {
			total++
			require.Equal(t, 1, there[id], "%d was acknowledged and is lost", id)
		}
	}
	t.Logf("%d writes: %d acknowledged, %d failed, %d in the table", next.Load(), total, failed.Load(), len(ids))
	require.Positive(t, failed.Load())
	require.Greater(t, total, workers)

	client.Close()
	admin, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	defer admin.Close(context.Background())
	require.Eventually(t, func() bool {
		n, err := runtime.Value[int](t.Context(), admin, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
		return err == nil && n == 0
	}, 10*time.Second, 10*time.Millisecond, "connections are left")
	require.NoError(t, admin.Close(t.Context()))
	for end := time.Now().Add(10 * time.Second); goruntime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	require.LessOrEqual(t, goruntime.NumGoroutine(), before, "%s", stacks[:goruntime.Stack(stacks, true)])
}

// severed is a connection that ends when so many more bytes were read.
type severed struct {
	net.Conn
	left *atomic.Int64 // negative: it does not end
	read *atomic.Int64
}

func (c severed) Read(p []byte) (int, error) {
	left := c.left.Load()
	if left == 0 {
		return 0, errors.Join(io.EOF, c.Close())
	}
	if left > 0 {
		p = p[:min(int64(len(p)), left)]
	}
	n, err := c.Conn.Read(p)
	if left > 0 {
		c.left.Add(-int64(n))
	}
	c.read.Add(int64(n))
	return n, err
}

// A connection that is cut after any byte of the server's answer is an error
// that says so: never a result that is too short, nothing is done twice, and
// the next statement has another connection.
func TestConnectionCutInAMessage(t *testing.T) {
	t.Parallel()
	const few = 5
	list := &runtime.Statement[string]{
		Name: "List", SQL: "SELECT 'number ' || i FROM generate_series(1, 5) AS i",
		Columns: []runtime.Column{{Name: "text", Type: runtime.Text}},
		Decode:  func(v *string, r *runtime.Row) { *v = r.Text() },
	}
	insert := &runtime.Command{Name: "Insert", SQL: "INSERT INTO item VALUES ($1)"}
	var left, read atomic.Int64
	left.Store(-1)
	config, err := pgxpool.ParseConfig(pgtest.Schema(t, "CREATE TABLE item (id int)"))
	require.NoError(t, err)
	dial := config.ConnConfig.DialFunc
	config.MaxConns = 1
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		return severed{conn, &left, &read}, err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	db := runtime.NewClient(pool)
	t.Cleanup(db.Close)

	written := 0
	for name, use := range map[string]func() error{
		"all": func() error {
			all, err := list.All(t.Context(), db)
			if err != nil {
				require.Nil(t, all)
				return err
			}
			require.Len(t, all, few)
			return nil
		},
		"each": func() error {
			n := 0
			for text, err := range list.Each(t.Context(), db) {
				if err != nil {
					return err
				}
				n++
				require.Equal(t, "number "+strconv.Itoa(n), text)
			}
			require.Equal(t, few, n)
			return nil
		},
		"cursor": func() error {
			n := 0
			for _, err := range list.Each(runtime.WithFetchSize(t.Context(), 2), db) {
				if err != nil {
					return err
				}
				n++
			}
			require.Equal(t, few, n)
			return nil
		},
		"data": func() error {
			var b strings.Builder
			n, err := runtime.CopyTo(t.Context(), db, runtime.CopyQuery("SELECT generate_series(1, 5)"), &b, runtime.CopyOptions{})
			if err == nil {
				require.EqualValues(t, few, n)
				require.Equal(t, "1\n2\n3\n4\n5\n", b.String())
			}
			return err
		},
		"insert": func() error {
			written++
			return insert.Exec(t.Context(), db, int32(written))
		},
		"copy": func() error {
			written++
			_, err := copyItems.From(t.Context(), db, []int32{int32(written)})
			return err
		},
		"transaction": func() error {
			written++
			return db.InTx(t.Context(), runtime.TxOptions{Retry: runtime.Retry{Attempts: 3}}, func(tx *runtime.Tx) error {
				return insert.Exec(t.Context(), tx, int32(written))
			})
		},
	} {
		require.NoError(t, use(), name) // what is prepared once is prepared
		read.Store(0)
		require.NoError(t, use(), name)
		answer := read.Load()
		require.Greater(t, answer, int64(10), name)
		cuts := 0
		for n := int64(0); n < answer; n += max(1, answer/20) {
			left.Store(n)
			begin := time.Now()
			err := use()
			left.Store(-1)
			require.Less(t, time.Since(begin), 10*time.Second, "%s, %d", name, n)
			if err == nil {
				continue // all that it needed had come
			}
			cuts++
			require.True(t, errors.Is(err, runtime.ErrTransient) != errors.Is(err, runtime.ErrCommitUnknown), "%s, %d of %d: %v", name, n, answer, err)
			require.NoError(t, use(), "%s after %d", name, n)
		}
		require.Greater(t, cuts, 5, name)
	}
	ids, err := itemIDs.All(t.Context(), db)
	require.NoError(t, err)
	there := map[int32]bool{}
	for _, id := range ids {
		require.False(t, there[id], "%d is there twice", id)
		there[id] = true
	}
	require.Zero(t, pool.Stat().AcquiredConns())
}

// A password that is changed is a refusal with a kind of its own for who has
// the old one, as soon as a connection is opened; who opens again has the new.
func TestPasswordChanged(t *testing.T) {
	t.Parallel()
	s := restartable(t)()
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	admin, err := pgx.Connect(t.Context(), s.URL("postgres"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, admin.Close(context.Background())) })
	hba, err := runtime.Value[string](t.Context(), admin, "SHOW hba_file")
	require.NoError(t, err)
	for _, sql := range []string{
		"SET password_encryption = 'scram-sha-256'",
		"CREATE ROLE app LOGIN PASSWORD 'first ''secret'''",
		"COPY (VALUES ('local all app scram-sha-256'), ('local all all trust')) TO '" + hba + "'",
	} {
		_, err := admin.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	_, err = admin.Exec(t.Context(), "SELECT pg_reload_conf()")
	require.NoError(t, err)

	secrets := t.TempDir()
	tell := func(password string) {
		require.NoError(t, os.WriteFile(secrets+"/password", []byte(password+"\n"), 0o600))
	}
	try := func(registry *runtime.Registry) (*runtime.Client, error) {
		options := append(address(t, s.URL("postgres")), runtime.WithSetting("user", "app"), runtime.WithSetting("max_size", 2),
			runtime.WithSetting("password", "secret://password"), runtime.WithSecrets(profile.Files(secrets)))
		return registry.Open(t.Context(), "app", options...)
	}
	tell("first 'secret'")
	require.Eventually(t, func() bool { // once the server has read its file
		probe, err := pgx.Connect(t.Context(), strings.Replace(s.URL("postgres"), "postgres@", "app@", 1))
		if err == nil {
			require.NoError(t, probe.Close(t.Context()))
		}
		return err != nil
	}, 10*time.Second, 10*time.Millisecond)
	var registry runtime.Registry
	old, err := try(&registry)
	require.NoError(t, err)
	t.Cleanup(old.Close)

	_, err = admin.Exec(t.Context(), "ALTER ROLE app PASSWORD 'second'")
	require.NoError(t, err)
	require.NoError(t, old.Ping(t.Context()), "what is open stays open")
	_, err = admin.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")
	require.NoError(t, err)
	begin := time.Now()
	require.Eventually(t, func() bool { // the connection that was killed may be used once more
		_, err = old.Exec(t.Context(), "SELECT 1")
		return errors.Is(err, runtime.ErrAuth)
	}, 10*time.Second, 10*time.Millisecond, "%v", err)
	require.Less(t, time.Since(begin), 10*time.Second)
	requireKind(t, err, runtime.ErrAuth)
	var e *runtime.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "28P01", e.SQLState)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, e), "first")
	_, err = try(new(runtime.Registry))
	requireKind(t, err, runtime.ErrAuth)

	tell("second")
	again, err := try(&registry)
	require.NoError(t, err)
	t.Cleanup(again.Close)
	require.NoError(t, again.Ping(t.Context()))
	_, err = old.Exec(t.Context(), "SELECT 1")
	requireKind(t, err, runtime.ErrAuth) // settings are read once
}
