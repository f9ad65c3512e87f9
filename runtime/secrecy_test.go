package runtime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// requireConcealed prints a value in every way and looks for the password.
func requireConcealed(t *testing.T, values ...any) {
	t.Helper()
	var out bytes.Buffer
	for _, value := range values {
		if e, ok := value.(*pgconn.ConnectError); ok {
			// For printers that follow pointers, as those of debuggers and tests.
			fmt.Fprintf(&out, "%+v\n", *e.Config)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", value)
			fmt.Fprintf(&out, verb+"\n", []any{value, &value, struct{ A any }{value}})
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", value)
		if text, err := json.Marshal(value); err == nil {
			out.Write(text)
		}
	}
	for _, form := range []string{password, url.QueryEscape(password), url.PathEscape(password), "s3cr3t", fmt.Sprintf("%x", password)} {
		require.NotContains(t, out.String(), form)
	}
}

// chain returns an error and all that it wraps.
func chain(err error) (all []any) {
	if err == nil {
		return nil
	}
	all = []any{err}
	switch e := err.(type) { //nolint:errorlint // looks at each one
	case interface{ Unwrap() error }:
		all = append(all, chain(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			all = append(all, chain(inner)...)
		}
	}
	return all
}

// A pool that cannot open a connection any more says why without the password,
// whoever asks, and so do those who watch.
func TestErrorsOfAPoolShowNoPassword(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var closed, refused atomic.Bool
	p := newProxy(t, pgtest.New(t))
	p.refuse = func(_ int64, conn net.Conn) bool {
		if refused.Load() {
			return refuseWith(conn, "28P01", "password authentication failed")
		}
		return !closed.Load()
	}
	var logged bytes.Buffer
	var mu sync.Mutex
	var seen []any
	client := open(t, append(
		p.address(password), runtime.WithSetting("retries.attempts", 2),
		runtime.WithObserver(runtime.Observers{
			runtime.SlogObserver(slog.New(slog.NewTextHandler(&syncedWriter{w: &logged}, nil)), runtime.SlogOptions{}),
			runtime.ObserverFunc(func(_ context.Context, e runtime.Event) {
				mu.Lock()
				defer mu.Unlock()
				seen = append(append(seen, e), chain(e.Err)...)
			}),
		}))...)
	require.Equal(t, password, client.Pool().Config().ConnConfig.Password, "there is something to find")
	for _, test := range []struct {
		name string
		use  func() error
	}{
		{"exec", func() error { _, err := client.Exec(ctx, "SELECT 1"); return err }},
		{"query", func() error { _, err := client.Query(ctx, "SELECT 1"); return err }},
		{"row", func() error { return client.QueryRow(ctx, "SELECT 1").Scan(new(int)) }},
		{"batch", func() error { return client.SendBatch(ctx, &pgx.Batch{}).Close() }},
		{"copy", func() error {
			_, err := client.CopyFrom(ctx, pgx.Identifier{"a"}, []string{"b"}, pgx.CopyFromRows(nil))
			return err
		}},
		{"copy of data", func() error {
			_, err := runtime.CopyFrom(ctx, client, "a", strings.NewReader(""), runtime.CopyOptions{})
			return err
		}},
		{"typed copy", func() error { _, err := copyItems.From(ctx, client, []int32{1}); return err }},
		{"generated", func() error { _, err := itemIDs.All(ctx, client); return err }},
		{"by hand", func() error { _, err := runtime.All[int](ctx, client, "SELECT 1"); return err }},
		{"with a timeout", func() error { _, err := itemIDs.All(runtime.WithTimeout(ctx, 1e9), client); return err }},
		{"stream", func() error {
			for _, err := range itemIDs.Each(ctx, client) {
				return err
			}
			return nil
		}},
		{"cursor", func() error {
			for _, err := range itemIDs.Each(runtime.WithFetchSize(ctx, 1), client) {
				return err
			}
			return nil
		}},
		{"transaction", func() error {
			return client.InTx(ctx, runtime.TxOptions{}, func(*runtime.Tx) error { return nil })
		}},
		{"transaction of pgx", func() error { _, err := client.BeginTx(ctx, pgx.TxOptions{}); return err }},
		{"connection", func() error { return client.Conn(ctx, func(*pgx.Conn) error { return nil }) }},
		{"ping", func() error { return client.Ping(ctx) }},
		{"sql", func() error { return client.SQL().PingContext(ctx) }},
	} {
		for name, down := range map[string]*atomic.Bool{"closed": &closed, "refused": &refused} {
			down.Store(true)
			client.Pool().Reset()
			err := test.use()
			down.Store(false)
			require.Error(t, err, test.name+" "+name)
			requireConcealed(t, chain(err)...)
			if test.name != "sql" {
				var e *runtime.Error
				require.ErrorAs(t, err, &e, test.name)
			}
		}
	}
	client.Close()
	mu.Lock()
	defer mu.Unlock()
	require.NotEmpty(t, seen)
	requireConcealed(t, seen...)
	require.Contains(t, logged.String(), "28P01")
	requireConcealed(t, logged.String())
}

// syncedWriter lets several goroutines write.
type syncedWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (s *syncedWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(b)
}

// What is open keeps nothing to itself if it dies with a client in its hands.
func TestPanicsShowNoPassword(t *testing.T) {
	t.Parallel()
	client := open(t, append(address(t, pgtest.New(t)), runtime.WithSetting("password", password))...)
	for name, use := range map[string]func(){
		"in a transaction": func() {
			_ = client.InTx(t.Context(), runtime.TxOptions{}, func(tx *runtime.Tx) error { panic(fmt.Errorf("%v %+v %#v", client, client, tx)) })
		},
		"with a connection": func() {
			_ = client.Conn(t.Context(), func(*pgx.Conn) error { panic(client) })
		},
	} {
		func() {
			defer func() { requireConcealed(t, recover()) }()
			use()
			require.Fail(t, "no panic", name)
		}()
	}
}

// Names and passwords are what they are, whatever characters they have.
func TestOpenWithOddNames(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Direct(t, pgtest.New(t)) // a pooler knows no such roles and takes no such settings
	admin := open(t, runtime.WithDSN(dsn))
	for i, name := range []string{
		`with space`, `it's "quoted"`, `user@host:5432/db?sslmode=require`, `100%25 +plus`, `back\slash`, `a=b c='d'`, `größe`, `$1;--`, ` `,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			// Roles and databases are the whole server's: no other test has these.
			role, database := fmt.Sprintf("%s role %d", name, i), fmt.Sprintf("%s database %d", name, i)
			quotedRole, quotedDatabase := pgx.Identifier{role}.Sanitize(), pgx.Identifier{database}.Sanitize()
			for _, sql := range []string{"CREATE ROLE " + quotedRole + " LOGIN", "CREATE DATABASE " + quotedDatabase + " TEMPLATE template0"} {
				_, err := admin.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
				require.NoError(t, err)
			}
			t.Cleanup(func() {
				for _, sql := range []string{"DROP DATABASE " + quotedDatabase + " WITH (FORCE)", "DROP ROLE " + quotedRole} {
					_, err := admin.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
					require.NoError(t, err)
				}
			})
			client := open(t, append(address(t, dsn), runtime.WithSetting("database", database), runtime.WithSetting("user", role),
				runtime.WithSetting("password", name), runtime.WithSetting("application_name", name), runtime.WithSetting("params.app.tenant", name))...)
			defer client.Close()
			var inRole, inDatabase string
			require.NoError(t, client.QueryRow(ctx, "SELECT current_user, current_database()").Scan(&inRole, &inDatabase))
			require.Equal(t, []string{role, database}, []string{inRole, inDatabase})
			require.Equal(t, name, show(t, client, "app.tenant"))
			require.Equal(t, name, client.Pool().Config().ConnConfig.Password)
		})
	}
}

// Two profiles of one file are two databases, opened and used at once; what
// the environment says to one of them does not reach the other.
func TestTwoProfilesOpenAtOnce(t *testing.T) {
	var registry runtime.Registry
	var text strings.Builder
	names := []string{"orders", "read-only"}
	want := map[string]string{}
	for _, name := range names {
		u, err := url.Parse(pgtest.New(t))
		require.NoError(t, err)
		want[name] = strings.TrimPrefix(u.Path, "/")
		fmt.Fprintf(&text, "[connectors.postgres.%s]\nhost = %q\nport = %s\ndatabase = %q\nuser = \"postgres\"\n",
			name, u.Query().Get("host"), u.Query().Get("port"), want[name])
		if mode := u.Query().Get("default_query_exec_mode"); mode != "" {
			fmt.Fprintf(&text, "exec_mode = %q\n", mode)
		}
	}
	file := filepath.Join(t.TempDir(), "pgwright.toml")
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	t.Setenv("AUTO_WORKFLOW_CONNECTORS_POSTGRES_READ_ONLY__PARAMS__TIMEZONE", "Europe/Rome")
	t.Setenv("AUTO_WORKFLOW_CONNECTORS_POSTGRES_READ_ONLY__POOL__MAX_SIZE", "3")
	var wait sync.WaitGroup
	for i := range 20 {
		name := names[i%2]
		wait.Go(func() {
			if err := func() error {
				client, err := registry.Open(t.Context(), name, runtime.WithConfigFile(file))
				if err != nil {
					return err
				}
				defer client.Close()
				for range 10 {
					var database, zone string
					err := client.QueryRow(t.Context(), "SELECT current_database(), current_setting('timezone')").Scan(&database, &zone)
					if err != nil {
						return err
					}
					if database != want[name] || (zone == "Europe/Rome") != (name == "read-only") || (client.Pool().Config().MaxConns == 3) != (name == "read-only") {
						return errors.New(database + " " + zone)
					}
				}
				return nil
			}(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wait.Wait()
	require.Zero(t, registry.Users())
}
