package runtime

import (
	"encoding/binary"

	"github.com/jackc/pgx/v5/pgtype"
)

// The flags of a range (src/include/utils/rangetypes.h).
const (
	rangeEmpty          = 0x01
	rangeLowerInclusive = 0x02
	rangeUpperInclusive = 0x04
	rangeLowerInfinite  = 0x08
	rangeUpperInfinite  = 0x10
)

// Range reads a range, each bound with the function bound, a method of [*Row].
//
// The binary format is that of range_send, the text format that of range_out,
// in src/backend/utils/adt/rangetypes.c.
func Range[T any](r *Row, bound func(*Row) T) pgtype.Range[T] {
	v := r.next()
	if v == nil {
		r.bad("range", nil, nil)
		return pgtype.Range[T]{}
	}
	return readRange(r, v, bound)
}

// NullRange is [Range] for values that can be NULL.
func NullRange[T any](r *Row, bound func(*Row) T) pgtype.Range[T] {
	v := r.next()
	if v == nil {
		return pgtype.Range[T]{}
	}
	return readRange(r, v, bound)
}

// Multirange reads a multirange, each bound with the function bound. An empty
// one is empty, not nil.
func Multirange[T any](r *Row, bound func(*Row) T) pgtype.Multirange[pgtype.Range[T]] {
	v := r.next()
	if v == nil {
		r.bad("multirange", nil, nil)
		return nil
	}
	return readMultirange(r, v, bound)
}

// NullMultirange is [Multirange] for values that can be NULL, which is nil.
func NullMultirange[T any](r *Row, bound func(*Row) T) pgtype.Multirange[pgtype.Range[T]] {
	v := r.next()
	if v == nil {
		return nil
	}
	return readMultirange(r, v, bound)
}

func readRange[T any](r *Row, v []byte, bound func(*Row) T) pgtype.Range[T] {
	if r.text {
		t, rest, ok := readTextRange(r, v, bound)
		if !ok || len(rest) != 0 {
			r.bad("range", v, nil)
			return pgtype.Range[T]{}
		}
		return t
	}
	if len(v) == 0 {
		r.bad("range", v, errTruncated)
		return pgtype.Range[T]{}
	}
	flags, data := v[0], v[1:]
	t := pgtype.Range[T]{Valid: true}
	if flags&rangeEmpty != 0 {
		t.LowerType, t.UpperType = pgtype.Empty, pgtype.Empty
	} else {
		t.LowerType = boundType(flags, rangeLowerInfinite, rangeLowerInclusive)
		t.UpperType = boundType(flags, rangeUpperInfinite, rangeUpperInclusive)
	}
	for _, side := range [2]struct {
		kind pgtype.BoundType
		to   *T
	}{{t.LowerType, &t.Lower}, {t.UpperType, &t.Upper}} {
		if side.kind != pgtype.Inclusive && side.kind != pgtype.Exclusive {
			continue
		}
		b, rest, err := lengthPrefixed(data)
		if err != nil {
			r.bad("range", v, err)
			return pgtype.Range[T]{}
		}
		data = rest
		*side.to = readBound(r, b, bound)
		if r.err != nil {
			return pgtype.Range[T]{}
		}
	}
	if len(data) != 0 {
		r.bad("range", v, errTrailing)
	}
	return t
}

func boundType(flags, infinite, inclusive byte) pgtype.BoundType {
	switch {
	case flags&infinite != 0:
		return pgtype.Unbounded
	case flags&inclusive != 0:
		return pgtype.Inclusive
	default:
		return pgtype.Exclusive
	}
}

func readBound[T any](r *Row, v []byte, bound func(*Row) T) T {
	saved := r.enter(frame{kind: singleFrame, text: r.text, data: v})
	t := bound(r)
	r.leave(saved)
	return t
}

// readTextRange reads the range that v begins with.
func readTextRange[T any](r *Row, v []byte, bound func(*Row) T) (t pgtype.Range[T], rest []byte, ok bool) {
	t.Valid = true
	if len(v) >= 5 && string(v[:5]) == "empty" {
		t.LowerType, t.UpperType = pgtype.Empty, pgtype.Empty
		return t, v[5:], true
	}
	if len(v) == 0 {
		return t, nil, false
	}
	switch v[0] {
	case '[':
		t.LowerType = pgtype.Inclusive
	case '(':
		t.LowerType = pgtype.Exclusive
	default:
		return t, nil, false
	}
	base := len(r.scratch)
	lower, present, v, ok := r.cutBound(v[1:])
	if !ok || v[0] != ',' {
		return t, nil, false
	}
	if present {
		t.Lower = readBound(r, lower, bound)
	} else {
		t.LowerType = pgtype.Unbounded
	}
	upper, present, v, ok := r.cutBound(v[1:])
	if !ok {
		return t, nil, false
	}
	switch v[0] {
	case ']':
		t.UpperType = pgtype.Inclusive
	case ')':
		t.UpperType = pgtype.Exclusive
	default:
		return t, nil, false
	}
	if present {
		t.Upper = readBound(r, upper, bound)
	} else {
		t.UpperType = pgtype.Unbounded
	}
	r.scratch = r.scratch[:base]
	return t, v[1:], true
}

// cutBound cuts a bound, up to the , ) or ] that rest begins with. A bound
// without a single character is absent. Quotes and backslashes are as in a
// composite's fields.
func (r *Row) cutBound(v []byte) (bound []byte, present bool, rest []byte, ok bool) {
	base := len(r.scratch)
	quoted, plain := false, true
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c == '\\':
			if plain {
				r.scratch = append(r.scratch, v[:i]...)
				plain = false
			}
			if i++; i == len(v) {
				return nil, false, nil, false
			}
			r.scratch = append(r.scratch, v[i])
		case c == '"':
			if plain {
				r.scratch = append(r.scratch, v[:i]...)
				plain = false
			}
			if quoted && i+1 < len(v) && v[i+1] == '"' {
				r.scratch = append(r.scratch, '"')
				i++
				continue
			}
			quoted = !quoted
		case !quoted && (c == ',' || c == ')' || c == ']'):
			if plain {
				return v[:i:i], i > 0, v[i:], true
			}
			return r.unescaped(base), true, v[i:], true
		case !plain:
			r.scratch = append(r.scratch, c)
		}
	}
	return nil, false, nil, false
}

func readMultirange[T any](r *Row, v []byte, bound func(*Row) T) pgtype.Multirange[pgtype.Range[T]] {
	m := pgtype.Multirange[pgtype.Range[T]]{}
	if r.text {
		if len(v) < 2 || v[0] != '{' || v[len(v)-1] != '}' {
			r.bad("multirange", v, nil)
			return nil
		}
		rest := v[1:]
		if string(rest) == "}" {
			return m
		}
		for {
			t, after, ok := readTextRange(r, rest, bound)
			if r.err != nil {
				return nil
			}
			m = append(m, t)
			switch {
			case ok && string(after) == "}":
				return m
			case ok && len(after) > 0 && after[0] == ',':
				rest = after[1:]
			default:
				r.bad("multirange", v, nil)
				return nil
			}
		}
	}
	if len(v) < 4 {
		r.bad("multirange", v, errTruncated)
		return nil
	}
	ranges, data := binary.BigEndian.Uint32(v), v[4:]
	for range ranges {
		b, rest, err := lengthPrefixed(data)
		if err != nil || b == nil {
			r.bad("multirange", v, errTruncated)
			return nil
		}
		data = rest
		t := readRange(r, b, bound)
		if r.err != nil {
			return nil
		}
		m = append(m, t)
	}
	if len(data) != 0 {
		r.bad("multirange", v, errTrailing)
	}
	return m
}

// EncodeRange writes a range, each bound with the function bound, a method of
// [*Encoder]. One that is not Valid is NULL.
func EncodeRange[T any](e *Encoder, v pgtype.Range[T], bound func(*Encoder, T)) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	saved := e.enter(container{kind: rangeContainer})
	if e.text {
		encodeTextRange(e, &v, bound)
	} else {
		encodeBinaryRange(e, &v, bound)
	}
	e.leave(saved)
	e.end(start)
}

// EncodeNullRange is [EncodeRange].
func EncodeNullRange[T any](e *Encoder, v pgtype.Range[T], bound func(*Encoder, T)) {
	EncodeRange(e, v, bound)
}

// EncodeMultirange writes a multirange, each bound with the function bound.
// nil is an empty one.
func EncodeMultirange[T any](e *Encoder, v pgtype.Multirange[pgtype.Range[T]], bound func(*Encoder, T)) {
	start := e.begin()
	saved := e.enter(container{kind: rangeContainer})
	if e.text {
		e.buf = append(e.buf, '{')
	} else {
		e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(len(v)))
	}
	for i := range v {
		if !v[i].Valid {
			e.fail(errNestedRange)
		}
		if e.text {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			encodeTextRange(e, &v[i], bound)
			continue
		}
		inner := e.begin()
		encodeBinaryRange(e, &v[i], bound)
		e.end(inner)
	}
	if e.text {
		e.buf = append(e.buf, '}')
	}
	e.leave(saved)
	e.end(start)
}

// EncodeNullMultirange is [EncodeMultirange] with NULL for nil.
func EncodeNullMultirange[T any](e *Encoder, v pgtype.Multirange[pgtype.Range[T]], bound func(*Encoder, T)) {
	if v == nil {
		e.null()
		return
	}
	EncodeMultirange(e, v, bound)
}

func hasBound(t pgtype.BoundType) bool { return t == pgtype.Inclusive || t == pgtype.Exclusive }

// boundsFit is false for bound types that no range can have.
func boundsFit(lower, upper pgtype.BoundType) bool {
	return (hasBound(lower) || lower == pgtype.Unbounded) && (hasBound(upper) || upper == pgtype.Unbounded)
}

func encodeTextRange[T any](e *Encoder, v *pgtype.Range[T], bound func(*Encoder, T)) {
	if v.LowerType == pgtype.Empty && v.UpperType == pgtype.Empty {
		e.buf = append(e.buf, "empty"...)
		return
	}
	if !boundsFit(v.LowerType, v.UpperType) {
		e.fail(errBoundType)
		return
	}
	open, end := byte('('), byte(')')
	if v.LowerType == pgtype.Inclusive {
		open = '['
	}
	if v.UpperType == pgtype.Inclusive {
		end = ']'
	}
	e.buf = append(e.buf, open)
	if hasBound(v.LowerType) {
		bound(e, v.Lower)
	}
	e.buf = append(e.buf, ',')
	if hasBound(v.UpperType) {
		bound(e, v.Upper)
	}
	e.buf = append(e.buf, end)
}

func encodeBinaryRange[T any](e *Encoder, v *pgtype.Range[T], bound func(*Encoder, T)) {
	if v.LowerType == pgtype.Empty && v.UpperType == pgtype.Empty {
		e.buf = append(e.buf, rangeEmpty)
		return
	}
	if !boundsFit(v.LowerType, v.UpperType) {
		e.fail(errBoundType)
		return
	}
	var flags byte
	switch v.LowerType {
	case pgtype.Inclusive:
		flags |= rangeLowerInclusive
	case pgtype.Unbounded:
		flags |= rangeLowerInfinite
	}
	switch v.UpperType {
	case pgtype.Inclusive:
		flags |= rangeUpperInclusive
	case pgtype.Unbounded:
		flags |= rangeUpperInfinite
	}
	e.buf = append(e.buf, flags)
	nulls := e.nulls
	if hasBound(v.LowerType) {
		bound(e, v.Lower)
	}
	if hasBound(v.UpperType) {
		bound(e, v.Upper)
	}
	if e.nulls != nulls {
		e.fail(errBoundNull)
	}
}
