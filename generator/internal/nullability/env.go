package nullability

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// analysis is the work on one statement.
type analysis struct {
	schema  *schema
	sql     string
	queries map[*nodetree.Node]*query
	// recursive holds, for the recursive CTEs being judged, which of their
	// columns are assumed not null.
	recursive map[*nodetree.Node][]verdict
	// generation counts changes of those assumptions; what was remembered under
	// older ones is stale.
	generation int
	// steps counts evaluations, to stop what grows without bounds.
	steps int
	depth int
	// given are the parameters that count as given, and asked those whose being
	// NULL was asked for.
	given, asked map[int]bool
}

const (
	// maxSteps is far more than the largest statements need; beyond it
	// everything is nullable.
	maxSteps = 2_000_000
	// maxNesting bounds subqueries and views within each other.
	maxNesting = 200
)

// verdict is an answer with its reason.
type verdict struct {
	null bool
	why  string
}

func nullable(why string) verdict { return verdict{null: true, why: why} }

// because is nullable for the reason of a part. Nested parts of a kind are not
// counted up: "case: case: case: …".
func because(part, why string) verdict {
	if strings.HasPrefix(why, part) {
		part = ""
	}
	return nullable(part + why)
}

func notNull(why string) verdict { return verdict{why: why} }

// env is where an expression stands: a query and what is known of its rows.
type env struct {
	q  *query
	up *env
	// facts hold for the row that the expression is evaluated for.
	facts facts
	// grouped is true above the grouping of a query that groups.
	grouped bool
	// local is true if facts hold for this expression only, not for all rows of
	// the query; nothing is remembered that was judged with them.
	local bool
	// test is the value that CaseTestExpr stands for.
	test *binding
	// sublink are the columns of the subquery that a test expression compares with.
	sublink []verdict
}

// binding is a value that an expression refers to without naming it.
type binding struct {
	verdict verdict
	// elements is true if its elements may be NULL.
	elements bool
}

// at returns the environment that is level queries further out, or nil.
func (e *env) at(level int) *env {
	for ; level > 0 && e != nil; level-- {
		e = e.up
	}
	return e
}

// with returns the environment with more facts.
func (e *env) with(f facts) *env {
	if len(f) == 0 {
		return e
	}
	n := *e
	n.facts = e.facts.union(f)
	if !e.grouped || e.q.sets == nil && e.q.nonEmptyGroups() {
		n.facts = e.q.close(n.facts)
	}
	n.local = true
	return &n
}

// known finds a fact about a column that the expression refers to.
func (e *env) known(level, rel, column int) (fact, bool) {
	for l := level; e != nil && l >= 0; l-- {
		if f, ok := e.facts.find(key{level: l, rel: rel, column: column}); ok {
			return f, true
		}
		e = e.up
	}
	return fact{}, false
}

// present reports whether the relation is part of the row, and if not why.
func (e *env) present(level, rel int) (bool, *side) {
	t := e.at(level)
	if t == nil {
		return false, nil
	}
	r := t.q.rel(rel)
	if r == nil || !r.joined && rel != t.q.result {
		return false, nil
	}
	for _, s := range r.nulledBy {
		if !e.matched(level, s) {
			return false, s
		}
	}
	return true, nil
}

// matched reports whether a side of an outer join is known to be part of the row.
func (e *env) matched(level int, s *side) bool {
	for l := level; e != nil && l >= 0; l-- {
		if s.proven(e.facts, l) {
			return true
		}
		e = e.up
	}
	return false
}

// topEnv is the environment of the output columns of a query that stands alone.
func (a *analysis) topEnv(q *query) *env { return a.outputEnv(q, nil) }

// rowEnv is the environment of q's rows before grouping.
func (a *analysis) rowEnv(q *query, up *env) *env {
	return &env{q: q, up: up, facts: a.rowFacts(q), local: up != nil && up.local}
}

// outputEnv is the environment of q's output columns.
func (a *analysis) outputEnv(q *query, up *env) *env {
	e := &env{q: q, up: up, facts: a.outputFacts(q), grouped: q.grouped(), local: up != nil && up.local}
	return e
}

// rows returns the environment of the rows that go into a grouping or a
// window: facts that hold for one output row only are left behind.
func (a *analysis) rows(e *env) *env { return a.rowEnv(e.q, e.up) }
