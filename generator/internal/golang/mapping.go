package golang

import (
	"maps"

	"github.com/dave/jennifer/jen"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// Mapping says which Go types stand for the types of PostgreSQL.
type Mapping int

const (
	// NativeTypes are Go's own types where there are any, and a pointer is nil
	// for NULL.
	NativeTypes Mapping = iota
	// PgTypes are those that sqlc gives for pgx v5: pgtype's wherever a value
	// can be NULL, or infinite.
	PgTypes
)

// loose is a type whose nullable form is one of pgtype's, or a pointer.
func loose(method string, typ goType, constant, null string) base {
	return base{method: method, typ: typ, constant: constant, null: pg(null), nullMethod: "NullPg" + method, pointer: true}
}

// pgTextual is how a type without a Go type of its own travels in [PgTypes].
var pgTextual = loose("Text", goString, "", "Text")

// pgBuiltins are the types of pg_catalog in [PgTypes], where they are not what
// they are in [NativeTypes].
var pgBuiltins = merged(builtins, map[string]base{
	"bool":        loose("Bool", goType{name: "bool"}, "Bool", "Bool"),
	"int2":        loose("Int2", goType{name: "int16"}, "Int2", "Int2"),
	"int4":        loose("Int4", goType{name: "int32"}, "Int4", "Int4"),
	"int8":        loose("Int8", goType{name: "int64"}, "Int8", "Int8"),
	"oid":         {method: "PgOID", typ: pg("Uint32"), null: pg("Uint32"), constant: "OID"},
	"xid":         {method: "PgOID", typ: pg("Uint32"), null: pg("Uint32")},
	"cid":         {method: "PgOID", typ: pg("Uint32"), null: pg("Uint32")},
	"tid":         {method: "PgTID", typ: pg("TID"), null: pg("TID")},
	"float4":      loose("Float4", goType{name: "float32"}, "Float4", "Float4"),
	"float8":      loose("Float8", goType{name: "float64"}, "Float8", "Float8"),
	"text":        loose("Text", goString, "Text", "Text"),
	"varchar":     loose("Text", goString, "Varchar", "Text"),
	"bpchar":      loose("Text", goString, "Bpchar", "Text"),
	"name":        loose("Text", goString, "Name", "Text"),
	"json":        {method: "JSON", reads: goJSON, typ: goBytes, null: goBytes, constant: "JSON", arg: "JSONArg", nullArg: "JSONArg"},
	"jsonb":       {method: "JSON", reads: goJSON, typ: goBytes, null: goBytes, constant: "JSONB", arg: "JSONArg", nullArg: "JSONArg", write: "JSONB"},
	"timestamptz": {method: "PgTimestamptz", typ: pg("Timestamptz"), null: pg("Timestamptz"), constant: "Timestamptz"},
	"timestamp":   {method: "PgTimestamp", typ: pg("Timestamp"), null: pg("Timestamp"), constant: "Timestamp"},
	"date":        {method: "PgDate", typ: pg("Date"), null: pg("Date"), constant: "Date"},
	"inet":        {method: "Addr", typ: goAddr, constant: "Inet", arg: "Arg", nullArg: "Arg"},
	"macaddr8":    {method: "Macaddr", typ: goMAC, null: goMAC, constant: "Macaddr8", arg: "Arg", nullArg: "Arg"},
})

var pgExtensions = merged(extensions, map[string]base{
	"citext": loose("Text", goString, "", "Text"),
})

// pgBounds are the types of the bounds of ranges in [PgTypes].
var pgBounds = map[string]base{
	"int4": {method: "PgInt4", typ: pg("Int4")},
	"int8": {method: "PgInt8", typ: pg("Int8")},
}

func merged(types, more map[string]base) map[string]base {
	out := maps.Clone(types)
	maps.Copy(out, more)
	return out
}

// baseOf is how a type that is not built of others travels, and whether that
// is known of it in particular.
func (g *generator) baseOf(t *model.Type) (base, bool) {
	own, others, text := builtins, extensions, textual
	if g.opt.Types == PgTypes {
		own, others, text = pgBuiltins, pgExtensions, pgTextual
	}
	b, known := own[t.Name]
	if !t.Builtin {
		b, known = others[t.Name]
		known = known && t.Extension != ""
	}
	if !known {
		b = text
		b.text = !t.Builtin
	}
	return b, known
}

// nullEnumCodec is for an enum that can be NULL where that is a struct.
func (g *generator) nullEnumCodec(t *model.Type) *codec {
	g.typeName(t)
	k := typeKey{t.Schema, t.Name}
	null := g.nullNames[k]
	reader := func() *jen.Statement {
		g.readNulls[k] = true
		return jen.Id("read" + null)
	}
	writer := func() *jen.Statement {
		g.writtenNulls[k] = true
		return jen.Id("write" + null)
	}
	return &codec{
		typ:    g.model(null),
		pg:     func() *jen.Statement { return g.pgType(t) },
		reader: reader,
		writer: writer,
		read:   func() *jen.Statement { return reader().Call(jen.Id("row")) },
		write:  func(v *jen.Statement) *jen.Statement { return writer().Call(jen.Id("e"), v) },
	}
}

// rowTextCodec is for a composite as the text that PostgreSQL prints for a row,
// which is what sqlc makes of it.
func (g *generator) rowTextCodec(t *model.Type, nullable bool) *codec {
	c := methodCodec(goString, "Text", "Text")
	switch {
	case nullable && g.opt.NullPointers:
		c = methodCodec(goString.wrap("*"), "NullText", "NullText")
	case nullable:
		c = g.overrideCodec(t, goType{path: "database/sql", name: "NullString"}, "")
	}
	c.pg = func() *jen.Statement { return g.pgType(t) }
	c.text, c.textual = true, true
	return c
}
