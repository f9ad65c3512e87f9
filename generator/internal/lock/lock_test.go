package lock

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// sample is a lock with something of everything.
func sample() *Lock {
	text := &model.Type{OID: 25, Schema: "pg_catalog", Name: "text", Display: "text", Binary: true, Builtin: true}
	mood := &model.Type{Schema: "public", Name: "mood", Display: "mood", Kind: model.Enum, Labels: []string{"<sad>", "ok"}, Binary: true, Comment: "how"}
	other := &model.Type{Schema: `o"dd. s`, Name: "mood", Display: "mood", Kind: model.Enum, Labels: []string{"x"}, Binary: true}
	moods := &model.Type{Schema: "public", Name: "_mood", Display: "mood[]", Kind: model.Array, Element: mood, Binary: true}
	hidden := &model.Table{Schema: "private", Name: "secret"}
	row := &model.Type{Schema: "public", Name: "t", Display: "t", Kind: model.Composite, Binary: true}
	table := &model.Table{Schema: "public", Name: "t", Comment: "a table", Columns: []*model.Column{
		{Name: "a", Type: text, Why: "not null", Source: &model.ColumnRef{Schema: "public", Table: "t", Column: "a"}, Written: &model.ColumnRef{Schema: "public", Table: "t", Column: "a"}},
		{Name: "b", Type: moods, Nullable: true, Why: "allows NULL", Dimensions: 2},
	}}
	row.RowOf = table
	row.Fields = []*model.Field{{Name: "a", Type: text}, {Name: "self", Type: &model.Type{Schema: "public", Name: "_t", Display: "t[]", Kind: model.Array, Element: row}}}
	embed := &model.Embed{Name: "x", Table: hidden, Nullable: true, Why: "left join"}
	domain := &model.Type{Schema: "public", Name: "d", Display: "d", Kind: model.Domain, Element: text, Dimensions: 1, Extension: "ext"}
	return &Lock{Packages: []*Package{
		{
			Out: "z", Revision: 3, Server: 15, Live: true, Inputs: map[string]string{}, Statements: map[string]string{},
			Model: &model.Package{Name: "z", DefaultSchema: "public"},
		},
		{
			Out: "a/db", Revision: 3, Server: 18, Schema: "00ff", Inputs: map[string]string{"s.sql": "1", "r.sql": "2"},
			Statements: map[string]string{"Q": "q", "C": "c"},
			Warnings:   []Warning{{Query: "Q", Line: 2, Column: 5, Message: "careful", Hint: "mind"}},
			Model: &model.Package{
				Name: "db", DefaultSchema: "public", Tables: []*model.Table{table}, Types: []*model.Type{other, domain, mood},
				Queries: []*model.Query{
					{Name: "C", Command: model.CopyFrom, Copy: &model.CopyTarget{Table: "t", Columns: []string{"a"}}, Params: []*model.Param{
						{Number: 1, Name: "a", Type: text, Nullable: true, ElementNullable: true, Why: "w", Slice: true, Named: true, Bare: "b", Use: model.Cast, Stated: true, Dimensions: 1, GoType: "x.Y"},
					}},
					{Name: "Q", Command: model.Many, SQL: "select a,\n b < 'x'", RowName: "R", Columns: []*model.Column{
						{Name: "a", Type: text, Domain: domain, Why: "why", Overridden: true, ElementNullable: true, Written: &model.ColumnRef{Schema: "s", Table: "v", Column: "w"}, Joined: true, If: &model.Condition{Params: []int{1, 2}, Why: "given", ElementNullable: true}, Embed: embed, GoType: "p.T", Comment: "c"},
						{Name: "b", Type: other, Why: "why", Embed: embed},
						{Name: "r", Type: row, Nullable: true},
					}},
				},
			},
		},
	}}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want := sample()
	data, err := want.Encode()
	require.NoError(t, err)
	got, err := Parse(data)
	require.NoError(t, err)
	require.Equal(t, want, got)
	again, err := got.Encode()
	require.NoError(t, err)
	require.Equal(t, string(data), string(again))
	// What reviewers see: a verdict is a line of its own.
	require.Contains(t, string(data), "\n"+`      {"name":"a","type":"text","null":false,"why":"not null","source":["public","t","a"]},`+"\n")
	require.Contains(t, string(data), `b < 'x'`, "SQL is not escaped as HTML")
}

func TestDamagedLock(t *testing.T) {
	t.Parallel()
	data, err := sample().Encode()
	require.NoError(t, err)
	tests := []struct{ name, old, replacement, want string }{
		{"syntax", `"live": true`, `"live" true`, "invalid character 't' after object key"},
		{"a wrong type", `"server": 18`, `"server": "18"`, "cannot unmarshal string"},
		{"an unknown key", `"server": 18`, `"servr": 18`, "unknown field"},
		{"another format", `"format": 1`, `"format": 2`, ErrFormat.Error()},
		{"an unknown type", `"type":"text","null":false,"why":"not null"`, `"type":"txt","null":false,"why":"not null"`, `there is no type "txt"`},
		{"an unknown table", `"table":"private.secret"`, `"table":"private.other"`, "there is no table private.other"},
		{"an unknown command", `":many"`, `":all"`, `unknown command ":all"`},
		{"an unknown kind", `"kind":"domain"`, `"kind":"kingdom"`, `unknown kind "kingdom"`},
		{"an embed that is not there", `"embed":1`, `"embed":7`, "an embed that is not there"},
		{"a package twice", `"out": "z"`, `"out": "a/db"`, "package a/db is there twice"},
		{"half a source", `"source":["public","t","a"]`, `"source":["public"]`, "is not a schema, a table and a column"},
		{"an array of itself", `"of":"public.mood"`, `"of":"mood[]"`, "is of itself"},
		{"a type twice", `{"type":"text"`, `{"type":"mood"`, "is there twice"},
		{"a table without a schema", `"table": "public.t"`, `"table": "t"`, "is not the name of a table"},
		{"something after the end", "}\n", "} {}\n", "something after the end of the lock"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at := strings.LastIndex(string(data), tt.old)
			require.GreaterOrEqual(t, at, 0)
			damaged := string(data[:at]) + tt.replacement + string(data[at+len(tt.old):])
			_, err := Parse([]byte(damaged))
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestDamagedPlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		offset     int
	}{
		{"syntax", "{\n\"format\" 1}", 11},
		{"a wrong type", "{\"format\": \"1\"}", 14},
		{"cut off", "{\n\"format\":", 11},
		{"a conflict", "{\n<<<<<<< HEAD\n", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(tt.text))
			var place *PlaceError
			require.ErrorAs(t, err, &place)
			require.Equal(t, tt.offset, place.Offset)
		})
	}
	_, err := Parse([]byte("\n"))
	require.EqualError(t, err, "it is empty")
}

func TestTableNames(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"public", "t"}, {"a.b", `c"d`}, {"", "t"}, {`"`, `.`}, {"Ü", "x y"}} {
		schema, name, ok := unquote(tableName(&model.Table{Schema: names[0], Name: names[1]}))
		require.True(t, ok)
		require.Equal(t, names, [2]string{schema, name})
	}
	for _, bad := range []string{"", "t", ".", "a.", ".b", `"a.b`, `"a"b.c`, "a.b.c"} {
		_, _, ok := unquote(bad)
		require.False(t, ok, bad)
	}
}

// Whatever a file holds, it is read or refused; what is read is written and
// read again.
func FuzzParse(f *testing.F) {
	data, err := sample().Encode()
	require.NoError(f, err)
	f.Add(data)
	f.Add([]byte(`{"format":1,"packages":[{"out":"x","types":[{"type":"a","kind":"array","of":"a"}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := Parse(data)
		if err != nil {
			return
		}
		out, err := l.Encode()
		require.NoError(t, err)
		again, err := Parse(out)
		require.NoError(t, err)
		second, err := again.Encode()
		require.NoError(t, err)
		require.Equal(t, string(out), string(second))
	})
}

func TestEngineIsKept(t *testing.T) {
	t.Parallel()
	want := &Lock{Packages: []*Package{{
		Out: "db", Engine: "sqlc", Inputs: map[string]string{}, Statements: map[string]string{}, Model: &model.Package{Name: "db", DefaultSchema: "public"},
	}}}
	data, err := want.Encode()
	require.NoError(t, err)
	require.Contains(t, string(data), "the engine that a package names")
	got, err := Parse(data)
	require.NoError(t, err)
	require.Equal(t, want, got)
}
