package runtime_test

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

func TestEach(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	s := value("SELECT 12 / (5 - i) FROM generate_series(1, $1::int4) AS i", column(runtime.Int4), (*row).Int4)
	numbers := s.Each(ctx, db, int32(10))
	for range 2 { // a sequence can be used again
		var got []int32
		var last error
		for n, err := range numbers {
			require.NoError(t, last, "the error comes last")
			if last = err; err != nil {
				require.Zero(t, n)
				continue
			}
			got = append(got, n)
		}
		require.Equal(t, []int32{3, 4, 6, 12}, got)
		requirePgError(t, last, "Get", "22012")
		require.Zero(t, db.Stat().AcquiredConns())
	}

	for range s.Each(ctx, db, int32(4)) {
		require.Equal(t, int32(1), db.Stat().AcquiredConns())
		break
	}
	require.Zero(t, db.Stat().AcquiredConns())

	require.PanicsWithValue(t, "oh", func() {
		for range s.Each(ctx, db, int32(4)) {
			panic("oh")
		}
	})
	require.Zero(t, db.Stat().AcquiredConns())

	null := value("SELECT NULLIF(i, 3) FROM generate_series(1, 5) AS i", column(runtime.Int4), (*row).Int4)
	var got []int32
	for n, err := range null.Each(ctx, db) {
		if err != nil {
			require.ErrorContains(t, err, `Get: column "c": null`)
			continue
		}
		got = append(got, n)
	}
	require.Equal(t, []int32{1, 2}, got)

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, err := range s.Each(cancelled, db, int32(4)) {
		require.ErrorIs(t, err, context.Canceled)
	}
	_, err := s.All(cancelled, db, int32(4))
	require.ErrorIs(t, err, context.Canceled)
	drifted := value("SELECT 'x'::text", column(runtime.Int4), (*row).Int4)
	for _, err := range drifted.Each(ctx, db) {
		var drift *runtime.DriftError
		require.ErrorAs(t, err, &drift)
	}
	_, err = drifted.AllPointers(ctx, db)
	require.Error(t, err)
	require.Zero(t, db.Stat().AcquiredConns())
}

// TestLateError has rows before an error.
func TestLateError(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	s := value("SELECT 12 / (2 - i) FROM generate_series(1, 2) AS i", column(runtime.Int4), (*row).Int4)
	all, err := s.All(ctx, db)
	requirePgError(t, err, "Get", "22012")
	require.Nil(t, all)
	pointers, err := s.AllPointers(ctx, db)
	requirePgError(t, err, "Get", "22012")
	require.Nil(t, pointers)
	one, err := s.One(ctx, db)
	requirePgError(t, err, "Get", "22012")
	require.Zero(t, one)
	p, err := s.Optional(ctx, db)
	requirePgError(t, err, "Get", "22012")
	require.Nil(t, p)
	_, err = value("SELECT nothing", column(runtime.Int4), (*row).Int4).One(ctx, db)
	requirePgError(t, err, "Get", "42703")
	_, err = value("SELECT $1::int4", column(runtime.Int4), (*row).Int4).One(ctx, db)
	require.ErrorContains(t, err, "Get: expected 1 arguments, got 0")
}

// TestValuesAreTheCallers changes values that came from one slab.
func TestValuesAreTheCallers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	type values struct {
		Bytes  []byte
		Number pgtype.Numeric
		Null   *int64
		Text   *string
	}
	s := &runtime.Statement[values]{
		Name: "Get", SQL: "SELECT 'abc'::bytea, i::numeric, i::int8, 'text ' || i FROM generate_series(1, 200) AS i",
		Columns: []runtime.Column{
			{Name: "b", Type: runtime.Bytea},
			{Name: "n", Type: runtime.Numeric},
			{Name: "i", Type: runtime.Int8},
			{Name: "t", Type: runtime.Text},
		},
		Decode: func(v *values, r *runtime.Row) {
			v.Bytes, v.Number, v.Null, v.Text = r.Bytea(), r.Numeric(), r.NullInt8(), r.NullText()
		},
	}
	bothFormats(t, pgtest.New(t), func(t *testing.T, conn *pgx.Conn) {
		all, err := s.All(ctx, conn)
		require.NoError(t, err)
		for i := range all {
			v := &all[i]
			require.Equal(t, "abc", string(v.Bytes))
			v.Bytes = append(v.Bytes, "overwritten"...)
			v.Bytes[0] = 'X'
			number, err := v.Number.Int64Value()
			require.NoError(t, err)
			require.Equal(t, int64(i+1), number.Int64)
			v.Number.Int.Lsh(v.Number.Int, 200)
			v.Number.Int.Neg(v.Number.Int)
			require.Equal(t, int64(i+1), *v.Null)
			*v.Null = -1
			require.Equal(t, fmt.Sprintf("text %d", i+1), *v.Text)
			*v.Text = ""
		}
	})
}

func TestRoomIsGivenBack(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	s := value("SELECT i FROM generate_series(1, $1::int4) AS i", column(runtime.Int4), (*row).Int4)
	for _, n := range []int{0, 1, 100_000, 100_000, 1, 5, 17, 300, 5000, 100_000, 3, 0, 64} {
		all, err := s.All(ctx, db, int32(n))
		require.NoError(t, err)
		require.Len(t, all, n)
		for i := range all {
			require.Equal(t, int32(i+1), all[i])
		}
		require.LessOrEqual(t, cap(all), 2*n+64)
		pointers, err := s.AllPointers(ctx, db, int32(n))
		require.NoError(t, err)
		for i := range pointers {
			require.Equal(t, int32(i+1), *pointers[i])
		}
	}
}

// liveHeap is how many bytes are alive.
func liveHeap() int64 {
	goruntime.GC()
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestOneValueKeepsLittleAlive keeps one value of a large result: what it may keep alive besides is one slab. It measures,
// and so runs alone.
func TestOneValueKeepsLittleAlive(t *testing.T) { //nolint:paralleltest // see above
	const (
		kept = 10
		slab = 8 << 10
		// noise is what the rest of the process may have kept meanwhile.
		noise = 16 << 10
	)
	ctx := context.Background()
	conn := connect(t)
	tests := []struct {
		name, expr string
		typ        runtime.Type
		read       func(*row) any
		// own is what a value holds itself.
		own int
	}{
		{"text", "repeat('x', 100) || i", runtime.Text, func(r *row) any { return r.Text() }, 128},
		// A pointer keeps the strings of a slab of pointers alive, which can be in two slabs.
		{"null text", "repeat('x', 100) || i", runtime.Text, func(r *row) any { return r.NullText() }, 128 + slab},
		{"longer null text", "repeat('x', 1000) || i", runtime.Text, func(r *row) any { return r.NullText() }, 1000},
		{"long null text", "repeat('x', 3000) || i", runtime.Text, func(r *row) any { return r.NullText() }, 3000},
		{"bytea", "decode(repeat('ab', 100), 'hex')", runtime.Bytea, func(r *row) any { return r.Bytea() }, 128},
		{"jsonb", "jsonb_build_object('key', repeat('x', 100) || i)", runtime.JSONB, func(r *row) any { return r.JSON() }, 128},
		{"numeric", "i::numeric / 7", runtime.Numeric, func(r *row) any { return r.Numeric() }, 128},
		{"small numeric", "i::numeric", runtime.Numeric, func(r *row) any { return r.Numeric() }, 128},
		{"large numeric", "repeat('9', 2000)::numeric + i", runtime.Numeric, func(r *row) any { return r.Numeric() }, 2000},
		{"null integer", "i::integer", runtime.Int4, func(r *row) any { return r.NullInt4() }, 128},
		{"null float", "i::float8", runtime.Float8, func(r *row) any { return r.NullFloat8() }, 128},
		{"null boolean", "i % 2 = 0", runtime.Bool, func(r *row) any { return r.NullBool() }, 128},
		{"null time", "to_timestamp(i)", runtime.Timestamptz, func(r *row) any { return r.NullTimestamptz() }, 128},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := value("SELECT "+test.expr+" FROM generate_series(1, 20000) AS i", column(test.typ), test.read)
			stream := func(keep int) (values []any) {
				n := 0
				for v, err := range s.Each(ctx, conn) {
					require.NoError(t, err)
					if n++; n%(20_000/kept) == 0 && len(values) < keep {
						values = append(values, v)
					}
				}
				return values
			}
			stream(0) // prepares
			before := liveHeap()
			values := stream(kept)
			after := liveHeap()
			require.Len(t, values, kept)
			require.LessOrEqual(t, after-before, int64(kept*(test.own+slab+slab/8)+noise))
			goruntime.KeepAlive(values)
		})
	}
	t.Run("pointer to a row", func(t *testing.T) {
		s := value("SELECT repeat('x', 100) || i FROM generate_series(1, 200000) AS i", column(runtime.Text), (*row).Text)
		_, err := s.AllPointers(ctx, conn)
		require.NoError(t, err)
		before := liveHeap()
		all, err := s.AllPointers(ctx, conn)
		require.NoError(t, err)
		one := all[100_000]
		all = nil
		after := liveHeap()
		require.LessOrEqual(t, after-before, int64(2*slab+noise))
		require.Equal(t, strings.Repeat("x", 100)+"100001", *one)
		goruntime.KeepAlive(all)
	})
}

// TestResultsKeepTheirOwn keeps many results of few rows: what they keep alive is little more than their own data. It
// measures, and so runs alone.
func TestResultsKeepTheirOwn(t *testing.T) { //nolint:paralleltest // see above
	const results, rows, size, noise = 200, 50, 100, 32 << 10
	ctx := context.Background()
	conn := connect(t)
	s := value("SELECT repeat('x', $2) FROM generate_series(1, $1::int) AS i", column(runtime.Text), (*row).Text)
	// A large result before must not make the small ones keep more.
	_, err := s.All(ctx, conn, 20_000, size)
	require.NoError(t, err)
	_, err = s.All(ctx, conn, rows, size)
	require.NoError(t, err)
	kept := make([][]string, 0, results)
	before := liveHeap()
	for range results {
		all, err := s.All(ctx, conn, rows, size)
		require.NoError(t, err)
		kept = append(kept, all)
	}
	after := liveHeap()
	const own = rows * (size + 16)
	const slab = 8 << 10
	require.LessOrEqual(t, after-before, int64(results*(own+slab)+noise))
	require.GreaterOrEqual(t, after-before, int64(results*own)) // else it does not measure
	goruntime.KeepAlive(kept)
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	s := orders()
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for worker := range cap(errs) {
		wg.Go(func() {
			for i := range 20 {
				n := (worker*31 + i*7) % 300
				all, err := s.All(ctx, db, int64(n))
				if err == nil && len(all) != n {
					err = fmt.Errorf("%d rows, not %d", len(all), n)
				}
				for j := range all {
					if all[j].ID != int64(j+1) || (j%2 == 1) != (all[j].Nickname != nil) {
						err = fmt.Errorf("row %d is wrong: %v", j, all[j])
					}
				}
				if _, oneErr := s.Optional(ctx, db, int64(n)); err == nil {
					err = oneErr
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}

// random are values that pgx writes as text and this package in binary.
type random struct {
	Number    pgtype.Numeric
	Moment    time.Time
	Day       time.Time
	Float     float64
	Interval  pgtype.Interval
	Bits      pgtype.Bits
	Texts     []*string
	IsNumeric string
	IsMoment  string
	IsDay     string
	IsFloat   string
	IsSpan    string
}

func randomRow(r *rand.Rand) (random, error) {
	digits := new(big.Int)
	for range 1 + r.IntN(12) {
		digits.Lsh(digits, 31)
		digits.Or(digits, big.NewInt(int64(r.Uint32()>>1)))
	}
	for range r.IntN(3) {
		digits.Mul(digits, big.NewInt(10_000))
	}
	if r.IntN(2) == 0 {
		digits.Neg(digits)
	}
	v := random{
		Number: pgtype.Numeric{Int: digits, Exp: int32(r.IntN(80) - 60), Valid: true},
		Moment: time.Unix(r.Int64N(400_000_000_000)-100_000_000_000, int64(r.IntN(1_000_000))*1000).UTC(),
		Day:    time.Unix((r.Int64N(4_000_000)-1_000_000)*86_400, 0).UTC(),
		Float:  (r.Float64() - 0.5) * float64(int64(1)<<r.IntN(62)),
		Interval: pgtype.Interval{
			Months: int32(r.Uint32()) / 12, Days: int32(r.Uint32()) / 2, Microseconds: int64(r.Uint64()) / 4, Valid: true,
		},
	}
	n := r.IntN(70)
	v.Bits = pgtype.Bits{Bytes: make([]byte, (n+7)/8), Len: int32(n), Valid: true}
	for i := range n {
		if r.IntN(2) == 0 {
			v.Bits.Bytes[i/8] |= 0x80 >> (i % 8)
		}
	}
	v.Texts = []*string{}
	const alphabet = `ab"\{},; NULL'é	` + "\n"
	letters := []rune(alphabet)
	for range r.IntN(5) {
		if r.IntN(4) == 0 {
			v.Texts = append(v.Texts, nil)
			continue
		}
		var b strings.Builder
		for range r.IntN(6) {
			b.WriteRune(letters[r.IntN(len(letters))])
		}
		v.Texts = append(v.Texts, pointer(b.String()))
	}
	m := pgtype.NewMap()
	for _, twin := range []struct {
		to   *string
		oid  uint32
		from any
	}{
		{&v.IsNumeric, pgtype.NumericOID, v.Number},
		{&v.IsMoment, pgtype.TimestamptzOID, v.Moment},
		{&v.IsDay, pgtype.DateOID, v.Day},
		{&v.IsFloat, pgtype.Float8OID, v.Float},
		{&v.IsSpan, pgtype.IntervalOID, v.Interval},
	} {
		text, err := m.Encode(twin.oid, pgx.TextFormatCode, twin.from, []byte{})
		if err != nil {
			return v, err
		}
		*twin.to = string(text)
	}
	return v, nil
}

// TestRandomValues loads random values in binary and in text, with what pgx
// writes for them beside, and lets the server compare.
func TestRandomValues(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.New(t)
	conn := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	_, err := conn.Exec(ctx, `CREATE TABLE r (id serial, n numeric, m timestamptz, d date, f float8, i interval, b varbit, t text[],
		tn text, tm text, td text, tf text, ti text)`)
	require.NoError(t, err)
	columns := []runtime.Column{
		{Name: "n", Type: runtime.Numeric},
		{Name: "m", Type: runtime.Timestamptz},
		{Name: "d", Type: runtime.Date},
		{Name: "f", Type: runtime.Float8},
		{Name: "i", Type: runtime.Interval},
		{Name: "b", Type: runtime.Varbit},
		{Name: "t", Type: runtime.Text + "[]"},
		{Name: "tn", Type: runtime.Text},
		{Name: "tm", Type: runtime.Text},
		{Name: "td", Type: runtime.Text},
		{Name: "tf", Type: runtime.Text},
		{Name: "ti", Type: runtime.Text},
	}
	load := &runtime.CopyStatement[random]{
		Name: "Load", Table: []string{"r"}, Columns: columns,
		Encode: func(v *random, e *runtime.Encoder) {
			e.Numeric(v.Number)
			e.Timestamptz(v.Moment)
			e.Date(v.Day)
			e.Float8(v.Float)
			e.Interval(v.Interval)
			e.Bits(v.Bits)
			runtime.EncodeArray(e, v.Texts, runtime.Text, (*runtime.Encoder).NullText)
			e.Text(v.IsNumeric)
			e.Text(v.IsMoment)
			e.Text(v.IsDay)
			e.Text(v.IsFloat)
			e.Text(v.IsSpan)
		},
	}
	list := &runtime.Statement[random]{
		Name: "List", SQL: "SELECT n, m, d, f, i, b, t, tn, tm, td, tf, ti FROM r ORDER BY id", Columns: columns,
		Decode: func(v *random, r *runtime.Row) {
			v.Number, v.Moment, v.Day, v.Float = r.Numeric(), r.Timestamptz(), r.Date(), r.Float8()
			v.Interval, v.Bits, v.Texts = r.Interval(), r.Bits(), runtime.Array(r, (*row).NullText)
			v.IsNumeric, v.IsMoment, v.IsDay, v.IsFloat, v.IsSpan = r.Text(), r.Text(), r.Text(), r.Text(), r.Text()
		},
	}
	source := rand.New(rand.NewPCG(1, 2))
	rows := make([]random, 3000)
	for i := range rows {
		rows[i], err = randomRow(source)
		require.NoError(t, err)
	}
	for _, text := range []bool{false, true} {
		load.Columns[11].Text = text
		n, err := load.From(ctx, conn, rows)
		require.NoError(t, err)
		require.Equal(t, int64(len(rows)), n)
		var wrong []string
		require.NoError(t, conn.QueryRow(ctx, `SELECT array_agg(format('%s %s %s %s %s', tn, tm, td, tf, ti)) FROM r
			WHERE n::text <> tn::numeric::text OR m <> tm::timestamptz OR d <> td::date OR f <> tf::float8 OR i::text <> ti::interval::text`).Scan(&wrong))
		require.Empty(t, wrong)
		for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
			got, err := list.All(ctx, connectMode(t, url, mode))
			require.NoError(t, err)
			require.Len(t, got, len(rows))
			for i := range got {
				want := rows[i]
				want.Number = normal(want.Number)
				requireSame(t, want, got[i])
			}
		}
		_, err = conn.Exec(ctx, "TRUNCATE r RESTART IDENTITY")
		require.NoError(t, err)
	}
}

// normal is a numeric as it comes back: whole numbers without zeros at their
// end.
func normal(n pgtype.Numeric) pgtype.Numeric {
	if n.Exp < 0 {
		return n
	}
	x, ten, remainder := new(big.Int).Set(n.Int), big.NewInt(10), new(big.Int)
	for x.Sign() != 0 {
		quotient := new(big.Int)
		if quotient.QuoRem(x, ten, remainder); remainder.Sign() != 0 {
			break
		}
		x = quotient
		n.Exp++
	}
	n.Int = x
	return n
}
