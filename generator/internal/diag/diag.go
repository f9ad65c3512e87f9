// Package diag holds the errors and warnings that the generator reports to the
// person who wrote the SQL or the configuration: a position in their file, the
// message, and what to do.
//
// Nothing here prints on its own; [List.Format] renders for a terminal or a
// log. A [List] is not safe for concurrent use.
package diag

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// Severity says whether a [Diagnostic] stops the generation.
type Severity int

const (
	// Error stops the generation: nothing is written.
	Error Severity = iota
	// Warning is shown, and the generation goes on.
	Warning
	// Note is shown too, and nothing is wrong.
	Note
)

// Diagnostic is one thing to tell the user.
type Diagnostic struct {
	Severity Severity
	// File is the path as the user knows it: relative to the configuration
	// file, with forward slashes. Empty when no file is to blame.
	File string
	// Line and Column count from 1, columns in characters. Zero: unknown.
	Line, Column int
	// Source is the text of the line at fault, without its line end.
	Source  string
	Message string
	// Hint says what to do about it; it may be empty.
	Hint string
}

// Error makes a Diagnostic an error, so that it can travel through layers that
// know nothing of diagnostics.
func (d *Diagnostic) Error() string {
	s := d.Message
	if p := d.position(); p != "" {
		s = p + ": " + s
	}
	return s
}

func (d *Diagnostic) position() string {
	switch {
	case d.File == "":
		return ""
	case d.Line == 0:
		return d.File
	case d.Column == 0:
		return fmt.Sprintf("%s:%d", d.File, d.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)
	}
}

// At makes an error that points at a byte offset of a file's text. An offset
// outside the text points at its end.
func At(file, text string, offset int, message, hint string) *Diagnostic {
	line, column, source := Position(text, offset)
	return &Diagnostic{File: file, Line: line, Column: column, Source: source, Message: message, Hint: hint}
}

// Position converts a byte offset into a line and a column, both counted from
// 1 and the column in characters, and the text of that line. Lines end with
// \n, \r\n or \r.
func Position(text string, offset int) (line, column int, source string) {
	offset = max(0, min(offset, len(text)))
	line = 1
	start := 0
	for i := 0; i < offset; i++ {
		switch text[i] {
		case '\n':
			line++
			start = i + 1
		case '\r':
			if i+1 < len(text) && text[i+1] == '\n' {
				continue
			}
			line++
			start = i + 1
		}
	}
	end := len(text)
	if i := strings.IndexAny(text[start:], "\r\n"); i >= 0 {
		end = start + i
	}
	column = utf8.RuneCountInString(text[start:offset]) + 1
	return line, column, text[start:end]
}

// List collects diagnostics. The zero value is empty and ready to use.
type List struct {
	all []*Diagnostic
}

// Add appends diagnostics; nil ones are ignored.
func (l *List) Add(ds ...*Diagnostic) {
	for _, d := range ds {
		if d != nil {
			l.all = append(l.all, d)
		}
	}
}

// Join appends all of another list.
func (l *List) Join(other List) { l.Add(other.all...) }

// HasErrors reports whether any diagnostic stops the generation.
func (l *List) HasErrors() bool {
	for _, d := range l.all {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Sorted returns the diagnostics by file, line, column, severity and message,
// each of them once.
func (l *List) Sorted() []*Diagnostic {
	out := append([]*Diagnostic(nil), l.all...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		switch {
		case a.File != b.File:
			return a.File < b.File
		case a.Line != b.Line:
			return a.Line < b.Line
		case a.Column != b.Column:
			return a.Column < b.Column
		case a.Severity != b.Severity:
			return a.Severity < b.Severity
		}
		return a.Message < b.Message
	})
	n := 0
	for i, d := range out {
		if i > 0 && *d == *out[n-1] {
			continue
		}
		out[n] = d
		n++
	}
	return out[:n]
}

// Format renders the sorted list: a line with position and message, the source
// line, a caret under the column, and the hint.
func (l *List) Format() string {
	var b strings.Builder
	for _, d := range l.Sorted() {
		d.format(&b)
	}
	return b.String()
}

func (d *Diagnostic) format(b *strings.Builder) {
	if p := d.position(); p != "" {
		b.WriteString(p)
		b.WriteString(": ")
	}
	switch d.Severity {
	case Warning:
		b.WriteString("warning: ")
	case Note:
		b.WriteString("note: ")
	}
	b.WriteString(d.Message)
	b.WriteByte('\n')
	if d.Source != "" && d.Line > 0 {
		source, column := clip(d.Source, d.Column)
		gutter := fmt.Sprintf("%5d | ", d.Line)
		b.WriteString(gutter)
		b.WriteString(source)
		b.WriteByte('\n')
		if column > 0 {
			b.WriteString(strings.Repeat(" ", len(gutter)-2))
			b.WriteString("| ")
			b.WriteString(indent(source, column))
			b.WriteString("^\n")
		}
	}
	for i, line := range strings.Split(d.Hint, "\n") {
		switch {
		case line == "":
		case i == 0:
			b.WriteString("  hint: " + line + "\n")
		default:
			b.WriteString("        " + line + "\n")
		}
	}
}

// maxSource is how many characters of a source line are shown.
const maxSource = 160

// clip keeps the part of an overlong source line that holds the column, and
// makes invalid UTF-8 and control characters visible.
func clip(source string, column int) (string, int) {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return utf8.RuneError
		}
		return r
	}, source))
	if len(runes) <= maxSource {
		return string(runes), column
	}
	from := 0
	if column > maxSource*3/4 {
		from = column - maxSource*3/4
	}
	from = min(from, len(runes))
	to := min(from+maxSource, len(runes))
	out := string(runes[from:to])
	if to < len(runes) {
		out += "…"
	}
	if from > 0 {
		out = "…" + out
		column = column - from + 1
	}
	return out, column
}

// indent repeats the white space that puts a caret under a column, keeping
// tabs as tabs.
func indent(source string, column int) string {
	var b strings.Builder
	i := 1
	for _, r := range source {
		if i == column {
			break
		}
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
		i++
	}
	for ; i < column; i++ {
		b.WriteByte(' ')
	}
	return b.String()
}
