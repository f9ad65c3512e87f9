package golang

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// What of the user's can choose a Go type.
const (
	fromDirective     = "directive"
	fromConfiguration = "override"
)

// codecFor is the codec of a column or parameter: what its directive names,
// what an override of the column or its type names, else the type's own.
func (g *generator) codecFor(t, domain *model.Type, nullable bool, dimensions int, elementNullable bool, source *model.ColumnRef, directive string) *codec {
	if directive != "" {
		typ := g.parseGoType(directive)
		// A type that the column could have anyway, such as a slice with
		// pointers for the elements, is decoded as ever.
		for _, pointers := range []bool{elementNullable, !elementNullable} {
			if c := g.codecOf(t, nullable, dimensions, pointers); c.typ.key() == typ.key() {
				own := *c
				own.origin = fromDirective
				return &own
			}
		}
		return g.overrideCodec(t, typ, fromDirective)
	}
	for _, o := range g.opt.Overrides {
		if o.MatchColumn(source, g.opt.DefaultSchema) {
			return g.overrideCodec(t, g.overrideType(o.Type), fromConfiguration)
		}
	}
	if domain != nil {
		if o, ok := g.typeOverride(domain, nullable); ok {
			return g.overrideCodec(t, o, fromConfiguration)
		}
	}
	return g.codecOf(t, nullable, dimensions, elementNullable)
}

// typeOverride finds the override of a database type.
func (g *generator) typeOverride(t *model.Type, nullable bool) (goType, bool) {
	for _, o := range g.opt.Overrides {
		if o.Column == "" && o.DBType != "" && o.Nullable == nullable && matchType(o.DBType, t, g.opt.DefaultSchema) {
			return g.overrideType(o.Type), true
		}
	}
	return goType{}, false
}

func (g *generator) overrideType(t GoType) goType {
	out := goType{path: t.Import, alias: t.Alias, name: t.Name}
	if t.Pointer {
		out.prefix = "*"
	}
	if t.Slice {
		out.prefix = "[]" + out.prefix
	}
	if t.Import != "" {
		g.imports[t.Import] = t.Alias
	}
	return out
}

// parseGoType reads a type as a directive writes it: an import path and a name
// with a dot between, or a predeclared type, after any [] and *.
func (g *generator) parseGoType(s string) goType {
	var t goType
	for {
		switch {
		case strings.HasPrefix(s, "*"):
			t.prefix, s = t.prefix+"*", s[1:]
			continue
		case strings.HasPrefix(s, "[]"):
			t.prefix, s = t.prefix+"[]", s[2:]
			continue
		}
		break
	}
	if i := strings.LastIndexByte(s, '.'); i >= 0 {
		t.path, t.name = s[:i], s[i+1:]
		if _, ok := g.imports[t.path]; !ok {
			g.imports[t.path] = ""
		}
	} else {
		t.name = s
	}
	return t
}

// MatchColumn reports whether the override is for a column by its name.
func (o Override) MatchColumn(ref *model.ColumnRef, defaultSchema string) bool {
	return o.Column != "" && matchColumn(o.Schema, o.Table, o.Column, ref, defaultSchema)
}

func matchColumn(schema, table, column string, ref *model.ColumnRef, defaultSchema string) bool {
	if ref == nil {
		return false
	}
	if schema == "" {
		schema = defaultSchema
	}
	return glob(schema, ref.Schema) && glob(table, ref.Table) && glob(column, ref.Column)
}

// Match reports whether a name is one that a pattern means, as in overrides.
func Match(pattern, name string) bool { return glob(pattern, name) }

// glob reports whether a name is one that a pattern means: * stands for any
// characters, ? for one, and a backslash before them takes that away.
func glob(pattern, name string) bool {
	p, n := []rune(pattern), []rune(name)
	// Where to go on if the name does not fit what follows the last star: that
	// star then stands for one character more.
	star, rest := -1, 0
	for i, j := 0, 0; i < len(p) || j < len(n); {
		switch {
		case i < len(p) && p[i] == '*':
			star, rest = i, j
			i++
			continue
		case i < len(p) && j < len(n) && p[i] == '?':
			i, j = i+1, j+1
			continue
		case i+1 < len(p) && j < len(n) && p[i] == '\\' && p[i+1] == n[j]:
			i, j = i+2, j+1
			continue
		case i < len(p) && j < len(n) && p[i] != '\\' && p[i] == n[j]:
			i, j = i+1, j+1
			continue
		}
		if star < 0 || rest == len(n) {
			return false
		}
		rest++
		i, j = star+1, rest
	}
	return true
}

// matchType compares a type with a name as people write it: "uuid",
// "pg_catalog.int4", "integer", "app.mood".
func matchType(name string, t *model.Type, defaultSchema string) bool {
	switch strings.ToLower(name) {
	case t.Display, t.Schema + "." + t.Name:
		return true
	case t.Name:
		return t.Builtin || t.Schema == defaultSchema || t.Extension != ""
	case "serial", "serial4", "pg_catalog.serial4":
		return t.Builtin && t.Name == "int4"
	case "bigserial", "serial8", "pg_catalog.serial8":
		return t.Builtin && t.Name == "int8"
	case "smallserial", "serial2", "pg_catalog.serial2":
		return t.Builtin && t.Name == "int2"
	case "int":
		return t.Builtin && t.Name == "int4"
	case "decimal":
		return t.Builtin && t.Name == "numeric"
	case "float":
		return t.Builtin && t.Name == "float8"
	case "string":
		return t.Builtin && t.Name == "text"
	}
	return false
}
