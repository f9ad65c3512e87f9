package config

import (
	"cmp"
	"fmt"
	"go/build/constraint"
	"go/token"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

// Options are the switches of one package. Those of sqlc mean what its
// documentation says; the zero value of each is sqlc's default except where
// noted.
type Options struct {
	EmitInterface       bool
	EmitJSONTags        bool
	JSONTagsIDUppercase bool
	// JSONTagsCaseStyle is "camel", "pascal", "snake", or "none" or empty for the
	// column's own name.
	JSONTagsCaseStyle         string
	EmitDBTags                bool
	EmitPreparedQueries       bool
	EmitExactTableNames       bool
	EmitEmptySlices           bool
	EmitExportedQueries       bool
	EmitResultStructPointers  bool
	EmitParamsStructPointers  bool
	EmitMethodsWithDBArgument bool
	EmitPointersForNullTypes  bool
	EmitEnumValidMethod       bool
	EmitAllEnumValues         bool
	EmitSQLAsComment          bool
	// SQLPackage is as written: "pgx/v5", "pgx/v4", "database/sql" or empty. The
	// code is for pgx v5 whatever it says.
	SQLPackage string
	// SQLDriver is as written, and has no effect.
	SQLDriver string
	// The names of output files are empty for the default.
	OutputDBFileName, OutputModelsFileName, OutputQuerierFileName, OutputCopyFromFileName, OutputBatchFileName string
	OutputFilesSuffix                                                                                          string
	InflectionExcludeTableNames                                                                                []string
	// QueryParameterLimit is nil for the default, 1.
	QueryParameterLimit *int
	OmitSqlcVersion     bool
	OmitUnusedStructs   bool
	// BuildTags is an expression as after //go:build, or empty.
	BuildTags string
	// Initialisms is nil for the default, "id" alone.
	Initialisms []string
	// Rename maps names in the database to Go names.
	Rename map[string]string
	// Overrides are to be tried in order, those that name a column before those
	// that name a type.
	Overrides  []Override
	WrapErrors bool

	models modelOptions

	// Streams adds the streaming twin to every :many query. Native only.
	Streams bool
	// EnumValid adds the Valid method and the list of all values to enums. It is
	// set in the native style unless switched off there, and never in sqlc's.
	EnumValid bool
	// Tables is nil if no methods are to be made of tables. Native only.
	Tables *Tables
	// Vet is for pgwright vet: of the options of pgwright, for one package or
	// for all.
	Vet Vet
	// Engine is who analyses the queries: "sqlc", "postgresql", or empty for
	// PostgreSQL.
	Engine string
}

// Engines are who can analyse queries.
var Engines = []string{"postgresql", "sqlc"}

// nativeKeys are the options of the plugin entry alone.
var nativeKeys = []string{"engine", "enum_valid", "streams", "stubs", "tables", "vet"}

// What changes for the callers of code that sqlc generated for something else
// than pgx v5.
const (
	fromDatabaseSQL = "write sql_package: \"pgx/v5\"\n" +
		"callers pass New a *pgxpool.Pool, *pgx.Conn or pgx.Tx instead of a *sql.DB; docs/SQLC.md lists what else changes for them"
	fromPgx4 = "write sql_package: \"pgx/v5\"\n" +
		"callers import github.com/jackc/pgx/v5, and its pgtype, in place of v4; docs/SQLC.md lists what else changes for them"
)

// optionKeys returns the keys that sqlc's Go block has beyond its output.
func optionKeys() []string {
	probe := &reader{cfg: &Config{}}
	t := &table{r: probe, node: &node{kind: mapping}}
	probe.sqlcOptions(t, &Options{}, 2)
	return t.known
}

// otherTools says whose option a key is that Go packages do not have.
var otherTools = map[string]string{
	"emit_sync_querier":     "Python",
	"emit_async_querier":    "Python",
	"emit_pydantic_models":  "Python",
	"emit_str_enum":         "Python",
	"emit_init_file":        "Python",
	"query_type":            "Python",
	"runtime":               "TypeScript",
	"driver":                "TypeScript",
	"mysql2":                "TypeScript",
	"indent":                "JSON",
	"filename":              "JSON",
	"emit_jvm_default":      "Kotlin",
	"emit_kotlin_coroutine": "Kotlin",
}

// optionHint is the advice for a key of sqlc that pgwright does not have.
func optionHint(key string) string {
	if language, ok := otherTools[key]; ok {
		return fmt.Sprintf("this is an option of sqlc's %s generator; pgwright generates Go for PostgreSQL", language)
	}
	switch key {
	case "emit_query_batch", "output_query_batch_file_name":
		return "pgwright has no query batches of this kind: use :batchexec, :batchone or :batchmany"
	case "mysql", "sqlite":
		return "pgwright generates Go for PostgreSQL"
	}
	return ""
}

// sqlcOptions reads the options of a Go block of sqlc.
func (r *reader) sqlcOptions(t *table, o *Options, version int) {
	r.commonOptions(t, o)
	r.fileNames(t, o, true)
	r.modelOptions(t, o, true)
	t.flag("emit_prepared_queries", &o.EmitPreparedQueries)
	t.flag("emit_pointers_for_null_types", &o.EmitPointersForNullTypes)
	t.flag("emit_enum_valid_method", &o.EmitEnumValidMethod)
	t.flag("emit_all_enum_values", &o.EmitAllEnumValues)
	t.flag("omit_sqlc_version", &o.OmitSqlcVersion)
	if o.EmitMethodsWithDBArgument && o.EmitPreparedQueries {
		r.errorAt(t.keyPos("emit_prepared_queries"), "emit_prepared_queries and emit_methods_with_db_argument exclude each other", "remove one of them")
	}
	if version > 1 {
		o.Rename = r.rename(t)
	}
	t.text("sql_package", &o.SQLPackage)
	t.text("sql_driver", &o.SQLDriver)
	switch o.SQLPackage {
	case "pgx/v5":
	case "":
		if !r.warned {
			r.warned = true
			r.unsaid = r.cfg.At(t.pos("sql_package"), "sql_package is not given, which is \"database/sql\" to sqlc, and the generated code is for pgx v5", fromDatabaseSQL)
			r.unsaid.Severity = diag.Warning
		}
	case "database/sql":
		r.warnOnce(t.pos("sql_package"), "sql_package is \"database/sql\", and the generated code is for pgx v5", fromDatabaseSQL)
	case "pgx/v4":
		r.warnOnce(t.pos("sql_package"), "sql_package is \"pgx/v4\", and the generated code is for pgx v5", fromPgx4)
	default:
		packages := []string{"pgx/v5", "pgx/v4", "database/sql"}
		hint := meant(o.SQLPackage, packages)
		if hint == "" {
			hint = "pgwright generates for pgx/v5"
		}
		r.errorAt(t.pos("sql_package"), "unknown SQL package: "+o.SQLPackage, hint)
	}
	switch o.SQLDriver {
	case "", "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v4", "github.com/lib/pq":
	case "github.com/go-sql-driver/mysql":
		r.errorAt(t.pos("sql_driver"), "the SQL driver is for MySQL, and pgwright generates for PostgreSQL", "remove the key: the generated code uses pgx v5")
	default:
		r.errorAt(t.pos("sql_driver"), "unknown SQL driver: "+o.SQLDriver, "remove the key: the generated code uses pgx v5")
	}
}

// nativeOptions reads the options of the plugin entry. What sqlc switches on
// and native code always does, or never, is an error that says so.
func (r *reader) nativeOptions(t *table, o *Options) {
	r.commonOptions(t, o)
	r.fileNames(t, o, false)
	r.modelOptions(t, o, false)
	o.Rename = r.rename(t)
	t.flag("streams", &o.Streams)
	o.EnumValid = true
	t.flag("enum_valid", &o.EnumValid)
	o.Tables = r.tables(t)
	o.Vet = r.vet(t)
	t.oneOf("engine", &o.Engine, Engines...)
	for _, refused := range [][2]string{
		{"sql_package", "the code is always for pgx v5: remove the key"},
		{"sql_driver", "the code is always for pgx v5: remove the key"},
		{"emit_prepared_queries", "pgx prepares and caches statements itself: remove the key"},
		{"emit_pointers_for_null_types", "native packages always use pointers for NULL: remove the key"},
		{"emit_enum_valid_method", "use enum_valid, which is true by default"},
		{"emit_all_enum_values", "use enum_valid, which is true by default"},
		{"omit_sqlc_version", "native packages carry no version: remove the key"},
	} {
		t.refuse(refused[0], fmt.Sprintf("%s is an option of gen: go:, not of the plugin %s", refused[0], Plugin), refused[1])
	}
}

func (r *reader) commonOptions(t *table, o *Options) {
	t.flag("emit_interface", &o.EmitInterface)
	t.flag("emit_json_tags", &o.EmitJSONTags)
	t.flag("json_tags_id_uppercase", &o.JSONTagsIDUppercase)
	t.oneOf("json_tags_case_style", &o.JSONTagsCaseStyle, "camel", "pascal", "snake", "none")
	t.flag("emit_db_tags", &o.EmitDBTags)
	t.flag("emit_exact_table_names", &o.EmitExactTableNames)
	t.flag("emit_empty_slices", &o.EmitEmptySlices)
	t.flag("emit_exported_queries", &o.EmitExportedQueries)
	t.flag("emit_result_struct_pointers", &o.EmitResultStructPointers)
	t.flag("emit_params_struct_pointers", &o.EmitParamsStructPointers)
	t.flag("emit_methods_with_db_argument", &o.EmitMethodsWithDBArgument)
	t.flag("emit_sql_as_comment", &o.EmitSQLAsComment)
	o.InflectionExcludeTableNames, _ = t.texts("inflection_exclude_table_names")
	o.QueryParameterLimit = t.count("query_parameter_limit")
	t.flag("omit_unused_structs", &o.OmitUnusedStructs)
	t.flag("wrap_errors", &o.WrapErrors)
	o.Initialisms, _ = t.texts("initialisms")
	o.Overrides = r.overrides(t, "overrides")
	if t.text("build_tags", &o.BuildTags) && o.BuildTags != "" {
		if _, err := constraint.Parse("//go:build " + o.BuildTags); err != nil {
			r.errorAt(t.pos("build_tags"), fmt.Sprintf("build_tags is not a build constraint: %s", strings.TrimPrefix(err.Error(), "parsing //go:build line: ")),
				"write an expression as after //go:build, such as: linux && !cgo")
		}
	}
}

// rename reads the map of names of one package or of all.
func (r *reader) rename(t *table) map[string]string {
	words := t.words("rename")
	if len(words) == 0 {
		return words
	}
	n := t.get("rename")
	for _, e := range n.entries {
		if name, ok := words[e.key]; ok && !token.IsIdentifier(name) {
			r.errorAt(e.value.pos, fmt.Sprintf("the new name of %q is not a Go name: %q", e.key, name), "")
		}
	}
	return words
}

// fileNames reads the names of the generated files, which must be distinct. In
// sqlc's blocks they may have folders.
func (r *reader) fileNames(t *table, o *Options, folders bool) {
	before := r.errors
	defer func() { o.models.wrong = o.models.wrong || r.errors > before }()
	t.text("output_files_suffix", &o.OutputFilesSuffix)
	if strings.ContainsAny(o.OutputFilesSuffix, `/\`) {
		r.errorAt(t.pos("output_files_suffix"), fmt.Sprintf("output_files_suffix is not part of a file name: %q", o.OutputFilesSuffix), "")
	}
	owner := map[string]string{}
	for _, f := range []struct {
		key, byDefault string
		out            *string
	}{
		{"output_db_file_name", "db.go", &o.OutputDBFileName},
		{"output_models_file_name", "models.go", &o.OutputModelsFileName},
		{"output_querier_file_name", "querier.go", &o.OutputQuerierFileName},
		{"output_copyfrom_file_name", "copyfrom.go", &o.OutputCopyFromFileName},
		{"output_batch_file_name", "batch.go", &o.OutputBatchFileName},
	} {
		name := f.byDefault
		folder := ""
		if t.text(f.key, f.out) {
			name = *f.out
			if i := strings.LastIndexByte(name, '/'); folders && i >= 0 {
				if !r.below(f.key, name, t.pos(f.key)) {
					continue
				}
				folder, name = clean(name[:i]), name[i+1:]
				if o.models.folders == nil {
					o.models.folders = map[string]string{}
				}
				o.models.folders[f.key], *f.out = folder, name
			}
			if name == "" || strings.Trim(name, ".") == "" || strings.ContainsAny(name, "/\\\x00\n") {
				r.errorAt(t.pos(f.key), fmt.Sprintf("%s is not a file name: %q", f.key, name), "all files of a package are written to its folder")
				continue
			}
		}
		name = folder + "/" + strings.TrimSuffix(name, ".go")
		if other, ok := owner[name]; ok {
			at := f.key
			if t.peek(at) == nil {
				at = other
			}
			r.errorAt(t.pos(at), fmt.Sprintf("%s and %s name the same file", other, f.key), "")
		}
		owner[name] = f.key
	}
}

// globals are the settings that a file makes for all its packages.
type globals struct {
	rename    map[string]string
	overrides []Override
	stubs     []string
	stubsPos  []Pos
	vet       Vet
	engine    string
}

func (r *reader) globalOptions(t *table) globals {
	return globals{rename: r.rename(t), overrides: r.overrides(t, "overrides")}
}

// and adds further settings; those that are there already win.
func (g globals) and(more globals) globals {
	rename := map[string]string{}
	for _, m := range []map[string]string{more.rename, g.rename} {
		for from, to := range m {
			rename[from] = to
		}
	}
	return globals{
		rename:    rename,
		overrides: slices.Concat(g.overrides, more.overrides),
		stubs:     slices.Concat(g.stubs, more.stubs),
		stubsPos:  slices.Concat(g.stubsPos, more.stubsPos),
		vet:       g.vet.and(more.vet),
		engine:    cmp.Or(g.engine, more.engine),
	}
}

// finish adds what holds for all packages and files the package. The settings
// for all come first, and win, as in sqlc.
func (r *reader) finish(t *table, p *Package, global globals) {
	for _, e := range t.node.entries {
		if _, taken := p.keys[e.key]; !taken {
			p.keys[e.key] = t.pos(e.key)
		}
	}
	o := &p.Options
	o.Overrides = slices.Concat(global.overrides, o.Overrides)
	o.Rename = globals{rename: global.rename}.and(globals{rename: o.Rename}).rename
	o.Engine = cmp.Or(o.Engine, global.engine)
	p.Stubs = slices.Concat(global.stubs, p.Stubs)
	p.StubsPos = slices.Concat(global.stubsPos, p.StubsPos)
	o.Vet = o.Vet.and(global.vet)
	r.layout(t, p)
	r.visible(p)
	r.cfg.Packages = append(r.cfg.Packages, p)
}

// warnOnce warns only if no warning was given before: what it says holds for
// the whole file.
func (r *reader) warnOnce(pos Pos, message, hint string) {
	if !r.warned {
		r.warned = true
		r.warnAt(pos, message, hint)
	}
}
