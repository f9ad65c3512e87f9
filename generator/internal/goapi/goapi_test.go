package goapi_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/goapi"
)

func read(t *testing.T, text string) *goapi.API {
	t.Helper()
	api, err := goapi.Read(map[string][]byte{"a.go": []byte("package a\n" + text)})
	require.NoError(t, err)
	return api
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		a, b string
		want []goapi.Difference
	}{
		"bodies, comments and names of parameters": {
			a: "// A does.\nfunc A(x int) error { return nil }\nfunc inner() {}", b: "func A(y int) error { panic(y) }",
		},
		"imports by other names": {
			a: `import "example.com/x/v2"` + "\ntype A struct{ F x.T }", b: `import other "example.com/x/v2"` + "\ntype A struct{ F other.T }",
		},
		"interface{} is any":  {a: "var A interface{}", b: "var A any"},
		"names in one field":  {a: "func A(x, y int)", b: "func A(x int, y int)"},
		"tags":                {a: "type A struct { F int `json:\"f\"` }", b: "type A struct { F int }", want: []goapi.Difference{{Name: "A.F", A: "int `json:\"f\"`", B: "int"}}},
		"a field more":        {a: "type A struct { F int }", b: "type A struct { F int; G *string }", want: []goapi.Difference{{Name: "A.G", B: "*string"}}},
		"fields, otherwise":   {a: "type A struct { F, G int }", b: "type A struct { G, F int }", want: []goapi.Difference{{Name: "A", A: "struct{F; G}", B: "struct{G; F}"}}},
		"a type more":         {a: "type A struct { F int }\nfunc (A) M() {}", b: "", want: []goapi.Difference{{Name: "A", A: "struct{F}"}}},
		"a pointer receiver":  {a: "type A int\nfunc (A) M() {}", b: "type A int\nfunc (*A) M() {}", want: []goapi.Difference{{Name: "A.M", A: "func()", B: "func*()"}}},
		"the value of a word": {a: "type A string\nconst B A = \"x\"", b: "type A string\nconst B A = \"y\"", want: []goapi.Difference{{Name: "B", A: `const A = "x"`, B: `const A = "y"`}}},
		"a text constant":     {a: `const B = "x"`, b: `const B = "y"`},
		"an interface": {
			a: "type I interface { M(int) (string, error) }", b: "type I interface { M(int) error }",
			want: []goapi.Difference{{Name: "I.M", A: "func(int) (string, error)", B: "func(int) error"}},
		},
		"results of a batch": {
			a: "type R struct { c chan int }\nfunc (r *R) Query(f func(int, []string, error)) {}\nfunc (r *R) Close() error { return nil }",
			b: `import "github.com/pgwright/pgwright/runtime"` + "\ntype R = runtime.BatchManyResults[string]",
		},
		"results of another batch": {
			a:    "type R struct { c chan int }\nfunc (r *R) QueryRow(f func(int, string, error)) {}\nfunc (r *R) Close() error { return nil }",
			b:    `import "github.com/pgwright/pgwright/runtime"` + "\ntype R = runtime.BatchOneResults[int]",
			want: []goapi.Difference{{Name: "R.QueryRow", A: "func*(func(int, string, error))", B: "func*(func(int, int, error))"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, goapi.Compare(read(t, test.a), read(t, test.b)))
		})
	}
}

func TestReadRefusesWhatIsNotGo(t *testing.T) {
	t.Parallel()
	_, err := goapi.Read(map[string][]byte{"a.go": []byte("package a\nfunc {")})
	require.ErrorContains(t, err, "a.go:2:6")
}

func TestBrief(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		"": "",
		"func*(context.Context, []github.com/jackc/pgx/v5/pgtype.Text) (*github.com/gofrs/uuid/v5.UUID, error)": "func(context.Context, []pgtype.Text) (*uuid.UUID, error)",
		"github.com/jackc/pgx/v5.Tx":                 "pgx.Tx",
		"github.com/x/null.T[github.com/y/z.U]":      "null.T[z.U]",
		"string `json:\"a/b\"`":                      "string `json:\"a/b\"`",
		"struct{ID; Name}":                           "struct{ID; Name}",
		"map[string]*github.com/x/y.Z":               "map[string]*y.Z",
		"func(int, ...any) (github.com/a/v5, error)": "func(int, ...any) (a, error)",
	} {
		require.Equal(t, want, goapi.Brief(said))
	}
}
