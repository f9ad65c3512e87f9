package profile_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/profile"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		files   map[string]string
		prefix  string
		environ []string
		want    []string
	}{
		{name: "none"},
		{
			name: "files and variables",
			files: map[string]string{
				"pgwright.toml":  "[connectors.postgres.read-only]\n[connectors.postgres.Default]\n",
				"pyproject.toml": "[tool.auto_workflow.connectors.postgres]\nDefault = {}\npython = {}\na--b = {}\n",
			},
			environ: []string{
				env + "READ_ONLY__HOST=x", env + "DEFAULT__HOST=x", env + "MORE__JSON={}", env + "MORE__HOST=x", env + "A__B__HOST=x",
				env + "NO_KEY=x", env + "NO_KEY__=x", env + "__HOST=x", "OTHER__HOST=x",
			},
			want: []string{"Default", "a--b", "more", "python", "read-only"},
		},
		{name: "another prefix", prefix: "app_", environ: []string{"APP_ONE__HOST=x", env + "TWO__HOST=x"}, want: []string{"one"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := profile.Names(profile.Options{Dir: folder(t, c.files), EnvPrefix: c.prefix, Environ: append([]string{}, c.environ...)})
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
	_, err := profile.Names(profile.Options{Dir: folder(t, map[string]string{"pgwright.toml": "x"}), Environ: []string{}})
	require.EqualError(t, err, "pgwright.toml:1:1: malformed TOML: expected '=' after key")
	require.ErrorIs(t, err, profile.ErrConfig)
}

func TestTwoProfilesAtOnce(t *testing.T) {
	t.Parallel()
	o := profile.Options{
		Dir:     folder(t, map[string]string{"pgwright.toml": address + "[connectors.postgres.reporting]\nhost = 'replica'\ndatabase = 'app'\nuser = 'reader'\n"}),
		Environ: []string{env + "REPORTING__PASSWORD=r", env + "DEFAULT__PASSWORD=d"},
	}
	type loaded struct {
		s   *profile.Settings
		err error
	}
	results := map[string]chan loaded{"default": make(chan loaded, 20), "reporting": make(chan loaded, 20)}
	for range 20 {
		for name, to := range results {
			go func() {
				s, err := profile.Load(context.Background(), name, o)
				to <- loaded{s, err}
			}()
		}
	}
	for range 20 {
		d, r := <-results["default"], <-results["reporting"]
		require.NoError(t, d.err)
		require.NoError(t, r.err)
		require.Equal(t, []string{"db", "me", "d"}, []string{d.s.Host, d.s.User, d.s.Password.Reveal()})
		require.Equal(t, []string{"replica", "reader", "r"}, []string{r.s.Host, r.s.User, r.s.Password.Reveal()})
		require.NotEqual(t, d.s.Digest(), r.s.Digest())
	}
}
