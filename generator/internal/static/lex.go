package static

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// text is a statement, cut into tokens without comments. Ranges of tokens are
// half open, as those of slices.
type text struct {
	sql    string
	tokens []sqltext.Token
	// pairs has the token that closes a parenthesis, a bracket or a CASE, and the
	// one that opens it; -1 for all others.
	pairs []int
}

func newText(sql string) *text {
	t := &text{sql: sql, tokens: sqltext.Significant(sql)}
	t.pairs = make([]int, len(t.tokens))
	var open []int
	for i := range t.tokens {
		t.pairs[i] = -1
		closes := ""
		switch {
		case t.is(i, "(") || t.is(i, "["):
			open = append(open, i)
		case t.word(i) == "case" && !t.named(i):
			open = append(open, i)
		case t.is(i, ")"):
			closes = "("
		case t.is(i, "]"):
			closes = "["
		case t.word(i) == "end" && !t.named(i):
			closes = "case"
		}
		if n := len(open) - 1; closes != "" && n >= 0 && strings.EqualFold(t.raw(open[n]), closes) {
			t.pairs[i], t.pairs[open[n]] = open[n], i
			open = open[:n]
		}
	}
	return t
}

// pair is the other one of a pair of tokens, -1 for what is none.
func (t *text) pair(i int) int {
	if i < 0 || i >= len(t.pairs) {
		return -1
	}
	return t.pairs[i]
}

// named reports whether a word stands where it is a name and no keyword: behind
// a dot or AS.
func (t *text) named(i int) bool {
	return t.is(i-1, ".") || i > 0 && t.tokens[i-1].Kind == sqltext.Ident && strings.EqualFold(t.raw(i-1), "as")
}

func (t *text) raw(i int) string {
	if i < 0 || i >= len(t.tokens) {
		return ""
	}
	return t.sql[t.tokens[i].Start:t.tokens[i].End]
}

// between is the text of a range of tokens.
func (t *text) between(i, j int) string {
	if i < 0 || i >= j || j > len(t.tokens) {
		return ""
	}
	return t.sql[t.tokens[i].Start:t.tokens[j-1].End]
}

// is reports whether a token is an operator or a punctuation mark.
func (t *text) is(i int, symbol string) bool {
	if i < 0 || i >= len(t.tokens) || t.raw(i) != symbol {
		return false
	}
	return t.tokens[i].Kind == sqltext.Punctuation || t.tokens[i].Kind == sqltext.Operator
}

func (t *text) kind(i int) sqltext.Kind {
	if i < 0 || i >= len(t.tokens) {
		return sqltext.Other
	}
	return t.tokens[i].Kind
}

// word is an unquoted word in lower case, else "".
func (t *text) word(i int) string {
	if t.kind(i) != sqltext.Ident {
		return ""
	}
	return strings.ToLower(t.raw(i))
}

// words reports whether words follow each other from a token on.
func (t *text) words(i int, list ...string) bool {
	for n, w := range list {
		if t.word(i+n) != w {
			return false
		}
	}
	return true
}

// name is the identifier at a token as PostgreSQL reads it, else "".
func (t *text) name(i int) string {
	if i < 0 || i >= len(t.tokens) {
		return ""
	}
	return sqltext.Name(t.sql, t.tokens[i])
}

// qualified reads a name with up to one schema, and returns the token behind
// it. A name that cannot be read is empty.
func (t *text) qualified(i int) (schema, name string, next int) {
	name = t.name(i)
	if t.is(i+1, ".") && t.name(i+2) != "" {
		return name, t.name(i + 2), i + 3
	}
	return "", name, i + 1
}

// skip is the token behind one, or behind all that it opens.
func (t *text) skip(i int) int {
	if p := t.pair(i); p > i {
		return p + 1
	}
	return i + 1
}

// find is the first token of a range, outside of all parentheses in it, that a
// function accepts; j if there is none.
func (t *text) find(i, j int, accept func(i int) bool) int {
	i, j = max(i, 0), min(j, len(t.tokens))
	for ; i < j; i = t.skip(i) {
		if accept(i) {
			return i
		}
	}
	return j
}

// split cuts a range at its commas. There are no parts of nothing.
func (t *text) split(i, j int) [][2]int {
	var out [][2]int
	if i, j = max(i, 0), min(j, len(t.tokens)); i >= j {
		return nil
	}
	for {
		end := t.find(i, j, func(k int) bool { return t.is(k, ",") })
		out = append(out, [2]int{i, end})
		if end == j {
			return out
		}
		i = end + 1
	}
}

// beginsQuery reports whether a query begins at a token.
func (t *text) beginsQuery(i int) bool {
	for t.is(i, "(") {
		i++
	}
	switch t.word(i) {
	case "select", "with", "table", "values":
		return true
	}
	return false
}

// isQuery reports whether parentheses hold a query.
func (t *text) isQuery(open int) bool {
	return t.is(open, "(") && t.pair(open) > 0 && t.beginsQuery(open+1)
}
