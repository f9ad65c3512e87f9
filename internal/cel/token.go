package cel

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenIdent
	tokenInt
	tokenUint
	tokenFloat
	tokenString
	// tokenSymbol is an operator or a bracket.
	tokenSymbol
)

// token is a piece of the text. Its text is as written, but for a string,
// whose value it is.
type token struct {
	kind       tokenKind
	start, end int
	text       string
}

// symbols are those of more than one character.
var symbols = [...]string{"<=", ">=", "==", "!=", "&&", "||"}

// next reads the token at a place of the text.
func (p *parser) next(at int) (token, *Error) {
	text := p.text
	for at < len(text) {
		switch c := text[at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			at++
			continue
		case strings.HasPrefix(text[at:], "//"):
			if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
				at += i
			} else {
				at = len(text)
			}
			continue
		}
		break
	}
	if at >= len(text) {
		// What is missing, is missing behind the last word.
		return token{kind: tokenEnd, start: len(strings.TrimRight(text, " \t\r\n\f")), end: len(text)}, nil
	}
	if quote := quoteAt(text[at:]); quote >= 0 {
		return p.quoted(at, at+quote)
	}
	c := text[at]
	switch {
	case isDigit(c) || c == '.' && at+1 < len(text) && isDigit(text[at+1]):
		return p.number(at)
	case isLetter(c):
		end := at
		for end < len(text) && (isLetter(text[end]) || isDigit(text[end])) {
			end++
		}
		return token{tokenIdent, at, end, text[at:end]}, nil
	}
	for _, s := range symbols {
		if strings.HasPrefix(text[at:], s) {
			return token{tokenSymbol, at, at + len(s), s}, nil
		}
	}
	if strings.IndexByte("<>!?:+-*/%.,()[]{}", c) >= 0 {
		return token{tokenSymbol, at, at + 1, text[at : at+1]}, nil
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	err := fail(at, "unexpected character %q", r)
	switch c {
	case '=':
		err.Hint = "equality is =="
	case '&':
		err.Hint = "and is &&"
	case '|':
		err.Hint = "or is ||"
	}
	return token{}, err
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// quoteAt returns where the quote of a string literal is at the beginning of a
// text, behind the letters r and b, or -1.
func quoteAt(text string) int {
	for i := 0; i < len(text) && i < 3; i++ {
		switch text[i] {
		case '"', '\'':
			return i
		case 'r', 'R', 'b', 'B':
			continue
		}
		return -1
	}
	return -1
}

// quoted reads a string literal, whose letters begin at start and whose quote is
// at open.
func (p *parser) quoted(start, open int) (token, *Error) {
	prefix := strings.ToLower(p.text[start:open])
	if strings.Contains(prefix, "b") {
		return token{}, fail(start, "bytes are not supported: write a string")
	}
	if prefix == "rr" {
		return token{}, fail(start, "unexpected character %q", p.text[start])
	}
	raw := prefix == "r"
	quote := p.text[open : open+1]
	if strings.HasPrefix(p.text[open:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	var b strings.Builder
	for i := open + len(quote); i < len(p.text); {
		switch c := p.text[i]; {
		case strings.HasPrefix(p.text[i:], quote):
			return token{tokenString, start, i + len(quote), b.String()}, nil
		case len(quote) == 1 && (c == '\n' || c == '\r'):
			return token{}, fail(start, "the string has no end on its line")
		case c == '\\' && !raw:
			n, err := p.escape(&b, i)
			if err != nil {
				return token{}, err
			}
			i += n
		default:
			_, n := utf8.DecodeRuneInString(p.text[i:])
			b.WriteString(p.text[i : i+n])
			i += n
		}
	}
	return token{}, fail(start, "the string has no end")
}

// escape reads an escape sequence and returns its length.
func (p *parser) escape(b *strings.Builder, at int) (int, *Error) {
	bad := fail(at, "unknown escape sequence in a string")
	if at+1 >= len(p.text) {
		return 0, bad
	}
	digits := func(from, n, base int) (int, *Error) {
		if from+n > len(p.text) {
			return 0, bad
		}
		v, err := strconv.ParseUint(p.text[from:from+n], base, 32)
		if err != nil || v > utf8.MaxRune || v >= 0xd800 && v < 0xe000 {
			return 0, bad
		}
		b.WriteRune(rune(v))
		return from + n - at, nil
	}
	switch c := p.text[at+1]; c {
	case 'a':
		b.WriteByte('\a')
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'v':
		b.WriteByte('\v')
	case '\\', '?', '"', '\'', '`':
		b.WriteByte(c)
	case 'x', 'X':
		return digits(at+2, 2, 16)
	case 'u':
		return digits(at+2, 4, 16)
	case 'U':
		return digits(at+2, 8, 16)
	case '0', '1', '2', '3':
		return digits(at+1, 3, 8)
	default:
		return 0, bad
	}
	return 2, nil
}

func (p *parser) number(at int) (token, *Error) {
	text, end := p.text, at
	kind := tokenInt
	if strings.HasPrefix(text[at:], "0x") {
		for end = at + 2; end < len(text) && strings.IndexByte("0123456789abcdefABCDEF", text[end]) >= 0; end++ {
			continue
		}
		if end == at+2 {
			end = at + 1 // a zero, and a name behind it
		}
	} else {
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		if end+1 < len(text) && text[end] == '.' && isDigit(text[end+1]) {
			kind = tokenFloat
			for end++; end < len(text) && isDigit(text[end]); end++ {
				continue
			}
		}
		if end < len(text) && text[end]|0x20 == 'e' {
			exp := end + 1
			if exp < len(text) && (text[exp] == '+' || text[exp] == '-') {
				exp++
			}
			if exp < len(text) && isDigit(text[exp]) {
				kind = tokenFloat
				for end = exp; end < len(text) && isDigit(text[end]); end++ {
					continue
				}
			}
		}
	}
	if kind == tokenInt && end < len(text) && text[end]|0x20 == 'u' {
		return token{tokenUint, at, end + 1, text[at:end]}, nil
	}
	return token{kind, at, end, text[at:end]}, nil
}
