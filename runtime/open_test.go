package runtime_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	goruntime "runtime"
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
	"github.com/pgwright/pgwright/runtime/profile"
)

// address returns the options that say by single settings what a connection
// string of pgtest says.
func address(t *testing.T, dsn string) []runtime.Option {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Query().Get("port"))
	require.NoError(t, err)
	options := []runtime.Option{
		runtime.WithSetting("host", u.Query().Get("host")), runtime.WithSetting("port", port),
		runtime.WithSetting("database", strings.TrimPrefix(u.Path, "/")), runtime.WithSetting("user", u.User.Username()),
	}
	if mode := u.Query().Get("default_query_exec_mode"); mode != "" {
		options = append(options, runtime.WithSetting("exec_mode", mode))
	}
	return options
}

// open opens a profile in a registry of the test's own and closes it with the
// test.
func open(t *testing.T, options ...runtime.Option) *runtime.Client {
	t.Helper()
	client, err := new(runtime.Registry).Open(t.Context(), "test", options...)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func show(t *testing.T, db runtime.DB, setting string) (value string) {
	t.Helper()
	require.NoError(t, db.QueryRow(context.Background(), "SELECT coalesce(current_setting($1, true), '')", setting).Scan(&value))
	return value
}

func TestOpenReadsAFile(t *testing.T) {
	t.Parallel()
	u, err := url.Parse(pgtest.Direct(t, pgtest.New(t))) // a pooler takes few settings
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "pgwright.toml")
	require.NoError(t, os.WriteFile(file, []byte(fmt.Sprintf(`
[connectors.postgres.reports]
host = %q
port = %s
database = %q
user = "postgres"
application_name = "it's a \"name\" with = and \\ in it"
search_path = "odd, public"
statement_timeout = "90s"
exec_mode = "describe_exec"
pool = {max_size = 3, min_size = 1, max_idle = 0}
params = {work_mem = "5MB"}
`, u.Query().Get("host"), u.Query().Get("port"), strings.TrimPrefix(u.Path, "/"))), 0o600))
	client, err := runtime.Open(t.Context(), "reports", runtime.WithConfigFile(file))
	require.NoError(t, err)
	defer client.Close()
	for setting, want := range map[string]string{
		"application_name": `it's a "name" with = and \ in it`, "search_path": "odd, public", "statement_timeout": "90s", "work_mem": "5MB",
	} {
		require.Equal(t, want, show(t, client, setting), setting)
	}
	config := client.Pool().Config()
	require.EqualValues(t, 3, config.MaxConns)
	require.EqualValues(t, 1, config.MinConns)
	require.Greater(t, config.MaxConnIdleTime, 365*24*time.Hour)
	require.Equal(t, pgx.QueryExecModeDescribeExec, config.ConnConfig.DefaultQueryExecMode)
	require.Equal(t, `runtime.Client("reports")`, client.String())
}

// Each source overrides the ones before it, and all of it reaches the server.
func TestOpenFromEverySource(t *testing.T) {
	u, err := url.Parse(pgtest.Direct(t, pgtest.New(t))) // a pooler takes few settings
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "pyproject.toml")
	require.NoError(t, os.WriteFile(file, []byte(fmt.Sprintf(`
[project]
name = "shared with a Python service"
[tool.auto_workflow.connectors.postgres.read-only]
host = %q
port = 1
dbname = "nowhere"
user = "secret://db/who"
application_name = "file"
search_path = "file"
params = {work_mem = "1MB", lock_timeout = "1s", idle_in_transaction_session_timeout = "1s"}
`, u.Query().Get("host"))), 0o600))
	t.Setenv("PGWRIGHT_CONFIG", file)
	t.Setenv("TEST_READ_ONLY__port", u.Query().Get("port"))
	t.Setenv("TEST_READ_ONLY__DBNAME", strings.TrimPrefix(u.Path, "/"))
	t.Setenv("TEST_READ_ONLY__SEARCH_PATH", "env, public")
	t.Setenv("TEST_READ_ONLY__PARAMS__LOCK_TIMEOUT", "2s")
	t.Setenv("TEST_READ_ONLY__PARAMS__IDLE_IN_TRANSACTION_SESSION_TIMEOUT", "2s")
	t.Setenv("TEST_READ_ONLY__POOL__MAX_SIZE", "2")
	t.Setenv("TEST_READ_ONLY__JSON", `{"application_name": "json", "params": {"idle_in_transaction_session_timeout": "3s"}, "pool": {"max_size": 3}}`)
	client, err := new(runtime.Registry).Open(t.Context(), "read-only", runtime.WithEnvPrefix("TEST_"),
		runtime.WithSecrets(profile.Map{"db/who": u.User.Username()}),
		runtime.WithSetting("pool.max_size", 4), runtime.WithSetting("statement_timeout", "4s"))
	require.NoError(t, err)
	defer client.Close()
	for setting, want := range map[string]string{
		"application_name": "json", "search_path": "env, public", "statement_timeout": "4s",
		"work_mem": "1MB", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "3s",
	} {
		require.Equal(t, want, show(t, client, setting), setting)
	}
	require.EqualValues(t, 4, client.Pool().Config().MaxConns)
	user, err := runtime.Value[string](t.Context(), client, "SELECT current_user")
	require.NoError(t, err)
	require.Equal(t, u.User.Username(), user)
}

// A function with a connection has one and the same session: what it listens
// for comes, and what it locks is locked.
func TestConnIsOneSession(t *testing.T) {
	t.Parallel()
	client := open(t, runtime.WithDSN(pgtest.Direct(t, pgtest.New(t)))) // behind a pooler: TestPgBouncerKeepsNoSession
	require.NoError(t, client.Conn(t.Context(), func(conn *pgx.Conn) error {
		_, err := conn.Exec(t.Context(), "LISTEN news; CREATE TEMPORARY TABLE mine (n int); SELECT pg_advisory_lock(1)")
		require.NoError(t, err)
		_, err = client.Exec(t.Context(), "NOTIFY news, 'good'")
		require.NoError(t, err)
		news, err := conn.WaitForNotification(t.Context())
		require.NoError(t, err)
		require.Equal(t, "good", news.Payload)
		locked, err := runtime.Value[bool](t.Context(), client, "SELECT pg_try_advisory_lock(1)")
		require.NoError(t, err)
		require.False(t, locked)
		_, err = conn.Exec(t.Context(), "INSERT INTO mine VALUES (1)")
		return err
	}))
}

func TestOpenClosesWhatIsIdle(t *testing.T) {
	t.Parallel()
	client := open(t, runtime.WithDSN(pgtest.New(t)), runtime.WithSetting("pool.max_idle", "20ms"),
		runtime.WithPoolConfig(func(config *pgxpool.Config) { config.HealthCheckPeriod = 5 * time.Millisecond }))
	require.NoError(t, client.Ping(t.Context()))
	require.Eventually(t, func() bool { return client.Stats().TotalConns() == 0 }, 10*time.Second, time.Millisecond)
	require.NoError(t, client.Ping(t.Context()))
}

func TestOpenSendsOnlyWhatIsConfigured(t *testing.T) {
	t.Parallel()
	client := open(t, address(t, pgtest.New(t))...)
	require.Empty(t, client.Pool().Config().ConnConfig.RuntimeParams)
	require.Empty(t, show(t, client, "application_name"))
}

// What the DSN says holds unless the profile says otherwise; what the profile
// only defaults to does not override it.
func TestOpenWithDSN(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Direct(t, pgtest.New(t)) // which has no exec mode of its own
	for _, test := range []struct {
		name       string
		in         string
		settings   map[string]any
		most, less int32
		idle       time.Duration
		connect    time.Duration
		mode       pgx.QueryExecMode
	}{
		{"nothing", "", nil, 10, 0, 30 * time.Minute, 10 * time.Second, pgx.QueryExecModeCacheStatement},
		{
			"dsn", "&pool_max_conns=5&pool_min_conns=1&pool_max_conn_idle_time=1h&connect_timeout=7&default_query_exec_mode=exec", nil,
			5, 1, time.Hour, 7 * time.Second, pgx.QueryExecModeExec,
		},
		{
			"profile", "&pool_max_conns=5&pool_min_conns=1&pool_max_conn_idle_time=1h&connect_timeout=7&default_query_exec_mode=exec",
			map[string]any{"max_size": 6, "min_size": 2, "pool.max_idle": "2h", "connect_timeout": 8, "exec_mode": "cache_describe"},
			6, 2, 2 * time.Hour, 8 * time.Second, pgx.QueryExecModeCacheDescribe,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			options := []runtime.Option{runtime.WithDSN(dsn + test.in)}
			for key, value := range test.settings {
				options = append(options, runtime.WithSetting(key, value))
			}
			config := open(t, options...).Pool().Config()
			require.Equal(t, test.most, config.MaxConns)
			require.Equal(t, test.less, config.MinConns)
			require.Equal(t, test.idle, config.MaxConnIdleTime)
			require.Equal(t, test.connect, config.ConnConfig.ConnectTimeout)
			require.Equal(t, test.mode, config.ConnConfig.DefaultQueryExecMode)
		})
	}
}

// Variables of libpq do not change a profile that names its database.
func TestOpenIgnoresTheEnvironmentOfLibpq(t *testing.T) {
	dsn := pgtest.New(t)
	services := filepath.Join(t.TempDir(), "services")
	require.NoError(t, os.WriteFile(services, []byte("[other]\nhost=elsewhere.invalid\nuser=nobody\napplication_name=wrong\n"), 0o600))
	for name, value := range map[string]string{
		"PGSERVICE": "other", "PGSERVICEFILE": services, "PGSSLMODE": "verify-full",
		"PGHOST": "elsewhere.invalid", "PGPORT": "1", "PGDATABASE": "nowhere", "PGUSER": "nobody", "PGPASSWORD": "wrong",
		"PGAPPNAME": "wrong", "PGOPTIONS": "-c work_mem=7MB", "PGTZ": "Asia/Tokyo", "PGTARGETSESSIONATTRS": "standby",
		"PGCONNECT_TIMEOUT": "nonsense", "PGREQUIREAUTH": "md5", "PGCHANNELBINDING": "require", "PGMINPROTOCOLVERSION": "latest",
	} {
		t.Setenv(name, value)
	}
	client := open(t, address(t, dsn)...)
	require.Empty(t, show(t, client, "application_name"))
	require.NotEqual(t, "7MB", show(t, client, "work_mem"))
	require.NotEqual(t, "Asia/Tokyo", show(t, client, "timezone"))
	require.Empty(t, client.Pool().Config().ConnConfig.Password)
}

func TestOpenSharesAPool(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t)
	var registry runtime.Registry
	open := func(name string, options ...runtime.Option) *runtime.Client {
		client, err := registry.Open(t.Context(), name, append([]runtime.Option{runtime.WithDSN(dsn)}, options...)...)
		require.NoError(t, err)
		t.Cleanup(client.Close)
		return client
	}
	first, second := open("a"), open("a")
	require.Same(t, first.Pool(), second.Pool())
	for name, other := range map[string]*runtime.Client{
		"another profile": open("b"),
		"other settings":  open("a", runtime.WithSetting("max_size", 3)),
		"tracer":          open("a", runtime.WithTracer(&journal{})),
		"same tracer":     open("a", runtime.WithTracer(&journal{})),
		"function":        open("a", runtime.WithPoolConfig(func(*pgxpool.Config) {})),
	} {
		require.NotSame(t, first.Pool(), other.Pool(), name)
		require.NoError(t, other.Ping(t.Context()), name)
		other.Close()
		require.ErrorIs(t, other.Ping(t.Context()), runtime.ErrClosed, name)
	}
	watched := open("a", runtime.WithObserver(runtime.ObserverFunc(func(context.Context, runtime.Event) {})))
	require.Same(t, first.Pool(), watched.Pool())
	watched.Close()

	first.Close()
	first.Close() // gives up its own share only
	require.ErrorIs(t, first.Ping(t.Context()), runtime.ErrClosed)
	require.NoError(t, second.Ping(t.Context()))
	pool := second.Pool()
	second.Close()
	require.Error(t, pool.Ping(t.Context()), "the last one closes the pool")
	third := open("a")
	require.NotSame(t, pool, third.Pool())
	require.NoError(t, third.Ping(t.Context()))
}

func TestOpenAtOnceMakesOnePool(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t)
	var registry runtime.Registry
	clients := make([]*runtime.Client, 50)
	var wait sync.WaitGroup
	for i := range clients {
		wait.Go(func() {
			client, err := registry.Open(t.Context(), "a", runtime.WithDSN(dsn))
			if err == nil {
				clients[i] = client
			}
		})
	}
	wait.Wait()
	for _, client := range clients {
		require.NotNil(t, client)
		require.Same(t, clients[0].Pool(), client.Pool())
	}
	for _, client := range clients {
		wait.Go(client.Close)
		wait.Go(client.Close)
	}
	wait.Wait()
	require.Error(t, clients[0].Pool().Ping(t.Context()))
}

// A caller whose context ends leaves; those who wait for the same pool get it.
func TestOpenOutlivesTheFirstCaller(t *testing.T) {
	t.Parallel()
	server := newProxy(t, pgtest.New(t))
	server.hold()
	var registry runtime.Registry
	impatient, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := registry.Open(impatient, "a", server.options()...)
		failed <- err
	}()
	server.waitForConnection(t)
	opened := make(chan *runtime.Client)
	go func() {
		client, _ := registry.Open(t.Context(), "a", server.options()...)
		opened <- client
	}()
	require.Eventually(t, func() bool { return registry.Users() == 2 }, 10*time.Second, time.Millisecond)
	cancel()
	err := <-failed
	require.ErrorIs(t, err, context.Canceled)
	var e *runtime.Error
	require.ErrorAs(t, err, &e)
	server.letGo()
	client := <-opened
	require.NotNil(t, client)
	require.NoError(t, client.Ping(t.Context()))
	client.Close()
	require.EqualValues(t, 1, server.connections.Load())
}

// What is left of a closed client, and of an Open that failed, is nothing.
func TestOpenLeaksNoGoroutine(t *testing.T) {
	dsn := pgtest.New(t)
	before := goruntime.NumGoroutine()
	for range 5 {
		var registry runtime.Registry
		client, err := registry.Open(t.Context(), "a", runtime.WithDSN(dsn), runtime.WithSetting("min_size", 3))
		require.NoError(t, err)
		require.NoError(t, client.SQL().PingContext(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
		_, err = client.Exec(ctx, "SELECT pg_sleep(10)")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		cancel()
		client.Close()
		_, err = registry.Open(t.Context(), "a", runtime.WithDSN(pgtest.Direct(t, dsn)+"&dbname=nothing"))
		require.Error(t, err)
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		_, err = registry.Open(ctx, "a", runtime.WithDSN(dsn))
		require.ErrorIs(t, err, context.Canceled)
	}
	for end := time.Now().Add(10 * time.Second); goruntime.NumGoroutine() > before && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	require.LessOrEqual(t, goruntime.NumGoroutine(), before, "%s", stacks[:goruntime.Stack(stacks, true)])
}

const password = "s3cr3t-p@ss w/ord'%"

// Nothing that can be printed of a client, or of the error of one that could
// not be opened, has the password in it.
func TestNothingPrintsThePassword(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t)
	with := func(dsn string) []runtime.Option {
		u, err := url.Parse(dsn)
		require.NoError(t, err)
		u.User = url.UserPassword("postgres", password)
		return []runtime.Option{runtime.WithDSN(u.String())}
	}
	secret := runtime.WithSetting("password", password)
	refusing := newRefusal(t, "28P01", "password authentication failed")
	for _, test := range []struct {
		name    string
		options []runtime.Option
		want    string // "" for a client
		kind    error
	}{
		{"client by dsn", with(dsn), "", nil},
		{"client by host", append(address(t, dsn), secret), "", nil},
		{"wrong password", refusing.address(password), "28P01", runtime.ErrAuth},
		{"host that does not exist", append(address(t, "postgres://postgres@/a?host=nowhere.invalid&port=1"), secret), "nowhere.invalid", runtime.ErrTransient},
		{"unknown database", with(pgtest.Direct(t, dsn) + "&dbname=nothing"), "3D000", runtime.ErrPermanent},
		{"dsn with a wrong port", []runtime.Option{runtime.WithDSN("postgres://postgres:" + password + "@localhost/a")}, "dsn", runtime.ErrConfig},
		{"dsn with a wrong sslmode", with(dsn + "&sslmode=perhaps&host=localhost"), "failed to configure TLS", runtime.ErrConfig},
		{"dsn that is none", []runtime.Option{runtime.WithDSN("host=a password=" + password + " nonsense")}, "dsn", runtime.ErrConfig},
		{"dsn with a strange parameter", with(dsn + "&pool_max_conns=" + url.QueryEscape(password)), "pool_max_conns", runtime.ErrConfig},
		{"dsn with a certificate that is not there", with(dsn + "&sslmode=verify-full&host=localhost&sslrootcert=/nowhere/ca.pem"), "/nowhere/ca.pem", runtime.ErrConfig},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			client, err := new(runtime.Registry).Open(t.Context(), "test", append(test.options, runtime.WithSetting("retries.attempts", 1))...)
			var printed any = client
			if test.want == "" {
				require.NoError(t, err)
				defer client.Close()
			} else {
				require.ErrorContains(t, err, test.want)
				require.ErrorContains(t, err, `profile "test"`)
				require.ErrorIs(t, err, test.kind)
				printed = err
			}
			requireConcealed(t, append(chain(err), printed)...)
		})
	}
}

func TestSQL(t *testing.T) {
	t.Parallel()
	client := open(t, runtime.WithDSN(pgtest.New(t)), runtime.WithSetting("max_size", 2))
	db := client.SQL()
	require.Same(t, db, client.SQL())
	ctx := t.Context()
	_, err := db.ExecContext(ctx, "CREATE TABLE item (id int)")
	require.NoError(t, err)
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "INSERT INTO item VALUES ($1)", 7)
	require.NoError(t, err)
	require.EqualValues(t, 1, client.Stats().AcquiredConns())
	require.NoError(t, tx.Commit())
	var id int
	require.NoError(t, client.QueryRow(ctx, "SELECT id FROM item").Scan(&id))
	require.Equal(t, 7, id)
	require.Zero(t, client.Stats().AcquiredConns(), "it keeps no connection")

	client.Close()
	require.ErrorContains(t, db.PingContext(ctx), "closed")
	require.ErrorContains(t, client.SQL().PingContext(ctx), "closed")
	late := open(t, runtime.WithDSN(pgtest.New(t)))
	late.Close()
	require.ErrorContains(t, late.SQL().PingContext(ctx), "closed")
}

func TestTracerAndPoolConfig(t *testing.T) {
	t.Parallel()
	j := &journal{}
	var order []string
	client := open(
		t, runtime.WithDSN(pgtest.New(t)), runtime.WithTracer(j), runtime.WithSetting("max_size", 1),
		runtime.WithPoolConfig(func(config *pgxpool.Config) {
			config.MaxConns = 2
			config.AfterConnect = func(context.Context, *pgx.Conn) error { order = append(order, "after connect"); return nil }
			config.BeforeConnect = func(context.Context, *pgx.ConnConfig) error { order = append(order, "before connect"); return nil }
			//lint:ignore SA1019 it works as long as pgx has it
			config.BeforeAcquire = func(context.Context, *pgx.Conn) bool { order = append(order, "before acquire"); return true }
			config.BeforeClose = func(*pgx.Conn) { order = append(order, "before close") }
		}),
	)
	require.EqualValues(t, 2, client.Pool().Config().MaxConns)
	_, err := client.Exec(t.Context(), "SELECT 1")
	require.NoError(t, err)
	require.Equal(t, []string{"SELECT 1"}, j.take())
	client.Close()
	require.Equal(t, []string{"before connect", "after connect", "before acquire", "before acquire", "before close"}, order)
}

func TestOpenOfNothing(t *testing.T) {
	t.Parallel()
	_, err := runtime.Open(t.Context(), "nothing", runtime.WithConfigFile(filepath.Join(t.TempDir(), "pgwright.toml")))
	require.ErrorIs(t, err, runtime.ErrConfig)
	require.ErrorIs(t, err, profile.ErrConfig)
	var e *runtime.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, runtime.OpConnect, e.Op)
}

// With its wait for a connection bounded, its attempts counted and its
// contexts watched, a client costs no allocation that its pool does not.
func TestClientAllocatesNothing(t *testing.T) {
	client := open(t, runtime.WithDSN(pgtest.Schema(t, "CREATE TABLE item (id int); INSERT INTO item VALUES (1)")))
	plain := poolOf(t, client.Pool().Config().ConnString(), 10)
	allocations := func(db runtime.DB) float64 {
		return testing.AllocsPerRun(200, func() {
			if _, err := itemIDs.One(t.Context(), db); err != nil {
				t.Error(err)
			}
		})
	}
	require.LessOrEqual(t, allocations(client), allocations(plain))
}
