package runtime

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// firstUserOID is the first OID that a database gives to objects of its own
// (FirstNormalObjectId in src/include/access/transam.h).
const firstUserOID = 16384

// DriftError says that a query's result is not what its code was generated
// for: the schema has changed.
type DriftError struct {
	// Query is the name of the generated query.
	Query string
	// Column is the column's name, empty if the number of columns differs.
	Column string
	// Generated is the type that the code was generated for, Server the one
	// that the server sends.
	Generated, Server string
}

// Error names both types and the command to run.
func (e *DriftError) Error() string {
	return fmt.Sprintf("generated for %s, the server sends %s: the schema has changed; %s",
		e.Generated, e.Server, hintGenerate)
}

// shape is what a statement knows of its result, worked out at its first use.
type shape struct {
	once sync.Once
	// formats is the pgx.QueryResultFormats to ask for, boxed once.
	formats any
	// text is what [Column.wantsText] says of each column.
	text []bool
	// verified are the OIDs of a result that was found to be right. They are
	// compared at each execution, which costs less than finding out whether
	// the statement was prepared anew.
	verified atomic.Pointer[[]uint32]
}

// binaryFormats asks for every column in binary.
var binaryFormats any = pgx.QueryResultFormats{pgx.BinaryFormatCode}

// resultFormats returns what to pass to pgx in front of the arguments.
func (s *shape) resultFormats(columns []Column) any {
	s.once.Do(func() { s.prepare(columns) })
	return s.formats
}

func (s *shape) prepare(columns []Column) {
	s.formats = binaryFormats
	s.text = make([]bool, len(columns))
	formats := make(pgx.QueryResultFormats, len(columns))
	for i, c := range columns {
		formats[i] = pgx.BinaryFormatCode
		if s.text[i] = c.wantsText(); s.text[i] {
			formats[i] = pgx.TextFormatCode
			s.formats = formats
		}
	}
}

// verify returns whether every value comes in the binary format that this
// package reads, or an error if a column is not of the type that the code was
// generated for.
func (s *shape) verify(query string, columns []Column, fields []pgconn.FieldDescription, rows pgx.Rows) (plain bool, err error) {
	s.once.Do(func() { s.prepare(columns) }) // a batch does not ask for formats
	if oids := s.verified.Load(); oids == nil || !sameOIDs(*oids, fields) {
		if err := compareColumns(query, columns, fields, rows); err != nil {
			return false, err
		}
		now := make([]uint32, len(fields))
		for i := range fields {
			now[i] = fields[i].DataTypeOID
		}
		s.verified.Store(&now)
	}
	plain = true
	for i := range fields {
		if fields[i].Format != pgx.BinaryFormatCode || s.text[i] {
			return false, nil
		}
	}
	return plain, nil
}

func sameOIDs(oids []uint32, fields []pgconn.FieldDescription) bool {
	if len(oids) != len(fields) {
		return false
	}
	for i := range fields {
		if fields[i].DataTypeOID != oids[i] {
			return false
		}
	}
	return true
}

func compareColumns(query string, columns []Column, fields []pgconn.FieldDescription, rows pgx.Rows) error {
	if len(fields) != len(columns) {
		return countDrift(query, len(columns), len(fields))
	}
	for i, c := range columns {
		if oid := fields[i].DataTypeOID; !c.Type.accepts(oid) {
			return typeDrift(query, c, typeName(oid, rows.TypeMap()))
		}
	}
	return nil
}

func countDrift(query string, generated, server int) error {
	return &Error{Query: query, Err: &DriftError{
		Query:     query,
		Generated: fmt.Sprintf("%d columns", generated),
		Server:    fmt.Sprintf("%d", server),
	}}
}

func typeDrift(query string, c Column, server string) error {
	return &Error{Query: query, Column: c.Name, Err: &DriftError{
		Query:     query,
		Column:    c.Name,
		Generated: string(c.Type),
		Server:    server,
	}}
}

// accepts is true if a column of type oid can be read as a t.
func (t Type) accepts(oid uint32) bool {
	want := t.oid()
	switch want {
	case oid:
		return true
	case pgtype.TextOID, pgtype.VarcharOID:
		return oid == pgtype.TextOID || oid == pgtype.VarcharOID
	case pgtype.TextArrayOID, pgtype.VarcharArrayOID:
		return oid == pgtype.TextArrayOID || oid == pgtype.VarcharArrayOID
	case 0:
		// Either a type of the database's own or a built-in one that has no
		// place in builtinOf.
		return (oid >= firstUserOID) == t.userDefined()
	}
	return false
}

// typeName names a type by its OID for an error message.
func typeName(oid uint32, m *pgtype.Map) string {
	if t, ok := builtinName(oid); ok {
		return string(t)
	}
	if m != nil {
		if t, ok := m.TypeForOID(oid); ok {
			return t.Name
		}
	}
	return fmt.Sprintf("the type with OID %d", oid)
}
