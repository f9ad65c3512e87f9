package golang

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// The go command has to take every file as part of the package.
func TestFileName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ base, suffix, want string }{
		{"users.sql", "", "users.sql.go"},
		{"users.sql", "_gen", "users.sql_gen.go"},
		{"users.sql", "_gen.go", "users.sql_gen.go"},
		{"users.sql", "_test", "users.sql_test_.go"},
		{"x_windows.sql", "", "x_windows_.sql.go"},
		{"x_linux_amd64.sql", "", "x_linux_amd64_.sql.go"},
		{"x_test.v2.sql", "", "x_test_.v2.sql.go"},
		{"linux.sql", "", "linux.sql.go"},
		{"_under.sql", "", "x_under.sql.go"},
		{".hidden.sql", "", "x.hidden.sql.go"},
		{"with space.sql", "", "with space.sql.go"},
		{"ünï.sql", "", "ünï.sql.go"},
	} {
		t.Run(c.base+c.suffix, func(t *testing.T) {
			t.Parallel()
			g := newGenerator(&model.Package{}, Options{FilesSuffix: c.suffix})
			require.Equal(t, c.want, g.fileName(c.base))
		})
	}
}

func TestConfiguredFileNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options Options
		want    []string
		err     string
	}{
		{"none", Options{}, []string{"a.sql.go", "db.go", "querier.go"}, ""},
		{"with and without ending", Options{DBFile: "conn", QuerierFile: "iface.go"}, []string{"a.sql.go", "conn.go", "iface.go"}, ""},
		{"in folders", Options{SQLCNames: true, Folder: "out/db", ModelsFile: "rows"}, []string{"out/db/a.sql.go", "out/db/db.go", "out/db/querier.go", "out/db/rows.go"}, ""},
		{"models of their own", Options{SQLCNames: true, Folder: "out/db", Models: &Models{Name: "m", Import: "example.com/m", Folder: "m"}}, []string{"m/models.go", "out/db/a.sql.go", "out/db/db.go", "out/db/querier.go"}, ""},
		{"models elsewhere", Options{SQLCNames: true, Folder: "db", Models: &Models{Name: "m", Import: "example.com/m", Elsewhere: true}}, []string{"db/a.sql.go", "db/db.go", "db/querier.go"}, ""},
		{"that of a query file", Options{DBFile: "a.sql.go"}, nil, "two generated files are called a.sql.go"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.options.Package, c.options.Interface = "p", true
			pkg := &model.Package{Queries: []*model.Query{{Name: "A", Command: model.Exec, File: "a.sql", SQL: "SELECT 1"}}}
			files, diags := Generate(pkg, c.options, nil)
			var names []string
			for _, f := range files {
				names = append(names, f.Name)
			}
			require.Equal(t, c.want, names)
			require.Equal(t, c.err != "", diags.HasErrors())
			if c.err != "" {
				require.Contains(t, diags.Format(), c.err)
			}
		})
	}
}
