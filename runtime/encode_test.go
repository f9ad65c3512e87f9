package runtime_test

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime"
)

// TestEncodeErrors has values that PostgreSQL could not hold, and generated
// code that is not right.
func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	far := time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC)
	deep := runtime.EncodeDim(runtime.EncodeDim(runtime.EncodeDim(runtime.EncodeDim(runtime.EncodeDim(runtime.EncodeDim((*encoder).Int4))))))
	tests := []struct {
		name string
		arg  any
		want string
	}{
		{"nothing written", runtime.Arg(1, func(*encoder, int) {}), "an argument was not written by its encoder, or more than once"},
		{"written twice", runtime.Arg(1, func(e *encoder, _ int) { e.Int4(1); e.Int4(2) }), "an argument was not written"},
		{"ragged", runtime.ArrayArg([][]int32{{1}, {}}, runtime.EncodeDim((*encoder).Int4)), "inner slices differ in length"},
		{"ragged at depth", runtime.ArrayArg([][][]int32{{{1}, {2}}, {{3}, {4, 5}}}, runtime.EncodeDim(runtime.EncodeDim((*encoder).Int4))), "inner slices differ"},
		{"empty and not", runtime.ArrayArg([][][]int32{{}, {{1}}}, runtime.EncodeDim(runtime.EncodeDim((*encoder).Int4))), "inner slices differ"},
		{"seven dimensions", runtime.ArrayArg([][][][][][][]int32{{{{{{{1}}}}}}}, deep), "array has more than 6 dimensions"},
		{"dimension outside of an array", runtime.Arg([]int32{1}, runtime.EncodeDim((*encoder).Int4)), "array has more or fewer dimensions"},
		{"element not written", runtime.ArrayArg([]int32{1}, func(*encoder, int32) {}), "an array element was not written by its encoder"},
		{"mixed depth", runtime.ArrayArg([]int32{1, 2}, func(e *encoder, v int32) {
			if v == 1 {
				e.Int4(v)
			} else {
				runtime.EncodeDim((*encoder).Int4)(e, []int32{v})
			}
		}), "inner slices differ in length"},
		{"field without type", runtime.CompositeArg(Lone{}, func(_ *Lone, e *encoder) { e.Text("x") }), "a composite's field was written without its type"},
		{"type without field", runtime.CompositeArg(Lone{}, func(_ *Lone, e *encoder) { e.Field(runtime.Text) }), "a composite's field was written without its type"},
		{"field outside of a composite", runtime.Arg("x", func(e *encoder, v string) { e.Field(runtime.Text).Text(v) }), "a composite's field was written without its type"},
		{"range without bound types", runtime.RangeArg(pgtype.Range[int32]{Valid: true}, (*encoder).Int4), "bound of a range has no type"},
		{
			"half-empty range",
			runtime.RangeArg(pgtype.Range[int32]{LowerType: pgtype.Empty, UpperType: pgtype.Inclusive, Valid: true}, (*encoder).Int4),
			"bound of a range has no type",
		},
		{
			"null bound",
			runtime.RangeArg(pgtype.Range[*int32]{LowerType: pgtype.Inclusive, UpperType: pgtype.Inclusive, Valid: true}, (*encoder).NullInt4),
			"bound of a range is NULL",
		},
		{"invalid range in a multirange", runtime.MultirangeArg(pgtype.Multirange[pgtype.Range[int32]]{{}}, (*encoder).Int4), "multirange has a range that is not valid"},
		{"zero byte", runtime.Arg("a\x00b", (*encoder).Text), "text with a zero byte"},
		{"zero byte in an array", runtime.ArrayArg([]string{"a\x00b"}, (*encoder).Text), "text with a zero byte"},
		{"zero byte in an hstore", runtime.HstoreArg(pgtype.Hstore{"a\x00": nil}), "text with a zero byte"},
		{"zero byte in json", runtime.Arg([]byte("\x00"), func(e *encoder, v []byte) { e.JSON(v) }), "text with a zero byte"},
		{"far timestamptz", runtime.Arg(far, (*encoder).Timestamptz), "time is outside of what PostgreSQL can hold"},
		{"early timestamp", runtime.Arg(time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC), (*encoder).Timestamp), "time is outside"},
		{"far date", runtime.Arg(time.Date(6_000_000, 1, 1, 0, 0, 0, 0, time.UTC), (*encoder).Date), "time is outside"},
		{"time of a 25th hour", runtime.Arg(pgtype.Time{Microseconds: 90_000_000_000, Valid: true}, (*encoder).Time), "time is outside"},
		{"negative time", runtime.Arg(pgtype.Time{Microseconds: -1, Valid: true}, (*encoder).Time), "time is outside"},
		{"no address", runtime.Arg(netip.Prefix{}, (*encoder).Inet), "value is not valid"},
		{"short hardware address", runtime.Arg(net.HardwareAddr{1}, (*encoder).Macaddr), "value is not valid"},
		{"bits without bytes", runtime.Arg(pgtype.Bits{Len: 9, Bytes: []byte{1}, Valid: true}, (*encoder).Bits), "value is not valid: 9 bits in 1 bytes"},
		{"negative bits", runtime.Arg(pgtype.Bits{Len: -1, Valid: true}, (*encoder).Bits), "value is not valid"},
		{"numeric with too many decimals", runtime.Arg(pgtype.Numeric{Exp: -20_000, Valid: true}, (*encoder).Numeric), "numeric has more digits than PostgreSQL can hold"},
		{"numeric that is too large", runtime.Arg(pgtype.Numeric{Exp: 1 << 30, Valid: true}, (*encoder).Numeric), "numeric has more digits"},
		{"own type that cannot be written", runtime.Arg(upper{"BAD"}, runtime.Encode[upper]), "bad value"},
		{"own type that nobody knows", runtime.Arg(make(chan int), runtime.Encode[chan int]), "cannot find encode plan"},
	}
	conn := connect(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := (&runtime.Command{Name: "Put", SQL: "SELECT $1::text"}).Exec(context.Background(), conn, test.arg)
			require.ErrorContains(t, err, "Put: ")
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	empty := []int32{}
	tests := []struct {
		name string
		arg  any
		want any
	}{
		{"nil array", runtime.ArrayArg([]int32(nil), (*encoder).Int4), "{}"},
		{"nil array as NULL", runtime.NullArrayArg([]int32(nil), (*encoder).Int4), nil},
		{"empty array", runtime.NullArrayArg(empty, (*encoder).Int4), "{}"},
		{"boxes", runtime.ArrayArg([]pgtype.Box{{}, {P: [2]pgtype.Vec2{{X: 1, Y: 2}, {}}, Valid: true}, {}}, (*encoder).Box), "{NULL;(1,2),(0,0);NULL}"},
		{"texts", runtime.ArrayArg([]string{"", "null", "a b", `\"`, "x"}, (*encoder).Text), `{"","null","a b","\\\"",x}`},
		{"composite", runtime.CompositeArg(Lone{pointer(`a"\(`)}, (*Lone).encode), `("a""\\(")`},
		{"composite of NULL", runtime.CompositeArg(Lone{}, (*Lone).encode), "()"},
		{"no composite", runtime.NullCompositeArg(nil, (*Lone).encode), nil},
		{"enum", runtime.EnumArg(Mood("sad")), "sad"},
		{"no enum", runtime.NullEnumArg[Mood](nil), nil},
		{"nil bytes", runtime.ByteaArg(nil), []byte{}},
		{"nil json", runtime.JSONArg(nil), nil},
		{"json null", runtime.JSONArg([]byte("null")), json.RawMessage("null")},
		{"nil hstore", runtime.HstoreArg(nil), nil},
		{"empty hstore", runtime.HstoreArg(pgtype.Hstore{}), ""},
		{"invalid range", runtime.RangeArg(pgtype.Range[int32]{}, (*encoder).Int4), nil},
		{"nil multirange", runtime.MultirangeArg[int32](nil, (*encoder).Int4), "{}"},
		{"nil multirange as NULL", runtime.NullMultirangeArg[int32](nil, (*encoder).Int4), nil},
		{"no time", runtime.NullTimestampArg(nil), nil},
		{"no date", runtime.NullDateArg(nil), nil},
		{"NULL", runtime.Arg(nil, (*encoder).NullInt4), nil},
		{
			"the clock of another zone",
			runtime.TimestampArg(time.Date(2024, 1, 2, 3, 4, 5, 0, time.FixedZone("", 7200))),
			pgtype.Timestamp{Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), Valid: true},
		},
	}
	for _, test := range tests {
		require.Equal(t, test.want, test.arg, test.name)
	}
}
