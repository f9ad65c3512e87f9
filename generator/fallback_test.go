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

// Without query trees there are types but no promises, and describe says why.
func TestWithoutQueryTrees(t *testing.T) {
	t.Parallel()
	opt := generator.Options{ConfigFile: "testdata/params/sqlc.yaml", Database: database(t, "params"), NoQueryTree: true}
	d, err := generator.Describe(context.Background(), opt)
	require.NoError(t, err)
	require.False(t, d.HasErrors, d.Report)
	require.Contains(t, d.Report, "warning: the query tree is turned off, so every column counts as nullable")
	columns := 0
	for _, q := range d.Packages[0].Queries {
		for _, c := range q.Columns {
			if q.Name == "Directives" && c.Name == "note" {
				// The user's word counts as ever.
				require.False(t, c.Nullable)
				continue
			}
			columns++
			require.True(t, c.Nullable, "%s.%s", q.Name, c.Name)
			require.Contains(t, c.Why, "tree", "%s.%s", q.Name, c.Name)
		}
		for _, p := range q.Params {
			require.NotEmpty(t, p.Name)
			require.NotEqual(t, "???", p.Type)
		}
	}
	require.Positive(t, columns)

	// Code comes out all the same.
	res, err := generator.Generate(context.Background(), opt)
	require.NoError(t, err)
	require.False(t, res.HasErrors(), res.Report())
	require.NotEmpty(t, res.Files)
}

// A server that says what nobody knows yet, or says it so that nobody can read
// it, or refuses to say it: there is code all the same, nothing is promised that
// was not proven, and describe says why.
func TestStrangeServers(t *testing.T) {
	t.Parallel()
	rename := func(from, to string) func(string) string {
		// What follows is a space or, where the server breaks the line, a newline.
		return func(tree string) string { return strings.ReplaceAll(tree, "{"+from, "{"+to) }
	}
	for name, c := range map[string]struct {
		proxy proxy
		// want are the columns and their reasons, of which the text is a part.
		want map[string]string
		// warning is part of the report, empty for an empty report.
		warning string
	}{
		"as it is": {
			want: map[string]string{"id": "!accounts.id is not null", "next": "!strict operator over", "owner": "!where: owner is not null", "note": "left join to notes", "n": "!count is never null"},
		},
		"unknown expression": {
			proxy: proxy{tree: rename("OPEXPR", "FUTUREEXPR")},
			// What the condition proves is lost with it.
			want: map[string]string{"id": "!accounts.id is not null", "next": "unknown expression", "owner": "accounts.owner is nullable", "note": "left join to notes", "n": "!count is never null"},
		},
		"unknown join": {
			proxy: proxy{tree: rename("JOINEXPR", "FUTUREJOIN")},
			want:  map[string]string{"id": "not part of every row", "next": "", "owner": "!where", "note": "not part of every row", "n": "!count"},
		},
		"unknown aggregate": {
			proxy: proxy{tree: rename("AGGREF", "FUTUREAGG")},
			want:  map[string]string{"id": "!accounts.id", "next": "!strict operator", "owner": "!where", "note": "left join", "n": "unknown expression"},
		},
		"tree that breaks off": {
			proxy: proxy{tree: func(tree string) string { return tree[:len(tree)/2] }},
			want:  everyColumn("the query tree cannot be read: "),
		},
		"tree in another format": {
			proxy: proxy{tree: func(string) string { return `{"Query": {}}` }},
			want:  everyColumn("tree"),
		},
		"no trees": {
			proxy: proxy{tree: func(string) string { return "" }},
			want:  everyColumn("the server sent no query tree"),
		},
		"settings refused": {
			proxy:   proxy{refuse: "set local debug_print_parse"},
			want:    everyColumn("the server sent no query tree"),
			warning: "warning: the server refuses to set debug_print_parse: permission denied to set parameter, so every column counts as nullable",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{
				"sqlc.yaml":  "version: \"2\"\nsql:\n- {schema: schema.sql, queries: q.sql, gen: {go: {package: db, out: db, sql_package: pgx/v5}}}\n",
				"schema.sql": "CREATE TABLE accounts (id int PRIMARY KEY, owner text);\nCREATE TABLE notes (account int NOT NULL, note text NOT NULL);\n",
				"q.sql": "-- name: Joined :many\nSELECT a.id, a.id + 1 AS next, a.owner, n.note FROM accounts a LEFT JOIN notes n ON n.account = a.id WHERE a.owner > $1;\n\n" +
					"-- name: Counted :one\nSELECT count(*) AS n FROM accounts;\n",
			} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
			}
			opt := generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml")}
			url := pgtest.New(t)
			require.NoError(t, generator.ApplySchema(context.Background(), opt.ConfigFile, url))
			opt.Database = c.proxy.open(t, url)

			d, err := generator.Describe(context.Background(), opt)
			require.NoError(t, err)
			require.False(t, d.HasErrors, d.Report)
			if c.warning == "" {
				require.Empty(t, d.Report)
			}
			require.Contains(t, d.Report, c.warning)
			columns := 0
			for _, q := range d.Packages[0].Queries {
				for _, column := range q.Columns {
					columns++
					want, notNull := strings.CutPrefix(c.want[column.Name], "!")
					require.Equal(t, notNull, !column.Nullable, "%s: %s", column.Name, column.Why)
					require.Contains(t, column.Why, want, column.Name)
				}
			}
			require.Equal(t, len(c.want), columns)

			res, err := generator.Generate(context.Background(), opt)
			require.NoError(t, err)
			require.False(t, res.HasErrors(), res.Report())
			require.NotEmpty(t, res.Files)
		})
	}
}

// everyColumn: all columns are nullable, for one reason.
func everyColumn(why string) map[string]string {
	return map[string]string{"id": why, "next": why, "owner": why, "note": why, "n": why}
}
