// Package scripts_test runs the command pgwright as a user does, with the scripts in cmd/pgwright/testdata. They are run here
// because what runs them, testscript, brings modules that pgwright's own go.mod is not to list.
package scripts_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/apptest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sqlc": sqlc})
}

// repo is the checkout.
func repo(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	return dir
}

// build builds pgwright and returns the folder that it is in.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir+string(filepath.Separator), "./cmd/pgwright")
	cmd.Dir = repo(t)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return dir
}

// sqlc plays the program of that name, which bench/parity runs in earnest: it
// generates the files of the folder $SQLC, or rejects the project with what
// $SQLC_SAYS has, or a query with a text that $SQLC_REJECTS begins with, up to a
// colon, with the message behind that.
func sqlc() {
	says := os.Getenv("SQLC_SAYS")
	if text, message, ok := strings.Cut(os.Getenv("SQLC_REJECTS"), ": "); ok && says == "" && len(os.Args) > 2 {
		says = rejection(text, message)
	}
	switch {
	case len(os.Args) == 2 && os.Args[1] == "version":
		fmt.Println("v1.31.1")
	case says != "":
		fmt.Fprintln(os.Stderr, says)
		os.Exit(1)
	case strings.Join(os.Args[1:], " ") != "generate -f sqlc.json":
		fmt.Fprintln(os.Stderr, "unknown command", os.Args[1:])
		os.Exit(1)
	default:
		if err := os.CopyFS("out", os.DirFS(os.Getenv("SQLC"))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// rejection is what sqlc says against the text in the query files, if it is in
// one.
func rejection(text, message string) string {
	var project struct {
		SQL []struct{ Queries any }
	}
	config, err := os.ReadFile("sqlc.json")
	if err == nil {
		err = json.Unmarshal(config, &project)
	}
	if err != nil {
		return err.Error()
	}
	paths, ok := project.SQL[0].Queries.([]any)
	if !ok {
		paths = []any{project.SQL[0].Queries}
	}
	for _, path := range paths {
		queries, err := os.ReadFile(path.(string))
		if err != nil {
			return err.Error()
		}
		if before, _, found := strings.Cut(string(queries), text); found {
			last := before[strings.LastIndexByte(before, '\n')+1:]
			return fmt.Sprintf("# package db\n%s:%d:%d: %s", path, 1+strings.Count(before, "\n"), len(last)+1, message)
		}
	}
	return ""
}

// TestScripts runs the scripts, the behaviour of the command as a user sees it.
// $REPO is the checkout, for the module of a script to replace pgwright with.
func TestScripts(t *testing.T) {
	t.Parallel()
	repo, bin := repo(t), build(t)
	goEnv := goEnvironment(t)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(repo, "cmd", "pgwright", "testdata"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPO", filepath.ToSlash(repo))
			env.Setenv("PATH", bin+string(filepath.ListSeparator)+env.Getenv("PATH"))
			for name, value := range goEnv {
				env.Setenv(name, value)
			}
			// The scripts share the user's cache of servers, as runs do.
			for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData", "PGWRIGHT_CACHE", "PGWRIGHT_POSTGRES_BIN"} {
				env.Setenv(name, os.Getenv(name))
			}
			if servers := os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN"); servers != "" {
				env.Setenv("PGWRIGHT_POSTGRES_BIN", servers)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":  status,
			"windows": windows,
			"module":  module,
		},
	})
}

// goEnvironment lets the go command of a script use the caches of this one, and
// nothing from the network. What go get wants besides the modules that this
// binary was built of, those of other systems, is put there first.
func goEnvironment(t *testing.T) map[string]string {
	t.Helper()
	download := exec.Command("go", "mod", "download")
	download.Dir = repo(t)
	out, err := download.CombinedOutput()
	require.NoError(t, err, "%s", out)
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH"}
	out, err = exec.Command("go", append([]string{"env"}, names...)...).Output()
	require.NoError(t, err)
	env := map[string]string{"GOPROXY": "off", "GOFLAGS": "-mod=mod", "GONOSUMDB": "*", "GOTOOLCHAIN": "local", "GOWORK": "off"}
	for i, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		env[names[i]] = strings.TrimSpace(line)
	}
	return env
}

// status runs a program and compares its exit status:
//
//	status 2 pgwright nothing
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status number program [argument ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, not %d", got, want)
	}
}

// windows gives files a byte order mark and Windows line ends.
func windows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: windows file ...")
	}
	for _, name := range args {
		path := ts.MkAbs(name)
		text := strings.ReplaceAll(ts.ReadFile(path), "\n", "\r\n")
		ts.Check(os.WriteFile(path, []byte("\ufeff"+text), 0o644))
	}
}

// module makes the working folder a module that uses this checkout:
//
//	module example.com/shop
func module(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: module path")
	}
	ts.Check(apptest.WriteModule(ts.MkAbs("."), args[0], ts.Getenv("REPO")))
}
