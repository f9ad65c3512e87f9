package analysis

import (
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/nullability"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Answer is what somebody else than a server says of a query.
type Answer struct {
	// Rejected is what is wrong with the query; all else is empty then.
	Rejected []*diag.Diagnostic
	// Columns is nil for a statement that returns no rows, and Params has an
	// entry for each number.
	Columns []Field
	Params  []uint32
	// Verdict is as long as Columns and Params.
	Verdict *nullability.Result
	// Embeds says which sqlc.embed of Rewritten a column is of, and Tables which
	// relation that is, by its place in Rewritten.Embeds; -1 and 0 for none.
	Embeds []int
	Tables []uint32
	// Rewritten is the query with its stars spelled out.
	Rewritten *sqltext.Rewritten
}

// Field is a column of a result.
type Field struct {
	Name string
	// Type is an OID of the catalog.
	Type uint32
	// Dimensions is the number of dimensions of an array that the query builds,
	// 0 where that is not known.
	Dimensions int
}

// KnownColumn is what is known of a column of a relation beyond the catalog;
// nothing if it does not say why.
type KnownColumn struct {
	Nullable bool
	Why      string
}

// Assemble is [Run] with answers, one for each query, instead of a session. known
// has what is known of the columns of relations, by the relation's OID: of views,
// all of whose columns count as nullable else, and of tables.
func Assemble(c *catalog.Catalog, known map[uint32][]KnownColumn, queries []*Query, answers []*Answer) *Result {
	a := newAnalyser(&Session{Catalog: c})
	for oid, columns := range known {
		table := a.types.table(c.Relations[oid])
		for i, v := range columns {
			if v.Why != "" {
				table.Columns[i].Nullable, table.Columns[i].Why = v.Nullable, v.Why
			}
		}
	}
	for i, q := range queries {
		got := answers[i]
		if len(got.Rejected) > 0 {
			a.report(got.Rejected...)
			a.result.Rejected[q.Header.Name] = got.Rejected[0]
			continue
		}
		st := &statement{
			Statement: q.Statement, rewritten: got.Rewritten, verdict: got.Verdict, answer: answer{params: got.Params},
			embeds: map[int]*sqltext.Embed{}, tables: map[*sqltext.Embed]*catalog.Relation{}, dimensions: map[int]int{},
		}
		if got.Columns != nil {
			st.answer.fields = make([]pgconn.FieldDescription, len(got.Columns))
		}
		for j, f := range got.Columns {
			st.answer.fields[j] = pgconn.FieldDescription{Name: f.Name, DataTypeOID: f.Type}
			if f.Dimensions > 1 {
				st.dimensions[j] = f.Dimensions
			}
			if n := got.Embeds[j]; n >= 0 {
				e := &st.rewritten.Embeds[n]
				st.embeds[j], st.tables[e] = e, c.Relations[got.Tables[n]]
			}
		}
		a.result.Package.Queries = append(a.result.Package.Queries, a.build(st).query)
	}
	a.listed()
	return a.result
}

func newAnalyser(s *Session) *analyser {
	return &analyser{
		session: s,
		judges:  nullability.NewAnalyzer(s.Catalog),
		types:   newTypes(s.Catalog),
		result:  &Result{Package: &model.Package{DefaultSchema: DefaultSchema(s.Catalog)}, Rejected: map[string]*diag.Diagnostic{}},
	}
}
