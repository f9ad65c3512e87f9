package golang

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// field is a field of a generated struct.
type field struct {
	name    string
	codec   *codec
	tag     map[string]string
	comment string // above the field
	note    string // beside it
}

func (f *field) code() *jen.Statement {
	s := &jen.Statement{}
	if f.comment != "" {
		comment(s, strings.Split(f.comment, "\n")...)
	}
	s.Id(f.name).Add(f.codec.typ.code())
	if len(f.tag) > 0 {
		s.Op(structTag(f.tag))
	}
	if f.note != "" {
		s.Comment("// " + f.note)
	}
	return s
}

// structTag prints a struct tag with its keys in order.
func structTag(tag map[string]string) string {
	keys := make([]string, 0, len(tag))
	for k := range tag {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = fmt.Sprintf("%s:%q", k, tag[k])
	}
	s := strings.Join(parts, " ")
	if strings.Contains(s, "`") {
		return fmt.Sprintf("%q", s)
	}
	return "`" + s + "`"
}

// tags are the struct tags of a column. Two columns whose names in JSON are the
// same would both be missing there: keys hands out those names.
func (g *generator) tags(column string, t *model.Type, nullable bool, source *model.ColumnRef, keys *scope) map[string]string {
	tag := map[string]string{}
	if g.opt.JSONTags {
		tag["json"] = keys.unique(g.jsonName(column))
	}
	if g.opt.DBTags {
		tag["db"] = column
	}
	for _, st := range g.opt.StructTags {
		if st.Column != "" && !matchColumn(st.Schema, st.Table, st.Column, source, g.opt.DefaultSchema) {
			continue
		}
		if st.Column == "" && (t == nil || st.Nullable != nullable || !matchType(st.DBType, g.tagged(t), g.opt.DefaultSchema)) {
			continue
		}
		for k, v := range parseTag(st.Tag) {
			tag[k] = v
		}
	}
	return tag
}

// tagged is the type that struct tags are for: as in sqlc, that of the elements
// of an array.
func (g *generator) tagged(t *model.Type) *model.Type {
	for g.opt.SQLCNames && t.Kind == model.Array && t.Element != nil {
		t = t.Element
	}
	return t
}

// parseTag reads `a:"b" c:"d"`. The configuration has checked its form.
func parseTag(s string) map[string]string {
	out := map[string]string{}
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		key, rest, _ := strings.Cut(s, ":")
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil {
			break
		}
		value, err := strconv.Unquote(quoted)
		if err != nil {
			break
		}
		out[key] = value
		s = rest[len(quoted):]
	}
	return out
}

func (g *generator) jsonName(column string) string {
	words := strings.Split(column, "_")
	switch g.opt.JSONCase {
	case "camel", "pascal":
		for i, w := range words {
			if i == 0 && g.opt.JSONCase == "camel" {
				words[i] = strings.ToLower(w)
				continue
			}
			if w == "" {
				continue
			}
			if w == "id" && (g.opt.JSONIDUppercase || g.opt.SQLCNames && g.opt.JSONCase == "pascal") {
				words[i] = "ID"
				continue
			}
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
		return strings.Join(words, "")
	case "snake":
		return strings.ToLower(column)
	}
	return column
}

// enumConstants reserves the names of an enum's constants and functions.
func (g *generator) enumConstants(t *model.Type) []string {
	name := g.typeNames[typeKey{t.Schema, t.Name}]
	names := make([]string, len(t.Labels))
	seen := map[string]bool{}
	for i, l := range t.Labels {
		constant := name + g.names.enumConstant(l, i+1)
		if g.opt.SQLCNames {
			value := plainLabel(l)
			if value == "" || seen[value] {
				value = fmt.Sprintf("value_%d", i)
			}
			seen[value] = true
			constant = g.names.exported(g.sqlName(t) + "_" + value)
		}
		names[i] = g.modelTop.unique(constant)
	}
	return names
}

// sqlName is the name of a type, with its schema if that is not the default.
func (g *generator) sqlName(t *model.Type) string {
	return strings.ReplaceAll(relationName(t.Schema, t.Name, g.opt.DefaultSchema), ".", "_")
}

// plainLabel is what sqlc names an enum's value after: its ASCII letters and
// digits, with an underscore for what stands between words.
func plainLabel(label string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == '/' || r == ':':
			return '_'
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, label)
}

// modelsFile holds what the schema defines. It is nil where that is nothing.
func (g *generator) modelsFile() *jen.File {
	f := g.newModelsFile()
	// What decodes the tables decides which composites need a method, and those
	// come first.
	for _, t := range g.pkg.Tables {
		if g.opt.Models == nil && g.tableDecoders[tableKey{t.Schema, t.Name}] {
			for _, fd := range g.tableFields(t) {
				fd.codec.read()
			}
		}
	}
	// All structs say first which row types they hold.
	for _, c := range g.composites {
		if g.hasComposite(c) {
			g.compositeFields(c)
		}
	}
	for _, t := range g.pkg.Tables {
		if g.hasTable(t) {
			g.tableFields(t)
		}
	}
	n := 0
	for _, e := range g.enums {
		if g.opt.OmitUnused && !g.usedTypes[typeKey{e.Schema, e.Name}] {
			continue
		}
		g.enum(f, e)
		n++
	}
	for _, c := range g.composites {
		if !g.hasComposite(c) {
			continue
		}
		g.composite(f, c)
		n++
	}
	for _, t := range g.pkg.Tables {
		if !g.hasTable(t) {
			continue
		}
		g.table(f, t)
		n++
	}
	if n == 0 && !g.opt.SQLCNames {
		return nil
	}
	return f
}

// hasComposite reports whether the models have the struct of a composite.
func (g *generator) hasComposite(t *model.Type) bool {
	k := typeKey{t.Schema, t.Name}
	switch {
	case g.own[g.typeNames[k]]:
		return false
	case g.opt.OmitUnused || g.opt.RowsAsText || t.RowOf != nil:
		return g.usedTypes[k]
	}
	return true
}

// hasTable reports whether they have that of a table.
func (g *generator) hasTable(t *model.Table) bool {
	return !g.opt.OmitUnused || g.usedTables[tableKey{t.Schema, t.Name}]
}

// enumScan writes what lets an enum, and one that can be NULL, go through
// database/sql or pgx by itself.
func (g *generator) enumScan(f *jen.File, t *model.Type) {
	k := typeKey{t.Schema, t.Name}
	name, null := g.typeNames[k], g.nullNames[k]
	f.Comment("// Scan implements [database/sql.Scanner].")
	f.Func().Params(jen.Id("e").Op("*").Id(name)).Id("Scan").Params(jen.Id("src").Any()).Error().Block(
		jen.Switch(jen.Id("s").Op(":=").Id("src").Assert(jen.Type())).Block(
			jen.Case(jen.Index().Byte()).Block(jen.Op("*").Id("e").Op("=").Id(name).Call(jen.Id("s"))),
			jen.Case(jen.String()).Block(jen.Op("*").Id("e").Op("=").Id(name).Call(jen.Id("s"))),
			jen.Default().Block(jen.Return(jen.Qual("fmt", "Errorf").Call(jen.Lit("unsupported scan type for "+name+": %T"), jen.Id("src")))),
		),
		jen.Return(jen.Nil()),
	)
	value := &field{name: name, codec: &codec{typ: goType{name: name}}}
	valid := &field{name: "Valid", codec: &codec{typ: goType{name: "bool"}}, note: "false for NULL"}
	if g.opt.JSONTags {
		value.tag = map[string]string{"json": g.jsonName(g.sqlName(t))}
		valid.tag = map[string]string{"json": g.jsonName("valid")}
	}
	g.structType(f, null, fmt.Sprintf("%s is %s, or NULL.", null, article(name)), []*field{value, valid})
	f.Comment("// Scan implements [database/sql.Scanner].")
	f.Func().Params(jen.Id("n").Op("*").Id(null)).Id("Scan").Params(jen.Id("src").Any()).Error().Block(
		jen.If(jen.Id("src").Op("==").Nil()).Block(
			jen.Op("*").Id("n").Op("=").Id(null).Values(),
			jen.Return(jen.Nil()),
		),
		jen.Id("n").Dot("Valid").Op("=").True(),
		jen.Return(jen.Id("n").Dot(name).Dot("Scan").Call(jen.Id("src"))),
	)
	f.Comment("// Value implements [database/sql/driver.Valuer].")
	f.Func().Params(jen.Id("n").Id(null)).Id("Value").Params().Params(jen.Qual("database/sql/driver", "Value"), jen.Error()).Block(
		jen.If(jen.Op("!").Id("n").Dot("Valid")).Block(jen.Return(jen.Nil(), jen.Nil())),
		jen.Return(jen.String().Call(jen.Id("n").Dot(name)), jen.Nil()),
	)
	if g.opt.Models == nil {
		g.nullEnumFuncs(f, t)
	}
}

// article puts a or an before a name.
func article(name string) string {
	if strings.ContainsRune("AEIOU", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

func (g *generator) enum(f *jen.File, t *model.Type) {
	name := g.typeNames[typeKey{t.Schema, t.Name}]
	doc := t.Comment
	if doc == "" {
		doc = fmt.Sprintf("%s is the enum %s.", name, relationName(t.Schema, t.Name, g.opt.DefaultSchema))
	}
	f.Add(comment(&jen.Statement{}, strings.Split(doc, "\n")...).Type().Id(name).String())
	constants := g.constantNames[typeKey{t.Schema, t.Name}]
	if len(constants) == 0 {
		return
	}
	f.Const().DefsFunc(func(defs *jen.Group) {
		for i, c := range constants {
			defs.Id(c).Id(name).Op("=").Lit(t.Labels[i])
		}
	})
	if g.opt.EnumScan {
		g.enumScan(f, t)
	}
	if g.opt.EnumValid {
		f.Comment(fmt.Sprintf("// Valid reports whether e is one of the values that %s had when this code was generated.", t.Name))
		f.Func().Params(jen.Id("e").Id(name)).Id("Valid").Params().Bool().Block(
			jen.Switch(jen.Id("e")).Block(
				jen.Case(idents(constants)...).Block(jen.Return(jen.True())),
			),
			jen.Return(jen.False()),
		)
	}
	if g.opt.EnumValues {
		all := g.allNames[typeKey{t.Schema, t.Name}]
		f.Comment(fmt.Sprintf("// %s returns the values of %s in their order.", all, name))
		f.Func().Id(all).Params().Index().Id(name).Block(
			jen.Return(jen.Index().Id(name).ValuesFunc(func(values *jen.Group) {
				for _, c := range constants {
					values.Line().Id(c)
				}
				values.Line()
			})),
		)
	}
}

// idents lists names, on one line if they are few.
func idents(names []string) []jen.Code {
	short := len(strings.Join(names, ", ")) <= 50
	out := make([]jen.Code, len(names))
	for i, n := range names {
		out[i] = jen.Id(n)
		if i > 0 && !short {
			out[i] = jen.Line().Id(n)
		}
	}
	return out
}

// compositeFields are the fields of a composite's struct.
func (g *generator) compositeFields(t *model.Type) []*field {
	used, keys := newScope("_"), newScope("_")
	fields := make([]*field, len(t.Fields))
	for i, a := range t.Fields {
		fields[i] = &field{
			name:    used.unique(g.names.exported(orPlace(a.Name, i))),
			codec:   g.codecOf(a.Type, true, a.Dimensions, false),
			tag:     g.tags(a.Name, a.Type, true, nil, keys),
			comment: a.Comment,
		}
	}
	return fields
}

func (g *generator) composite(f *jen.File, t *model.Type) {
	name, fields := g.typeNames[typeKey{t.Schema, t.Name}], g.compositeFields(t)
	doc := t.Comment
	if doc == "" {
		kind := "composite type"
		if t.RowOf != nil {
			kind = "row type of"
		}
		doc = fmt.Sprintf("%s is the %s %s.", name, kind, relationName(t.Schema, t.Name, g.opt.DefaultSchema))
	}
	g.structType(f, name, doc+" Any of its fields may be NULL.", fields)
	if !g.apart(name) {
		g.compositeFuncs(f, t, fields)
	}
}

func (g *generator) structType(f *jen.File, name, doc string, fields []*field) {
	f.Add(comment(&jen.Statement{}, strings.Split(doc, "\n")...).Type().Id(name).StructFunc(func(s *jen.Group) {
		for _, fd := range fields {
			s.Add(fd.code())
		}
	}))
}

func (g *generator) decodeMethod(f *jen.File, name string, fields []*field) {
	f.Line()
	f.Add(g.defineModelFunc("decode", name, jen.Id("row").Op("*").Qual(runtimePath, "Row")).BlockFunc(func(b *jen.Group) {
		for _, fd := range fields {
			b.Id("v").Dot(fd.name).Op("=").Add(fd.codec.read())
		}
	}))
}

// tableFields are the fields of a table's struct.
func (g *generator) tableFields(t *model.Table) []*field {
	k := tableKey{t.Schema, t.Name}
	if fields, ok := g.tableStructs[k]; ok {
		return fields
	}
	used, keys := newScope("_"), newScope("_")
	fields := make([]*field, len(t.Columns))
	for i, c := range t.Columns {
		ref := &model.ColumnRef{Schema: t.Schema, Table: t.Name, Column: c.Name}
		fields[i] = &field{
			name:    used.unique(g.names.exported(orPlace(c.Name, i))),
			codec:   g.codecFor(c.Type, c.Domain, c.Nullable, c.Dimensions, c.ElementNullable, ref, ""),
			tag:     g.tags(c.Name, c.Type, c.Nullable, ref, keys),
			comment: c.Comment,
		}
	}
	g.tableStructs[k] = fields
	return fields
}

func (g *generator) table(f *jen.File, t *model.Table) {
	k := tableKey{t.Schema, t.Name}
	name := g.tableNames[k]
	doc := t.Comment
	if doc == "" {
		kind := "table"
		if t.View {
			kind = "view"
		}
		doc = fmt.Sprintf("%s is a row of the %s %s.", name, kind, relationName(t.Schema, t.Name, g.opt.DefaultSchema))
	}
	g.structType(f, name, doc, g.tableFields(t))
	if g.opt.Models == nil {
		g.tableFuncs(f, t)
	}
}

func relationName(schema, name, defaultSchema string) string {
	if schema == defaultSchema || schema == "" {
		return name
	}
	return schema + "." + name
}

// orPlace names a column that PostgreSQL could not name.
func orPlace(name string, i int) string {
	if name == "" || name == "?column?" {
		return fmt.Sprintf("column_%d", i+1)
	}
	return name
}
