package profile

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Settings are the resolved settings of a profile. They are read-only after
// [Load] and may be shared. Every way to print them shows *** for a secret.
type Settings struct {
	Profile string

	// DSN is a URL postgres://… or a list of key=value. If it is set, the
	// fields down to ApplicationName are empty. It is not empty otherwise
	// than by configuration: Host, Database and User are set if it is empty.
	DSN             Secret
	Host            string // a name, an address, or the folder of a Unix socket
	Port            uint16
	Database        string
	User            string
	Password        Secret
	SSLMode         string // "" if it is not configured
	ApplicationName string // "" if it is not configured

	MinSize int32         // connections that the pool keeps open
	MaxSize int32         // connections that the pool opens at most, at least 1 and MinSize
	Timeout time.Duration // how long to wait for a connection of the pool, 0 for any time
	MaxIdle time.Duration // how long an unused connection stays open, 0 for any time

	ConnectTimeout   time.Duration // for one attempt to connect, 0 for any time
	StatementTimeout time.Duration // for each statement, 0 for none; whole milliseconds
	Retries          Retries

	ExecMode   string            // pgx's name of a query exec mode, "" if it is not configured
	SearchPath string            // as SET search_path takes it, "" if it is not configured
	Params     map[string]string // server settings by their name in lower case

	explained []Setting
}

// Retries say how often to try again what failed for a moment, and how long to
// wait before.
type Retries struct {
	Attempts   int           // tries in all; 0 and 1 mean no second one
	BackoffMin time.Duration // before the second try
	BackoffMax time.Duration // each wait doubles the one before, up to this
	Jitter     float64       // the share of a wait that is random, from 0 to 1
}

// A Setting is one key of a profile, and where its value comes from.
type Setting struct {
	Key    string // its first spelling: "pool.max_size", "params.work_mem"
	Value  string // as text; *** for a secret, "" if it is not set
	Origin string // "pgwright.toml:7", a variable's name, "code", "default", or "" if it is not set
	File   string // path of the file that Origin names, "" if it names none
	Secret string // the secret's key if the value was given as secret://KEY, else ""
	Hidden bool   // the value is a secret
	// Ignored is set for keys that are configured but have no effect, because
	// dsn is set.
	Ignored bool
}

// Explain returns all settings in a fixed order, server settings last and
// sorted, without any secret.
func (s *Settings) Explain() []Setting { return slices.Clone(s.explained) }

// digestKey makes digests useless outside of the process: without it, whoever
// sees one could try passwords against it.
var digestKey = sync.OnceValue(func() []byte {
	k := make([]byte, sha256.Size)
	// Read never fails: it ends the process if the system has no randomness.
	_, _ = rand.Read(k)
	return k
})

// Digest returns a text that is the same for two settings of one process if and
// only if the same pool serves both. It depends on secrets and tells nothing
// about them. The name of the profile is not part of it.
func (s *Settings) Digest() string {
	mac := hmac.New(sha256.New, digestKey())
	put := func(text string) {
		// With its length, so that no two lists of texts look alike.
		mac.Write(binary.AppendUvarint(nil, uint64(len(text))))
		mac.Write([]byte(text))
	}
	number := func(n int64) { put(strconv.FormatInt(n, 10)) }
	put(s.DSN.Reveal())
	put(s.Host)
	number(int64(s.Port))
	put(s.Database)
	put(s.User)
	put(s.Password.Reveal())
	put(s.SSLMode)
	put(s.ApplicationName)
	number(int64(s.MinSize))
	number(int64(s.MaxSize))
	for _, d := range []time.Duration{s.Timeout, s.MaxIdle, s.ConnectTimeout, s.StatementTimeout, s.Retries.BackoffMin, s.Retries.BackoffMax} {
		number(int64(d))
	}
	number(int64(s.Retries.Attempts))
	put(strconv.FormatFloat(s.Retries.Jitter, 'g', -1, 64))
	put(s.ExecMode)
	put(s.SearchPath)
	for _, name := range slices.Sorted(maps.Keys(s.Params)) {
		put(name)
		put(s.Params[name])
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// String returns the settings that are set, as key=value, without any secret.
func (s Settings) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "profile %s{", s.Profile)
	space := ""
	for _, e := range s.explained {
		if e.Value != "" && !e.Ignored {
			fmt.Fprintf(&b, "%s%s=%s", space, e.Key, e.Value)
			space = " "
		}
	}
	b.WriteByte('}')
	return b.String()
}

// Format writes [Settings.String] for every verb.
func (s Settings) Format(f fmt.State, _ rune) {
	// What a Formatter fails to write, fmt reports nowhere.
	_, _ = io.WriteString(f, s.String())
}

// MarshalJSON returns an object of the settings that are set, without any secret.
func (s Settings) MarshalJSON() ([]byte, error) {
	object := map[string]string{"profile": s.Profile}
	for _, e := range s.explained {
		if e.Value != "" && !e.Ignored {
			object[e.Key] = e.Value
		}
	}
	return json.Marshal(object)
}

// LogValue returns a group of the settings that are set, without any secret.
func (s Settings) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("profile", s.Profile)}
	for _, e := range s.explained {
		if e.Value != "" && !e.Ignored {
			attrs = append(attrs, slog.String(e.Key, e.Value))
		}
	}
	return slog.GroupValue(attrs...)
}
