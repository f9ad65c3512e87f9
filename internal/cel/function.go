package cel

import (
	"slices"
)

// declaration is a function or an operator: what it takes and gives.
type declaration struct {
	// operator is how messages call an operator; empty for a function.
	operator  string
	overloads []overload
}

// overload is the type of a call with arguments of these types, nil if it does
// not take them.
type overload func(args []*Type) *Type

// takes is an overload with fixed types.
func takes(result *Type, params ...*Type) overload {
	return func(args []*Type) *Type {
		if len(args) != len(params) {
			return nil
		}
		for i, p := range params {
			if !fits(args[i], p) {
				return nil
			}
		}
		return result
	}
}

// same is one overload for each type, of two operands of that type; the result
// is of that type too unless one is given.
func same(result *Type, types ...*Type) []overload {
	var out []overload
	for _, t := range types {
		r := t
		if result != nil {
			r = result
		}
		out = append(out, takes(r, t, t))
	}
	return out
}

// function finds a function, or a method, by its name.
func function(name string, method bool) *declaration {
	if method {
		if o := methods(name); o != nil {
			return &declaration{overloads: o}
		}
		return nil
	}
	if o := operators(name); o != nil {
		return &declaration{operator: symbolOf(name), overloads: o}
	}
	if o := functions(name); o != nil {
		return &declaration{overloads: o}
	}
	return nil
}

// symbolOf is an operator as the user writes it.
func symbolOf(name string) string {
	if name == "-x" {
		return "-"
	}
	return name
}

func operators(name string) []overload {
	switch name {
	case "&&", "||":
		return same(Bool(), Bool())
	case "!":
		return []overload{takes(Bool(), Bool())}
	case "-x":
		return []overload{takes(Int(), Int()), takes(Double(), Double())}
	case "==", "!=":
		return []overload{func(args []*Type) *Type {
			if !fits(args[0], args[1]) {
				return nil
			}
			return Bool()
		}}
	case "<", "<=", ">", ">=":
		return same(Bool(), Bool(), Int(), Uint(), Double(), String())
	case "+":
		return append(same(nil, Int(), Uint(), Double(), String()), func(args []*Type) *Type {
			switch a, b := args[0], args[1]; {
			case a.Kind == ListKind && b.Kind == DynKind:
				return a
			case b.Kind == ListKind && a.Kind == DynKind:
				return b
			case a.Kind != ListKind || b.Kind != ListKind || !fits(a, b):
				return nil
			default:
				return join(a, b)
			}
		})
	case "-", "*", "/":
		return same(nil, Int(), Uint(), Double())
	case "%":
		return same(nil, Int(), Uint())
	case "in":
		return []overload{func(args []*Type) *Type {
			a, b := args[0], args[1]
			if b.Kind == DynKind || b.Kind == ListKind && fits(a, b.Element) || b.Kind == MapKind && fits(a, b.Key) {
				return Bool()
			}
			return nil
		}}
	case "[]":
		return []overload{func(args []*Type) *Type {
			switch of, index := args[0], args[1]; {
			case of.Kind == DynKind:
				return of
			case of.Kind == ListKind && fits(index, Int()), of.Kind == MapKind && fits(index, of.Key):
				return of.Element
			}
			return nil
		}}
	case "?:":
		return []overload{func(args []*Type) *Type {
			if !fits(args[0], Bool()) || !fits(args[1], args[2]) {
				return nil
			}
			return join(args[1], args[2])
		}}
	}
	return nil
}

func functions(name string) []overload {
	convert := func(to *Type, from ...*Type) []overload {
		var out []overload
		for _, f := range from {
			out = append(out, takes(to, f))
		}
		return out
	}
	switch name {
	case "size":
		return sizes()
	case "matches":
		return []overload{takes(Bool(), String(), String())}
	case "int":
		return convert(Int(), Int(), Uint(), Double(), String())
	case "uint":
		return convert(Uint(), Int(), Uint(), Double(), String())
	case "double":
		return convert(Double(), Int(), Uint(), Double(), String())
	case "string":
		return convert(String(), Bool(), Int(), Uint(), Double(), String())
	case "bool":
		return convert(Bool(), Bool(), String())
	case "dyn":
		return []overload{takes(Dyn(), Dyn())}
	case "strings.quote":
		return []overload{takes(String(), String())}
	}
	return nil
}

func sizes() []overload {
	return []overload{takes(Int(), String()), takes(Int(), List(Dyn())), takes(Int(), Map(Dyn(), Dyn()))}
}

func methods(name string) []overload {
	s, i := String(), Int()
	switch name {
	case "size":
		return sizes()
	case "contains", "startsWith", "endsWith", "matches":
		return []overload{takes(Bool(), s, s)}
	case "charAt":
		return []overload{takes(s, s, i)}
	case "indexOf", "lastIndexOf":
		return []overload{takes(i, s, s), takes(i, s, s, i)}
	case "lowerAscii", "upperAscii", "trim":
		return []overload{takes(s, s)}
	case "replace":
		return []overload{takes(s, s, s, s), takes(s, s, s, s, i)}
	case "split":
		return []overload{takes(List(s), s, s), takes(List(s), s, s, i)}
	case "substring":
		return []overload{takes(s, s, i), takes(s, s, i, i)}
	case "join":
		return []overload{takes(s, List(s)), takes(s, List(s), s)}
	}
	return nil
}

// functionNames lists the functions, or the methods and macros, for hints.
func functionNames(method bool) []string {
	if method {
		return []string{
			"all", "charAt", "contains", "endsWith", "exists", "exists_one", "filter", "indexOf", "join", "lastIndexOf", "lowerAscii", "map",
			"matches", "replace", "size", "split", "startsWith", "substring", "trim", "upperAscii",
		}
	}
	return []string{"bool", "double", "dyn", "has", "int", "matches", "size", "string", "uint"}
}

// unsupported reports whether CEL, or its extension for strings, has a function
// that is not here.
func unsupported(name string) bool {
	return slices.Contains([]string{
		"bytes", "duration", "timestamp", "type", "format", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear",
		"getHours", "getMilliseconds", "getMinutes", "getMonth", "getSeconds",
	}, name)
}
