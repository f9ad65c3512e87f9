package nullability

import "strings"

// Settings are the run-time parameters of a connection that make the server
// send the query tree of each statement that it parses, as a notice. Any role
// may set them.
func Settings() map[string]string {
	return map[string]string{
		"debug_print_parse":     "on",
		"debug_print_rewritten": "off",
		"debug_print_plan":      "off",
		"debug_pretty_print":    "off",
		"client_min_messages":   "log",
	}
}

// TreeFromNotice returns the query tree that a notice holds, given its message
// and its detail, and whether it holds one. Each Parse of a statement brings
// one such notice, but for an empty statement. The server translates messages
// if lc_messages tells it to, so the detail decides.
func TreeFromNotice(message, detail string) (string, bool) {
	detail = strings.TrimSpace(detail)
	if !strings.HasPrefix(detail, "{QUERY ") || !strings.HasSuffix(message, ":") {
		return "", false
	}
	return detail, true
}
