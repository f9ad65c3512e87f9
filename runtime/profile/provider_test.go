package profile_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/profile"
)

func TestEnv(t *testing.T) {
	t.Parallel()
	p := profile.Env([]string{"dev/db_password=exact", "A_B_C=upper", "X=first", "X=last", "EMPTY=", "EQ=a=b", "no equals sign"})
	for _, c := range []struct {
		key, want string
		missing   bool
	}{
		{key: "dev/db_password", want: "exact"},
		{key: "a/b-c", want: "upper"},
		{key: "A_B_C", want: "upper"},
		{key: "a.ü", missing: true},
		{key: "X", want: "last"},
		{key: "empty", want: ""},
		{key: "eq", want: "a=b"},
		{key: "no equals sign", missing: true},
		{key: "", missing: true},
	} {
		t.Run(c.key, func(t *testing.T) {
			t.Parallel()
			got, err := p.Secret(context.Background(), c.key)
			if c.missing {
				require.ErrorIs(t, err, profile.ErrNoSecret)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

// A test that sets a variable of the process cannot run beside others.
func TestEnvOfTheProcess(t *testing.T) {
	t.Setenv("PGWRIGHT_TEST_SECRET", "now")
	got, err := profile.Env(nil).Secret(context.Background(), "pgwright/test-secret")
	require.NoError(t, err)
	require.Equal(t, "now", got)
	t.Setenv(env+"DEFAULT__DSN", "postgres://process/d")
	s, err := profile.Load(context.Background(), "default", profile.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	require.Equal(t, "postgres://process/d", s.DSN.Reveal())
}

func TestFiles(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"outside":                    "outside",
		"secrets/plain":              "sesame",
		"secrets/line":               "sesame\n",
		"secrets/dos":                "sesame\r\n",
		"secrets/two":                "sesame\n\n",
		"secrets/spaces":             " sesame ",
		"secrets/empty":              "",
		"secrets/dev/db_password":    "nested",
		"secrets/..2024/db_password": "mounted",
		"secrets/large":              strings.Repeat("x", 1<<20+1),
	})
	dir := filepath.Join(root, "secrets")
	link := func(to, name string) { require.NoError(t, os.Symlink(to, filepath.Join(dir, name))) }
	// This is how Kubernetes mounts a secret.
	link("..2024", "..data")
	link("..data/db_password", "db_password")
	link("../outside", "up")
	link(filepath.Join(root, "outside"), "absolute")
	link("..", "parent")
	link("loop", "loop")
	link("gone", "dangling")
	p := profile.Files(dir)
	for _, c := range []struct{ key, want, err string }{
		{key: "plain", want: "sesame"},
		{key: "line", want: "sesame"},
		{key: "dos", want: "sesame"},
		{key: "two", want: "sesame\n"},
		{key: "spaces", want: " sesame "},
		{key: "empty", want: ""},
		{key: "dev/db_password", want: "nested"},
		{key: "db_password", want: "mounted"},
		{key: "gone", err: "no such secret"},
		{key: "plain/x", err: "not a directory"},
		{key: "dangling", err: "no such secret"},
		{key: "dev", err: "not a regular file"},
		{key: "large", err: "larger than 1048576 bytes"},
		{key: "up", err: "escapes"},
		{key: "absolute", err: "escapes"},
		{key: "parent/outside", err: "escapes"},
		{key: "loop", err: "too many levels"},
		{key: "../outside", err: "not a path below the folder of secrets"},
		{key: "dev/../../outside", err: "not a path below the folder of secrets"},
		{key: "dev/../plain", err: "not a path below the folder of secrets"},
		{key: filepath.Join(root, "outside"), err: "not a path below the folder of secrets"},
		{key: "", err: "not a path below the folder of secrets"},
		{key: ".", err: "not a path below the folder of secrets"},
		{key: "dev//db_password", err: "not a path below the folder of secrets"},
		{key: `..\outside`, err: "not a path below the folder of secrets"},
		{key: "plain\x00", err: "not a path below the folder of secrets"},
	} {
		t.Run(strings.ReplaceAll(c.key, root, "root"), func(t *testing.T) {
			t.Parallel()
			got, err := p.Secret(context.Background(), c.key)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				require.Empty(t, got)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	_, err := profile.Files(filepath.Join(root, "nowhere")).Secret(context.Background(), "plain")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NotErrorIs(t, err, profile.ErrNoSecret, "a folder that is not mounted is a fault, not an absence")
}

func TestChainAndPrefixed(t *testing.T) {
	t.Parallel()
	first, second := profile.Map{"a": "1"}, profile.Map{"a": "2", "b": "2", "app/c": "3"}
	for _, c := range []struct {
		name      string
		p         profile.Provider
		key, want string
		err       error
		text      string
	}{
		{name: "the first that has it", p: profile.Chain(first, second), key: "a", want: "1"},
		{name: "the next", p: profile.Chain(first, second), key: "b", want: "2"},
		{name: "none", p: profile.Chain(first, profile.Env([]string{})), key: "b", err: profile.ErrNoSecret, text: "no such secret in the map; no such secret: the environment has no variable B"},
		{name: "no providers", p: profile.Chain(), key: "b", err: profile.ErrNoSecret, text: "no such secret: the chain has no provider"},
		{name: "a failure is not an absence", p: profile.Chain(failing{}, second), key: "a", err: errSealed, text: "the vault is sealed"},
		{name: "prefixed", p: profile.Prefixed("app/", second), key: "c", want: "3"},
		{name: "prefixed in a chain", p: profile.Chain(profile.Prefixed("app/", second), second), key: "b", want: "2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.p.Secret(context.Background(), c.key)
			if c.err != nil {
				require.ErrorIs(t, err, c.err)
				require.EqualError(t, err, c.text)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestProviderErrorIsFound(t *testing.T) {
	t.Parallel()
	_, err := profile.Load(context.Background(), "default", profile.Options{
		Dir: t.TempDir(), Environ: []string{}, Settings: map[string]any{"dsn": "secret://a"}, Secrets: failing{},
	})
	require.ErrorIs(t, err, errSealed)
	require.ErrorIs(t, err, profile.ErrConfig)
}

// waiting is a provider that gives up when its caller does.
type waiting struct{}

func (waiting) Secret(ctx context.Context, _ string) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestProviderGetsTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := profile.Load(ctx, "default", profile.Options{
		Dir: t.TempDir(), Environ: []string{}, Settings: map[string]any{"dsn": "secret://a"}, Secrets: waiting{},
	})
	require.ErrorIs(t, err, context.Canceled)
}

// counting is a provider that knows what it was asked for.
type counting struct{ keys chan string }

func (c counting) Secret(_ context.Context, key string) (string, error) {
	c.keys <- key
	return key, nil
}

func TestOnlySecretsInUseAreAskedFor(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"pgwright.toml": address + "password = 'secret://file'\n"})
	p := counting{make(chan string, 10)}
	_, err := profile.Load(context.Background(), "default", profile.Options{Dir: dir, Environ: []string{env + "DEFAULT__PASSWORD=secret://variable"}, Secrets: p})
	require.NoError(t, err)
	close(p.keys)
	var asked []string
	for key := range p.keys {
		asked = append(asked, key)
	}
	require.Equal(t, []string{"variable"}, asked)
}
