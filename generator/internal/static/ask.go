package static

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqlc"
	"github.com/pgwright/pgwright/generator/internal/sqlcplugin"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// Advice is what to do about what sqlc cannot say.
const Advice = "PostgreSQL may know better: generate without the engine sqlc"

// Said is what sqlc says of a schema and of queries.
type Said struct {
	Request *sqlcplugin.Request
	// Rejected has what is wrong with queries, by their place in the list.
	Rejected map[int][]*diag.Diagnostic
}

// Ask has sqlc read a schema and check queries, in a folder of its own that is
// gone afterwards. What it says against the schema is among the diagnostics, at
// its place in the user's files, and the answer is nil then. The error is for
// what is no fault of theirs.
//
// sqlc sees the schema as the throwaway server would, and each query with $n
// for its parameters and t.* for sqlc.embed(t): what it takes macros for does
// not matter. A query that it rejects is shown to it again without what it often
// does wrong itself.
func Ask(ctx context.Context, program *sqlc.Program, scripts []*schema.Script, queries []*analysis.Query) (*Said, diag.List, error) {
	request, failed, err := ask(ctx, program, scripts, queries)
	if err != nil || request != nil {
		return &Said{Request: request}, diag.List{}, err
	}
	if len(failed.queries) == 0 {
		return nil, failed.diags, nil
	}
	request, schemaFailed, err := ask(ctx, program, scripts, nil)
	if err != nil {
		return nil, diag.List{}, err
	}
	if request == nil {
		return nil, schemaFailed.diags, nil
	}
	out := &Said{Request: request, Rejected: map[int][]*diag.Diagnostic{}}
	w := newWorld(request, readDDL(scripts))
	var again []*analysis.Query
	var places []int
	for i, q := range queries {
		if failed.queries[i] != nil {
			again = append(again, w.plainer(q))
			places = append(places, i)
		}
	}
	request, failed, err = ask(ctx, program, scripts, again)
	if err != nil || request != nil {
		return out, diag.List{}, err
	}
	for i, said := range failed.queries {
		out.Rejected[places[i]] = said
	}
	return out, diag.List{}, nil
}

// plainer is a query with a type for each parameter, with its stars spelled
// out, and without a list of results that is known to be right: sqlc looks for
// the columns beside a parameter in all tables of the statement, for those of
// RETURNING in one table alone, and finds those of USING twice.
func (w *world) plainer(q *analysis.Query) *analysis.Query {
	a := w.answer(q)
	rewritten := a.Rewritten
	r := newReader(w, newText(rewritten.SQL))
	result := r.statement()
	sure := result != nil && !result.open && !r.unresolved && r.list[1] > 0
	for i := 0; sure && i < len(result.columns); i++ {
		sure = w.Types[result.columns[i].oid] != nil || result.columns[i].literal
	}
	var edits []sqltext.Edit
	for k, t := range r.tokens {
		if sure && k >= r.list[0] && k < r.list[1] {
			if k == r.list[0] {
				edits = append(edits, sqltext.Edit{Start: t.Start, End: r.tokens[r.list[1]-1].End, Text: "1"})
			}
			continue
		}
		if t.Kind != sqltext.Placeholder || r.is(k+1, "::") {
			continue
		}
		if n := int(number(r.raw(k)[1:])); n > 0 && n <= len(a.Params) && w.Types[a.Params[n-1]] != nil {
			edits = append(edits, sqltext.Edit{Start: t.Start, End: t.End, Text: r.raw(k) + "::" + w.Types[a.Params[n-1]].Display})
		}
	}
	if edited, err := rewritten.Replace(edits); err == nil {
		rewritten = edited
	}
	return &analysis.Query{Statement: q.Statement, Rewritten: rewritten}
}

// failure is what sqlc does not take.
type failure struct {
	// diags are about the schema, queries about each of the queries.
	diags   diag.List
	queries map[int][]*diag.Diagnostic
}

// ask runs sqlc once. The failure is nil exactly if the request is not.
func ask(ctx context.Context, program *sqlc.Program, scripts []*schema.Script, queries []*analysis.Query) (request *sqlcplugin.Request, failed *failure, err error) {
	folder, err := os.MkdirTemp("", "pgwright-sqlc-*")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	a := &asked{folder: folder, places: map[string]place{}}
	if err := a.write(scripts, queries); err != nil {
		return nil, nil, err
	}
	_, err = program.Run(ctx, folder, "generate", "-f", "sqlc.json")
	var status *sqlc.Failure
	switch {
	case errors.As(err, &status):
		if failed = a.failed(status); !failed.diags.HasErrors() && len(failed.queries) == 0 {
			return nil, nil, fmt.Errorf("sqlc cannot read the schema or the queries: %s", status.Said)
		}
		return nil, failed, nil
	case err != nil:
		return nil, nil, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "out", "request.json"))
	if err != nil {
		return nil, nil, fmt.Errorf("read what sqlc says: %w", err)
	}
	request, err = sqlcplugin.Parse(text)
	return request, nil, err
}

// asked is what sqlc is given to read.
type asked struct {
	folder string
	// places has where each of its files is from.
	places map[string]place
}

// place says what is at a byte of a file.
type place struct {
	text string
	// query is the place of the query that the file has, or -1.
	query int
	at    func(offset int, message, hint string) *diag.Diagnostic
}

func (a *asked) write(scripts []*schema.Script, queries []*analysis.Query) error {
	for _, folder := range []string{"schema", "queries"} {
		if err := os.Mkdir(filepath.Join(a.folder, folder), 0o700); err != nil {
			return err
		}
	}
	n := 0
	for _, s := range scripts {
		// A file for each statement: of most errors sqlc only knows the file.
		begin := 0
		for _, st := range s.Statements {
			start, end := begin, statementEnd(s, st, begin)
			at := func(offset int, message, hint string) *diag.Diagnostic {
				return s.File.Error(s.MapOffset(start+offset), message, hint)
			}
			if err := a.file(fmt.Sprintf("schema/%06d.sql", n), place{s.SQL[start:end], -1, at}); err != nil {
				return err
			}
			begin = end
			n++
		}
	}
	// sqlc wants a file of each, and reads no schema without a query.
	if err := a.file("schema/none.sql", place{text: "-- nothing\n"}); err != nil {
		return err
	}
	if err := a.file("queries/none.sql", place{text: "-- name: Pgwright :exec\nSELECT 1;\n"}); err != nil {
		return err
	}
	for i, q := range queries {
		name := queryName(i)
		header := "-- name: " + name + " :exec\n"
		shift := len(q.Header.Text()) - len(header)
		at := func(offset int, message, hint string) *diag.Diagnostic {
			return q.File.Error(q.Rewritten.MapOffset(max(offset+shift, len(q.Header.Text()))), message, hint)
		}
		if err := a.file("queries/"+name+".sql", place{header + q.SentText() + "\n;\n", i, at}); err != nil {
			return err
		}
	}
	config, err := json.Marshal(map[string]any{"version": "2", "sql": []any{map[string]any{
		"engine": "postgresql", "schema": "schema", "queries": "queries", "strict_order_by": false,
		"gen": map[string]any{"json": map[string]any{"out": "out", "filename": "request.json"}},
	}}})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(a.folder, "sqlc.json"), config, 0o600)
}

// terminator is what stands behind each statement of a script.
const terminator = "\n;\n"

// statementEnd is where a statement of a script ends that begins at a byte of
// its text. A function's body may hold the same text as the terminator.
func statementEnd(s *schema.Script, st *sqltext.Statement, begin int) int {
	for at := begin; ; at++ {
		n := strings.Index(s.SQL[at:], terminator)
		if n < 0 {
			return len(s.SQL)
		}
		if at += n; s.MapOffset(at) == st.End {
			return at + len(terminator)
		}
	}
}

func queryName(i int) string { return fmt.Sprintf("Q%06d", i) }

func (a *asked) file(name string, p place) error {
	if p.at != nil {
		a.places[name] = p
	}
	return os.WriteFile(filepath.Join(a.folder, filepath.FromSlash(name)), []byte(p.text), 0o600)
}

// said is a line of sqlc's about a file.
var said = regexp.MustCompile(`^(.+\.sql):(\d+):(\d+): (.*)$`)

// failed moves what sqlc says to the user's files.
func (a *asked) failed(f *sqlc.Failure) *failure {
	out := &failure{queries: map[int][]*diag.Diagnostic{}}
	for line := range strings.Lines(f.Said) {
		m := said.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		p, ok := a.places[filepath.ToSlash(m[1])]
		if !ok {
			continue
		}
		d := p.at(offsetOf(p.text, m[2], m[3]), m[4], "sqlc says so. "+Advice)
		if p.query < 0 {
			out.diags.Add(d)
			continue
		}
		out.queries[p.query] = append(out.queries[p.query], d)
	}
	return out
}

// offsetOf is the byte at a line and a column, both from 1, the column in
// characters.
func offsetOf(text, line, column string) int {
	l, errLine := strconv.Atoi(line)
	c, errColumn := strconv.Atoi(column)
	if errLine != nil || errColumn != nil {
		return 0
	}
	at := 0
	for ; l > 1; l-- {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	for ; c > 1 && at < len(text) && text[at] != '\n'; c-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}
