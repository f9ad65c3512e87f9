package runtime

import (
	"bytes"
	"encoding/binary"
	"time"
)

// progressEvery is how often [CopyOptions].Progress is called.
const progressEvery = 100 * time.Millisecond

// progress calls [CopyOptions].Progress.
type progress struct {
	call        func(rows, bytes int64)
	rows, bytes int64
	last        time.Time
}

// add counts what was copied.
func (p *progress) add(rows, bytes int) {
	p.rows += int64(rows)
	p.bytes += int64(bytes)
	if p.call == nil {
		return
	}
	if now := time.Now(); now.Sub(p.last) >= progressEvery {
		p.last = now
		p.call(p.rows, p.bytes)
	}
}

// end reports the number of rows that the server says.
func (p *progress) end(rows int64) {
	if p.call != nil {
		p.call(rows, p.bytes)
	}
}

// rowCounter counts the rows in data that come in pieces.
type rowCounter interface {
	// count returns how many rows end in the piece.
	count(piece []byte) int
}

func newRowCounter(o *CopyOptions) rowCounter {
	var c rowCounter
	switch o.Format {
	case CopyBinary:
		return &binaryRows{skip: len(copySignature)}
	case CopyText:
		c = &textRows{}
	default:
		rows := &csvRows{quote: '"'}
		if o.Quote != "" {
			rows.quote = o.Quote[0]
		}
		if o.Escape != "" && o.Escape[0] != rows.quote {
			rows.escape = o.Escape[0]
		}
		c = rows
	}
	if o.Header || o.MatchHeader {
		return &headedRows{rowCounter: c}
	}
	return c
}

// headedRows leave out the first line.
type headedRows struct {
	rowCounter
	seen bool
}

func (r *headedRows) count(piece []byte) int {
	n := r.rowCounter.count(piece)
	if n > 0 && !r.seen {
		r.seen = true
		n--
	}
	return n
}

// textRows are lines whose end has no backslash in front.
type textRows struct{ escaped bool }

func (r *textRows) count(piece []byte) (n int) {
	for len(piece) > 0 {
		if r.escaped {
			r.escaped, piece = false, piece[1:]
			continue
		}
		i := bytes.IndexByte(piece, '\\')
		if i < 0 {
			return n + bytes.Count(piece, newline)
		}
		n += bytes.Count(piece[:i], newline)
		r.escaped, piece = true, piece[i+1:]
	}
	return n
}

var newline = []byte{'\n'}

// csvRows are lines whose end is outside of quotes. That a doubled quote ends
// one quotation and begins another makes no difference.
type csvRows struct {
	quote byte
	// escape is 0 if it is the quote.
	escape          byte
	inside, escaped bool
}

func (r *csvRows) count(piece []byte) (n int) {
	for len(piece) > 0 {
		if !r.inside {
			i := bytes.IndexByte(piece, r.quote)
			if i < 0 {
				return n + bytes.Count(piece, newline)
			}
			n += bytes.Count(piece[:i], newline)
			r.inside, piece = true, piece[i+1:]
			continue
		}
		if r.escape == 0 {
			i := bytes.IndexByte(piece, r.quote)
			if i < 0 {
				return n
			}
			r.inside, piece = false, piece[i+1:]
			continue
		}
		switch c := piece[0]; {
		case r.escaped:
			r.escaped = false
		case c == r.escape:
			r.escaped = true
		case c == r.quote:
			r.inside = false
		}
		piece = piece[1:]
	}
	return n
}

// The binary format begins with its signature, no flags and no extension, and
// ends with what is no number of fields.
const (
	copySignature = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	binaryEnd     = "\xff\xff"
)

// binaryRows are tuples: a number of fields, and for each a length and as many
// bytes (the binary format in PostgreSQL's documentation of COPY). Data with an
// extension of the header are not counted right; PostgreSQL writes none.
type binaryRows struct {
	// skip is how many bytes are not looked at.
	skip int
	// fields is how many the tuple has yet.
	fields int
	// number is a number that is not complete.
	number []byte
	ended  bool
}

func (r *binaryRows) count(piece []byte) (n int) {
	for !r.ended {
		k := min(r.skip, len(piece))
		r.skip, piece = r.skip-k, piece[k:]
		if len(piece) == 0 {
			return n
		}
		size := 4
		if r.fields == 0 {
			size = 2
		}
		k = min(size-len(r.number), len(piece))
		r.number, piece = append(r.number, piece[:k]...), piece[k:]
		if len(r.number) < size {
			return n
		}
		if size == 2 {
			fields := int16(binary.BigEndian.Uint16(r.number))
			r.fields, r.ended = int(fields), fields < 0
			if fields == 0 {
				n++
			}
		} else {
			r.skip = max(int(int32(binary.BigEndian.Uint32(r.number))), 0)
			if r.fields--; r.fields == 0 {
				n++
			}
		}
		r.number = r.number[:0]
	}
	return n
}
