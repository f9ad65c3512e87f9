package static

import (
	"fmt"
	"slices"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// change reads INSERT, UPDATE or DELETE.
func (r *reader) change(i, j int, outer *scope, top bool) *relation {
	s := &scope{outer: outer, from: i, to: j}
	r.scopes = append(r.scopes, s)
	at := i + 1
	if r.word(at) == "into" || r.word(at) == "from" {
		at++
	}
	at = r.unless(at)
	schema, name, next := r.qualified(at)
	if r.is(next, "*") {
		next++
	}
	target := &entry{alias: name, schema: schema, relation: r.stored(schema, name)}
	if to := target.stored; to != nil && to.Kind == catalog.View {
		// Its columns stay what the parameters go into.
		target.relation = doubtful(target.relation, "a trigger of the view decides what comes back")
		target.relation.stored = to
	}
	if r.word(next) == "as" {
		target.alias, target.schema = r.name(next+1), ""
		next += 2
	} else if w := r.word(next); r.name(next) != "" && w != "set" && w != "using" && w != "where" && w != "returning" && w != "values" &&
		w != "select" && w != "default" && w != "with" && w != "overriding" && w != "table" {
		target.alias, target.schema = r.name(next), ""
		next++
	}
	s.entries, s.target = []*entry{target}, target
	returning := r.find(next, j, func(k int) bool { return r.word(k) == "returning" && !r.named(k) })
	switch r.word(i) {
	case "insert":
		k := next
		columns := target.columns
		if r.is(k, "(") && !r.isQuery(k) {
			columns = r.targets(k, target)
			k = r.skip(k)
		}
		for r.word(k) == "overriding" || r.word(k) == "system" || r.word(k) == "user" || r.word(k) == "value" {
			k++
		}
		stop := r.find(k, returning, func(n int) bool { return r.words(n, "on", "conflict") })
		if r.beginsQuery(k) {
			r.inserted(k, stop, columns)
			r.query(k, stop, outer, false)
		}
		if stop < returning {
			if set := r.find(stop, returning, func(n int) bool { return r.word(n) == "set" }); set < returning {
				r.set(set+1, r.find(set, returning, func(n int) bool { return r.word(n) == "where" }), target)
			}
			// The row that was to be inserted, in ON CONFLICT DO UPDATE.
			inner := &scope{outer: outer, from: stop, to: returning, target: target}
			inner.entries = []*entry{target, {alias: "excluded", relation: doubtful(target.relation, "it is the row that was to be inserted")}}
			r.scopes = append(r.scopes, inner)
		}
	case "update":
		from := r.find(next, returning, func(k int) bool { return r.word(k) == "from" && r.isClause(k) })
		if from < returning {
			r.from(from+1, returning, s)
		}
		r.set(next+1, min(from, r.find(next, returning, func(k int) bool { return r.word(k) == "where" })), target)
	case "delete":
		if r.word(next) == "using" {
			r.from(next+1, returning, s)
		}
	}
	r.nested(next, j, s)
	if returning == j {
		return nil
	}
	if r.word(returning+1) == "with" {
		return &relation{open: true}
	}
	if top {
		r.list = [2]int{returning + 1, j}
	}
	return r.items(returning+1, j, s, top)
}

// targets are the columns of a list in parentheses.
func (r *reader) targets(open int, target *entry) []value {
	var out []value
	for _, part := range r.split(open+1, r.pair(open)) {
		out = append(out, r.target(part[0], part[1], target))
	}
	return out
}

// target is a column that is written to.
func (r *reader) target(i, j int, target *entry) value {
	name := r.name(i)
	if !target.open && name != "" && !slices.ContainsFunc(target.columns, func(c value) bool { return c.name == name }) {
		r.missing = append(r.missing, missing{i, fmt.Sprintf("column %q of relation %q does not exist", name, target.alias), names(target.columns)})
	}
	return target.column(name, j-i == 1)
}

func names(columns []value) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.name
	}
	return out
}

// column is the column with a name; one of which only a part is meant, or that
// is not known, has no type.
func (e *entry) column(name string, whole bool) value {
	for _, c := range e.columns {
		if c.name == name && whole {
			return c
		}
	}
	return value{name: name}
}

// inserted takes note of what goes into the columns of an INSERT.
func (r *reader) inserted(i, j int, columns []value) {
	if r.word(i) == "with" {
		i = r.find(i+1, j, func(k int) bool { return r.word(k) == "select" || r.word(k) == "values" })
	}
	switch r.word(i) {
	case "values":
		for _, row := range r.split(i+1, j) {
			if r.is(row[0], "(") {
				r.assign(r.split(row[0]+1, r.pair(row[0])), columns)
			}
		}
	case "select":
		for from := i; from < j; {
			end := r.find(from, j, r.joins)
			if r.word(from) == "select" {
				items := r.split(from+1, r.find(from+1, end, r.isClause))
				for n := range items {
					items[n][1], _ = r.label(items[n][0], items[n][1])
				}
				r.assign(items, columns)
			}
			for from = end + 1; r.word(from) == "all" || r.word(from) == "distinct"; {
				from++
			}
		}
	}
}

func (r *reader) assign(parts [][2]int, columns []value) {
	for n, part := range parts {
		if n < len(columns) {
			r.assigned = append(r.assigned, assignment{part[0], part[1], columns[n]})
		}
	}
}

// set reads the list of SET.
func (r *reader) set(i, j int, target *entry) {
	for _, part := range r.split(i, j) {
		equals := r.find(part[0], part[1], func(k int) bool { return r.is(k, "=") })
		if equals >= part[1] {
			continue
		}
		if !r.is(part[0], "(") {
			r.assign([][2]int{{equals + 1, part[1]}}, []value{r.target(part[0], equals, target)})
			continue
		}
		at := equals + 1
		if r.word(at) == "row" {
			at++
		}
		if r.is(at, "(") && !r.isQuery(at) {
			r.assign(r.split(at+1, r.pair(at)), r.targets(part[0], target))
		}
	}
}

// merge reads MERGE, whose result is not followed.
func (r *reader) merge(i, j int, outer *scope) *relation {
	s := &scope{outer: outer, from: i, to: j}
	r.scopes = append(r.scopes, s)
	at := i + 1
	if r.word(at) == "into" {
		at++
	}
	using := r.find(at, j, func(k int) bool { return r.word(k) == "using" && !r.named(k) })
	r.fromItem(at, using, s)
	target := s.entries[0]
	on := r.find(using, j, func(k int) bool { return r.word(k) == "on" && !r.named(k) })
	if using < j {
		r.fromItem(using+1, on, s)
	}
	when := func(k int) bool { return (r.word(k) == "when" || r.word(k) == "returning") && !r.named(k) }
	for k := r.find(on, j, when); k < j; {
		end := r.find(k+1, j, when)
		switch then := r.find(k, end, func(k int) bool { return r.word(k) == "then" }) + 1; r.word(then) {
		case "update":
			r.set(then+2, end, target)
		case "insert":
			columns := target.columns
			if r.is(then+1, "(") {
				columns = r.targets(then+1, target)
			}
			values := r.find(then, end, func(k int) bool { return r.word(k) == "values" })
			r.inserted(values, end, columns)
		}
		k = end
	}
	r.nested(on, j, s)
	if r.find(i, j, func(k int) bool { return r.word(k) == "returning" && !r.named(k) }) == j {
		return nil
	}
	return &relation{open: true}
}
