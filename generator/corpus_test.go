package generator_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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
	"github.com/pgwright/pgwright/internal/apptest"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// corpus is where shared test material lies, beside the checkout.
const corpus = "../../shared/corpus"

// oracleCase is a line of oracle.jsonl: what PostgreSQL says of a case's queries.
type oracleCase struct {
	Case   string
	Oracle []struct {
		Name, Cmd string
		Cols      []string
		Params    []string
	}
}

// slices are the parameters that are arrays here, because sqlc.slice becomes
// = ANY($n), where the oracle was asked about IN ($n).
var sliceParams = map[string]bool{"sqlc_slice": true}

// absent are the cases whose SQL files the corpus does not have.
var absent = map[string]bool{"overrides_config/v2/yaml/global": true}

// since are the cases that need a later PostgreSQL than 13.
var since = map[string]int{"ranges/pgx/v5": 14}

// rejected are the cases whose queries are right but whose commands are not.
var rejected = map[string]string{
	"wrap_errors/postgresql/pgx": "PostgreSQL has no last insert id",
}

// For every query of the corpus, describe gives the column and parameter types
// that PostgreSQL gives; all that is accepted generates code that compiles.
func TestCorpus(t *testing.T) {
	t.Parallel()
	root := filepath.Join(corpus, "sqlc")
	if _, err := os.Stat(root); err != nil {
		t.Logf("%s is not there: the cases of testdata alone are tested", root)
		require.ErrorIs(t, err, fs.ErrNotExist)
		return
	}
	module := newModule(t)
	queries, tooNew := 0, 0
	for _, c := range readOracle(t, filepath.Join(root, "oracle.jsonl")) {
		config, err := filepath.Glob(filepath.Join(root, c.Case, "sqlc.*"))
		require.NoError(t, err)
		require.Len(t, config, 1, c.Case)
		opt := generator.Options{ConfigFile: config[0], Database: pgtest.New(t)}
		if absent[c.Case] {
			require.ErrorContains(t, generator.ApplySchema(context.Background(), config[0], opt.Database), "schema.sql: no such file", c.Case)
			continue
		}
		err = generator.ApplySchema(context.Background(), config[0], opt.Database)
		if serverMajor(t) < since[c.Case] {
			require.Error(t, err, c.Case)
			tooNew += len(c.Oracle)
			continue
		}
		require.NoError(t, err, c.Case)
		d, err := generator.Describe(context.Background(), opt)
		require.NoError(t, err, c.Case)
		got := map[string]*generator.QueryDescription{}
		for _, p := range d.Packages {
			for _, q := range p.Queries {
				got[q.Name] = q
			}
		}
		for _, want := range c.Oracle {
			q := got[want.Name]
			require.NotNil(t, q, "%s: %s is missing\n%s", c.Case, want.Name, d.Report)
			queries++
			columns := []string{}
			for _, column := range q.Columns {
				columns = append(columns, column.Type)
			}
			params := make([]string, len(q.Params))
			for _, p := range q.Params {
				params[p.Number-1] = p.Type
				if sliceParams[strings.Split(c.Case, "/")[0]] {
					params[p.Number-1] = strings.TrimSuffix(p.Type, "[]")
				}
			}
			require.Equal(t, want.Cols, columns, "%s: %s: columns", c.Case, want.Name)
			require.Equal(t, want.Params, params, "%s: %s: parameters", c.Case, want.Name)
		}
		res, err := generator.Generate(context.Background(), opt)
		require.NoError(t, err, c.Case)
		if reason, ok := rejected[c.Case]; ok {
			require.True(t, res.HasErrors(), c.Case)
			require.Contains(t, res.Report(), reason, c.Case)
			continue
		}
		require.False(t, res.HasErrors(), "%s:\n%s", c.Case, res.Report())
		module.add(t, c.Case, res.Files)
	}
	t.Logf("%d queries have PostgreSQL's types", queries)
	require.Equal(t, 314, queries+tooNew)
	module.build(t)
}

func readOracle(t *testing.T, path string) []oracleCase {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var out []oracleCase
	lines := bufio.NewScanner(bytes.NewReader(b))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c oracleCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		out = append(out, c)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, out)
	return out
}

// negative are the cases that PostgreSQL, or the lexical layer before it,
// rejects, with a part of each position and message.
var negative = map[string][]string{
	"ddl_create_table_invalid_inherits/postgresql/stdlib": {`schema.sql:`, `column "name" has a type conflict`},
	"ddl_materialized_views_invalid/postgresql/pgx":       {`query.sql:2:21: column "earned" does not exist`},
	"golang_invalid_sql_package":                          {`unknown SQL package: pgx/5`},
	"invalid_group_by_reference/postgresql":               {`query.sql:4:`, `column "invalid_reference" does not exist`},
	"invalid_insert_unknown_column/postgresql/pgx":        {`query.sql:3:`, `column "missing_column" of relation "authors" does not exist`},
	"invalid_params/pgx/v4":                               {`query.sql:2:8: column "foo" does not exist`, `query.sql:5:8: column "foo" does not exist`, `query.sql:8:8: column "foo" does not exist`},
	"invalid_queries_foo/pgx/v5":                          {`query.sql:1:1: missing query type`, `query.sql:4:1:`, `query.sql:7:1: invalid query type ":two"`, `query.sql:10:1: query DeleteFoo is :one`, `query.sql:13:1:`, `query.sql:16:1:`, `query.sql:19:1: duplicate query name`},
	"order_by_non_existing_column/postgresql":             {`query.sql:3:10: column "adfadsf" does not exist`},
	"sqlc_arg_invalid/postgresql":                         {`query.sql:2:`, `query.sql:5:`, `query.sql:8:`, `query.sql:11:`, `query.sql:14:`, `sqlc.argh`},
	"strict_function_checks/postgresql":                   {`query.sql:2:8: function doesntexist() does not exist`},
	"syntax_errors/postgresql":                            {`query/from.sql:2:`, `query/select.sql:2:`, `query/typo.sql:2:`, `syntax error at or near "selectt"`},
	"unknown_func/pganalyze":                              {`query.sql:2:31: function frobnicate(unknown) does not exist`},
	"update_set_on_conflict/postgresql/pgx":               {`query.sql:4:`, `query.sql:8:`, `query.sql:14:`, `query.sql:22:`, `column "name_typo" of relation "servers" does not exist`, `ON CONFLICT DO UPDATE requires inference specification or constraint name`},
}

func TestCorpusRejections(t *testing.T) {
	t.Parallel()
	root := filepath.Join(corpus, "sqlc")
	if _, err := os.Stat(root); err != nil {
		require.ErrorIs(t, err, fs.ErrNotExist)
		return
	}
	for name, parts := range negative {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, err := filepath.Glob(filepath.Join(root, name, "sqlc.*"))
			require.NoError(t, err)
			require.Len(t, config, 1)
			d, err := generator.Describe(context.Background(), generator.Options{ConfigFile: config[0], PostgresBin: os.Getenv(pgtest.BinEnv)})
			require.NoError(t, err)
			require.True(t, d.HasErrors)
			for _, part := range parts {
				require.Contains(t, d.Report, part)
			}
			errors := 0
			for _, p := range d.Packages {
				for _, e := range p.Errors {
					errors++
					require.NotZero(t, e.Line, "an error without a position: %s", e.Message)
				}
			}
			require.NotZero(t, errors)
		})
	}
}

// testModule is a Go module that collects generated packages.
type testModule struct{ dir string }

// stubs stand for modules that the corpus names in overrides and that are not
// ours to depend on.
var stubs = map[string]string{
	"github.com/gofrs/uuid":               "package uuid\n\ntype UUID [16]byte\n",
	"github.com/volatiletech/null/v8":     "package null\n\ntype Float32 struct{ Float32 float32; Valid bool }\n",
	"gopkg.in/guregu/null.v4":             "package null\n\ntype String struct{ String string; Valid bool }\n",
	"github.com/sqlc-dev/sqlc-testdata":   "package testdata\n",
	"github.com/lib/pq":                   "package pq\n\ntype StringArray []string\n",
	"github.com/sqlc-dev/sqlc-testdata/*": "package pkg\n\ntype CustomType string\n",
}

func newModule(t *testing.T) *testModule {
	m := &testModule{dir: t.TempDir()}
	repository, err := filepath.Abs("..")
	require.NoError(t, err)
	require.NoError(t, apptest.WriteModule(m.dir, "corpus", repository))
	var text strings.Builder
	modules := make([]string, 0, len(stubs))
	for path := range stubs {
		modules = append(modules, path)
	}
	slices.Sort(modules)
	for i, path := range modules {
		if sub, ok := strings.CutSuffix(path, "/*"); ok {
			m.write(t, fmt.Sprintf("stubs/%s/pkg/pkg.go", sub), stubs[path])
			continue
		}
		version := "v0.0.0"
		switch {
		case strings.HasSuffix(path, "/v8"):
			version = "v8.0.0"
		case strings.HasSuffix(path, ".v4"):
			version = "v4.0.0"
		}
		m.write(t, "stubs/"+path+"/stub.go", stubs[path])
		m.write(t, "stubs/"+path+"/go.mod", "module "+path+"\n")
		fmt.Fprintf(&text, "require %s %s\nreplace %s => ./stubs/%s\n", path, version, path, modules[i])
	}
	file, err := os.OpenFile(filepath.Join(m.dir, "go.mod"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(text.String())
	require.NoError(t, err)
	require.NoError(t, file.Close())
	return m
}

func (m *testModule) write(t *testing.T, name, content string) {
	path := filepath.Join(m.dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

// add puts a case's files into a folder of its own.
func (m *testModule) add(t *testing.T, name string, files []generator.File) {
	require.NotEmpty(t, files, name)
	for _, f := range files {
		m.write(t, "gen/"+name+"/"+f.Path, string(f.Content))
	}
}

func (m *testModule) build(t *testing.T) {
	cmd := exec.Command("go", "vet", "-mod=mod", "-tags=some_tag", "./gen/...")
	cmd.Dir = m.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
