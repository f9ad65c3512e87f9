package static

import "slices"

// from reads the items of FROM or USING and returns the token behind them.
func (r *reader) from(i, j int, s *scope) int {
	end := r.find(i, j, r.isClause)
	// FOR UPDATE OF and the like come with isClause; LATERAL sees what is to its
	// left, so the items are added one by one.
	for _, part := range r.split(i, end) {
		r.joinTree(part[0], part[1], s)
	}
	return end
}

// joinTree reads an item with what is joined to it, and adds the tables to the
// scope.
func (r *reader) joinTree(i, j int, s *scope) {
	begin := len(s.entries)
	i = r.fromItem(i, j, s)
	for i < j {
		kind := "inner"
		natural := false
		for ; i < j && r.word(i) != "join"; i++ {
			switch w := r.word(i); w {
			case "left", "right", "full", "cross":
				kind = w
			case "natural":
				natural = true
			case "inner", "outer":
			default:
				r.unreadable(s, begin)
				return
			}
		}
		left := len(s.entries)
		i = r.fromItem(i+1, j, s)
		if natural {
			for _, e := range s.entries[begin:] {
				e.relation = &relation{open: true}
			}
		}
		switch r.word(i) {
		case "on":
			i = r.find(i+1, j, func(k int) bool { return r.beginsJoin(k) })
		case "using":
			if r.is(i+1, "(") {
				for _, e := range s.entries[left:] {
					e.using = append(e.using, r.names(i+1)...)
				}
				i = r.skip(i + 1)
				if r.word(i) == "as" {
					i += 2
				}
			}
		}
		if kind == "left" || kind == "full" {
			leftOut(s.entries[left:], kind)
		}
		if kind == "right" || kind == "full" {
			leftOut(s.entries[begin:left], kind)
		}
	}
}

func leftOut(entries []*entry, kind string) {
	for _, e := range entries {
		if e.missing == "" {
			e.missing = kind + " join to " + e.alias
		}
	}
}

// beginsJoin reports whether a token begins the next join. LEFT and RIGHT are
// functions too.
func (r *reader) beginsJoin(i int) bool {
	if r.named(i) {
		return false
	}
	switch r.word(i) {
	case "join", "cross", "natural", "inner":
		return true
	case "left", "right", "full":
		return r.word(i+1) == "join" || r.word(i+1) == "outer"
	}
	return false
}

// unreadable takes the trust from what is joined in a way that is not
// understood.
func (r *reader) unreadable(s *scope, begin int) {
	s.entries = append(s.entries[:begin:begin], &entry{relation: &relation{open: true}})
}

// fromItem reads a table, a query, a function or joins in parentheses, with
// its alias, and returns the token behind it.
func (r *reader) fromItem(i, j int, s *scope) int {
	lateral := r.word(i) == "lateral"
	if lateral {
		i++
	}
	switch {
	case r.isQuery(i):
		outer := s.outer
		if lateral {
			outer = s
		}
		q := r.query(i+1, r.pair(i), outer, false)
		r.visited[i] = q
		if q == nil {
			q = &relation{open: true}
		}
		e := &entry{relation: r.detached(q)}
		s.entries = append(s.entries, e)
		return r.alias(r.skip(i), j, e)
	case r.is(i, "(") && r.pair(i) > 0:
		begin := len(s.entries)
		r.joinTree(i+1, r.pair(i), s)
		next := r.skip(i)
		if next < j && (r.word(next) == "as" || r.name(next) != "" && !r.beginsJoin(next) && r.word(next) != "on" && r.word(next) != "using") {
			// An alias hides the names inside.
			r.unreadable(s, begin)
			return r.alias(next, j, s.entries[begin])
		}
		return next
	case r.words(i, "rows", "from") && r.is(i+2, "("):
		e := &entry{relation: &relation{open: true}}
		s.entries = append(s.entries, e)
		return r.alias(r.ordinality(r.skip(i+2), e), j, e)
	}
	i = r.unless(i)
	schema, name, next := r.qualified(i)
	if r.is(next, "(") && r.pair(next) > 0 {
		e := &entry{alias: name, relation: r.tableFunction(i, next, schema, name, s)}
		s.entries = append(s.entries, e)
		return r.alias(r.ordinality(r.skip(next), e), j, e)
	}
	e := &entry{alias: name, schema: schema, relation: r.table(schema, name, s)}
	s.entries = append(s.entries, e)
	if r.is(next, "*") {
		next++
	}
	next = r.alias(next, j, e)
	if r.word(next) == "tablesample" {
		for next++; next < j && !r.is(next, "("); next++ {
		}
		next = r.skip(next)
		if r.word(next) == "repeatable" {
			next = r.skip(next + 1)
		}
	}
	return next
}

// detached is a query in FROM: a table of its own, whose columns still are what
// they were.
func (w *world) detached(q *relation) *relation {
	out := &relation{columns: slices.Clone(q.columns), open: q.open}
	for i := range out.columns {
		c := &out.columns[i]
		if c.written = nil; c.literal && c.oid == 0 {
			c.oid, c.literal = w.builtin("text"), false
		}
	}
	return out
}

// ordinality adds the number of WITH ORDINALITY.
func (r *reader) ordinality(i int, e *entry) int {
	if !r.words(i, "with", "ordinality") {
		return i
	}
	e.relation = &relation{open: e.open, columns: append(slices.Clone(e.columns), value{
		name: "ordinality", oid: r.builtin("int8"), notNull: true, why: "the number of the row",
	})}
	return i + 2
}

// alias reads [AS] name [(columns)].
func (r *reader) alias(i, j int, e *entry) int {
	if i >= j {
		return i
	}
	if r.word(i) == "as" {
		i++
	} else if w := r.word(i); r.beginsJoin(i) || w == "on" || w == "using" || w == "tablesample" || w == "set" || w == "where" || r.name(i) == "" && !r.is(i, "(") {
		return i
	}
	if name := r.name(i); name != "" {
		e.alias, e.schema = name, ""
		i++
		// The only column of a function is called as the table is.
		if len(e.columns) > 0 && e.columns[0].sole {
			e.relation = renamedColumns(e.relation, []string{name})
			e.columns[0].sole = false
		}
	}
	if r.is(i, "(") && i < j {
		if part := r.split(i+1, r.pair(i)); len(part) > 0 && part[0][1]-part[0][0] > 1 {
			// With types: the columns of a record.
			q := &relation{}
			for _, p := range part {
				oid, dimensions, _ := r.typeAt(r.text, p[0]+1)
				q.columns = append(q.columns, value{name: r.name(p[0]), oid: oid, dimensions: dimensions, elements: true, why: "a function's result"})
			}
			e.relation = q
			return r.skip(i)
		}
		e.relation = renamedColumns(e.relation, r.names(i))
		i = r.skip(i)
	}
	return i
}

// tableFunction is a function in FROM.
func (r *reader) tableFunction(i, open int, schema, name string, s *scope) *relation {
	args := r.arguments(open, s)
	if f, known := r.function(schema, name, len(args)); known {
		if f == nil {
			return &relation{open: true}
		}
		return r.resultOf(f, name)
	}
	if schema != "" && schema != "pg_catalog" {
		return &relation{open: true}
	}
	column := func(v value) *relation {
		v.name, v.sole, v.relation = name, true, nil
		return &relation{columns: []value{v}}
	}
	switch name {
	case "unnest":
		if len(args) == 1 && r.element(args[0].oid) != 0 {
			return column(value{oid: r.element(args[0].oid), why: "an element of an array", notNull: false})
		}
		return &relation{open: true}
	case "generate_series":
		if len(args) < 2 {
			return &relation{open: true}
		}
		oid, _ := r.commonType(args[0], args[1])
		switch r.typeName(oid) {
		case "int4", "int8", "numeric":
			if len(args) == 3 && r.typeName(args[2].oid) != r.typeName(oid) {
				return &relation{open: true}
			}
		case "timestamp", "timestamptz":
		default:
			return &relation{open: true}
		}
		return column(value{oid: oid, notNull: true, why: "generate_series gives no NULL"})
	case "generate_subscripts":
		return column(value{oid: r.builtin("int4"), notNull: true, why: "generate_subscripts gives no NULL"})
	case "regexp_split_to_table", "string_to_table":
		return column(value{oid: r.builtin("text"), why: "a function's result"})
	case "json_object_keys", "jsonb_object_keys":
		return column(value{oid: r.builtin("text"), notNull: true, why: "a key of an object"})
	case "json_array_elements", "jsonb_array_elements", "json_array_elements_text", "jsonb_array_elements_text":
		oid := r.builtin("json")
		if name[4] == 'b' {
			oid = r.builtin("jsonb")
		}
		if len(name) > len("jsonb_array_elements") {
			oid = r.builtin("text")
		}
		return &relation{columns: []value{{name: "value", oid: oid, why: "an element of JSON"}}}
	case "json_each", "jsonb_each", "json_each_text", "jsonb_each_text":
		oid := r.builtin(name[:4])
		if name[4] == 'b' {
			oid = r.builtin("jsonb")
		}
		if len(name) > len("jsonb_each") {
			oid = r.builtin("text")
		}
		return &relation{columns: []value{
			{name: "key", oid: r.builtin("text"), notNull: true, why: "a key of an object"},
			{name: "value", oid: oid, why: "a value of JSON"},
		}}
	}
	v := r.call(i, open, r.pair(open)+1, s)
	if v.oid == 0 {
		return &relation{open: true}
	}
	return column(v)
}

// resultOf is what a function of the user's gives in FROM. Its rows are bound by
// no constraint.
func (r *reader) resultOf(f *function, name string) *relation {
	const why = "the result of a function"
	if len(f.columns) > 0 {
		out := &relation{}
		for _, c := range f.columns {
			oid, dimensions := r.spelled(c.typ)
			out.columns = append(out.columns, value{name: c.name, oid: oid, dimensions: dimensions, why: why, elements: true})
		}
		return out
	}
	if f.result.body == nil {
		return &relation{open: true} // a procedure
	}
	schema, typ, _ := f.result.body.qualified(f.result.at)
	if rel := r.relations[inSchema(schema, typ)]; rel != nil && r.builtin(typ) == 0 {
		out := doubtful(r.stored(schema, typ), why)
		for i := range out.columns {
			out.columns[i].relation = nil
			out.columns[i].elements = true
		}
		return out
	}
	oid, dimensions := r.spelled(f.result)
	if t := r.Types[oid]; t == nil || t.Kind == 'c' || r.typeName(oid) == "record" {
		return &relation{open: true}
	}
	return &relation{columns: []value{{name: name, oid: oid, dimensions: dimensions, sole: true, why: why, elements: true}}}
}
