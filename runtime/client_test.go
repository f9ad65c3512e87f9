package runtime_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// poolOf returns a pool of at most size connections, closed with the test.
func poolOf(t *testing.T, url string, size int32) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	require.NoError(t, err)
	config.MaxConns = size
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// On a pool of one connection, whatever does not give it back makes the next
// statement hang.
func TestClientGivesEachConnectionBack(t *testing.T) {
	t.Parallel()
	pool := poolOf(t, pgtest.Schema(t, "CREATE TABLE item (id int PRIMARY KEY)"), 1)
	client := runtime.NewClient(pool)
	ctx := t.Context()
	for _, test := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"exec", func(t *testing.T) {
			tag, err := client.Exec(ctx, "INSERT INTO item SELECT generate_series(1, 3)")
			require.NoError(t, err)
			require.EqualValues(t, 3, tag.RowsAffected())
		}},
		{"exec of nonsense", func(t *testing.T) {
			_, err := client.Exec(ctx, "nonsense")
			require.ErrorContains(t, err, "42601")
		}},
		{"query to the end", func(t *testing.T) {
			rows, err := client.Query(ctx, "SELECT id FROM item ORDER BY 1")
			require.NoError(t, err)
			ids, err := pgx.CollectRows(rows, pgx.RowTo[int32])
			require.NoError(t, err)
			require.Equal(t, []int32{1, 2, 3}, ids)
		}},
		{"query without closing", func(t *testing.T) {
			rows, err := client.Query(ctx, "SELECT id FROM item")
			require.NoError(t, err)
			for rows.Next() {
			}
			require.NoError(t, rows.Err())
		}},
		{"query left early", func(t *testing.T) {
			rows, err := client.Query(ctx, "SELECT generate_series(1, 1000)")
			require.NoError(t, err)
			require.True(t, rows.Next())
			rows.Close()
			rows.Close()
		}},
		{"query with a wrong scan", func(t *testing.T) {
			rows, err := client.Query(ctx, "SELECT 'a'")
			require.NoError(t, err)
			require.True(t, rows.Next())
			require.Error(t, rows.Scan(new(int)))
		}},
		{"query of nonsense", func(t *testing.T) {
			rows, err := client.Query(ctx, "nonsense")
			if err == nil {
				rows.Close()
				err = rows.Err()
			}
			require.ErrorContains(t, err, "42601")
		}},
		{"row", func(t *testing.T) {
			var n int
			require.NoError(t, client.QueryRow(ctx, "SELECT 1 UNION ALL SELECT 2").Scan(&n))
			require.Equal(t, 1, n)
		}},
		{"no row", func(t *testing.T) {
			require.ErrorIs(t, client.QueryRow(ctx, "SELECT 1 WHERE false").Scan(new(int)), runtime.ErrNoRows)
		}},
		{"row that fails", func(t *testing.T) {
			require.ErrorContains(t, client.QueryRow(ctx, "SELECT 1 / 0").Scan(new(int)), "22012")
			require.Error(t, client.QueryRow(ctx, "SELECT 'a'").Scan(new(int)))
		}},
		{"batch", func(t *testing.T) {
			b := &pgx.Batch{}
			b.Queue("SELECT 1")
			b.Queue("SELECT 2")
			b.Queue("SELECT 3")
			results := client.SendBatch(ctx, b)
			_, err := results.Exec()
			require.NoError(t, err)
			var n int
			require.NoError(t, results.QueryRow().Scan(&n))
			require.Equal(t, 2, n)
			rows, err := results.Query()
			require.NoError(t, err)
			all, err := pgx.CollectRows(rows, pgx.RowTo[int32])
			require.NoError(t, err)
			require.Equal(t, []int32{3}, all)
			require.NoError(t, results.Close())
			require.NoError(t, results.Close())
		}},
		{"batch that begins a transaction", func(t *testing.T) {
			b := &pgx.Batch{}
			b.BeginTx(pgx.TxOptions{})
			b.Queue("DELETE FROM item")
			results := client.SendBatch(ctx, b)
			tx := results.Tx()
			require.NoError(t, results.Close())
			var n int
			require.NoError(t, tx.QueryRow(ctx, "SELECT count(*) FROM item").Scan(&n))
			require.Zero(t, n)
			require.NoError(t, tx.Rollback(ctx))
		}},
		{"copy", func(t *testing.T) {
			n, err := client.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id"}, pgx.CopyFromRows([][]any{{11}, {12}}))
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			_, err = client.CopyFrom(ctx, pgx.Identifier{"nothing"}, []string{"id"}, pgx.CopyFromRows([][]any{{1}}))
			require.ErrorContains(t, err, "42P01")
		}},
		{"typed copy", func(t *testing.T) {
			n, err := copyItems.From(ctx, client, []int32{21, 22, 23})
			require.NoError(t, err)
			require.EqualValues(t, 3, n)
		}},
		{"generated statement", func(t *testing.T) {
			ids, err := itemIDs.All(ctx, client)
			require.NoError(t, err)
			require.Equal(t, []int32{1, 2, 3, 11, 12, 21, 22, 23}, ids)
		}},
		{"transaction", func(t *testing.T) {
			require.NoError(t, client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				_, err := copyItems.From(ctx, tx, []int32{31})
				return err
			}))
			gone := errors.New("gone")
			require.ErrorIs(t, client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
				_, err := tx.Exec(ctx, "DELETE FROM item")
				require.NoError(t, err)
				return gone
			}), gone)
			var n int
			require.NoError(t, client.QueryRow(ctx, "SELECT count(*) FROM item").Scan(&n))
			require.Equal(t, 9, n)
		}},
		{"transaction of pgx", func(t *testing.T) {
			tx, err := client.BeginTx(ctx, pgx.TxOptions{})
			require.NoError(t, err)
			var n int
			require.NoError(t, tx.QueryRow(ctx, "SELECT 1").Scan(&n))
			rows, err := tx.Query(ctx, "SELECT 1")
			require.NoError(t, err)
			rows.Close()
			b := &pgx.Batch{}
			b.Queue("SELECT 1")
			require.NoError(t, tx.SendBatch(ctx, b).Close())
			inner, err := tx.Begin(ctx)
			require.NoError(t, err)
			require.NoError(t, inner.Rollback(ctx))
			require.NoError(t, tx.Rollback(ctx))
			require.ErrorIs(t, tx.Rollback(ctx), pgx.ErrTxClosed)
			_, err = client.BeginTx(ctx, pgx.TxOptions{IsoLevel: "nonsense"})
			require.ErrorContains(t, err, "42601")
		}},
		{"connection", func(t *testing.T) {
			require.NoError(t, client.Conn(ctx, func(conn *pgx.Conn) error { return conn.Ping(ctx) }))
			require.Panics(t, func() {
				_ = client.Conn(ctx, func(*pgx.Conn) error { panic("on purpose") })
			})
		}},
		{"ping", func(t *testing.T) { require.NoError(t, client.Ping(ctx)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t)
			require.Zero(t, client.Stats().AcquiredConns())
		})
	}
}

func TestClientAfterClose(t *testing.T) {
	t.Parallel()
	pool := poolOf(t, pgtest.New(t), 2)
	client := runtime.NewClient(pool)
	ctx := t.Context()
	client.Close()
	client.Close()
	for name, use := range map[string]func() error{
		"exec":  func() error { _, err := client.Exec(ctx, "SELECT 1"); return err },
		"query": func() error { _, err := client.Query(ctx, "SELECT 1"); return err },
		"row":   func() error { return client.QueryRow(ctx, "SELECT 1").Scan(new(int)) },
		"batch": func() error { return client.SendBatch(ctx, &pgx.Batch{}).Close() },
		"copy": func() error {
			_, err := client.CopyFrom(ctx, pgx.Identifier{"a"}, []string{"b"}, pgx.CopyFromRows(nil))
			return err
		},
		"begin":      func() error { _, err := client.BeginTx(ctx, pgx.TxOptions{}); return err },
		"InTx":       func() error { return client.InTx(ctx, runtime.TxOptions{}, func(*runtime.Tx) error { return nil }) },
		"conn":       func() error { return client.Conn(ctx, func(*pgx.Conn) error { return nil }) },
		"ping":       func() error { return client.Ping(ctx) },
		"typed copy": func() error { _, err := copyItems.From(ctx, client, []int32{1}); return err },
		"generated":  func() error { _, err := itemIDs.All(ctx, client); return err },
	} {
		require.ErrorIs(t, use(), runtime.ErrClosed, name)
		var e *runtime.Error
		require.ErrorAs(t, use(), &e, name)
		require.ErrorContains(t, use(), "the client is closed", name)
	}
	require.NoError(t, pool.Ping(ctx), "the pool is the caller's")
	require.NotNil(t, client.Stats())
}

var (
	copyItems = runtime.CopyStatement[int32]{
		Name: "Items", Table: []string{"item"}, Columns: []runtime.Column{{Name: "id", Type: runtime.Int4}},
		Encode: func(v *int32, e *runtime.Encoder) { e.Int4(*v) },
	}
	itemIDs = runtime.Statement[int32]{
		Name: "ItemIDs", SQL: "SELECT id FROM item ORDER BY id", Columns: []runtime.Column{{Name: "id", Type: runtime.Int4}},
		Decode: func(v *int32, r *runtime.Row) { *v = r.Int4() },
	}
)
