package sqltext

import "strings"

// Kind says what a [Token] is.
type Kind uint8

// The kinds of tokens.
const (
	// Comment is "-- …" without its line end, or a whole "/* … */".
	Comment Kind = iota
	// Ident is an unquoted identifier or a keyword.
	Ident
	// QuotedIdent is "…" or U&"…".
	QuotedIdent
	// String is a string or bit string constant of any notation, dollar
	// quotes included.
	String
	// Number is a numeric constant.
	Number
	// Placeholder is $n.
	Placeholder
	// Operator is a run of operator characters, cut where PostgreSQL cuts it.
	Operator
	// Punctuation is one of , ( ) [ ] . ; : or one of the pairs :: := ..
	Punctuation
	// Other is a byte that PostgreSQL has no use for.
	Other
)

// Token is a piece of SQL text, as a byte range. White space lies between
// tokens.
type Token struct {
	Kind       Kind
	Start, End int
}

// Tokens cuts SQL text into tokens, comments included. An unterminated string
// or comment is one token up to the end of the text.
func Tokens(sql string) []Token { return tokens(sql, true) }

// Significant is [Tokens] without the comments.
func Significant(sql string) []Token { return tokens(sql, false) }

func tokens(sql string, comments bool) []Token {
	// Few statements have a token for less than three bytes.
	out := make([]Token, 0, len(sql)/3+8)
	s := scanner{text: sql}
	for {
		t, ok := s.next()
		if !ok {
			return out
		}
		if comments || t.Kind != Comment {
			out = append(out, t)
		}
	}
}

// scanner yields the tokens of a text one by one.
type scanner struct {
	text string
	pos  int
	// unterminated is set when the last token's end is missing.
	unterminated bool
	// runEnd is where the last run of plain operator characters ends,
	// runTrimmed where it ends without the + and - behind it.
	runEnd, runTrimmed int
}

// Character classes of PostgreSQL's scan.l, one bit each.
const (
	classSpace = 1 << iota
	classIdentStart
	classDigit
	classOperator
	// classExotic marks the operator characters that let an operator end in
	// + or -.
	classExotic
	classDollar
)

var classes = func() (c [256]uint8) {
	for _, b := range []byte(" \t\n\r\f\v") {
		c[b] |= classSpace
	}
	for b := 'a'; b <= 'z'; b++ {
		c[b] |= classIdentStart
		c[b-'a'+'A'] |= classIdentStart
	}
	c['_'] |= classIdentStart
	for b := 0x80; b <= 0xff; b++ {
		c[b] |= classIdentStart
	}
	for b := '0'; b <= '9'; b++ {
		c[b] |= classDigit
	}
	for _, b := range []byte("~!@#^&|`?+-*/%<>=") {
		c[b] |= classOperator
	}
	for _, b := range []byte("~!@#^&|`?%") {
		c[b] |= classExotic
	}
	c['$'] |= classDollar
	return c
}()

const classIdent = classIdentStart | classDigit | classDollar

func is(b byte, class uint8) bool { return classes[b]&class != 0 }

// at returns the byte at an offset, or 0 past the end.
func (s *scanner) at(i int) byte {
	if i < len(s.text) {
		return s.text[i]
	}
	return 0
}

// skip moves over bytes of a class, from an offset.
func (s *scanner) skip(i int, class uint8) int {
	for i < len(s.text) && is(s.text[i], class) {
		i++
	}
	return i
}

// next returns the next token; ok is false at the end of the text.
func (s *scanner) next() (t Token, ok bool) {
	s.unterminated = false
	s.pos = s.skip(s.pos, classSpace)
	if s.pos >= len(s.text) {
		return Token{}, false
	}
	start := s.pos
	kind, end := s.scan(start)
	s.pos = end
	return Token{Kind: kind, Start: start, End: end}, true
}

func (s *scanner) scan(i int) (Kind, int) {
	c, after := s.text[i], s.at(i+1)
	switch {
	case is(c, classIdentStart):
		switch {
		case after == '\'' && (c == 'e' || c == 'E'):
			return String, s.quoted(i+2, '\\')
		case after == '\'' && (c == 'b' || c == 'B' || c == 'x' || c == 'X'):
			return String, s.quoted(i+2, 0)
		case after == '\'' && (c == 'n' || c == 'N'):
			// PostgreSQL reads N'…' as the keyword NCHAR and a string.
			return Ident, i + 1
		case after == '&' && (c == 'u' || c == 'U'):
			switch s.at(i + 2) {
			case '\'':
				return String, s.quoted(i+3, '\'')
			case '"':
				return QuotedIdent, s.delimited(i + 3)
			}
			return Ident, i + 1
		}
		return Ident, s.skip(i+1, classIdent)
	case c == '\'':
		return String, s.quoted(i+1, '\'')
	case c == '"':
		return QuotedIdent, s.delimited(i + 1)
	case is(c, classDigit) || c == '.' && is(after, classDigit):
		return Number, s.number(i)
	case c == '$':
		return s.dollar(i)
	case c == '-' && after == '-':
		if n := strings.IndexAny(s.text[i:], "\r\n"); n >= 0 {
			return Comment, i + n
		}
		return Comment, len(s.text)
	case c == '/' && after == '*':
		return Comment, s.block(i + 2)
	case is(c, classOperator):
		return Operator, s.operator(i)
	case c == ':' && (after == ':' || after == '='), c == '.' && after == '.':
		return Punctuation, i + 2
	case strings.IndexByte(",()[].;:", c) >= 0:
		return Punctuation, i + 1
	}
	return Other, i + 1
}

// quoted scans a string constant from behind its opening quote, with the
// pieces that continue it on later lines. What escapes is a quote, a quote or
// a backslash, or (in bit strings) nothing: 0.
func (s *scanner) quoted(i int, escape byte) int {
	for i < len(s.text) {
		switch s.text[i] {
		case '\\':
			i++
			if escape == '\\' && i < len(s.text) {
				i++
			}
		case '\'':
			i++
			if escape != 0 && s.at(i) == '\'' {
				i++
				continue
			}
			next, continued := s.continuation(i)
			if !continued {
				return i
			}
			i = next
		default:
			i++
		}
	}
	s.unterminated = true
	return len(s.text)
}

// continuation looks for the quote that continues a string: white space with
// a line end in it, and then the quote.
func (s *scanner) continuation(i int) (int, bool) {
	end := s.skip(i, classSpace)
	if s.at(end) == '\'' && strings.ContainsAny(s.text[i:end], "\r\n") {
		return end + 1, true
	}
	return i, false
}

// delimited scans a quoted identifier from behind its opening quote.
func (s *scanner) delimited(i int) int {
	for {
		n := strings.IndexByte(s.text[i:], '"')
		if n < 0 {
			s.unterminated = true
			return len(s.text)
		}
		i += n + 1
		if s.at(i) != '"' {
			return i
		}
		i++
	}
}

// dollar scans what begins with $: a placeholder, a dollar-quoted string, or
// a lone $.
func (s *scanner) dollar(i int) (Kind, int) {
	if is(s.at(i+1), classDigit) {
		return Placeholder, s.skip(i+1, classDigit)
	}
	end := i + 1
	if is(s.at(end), classIdentStart) {
		end = s.skip(end, classIdentStart|classDigit)
	}
	if s.at(end) != '$' {
		return Other, i + 1
	}
	tag := s.text[i : end+1]
	n := strings.Index(s.text[end+1:], tag)
	if n < 0 {
		s.unterminated = true
		return String, len(s.text)
	}
	return String, end + 1 + n + len(tag)
}

// block scans a comment, which may hold others, from behind its first mark.
func (s *scanner) block(i int) int {
	for depth := 1; ; {
		n := strings.IndexAny(s.text[i:], "*/")
		if n < 0 {
			s.unterminated = true
			return len(s.text)
		}
		i += n
		switch {
		case s.text[i] == '/' && s.at(i+1) == '*':
			depth++
			i += 2
		case s.text[i] == '*' && s.at(i+1) == '/':
			i += 2
			if depth--; depth == 0 {
				return i
			}
		default:
			i++
		}
	}
}

// operator scans an operator: it stops before a comment, and ends in + or -
// only if it has a character in it that standard SQL does not use.
func (s *scanner) operator(i int) int {
	if i < s.runEnd {
		return max(i+1, s.runTrimmed)
	}
	end, trimmed, exotic := i, i, false
	for end < len(s.text) && is(s.text[end], classOperator) {
		c := s.text[end]
		if end > i && (c == '-' && s.at(end+1) == '-' || c == '/' && s.at(end+1) == '*') {
			break
		}
		exotic = exotic || is(c, classExotic)
		end++
		if c != '+' && c != '-' {
			trimmed = end
		}
	}
	if exotic {
		return end
	}
	// What is cut off is more operators, by the same reckoning.
	s.runEnd, s.runTrimmed = end, trimmed
	return max(i+1, trimmed)
}

// number scans a numeric constant.
func (s *scanner) number(i int) int {
	if s.text[i] == '0' {
		if end := s.prefixed(i); end > 0 {
			return end
		}
	}
	end := s.digits(i, classDigit)
	if s.at(end) == '.' && s.at(end+1) != '.' {
		end = s.digits(end+1, classDigit)
	}
	if c := s.at(end); c == 'e' || c == 'E' {
		exponent := end + 1
		if c := s.at(exponent); c == '+' || c == '-' {
			exponent++
		}
		if is(s.at(exponent), classDigit) {
			end = s.digits(exponent, classDigit)
		}
	}
	return end
}

// digits moves over digits, which single underscores may separate.
func (s *scanner) digits(i int, class uint8) int {
	start := i
	for {
		i = s.skip(i, class)
		if i == start || s.at(i) != '_' || !is(s.at(i+1), class) {
			return i
		}
		i++
	}
}

// prefixed scans 0x…, 0o… and 0b…; it returns 0 if there is no digit behind
// the prefix.
func (s *scanner) prefixed(i int) int {
	var valid string
	switch s.at(i + 1) {
	case 'x', 'X':
		valid = "0123456789abcdefABCDEF"
	case 'o', 'O':
		valid = "01234567"
	case 'b', 'B':
		valid = "01"
	default:
		return 0
	}
	end := i + 2
	for {
		next := end
		if s.at(next) == '_' {
			next++
		}
		if next >= len(s.text) || strings.IndexByte(valid, s.text[next]) < 0 {
			break
		}
		end = next + 1
	}
	if end == i+2 {
		return 0
	}
	return end
}
