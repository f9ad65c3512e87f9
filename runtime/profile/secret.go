package profile

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden is what is shown in place of a secret.
const hidden = "***"

// A Secret is a text that nothing prints: every verb of fmt, log/slog and
// encoding/json show *** for it, and nothing at all if it is empty. Call
// [Secret.Reveal] for the text.
type Secret string

// Reveal returns the text.
func (s Secret) Reveal() string { return string(s) }

// String returns "***", or "" for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString returns the quoted form of [Secret.String].
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// Format writes the same for every verb, so that %x and %q do not show what
// %s hides.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'q' || verb == 'v' && f.Flag('#') {
		text = s.GoString()
	}
	// What a Formatter fails to write, fmt reports nowhere.
	_, _ = io.WriteString(f, text)
}

// MarshalText returns the text of [Secret.String].
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON returns the JSON string of [Secret.String].
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(s.GoString()), nil }

// LogValue returns [Secret.String].
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
