package cel

import (
	"maps"
	"math"
	"slices"
)

// Value is a value of an expression: nil for null, bool, int64, uint64,
// float64, string, []Value, [*Table] or [*Object].
type Value any

// Table is the value of a map. Its keys are nil, bool, numbers or strings.
type Table struct {
	keys   []Value
	values map[Value]Value
}

// NewTable makes a map of strings.
func NewTable(entries map[string]string) *Table {
	t := &Table{values: map[Value]Value{}}
	for _, k := range slices.Sorted(maps.Keys(entries)) {
		t.set(k, entries[k])
	}
	return t
}

// set adds a key, or gives it another value.
func (t *Table) set(key, value Value) {
	if _, there := t.values[key]; !there {
		t.keys = append(t.keys, key)
	}
	t.values[key] = value
}

// get finds a key; numbers of different types that are equal are the same key.
func (t *Table) get(key Value) (Value, bool) {
	if v, ok := t.values[key]; ok {
		return v, true
	}
	switch k := key.(type) {
	case int64:
		if k >= 0 {
			v, ok := t.values[uint64(k)]
			return v, ok
		}
	case uint64:
		if k <= math.MaxInt64 {
			v, ok := t.values[int64(k)]
			return v, ok
		}
	case float64:
		if i := int64(k); float64(i) == k && k < math.MaxInt64 {
			if v, ok := t.values[i]; ok {
				return v, true
			}
		}
		if u := uint64(k); k >= 0 && float64(u) == k && k < math.MaxUint64 {
			v, ok := t.values[u]
			return v, ok
		}
	}
	return nil, false
}

// Object is the value of a message.
type Object struct {
	Type *Type
	// Fields are those that are set.
	Fields map[string]Value
}

// get is the value of a field, or what it has by default.
func (o *Object) get(name string) Value {
	if v, ok := o.Fields[name]; ok {
		return v
	}
	t := o.Type.field(name)
	switch t.Kind {
	case BoolKind:
		return false
	case IntKind:
		return int64(0)
	case UintKind:
		return uint64(0)
	case DoubleKind:
		return float64(0)
	case StringKind:
		return ""
	case ListKind:
		return []Value{}
	case MapKind:
		return &Table{values: map[Value]Value{}}
	case MessageKind:
		return &Object{Type: t}
	case DynKind, NullKind:
	}
	return nil
}

// has reports whether a field is set: to what is not the default, for all but
// messages.
func (o *Object) has(name string) bool {
	switch v := o.Fields[name].(type) {
	case nil:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case uint64:
		return v != 0
	case float64:
		return v != 0 || math.Signbit(v)
	case string:
		return v != ""
	case []Value:
		return len(v) > 0
	case *Table:
		return len(v.keys) > 0
	}
	return true
}

// equal compares values; numbers of different types are equal if they are the
// same number.
func equal(a, b Value) bool {
	if order, ok := compareNumbers(a, b); ok {
		return order == 0
	}
	switch x := a.(type) {
	case nil:
		return b == nil
	case bool:
		y, ok := b.(bool)
		return ok && x == y
	case string:
		y, ok := b.(string)
		return ok && x == y
	case []Value:
		y, ok := b.([]Value)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case *Table:
		y, ok := b.(*Table)
		if !ok || len(x.keys) != len(y.keys) {
			return false
		}
		for _, k := range x.keys {
			v, there := y.get(k)
			mine, _ := x.get(k)
			if !there || !equal(mine, v) {
				return false
			}
		}
		return true
	case *Object:
		y, ok := b.(*Object)
		if !ok || x.Type.Name != y.Type.Name {
			return false
		}
		for _, f := range x.Type.Fields {
			if x.has(f.Name) != y.has(f.Name) || x.has(f.Name) && !equal(x.get(f.Name), y.get(f.Name)) {
				return false
			}
		}
		return true
	}
	return false
}

// unordered is the order of a number and NaN.
const unordered = 2

// compareNumbers compares two numbers: -1, 0, 1 or unordered.
func compareNumbers(a, b Value) (int, bool) {
	switch x := a.(type) {
	case int64:
		switch y := b.(type) {
		case int64:
			return order(x, y), true
		case uint64:
			if x < 0 {
				return -1, true
			}
			return order(uint64(x), y), true
		case float64:
			o, _ := compareNumbers(b, a)
			return opposite(o), true
		}
	case uint64:
		switch y := b.(type) {
		case uint64:
			return order(x, y), true
		case int64, float64:
			o, _ := compareNumbers(y, a)
			return opposite(o), true
		}
	case float64:
		switch y := b.(type) {
		case float64:
			return orderFloat(x, y), true
		case int64:
			switch {
			case x < math.MinInt64:
				return -1, true
			case x >= math.MaxInt64:
				return 1, true
			}
			return orderFloat(x, float64(y)), true
		case uint64:
			switch {
			case x < 0:
				return -1, true
			case x >= math.MaxUint64:
				return 1, true
			}
			return orderFloat(x, float64(y)), true
		}
	}
	return 0, false
}

func opposite(o int) int {
	if o == unordered {
		return o
	}
	return -o
}

func order[T int64 | uint64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func orderFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return unordered
}

// All calls f for each key and its value, in the order that they came in.
func (t *Table) All(f func(key, value Value)) {
	for _, k := range t.keys {
		f(k, t.values[k])
	}
}
