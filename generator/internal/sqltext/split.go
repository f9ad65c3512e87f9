package sqltext

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

// Split cuts a query file into statements and reads their headers. It reports
// broken text and broken headers; the statements that are sound are usable all
// the same.
//
// A semicolon ends a statement, except inside the parentheses of CREATE RULE
// and the BEGIN ATOMIC … END of a function body. A backslash between
// statements begins a command for psql, which is passed over up to the end of
// its line, and so are the rows behind a COPY … FROM STDIN without a header.
func Split(name, text string) (*File, diag.List) { return split(name, text, false) }

// SplitSchema is [Split] for a file that is read as schema only: a comment
// that fails to be a header is a mere comment there.
func SplitSchema(name, text string) (*File, diag.List) { return split(name, text, true) }

func split(name, text string, schema bool) (*File, diag.List) {
	s := splitter{file: newFile(name, text), scanner: scanner{text: text}, schema: schema}
	if d := s.file.checkEncoding(); d != nil {
		s.diags.Add(d)
		return s.file, s.diags
	}
	if strings.HasPrefix(text, byteOrderMark) {
		s.pos = len(byteOrderMark)
	}
	s.run()
	return s.file, s.diags
}

// conflict reports whether a token is a line with which git marks a conflict.
func (s *splitter) conflict(t Token) bool {
	return strings.HasPrefix(s.text[t.Start:], "<<<<<<< ") && (t.Start == 0 || s.text[t.Start-1] == '\n')
}

// byteOrderMark may stand at the beginning of a file, where it means nothing.
const byteOrderMark = "\ufeff"

// checkEncoding finds the first byte that PostgreSQL would not take.
func (f *File) checkEncoding() *diag.Diagnostic {
	if strings.HasPrefix(f.Text, "\xff\xfe") || strings.HasPrefix(f.Text, "\xfe\xff") {
		return f.Error(0, "the file is UTF-16", "save it as UTF-8")
	}
	nul := strings.IndexByte(f.Text, 0)
	if nul >= 0 && utf8.ValidString(f.Text[:nul]) {
		hint := "is this a text file? SQL has no NUL bytes, and PostgreSQL stores none in text"
		if nul <= 3 {
			hint = "the file looks like UTF-16: save it as UTF-8"
		}
		return f.Error(nul, "NUL byte in the file", hint)
	}
	if utf8.ValidString(f.Text) {
		return nil
	}
	for i := 0; i < len(f.Text); {
		r, size := utf8.DecodeRuneInString(f.Text[i:])
		if r == utf8.RuneError && size == 1 {
			return f.Error(i, fmt.Sprintf("byte 0x%02x is not valid UTF-8", f.Text[i]), "save the file as UTF-8")
		}
		i += size
	}
	return nil
}

// splitter is the state of one Split.
type splitter struct {
	scanner
	file *File
	// schema makes comments that fail to be headers mere comments.
	schema bool
	diags  diag.List

	// pending are the comments since the last statement.
	pending []Token
	// separator is the offset behind the last semicolon.
	separator int

	// open is the statement that is being read, or nil; last is the end of its
	// last token, comments included, and kept leaves out the comments on lines
	// behind the last one with a token. words are its first words in lower case.
	open       *Statement
	last, kept int
	words      []string
	// nesting counts open parentheses, blocks open BEGIN ATOMIC and CASE.
	nesting, blocks int
	// atomic is the offset of the BEGIN of BEGIN ATOMIC.
	atomic int
	// previous is the last significant token of the open statement.
	previous Token
	// stdin is true once COPY … FROM STDIN has been seen.
	stdin bool
	// unended is true if no \. line follows anywhere.
	unended bool
}

func (s *splitter) run() {
	for {
		t, ok := s.next()
		if !ok {
			break
		}
		if s.unterminated {
			s.diags.Add(s.file.Error(t.Start, unterminatedMessage(s.text[t.Start:]), "it runs to the end of the file"))
		}
		switch {
		case t.Kind == Comment && s.open == nil:
			s.pending = append(s.pending, t)
		case t.Kind == Comment:
			if s.missedSemicolon(t) {
				s.pending = append(s.pending, t)
				continue
			}
			s.comment(t)
		case t.Kind == Other && s.text[t.Start] == '\\' && (s.open == nil || s.startsLine(t.Start)):
			s.metaCommand(t)
		case t.Kind == Punctuation && s.text[t.Start] == ';' && s.nesting == 0 && s.blocks == 0:
			s.semicolon(t)
		case t.Kind == Operator && s.conflict(t):
			s.diags.Add(s.file.Error(t.Start, "the file holds both sides of a merge conflict", "resolve it: keep one side, or join them, and remove the lines with <<<<<<<, ======= and >>>>>>>"))
			// Nothing behind it means anything.
			s.open, s.pending = nil, nil
			return
		default:
			if s.open == nil {
				s.begin(t)
			}
			s.read(t)
		}
		if s.unterminated && s.open != nil {
			s.open.Broken = true
		}
	}
	if s.open != nil {
		if s.blocks > 0 {
			s.diags.Add(s.file.Error(s.atomic, "BEGIN ATOMIC without its END", "end the body of the function with END;"))
			s.open.Broken = true
		}
		s.last = s.kept
		s.finish()
		return
	}
	s.orphans(len(s.text))
}

func unterminatedMessage(rest string) string {
	switch {
	case strings.HasPrefix(rest, "/*"):
		return "unterminated /* comment"
	case rest[0] == '"', strings.HasPrefix(rest, `U&"`), strings.HasPrefix(rest, `u&"`):
		return "unterminated quoted identifier"
	case rest[0] == '$':
		return "unterminated dollar-quoted string"
	}
	return "unterminated quoted string"
}

// startsLine reports whether only white space stands before an offset on its
// line.
func (s *splitter) startsLine(offset int) bool {
	for i := offset - 1; i >= 0; i-- {
		switch s.text[i] {
		case '\n', '\r':
			return true
		case ' ', '\t', '\f', '\v':
		default:
			return i == len(byteOrderMark)-1 && strings.HasPrefix(s.text, byteOrderMark)
		}
	}
	return true
}

// lineEnd returns the end of the line that holds an offset, and where the next
// one begins.
func (s *splitter) lineEnd(offset int) (end, next int) {
	n := strings.IndexAny(s.text[offset:], "\r\n")
	if n < 0 {
		return len(s.text), len(s.text)
	}
	end = offset + n
	if strings.HasPrefix(s.text[end:], "\r\n") {
		return end, end + 2
	}
	return end, end + 1
}

func (s *splitter) metaCommand(t Token) {
	end, next := s.lineEnd(t.Start)
	text := strings.TrimRight(s.text[t.Start:end], " \t\f\v")
	s.pos = next
	if s.open != nil {
		s.diags.Add(s.file.Error(t.Start, "psql command inside a statement", `end the statement with ";" before it`))
		s.open.Broken = true
		s.last = s.kept
		s.finish()
		s.separator = next
		return
	}
	s.file.Commands = append(s.file.Commands, MetaCommand{Text: text, Offset: t.Start})
}

func (s *splitter) semicolon(t Token) {
	s.separator = t.End
	if s.open == nil {
		s.orphans(t.Start)
		return
	}
	statement, stdin := s.open, s.stdin
	s.finish()
	if stdin && statement.Header == nil {
		s.copyData(statement, t.End)
	}
}

// begin opens a statement at its first token.
func (s *splitter) begin(t Token) {
	s.open = &Statement{File: s.file, Start: t.Start}
	s.words = s.words[:0]
	s.nesting, s.blocks, s.stdin = 0, 0, false
	s.previous = Token{}
	h, ok := s.header()
	s.open.Header = h
	if h != nil && s.file.tokens == nil {
		s.file.tokens = make([]Token, 0, (len(s.text)-t.Start)/3)
	}
	s.open.firstToken = len(s.file.tokens)
	s.open.Broken = !ok
	s.pending = s.pending[:0]
	if t.Kind == Operator && !s.schema && strings.HasPrefix(s.text[t.Start:], "#") {
		end, _ := s.lineEnd(t.Start)
		if w := strings.Fields(s.text[t.Start+1 : end]); len(w) > 0 && w[0] == "name:" {
			s.diags.Add(s.file.Error(t.Start, `"#" does not begin a comment in PostgreSQL`, `write "-- name: …"`))
			s.open.Broken = true
		}
	}
}

// finish closes the open statement behind its last token.
func (s *splitter) finish() {
	s.open.End = s.last
	s.open.endToken = len(s.file.tokens)
	s.file.Statements = append(s.file.Statements, s.open)
	s.open = nil
	s.nesting, s.blocks = 0, 0
}

// keywords is how many words at the beginning of a statement can tell what
// its semicolons mean.
const keywords = 4

// comment takes in a comment of the open statement.
func (s *splitter) comment(t Token) {
	s.last = t.End
	if !strings.ContainsAny(s.text[s.kept:t.Start], "\r\n") {
		s.kept = t.End
	}
}

// read takes in a token of the open statement.
func (s *splitter) read(t Token) {
	s.last, s.kept = t.End, t.End
	if s.open.Header != nil {
		s.file.tokens = append(s.file.tokens, t)
	}
	if t.Kind == Ident && len(s.words) < keywords {
		s.words = append(s.words, strings.ToLower(s.text[t.Start:t.End]))
	}
	switch t.Kind {
	case Ident:
		if len(s.words) > 0 {
			s.keyword(t)
		}
	case Punctuation:
		switch s.text[t.Start] {
		case '(':
			if s.creates("rule") {
				s.nesting++
			}
		case ')':
			s.nesting = max(0, s.nesting-1)
		}
	}
	s.previous = t
}

// creates reports whether the statement is CREATE [OR REPLACE] of something.
func (s *splitter) creates(what string) bool {
	w := s.words
	if len(w) < 2 || w[0] != "create" {
		return false
	}
	if w[1] == "or" {
		return len(w) > 3 && w[3] == what
	}
	return w[1] == what
}

// keyword follows the words that decide what a semicolon means.
func (s *splitter) keyword(t Token) {
	switch word := s.text[t.Start:t.End]; len(word) {
	case 3:
		if s.blocks > 0 && strings.EqualFold(word, "end") && !s.isName() {
			s.blocks--
		}
	case 4:
		if s.blocks > 0 && strings.EqualFold(word, "case") && !s.isName() {
			s.blocks++
		}
	case 5:
		if s.words[0] == "copy" && strings.EqualFold(word, "stdin") && s.previousIs("from") {
			s.stdin = true
		}
	case 6:
		if s.blocks == 0 && strings.EqualFold(word, "atomic") && s.previousIs("begin") &&
			(s.creates("function") || s.creates("procedure")) {
			s.blocks = 1
			s.atomic = s.previous.Start
		}
	}
}

func (s *splitter) previousIs(word string) bool {
	return s.previous.Kind == Ident && strings.EqualFold(s.text[s.previous.Start:s.previous.End], word)
}

// isName reports whether the next word cannot be a keyword: it is a label
// behind AS or a field behind a dot.
func (s *splitter) isName() bool {
	return s.previousIs("as") || s.previous.Kind == Punctuation && s.text[s.previous.Start:s.previous.End] == "."
}

// copyData takes the lines behind a COPY … FROM STDIN up to the \. line. Where
// no such line follows, or SQL does on the same line, there are no rows.
func (s *splitter) copyData(statement *Statement, offset int) {
	if s.unended {
		return
	}
	behind, start := s.lineEnd(offset)
	if rest := strings.Trim(s.text[offset:behind], blanks); rest != "" && !strings.HasPrefix(rest, "--") {
		return
	}
	for at := start; ; {
		n := strings.Index(s.text[at:], `\.`)
		if n < 0 {
			s.unended = true
			return
		}
		at += n
		end, next := s.lineEnd(at)
		if end == at+2 && (at == start || s.text[at-1] == '\n' || s.text[at-1] == '\r') {
			statement.DataStart, statement.DataEnd = start, at
			s.pos, s.separator = next, next
			return
		}
		at += 2
	}
}

// missedSemicolon reports whether a comment inside a statement is the header
// of the next one. It then ends the statement.
func (s *splitter) missedSemicolon(t Token) bool {
	if !s.startsLine(t.Start) || !s.properHeader(t) {
		return false
	}
	s.diags.Add(s.file.Error(t.Start, "missing semicolon before this header", `the statement above is not ended: put ";" behind it`))
	s.open.Broken = true
	s.last = s.kept
	s.finish()
	s.separator = s.last
	return true
}
