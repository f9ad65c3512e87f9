package runtime

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Encoder writes values: the columns of a row for COPY, the elements of an
// array, the fields of a composite. Each method writes the next one. The
// methods are named after PostgreSQL's types; those that begin with Null write
// NULL for nil, and so do all that take a pgtype value, for one that is not
// Valid. The first error sticks. An Encoder is valid only inside the function
// that it was passed to, and only for one goroutine.
type Encoder struct {
	buf []byte
	// plain is true for a row of COPY in binary, the usual case: a value is
	// its length and its bytes, and nothing else has to be looked at.
	plain bool
	// text is the format that is written.
	text bool
	err  error
	into container
	// column is the number of top-level values begun.
	column  int
	name    string
	columns []Column
	// nulls counts what was written as NULL.
	nulls int
	// values are what a valuesContainer was filled with.
	values []any
	// isNull is true if an argument is NULL.
	isNull bool
	// types is for [Encode].
	types *pgtype.Map
}

// container is what values are written into.
type container struct {
	kind containerKind
	// typ is the type of an array's elements or of a composite's next field.
	typ Type
	// delimiter separates the elements of an array in text.
	delimiter byte
	// depth is the number of array dimensions entered, seen of those whose
	// length is known.
	depth, seen int8
	// count is how many values have been written, fields for how many fields
	// of a composite the type has been told.
	count, fields int
	lengths       [maxDimensions]int
}

type containerKind uint8

const (
	// argumentContainer is one value, as it is.
	argumentContainer containerKind = iota
	// copyContainer is a row of COPY.
	copyContainer
	// valuesContainer is a row of COPY that pgx is to write.
	valuesContainer
	arrayContainer
	compositeContainer
	rangeContainer
)

var (
	errNotValid    = errors.New("value is not valid")
	errRagged      = errors.New("inner slices differ in length, the rows of an array of PostgreSQL do not")
	errNoElement   = errors.New("an array element was not written by its encoder")
	errNulByte     = errors.New(`text with a zero byte, which PostgreSQL cannot hold`)
	errNotWritten  = errors.New("an argument was not written by its encoder, or more than once")
	errNoField     = errors.New("a composite's field was written without its type")
	errTimeRange   = errors.New("time is outside of what PostgreSQL can hold")
	errLargeValue  = errors.New("value is longer than 1 GiB")
	errBoundNull   = errors.New("bound of a range is NULL")
	errBoundType   = errors.New("bound of a range has no type; use pgtype.Inclusive, Exclusive or Unbounded, or Empty for both")
	errNestedRange = errors.New("multirange has a range that is not valid")
)

// fail keeps the first error, with the column being written.
func (e *Encoder) fail(err error) {
	if e.err != nil {
		return
	}
	wrapped := &Error{Query: e.name, Err: err}
	if i := e.column - 1; i >= 0 && i < len(e.columns) {
		wrapped.Column = e.columns[i].Name
	}
	e.err = wrapped
}

// begin starts a value, and returns where it is in buf.
func (e *Encoder) begin() int {
	if e.plain {
		e.room(4)
		return len(e.buf)
	}
	switch e.into.kind {
	case copyContainer, valuesContainer:
		e.column++
		if e.text && e.column > 1 {
			e.buf = append(e.buf, '\t')
		}
	case arrayContainer:
		if e.into.depth != e.into.seen {
			e.fail(errRagged)
		}
	case compositeContainer:
		if e.into.fields != e.into.count+1 {
			e.fail(errNoField)
		}
	}
	e.into.count++
	if !e.text {
		e.buf = append(e.buf, 0, 0, 0, 0)
	}
	return len(e.buf)
}

// end ends the value that began at start.
func (e *Encoder) end(start int) {
	if !e.text {
		n := len(e.buf) - start
		if n > math.MaxInt32 {
			e.fail(errLargeValue)
		}
		binary.BigEndian.PutUint32(e.buf[start-4:], uint32(n))
		return
	}
	switch e.into.kind {
	case copyContainer:
		e.escapeCopy(start)
	case valuesContainer:
		e.values = append(e.values, string(e.buf[start:]))
	case arrayContainer:
		if needsArrayQuotes(e.buf[start:], e.into.delimiter) {
			e.quote(start, '\\')
		}
	case compositeContainer:
		if needsFieldQuotes(e.buf[start:]) {
			e.quote(start, 0)
		}
	case rangeContainer:
		if needsBoundQuotes(e.buf[start:]) {
			e.quote(start, 0)
		}
	}
}

// isRow is true if the values are those of a row.
func (e *Encoder) isRow() bool {
	return e.into.kind == copyContainer || e.into.kind == valuesContainer
}

// null writes NULL.
func (e *Encoder) null() {
	e.nulls++
	if e.plain {
		binary.BigEndian.PutUint32(e.room(4), math.MaxUint32)
		return
	}
	if e.into.kind == argumentContainer {
		e.isNull = true
	}
	start := e.begin()
	if !e.text {
		binary.BigEndian.PutUint32(e.buf[start-4:], math.MaxUint32)
		return
	}
	switch e.into.kind {
	case copyContainer:
		e.buf = append(e.buf, '\\', 'N')
	case valuesContainer:
		e.values = append(e.values, nil)
	case arrayContainer:
		e.buf = append(e.buf, "NULL"...)
	case rangeContainer:
		e.fail(errBoundNull)
	}
}

// fixed starts a value of n bytes in binary, which has no end.
func (e *Encoder) fixed(n byte) {
	start := e.begin()
	// All four bytes: in a plain row they are what was in the memory before.
	binary.BigEndian.PutUint32(e.buf[start-4:], uint32(n))
}

// enter makes values go into c, and returns what they go into after that.
func (e *Encoder) enter(c container) (saved container) {
	saved, e.into = e.into, c
	e.plain = false
	return saved
}

// leave makes values go again into what enter returned.
func (e *Encoder) leave(saved container) {
	e.into = saved
	e.plain = saved.kind == copyContainer && !e.text
}

// room returns n bytes at the end of buf for a value of n-4 in a plain row.
func (e *Encoder) room(n int) []byte {
	e.column++
	at := len(e.buf)
	if cap(e.buf)-at < n {
		e.grow(n)
	}
	e.buf = e.buf[:at+n]
	return e.buf[at:]
}

func (e *Encoder) grow(n int) { e.buf = slices.Grow(e.buf, max(n, 1024)) }

// valueType is the type of the value that was begun, empty if unknown.
func (e *Encoder) valueType() Type {
	switch e.into.kind {
	case copyContainer, valuesContainer:
		if i := e.column - 1; i < len(e.columns) {
			return e.columns[i].Type
		}
		return ""
	}
	return e.into.typ
}

func needsArrayQuotes(v []byte, delimiter byte) bool {
	if len(v) == 0 || isNULL(v) {
		return true
	}
	for _, c := range v {
		switch c {
		case '"', '\\', '{', '}', ' ', '\t', '\n', '\r', '\v', '\f', delimiter:
			return true
		}
	}
	return false
}

func isNULL(v []byte) bool {
	return len(v) == 4 && v[0]|0x20 == 'n' && v[1]|0x20 == 'u' && v[2]|0x20 == 'l' && v[3]|0x20 == 'l'
}

func needsFieldQuotes(v []byte) bool {
	if len(v) == 0 {
		return true
	}
	for _, c := range v {
		switch c {
		case '"', '\\', '(', ')', ',', ' ', '\t', '\n', '\r', '\v', '\f':
			return true
		}
	}
	return false
}

func needsBoundQuotes(v []byte) bool {
	if len(v) == 0 {
		return true
	}
	for _, c := range v {
		switch c {
		case '"', '\\', '(', ')', '[', ']', ',', ' ', '\t', '\n', '\r', '\v', '\f':
			return true
		}
	}
	return false
}

// quote puts what begins at start into quotes. A quote or backslash in it is
// doubled, or follows the byte escape if that is not 0.
func (e *Encoder) quote(start int, escape byte) {
	extra := 2
	for _, c := range e.buf[start:] {
		if c == '"' || c == '\\' {
			extra++
		}
	}
	from := len(e.buf) - 1
	for range extra {
		e.buf = append(e.buf, 0)
	}
	to := len(e.buf) - 1
	e.buf[to] = '"'
	for to--; from >= start; from-- {
		c := e.buf[from]
		e.buf[to] = c
		to--
		if c == '"' || c == '\\' {
			e.buf[to] = c
			if escape != 0 {
				e.buf[to] = escape
			}
			to--
		}
	}
	e.buf[to] = '"'
}

// escapeCopy escapes what COPY's text format gives a meaning of its own.
func (e *Encoder) escapeCopy(start int) {
	extra := 0
	for _, c := range e.buf[start:] {
		if copyEscape(c) != 0 {
			extra++
		}
	}
	if extra == 0 {
		return
	}
	from := len(e.buf) - 1
	for range extra {
		e.buf = append(e.buf, 0)
	}
	for to := len(e.buf) - 1; from >= start; from-- {
		c := e.buf[from]
		letter := copyEscape(c)
		if letter == 0 {
			e.buf[to] = c
			to--
			continue
		}
		e.buf[to], e.buf[to-1] = letter, '\\'
		to -= 2
	}
}

func copyEscape(c byte) byte {
	switch c {
	case '\\':
		return '\\'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}

// Bool writes a boolean.
func (e *Encoder) Bool(v bool) {
	if e.plain {
		b := e.room(5)
		binary.BigEndian.PutUint32(b, 1)
		b[4] = 0
		if v {
			b[4] = 1
		}
		return
	}
	start := e.begin()
	var b byte
	switch {
	case e.text && v:
		b = 't'
	case e.text:
		b = 'f'
	case v:
		b = 1
	}
	e.buf = append(e.buf, b)
	e.end(start)
}

// NullBool writes a boolean.
func (e *Encoder) NullBool(v *bool) {
	if v == nil {
		e.null()
		return
	}
	e.Bool(*v)
}

// Int2 writes a smallint.
func (e *Encoder) Int2(v int16) {
	if e.plain {
		b := e.room(6)
		binary.BigEndian.PutUint32(b, 2)
		binary.BigEndian.PutUint16(b[4:], uint16(v))
		return
	}
	if !e.text {
		e.fixed(2)
		e.buf = binary.BigEndian.AppendUint16(e.buf, uint16(v))
		return
	}
	start := e.begin()
	e.buf = strconv.AppendInt(e.buf, int64(v), 10)
	e.end(start)
}

// NullInt2 writes a smallint.
func (e *Encoder) NullInt2(v *int16) {
	if v == nil {
		e.null()
		return
	}
	e.Int2(*v)
}

// Int4 writes an integer.
func (e *Encoder) Int4(v int32) {
	if e.plain {
		b := e.room(8)
		binary.BigEndian.PutUint32(b, 4)
		binary.BigEndian.PutUint32(b[4:], uint32(v))
		return
	}
	if !e.text {
		e.fixed(4)
		e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(v))
		return
	}
	start := e.begin()
	e.buf = strconv.AppendInt(e.buf, int64(v), 10)
	e.end(start)
}

// NullInt4 writes an integer.
func (e *Encoder) NullInt4(v *int32) {
	if v == nil {
		e.null()
		return
	}
	e.Int4(*v)
}

// Int8 writes a bigint.
func (e *Encoder) Int8(v int64) {
	if e.plain {
		b := e.room(12)
		binary.BigEndian.PutUint32(b, 8)
		binary.BigEndian.PutUint64(b[4:], uint64(v))
		return
	}
	if !e.text {
		e.fixed(8)
		e.buf = binary.BigEndian.AppendUint64(e.buf, uint64(v))
		return
	}
	start := e.begin()
	e.buf = strconv.AppendInt(e.buf, v, 10)
	e.end(start)
}

// NullInt8 writes a bigint.
func (e *Encoder) NullInt8(v *int64) {
	if v == nil {
		e.null()
		return
	}
	e.Int8(*v)
}

// OID writes an oid, or another type that is an unsigned 32-bit number.
func (e *Encoder) OID(v uint32) {
	if !e.text {
		e.fixed(4)
		e.buf = binary.BigEndian.AppendUint32(e.buf, v)
		return
	}
	start := e.begin()
	e.buf = strconv.AppendUint(e.buf, uint64(v), 10)
	e.end(start)
}

// NullOID writes an oid, or another type that is an unsigned 32-bit number.
func (e *Encoder) NullOID(v *uint32) {
	if v == nil {
		e.null()
		return
	}
	e.OID(*v)
}

// Float4 writes a real.
func (e *Encoder) Float4(v float32) {
	if e.plain {
		b := e.room(8)
		binary.BigEndian.PutUint32(b, 4)
		binary.BigEndian.PutUint32(b[4:], math.Float32bits(v))
		return
	}
	if !e.text {
		e.fixed(4)
		e.buf = binary.BigEndian.AppendUint32(e.buf, math.Float32bits(v))
		return
	}
	start := e.begin()
	e.buf = appendFloat(e.buf, float64(v), 32)
	e.end(start)
}

// NullFloat4 writes a real.
func (e *Encoder) NullFloat4(v *float32) {
	if v == nil {
		e.null()
		return
	}
	e.Float4(*v)
}

// Float8 writes a double precision number.
func (e *Encoder) Float8(v float64) {
	if e.plain {
		b := e.room(12)
		binary.BigEndian.PutUint32(b, 8)
		binary.BigEndian.PutUint64(b[4:], math.Float64bits(v))
		return
	}
	if !e.text {
		e.fixed(8)
		e.buf = binary.BigEndian.AppendUint64(e.buf, math.Float64bits(v))
		return
	}
	start := e.begin()
	e.buf = appendFloat(e.buf, v, 64)
	e.end(start)
}

// NullFloat8 writes a double precision number.
func (e *Encoder) NullFloat8(v *float64) {
	if v == nil {
		e.null()
		return
	}
	e.Float8(*v)
}

// appendFloat appends the shortest text that reads as the same number.
func appendFloat(b []byte, v float64, bits int) []byte {
	switch {
	case math.IsInf(v, 1):
		return append(b, "Infinity"...)
	case math.IsInf(v, -1):
		return append(b, "-Infinity"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, bits)
}

// Text writes a value that is the text that PostgreSQL reads for it.
func (e *Encoder) Text(v string) {
	if e.plain && len(v) <= math.MaxInt32 {
		b := e.room(4 + len(v))
		binary.BigEndian.PutUint32(b, uint32(len(v)))
		copy(b[4:], v)
		return
	}
	start := e.begin()
	if e.text && strings.IndexByte(v, 0) >= 0 {
		// In binary the server refuses it; in text it would end the value.
		e.fail(errNulByte)
	}
	e.buf = append(e.buf, v...)
	e.end(start)
}

// NullText is [Encoder.Text] for values that can be NULL.
func (e *Encoder) NullText(v *string) {
	if v == nil {
		e.null()
		return
	}
	e.Text(*v)
}

// EncodeEnum writes an enum, or another type whose text is an S.
func EncodeEnum[S ~string](e *Encoder, v S) { e.Text(string(v)) }

// EncodeNullEnum is [EncodeEnum] for values that can be NULL.
func EncodeNullEnum[S ~string](e *Encoder, v *S) {
	if v == nil {
		e.null()
		return
	}
	e.Text(string(*v))
}

// Bytea writes a bytea; nil is empty.
func (e *Encoder) Bytea(v []byte) {
	start := e.begin()
	if e.text {
		e.buf = append(e.buf, '\\', 'x')
		e.buf = hex.AppendEncode(e.buf, v)
	} else {
		e.buf = append(e.buf, v...)
	}
	e.end(start)
}

// NullBytea writes a bytea; nil is NULL.
func (e *Encoder) NullBytea(v []byte) {
	if v == nil {
		e.null()
		return
	}
	e.Bytea(v)
}

// JSON writes a json, or a jsonb where the column, element or field that it
// goes into is named as one. nil is NULL; JSON's own null is a value.
func (e *Encoder) JSON(v json.RawMessage) { e.json(v, false) }

// NullJSON is [Encoder.JSON].
func (e *Encoder) NullJSON(v json.RawMessage) { e.json(v, false) }

// JSONB writes a jsonb, or a domain over one. nil is NULL.
func (e *Encoder) JSONB(v json.RawMessage) { e.json(v, true) }

// NullJSONB is [Encoder.JSONB].
func (e *Encoder) NullJSONB(v json.RawMessage) { e.json(v, true) }

func (e *Encoder) json(v json.RawMessage, jsonb bool) {
	if v == nil {
		e.null()
		return
	}
	if e.plain && jsonb && len(v) < math.MaxInt32 {
		b := e.room(5 + len(v))
		binary.BigEndian.PutUint32(b, uint32(1+len(v)))
		b[4] = 1 // the format's version
		copy(b[5:], v)
		return
	}
	start := e.begin()
	if e.text && bytes.IndexByte(v, 0) >= 0 {
		e.fail(errNulByte)
	}
	if !e.text && (jsonb || e.valueType() == JSONB) {
		e.buf = append(e.buf, 1) // the format's version
	}
	e.buf = append(e.buf, v...)
	e.end(start)
}

// UUID writes a uuid.
func (e *Encoder) UUID(v pgtype.UUID) {
	if !v.Valid {
		e.null()
		return
	}
	if e.plain {
		b := e.room(20)
		binary.BigEndian.PutUint32(b, 16)
		copy(b[4:], v.Bytes[:])
		return
	}
	if !e.text {
		e.fixed(16)
		e.buf = append(e.buf, v.Bytes[:]...)
		return
	}
	start := e.begin()
	for i, c := range v.Bytes {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			e.buf = append(e.buf, '-')
		}
		e.buf = hex.AppendEncode(e.buf, []byte{c})
	}
	e.end(start)
}

// NullUUID is [Encoder.UUID].
func (e *Encoder) NullUUID(v pgtype.UUID) { e.UUID(v) }

// Numeric writes a numeric.
func (e *Encoder) Numeric(v pgtype.Numeric) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	var err error
	if e.text {
		e.buf, err = appendNumericText(e.buf, v)
	} else {
		e.buf, err = appendNumeric(e.buf, v)
	}
	if err != nil {
		e.fail(err)
	}
	e.end(start)
}

// NullNumeric is [Encoder.Numeric].
func (e *Encoder) NullNumeric(v pgtype.Numeric) { e.Numeric(v) }

// Bits writes a bit string.
func (e *Encoder) Bits(v pgtype.Bits) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	if v.Len < 0 || int64(v.Len) > 8*int64(len(v.Bytes)) {
		e.fail(fmt.Errorf("%w: %d bits in %d bytes", errNotValid, v.Len, len(v.Bytes)))
		return
	}
	if e.text {
		for i := range v.Len {
			e.buf = append(e.buf, '0'+v.Bytes[i/8]>>(7-i%8)&1)
		}
	} else {
		e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(v.Len))
		whole := (v.Len + 7) / 8
		e.buf = append(e.buf, v.Bytes[:whole]...)
		if v.Len%8 != 0 {
			// The server wants the bits after the last to be zero.
			e.buf[len(e.buf)-1] &= unusedBits(v.Len)
		}
	}
	e.end(start)
}

// NullBits is [Encoder.Bits].
func (e *Encoder) NullBits(v pgtype.Bits) { e.Bits(v) }

// Encode writes a value of a Go type of the application's own, through pgx's
// type map: [driver.Valuer], the valuers of pgtype, structs for json, whatever
// the connection has registered.
//
// [driver.Valuer]: https://pkg.go.dev/database/sql/driver#Valuer
func Encode[T any](e *Encoder, v T) {
	start := e.begin()
	if e.types == nil {
		e.types = pgtype.NewMap()
	}
	format := int16(pgx.BinaryFormatCode)
	if e.text {
		format = pgx.TextFormatCode
	}
	if e.buf == nil {
		// pgx answers nil for NULL.
		e.buf = []byte{}
	}
	b, err := e.types.Encode(e.valueType().oid(), format, v, e.buf)
	if err != nil {
		e.fail(err)
		return
	}
	if b == nil {
		e.unbegin(start)
		e.null()
		return
	}
	e.buf = b
	e.end(start)
}

// unbegin undoes begin.
func (e *Encoder) unbegin(start int) {
	if !e.text {
		start -= 4
	} else if e.isRow() && e.column > 1 {
		start-- // the tab
	}
	e.buf = e.buf[:start]
	e.into.count--
	if e.isRow() {
		e.column--
	}
}
