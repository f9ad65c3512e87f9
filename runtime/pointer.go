package runtime

import (
	"database/sql/driver"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgx looks at what a pointer points to with reflection, which allocates it
// anew, and an interface allocates a copy of what is no pointer. The types below
// are pointers that say themselves what they point to: in place of both, an
// argument costs nothing.

// Ref makes an argument of what p points to, which must stay as it is until the
// call that gets the argument returns. A nil p is not allowed.
func Ref[T any](p *T) any { return ref[T]{p} }

// reference is an argument that [Ref] made.
type reference interface {
	pointer() any
	value() any
}

type ref[T any] struct{ p *T }

func (r ref[T]) pointer() any { return r.p }

func (r ref[T]) value() any { return *r.p }

// passTo puts what costs least in the place of args, unless what args go to is
// of the application: a wrapper, or a mock of a test, is to see the values.
func passTo(db any, args []any) { pass(args, isPgx(db)) }

// passIn does the same with all arguments of a batch.
func passIn(db any, b *pgx.Batch) {
	toPgx := isPgx(db)
	for _, q := range b.QueuedQueries {
		pass(q.Arguments, toPgx)
	}
}

// isPgx is true of what gives arguments to pgx and to nobody else.
func isPgx(db any) bool {
	switch db := db.(type) {
	case *pgxpool.Pool, *pgxpool.Conn, *pgxpool.Tx, *pgx.Conn, *supply, *supplyTx, *guarded:
		return true
	case through:
		target, _ := db.target()
		return isPgx(target)
	}
	return false
}

func pass(args []any, toPgx bool) {
	for i, arg := range args {
		r, isRef := arg.(reference)
		switch {
		case toPgx && isRef:
			args[i] = passed(r.pointer(), r)
		case toPgx:
			args[i] = passed(arg, nil)
		case isRef:
			args[i] = r.value()
		}
	}
}

// passed is what pgx is given for an argument. If that is a reference, r is it,
// and arg its pointer.
func passed(arg any, r reference) any {
	switch p := arg.(type) {
	case *bool:
		if p != nil {
			return *p // true and false need no memory
		}
	case *int16:
		if p != nil {
			return (*int2Pointer)(p)
		}
	case *int32:
		if p != nil {
			return (*int4Pointer)(p)
		}
	case *int64:
		if p != nil {
			return (*int8Pointer)(p)
		}
	case *float64:
		if p != nil {
			return (*float8Pointer)(p)
		}
	case *string:
		if p != nil {
			return (*textPointer)(p)
		}
	case *time.Time:
		if p != nil {
			return (*timePointer)(p)
		}
	case *pgtype.Numeric:
		if p != nil {
			return numericArg(p)
		}
	case pgtype.Numeric:
		return numericArg(&p)
	case *pgtype.UUID, *pgtype.Interval, *pgtype.Time, *pgtype.Bool, *pgtype.Int2, *pgtype.Int4, *pgtype.Int8, *pgtype.Float4,
		*pgtype.Float8, *pgtype.Text, *pgtype.Timestamptz, *pgtype.Timestamp, *pgtype.Date:
		// pgx's own types say their values through a pointer too.
	default:
		if r != nil {
			return r.value()
		}
	}
	return arg
}

// numericArg is a numeric as text: for the binary format pgx divides big
// integers, each time into new ones.
func numericArg(n *pgtype.Numeric) any {
	if !n.Valid {
		return nil
	}
	var b [64]byte
	text, err := appendNumericText(b[:0], *n)
	if err != nil {
		return badArgument{err}
	}
	return string(text)
}

// Each type has a method for the codecs of pgx, one for its exec modes that do
// not know the type of a parameter, and one for tracers that print arguments.

type int2Pointer int16

// Int64Value returns the number.
func (p *int2Pointer) Int64Value() (pgtype.Int8, error) {
	return pgtype.Int8{Int64: int64(*p), Valid: true}, nil
}

// Value returns the number.
func (p *int2Pointer) Value() (driver.Value, error) { return int64(*p), nil }

// String returns the number as text.
func (p *int2Pointer) String() string { return strconv.FormatInt(int64(*p), 10) }

type int4Pointer int32

// Int64Value returns the number.
func (p *int4Pointer) Int64Value() (pgtype.Int8, error) {
	return pgtype.Int8{Int64: int64(*p), Valid: true}, nil
}

// Value returns the number.
func (p *int4Pointer) Value() (driver.Value, error) { return int64(*p), nil }

// String returns the number as text.
func (p *int4Pointer) String() string { return strconv.FormatInt(int64(*p), 10) }

type int8Pointer int64

// Int64Value returns the number.
func (p *int8Pointer) Int64Value() (pgtype.Int8, error) {
	return pgtype.Int8{Int64: int64(*p), Valid: true}, nil
}

// Value returns the number.
func (p *int8Pointer) Value() (driver.Value, error) { return int64(*p), nil }

// String returns the number as text.
func (p *int8Pointer) String() string { return strconv.FormatInt(int64(*p), 10) }

type float8Pointer float64

// Float64Value returns the number.
func (p *float8Pointer) Float64Value() (pgtype.Float8, error) {
	return pgtype.Float8{Float64: float64(*p), Valid: true}, nil
}

// Value returns the number.
func (p *float8Pointer) Value() (driver.Value, error) { return float64(*p), nil }

// String returns the number as text.
func (p *float8Pointer) String() string { return strconv.FormatFloat(float64(*p), 'g', -1, 64) }

// textPointer is no [driver.Valuer]: pgx would read its text into a value of the
// parameter's type, where it can send the text.
type textPointer string

// TextValue returns the text.
func (p *textPointer) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: string(*p), Valid: true}, nil
}

// String returns the text.
func (p *textPointer) String() string { return string(*p) }

type timePointer time.Time

// DateValue returns the day.
func (p *timePointer) DateValue() (pgtype.Date, error) {
	return pgtype.Date{Time: time.Time(*p), Valid: true}, nil
}

// TimestampValue returns the time.
func (p *timePointer) TimestampValue() (pgtype.Timestamp, error) {
	return pgtype.Timestamp{Time: time.Time(*p), Valid: true}, nil
}

// TimestamptzValue returns the time.
func (p *timePointer) TimestamptzValue() (pgtype.Timestamptz, error) {
	return pgtype.Timestamptz{Time: time.Time(*p), Valid: true}, nil
}

// Value returns the time.
func (p *timePointer) Value() (driver.Value, error) { return time.Time(*p), nil }

// String returns the time as text.
func (p *timePointer) String() string { return time.Time(*p).String() }

// MarshalJSON returns the time as JSON, for logs.
func (p *timePointer) MarshalJSON() ([]byte, error) { return time.Time(*p).MarshalJSON() }
