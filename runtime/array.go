package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// maxDimensions is PostgreSQL's MAXDIM.
const maxDimensions = 6

var errDimensions = errors.New("array has more or fewer dimensions than the generated code expects; " +
	"PostgreSQL does not enforce the declared number of dimensions, a CHECK on array_ndims does")

// Array reads an array, each element with the function element: a method of
// [*Row], [Enum], [Dim] for a further dimension, or a function that calls
// exactly one of them. An empty array is empty, not nil.
//
// The binary format is that of array_send, the text format that of array_out,
// in src/backend/utils/adt/arrayfuncs.c. Lower bounds are dropped.
func Array[T any](r *Row, element func(*Row) T) []T {
	v := r.next()
	if v == nil {
		r.bad("array", nil, nil)
		return nil
	}
	return array(r, v, element)
}

// NullArray is [Array] for values that can be NULL, which is nil.
func NullArray[T any](r *Row, element func(*Row) T) []T {
	v := r.next()
	if v == nil {
		return nil
	}
	return array(r, v, element)
}

// Dim reads one inner dimension of an array:
//
//	runtime.Array(row, runtime.Dim((*runtime.Row).Int4)) // [][]int32
//
// Inner slices are of equal length, as PostgreSQL's arrays are.
func Dim[T any](element func(*Row) T) func(*Row) []T {
	return func(r *Row) []T {
		if r.err != nil {
			return nil
		}
		if (r.kind != binaryArrayFrame && r.kind != textArrayFrame) || r.depth == 0 {
			r.fail(errDimensions)
			return nil
		}
		return dimension(r, element)
	}
}

func array[T any](r *Row, v []byte, element func(*Row) T) []T {
	f := frame{kind: textArrayFrame, text: true, delimiter: ',', data: v}
	if !r.text {
		var err error
		if f, err = binaryArray(v); err != nil {
			r.bad("array", v, err)
			return nil
		}
		if f.dimensions == 0 {
			return []T{}
		}
	} else {
		var err error
		if f.data, err = skipBounds(v); err != nil {
			r.bad("array", v, err)
			return nil
		}
		if string(f.data) == "{}" {
			return []T{}
		}
	}
	saved := r.enter(f)
	a := dimension(r, element)
	if r.err == nil && len(r.data) != 0 {
		r.fail(errTrailing)
	}
	r.leave(saved)
	return a
}

// binaryArray reads an array's header.
func binaryArray(v []byte) (frame, error) {
	f := frame{kind: binaryArrayFrame}
	if len(v) < 12 {
		return f, errTruncated
	}
	dimensions := binary.BigEndian.Uint32(v)
	if dimensions > maxDimensions {
		return f, fmt.Errorf("%d dimensions", dimensions)
	}
	f.oid = binary.BigEndian.Uint32(v[8:])
	v = v[12:]
	if len(v) < 8*int(dimensions) {
		return f, errTruncated
	}
	f.dimensions = int8(dimensions)
	elements := int64(1)
	for i := range f.dimensions {
		n := int32(binary.BigEndian.Uint32(v[8*i:]))
		// Each element takes four bytes at least, so that what is allocated
		// never outgrows what came.
		elements *= int64(n)
		if n <= 0 || elements > int64(len(v))/4 {
			return f, errTruncated
		}
		f.lengths[i] = n
	}
	f.data = v[8*dimensions:]
	return f, nil
}

// skipBounds drops the dimensions that array_out prints in front of an array
// whose lower bounds are not 1: [0:2]={1,2,3}.
func skipBounds(v []byte) ([]byte, error) {
	if len(v) == 0 || v[0] != '[' {
		return v, nil
	}
	for i, c := range v {
		switch {
		case c == '=':
			return v[i+1:], nil
		case c == '[' || c == ']' || c == ':' || c == '-' || c == '+' || (c >= '0' && c <= '9'):
		default:
			return nil, errMalformed
		}
	}
	return nil, errTruncated
}

// dimension reads one dimension of the array in r's frame.
func dimension[T any](r *Row, element func(*Row) T) []T {
	if r.kind == textArrayFrame {
		return textDimension(r, element)
	}
	if r.depth == r.dimensions {
		r.fail(errDimensions)
		return nil
	}
	n := int(r.lengths[r.depth])
	r.depth++
	a := make([]T, n)
	for i := range a {
		left := len(r.data)
		a[i] = element(r)
		if r.err != nil {
			return nil
		}
		if len(r.data) == left {
			r.fail(errElementRead)
			return nil
		}
	}
	r.depth--
	return a
}

func (r *Row) nextBinaryElement() ([]byte, error) {
	if r.depth != r.dimensions {
		return nil, errDimensions
	}
	v, rest, err := lengthPrefixed(r.data)
	r.data = rest
	return v, err
}

// lengthPrefixed cuts a value that follows its length, nil for NULL, which is
// the length -1.
func lengthPrefixed(data []byte) (v, rest []byte, err error) {
	if len(data) < 4 {
		return nil, nil, errTruncated
	}
	n := int32(binary.BigEndian.Uint32(data))
	data = data[4:]
	switch {
	case n == -1:
		return nil, data, nil
	case n < 0 || int64(n) > int64(len(data)):
		return nil, nil, errTruncated
	}
	return data[:n:n], data[n:], nil
}

// textDimension reads from { to its }. Elements are cut out when they are
// asked for, since what asks knows the delimiter: it is ; for boxes.
func textDimension[T any](r *Row, element func(*Row) T) []T {
	if len(r.data) == 0 || r.data[0] != '{' {
		r.fail(errDimensions)
		return nil
	}
	r.data = r.data[1:]
	r.depth++
	a := []T{}
	for {
		left := len(r.data)
		v := element(r)
		if r.err != nil {
			return nil
		}
		if len(r.data) == left {
			r.fail(errElementRead)
			return nil
		}
		a = append(a, v)
		if len(r.data) == 0 {
			r.fail(errTruncated)
			return nil
		}
		c := r.data[0]
		r.data = r.data[1:]
		switch c {
		case r.delimiter:
		case '}':
			r.depth--
			return a
		default:
			r.fail(errMalformed)
			return nil
		}
	}
}

// nextTextElement cuts the next element out of an array in text: NULL without
// quotes is null, quotes surround what could be mistaken, and a backslash
// makes the next byte an ordinary one.
func (r *Row) nextTextElement() ([]byte, error) {
	data := r.data
	if len(data) == 0 {
		return nil, errTruncated
	}
	if data[0] == '{' || r.depth == 0 {
		return nil, errDimensions
	}
	if data[0] != '"' {
		for i, c := range data {
			switch c {
			case r.delimiter, '}':
				v := data[:i:i]
				r.data = data[i:]
				if len(v) == 0 {
					return nil, errMalformed
				}
				if len(v) == 4 && string(v) == "NULL" {
					return nil, nil
				}
				return v, nil
			case '"', '\\', '{':
				// array_out quotes an element with any of these.
				return nil, errMalformed
			}
		}
		return nil, errTruncated
	}
	r.scratch = r.scratch[:r.base]
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '"':
			v := data[1:i:i]
			if len(r.scratch) > r.base {
				r.scratch = append(r.scratch, data[1:i]...)
				v = r.unescaped(r.base)
			}
			r.data = data[i+1:]
			return v, nil
		case '\\':
			r.scratch = append(r.scratch, data[1:i]...)
			if i++; i == len(data) {
				return nil, errTruncated
			}
			r.scratch = append(r.scratch, data[i])
			data = data[i:]
			i = 0
		}
	}
	return nil, errTruncated
}

// EncodeArray writes an array of elem, each element with the function element:
// a method of [*Encoder], [EncodeEnum], or [EncodeDim] for a further dimension.
// nil is an empty array.
func EncodeArray[T any](e *Encoder, v []T, elem Type, element func(*Encoder, T)) {
	start := e.begin()
	saved := e.enter(container{kind: arrayContainer, typ: elem, delimiter: ','})
	header, nulls := len(e.buf), e.nulls
	if !e.text {
		// The header of one dimension; there is made room for more once they
		// are known.
		e.buf = append(e.buf, make([]byte, 20)...)
	}
	encodeDimension(e, v, element)
	elements := 1
	for _, n := range e.into.lengths[:e.into.seen] {
		elements *= n
	}
	switch {
	case e.err != nil:
	case elements != e.into.count:
		e.fail(errNoElement)
	case e.text:
		if elements == 0 {
			e.buf = append(e.buf[:header], '{', '}')
		}
	default:
		e.arrayHeader(header, elem.oid(), nulls)
	}
	e.leave(saved)
	e.end(start)
}

// arrayHeader fills in the header of the array that begins at header, when its
// elements have been written.
func (e *Encoder) arrayHeader(header int, oid uint32, nulls int) {
	dimensions := int(e.into.seen)
	if e.into.count == 0 {
		// An array without elements has no dimensions.
		dimensions = 0
		e.buf = e.buf[:header+12]
	}
	if dimensions > 1 {
		more := 8 * (dimensions - 1)
		e.buf = append(e.buf, make([]byte, more)...)
		copy(e.buf[header+20+more:], e.buf[header+20:len(e.buf)-more])
	}
	binary.BigEndian.PutUint32(e.buf[header:], uint32(dimensions))
	binary.BigEndian.PutUint32(e.buf[header+4:], uint32(min(1, e.nulls-nulls)))
	binary.BigEndian.PutUint32(e.buf[header+8:], oid)
	for i := range dimensions {
		binary.BigEndian.PutUint32(e.buf[header+12+8*i:], uint32(e.into.lengths[i]))
		binary.BigEndian.PutUint32(e.buf[header+16+8*i:], 1)
	}
}

// EncodeNullArray is [EncodeArray] with NULL for nil.
func EncodeNullArray[T any](e *Encoder, v []T, elem Type, element func(*Encoder, T)) {
	if v == nil {
		e.null()
		return
	}
	EncodeArray(e, v, elem, element)
}

// EncodeDim writes one inner dimension of an array, as [Dim] reads it:
//
//	runtime.EncodeArray(e, v, runtime.Int4, runtime.EncodeDim((*runtime.Encoder).Int4)) // v is a [][]int32
//
// Inner slices of different lengths are an error.
func EncodeDim[T any](element func(*Encoder, T)) func(*Encoder, []T) {
	return func(e *Encoder, v []T) {
		if e.into.kind != arrayContainer || e.into.depth == 0 {
			e.fail(errDimensions)
			return
		}
		encodeDimension(e, v, element)
	}
}

func encodeDimension[T any](e *Encoder, v []T, element func(*Encoder, T)) {
	depth := e.into.depth
	switch {
	case depth == maxDimensions:
		e.fail(fmt.Errorf("array has more than %d dimensions", maxDimensions))
		return
	case depth == e.into.seen && e.into.count > 0:
		e.fail(errRagged)
		return
	case depth == e.into.seen:
		// What comes first decides how long the slices of a dimension are.
		e.into.lengths[depth] = len(v)
		e.into.seen++
	case e.into.lengths[depth] != len(v):
		e.fail(errRagged)
		return
	}
	e.into.depth++
	if e.text {
		e.buf = append(e.buf, '{')
	}
	for i := range v {
		if e.err != nil {
			return
		}
		if e.text && i > 0 {
			e.buf = append(e.buf, e.into.delimiter)
		}
		element(e, v[i])
	}
	if e.text {
		e.buf = append(e.buf, '}')
	}
	e.into.depth--
}
