package nullability

import (
	"slices"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// Exclusion is a comparison with all of a list that can hold a NULL: NOT IN and
// <> ALL. One NULL in the list keeps it from ever being true.
type Exclusion struct {
	// Location is the byte offset in the statement that the server gives the
	// comparison, or -1.
	Location int
	// Subquery is true if a subquery gives the list.
	Subquery bool
	// Why says how a NULL comes into the list.
	Why string
}

// Exclusions finds the exclusions of a statement and of its subqueries whose
// list can hold a NULL. Where the tree does not tell, the list counts as one
// that can. Parameters count as given: an array of Go's plain values holds no
// NULL, and nullable tells which other parameters can be one. Elements of
// stored arrays count as not null, as everywhere in pgwright.
func (z *Analyzer) Exclusions(in Input, nullable func(param int) bool) []Exclusion {
	root, reason := statement(in, z.schema.catalog)
	if reason != "" {
		return nil
	}
	a := &analysis{schema: z.schema, sql: in.SQL, queries: map[*nodetree.Node]*query{}}
	w := &exclusions{a: a, nullable: nullable}
	w.query(a.query(root, nil), nil)
	slices.SortStableFunc(w.found, func(x, y Exclusion) int { return x.Location - y.Location })
	// PostgreSQL 18 has a grouped expression twice in the tree.
	return slices.Compact(w.found)
}

type exclusions struct {
	a        *analysis
	nullable func(param int) bool
	found    []Exclusion
	depth    int
}

// query walks a query that stands in up.
func (w *exclusions) query(q *query, up *env) {
	if w.depth >= maxNesting {
		return
	}
	w.depth++
	defer func() { w.depth-- }()
	e := w.a.rowEnv(q, up)
	for i := range q.node.Len() {
		_, v := q.node.Field(i)
		w.value(e, v, false)
	}
}

func (w *exclusions) value(e *env, v nodetree.Value, negated bool) {
	if n := v.Node(); n != nil {
		w.node(e, n, negated)
	}
	for _, item := range v.List() {
		w.value(e, item, false)
	}
}

// node walks an expression; negated is true below a NOT.
func (w *exclusions) node(e *env, n *nodetree.Node, negated bool) {
	below := false
	switch n.Tag() {
	case "QUERY":
		w.query(w.a.query(n, e.q), e)
		return
	case "BOOLEXPR":
		below = negated != (n.Text("boolop") == "not")
		for _, v := range n.List("args") {
			w.value(e, v, below)
		}
		return
	case "SUBLINK":
		kind, ok := n.Get("subLinkType").Int()
		if ok && (kind == sublinkAny && negated || kind == sublinkAll && !negated) {
			w.subquery(e, n)
		}
	case "SCALARARRAYOPEXPR":
		if args := n.List("args"); n.Bool("useOr") == negated && len(args) == 2 {
			w.array(e, n.Int("location"), args[1].Node())
		}
	}
	for i := range n.Len() {
		if name, v := n.Field(i); name != "joinaliasvars" {
			w.value(e, v, below)
		}
	}
}

func (w *exclusions) subquery(e *env, n *nodetree.Node) {
	sub := n.Node("subselect")
	if sub.Tag() != "QUERY" {
		return
	}
	q := w.a.query(sub, e.q)
	inner := w.a.outputEnv(q, e)
	for i, t := range q.targets() {
		if bare(t.Node("expr")).Tag() == "PARAM" {
			continue
		}
		if v := w.a.output(inner, i); v.null {
			w.found = append(w.found, Exclusion{Location: n.Int("location"), Subquery: true, Why: v.why})
			return
		}
	}
}

func (w *exclusions) array(e *env, location int, list *nodetree.Node) {
	list = bare(list)
	why := "the array can hold a NULL"
	switch list.Tag() {
	case "PARAM", "VAR":
		return
	case "ARRAY", "ARRAYEXPR":
		why = ""
		for _, v := range list.List("elements") {
			item := bare(v.Node())
			if item.Tag() == "PARAM" {
				if w.nullable(item.Int("paramid")) {
					why = "one of its parameters can be NULL"
				}
				continue
			}
			if v := w.a.eval(e, item); v.null {
				why = w.a.describe(e, item, v)
				if item.Tag() == "VAR" {
					why += " can be NULL"
				}
			}
		}
	default:
		if !w.a.elements(e, list) {
			why = ""
		}
	}
	if why != "" {
		w.found = append(w.found, Exclusion{Location: location, Why: why})
	}
}

// bare is an expression without the casts around it.
func bare(n *nodetree.Node) *nodetree.Node {
	for {
		switch n.Tag() {
		case "RELABELTYPE", "COLLATE", "COLLATEEXPR", "COERCEVIAIO", "ARRAYCOERCEEXPR", "COERCETODOMAIN":
			n = n.Node("arg")
		case "FUNCEXPR":
			// Casts, written out or not, are calls of this form.
			args := n.List("args")
			if form := n.Int("funcformat"); form != 1 && form != 2 || len(args) == 0 {
				return n
			}
			n = args[0].Node()
		default:
			return n
		}
	}
}
