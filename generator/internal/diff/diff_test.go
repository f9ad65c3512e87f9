package diff_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/diff"
)

// numbers are the lines first to last.
func numbers(first, last int) string {
	var b strings.Builder
	for i := first; i <= last; i++ {
		fmt.Fprintln(&b, i)
	}
	return b.String()
}

func TestUnified(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, now, want string }{
		{"nothing", "a\n", "a\n", ""},
		{"both empty", "", "", ""},
		{"all new", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"},
		{"all gone", "a\n", "", "@@ -1 +0,0 @@\n-a\n"},
		{"all other", "a\nb\n", "c\n", "@@ -1,2 +1 @@\n-a\n-b\n+c\n"},
		{"no newline", "a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
		{"neither has a newline", "a\nb", "c\nb", "@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n"},
		{
			"context", numbers(1, 20), numbers(1, 9) + "ten\n" + numbers(11, 20),
			"@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n",
		},
		{
			"six lines between", numbers(1, 8), "one\n" + numbers(2, 7) + "eight\n",
			"@@ -1,8 +1,8 @@\n-1\n+one\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+eight\n",
		},
		{
			"seven lines between", numbers(1, 9), "one\n" + numbers(2, 8) + "nine\n",
			"@@ -1,4 +1,4 @@\n-1\n+one\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+nine\n",
		},
		{
			"inserted among lines that come again", "{\n a\n}\n\n{\n b\n}\n", "{\n a\n}\n\n{\n c\n}\n\n{\n b\n}\n",
			"@@ -3,5 +3,9 @@\n }\n \n {\n+ c\n+}\n+\n+{\n  b\n }\n",
		},
		{"moved", "a\nb\nc\nd\n", "d\na\nb\nc\n", "@@ -1,4 +1,4 @@\n+d\n a\n b\n c\n-d\n"},
		{"again", "a\na\na\n", "a\na\n", "@@ -1,3 +1,2 @@\n a\n a\n-a\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := test.want
			if want != "" {
				want = "diff old now\n--- old\n+++ now\n" + want
			}
			require.Equal(t, want, diff.Unified("old", test.old, "now", test.now))
		})
	}
}

// TestUnifiedApplies takes back what random differences say: what stays and what goes is the old text, and what stays and
// what comes is the new one.
func TestUnifiedApplies(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		text := func() string {
			var b strings.Builder
			for range r.IntN(30) {
				fmt.Fprintln(&b, r.IntN(1+r.IntN(20)))
			}
			s := b.String()
			if r.IntN(4) == 0 {
				s += "end"
			}
			return s
		}
		old, now := text(), text()
		out := diff.Unified("old", old, "now", now)
		require.Equal(t, now, apply(t, old, out), "%q to %q:\n%s", old, now, out)
	}
}

// apply makes the change that a difference describes.
func apply(t *testing.T, old, change string) string {
	t.Helper()
	if change == "" {
		return old
	}
	rest := strings.SplitAfter(old, "\n")
	done, place := 0, 0
	var out strings.Builder
	take := func(n int) {
		for range n {
			require.NotEmpty(t, rest)
			out.WriteString(rest[0])
			rest = rest[1:]
			done++
		}
	}
	lines := strings.SplitAfter(change, "\n")
	for i, line := range lines[3:] {
		if line == "" || line[0] == '\\' {
			continue
		}
		text := line[1:]
		if next := i + 4; next < len(lines) && strings.HasPrefix(lines[next], "\\") {
			text = strings.TrimSuffix(text, "\n")
		}
		switch line[0] {
		case '@':
			var count string
			_, err := fmt.Sscanf(line, "@@ -%s", &count)
			require.NoError(t, err)
			from, n, several := strings.Cut(count, ",")
			_, err = fmt.Sscan(from, &place)
			require.NoError(t, err)
			if !several || n != "0" {
				place--
			}
			take(place - done)
		case ' ':
			require.Equal(t, rest[0], text)
			take(1)
		case '-':
			require.Equal(t, rest[0], text)
			rest = rest[1:]
			done++
		case '+':
			out.WriteString(text)
		default:
			require.Fail(t, "not a line of a difference", line)
		}
	}
	take(len(rest))
	return out.String()
}

// TestLargeTexts compares texts that have little in common.
func TestLargeTexts(t *testing.T) {
	t.Parallel()
	start := time.Now()
	require.NotEmpty(t, diff.Unified("old", numbers(1, 200_000), "now", numbers(100_000, 300_000)))
	require.NotEmpty(t, diff.Unified("old", strings.Repeat("a\n", 200_000), "now", strings.Repeat("b\na\n", 100_000)))
	require.Less(t, time.Since(start), time.Minute)
}
