package sqltext

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pgwright/pgwright/internal/nearest"
)

// Directive is a comment line that has the last word over the analysis:
//
//	-- column: total not null
//	-- column: meta nullable go: example.com/app/meta.Meta
//	-- param: since nullable
//	-- param: nickname like users.nickname set by nickname_given
//	-- params: rows
//	-- row: OrderLine
type Directive struct {
	// Kind is "column", "param", "params" or "row".
	Kind string
	// Target is the column's or the parameter's name; a quoted one is without
	// its quotes. It is empty for a row and for params.
	Target string
	// Like is the column of a table that the parameter is typed as, its name in
	// two or three parts as PostgreSQL reads them, or nil.
	Like []string
	// SetBy is the name of the boolean parameter that says whether this one is
	// given, or empty.
	SetBy string
	// NotNull and Nullable are not both true.
	NotNull, Nullable bool
	// GoType is the Go type as written, or empty.
	GoType string
	// Name is the name that a row directive gives.
	Name string
	// Offset is where the directive's first word stands.
	Offset int
}

var directiveKinds = []string{"column", "param", "params", "row"}

const (
	targetShape = `write "-- %[1]s: %[2]s not null", "-- %[1]s: %[2]s nullable" or "-- %[1]s: %[2]s go: example.com/app/meta.Meta"`
	rowShape    = `write "-- row: OrderLine"`
	paramsShape = `write "-- params: rows" for a query whose arrays have an element for each row, and "-- param: …" to say something about one parameter`
)

// directive reads a comment line as a directive. It reports whether it is
// meant to be one and whether it is good; what is wrong has been reported.
func (s *splitter) directive(l commentLine) (d Directive, found, good bool) {
	text := strings.TrimLeft(l.text, blanks)
	word, rest, ok := strings.Cut(text, ":")
	if !ok || len(word) > len("column")+2 || strings.ContainsAny(word, blanks) {
		return d, false, false
	}
	d = Directive{Kind: word, Offset: l.offset + len(l.text) - len(text)}
	rest = strings.Trim(rest, blanks)
	fault := func(message, hint string) (Directive, bool, bool) {
		if s.schema {
			return d, false, false
		}
		s.diags.Add(s.file.Error(d.Offset, message, hint))
		return d, true, false
	}
	switch word {
	case "row":
		if rest == "" || !validName(rest) {
			return fault("row directive without a single name", rowShape)
		}
		d.Name = rest
		return d, true, true
	case "params":
		if rest != "rows" {
			return fault(fmt.Sprintf("params directive does not know %q", rest), paramsShape)
		}
		return d, true, true
	case "column", "param":
		message, hint := d.clauses(rest)
		switch {
		case hint != "":
			return fault(message, hint)
		case message != "":
			target := d.Target
			if target == "" || strings.ContainsAny(target, blanks) {
				target = "total"
			}
			return fault(message, fmt.Sprintf(targetShape, word, target))
		}
		return d, true, true
	}
	if kind := nearestDirective(word, rest); kind != "" {
		return fault(fmt.Sprintf("unknown directive %q", word+":"), fmt.Sprintf("did you mean %q?", kind+":"))
	}
	return d, false, false
}

// clauses reads what follows the word of a column or parameter directive. It
// returns what is wrong with it, and a hint if there is a better one than how
// to write the directive.
func (d *Directive) clauses(rest string) (fault, hint string) {
	var ok bool
	if d.Target, rest, ok = cutName(rest); !ok {
		return d.Kind + " directive with an unterminated quoted name", ""
	}
	if d.Target == "" {
		return d.Kind + " directive without a name", ""
	}
	for {
		word, after := cutWord(rest)
		switch lower := strings.ToLower(word); {
		case word == "":
			if !d.NotNull && !d.Nullable && d.GoType == "" && d.Like == nil && d.SetBy == "" {
				return fmt.Sprintf("%s directive says nothing about %q", d.Kind, d.Target), ""
			}
			return "", ""
		case lower == "nullable":
			d.Nullable = true
		case lower == "not":
			null, behind := cutWord(after)
			if strings.ToLower(null) != "null" {
				return fmt.Sprintf(`%s directive: %q is not "not null"`, d.Kind, strings.TrimSpace(word+" "+null)), ""
			}
			d.NotNull, after = true, behind
		case lower == "like" && d.Kind == "param":
			var fault string
			if d.Like, after, fault = cutColumn(after); fault != "" {
				return d.Kind + " directive: " + fault, likeShape
			}
		case lower == "set" && d.Kind == "param":
			by, behind := cutWord(after)
			if strings.ToLower(by) != "by" {
				return fmt.Sprintf(`%s directive: %q is not "set by"`, d.Kind, strings.TrimSpace(word+" "+by)), setByShape
			}
			if d.SetBy, after, ok = cutName(behind); !ok || d.SetBy == "" {
				return d.Kind + ` directive without a parameter behind "set by"`, setByShape
			}
		case strings.HasPrefix(lower, "go:"):
			d.GoType = strings.Trim(rest, blanks)[len("go:"):]
			d.GoType = strings.Trim(d.GoType, blanks)
			if d.GoType == "" {
				return d.Kind + ` directive without a type behind "go:"`, ""
			}
			for _, clause := range []string{"not null", "nullable"} {
				if strings.HasSuffix(d.GoType, " "+clause) {
					return fmt.Sprintf("%s directive with %q in its Go type", d.Kind, clause), fmt.Sprintf(`put %q before "go:"`, clause)
				}
			}
			after = ""
		default:
			return fmt.Sprintf("%s directive does not know %q", d.Kind, word), ""
		}
		if d.NotNull && d.Nullable {
			return fmt.Sprintf("%s directive makes %q both nullable and not null", d.Kind, d.Target), ""
		}
		rest = after
	}
}

const (
	likeShape  = `name a column with its table, as in "-- param: nickname like users.nickname"`
	setByShape = `name the boolean parameter that tells whether this one is given, as in "-- param: nickname set by nickname_given"`
)

// cutName cuts text behind its first word, or behind the quoted name that it
// begins with. It returns false if that has no end.
func cutName(text string) (name, rest string, ok bool) {
	text = strings.Trim(text, blanks)
	if !isQuoted(text) {
		name, rest = cutWord(text)
		return name, rest, true
	}
	return cutQuoted(text)
}

// isQuoted reports whether text begins with a quoted name.
func isQuoted(text string) bool {
	return strings.HasPrefix(text, `"`) || len(text) > 2 && strings.EqualFold(text[:3], `u&"`)
}

// cutQuoted cuts text behind the quoted name that it begins with. It returns
// false if that has no end, or has an escape that is none.
func cutQuoted(text string) (name, rest string, ok bool) {
	start := strings.IndexByte(text, '"')
	s := scanner{text: text}
	end := s.delimited(start + 1)
	if s.unterminated {
		return "", "", false
	}
	name, rest = unquote(text[start:end]), text[end:]
	if start == 0 {
		return name, rest, true
	}
	name, ok = unescape(name)
	return name, rest, ok
}

// unescape reads what stands between the quotes of U&"…": \XXXX and \+XXXXXX are
// characters, \\ is a backslash.
func unescape(text string) (string, bool) {
	var b strings.Builder
	for text != "" {
		before, behind, found := strings.Cut(text, `\`)
		b.WriteString(before)
		text = behind
		digits := 4
		switch {
		case !found:
			continue
		case strings.HasPrefix(text, `\`):
			b.WriteByte('\\')
			text = text[1:]
			continue
		case strings.HasPrefix(text, "+"):
			text, digits = text[1:], 6
		}
		if len(text) < digits {
			return "", false
		}
		r, err := strconv.ParseUint(text[:digits], 16, 32)
		if err != nil || r == 0 || r > utf8.MaxRune {
			return "", false
		}
		b.WriteRune(rune(r))
		text = text[digits:]
	}
	return b.String(), true
}

// cutColumn cuts text behind a column's qualified name.
func cutColumn(text string) (parts []string, rest, fault string) {
	rest = strings.Trim(text, blanks)
	for {
		if isQuoted(rest) {
			name, behind, ok := cutQuoted(rest)
			if !ok {
				return nil, "", "an unterminated quoted name"
			}
			parts, rest = append(parts, name), behind
		} else {
			end := strings.IndexAny(rest+" ", "."+blanks)
			parts, rest = append(parts, lower(rest[:end])), rest[end:]
		}
		if !strings.HasPrefix(rest, ".") {
			break
		}
		rest = rest[1:]
	}
	for _, p := range parts {
		if p == "" {
			return nil, "", "a column's name is missing"
		}
	}
	if len(parts) < 2 || len(parts) > 3 || rest != "" && strings.TrimLeft(rest, blanks) == rest {
		return nil, "", fmt.Sprintf("%q is not the name of a table's column", strings.Trim(text, blanks))
	}
	return parts, rest, ""
}

// cutWord cuts text behind its first word.
func cutWord(text string) (word, rest string) {
	text = strings.Trim(text, blanks)
	if i := strings.IndexAny(text, blanks); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// nearestDirective tells a mistyped directive from prose: one edit in a long
// word, or more if what follows reads like a directive.
func nearestDirective(word, rest string) string {
	lower := strings.ToLower(word)
	best, least := "", 3
	for _, k := range directiveKinds {
		if d := nearest.Distance(lower, k); d < least {
			best, least = k, d
		}
	}
	target, clause := cutWord(rest)
	switch {
	case best == "":
		return ""
	case best == "params" && strings.Trim(rest, blanks) != "rows":
		best = "param"
		least = nearest.Distance(lower, best)
	case best == "params":
		return best
	}
	if best == "row" {
		// Many short words are near "row".
		if least <= 1 && strings.HasPrefix(lower, "row") && clause == "" && target != "" && validName(target) {
			return best
		}
		return ""
	}
	first, _ := cutWord(strings.ToLower(clause))
	if least <= 1 || first == "not" || first == "null" || strings.HasPrefix(first, "go:") || intended(first, []string{"nullable"}) != "" {
		return best
	}
	return ""
}

// checkDirectives reports directives that are given twice.
func (s *splitter) checkDirectives(h *Header) bool {
	if len(h.Directives) < 2 {
		return true
	}
	type key struct{ kind, target string }
	seen := make(map[key]bool, len(h.Directives))
	ok := true
	for _, d := range h.Directives {
		k := key{d.Kind, d.Target}
		if seen[k] {
			what := fmt.Sprintf("%s %q", d.Kind, d.Target)
			if d.Target == "" {
				what = d.Kind
			}
			s.diags.Add(s.file.Error(d.Offset, "second directive for the "+what, "say it in one directive"))
			ok = false
		}
		seen[k] = true
	}
	return ok
}

// unquote gives the name that a quoted identifier stands for.
func unquote(quoted string) string {
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `""`, `"`)
}
