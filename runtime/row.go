package runtime

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Row is a cursor over the values of one row. Each method reads the next value,
// whatever format it came in. The first error sticks: later calls return zero
// values, and whoever loaded the row reports it with the query's and the
// column's name. A Row is valid only inside the decoder that it was passed to,
// and only for one goroutine.
//
// The methods are named after PostgreSQL's types; those that begin with Null
// return nil, or a pgtype value that is not Valid, for NULL, and the others
// fail on NULL.
type Row struct {
	frame
	err error
	// mixed are the values of a row of which some are in text.
	mixed [][]byte

	// column is the index of the top-level column while a frame below it is
	// being read.
	column int
	// scratch holds the unescaped text of the frames being read, a stack.
	scratch []byte
	// many is true if more rows are expected to follow: values are then cut
	// from slabs.
	many bool
	slabs

	name    string
	columns []Column
	fields  []pgconn.FieldDescription
	shape   *shape
	// typeMap is the connection's, nil until [Scan] asks for it.
	typeMap *pgtype.Map
	rows    pgx.Rows
}

// frame is where values come from: a row of a result, or a value that contains
// others.
type frame struct {
	// values are those of a row whose values are all binary, and nil elsewhere,
	// so that peek finds them with one comparison.
	values [][]byte
	kind   frameKind
	// text is the format of the value that next returned last.
	text bool
	// delimiter separates the elements of an array in text.
	delimiter byte
	// depth is the number of array dimensions entered, of dimensions in all
	// (known in binary only).
	depth, dimensions int8
	// at is the index of the next value of a row or composite.
	at int
	// left is how many values a binary composite still has.
	left int
	// base is the length of scratch below this frame.
	base int
	// oid is the type of the value that next returned last, 0 if unknown.
	oid uint32
	// data is what is left to be read.
	data    []byte
	lengths [maxDimensions]int32
}

type frameKind uint8

const (
	// plainFrame is a row whose values are all binary, the usual case.
	plainFrame frameKind = iota
	// mixedFrame is a row with values in text.
	mixedFrame
	// singleFrame is one value, a range's bound.
	singleFrame
	binaryArrayFrame
	textArrayFrame
	binaryCompositeFrame
	textCompositeFrame
	// closedFrame is a text composite of which everything was read.
	closedFrame
)

// peek returns the next value if it is one of a row whose values are all binary,
// and nil everywhere else and for NULL. It is small enough to be inlined: the
// methods for usual types take from it what they can, by adding one to at, and
// leave the rest to [Row.next].
func (r *Row) peek() []byte {
	if at := r.at; at < len(r.values) {
		return r.values[at]
	}
	return nil
}

// next returns the next value, nil for NULL.
func (r *Row) next() []byte {
	if at := r.at; at < len(r.values) {
		r.at = at + 1
		return r.values[at]
	}
	if r.err != nil {
		return nil
	}
	var v []byte
	var err error
	switch r.kind {
	case plainFrame:
		err = errTooFew
	case mixedFrame:
		v, err = r.nextColumn()
	case singleFrame:
		if r.at != 0 {
			err = errTooFew
			break
		}
		r.at, v = 1, r.data
	case binaryArrayFrame:
		v, err = r.nextBinaryElement()
	case textArrayFrame:
		v, err = r.nextTextElement()
	case binaryCompositeFrame:
		v, err = r.nextBinaryField()
	case textCompositeFrame, closedFrame:
		v, err = r.nextTextField()
	}
	if err != nil {
		r.fail(err)
		return nil
	}
	return v
}

func (r *Row) nextColumn() ([]byte, error) {
	if r.at >= len(r.mixed) || r.at >= len(r.fields) {
		return nil, errTooFew
	}
	i := r.at
	r.at++
	r.text = r.fields[i].Format == pgx.TextFormatCode
	return r.mixed[i], nil
}

// types returns the connection's type map.
func (r *Row) types() *pgtype.Map {
	if r.typeMap == nil && r.rows != nil {
		r.typeMap = r.rows.TypeMap()
	}
	if r.typeMap == nil {
		r.typeMap = pgtype.NewMap()
	}
	return r.typeMap
}

// enter makes f the frame that values come from, and returns the one to go
// back to with leave.
func (r *Row) enter(f frame) frame {
	saved := r.frame
	if saved.kind <= mixedFrame {
		r.column = saved.at - 1
	}
	f.base = len(r.scratch)
	r.frame = f
	return saved
}

func (r *Row) leave(saved frame) {
	r.scratch = r.scratch[:r.base]
	r.frame = saved
}

// unescaped returns what was put onto scratch, not nil, which would be NULL.
func (r *Row) unescaped(base int) []byte {
	if len(r.scratch) == base {
		return []byte{}
	}
	return r.scratch[base:len(r.scratch):len(r.scratch)]
}

// fail keeps the first error, with the column being read.
func (r *Row) fail(err error) {
	if r.err != nil {
		return
	}
	column := r.column
	if r.kind <= mixedFrame {
		column = r.at - 1
	}
	e := &Error{Query: r.name, Err: err}
	if column >= 0 && column < len(r.columns) {
		e.Column = r.columns[column].Name
	}
	r.err = e
}

// bad fails with a value that is not what its type can be.
func (r *Row) bad(typ Type, v []byte, err error) {
	if v == nil {
		switch r.kind {
		case binaryArrayFrame, textArrayFrame:
			r.fail(errNullElement)
		case singleFrame:
			r.fail(errNullBound)
		default:
			r.fail(errNull)
		}
		return
	}
	format := "binary"
	if r.text {
		format = "text"
	}
	if err == nil {
		err = errMalformed
	}
	const most = 40
	cut := ""
	if len(v) > most {
		v, cut = v[:most], "…"
	}
	r.fail(fmt.Errorf("%q%s is not a %s in the %s format: %w", v, cut, typ, format, err))
}

var errMalformed = errors.New("malformed value")

// Bool reads a boolean.
func (r *Row) Bool() bool {
	if v := r.peek(); len(v) == 1 {
		r.at++
		return v[0] != 0
	}
	return r.bool(r.next())
}

// NullBool reads a boolean.
func (r *Row) NullBool() *bool {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.bools.take(r.bool(v), r.many)
}

func (r *Row) bool(v []byte) bool {
	if len(v) == 1 {
		switch {
		case !r.text:
			return v[0] != 0
		case v[0] == 't':
			return true
		case v[0] == 'f':
			return false
		}
	}
	r.bad(Bool, v, nil)
	return false
}

// Int2 reads a smallint.
func (r *Row) Int2() int16 {
	if v := r.peek(); len(v) == 2 {
		r.at++
		return int16(binary.BigEndian.Uint16(v))
	}
	return r.int2(r.next())
}

// NullInt2 reads a smallint.
func (r *Row) NullInt2() *int16 {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.int2s.take(r.int2(v), r.many)
}

func (r *Row) int2(v []byte) int16 {
	if len(v) == 2 && !r.text {
		return int16(binary.BigEndian.Uint16(v))
	}
	return int16(r.textInt(Int2, v, 16))
}

// Int4 reads an integer.
func (r *Row) Int4() int32 {
	if v := r.peek(); len(v) == 4 {
		r.at++
		return int32(binary.BigEndian.Uint32(v))
	}
	return r.int4(r.next())
}

// NullInt4 reads an integer.
func (r *Row) NullInt4() *int32 {
	if v := r.peek(); len(v) == 4 {
		r.at++
		return r.int4s.take(int32(binary.BigEndian.Uint32(v)), r.many)
	}
	v := r.next()
	if v == nil {
		return nil
	}
	return r.int4s.take(r.int4(v), r.many)
}

func (r *Row) int4(v []byte) int32 {
	if len(v) == 4 && !r.text {
		return int32(binary.BigEndian.Uint32(v))
	}
	return int32(r.textInt(Int4, v, 32))
}

// Int8 reads a bigint.
func (r *Row) Int8() int64 {
	if v := r.peek(); len(v) == 8 {
		r.at++
		return int64(binary.BigEndian.Uint64(v))
	}
	return r.int8(r.next())
}

// NullInt8 reads a bigint.
func (r *Row) NullInt8() *int64 {
	if v := r.peek(); len(v) == 8 {
		r.at++
		return r.int8s.take(int64(binary.BigEndian.Uint64(v)), r.many)
	}
	v := r.next()
	if v == nil {
		return nil
	}
	return r.int8s.take(r.int8(v), r.many)
}

func (r *Row) int8(v []byte) int64 {
	if len(v) == 8 && !r.text {
		return int64(binary.BigEndian.Uint64(v))
	}
	return r.textInt(Int8, v, 64)
}

func (r *Row) textInt(typ Type, v []byte, bits int) int64 {
	if v == nil || !r.text {
		r.bad(typ, v, nil)
		return 0
	}
	n, err := strconv.ParseInt(string(v), 10, bits)
	if err != nil {
		r.bad(typ, v, errors.Unwrap(err))
		return 0
	}
	return n
}

// OID reads an oid, or another type that is an unsigned 32-bit number.
func (r *Row) OID() uint32 {
	if v := r.peek(); len(v) == 4 {
		r.at++
		return binary.BigEndian.Uint32(v)
	}
	return r.oid4(r.next())
}

// NullOID reads an oid, or another type that is an unsigned 32-bit number.
func (r *Row) NullOID() *uint32 {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.oids.take(r.oid4(v), r.many)
}

func (r *Row) oid4(v []byte) uint32 {
	if len(v) == 4 && !r.text {
		return binary.BigEndian.Uint32(v)
	}
	if v == nil || !r.text {
		r.bad(OID, v, nil)
		return 0
	}
	n, err := strconv.ParseUint(string(v), 10, 32)
	if err != nil {
		r.bad(OID, v, errors.Unwrap(err))
		return 0
	}
	return uint32(n)
}

// Float4 reads a real.
func (r *Row) Float4() float32 {
	if v := r.peek(); len(v) == 4 {
		r.at++
		return math.Float32frombits(binary.BigEndian.Uint32(v))
	}
	return r.float4(r.next())
}

// NullFloat4 reads a real.
func (r *Row) NullFloat4() *float32 {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.float4s.take(r.float4(v), r.many)
}

func (r *Row) float4(v []byte) float32 {
	if len(v) == 4 && !r.text {
		return math.Float32frombits(binary.BigEndian.Uint32(v))
	}
	return float32(r.textFloat(Float4, v, 32))
}

// Float8 reads a double precision number.
func (r *Row) Float8() float64 {
	if v := r.peek(); len(v) == 8 {
		r.at++
		return math.Float64frombits(binary.BigEndian.Uint64(v))
	}
	return r.float8(r.next())
}

// NullFloat8 reads a double precision number.
func (r *Row) NullFloat8() *float64 {
	if v := r.peek(); len(v) == 8 {
		r.at++
		return r.float8s.take(math.Float64frombits(binary.BigEndian.Uint64(v)), r.many)
	}
	v := r.next()
	if v == nil {
		return nil
	}
	return r.float8s.take(r.float8(v), r.many)
}

func (r *Row) float8(v []byte) float64 {
	if len(v) == 8 && !r.text {
		return math.Float64frombits(binary.BigEndian.Uint64(v))
	}
	return r.textFloat(Float8, v, 64)
}

func (r *Row) textFloat(typ Type, v []byte, bits int) float64 {
	if v == nil || !r.text {
		r.bad(typ, v, nil)
		return 0
	}
	f, err := strconv.ParseFloat(string(v), bits)
	if err != nil {
		r.bad(typ, v, errors.Unwrap(err))
		return 0
	}
	return f
}

// Text reads a value as the text that PostgreSQL prints for it: text and its
// relatives, and types that have no Go type of their own.
func (r *Row) Text() string {
	if v := r.peek(); v != nil {
		r.at++
		return r.string(v)
	}
	v := r.nextText()
	if v == nil {
		r.bad(Text, nil, nil)
		return ""
	}
	return r.string(v)
}

// NullText is [Row.Text] for values that can be NULL.
func (r *Row) NullText() *string {
	if v := r.peek(); v != nil {
		r.at++
		return r.pointer(r.string(v))
	}
	v := r.nextText()
	if v == nil {
		return nil
	}
	return r.pointer(r.string(v))
}

// Enum reads an enum, or another type whose text is an S.
func Enum[S ~string](r *Row) S { return S(r.Text()) }

// NullEnum is [Enum] for values that can be NULL.
func NullEnum[S ~string](r *Row) *S {
	v := r.nextText()
	if v == nil {
		return nil
	}
	s := S(r.string(v))
	return &s
}

// Bytea reads a bytea.
func (r *Row) Bytea() []byte {
	v := r.next()
	if v == nil {
		r.bad(Bytea, nil, nil)
		return nil
	}
	return r.bytea(v)
}

// NullBytea reads a bytea, nil for NULL and not nil for an empty one.
func (r *Row) NullBytea() []byte {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.bytea(v)
}

func (r *Row) bytea(v []byte) []byte {
	if !r.text {
		return r.bytes(v)
	}
	b, err := parseBytea(v)
	if err != nil {
		r.bad(Bytea, v, err)
	}
	return b
}

// parseBytea reads both output formats of bytea (bytea_output): hex, which
// begins with \x, and escape, where a backslash begins another or three octal
// digits.
func parseBytea(v []byte) ([]byte, error) {
	if len(v) >= 2 && v[0] == '\\' && v[1] == 'x' {
		v = v[2:]
		if len(v)%2 != 0 {
			return nil, errTruncated
		}
		b := make([]byte, len(v)/2)
		for i := range b {
			high, ok1 := hexDigit(v[2*i])
			low, ok2 := hexDigit(v[2*i+1])
			if !ok1 || !ok2 {
				return nil, errMalformed
			}
			b[i] = high<<4 | low
		}
		return b, nil
	}
	b := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] != '\\':
			b = append(b, v[i])
		case i+1 < len(v) && v[i+1] == '\\':
			b = append(b, '\\')
			i++
		case i+3 < len(v) && v[i+1] >= '0' && v[i+1] <= '3' && isOctal(v[i+2]) && isOctal(v[i+3]):
			b = append(b, (v[i+1]-'0')<<6|(v[i+2]-'0')<<3|(v[i+3]-'0'))
			i += 3
		default:
			return nil, errMalformed
		}
	}
	return b, nil
}

func isOctal(c byte) bool { return c >= '0' && c <= '7' }

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// JSON reads a json or jsonb.
func (r *Row) JSON() json.RawMessage {
	if v := r.peek(); v != nil {
		r.at++
		return r.json(v)
	}
	v := r.next()
	if v == nil {
		r.bad(JSON, nil, nil)
		return nil
	}
	return r.json(v)
}

// NullJSON reads a json or jsonb, nil for NULL. JSON's own null is not NULL.
func (r *Row) NullJSON() json.RawMessage {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.json(v)
}

func (r *Row) json(v []byte) json.RawMessage {
	// In binary jsonb is its text after a version number, 1, which json cannot
	// begin with.
	if !r.text && len(v) > 0 && v[0] == 1 {
		v = v[1:]
	}
	return r.bytes(v)
}

// UUID reads a uuid.
func (r *Row) UUID() pgtype.UUID {
	if v := r.peek(); len(v) == 16 {
		r.at++
		return pgtype.UUID{Bytes: [16]byte(v), Valid: true}
	}
	v := r.next()
	if v == nil {
		r.bad(UUID, nil, nil)
		return pgtype.UUID{}
	}
	return r.uuid(v)
}

// NullUUID reads a uuid.
func (r *Row) NullUUID() pgtype.UUID {
	v := r.next()
	if v == nil {
		return pgtype.UUID{}
	}
	return r.uuid(v)
}

func (r *Row) uuid(v []byte) pgtype.UUID {
	u := pgtype.UUID{Valid: true}
	if !r.text && copy(u.Bytes[:], v) == len(v) && len(v) == 16 {
		return u
	}
	if !r.text || !parseUUID(&u.Bytes, v) {
		r.bad(UUID, v, nil)
		return pgtype.UUID{}
	}
	return u
}

// parseUUID reads the one form that uuid_out prints.
func parseUUID(u *[16]byte, v []byte) bool {
	if len(v) != 36 {
		return false
	}
	at := 0
	for i := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			if v[at] != '-' {
				return false
			}
			at++
		}
		high, ok1 := hexDigit(v[at])
		low, ok2 := hexDigit(v[at+1])
		if !ok1 || !ok2 {
			return false
		}
		u[i] = high<<4 | low
		at += 2
	}
	return true
}

// Bits reads a bit string.
func (r *Row) Bits() pgtype.Bits {
	v := r.next()
	if v == nil {
		r.bad(Varbit, nil, nil)
		return pgtype.Bits{}
	}
	return r.bits(v)
}

// NullBits reads a bit string.
func (r *Row) NullBits() pgtype.Bits {
	v := r.next()
	if v == nil {
		return pgtype.Bits{}
	}
	return r.bits(v)
}

func (r *Row) bits(v []byte) pgtype.Bits {
	if r.text {
		b := make([]byte, (len(v)+7)/8)
		for i, c := range v {
			switch c {
			case '0':
			case '1':
				b[i/8] |= 0x80 >> (i % 8)
			default:
				r.bad(Varbit, v, nil)
				return pgtype.Bits{}
			}
		}
		return pgtype.Bits{Bytes: b, Len: int32(len(v)), Valid: true}
	}
	if len(v) < 4 {
		r.bad(Varbit, v, errTruncated)
		return pgtype.Bits{}
	}
	n := int32(binary.BigEndian.Uint32(v))
	if n < 0 || (int64(n)+7)/8 != int64(len(v)-4) {
		r.bad(Varbit, v, nil)
		return pgtype.Bits{}
	}
	b := r.bytes(v[4:])
	if n%8 != 0 {
		b[len(b)-1] &= unusedBits(n)
	}
	return pgtype.Bits{Bytes: b, Len: n, Valid: true}
}

// unusedBits masks the bits after the last of n in its byte, which are zero.
func unusedBits(n int32) byte { return 0xFF << (8 - n%8) }

// Scan reads a value into a Go type of the application's own, through pgx's
// type map: [sql.Scanner], the scanners of pgtype, structs for json, whatever
// the connection has registered. A pointer T is nil for NULL.
//
// [sql.Scanner]: https://pkg.go.dev/database/sql#Scanner
func Scan[T any](r *Row) T {
	v := r.next()
	var t T
	if r.err != nil {
		return t
	}
	format := int16(pgx.BinaryFormatCode)
	if r.text {
		format = pgx.TextFormatCode
	}
	if err := r.types().Scan(r.valueOID(), format, v, &t); err != nil {
		r.fail(err)
	}
	return t
}

// valueOID is the type of the value that next returned last, 0 if unknown.
func (r *Row) valueOID() uint32 {
	if r.kind > mixedFrame {
		return r.oid
	}
	if i := r.at - 1; i >= 0 && i < len(r.fields) {
		return r.fields[i].DataTypeOID
	}
	return 0
}

// Embed reads the next n values into a T, or skips them and returns nil if all
// are NULL: the row of an outer-joined table that the join did not find.
func Embed[T any](r *Row, n int, decode func(*T, *Row)) *T {
	values := r.values
	if r.kind == mixedFrame {
		values = r.mixed
	}
	if r.kind > mixedFrame || r.at+n > len(values) {
		r.fail(errTooFew)
		return nil
	}
	for _, v := range values[r.at : r.at+n] {
		if v != nil {
			t := new(T)
			decode(t, r)
			return t
		}
	}
	r.at += n
	return nil
}
