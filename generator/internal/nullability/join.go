package nullability

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// An outer join has one side that can be missing from a row, or, if it is a
// full join, two. A relation is part of the row if all sides that contain it
// are. A condition holds for the row if all sides are part of it that stand
// around the condition: WHERE has none, the ON of a left join has its right
// side, and what stands further in has more. That is all there is to the
// nulling of joins; PostgreSQL 16's varnullingrels say the same for each
// reference, but 13–15 have no such thing.

// side is a side of an outer join that can be missing.
type side struct {
	number int
	join   *nodetree.Node
	// word names the join for people: "left join".
	word    string
	members []int
	names   []string
}

// fullJoin is a full join: of each row at least one side is there, provided
// that the row of the join itself is.
type fullJoin struct {
	left, right *side
	around      []*side
}

// qual is a condition of WHERE or ON.
type qual struct {
	expr   *nodetree.Node
	around []*side
	source source
	facts  facts
}

// proven reports whether facts of a query at a level say that the side is there.
func (s *side) proven(f facts, level int) bool {
	if len(f) == 0 {
		return false
	}
	if f.has(key{level: level, rel: s.number, column: sidePresent}) {
		return true
	}
	for _, m := range s.members {
		if f.has(key{level: level, rel: m, column: presence}) {
			return true
		}
	}
	return false
}

// Values of jointype.
const (
	joinInner = iota
	joinLeft
	joinFull
	joinRight
)

// join reads the join tree.
func (q *query) join() {
	tree := q.node.Node("jointree")
	if q.command == mergeCommand {
		q.joinMerge(tree)
		return
	}
	for _, v := range tree.List("fromlist") {
		q.joinItem(v.Node(), nil)
	}
	if expr := tree.Node("quals"); expr != nil {
		q.quals = append(q.quals, &qual{expr: expr, source: fromWhere})
	}
}

// joinMerge reads the source of a MERGE. Its join condition holds for some of
// the actions only, and the source is missing in WHEN NOT MATCHED BY SOURCE.
func (q *query) joinMerge(tree *nodetree.Node) {
	var around []*side
	if q.mergesUnmatchedTargets() {
		around = []*side{q.newSide(nil, "merge with an action for rows not matched by source")}
	}
	for _, v := range tree.List("fromlist") {
		q.joinItem(v.Node(), around)
	}
}

// mergeNotMatchedBySource is a value of matchKind.
const mergeNotMatchedBySource = 1

func (q *query) mergesUnmatchedTargets() bool {
	for _, v := range q.node.List("mergeActionList") {
		if kind, ok := v.Node().Get("matchKind").Int(); !ok || kind == mergeNotMatchedBySource {
			return true
		}
	}
	return false
}

func (q *query) newSide(join *nodetree.Node, word string) *side {
	s := &side{number: len(q.sides), join: join, word: word}
	q.sides = append(q.sides, s)
	return s
}

// joinItem reads an item of FROM and returns the relations in it. around are
// the sides that it stands in.
func (q *query) joinItem(n *nodetree.Node, around []*side) {
	switch n.Tag() {
	case "RANGETBLREF":
		i := n.Int("rtindex")
		if r := q.rel(i); r != nil {
			r.joined = true
			r.nulledBy = around
			for _, s := range around {
				s.members = append(s.members, i)
				s.names = append(s.names, r.name())
			}
		}
	case "FROMEXPR":
		for _, v := range n.List("fromlist") {
			q.joinItem(v.Node(), around)
		}
		if expr := n.Node("quals"); expr != nil {
			q.quals = append(q.quals, &qual{expr: expr, around: around, source: fromOn})
		}
	case "JOINEXPR":
		q.joinExpr(n, around)
	}
}

func (q *query) joinExpr(n *nodetree.Node, around []*side) {
	left, right := n.Node("larg"), n.Node("rarg")
	condition := around
	kind, ok := n.Get("jointype").Int()
	if !ok {
		kind = -1
	}
	switch kind {
	case joinInner:
		q.joinItem(left, around)
		q.joinItem(right, around)
	case joinLeft:
		s := q.newSide(n, "left join")
		condition = within(around, s)
		q.joinItem(left, around)
		q.joinItem(right, condition)
	case joinRight:
		s := q.newSide(n, "right join")
		condition = within(around, s)
		q.joinItem(left, condition)
		q.joinItem(right, around)
	default:
		// A full join, or a kind that does not exist yet.
		l, r := q.newSide(n, "full join"), q.newSide(n, "full join")
		q.joinItem(left, within(around, l))
		q.joinItem(right, within(around, r))
		if kind != joinFull {
			return
		}
		q.full = append(q.full, &fullJoin{left: l, right: r, around: around})
		condition = within(within(around, l), r)
	}
	if expr := n.Node("quals"); expr != nil {
		q.quals = append(q.quals, &qual{expr: expr, around: condition, source: fromOn})
	}
	if i := n.Int("rtindex"); i > 0 {
		if r := q.rel(i); r != nil {
			r.joined = true
			r.nulledBy = around
		}
	}
}

func within(around []*side, s *side) []*side {
	return append(around[:len(around):len(around)], s)
}

// close adds to facts all that follows from the conditions of joins which the
// facts prove to have matched.
func (q *query) close(f facts) facts {
	applied := make([]bool, len(q.quals))
	for again := true; again; {
		again = false
		for i, ql := range q.quals {
			if applied[i] || !allProven(ql.around, f) {
				continue
			}
			applied[i], again = true, true
			f = f.union(ql.facts)
		}
	}
	return f
}

func allProven(sides []*side, f facts) bool {
	for _, s := range sides {
		if !s.proven(f, 0) {
			return false
		}
	}
	return true
}

// why describes the join that a relation can be missing through.
func (s *side) why(name string) string {
	if s == nil {
		return "not part of every row"
	}
	if s.join == nil {
		return s.word
	}
	return s.word + " to " + name
}
