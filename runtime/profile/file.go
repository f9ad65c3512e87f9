package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// The files that are searched for, the first over the second.
const (
	ownFile    = "pgwright.toml"
	pythonFile = "pyproject.toml"
)

// configVariable names the configuration file in the environment.
const configVariable = "PGWRIGHT_CONFIG"

// A file is what a configuration file says about profiles.
type file struct {
	path  string // to open it
	shown string // for people
	table []string
	// profiles is nil if the file has no table of profiles.
	profiles map[string]any
	lines    map[string]int
}

// tableOf returns the table of profiles of a file with that name.
func tableOf(path string) []string {
	if filepath.Base(path) == pythonFile {
		return []string{"tool", "auto_workflow", "connectors", "postgres"}
	}
	return []string{"connectors", "postgres"}
}

// findFiles returns the configuration files, the strongest first: the one that
// is named, or those of the nearest folder that has one. A pyproject.toml
// without a table of profiles is another tool's file and does not count.
func findFiles(o Options) ([]file, error) {
	folder, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if named := o.path(); named != "" {
		path := named
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		f, err := readFile(path, named)
		if err != nil {
			return nil, err
		}
		return []file{f}, nil
	}
	for at := folder; ; at = filepath.Dir(at) {
		var found []file
		for _, name := range []string{ownFile, pythonFile} {
			path := filepath.Join(at, name)
			shown, err := filepath.Rel(folder, path)
			if err != nil {
				shown = path
			}
			f, err := readFile(path, shown)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if name == ownFile || f.profiles != nil {
				found = append(found, f)
			}
		}
		if len(found) > 0 || at == filepath.Dir(at) {
			return found, nil
		}
	}
}

// readFile reads the profiles of a file. Its errors show nothing of the text.
func readFile(path, shown string) (file, error) {
	f := file{path: path, shown: shown, table: tableOf(path)}
	source, err := os.ReadFile(path)
	if err != nil {
		var inner *fs.PathError
		if errors.As(err, &inner) {
			// The path is in the origin already.
			err = inner.Err
		}
		return file{}, &Error{Problems: []Problem{{Origin: shown, Err: err}}}
	}
	var document map[string]any
	if err := toml.Unmarshal(source, &document); err != nil {
		return file{}, &Error{Problems: []Problem{malformed(shown, err)}}
	}
	f.lines = lines(source)
	var at any = document
	for i, name := range f.table {
		table, ok := at.(map[string]any)
		if !ok {
			return file{}, f.notTable(f.table[:i], at)
		}
		if at, ok = table[name]; !ok {
			return f, nil
		}
	}
	var ok bool
	if f.profiles, ok = at.(map[string]any); !ok {
		return file{}, f.notTable(f.table, at)
	}
	for _, name := range slices.Sorted(maps.Keys(f.profiles)) {
		if _, ok := f.profiles[name].(map[string]any); !ok {
			return file{}, f.notTable(append(slices.Clip(f.table), name), f.profiles[name])
		}
	}
	return f, nil
}

func (f *file) notTable(path []string, found any) error {
	return &Error{Problems: []Problem{{
		Key: strings.Join(path, "."), Origin: f.at(path).origin,
		Message: "must be a table, found " + describe(found),
	}}}
}

// malformed says where TOML is malformed, and what is wrong as far as the
// message shows no character of the file.
func malformed(shown string, err error) Problem {
	p := Problem{Origin: shown, Message: "malformed TOML"}
	var at *toml.DecodeError
	if !errors.As(err, &at) {
		return p
	}
	line, column := at.Position()
	p.Origin = fmt.Sprintf("%s:%d:%d", shown, line, column)
	// Some messages end with the character that is wrong, or with strconv's
	// error, which has the number.
	message := strings.TrimPrefix(at.Error(), "toml: ")
	for _, shows := range []string{" but got", ": U+", " U+", ": strconv."} {
		message, _, _ = strings.Cut(message, shows)
	}
	p.Message += ": " + message
	return p
}

// layer returns what the file says about one profile.
func (f *file) layer(profile string) layer {
	l := newLayer()
	root := append(slices.Clip(f.table), profile)
	l.add(nil, f.profiles[profile], func(path []string) place {
		return f.at(append(slices.Clip(root), path...))
	})
	return l
}

// at returns the place of a key, or of the nearest table around it.
func (f *file) at(path []string) place {
	for n := len(path); n > 0; n-- {
		if line, ok := f.lines[lineKey(path[:n])]; ok {
			return place{origin: fmt.Sprintf("%s:%d", f.shown, line), file: f.path}
		}
	}
	return place{origin: f.shown, file: f.path}
}

// lineKey joins the parts of a key, which may contain dots, but no NUL.
func lineKey(path []string) string { return strings.Join(path, "\x00") }

// lines returns the line on which each key of a document stands. The document
// is one that toml.Unmarshal accepted.
func lines(source []byte) map[string]int {
	found := map[string]int{}
	var p unstable.Parser
	p.Reset(source)
	var table []string
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = nil
			note(&p, e.Key(), &table, found)
		case unstable.KeyValue:
			noteValue(&p, e, table, found)
		}
	}
	return found
}

// noteValue records a key, and the keys of the inline tables in its value.
func noteValue(p *unstable.Parser, e *unstable.Node, table []string, found map[string]int) {
	path := slices.Clone(table)
	note(p, e.Key(), &path, found)
	if e.Value().Kind == unstable.InlineTable {
		members := e.Value().Children()
		for members.Next() {
			noteValue(p, members.Node(), path, found)
		}
	}
}

// note appends the parts of a key to the path and records the line of each that
// is new.
func note(p *unstable.Parser, parts unstable.Iterator, path *[]string, found map[string]int) {
	for parts.Next() {
		*path = append(*path, string(parts.Node().Data))
		if _, ok := found[lineKey(*path)]; !ok {
			found[lineKey(*path)] = p.Shape(parts.Node().Raw).Start.Line
		}
	}
}
