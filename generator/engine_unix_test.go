//go:build !windows

package generator_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// withSQLC writes a project of the engine sqlc, with a program that answers as
// sqlc 1.31.1 has answered about its schema. said is what that one says of the
// queries before, as the body of a shell script.
func withSQLC(t *testing.T, schema, queries, said string) generator.Options {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a project")
	request, err := filepath.Abs("internal/static/testdata/shop/request.json")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	program := filepath.Join(dir, "sqlc")
	for name, text := range map[string]string{
		"sqlc.yaml":   "version: \"2\"\nsql:\n  - schema: schema.sql\n    queries: queries.sql\n    codegen: [{plugin: pgwright, out: db, options: {engine: sqlc}}]\n",
		"schema.sql":  schema,
		"queries.sql": queries,
		"sqlc": "#!/bin/sh\nif [ \"$1\" = version ]; then echo v1.20.0; exit; fi\necho run >> '" + filepath.Join(dir, "runs") + "'\n" + said +
			"\nmkdir out && cp '" + request + "' out/request.json\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	return generator.Options{
		ConfigFile: filepath.Join(dir, "sqlc.yaml"), SQLC: program, PostgresBin: filepath.Join(dir, "none"),
		Env: func(name string) string {
			if name == "PGWRIGHT_CACHE" {
				return filepath.Join(dir, "cache")
			}
			return ""
		},
	}
}

func shopSchema(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("internal/static/testdata/shop/schema.sql")
	require.NoError(t, err)
	return string(text)
}

const shopQuery = "-- name: Spent :many\nSELECT u.id, u.nick, sqlc.embed(o) FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE u.mail = @mail;\n"

func TestEngineSQLC(t *testing.T) {
	t.Parallel()
	opt := withSQLC(t, shopSchema(t), shopQuery, "")
	res, err := generator.Generate(t.Context(), opt)
	require.NoError(t, err)
	require.Empty(t, res.Report())
	_, err = generator.Write(res)
	require.NoError(t, err)
	dir := filepath.Dir(opt.ConfigFile)
	for _, f := range res.Files {
		require.Contains(t, string(f.Content), "\n// analysed by: sqlc\n")
	}
	text, err := os.ReadFile(filepath.Join(dir, "db", "queries.sql.go"))
	require.NoError(t, err)
	require.Contains(t, string(text), "Order *Order")
	text, err = os.ReadFile(filepath.Join(dir, "pgwright.lock"))
	require.NoError(t, err)
	require.Contains(t, string(text), `"engine": "sqlc"`)
	require.NotContains(t, string(text), `"server"`)

	// The lock spares sqlc, but not PostgreSQL.
	opt.SQLC = filepath.Join(dir, "gone")
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "cache")))
	_, err = generator.Generate(t.Context(), opt)
	require.NoError(t, err)
	opt.Engine = "postgresql"
	_, err = generator.Generate(t.Context(), opt)
	require.ErrorContains(t, err, "pgwright.lock does not hold, so PostgreSQL has to be asked: it is from another engine, sqlc")

	// And without sqlc it says why that is needed.
	opt.Engine = ""
	require.NoError(t, os.WriteFile(filepath.Join(dir, "queries.sql"), []byte(shopQuery+"\n-- name: All :many\nSELECT * FROM users;\n"), 0o644))
	_, err = generator.Generate(t.Context(), opt)
	require.ErrorContains(t, err, "sqlc is not there")
	require.ErrorContains(t, err, "query All is new")
}

// What the lock of sqlc's engine did not know is no change of a database.
func TestDriftFromTheEngineSQLC(t *testing.T) {
	t.Parallel()
	schema := strings.Replace(shopSchema(t), "WITH NO DATA", "", 1)
	opt := withSQLC(t, schema, "-- name: ByNick :many\nSELECT nick, mail FROM users WHERE nick = @nick;\n", "")
	res, err := generator.Generate(t.Context(), opt)
	require.NoError(t, err)
	require.Empty(t, res.Report())
	_, err = generator.Write(res)
	require.NoError(t, err)
	live := schema
	if serverMajor(t) < 14 {
		live = strings.ReplaceAll(live, ", multirange_type_name = spans", "")
	}
	for script, want := range map[string][]string{
		"": nil,
		"ALTER TABLE users ALTER COLUMN mail DROP NOT NULL": {"queries.sql:1: ByNick: column mail became nullable: users.mail is nullable"},
	} {
		opt := opt
		opt.Database = pgtest.Schema(t, live+";"+script)
		drifts, err := generator.FindDrift(t.Context(), opt)
		require.NoError(t, err)
		var got []string
		for _, d := range drifts {
			got = append(got, d.String())
		}
		require.Equal(t, want, got)
	}
}

func TestEngineSQLCFails(t *testing.T) {
	t.Parallel()
	const queries = "-- name: A :many\nSELECT id\nFROM users WHERE mail = @mail AND nope();\n"
	for name, test := range map[string]struct {
		said, says, fails string
		runs              int
	}{
		"a query": {
			`if ls queries/Q*.sql; then echo '# package'; echo 'queries/Q000000.sql:3:6: relation "users" does not exist' >&2; exit 1; fi`,
			"queries.sql:3:6: relation \"users\" does not exist\n    3 | FROM users WHERE mail = @mail AND nope();\n      |      ^\n" +
				"  hint: sqlc says so. PostgreSQL may know better: generate without the engine sqlc\n", "", 3,
		},
		"a query, the first time": {`if grep -q 'mail = $1 ' queries/Q*.sql; then echo 'queries/Q000000.sql:3:6: column reference "mail" is ambiguous' >&2; exit 1; fi`, "", "", 3},
		"the schema":              {`echo 'schema/000001.sql:1:1: type "status" already exists' >&2; exit 1`, "schema.sql:2:1: type \"status\" already exists", "", 1},
		"something else":          {`echo 'out of memory' >&2; exit 2`, "", "sqlc cannot read the schema or the queries: out of memory", 1},
		"no request":              {`mkdir out; echo '{}' > out/request.json; exit 0`, "", "the request is not one of sqlc's", 1},
		"nothing":                 {`exit 0`, "", "read what sqlc says", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := withSQLC(t, shopSchema(t), queries, test.said)
			res, err := generator.Generate(t.Context(), opt)
			if test.fails != "" {
				require.ErrorContains(t, err, test.fails)
			} else {
				require.NoError(t, err)
				require.True(t, strings.HasPrefix(res.Report(), test.says), res.Report())
				require.Equal(t, test.says != "", res.HasErrors())
			}
			runs, err := os.ReadFile(filepath.Join(filepath.Dir(opt.ConfigFile), "runs"))
			require.NoError(t, err)
			require.Equal(t, test.runs, strings.Count(string(runs), "run"))
		})
	}
}

func TestEngineSQLCRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ config, says string }{
		"tables":    {"    schema: schema.sql\n    queries: queries.sql\n    codegen: [{plugin: pgwright, out: db, options: {engine: sqlc, tables: {}}}]\n", "methods of tables need PostgreSQL"},
		"no schema": {"    database: {uri: 'postgres://nowhere'}\n    queries: queries.sql\n    codegen: [{plugin: pgwright, out: db, options: {engine: sqlc}}]\n", "sqlc's engine needs the schema as files"},
		"a word":    {"    schema: schema.sql\n    queries: queries.sql\n    codegen: [{plugin: pgwright, out: db, options: {engine: sqlite}}]\n", "engine must be postgresql or sqlc, not \"sqlite\""},
		"for all":   {"    schema: schema.sql\n    queries: queries.sql\n    gen: {go: {out: db, package: db}}\noptions: {pgwright: {engine: mysql}}\n", "engine must be postgresql or sqlc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opt := withSQLC(t, shopSchema(t), shopQuery, "")
			require.NoError(t, os.WriteFile(opt.ConfigFile, []byte("version: \"2\"\nsql:\n  -\n"+test.config), 0o644))
			res, err := generator.Generate(t.Context(), opt)
			require.NoError(t, err)
			require.Contains(t, res.Report(), test.says)
		})
	}
}

func TestEngineSQLCIsInterrupted(t *testing.T) {
	t.Parallel()
	opt := withSQLC(t, shopSchema(t), shopQuery, "sleep 60")
	ctx, cancel := context.WithCancel(t.Context())
	opt.Notice = nil
	opt.Log = cancelling{cancel}
	_, err := generator.Generate(ctx, opt)
	require.ErrorIs(t, err, context.Canceled)
}

// cancelling ends a context as soon as something is logged: that sqlc was found.
type cancelling struct{ cancel func() }

func (c cancelling) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), "sqlc v") {
		c.cancel()
	}
	return len(p), nil
}
