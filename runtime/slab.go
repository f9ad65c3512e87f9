package runtime

import (
	"math/big"
	"strings"
	"time"
)

// A result of many rows allocates its small values many at a time. A slab
// lives as long as one value of it, so that its size bounds what a value can
// keep alive: 8 KiB. Slabs start small and double, so that a result of three
// rows does not pay for sixty-four.
const (
	firstSlab    = 4
	largestSlab  = 64
	firstChunk   = 512
	largestChunk = 8 << 10
)

// slabs are the slabs of one result.
type slabs struct {
	bools   slab[bool]
	int2s   slab[int16]
	int4s   slab[int32]
	int8s   slab[int64]
	oids    slab[uint32]
	float4s slab[float32]
	float8s slab[float64]
	texts   slab[string]
	times   slab[time.Time]
	numbers slab[big.Int]
	words   []big.Word

	// chars is the chunk that strings are cut from.
	chars     *strings.Builder
	textChunk int
	// raw is the unused part of the chunk that byte slices are cut from.
	raw      []byte
	rawChunk int
}

// slab hands out pointers to values that were allocated together.
type slab[T any] struct {
	free []T
	size int
}

// take returns a pointer to a copy of v.
func (s *slab[T]) take(v T, many bool) *T {
	if !many {
		p := new(T) // not &v, which would allocate v in both cases
		*p = v
		return p
	}
	if len(s.free) == 0 {
		s.size = min(max(2*s.size, firstSlab), largestSlab)
		s.free = make([]T, s.size)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	*p = v
	return p
}

// string copies v.
func (r *Row) string(v []byte) string {
	if !r.many || len(v) > largestChunk/4 || len(v) == 0 {
		return string(v)
	}
	if r.chars == nil || r.chars.Cap()-r.chars.Len() < len(v) {
		r.textChunk = max(min(max(2*r.textChunk, firstChunk), largestChunk), len(v))
		r.chars = new(strings.Builder)
		r.chars.Grow(r.textChunk)
	}
	start := r.chars.Len()
	r.chars.Write(v)
	return r.chars.String()[start:]
}

// bytes copies v; the result is never nil.
func (r *Row) bytes(v []byte) []byte {
	if !r.many || len(v) > largestChunk/4 || len(v) == 0 {
		return append([]byte{}, v...)
	}
	if len(r.raw) < len(v) {
		r.rawChunk = max(min(max(2*r.rawChunk, firstChunk), largestChunk), len(v))
		r.raw = make([]byte, r.rawChunk)
	}
	b := r.raw[:len(v):len(v)]
	r.raw = r.raw[len(v):]
	copy(b, v)
	return b
}
