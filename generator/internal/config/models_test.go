package config_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/config"
)

// Where the files of a package go, by the options of its block.
func TestLayout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, options string
		out, file     string
		models        *config.Models
	}{
		{"nothing", "", "internal/", "", nil},
		{"a name with the folder that it is in", "output_models_file_name: ./rows.go", "internal/", "rows.go", nil},
		{
			"sqlc's options", "output_models_path: ./app/entities/\noutput_models_import: example.com/app/entities", "internal/", "",
			&config.Models{Folder: "app/entities", Name: "entities", Import: "example.com/app/entities"},
		},
		{
			"with a name", "output_models_path: app/v2\noutput_models_package: rows\noutput_models_import: example.com/app/v2\noutput_models_file_name: r.go", "internal/", "r.go",
			&config.Models{Folder: "app/v2", Name: "rows", Import: "example.com/app/v2"},
		},
		{
			"above", "output_models_path: ../entities\noutput_models_import: example.com/entities\noutput_models_emit: true", "internal/", "",
			&config.Models{Folder: "../entities", Name: "entities", Import: "example.com/entities"},
		},
		{
			"elsewhere", "output_models_emit: false\noutput_models_import: example.com/rows", "internal/", "",
			&config.Models{Name: "rows", Import: "example.com/rows", Elsewhere: true},
		},
		{
			"elsewhere with a folder", "output_models_emit: false\noutput_models_path: entities\noutput_models_import: example.com/go-rows", "internal/", "",
			&config.Models{Name: "entities", Import: "example.com/go-rows", Elsewhere: true},
		},
		{
			"the fork's options", "output_query_files_directory: db/repo/\noutput_db_file_name: db/repo/db.go\noutput_models_file_name: entities/models.go\n" +
				"output_models_package: rows\nmodels_package_import_path: example.com/internal/entities", "internal/db/repo", "models.go",
			&config.Models{Folder: "internal/entities", Name: "rows", Import: "example.com/internal/entities"},
		},
		{
			"the fork's without a name", "output_models_file_name: entities/models.go\nmodels_package_import_path: example.com/internal/entities", "internal/", "models.go",
			&config.Models{Folder: "internal/entities", Name: "db", Import: "example.com/internal/entities"},
		},
		{
			"the fork's above the queries", "output_query_files_directory: repo\noutput_models_package: rows\nmodels_package_import_path: example.com/internal", "internal/repo", "",
			&config.Models{Folder: "internal", Name: "rows", Import: "example.com/internal"},
		},
		{"the queries alone", "output_query_files_directory: repo", "internal/repo", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg, list := parse(t, strings.Replace(minimal, "out: db\n", "out: internal/\n      package: db\n      "+strings.ReplaceAll(c.options, "\n", "\n      ")+"\n", 1))
			require.False(t, list.HasErrors(), list.Format())
			p := cfg.Packages[0]
			require.Equal(t, c.out, p.Out)
			require.Equal(t, "db", p.Name)
			require.Equal(t, c.file, p.Options.OutputModelsFileName)
			if c.models == nil {
				require.Nil(t, p.Models)
				return
			}
			require.Equal(t, *c.models, config.Models{Folder: p.Models.Folder, Name: p.Models.Name, Import: p.Models.Import, Elsewhere: p.Models.Elsewhere})
			text, err := cfg.ForSQLC(p, "..", "out", nil)
			require.NoError(t, err)
			for _, key := range []string{"output_models_path", "output_models_package", "import", "output_models_emit", "directory"} {
				require.NotContains(t, string(text), key)
			}
			require.NotContains(t, string(text), "entities")
		})
	}
}
