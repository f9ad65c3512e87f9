package sqltext

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Header is the "-- name: ListOrders :many" that makes a statement a query,
// and what else its comment says.
type Header struct {
	Name string
	// Command is the query type with its colon, such as ":many".
	Command string
	// Comment holds the lines of the documentation: of the comment directly
	// above the header and of all between it and the statement, without marks,
	// common indentation, directives and lines that begin with "@".
	Comment []string
	// Directives are in the order of the file.
	Directives []Directive
	// Vet are the lines for vet, those that begin with "vet:" or
	// "@sqlc-vet-disable", in the order of the file.
	Vet []VetLine
	// Offset is where the header's comment begins, Line its line from 1.
	Offset, Line int
}

// VetLine is a line of a comment, without its marks.
type VetLine struct {
	Text string
	// Offset is where the text begins.
	Offset int
}

// Text is the header as it is sent with the query, with its line end.
func (h *Header) Text() string { return "-- name: " + h.Name + " " + h.Command + "\n" }

// commands are the query types. A test holds them against the model's.
var commands = []string{
	":one", ":many", ":iter", ":optional", ":exec", ":execrows", ":execresult", ":execlastid",
	":copyfrom", ":batchexec", ":batchone", ":batchmany",
}

const headerShape = `a header is "-- name: ListOrders :many"`

// commentLine is one line of a comment, without marks.
type commentLine struct {
	text string
	// offset is where text begins; comment indexes the comment it is from.
	offset, comment int
	// first is true for a comment's first line with words on it.
	first bool
}

// header reads the pending comments before a statement. It returns nil
// offset. It returns nil without a header, and false if there is one that is
// wrong.
func (s *splitter) header() (*Header, bool) {
	lines := s.commentLines()
	at := -1
	var h *Header
	ok := true
	for i, l := range lines {
		found, good := s.headerLine(l)
		if !found {
			continue
		}
		if at >= 0 {
			s.extraHeader(lines[at], h, good)
		}
		at, h, ok = i, good, good != nil
	}
	if at < 0 || h == nil {
		return nil, ok
	}
	h.Offset = s.pending[lines[at].comment].Start
	h.Line = s.file.Line(h.Offset)
	if !s.comments(h, lines, at) {
		ok = false
	}
	return h, ok
}

// extraHeader reports a header that another one follows with no statement
// between them.
func (s *splitter) extraHeader(l commentLine, h, next *Header) {
	offset := s.pending[l.comment].Start
	switch {
	case s.schema || h == nil:
	case next != nil && next.Name == h.Name:
		s.diags.Add(s.file.Error(offset, fmt.Sprintf("query %q has two headers", h.Name), "keep one of them"))
	default:
		s.diags.Add(s.file.Error(offset, fmt.Sprintf("header of %q without a statement", h.Name), "another header follows it: write the statement between them, or delete this one"))
	}
}

// orphans reports headers that no statement follows.
func (s *splitter) orphans(end int) {
	if len(s.pending) == 0 {
		return
	}
	for _, l := range s.commentLines() {
		if found, h := s.headerLine(l); found && h != nil && !s.schema {
			s.diags.Add(s.file.Error(s.pending[l.comment].Start, fmt.Sprintf("header of %q without a statement", h.Name), "write the statement below the header, or delete the header"))
		}
	}
	s.pending = s.pending[:0]
	s.separator = max(s.separator, end)
}

// commentLines cuts the pending comments into lines.
func (s *splitter) commentLines() []commentLine {
	lines := make([]commentLine, 0, len(s.pending))
	for i, t := range s.pending {
		lines = appendCommentLines(lines, s.text, t, i)
	}
	return lines
}

func appendCommentLines(lines []commentLine, text string, t Token, index int) []commentLine {
	body := text[t.Start:t.End]
	if strings.HasPrefix(body, "--") {
		return append(lines, commentLine{text: strings.TrimRight(body[2:], blanks), offset: t.Start + 2, comment: index, first: true})
	}
	body = strings.TrimSuffix(body[2:], "*/")
	offset := t.Start + 2
	first := true
	for start := true; ; start = false {
		line, rest, more := cutLine(body)
		next := offset + len(body) - len(rest)
		if !start || strings.HasPrefix(line, "*") {
			// The stars down the left side of a block comment are marks too.
			trimmed := strings.TrimLeft(line, blanks)
			if strings.HasPrefix(trimmed, "*") {
				trimmed = strings.TrimLeft(trimmed, "*")
				offset += len(line) - len(trimmed)
				line = trimmed
			}
		}
		line = strings.TrimRight(line, blanks)
		blank := strings.TrimLeft(line, blanks) == ""
		lines = append(lines, commentLine{text: line, offset: offset, comment: index, first: first && !blank})
		first = first && blank
		if !more {
			return lines
		}
		body, offset = rest, next
	}
}

// blanks are the white space that may stand on a line.
const blanks = " \t\f\v\u00a0\ufeff"

// cutLine cuts text behind its first line.
func cutLine(text string) (line, rest string, more bool) {
	i := strings.IndexAny(text, "\r\n")
	if i < 0 {
		return text, "", false
	}
	if strings.HasPrefix(text[i:], "\r\n") {
		return text[:i], text[i+2:], true
	}
	return text[:i], text[i+1:], true
}

// properHeader reports whether a comment is a header without a fault.
func (s *splitter) properHeader(t Token) bool {
	for _, l := range appendCommentLines(nil, s.text, t, 0) {
		if w := strings.Fields(l.text); l.first && len(w) == 3 && w[0] == "name:" {
			return validName(w[1]) && isCommand(w[2])
		}
	}
	return false
}

func isCommand(word string) bool {
	for _, c := range commands {
		if c == word {
			return true
		}
	}
	return false
}

// headerLine reads a comment line as a header. It reports whether it is meant
// to be one; the Header is nil if it is wrong, which has been reported then.
// In a file that is schema only, just proper headers count.
func (s *splitter) headerLine(l commentLine) (found bool, h *Header) {
	// Most comments are cheap to turn down.
	if strings.IndexByte(l.text, ':') < 0 {
		return false, nil
	}
	w := strings.Fields(l.text)
	if w[0] == "name:" && len(w) == 3 && validName(w[1]) && isCommand(w[2]) {
		return true, &Header{Name: w[1], Command: w[2]}
	}
	if s.schema || !l.first {
		return false, nil
	}
	offset := s.pending[l.comment].Start
	line := strings.TrimSpace(l.text)
	message, hint := headerFault(w, line)
	if message == "" {
		return false, nil
	}
	s.diags.Add(s.file.Error(offset, message, hint))
	return true, nil
}

// headerFault tells what is wrong with the words of a line that is meant to be
// a header. It returns "" for a line that is not.
func headerFault(w []string, line string) (message, hint string) {
	list := "the query types are " + strings.Join(commands, ", ")
	last := w[len(w)-1]
	typed := len(last) > 1 && last[0] == ':' && isLetters(last[1:])
	if name, glued := strings.CutPrefix(w[0], "name:"); glued && name != "" && len(w) == 2 && validName(name) && typed {
		return fmt.Sprintf("invalid query header: %s", line), fmt.Sprintf(`put a space before the name: "-- name: %s %s"`, name, last)
	}
	if w[0] != "name:" {
		return almostHeader(w, typed, line)
	}
	switch {
	case len(w) == 1:
		return "header without a name and a query type", headerShape
	case !validName(w[1]):
		name, command, ok := strings.Cut(w[1], ":")
		if ok && name == "" && len(w) == 2 {
			return "header without a name", headerShape
		}
		if ok && len(w) == 2 && validName(name) {
			return fmt.Sprintf("invalid query header: %s", line), fmt.Sprintf(`put a space before the query type: "-- name: %s :%s"`, name, command)
		}
		if len(w) > 3 && !typed {
			return fmt.Sprintf("invalid query header: %s", line), headerShape + `; a comment that is not a header must not begin with "name:"`
		}
		return fmt.Sprintf("invalid query name %q: %s", w[1], nameFault(w[1])), "a name is made of letters, digits and underscores and begins with a letter, such as ListOrders"
	case len(w) == 2:
		return "missing query type", list
	case len(w) > 3:
		if w[2] == ":" && len(w) == 4 {
			return fmt.Sprintf("invalid query header: %s", line), fmt.Sprintf(`write the query type without a space: ":%s"`, w[3])
		}
		return fmt.Sprintf("invalid query header: %s", line), headerShape + ", with one query type and nothing behind it"
	}
	command := w[2]
	if !strings.HasPrefix(command, ":") {
		if isCommand(":" + strings.ToLower(command)) {
			return fmt.Sprintf("invalid query type %q", command), fmt.Sprintf("write it with a colon: %q", ":"+strings.ToLower(command))
		}
		command = ":" + command
	}
	if best := intended(strings.ToLower(command), commands); best != "" {
		return fmt.Sprintf("invalid query type %q", w[2]), fmt.Sprintf("did you mean %q? %s", best, list)
	}
	return fmt.Sprintf("invalid query type %q", w[2]), list
}

// almostHeader recognises headers whose first word is off. It leaves alone
// what pg_dump and prose write, such as "Name: users; Type: TABLE".
func almostHeader(w []string, typed bool, line string) (message, hint string) {
	if !typed || len(w) < 3 {
		return "", ""
	}
	word, colon := strings.CutSuffix(strings.ToLower(w[0]), ":")
	name := w[1 : len(w)-1]
	if name[0] == ":" && len(name) == 2 {
		name = name[1:]
	}
	if len(name) != 1 || !validName(name[0]) || intended(word, []string{"name", "query"}) == "" {
		return "", ""
	}
	if !colon && word != "name" {
		return "", ""
	}
	return fmt.Sprintf("invalid query header: %s", line), fmt.Sprintf(`did you mean "-- name: %s %s"?`, name[0], w[len(w)-1])
}

func isLetters(word string) bool {
	for _, r := range word {
		if r < 'a' || r > 'z' {
			return false
		}
	}
	return true
}

// validName reports whether a query can have a name: sqlc's rule.
func validName(name string) bool { return nameFault(name) == "" }

func nameFault(name string) string {
	for i, r := range name {
		switch {
		case r == '_' || unicode.IsLetter(r):
		case unicode.IsDigit(r) && i > 0:
		case unicode.IsDigit(r):
			return "it begins with a digit"
		case r == utf8.RuneError:
			return "it is not text"
		default:
			return fmt.Sprintf("it holds %q", r)
		}
	}
	return ""
}

// comments takes documentation and directives from the lines around the header
// at an index. It returns false if a directive is wrong.
func (s *splitter) comments(h *Header, lines []commentLine, at int) bool {
	ok := true
	doc := make([]commentLine, 0, len(lines))
	first := s.attached(lines[at].comment)
	for i, l := range lines {
		if i == at {
			continue
		}
		if vet, ok := vetLine(l); ok {
			// A comment on the line of the statement before is about that.
			if s.separator == 0 || strings.ContainsAny(s.text[s.separator:s.pending[l.comment].Start], "\r\n") {
				h.Vet = append(h.Vet, vet)
			}
			continue
		}
		d, found, good := s.directive(l)
		switch {
		case found:
			ok = ok && good
			if good {
				h.Directives = append(h.Directives, d)
			}
		case l.comment >= first:
			doc = append(doc, l)
		}
	}
	if !s.checkDirectives(h) {
		ok = false
	}
	h.Comment = documentation(doc)
	return ok
}

// vetLine reads a line that is for vet.
func vetLine(l commentLine) (VetLine, bool) {
	text := strings.Trim(l.text, blanks)
	if !strings.HasPrefix(text, "vet:") && !strings.HasPrefix(text, "@sqlc-vet-disable") {
		return VetLine{}, false
	}
	return VetLine{Text: text, Offset: l.offset + len(l.text) - len(strings.TrimLeft(l.text, blanks))}, true
}

// VetLines are the lines for vet in the statement's comments: above it, within
// it, and behind it on its last line.
func (s *Statement) VetLines() []VetLine {
	end := s.End
	for end < len(s.File.Text) && s.File.Text[end] != '\n' && s.File.Text[end] != '\r' {
		end++
	}
	var above []VetLine
	if s.Header != nil {
		above = s.Header.Vet
	}
	return slices.Concat(above, s.File.VetLines(s.Start, end))
}

// VetLines are the lines for vet in the comments of a piece of the file.
func (f *File) VetLines(start, end int) []VetLine {
	var out []VetLine
	for i, t := range Tokens(f.Text[start:end]) {
		if t.Kind != Comment {
			continue
		}
		t.Start, t.End = t.Start+start, t.End+start
		for _, l := range appendCommentLines(nil, f.Text, t, i) {
			if vet, ok := vetLine(l); ok {
				out = append(out, vet)
			}
		}
	}
	return out
}

// attached returns the first pending comment that belongs to the header in the
// comment at an index: no blank line parts them, and none stands on the line
// of the statement before.
func (s *splitter) attached(header int) int {
	first := header
	for first > 0 && strings.Count(lineEnds(s.text[s.pending[first-1].End:s.pending[first].Start]), "\n") <= 1 {
		first--
	}
	for first < header && s.separator > 0 && !strings.ContainsAny(s.text[s.separator:s.pending[first].Start], "\r\n") {
		first++
	}
	return first
}

// lineEnds makes all line ends \n.
func lineEnds(text string) string {
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// documentation cleans the lines of a comment: it drops lines for other tools,
// rules such as "-----", blank lines at both ends, and common indentation.
func documentation(lines []commentLine) []string {
	var out []string
	indent := -1
	for _, l := range lines {
		text := strings.TrimLeft(l.text, " \t")
		if strings.HasPrefix(text, "@") || text != "" && strings.Trim(text, "-=*#~+/_ ") == "" {
			continue
		}
		if text == "" {
			if len(out) > 0 && out[len(out)-1] != "" {
				out = append(out, "")
			}
			continue
		}
		if n := len(l.text) - len(text); indent < 0 || n < indent {
			indent = n
		}
		out = append(out, l.text)
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	for i, l := range out {
		if l != "" {
			out[i] = l[indent:]
		}
	}
	return out
}
