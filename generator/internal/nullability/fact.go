package nullability

import (
	"slices"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// A fact says that something is true of every row that survives: a column is
// not NULL, a relation is part of the row, a side of an outer join matched.
// Facts are about columns only, never about expressions, because a volatile
// function may return something else next time. The one exception is an
// aggregate in HAVING, which is computed once for a group.

// key names what a fact is about. level counts queries outwards from where the
// fact holds.
type key struct {
	level int
	// rel is an index into the range table, or a number of the query's own for
	// the special columns below.
	rel int
	// column is an attribute number, or what follows.
	column int
}

const (
	wholeRow = 0
	// presence: the relation is part of the row.
	presence = -1000
	// sidePresent: the side of an outer join with number rel is.
	sidePresent = -1001
	// aggregate: the aggregate with number rel is not NULL.
	aggregateValue = -1002
)

type fact struct {
	key
	source source
}

// source is the clause that a fact comes from.
type source uint8

const (
	fromWhere source = iota
	fromOn
	fromHaving
	fromCondition
	fromOutside
	fromCheck
	fromAssumption
)

var sourceNames = [...]string{"where", "join condition", "having", "condition", "condition outside the subquery", "check constraint", "full join"}

type facts []fact

func (f facts) find(k key) (fact, bool) {
	for i := range f {
		if f[i].key == k {
			return f[i], true
		}
	}
	return fact{}, false
}

func (f facts) has(k key) bool {
	_, ok := f.find(k)
	return ok
}

// union returns the facts of both. Neither is changed: facts are shared.
func (f facts) union(g facts) facts {
	if len(f) == 0 {
		return g
	}
	out := f
	for _, x := range g {
		if !f.has(x.key) {
			if len(out) == len(f) {
				out = append(make(facts, 0, len(f)+len(g)), f...)
			}
			out = append(out, x)
		}
	}
	return out
}

func (f facts) intersect(g facts) facts {
	return slices.DeleteFunc(slices.Clone(f), func(x fact) bool { return !g.has(x.key) })
}

// outwards returns the facts about the queries around, as those see them.
func (f facts) outwards() facts {
	var out facts
	for _, x := range f {
		if x.level > 0 {
			x.level--
			out = append(out, x)
		}
	}
	return out
}

// want is what is known of the value of a condition.
type want uint8

const (
	isTrue want = iota
	isFalse
	isNotNull
	isNotTrue
	isNotFalse
)

func (w want) negate() want {
	switch w {
	case isTrue:
		return isFalse
	case isFalse:
		return isTrue
	case isNotTrue:
		return isNotFalse
	case isNotFalse:
		return isNotTrue
	}
	return w
}

// strict reports whether the value is known not to be NULL.
func (w want) strict() bool { return w <= isNotNull }

// collector derives facts from conditions.
type collector struct {
	a      *analysis
	q      *query
	source source
	// test is what CaseTestExpr stands for.
	test *nodetree.Node
	// grouped: the condition stands above the grouping of a query.
	grouped bool
}

func (a *analysis) facts(q *query, n *nodetree.Node, w want, s source) facts {
	c := collector{a: a, q: q, source: s}
	return c.collect(n, w)
}

// collect returns what follows if n has a value of the kind w.
func (c *collector) collect(n *nodetree.Node, w want) facts {
	if n == nil || !c.a.step() {
		return nil
	}
	if c.grouped && c.q.sets != nil && n.Tag() != "VAR" && c.q.groupedAs(n) != nil {
		// The value of a grouped expression says nothing of its columns, which a
		// grouping set may have turned into NULL.
		return nil
	}
	switch n.Tag() {
	case "BOOLEXPR":
		return c.boolean(n, w)
	case "NULLTEST":
		return c.nullTest(n, w)
	case "BOOLEANTEST":
		return c.booleanTest(n, w)
	case "DISTINCTEXPR":
		// x IS NOT DISTINCT FROM a constant.
		if w == isFalse || w == isNotTrue {
			args := n.List("args")
			if len(args) == 2 {
				switch {
				case isConstant(args[0].Node()):
					return c.collect(args[1].Node(), isNotNull)
				case isConstant(args[1].Node()):
					return c.collect(args[0].Node(), isNotNull)
				}
			}
		}
		return nil
	case "SUBLINK":
		return c.sublink(n, w)
	case "CASE", "CASEEXPR":
		return c.caseOf(n, w)
	}
	if !w.strict() {
		return nil
	}
	switch n.Tag() {
	case "VAR":
		return c.variable(n)
	case "AGGREF":
		if c.grouped && n.Int("agglevelsup") == 0 {
			if i, ok := c.q.aggregate(n, true); ok {
				return facts{{key{rel: i, column: aggregateValue}, c.source}}
			}
		}
	case "OPEXPR":
		if c.strictFunction(n.OID("opfuncid")) && !n.Bool("opretset") {
			return c.all(n.List("args"))
		}
	case "FUNCEXPR":
		if c.strictFunction(n.OID("funcid")) && !n.Bool("funcretset") {
			return c.all(n.List("args"))
		}
	case "SCALARARRAYOPEXPR":
		return c.arrayOperator(n, w)
	case "NULLIFEXPR":
		// NULL if the first argument is; the second may be.
		if args := n.List("args"); len(args) > 0 {
			return c.collect(args[0].Node(), isNotNull)
		}
	case "ROWCOMPARE", "ROWCOMPAREEXPR":
		// The first pair is always compared; later ones only if it is equal.
		left, right := n.List("largs"), n.List("rargs")
		for op := range n.Get("opnos").Numbers() {
			if op < firstUserOID && len(left) > 0 && len(right) > 0 {
				return c.collect(left[0].Node(), isNotNull).union(c.collect(right[0].Node(), isNotNull))
			}
			break
		}
	case "COALESCE", "COALESCEEXPR", "MINMAX", "MINMAXEXPR":
		var out facts
		for i, v := range n.List("args") {
			f := c.collect(v.Node(), isNotNull)
			if i == 0 {
				out = f
			} else {
				out = out.intersect(f)
			}
		}
		return out
	case "RELABELTYPE", "COLLATE", "COLLATEEXPR", "ARRAYCOERCEEXPR", "COERCETODOMAIN", "CONVERTROWTYPEEXPR", "FIELDSELECT", "NAMEDARGEXPR":
		return c.collect(n.Node("arg"), w)
	case "COERCEVIAIO":
		// The input function of a user's type may make something of NULL.
		if n.OID("resulttype") < firstUserOID {
			return c.collect(n.Node("arg"), isNotNull)
		}
	case "SUBSCRIPTINGREF":
		container := n.OID("refcontainertype")
		if n.Get("refassgnexpr").IsNull() && (container < firstUserOID || c.a.isArray(container)) {
			return c.collect(n.Node("refexpr"), isNotNull)
		}
	case "JSONISPREDICATE":
		return c.collect(n.Node("expr"), isNotNull)
	case "CASETESTEXPR":
		if c.test != nil {
			inner := *c
			inner.test = nil
			return inner.collect(c.test, isNotNull)
		}
	case "COERCETODOMAINVALUE":
		return facts{{key{column: 1}, c.source}}
	}
	return nil
}

func (c *collector) all(args []nodetree.Value) facts {
	var out facts
	for _, v := range args {
		out = out.union(c.collect(v.Node(), isNotNull))
	}
	return out
}

func (c *collector) strictFunction(oid uint32) bool {
	if oid >= firstUserOID && (c.q == nil || c.q.stale) {
		// A constraint, and a materialized view, were made with the function as it
		// was then.
		return false
	}
	f := c.a.schema.catalog.Functions[oid]
	return f != nil && f.Strict && !f.ReturnsSet
}

func (c *collector) boolean(n *nodetree.Node, w want) facts {
	args := n.List("args")
	op := n.Text("boolop")
	switch op {
	case "not":
		if len(args) == 1 {
			return c.collect(args[0].Node(), w.negate())
		}
		return nil
	case "and", "or":
	default:
		return nil
	}
	if op == "or" {
		// OR is the AND of the opposites.
		switch w {
		case isTrue:
			return c.any(args, isTrue)
		case isFalse:
			return c.every(args, isFalse)
		case isNotTrue:
			return c.every(args, isNotTrue)
		case isNotNull:
			return c.any(args, isTrue).intersect(c.every(args, isFalse))
		}
		return c.any(args, isNotFalse)
	}
	switch w {
	case isTrue:
		return c.every(args, isTrue)
	case isFalse:
		return c.any(args, isFalse)
	case isNotFalse:
		return c.every(args, isNotFalse)
	case isNotNull:
		return c.any(args, isFalse).intersect(c.every(args, isTrue))
	}
	return c.any(args, isNotTrue)
}

// every: all of the arguments are w.
func (c *collector) every(args []nodetree.Value, w want) facts {
	var out facts
	for _, v := range args {
		out = out.union(c.collect(v.Node(), w))
	}
	return out
}

// any: one of the arguments is w, and nobody knows which.
func (c *collector) any(args []nodetree.Value, w want) facts {
	var out facts
	first := true
	for _, v := range args {
		if contradicts(v.Node(), w) {
			continue
		}
		f := c.collect(v.Node(), w)
		if first {
			out, first = f, false
		} else {
			out = out.intersect(f)
		}
		if len(out) == 0 {
			return nil
		}
	}
	return out
}

// contradicts reports whether n is a constant that is surely not w.
func contradicts(n *nodetree.Node, w want) bool {
	if n.Tag() != "CONST" {
		return false
	}
	if n.Bool("constisnull") {
		return w.strict()
	}
	if n.OID("consttype") != boolOID {
		return false
	}
	b := n.Get("constvalue").Datum()
	truth := slices.ContainsFunc(b, func(x byte) bool { return x != 0 })
	switch w {
	case isTrue, isNotFalse:
		return len(b) > 0 && !truth
	case isFalse, isNotTrue:
		return truth
	}
	return false
}

func isConstant(n *nodetree.Node) bool {
	return n.Tag() == "CONST" && n.Has("constisnull") && !n.Bool("constisnull")
}

// Values of nulltesttype and booltesttype.
const (
	testIsNull    = 0
	testIsNotNull = 1

	testIsTrue       = 0
	testIsNotTrue    = 1
	testIsFalse      = 2
	testIsNotFalse   = 3
	testIsUnknown    = 4
	testIsNotUnknown = 5
)

func (c *collector) nullTest(n *nodetree.Node, w want) facts {
	kind, ok := n.Get("nulltesttype").Int()
	if !ok || w == isNotNull {
		return nil
	}
	// A test is never NULL itself.
	truth := w == isTrue || w == isNotFalse
	if (kind == testIsNotNull) != truth || kind != testIsNull && kind != testIsNotNull {
		return nil
	}
	arg := n.Node("arg")
	out := c.collect(arg, isNotNull)
	if n.Bool("argisrow") && kind == testIsNotNull {
		// All fields are not NULL. The opposite of IS NULL says only that one of
		// them is not.
		if arg.Tag() == "ROW" || arg.Tag() == "ROWEXPR" {
			out = out.union(c.all(arg.List("args")))
		}
		if arg.Tag() == "VAR" && arg.Int("varattno") == wholeRow {
			out = out.union(c.wholeRow(arg))
		}
	}
	return out
}

func (c *collector) booleanTest(n *nodetree.Node, w want) facts {
	kind, ok := n.Get("booltesttype").Int()
	if !ok || w == isNotNull {
		return nil
	}
	truth := w == isTrue || w == isNotFalse
	arg := n.Node("arg")
	switch {
	case kind == testIsTrue && truth, kind == testIsNotTrue && !truth:
		return c.collect(arg, isTrue)
	case kind == testIsTrue, kind == testIsNotTrue:
		return c.collect(arg, isNotTrue)
	case kind == testIsFalse && truth, kind == testIsNotFalse && !truth:
		return c.collect(arg, isFalse)
	case kind == testIsFalse, kind == testIsNotFalse:
		return c.collect(arg, isNotFalse)
	case kind == testIsUnknown && !truth, kind == testIsNotUnknown && truth:
		return c.collect(arg, isNotNull)
	}
	return nil
}

// arrayOperator: x = ANY (array) and x <> ALL (array).
func (c *collector) arrayOperator(n *nodetree.Node, w want) facts {
	args := n.List("args")
	any, ok := n.Get("useOr").Int()
	if len(args) != 2 || !c.strictFunction(n.OID("opfuncid")) {
		return nil
	}
	useOr := n.Bool("useOr") || ok && any == 1
	out := c.collect(args[1].Node(), isNotNull)
	// An empty array answers without looking at x: false for ANY, true for ALL.
	decided := useOr && w == isTrue || !useOr && w == isFalse
	if decided || nonEmptyArray(args[1].Node()) {
		out = out.union(c.collect(args[0].Node(), isNotNull))
	}
	return out
}

// nonEmptyArray reports whether n is an array that surely has an element.
func nonEmptyArray(n *nodetree.Node) bool {
	switch n.Tag() {
	case "ARRAY", "ARRAYEXPR":
		return len(n.List("elements")) > 0 && !n.Bool("multidims")
	case "RELABELTYPE", "ARRAYCOERCEEXPR", "COLLATE", "COLLATEEXPR":
		return nonEmptyArray(n.Node("arg"))
	case "CONST":
		d := arrayDatum(n)
		return d != nil && d.dimensions > 0
	}
	return false
}

func (c *collector) caseOf(n *nodetree.Node, w want) facts {
	inner := *c
	inner.test = n.Node("arg")
	var out, before facts
	first := true
	branch := func(f facts) {
		if first {
			out, first = f, false
		} else {
			out = out.intersect(f)
		}
	}
	for _, v := range n.List("args") {
		when := v.Node()
		if !contradicts(when.Node("result"), w) {
			f := before.union(inner.collect(when.Node("expr"), isTrue))
			branch(f.union(c.collect(when.Node("result"), w)))
		}
		before = before.union(inner.collect(when.Node("expr"), isNotTrue))
	}
	if last := n.Node("defresult"); last != nil && !contradicts(last, w) {
		branch(before.union(c.collect(last, w)))
	} else if last == nil && !w.strict() {
		branch(before)
	}
	return out
}

// Values of subLinkType.
const (
	sublinkExists     = 0
	sublinkAll        = 1
	sublinkAny        = 2
	sublinkRowCompare = 3
	sublinkExpr       = 4
	sublinkMultiple   = 5
	sublinkArray      = 6
)

func (c *collector) sublink(n *nodetree.Node, w want) facts {
	kind, ok := n.Get("subLinkType").Int()
	if !ok {
		return nil
	}
	truth := w == isTrue
	var out facts
	row := false
	switch kind {
	case sublinkExists:
		row = truth || w == isNotFalse
	case sublinkAny:
		if truth {
			out = c.collect(n.Node("testexpr"), isTrue)
			row = true
		}
	case sublinkAll:
		if w == isFalse {
			out = c.collect(n.Node("testexpr"), isFalse)
			row = true
		}
	case sublinkExpr:
		row = w.strict()
	}
	sub := n.Node("subselect")
	if !row || sub.Tag() != "QUERY" {
		return out
	}
	// The subquery returned a row, so what its WHERE says of the queries around
	// it is true; unless it returns a row in any case.
	q := c.a.query(sub, c.q)
	if q.setop != nil || q.command != selectCommand {
		return out
	}
	f := c.a.outputFacts(q)
	if targets := q.targets(); kind == sublinkExpr && len(targets) == 1 {
		inner := collector{a: c.a, q: q, source: c.source, grouped: q.grouped()}
		f = f.union(inner.collect(targets[0].Node("expr"), isNotNull))
	}
	return out.union(f.outwards())
}

// variable: a column is not NULL, hence its relation is part of the row.
func (c *collector) variable(n *nodetree.Node) facts {
	level, rel, column := n.Int("varlevelsup"), n.Int("varno"), n.Int("varattno")
	if c.q == nil || rel == 0 {
		// The expression of a constraint, on its own.
		return facts{{key{level: level, rel: rel, column: column}, c.source}}
	}
	t := c.q.up(level)
	if t == nil || n.Int("varreturningtype") != 0 {
		// OLD and NEW are other rows under the same number.
		return nil
	}
	var out facts
	rel, column, expr := t.resolve(rel, column)
	if expr != nil {
		if level == 0 {
			inner := collector{a: c.a, q: t, source: c.source}
			out = inner.collect(expr, isNotNull)
		}
		return out
	}
	r := t.rel(rel)
	if r != nil && r.kind == rteGroup && t.sets != nil && r.groupExpr(column).Tag() != "VAR" {
		// PostgreSQL 18 evaluates a grouped constant in HAVING as the constant, also
		// where a grouping set has turned it into NULL.
		return nil
	}
	out = facts{
		{key{level: level, rel: rel, column: column}, c.source},
		{key{level: level, rel: rel, column: presence}, c.source},
	}
	if r != nil && r.kind == rteGroup && level == 0 && t.sets == nil {
		inner := collector{a: c.a, q: t, source: c.source}
		out = out.union(inner.collect(r.groupExpr(column), isNotNull))
	}
	return out
}

// wholeRow: all columns of a relation are not NULL.
func (c *collector) wholeRow(n *nodetree.Node) facts {
	level, rel := n.Int("varlevelsup"), n.Int("varno")
	t := c.q.up(level)
	if t == nil {
		return nil
	}
	r := t.rel(rel)
	if r == nil || r.kind == rteJoin || r.kind == rteGroup || n.Int("varreturningtype") != 0 {
		return nil
	}
	out := facts{{key{level: level, rel: rel, column: presence}, c.source}}
	for i := range r.node.Node("eref").List("colnames") {
		out = append(out, fact{key{level: level, rel: rel, column: i + 1}, c.source})
	}
	return out
}
