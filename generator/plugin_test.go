package generator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// recordedRequest is a request of sqlc's for the schema of a case of
// generator/internal/static, with settings and options of a block.
func recordedRequest(t *testing.T, engine, out, options string) []byte {
	t.Helper()
	text, err := os.ReadFile("internal/static/testdata/shop/request.json")
	require.NoError(t, err)
	var request map[string]any
	require.NoError(t, json.Unmarshal(text, &request))
	request["settings"] = map[string]any{
		"engine": engine, "schema": []string{"schema.sql"}, "queries": []string{"queries.sql"}, "codegen": map[string]any{"out": out, "plugin": "pgwright"},
	}
	request["plugin_options"] = []byte(options)
	text, err = json.Marshal(request)
	require.NoError(t, err)
	return text
}

func TestSQLCPlugin(t *testing.T) {
	const config = "version: \"2\"\nsql:\n  - engine: postgresql\n    schema: schema.sql\n    queries: queries.sql\n    codegen:\n" +
		"      - {plugin: pgwright, out: other}\n      - {plugin: pgwright, out: db, options: {package: shop, streams: true}}\n"
	repository, err := filepath.Abs("..")
	require.NoError(t, err)
	server := os.Getenv(pgtest.BinEnv)
	for name, test := range map[string]struct {
		config, engine, options string
		// installed says that there is a PostgreSQL.
		installed        bool
		contains, absent string
		// folder is that of the models, if it is another.
		folder string
		err    string
	}{
		"a server":                {config: config, installed: true, contains: "package shop", absent: "analysed by"},
		"no server":               {config: config, contains: "// analysed by: sqlc"},
		"the file's options":      {config: config, contains: "func (q *Queries) Each"},
		"no server wanted":        {options: `{"engine":"sqlc"}`, installed: true, contains: "// analysed by: sqlc"},
		"another file":            {options: `{"package":"other"}`, contains: "package other"},
		"no options":              {contains: "package db"},
		"options of null":         {options: "null", contains: "package db"},
		"an unknown option":       {options: `{"packag":"x"}`, err: "sqlc's configuration: unknown key \"packag\" in the options of pgwright\n  hint: did you mean \"package\"?"},
		"not JSON":                {options: `{`, err: "the options of the plugin are not JSON"},
		"an error in the file":    {config: strings.Replace(config, "streams", "stream", 1), options: `{"stream":true}`, err: "sqlc.yaml:8:"},
		"a file for another tool": {config: "version: \"2\"\nsql: []\n", contains: "package db"},
		"models below": {
			options: `{"output_models_path":"db/sub/models","output_models_import":"example.com/models"}`, folder: "sub/models", contains: "package models",
		},
		"models beside": {
			options: `{"output_models_path":"models","output_models_import":"example.com/models"}`, err: "models/models.go is not below db",
		},
		"another database": {engine: "mysql", err: "the entry is for mysql"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.engine == "" {
				test.engine = "postgresql"
			}
			asks := name == "a server"
			if major := serverMajor(t); asks && major < 14 {
				test.err = `schema.sql:6:46: type attribute "multirange_type_name" not recognized`
			} else if asks && major < 15 {
				test.err = `queries.sql:95:1: syntax error at or near "MERGE"`
			}
			t.Chdir(filepath.Join(repository, "generator"))
			request := recordedRequest(t, test.engine, "db", test.options)
			dir := t.TempDir()
			for _, name := range []string{"schema.sql", "queries.sql"} {
				text, err := os.ReadFile(filepath.Join("internal/static/testdata/shop", name))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
			}
			if test.config != "" {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "sqlc.yaml"), []byte(test.config), 0o644))
			}
			t.Chdir(dir)
			before, err := os.ReadDir(dir)
			require.NoError(t, err)
			opt := generator.Options{PostgresBin: filepath.Join(dir, "none")}
			if test.installed {
				opt.PostgresBin = server
			}
			var out bytes.Buffer
			err = generator.SQLCPlugin(t.Context(), opt, bytes.NewReader(request), &out)
			after, errAfter := os.ReadDir(dir)
			require.NoError(t, errAfter)
			require.Len(t, after, len(before), "something was written")
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				require.Zero(t, out.Len())
				return
			}
			require.NoError(t, err)
			var response struct {
				Files []struct {
					Name     string
					Contents []byte
				}
			}
			require.NoError(t, json.Unmarshal(out.Bytes(), &response))
			text := ""
			for _, f := range response.Files {
				require.Equal(t, test.folder != "" && strings.HasSuffix(f.Name, "models.go"), filepath.Base(f.Name) != f.Name, f.Name)
				if filepath.Base(f.Name) != f.Name {
					require.Equal(t, test.folder+"/models.go", f.Name)
				}
				text += string(f.Contents)
			}
			require.Contains(t, text, test.contains)
			if test.absent != "" {
				require.NotContains(t, text, test.absent)
			}
		})
	}
}
