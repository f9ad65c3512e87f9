package golang

import (
	"cmp"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pgwright/pgwright/generator/internal/model"
)

const (
	runtimePath = "github.com/pgwright/pgwright/runtime"
	pgxPath     = "github.com/jackc/pgx/v5"
	pgconnPath  = "github.com/jackc/pgx/v5/pgconn"
	pgtypePath  = "github.com/jackc/pgx/v5/pgtype"
)

// codec is how values of one PostgreSQL type, nullable or not, stand in Go:
// their type, and the code that reads and writes them.
type codec struct {
	// typ is the Go type.
	typ goType
	// origin says who chose typ where that is the user.
	origin string
	// pg is the expression for the type in a runtime.Column.
	pg func() *jen.Statement
	// text asks the server for the text format. The runtime knows by itself
	// which built-in types need that, but not what is inside of a composite:
	// textual says that the type is read as text.
	text, textual bool
	// reader is a function value func(*runtime.Row) T, writer one
	// func(*runtime.Encoder, T).
	reader, writer func() *jen.Statement
	// read and write are the same as expressions, with row or e in scope.
	read  func() *jen.Statement
	write func(v *jen.Statement) *jen.Statement
	// arg turns an expression into an argument of a statement. Nil: as it is.
	arg func(v *jen.Statement) *jen.Statement
}

func (c *codec) argument(v *jen.Statement) *jen.Statement {
	if c.arg == nil {
		return v
	}
	return c.arg(v)
}

// goType is a Go type that can be printed and compared.
type goType struct {
	prefix string // "*", "[]", "[]*", …
	path   string // import path, empty for a predeclared or local type
	alias  string // the package's name, where the path does not tell
	name   string
	args   []goType
}

func (t goType) key() string {
	s := t.prefix + t.path + "." + t.name
	for _, a := range t.args {
		s += "[" + a.key() + "]"
	}
	return s
}

func (t goType) code() *jen.Statement {
	s := &jen.Statement{}
	for p := t.prefix; p != ""; {
		if strings.HasPrefix(p, "[]") {
			s.Index()
			p = p[2:]
			continue
		}
		s.Op("*")
		p = p[1:]
	}
	if t.path == "" {
		s.Id(t.name)
	} else {
		s.Qual(t.path, t.name)
	}
	if len(t.args) > 0 {
		args := make([]jen.Code, len(t.args))
		for i, a := range t.args {
			args[i] = a.code()
		}
		s.Types(args...)
	}
	return s
}

func (t goType) wrap(prefix string) goType {
	t.prefix = prefix + t.prefix
	return t
}

// base is how a type that is not built of others is read and written: the
// suffix of the methods of runtime.Row and runtime.Encoder, and the Go types.
type base struct {
	method string
	typ    goType
	// null is the nullable Go type; the zero goType means a pointer.
	null goType
	// constant is the name of the runtime.Type constant, "" where there is none.
	constant string
	text     bool
	// arg and nullArg name the runtime function that an argument goes through;
	// Arg is the one that takes the encoder's method.
	arg, nullArg string
	// write is the method of runtime.Encoder, if it is not method.
	write string
	// nullMethod is the method of both for what can be NULL, if it is not method
	// after "Null".
	nullMethod string
	// pointer is true if a pointer can stand for null.
	pointer bool
	// reads is the Go type of the methods, where typ is another to which it can
	// be assigned.
	reads goType
}

var (
	goString = goType{name: "string"}
	goTime   = goType{path: "time", name: "Time"}
	goBytes  = goType{name: "byte", prefix: "[]"}
	goJSON   = goType{path: "encoding/json", name: "RawMessage"}
	goPrefix = goType{path: "net/netip", name: "Prefix"}
	goMAC    = goType{path: "net", name: "HardwareAddr"}
	goAddr   = goType{path: "net/netip", name: "Addr"}
)

func pg(name string) goType { return goType{path: pgtypePath, name: name} }

// builtins are the types of pg_catalog that do not simply travel as text.
var builtins = map[string]base{
	"bool":        {method: "Bool", typ: goType{name: "bool"}, constant: "Bool"},
	"int2":        {method: "Int2", typ: goType{name: "int16"}, constant: "Int2"},
	"int4":        {method: "Int4", typ: goType{name: "int32"}, constant: "Int4"},
	"int8":        {method: "Int8", typ: goType{name: "int64"}, constant: "Int8"},
	"oid":         {method: "OID", typ: goType{name: "uint32"}, constant: "OID"},
	"xid":         {method: "OID", typ: goType{name: "uint32"}},
	"cid":         {method: "OID", typ: goType{name: "uint32"}},
	"float4":      {method: "Float4", typ: goType{name: "float32"}, constant: "Float4"},
	"float8":      {method: "Float8", typ: goType{name: "float64"}, constant: "Float8"},
	"text":        {method: "Text", typ: goString, constant: "Text"},
	"varchar":     {method: "Text", typ: goString, constant: "Varchar"},
	"bpchar":      {method: "Text", typ: goString, constant: "Bpchar"},
	"name":        {method: "Text", typ: goString, constant: "Name"},
	"bytea":       {method: "Bytea", typ: goBytes, null: goBytes, constant: "Bytea", arg: "ByteaArg"},
	"json":        {method: "JSON", typ: goJSON, null: goJSON, constant: "JSON", arg: "JSONArg", nullArg: "JSONArg"},
	"jsonb":       {method: "JSON", typ: goJSON, null: goJSON, constant: "JSONB", arg: "JSONArg", nullArg: "JSONArg", write: "JSONB"},
	"uuid":        {method: "UUID", typ: pg("UUID"), null: pg("UUID"), constant: "UUID"},
	"numeric":     {method: "Numeric", typ: pg("Numeric"), null: pg("Numeric"), constant: "Numeric"},
	"interval":    {method: "Interval", typ: pg("Interval"), null: pg("Interval"), constant: "Interval"},
	"time":        {method: "Time", typ: pg("Time"), null: pg("Time"), constant: "Time"},
	"bit":         {method: "Bits", typ: pg("Bits"), null: pg("Bits"), constant: "Bit"},
	"varbit":      {method: "Bits", typ: pg("Bits"), null: pg("Bits"), constant: "Varbit"},
	"point":       {method: "Point", typ: pg("Point"), null: pg("Point"), constant: "Point"},
	"line":        {method: "Line", typ: pg("Line"), null: pg("Line"), constant: "Line"},
	"lseg":        {method: "Lseg", typ: pg("Lseg"), null: pg("Lseg"), constant: "Lseg"},
	"box":         {method: "Box", typ: pg("Box"), null: pg("Box"), constant: "Box"},
	"path":        {method: "Path", typ: pg("Path"), null: pg("Path"), constant: "Path"},
	"polygon":     {method: "Polygon", typ: pg("Polygon"), null: pg("Polygon"), constant: "Polygon"},
	"circle":      {method: "Circle", typ: pg("Circle"), null: pg("Circle"), constant: "Circle"},
	"timestamptz": {method: "Timestamptz", typ: goTime, constant: "Timestamptz"},
	"timestamp":   {method: "Timestamp", typ: goTime, constant: "Timestamp", arg: "TimestampArg", nullArg: "NullTimestampArg"},
	"date":        {method: "Date", typ: goTime, constant: "Date", arg: "DateArg", nullArg: "NullDateArg"},
	"inet":        {method: "Inet", typ: goPrefix, constant: "Inet"},
	"cidr":        {method: "Cidr", typ: goPrefix, constant: "Cidr"},
	"macaddr":     {method: "Macaddr", typ: goMAC, null: goMAC, constant: "Macaddr", arg: "Arg", nullArg: "Arg"},
}

// textual is how every other type travels: as its text. The runtime knows which
// built-in types that takes the text format for.
var textual = base{method: "Text", typ: goString}

// extensions are the types that an extension brings and that are not simply
// text: citext sends its text in binary too, hstore has a type of pgx.
var extensions = map[string]base{
	"citext": {method: "Text", typ: goString},
	"hstore": {method: "Hstore", typ: pg("Hstore"), null: pg("Hstore"), arg: "HstoreArg", nullArg: "HstoreArg"},
}

// codecOf chooses the codec of a type.
func (g *generator) codecOf(t *model.Type, nullable bool, dimensions int, elementNullable bool) *codec {
	if o, ok := g.typeOverride(t, nullable); ok {
		return g.overrideCodec(t, o, fromConfiguration)
	}
	switch t.Kind {
	case model.Domain:
		return g.codecOf(t.Element, nullable, max(dimensions, t.Dimensions), elementNullable)
	case model.Enum:
		return g.enumCodec(t, nullable)
	case model.Composite:
		return g.compositeCodec(t, nullable)
	case model.Array:
		return g.arrayCodec(t, nullable, dimensions, elementNullable)
	case model.Range:
		return g.rangeCodec(t, nullable, "Range")
	case model.Multirange:
		return g.rangeCodec(t, nullable, "Multirange")
	}
	return g.baseCodec(t, nullable)
}

// pgType is the expression for a type in a runtime.Column: a constant of the
// runtime where it has one, arrays as the element's with brackets, else the
// name that the server prints.
func (g *generator) pgType(t *model.Type) *jen.Statement {
	if t.Kind == model.Array && t.Builtin {
		return g.pgType(t.Element).Op("+").Lit("[]")
	}
	if t.Builtin {
		if b, ok := builtins[t.Name]; ok && b.constant != "" {
			return jen.Qual(runtimePath, b.constant)
		}
		if c, ok := rangeConstants[t.Name]; ok {
			return jen.Qual(runtimePath, c)
		}
	}
	return jen.Lit(qualified(t))
}

// qualified is a type's name as the runtime looks it up: what the server
// prints for its own types, schema and name for all others.
func qualified(t *model.Type) string {
	if t.Builtin {
		return t.Display
	}
	if t.Kind == model.Array {
		return qualified(t.Element) + "[]"
	}
	return quoteIdent(t.Schema) + "." + quoteIdent(t.Name)
}

// quoteIdent quotes an identifier where PostgreSQL would need it.
func quoteIdent(s string) string {
	plain := s != ""
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (i == 0 || r < '0' || r > '9') {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

var rangeConstants = map[string]string{
	"int4range": "Int4Range", "int8range": "Int8Range", "numrange": "NumRange",
	"tsrange": "TSRange", "tstzrange": "TSTZRange", "daterange": "DateRange",
	"int4multirange": "Int4Multirange", "int8multirange": "Int8Multirange", "nummultirange": "NumMultirange",
	"tsmultirange": "TSMultirange", "tstzmultirange": "TSTZMultirange", "datemultirange": "DateMultirange",
}

func (g *generator) baseCodec(t *model.Type, nullable bool) *codec {
	b, known := g.baseOf(t)
	typ, read, write, arg := b.typ, b.method, cmp.Or(b.write, b.method), b.arg
	if nullable {
		typ, read, write, arg = b.null, "Null"+b.method, "Null"+write, b.nullArg
		switch {
		case typ.name == "" || b.pointer && g.opt.NullPointers:
			typ = b.typ.wrap("*")
		case b.nullMethod != "":
			read, write = b.nullMethod, b.nullMethod
		}
	}
	c := methodCodec(typ, read, write)
	if b.reads.name != "" {
		c.reader = func() *jen.Statement { return readerFunc(typ, c.read()) }
		c.writer = func() *jen.Statement { return writerFunc(typ, c.write(jen.Id("v"))) }
	}
	c.pg = func() *jen.Statement { return g.pgType(t) }
	c.text, c.textual = b.text, !known
	switch arg {
	case "":
	case "Arg":
		c.arg = func(v *jen.Statement) *jen.Statement { return jen.Qual(runtimePath, arg).Call(v, c.writer()) }
	default:
		c.arg = func(v *jen.Statement) *jen.Statement { return jen.Qual(runtimePath, arg).Call(v) }
	}
	return c
}

// methodCodec reads and writes with methods of runtime.Row and runtime.Encoder.
func methodCodec(typ goType, read, write string) *codec {
	return &codec{
		typ:    typ,
		reader: func() *jen.Statement { return jen.Parens(jen.Op("*").Qual(runtimePath, "Row")).Dot(read) },
		writer: func() *jen.Statement { return jen.Parens(jen.Op("*").Qual(runtimePath, "Encoder")).Dot(write) },
		read:   func() *jen.Statement { return jen.Id("row").Dot(read).Call() },
		write:  func(v *jen.Statement) *jen.Statement { return jen.Id("e").Dot(write).Call(v) },
	}
}

func (g *generator) enumCodec(t *model.Type, nullable bool) *codec {
	if nullable && g.opt.EnumScan && !g.opt.NullPointers {
		return g.nullEnumCodec(t)
	}
	enum, text := g.model(g.typeName(t)), goString
	typ, null := enum, ""
	if nullable {
		typ, text, null = typ.wrap("*"), text.wrap("*"), "Null"
	}
	return &codec{
		typ:    typ,
		pg:     func() *jen.Statement { return g.pgType(t) },
		reader: func() *jen.Statement { return jen.Qual(runtimePath, null+"Enum").Types(enum.code()) },
		writer: func() *jen.Statement { return jen.Qual(runtimePath, "Encode"+null+"Enum").Types(enum.code()) },
		read: func() *jen.Statement {
			return convert(typ, jen.Id("row").Dot(null+"Text").Call())
		},
		write: func(v *jen.Statement) *jen.Statement {
			return jen.Id("e").Dot(null + "Text").Call(convert(text, v))
		},
		arg: func(v *jen.Statement) *jen.Statement { return jen.Qual(runtimePath, null+"EnumArg").Call(v) },
	}
}

// convert writes t(v), or (*t)(v).
func convert(t goType, v *jen.Statement) *jen.Statement {
	if t.prefix == "" {
		return t.code().Call(v)
	}
	return jen.Parens(t.code()).Call(v)
}

func (g *generator) compositeCodec(t *model.Type, nullable bool) *codec {
	if g.opt.RowsAsText {
		return g.rowTextCodec(t, nullable)
	}
	name := g.typeName(t)
	typ := g.model(name)
	null := ""
	if nullable {
		typ, null = typ.wrap("*"), "Null"
	}
	decode := func() *jen.Statement { return g.modelFunc("decode", name) }
	encode := func() *jen.Statement { return g.modelFunc("encode", name) }
	read := func() *jen.Statement {
		g.needDecode(t)
		return jen.Qual(runtimePath, null+"Composite").Call(jen.Id("row"), decode())
	}
	write := func(v *jen.Statement) *jen.Statement {
		g.needEncode(t)
		return jen.Qual(runtimePath, "Encode"+null+"Composite").Call(jen.Id("e"), v, g.pgType(t), encode())
	}
	text := g.hasTextualField(t)
	return &codec{
		typ:     typ,
		pg:      func() *jen.Statement { return g.pgType(t) },
		text:    text,
		textual: text,
		read:    read,
		write:   write,
		reader:  func() *jen.Statement { return readerFunc(typ, read()) },
		writer:  func() *jen.Statement { return writerFunc(typ, write(jen.Id("v"))) },
		arg: func(v *jen.Statement) *jen.Statement {
			g.needEncode(t)
			return jen.Qual(runtimePath, null+"CompositeArg").Call(v, encode())
		},
	}
}

// hasTextualField reports whether any field of a composite is read as text.
func (g *generator) hasTextualField(t *model.Type) bool {
	for _, f := range t.Fields {
		if g.codecOf(f.Type, true, f.Dimensions, false).textual {
			return true
		}
	}
	return false
}

// readerFunc and writerFunc wrap an expression into a function value.
func readerFunc(typ goType, body *jen.Statement) *jen.Statement {
	return jen.Func().Params(jen.Id("row").Op("*").Qual(runtimePath, "Row")).Add(typ.code()).Block(jen.Return(body))
}

func writerFunc(typ goType, body *jen.Statement) *jen.Statement {
	return jen.Func().Params(jen.Id("e").Op("*").Qual(runtimePath, "Encoder"), jen.Id("v").Add(typ.code())).Block(body)
}

func (g *generator) arrayCodec(t *model.Type, nullable bool, dimensions int, elementNullable bool) *codec {
	element := g.codecOf(t.Element, elementNullable, 0, false)
	null := ""
	if nullable {
		null = "Null"
	}
	typ := element.typ.wrap("[]")
	reader, writer := element.reader, element.writer
	for i := 1; i < dimensions; i++ {
		inner, outer := reader, writer
		typ = typ.wrap("[]")
		reader = func() *jen.Statement { return jen.Qual(runtimePath, "Dim").Call(inner()) }
		writer = func() *jen.Statement { return jen.Qual(runtimePath, "EncodeDim").Call(outer()) }
	}
	read := func() *jen.Statement {
		return jen.Qual(runtimePath, null+"Array").Call(jen.Id("row"), reader())
	}
	write := func(v *jen.Statement) *jen.Statement {
		return jen.Qual(runtimePath, "Encode"+null+"Array").Call(jen.Id("e"), v, g.pgType(t.Element), writer())
	}
	return &codec{
		typ:  typ,
		pg:   func() *jen.Statement { return g.pgType(t) },
		text: element.text, textual: element.textual,
		read:   read,
		write:  write,
		reader: func() *jen.Statement { return readerFunc(typ, read()) },
		writer: func() *jen.Statement { return writerFunc(typ, write(jen.Id("v"))) },
		arg: func(v *jen.Statement) *jen.Statement {
			return jen.Qual(runtimePath, null+"ArrayArg").Call(v, writer())
		},
	}
}

// boundCodec is the codec of a range's bounds.
func (g *generator) boundCodec(t *model.Type) *codec {
	if b, ok := pgBounds[t.Name]; ok && t.Builtin && g.opt.Types == PgTypes {
		if _, overridden := g.typeOverride(t, false); !overridden {
			c := methodCodec(b.typ, b.method, b.method)
			c.pg = func() *jen.Statement { return g.pgType(t) }
			return c
		}
	}
	return g.codecOf(t, false, 0, false)
}

func (g *generator) rangeCodec(t *model.Type, nullable bool, kind string) *codec {
	bound := t.Element
	if kind == "Multirange" {
		bound = t.Element.Element
	}
	element := g.boundCodec(bound)
	null := ""
	if nullable {
		null = "Null"
	}
	typ := goType{path: pgtypePath, name: "Range", args: []goType{element.typ}}
	if kind == "Multirange" {
		typ = goType{path: pgtypePath, name: "Multirange", args: []goType{typ}}
	}
	read := func() *jen.Statement {
		return jen.Qual(runtimePath, null+kind).Call(jen.Id("row"), element.reader())
	}
	write := func(v *jen.Statement) *jen.Statement {
		return jen.Qual(runtimePath, "Encode"+null+kind).Call(jen.Id("e"), v, element.writer())
	}
	return &codec{
		typ:  typ,
		pg:   func() *jen.Statement { return g.pgType(t) },
		text: element.text, textual: element.textual,
		read:   read,
		write:  write,
		reader: func() *jen.Statement { return readerFunc(typ, read()) },
		writer: func() *jen.Statement { return writerFunc(typ, write(jen.Id("v"))) },
		arg: func(v *jen.Statement) *jen.Statement {
			return jen.Qual(runtimePath, null+kind+"Arg").Call(v, element.writer())
		},
	}
}

// overrideCodec is for a Go type that the user named: pgx's type map of the
// connection reads and writes it.
func (g *generator) overrideCodec(t *model.Type, typ goType, origin string) *codec {
	return &codec{
		typ:    typ,
		origin: origin,
		pg:     func() *jen.Statement { return g.pgType(t) },
		reader: func() *jen.Statement { return jen.Qual(runtimePath, "Scan").Types(typ.code()) },
		writer: func() *jen.Statement { return jen.Qual(runtimePath, "Encode").Types(typ.code()) },
		read:   func() *jen.Statement { return jen.Qual(runtimePath, "Scan").Types(typ.code()).Call(jen.Id("row")) },
		write:  func(v *jen.Statement) *jen.Statement { return jen.Qual(runtimePath, "Encode").Call(jen.Id("e"), v) },
	}
}

// optional is a codec for values that may be left out. It only writes: no
// column of a result is optional.
func optional(c *codec) *codec {
	typ := goType{path: runtimePath, name: "Opt", args: []goType{c.typ}}
	write := func(v *jen.Statement) *jen.Statement {
		return jen.Qual(runtimePath, "EncodeOpt").Call(jen.Id("e"), v, c.writer())
	}
	out := &codec{
		typ: typ, pg: c.pg, text: c.text, textual: c.textual, write: write,
		writer: func() *jen.Statement { return writerFunc(typ, write(jen.Id("v"))) },
		arg:    func(v *jen.Statement) *jen.Statement { return v.Dot("Arg").Call() },
	}
	if c.arg != nil {
		out.arg = func(v *jen.Statement) *jen.Statement {
			return jen.Qual(runtimePath, "OptArg").Call(v, jen.Func().Params(jen.Id("v").Add(c.typ.code())).Any().Block(jen.Return(c.arg(jen.Id("v")))))
		}
	}
	return out
}

// spelled is a codec for values that are written as texts to read them from.
func spelled(c *codec) *codec {
	out := *c
	out.pg = func() *jen.Statement { return jen.Qual(runtimePath, "Text") }
	out.write = func(v *jen.Statement) *jen.Statement {
		return jen.Qual(runtimePath, "EncodeLiteral").Call(jen.Id("e"), v, c.pg(), c.writer())
	}
	out.writer = func() *jen.Statement { return writerFunc(c.typ, out.write(jen.Id("v"))) }
	return &out
}

// Types names the Go types of a package's columns and parameters.
// It is not safe for concurrent use.
type Types struct {
	g        *generator
	prepared bool
}

// NewTypes is for the names of a package, which are prepared when the first one
// is asked for.
func NewTypes(pkg *model.Package, opt Options) *Types {
	return &Types{g: newGenerator(pkg, opt)}
}

func (t *Types) names() *generator {
	if !t.prepared {
		t.prepared = true
		t.g.prepare()
	}
	return t.g
}

// Settled is a query with what its parameters' Go types say of its columns.
func (t *Types) Settled(q *model.Query) *model.Query {
	if !unsettled(q) {
		return q
	}
	return t.names().settle(q)
}

// Column is the Go type of the i-th column of a query, as the generated code
// writes it: in a table's struct that of its field.
func (t *Types) Column(q *model.Query, i int) string { return t.columnCodec(q, i).typ.String() }

// ColumnOrigin says what of the user's chose that type: "directive" or
// "override". It is empty where it follows from the column.
func (t *Types) ColumnOrigin(q *model.Query, i int) string { return t.columnCodec(q, i).origin }

func (t *Types) columnCodec(q *model.Query, i int) *codec {
	if codec := t.names().tableColumns[q.Columns[i]]; codec != nil {
		return codec
	}
	return t.names().columnCodecOfEmbed(&query{Query: q}, i)
}

// Param is the Go type of a parameter, as the generated code writes it.
func (t *Types) Param(p *model.Param) string { return t.names().paramCodec(p).typ.String() }

// ParamOrigin is for a parameter what [Types.ColumnOrigin] is for a column.
func (t *Types) ParamOrigin(p *model.Param) string { return t.names().paramCodec(p).origin }

// String is the type in Go's syntax, packages by their last name.
func (t goType) String() string {
	s := t.prefix
	if t.path != "" {
		name := t.alias
		if name == "" {
			name = t.path[strings.LastIndexByte(t.path, '/')+1:]
		}
		s += name + "."
	}
	s += t.name
	if len(t.args) > 0 {
		args := make([]string, len(t.args))
		for i, a := range t.args {
			args[i] = a.String()
		}
		s += "[" + strings.Join(args, ", ") + "]"
	}
	return s
}
