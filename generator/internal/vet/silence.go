package vet

import (
	"strings"
)

// Silence is a line of a comment that says which rules not to apply:
//
//	-- vet: ignore no-where a nightly job empties the table
//	-- @sqlc-vet-disable no-where select-star
//	-- @sqlc-vet-disable
type Silence struct {
	// Rules are the rules that are named. None means all of them.
	Rules []string
	// Lasting is true in the second and third form, which are sqlc's: nobody is
	// told that they are of no use.
	Lasting bool
	// Reason is what stands behind the rule in the first form.
	Reason string
	// Fault is what is wrong with the line, and Hint how to write it.
	Fault, Hint string
}

const silenceShape = `write "-- vet: ignore no-where a nightly job empties the table"`

// ParseSilence reads a line of a comment, without its marks. It returns false
// for a line that is about something else.
func ParseSilence(line string) (Silence, bool) {
	line = strings.TrimSpace(line)
	words := strings.Fields(line)
	switch {
	case len(words) == 0:
		return Silence{}, false
	case words[0] == "@sqlc-vet-disable":
		return Silence{Rules: words[1:], Lasting: true}, true
	case words[0] != "vet:":
		return Silence{}, false
	case len(words) < 2 || words[1] != "ignore":
		return Silence{Fault: "this line says nothing that vet knows", Hint: silenceShape}, true
	case len(words) == 2:
		return Silence{Fault: "vet: ignore names no rule", Hint: silenceShape}, true
	case len(words) == 3:
		return Silence{Rules: words[2:], Fault: "vet: ignore " + words[2] + " gives no reason", Hint: silenceShape}, true
	}
	return Silence{Rules: words[2:3], Reason: strings.Join(words[3:], " ")}, true
}
