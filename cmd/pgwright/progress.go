package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	progressEvery = 100 * time.Millisecond
	progressWidth = 30
	megabyte      = 1e6
)

// progress draws a bar on a terminal, in one line that it keeps overwriting.
// Elsewhere it draws nothing.
type progress struct {
	w     io.Writer // nil where nothing is drawn
	now   func() time.Time
	last  time.Time
	drawn bool
}

func newProgress(w io.Writer, now func() time.Time) *progress {
	if !isTerminal(w) {
		w = nil
	}
	return &progress{w: w, now: now}
}

// update takes the bytes so far and in all, the latter not positive if unknown.
func (p *progress) update(done, total int64) {
	if p.w == nil || p.now().Sub(p.last) < progressEvery && done != total {
		return
	}
	p.last, p.drawn = p.now(), true
	_, _ = fmt.Fprintf(p.w, "\r%s", progressLine(done, total))
}

func progressLine(done, total int64) string {
	if total <= 0 {
		return fmt.Sprintf("%.1f MB", float64(done)/megabyte)
	}
	full := int(min(done, total) * progressWidth / total)
	return fmt.Sprintf("[%s%s] %3d%% %.1f/%.1f MB", strings.Repeat("#", full), strings.Repeat(" ", progressWidth-full),
		min(done, total)*100/total, float64(done)/megabyte, float64(total)/megabyte)
}

// end leaves the line.
func (p *progress) end() {
	if p.drawn {
		_, _ = fmt.Fprintln(p.w)
	}
}
