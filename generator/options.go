package generator

import (
	"cmp"
	"path"
	"path/filepath"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/golang"
)

// nativeInitialisms are the words that native names write in capitals. sqlc's
// own default is "id" alone.
var nativeInitialisms = []string{
	"api", "css", "dns", "html", "http", "https", "id", "ip", "json", "sku", "sql", "ssh", "tls", "tcp", "udp", "ui", "uri", "url", "utf8", "uuid", "xml",
}

// goOptions translates a package's configuration into the emitter's terms. The
// two styles are two sets of defaults.
func goOptions(p *config.Package, defaultSchema string) golang.Options {
	o := p.Options
	out := golang.Options{
		Package:         p.Name,
		Folder:          slashed(p.Out),
		DefaultSchema:   defaultSchema,
		BuildTags:       o.BuildTags,
		Interface:       o.EmitInterface,
		Streams:         o.Streams,
		Verify:          p.Style == config.Native,
		JSONTags:        o.EmitJSONTags,
		JSONCase:        o.JSONTagsCaseStyle,
		JSONIDUppercase: o.JSONTagsIDUppercase,
		DBTags:          o.EmitDBTags,
		ExactTableNames: o.EmitExactTableNames,
		EmptySlices:     o.EmitEmptySlices,
		ExportedQueries: o.EmitExportedQueries,
		ResultPointers:  o.EmitResultStructPointers,
		ParamsPointers:  o.EmitParamsStructPointers,
		MethodsWithDB:   o.EmitMethodsWithDBArgument,
		EnumValid:       o.EnumValid || o.EmitEnumValidMethod,
		EnumValues:      o.EnumValid || o.EmitAllEnumValues,
		SQLAsComment:    o.EmitSQLAsComment,
		OmitUnused:      o.OmitUnusedStructs,
		KeepPlural:      o.InflectionExcludeTableNames,
		NullPointers:    o.EmitPointersForNullTypes,
		Initialisms:     o.Initialisms,
		Rename:          o.Rename,
		ParameterLimit:  1,
		DBFile:          o.OutputDBFileName,
		ModelsFile:      o.OutputModelsFileName,
		QuerierFile:     o.OutputQuerierFileName,
		FilesSuffix:     o.OutputFilesSuffix,
	}
	if m := p.Models; m != nil {
		out.Models = &golang.Models{Name: m.Name, Import: m.Import, Folder: slashed(m.Folder), Elsewhere: m.Elsewhere}
	}
	if p.Style == config.SQLC {
		out.Types, out.EnumScan, out.RowsAsText, out.AsDeclared, out.SQLCNames = golang.PgTypes, true, true, true, true
		out.CopyFile = fileName(o.OutputCopyFromFileName, "copyfrom")
		out.BatchFile = fileName(o.OutputBatchFileName, "batch")
	}
	if o.QueryParameterLimit != nil {
		out.ParameterLimit = *o.QueryParameterLimit
	}
	if out.Initialisms == nil {
		out.Initialisms = []string{"id"}
		if p.Style == config.Native {
			out.Initialisms, out.PluralInitialisms = nativeInitialisms, true
		}
	}
	for _, v := range o.Overrides {
		if v.Unsigned {
			continue // PostgreSQL has no such types
		}
		schema, table, column := splitColumn(v.Column)
		if !v.GoType.IsZero() {
			out.Overrides = append(out.Overrides, golang.Override{
				Schema: schema, Table: table, Column: column, DBType: v.DBType, Nullable: v.Nullable,
				Type: golang.GoType{Import: v.GoType.Import, Alias: v.GoType.Package, Name: v.GoType.Type, Pointer: v.GoType.Pointer, Slice: v.GoType.Slice},
			})
		}
		if v.GoStructTag != "" {
			out.StructTags = append(out.StructTags, golang.StructTag{
				Schema: schema, Table: table, Column: column, DBType: v.DBType, Nullable: v.Nullable, Tag: v.GoStructTag,
			})
		}
	}
	return out
}

// slashed is a path of the configuration as those of generated files are.
func slashed(folder string) string { return path.Clean(filepath.ToSlash(folder)) }

// fileName is a configured name of a Go file, with or without its ending.
func fileName(name, byDefault string) string {
	return strings.TrimSuffix(cmp.Or(name, byDefault), ".go") + ".go"
}

// splitColumn reads [[catalog.]schema.]table.column.
func splitColumn(s string) (schema, table, column string) {
	parts := strings.Split(s, ".")
	switch n := len(parts); {
	case s == "":
		return "", "", ""
	case n == 1:
		return "", "*", s
	case n == 2:
		return "", parts[0], parts[1]
	default:
		return parts[n-3], parts[n-2], parts[n-1]
	}
}
