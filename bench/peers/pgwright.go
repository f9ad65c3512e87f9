package peers

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pgwright/pgwright/bench/client"
	"github.com/pgwright/pgwright/bench/item"
)

type pgwrightClient struct {
	pool   *pgxpool.Pool
	q      *client.Queries
	insert []client.InsertItemParams
	batch  []client.InsertItemsParams
	copy   []client.CopyItemsParams
	one    client.Item
	all    []client.Item
	joined []client.ListItemsWithOwnerRow
}

func openPgwright(ctx context.Context, url string) (Client, error) {
	pool, err := openPool(ctx, url)
	return &pgwrightClient{pool: pool, q: client.New(pool)}, err
}

func (c *pgwrightClient) Take(items []item.Item) {
	for _, v := range items {
		c.insert = append(c.insert, client.InsertItemParams(v))
		c.batch = append(c.batch, client.InsertItemsParams(v))
		c.copy = append(c.copy, client.CopyItemsParams(v))
	}
}

func (c *pgwrightClient) Get(ctx context.Context, id int64) (err error) {
	c.one, err = c.q.GetItem(ctx, id)
	return err
}

func (c *pgwrightClient) List(ctx context.Context, most int64) (err error) {
	c.all, err = c.q.ListItems(ctx, most)
	return err
}

func (c *pgwrightClient) Join(ctx context.Context, most int64) (err error) {
	c.joined, err = c.q.ListItemsWithOwner(ctx, most)
	return err
}

func (c *pgwrightClient) Insert(ctx context.Context, i int) error {
	return c.q.InsertItem(ctx, c.insert[i])
}

func (c *pgwrightClient) InsertMany(ctx context.Context, n int) error {
	var failed error
	c.q.InsertItems(ctx, c.batch[:n]).Exec(func(_ int, err error) {
		if err != nil && failed == nil {
			failed = err
		}
	})
	return failed
}

func (c *pgwrightClient) Copy(ctx context.Context) error {
	n, err := c.q.CopyItems(ctx, c.copy)
	if err == nil && n != int64(len(c.copy)) {
		err = errRows
	}
	return err
}

func (c *pgwrightClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	return c.q.UpdateItem(ctx, client.UpdateItemParams{ID: id, Quantity: quantity, Note: &note})
}

func (c *pgwrightClient) Read() (items []item.Item, owners []string) {
	for _, v := range c.all {
		items = append(items, item.Item(v))
	}
	for _, v := range c.joined {
		items = append(items, item.Item{
			ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Weight: v.Weight,
			Active: v.Active, Attributes: v.Attributes, Note: v.Note, CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
		})
		owners = append(owners, v.Owner)
	}
	if len(items) == 0 {
		items = append(items, item.Item(c.one))
	}
	c.one, c.all, c.joined = client.Item{}, nil, nil
	return items, owners
}

func (c *pgwrightClient) Close() error {
	c.pool.Close()
	return nil
}
