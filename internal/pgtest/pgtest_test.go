package pgtest_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestNewGivesEachTestAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"first", "second", "Ünïcode / and spaces", strings.Repeat("long", 40)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := pgx.Connect(t.Context(), pgtest.New(t))
			require.NoError(t, err)
			var tables int
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE oid >= 16384").Scan(&tables))
			require.Zero(t, tables)
			_, err = conn.Exec(t.Context(), "CREATE TABLE same_name (id int)")
			require.NoError(t, err)
			// The connection stays open on purpose: the clean-up has to cut it.
		})
	}
}

func TestDatabaseIsDroppedAtTheEndOfItsTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("inner", func(t *testing.T) { url = pgtest.New(t) })
	_, err := pgx.Connect(t.Context(), url)
	require.ErrorContains(t, err, "does not exist")
}

func TestSchemaRunsAScript(t *testing.T) {
	t.Parallel()
	url := pgtest.Schema(t, `
		CREATE TYPE mood AS ENUM ('sad', 'ok');
		CREATE TABLE person (id bigint PRIMARY KEY, mood mood NOT NULL);
		INSERT INTO person VALUES (1, 'ok');
	`)
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	var mood string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT mood::text FROM person").Scan(&mood))
	require.Equal(t, "ok", mood)
	require.NoError(t, conn.Close(t.Context()))
}
