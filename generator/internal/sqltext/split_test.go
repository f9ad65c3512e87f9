package sqltext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
)

// statements are the texts of a file's statements, with the names of queries
// in front.
func statements(f *File) []string {
	var out []string
	for _, s := range f.Statements {
		text := s.Text()
		if s.Header != nil {
			text = s.Header.Name + ": " + text
		}
		if s.Broken {
			text = "broken " + text
		}
		out = append(out, text)
	}
	return out
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty file":                 {"", nil},
		"blank file":                 {" \r\n\t\n", nil},
		"comments only":              {"-- a\n/* b */\n", nil},
		"empty statements":           {";;\n;select 1;;", []string{"select 1"}},
		"no final semicolon":         {"select 1;\nselect 2\n", []string{"select 1", "select 2"}},
		"no final line end":          {"select 1", []string{"select 1"}},
		"comment before semicolon":   {"select 1 -- one\n ;", []string{"select 1 -- one"}},
		"comment on the last line":   {"select 1 /* one */\n-- end", []string{"select 1 /* one */"}},
		"semicolons in quotes":       {`select ';', ";", E'\';', $$;$$, $a$;$$;$a$ /* ; */; x`, []string{`select ';', ";", E'\';', $$;$$, $a$;$$;$a$ /* ; */`, "x"}},
		"byte order mark":            {"\ufeffselect 1;", []string{"select 1"}},
		"windows line ends":          {"-- name: A :one\r\nselect 1;\r\n-- name: B :one\r\nselect\r\n2;\r\n", []string{"A: select 1", "B: select\r\n2"}},
		"lone carriage returns":      {"-- name: A :one\rselect 1;\r-- name: B :one\rselect 2;", []string{"A: select 1", "B: select 2"}},
		"begin atomic":               {"create function f() returns int begin atomic select case when true then 1 end; select (case 1 when 1 then 2 end) as end; end; select 2;", []string{"create function f() returns int begin atomic select case when true then 1 end; select (case 1 when 1 then 2 end) as end; end", "select 2"}},
		"begin atomic in procedure":  {"CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC insert into t values (1); END; select 2;", []string{"CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC insert into t values (1); END", "select 2"}},
		"transaction":                {"begin; select 1; end;", []string{"begin", "select 1", "end"}},
		"rule":                       {"create rule r as on insert to t do (select 1; select (2)); select 3;", []string{"create rule r as on insert to t do (select 1; select (2))", "select 3"}},
		"parenthesis left open":      {"select (1; select 2;", []string{"select (1", "select 2"}},
		"psql commands":              {"\\restrict xyz\n\\connect x;y\nselect 1;\n  \\d t\nselect 2;", []string{"select 1", "select 2"}},
		"psql command on the line":   {"select 1; \\echo 'x\nselect 2;", []string{"select 1", "select 2"}},
		"psql command behind a mark": {"\ufeff\\connect x\nselect 1;", []string{"select 1"}},
		"function body":              {"create function f() returns int language plpgsql as $f$\nbegin\n  -- name: A :one\n  return 1;\nend $f$;\nselect 1", []string{"create function f() returns int language plpgsql as $f$\nbegin\n  -- name: A :one\n  return 1;\nend $f$", "select 1"}},
		"copy":                       {"COPY public.t (a, b) FROM stdin;\n1\tit's; \"\n\\\\.\n\\N\t$$\n\\.\n\nselect 1;", []string{"COPY public.t (a, b) FROM stdin", "select 1"}},
		"copy without rows":          {"copy t from stdin;\n\\.\nselect 1;", []string{"copy t from stdin", "select 1"}},
		"copy without end":           {"copy t from stdin;\nselect 1;", []string{"copy t from stdin", "select 1"}},
		"copy as a query":            {"-- name: C :exec\ncopy t from stdin;\nselect 1;\n\\.\n", []string{"C: copy t from stdin", "select 1"}},
		"copy to":                    {"copy t to stdout; select 1;", []string{"copy t to stdout", "select 1"}},
		"statement after the query":  {"-- name: A :exec\ndelete from a;\ndelete from b;", []string{"A: delete from a", "delete from b"}},
		"meaningful comment":         {"-- name: A :exec\nupdate /* TEMPLATE: schema */job set a = 1;", []string{"A: update /* TEMPLATE: schema */job set a = 1"}},
		"header behind a statement":  {"select 1; -- name: A :one\nselect 2;", []string{"select 1", "A: select 2"}},
		"header on the same line":    {"/* name: A :one */ select 2;", []string{"A: select 2"}},
		"not a header":               {"/* the name: A :one */ select 2;", []string{"select 2"}},
		"pg_dump's comments":         {"--\n-- Name: users; Type: TABLE; Schema: public; Owner: -\n--\n\ncreate table users ();", []string{"create table users ()"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, diags := Split("q.sql", c.text)
			require.Empty(t, diags.Format())
			require.Equal(t, c.want, statements(f))
		})
	}
}

func TestSplitCopyData(t *testing.T) {
	t.Parallel()
	text := "copy t from stdin;\r\n1\r\n2\r\n\\.\r\ncopy t from stdin;\n\\.\nselect 1"
	f, diags := Split("q.sql", text)
	require.Empty(t, diags.Format())
	require.Len(t, f.Statements, 3)
	require.Equal(t, "1\r\n2\r\n", text[f.Statements[0].DataStart:f.Statements[0].DataEnd])
	require.Equal(t, "", text[f.Statements[1].DataStart:f.Statements[1].DataEnd])
	require.Zero(t, f.Statements[2].DataEnd)
}

func TestSplitMetaCommands(t *testing.T) {
	t.Parallel()
	f, diags := Split("q.sql", "\\i a.sql \nselect 1;\r\n\t\\connect x\r\nselect 2;")
	require.Empty(t, diags.Format())
	require.Equal(t, []MetaCommand{{`\i a.sql`, 0}, {`\connect x`, 22}}, f.Commands)
}

func TestSplitErrors(t *testing.T) {
	t.Parallel()
	const list = ":one, :many, :iter, :optional, :exec, :execrows, :execresult, :execlastid, :copyfrom, :batchexec, :batchone, :batchmany"
	for name, c := range map[string]struct {
		text, message, hint string
		line, column        int
		want                []string
	}{
		"invalid UTF-8":            {"select 'a';\nselect 'ä\xff'", "byte 0xff is not valid UTF-8", "save the file as UTF-8", 2, 10, nil},
		"NUL":                      {"select 1\x00", "NUL byte in the file", "is this a text file? SQL has no NUL bytes, and PostgreSQL stores none in text", 1, 9, nil},
		"UTF-16":                   {"s\x00e\x00", "NUL byte in the file", "the file looks like UTF-16: save it as UTF-8", 1, 2, nil},
		"string":                   {"select 1;\nselect 'abc;", "unterminated quoted string", "it runs to the end of the file", 2, 8, []string{"select 1", "broken select 'abc;"}},
		"escape string":            {`select E'abc\'`, "unterminated quoted string", "it runs to the end of the file", 1, 8, []string{`broken select E'abc\'`}},
		"identifier":               {`select "abc;`, "unterminated quoted identifier", "it runs to the end of the file", 1, 8, []string{`broken select "abc;`}},
		"dollar quotes":            {`select $x$ abc $$;`, "unterminated dollar-quoted string", "it runs to the end of the file", 1, 8, []string{`broken select $x$ abc $$;`}},
		"comment":                  {"select 1; /* /* */", "unterminated /* comment", "it runs to the end of the file", 1, 11, []string{"select 1"}},
		"comment in a statement":   {"select /* 1;", "unterminated /* comment", "it runs to the end of the file", 1, 8, []string{"broken select /* 1;"}},
		"begin atomic":             {"create function f() begin atomic select 1;", "BEGIN ATOMIC without its END", "end the body of the function with END;", 1, 21, []string{"broken create function f() begin atomic select 1;"}},
		"psql in a statement":      {"select 1\n\\g\nselect 2;", "psql command inside a statement", `end the statement with ";" before it`, 2, 1, []string{"broken select 1", "select 2"}},
		"missing type":             {"-- name: ListFoos\nselect 1;", "missing query type", "the query types are " + list, 1, 1, []string{"broken select 1"}},
		"two types":                {"-- name: ListFoos :one :many\nselect 1;", "invalid query header: name: ListFoos :one :many", headerShape + ", with one query type and nothing behind it", 1, 1, []string{"broken select 1"}},
		"unknown type":             {"\n-- name: ListFoos :two\nselect 1;", `invalid query type ":two"`, "the query types are " + list, 2, 1, []string{"broken select 1"}},
		"mistyped type":            {"-- name: ListFoos :mnay\nselect 1;", `invalid query type ":mnay"`, `did you mean ":many"? the query types are ` + list, 1, 1, []string{"broken select 1"}},
		"type in capitals":         {"-- name: ListFoos :MANY\nselect 1;", `invalid query type ":MANY"`, `did you mean ":many"? the query types are ` + list, 1, 1, []string{"broken select 1"}},
		"type without colon":       {"-- name: ListFoos many\nselect 1;", `invalid query type "many"`, `write it with a colon: ":many"`, 1, 1, []string{"broken select 1"}},
		"type apart from colon":    {"-- name: ListFoos : many\nselect 1;", "invalid query header: name: ListFoos : many", `write the query type without a space: ":many"`, 1, 1, []string{"broken select 1"}},
		"no blank before type":     {"-- name: ListFoos:many\nselect 1;", "invalid query header: name: ListFoos:many", `put a space before the query type: "-- name: ListFoos :many"`, 1, 1, []string{"broken select 1"}},
		"name with dash":           {"-- name: list-foos :many\nselect 1;", `invalid query name "list-foos": it holds '-'`, "a name is made of letters, digits and underscores and begins with a letter, such as ListOrders", 1, 1, []string{"broken select 1"}},
		"name with digit first":    {"-- name: 1st :many\nselect 1;", `invalid query name "1st": it begins with a digit`, "a name is made of letters, digits and underscores and begins with a letter, such as ListOrders", 1, 1, []string{"broken select 1"}},
		"nothing behind name":      {"-- name:\nselect 1;", "header without a name and a query type", headerShape, 1, 1, []string{"broken select 1"}},
		"no colon":                 {"-- name ListFoos :one\nselect 1;", "invalid query header: name ListFoos :one", `did you mean "-- name: ListFoos :one"?`, 1, 1, []string{"broken select 1"}},
		"colon apart":              {"-- name : ListFoos :one\nselect 1;", "invalid query header: name : ListFoos :one", `did you mean "-- name: ListFoos :one"?`, 1, 1, []string{"broken select 1"}},
		"in capitals":              {"-- NAME: ListFoos :one\nselect 1;", "invalid query header: NAME: ListFoos :one", `did you mean "-- name: ListFoos :one"?`, 1, 1, []string{"broken select 1"}},
		"mistyped":                 {"-- nmae: ListFoos :one\nselect 1;", "invalid query header: nmae: ListFoos :one", `did you mean "-- name: ListFoos :one"?`, 1, 1, []string{"broken select 1"}},
		"prose":                    {"-- name: what the user is called\nselect 1;", "invalid query header: name: what the user is called", headerShape + ", with one query type and nothing behind it", 1, 1, []string{"broken select 1"}},
		"MySQL":                    {"# name: ListFoos :one\nselect 1;", `"#" does not begin a comment in PostgreSQL`, `write "-- name: …"`, 1, 1, []string{"broken # name: ListFoos :one\nselect 1"}},
		"no statement":             {"select 1;\n-- name: A :one\n", `header of "A" without a statement`, "write the statement below the header, or delete the header", 2, 1, []string{"select 1"}},
		"empty statement":          {"-- name: A :one\n; select 1;", `header of "A" without a statement`, "write the statement below the header, or delete the header", 1, 1, []string{"select 1"}},
		"header instead":           {"-- name: A :one\n\n-- name: B :one\nselect 1;", `header of "A" without a statement`, "another header follows it: write the statement between them, or delete this one", 1, 1, []string{"B: select 1"}},
		"same header twice":        {"-- name: A :one\n-- name: A :many\nselect 1;", `query "A" has two headers`, "keep one of them", 1, 1, []string{"A: select 1"}},
		"missing semicolon":        {"-- name: A :one\nselect 1\n\n-- name: B :one\nselect 2;", "missing semicolon before this header", `the statement above is not ended: put ";" behind it`, 4, 1, []string{"broken A: select 1", "B: select 2"}},
		"missing semicolon twice":  {"select 1 -- one\n-- two\n-- name: B :one\nselect 2;", "missing semicolon before this header", `the statement above is not ended: put ";" behind it`, 3, 1, []string{"broken select 1 -- one", "B: select 2"}},
		"directive without name":   {"-- name: A :one\n-- column:\nselect 1;", "column directive without a name", `write "-- column: total not null", "-- column: total nullable" or "-- column: total go: example.com/app/meta.Meta"`, 2, 4, []string{"broken A: select 1"}},
		"directive without clause": {"-- name: A :one\n--  param: x\nselect 1;", `param directive says nothing about "x"`, `write "-- param: x not null", "-- param: x nullable" or "-- param: x go: example.com/app/meta.Meta"`, 2, 5, []string{"broken A: select 1"}},
		"unknown clause":           {"-- name: A :one\n-- param: x optional\nselect 1;", `param directive does not know "optional"`, `write "-- param: x not null", "-- param: x nullable" or "-- param: x go: example.com/app/meta.Meta"`, 2, 4, []string{"broken A: select 1"}},
		"not nul":                  {"-- name: A :one\n-- param: x not nul\nselect 1;", `param directive: "not nul" is not "not null"`, `write "-- param: x not null", "-- param: x nullable" or "-- param: x go: example.com/app/meta.Meta"`, 2, 4, []string{"broken A: select 1"}},
		"both clauses":             {"-- name: A :one\n-- param: x not null nullable\nselect 1;", `param directive makes "x" both nullable and not null`, `write "-- param: x not null", "-- param: x nullable" or "-- param: x go: example.com/app/meta.Meta"`, 2, 4, []string{"broken A: select 1"}},
		"go without type":          {"-- name: A :one\n-- param: x go:\nselect 1;", `param directive without a type behind "go:"`, `write "-- param: x not null", "-- param: x nullable" or "-- param: x go: example.com/app/meta.Meta"`, 2, 4, []string{"broken A: select 1"}},
		"clause behind go":         {"-- name: A :one\n-- param: x go: T not null\nselect 1;", `param directive with "not null" in its Go type`, `put "not null" before "go:"`, 2, 4, []string{"broken A: select 1"}},
		"quoted target left open":  {"-- name: A :one\n-- column: \"x not null\nselect 1;", "column directive with an unterminated quoted name", `write "-- column: total not null", "-- column: total nullable" or "-- column: total go: example.com/app/meta.Meta"`, 2, 4, []string{"broken A: select 1"}},
		"row without name":         {"-- name: A :one\n-- row:\nselect 1;", "row directive without a single name", rowShape, 2, 4, []string{"broken A: select 1"}},
		"row with words":           {"-- name: A :one\n-- row: Order Line\nselect 1;", "row directive without a single name", rowShape, 2, 4, []string{"broken A: select 1"}},
		"mistyped directive":       {"-- name: A :one\n-- colum: x not null\nselect 1;", `unknown directive "colum:"`, `did you mean "column:"?`, 2, 4, []string{"broken A: select 1"}},
		"plural directive":         {"-- name: A :one\n-- rows: Line\nselect 1;", `unknown directive "rows:"`, `did you mean "row:"?`, 2, 4, []string{"broken A: select 1"}},
		"directive in capitals":    {"-- name: A :one\n-- Param: x nullable\nselect 1;", `unknown directive "Param:"`, `did you mean "param:"?`, 2, 4, []string{"broken A: select 1"}},
		"directive twice":          {"-- name: A :one\n-- param: x nullable\n-- param: x not null\nselect 1;", `second directive for the param "x"`, "say it in one directive", 3, 4, []string{"broken A: select 1"}},
		"row twice":                {"-- name: A :one\n-- row: X\n-- row: Y\nselect 1;", "second directive for the row", "say it in one directive", 3, 4, []string{"broken A: select 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, diags := Split("q.sql", c.text)
			all := diags.Sorted()
			require.Len(t, all, 1)
			require.Equal(t, c.message, all[0].Message)
			require.Equal(t, c.hint, all[0].Hint)
			require.Equal(t, [2]int{c.line, c.column}, [2]int{all[0].Line, all[0].Column})
			require.Equal(t, c.want, statements(f))
		})
	}
}

func TestSplitSchemaTakesBadHeadersForComments(t *testing.T) {
	t.Parallel()
	f, diags := SplitSchema("s.sql", `-- name: what the user is called
create table a ();
-- name: B
create table b ();
-- name: C :one
select 1;
-- column: x
-- name: D :one
select 2;
-- name: E :one
`)
	require.Empty(t, diags.Format())
	require.Equal(t, []string{"create table a ()", "create table b ()", "C: select 1", "D: select 2"}, statements(f))
}

func TestHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want Header
	}{
		"plain":      {"-- name: A :one\nselect 1;", Header{Name: "A", Command: ":one", Line: 1}},
		"tight":      {"--name: A :one\nselect 1;", Header{Name: "A", Command: ":one", Line: 1}},
		"loose":      {"\n  --   name:\tA   :many  \nselect 1;", Header{Name: "A", Command: ":many", Line: 2, Offset: 3}},
		"block":      {"/* name: A :batchone */\nselect 1;", Header{Name: "A", Command: ":batchone", Line: 1}},
		"tall block": {"/*\n * name: A :one\n * Words.\n *\n *   code\n */\nselect 1;", Header{Name: "A", Command: ":one", Line: 1, Comment: []string{"Words.", "", "  code"}}},
		"umlaut":     {"-- name: Größe2_x :one\nselect 1;", Header{Name: "Größe2_x", Command: ":one", Line: 1}},
		"comments around": {
			"-- Licence.\n\n-- A finds\n--   it.\n-- name: A :one\n--\n-- More.\n\n/* And more. */\nselect 1;",
			Header{Name: "A", Command: ":one", Line: 5, Offset: 33, Comment: []string{"A finds", "  it.", "", "More.", "And more."}},
		},
		"comment of the statement before": {
			"select 1; -- one\n-- A.\n-- name: A :one\nselect 1;",
			Header{Name: "A", Command: ":one", Line: 3, Offset: 23, Comment: []string{"A."}},
		},
		"lines for tools": {
			"-- -----\n-- name: A :one\n-- @sqlc-vet-disable\n-- @param x\n-- A.\n---------\nselect 1;",
			Header{Name: "A", Command: ":one", Line: 2, Offset: 9, Comment: []string{"A."}, Vet: []VetLine{{Text: "@sqlc-vet-disable", Offset: 28}}},
		},
		"prose that looks like directives": {
			"-- name: A :one\n-- how: slowly\n-- note: x\n-- volume: total volume\n-- parameters: none\n-- see http://x\nselect 1;",
			Header{Name: "A", Command: ":one", Line: 1, Comment: []string{"how: slowly", "note: x", "volume: total volume", "parameters: none", "see http://x"}},
		},
		"directives": {
			"-- column: total not null\n\n-- name: A :one\n-- column: meta nullable go: map[string] any\n-- param: \"Since \"\"x\" NULLABLE\n/* row: Line */\n-- param: x go:T\nselect 1;",
			Header{Name: "A", Command: ":one", Line: 3, Offset: 27, Directives: []Directive{
				{Kind: "column", Target: "total", NotNull: true, Offset: 3},
				{Kind: "column", Target: "meta", Nullable: true, GoType: "map[string] any", Offset: 46},
				{Kind: "param", Target: `Since "x`, Nullable: true, Offset: 91},
				{Kind: "row", Name: "Line", Offset: 122},
				{Kind: "param", Target: "x", GoType: "T", Offset: 138},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, diags := Split("q.sql", c.text)
			require.Empty(t, diags.Format())
			last := f.Statements[len(f.Statements)-1]
			require.NotNil(t, last.Header)
			require.Equal(t, c.want, *last.Header)
			require.Equal(t, "-- name: "+c.want.Name+" "+c.want.Command+"\n", last.Header.Text())
		})
	}
}

func TestCommandsAreTheModels(t *testing.T) {
	t.Parallel()
	var want []string
	for _, c := range model.Commands {
		want = append(want, string(c))
	}
	require.Equal(t, want, commands)
}

func TestFileErrorAgreesWithDiag(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "a\nbä\n", "a\r\nb\rc\n\rd\r", "\r\r\n\n\r", "ä\rö\nü"} {
		f := newFile("f.sql", text)
		for offset := -1; offset <= len(text)+1; offset++ {
			require.Equal(t, diag.At("f.sql", text, offset, "m", "h"), f.Error(offset, "m", "h"), "%q at %d", text, offset)
		}
	}
	require.Equal(t, diag.Warning, newFile("", "a").Warning(0, "", "").Severity)
}

// blank replaces ranges of a text with spaces.
func blank(text []byte, start, end int) {
	for i := start; i < end; i++ {
		text[i] = ' '
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"-- name: A :one\nselect 1;\n/* x */ select ';' -- y\n;", "copy t from stdin;\n1\t'\n\\.\n\\connect x\nselect $$;$$",
		"create function f() begin atomic select case 1 when 1 then 2 end; end; x", "create rule r as do (a; b);", "\ufeff-- name: A :one\rselect 1\r\n-- name: B :one\nselect",
		"-- column: x not null\n-- name: A :one\n-- row: X\nselect @a, sqlc.arg('b')",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, diags := Split("f.sql", text)
		for _, d := range diags.Sorted() {
			require.Positive(t, d.Line)
			require.NotEmpty(t, d.Message)
		}
		rest := []byte(text)
		end := 0
		for _, s := range file.Statements {
			require.LessOrEqual(t, end, s.Start)
			require.Less(t, s.Start, s.End)
			require.LessOrEqual(t, s.End, len(text))
			end = s.End
			if s.DataEnd > 0 {
				require.LessOrEqual(t, end, s.DataStart)
				require.LessOrEqual(t, s.DataStart, s.DataEnd)
				end = s.DataEnd
				blank(rest, s.DataStart, s.DataEnd+len(`\.`))
			}
			require.NotEmpty(t, strings.TrimSpace(s.Text()))
			blank(rest, s.Start, s.End)
		}
		if len(file.Statements) == 0 && diags.HasErrors() {
			return
		}
		for _, c := range file.Commands {
			require.Equal(t, c.Text, text[c.Offset:c.Offset+len(c.Text)])
			blank(rest, c.Offset, c.Offset+len(c.Text))
		}
		if diags.HasErrors() {
			return
		}
		// What is left is comments and separators.
		left := strings.TrimPrefix(string(rest), byteOrderMark)
		for _, tok := range Tokens(left) {
			if tok.Kind != Comment {
				require.Equal(t, ";", left[tok.Start:tok.End])
			}
		}
	})
}

// What a line about parameters can say of their type and of being left out.
func TestParamClauses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line string
		want Directive
		err  string
	}{
		{line: "param: a like users.Name", want: Directive{Kind: "param", Target: "a", Like: []string{"users", "name"}}},
		{line: `param: a like "My ""T"."x.y" nullable`, want: Directive{Kind: "param", Target: "a", Like: []string{`My "T`, "x.y"}, Nullable: true}},
		{line: "param: a like s.t.c set by b not null go: string", want: Directive{Kind: "param", Target: "a", Like: []string{"s", "t", "c"}, SetBy: "b", NotNull: true, GoType: "string"}},
		{line: `param: "A B" SET BY "C D"`, want: Directive{Kind: "param", Target: "A B", SetBy: "C D"}},
		{line: `param: U&"a\000A\\\+01F600" like u&"t\0041".c`, want: Directive{Kind: "param", Target: "a\n\\😀", Like: []string{"tA", "c"}}},
		{line: "params: rows", want: Directive{Kind: "params"}},
		{line: "params: row", err: `params directive does not know "row"`},
		{line: "param: a like", err: "a column's name is missing"},
		{line: "param: a like t", err: "is not the name of a table's column"},
		{line: "param: a like a.b.c.d", err: "is not the name of a table's column"},
		{line: "param: a like t.", err: "a column's name is missing"},
		{line: `param: a like "t"x.c`, err: "is not the name of a table's column"},
		{line: `param: U&"\12" nullable`, err: "unterminated quoted name"},
		{line: `param: U&"\0000" nullable`, err: "unterminated quoted name"},
		{line: "param: a set", err: `"set" is not "set by"`},
		{line: `param: a set by "b`, err: `without a parameter behind "set by"`},
		{line: "column: a set by b", err: `column directive does not know "set"`},
	} {
		t.Run(tt.line, func(t *testing.T) {
			t.Parallel()
			f, diags := Split("a.sql", "-- "+tt.line+"\n-- name: A :exec\nSELECT 1;")
			if tt.err != "" {
				require.ErrorContains(t, diags.Sorted()[0], tt.err)
				return
			}
			require.Empty(t, diags.Sorted())
			got := f.Statements[0].Header.Directives
			require.Len(t, got, 1)
			got[0].Offset = 0
			require.Equal(t, tt.want, got[0])
		})
	}
	_, diags := Split("a.sql", "-- params: rows\n-- params: rows\n-- name: A :exec\nSELECT 1;")
	require.ErrorContains(t, diags.Sorted()[0], "second directive for the params")
}

// Lines for vet are about the statement below them, or the one that they stand
// within or behind, and no documentation.
func TestVetLines(t *testing.T) {
	t.Parallel()
	file, diags := Split("q.sql", `-- A deletes.
-- vet: ignore one it is meant
/* @sqlc-vet-disable two three */
-- name: A :exec
-- vet: ignore four so is this
DELETE FROM a -- vet: ignore five and this
WHERE true; -- vet: ignore six behind
-- name: B :exec
/* B too.
 * vet: ignore seven in a block */
DELETE FROM b WHERE c = '-- vet: ignore none a string';
-- vet: ignore eight above

-- name: C :exec
DELETE FROM c; /* @sqlc-vet-disable */`)
	require.Empty(t, diags.Format())
	var got [][]string
	for _, st := range file.Statements {
		lines := []string{}
		for _, l := range st.VetLines() {
			require.True(t, strings.HasPrefix(file.Text[l.Offset:], l.Text))
			lines = append(lines, l.Text)
		}
		got = append(got, lines)
	}
	require.Equal(t, [][]string{
		{"vet: ignore one it is meant", "@sqlc-vet-disable two three", "vet: ignore four so is this", "vet: ignore five and this", "vet: ignore six behind"},
		{"vet: ignore seven in a block"},
		{"vet: ignore eight above", "@sqlc-vet-disable"},
	}, got)
	require.Equal(t, []string{"A deletes."}, file.Statements[0].Header.Comment)
	require.Equal(t, []string{"B too."}, file.Statements[1].Header.Comment)
}
