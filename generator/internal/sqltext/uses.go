package sqltext

import (
	"strconv"
	"strings"
)

// Use is how a statement writes the first use of a parameter.
type Use struct {
	// Cast is true for $1::type and CAST($1 AS type).
	Cast bool
	// Call is the function or procedure, as it is written, that the parameter
	// alone is an argument of, and Argument which one, from 0. Call is empty
	// for what only looks like a call, such as IN (…), and for COALESCE, LEAST,
	// GREATEST and NULLIF, which are expressions.
	Call     string
	Argument int
	// Label is the name that the argument is given by, as in f(a => $1).
	Label string
}

// Uses reads the first use of every parameter of a statement, by its number.
func Uses(sql string) map[int]Use {
	w := starFinder{text: sql, tokens: Significant(sql)}
	out := map[int]Use{}
	// open holds the parentheses around a token, and the commas in each so far.
	type parenthesis struct{ at, commas int }
	var open []parenthesis
	for i, t := range w.tokens {
		switch w.symbol(i) {
		case "(", "[":
			open = append(open, parenthesis{at: i})
		case ")", "]":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case ",":
			if len(open) > 0 {
				open[len(open)-1].commas++
			}
		}
		if t.Kind != Placeholder {
			continue
		}
		number, err := strconv.Atoi(w.text[t.Start+1 : t.End])
		if _, seen := out[number]; seen || err != nil {
			continue
		}
		use := Use{Cast: w.symbol(i+1) == "::" || w.is(i+1, "as") && w.symbol(i-1) == "(" && w.is(i-2, "cast")}
		if len(open) > 0 && !use.Cast {
			inner := open[len(open)-1]
			before := i - 1
			if w.symbol(i-1) == "=>" || w.symbol(i-1) == ":=" {
				use.Label = w.word(i - 2)
				before = i - 3
			}
			alone := (before == inner.at || w.symbol(before) == ",") && (w.symbol(i+1) == "," || w.symbol(i+1) == ")")
			if alone && w.symbol(inner.at) == "(" {
				if use.Call = w.called(inner.at - 1); use.Call != "" {
					use.Argument = inner.commas
				}
			}
		}
		out[number] = use
	}
	return out
}

// called is the name before a parenthesis if that makes a call.
func (w *starFinder) called(i int) string {
	name := strings.ToLower(w.word(i))
	switch name {
	case "in", "values", "any", "all", "some", "and", "or", "not", "exists", "array", "over", "row", "select", "where", "on",
		"using", "by", "as", "from", "when", "then", "else", "case", "like", "ilike", "between", "limit", "offset", "set", "returning",
		"having", "cast", "coalesce", "least", "greatest", "nullif", "extract", "filter", "is", "with", "distinct", "union", "except", "intersect":
		return ""
	}
	return name
}
