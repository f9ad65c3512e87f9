package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
)

var (
	errFewerFields = errors.New("composite has fewer fields than the generated code expects; " + hintGenerate)
	errMoreFields  = errors.New("composite has more fields than the generated code expects; " + hintGenerate)
)

// Composite reads a composite with decode, which reads its fields in order.
//
// The binary format is that of record_send, the text format that of
// record_out, in src/backend/utils/adt/rowtypes.c.
func Composite[T any](r *Row, decode func(*T, *Row)) T {
	var t T
	v := r.next()
	if v == nil {
		r.bad("composite", nil, nil)
		return t
	}
	composite(r, v, &t, decode)
	return t
}

// NullComposite is [Composite] for values that can be NULL.
func NullComposite[T any](r *Row, decode func(*T, *Row)) *T {
	v := r.next()
	if v == nil {
		return nil
	}
	t := new(T)
	composite(r, v, t, decode)
	return t
}

func composite[T any](r *Row, v []byte, t *T, decode func(*T, *Row)) {
	f := frame{kind: textCompositeFrame, text: true}
	if !r.text {
		if len(v) < 4 {
			r.bad("composite", v, errTruncated)
			return
		}
		fields := int32(binary.BigEndian.Uint32(v))
		if fields < 0 {
			r.bad("composite", v, nil)
			return
		}
		f = frame{kind: binaryCompositeFrame, left: int(fields), data: v[4:]}
	} else {
		if len(v) < 2 || v[0] != '(' || v[len(v)-1] != ')' {
			r.bad("composite", v, nil)
			return
		}
		f.data = v[1:]
	}
	saved := r.enter(f)
	decode(t, r)
	if r.err == nil {
		switch {
		case r.kind == binaryCompositeFrame && r.left > 0:
			r.fail(errMoreFields)
		case r.kind == textCompositeFrame && (r.at > 0 || string(r.data) != ")"):
			r.fail(errMoreFields)
		case r.kind != textCompositeFrame && len(r.data) != 0:
			r.fail(errTrailing)
		}
	}
	r.leave(saved)
}

func (r *Row) nextBinaryField() ([]byte, error) {
	if r.left == 0 {
		return nil, errFewerFields
	}
	r.left--
	if len(r.data) < 4 {
		return nil, errTruncated
	}
	r.oid = binary.BigEndian.Uint32(r.data)
	v, rest, err := lengthPrefixed(r.data[4:])
	r.data = rest
	return v, err
}

// nextTextField cuts the next field out of a composite in text: an empty field
// is null, quotes can surround any part, in them a doubled quote is one, and a
// backslash makes the next byte an ordinary one.
func (r *Row) nextTextField() ([]byte, error) {
	if r.kind == closedFrame {
		return nil, errFewerFields
	}
	r.at++
	r.scratch = r.scratch[:r.base]
	data := r.data
	quoted, plain := false, true
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case c == '\\':
			if plain {
				r.scratch = append(r.scratch, data[:i]...)
				plain = false
			}
			if i++; i == len(data) {
				return nil, errTruncated
			}
			r.scratch = append(r.scratch, data[i])
		case c == '"':
			if plain {
				r.scratch = append(r.scratch, data[:i]...)
				plain = false
			}
			if quoted && i+1 < len(data) && data[i+1] == '"' {
				r.scratch = append(r.scratch, '"')
				i++
				continue
			}
			quoted = !quoted
		case !quoted && (c == ',' || c == ')'):
			if c == ')' {
				r.kind = closedFrame
			}
			r.data = data[i+1:]
			if !plain {
				return r.unescaped(r.base), nil
			}
			if i == 0 {
				return nil, nil
			}
			return data[:i:i], nil
		case !plain:
			r.scratch = append(r.scratch, c)
		}
	}
	return nil, errTruncated
}

// EncodeComposite writes a composite of type typ with encode, which writes its
// fields in order, each with its type:
//
//	e.Field(runtime.Int8).Int8(v.ID)
func EncodeComposite[T any](e *Encoder, v T, typ Type, encode func(*T, *Encoder)) {
	start := e.begin()
	saved := e.enter(container{kind: compositeContainer})
	header := len(e.buf)
	if e.text {
		e.buf = append(e.buf, '(')
	} else {
		e.buf = append(e.buf, 0, 0, 0, 0)
	}
	encode(&v, e)
	if e.into.fields != e.into.count {
		e.fail(fmt.Errorf("%s: %w", typ, errNoField))
	}
	if e.text {
		e.buf = append(e.buf, ')')
	} else {
		binary.BigEndian.PutUint32(e.buf[header:], uint32(e.into.count))
	}
	e.leave(saved)
	e.end(start)
}

// EncodeNullComposite is [EncodeComposite] with NULL for nil.
func EncodeNullComposite[T any](e *Encoder, v *T, typ Type, encode func(*T, *Encoder)) {
	if v == nil {
		e.null()
		return
	}
	EncodeComposite(e, *v, typ, encode)
}

// Field says what type the field of a composite that is written next has. It
// returns e.
func (e *Encoder) Field(typ Type) *Encoder {
	if e.into.kind != compositeContainer || e.into.fields != e.into.count {
		e.fail(errNoField)
		return e
	}
	e.into.fields++
	e.into.typ = typ
	if e.text {
		if e.into.count > 0 {
			e.buf = append(e.buf, ',')
		}
		return e
	}
	e.buf = binary.BigEndian.AppendUint32(e.buf, typ.oid())
	return e
}
