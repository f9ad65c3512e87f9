// Package database starts the throwaway PostgreSQL that clients are measured on.
//
// The server is another process, so that its time is not counted as the client's. It is the one that pgwright's own
// tests run on, without durability. DATABASE_URL names another database to use instead: an empty one, in which the
// tables are made.
package database

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/bench/item"
	"github.com/pgwright/pgwright/bench/schema"
	"github.com/pgwright/pgwright/internal/server"
)

// Database is a database with the schema, and rows in the tables items and owners.
type Database struct {
	URL    string
	server *server.Server
}

// Start makes a database with so many rows.
func Start(ctx context.Context, rows int) (*Database, error) {
	d := &Database{URL: os.Getenv("DATABASE_URL")}
	if d.URL == "" {
		s, err := server.Start(ctx, server.Options{BinDir: os.Getenv("PGWRIGHT_TEST_POSTGRES_BIN"), ScratchDir: server.MemoryDir()}, "")
		if err != nil {
			return nil, err
		}
		d.server, d.URL = s, s.URL("postgres")
	}
	if err := Fill(ctx, d.URL, rows); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close stops the server.
func (d *Database) Close() error {
	if d.server == nil {
		return nil
	}
	return d.server.Stop()
}

// Fill makes the tables in an empty database, and so many items.
func Fill(ctx context.Context, url string, rows int) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.PgConn().Exec(ctx, schema.SQL).ReadAll(); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}
	owners := make([][]any, item.Owners)
	for i := range owners {
		owners[i] = []any{int64(i + 1), item.Owner(int64(i + 1))}
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"owners"}, []string{"id", "name"}, pgx.CopyFromRows(owners)); err != nil {
		return fmt.Errorf("load owners: %w", err)
	}
	items := item.Make(rows)
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"items"}, item.Columns, pgx.CopyFromSlice(len(items), func(i int) ([]any, error) {
		v := &items[i]
		return []any{
			v.ID, v.Ref, v.OwnerID, v.Name, v.Quantity, v.Price, v.Weight, v.Active, v.Attributes, v.Note, v.CreatedAt, v.ShippedAt,
		}, nil
	}))
	if err != nil {
		return fmt.Errorf("load items: %w", err)
	}
	// A plan must not change while clients are being compared.
	_, err = conn.Exec(ctx, "VACUUM ANALYZE")
	return err
}
