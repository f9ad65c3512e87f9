package sqltext

import "github.com/pgwright/pgwright/internal/nearest"

// intended returns the candidate that a mistyped word most likely means, or ""
// if none is within two edits and closer than starting anew.
func intended(word string, candidates []string) string {
	best := nearest.Within(word, candidates, 2)
	if nearest.Distance(word, best) >= len(best)-1 {
		return ""
	}
	return best
}
