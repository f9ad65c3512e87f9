package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Override gives a Go type, or struct tags, to a database type or to columns.
type Override struct {
	// Column is a pattern of the form [[catalog.]schema.]table.column, empty if
	// the override is for a type. In its names * stands for any characters and ?
	// for one; a backslash before either makes it stand for itself. Without a
	// schema it is for the default one.
	Column string
	// DBType is a database type as written, such as "uuid" or
	// "pg_catalog.timestamptz", empty if the override is for columns.
	DBType string
	// Nullable says whether a type's override is for nullable or for not-null
	// columns. For columns it has no effect.
	Nullable bool
	// Unsigned is for MySQL; PostgreSQL has no such types.
	Unsigned bool
	// GoType is zero if only struct tags are given.
	GoType GoType
	// GoStructTag is the text of a struct tag without the backquotes, or empty.
	GoStructTag string
	Pos         Pos
}

// overrides reads a list of overrides. Those for other engines are checked and
// dropped.
func (r *reader) overrides(t *table, key string) []Override {
	var out []Override
	for _, n := range t.list(key, "overrides") {
		ot := r.table(n, "an override")
		if ot == nil {
			continue
		}
		o, engine := r.override(ot)
		if engine == "" || engine == "postgresql" {
			out = append(out, o)
		}
	}
	return out
}

func (r *reader) override(t *table) (o Override, engine string) {
	o.Pos = t.node.pos
	t.oneOf("engine", &engine, "postgresql", "mysql", "sqlite")
	hasColumn := t.text("column", &o.Column)
	hasType := t.text("db_type", &o.DBType)
	var old string
	if t.text("postgres_type", &old) {
		if hasType {
			r.errorAt(t.keyPos("postgres_type"), "an override has both db_type and postgres_type", "keep db_type alone")
		} else {
			r.warnAt(t.keyPos("postgres_type"), "postgres_type is an old name", "write db_type")
		}
		hasType, o.DBType = true, old
	}
	t.flag("nullable", &o.Nullable)
	var null bool
	if t.flag("null", &null) {
		r.warnAt(t.keyPos("null"), "null is an old name", "write nullable")
		o.Nullable = o.Nullable || null
	}
	t.flag("unsigned", &o.Unsigned)
	switch {
	case hasColumn && hasType:
		r.errorAt(t.keyPos("db_type"), "an override has both column and db_type", "make two of it")
	case !hasColumn && !hasType:
		r.errorAt(t.node.pos, "an override has neither column nor db_type", "say what it is for")
	case hasColumn:
		if problem := checkColumn(o.Column); problem != "" {
			r.errorAt(t.pos("column"), fmt.Sprintf("%s: %q", problem, o.Column), "write table.column or schema.table.column; * stands for any name")
		}
	case strings.TrimSpace(o.DBType) == "":
		r.errorAt(t.pos("db_type"), "db_type is empty", "")
	}
	if n := t.get("go_type"); n != nil {
		o.GoType = r.goType(n)
	}
	if t.text("go_struct_tag", &o.GoStructTag) {
		if problem := checkStructTag(o.GoStructTag); problem != "" {
			r.errorAt(t.pos("go_struct_tag"), "go_struct_tag "+problem, `write pairs such as: validate:"required" x:"y,z"`)
		}
	}
	if t.get("go_type") == nil && t.get("go_struct_tag") == nil {
		r.errorAt(t.node.pos, "an override changes nothing", "give it go_type or go_struct_tag")
	}
	t.done()
	return o, engine
}

// checkColumn returns what is wrong with a column pattern, or "".
func checkColumn(column string) string {
	parts := strings.Split(column, ".")
	if len(parts) < 2 || len(parts) > 4 {
		return "column is not of the form table.column"
	}
	for _, part := range parts {
		if part == "" {
			return "column has an empty part"
		}
		for i := 0; i < len(part); i++ {
			if part[i] != '\\' {
				continue
			}
			if i++; i == len(part) || strings.IndexByte(`*?\`, part[i]) < 0 {
				return `column has a backslash before something other than * or ?`
			}
		}
	}
	return ""
}

// checkStructTag returns what is wrong with a struct tag, or "". The format is
// the convention of reflect.StructTag.
func checkStructTag(tag string) string {
	if strings.ContainsAny(tag, "`\n") {
		return "holds a character that no struct tag can have"
	}
	seen := map[string]bool{}
	for tag = strings.TrimSpace(tag); tag != ""; tag = strings.TrimSpace(tag) {
		key, rest, found := strings.Cut(tag, ":")
		if !found || key == "" || strings.ContainsAny(key, " \"\t") || !strings.HasPrefix(rest, `"`) {
			return "is not a list of key:\"value\" pairs"
		}
		value, err := strconv.QuotedPrefix(rest)
		if err != nil {
			return fmt.Sprintf("has no closing quote after %s:", key)
		}
		if seen[key] {
			return fmt.Sprintf("has the key %s twice", key)
		}
		seen[key] = true
		tag = rest[len(value):]
		if tag != "" && tag[0] != ' ' {
			return "has no space between two pairs"
		}
	}
	return ""
}
