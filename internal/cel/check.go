package cel

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/internal/nearest"
)

type checker struct {
	variables map[string]*Type
	used      map[string]bool
	// scopes are the variables of the loops around, the innermost last.
	scopes []scope
}

type scope struct {
	name string
	typ  *Type
}

// check finds the type of an expression.
func (c *checker) check(n *node) (*Type, *Error) {
	switch n.kind {
	case literalNode:
		return typeOf(n.value), nil
	case identNode:
		return c.ident(n)
	case selectNode:
		return c.field(n)
	case hasNode:
		if _, err := c.field(n); err != nil {
			return nil, err
		}
		return Bool(), nil
	case listNode:
		return c.list(n)
	case mapNode:
		return c.mapping(n)
	case loopNode:
		return c.loop(n)
	}
	return c.call(n)
}

// typeOf is the type of a literal.
func typeOf(v Value) *Type {
	switch v.(type) {
	case bool:
		return Bool()
	case int64:
		return Int()
	case uint64:
		return Uint()
	case float64:
		return Double()
	case string:
		return String()
	}
	return Null()
}

// otherTypes are the types that can stand as values in CEL.
var otherTypes = []string{"bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint", "google", "vet"}

func (c *checker) ident(n *node) (*Type, *Error) {
	for _, s := range slices.Backward(c.scopes) {
		if s.name == n.name && !n.outermost {
			return s.typ, nil
		}
	}
	if t := c.variables[n.name]; t != nil {
		c.used[n.name] = true
		return t, nil
	}
	if slices.Contains(otherTypes, n.name) {
		return nil, fail(n.offset, "types as values are not supported: %s", n.name)
	}
	names := slices.Sorted(maps.Keys(c.variables))
	for _, s := range c.scopes {
		names = append(names, s.name)
	}
	err := fail(n.offset, "there is no variable %s", n.name)
	err.Hint = meant(n.name, names)
	return nil, err
}

// meant is a hint with the name that a mistyped one may have been, or with all
// of them.
func meant(name string, names []string) string {
	if near := nearest.Name(name, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if len(names) > 12 {
		return ""
	}
	return "there is " + strings.Join(names, ", ")
}

func (c *checker) field(n *node) (*Type, *Error) {
	of, err := c.check(n.args[0])
	if err != nil {
		return nil, err
	}
	switch of.Kind {
	case DynKind:
		return of, nil
	case MapKind:
		if fits(of.Key, String()) {
			return of.Element, nil
		}
	case MessageKind:
		if t := of.field(n.name); t != nil {
			return t, nil
		}
		var names []string
		for _, f := range of.Fields {
			names = append(names, f.Name)
		}
		err := fail(n.offset, "%s has no field %s", spell(n.args[0], of), n.name)
		err.Hint = meant(n.name, names)
		return nil, err
	}
	return nil, fail(n.offset, "%s has no fields: it is %s", spell(n.args[0], of), article(of))
}

// spell is an expression as the user wrote it, if it is a path of names.
func spell(n *node, t *Type) string {
	switch n.kind {
	case identNode:
		return n.name
	case selectNode:
		return spell(n.args[0], t) + "." + n.name
	}
	return article(t)
}

func article(t *Type) string {
	s := t.String()
	if strings.ContainsRune("aeio", rune(s[0])) {
		return "an " + s
	}
	return "a " + s
}

func (c *checker) list(n *node) (*Type, *Error) {
	element, err := c.common(n.args)
	if err != nil {
		return nil, err
	}
	return List(element), nil
}

// common is the type of all items, or dyn if they differ.
func (c *checker) common(items []*node) (*Type, *Error) {
	var out *Type
	for _, item := range items {
		t, err := c.check(item)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = t
		} else {
			out = join(out, t)
		}
	}
	if out == nil {
		return Dyn(), nil
	}
	return out, nil
}

func (c *checker) mapping(n *node) (*Type, *Error) {
	var keys, values []*node
	for i, item := range n.args {
		if i%2 == 0 {
			keys = append(keys, item)
		} else {
			values = append(values, item)
		}
	}
	key, err := c.common(keys)
	if err != nil {
		return nil, err
	}
	value, err := c.common(values)
	if err != nil {
		return nil, err
	}
	return Map(key, value), nil
}

func (c *checker) loop(n *node) (*Type, *Error) {
	over, err := c.check(n.args[0])
	if err != nil {
		return nil, err
	}
	element := Dyn()
	switch over.Kind {
	case DynKind:
	case ListKind:
		element = over.Element
	case MapKind:
		element = over.Key
	default:
		return nil, fail(n.offset, "%s goes over a list or a map, and this is %s", n.name, article(over))
	}
	c.scopes = append(c.scopes, scope{n.variable, element})
	defer func() { c.scopes = c.scopes[:len(c.scopes)-1] }()
	types := make([]*Type, len(n.args))
	for i, body := range n.args[1:] {
		if types[i+1], err = c.check(body); err != nil {
			return nil, err
		}
	}
	conditions := n.args[1:]
	if n.name == "map" {
		conditions = n.args[1 : len(n.args)-1]
	}
	for i, body := range conditions {
		if t := types[i+1]; !fits(t, Bool()) {
			return nil, fail(body.offset, "the condition of %s must be a bool, not %s", n.name, article(t))
		}
	}
	switch n.name {
	case "filter":
		return List(element), nil
	case "map":
		return List(types[len(types)-1]), nil
	}
	return Bool(), nil
}

// call finds the overload of a function that takes the arguments.
func (c *checker) call(n *node) (*Type, *Error) {
	args := n.args
	name := n.name
	if n.kind == methodNode && args[0].kind == identNode && args[0].name == "strings" && c.variables["strings"] == nil {
		// strings.quote is a function with a dot in its name.
		n.kind, n.name, n.args = callNode, "strings."+name, args[1:]
		args, name = n.args, n.name
	}
	types := make([]*Type, len(args))
	for i, arg := range args {
		t, err := c.check(arg)
		if err != nil {
			return nil, err
		}
		types[i] = t
	}
	f := function(name, n.kind == methodNode)
	if f == nil {
		return nil, c.noFunction(n)
	}
	var out *Type
	for _, o := range f.overloads {
		if t := o(types); t != nil {
			if out == nil {
				out = t
			} else {
				out = join(out, t)
			}
		}
	}
	if out == nil {
		return nil, f.mismatch(n, types)
	}
	if name == "matches" {
		if pattern := args[1]; pattern.kind == literalNode {
			if s, ok := pattern.value.(string); ok {
				if _, err := regexp.Compile(s); err != nil {
					return nil, fail(pattern.offset, "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
				}
			}
		}
	}
	return out, nil
}

func (c *checker) noFunction(n *node) *Error {
	what, other := "function", "method"
	if n.kind == methodNode {
		what, other = other, what
	}
	if unsupported(n.name) {
		return fail(n.offset, "%s() is not supported", n.name)
	}
	err := fail(n.offset, "there is no %s %s", what, n.name)
	if function(n.name, n.kind != methodNode) != nil {
		err.Hint = fmt.Sprintf("there is a %s of that name: %s", other, map[string]string{"method": "write x." + n.name + "()", "function": "write " + n.name + "(x)"}[other])
		return err
	}
	err.Hint = meant(n.name, functionNames(n.kind == methodNode))
	return err
}

// mismatch says that no overload takes the arguments.
func (f *declaration) mismatch(n *node, types []*Type) *Error {
	var err *Error
	switch {
	case n.kind == methodNode:
		err = fail(n.offset, "%s has no method %s(%s)", article(types[0]), n.name, typeList(types[1:]))
	case f.operator == "":
		err = fail(n.offset, "%s() does not take (%s)", n.name, typeList(types))
	case len(types) == 1:
		err = fail(n.offset, "%s does not take %s", f.operator, article(types[0]))
	case n.name == "?:":
		if types[0].Kind != BoolKind && types[0].Kind != DynKind {
			return fail(n.args[0].offset, "the condition before ? must be a bool, not %s", article(types[0]))
		}
		return fail(n.offset, "both values of ? : must have a type, and not be %s and %s", article(types[1]), article(types[2]))
	default:
		err = fail(n.offset, "%s does not take %s and %s", f.operator, article(types[0]), article(types[1]))
	}
	err.Hint = numberHint(types)
	return err
}

// numberHint tells how to bring numbers of different types together.
func numberHint(types []*Type) string {
	if len(types) != 2 {
		return ""
	}
	kinds := map[Kind]bool{types[0].Kind: true, types[1].Kind: true}
	switch {
	case kinds[UintKind] && kinds[IntKind]:
		return "a uint is written with a u: 1000u"
	case kinds[DoubleKind] && kinds[IntKind]:
		return "a double is written with a point: 1000.0"
	case kinds[DoubleKind] && kinds[UintKind]:
		return "convert the one: double(x)"
	}
	return ""
}
