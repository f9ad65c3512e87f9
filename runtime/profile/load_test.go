package profile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/profile"
)

const env = profile.DefaultEnvPrefix

// folder makes a folder with files, whose paths are relative to it.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return root
}

// address is what a profile needs at least.
const address = "[connectors.postgres.default]\nhost = 'db'\ndatabase = 'app'\nuser = 'me'\n"

func TestDefaults(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"pgwright.toml": address})
	s, err := profile.Load(context.Background(), "default", profile.Options{Dir: dir, Environ: []string{}})
	require.NoError(t, err)
	require.Equal(t, "default", s.Profile)
	require.Empty(t, s.DSN.Reveal())
	require.Equal(t, "db", s.Host)
	require.Equal(t, uint16(5432), s.Port)
	require.Equal(t, "app", s.Database)
	require.Equal(t, "me", s.User)
	require.Empty(t, s.Password.Reveal())
	require.Empty(t, s.SSLMode)
	require.Empty(t, s.ApplicationName)
	require.Equal(t, int32(0), s.MinSize)
	require.Equal(t, int32(10), s.MaxSize)
	require.Equal(t, 30*time.Second, s.Timeout)
	require.Equal(t, 30*time.Minute, s.MaxIdle)
	require.Equal(t, 10*time.Second, s.ConnectTimeout)
	require.Zero(t, s.StatementTimeout)
	require.Equal(t, profile.Retries{Attempts: 3, BackoffMin: 100 * time.Millisecond, BackoffMax: 2 * time.Second, Jitter: 0.2}, s.Retries)
	require.Empty(t, s.ExecMode)
	require.Empty(t, s.SearchPath)
	require.Empty(t, s.Params)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	type settings = profile.Settings
	for _, c := range []struct {
		name    string
		files   map[string]string
		dir     string // below the folder of files
		path    string
		profile string // "default" if empty
		prefix  string
		environ []string
		code    map[string]any
		secrets profile.Provider
		check   func(t *testing.T, s *settings)
	}{
		{
			name: "every key in a file",
			files: map[string]string{"pgwright.toml": `
[connectors.postgres.default]
host = "db.example.com"
port = 6543
database = "app"
user = "me"
password = "it's \"quoted\" @ 100% / me"
sslmode = "verify-full"
application_name = "my app"
connect_timeout = "5s"
statement_timeout = "1m30s"
exec_mode = "exec"
search_path = 'app, "Other Schema"'
[connectors.postgres.default.pool]
min_size = 1
max_size = 7
timeout = 2
max_idle = "1h"
[connectors.postgres.default.retries]
attempts = 5
backoff_min = "10ms"
backoff_max = "1s"
jitter = 0.5
[connectors.postgres.default.params]
work_mem = "64MB"
jit = false
random_page_cost = 1.1
lock_timeout = 500
app.tenant = "t 1"
"app.user" = "u"
`},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "db.example.com", s.Host)
				require.Equal(t, uint16(6543), s.Port)
				require.Equal(t, `it's "quoted" @ 100% / me`, s.Password.Reveal())
				require.Equal(t, "verify-full", s.SSLMode)
				require.Equal(t, "my app", s.ApplicationName)
				require.Equal(t, 5*time.Second, s.ConnectTimeout)
				require.Equal(t, 90*time.Second, s.StatementTimeout)
				require.Equal(t, "exec", s.ExecMode)
				require.Equal(t, `app, "Other Schema"`, s.SearchPath)
				require.Equal(t, int32(1), s.MinSize)
				require.Equal(t, int32(7), s.MaxSize)
				require.Equal(t, 2*time.Second, s.Timeout)
				require.Equal(t, time.Hour, s.MaxIdle)
				require.Equal(t, profile.Retries{Attempts: 5, BackoffMin: 10 * time.Millisecond, BackoffMax: time.Second, Jitter: 0.5}, s.Retries)
				require.Equal(t, map[string]string{
					"work_mem": "64MB", "jit": "false", "random_page_cost": "1.1", "lock_timeout": "500",
					"app.tenant": "t 1", "app.user": "u",
				}, s.Params)
			},
		},
		{
			name: "every key in the environment, nothing else",
			environ: []string{
				env + "DEFAULT__HOST=/var/run/postgresql", env + "DEFAULT__PORT=6543", env + "DEFAULT__DATABASE=app",
				env + "DEFAULT__USER=me", env + "DEFAULT__PASSWORD=a=b 'c' \"d\" @ % \\", env + "DEFAULT__SSLMODE=disable",
				env + "DEFAULT__APPLICATION_NAME=0042", env + "DEFAULT__POOL__MIN_SIZE=1", env + "DEFAULT__POOL__MAX_SIZE=10",
				env + "DEFAULT__POOL__TIMEOUT=100ms", env + "DEFAULT__POOL__MAX_IDLE=2s", env + "DEFAULT__CONNECT_TIMEOUT=1.5",
				env + "DEFAULT__STATEMENT_TIMEOUT=30s", env + "DEFAULT__RETRIES__ATTEMPTS=1", env + "DEFAULT__RETRIES__BACKOFF_MIN=1ms",
				env + "DEFAULT__RETRIES__BACKOFF_MAX=5m", env + "DEFAULT__RETRIES__JITTER=1", env + "DEFAULT__EXEC_MODE=cache_describe",
				env + "DEFAULT__SEARCH_PATH=true", env + "DEFAULT__PARAMS__WORK_MEM=64MB", env + "DEFAULT__PARAMS__APP__TENANT=007",
			},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "/var/run/postgresql", s.Host)
				require.Equal(t, uint16(6543), s.Port)
				require.Equal(t, `a=b 'c' "d" @ % \`, s.Password.Reveal())
				require.Equal(t, "disable", s.SSLMode)
				require.Equal(t, "0042", s.ApplicationName)
				require.Equal(t, int32(1), s.MinSize)
				require.Equal(t, int32(10), s.MaxSize)
				require.Equal(t, 100*time.Millisecond, s.Timeout)
				require.Equal(t, 2*time.Second, s.MaxIdle)
				require.Equal(t, 1500*time.Millisecond, s.ConnectTimeout)
				require.Equal(t, 30*time.Second, s.StatementTimeout)
				require.Equal(t, profile.Retries{Attempts: 1, BackoffMin: time.Millisecond, BackoffMax: 5 * time.Minute, Jitter: 1}, s.Retries)
				require.Equal(t, "cache_describe", s.ExecMode)
				require.Equal(t, "true", s.SearchPath)
				require.Equal(t, map[string]string{"work_mem": "64MB", "app.tenant": "007"}, s.Params)
			},
		},
		{
			name:    "keys and prefix of variables are case-insensitive",
			environ: []string{"auto_workflow_connectors_postgres_default__Host=h", env + "Default__dbname=d", env + "DEFAULT__uSer=u"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, []string{"h", "d", "u"}, []string{s.Host, s.Database, s.User})
			},
		},
		{
			name:  "each layer overrides the ones before, key by key",
			files: map[string]string{"pgwright.toml": address + "max_size = 20\npool.min_size = 2\npassword = 'file'\nparams = { a = 'file', b = 'file', c = 'file', d = 'file' }\n"},
			environ: []string{
				env + "DEFAULT__POOL__MAX_SIZE=30", env + "DEFAULT__PASSWORD=variable", env + "DEFAULT__PARAMS__B=variable",
				env + "DEFAULT__PARAMS__C=variable", env + "DEFAULT__PARAMS__D=variable", env + "DEFAULT__USER=variable",
				env + `DEFAULT__JSON={"password": "json", "pool": {"timeout": 1.5}, "params": {"c": "json", "d": "json"}, "user": "json"}`,
			},
			code: map[string]any{"user": "code", "params": map[string]string{"d": "code"}},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, int32(2), s.MinSize)
				require.Equal(t, int32(30), s.MaxSize)
				require.Equal(t, 1500*time.Millisecond, s.Timeout)
				require.Equal(t, "json", s.Password.Reveal())
				require.Equal(t, "code", s.User)
				require.Equal(t, "db", s.Host)
				require.Equal(t, map[string]string{"a": "file", "b": "variable", "c": "json", "d": "code"}, s.Params)
			},
		},
		{
			name:    "a stronger layer overrides the other spelling",
			files:   map[string]string{"pgwright.toml": address + "max_size = 20\n"},
			environ: []string{env + "DEFAULT__POOL__MAX_SIZE=30", env + `DEFAULT__JSON={"max_size": 40, "dbname": "other"}`},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, int32(40), s.MaxSize)
				require.Equal(t, "other", s.Database)
			},
		},
		{
			name:    "dotted keys in JSON and code",
			files:   map[string]string{"pgwright.toml": address},
			environ: []string{env + `DEFAULT__JSON={"pool.max_size": 40}`},
			code:    map[string]any{"pool.min_size": uint8(3), "timeout": 2 * time.Second, "retries": map[string]any{"jitter": float32(0.5)}, "password": profile.Secret("s")},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, int32(40), s.MaxSize)
				require.Equal(t, int32(3), s.MinSize)
				require.Equal(t, 2*time.Second, s.Timeout)
				require.InDelta(t, 0.5, s.Retries.Jitter, 0)
				require.Equal(t, "s", s.Password.Reveal())
			},
		},
		{
			name:    "null takes back what weaker layers set",
			files:   map[string]string{"pgwright.toml": address + "password = 'p'\nstatement_timeout = 5\npool = { max_size = 3, timeout = 1 }\nparams = { a = 'file' }\n"},
			environ: []string{env + `DEFAULT__JSON={"password": null, "statement_timeout": 0, "pool": {"timeout": null}, "params": null}`},
			code:    map[string]any{"params": map[string]any{"b": "code"}},
			check: func(t *testing.T, s *settings) {
				require.Empty(t, s.Password.Reveal())
				require.Zero(t, s.StatementTimeout)
				require.Equal(t, int32(3), s.MaxSize)
				require.Equal(t, 30*time.Second, s.Timeout)
				require.Equal(t, map[string]string{"b": "code"}, s.Params)
			},
		},
		{
			name:    "null for a table brings back its defaults",
			files:   map[string]string{"pgwright.toml": address + "pool = { max_size = 3, timeout = 1 }\n"},
			environ: []string{env + `DEFAULT__JSON={"pool": null}`},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, int32(10), s.MaxSize)
				require.Equal(t, 30*time.Second, s.Timeout)
			},
		},
		{
			name:    "dsn set: connection fields are ignored",
			files:   map[string]string{"pgwright.toml": address + "port = 'not even a port'\npassword = 'secret://nowhere'\nsslmode = 'require'\napplication_name = 'x'\nmax_size = 3\n"},
			environ: []string{env + "DEFAULT__DSN=postgres://u:p@h/d"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "postgres://u:p@h/d", s.DSN.Reveal())
				require.Equal(t, int32(3), s.MaxSize)
				require.Empty(t, []string{s.Host, s.Database, s.User, s.Password.Reveal(), s.SSLMode, s.ApplicationName}[0])
				require.Zero(t, s.Port)
			},
		},
		{
			name:    "an empty dsn takes back the file's",
			files:   map[string]string{"pgwright.toml": address + "dsn = 'postgres://u:p@h/d'\n"},
			environ: []string{env + "DEFAULT__DSN="},
			check: func(t *testing.T, s *settings) {
				require.Empty(t, s.DSN.Reveal())
				require.Equal(t, "db", s.Host)
			},
		},
		{
			name: "dsn of keys and values",
			code: map[string]any{"dsn": `host=h user = 'a b' password='it\'s' dbname=d`},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, `host=h user = 'a b' password='it\'s' dbname=d`, s.DSN.Reveal())
			},
		},
		{
			name: "dsn with several hosts",
			code: map[string]any{"dsn": "postgresql://u@h1:5432,h2:5433/d?target_session_attrs=read-write"},
			check: func(t *testing.T, s *settings) {
				require.NotEmpty(t, s.DSN.Reveal())
			},
		},
		{
			name:    "secrets from the environment",
			files:   map[string]string{"pgwright.toml": address + "password = 'secret://dev/db_password'\nport = 'secret://port'\nparams = { 'app.key' = 'secret://dev/db_password' }\n"},
			environ: []string{"DEV_DB_PASSWORD=sesame", "PORT=6543"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "sesame", s.Password.Reveal())
				require.Equal(t, uint16(6543), s.Port)
				require.Equal(t, map[string]string{"app.key": "sesame"}, s.Params)
			},
		},
		{
			name:    "secrets of a provider, from a variable, JSON and code",
			environ: []string{env + "DEFAULT__HOST=secret://host", env + `DEFAULT__JSON={"user": "secret://user", "password": "secret://user"}`},
			code:    map[string]any{"database": "secret://database", "password": profile.Secret("secret://password")},
			secrets: profile.Map{"host": "h", "user": "u", "database": "d", "password": "p"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, []string{"h", "u", "d", "p"}, []string{s.Host, s.User, s.Database, s.Password.Reveal()})
			},
		},
		{
			name:    "a secret that looks like a reference is the text",
			files:   map[string]string{"pgwright.toml": address + "password = 'secret://a'\n"},
			secrets: profile.Map{"a": "secret://b", "b": "wrong"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "secret://b", s.Password.Reveal())
			},
		},
		{
			name:    "a name with a dash",
			files:   map[string]string{"pgwright.toml": "[connectors.postgres.read-only]\nhost = 'db'\ndatabase = 'app'\nuser = 'me'\n"},
			profile: "read-only",
			environ: []string{env + "READ_ONLY__USER=reader", env + "READ__USER=other"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "reader", s.User)
			},
		},
		{
			name:    "a name that begins another name",
			files:   map[string]string{"pgwright.toml": address + "[connectors.postgres.default--copy]\nhost = 'copy'\n"},
			environ: []string{env + "DEFAULT__COPY__HOST=copy", env + "DEFAULT__HOST=mine"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "mine", s.Host)
			},
		},
		{
			name:    "the longer of two such names",
			files:   map[string]string{"pgwright.toml": address + "[connectors.postgres.default--copy]\nhost = 'copy'\ndatabase = 'd'\nuser = 'u'\n"},
			profile: "default--copy",
			environ: []string{env + "DEFAULT__COPY__HOST=longer", env + "DEFAULT__HOST=mine"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "longer", s.Host)
			},
		},
		{
			name:    "a name that must be quoted",
			files:   map[string]string{"pgwright.toml": "[connectors.postgres.\"größe 1.5\"]\nhost = 'db'\ndatabase = 'app'\nuser = 'me'\n"},
			profile: "größe 1.5",
			environ: []string{env + "GR__E_1_5__USER=reader"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "reader", s.User)
			},
		},
		{
			name:    "another prefix",
			prefix:  "MY_",
			environ: []string{"MY_DEFAULT__DSN=postgres://mine/d", env + "DEFAULT__DSN=postgres://other/d"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "postgres://mine/d", s.DSN.Reveal())
			},
		},
		{
			name:    "of a variable that comes twice the last counts, as for a process",
			environ: []string{env + "DEFAULT__DSN=postgres://first/d", env + "DEFAULT__DSN=postgres://last/d"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "postgres://last/d", s.DSN.Reveal())
			},
		},
		{
			name:  "pyproject.toml",
			files: map[string]string{"pyproject.toml": "[project]\nname = 'x'\n[tool.auto_workflow.connectors.postgres.default]\ndsn = 'postgres://python/d'\n"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "postgres://python/d", s.DSN.Reveal())
			},
		},
		{
			name: "pgwright.toml wins for a profile that both define, as a whole",
			files: map[string]string{
				"pyproject.toml": "[tool.auto_workflow.connectors.postgres]\ndefault = { dsn = 'postgres://python/d', max_size = 99 }\nother = { dsn = 'postgres://other/d' }\n",
				"pgwright.toml":  address,
			},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "db", s.Host)
				require.Equal(t, int32(10), s.MaxSize)
			},
		},
		{
			name:    "a profile that only the weaker file of the folder has",
			profile: "other",
			files: map[string]string{
				"pyproject.toml": "[tool.auto_workflow.connectors.postgres]\ndefault = { dsn = 'postgres://python/d' }\nother = { dsn = 'postgres://other/d' }\n",
				"pgwright.toml":  address,
			},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "postgres://other/d", s.DSN.Reveal())
			},
		},
		{
			name: "the nearest folder is the one: pgwright.toml above pyproject.toml",
			dir:  "a/b",
			files: map[string]string{
				"pgwright.toml":    address,
				"a/pyproject.toml": "[tool.auto_workflow.connectors.postgres.default]\ndsn = 'postgres://near/d'\n",
				"a/b/c/x.go":       "",
			},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "postgres://near/d", s.DSN.Reveal())
			},
		},
		{
			name: "the nearest folder is the one: pyproject.toml above pgwright.toml",
			dir:  "a/b/c",
			files: map[string]string{
				"pyproject.toml":  "[tool.auto_workflow.connectors.postgres.default]\ndsn = 'postgres://far/d'\n",
				"a/pgwright.toml": address,
				"a/b/c/x.go":      "",
			},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "db", s.Host)
			},
		},
		{
			name: "a pyproject.toml without profiles does not count",
			dir:  "a",
			files: map[string]string{
				"pgwright.toml":    address,
				"a/pyproject.toml": "[project]\nname = 'x'\n[tool.auto_workflow]\nx = 1\n",
			},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "db", s.Host)
			},
		},
		{
			name:  "a path as an option",
			path:  "etc/app.toml",
			files: map[string]string{"etc/app.toml": address, "pgwright.toml": "broken"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "db", s.Host)
			},
		},
		{
			name:    "a path in PGWRIGHT_CONFIG",
			files:   map[string]string{"etc/pyproject.toml": "[tool.auto_workflow.connectors.postgres.default]\ndsn = 'postgres://python/d'\n", "pgwright.toml": "broken"},
			environ: []string{"PGWRIGHT_CONFIG=etc/pyproject.toml"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "postgres://python/d", s.DSN.Reveal())
			},
		},
		{
			name:    "the option over PGWRIGHT_CONFIG",
			path:    "a.toml",
			files:   map[string]string{"a.toml": address, "b.toml": "broken"},
			environ: []string{"PGWRIGHT_CONFIG=b.toml"},
			check: func(t *testing.T, s *settings) {
				require.Equal(t, "db", s.Host)
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, c.files)
			environ := c.environ
			if environ == nil {
				environ = []string{}
			}
			name := c.profile
			if name == "" {
				name = "default"
			}
			s, err := profile.Load(context.Background(), name, profile.Options{
				Path: c.path, Dir: filepath.Join(dir, c.dir), EnvPrefix: c.prefix, Environ: environ, Secrets: c.secrets, Settings: c.code,
			})
			require.NoError(t, err)
			c.check(t, s)
		})
	}
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		files   map[string]string
		dir     string
		path    string
		profile string
		environ []string
		code    map[string]any
		secrets profile.Provider
		want    string
	}{
		{
			name: "no name", profile: "",
			want: "the name of the profile is empty",
		},
		{
			name: "nothing configured",
			want: `unknown profile "default": none is configured; set dsn in [connectors.postgres.default] of pgwright.toml or [tool.auto_workflow.connectors.postgres.default] of pyproject.toml, in the environment as ` + env + "DEFAULT__DSN or in the object " + env + "DEFAULT__JSON, or in code",
		},
		{
			name: "unknown profile", profile: "reportng", files: map[string]string{"pgwright.toml": address + "[connectors.postgres.reporting]\nhost='x'\n"}, environ: []string{env + "ONLY_ENV__HOST=h"},
			want: `unknown profile "reportng", known: "default", "only_env", "reporting"; did you mean "reporting"?`,
		},
		{
			name: "unknown profile with options in code", profile: "x", files: map[string]string{"pgwright.toml": address}, code: map[string]any{"max_size": 3},
			want: `unknown profile "x", known: "default"`,
		},
		{
			name: "missing keys", profile: "read only", files: map[string]string{"pgwright.toml": "[connectors.postgres.\"read only\"]\nport = 1\n"},
			want: `profile "read only": host, database and user are not set; set host, database and user in [connectors.postgres."read only"] of pgwright.toml or [tool.auto_workflow.connectors.postgres."read only"] of pyproject.toml, in the environment as ` + env + "READ_ONLY__HOST, " + env + "READ_ONLY__DATABASE and " + env + "READ_ONLY__USER or in the object " + env + "READ_ONLY__JSON, or in code; or set dsn instead of host, database and user",
		},
		{
			name: "one underscore", environ: []string{env + "DEFAULT_HOST=h", env + "DEFAULT__USER=u", env + "DEFAULT__DATABASE=d"},
			want: `profile "default": host is not set; set host in [connectors.postgres.default] of pgwright.toml or [tool.auto_workflow.connectors.postgres.default] of pyproject.toml, in the environment as ` + env + "DEFAULT__HOST or in the object " + env + "DEFAULT__JSON, or in code; or set dsn instead of host, database and user; " + env + "DEFAULT_HOST is set, but two underscores stand between profile and key",
		},
		{
			name: "unknown key in a file", files: map[string]string{"pgwright.toml": address + "pasword = 'x'\n"},
			want: `profile "default": pgwright.toml:5: pasword: unknown key, did you mean password?`,
		},
		{
			name: "unknown nested key", files: map[string]string{"pgwright.toml": address + "pool = { max_sise = 1 }\n"},
			want: `profile "default": pgwright.toml:5: pool.max_sise: unknown key, did you mean pool.max_size?`,
		},
		{
			name: "unknown key like no other", files: map[string]string{"pgwright.toml": address + "quux_frobnicate_all = 1\n"},
			want: `profile "default": pgwright.toml:5: quux_frobnicate_all: unknown key; the keys are dsn, host, port, database, user, password, sslmode, application_name, pool.min_size, pool.max_size, pool.timeout, pool.max_idle, connect_timeout, statement_timeout, retries.attempts, retries.backoff_min, retries.backoff_max, retries.jitter, exec_mode, search_path, params`,
		},
		{
			name: "unknown key in a variable", files: map[string]string{"pgwright.toml": address}, environ: []string{env + "DEFAULT__POOL__MAX_SIZ=1"},
			want: `profile "default": ` + env + "DEFAULT__POOL__MAX_SIZ: pool.max_siz: unknown key, did you mean pool.max_size?",
		},
		{
			name: "unknown key in JSON", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON={"retries": {"backof_min": 1}}`},
			want: `profile "default": ` + env + "DEFAULT__JSON: retries.backof_min: unknown key, did you mean retries.backoff_min?",
		},
		{
			name: "unknown key in code", files: map[string]string{"pgwright.toml": address}, code: map[string]any{"usr": "x"},
			want: `profile "default": code: usr: unknown key, did you mean user?`,
		},
		{
			name: "wrong types in a file", files: map[string]string{"pgwright.toml": address + "port = '5432'\npassword = 17\nmin_size = 1.5\nmax_size = true\ntimeout = 1979-05-27\nconnect_timeout = [1]\npool = { max_idle = { a = 1 } }\nsearch_path = ['a']\nretries = 3\nparams = 'x'\n"},
			want: "profile \"default\": 10 problems:\n  pgwright.toml:13: retries: is a table, found an integer\n  pgwright.toml:5: port: want an integer from 1 to 65535, found text\n  pgwright.toml:6: password: want text, found an integer\n  pgwright.toml:7: min_size: want an integer from 0 to 2147483647, found another number\n  pgwright.toml:8: max_size: want an integer from 1 to 2147483647, found a boolean\n  pgwright.toml:9: timeout: want a duration such as 500ms, 30s or 5m, or a number of seconds, found a date or time\n  pgwright.toml:11: pool.max_idle: want a duration such as 500ms, 30s or 5m, or a number of seconds, found a table\n  pgwright.toml:10: connect_timeout: want a duration such as 500ms, 30s or 5m, or a number of seconds, found an array\n  pgwright.toml:12: search_path: want text, found an array\n  pgwright.toml:14: params: is a table, found text",
		},
		{
			name: "wrong types in variables", files: map[string]string{"pgwright.toml": address}, environ: []string{env + "DEFAULT__PORT=five", env + "DEFAULT__MAX_SIZE=10.5", env + "DEFAULT__MIN_SIZE=", env + "DEFAULT__TIMEOUT=soon", env + "DEFAULT__RETRIES__JITTER=true", env + "DEFAULT__RETRIES__ATTEMPTS=3s", env + "DEFAULT__POOL=5", env + "DEFAULT__PARAMS=a"},
			want: "profile \"default\": 8 problems:\n  " + env + "DEFAULT__POOL: pool: is a table, found text\n  " + env + "DEFAULT__PORT: port: want an integer from 1 to 65535, found text\n  " + env + "DEFAULT__MIN_SIZE: min_size: want an integer from 0 to 2147483647, found empty text\n  " + env + "DEFAULT__MAX_SIZE: max_size: want an integer from 1 to 2147483647, found another number\n  " + env + "DEFAULT__TIMEOUT: timeout: want a duration such as 500ms, 30s or 5m, or a number of seconds, found other text\n  " + env + "DEFAULT__RETRIES__ATTEMPTS: retries.attempts: want an integer from 0 to 1000, found a duration\n  " + env + "DEFAULT__RETRIES__JITTER: retries.jitter: want a number from 0 to 1, found a boolean\n  " + env + "DEFAULT__PARAMS: params: is a table, found text",
		},
		{
			name: "wrong types in JSON", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON={"port": "1", "password": 5, "max_size": 1e400, "params": {"a": [1], "b": null}, "host": {"x": 1}}`},
			want: "profile \"default\": 5 problems:\n  " + env + "DEFAULT__JSON: host: want text, found a table\n  " + env + "DEFAULT__JSON: port: want an integer from 1 to 65535, found text\n  " + env + "DEFAULT__JSON: password: want text, found an integer\n  " + env + "DEFAULT__JSON: max_size: want an integer from 1 to 2147483647, found a number out of range\n  " + env + "DEFAULT__JSON: params.a: want text, a number or a boolean, found an array",
		},
		{
			name: "wrong types in code", files: map[string]string{"pgwright.toml": address}, code: map[string]any{"port": "1", "password": []byte("sesame"), "max_size": uint64(1) << 63, "params": map[string]any{"a": struct{}{}}},
			want: "profile \"default\": 4 problems:\n  code: port: want an integer from 1 to 65535, found text\n  code: password: want text, found a []uint8\n  code: max_size: want an integer from 1 to 2147483647, found a number out of range\n  code: params.a: want text, a number or a boolean, found a struct {}",
		},
		{
			name: "out of range", files: map[string]string{"pgwright.toml": address + "port = 0\nmax_size = 0\nmin_size = -1\ntimeout = -1\nconnect_timeout = '-5s'\nstatement_timeout = inf\nretries = { jitter = nan, attempts = 5000000000 }\n"}, environ: []string{env + "DEFAULT__POOL__MAX_IDLE=99999999999"},
			want: "profile \"default\": 9 problems:\n  pgwright.toml:5: port: want an integer from 1 to 65535, found one out of range\n  pgwright.toml:7: min_size: want an integer from 0 to 2147483647, found one out of range\n  pgwright.toml:6: max_size: want an integer from 1 to 2147483647, found one out of range\n  pgwright.toml:8: timeout: want a duration such as 500ms, 30s or 5m, or a number of seconds, found a negative one\n  " + env + "DEFAULT__POOL__MAX_IDLE: pool.max_idle: want a duration such as 500ms, 30s or 5m, or a number of seconds, found one out of range\n  pgwright.toml:9: connect_timeout: want a duration such as 500ms, 30s or 5m, or a number of seconds, found a negative one\n  pgwright.toml:10: statement_timeout: want a duration such as 500ms, 30s or 5m, or a number of seconds, found one out of range\n  pgwright.toml:11: retries.attempts: want an integer from 0 to 1000, found one out of range\n  pgwright.toml:11: retries.jitter: want a number from 0 to 1, found one out of range",
		},
		{
			name: "port too large", files: map[string]string{"pgwright.toml": address + "port = 65536\n"},
			want: `profile "default": pgwright.toml:5: port: want an integer from 1 to 65535, found one out of range`,
		},
		{
			name: "relations", files: map[string]string{"pgwright.toml": address + "min_size = 20\nretries.backoff_min = 5\nstatement_timeout = '100us'\n"},
			want: "profile \"default\": 3 problems:\n  pgwright.toml:5: min_size: 20 is more than pool.max_size, which is 10 (default)\n  pgwright.toml:7: statement_timeout: want whole milliseconds, at most 24 days\n  pgwright.toml:6: retries.backoff_min: 5s is more than retries.backoff_max, which is 2s (default)",
		},
		{
			name: "relations of two sources", files: map[string]string{"pgwright.toml": address + "max_size = 2\n"}, environ: []string{env + "DEFAULT__POOL__MIN_SIZE=3", env + "DEFAULT__STATEMENT_TIMEOUT=1000h"},
			want: "profile \"default\": 2 problems:\n  " + env + "DEFAULT__POOL__MIN_SIZE: pool.min_size: 3 is more than pool.max_size, which is 2 (pgwright.toml:5)\n  " + env + "DEFAULT__STATEMENT_TIMEOUT: statement_timeout: want whole milliseconds, at most 24 days",
		},
		{
			name: "both spellings in one source", files: map[string]string{"pgwright.toml": address + "max_size = 2\ndbname = 'x'\npool.max_size = 3\n"},
			want: "profile \"default\": 2 problems:\n  pgwright.toml:6: dbname: is set twice: database at pgwright.toml:3 is the same setting\n  pgwright.toml:7: pool.max_size: is set twice: max_size at pgwright.toml:5 is the same setting",
		},
		{
			name: "both spellings in the environment", files: map[string]string{"pgwright.toml": address}, environ: []string{env + "DEFAULT__POOL__TIMEOUT=1", env + "DEFAULT__TIMEOUT=1", env + "DEFAULT__host=a", env + "DEFAULT__HOST=b", env + "DEFAULT__JSON={}", env + "DEFAULT__json={}"},
			want: "profile \"default\": 3 problems:\n  " + env + "DEFAULT__json: is set twice: " + env + "DEFAULT__JSON is the same variable\n  " + env + "DEFAULT__host: host: is set twice: host at " + env + "DEFAULT__HOST is the same setting\n  " + env + "DEFAULT__TIMEOUT: timeout: is set twice: pool.timeout at " + env + "DEFAULT__POOL__TIMEOUT is the same setting",
		},
		{
			name: "both spellings in JSON and code", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON={"max_size": 1, "pool": {"max_size": 1}}`}, code: map[string]any{"dbname": "a", "database": "b"},
			want: "profile \"default\": 2 problems:\n  code: dbname: is set twice: database at code is the same setting\n  " + env + "DEFAULT__JSON: pool.max_size: is set twice: max_size at " + env + "DEFAULT__JSON is the same setting",
		},
		{
			name: "a server setting that is a key too", files: map[string]string{"pgwright.toml": address + "statement_timeout = 5\nsearch_path = 'a'\nparams = { search_path = 'b', statement_timeout = '5s', user = 'x', dbname = 'y', Password = 'z' }\n"},
			want: "profile \"default\": 5 problems:\n  pgwright.toml:7: params.Password: not a server setting: write password outside of params\n  pgwright.toml:7: params.dbname: not a server setting: write database outside of params\n  pgwright.toml:7: params.user: not a server setting: write user outside of params\n  pgwright.toml:7: params.search_path: is set twice: search_path at pgwright.toml:6 is the same setting\n  pgwright.toml:7: params.statement_timeout: is set twice: statement_timeout at pgwright.toml:5 is the same setting",
		},
		{
			name: "unknown sslmode and exec_mode", files: map[string]string{"pgwright.toml": address + "sslmode = 'verify_full'\nexec_mode = 'transaction'\n"},
			want: "profile \"default\": 2 problems:\n  pgwright.toml:5: sslmode: unknown \"verify_full\", did you mean \"verify-full\"? want one of disable, allow, prefer, require, verify-ca, verify-full\n  pgwright.toml:6: exec_mode: unknown \"transaction\", want one of cache_statement, cache_describe, describe_exec, exec, simple_protocol",
		},
		{
			name: "an unknown sslmode from a secret", files: map[string]string{"pgwright.toml": address + "sslmode = 'secret://a'\nport = 'secret://a'\n"}, secrets: profile.Map{"a": "sesame"},
			want: "profile \"default\": 2 problems:\n  pgwright.toml:6: port: want an integer from 1 to 65535, found text\n  pgwright.toml:5: sslmode: want one of disable, allow, prefer, require, verify-ca, verify-full, found other text",
		},
		{
			name: "a NUL", files: map[string]string{"pgwright.toml": address + "password = \"a\\u0000b\"\nparams = { x = \"\\u0000\" }\n"},
			want: "profile \"default\": 2 problems:\n  pgwright.toml:5: password: the text has a NUL character, which PostgreSQL does not accept\n  pgwright.toml:6: params.x: the text has a NUL character, which PostgreSQL does not accept",
		},
		{
			name: "malformed TOML", files: map[string]string{"pgwright.toml": address + "password = sesame\n"},
			want: `profile "default": pgwright.toml:5:12: malformed TOML: unexpected character`,
		},
		{
			name: "malformed TOML: a string that does not end", files: map[string]string{"pgwright.toml": address + "password = 'sesame\n"},
			want: `profile "default": pgwright.toml:5:19: malformed TOML: literal strings cannot have new lines`,
		},
		{
			name: "malformed TOML: text after the value", files: map[string]string{"pgwright.toml": address + "password = '' sesame\n"},
			want: `profile "default": pgwright.toml:5:15: malformed TOML: expected newline`,
		},
		{
			name: "malformed TOML: a key twice", files: map[string]string{"pgwright.toml": address + "host = 'x'\n"},
			want: `profile "default": pgwright.toml:5:1: malformed TOML: key host is already defined`,
		},
		{
			name: "malformed TOML: a table twice", files: map[string]string{"pgwright.toml": address + "[connectors]\n[connectors.postgres.default]\n"},
			want: `profile "default": pgwright.toml:6:2: malformed TOML: table default already exists`,
		},
		{
			name: "malformed TOML above", dir: "a", files: map[string]string{"pyproject.toml": "x =\n", "a/x": ""},
			want: `profile "default": ../pyproject.toml:1:4: malformed TOML: unexpected character`,
		},
		{
			name: "not a table", files: map[string]string{"pgwright.toml": "[connectors]\npostgres = 1\n"},
			want: `profile "default": pgwright.toml:2: connectors.postgres: must be a table, found an integer`,
		},
		{
			name: "a profile that is no table", files: map[string]string{"pyproject.toml": "[tool.auto_workflow.connectors.postgres]\nhost = 'x'\n"},
			want: `profile "default": pyproject.toml:2: tool.auto_workflow.connectors.postgres.host: must be a table, found text`,
		},
		{
			name: "a table of the path is an array", files: map[string]string{"pgwright.toml": "[[connectors]]\npostgres = 1\n"},
			want: `profile "default": pgwright.toml:1: connectors: must be a table, found an array`,
		},
		{
			name: "malformed JSON", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON={"password": sesame}`},
			want: `profile "default": ` + env + "DEFAULT__JSON: malformed JSON at byte 11",
		},
		{
			name: "malformed JSON: it ends", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON={"password": "sesame"`},
			want: `profile "default": ` + env + "DEFAULT__JSON: malformed JSON: it ends too early",
		},
		{
			name: "malformed JSON: more", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON={"password": "sesame"} sesame`},
			want: `profile "default": ` + env + "DEFAULT__JSON: want one JSON object, found more after byte 23",
		},
		{
			name: "malformed JSON: no object", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON="sesame"`},
			want: `profile "default": ` + env + "DEFAULT__JSON: want one JSON object, found another JSON value",
		},
		{
			name: "malformed JSON: empty", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON=`},
			want: `profile "default": ` + env + "DEFAULT__JSON: want one JSON object, found nothing",
		},
		{
			name: "malformed JSON: a bare word", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON=sesame`},
			want: `profile "default": ` + env + "DEFAULT__JSON: malformed JSON at byte 1",
		},
		{
			name: "malformed JSON: a key twice", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON={"pool": {"max_size": 1, "max_size": 2}}`},
			want: `profile "default": ` + env + `DEFAULT__JSON: the JSON object has "max_size" twice`,
		},
		{
			name: "malformed JSON: too deep", files: map[string]string{"pgwright.toml": address}, environ: []string{env + `DEFAULT__JSON={"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}"},
			want: `profile "default": ` + env + "DEFAULT__JSON: malformed JSON at byte 37",
		},
		{
			name: "a secret that is not set", files: map[string]string{"pgwright.toml": address + "password = 'secret://dev/db_password'\n"},
			want: `profile "default": pgwright.toml:5: password: secret "dev/db_password": no such secret: the environment has no variable DEV_DB_PASSWORD`,
		},
		{
			name: "a reference to no secret", files: map[string]string{"pgwright.toml": address + "password = 'secret://'\n"},
			want: `profile "default": pgwright.toml:5: password: secret:// names no secret`,
		},
		{
			name: "a provider that fails", files: map[string]string{"pgwright.toml": address + "password = 'secret://a'\n"}, secrets: profile.Chain(failing{}, profile.Map{"a": "x"}),
			want: `profile "default": pgwright.toml:5: password: secret "a": the vault is sealed`,
		},
		{
			name: "a URL that does not parse", code: map[string]any{"dsn": "postgres://me:se%same@db/app"},
			want: `profile "default": code: dsn: malformed URL; in the password write %40 for @, %2F for /, %3A for :, %23 for #, %3F for ? and %25 for %`,
		},
		{
			name: "a URL with another scheme", environ: []string{env + "DEFAULT__DSN=mysql://me:sesame@db/app"},
			want: `profile "default": ` + env + "DEFAULT__DSN: dsn: want a URL postgres://user:password@host/database, or key=value with spaces between",
		},
		{
			name: "keys and values that do not parse", environ: []string{env + "DEFAULT__DSN=host=db password='sesame"},
			want: `profile "default": ` + env + "DEFAULT__DSN: dsn: a quoted value has no closing quote",
		},
		{
			name: "a password as dsn", environ: []string{env + "DEFAULT__DSN=sesame"},
			want: `profile "default": ` + env + "DEFAULT__DSN: dsn: want a URL postgres://user:password@host/database, or key=value with spaces between; quote a value with spaces as 'a b'",
		},
		{
			name: "a path that does not exist", path: "nowhere.toml",
			want: `profile "default": nowhere.toml: no such file or directory`,
		},
		{
			name: "PGWRIGHT_CONFIG that does not exist", environ: []string{"PGWRIGHT_CONFIG=/nowhere/pgwright.toml"},
			want: `profile "default": /nowhere/pgwright.toml: no such file or directory`,
		},
		{
			name: "a file that is a folder", files: map[string]string{"pgwright.toml/x": ""},
			want: `profile "default": pgwright.toml: is a directory`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, c.files)
			environ := c.environ
			if environ == nil {
				environ = []string{}
			}
			name := c.profile
			if name == "" && c.name != "no name" {
				name = "default"
			}
			_, err := profile.Load(context.Background(), name, profile.Options{
				Path: c.path, Dir: filepath.Join(dir, c.dir), Environ: environ, Secrets: c.secrets, Settings: c.code,
			})
			require.EqualError(t, err, c.want)
			require.ErrorIs(t, err, profile.ErrConfig)
			var e *profile.Error
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Problems)
		})
	}
}

var errSealed = errors.New("the vault is sealed")

// failing is a provider that is not reachable.
type failing struct{}

func (failing) Secret(context.Context, string) (string, error) { return "", errSealed }
