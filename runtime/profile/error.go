package profile

import (
	"errors"
	"fmt"
	"strings"
)

// ErrConfig is what errors.Is finds in every [Error].
var ErrConfig = errors.New("invalid configuration")

// An Error says what is wrong with the configuration of a profile. It holds no
// value of a secret.
type Error struct {
	// Profile is the name of the profile, "" for a problem of a file as a whole.
	Profile string
	// Problems has at least one element, in the order of the keys' documentation.
	Problems []Problem
}

// A Problem is one thing that is wrong.
type Problem struct {
	Key     string // "pool.max_size"; "" if the problem is none of one key
	Origin  string // "pgwright.toml:7", a variable's name, "code"; "" if there is none
	Message string // what is wrong and what to do
	Err     error  // the cause, nil if there is none
}

// Error names the profile and every problem.
func (e *Error) Error() string {
	prefix := ""
	if e.Profile != "" {
		prefix = fmt.Sprintf("profile %q: ", e.Profile)
	}
	if len(e.Problems) == 1 {
		return prefix + e.Problems[0].String()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d problems:", prefix, len(e.Problems))
	for _, p := range e.Problems {
		b.WriteString("\n  ")
		b.WriteString(p.String())
	}
	return b.String()
}

// String returns the problem on one line: origin, key, message and cause.
func (p Problem) String() string {
	var parts []string
	for _, part := range []string{p.Origin, p.Key, p.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if p.Err != nil {
		parts = append(parts, p.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Is reports whether target is [ErrConfig].
func (e *Error) Is(target error) bool { return target == ErrConfig }

// Unwrap returns the causes, such as the errors of a [Provider].
func (e *Error) Unwrap() []error {
	var causes []error
	for _, p := range e.Problems {
		if p.Err != nil {
			causes = append(causes, p.Err)
		}
	}
	return causes
}
