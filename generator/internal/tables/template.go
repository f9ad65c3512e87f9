package tables

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/templates"
)

// source is a template and where it is from.
type source struct {
	// name is the file's name without its ending, file its path as messages
	// call it, text all of it.
	name, file, text string
	// own is true for a template of the user's.
	own      bool
	template *template.Template
}

// Statement is the SQL that a template gave for an object: a text as a query
// file holds it, with a header for each query.
type Statement struct {
	// Object says what it was made of: "table public.users".
	Object string
	// Text is empty if the template makes nothing of the object.
	Text   string
	source *source
	pieces []piece
}

// piece says that the text from an offset on is from an offset of the template:
// byte by byte if it is copied, else all of it from there.
type piece struct {
	at, from int
	copied   bool
}

// File is the template's path as messages call it.
func (s *Statement) File() string { return s.source.file }

// Place returns a diagnostic about the statement's text as one about the
// template.
func (s *Statement) Place(d *diag.Diagnostic) *diag.Diagnostic {
	out := *d
	out.File = s.source.file
	out.Message += fmt.Sprintf(" (made of %s)", s.Object)
	if d.Line <= 0 {
		return &out
	}
	rendered := strings.TrimSpace(d.Source)
	out.Line, out.Column, out.Source = diag.Position(s.source.text, s.origin(d.Line, d.Column))
	if rendered != "" && strings.TrimSpace(out.Source) != rendered {
		out.Hint = strings.TrimPrefix(out.Hint+"\nthe SQL is: "+rendered, "\n")
	}
	return &out
}

// Line is the line of the template that a line of the text is from.
func (s *Statement) Line(line int) int {
	n, _, _ := diag.Position(s.source.text, s.origin(line, 1))
	return n
}

// origin is the offset in the template of a line and column of the text.
func (s *Statement) origin(line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		n := strings.IndexByte(s.Text[offset:], '\n')
		if n < 0 {
			break
		}
		offset += n + 1
	}
	for i := range s.Text[offset:] {
		if column--; column <= 0 {
			offset += i
			break
		}
	}
	i := max(0, slices.IndexFunc(s.pieces, func(p piece) bool { return p.at > offset }))
	if i == 0 {
		i = len(s.pieces)
	}
	if i == 0 {
		return max(0, strings.Index(s.source.text, "-- name:"))
	}
	p := s.pieces[i-1]
	if p.copied {
		return p.from + offset - p.at
	}
	return p.from
}

// Templates are those that statements are made with. They are never changed,
// and safe for concurrent use.
type Templates struct {
	sources map[string]*source
	names   []string
}

// Load parses the templates. Those that the user has, by file name, take the
// place of ours; dir is their folder in messages.
func Load(overrides map[string]string, dir string) (*Templates, diag.List) {
	var diags diag.List
	out := &Templates{sources: map[string]*source{}}
	known, err := fs.Glob(templates.Tables, templates.TablesDir+"/*.sql")
	if err != nil {
		diags.Add(&diag.Diagnostic{Message: err.Error()})
		return nil, diags
	}
	var names []string
	for _, file := range known {
		text, err := templates.Tables.ReadFile(file)
		if err != nil {
			diags.Add(&diag.Diagnostic{Message: err.Error()})
			return nil, diags
		}
		name := path.Base(file)
		names = append(names, name)
		s := &source{file: "pgwright:" + file, text: string(text)}
		if own, ok := overrides[name]; ok {
			s = &source{file: path.Join(dir, name), text: own, own: true}
		}
		diags.Add(s.parse(name))
		name = strings.TrimSuffix(name, ".sql")
		out.sources[name], out.names = s, append(out.names, name)
	}
	for _, name := range slices.Sorted(maps.Keys(overrides)) {
		if slices.Contains(names, name) {
			continue
		}
		hint := cmp.Or(diag.DidYouMean(name, names), "the templates are "+strings.Join(names, ", "))
		diags.Add(&diag.Diagnostic{File: path.Join(dir, name), Message: "there is no template of this name to replace", Hint: hint})
	}
	return out, diags
}

// Texts are all templates as they were read.
func (t *Templates) Texts() []string {
	var out []string
	for _, name := range t.names {
		out = append(out, name, t.sources[name].text)
	}
	return out
}

// Record is a statement as it can be kept.
type Record struct {
	// Template is the name of the template, without its ending.
	Template, Object string
	// Origin says where the text is from, Text is the text.
	Origin, Text string
}

// Record returns what [Templates.Restore] takes. Of a template of ours it keeps
// no more than the place of the header: nothing can be wrong with the rest that
// the user could mend.
func (s *Statement) Record() Record {
	if !s.source.own {
		return Record{Template: s.source.name, Object: s.Object, Text: s.Text}
	}
	var origin strings.Builder
	for i, p := range s.pieces {
		if i > 0 {
			origin.WriteByte(' ')
		}
		separator := byte('=')
		if p.copied {
			separator = ':'
		}
		origin.WriteString(strconv.Itoa(p.at))
		origin.WriteByte(separator)
		origin.WriteString(strconv.Itoa(p.from))
	}
	return Record{Template: s.source.name, Object: s.Object, Origin: origin.String(), Text: s.Text}
}

// Restore returns the statement of a record that was made with the same
// templates, and nil for a record of any others.
func (t *Templates) Restore(r Record) *Statement {
	src := t.sources[r.Template]
	if src == nil {
		return nil
	}
	s := &Statement{Object: r.Object, Text: r.Text, source: src}
	for _, word := range strings.Fields(r.Origin) {
		at, from, copied := strings.Cut(word, ":")
		if !copied {
			at, from, _ = strings.Cut(word, "=")
		}
		p := piece{copied: copied}
		var err1, err2 error
		p.at, err1 = strconv.Atoi(at)
		p.from, err2 = strconv.Atoi(from)
		if err1 != nil || err2 != nil {
			return nil
		}
		s.pieces = append(s.pieces, p)
	}
	return s
}

// parse parses a template and has it say where its output is from.
func (s *source) parse(name string) *diag.Diagnostic {
	s.name = strings.TrimSuffix(name, ".sql")
	s.text = strings.ReplaceAll(s.text, "\r\n", "\n")
	if strings.IndexByte(s.text, mark) >= 0 {
		return diag.At(s.file, s.text, strings.IndexByte(s.text, mark), "NUL byte in the file", "")
	}
	t, err := template.New(name).Option("missingkey=error").Parse(s.text)
	if err != nil {
		return s.fault(err)
	}
	for _, tree := range t.Templates() {
		s.mark(tree.Root)
	}
	s.template = t
	return nil
}

// mark encloses the offset of a piece in the output. No text of PostgreSQL's
// holds such a byte, and neither does a template.
const mark = 0

func marker(offset int, copied bool) []byte {
	kind := "a"
	if copied {
		kind = "t"
	}
	return []byte("\x00" + kind + strconv.Itoa(offset) + "\x00")
}

// mark puts markers in front of all texts and actions.
func (s *source) mark(list *parse.ListNode) {
	if list == nil {
		return
	}
	var nodes []parse.Node
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			n.Text = append(marker(int(n.Pos), true), n.Text...)
		case *parse.ActionNode:
			nodes = append(nodes, &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos, Text: marker(int(n.Pos), false)})
		case *parse.IfNode:
			s.mark(n.List)
			s.mark(n.ElseList)
		case *parse.RangeNode:
			s.mark(n.List)
			s.mark(n.ElseList)
		case *parse.WithNode:
			s.mark(n.List)
			s.mark(n.ElseList)
		}
		nodes = append(nodes, n)
	}
	list.Nodes = nodes
}

var place = regexp.MustCompile(`^template: [^:]*:(\d+):(?:(\d+):)? `)

// fault is an error of text/template at its place.
func (s *source) fault(err error) *diag.Diagnostic {
	d := &diag.Diagnostic{File: s.file, Message: strings.TrimPrefix(err.Error(), "template: ")}
	m := place.FindStringSubmatch(err.Error())
	if m == nil {
		return d
	}
	d.Message = strings.TrimPrefix(err.Error(), m[0])
	lines := strings.Split(s.text, "\n")
	if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
		d.Line, d.Source, d.Column = n, lines[n-1], 1
		if column, err := strconv.Atoi(m[2]); err == nil {
			d.Column = column + 1
		}
	}
	return d
}

// add renders a template for an object.
func (m *maker) add(name, object string, data any) {
	src := m.opt.Templates.sources[name]
	var b bytes.Buffer
	if err := src.template.Execute(&b, data); err != nil {
		var exec template.ExecError
		if errors.As(err, &exec) {
			err = exec
		}
		if !m.broken[name] {
			// It would be the same for all objects.
			d := src.fault(err)
			d.Message += fmt.Sprintf(" (made of %s)", object)
			d.Hint = "docs/TABLES.md lists what a template can use"
			m.diags.Add(d)
		}
		m.broken[name] = true
		return
	}
	s := &Statement{Object: object, source: src}
	s.unmark(b.Bytes())
	if strings.TrimSpace(s.Text) != "" {
		m.out = append(m.out, s)
	}
}

// unmark takes the markers out of the output and remembers what they say.
func (s *Statement) unmark(output []byte) {
	var text strings.Builder
	for len(output) > 0 {
		i := bytes.IndexByte(output, mark)
		if i < 0 {
			i = len(output)
		}
		text.Write(output[:i])
		if output = output[i:]; len(output) == 0 {
			break
		}
		end := bytes.IndexByte(output[1:], mark) + 1
		if end < 3 {
			// A template made the byte by other means.
			output = output[1:]
			continue
		}
		if offset, err := strconv.Atoi(string(output[2:end])); err == nil {
			s.pieces = append(s.pieces, piece{at: text.Len(), from: offset, copied: output[1] == 't'})
		}
		output = output[end+1:]
	}
	s.Text = text.String()
}
