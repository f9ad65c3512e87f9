package nullability

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testCase is a statement of testdata/cases.txt, which describes the format.
type testCase struct {
	name    string
	version int
	sql     string
	columns string
	params  string
}

var caseHeader = regexp.MustCompile(`^-- (.*?)(?: \[(\d+)\])?$`)

func readCases(t testing.TB) []testCase {
	t.Helper()
	text, err := os.ReadFile("testdata/cases.txt")
	require.NoError(t, err)
	var cases []testCase
	for _, line := range strings.Split(string(text), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "-- "):
			m := caseHeader.FindStringSubmatch(line)
			c := testCase{name: m[1]}
			if m[2] != "" {
				c.version, err = strconv.Atoi(m[2])
				require.NoError(t, err)
			}
			cases = append(cases, c)
		case line[0] == '>':
			cases[len(cases)-1].columns = strings.TrimSpace(line[1:])
		case line[0] == '$':
			cases[len(cases)-1].params = strings.TrimSpace(line[1:])
		default:
			c := &cases[len(cases)-1]
			c.sql = strings.TrimSpace(c.sql + " " + line)
		}
	}
	return cases
}

// verdicts are the columns and parameters of a result as a case writes them.
func verdicts(r *Result) (columns, params string) {
	var cs, ps []string
	for _, c := range r.Columns {
		s := "R"
		if c.Nullable {
			s = "N"
		}
		if c.ElementNullable {
			s += "*"
		}
		if c.If != nil {
			s += "/R"
			if c.If.Nullable {
				s = s[:len(s)-1] + "N"
			}
			if c.If.ElementNullable {
				s += "*"
			}
			for _, n := range c.If.Params {
				s += "$" + strconv.Itoa(n)
			}
		}
		cs = append(cs, s)
	}
	for _, p := range r.Params {
		s := p.Name
		if p.Nullable {
			s += "?"
		}
		ps = append(ps, s)
	}
	return strings.Join(cs, " "), strings.Join(ps, " ")
}

func TestCases(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("testdata/schema.sql")
	require.NoError(t, err)
	d := open(t, string(schema))
	w := newWitness(t, d)
	for _, c := range readCases(t) {
		if d.catalog.ServerVersion/10000 < c.version {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			in, description, err := d.input(t, c.sql)
			require.NoError(t, err, c.sql)
			r := d.analyzer.Analyze(in)
			columns, params := verdicts(r)
			require.Empty(t, r.Fallback)
			// Stars that a case does not write are not asked for.
			if !strings.Contains(c.columns, "*") {
				columns = strings.ReplaceAll(columns, "*", "")
			}
			require.Equal(t, c.columns, columns, "%s\n%s", c.sql, reasons(r))
			require.Equal(t, c.params, params, c.sql)
			for _, column := range r.Columns {
				require.NotEmpty(t, column.Why)
			}
			for _, p := range r.Params {
				require.NotEmpty(t, p.Why)
			}
			w.check(t, c.sql, description, r)
		})
	}
	w.report(t)
}
