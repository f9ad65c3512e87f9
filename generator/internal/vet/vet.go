// Package vet finds what is valid SQL and yet likely to be a mistake, or to
// hurt: in statements, by the server's own analysed query tree and its plans,
// and in a schema, by the catalog.
//
// It does no I/O and knows nothing of files: a finding points at a byte of the
// statement as it was sent. The trees are those from before rewriting, so a
// view counts as a table here: what is wrong inside of a view is not the fault
// of the queries that use it. A tree that is missing, or a node that nobody
// knows, finds nothing.
package vet

import (
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/generator/internal/nullability"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Finding is what a rule has against a statement or a schema.
type Finding struct {
	Rule     string
	Severity diag.Severity
	// Offset is the byte of the statement, as it was sent, that the finding is
	// about, or -1 for the statement as a whole.
	Offset        int
	Message, Hint string
}

// Statement is a statement to vet.
type Statement struct {
	// SQL is the statement as it was sent.
	SQL string
	// Tree is its query tree, or nil.
	Tree *nodetree.Node
	// Params is the number of parameters, and Nullable tells which of them, from
	// 1, the caller can set to NULL.
	Params   int
	Nullable func(param int) bool
	// Embeds are the bytes of the statement at which the stars begin that
	// sqlc.embed was replaced with.
	Embeds []int
	// Collects is true if the caller gets all rows at once.
	Collects bool
	// Plan is how the server runs it, or nil.
	Plan *Plan
}

// Options say how large tables are.
type Options struct {
	// Large is the number of rows from which a table counts as large.
	Large int64
	// Rows are the rows of tables, by OID, where they are known.
	Rows map[uint32]int64
	// Real is true if Rows are those of the database that made the plans. If not
	// the plans are those of empty tables, made with enable_seqscan off: they
	// show a sequential scan only where no index can serve.
	Real bool
}

// Checker vets statements on one catalog. It is safe for concurrent use.
type Checker struct {
	catalog *catalog.Catalog
	judges  *nullability.Analyzer
	options Options
	parents map[uint32]uint32
	byName  map[[2]string]*catalog.Relation
}

// New makes a Checker.
func New(c *catalog.Catalog, o Options) *Checker {
	k := &Checker{
		catalog: c, judges: nullability.NewAnalyzer(c), options: o,
		parents: map[uint32]uint32{}, byName: map[[2]string]*catalog.Relation{},
	}
	for _, r := range c.Relations {
		k.byName[[2]string{r.Schema, r.Name}] = r
		for _, child := range r.Children {
			k.parents[child] = r.OID
		}
	}
	return k
}

// Statement vets a statement by the rules with these names.
func (k *Checker) Statement(s *Statement, wanted func(rule string) bool) []Finding {
	c := &check{Checker: k, st: s, tokens: sqltext.Significant(s.SQL), cast: map[uint32]bool{}, large: map[*nodetree.Node]bool{}}
	if s.Tree.Tag() == "QUERY" {
		c.collect(s.Tree, nil, c.first())
	}
	for _, r := range Rules() {
		if r.statement != nil && wanted(r.Name) {
			c.rule = r
			r.statement(c)
		}
	}
	return c.found
}

// check is the work on one statement.
type check struct {
	*Checker
	st *Statement
	// tokens are those of the statement without comments.
	tokens  []sqltext.Token
	queries []*query
	rule    Rule
	found   []Finding
	// cast are the tables whose index a cast keeps from being used: that says
	// more than that they are read row by row.
	cast map[uint32]bool
	// large remembers which queries can return many rows.
	large map[*nodetree.Node]bool
}

func (c *check) report(offset int, message, hint string) {
	c.reportAs(c.rule.Severity, offset, message, hint)
}

func (c *check) reportAs(severity diag.Severity, offset int, message, hint string) {
	c.found = append(c.found, Finding{Rule: c.rule.Name, Severity: severity, Offset: offset, Message: message, Hint: hint})
}

// root is the topmost table that a relation is a partition or child of.
func (k *Checker) root(r *catalog.Relation) *catalog.Relation {
	for range len(k.parents) {
		parent := k.catalog.Relations[k.parents[r.OID]]
		if parent == nil {
			break
		}
		r = parent
	}
	return r
}

// rows are the rows of a relation and of those below it. They are not known
// where those of none of them are.
func (k *Checker) rows(r *catalog.Relation) (n int64, known bool) {
	n, known = k.options.Rows[r.OID]
	for _, child := range r.Children {
		if below := k.catalog.Relations[child]; below != nil {
			more, ok := k.rows(below)
			n, known = n+more, known || ok
		}
	}
	return n, known
}
