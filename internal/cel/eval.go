package cel

import (
	"math"
	"slices"
)

type evaluator struct {
	variables map[string]Value
	scopes    []binding
	steps     int
}

// binding is the variable of a loop.
type binding struct {
	name  string
	value Value
}

// eval evaluates a checked expression.
func (e *evaluator) eval(n *node) (Value, *Error) {
	if e.steps--; e.steps < 0 {
		return nil, fail(n.offset, "the expression takes too long")
	}
	switch n.kind {
	case literalNode:
		return n.value, nil
	case identNode:
		for _, b := range slices.Backward(e.scopes) {
			if b.name == n.name && !n.outermost {
				return b.value, nil
			}
		}
		return e.variables[n.name], nil
	case selectNode:
		return e.field(n)
	case hasNode:
		return e.has(n)
	case listNode:
		out := make([]Value, len(n.args))
		for i, arg := range n.args {
			v, err := e.eval(arg)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	case mapNode:
		return e.mapping(n)
	case loopNode:
		return e.loop(n)
	}
	switch n.name {
	case "&&", "||":
		return e.logic(n)
	case "?:":
		return e.choice(n)
	}
	args := make([]Value, len(n.args))
	for i, arg := range n.args {
		v, err := e.eval(arg)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	v, fault := apply(n.name, args)
	if fault != "" {
		return nil, fail(n.offset, "%s", fault)
	}
	return v, nil
}

func (e *evaluator) field(n *node) (Value, *Error) {
	of, err := e.eval(n.args[0])
	if err != nil {
		return nil, err
	}
	switch of := of.(type) {
	case *Object:
		if of.Type.field(n.name) != nil {
			return of.get(n.name), nil
		}
	case *Table:
		if v, ok := of.get(n.name); ok {
			return v, nil
		}
		return nil, fail(n.offset, "there is no key %q", n.name)
	}
	return nil, fail(n.offset, "the value has no field %s", n.name)
}

func (e *evaluator) has(n *node) (Value, *Error) {
	of, err := e.eval(n.args[0])
	if err != nil {
		return nil, err
	}
	switch of := of.(type) {
	case *Object:
		if of.Type.field(n.name) != nil {
			return of.has(n.name), nil
		}
	case *Table:
		_, ok := of.get(n.name)
		return ok, nil
	}
	// Only what dyn() hides from the check comes here.
	return false, nil
}

func (e *evaluator) mapping(n *node) (Value, *Error) {
	out := &Table{values: map[Value]Value{}}
	for i := 0; i < len(n.args); i += 2 {
		key, err := e.eval(n.args[i])
		if err != nil {
			return nil, err
		}
		value, err := e.eval(n.args[i+1])
		if err != nil {
			return nil, err
		}
		if !isKey(key) {
			return nil, fail(n.args[i].offset, "keys of maps that are lists, maps or messages are not supported")
		}
		out.set(key, value)
	}
	return out, nil
}

// logic evaluates && and ||. Where one side decides, the other may fail.
func (e *evaluator) logic(n *node) (Value, *Error) {
	decides := n.name == "||"
	var failed *Error
	for _, arg := range n.args {
		v, err := e.eval(arg)
		b, ok := v.(bool)
		switch {
		case err == nil && ok && b == decides:
			return decides, nil
		case err == nil && !ok:
			err = fail(arg.offset, "%s takes bools", n.name)
		}
		if failed == nil {
			failed = err
		}
	}
	if failed != nil {
		return nil, failed
	}
	return !decides, nil
}

func (e *evaluator) choice(n *node) (Value, *Error) {
	v, err := e.eval(n.args[0])
	if err != nil {
		return nil, err
	}
	b, ok := v.(bool)
	switch {
	case !ok:
		return nil, fail(n.args[0].offset, "the condition before ? is no bool")
	case b:
		return e.eval(n.args[1])
	}
	return e.eval(n.args[2])
}

func (e *evaluator) loop(n *node) (Value, *Error) {
	over, err := e.eval(n.args[0])
	if err != nil {
		return nil, err
	}
	var items []Value
	switch over := over.(type) {
	case []Value:
		items = over
	case *Table:
		items = over.keys
	default:
		return nil, fail(n.offset, "%s goes over a list or a map", n.name)
	}
	e.scopes = append(e.scopes, binding{name: n.variable})
	defer func() { e.scopes = e.scopes[:len(e.scopes)-1] }()
	l := looping{e: e, n: n, out: []Value{}}
	for _, item := range items {
		e.scopes[len(e.scopes)-1].value = item
		if done, err := l.step(item); err != nil || done {
			if err != nil {
				return nil, err
			}
			break
		}
	}
	return l.result()
}

// looping is the state of a loop.
type looping struct {
	e *evaluator
	n *node
	// out is what filter and map have so far, count what exists_one has.
	out   []Value
	count int
	// decided is true once all or exists is, failed the first error that an
	// item gave them: a later item may decide all the same.
	decided bool
	failed  *Error
}

// condition evaluates the body for an item as a bool.
func (l *looping) condition() (bool, *Error) {
	v, err := l.e.eval(l.n.args[1])
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, fail(l.n.args[1].offset, "the condition of %s is no bool", l.n.name)
	}
	return b, nil
}

func (l *looping) step(item Value) (done bool, err *Error) {
	if l.n.name == "map" && len(l.n.args) == 2 {
		return false, l.add()
	}
	b, err := l.condition()
	switch l.n.name {
	case "all", "exists":
		if err != nil {
			if l.failed == nil {
				l.failed = err
			}
			return false, nil
		}
		l.decided = b == (l.n.name == "exists")
		return l.decided, nil
	}
	if err != nil || !b {
		return false, err
	}
	switch l.n.name {
	case "exists_one":
		l.count++
	case "filter":
		l.out = append(l.out, item)
	case "map":
		return false, l.add()
	}
	return false, nil
}

// add evaluates what map makes of an item.
func (l *looping) add() *Error {
	v, err := l.e.eval(l.n.args[len(l.n.args)-1])
	if err != nil {
		return err
	}
	l.out = append(l.out, v)
	return nil
}

func (l *looping) result() (Value, *Error) {
	switch l.n.name {
	case "all", "exists":
		if !l.decided && l.failed != nil {
			return nil, l.failed
		}
		return l.decided == (l.n.name == "exists"), nil
	case "exists_one":
		return l.count == 1, nil
	}
	return l.out, nil
}

const (
	overflow = "the number is out of range"
	noMatch  = "the values are not of types that this takes"
)

// apply calls a function or an operator. It returns what is wrong with the
// values, or "".
func apply(name string, args []Value) (v Value, fault string) {
	switch name {
	case "==":
		return equal(args[0], args[1]), ""
	case "!=":
		return !equal(args[0], args[1]), ""
	case "<", "<=", ">", ">=":
		return relation(name, args[0], args[1])
	case "!":
		if b, ok := args[0].(bool); ok {
			return !b, ""
		}
		return nil, noMatch
	case "-x":
		return negate(args[0])
	case "+", "-", "*", "/", "%":
		return arithmetic(name, args[0], args[1])
	case "in":
		return member(args[0], args[1])
	case "[]":
		return index(args[0], args[1])
	}
	return call(name, args)
}

func relation(name string, a, b Value) (Value, string) {
	o, ok := compareNumbers(a, b)
	if !ok {
		switch x := a.(type) {
		case string:
			y, same := b.(string)
			if !same {
				return nil, noMatch
			}
			o = order(x, y)
		case bool:
			y, same := b.(bool)
			if !same {
				return nil, noMatch
			}
			switch {
			case x == y:
				o = 0
			case y:
				o = -1
			default:
				o = 1
			}
		default:
			return nil, noMatch
		}
	}
	if o == unordered {
		return false, ""
	}
	switch name {
	case "<":
		return o < 0, ""
	case "<=":
		return o <= 0, ""
	case ">":
		return o > 0, ""
	}
	return o >= 0, ""
}

func negate(v Value) (Value, string) {
	switch x := v.(type) {
	case int64:
		if x == math.MinInt64 {
			return nil, overflow
		}
		return -x, ""
	case float64:
		return -x, ""
	}
	return nil, noMatch
}

func arithmetic(name string, a, b Value) (Value, string) {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return arithmeticInt(name, x, y)
		}
	case uint64:
		if y, ok := b.(uint64); ok {
			return arithmeticUint(name, x, y)
		}
	case float64:
		y, ok := b.(float64)
		if !ok {
			return nil, noMatch
		}
		switch name {
		case "+":
			return x + y, ""
		case "-":
			return x - y, ""
		case "*":
			return x * y, ""
		case "/":
			return x / y, ""
		}
	case string:
		if y, ok := b.(string); ok && name == "+" {
			return x + y, ""
		}
	case []Value:
		if y, ok := b.([]Value); ok && name == "+" {
			return slices.Concat(x, y), ""
		}
	}
	return nil, noMatch
}

func arithmeticInt(name string, x, y int64) (Value, string) {
	switch name {
	case "+":
		if sum := x + y; (sum > x) == (y > 0) {
			return sum, ""
		}
	case "-":
		if difference := x - y; (difference < x) == (y > 0) {
			return difference, ""
		}
	case "*":
		product := x * y
		if x == 0 || product/x == y && (x != -1 || y != math.MinInt64) {
			return product, ""
		}
	default:
		switch {
		case y == 0:
			return nil, "division by zero"
		case x == math.MinInt64 && y == -1:
		case name == "/":
			return x / y, ""
		default:
			return x % y, ""
		}
	}
	return nil, overflow
}

func arithmeticUint(name string, x, y uint64) (Value, string) {
	switch name {
	case "+":
		if sum := x + y; sum >= x {
			return sum, ""
		}
	case "-":
		if x >= y {
			return x - y, ""
		}
	case "*":
		if product := x * y; x == 0 || product/x == y {
			return product, ""
		}
	default:
		switch {
		case y == 0:
			return nil, "division by zero"
		case name == "/":
			return x / y, ""
		}
		return x % y, ""
	}
	return nil, overflow
}

func member(a, b Value) (Value, string) {
	switch b := b.(type) {
	case []Value:
		return slices.ContainsFunc(b, func(v Value) bool { return equal(a, v) }), ""
	case *Table:
		if !isKey(a) {
			return false, ""
		}
		_, ok := b.get(a)
		return ok, ""
	}
	return nil, noMatch
}

// isKey reports whether a map can have a value as a key.
func isKey(v Value) bool {
	switch v.(type) {
	case nil, bool, int64, uint64, float64, string:
		return true
	}
	return false
}

func index(of, at Value) (Value, string) {
	switch of := of.(type) {
	case []Value:
		i, ok := at.(int64)
		switch x := at.(type) {
		case uint64:
			i, ok = int64(x), x <= math.MaxInt64
		case float64:
			i, ok = int64(x), x == math.Trunc(x) && math.Abs(x) < math.MaxInt64
		}
		switch {
		case !ok:
			return nil, noMatch
		case i < 0 || i >= int64(len(of)):
			return nil, "the index is out of range: the list has " + count(len(of))
		}
		return of[i], ""
	case *Table:
		if isKey(at) {
			if v, ok := of.get(at); ok {
				return v, ""
			}
		}
		return nil, "there is no such key"
	}
	return nil, noMatch
}

func count(n int) string {
	if n == 0 {
		return "no items"
	}
	s, _ := toString(int64(n))
	if n == 1 {
		return "1 item"
	}
	return s + " items"
}
