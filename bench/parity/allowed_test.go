package parity_test

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
)

// The allow-list has a line for each difference: the case, the name, what sqlc
// and what pgwright say of it, and why pgwright is right. Instead of names there
// can be "sqlc rejects it" and "pgwright rejects it", with the message.
const (
	allowedFile      = "testdata/allowed.txt"
	rejectedBySQLC   = "sqlc rejects it"
	rejectedByOurs   = "pgwright rejects it"
	nothing          = "(nothing)"
	separator        = " | "
	partsOfAnAllowed = 5
)

// allowed are the differences that are meant to be.
type allowed struct {
	reasons map[string]string
	mu      sync.Mutex
	seen    map[string]bool
}

func readAllowed(t *testing.T) *allowed {
	t.Helper()
	text, err := os.ReadFile(allowedFile)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	require.True(t, slices.IsSorted(lines), "%s is not sorted", allowedFile)
	a := &allowed{reasons: map[string]string{}, seen: map[string]bool{}}
	for i, line := range lines {
		parts := strings.Split(line, separator)
		require.Len(t, parts, partsOfAnAllowed, "%s:%d", allowedFile, i+1)
		reason := parts[partsOfAnAllowed-1]
		require.Greater(t, len(reason), 15, "%s:%d gives no reason", allowedFile, i+1)
		key := strings.TrimSuffix(line, separator+reason)
		require.NotContains(t, a.reasons, key, "%s:%d is there twice", allowedFile, i+1)
		a.reasons[key] = reason
	}
	return a
}

// check fails for a difference that is not allowed.
func (a *allowed) check(t *testing.T, name string, d generator.SQLCDifference) {
	t.Helper()
	sqlc, pgwright := d.Brief()
	key := strings.Join([]string{name, d.Name, cmp.Or(sqlc, nothing), cmp.Or(pgwright, nothing)}, separator)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seen[key] = true
	if a.reasons[key] == "" {
		t.Errorf("not allowed: %s\n  %s", key, d.Why)
	}
}

// rejects fails for a rejection that is not allowed.
func (a *allowed) rejects(t *testing.T, name, who, message string) {
	t.Helper()
	line := strings.TrimPrefix(message, "# package ")
	if _, after, more := strings.Cut(line, "\n"); more && line != message {
		line = after
	}
	line, _, _ = strings.Cut(line, "\n")
	d := generator.SQLCDifference{Name: who, SQLC: line}
	if who == rejectedByOurs {
		d = generator.SQLCDifference{Name: who, Pgwright: line}
	}
	a.check(t, name, d)
}

// all fails for what is allowed and did not occur in the cases that ran.
func (a *allowed) all(t *testing.T, ran func(name string) bool) {
	t.Helper()
	for key := range a.reasons {
		name, _, _ := strings.Cut(key, separator)
		if ran(name) && !a.seen[key] {
			t.Errorf("%s allows what is no difference (any more): %s", allowedFile, key)
		}
	}
}
