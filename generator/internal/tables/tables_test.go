package tables

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// A default is cast unless it can be seen to have the type.
func TestTyped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ expression, typ, want string }{
		{"'x'::text", "text", "'x'::text"},
		{"'x'::text", "citext", "('x'::text)::citext"},
		{"'it''s'::text", "text", "'it''s'::text"},
		{"'a'::text || 'b'::text", "text", "('a'::text || 'b'::text)::text"},
		{"('a'::text || 'b'::text)", "text", "(('a'::text || 'b'::text))::text"},
		{"(1 + 2)", "bigint", "(1 + 2)::bigint"},
		{"(1 + 2) * (3 + 4)", "bigint", "((1 + 2) * (3 + 4))::bigint"},
		{"((1))", "bigint", "((1))::bigint"},
		{"(')' || '(')", "text", "((')' || '('))::text"},
		{"0", "bigint", "0::bigint"},
		{"'-1'::integer", "bigint", "('-1'::integer)::bigint"},
		{"true", "boolean", "true"},
		{"true", "text", "true::text"},
		{"now()", "timestamp with time zone", "now()"},
		{"now()", "date", "now()::date"},
		{"CURRENT_DATE", "date", "CURRENT_DATE::date"},
		{"nextval('s'::regclass)", "bigint", "nextval('s'::regclass)"},
		{"nextval('s'::regclass)", "integer", "nextval('s'::regclass)::integer"},
		{"nextval('s'::regclass) + nextval('s'::regclass)", "bigint", "(nextval('s'::regclass) + nextval('s'::regclass))::bigint"},
		{"app.f(1, 2)", "integer", "app.f(1, 2)::integer"},
		{"gen_random_uuid()", "uuid", "gen_random_uuid()"},
	} {
		require.Equal(t, tt.want, typed(tt.expression, tt.typ), tt.expression)
	}
}

func TestTarget(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"plain": "plain", "Weird Name": `"Weird Name"`, `a"b`: `"a""b"`, "2fa": `"2fa"`,
		"line\nbreak\\ \u2028": `U&"line\000Abreak\\ \2028"`,
	} {
		require.Equal(t, want, target(name))
	}
}

// Names are unique whatever their case.
func TestParameters(t *testing.T) {
	t.Parallel()
	var p parameters
	var got []string
	for _, want := range []string{"name", "Name", "NAME", "name_2", "x\ny", "x_y"} {
		got = append(got, p.name(want))
	}
	require.Equal(t, []string{"name", "Name_2", "NAME_3", "name_2_2", "x_y", "x_y_2"}, got)
}

// names are the simplest names there are.
type names struct{}

func (names) Table(_, table string) string  { return "One" + table }
func (names) Plural(_, table string) string { return "Many" + table }
func (names) Routine(_, name string) string { return "Call" + name }
func (names) Column(column string) string   { return strings.ToUpper(column) }
func (names) Columns(column string) string  { return column + "s" }
func always(string, string, bool) bool      { return true }
func quoteAll(name string) string           { return quoted(name) }
func column(n int16, name string) *catalog.Column {
	return &catalog.Column{Number: n, Name: name, Type: 23, NotNull: true}
}

func small() *catalog.Catalog {
	return &catalog.Catalog{
		Types: map[uint32]*catalog.Type{23: {OID: 23, Schema: "pg_catalog", Name: "int4", Display: "integer", Kind: catalog.Base}},
		Relations: map[uint32]*catalog.Relation{
			1: {
				OID: 1, Schema: "public", Name: "t", Kind: catalog.Table, Columns: []*catalog.Column{column(1, "a"), column(3, "b")},
				Indexes: []*catalog.Index{{Name: "k", Method: "btree", Unique: true, Columns: []int16{3}}, {Name: "p", Method: "btree", Unique: true, Primary: true, Columns: []int16{1}}},
			},
			2: {OID: 2, Schema: "public", Name: "system", Kind: catalog.Table, Extension: "ext"},
			3: {OID: 3, Schema: "pg_catalog", Name: "t", Kind: catalog.Table},
		},
		Functions: map[uint32]*catalog.Function{},
	}
}

// Each byte of a statement leads back to where it is from, also after it was
// kept and restored.
func TestStatementsLeadBackToTheirTemplate(t *testing.T) {
	t.Parallel()
	const text = "-- name: {{.Name}} :one\r\n{{if .Key -}}\r\n  SELECT {{.Key.SQL}} wrong\nFROM {{.Table}}{{range .Key}}\n  -- {{.SQL}} ü here\n{{- end}};{{end}}\n"
	set, diags := Load(map[string]string{"get.sql": text}, "own")
	require.False(t, diags.HasErrors(), diags.Format())
	statements, diags := Generate(small(), Options{DefaultSchema: "public", Selected: always, Names: names{}, Quote: quoteAll, Templates: set})
	require.False(t, diags.HasErrors(), diags.Format())
	var found []string
	for _, s := range statements {
		if s.File() != "own/get.sql" {
			continue
		}
		found = append(found, s.Text)
		for _, s := range []*Statement{s, set.Restore(s.Record())} {
			for _, at := range []struct {
				text         string
				line, column int
			}{{"-- name", 1, 1}, {":one", 1, 20}, {"SELECT", 3, 3}, {"wrong", 3, 23}, {"FROM", 4, 1}, {"here", 5, 17}, {`"public"."t"`, 4, 8}} {
				line, column, source := diag.Position(s.Text, strings.Index(s.Text, at.text))
				d := s.Place(&diag.Diagnostic{File: "x", Line: line, Column: column, Source: source, Message: "m", Hint: "h"})
				require.Equal(t, [2]int{at.line, at.column}, [2]int{d.Line, d.Column}, at.text)
				require.Equal(t, "own/get.sql", d.File)
				require.Equal(t, "m (made of table public.t)", d.Message)
				require.Equal(t, strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")[at.line-1], d.Source)
			}
			require.Equal(t, 1, s.Line(1))
			require.Equal(t, "own/get.sql: m (made of table public.t)", s.Place(&diag.Diagnostic{Message: "m"}).Error())
		}
	}
	require.Equal(t, []string{
		"-- name: GetOnet :one\nSELECT \"a\" wrong\nFROM \"public\".\"t\"\n  -- \"a\" ü here;\n",
		"-- name: GetOnetByB :one\nSELECT \"b\" wrong\nFROM \"public\".\"t\"\n  -- \"b\" ü here;\n",
	}, found)
	require.Nil(t, set.Restore(Record{Template: "none"}))
	require.Nil(t, set.Restore(Record{Template: "get", Origin: "1:x"}))
}

// The same catalog gives the same statements, and what is not the user's none.
func TestGenerateIsDeterministic(t *testing.T) {
	t.Parallel()
	set, diags := Load(nil, "")
	require.False(t, diags.HasErrors(), diags.Format())
	opt := Options{DefaultSchema: "public", Selected: always, Names: names{}, Quote: quoteAll, Templates: set}
	first, diags := Generate(small(), opt)
	require.False(t, diags.HasErrors(), diags.Format())
	require.NotEmpty(t, first)
	for range 10 {
		again, _ := Generate(small(), opt)
		require.Equal(t, first, again)
	}
	for _, s := range first {
		require.Equal(t, "table public.t", s.Object)
		require.NotContains(t, s.Text, "\x00")
	}
}

func TestTemplatesThatAreWrong(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ file, text, want string }{
		"syntax":       {"get.sql", "a\n{{.Name", "own/get.sql:2:1: unclosed action"},
		"NUL":          {"get.sql", "a\nb\x00", "own/get.sql:2:2: NUL byte in the file"},
		"unknown file": {"inserts.sql", "", "own/inserts.sql: there is no template of this name to replace"},
		"function":     {"count.sql", "{{nothing}}", `own/count.sql:1:1: function "nothing" not defined`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := Load(map[string]string{tt.file: tt.text}, "own")
			require.True(t, diags.HasErrors())
			require.Contains(t, diags.Format(), tt.want)
		})
	}
	// A byte that looks like a mark of ours does no harm.
	set, diags := Load(map[string]string{"count.sql": `{{"\x00"}}SELECT{{"\x00t"}} 1`}, "own")
	require.False(t, diags.HasErrors())
	statements, diags := Generate(small(), Options{DefaultSchema: "public", Selected: always, Names: names{}, Quote: quoteAll, Templates: set})
	require.False(t, diags.HasErrors())
	require.NotEmpty(t, statements)
}
