// Package catalog reads a database's system catalogs into plain Go values:
// types, relations with their columns and constraints, and functions.
//
// [Load] reads everything in one pipelined round trip, however large the
// schema. A loaded [Catalog] is never changed afterwards and is safe for
// concurrent use.
package catalog

// FirstUserOID is the first OID that a database gives to objects created after
// initdb (FirstNormalObjectId in PostgreSQL's source). Smaller ones are
// PostgreSQL's own and mean the same on every server.
const FirstUserOID = 16384

// Catalog is what a database knows about its objects, by OID.
type Catalog struct {
	// ServerVersion is server_version_num, for example 150018.
	ServerVersion int
	// SearchPath lists the schemas whose objects need no qualification, in
	// order, without the implicit ones.
	SearchPath []string
	Types      map[uint32]*Type
	Relations  map[uint32]*Relation
	Functions  map[uint32]*Function
}

// TypeKind is pg_type.typtype.
type TypeKind byte

// The kinds of types.
const (
	Base       TypeKind = 'b'
	Composite  TypeKind = 'c'
	Domain     TypeKind = 'd'
	Enum       TypeKind = 'e'
	Pseudo     TypeKind = 'p'
	Range      TypeKind = 'r'
	Multirange TypeKind = 'm'
)

// Type is a row of pg_type.
type Type struct {
	OID          uint32
	Schema, Name string
	// Display is what format_type(oid, NULL) prints: "integer", "text[]".
	Display  string
	Kind     TypeKind
	Category byte
	// Element is the element type of a true array, else 0.
	Element uint32
	// Array is the type of arrays of this type, or 0.
	Array uint32
	// Relation is the pg_class row of a composite type, else 0.
	Relation uint32
	// Base is what a domain is over, else 0. NotNull, Dimensions and Checks
	// are a domain's own.
	Base       uint32
	NotNull    bool
	Dimensions int
	// Checks are the domain's CHECK expressions (validated ones) as node trees.
	Checks []string
	// Subtype is the element type of a range, and the range type of a
	// multirange, else 0.
	Subtype uint32
	// Binary is true if the type can be sent in the binary format.
	Binary bool
	// Default is a domain's default as SQL, or empty.
	Default string
	// Labels are an enum's values in their order.
	Labels []string
	// Extension is the name of the extension that owns the type, or empty.
	Extension string
	Comment   string
}

// RelationKind is pg_class.relkind.
type RelationKind byte

// The kinds of relations.
const (
	Table            RelationKind = 'r'
	View             RelationKind = 'v'
	MaterializedView RelationKind = 'm'
	ForeignTable     RelationKind = 'f'
	PartitionedTable RelationKind = 'p'
	CompositeType    RelationKind = 'c'
	Sequence         RelationKind = 'S'
)

// Relation is a row of pg_class: a table, view, composite type or sequence.
type Relation struct {
	OID          uint32
	Schema, Name string
	Kind         RelationKind
	// Type is the relation's row type.
	Type    uint32
	Comment string
	// Columns are the live columns in order; their numbers can have gaps.
	Columns []*Column
	// Partition is true for a partition of another table.
	Partition bool
	// Children are the partitions and the tables that inherit directly from
	// this one, whose rows a scan of it returns too. A child can lack a NOT NULL
	// that this relation has, and can be a foreign table.
	Children []uint32
	// Rules is true if a rule other than a view's own can replace what a
	// statement does to the relation, its RETURNING list included.
	Rules bool
	// Checks are the CHECK expressions as node trees (pg_constraint.conbin), in
	// which Vars have varno 1: those that all rows of a scan fulfil, so neither
	// NOT VALID ones nor, on a relation with children, NO INHERIT ones.
	Checks []string
	// Query is a view's query as a node tree (pg_rewrite.ev_action), for the
	// views that are not PostgreSQL's own.
	Query string
	// Indexes are the valid indexes, sorted by name.
	Indexes []*Index
	// ForeignKeys are the columns of each foreign key, sorted by its name.
	ForeignKeys [][]int16
	// Extension is the name of the extension that owns the relation, or empty.
	Extension string
}

// Index is an index of a relation, a row of pg_index.
type Index struct {
	Name string
	// Method is the access method: "btree", "hash", "gin".
	Method string
	// Primary is true for the index of a primary key.
	Primary bool
	// Unique is true if no two rows that the index covers have equal and
	// non-null values in all of its columns: those that inherit from the
	// relation are not covered. Equality is the columns' own, not that of
	// another collation.
	Unique bool
	// Deferrable is true if uniqueness may be checked later than at once, so
	// that ON CONFLICT cannot use it.
	Deferrable bool
	// Partial is true if a WHERE clause leaves rows out.
	Partial bool
	// Columns are the key columns' numbers in order, 0 for an expression.
	Columns []int16
}

// Column returns the column with an attribute number, or nil.
func (r *Relation) Column(number int16) *Column {
	// Columns are sorted by number, and a number is never smaller than its
	// place.
	for i := min(int(number), len(r.Columns)) - 1; i >= 0; i-- {
		if r.Columns[i].Number == number {
			return r.Columns[i]
		}
	}
	return nil
}

// Column is a row of pg_attribute.
type Column struct {
	Number int16
	Name   string
	Type   uint32
	// NotNull is true if no stored row can hold a NULL: attnotnull, unless the
	// constraint behind it is NOT VALID (PostgreSQL 18).
	NotNull bool
	// Dimensions is how many array dimensions were declared.
	Dimensions int
	HasDefault bool
	// Default is what a new row gets, as SQL that is valid with the search path
	// of the connection: the column's default, or for an identity column the
	// next value of its sequence. It is empty for a generated column and for
	// one that has no default but perhaps its domain's.
	Default string
	// Identity is 'a' (always), 'd' (by default) or 0.
	Identity byte
	// Generated is 's' (stored), 'v' (virtual) or 0.
	Generated byte
	Comment   string
}

// FunctionKind is pg_proc.prokind.
type FunctionKind byte

// The kinds of functions.
const (
	PlainFunction  FunctionKind = 'f'
	Procedure      FunctionKind = 'p'
	Aggregate      FunctionKind = 'a'
	WindowFunction FunctionKind = 'w'
)

// Function is a row of pg_proc.
type Function struct {
	OID          uint32
	Schema, Name string
	Kind         FunctionKind
	// Strict functions return NULL for a NULL argument without being called.
	Strict     bool
	ReturnsSet bool
	Returns    uint32
	// Variadic is the element type of a variadic function's last argument, or 0.
	Variadic uint32
	// Arguments are the types of the input arguments.
	Arguments []uint32
	// ArgumentNames are the names of the input arguments, "" where there is
	// none; it is as long as Arguments.
	ArgumentNames []string
	// Signature holds all arguments in order, those that come out included, of
	// functions that are not PostgreSQL's own.
	Signature []*Argument
	// Extension is the name of the extension that owns the function, or empty.
	Extension string
	Comment   string
}

// ArgumentMode is an element of pg_proc.proargmodes.
type ArgumentMode byte

// The modes of arguments.
const (
	In       ArgumentMode = 'i'
	Out      ArgumentMode = 'o'
	InOut    ArgumentMode = 'b'
	Variadic ArgumentMode = 'v'
	// TableColumn is a column of RETURNS TABLE.
	TableColumn ArgumentMode = 't'
)

// Argument is an argument of a function.
type Argument struct {
	// Name is empty for an argument without one.
	Name string
	Type uint32
	Mode ArgumentMode
	// Default is the argument's default as SQL, or empty.
	Default string
}

// Type returns the type with an OID, or nil.
func (c *Catalog) Type(oid uint32) *Type { return c.Types[oid] }

// BaseType follows domains down to the type that they are over. It returns nil
// for an unknown OID.
func (c *Catalog) BaseType(oid uint32) *Type {
	t := c.Types[oid]
	for t != nil && t.Kind == Domain {
		t = c.Types[t.Base]
	}
	return t
}
