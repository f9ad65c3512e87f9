package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/config"
)

// TestGoType reads both forms of a type, in YAML's spelling.
func TestGoType(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]config.GoType{
		`string`:                           {Type: "string", BuiltIn: true},
		`"*string"`:                        {Type: "string", Pointer: true, BuiltIn: true},
		`"[]byte"`:                         {Type: "byte", Slice: true, BuiltIn: true},
		`"[]*int64"`:                       {Type: "int64", Slice: true, Pointer: true, BuiltIn: true},
		`any`:                              {Type: "any", BuiltIn: true},
		`time.Time`:                        {Import: "time", Package: "time", Type: "Time"},
		`github.com/google/uuid.UUID`:      {Import: "github.com/google/uuid", Package: "uuid", Type: "UUID"},
		`"*github.com/google/uuid.UUID"`:   {Import: "github.com/google/uuid", Package: "uuid", Type: "UUID", Pointer: true},
		`"[]github.com/google/uuid.UUID"`:  {Import: "github.com/google/uuid", Package: "uuid", Type: "UUID", Slice: true},
		`"[]*github.com/google/uuid.UUID"`: {Import: "github.com/google/uuid", Package: "uuid", Type: "UUID", Slice: true, Pointer: true},
		`github.com/gofrs/uuid/v5.UUID`:    {Import: "github.com/gofrs/uuid/v5", Package: "uuid", Type: "UUID"},
		`gopkg.in/guregu/null.v4.String`:   {Import: "gopkg.in/guregu/null.v4", Package: "null", Type: "String"},
		`github.com/x/go-money.Money`:      {Import: "github.com/x/go-money", Package: "money", Type: "Money"},
		`github.com/x/money-go.Money`:      {Import: "github.com/x/money-go", Package: "money", Type: "Money"},
		`github.com/x/my-money.Money`:      {Import: "github.com/x/my-money", Package: "my_money", Type: "Money"},
		`example.com/type.T`:               {Import: "example.com/type", Package: "pkg", Type: "T"},
		`"example.com/opt.Option[string]"`: {Import: "example.com/opt", Package: "opt", Type: "Option[string]"},
		`{type: string, pointer: true}`:    {Type: "string", Pointer: true, BuiltIn: true},
		`{type: Money}`:                    {Type: "Money"},
		`{type: "map[string]any"}`:         {Type: "map[string]any"},
		`{import: database/sql, type: NullInt64, slice: true}`:                     {Import: "database/sql", Package: "sql", Type: "NullInt64", Slice: true},
		`{import: a/b/v2, package: b, type: MyType, pointer: true}`:                {Import: "a/b/v2", Package: "b", Type: "MyType", Pointer: true},
		`{import: github.com/volatiletech/null/v8, type: Float32}`:                 {Import: "github.com/volatiletech/null/v8", Package: "null", Type: "Float32"},
		`{import: example.com/opt, type: "Pair[int, []string]"}`:                   {Import: "example.com/opt", Package: "opt", Type: "Pair[int, []string]"},
		`{import: example.com/x, package: "", type: T, pointer: no, slice: false}`: {Import: "example.com/x", Package: "x", Type: "T"},
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			cfg, list := parse(t, minimal+"      overrides:\n      - db_type: x\n        go_type: "+in+"\n")
			require.Empty(t, list.Sorted())
			require.Equal(t, want, cfg.Packages[0].Options.Overrides[0].GoType)
		})
	}
}

// TestGoTypeErrors holds what must not reach the generated code.
func TestGoTypeErrors(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`strin`, `"*"`, `"[]"`, `"**string"`, `"[][]byte"`, `"[3]byte"`, `"github.com/x/y.T; import \"os\""`, `"x.T)"`, `"/x/y.T"`, `"./y.T"`,
		`"x//y.T"`, `"x.1T"`, `"x.T[y.U]"`, `"x.T["`, `"x.T[]"`, `C.int`, `[string]`,
		`{type: "1"}`, `{type: "func()"}`, `{type: "struct{}"}`, `{type: "chan int"}`, `{type: "map[x.T]int"}`, `{type: "T{}"}`, `{type: "x+y"}`,
		`{type: "interface{ M() }"}`, `{type: "[n]byte"}`, `{type: "_"}`,
		`{import: x, type: "*T"}`, `{import: x, type: "[]T"}`, `{import: x, type: t}`, `{import: x, package: _, type: T}`,
		`{import: "", package: x, type: T}`, `{import: "a b", type: T}`, `{import: x, type: ""}`, `{}`,
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			cfg, list := config.Parse("sqlc.yaml", []byte(minimal+"      overrides:\n      - db_type: x\n        go_type: "+in+"\n"))
			require.Nil(t, cfg)
			require.True(t, list.HasErrors())
		})
	}
}

func TestMatchesColumn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		pattern, schema, table, column string
		want                           bool
	}{
		"exact":                       {"users.id", "public", "users", "id", true},
		"other table":                 {"users.id", "public", "user", "id", false},
		"other schema":                {"users.id", "audit", "users", "id", false},
		"schema given":                {"audit.users.id", "audit", "users", "id", true},
		"schema given, other":         {"audit.users.id", "public", "users", "id", false},
		"catalog given":               {"shop.audit.users.id", "audit", "users", "id", true},
		"any table":                   {"*.id", "public", "users", "id", true},
		"any table of another schema": {"*.id", "audit", "users", "id", false},
		"any schema":                  {"*.*.id", "audit", "users", "id", true},
		"suffix":                      {"*.*_id", "public", "users", "order_id", true},
		"suffix needs its text":       {"*.*_id", "public", "users", "id", false},
		"middle":                      {"u*s.a*b*c", "public", "users", "aXbYbZc", true},
		"middle, other end":           {"users.a*b*c", "public", "users", "aXbYc_", false},
		"one character":               {"users.i?", "public", "users", "id", true},
		"one character, absent":       {"users.id?", "public", "users", "id", false},
		"escaped star":                {`users.a\*`, "public", "users", "a*", true},
		"escaped star, other":         {`users.a\*`, "public", "users", "ab", false},
		"escaped backslash":           {`users.a\\b`, "public", "users", `a\b`, true},
		"regular expression":          {"users.(a|b)+", "public", "users", "a", false},
		"many stars":                  {"users.*****x", "public", "users", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaay", false},
		"another script":              {"users.gr?ße", "public", "users", "größe", true},
		"case matters":                {"users.ID", "public", "users", "id", false},
		"star at the end":             {"users.*", "public", "users", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, _ := parse(t, minimal+"      overrides:\n      - column: '"+tt.pattern+"'\n        go_type: string\n")
			require.Equal(t, tt.want, cfg.Packages[0].Options.Overrides[0].MatchesColumn("public", tt.schema, tt.table, tt.column))
		})
	}
	require.False(t, (&config.Override{DBType: "uuid"}).MatchesColumn("public", "public", "uuid", "uuid"))
}
