package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/templates"
)

// call runs a command line in this process.
func call(ctx context.Context, args ...string) (status int, stdout, stderr string) {
	var out, errOut bytes.Buffer
	status = run(ctx, args, os.Getenv, strings.NewReader(""), &out, &errOut)
	return status, out.String(), errOut.String()
}

func commands(root *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{root}
	for _, sub := range root.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}

// TestHelp holds each command's help to a screen of 80 by 24, and its example,
// which comes last, to the commands and flags that there are.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, cmd := range commands((&app{}).root()) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			t.Parallel()
			args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
			status, help, stderr := call(t.Context(), args...)
			require.Equal(t, exitOK, status)
			require.Empty(t, stderr)
			lines := strings.Split(strings.TrimSuffix(help, "\n"), "\n")
			require.LessOrEqual(t, len(lines), 24)
			for _, line := range lines {
				require.LessOrEqual(t, len(line), 80, line)
				require.Equal(t, strings.TrimRight(line, " "), line)
			}
			require.NotEmpty(t, cmd.Short)
			line := strings.TrimSuffix(lines[len(lines)-1], ")") // of <(...)
			example, found := strings.CutPrefix(line, "Example: ")
			require.True(t, found, line)
			require.Contains(t, example, cmd.CommandPath())
			for _, part := range strings.Split(example, "&&") {
				_, part, found := strings.Cut(part, "pgwright")
				if !found {
					continue
				}
				target, rest, err := (&app{}).root().Find(strings.Fields(part))
				require.NoError(t, err)
				require.NoError(t, target.ParseFlags(rest))
				require.NoError(t, target.ValidateArgs(target.Flags().Args()))
			}
		})
	}
}

// TestUsageErrors gives each command a wrong flag.
func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for _, cmd := range commands((&app{}).root()) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := call(t.Context(), append(strings.Fields(cmd.CommandPath())[1:], "--no-such-flag")...)
			require.Equal(t, exitUsage, status)
			require.Empty(t, stdout)
			require.Equal(t, "pgwright: unknown flag: --no-such-flag\nusage: "+cmd.UseLine()+"\nfor help: "+cmd.CommandPath()+" --help\n", stderr)
		})
	}
}

// failing is a standard output that is full.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestOutputThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"completion", "bash"}, {"postgres", "info"}, {"init", t.TempDir()}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			var errOut bytes.Buffer
			require.Equal(t, exitFailure, run(t.Context(), args, os.Getenv, strings.NewReader(""), failing{}, &errOut))
			require.Contains(t, errOut.String(), "pgwright: no space left on device\n")
		})
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	for want, n := range map[string][3]int{
		"generated 4 files (2 changed)":               {4, 2, 0},
		"generated 1 file (1 changed)":                {1, 1, 0},
		"generated 4 files (none changed)":            {4, 0, 0},
		"generated 0 files (none changed, 3 removed)": {0, 0, 3},
	} {
		require.Equal(t, want, summary(n[0], n[1], n[2]))
	}
}

func TestDescribeBuild(t *testing.T) {
	t.Parallel()
	for want, info := range map[string]debug.BuildInfo{
		"pgwright v1.2.3 (":                           {Main: debug.Module{Version: "v1.2.3"}},
		"pgwright development version (":              {Main: debug.Module{Version: "(devel)"}},
		"pgwright development version 0123456789ab (": {Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}}},
		"pgwright development version short (":        {Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "short"}}},
	} {
		require.True(t, strings.HasPrefix(describeBuild(&info), want), describeBuild(&info))
	}
}

// TestProgress draws at most every tenth of a second, and the end always.
func TestProgress(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	now := time.Unix(1000, 0)
	p := &progress{w: &b, now: func() time.Time { return now }}
	p.update(0, 4e6)
	p.update(1e6, 4e6)
	now = now.Add(progressEvery)
	p.update(2e6, 4e6)
	p.update(4e6, 4e6)
	p.end()
	require.Equal(t, "\r["+strings.Repeat(" ", 30)+"]   0% 0.0/4.0 MB"+
		"\r["+strings.Repeat("#", 15)+strings.Repeat(" ", 15)+"]  50% 2.0/4.0 MB"+
		"\r["+strings.Repeat("#", 30)+"] 100% 4.0/4.0 MB\n", b.String())
	require.Equal(t, "1.5 MB", progressLine(1500000, -1))
	require.Equal(t, "["+strings.Repeat("#", 30)+"] 100% 9.0/3.0 MB", progressLine(9e6, 3e6))
}

// TestInstallReportsTheServer fetches from a server that has nothing. What is
// not a terminal sees no progress.
func TestInstallReportsTheServer(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	cache := serverCache(t)
	env := func(name string) string {
		if name == "PGWRIGHT_CACHE" {
			return cache
		}
		return os.Getenv(name)
	}
	var out, errOut bytes.Buffer
	status := run(t.Context(), []string{"postgres", "install", "--base-url", srv.URL, "17"}, env, strings.NewReader(""), &out, &errOut)
	require.Equal(t, exitFailure, status)
	require.Empty(t, out.String())
	require.Contains(t, errOut.String(), "pgwright: ")
	require.NotContains(t, errOut.String(), "\r")
}

// project is the one that init writes.
func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	status, _, stderr := call(t.Context(), "init", dir)
	require.Equal(t, exitOK, status, stderr)
	return dir
}

// serverCache is a cache folder that the server's account can enter, which is
// not the case of t.TempDir for root.
func serverCache(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pgwright-test-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// TestTemplates writes what the embedded folder holds, byte for byte.
func TestTemplates(t *testing.T) {
	t.Parallel()
	dir := project(t)
	n := 0
	require.NoError(t, fs.WalkDir(templates.Project, templates.ProjectDir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() {
			return nil
		}
		n++
		want, err := fs.ReadFile(templates.Project, path)
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, strings.TrimPrefix(path, templates.ProjectDir)))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
		return nil
	}))
	require.Equal(t, 4, n)
}

// TestDescribeJSON holds the output to the keys and kinds that programs rely
// on.
func TestDescribeJSON(t *testing.T) {
	t.Parallel()
	dir := project(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "queries", "wrong.sql"), []byte("-- name: Wrong :one\nSELECT nme\nFROM authors;\n"), 0o644))
	status, stdout, stderr := call(t.Context(), "describe", "--json", "-f", filepath.Join(dir, "sqlc.yaml"))
	require.Equal(t, exitFailure, status, stderr)
	require.Empty(t, stderr)
	require.True(t, strings.HasSuffix(stdout, "}\n"))

	type param struct {
		Number   *int    `json:"number"`
		Name     *string `json:"name"`
		Type     *string `json:"type"`
		GoType   *string `json:"go_type"`
		Nullable *bool   `json:"nullable"`
		Why      *string `json:"why"`
	}
	type column struct {
		Name     *string `json:"name"`
		Type     *string `json:"type"`
		GoType   *string `json:"go_type"`
		Nullable *bool   `json:"nullable"`
		Why      *string `json:"why"`
	}
	type query struct {
		Name    *string  `json:"name"`
		Command *string  `json:"command"`
		File    *string  `json:"file"`
		Line    *int     `json:"line"`
		SQL     *string  `json:"sql"`
		Params  []param  `json:"params"`
		Columns []column `json:"columns"`
	}
	type problem struct {
		File    *string `json:"file"`
		Line    *int    `json:"line"`
		Column  *int    `json:"column"`
		Message *string `json:"message"`
		Hint    *string `json:"hint"`
	}
	var got struct {
		Packages []struct {
			Package string    `json:"package"`
			Queries []query   `json:"queries"`
			Errors  []problem `json:"errors"`
		} `json:"packages"`
	}
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&got))
	_, err := decoder.Token()
	require.ErrorIs(t, err, io.EOF)

	require.Len(t, got.Packages, 1)
	require.Equal(t, "db", got.Packages[0].Package)
	i := slices.IndexFunc(got.Packages[0].Queries, func(q query) bool { return *q.Name == "ListAuthors" })
	require.GreaterOrEqual(t, i, 0)
	list := got.Packages[0].Queries[i]
	require.Equal(t, ":many", *list.Command)
	require.Equal(t, "queries/authors.sql", *list.File)
	require.Positive(t, *list.Line)
	require.Contains(t, *list.SQL, "LEFT JOIN books")
	require.Len(t, list.Params, 1)
	require.Equal(t, "max_rows", *list.Params[0].Name)
	require.Equal(t, 1, *list.Params[0].Number)
	require.Equal(t, "bigint", *list.Params[0].Type)
	require.Equal(t, "int64", *list.Params[0].GoType)
	require.False(t, *list.Params[0].Nullable)
	require.NotEmpty(t, *list.Params[0].Why)
	names := []string{}
	for _, c := range list.Columns {
		names = append(names, *c.Name)
		require.NotEmpty(t, *c.Why)
	}
	require.Equal(t, []string{"id", "name", "books", "latest"}, names)
	latest := list.Columns[3]
	require.Equal(t, "date", *latest.Type)
	require.Equal(t, "*time.Time", *latest.GoType)
	require.True(t, *latest.Nullable)
	require.False(t, *list.Columns[2].Nullable)

	require.Len(t, got.Packages[0].Errors, 1)
	wrong := got.Packages[0].Errors[0]
	require.Equal(t, "queries/wrong.sql", *wrong.File)
	require.Equal(t, 2, *wrong.Line)
	require.Equal(t, 8, *wrong.Column)
	require.Equal(t, `column "nme" does not exist`, *wrong.Message)
}

// TestInterruptedBefore ends without a server and without a file.
func TestInterruptedBefore(t *testing.T) {
	t.Parallel()
	dir := project(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	status, stdout, stderr := call(ctx, "generate", "-f", filepath.Join(dir, "sqlc.yaml"))
	require.Equal(t, exitFailure, status)
	require.Empty(t, stdout)
	require.Equal(t, "pgwright: interrupted\n", stderr)
	require.NoFileExists(t, filepath.Join(dir, "db", "db.go"))
}
