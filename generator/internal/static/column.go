package static

import (
	"cmp"
	"slices"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// doubtful is a relation all of whose columns may be NULL.
func doubtful(q *relation, why string) *relation {
	out := &relation{columns: slices.Clone(q.columns), open: q.open}
	for i := range out.columns {
		out.columns[i].notNull, out.columns[i].why = false, why
		out.columns[i].written = nil
	}
	return out
}

// table is what a name in FROM means.
func (r *reader) table(schema, name string, s *scope) *relation {
	if schema == "" {
		if cte := s.cte(name); cte != nil {
			return r.detached(cte)
		}
	}
	return r.stored(schema, name)
}

// stored is a table or a view.
func (w *world) stored(schema, name string) *relation {
	var found *catalog.Relation
	path := []string{"pg_catalog", defaultSchema}
	if schema != "" {
		path = []string{schema}
	}
	for _, p := range path {
		if found = w.relations[key{p, name}]; found != nil {
			break
		}
	}
	if found == nil {
		return &relation{open: true}
	}
	k := key{found.Schema, found.Name}
	if d := w.ddl.relations[k]; d != nil && (d.kind == view || d.kind == stored) {
		return w.derived(k, d, found)
	}
	out := &relation{stored: found}
	for _, c := range found.Columns {
		v := value{name: c.Name, oid: c.Type, relation: found, attribute: c.Number, elements: true, notNull: c.NotNull, why: found.Name + "." + c.Name + " is not null", dimensions: c.Dimensions}
		v.written, v.writtenAttribute = found, c.Number
		if !c.NotNull {
			v.why = cmp.Or(w.doubts[c], found.Name+"."+c.Name+" is nullable")
		}
		if w.Types[c.Type] == nil {
			v.oid = 0
		}
		out.columns = append(out.columns, v)
	}
	return out
}

// derived is what the query of a view gives, or that of a table made by one.
func (w *world) derived(k key, d *declared, found *catalog.Relation) *relation {
	if q, ok := w.queries[k]; ok {
		if q == nil {
			return &relation{open: true} // it reads itself
		}
		return q
	}
	w.queries[k] = nil
	q := &relation{open: true}
	if d.body != nil {
		q = newReader(w, d.body).query(d.from, d.to, nil, false)
		q = renamedColumns(q, d.columns)
	}
	out := &relation{stored: found}
	for i, c := range found.Columns {
		v := value{why: "nothing is known of it"}
		if !q.open && len(q.columns) == len(found.Columns) {
			v = q.columns[i]
		}
		if v.name == "" {
			v.name = c.Name
		}
		// sqlc takes no notice of a list of names behind that of the view.
		c.Name = v.name
		v.weak, v.written, v.writtenAttribute = false, found, c.Number
		if v.literal && v.oid == 0 {
			v.oid, v.literal = w.builtin("text"), false
		}
		if d.kind == stored {
			v.notNull, v.why = false, found.Name+" holds what its query once gave"
			v.relation, v.attribute = found, c.Number
		}
		out.columns = append(out.columns, v)
	}
	w.queries[k] = out
	return out
}

// items reads a list of select items.
func (r *reader) items(i, j int, s *scope, top bool) *relation {
	out := &relation{}
	for _, part := range r.split(i, j) {
		from, to := part[0], part[1]
		if r.is(to-1, "*") && (to-from == 1 || r.is(to-2, ".")) {
			st, ok := r.star(from, to, s)
			if !ok {
				out.open = true
				continue
			}
			if top {
				names := star{from: from, to: to, first: len(out.columns), names: st.names, stored: st.stored, entry: st.entry}
				r.stars = append(r.stars, names)
			}
			for n := range st.columns {
				st.columns[n].at = from
			}
			out.columns = append(out.columns, st.columns...)
			continue
		}
		end, label := r.label(from, to)
		r.labelled[from] = true
		v := r.expr(from, end, s)
		if label != "" {
			v.name, v.weak = label, false
		}
		if v.name == "" {
			v.name = "?column?"
		}
		v.at = from
		out.columns = append(out.columns, v)
	}
	return out
}

// label finds the name that an item is given, and where its expression ends.
func (r *reader) label(i, j int) (end int, label string) {
	if j-i >= 3 && r.word(j-2) == "as" && r.name(j-1) != "" {
		return j - 2, r.name(j - 1)
	}
	if j-i < 2 || r.name(j-1) == "" {
		return j, ""
	}
	if r.kind(j-1) == sqltext.Ident && notLabels[r.word(j-1)] {
		return j, ""
	}
	switch r.kind(j - 2) {
	case sqltext.Ident:
		if notBefore[r.word(j-2)] {
			return j, ""
		}
	case sqltext.QuotedIdent, sqltext.Number, sqltext.String, sqltext.Placeholder:
	default:
		if !r.is(j-2, ")") && !r.is(j-2, "]") {
			return j, ""
		}
	}
	return j - 1, r.name(j - 1)
}

// notLabels are words that can end an expression and are no label without AS,
// notBefore those that have the rest of their expression behind them.
var (
	notLabels = set("end", "null", "true", "false", "isnull", "notnull", "precision", "varying", "zone", "year", "month", "day", "hour", "minute", "second",
		"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "current_role", "user")
	notBefore = set("is", "not", "and", "or", "like", "ilike", "between", "in", "to", "similar", "zone", "collate", "distinct", "from", "double", "character",
		"national", "with", "time", "without", "escape", "all", "any", "some", "when", "then", "else", "case", "symmetric", "over", "operator", "array")
)

func set(words ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[w] = true
	}
	return out
}

// expanded is a star with its columns.
type expanded struct {
	columns []value
	names   []string
	stored  *catalog.Relation
	entry   *entry
}

// star reads * or t.*.
func (r *reader) star(i, j int, s *scope) (expanded, bool) {
	if j-i == 1 {
		var out expanded
		if len(s.entries) == 0 {
			return out, false
		}
		merged := map[string]bool{}
		for _, e := range s.entries {
			if e.open || len(e.using) > 0 && len(s.entries) > 2 {
				return out, false
			}
			// The columns of USING come first, and once.
			for _, name := range e.using {
				v, n := r.lookup(s, "", "", name)
				if n == 0 {
					return out, false
				}
				merged[name] = true
				out.columns = append(out.columns, v)
				out.names = append(out.names, sqltext.Identifier(name))
			}
		}
		for _, e := range s.entries {
			for _, c := range e.columns {
				if merged[c.name] {
					continue
				}
				out.columns = append(out.columns, e.of(c, s))
				name := sqltext.Identifier(c.name)
				if len(s.entries) > 1 && e.alias != "" {
					name = e.qualifier() + "." + name
				}
				out.names = append(out.names, name)
			}
		}
		return out, true
	}
	schema, alias, next := r.qualified(i)
	if next != j-2 {
		return expanded{}, false
	}
	for at := s; at != nil; at = at.outer {
		for _, e := range at.entries {
			if !e.called(schema, alias) {
				continue
			}
			out := expanded{stored: e.stored, entry: e}
			if e.open {
				return out, false
			}
			for _, c := range e.columns {
				out.columns = append(out.columns, e.of(c, at))
				out.names = append(out.names, r.between(i, j-2)+"."+sqltext.Identifier(c.name))
			}
			return out, true
		}
	}
	return expanded{}, false
}

func (e *entry) qualifier() string {
	if e.schema != "" {
		return sqltext.Identifier(e.schema) + "." + sqltext.Identifier(e.alias)
	}
	return sqltext.Identifier(e.alias)
}

func (e *entry) called(schema, alias string) bool {
	return e.alias == alias && (schema == "" || schema == e.schema)
}

// of is a column of an entry as a query sees it.
func (e *entry) of(c value, s *scope) value {
	if e.missing != "" {
		c.joined = true
		if c.notNull {
			c.notNull, c.why = false, e.missing
		}
	}
	if s.sets && c.notNull {
		c.notNull, c.why = false, "GROUP BY has several grouping sets"
	}
	return c
}

// lookup finds a column by its name. It returns how many there are: 0 also
// where one may hide behind something that is not known.
func (r *reader) lookup(s *scope, schema, alias, name string) (value, int) {
	for ; s != nil; s = s.outer {
		var found []value
		merged, hidden := false, false
		for _, e := range s.entries {
			if alias != "" && !e.called(schema, alias) {
				continue
			}
			hidden = hidden || e.open
			merged = merged || slices.Contains(e.using, name)
			for _, c := range e.columns {
				if c.name == name {
					found = append(found, e.of(c, s))
				}
			}
			if alias != "" && len(found) == 0 {
				return value{}, 0
			}
		}
		switch {
		case hidden && (alias == "" || len(found) == 0):
			return value{}, 0
		case len(found) == 1:
			return found[0], 1
		case len(found) > 1 && merged:
			out := found[0]
			for _, v := range found[1:] {
				if v.oid != out.oid {
					return value{}, 0
				}
				if !v.notNull {
					out.notNull, out.why = false, v.why
				}
			}
			out.relation = nil
			return out, 1
		case len(found) > 1:
			return value{}, 0
		}
	}
	return value{}, 0
}
