// Package advice says what to do about SQL that PostgreSQL rejects: the name
// that was meant, the cast that is missing, the functions that there are.
//
// It only ever adds to PostgreSQL's own words. It reads the statement as tokens
// and never decides whether it is right; where it is not sure what was meant it
// says nothing. Nothing here asks a server, and a [Question] is only read, so
// all of it is safe for concurrent use.
package advice

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Question is a statement with what PostgreSQL says of it.
type Question struct {
	// SQL is the statement as it was sent.
	SQL string
	// Code is the SQLSTATE; Message and Hint are PostgreSQL's words in English.
	Code, Message, Hint string
	// Offset is the byte of SQL that the error points at, -1 if at none.
	Offset int
	// Catalog is what the database holds, nil if that is not known.
	Catalog *catalog.Catalog
	// Names are more relations that there are or will be, for a Catalog that
	// is not known.
	Names []string
	// Schema is true for a statement of the schema and not of a query.
	Schema bool
	// Live is true for a database of the user's: no schema file made it.
	Live bool
	// Role is who asked, for errors about privileges.
	Role string
	// Spelled gives parameters as the user wrote them, by "$1".
	Spelled map[string]string
}

// Answer is what to tell the user.
type Answer struct {
	// Offset is the byte of the SQL to point at, -1 if there is no better place
	// than its beginning.
	Offset int
	// Hint is lines of text; it may be empty.
	Hint string
}

// The SQLSTATEs that there is something to say about.
const (
	syntaxError           = "42601"
	undefinedColumn       = "42703"
	undefinedTable        = "42P01"
	undefinedFunction     = "42883"
	undefinedObject       = "42704"
	invalidSchemaName     = "3F000"
	ambiguousColumn       = "42702"
	ambiguousFunction     = "42725"
	groupingError         = "42803"
	windowingError        = "42P20"
	datatypeMismatch      = "42804"
	generatedAlways       = "428C9"
	invalidText           = "22P02"
	insufficientPrivilege = "42501"
	invalidForeignKey     = "42830"
	duplicateColumn       = "42701"
)

// For answers a question.
func For(q Question) Answer {
	s := read(q)
	a := Answer{Offset: q.Offset, Hint: q.Hint}
	if a.Offset < 0 {
		a.Offset = s.find()
		if i := s.clausePlace(); a.Offset < 0 && i >= 0 && i < len(s.tokens) {
			a.Offset = s.tokens[i].Start
		}
		s.at = s.index(a.Offset)
	}
	if hint := s.hint(); hint != "" {
		a.Hint = hint
	}
	return a
}

// statement is a question cut into tokens.
type statement struct {
	Question
	tokens []sqltext.Token
	// at is the token that the error points at, len(tokens) for the end.
	at int
	// sources are the entries of all FROM lists.
	sources []source
}

func read(q Question) *statement {
	s := &statement{Question: q, tokens: sqltext.Significant(q.SQL)}
	s.at = s.index(q.Offset)
	s.readSources()
	return s
}

// index is the token that begins at an offset, or the first one behind it.
func (s *statement) index(offset int) int {
	for i, t := range s.tokens {
		if t.Start >= offset {
			return i
		}
	}
	return len(s.tokens)
}

// text is a token as it stands in the statement, "" where there is none.
func (s *statement) text(i int) string {
	if i < 0 || i >= len(s.tokens) {
		return ""
	}
	return s.SQL[s.tokens[i].Start:s.tokens[i].End]
}

// word is an unquoted word in lower case, "" for all else.
func (s *statement) word(i int) string {
	if i < 0 || i >= len(s.tokens) || s.tokens[i].Kind != sqltext.Ident {
		return ""
	}
	return strings.ToLower(s.text(i))
}

// name is the name that a token stands for, "" if it is none.
func (s *statement) name(i int) string {
	if i < 0 || i >= len(s.tokens) {
		return ""
	}
	return sqltext.Name(s.SQL, s.tokens[i])
}

// spelled is a token as the user wrote it: a parameter by its name.
func (s *statement) spelled(i int) string {
	text := s.text(i)
	if as, ok := s.Spelled[text]; ok {
		return as
	}
	return text
}

// find looks for the place of an error that comes without one: the first token
// that is what the message has in quotes. It returns -1 if there is none.
func (s *statement) find() int {
	name := quotedIn(s.Message)
	if m := functionMissing.FindStringSubmatch(s.Message); m != nil {
		name = m[1]
	}
	if name == "" {
		return -1
	}
	_, last := qualified(name)
	for i, t := range s.tokens {
		if s.Code == duplicateColumn && s.text(i+1) != "" && s.name(i) == last && s.before(i, last) {
			return t.Start
		}
		if s.Code != duplicateColumn && s.name(i) == last && (s.text(i-1) != "." || last != name || s.name(i-2) != last) {
			return t.Start
		}
	}
	return -1
}

// before reports whether a name stands before a token too.
func (s *statement) before(i int, name string) bool {
	for j := range i {
		if s.name(j) == name {
			return true
		}
	}
	return false
}

// hint is the advice, "" for none.
func (s *statement) hint() string {
	switch s.Code {
	case syntaxError:
		return s.syntax()
	case undefinedColumn:
		return s.column()
	case undefinedTable:
		return s.table()
	case undefinedFunction:
		if strings.HasPrefix(s.Message, "operator") {
			return s.operator()
		}
		return s.function()
	case undefinedObject:
		return s.object()
	case invalidSchemaName:
		return s.schema()
	case ambiguousColumn:
		return s.ambiguous()
	case ambiguousFunction:
		return s.unclear()
	case groupingError, windowingError:
		return s.grouping()
	case datatypeMismatch:
		return s.mismatch()
	case generatedAlways:
		return s.generated()
	case invalidText:
		return s.literal()
	case insufficientPrivilege:
		return s.privilege()
	case invalidForeignKey:
		return "the column that is referenced needs a PRIMARY KEY or a UNIQUE constraint of its own"
	}
	return s.planning()
}
