package generator

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diff"
	"github.com/pgwright/pgwright/generator/internal/lock"
)

// Stale is a file that is not what its project generates.
type Stale struct {
	// Path is relative to the root of the result.
	Path string
	// What says what [Write] would do with it: "changed", "missing" or "left
	// over".
	What string
	// Diff is the way from the file to what it should be, in the unified
	// format.
	Diff string
}

// Check compares the files of a result, and its lock, with what lies in their
// folders. It writes nothing. The stale files are sorted by path.
func Check(res *Result) ([]Stale, error) {
	if res.HasErrors() {
		return nil, errors.New("there are errors: nothing can be compared")
	}
	files := res.Files
	if res.lock != nil {
		files = append(slices.Clone(files), File{Path: lock.Name, Content: res.lock})
	}
	var out []Stale
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.Path] = true
		s := Stale{Path: f.Path, What: "changed"}
		old, err := os.ReadFile(res.path(f))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			s.What = "missing"
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", f.Path, err)
		case bytes.Equal(old, f.Content):
			continue
		}
		s.Diff = unified(f.Path, old, f.Content)
		out = append(out, s)
	}
	for _, dir := range res.folders {
		left, err := leftOver(res.Root, dir, wanted)
		if err != nil {
			return nil, err
		}
		for _, path := range left {
			content, err := os.ReadFile(filepath.Join(res.Root, filepath.FromSlash(path)))
			if err != nil {
				return nil, err
			}
			out = append(out, Stale{Path: path, What: "left over", Diff: unified(path, content, nil)})
		}
	}
	slices.SortFunc(out, func(a, b Stale) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

func unified(path string, old, now []byte) string {
	return diff.Unified("a/"+path, string(old), "b/"+path, string(now))
}
