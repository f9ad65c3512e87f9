package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

var update = flag.Bool("update", false, "record the requests of sqlc anew")

const (
	root = "../.."
	sqlc = "../../bin/sqlc"
	// recorded is where requests of sqlc's are kept, for tests that run without
	// it.
	recorded = "../../generator/internal/static/testdata"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// command builds pgwright.
func command(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pgwright")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/pgwright")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	require.NoError(t, err)
	return path
}

// bare runs a program in a folder, with nothing on PATH.
func bare(dir, program string, args ...string) (stdout, stderr string, err error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + dir, "PATH=" + filepath.Join(dir, "nothing")}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err = cmd.Run()
	return out.String(), said.String(), err
}

// The demo is generated on a machine without PostgreSQL, in a folder whose name
// has a space, and its own test runs on what came out.
func TestDemoWithoutPostgreSQL(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "the demo")
	for _, name := range []string{"sqlc.yaml", "schema", "queries"} {
		copied(t, filepath.Join(root, name), filepath.Join(dir, name))
	}
	pgwright := command(t)
	nowhere := filepath.Join(dir, "nothing")

	_, stderr, err := bare(dir, pgwright, "generate", "--postgres-bin", nowhere)
	require.Error(t, err, "there is a PostgreSQL after all")
	require.Contains(t, stderr, nowhere)

	stdout, stderr, err := bare(dir, pgwright, "generate", "--postgres-bin", nowhere, "--engine", "sqlc", "--sqlc", absolute(t, sqlc))
	require.NoError(t, err, stderr)
	require.Contains(t, stdout, "generated 5 files (5 changed)")
	require.Empty(t, stderr)

	// The lock holds for this engine, and not for PostgreSQL.
	_, stderr, err = bare(dir, pgwright, "check", "--engine", "sqlc", "--postgres-bin", nowhere)
	require.NoError(t, err, stderr)
	_, stderr, err = bare(dir, pgwright, "check", "--postgres-bin", nowhere)
	require.Error(t, err)
	require.Contains(t, stderr, "it is from another engine, sqlc")

	out := "examples/quickstart/shop"
	files, err := filepath.Glob(filepath.Join(dir, out, "*.go"))
	require.NoError(t, err)
	overlay := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		require.Contains(t, string(text), "\n// analysed by: sqlc\n")
		overlay[filepath.Join(absolute(t, root), out, filepath.Base(f))] = f
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay.json"), text, 0o644))
	cmd := exec.Command("go", "test", "-count", "1", "-overlay", filepath.Join(dir, "overlay.json"), "./examples/quickstart")
	cmd.Dir = root
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
}

func copied(t *testing.T, from, to string) {
	t.Helper()
	info, err := os.Stat(from)
	require.NoError(t, err)
	if info.IsDir() {
		require.NoError(t, os.CopyFS(to, os.DirFS(from)))
		return
	}
	text, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
	require.NoError(t, os.WriteFile(to, text, 0o644))
}

// What sqlc's engine says is what PostgreSQL says, or less: the same types, and
// never not null where PostgreSQL says that there can be a NULL.
func TestAgainstPostgreSQL(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob(filepath.Join(root, "generator/testdata/*/sqlc.yaml"))
	require.NoError(t, err)
	shop := filepath.Join(t.TempDir(), "shop")
	copied(t, filepath.Join(recorded, "shop"), shop)
	require.NoError(t, os.WriteFile(filepath.Join(shop, "sqlc.yaml"), []byte("version: \"2\"\nsql:\n  - schema: schema.sql\n    queries: queries.sql\n"+
		"    codegen: [{plugin: pgwright, out: db}]\n"), 0o644))
	cases = append(cases, filepath.Join(shop, "sqlc.yaml"), filepath.Join(root, "sqlc.yaml"))
	described := 0
	for _, file := range cases {
		name := filepath.Base(filepath.Dir(file))
		if strings.HasPrefix(name, "error_") || strings.HasSuffix(name, "_error") || strings.HasSuffix(name, "_failing") || strings.HasPrefix(name, "tables") {
			continue // not to be generated, or not with sqlc
		}
		t.Run(name, func(t *testing.T) {
			env := func(string) string { return "" }
			of := func(engine string) *generator.Description {
				d, err := generator.Describe(context.Background(), generator.Options{
					ConfigFile: file, Engine: engine, SQLC: absolute(t, sqlc), Fresh: true, Env: env, PostgresBin: os.Getenv(pgtest.BinEnv),
				})
				require.NoError(t, err)
				return d
			}
			theirs, ours := of("postgresql"), of("sqlc")
			for i, p := range theirs.Packages {
				byName := map[string]*generator.QueryDescription{}
				for _, q := range p.Queries {
					byName[q.Name] = q
				}
				for _, q := range ours.Packages[i].Queries {
					described++
					compare(t, byName[q.Name], q)
				}
			}
		})
	}
	require.Greater(t, described, 250)
}

func compare(t *testing.T, theirs, ours *generator.QueryDescription) {
	t.Helper()
	require.NotNil(t, theirs, "PostgreSQL rejects %s", ours.Name)
	if len(ours.Columns) > 0 || len(theirs.Columns) > 0 && strings.Contains(" :one :many :iter :optional :batchone :batchmany ", " "+ours.Command+" ") {
		require.Len(t, ours.Columns, len(theirs.Columns), ours.Name)
	}
	for i, c := range ours.Columns {
		want := theirs.Columns[i]
		require.Equal(t, want.Name, c.Name, ours.Name)
		require.Equal(t, want.Type, c.Type, "%s.%s", ours.Name, c.Name)
		require.False(t, want.Nullable && !c.Nullable, "%s.%s can be NULL (%s), and sqlc's engine says it cannot (%s)", ours.Name, c.Name, want.Why, c.Why)
	}
	require.Len(t, ours.Params, len(theirs.Params), ours.Name)
	for i, p := range ours.Params {
		require.Equal(t, theirs.Params[i].Type, p.Type, "%s $%d", ours.Name, p.Number)
	}
}

// The recorded requests are what sqlc says of the schemas beside them, without
// PostgreSQL's own tables.
func TestRecordedRequests(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob(filepath.Join(recorded, "*", "schema.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	for _, file := range cases {
		dir := t.TempDir()
		copied(t, file, filepath.Join(dir, "schema.sql"))
		config := `{"version":"2","sql":[{"engine":"postgresql","schema":"schema.sql","queries":"none.sql","gen":{"json":{"out":".","filename":"request.json"}}}]}`
		require.NoError(t, os.WriteFile(filepath.Join(dir, "sqlc.json"), []byte(config), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "none.sql"), []byte("-- name: None :exec\nSELECT 1;\n"), 0o644))
		cmd := exec.Command(absolute(t, sqlc), "generate")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		text, err := os.ReadFile(filepath.Join(dir, "request.json"))
		require.NoError(t, err)
		got := withoutSystem(t, text)
		want := filepath.Join(filepath.Dir(file), "request.json")
		if *update {
			require.NoError(t, os.WriteFile(want, got, 0o644))
		}
		text, err = os.ReadFile(want)
		require.NoError(t, err)
		require.Equal(t, string(text), string(got))
	}
}

func withoutSystem(t *testing.T, text []byte) []byte {
	t.Helper()
	var request map[string]any
	require.NoError(t, json.Unmarshal(text, &request))
	for _, s := range request["catalog"].(map[string]any)["schemas"].([]any) {
		schema := s.(map[string]any)
		if slices.Contains([]any{"pg_catalog", "information_schema"}, schema["name"]) {
			schema["tables"] = []any{}
		}
	}
	out, err := json.MarshalIndent(request, "", " ")
	require.NoError(t, err)
	return append(out, '\n')
}
