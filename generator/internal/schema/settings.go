package schema

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

// flywayFiles are the files that Flyway's placeholders may be in.
var flywayFiles = []string{"flyway.toml", "flyway.conf"}

// settingsFile looks for a settings file in a folder and those above it, up to
// root. It returns an empty path if there is none.
func settingsFile(root, folder string, names ...string) string {
	root, folder = filepath.Clean(root), filepath.Clean(folder)
	for {
		for _, name := range names {
			if path := filepath.Join(folder, name); exists(path) {
				return path
			}
		}
		relative, err := filepath.Rel(root, folder)
		if err != nil || relative == "." || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
			return ""
		}
		folder = filepath.Dir(folder)
	}
}

// values are what a text names and a settings file defines.
type values struct {
	// by is keyed by lower case where the tool does not care for it.
	by map[string]string
	// off is true if nothing is to be replaced.
	off bool
}

// readValues reads the placeholders of Flyway or the data of tern.
func readValues(name, path string) (values, *diag.Diagnostic) {
	v := values{by: map[string]string{}}
	if path == "" {
		return v, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return v, unreadable(name, err)
	}
	switch filepath.Base(path) {
	case ternSettings:
		v.ini(string(content))
	case "flyway.conf":
		v.properties(string(content))
	default:
		if err := v.toml(content); err != nil {
			v.off = true // what it would have said is not missing
			d := &diag.Diagnostic{File: name, Message: err.Error()}
			var at *toml.DecodeError
			if errors.As(err, &at) {
				d.Line, d.Column = at.Position()
			}
			return v, d
		}
	}
	return v, nil
}

// ini reads the section of data of tern.conf.
func (v *values) ini(text string) {
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch key, value, ok := strings.Cut(line, "="); {
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, ";"):
		case strings.HasPrefix(line, "["):
			section = strings.TrimSpace(strings.Trim(line, "[]"))
		case ok && section == "data":
			v.by[strings.TrimSpace(key)] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
}

// properties reads flyway.conf.
func (v *values) properties(text string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "!") {
			continue
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if key == "flyway.placeholderReplacement" {
			v.off = value == "false"
		}
		if name, ok := strings.CutPrefix(key, "flyway.placeholders."); ok {
			v.by[strings.ToLower(name)] = value
		}
	}
}

// toml reads flyway.toml.
func (v *values) toml(content []byte) error {
	var file struct {
		Flyway struct {
			PlaceholderReplacement *bool          `toml:"placeholderReplacement"`
			Placeholders           map[string]any `toml:"placeholders"`
		} `toml:"flyway"`
	}
	if err := toml.Unmarshal(content, &file); err != nil {
		return err
	}
	if r := file.Flyway.PlaceholderReplacement; r != nil {
		v.off = !*r
	}
	for name, value := range file.Flyway.Placeholders {
		v.by[strings.ToLower(name)] = fmt.Sprint(value)
	}
	return nil
}
