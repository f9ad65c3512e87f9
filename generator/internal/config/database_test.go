package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/config"
)

func TestDatabaseURI(t *testing.T) {
	t.Parallel()
	env := func(name string) string {
		return map[string]string{"USER": "ada", "PG_PASSWORD": "p$USER@", "a1": "x"}[name]
	}
	for name, tt := range map[string]struct{ uri, want, err string }{
		"plain":             {uri: "postgres://localhost/db", want: "postgres://localhost/db"},
		"braces":            {uri: "postgres://${USER}@h/db", want: "postgres://ada@h/db"},
		"no braces":         {uri: "postgres://$USER@h/$a1/", want: "postgres://ada@h/x/"},
		"once only":         {uri: "postgres://u:${PG_PASSWORD}@h", want: "postgres://u:p$USER@@h"},
		"whole":             {uri: "${a1}", want: "x"},
		"dollar alone":      {uri: "postgres://u:a$@h/$1$$", want: "postgres://u:a$@h/$1$$"},
		"missing":           {uri: "postgres://${HOST}/$OTHER", err: "database.uri needs the environment variable HOST, which is not set"},
		"unclosed":          {uri: "postgres://${HOST/", err: "database.uri has ${ without }"},
		"empty braces":      {uri: "postgres://${}/", err: "database.uri has ${ without }"},
		"name with a digit": {uri: "$a1b", err: "a1b, which is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, _ := parse(t, strings.ReplaceAll(minimal, "schema: s.sql", "database: {uri: '"+tt.uri+"'}"))
			p := cfg.Packages[0]
			require.Empty(t, p.Schema, "a database stands in for schema files")
			got, d := cfg.DatabaseURI(p, env)
			require.Equal(t, tt.want, got)
			if tt.err == "" {
				require.Nil(t, d)
				return
			}
			require.Contains(t, d.Error(), "project/sqlc.yaml:3:19: ")
			require.Contains(t, d.Error(), tt.err)
		})
	}

	cfg, _ := parse(t, minimal)
	got, d := cfg.DatabaseURI(cfg.Packages[0], env)
	require.Nil(t, d)
	require.Empty(t, got)
}

// TestDatabaseHidesPassword prints a database in every way that logs do.
func TestDatabaseHidesPassword(t *testing.T) {
	t.Parallel()
	d := &config.Database{URI: "postgres://me:hunter2@h/db"}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(format, d), "hunter2")
		require.NotContains(t, fmt.Sprintf(format, *d), "hunter2")
	}
}
