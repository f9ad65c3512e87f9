package runtime_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime"
)

// A client goes on after its server was stopped and started again: statements
// fail while it is away, and then no more than once for each connection.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	start := restartable(t)
	s := start()
	const size = 3
	client := open(t, runtime.WithDSN(s.URL("postgres")), runtime.WithSetting("max_size", size), runtime.WithSetting("min_size", size),
		runtime.WithSetting("retries.backoff_min", "1ms"), runtime.WithSetting("retries.backoff_max", "2ms"))
	_, err := client.Exec(t.Context(), "CREATE TABLE item (id int)")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return client.Stats().IdleConns() == size }, 10*time.Second, time.Millisecond)
	require.NoError(t, s.Stop())

	for range size + 1 {
		_, err = client.Exec(t.Context(), "INSERT INTO item VALUES (1)")
		require.ErrorIs(t, err, runtime.ErrTransient)
	}
	require.ErrorIs(t, client.Ping(t.Context()), runtime.ErrTransient)

	again := start()
	t.Cleanup(func() { require.NoError(t, again.Stop()) })
	require.Equal(t, s.URL("postgres"), again.URL("postgres"))
	for range 5 {
		_, err = client.Exec(t.Context(), "INSERT INTO item VALUES (1)")
		require.NoError(t, err)
	}
	require.Equal(t, "5", count(t, client, "item"))
}
