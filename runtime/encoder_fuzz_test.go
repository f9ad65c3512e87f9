package runtime

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
)

// FuzzEncode writes a row of COPY as generated code does and reads each value
// with pgtype's decoder.
func FuzzEncode(f *testing.F) {
	f.Add(int64(0), int32(0), "", []byte{}, 0.0, false)
	f.Add(int64(-1), int32(-2), "a\x00b", []byte{1}, math.NaN(), true)
	f.Add(int64(math.MinInt64), int32(-16383), "é", []byte("\\x"), math.Inf(-1), true)
	f.Add(int64(math.MaxInt64), int32(-3), "{}", []byte(nil), math.Copysign(0, -1), false)
	f.Add(int64(120000), int32(4), "1", []byte("x"), 1e300, false)
	f.Fuzz(func(t *testing.T, n int64, exponent int32, text string, data []byte, float float64, flag bool) {
		exponent %= 16000
		number := pgtype.Numeric{Int: big.NewInt(n), Exp: exponent, Valid: true}
		id := pgtype.UUID{Valid: true}
		copy(id.Bytes[:], data)
		at := time.Unix(n%1_000_000_000, 0).UTC().Add(time.Duration(exponent) * time.Microsecond)
		columns := []Column{
			{Type: Int8},
			{Type: Int4},
			{Type: Int2},
			{Type: Text},
			{Type: Bytea},
			{Type: Float8},
			{Type: Float4},
			{Type: Bool},
			{Type: Numeric},
			{Type: UUID},
			{Type: Timestamptz},
			{Type: JSONB},
			{Type: JSON},
			{Type: Text},
			{Type: Int8 + "[]"},
			{Type: Float8},
			{Type: OID},
		}
		s := CopyStatement[struct{}]{Columns: columns, Encode: func(_ *struct{}, e *Encoder) {
			e.Int8(n)
			e.Int4(exponent)
			e.Int2(int16(exponent))
			e.Text(text)
			e.Bytea(data)
			e.Float8(float)
			e.Float4(float32(float))
			e.Bool(flag)
			e.Numeric(number)
			e.UUID(id)
			e.Timestamptz(at)
			e.JSONB(json.RawMessage(text))
			e.JSON(json.RawMessage(text))
			e.NullText(nil)
			EncodeArray(e, []int64{n, n}, Int8, (*Encoder).Int8)
			e.NullFloat8(&float)
			e.OID(uint32(n))
		}}
		e := Encoder{columns: columns, into: container{kind: copyContainer}}
		s.encodeRow(&e, &struct{}{})
		require.NoError(t, e.err)

		require.Equal(t, len(columns), int(binary.BigEndian.Uint16(e.buf)))
		rest := e.buf[2:]
		types := pgtype.NewMap()
		next := func(oid uint32, into any) {
			t.Helper()
			value, after, err := lengthPrefixed(rest)
			require.NoError(t, err)
			rest = after
			require.NoError(t, types.Scan(oid, pgx.BinaryFormatCode, value, into))
		}
		var (
			int8s  int64
			int4s  int32
			int2s  int16
			texts  *string
			bytes  []byte
			floats float64
			small  float32
			bools  bool
			num    pgtype.Numeric
			uuid   pgtype.UUID
			moment time.Time
			array  []int64
			oid    uint32
		)
		next(pgtype.Int8OID, &int8s)
		next(pgtype.Int4OID, &int4s)
		next(pgtype.Int2OID, &int2s)
		next(pgtype.TextOID, &texts)
		next(pgtype.ByteaOID, &bytes)
		next(pgtype.Float8OID, &floats)
		next(pgtype.Float4OID, &small)
		next(pgtype.BoolOID, &bools)
		require.Equal(t, []any{n, exponent, int16(exponent), text, flag}, []any{int8s, int4s, int2s, *texts, bools})
		require.Equal(t, string(data), string(bytes))
		require.Equal(t, math.Float64bits(float), math.Float64bits(floats))
		require.Equal(t, math.IsNaN(float), math.IsNaN(float64(small)))
		next(pgtype.NumericOID, &num)
		require.Zero(t, rational(number).Cmp(rational(num)), "%v is read as %v", number, num)
		next(pgtype.UUIDOID, &uuid)
		require.Equal(t, id, uuid)
		next(pgtype.TimestamptzOID, &moment)
		require.True(t, at.Equal(moment))
		value, after, err := lengthPrefixed(rest)
		require.NoError(t, err)
		require.Equal(t, "\x01"+text, string(value))
		value, rest, err = lengthPrefixed(after)
		require.NoError(t, err)
		require.Equal(t, text, string(value))
		next(pgtype.TextOID, &texts)
		require.Nil(t, texts)
		next(pgtype.Int8ArrayOID, &array)
		require.Equal(t, []int64{n, n}, array)
		next(pgtype.Float8OID, &floats)
		require.Equal(t, math.Float64bits(float), math.Float64bits(floats))
		next(pgtype.OIDOID, &oid)
		require.Equal(t, uint32(n), oid)
		require.Empty(t, rest)
	})
}

// rational is a numeric's exact value.
func rational(n pgtype.Numeric) *big.Rat {
	r := new(big.Rat).SetInt(n.Int)
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n.Exp, -n.Exp))), nil)
	if n.Exp < 0 {
		return r.Quo(r, new(big.Rat).SetInt(power))
	}
	return r.Mul(r, new(big.Rat).SetInt(power))
}
