package runtime

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// UniqueViolation returns the name of the constraint or unique index that a
// statement would have violated by a duplicate key (23505), and false if err is
// anything else.
func UniqueViolation(err error) (constraint string, ok bool) {
	e := violation(err, "23505")
	if e == nil {
		return "", false
	}
	return e.ConstraintName, true
}

// ForeignKeyViolation is [UniqueViolation] for a row without the row that it
// refers to, or one that another row still refers to (23503).
func ForeignKeyViolation(err error) (constraint string, ok bool) {
	e := violation(err, "23503")
	if e == nil {
		return "", false
	}
	return e.ConstraintName, true
}

// CheckViolation is [UniqueViolation] for the CHECK of a table or a domain
// (23514). The constraint is empty where PostgreSQL names none: a row that
// belongs into no partition, or that a view WITH CHECK OPTION does not let in,
// which has an SQLSTATE of its own (44000) and is not meant here.
func CheckViolation(err error) (constraint string, ok bool) {
	e := violation(err, "23514")
	if e == nil {
		return "", false
	}
	return e.ConstraintName, true
}

// ExclusionViolation is [UniqueViolation] for an EXCLUDE constraint (23P01).
func ExclusionViolation(err error) (constraint string, ok bool) {
	e := violation(err, "23P01")
	if e == nil {
		return "", false
	}
	return e.ConstraintName, true
}

// NotNullViolation returns the name of the column that would have been NULL
// (23502), and false if err is anything else. A domain that forbids NULL has
// no column, but a name.
func NotNullViolation(err error) (column string, ok bool) {
	e := violation(err, "23502")
	switch {
	case e == nil:
		return "", false
	case e.ColumnName == "":
		return e.DataTypeName, true
	}
	return e.ColumnName, true
}

func violation(err error, state string) *pgconn.PgError {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == state {
		return e
	}
	return nil
}
