package runtime_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// pointers are a value of each type that pgx can be given by its pointer.
type pointers struct {
	Bool   *bool
	Int2   *int16
	Int4   *int32
	Int8   *int64
	Float8 *float64
	Time   *time.Time
	Text   *string
}

func (p *pointers) args() []any {
	return []any{p.Bool, p.Int2, p.Int4, p.Int8, p.Float8, p.Time, p.Text}
}

const pointersTable = "CREATE TABLE p (b boolean, i2 smallint, i4 integer, i8 bigint, f8 double precision, t timestamptz, s text)"

// TestPointerArguments gives the same pointers to this package and to pgx, in all exec modes: what arrives is the same.
func TestPointerArguments(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Schema(t, pointersTable)
	zone := time.FixedZone("", -3*3600)
	rows := []pointers{
		{},
		{
			pointer(true), pointer(int16(7)), pointer(int32(7)), pointer(int64(7)), pointer(1.5),
			pointer(time.Date(2024, 1, 2, 3, 4, 5, 6000, zone)), pointer("seven"),
		},
		{
			pointer(false), pointer(int16(math.MinInt16)), pointer(int32(math.MinInt32)), pointer(int64(math.MinInt64)),
			pointer(math.Inf(-1)), pointer(time.Date(-3, 1, 2, 3, 4, 5, 6000, time.UTC)), pointer(""),
		},
		{
			nil, pointer(int16(math.MaxInt16)), nil, pointer(int64(math.MaxInt64)),
			pointer(math.SmallestNonzeroFloat64), pointer(time.Unix(0, 0)), nil,
		},
	}
	const sql = "INSERT INTO p VALUES ($1, $2, $3, $4, $5, $6, $7)"
	insert := runtime.Command{Name: "Insert", SQL: sql}
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			conn := connectMode(t, url, mode)
			loaded := func() (all []string) {
				all, err := runtime.All[string](ctx, conn, "SELECT p::text FROM p")
				require.NoError(t, err)
				_, err = conn.Exec(ctx, "TRUNCATE p")
				require.NoError(t, err)
				return all
			}
			for i := range rows {
				_, err := conn.Exec(ctx, sql, rows[i].args()...)
				require.NoError(t, err)
			}
			want := loaded()
			require.Len(t, want, len(rows))

			for i := range rows {
				require.NoError(t, insert.Exec(ctx, conn, rows[i].args()...))
			}
			require.Equal(t, want, loaded())

			var b pgx.Batch
			for i := range rows {
				insert.Queue(&b, rows[i].args()...)
			}
			insert.Send(ctx, conn, &b).Exec(func(_ int, err error) { require.NoError(t, err) })
			require.Equal(t, want, loaded())

			tx, err := conn.Begin(ctx)
			require.NoError(t, err)
			for i := range rows {
				require.NoError(t, insert.Exec(ctx, tx, rows[i].args()...))
			}
			require.NoError(t, tx.Commit(ctx))
			require.Equal(t, want, loaded())
		})
	}
}

// TestPointerArgumentsOfOtherTypes gives numbers and times to parameters of other types than their own, as pgx lets one.
func TestPointerArgumentsOfOtherTypes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connectMode(t, pgtest.New(t), pgx.QueryExecModeCacheStatement)
	moment := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	tests := []struct {
		typ string
		arg any
	}{
		{"smallint", pointer(int64(7))},
		{"bigint", pointer(int16(7))},
		{"numeric", pointer(int32(7))},
		{"numeric", pointer(1.5)},
		{"real", pointer(1.5)},
		{"double precision", pointer(int64(7))},
		{"date", &moment},
		{"timestamp", &moment},
		{"text", pointer(int64(7))},
		{"smallint", pointer(int64(70_000))}, // does not fit
		{"uuid", pointer(int64(7))},          // is none
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%T as %s", test.arg, test.typ), func(t *testing.T) {
			sql := "SELECT $1::" + test.typ + "::text"
			var want string
			wantErr := conn.QueryRow(ctx, sql, test.arg).Scan(&want)
			got, err := value(sql, column(runtime.Text), (*row).Text).One(ctx, conn, test.arg)
			require.Equal(t, wantErr == nil, err == nil, "%v, pgx alone: %v", err, wantErr)
			require.Equal(t, want, got)
		})
	}
}

// witness is an application's DBTX, which sees the arguments.
type witness struct {
	*pgxpool.Pool
	args []any
}

func (w *witness) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	w.args = slices.Clone(args)
	return w.Pool.Exec(ctx, sql, args...)
}

// printing is a tracer that prints the arguments.
type printing struct{ printed string }

func (p *printing) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	p.printed = fmt.Sprint(data.Args...)
	return ctx
}

func (*printing) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TestWhoSeesPointers shows arguments to a wrapper as they are, and to a tracer as values that can be printed.
func TestWhoSeesPointers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(pgtest.Schema(t, pointersTable))
	require.NoError(t, err)
	tracer := &printing{}
	config.ConnConfig.Tracer = tracer
	db, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	insert := runtime.Command{Name: "Insert", SQL: "INSERT INTO p (b, i2, i4, i8, f8, t) VALUES ($1, $2, $3, $4, $5, $6)"}
	p := pointers{pointer(true), pointer(int16(2)), pointer(int32(4)), pointer(int64(8)), pointer(1.5), pointer(time.Unix(0, 0).UTC()), nil}

	wrapper := &witness{Pool: db}
	require.NoError(t, insert.Exec(ctx, wrapper, p.args()[:6]...))
	require.Equal(t, p.args()[:6], wrapper.args)

	require.NoError(t, insert.Exec(ctx, db, p.args()[:6]...))
	require.Equal(t, "true 2 4 8 1.5 1970-01-01 00:00:00 +0000 UTC", tracer.printed)
}
