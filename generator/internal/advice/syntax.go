package advice

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/internal/nearest"
)

// syntax is the advice about text that PostgreSQL cannot read, and about lists
// whose lengths differ.
func (s *statement) syntax() string {
	switch {
	case strings.HasPrefix(s.Message, "INSERT has more"):
		return s.insertLengths()
	case strings.HasPrefix(s.Message, "each ") && strings.Contains(s.Message, "must have the same number of columns"):
		return "all of its SELECTs return the same columns in the same order; NULL AS name fills one that a side does not have"
	case strings.HasPrefix(s.Message, "VALUES lists must all be the same length"):
		return "this row has another number of values than the first one"
	case strings.HasPrefix(s.Message, "LIMIT #,#"):
		return "write LIMIT count OFFSET start; MySQL's LIMIT has the start first"
	case strings.HasPrefix(s.Message, "subquery must return only one column"):
		return "a subquery that stands for a value selects one column"
	case strings.HasPrefix(s.Message, "memory exhausted"):
		return "it is nested too deeply for PostgreSQL"
	case !strings.HasPrefix(s.Message, "syntax error"):
		return ""
	}
	for _, rule := range []func() string{s.foreign, s.mistyped, s.reservedHere, s.commas, s.clauses, s.parentheses} {
		if hint := rule(); hint != "" {
			return hint
		}
	}
	return ""
}

// foreign recognises what other databases and drivers write.
func (s *statement) foreign() string {
	here, before := s.text(s.at), s.text(s.at-1)
	for i := 0; i <= s.at && i < len(s.tokens); i++ {
		if strings.Contains(s.text(i), "`") && s.tokens[i].Kind != sqltext.String && s.tokens[i].Kind != sqltext.QuotedIdent {
			return backticks
		}
	}
	switch {
	case s.word(s.at-3) == "sqlc" && s.text(s.at-2) == "." && macro[s.word(s.at-1)]:
		return fmt.Sprintf("write sqlc.%s(%s)", s.word(s.at-1), or(s.name(s.at), "name"))
	case before == "?" || here == "?":
		return "parameters are written @name or $1, not ?"
	case here == ":" && s.name(s.at+1) != "":
		return fmt.Sprintf("parameters are written @%s or $1, not :%s", s.text(s.at+1), s.text(s.at+1))
	case here == ":" && s.tokenKind(s.at+1) == sqltext.String:
		return "variables of psql are not SQL; parameters are written @name or $1"
	case before == "@":
		return "a parameter's name follows the @ directly"
	case before == "%" || here == "%" && s.word(s.at+1) == "s":
		return "parameters are written @name or $1, not %s"
	case here == ")" && before == "(" && s.word(s.at-2) == "in":
		return "IN needs a value; for a list that the caller gives, write = ANY(@names) or IN (sqlc.slice(names))"
	case s.word(s.at) == "set" && s.word(0) == "insert":
		return "write INSERT INTO table (column, …) VALUES (…)"
	case s.word(s.at) == "auto_increment" || s.word(s.at) == "autoincrement":
		return "write bigint GENERATED ALWAYS AS IDENTITY"
	case s.word(s.at) == "unsigned":
		return "PostgreSQL has no unsigned numbers: use the next larger type, or CHECK (column >= 0)"
	case s.word(s.at) == "engine" && s.text(s.at+1) == "=":
		return "leave it out: it is MySQL's"
	case s.word(s.at) == "top" || s.word(s.at-1) == "top" && s.word(s.at-2) == "select":
		return "write LIMIT at the end of the query"
	case (s.word(s.at) == "duplicate" || s.word(s.at) == "key") && s.has("duplicate"):
		return "write ON CONFLICT (column) DO UPDATE SET column = excluded.column"
	case s.word(s.at) == "replace" && s.at == 0:
		return "write INSERT … ON CONFLICT (column) DO UPDATE SET column = excluded.column"
	case s.word(s.at) == "ignore" && s.word(s.at-1) == "insert":
		return "write INSERT … ON CONFLICT DO NOTHING"
	case s.word(s.at) == "or" && s.word(s.at-1) == "insert":
		return "write INSERT … ON CONFLICT DO NOTHING, or DO UPDATE SET …"
	case here == `\`:
		return "commands of psql are not SQL"
	}
	return ""
}

func (s *statement) has(word string) bool {
	for i := range s.tokens {
		if s.word(i) == word {
			return true
		}
	}
	return false
}

var keywords = strings.Fields(`select insert update delete merge with values from where group order having limit offset
	returning join inner left right outer using into set distinct union except intersect create table index view function
	type alter drop primary references constraint default foreign unique between exists materialized conflict nothing`)

// first are the words that a statement begins with.
var first = strings.Fields(`select insert update delete merge with values create alter drop comment grant revoke truncate
	refresh call lock set notify listen analyze vacuum explain copy reindex cluster do`)

// mistyped recognises a keyword with a typing error: the word at the error, or
// the one before it, which was taken for an alias then.
func (s *statement) mistyped() string {
	if s.at == 0 {
		if near := close(s.word(0), first); near != "" {
			return "did you mean " + strings.ToUpper(near) + "?"
		}
	}
	for _, i := range []int{s.at - 1, s.at} {
		w := s.word(i)
		if w == "" || s.text(i-1) == "." || s.text(i+1) == "." || s.text(i+1) == "(" {
			continue
		}
		if near := close(w, keywords); near != "" {
			return fmt.Sprintf("did you mean %s instead of %s?", strings.ToUpper(near), s.text(i))
		}
	}
	return ""
}

// close is the keyword that a word nearly is, or "". Names that happen to be
// near one must not be taken for it, so little is forgiven.
func close(word string, words []string) string {
	if len(word) < 3 {
		return ""
	}
	for _, w := range words {
		if w == word {
			return ""
		}
	}
	near := nearest.Within(word, words, 1+len(word)/7)
	if near == "" || near == word+"s" || word == near+"s" || utf8.RuneCountInString(near) < 4 {
		return ""
	}
	return near
}

// names are the reserved words that people give to columns and tables.
var names = set(`user order group desc asc end limit offset table column check default primary references all any case to
	window analyze analyse constraint fetch for grant unique when then placing from select where and or not do else both leading
	trailing only collate cast create current_user current_date current_time session_user intersect variadic symmetric`)

// reservedHere recognises a reserved word in the place of a name.
func (s *statement) reservedHere() string {
	w := s.word(s.at)
	before, here := s.word(s.at-1), s.text(s.at)
	// SELECT id, order FROM: the word is where a column belongs, and what
	// follows shows that nothing else was meant.
	if names[before] && !structural[before] && here == "." {
		return s.reserved(before)
	}
	if names[before] && !structural[before] {
		previous := s.text(s.at - 2)
		if place := previous == "," || previous == "(" || previous == "." || operands[s.word(s.at-2)] || s.tokenKind(s.at-2) == sqltext.Operator; place {
			switch s.text(s.at) {
			case ",", ")", ".", "=", "<", ">", "<>", "":
				return s.reserved(before)
			}
			if operands[w] || w == "where" || w == "as" || s.isType(s.at) {
				return s.reserved(before)
			}
		}
		if w == "from" && s.word(0) == "select" && s.tokenKind(s.at-2) == sqltext.Ident {
			return s.reserved(before)
		}
	}
	if !names[w] || structural[w] || s.word(s.at+1) == "by" {
		return ""
	}
	switch s.text(s.at - 1) {
	case ",", "(", ".":
		return s.reserved(w)
	}
	if operands[before] || s.tokenKind(s.at-1) == sqltext.Operator {
		return s.reserved(w)
	}
	return ""
}

// isType reports whether a type's name stands at a token, so that the one
// before it is a column's.
func (s *statement) isType(i int) bool {
	for _, t := range everydayTypes {
		if s.word(i) == t {
			return true
		}
	}
	return false
}

func (s *statement) tokenKind(i int) sqltext.Kind {
	if i < 0 || i >= len(s.tokens) {
		return sqltext.Other
	}
	return s.tokens[i].Kind
}

// operands are the words behind which a name is due.
var operands = set("from join into update table references as by where and or on only set")

// structural are the reserved words that are far more often misplaced than
// meant as a name.
var structural = set("from select where and or not do else then when case cast create any all only intersect")

func (s *statement) reserved(word string) string {
	hint := fmt.Sprintf("%s is a reserved word: as a name it is written \"%s\", in double quotes", word, word)
	if word == "user" {
		if near := intended("user", s.bare()); near != "" {
			hint += "; or did you mean " + near + "?"
		}
	}
	return hint
}

// commas recognises a comma before the end of a list, and one that is missing.
func (s *statement) commas() string {
	before := s.text(s.at - 1)
	w := s.word(s.at)
	switch {
	case before == "," && (s.text(s.at) == ")" || w == "from" || w == "where" || w == "returning" || s.at == len(s.tokens) || s.text(s.at) == ","):
		return "remove the comma before it"
	case s.tokenKind(s.at) == sqltext.Ident && s.tokenKind(s.at-1) == sqltext.Ident && s.listed(s.at):
		return "is a comma missing before it?"
	}
	return ""
}

// listed reports whether a token is in the list of a SELECT, where two names
// can stand side by side but not three.
func (s *statement) listed(at int) bool {
	if s.tokenKind(at-2) != sqltext.Ident || clause[s.word(at)] || s.word(at) == "from" {
		return false
	}
	for i := at - 1; i >= 0; i-- {
		switch w := s.word(i); {
		case w == "select":
			return i < at-2
		case clause[w] || w == "from":
			return false
		}
	}
	return false
}

// clauses recognises a clause that lacks its second word or its content.
func (s *statement) clauses() string {
	before := s.word(s.at - 1)
	end := s.at == len(s.tokens)
	switch {
	case (before == "order" || before == "group") && !end && s.name(s.at) != "":
		return fmt.Sprintf("write %s BY", strings.ToUpper(before))
	case end && (operands[before] || before == "select" || before == "limit" || before == "offset" || before == "having" || before == "returning" || before == "values"):
		return fmt.Sprintf("the statement ends behind %s", strings.ToUpper(before))
	case before == "from" && (s.word(s.at) == "where" || s.word(s.at) == "order" || s.word(s.at) == "group"):
		return "FROM needs a table"
	case before == "where" && clause[s.word(s.at)]:
		return "WHERE needs a condition"
	}
	return ""
}

// parentheses recognises one that is left open, or closed twice.
func (s *statement) parentheses() string {
	var open []int
	for i, t := range s.tokens {
		if t.Kind != sqltext.Punctuation {
			continue
		}
		switch s.text(i) {
		case "(":
			open = append(open, i)
		case ")":
			if len(open) == 0 {
				return "this \")\" has no \"(\" before it"
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return ""
	}
	last := s.tokens[open[len(open)-1]].Start
	return fmt.Sprintf("a \"(\" is never closed: the one before %q", excerpt(s.SQL[last+1:]))
}

// excerpt is the beginning of a text, to find it by.
func excerpt(text string) string {
	words := strings.Fields(text)
	if len(words) > 3 {
		words = words[:3]
	}
	out := strings.Join(words, " ")
	if runes := []rune(out); len(runes) > 30 {
		out = string(runes[:30]) + "…"
	}
	return out
}

var insertTarget = regexp.MustCompile(`^INSERT has more (?:target columns than expressions|expressions than target columns)$`)

// insertLengths counts the columns and the values of an INSERT.
func (s *statement) insertLengths() string {
	if !insertTarget.MatchString(s.Message) || s.word(0) != "insert" {
		return ""
	}
	open := 0
	for open < len(s.tokens) && s.text(open) != "(" && s.word(open) != "values" && s.word(open) != "select" {
		open++
	}
	var columns []string
	i := open
	if s.text(open) == "(" {
		for i++; i < len(s.tokens) && s.text(i) != ")"; i++ {
			if s.text(i) != "," {
				columns = append(columns, s.text(i))
			}
		}
		i++
	} else if len(s.sources) > 0 && s.sources[0].relation != nil {
		for _, c := range s.sources[0].relation.Columns {
			columns = append(columns, sqltext.Identifier(c.Name))
		}
	}
	if s.word(i) != "values" || len(columns) == 0 || len(columns) > tooMany {
		return "give every column one value"
	}
	values, depth := 1, 0
	for i++; i < len(s.tokens); i++ {
		switch s.text(i) {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		case ",":
			if depth == 1 {
				values++
			}
		}
		if depth == 0 {
			break
		}
	}
	return fmt.Sprintf("there %s (%s) and %s", plural(len(columns), "is one column", "are %d columns"), strings.Join(columns, ", "), plural(values, "one value", "%d values"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}
