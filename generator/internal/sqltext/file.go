package sqltext

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

// File is one SQL file, split into statements.
type File struct {
	// Name is the path as the user knows it.
	Name string
	// Text is the whole file; all offsets count its bytes.
	Text       string
	Statements []*Statement
	// Commands are the psql meta-commands that were passed over.
	Commands []MetaCommand

	// lines holds the offset of each line's first byte.
	lines []int
	// tokens are those of the statements with headers, comments left out.
	tokens []Token
}

// MetaCommand is a line of the file that is for psql, such as \connect.
type MetaCommand struct {
	// Text is the line from the backslash on, without its line end.
	Text   string
	Offset int
}

func newFile(name, text string) *File {
	f := &File{Name: name, Text: text, lines: []int{0}}
	for i := 0; i < len(text); {
		n := strings.IndexByte(text[i:], '\n')
		line := text[i:]
		if n >= 0 {
			line = text[i : i+n]
		}
		for j := 0; ; {
			cr := strings.IndexByte(line[j:], '\r')
			if cr < 0 {
				break
			}
			j += cr + 1
			if n < 0 || j < len(line) {
				f.lines = append(f.lines, i+j)
			}
		}
		if n < 0 {
			break
		}
		i += n + 1
		f.lines = append(f.lines, i)
	}
	return f
}

// Line returns the line of an offset, counted from 1.
func (f *File) Line(offset int) int {
	return sort.Search(len(f.lines), func(i int) bool { return f.lines[i] > offset })
}

// Error makes an error that points at an offset of the file. It equals
// [diag.At] but does not read the file up to the offset.
func (f *File) Error(offset int, message, hint string) *diag.Diagnostic {
	offset = max(0, min(offset, len(f.Text)))
	line := f.Line(offset)
	start := f.lines[line-1]
	end := len(f.Text)
	if line < len(f.lines) {
		end = f.lines[line]
	}
	source := strings.TrimRight(f.Text[start:end], "\r\n")
	return &diag.Diagnostic{
		File: f.Name, Line: line, Column: utf8.RuneCountInString(f.Text[start:offset]) + 1,
		Source: source, Message: message, Hint: hint,
	}
}

// Warning is [File.Error] for what does not stop the generation.
func (f *File) Warning(offset int, message, hint string) *diag.Diagnostic {
	d := f.Error(offset, message, hint)
	d.Severity = diag.Warning
	return d
}

// WarningAt is [File.Warning] for a place that is known by line and column,
// both from 1 and the column in characters. A line that the file does not have
// is shown without its text.
func (f *File) WarningAt(line, column int, message, hint string) *diag.Diagnostic {
	d := &diag.Diagnostic{Severity: diag.Warning, File: f.Name, Line: line, Column: column, Message: message, Hint: hint}
	if line >= 1 && line <= len(f.lines) {
		d.Source = f.Error(f.lines[line-1], "", "").Source
	}
	return d
}

// Statement is one SQL statement of a file.
type Statement struct {
	File *File
	// Start and End bound the statement in File.Text: from its first token to
	// before its semicolon, comments and white space around it left out but
	// for comments before the semicolon.
	Start, End int
	// Header is nil for a statement without a "-- name:" comment.
	Header *Header
	// DataStart and DataEnd bound the rows behind a COPY … FROM STDIN, without
	// the final \. line. Both are 0 where there are none.
	DataStart, DataEnd int
	// Broken is true if what Split reported makes the statement unusable.
	Broken bool

	// firstToken and endToken bound the tokens in File.tokens of a statement
	// with a header.
	firstToken, endToken int

	// rewritten is the answer of Rewrite, and problems what it reported.
	rewritten *Rewritten
	problems  diag.List
}

// Significant are the statement's tokens without comments, in offsets of the
// file. The caller must not change them.
func (s *Statement) Significant() []Token {
	if s.Header != nil {
		return s.File.tokens[s.firstToken:s.endToken]
	}
	tokens := Significant(s.Text())
	for i := range tokens {
		tokens[i].Start += s.Start
		tokens[i].End += s.Start
	}
	return tokens
}

// Text is the statement as the user wrote it. It may end with a comment, so
// what is put behind it belongs on a line of its own.
func (s *Statement) Text() string { return s.File.Text[s.Start:s.End] }
