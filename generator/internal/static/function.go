package static

import (
	_ "embed"
	"strings"
)

// functionTable has functions of PostgreSQL whose result has the same type
// whatever the arguments are: name, type, types of the arguments (* if there
// are several functions of the name, - for none), and "total" if only NULL
// makes them return NULL, "always" if nothing does.
//
//go:embed functions.txt
var functionTable string

// ownFunction is a line of the table.
type ownFunction struct {
	result    string
	arguments []string
	class     string
}

var ownFunctions = func() map[string]ownFunction {
	out := map[string]ownFunction{}
	for line := range strings.Lines(functionTable) {
		f := strings.Fields(line)
		own := ownFunction{result: f[1], class: f[3]}
		if f[2] != "*" && f[2] != "-" {
			own.arguments = strings.Split(f[2], ",")
		}
		out[f[0]] = own
	}
	return out
}()

// special reports whether a function of PostgreSQL's is known to [reader.ownCall]
// beyond the table.
func (w *world) special(name string) bool {
	switch name {
	case "count", "sum", "avg", "min", "max", "array_agg", "string_agg", "lag", "lead", "first_value", "last_value", "nth_value",
		"abs", "ceil", "ceiling", "floor", "round", "trunc", "sqrt", "power", "mod", "lower", "upper", "btrim", "ltrim", "rtrim",
		"length", "char_length", "reverse", "substr", "date_trunc", "age", "unnest", "array_append", "array_prepend", "array_remove",
		"array_cat", "generate_series", "coalesce", "random":
		return true
	}
	return false
}

// ownCall is a call of a function of PostgreSQL's own.
func (r *reader) ownCall(name string, open int, args []value, over bool) value {
	out := value{name: name, why: unclear}
	if own, ok := ownFunctions[name]; ok {
		out.oid = r.builtin(own.result)
		switch own.class {
		case "always":
			out.notNull, out.why = true, name+" never returns NULL"
		case "total":
			out.notNull = true
			for _, a := range args {
				out.notNull = out.notNull && a.notNull
			}
			if out.why = either(out.notNull, args...); out.notNull {
				out.why = name + " returns NULL for NULL only"
			}
		}
		if r.element(out.oid) != 0 {
			out.elements, out.dimensions = true, 1
		}
		return out
	}
	if name == "count" && (len(args) == 1 || r.is(open+1, "*")) {
		out.oid, out.notNull, out.why = r.builtin("int8"), true, "count never returns NULL"
		return out
	}
	if strings.HasPrefix(name, "pg_") && strings.Contains(name, "advisory") {
		if out.oid = r.builtin("void"); strings.Contains(name, "try") || strings.HasSuffix(name, "unlock") || strings.HasSuffix(name, "unlock_shared") {
			out.oid = r.builtin("bool")
		}
		return out
	}
	if name == "grouping" {
		out.oid, out.notNull, out.why = r.builtin("int4"), true, "grouping never returns NULL"
		return out
	}
	if name == "random" && len(args) == 0 {
		out.oid, out.notNull, out.why = r.builtin("float8"), true, "random never returns NULL"
		return out
	}
	if len(args) == 0 {
		return out
	}
	first := args[0]
	typ := r.typeName(r.base(first.oid))
	textual := typ == "text" || typ == "varchar" || typ == "bpchar" || first.literal && first.oid == 0
	// total says what holds for functions that are NULL for NULL only.
	total := func(oid uint32) value {
		out.oid = oid
		out.notNull = oid != 0
		for _, a := range args {
			out.notNull = out.notNull && a.notNull
		}
		if out.why = either(out.notNull, args...); out.notNull {
			out.why = name + " returns NULL for NULL only"
		}
		return out
	}
	one := func(to map[string]string) uint32 { return r.builtin(to[typ]) }
	switch name {
	case "sum":
		out.oid = one(map[string]string{"int2": "int8", "int4": "int8", "int8": "numeric", "numeric": "numeric", "float4": "float4", "float8": "float8", "interval": "interval", "money": "money"})
		out.why = "sum of no rows is NULL"
	case "avg":
		out.oid = one(map[string]string{"int2": "numeric", "int4": "numeric", "int8": "numeric", "numeric": "numeric", "float4": "float8", "float8": "float8", "interval": "interval"})
		out.why = "avg of no rows is NULL"
	case "min", "max":
		switch {
		case r.enum(r.base(first.oid)):
			out.oid = r.base(first.oid)
		case typ == "varchar":
			out.oid = r.builtin("text")
		case strings.Contains(" int2 int4 int8 numeric float4 float8 text bpchar date time timetz timestamp timestamptz interval money oid inet ", " "+typ+" ") && typ != "":
			out.oid = r.builtin(typ)
		}
		out.why = name + " of no rows is NULL"
	case "array_agg":
		if t := r.Types[r.base(first.oid)]; t != nil && t.Element == 0 {
			out.oid, out.elements, out.dimensions = r.arrayOf(r.base(first.oid)), !first.notNull, 1
		}
		out.why = "array_agg of no rows is NULL"
	case "string_agg":
		if textual && first.oid != 0 {
			out.oid = r.builtin("text")
		}
		out.why = "string_agg of no rows is NULL"
	case "lag", "lead", "first_value", "last_value", "nth_value":
		if over && (len(args) < 3 || args[2].oid == first.oid) && r.element(first.oid) == 0 {
			out.oid = r.base(first.oid)
		}
		out.why = "there may be no such row"
	case "abs":
		return total(one(map[string]string{"int2": "int2", "int4": "int4", "int8": "int8", "numeric": "numeric", "float4": "float4", "float8": "float8"}))
	case "ceil", "ceiling", "floor", "sqrt":
		return total(one(map[string]string{"int2": "float8", "int4": "float8", "int8": "float8", "numeric": "numeric", "float4": "float8", "float8": "float8"}))
	case "round", "trunc":
		if len(args) == 2 {
			return total(one(map[string]string{"int2": "numeric", "int4": "numeric", "int8": "numeric", "numeric": "numeric"}))
		}
		return total(one(map[string]string{"int2": "float8", "int4": "float8", "int8": "float8", "numeric": "numeric", "float4": "float8", "float8": "float8"}))
	case "mod":
		if len(args) == 2 && r.base(args[1].oid) == r.base(first.oid) {
			return total(one(map[string]string{"int2": "int2", "int4": "int4", "int8": "int8", "numeric": "numeric"}))
		}
	case "lower", "upper", "btrim", "ltrim", "rtrim", "reverse", "substr":
		if textual {
			return total(r.builtin("text"))
		}
	case "length", "char_length", "character_length":
		if textual {
			return total(r.builtin("int4"))
		}
	case "date_trunc":
		if len(args) >= 2 {
			// A date becomes a timestamptz.
			out.oid = r.builtin(map[string]string{"timestamp": "timestamp", "timestamptz": "timestamptz", "interval": "interval", "date": "timestamptz"}[r.typeName(r.base(args[1].oid))])
			if t := r.typeName(out.oid); t != "" && t != "date" {
				return total(out.oid)
			}
		}
	case "age":
		if strings.HasPrefix(typ, "timestamp") || typ == "date" {
			out.oid = r.builtin("interval")
		}
	case "array_append", "array_remove":
		if r.element(first.oid) != 0 {
			out.oid, out.elements, out.dimensions = r.base(first.oid), true, first.dimensions
		}
	case "unnest":
		out.oid, out.why = r.element(first.oid), "an element of an array"
	}
	return out
}
