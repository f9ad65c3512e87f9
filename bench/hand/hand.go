// Package hand is what a careful person writes with pgx: the side that pgwright's output is compared with.
//
// Rules: the same SQL, the same connection and the same Go types of the fields as the generated code. pgx prepares and
// caches the statements, reads binary formats, and is used as its documentation recommends.
package hand

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/bench/item"
)

// columns are those of the table items, in order.
const columns = "id, ref, owner_id, name, quantity, price, weight, active, attributes, note, created_at, shipped_at"

// The statements, which other clients send too.
const (
	GetSQL    = "SELECT " + columns + " FROM items WHERE id = $1"
	ListSQL   = "SELECT " + columns + " FROM items WHERE id <= $1"
	NamesSQL  = "SELECT id, name FROM items WHERE id <= $1"
	JoinSQL   = "SELECT i.id, i.ref, i.owner_id, i.name, i.quantity, i.price, i.weight, i.active, i.attributes, i.note, i.created_at, i.shipped_at, o.name AS owner FROM items i JOIN owners o ON o.id = i.owner_id WHERE i.id <= $1"
	UpdateSQL = "UPDATE loaded SET quantity = $1, note = $2 WHERE id = $3"
	InsertSQL = "INSERT INTO loaded (" + columns + ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
)

// DB is a connection or a pool.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error)
}

// scan reads a row. Attributes are scanned as []byte, because pgx would look at the JSON of a json.RawMessage.
func scan(row pgx.Row, v *item.Item) error {
	return row.Scan(&v.ID, &v.Ref, &v.OwnerID, &v.Name, &v.Quantity, &v.Price, &v.Weight, &v.Active,
		(*[]byte)(&v.Attributes), &v.Note, &v.CreatedAt, &v.ShippedAt)
}

func values(v *item.Item) []any {
	return []any{
		v.ID, v.Ref, v.OwnerID, v.Name, v.Quantity, v.Price, v.Weight, v.Active, v.Attributes, v.Note, v.CreatedAt, v.ShippedAt,
	}
}

// Get reads one item.
func Get(ctx context.Context, db DB, id int64) (item.Item, error) {
	var v item.Item
	err := scan(db.QueryRow(ctx, GetSQL, id), &v)
	return v, err
}

// List reads the items with ids up to most.
func List(ctx context.Context, db DB, most int64) ([]item.Item, error) {
	rows, err := db.Query(ctx, ListSQL, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []item.Item
	var v item.Item
	for rows.Next() {
		if err := scan(rows, &v); err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	return items, rows.Err()
}

// Name is a row of [Names].
type Name struct {
	ID   int64
	Name string
}

// Names reads two columns of the items with ids up to most.
func Names(ctx context.Context, db DB, most int64) ([]Name, error) {
	rows, err := db.Query(ctx, NamesSQL, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []Name
	var v Name
	for rows.Next() {
		if err := rows.Scan(&v.ID, &v.Name); err != nil {
			return nil, err
		}
		names = append(names, v)
	}
	return names, rows.Err()
}

// WithOwner is a row of [Join].
type WithOwner struct {
	item.Item
	Owner string
}

// Join reads the items with ids up to most, each with its owner.
func Join(ctx context.Context, db DB, most int64) ([]WithOwner, error) {
	rows, err := db.Query(ctx, JoinSQL, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []WithOwner
	var v WithOwner
	for rows.Next() {
		if err := rows.Scan(&v.ID, &v.Ref, &v.OwnerID, &v.Name, &v.Quantity, &v.Price, &v.Weight, &v.Active,
			(*[]byte)(&v.Attributes), &v.Note, &v.CreatedAt, &v.ShippedAt, &v.Owner); err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	return items, rows.Err()
}

// Stream calls yield for each of the items with ids up to most, always with the same struct.
func Stream(ctx context.Context, db DB, most int64, yield func(*item.Item)) error {
	rows, err := db.Query(ctx, ListSQL, most)
	if err != nil {
		return err
	}
	defer rows.Close()
	var v item.Item
	for rows.Next() {
		if err := scan(rows, &v); err != nil {
			return err
		}
		yield(&v)
	}
	return rows.Err()
}

// Drain reads the items with ids up to most off the connection and decodes none of them: the least that a client can do.
// It calls yield with the values as they came.
func Drain(ctx context.Context, db DB, most int64, yield func([][]byte)) error {
	rows, err := db.Query(ctx, ListSQL, most)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		yield(rows.RawValues())
	}
	return rows.Err()
}

// Update changes one row of loaded and returns how many were changed.
func Update(ctx context.Context, db DB, id int64, quantity int32, note *string) (int64, error) {
	tag, err := db.Exec(ctx, UpdateSQL, quantity, note, id)
	return tag.RowsAffected(), err
}

// Insert writes one item.
func Insert(ctx context.Context, db DB, v *item.Item) error {
	_, err := db.Exec(ctx, InsertSQL, values(v)...)
	return err
}

// InsertBatch writes items in one round trip.
func InsertBatch(ctx context.Context, db DB, items []item.Item) error {
	var batch pgx.Batch
	for i := range items {
		batch.Queue(InsertSQL, values(&items[i])...)
	}
	return db.SendBatch(ctx, &batch).Close()
}

// Copy loads items with COPY.
func Copy(ctx context.Context, db DB, items []item.Item) (int64, error) {
	return db.CopyFrom(ctx, pgx.Identifier{"loaded"}, item.Columns, pgx.CopyFromSlice(len(items), func(i int) ([]any, error) {
		return values(&items[i]), nil
	}))
}
