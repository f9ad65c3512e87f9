package cel_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/cel"
)

func environment() map[string]*cel.Type {
	return map[string]*cel.Type{
		"n": cel.Int(), "text": cel.String(), "list": cel.List(cel.Int()), "any": cel.Dyn(),
		"point": cel.Message("Point", cel.Field{Name: "x", Type: cel.Int()}, cel.Field{Name: "label", Type: cel.String()}),
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	env := environment()
	variables := map[string]cel.Value{
		"n": int64(7), "text": "größe", "list": []cel.Value{int64(1), int64(2), int64(3)}, "any": nil,
		"point": &cel.Object{Type: env["point"], Fields: map[string]cel.Value{"x": int64(3)}},
	}
	for text, want := range map[string]cel.Value{
		"1 + 2 * 3":                         int64(7),
		"-7 / 2":                            int64(-3),
		"7u % 4u":                           uint64(3),
		"1.0 / 0.0":                         math.Inf(1),
		"n == 7 && !(n < 7)":                true,
		"false || n in list":                false,
		"1 / 0 == 1 || true":                true,
		"n > 5 ? 'big' : 'small'":           "big",
		"text.size()":                       int64(5),
		"text.substring(2, 4)":              "öß",
		"list.map(x, x > 1, x * 2)":         []cel.Value{int64(4), int64(6)},
		"list.exists_one(x, x == 2)":        true,
		"[1, 0].exists(x, 1 / x == 1)":      true,
		"has(point.x) && !has(point.label)": true,
		"point.label":                       "",
		`{"a": 1}["a"]`:                     int64(1),
		`r"\d" + "\x41\u00e4"`:              `\dAä`,
		"dyn(1) == 1.0":                     true,
		"[1, 2][1] // a comment":            int64(2),
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			p, fault := cel.Compile(text, env)
			require.Nil(t, fault)
			v, err := p.Eval(variables)
			require.NoError(t, err)
			require.Equal(t, want, v)
		})
	}
}

// TestFaults holds what does not compile to a message at the right place.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, at, message, hint string
	}{
		"nothing":             {"", "", "the expression ends too early", ""},
		"a missing operand":   {"n == ", "", "the expression ends too early", ""},
		"a word for a sign":   {"n == 1 and n == 2", "and", `unexpected "and", expected an operator`, "and is &&"},
		"one equals sign":     {"n = 1", "=", `unexpected character '='`, "equality is =="},
		"an open string":      {`n == "a`, `"a`, "the string has no end", ""},
		"an open bracket":     {"(n == 1", "", `the expression ends too early, expected ")"`, ""},
		"a variable":          {"txt == 'a'", "txt", "there is no variable txt", "did you mean text?"},
		"a field":             {"point.labl", "labl", "point has no field labl", "did you mean label?"},
		"a field of a number": {"n.x", "x", "n has no fields: it is an int", ""},
		"a method":            {"text.lowerascii()", "lowerascii", "there is no method lowerascii", "did you mean lowerAscii?"},
		"a function":          {"lenght(text)", "lenght", "there is no function lenght", ""},
		"a function's form":   {"contains(text, 'a')", "contains", "there is no function contains", "there is a method of that name: write x.contains()"},
		"an argument":         {"text.contains(1)", "contains", "a string has no method contains(int)", ""},
		"two types":           {"n > 1.5", ">", "> does not take an int and a double", "a double is written with a point: 1000.0"},
		"unequal types":       {"n == 'a'", "==", "== does not take an int and a string", ""},
		"no condition":        {"n && true", "&&", "&& does not take an int and a bool", ""},
		"a choice":            {"n ? 1 : 2", "n", "the condition before ? must be a bool, not an int", ""},
		"two choices":         {"n > 1 ? 1 : 'a'", "?", "both values of ? : must have a type, and not be an int and a string", ""},
		"a loop over a text":  {"text.all(c, true)", "all", "all goes over a list or a map, and this is a string", ""},
		"a loop's condition":  {"list.filter(x, x)", "x)", "the condition of filter must be a bool, not an int", ""},
		"a pattern":           {"text.matches('a(')", "'a('", "missing closing ): `a(`", ""},
		"a number":            {"n > 9223372036854775808", "9223372036854775808", "9223372036854775808 is out of range", ""},
		"has":                 {"has(point)", "point", "has() asks for a field, as in has(query.name)", ""},
		"times":               {"timestamp('x') == any", "timestamp", "timestamp() is not supported", ""},
		"types":               {"any == int", "int", "types as values are not supported: int", ""},
		"bytes":               {"b'a' == any", "b'a'", "bytes are not supported: write a string", ""},
		"a reserved word":     {"for == 1", "for", "for is a reserved word", ""},
		"deep":                {strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300), "", "the expression is nested too deeply", ""},
		"deep members":        {"any" + strings.Repeat(".a", 300), "", "the expression is nested too deeply", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, fault := cel.Compile(c.text, environment())
			require.NotNil(t, fault)
			require.Equal(t, c.message, fault.Message)
			require.Equal(t, c.message, fault.Error())
			if c.hint != "" {
				require.Equal(t, c.hint, fault.Hint)
			}
			if c.at != "" {
				require.True(t, strings.HasPrefix(c.text[fault.Offset:], c.at), c.text[fault.Offset:])
			}
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1 / (n - n)":              "division by zero",
		"list[n]":                  "the index is out of range: the list has 3 items",
		"[][0]":                    "the index is out of range: the list has no items",
		"9223372036854775807 + n":  "the number is out of range",
		"{'a': 1}[text]":           "there is no such key",
		"int(text)":                `this is no int: "x"`,
		"text.matches(text + '(')": "missing closing ): `x(`",
		"any.b":                    "the value has no field b",
		"any + 1":                  "the values are not of types that this takes",
		"any && true":              "&& takes bools",
		"text.substring(3)":        "the index is out of range: the string has 1 characters",
		"list.map(a, list.map(b, list.map(c, " + strings.Repeat("list.map(d, ", 12) + "1" + strings.Repeat(")", 15): "the expression takes too long",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			p, fault := cel.Compile(text, environment())
			require.Nil(t, fault)
			_, err := p.Eval(map[string]cel.Value{"n": int64(7), "text": "x", "list": []cel.Value{int64(1), int64(2), int64(3)}})
			require.EqualError(t, err, want)
		})
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	p, fault := cel.Compile("n > 1 && list.all(text, text > 0)", environment())
	require.Nil(t, fault)
	require.True(t, p.Uses("n"))
	require.True(t, p.Uses("list"))
	require.False(t, p.Uses("text"), "the variable of the loop hides it")
}

// FuzzCompile holds any text to an error or a value, at a place inside of it.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{"1 + 2", "list.map(x, x * 2)", `"a\x41"`, "point.x == 1 ? 'a' : r'b'", "{'a': [1u, 2.5]}", "-- n", "has(point.x)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, fault := cel.Compile(text, environment())
		if fault != nil {
			require.GreaterOrEqual(t, fault.Offset, 0)
			require.LessOrEqual(t, fault.Offset, len(text))
			return
		}
		_, err := p.Eval(map[string]cel.Value{"n": int64(7), "text": "x", "list": []cel.Value{int64(1)}})
		if err != nil {
			require.NotEmpty(t, err.Error())
		}
	})
}
