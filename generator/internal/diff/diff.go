// Package diff compares two texts line by line and says how they differ, in the unified format of diff(1).
//
// Lines that both texts have once are its anchors: those of them that come in the same order in both, as many as can be,
// stay, and so do equal lines beside them (Bram Cohen's patience diff). That is not the shortest difference, but one that
// people find right more often, and its time grows no faster than n log n, however much the texts differ.
package diff

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
)

// context is how many equal lines are shown around a change.
const context = 3

// Unified returns what to change in old to get now, nothing if they are equal.
func Unified(oldName, old, nowName, now string) string {
	if old == now {
		return ""
	}
	x, y := lines(old), lines(now)
	var out bytes.Buffer
	fmt.Fprintf(&out, "diff %s %s\n--- %s\n+++ %s\n", oldName, nowName, oldName, nowName)
	var h hunk
	done := match{}
	for _, m := range matches(x, y) {
		if m.x > done.x || m.y > done.y {
			h.change(x[done.x:m.x], y[done.y:m.y])
		}
		equal := x[m.x : m.x+m.n]
		switch {
		case !h.changed:
			h.start(m, equal)
		case m.x+m.n == len(x) && m.y+m.n == len(y):
			h.keep(equal[:min(len(equal), context)])
		case len(equal) <= 2*context:
			h.keep(equal)
		default:
			h.keep(equal[:context])
			h.write(&out)
			h.start(m, equal)
		}
		done = match{x: m.x + m.n, y: m.y + m.n}
	}
	h.write(&out)
	return out.String()
}

// lines cuts text after each newline.
func lines(text string) []string {
	all := strings.SplitAfter(text, "\n")
	if last := len(all) - 1; all[last] == "" {
		all = all[:last]
	}
	return all
}

// hunk is a part of the output: changes, and the equal lines around them.
type hunk struct {
	// x and y are where it begins, and countX and countY how many lines of each text it has.
	x, y, countX, countY int
	text                 strings.Builder
	changed              bool
}

// start begins anew with the last of the equal lines.
func (h *hunk) start(m match, equal []string) {
	skip := max(len(equal)-context, 0)
	*h = hunk{x: m.x + skip, y: m.y + skip}
	h.keep(equal[skip:])
}

func (h *hunk) keep(equal []string) {
	h.countX += len(equal)
	h.countY += len(equal)
	h.add(' ', equal)
}

func (h *hunk) change(removed, added []string) {
	h.changed = true
	h.countX += len(removed)
	h.countY += len(added)
	h.add('-', removed)
	h.add('+', added)
}

func (h *hunk) add(mark byte, all []string) {
	for _, line := range all {
		h.text.WriteByte(mark)
		h.text.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			h.text.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// write writes the hunk if it has changes.
func (h *hunk) write(out *bytes.Buffer) {
	if !h.changed {
		return
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n%s", span(h.x, h.countX), span(h.y, h.countY), h.text.String())
}

// span is how the format says where lines are: from 1, and for none, the line before.
func span(start, count int) string {
	switch count {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprint(start + 1)
	}
	return fmt.Sprintf("%d,%d", start+1, count)
}

// match is n equal lines, from x in one text and y in the other.
type match struct{ x, y, n int }

// matches are the lines that stay, in order. The first begins where the texts do, and the last ends where they do; both
// can be of no lines.
func matches(x, y []string) []match {
	at := append([]match{{}}, anchors(x, y)...)
	at = append(at, match{x: len(x), y: len(y)})
	var all []match
	done := match{}
	for i, m := range at {
		if i > 0 && i < len(at)-1 && m.x < done.x {
			continue // in what stays already
		}
		start, end := m, m
		for start.x > done.x && start.y > done.y && x[start.x-1] == y[start.y-1] {
			start.x--
			start.y--
		}
		for end.x < len(x) && end.y < len(y) && x[end.x] == y[end.y] {
			end.x++
			end.y++
		}
		all = append(all, match{x: start.x, y: start.y, n: end.x - start.x})
		done = end
	}
	return all
}

// anchors are as many as can be of the lines that both texts have once, in the same order in both: the longest increasing
// subsequence of their places in y.
func anchors(x, y []string) []match {
	type places struct{ inX, inY, x, y int }
	of := map[string]*places{}
	for i, line := range x {
		p := of[line]
		if p == nil {
			p = &places{}
			of[line] = p
		}
		p.inX++
		p.x = i
	}
	for i, line := range y {
		if p := of[line]; p != nil {
			p.inY++
			p.y = i
		}
	}
	// ends has, for each length, the subsequence of it that ends first in y, by its last element.
	type element struct {
		match
		before *element
	}
	var ends []*element
	for i, line := range x {
		p := of[line]
		if p.inX != 1 || p.inY != 1 {
			continue
		}
		e := &element{match: match{x: i, y: p.y}}
		n := sort.Search(len(ends), func(n int) bool { return ends[n].y > e.y })
		if n > 0 {
			e.before = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, e)
		} else {
			ends[n] = e
		}
	}
	all := make([]match, len(ends))
	if len(ends) > 0 {
		for e, i := ends[len(ends)-1], len(ends)-1; e != nil; e, i = e.before, i-1 {
			all[i] = e.match
		}
	}
	return all
}
