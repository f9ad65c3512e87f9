package schema

import (
	"fmt"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// Script is what one round trip of the simple protocol runs: a whole schema
// file, or a part of one where PostgreSQL wants a transaction to end.
//
// The scripts of all files run in one session, in order. Settings that a file
// makes, such as the empty search_path of pg_dump, are to be reset before the
// next file's first script. Function bodies may mention later objects:
// run scripts with check_function_bodies off.
type Script struct {
	File *sqltext.File
	// SQL is empty if nothing of the file is to be run.
	SQL string
	// Statements are those in SQL. The server completes one command for each.
	Statements []*sqltext.Statement
	// Skipped are the statements left out since the file's script before.
	Skipped []Skipped

	origin sqltext.Origin
}

// Skipped is a statement that is left out.
type Skipped struct {
	Statement *sqltext.Statement
	// Reason completes the sentence "the statement is left out: …".
	Reason string
}

// MapOffset converts a byte offset in SQL into one in the file's text.
func (s *Script) MapOffset(offset int) int { return s.origin.Offset(offset) }

// Fault is where in the file an error of the server is: the statement, nil if
// the script is empty, and the byte. Position is the error's field, in
// characters from 1; without one it is 0, and the byte is -1 and the statement
// the one behind the completed ones. A script that cannot be parsed fails
// before its first statement has run.
func (s *Script) Fault(completed, position int) (at *sqltext.Statement, offset int) {
	if len(s.Statements) == 0 {
		return nil, -1
	}
	if position <= 0 {
		return s.Statements[max(0, min(completed, len(s.Statements)-1))], -1
	}
	offset = s.MapOffset(sqltext.ByteOffset(s.SQL, position))
	at = s.Statements[0]
	for _, other := range s.Statements {
		if other.Start <= offset {
			at = other
		}
	}
	return at, offset
}

// Parse makes the scripts of one file, at least one. Where the words of a
// statement name what the throwaway server does not have, or keep it from
// running among others, they are replaced: a role with CURRENT_USER, a
// tablespace with pg_default, CONCURRENTLY with nothing.
func Parse(name, text string) ([]*Script, *sqltext.File, diag.List) { return parseUp(name, up(text)) }

// parseUp is [Parse] for a text without a down part.
func parseUp(name, text string) ([]*Script, *sqltext.File, diag.List) {
	file, diags := sqltext.SplitSchema(name, text)
	for _, c := range file.Commands {
		word, _, _ := strings.Cut(c.Text, " ")
		switch word {
		case `\i`, `\ir`, `\include`, `\include_relative`:
			diags.Add(file.Warning(c.Offset, fmt.Sprintf("psql's %s is not followed", word), "name the file under schema in the configuration"))
		}
	}
	b := scriptBuilder{file: file, clearing: isDump(text)}
	b.begin()
	for _, s := range file.Statements {
		if s.Header == nil && !s.Broken {
			b.add(s)
		}
	}
	b.end()
	return b.scripts, file, diags
}

// isDump reports whether pg_dump wrote a file.
func isDump(text string) bool {
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case line == "-- "+dumpHeader:
			return true
		case line != "" && !strings.HasPrefix(line, "--"):
			return false
		}
	}
	return false
}

type scriptBuilder struct {
	// clearing is true above the first statement of a dump that creates
	// something.
	clearing bool
	file     *sqltext.File
	scripts  []*Script
	open     *Script
	text     *sqltext.Builder
}

func (b *scriptBuilder) begin() {
	b.open = &Script{File: b.file}
	b.text = sqltext.NewBuilder(b.file.Text)
}

// end closes the open script. One that nothing happened to is dropped, unless
// it is the file's only one.
func (b *scriptBuilder) end() {
	if len(b.scripts) > 0 && len(b.open.Statements) == 0 && len(b.open.Skipped) == 0 {
		return
	}
	b.open.SQL, b.open.origin = b.text.Build()
	b.scripts = append(b.scripts, b.open)
}

func (b *scriptBuilder) add(s *sqltext.Statement) {
	p := plan(s)
	if b.clearing && p.skip == "" {
		w := newWords(s)
		if w.cleans() {
			p.skip = aboutNothing
		} else if w.at(0) == "create" {
			b.clearing = false
		}
	}
	if p.skip != "" {
		b.open.Skipped = append(b.open.Skipped, Skipped{s, p.skip})
		return
	}
	if p.alone && len(b.open.Statements) > 0 {
		b.end()
		b.begin()
	}
	at := s.Start
	for _, e := range p.edits {
		b.text.Copy(at, e.Start)
		b.text.Insert(e.Text, e.Start)
		at = e.End
	}
	b.text.Copy(at, s.End)
	// A comment at the end would swallow the semicolon.
	b.text.Insert("\n;\n", s.End)
	b.open.Statements = append(b.open.Statements, s)
	if p.alone || p.last {
		b.end()
		b.begin()
	}
}
