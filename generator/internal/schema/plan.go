package schema

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// The reasons for leaving a statement out.
const (
	aboutRoles    = "it is about roles and privileges, which do not change what a query means"
	aboutRows     = "it is about rows, and only the structure is needed"
	aboutCluster  = "it is about the database cluster, and the analysis has one of its own"
	aboutUpkeep   = "it is upkeep, which does not change the structure"
	aboutPolicies = "it is about row security, which does not change what a query means"
	aboutOthers   = "it needs another server"
	aboutSettings = "the setting does not change the structure, and not every server takes it"
	aboutLibrary  = "it loads a library into the server"
	aboutNothing  = "there is nothing to drop yet"
)

// decision is what becomes of a statement.
type decision struct {
	// skip is the reason to leave it out, or empty.
	skip string
	// edits are in order and in offsets of the file.
	edits []sqltext.Edit
	// alone is true if it cannot run in a script with others, last if those
	// behind it need it committed.
	alone, last bool
}

func plan(s *sqltext.Statement) decision {
	w := newWords(s)
	switch w.at(0) {
	case "grant", "revoke", "reassign":
		return decision{skip: aboutRoles}
	case "security":
		return decision{skip: "security labels need a label provider and do not change the structure"}
	case "copy", "refresh":
		return decision{skip: aboutRows}
	case "vacuum", "reindex", "cluster", "checkpoint", "discard":
		return decision{skip: aboutUpkeep}
	case "load":
		return decision{skip: aboutLibrary}
	case "import":
		return decision{skip: aboutOthers}
	case "do", "call":
		// Their code may end the transaction.
		return decision{alone: true}
	case "set":
		return decision{skip: w.setting()}
	case "comment":
		return decision{skip: object(w.at(2))}
	case "drop":
		if w.at(1) == "index" && w.at(2) == "concurrently" {
			return decision{edits: []sqltext.Edit{w.without(2, 3)}}
		}
		return decision{skip: object(w.at(1))}
	case "create":
		return w.create()
	case "alter":
		return w.alter()
	}
	return decision{}
}

// object is the reason to leave out a statement about a kind of object.
func object(kind string) string {
	switch kind {
	case "role", "user", "group", "owned":
		return aboutRoles
	case "database", "tablespace", "system":
		return aboutCluster
	case "policy":
		return aboutPolicies
	case "subscription":
		return aboutOthers
	case "large":
		return aboutRows
	}
	return ""
}

// words are the tokens of a statement without its comments, with offsets of
// the file.
type words struct {
	text   string
	tokens []sqltext.Token
}

func newWords(s *sqltext.Statement) words {
	return words{text: s.File.Text, tokens: s.Significant()}
}

// at is an unquoted word in lower case or a symbol, or "" for all else.
func (w words) at(i int) string {
	if i < 0 || i >= len(w.tokens) {
		return ""
	}
	switch t := w.tokens[i]; t.Kind {
	case sqltext.Ident:
		return strings.ToLower(w.text[t.Start:t.End])
	case sqltext.Punctuation, sqltext.Operator:
		return w.text[t.Start:t.End]
	}
	return ""
}

// isName reports whether a token can be a name.
func (w words) isName(i int) bool {
	return i < len(w.tokens) && (w.tokens[i].Kind == sqltext.Ident || w.tokens[i].Kind == sqltext.QuotedIdent)
}

// without deletes the tokens from first to before end.
func (w words) without(first, end int) sqltext.Edit {
	return sqltext.Edit{Start: w.tokens[first].Start, End: w.tokens[end-1].End}
}

// instead replaces a token.
func (w words) instead(i int, text string) sqltext.Edit {
	return sqltext.Edit{Start: w.tokens[i].Start, End: w.tokens[i].End, Text: text}
}

// setting is the reason to leave out a SET.
func (w words) setting() string {
	i := 1
	if w.at(i) == "session" || w.at(i) == "local" {
		i++
	}
	value := ""
	if i+2 < len(w.tokens) {
		t := w.tokens[i+2]
		value = strings.ToLower(strings.Trim(w.text[t.Start:t.End], `'"`))
	}
	switch w.at(i) {
	case "role", "authorization":
		return aboutRoles
	case "statement_timeout", "lock_timeout", "transaction_timeout", "idle_session_timeout", "idle_in_transaction_session_timeout":
		return aboutSettings
	case "default_tablespace":
		if value != "" && value != "default" {
			return "tablespaces are not needed"
		}
	case "default_table_access_method":
		if value != "heap" && value != "default" {
			return "the analysis keeps its tables in the heap"
		}
	}
	return ""
}

func (w words) create() decision {
	i := 1
	if w.at(1) == "or" && w.at(2) == "replace" {
		i = 3
	}
	if reason := object(w.at(i)); reason != "" {
		return decision{skip: reason}
	}
	if w.at(i) == "schema" {
		edits := w.schemaOwner(i + 1)
		if end := i + 2 + 2*len(edits); w.at(i+1) == "public" && len(w.tokens) == end {
			// A dump with --clean makes it anew.
			edits = append([]sqltext.Edit{{Start: w.tokens[i+1].Start, End: w.tokens[i+1].Start, Text: "IF NOT EXISTS "}}, edits...)
		}
		return decision{edits: edits}
	}
	for ; i < 5; i++ {
		switch w.at(i) {
		case "index":
			var d decision
			if w.at(i+1) == "concurrently" {
				d.edits = append(d.edits, w.without(i+1, i+2))
			}
			d.edits = append(d.edits, w.tablespaces()...)
			return d
		case "table":
			return decision{edits: w.tablespaces()}
		case "view":
			if w.at(i-1) == "materialized" {
				return decision{edits: w.tablespaces()}
			}
			return decision{}
		case "unique", "global", "local", "temp", "temporary", "unlogged", "materialized", "foreign":
		default:
			return decision{}
		}
	}
	return decision{}
}

// schemaOwner takes the role out of CREATE SCHEMA … AUTHORIZATION.
func (w words) schemaOwner(i int) []sqltext.Edit {
	if w.at(i) == "if" {
		i += len([]string{"if", "not", "exists"})
	}
	switch {
	case w.at(i) == "authorization" && w.isName(i+1):
		switch w.at(i + 1) {
		case "current_user", "session_user", "current_role":
			return nil
		}
		// The schema is named after the role.
		return []sqltext.Edit{w.without(i, i+1)}
	case w.isName(i) && w.at(i+1) == "authorization" && w.isName(i+2):
		return []sqltext.Edit{w.without(i+1, i+3)}
	}
	return nil
}

// tablespaces makes the tablespaces of CREATE TABLE, INDEX or MATERIALIZED VIEW
// the default one.
func (w words) tablespaces() []sqltext.Edit {
	var edits []sqltext.Edit
	depth, query := 0, false
	for i := range w.tokens {
		switch w.at(i) {
		case "(":
			depth++
		case ")":
			depth--
		case "as":
			query = query || depth == 0
		case "tablespace":
			if !w.isName(i+1) || query {
				continue
			}
			behind := w.at(i + 2)
			if w.at(i-1) == "index" && w.at(i-2) == "using" ||
				depth == 0 && (i+2 == len(w.tokens) || behind == "as" || behind == "where") {
				edits = append(edits, w.instead(i+1, "pg_default"))
			}
		}
	}
	return edits
}

func (w words) alter() decision {
	switch reason := object(w.at(1)); {
	case reason != "":
		return decision{skip: reason}
	case w.at(1) == "default" && w.at(2) == "privileges":
		return decision{skip: aboutRoles}
	case w.at(2) == "all" && w.at(3) == "in" && w.at(4) == "tablespace":
		return decision{skip: aboutCluster}
	}
	var d decision
	depth, several := 0, false
	owners := 0
	for i := range w.tokens {
		switch w.at(i) {
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			several = several || depth == 0
		case "owner":
			if depth == 0 && w.at(i+1) == "to" && w.isName(i+2) && !isRenamed(w.at(i-1)) {
				d.edits = append(d.edits, w.instead(i+2, "CURRENT_USER"))
				owners++
			}
		case "tablespace":
			if w.isName(i+1) && (w.at(i-1) == "set" || w.at(i-1) == "index" && w.at(i-2) == "using") {
				d.edits = append(d.edits, w.instead(i+1, "pg_default"))
			}
		case "concurrently":
			if i+1 == len(w.tokens) && depth == 0 && w.has("detach", i) {
				d.edits = append(d.edits, w.without(i, i+1))
			}
		case "value":
			// A new value can be used once it is committed.
			if w.at(1) == "type" && w.at(i-1) == "add" {
				d.last = true
			}
		}
	}
	if owners > 0 && !several {
		return decision{skip: aboutRoles}
	}
	return d
}

// isRenamed reports whether the word behind another is the old name of
// something.
func isRenamed(before string) bool {
	switch before {
	case "rename", "column", "attribute", "constraint":
		return true
	}
	return false
}

// has reports whether a word stands before a token.
func (w words) has(word string, before int) bool {
	for i := range before {
		if w.at(i) == word {
			return true
		}
	}
	return false
}

// dumpHeader begins what pg_dump writes, in a comment.
const dumpHeader = "PostgreSQL database dump"

// cleans reports whether a statement of a dump, above the first that creates
// something, clears the way for it. What pg_dump --clean drops has never been
// there, and the views that it empties before have not either.
func (w words) cleans() bool {
	return w.at(0) == "drop" || w.at(0) == "alter" || w.at(0) == "create" && w.at(1) == "or"
}
