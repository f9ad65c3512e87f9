// Package introspect reads what a database holds into plain Go values that name
// things as people do: schemas, tables and views with their columns, keys,
// constraints and indexes, types, sequences, functions and extensions.
//
// [Read] asks for everything in two round trips, however large the schema, and
// in one snapshot. All names and SQL texts are those of an empty search path:
// what is not PostgreSQL's own has its schema, whatever the connection's path
// is, so that two databases with the same objects give equal values. OIDs,
// owners, privileges and rows are not read, and objects that belong to an
// extension count as the extension.
//
// The JSON form of a [Database] is stable: keys are added and not renamed. An
// empty text, a false and a zero are left out of objects where they are the
// ordinary case; lists are never null.
//
// The package catalog is the one for query analysis: by OID, with PostgreSQL's
// own objects, in the milliseconds that a generator can spare.
package introspect

// Database is what a database holds. Lists are sorted by schema and name, unless
// they say otherwise. A Database is not changed after [Read] returned it, and is
// safe for concurrent use as long as nobody else does.
type Database struct {
	// ServerVersion is server_version_num, for example 150018.
	ServerVersion int             `json:"server_version"`
	Schemas       []*Schema       `json:"schemas"`
	Extensions    []*Extension    `json:"extensions"`
	Tables        []*Relation     `json:"tables"`
	Views         []*Relation     `json:"views"`
	Enums         []*Enum         `json:"enums"`
	Domains       []*Domain       `json:"domains"`
	Composites    []*Composite    `json:"composites"`
	Ranges        []*Range        `json:"ranges"`
	BaseTypes     []*BaseType     `json:"base_types"`
	Sequences     []*Sequence     `json:"sequences"`
	Functions     []*Function     `json:"functions"`
	Collations    []*Collation    `json:"collations"`
	Statistics    []*Statistics   `json:"statistics"`
	Wrappers      []*Wrapper      `json:"foreign_data_wrappers"`
	Servers       []*ServerObject `json:"foreign_servers"`
	// Omitted describes what is in the database and of a kind that is not read:
	// operators, casts, text search configurations, publications and the like.
	Omitted []string `json:"omitted"`
	// Dependencies say what must exist before what, as pg_depend has it.
	Dependencies []Dependency `json:"-"`
}

// Schema is a schema that is not PostgreSQL's own.
type Schema struct {
	Name    string `json:"name"`
	Comment string `json:"comment,omitempty"`
}

// Extension is an installed extension, other than those of an empty database.
type Extension struct {
	Name    string `json:"name"`
	Schema  string `json:"schema"`
	Version string `json:"version"`
	// Pinned is true if the version is not the one that CREATE EXTENSION gives
	// on this server.
	Pinned bool `json:"pinned,omitempty"`
	// OwnSchema is true if the schema belongs to the extension, which then makes
	// it.
	OwnSchema bool `json:"own_schema,omitempty"`
}

// RelationKind says what a relation is.
type RelationKind string

// The kinds of relations.
const (
	Table            RelationKind = "table"
	PartitionedTable RelationKind = "partitioned table"
	ForeignTable     RelationKind = "foreign table"
	View             RelationKind = "view"
	MaterializedView RelationKind = "materialized view"
)

// Relation is a table or a view.
type Relation struct {
	Schema  string       `json:"schema"`
	Name    string       `json:"name"`
	Kind    RelationKind `json:"kind"`
	Comment string       `json:"comment,omitempty"`
	// Columns are in the table's order.
	Columns     []*Column     `json:"columns"`
	PrimaryKey  *Constraint   `json:"primary_key,omitempty"`
	Uniques     []*Constraint `json:"uniques"`
	ForeignKeys []*Constraint `json:"foreign_keys"`
	Checks      []*Constraint `json:"checks"`
	Exclusions  []*Constraint `json:"exclusions"`
	// ReferencedBy are the foreign keys that refer to this table, of tables that
	// were chosen or not.
	ReferencedBy []*Referrer `json:"referenced_by"`
	// Indexes are those without a constraint that has made them.
	Indexes  []*Index   `json:"indexes"`
	Triggers []*Trigger `json:"triggers"`
	// Rules are those beyond a view's own.
	Rules    []*Rule   `json:"rules"`
	Policies []*Policy `json:"policies"`

	// Definition is the query of a view, with a semicolon at its end.
	Definition string `json:"definition,omitempty"`
	// NotPopulated is true for a materialized view that has not been filled.
	NotPopulated bool `json:"not_populated,omitempty"`

	// Inherits are the tables that this one inherits from, in their order.
	Inherits []Name `json:"inherits,omitempty"`
	// PartitionBy is the partition key of a partitioned table: "RANGE (at)".
	PartitionBy string `json:"partition_by,omitempty"`
	// PartitionOf is the partitioned table that this one is a part of, and
	// PartitionBound which part: "FOR VALUES IN (1)", "DEFAULT".
	PartitionOf    *Name  `json:"partition_of,omitempty"`
	PartitionBound string `json:"partition_bound,omitempty"`
	// OfType is the composite type of a typed table.
	OfType string `json:"of_type,omitempty"`

	Unlogged         bool `json:"unlogged,omitempty"`
	RowSecurity      bool `json:"row_security,omitempty"`
	ForceRowSecurity bool `json:"force_row_security,omitempty"`
	// ReplicaIdentity is "full", "nothing", "index", or empty for the default;
	// the index is the one with ReplicaIdentityIndex.
	ReplicaIdentity      string `json:"replica_identity,omitempty"`
	ReplicaIdentityIndex string `json:"replica_identity_index,omitempty"`
	// Options are storage parameters or options of a view, as name=value.
	Options []string `json:"options,omitempty"`
	// AccessMethod is empty for heap.
	AccessMethod string `json:"access_method,omitempty"`
	// Tablespace is empty for the database's own.
	Tablespace string `json:"tablespace,omitempty"`
	// Server and ServerOptions, as name=value, are those of a foreign table.
	Server        string   `json:"server,omitempty"`
	ServerOptions []string `json:"server_options,omitempty"`
}

// Name is the name of an object in a schema.
type Name struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
}

// Column is a column of a relation, or a field of a composite type.
type Column struct {
	Name string `json:"name"`
	// Type is what format_type prints: "numeric(10,2)", "shop.mood[]".
	Type string `json:"type"`
	// NotNull is true if the column has such a constraint. It can hold a NULL
	// all the same if NotNullConstraint is not valid.
	NotNull bool `json:"not_null"`
	// NotNullConstraint is set where the constraint is not the ordinary one
	// (PostgreSQL 18).
	NotNullConstraint *NotNull `json:"not_null_constraint,omitempty"`
	// Default is SQL, empty for a column without one.
	Default string `json:"default,omitempty"`
	// Generated is "stored" or "virtual", and Expression what makes the value.
	Generated  string    `json:"generated,omitempty"`
	Expression string    `json:"expression,omitempty"`
	Identity   *Identity `json:"identity,omitempty"`
	// Collation is set where it is not the type's.
	Collation string `json:"collation,omitempty"`
	// Inherited is true if a parent, or the table of a partition, has the
	// column too.
	Inherited bool `json:"inherited,omitempty"`
	// Storage and Compression are set where they are not the type's: "external",
	// "lz4".
	Storage     string `json:"storage,omitempty"`
	Compression string `json:"compression,omitempty"`
	// Options and ServerOptions are attribute options, as name=value.
	Options       []string `json:"options,omitempty"`
	ServerOptions []string `json:"server_options,omitempty"`
	Comment       string   `json:"comment,omitempty"`

	// local is true if the column was declared with the table, besides what a
	// parent has.
	local bool
}

// Local reports whether the table declares the column itself, be it that a
// parent has it too.
func (c *Column) Local() bool { return c.local }

// NotNull is a NOT NULL constraint that is not the ordinary one: its name is not
// the one that PostgreSQL gives, it is not inherited, or older rows break it.
type NotNull struct {
	Name      string `json:"name"`
	NoInherit bool   `json:"no_inherit,omitempty"`
	NotValid  bool   `json:"not_valid,omitempty"`
}

// Identity is what an identity column takes its values from.
type Identity struct {
	// Always is true for GENERATED ALWAYS, false for BY DEFAULT.
	Always bool `json:"always"`
	// Sequence is nil in a partition, which uses that of its table.
	Sequence *Sequence `json:"sequence,omitempty"`
}

// ConstraintKind says what a constraint is.
type ConstraintKind string

// The kinds of constraints.
const (
	PrimaryKey ConstraintKind = "primary key"
	Unique     ConstraintKind = "unique"
	ForeignKey ConstraintKind = "foreign key"
	Check      ConstraintKind = "check"
	Exclusion  ConstraintKind = "exclusion"
)

// Constraint is a constraint of a table or a domain.
type Constraint struct {
	Name string         `json:"name"`
	Kind ConstraintKind `json:"kind"`
	// Columns are the constrained ones, in the order of the key. An exclusion
	// constraint has none for an expression.
	Columns []string `json:"columns,omitempty"`
	// Include are the further columns of the index behind a key.
	Include []string `json:"include,omitempty"`
	// References is set for a foreign key.
	References *Reference `json:"references,omitempty"`
	// Definition is the constraint as SQL, without its name.
	Definition        string `json:"definition"`
	Deferrable        bool   `json:"deferrable,omitempty"`
	InitiallyDeferred bool   `json:"initially_deferred,omitempty"`
	// NotValid is true if older rows, or with NOT ENFORCED all rows, may break
	// the constraint.
	NotValid bool `json:"not_valid,omitempty"`
	// NoInherit is true for a check that children do not have.
	NoInherit bool `json:"no_inherit,omitempty"`
	// Inherited is true if a parent, or the table of a partition, has the
	// constraint too.
	Inherited bool `json:"inherited,omitempty"`
	// Options are the storage parameters of the index behind a key.
	Options []string `json:"options,omitempty"`
	// Clustered is true if CLUSTER orders the table by the index.
	Clustered bool   `json:"clustered,omitempty"`
	Comment   string `json:"comment,omitempty"`

	// local is true if the table declares the constraint itself.
	local bool
}

// Local reports whether the table declares the constraint itself, be it that a
// parent has it too.
func (c *Constraint) Local() bool { return c.local }

// Reference is what a foreign key refers to.
type Reference struct {
	Schema  string   `json:"schema"`
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	// OnUpdate and OnDelete are "no action", "restrict", "cascade", "set null"
	// or "set default".
	OnUpdate string `json:"on_update"`
	OnDelete string `json:"on_delete"`
}

// Referrer is a foreign key, seen from the table that it refers to.
type Referrer struct {
	Schema     string   `json:"schema"`
	Table      string   `json:"table"`
	Constraint string   `json:"constraint"`
	Columns    []string `json:"columns"`
}

// Index is an index.
type Index struct {
	Name   string `json:"name"`
	Method string `json:"method"`
	Unique bool   `json:"unique"`
	// Keys are what the index orders by.
	Keys    []*IndexKey `json:"keys"`
	Include []string    `json:"include,omitempty"`
	// Where is the predicate of a partial index.
	Where string `json:"where,omitempty"`
	// Definition is the index as SQL, which of a partitioned table's begins
	// CREATE INDEX … ON ONLY.
	Definition string `json:"definition"`
	// PartitionOf is the index of the partitioned table that this one is a part
	// of.
	PartitionOf *Name  `json:"partition_of,omitempty"`
	Clustered   bool   `json:"clustered,omitempty"`
	Tablespace  string `json:"tablespace,omitempty"`
	// Invalid is true if the index is not used: building it was interrupted.
	Invalid bool   `json:"invalid,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// IndexKey is a column or an expression of an index.
type IndexKey struct {
	Column     string `json:"column,omitempty"`
	Expression string `json:"expression,omitempty"`
	Descending bool   `json:"descending,omitempty"`
	// NullsFirst is the default for descending keys.
	NullsFirst bool `json:"nulls_first,omitempty"`
}

// Trigger is a trigger that somebody has made. Those that a partition has of its
// table are the table's alone.
type Trigger struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
	// Enabled is "disabled", "replica", "always", or empty for the ordinary.
	Enabled string `json:"enabled,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// Rule is a rewrite rule.
type Rule struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
	Enabled    string `json:"enabled,omitempty"`
	Comment    string `json:"comment,omitempty"`
}

// Policy is a policy of row security.
type Policy struct {
	Name string `json:"name"`
	// Command is "all", "select", "insert", "update" or "delete".
	Command    string `json:"command"`
	Permissive bool   `json:"permissive"`
	// Roles are whom it applies to; "public" is everybody.
	Roles   []string `json:"roles"`
	Using   string   `json:"using,omitempty"`
	Check   string   `json:"check,omitempty"`
	Comment string   `json:"comment,omitempty"`
}

// Enum is an enum type.
type Enum struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
	// Labels are in their order.
	Labels  []string `json:"labels"`
	Comment string   `json:"comment,omitempty"`
}

// Domain is a domain type.
type Domain struct {
	Schema    string `json:"schema"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Collation string `json:"collation,omitempty"`
	NotNull   bool   `json:"not_null"`
	// NotNullConstraint is its name, where that is not the ordinary one
	// (PostgreSQL 17).
	NotNullConstraint string        `json:"not_null_constraint,omitempty"`
	Default           string        `json:"default,omitempty"`
	Checks            []*Constraint `json:"checks"`
	Comment           string        `json:"comment,omitempty"`
}

// Composite is a composite type that is no table's.
type Composite struct {
	Schema  string    `json:"schema"`
	Name    string    `json:"name"`
	Fields  []*Column `json:"fields"`
	Comment string    `json:"comment,omitempty"`
}

// Range is a range type.
type Range struct {
	Schema  string `json:"schema"`
	Name    string `json:"name"`
	Subtype string `json:"subtype"`
	// OperatorClass and Collation are set where they are not the subtype's.
	OperatorClass string `json:"operator_class,omitempty"`
	Collation     string `json:"collation,omitempty"`
	Canonical     string `json:"canonical,omitempty"`
	Difference    string `json:"difference,omitempty"`
	// Multirange is the type of several of them, nil before PostgreSQL 14.
	Multirange *Name  `json:"multirange,omitempty"`
	Comment    string `json:"comment,omitempty"`
}

// BaseType is a type with functions of its own for input and output.
type BaseType struct {
	Schema     string `json:"schema"`
	Name       string `json:"name"`
	Definition string `json:"definition"`
	Comment    string `json:"comment,omitempty"`
}

// Sequence is a sequence.
type Sequence struct {
	Schema    string `json:"schema"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Start     int64  `json:"start"`
	Increment int64  `json:"increment"`
	Min       int64  `json:"min"`
	Max       int64  `json:"max"`
	// Cache is how many values a session takes at once.
	Cache int64 `json:"cache"`
	Cycle bool  `json:"cycle,omitempty"`
	// OwnedBy is the column with which the sequence goes.
	OwnedBy  *ColumnName `json:"owned_by,omitempty"`
	Unlogged bool        `json:"unlogged,omitempty"`
	Comment  string      `json:"comment,omitempty"`
}

// ColumnName is the name of a table's column.
type ColumnName struct {
	Schema string `json:"schema"`
	Table  string `json:"table"`
	Column string `json:"column"`
}

// Function is a function, procedure, aggregate or window function.
type Function struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
	// Kind is "function", "procedure", "aggregate" or "window function".
	Kind string `json:"kind"`
	// Signature tells it from others of its name: the input arguments as
	// pg_get_function_identity_arguments prints them.
	Signature string      `json:"signature"`
	Arguments []*Argument `json:"arguments"`
	// Returns is "SETOF shop.users", "TABLE(a integer)" and the like; empty for
	// a procedure.
	Returns    string `json:"returns,omitempty"`
	Language   string `json:"language"`
	Volatility string `json:"volatility"`
	Strict     bool   `json:"strict,omitempty"`
	// SecurityDefiner is true if it runs with its owner's rights.
	SecurityDefiner bool `json:"security_definer,omitempty"`
	// Definition is the statement that makes it.
	Definition string `json:"definition"`
	Comment    string `json:"comment,omitempty"`
}

// Argument is an argument of a function.
type Argument struct {
	Name string `json:"name,omitempty"`
	Type string `json:"type"`
	// Mode is "in", "out", "inout", "variadic" or "table".
	Mode string `json:"mode"`
	// Default is SQL.
	Default string `json:"default,omitempty"`
}

// Collation is a collation.
type Collation struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
	// Provider is "libc", "icu" or "builtin".
	Provider      string `json:"provider"`
	Deterministic bool   `json:"deterministic"`
	// Locale is that of icu and builtin, Collate and CType are libc's.
	Locale  string `json:"locale,omitempty"`
	Collate string `json:"lc_collate,omitempty"`
	CType   string `json:"lc_ctype,omitempty"`
	Rules   string `json:"rules,omitempty"`
	Comment string `json:"comment,omitempty"`
}

// Statistics is an object of extended statistics.
type Statistics struct {
	Schema     string `json:"schema"`
	Name       string `json:"name"`
	Definition string `json:"definition"`
	Comment    string `json:"comment,omitempty"`
}

// Wrapper is a foreign-data wrapper.
type Wrapper struct {
	Name      string   `json:"name"`
	Handler   string   `json:"handler,omitempty"`
	Validator string   `json:"validator,omitempty"`
	Options   []string `json:"options,omitempty"`
	Comment   string   `json:"comment,omitempty"`
}

// ServerObject is a foreign server. User mappings are not read.
type ServerObject struct {
	Name    string   `json:"name"`
	Wrapper string   `json:"foreign_data_wrapper"`
	Type    string   `json:"type,omitempty"`
	Version string   `json:"version,omitempty"`
	Options []string `json:"options,omitempty"`
	Comment string   `json:"comment,omitempty"`
}

// ObjectKind says what an [Object] is.
type ObjectKind string

// The kinds of objects that dependencies are between.
const (
	SchemaObject     ObjectKind = "schema"
	ExtensionObject  ObjectKind = "extension"
	CollationObject  ObjectKind = "collation"
	WrapperObject    ObjectKind = "foreign-data wrapper"
	ForeignServer    ObjectKind = "foreign server"
	TypeObject       ObjectKind = "type"
	SequenceObject   ObjectKind = "sequence"
	FunctionObject   ObjectKind = "function"
	RelationObject   ObjectKind = "relation"
	DefaultObject    ObjectKind = "default"
	ConstraintObject ObjectKind = "constraint"
	IndexObject      ObjectKind = "index"
	StatisticsObject ObjectKind = "statistics"
	TriggerObject    ObjectKind = "trigger"
	RuleObject       ObjectKind = "rule"
	PolicyObject     ObjectKind = "policy"
)

// Object names one thing of a database. Part is the column of a default, and the
// name of what a relation or domain has: a constraint, trigger, rule or policy.
// For a function it is the signature.
type Object struct {
	Kind   ObjectKind
	Schema string
	Name   string
	Part   string
}

// Dependency says that an object needs another one to exist before it.
type Dependency struct{ Object, Needs Object }
