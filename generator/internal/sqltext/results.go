package sqltext

import "strings"

// Result is how a statement writes a column of its result.
type Result struct {
	// Name is what those call the column who look at the text alone, as sqlc
	// does, and Unnamed where it has no name for them: for a cast, say, of
	// something other than a column. It is empty where they agree with
	// PostgreSQL.
	Name string
	// Logic is true for AND, OR or NOT of conditions.
	Logic bool
}

// Unnamed is what PostgreSQL calls a column without a name.
const Unnamed = "?column?"

// Results reads the result list of a statement: of a UNION the first one. The
// names are those that PostgreSQL gives the columns. If the list has another
// length, because of a star, there is nothing to say: Results returns nil.
func Results(sql string, names []string) []Result {
	w := starFinder{text: sql, tokens: Significant(sql), results: [][2]int{}}
	w.run()
	if len(w.results) != len(names) {
		return nil
	}
	out := make([]Result, len(names))
	for i, item := range w.results {
		out[i] = w.result(item[0], item[1], names[i])
	}
	return out
}

// result reads a select item, the tokens from s to before e.
func (w *starFinder) result(s, e int, name string) Result {
	labelled := false
	switch {
	case e-s > 2 && w.is(e-2, "as"):
		labelled, e = true, e-2
	case e-s > 1 && w.identifier(e-1) == name && !w.joins(e-2):
		labelled, e = true, e-1
	}
	s, e = w.inside(s, e)
	r := Result{Logic: w.logic(s, e)}
	if labelled || w.is(s, "select") || w.is(s, "with") || w.is(s, "values") {
		return r
	}
	if r.Name = w.itemName(s, e); r.Name == name {
		r.Name = ""
	}
	return r
}

// identifier is the name that a token stands for, or empty.
func (w *starFinder) identifier(i int) string {
	if i < 0 || i >= len(w.tokens) {
		return ""
	}
	return Name(w.text, w.tokens[i])
}

// joins reports whether a token makes the next one part of the same
// expression.
func (w *starFinder) joins(i int) bool {
	switch w.symbol(i) {
	case "":
		switch strings.ToLower(w.word(i)) {
		case "and", "or", "not", "is", "in", "like", "ilike", "collate", "then", "else", "case", "when", "distinct", "from", "to", "between":
			return true
		}
		return false
	case ")", "]":
		return false
	}
	return true
}

// inside leaves out parentheses around all of an expression.
func (w *starFinder) inside(s, e int) (int, int) {
	for e-s > 2 && w.symbol(s) == "(" && w.closes(s, e) == e-1 {
		s, e = s+1, e-1
	}
	return s, e
}

// closes is the token that closes the parenthesis, bracket or CASE that begins
// at a token, or e if none before e does.
func (w *starFinder) closes(i, e int) int {
	depth := 0
	for ; i < e; i++ {
		if depth += w.nesting(i); depth == 0 {
			return i
		}
	}
	return e
}

// nesting is 1 for a token that opens something and -1 for one that closes it.
func (w *starFinder) nesting(i int) int {
	switch w.symbol(i) {
	case "(", "[":
		return 1
	case ")", "]":
		return -1
	}
	switch {
	case w.is(i, "case"):
		return 1
	case w.is(i, "end"):
		return -1
	}
	return 0
}

// top calls yield for the tokens of an expression that are inside of nothing.
func (w *starFinder) top(s, e int, yield func(i int) bool) {
	depth := 0
	for i := s; i < e; i++ {
		n := w.nesting(i)
		if depth == 0 && n >= 0 && !yield(i) {
			return
		}
		depth += n
	}
}

// logic reports whether an expression is AND, OR or NOT of others.
func (w *starFinder) logic(s, e int) bool {
	if w.is(s, "not") {
		if w.is(s+1, "exists") {
			return w.closes(s+2, e) != e-1
		}
		return true
	}
	ranges, found := 0, false
	w.top(s, e, func(i int) bool {
		switch {
		case w.is(i, "between"):
			ranges++
		case w.is(i, "and") && ranges > 0:
			ranges--
		case w.is(i, "and") || w.is(i, "or"):
			found = true
		}
		return !found
	})
	return found
}

// itemName is what an expression is called that has no label: Unnamed, or empty
// for what PostgreSQL calls it.
func (w *starFinder) itemName(s, e int) string {
	s, e = w.inside(s, e)
	cast, collated := e, false
	w.top(s, e, func(i int) bool {
		if w.symbol(i) == "::" && cast == e {
			cast = i
		}
		collated = collated || w.is(i, "collate") && i > s
		return true
	})
	switch {
	case e <= s:
		return ""
	case collated:
		return Unnamed
	case cast < e:
		if !w.primary(s, cast) || !w.isType(cast, e) {
			return ""
		}
		return w.castName(s, cast)
	case w.is(s, "cast") && w.symbol(s+1) == "(" && w.closes(s+1, e) == e-1:
		end := e - 1
		w.top(s+2, e-1, func(i int) bool {
			if w.is(i, "as") {
				end = i
			}
			return true
		})
		return w.castName(s+2, end)
	case w.is(s, "case") && w.closes(s, e) == e-1:
		return Unnamed
	case e-s == 1:
		if valueWords[w.identifier(s)] && w.tokens[s].Kind == Ident {
			return Unnamed
		}
		return ""
	case w.symbol(s+1) == "(" && w.closes(s+1, e) == e-1 && w.tokens[s].Kind == Ident:
		return w.callName(s, e)
	case w.is(s, "array") && w.symbol(s+1) == "[" && w.closes(s+1, e) == e-1:
		return Unnamed
	case w.is(s, "not") && w.is(s+1, "exists") && w.closes(s+2, e) == e-1:
		return "not_exists"
	case w.symbol(e-1) == "]", w.symbol(e-2) == "." && w.symbol(e-3) == ")":
		return Unnamed
	case w.tokens[s].Kind == Ident && w.tokens[s+1].Kind == String:
		return Unnamed // date '2020-01-01'
	}
	return ""
}

// valueWords are expressions of one word.
var valueWords = map[string]bool{
	"current_date": true, "current_time": true, "current_timestamp": true, "localtime": true, "localtimestamp": true,
	"current_user": true, "current_role": true, "session_user": true, "system_user": true, "user": true,
	"current_catalog": true, "current_schema": true, "true": true, "false": true, "null": true,
}

// callName is the name of what is written as a call.
func (w *starFinder) callName(s, e int) string {
	switch strings.ToLower(w.word(s)) {
	case "array":
		return "exists"
	case "greatest", "least", "nullif", "grouping", "current_time", "current_timestamp", "localtime", "localtimestamp",
		"xmlelement", "xmlforest", "xmlconcat", "xmlpi", "xmlroot", "xmlparse", "xmlserialize":
		return Unnamed
	case "coalesce":
		// The first argument that is a column gives its name.
		begin, found := s+2, ""
		for i := begin; i < e && found == ""; i++ {
			depth := w.closes(i, e)
			if w.nesting(i) == 1 && depth < e {
				i = depth
				continue
			}
			if i == e-1 || w.symbol(i) == "," {
				if w.isName(begin, i) {
					found = w.identifier(i - 1)
				}
				begin = i + 1
			}
		}
		return found
	}
	return ""
}

// isName reports whether an expression is a column's name, with dots or
// without.
func (w *starFinder) isName(s, e int) bool {
	if (e-s)%2 == 0 || e <= s {
		return false
	}
	for i := s; i < e; i++ {
		if dot := (i-s)%2 == 1; dot != (w.symbol(i) == ".") || !dot && w.identifier(i) == "" {
			return false
		}
	}
	return e-s > 1 || w.tokens[s].Kind == QuotedIdent || !valueWords[w.identifier(s)]
}

// castName is the name of a cast: that of a column, with what stands before its
// dot.
func (w *starFinder) castName(s, e int) string {
	s, e = w.inside(s, e)
	if !w.isName(s, e) {
		return Unnamed
	}
	var parts []string
	for i := s; i < e; i += 2 {
		parts = append(parts, w.identifier(i))
	}
	return strings.Join(parts, "_")
}

// primary reports whether an expression is one that :: takes all of.
func (w *starFinder) primary(s, e int) bool {
	if e-s == 1 || w.isName(s, e) || w.is(s, "case") && w.closes(s, e) == e-1 {
		return true
	}
	for i := s; i < e; i++ {
		switch {
		case w.nesting(i) == 1:
			if i = w.closes(i, e); i == e {
				return false
			}
		case w.symbol(i) == ".":
		case i > s && w.symbol(i-1) != ".", w.identifier(i) == "":
			return false
		}
	}
	return true
}

// isType reports whether only types, and further casts, stand from a cast on.
func (w *starFinder) isType(s, e int) bool {
	ok := true
	w.top(s, e, func(i int) bool {
		switch symbol := w.symbol(i); symbol {
		case "", "::", "(", "[", ".":
		default:
			ok = false
		}
		switch strings.ToLower(w.word(i)) {
		case "and", "or", "is", "in", "not", "like", "ilike", "between", "similar", "at", "isnull", "notnull", "overlaps", "operator":
			ok = false
		}
		return ok
	})
	return ok
}
