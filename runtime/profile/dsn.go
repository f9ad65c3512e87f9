package profile

import (
	"errors"
	"net/url"
	"strings"
)

// checkDSN reports what is malformed about a connection string without showing
// any of it: what does not parse may be the password.
func checkDSN(dsn string) error {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		if _, err := url.Parse(dsn); err != nil {
			return errors.New("malformed URL; in the password write %40 for @, %2F for /, %3A for :, %23 for #, %3F for ? and %25 for %")
		}
		return nil
	}
	const want = "want a URL postgres://user:password@host/database, or key=value with spaces between"
	if strings.Contains(dsn, "://") && !strings.Contains(dsn[:strings.Index(dsn, "://")], "=") {
		return errors.New(want)
	}
	rest := strings.TrimSpace(dsn)
	for rest != "" {
		key, after, ok := strings.Cut(rest, "=")
		key = strings.TrimSpace(key)
		if !ok || key == "" || strings.ContainsAny(key, " \t\n'\\") {
			return errors.New(want + "; quote a value with spaces as 'a b'")
		}
		after = strings.TrimLeft(after, " \t\n")
		if rest, ok = skipValue(after); !ok {
			return errors.New("a quoted value has no closing quote")
		}
	}
	return nil
}

// skipValue returns what follows the value at the beginning of s.
func skipValue(s string) (string, bool) {
	quoted := strings.HasPrefix(s, "'")
	i := 0
	if quoted {
		i = 1
	}
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case quoted && c == '\'':
			return strings.TrimLeft(s[i+1:], " \t\n"), true
		case !quoted && (c == ' ' || c == '\t' || c == '\n'):
			return strings.TrimLeft(s[i:], " \t\n"), true
		}
	}
	return "", !quoted
}
