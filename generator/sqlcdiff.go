package generator

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/goapi"
	"github.com/pgwright/pgwright/generator/internal/golang"
	"github.com/pgwright/pgwright/generator/internal/model"
)

// SQLCComparison is how the code of a package differs, for those who call it,
// from what sqlc generates of the same configuration for pgx v5.
type SQLCComparison struct {
	// Package is the folder of the generated code.
	Package string `json:"package"`
	// Rejected is what sqlc says if it generates nothing. There are no
	// differences then.
	Rejected string `json:"rejected,omitempty"`
	// Differences are sorted by the place of the query, those without one first.
	Differences []SQLCDifference `json:"differences"`
}

// SQLCDifference is a name that callers see and that is not the same in both.
type SQLCDifference struct {
	// Name is that of a declaration, a field or a method, as in "Order.Total",
	// or of a file.
	Name string `json:"name"`
	// SQLC and Pgwright are what they say of it, in Go's syntax, and empty where
	// there is no such name.
	SQLC     string             `json:"sqlc"`
	Pgwright string             `json:"pgwright"`
	Kind     SQLCDifferenceKind `json:"kind"`
	// Why says what PostgreSQL says of it.
	Why string `json:"why"`
	// File and Line are the place of the query, where there is one.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// SQLCDifferenceKind is what is different.
type SQLCDifferenceKind string

const (
	// Untyped: sqlc has any, because it does not know the type.
	Untyped SQLCDifferenceKind = "untyped"
	// Null: one of them says that a value can be NULL.
	Null SQLCDifferenceKind = "null"
	// OtherType: the types are different ones.
	OtherType SQLCDifferenceKind = "type"
	// Names: the fields, the methods or the files are not the same ones.
	Names SQLCDifferenceKind = "names"
)

// CompareSQLC generates a project in memory, has the sqlc at path generate it
// too, in a folder of its own, and compares what the packages export. Packages
// of the native style are left out: sqlc knows nothing of them. The error is
// for what keeps it from comparing, such as no sqlc, or a project that has
// errors.
func CompareSQLC(ctx context.Context, opt Options, path string) (out []*SQLCComparison, err error) {
	databases := databases{running: map[string]*database{}}
	defer func() { err = errors.Join(err, databases.close(ctx)) }()
	p, err := load(ctx, opt, &databases)
	if err != nil {
		return nil, err
	}
	file, err := configPath(opt)
	if err != nil {
		return nil, err
	}
	cfg, diags := config.Load(file)
	if cfg == nil {
		return nil, errors.New(strings.TrimSuffix(diags.Format(), "\n"))
	}
	for i, pkg := range p.packages {
		if pkg.config.Style != config.SQLC {
			continue
		}
		if pkg.diags.HasErrors() || pkg.model == nil {
			return nil, errors.New(strings.TrimSuffix(pkg.diags.Format(), "\n"))
		}
		c, err := compareSQLC(ctx, cfg, cfg.Packages[i], pkg.model, path)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func compareSQLC(ctx context.Context, cfg *config.Config, p *config.Package, m *model.Package, path string) (*SQLCComparison, error) {
	options := goOptions(p, m.DefaultSchema)
	ours, diags := golang.Generate(m, options, nil)
	if diags.HasErrors() {
		return nil, errors.New(strings.TrimSuffix(diags.Format(), "\n"))
	}
	files := map[string][]byte{}
	for _, f := range ours {
		files[f.Name] = f.Content
	}
	right, err := goapi.Read(files)
	if err != nil {
		return nil, err
	}
	out := &SQLCComparison{Package: filepath.ToSlash(p.Out), Differences: []SQLCDifference{}}
	theirs, rejected, err := runSQLC(ctx, cfg, p, path)
	if err != nil || rejected != "" {
		out.Rejected = rejected
		return out, err
	}
	left, err := goapi.Read(theirs)
	if err != nil {
		return nil, fmt.Errorf("read what sqlc generated: %w", err)
	}
	for _, name := range left.Files {
		if !slices.Contains(right.Files, name) {
			out.Differences = append(out.Differences, SQLCDifference{Name: name, SQLC: "file", Kind: Names})
		}
	}
	for _, name := range right.Files {
		if !slices.Contains(left.Files, name) {
			out.Differences = append(out.Differences, SQLCDifference{Name: name, Pgwright: "file", Kind: Names})
		}
	}
	places := golang.NewTypes(m, options).Places()
	for _, d := range goapi.Compare(left, right) {
		if method, ok := strings.CutPrefix(d.Name, "Querier."); ok && d.A == strings.Replace(left.Names["Queries."+method], "func*", "func", 1) {
			continue // the interface has what the method has
		}
		out.Differences = append(out.Differences, explained(d, places[d.Name]))
	}
	slices.SortStableFunc(out.Differences, func(a, b SQLCDifference) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out, nil
}

// runSQLC has sqlc generate a package into a folder that is gone afterwards.
func runSQLC(ctx context.Context, cfg *config.Config, p *config.Package, path string) (files map[string][]byte, rejected string, err error) {
	folder, err := os.MkdirTemp("", "pgwright-sqlc-*")
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	prefix, err := relative(folder, cfg.Root)
	if err != nil {
		return nil, "", err
	}
	text, err := cfg.ForSQLC(p, prefix, "out")
	if err != nil {
		return nil, "", fmt.Errorf("make a configuration for sqlc: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "sqlc.json"), text, 0o600); err != nil {
		return nil, "", err
	}
	cmd := exec.CommandContext(ctx, path, "generate", "-f", "sqlc.json")
	cmd.Dir = folder
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return nil, "", fmt.Errorf("run sqlc: %w", err)
		}
		return nil, strings.TrimSpace(strings.ReplaceAll(said.String(), prefix+"/", "")), nil
	}
	generated, err := filepath.Glob(filepath.Join(folder, "out", "*.go"))
	if err != nil {
		return nil, "", err
	}
	files = map[string][]byte{}
	for _, name := range generated {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return nil, "", err
		}
	}
	return files, "", nil
}

// relative is the path from one folder to another, through no symbolic link.
func relative(from, to string) (string, error) {
	var real [2]string
	for i, dir := range []string{from, to} {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		if real[i], err = filepath.EvalSymlinks(absolute); err != nil {
			return "", err
		}
	}
	out, err := filepath.Rel(real[0], real[1])
	return filepath.ToSlash(out), err
}

// explained is a difference with what PostgreSQL says of it.
func explained(d goapi.Difference, places []golang.Place) SQLCDifference {
	out := SQLCDifference{Name: d.Name, SQLC: d.A, Pgwright: d.B, Kind: Names}
	if d.A == "" || d.B == "" || strings.HasPrefix(d.A, "struct{") {
		return out
	}
	if !strings.HasPrefix(d.A, "func") {
		if len(places) > 0 {
			out.explain(d.A, d.B, places[0])
		}
		return out
	}
	paramsA, resultsA := cutSignature(d.A)
	paramsB, resultsB := cutSignature(d.B)
	if len(paramsA) != len(paramsB) || len(resultsA) != len(resultsB) {
		return out
	}
	var params []golang.Place
	for _, p := range places {
		switch {
		case p.Param != nil:
			params = append(params, p)
		case len(resultsA) > 0 && resultsA[0] != resultsB[0]:
			out.explain(resultsA[0], resultsB[0], p)
		case len(paramsA) > 0 && paramsA[0] != paramsB[0]: // of the callback
			out.explain(paramsA[0], paramsB[0], p)
		}
	}
	first := len(paramsA) - len(params)
	for i, p := range params {
		if first >= 0 && paramsA[first+i] != paramsB[first+i] {
			out.explain(paramsA[first+i], paramsB[first+i], p)
		}
	}
	return out
}

// explain adds what PostgreSQL says of a value that sqlc gives one type and
// pgwright another.
func (d *SQLCDifference) explain(sqlc, ours string, p golang.Place) {
	if p.Query != nil {
		d.File, d.Line = p.Query.File, p.Query.Line
	}
	sqlc, _, _ = strings.Cut(sqlc, " `")
	ours, _, _ = strings.Cut(ours, " `")
	var why string
	switch {
	case p.Embed != nil:
		d.Kind = Null
		why = "the whole row can be missing: " + p.Embed.Why + "; with sqlc's struct the NULLs are an error when the row is read"
	case p.Param != nil:
		why = d.said(sqlc, ours, p.Param.Type, p.Param.Nullable, p.Param.Why)
	default:
		why = d.said(sqlc, ours, p.Column.Type, p.Column.Nullable, p.Column.Why)
	}
	if d.Why != "" {
		d.Why += "; "
	}
	d.Why += why
}

func (d *SQLCDifference) said(sqlc, ours string, t *model.Type, nullable bool, why string) string {
	verdict := "never NULL (" + why + ")"
	if nullable {
		verdict = "can be NULL (" + why + ")"
	}
	switch {
	case untyped(sqlc) && !untyped(ours):
		d.Kind = Untyped
		return fmt.Sprintf("sqlc does not know the type; PostgreSQL says %s, %s", t.Display, verdict)
	case nullFree(sqlc) == nullFree(ours):
		d.Kind = Null
		if nullable {
			return verdict + "; with sqlc's type a NULL is an error when the row is read"
		}
		return verdict
	default:
		d.Kind = OtherType
		return fmt.Sprintf("PostgreSQL says %s, %s", t.Display, verdict)
	}
}

// untyped reports whether a type is any, or made of it.
func untyped(t string) bool { return strings.TrimLeft(t, "[]*") == "any" }

// nullFree is a Go type without what makes it hold NULL: the same for string,
// *string and pgtype.Text.
func nullFree(t string) string {
	prefix := t[:len(t)-len(strings.TrimLeft(t, "[]*"))]
	name := t[len(prefix):]
	for null, plain := range map[string]string{
		"Bool": "bool", "Int2": "int16", "Int4": "int32", "Int8": "int64", "Float4": "float32", "Float8": "float64", "Text": "string",
	} {
		if name == "github.com/jackc/pgx/v5/pgtype."+null {
			name = plain
		}
	}
	if name == "database/sql.NullString" {
		name = "string"
	}
	return strings.ReplaceAll(prefix, "*", "") + strings.TrimPrefix(name, "Null")
}

// cutSignature splits a function's type, as goapi prints it, into the types of
// its parameters and results.
func cutSignature(s string) (params, results []string) {
	s = s[strings.IndexByte(s, '('):]
	end := closing(s)
	params = cutList(s[1:end])
	rest := strings.TrimSpace(s[end+1:])
	if strings.HasPrefix(rest, "(") {
		rest = rest[1:closing(rest)]
	}
	return params, cutList(rest)
}

// closing is the place of the parenthesis that ends the one that s begins with.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s) - 1
}

// cutList splits a list at its commas, but for those inside of brackets.
func cutList(s string) []string {
	var out []string
	depth, start := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, strings.TrimSpace(s[start:i]))
				start = i + 1
			}
		}
	}
	if last := strings.TrimSpace(s[start:]); last != "" {
		out = append(out, last)
	}
	return out
}
