package catalog

import (
	"encoding/binary"
	"errors"
)

// row decodes the binary values of one result row. A NULL reads as the zero
// value. The first value that is not what its column should hold sets err.
type row struct {
	values [][]byte
	err    error
}

var errShape = errors.New("the server sent a catalog row of an unexpected shape")

func (r *row) fixed(i, size int) []byte {
	if i >= len(r.values) {
		r.err = errShape
		return nil
	}
	v := r.values[i]
	if v != nil && len(v) != size {
		r.err = errShape
		return nil
	}
	return v
}

func (r *row) oid(i int) uint32 {
	if v := r.fixed(i, 4); v != nil {
		return binary.BigEndian.Uint32(v)
	}
	return 0
}

// integer reads an int2 or an int4.
func (r *row) integer(i int) int {
	if i < len(r.values) && len(r.values[i]) == 2 {
		return int(int16(binary.BigEndian.Uint16(r.values[i])))
	}
	if v := r.fixed(i, 4); v != nil {
		return int(int32(binary.BigEndian.Uint32(v)))
	}
	return 0
}

func (r *row) boolean(i int) bool {
	v := r.fixed(i, 1)
	return v != nil && v[0] == 1
}

// char reads a "char", whose empty value is sent as a zero byte.
func (r *row) char(i int) byte {
	if v := r.fixed(i, 1); v != nil {
		return v[0]
	}
	return 0
}

func (r *row) text(i int) string {
	if i >= len(r.values) {
		r.err = errShape
		return ""
	}
	return string(r.values[i])
}

func (r *row) texts(i int) []string {
	var out []string
	r.array(i, func(n int) { out = make([]string, 0, n) }, func(v []byte) { out = append(out, string(v)) })
	return out
}

func (r *row) oids(i int) []uint32 {
	var out []uint32
	r.array(i, func(n int) { out = make([]uint32, 0, n) }, func(v []byte) {
		if len(v) != 4 {
			r.err = errShape
			return
		}
		out = append(out, binary.BigEndian.Uint32(v))
	})
	return out
}

func (r *row) chars(i int) []byte {
	var out []byte
	r.array(i, func(n int) { out = make([]byte, 0, n) }, func(v []byte) {
		if len(v) != 1 {
			r.err = errShape
			return
		}
		out = append(out, v[0])
	})
	return out
}

// array reads an array of one dimension in the format of array_send
// (src/backend/utils/adt/arrayfuncs.c): the number of dimensions, a flag, the
// element type, the length and the lower bound, then each element after its
// length.
func (r *row) array(i int, size func(int), element func([]byte)) {
	if i >= len(r.values) {
		r.err = errShape
		return
	}
	b := r.values[i]
	if b == nil {
		return
	}
	if len(b) < 12 {
		r.err = errShape
		return
	}
	dimensions := binary.BigEndian.Uint32(b)
	b = b[12:]
	if dimensions == 0 {
		return
	}
	if dimensions != 1 || len(b) < 8 {
		r.err = errShape
		return
	}
	n := int(binary.BigEndian.Uint32(b))
	b = b[8:]
	// Each element has a length of four bytes at least.
	if n < 0 || n > len(b)/4 {
		r.err = errShape
		return
	}
	size(n)
	for range n {
		if len(b) < 4 {
			r.err = errShape
			return
		}
		length := int(int32(binary.BigEndian.Uint32(b)))
		b = b[4:]
		if length < 0 {
			element(nil)
			continue
		}
		if length > len(b) {
			r.err = errShape
			return
		}
		element(b[:length])
		b = b[length:]
	}
}
