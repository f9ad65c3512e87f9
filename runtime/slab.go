package runtime

import (
	"strings"
	"time"
)

// A result of many rows allocates its small values many at a time. A slab
// lives as long as one value of it, so that its size bounds what a value can
// keep alive: 8 KiB. What has pointers to other memory keeps that alive as well,
// for all values of its slab, so that only short strings and small numbers are
// put together. Slabs start small and double, so that a result of three rows
// does not pay for a hundred.
//
// The sizes are those of which Go's allocator puts several into a span and
// leaves little over. Spans are what the garbage collector sweeps, and one of
// 8 KiB fills a span by itself.
const (
	firstSlab    = 4
	largestSlab  = 121 // numbers of 40 bytes, with Go's header: 4,848 of 4,864 bytes
	largestTexts = 63  // pointers to texts: 1,016 of 1,024 bytes
	largestRows  = 16
	firstChunk   = 512
	largestChunk = 6912
	// shortText is the longest text that is put together with others by
	// pointers.
	shortText = 8 << 10 / (largestTexts + 1)
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
	numbers slab[number]

	// chars is the chunk that strings are cut from.
	chars     strings.Builder
	textChunk int
	// raw is the chunk that byte slices are cut from, of which rawUsed bytes
	// are taken.
	raw      []byte
	rawUsed  int
	rawChunk int
}

// slab hands out pointers to values that were allocated together.
type slab[T any] struct {
	block []T
	used  int
}

// take returns a pointer to a copy of v.
func (s *slab[T]) take(v T, many bool) *T { return s.takeOf(largestSlab, v, many) }

// takeOf is take from a slab of so many values at most.
func (s *slab[T]) takeOf(largest int, v T, many bool) *T {
	if !many {
		p := new(T) // not &v, which would allocate v in both cases
		*p = v
		return p
	}
	p := s.next(largest)
	*p = v
	return p
}

// next returns a pointer to a new value.
func (s *slab[T]) next(largest int) *T {
	if s.used >= len(s.block) {
		s.block, s.used = make([]T, min(max(2*len(s.block), firstSlab), largest)), 0
	}
	p := &s.block[s.used]
	s.used++
	return p
}

// string copies v.
func (r *Row) string(v []byte) string {
	if !r.many || len(v) > largestChunk/4 || len(v) == 0 {
		return string(v)
	}
	start := r.chars.Len()
	if r.chars.Cap()-start < len(v) {
		start = 0
		r.newText(len(v))
	}
	r.chars.Write(v)
	return r.chars.String()[start:]
}

// pointer returns a pointer to text.
func (r *Row) pointer(text string) *string {
	return r.texts.takeOf(largestTexts, text, r.many && len(text) <= shortText)
}

// newText begins a chunk that strings are cut from.
func (r *Row) newText(atLeast int) {
	r.textChunk = max(min(max(2*r.textChunk, firstChunk), largestChunk), atLeast)
	r.chars.Reset()
	r.chars.Grow(r.textChunk)
}

// bytes copies v; the result is never nil.
func (r *Row) bytes(v []byte) []byte {
	if !r.many || len(v) > largestChunk/4 || len(v) == 0 {
		return append([]byte{}, v...)
	}
	if len(r.raw)-r.rawUsed < len(v) {
		r.newRaw(len(v))
	}
	end := r.rawUsed + len(v)
	b := r.raw[r.rawUsed:end:end]
	r.rawUsed = end
	copy(b, v)
	return b
}

// newRaw begins a chunk that byte slices are cut from.
func (r *Row) newRaw(atLeast int) {
	r.rawChunk = max(min(max(2*r.rawChunk, firstChunk), largestChunk), atLeast)
	r.raw, r.rawUsed = make([]byte, r.rawChunk), 0
}
