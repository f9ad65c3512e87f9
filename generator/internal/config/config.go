// Package config reads the project configuration: sqlc.yaml, sqlc.yml or
// sqlc.json, in sqlc's versions 1 and 2.
//
// A key that is unknown, given twice or of the wrong type is an error at its
// line and column, never ignored, and all errors of a file are reported at
// once. Keys of sqlc that have no effect here (its cloud, its servers, its
// strictness switches) are accepted, so that one file serves both tools.
//
// The formats are those of sqlc's documentation
// (https://docs.sqlc.dev/en/latest/reference/config.html), with one addition
// that sqlc accepts as well: a codegen entry for the plugin "pgwright", whose
// package is generated in the [Native] style.
//
// A [Config] is read-only and safe for concurrent use once built.
package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

// Plugin is the name of the codegen entries that are pgwright's own.
const Plugin = "pgwright"

// Names are the file names that [Find] looks for.
var Names = [...]string{"sqlc.yaml", "sqlc.yml", "sqlc.json"}

// Config is a configuration that was read without errors.
type Config struct {
	// File is the path as given, with forward slashes.
	File string
	// Version is 1 or 2.
	Version int
	// Root is the folder of the file. The paths of packages are relative to it.
	Root string
	// Packages holds one entry per folder of generated code, in the order of
	// the file.
	Packages []*Package
	// Rules are the named rules of the file.
	Rules []Rule

	// text is the file's text, its line ends \n and without byte order mark.
	text string
}

// Pos is a place in the configuration file. Line and Column count from 1,
// columns in characters. The zero value means: no place in particular.
type Pos struct{ Line, Column int }

// Style says whose conventions a package follows.
type Style int

const (
	// Native packages use pgwright's type mapping and options.
	Native Style = iota
	// SQLC packages keep to what sqlc generates for the same configuration.
	SQLC
)

// String returns "native" or "sqlc".
func (s Style) String() string {
	if s == SQLC {
		return "sqlc"
	}
	return "native"
}

// Package is one folder of generated code: an entry of version 1's packages,
// or one gen or codegen block of an entry of version 2's sql.
type Package struct {
	// Schema, Queries and Stubs are files, folders or patterns as written,
	// relative to [Config.Root]. Schema may be empty if Database has a URI.
	// Stubs are further DDL for the analysis only.
	Schema, Queries, Stubs []string
	// SchemaPos, QueriesPos and StubsPos are the places of their items.
	SchemaPos, QueriesPos, StubsPos []Pos

	// Engine is always "postgresql".
	Engine string
	// Database is nil if the file names none.
	Database *Database
	// AnalyzerDatabase is sqlc's analyzer.database as written: "", "true",
	// "false" or "only". pgwright asks a database whatever it says.
	AnalyzerDatabase string
	// StrictFunctionChecks and StrictOrderBy are as written. PostgreSQL checks
	// both whatever they say.
	StrictFunctionChecks, StrictOrderBy bool
	// Rules names the rules that the file applies to the package's queries.
	Rules []string

	// Out is the folder of the generated files, relative to [Config.Root], and
	// Name the name of the package.
	Out, Name string
	Style     Style
	// Models is nil if the models are in the package itself.
	Models  *Models
	Options Options

	pos   Pos
	keys  map[string]Pos
	rules []Pos
}

// Pos returns the place of a key's value in the package's block, such as "out"
// or "emit_interface", and the place of the block if the key is not there.
func (p *Package) Pos(key string) Pos {
	if pos, ok := p.keys[key]; ok {
		return pos
	}
	return p.pos
}

// Templates is the folder of the user's templates, as a list of paths.
func (p *Package) Templates() []string {
	if p.Options.Tables == nil || p.Options.Tables.Templates == "" {
		return nil
	}
	return []string{p.Options.Tables.Templates}
}

// RulePos returns the place of the i-th of [Package.Rules].
func (p *Package) RulePos(i int) Pos { return p.rules[i] }

// Rule is a named rule for queries. Expression is in the Common Expression
// Language.
type Rule struct {
	Name, Expression, Message string
	// Pos is the place of the rule, ExpressionPos that of its expression.
	Pos, ExpressionPos Pos
}

// InExpression returns the place of a byte of a rule's expression. Where the
// file does not have the expression as it is, but folded or with escapes, that
// is the place where the expression begins.
func (c *Config) InExpression(r Rule, offset int) Pos {
	lines := strings.Split(c.text, "\n")
	expression := strings.Split(strings.TrimRight(r.Expression, "\n"), "\n")
	// A block begins in the line after its mark.
	for first := max(r.ExpressionPos.Line, 1); first <= r.ExpressionPos.Line+1 && first+len(expression)-1 <= len(lines); first++ {
		from := 0
		if first == r.ExpressionPos.Line {
			from = len(string([]rune(lines[first-1])[:max(r.ExpressionPos.Column-1, 0)]))
		}
		column := strings.Index(lines[first-1][from:], expression[0])
		found := column >= 0
		for i := 1; found && i < len(expression); i++ {
			found = strings.TrimLeft(lines[first-1+i], " ") == strings.TrimLeft(expression[i], " ")
		}
		if !found {
			continue
		}
		before := r.Expression[:min(offset, len(r.Expression))]
		down := min(strings.Count(before, "\n"), len(expression)-1)
		in := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
		if down > 0 {
			line := lines[first-1+down]
			return Pos{Line: first + down, Column: len(line) - len(expression[down]) + in + 1}
		}
		return Pos{Line: first, Column: utf8.RuneCountInString(lines[first-1][:from+column]) + in + 1}
	}
	return r.ExpressionPos
}

// Find returns the path of the configuration file in a folder. More than one
// is an error, as is none, which satisfies errors.Is(err, fs.ErrNotExist).
func Find(dir string) (string, error) {
	var found []string
	for _, name := range Names {
		path := filepath.Join(dir, name)
		switch _, err := os.Stat(path); {
		case err == nil:
			found = append(found, path)
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
	}
	switch len(found) {
	case 0:
		return "", notFoundError(dir)
	case 1:
		return found[0], nil
	default:
		return "", fmt.Errorf("more than one configuration in %s: %s", dir, strings.Join(found, ", "))
	}
}

// notFoundError names the folder that has no configuration.
type notFoundError string

func (e notFoundError) Error() string {
	where := string(e)
	if where == "." {
		where = "the working folder"
	}
	return fmt.Sprintf("no %s, %s or %s in %s", Names[0], Names[1], Names[2], where)
}

func (notFoundError) Is(target error) bool { return target == fs.ErrNotExist }

// Load reads a configuration file. The Config is nil exactly if the list has
// errors.
func Load(path string) (*Config, diag.List) {
	text, err := read(path)
	if err != nil {
		var list diag.List
		list.Add(&diag.Diagnostic{File: filepath.ToSlash(path), Message: "the configuration cannot be read: " + reason(err)})
		return nil, list
	}
	return Parse(path, text)
}

// read stops a byte past the limit that Parse checks, so that a wrong path
// such as a device cannot fill the memory.
func read(path string) (text []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

// reason drops the path that the message begins with anyway.
func reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// Parse reads the text of a configuration file. file is its path, used for
// messages and for [Config.Root]; nothing is read from disk. The Config is nil
// exactly if the list has errors.
func Parse(file string, text []byte) (*Config, diag.List) {
	cfg := &Config{
		File: filepath.ToSlash(file),
		Root: filepath.Dir(file),
		text: normalise(string(text)),
	}
	r := &reader{cfg: cfg}
	if root := r.parseTree(cfg.text); root != nil {
		r.document(root)
	}
	if r.diags.HasErrors() {
		return nil, r.diags
	}
	r.diags.Add(r.unsaid)
	return cfg, r.diags
}

// At makes an error that points at a place in the file, or at the end of the
// line or the file if the place is past it. A line that may hold a password is
// not shown.
func (c *Config) At(pos Pos, message, hint string) *diag.Diagnostic {
	d := &diag.Diagnostic{File: c.File, Message: message, Hint: hint}
	if pos.Line <= 0 {
		return d
	}
	d.Line = min(pos.Line, strings.Count(c.text, "\n")+1)
	line := lineOf(c.text, d.Line)
	d.Column = min(max(pos.Column, 1), utf8.RuneCountInString(line)+1)
	if !holdsSecret(line) {
		d.Source = line
	}
	return d
}

// secret matches a password in a connection URI or in keyword=value form.
var secret = regexp.MustCompile(`(?i)://[^/@\s]*:[^@]*@|password|passwd|pwd`)

func holdsSecret(line string) bool { return secret.MatchString(line) }

// document reads the root of the file.
func (r *reader) document(root *node) {
	t := r.table(root, "the configuration")
	var version string
	if !t.text("version", &version) {
		t.missing("version", `begin the file with version: "2"`)
		return
	}
	switch version {
	case "1":
		r.cfg.Version = 1
		r.version1(t)
	case "2":
		r.cfg.Version = 2
		r.version2(t)
	default:
		r.errorAt(t.pos("version"), fmt.Sprintf("unsupported version %q", version), `pgwright reads version "1" and version "2"`)
		return
	}
	r.distinctOutputs()
}

// distinctOutputs reports packages that would overwrite each other's files.
func (r *reader) distinctOutputs() {
	first := map[string]*Package{}
	for _, p := range r.cfg.Packages {
		if p.Out == "" {
			continue
		}
		out := filepath.Clean(filepath.FromSlash(p.Out))
		if other, ok := first[out]; ok {
			r.errorAt(p.keys["out"], fmt.Sprintf("two packages are written to %s", filepath.ToSlash(out)),
				fmt.Sprintf("the other is in line %d; give each a folder of its own, or join their schema and queries", other.keys["out"].Line))
			continue
		}
		first[out] = p
	}
	r.distinctModels()
}

// distinctModels reports folders that would hold two packages of Go.
func (r *reader) distinctModels() {
	queries := map[string]*Package{}
	for _, p := range r.cfg.Packages {
		queries[clean(p.Out)] = p
	}
	first := map[string]*Models{}
	for _, p := range r.cfg.Packages {
		m := p.Models
		if m == nil || m.Elsewhere {
			continue
		}
		if p := queries[m.Folder]; p != nil {
			r.errorAt(m.pos, fmt.Sprintf("the models go to %s, where the package in line %d is", m.Folder, p.Pos("out").Line),
				"choose another folder or, if the models of that package are meant, set output_models_emit: false")
			continue
		}
		other, ok := first[m.Folder]
		switch {
		case !ok:
			first[m.Folder] = m
		case other.Name != m.Name:
			r.errorAt(m.pos, fmt.Sprintf("the folder %s would hold two packages, %s and %s", m.Folder, other.Name, m.Name), fmt.Sprintf("the other is in line %d; give each a folder of its own", other.pos.Line))
		case other.Import != m.Import:
			r.errorAt(m.pos, fmt.Sprintf("the folder %s has two import paths, %s and %s", m.Folder, other.Import, m.Import), fmt.Sprintf("the other is in line %d", other.pos.Line))
		}
	}
}
