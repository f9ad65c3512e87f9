package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pgwright/pgwright/bench/project"
	"github.com/pgwright/pgwright/bench/report"
)

// The modules of the generators. The version of sqlc is what this module's tool directive pins.
const (
	pgwrightModule = "github.com/pgwright/pgwright"
	sqlcModule     = "github.com/sqlc-dev/sqlc"
)

// process is what one run of a program took: its wall time, and the CPU time with that of the programs that it started
// and waited for, such as a server.
type process struct{ wall, cpu time.Duration }

// generation is one way to run a generator.
type generation struct {
	name string
	// most is what the least wall time is to be, for each size.
	most map[int]time.Duration
	// rounds is how often it is run, of the rounds that all have.
	rounds  int
	prepare func(dir string, round int) error
	command func(dir string) *exec.Cmd
	// wrote is the folder whose code is checked.
	wrote string
	runs  map[int][]process
}

// sizes of the projects, in tables. The growth is measured from the first to the last.
var sizes = []int{100, 500}

// mostGenerations is how many rounds are enough for whole processes.
const mostGenerations = 5

// growthMost is how much longer five times the input may take.
const growthMost = 5.5

func generatorTable(ctx context.Context, o options) (err error) {
	o.rounds = min(o.rounds, mostGenerations)
	dir, err := os.MkdirTemp("", "pgwright-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// A server that root starts runs as another user, who has to reach its data.
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	// The user's own cache stays as it is.
	cache := filepath.Join(dir, "cache")
	generate := func(arguments ...string) func(string) *exec.Cmd {
		return func(dir string) *exec.Cmd {
			cmd := exec.CommandContext(ctx, o.pgwright, append([]string{"generate", "-f", project.PgwrightConfig}, arguments...)...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PGWRIGHT_CACHE="+cache)
			return cmd
		}
	}
	generations := []*generation{
		{
			name: "pgwright, first run ever", rounds: min(3, o.rounds), wrote: project.PgwrightOut,
			most: map[int]time.Duration{500: 6 * time.Second},
			prepare: func(dir string, _ int) error {
				return errors.Join(os.RemoveAll(cache), os.RemoveAll(filepath.Join(dir, "pgwright.lock")), os.RemoveAll(filepath.Join(dir, project.PgwrightOut)))
			},
			command: generate(),
		},
		{
			name: "pgwright, schema unchanged", rounds: o.rounds, wrote: project.PgwrightOut,
			most:    map[int]time.Duration{100: 350 * time.Millisecond, 500: time.Second},
			command: generate("--fresh"),
		},
		{
			name: "pgwright, one query changed", rounds: o.rounds, wrote: project.PgwrightOut,
			prepare: changeQuery, command: generate(),
		},
		{
			name: "pgwright, nothing changed", rounds: o.rounds, wrote: project.PgwrightOut,
			most:    map[int]time.Duration{500: 100 * time.Millisecond},
			command: generate(),
		},
		{
			name: "sqlc", rounds: o.rounds, wrote: project.SQLCOut,
			command: func(dir string) *exec.Cmd {
				cmd := exec.CommandContext(ctx, o.sqlc, "generate", "-f", project.SQLCConfig)
				cmd.Dir = dir
				return cmd
			},
		},
	}
	for _, tables := range sizes {
		if err := project.Write(projectDir(dir, tables), tables); err != nil {
			return err
		}
	}
	for round := range o.rounds {
		for _, tables := range sizes {
			for _, g := range generations {
				if round >= g.rounds {
					continue
				}
				if err := g.run(projectDir(dir, tables), tables, round); err != nil {
					return fmt.Errorf("%s, %d tables: %w", g.name, tables, err)
				}
			}
		}
	}

	times := report.Table{Head: []string{"tables", "queries", "", "wall, least", "wall, median", "CPU, median", "to reach", ""}}
	for _, tables := range sizes {
		first, queries := fmt.Sprint(tables), report.Count(float64(tables*project.QueriesPerTable))
		for _, g := range generations {
			wall := g.figure(tables, func(p process) time.Duration { return p.wall })
			cpu := g.figure(tables, func(p process) time.Duration { return p.cpu })
			wanted, verdict := "", ""
			if most, ok := g.most[tables]; ok {
				wanted, verdict = "≤ "+report.Nanos(float64(most)), report.Verdict(float64(wall[0]), float64(most))
			}
			times.Add(first, queries, g.name, report.Nanos(float64(wall[0])), report.Nanos(middle(wall)), report.Nanos(middle(cpu)), wanted, verdict)
			first, queries = "", ""
		}
	}

	rest := report.Table{Head: []string{"", "pgwright", "sqlc", "to reach", ""}}
	growth := func(g *generation) float64 {
		of := func(tables int) float64 {
			return float64(g.figure(tables, func(p process) time.Duration { return p.wall })[0])
		}
		return of(sizes[len(sizes)-1]) / of(sizes[0])
	}
	grown := growth(generations[1])
	rest.Add("time for five times the input, schema unchanged", report.Ratio(grown), report.Ratio(growth(generations[len(generations)-1])),
		report.AtMost(growthMost), report.Verdict(grown, growthMost))
	const mb = 1e6
	ours, err := fileSize(o.pgwright)
	if err != nil {
		return err
	}
	theirs, err := fileSize(o.sqlc)
	if err != nil {
		return err
	}
	rest.Add("binary, stripped, in MB", report.Ratio(ours/mb), report.Ratio(theirs/mb), report.AtMost(25), report.Verdict(ours/mb, 25))
	ourModules, err := modules(ctx, dir, pgwrightModule)
	if err != nil {
		return err
	}
	theirModules, err := modules(ctx, dir, sqlcModule)
	if err != nil {
		return err
	}
	rest.Add("modules in the graph", report.Count(ourModules), report.Count(theirModules), report.AtMost(30), report.Verdict(ourModules, 30))
	if o.install {
		ours, err := buildCold(ctx, dir, "..", pgwrightModule+"/cmd/pgwright")
		if err != nil {
			return err
		}
		theirs, err := buildCold(ctx, dir, ".", sqlcModule+"/cmd/sqlc")
		if err != nil {
			return err
		}
		rest.Add("build with nothing compiled before, modules downloaded, wall time", report.Nanos(float64(ours.wall)), report.Nanos(float64(theirs.wall)),
			"≤ 60 s", report.Verdict(ours.wall.Seconds(), 60))
		rest.Add("CPU time of that", report.Nanos(float64(ours.cpu)), report.Nanos(float64(theirs.cpu)), "", "")
	}

	fmt.Fprintf(o.out, "Generators, whole process: %d rounds in turns, %s\n\n%s\n%s", o.rounds, runtime.GOOS+"/"+runtime.GOARCH, times.Text(), rest.Text())
	if o.docs == "" {
		return nil
	}
	return report.Fill(filepath.Join(o.docs, "PERFORMANCE.md"), "generator", times.Markdown()+"\n"+rest.Markdown())
}

func projectDir(dir string, tables int) string { return filepath.Join(dir, fmt.Sprint(tables)) }

// changeQuery changes a number in one query, to one that it has not been.
func changeQuery(dir string, round int) error {
	path := filepath.Join(dir, project.QueryFile(0))
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(text), "LIMIT ")
	_, after, ended := strings.Cut(after, ";")
	if !found || !ended {
		return fmt.Errorf("%s: no limit to change", path)
	}
	return os.WriteFile(path, fmt.Appendf(nil, "%sLIMIT %d;%s", before, 100+round, after), 0o644)
}

// run runs the generator once and checks that it has written a method for each query.
func (g *generation) run(dir string, tables, round int) error {
	if g.prepare != nil {
		if err := g.prepare(dir, round); err != nil {
			return err
		}
	}
	cmd := g.command(dir)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	if g.runs == nil {
		g.runs = make(map[int][]process)
	}
	g.runs[tables] = append(g.runs[tables], process{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()})
	files, err := filepath.Glob(filepath.Join(dir, g.wrote, "*.sql.go"))
	if err != nil {
		return err
	}
	methods := 0
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		methods += bytes.Count(text, []byte("\nfunc (q *Queries) "))
	}
	if want := tables * project.QueriesPerTable; methods != want {
		return fmt.Errorf("%d methods were written for %d queries", methods, want)
	}
	return nil
}

// figure returns a figure of all runs, the least first.
func (g *generation) figure(tables int, of func(process) time.Duration) []time.Duration {
	var all []time.Duration
	for _, p := range g.runs[tables] {
		all = append(all, of(p))
	}
	slices.Sort(all)
	return all
}

func middle(sorted []time.Duration) float64 {
	n := len(sorted)
	return float64(sorted[n/2]+sorted[(n-1)/2]) / 2
}

func fileSize(path string) (float64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}

// buildCold builds a program with nothing compiled before, not even the standard library.
func buildCold(ctx context.Context, dir, module, pkg string) (process, error) {
	// This downloads what is missing.
	if out, err := exec.CommandContext(ctx, "go", "-C", module, "list", "-deps", pkg).CombinedOutput(); err != nil {
		return process{}, fmt.Errorf("list what %s needs: %w\n%s", pkg, err, out)
	}
	cache := filepath.Join(dir, "gocache")
	cmd := exec.CommandContext(ctx, "go", "-C", module, "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, "program"), pkg)
	cmd.Env = append(os.Environ(), "GOCACHE="+cache)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(start)
	if err != nil {
		return process{}, fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return process{wall, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, os.RemoveAll(cache)
}

// modules counts the modules in the graph of a module, without itself.
func modules(ctx context.Context, dir, module string) (float64, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.GoMod}}", module).Output()
	if err != nil {
		return 0, fmt.Errorf("find %s: %w", module, err)
	}
	mod, err := os.ReadFile(strings.TrimSpace(string(out)))
	if err != nil {
		return 0, err
	}
	// In a copy, because the graph of this module has others, and because go writes to the go.sum beside it.
	dir = filepath.Join(dir, "graph", filepath.Base(module))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o644); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, "go", "list", "-mod=mod", "-m", "all")
	cmd.Dir = dir
	if out, err = cmd.Output(); err != nil {
		return 0, fmt.Errorf("list the modules of %s: %w", module, err)
	}
	return float64(bytes.Count(out, []byte("\n")) - 1), nil
}
