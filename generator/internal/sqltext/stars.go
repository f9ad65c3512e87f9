package sqltext

import "strings"

// Star is a select item that stands for several columns: *, t.*, s.t.* or
// (expression).* in a SELECT or RETURNING list.
type Star struct {
	// Start and End bound the whole item, with parentheses around it and a label
	// behind it, which PostgreSQL takes and ignores. For a TABLE command they bound the
	// word TABLE, which "SELECT a, b FROM" can take the place of.
	Start, End int
	// Qualifier is the text before ".*", or empty.
	Qualifier string
	// Outer is true if the columns are columns of the statement's result: the
	// target list of the outermost SELECT, each arm of its UNION included, or
	// the RETURNING list of the outermost INSERT, UPDATE, DELETE or MERGE.
	// Lists of subqueries, of WITH queries, and of the SELECT that feeds an
	// INSERT are not.
	Outer bool
	// Returning is true in a RETURNING list.
	Returning bool
	// Table is true for the command TABLE t, which is SELECT * FROM t.
	Table bool
	// Arm counts the target lists of the result, from 0; it is -1 unless Outer.
	Arm int
	// Item is the item's place in its target list, from 0, of Items.
	Item, Items int
	// Depth is the number of parentheses around the item.
	Depth int
}

// Stars lists the stars of a statement's target lists in the order of the
// text. Stars that are no select items, as in count(*), a * b and
// row_to_json(t.*), are not among them. It reads one statement; of SQL that
// PostgreSQL rejects it makes what it can.
func Stars(sql string) []Star {
	w := starFinder{text: sql, tokens: Significant(sql)}
	w.run()
	return w.stars
}

// level is what lies between a pair of parentheses, or the whole statement.
type level struct {
	// result is true if a query right here makes the statement's result.
	result bool
	// position is true where a query or one in parentheses may begin.
	position bool
	// with is true from WITH up to the command behind it.
	with bool
	// dml is true once INSERT, UPDATE, DELETE or MERGE was read.
	dml bool
	// list is true in a target list, returning in a RETURNING one, outer in
	// one of the result's.
	list, returning, outer bool
	// start is the first token of the current select item, or -1 before it;
	// count is the item's number in the list, last the list's last star so
	// far, or -1.
	start, count, last int
}

type starFinder struct {
	text   string
	tokens []Token
	stars  []Star
	// before has, for every star, the star before it in the same list, or -1.
	before []int
	levels []level
	arms   int
	// results are the items of the first target list of the result, as ranges of
	// tokens; nil where nobody asks.
	results [][2]int
}

func (w *starFinder) word(i int) string {
	if i < 0 || i >= len(w.tokens) || w.tokens[i].Kind != Ident {
		return ""
	}
	return w.text[w.tokens[i].Start:w.tokens[i].End]
}

func (w *starFinder) is(i int, keyword string) bool { return strings.EqualFold(w.word(i), keyword) }

func (w *starFinder) symbol(i int) string {
	if i < 0 || i >= len(w.tokens) {
		return ""
	}
	if t := w.tokens[i]; t.Kind == Punctuation || t.Kind == Operator {
		return w.text[t.Start:t.End]
	}
	return ""
}

func (w *starFinder) run() {
	w.levels = append(w.levels, level{result: w.makesResult(), position: true})
	for i := range w.tokens {
		l := &w.levels[len(w.levels)-1]
		switch symbol := w.symbol(i); symbol {
		case "(", "[":
			w.open(i, l, symbol == "[")
			continue
		case ")", "]":
			w.endList(i, l)
			if len(w.levels) > 1 {
				w.levels = w.levels[:len(w.levels)-1]
			}
			continue
		case ",":
			if l.list {
				w.endItem(i, l)
				l.start = -1
				l.count++
			}
			l.position = false
			continue
		case ";":
			w.endList(i, l)
			*l = level{result: l.result, position: true}
			continue
		}
		if w.tokens[i].Kind == Ident && !w.isLabel(i) && w.keyword(i, l) {
			continue
		}
		l.position = false
		if l.start < 0 {
			l.start = i
		}
	}
	for len(w.levels) > 0 {
		w.endList(len(w.tokens), &w.levels[len(w.levels)-1])
		w.levels = w.levels[:len(w.levels)-1]
	}
}

// makesResult reports whether the statement is one whose target list is its
// result, and not, say, CREATE VIEW or EXPLAIN.
func (w *starFinder) makesResult() bool {
	for i := range w.tokens {
		if symbol := w.symbol(i); symbol != "(" && symbol != ";" {
			return w.beginsQuery(i) || w.is(i, "insert") || w.is(i, "update") || w.is(i, "delete") || w.is(i, "merge")
		}
	}
	return false
}

// beginsQuery reports whether a query begins at a token.
func (w *starFinder) beginsQuery(i int) bool {
	return w.is(i, "select") || w.is(i, "with") || w.is(i, "table") || w.is(i, "values") && w.symbol(i+1) == "("
}

// open goes into a parenthesis.
func (w *starFinder) open(i int, l *level, bracket bool) {
	inner := level{position: !bracket}
	switch {
	case bracket:
	case l.with:
		// The parentheses behind AS hold a query of the WITH clause; others
		// hold column names or, last of all, the command itself.
		if !w.is(i-1, "as") && !w.is(i-1, "materialized") && w.queryInside(i) {
			l.with = false
			inner.result = l.result
		}
	case l.position:
		inner.result = l.result
	}
	l.position = false
	// Those of DISTINCT ON (…) and RETURNING WITH (…) are no part of an item.
	if l.start < 0 && !(w.is(i-1, "on") && w.is(i-2, "distinct") || w.is(i-1, "with") && w.is(i-2, "returning")) {
		l.start = i
	}
	w.levels = append(w.levels, inner)
}

// queryInside reports whether a query is in the parentheses at a token.
func (w *starFinder) queryInside(i int) bool {
	for w.symbol(i) == "(" {
		i++
	}
	return w.beginsQuery(i)
}

// isLabel reports whether a word is a name for sure: a label behind AS, or
// part of a name with dots.
func (w *starFinder) isLabel(i int) bool {
	if w.symbol(i-1) == "." {
		return true
	}
	// AS before the query of a view, a WITH or a prepared statement is another.
	return w.is(i-1, "as") && w.levels[len(w.levels)-1].list
}

// keyword takes in a word that changes what follows. It returns false for
// all others.
func (w *starFinder) keyword(i int, l *level) bool {
	word := w.word(i)
	switch len(word) {
	case 2:
		return l.list && l.start < 0 && w.is(i, "on") && w.is(i-1, "distinct")
	case 3:
		if w.is(i, "all") {
			return w.quantifier(i, l)
		}
		if w.is(i, "for") {
			return w.leave(i, l)
		}
	case 4:
		switch {
		case w.is(i, "with") && l.position:
			l.with = true
			return true
		case w.is(i, "with"):
			return l.returning && l.start < 0 && w.is(i-1, "returning")
		case w.is(i, "from"):
			if w.is(i-1, "distinct") && (w.is(i-2, "is") || w.is(i-2, "not")) {
				return false
			}
			return w.leave(i, l)
		case w.is(i, "into"):
			return w.leave(i, l)
		}
	case 5:
		switch {
		case w.is(i, "table"):
			return w.table(i, l)
		case w.is(i, "merge"):
			return w.modify(i, l)
		case w.is(i, "group"):
			if w.is(i-1, "within") {
				return false
			}
			return w.leave(i, l)
		case w.is(i, "union"):
			return w.combine(i, l)
		case w.is(i, "where"), w.is(i, "order"), w.is(i, "limit"), w.is(i, "fetch"):
			return w.leave(i, l)
		}
	case 6:
		switch {
		case w.is(i, "select"):
			w.enter(i, l, false)
			return true
		case w.is(i, "insert"), w.is(i, "update"), w.is(i, "delete"):
			return w.modify(i, l)
		case w.is(i, "except"):
			return w.combine(i, l)
		case w.is(i, "values") && (l.position || l.with && w.endsWith(i)):
			l.with, l.position = false, false
			return true
		case w.is(i, "having"), w.is(i, "window"), w.is(i, "offset"):
			return w.leave(i, l)
		}
	case 8:
		if w.is(i, "distinct") {
			return w.quantifier(i, l)
		}
	case 9:
		switch {
		case w.is(i, "returning") && l.dml:
			w.enter(i, l, true)
			return true
		case w.is(i, "intersect"):
			return w.combine(i, l)
		}
	}
	return false
}

// quantifier takes in the ALL or DISTINCT of SELECT or UNION.
func (w *starFinder) quantifier(i int, l *level) bool {
	return l.position || l.list && l.start < 0 && w.is(i-1, "select")
}

// enter begins a target list.
func (w *starFinder) enter(i int, l *level, returning bool) {
	w.endList(i, l)
	*l = level{
		result: l.result, dml: l.dml,
		list: true, start: -1, returning: returning, last: -1,
		outer: l.result && (returning || !l.dml),
	}
}

// leave ends a target list.
func (w *starFinder) leave(i int, l *level) bool {
	w.endList(i, l)
	l.position = false
	return true
}

// combine takes in UNION, INTERSECT or EXCEPT.
func (w *starFinder) combine(i int, l *level) bool {
	w.endList(i, l)
	l.position = !l.dml
	return true
}

// modify takes in the word of a data-modifying command. The same words occur
// in clauses, such as FOR UPDATE, where no RETURNING follows.
func (w *starFinder) modify(i int, l *level) bool {
	if l.list || l.with && !w.endsWith(i) {
		return false
	}
	if l.with || l.position {
		l.dml = true
	}
	l.with, l.position = false, false
	return true
}

// table takes in the command TABLE.
func (w *starFinder) table(i int, l *level) bool {
	if !l.position && !l.with || l.with && !w.endsWith(i) {
		return false
	}
	l.with, l.position = false, false
	s := Star{Start: w.tokens[i].Start, End: w.tokens[i].End, Table: true, Arm: -1, Items: 1, Depth: len(w.levels) - 1}
	if l.result && !l.dml {
		s.Outer, s.Arm = true, w.arms
		w.arms++
	}
	w.before = append(w.before, -1)
	w.stars = append(w.stars, s)
	return true
}

// endsWith reports whether a WITH clause can be over before a token, which
// otherwise is the name of one of its queries.
func (w *starFinder) endsWith(i int) bool {
	return w.symbol(i-1) != "," && !w.is(i-1, "with") && !w.is(i-1, "recursive")
}

// endItem records the select item that ends before a token if it is a star.
func (w *starFinder) endItem(i int, l *level) {
	if l.start < 0 {
		return
	}
	if w.results != nil && l.outer && w.arms == 0 {
		w.results = append(w.results, [2]int{l.start, i})
	}
	first, star := l.start, i-1
	// PostgreSQL takes a label behind a star and ignores it.
	label := false
	if star > first+1 && (w.tokens[star].Kind == Ident || w.tokens[star].Kind == QuotedIdent) {
		behind := star - 1
		if w.is(behind, "as") {
			behind--
		}
		if symbol := w.symbol(behind); symbol == "*" || symbol == ")" {
			star, label = behind, true
		}
	}
	// Nor do parentheses around a star keep it from being expanded.
	for w.symbol(first) == "(" && w.symbol(star) == ")" {
		first, star = first+1, star-1
	}
	if w.symbol(star) != "*" {
		return
	}
	s := Star{
		Start: w.tokens[l.start].Start, End: w.tokens[i-1].End,
		Outer: l.outer, Returning: l.returning, Arm: -1, Item: l.count, Depth: len(w.levels) - 1,
	}
	switch {
	case star == first:
		if label || star > l.start {
			return
		}
	case w.symbol(star-1) == "." && w.isOperand(first, star-1):
		s.Qualifier = w.text[w.tokens[first].Start:w.tokens[star-2].End]
	default:
		return
	}
	if l.outer {
		s.Arm = w.arms
	}
	w.before = append(w.before, l.last)
	l.last = len(w.stars)
	w.stars = append(w.stars, s)
}

// isOperand reports whether tokens from first to before end are a name, a
// placeholder or an expression in parentheses, with fields and subscripts.
func (w *starFinder) isOperand(first, end int) bool {
	complete := false
	depth := 0
	for i := first; i < end; i++ {
		symbol := w.symbol(i)
		switch {
		case symbol == ")" || symbol == "]":
			if depth--; depth < 0 {
				return false
			}
			complete = true
		case symbol == "(" || symbol == "[":
			// A parenthesis can only begin the operand, a bracket go on.
			if depth == 0 && (symbol == "(") != (i == first) {
				return false
			}
			depth++
		case depth > 0:
		case symbol == ".":
			if !complete {
				return false
			}
			complete = false
		case complete:
			return false
		default:
			if kind := w.tokens[i].Kind; kind != Ident && kind != QuotedIdent && (kind != Placeholder || i > first) {
				return false
			}
			complete = true
		}
	}
	return complete
}

// endList ends the target list before a token, if there is one.
func (w *starFinder) endList(i int, l *level) {
	if !l.list {
		return
	}
	w.endItem(i, l)
	l.list = false
	for ; l.last >= 0; l.last = w.before[l.last] {
		w.stars[l.last].Items = l.count + 1
	}
	if l.outer {
		w.arms++
	}
}
