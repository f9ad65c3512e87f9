// Package rooms holds the test that packages import only what ARCHITECTURE.md
// lets them.
package rooms

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/pgwright/pgwright/"

// allowed lists, for each room, the rooms of ours and the modules that it may
// import, besides the standard library. A room that is not here fails the test.
var allowed = map[string][]string{
	"cmd/pgwright":                   {"generator", "internal/server", "internal/nearest", "internal/progress", "runtime", "runtime/profile", "templates", "github.com/jackc/pgx/v5", "github.com/spf13/cobra", "golang.org/x/term"},
	"generator":                      {"generator/internal/...", "internal/cel", "internal/cel/sqlc", "internal/nearest", "internal/server", "runtime/profile", "runtime/catalog", "runtime/introspect", "github.com/jackc/pgx/v5"},
	"generator/internal/golang":      {"generator/internal/model", "generator/internal/diag", "templates", "github.com/dave/jennifer", "github.com/jinzhu/inflection"},
	"generator/internal/tables":      {"generator/internal/diag", "templates", "runtime/catalog"},
	"generator/internal/outline":     {"generator/internal/sqltext", "runtime/introspect"},
	"generator/internal/advice":      {"generator/internal/sqltext", "internal/nearest", "runtime/catalog"},
	"generator/internal/analysis":    {"generator/internal/advice", "generator/internal/nullability", "generator/internal/nodetree", "generator/internal/sqltext", "generator/internal/model", "generator/internal/diag", "runtime/catalog", "github.com/jackc/pgx/v5"},
	"generator/internal/vet":         {"generator/internal/nullability", "generator/internal/nodetree", "generator/internal/sqltext", "generator/internal/diag", "runtime/catalog"},
	"generator/internal/static":      {"generator/internal/analysis", "generator/internal/diag", "generator/internal/model", "generator/internal/nullability", "generator/internal/schema", "generator/internal/sqlc", "generator/internal/sqlcplugin", "generator/internal/sqltext", "internal/nearest", "runtime/catalog"},
	"generator/internal/sqlcplugin":  {},
	"generator/internal/nullability": {"generator/internal/nodetree", "runtime/catalog"},
	"generator/internal/nodetree":    {},
	"generator/internal/goapi":       {},
	"generator/internal/sqlc":        {},
	"generator/internal/lock":        {"generator/internal/model"},
	"generator/internal/diff":        {},
	"generator/internal/schema":      {"generator/internal/sqltext", "generator/internal/diag", "github.com/pelletier/go-toml/v2"},
	"generator/internal/sqltext":     {"generator/internal/diag", "internal/nearest", "github.com/sqlc-dev/oliphant"},
	"generator/internal/config":      {"generator/internal/diag", "internal/nearest", "github.com/goccy/go-yaml"},
	"generator/internal/model":       {},
	"generator/internal/diag":        {"internal/nearest"},
	"templates":                      {},
	"internal/server":                {"internal/progress", "github.com/jackc/pgx/v5"},
	"internal/progress":              {},
	"internal/apptest":               nil,
	"internal/pgtest":                {"internal/server", "github.com/jackc/pgx/v5", "github.com/stretchr/testify"},
	"internal/pgtest/fetchpg":        {"internal/server"},
	"internal/rooms":                 {},
	"internal/cel":                   {"internal/nearest"},
	"internal/cel/sqlc":              {"internal/cel"},
	"internal/nearest":               {},
	"internal/txtar":                 {},
	"runtime":                        {"runtime/profile", "runtime/internal/structs", "github.com/jackc/pgx/v5"},
	"runtime/internal/structs":       {"internal/nearest", "github.com/jackc/pgx/v5"},
	"runtime/profile":                {"internal/nearest", "github.com/pelletier/go-toml/v2"},
	"runtime/catalog":                {"github.com/jackc/pgx/v5"},
	"runtime/introspect":             {"github.com/jackc/pgx/v5"},
}

// onlyIn names the rooms that alone may use a module.
var onlyIn = map[string][]string{
	"github.com/dave/jennifer":     {"generator/internal/golang"},
	"github.com/sqlc-dev/oliphant": {"generator/internal/sqltext"},
	"github.com/goccy/go-yaml":     {"generator/internal/config"},
	"github.com/spf13/cobra":       {"cmd/pgwright"},
	"reflect":                      {"runtime/internal/structs"},
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	rooms := 0
	for decoder.More() {
		var p struct {
			ImportPath string
			Imports    []string
		}
		require.NoError(t, decoder.Decode(&p))
		room := strings.TrimPrefix(p.ImportPath, module)
		rooms++
		if strings.HasPrefix(room, "examples/") {
			// Examples are applications: they may use what applications may.
			for _, i := range p.Imports {
				require.False(t, strings.HasPrefix(i, module+"generator") || strings.HasPrefix(i, module+"internal"), "%s imports %s", room, i)
			}
			continue
		}
		rules, known := allowed[room]
		require.True(t, known, "%s is a room that ARCHITECTURE.md and this test do not know", room)
		for _, i := range p.Imports {
			for module, only := range onlyIn {
				if i == module || strings.HasPrefix(i, module+"/") {
					require.Contains(t, only, room, "%s imports %s", room, i)
				}
			}
			if first, _, _ := strings.Cut(i, "/"); !strings.Contains(first, ".") {
				continue
			}
			require.True(t, slices.ContainsFunc(rules, func(rule string) bool { return permits(rule, i) }), "%s imports %s", room, i)
		}
	}
	require.Greater(t, rooms, 10)
}

func permits(rule, path string) bool {
	path = strings.TrimPrefix(path, module)
	if prefix, ok := strings.CutSuffix(rule, "/..."); ok {
		return strings.HasPrefix(path, prefix+"/")
	}
	// A rule with a dot names a module and all its packages.
	return path == rule || strings.Contains(rule, ".") && strings.HasPrefix(path, rule+"/")
}
