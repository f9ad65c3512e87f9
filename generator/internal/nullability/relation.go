package nullability

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Values of varreturningtype (PostgreSQL 18).
const (
	returningOld = 1
	returningNew = 2
)

// evalVar judges a reference to a column.
func (a *analysis) evalVar(e *env, n *nodetree.Node) verdict {
	return a.evalColumn(e, n, n.Int("varattno"))
}

// evalColumn judges a column of the relation that a Var refers to.
func (a *analysis) evalColumn(e *env, n *nodetree.Node, column int) verdict {
	level := n.Int("varlevelsup")
	t := e.at(level)
	if t == nil || !n.Has("varno") {
		return nullable("unknown column")
	}
	rel, column, expr := t.q.resolve(n.Int("varno"), column)
	if expr != nil {
		// The merged column of a join with USING.
		switch {
		case level == 0:
			return a.eval(e, expr)
		case t.grouped && t.q.sets != nil:
			return nullable("may not be in every grouping set")
		}
		return a.eval(t, expr)
	}
	r := t.q.rel(rel)
	if r == nil {
		return nullable("unknown relation")
	}
	var group *groupedExpr
	if t.grouped {
		group = t.q.groupedVar(rel, column)
	}
	if group != nil && group.mixed {
		return nullable("not in every grouping set")
	}
	returning := n.Int("varreturningtype")
	if f, ok := e.known(level, rel, column); ok && (rel != t.q.result || a.factHolds(t, r, returning, key{rel: rel, column: column})) {
		return notNull(sourceNames[f.source] + ": " + r.describe(column) + " is not null")
	}
	if rel == t.q.result && t.q.result != 0 {
		if why := t.q.missingReturning(returning); why != "" {
			return nullable(why)
		}
	}
	if ok, s := e.present(level, rel); !ok {
		return nullable(s.why(a.relationName(r)))
	}
	if group != nil && !group.always {
		return nullable("not in every grouping set")
	}
	if column == wholeRow {
		switch r.kind {
		case rteRelation, rteSubquery, rteValues, rteCTE:
			if !a.replaced(t, rel, r) {
				return notNull("row of " + a.relationName(r))
			}
		}
		return nullable("row")
	}
	return a.relColumn(t, rel, column)
}

// knownVar finds a fact about what a Var refers to.
func (a *analysis) knownVar(e *env, n *nodetree.Node) (fact, bool) {
	level := n.Int("varlevelsup")
	t := e.at(level)
	if t == nil {
		return fact{}, false
	}
	rel, column, expr := t.q.resolve(n.Int("varno"), n.Int("varattno"))
	if expr != nil {
		return fact{}, false
	}
	return e.known(level, rel, column)
}

// groupedVar finds how a query groups by a column, also where a subquery refers
// to it, or nil.
func (q *query) groupedVar(rel, column int) *groupedExpr {
	if q.sets == nil {
		return nil
	}
	if r := q.rel(rel); r.kind == rteGroup {
		if groups := q.groups(); column >= 1 && column <= len(groups) {
			return &groups[column-1]
		}
		return nil
	}
	var found *groupedExpr
	for i, v := range q.node.List("groupClause") {
		ref := v.Node().Int("tleSortGroupRef")
		for _, target := range q.node.List("targetList") {
			expr := target.Node().Node("expr")
			if target.Node().Int("ressortgroupref") != ref || expr.Tag() != "VAR" || expr.Int("varlevelsup") != 0 {
				continue
			}
			r, c, other := q.resolve(expr.Int("varno"), expr.Int("varattno"))
			if other == nil && r == rel && c == column && (found == nil || !q.groups()[i].always) {
				found = &q.groups()[i]
			}
		}
	}
	return found
}

// factHolds reports whether a fact about the row of the statement's target is
// true of what a reference to the target means. WHERE is about the row that was
// found; what is stored instead can differ, also through a trigger, and the
// conditions in RETURNING are about that. What a rule returns is another row
// altogether.
func (a *analysis) factHolds(t *env, r *rel, returning int, k key) bool {
	if rel := a.schema.catalog.Relations[r.node.OID("relid")]; rel == nil || rel.Rules {
		return false
	}
	switch t.q.command {
	case updateCommand:
		f, ok := t.facts.find(k)
		return ok && returning == returningOld && (f.source == fromWhere || f.source == fromOn)
	case deleteCommand:
		return returning != returningNew
	case mergeCommand:
		return false
	}
	return returning == 0
}

// missingReturning says why OLD or NEW is missing from what a statement
// returns, or "".
func (q *query) missingReturning(returning int) string {
	switch {
	case returning == returningOld && q.command == insertCommand:
		return "there is no old row in an insert"
	case returning == returningNew && q.command == deleteCommand:
		return "there is no new row in a delete"
	case returning == returningOld && q.command == mergeCommand && q.merges(insertCommand):
		return "there is no old row where the merge inserts"
	case returning == returningNew && q.command == mergeCommand && q.merges(deleteCommand):
		return "there is no new row where the merge deletes"
	}
	return ""
}

// merges reports whether a merge has an action of a kind, or one that is not
// known. Rows that nothing is done with are not returned.
func (q *query) merges(kind command) bool {
	actions := q.node.List("mergeActionList")
	for _, v := range actions {
		switch n, ok := v.Node().Get("commandType").Int(); {
		case !ok, command(n) == kind:
			return true
		}
	}
	return len(actions) == 0
}

func (r *rel) describe(column int) string {
	if name := r.columnName(column); name != "" {
		return name
	}
	return r.name()
}

func (a *analysis) varName(e *env, n *nodetree.Node) string {
	t := e.at(n.Int("varlevelsup"))
	if t == nil {
		return ""
	}
	if r := t.q.rel(n.Int("varno")); r != nil {
		return r.describe(n.Int("varattno"))
	}
	return ""
}

// relationName is the relation and its alias: "orders o".
func (a *analysis) relationName(r *rel) string {
	name := r.name()
	if r.kind == rteRelation {
		if rel := a.schema.catalog.Relations[r.node.OID("relid")]; rel != nil && rel.Name != name {
			return rel.Name + " " + name
		}
	}
	return name
}

// relColumn judges a column of a relation where that is part of the row. t is
// the environment of the query that has the relation in its range table.
func (a *analysis) relColumn(t *env, index, column int) verdict {
	r := t.q.rel(index)
	if !t.local {
		if m, ok := r.columns[column]; ok && m.generation == a.generation {
			return m.verdict
		}
	}
	v := a.relColumnAnew(t, index, r, column)
	if !t.local {
		if r.columns == nil {
			r.columns = map[int]remembered{}
		}
		r.columns[column] = remembered{v, a.generation}
	}
	return v
}

func (a *analysis) relColumnAnew(t *env, index int, r *rel, column int) verdict {
	if a.depth >= maxNesting {
		return nullable("nested too deeply")
	}
	a.depth++
	defer func() { a.depth-- }()
	switch r.kind {
	case rteRelation:
		return a.tableColumn(t, index, r, column)
	case rteSubquery:
		sub := r.node.Node("subquery")
		if sub.Tag() != "QUERY" {
			return nullable("unknown subquery")
		}
		return a.derived(t, index, a.query(sub, t.q), a.rowsOrSelf(t), column)
	case rteFunction:
		return a.functionColumn(t, r, column)
	case rteTableFunc:
		return a.tableFuncColumn(r, column)
	case rteValues:
		return a.valuesColumn(t, r, column)
	case rteCTE:
		return a.cteColumn(t, index, r, column)
	case rteGroup:
		return a.groupColumn(t, index, r, column)
	}
	return nullable("unknown relation")
}

// rowsOrSelf is the environment that an item of FROM sees: the rows, whatever
// the grouping does with them.
func (a *analysis) rowsOrSelf(t *env) *env {
	if t.grouped {
		return a.rows(t)
	}
	return t
}

// derived judges an output column of a query in FROM. What the query outside
// knows of other columns of the same row holds inside too.
func (a *analysis) derived(t *env, index int, q *query, up *env, column int) verdict {
	if column < 1 || column > len(q.targets()) {
		return nullable("unknown column")
	}
	e := a.outputEnv(q, up)
	if t != nil && q.setop == nil && q.command == selectCommand {
		var f facts
		c := collector{a: a, q: q, source: fromOutside, grouped: q.grouped()}
		for _, x := range t.facts {
			if x.level == 0 && x.rel == index && x.column >= 1 && x.column <= len(q.targets()) {
				f = f.union(c.collect(q.targets()[x.column-1].Node("expr"), isNotNull))
			}
		}
		e = e.with(f)
	}
	return a.output(e, column-1)
}

// tableColumn judges a column of a stored relation or of a view.
func (a *analysis) tableColumn(t *env, index int, r *rel, column int) verdict {
	rel := a.schema.catalog.Relations[r.node.OID("relid")]
	if rel == nil {
		return nullable("unknown relation")
	}
	switch {
	case a.replaced(t, index, r):
		return nullable("a rule or a trigger can replace what " + rel.Name + " returns")
	case t.q.stale:
		return nullable("a materialized view can be older than the constraints of " + rel.Name)
	case rel.Kind == catalog.View, rel.Kind == catalog.MaterializedView:
		return a.viewColumn(t, index, rel, column)
	case column < 0:
		return a.systemColumn(t, index, rel, r, column)
	}
	return a.schema.stored(rel, int16(column), r.node.Bool("inh") || !r.node.Has("inh"))
}

// replaced reports whether r is what the statement changes and something other
// than the statement decides what it returns.
func (a *analysis) replaced(t *env, index int, r *rel) bool {
	if index != t.q.result || r.kind != rteRelation {
		return false
	}
	rel := a.schema.catalog.Relations[r.node.OID("relid")]
	return rel == nil || rel.Rules || rel.Kind == catalog.View
}

// systemColumn judges ctid, xmin and so on.
func (a *analysis) systemColumn(t *env, index int, rel *catalog.Relation, r *rel, column int) verdict {
	if rel.Kind != catalog.Table || len(rel.Children) > 0 && r.node.Bool("inh") {
		return nullable("system column")
	}
	return notNull("system column")
}

// viewColumn judges a column of a view by its query.
func (a *analysis) viewColumn(t *env, index int, rel *catalog.Relation, column int) verdict {
	tree := a.schema.view(rel)
	if tree == nil {
		return nullable("the query of view " + rel.Name + " is not known")
	}
	q := a.query(tree, nil)
	if rel.Kind == catalog.MaterializedView {
		q.stale = true
	}
	v := a.derived(t, index, q, nil, column)
	v.why = "view " + rel.Name + ": " + v.why
	return v
}

// valuesColumn judges a column of VALUES.
func (a *analysis) valuesColumn(t *env, r *rel, column int) verdict {
	lists := r.node.List("values_lists")
	up := a.rowsOrSelf(t)
	for _, v := range lists {
		items := v.List()
		if column < 1 || column > len(items) {
			return nullable("unknown column")
		}
		if x := a.eval(up, items[column-1].Node()); x.null {
			return because("values: ", x.why)
		}
	}
	if len(lists) == 0 {
		return nullable("values")
	}
	return notNull("no null in values")
}

// groupColumn judges a column of the grouping step (PostgreSQL 18).
func (a *analysis) groupColumn(t *env, index int, r *rel, column int) verdict {
	expr := r.groupExpr(column)
	if expr == nil {
		return nullable("unknown grouped expression")
	}
	if g := t.q.groupedVar(index, column); t.q.sets != nil && (g == nil || !g.always) {
		return nullable("not in every grouping set")
	}
	return a.eval(a.rowsOrSelf(t), expr)
}

// cteColumn judges a column of a CTE.
func (a *analysis) cteColumn(t *env, index int, r *rel, column int) verdict {
	d := t.at(r.node.Int("ctelevelsup"))
	if d == nil {
		return nullable("unknown CTE")
	}
	cte := d.q.cte(r.node.Text("ctename"))
	sub := cte.Node("ctequery")
	if sub.Tag() != "QUERY" {
		return nullable("unknown CTE")
	}
	q := a.query(sub, d.q)
	up := a.rowsOrSelf(d)
	if !cte.Bool("cterecursive") {
		return a.derived(t, index, q, up, column)
	}
	return a.recursiveColumn(cte, q, up, column)
}

func (q *query) cte(name string) *nodetree.Node {
	for _, v := range q.node.List("cteList") {
		if c := v.Node(); c.Text("ctename") == name {
			return c
		}
	}
	return nil
}

// recursiveColumn judges a column of a recursive CTE: assume that all are not
// null, judge the query, which refers to itself, and repeat with what came out
// until nothing changes. The rows of each iteration come from those before, so
// what holds of the first ones and is kept by each step holds of all.
func (a *analysis) recursiveColumn(cte *nodetree.Node, q *query, up *env, column int) verdict {
	if columns, ok := a.recursive[cte]; ok {
		if column < 1 || column > len(columns) {
			return nullable("unknown column")
		}
		return columns[column-1]
	}
	columns := make([]verdict, len(q.targets()))
	for i := range columns {
		columns[i] = notNull("not null in each step of the recursion")
	}
	if a.recursive == nil {
		a.recursive = map[*nodetree.Node][]verdict{}
	}
	a.recursive[cte] = columns
	for again := true; again; {
		again = false
		a.generation++
		for i := range columns {
			if !columns[i].null {
				if v := a.output(a.outputEnv(q, up), i); v.null {
					columns[i], again = v, true
				}
			}
		}
	}
	// What was remembered meanwhile rests on assumptions about this CTE, which
	// hold now.
	delete(a.recursive, cte)
	if column < 1 || column > len(columns) {
		return nullable("unknown column")
	}
	v := columns[column-1]
	if !v.null {
		v = a.output(a.outputEnv(q, up), column-1)
	}
	return v
}
