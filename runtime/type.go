package runtime

import "strings"

// Type is a PostgreSQL type as format_type(oid, NULL) prints it. Types that
// are not built in are qualified with their schema, each part quoted as needed:
// "public.mood". Arrays end in "[]", whatever their dimensions.
type Type string

// The built-in types that have Go types of their own. Others are read as text;
// any name that format_type prints is a valid Type.
const (
	Bool           Type = "boolean"
	Int2           Type = "smallint"
	Int4           Type = "integer"
	Int8           Type = "bigint"
	OID            Type = "oid"
	Float4         Type = "real"
	Float8         Type = "double precision"
	Numeric        Type = "numeric"
	Text           Type = "text"
	Varchar        Type = "character varying"
	Bpchar         Type = "character"
	Name           Type = "name"
	Bytea          Type = "bytea"
	JSON           Type = "json"
	JSONB          Type = "jsonb"
	UUID           Type = "uuid"
	Timestamptz    Type = "timestamp with time zone"
	Timestamp      Type = "timestamp without time zone"
	Date           Type = "date"
	Time           Type = "time without time zone"
	Interval       Type = "interval"
	Bit            Type = "bit"
	Varbit         Type = "bit varying"
	Inet           Type = "inet"
	Cidr           Type = "cidr"
	Macaddr        Type = "macaddr"
	Macaddr8       Type = "macaddr8"
	Point          Type = "point"
	Line           Type = "line"
	Lseg           Type = "lseg"
	Box            Type = "box"
	Path           Type = "path"
	Polygon        Type = "polygon"
	Circle         Type = "circle"
	Int4Range      Type = "int4range"
	Int8Range      Type = "int8range"
	NumRange       Type = "numrange"
	TSRange        Type = "tsrange"
	TSTZRange      Type = "tstzrange"
	DateRange      Type = "daterange"
	Int4Multirange Type = "int4multirange"
	Int8Multirange Type = "int8multirange"
	NumMultirange  Type = "nummultirange"
	TSMultirange   Type = "tsmultirange"
	TSTZMultirange Type = "tstzmultirange"
	DateMultirange Type = "datemultirange"

	TimeTZ   Type = "time with time zone"
	Money    Type = "money"
	XML      Type = "xml"
	TSVector Type = "tsvector"
	TSQuery  Type = "tsquery"
	PgLSN    Type = "pg_lsn"
	XID      Type = "xid"
	XID8     Type = "xid8"
	CID      Type = "cid"
	TID      Type = "tid"
	JSONPath Type = "jsonpath"
	RegClass Type = "regclass"
	RegType  Type = "regtype"
	RegProc  Type = "regproc"
)

// Column is a column of a result or of a COPY.
type Column struct {
	Name string
	Type Type
	// Text asks for the text format. It is for types that Go holds as the
	// string that PostgreSQL prints and whose binary form is something else:
	// extension types such as ltree, composites that contain such types, and
	// types decoded by [Scan] that pgx does not know. Built-in types need no
	// hint, nor do enums, domains, ranges, and arrays of types that need none.
	Text bool
}

// builtin is what is fixed about a type of pg_catalog. OIDs below 10000 are
// assigned by hand and never change (src/include/catalog/pg_type.dat).
type builtin struct {
	name       Type
	oid, array uint32
	// binary is true if this package decodes the binary format.
	binary bool
}

// lookup returns what is known of a type or, for an array, of its element.
func lookup(t Type) (b builtin, array, ok bool) {
	element, array := strings.CutSuffix(string(t), "[]")
	b, ok = builtinOf(Type(element))
	return b, array, ok
}

// oid returns a type's OID if it is the same in every database, else 0.
func (t Type) oid() uint32 {
	b, array, _ := lookup(t)
	if array {
		return b.array
	}
	return b.oid
}

// userDefined is true for types that a database gives an OID of its own.
func (t Type) userDefined() bool {
	schema, _, qualified := strings.Cut(string(t), ".")
	// initdb creates this schema, so its types have OIDs below FirstNormalObjectId.
	return qualified && schema != "information_schema"
}

// wantsText is true if values must travel in the text format, because the
// binary one is not what the Go type holds.
func (c Column) wantsText() bool {
	if c.Text {
		return true
	}
	b, _, ok := lookup(c.Type)
	if ok {
		return !b.binary
	}
	return !c.Type.userDefined()
}

func builtinOf(t Type) (builtin, bool) {
	for i := range builtins {
		if builtins[i].name == t {
			return builtins[i], true
		}
	}
	return builtin{}, false
}

// isText is true for the built-in types whose binary format is their text.
func (t Type) isText() bool {
	switch t {
	case Text, Varchar, Bpchar, Name, JSON, "refcursor":
		return true
	}
	return false
}

// builtinName names a built-in type or array by its OID.
func builtinName(oid uint32) (Type, bool) {
	if oid == 0 {
		return "", false
	}
	for i := range builtins {
		b := &builtins[i]
		switch oid {
		case b.oid:
			return b.name, true
		case b.array:
			return b.name + "[]", true
		}
	}
	return "", false
}

// builtins is never changed.
var builtins = [...]builtin{
	{Bool, 16, 1000, true},
	{Int2, 21, 1005, true},
	{Int4, 23, 1007, true},
	{Int8, 20, 1016, true},
	{OID, 26, 1028, true},
	{Float4, 700, 1021, true},
	{Float8, 701, 1022, true},
	{Numeric, 1700, 1231, true},
	{Text, 25, 1009, true},
	{Varchar, 1043, 1015, true},
	{Bpchar, 1042, 1014, true},
	{Name, 19, 1003, true},
	{Bytea, 17, 1001, true},
	{JSON, 114, 199, true},
	{JSONB, 3802, 3807, true},
	{UUID, 2950, 2951, true},
	{Timestamptz, 1184, 1185, true},
	{Timestamp, 1114, 1115, true},
	{Date, 1082, 1182, true},
	{Time, 1083, 1183, true},
	{Interval, 1186, 1187, true},
	{Bit, 1560, 1561, true},
	{Varbit, 1562, 1563, true},
	{Inet, 869, 1041, true},
	{Cidr, 650, 651, true},
	{Macaddr, 829, 1040, true},
	{Macaddr8, 774, 775, true},
	{Point, 600, 1017, true},
	{Line, 628, 629, true},
	{Lseg, 601, 1018, true},
	{Box, 603, 1020, true},
	{Path, 602, 1019, true},
	{Polygon, 604, 1027, true},
	{Circle, 718, 719, true},
	{Int4Range, 3904, 3905, true},
	{Int8Range, 3926, 3927, true},
	{NumRange, 3906, 3907, true},
	{TSRange, 3908, 3909, true},
	{TSTZRange, 3910, 3911, true},
	{DateRange, 3912, 3913, true},
	{Int4Multirange, 4451, 6150, true},
	{Int8Multirange, 4536, 6157, true},
	{NumMultirange, 4532, 6151, true},
	{TSMultirange, 4533, 6152, true},
	{TSTZMultirange, 4534, 6153, true},
	{DateMultirange, 4535, 6155, true},
	{"\"char\"", 18, 1002, false},
	{"int2vector", 22, 1006, false},
	{"oidvector", 30, 1013, false},
	{RegProc, 24, 1008, false},
	{"regprocedure", 2202, 2207, false},
	{"regoper", 2203, 2208, false},
	{"regoperator", 2204, 2209, false},
	{RegClass, 2205, 2210, false},
	{RegType, 2206, 2211, false},
	{"regconfig", 3734, 3735, false},
	{"regdictionary", 3769, 3770, false},
	{"regnamespace", 4089, 4090, false},
	{"regrole", 4096, 4097, false},
	{"regcollation", 4191, 4192, false},
	{TID, 27, 1010, false},
	{XID, 28, 1011, true},
	{CID, 29, 1012, true},
	{XID8, 5069, 271, false},
	{XML, 142, 143, false},
	{"pg_node_tree", 194, 0, false},
	{Money, 790, 791, false},
	{"aclitem", 1033, 1034, false},
	{TimeTZ, 1266, 1270, false},
	{"refcursor", 1790, 2201, false},
	{"txid_snapshot", 2970, 2949, false},
	{"pg_snapshot", 5038, 5039, false},
	{PgLSN, 3220, 3221, false},
	{TSVector, 3614, 3643, false},
	{TSQuery, 3615, 3645, false},
	{"gtsvector", 3642, 3644, false},
	{JSONPath, 4072, 4073, false},
}
