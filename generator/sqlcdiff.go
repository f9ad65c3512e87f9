package generator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/goapi"
	"github.com/pgwright/pgwright/generator/internal/golang"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/sqlc"
)

// SQLCReport is how a project's code differs from what sqlc generates.
type SQLCReport struct {
	// SQLC is the version that it was compared with, such as "v1.31.1".
	SQLC string `json:"sqlc"`
	// Packages are those of gen: go: blocks, in the order of the configuration.
	Packages []*SQLCComparison `json:"packages"`
}

// SQLCComparison is how the code of a package differs, for those who call it,
// from what sqlc generates of the same configuration for pgx v5.
type SQLCComparison struct {
	// Package is the folder of the generated code.
	Package string `json:"package"`
	// Rejected is what sqlc says if it generates nothing. There are no
	// differences then.
	Rejected string `json:"rejected,omitempty"`
	// RejectedQueries are those that sqlc alone does not take, by their places.
	// The rest is compared without them.
	RejectedQueries []SQLCRejection `json:"rejected_queries,omitempty"`
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
	// Query, File and Line are the query and its place, where there is one. A
	// field of a table's struct has none.
	Query string `json:"query,omitempty"`
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
}

// Brief is SQLC and Pgwright as people write them, with the names of packages
// in place of their import paths.
func (d SQLCDifference) Brief() (sqlc, pgwright string) {
	return goapi.Brief(d.SQLC), goapi.Brief(d.Pgwright)
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

// CompareSQLC generates a project in memory, has sqlc generate it too, in a
// folder of its own, and compares what the packages export. Packages of the
// native style are left out: sqlc knows nothing of them. The sqlc is the one at
// path, or, if that is empty, the one on PATH or a release that the Go toolchain
// fetches; notice, which may be nil, is told before it does. The error is for
// what keeps it from comparing, such as no sqlc, or a project that has errors.
func CompareSQLC(ctx context.Context, opt Options, path string, notice io.Writer) (out *SQLCReport, err error) {
	file, err := configPath(opt)
	if err != nil {
		return nil, err
	}
	opt.Engine = enginePostgreSQL // nobody else can tell who is right
	cfg, diags := config.Load(file)
	if cfg == nil {
		return nil, reported(diags)
	}
	if !slices.ContainsFunc(cfg.Packages, func(p *config.Package) bool { return p.Style == config.SQLC }) {
		return nil, fmt.Errorf("%s has no gen: go: block, and sqlc knows nothing of the others", cfg.File)
	}
	program, err := sqlc.Find(ctx, path, notice)
	if err != nil {
		return nil, err
	}
	databases := databases{running: map[string]*database{}}
	defer func() { err = errors.Join(err, databases.close(ctx)) }()
	p, err := loadConfig(ctx, &loader{opt: opt, cfg: cfg, databases: &databases}, diags)
	if err != nil {
		return nil, err
	}
	for _, pkg := range p.packages {
		p.diags.Join(pkg.diags)
	}
	if p.diags.HasErrors() {
		return nil, reported(p.diags)
	}
	out = &SQLCReport{SQLC: program.Version}
	for _, pkg := range p.packages {
		if pkg.config.Style != config.SQLC {
			continue
		}
		c, err := compareSQLC(ctx, cfg, pkg.config, pkg.model, program)
		if err != nil {
			return nil, err
		}
		out.Packages = append(out.Packages, c)
	}
	return out, nil
}

// reported makes an error of what is wrong with a project.
func reported(diags diag.List) error {
	return errors.New(strings.TrimSuffix(diags.Format(), "\n"))
}

func compareSQLC(ctx context.Context, cfg *config.Config, p *config.Package, m *model.Package, program *sqlc.Program) (*SQLCComparison, error) {
	out := &SQLCComparison{Package: filepath.ToSlash(p.Out), Differences: []SQLCDifference{}}
	queries, err := readSQLCQueries(cfg, p)
	if err != nil {
		return nil, err
	}
	theirs, rejected, err := runSQLC(ctx, cfg, p, program, nil)
	for said := rejected; err == nil && said != "" && queries.reject(said) > 0; {
		if m = queries.accepted(m); len(m.Queries) == 0 {
			break
		}
		if theirs, said, err = runSQLC(ctx, cfg, p, program, queries); said == "" {
			rejected = ""
		}
	}
	if err != nil || rejected != "" {
		out.Rejected = rejected
		return out, err
	}
	out.RejectedQueries = queries.rejections()
	options := goOptions(p, m.DefaultSchema)
	// Where the files go is nothing to compare: both make one package of them.
	options.Folder, options.Models = "", nil
	ours, diags := golang.Generate(m, options, nil)
	if diags.HasErrors() {
		return nil, reported(diags)
	}
	files := map[string][]byte{}
	for _, f := range ours {
		files[f.Name] = f.Content
	}
	right, err := goapi.Read(files)
	if err != nil {
		return nil, err
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
	byName := map[string]*model.Query{}
	for name, of := range places {
		if parent, _, _ := strings.Cut(name, "."); parent != "Queries" && parent != "Querier" && of[0].Query != nil {
			byName[parent] = of[0].Query
		}
	}
	for _, q := range m.Queries {
		byName["Queries."+q.Name], byName["Querier."+q.Name] = q, q
	}
	for _, d := range goapi.Compare(left, right) {
		if method, ok := strings.CutPrefix(d.Name, "Querier."); ok && d.A == strings.Replace(left.Names["Queries."+method], "func*", "func", 1) {
			continue // the interface has what the method has
		}
		e := explained(d, places[d.Name])
		e.place(byName)
		out.Differences = append(out.Differences, e)
	}
	slices.SortStableFunc(out.Differences, func(a, b SQLCDifference) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out, nil
}

// runSQLC has sqlc generate a package into a folder that is gone afterwards, of
// its query files or, if there are any, of those that are given.
func runSQLC(ctx context.Context, cfg *config.Config, p *config.Package, program *sqlc.Program, queries *sqlcQueries) (files map[string][]byte, rejected string, err error) {
	folder, err := os.MkdirTemp("", "pgwright-sqlc-*")
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	prefix, err := relative(folder, cfg.Root)
	if err != nil {
		return nil, "", err
	}
	var paths []string
	if queries != nil {
		if paths, err = queries.write(folder); err != nil {
			return nil, "", err
		}
	}
	text, err := cfg.ForSQLC(p, prefix, "out", paths)
	if err != nil {
		return nil, "", fmt.Errorf("make a configuration for sqlc: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "sqlc.json"), text, 0o600); err != nil {
		return nil, "", err
	}
	var failure *sqlc.Failure
	switch _, err := program.Run(ctx, folder, "generate", "-f", "sqlc.json"); {
	case errors.As(err, &failure):
		said := strings.ReplaceAll(failure.Said, prefix+"/", "")
		if queries != nil {
			said = queries.mine(said)
		}
		return nil, cmp.Or(said, failure.Error()), nil
	case err != nil:
		return nil, "", err
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

// place adds the query of a method, or of a struct that is a query's own.
func (d *SQLCDifference) place(queries map[string]*model.Query) {
	parent, _, _ := strings.Cut(d.Name, ".")
	for _, name := range []string{d.Name, parent} {
		if q := queries[name]; q != nil && d.Query == "" {
			d.Query, d.File, d.Line = q.Name, q.File, q.Line
		}
	}
}

// explained is a difference with what PostgreSQL says of it.
func explained(d goapi.Difference, places []golang.Place) SQLCDifference {
	out := SQLCDifference{Name: d.Name, SQLC: d.A, Pgwright: d.B, Kind: Names}
	switch {
	case d.A == "":
		out.Why = "sqlc has no such name"
		return out
	case d.B == "":
		out.Why = "pgwright has no such name"
		return out
	case strings.HasPrefix(d.A, "struct{"):
		out.Why = "the fields are in another order"
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
	if out.Why == "" {
		out.Kind, out.Why = OtherType, "the row, or the parameters, are of another type"
	}
	return out
}

// explain adds what PostgreSQL says of a value that sqlc gives one type and
// pgwright another.
func (d *SQLCDifference) explain(sqlc, ours string, p golang.Place) {
	if p.Query != nil {
		d.Query, d.File, d.Line = p.Query.Name, p.Query.File, p.Query.Line
	}
	sqlc, _, _ = strings.Cut(sqlc, " `")
	ours, _, _ = strings.Cut(ours, " `")
	var why string
	switch {
	case p.Embed != nil:
		d.Kind = Null
		why = "the whole row can be missing: " + p.Embed.Why + "; with sqlc's struct the NULLs are an error when the row is read"
	case p.Param != nil:
		why = d.argument(sqlc, ours, p.Param)
	default:
		why = d.said(sqlc, ours, p.Column.Type, p.Column.Nullable, p.Column.Why)
	}
	if d.Why != "" {
		d.Why += "; "
	}
	d.Why += why
}

// said is the reason for a difference, of a value that PostgreSQL gives type t.
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
			return fmt.Sprintf("%s: reading it into sqlc's %s is an error at run time", verdict, goapi.Brief(sqlc))
		}
		return fmt.Sprintf("%s: sqlc's %s has room for what does not come", verdict, goapi.Brief(sqlc))
	default:
		d.Kind = OtherType
		return fmt.Sprintf("PostgreSQL says %s, %s", t.Display, verdict)
	}
}

// argument is the reason for a difference of a parameter.
func (d *SQLCDifference) argument(sqlc, ours string, p *model.Param) string {
	switch {
	case untyped(sqlc) && !untyped(ours):
		d.Kind = Untyped
		return fmt.Sprintf("sqlc does not know the type of $%d; PostgreSQL says %s (%s)", p.Number, p.Type.Display, p.Why)
	case nullFree(sqlc) == nullFree(ours):
		d.Kind = Null
		return fmt.Sprintf("$%d is %s: it takes NULL where the column does", p.Number, p.Why)
	default:
		d.Kind = OtherType
		return fmt.Sprintf("PostgreSQL says that $%d is %s (%s)", p.Number, p.Type.Display, p.Why)
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
