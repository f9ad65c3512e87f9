// Package lock reads and writes pgwright.lock, the committed record of what
// PostgreSQL said about a project: the types, the nullability and the reasons
// for every column and parameter of every query, and the tables and types that
// the generated code needs.
//
// Rules:
//   - The file is for review: JSON, sorted, one line for each column,
//     parameter, field and type, so that a changed verdict is one changed line.
//   - What a lock gives back is what the analysis gave: a package that was
//     written and read generates the same bytes.
//   - Nothing here decides whether a lock still holds. It keeps the digests of
//     what the analysis saw; the project compares them.
//   - A lock that was tampered with, or merged badly, is an error that names
//     the place; never a panic, never a silent guess.
package lock

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// Name is the file's name, beside the configuration.
const Name = "pgwright.lock"

// Format is the version of the file's format. Another one cannot be read.
const Format = 1

// Lock is the record of a project, a package for each folder of generated code.
type Lock struct {
	Packages []*Package
}

// Package returns the record of the package that is written to a folder, or
// nil.
func (l *Lock) Package(out string) *Package {
	if l == nil {
		return nil
	}
	for _, p := range l.Packages {
		if p.Out == out {
			return p
		}
	}
	return nil
}

// Package is the record of one package.
type Package struct {
	// Out is the folder of the generated code, as the configuration names it.
	Out string
	// Revision is that of the analysis: another one may judge otherwise.
	Revision int
	// Server is the major version of the PostgreSQL that was asked.
	Server int
	// Engine is who was asked if that was not PostgreSQL: "sqlc". Server is 0
	// then.
	Engine string
	// Live is true if that was a database of the user's. Nobody but the
	// database knows then whether its schema is still the same.
	Live bool
	// Schema is the digest of all schema files in their order, empty for a live
	// database.
	Schema string
	// Inputs are the digests of the schema files, and of whatever else decides
	// the analysis, by name.
	Inputs map[string]string
	// Model is the result. Of its queries, what the query files say is left
	// out: Comment, File, Line, and SQL unless it is not what the file gives.
	Model *model.Package
	// Statements has the digest of each query's text, by the query's name.
	Statements map[string]string
	// Warnings are what the analysis said of the queries.
	Warnings []Warning
	// Tables is the digest of what decides which queries are made of tables,
	// besides the schema; empty if none are. Made are their texts.
	Tables string
	Made   []Made
}

// Made is a text of queries that was made of a table, view or function.
type Made struct {
	// Template is the name of the template, Object what it was made of, and
	// Origin says which part of the text is from which part of the template.
	Template string `json:"template"`
	Object   string `json:"object"`
	Origin   string `json:"origin"`
	Text     string `json:"text"`
}

// Warning is something that was said of a query.
type Warning struct {
	Query string `json:"query"`
	// Line counts from that of the query's header, which is 0, and Column in
	// characters from 1.
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// sort puts the packages into the order of the file.
func (l *Lock) sort() {
	slices.SortFunc(l.Packages, func(a, b *Package) int { return strings.Compare(a.Out, b.Out) })
}
