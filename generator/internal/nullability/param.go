package nullability

import (
	"slices"
	"sort"
	"strconv"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Param is the verdict on a parameter.
type Param struct {
	// Number is n of $n.
	Number int
	// Name is what the statement suggests: the column that the parameter is
	// compared with or stored into, the name of a function's argument, "limit"
	// and "offset", else arg and the number. It is never empty, and no two
	// parameters of a statement share one.
	Name string
	// Word is Name before it was told from others, empty where the statement
	// suggests none. Direct is true if the parameter alone is what is compared
	// with the column, or stored into it, or is all of a LIMIT or OFFSET.
	Word   string
	Direct bool
	// Nullable is true if NULL makes sense: for a column that takes it, a test
	// for NULL, COALESCE, IS DISTINCT FROM.
	Nullable bool
	Why      string
	// ElementNullable is true for an array whose elements go into a column that
	// takes NULL.
	ElementNullable bool
	// Relation and Attribute are the table column that the parameter is compared
	// with or stored into, or 0.
	Relation  uint32
	Attribute int16
	// ArrayOf is true for $n in x = ANY($n), which is then named in the plural.
	ArrayOf bool
	// Function is the function whose argument gave the parameter its name, or "".
	Function string
}

// hint is what the place of an expression says about a parameter there.
type hint struct {
	name      string
	nullable  bool
	elements  bool
	why       string
	relation  uint32
	attribute int16
	arrayOf   bool
	function  string
	// inside is true if the place is that of an expression around this one.
	inside bool
	// inserted is true for a value of a new row.
	inserted bool
}

// use is one occurrence of a parameter.
type use struct {
	hint
	number, location int
}

// walker collects the uses of parameters.
type walker struct {
	a    *analysis
	uses []use
	// hints for the columns of subqueries, by query node.
	hints map[*nodetree.Node][]hint
	// test is what CaseTestExpr stands for, sublink the subquery that a test
	// expression compares with.
	test    *nodetree.Node
	sublink *query
}

// params fills the verdicts on the parameters; root is nil without a tree.
func (a *analysis) params(root *nodetree.Node, r *Result) {
	w := walker{a: a, hints: map[*nodetree.Node][]hint{}}
	if root != nil {
		w.query(a.query(root, nil))
	}
	sort.SliceStable(w.uses, func(i, j int) bool {
		return uint(w.uses[i].location) < uint(w.uses[j].location)
	})
	for i := range r.Params {
		r.Params[i].Number = i + 1
	}
	for _, u := range w.uses {
		if u.number >= 1 && u.number <= len(r.Params) {
			r.Params[u.number-1].merge(u)
		}
	}
	names := make([]string, len(r.Params))
	for i := range r.Params {
		p := &r.Params[i]
		names[i], p.Word = p.Name, p.Name
		if p.Name == "" {
			names[i] = "arg" + strconv.Itoa(p.Number)
		}
		if p.Why == "" {
			p.Why = "no use takes null"
		}
	}
	unique(names)
	for i := range r.Params {
		r.Params[i].Name = names[i]
	}
}

// merge adds a use: the first one that has a name gives it, and any that takes
// NULL makes the parameter nullable.
func (p *Param) merge(u use) {
	if p.Name == "" && u.name != "" {
		p.Name, p.Function, p.Direct = u.name, u.function, !u.inside
	}
	if p.Relation == 0 {
		p.Relation, p.Attribute = u.relation, u.attribute
	}
	p.ArrayOf = p.ArrayOf || u.arrayOf
	p.ElementNullable = p.ElementNullable || u.elements
	if u.why != "" && (p.Why == "" || u.nullable && !p.Nullable) {
		p.Why = u.why
	}
	p.Nullable = p.Nullable || u.nullable
}

// query walks a query. The output comes first, because it says what the
// columns of subqueries are for.
func (w *walker) query(q *query) {
	if w.a.depth >= maxNesting {
		return
	}
	w.a.depth++
	defer func() { w.a.depth-- }()
	n := q.node
	var target *catalog.Relation
	if r := q.rel(q.result); r != nil && r.kind == rteRelation {
		target = w.a.schema.catalog.Relations[r.node.OID("relid")]
	}
	hints := w.hints[n]
	if q.setop != nil {
		for _, r := range q.rels {
			if r.kind == rteSubquery {
				w.addHints(r.node.Node("subquery"), hints)
			}
		}
		hints = nil
	}
	if q.command == insertCommand || q.command == updateCommand {
		w.assign(q, target, n.List("targetList"), q.command == insertCommand)
	} else {
		at := 0
		for _, v := range n.List("targetList") {
			t := v.Node()
			var h hint
			if !t.Bool("resjunk") {
				if at < len(hints) {
					h = hints[at]
				}
				at++
			}
			w.expr(q, t.Node("expr"), h)
		}
	}
	if c := n.Node("onConflict"); c != nil {
		w.assign(q, target, c.List("onConflictSet"), false)
		w.value(q, c.Get("arbiterElems"))
		w.expr(q, c.Node("arbiterWhere"), hint{})
		w.expr(q, c.Node("onConflictWhere"), hint{})
	}
	for _, v := range n.List("mergeActionList") {
		w.assign(q, target, v.Node().List("targetList"), false)
		w.expr(q, v.Node().Node("qual"), hint{})
	}
	w.expr(q, n.Node("limitCount"), hint{name: "limit", why: "limit"})
	w.expr(q, n.Node("limitOffset"), hint{name: "offset", why: "offset"})
	for _, name := range []string{"jointree", "mergeJoinCondition", "havingQual", "returningList", "windowClause"} {
		w.value(q, n.Get(name))
	}
	for _, r := range q.rels {
		w.rel(q, r)
	}
	for _, v := range n.List("cteList") {
		if sub := v.Node().Node("ctequery"); sub.Tag() == "QUERY" {
			w.query(w.a.query(sub, q))
		}
	}
}

func (w *walker) rel(q *query, r *rel) {
	switch r.kind {
	case rteSubquery:
		if sub := r.node.Node("subquery"); sub.Tag() == "QUERY" {
			w.query(w.a.query(sub, q))
		}
	case rteFunction:
		hints, at := w.hints[r.node], 0
		for _, v := range r.node.List("functions") {
			var h hint
			if at < len(hints) {
				h = hints[at]
			}
			at += v.Node().Int("funccolcount")
			w.expr(q, v.Node().Node("funcexpr"), h)
		}
	case rteValues:
		hints := w.hints[r.node]
		for _, row := range r.node.List("values_lists") {
			for i, v := range row.List() {
				var h hint
				if i < len(hints) {
					h = hints[i]
				}
				w.expr(q, v.Node(), h)
			}
		}
	case rteTableFunc:
		w.value(q, r.node.Get("tablefunc"))
	case rteGroup:
		w.value(q, r.node.Get("groupexprs"))
	case rteRelation:
		w.value(q, r.node.Get("tablesample"))
	}
}

// assign walks what is stored into columns of target.
func (w *walker) assign(q *query, target *catalog.Relation, list []nodetree.Value, inserted bool) {
	// SET (a, b) = (SELECT …) has a parameter of the server's own for each
	// column, and the subquery at the end of the list.
	var multiple map[int][]hint
	for _, v := range list {
		t := v.Node()
		expr := t.Node("expr")
		var h hint
		if !t.Bool("resjunk") && target != nil {
			h = w.stored(target, int16(t.Int("resno")))
			h.inserted = inserted
		}
		if kind, ok := expr.Get("paramkind").Int(); ok && kind == paramMultiple {
			id := expr.Int("paramid")
			if multiple == nil {
				multiple = map[int][]hint{}
			}
			hints := multiple[id>>16]
			for len(hints) < id&0xffff && len(hints) < maxColumns {
				hints = append(hints, hint{})
			}
			if n := id & 0xffff; n >= 1 && n <= len(hints) {
				hints[n-1] = h
			}
			multiple[id>>16] = hints
		}
		if kind, ok := expr.Get("subLinkType").Int(); ok && kind == sublinkMultiple {
			w.addHints(expr.Node("subselect"), multiple[expr.Int("subLinkId")])
		}
		w.expr(q, expr, h)
	}
}

// stored is the hint of a column that a value is stored into.
func (w *walker) stored(rel *catalog.Relation, number int16) hint {
	c := rel.Column(number)
	if c == nil {
		return hint{}
	}
	h := hint{name: c.Name, relation: rel.OID, attribute: number}
	if rel.Kind == catalog.View {
		// An updatable view stores into its table.
		if tree := w.a.schema.view(rel); tree != nil {
			h.relation, h.attribute = w.a.originOf(w.a.query(tree, nil), int(number)-1, 0)
			rel = w.a.schema.catalog.Relations[h.relation]
		}
	}
	if rel != nil && h.attribute > 0 {
		if c := rel.Column(h.attribute); c != nil && (c.NotNull || !w.a.schema.stored(rel, h.attribute, false).null) {
			h.why = "stored into " + rel.Name + "." + c.Name + ", which is not null"
			return h
		}
	}
	h.nullable = true
	h.why = "stored into " + c.Name + ", which is nullable"
	return h
}

func (w *walker) value(q *query, v nodetree.Value) {
	if n := v.Node(); n != nil {
		w.expr(q, n, hint{})
	}
	for _, item := range v.List() {
		w.value(q, item)
	}
}

// expr walks an expression whose place says h about a parameter there.
func (w *walker) expr(q *query, n *nodetree.Node, h hint) {
	if n == nil || !w.a.step() {
		return
	}
	args := n.List("args")
	switch n.Tag() {
	case "PARAM":
		if kind, ok := n.Get("paramkind").Int(); ok && kind == paramExtern {
			w.uses = append(w.uses, use{h, n.Int("paramid"), n.Int("location")})
		}
	case "VAR":
		w.passOn(q, n, h)
	case "RELABELTYPE", "COLLATE", "COLLATEEXPR", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COERCETODOMAIN", "CONVERTROWTYPEEXPR", "NAMEDARGEXPR":
		w.expr(q, n.Node("arg"), h)
	case "FUNCEXPR":
		w.function(q, n, h)
	case "OPEXPR":
		w.operator(q, n, h)
	case "DISTINCTEXPR":
		for i, v := range args {
			h := hint{}
			if len(args) == 2 {
				h = w.comparedWith(q, args[1-i].Node())
			}
			h.nullable, h.why = true, "is distinct from"
			w.expr(q, v.Node(), h)
		}
	case "NULLIFEXPR":
		for i, v := range args {
			inner, beside := h, hint{}
			if len(args) == 2 {
				beside = w.comparedWith(q, args[1-i].Node())
			}
			inner.inside = beside.name == ""
			if len(args) == 2 && (i == 1 || h.name == "") {
				inner = beside
			}
			w.expr(q, v.Node(), inner)
		}
	case "SCALARARRAYOPEXPR":
		w.arrayOperator(q, args)
	case "NULLTEST":
		w.expr(q, n.Node("arg"), hint{nullable: true, why: "tested for null"})
	case "COALESCE", "COALESCEEXPR":
		w.coalesce(q, args, h)
	case "MINMAX", "MINMAXEXPR":
		h.inside = h.inside || h.inserted
		if h.name == "" {
			h = w.firstColumn(q, args, h)
		}
		for _, v := range args {
			w.expr(q, v.Node(), h)
		}
	case "CASE", "CASEEXPR":
		w.caseOf(q, n, h)
	case "ROWCOMPARE", "ROWCOMPAREEXPR":
		left, right := n.List("largs"), n.List("rargs")
		for i := range min(len(left), len(right)) {
			w.expr(q, left[i].Node(), w.comparedWith(q, right[i].Node()))
			w.expr(q, right[i].Node(), w.comparedWith(q, left[i].Node()))
		}
	case "ARRAY", "ARRAYEXPR":
		h.arrayOf = false
		for _, v := range n.List("elements") {
			w.expr(q, v.Node(), h)
		}
	case "SUBSCRIPTINGREF":
		w.expr(q, n.Node("refassgnexpr"), h)
		w.value(q, n.Get("refexpr"))
		w.value(q, n.Get("refupperindexpr"))
		w.value(q, n.Get("reflowerindexpr"))
	case "FIELDSTORE":
		w.fieldStore(q, n, h)
	case "SUBLINK":
		w.subquery(q, n, h)
	case "QUERY":
		w.query(w.a.query(n, q))
	default:
		for i := range n.Len() {
			_, v := n.Field(i)
			w.value(q, v)
		}
	}
}

// passOn gives what is known of a column to the expression that it comes from.
func (w *walker) passOn(q *query, n *nodetree.Node, h hint) {
	if h == (hint{}) {
		return
	}
	q = q.up(n.Int("varlevelsup"))
	if q == nil {
		return
	}
	index, column, expr := q.resolve(n.Int("varno"), n.Int("varattno"))
	r := q.rel(index)
	if expr != nil || r == nil {
		return
	}
	to := r.node
	switch r.kind {
	case rteSubquery:
		to = r.node.Node("subquery")
	case rteCTE:
		to = q.up(r.node.Int("ctelevelsup")).cteQuery(r.node.Text("ctename"))
	case rteValues, rteFunction:
	default:
		return
	}
	if column < 1 || column > maxColumns || to == nil {
		return
	}
	h.inside = true
	hints := make([]hint, max(column, len(w.hints[to])))
	copy(hints, w.hints[to])
	if hints[column-1].name == "" {
		hints[column-1] = h
	}
	w.hints[to] = hints
}

// maxColumns is the most columns that a query can have.
const maxColumns = 1664

func (w *walker) addHints(to *nodetree.Node, hints []hint) {
	if to != nil && len(hints) > 0 && w.hints[to] == nil {
		w.hints[to] = hints
	}
}

// Values of funcformat.
const (
	explicitCast = 1
	implicitCast = 2
)

// concatenate is text || text, and concat its function.
const (
	concatenate = 1258 // textcat(text, text)
	concat      = 3058 // concat("any")
)

func (w *walker) function(q *query, n *nodetree.Node, h hint) {
	args := n.List("args")
	oid := n.OID("funcid")
	format := n.Int("funcformat")
	switch {
	case (format == explicitCast || format == implicitCast) && len(args) > 0:
		w.expr(q, args[0].Node(), h)
		for _, v := range args[1:] {
			w.expr(q, v.Node(), hint{})
		}
		return
	case oid == unnest && len(args) == 1:
		w.expr(q, args[0].Node(), h.several())
		return
	case oid == concat:
		h.inside = true
		for _, v := range args {
			w.expr(q, v.Node(), h)
		}
		return
	}
	f := w.a.schema.catalog.Functions[oid]
	for i, v := range args {
		arg := v.Node()
		at := i
		if arg.Tag() == "NAMEDARGEXPR" {
			at = arg.Int("argnumber")
		}
		inner := hint{}
		switch {
		case f != nil && at >= 0 && at < len(f.ArgumentNames) && f.ArgumentNames[at] != "":
			inner = hint{name: f.ArgumentNames[at], function: f.Name, why: "argument of " + f.Name}
		case len(args) == 1:
			inner = h
			inner.inside = true
		}
		w.expr(q, arg, inner)
	}
}

// several is the hint for an array of the values that h is about.
func (h hint) several() hint {
	h.name = Plural(h.name)
	h.elements, h.nullable = h.nullable, false
	return h
}

func (w *walker) operator(q *query, n *nodetree.Node, h hint) {
	args := n.List("args")
	comparison := n.OID("opresulttype") == boolOID
	for i, v := range args {
		arg := v.Node()
		inner := hint{}
		switch {
		case len(args) == 1:
			inner = h
		case len(args) != 2:
		case n.OID("opfuncid") == concatenate && h.name != "":
			inner = h
			inner.nullable, inner.inside = false, true
		case comparison || w.sameType(arg, args[1-i].Node()):
			inner = w.comparedWith(q, args[1-i].Node())
		}
		w.expr(q, arg, inner)
	}
}

// sameType reports whether two operands have one type, so that the name of a
// column fits both.
func (w *walker) sameType(x, y *nodetree.Node) bool {
	t, u := w.a.schema.catalog.BaseType(exprType(x)), w.a.schema.catalog.BaseType(exprType(y))
	return t != nil && t == u
}

func (w *walker) arrayOperator(q *query, args []nodetree.Value) {
	if len(args) != 2 {
		return
	}
	w.expr(q, args[0].Node(), w.comparedWith(q, args[1].Node()))
	h := w.comparedWith(q, args[0].Node())
	if inner := args[1].Node(); inner.Tag() == "ARRAY" || inner.Tag() == "ARRAYEXPR" {
		w.expr(q, inner, h)
		return
	}
	h.name = Plural(h.name)
	h.arrayOf = true
	w.expr(q, args[1].Node(), h)
}

func (w *walker) coalesce(q *query, args []nodetree.Value, h hint) {
	h.inside = h.inside || h.inserted
	if h.name == "" {
		h = w.firstColumn(q, args, h)
	}
	for i, v := range args {
		inner := h
		if i < len(args)-1 {
			inner.nullable, inner.why = true, "coalesce"
		}
		w.expr(q, v.Node(), inner)
	}
}

// firstColumn names a parameter after the first column beside it.
func (w *walker) firstColumn(q *query, args []nodetree.Value, h hint) hint {
	for _, v := range args {
		if found := w.comparedWith(q, v.Node()); found.name != "" {
			found.nullable, found.why = h.nullable, h.why
			return found
		}
	}
	return h
}

func (w *walker) caseOf(q *query, n *nodetree.Node, h hint) {
	outer := w.test
	arg := n.Node("arg")
	if arg != nil {
		w.expr(q, arg, hint{})
		w.test = arg
	}
	for _, v := range n.List("args") {
		w.expr(q, v.Node().Node("expr"), hint{})
	}
	w.test = outer
	h.inside = h.inside || h.inserted
	for _, v := range n.List("args") {
		w.expr(q, v.Node().Node("result"), h)
	}
	w.expr(q, n.Node("defresult"), h)
}

func (w *walker) fieldStore(q *query, n *nodetree.Node, h hint) {
	w.value(q, n.Get("arg"))
	var fields []int
	fields = slices.AppendSeq(fields, n.Get("fieldnums").Numbers())
	t := w.a.schema.catalog.BaseType(n.OID("resulttype"))
	for i, v := range n.List("newvals") {
		inner := hint{nullable: true, why: "stored into a field of a composite value"}
		if t != nil && i < len(fields) {
			if rel := w.a.schema.catalog.Relations[t.Relation]; rel != nil {
				if c := rel.Column(int16(fields[i])); c != nil {
					inner.name = c.Name
				}
			}
		}
		if inner.name == "" {
			inner.name = h.name
		}
		w.expr(q, v.Node(), inner)
	}
}

func (w *walker) subquery(q *query, n *nodetree.Node, h hint) {
	sub := n.Node("subselect")
	if sub.Tag() != "QUERY" {
		return
	}
	inner := w.a.query(sub, q)
	outer := w.sublink
	w.sublink = inner
	w.expr(q, n.Node("testexpr"), hint{})
	w.sublink = outer
	if kind, ok := n.Get("subLinkType").Int(); ok && kind == sublinkExpr && h.name != "" {
		w.addHints(sub, []hint{h})
	}
	w.query(inner)
}

// comparedWith is the hint for what is compared with n: the one column in it.
func (w *walker) comparedWith(q *query, n *nodetree.Node) hint {
	found, at := w.column(q, n)
	if found == nil {
		return hint{}
	}
	owner := at.up(found.Int("varlevelsup"))
	if owner == nil {
		return hint{}
	}
	index, column, expr := owner.resolve(found.Int("varno"), found.Int("varattno"))
	r := owner.rel(index)
	if r == nil || column < 1 {
		return hint{}
	}
	h := hint{name: r.columnName(column)}
	if r.kind == rteGroup && expr == nil {
		return w.comparedWith(owner, r.groupExpr(column))
	}
	if h.name != "" {
		h.why = "compared with " + h.name
	}
	if plain(n) {
		h.relation, h.attribute = w.a.originVar(at, found, 0)
	}
	return h
}

// plain reports whether an expression is a column, but for casts.
func plain(n *nodetree.Node) bool {
	for {
		switch n.Tag() {
		case "VAR", "CASETESTEXPR", "PARAM":
			return true
		case "RELABELTYPE", "COLLATE", "COLLATEEXPR", "COERCEVIAIO", "COERCETODOMAIN":
			n = n.Node("arg")
		case "FUNCEXPR":
			if f := n.Int("funcformat"); f != implicitCast && f != explicitCast || len(n.List("args")) == 0 {
				return false
			}
			n = n.List("args")[0].Node()
		default:
			return false
		}
	}
}

// column finds the only column in an expression, and the query that it stands
// in.
func (w *walker) column(q *query, n *nodetree.Node) (*nodetree.Node, *query) {
	var found *nodetree.Node
	at := q
	many := false
	var visit func(v nodetree.Value)
	visit = func(v nodetree.Value) {
		for _, item := range v.List() {
			visit(item)
		}
		n := v.Node()
		if n == nil || many || !w.a.step() {
			return
		}
		switch n.Tag() {
		case "VAR":
			same := found != nil && found.Int("varno") == n.Int("varno") && found.Int("varattno") == n.Int("varattno") && found.Int("varlevelsup") == n.Int("varlevelsup")
			if found != nil && !same {
				many = true
			}
			found = n
			return
		case "CASETESTEXPR":
			if w.test != nil {
				test := w.test
				w.test = nil
				visit(nodetree.NodeValue(test))
				w.test = test
			}
			return
		case "PARAM":
			if kind, ok := n.Get("paramkind").Int(); ok && kind == paramSublink && w.sublink != nil {
				w.outputColumn(w.sublink, n.Int("paramid")-1, &found, &at, &many)
			}
			return
		case "SUBLINK":
			if kind, ok := n.Get("subLinkType").Int(); ok && kind == sublinkExpr && n.Node("subselect").Tag() == "QUERY" {
				w.outputColumn(w.a.query(n.Node("subselect"), q), 0, &found, &at, &many)
			}
			return
		case "QUERY":
			return
		}
		for i := range n.Len() {
			_, f := n.Field(i)
			visit(f)
		}
	}
	visit(nodetree.NodeValue(n))
	if many {
		return nil, nil
	}
	return found, at
}

// outputColumn takes a plain output column of a subquery for what a parameter
// is compared with.
func (w *walker) outputColumn(sub *query, i int, found **nodetree.Node, at **query, many *bool) {
	targets := sub.targets()
	if i < 0 || i >= len(targets) || sub.setop != nil {
		return
	}
	if expr := targets[i].Node("expr"); expr.Tag() == "VAR" {
		*many = *many || *found != nil
		*found, *at = expr, sub
	}
}

func (q *query) cteQuery(name string) *nodetree.Node {
	if q == nil {
		return nil
	}
	sub := q.cte(name).Node("ctequery")
	if sub.Tag() != "QUERY" {
		return nil
	}
	return sub
}
