// Package model is the result of the analysis in terms of no particular target
// language: packages, types, statements, columns and parameters.
//
// Values are built once by the analysis and only read afterwards.
package model

// Package is all that goes into one generated package.
type Package struct {
	// Name as configured; empty means: after the output folder.
	Name    string
	Queries []*Query
	// Tables are the tables and views that the schema defines, sorted by
	// schema and name.
	Tables []*Table
	// Types are the enums, composites, domains and ranges that the schema
	// defines or the queries touch, sorted by schema and name.
	Types []*Type
	// DefaultSchema is the schema whose names go unqualified into Go.
	DefaultSchema string
}

// Command is what a query's header says it returns, with its colon.
type Command string

// The commands.
const (
	One        Command = ":one"
	Many       Command = ":many"
	Iter       Command = ":iter"
	Optional   Command = ":optional"
	Exec       Command = ":exec"
	ExecRows   Command = ":execrows"
	ExecResult Command = ":execresult"
	ExecLastID Command = ":execlastid"
	CopyFrom   Command = ":copyfrom"
	BatchExec  Command = ":batchexec"
	BatchOne   Command = ":batchone"
	BatchMany  Command = ":batchmany"
)

// Commands lists all commands in the order that messages show them.
var Commands = []Command{One, Many, Iter, Optional, Exec, ExecRows, ExecResult, ExecLastID, CopyFrom, BatchExec, BatchOne, BatchMany}

// ReturnsRows reports whether the command gives the caller rows.
func (c Command) ReturnsRows() bool {
	switch c {
	case One, Many, Iter, Optional, BatchOne, BatchMany:
		return true
	}
	return false
}

// Query is one annotated statement.
type Query struct {
	Name    string
	Command Command
	// Comment holds the lines of the comment above the statement, without
	// comment marks, header and directives.
	Comment []string
	// File is the query file's path as the user knows it, Line the header's.
	File string
	Line int
	// SQL is the statement as it will be sent: named parameters, macros and
	// stars rewritten, every other byte as the user wrote it, without the
	// header and the final semicolon.
	SQL     string
	Params  []*Param
	Columns []*Column
	// RowName is the name that a "-- row:" directive gives the result, or empty.
	RowName string
	// Copy is the target of a :copyfrom query.
	Copy *CopyTarget
	// Rows is true if the parameters are columns of rows: arrays with an
	// element for each of them.
	Rows bool
	// Output is the name, without an ending, of the file that the query's code
	// goes into; empty means: after the query file.
	Output string
}

// CopyTarget is the table and the columns that a :copyfrom fills.
type CopyTarget struct {
	Schema, Table string
	Columns       []string
}

// Param is one parameter of a query.
type Param struct {
	// Number is n of $n, from 1.
	Number int
	// Name is in the words of the SQL, in snake_case or as the user wrote it.
	Name string
	Type *Type
	// Dimensions is the number of array dimensions if the parameter is bound
	// to an array column that declares more than one; else 0.
	Dimensions int
	Nullable   bool
	// ElementNullable says that an array's elements may be NULL.
	ElementNullable bool
	Why             string
	// Slice is true for a parameter made by sqlc.slice.
	Slice bool
	// Named is true if the user gave the name, Stated if a macro or a directive,
	// not the analysis, decided Nullable.
	Named, Stated bool
	// Bare is what sqlc calls the parameter, before equal names are numbered, and
	// Use how the statement writes its first use.
	Bare string
	Use  Use
	// Source is the column that the parameter is compared with or stored
	// into, for overrides by column. Nil where there is none.
	Source *ColumnRef
	// GoType is the type that an override names, or empty.
	GoType string
	// Like is the table's column whose Go type the parameter has, or nil. In a
	// query that takes rows it is what each element becomes; where that is not
	// the type of the array's elements they are texts to read it from.
	Like *Column
	// Each is true in a query that takes rows.
	Each bool
	// Given is the boolean parameter that says whether this one is: the two are
	// one optional value. Nil for a parameter that always is.
	Given *Param
	// Gives is true for such a boolean.
	Gives bool
}

// Use is how a statement uses a parameter.
type Use string

// The uses.
const (
	// Inner is any use that is none of the others.
	Inner Use = ""
	// Cast is $1::type.
	Cast Use = "cast"
	// Call is an argument of a function.
	Call Use = "call"
	// Limit is a whole LIMIT or OFFSET.
	Limit Use = "limit"
	// Direct is compared with a column, or stored into one.
	Direct Use = "direct"
)

// Column is one column of a query's result, in order.
type Column struct {
	Name string
	Type *Type
	// Domain is the domain that the column is declared with, where the tree
	// shows it. Type is then what the domain is over.
	Domain *Type
	// Dimensions is the number of array dimensions the column declares, if it
	// is an array and comes straight from a table; else 0.
	Dimensions int
	Nullable   bool
	// ElementNullable says that an array's elements may be NULL.
	ElementNullable bool
	Why             string
	// If is what holds of the column as long as certain parameters are given, or
	// nil. Which Go types cannot be NULL is not the analysis's to say.
	If *Condition
	// Overridden is true if a directive or the configuration, not the
	// analysis, decided Nullable.
	Overridden bool
	// Source is the table column that the value comes from unchanged, or nil.
	Source *ColumnRef
	// Written is the column, also of a view, that the select item names right
	// where it stands, or nil: Source, but not through subqueries and CTEs, and of
	// a UNION in its first branch. Joined is true if an outer join could leave
	// its table out of the row, whatever conditions say.
	Written *ColumnRef
	Joined  bool
	// Bare is what sqlc calls the column, empty where that is Name; "?column?" is
	// no name. Logic is true for AND, OR or NOT of conditions.
	Bare  string
	Logic bool
	// Embed is the group that sqlc.embed put the column in, or nil.
	Embed *Embed
	// GoType is the type that a directive or an override names, or empty.
	GoType  string
	Comment string
}

// Condition is what holds of a column if none of the parameters, by their
// numbers, is NULL, nor an element of one that is an array. An array that is NULL
// itself does no harm.
type Condition struct {
	Params          []int
	Nullable        bool
	Why             string
	ElementNullable bool
}

// ColumnRef names a column of a table.
type ColumnRef struct {
	Schema, Table, Column string
}

// Embed is one sqlc.embed(t): a run of columns that becomes a struct.
type Embed struct {
	// Name is what the query calls the table: its alias or its name.
	Name  string
	Table *Table
	// Nullable is true if an outer join can leave the whole table out.
	Nullable bool
	Why      string
}

// TypeKind says how a type is built.
type TypeKind int

// The kinds of types.
const (
	Base TypeKind = iota
	Array
	Enum
	Composite
	Domain
	Range
	Multirange
	Pseudo
)

// Type is a PostgreSQL type.
type Type struct {
	OID          uint32
	Schema, Name string
	// Display is what format_type(oid, NULL) prints.
	Display string
	Kind    TypeKind
	// Element is what an array is of, a domain is over, a range ranges over,
	// and the range type of a multirange; else nil.
	Element *Type
	Labels  []string
	Fields  []*Field
	// Binary is false if the server cannot send the type in binary.
	Binary bool
	// Dimensions is the number of array dimensions a domain declares.
	Dimensions int
	// Builtin is true if the OID means the same on every server.
	Builtin bool
	// Extension is the extension that owns the type, or empty.
	Extension string
	// RowOf is the table whose row type this is, or nil.
	RowOf   *Table
	Comment string
}

// Field is an attribute of a composite type. Every field may be NULL:
// PostgreSQL lets no composite type forbid it.
type Field struct {
	Name       string
	Type       *Type
	Dimensions int
	Comment    string
}

// Table is a relation whose rows can become a struct.
type Table struct {
	Schema, Name string
	Comment      string
	Columns      []*Column
	// View is true for views and materialised views.
	View bool
}
