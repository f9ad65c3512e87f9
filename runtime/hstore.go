package runtime

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"
)

// Hstore reads an hstore of the extension of that name. A key without a value
// has nil.
//
// The formats are those of hstore_send and hstore_out in
// contrib/hstore/hstore_io.c.
func (r *Row) Hstore() pgtype.Hstore {
	v := r.next()
	if v == nil {
		r.bad("hstore", nil, nil)
		return nil
	}
	return r.hstore(v)
}

// NullHstore is [Row.Hstore] for values that can be NULL, which is nil.
func (r *Row) NullHstore() pgtype.Hstore {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.hstore(v)
}

func (r *Row) hstore(v []byte) pgtype.Hstore {
	h := pgtype.Hstore{}
	var err error
	if r.text {
		err = r.textHstore(h, v)
	} else {
		err = r.binaryHstore(h, v)
	}
	if err != nil {
		r.bad("hstore", v, err)
		return nil
	}
	return h
}

func (r *Row) binaryHstore(h pgtype.Hstore, v []byte) error {
	if len(v) < 4 {
		return errTruncated
	}
	pairs, data := binary.BigEndian.Uint32(v), v[4:]
	for range pairs {
		key, rest, err := lengthPrefixed(data)
		if err != nil {
			return err
		}
		if key == nil {
			return errHstoreKey
		}
		value, rest, err := lengthPrefixed(rest)
		if err != nil {
			return err
		}
		data = rest
		if value == nil {
			h[r.string(key)] = nil
		} else {
			h[r.string(key)] = r.pointer(r.string(value))
		}
	}
	if len(data) != 0 {
		return errTrailing
	}
	return nil
}

var errHstoreKey = errors.New("a key is null")

// textHstore reads "key"=>"value", "key"=>NULL, …; hstore_out quotes every key
// and value.
func (r *Row) textHstore(h pgtype.Hstore, v []byte) error {
	s := scanner{rest: v}
	for len(s.rest) > 0 {
		if len(h) > 0 && (!s.skip(',') || !s.skip(' ')) {
			return errMalformed
		}
		key, ok := r.hstoreText(&s)
		if !ok || !s.skip('=') || !s.skip('>') {
			return errMalformed
		}
		if len(s.rest) >= 4 && string(s.rest[:4]) == "NULL" {
			s.rest = s.rest[4:]
			h[key] = nil
			continue
		}
		value, ok := r.hstoreText(&s)
		if !ok {
			return errMalformed
		}
		h[key] = r.pointer(value)
	}
	return nil
}

func (r *Row) hstoreText(s *scanner) (string, bool) {
	if !s.skip('"') {
		return "", false
	}
	base := len(r.scratch)
	for i := 0; i < len(s.rest); i++ {
		switch s.rest[i] {
		case '"':
			text := r.string(r.scratch[base:])
			r.scratch = r.scratch[:base]
			s.rest = s.rest[i+1:]
			return text, true
		case '\\':
			if i++; i == len(s.rest) {
				return "", false
			}
		}
		r.scratch = append(r.scratch, s.rest[i])
	}
	return "", false
}

// Hstore writes an hstore, its keys in order; nil is NULL.
func (e *Encoder) Hstore(v pgtype.Hstore) {
	if v == nil {
		e.null()
		return
	}
	start := e.begin()
	if !e.text {
		e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(len(v)))
	}
	for i, key := range slices.Sorted(maps.Keys(v)) {
		value := v[key]
		if !e.text {
			e.buf = appendPrefixed(e.buf, &key)
			e.buf = appendPrefixed(e.buf, value)
			continue
		}
		if i > 0 {
			e.buf = append(e.buf, ',', ' ')
		}
		e.hstoreText(&key)
		e.buf = append(e.buf, '=', '>')
		e.hstoreText(value)
	}
	e.end(start)
}

func appendPrefixed(b []byte, v *string) []byte {
	if v == nil {
		return binary.BigEndian.AppendUint32(b, 0xFFFFFFFF)
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(len(*v))), *v...)
}

func (e *Encoder) hstoreText(v *string) {
	if v == nil {
		e.buf = append(e.buf, "NULL"...)
		return
	}
	if strings.IndexByte(*v, 0) >= 0 {
		e.fail(errNulByte)
	}
	start := len(e.buf)
	e.buf = append(e.buf, *v...)
	e.quote(start, '\\')
}

// NullHstore is [Encoder.Hstore].
func (e *Encoder) NullHstore(v pgtype.Hstore) { e.Hstore(v) }
