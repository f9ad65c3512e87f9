package migrate

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/apptest"
	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// application is a module outside of this one that goes through the migration.
type application struct {
	dir string
	env []string
}

// call runs a program in the application's folder.
func (a *application) call(t *testing.T, program string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = a.dir, a.env
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit)
		status = exit.ExitCode()
	}
	return status, out.String(), errOut.String()
}

// take copies a file of the example, and has the program import the
// application's own code.
func (a *application) take(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	require.NoError(t, err)
	for _, version := range []string{"v1", "v2"} {
		text = bytes.ReplaceAll(text, []byte("github.com/pgwright/pgwright/examples/migrate/"+version), []byte("example.com/app"))
	}
	a.write(t, to, string(text))
}

func (a *application) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(a.dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

// generated are the files of a folder by name.
func generated(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var text []byte
			text, err = os.ReadFile(filepath.Join(dir, path))
			out[path] = string(text)
		}
		return err
	}))
	require.NotEmpty(t, out)
	return out
}

// newApplication makes a module with version 1 of the program, and the pgwright
// of this checkout.
func newApplication(t *testing.T) (a *application, pgwright string) {
	t.Helper()
	repository, err := filepath.Abs("../..")
	require.NoError(t, err)
	pgwright = filepath.Join(t.TempDir(), "pgwright")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", pgwright, "../../cmd/pgwright").CombinedOutput()
	require.NoError(t, err, "%s", out)
	a = &application{dir: t.TempDir(), env: append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")}
	if bin := os.Getenv(pgtest.BinEnv); bin != "" {
		a.env = append(a.env, "PGWRIGHT_POSTGRES_BIN="+bin)
	}
	require.NoError(t, apptest.WriteModule(a.dir, "example.com/app", repository))
	a.write(t, "sqlc.yaml", "version: \"2\"\nsql:\n  - schema: migrations\n    queries: queries.sql\n    codegen:\n      - plugin: pgwright\n        out: tasks\n")
	a.take(t, "v1/queries.sql", "queries.sql")
	a.take(t, "v1/main.go", "main.go")
	a.take(t, "migrations/001_tasks.sql", "migrations/001_tasks.sql")
	return a, pgwright
}

// migrate applies a migration to the database, as a tool for that does.
func migrate(t *testing.T, url, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), string(text))
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func TestMigration(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	a, pgwright := newApplication(t)
	a.env = append(a.env, "DATABASE_URL="+url)

	// Version 1: generate, build, run.
	status, stdout, stderr := a.call(t, pgwright, "generate")
	require.Zero(t, status, stderr)
	require.Contains(t, stdout, "generated 3 files (3 changed)")
	require.Equal(t, generated(t, "v1/tasks"), generated(t, filepath.Join(a.dir, "tasks")))
	status, _, stderr = a.call(t, "go", "build", "-o", "v1.bin", ".")
	require.Zero(t, status, stderr)
	migrate(t, url, "migrations/001_tasks.sql")
	v1 := filepath.Join(a.dir, "v1.bin")
	status, stdout, stderr = a.call(t, v1)
	require.Zero(t, status, stderr)
	require.Equal(t, "1. write the report (Ada, 2030-05-01) done: true\n2. read the report (Alan, some day) done: false\n", stdout)
	status, stdout, stderr = a.call(t, pgwright, "check", "--database", url)
	require.Zero(t, status, stderr)
	require.Equal(t, "the generated code fits the database\n", stdout)

	// The database is migrated. Before anything is deployed, check says what the
	// program that runs will meet; and the program does not start again.
	migrate(t, url, "migrations/002_assignees.sql")
	status, stdout, stderr = a.call(t, pgwright, "check", "--database", url)
	require.Equal(t, 1, status)
	require.Equal(t, `queries.sql:1: AddTask: PostgreSQL rejects it now: column "owner" of relation "tasks" does not exist
queries.sql:8: ListTasks: PostgreSQL rejects it now: column "owner" does not exist
`, stdout)
	require.Contains(t, stderr, "the database is not what the code was generated for")
	status, stdout, stderr = a.call(t, v1)
	require.Equal(t, 1, status)
	require.Empty(t, stdout)
	require.Contains(t, stderr, `AddTask: ERROR: column "owner" of relation "tasks" does not exist`)

	// The migration comes to the code. A query that names the column is
	// PostgreSQL's to refuse; nothing is written until it is mended.
	a.take(t, "migrations/002_assignees.sql", "migrations/002_assignees.sql")
	status, _, stderr = a.call(t, pgwright, "generate")
	require.Equal(t, 1, status)
	require.Equal(t, `queries.sql:2:27: column "owner" of relation "tasks" does not exist
    2 | INSERT INTO tasks (title, owner, due) VALUES (@title, @owner, @due)
      |                           ^
  hint: the columns of tasks are id, title, assignee, due, done, priority
`, stderr)
	require.Equal(t, generated(t, "v1/tasks"), generated(t, filepath.Join(a.dir, "tasks")))

	// Once it is, generate says what changed for the others, too.
	a.take(t, "v2/queries.sql", "queries.sql")
	status, _, stderr = a.call(t, pgwright, "generate")
	require.Zero(t, status, stderr)
	require.Contains(t, stderr, "queries.sql:8: ListTasks: it returned 5 columns and returns 6 now\n")
	require.Equal(t, generated(t, "v2/tasks"), generated(t, filepath.Join(a.dir, "tasks")))

	// What is left is the compiler's: the rename, and the date that is always
	// there now.
	status, _, stderr = a.call(t, "go", "build", ".")
	require.Equal(t, 1, status)
	for _, problem := range []string{
		"unknown field Owner in struct literal of type tasks.AddTaskParams",
		"t.Owner undefined (type tasks.Task has no field or method Owner)",
		"cannot use &due (value of type *",
	} {
		require.Contains(t, stderr, problem)
	}
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "#") {
			require.Contains(t, line, "main.go:")
		}
	}

	// Version 2 compiles, finds what version 1 stored, and fits the database.
	a.take(t, "v2/main.go", "main.go")
	status, _, stderr = a.call(t, "go", "build", "-o", "v2.bin", ".")
	require.Zero(t, status, stderr)
	status, stdout, stderr = a.call(t, filepath.Join(a.dir, "v2.bin"))
	require.Zero(t, status, stderr)
	require.Equal(t, `1. write the report (Ada, 2030-05-01, normal) done: true
2. read the report (Alan, 2030-12-31, normal) done: false
3. answer the report (Grace, 2030-06-01, urgent) done: false
`, stdout)
	status, stdout, stderr = a.call(t, pgwright, "check", "--database", url)
	require.Zero(t, status, stderr)
	require.Equal(t, "the generated code fits the database\n", stdout)
	status, _, stderr = a.call(t, pgwright, "check")
	require.Zero(t, status, stderr)
}
