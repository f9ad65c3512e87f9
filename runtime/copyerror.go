package runtime

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// copyError adds to the server's error where in the data it is. The server says
// that in a sentence for people, in its language (CopyFromErrorCallback in
// src/backend/commands/copyfrom.c). Line and column are taken from it if it is
// exactly the English one for this table; otherwise it is shown up to the value,
// which does not belong into messages.
func copyError(err error, table pgx.Identifier, columns []string) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Where == "" || pg.Code == queryCanceled {
		return err
	}
	for where := range strings.Lines(pg.Where) {
		line, column := copyPosition(strings.TrimSuffix(where, "\n"), table[len(table)-1], columns)
		if line > 0 {
			kind, state := classify(err)
			return &Error{Kind: kind, SQLState: state, Line: line, Column: column, Err: err}
		}
	}
	where, _, _ := strings.Cut(pg.Where, "\n")
	where, _, _ = strings.Cut(where, `: "`)
	return fmt.Errorf("%w (%s)", err, where)
}

// copyPosition reads "COPY orders, line 7, column total: …". The line is 0 if
// there is none, the column is empty.
func copyPosition(where, table string, columns []string) (line int64, column string) {
	rest, ok := strings.CutPrefix(where, "COPY "+table+", line ")
	if !ok {
		return 0, ""
	}
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	line, err := strconv.ParseInt(rest[:end], 10, 64)
	if err != nil {
		return 0, ""
	}
	if rest, ok = strings.CutPrefix(rest[end:], ", column "); !ok {
		return line, ""
	}
	for _, c := range columns {
		if len(c) > len(column) && (rest == c || strings.HasPrefix(rest, c+": ")) {
			column = c
		}
	}
	if columns == nil {
		column, _, _ = strings.Cut(rest, ": ")
	}
	return line, column
}
