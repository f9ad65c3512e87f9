package runtime_test

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// nullable is a kind whose Go type is another where it can be NULL.
func nullable[T, N any](typ runtime.Type, read func(*row) T, readNull func(*row) N,
	write func(*encoder, T), writeNull func(*encoder, N), some func(T) N, samples ...sample[T],
) *kind[T, N] {
	return &kind[T, N]{typ: typ, read: read, readNull: readNull, write: write, writeNull: writeNull, some: some, samples: samples}
}

func TestPgValues(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	finite := utc(2024, 2, 29, 23, 59, 59, 999999)
	day := utc(2024, 2, 29, 0, 0, 0, 0)
	addr := nullable(runtime.Inet, (*row).Addr, (*row).NullAddr, (*encoder).Addr, (*encoder).NullAddr, pointer[netip.Addr],
		sample[netip.Addr]{netip.MustParseAddr("192.168.0.1"), "'192.168.0.1'"},
		sample[netip.Addr]{netip.MustParseAddr("2001:db8::ff"), "'2001:db8::ff/128'"})
	addr.arg = func(v netip.Addr) any { return runtime.Arg(v, (*encoder).Addr) }
	addr.nullArg = func(v *netip.Addr) any { return runtime.Arg(v, (*encoder).NullAddr) }
	type enum string
	type nullEnum struct {
		Enum  enum
		Valid bool
	}
	enums := nullable(runtime.Text, runtime.Enum[enum], func(r *row) nullEnum {
		e, valid := runtime.EnumOrNull[enum](r)
		return nullEnum{e, valid}
	}, runtime.EncodeEnum[enum], func(e *encoder, v nullEnum) { runtime.EncodeEnumOrNull(e, v.Enum, v.Valid) },
		func(v enum) nullEnum { return nullEnum{v, true} }, sample[enum]{"so-so", "'so-so'"}, sample[enum]{"", "''"})
	enums.arg = runtime.EnumArg[enum]
	enums.nullArg = func(v nullEnum) any {
		return runtime.Arg(v, func(e *encoder, v nullEnum) { runtime.EncodeEnumOrNull(e, v.Enum, v.Valid) })
	}
	for name, k := range map[string]interface {
		run(t *testing.T, url string)
	}{
		"bool": nullable(runtime.Bool, (*row).Bool, (*row).NullPgBool, (*encoder).Bool, (*encoder).NullPgBool,
			func(v bool) pgtype.Bool { return pgtype.Bool{Bool: v, Valid: true} }, sample[bool]{true, "true"}, sample[bool]{false, "false"}),
		"int2": nullable(runtime.Int2, (*row).Int2, (*row).NullPgInt2, (*encoder).Int2, (*encoder).NullPgInt2,
			func(v int16) pgtype.Int2 { return pgtype.Int2{Int16: v, Valid: true} }, sample[int16]{0, "0"}, sample[int16]{math.MinInt16, "'-32768'"}),
		"int4": valid(runtime.Int4, (*row).PgInt4, (*row).NullPgInt4, (*encoder).PgInt4, (*encoder).NullPgInt4,
			sample[pgtype.Int4]{pgtype.Int4{Valid: true}, "0"}, sample[pgtype.Int4]{pgtype.Int4{Int32: math.MinInt32, Valid: true}, "'-2147483648'"}),
		"int8": valid(runtime.Int8, (*row).PgInt8, (*row).NullPgInt8, (*encoder).PgInt8, (*encoder).NullPgInt8,
			sample[pgtype.Int8]{pgtype.Int8{Valid: true}, "0"}, sample[pgtype.Int8]{pgtype.Int8{Int64: math.MaxInt64, Valid: true}, "9223372036854775807"}),
		"oid": valid(runtime.OID, (*row).PgOID, (*row).NullPgOID, (*encoder).PgOID, (*encoder).NullPgOID,
			sample[pgtype.Uint32]{pgtype.Uint32{Uint32: math.MaxUint32, Valid: true}, "4294967295"}),
		"xid": valid(runtime.XID, (*row).PgOID, (*row).NullPgOID, (*encoder).PgOID, (*encoder).NullPgOID,
			sample[pgtype.Uint32]{pgtype.Uint32{Uint32: math.MaxUint32, Valid: true}, "'4294967295'"}),
		"float4": nullable(runtime.Float4, (*row).Float4, (*row).NullPgFloat4, (*encoder).Float4, (*encoder).NullPgFloat4,
			func(v float32) pgtype.Float4 { return pgtype.Float4{Float32: v, Valid: true} }, sample[float32]{0.1, "0.1"}),
		"float8": nullable(runtime.Float8, (*row).Float8, (*row).NullPgFloat8, (*encoder).Float8, (*encoder).NullPgFloat8,
			func(v float64) pgtype.Float8 { return pgtype.Float8{Float64: v, Valid: true} }, sample[float64]{0.1, "0.1"}, sample[float64]{math.NaN(), "'NaN'"}),
		"text": nullable(runtime.Text, (*row).Text, (*row).NullPgText, (*encoder).Text, (*encoder).NullPgText,
			func(v string) pgtype.Text { return pgtype.Text{String: v, Valid: true} }, textSamples()...),
		"enum": enums,
		"timestamptz": valid(runtime.Timestamptz, (*row).PgTimestamptz, (*row).NullPgTimestamptz, (*encoder).PgTimestamptz, (*encoder).NullPgTimestamptz,
			sample[pgtype.Timestamptz]{pgtype.Timestamptz{Time: finite, Valid: true}, "'2024-02-29 23:59:59.999999+00'"},
			sample[pgtype.Timestamptz]{pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}, "'infinity'"},
			sample[pgtype.Timestamptz]{pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}, "'-infinity'"}),
		"timestamp": valid(runtime.Timestamp, (*row).PgTimestamp, (*row).NullPgTimestamp, (*encoder).PgTimestamp, (*encoder).NullPgTimestamp,
			sample[pgtype.Timestamp]{pgtype.Timestamp{Time: finite, Valid: true}, "'2024-02-29 23:59:59.999999'"},
			sample[pgtype.Timestamp]{pgtype.Timestamp{InfinityModifier: pgtype.Infinity, Valid: true}, "'infinity'"},
			sample[pgtype.Timestamp]{pgtype.Timestamp{InfinityModifier: pgtype.NegativeInfinity, Valid: true}, "'-infinity'"}),
		"date": valid(runtime.Date, (*row).PgDate, (*row).NullPgDate, (*encoder).PgDate, (*encoder).NullPgDate,
			sample[pgtype.Date]{pgtype.Date{Time: day, Valid: true}, "'2024-02-29'"},
			sample[pgtype.Date]{pgtype.Date{InfinityModifier: pgtype.Infinity, Valid: true}, "'infinity'"},
			sample[pgtype.Date]{pgtype.Date{InfinityModifier: pgtype.NegativeInfinity, Valid: true}, "'-infinity'"}),
		"tid": valid(runtime.TID, (*row).PgTID, (*row).NullPgTID, (*encoder).PgTID, (*encoder).NullPgTID,
			sample[pgtype.TID]{pgtype.TID{BlockNumber: math.MaxUint32, OffsetNumber: math.MaxUint16, Valid: true}, "'(4294967295,65535)'"}),
		"inet": addr,
		"tstzrange": rangeKind(runtime.TSTZRange, (*row).PgTimestamptz, (*encoder).PgTimestamptz,
			pgtype.Timestamptz{Time: time.Unix(0, 0), Valid: true}, "1970-01-01 00:00:00+00",
			pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}, "infinity"),
		"int4range": rangeKind(runtime.Int4Range, (*row).PgInt4, (*encoder).PgInt4,
			pgtype.Int4{Int32: -1, Valid: true}, "-1", pgtype.Int4{Int32: 7, Valid: true}, "7"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k.run(t, url)
		})
	}
}
