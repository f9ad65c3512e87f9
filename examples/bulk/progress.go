package main

import (
	"fmt"
	"io"
	"iter"
	"strings"
	"time"
)

// progress shows how far a step has come: a bar that is drawn over itself on a
// terminal, a line now and then elsewhere.
type progress struct {
	out io.Writer
	bar bool

	what        string
	done, total int64
	begin, last time.Time
}

// start begins a step of total rows.
func (p *progress) start(what string, total int64) {
	now := time.Now()
	p.what, p.done, p.total, p.begin, p.last = what, 0, total, now, now
}

// add counts a row. Looking at the clock costs more than counting.
func (p *progress) add() {
	if p.done++; p.done%1024 != 0 {
		return
	}
	every := 5 * time.Second
	if p.bar {
		every = 100 * time.Millisecond
	}
	if now := time.Now(); now.Sub(p.last) >= every {
		p.last = now
		p.show()
	}
}

// end shows the last state.
func (p *progress) end() {
	p.show()
	if p.bar {
		fmt.Fprintln(p.out)
	}
}

func (p *progress) show() {
	share := 1.0
	if p.total > 0 {
		share = min(float64(p.done)/float64(p.total), 1)
	}
	rate := float64(p.done) / max(time.Since(p.begin).Seconds(), 1e-3)
	if p.bar {
		const width = 30
		filled := int(share * width)
		fmt.Fprintf(p.out, "\r%-6s [%s%s] %3.0f%%  %.0f rows/s ", p.what,
			strings.Repeat("=", filled), strings.Repeat(" ", width-filled), 100*share, rate)
		return
	}
	fmt.Fprintf(p.out, "%s %d of %d rows (%.0f%%), %.0f rows/s\n", p.what, p.done, p.total, 100*share, rate)
}

// counted passes rows on and counts them.
func counted[T any](p *progress, rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			p.add()
			if !yield(row, err) {
				return
			}
		}
	}
}
