package parity_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/internal/server"
)

const (
	sqlc = "../../bin/sqlc"
	// corpus is where shared test material lies, beside the checkout.
	corpus = "../../../shared/corpus/sqlc"
	// corpusCases is how many configurations it has.
	corpusCases = 166
)

// cache is where the servers keep their data, of which there is one for each
// schema: in memory, where there is such a folder.
var cache string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	parent := os.TempDir()
	if memory := server.MemoryDir(); memory != "" {
		parent = filepath.Dir(memory) // that folder itself is swept
	}
	var err error
	cache, err = os.MkdirTemp(parent, "pgwright-parity-")
	if err == nil {
		err = os.Chmod(cache, 0o711) // the server of root is run by another user
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	status := m.Run()
	if err := os.RemoveAll(cache); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return status
}

func options(config string) generator.Options {
	return generator.Options{ConfigFile: config, PostgresBin: os.Getenv(pgtest.BinEnv), Env: func(name string) string {
		if name == "PGWRIGHT_CACHE" {
			return cache
		}
		return os.Getenv(name)
	}}
}

func compare(t *testing.T, config string) (*generator.SQLCReport, error) {
	t.Helper()
	_, err := os.Stat(sqlc)
	require.NoError(t, err, "make bin/sqlc builds it")
	return generator.CompareSQLC(context.Background(), options(config), sqlc, nil)
}

// Each case of the corpus, and of our own, is to callers as with sqlc, but for
// what is allowed.
func TestParity(t *testing.T) {
	t.Parallel()
	allow := readAllowed(t)
	configs := map[string]string{}
	for _, c := range cases {
		configs[c.name] = c.write(t)
	}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.TrimSuffix(d.Name(), filepath.Ext(path)) == "sqlc" && !d.IsDir() {
			name, err := filepath.Rel(corpus, filepath.Dir(path))
			require.NoError(t, err)
			configs[filepath.ToSlash(name)] = path
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.Logf("%s is not there: the cases of this folder alone are tested", corpus)
	} else {
		require.NoError(t, err)
		require.Len(t, configs, corpusCases+len(cases))
	}
	t.Run("cases", func(t *testing.T) {
		for name, config := range configs {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				report, err := compare(t, config)
				if err != nil {
					require.Regexp(t, `^[^ ]+:[0-9]+:[0-9]+: `, err.Error(), "not what is wrong with the project")
					if rejectedBySQLCToo(t, config) {
						return
					}
					allow.rejects(t, name, rejectedByOurs, strings.ReplaceAll(err.Error(), filepath.ToSlash(filepath.Dir(config))+"/", ""))
					return
				}
				require.Equal(t, "v1.31.1", report.SQLC)
				require.NotEmpty(t, report.Packages)
				for _, p := range report.Packages {
					if p.Rejected != "" {
						allow.rejects(t, name, rejectedBySQLC, p.Rejected)
					}
					for _, q := range p.RejectedQueries {
						allow.rejects(t, name, rejectedBySQLC, q.Said)
					}
					for _, d := range p.Differences {
						allow.check(t, name, d)
					}
				}
			})
		}
	})
	allow.all(t, func(name string) bool { return configs[name] != "" })
}

// rejectedBySQLCToo reports whether sqlc can do nothing with a configuration.
func rejectedBySQLCToo(t *testing.T, config string) bool {
	t.Helper()
	path, err := filepath.Abs(sqlc)
	require.NoError(t, err)
	cmd := exec.Command(path, "compile", "-f", filepath.Base(config))
	cmd.Dir = filepath.Dir(config)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit, string(out))
	}
	return err != nil
}

// TestOptions runs the same project with each option of sqlc's Go blocks and
// without: with it both tools generate the same, and not what they do without.
func TestOptions(t *testing.T) {
	t.Parallel()
	plain := project{name: "without options"}
	files := generate(t, plain.write(t))
	for _, o := range switches {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			config := o.write(t)
			report, err := compare(t, config)
			require.NoError(t, err)
			require.Len(t, report.Packages, 1)
			require.Empty(t, report.Packages[0].Rejected)
			require.Empty(t, listed(report.Packages[0].Differences))
			same := slices.EqualFunc(files, generate(t, config), func(a, b generator.File) bool {
				return a.Path == b.Path && string(a.Content) == string(b.Content)
			})
			require.Equal(t, o.noEffect, same)
		})
	}
}

// TestUnreleased holds that sqlc has no such options. One that has them is to be
// compared with as it is.
func TestUnreleased(t *testing.T) {
	t.Parallel()
	path, err := filepath.Abs(sqlc)
	require.NoError(t, err)
	for option, value := range unreleased {
		t.Run(option, func(t *testing.T) {
			t.Parallel()
			config := project{options: option + ": " + value}.write(t)
			cmd := exec.Command(path, "compile", "-f", filepath.Base(config))
			cmd.Dir = filepath.Dir(config)
			out, err := cmd.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(out), "field "+option+" not found")
		})
	}
}

// listed are differences with a line for each.
func listed(differences []generator.SQLCDifference) string {
	var b strings.Builder
	for _, d := range differences {
		sqlc, pgwright := d.Brief()
		fmt.Fprintf(&b, "%s: sqlc %q, pgwright %q\n", d.Name, sqlc, pgwright)
	}
	return b.String()
}

func generate(t *testing.T, config string) []generator.File {
	t.Helper()
	res, err := generator.Generate(context.Background(), options(config))
	require.NoError(t, err)
	require.False(t, res.HasErrors(), res.Report())
	return res.Files
}
