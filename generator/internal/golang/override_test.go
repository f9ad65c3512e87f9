package golang

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, pattern, text string
		want                bool
	}{
		{"plain", "users", "users", true},
		{"other", "users", "user", false},
		{"longer", "user", "users", false},
		{"empty", "", "", true},
		{"star of nothing", "*", "", true},
		{"star of all", "*", "a/b.c", true},
		{"star in front", "*_id", "user_id", true},
		{"star in front and a false start", "*_id", "user_id_id", true},
		{"star behind", "user*", "user", true},
		{"stars", "*a*b*", "xaxbx", true},
		{"stars in another order", "*a*b*", "xbxax", false},
		{"one character", "?", "é", true},
		{"one character of none", "?", "", false},
		{"one character of two", "?", "ab", false},
		{"brackets are brackets", "a[b]", "a[b]", true},
		{"brackets are no class", "a[b]", "ab", false},
		{"open bracket", "a[", "a[", true},
		{"escaped star", `a\*`, "a*", true},
		{"escaped star is no star", `a\*`, "ab", false},
		{"escaped question mark", `a\?`, "a?", true},
		{"escaped question mark is none", `a\?`, "ab", false},
		{"escaped backslash", `a\\b`, `a\b`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, glob(c.pattern, c.text))
		})
	}
}

// Many stars do not take exponential time.
func TestGlobIsFast(t *testing.T) {
	t.Parallel()
	start := time.Now()
	require.False(t, glob(strings.Repeat("a*", 100)+"b", strings.Repeat("a", 1000)))
	require.Less(t, time.Since(start), 5*time.Second)
}

func TestParseTag(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[string]string{"a": "b", "c": `d "e" f`, "g": ""}, parseTag(`a:"b"  c:"d \"e\" f" g:""`))
}
