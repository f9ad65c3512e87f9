package runtime_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.New(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(ctx)) })
	return conn
}

func pool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(context.Background(), pgtest.New(t))
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

type order struct {
	ID       int64
	PlacedAt time.Time
	Nickname *string
}

func (o *order) decode(row *runtime.Row) {
	o.ID = row.Int8()
	o.PlacedAt = row.Timestamptz()
	o.Nickname = row.NullText()
}

func orders() *runtime.Statement[order] {
	return &runtime.Statement[order]{
		Name: "ListOrders",
		SQL: `-- name: ListOrders :many
SELECT i, '2024-05-06 07:08:09.123456+00'::timestamptz + i * interval '1 day', CASE WHEN i % 2 = 0 THEN 'nick ' || i END
FROM generate_series(1, $1::bigint) AS i`,
		Columns: []runtime.Column{
			{Name: "id", Type: runtime.Int8},
			{Name: "placed_at", Type: runtime.Timestamptz},
			{Name: "nickname", Type: runtime.Text},
		},
		Decode: (*order).decode,
	}
}

func checkOrders(t *testing.T, want int, got []order) {
	t.Helper()
	require.Len(t, got, want)
	first := time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC)
	for i := range got {
		id := i + 1
		require.Equal(t, int64(id), got[i].ID)
		require.True(t, first.AddDate(0, 0, id).Equal(got[i].PlacedAt))
		if id%2 == 0 {
			require.NotNil(t, got[i].Nickname)
			require.Equal(t, "nick "+itoa(id), *got[i].Nickname)
		} else {
			require.Nil(t, got[i].Nickname)
		}
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func TestStatement(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	s := orders()
	for _, n := range []int{0, 1, 3, 1000, 2, 100_000, 0, 5} {
		all, err := s.All(ctx, db, int64(n))
		require.NoError(t, err)
		checkOrders(t, n, all)
		require.Equal(t, n == 0, all == nil)

		pointers, err := s.AllPointers(ctx, db, int64(n))
		require.NoError(t, err)
		require.Len(t, pointers, n)

		streamed := []order{}
		for o, err := range s.Each(ctx, db, int64(n)) {
			require.NoError(t, err)
			streamed = append(streamed, o)
		}
		checkOrders(t, n, streamed)
	}
	one, err := s.One(ctx, db, int64(4))
	require.NoError(t, err)
	require.Equal(t, int64(1), one.ID)
	_, err = s.One(ctx, db, int64(0))
	require.ErrorIs(t, err, runtime.ErrNoRows)
	require.ErrorIs(t, err, pgx.ErrNoRows)
	require.ErrorIs(t, err, sql.ErrNoRows)
	require.EqualError(t, err, "ListOrders: no rows in result set")
	p, err := s.OnePointer(ctx, db, int64(0))
	require.ErrorIs(t, err, runtime.ErrNoRows)
	require.Nil(t, p)
	p, err = s.Optional(ctx, db, int64(0))
	require.NoError(t, err)
	require.Nil(t, p)
	p, err = s.Optional(ctx, db, int64(2))
	require.NoError(t, err)
	require.Equal(t, int64(1), p.ID)
}
