// Package nullability judges, from the server's own analysed query tree and the
// catalog, which columns of a result and which parameters can be NULL, and says
// why. It does no I/O.
//
// The rule above all others: a column that can be NULL is never called not
// null. All columns start out nullable, and only a proof makes one not null; a
// node, field or function that is not known proves nothing. What the proofs
// rest on:
//
//   - Stored values: NOT NULL, domains with NOT NULL, validated CHECK
//     constraints, except where rows can escape them (foreign tables, children
//     of inheritance). A domain's NOT NULL has a hole that PostgreSQL documents:
//     an empty scalar subquery can store a NULL. It is trusted all the same.
//   - Facts: what WHERE, ON, HAVING and CASE conditions say of columns, for the
//     rows that survive them (fact.go), and outer joins that the facts prove to
//     have matched (join.go).
//   - Functions and aggregates of PostgreSQL's own that are known to return a
//     value for every input that is not NULL (total.go, aggregate.go). Functions
//     of users and extensions are nullable.
//   - Parameters are nullable wherever their value comes back; what would hold if
//     they were not is said besides (given.go).
//   - A materialized view holds rows from before its tables' constraints may
//     have changed, so its columns are not null only where its query alone,
//     without any constraint, proves it.
//
// The tree is the one from before rewriting: it is what the user wrote, and
// views are followed through the catalog, which has their queries.
package nullability

import (
	"strconv"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Input is a statement and what the server said about it.
type Input struct {
	// SQL is the statement as it was sent.
	SQL string
	// Tree is the text of its query tree, see [TreeFromNotice]; empty if there
	// is none.
	Tree string
	// Root is Tree where the caller has read it already, else nil. It is not
	// changed.
	Root    *nodetree.Node
	Catalog *catalog.Catalog
	// Columns and Params are the numbers that Describe reported.
	Columns int
	Params  int
}

// Result is the verdict on a statement. Columns and Params are as long as
// [Input] says.
type Result struct {
	Columns []Column
	Params  []Param
	// Fallback says why the tree could not be used, and is empty if it was. All
	// columns are then nullable.
	Fallback string
}

// Column is the verdict on a result column.
type Column struct {
	Nullable bool
	// Why is the reason for Nullable, for people.
	Why string
	// ElementNullable is true for an array whose elements may be NULL, and
	// false for what is surely no array.
	ElementNullable bool
	// Domain is the OID of the domain that the expression is declared with, or 0.
	Domain uint32
	// Relation and Attribute are the table column that the value comes from
	// unchanged, also through subqueries, CTEs and views; 0 if there is none.
	Relation  uint32
	Attribute int16
	// RangeTable is the statement's range-table index of what the column is
	// taken from, if the column is a plain reference, else 0. Columns of the
	// same table reference share it.
	RangeTable int
	// OuterJoined is true if an outer join can leave that table reference out
	// of the row.
	OuterJoined  bool
	OuterJoinWhy string
	// Joined is true if an outer join could, whatever conditions say.
	Joined bool
	// WrittenRelation and WrittenAttribute are the column that the select item
	// names right where it stands: not through a subquery, a CTE or a view, and of
	// a UNION in its first branch.
	WrittenRelation  uint32
	WrittenAttribute int16
	// If is what holds of a column that depends on parameters for which no use
	// takes NULL, or nil.
	If *Condition
}

// Analyze judges a statement. It is safe for concurrent use. To judge many
// statements of one catalog, an [Analyzer] saves repeated work.
func Analyze(in Input) *Result { return NewAnalyzer(in.Catalog).Analyze(in) }

// Analyzer judges statements of one catalog and remembers what it found out
// about views and constraints. It is safe for concurrent use.
type Analyzer struct {
	schema *schema
}

// NewAnalyzer returns an Analyzer for the statements of a catalog.
func NewAnalyzer(c *catalog.Catalog) *Analyzer { return &Analyzer{schema: newSchema(c)} }

// Analyze judges a statement; in.Catalog is ignored for the Analyzer's own.
func (z *Analyzer) Analyze(in Input) *Result {
	r := &Result{Columns: make([]Column, in.Columns), Params: make([]Param, in.Params)}
	root, reason := statement(in, z.schema.catalog)
	a := &analysis{schema: z.schema, sql: in.SQL, queries: map[*nodetree.Node]*query{}}
	if reason == "" {
		reason = a.columns(root, r)
	}
	if reason != "" {
		r.Fallback = reason
		for i := range r.Columns {
			r.Columns[i] = Column{Nullable: true, Why: reason, ElementNullable: true}
		}
	}
	a.params(root, r)
	if r.Fallback == "" && len(a.asked) > 0 {
		z.conditions(in, root, a, r)
	}
	return r
}

// statement finds the query in a tree, or says why there is none.
func statement(in Input, c *catalog.Catalog) (*nodetree.Node, string) {
	if c == nil {
		return nil, "no catalog"
	}
	root := in.Root
	if root == nil {
		if in.Tree == "" {
			return nil, "the server sent no query tree"
		}
		var err error
		if root, err = nodetree.Parse(in.Tree); err != nil {
			return nil, "the query tree cannot be read: " + err.Error()
		}
	}
	if root.Tag() == "" {
		// A rewritten tree is a list of the queries to run.
		items := root.Items()
		if len(items) != 1 {
			return nil, "the statement is rewritten into " + strconv.Itoa(len(items)) + " queries"
		}
		root = items[0].Node()
	}
	if root.Tag() != "QUERY" {
		return nil, "the tree is not that of a query"
	}
	if commandOf(root, c) == utility {
		return nil, "a utility statement has no query tree"
	}
	if why := incomplete(root, c); why != "" {
		return nil, why
	}
	return root, ""
}

// columns fills the verdicts on the columns, or says why it cannot.
func (a *analysis) columns(root *nodetree.Node, r *Result) string {
	q := a.query(root, nil)
	targets := q.targets()
	if len(targets) != len(r.Columns) {
		return "the tree has " + strconv.Itoa(len(targets)) + " columns and the result " + strconv.Itoa(len(r.Columns))
	}
	e := a.topEnv(q)
	for i, target := range targets {
		v := a.output(e, i)
		c := &r.Columns[i]
		c.Nullable, c.Why = v.null, v.why
		expr := target.Node("expr")
		if typ := exprType(expr); typ == 0 || a.isArray(typ) {
			c.ElementNullable = a.outputElements(e, i)
		}
		if q.setop == nil {
			c.Domain = a.domain(exprType(expr))
			c.RangeTable, c.OuterJoined, c.OuterJoinWhy, c.Joined = a.reference(e, expr)
		}
		c.WrittenRelation, c.WrittenAttribute = a.written(q, i)
		c.Relation, c.Attribute = a.origin(e, i)
	}
	return ""
}
