// Package apptest makes Go modules for tests that build generated code as an application does.
package apptest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// moduleLine is the first line of a go.mod.
var moduleLine = regexp.MustCompile(`(?m)^module \S+$`)

// WriteModule writes go.mod and go.sum of a module named path into dir. It
// requires the pgwright of the checkout at repository, and what that one
// requires, in the same versions: so the go command finds everything in the
// module cache that has built pgwright, and asks for nothing.
func WriteModule(dir, path, repository string) error {
	mod, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	if err != nil {
		return err
	}
	text := moduleLine.ReplaceAllLiteralString(string(mod), "module "+path)
	text += fmt.Sprintf("\nrequire github.com/pgwright/pgwright v0.0.0\n\nreplace github.com/pgwright/pgwright => %s\n", quoted(repository))
	sum, err := os.ReadFile(filepath.Join(repository, "go.sum"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644)
}

// quoted writes a folder as go.mod wants it where its name has spaces.
func quoted(dir string) string {
	if strings.ContainsAny(dir, " '()[]{},\t") {
		return "`" + dir + "`"
	}
	return dir
}
