package nullability

import "strings"

// Settings are the run-time parameters of a connection that make the server
// send the query tree of each statement that it parses, as a notice. Any role
// may set them. The server also writes the trees to its log, unless
// log_min_messages is fatal or panic, which only a superuser can set: on a
// database with a life of its own that is a reason to do without.
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
// one such notice, but for an empty statement. The server does not translate
// this message.
func TreeFromNotice(message, detail string) (string, bool) {
	return detail, message == "parse tree:" && strings.HasPrefix(detail, "{QUERY")
}
