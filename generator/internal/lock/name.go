package lock

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// tableName is how the lock refers to a table: as SQL would, so that a dot in
// a name does no harm.
func tableName(t *model.Table) string { return quote(t.Schema) + "." + quote(t.Name) }

func quote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// unquote takes a tableName apart.
func unquote(s string) (schema, name string, ok bool) {
	schema, rest, ok := identifier(s)
	if !ok || !strings.HasPrefix(rest, ".") {
		return "", "", false
	}
	name, rest, ok = identifier(rest[1:])
	return schema, name, ok && rest == ""
}

// identifier reads one quoted or plain identifier.
func identifier(s string) (name, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexByte(s, '.')
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:], end > 0
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '"':
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '"':
			b.WriteByte('"')
			i++
		default:
			return b.String(), s[i+1:], true
		}
	}
	return "", "", false
}
