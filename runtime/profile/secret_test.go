package profile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/profile"
)

// sesame is the secret that no test may find in print. It is such that parsers
// stumble over it, and that hexadecimal and quoted forms differ from it.
const sesame = `Zq7%zz"wX7`

// printed shows a value in every way that a program prints values.
func printed(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	// %p is not here: fmt calls no method for it, and vet rejects it for all but
	// pointers.
	for _, verb := range "vTtbcdoOqxXUeEfFgGs" {
		for _, flag := range []string{"", "+", "#", "+#", " ", "0", "-8.3"} {
			// The wrong verbs are the point: fmt prints the value for these too.
			fmt.Fprintf(&b, "%"+flag+string(verb)+"\n", v)
			fmt.Fprintf(&b, "%"+flag+string(verb)+"\n", []any{v, &v, map[string]any{"k": v}, struct{ V any }{v}})
		}
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		l := slog.New(handler)
		l.Info("m", "v", v, "in", []any{v})
		l.With("v", v).WithGroup("g").Info("m", slog.Any("in", struct{ V any }{v}))
	}
	text, err := json.Marshal(map[string]any{"v": v})
	if err == nil {
		b.Write(text)
	}
	b.WriteString(fmt.Sprint(v) + fmt.Sprintln(v))
	func() {
		defer func() { fmt.Fprintf(&b, "%v %+v %#v", recover(), v, v) }()
		panic(v)
	}()
	return b.String()
}

func requireHidden(t *testing.T, v any) {
	t.Helper()
	text := printed(t, v)
	require.NotEmpty(t, text)
	for _, form := range []string{
		sesame, "Zq7", "wX7", "%zz",
		fmt.Sprintf("%x", sesame), fmt.Sprintf("%X", sesame), fmt.Sprintf("% x", sesame), fmt.Sprintf("%d", []byte(sesame)),
	} {
		if at := strings.Index(text, form); at >= 0 {
			require.Failf(t, "a secret is printed", "%s", text[max(0, at-100):min(len(text), at+100)])
		}
	}
}

func TestTheSearchFindsWhatIsPrinted(t *testing.T) {
	t.Parallel()
	require.Contains(t, printed(t, sesame), sesame)
	require.Contains(t, printed(t, sesame), fmt.Sprintf("%x", sesame))
	require.Contains(t, printed(t, fmt.Errorf("oops %s", sesame)), sesame)
}

func TestSecretShowsNothing(t *testing.T) {
	t.Parallel()
	s := profile.Secret(sesame)
	requireHidden(t, s)
	requireHidden(t, &s)
	requireHidden(t, struct{ Password profile.Secret }{s})
	require.Equal(t, sesame, s.Reveal())
	require.Equal(t, "***", s.String())
	require.Equal(t, `*** *** "***" "***"`, fmt.Sprintf("%v %s %q %#v", s, s, s, s))
	text, err := xml.Marshal(struct {
		XMLName  xml.Name `xml:"a"`
		Password profile.Secret
	}{Password: s})
	require.NoError(t, err)
	require.Equal(t, "<a><Password>***</Password></a>", string(text))
	empty := profile.Secret("")
	require.Equal(t, `[] [""]`, fmt.Sprintf("[%v] [%q]", empty, empty))
	text, err = json.Marshal(empty)
	require.NoError(t, err)
	require.Equal(t, `""`, string(text))
}

func TestNoSecretIsPrinted(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(sesame)
	require.NoError(t, err)
	for _, c := range []struct {
		name    string
		file    string
		environ []string
		code    map[string]any
		fails   bool
	}{
		{name: "password in a file", file: address + "password = " + string(quoted) + "\n"},
		{name: "password in a variable", file: address, environ: []string{env + "DEFAULT__PASSWORD=" + sesame}},
		{name: "password in JSON", file: address, environ: []string{env + `DEFAULT__JSON={"password": ` + string(quoted) + `}`}},
		{name: "password in code", file: address, code: map[string]any{"password": sesame}},
		{name: "dsn of keys and values", environ: []string{env + "DEFAULT__DSN=host=h dbname=d user=u password=" + sesame}},
		{name: "secrets everywhere", file: "[connectors.postgres.default]\nhost = 'secret://sesame'\ndatabase = 'secret://sesame'\nuser = 'secret://sesame'\npassword = 'secret://sesame'\napplication_name = 'secret://sesame'\nsearch_path = 'secret://sesame'\nparams.a = 'secret://sesame'\n"},
		{name: "dsn that does not parse", code: map[string]any{"dsn": "postgres://u:" + sesame + "@h/d"}, fails: true},
		{name: "dsn that is the password", code: map[string]any{"dsn": sesame}, fails: true},
		{name: "dsn with an open quote", code: map[string]any{"dsn": "host=h password='" + sesame}, fails: true},
		{name: "dsn in a secret that does not parse", code: map[string]any{"dsn": "secret://sesame"}, fails: true},
		{name: "malformed JSON", file: address, environ: []string{env + `DEFAULT__JSON={"password": "` + sesame + `"}`}, fails: true},
		{name: "JSON that is the password", file: address, environ: []string{env + "DEFAULT__JSON=" + sesame}, fails: true},
		{name: "JSON that is the quoted password", file: address, environ: []string{env + "DEFAULT__JSON=" + string(quoted)}, fails: true},
		{name: "more after the JSON", file: address, environ: []string{env + `DEFAULT__JSON={}` + sesame}, fails: true},
		{name: "TOML without quotes", file: address + "password = " + sesame + "\n", fails: true},
		{name: "TOML with an open quote", file: address + "password = '" + sesame + "\n", fails: true},
		{name: "TOML with an open long quote", file: address + "password = '''" + sesame + "\n", fails: true},
		{name: "TOML with a bad escape", file: address + "password = \"\\" + sesame + "\"\n", fails: true},
		{name: "TOML that begins right", file: address + "password = ''" + sesame + "\n", fails: true},
		{name: "TOML number", file: address + "password = 1" + sesame + "\n", fails: true},
		{name: "secrets of the wrong type", file: address, code: map[string]any{
			"port": "secret://sesame", "max_size": "secret://sesame", "timeout": "secret://sesame", "retries": map[string]any{"jitter": "secret://sesame"},
			"sslmode": "secret://sesame", "exec_mode": "secret://sesame",
		}, fails: true},
		{name: "an array of it", file: address, code: map[string]any{"password": []string{sesame}}, fails: true},
		{name: "bytes of it", file: address, code: map[string]any{"password": []byte(sesame)}, fails: true},
		{name: "a number key set to it", file: address, environ: []string{env + "DEFAULT__PORT=" + sesame, env + "DEFAULT__TIMEOUT=" + sesame}, fails: true},
		{name: "a secret that is not there", file: address, code: map[string]any{"password": "secret://nowhere"}, fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			if c.file != "" {
				files["pgwright.toml"] = c.file
			}
			o := profile.Options{
				Dir: folder(t, files), Environ: append([]string{"OTHER=" + sesame}, c.environ...), Settings: c.code,
				Secrets: profile.Chain(profile.Env([]string{"OTHER=" + sesame}), profile.Prefixed("", profile.Map{"sesame": sesame})),
			}
			requireHidden(t, o)
			requireHidden(t, o.Secrets)
			s, err := profile.Load(context.Background(), "default", o)
			if c.fails {
				require.ErrorIs(t, err, profile.ErrConfig)
				requireHidden(t, err)
				requireHidden(t, fmt.Errorf("wrapped: %w", err))
				return
			}
			require.NoError(t, err)
			requireHidden(t, s)
			requireHidden(t, *s)
			requireHidden(t, s.Explain())
			requireHidden(t, s.Digest())
			require.Contains(t, printed(t, s), "***")
		})
	}
}

func TestSettingsPrintWhatIsNotSecret(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"pgwright.toml": address + "password = 'p'\nparams.a = 'b'\n"})
	s, err := profile.Load(context.Background(), "default", profile.Options{Dir: dir, Environ: []string{}})
	require.NoError(t, err)
	const rest = "host=db port=5432 database=app user=me password=*** pool.min_size=0 pool.max_size=10 pool.timeout=30s pool.max_idle=30m0s connect_timeout=10s statement_timeout=none retries.attempts=3 retries.backoff_min=100ms retries.backoff_max=2s retries.jitter=0.2 params.a=b"
	require.Equal(t, "profile default{"+rest+"}", s.String())
	require.Equal(t, s.String(), fmt.Sprintf("%+v", s))
	text, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, `{"profile":"default","host":"db","port":"5432","database":"app","user":"me","password":"***","pool.min_size":"0","pool.max_size":"10","pool.timeout":"30s","pool.max_idle":"30m0s","connect_timeout":"10s","statement_timeout":"none","retries.attempts":"3","retries.backoff_min":"100ms","retries.backoff_max":"2s","retries.jitter":"0.2","params.a":"b"}`, string(text))
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("open", "db", s)
	require.Contains(t, b.String(), " db.profile=default db.host=db ")
	require.Contains(t, b.String(), " db.password=*** ")
}

func TestExplain(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"pgwright.toml": address + "password = 'secret://pw'\nparams = { b = 1,\n a = 'secret://pw' }\n"})
	o := profile.Options{
		Dir: dir, Environ: []string{"PW=x", env + "DEFAULT__PORT=6543", env + `DEFAULT__JSON={"max_size": 4}`},
		Settings: map[string]any{"timeout": 1},
	}
	s, err := profile.Load(context.Background(), "default", o)
	require.NoError(t, err)
	file := dir + "/pgwright.toml"
	require.Equal(t, []profile.Setting{
		{Key: "dsn", Hidden: true},
		{Key: "host", Value: "db", Origin: "pgwright.toml:2", File: file},
		{Key: "port", Value: "6543", Origin: env + "DEFAULT__PORT"},
		{Key: "database", Value: "app", Origin: "pgwright.toml:3", File: file},
		{Key: "user", Value: "me", Origin: "pgwright.toml:4", File: file},
		{Key: "password", Value: "***", Origin: "pgwright.toml:5", File: file, Secret: "pw", Hidden: true},
		{Key: "sslmode"},
		{Key: "application_name"},
		{Key: "pool.min_size", Value: "0", Origin: "default"},
		{Key: "pool.max_size", Value: "4", Origin: env + "DEFAULT__JSON"},
		{Key: "pool.timeout", Value: "1s", Origin: "code"},
		{Key: "pool.max_idle", Value: "30m0s", Origin: "default"},
		{Key: "connect_timeout", Value: "10s", Origin: "default"},
		{Key: "statement_timeout", Value: "none", Origin: "default"},
		{Key: "retries.attempts", Value: "3", Origin: "default"},
		{Key: "retries.backoff_min", Value: "100ms", Origin: "default"},
		{Key: "retries.backoff_max", Value: "2s", Origin: "default"},
		{Key: "retries.jitter", Value: "0.2", Origin: "default"},
		{Key: "exec_mode"},
		{Key: "search_path"},
		{Key: "params.a", Value: "***", Origin: "pgwright.toml:7", File: file, Secret: "pw", Hidden: true},
		{Key: "params.b", Value: "1", Origin: "pgwright.toml:6", File: file},
	}, s.Explain())

	o.Settings = map[string]any{"dsn": "host=h dbname=d"}
	s, err = profile.Load(context.Background(), "default", o)
	require.NoError(t, err)
	require.Equal(t, []profile.Setting{
		{Key: "dsn", Value: "***", Origin: "code", Hidden: true},
		{Key: "host", Origin: "pgwright.toml:2", File: file, Ignored: true},
		{Key: "port", Origin: env + "DEFAULT__PORT", Ignored: true},
		{Key: "database", Origin: "pgwright.toml:3", File: file, Ignored: true},
		{Key: "user", Origin: "pgwright.toml:4", File: file, Ignored: true},
		{Key: "password", Origin: "pgwright.toml:5", File: file, Ignored: true},
		{Key: "sslmode"},
		{Key: "application_name"},
	}, s.Explain()[:8])
}

func TestDigest(t *testing.T) {
	t.Parallel()
	load := func(t *testing.T, name string, settings map[string]any) string {
		t.Helper()
		all := map[string]any{"host": "h", "database": "d", "user": "u"}
		for k, v := range settings {
			all[k] = v
		}
		s, err := profile.Load(context.Background(), name, profile.Options{Dir: t.TempDir(), Environ: []string{}, Settings: all})
		require.NoError(t, err)
		return s.Digest()
	}
	base := load(t, "a", nil)
	require.Equal(t, base, load(t, "b", nil), "the name of the profile is no setting of the pool")
	require.Equal(t, base, load(t, "a", map[string]any{"port": 5432}), "a default that is written out makes no other pool")
	require.Equal(t, load(t, "a", map[string]any{"dsn": "host=x"}), load(t, "a", map[string]any{"dsn": "host=x", "user": "v"}), "what is ignored makes no other pool")
	digests := map[string]string{"": base}
	for key, v := range map[string]any{
		"dsn": "host=x", "host": "x", "port": 1, "database": "x", "user": "x", "password": "x", "sslmode": "require", "application_name": "x",
		"min_size": 1, "max_size": 1, "timeout": 1, "max_idle": 1, "connect_timeout": 1, "statement_timeout": 1, "exec_mode": "exec", "search_path": "x",
		"retries.attempts": 1, "retries.backoff_min": 1, "retries.backoff_max": 1, "retries.jitter": 1, "params": map[string]string{"x": ""}, "params.y": "",
	} {
		d := load(t, "a", map[string]any{key: v})
		require.Len(t, d, 64)
		for other, seen := range digests {
			require.NotEqual(t, seen, d, "%s and %s", key, other)
		}
		digests[key] = d
	}
	require.NotEqual(t, load(t, "a", map[string]any{"user": "ab", "password": "c"}), load(t, "a", map[string]any{"user": "a", "password": "bc"}))
}
