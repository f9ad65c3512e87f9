package parity_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// project is one of our own. What is empty is that of the shop.
type project struct {
	name, schema, queries string
	// options are lines of the Go block, global of the top-level options, and
	// entry of the entry under sql.
	options, global, entry string
	// noEffect says that the options change nothing in the code.
	noEffect bool
}

// write puts the project into a folder of its own, and returns the path of its
// configuration.
func (p project) write(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	config := "version: \"2\"\n"
	if p.global != "" {
		config += "overrides:\n  go:\n" + indented(p.global, 4)
	}
	config += "sql:\n  - engine: postgresql\n    schema: schema.sql\n    queries: query.sql\n" + indented(p.entry, 4) +
		"    gen:\n      go:\n        out: db\n        package: db\n        sql_package: pgx/v5\n" + indented(p.options, 8)
	for name, text := range map[string]string{"sqlc.yaml": config, "schema.sql": or(p.schema, shopSchema), "query.sql": or(p.queries, shopQueries)} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return filepath.Join(dir, "sqlc.yaml")
}

func or(text, byDefault string) string {
	if text == "" {
		return byDefault
	}
	return text
}

func indented(text string, by int) string {
	if text == "" {
		return ""
	}
	indent := strings.Repeat(" ", by)
	return indent + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+indent) + "\n"
}

const shopSchema = `
CREATE TYPE order_status AS ENUM ('new', 'paid-in-full', 'Shipped', '');
CREATE TABLE customers (
	id bigint PRIMARY KEY,
	user_id uuid NOT NULL,
	full_name text NOT NULL,
	nick_name text,
	api_url varchar(200) NOT NULL DEFAULT '',
	visits int NOT NULL DEFAULT 0,
	score real,
	rating double precision,
	vip boolean,
	small smallint,
	big bigint,
	tags text[] NOT NULL DEFAULT '{}',
	spare int[],
	born date,
	seen timestamptz,
	created_at timestamp NOT NULL DEFAULT now(),
	address jsonb,
	photo bytea,
	price numeric NOT NULL DEFAULT 0,
	home inet,
	status order_status,
	ids int[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE customers IS 'Those who buy.';
COMMENT ON COLUMN customers.nick_name IS 'What friends say.';
CREATE TABLE purchase_orders (
	id bigint PRIMARY KEY,
	customer_id bigint NOT NULL REFERENCES customers,
	status order_status NOT NULL,
	note text
);
CREATE TABLE campus (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE never_queried (id int PRIMARY KEY, html_body text);
CREATE SCHEMA stock;
CREATE TABLE stock.items (id int PRIMARY KEY, sku text NOT NULL, url_id int);
CREATE TYPE stock.colour AS ENUM ('red', 'green');
`

const shopQueries = `
-- GetCustomer has a comment
-- of two lines.
-- name: GetCustomer :one
SELECT * FROM customers WHERE id = $1;

-- name: ListCustomers :many
SELECT * FROM customers ORDER BY id;

-- name: Names :many
SELECT id, full_name, nick_name, status FROM customers WHERE full_name = $1 AND nick_name = $2;

-- name: FullNames :many
SELECT full_name FROM customers WHERE id = ANY(sqlc.slice('ids'));

-- name: Between :many
SELECT id FROM customers WHERE visits BETWEEN @low AND @high AND status = sqlc.narg('status') LIMIT $1;

-- name: OrdersOf :many
SELECT sqlc.embed(customers), sqlc.embed(o), o.note AS remark
FROM customers JOIN purchase_orders o ON o.customer_id = customers.id WHERE o.status = $1;

-- name: GetCampus :one
SELECT * FROM campus WHERE id = $1;

-- name: CountCustomers :one
SELECT count(*) FROM customers;

-- name: AddCampus :exec
INSERT INTO campus (id, name) VALUES ($1, $2);

-- name: RenameCampus :execrows
UPDATE campus SET name = $2 WHERE id = $1;

-- name: DeleteCampus :execresult
DELETE FROM campus WHERE id = $1;

-- name: Clear :exec
DELETE FROM campus;

-- name: CopyCampus :copyfrom
INSERT INTO campus (id, name) VALUES ($1, $2);

-- name: CopyCampusIds :copyfrom
INSERT INTO campus (id) VALUES ($1);

-- name: BatchAdd :batchexec
INSERT INTO campus (id, name) VALUES ($1, $2);

-- name: BatchGet :batchone
SELECT * FROM campus WHERE id = $1;

-- name: BatchList :batchmany
SELECT id, status, note FROM purchase_orders WHERE customer_id = $1;

-- name: Items :many
SELECT id, sku, url_id FROM stock.items WHERE url_id = $1;

-- name: lowerCase :one
SELECT id, api_url FROM customers WHERE user_id = $1 AND visits > $2;

-- name: AddCustomer :one
INSERT INTO customers (id, user_id, full_name, nick_name, status, tags) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *;
`

// unlabelledQueries have columns whose names sqlc makes of the text alone.
const unlabelledQueries = `
-- name: Casts :many
SELECT id, sum(visits)::bigint, (visits + 1)::int, (SELECT count(*) FROM campus)::int, count(*)::int, CAST(nick_name AS varchar),
	customers.full_name::text, (full_name)::text, true::bool, 'a'::text, $1::int, full_name::varchar
FROM customers GROUP BY id;

-- name: Choices :many
SELECT id, CASE WHEN vip THEN 1 ELSE 2 END::int, coalesce(nick_name, 'a'), coalesce(nick_name, full_name), ARRAY[1]::int[], (tags[1])::text,
	current_date::text, EXISTS (SELECT 1), NOT EXISTS (SELECT 1), lower(full_name), (SELECT name FROM campus LIMIT 1), full_name || 'x' AS both_of
FROM customers;

-- name: Same :many
SELECT c.id, o.id, o.id AS id, c.full_name, o.note AS full_name, c.full_name AS "Full Name", o.note AS "select", 1, 'x'
FROM customers c JOIN purchase_orders o ON o.customer_id = c.id;
`

// parameterQueries have parameters whose names sqlc makes of what is around.
const parameterQueries = `
-- name: Folded :many
SELECT id FROM customers WHERE full_name = @fullName AND user_id = @user_id AND seen > sqlc.arg(seenAt) AND created_at > sqlc.arg('createdAt');

-- name: Choose :exec
UPDATE purchase_orders SET note = CASE WHEN $1::bool THEN $2 ELSE note END, status = coalesce($3, status) WHERE id = $4;

-- name: Set :exec
UPDATE customers SET full_name = coalesce(sqlc.narg('name'), full_name), nick_name = coalesce(sqlc.narg('nick'), nick_name), visits = visits + $1,
	big = nullif($2, big), status = CASE WHEN @given::bool THEN @status ELSE status END WHERE id = sqlc.arg(id);

-- name: Any :many
SELECT id FROM customers WHERE id = ANY($1::bigint[]) AND nick_name = ANY(@nicks::text[]) AND status IN (sqlc.slice(states)) AND nick_name IN (sqlc.slice('names'));

-- name: Page :many
SELECT id FROM purchase_orders WHERE (@after::bigint = 0 OR id > @after) AND note ILIKE '%' || $1 || '%' LIMIT $2 OFFSET $3;

-- name: Numbered :many
SELECT id FROM customers WHERE visits > $1 AND visits < $2 AND visits IN ($3, 4) AND full_name LIKE $4 AND (full_name = $5 OR nick_name = $5);
`

// nullQueries have columns that can be NULL, or not, in ways that sqlc knows.
const nullQueries = `
-- name: Lock :one
SELECT pg_try_advisory_lock($1);

-- name: Similar :many
SELECT id, length(full_name) > $1 AS longer, repeat(full_name, $2) AS repeated FROM customers;

-- name: NoLock :one
SELECT pg_try_advisory_lock(sqlc.narg('key'));

-- name: Joined :many
SELECT c.id, o.id AS order_id, o.note, o.status FROM customers c LEFT JOIN purchase_orders o ON o.customer_id = c.id WHERE o.id = $1;

-- name: Tests :many
SELECT id, visits > 1 AND full_name = 'a' AS both_of, NOT (visits > 1) AS less, visits > 1 AS more, NOT EXISTS (SELECT 1) AS none FROM customers;

-- name: Embedded :many
SELECT sqlc.embed(c), sqlc.embed(o) FROM customers c LEFT JOIN purchase_orders o ON o.customer_id = c.id;
`

// unreleased are options that no sqlc of a release knows, with a value: those
// of its main branch, and those of sqlc-gen-go. Comparing leaves them out.
var unreleased = map[string]string{
	"output_models_path":           "models",
	"output_models_package":        "models",
	"output_models_import":         "example.com/app/models",
	"output_models_emit":           "false",
	"models_package_import_path":   "example.com/app/models",
	"output_query_files_directory": "repo",
}

// cases are for what the corpus does not have.
var cases = []project{
	{name: "own/shop"},
	{name: "own/columns without a label", queries: unlabelledQueries},
	{name: "own/parameters", queries: parameterQueries},
	{name: "own/null", queries: nullQueries},
	{name: "own/a type by its other name", options: "overrides:\n  - db_type: pg_catalog.timestamptz\n    nullable: true\n    go_type: {import: time, type: Time, pointer: true}"},
	{name: "own/a constant with the name of a type", options: "emit_exported_queries: true", queries: "-- name: Campus :one\nSELECT * FROM campus WHERE id = $1;\n"},
}

// switches are the options of sqlc's Go blocks, each with the shop.
var switches = []project{
	{name: "emit_interface", options: "emit_interface: true"},
	{name: "emit_interface, methods with db", options: "emit_interface: true\nemit_methods_with_db_argument: true"},
	{name: "emit_interface, pointers", options: "emit_interface: true\nemit_result_struct_pointers: true\nemit_params_struct_pointers: true"},
	{name: "emit_json_tags", options: "emit_json_tags: true"},
	{name: "json_tags_case_style camel", options: "emit_json_tags: true\njson_tags_case_style: camel"},
	{name: "json_tags_case_style pascal", options: "emit_json_tags: true\njson_tags_case_style: pascal"},
	{name: "json_tags_case_style snake", options: "emit_json_tags: true\njson_tags_case_style: snake"},
	{name: "json_tags_case_style none", options: "emit_json_tags: true\njson_tags_case_style: none"},
	{name: "json_tags_id_uppercase", options: "emit_json_tags: true\njson_tags_case_style: camel\njson_tags_id_uppercase: true"},
	{name: "json_tags_id_uppercase snake", options: "emit_json_tags: true\njson_tags_case_style: snake\njson_tags_id_uppercase: true"},
	{name: "json_tags_id_uppercase alone", options: "emit_json_tags: true\njson_tags_id_uppercase: true"},
	{name: "json_tags_case_style alone", options: "json_tags_case_style: camel", noEffect: true},
	{name: "emit_db_tags", options: "emit_db_tags: true"},
	{name: "emit_db_tags and json", options: "emit_db_tags: true\nemit_json_tags: true"},
	{name: "emit_prepared_queries", options: "emit_prepared_queries: true", noEffect: true},
	{name: "emit_exact_table_names", options: "emit_exact_table_names: true"},
	{name: "emit_empty_slices", options: "emit_empty_slices: true"},
	{name: "emit_exported_queries", options: "emit_exported_queries: true"},
	{name: "emit_result_struct_pointers", options: "emit_result_struct_pointers: true"},
	{name: "emit_params_struct_pointers", options: "emit_params_struct_pointers: true"},
	{name: "emit_methods_with_db_argument", options: "emit_methods_with_db_argument: true"},
	{name: "emit_pointers_for_null_types", options: "emit_pointers_for_null_types: true"},
	{name: "emit_enum_valid_method", options: "emit_enum_valid_method: true"},
	{name: "emit_all_enum_values", options: "emit_all_enum_values: true"},
	{name: "emit_sql_as_comment", options: "emit_sql_as_comment: true"},
	{name: "build_tags", options: "build_tags: special"},
	{name: "initialisms", options: `initialisms: ["id", "url", "api", "sku", "html"]`},
	{name: "initialisms none", options: "initialisms: []"},
	{name: "query_parameter_limit 0", options: "query_parameter_limit: 0"},
	{name: "query_parameter_limit 2", options: "query_parameter_limit: 2"},
	{name: "query_parameter_limit 9", options: "query_parameter_limit: 9"},
	{name: "output file names", options: "output_db_file_name: a.go\noutput_models_file_name: b\noutput_querier_file_name: c.go\noutput_copyfrom_file_name: d.go\noutput_batch_file_name: e.go\nemit_interface: true"},
	{name: "output_models_path", options: "emit_interface: true\nemit_enum_valid_method: true\nemit_all_enum_values: true\noutput_models_path: models\noutput_models_import: example.com/app/models"},
	{name: "output_models_emit", options: "output_models_emit: false\noutput_models_import: example.com/app/models"},
	{name: "output_models_path, pointers", options: "emit_pointers_for_null_types: true\nemit_result_struct_pointers: true\nomit_unused_structs: true\noutput_models_path: db/entities\noutput_models_package: e\noutput_models_import: example.com/app/db/entities"},
	{name: "output_models_package", options: "emit_json_tags: true\noutput_models_package: models\nmodels_package_import_path: example.com/app/db/models\noutput_models_file_name: models/rows.go"},
	{name: "output_query_files_directory", options: "output_query_files_directory: repo\noutput_db_file_name: repo/db.go"},
	{name: "output_query_files_directory and models", options: "output_query_files_directory: a/b\noutput_db_file_name: a/b/conn.go\noutput_models_package: c\nmodels_package_import_path: example.com/app/db/c\noutput_models_file_name: c/models.go"},
	{name: "output_files_suffix", options: "output_files_suffix: _gen.go"},
	{name: "output_files_suffix without .go", options: "output_files_suffix: _gen"},
	{name: "omit_unused_structs", options: "omit_unused_structs: true"},
	{name: "omit_unused_structs, embeds only", options: "omit_unused_structs: true\nemit_pointers_for_null_types: true"},
	{name: "omit_sqlc_version", options: "omit_sqlc_version: true", noEffect: true},
	{name: "inflection_exclude_table_names", options: "inflection_exclude_table_names: [campus, customers]"},
	{name: "wrap_errors", options: "wrap_errors: true", noEffect: true},
	{name: "rename", options: "rename:\n  customer: Client\n  full_name: Name\n  campus: Site\n  url_id: URLNumber\n  order_status: State\n  purchase_order: Order"},
	{name: "global rename", global: "rename:\n  full_name: Name\n  customer: Client"},
	{name: "override by type", options: "overrides:\n  - db_type: uuid\n    go_type: github.com/google/uuid.UUID"},
	{name: "override by type, nullable", options: "overrides:\n  - db_type: text\n    nullable: true\n    go_type: {import: example.com/null, type: String}\n  - db_type: pg_catalog.bool\n    nullable: true\n    go_type: {type: bool, pointer: true}"},
	{name: "override by type, pg_catalog", options: "overrides:\n  - db_type: timestamptz\n    nullable: true\n    go_type: {import: time, type: Time, pointer: true}\n  - db_type: pg_catalog.int4\n    go_type: int\n  - db_type: pg_catalog.varchar\n    go_type: example.com/text.Short"},
	{name: "override by column", options: "overrides:\n  - column: customers.address\n    go_type: {import: example.com/app/meta, package: m, type: Address, pointer: true}\n  - column: customers.full_name\n    go_type: example.com/app.Name"},
	{name: "override by column, slice", options: "overrides:\n  - column: customers.tags\n    go_type: {import: example.com/app, type: Tag, slice: true}\n  - column: customers.spare\n    go_type: {type: int, slice: true}"},
	{name: "override by column, patterns", options: "overrides:\n  - column: \"*.note\"\n    go_type: example.com/app.Note\n  - column: stock.items.url_*\n    go_type: int"},
	{name: "override by column, nullable", options: "overrides:\n  - column: customers.nick_name\n    nullable: true\n    go_type: example.com/app.Nick"},
	{name: "override of an enum", options: "overrides:\n  - db_type: order_status\n    go_type: example.com/app.Status\n  - db_type: order_status\n    nullable: true\n    go_type: {import: example.com/app, type: Status, pointer: true}"},
	{name: "override of a schema's enum", options: "overrides:\n  - db_type: stock.colour\n    go_type: string", noEffect: true},
	{name: "override with unsigned", options: "overrides:\n  - db_type: int4\n    unsigned: true\n    go_type: uint32", noEffect: true},
	{name: "override of an array's type", options: "overrides:\n  - db_type: text\n    go_type: example.com/app.Text"},
	{name: "go_struct_tag by column", options: "overrides:\n  - column: customers.full_name\n    go_struct_tag: 'validate:\"required\"'\n  - column: customers.nick_name\n    go_type: example.com/app.Nick\n    go_struct_tag: 'x:\"y\"'"},
	{name: "go_struct_tag by type", options: "emit_json_tags: true\noverrides:\n  - db_type: text\n    go_struct_tag: 'x:\"y\"'\n  - db_type: text\n    nullable: true\n    go_struct_tag: 'x:\"null\"'"},
	{name: "global override", global: "overrides:\n  - db_type: uuid\n    go_type: github.com/google/uuid.UUID\n  - column: customers.full_name\n    go_type: example.com/app.Name", options: "overrides:\n  - db_type: uuid\n    go_type: example.com/app.UUID"},
	{name: "strict_function_checks", entry: "strict_function_checks: true", noEffect: true},
	{name: "strict_order_by", entry: "strict_order_by: true", noEffect: true},
	{name: "strict_order_by off", entry: "strict_order_by: false", noEffect: true},
	{name: "database.managed", entry: "database:\n  managed: true", noEffect: true},
	{name: "analyzer.database", entry: "analyzer:\n  database: false", noEffect: true},
}
