package analysis

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/advice"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// check reports where a query's command and its statement do not fit.
func (a *analyser) check(st *statement, q *model.Query) {
	switch {
	case q.Command == model.ExecLastID:
		a.report(st.head("PostgreSQL has no last insert id, so :execlastid cannot work", "use :one with INSERT … RETURNING id"))
	case q.Command == model.CopyFrom:
		a.copyTarget(st, q)
	case q.Command.ReturnsRows() && st.answer.fields == nil:
		hint := "use :exec, :execrows or :execresult"
		if a.writes(st) {
			hint = "add a RETURNING clause, or use :exec, :execrows or :execresult"
		}
		a.report(st.head(fmt.Sprintf("query %s is %s but its statement returns no columns", q.Name, q.Command), hint))
	}
	for i := range st.answer.params {
		if !a.used(st, i+1) {
			a.report(st.head(fmt.Sprintf("query %s has a parameter $%d but none $%d", q.Name, len(st.answer.params), i+1), "number the parameters without gaps, or name them"))
			return
		}
	}
}

func (a *analyser) used(st *statement, number int) bool {
	for _, p := range st.rewritten.Params {
		if p.Number == number {
			return true
		}
	}
	return false
}

// writes reports whether a statement begins with a word after which RETURNING
// can stand.
func (a *analyser) writes(st *statement) bool {
	for _, t := range sqltext.Tokens(st.rewritten.SQL) {
		switch strings.ToLower(st.rewritten.SQL[t.Start:t.End]) {
		case "insert", "update", "delete", "merge":
			return true
		case "select", "table", "values":
			return false
		}
	}
	return false
}

// copyTarget reads a :copyfrom statement, which must be a plain INSERT of its
// parameters: INSERT INTO table (columns) VALUES ($1, …).
func (a *analyser) copyTarget(st *statement, q *model.Query) {
	fail := func(offset int, message string) {
		a.report(st.at(offset, message, "write it as INSERT INTO table (column, …) VALUES ($1, …), one parameter for each column"))
	}
	sql := st.rewritten.SQL
	tokens := sqltext.Significant(sql)
	i := 0
	word := func() string {
		if i < len(tokens) {
			return strings.ToLower(sql[tokens[i].Start:tokens[i].End])
		}
		return ""
	}
	offset := func() int {
		if i < len(tokens) {
			return tokens[i].Start
		}
		return len(sql)
	}
	for _, w := range []string{"insert", "into"} {
		if word() != w {
			fail(offset(), fmt.Sprintf("query %s is :copyfrom but no plain INSERT", q.Name))
			return
		}
		i++
	}
	q.Copy = &model.CopyTarget{Table: identifier(sql[tokens[i].Start:tokens[i].End])}
	i++
	if word() == "." {
		i++
		q.Copy.Schema, q.Copy.Table = q.Copy.Table, identifier(word2(tokens, i, sql))
		i++
	}
	if word() != "(" {
		fail(offset(), fmt.Sprintf("query %s is :copyfrom and has to name the columns", q.Name))
		return
	}
	for i++; ; {
		if word() == "" || word() == ")" {
			break
		}
		q.Copy.Columns = append(q.Copy.Columns, identifier(word2(tokens, i, sql)))
		i++
		if word() == "," {
			i++
			continue
		}
		if word() != ")" {
			fail(offset(), fmt.Sprintf("query %s is :copyfrom and can only fill whole columns", q.Name))
			return
		}
	}
	i++
	for _, w := range []string{"values", "("} {
		if word() != w {
			fail(offset(), fmt.Sprintf("query %s is :copyfrom but no plain INSERT of VALUES", q.Name))
			return
		}
		i++
	}
	var order []int
	for word() != ")" && word() != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(word(), "$"))
		if !strings.HasPrefix(word(), "$") || err != nil {
			fail(offset(), fmt.Sprintf("query %s is :copyfrom and takes parameters only, each as it is", q.Name))
			return
		}
		order = append(order, n)
		i++
		if word() == "," {
			i++
		} else if word() != ")" {
			fail(offset(), fmt.Sprintf("query %s is :copyfrom and takes parameters only, each as it is", q.Name))
			return
		}
	}
	i++
	if i < len(tokens) {
		fail(offset(), fmt.Sprintf("query %s is :copyfrom: COPY has no %s", q.Name, strings.ToUpper(word())))
		return
	}
	if len(order) != len(q.Copy.Columns) {
		fail(len(sql), fmt.Sprintf("query %s has %d columns and %d values", q.Name, len(q.Copy.Columns), len(order)))
		return
	}
	// The parameters in the order of the columns, each of them once.
	params := make([]*model.Param, len(order))
	seen := map[int]bool{}
	for j, n := range order {
		if seen[n] || n < 1 || n > len(q.Params) {
			fail(len(sql), fmt.Sprintf("query %s is :copyfrom and uses parameter $%d more than once", q.Name, n))
			return
		}
		seen[n] = true
		params[j] = q.Params[n-1]
	}
	q.Params = params
	q.Columns = nil
}

func word2(tokens []sqltext.Token, i int, sql string) string {
	if i < len(tokens) {
		return sql[tokens[i].Start:tokens[i].End]
	}
	return ""
}

// identifier is the name that an identifier token stands for.
func identifier(token string) string {
	if strings.HasPrefix(token, `"`) {
		return strings.ReplaceAll(strings.Trim(token, `"`), `""`, `"`)
	}
	return strings.ToLower(token)
}

var parameterNumber = regexp.MustCompile(`\$(\d+)`)

// rejection is PostgreSQL's error at its place in the user's file.
func (a *analyser) rejection(st *statement, e *pgconn.PgError) *diag.Diagnostic {
	offset := -1
	switch {
	case e.Position > 0:
		offset = sqltext.ByteOffset(st.rewritten.SQL, int(e.Position))
	case e.Code == indeterminateType:
		// The only error of those about a parameter that comes without a
		// position, but with its number.
		m := parameterNumber.FindString(e.Message)
		for _, t := range sqltext.Tokens(st.rewritten.SQL) {
			if m != "" && st.rewritten.SQL[t.Start:t.End] == m {
				offset = t.Start
				break
			}
		}
		if offset < 0 {
			return a.gap(st, m)
		}
	}
	spelled := map[string]string{}
	for _, p := range st.rewritten.Params {
		if p.Name != "" {
			spelled[fmt.Sprintf("$%d", p.Number)] = "@" + p.Name
		}
	}
	advised := advice.For(advice.Question{
		SQL: st.rewritten.SQL, Code: e.Code, Message: e.Message, Hint: e.Hint, Offset: offset,
		Catalog: a.session.Catalog, Live: a.session.live, Role: a.session.conn.Config().User, Spelled: spelled,
	})
	offset = max(0, advised.Offset)
	message, hint := e.Message, advised.Hint
	if p := blamed(st, e, offset); p != nil {
		spelled := fmt.Sprintf("$%d", p.Number)
		if p.Name != "" {
			// The number is ours; the user has never seen it.
			message = parameterNumber.ReplaceAllLiteralString(message, p.Name)
			spelled = "@" + p.Name
		}
		hint = fmt.Sprintf("say what type it has with a cast, as in %s::text", spelled)
		if len(p.Offsets) > 1 {
			hint = fmt.Sprintf("%s is one value of one type, and is used at %s: give every use the same cast, or use two parameters", spelled, places(st, p))
		}
	}
	if e.Detail != "" {
		message += " (" + strings.TrimSuffix(e.Detail, ".") + ")"
	}
	return st.at(offset, message, hint)
}

// The SQLSTATEs of parameters without a type, and with two.
const (
	indeterminateType = "42P18"
	ambiguousType     = "42P08"
	undefinedFunction = "42883"
)

// gap is the error about a parameter's number that a query leaves out.
func (a *analyser) gap(st *statement, missing string) *diag.Diagnostic {
	var numbers []string
	last := 0
	for _, p := range st.rewritten.Params {
		numbers = append(numbers, fmt.Sprintf("$%d", p.Number))
		last = max(last, slices.Max(p.Offsets))
	}
	hint := "number the parameters without gaps from $1, or give them names, as in @name"
	if len(numbers) > 0 {
		return st.File.Error(last, fmt.Sprintf("query %s uses %s but no %s", st.Header.Name, strings.Join(numbers, " and "), missing), hint)
	}
	return st.head(fmt.Sprintf("query %s has no %s", st.Header.Name, missing), hint)
}

// blamed is the parameter that an error is about, or nil. PostgreSQL takes a
// parameter's type from its first use, and reports a second one that does not
// fit by its number or, if an operator does not take it, by that operator.
func blamed(st *statement, e *pgconn.PgError, offset int) *sqltext.Param {
	sql := st.rewritten.SQL
	find := func(text string) *sqltext.Param {
		for i, p := range st.rewritten.Params {
			if text == fmt.Sprintf("$%d", p.Number) {
				return &st.rewritten.Params[i]
			}
		}
		return nil
	}
	switch {
	case e.Code == ambiguousType, e.Code == indeterminateType:
		return find(parameterNumber.FindString(e.Message))
	case e.Code == undefinedFunction && strings.HasPrefix(e.Message, "operator"):
		list := sqltext.Significant(sql)
		for i, t := range list {
			if t.Start != offset {
				continue
			}
			for _, j := range []int{i - 1, i + 1} {
				if j < 0 || j >= len(list) {
					continue
				}
				if p := find(sql[list[j].Start:list[j].End]); p != nil && len(p.Offsets) > 1 {
					return p
				}
			}
		}
	}
	return nil
}

// places lists where a parameter is used, as line and column.
func places(st *statement, p *sqltext.Param) string {
	list := make([]string, len(p.Offsets))
	for i, offset := range p.Offsets {
		d := st.File.Error(offset, "", "")
		list[i] = fmt.Sprintf("%d:%d", d.Line, d.Column)
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}
