// Package peers does the same work with each of the ways to use PostgreSQL from Go that people choose between.
//
// Rules:
//
//   - A peer is used as its documentation recommends for speed: prepared or cached statements, its way to insert many
//     rows, COPY where it has it. What that is stands in [Peer.How].
//   - All talk to the server through pgx: those that can, through a pgxpool, the others through database/sql over pgx's
//     own driver. Each has one connection, on the same database.
//   - The Go types of the fields are a peer's usual ones. The peer's values are made of items beforehand, and items of
//     what it read afterwards, while no clock runs, and compared with the same checksum.
package peers

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/pgwright/pgwright/bench/item"
)

// Peer is one way to use PostgreSQL.
type Peer struct {
	Name string
	// How says in a few words how it is used.
	How string
	// CopyHow says with what rows are copied in, if not with COPY.
	CopyHow string
	// Open connects. The URL is that of a database made by the package database.
	Open func(ctx context.Context, url string) (Client, error)
}

// All lists the peers.
func All() []Peer {
	return []Peer{
		{Name: "pgwright", How: "generated code, pgxpool", Open: openPgwright},
		{Name: "pgx by hand", How: "rows.Scan in a loop, pgxpool, SendBatch", Open: openPgx},
		{Name: "pgx CollectRows", How: "CollectRows with RowToStructByPos, pgxpool, SendBatch", Open: openCollect},
		{Name: "sqlc", How: "generated code with sql_package pgx/v5, pgxpool, :batchexec", Open: openSQLC},
		{Name: "bob", How: "psql query builder with scan.StructMapper, drivers/pgx", CopyHow: insertsOf, Open: openBob},
		{Name: "database/sql", How: "prepared statements, pgx/v5/stdlib, INSERT of many rows", CopyHow: insertsOf, Open: openSQL},
		{Name: "gorm", How: "PrepareStmt, SkipDefaultTransaction, CreateInBatches, Joins", CopyHow: insertsOf, Open: openGorm},
		{Name: "bun", How: "pgdialect, simple protocol because bun formats arguments itself, bulk insert", CopyHow: insertsOf, Open: openBun},
		{Name: "ent", How: "generated code, CreateBulk, eager loading in a second query for the join", CopyHow: insertsOf, Open: openEnt},
		{Name: "jet", How: "generated tables and models, stmtcache, INSERT of many rows", CopyHow: insertsOf, Open: openJet},
	}
}

// chunk is how many rows one INSERT has where there is no COPY: as many parameters as PostgreSQL allows are 65,535.
const (
	chunk     = 1000
	insertsOf = "with INSERT of 1,000 rows at a time"
)

// Client is a peer's connection, and the rows that it is given or has read.
type Client interface {
	// Take keeps items as the peer's own values, to be written later.
	Take(items []item.Item)

	// Get, List and Join read one item, the items with ids up to most, and those with their owners.
	Get(ctx context.Context, id int64) error
	List(ctx context.Context, most int64) error
	Join(ctx context.Context, most int64) error

	// Insert writes the row at index i of those taken, InsertMany the first n, and Copy all.
	Insert(ctx context.Context, i int) error
	InsertMany(ctx context.Context, n int) error
	Copy(ctx context.Context) error
	// Update changes one row of the table loaded, and returns how many it has changed.
	Update(ctx context.Context, id int64, quantity int32, note string) (int64, error)

	// Read returns what was read last, with the owners after a Join, and forgets it.
	Read() (items []item.Item, owners []string)

	Close() error
}

// errRows is the error of a COPY that has loaded too few.
var errRows = errors.New("another number of rows than was asked for")

// openPool connects as applications that use pgx do.
func openPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MinConns, config.MaxConns = 1, 1
	taped(ctx, &config.ConnConfig.Config)
	return pgxpool.NewWithConfig(ctx, config)
}

// openStdlib connects as applications that use database/sql do.
func openStdlib(ctx context.Context, url string, mode pgx.QueryExecMode) (*sql.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.DefaultQueryExecMode = mode
	taped(ctx, &config.Config)
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(1)
	db.SetMaxIdleConns(1)
	return db, nil
}

// chunks calls f with the bounds of each chunk of n rows.
func chunks(n int, f func(first, end int) error) error {
	for first := 0; first < n; first += chunk {
		if err := f(first, min(first+chunk, n)); err != nil {
			return err
		}
	}
	return nil
}
