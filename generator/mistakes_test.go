package generator_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pgwright/pgwright/internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// mistakeGroups are the folders of testdata/mistakes in the order of
// docs/ERRORS.md.
var mistakeGroups = []struct{ folder, title string }{
	{"names", "Names"},
	{"types", "Types"},
	{"parameters", "Parameters"},
	{"headers", "Headers of queries"},
	{"statements", "Statements"},
	{"schema", "The schema"},
	{"configuration", "The configuration"},
}

// A mistake is an archive: its comment is the title and a text, errors.txt what
// is reported, and fixed/ the files as the hints say to write them, which then
// generate without a word. sqlc.yaml and schema.sql are those of the shop if
// the archive has none. since.txt is the version from which on PostgreSQL says
// it in these words.
func TestMistakes(t *testing.T) {
	t.Parallel()
	shop, err := os.ReadFile("testdata/mistakes/shop.sql")
	require.NoError(t, err)
	for _, group := range mistakeGroups {
		for _, path := range mistakesOf(t, group.folder) {
			t.Run(group.folder+"/"+filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				archive, err := txtar.ParseFile(path)
				require.NoError(t, err)
				files := map[string]string{
					"sqlc.yaml":  "version: \"2\"\nsql:\n- engine: postgresql\n  schema: schema.sql\n  queries: queries.sql\n  gen: {go: {out: db, sql_package: pgx/v5}}\n",
					"schema.sql": string(shop),
				}
				fixed := map[string]string{}
				want, since := -1, 0
				for i, f := range archive.Files {
					name, isFixed := strings.CutPrefix(f.Name, "fixed/")
					switch {
					case isFixed:
						fixed[name] = string(f.Data)
					case name == "errors.txt":
						want = i
					case name == "since.txt":
						since, err = strconv.Atoi(strings.TrimSpace(string(f.Data)))
						require.NoError(t, err)
					default:
						files[name] = string(f.Data)
					}
				}
				dir := t.TempDir()
				got := reportOf(t, dir, files)
				if *update {
					if want < 0 {
						archive.Files = append(archive.Files, txtar.File{Name: "errors.txt"})
						want = len(archive.Files) - 1
					}
					archive.Files[want].Data = []byte(got)
					require.NoError(t, os.WriteFile(path, txtar.Format(archive), 0o644))
				}
				if serverMajor(t) < since {
					require.NotEmpty(t, got)
					return
				}
				require.GreaterOrEqual(t, want, 0, "%s has no errors.txt: run with -update", path)
				require.Equal(t, string(archive.Files[want].Data), got)
				if len(fixed) > 0 {
					require.Empty(t, reportOf(t, dir, fixed), "what the hints say has errors too")
				}
			})
		}
	}
}

// reportOf writes files to a folder and returns what is reported of the
// project that is there then.
func reportOf(t *testing.T, dir string, files map[string]string) string {
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	res, err := generator.Generate(context.Background(), generator.Options{
		ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv),
	})
	require.NoError(t, err)
	return strings.ReplaceAll(res.Report(), filepath.ToSlash(dir)+"/", "")
}

func mistakesOf(t *testing.T, group string) []string {
	paths, err := filepath.Glob(filepath.Join("testdata/mistakes", group, "*.txtar"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	return paths
}

// docs/ERRORS.md shows what TestMistakes expects, word for word.
func TestErrorsPage(t *testing.T) {
	t.Parallel()
	const page = "../docs/ERRORS.md"
	const mark = "<!-- Below this line go test ./generator -run TestErrorsPage -update writes. -->\n"
	b, err := os.ReadFile(page)
	require.NoError(t, err)
	head, _, found := strings.Cut(string(b), mark)
	require.True(t, found, "the mark is gone from %s", page)
	var text strings.Builder
	text.WriteString(head + mark)
	for _, group := range mistakeGroups {
		fmt.Fprintf(&text, "\n## %s\n", group.title)
		for _, path := range mistakesOf(t, group.folder) {
			archive, err := txtar.ParseFile(path)
			require.NoError(t, err)
			title, rest, _ := strings.Cut(string(archive.Comment), "\n")
			fmt.Fprintf(&text, "\n### %s\n\n", title)
			if rest = strings.TrimSpace(rest); rest != "" {
				fmt.Fprintf(&text, "%s\n\n", rest)
			}
			for _, f := range archive.Files {
				if f.Name == "errors.txt" {
					fmt.Fprintf(&text, "```text\n%s```\n", f.Data)
				}
			}
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(text.String()), 0o644))
		return
	}
	require.Equal(t, text.String(), string(b), "run go test ./generator -run TestErrorsPage -update")
}

// What a live database refuses its role, and what it does not have, is not for
// the schema files to mend.
func TestMistakesLive(t *testing.T) {
	t.Parallel()
	owner := pgtest.Schema(t, "CREATE TABLE users (id bigint PRIMARY KEY)")
	reader := readOnlyRole(t, owner)
	conn, err := pgx.Connect(t.Context(), owner)
	require.NoError(t, err)
	_, err = conn.PgConn().Exec(t.Context(), "CREATE SCHEMA hidden; CREATE TABLE hidden.things (id bigint)").ReadAll()
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sqlc.yaml":   "version: \"2\"\nsql:\n- schema: schema.sql\n  queries: queries.sql\n  gen: {go: {out: db, sql_package: pgx/v5}}\n",
		"schema.sql":  "",
		"queries.sql": "-- name: Hidden :many\nSELECT id FROM hidden.things;\n\n-- name: Nowhere :many\nSELECT id FROM nowhere;\n\n-- name: Fn :many\nSELECT nofunction();\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	res, err := generator.Generate(t.Context(), generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), Database: reader})
	require.NoError(t, err)
	u, err := url.Parse(reader)
	require.NoError(t, err)
	require.Equal(t, `queries.sql:2:16: permission denied for schema hidden
    2 | SELECT id FROM hidden.things;
      |                ^
  hint: the role reader that pgwright connects as needs it: GRANT USAGE ON SCHEMA hidden TO reader
queries.sql:5:16: relation "nowhere" does not exist
    5 | SELECT id FROM nowhere;
      |                ^
  hint: the database does not have it
queries.sql:8:8: function nofunction() does not exist
    8 | SELECT nofunction();
      |        ^
  hint: the database does not have it
`, strings.ReplaceAll(strings.ReplaceAll(res.Report(), filepath.ToSlash(dir)+"/", ""), u.User.Username(), "reader"))
}
