package diag_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/diag"
)

func TestPosition(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text         string
		offset       int
		line, column int
		source       string
	}{
		"start":            {"abc", 0, 1, 1, "abc"},
		"empty":            {"", 0, 1, 1, ""},
		"second line":      {"a\nbc\n", 3, 2, 2, "bc"},
		"windows line end": {"a\r\nbc\r\n", 4, 2, 2, "bc"},
		"old line end":     {"a\rbc", 3, 2, 2, "bc"},
		"characters":       {"größe x", 8, 1, 7, "größe x"},
		"behind the end":   {"ab", 9, 1, 3, "ab"},
		"before the start": {"ab", -1, 1, 1, "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line, column, source := diag.Position(c.text, c.offset)
			require.Equal(t, []any{c.line, c.column, c.source}, []any{line, column, source})
		})
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	var l diag.List
	l.Add(
		diag.At("b.sql", "SELECT\n\tnme", 8, "no nme", "did you mean name?\nor not?"),
		&diag.Diagnostic{Severity: diag.Warning, File: "a.sql", Message: "odd"},
		diag.At("b.sql", "SELECT\n\tnme", 8, "no nme", "did you mean name?\nor not?"),
		nil,
		&diag.Diagnostic{Message: "nowhere"},
	)
	require.True(t, l.HasErrors())
	require.Equal(t, "nowhere\na.sql: warning: odd\nb.sql:2:2: no nme\n    2 | \tnme\n      | \t^\n  hint: did you mean name?\n        or not?\n", l.Format())
	require.EqualError(t, l.Sorted()[2], "b.sql:2:2: no nme")

	var warnings diag.List
	warnings.Add(&diag.Diagnostic{Severity: diag.Warning, Message: "x"})
	require.False(t, warnings.HasErrors())
	var joined diag.List
	joined.Join(l)
	require.Len(t, joined.Sorted(), 3)
}

// A long line is cut around the caret, and what a terminal would obey is not shown.
func TestFormatOfAwkwardLines(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 500) + "X" + strings.Repeat("b", 500)
	var l diag.List
	l.Add(diag.At("a.sql", long, 500, "here", ""))
	lines := strings.Split(l.Format(), "\n")
	require.Less(t, len([]rune(lines[1])), 180)
	require.Equal(t, "X", string([]rune(lines[1])[strings.Index(lines[2], "^")]))

	l = diag.List{}
	l.Add(diag.At("a.sql", "\x1b[31mred\x00", 5, "here", ""))
	require.NotContains(t, l.Format(), "\x1b")
	require.NotContains(t, l.Format(), "\x00")
}
