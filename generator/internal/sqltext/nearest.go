package sqltext

import "github.com/pgwright/pgwright/generator/internal/diag"

// nearest returns the candidate that a mistyped word most likely means, or ""
// if none is within two edits and closer than starting anew.
func nearest(word string, candidates []string) string {
	best := diag.Nearest(word, candidates, 2)
	if diag.Distance(word, best) >= len(best)-1 {
		return ""
	}
	return best
}
