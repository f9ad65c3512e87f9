package generator

import (
	"context"
	"errors"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/golang"
	"github.com/pgwright/pgwright/generator/internal/model"
)

// Description is what the analysis knows, for people and programs. Its JSON
// form is stable.
type Description struct {
	Packages []*PackageDescription `json:"packages"`
	// Report holds all errors and warnings as text for people.
	Report string `json:"-"`
	// HasErrors is true if any query or file has an error.
	HasErrors bool `json:"-"`
}

// PackageDescription is one generated package.
type PackageDescription struct {
	Package string              `json:"package"`
	Queries []*QueryDescription `json:"queries"`
	Errors  []*Problem          `json:"errors"`
}

// QueryDescription is one annotated query.
type QueryDescription struct {
	Name    string               `json:"name"`
	Command string               `json:"command"`
	File    string               `json:"file"`
	Line    int                  `json:"line"`
	SQL     string               `json:"sql"`
	Params  []*ParamDescription  `json:"params"`
	Columns []*ColumnDescription `json:"columns"`
}

// ParamDescription is one parameter of a query.
type ParamDescription struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	// Type is what PostgreSQL's format_type(oid, NULL) prints.
	Type     string `json:"type"`
	GoType   string `json:"go_type"`
	Nullable bool   `json:"nullable"`
	Why      string `json:"why"`
}

// ColumnDescription is one column of a query's result.
type ColumnDescription struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	GoType   string `json:"go_type"`
	Nullable bool   `json:"nullable"`
	Why      string `json:"why"`
}

// Problem is an error, at a position where there is one.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// Describe analyses a project and says what it found. Queries that PostgreSQL
// rejects are among the errors and do not hide the others. The error is for
// what is no fault of the project's files, such as a missing server.
func Describe(ctx context.Context, opt Options) (d *Description, err error) {
	databases := databases{running: map[string]*database{}}
	defer func() { err = errors.Join(err, databases.close(ctx)) }()
	p, err := load(ctx, opt, &databases, nil)
	if err != nil {
		return nil, err
	}
	out := &Description{Packages: []*PackageDescription{}}
	all := p.diags
	for _, pkg := range p.packages {
		d := describePackage(pkg)
		out.Packages = append(out.Packages, d)
		all.Join(pkg.diags)
	}
	if len(p.packages) == 0 && p.diags.HasErrors() {
		// The configuration itself is at fault.
		out.Packages = append(out.Packages, &PackageDescription{Queries: []*QueryDescription{}, Errors: problems(p.diags)})
	}
	out.Report, out.HasErrors = all.Format(), all.HasErrors()
	return out, nil
}

func describePackage(p *projectPackage) *PackageDescription {
	d := &PackageDescription{Package: p.config.Name, Queries: []*QueryDescription{}, Errors: problems(p.diags)}
	if p.model == nil {
		return d
	}
	types := golang.NewTypes(p.model, goOptions(p.config, p.model.DefaultSchema))
	for _, q := range p.model.Queries {
		d.Queries = append(d.Queries, describeQuery(types.Settled(q), types))
	}
	return d
}

func describeQuery(q *model.Query, types *golang.Types) *QueryDescription {
	d := &QueryDescription{
		Name: q.Name, Command: string(q.Command), File: q.File, Line: q.Line, SQL: q.SQL,
		Params: []*ParamDescription{}, Columns: []*ColumnDescription{},
	}
	for _, p := range q.Params {
		d.Params = append(d.Params, &ParamDescription{
			Number: p.Number, Name: p.Name, Type: p.Type.Display, GoType: types.Param(p), Nullable: p.Nullable,
			Why: why(p.Why, types.ParamOrigin(p)),
		})
	}
	for i, c := range q.Columns {
		d.Columns = append(d.Columns, &ColumnDescription{
			Name: c.Name, Type: c.Type.Display, GoType: types.Column(q, i), Nullable: c.Nullable,
			Why: why(c.Why, types.ColumnOrigin(q, i)),
		})
	}
	return d
}

// why is the reason of a verdict, with what of the user's chose the Go type,
// which may hold a NULL, or not, whatever the verdict is.
func why(reason, origin string) string {
	if origin == "" {
		return reason
	}
	return reason + "; Go type by " + origin
}

func problems(list diag.List) []*Problem {
	out := []*Problem{}
	for _, d := range list.Sorted() {
		if d.Severity == diag.Error {
			out = append(out, &Problem{File: d.File, Line: d.Line, Column: d.Column, Message: d.Message, Hint: d.Hint})
		}
	}
	return out
}
