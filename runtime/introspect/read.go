package introspect

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// DB is what [Read] asks: a *pgxpool.Pool, *pgx.Conn or pgx.Tx, or a
// *runtime.Client or *runtime.Tx.
type DB interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Options choose what is read. The zero value chooses everything.
type Options struct {
	// Schemas are those whose objects are chosen, all if there is none. One that
	// does not exist is an error.
	Schemas []string
	// Only are the tables and views that are chosen, as "users" or "shop.users";
	// a * stands for any characters. One that nothing fits is an error. With
	// them come the types, sequences, functions and extensions that they need,
	// and nothing else.
	Only []string
	// Needed adds all that the chosen objects need to be made: the tables that
	// a view reads, the parents of a table, what is in other schemas; but not
	// the tables that foreign keys refer to.
	Needed bool
}

// settings are what the texts of the catalogs depend on, and compiling the long
// statement would take longer than running it.
const (
	sqlServer = `SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
  pg_catalog.current_setting('search_path'), pg_catalog.current_setting('jit')`
	sqlSet = `SELECT pg_catalog.set_config('search_path', $1, true), pg_catalog.set_config('jit', $2, true)`
)

// Read reads what a database holds, in two round trips. It needs no privilege
// beyond CONNECT, writes nothing, works in read-only transactions and on
// standbys, and on PostgreSQL 13 and later. In a transaction it reads what that
// sees, and leaves its settings as they were.
func Read(ctx context.Context, db DB, opt Options) (*Database, error) {
	var version int
	var path, jit string
	first := &pgx.Batch{}
	first.Queue(sqlServer).QueryRow(func(row pgx.Row) error { return row.Scan(&version, &path, &jit) })
	if err := db.SendBatch(ctx, first).Close(); err != nil {
		return nil, fmt.Errorf("introspect: %w", err)
	}
	major := version / 10000
	if major < 13 {
		return nil, fmt.Errorf("introspect: PostgreSQL %d is too old: version 13 is the oldest one supported", major)
	}
	r := newReader()
	sections := r.sections()
	scan := make(map[string]func([]byte) error, len(sections))
	for _, s := range sections {
		scan[s.name] = s.scan
	}
	batch := &pgx.Batch{}
	// The statements of a batch are one transaction, at whose end the settings
	// are as before; in a transaction of the caller's they are put back.
	batch.Queue(sqlSet, "", "off")
	batch.Queue(statement(sections, major)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			values := rows.RawValues()
			if err := scan[string(values[0])](values[1]); err != nil {
				return fmt.Errorf("read %s: %w", values[0], err)
			}
		}
		return rows.Err()
	})
	batch.Queue(sqlSet, path, jit)
	if err := db.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("introspect: %w", err)
	}
	d := r.build()
	d.ServerVersion = version
	d.sort()
	if err := d.choose(opt); err != nil {
		return nil, fmt.Errorf("introspect: %w", err)
	}
	return d, nil
}
