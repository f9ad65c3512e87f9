package generator

import (
	"context"
	"crypto/tls"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/profile"
)

func TestConnConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		settings map[string]any
		check    func(t *testing.T, c *pgx.ConnConfig)
	}{
		{
			name: "texts of any characters",
			settings: map[string]any{
				"host": "h", "database": "a 'b' @ %c", "user": "me=you & 100%", "password": ` \'"@:/?#%20+`,
				"application_name": "it's", "search_path": `"x y", z`, "params.app.key": "a b",
			},
			check: func(t *testing.T, c *pgx.ConnConfig) {
				require.Equal(t, []string{"h", "a 'b' @ %c", "me=you & 100%", ` \'"@:/?#%20+`}, []string{c.Host, c.Database, c.User, c.Password})
				require.Equal(t, uint16(5432), c.Port)
				require.Equal(t, map[string]string{"application_name": "it's", "search_path": `"x y", z`, "app.key": "a b"}, c.RuntimeParams)
				require.Equal(t, 10*time.Second, c.ConnectTimeout)
			},
		},
		{
			name:     "a socket",
			settings: map[string]any{"host": "/var/run/my sockets+", "port": 6543, "database": "d", "user": "u"},
			check: func(t *testing.T, c *pgx.ConnConfig) {
				require.Equal(t, "/var/run/my sockets+", c.Host)
				require.Equal(t, uint16(6543), c.Port)
				require.Nil(t, c.TLSConfig)
			},
		},
		{
			name:     "sslmode",
			settings: map[string]any{"host": "h", "database": "d", "user": "u", "sslmode": "verify-full"},
			check: func(t *testing.T, c *pgx.ConnConfig) {
				require.NotNil(t, c.TLSConfig)
				require.Equal(t, "h", c.TLSConfig.ServerName)
				require.False(t, c.TLSConfig.InsecureSkipVerify)
				require.Empty(t, c.Fallbacks)
				require.LessOrEqual(t, c.TLSConfig.MinVersion, uint16(tls.VersionTLS13))
			},
		},
		{
			name:     "dsn, and what is not in it",
			settings: map[string]any{"dsn": "postgres://u:p%40@h:1/d?application_name=x&sslmode=disable", "user": "ignored", "search_path": "s", "connect_timeout": 0},
			check: func(t *testing.T, c *pgx.ConnConfig) {
				require.Equal(t, []string{"h", "d", "u", "p@"}, []string{c.Host, c.Database, c.User, c.Password})
				require.Equal(t, map[string]string{"application_name": "x", "search_path": "s"}, c.RuntimeParams)
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := profile.Load(context.Background(), "p", profile.Options{Dir: t.TempDir(), Environ: []string{}, Settings: c.settings})
			require.NoError(t, err)
			config, err := connConfig(s)
			require.NoError(t, err)
			c.check(t, config)
		})
	}
}
