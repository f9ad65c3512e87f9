package schema

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

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

// Creates reports whether a statement creates a relation, type, function or
// schema that an error calls by a name, which may be qualified.
func Creates(s *sqltext.Statement, name string) bool {
	qualifier, last := Created(s)
	return last != "" && (name == last || qualifier != "" && name == qualifier+"."+last || qualifier == "" && strings.HasSuffix(name, "."+last))
}

// Created is the relation, type, function or schema that a statement creates, with the
// schema that it says, empty if it says none. The name is empty for a statement
// that creates nothing of the kind.
func Created(s *sqltext.Statement) (qualifier, name string) {
	w := newWords(s)
	if w.at(0) != "create" {
		return "", ""
	}
	for i := 1; i < len(w.tokens); i++ {
		switch w.at(i) {
		case "or", "replace", "global", "local", "temp", "temporary", "unlogged", "materialized", "foreign", "recursive":
		case "table", "view", "sequence", "type", "domain", "schema", "function", "procedure", "aggregate":
			first, next := w.name(w.pastIfNotExists(i + 1))
			if w.at(next) != "." {
				return "", first
			}
			last, _ := w.name(next + 1)
			return first, last
		default:
			return "", ""
		}
	}
	return "", ""
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
	return sqltext.Name(w.text, w.tokens[i]), i + 1
}
