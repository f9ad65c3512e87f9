// Package generator turns a project of SQL files into typed Go code.
//
// [Generate] reads a configuration, has PostgreSQL analyse schema and queries,
// and returns the generated files in memory; [Describe] returns what was found
// out instead; [Write] puts files in their place. Nothing here prints or
// exits. The functions are safe for concurrent use, also on the same project.
package generator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/golang"
)

// Options say what to generate and where to analyse it. The zero value takes
// the configuration of the working folder.
type Options struct {
	// ConfigFile is the path of sqlc.yaml or sqlc.json.
	ConfigFile string
	// Database is the connection string of a database to analyse the queries
	// on, instead of a throwaway server. Nothing is created in it.
	Database string
	// Profile names the database to analyse the queries on as the runtime does,
	// instead of Database. Its files are looked for from the working folder, its
	// variables in the process's environment.
	Profile string
	// NoQueryTree keeps the server from printing query trees, which on a live
	// database may fill its log. Every column then counts as nullable.
	NoQueryTree bool
	// Fresh has PostgreSQL asked again although the lock holds.
	Fresh bool
	// PostgresBin is the folder of the PostgreSQL to start.
	PostgresBin string
	// Engine is who analyses the queries, instead of who the configuration says:
	// "postgresql" or "sqlc", which needs no PostgreSQL but knows less.
	Engine string
	// SQLC is the path of sqlc for that engine. Without one it is looked for on
	// PATH, and else run by the Go toolchain.
	SQLC string
	// Notice is told before something takes minutes; it may be nil.
	Notice io.Writer
	// Env looks up environment variables; nil means os.Getenv.
	Env func(string) string
	// Log receives a line for each step; it may be nil.
	Log io.Writer
}

// logf writes a line to the log, if there is one.
func (o Options) logf(format string, args ...any) {
	if o.Log != nil {
		_, _ = fmt.Fprintf(o.Log, format+"\n", args...) // there is nowhere to report that it fails
	}
}

// File is a generated file.
type File struct {
	// Path is relative to [Result.Root], with forward slashes.
	Path    string
	Content []byte
}

// Result is what a project generates.
type Result struct {
	// Root is the folder of the configuration.
	Root string
	// Files are sorted by path. There are none if there is an error.
	Files []File
	// Changes are what PostgreSQL says of the queries otherwise than it did
	// before, where the lock tells.
	Changes []Drift

	diags diag.List
	// folders are those of the generated packages.
	folders []string
	// lock is what is to be recorded of the analysis, nil for nothing.
	lock []byte
	// stamp is the key under which the result is remembered, empty if it is
	// not, and opt what it was made with.
	stamp string
	opt   Options
	// inputs is the digest of what the project read before the result was made,
	// empty if there can be no stamp.
	inputs string
	// formatted is where the files are remembered, nil if they are not, and
	// sources are the digests of what they were before they were formatted.
	formatted *formatted
	sources   map[string]string
}

// HasErrors reports whether anything is wrong with the project's files.
func (r *Result) HasErrors() bool { return r.diags.HasErrors() }

// Report is all errors and warnings as text for people, sorted by position.
func (r *Result) Report() string { return r.diags.Format() }

// Generate generates all packages of a project in memory. What is wrong with
// the project's files is in the result; the error is for the rest, such as a
// missing server.
func Generate(ctx context.Context, opt Options) (res *Result, err error) {
	s := NewSession(opt)
	defer func() { err = errors.Join(err, s.Close(ctx)) }()
	return s.Generate(ctx)
}

// Session generates a project again and again, and keeps what takes long to
// start from one time to the next. It must be closed, and is not safe for
// concurrent use.
type Session struct {
	opt       Options
	databases databases
	memory    *memory
	// watched are the files of [Session.Watch], and seen is their state that it
	// returned for.
	watched watchList
	seen    map[string]fileState
	// later is what a run has left to be done when there is time.
	later func() error
}

// NewSession makes a session. Nothing is read or started yet.
func NewSession(opt Options) *Session {
	return &Session{opt: opt, databases: databases{running: map[string]*database{}}, memory: newMemory()}
}

// Close stops what was started.
func (s *Session) Close(ctx context.Context) error {
	s.memory.cold = false
	s.catchUp(ctx)
	return s.databases.close(ctx)
}

// Generate is the function [Generate].
func (s *Session) Generate(ctx context.Context) (*Result, error) {
	cfg, inputs := inputsDigest(s.opt)
	if res := unchanged(s.opt, cfg, inputs); res != nil {
		s.memory.cold = len(s.databases.running) == 0
		return res, nil
	}
	res, err := s.generate(ctx)
	if err == nil {
		res.inputs = inputs
	}
	return res, errors.Join(err, s.databases.sweep(ctx))
}

func (s *Session) generate(ctx context.Context) (*Result, error) {
	p, err := load(ctx, s.opt, &s.databases, s.memory)
	if err != nil {
		return nil, err
	}
	res := p.emit(s.opt, s.memory)
	if res.HasErrors() {
		return res, nil
	}
	if res.lock, err = p.newLock(s.memory); err != nil {
		return nil, err
	}
	return res, nil
}

// emit makes the files of a project.
func (p *project) emit(opt Options, memory *memory) *Result {
	res := &Result{Root: p.root, diags: p.diags, opt: opt, formatted: p.formatted, sources: map[string]string{}}
	type owner struct {
		pkg     *projectPackage
		content []byte
	}
	owners := map[string]owner{}
	for _, pkg := range p.packages {
		res.diags.Join(pkg.diags)
		res.Changes = append(res.Changes, pkg.changes...)
		if pkg.model == nil {
			continue
		}
		options := goOptions(pkg.config, pkg.model.DefaultSchema)
		options.Engine = pkg.engine
		if pkg.diags.HasErrors() {
			// Whatever else is wrong is reported too.
			res.diags.Join(golang.Check(pkg.model, options))
			continue
		}
		files, diags := memory.kept(options.Folder).Generate(pkg.model, options, p.formatted.recall())
		res.diags.Join(diags)
		res.folders = append(res.folders, options.Folder)
		if m := options.Models; m != nil && !m.Elsewhere {
			res.folders = append(res.folders, m.Folder)
		}
		for _, f := range files {
			file := File{Path: f.Name, Content: f.Content}
			first, taken := owners[file.Path]
			switch {
			case !taken:
				owners[file.Path] = owner{pkg, file.Content}
				res.Files = append(res.Files, file)
				res.sources[file.Path] = f.Source
			case !bytes.Equal(first.content, file.Content):
				res.diags.Add(p.contested(file.Path, first.pkg, pkg))
			}
		}
	}
	slices.Sort(res.folders)
	res.folders = slices.Compact(res.folders)
	if res.HasErrors() {
		res.Files = nil
	}
	slices.SortFunc(res.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return res
}

// contested is the error that two packages make different files of one path,
// which is that of the models that they share.
func (p *project) contested(path string, first, second *projectPackage) *diag.Diagnostic {
	return p.cfg.At(second.config.Pos("output_models_path"),
		fmt.Sprintf("%s and %s would write different models to %s", first.config.Out, second.config.Out, path),
		"packages that share their models need the same schema, the same options for names, types and tags, and no omit_unused_structs; or let one of them write the file, with output_models_emit: false in the other")
}
