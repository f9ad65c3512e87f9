package sqltext

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

// Rewritten is a statement as it is sent.
type Rewritten struct {
	// SQL has positional parameters only and stars still unexpanded. A query's
	// begins with its header, in a line of its own.
	SQL string
	// Params are in the order of their numbers. A number that the user skipped
	// is missing here too.
	Params []Param
	Embeds []Embed

	origin Origin
}

// MapOffset converts a byte offset in SQL into one in the file's text: exact
// for copied bytes, and where the macro begins for what replaces one.
func (r *Rewritten) MapOffset(offset int) int { return r.origin.Offset(offset) }

// ParamKind says how the user wrote a parameter.
type ParamKind int

// The kinds of parameters. Where several uses of a name differ, the later kind
// in this list wins.
const (
	// Positional is $n.
	Positional ParamKind = iota
	// Arg is @name or sqlc.arg(name).
	Arg
	// Narg is sqlc.narg(name), which may be NULL.
	Narg
	// Slice is sqlc.slice(name), an array.
	Slice
)

// Param is one parameter of a statement.
type Param struct {
	// Number is n of $n, from 1.
	Number int
	// Name is as the user first wrote it, and empty for a positional one.
	// Uses that differ in case only are the same parameter.
	Name string
	// Folded is the name as PostgreSQL and sqlc read it: in lower case unless
	// it was quoted.
	Folded string
	Kind   ParamKind
	// Nullable is true if any use is sqlc.narg.
	Nullable bool
	// Offsets are where the uses begin in the file's text, in order.
	Offsets []int
}

// Embed is one sqlc.embed(t), which becomes the select item t.*.
type Embed struct {
	// Name is the relation's name or alias as PostgreSQL reads it.
	Name string
	// Start and End bound the star expression in SQL.
	Start, End int
	// Offset is where the macro begins in the file's text.
	Offset int
}

// Rewrite turns named parameters and macros into positional parameters. What
// is wrong with a macro is reported, and the macro left as it is.
//
// A parameter is an "@" directly before a name. Where the "@" also ends a
// longer run of operator characters, as in "a=@x", PostgreSQL would read one
// operator: it is taken apart, unless PostgreSQL or one of its extensions has
// an operator of that very name ("<@", "@@", "^@", …), which stays.
//
// The same name is the same parameter. Named parameters are numbered in the
// order of their first use, from the highest positional one on.
//
// It is done once for each statement; the caller must not change the result. It
// is not safe for concurrent use on the same statement.
func (s *Statement) Rewrite() (*Rewritten, diag.List) {
	if s.rewritten == nil {
		s.rewritten, s.problems = s.rewrite()
	}
	return s.rewritten, s.problems
}

func (s *Statement) rewrite() (*Rewritten, diag.List) {
	w := rewriter{statement: s, builder: NewBuilder(s.File.Text), tokens: s.Significant()}
	w.builder.out = make([]byte, 0, s.End-s.Start+64)
	w.builder.origin.pieces = make([]piece, 0, 8)
	w.text = s.File.Text
	w.run()
	return w.out, w.diags
}

// atOperators are the operators of PostgreSQL and the extensions it ships that
// end in "@", other than "@" itself.
var atOperators = map[string]bool{
	"<@": true, "@@": true, "@@@": true, "^@": true, "@-@": true, // core
	"?@": true, "?<@": true, "^<@": true, // ltree
}

// maxParameter is the highest n of $n that fits PostgreSQL's protocol.
const maxParameter = math.MaxUint16

type rewriter struct {
	statement *Statement
	text      string
	tokens    []Token
	builder   *Builder
	diags     diag.List
	out       *Rewritten

	// closing has, for the token that opens a parenthesis, the one that closes
	// it, or -1. It is nil until it is needed.
	closing []int
	// leftOpen is true once a macro without its end was reported.
	leftOpen bool
	// copied is the offset up to which the file is in the builder.
	copied int
	// positional are the parameters by number, named those by name.
	positional map[int]*Param
	named      map[string]*Param
	order      []*Param
	highest    int
}

// use is a macro or a named parameter in the text.
type use struct {
	// start and end bound it in the file, last is its last token.
	start, end, last int
	kind             ParamKind
	embed            bool
	// argument is the name as PostgreSQL reads it, written as the user wrote
	// it, quoted the text to put in front of ".*".
	argument, written, quoted string
}

func (w *rewriter) run() {
	s := w.statement
	if s.Header != nil {
		w.builder.Insert(s.Header.Text(), s.Header.Offset)
	}
	w.copied = s.Start
	w.countPositional()
	w.out = &Rewritten{}
	for i := 0; i < len(w.tokens); i++ {
		if kind := w.tokens[i].Kind; kind != Operator && kind != Ident {
			continue
		}
		u, found := w.find(i)
		if !found {
			continue
		}
		if u.embed {
			w.embed(u)
		} else {
			w.param(u, i)
		}
		i = u.last
	}
	w.builder.rest(w.copied, s.End)
	w.out.SQL, w.out.origin = w.builder.Build()
	w.out.origin.end = s.End
	if n := len(w.positional) + len(w.order); n > 0 {
		w.out.Params = make([]Param, 0, n)
	}
	for n := 1; n <= w.highest && len(w.out.Params) < len(w.positional); n++ {
		if p := w.positional[n]; p != nil {
			w.out.Params = append(w.out.Params, *p)
		}
	}
	for _, p := range w.order {
		w.out.Params = append(w.out.Params, *p)
	}
}

// countPositional collects the parameters that are positional already.
func (w *rewriter) countPositional() {
	for _, t := range w.tokens {
		if t.Kind != Placeholder {
			continue
		}
		n, err := strconv.Atoi(w.text[t.Start+1 : t.End])
		switch {
		case err != nil || n > maxParameter:
			w.diags.Add(w.statement.File.Error(t.Start, fmt.Sprintf("parameter number %s is too high", w.text[t.Start:t.End]), fmt.Sprintf("PostgreSQL takes up to %d parameters", maxParameter)))
			continue
		case n == 0:
			w.diags.Add(w.statement.File.Error(t.Start, "there is no parameter $0", "parameters are numbered from $1"))
			continue
		}
		w.highest = max(w.highest, n)
		if w.positional == nil {
			w.positional = make(map[int]*Param, 8)
		}
		p := w.positional[n]
		if p == nil {
			p = &Param{Number: n, Kind: Positional}
			w.positional[n] = p
		}
		p.Offsets = append(p.Offsets, t.Start)
	}
}

// find reads a use that begins at an operator or a word.
func (w *rewriter) find(i int) (use, bool) {
	switch t := w.tokens[i]; {
	case t.Kind == Operator && w.text[t.End-1] == '@':
		return w.findAt(i)
	case t.Kind == Ident && t.End-t.Start == len("sqlc") && strings.EqualFold(w.text[t.Start:t.End], "sqlc"):
		return w.findMacro(i)
	}
	return use{}, false
}

// findAt reads @name, whose "@" ends the operator at a token.
func (w *rewriter) findAt(i int) (use, bool) {
	t := w.tokens[i]
	if i+1 == len(w.tokens) || w.tokens[i+1].Start != t.End || atOperators[w.text[t.Start:t.End]] {
		return use{}, false
	}
	name := w.tokens[i+1]
	u := use{start: t.End - 1, end: name.End, last: i + 1, kind: Arg}
	if !w.name(&u, name) || w.isMacro(i+1) {
		return use{}, false
	}
	return u, true
}

// name takes an identifier token as the argument of a use.
func (w *rewriter) name(u *use, t Token) bool {
	text := w.text[t.Start:t.End]
	switch {
	case t.Kind == Ident:
		u.argument, u.written, u.quoted = lower(text), text, text
	case t.Kind == QuotedIdent && text[0] == '"' && len(text) > 2 && text[len(text)-1] == '"':
		u.argument, u.quoted = unquote(text), text
		u.written = u.argument
	default:
		return false
	}
	return true
}

// lower folds a name as PostgreSQL does in UTF-8 databases: ASCII only.
func lower(name string) string {
	for i := 0; i < len(name); i++ {
		if 'A' <= name[i] && name[i] <= 'Z' {
			b := []byte(name)
			for ; i < len(b); i++ {
				if 'A' <= b[i] && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return name
}

// isMacro reports whether "sqlc . name (" begins at a token.
func (w *rewriter) isMacro(i int) bool {
	return i+3 < len(w.tokens) && strings.EqualFold(w.word(i), "sqlc") && w.punctuation(i+1, ".") &&
		w.tokens[i+2].Kind == Ident && w.punctuation(i+3, "(") && (i == 0 || !w.punctuation(i-1, "."))
}

// word is the text of an unquoted identifier, else "".
func (w *rewriter) word(i int) string {
	if i < 0 || i >= len(w.tokens) || w.tokens[i].Kind != Ident {
		return ""
	}
	return w.text[w.tokens[i].Start:w.tokens[i].End]
}

func (w *rewriter) punctuation(i int, text string) bool {
	return i >= 0 && i < len(w.tokens) && w.tokens[i].Kind == Punctuation && w.text[w.tokens[i].Start:w.tokens[i].End] == text
}

var macros = []string{"arg", "narg", "slice", "embed"}

// findMacro reads sqlc.name(argument) from its first token on.
func (w *rewriter) findMacro(i int) (use, bool) {
	if !w.isMacro(i) {
		return use{}, false
	}
	start := w.tokens[i].Start
	name := "sqlc." + strings.ToLower(w.word(i+2))
	u := use{start: start}
	switch name {
	case "sqlc.arg":
		u.kind = Arg
	case "sqlc.narg":
		u.kind = Narg
	case "sqlc.slice":
		u.kind = Slice
	case "sqlc.embed":
		u.embed = true
	default:
		hint := "the macros are sqlc.arg, sqlc.narg, sqlc.slice and sqlc.embed"
		if best := intended(name[len("sqlc."):], macros); best != "" {
			hint = "did you mean sqlc." + best + "?"
		}
		w.fault(start, fmt.Sprintf("function %q does not exist", "sqlc."+w.word(i+2)), hint)
		return use{}, false
	}
	end, arguments := i+5, 1
	if !w.punctuation(end, ")") || w.tokens[i+4].Kind == Punctuation {
		end, arguments = w.arguments(i + 3)
	}
	if end < 0 {
		// Those inside of it that are open too do not need telling.
		if !w.leftOpen {
			w.fault(start, name+" without its closing parenthesis", "")
		}
		w.leftOpen = true
		return use{}, false
	}
	u.last, u.end = end, w.tokens[end].End
	if arguments != 1 {
		w.fault(start, fmt.Sprintf("expected 1 parameter to %s; got %d", name, arguments), fmt.Sprintf("write %s(name)", name))
		return use{}, false
	}
	if what := w.argument(&u, i+4, end); what != "" {
		w.fault(start, fmt.Sprintf("expected parameter to %s to be a name or a string; got %s", name, what), fmt.Sprintf("write %s(name) or %s('name')", name, name))
		return use{}, false
	}
	return u, true
}

func (w *rewriter) fault(offset int, message, hint string) {
	w.diags.Add(w.statement.File.Error(offset, message, hint))
}

// arguments finds the parenthesis that closes the one at a token, and counts
// the arguments between them. It returns -1 if there is none.
func (w *rewriter) arguments(open int) (end, count int) {
	if w.closing == nil {
		w.pair()
	}
	end = w.closing[open]
	if end < 0 {
		return -1, 0
	}
	if end > open+1 {
		count = 1
	}
	for i := open + 1; i < end; i++ {
		if w.closing[i] > i {
			i = w.closing[i]
		} else if w.punctuation(i, ",") {
			count++
		}
	}
	return end, count
}

// pair finds the partner of every opening parenthesis and bracket.
func (w *rewriter) pair() {
	w.closing = make([]int, len(w.tokens))
	var open []int
	for i, t := range w.tokens {
		w.closing[i] = -1
		if t.Kind != Punctuation {
			continue
		}
		switch w.text[t.Start] {
		case '(', '[':
			open = append(open, i)
		case ')', ']':
			if n := len(open); n > 0 {
				w.closing[open[n-1]] = i
				open = open[:n-1]
			}
		}
	}
}

// argument takes the tokens from..to as the name that a macro is given. It
// returns what they are instead if they are none.
func (w *rewriter) argument(u *use, from, to int) (fault string) {
	t := w.tokens[from]
	switch {
	case w.isMacro(from):
		return "another macro"
	case t.Kind == Placeholder:
		return "a positional parameter"
	case u.embed && to-from == 3 && w.punctuation(from+1, "."):
		// A table with its schema.
		var table use
		if !w.name(u, t) || !w.name(&table, w.tokens[from+2]) {
			return "an expression"
		}
		u.argument, u.written = table.argument, table.written
		u.quoted += "." + table.quoted
		return ""
	case to-from > 1:
		return "an expression"
	case t.Kind == String:
		text := w.text[t.Start:t.End]
		value, ok := plainString(text)
		if !ok {
			return "a string with a prefix or on several lines"
		}
		if strings.TrimSpace(value) == "" {
			return "an empty string"
		}
		u.argument, u.written, u.quoted = value, value, quote(value)
		return ""
	case w.name(u, t):
		return ""
	case t.Kind == Number:
		return "a number"
	}
	return "an expression"
}

// plainString gives the value of a string constant between single quotes.
func plainString(text string) (string, bool) {
	if len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\'' {
		return "", false
	}
	value := strings.ReplaceAll(text[1:len(text)-1], "''", "\x00")
	if strings.ContainsAny(value, "'\r\n") {
		return "", false
	}
	return strings.ReplaceAll(value, "\x00", "'"), true
}

// quote gives an identifier for a name: quoted unless that changes nothing.
func quote(name string) string {
	plain := name != "" && !is(name[0], classDigit|classDollar)
	for i := 0; plain && i < len(name); i++ {
		plain = is(name[i], classIdent) && name[i] < 0x80 && (name[i] < 'A' || name[i] > 'Z')
	}
	if plain {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// replace puts a text in the place of a range of the file.
func (w *rewriter) replace(start, end int, text string) (at int) {
	w.builder.rest(w.copied, start)
	at = w.builder.word(text, start)
	w.copied = end
	return at
}

func (w *rewriter) embed(u use) {
	at := w.replace(u.start, u.end, u.quoted+".*")
	w.out.Embeds = append(w.out.Embeds, Embed{Name: u.argument, Start: at, End: w.builder.Len(), Offset: u.start})
}

// param puts $n in the place of a use that begins at a token.
func (w *rewriter) param(u use, i int) {
	key := strings.ToLower(u.argument)
	p := w.named[key]
	if p == nil {
		w.highest++
		p = &Param{Number: w.highest, Name: u.written, Folded: u.argument, Kind: u.kind}
		if w.named == nil {
			w.named = make(map[string]*Param, 8)
		}
		w.named[key] = p
		w.order = append(w.order, p)
		if p.Number == maxParameter+1 {
			w.fault(u.start, "too many parameters", fmt.Sprintf("PostgreSQL takes up to %d parameters", maxParameter))
		}
	}
	p.Kind = max(p.Kind, u.kind)
	p.Nullable = p.Nullable || u.kind == Narg
	p.Offsets = append(p.Offsets, u.start)
	if u.kind == Slice {
		w.slice(u, i)
	}
	w.replace(u.start, u.end, "$"+strconv.Itoa(p.Number))
}

// slice turns the IN before "(sqlc.slice(x))" into = ANY, a NOT IN into
// <> ALL. All other bytes stay, those between NOT and IN included.
func (w *rewriter) slice(u use, i int) {
	if !w.punctuation(i-1, "(") || !strings.EqualFold(w.word(i-2), "in") {
		return
	}
	if end, count := w.arguments(i - 1); end > 0 && count > 1 {
		w.fault(u.start, "sqlc.slice beside other values of an IN list", "write x = ANY(sqlc.slice(name)) OR x IN (…)")
		return
	}
	in, not := w.tokens[i-2], w.word(i-3)
	if strings.EqualFold(not, "not") {
		w.replace(w.tokens[i-3].Start, w.tokens[i-3].End, "<>")
		w.replace(in.Start, in.End, "ALL")
		return
	}
	w.replace(in.Start, in.End, "= ANY")
}
