package generator

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/advice"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// schemaError is PostgreSQL's error at its place in a schema file, with what
// the other files say about it, and what they made.
func schemaError(scripts []*schema.Script, s *schema.Script, completed int, e *pgconn.PgError, made *catalog.Catalog) *diag.Diagnostic {
	message := e.Message
	if e.Detail != "" {
		message += " (" + strings.TrimSuffix(e.Detail, ".") + ")"
	}
	at, offset := s.Fault(completed, int(e.Position))
	if at == nil {
		return s.File.Error(0, message, e.Hint)
	}
	if name := schema.Extension(at); name != "" {
		d := s.File.Error(max(offset, at.Start), message, e.Hint)
		extensionError(d, name, e)
		return d
	}
	inside := -1
	if offset >= 0 {
		inside = offset - at.Start
	}
	advised := advice.For(advice.Question{
		SQL: at.Text(), Code: e.Code, Message: e.Message, Hint: e.Hint, Offset: inside, Catalog: made, Schema: true, Names: created(scripts, at),
	})
	hint := elsewhereHint(scripts, at, e)
	if hint == "" {
		hint = advised.Hint
	}
	place := at.Start + max(0, advised.Offset)
	if place >= at.End && message == `syntax error at or near ";"` && !strings.HasPrefix(s.File.Text[at.End:], ";") {
		// The semicolon is ours.
		message = "syntax error at end of input"
	}
	return s.File.Error(place, message, hint)
}

// created are the names of all that the statements before one create.
func created(scripts []*schema.Script, before *sqltext.Statement) []string {
	var names []string
	for _, s := range scripts {
		for _, statement := range s.Statements {
			if statement == before {
				return names
			}
			if qualifier, name := schema.Created(statement); name != "" {
				names = append(names, name)
				if qualifier != "" {
					names = append(names, qualifier+"."+name)
				}
			}
		}
	}
	return names
}

// The SQLSTATEs of an extension that the server does not have: since 14, and
// before.
const (
	featureNotSupported = "0A000"
	undefinedFile       = "58P01"
)

// extensionError says what to do about an extension that the server does not
// have, or that it would have to be started with.
func extensionError(d *diag.Diagnostic, name string, e *pgconn.PgError) {
	const elsewhere = "or have the queries analysed where it is: --database with a database that has it, or --postgres-bin with a PostgreSQL that does"
	switch {
	case e.Code == featureNotSupported && strings.Contains(e.Message, "is not available"), e.Code == undefinedFile:
		d.Message = fmt.Sprintf("the PostgreSQL that pgwright started does not have the extension %q", name)
		d.Hint = installHint(name) + ", " + elsewhere
	case strings.Contains(e.Message, "shared_preload_libraries"):
		d.Hint = "have the queries analysed where it is loaded: --database with a database that has it"
	}
}

// installHint names the package of an extension, where it is known.
func installHint(name string) string {
	packaged := ""
	switch name {
	case "vector":
		packaged = "pgvector"
	case "postgis", "postgis_raster", "postgis_topology", "postgis_sfcgal", "postgis_tiger_geocoder":
		packaged = "postgis-3"
	case "pg_cron", "pg_partman", "pg_repack":
		packaged = strings.TrimPrefix(name, "pg_")
	case "pgrouting", "hypopg", "rum", "hll", "ip4r", "orafce", "semver", "pgaudit", "pgtap", "prefix":
		packaged = name
	}
	if packaged == "" {
		return "install the package that it comes in beside the server that `pgwright postgres info` shows"
	}
	return fmt.Sprintf("install its package (postgresql-NN-%s on Debian, where NN is the server's version)", packaged)
}

// The SQLSTATEs of something that does not exist, or twice.
const (
	undefinedTable    = "42P01"
	undefinedObject   = "42704"
	invalidSchema     = "3F000"
	undefinedFunction = "42883"
	duplicateTable    = "42P07"
	duplicateObject   = "42710"
	duplicateSchema   = "42P06"
)

var (
	missingName     = regexp.MustCompile(`"([^"]+)"`)
	missingFunction = regexp.MustCompile(`^function (.+?)\(`)
)

// elsewhereHint says where something that is missing is created further on, or
// where something was created before.
func elsewhereHint(scripts []*schema.Script, at *sqltext.Statement, e *pgconn.PgError) string {
	m := missingName.FindStringSubmatch(e.Message)
	if e.Code == undefinedFunction {
		m = missingFunction.FindStringSubmatch(e.Message)
	}
	if m == nil {
		return ""
	}
	switch e.Code {
	case undefinedTable, undefinedObject, invalidSchema, undefinedFunction:
		if other := creator(scripts, at, m[1], true); other != nil && other.File.Name == at.File.Name {
			return fmt.Sprintf("line %d creates it: move that up", other.File.Line(other.Start))
		} else if other != nil {
			return fmt.Sprintf("%s:%d creates it, but runs later: it has to come before", other.File.Name, other.File.Line(other.Start))
		}
	case duplicateTable, duplicateObject, duplicateSchema:
		if other := creator(scripts, at, m[1], false); other != nil {
			return fmt.Sprintf("%s:%d creates it first; is a file named twice, or in two ways?", other.File.Name, other.File.Line(other.Start))
		}
	}
	return ""
}

// creator is the statement that creates something, behind another one or before
// it.
func creator(scripts []*schema.Script, than *sqltext.Statement, name string, behind bool) *sqltext.Statement {
	past := false
	for _, s := range scripts {
		for _, statement := range s.Statements {
			switch {
			case statement == than:
				past = true
			case past == behind && schema.Creates(statement, name):
				return statement
			}
		}
	}
	return nil
}
