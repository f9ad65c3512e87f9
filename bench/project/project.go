// Package project writes SQL projects of any size, for measuring what reads them: a schema, annotated queries, and a
// configuration each for pgwright and for sqlc, which both read the same files.
//
// The SQL is such as applications have: keys and references, enums, checks, defaults, indexes and comments; queries that
// join, aggregate, page, insert, update and delete. The same size gives the same files everywhere.
package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// QueriesPerTable is how many queries each table has.
const QueriesPerTable = 5

// The names of the files that configure each tool, and of the folders that they write.
const (
	PgwrightConfig = "pgwright.yaml"
	SQLCConfig     = "sqlc.yaml"
	PgwrightOut    = "pgwrightdb"
	SQLCOut        = "sqlcdb"
)

// Write writes a project with so many tables into a folder.
func Write(dir string, tables int) error {
	files := map[string]string{
		PgwrightConfig: `version: "2"
sql:
  - engine: postgresql
    schema: schema
    queries: queries
    codegen:
      - plugin: pgwright
        out: ` + PgwrightOut + `
        options:
          package: ` + PgwrightOut + "\n",
		SQLCConfig: `version: "2"
sql:
  - engine: postgresql
    schema: schema
    queries: queries
    gen:
      go:
        package: ` + SQLCOut + `
        out: ` + SQLCOut + `
        sql_package: pgx/v5
`,
		"schema/000_types.sql": `CREATE TYPE state AS ENUM ('draft', 'open', 'paid', 'closed', 'cancelled');
CREATE TYPE priority AS ENUM ('low', 'normal', 'high');
`,
	}
	for i := range tables {
		t := table{number: i, name: name(i), parent: name(parentOf(i))}
		files[fmt.Sprintf("schema/%03d_%s.sql", i+1, t.name)] = t.schema()
		files[QueryFile(i)] = t.queries()
	}
	for path, text := range files {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// QueryFile is the path of a table's queries in the project.
func QueryFile(table int) string { return fmt.Sprintf("queries/%s.sql", name(table)) }

var areas = []string{
	"billing", "catalog", "shipping", "support", "identity", "payroll", "inventory", "marketing", "audit", "booking",
	"content", "learning", "fleet", "clinic", "energy", "ledger", "media", "permit", "research", "treasury",
}

var things = []string{
	"account", "invoice", "order", "ticket", "payment", "contract", "product", "message", "report", "event",
	"session", "document", "task", "device", "profile", "address", "campaign", "course", "vehicle", "visit",
	"meter", "entry", "asset", "license", "sample",
}

// name is the name of a table, unlike those of all other tables.
func name(table int) string {
	area, thing := areas[table/len(things)%len(areas)], things[table%len(things)]
	name := area + "_" + thing
	if again := table / (len(areas) * len(things)); again > 0 {
		name = fmt.Sprintf("%s_%d", name, again+1)
	}
	return name
}

// parentOf is the table that a table refers to: an earlier one, or itself.
func parentOf(table int) int { return table * 2 / 3 }

type table struct {
	number       int
	name, parent string
}

func (t table) replace(text string) string {
	camel := ""
	for word := range strings.SplitSeq(t.name, "_") {
		camel += strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.NewReplacer("{table}", t.name, "{parent}", t.parent, "{Name}", camel).Replace(text)
}

func (t table) schema() string {
	text := `CREATE TABLE {table} (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ref        uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    parent_id  bigint REFERENCES {parent} (id) ON DELETE SET NULL,
    title      text NOT NULL CHECK (title <> ''),
    body       text,
    state      state NOT NULL DEFAULT 'draft',
    amount     numeric(12, 2) NOT NULL DEFAULT 0,
    quantity   integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
    tags       text[] NOT NULL DEFAULT '{}',
    details    jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    closed_at  timestamptz
`
	switch t.number % 4 {
	case 1:
		text = strings.TrimSuffix(text, "\n") + ",\n    due_on     date,\n    priority   priority NOT NULL DEFAULT 'normal'\n"
	case 2:
		text = strings.TrimSuffix(text, "\n") + ",\n    score      double precision,\n    visible    boolean NOT NULL DEFAULT true\n"
	case 3:
		text = strings.TrimSuffix(text, "\n") + ",\n    code       varchar(20) NOT NULL,\n    payload    bytea,\n    UNIQUE (code)\n"
	}
	text += `);

CREATE INDEX {table}_parent ON {table} (parent_id);
CREATE INDEX {table}_open ON {table} (created_at) WHERE closed_at IS NULL;
COMMENT ON TABLE {table} IS 'What the {table} department keeps.';
`
	return t.replace(text)
}

// kinds are the queries of which each table has some.
var kinds = []string{
	`-- Get{Name} finds one by its number.
-- name: Get{Name} :one
SELECT * FROM {table} WHERE id = $1;
`,
	`-- Create{Name} adds one.
-- name: Create{Name} :one
INSERT INTO {table} (parent_id, title, body, state, amount, quantity, tags, details%s)
VALUES (sqlc.narg('parent_id'), @title, sqlc.narg('body'), @state, @amount, @quantity, @tags, @details%s)
RETURNING *;
`,
	`-- name: List{Name} :many
SELECT c.id, c.title, c.state, c.amount, c.created_at, p.title AS parent_title
FROM {table} c
LEFT JOIN {parent} p ON p.id = c.parent_id
WHERE c.state = @state AND c.created_at >= @since
ORDER BY c.created_at DESC, c.id
LIMIT 50;
`,
	`-- name: Total{Name} :many
SELECT c.state, count(*) AS number, coalesce(sum(c.amount), 0)::numeric AS total, max(c.created_at)::timestamptz AS latest
FROM {table} c
JOIN {parent} p ON p.id = c.parent_id
WHERE p.title = @parent AND c.quantity > @least
GROUP BY c.state
HAVING count(*) > 1
ORDER BY total DESC;
`,
	`-- name: Close{Name} :execrows
UPDATE {table}
SET state = 'closed', closed_at = now(), details = details || @note::jsonb
WHERE id = @id AND closed_at IS NULL;
`,
	`-- name: Find{Name} :many
SELECT * FROM {table}
WHERE id = ANY(@ids::bigint[]) AND (sqlc.narg('title')::text IS NULL OR title ILIKE sqlc.narg('title'))
ORDER BY id;
`,
	`-- name: Purge{Name} :exec
DELETE FROM {table} c
WHERE c.closed_at < @before AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.id = c.parent_id AND p.closed_at IS NULL);
`,
	`-- name: Page{Name} :many
WITH recent AS (
    SELECT id, title, amount, created_at FROM {table} WHERE created_at > @since AND state <> 'cancelled'
)
SELECT r.id, r.title, r.amount, CASE WHEN r.amount > 1000 THEN 'large' ELSE 'small' END AS size
FROM recent r
ORDER BY r.created_at
LIMIT @most OFFSET @first;
`,
	`-- name: Count{Name} :one
SELECT count(*) FROM {table} WHERE state = ANY(@states::state[]);
`,
	`-- name: Rename{Name} :one
UPDATE {table} SET title = @title, body = coalesce(sqlc.narg('body'), body) WHERE ref = @ref RETURNING id, title, body;
`,
}

func (t table) queries() string {
	var b strings.Builder
	b.WriteString("-- Queries of {table}.\n")
	for i := range QueriesPerTable {
		// The first two are what every table has, the others take turns.
		kind := kinds[i]
		if i >= 2 {
			kind = kinds[2+(t.number*(QueriesPerTable-2)+i-2)%(len(kinds)-2)]
		}
		if i == 1 {
			column, value := "", ""
			if t.number%4 == 3 {
				column, value = ", code", ", @code"
			}
			kind = fmt.Sprintf(kind, column, value)
		}
		b.WriteString("\n" + kind)
	}
	return t.replace(b.String())
}
