package runtime_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	goruntime "runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime"
)

// wire is a database that answers every query with one row of one value.
type wire struct {
	oid    uint32
	format int16
	value  []byte
}

func (w *wire) Query(context.Context, string, ...any) (pgx.Rows, error) {
	return &wireRows{wire: w, left: 1}, nil
}

type wireRows struct {
	*wire
	left int
}

func (r *wireRows) Close()                                       { r.left = 0 }
func (r *wireRows) Err() error                                   { return nil }
func (r *wireRows) CommandTag() pgconn.CommandTag                { return pgconn.CommandTag{} }
func (r *wireRows) FieldDescriptions() []pgconn.FieldDescription { return r.fields() }
func (r *wireRows) Next() bool                                   { r.left--; return r.left >= 0 }
func (r *wireRows) Scan(...any) error                            { return errors.New("scanned") }
func (r *wireRows) Values() ([]any, error)                       { return nil, errors.New("asked for values") }
func (r *wireRows) RawValues() [][]byte                          { return [][]byte{r.value} }
func (r *wireRows) Conn() *pgx.Conn                              { return nil }
func (r *wireRows) TypeMap() *pgtype.Map                         { return nil }

func (w *wire) fields() []pgconn.FieldDescription {
	return []pgconn.FieldDescription{{Name: "c", DataTypeOID: w.oid, Format: w.format}}
}

// target decodes bytes from the wire.
type target interface {
	// try decodes the bytes, and if that works, checks that the value survives
	// being written as text, and that pgx reads the same.
	try(t *testing.T, format int16, data []byte) bool
	// literals are values to begin with.
	literals() []string
}

type wireTarget[T any] struct {
	typ   runtime.Type
	oid   uint32
	read  func(*runtime.Row) T
	write func(*runtime.Encoder, T)
	// peer reads the same with pgx.
	peer  func(m *pgtype.Map, oid uint32, format int16, data []byte) (any, error)
	texts []string
}

func (w wireTarget[T]) literals() []string { return w.texts }

func (w wireTarget[T]) try(t *testing.T, format int16, data []byte) bool {
	t.Helper()
	ctx := context.Background()
	s := value("", column(w.typ), w.read)
	v, err := s.One(ctx, &wire{w.oid, format, data})
	// The rows of a large result come from slabs, and say the same.
	many, manyErr := s.All(ctx, &wire{w.oid, format, data})
	require.Equal(t, err == nil, manyErr == nil)
	if err != nil {
		var e *runtime.Error
		require.ErrorAs(t, err, &e)
		require.EqualError(t, manyErr, err.Error())
		return false
	}
	require.Equal(t, dump(v), dump(many[0]))
	if w.peer != nil && !slowForPgx(w.oid, format, data) {
		if want, err := w.peer(pgtype.NewMap(), w.oid, format, data); err == nil {
			require.Equal(t, dump(want), dump(v), "pgx")
		}
	}
	text, ok := runtime.Arg(v, w.write).(string)
	if !ok {
		return true // out of PostgreSQL's range
	}
	again, err := s.One(ctx, &wire{w.oid, pgx.TextFormatCode, []byte(text)})
	require.NoError(t, err, text)
	require.Equal(t, dump(v), dump(again), text)
	return true
}

// slowForPgx is true for numerics that pgx scales one digit at a time.
func slowForPgx(oid uint32, format int16, data []byte) bool {
	return oid == pgtype.NumericOID && format == pgx.BinaryFormatCode && len(data) >= 8 &&
		(data[2] != 0 || data[6] > 3)
}

// peer reads with pgx into a P, and makes of it what this package reads.
func peer[P any](convert func(P) any) func(*pgtype.Map, uint32, int16, []byte) (any, error) {
	return func(m *pgtype.Map, oid uint32, format int16, data []byte) (any, error) {
		var p P
		err := m.Scan(oid, format, data, &p)
		if err != nil {
			return nil, err
		}
		v := convert(p)
		if v == nil {
			return nil, errors.New("not comparable")
		}
		return v, nil
	}
}

func same[P any](p P) any { return p }

func targets() []target {
	return []target{
		wireTarget[bool]{runtime.Bool, pgtype.BoolOID, (*row).Bool, (*encoder).Bool, nil, []string{"t", "f"}},
		wireTarget[int16]{runtime.Int2, pgtype.Int2OID, (*row).Int2, (*encoder).Int2, peer(same[int16]), []string{"-1", "32767"}},
		wireTarget[int32]{runtime.Int4, pgtype.Int4OID, (*row).Int4, (*encoder).Int4, peer(same[int32]), []string{"-1"}},
		wireTarget[int64]{runtime.Int8, pgtype.Int8OID, (*row).Int8, (*encoder).Int8, peer(same[int64]), []string{"9223372036854775807"}},
		wireTarget[uint32]{runtime.OID, pgtype.OIDOID, (*row).OID, (*encoder).OID, peer(same[uint32]), []string{"4294967295"}},
		wireTarget[float32]{runtime.Float4, pgtype.Float4OID, (*row).Float4, (*encoder).Float4, peer(same[float32]), []string{"1.5", "NaN", "-Infinity"}},
		wireTarget[float64]{runtime.Float8, pgtype.Float8OID, (*row).Float8, (*encoder).Float8, peer(same[float64]), []string{"1e-300", "NaN", "Infinity"}},
		wireTarget[*string]{runtime.Text, pgtype.TextOID, (*row).NullText, (*encoder).NullText, peer(same[*string]), []string{"a"}},
		wireTarget[[]byte]{runtime.Bytea, pgtype.ByteaOID, (*row).Bytea, (*encoder).Bytea, peer(same[[]byte]), []string{`\x00ff`, `a\000\\b`}},
		wireTarget[pgtype.UUID]{runtime.UUID, pgtype.UUIDOID, (*row).UUID, (*encoder).UUID, peer(same[pgtype.UUID]), []string{"12345678-9abc-def0-1234-56789abcdef0"}},
		wireTarget[pgtype.Numeric]{runtime.Numeric, pgtype.NumericOID, (*row).Numeric, (*encoder).Numeric, peer(func(n pgtype.Numeric) any {
			if n.Int != nil && n.Int.Sign() == 0 {
				return nil // pgx forgets a zero's decimals in binary
			}
			return n
		}), []string{"0.00", "-12345.678", "100000", "NaN", "Infinity", "0.0000000000000000000001"}},
		wireTarget[pgtype.Interval]{runtime.Interval, pgtype.IntervalOID, (*row).Interval, (*encoder).Interval, nil, []string{"1 year 2 mons -3 days +04:05:06.7", "-00:00:01", "infinity"}},
		wireTarget[pgtype.Time]{runtime.Time, pgtype.TimeOID, (*row).Time, (*encoder).Time, nil, []string{"24:00:00", "01:02:03.000004"}},
		timeTarget(runtime.Timestamptz, pgtype.TimestamptzOID, (*row).Timestamptz, (*encoder).Timestamptz, "2024-02-29 12:34:56.789+05:30", "0044-03-15 12:00:00-00:01:15 BC", "infinity"),
		timeTarget(runtime.Timestamp, pgtype.TimestampOID, (*row).Timestamp, (*encoder).Timestamp, "294276-12-31 23:59:59.999999"),
		timeTarget(runtime.Date, pgtype.DateOID, (*row).Date, (*encoder).Date, "5874897-12-31", "4713-01-01 BC"),
		wireTarget[pgtype.Bits]{runtime.Varbit, pgtype.VarbitOID, (*row).Bits, (*encoder).Bits, nil, []string{"", "0101010101"}},
		wireTarget[pgtype.Point]{runtime.Point, pgtype.PointOID, (*row).Point, (*encoder).Point, peer(same[pgtype.Point]), []string{"(1,-2.5e10)"}},
		wireTarget[pgtype.Line]{runtime.Line, pgtype.LineOID, (*row).Line, (*encoder).Line, peer(same[pgtype.Line]), []string{"{1,2,3}"}},
		wireTarget[pgtype.Lseg]{runtime.Lseg, pgtype.LsegOID, (*row).Lseg, (*encoder).Lseg, peer(same[pgtype.Lseg]), []string{"[(1,2),(3,4)]"}},
		wireTarget[pgtype.Box]{runtime.Box, pgtype.BoxOID, (*row).Box, (*encoder).Box, peer(same[pgtype.Box]), []string{"(1,2),(3,4)"}},
		wireTarget[pgtype.Path]{runtime.Path, pgtype.PathOID, (*row).Path, (*encoder).Path, nil, []string{"[(1,2)]", "((1,2),(3,4))"}},
		wireTarget[pgtype.Polygon]{runtime.Polygon, pgtype.PolygonOID, (*row).Polygon, (*encoder).Polygon, nil, []string{"((1,2),(3,4))"}},
		wireTarget[pgtype.Circle]{runtime.Circle, pgtype.CircleOID, (*row).Circle, (*encoder).Circle, peer(same[pgtype.Circle]), []string{"<(1,2),3>"}},
		networkTarget(),
		wireTarget[string]{runtime.Macaddr, pgtype.MacaddrOID, func(r *row) string { return r.Macaddr().String() }, (*encoder).Text, nil, []string{"08:00:2b:01:02:03"}},
		wireTarget[string]{runtime.TSVector, pgtype.TSVectorOID, (*row).Text, (*encoder).Text, nil, []string{"'a':1A,2 'b'"}},
		wireTarget[pgtype.Hstore]{"public.hstore", 20000, (*row).Hstore, (*encoder).Hstore, nil, []string{`"a"=>"1", "b"=>NULL`, ""}},
		wireTarget[[]*int32]{runtime.Int4 + "[]", pgtype.Int4ArrayOID, func(r *row) []*int32 { return runtime.Array(r, (*row).NullInt4) }, func(e *encoder, v []*int32) {
			runtime.EncodeArray(e, v, runtime.Int4, (*encoder).NullInt4)
		}, nil, []string{"{}", "{1,NULL,3}", "[0:1]={1,2}"}},
		wireTarget[[][]*string]{runtime.Text + "[]", pgtype.TextArrayOID, func(r *row) [][]*string { return runtime.Array(r, runtime.Dim((*row).NullText)) }, func(e *encoder, v [][]*string) {
			runtime.EncodeArray(e, v, runtime.Text, runtime.EncodeDim((*encoder).NullText))
		}, nil, []string{`{{a,"b,c"},{NULL,"\"\\"}}`}},
		wireTarget[[]pgtype.Box]{runtime.Box + "[]", pgtype.BoxArrayOID, func(r *row) []pgtype.Box { return runtime.Array(r, (*row).Box) }, func(e *encoder, v []pgtype.Box) {
			runtime.EncodeArray(e, v, runtime.Box, (*encoder).Box)
		}, nil, []string{"{(1,2),(3,4);(5,6),(7,8)}"}},
		wireTarget[pgtype.Range[int32]]{runtime.Int4Range, pgtype.Int4rangeOID, func(r *row) pgtype.Range[int32] { return runtime.Range(r, (*row).Int4) }, func(e *encoder, v pgtype.Range[int32]) {
			runtime.EncodeRange(e, v, (*encoder).Int4)
		}, nil, []string{"empty", "[1,5)", "(,)"}},
		wireTarget[pgtype.Range[string]]{"public.textrange", 20001, func(r *row) pgtype.Range[string] { return runtime.Range(r, (*row).Text) }, func(e *encoder, v pgtype.Range[string]) {
			runtime.EncodeRange(e, v, (*encoder).Text)
		}, nil, []string{`["a,""b","\\c"]`}},
		wireTarget[pgtype.Multirange[pgtype.Range[int32]]]{runtime.Int4Multirange, pgtype.Int4multirangeOID, func(r *row) pgtype.Multirange[pgtype.Range[int32]] {
			return runtime.Multirange(r, (*row).Int4)
		}, func(e *encoder, v pgtype.Multirange[pgtype.Range[int32]]) {
			runtime.EncodeMultirange(e, v, (*encoder).Int4)
		}, nil, []string{"{}", "{[1,2),[5,)}"}},
		wireTarget[Visit]{"public.visit", 20002, func(r *row) Visit { return runtime.Composite(r, (*Visit).decode) }, func(e *encoder, v Visit) {
			runtime.EncodeComposite(e, v, "public.visit", (*Visit).encode)
		}, nil, []string{`(1,sad,"(,0.5,""2024-01-02 03:04:05+00"",x)","{a,""b c""}",{sad},a.b,12:00:00+00,"[1,5)","\\x00ff")`}},
		wireTarget[[]*Spot]{"public.spot[]", 20003, func(r *row) []*Spot {
			return runtime.Array(r, func(r *row) *Spot { return runtime.NullComposite(r, (*Spot).decode) })
		}, func(e *encoder, v []*Spot) {
			runtime.EncodeArray(e, v, "public.spot", func(e *encoder, v *Spot) { runtime.EncodeNullComposite(e, v, "public.spot", (*Spot).encode) })
		}, nil, []string{`{"(\"a\"\"b\",1,\"2024-01-02 03:04:05+00\",\\\\)",NULL}`}},
	}
}

// timeTarget is one of the three types of time.
func timeTarget[T any](typ runtime.Type, oid uint32, read func(*row) T, write func(*encoder, T), texts ...string) target {
	return wireTarget[T]{typ, oid, read, write, peer(same[T]), texts}
}

func networkTarget() target {
	k := networkKind(runtime.Inet)
	return wireTarget[any]{
		runtime.Inet, pgtype.InetOID,
		func(r *row) any { return k.read(r) },
		func(e *encoder, v any) { runtime.Encode(e, v) }, nil,
		[]string{"10.0.0.1", "10.0.0.0/8", "::1", "::ffff:1.2.3.4"},
	}
}

// binarySeeds are values in binary, right and wrong.
func binarySeeds() [][]byte {
	be := binary.BigEndian
	header := func(dimensions, flags, oid uint32, rest ...uint32) []byte {
		b := be.AppendUint32(be.AppendUint32(be.AppendUint32(nil, dimensions), flags), oid)
		for _, n := range rest {
			b = be.AppendUint32(b, n)
		}
		return b
	}
	return [][]byte{
		{},
		{0},
		{1},
		{0, 1},
		{0, 0, 0, 1},
		{0xff, 0xff, 0xff, 0xff},
		{1, 2, 3, 4, 5, 6, 7, 8},
		be.AppendUint64(nil, math.MaxInt64), be.AppendUint64(nil, math.MaxInt64+1),
		make([]byte, 16), make([]byte, 24), make([]byte, 32),
		header(0, 0, 23), header(1, 0, 23, 1, 1, 4, 7), header(1, 1, 23, 2, 1, 0xffffffff, 4, 7),
		header(1, 0, 23, math.MaxInt32, 1), header(2, 0, 25, 0x10000, 1, 0x10000, 1), header(2, 0, 25, math.MaxInt32, 1, 0, 1),
		header(6, 0, 25, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), header(7, 0, 25), header(0xffffffff, 0, 25),
		header(2, 0, 25, 1, 1, 2, 1, 1, 0x61000000),
		{0, 2, 0, 1, 0, 0, 0, 2, 0, 1, 9, 196},
		{0, 1, 0x7f, 0xff, 0x40, 0, 0x3f, 0xff, 0, 1},
		{0xff, 0xff, 0, 0, 0, 0, 0, 0},
		{0, 0, 0, 0, 0xc0, 0, 0, 0},
		{2, 32, 0, 4, 10, 0, 0, 1},
		{3, 128, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
		{1},
		{0x18},
		{2, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 5},
		header(1, 25, 1, 0x61000000),
		{0, 0, 0, 1, 'a', 0, 0, 1, 0xc0, 1},
	}
}

// FuzzDecode gives arbitrary bytes to every decoder in both formats.
func FuzzDecode(f *testing.F) {
	all := targets()
	for i, target := range all {
		for _, text := range target.literals() {
			f.Add(byte(i), true, []byte(text))
		}
		for _, data := range binarySeeds() {
			f.Add(byte(i), false, data)
			f.Add(byte(i), true, data)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, text bool, data []byte) {
		format := int16(pgx.BinaryFormatCode)
		if text {
			format = pgx.TextFormatCode
		}
		if data == nil {
			data = []byte{} // not NULL
		}
		all[int(which)%len(all)].try(t, format, data)
	})
}

// TestDecodeTruncated cuts and extends values that are right.
func TestDecodeTruncated(t *testing.T) {
	t.Parallel()
	for _, target := range targets() {
		for _, text := range target.literals() {
			if text != "infinity" {
				require.True(t, target.try(t, pgx.TextFormatCode, []byte(text)), text)
			} else {
				target.try(t, pgx.TextFormatCode, []byte(text))
			}
			for i := range text {
				target.try(t, pgx.TextFormatCode, []byte(text[:i]))
				target.try(t, pgx.TextFormatCode, []byte(text[i:]))
				target.try(t, pgx.TextFormatCode, []byte(text[:i]+text))
				for _, c := range `"\,;{}()[] 0N` {
					target.try(t, pgx.TextFormatCode, []byte(text[:i]+string(c)+text[i:]))
				}
			}
		}
		for _, data := range binarySeeds() {
			for i := range len(data) + 1 {
				target.try(t, pgx.BinaryFormatCode, data[:i])
			}
			target.try(t, pgx.BinaryFormatCode, append(append([]byte{}, data...), 0))
		}
	}
}

// TestDecodeHugeClaims has headers that claim more than came. It measures, and
// so runs alone.
func TestDecodeHugeClaims(t *testing.T) { //nolint:paralleltest // see above
	be := binary.BigEndian
	claim := be.AppendUint32(be.AppendUint32(be.AppendUint32(nil, 1), 0), pgtype.Int4OID)
	claim = be.AppendUint32(be.AppendUint32(claim, math.MaxInt32), 1)
	s := value("", column(runtime.Int4+"[]"), func(r *row) []int32 { return runtime.Array(r, (*row).Int4) })
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	_, err := s.One(context.Background(), &wire{pgtype.Int4ArrayOID, pgx.BinaryFormatCode, claim})
	goruntime.ReadMemStats(&after)
	require.ErrorContains(t, err, "value is truncated")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
	deep := value("", column("public.spot[]"), func(r *row) []Spot {
		return runtime.Array(r, func(r *row) Spot { return runtime.Composite(r, (*Spot).decode) })
	})
	_, err = deep.One(context.Background(), &wire{20003, pgx.TextFormatCode, []byte(strings.Repeat(`{"(`, 100_000))})
	require.Error(t, err)
}
