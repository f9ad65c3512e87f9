package peers

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pgwright/pgwright/bench/hand"
	"github.com/pgwright/pgwright/bench/item"
)

// pgxClient is pgx by hand: see the package hand.
type pgxClient struct {
	pool   *pgxpool.Pool
	items  []item.Item
	all    []item.Item
	joined []hand.WithOwner
}

func openPgx(ctx context.Context, url string) (Client, error) {
	pool, err := openPool(ctx, url)
	return &pgxClient{pool: pool}, err
}

func (c *pgxClient) Take(items []item.Item) { c.items = items }

func (c *pgxClient) Get(ctx context.Context, id int64) error {
	v, err := hand.Get(ctx, c.pool, id)
	c.all = append(c.all[:0], v)
	return err
}

func (c *pgxClient) List(ctx context.Context, most int64) (err error) {
	c.all, err = hand.List(ctx, c.pool, most)
	return err
}

func (c *pgxClient) Join(ctx context.Context, most int64) (err error) {
	c.joined, err = hand.Join(ctx, c.pool, most)
	return err
}

func (c *pgxClient) Insert(ctx context.Context, i int) error {
	return hand.Insert(ctx, c.pool, &c.items[i])
}

func (c *pgxClient) InsertMany(ctx context.Context, n int) error {
	return hand.InsertBatch(ctx, c.pool, c.items[:n])
}

func (c *pgxClient) Copy(ctx context.Context) error {
	n, err := hand.Copy(ctx, c.pool, c.items)
	if err == nil && n != int64(len(c.items)) {
		err = errRows
	}
	return err
}

func (c *pgxClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	return hand.Update(ctx, c.pool, id, quantity, &note)
}

func (c *pgxClient) Read() (items []item.Item, owners []string) {
	items = c.all
	for _, v := range c.joined {
		items = append(items, v.Item)
		owners = append(owners, v.Owner)
	}
	c.all, c.joined = nil, nil
	return items, owners
}

func (c *pgxClient) Close() error {
	c.pool.Close()
	return nil
}

// collectClient reads with pgx's generic functions, and writes as pgxClient does.
type collectClient struct {
	pgxClient
	one    Plain
	all    []Plain
	joined []plainWithOwner
}

// Plain is an item whose JSON is bytes: pgx would look at the JSON of a json.RawMessage.
type Plain struct {
	ID         int64
	Ref        pgtype.UUID
	OwnerID    int64
	Name       string
	Quantity   int32
	Price      pgtype.Numeric
	Weight     *float64
	Active     bool
	Attributes []byte
	Note       *string
	CreatedAt  time.Time
	ShippedAt  *time.Time
}

type plainWithOwner struct {
	Plain
	Owner string
}

func (v *Plain) item() item.Item {
	return item.Item{
		ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Weight: v.Weight,
		Active: v.Active, Attributes: v.Attributes, Note: v.Note, CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
	}
}

func plainOf(v *item.Item) Plain {
	return Plain{
		ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Weight: v.Weight,
		Active: v.Active, Attributes: v.Attributes, Note: v.Note, CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
	}
}

func openCollect(ctx context.Context, url string) (Client, error) {
	pool, err := openPool(ctx, url)
	return &collectClient{pgxClient: pgxClient{pool: pool}}, err
}

func (c *collectClient) Get(ctx context.Context, id int64) error {
	rows, err := c.pool.Query(ctx, hand.GetSQL, id)
	if err != nil {
		return err
	}
	c.one, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Plain])
	return err
}

func (c *collectClient) List(ctx context.Context, most int64) error {
	rows, err := c.pool.Query(ctx, hand.ListSQL, most)
	if err != nil {
		return err
	}
	c.all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Plain])
	return err
}

func (c *collectClient) Join(ctx context.Context, most int64) error {
	rows, err := c.pool.Query(ctx, hand.JoinSQL, most)
	if err != nil {
		return err
	}
	c.joined, err = pgx.CollectRows(rows, pgx.RowToStructByPos[plainWithOwner])
	return err
}

func (c *collectClient) Read() (items []item.Item, owners []string) {
	for i := range c.all {
		items = append(items, c.all[i].item())
	}
	for i := range c.joined {
		items = append(items, c.joined[i].item())
		owners = append(owners, c.joined[i].Owner)
	}
	if len(items) == 0 {
		items = append(items, c.one.item())
	}
	c.one, c.all, c.joined = Plain{}, nil, nil
	return items, owners
}
