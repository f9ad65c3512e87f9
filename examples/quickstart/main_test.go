package main

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestQuickstart(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("../../schema/shop.sql")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), pgtest.Schema(t, string(schema)), &out))
	require.Equal(t, `copied 3 products and 2 users
Ada is called Countess and lives in London; nobody is <nil>
the order is paid: 2 lines, total 25.40
  2 × Assam at 7.90
  2 × Cup at 4.80
Ada has ordered; the order is paid
Alan has not ordered yet
Ada has spent 25.40
Alan has spent nothing
in stock: cup-01 at 4.80
in stock: tea-01 at 7.90
in stock: tea-02 at 12.50
`, out.String())
}

func TestQuickstartNeedsADatabase(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, run(context.Background(), "", &bytes.Buffer{}), "DATABASE_URL")
}

// A program says at its start what a migration did to it.
func TestQuickstartOnAnotherSchema(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("../../schema/shop.sql")
	require.NoError(t, err)
	url := pgtest.Schema(t, string(schema)+"ALTER TABLE users RENAME COLUMN nickname TO alias; ALTER TABLE users ALTER COLUMN created_at TYPE timestamp;")
	err = run(context.Background(), url, &bytes.Buffer{})
	require.ErrorContains(t, err, `FindUser: ERROR: column "nickname" does not exist`)
	require.ErrorContains(t, err, `GetUser: ERROR: column "nickname" does not exist`)
}
