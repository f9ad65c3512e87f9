package runtime

import (
	"encoding/binary"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// The methods below read and write the types of pgtype that say by a field
// Valid whether they are NULL, for code that is to have the types that sqlc
// gives. As arguments these values go to pgx as they are, in all its modes.

// NullPgBool reads a boolean; NULL is not Valid.
func (r *Row) NullPgBool() pgtype.Bool {
	v := r.next()
	if v == nil {
		return pgtype.Bool{}
	}
	return pgtype.Bool{Bool: r.bool(v), Valid: true}
}

// NullPgInt2 reads a smallint; NULL is not Valid.
func (r *Row) NullPgInt2() pgtype.Int2 {
	v := r.next()
	if v == nil {
		return pgtype.Int2{}
	}
	return pgtype.Int2{Int16: r.int2(v), Valid: true}
}

// PgInt4 reads an integer.
func (r *Row) PgInt4() pgtype.Int4 { return pgtype.Int4{Int32: r.Int4(), Valid: true} }

// NullPgInt4 reads an integer; NULL is not Valid.
func (r *Row) NullPgInt4() pgtype.Int4 {
	v := r.next()
	if v == nil {
		return pgtype.Int4{}
	}
	return pgtype.Int4{Int32: r.int4(v), Valid: true}
}

// PgInt8 reads a bigint.
func (r *Row) PgInt8() pgtype.Int8 { return pgtype.Int8{Int64: r.Int8(), Valid: true} }

// NullPgInt8 reads a bigint; NULL is not Valid.
func (r *Row) NullPgInt8() pgtype.Int8 {
	v := r.next()
	if v == nil {
		return pgtype.Int8{}
	}
	return pgtype.Int8{Int64: r.int8(v), Valid: true}
}

// PgOID reads an oid, or another type that is an unsigned 32-bit number.
func (r *Row) PgOID() pgtype.Uint32 { return pgtype.Uint32{Uint32: r.OID(), Valid: true} }

// NullPgOID is [Row.PgOID] for values that can be NULL.
func (r *Row) NullPgOID() pgtype.Uint32 {
	v := r.next()
	if v == nil {
		return pgtype.Uint32{}
	}
	return pgtype.Uint32{Uint32: r.oid4(v), Valid: true}
}

// NullPgFloat4 reads a real; NULL is not Valid.
func (r *Row) NullPgFloat4() pgtype.Float4 {
	v := r.next()
	if v == nil {
		return pgtype.Float4{}
	}
	return pgtype.Float4{Float32: r.float4(v), Valid: true}
}

// NullPgFloat8 reads a double precision number; NULL is not Valid.
func (r *Row) NullPgFloat8() pgtype.Float8 {
	v := r.next()
	if v == nil {
		return pgtype.Float8{}
	}
	return pgtype.Float8{Float64: r.float8(v), Valid: true}
}

// NullPgText is [Row.Text] for values that can be NULL, which is not Valid.
func (r *Row) NullPgText() pgtype.Text {
	v := r.nextText()
	if v == nil {
		return pgtype.Text{}
	}
	return pgtype.Text{String: r.string(v), Valid: true}
}

// EnumOrNull reads an enum, or another type whose text is an S, that can be
// NULL: then valid is false.
func EnumOrNull[S ~string](r *Row) (s S, valid bool) {
	v := r.nextText()
	if v == nil {
		return "", false
	}
	return S(r.string(v)), true
}

// EncodeEnumOrNull writes what [EnumOrNull] reads.
func EncodeEnumOrNull[S ~string](e *Encoder, s S, valid bool) {
	if !valid {
		e.null()
		return
	}
	e.Text(string(s))
}

// infinity is the modifier that a date or a timestamp in text stands for.
func infinity(v []byte) pgtype.InfinityModifier {
	switch string(v) {
	case "infinity":
		return pgtype.Infinity
	case "-infinity":
		return pgtype.NegativeInfinity
	}
	return pgtype.Finite
}

// binaryInfinity is the modifier that an integer stands for, the largest of
// its kind and the smallest.
func binaryInfinity(n, smallest, largest int64) pgtype.InfinityModifier {
	switch n {
	case largest:
		return pgtype.Infinity
	case smallest:
		return pgtype.NegativeInfinity
	}
	return pgtype.Finite
}

// unending reports which infinity a timestamp is, if it is one.
func (r *Row) unending(v []byte) pgtype.InfinityModifier {
	switch {
	case r.text:
		return infinity(v)
	case len(v) == 8:
		return binaryInfinity(int64(binary.BigEndian.Uint64(v)), math.MinInt64, math.MaxInt64)
	case len(v) == 4:
		return binaryInfinity(int64(int32(binary.BigEndian.Uint32(v))), math.MinInt32, math.MaxInt32)
	}
	return pgtype.Finite
}

// PgTimestamptz reads a timestamp with time zone, in time.Local as pgx does, or
// infinity.
func (r *Row) PgTimestamptz() pgtype.Timestamptz { return r.pgTimestamptz(r.next()) }

// NullPgTimestamptz is [Row.PgTimestamptz] for values that can be NULL.
func (r *Row) NullPgTimestamptz() pgtype.Timestamptz {
	v := r.next()
	if v == nil {
		return pgtype.Timestamptz{}
	}
	return r.pgTimestamptz(v)
}

func (r *Row) pgTimestamptz(v []byte) pgtype.Timestamptz {
	if m := r.unending(v); m != pgtype.Finite {
		return pgtype.Timestamptz{InfinityModifier: m, Valid: true}
	}
	return pgtype.Timestamptz{Time: r.timestamptz(v), Valid: true}
}

// PgTimestamp reads a timestamp without time zone, as that time in UTC, or
// infinity.
func (r *Row) PgTimestamp() pgtype.Timestamp { return r.pgTimestamp(r.next()) }

// NullPgTimestamp is [Row.PgTimestamp] for values that can be NULL.
func (r *Row) NullPgTimestamp() pgtype.Timestamp {
	v := r.next()
	if v == nil {
		return pgtype.Timestamp{}
	}
	return r.pgTimestamp(v)
}

func (r *Row) pgTimestamp(v []byte) pgtype.Timestamp {
	if m := r.unending(v); m != pgtype.Finite {
		return pgtype.Timestamp{InfinityModifier: m, Valid: true}
	}
	return pgtype.Timestamp{Time: r.timestamp(v), Valid: true}
}

// PgDate reads a date, as its midnight in UTC, or infinity.
func (r *Row) PgDate() pgtype.Date { return r.pgDate(r.next()) }

// NullPgDate is [Row.PgDate] for values that can be NULL.
func (r *Row) NullPgDate() pgtype.Date {
	v := r.next()
	if v == nil {
		return pgtype.Date{}
	}
	return r.pgDate(v)
}

func (r *Row) pgDate(v []byte) pgtype.Date {
	if m := r.unending(v); m != pgtype.Finite {
		return pgtype.Date{InfinityModifier: m, Valid: true}
	}
	return pgtype.Date{Time: r.date(v), Valid: true}
}

// PgTID reads a tid: the block and the offset in it.
func (r *Row) PgTID() pgtype.TID { return r.pgTID(r.next()) }

// NullPgTID is [Row.PgTID] for values that can be NULL.
func (r *Row) NullPgTID() pgtype.TID {
	v := r.next()
	if v == nil {
		return pgtype.TID{}
	}
	return r.pgTID(v)
}

// pgTID reads the formats of tidsend and tidout
// (src/backend/utils/adt/tid.c): six bytes, or (block,offset).
func (r *Row) pgTID(v []byte) pgtype.TID {
	if len(v) == 6 && !r.text {
		return pgtype.TID{BlockNumber: binary.BigEndian.Uint32(v), OffsetNumber: binary.BigEndian.Uint16(v[4:]), Valid: true}
	}
	if v == nil || !r.text {
		r.bad(TID, v, nil)
		return pgtype.TID{}
	}
	block, offset, ok := cutTID(string(v))
	if !ok {
		r.bad(TID, v, nil)
		return pgtype.TID{}
	}
	return pgtype.TID{BlockNumber: block, OffsetNumber: offset, Valid: true}
}

func cutTID(s string) (block uint32, offset uint16, ok bool) {
	if len(s) < 5 || s[0] != '(' || s[len(s)-1] != ')' {
		return 0, 0, false
	}
	s = s[1 : len(s)-1]
	for i := range s {
		if s[i] != ',' {
			continue
		}
		b, err := strconv.ParseUint(s[:i], 10, 32)
		if err != nil {
			return 0, 0, false
		}
		o, err := strconv.ParseUint(s[i+1:], 10, 16)
		return uint32(b), uint16(o), err == nil
	}
	return 0, 0, false
}

// Addr reads an inet that is a single host. One with a network's prefix is an
// error: an address alone would not say so.
func (r *Row) Addr() netip.Addr { return r.addr(r.next()) }

// NullAddr is [Row.Addr] for values that can be NULL.
func (r *Row) NullAddr() *netip.Addr {
	v := r.next()
	if v == nil {
		return nil
	}
	a := r.addr(v)
	return &a
}

func (r *Row) addr(v []byte) netip.Addr {
	p := r.prefix(Inet, v)
	if r.err == nil && !p.IsSingleIP() {
		r.bad(Inet, v, errNotHost)
	}
	return p.Addr()
}

// NullPgBool writes a boolean.
func (e *Encoder) NullPgBool(v pgtype.Bool) { orInvalid(e, v.Bool, v.Valid, (*Encoder).Bool) }

// NullPgInt2 writes a smallint.
func (e *Encoder) NullPgInt2(v pgtype.Int2) { orInvalid(e, v.Int16, v.Valid, (*Encoder).Int2) }

// PgInt4 writes an integer.
func (e *Encoder) PgInt4(v pgtype.Int4) { orInvalid(e, v.Int32, v.Valid, (*Encoder).Int4) }

// NullPgInt4 is [Encoder.PgInt4].
func (e *Encoder) NullPgInt4(v pgtype.Int4) { e.PgInt4(v) }

// PgInt8 writes a bigint.
func (e *Encoder) PgInt8(v pgtype.Int8) { orInvalid(e, v.Int64, v.Valid, (*Encoder).Int8) }

// NullPgInt8 is [Encoder.PgInt8].
func (e *Encoder) NullPgInt8(v pgtype.Int8) { e.PgInt8(v) }

// PgOID writes an oid, or another type that is an unsigned 32-bit number.
func (e *Encoder) PgOID(v pgtype.Uint32) { orInvalid(e, v.Uint32, v.Valid, (*Encoder).OID) }

// NullPgOID is [Encoder.PgOID].
func (e *Encoder) NullPgOID(v pgtype.Uint32) { e.PgOID(v) }

// NullPgFloat4 writes a real.
func (e *Encoder) NullPgFloat4(v pgtype.Float4) { orInvalid(e, v.Float32, v.Valid, (*Encoder).Float4) }

// NullPgFloat8 writes a double precision number.
func (e *Encoder) NullPgFloat8(v pgtype.Float8) { orInvalid(e, v.Float64, v.Valid, (*Encoder).Float8) }

// NullPgText is [Encoder.Text] for values that can be NULL.
func (e *Encoder) NullPgText(v pgtype.Text) { orInvalid(e, v.String, v.Valid, (*Encoder).Text) }

// PgTimestamptz writes a timestamp with time zone.
func (e *Encoder) PgTimestamptz(v pgtype.Timestamptz) {
	orInfinite(e, v.Time, v.InfinityModifier, v.Valid, 8, (*Encoder).Timestamptz)
}

// NullPgTimestamptz is [Encoder.PgTimestamptz].
func (e *Encoder) NullPgTimestamptz(v pgtype.Timestamptz) { e.PgTimestamptz(v) }

// PgTimestamp writes a timestamp without time zone.
func (e *Encoder) PgTimestamp(v pgtype.Timestamp) {
	orInfinite(e, v.Time, v.InfinityModifier, v.Valid, 8, (*Encoder).Timestamp)
}

// NullPgTimestamp is [Encoder.PgTimestamp].
func (e *Encoder) NullPgTimestamp(v pgtype.Timestamp) { e.PgTimestamp(v) }

// PgDate writes a date.
func (e *Encoder) PgDate(v pgtype.Date) {
	orInfinite(e, v.Time, v.InfinityModifier, v.Valid, 4, (*Encoder).Date)
}

// NullPgDate is [Encoder.PgDate].
func (e *Encoder) NullPgDate(v pgtype.Date) { e.PgDate(v) }

// PgTID writes a tid.
func (e *Encoder) PgTID(v pgtype.TID) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	if e.text {
		e.buf = strconv.AppendUint(append(e.buf, '('), uint64(v.BlockNumber), 10)
		e.buf = append(strconv.AppendUint(append(e.buf, ','), uint64(v.OffsetNumber), 10), ')')
	} else {
		e.buf = binary.BigEndian.AppendUint32(e.buf, v.BlockNumber)
		e.buf = binary.BigEndian.AppendUint16(e.buf, v.OffsetNumber)
	}
	e.end(start)
}

// NullPgTID is [Encoder.PgTID].
func (e *Encoder) NullPgTID(v pgtype.TID) { e.PgTID(v) }

// Addr writes an inet that is a single host.
func (e *Encoder) Addr(v netip.Addr) { e.Inet(netip.PrefixFrom(v, v.BitLen())) }

// NullAddr is [Encoder.Addr] for values that can be NULL.
func (e *Encoder) NullAddr(v *netip.Addr) {
	if v == nil {
		e.null()
		return
	}
	e.Addr(*v)
}

// orInvalid writes a value, or NULL if it is not valid.
func orInvalid[T any](e *Encoder, v T, valid bool, write func(*Encoder, T)) {
	if !valid {
		e.null()
		return
	}
	write(e, v)
}

// orInfinite writes a time, an infinity as the largest or the smallest integer
// of so many bytes, or NULL.
func orInfinite(e *Encoder, v time.Time, m pgtype.InfinityModifier, valid bool, size int, write func(*Encoder, time.Time)) {
	if !valid || m == pgtype.Finite {
		orInvalid(e, v, valid, write)
		return
	}
	start := e.begin()
	switch {
	case e.text:
		e.buf = append(e.buf, m.String()...)
	case m == pgtype.Infinity:
		e.buf = append(e.buf, 0x7F)
		for range size - 1 {
			e.buf = append(e.buf, 0xFF)
		}
	default:
		e.buf = append(e.buf, 0x80)
		for range size - 1 {
			e.buf = append(e.buf, 0)
		}
	}
	e.end(start)
}
