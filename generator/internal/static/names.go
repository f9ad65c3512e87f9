package static

import (
	"fmt"
	"slices"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// missing is a name that means nothing, at a token. near are the names that may
// have been meant.
type missing struct {
	at      int
	message string
	near    []string
}

// systemColumns are those that every table has (src/backend/catalog/heap.c).
var systemColumns = set("ctid", "xmin", "cmin", "xmax", "cmax", "tableoid")

// checkNames looks up the columns that sqlc does not: of a table by its name, and
// those that stand alone beside a comparison. Other words may be a part of SQL's
// own, and where a table is not known any name may be one of its columns.
func (r *reader) checkNames() {
	for k := range r.tokens {
		switch {
		case r.is(k, ".") && !r.is(k-2, "."):
			r.qualifiedName(k)
		case r.kind(k) == sqltext.Operator && comparisons[r.raw(k)]:
			if r.leftOf(k) == k-1 {
				r.loneName(k - 1)
			}
			if r.rightOf(k+1) == k+2 {
				r.loneName(k + 1)
			}
		case r.word(k) == "is" && r.leftOf(k) == k-1:
			r.loneName(k - 1)
		}
	}
}

// qualifiedName checks t.column at its dot.
func (r *reader) qualifiedName(dot int) {
	alias, name := r.name(dot-1), r.name(dot+1)
	if alias == "" || name == "" || r.is(dot+2, ".") || r.is(dot+2, "(") || r.is(dot-2, "::") || systemColumns[name] {
		return
	}
	for s := r.scopeAt(dot); s != nil; s = s.outer {
		for _, e := range s.entries {
			if !e.called("", alias) {
				continue
			}
			if !e.open && !slices.ContainsFunc(e.columns, func(c value) bool { return c.name == name }) && !r.inFrom(dot) {
				r.missing = append(r.missing, missing{dot - 1, fmt.Sprintf("column %s.%s does not exist", alias, name), names(e.columns)})
			}
			return
		}
	}
}

// inFrom reports whether a qualified name is that of a table.
func (r *reader) inFrom(dot int) bool {
	switch r.word(dot - 2) {
	case "from", "join", "into", "update", "only", "table", "using", "lateral":
		return true
	}
	return r.is(dot-2, ",") && r.name(dot+2) != ""
}

// loneName checks a word that is all of an operand.
func (r *reader) loneName(k int) {
	name := r.name(k)
	if name == "" || r.kind(k) == sqltext.Ident && (edges[name] || notLabels[name] || sqlWords[name]) || systemColumns[name] {
		return
	}
	if slices.ContainsFunc(r.missing, func(m missing) bool { return m.at == k }) {
		return
	}
	var near []string
	for s := r.scopeAt(k); s != nil; s = s.outer {
		for _, e := range s.entries {
			if e.open || e.alias == name {
				return
			}
			for _, c := range e.columns {
				if c.name == name {
					return
				}
				near = append(near, c.name)
			}
		}
	}
	if len(near) > 0 {
		r.missing = append(r.missing, missing{k, fmt.Sprintf("column %q does not exist", name), near})
	}
}

// sqlWords can be an operand, and are no columns.
var sqlWords = set("true", "false", "null", "default", "current_catalog", "current_schema", "any", "some", "array", "row", "exists", "unknown", "document")
