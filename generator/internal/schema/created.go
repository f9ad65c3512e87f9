package schema

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// Statement is the one behind so many completed ones, or nil if the script is
// empty.
func (s *Script) Statement(completed int) *sqltext.Statement {
	if len(s.Statements) == 0 {
		return nil
	}
	return s.Statements[max(0, min(completed, len(s.Statements)-1))]
}

// Extension is the extension that a statement creates, or empty.
func Extension(s *sqltext.Statement) string {
	if s == nil {
		return ""
	}
	w := newWords(s)
	if w.at(0) != "create" || w.at(1) != "extension" {
		return ""
	}
	name, _ := w.name(w.pastIfNotExists(2))
	return name
}

// Creates reports whether a statement creates a relation, type or schema that
// an error calls by a name, which may be qualified.
func Creates(s *sqltext.Statement, name string) bool {
	w := newWords(s)
	if w.at(0) != "create" {
		return false
	}
	for i := 1; i < len(w.tokens); i++ {
		switch w.at(i) {
		case "or", "replace", "global", "local", "temp", "temporary", "unlogged", "materialized", "foreign", "recursive":
		case "table", "view", "sequence", "type", "domain", "schema":
			first, next := w.name(w.pastIfNotExists(i + 1))
			qualified := first
			last := first
			if w.at(next) == "." {
				last, _ = w.name(next + 1)
				qualified += "." + last
			}
			return name == last || name == qualified || strings.HasSuffix(name, "."+last) && !strings.Contains(qualified, ".")
		default:
			return false
		}
	}
	return false
}

func (w words) pastIfNotExists(i int) int {
	if w.at(i) == "if" {
		i += len([]string{"if", "not", "exists"})
	}
	return i
}

// name reads a name as the server does, and gives the token behind it.
func (w words) name(i int) (name string, next int) {
	if !w.isName(i) {
		return "", i
	}
	t := w.tokens[i]
	text := w.text[t.Start:t.End]
	if t.Kind == sqltext.QuotedIdent {
		return strings.ReplaceAll(strings.Trim(text, `"`), `""`, `"`), i + 1
	}
	return strings.ToLower(text), i + 1
}
