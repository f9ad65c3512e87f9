package nullability

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// choices are the decisions that make a random statement. They are drawn from
// a seed and recorded, so that a statement can be made again from them, and a
// smaller one from fewer or smaller ones: 0 is the simplest decision, and what
// is missing is 0.
type choices struct {
	rand   *rand.Rand
	replay []uint32
	taken  []uint32
	spans  []span
}

// span is a part of the choices that made one thing, such as an expression.
type span struct {
	label    string
	from, to int
}

// IntN decides for a number below n.
func (c *choices) IntN(n int) int {
	if n <= 1 {
		return 0
	}
	var v int
	switch i := len(c.taken); {
	case i < len(c.replay):
		v = int(c.replay[i]) % n
	case c.rand != nil:
		v = c.rand.IntN(n)
	}
	c.taken = append(c.taken, uint32(v))
	return v
}

// chance is true once in n times, and not in the simplest case.
func (c *choices) chance(n int) bool { return c.IntN(n) == n-1 }

func (c *choices) one(of ...string) string { return of[c.IntN(len(of))] }

// part marks what make decides as one thing.
func (c *choices) part(label string, make func() string) string {
	i := len(c.spans)
	c.spans = append(c.spans, span{label: label, from: len(c.taken)})
	text := make()
	c.spans[i].to = len(c.taken)
	return text
}

// made is what came of choices.
type made struct {
	text  string
	taken []uint32
	spans []span
}

// smaller orders what was made by how much a person has to read.
func (m *made) smaller(than *made) bool {
	if len(m.text) != len(than.text) {
		return len(m.text) < len(than.text)
	}
	return len(m.taken) < len(than.taken) || len(m.taken) == len(than.taken) && slices.Compare(m.taken, than.taken) < 0
}

// shrink looks for the smallest thing that still fails. It gives up looking
// after some time.
func shrink(start *made, build func([]uint32) *made, fails func(text string) bool, patience time.Duration) *made {
	best := start
	deadline := time.Now().Add(patience)
	tried := map[string]bool{start.text: true}
	try := func(taken []uint32) bool {
		if time.Now().After(deadline) {
			return false
		}
		m := build(taken)
		if !m.smaller(best) || m.text != best.text && tried[m.text] {
			return false
		}
		if m.text != best.text {
			tried[m.text] = true
			if !fails(m.text) {
				return false
			}
		}
		best = m
		return true
	}
	for again := true; again && time.Now().Before(deadline); {
		again = false
		// Leave parts out, make them simple, or put a part of the same kind that
		// stands within in their place.
		for i := 0; i < len(best.spans); i++ {
			s := best.spans[i]
			if s.to == s.from {
				continue
			}
			zero := slices.Clone(best.taken)
			clear(zero[s.from:s.to])
			if try(slices.Replace(slices.Clone(best.taken), s.from, s.to)) || try(zero) ||
				try(slices.Replace(slices.Clone(best.taken), s.from, s.to, 0)) {
				again = true
				continue
			}
			for _, inner := range best.spans {
				if inner.label == s.label && inner.from >= s.from && inner.to <= s.to && inner != s &&
					try(slices.Replace(slices.Clone(best.taken), s.from, s.to, best.taken[inner.from:inner.to]...)) {
					again = true
					break
				}
			}
		}
		for size := 8; size >= 1; size /= 2 {
			for i := 0; i+size <= len(best.taken); i++ {
				for i+size <= len(best.taken) && try(slices.Delete(slices.Clone(best.taken), i, i+size)) {
					again = true
				}
			}
		}
		for i := 0; i < len(best.taken); i++ {
			for _, v := range []uint32{0, best.taken[i] / 2, best.taken[i] - 1} {
				if v < best.taken[i] {
					less := slices.Clone(best.taken)
					less[i] = v
					if try(less) {
						again = true
						break
					}
				}
			}
		}
	}
	return best
}

// shrinkList leaves out of a list what is not needed for it to fail.
func shrinkList(list []string, fails func([]string) bool, patience time.Duration) []string {
	deadline := time.Now().Add(patience)
	for size := max(1, len(list)/2); size >= 1; size /= 2 {
		for i := len(list) - size; i >= 0; i-- {
			if i+size > len(list) {
				continue
			}
			if time.Now().After(deadline) {
				return list
			}
			if less := slices.Delete(slices.Clone(list), i, i+size); fails(less) {
				list = less
			}
		}
	}
	return list
}

func TestShrink(t *testing.T) {
	t.Parallel()
	build := func(taken []uint32) *made {
		g := &generator{choices: choices{replay: taken}, version: 180000, world: plainWorld()}
		return &made{text: g.statement(), taken: g.taken, spans: g.spans}
	}
	contains := func(word string) func(string) bool {
		return func(text string) bool { return wordIn(text, word) }
	}
	for _, word := range []string{"FULL JOIN", "ROLLUP", "EXCEPT"} {
		var start *made
		for seed := uint64(0); start == nil; seed++ {
			g := &generator{choices: choices{rand: rand.New(rand.NewPCG(seed, 0))}, version: 180000, world: plainWorld()}
			if text := g.statement(); wordIn(text, word) && len(text) > 1500 {
				start = &made{text: text, taken: g.taken, spans: g.spans}
			}
		}
		require.Equal(t, start.text, build(start.taken).text, "the same choices make the same statement")
		small := shrink(start, build, contains(word), 20*time.Second)
		require.True(t, wordIn(small.text, word))
		require.Less(t, len(small.text), 800, small.text)
		require.Equal(t, small.text, build(small.taken).text)
	}
	list := shrinkList([]string{"a", "b", "c", "d", "e", "f", "g"}, func(l []string) bool {
		return slices.Contains(l, "c") && slices.Contains(l, "f")
	}, time.Second)
	require.Equal(t, []string{"c", "f"}, list)
}
