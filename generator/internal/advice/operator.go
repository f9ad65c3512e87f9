package advice

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

var operatorMissing = regexp.MustCompile(`^operator does not exist: (.*?) ?([-+*/<>=~!@#%^&|?` + "`" + `]+) (.*)$`)

// comparisons are the operators whose sides have to be of one type.
var comparisons = set("= <> != < > <= >=")

// numbers are the types that compare with each other as they are.
var numbers = set("smallint integer bigint numeric real oid")

// operator is the advice about an operator that is not there for its operands.
func (s *statement) operator() string {
	m := operatorMissing.FindStringSubmatch(s.Message)
	if m == nil {
		return ""
	}
	left, operator, right := m[1], m[2], m[3]
	switch {
	case strings.Contains(operator, "`"):
		return backticks
	case operator == "==":
		return "equality is one ="
	case operator == "+" && (left == "text" || right == "text"):
		return "text is joined with ||"
	case operator == "&&" && (left == "boolean" || right == "boolean"):
		return "conditions are joined with AND"
	case strings.HasSuffix(operator, "~~") || strings.HasSuffix(operator, "~~*") || operator == "~" || operator == "~*":
		if left != "text" && !strings.Contains(left, "[]") {
			return s.pattern(operator)
		}
	case (operator == "+" || operator == "-") && (strings.HasPrefix(left, "timestamp") || strings.HasPrefix(left, "time ")) && numbers[right]:
		return fmt.Sprintf("add an interval: %s interval '1 day', or make_interval(days => n)", operator)
	case (operator == "->" || operator == "->>" || operator == "#>" || operator == "#>>") && (left == "text" || left == "character varying"):
		return "cast the left side to jsonb" + s.as(s.left(), "jsonb")
	case comparisons[operator] && left == right && (left == "json" || left == "point" || left == "xml"):
		if left == "json" {
			return "json has no comparisons, jsonb has" + s.as(s.left(), "jsonb")
		}
		return fmt.Sprintf("values of type %s cannot be compared with %s; cast both to text", left, operator)
	case comparisons[operator] && strings.TrimSuffix(right, "[]") == left && right != left:
		return fmt.Sprintf("the right side is an array: write %s ANY(…) around it to look for one of its elements", operator)
	case comparisons[operator] && strings.TrimSuffix(left, "[]") == right && right != left:
		return s.element(operator)
	case comparisons[operator] && left != right && left != "" && left != "record" && right != "record":
		return s.compare(operator, left, right)
	}
	return ""
}

const backticks = "names are quoted with double quotes, not backticks"

// pattern is the advice about LIKE on what is no text.
func (s *statement) pattern(operator string) string {
	word := map[string]string{"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"}[operator]
	if word == "" {
		return "the operator " + operator + " works on text: cast the left side" + s.as(s.left(), "text")
	}
	return fmt.Sprintf("%s is %s, which works on text: cast the left side%s", operator, word, s.as(s.left(), "text"))
}

// element is the advice about an array compared with one of its elements.
func (s *statement) element(operator string) string {
	left, right := s.left(), s.right()
	if left == "" || right == "" {
		return fmt.Sprintf("the left side is an array: write value %s ANY(array)", operator)
	}
	return fmt.Sprintf("the left side is an array: write %s %s ANY(%s)", right, operator, left)
}

// compare is the advice about two sides of different types.
func (s *statement) compare(operator, left, right string) string {
	l, r := s.left(), s.right()
	if at := s.after(); at < len(s.tokens) {
		switch t := s.tokens[at]; {
		case t.Kind == sqltext.Number && left == "text":
			return fmt.Sprintf("%s is text: write '%s', in quotes", or(l, "the left side"), s.text(at))
		case s.word(at) == "any" || s.word(at) == "all" || s.word(at) == "some":
			if cast := s.arrayCast(at, left); cast != "" {
				return cast
			}
			return fmt.Sprintf("the left side is %s and the array holds %s: cast the array to %s[]", left, right, left)
		}
	}
	if at := s.after(); strings.HasPrefix(s.text(at), "$") && s.text(at+1) == "::" {
		return fmt.Sprintf("%s is %s: cast the parameter to that, as in %s::%s", or(l, "the left side"), left, s.spelled(at), left)
	}
	switch {
	case moments[left] && numbers[right]:
		return fmt.Sprintf("%s is %s: compare it with a time, such as now() - interval '1 day' or '2025-01-31'", or(l, "the left side"), left)
	case left == "boolean" && numbers[right]:
		return fmt.Sprintf("%s is boolean: write true or false", or(l, "the left side"))
	}
	both := fmt.Sprintf("%s is %s and %s is %s", or(l, "the left side"), left, or(r, "the right side"), right)
	switch {
	case right == "unknown" || left == "unknown":
		return ""
	case !isText(left) && !isText(right):
		return both + ", which do not compare"
	case l == "" && r == "":
		return both + ": cast one of them to the type of the other"
	case l == "":
		return fmt.Sprintf("%s: cast one of them, as in %s::%s", both, r, left)
	case r == "":
		return fmt.Sprintf("%s: cast one of them, as in %s::%s", both, l, right)
	case isText(left):
		return fmt.Sprintf("%s: cast one of them, as in %s %s %s::text", both, l, operator, r)
	}
	return fmt.Sprintf("%s: cast one of them, as in %s::%s %s %s", both, l, right, operator, r)
}

// arrayCast spells out the cast of an array in ANY(…).
func (s *statement) arrayCast(at int, element string) string {
	if s.text(at+1) != "(" || s.text(at+3) != "::" || !strings.HasPrefix(s.text(at+2), "$") {
		return ""
	}
	return fmt.Sprintf("the array has to be of the type of the left side: %s(%s::%s[])", s.text(at), s.spelled(at+2), element)
}

func or(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}

// as ends a sentence with how a cast of an operand looks, if that is known.
func (s *statement) as(operand, to string) string {
	if operand == "" {
		return ""
	}
	return fmt.Sprintf(", as in %s::%s", operand, to)
}

// after is the first token behind the operator at the error.
func (s *statement) after() int {
	i := s.at + 1
	// NOT LIKE and IS DISTINCT FROM are several words.
	for s.word(s.at) != "" && (s.word(i) == "like" || s.word(i) == "ilike" || s.word(i) == "distinct" || s.word(i) == "from") {
		i++
	}
	return i
}

// left and right are the operands at the error, if they are names, parameters
// or constants.
func (s *statement) left() string {
	end := s.at
	start := end - 1
	for start >= 2 && s.text(start-1) == "." {
		start -= 2
	}
	if text, end := s.operandFrom(start); end == s.at {
		if p := s.text(start - 1); p != "::" && p != "." && p != "]" && p != ")" {
			return text
		}
	}
	return ""
}

func (s *statement) right() string {
	text, end := s.operandFrom(s.after())
	switch s.text(end) {
	case "::", "(", "[", ".":
		return ""
	}
	return text
}

// operandFrom reads a name, a parameter or a constant, and returns the token
// behind it.
func (s *statement) operandFrom(i int) (text string, end int) {
	if i < 0 || i >= len(s.tokens) {
		return "", i
	}
	switch s.tokens[i].Kind {
	case sqltext.Placeholder:
		return s.spelled(i), i + 1
	case sqltext.Number, sqltext.String:
		return s.text(i), i + 1
	case sqltext.Ident, sqltext.QuotedIdent:
		end = i + 1
		for s.text(end) == "." && s.name(end+1) != "" {
			end += 2
		}
		if s.tokens[i].Kind == sqltext.Ident && end == i+1 && notOperand[s.word(i)] {
			return "", i + 1
		}
		return s.SQL[s.tokens[i].Start:s.tokens[end-1].End], end
	}
	return "", i + 1
}

func (s *statement) operandEnd(i int) int {
	_, end := s.operandFrom(i)
	return end
}

// notOperand are the words that no column, parameter or constant is.
var notOperand = set("any all some null true false array row case end not exists select interval date time timestamp cast coalesce")
