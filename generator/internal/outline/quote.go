package outline

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

func name(s string) string { return sqltext.Identifier(s) }

func qualified(schema, s string) string {
	if schema == "" {
		return name(s)
	}
	return name(schema) + "." + name(s)
}

func names(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = name(s)
	}
	return strings.Join(out, ", ")
}

// literal is a text as SQL that means the same whatever
// standard_conforming_strings is.
func literal(s string) string {
	s = strings.ReplaceAll(s, "'", "''")
	if strings.Contains(s, `\`) {
		return "E'" + strings.ReplaceAll(s, `\`, `\\`) + "'"
	}
	return "'" + s + "'"
}

func collate(collation string) string {
	if collation == "" {
		return ""
	}
	return " COLLATE " + collation
}

// items is a list in parentheses on one line, block one with a line for each.
func items(list []string) string { return "(" + strings.Join(list, ", ") + ")" }

func block(list []string) string {
	if len(list) == 0 {
		return "()"
	}
	return "(\n    " + strings.Join(list, ",\n    ") + "\n)"
}

// storageOptions are name=value pairs as WITH takes them.
func storageOptions(options []string) string {
	out := make([]string, len(options))
	for i, o := range options {
		n, v, _ := strings.Cut(o, "=")
		out[i] = dotted(n) + "=" + literal(v)
	}
	return items(out)
}

// dotted quotes the parts of the name of an option, such as toast.fillfactor.
func dotted(s string) string {
	if space, n, found := strings.Cut(s, "."); found {
		return name(space) + "." + name(n)
	}
	return name(s)
}

// serverOptions are name=value pairs as OPTIONS takes them.
func serverOptions(options []string) string {
	if len(options) == 0 {
		return ""
	}
	out := make([]string, len(options))
	for i, o := range options {
		n, v, _ := strings.Cut(o, "=")
		out[i] = name(n) + " " + literal(v)
	}
	return " OPTIONS " + items(out)
}
