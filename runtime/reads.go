package runtime

import (
	"iter"
	"strings"
)

// readsOnly reports whether a statement is a SELECT, VALUES, TABLE or WITH
// without a part that writes. Functions are not looked into. When in doubt it
// says no.
func readsOnly(sql string) bool {
	first := true
	for word := range words(sql) {
		switch word = strings.ToLower(word); {
		case first && !isQuery(word):
			return false
		case !first && (word == "insert" || word == "update" || word == "delete" || word == "merge" || word == "into"):
			return false
		}
		first = false
	}
	return !first
}

// canBeCursor reports whether a statement begins as those do for which
// PostgreSQL declares cursors.
func canBeCursor(sql string) bool {
	for word := range words(sql) {
		return isQuery(strings.ToLower(word))
	}
	return false
}

func isQuery(word string) bool {
	switch word {
	case "select", "with", "values", "table":
		return true
	}
	return false
}

// words yields the keywords and plain identifiers of a statement. Those in
// literals, quoted identifiers and comments are left out, but only up to a
// literal with a backslash: whether that escapes the quote behind it depends on
// a setting of the server.
func words(sql string) iter.Seq[string] {
	return func(yield func(string) bool) {
		doubt := false
		for i := 0; i < len(sql); {
			c := sql[i]
			switch {
			case isWord(c):
				start := i
				for i < len(sql) && (isWord(sql[i]) || sql[i] == '$') {
					i++
				}
				if !yield(sql[start:i]) {
					return
				}
			case doubt:
				i++
			case c == '\'' || c == '"':
				end := strings.IndexByte(sql[i+1:], c)
				if end < 0 {
					return
				}
				if doubt = c == '\'' && strings.IndexByte(sql[i+1:i+1+end], '\\') >= 0; !doubt {
					i += end + 2
				}
			case strings.HasPrefix(sql[i:], "--"):
				end := strings.IndexAny(sql[i:], "\r\n")
				if end < 0 {
					return
				}
				i += end
			case strings.HasPrefix(sql[i:], "/*"):
				i = skipComment(sql, i)
			case c == '$':
				i = skipDollar(sql, i)
			default:
				i++
			}
		}
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}

// skipComment returns the end of the comment at i. Comments nest.
func skipComment(sql string, i int) int {
	depth := 0
	for i < len(sql) {
		switch {
		case strings.HasPrefix(sql[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(sql[i:], "*/"):
			depth--
			i += 2
		default:
			i++
		}
		if depth == 0 {
			break
		}
	}
	return i
}

// skipDollar returns the end of the dollar-quoted literal, or of the dollar, at
// i.
func skipDollar(sql string, i int) int {
	end := i + 1
	for end < len(sql) && isWord(sql[end]) {
		end++
	}
	if end == len(sql) || sql[end] != '$' || end > i+1 && sql[i+1] >= '0' && sql[i+1] <= '9' {
		return i + 1
	}
	tag := sql[i : end+1]
	rest := strings.Index(sql[end+1:], tag)
	if rest < 0 {
		return len(sql)
	}
	return end + 1 + rest + len(tag)
}
