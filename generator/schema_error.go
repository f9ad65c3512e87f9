package generator

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/schema"
)

// schemaError is PostgreSQL's error at its place in a schema file, with what
// the other files say about it.
func schemaError(scripts []*schema.Script, s *schema.Script, completed int, e *pgconn.PgError) *diag.Diagnostic {
	message, hint := e.Message, e.Hint
	if e.Detail != "" {
		message += " (" + strings.TrimSuffix(e.Detail, ".") + ")"
	}
	d := s.Error(completed, int(e.Position), message, hint)
	if name := schema.Extension(s.Statement(completed)); name != "" {
		extensionError(d, name, e)
		return d
	}
	if d.Hint == "" {
		d.Hint = laterHint(scripts, s, completed, e)
	}
	return d
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

// The SQLSTATEs of something that does not exist.
const (
	undefinedTable  = "42P01"
	undefinedObject = "42704"
	invalidSchema   = "3F000"
)

var missingName = regexp.MustCompile(`"([^"]+)"`)

// laterHint says where the missing thing is created, if that is further on.
func laterHint(scripts []*schema.Script, s *schema.Script, completed int, e *pgconn.PgError) string {
	switch e.Code {
	case undefinedTable, undefinedObject, invalidSchema:
	default:
		return ""
	}
	m := missingName.FindStringSubmatch(e.Message)
	if m == nil {
		return ""
	}
	at := s.Statement(completed)
	behind := false
	for _, other := range scripts {
		for _, statement := range other.Statements {
			if statement == at {
				behind = true
				continue
			}
			if !behind || !schema.Creates(statement, m[1]) {
				continue
			}
			if statement.File.Name == s.File.Name {
				return fmt.Sprintf("line %d creates it: move that up", statement.File.Line(statement.Start))
			}
			return fmt.Sprintf("%s:%d creates it, but runs later: it has to come before", statement.File.Name, statement.File.Line(statement.Start))
		}
	}
	return ""
}
