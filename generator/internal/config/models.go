package config

import (
	"cmp"
	"fmt"
	"go/token"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Models is the package of the structs, enums and composites of a package, if
// that is another one.
type Models struct {
	// Folder is where its file goes, relative to [Config.Root]. It is empty if
	// Elsewhere is true: then another package, or another tool, writes it.
	Folder string
	// Name and Import are the package's name and import path.
	Name, Import string
	Elsewhere    bool

	// pos is the place of what makes it a package of its own.
	pos Pos
}

// modelOptions are the options about it as written.
type modelOptions struct {
	path, name, importPath, fork, queries string
	elsewhere                             bool
	// folders are those of the options for the names of files.
	folders map[string]string
	// wrong is true if one of them has been reported.
	wrong bool
}

// modelOptions reads the options of the package of the models, which are those
// of sqlc. Two more are those of its fork sqlc-gen-go, which has them since
// before, and which names folders in the options for file names.
func (r *reader) modelOptions(t *table, o *Options, fork bool) {
	m, before := &o.models, r.errors
	defer func() { m.wrong = m.wrong || r.errors > before }()
	if t.text("output_models_path", &m.path) {
		r.relative("output_models_path", m.path, t.pos("output_models_path"))
	}
	if t.text("output_models_package", &m.name) && !isPackageName(m.name) {
		r.errorAt(t.pos("output_models_package"), fmt.Sprintf("%q is not a name for a Go package", m.name), "")
	}
	r.importPath(t, "output_models_import", &m.importPath)
	emit := true
	t.flag("output_models_emit", &emit)
	m.elsewhere = !emit
	if !fork {
		t.refuse("models_package_import_path", "models_package_import_path is an option of gen: go:, not of the plugin "+Plugin, "here it is output_models_import")
		t.refuse("output_query_files_directory", "output_query_files_directory is an option of gen: go:, not of the plugin "+Plugin, "all but the models goes to the folder that out names")
		return
	}
	r.importPath(t, "models_package_import_path", &m.fork)
	if t.text("output_query_files_directory", &m.queries) {
		r.below("output_query_files_directory", m.queries, t.pos("output_query_files_directory"))
	}
}

// importPath reads a path as Go imports it.
func (r *reader) importPath(t *table, key string, out *string) {
	if !t.text(key, out) {
		return
	}
	bad := strings.ContainsFunc(*out, func(c rune) bool {
		return c <= ' ' || c > '~' || strings.ContainsRune("!\"#$%&'()*,:;<=>?[\\]^`{|}", c)
	})
	if s := *out; s == "" || bad || s != path.Clean(s) || strings.HasPrefix(s, "/") || strings.HasPrefix(s, ".") {
		r.errorAt(t.pos(key), fmt.Sprintf("%s is not an import path: %q", key, s), "write it as Go code would import it, such as example.com/app/models")
	}
}

// below reports a path that is not below the folder of the generated code.
func (r *reader) below(key, p string, pos Pos) bool {
	local := filepath.IsLocal(filepath.FromSlash(strings.ReplaceAll(p, `\`, "/")))
	if strings.TrimSpace(p) == "" || local {
		return r.relative(key, p, pos)
	}
	hint := "give a folder below out"
	if key == "output_models_file_name" {
		hint = "output_models_path names any folder for the models"
	}
	r.errorAt(pos, fmt.Sprintf("%s leaves the folder of the generated code: %s", key, p), hint)
	return false
}

// layout settles in which folders the files of a package are, once its options
// are read.
func (r *reader) layout(t *table, p *Package) {
	o := &p.Options.models
	if p.Out == "" || o.wrong {
		return
	}
	out := clean(p.Out)
	queries := path.Join(out, clean(o.queries))
	for _, key := range slices.Sorted(maps.Keys(o.folders)) {
		folder := path.Join(out, o.folders[key])
		if key == "output_models_file_name" || folder == queries {
			continue
		}
		r.errorAt(t.pos(key), fmt.Sprintf("%s puts a file into %s, and the queries are in %s: to Go these are two packages", key, folder, queries),
			"leave its folder out, or set output_query_files_directory: "+o.folders[key])
	}
	r.models(t, p, out, queries)
	if o.queries != "" {
		p.Out = queries
	}
}

// models settles which package the models are in.
func (r *reader) models(t *table, p *Package, out, queries string) {
	o := &p.Options.models
	named, inName := o.folders["output_models_file_name"]
	m := &Models{Name: o.name, Import: cmp.Or(o.importPath, o.fork), Elsewhere: o.elsewhere}
	// The first of these keys that is there says that there is such a package.
	var key string
	for _, k := range []string{"output_models_path", "output_models_package", "output_models_import", "models_package_import_path", "output_models_emit", "output_models_file_name"} {
		if t.peek(k) != nil && (k != "output_models_emit" || m.Elsewhere) && (k != "output_models_file_name" || inName) {
			key = k
			break
		}
	}
	if key == "" {
		return
	}
	m.pos = t.pos(key)
	switch {
	case o.path != "":
		m.Folder = clean(o.path)
		m.Name = cmp.Or(m.Name, path.Base(m.Folder))
		if inName {
			r.errorAt(t.pos("output_models_file_name"), "output_models_path and output_models_file_name both name a folder", "leave it out of the file's name")
		}
	case m.Elsewhere:
		m.Name = cmp.Or(m.Name, path.Base(m.Import))
	case inName:
		m.Folder = path.Join(out, named)
	default:
		m.Folder = out
	}
	m.Name = cmp.Or(m.Name, p.Name)
	if o.importPath != "" && o.fork != "" && o.importPath != o.fork {
		r.errorAt(t.pos("models_package_import_path"), "output_models_import and models_package_import_path are different", "they say the same: remove one of them")
	}
	if !m.Elsewhere && m.Folder == queries {
		if key == "output_models_file_name" {
			return // all files are in that folder
		}
		r.errorAt(m.pos, fmt.Sprintf("the models have no folder of their own: they are in %s, as the queries", m.Folder),
			"set output_models_path to another folder, or remove what says otherwise: output_models_package, and the import path")
		return
	}
	if m.Import == "" {
		where := "the models are in " + m.Folder
		if m.Elsewhere {
			where = "the models are elsewhere"
		}
		r.errorAt(m.pos, where+", and the queries cannot import them from there without an import path", "add output_models_import, such as example.com/app/models")
		return
	}
	if !isPackageName(m.Name) {
		r.errorAt(m.pos, fmt.Sprintf("%q is not a name for a Go package", m.Name), "give one with output_models_package:")
	}
	if m.Elsewhere {
		m.Folder = ""
	}
	p.Models = m
}

// clean is a path with forward slashes and nothing to leave out; that of an
// empty one is the folder itself.
func clean(p string) string { return path.Clean(strings.ReplaceAll(p, `\`, "/")) }

// visible reports new names that only the package of the models could use.
func (r *reader) visible(p *Package) {
	if p.Models == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(p.Options.Rename)) {
		if to := p.Options.Rename[name]; token.IsIdentifier(to) && !token.IsExported(to) {
			r.errorAt(p.Models.pos, fmt.Sprintf("the new name %s of %q begins with a small letter: the queries cannot use it outside of the package %s", to, name, p.Models.Name), "")
		}
	}
}
