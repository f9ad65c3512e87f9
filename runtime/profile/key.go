package profile

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/pgwright/pgwright/internal/nearest"
)

// A kind is what a key's value must be.
type kind int

const (
	text kind = iota
	integer
	fraction
	duration
)

// A key is one setting: its name, how it is written, and where it goes.
type key struct {
	name    string
	alias   string // a second spelling, or ""
	kind    kind
	secret  bool     // the value is shown to nobody
	address bool     // ignored if dsn is set
	one     []string // the texts that it may be, if not any
	min     int64    // of an integer
	max     int64
	initial any // the default: a string, int64, float64 or time.Duration; nil if there is none
	put     func(s *Settings, v value)
}

// A value is a converted setting; the field that its key's kind names is set.
type value struct {
	text     string
	integer  int64
	fraction float64
	duration time.Duration
}

// paramsTable is the one table whose keys are the user's own.
const paramsTable = "params"

// keys are all settings but those of [paramsTable], in the order in which they
// are documented and explained.
var keys = []key{
	{name: "dsn", secret: true, put: func(s *Settings, v value) { s.DSN = Secret(v.text) }},
	{name: "host", address: true, put: func(s *Settings, v value) { s.Host = v.text }},
	{name: "port", address: true, kind: integer, min: 1, max: math.MaxUint16, initial: int64(5432), put: func(s *Settings, v value) { s.Port = uint16(v.integer) }},
	{name: "database", alias: "dbname", address: true, put: func(s *Settings, v value) { s.Database = v.text }},
	{name: "user", address: true, put: func(s *Settings, v value) { s.User = v.text }},
	{name: "password", secret: true, address: true, put: func(s *Settings, v value) { s.Password = Secret(v.text) }},
	{name: "sslmode", address: true, one: []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}, put: func(s *Settings, v value) { s.SSLMode = v.text }},
	{name: "application_name", address: true, put: func(s *Settings, v value) { s.ApplicationName = v.text }},
	{name: "pool.min_size", alias: "min_size", kind: integer, max: math.MaxInt32, initial: int64(0), put: func(s *Settings, v value) { s.MinSize = int32(v.integer) }},
	{name: "pool.max_size", alias: "max_size", kind: integer, min: 1, max: math.MaxInt32, initial: int64(10), put: func(s *Settings, v value) { s.MaxSize = int32(v.integer) }},
	{name: "pool.timeout", alias: "timeout", kind: duration, initial: 30 * time.Second, put: func(s *Settings, v value) { s.Timeout = v.duration }},
	{name: "pool.max_idle", alias: "max_idle", kind: duration, initial: 30 * time.Minute, put: func(s *Settings, v value) { s.MaxIdle = v.duration }},
	{name: "connect_timeout", kind: duration, initial: 10 * time.Second, put: func(s *Settings, v value) { s.ConnectTimeout = v.duration }},
	{name: "statement_timeout", kind: duration, initial: time.Duration(0), put: func(s *Settings, v value) { s.StatementTimeout = v.duration }},
	{name: "retries.attempts", kind: integer, max: 1000, initial: int64(3), put: func(s *Settings, v value) { s.Retries.Attempts = int(v.integer) }},
	{name: "retries.backoff_min", kind: duration, initial: 100 * time.Millisecond, put: func(s *Settings, v value) { s.Retries.BackoffMin = v.duration }},
	{name: "retries.backoff_max", kind: duration, initial: 2 * time.Second, put: func(s *Settings, v value) { s.Retries.BackoffMax = v.duration }},
	{name: "retries.jitter", kind: fraction, initial: 0.2, put: func(s *Settings, v value) { s.Retries.Jitter = v.fraction }},
	{name: "exec_mode", one: []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"}, put: func(s *Settings, v value) { s.ExecMode = v.text }},
	{name: "search_path", put: func(s *Settings, v value) { s.SearchPath = v.text }},
}

// find returns the key that is spelled so, nil if there is none.
func find(spelling string) *key {
	for i := range keys {
		if keys[i].name == spelling || keys[i].alias == spelling && spelling != "" {
			return &keys[i]
		}
	}
	return nil
}

// isTable reports whether the spelling is that of a table of keys.
func isTable(spelling string) bool {
	return spelling == paramsTable || slices.ContainsFunc(keys, func(k key) bool {
		return strings.HasPrefix(k.name, spelling+".")
	})
}

// names are the first spellings of all keys.
func names() []string {
	var all []string
	for _, k := range keys {
		all = append(all, k.name)
	}
	return append(all, paramsTable)
}

// spellings are all ways to write a key or a table of keys.
func spellings() []string {
	all := names()
	for _, k := range keys {
		if k.alias != "" {
			all = append(all, k.alias)
		}
		if table, _, nested := strings.Cut(k.name, "."); nested && !slices.Contains(all, table) {
			all = append(all, table)
		}
	}
	return all
}

// wants says in words what the key's value must be.
func (k *key) wants() string {
	switch k.kind {
	case integer:
		return fmt.Sprintf("an integer from %d to %d", k.min, k.max)
	case fraction:
		return "a number from 0 to 1"
	case duration:
		return "a duration such as 500ms, 30s or 5m, or a number of seconds"
	case text:
		if k.one != nil {
			return "one of " + strings.Join(k.one, ", ")
		}
	}
	return "text"
}

// convert makes a value of what a source gave. The error shows nothing of it,
// save for the texts that are one of a few.
func (k *key) convert(given any) (value, error) {
	if raw, ok := given.(variable); ok {
		given = string(raw)
		if k.kind != text {
			given = coerce(string(raw))
		}
	}
	var v value
	ok := false
	switch k.kind {
	case text:
		v.text, ok = given.(string)
		if ok && strings.ContainsRune(v.text, 0) {
			return value{}, fmt.Errorf("the text has a NUL character, which PostgreSQL does not accept")
		}
		if ok && k.one != nil && v.text != "" && !slices.Contains(k.one, v.text) {
			return value{}, &unknownText{text: v.text, want: k.wants(), nearest: nearest.Name(v.text, k.one)}
		}
	case integer:
		v.integer, ok = given.(int64)
		if ok && (v.integer < k.min || v.integer > k.max) {
			return value{}, fmt.Errorf("want %s, found one out of range", k.wants())
		}
	case fraction:
		v.fraction, ok = number(given)
		if ok && !(v.fraction >= 0 && v.fraction <= 1) {
			return value{}, fmt.Errorf("want %s, found one out of range", k.wants())
		}
	case duration:
		return k.convertDuration(given)
	}
	if !ok {
		return value{}, fmt.Errorf("want %s, found %s", k.wants(), describe(given))
	}
	return v, nil
}

func (k *key) convertDuration(given any) (value, error) {
	var d time.Duration
	switch given := given.(type) {
	case time.Duration:
		d = given
	case string:
		parsed, err := time.ParseDuration(given)
		if err != nil {
			// ParseDuration's error shows the text.
			return value{}, fmt.Errorf("want %s, found other text", k.wants())
		}
		d = parsed
	default:
		seconds, ok := number(given)
		if !ok {
			return value{}, fmt.Errorf("want %s, found %s", k.wants(), describe(given))
		}
		if math.IsNaN(seconds) || math.Abs(seconds) >= math.MaxInt64/float64(time.Second) {
			return value{}, fmt.Errorf("want %s, found one out of range", k.wants())
		}
		d = time.Duration(math.Round(seconds * float64(time.Second)))
	}
	if d < 0 {
		return value{}, fmt.Errorf("want %s, found a negative one", k.wants())
	}
	return value{duration: d}, nil
}

// unknownText is a text that is none of the few that its key allows.
type unknownText struct{ text, want, nearest string }

func (e *unknownText) Error() string {
	if e.nearest != "" {
		return fmt.Sprintf("unknown %q, did you mean %q? want %s", e.text, e.nearest, e.want)
	}
	return fmt.Sprintf("unknown %q, want %s", e.text, e.want)
}

// A variable is the text of an environment variable. What it stands for depends
// on the key: a password 0042 is text, a port 5432 a number.
type variable string

// coerce reads the text of an environment variable as what it looks like: a
// bool, an int64, a float64, a time.Duration, else the text itself.
func coerce(raw string) any {
	switch strings.ToLower(raw) {
	case "true":
		return true
	case "false":
		return false
	}
	if raw == "" || strings.Trim(raw[:1], "+-.0123456789") != "" {
		// ParseFloat and ParseDuration accept no other beginning, except for
		// words such as inf and nan, which are text.
		return raw
	}
	if n, err := strconv.ParseInt(raw, 10, 64); err == nil {
		return n
	}
	if d, err := time.ParseDuration(raw); err == nil {
		return d
	}
	// A float has decimal digits only: no hexadecimal, no underscores, no inf.
	if strings.Trim(raw, "+-.eE0123456789") == "" {
		if f, err := strconv.ParseFloat(raw, 64); err == nil {
			return f
		}
	}
	return raw
}

func number(given any) (float64, bool) {
	switch given := given.(type) {
	case int64:
		return float64(given), true
	case float64:
		return given, true
	}
	return 0, false
}

// canonical brings the numbers of the sources to int64 and float64, and texts to
// string; ok is false for what no setting can be.
func canonical(given any) (any, bool) {
	switch given := given.(type) {
	case nil, bool, int64, float64, string, variable, time.Duration:
		return given, true
	case Secret:
		return string(given), true
	case int:
		return int64(given), true
	case int8:
		return int64(given), true
	case int16:
		return int64(given), true
	case int32:
		return int64(given), true
	case uint8:
		return int64(given), true
	case uint16:
		return int64(given), true
	case uint32:
		return int64(given), true
	case uint:
		return int64(given), uint64(given) <= math.MaxInt64
	case uint64:
		return int64(given), given <= math.MaxInt64
	case float32:
		return float64(given), true
	case json.Number:
		if n, err := strconv.ParseInt(given.String(), 10, 64); err == nil {
			return n, true
		}
		f, err := strconv.ParseFloat(given.String(), 64)
		return f, err == nil
	}
	return nil, false
}

// serverSetting is the text of a server setting's value.
func serverSetting(given any) (string, error) {
	var s string
	switch given := given.(type) {
	case string:
		s = given
	case variable:
		s = string(given)
	case bool:
		s = strconv.FormatBool(given)
	case int64:
		s = strconv.FormatInt(given, 10)
	case float64:
		s = strconv.FormatFloat(given, 'g', -1, 64)
	case time.Duration:
		s = strconv.FormatInt(given.Milliseconds(), 10) + "ms"
	default:
		return "", fmt.Errorf("want text, a number or a boolean, found %s", describe(given))
	}
	if strings.ContainsRune(s, 0) {
		return "", fmt.Errorf("the text has a NUL character, which PostgreSQL does not accept")
	}
	return s, nil
}

// describe names the type of a value in the words of its source, never the value.
func describe(given any) string {
	switch given := given.(type) {
	case string:
		if given == "" {
			return "empty text"
		}
		return "text"
	case variable:
		return describe(string(given))
	case bool:
		return "a boolean"
	case int64:
		return "an integer"
	case float64:
		return "another number"
	case time.Duration:
		return "a duration"
	case map[string]any:
		return "a table"
	case []any:
		return "an array"
	case nil:
		return "null"
	case time.Time, toml.LocalDate, toml.LocalTime, toml.LocalDateTime:
		return "a date or time"
	case json.Number, uint, uint64:
		return "a number out of range"
	}
	return fmt.Sprintf("a %T", given)
}
