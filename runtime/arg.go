package runtime

import (
	"database/sql/driver"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// The functions below make arguments that mean the same in every exec mode of
// pgx, with nothing registered in its type map. Most of them write the value
// as PostgreSQL prints it: a string goes to the server as text of whatever type
// the parameter has. Arguments for which there is no function are passed to
// pgx as they are: booleans, numbers, strings, bytes, [time.Time] for
// timestamptz, and pgtype's uuid, numeric, interval, time, bits and geometric
// types, and pointers to them.

// Arg makes an argument of a value that the function write, a method of
// [*Encoder], writes. NULL is what the methods say is NULL.
func Arg[T any](v T, write func(*Encoder, T)) any {
	e := Encoder{text: true}
	write(&e, v)
	return e.argument()
}

// argument returns what was written.
func (e *Encoder) argument() any {
	switch {
	case e.err != nil:
		return badArgument{e.err}
	case e.into.count != 1:
		return badArgument{errNotWritten}
	case e.isNull:
		return nil
	}
	return string(e.buf)
}

// badArgument is an argument that could not be written. pgx asks it for its
// value and gets the error.
type badArgument struct{ err error }

// Value returns the error.
func (b badArgument) Value() (driver.Value, error) { return nil, b.err }

// ArrayArg makes an argument of an array, each element written by the function
// element: a method of [*Encoder], [EncodeEnum], or [EncodeDim] for a further
// dimension. nil is an empty array.
func ArrayArg[T any](v []T, element func(*Encoder, T)) any {
	e := Encoder{text: true}
	EncodeArray(&e, v, "", element)
	return e.argument()
}

// NullArrayArg is [ArrayArg] with NULL for nil.
func NullArrayArg[T any](v []T, element func(*Encoder, T)) any {
	if v == nil {
		return nil
	}
	return ArrayArg(v, element)
}

// CompositeArg makes an argument of a composite; see [EncodeComposite].
func CompositeArg[T any](v T, encode func(*T, *Encoder)) any {
	e := Encoder{text: true}
	EncodeComposite(&e, v, "", encode)
	return e.argument()
}

// NullCompositeArg is [CompositeArg] with NULL for nil.
func NullCompositeArg[T any](v *T, encode func(*T, *Encoder)) any {
	if v == nil {
		return nil
	}
	return CompositeArg(*v, encode)
}

// RangeArg makes an argument of a range; one that is not Valid is NULL.
func RangeArg[T any](v pgtype.Range[T], bound func(*Encoder, T)) any {
	e := Encoder{text: true}
	EncodeRange(&e, v, bound)
	return e.argument()
}

// NullRangeArg is [RangeArg].
func NullRangeArg[T any](v pgtype.Range[T], bound func(*Encoder, T)) any { return RangeArg(v, bound) }

// MultirangeArg makes an argument of a multirange; nil is an empty one.
func MultirangeArg[T any](v pgtype.Multirange[pgtype.Range[T]], bound func(*Encoder, T)) any {
	e := Encoder{text: true}
	EncodeMultirange(&e, v, bound)
	return e.argument()
}

// NullMultirangeArg is [MultirangeArg] with NULL for nil.
func NullMultirangeArg[T any](v pgtype.Multirange[pgtype.Range[T]], bound func(*Encoder, T)) any {
	if v == nil {
		return nil
	}
	return MultirangeArg(v, bound)
}

// EnumArg makes an argument of an enum.
func EnumArg[S ~string](v S) any { return string(v) }

// NullEnumArg is [EnumArg] with NULL for nil.
func NullEnumArg[S ~string](v *S) any {
	if v == nil {
		return nil
	}
	return string(*v)
}

// TimestampArg makes an argument of a timestamp without time zone: what v's
// calendar and clock show. As a plain [time.Time] it would be that in some
// exec modes and the time in UTC in others.
func TimestampArg(v time.Time) any { return pgtype.Timestamp{Time: wallClock(v), Valid: true} }

// NullTimestampArg is [TimestampArg] with NULL for nil.
func NullTimestampArg(v *time.Time) any {
	if v == nil {
		return nil
	}
	return TimestampArg(*v)
}

// DateArg makes an argument of a date: the day that v's calendar shows.
func DateArg(v time.Time) any { return pgtype.Date{Time: wallClock(v), Valid: true} }

// NullDateArg is [DateArg] with NULL for nil.
func NullDateArg(v *time.Time) any {
	if v == nil {
		return nil
	}
	return DateArg(*v)
}

// JSONArg makes an argument of a json or jsonb; nil is NULL.
func JSONArg(v json.RawMessage) any {
	if v == nil {
		return nil
	}
	return v // pgx sends it as it is, as json where it does not know the type
}

// HstoreArg makes an argument of an hstore; nil is NULL.
func HstoreArg(v pgtype.Hstore) any { return Arg(v, (*Encoder).Hstore) }

// ByteaArg makes an argument of a bytea; nil is empty.
func ByteaArg(v []byte) any {
	if v == nil {
		return []byte{}
	}
	return v
}
