package diag

import "github.com/pgwright/pgwright/internal/nearest"

// DidYouMean is a hint with the candidate that a mistyped name most likely means,
// or "". More is forgiven in a longer name.
func DidYouMean(name string, candidates []string) string {
	if near := nearest.Name(name, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}
