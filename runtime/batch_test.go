package runtime_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t)
	create := &runtime.Command{Name: "Create", SQL: "CREATE TABLE numbers (n int4 PRIMARY KEY)"}
	require.NoError(t, create.Exec(ctx, conn))
	insert := &runtime.Command{Name: "Insert", SQL: "INSERT INTO numbers SELECT generate_series(1, $1::int4)"}
	rows, err := insert.Rows(ctx, conn, int32(5))
	require.NoError(t, err)
	require.Equal(t, int64(5), rows)
	tag, err := (&runtime.Command{Name: "Delete", SQL: "DELETE FROM numbers WHERE n > $1"}).Result(ctx, conn, int32(3))
	require.NoError(t, err)
	require.Equal(t, "DELETE 2", tag.String())

	_, err = insert.Rows(ctx, conn, int32(5))
	requirePgError(t, err, "Insert", "23505")
	_, err = insert.Result(ctx, conn, int32(5))
	requirePgError(t, err, "Insert", "23505")
	requirePgError(t, create.Exec(ctx, conn), "Create", "42P07")
}

func requirePgError(t *testing.T, err error, query, code string) {
	t.Helper()
	var e *runtime.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, query, e.Query)
	var pg *pgconn.PgError
	require.ErrorAs(t, err, &pg)
	require.Equal(t, code, pg.Code)
}

func TestBatch(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	ctx := context.Background()
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			conn := connectMode(t, url, mode)
			list := value("SELECT 10 / $1::int4 FROM generate_series(1, $2::int4)", column(runtime.Int4), (*row).Int4)
			fail := &runtime.Command{Name: "Divide", SQL: "SELECT 10 / $1::int4"}

			t.Run("many", func(t *testing.T) {
				var b pgx.Batch
				for _, n := range []int32{0, 3, 1} {
					list.Queue(&b, int32(5), n)
				}
				results := list.SendMany(ctx, conn, &b)
				var got [][]int32
				results.Query(func(i int, rows []int32, err error) {
					require.NoError(t, err)
					require.Equal(t, len(got), i)
					got = append(got, rows)
				})
				require.NoError(t, results.Close())
				require.NoError(t, results.Close())
				require.Equal(t, [][]int32{nil, {2, 2, 2}, {2}}, got)
			})
			t.Run("empty slices", func(t *testing.T) {
				s := value(list.SQL, column(runtime.Int4), (*row).Int4)
				s.EmptySlices = true
				all, err := s.All(ctx, conn, int32(1), int32(0))
				require.NoError(t, err)
				require.NotNil(t, all)
				pointers, err := s.AllPointers(ctx, conn, int32(1), int32(0))
				require.NoError(t, err)
				require.NotNil(t, pointers)
				var b pgx.Batch
				s.Queue(&b, int32(5), int32(0))
				results := s.SendMany(ctx, conn, &b)
				results.Query(func(_ int, rows []int32, err error) {
					require.NoError(t, err)
					require.Equal(t, []int32{}, rows)
				})
				require.NoError(t, results.Close())
			})
			t.Run("one", func(t *testing.T) {
				var b pgx.Batch
				for _, n := range []int32{2, 0, 1} {
					list.Queue(&b, int32(5), n)
				}
				results := list.SendOne(ctx, conn, &b)
				calls := 0
				results.QueryRow(func(i int, n int32, err error) {
					require.Equal(t, calls, i)
					calls++
					if i == 1 {
						require.ErrorIs(t, err, runtime.ErrNoRows)
						return
					}
					require.NoError(t, err)
					require.Equal(t, int32(2), n)
				})
				require.Equal(t, 3, calls)
				require.NoError(t, results.Close())
			})
			t.Run("exec", func(t *testing.T) {
				var b pgx.Batch
				for _, n := range []int32{1, 0, 2} {
					fail.Queue(&b, n)
				}
				results := fail.Send(ctx, conn, &b)
				var errs []error
				results.Exec(func(_ int, err error) { errs = append(errs, err) })
				require.Len(t, errs, 3)
				require.NoError(t, errs[0])
				requirePgError(t, errs[1], "Divide", "22012")
				require.Error(t, errs[2], "what comes after an error is not run")
				require.Error(t, results.Close())
			})
			t.Run("a failing query", func(t *testing.T) {
				var b pgx.Batch
				for _, n := range []int32{5, 0, 5} {
					list.Queue(&b, n, int32(1))
				}
				results := list.SendMany(ctx, conn, &b)
				var errs []error
				results.Query(func(_ int, rows []int32, err error) {
					errs = append(errs, err)
					require.Equal(t, err == nil, len(rows) == 1)
				})
				require.Len(t, errs, 3)
				require.NoError(t, errs[0])
				requirePgError(t, errs[1], "Get", "22012")
				require.Error(t, errs[2])
				b = pgx.Batch{}
				list.Queue(&b, int32(0), int32(1))
				one := list.SendOne(ctx, conn, &b)
				one.QueryRow(func(_ int, _ int32, err error) { requirePgError(t, err, "Get", "22012") })
				require.Error(t, one.Close())
			})
			t.Run("a row that cannot be decoded", func(t *testing.T) {
				null := value("SELECT NULL::int4 FROM generate_series(1, $1::int4)", column(runtime.Int4), (*row).Int4)
				var b pgx.Batch
				null.Queue(&b, int32(3))
				null.Queue(&b, int32(0))
				results := null.SendMany(ctx, conn, &b)
				var errs []error
				results.Query(func(_ int, _ []int32, err error) { errs = append(errs, err) })
				require.Len(t, errs, 2)
				require.ErrorContains(t, errs[0], `column "c": null`)
				require.NoError(t, errs[1])
			})
			t.Run("closed half-way", func(t *testing.T) {
				var b pgx.Batch
				for range 3 {
					list.Queue(&b, int32(5), int32(1))
				}
				many := list.SendMany(ctx, conn, &b)
				var errs []error
				many.Query(func(_ int, _ []int32, err error) {
					errs = append(errs, err)
					require.NoError(t, many.Close())
				})
				require.Equal(t, []error{nil, runtime.ErrBatchAlreadyClosed, runtime.ErrBatchAlreadyClosed}, errs)

				b = pgx.Batch{}
				for range 2 {
					list.Queue(&b, int32(5), int32(1))
				}
				one := list.SendOne(ctx, conn, &b)
				require.NoError(t, one.Close())
				calls := 0
				one.QueryRow(func(_ int, _ int32, err error) {
					calls++
					require.ErrorIs(t, err, runtime.ErrBatchAlreadyClosed)
				})
				require.Equal(t, 2, calls)

				b = pgx.Batch{}
				fail.Queue(&b, int32(1))
				exec := fail.Send(ctx, conn, &b)
				require.NoError(t, exec.Close())
				exec.Exec(func(_ int, err error) { require.ErrorIs(t, err, runtime.ErrBatchAlreadyClosed) })
			})
			t.Run("without callbacks", func(t *testing.T) {
				var b pgx.Batch
				fail.Queue(&b, int32(1))
				exec := fail.Send(ctx, conn, &b)
				exec.Exec(nil)
				require.NoError(t, exec.Close())
				b = pgx.Batch{}
				list.Queue(&b, int32(5), int32(1))
				many := list.SendMany(ctx, conn, &b)
				many.Query(nil)
				require.NoError(t, many.Close())
				b = pgx.Batch{}
				list.Queue(&b, int32(5), int32(1))
				one := list.SendOne(ctx, conn, &b)
				one.QueryRow(nil)
				require.NoError(t, one.Close())
			})
			t.Run("empty", func(t *testing.T) {
				results := list.SendMany(ctx, conn, &pgx.Batch{})
				results.Query(func(int, []int32, error) { require.Fail(t, "there is nothing to call for") })
				require.NoError(t, results.Close())
			})
			var one int
			require.NoError(t, conn.QueryRow(ctx, "SELECT 1").Scan(&one), "the connection is usable")
		})
	}
}

func TestBadArgument(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	ctx := context.Background()
	for _, mode := range modes {
		conn := connectMode(t, url, mode)
		s := value("SELECT $1::int4[]", column(runtime.Int4+"[]"), func(r *row) []int32 { return runtime.Array(r, (*row).Int4) })
		ragged := runtime.ArrayArg([][]int32{{1, 2}, {3}}, runtime.EncodeDim((*encoder).Int4))
		const want = "inner slices differ in length, the rows of an array of PostgreSQL do not"
		_, err := s.All(ctx, conn, ragged)
		require.ErrorContains(t, err, want, mode)
		err = (&runtime.Command{Name: "Put", SQL: s.SQL}).Exec(ctx, conn, ragged)
		require.ErrorContains(t, err, want, mode)
		var b pgx.Batch
		s.Queue(&b, ragged)
		results := s.SendMany(ctx, conn, &b)
		results.Query(func(_ int, _ [][]int32, err error) { require.ErrorContains(t, err, want, mode) })
	}
}
