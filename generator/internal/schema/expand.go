package schema

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// What tools put into a text before they run it keeps the lines of the text,
// so that an error is at the line that the user wrote.

// loader makes the scripts of the files of a configuration.
type loader struct {
	root    string
	scripts []*Script
	files   []*sqltext.File
	diags   diag.List
	// settings are by path; what is wrong with one is reported once.
	settings map[string]values
	// open are the templates of tern that are being read, outermost first.
	open []string
}

func (l *loader) source(s Source) {
	if !s.read {
		content, err := os.ReadFile(s.Path)
		if err != nil {
			l.diags.Add(unreadable(s.Name, err))
			return
		}
		s.text, s.read = string(content), true
	}
	if s.tool == plain {
		s.tool = recognise(s.Name, s.text)
	}
	text := up(s.text)
	switch s.tool {
	case flyway:
		text = l.placeholders(s, text)
	case tern:
		l.template(s, text)
		return
	case atlas:
		text = atlasText(text)
	case goose:
		l.variables(s, text)
	}
	l.parse(s.Name, text)
}

func (l *loader) parse(name, text string) {
	scripts, file, diags := parseUp(name, text)
	l.diags.Join(diags)
	l.scripts = append(l.scripts, scripts...)
	l.files = append(l.files, file)
}

// values reads a settings file once.
func (l *loader) values(path string) values {
	v, ok := l.settings[path]
	if !ok {
		var d *diag.Diagnostic
		v, d = readValues(relativeTo(l.root, path), path)
		l.diags.Add(d)
		l.settings[path] = v
	}
	return v
}

// oneLine is a value without its line ends.
func oneLine(value string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(value)
}

var flywayPlaceholder = regexp.MustCompile(`\$\{([^}\s]+)\}`)

// placeholders puts in what Flyway's ${…} stand for. Those in comments may
// stand for nothing.
func (l *loader) placeholders(s Source, text string) string {
	found := flywayPlaceholder.FindAllStringSubmatchIndex(text, -1)
	if found == nil {
		return text
	}
	v := l.values(settingsFile(l.root, filepath.Dir(s.Path), flywayFiles...))
	if v.off {
		return text
	}
	var comments []sqltext.Token
	for _, t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Comment {
			comments = append(comments, t)
		}
	}
	var b strings.Builder
	at := 0
	for _, m := range found {
		name := text[m[2]:m[3]]
		value, ok := flywayValue(s, name)
		if !ok {
			value, ok = v.by[strings.ToLower(name)]
		}
		if !ok {
			if !within(comments, m[0]) {
				l.diags.Add(diag.At(s.Name, text, m[0], fmt.Sprintf("the placeholder %s has no value", name),
					fmt.Sprintf("give it one: flyway.placeholders.%s=… in a flyway.conf beside the migrations or the configuration", name)))
			}
			continue
		}
		b.WriteString(text[at:m[0]])
		b.WriteString(oneLine(value))
		at = m[1]
	}
	return b.String() + text[at:]
}

func within(tokens []sqltext.Token, offset int) bool {
	for _, t := range tokens {
		if t.Start <= offset && offset < t.End {
			return true
		}
	}
	return false
}

// flywayValue is the value of a placeholder that Flyway itself defines, on the
// throwaway server and at no particular time.
func flywayValue(s Source, name string) (string, bool) {
	switch strings.ToLower(name) {
	case "flyway:defaultschema":
		return "public", true
	case "flyway:user":
		return "CURRENT_USER", true
	case "flyway:database":
		return "postgres", true
	case "flyway:timestamp":
		return "2000-01-01 00:00:00", true
	case "flyway:filename":
		return filepath.Base(s.Path), true
	case "flyway:table":
		return "flyway_schema_history", true
	case "flyway:workingdirectory":
		return ".", true
	case "flyway:environment":
		return "", true
	}
	return "", false
}

var (
	ternAction  = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	ternValue   = regexp.MustCompile(`^\.(\w+)$`)
	ternInclude = regexp.MustCompile(`^template\s+("[^"]*")(?:\s+\.)?$`)
)

// action is what stands between the braces of a template. The marks that take
// white space away stay, for a value is another one with them.
func action(text string) string { return strings.TrimSpace(text[len("{{") : len(text)-len("}}")]) }

// untrimmed is an action without these marks.
func untrimmed(action string) string {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(action, "- "), " -"))
}

// included are the templates that a migration of tern takes in, as paths.
func included(folder, text string) []string {
	var out []string
	for _, a := range ternAction.FindAllString(text, -1) {
		if m := ternInclude.FindStringSubmatch(untrimmed(action(a))); m != nil {
			if name, err := strconv.Unquote(m[1]); err == nil {
				out = append(out, filepath.Join(folder, filepath.FromSlash(name)))
			}
		}
	}
	return out
}

// template runs a migration of tern, or a template that one takes in. Of the
// language of templates it knows values, templates on lines of their own, and
// comments.
func (l *loader) template(s Source, text string) {
	folder := filepath.Dir(s.Path)
	if len(l.open) > 0 {
		folder = filepath.Dir(l.open[0]) // names are relative to that of the migrations
	}
	l.open = append(l.open, s.Path)
	defer func() { l.open = l.open[:len(l.open)-1] }()

	var b strings.Builder
	at := 0
	// piece runs what stands between two templates, at its place.
	start := 0
	piece := func() {
		if all := b.String(); start == 0 || strings.TrimSpace(all[start:]) != "" {
			l.parse(s.Name, blank(all, 0, start))
		}
		start = b.Len()
	}
	for _, m := range ternAction.FindAllStringIndex(text, -1) {
		b.WriteString(text[at:m[0]])
		at = m[1]
		a := action(text[m[0]:m[1]])
		b.WriteString(strings.Repeat("\n", strings.Count(text[m[0]:m[1]], "\n")))
		fail := func(message, hint string) { l.diags.Add(diag.At(s.Name, text, m[0], message, hint)) }
		switch {
		case strings.HasPrefix(untrimmed(a), "/*"):
		case ternValue.MatchString(a):
			name := a[1:]
			value, ok := l.values(settingsFile(l.root, folder, ternSettings)).by[name]
			if !ok {
				fail(fmt.Sprintf("the template's value %s is not defined", name), "define it under [data] in a tern.conf beside the migrations or the configuration")
				continue
			}
			b.WriteString(oneLine(value))
		case ternInclude.MatchString(untrimmed(a)) && ownLine(text, m[0], m[1]):
			path := included(folder, text[m[0]:m[1]])
			if len(path) == 0 || slices.Contains(l.open, path[0]) {
				fail("the template takes in itself", "")
				continue
			}
			content, err := os.ReadFile(path[0])
			if err != nil {
				fail(unreadable("", err).Message+": "+relativeTo(l.root, path[0]), "the names of templates are relative to the folder of the migrations")
				continue
			}
			piece()
			l.template(Source{Name: relativeTo(l.root, path[0]), Path: path[0], tool: tern}, string(content))
		default:
			fail("this part of a template is not understood", "{{.name}} and, on a line of its own, {{template \"file.sql\" .}} are; for all else, name a dump of the schema instead")
		}
	}
	b.WriteString(text[at:])
	piece()
}

// ownLine reports whether a part of a text has its lines for itself.
func ownLine(text string, start, end int) bool {
	before := text[strings.LastIndexAny(text[:start], "\r\n")+1 : start]
	behind := text[end:]
	if i := strings.IndexAny(behind, "\r\n"); i >= 0 {
		behind = behind[:i]
	}
	behind = strings.TrimSpace(behind)
	return strings.TrimSpace(before) == "" && (behind == "" || behind == ";" || strings.HasPrefix(behind, "--"))
}

// blank replaces a part of a text with blanks; line ends stay.
func blank(text string, start, end int) string {
	b := []byte(text)
	for i := start; i < end; i++ {
		if b[i] != '\r' && b[i] != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

// atlasDirective finds a directive at the head of a file of Atlas, above its
// first statement.
func atlasDirective(text, name string) (argument string, ok bool) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		rest, isComment := strings.CutPrefix(line, "--")
		if !isComment {
			return "", false
		}
		word, argument, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if word == "atlas:"+name {
			return strings.TrimSpace(argument), true
		}
	}
	return "", false
}

var txtarSection = regexp.MustCompile(`^-- (\S+) --$`)

// atlasText leaves of an archive the migration, without checks and way down,
// and ends statements where a delimiter of the file's own does.
func atlasText(text string) string {
	if _, ok := atlasDirective(text, "txtar"); ok {
		keep, at := false, 0
		for line := range strings.Lines(text) {
			end := at + len(line)
			if m := txtarSection.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
				keep = m[1] == "migration.sql"
			}
			if !keep && !strings.HasPrefix(line, "-- atlas:") {
				text = blank(text, at, end)
			}
			at = end
		}
	}
	argument, ok := atlasDirective(text, "delimiter")
	if !ok {
		return text
	}
	delimiter := strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(argument)
	head := strings.Index(text, argument) + len(argument)
	if delimiter == "" || delimiter == ";" {
		return text
	}
	// Lines end where they did.
	lineEnds := strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return r
		}
		return -1
	}, delimiter)
	return text[:head] + strings.ReplaceAll(text[head:], delimiter, ";"+lineEnds)
}

var gooseVariable = regexp.MustCompile(`\$\{[A-Za-z_][^}\n]*\}`)

// variables warns of what goose would take from the environment.
func (l *loader) variables(s Source, text string) {
	on, at := false, 0
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		if len(w) >= 4 && w[0] == "--" && w[1] == "+goose" && strings.EqualFold(w[2], "envsub") {
			on = strings.EqualFold(w[3], "on")
		}
		if m := gooseVariable.FindStringIndex(line); on && m != nil {
			l.diags.Add(diag.At(s.Name, text, at+m[0], "variables of the environment are not put in", "generated code must not depend on the environment: name a dump of the schema instead"))
		}
		at += len(line)
	}
}
