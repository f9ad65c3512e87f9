package peers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/bench/hand"
	"github.com/pgwright/pgwright/bench/item"
)

// sqlClient is database/sql by hand.
type sqlClient struct {
	db                              *sql.DB
	get, list, join, insert, update *sql.Stmt
	// inserts are the prepared statements that insert so many rows.
	inserts map[int]*sql.Stmt
	items   []item.Item
	all     []Plain
	joined  []plainWithOwner
}

func openSQL(ctx context.Context, url string) (Client, error) {
	db, err := openStdlib(ctx, url, pgx.QueryExecModeCacheStatement)
	if err != nil {
		return nil, err
	}
	c := &sqlClient{db: db, inserts: make(map[int]*sql.Stmt)}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{{&c.get, hand.GetSQL}, {&c.list, hand.ListSQL}, {&c.join, hand.JoinSQL}, {&c.insert, hand.InsertSQL}, {&c.update, hand.UpdateSQL}} {
		if *p.stmt, err = db.PrepareContext(ctx, p.text); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return c, nil
}

func (c *sqlClient) Take(items []item.Item) { c.items = items }

func (v *Plain) fields() []any {
	return []any{
		&v.ID, &v.Ref, &v.OwnerID, &v.Name, &v.Quantity, &v.Price, &v.Weight, &v.Active, &v.Attributes, &v.Note, &v.CreatedAt, &v.ShippedAt,
	}
}

func (c *sqlClient) Get(ctx context.Context, id int64) error {
	var v Plain
	err := c.get.QueryRowContext(ctx, id).Scan(v.fields()...)
	c.all = append(c.all[:0], v)
	return err
}

func (c *sqlClient) List(ctx context.Context, most int64) error {
	rows, err := c.list.QueryContext(ctx, most)
	if err != nil {
		return err
	}
	defer rows.Close()
	c.all = nil
	var v Plain
	fields := v.fields()
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		c.all = append(c.all, v)
	}
	return rows.Err()
}

func (c *sqlClient) Join(ctx context.Context, most int64) error {
	rows, err := c.join.QueryContext(ctx, most)
	if err != nil {
		return err
	}
	defer rows.Close()
	c.joined = nil
	var v plainWithOwner
	fields := append(v.fields(), &v.Owner)
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		c.joined = append(c.joined, v)
	}
	return rows.Err()
}

func insertArgs(args []any, v *item.Item) []any {
	return append(args, v.ID, v.Ref, v.OwnerID, v.Name, v.Quantity, v.Price, v.Weight, v.Active, []byte(v.Attributes), v.Note, v.CreatedAt, v.ShippedAt)
}

func (c *sqlClient) Insert(ctx context.Context, i int) error {
	_, err := c.insert.ExecContext(ctx, insertArgs(nil, &c.items[i])...)
	return err
}

func (c *sqlClient) InsertMany(ctx context.Context, n int) error { return c.insertRows(ctx, 0, n) }

func (c *sqlClient) Copy(ctx context.Context) error {
	return chunks(len(c.items), func(first, end int) error { return c.insertRows(ctx, first, end) })
}

func (c *sqlClient) insertRows(ctx context.Context, first, end int) error {
	n := end - first
	stmt := c.inserts[n]
	if stmt == nil {
		var b strings.Builder
		b.WriteString("INSERT INTO loaded (" + strings.Join(item.Columns, ", ") + ") VALUES ")
		for i := range n * len(item.Columns) {
			switch {
			case i == 0:
				b.WriteString("(")
			case i%len(item.Columns) == 0:
				b.WriteString("), (")
			default:
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "$%d", i+1)
		}
		b.WriteString(")")
		var err error
		if stmt, err = c.db.PrepareContext(ctx, b.String()); err != nil {
			return err
		}
		c.inserts[n] = stmt
	}
	args := make([]any, 0, n*len(item.Columns))
	for i := first; i < end; i++ {
		args = insertArgs(args, &c.items[i])
	}
	_, err := stmt.ExecContext(ctx, args...)
	return err
}

func (c *sqlClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	res, err := c.update.ExecContext(ctx, quantity, note, id)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *sqlClient) Read() (items []item.Item, owners []string) {
	for i := range c.all {
		items = append(items, c.all[i].item())
	}
	for i := range c.joined {
		items = append(items, c.joined[i].item())
		owners = append(owners, c.joined[i].Owner)
	}
	c.all, c.joined = nil, nil
	return items, owners
}

func (c *sqlClient) Close() error { return c.db.Close() }
