package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/templates"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [folder]",
		Short: "Begin a project",
		Long: "Write sqlc.yaml, a schema, a few queries, and a Go file for go generate, as a\n" +
			"start. Existing files are left alone: if one is in the way nothing is written.",
		Example: "pgwright init shop",
		Args:    atMost(1),
		RunE: a.does(func(_ context.Context, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return a.initProject(dir)
		}),
	}
}

// otherConfigs are configurations that sqlc.yaml would compete with.
var otherConfigs = [...]string{"sqlc.yml", "sqlc.json"}

func (a *app) initProject(dir string) error {
	files, err := fs.Sub(templates.Project, templates.ProjectDir)
	if err != nil {
		return err
	}
	paths, err := listFiles(files)
	if err != nil {
		return err
	}
	if err := checkFree(dir, append(otherConfigs[:], paths...)); err != nil {
		return err
	}
	if err := copyFiles(dir, files, paths); err != nil {
		return err
	}
	for _, path := range paths {
		if err := a.print("%s\n", shown(dir, path)); err != nil {
			return err
		}
	}
	a.say("next, in a Go module:\n")
	if dir != "." {
		a.say("  cd %s\n", dir)
	}
	a.say("  go get -tool github.com/pgwright/pgwright/cmd/pgwright\n  pgwright generate\n")
	return nil
}

// shown is a file of the project as messages name it.
func shown(dir, path string) string {
	return filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(path)))
}

func listFiles(files fs.FS) ([]string, error) {
	var paths []string
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			paths = append(paths, path)
		}
		return err
	})
	return paths, err
}

// checkFree reports the paths that are taken.
func checkFree(dir string, paths []string) error {
	var taken []string
	for _, path := range paths {
		full := filepath.Join(dir, filepath.FromSlash(path))
		switch _, err := os.Lstat(full); {
		case err == nil:
			taken = append(taken, shown(dir, path))
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if len(taken) > 0 {
		return fmt.Errorf("there is already %s: nothing was written", strings.Join(taken, ", "))
	}
	return nil
}

// copyFiles writes the files, and takes those it wrote back if one fails.
func copyFiles(dir string, files fs.FS, paths []string) (err error) {
	var written []string
	defer func() {
		if err == nil {
			return
		}
		for _, path := range written {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	for _, path := range paths {
		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		full := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			return err
		}
		if err := create(full, content); err != nil {
			return err
		}
		written = append(written, full)
	}
	return nil
}

// create writes a file that must not exist, not even since it was looked for.
func create(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close(), os.Remove(path))
	}
	return f.Close()
}
