package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pgwright/pgwright/internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
)

// FuzzParse feeds any bytes: there is always a configuration or an error, and
// every position is inside the text.
func FuzzParse(f *testing.F) {
	archive, err := txtar.ParseFile("testdata/errors.txtar")
	require.NoError(f, err)
	for i := 0; i < len(archive.Files); i += 2 {
		f.Add(archive.Files[i].Data)
	}
	for _, name := range []string{"v1/sqlc.yml", "v2/sqlc.yaml", "json/sqlc.json"} {
		text, err := os.ReadFile("testdata/sqlc/" + name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		cfg, list := config.Parse("sqlc.yaml", text)
		require.Equal(t, list.HasErrors(), cfg == nil)
		lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(bytes.TrimPrefix(text, []byte("\ufeff")))), "\n")
		for _, d := range list.Sorted() {
			require.NotEmpty(t, d.Message)
			if d.Line == 0 {
				continue
			}
			require.LessOrEqual(t, d.Line, len(lines), d.Error())
			require.Positive(t, d.Column, d.Error())
			require.LessOrEqual(t, d.Column, utf8.RuneCountInString(lines[d.Line-1])+1, d.Error())
		}
		if cfg == nil {
			return
		}
		require.NotEmpty(t, cfg.Packages)
		for _, p := range cfg.Packages {
			require.NotEmpty(t, p.Out)
			require.NotEmpty(t, p.Name)
			if p.Models != nil {
				require.NotEmpty(t, p.Models.Name)
				require.NotEmpty(t, p.Models.Import)
				require.Equal(t, p.Models.Elsewhere, p.Models.Folder == "")
			}
			require.Len(t, p.SchemaPos, len(p.Schema))
			require.Len(t, p.QueriesPos, len(p.Queries))
			require.Len(t, p.StubsPos, len(p.Stubs))
			for i := range p.Rules {
				require.Positive(t, p.RulePos(i).Line)
			}
			_, _ = cfg.DatabaseURI(p, func(string) string { return "" })
		}
	})
}

// FuzzJSONPositions compares the places of unknown keys with those that the
// standard library's JSON decoder counts, for keys and values of any text.
func FuzzJSONPositions(f *testing.F) {
	for _, s := range []string{"plain", `a"b`, "tab\there", "line\nend", "größe", "日本", "\U0001f600", `back\slash`, "", " ", "x: y", "# no", "<<", "- a", "'"} {
		f.Add(s, s, "\t")
		f.Add(s, "x", "\n  ")
		f.Add("x", s, "")
	}
	f.Fuzz(func(t *testing.T, key, value, space string) {
		if !utf8.ValidString(key) || !utf8.ValidString(value) || strings.Trim(space, " \t\n") != "" || key == "version" || key == "zz" {
			return
		}
		k, err := json.Marshal(key)
		require.NoError(t, err)
		v, err := json.Marshal(value)
		require.NoError(t, err)
		text := "{" + space + string(k) + space + ":" + space + string(v) + "," + space + `"zz": 1, "version":"2"}`
		_, list := config.Parse("sqlc.json", []byte(text))
		line, column, _ := diag.Position(text, strings.LastIndex(text, `"zz"`))
		for _, d := range list.Sorted() {
			if strings.Contains(d.Message, `unknown key "zz"`) {
				require.Equal(t, [2]int{line, column}, [2]int{d.Line, d.Column}, text)
				return
			}
		}
		require.Fail(t, "the unknown key was not reported", "%q\n%s", text, list.Format())
	})
}
