package outline

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime/introspect"
)

var update = flag.Bool("update", false, "rewrite the expected files of testdata")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got, "run go test ./generator/internal/outline -update if the difference is meant")
}

// The same is shown of every version of PostgreSQL.
func TestShown(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("testdata/shown.sql")
	require.NoError(t, err)
	d := read(t, connect(t, pgtest.Schema(t, string(schema))), introspect.Options{})
	golden(t, "shown.txt", Text(d))
	golden(t, "shown.dot", Dot(d))
	golden(t, "shown.mmd", Mermaid(d))
}

// Diagrams of the oddest names can be read by the tools that draw them.
func TestDiagramsAreWellFormed(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/shown.sql", "testdata/nasty.sql"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			conn := connect(t, pgtest.New(t))
			if strings.Contains(file, "nasty") {
				run(t, conn, script(t, 13)[0])
			} else {
				schema, err := os.ReadFile(file)
				require.NoError(t, err)
				run(t, conn, string(schema))
			}
			all := read(t, conn, introspect.Options{})
			requireMermaid(t, Mermaid(all))
			requireDot(t, Dot(all))
			require.NotEmpty(t, relationships(all))
			for _, v := range all.Views {
				one := read(t, conn, introspect.Options{Schemas: []string{v.Schema}, Only: []string{v.Name}})
				requireMermaid(t, Mermaid(one))
				requireDot(t, Dot(one))
				require.Contains(t, Mermaid(one), "{")
			}
			require.NotContains(t, Text(all), "\n\n\n")
		})
	}
}

// The lines that the grammar of Mermaid's erDiagram has
// (packages/mermaid/src/diagrams/er/parser/erDiagram.jison).
var mermaidLines = func() []*regexp.Regexp {
	const entity = `(?:[A-Za-z_][\w-]*|"[^%\r\n\v"\\]+")`
	return []*regexp.Regexp{
		regexp.MustCompile(`^    ` + entity + ` \{$`),
		regexp.MustCompile(`^        [A-Za-z_][\w\[\]()-]* [A-Za-z_]\w*( (PK|FK|UK)(,(PK|FK|UK))*)?( "[^"]*")?$`),
		regexp.MustCompile(`^    \}$`),
		regexp.MustCompile(`^    ` + entity + ` [}|]o--[|o]\| ` + entity + ` : "[^"]*"$`),
	}
}()

func requireMermaid(t *testing.T, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	require.Equal(t, "erDiagram", lines[0])
	for _, line := range lines[1:] {
		matched := false
		for _, re := range mermaidLines {
			matched = matched || re.MatchString(line)
		}
		require.True(t, matched, "%q", line)
	}
}

var (
	dotEdge  = regexp.MustCompile(`^  ("(?:[^"\\]|\\.)*"):([lr]\d+) -> ("(?:[^"\\]|\\.)*"):([lr]\d+) \[arrowtail=\w+, arrowhead=\w+, tooltip="(?:[^"\\]|\\.)*"\];$`)
	dotEntry = regexp.MustCompile(`(?s)  ("(?:[^"\\]|\\.)*") \[label=<\n(.*?)>\];\n`)
)

// requireDot reads the labels as XML, which Graphviz does too, and looks for the
// ports that edges name.
func requireDot(t *testing.T, text string) {
	t.Helper()
	labels := map[string]string{}
	for _, m := range dotEntry.FindAllStringSubmatch(text, -1) {
		labels[m[1]] = m[2]
		decoder := xml.NewDecoder(strings.NewReader(m[2]))
		for {
			_, err := decoder.Token()
			if err == io.EOF {
				break
			}
			require.NoError(t, err, m[2])
		}
	}
	require.Equal(t, strings.Count(text, "[label=<"), len(labels))
	for line := range strings.Lines(text) {
		if !strings.Contains(line, " -> ") || !strings.HasPrefix(line, `  "`) {
			continue
		}
		m := dotEdge.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		require.NotNil(t, m, line)
		require.Contains(t, labels[m[1]], `port="`+m[2]+`"`)
		require.Contains(t, labels[m[3]], `port="`+m[4]+`"`)
	}
	require.True(t, strings.HasPrefix(text, "digraph database {\n") && strings.HasSuffix(text, "\n}\n"))
}

func TestAbbreviated(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"timestamp with time zone":         "timestamptz",
		"timestamp(3) with time zone":      "timestamptz(3)",
		"timestamp(3) with time zone[]":    "timestamptz(3)[]",
		"timestamp(0) without time zone[]": "timestamp(0)[]",
		"time with time zone":              "timetz",
		"time(2) without time zone":        "time(2)",
		"character varying(5)[]":           "varchar(5)[]",
		"public.mood":                      "mood",
		`"Odd public.".x`:                  `"Odd public.".x`,
		"not_public.mood":                  "not_public.mood",
	} {
		require.Equal(t, want, abbreviated(in))
	}
}
