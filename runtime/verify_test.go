package runtime_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

const verifySchema = `CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE SCHEMA "S 2";
CREATE TYPE "S 2".mood AS ENUM ('sad', 'ok');
CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL, mood mood NOT NULL, moods mood[] NOT NULL);
CREATE TABLE log (line text NOT NULL);`

// verified are statements as generated code has them.
func verified() []runtime.Verifiable {
	return []runtime.Verifiable{
		&runtime.Statement[int64]{Name: "People", SQL: "select id, name, mood, moods from people", Columns: []runtime.Column{
			{Name: "id", Type: runtime.Int8},
			{Name: "name", Type: runtime.Text},
			{Name: "mood", Type: "public.mood"},
			{Name: "moods", Type: "public.mood[]"},
		}},
		&runtime.Command{Name: "Rename", SQL: "update people set name = $1 where id = $2"},
		&runtime.CopyStatement[string]{Name: "CopyLog", Table: []string{"public", "log"}, Columns: []runtime.Column{{Name: "line", Type: runtime.Text}}},
		&runtime.Statement[int64]{Name: "Count", SQL: "select count(*) from log", Columns: []runtime.Column{{Name: "count", Type: runtime.Int8}}},
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, migration string
		want            string
	}{
		{"nothing", "", ""},
		{"a column that no query has", "alter table people add column age integer", ""},
		{
			"a renamed column", "alter table people rename column name to label",
			`People: ERROR: column "name" does not exist (SQLSTATE 42703)` + "\n" +
				`Rename: ERROR: column "name" of relation "people" does not exist (SQLSTATE 42703)`,
		},
		{
			"several things", "alter table people alter column id type integer; drop table log; alter table people alter column name type bytea using ''",
			`People: column "id": generated for bigint, the server sends integer: the schema has changed; run "pgwright generate"` + "\n" +
				`People: column "name": generated for text, the server sends bytea: the schema has changed; run "pgwright generate"` + "\n" +
				`CopyLog: ERROR: relation "public.log" does not exist (SQLSTATE 42P01)` + "\n" +
				`Count: ERROR: relation "log" does not exist (SQLSTATE 42P01)`,
		},
		{
			"a copied column of another type", "alter table log alter column line type integer using 1",
			`CopyLog: column "line": generated for text, the server sends integer: the schema has changed; run "pgwright generate"`,
		},
		{
			"another type of the same name", `alter table people alter column mood type "S 2".mood using 'ok'`,
			`People: column "mood": generated for public.mood, the server sends `,
		},
		{
			"a type that is gone", `alter table people alter column mood type text, alter column moods type text[]; drop type mood`,
			`People: column "mood": generated for public.mood, the server sends text: the schema has changed; run "pgwright generate"` + "\n" +
				`People: column "moods": generated for public.mood[], the server sends text[]: the schema has changed; run "pgwright generate"`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn, err := pgx.Connect(context.Background(), pgtest.Schema(t, verifySchema))
			require.NoError(t, err)
			defer conn.Close(context.Background())
			_, err = conn.Exec(context.Background(), tt.migration, pgx.QueryExecModeSimpleProtocol)
			require.NoError(t, err)
			err = runtime.Verify(context.Background(), conn, verified()...)
			if tt.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.want)
				var e *runtime.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, runtime.KindPermanent, e.Kind)
			}
			// The connection serves on.
			var n int
			require.NoError(t, conn.QueryRow(context.Background(), "select 1").Scan(&n))
		})
	}
}

// turns counts how often a connection turns from writing to reading.
type turns struct {
	net.Conn
	writing *atomic.Bool
	count   *atomic.Int64
}

func (c turns) Write(p []byte) (int, error) {
	c.writing.Store(true)
	return c.Conn.Write(p)
}

func (c turns) Read(p []byte) (int, error) {
	if c.writing.Swap(false) {
		c.count.Add(1)
	}
	return c.Conn.Read(p)
}

func TestVerifyIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	config, err := pgx.ParseConfig(pgtest.Schema(t, verifySchema))
	require.NoError(t, err)
	var writing atomic.Bool
	var count atomic.Int64
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		return turns{c, &writing, &count}, err
	}
	conn, err := pgx.ConnectConfig(context.Background(), config)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	before := count.Load()
	require.NoError(t, runtime.Verify(context.Background(), conn, verified()...))
	require.Equal(t, int64(1), count.Load()-before)
}

func TestVerifyManyStatements(t *testing.T) {
	t.Parallel()
	p, err := pgxpool.New(context.Background(), pgtest.Schema(t, verifySchema))
	require.NoError(t, err)
	defer p.Close()
	var many []runtime.Verifiable
	for range 1000 {
		many = append(many, verified()...)
	}
	require.NoError(t, runtime.Verify(context.Background(), p, many...))
	require.NoError(t, runtime.Verify(context.Background(), p))
}

func TestVerifyOfAClient(t *testing.T) {
	t.Parallel()
	client := open(t, runtime.WithDSN(pgtest.Schema(t, verifySchema)))
	require.NoError(t, runtime.Verify(t.Context(), client, verified()...))
	_, err := client.Exec(t.Context(), "drop table log")
	require.NoError(t, err)
	require.ErrorContains(t, runtime.Verify(t.Context(), client, verified()...), `CopyLog: ERROR: relation "public.log" does not exist`)
	require.NoError(t, client.InTx(t.Context(), runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.ErrorContains(t, runtime.Verify(t.Context(), tx, verified()...), "cannot run in a transaction")
		return nil
	}))
	client.Close()
	require.ErrorIs(t, runtime.Verify(t.Context(), client, verified()...), runtime.ErrClosed)
}

// What cannot be asked is an error, never silence.
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	url := pgtest.Schema(t, verifySchema)
	conn, err := pgx.Connect(context.Background(), url)
	require.NoError(t, err)
	require.ErrorContains(t, runtime.Verify(context.Background(), struct{ runtime.Execer }{conn}, verified()...), "the connection itself")
	require.ErrorContains(t, runtime.Verify(context.Background(), struct{ runtime.DB }{conn}, verified()...), "the connection itself")

	tx, err := conn.Begin(context.Background())
	require.NoError(t, err)
	require.ErrorContains(t, runtime.Verify(context.Background(), tx, verified()...), "cannot run in a transaction")
	require.NoError(t, tx.Rollback(context.Background()))

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, runtime.Verify(ctx, conn, verified()...), context.Canceled)
	require.NoError(t, conn.Close(context.Background()))
	err = runtime.Verify(context.Background(), conn, verified()...)
	require.Error(t, err)
	require.False(t, errors.As(err, new(*pgconn.PgError)))
}
