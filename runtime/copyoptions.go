package runtime

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// CopyFormat is a format of COPY.
type CopyFormat uint8

// The formats of COPY. CSV and text are in the encoding of the connection
// unless [CopyOptions] say otherwise; binary depends on the types of the columns
// and is for data that goes from one PostgreSQL to another.
const (
	CopyCSV CopyFormat = iota
	CopyText
	CopyBinary
)

// String returns the format in SQL's words.
func (f CopyFormat) String() string {
	switch f {
	case CopyCSV:
		return "csv"
	case CopyText:
		return "text"
	case CopyBinary:
		return "binary"
	}
	return fmt.Sprintf("CopyFormat(%d)", uint8(f))
}

// CopyOptions say what the data of [CopyFrom] and [CopyTo] look like. The zero
// value is CSV without a header, all columns in their order. What an option
// means is in PostgreSQL's documentation of COPY; the server also judges whether
// it goes with the format and the others.
type CopyOptions struct {
	// Columns are the columns of the table, nil for all that are not generated.
	// Those that [CopyFrom] leaves out get their defaults.
	Columns []string
	// Format is that of the data.
	Format CopyFormat
	// Header is true if the first line has the names of the columns. It is
	// skipped, or written.
	Header bool
	// MatchHeader makes [CopyFrom] fail unless the first line has the names of
	// the columns, in their order (PostgreSQL 15).
	MatchHeader bool
	// Delimiter separates the columns, one byte; by default a comma in CSV and a
	// tab in text.
	Delimiter string
	// Null stands for NULL. nil is the format's own, which is an empty value
	// without quotes in CSV and \N in text.
	Null *string
	// Quote is the quotation mark of CSV, one byte, by default ". Escape is what
	// stands in front of one in a value, by default Quote itself.
	Quote, Escape string
	// Encoding is the data's, by its name in PostgreSQL; by default UTF8, the
	// encoding of the connection.
	Encoding string
	// Default stands for the default of a column, to [CopyFrom] (PostgreSQL 16).
	// Empty is none.
	Default string
	// ForceNull are columns in which Null is NULL in quotes too, and
	// ForceNotNull those in which it never is, to [CopyFrom] with CSV.
	ForceNull, ForceNotNull []string
	// ForceQuote are columns whose values [CopyTo] always quotes in CSV.
	ForceQuote []string
	// SkipErrors makes [CopyFrom] leave out the rows that have a value which is
	// none of its column's type (PostgreSQL 17), up to MaxErrors of them if that
	// is not 0 (PostgreSQL 18). A row that violates a constraint still fails.
	SkipErrors bool
	MaxErrors  int64
	// Progress is called with what has been copied so far, ten times a second
	// at most and at the end of a copy that succeeds, in the goroutine of the
	// caller. Bytes are those of the data. Of what goes in, rows are counted as
	// they are sent, before the server has judged them; the last call has the
	// number that was loaded.
	Progress func(rows, bytes int64)
}

// Table names are quoted as identifiers, so that nothing in them is SQL.

// tableName splits the name of a table at its dots, except inside of quotes.
// Quotes are doubled inside of quotes. Otherwise a name is taken as it is, case
// included.
func tableName(name string) (pgx.Identifier, error) {
	var parts pgx.Identifier
	for rest := name; ; {
		var part string
		if strings.HasPrefix(rest, `"`) {
			end := 1
			for {
				i := strings.IndexByte(rest[end:], '"')
				if i < 0 {
					return nil, fmt.Errorf("table name %q has no closing quote", name)
				}
				if end += i + 1; !strings.HasPrefix(rest[end:], `"`) {
					break
				}
				end++
			}
			part = strings.ReplaceAll(rest[1:end-1], `""`, `"`)
			if rest = rest[end:]; rest != "" && rest[0] != '.' {
				return nil, fmt.Errorf("table name %q goes on after a closing quote", name)
			}
		} else {
			end := strings.IndexByte(rest, '.')
			if end < 0 {
				end = len(rest)
			}
			part, rest = rest[:end], rest[end:]
		}
		if part == "" {
			return nil, fmt.Errorf("table name %q has an empty part", name)
		}
		parts = append(parts, part)
		if rest == "" {
			return parts, nil
		}
		rest = rest[1:]
	}
}

// copySQL writes a COPY command.
type copySQL struct {
	strings.Builder
	err error
	// major is the server's version, 0 if it does not say.
	major int
	// foreign is true if the server reads the command in another encoding than
	// UTF-8.
	foreign bool
}

func newCopySQL(conn *pgconn.PgConn) *copySQL {
	s := &copySQL{major: majorVersion(conn.ParameterStatus("server_version"))}
	s.foreign = conn.ParameterStatus("client_encoding") != "UTF8"
	s.WriteString("copy ")
	return s
}

// check refuses what the server could read otherwise than it was meant: the end
// of the string, and what is no character or another one in its encoding.
func (s *copySQL) check(what, text string) {
	switch {
	case s.err != nil:
	case strings.IndexByte(text, 0) >= 0:
		s.err = fmt.Errorf("%s %q has a zero byte", what, text)
	case !utf8.ValidString(text):
		s.err = fmt.Errorf("%s %q is not valid UTF-8", what, text)
	case s.foreign && strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0:
		s.err = fmt.Errorf("%s %q needs a connection whose client_encoding is UTF8", what, text)
	}
}

func (s *copySQL) identifier(what string, parts ...string) {
	for _, part := range parts {
		s.check(what, part)
	}
	s.WriteString(pgx.Identifier(parts).Sanitize())
}

// literal writes text so that it means the same whatever
// standard_conforming_strings is.
func (s *copySQL) literal(what, text string) {
	s.check(what, text)
	s.WriteString("E'")
	s.WriteString(strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(text))
	s.WriteByte('\'')
}

func (s *copySQL) columns(what string, names []string) {
	s.WriteString(" (")
	for i, name := range names {
		if i > 0 {
			s.WriteString(", ")
		}
		s.identifier(what, name)
	}
	s.WriteByte(')')
}

// since refuses an option of a later version than the server's.
func (s *copySQL) since(major int, what string) {
	if s.err == nil && s.major != 0 && s.major < major {
		s.err = fmt.Errorf("%s needs PostgreSQL %d, and the server is %d", what, major, s.major)
	}
}

func (s *copySQL) text(option, value string) {
	if value != "" {
		s.WriteString(", " + option + " ")
		s.literal(option, value)
	}
}

func (s *copySQL) force(option string, names []string) {
	if len(names) > 0 {
		s.WriteString(", " + option)
		s.columns("column", names)
	}
}

// options writes what follows the direction.
func (s *copySQL) options(o *CopyOptions, in bool) {
	if o.Format > CopyBinary {
		s.fail(fmt.Errorf("there is no %s", o.Format))
	}
	s.WriteString(" with (format " + o.Format.String())
	switch {
	case o.MatchHeader && !in:
		s.fail(errors.New("MatchHeader is for CopyFrom"))
	case o.MatchHeader:
		s.since(15, "MatchHeader")
		s.WriteString(", header match")
	case o.Header:
		if o.Format == CopyText {
			s.since(15, "Header with CopyText")
		}
		s.WriteString(", header true")
	}
	s.text("delimiter", o.Delimiter)
	if o.Null != nil {
		s.WriteString(", null ")
		s.literal("null", *o.Null)
	}
	s.text("quote", o.Quote)
	s.text("escape", o.Escape)
	s.text("encoding", o.Encoding)
	if o.Default != "" {
		s.since(16, "Default")
		s.text("default", o.Default)
	}
	s.force("force_null", o.ForceNull)
	s.force("force_not_null", o.ForceNotNull)
	s.force("force_quote", o.ForceQuote)
	if o.MaxErrors != 0 {
		s.since(18, "MaxErrors")
	}
	if o.SkipErrors {
		s.since(17, "SkipErrors")
		s.WriteString(", on_error ignore")
	}
	if o.MaxErrors != 0 {
		s.WriteString(", reject_limit " + strconv.FormatInt(o.MaxErrors, 10))
	}
	s.WriteByte(')')
}

func (s *copySQL) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}
