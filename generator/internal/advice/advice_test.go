package advice

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// shop is a catalog as small as the cases here need. What people do in a whole
// one, testdata/mistakes of the generator shows.
func shop() *catalog.Catalog {
	column := func(names ...string) []*catalog.Column {
		var out []*catalog.Column
		for i, n := range names {
			out = append(out, &catalog.Column{Number: int16(i + 1), Name: n})
		}
		return out
	}
	return &catalog.Catalog{
		SearchPath: []string{"pg_catalog", "public"},
		Types:      map[uint32]*catalog.Type{25: {OID: 25, Display: "text", Name: "text", Schema: "pg_catalog"}},
		Relations: map[uint32]*catalog.Relation{
			1: {OID: 1, Schema: "public", Name: "users", Kind: catalog.Table, Columns: column("id", "name", "Größe", "created_at", "created_by")},
			2: {OID: 2, Schema: "public", Name: "order", Kind: catalog.Table, Columns: column("id", "user_id")},
			3: {OID: 3, Schema: "other", Name: "users", Kind: catalog.Table, Columns: column("id")},
			4: {OID: 4, Schema: "pg_catalog", Name: "pg_user", Kind: catalog.View},
			5: {OID: 5, Schema: "public", Name: "slots", Kind: catalog.Table, Columns: column("id", "room", "hour"), Indexes: []*catalog.Index{
				{Name: "later", Unique: true, Deferrable: true, Columns: []int16{3}},
				{Name: "open_room", Unique: true, Partial: true, Columns: []int16{2}},
				{Name: "room_hour", Unique: true, Columns: []int16{3, 2}},
				{Name: "slots_pkey", Unique: true, Primary: true, Columns: []int16{1}},
				{Name: "words", Unique: true, Columns: []int16{0}},
			}},
			8: {OID: 8, Schema: "public", Name: "stays", Kind: catalog.Table, Columns: column("id", "during"), Indexes: []*catalog.Index{
				{Name: "Stay", Unique: true, Method: "gist", Columns: []int16{1, 2}},
			}},
			6: {OID: 6, Schema: "public", Name: "days", Kind: catalog.PartitionedTable, Columns: column("id")},
			7: {OID: 7, Schema: "public", Name: "seen", Kind: catalog.View, Columns: column("id")},
		},
		Functions: map[uint32]*catalog.Function{
			1: {OID: 1, Schema: "public", Name: "Shout", Arguments: []uint32{25}, ArgumentNames: []string{"What"}},
		},
	}
}

// at is the offset of the error: "‸" marks it in the statement.
func ask(sql, code, message string) Answer {
	offset := strings.Index(sql, "‸")
	q := Question{SQL: strings.Replace(sql, "‸", "", 1), Code: code, Message: message, Offset: offset, Catalog: shop()}
	return For(q)
}

func TestHints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, code, message, want string }{
		{"several begin so", "SELECT ‸created FROM users", undefinedColumn, `column "created" does not exist`, "the columns of users are id, name, \"Größe\", created_at, created_by"},
		{"a column in quotes", "SELECT ‸gröse FROM users", undefinedColumn, `column "gröse" does not exist`, `did you mean "Größe"?`},
		{"alias of a subquery", "SELECT ‸total.id FROM (SELECT 1) AS totals", undefinedTable, `missing FROM-clause entry for table "total"`, "did you mean totals?"},
		{"a reserved table", `SELECT id FROM ‸"orders"`, undefinedTable, `relation "orders" does not exist`, `did you mean "order"?`},
		{"CTE", "WITH recent AS (SELECT 1) SELECT * FROM ‸recnt", undefinedTable, `relation "recnt" does not exist`, "did you mean recent?"},
		{"one letter is nobody's neighbour", "SELECT ‸x FROM users u, \"order\"", undefinedColumn, `column "x" does not exist`, ""},
		{"two candidates of the merged", "SELECT ‸id FROM users JOIN other.users o ON true", ambiguousColumn, `column reference "id" is ambiguous`, "write o.id or users.id"},
		{"unknown sides", "SELECT ‸id FROM f() JOIN g() ON true", ambiguousColumn, `column reference "id" is ambiguous`, "write the table or its alias before it"},
		{"function in quotes", "SELECT ‸shout(1)", undefinedFunction, "function shout(integer) does not exist", `did you mean "Shout"?`},
		{"signature in quotes", `SELECT ‸"Shout"(1)`, undefinedFunction, `function Shout(integer) does not exist`, "there is \"Shout\"(\"What\" text)\ncast the argument to text, as in 1::text"},
		{"expression as argument", `SELECT ‸"Shout"(1 + 2)`, undefinedFunction, `function Shout(integer) does not exist`, "there is \"Shout\"(\"What\" text)\ncast the argument to text"},
		{"no cast of a cast", "SELECT a::int ‸= b::text", undefinedFunction, "operator does not exist: integer = text", "the left side is integer and the right side is text: cast one of them to the type of the other"},
		{"NOT LIKE", "SELECT id ‸NOT LIKE 'a'", undefinedFunction, "operator does not exist: integer !~~ unknown", "!~~ is NOT LIKE, which works on text: cast the left side, as in id::text"},
		{"array and element", "SELECT tags ‸= 'a'::text", undefinedFunction, "operator does not exist: text[] = text", "the left side is an array: write value = ANY(array)"},
		{"array and column", "SELECT tags ‸= name FROM users", undefinedFunction, "operator does not exist: text[] = text", "the left side is an array: write name = ANY(tags)"},
		{"json", "SELECT data ‸= data", undefinedFunction, "operator does not exist: json = json", "json has no comparisons, jsonb has, as in data::jsonb"},
		{"boolean", "SELECT active ‸= 1", undefinedFunction, "operator does not exist: boolean = integer", "active is boolean: write true or false"},
		{"parameter", "SELECT id ‸= $1::text", undefinedFunction, "operator does not exist: bigint = text", "id is bigint: cast the parameter to that, as in $1::bigint"},
		{"unknown operator", "SELECT a ‸<=> b", undefinedFunction, "operator does not exist: text <=> text", ""},
		{"WHERE without condition", "SELECT id FROM users WHERE ‸ORDER BY id", syntaxError, `syntax error at or near "ORDER"`, "WHERE needs a condition"},
		{"column definition", "CREATE TABLE a (‸user text)", syntaxError, `syntax error at or near "user"`, `user is a reserved word: as a name it is written "user", in double quotes; or did you mean users?`},
		{"closed twice", "SELECT (1)‸)", syntaxError, `syntax error at or near ")"`, `this ")" has no "(" before it`},
		{"nothing known", "SELECT id FROM users ‸5", syntaxError, `syntax error at or near "5"`, ""},
		{"pggen", "SELECT ‸pggen.arg('x')", invalidSchemaName, `schema "pggen" does not exist`, "write sqlc.arg(…), or @name"},
		{"role", "ALTER TABLE users OWNER TO ‸x", undefinedObject, `role "x" does not exist`, "roles belong to the server, not to the schema: leave them out of the schema files"},
		{"type of the user", "SELECT a::‸usres", undefinedObject, `type "usres" does not exist`, ""},
		{"denied", "SELECT ‸1", insufficientPrivilege, "permission denied for schema other", "grant it to the role that pgwright connects as: GRANT USAGE ON SCHEMA other TO …"},
		{"not one of ours", "SELECT ‸1", "XX000", "cache lookup failed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, ask(c.sql, c.code, c.message).Hint)
		})
	}
}

// PostgreSQL's own hint stays where there is nothing better to say.
// What the planner says comes without a place.
func TestPlanning(t *testing.T) {
	t.Parallel()
	const (
		arbiter = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
		full    = "FULL JOIN is only supported with merge-joinable or hash-joinable join conditions"
		lock    = "FOR NO KEY UPDATE cannot be applied to the nullable side of an outer join"
	)
	for _, c := range []struct{ name, sql, message, want string }{
		{"keys", "INSERT INTO slots (hour) VALUES (1) ON CONFLICT ‸(hour) DO NOTHING", arbiter, "the unique keys of slots are (id), (room) WHERE …, (hour, room), the expressions of words"},
		{"a partial index", "INSERT INTO slots AS s VALUES (1) ON CONFLICT ‸(room) DO NOTHING", arbiter, "open_room is unique among some rows only: repeat its condition, as in ON CONFLICT (room) WHERE …"},
		{"the second of two", "WITH a AS (INSERT INTO slots VALUES (1) ON CONFLICT (room, hour) DO NOTHING), b AS (INSERT INTO slots VALUES (1) ON CONFLICT DO NOTHING) INSERT INTO other.users VALUES (1) ON CONFLICT ‸(id) DO NOTHING", arbiter, "other.users has no unique key: put CREATE UNIQUE INDEX ON other.users (id); into the schema"},
		{"an expression", `INSERT INTO users VALUES (1) ON CONFLICT ‸(lower("Größe")) DO NOTHING`, arbiter, "users has no unique key"},
		{"a name in quotes", `INSERT INTO "users" VALUES (1) ON CONFLICT ‸("Größe") DO NOTHING`, arbiter, `users has no unique key: put CREATE UNIQUE INDEX ON users ("Größe"); into the schema`},
		{"a partitioned table", "INSERT INTO days VALUES (1) ON CONFLICT ‸(id) DO NOTHING", arbiter, "days has no unique key; that of a partitioned table holds the columns that it is partitioned by"},
		{"WITHOUT OVERLAPS", "INSERT INTO stays VALUES (1) ON CONFLICT ‸(id, during) DO NOTHING", arbiter, `Stay is WITHOUT OVERLAPS and can only be named: ON CONFLICT ON CONSTRAINT "Stay" DO NOTHING`},
		{"part of WITHOUT OVERLAPS", "INSERT INTO stays VALUES (1) ON CONFLICT ‸(id) DO NOTHING", arbiter, "stays has no unique key: put CREATE UNIQUE INDEX ON stays (id); into the schema"},
		{"a view", "INSERT INTO seen VALUES (1) ON CONFLICT ‸(id) DO NOTHING", arbiter, "the table behind seen needs a unique key of just these columns"},
		{"an unknown table", "INSERT INTO ghosts VALUES (1) ON CONFLICT ‸(id) DO NOTHING", arbiter, "ON CONFLICT takes the columns of a primary key, or of a unique constraint or index"},
		{"no ON CONFLICT", "SELECT f()", arbiter, "ON CONFLICT takes the columns of a primary key, or of a unique constraint or index"},
		{"never closed", "INSERT INTO users VALUES (1) ON CONFLICT ‸(id", arbiter, "users has no unique key"},
		{"nothing behind", "INSERT INTO users VALUES (1) ON CONFLICT", arbiter, "users has no unique key"},
		{"an exclusion constraint", "INSERT INTO slots VALUES (1) ON CONFLICT ON CONSTRAINT ‸x DO UPDATE SET id = 1", "ON CONFLICT DO UPDATE not supported with exclusion constraints", "an exclusion constraint can only leave a row out: write DO NOTHING"},
		{"FULL JOIN", "SELECT 1 FROM users ‸FULL OUTER JOIN slots ON true", full, "the condition needs an equality between the two sides, as in a.id = b.id; more can be added with AND"},
		{"FULL JOIN of a view", "SELECT 1 FROM seen", full, "it is in a view that the query reads, and its condition needs an equality between the two sides, as in a.id = b.id; more can be added with AND"},
		{"a lock", `SELECT 1 FROM users AS "U" LEFT JOIN slots ON true ‸FOR NO KEY UPDATE SKIP LOCKED`, lock, `where the other side has no row there is nothing to lock: write FOR NO KEY UPDATE OF "U"`},
		{"a lock that names a table", "SELECT 1 FROM users LEFT JOIN slots ON true ‸FOR NO KEY UPDATE OF slots", lock, "where the other side has no row there is nothing to lock: name the tables that always have one, as in FOR NO KEY UPDATE OF …"},
		{"a lock of groups", "SELECT sum(id) FROM users ‸FOR SHARE", "FOR SHARE is not allowed with aggregate functions", "a row of the result is no row of a table: lock the rows in a subquery, as in FROM (SELECT … FOR SHARE) AS locked"},
		{"a lock in a branch", "SELECT 1 UNION (SELECT id FROM users ‸FOR SHARE)", "FOR SHARE is not allowed with UNION/INTERSECT/EXCEPT", "a row of the result is no row of a table: lock the rows in a subquery, as in FROM (SELECT … FOR SHARE) AS locked"},
		{"a window", "SELECT count(*) OVER (‸PARTITION BY id) FROM users", "could not implement window PARTITION BY", "cast the columns whose types cannot be sorted and hashed, such as xid, money or bit, to one that can, as in x::text"},
		{"a sequence", "UPDATE ‸counter SET last_value = 1", `cannot change sequence "counter"`, "setval('counter', …) sets it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := For(Question{SQL: strings.Replace(c.sql, "‸", "", 1), Code: "0A000", Message: c.message, Offset: -1, Catalog: shop()})
			require.Equal(t, c.want, got.Hint)
			require.Equal(t, strings.Index(c.sql, "‸"), got.Offset)
		})
	}
}

func TestKeepsHints(t *testing.T) {
	t.Parallel()
	q := Question{SQL: "SELECT 1", Code: "XX000", Message: "something", Hint: "Do this.", Offset: 0}
	require.Equal(t, Answer{Offset: 0, Hint: "Do this."}, For(q))
}

// An error without a place is put where its name stands.
func TestFinds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql, message string
		want         int
	}{
		{"ALTER TABLE a ADD b int REFERENCES s.nope", `relation "s.nope" does not exist`, 37},
		{`CREATE TABLE "Nope" ()`, `relation "Nope" already exists`, 13},
		{"SELECT 1", `relation "nope" does not exist`, -1},
		{"SELECT 1", "no name", -1},
		{"", `relation "nope" does not exist`, -1},
	} {
		require.Equal(t, c.want, For(Question{SQL: c.sql, Code: undefinedTable, Message: c.message, Offset: -1}).Offset, c.sql)
	}
}

// Whatever a statement and a message are, there is an answer, and it points
// into the statement.
func FuzzFor(f *testing.F) {
	for _, s := range []struct{ sql, code, message string }{
		{"SELECT a.b, `c` FROM a, (SELECT 1) x WHERE a = ANY($1::text[])", undefinedFunction, "operator does not exist: text = integer"},
		{"INSERT INTO a (b, c) VALUES (1, (2)", syntaxError, "INSERT has more target columns than expressions"},
		{"SELECT f(a, b(c), $1", ambiguousFunction, "function f(unknown, text) is not unique"},
		{"SELECT order FROM user", syntaxError, `syntax error at or near "FROM"`},
		{"SELECT sqlc.arg", invalidSchemaName, `schema "slqc" does not exist`},
		{"SELECT x", datatypeMismatch, "UNION types a and b cannot be matched"},
		{"SELECT (", groupingError, `column "a" must appear in the GROUP BY clause`},
		{"INSERT INTO slots VALUES (1) ON CONFLICT (id, ", "42P10", "there is no unique or exclusion constraint matching the ON CONFLICT specification"},
		{"SELECT 1 FROM a LEFT JOIN b FOR", "0A000", "FOR UPDATE cannot be applied to the nullable side of an outer join"},
		{"SELECT \"", undefinedColumn, `column "" of relation "" does not exist`},
	} {
		f.Add(s.sql, s.code, s.message, 7)
	}
	c := shop()
	f.Fuzz(func(t *testing.T, sql, code, message string, offset int) {
		for _, catalog := range []*catalog.Catalog{nil, c} {
			a := For(Question{SQL: sql, Code: code, Message: message, Offset: max(-1, min(offset, len(sql))), Catalog: catalog})
			require.LessOrEqual(t, a.Offset, len(sql))
		}
	})
}
