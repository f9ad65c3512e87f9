package introspect

import (
	"strings"
	"unicode/utf8"
)

// settled writes an expression as PostgreSQL prints it once it has read its own
// text. The two differ for the cast of an array: of
//
//	(ARRAY['a'::character varying, 'b'::character varying])::text[]
//
// the parser makes an array of casts
// (transformTypeCast in src/backend/parser/parse_expr.c), and so prints
//
//	ARRAY[('a'::character varying)::text, ('b'::character varying)::text]
//
// A list of values for a varchar is stored as the former and, in a database made
// from its text, as the latter.
func settled(sql string) string {
	from := 0
	for {
		i := strings.Index(sql[from:], "(ARRAY[")
		if i < 0 {
			return sql
		}
		at := from + i
		from = at + 1
		if !outside(sql, at) {
			continue
		}
		elements, end := arrayElements(sql, at+len("(ARRAY["))
		if end < 0 || !strings.HasPrefix(sql[end:], ")::") {
			continue
		}
		name, length := arrayType(sql[end+len(")::"):])
		if length == 0 {
			continue
		}
		for i, e := range elements {
			elements[i] = "(" + e + ")::" + name
		}
		tail := sql[end+len(")::")+length:]
		sql = sql[:at] + "ARRAY[" + strings.Join(elements, ", ") + "]" + tail
		from = at
	}
}

// outside reports whether a place is in no literal and no quoted name.
func outside(sql string, at int) bool {
	for i := 0; i < at; {
		next := skip(sql, i)
		if next > at {
			return false
		}
		i = next
	}
	return true
}

// skip returns where the next token of the scan begins: behind a literal or a
// quoted name, or behind one character.
func skip(sql string, i int) int {
	quote := sql[i]
	if quote != '\'' && quote != '"' {
		_, size := utf8.DecodeRuneInString(sql[i:])
		return i + size
	}
	escapes := quote == '\'' && i > 0 && (sql[i-1] == 'E' || sql[i-1] == 'e')
	for i++; i < len(sql); i++ {
		switch {
		case escapes && sql[i] == '\\':
			i++
		case sql[i] == quote && i+1 < len(sql) && sql[i+1] == quote:
			i++
		case sql[i] == quote:
			return i + 1
		}
	}
	return len(sql)
}

// arrayElements splits what is in brackets, from behind the opening one. It
// returns where the text goes on behind the closing one, or -1.
func arrayElements(sql string, start int) (elements []string, end int) {
	depth, begin := 0, start
	for i := start; i < len(sql); {
		switch sql[i] {
		case '(', '[':
			depth++
		case ')':
			depth--
		case ']':
			if depth == 0 {
				return append(elements, sql[begin:i]), i + 1
			}
			depth--
		case ',':
			if depth == 0 {
				elements = append(elements, sql[begin:i])
				begin = i + 1
				for begin < len(sql) && sql[begin] == ' ' {
					begin++
				}
			}
		}
		if depth < 0 {
			return nil, -1
		}
		i = skip(sql, i)
	}
	return nil, -1
}

// arrayType reads the name of an array type, as format_type prints it, and
// returns that of its elements, and the length of the whole; 0 if there is none.
func arrayType(sql string) (element string, length int) {
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case strings.HasPrefix(sql[i:], "[]"):
			return sql[:i], i + len("[]")
		case c == '"' || c == '_' || c == '.' || c == ' ' || c == '(' || c == ',' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= utf8.RuneSelf:
		case c == ')' && strings.Contains(sql[:i], "("):
		default:
			return "", 0
		}
		i = skip(sql, i)
	}
	return "", 0
}
