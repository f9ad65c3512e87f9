package analysis

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// A star in a target list becomes as many Vars as it has columns, and each of
// them carries the star's own location (src/backend/parser/parse_target.c). So
// the tree tells which columns came from which star, however many there are.

// locate finds, while the tree is at hand, the columns that each sqlc.embed
// and each star of the outermost result stand for.
func (a *analyser) locate(st *statement, got answer) {
	embeds := st.rewritten.Embeds
	stars := slices.DeleteFunc(sqltext.Stars(st.rewritten.SQL), func(s sqltext.Star) bool { return !s.Outer || s.Table })
	if len(embeds) == 0 && len(stars) == 0 {
		return
	}
	query := queryOf(got.root)
	if query == nil {
		for _, e := range embeds {
			a.fail(st, e.Start, "sqlc.embed needs the query tree: "+cmp.Or(a.session.NoTree, st.verdict.Fallback), "name the columns one by one")
		}
		return
	}
	arms := arms(query)
	st.embeds = map[int]*sqltext.Embed{}
	st.tables = map[*sqltext.Embed]*catalog.Relation{}
	for i := range embeds {
		a.locateEmbed(st, &embeds[i], arms[0])
	}
	for _, s := range stars {
		if slices.ContainsFunc(embeds, func(e sqltext.Embed) bool { return e.Start == s.Start }) {
			continue
		}
		for _, arm := range arms {
			if text := expansion(arm, s, st.rewritten.SQL); text != "" {
				st.edits = append(st.edits, sqltext.Edit{Start: s.Start, End: s.End, Text: text})
				break
			}
		}
	}
	// What sqlc.embed made is a star as well.
	for _, e := range embeds {
		for _, arm := range arms {
			if text := expansion(arm, sqltext.Star{Start: e.Start, End: e.End, Qualifier: strings.TrimSuffix(st.rewritten.SQL[e.Start:e.End], ".*")}, st.rewritten.SQL); text != "" {
				st.edits = append(st.edits, sqltext.Edit{Start: e.Start, End: e.End, Text: text})
				break
			}
		}
	}
	slices.SortFunc(st.edits, func(x, y sqltext.Edit) int { return x.Start - y.Start })
}

func (a *analyser) fail(st *statement, offset int, message, hint string) {
	st.failed = true
	a.report(st.at(offset, message, hint))
}

func (a *analyser) locateEmbed(st *statement, e *sqltext.Embed, query *nodetree.Node) {
	var relation uint32
	n := 0
	for i, v := range starred(query, e.Start) {
		relation = rangeTable(query, v.Int("varno")).OID("relid")
		st.embeds[i] = e
		n++
	}
	r := a.session.Catalog.Relations[relation]
	switch {
	case n == 0:
		a.fail(st, e.Start, fmt.Sprintf("sqlc.embed(%s) has no columns in the result of the query", e.Name), "use it in the list of the outermost SELECT, or after RETURNING")
	case r == nil || len(r.Columns) != n:
		a.fail(st, e.Start, fmt.Sprintf("sqlc.embed(%s) is not a table or view", e.Name), "embed takes the name or alias of a table or view in FROM; name the columns of anything else")
	default:
		st.tables[e] = r
	}
}

// starred yields the columns that the star at a byte became, with their places
// in the result.
//
// From PostgreSQL 18 on, a column that the query groups by refers to the
// grouping step and has lost its location. The expression that it is grouped by
// has that of its first use, which may be another: so what lacks between a
// star's columns, and before and behind them, is one of them.
func starred(query *nodetree.Node, location int) iter.Seq2[int, *nodetree.Node] {
	list := targets(query)
	vars := make([]*nodetree.Node, len(list))
	lost := make([]bool, len(list))
	first, last := -1, -1
	for i, entry := range list {
		expr := entry.Node("expr")
		vars[i] = ungrouped(query, expr)
		lost[i] = vars[i] != expr
		if !lost[i] && vars[i].Tag() == "VAR" && vars[i].Int("location") == location {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	for i := 0; i < len(list) && first < 0; i++ {
		if lost[i] && vars[i].Tag() == "VAR" && vars[i].Int("location") == location {
			first, last = i, i
		}
	}
	return func(yield func(int, *nodetree.Node) bool) {
		if first < 0 {
			return
		}
		for first > 0 && lost[first-1] && follows(query, vars[first-1], vars[first]) {
			first--
		}
		for last+1 < len(list) && lost[last+1] && follows(query, vars[last], vars[last+1]) {
			last++
		}
		for i := first; i <= last; i++ {
			if vars[i].Tag() == "VAR" && !yield(i, vars[i]) {
				return
			}
		}
	}
}

// ungrouped is the expression that an entry of a result stands for: that of the
// grouping step, for a column of it.
func ungrouped(query, expr *nodetree.Node) *nodetree.Node {
	if expr.Tag() != "VAR" || expr.Int("varlevelsup") != 0 {
		return expr
	}
	rte := rangeTable(query, expr.Int("varno"))
	exprs := rte.List("groupexprs")
	if n := expr.Int("varattno"); rte.Int("rtekind") == rteGroup && n >= 1 && n <= len(exprs) {
		return exprs[n-1].Node()
	}
	return expr
}

// follows reports whether y is the column behind x, of the same relation.
func follows(query, x, y *nodetree.Node) bool {
	if x.Tag() != "VAR" || y.Tag() != "VAR" || x.Int("varno") != y.Int("varno") || x.Int("varlevelsup") != 0 || y.Int("varlevelsup") != 0 {
		return false
	}
	names := rangeTable(query, x.Int("varno")).Node("eref").List("colnames")
	next := x.Int("varattno") + 1
	for next >= 1 && next <= len(names) && names[next-1].Text() == "" {
		next++ // a column that was dropped
	}
	return next == y.Int("varattno")
}

// expansion spells out a star, or returns "" where it cannot.
func expansion(query *nodetree.Node, star sqltext.Star, sql string) string {
	var columns []string
	for _, v := range starred(query, star.Start) {
		rte := rangeTable(query, v.Int("varno"))
		eref := rte.Node("eref")
		names := eref.List("colnames")
		attribute := v.Int("varattno")
		if v.Int("varlevelsup") != 0 || attribute < 1 || attribute > len(names) {
			return ""
		}
		name := sqltext.Identifier(names[attribute-1].Text())
		switch {
		case star.Qualifier != "":
			name = star.Qualifier + "." + name
		case single(query) || rte.Int("rtekind") == rteJoin || unnamed(rte):
		default:
			name = sqltext.Identifier(eref.Text("aliasname")) + "." + name
		}
		columns = append(columns, name)
	}
	return strings.Join(columns, ", ")
}

const (
	rteSubquery = 1
	rteJoin     = 2
	rteGroup    = 9
)

// unnamed reports whether a subquery in FROM has no alias by which its columns
// could be called (PostgreSQL 16 and later allow that).
func unnamed(rte *nodetree.Node) bool {
	return rte.Int("rtekind") == rteSubquery && rte.Node("alias") == nil
}

// single reports whether a query reads from one relation only, whose columns
// need no qualification.
func single(query *nodetree.Node) bool {
	n := 0
	for _, v := range query.List("rtable") {
		if v.Node().Int("rtekind") != rteGroup {
			n++
		}
	}
	return n == 1
}

// queryOf is the query of a statement's tree; nil where there is none.
func queryOf(root *nodetree.Node) *nodetree.Node {
	if root.Tag() == "" && len(root.Items()) > 0 {
		root = root.Items()[0].Node()
	}
	if root.Tag() != "QUERY" {
		return nil
	}
	return root
}

// arms are the SELECTs whose rows make the result: the query itself, or those
// that a UNION and its like put together, in order.
func arms(query *nodetree.Node) []*nodetree.Node {
	if query.Node("setOperations") == nil {
		return []*nodetree.Node{query}
	}
	var out []*nodetree.Node
	var walk func(n *nodetree.Node)
	walk = func(n *nodetree.Node) {
		if n.Tag() == "RANGETBLREF" {
			if sub := rangeTable(query, n.Int("rtindex")).Node("subquery"); sub != nil {
				out = append(out, arms(sub)...)
			}
			return
		}
		if n != nil {
			walk(n.Node("larg"))
			walk(n.Node("rarg"))
		}
	}
	walk(query.Node("setOperations"))
	if len(out) == 0 {
		return []*nodetree.Node{query}
	}
	return out
}

// targets are the entries of a query's result, in order.
func targets(query *nodetree.Node) []*nodetree.Node {
	list := query.List("targetList")
	if query.Int("commandType") != selectCommand {
		list = query.List("returningList")
	}
	var out []*nodetree.Node
	for _, v := range list {
		if n := v.Node(); !n.Bool("resjunk") {
			out = append(out, n)
		}
	}
	return out
}

// selectCommand is CMD_SELECT of src/include/nodes/nodes.h.
const selectCommand = 1

// rangeTable is the n-th entry of a query's range table, from 1; nil if there
// is none.
func rangeTable(query *nodetree.Node, n int) *nodetree.Node {
	list := query.List("rtable")
	if n < 1 || n > len(list) {
		return nil
	}
	return list[n-1].Node()
}

// expand spells out the stars of all statements. The server has to agree that
// the result stays the same; where it does not, the star stays.
func (a *analyser) expand(ctx context.Context, all []*statement) error {
	var changed []*statement
	var queries []string
	for _, st := range all {
		if len(st.edits) == 0 || st.failed {
			continue
		}
		r, err := st.rewritten.Replace(st.edits)
		if err != nil {
			return fmt.Errorf("expand the stars of query %s: %w", st.Header.Name, err)
		}
		st.expanded = r
		changed = append(changed, st)
		queries = append(queries, r.SQL)
	}
	return a.session.ask(ctx, queries, func(i int, got answer) {
		st := changed[i]
		if got.err != nil || len(got.fields) != len(st.answer.fields) || len(got.params) != len(st.answer.params) {
			return
		}
		for j, f := range got.fields {
			if f.DataTypeOID != st.answer.fields[j].DataTypeOID || f.Name != st.answer.fields[j].Name {
				return
			}
		}
		st.rewritten = st.expanded
	})
}
