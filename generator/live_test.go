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
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// Code from a live database has the same bytes as code from the files that made
// it, although the role may only read. In the database nothing is left and nothing
// changed.
func TestLiveDatabaseGivesTheSameCode(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*/want")
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	for _, want := range cases {
		dir := filepath.Dir(want)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			found, err := filepath.Glob(filepath.Join(dir, "sqlc.*"))
			require.NoError(t, err)
			require.Len(t, found, 1)
			if first, err := os.ReadFile(filepath.Join(dir, "since.txt")); err == nil {
				n, err := strconv.Atoi(strings.TrimSpace(string(first)))
				require.NoError(t, err)
				if serverMajor(t) < n {
					return // the schema cannot be made there
				}
			}
			owner := database(t, filepath.Base(dir))
			reader := readOnlyRole(t, owner)
			before := introspectionJSON(t, introspection(t, owner))

			res, err := generator.Generate(ctx, generator.Options{ConfigFile: found[0], Database: reader, Fresh: true})
			require.NoError(t, err)
			require.False(t, res.HasErrors(), res.Report())
			got := map[string]string{}
			for _, f := range res.Files {
				got[f.Path] = string(f.Content)
			}
			expected := have(t, dir)
			delete(expected, "warnings.txt") // it may be about a schema file
			require.Equal(t, expected, got)

			require.Equal(t, before, introspectionJSON(t, introspection(t, owner)))
			requireNoSessions(t, owner, reader)
		})
	}
}

// readOnlyRole makes a role that may only read, and returns the URL with which
// it connects.
func readOnlyRole(t *testing.T, owner string) string {
	t.Helper()
	role := fmt.Sprintf("reader_%d", time.Now().UnixNano())
	conn, err := pgx.Connect(t.Context(), owner)
	require.NoError(t, err)
	_, err = conn.PgConn().Exec(t.Context(), "CREATE ROLE "+role+` LOGIN; DO $$
		DECLARE s text;
		BEGIN
			FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' LOOP
				EXECUTE format('GRANT USAGE ON SCHEMA %I TO `+role+`; GRANT SELECT ON ALL TABLES IN SCHEMA %I TO `+role+`', s, s);
			END LOOP;
		END $$`).ReadAll()
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	t.Cleanup(func() {
		// The database is dropped after this, and holds the role's rights.
		conn, err := pgx.Connect(context.Background(), owner)
		require.NoError(t, err)
		_, err = conn.PgConn().Exec(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role).ReadAll()
		require.NoError(t, err)
		require.NoError(t, conn.Close(context.Background()))
	})
	u, err := url.Parse(owner)
	require.NoError(t, err)
	u.User = url.User(role)
	return u.String()
}

// requireNoSessions looks for sessions of a role in a database.
func requireNoSessions(t *testing.T, owner, reader string) {
	t.Helper()
	u, err := url.Parse(reader)
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), owner)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	require.Eventually(t, func() bool { // the server takes its time to end one
		var sessions, prepared int
		err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", u.User.Username()).Scan(&sessions)
		require.NoError(t, err)
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_prepared_xacts").Scan(&prepared))
		return sessions == 0 && prepared == 0
	}, 30*time.Second, 10*time.Millisecond)
}

// A configuration without schema files takes everything from the database, whose
// address may hold variables.
func TestConfigurationWithoutSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	live := pgtest.Schema(t, "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE users (id int PRIMARY KEY, mood mood NOT NULL); CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * n'")
	u, err := url.Parse(live)
	require.NoError(t, err)
	name := strings.TrimPrefix(u.Path, "/")
	config := func(database string) generator.Options {
		dir := t.TempDir()
		text := "version: \"2\"\nsql:\n- queries: q.sql\n" + database + "  gen: {go: {out: db, sql_package: pgx/v5}}\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, "sqlc.yaml"), []byte(text), 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "q.sql"), []byte("-- name: Users :many\nSELECT id, mood, twice(id) AS double FROM users;\n"), 0o644))
		return generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), Env: func(key string) string {
			return map[string]string{"LIVE_NAME": name}[key]
		}}
	}
	uri := strings.Replace(live, name, "${LIVE_NAME}", 1)

	res, err := generator.Generate(ctx, config("  database: {uri: \""+uri+"\"}\n"))
	require.NoError(t, err)
	require.False(t, res.HasErrors(), res.Report())
	code := ""
	for _, f := range res.Files {
		code += string(f.Content)
	}
	require.Contains(t, code, "type Mood string")
	require.Regexp(t, `Double +[*p]`, code)

	d, err := generator.Describe(ctx, config("  database: {uri: \""+uri+"\"}\n"))
	require.NoError(t, err)
	require.Equal(t, "mood", d.Packages[0].Queries[0].Columns[1].Type)

	i, report, err := generator.Introspect(ctx, config("  database: {uri: \""+uri+"\"}\n"), generator.Selection{})
	require.NoError(t, err)
	require.Empty(t, report)
	require.Len(t, i.Database.Tables, 1)

	// Without either, the error says what to do.
	for _, database := range []string{"", "  database: {managed: true}\n"} {
		res, err = generator.Generate(ctx, config(database))
		require.NoError(t, err)
		require.True(t, res.HasErrors())
		require.Contains(t, res.Report(), "schema")
		require.Contains(t, res.Report(), "give the files or folders with the DDL, or a database with a uri to read it from")
	}
}
