package nodetree

import (
	"fmt"
)

// maxDepth bounds the nesting of brackets. PostgreSQL's own stack limit stops
// expressions well before.
const maxDepth = 20000

// Parse reads the text of one node, or of one list. A list comes back as a
// node with an empty tag whose [Node.Items] are the elements. Spaces and line
// breaks, which the server adds when it prints to a client, separate tokens
// and mean nothing else.
func Parse(text string) (*Node, error) {
	p := parser{text: text}
	// An average field takes 15 bytes and an average node 130. Being wrong costs
	// another chunk.
	p.fields = make([]field, 0, len(text)/15+8)
	p.nodes = make([]Node, 0, len(text)/130+4)
	p.space()
	var v Value
	var err error
	switch p.peek() {
	case '{':
		v, err = p.node(0)
	case '(':
		v, err = p.list(0)
	default:
		return nil, p.fail("expected { or (")
	}
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(p.text) {
		return nil, p.fail("unexpected text after the tree")
	}
	if v.kind == Numbers {
		return nil, p.fail("expected a node or a list of nodes")
	}
	return v.node, nil
}

type parser struct {
	text string
	pos  int
	// nodes and fields are chunks that finished nodes are cut from. They are
	// replaced when full, never grown: pointers into them stay good.
	nodes  []Node
	fields []field
	items  []Value
	// open and pending hold what belongs to the nodes and lists that have not
	// ended yet.
	open    []field
	pending []Value
}

func (p *parser) fail(message string) error {
	return fmt.Errorf("node tree: %s at byte %d of %d", message, p.pos, len(p.text))
}

// Character classes of the text.
const (
	isSpace = 1 << iota
	isBracket
	isEscape
)

var class = [256]uint8{
	' ': isSpace, '\n': isSpace, '\t': isSpace, '\r': isSpace,
	'(': isBracket, ')': isBracket, '{': isBracket, '}': isBracket,
	'\\': isEscape,
}

func (p *parser) space() {
	for p.pos < len(p.text) && class[p.text[p.pos]] == isSpace {
		p.pos++
	}
}

// peek returns the next character, or 0 at the end of the text.
func (p *parser) peek() byte {
	if p.pos < len(p.text) {
		return p.text[p.pos]
	}
	return 0
}

// token reads up to a space or a bracket; an escaped one belongs to the token.
func (p *parser) token() string {
	text, start, i := p.text, p.pos, p.pos
	for i < len(text) {
		if c := class[text[i]]; c != 0 {
			if c != isEscape {
				break
			}
			if i++; i == len(text) {
				break
			}
		}
		i++
	}
	p.pos = i
	return text[start:i]
}

// value reads what follows a field name, or a list's element.
func (p *parser) value(depth int) (Value, error) {
	switch p.peek() {
	case '{':
		return p.node(depth + 1)
	case '(':
		return p.list(depth + 1)
	case ')', '}':
		return Value{}, p.fail("unexpected closing bracket")
	}
	t := p.token()
	if t == "" {
		return Value{}, p.fail("unexpected end")
	}
	if t == "<>" {
		return Value{}, nil
	}
	return Value{kind: Scalar, raw: t}, nil
}

func (p *parser) node(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, p.fail("nested too deeply")
	}
	p.pos++
	p.space()
	tag := p.token()
	if tag == "" {
		return Value{}, p.fail("expected the name of a node")
	}
	base := len(p.open)
	for {
		p.space()
		switch p.peek() {
		case '}':
			p.pos++
			n := p.newNode()
			n.tag = tag
			n.fields = p.cutFields(base)
			return Value{kind: Tree, node: n}, nil
		case ':':
			p.pos++
			name := p.token()
			p.space()
			if p.peek() == '}' {
				// The writer prints nothing for a node it does not know.
				p.open = append(p.open, field{name: name})
				continue
			}
			start := p.pos
			v, err := p.value(depth)
			if err != nil {
				return Value{}, err
			}
			// A string may begin with a colon, so the first token is always the
			// value. Further ones belong to it, as in "4 [ 1 0 0 0 ]".
			if v.kind == Scalar && p.more() {
				v.raw = p.text[start:p.pos]
			}
			p.open = append(p.open, field{name: name, value: v})
		case 0:
			if p.pos >= len(p.text) {
				return Value{}, p.fail("unexpected end")
			}
			fallthrough
		default:
			// Values without a name, of raw parse trees and of nodes that the
			// writer does not know.
			if _, err := p.value(depth); err != nil {
				return Value{}, err
			}
		}
	}
}

// more reads the further tokens of a value up to the next field or bracket and
// reports whether there are any.
func (p *parser) more() bool {
	more := false
	for {
		at := p.pos
		p.space()
		switch p.peek() {
		case ':', '}', '{', '(', ')', 0:
			p.pos = at
			return more
		}
		p.token()
		more = true
	}
}

func (p *parser) list(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, p.fail("nested too deeply")
	}
	p.pos++
	// A lone letter after the bracket says that numbers follow; strings in lists
	// are quoted.
	if p.pos+1 < len(p.text) {
		switch p.text[p.pos] {
		case 'i', 'o', 'b', 'x':
			if c := class[p.text[p.pos+1]]; c == isSpace || p.text[p.pos+1] == ')' {
				return p.numbers()
			}
		}
	}
	base := len(p.pending)
	for {
		p.space()
		switch p.peek() {
		case ')':
			p.pos++
			n := p.newNode()
			n.items = p.cutItems(base)
			return Value{kind: List, node: n}, nil
		case 0:
			if p.pos >= len(p.text) {
				return Value{}, p.fail("unexpected end")
			}
		}
		v, err := p.value(depth)
		if err != nil {
			return Value{}, err
		}
		p.pending = append(p.pending, v)
	}
}

func (p *parser) numbers() (Value, error) {
	p.pos++
	start := p.pos
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == ')':
			p.pos++
			return Value{kind: Numbers, raw: p.text[start : p.pos-1]}, nil
		case class[c]&(isBracket|isEscape) != 0:
			return Value{}, p.fail("expected a number")
		}
		p.pos++
	}
	return Value{}, p.fail("unexpected end")
}

func (p *parser) newNode() *Node {
	if len(p.nodes) == cap(p.nodes) {
		p.nodes = make([]Node, 0, 2*cap(p.nodes))
	}
	p.nodes = p.nodes[:len(p.nodes)+1]
	return &p.nodes[len(p.nodes)-1]
}

func (p *parser) cutFields(base int) []field {
	done := p.open[base:]
	p.open = p.open[:base]
	if len(done) == 0 {
		return nil
	}
	if cap(p.fields)-len(p.fields) < len(done) {
		p.fields = make([]field, 0, max(len(done), cap(p.fields)))
	}
	from := len(p.fields)
	p.fields = append(p.fields, done...)
	return p.fields[from:len(p.fields):len(p.fields)]
}

func (p *parser) cutItems(base int) []Value {
	done := p.pending[base:]
	p.pending = p.pending[:base]
	if len(done) == 0 {
		return nil
	}
	if cap(p.items)-len(p.items) < len(done) {
		p.items = make([]Value, 0, max(len(done), 32, 2*cap(p.items)))
	}
	from := len(p.items)
	p.items = append(p.items, done...)
	return p.items[from:len(p.items):len(p.items)]
}
