package lock

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// made is a lock with queries that were made of a table.
func made() *Lock {
	text := &model.Type{OID: 25, Schema: "pg_catalog", Name: "text", Display: "text", Binary: true, Builtin: true}
	texts := &model.Type{OID: 1009, Schema: "pg_catalog", Name: "_text", Display: "text[]", Kind: model.Array, Element: text, Binary: true, Builtin: true}
	boolean := &model.Type{OID: 16, Schema: "pg_catalog", Name: "bool", Display: "boolean", Binary: true, Builtin: true}
	source := &model.ColumnRef{Schema: "public", Table: "t", Column: "a"}
	table := &model.Table{Schema: "public", Name: "t", Columns: []*model.Column{
		{Name: "a", Type: text, Why: "not null", Source: source},
		{Name: "b", Type: text, Nullable: true, Why: "column b allows NULL", Source: &model.ColumnRef{Schema: "public", Table: "t", Column: "b"}},
	}}
	elsewhere := &model.Column{Name: "p", Type: text, Source: &model.ColumnRef{Schema: "public", Table: "part", Column: "p"}}
	given := &model.Param{Number: 1, Name: "a_given", Type: boolean, Why: "w", Gives: true}
	rows := func() []*model.Column { return []*model.Column{table.Columns[0], table.Columns[1]} }
	return &Lock{Packages: []*Package{{
		Out: "db", Inputs: map[string]string{}, Statements: map[string]string{"Get": "1", "Insert": "2", "Update": "3"},
		Tables: "feed", Made: []Made{{Template: "get", Object: "table public.t", Origin: "0:0 5=7", Text: "-- name: Get :one\nSELECT <1>;\n"}},
		Model: &model.Package{
			Name: "db", DefaultSchema: "public", Tables: []*model.Table{table},
			Queries: []*model.Query{
				{Name: "Get", Command: model.One, Output: "tables", Columns: rows()},
				{Name: "Insert", Command: model.Many, Output: "tables", Columns: rows(), Rows: true, Params: []*model.Param{
					{Number: 1, Name: "a", Type: texts, Why: "w", Each: true, Source: source, Like: table.Columns[0]},
					{Number: 2, Name: "p", Type: texts, Why: "w", Each: true, Source: elsewhere.Source, Like: elsewhere},
				}},
				{Name: "Update", Command: model.One, Output: "tables", Columns: rows(), Params: []*model.Param{
					given,
					{Number: 2, Name: "a", Type: text, Why: "w", Given: given, Source: source, Like: table.Columns[0]},
				}},
			},
		},
	}}}
}

func TestMadeQueriesRoundTrip(t *testing.T) {
	t.Parallel()
	data, err := made().Encode()
	require.NoError(t, err)
	back, err := Parse(data)
	require.NoError(t, err)
	require.Equal(t, made(), back)
	again, err := back.Encode()
	require.NoError(t, err)
	require.Equal(t, string(data), string(again))
	// The columns of a table are there once for its queries.
	require.Equal(t, 2, strings.Count(string(data), `"columns_of": "Get"`))
}

func TestDamagedMadeQueries(t *testing.T) {
	t.Parallel()
	data, err := made().Encode()
	require.NoError(t, err)
	for _, tt := range []struct{ name, old, replacement, want string }{
		{"columns of nobody", `"columns_of": "Get"`, `"columns_of": "Got"`, "has the columns of Got, and there are none"},
		{"columns of somebody without", `"columns_of": "Get"`, `"columns_of": "Insert"`, "has the columns of Insert, and there are none"},
		{"given by nobody", `"given":1`, `"given":3`, "is given by one that is not there"},
		{"given by less than nobody", `"given":1`, `"given":-1`, "is given by one that is not there"},
		{"given by itself", `"given":1`, `"given":2`, "is both optional and what gives one"},
		{"rows of no arrays", `"type":"text[]","null":false,"why":"w","source":["public","t","a"]`, `"type":"text","null":false,"why":"w","source":["public","t","a"]`, "is no array of values for rows"},
		{"stored nowhere", `"source":["public","t","a"],"stored":true`, `"stored":true`, "is stored nowhere"},
		{"stored in no column", `"source":["public","t","a"],"stored":true`, `"source":["public","t","z"],"stored":true`, "there is no column z of table public.t"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, string(data), tt.old)
			_, err := Parse([]byte(strings.Replace(string(data), tt.old, tt.replacement, 1)))
			require.ErrorContains(t, err, tt.want)
		})
	}
}
