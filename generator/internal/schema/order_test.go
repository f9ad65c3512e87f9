package schema

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		archive     string
		path        string
		want, diags []string
	}{
		"plain, by name": {
			"-- db/10_b.sql --\n-- db/2_a.sql --\n", "db",
			[]string{"db/10_b.sql", "db/2_a.sql"},
			[]string{"warning: db: 10_b.sql comes before 2_a.sql: the folder has no marks of a migration tool and is read by name | pad the numbers with zeros, or name the files under schema in their order"},
		},
		"plain, padded":         {"-- db/02_a.sql --\n-- db/10_b.sql --\n-- db/all.sql --\n", "db", []string{"db/02_a.sql", "db/10_b.sql", "db/all.sql"}, nil},
		"golang-migrate":        {"-- db/10_b.up.sql --\n-- db/2_a.up.sql --\n-- db/2_a.down.sql --\n-- db/010000000000000000000000_c.up.sql --\n", "db", []string{"db/2_a.up.sql", "db/10_b.up.sql", "db/010000000000000000000000_c.up.sql"}, nil},
		"golang-migrate, glob":  {"-- db/10_b.up.sql --\n-- db/2_a.up.sql --\n-- db/2_a.down.sql --\n", "db/*.sql", []string{"db/2_a.up.sql", "db/10_b.up.sql"}, nil},
		"globs of many folders": {"-- a/10_b.up.sql --\n-- a/2_a.up.sql --\n-- b/2_a.sql --\n-- b/1_a.sql --\n", "*/*.sql", []string{"a/2_a.up.sql", "a/10_b.up.sql", "b/1_a.sql", "b/2_a.sql"}, nil},
		"golang-migrate and others": {
			"-- db/1_b.up.sql --\n-- db/seed.sql --\n-- db/001_b.up.sql --\n", "db",
			[]string{"db/001_b.up.sql", "db/1_b.up.sql"},
			[]string{
				"warning: db/1_b.up.sql: the version is that of 001_b.up.sql too, which golang-migrate refuses | give one of them another number",
				"warning: db/seed.sql: the file is left out: golang-migrate does not run files with such a name | name the file itself under schema if it belongs to it",
			},
		},
		"goose":       {"-- db/10_b.sql --\n-- +goose Up\n-- db/2_a.sql --\n-- +goose UP\n-- db/20240101000000_a.sql --\n-- db/00003_a.sql --\n", "db", []string{"db/2_a.sql", "db/00003_a.sql", "db/10_b.sql", "db/20240101000000_a.sql"}, nil},
		"sql-migrate": {"-- db/10_b.sql --\n-- +migrate Up\n-- db/2.sql --\n-- db/a.sql --\n-- db/02-b.sql --\n-- db/-.sql --\n", "db", []string{"db/02-b.sql", "db/2.sql", "db/10_b.sql", "db/-.sql", "db/a.sql"}, nil},
		"dbmate":      {"-- db/10_b.sql --\n-- migrate:up\n-- db/2_a.sql --\n-- migrate:up\n-- db/a.sql --\n", "db", []string{"db/10_b.sql", "db/2_a.sql"}, []string{"warning: db/a.sql: the file is left out: dbmate does not run files with such a name | name the file itself under schema if it belongs to it"}},
		"tern":        {"-- db/10_b.sql --\n---- create above / drop below ----\n-- db/2_a.sql --\n", "db", []string{"db/2_a.sql", "db/10_b.sql"}, nil},
		"tern's file": {"-- db/10_b.sql --\n-- db/2_a.sql --\n-- db/tern.conf --\n", "db", []string{"db/2_a.sql", "db/10_b.sql"}, nil},
		"atlas":       {"-- db/10_b.sql --\n-- db/2_a.sql --\n-- db/atlas.sum --\n", "db", []string{"db/10_b.sql", "db/2_a.sql"}, nil},
		"atlas, checkpoint": {
			"-- db/1.sql --\n-- db/2.sql --\n-- atlas:checkpoint v1\n-- db/3.sql --\n\n-- atlas:checkpoint\n-- db/4.sql --\nselect 1;\n-- atlas:checkpoint\n", "db",
			[]string{"db/3.sql", "db/4.sql"},
			nil,
		},
		"atlas runs goose": {"-- db/10_b.sql --\n-- +goose Up\n-- db/2_a.sql --\n-- atlas:nolint\n-- db/atlas.sum --\n", "db", []string{"db/2_a.sql", "db/10_b.sql"}, nil},
		"Flyway": {
			"-- db/V10__a.sql --\n-- db/V2__a.sql --\n-- db/V2.10__a.sql --\n-- db/V2_9__a.sql --\n-- db/U2__a.sql --\n-- db/R__b.sql --\n-- db/R__a.sql --\n-- db/V1__z.sql --\n-- db/afterMigrate.sql --\n", "db",
			[]string{"db/V1__z.sql", "db/V2__a.sql", "db/V2_9__a.sql", "db/V2.10__a.sql", "db/V10__a.sql", "db/R__a.sql", "db/R__b.sql"},
			[]string{"warning: db/afterMigrate.sql: the file is left out: Flyway does not run files with such a name | name the file itself under schema if it belongs to it"},
		},
		"Flyway, baseline": {
			"-- db/V1__a.sql --\n-- db/V2__a.sql --\n-- db/B2__all.sql --\n-- db/B1__all.sql --\n-- db/V2.1__a.sql --\n-- db/V02.1.0__b.sql --\n", "db",
			[]string{"db/B2__all.sql", "db/V02.1.0__b.sql", "db/V2.1__a.sql"},
			[]string{"warning: db/V2.1__a.sql: the version is that of V02.1.0__b.sql too, which Flyway refuses | give one of them another number"},
		},
		"Flyway, only undos": {"-- db/U1__a.sql --\n", "db", nil, []string{"db: the folder has no migrations that go up | what takes migrations back, such as U1__name.sql, is not part of the schema"}},
		"timestamps":         {"-- db/20240102000000_b.sql --\n-- db/20240101000000_a.sql --\n", "db", []string{"db/20240101000000_a.sql", "db/20240102000000_b.sql"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := folder(t, c.archive)
			_, files, diags := Load(root, []string{c.path})
			var got []string
			for _, f := range files {
				got = append(got, f.Name)
			}
			require.Equal(t, c.want, got)
			require.Equal(t, c.diags, messages(diags))
		})
	}
}

// Query files keep the order of their names, whatever they are called.
func TestFindKeepsNames(t *testing.T) {
	t.Parallel()
	root := folder(t, "-- db/10_b.up.sql --\n-- db/2_a.up.sql --\n-- db/seed.sql --\n")
	sources, diags := Find(root, []string{"db"})
	require.Empty(t, messages(diags))
	require.Len(t, sources, 3)
	require.Equal(t, "db/10_b.up.sql", sources[0].Name)
}

// A file that a tool leaves out runs where it is named itself.
func TestOrderNamedFile(t *testing.T) {
	t.Parallel()
	root := folder(t, "-- db/1_b.up.sql --\n-- db/seed.sql --\n")
	_, files, _ := Load(root, []string{"db", "db/seed.sql"})
	require.Len(t, files, 2)
	require.Equal(t, "db/seed.sql", files[1].Name)
}

func TestExpand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		archive        string
		scripts, diags []string
	}{
		"placeholders": {
			"-- db/V1__a.sql --\nselect '${A}', ${b}; -- ${c}\nselect ${flyway:USER}, '${flyway:filename}';\n-- flyway.conf --\n# flyway.placeholders.a=no\nflyway.placeholders.a = x\nflyway.placeholders.b=1\n",
			[]string{"select 'x', 1; select CURRENT_USER, 'V1__a.sql';"},
			nil,
		},
		"placeholders in TOML": {
			"-- db/V1__a.sql --\nselect '${a}', ${b};\n-- db/flyway.toml --\n[flyway.placeholders]\na = \"\"\"x\ny\"\"\"\nb = 1\n-- flyway.conf --\nflyway.placeholders.a=no\n",
			[]string{"select 'x y', 1;"},
			nil,
		},
		"placeholders are off": {"-- db/V1__a.sql --\nselect '${a}';\n-- flyway.conf --\nflyway.placeholderReplacement=false\n", []string{"select '${a}';"}, nil},
		"broken TOML":          {"-- db/V1__a.sql --\nselect '${a}';\n-- flyway.toml --\n[\n", []string{"select '${a}';"}, []string{"flyway.toml: toml: invalid character at start of key: U+000A | "}},
		"template": {
			"-- db/1_a.sql --\nselect '{{.x}}';\n{{template \"x/y.sql\" .}} -- {{/* a\ncomment */}}\nselect {{ .x}} ;\n---- create above / drop below ----\n{{.z}}\n-- db/x/y.sql --\nselect {{ .x }};\n-- db/tern.conf --\n[data]\nx = 1\n",
			[]string{"select '1';", "select 1;", "select 1;"},
			nil,
		},
		"template errors": {
			"-- db/1_a.sql --\nselect '{{.y}}';\n{{if .x}}\n{{template \"nope.sql\" .}}\n{{template \"1_a.sql\" .}}\nselect {{- .x }} ;\n-- db/tern.conf --\n",
			[]string{"select ''; select;"},
			[]string{
				"db/1_a.sql: the template's value y is not defined | define it under [data] in a tern.conf beside the migrations or the configuration",
				"db/1_a.sql: this part of a template is not understood | {{.name}} and, on a line of its own, {{template \"file.sql\" .}} are; for all else, name a dump of the schema instead",
				"db/1_a.sql: no such file or folder: db/nope.sql | the names of templates are relative to the folder of the migrations",
				"db/1_a.sql: the template takes in itself | ",
				"db/1_a.sql: this part of a template is not understood | {{.name}} and, on a line of its own, {{template \"file.sql\" .}} are; for all else, name a dump of the schema instead",
			},
		},
		"braces of others":  {"-- db/1_a.sql --\nselect '{{1,2},{3,4}}', '${x}';\n", []string{"select '{{1,2},{3,4}}', '${x}';"}, nil},
		"atlas delimiter":   {"-- db/1_a.sql --\n-- atlas:delimiter \\n\\n\\n\ncreate table a ()\n\n\ncreate table b ();\n\n\n", []string{"create table a (); create table b ();"}, nil},
		"atlas word":        {"-- db/1_a.sql --\n-- atlas:txmode none\n-- atlas:delimiter GO\ncreate table a ()\nGO\ncreate table b ()\nGO\n", []string{"create table a (); create table b ();"}, nil},
		"goose environment": {"-- db/1_a.sql --\n-- +goose Up\n-- +goose ENVSUB ON\nselect '${X}';\n-- +goose ENVSUB OFF\nselect '${Y}';\n", []string{"select '${X}'; select '${Y}';"}, []string{"db/1_a.sql: variables of the environment are not put in | generated code must not depend on the environment: name a dump of the schema instead"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scripts, _, diags := Load(folder(t, c.archive), []string{"db"})
			var got []string
			for _, s := range scripts {
				if s.SQL != "" {
					got = append(got, inShort(s.SQL))
				}
			}
			require.Equal(t, c.scripts, got)
			require.Equal(t, c.diags, messages(diags))
		})
	}
}

// Whatever is put in, and wherever from, lines stay what they are.
func TestExpandKeepsLines(t *testing.T) {
	t.Parallel()
	root := folder(t, "-- db/1_a.sql --\nselect 1;\n{{template \"x/y.sql\" .}}\n{{/* two\nlines */}} select here;\n-- db/x/y.sql --\n\nselect there;\n-- db/tern.conf --\n")
	scripts, _, diags := Load(root, []string{"db"})
	require.Empty(t, messages(diags))
	require.Len(t, scripts, 3)
	place := func(s *Script) *diag.Diagnostic {
		at, _ := s.Fault(0, 0)
		return s.File.Error(at.Start, "m", "")
	}
	there, here := place(scripts[1]), place(scripts[2])
	require.Equal(t, []any{"db/x/y.sql", 2}, []any{there.File, there.Line})
	require.Equal(t, []any{"db/1_a.sql", 4, " select here;"}, []any{here.File, here.Line, here.Source})
}

// All that a schema depends on is an input.
func TestInputs(t *testing.T) {
	t.Parallel()
	root := folder(t, "-- db/1_a.sql --\n{{template \"x/y.sql\" .}}\n-- db/x/y.sql --\n{{template \"x/z.sql\" .}}\n-- db/x/z.sql --\n-- db/x/unused.sql --\n-- tern.conf --\n-- fly/V1__a.sql --\n-- fly/flyway.toml --\n-- atlas/1.sql --\n-- atlas/atlas.sum --\n")
	sources, diags := Inputs(root, []string{"db", "fly", "atlas"})
	require.Empty(t, messages(diags))
	var got []string
	for _, s := range sources {
		got = append(got, s.Name)
	}
	require.ElementsMatch(t, []string{"db/1_a.sql", "db/x/y.sql", "db/x/z.sql", "tern.conf", "fly/V1__a.sql", "fly/flyway.toml", "atlas/1.sql", "atlas/atlas.sum"}, got)
}

// Settings above the configuration are none of its business.
func TestSettingsStayInside(t *testing.T) {
	t.Parallel()
	root := folder(t, "-- tern.conf --\n-- inner/db/1_a.sql --\n-- other/flyway.conf --\n")
	inner := filepath.Join(root, "inner")
	require.Empty(t, settingsFile(inner, filepath.Join(inner, "db"), ternSettings))
	require.Equal(t, filepath.Join(root, "other", "flyway.conf"), settingsFile(inner, filepath.Join(root, "other"), flywayFiles...))
	require.Empty(t, settingsFile(inner, root+"/other", ternSettings))
	_, err := os.Stat(filepath.Join(root, ternSettings))
	require.NoError(t, err)
}

func TestCreates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql, name string
		want      bool
	}{
		{"create table a ()", "a", true},
		{"create unlogged table if not exists A ()", "a", true},
		{`create table "A" ()`, "a", false},
		{`create table "the ""A""" ()`, `the "A"`, true},
		{"create table s.a ()", "a", true},
		{"create table s.a ()", "s.a", true},
		{"create table s.a ()", "t.a", false},
		{"create table a ()", "public.a", true},
		{"create or replace view a as select 1", "a", true},
		{"create materialized view a as select 1", "a", true},
		{"create type a as enum ()", "a", true},
		{"create schema if not exists a", "a", true},
		{"create index a on b (c)", "a", false},
		{"alter table a add b int", "a", false},
		{"create", "a", false},
	} {
		file := scriptsOf(c.sql)
		require.Equal(t, c.want, Creates(file[0].Statements[0], c.name), c.sql)
	}
	require.Equal(t, "uuid-ossp", Extension(scriptsOf(`create extension if not exists "uuid-ossp"`)[0].Statements[0]))
	require.Empty(t, Extension(scriptsOf("create table extension ()")[0].Statements[0]))
	at, offset := scriptsOf("")[0].Fault(0, 1)
	require.Nil(t, at)
	require.Equal(t, -1, offset)
}

func scriptsOf(sql string) []*Script {
	scripts, _, _ := Parse("s.sql", sql)
	return scripts
}

func TestDumpWithClean(t *testing.T) {
	t.Parallel()
	const clean = `drop table a; alter table b drop constraint c; create or replace view v as select null::int as a; DROP SCHEMA public; CREATE SCHEMA public; create table a (); drop table z; create schema "public" authorization bob; create schema public create table t ();`
	scripts, skipped, diags := parse(t, "--\n-- PostgreSQL database dump\n--\n\n"+clean)
	require.Empty(t, messages(diags))
	require.Equal(t, []string{`CREATE SCHEMA IF NOT EXISTS public; create table a (); drop table z; create schema "public" ; create schema public create table t ();`}, scripts)
	require.Equal(t, []string{"drop table a", "alter table b drop constraint c", "create or replace view v as select null::int as a", "DROP SCHEMA public"}, skipped)
	scripts, skipped, _ = parse(t, "drop table a; create schema public authorization bob")
	require.Equal(t, []string{"drop table a; create schema IF NOT EXISTS public ;"}, scripts)
	require.Empty(t, skipped)
}
