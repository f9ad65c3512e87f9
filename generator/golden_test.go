package generator_test

import (
	"context"
	"flag"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

var update = flag.Bool("update", false, "rewrite the expected files of testdata")

func TestMain(m *testing.M) { pgtest.Main(m) }

// Each folder of testdata is a project. Its want/ holds the generated package,
// or errors.txt what is reported instead; warnings.txt what is said besides.
// The same is expected of every version of PostgreSQL, or of those since the
// one in since.txt.
func TestGolden(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*/sqlc.*")
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	for _, config := range cases {
		dir := filepath.Dir(config)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			opt := generator.Options{ConfigFile: config, PostgresBin: os.Getenv(pgtest.BinEnv), Fresh: true}
			res, err := generator.Generate(context.Background(), opt)
			require.NoError(t, err)
			if since, err := os.ReadFile(filepath.Join(dir, "since.txt")); err == nil {
				first, err := strconv.Atoi(strings.TrimSpace(string(since)))
				require.NoError(t, err)
				if serverMajor(t) < first {
					require.True(t, res.HasErrors())
					return
				}
			}
			want := map[string]string{}
			for _, f := range res.Files {
				want[f.Path] = string(f.Content)
			}
			// Positions are relative to the configuration's folder.
			report := strings.ReplaceAll(res.Report(), filepath.ToSlash(dir)+"/", "")
			if res.HasErrors() {
				want["errors.txt"] = report
			} else if report != "" {
				want["warnings.txt"] = report
			}
			if *update {
				rewrite(t, dir, want)
			}
			require.Equal(t, want, have(t, dir), "run go test ./generator -update if the difference is meant")

			again, err := generator.Generate(context.Background(), opt)
			require.NoError(t, err)
			require.Equal(t, res.Files, again.Files, "a second run gives other bytes")
		})
	}
}

// serverMajor is the major version of the server that the tests run on.
func serverMajor(t *testing.T) int {
	major, _, _ := strings.Cut(pgtest.Server(t).Version(), ".")
	n, err := strconv.Atoi(major)
	require.NoError(t, err)
	return n
}

// have reads the expected files of a case.
func have(t *testing.T, dir string) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"errors.txt", "warnings.txt"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			out[name] = string(b)
		}
	}
	err := filepath.WalkDir(filepath.Join(dir, "want"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		rel, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		out[filepath.ToSlash(rel)] = string(b)
		return nil
	})
	if err != nil {
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
	return out
}

func rewrite(t *testing.T, dir string, want map[string]string) {
	for _, name := range []string{"want", "errors.txt", "warnings.txt"} {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, name)))
	}
	for name, content := range want {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
}

// The expected code of all cases compiles, passes go vet, and has no
// reflection and no lists of scan targets.
func TestGoldenCompiles(t *testing.T) {
	t.Parallel()
	var packages []string
	err := filepath.WalkDir("testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || !strings.Contains(filepath.ToSlash(path), "/want") {
			return err
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		require.NoError(t, err)
		if len(files) > 0 {
			packages = append(packages, "./"+filepath.ToSlash(path))
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			require.NoError(t, err)
			require.NotContains(t, string(b), `"reflect"`, f)
			require.NotContains(t, string(b), "[]any", f)
			require.NotContains(t, string(b), "interface{}", f)
			formatted, err := format.Source(b)
			require.NoError(t, err, f)
			require.Equal(t, string(formatted), string(b), f)
		}
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, packages)
	out, err := exec.Command("go", append([]string{"vet"}, packages...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}
