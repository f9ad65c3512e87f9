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
// anew. The types below are the same pointers, which say it themselves: in
// place of them, a value that can be NULL costs as little as one that cannot.

// byPointer puts them in the place of args, unless what args go to is of the
// application: a wrapper, or a mock of a test, is to see what it was given.
func byPointer(db any, args []any) {
	if isPgx(db) {
		pointTo(args)
	}
}

// byPointerIn does the same with all arguments of a batch.
func byPointerIn(db any, b *pgx.Batch) {
	if !isPgx(db) {
		return
	}
	for _, q := range b.QueuedQueries {
		pointTo(q.Arguments)
	}
}

// isPgx is true of what gives arguments to pgx and to nobody else.
func isPgx(db any) bool {
	if t, ok := db.(through); ok {
		db, _ = t.target()
	}
	switch db.(type) {
	case *pgxpool.Pool, *pgxpool.Conn, *pgxpool.Tx, *pgx.Conn, *supply, *supplyTx, *guarded:
		return true
	}
	return false
}

func pointTo(args []any) {
	for i, arg := range args {
		switch p := arg.(type) {
		case *bool:
			if p != nil {
				args[i] = *p // true and false need no memory
			}
		case *int16:
			if p != nil {
				args[i] = (*int2Pointer)(p)
			}
		case *int32:
			if p != nil {
				args[i] = (*int4Pointer)(p)
			}
		case *int64:
			if p != nil {
				args[i] = (*int8Pointer)(p)
			}
		case *float64:
			if p != nil {
				args[i] = (*float8Pointer)(p)
			}
		case *time.Time:
			if p != nil {
				args[i] = (*timePointer)(p)
			}
		}
	}
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
