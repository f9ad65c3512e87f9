package nullability

import (
	"strconv"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// step counts an evaluation and reports whether another is allowed.
func (a *analysis) step() bool {
	a.steps++
	return a.steps <= maxSteps
}

// eval judges an expression.
func (a *analysis) eval(e *env, n *nodetree.Node) verdict {
	if e == nil || n == nil {
		return nullable("unknown expression")
	}
	if !a.step() {
		return nullable("the statement is too large to judge")
	}
	if e.grouped && e.q.sets != nil {
		if v, ok := a.evalGroupingSet(e, n); ok {
			return v
		}
	}
	switch n.Tag() {
	case "VAR":
		return a.evalVar(e, n)
	case "CONST":
		if isConstant(n) {
			return notNull("constant")
		}
		return nullable("NULL")
	case "PARAM":
		return a.evalParam(e, n)
	case "OPEXPR":
		if n.Bool("opretset") {
			return nullable("operator that returns a set")
		}
		return a.evalFunction(e, "operator", n.OID("opfuncid"), n.List("args"), false)
	case "FUNCEXPR":
		if n.Bool("funcretset") {
			return a.evalSetFunction(e, n)
		}
		return a.evalFuncExpr(e, n)
	case "SCALARARRAYOPEXPR":
		return a.evalArrayOperator(e, n)
	case "BOOLEXPR":
		return a.evalBool(e, n)
	case "NULLTEST", "BOOLEANTEST", "DISTINCTEXPR":
		return notNull("a test is never null")
	case "NULLIFEXPR":
		return nullable("nullif")
	case "CASE", "CASEEXPR":
		return a.evalCase(e, n)
	case "CASETESTEXPR":
		if e.test != nil {
			return e.test.verdict
		}
		return nullable("unknown value")
	case "COALESCE", "COALESCEEXPR":
		return a.evalCoalesce(e, n, "coalesce")
	case "MINMAX", "MINMAXEXPR":
		return a.evalCoalesce(e, n, "greatest or least")
	case "RELABELTYPE", "COLLATE", "COLLATEEXPR", "ARRAYCOERCEEXPR", "CONVERTROWTYPEEXPR", "COERCEVIAIO", "NAMEDARGEXPR":
		return a.eval(e, n.Node("arg"))
	case "COERCETODOMAIN":
		if a.schema.domainNotNull(n.OID("resulttype")) && !e.q.stale {
			return notNull("the domain forbids null")
		}
		return a.eval(e, n.Node("arg"))
	case "ROW", "ROWEXPR":
		return notNull("row")
	case "ARRAY", "ARRAYEXPR":
		return notNull("array")
	case "FIELDSELECT":
		return a.evalField(e, n)
	case "SUBSCRIPTINGREF":
		return a.evalSubscript(e, n)
	case "SUBLINK":
		return a.evalSublink(e, n)
	case "AGGREF":
		return a.evalAggregate(e, n)
	case "WINDOWFUNC":
		return a.evalWindow(e, n)
	case "GROUPINGFUNC":
		return notNull("grouping")
	case "MERGESUPPORTFUNC":
		return notNull("merge_action")
	case "NEXTVALUEEXPR":
		return notNull("next value of a sequence")
	case "SQLVALUEFUNCTION":
		return evalValueFunction(n)
	case "XMLEXPR":
		if op, ok := n.Get("op").Int(); ok && op == xmlElement {
			return notNull("xmlelement")
		}
		return nullable("xml expression")
	case "JSONVALUEEXPR":
		if f := n.Node("formatted_expr"); f != nil {
			return a.eval(e, f)
		}
		return nullable("json expression")
	case "JSONCONSTRUCTOREXPR":
		return evalJSONConstructor(n)
	case "JSONISPREDICATE":
		return a.over(e, "is json", []*nodetree.Node{n.Node("expr")})
	}
	return nullable("unknown expression")
}

// Values of enumerations in nodes.
const (
	xmlElement    = 1
	currentSchema = 14

	jsonObjectConstructor = 1
	jsonArrayConstructor  = 2
)

func evalValueFunction(n *nodetree.Node) verdict {
	op, ok := n.Get("op").Int()
	if !ok || op < 0 || op >= currentSchema {
		// There is no current schema if none on the search path exists.
		return nullable("current_schema can be null")
	}
	return notNull("session value")
}

// evalJSONConstructor judges JSON_OBJECT and JSON_ARRAY; their relatives return
// NULL for NULL.
func evalJSONConstructor(n *nodetree.Node) verdict {
	kind := n.Int("type")
	if (kind == jsonObjectConstructor || kind == jsonArrayConstructor) && n.Get("coercion").IsNull() {
		return notNull("json constructor")
	}
	return nullable("json constructor")
}

func (a *analysis) evalParam(e *env, n *nodetree.Node) verdict {
	id := n.Int("paramid")
	if kind, ok := n.Get("paramkind").Int(); ok && kind == paramSublink && id >= 1 && id <= len(e.sublink) {
		return e.sublink[id-1]
	}
	name := "parameter $" + strconv.Itoa(id)
	if a.isGiven(n) && !a.isArray(n.OID("paramtype")) {
		return notNull(name + " is given")
	}
	return nullable(name)
}

// isGiven reports whether a PARAM is one of the statement's that counts as
// given, and its elements too if it is an array.
func (a *analysis) isGiven(n *nodetree.Node) bool {
	kind, ok := n.Get("paramkind").Int()
	if !ok || kind != paramExtern {
		return false
	}
	id := n.Int("paramid")
	if a.asked == nil {
		a.asked = map[int]bool{}
	}
	a.asked[id] = true
	return a.given[id]
}

// Values of paramkind.
const (
	paramExtern   = 0
	paramSublink  = 2
	paramMultiple = 3
)

// over judges something that is NULL exactly if one of its arguments is.
func (a *analysis) over(e *env, what string, args []*nodetree.Node) verdict {
	for _, n := range args {
		if v := a.eval(e, n); v.null {
			return nullable(what + " over " + a.describe(e, n, v))
		}
	}
	return notNull(what + " over values that are not null")
}

// describe names an expression in a reason: a column by its name, anything
// else by its own reason.
func (a *analysis) describe(e *env, n *nodetree.Node, v verdict) string {
	for {
		switch n.Tag() {
		case "RELABELTYPE", "COLLATE", "COLLATEEXPR", "COERCEVIAIO", "NAMEDARGEXPR", "COERCETODOMAIN":
			n = n.Node("arg")
			continue
		case "VAR":
			if name := a.varName(e, n); name != "" {
				return name
			}
		}
		return v.why
	}
}

func nodes(values []nodetree.Value) []*nodetree.Node {
	out := make([]*nodetree.Node, len(values))
	for i, v := range values {
		out[i] = v.Node()
	}
	return out
}

// evalBool judges AND, OR and NOT. AND is NULL only if an argument is while no
// other is false, OR only while no other is true; that the others are not
// tells something about columns.
func (a *analysis) evalBool(e *env, n *nodetree.Node) verdict {
	args := n.List("args")
	var other want
	switch n.Text("boolop") {
	case "and":
		other = isNotFalse
	case "or":
		other = isNotTrue
	case "not":
	default:
		return nullable("unknown operator")
	}
	for i, v := range args {
		r := a.eval(e, v.Node())
		if r.null && len(args) > 1 && len(args) <= maxBoolArgs {
			var f facts
			for j, o := range args {
				if j != i {
					f = f.union(a.conditionFacts(e, o.Node(), other))
				}
			}
			if len(f) > 0 {
				r = a.eval(e.with(f), v.Node())
			}
		}
		if r.null {
			return because("condition over ", a.describe(e, v.Node(), r))
		}
	}
	return notNull("condition over values that are not null")
}

// maxBoolArgs bounds the effort for long conditions, which is quadratic.
const maxBoolArgs = 32

// conditionFacts derives facts for the place where an expression stands.
func (a *analysis) conditionFacts(e *env, n *nodetree.Node, w want) facts {
	c := collector{a: a, q: e.q, source: fromCondition, grouped: e.grouped}
	return c.collect(n, w)
}

func (a *analysis) evalCase(e *env, n *nodetree.Node) verdict {
	c := collector{a: a, q: e.q, source: fromCondition, grouped: e.grouped, test: n.Node("arg")}
	at := e
	for _, v := range n.List("args") {
		when := v.Node()
		if r := a.eval(at.with(c.collect(when.Node("expr"), isTrue)), when.Node("result")); r.null {
			return because("case: ", a.describe(at, when.Node("result"), r))
		}
		at = at.with(c.collect(when.Node("expr"), isNotTrue))
	}
	last := n.Node("defresult")
	if last == nil || last.Tag() == "CONST" && !isConstant(last) {
		return nullable("case without else")
	}
	if r := a.eval(at, last); r.null {
		return because("case: ", a.describe(at, last, r))
	}
	return notNull("case of values that are not null")
}

// evalCoalesce judges what is NULL only if all arguments are.
func (a *analysis) evalCoalesce(e *env, n *nodetree.Node, what string) verdict {
	args := n.List("args")
	var last verdict
	for _, v := range args {
		if last = a.eval(e, v.Node()); !last.null {
			return notNull(what + " with a value that is not null: " + last.why)
		}
	}
	// One side of a full join is always there. The merged column of USING is a
	// COALESCE over both.
	for _, j := range e.q.full {
		if j.left.proven(e.facts, 0) || j.right.proven(e.facts, 0) || !allProven(j.around, e.facts) {
			continue
		}
		if !a.eval(e.with(j.left.assume()), n).null && !a.eval(e.with(j.right.assume()), n).null {
			return notNull("one side of the full join is always there")
		}
	}
	if len(args) == 0 {
		return nullable(what)
	}
	return nullable(what + " of values that can all be null")
}

func (s *side) assume() facts {
	return facts{{key{rel: s.number, column: sidePresent}, fromAssumption}}
}

func (a *analysis) evalField(e *env, n *nodetree.Node) verdict {
	arg := n.Node("arg")
	number := n.Int("fieldnum")
	switch arg.Tag() {
	case "ROW", "ROWEXPR":
		if args := arg.List("args"); number >= 1 && number <= len(args) {
			return a.eval(e, args[number-1].Node())
		}
	case "VAR":
		if arg.Int("varattno") == wholeRow && !(e.grouped && e.q.sets != nil) {
			return a.evalColumn(e, arg, number)
		}
	}
	return nullable("field of a composite value")
}

// evalSubscript judges subscripts. A slice is an array even where there is
// nothing to take; an element is NULL there.
func (a *analysis) evalSubscript(e *env, n *nodetree.Node) verdict {
	lower := n.List("reflowerindexpr")
	if len(lower) == 0 || !n.Get("refassgnexpr").IsNull() || !a.isArray(n.OID("refcontainertype")) {
		return nullable("subscript")
	}
	args := []*nodetree.Node{n.Node("refexpr")}
	for _, v := range append(lower[:len(lower):len(lower)], n.List("refupperindexpr")...) {
		if !v.IsNull() {
			args = append(args, v.Node())
		}
	}
	return a.over(e, "array slice", args)
}
