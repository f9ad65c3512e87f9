package cel

import (
	"slices"
	"strconv"
	"strings"
)

// nodeKind says what a node is.
type nodeKind int

const (
	literalNode nodeKind = iota
	identNode
	// selectNode is args[0].name; hasNode asks whether that is there.
	selectNode
	hasNode
	// callNode is name(args), methodNode is args[0].name(args[1:]).
	callNode
	methodNode
	listNode
	// mapNode has keys and values in turn.
	mapNode
	// loopNode is args[0].name(variable, args[1:]) for one of the macros.
	loopNode
)

// node is a node of the syntax tree. Operators are calls of functions of their
// own names, the index operator one of "[]".
type node struct {
	kind   nodeKind
	offset int
	name   string
	value  Value
	args   []*node
	// variable is that of a loop.
	variable string
	// outermost is true for a variable that cannot be that of a loop.
	outermost bool
}

type parser struct {
	text  string
	token token
	depth int
}

// maxDepth bounds the nesting of expressions, as cel-go does.
const maxDepth = 250

var reserved = []string{
	"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
	"namespace", "null", "package", "return", "true", "var", "void", "while",
}

// advance goes on to the next token.
func (p *parser) advance() *Error {
	t, err := p.next(p.token.end)
	if err == nil {
		p.token = t
	}
	return err
}

func (p *parser) is(symbol string) bool { return p.token.kind == tokenSymbol && p.token.text == symbol }

func (p *parser) isWord(word string) bool { return p.token.kind == tokenIdent && p.token.text == word }

// unexpected is about the token at hand.
func (p *parser) unexpected(want string) *Error {
	if want != "" {
		want = ", expected " + want
	}
	if p.token.kind == tokenEnd {
		return fail(p.token.start, "the expression ends too early%s", want)
	}
	err := fail(p.token.start, "unexpected %q%s", p.token.text, want)
	if p.token.kind == tokenIdent {
		switch strings.ToLower(p.token.text) {
		case "and":
			err.Hint = "and is &&"
		case "or":
			err.Hint = "or is ||"
		case "not":
			err.Hint = "not is !"
		}
	}
	return err
}

func (p *parser) expect(symbol string) *Error {
	if !p.is(symbol) {
		return p.unexpected(strconv.Quote(symbol))
	}
	return p.advance()
}

func (p *parser) parse() (*node, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.token.kind != tokenEnd {
		return nil, p.unexpected("an operator")
	}
	return n, nil
}

func (p *parser) expression() (*node, *Error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fail(p.token.start, "the expression is nested too deeply")
	}
	defer func() { p.depth-- }()
	condition, err := p.binary(0)
	if err != nil || !p.is("?") {
		return condition, err
	}
	at := p.token.start
	if err := p.advance(); err != nil {
		return nil, err
	}
	yes, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if err := p.expect(":"); err != nil {
		return nil, err
	}
	no, err := p.expression()
	if err != nil {
		return nil, err
	}
	return &node{kind: callNode, name: "?:", offset: at, args: []*node{condition, yes, no}}, nil
}

// precedence lists the binary operators from those that bind least.
var precedence = [...][]string{{"||"}, {"&&"}, {"<", "<=", ">=", ">", "==", "!=", "in"}, {"+", "-"}, {"*", "/", "%"}}

func (p *parser) binary(level int) (*node, *Error) {
	if level == len(precedence) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	if err != nil {
		return nil, err
	}
	for (p.token.kind == tokenSymbol || p.isWord("in")) && slices.Contains(precedence[level], p.token.text) {
		n := &node{kind: callNode, name: p.token.text, offset: p.token.start}
		if err := p.advance(); err != nil {
			return nil, err
		}
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		n.args = []*node{left, right}
		left = n
	}
	return left, nil
}

func (p *parser) unary() (*node, *Error) {
	at := p.token.start
	operator := p.token.text
	if !p.is("!") && !p.is("-") {
		return p.member()
	}
	count := 0
	for p.is(operator) {
		if err := p.advance(); err != nil {
			return nil, err
		}
		count++
	}
	if operator == "-" && count == 1 && (p.token.kind == tokenInt || p.token.kind == tokenFloat) {
		// The smallest number has no positive counterpart.
		n, err := p.literal("-")
		if err != nil {
			return nil, err
		}
		n.offset = at
		return p.members(n)
	}
	n, err := p.member()
	if err != nil || count%2 == 0 {
		// Two negations are none.
		return n, err
	}
	name := operator
	if operator == "-" {
		name = "-x"
	}
	return &node{kind: callNode, name: name, offset: at, args: []*node{n}}, nil
}

func (p *parser) member() (*node, *Error) {
	n, err := p.primary()
	if err != nil {
		return nil, err
	}
	return p.members(n)
}

// members reads what follows an operand: fields, methods, indexes.
func (p *parser) members(n *node) (*node, *Error) {
	for depth := 0; ; depth++ {
		if depth > maxDepth {
			return nil, fail(p.token.start, "the expression is nested too deeply")
		}
		switch {
		case p.is("."):
			if err := p.advance(); err != nil {
				return nil, err
			}
			if p.token.kind != tokenIdent {
				return nil, p.unexpected("the name of a field or a function")
			}
			name, at := p.token.text, p.token.start
			if slices.Contains([]string{"in", "true", "false", "null"}, name) {
				return nil, p.unexpected("the name of a field or a function")
			}
			if err := p.advance(); err != nil {
				return nil, err
			}
			if !p.is("(") {
				n = &node{kind: selectNode, name: name, offset: at, args: []*node{n}}
				continue
			}
			args, err := p.arguments()
			if err != nil {
				return nil, err
			}
			if n, err = method(at, name, n, args); err != nil {
				return nil, err
			}
		case p.is("["):
			at := p.token.start
			if err := p.advance(); err != nil {
				return nil, err
			}
			index, err := p.expression()
			if err != nil {
				return nil, err
			}
			if err := p.expect("]"); err != nil {
				return nil, err
			}
			n = &node{kind: callNode, name: "[]", offset: at, args: []*node{n, index}}
		case p.is("{"):
			return nil, fail(p.token.start, "the making of messages is not supported")
		default:
			return n, nil
		}
	}
}

// method makes a call of a method, or of a macro that looks like one.
func method(at int, name string, target *node, args []*node) (*node, *Error) {
	count := map[string][]int{"all": {2}, "exists": {2}, "exists_one": {2}, "filter": {2}, "map": {2, 3}}[name]
	if !slices.Contains(count, len(args)) {
		return &node{kind: methodNode, name: name, offset: at, args: append([]*node{target}, args...)}, nil
	}
	if args[0].kind != identNode {
		return nil, fail(args[0].offset, "the first argument of %s must be the name of a variable", name)
	}
	variable := args[0].name
	if args[0].outermost {
		variable = "." + variable // which no name in the loop is
	}
	return &node{kind: loopNode, name: name, offset: at, variable: variable, args: append([]*node{target}, args[1:]...)}, nil
}

// arguments reads a list in parentheses.
func (p *parser) arguments() ([]*node, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	var out []*node
	for !p.is(")") {
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		out = append(out, n)
		if p.is(")") {
			break
		}
		if !p.is(",") {
			return nil, p.unexpected(`"," or ")"`)
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.is(")") {
			return nil, p.unexpected("an argument")
		}
	}
	return out, p.advance()
}

func (p *parser) primary() (*node, *Error) {
	at := p.token.start
	switch p.token.kind {
	case tokenInt, tokenUint, tokenFloat, tokenString:
		return p.literal("")
	case tokenIdent:
		return p.word()
	}
	switch {
	case p.is("("):
		if err := p.advance(); err != nil {
			return nil, err
		}
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	case p.is("["):
		if err := p.advance(); err != nil {
			return nil, err
		}
		n := &node{kind: listNode, offset: at}
		if p.is(",") {
			if err := p.advance(); err != nil {
				return nil, err
			}
			return n, p.expect("]")
		}
		for !p.is("]") {
			item, err := p.expression()
			if err != nil {
				return nil, err
			}
			n.args = append(n.args, item)
			if p.is("]") {
				break
			}
			if err := p.expect(","); err != nil {
				return nil, err
			}
		}
		return n, p.advance()
	case p.is("{"):
		return p.mapping(at)
	case p.is("."):
		// A name from the outermost scope.
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.token.kind == tokenIdent && !slices.Contains(reserved, p.token.text) {
			return p.name(true)
		}
	}
	return nil, p.unexpected("")
}

func (p *parser) mapping(at int) (*node, *Error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	n := &node{kind: mapNode, offset: at}
	if p.is(",") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		return n, p.expect("}")
	}
	for !p.is("}") {
		key, err := p.expression()
		if err != nil {
			return nil, err
		}
		if err := p.expect(":"); err != nil {
			return nil, err
		}
		value, err := p.expression()
		if err != nil {
			return nil, err
		}
		n.args = append(n.args, key, value)
		if p.is("}") {
			break
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
	return n, p.advance()
}

// word reads a name, a constant that is a word, or a call.
func (p *parser) word() (*node, *Error) {
	name, at := p.token.text, p.token.start
	switch name {
	case "true", "false":
		return &node{kind: literalNode, offset: at, value: name == "true"}, p.advance()
	case "null":
		return &node{kind: literalNode, offset: at}, p.advance()
	}
	if slices.Contains(reserved, name) {
		return nil, fail(at, "%s is a reserved word", name)
	}
	return p.name(false)
}

// name reads a variable or a call. One of the outermost scope has a dot before
// it.
func (p *parser) name(outermost bool) (*node, *Error) {
	name, at := p.token.text, p.token.start
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.is("(") {
		return &node{kind: identNode, name: name, offset: at, outermost: outermost}, nil
	}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if name != "has" || len(args) != 1 || outermost {
		return &node{kind: callNode, name: name, offset: at, args: args}, nil
	}
	if args[0].kind != selectNode {
		return nil, fail(args[0].offset, "has() asks for a field, as in has(query.name)")
	}
	return &node{kind: hasNode, name: args[0].name, offset: args[0].offset, args: args[0].args}, nil
}

// literal reads a number or a string.
func (p *parser) literal(sign string) (*node, *Error) {
	t := p.token
	n := &node{kind: literalNode, offset: t.start}
	var err error
	digits, base := t.text, 10
	if len(digits) > 2 && digits[1]|0x20 == 'x' {
		digits, base = digits[2:], 16
	}
	switch t.kind {
	case tokenString:
		n.value = t.text
	case tokenInt:
		n.value, err = strconv.ParseInt(sign+digits, base, 64)
	case tokenUint:
		n.value, err = strconv.ParseUint(digits, base, 64)
	case tokenFloat:
		n.value, err = strconv.ParseFloat(sign+t.text, 64)
	}
	if err != nil {
		return nil, fail(t.start, "%s%s is out of range", sign, t.text)
	}
	return n, p.advance()
}
