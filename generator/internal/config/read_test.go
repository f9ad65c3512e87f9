package config_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
)

const minimal = `version: "2"
sql:
- schema: s.sql
  queries: q.sql
  gen:
    go:
      out: db
`

func TestVersion1(t *testing.T) {
	t.Parallel()
	cfg, list := config.Load(filepath.Join("testdata", "sqlc", "v1", "sqlc.yml"))
	require.Empty(t, besidesPackage(list))
	require.Equal(t, 1, cfg.Version)
	require.Equal(t, "testdata/sqlc/v1/sqlc.yml", cfg.File)
	require.Equal(t, filepath.Join("testdata", "sqlc", "v1"), cfg.Root)
	require.Len(t, cfg.Packages, 2)

	shop := cfg.Packages[0]
	require.Equal(t, "shop", shop.Name)
	require.Equal(t, "internal/shop", shop.Out)
	require.Equal(t, config.SQLC, shop.Style)
	require.Equal(t, "postgresql", shop.Engine)
	require.Equal(t, []string{"./sql/schema/", "more.sql"}, shop.Schema)
	require.Equal(t, []config.Pos{{Line: 8, Column: 14}, {Line: 8, Column: 31}}, shop.SchemaPos)
	require.Equal(t, []string{"./sql/query/"}, shop.Queries)
	require.Equal(t, config.Pos{Line: 5, Column: 11}, shop.Pos("package"))
	require.Equal(t, config.Pos{Line: 6, Column: 11}, shop.Pos("out"))
	require.Equal(t, config.Pos{Line: 11, Column: 21}, shop.Pos("emit_json_tags"))
	require.Equal(t, config.Pos{Line: 5, Column: 5}, shop.Pos("wrap_errors"))
	require.True(t, shop.Options.EmitJSONTags)
	require.Equal(t, "camel", shop.Options.JSONTagsCaseStyle)
	require.Zero(t, *shop.Options.QueryParameterLimit)
	require.True(t, shop.Database.Managed)
	require.Equal(t, "only", shop.AnalyzerDatabase)
	require.Equal(t, []string{"sqlc/db-prepare"}, shop.Rules)
	require.Equal(t, config.Pos{Line: 18, Column: 13}, shop.RulePos(0))
	require.Equal(t, []config.Override{
		{DBType: "text", Nullable: true, GoType: config.GoType{Type: "string", Pointer: true, BuiltIn: true}, Pos: config.Pos{Line: 27, Column: 5}},
		{Column: "*.id", GoType: config.GoType{Import: "github.com/gofrs/uuid", Package: "fuid", Type: "UUID"}, Pos: config.Pos{Line: 20, Column: 9}},
	}, shop.Options.Overrides)
	require.Equal(t, map[string]string{"id_old": "IDNew"}, shop.Options.Rename)
	require.False(t, shop.Options.EnumValid)

	stock := cfg.Packages[1]
	require.Equal(t, "stock", stock.Name)
	require.Nil(t, stock.Options.QueryParameterLimit)
	require.Nil(t, stock.Options.Initialisms)
	require.Nil(t, stock.Database)
	require.Len(t, stock.Options.Overrides, 1)

	require.Equal(t, []config.Rule{{
		Name: "no-exec", Message: "don't use exec", Expression: "query.cmd == \"exec\"\n",
		Pos: config.Pos{Line: 31, Column: 5}, ExpressionPos: config.Pos{Line: 33, Column: 11},
	}}, cfg.Rules)
}

func TestVersion2(t *testing.T) {
	t.Parallel()
	cfg, list := config.Load(filepath.Join("testdata", "sqlc", "v2", "sqlc.yaml"))
	require.Empty(t, list.Sorted())
	require.Equal(t, 2, cfg.Version)
	require.Len(t, cfg.Packages, 1)
	p := cfg.Packages[0]
	require.Equal(t, "querytest", p.Name)
	require.Equal(t, "go", p.Out)
	require.True(t, p.StrictFunctionChecks)
	require.False(t, p.StrictOrderBy)
	require.Equal(t, "pgx/v5", p.Options.SQLPackage)
	require.Equal(t, "linux && !cgo", p.Options.BuildTags)
	require.Equal(t, []string{"id", "url"}, p.Options.Initialisms)
	require.Equal(t, map[string]string{"one": "ONE"}, p.Options.Rename)
	require.Equal(t, config.GoType{Import: "example.com/pkg", Package: "pkg", Type: "CustomType"}, p.Options.Overrides[0].GoType)
}

func TestJSON(t *testing.T) {
	t.Parallel()
	cfg, list := config.Load(filepath.Join("testdata", "sqlc", "json", "sqlc.json"))
	require.Empty(t, besidesPackage(list))
	p := cfg.Packages[0]
	require.Equal(t, []string{"schema.sql"}, p.Schema)
	require.Equal(t, []config.Pos{{Line: 6, Column: 16}, {Line: 6, Column: 25}}, p.QueriesPos)
	require.Equal(t, map[string]string{`a"b`: "AB"}, p.Options.Rename)
	require.Equal(t, config.Pos{Line: 8, Column: 50}, p.Pos("emit_interface"))
}

// Tables with all that can be said of them need no queries.
func TestTables(t *testing.T) {
	t.Parallel()
	cfg, list := config.Parse("sqlc.yaml", []byte(`version: "2"
sql:
- schema: s.sql
  codegen:
  - plugin: pgwright
    out: db
    options:
      tables:
        include: ["public.*", users]
        exclude: public.old_*
        templates: sql/templates
  - {plugin: pgwright, out: all, options: {tables: {}}}
  - {plugin: pgwright, out: none}
`))
	require.False(t, list.HasErrors(), list.Format())
	require.Equal(t, &config.Tables{
		Include: []string{"public.*", "users"}, IncludePos: []config.Pos{{Line: 9, Column: 19}, {Line: 9, Column: 31}},
		Exclude: []string{"public.old_*"}, ExcludePos: []config.Pos{{Line: 10, Column: 18}},
		Templates: "sql/templates", TemplatesPos: config.Pos{Line: 11, Column: 20},
		Pos: config.Pos{Line: 8, Column: 7},
	}, cfg.Packages[0].Options.Tables)
	require.Equal(t, &config.Tables{Pos: config.Pos{Line: 12, Column: 44}}, cfg.Packages[1].Options.Tables)
	require.Nil(t, cfg.Packages[2].Options.Tables)
}

// TestNative reads the plugin's own block, next to blocks for others.
func TestNative(t *testing.T) {
	t.Parallel()
	cfg, list := config.Parse("sqlc.yaml", []byte(`version: "2"
plugins:
- name: pgwright
  process: {cmd: pgwright}
- {name: py, env: [PATH], wasm: {url: "file://py.wasm", sha256: ab}}
options:
  pgwright:
    rename: {a: A1, b: B1}
    stubs: all.sql
    overrides: [{db_type: uuid, go_type: example.com/a.UUID}]
  py: {anything: [1]}
overrides:
  go: {rename: {b: B2, c: C2}}
sql:
- schema: s.sql
  queries: [q.sql]
  gen: {go: {out: plain, sql_package: database/sql}}
  codegen:
  - plugin: pgwright
    out: internal/shop
    options:
      package: store
      streams: true
      stubs: [stubs.sql]
      rename: {c: C3, d: D3}
      overrides: [{column: t.c, go_struct_tag: 'x:"y"'}]
  - {plugin: pgwright, out: bare}
  - {plugin: pgwright, out: noenum, options: {enum_valid: false, initialisms: []}}
  - {plugin: py, out: src, options: {package: py}}
`))
	require.False(t, list.HasErrors(), list.Format())
	require.Equal(t, `sqlc.yaml:17:39: warning: sql_package is "database/sql", and the generated code is for pgx v5
   17 |   gen: {go: {out: plain, sql_package: database/sql}}
      |                                       ^
  hint: write sql_package: "pgx/v5"
        callers pass New a *pgxpool.Pool, *pgx.Conn or pgx.Tx instead of a *sql.DB; docs/SQLC.md lists what else changes for them
sqlc.yaml:29:14: warning: the plugin "py" is sqlc's to run; pgwright generates Go
   29 |   - {plugin: py, out: src, options: {package: py}}
      |              ^
`, list.Format())
	require.Len(t, cfg.Packages, 4)
	plain, shop, bare, noenum := cfg.Packages[0], cfg.Packages[1], cfg.Packages[2], cfg.Packages[3]

	require.Equal(t, config.SQLC, plain.Style)
	require.Equal(t, "sqlc", plain.Style.String())
	require.Equal(t, []string{"all.sql"}, plain.Stubs)
	require.False(t, plain.Options.EnumValid)

	require.Equal(t, config.Native, shop.Style)
	require.Equal(t, "native", shop.Style.String())
	require.Equal(t, "internal/shop", shop.Out)
	require.Equal(t, "store", shop.Name)
	require.True(t, shop.Options.Streams)
	require.True(t, shop.Options.EnumValid)
	require.Equal(t, []string{"all.sql", "stubs.sql"}, shop.Stubs)
	require.Equal(t, []config.Pos{{Line: 9, Column: 12}, {Line: 24, Column: 15}}, shop.StubsPos)
	require.Equal(t, map[string]string{"a": "A1", "b": "B2", "c": "C2", "d": "D3"}, shop.Options.Rename)
	require.Equal(t, []config.Override{
		{DBType: "uuid", GoType: config.GoType{Import: "example.com/a", Package: "a", Type: "UUID"}, Pos: config.Pos{Line: 10, Column: 17}},
		{Column: "t.c", GoStructTag: `x:"y"`, Pos: config.Pos{Line: 26, Column: 19}},
	}, shop.Options.Overrides)
	require.True(t, shop.Options.Overrides[1].GoType.IsZero())

	require.Equal(t, "bare", bare.Name)
	require.True(t, bare.Options.EnumValid)
	require.False(t, noenum.Options.EnumValid)
	require.Equal(t, []string{}, noenum.Options.Initialisms)
	for _, p := range cfg.Packages {
		require.Equal(t, []string{"s.sql"}, p.Schema)
		require.Equal(t, config.Pos{Line: 15, Column: 11}, p.Pos("schema"))
	}
	require.Equal(t, config.Pos{Line: 20, Column: 10}, shop.Pos("out"))
	require.Equal(t, config.Pos{Line: 27, Column: 29}, bare.Pos("out"))
}

// TestWarnsOnce says about the driver once what holds for the whole file.
func TestWarnsOnce(t *testing.T) {
	t.Parallel()
	const one = "{path: a, schema: s.sql, queries: q.sql"
	for name, c := range map[string]struct{ a, b, want string }{
		"both":       {"sql_package: pgx/v4", "sql_package: database/sql", `3:57: sql_package is "pgx/v4"`},
		"the second": {"sql_package: pgx/v5", "sql_package: database/sql", `4:57: sql_package is "database/sql"`},
		"missing":    {"name: a", "name: b", `3:3: sql_package is not given, which is "database/sql" to sqlc`},
		"v5":         {"sql_package: pgx/v5", "sql_package: pgx/v5", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, list := parse(t, "version: \"1\"\npackages:\n- "+one+", "+c.a+"}\n- "+strings.Replace(one, "path: a", "path: b", 1)+", "+c.b+"}\n")
			require.Len(t, cfg.Packages, 2)
			if c.want == "" {
				require.Empty(t, list.Sorted())
				return
			}
			require.Len(t, list.Sorted(), 1)
			d := list.Sorted()[0]
			require.Equal(t, diag.Warning, d.Severity)
			require.Contains(t, d.Error(), c.want+", and the generated code is for pgx v5")
			require.Contains(t, d.Hint, "docs/SQLC.md lists what else changes for them")
		})
	}
}

// A file with errors to mend says nothing of a key that it can do without.
func TestWarnsAfterErrors(t *testing.T) {
	t.Parallel()
	_, list := config.Parse("sqlc.yaml", []byte(minimal+"      emit_nothing: true\n"))
	require.NotContains(t, list.Format(), "sql_package")
}

// besidesPackage is all that is said of a file but that it has no sql_package.
func besidesPackage(list diag.List) []*diag.Diagnostic {
	return slices.DeleteFunc(list.Sorted(), func(d *diag.Diagnostic) bool {
		return strings.HasPrefix(d.Message, "sql_package is not given")
	})
}

func TestOldNamesOfOverrides(t *testing.T) {
	t.Parallel()
	cfg, list := parse(t, minimal+"      overrides:\n      - {postgres_type: uuid, null: true, go_type: string}\n      - {db_type: int, engine: mysql, go_type: string}\n")
	require.Len(t, besidesPackage(list), 2)
	require.Len(t, cfg.Packages[0].Options.Overrides, 1, "what is for MySQL never applies")
	o := cfg.Packages[0].Options.Overrides[0]
	require.Equal(t, "uuid", o.DBType)
	require.True(t, o.Nullable)
}

// TestEveryOption sets each option of sqlc to something else than its default.
func TestEveryOption(t *testing.T) {
	t.Parallel()
	cfg, list := parse(t, minimal+`      emit_interface: true
      emit_json_tags: True
      json_tags_id_uppercase: yes
      json_tags_case_style: snake
      emit_db_tags: on
      emit_prepared_queries: true
      emit_exact_table_names: true
      emit_empty_slices: true
      emit_exported_queries: true
      emit_result_struct_pointers: true
      emit_params_struct_pointers: true
      emit_methods_with_db_argument: no
      emit_pointers_for_null_types: true
      emit_enum_valid_method: true
      emit_all_enum_values: true
      emit_sql_as_comment: true
      sql_package: pgx/v5
      sql_driver: github.com/jackc/pgx/v5
      output_db_file_name: a
      output_models_file_name: b.go
      output_querier_file_name: c.go
      output_copyfrom_file_name: d.go
      output_batch_file_name: e.go
      output_files_suffix: _gen
      inflection_exclude_table_names: [news, 7]
      query_parameter_limit: 3
      omit_sqlc_version: true
      omit_unused_structs: true
      build_tags: x
      initialisms: [id]
      rename: {a: B, 1: One, true: Yes, ~: Nil}
      overrides:
      wrap_errors: true
`)
	require.Empty(t, list.Sorted())
	three := 3
	require.Equal(t, config.Options{
		EmitInterface: true, EmitJSONTags: true, JSONTagsIDUppercase: true, JSONTagsCaseStyle: "snake", EmitDBTags: true,
		EmitPreparedQueries: true, EmitExactTableNames: true, EmitEmptySlices: true, EmitExportedQueries: true,
		EmitResultStructPointers: true, EmitParamsStructPointers: true, EmitPointersForNullTypes: true,
		EmitEnumValidMethod: true, EmitAllEnumValues: true, EmitSQLAsComment: true, SQLPackage: "pgx/v5",
		SQLDriver: "github.com/jackc/pgx/v5", OutputDBFileName: "a", OutputModelsFileName: "b.go", OutputQuerierFileName: "c.go",
		OutputCopyFromFileName: "d.go", OutputBatchFileName: "e.go", OutputFilesSuffix: "_gen",
		InflectionExcludeTableNames: []string{"news", "7"}, QueryParameterLimit: &three, OmitSqlcVersion: true,
		OmitUnusedStructs: true, BuildTags: "x", Initialisms: []string{"id"},
		Rename:     map[string]string{"a": "B", "1": "One", "true": "Yes", "~": "Nil"},
		WrapErrors: true,
	}, cfg.Packages[0].Options)
}

// TestText covers what the bytes of a file can be like. All of these mean the
// same as the plain text.
func TestText(t *testing.T) {
	t.Parallel()
	want, _ := parse(t, minimal)
	json := `{"version": "2", "sql": [{"schema": "s.sql", "queries": "q.sql", "gen": {"go": {"out": "db"}}}]}`
	for name, text := range map[string]string{
		"byte order mark":     "\ufeff" + minimal,
		"windows line ends":   strings.ReplaceAll(minimal, "\n", "\r\n"),
		"both":                "\ufeff" + strings.ReplaceAll(minimal, "\n", "\r\n"),
		"old line ends":       strings.ReplaceAll(minimal, "\n", "\r"),
		"no line end":         strings.TrimSuffix(minimal, "\n"),
		"trailing spaces":     strings.ReplaceAll(minimal, "\n", "  \n"),
		"trailing tabs":       strings.ReplaceAll(minimal, "s.sql\n", "s.sql\t\n"),
		"comments":            "# top\n" + strings.ReplaceAll(minimal, "\n", " # say\n") + "# end\n",
		"comment lines":       strings.ReplaceAll(minimal, "\n", "\n# x\n"),
		"document marks":      "---\n" + minimal + "...\n",
		"directive":           "%YAML 1.2\n---\n" + minimal,
		"anchors":             "version: \"2\"\nsql:\n- schema: &a s.sql\n  queries: q.sql\n  gen: &g\n    go:\n      out: db\n  name: *a\n",
		"quotes":              strings.NewReplacer("s.sql", "'s.sql'", "q.sql", `"q.sql"`, "db", `"d\x62"`).Replace(minimal),
		"block scalar":        strings.ReplaceAll(minimal, "out: db", "out: >-\n        db"),
		"explicit key":        strings.ReplaceAll(minimal, "version: ", "? version\n: "),
		"tags":                strings.NewReplacer(`"2"`, "!!str 2", "- schema: s.sql", "- !!map\n  schema: !!str s.sql").Replace(minimal),
		"version as a number": strings.ReplaceAll(minimal, `"2"`, "2"),
		"nulls":               minimal + "      overrides: ~\n      rename: null\n      initialisms:\n",
		"json":                json,
		"json with tabs":      strings.NewReplacer(": ", "\t:\t", "{", "\t{\r\n\t").Replace(json),
		"json with escapes":   strings.NewReplacer("s.sql", `\u0073.sql`, "q.sql", `q\u002esql`).Replace(json),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, list := parse(t, text)
			require.Empty(t, besidesPackage(list))
			require.Len(t, cfg.Packages, 1)
			got, want := cfg.Packages[0], want.Packages[0]
			require.Equal(t, want.Schema, got.Schema)
			require.Equal(t, want.Queries, got.Queries)
			require.Equal(t, want.Out, got.Out)
			require.Equal(t, want.Name, got.Name)
			require.Nil(t, got.Options.Initialisms)
		})
	}
}

// TestMergeKeys shares settings between entries as YAML does: an entry's own
// keys win wherever they stand, and the earlier of two mappings.
func TestMergeKeys(t *testing.T) {
	t.Parallel()
	cfg, list := parse(t, `version: "2"
sql:
- &one
  schema: one.sql
  queries: one.sql
  engine: postgresql
  gen: {go: {out: one, sql_package: pgx/v5}}
- queries: two.sql
  <<: *one
  gen: {go: {out: two, sql_package: pgx/v5}}
- <<: [{queries: three.sql}, *one]
  gen:
    go:
      <<: {out: unused, emit_interface: true, sql_package: pgx/v5}
      out: three
`)
	require.Empty(t, list.Sorted())
	require.Len(t, cfg.Packages, 3)
	require.Equal(t, []string{"one.sql"}, cfg.Packages[1].Schema)
	require.Equal(t, []string{"two.sql"}, cfg.Packages[1].Queries)
	require.Equal(t, "two", cfg.Packages[1].Out)
	require.Equal(t, []string{"three.sql"}, cfg.Packages[2].Queries)
	require.Equal(t, "three", cfg.Packages[2].Out)
	require.True(t, cfg.Packages[2].Options.EmitInterface)
}

// TestBrokenText covers files whose bytes are at fault, which the golden file
// cannot hold.
func TestBrokenText(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"invalid UTF-8":              {"version: \"2\"\n# caf\xe9\n", "sqlc.yaml:2:6: the file is not UTF-8"},
		"invalid UTF-8 after a mark": {"\ufeffa: \xff\n", "sqlc.yaml:1:4: the file is not UTF-8"},
		"UTF-16":                     {"\xff\xfev\x00e\x00", "sqlc.yaml:1:1: the file is not UTF-8"},
		"a mark only":                {"\ufeff", "sqlc.yaml: the file is empty"},
		"zero bytes":                 {"\x00\x00\x00", "sqlc.yaml:1:1: "},
		"windows line ends":          {strings.ReplaceAll(minimal+"      emit: 1\n", "\n", "\r\n"), "sqlc.yaml:8:7: unknown key \"emit\""},
		"mark before an unknown key": {"\ufeffx: 1\n" + minimal, "sqlc.yaml:1:1: unknown key \"x\""},
		"brackets without end":       {strings.Repeat("[", 100_000), "sqlc.yaml:1:65: the file is nested too deeply"},
		"braces without end":         {strings.Repeat("{a: ", 50_000), "sqlc.yaml:1:257: the file is nested too deeply"},
		"dashes without end":         {strings.Repeat("- ", 100_000), "sqlc.yaml:1:129: the file is nested too deeply"},
		"questions without end":      {strings.Repeat("? ", 100_000), "sqlc.yaml:1:129: the file is nested too deeply"},
		"deep indentation":           {stairs(), "the configuration has no version"},
		"too large":                  {strings.Repeat("# comment\n", 200_000), "sqlc.yaml: the file is larger than 262144 bytes"},
		"laughs without end":         {laughs(), "sqlc.yaml:2:1: unknown key \"a0\""},
		"merges without end":         {merges(), "sqlc.yaml:142:13: too many keys are merged with <<"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, list := config.Parse("sqlc.yaml", []byte(tt.text))
			require.Nil(t, cfg)
			require.Contains(t, list.Format(), tt.want)
		})
	}
}

// stairs is a mapping in a mapping in a mapping …
func stairs() string {
	var b strings.Builder
	for i := 0; b.Len() < 1<<17; i++ {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// laughs is a document that grows without bounds if aliases are copied out.
func laughs() string {
	var b strings.Builder
	b.WriteString("version: \"2\"\na0: &a0 {x: y}\n")
	for i := range 60 {
		from, to := string(rune('a'+i/10))+string(rune('0'+i%10)), string(rune('a'+(i+1)/10))+string(rune('0'+(i+1)%10))
		b.WriteString(to + ": &" + to + " [*" + from + ", *" + from + ", *" + from + "]\n")
	}
	return b.String()
}

// merges is a document whose mappings hold all of those before them.
func merges() string {
	var b strings.Builder
	b.WriteString("version: \"2\"\n")
	for i := range 1000 {
		fmt.Fprintf(&b, "a%d: &a%d {k%d: 1, <<: *a%d}\n", i+1, i+1, i, i)
	}
	return strings.Replace(b.String(), ", <<: *a0", "", 1)
}

// TestManyErrors ends with the first hundred.
func TestManyErrors(t *testing.T) {
	t.Parallel()
	_, list := config.Parse("sqlc.json", []byte(`{"version": "2", `+strings.Repeat(`"a": 1, `, 5000)+`"b": 1}`))
	require.Len(t, list.Sorted(), 100)
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sqlc.yaml"), 0o755))
	for name, tt := range map[string]struct{ path, want string }{
		"absent":    {filepath.Join(dir, "nothing.yaml"), "nothing.yaml: the configuration cannot be read: no such file or directory\n"},
		"directory": {filepath.Join(dir, "sqlc.yaml"), "sqlc.yaml: the configuration cannot be read: is a directory\n"},
		"device":    {"/dev/zero", "/dev/zero: the file is larger than 262144 bytes\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, list := config.Load(tt.path)
			require.Nil(t, cfg)
			require.Contains(t, list.Format(), tt.want)
		})
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := config.Find(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.EqualError(t, err, "no sqlc.yaml, sqlc.yml or sqlc.json in "+dir)

	for _, name := range []string{"sqlc.json", "sqlc.yml"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(minimal), 0o644))
		got, err := config.Find(dir)
		require.NoError(t, err)
		require.Equal(t, path, got)
		if name == "sqlc.json" {
			require.NoError(t, os.Remove(path))
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sqlc.yaml"), []byte(minimal), 0o644))
	_, err = config.Find(dir)
	require.ErrorContains(t, err, "more than one configuration")
	require.False(t, errors.Is(err, fs.ErrNotExist))

	_, err = config.Find(filepath.Join(dir, "sqlc.yaml"))
	require.Error(t, err)
}

func TestAt(t *testing.T) {
	t.Parallel()
	cfg, _ := parse(t, strings.ReplaceAll(minimal, "  gen:", "  database: {uri: 'postgres://me:secret@host/db'}\n  gen:"))
	d := cfg.At(cfg.Packages[0].Pos("out"), "no such place", "look elsewhere")
	require.Equal(t, "project/sqlc.yaml:8:12: no such place", d.Error())
	require.Equal(t, "      out: db", d.Source)
	require.Equal(t, "look elsewhere", d.Hint)
	d = cfg.At(cfg.Packages[0].Database.Pos, "cannot connect", "")
	require.Equal(t, "project/sqlc.yaml:5:19: cannot connect", d.Error())
	require.Empty(t, d.Source, "a password is not shown")
	require.Equal(t, "project/sqlc.yaml: general", cfg.At(config.Pos{}, "general", "").Error())
	require.Equal(t, "project/sqlc.yaml:9:1: past the end", cfg.At(config.Pos{Line: 99, Column: 3}, "past the end", "").Error())
	require.Equal(t, "project/sqlc.yaml:8:14: past the line", cfg.At(config.Pos{Line: 8, Column: 99}, "past the line", "").Error())
}
