package nearest_test

import (
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
