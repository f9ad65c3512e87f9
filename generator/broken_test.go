package generator_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pgwright/pgwright/internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// brokenDeadline is what one broken project may take on a machine that is busy.
// A stack or a search that grows faster than its input takes longer.
const brokenDeadline = time.Minute

// Each archive of testdata/broken has projects whose files are broken, told
// apart by the first folder of their names:
//
//	-- case/queries.sql --         a file of the project
//	-- case/queries.sql quoted --  lines of Go strings, each with how often it is repeated
//	-- case/links --               lines "name -> target"
//	-- case/folders --             names of empty folders
//	-- case/want --                position and message of all that is said, and the hints
//
// A project without sqlc.yaml, schema.sql or queries.sql has the usual ones. A
// want of "ok" is a project with nothing to say of. Whatever code is made
// compiles.
func TestBroken(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/broken/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, archives)
	cases := 0
	module := newModule(t)
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		require.NoError(t, err)
		var names []string
		projects := map[string][]int{}
		for i, f := range archive.Files {
			name, _, _ := strings.Cut(f.Name, "/")
			if projects[name] == nil {
				names = append(names, name)
			}
			projects[name] = append(projects[name], i)
		}
		cases += len(names)
		got := make([]string, len(names))
		t.Run(filepath.Base(path), func(t *testing.T) {
			for n, name := range names {
				t.Run(name, func(t *testing.T) {
					dir := t.TempDir()
					want := ""
					for _, i := range projects[name] {
						f := archive.Files[i]
						if f.Name == name+"/want" {
							want = string(f.Data)
							continue
						}
						place(t, dir, strings.TrimPrefix(f.Name, name+"/"), string(f.Data))
					}
					var files []generator.File
					if got[n], files = said(t, dir); len(files) > 0 {
						module.add(t, strings.TrimSuffix(filepath.Base(path), ".txtar")+"_"+name, files)
					}
					if !*update {
						require.Equal(t, want, got[n])
					}
				})
			}
		})
		if *update {
			var files []txtar.File
			for n, name := range names {
				for _, i := range projects[name] {
					if f := archive.Files[i]; f.Name != name+"/want" {
						files = append(files, f)
					}
				}
				if want := []byte(got[n]); len(want) > 0 {
					files = append(files, txtar.File{Name: name + "/want", Data: want})
					continue
				}
				// -run has left it out.
				for _, i := range projects[name] {
					if f := archive.Files[i]; f.Name == name+"/want" {
						files = append(files, f)
					}
				}
			}
			require.NoError(t, os.WriteFile(path, txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: files}), 0o644))
		}
	}
	require.GreaterOrEqual(t, cases, 60)
	module.build(t)
}

var repeated = regexp.MustCompile(`^(".*") x (\d+)$`)

// place puts a file of an archive into a project.
func place(t *testing.T, dir, name, text string) {
	write := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	name, quoted := strings.CutSuffix(name, " quoted")
	switch {
	case name == "links":
		for line := range strings.Lines(text) {
			from, to, found := strings.Cut(strings.TrimSpace(line), " -> ")
			require.True(t, found, line)
			require.NoError(t, os.Symlink(to, filepath.Join(dir, from)))
		}
	case name == "folders":
		for _, folder := range strings.Fields(text) {
			require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
		}
	case quoted:
		var out strings.Builder
		for line := range strings.Lines(text) {
			part, times := strings.TrimSpace(line), 1
			if m := repeated.FindStringSubmatch(part); m != nil {
				part = m[1]
				n, err := strconv.Atoi(m[2])
				require.NoError(t, err)
				times = n
			}
			s, err := strconv.Unquote(part)
			require.NoError(t, err, line)
			out.WriteString(strings.Repeat(s, times))
		}
		write(name, out.String())
	default:
		write(name, text)
	}
}

// said is all that is said of a project, a line each for message and hints, and
// the files that are made of it all the same.
// What it is about has to be where it says.
func said(t *testing.T, dir string) (text string, files []generator.File) {
	for name, text := range map[string]string{
		"sqlc.yaml":   "version: \"2\"\nsql:\n- engine: postgresql\n  schema: schema.sql\n  queries: queries.sql\n  gen: {go: {out: db, sql_package: pgx/v5}}\n",
		"schema.sql":  "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text);\n",
		"queries.sql": "-- name: ListUsers :many\nSELECT id FROM users;\n",
	} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			require.ErrorIs(t, err, os.ErrNotExist)
			place(t, dir, name, text)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), brokenDeadline)
	defer cancel()
	res, err := generator.Generate(ctx, generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv)})
	require.NoError(t, err, "what is wrong with a file is no failure of the run")
	report := res.Report()
	for _, word := range []string{"panic", "goroutine", "runtime error", "unexpected error", "internal error", "%!", "<nil>", ".go:", "\x00", "\x1b", "\r"} {
		require.NotContains(t, report, word)
	}
	require.True(t, utf8.ValidString(report))
	var out strings.Builder
	for _, d := range res.Diagnostics() {
		requirePlace(t, dir, d)
		kind := ""
		switch d.Severity {
		case diag.Warning:
			kind = "warning: "
		case diag.Note:
			kind = "note: "
		}
		message := strings.ReplaceAll(d.Message, filepath.ToSlash(dir)+"/", "")
		fmt.Fprintf(&out, "%s:%d:%d: %s%s\n", relative(dir, d.File), d.Line, d.Column, kind, shown(message))
		if d.Hint != "" {
			fmt.Fprintf(&out, "  hint: %s\n", strings.ReplaceAll(shown(d.Hint), `\n`, "\n        "))
		}
		require.NotEmpty(t, d.Message)
		require.Less(t, len(d.Message)+len(d.Hint), 1500, "nobody reads that much")
	}
	if out.Len() == 0 {
		require.NotEmpty(t, res.Files)
		return "ok\n", res.Files
	}
	require.Equal(t, res.HasErrors(), len(res.Files) == 0)
	return out.String(), res.Files
}

// shown makes what no terminal shows visible, so that the archives are text.
func shown(s string) string {
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

func relative(dir, file string) string {
	return strings.TrimPrefix(file, filepath.ToSlash(dir)+"/")
}

// requirePlace checks that a diagnostic's line is the file's, and that its
// column is on that line.
func requirePlace(t *testing.T, dir string, d *diag.Diagnostic) {
	if d.File == "" || d.Line == 0 {
		require.Zero(t, d.Column)
		return
	}
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(relative(dir, d.File))))
	require.NoError(t, err, "the file of %v", d)
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r\n", "\n"), "\r", "\n"), "\n")
	require.LessOrEqual(t, d.Line, len(lines), "%v", d)
	line := lines[d.Line-1]
	if d.Source != "" {
		require.Equal(t, line, strings.TrimPrefix(d.Source, "\ufeff"), "%v", d)
	}
	require.LessOrEqual(t, d.Column, utf8.RuneCountInString(line)+2, "%v", d)
}
