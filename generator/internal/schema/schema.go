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

// Load reads the schema files that paths name and makes their scripts; see
// [Find] for the paths and [Parse] for the scripts. The files of a folder that
// a migration tool keeps come in the tool's order, and with what the tool puts
// into them. What cannot be read is reported, the rest is usable all the same.
func Load(root string, paths []string) ([]*Script, []*sqltext.File, diag.List) {
	sources, diags := findMigrations(root, paths)
	l := loader{root: root, diags: diags, settings: map[string]values{}}
	for _, s := range sources {
		l.source(s)
	}
	return l.scripts, l.files, l.diags
}

// Inputs are all files that [Load] makes something of: those of [Find], the
// templates that they take in, and the settings of their tools.
func Inputs(root string, paths []string) ([]Source, diag.List) {
	f := finder{root: root, seen: map[string]bool{}}
	for _, p := range paths {
		f.path(p)
	}
	folders := map[string]bool{}
	base := map[string]string{} // of templates: the folder of the migrations
	for i := 0; i < len(f.sources); i++ {
		s := f.sources[i]
		folder := filepath.Dir(s.Path)
		if of, ok := base[s.Path]; ok {
			folder = of
		}
		if !folders[folder] {
			folders[folder] = true
			for _, names := range [][]string{flywayFiles, {ternSettings}} {
				if path := settingsFile(root, folder, names...); path != "" {
					f.file(f.name(path), path)
				}
			}
			if sum := filepath.Join(folder, "atlas.sum"); exists(sum) {
				f.file(f.name(sum), sum)
			}
		}
		content, err := os.ReadFile(s.Path)
		if err != nil || !strings.Contains(string(content), "{{") {
			continue // Load reports what cannot be read
		}
		for _, path := range included(folder, string(content)) {
			if exists(path) {
				base[path] = folder
				f.file(f.name(path), path)
			}
		}
	}
	return f.sources, f.diags
}

// Source is a file to read.
type Source struct {
	// Name is the path as the user knows it: relative to the configuration
	// file where that is possible, with forward slashes.
	Name string
	// Path is what to open.
	Path string

	// tool is whose migration the file is, as far as its folder tells.
	tool tool
	// text is the file's if it has been read.
	text string
	read bool
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

// findMigrations is [Find] for files that are run: those of a folder come in
// the order of its tool.
func findMigrations(root string, paths []string) ([]Source, diag.List) {
	f := finder{root: root, migrations: true, seen: map[string]bool{}}
	for _, p := range paths {
		f.path(p)
	}
	return f.sources, f.diags
}

type finder struct {
	root string
	// migrations is true if the tool of a folder decides on its order.
	migrations bool
	sources    []Source
	seen       map[string]bool
	diags      diag.List
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
	case err == nil && info.Mode()&endless != 0:
		f.diags.Add(&diag.Diagnostic{File: name, Message: "this is no file but a pipe or a socket"})
	case err == nil && isDown(path):
		f.diags.Add(&diag.Diagnostic{Severity: diag.Warning, File: name, Message: "the file is left out: it takes a migration back", Hint: "files that end in .down.sql are not part of the schema"})
	case err == nil:
		f.file(name, path)
	case strings.ContainsAny(p, `*?[`):
		f.pattern(p, path)
	default:
		if target, isLink := os.Readlink(path); isLink == nil && errors.Is(err, fs.ErrNotExist) {
			f.diags.Add(&diag.Diagnostic{File: name, Message: fmt.Sprintf("the link leads to %s, and that is not there", filepath.ToSlash(target))})
			return
		}
		f.diags.Add(unreadable(name, err))
	}
}

// endless are the kinds of files whose reading waits for somebody to write.
const endless = fs.ModeNamedPipe | fs.ModeSocket

// name is a path as the user knows it.
func (f *finder) name(path string) string { return relativeTo(f.root, path) }

func relativeTo(root, path string) string {
	if relative, err := filepath.Rel(root, path); err == nil {
		path = relative
	}
	return filepath.ToSlash(path)
}

// members adds files of one folder, which come by name.
func (f *finder) members(folder string, paths []string) {
	if !f.migrations {
		for _, path := range paths {
			f.file(f.name(path), path)
		}
		return
	}
	var sources []Source
	for _, path := range paths {
		sources = append(sources, Source{Name: f.name(path), Path: path})
	}
	ordered, diags := arrange(f.name(folder), folder, sources)
	f.diags.Join(diags)
	if len(ordered) == 0 {
		f.diags.Add(&diag.Diagnostic{File: f.name(folder), Message: "the folder has no migrations that go up", Hint: "what takes migrations back, such as U1__name.sql, is not part of the schema"})
	}
	for _, s := range ordered {
		f.add(s)
	}
}

func (f *finder) file(name, path string) { f.add(Source{Name: name, Path: path}) }

func (f *finder) add(s Source) {
	key := s.Path
	if absolute, err := filepath.Abs(s.Path); err == nil {
		key = absolute
	}
	if !f.seen[key] {
		f.seen[key] = true
		f.sources = append(f.sources, s)
	}
}

// folder adds the SQL files of a folder.
func (f *finder) folder(name, path string) {
	entries, err := os.ReadDir(path)
	if err != nil {
		f.diags.Add(unreadable(name, err))
		return
	}
	var files []string
	for _, e := range entries {
		file := filepath.Join(path, e.Name())
		if isMember(e.Name()) && isFile(file) {
			files = append(files, file)
		}
	}
	if len(files) > 0 {
		f.members(path, files)
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
	// Files of one folder wait for their like, to be put in its order.
	var files []string
	flush := func() {
		if len(files) > 0 {
			f.members(filepath.Dir(files[0]), files)
		}
		files = nil
	}
	for _, m := range matches {
		info, err := os.Stat(m)
		if len(files) > 0 && filepath.Dir(m) != filepath.Dir(files[0]) {
			flush()
		}
		switch {
		case err != nil:
			f.diags.Add(unreadable(f.name(m), err))
			found = true
		case info.IsDir():
			flush()
			f.folder(f.name(m), m)
			found = true
		case isMember(m) && info.Mode()&endless == 0:
			files = append(files, m)
			found = true
		}
	}
	flush()
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
	return err != nil || !info.IsDir() && info.Mode()&endless == 0
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
