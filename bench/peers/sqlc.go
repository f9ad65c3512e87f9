package peers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pgwright/pgwright/bench/item"
	"github.com/pgwright/pgwright/bench/peers/sqlcdb"
)

type sqlcClient struct {
	pool   *pgxpool.Pool
	q      *sqlcdb.Queries
	insert []sqlcdb.InsertItemParams
	batch  []sqlcdb.InsertItemsParams
	copy   []sqlcdb.CopyItemsParams
	one    sqlcdb.Item
	all    []sqlcdb.Item
	joined []sqlcdb.ListItemsWithOwnerRow
}

func openSQLC(ctx context.Context, url string) (Client, error) {
	pool, err := openPool(ctx, url)
	return &sqlcClient{pool: pool, q: sqlcdb.New(pool)}, err
}

func (c *sqlcClient) Take(items []item.Item) {
	for _, v := range items {
		w := sqlcdb.Item{
			ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Active: v.Active,
			Attributes: v.Attributes, CreatedAt: pgtype.Timestamptz{Time: v.CreatedAt, Valid: true},
		}
		if v.Weight != nil {
			w.Weight = pgtype.Float8{Float64: *v.Weight, Valid: true}
		}
		if v.Note != nil {
			w.Note = pgtype.Text{String: *v.Note, Valid: true}
		}
		if v.ShippedAt != nil {
			w.ShippedAt = pgtype.Timestamptz{Time: *v.ShippedAt, Valid: true}
		}
		c.insert = append(c.insert, sqlcdb.InsertItemParams(w))
		c.batch = append(c.batch, sqlcdb.InsertItemsParams(w))
		c.copy = append(c.copy, sqlcdb.CopyItemsParams(w))
	}
}

func (c *sqlcClient) Get(ctx context.Context, id int64) (err error) {
	c.one, err = c.q.GetItem(ctx, id)
	return err
}

func (c *sqlcClient) List(ctx context.Context, most int64) (err error) {
	c.all, err = c.q.ListItems(ctx, most)
	return err
}

func (c *sqlcClient) Join(ctx context.Context, most int64) (err error) {
	c.joined, err = c.q.ListItemsWithOwner(ctx, most)
	return err
}

func (c *sqlcClient) Insert(ctx context.Context, i int) error {
	return c.q.InsertItem(ctx, c.insert[i])
}

func (c *sqlcClient) InsertMany(ctx context.Context, n int) error {
	var failed error
	c.q.InsertItems(ctx, c.batch[:n]).Exec(func(_ int, err error) {
		if err != nil && failed == nil {
			failed = err
		}
	})
	return failed
}

func (c *sqlcClient) Copy(ctx context.Context) error {
	n, err := c.q.CopyItems(ctx, c.copy)
	if err == nil && n != int64(len(c.copy)) {
		err = errRows
	}
	return err
}

func (c *sqlcClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	return c.q.UpdateItem(ctx, sqlcdb.UpdateItemParams{ID: id, Quantity: quantity, Note: pgtype.Text{String: note, Valid: true}})
}

func (c *sqlcClient) Read() (items []item.Item, owners []string) {
	add := func(v sqlcdb.Item) {
		w := item.Item{
			ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Active: v.Active,
			Attributes: v.Attributes, CreatedAt: v.CreatedAt.Time, Weight: pointer(v.Weight.Float64, v.Weight.Valid),
			Note: pointer(v.Note.String, v.Note.Valid), ShippedAt: pointer(v.ShippedAt.Time, v.ShippedAt.Valid),
		}
		items = append(items, w)
	}
	for _, v := range c.all {
		add(v)
	}
	for _, v := range c.joined {
		add(sqlcdb.Item{
			ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Weight: v.Weight,
			Active: v.Active, Attributes: v.Attributes, Note: v.Note, CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
		})
		owners = append(owners, v.Owner)
	}
	if len(items) == 0 {
		add(c.one)
	}
	c.one, c.all, c.joined = sqlcdb.Item{}, nil, nil
	return items, owners
}

func (c *sqlcClient) Close() error {
	c.pool.Close()
	return nil
}

func pointer[T string | float64 | time.Time](v T, valid bool) *T {
	if !valid {
		return nil
	}
	return &v
}
