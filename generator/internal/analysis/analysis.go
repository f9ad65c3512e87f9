// Package analysis turns annotated statements into typed ones: it has
// PostgreSQL parse and describe each, reads nullability and parameter names
// from the server's query tree, and fills the model.
//
// PostgreSQL is the only judge of what a statement means. What it rejects is
// reported with its words at the place in the user's file.
package analysis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/nullability"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Result is what the analysis of a package's query files found.
type Result struct {
	Package *model.Package
	// Diagnostics holds errors and warnings. A query that PostgreSQL rejects is
	// not in the package; one whose command does not fit it is.
	Diagnostics diag.List
	// Rejected has PostgreSQL's error for each query that it rejects, by the
	// query's name. They are among the diagnostics too.
	Rejected map[string]*diag.Diagnostic
	// Engine is who gave the answers if it was not PostgreSQL.
	Engine string
}

// Revision is raised whenever the same input would be judged or typed in
// another way, so that what was recorded of an earlier analysis does not count.
const Revision = 8

// Run analyses queries on a session.
func Run(ctx context.Context, s *Session, queries []*Query) (*Result, error) {
	a := s.analyser()
	if err := a.views(ctx); err != nil {
		return nil, err
	}
	if err := a.statements(ctx, queries); err != nil {
		return nil, err
	}
	a.listed()
	return a.result, nil
}

// listed adds the tables and types of the package.
func (a *analyser) listed() {
	pkg := a.result.Package
	pkg.Tables = a.types.userTables()
	for _, t := range a.embedded {
		if !slices.Contains(pkg.Tables, t) {
			pkg.Tables = append(pkg.Tables, t)
		}
	}
	pkg.Types = a.types.userTypes(pkg.Tables)
}

// DefaultSchema is the schema that new objects go to.
func DefaultSchema(c *catalog.Catalog) string {
	for _, s := range c.SearchPath {
		if s != "pg_catalog" {
			return s
		}
	}
	return "public"
}

type analyser struct {
	session  *Session
	judges   *nullability.Analyzer
	types    *types
	result   *Result
	embedded []*model.Table
	// byName are the relations by schema and name, once somebody asks for one.
	byName map[[2]string]*catalog.Relation
	doubts []doubt
	// about is the statement that is being dealt with, if it is one.
	about *statement
}

func (a *analyser) report(d ...*diag.Diagnostic) {
	a.result.Diagnostics.Add(d...)
	if a.about != nil {
		a.about.said.Add(d...)
	}
}

// statement is one annotated statement on its way through the analysis.
type statement struct {
	*sqltext.Statement
	// rewritten is what was sent: first the query's, then the one with its
	// stars spelled out.
	rewritten *sqltext.Rewritten
	answer    answer
	verdict   *nullability.Result
	// embeds says which sqlc.embed a column, by its place, comes from; tables
	// what each embeds.
	embeds map[int]*sqltext.Embed
	tables map[*sqltext.Embed]*catalog.Relation
	// dimensions are those of arrays that the query builds, by column.
	dimensions map[int]int
	// edits spell out the stars, and expanded is the result of that.
	edits    []sqltext.Edit
	expanded *sqltext.Rewritten
	failed   bool
	// known is the earlier answer that was taken instead of asking.
	known *judged
	// said, touched and doubts are what to remember with the query.
	said    diag.List
	touched touched
	doubts  []doubt
}

// at makes a diagnostic at a byte of the statement as it was sent.
func (st *statement) at(offset int, message, hint string) *diag.Diagnostic {
	return st.File.Error(st.rewritten.MapOffset(offset), message, hint)
}

// head makes a diagnostic at the statement's header.
func (st *statement) head(message, hint string) *diag.Diagnostic {
	return st.File.Error(st.Header.Offset, message, hint)
}

// views finds out which columns of views can be NULL, by asking what selecting
// all of them gives.
func (a *analyser) views(ctx context.Context) error {
	if a.session.known.views {
		return nil
	}
	var relations []*catalog.Relation
	var queries []string
	for _, r := range a.session.Catalog.Relations {
		if (r.Kind == catalog.View || r.Kind == catalog.MaterializedView) && own(r.Schema, r.Extension) {
			relations = append(relations, r)
		}
	}
	slices.SortFunc(relations, func(x, y *catalog.Relation) int { return cmp.Compare(x.OID, y.OID) })
	for _, r := range relations {
		queries = append(queries, "select * from "+quote(r.Schema)+"."+quote(r.Name))
	}
	err := a.session.ask(ctx, queries, func(i int, got answer) {
		table := a.types.table(relations[i])
		if got.err != nil || len(got.fields) != len(table.Columns) {
			// The view is there but cannot be read: everything stays nullable.
			return
		}
		v := a.judge(queries[i], got)
		for j, c := range table.Columns {
			c.Nullable, c.Why = v.Columns[j].Nullable, v.Columns[j].Why
		}
	})
	a.session.known.views = err == nil
	return err
}

// judge asks for the nullability of an answer's columns and parameters.
func (a *analyser) judge(sql string, got answer) *nullability.Result {
	return a.judges.Analyze(nullability.Input{
		SQL: sql, Tree: got.tree, Root: got.root,
		Columns: len(got.fields), Params: len(got.params),
	})
}

func (a *analyser) statements(ctx context.Context, queries []*Query) error {
	known := a.session.known
	known.run++
	all := make([]*statement, len(queries))
	var asked []*statement
	for i, q := range queries {
		st := &statement{Statement: q.Statement, rewritten: q.Rewritten}
		all[i] = st
		if j := known.judged[question(q.Rewritten)]; j == nil {
			asked = append(asked, st)
		} else if err := a.recall(st, j); err != nil {
			return err
		}
	}
	if err := a.describe(ctx, asked); err != nil {
		return err
	}
	if err := a.decide(ctx); err != nil {
		return err
	}
	if err := a.expand(ctx, asked); err != nil {
		return err
	}
	for i, st := range all {
		if st.failed {
			continue
		}
		j := st.judged(queries[i].Rewritten)
		known.judged[question(queries[i].Rewritten)] = j
		key := spelling(st.Statement)
		b := known.built[key]
		if b == nil || st.known == nil {
			b = a.build(st)
		} else {
			a.take(b)
		}
		known.built[key] = b
		j.run, b.run = known.run, known.run
		a.result.Package.Queries = append(a.result.Package.Queries, b.query)
	}
	known.forget()
	return nil
}

// describe asks the server about statements and reports what it rejects.
func (a *analyser) describe(ctx context.Context, all []*statement) error {
	queries := make([]string, len(all))
	for i, st := range all {
		queries[i] = st.rewritten.SQL
	}
	var doubtful []*statement
	err := a.session.ask(ctx, queries, func(i int, got answer) {
		st := all[i]
		st.answer = got
		if got.err != nil {
			a.reject(st, got.err)
			return
		}
		a.during(st, func() {
			got.read()
			st.verdict = a.judge(queries[i], got)
			a.locate(st, got)
			a.measure(st, got)
			a.violations(st, got)
		})
		if a.planned(got.root) {
			doubtful, st.answer.root = append(doubtful, st), got.root
		}
		// The tree is read; 2,500 of them would be 75 MB.
		st.answer.tree = ""
	})
	if err != nil {
		return err
	}
	return a.plan(ctx, doubtful)
}

// reject reports what PostgreSQL has against a statement.
func (a *analyser) reject(st *statement, e *pgconn.PgError) {
	st.failed = true
	d := a.rejection(st, e)
	a.report(d)
	a.result.Rejected[st.Header.Name] = d
}

// build makes the model's query of an analysed statement.
func (a *analyser) build(st *statement) *built {
	q := (&Query{st.Statement, st.rewritten}).model()
	embedded := len(a.embedded)
	a.during(st, func() {
		a.columns(st, q)
		a.params(st, q)
		a.directives(st, q)
		a.check(st, q)
	})
	return &built{query: q, said: st.said, embedded: slices.Clone(a.embedded[embedded:]), touched: st.touched}
}

// take adds to the result what building a query has added before.
func (a *analyser) take(b *built) {
	a.result.Diagnostics.Join(b.said)
	a.embedded = append(a.embedded, b.embedded...)
	a.types.touched.join(b.touched)
}

func (a *analyser) columns(st *statement, q *model.Query) {
	embeds := map[*sqltext.Embed]*model.Embed{}
	written := st.results()
	for i, f := range st.answer.fields {
		v := st.verdict.Columns[i]
		c := &model.Column{
			Name: f.Name, Type: base(a.types.of(f.DataTypeOID)),
			Nullable: v.Nullable, Why: v.Why,
		}
		if v.Domain != 0 {
			c.Domain = a.types.of(v.Domain)
		}
		if r := a.session.Catalog.Relations[v.Relation]; r != nil {
			if column := r.Column(v.Attribute); column != nil {
				c.Source = &model.ColumnRef{Schema: r.Schema, Table: r.Name, Column: column.Name}
				c.Dimensions = a.types.dimensions(column)
				c.Comment = column.Comment
			}
		}
		c.Joined = v.Joined
		if written != nil {
			c.Bare, c.Logic = written[i].Name, written[i].Logic
		}
		if r := a.session.Catalog.Relations[v.WrittenRelation]; r != nil {
			if column := r.Column(v.WrittenAttribute); column != nil {
				c.Written = &model.ColumnRef{Schema: r.Schema, Table: r.Name, Column: column.Name}
				if c.Source != nil && *c.Source == *c.Written {
					c.Written = c.Source
				}
			}
		}
		if c.Source == nil && c.Type.Kind == model.Array {
			c.Dimensions = st.dimensions[i]
		}
		// A stored array is read with plain elements: no constraint can forbid a
		// NULL among them, and hardly any array holds one. The decoder reports
		// it where it does.
		c.ElementNullable = v.ElementNullable && c.Source == nil && c.Type.Kind == model.Array
		if v.If != nil {
			c.If = &model.Condition{
				Params: v.If.Params, Nullable: v.If.Nullable, Why: v.If.Why,
				ElementNullable: v.If.ElementNullable && c.Source == nil && c.Type.Kind == model.Array,
			}
		}
		if e := st.embeds[i]; e != nil {
			if embeds[e] == nil {
				r := st.tables[e]
				embeds[e] = &model.Embed{Name: e.Name, Table: a.types.table(r)}
				a.embedded = append(a.embedded, embeds[e].Table)
			}
			c.Embed = embeds[e]
			if v.OuterJoined {
				c.Embed.Nullable, c.Embed.Why = true, v.OuterJoinWhy
			}
		}
		q.Columns = append(q.Columns, c)
	}
}

// results is how the statement writes its result, nil if that is not known.
func (st *statement) results() []sqltext.Result {
	names := make([]string, len(st.answer.fields))
	for i, f := range st.answer.fields {
		names[i] = f.Name
	}
	return sqltext.Results(st.rewritten.SQL, names)
}

func (a *analyser) params(st *statement, q *model.Query) {
	used := map[string]bool{}
	for _, p := range st.rewritten.Params {
		if p.Name != "" {
			used[p.Name] = true
		}
	}
	named := map[int]sqltext.Param{}
	for _, p := range st.rewritten.Params {
		named[p.Number] = p
	}
	uses := sqltext.Uses(st.rewritten.SQL)
	for i, oid := range st.answer.params {
		v := st.verdict.Params[i]
		p := &model.Param{
			Number: i + 1, Type: base(a.types.of(oid)), Nullable: v.Nullable, Why: v.Why,
		}
		if n := named[i+1]; n.Name != "" {
			p.Name, p.Named = n.Name, true
			switch {
			case n.Nullable:
				p.Nullable, p.Why, p.Stated = true, "sqlc.narg", true
			case n.Kind == sqltext.Slice:
				p.Slice, p.Nullable, p.Why, p.Stated = true, false, "sqlc.slice", true
			}
		} else {
			p.Name = unique(cmp.Or(v.Name, "arg"), used)
		}
		p.Bare, p.Use = a.bare(uses[i+1], v)
		if p.Named {
			p.Bare = named[i+1].Folded
		}
		if r := a.session.Catalog.Relations[v.Relation]; r != nil {
			if column := r.Column(v.Attribute); column != nil {
				p.Source = &model.ColumnRef{Schema: r.Schema, Table: r.Name, Column: column.Name}
				if !v.ArrayOf {
					p.Dimensions = a.types.dimensions(column)
				}
			}
		}
		q.Params = append(q.Params, p)
	}
}

// bare is what sqlc calls a parameter that has no name: after the argument or
// the function that it is for, or the column that it stands beside; empty if
// it goes by its number.
func (a *analyser) bare(u sqltext.Use, v nullability.Param) (string, model.Use) {
	switch {
	case u.Cast:
		return "", model.Cast
	case u.Label != "":
		return u.Label, model.Call
	case u.Call != "" && v.Function != "":
		return v.Word, model.Call
	case u.Call != "":
		return cmp.Or(a.argument(u), u.Call), model.Call
	case v.Direct && (v.Why == "limit" || v.Why == "offset"):
		return v.Word, model.Limit
	case v.Direct && v.Word != "":
		if r := a.session.Catalog.Relations[v.Relation]; r != nil && v.ArrayOf {
			return r.Column(v.Attribute).Name, model.Direct // sqlc knows no plurals
		}
		return v.Word, model.Direct
	}
	return "", model.Inner
}

// argument is the name of a procedure's argument: CALL has no query tree.
func (a *analyser) argument(u sqltext.Use) string {
	var found *catalog.Function
	for _, f := range a.session.Catalog.Functions {
		if f.Name == u.Call && f.Schema != "pg_catalog" && u.Argument < len(f.ArgumentNames) && (found == nil || f.OID < found.OID) {
			found = f
		}
	}
	if found == nil {
		return ""
	}
	return found.ArgumentNames[u.Argument]
}

// unique numbers a name that is taken: id, id_2, id_3.
func unique(name string, used map[string]bool) string {
	out := name
	for n := 2; used[out]; n++ {
		out = fmt.Sprintf("%s_%d", name, n)
	}
	used[out] = true
	return out
}

// quote quotes an identifier, needed or not.
func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
