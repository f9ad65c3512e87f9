package generator_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// marked is a block of a page that a comment above it says something of.
var marked = regexp.MustCompile("(?ms)^<!-- (file|shows|calls): (\\S+) -->\n```\\w+\n(.*?)^```$")

// What the pages show is generated: "file" blocks are the files of a project,
// several of one name one after the other; "shows" blocks are in its code; and
// "calls" blocks compile with it.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, page := range []string{"SQLC.md", "COMING_FROM.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "docs", page))
			require.NoError(t, err)
			require.Equal(t, strings.Count(string(text), "<!-- "), len(marked.FindAllString(string(text), -1)), "a mark without a block")
			files, shows, calls := map[string]map[string]string{}, map[string]string{}, map[string]string{}
			for _, m := range marked.FindAllStringSubmatch(string(text), -1) {
				project, name, _ := strings.Cut(m[2], "/")
				if files[project] == nil {
					files[project] = map[string]string{}
				}
				switch m[1] {
				case "file":
					files[project][name] += m[3]
				case "shows":
					shows[project] += m[3]
				case "calls":
					calls[project] += m[3]
				}
			}
			require.NotEmpty(t, files)
			module := newModule(t)
			for project, list := range files {
				dir := t.TempDir()
				for name, content := range list {
					// The application of the pages is the module of this test.
					content = strings.ReplaceAll(content, "example.com/app/", "corpus/gen/"+project+"/")
					require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
				}
				res, err := generator.Generate(t.Context(), generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv)})
				require.NoError(t, err)
				require.Empty(t, res.Report(), project)
				var code strings.Builder
				for _, f := range res.Files {
					code.Write(f.Content)
				}
				for line := range strings.Lines(shows[project]) {
					require.Contains(t, squeezed(code.String()), squeezed(line), project)
				}
				module.add(t, project, res.Files)
				if calls[project] != "" {
					module.write(t, "gen/"+project+"/calls/calls.go", caller(project, calls[project]))
				}
			}
			module.build(t)
		})
	}
}

func squeezed(code string) string { return strings.Join(strings.Fields(code), " ") }

// caller is a package of functions that use a project's code.
func caller(project, functions string) string {
	code := regexp.MustCompile(`//.*`).ReplaceAllString(functions, "")
	var out strings.Builder
	out.WriteString("package calls\n\nimport (\n")
	for _, i := range []struct{ path, use string }{
		{"context", "context."},
		{"errors", "errors."},
		{"fmt", "fmt."},
		{"time", "time."},
		{"github.com/jackc/pgx/v5", "pgx."},
		{"github.com/jackc/pgx/v5/pgtype", "pgtype."},
		{"github.com/jackc/pgx/v5/pgxpool", "pgxpool."},
		{"github.com/pgwright/pgwright/runtime", "runtime."},
		{"corpus/gen/" + project + "/db", "db."},
	} {
		if regexp.MustCompile(`\b` + regexp.QuoteMeta(i.use)).MatchString(code) {
			fmt.Fprintf(&out, "%q\n", i.path)
		}
	}
	out.WriteString(")\n\n" + functions)
	for _, m := range regexp.MustCompile(`(?m)^func (\w+)`).FindAllStringSubmatch(functions, -1) {
		fmt.Fprintf(&out, "\nvar _ = %s\n", m[1])
	}
	return out.String()
}
