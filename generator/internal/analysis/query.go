package analysis

import (
	"fmt"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// Query is an annotated statement before the server was asked about it.
type Query struct {
	*sqltext.Statement
	// Rewritten is the statement with numbered parameters.
	Rewritten *sqltext.Rewritten
}

// Queries collects the queries of files, in order. What can be said against
// them without a server is reported; a query with an error is left out.
func Queries(files []*sqltext.File) ([]*Query, diag.List) {
	var all []*Query
	var diags diag.List
	names := map[string]*sqltext.Statement{}
	for _, f := range files {
		var last *sqltext.Statement
		for _, s := range f.Statements {
			if s.Broken {
				continue
			}
			if s.Header == nil {
				if last != nil {
					diags.Add(nameless(s, last))
				}
				continue
			}
			last = s
			rewritten, problems := s.Rewrite()
			diags.Join(problems)
			if first, ok := names[s.Header.Name]; ok {
				diags.Add(s.File.Error(s.Header.Offset, fmt.Sprintf("duplicate query name: %s", s.Header.Name), fmt.Sprintf("the first one is at %s:%d; every query of a package needs a name of its own", first.File.Name, first.Header.Line)))
				continue
			}
			names[s.Header.Name] = s
			if !problems.HasErrors() {
				all = append(all, &Query{s, rewritten})
			}
		}
	}
	return all, diags
}

// nameless warns of a statement without a header after a named one: an
// application that expects it to run would be wrong.
func nameless(s, last *sqltext.Statement) *diag.Diagnostic {
	return s.File.Warning(s.Start, "this statement has no name and is not part of any query", fmt.Sprintf("give it a \"-- name: …\" line of its own, or join it with %s, for example with a WITH clause", last.Header.Name))
}

// model is the model's query as far as the file alone says what it is.
func (q *Query) model() *model.Query {
	return &model.Query{
		Name: q.Header.Name, Command: model.Command(q.Header.Command),
		Comment: q.Header.Comment, File: q.File.Name, Line: q.Header.Line,
		SQL: q.SentText(),
	}
}

// SentText is the statement as it is sent, without its header.
func (q *Query) SentText() string { return strings.TrimPrefix(q.Rewritten.SQL, q.Header.Text()) }

// Forget takes out of an analysed query what its file says, and Recall puts
// it back: what is in between is all that the analysis found out.
func (q *Query) Forget(m *model.Query) *model.Query {
	out := *m
	out.Comment, out.File, out.Line = nil, "", 0
	if out.SQL == q.SentText() {
		out.SQL = ""
	}
	return &out
}

// Recall undoes [Query.Forget], on a copy.
func (q *Query) Recall(m *model.Query) *model.Query {
	out, own := *m, q.model()
	out.Comment, out.File, out.Line = own.Comment, own.File, own.Line
	if out.SQL == "" {
		out.SQL = own.SQL
	}
	return &out
}
