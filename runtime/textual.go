package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

var errNeedsText = errors.New("pgx does not know it; the generated column must ask for text")

// nextText returns the next value as text, which is what most types that are
// read so are in binary too.
func (r *Row) nextText() []byte {
	v := r.next()
	if r.kind == plainFrame || r.text || v == nil {
		return v
	}
	oid := r.valueOID()
	switch oid {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.JSONOID:
		return v
	}
	if t, ok := builtinName(oid); ok && !t.isText() {
		// The column was not asked for as text: a batch lets pgx choose the
		// format, and a value inside of another comes in the format of the
		// whole.
		text, err := r.binaryToText(oid, v)
		if err != nil {
			r.fail(fmt.Errorf("%s came in the binary format and is read as text: %w", t, err))
		}
		return text
	}
	return v
}

// binaryToText converts a value of a type that is read as text, with pgx's codec
// where that prints what PostgreSQL does.
func (r *Row) binaryToText(oid uint32, v []byte) ([]byte, error) {
	switch oid {
	case pgtype.QCharOID:
		return charText(v)
	case pgtype.TSVectorOID:
		return tsvectorText(v)
	}
	m := r.types()
	typ, ok := m.TypeForOID(oid)
	if !ok {
		return nil, errNeedsText
	}
	value, err := typ.Codec.DecodeDatabaseSQLValue(m, oid, pgx.BinaryFormatCode, v)
	if err != nil {
		return nil, err
	}
	switch value := value.(type) {
	case string:
		return []byte(value), nil
	case []byte:
		return value, nil
	case int64:
		return strconv.AppendInt(nil, value, 10), nil
	default:
		return nil, errNeedsText
	}
}

// charText prints a "char", a byte (charout in src/backend/utils/adt/char.c).
func charText(v []byte) ([]byte, error) {
	switch {
	case len(v) != 1:
		return nil, errMalformed
	case v[0] == 0:
		return []byte{}, nil
	case v[0] >= 0x80:
		return fmt.Appendf(nil, `\%03o`, v[0]), nil
	}
	return v, nil
}

// tsvectorText prints a tsvector (tsvectorsend and tsvectorout in
// src/backend/utils/adt/tsvector.c).
func tsvectorText(v []byte) ([]byte, error) {
	if len(v) < 4 {
		return nil, errTruncated
	}
	lexemes, v := binary.BigEndian.Uint32(v), v[4:]
	text := []byte{}
	for i := range lexemes {
		if i > 0 {
			text = append(text, ' ')
		}
		text = append(text, '\'')
		for ; len(v) > 0 && v[0] != 0; v = v[1:] {
			if v[0] == '\'' || v[0] == '\\' {
				text = append(text, v[0])
			}
			text = append(text, v[0])
		}
		text = append(text, '\'')
		if len(v) < 3 {
			return nil, errTruncated
		}
		positions := int(binary.BigEndian.Uint16(v[1:]))
		v = v[3:]
		if len(v) < 2*positions {
			return nil, errTruncated
		}
		for j := range positions {
			separator := byte(',')
			if j == 0 {
				separator = ':'
			}
			// Two bits of weight, D to A, and fourteen of position.
			p := binary.BigEndian.Uint16(v[2*j:])
			text = strconv.AppendUint(append(text, separator), uint64(p&0x3FFF), 10)
			if weight := p >> 14; weight > 0 {
				text = append(text, 'D'-byte(weight))
			}
		}
		v = v[2*positions:]
	}
	if len(v) != 0 {
		return nil, errTrailing
	}
	return text, nil
}
