package nodetree

import (
	"iter"
	"strconv"
	"strings"
)

// Kind says what a [Value] holds.
type Kind uint8

const (
	// Null is a null pointer, printed "<>", and the value of a missing field.
	Null Kind = iota
	// Scalar is one token or several: a number, a string, the bytes of a datum.
	Scalar
	// Numbers is a list of integers, OIDs or transaction IDs, or a bitmapset.
	Numbers
	// List is a list of values.
	List
	// Tree is a node.
	Tree
)

// Value is what a field or a list element holds.
type Value struct {
	kind Kind
	// raw is the text of a Scalar, or what stands between the letter and the
	// bracket of Numbers.
	raw string
	// node is the node of a Tree; a List is a node without a tag.
	node *Node
}

// NodeValue returns a value that holds n.
func NodeValue(n *Node) Value {
	if n == nil {
		return Value{}
	}
	return Value{kind: Tree, node: n}
}

// Kind says what the value holds.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether the value is a null pointer or missing.
func (v Value) IsNull() bool { return v.kind == Null }

// Raw returns a scalar as printed, escapes included.
func (v Value) Raw() string { return v.raw }

// Node returns the node that the value holds, or nil.
func (v Value) Node() *Node {
	if v.kind != Tree {
		return nil
	}
	return v.node
}

// List returns the elements of a list; a list of numbers has none.
func (v Value) List() []Value {
	if v.kind != List {
		return nil
	}
	return v.node.items
}

// Text returns a string without quotes and escapes. A wrapped line can replace
// an escaped space by an escaped newline, so a newline is read as a space.
func (v Value) Text() string {
	s := v.raw
	if v.kind != Scalar {
		return ""
	}
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			i++
			if c = s[i]; c == '\n' {
				c = ' '
			}
		}
		b = append(b, c)
	}
	return string(b)
}

// Bool reports whether the value is the token "true".
func (v Value) Bool() bool { return v.raw == "true" && v.kind == Scalar }

// Int returns the value as a number, and whether it is one.
func (v Value) Int() (int, bool) {
	if v.kind != Scalar {
		return 0, false
	}
	return number(v.raw)
}

// Numbers yields the elements of a list of numbers or of a bitmapset.
func (v Value) Numbers() iter.Seq[int] {
	return func(yield func(int) bool) {
		if v.kind != Numbers {
			return
		}
		for f := range strings.FieldsSeq(v.raw) {
			if n, ok := number(f); ok && !yield(n) {
				return
			}
		}
	}
}

// Datum returns the bytes of a constant, printed as "4 [ 1 0 0 0 ]" with
// signed bytes. A value passed by reference comes with its header; one passed
// by value is as long as the server's Datum, whatever its type's length, and
// in the server's byte order. It returns nil for anything else.
func (v Value) Datum() []byte {
	if v.kind != Scalar {
		return nil
	}
	open := strings.IndexByte(v.raw, '[')
	end := strings.LastIndexByte(v.raw, ']')
	if open < 0 || end < open {
		return nil
	}
	b := make([]byte, 0, (end-open)/2)
	for f := range strings.FieldsSeq(v.raw[open+1 : end]) {
		n, ok := number(f)
		if !ok || n < -128 || n > 255 {
			return nil
		}
		b = append(b, byte(n))
	}
	return b
}

func number(s string) (int, bool) {
	// Nearly all numbers are short and have no sign.
	if len(s) > 0 && len(s) <= 9 {
		n := 0
		for i := 0; i < len(s); i++ {
			d := s[i] - '0'
			if d > 9 {
				n = -1
				break
			}
			n = n*10 + int(d)
		}
		if n >= 0 {
			return n, true
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return int(n), err == nil
}
