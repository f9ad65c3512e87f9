package vet

import (
	"github.com/pgwright/pgwright/generator/internal/diag"
)

// Rule is a rule that is built in.
type Rule struct {
	Name string
	// Severity is that of most of its findings.
	Severity diag.Severity
	// Summary says in a few words what it finds, Why in some lines why that
	// hurts.
	Summary, Why string
	// Schema, Bad and Good are an example: on the schema, the rule finds
	// something in Bad and nothing in Good. For a rule about schemas, Bad and
	// Good are schemas themselves, and Schema is empty.
	Schema, Bad, Good string

	statement func(c *check)
}

// Rules lists the rules by name.
func Rules() []Rule {
	const orders = "CREATE TABLE orders (\n" +
		"    id         bigint PRIMARY KEY,\n" +
		"    user_id    bigint NOT NULL,\n" +
		"    status     text NOT NULL,\n" +
		"    created_at timestamptz NOT NULL\n" +
		");\n" +
		"CREATE INDEX orders_created_at_idx ON orders (created_at);\n"
	const users = "CREATE TABLE users (\n" +
		"    id          bigint PRIMARY KEY,\n" +
		"    name        text NOT NULL,\n" +
		"    referred_by bigint\n" +
		");\n"
	return []Rule{
		{
			Name: "cast-defeats-index", Severity: diag.Warning,
			Summary: "a comparison that casts a column, so that its index cannot serve",
			Why: "An index holds the column's own values. A condition on the cast of a column\n" +
				"has to cast the value of every row, and reads the whole table. It happens\n" +
				"without a cast in the text too, where a bigint is compared with a numeric.",
			Schema:    orders,
			Bad:       "SELECT id FROM orders WHERE created_at::date = @day::date;\n",
			Good:      "SELECT id FROM orders WHERE created_at >= @day::date AND created_at < @day::date + 1;\n",
			statement: (*check).castDefeatsIndex,
		},
		{
			Name: "cross-join", Severity: diag.Error,
			Summary: "two tables in FROM that no condition joins",
			Why: "Every row of one table meets every row of the other: a thousand rows and a\n" +
				"thousand rows make a million. Mostly a condition was forgotten, and the\n" +
				"result is wrong as well.",
			Schema:    orders + users,
			Bad:       "SELECT o.id, u.name FROM orders o, users u WHERE o.status = @status;\n",
			Good:      "SELECT o.id, u.name FROM orders o JOIN users u ON u.id = o.user_id WHERE o.status = @status;\n",
			statement: (*check).crossJoin,
		},
		{
			Name: "foreign-key-index", Severity: diag.Warning,
			Summary: "a foreign key whose columns have no index",
			Why: "PostgreSQL makes an index for what a foreign key refers to, and none for the\n" +
				"key itself. Each DELETE of a row that is referred to then reads the whole\n" +
				"table to see who refers to it, and so does each join from that side.",
			Bad:  users + "CREATE TABLE orders (\n    id      bigint PRIMARY KEY,\n    user_id bigint NOT NULL REFERENCES users\n);\n",
			Good: users + "CREATE TABLE orders (\n    id      bigint PRIMARY KEY,\n    user_id bigint NOT NULL REFERENCES users\n);\nCREATE INDEX ON orders (user_id);\n",
		},
		{
			Name: "no-limit", Severity: diag.Warning,
			Summary: "a :many query that brings a large table into memory",
			Why: "A :many query returns a slice of all rows. That is fine for ten, and ends the\n" +
				"process for ten million: the query works until the table has grown.",
			Schema:    orders,
			Bad:       "SELECT id, status FROM orders ORDER BY id;\n",
			Good:      "SELECT id, status FROM orders WHERE id > @after ORDER BY id LIMIT 100;\n",
			statement: (*check).noLimit,
		},
		{
			Name: "no-where", Severity: diag.Error,
			Summary: "an UPDATE or DELETE without WHERE",
			Why: "It changes every row of the table. That is hardly ever meant, and there is no\n" +
				"way back after COMMIT. WHERE true says that it is meant.",
			Schema:    users,
			Bad:       "DELETE FROM users;\n",
			Good:      "DELETE FROM users WHERE id = @id;\n",
			statement: (*check).noWhere,
		},
		{
			Name: "not-in-null", Severity: diag.Error,
			Summary: "NOT IN over a list that can hold a NULL",
			Why: "x NOT IN (1, NULL) is not true for any x: whether x differs from NULL is\n" +
				"unknown. One NULL in the list, and the query silently returns nothing.",
			Schema:    users,
			Bad:       "SELECT name FROM users WHERE id NOT IN (SELECT referred_by FROM users);\n",
			Good:      "SELECT name FROM users u WHERE NOT EXISTS (SELECT FROM users r WHERE r.referred_by = u.id);\n",
			statement: (*check).notInNull,
		},
		{
			Name: "select-star", Severity: diag.Warning,
			Summary: "a star where the columns count",
			Why: "A star means other columns after the next migration. pgwright spells out the\n" +
				"stars of results, so that decoding cannot go wrong; but the star of a join\n" +
				"still reads all columns of all tables, and those that feed an INSERT or a\n" +
				"UNION match by position. The star of one table is a note, shown with -v.",
			Schema:    orders + users,
			Bad:       "SELECT * FROM orders o JOIN users u ON u.id = o.user_id WHERE o.id = @id;\n",
			Good:      "SELECT o.id, o.status, u.name FROM orders o JOIN users u ON u.id = o.user_id WHERE o.id = @id;\n",
			statement: (*check).selectStar,
		},
		{
			Name: "seq-scan", Severity: diag.Warning,
			Summary: "a large table that is read row by row to find some rows",
			Why: "Without an index for its condition a query reads the whole table, each time.\n" +
				"With --database or --profile this is about tables that are large there; else\n" +
				"about conditions on parameters that no index can serve.",
			Schema:    orders,
			Bad:       "SELECT id FROM orders WHERE status = @status;\n",
			Good:      "SELECT id FROM orders WHERE created_at >= @since AND status = @status;\n",
			statement: (*check).seqScan,
		},
	}
}

// Lookup finds a rule by its name.
func Lookup(name string) (Rule, bool) {
	for _, r := range Rules() {
		if r.Name == name {
			return r, true
		}
	}
	return Rule{}, false
}
