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
			require.Empty(t, besidesPackage(list))
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
