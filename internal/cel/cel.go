// Package cel evaluates expressions of the Common Expression Language, as
// sqlc's lint rules are written in it.
//
// The language is that of https://github.com/google/cel-spec/blob/master/doc/langdef.md,
// with the string functions of cel-go's extension, and without what no rule
// about queries has a use for: bytes, times, types as values, and the making of
// messages. Whoever writes those is told so, at their place. Everything is
// checked before it is evaluated, for the types of the variables that the
// caller names; what compiles here compiles in cel-go and gives the same value,
// or fails where that fails: a test of the module bench holds the two against
// each other.
//
// It is a package of our own because cel-go, with protobuf and ANTLR's runtime,
// would add 7 MB to a program of 19 MB, and 7 modules to those that an
// application lists (ARCHITECTURE.md has the figures).
package cel

import (
	"fmt"
)

// Error is what is wrong with an expression: at a byte of its text, what, and
// what may have been meant.
type Error struct {
	Offset        int
	Message, Hint string
}

func (e *Error) Error() string { return e.Message }

// Program is a checked expression. It is safe for concurrent use.
type Program struct {
	root *node
	// Type is that of the value.
	Type *Type
	used map[string]bool
}

// Compile parses and checks an expression over variables of these types.
func Compile(text string, variables map[string]*Type) (*Program, *Error) {
	p := &parser{text: text}
	root, err := p.parse()
	if err != nil {
		return nil, err
	}
	c := &checker{variables: variables, used: map[string]bool{}}
	t, err := c.check(root)
	if err != nil {
		return nil, err
	}
	return &Program{root: root, Type: t, used: c.used}, nil
}

// Uses reports whether the expression names a variable.
func (p *Program) Uses(variable string) bool { return p.used[variable] }

// Eval evaluates the expression. The values are of the types that it was
// compiled for. The error is an *Error.
func (p *Program) Eval(variables map[string]Value) (Value, error) {
	e := &evaluator{variables: variables, steps: maxSteps}
	v, err := e.eval(p.root)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// maxSteps bounds an evaluation: loops over lists within each other can take
// long, and no rule does.
const maxSteps = 1_000_000

func fail(offset int, format string, args ...any) *Error {
	return &Error{Offset: offset, Message: fmt.Sprintf(format, args...)}
}
