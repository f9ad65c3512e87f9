package cel

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// call calls a function that is no operator, or a method.
func call(name string, args []Value) (Value, string) {
	switch name {
	case "dyn":
		return args[0], ""
	case "size":
		return size(args[0])
	case "int":
		return toInt(args[0])
	case "uint":
		return toUint(args[0])
	case "double":
		return toDouble(args[0])
	case "bool":
		return toBool(args[0])
	case "string":
		if s, ok := toString(args[0]); ok {
			return s, ""
		}
		return nil, noMatch
	case "join":
		return joined(args)
	}
	s, ok := args[0].(string)
	if !ok {
		return nil, noMatch
	}
	switch name {
	case "strings.quote":
		return quoted(s), ""
	case "trim":
		return strings.TrimSpace(s), ""
	case "lowerAscii":
		return mapASCII(s, 'A', 'Z', 'a'-'A'), ""
	case "upperAscii":
		return mapASCII(s, 'a', 'z', 'A'-'a'), ""
	case "charAt", "substring":
		return substring(name, s, args[1:])
	}
	t, ok := args[1].(string)
	if !ok {
		return nil, noMatch
	}
	switch name {
	case "contains":
		return strings.Contains(s, t), ""
	case "startsWith":
		return strings.HasPrefix(s, t), ""
	case "endsWith":
		return strings.HasSuffix(s, t), ""
	case "matches":
		re, err := regexp.Compile(t)
		if err != nil {
			return nil, strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		}
		return re.MatchString(s), ""
	case "indexOf", "lastIndexOf":
		return find(name, s, t, args[2:])
	case "replace":
		return replace(s, t, args[2:])
	case "split":
		n, ok := limit(args[2:])
		if !ok {
			return nil, noMatch
		}
		out := []Value{}
		for _, part := range strings.SplitN(s, t, n) {
			out = append(out, part)
		}
		return out, ""
	}
	return nil, noMatch
}

func size(v Value) (Value, string) {
	switch v := v.(type) {
	case string:
		return int64(utf8.RuneCountInString(v)), ""
	case []Value:
		return int64(len(v)), ""
	case *Table:
		return int64(len(v.keys)), ""
	}
	return nil, noMatch
}

func toInt(v Value) (Value, string) {
	switch v := v.(type) {
	case int64:
		return v, ""
	case uint64:
		if v > math.MaxInt64 {
			return nil, overflow
		}
		return int64(v), ""
	case float64:
		if math.IsNaN(v) || v <= math.MinInt64 || v >= math.MaxInt64 {
			return nil, overflow
		}
		return int64(v), ""
	case string:
		i, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return nil, "this is no int: " + strconv.Quote(v)
		}
		return i, ""
	}
	return nil, noMatch
}

func toUint(v Value) (Value, string) {
	switch v := v.(type) {
	case uint64:
		return v, ""
	case int64:
		if v < 0 {
			return nil, overflow
		}
		return uint64(v), ""
	case float64:
		if math.IsNaN(v) || v < 0 || v >= math.MaxUint64 {
			return nil, overflow
		}
		return uint64(v), ""
	case string:
		u, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			return nil, "this is no uint: " + strconv.Quote(v)
		}
		return u, ""
	}
	return nil, noMatch
}

func toDouble(v Value) (Value, string) {
	switch v := v.(type) {
	case float64:
		return v, ""
	case int64:
		return float64(v), ""
	case uint64:
		return float64(v), ""
	case string:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return nil, "this is no double: " + strconv.Quote(v)
		}
		return f, ""
	}
	return nil, noMatch
}

func toBool(v Value) (Value, string) {
	switch v := v.(type) {
	case bool:
		return v, ""
	case string:
		switch v {
		case "1", "t", "T", "true", "TRUE", "True":
			return true, ""
		case "0", "f", "F", "false", "FALSE", "False":
			return false, ""
		}
		return nil, "this is no bool: " + strconv.Quote(v)
	}
	return nil, noMatch
}

func toString(v Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return "", false
}

func joined(args []Value) (Value, string) {
	list, ok := args[0].([]Value)
	separator := ""
	if ok && len(args) > 1 {
		separator, ok = args[1].(string)
	}
	if !ok {
		return nil, noMatch
	}
	parts := make([]string, len(list))
	for i, v := range list {
		if parts[i], ok = v.(string); !ok {
			return nil, "join takes a list of strings"
		}
	}
	return strings.Join(parts, separator), ""
}

// quoted writes a string as a literal.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch r {
		case '\a':
			b.WriteString(`\a`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\v':
			b.WriteString(`\v`)
		case '\\', '"':
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func mapASCII(s string, from, to rune, by rune) string {
	return strings.Map(func(r rune) rune {
		if r >= from && r <= to {
			return r + by
		}
		return r
	}, s)
}

// limit is the number that an optional argument gives, -1 without one.
func limit(args []Value) (int, bool) {
	if len(args) == 0 {
		return -1, true
	}
	n, ok := args[0].(int64)
	return int(max(-1, min(n, math.MaxInt32))), ok
}

// substring is charAt(i), substring(from) and substring(from, to), in
// characters.
func substring(name, s string, args []Value) (Value, string) {
	runes := []rune(s)
	from, ok := args[0].(int64)
	to := int64(len(runes))
	if len(args) > 1 && ok {
		to, ok = args[1].(int64)
	}
	switch {
	case !ok:
		return nil, noMatch
	case from < 0 || from > int64(len(runes)) || to < from || to > int64(len(runes)):
		return nil, "the index is out of range: the string has " + strconv.Itoa(len(runes)) + " characters"
	case name == "charAt":
		to = min(from+1, to)
	}
	return string(runes[from:to]), ""
}

// find is indexOf and lastIndexOf, in characters. The search begins at an
// offset, and goes to the end, or to the beginning for the last one.
func find(name, s, t string, args []Value) (Value, string) {
	runes, wanted := []rune(s), []rune(t)
	last := name == "lastIndexOf"
	from := int64(0)
	if last {
		from = int64(len(runes)) - 1
		switch {
		case len(wanted) == 0:
			from++
		case len(s) < len(t) && len(args) == 0:
			return int64(-1), ""
		}
	}
	if len(args) > 0 {
		var ok bool
		if from, ok = args[0].(int64); !ok {
			return nil, noMatch
		}
	}
	step, end := int64(1), int64(len(runes)-len(wanted))+1
	switch {
	case len(wanted) == 0:
		return from, ""
	case from < 0:
		return nil, "the index is out of range: " + strconv.FormatInt(from, 10)
	case from >= int64(len(runes)):
		return int64(-1), ""
	case last:
		from, step, end = min(from, end-1), -1, -1
	}
	for i := from; (i < end) == (step > 0) && i != end; i += step {
		if string(runes[i:i+int64(len(wanted))]) == t {
			return i, ""
		}
	}
	return int64(-1), ""
}

func replace(s, old string, args []Value) (Value, string) {
	with, ok := args[0].(string)
	if !ok {
		return nil, noMatch
	}
	n, ok := limit(args[1:])
	if !ok {
		return nil, noMatch
	}
	return strings.Replace(s, old, with, n), ""
}
