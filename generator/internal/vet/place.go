package vet

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// The tree tells where expressions stand, but not where the words and names do
// that a finding is about. They are looked for in the text, from the place of
// the query on; what is not found is the place of the query.

// first is the byte of the statement's first word.
func (c *check) first() int {
	if len(c.tokens) == 0 {
		return 0
	}
	return c.tokens[0].Start
}

func (c *check) text(i int) string {
	if i < 0 || i >= len(c.tokens) {
		return ""
	}
	return c.st.SQL[c.tokens[i].Start:c.tokens[i].End]
}

// word is the i-th token in lower case, if it is a word without quotes.
func (c *check) word(i int) string {
	if i < 0 || i >= len(c.tokens) || c.tokens[i].Kind != sqltext.Ident {
		return ""
	}
	return strings.ToLower(c.text(i))
}

// name is the name that the i-th token is, or "".
func (c *check) name(i int) string {
	if i < 0 || i >= len(c.tokens) {
		return ""
	}
	return sqltext.Name(c.st.SQL, c.tokens[i])
}

// at is the index of the token at a byte, or of the first one behind it.
func (c *check) at(offset int) int {
	i, _ := slices.BinarySearchFunc(c.tokens, offset, func(t sqltext.Token, offset int) int { return t.Start - offset })
	return i
}

// keyword finds the word that a query begins with. In front of it there may be
// a WITH clause, or for a query of one its name and AS MATERIALIZED.
func (c *check) keyword(q *query, word string) int {
	i := c.at(q.start)
	if q.parent != nil {
		for ; i < len(c.tokens); i++ {
			if c.word(i) == word {
				return c.tokens[i].Start
			}
		}
		return q.start
	}
	depth := 0
	for ; i < len(c.tokens); i++ {
		switch c.text(i) {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 && c.word(i) == word {
			return c.tokens[i].Start
		}
	}
	return q.start
}

// relationAt finds where FROM has a relation that it calls name; behind a byte
// of it, if one of that name stands there.
func (c *check) relationAt(q *query, name string, behind ...int) int {
	from := c.at(q.start)
	for from < len(c.tokens) && !slices.Contains([]string{"from", "using", "update", "into"}, c.word(from)) {
		from++
	}
	for i := from + 1; i < len(c.tokens); i++ {
		if c.name(i) != name || c.text(i+1) == "." || c.text(i+1) == "(" || len(behind) > 0 && c.tokens[i].Start <= behind[0] {
			continue
		}
		switch before := c.word(i - 1); before {
		case "select", "distinct", "by", "where", "on", "and", "or", "not", "set":
			continue
		case "as":
			i--
		}
		switch c.word(i - 1) {
		case "from", "join", "using", "update", "into", "only", "lateral":
		default:
			// The alias stands behind what it is for.
			if c.name(i-1) != "" {
				i--
			}
		}
		return c.tokens[i].Start
	}
	return q.start
}
