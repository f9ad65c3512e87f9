package generator_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

const driftSchema = `CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE place AS (city text, zip text);
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, mood mood NOT NULL, home place);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, total numeric NOT NULL);
CREATE VIEW totals AS SELECT user_id, total FROM orders;
`

const driftQueries = `-- name: ListUsers :many
SELECT * FROM users;
-- name: Totals :many
SELECT user_id, total FROM totals;
-- name: Rename :exec
UPDATE users SET name = $1 WHERE id = $2;
-- name: Lenient :many
-- column: name nullable
SELECT name FROM users;
`

// Whatever a migration does to a query is said by query, and what does it no
// harm is not.
func TestFindDrift(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"sqlc.yaml":  "version: \"2\"\nsql:\n  - engine: postgresql\n    schema: schema.sql\n    queries: q.sql\n    codegen:\n      - plugin: pgwright\n        out: db\n",
		"schema.sql": driftSchema, "q.sql": driftQueries,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	config := filepath.Join(dir, "sqlc.yaml")
	res, err := generator.Generate(context.Background(), generator.Options{ConfigFile: config, PostgresBin: os.Getenv(pgtest.BinEnv)})
	require.NoError(t, err)
	require.False(t, res.HasErrors(), res.Report())
	_, err = generator.Write(res)
	require.NoError(t, err)

	tests := []struct {
		name, migration string
		want            []string
	}{
		{"nothing", "", nil},
		{"a new column, which the stars do not have", "ALTER TABLE users ADD COLUMN age integer", nil},
		{"a dropped column", "ALTER TABLE users DROP COLUMN home", []string{`q.sql:1: ListUsers: PostgreSQL rejects it now: column "home" does not exist`}},
		{"a renamed column", "ALTER TABLE users RENAME COLUMN name TO label", []string{
			`q.sql:1: ListUsers: PostgreSQL rejects it now: column "name" does not exist`,
			`q.sql:5: Rename: PostgreSQL rejects it now: column "name" of relation "users" does not exist`,
			`q.sql:7: Lenient: PostgreSQL rejects it now: column "name" does not exist`,
		}},
		{"a dropped table", "DROP TABLE orders CASCADE", []string{`q.sql:3: Totals: PostgreSQL rejects it now: relation "totals" does not exist`}},
		{"another type", "ALTER TABLE users ALTER COLUMN id TYPE integer", []string{
			"q.sql:1: ListUsers: column id was bigint and is integer now",
			"q.sql:5: Rename: parameter id was bigint and is integer now",
		}},
		{"nullable now", "ALTER TABLE users ALTER COLUMN name DROP NOT NULL", []string{
			"q.sql:1: ListUsers: column name became nullable: users.name is nullable",
			"q.sql:5: Rename: parameter name takes NULL now: stored into name, which is nullable",
		}},
		{"nullable through a view", "ALTER TABLE orders ALTER COLUMN total DROP NOT NULL", []string{
			"q.sql:3: Totals: column total became nullable: view totals: orders.total is nullable",
		}},
		{"not null now", "ALTER TABLE users ALTER COLUMN home SET NOT NULL", []string{
			"q.sql:1: ListUsers: column home is never NULL any more: users.home is not null",
		}},
		{"a label more", "ALTER TYPE mood ADD VALUE 'great' BEFORE 'ok'", []string{`q.sql:1: ListUsers: type mood has the new label "great"`}},
		{"a label of another name", "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'", []string{
			`q.sql:1: ListUsers: type mood has the new label "blue", lacks the label "sad"`,
		}},
		{"a field more", "ALTER TYPE place ADD ATTRIBUTE country text", []string{`q.sql:1: ListUsers: type place has the new field "country text"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Schema(t, driftSchema)
			if tt.migration != "" {
				execute(t, url, tt.migration)
			}
			drifts, err := generator.FindDrift(context.Background(), generator.Options{ConfigFile: config, Database: url})
			require.NoError(t, err)
			var got []string
			for _, d := range drifts {
				require.Equal(t, "db", d.Package)
				got = append(got, d.String())
			}
			require.Equal(t, tt.want, got)
		})
	}
}

// Without a lock, or with one about other queries, there is nothing to compare.
func TestFindDriftNeedsTheLock(t *testing.T) {
	t.Parallel()
	url := pgtest.Schema(t, "CREATE TABLE t (id bigint NOT NULL)")
	dir := project(t)
	opt := generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), Database: url}
	_, err := generator.FindDrift(context.Background(), opt)
	require.ErrorContains(t, err, "pgwright generate writes it")

	_, err = generator.Write(generate(t, dir))
	require.NoError(t, err)
	drifts, err := generator.FindDrift(context.Background(), opt)
	require.NoError(t, err)
	require.Empty(t, drifts)

	edit(t, dir, "a.sql", "FROM t", "FROM t LIMIT 1")
	_, err = generator.FindDrift(context.Background(), opt)
	require.ErrorContains(t, err, "run pgwright generate first: query A has changed")

	opt.Database = "host=127.0.0.1 port=1 user=x dbname=x"
	edit(t, dir, "a.sql", "FROM t LIMIT 1", "FROM t")
	_, err = generator.FindDrift(context.Background(), opt)
	require.ErrorContains(t, err, "connect to the database")
}

// execute runs a script of SQL.
func execute(t *testing.T, url, sql string) {
	conn, err := pgx.Connect(context.Background(), url)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.PgConn().Exec(context.Background(), sql).ReadAll()
	require.NoError(t, err)
}
