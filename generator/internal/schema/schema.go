// Package schema turns schema files and folders of migrations into scripts for
// a throwaway server that needs the structure of the database and nothing
// else.
//
// Statements with a "-- name:" header are queries and are not run. Of a
// migration with an up and a down part, the up part counts. What only concerns
// rows, roles, other servers or the machine is left out, with a reason; see
// [Skipped].
package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// Load reads the schema files that paths name, in their order, and makes their
// scripts; see [Find] for the paths and [Parse] for the scripts. What cannot be
// read is reported, the rest is usable all the same.
func Load(root string, paths []string) ([]*Script, []*sqltext.File, diag.List) {
	sources, diags := Find(root, paths)
	var scripts []*Script
	var files []*sqltext.File
	for _, s := range sources {
		content, err := os.ReadFile(s.Path)
		if err != nil {
			diags.Add(unreadable(s.Name, err))
			continue
		}
		own, file, more := Parse(s.Name, string(content))
		diags.Join(more)
		scripts = append(scripts, own...)
		files = append(files, file)
	}
	return scripts, files, diags
}

// Source is a file to read.
type Source struct {
	// Name is the path as the user knows it: relative to the configuration
	// file where that is possible, with forward slashes.
	Name string
	// Path is what to open.
	Path string
}

// Find resolves the paths of a configuration, of schema or query files alike,
// relative to the folder root. A path is a file, a folder, which stands for the
// *.sql files right in it, or a pattern of [filepath.Match] for either. Files
// of a folder or a pattern come in the order of their names. As in sqlc, hidden
// files and *.down.sql are left out. A file that is named twice counts once.
func Find(root string, paths []string) ([]Source, diag.List) {
	f := finder{root: root, seen: map[string]bool{}}
	for _, p := range paths {
		f.path(p)
	}
	return f.sources, f.diags
}

type finder struct {
	root    string
	sources []Source
	seen    map[string]bool
	diags   diag.List
}

const relativeHint = "paths are relative to the folder of the configuration file"

func (f *finder) path(p string) {
	path := filepath.FromSlash(p)
	if !filepath.IsAbs(path) {
		path = filepath.Join(f.root, path)
	}
	name := f.name(path)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		f.folder(name, path)
	case err == nil && isDown(path):
		f.diags.Add(&diag.Diagnostic{Severity: diag.Warning, File: name, Message: "the file is left out: it takes a migration back", Hint: "files that end in .down.sql are not part of the schema"})
	case err == nil:
		f.file(name, path)
	case strings.ContainsAny(p, `*?[`):
		f.pattern(p, path)
	default:
		f.diags.Add(unreadable(name, err))
	}
}

// name is a path as the user knows it.
func (f *finder) name(path string) string {
	if relative, err := filepath.Rel(f.root, path); err == nil {
		path = relative
	}
	return filepath.ToSlash(path)
}

func (f *finder) file(name, path string) {
	key := path
	if absolute, err := filepath.Abs(path); err == nil {
		key = absolute
	}
	if !f.seen[key] {
		f.seen[key] = true
		f.sources = append(f.sources, Source{Name: name, Path: path})
	}
}

// folder adds the SQL files of a folder.
func (f *finder) folder(name, path string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		f.diags.Add(unreadable(name, err))
		return
	}
	found := false
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		if !isMember(e.Name()) || !isFile(file) {
			continue
		}
		found = true
		f.file(f.name(file), file)
	}
	if found {
		return
	}
	hint := "only files that end in .sql count, and none of deeper folders"
	for _, e := range entries {
		if isDown(e.Name()) {
			hint = "files that end in .down.sql are not part of the schema"
		}
	}
	f.diags.Add(&diag.Diagnostic{File: name, Message: "the folder has no .sql files", Hint: hint})
}

// pattern adds the files that a pattern matches, and those of its folders.
func (f *finder) pattern(p, path string) {
	matches, err := filepath.Glob(path)
	if err != nil {
		f.diags.Add(&diag.Diagnostic{File: filepath.ToSlash(p), Message: "malformed pattern", Hint: "a [ needs its ]; a backslash takes the meaning from the character behind it"})
		return
	}
	sort.Strings(matches)
	found := false
	for _, m := range matches {
		info, err := os.Stat(m)
		switch {
		case err != nil:
			f.diags.Add(unreadable(f.name(m), err))
			found = true
		case info.IsDir():
			f.folder(f.name(m), m)
			found = true
		case isMember(m):
			f.file(f.name(m), m)
			found = true
		}
	}
	if found {
		return
	}
	hint := relativeHint
	if strings.Contains(p, "**") {
		hint = "** means the same as *: name each folder"
	}
	f.diags.Add(&diag.Diagnostic{File: filepath.ToSlash(p), Message: "the pattern matches no .sql files", Hint: hint})
}

// isMember reports whether a file of a folder counts.
func isMember(path string) bool {
	base := filepath.Base(path)
	return strings.HasSuffix(base, ".sql") && !strings.HasPrefix(base, ".") && !isDown(base)
}

// isDown reports whether a file is the down part of a golang-migrate migration.
func isDown(path string) bool { return strings.HasSuffix(path, ".down.sql") }

// isFile reports whether a path is no folder. One that cannot be looked at
// counts as a file, so that reading it says why.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err != nil || !info.IsDir()
}

// unreadable says why a file or folder cannot be read.
func unreadable(name string, err error) *diag.Diagnostic {
	d := &diag.Diagnostic{File: name}
	var cause *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.Message, d.Hint = "no such file or folder", relativeHint
	case errors.Is(err, fs.ErrPermission):
		d.Message, d.Hint = "not allowed to read it", "check the permissions of the file and of the folders above it"
	case errors.As(err, &cause):
		d.Message = fmt.Sprintf("not readable: %v", cause.Err)
	default:
		d.Message = fmt.Sprintf("not readable: %v", err)
	}
	return d
}
