package config

import (
	"fmt"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

// Database is the database that a package's queries are checked with.
type Database struct {
	// URI is as written, which may hold a password: do not print it. Use
	// [Config.DatabaseURI].
	URI string
	// Managed asks for a database that the tool provides. That is what pgwright
	// does without it too.
	Managed bool
	// Pos is the place of the URI if there is one, and of the block otherwise.
	Pos Pos
}

// String keeps the URI, and a password in it, out of logs.
func (d Database) String() string {
	return fmt.Sprintf("database(uri given: %t, managed: %t)", d.URI != "", d.Managed)
}

// GoString is [Database.String].
func (d Database) GoString() string { return d.String() }

func (r *reader) database(t *table, p *Package) {
	d := t.child("database")
	if d == nil {
		return
	}
	p.Database = &Database{Pos: t.pos("database")}
	if d.text("uri", &p.Database.URI) {
		p.Database.Pos = d.pos("uri")
	}
	d.flag("managed", &p.Database.Managed)
	d.done()
	if p.Database.URI == "" && !p.Database.Managed && d.node.index("managed") < 0 {
		r.errorAt(p.Database.Pos, "database has no uri", "give one, or managed: true")
	}
}

// DatabaseURI returns a package's connection URI with the variables $NAME and
// ${NAME} replaced by what env returns for them; it is empty if the file names
// none. A variable that is empty or not set is an error. A dollar sign before
// anything but a name stands for itself; write %24 for one before a name.
func (c *Config) DatabaseURI(p *Package, env func(string) string) (string, *diag.Diagnostic) {
	if p.Database == nil {
		return "", nil
	}
	uri, missing, ok := expand(p.Database.URI, env)
	switch {
	case !ok:
		return "", c.At(p.Database.Pos, "database.uri has ${ without }", "")
	case missing != "":
		return "", c.At(p.Database.Pos, fmt.Sprintf("database.uri needs the environment variable %s, which is not set", missing),
			"set it; a dollar sign that begins no variable is written %24")
	}
	return uri, nil
}

// expand replaces variables. missing is the first that is not set.
func expand(s string, env func(string) string) (out, missing string, ok bool) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "$")
		b.WriteString(before)
		if !found {
			return b.String(), missing, true
		}
		name := ""
		if braced, isBraced := strings.CutPrefix(rest, "{"); isBraced {
			name, rest, found = strings.Cut(braced, "}")
			if !found || name == "" {
				return "", "", false
			}
		} else {
			n := 0
			for n < len(rest) && (isLetter(rest[n]) || rest[n] == '_' || n > 0 && rest[n] >= '0' && rest[n] <= '9') {
				n++
			}
			name, rest = rest[:n], rest[n:]
		}
		s = rest
		if name == "" {
			b.WriteByte('$')
			continue
		}
		value := env(name)
		if value == "" && missing == "" {
			missing = name
		}
		b.WriteString(value)
	}
}
