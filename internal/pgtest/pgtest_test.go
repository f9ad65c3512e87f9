package pgtest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestNewGivesEachTestAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"first", "second", "Ünïcode / and spaces", strings.Repeat("long", 40)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := pgx.Connect(t.Context(), pgtest.New(t))
			require.NoError(t, err)
			var tables int
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE oid >= 16384").Scan(&tables))
			require.Zero(t, tables)
			_, err = conn.Exec(t.Context(), "CREATE TABLE same_name (id int)")
			require.NoError(t, err)
			// The connection stays open on purpose: the clean-up has to cut it.
		})
	}
}

func TestDatabaseIsDroppedAtTheEndOfItsTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("inner", func(t *testing.T) { url = pgtest.New(t) })
	_, err := pgx.Connect(t.Context(), url)
	require.ErrorContains(t, err, "does not exist")
}

// Two transactions of one connection to PgBouncer can run in two sessions.
func TestPooled(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	const pid = "SELECT pg_backend_pid()"
	connect := func() *pgx.Conn {
		conn, err := pgx.Connect(t.Context(), pgtest.Pooled(t, url))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
		return conn
	}
	first, second := connect(), connect()
	var before, after int
	require.NoError(t, first.QueryRow(t.Context(), pid).Scan(&before))
	tx, err := second.Begin(t.Context())
	require.NoError(t, err)
	require.NoError(t, tx.QueryRow(t.Context(), pid).Scan(&after))
	require.Equal(t, before, after, "the free session is used")
	require.NoError(t, first.QueryRow(t.Context(), pid).Scan(&after))
	require.NotEqual(t, before, after)
	require.NoError(t, tx.Rollback(t.Context()))

	direct, err := pgx.Connect(t.Context(), pgtest.Direct(t, pgtest.Pooled(t, url)))
	require.NoError(t, err)
	require.NoError(t, direct.QueryRow(t.Context(), pid).Scan(&before))
	require.EqualValues(t, direct.PgConn().PID(), before)
	require.NoError(t, direct.Close(t.Context()))
}

func TestSchemaRunsAScript(t *testing.T) {
	t.Parallel()
	url := pgtest.Schema(t, `
		CREATE TYPE mood AS ENUM ('sad', 'ok');
		CREATE TABLE person (id bigint PRIMARY KEY, mood mood NOT NULL);
		INSERT INTO person VALUES (1, 'ok');
	`)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	var mood string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT mood::text FROM person").Scan(&mood))
	require.Equal(t, "ok", mood)
	require.NoError(t, conn.Close(t.Context()))
}

// endEnv makes the test binary end in a bad way: its value says which.
const endEnv = "PGWRIGHT_TEST_END"

// A test binary leaves no server behind, however it ends.
func TestNoServerIsLeft(t *testing.T) {
	if end := os.Getenv(endEnv); end != "" {
		fmt.Printf("socket<%s>\n", pgtest.Server(t).Socket())
		pgtest.Pooled(t, pgtest.New(t)) // a PgBouncer is not left either
		switch end {
		case "failure":
			require.Fail(t, "on purpose")
		case "panic":
			panic("on purpose")
		case "exit":
			os.Exit(1)
		}
		return
	}
	t.Parallel()
	for _, test := range []struct {
		end   string
		clean bool // the files are removed too, not only by the next start
	}{{"success", true}, {"failure", true}, {"panic", false}, {"exit", false}} {
		t.Run(test.end, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestNoServerIsLeft$", "-test.v")
			cmd.Env = append(os.Environ(), endEnv+"="+test.end)
			out, err := cmd.CombinedOutput()
			if test.end == "success" {
				require.NoError(t, err, "%s", out)
			} else {
				require.Error(t, err)
			}
			match := regexp.MustCompile(`socket<(.+)>`).FindStringSubmatch(string(out))
			require.NotNil(t, match, "%s", out)
			require.Eventually(t, func() bool {
				processes, err := exec.Command("ps", "-eo", "args=").Output()
				return err == nil && !strings.Contains(string(processes), match[1])
			}, 10*time.Second, 20*time.Millisecond)
			if test.clean {
				require.NoDirExists(t, match[1])
			}
		})
	}
}

func TestWithoutServerATestFails(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestSchemaRunsAScript$")
	cmd.Env = append(os.Environ(), pgtest.BinEnv+"=/nonexistent")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "pgtest: these tests need a PostgreSQL server (PGWRIGHT_TEST_POSTGRES_BIN names one): no PostgreSQL 13 or newer found")
	require.Contains(t, string(out), "pgwright postgres install")
}
