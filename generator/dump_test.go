package generator_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/internal/server"
)

// dumps are the ways in which people have their schema dumped, and the files
// that pg_dump 15 wrote so.
var dumps = map[string][]string{
	"all":             nil,
	"schema_only":     {"--schema-only"},
	"no_owner":        {"--schema-only", "--no-owner", "--no-privileges"},
	"create":          {"--create"},
	"clean":           {"--clean"},
	"clean_if_exists": {"--clean", "--if-exists"},
	"clean_create":    {"--clean", "--if-exists", "--create"},
	"inserts":         {"--inserts", "--rows-per-insert=2", "--quote-all-identifiers"},
}

// dumpSource makes a server with roles of its own that has the database to
// dump.
func dumpSource(t *testing.T) *server.Server {
	ctx := context.Background()
	s, err := server.Start(ctx, server.Options{BinDir: os.Getenv(pgtest.BinEnv), ScratchDir: server.MemoryDir()}, "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	source, err := os.ReadFile("testdata/pgdump/source.sql")
	require.NoError(t, err)
	conn := connect(t, s.URL("postgres"), execModes[0])
	_, err = conn.Exec(ctx, "CREATE DATABASE shop")
	require.NoError(t, err)
	conn = connect(t, s.URL("shop"), execModes[0])
	_, err = conn.PgConn().Exec(ctx, string(source)).ReadAll()
	require.NoError(t, err)
	return s
}

// pgDump is the program beside a server's own, or empty where a distribution
// leaves it out.
func pgDump(t *testing.T, s *server.Server) string {
	name := "pg_dump"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(s.Binaries().Dir, name)
	if _, err := os.Stat(path); err != nil {
		require.ErrorIs(t, err, fs.ErrNotExist)
		return ""
	}
	return path
}

// A dump gives the same code as any other of the same database: those that
// pg_dump 15 made once, which have to load everywhere, and those that the
// server's own makes now.
func TestDumps(t *testing.T) {
	t.Parallel()
	source := dumpSource(t)
	program := pgDump(t, source)
	queries, err := os.ReadFile("testdata/pgdump/queries.sql")
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/pgdump/queries.sql.go.txt")
	require.NoError(t, err)
	for name, arguments := range dumps {
		t.Run(name, func(t *testing.T) {
			stored := filepath.Join("testdata/pgdump", name+".sql")
			texts := map[string][]byte{}
			if program != "" {
				var stderr bytes.Buffer
				at, err := pgx.ParseConfig(source.URL("shop"))
				require.NoError(t, err)
				cmd := exec.Command(program, append(arguments, "shop")...)
				// An old libpq does not know all that the URL may say.
				cmd.Env = append(os.Environ(), "PGHOST="+at.Host, fmt.Sprint("PGPORT=", at.Port), "PGUSER="+at.User, "PGPASSWORD="+at.Password)
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				require.NoError(t, err, stderr.String())
				texts["made now"] = out
				if *update {
					require.NoError(t, os.WriteFile(stored, out, 0o644))
				}
			}
			old, err := os.ReadFile(stored)
			require.NoError(t, err)
			texts["stored"] = old
			for which, text := range texts {
				got := generateFrom(t, which, string(text), string(queries))
				if *update {
					want = []byte(got)
					require.NoError(t, os.WriteFile("testdata/pgdump/queries.sql.go.txt", want, 0o644))
				}
				require.Equal(t, string(want), got, which)
			}
		})
	}
}

// generateFrom gives the code of queries on a dump.
func generateFrom(t *testing.T, which, dump, queries string) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"schema.sql":  dump,
		"queries.sql": queries,
		"sqlc.yaml": strings.Join([]string{
			`version: "2"`, "sql:", "  - engine: postgresql", "    schema: schema.sql", "    queries: queries.sql",
			"    codegen: [{plugin: pgwright, out: want, options: {package: want}}]", "",
		}, "\n"),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	res, err := generator.Generate(context.Background(), generator.Options{
		ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv), Fresh: true,
	})
	require.NoError(t, err)
	require.Empty(t, res.Report(), which)
	for _, f := range res.Files {
		if strings.HasSuffix(f.Path, "queries.sql.go") {
			return string(f.Content)
		}
	}
	require.NoError(t, errors.New("no code"))
	return ""
}
