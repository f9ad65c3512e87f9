package runtime_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
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
	url := pgtest.Schema(t, `
		CREATE EXTENSION citext;
		CREATE TYPE mood AS ENUM ('sad', 'happy');
		CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
		CREATE TYPE pair AS (a integer, b text)`)
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
		{"integer", pointer("7")},
		{"integer", pointer("seven")}, // is none
		{"numeric", pointer("1e3")},
		{"boolean", pointer("on")},
		{"timestamptz", pointer("2024-01-02 03:04:05+06")},
		{"interval", pointer("1 day ago")},
		{"uuid", pointer("{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}")},
		{"bytea", pointer(`\x00ff`)},
		{`"char"`, pointer("x")},
		{"name", pointer("x")},
		{"char(3)", pointer("x")},
		{"citext", pointer("X")},
		{"xml", pointer("<a/>")},
		{"json", pointer(`{"a": 1}`)},
		{"jsonb", pointer(`"text"`)},
		{"jsonpath", pointer("$.a")},
		{"tsvector", pointer("a:1")},
		{"money", pointer("$7.00")},
		{"pg_lsn", pointer("0/7")},
		{"macaddr8", pointer("08:00:2b:01:02:03:04:05")},
		{"inet", pointer("10.0.0.1/8")},
		{"int4range", pointer("[1,2]")},
		{"integer[]", pointer("{1,NULL}")},
		{"mood", pointer("sad")},
		{"mood", pointer("none")}, // is none
		{"positive", pointer("7")},
		{"pair", pointer("(1,two)")},
		{"text", pointer("\x00")}, // is none
		{"text", pointer("\xff")}, // is none
	}
	for _, mode := range modes {
		conn := connectMode(t, url, mode)
		for _, test := range tests {
			t.Run(fmt.Sprintf("%s/%T as %s", mode, test.arg, test.typ), func(t *testing.T) {
				sql := "SELECT $1::" + test.typ + "::text"
				var want string
				wantErr := conn.QueryRow(ctx, sql, test.arg).Scan(&want)
				got, err := value(sql, column(runtime.Text), (*row).Text).One(ctx, conn, test.arg)
				require.Equal(t, wantErr == nil, err == nil, "%v, pgx alone: %v", err, wantErr)
				require.Equal(t, want, got)
			})
		}
	}
}

// references are a value of each type that goes by reference.
type references struct {
	Int2    int16
	Int4    int32
	Int8    int64
	Float8  float64
	Text    string
	Time    time.Time
	UUID    pgtype.UUID
	Price   pgtype.Numeric
	Span    pgtype.Interval
	Clock   pgtype.Time
	PgBool  pgtype.Bool
	PgInt2  pgtype.Int2
	PgInt4  pgtype.Int4
	PgInt8  pgtype.Int8
	PgReal  pgtype.Float4
	PgFloat pgtype.Float8
	PgText  pgtype.Text
	PgTZ    pgtype.Timestamptz
	PgTS    pgtype.Timestamp
	PgDate  pgtype.Date
	// Other is of a type that pgx is not given by reference.
	Other enum
}

type enum string

const referencesTable = `CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TABLE r (i2 smallint, i4 integer, i8 bigint, f8 double precision, s text,
	t timestamptz, u uuid, n numeric, span interval, clock time, pb boolean, pi2 smallint, pi4 integer, pi8 bigint, pf4 real,
	pf8 double precision, pt text, ptz timestamptz, pts timestamp, pd date, m mood)`

func (v *references) values() []any {
	return []any{
		v.Int2, v.Int4, v.Int8, v.Float8, v.Text, v.Time, v.UUID, v.Price, v.Span, v.Clock, v.PgBool, v.PgInt2, v.PgInt4,
		v.PgInt8, v.PgReal, v.PgFloat, v.PgText, v.PgTZ, v.PgTS, v.PgDate, v.Other,
	}
}

func (v *references) refs() []any {
	return []any{
		runtime.Ref(&v.Int2), runtime.Ref(&v.Int4), runtime.Ref(&v.Int8), runtime.Ref(&v.Float8), runtime.Ref(&v.Text),
		runtime.Ref(&v.Time), runtime.Ref(&v.UUID), runtime.Ref(&v.Price), runtime.Ref(&v.Span), runtime.Ref(&v.Clock),
		runtime.Ref(&v.PgBool), runtime.Ref(&v.PgInt2), runtime.Ref(&v.PgInt4), runtime.Ref(&v.PgInt8), runtime.Ref(&v.PgReal),
		runtime.Ref(&v.PgFloat), runtime.Ref(&v.PgText), runtime.Ref(&v.PgTZ), runtime.Ref(&v.PgTS), runtime.Ref(&v.PgDate),
		runtime.Ref(&v.Other),
	}
}

// TestReferences gives the same values to pgx, and as references to this package, in all exec modes.
func TestReferences(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Schema(t, referencesTable)
	zone := time.FixedZone("", -3*3600)
	moment := time.Date(2024, 1, 2, 3, 4, 5, 6000, zone)
	rows := []references{
		{Other: "sad"}, // pgtype's are NULL
		{
			7, 7, 7, 1.5, "seven", moment,
			pgtype.UUID{Bytes: [16]byte{1, 2, 3}, Valid: true},
			number(t, "1250.00"),
			pgtype.Interval{Months: 1, Days: -2, Microseconds: 3, Valid: true},
			pgtype.Time{Microseconds: 4, Valid: true},
			pgtype.Bool{Bool: true, Valid: true},
			pgtype.Int2{Int16: 7, Valid: true},
			pgtype.Int4{Int32: 7, Valid: true},
			pgtype.Int8{Int64: 7, Valid: true},
			pgtype.Float4{Float32: 1.5, Valid: true},
			pgtype.Float8{Float64: 1.5, Valid: true},
			pgtype.Text{String: "seven", Valid: true},
			pgtype.Timestamptz{Time: moment, Valid: true},
			pgtype.Timestamp{Time: moment.UTC(), Valid: true},
			pgtype.Date{Time: moment.UTC(), Valid: true},
			"happy",
		},
		{
			math.MinInt16, math.MinInt32, math.MinInt64, math.Inf(-1), "", time.Date(-3, 1, 2, 3, 4, 5, 6000, time.UTC),
			pgtype.UUID{Valid: true},
			number(t, "NaN"),
			pgtype.Interval{Valid: true},
			pgtype.Time{Valid: true},
			pgtype.Bool{Valid: true},
			pgtype.Int2{Valid: true},
			pgtype.Int4{Valid: true},
			pgtype.Int8{Valid: true},
			pgtype.Float4{Valid: true},
			pgtype.Float8{Valid: true},
			pgtype.Text{Valid: true},
			pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true},
			pgtype.Timestamp{InfinityModifier: pgtype.NegativeInfinity, Valid: true},
			pgtype.Date{InfinityModifier: pgtype.Infinity, Valid: true},
			"sad",
		},
	}
	for _, text := range []string{"0", "0.000", "-0.07", "12345678901234567890.123456789", "-98765432109876543210987654321"} {
		rows = append(rows, references{Price: number(t, text), Other: "sad"})
	}
	for _, exponent := range []int32{-40, 3, 40} {
		rows = append(rows, references{Price: pgtype.Numeric{Int: big.NewInt(-7), Exp: exponent, Valid: true}, Other: "sad"})
	}
	rows = append(rows, references{Price: pgtype.Numeric{Valid: true}, Other: "sad"})
	marks := make([]string, len(rows[0].values()))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	sql := "INSERT INTO r VALUES (" + strings.Join(marks, ", ") + ")"
	insert := runtime.Command{Name: "Insert", SQL: sql}
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			conn := connectMode(t, url, mode)
			loaded := func() []string {
				all, err := runtime.All[string](ctx, conn, "SELECT r::text FROM r")
				require.NoError(t, err)
				_, err = conn.Exec(ctx, "TRUNCATE r")
				require.NoError(t, err)
				return all
			}
			for i := range rows {
				_, err := conn.Exec(ctx, sql, rows[i].values()...)
				require.NoError(t, err)
			}
			want := loaded()
			require.Len(t, want, len(rows))

			for i := range rows {
				require.NoError(t, insert.Exec(ctx, conn, rows[i].refs()...))
			}
			require.Equal(t, want, loaded())

			var b pgx.Batch
			for i := range rows {
				insert.Queue(&b, rows[i].refs()...)
			}
			insert.Send(ctx, conn, &b).Exec(func(_ int, err error) { require.NoError(t, err) })
			require.Equal(t, want, loaded())

			tx, err := conn.Begin(ctx)
			require.NoError(t, err)
			for i := range rows {
				require.NoError(t, insert.Exec(ctx, tx, rows[i].refs()...))
			}
			require.NoError(t, tx.Commit(ctx))
			require.Equal(t, want, loaded())

			tooLong := references{Price: pgtype.Numeric{Int: big.NewInt(1), Exp: -20_000, Valid: true}, Other: "sad"}
			require.ErrorContains(t, insert.Exec(ctx, conn, tooLong.refs()...), "numeric")
		})
	}
}

func number(t *testing.T, text string) (n pgtype.Numeric) {
	t.Helper()
	require.NoError(t, n.Scan(text))
	return n
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
	p.printed = strings.TrimSpace(fmt.Sprintln(data.Args...))
	return ctx
}

func (*printing) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (w *witness) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	w.args = nil
	for _, q := range b.QueuedQueries {
		w.args = append(w.args, q.Arguments...)
	}
	return w.Pool.SendBatch(ctx, b)
}

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

	_, err = db.Exec(ctx, referencesTable)
	require.NoError(t, err)
	some := runtime.Command{Name: "Some", SQL: "INSERT INTO r (i8, s, t, u, n, m) VALUES ($1, $2, $3, $4, $5, $6)"}
	v := references{Int8: 8, Text: "eight", Time: time.Unix(0, 0).UTC(), UUID: pgtype.UUID{Valid: true}, Price: number(t, "8.00"), Other: "sad"}
	refs := func() []any {
		return []any{runtime.Ref(&v.Int8), runtime.Ref(&v.Text), runtime.Ref(&v.Time), runtime.Ref(&v.UUID), runtime.Ref(&v.Price), runtime.Ref(&v.Other)}
	}
	values := []any{v.Int8, v.Text, v.Time, v.UUID, v.Price, v.Other}
	require.NoError(t, some.Exec(ctx, wrapper, refs()...))
	require.Equal(t, values, wrapper.args)
	var b pgx.Batch
	some.Queue(&b, refs()...)
	some.Send(ctx, wrapper, &b).Exec(func(_ int, err error) { require.NoError(t, err) })
	require.Equal(t, values, wrapper.args)

	require.NoError(t, some.Exec(ctx, db, refs()...))
	require.Equal(t, "8 eight 1970-01-01 00:00:00 +0000 UTC 00000000-0000-0000-0000-000000000000 8.00 sad", tracer.printed)
}
