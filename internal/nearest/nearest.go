// Package nearest finds the name that a mistyped one was meant to be, for error
// messages.
package nearest

import (
	"slices"
	"strings"
)

// Name is [Within] as many edits as may happen to a name: more in a longer one.
func Name(name string, candidates []string) string {
	return Within(name, candidates, max(2, len(name)/3))
}

// Within returns the candidate that a mistyped word most likely means: the one
// that takes the fewest edits, at most limit of them, and the first in the
// alphabet of several. It returns "" if there is none. Case does not count.
func Within(word string, candidates []string, limit int) string {
	best, least := "", limit+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if d := Distance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// tooLong bounds what Distance compares; hints for longer words are no use.
const tooLong = 100

// Distance is the number of bytes to insert, delete, replace or swap with
// their neighbour to get from a to b.
func Distance(a, b string) int {
	if len(a) > tooLong || len(b) > tooLong {
		return tooLong
	}
	before, previous, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(previous[j]+1, row[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, previous, row = previous, row, before
	}
	return previous[len(b)]
}
