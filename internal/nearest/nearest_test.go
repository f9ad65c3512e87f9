package nearest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/nearest"
)

func TestName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		candidates []string
		want       string
	}{
		{"nme", []string{"id", "name"}, "name"},
		{"NAME", []string{"nick", "name"}, "name"},
		{"ab", []string{"ax", "ay"}, "ax"},
		{"createdat", []string{"updated_at", "created_at"}, "created_at"},
		{"created", []string{"updated_at", "created_at"}, ""},
		{"x", []string{"something"}, ""},
		{"x", nil, ""},
		{"", []string{"id", "name"}, "id"},
		{"größe", []string{"grösse", "breite"}, "grösse"},
	}
	for _, test := range tests {
		require.Equal(t, test.want, nearest.Name(test.name, test.candidates), test.name)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		word       string
		candidates []string
		limit      int
		want       string
	}{
		"a letter missing":      {"nme", []string{"id", "name"}, 2, "name"},
		"two swapped":           {"naem", []string{"id", "name"}, 1, "name"},
		"case":                  {"NAME", []string{"id", "name"}, 0, "name"},
		"too far":               {"created", []string{"id", "name"}, 2, ""},
		"first of several":      {"ab", []string{"ac", "aa"}, 1, "aa"},
		"none":                  {"ab", nil, 3, ""},
		"far too long to count": {strings.Repeat("a", 101), []string{strings.Repeat("a", 101)}, 5, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, nearest.Within(c.word, c.candidates, c.limit))
		})
	}
}
