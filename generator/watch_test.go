package generator_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// watched is a project with several query files, of all that a package's files
// need of each other.
func watched(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"sqlc.yaml": `version: "2"
sql:
  - engine: postgresql
    schema: schema
    queries: queries
    codegen:
      - plugin: pgwright
        out: db
        options:
          emit_interface: true
          overrides:
            - {column: orders.note, go_type: {import: example.com/notes, type: Note}}
`,
		"schema/1.sql": `CREATE TYPE state AS ENUM ('new', 'paid');
CREATE TYPE place AS (town text, at point);
CREATE TABLE orders (id bigint PRIMARY KEY, state state, note text NOT NULL, shop place);
CREATE TABLE items (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, name text NOT NULL);
CREATE VIEW paid AS SELECT id, note FROM orders WHERE state = 'paid';
`,
		"queries/orders.sql": "-- name: Orders :many\nSELECT * FROM orders;\n\n-- name: Places :many\nSELECT id, shop FROM orders;\n",
		"queries/items.sql":  "-- name: Items :many\n-- What was bought.\nSELECT sqlc.embed(items), note FROM items JOIN orders ON orders.id = order_id WHERE name = @name;\n",
		"queries/paid.sql":   "-- name: Paid :many\nSELECT * FROM paid;\n\n-- name: Never :exec\nUPDATE items SET name = NULL WHERE id = $1;\n",
		"queries/many.sql":   "-- name: CopyItems :copyfrom\nINSERT INTO items (id, order_id, name) VALUES ($1, $2, $3);\n\n-- name: SetStates :batchexec\nUPDATE orders SET state = $2, shop = @shop WHERE id = $1;\n",
		"queries/state.sql":  "-- name: States :many\nSELECT state, count(*) FROM orders GROUP BY state;\n\n-- name: AddOrder :exec\nINSERT INTO orders (id, state, note, shop) VALUES ($1, $2, $3, $4);\n",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

func optionsOf(dir string) generator.Options {
	return generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv)}
}

// A session that has seen many versions of a project gives what one run gives
// that sees only the last.
func TestSessionGivesWhatOneRunGives(t *testing.T) {
	t.Parallel()
	steps := []struct{ name, file, old, now string }{
		{"the beginning", "queries/orders.sql", "Orders", "Orders"},
		{"a condition", "queries/orders.sql", "FROM orders;", "FROM orders WHERE id > 1;"},
		{"back", "queries/orders.sql", " WHERE id > 1", ""},
		{"lines before a query", "queries/items.sql", "-- name", "\n\n-- name"},
		{"lines before a warning", "queries/paid.sql", "-- name: Paid", "-- More.\n\n-- name: Paid"},
		{"a comment", "queries/items.sql", "What was bought", "What they bought"},
		{"a new query with a row", "queries/paid.sql", "-- name: Never", "-- name: Item :many\nSELECT sqlc.embed(items), 1 AS n FROM items;\n\n-- name: Never"},
		{"a query that takes another one's name", "queries/orders.sql", "-- name: Places", "-- name: ItemRow :many\nSELECT id, note FROM orders;\n\n-- name: Places"},
		{"the same text under another name", "queries/orders.sql", "Orders", "AllOrders"},
		{"a mistake", "queries/orders.sql", "FROM orders", "FROM ordres"},
		{"another one meanwhile", "queries/state.sql", "state, count(*)", "stat, count(*)"},
		{"one is mended", "queries/orders.sql", "FROM ordres", "FROM orders"},
		{"both are mended", "queries/state.sql", "stat, count(*)", "state, count(*)"},
		{"no composite is read", "queries/orders.sql", "SELECT id, shop FROM", "SELECT id, 1 AS one FROM"},
		{"no enum is read", "queries/state.sql", "SELECT state, count", "SELECT state::text AS state, count"},
		{"a type that nobody used", "queries/orders.sql", "1 AS one", "'[1,2]'::int4range AS one"},
		{"nobody uses it any more", "queries/orders.sql", "'[1,2]'::int4range AS one", "2 AS one"},
		{"an unmended file", "queries/state.sql", "-- name: AddOrder :exec", "-- name: AddOrder exec"},
		{"mended", "queries/state.sql", "-- name: AddOrder exec", "-- name: AddOrder :exec"},
		{"a directive", "queries/paid.sql", "-- name: Paid :many\n", "-- name: Paid :many\n-- column: note nullable\n"},
		{"a migration", "schema/1.sql", "name text NOT NULL", "name text"},
		{"an option", "sqlc.yaml", "emit_interface: true", "emit_json_tags: true"},
		{"a folder", "sqlc.yaml", "out: db", "out: other"},
	}
	for name, configuration := range map[string]string{
		"native": "",
		"as sqlc": `version: "2"
sql:
  - engine: postgresql
    schema: schema
    queries: queries
    gen:
      go:
        out: db
        sql_package: pgx/v5
        emit_interface: true
        overrides:
          - {column: orders.note, go_type: {import: example.com/notes, type: Note}}
`,
		"methods of tables, and a second package": `version: "2"
sql:
  - engine: postgresql
    schema: schema
    queries: queries
    codegen:
      - plugin: pgwright
        out: db
        options: {emit_interface: true, tables: {exclude: [paid]}}
  - engine: postgresql
    schema: schema
    queries: [queries/items.sql, queries/orders.sql]
    codegen:
      - plugin: pgwright
        out: second
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			dir := watched(t)
			if configuration != "" {
				write(configuration)(t, dir, filepath.Join(dir, "sqlc.yaml"))
			}
			s := generator.NewSession(optionsOf(dir))
			defer func() { require.NoError(t, s.Close(ctx)) }()
			written := 0
			for _, step := range steps {
				if step.old != step.now {
					edit(t, dir, step.file, step.old, step.now)
				}
				opt := optionsOf(dir)
				want, err := generator.Generate(ctx, opt)
				require.NoError(t, err, step.name)
				// The lock is the session's: whoever does not believe it has to come to the
				// same.
				opt.Fresh = true
				fresh, err := generator.Generate(ctx, opt)
				require.NoError(t, err, step.name)
				got, err := s.Generate(ctx)
				require.NoError(t, err, step.name)
				require.Equal(t, want.Report(), got.Report(), step.name)
				require.Equal(t, fresh.Report(), got.Report(), step.name)
				require.Equal(t, want.Changes, got.Changes, step.name)
				require.Equal(t, text(want.Files), text(got.Files), step.name)
				require.Equal(t, text(fresh.Files), text(got.Files), step.name)
				require.Equal(t, string(want.Lock()), string(got.Lock()), step.name)
				require.Equal(t, string(fresh.Lock()), string(got.Lock()), step.name)
				if !got.HasErrors() {
					_, err = s.Write(got)
					require.NoError(t, err, step.name)
					written++
				}
				s.CatchUp(ctx)
			}
			require.Greater(t, written, len(steps)/2)
		})
	}
}

func text(files []generator.File) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Content)
	}
	return out
}

// Of a project of which one query has been edited, that query is what is worked
// on, whoever has generated the rest, and when.
func TestSessionDoesOnlyWhatHasChanged(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"in this session", "before"} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			dir := watched(t)
			for i := range 20 {
				require.NoError(t, os.WriteFile(filepath.Join(dir, "queries", fmt.Sprintf("n%d.sql", i)), fmt.Appendf(nil, "-- name: N%d :many\nSELECT * FROM orders WHERE id > %d;\n", i, i), 0o644))
			}
			if first == "before" {
				res, err := generator.Generate(ctx, optionsOf(dir))
				require.NoError(t, err)
				_, err = generator.Write(res)
				require.NoError(t, err)
			}
			s := generator.NewSession(optionsOf(dir))
			defer func() { require.NoError(t, s.Close(ctx)) }()
			run := func() *generator.Written {
				res, err := s.Generate(ctx)
				require.NoError(t, err)
				require.False(t, res.HasErrors(), res.Report())
				w, err := s.Write(res)
				require.NoError(t, err)
				return w
			}
			run()
			s.CatchUp(ctx)
			for i, step := range []struct {
				name, old, now string
				changed        []string
				work           generator.Work
			}{
				// The statement, and again with its star spelled out; db.go and
				// querier.go are about all queries.
				{"a condition", "id > 7", "id > 70", []string{"db/n7.sql.go"}, generator.Work{Split: 1, Asked: 2, Rendered: 3}},
				{"a comment", "-- name", "-- It is the seventh.\n-- name", []string{"db/n7.sql.go", "db/querier.go"}, generator.Work{Split: 1, Rendered: 3}},
				{"a space", "id > 70", "id  > 70", []string{"db/n7.sql.go"}, generator.Work{Split: 1, Asked: 2, Rendered: 3}},
				{"back", "id  > 70", "id > 70", []string{"db/n7.sql.go"}, generator.Work{Split: 1, Rendered: 3}},
			} {
				before := s.Work()
				edit(t, dir, "queries/n7.sql", step.old, step.now)
				require.Equal(t, step.changed, run().Changed, step.name)
				after := s.Work()
				require.Equal(t, step.work, generator.Work{
					Split: after.Split - before.Split, Asked: after.Asked - before.Asked, Rendered: after.Rendered - before.Rendered,
				}, "%d: %s", i, step.name)
			}
			// What the session has left for later, the next process finds.
			s.CatchUp(ctx)
			var log strings.Builder
			opt := optionsOf(dir)
			opt.Log = &log
			_, err := generator.Generate(ctx, opt)
			require.NoError(t, err)
			require.Contains(t, log.String(), "nothing has changed")
		})
	}
}

// A file that its editor is still writing is not taken for one whose queries
// were deleted.
func TestWatchKnowsUnfinishedFiles(t *testing.T) {
	t.Parallel()
	const queries = "-- name: A :many\nSELECT id FROM orders;\n\n-- name: B :many\nSELECT id FROM items;\n"
	for _, tt := range []struct {
		name     string
		save     func(t *testing.T, dir, path string)
		finished bool
	}{
		{"nothing", func(*testing.T, string, string) {}, true},
		{"truncated", write(""), false},
		{"half of it", write(queries[:20]), false},
		{"its first query", write("-- name: A :many\nSELECT id FROM orders;\n"), false},
		{"half of another text", write("-- name: A :many\nSELECT id, note FROM or"), false},
		{"in the middle of the last query", write(queries[:len(queries)-5]), false},
		{"moved away", func(t *testing.T, _, path string) { require.NoError(t, os.Rename(path, path+"~")) }, false},
		{"a new file with nothing in it yet", func(t *testing.T, dir, _ string) { write("")(t, dir, filepath.Join(dir, "queries", "new.sql")) }, false},
		{"a schema that got shorter", func(t *testing.T, dir, _ string) {
			write("CREATE TABLE")(t, dir, filepath.Join(dir, "schema", "1.sql"))
		}, false},
		{"a configuration that got shorter", func(t *testing.T, dir, _ string) { write("version: 2\n")(t, dir, filepath.Join(dir, "sqlc.yaml")) }, false},
		{"written in place", write(strings.Replace(queries, "SELECT id FROM items", "SELECT 1", 1)), true},
		{"moved into place", func(t *testing.T, dir, path string) {
			write(strings.Replace(queries, "id", "id, id AS again", 1))(t, dir, path+".tmp")
			require.NoError(t, os.Rename(path+".tmp", path))
		}, true},
		{"a query more", write(queries + "-- name: C :one\nSELECT 1;\n"), true},
		{"a new file", func(t *testing.T, dir, _ string) {
			write("-- name: C :one\nSELECT 1;\n")(t, dir, filepath.Join(dir, "queries", "new.sql"))
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			dir := watched(t)
			path := filepath.Join(dir, "queries", "ab.sql")
			write(queries)(t, dir, path)
			s := generator.NewSession(optionsOf(dir))
			defer func() { require.NoError(t, s.Close(ctx)) }()
			require.NoError(t, s.Watch(ctx))
			_, err := s.Generate(ctx)
			require.NoError(t, err)

			tt.save(t, dir, path)
			require.Equal(t, tt.finished, s.Finished())
			if tt.name != "nothing" {
				// It may be what was meant.
				require.NoError(t, s.Watch(ctx))
			}
		})
	}
}

func write(text string) func(t *testing.T, dir, path string) {
	return func(t *testing.T, _, path string) {
		t.Helper()
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
}
