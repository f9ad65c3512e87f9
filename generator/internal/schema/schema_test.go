package schema

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pgwright/pgwright/internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// folder writes the files of a txtar archive into a new folder.
func folder(t *testing.T, archive string) string {
	t.Helper()
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(root, filepath.FromSlash(f.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.Data, 0o644))
	}
	return root
}

func messages(diags diag.List) []string {
	var out []string
	for _, d := range diags.Sorted() {
		line := d.File + ": " + d.Message + " | " + d.Hint
		if d.Severity == diag.Warning {
			line = "warning: " + line
		}
		out = append(out, line)
	}
	return out
}

const project = `
-- schema.sql --
create table a ();
-- db/02_b.sql --
create table b ();
-- db/01_a.sql --
create table c ();
-- db/.hidden.sql --
broken
-- db/readme.md --
broken
-- db/deeper/x.sql --
create table x ();
-- migrations/1.up.sql --
create table d ();
-- migrations/1.down.sql --
drop table d;
-- down/1.down.sql --
drop table d;
-- none/readme.md --
-- odd/schema.psql --
create table e ();
`

func TestFind(t *testing.T) {
	t.Parallel()
	root := folder(t, project)
	for name, c := range map[string]struct {
		paths, want, diags []string
	}{
		"nothing":           {nil, nil, nil},
		"file":              {[]string{"schema.sql"}, []string{"schema.sql"}, nil},
		"file of any name":  {[]string{"odd/schema.psql"}, []string{"odd/schema.psql"}, nil},
		"order of paths":    {[]string{"schema.sql", "db/02_b.sql", "db/01_a.sql"}, []string{"schema.sql", "db/02_b.sql", "db/01_a.sql"}, nil},
		"folder":            {[]string{"db"}, []string{"db/01_a.sql", "db/02_b.sql"}, nil},
		"folder with slash": {[]string{"./db/"}, []string{"db/01_a.sql", "db/02_b.sql"}, nil},
		"twice":             {[]string{"db/02_b.sql", "db", "./db/../db/01_a.sql"}, []string{"db/02_b.sql", "db/01_a.sql"}, nil},
		"migrations":        {[]string{"migrations"}, []string{"migrations/1.up.sql"}, nil},
		"pattern":           {[]string{"*/0?_*.sql"}, []string{"db/01_a.sql", "db/02_b.sql"}, nil},
		"pattern of all":    {[]string{"db/*"}, []string{"db/01_a.sql", "db/02_b.sql", "db/deeper/x.sql"}, nil},
		"pattern, folders":  {[]string{"[dm][bi]*"}, []string{"db/01_a.sql", "db/02_b.sql", "migrations/1.up.sql"}, nil},
		"absolute":          {[]string{filepath.ToSlash(filepath.Join(root, "schema.sql"))}, []string{"schema.sql"}, nil},
		"down file":         {[]string{"migrations/1.down.sql"}, nil, []string{"warning: migrations/1.down.sql: the file is left out: it takes a migration back | files that end in .down.sql are not part of the schema"}},
		"missing":           {[]string{"db/nope.sql", "schema.sql"}, []string{"schema.sql"}, []string{"db/nope.sql: no such file or folder | paths are relative to the folder of the configuration file"}},
		"below a file":      {[]string{"schema.sql/x"}, nil, []string{"schema.sql/x: not readable: not a directory | "}},
		"empty folder":      {[]string{"none"}, nil, []string{"none: the folder has no .sql files | only files that end in .sql count, and none of deeper folders"}},
		"down folder":       {[]string{"down"}, nil, []string{"down: the folder has no .sql files | files that end in .down.sql are not part of the schema"}},
		"no match":          {[]string{"nope/*.sql"}, nil, []string{"nope/*.sql: the pattern matches no .sql files | paths are relative to the folder of the configuration file"}},
		"two stars":         {[]string{"nope/**/*.sql"}, nil, []string{"nope/**/*.sql: the pattern matches no .sql files | ** means the same as *: name each folder"}},
		"bad pattern":       {[]string{"db/[a.sql"}, nil, []string{"db/[a.sql: malformed pattern | a [ needs its ]; a backslash takes the meaning from the character behind it"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sources, diags := Find(root, c.paths)
			var got []string
			for _, s := range sources {
				got = append(got, s.Name)
				_, err := os.Stat(s.Path)
				require.NoError(t, err)
			}
			require.Equal(t, c.want, got)
			require.Equal(t, c.diags, messages(diags))
		})
	}
}

func TestFindOutsideOfTheFolder(t *testing.T) {
	t.Parallel()
	root := folder(t, project)
	sources, diags := Find(filepath.Join(root, "none"), []string{"../schema.sql"})
	require.Empty(t, messages(diags))
	require.Equal(t, []Source{{Name: "../schema.sql", Path: filepath.Join(root, "schema.sql")}}, sources)
}

func TestFindBrokenLink(t *testing.T) {
	t.Parallel()
	root := folder(t, project)
	require.NoError(t, os.Symlink("nowhere", filepath.Join(root, "db", "03_c.sql")))
	require.NoError(t, os.Symlink("deeper", filepath.Join(root, "db", "04_d.sql")))
	_, files, diags := Load(root, []string{"db"})
	require.Len(t, files, 2)
	require.Equal(t, []string{"db/03_c.sql: no such file or folder | paths are relative to the folder of the configuration file"}, messages(diags))
	_, diags = Find(root, []string{"db/0[34]*"})
	require.Equal(t, []string{"db/03_c.sql: no such file or folder | paths are relative to the folder of the configuration file"}, messages(diags))
}

func TestLoad(t *testing.T) {
	t.Parallel()
	root := folder(t, project)
	scripts, files, diags := Load(root, []string{"db", "schema.sql", "nope"})
	require.Equal(t, []string{"nope: no such file or folder | paths are relative to the folder of the configuration file"}, messages(diags))
	var got, names []string
	for _, s := range scripts {
		got = append(got, s.SQL)
	}
	for _, f := range files {
		names = append(names, f.Name)
	}
	require.Equal(t, []string{"create table c ()\n;\n", "create table b ()\n;\n", "create table a ()\n;\n"}, got)
	require.Equal(t, []string{"db/01_a.sql", "db/02_b.sql", "schema.sql"}, names)
}

// parse gives the scripts' SQL in short and the skipped statements.
func parse(t *testing.T, text string) (scripts, skipped []string, diags diag.List) {
	t.Helper()
	all, file, diags := Parse("s.sql", text)
	require.NotEmpty(t, all)
	for _, s := range all {
		if s.SQL != "" {
			scripts = append(scripts, inShort(s.SQL))
		}
		require.Same(t, file, s.File)
		for _, k := range s.Skipped {
			require.NotEmpty(t, k.Reason)
			skipped = append(skipped, k.Statement.Text())
		}
		checkOffsets(t, s)
	}
	return scripts, skipped, diags
}

func inShort(sql string) string {
	return strings.TrimSuffix(strings.ReplaceAll(sql, "\n;\n", "; "), " ")
}

// checkOffsets holds that offsets grow and lead to the statement.
func checkOffsets(t require.TestingT, s *Script) {
	before := 0
	for i := 0; i <= len(s.SQL); i++ {
		at := s.MapOffset(i)
		require.LessOrEqual(t, before, at)
		require.LessOrEqual(t, at, len(s.File.Text))
		before = at
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text             string
		scripts, skipped []string
	}{
		"empty":               {"", nil, nil},
		"comments only":       {"-- nothing\n", nil, nil},
		"two":                 {"create table a (); -- a\ncreate table b ()", []string{"create table a (); create table b ();"}, nil},
		"comment at the end":  {"create table a () -- a\n;create table b ()", []string{"create table a () -- a; create table b ();"}, nil},
		"queries":             {"create table a ();\n-- name: A :many\nselect * from a;\ncreate table b ();", []string{"create table a (); create table b ();"}, nil},
		"malformed header":    {"-- name: what it is called\ncreate table a ();", []string{"create table a ();"}, nil},
		"transaction":         {"BEGIN;\ncreate table a ();\nCOMMIT;", []string{"BEGIN; create table a (); COMMIT;"}, nil},
		"search path":         {"SELECT pg_catalog.set_config('search_path', '', false);", []string{"SELECT pg_catalog.set_config('search_path', '', false);"}, nil},
		"rows":                {"COPY t FROM stdin;\n1\n\\.\ncopy t from '/x'; REFRESH MATERIALIZED VIEW v; insert into t values (1);", []string{"insert into t values (1);"}, []string{"COPY t FROM stdin", "copy t from '/x'", "REFRESH MATERIALIZED VIEW v"}},
		"roles":               {"GRANT ALL ON t TO bob; revoke all on t from public; CREATE ROLE r; CREATE USER u; ALTER GROUP g ADD USER u; DROP ROLE r; DROP OWNED BY r; REASSIGN OWNED BY r TO s; SET ROLE r; SET SESSION AUTHORIZATION 'r'; SET LOCAL ROLE r; COMMENT ON ROLE r IS ''; ALTER DEFAULT PRIVILEGES FOR ROLE r GRANT ALL ON TABLES TO s; CREATE USER MAPPING FOR u SERVER s", nil, []string{"GRANT ALL ON t TO bob", "revoke all on t from public", "CREATE ROLE r", "CREATE USER u", "ALTER GROUP g ADD USER u", "DROP ROLE r", "DROP OWNED BY r", "REASSIGN OWNED BY r TO s", "SET ROLE r", "SET SESSION AUTHORIZATION 'r'", "SET LOCAL ROLE r", "COMMENT ON ROLE r IS ''", "ALTER DEFAULT PRIVILEGES FOR ROLE r GRANT ALL ON TABLES TO s", "CREATE USER MAPPING FOR u SERVER s"}},
		"owners":              {`ALTER TABLE public.t OWNER TO bob; ALTER FUNCTION f(a int, b int) OWNER TO "B"; ALTER VIEW owner OWNER TO CURRENT_USER;`, nil, []string{"ALTER TABLE public.t OWNER TO bob", `ALTER FUNCTION f(a int, b int) OWNER TO "B"`, "ALTER VIEW owner OWNER TO CURRENT_USER"}},
		"owner among others":  {"ALTER TABLE t OWNER TO bob, ADD COLUMN a int", []string{"ALTER TABLE t OWNER TO CURRENT_USER, ADD COLUMN a int;"}, nil},
		"owner is a column":   {"ALTER TABLE t RENAME owner TO boss; ALTER TABLE t RENAME COLUMN owner TO boss; ALTER TYPE t RENAME ATTRIBUTE owner TO boss", []string{"ALTER TABLE t RENAME owner TO boss; ALTER TABLE t RENAME COLUMN owner TO boss; ALTER TYPE t RENAME ATTRIBUTE owner TO boss;"}, nil},
		"other servers":       {"IMPORT FOREIGN SCHEMA s FROM SERVER x INTO y; CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p; drop subscription s", nil, []string{"IMPORT FOREIGN SCHEMA s FROM SERVER x INTO y", "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p", "drop subscription s"}},
		"cluster":             {"CREATE DATABASE x; DROP DATABASE x; ALTER DATABASE x SET a = b; ALTER SYSTEM SET a = b; CREATE TABLESPACE t LOCATION ''; ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b; COMMENT ON DATABASE x IS ''", nil, []string{"CREATE DATABASE x", "DROP DATABASE x", "ALTER DATABASE x SET a = b", "ALTER SYSTEM SET a = b", "CREATE TABLESPACE t LOCATION ''", "ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b", "COMMENT ON DATABASE x IS ''"}},
		"upkeep":              {"VACUUM; REINDEX TABLE t; CLUSTER t; CHECKPOINT; DISCARD ALL; LOAD 'x'; SECURITY LABEL ON TABLE t IS ''; ALTER LARGE OBJECT 1 OWNER TO bob; ANALYZE t", []string{"ANALYZE t;"}, []string{"VACUUM", "REINDEX TABLE t", "CLUSTER t", "CHECKPOINT", "DISCARD ALL", "LOAD 'x'", "SECURITY LABEL ON TABLE t IS ''", "ALTER LARGE OBJECT 1 OWNER TO bob"}},
		"policies":            {"ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t TO bob; ALTER POLICY p ON t TO x; COMMENT ON POLICY p ON t IS ''; DROP POLICY p ON t", []string{"ALTER TABLE t ENABLE ROW LEVEL SECURITY;"}, []string{"CREATE POLICY p ON t TO bob", "ALTER POLICY p ON t TO x", "COMMENT ON POLICY p ON t IS ''", "DROP POLICY p ON t"}},
		"settings":            {"SET statement_timeout = 0; SET transaction_timeout = 0; SET row_security = off; SET default_table_access_method = heap; SET default_tablespace = ''; SET default_tablespace = fast; SET default_table_access_method = columnar; set search_path = x;", []string{"SET row_security = off; SET default_table_access_method = heap; SET default_tablespace = ''; set search_path = x;"}, []string{"SET statement_timeout = 0", "SET transaction_timeout = 0", "SET default_tablespace = fast", "SET default_table_access_method = columnar"}},
		"concurrently":        {"CREATE INDEX CONCURRENTLY i ON t (a); CREATE UNIQUE INDEX /* c */ CONCURRENTLY IF NOT EXISTS i ON t (a); DROP INDEX CONCURRENTLY i; ALTER TABLE t DETACH PARTITION u CONCURRENTLY; CREATE INDEX concurrently_i ON t (concurrently)", []string{"CREATE INDEX  i ON t (a); CREATE UNIQUE INDEX /* c */  IF NOT EXISTS i ON t (a); DROP INDEX  i; ALTER TABLE t DETACH PARTITION u ; CREATE INDEX concurrently_i ON t (concurrently);"}, nil},
		"tablespaces":         {`CREATE TABLE t (a int PRIMARY KEY USING INDEX TABLESPACE x, tablespace text) TABLESPACE "Y"; CREATE INDEX i ON t (a) TABLESPACE x WHERE a > 1; CREATE MATERIALIZED VIEW v TABLESPACE x AS SELECT tablespace x FROM t; ALTER TABLE t SET TABLESPACE x; ALTER TABLE t ADD COLUMN tablespace text; CREATE VIEW v AS SELECT tablespace x`, []string{`CREATE TABLE t (a int PRIMARY KEY USING INDEX TABLESPACE pg_default, tablespace text) TABLESPACE pg_default; CREATE INDEX i ON t (a) TABLESPACE pg_default WHERE a > 1; CREATE MATERIALIZED VIEW v TABLESPACE pg_default AS SELECT tablespace x FROM t; ALTER TABLE t SET TABLESPACE pg_default; ALTER TABLE t ADD COLUMN tablespace text; CREATE VIEW v AS SELECT tablespace x;`}, nil},
		"schema of a role":    {"CREATE SCHEMA s; CREATE SCHEMA s AUTHORIZATION bob CREATE TABLE t (); CREATE SCHEMA IF NOT EXISTS AUTHORIZATION bob; CREATE SCHEMA AUTHORIZATION CURRENT_USER; create schema if not exists x", []string{"CREATE SCHEMA s; CREATE SCHEMA s  CREATE TABLE t (); CREATE SCHEMA IF NOT EXISTS  bob; CREATE SCHEMA AUTHORIZATION CURRENT_USER; create schema if not exists x;"}, nil},
		"new enum value":      {"create type e as enum ('a'); alter type e add value 'b'; create table t (e e default 'b'); alter type e rename value 'a' to 'c';", []string{"create type e as enum ('a'); alter type e add value 'b';", "create table t (e e default 'b'); alter type e rename value 'a' to 'c';"}, nil},
		"procedural code":     {"select 1; do $$begin commit; end$$; call p(); select 2", []string{"select 1;", "do $$begin commit; end$$;", "call p();", "select 2;"}, nil},
		"psql":                {"\\restrict x\n\\connect y\ncreate table a ();\n\\unrestrict x\n", []string{"create table a ();"}, nil},
		"goose":               {"-- +goose Up\n-- +goose StatementBegin\ncreate table a ();\n-- +goose StatementEnd\n-- +goose Down\ndrop table a;\n", []string{"create table a ();"}, nil},
		"goose, down first":   {"-- +goose down\ndrop table a;\n-- +goose up\ncreate table a ();", []string{"create table a ();"}, nil},
		"sql-migrate":         {"-- +migrate Up notransaction\r\ncreate table a ();\r\n-- +migrate Down\r\ndrop table a;\r\n-- +migrate Up\r\ncreate table b ();", []string{"create table a (); create table b ();"}, nil},
		"dbmate":              {"-- migrate:up transaction:false\ncreate table a ();\n\n-- migrate:down\ndrop table 'a;\n", []string{"create table a ();"}, nil},
		"tern":                {"create table a ();\n---- create above / drop below ----\ndrop table a;\n", []string{"create table a ();"}, nil},
		"marker not a marker": {"create table a (); select '+goose Down'; -- goose Down\ncreate table b ();", []string{"create table a (); select '+goose Down'; create table b ();"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scripts, skipped, diags := parse(t, c.text)
			require.Empty(t, messages(diags))
			require.Equal(t, c.scripts, scripts)
			require.Equal(t, c.skipped, skipped)
		})
	}
}

func TestParseDiagnostics(t *testing.T) {
	t.Parallel()
	scripts, _, diags := parse(t, "create table a ();\n\\ir b.sql\n\\include c.sql\n\\copy t from x\nselect 'x;")
	require.Equal(t, []string{
		`warning: s.sql: psql's \ir is not followed | name the file under schema in the configuration`,
		`warning: s.sql: psql's \include is not followed | name the file under schema in the configuration`,
		"s.sql: unterminated quoted string | it runs to the end of the file",
	}, messages(diags))
	require.Equal(t, []string{"create table a ();"}, scripts)
}

func TestScriptError(t *testing.T) {
	t.Parallel()
	text := "-- Ä\nGRANT a TO b;\ncreate table ä ();\n\ncreate index concurrently i on ä (nope);\ndo '';\n"
	scripts, file, diags := Parse("s.sql", text)
	require.Empty(t, messages(diags))
	require.Len(t, scripts, 2)
	s := scripts[0]
	position := len([]rune(s.SQL[:strings.Index(s.SQL, "nope")])) + 1
	for _, c := range []struct {
		script              *Script
		completed, position int
		statement           string
		offset              int
	}{
		{s, 1, position, "create index", strings.Index(text, "nope")},
		{s, 0, position, "create index", strings.Index(text, "nope")},
		{s, 0, 0, "create table", -1},
		{s, 1, 0, "create index", -1},
		{s, 9, 0, "create index", -1},
		{scripts[1], 0, 0, "do", -1},
	} {
		at, offset := c.script.Fault(c.completed, c.position)
		require.Equal(t, []any{strings.Index(text, c.statement), c.offset}, []any{at.Start, offset}, "%d %d", c.completed, c.position)
		require.Same(t, file, at.File)
	}
	require.Equal(t, 2, len(s.Statements))
	require.Equal(t, "GRANT a TO b", s.Skipped[0].Statement.Text())

	empty, _, _ := Parse("s.sql", "")
	at, offset := empty[0].Fault(0, 1)
	require.Nil(t, at)
	require.Equal(t, -1, offset)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"create table a (); grant a to b;\n-- +goose Down\r\ndrop", "alter table t owner to b, add c int; alter type e add value 'x'; do ''; select",
		"create schema authorization b; create unique index concurrently i on t using x (a) tablespace y where z", "create schema if", "set", "set local", "comment on", "alter table t detach partition p concurrently",
		"-- name: A :one\nselect 1; copy t from stdin;\n1\n\\.\n\\i x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scripts, file, diags := Parse("s.sql", text)
		require.NotEmpty(t, scripts)
		for _, s := range scripts {
			checkOffsets(t, s)
			if diags.HasErrors() {
				continue
			}
			// The script holds the statements it says it does.
			again, _ := sqltext.SplitSchema("again.sql", s.SQL)
			require.Len(t, again.Statements, len(s.Statements), s.SQL)
			for i, a := range again.Statements {
				require.LessOrEqual(t, s.Statements[i].Start, s.MapOffset(a.Start))
				require.Less(t, s.MapOffset(a.Start), s.Statements[i].End)
			}
		}
		require.Len(t, file.Text, len(text))
	})
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	var diags diag.List
	diags.Add(
		unreadable("a.sql", &fs.PathError{Op: "open", Path: "/x/a.sql", Err: fs.ErrPermission}),
		unreadable("b.sql", &fs.PathError{Op: "read", Path: "/x/b.sql", Err: errors.New("input/output error")}),
		unreadable("c.sql", errors.New("odd")),
	)
	require.Equal(t, []string{
		"a.sql: not allowed to read it | check the permissions of the file and of the folders above it",
		"b.sql: not readable: input/output error | ",
		"c.sql: not readable: odd | ",
	}, messages(diags))
}
