package generator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/sqlcplugin"
)

// SQLCPluginMethod is the argument that sqlc calls the program of a plugin with.
const SQLCPluginMethod = sqlcplugin.Method

// SQLCPlugin answers sqlc, which runs the calling program as the process of a
// plugin: it reads the request for one codegen block and writes the response
// with the block's files. Nothing else is written.
//
// The block is generated as [Generate] would, from sqlc's configuration in the
// working folder: on its database or on a PostgreSQL of the machine. Where there
// is neither, or where the engine is sqlc, what the request says of the schema is
// what the queries are analysed with. The error has all that is wrong, for sqlc
// to show; warnings are in its report alone if there is an error.
func SQLCPlugin(ctx context.Context, opt Options, request io.Reader, response io.Writer) (err error) {
	asked, err := sqlcplugin.Read(request)
	if err != nil {
		return err
	}
	if asked.Settings.Engine != "postgresql" {
		return fmt.Errorf("the entry is for %s, and pgwright generates for PostgreSQL", asked.Settings.Engine)
	}
	cfg, diags := pluginConfig(asked)
	if cfg == nil {
		return errors.New(strings.TrimSuffix(diags.Format(), "\n"))
	}
	databases := databases{running: map[string]*database{}}
	defer func() { err = errors.Join(err, databases.close(ctx)) }()
	p, err := loadConfig(ctx, &loader{opt: opt, cfg: cfg, databases: &databases, request: asked}, diags)
	if err != nil {
		return err
	}
	res := p.emit(opt, nil)
	if res.HasErrors() {
		return errors.New(strings.TrimSuffix(res.Report(), "\n"))
	}
	out := make([]sqlcplugin.File, len(res.Files))
	for i, f := range res.Files {
		name, err := filepath.Rel(filepath.FromSlash(path.Clean(asked.Settings.Codegen.Out)), filepath.FromSlash(f.Path))
		if err != nil || !filepath.IsLocal(name) {
			return fmt.Errorf("%s is not below %s, and sqlc writes the files of a plugin nowhere else: choose another output_models_path, or run pgwright generate", f.Path, asked.Settings.Codegen.Out)
		}
		out[i] = sqlcplugin.File{Name: filepath.ToSlash(name), Contents: f.Content}
	}
	return asked.Answer(response, out)
}

// pluginConfig is the configuration of the one block that is asked for: as the
// file in the working folder has it or, if that is not the file that sqlc reads,
// as the request says.
func pluginConfig(r *sqlcplugin.Request) (*config.Config, diag.List) {
	var diags diag.List
	if file, err := config.Find("."); err == nil {
		var cfg *config.Config
		if cfg, diags = config.Load(file); cfg != nil {
			for _, p := range cfg.Packages {
				if p.Style == config.Native && path.Clean(p.Out) == path.Clean(r.Settings.Codegen.Out) &&
					slices.Equal(p.Schema, r.Settings.Schema) && slices.Equal(p.Queries, r.Settings.Queries) {
					cfg.Packages = []*config.Package{p}
					return cfg, diags
				}
			}
		}
	}
	cfg, said := requestConfig(r)
	if cfg != nil {
		return cfg, said
	}
	if diags.HasErrors() {
		return nil, diags
	}
	return nil, said
}

// requestConfig is the configuration that a request is about, as far as it
// says. There are no places in it to point at.
func requestConfig(r *sqlcplugin.Request) (*config.Config, diag.List) {
	block := map[string]any{"plugin": config.Plugin, "out": r.Settings.Codegen.Out}
	file := map[string]any{"version": "2", "sql": []any{map[string]any{
		"engine": r.Settings.Engine, "schema": r.Settings.Schema, "queries": r.Settings.Queries, "codegen": []any{block},
	}}}
	if present(r.Options) {
		block["options"] = json.RawMessage(r.Options)
	}
	if present(r.GlobalOptions) {
		file["options"] = map[string]any{config.Plugin: json.RawMessage(r.GlobalOptions)}
	}
	text, err := json.Marshal(file)
	if err != nil {
		var diags diag.List
		diags.Add(&diag.Diagnostic{File: sqlcConfig, Message: "the options of the plugin are not JSON: " + err.Error()})
		return nil, diags
	}
	cfg, diags := config.Parse(sqlcConfig, text)
	var out diag.List
	for _, d := range diags.Sorted() {
		out.Add(&diag.Diagnostic{Severity: d.Severity, File: d.File, Message: d.Message, Hint: d.Hint})
	}
	return cfg, out
}

// sqlcConfig stands for a file that only sqlc knows.
const sqlcConfig = "sqlc's configuration"

// present reports whether options are there: null is none.
func present(options []byte) bool {
	return len(options) > 0 && strings.TrimSpace(string(options)) != "null"
}
