package sqltext

import (
	"fmt"
	"sort"
)

// Builder assembles a text out of ranges of a source text and of new words,
// and remembers where in the source each byte came from. The zero value is
// not usable; call [NewBuilder].
type Builder struct {
	source string
	out    []byte
	origin Origin
}

// NewBuilder returns a Builder that copies from source.
func NewBuilder(source string) *Builder { return &Builder{source: source} }

// Copy appends source[start:end].
func (b *Builder) Copy(start, end int) {
	if start >= end {
		return
	}
	b.origin.add(piece{at: len(b.out), source: start, copied: true})
	b.out = append(b.out, b.source[start:end]...)
	b.origin.end = end
}

// Insert appends a text that stands in for the source at an offset.
func (b *Builder) Insert(text string, offset int) {
	if text == "" {
		return
	}
	b.origin.add(piece{at: len(b.out), source: offset})
	b.out = append(b.out, text...)
	b.origin.end = offset
}

// Len is the length of the text so far, in bytes.
func (b *Builder) Len() int { return len(b.out) }

// Build returns the text and its origin. The Builder must not be used after.
func (b *Builder) Build() (string, Origin) {
	b.origin.length = len(b.out)
	return string(b.out), b.origin
}

// word appends a text as Insert does, apart from its neighbours: a space keeps
// it from growing together with an identifier or a number before it. It
// returns where the text begins.
func (b *Builder) word(text string, offset int) int {
	if text != "" && len(b.out) > 0 && is(b.out[len(b.out)-1], classIdent) && is(text[0], classIdent) {
		b.Insert(" ", offset)
	}
	b.Insert(text, offset)
	return len(b.out) - len(text)
}

// rest copies as Copy does, apart from what stands before. It returns where
// the copy begins.
func (b *Builder) rest(start, end int) int {
	if start < end && len(b.out) > 0 && is(b.out[len(b.out)-1], classIdent) && is(b.source[start], classIdent) {
		b.Insert(" ", start)
	}
	b.Copy(start, end)
	return len(b.out) - (end - start)
}

// Origin says where the bytes of a text came from. The zero value is the
// origin of the empty text.
type Origin struct {
	pieces []piece
	// length is that of the text, end the source offset behind its last byte.
	length, end int
}

// piece is a run of a text: copied bytes or a replacement.
type piece struct {
	at, source int
	copied     bool
}

func (o *Origin) add(p piece) {
	if n := len(o.pieces); n > 0 && p.copied {
		last := o.pieces[n-1]
		if last.copied && last.source+p.at-last.at == p.source {
			return
		}
	}
	o.pieces = append(o.pieces, p)
}

// Offset returns the source offset of a byte of the text: the exact one of a
// copied byte, the place of the replaced words of any other. An offset outside
// the text counts as its nearest end.
func (o *Origin) Offset(at int) int {
	if at >= o.length {
		return o.end
	}
	i := sort.Search(len(o.pieces), func(i int) bool { return o.pieces[i].at > at }) - 1
	if i < 0 {
		i = 0
		at = 0
	}
	p := o.pieces[i]
	if p.copied {
		return p.source + at - p.at
	}
	return p.source
}

// ByteOffset converts a position as PostgreSQL's errors carry it, counted from
// 1 in characters, into a byte offset. A position outside the text counts as
// its nearest end.
func ByteOffset(text string, position int) int {
	for i := range text {
		if position--; position <= 0 {
			return i
		}
	}
	return len(text)
}

// Edit replaces the bytes from Start to End with a text.
type Edit struct {
	Start, End int
	Text       string
}

// Replace applies edits, which must be in order and apart, and returns the new
// statement; r stays as it is. A space is added where a replacement would grow
// together with a word beside it. The offsets of the new statement still lead
// to the user's file, those of replaced bytes to the place of the first one.
func (r *Rewritten) Replace(edits []Edit) (*Rewritten, error) {
	b := NewBuilder(r.SQL)
	runs := make([]run, 0, 2*len(edits)+1)
	at := 0
	keep := func(end int) {
		runs = append(runs, run{start: at, end: end, at: b.rest(at, end), length: end - at})
		at = end
	}
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(r.SQL) {
			return nil, fmt.Errorf("edit of bytes %d to %d: out of order or outside of the statement", e.Start, e.End)
		}
		keep(e.Start)
		runs = append(runs, run{start: e.Start, end: e.End, at: b.word(e.Text, e.Start), length: len(e.Text), edited: true})
		at = e.End
	}
	keep(len(r.SQL))
	sql, step := b.Build()
	out := *r
	out.SQL = sql
	step.end = len(r.SQL)
	out.origin = step.through(&r.origin)
	out.Embeds = append([]Embed(nil), r.Embeds...)
	for i := range out.Embeds {
		e := &out.Embeds[i]
		for _, m := range runs {
			if start := r.Embeds[i].Start; m.start <= start && start < m.end {
				e.Start = m.begin(start)
			}
			if end := r.Embeds[i].End; m.start < end && end <= m.end {
				e.End = m.finish(end)
			}
		}
	}
	return &out, nil
}

// run is where a range of a text went: kept or edited.
type run struct {
	start, end, at, length int
	edited                 bool
}

// begin is where a byte of the run went, or what it was replaced with begins.
func (m run) begin(old int) int {
	if m.edited {
		return m.at
	}
	return m.at + old - m.start
}

// finish is begin for the end of a range.
func (m run) finish(old int) int {
	if m.edited {
		return m.at + m.length
	}
	return m.at + old - m.start
}

// through replaces the sources of an origin, which are offsets of another
// text, with that text's own sources.
func (o *Origin) through(under *Origin) Origin {
	out := Origin{length: o.length, end: under.Offset(o.end)}
	for i, p := range o.pieces {
		if !p.copied {
			out.add(piece{at: p.at, source: under.Offset(p.source)})
			continue
		}
		end := o.length
		if i+1 < len(o.pieces) {
			end = o.pieces[i+1].at
		}
		from, to := p.source, p.source+end-p.at
		j := sort.Search(len(under.pieces), func(j int) bool { return under.pieces[j].at > from }) - 1
		for ; j < len(under.pieces) && under.pieces[j].at < to; j++ {
			q := under.pieces[j]
			at, source := q.at, q.source
			if at < from {
				if q.copied {
					source += from - at
				}
				at = from
			}
			out.add(piece{at: p.at + at - from, source: source, copied: q.copied})
		}
	}
	return out
}
