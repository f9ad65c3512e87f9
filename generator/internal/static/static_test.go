package static_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqlcplugin"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/generator/internal/static"
)

var update = flag.Bool("update", false, "rewrite what the cases want")

// The cases of testdata are schema and queries of ours, the request that sqlc
// 1.31.1 made of the schema (without PostgreSQL's own tables; bench/engine
// records it), and what is wanted.
func TestCases(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"doubt", "shop", "unknown"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := printed(analysed(t, filepath.Join("testdata", name)))
			want := filepath.Join("testdata", name, "want.txt")
			if *update {
				require.NoError(t, os.WriteFile(want, []byte(got), 0o644))
			}
			text, err := os.ReadFile(want)
			require.NoError(t, err)
			require.Equal(t, string(text), got)
		})
	}
}

func analysed(t *testing.T, dir string) *analysis.Result {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "request.json"))
	require.NoError(t, err)
	request, err := sqlcplugin.Parse(text)
	require.NoError(t, err)
	scripts, _, diags := schema.Load(dir, []string{"schema.sql"})
	require.False(t, diags.HasErrors(), diags.Format())
	text, err = os.ReadFile(filepath.Join(dir, "queries.sql"))
	require.NoError(t, err)
	return static.Analyse(&static.Said{Request: request}, scripts, queries(t, string(text)))
}

func queries(t *testing.T, text string) []*analysis.Query {
	t.Helper()
	file, diags := sqltext.Split("queries.sql", text)
	require.False(t, diags.HasErrors(), diags.Format())
	all, diags := analysis.Queries([]*sqltext.File{file})
	require.False(t, diags.HasErrors(), diags.Format())
	return all
}

// printed is a result as a text to compare.
func printed(r *analysis.Result) string {
	var b strings.Builder
	for _, table := range r.Package.Tables {
		fmt.Fprintf(&b, "table %s.%s\n", table.Schema, table.Name)
		for _, c := range table.Columns {
			b.WriteString(column(c))
		}
	}
	for _, typ := range r.Package.Types {
		if typ.RowOf != nil || typ.Schema == "information_schema" || typ.Builtin {
			continue
		}
		fmt.Fprintf(&b, "type %s %v", typ.Display, typ.Labels)
		for _, f := range typ.Fields {
			fmt.Fprintf(&b, " %s:%s", f.Name, f.Type.Display)
		}
		if typ.Element != nil {
			fmt.Fprintf(&b, " of %s", typ.Element.Display)
		}
		b.WriteString("\n")
	}
	for _, q := range r.Package.Queries {
		fmt.Fprintf(&b, "query %s %s\n  %s\n", q.Name, q.Command, strings.ReplaceAll(q.SQL, "\n", "\n  "))
		for _, p := range q.Params {
			fmt.Fprintf(&b, "  $%d %s %s%s: %s\n", p.Number, p.Name, p.Type.Display, null(p.Nullable), p.Why)
		}
		for _, c := range q.Columns {
			b.WriteString(column(c))
		}
	}
	b.WriteString(r.Diagnostics.Format())
	return b.String()
}

func column(c *model.Column) string {
	var more []string
	if c.Domain != nil {
		more = append(more, "domain "+c.Domain.Display)
	}
	if c.Dimensions > 1 {
		more = append(more, fmt.Sprintf("%d dimensions", c.Dimensions))
	}
	if c.ElementNullable {
		more = append(more, "elements null")
	}
	if c.Embed != nil {
		more = append(more, "embed "+c.Embed.Name+null(c.Embed.Nullable))
	}
	if c.Source != nil {
		more = append(more, "from "+c.Source.Table+"."+c.Source.Column)
	}
	return fmt.Sprintf("  %s %s%s: %s%s\n", c.Name, c.Type.Display, null(c.Nullable), c.Why, cmp.Or(strings.Join(slices.Insert(more, 0, ""), "; "), ""))
}

func null(nullable bool) string {
	if nullable {
		return " null"
	}
	return ""
}

// The reason for a verdict is the same in each run, whichever table is one.
func TestTheSameEachTime(t *testing.T) {
	t.Parallel()
	const ddl = `CREATE TABLE p (id int, a int, b int);
CREATE TABLE c1 (a int NOT NULL) INHERITS (p);
CREATE TABLE c2 (b int NOT NULL) INHERITS (p);
CREATE TABLE c3 (a int NOT NULL, b int NOT NULL) INHERITS (p);
CREATE TABLE q (id int NOT NULL);
CREATE TABLE q1 () INHERITS (q);
CREATE TABLE q2 () INHERITS (q);
CREATE TABLE q3 () INHERITS (q);
ALTER TABLE q1 ALTER id DROP NOT NULL;
ALTER TABLE q2 ALTER id DROP NOT NULL;
ALTER TABLE q3 ALTER id DROP NOT NULL;
`
	column := func(name string, notNull bool) *sqlcplugin.Column {
		return &sqlcplugin.Column{Name: name, NotNull: notNull, Type: sqlcplugin.Identifier{Schema: "pg_catalog", Name: "int4"}}
	}
	tables := []*sqlcplugin.Table{{Rel: sqlcplugin.Identifier{Name: "q"}, Columns: []*sqlcplugin.Column{column("id", true)}}}
	for _, name := range []string{"q1", "q2", "q3"} {
		tables = append(tables, &sqlcplugin.Table{Rel: sqlcplugin.Identifier{Name: name}, Columns: []*sqlcplugin.Column{column("id", false)}})
	}
	for _, name := range []string{"p", "c1", "c2", "c3"} {
		tables = append(tables, &sqlcplugin.Table{
			Rel: sqlcplugin.Identifier{Name: name}, Columns: []*sqlcplugin.Column{column("id", false), column("a", true), column("b", true)},
		})
	}
	request := &sqlcplugin.Request{Catalog: sqlcplugin.Catalog{DefaultSchema: "public", Schemas: []*sqlcplugin.Schema{{Name: "public", Tables: tables}}}}
	scripts, _, diags := schema.Parse("schema.sql", ddl)
	require.False(t, diags.HasErrors(), diags.Format())
	list := queries(t, "-- name: P :many\nSELECT a, b FROM p;\n-- name: Q :many\nSELECT id FROM q;\n")
	want := printed(static.Analyse(&static.Said{Request: request}, scripts, list))
	require.Contains(t, want, "sqlc takes what holds for c3 to hold for what it inherits from")
	require.Contains(t, want, "the child q1 may hold NULL")
	for range 50 {
		require.Equal(t, want, printed(static.Analyse(&static.Said{Request: request}, scripts, list)))
	}
}
