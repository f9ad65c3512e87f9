package sqlcplugin

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// testdata has the same request, which sqlc 1.31.1 made of schema.sql, in both
// formats; PostgreSQL's own schemas are left out of them.
func read(t testing.TB, name string) *Request {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	r, err := Read(bytes.NewReader(text))
	require.NoError(t, err)
	return r
}

func TestBothFormatsSayTheSame(t *testing.T) {
	t.Parallel()
	inJSON, inBinary := read(t, "request.json"), read(t, "request.pb")
	require.False(t, inJSON.binary)
	require.True(t, inBinary.binary)
	inBinary.binary = false
	require.Equal(t, "v1.31.1", inJSON.SQLCVersion)
	require.Equal(t, Codegen{Out: "db", Plugin: "pgwright"}, inJSON.Settings.Codegen)
	require.JSONEq(t, `{"package":"db"}`, string(inJSON.Options))
	require.JSONEq(t, `{"stubs":["stubs.sql"]}`, string(inJSON.GlobalOptions))
	// protojson writes empty lists where the binary format has nothing.
	for _, s := range append(inJSON.Catalog.Schemas, inBinary.Catalog.Schemas...) {
		if len(s.Tables)+len(s.Enums)+len(s.Composites) == 0 {
			s.Tables, s.Enums, s.Composites = nil, nil, nil
		}
	}
	require.Equal(t, inJSON, inBinary)
	public := inJSON.Catalog.Schemas[0]
	require.Equal(t, []*Enum{{Name: "mood", Values: []string{"sad", "ok"}, Comment: "How it is."}}, public.Enums)
	require.Equal(t, []*CompositeType{{Name: "place"}}, public.Composites)
	require.Equal(t, []*Table{{Rel: Identifier{Name: "t"}, Comment: "A table.", Columns: []*Column{
		{Name: "id", NotNull: true, Type: Identifier{Name: "int4", Schema: "pg_catalog"}},
		{Name: "moods", Array: true, Dimensions: 2, Type: Identifier{Name: "mood"}},
		{Name: "at", Comment: "Where.", Type: Identifier{Name: "place"}},
	}}}, public.Tables)
}

func TestWhatIsNoRequest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, says string }{
		"nothing":        {" \n", "there is no request on the standard input"},
		"other JSON":     {`{"files": []}`, "it has no version or no catalog"},
		"a list":         {`[]`, "not one of sqlc's"},
		"a wrong type":   {`{"catalog": 1}`, "not one of sqlc's"},
		"null for a row": {`{"sqlc_version":"v1","catalog":{"default_schema":"public","schemas":[{"tables":[null]}]}}`, "there is nothing where"},
		"text":           {"hello", "neither JSON nor"},
		"cut short":      {"\x0a\x05ab", "neither JSON nor"},
		"not UTF-8":      {"\x22\x01\xff", "neither JSON nor"},
		"a number of 0":  {"\x00\x01", "neither JSON nor"},
		"empty message":  {"\x12\x00", "it has no version or no catalog"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(test.text))
			require.ErrorContains(t, err, test.says)
		})
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestAnswer(t *testing.T) {
	t.Parallel()
	files := []File{{Name: "db.go", Contents: []byte("package db\n")}, {Name: "é.go"}}
	var out bytes.Buffer
	require.NoError(t, (&Request{}).Answer(&out, files))
	require.JSONEq(t, `{"files":[{"name":"db.go","contents":"`+base64.StdEncoding.EncodeToString([]byte("package db\n"))+`"},{"name":"é.go","contents":null}]}`, out.String())
	out.Reset()
	require.NoError(t, (&Request{binary: true}).Answer(&out, files))
	require.Equal(t, "\x0a\x14\x0a\x05db.go\x12\x0bpackage db\n\x0a\x09\x0a\x05é.go\x12\x00", out.String())
	require.ErrorIs(t, (&Request{}).Answer(broken{}, files), errBroken)
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"request.json", "request.pb"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte("\x0a\x7b{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Parse(text)
		require.Equal(t, err == nil, r != nil)
	})
}
