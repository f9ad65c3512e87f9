package peers

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/pgwright/pgwright/bench/item"
)

type bunClient struct {
	db   *bun.DB
	rows []bunLoaded
	all  []bunItem
}

type bunOwner struct {
	bun.BaseModel `bun:"table:owners"`

	ID   int64 `bun:"id,pk"`
	Name string
}

type bunItem struct {
	bun.BaseModel `bun:"table:items"`

	ID         int64           `bun:"id,pk"`
	Ref        pgtype.UUID     `bun:"ref,type:uuid"`
	OwnerID    int64           `bun:"owner_id"`
	Name       string          `bun:"name"`
	Quantity   int32           `bun:"quantity"`
	Price      pgtype.Numeric  `bun:"price,type:numeric"`
	Weight     *float64        `bun:"weight"`
	Active     bool            `bun:"active"`
	Attributes json.RawMessage `bun:"attributes,type:jsonb"`
	Note       *string         `bun:"note"`
	CreatedAt  time.Time       `bun:"created_at"`
	ShippedAt  *time.Time      `bun:"shipped_at"`

	Owner *bunOwner `bun:"rel:belongs-to,join:owner_id=id"`
}

type bunLoaded struct {
	bun.BaseModel `bun:"table:loaded"`

	ID         int64           `bun:"id,pk"`
	Ref        pgtype.UUID     `bun:"ref,type:uuid"`
	OwnerID    int64           `bun:"owner_id"`
	Name       string          `bun:"name"`
	Quantity   int32           `bun:"quantity"`
	Price      pgtype.Numeric  `bun:"price,type:numeric"`
	Weight     *float64        `bun:"weight"`
	Active     bool            `bun:"active"`
	Attributes json.RawMessage `bun:"attributes,type:jsonb"`
	Note       *string         `bun:"note"`
	CreatedAt  time.Time       `bun:"created_at"`
	ShippedAt  *time.Time      `bun:"shipped_at"`
}

func openBun(ctx context.Context, url string) (Client, error) {
	db, err := openStdlib(ctx, url, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return nil, err
	}
	return &bunClient{db: bun.NewDB(db, pgdialect.New())}, nil
}

func (c *bunClient) Take(items []item.Item) {
	for _, v := range items {
		c.rows = append(c.rows, bunLoaded{
			ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Weight: v.Weight,
			Active: v.Active, Attributes: v.Attributes, Note: v.Note, CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
		})
	}
}

func (c *bunClient) Get(ctx context.Context, id int64) error {
	var v bunItem
	err := c.db.NewSelect().Model(&v).Where("id = ?", id).Scan(ctx)
	c.all = append(c.all[:0], v)
	return err
}

func (c *bunClient) List(ctx context.Context, most int64) error {
	c.all = nil
	return c.db.NewSelect().Model(&c.all).Where("id <= ?", most).Scan(ctx)
}

func (c *bunClient) Join(ctx context.Context, most int64) error {
	c.all = nil
	return c.db.NewSelect().Model(&c.all).Relation("Owner").Where("bun_item.id <= ?", most).Scan(ctx)
}

func (c *bunClient) Insert(ctx context.Context, i int) error {
	_, err := c.db.NewInsert().Model(&c.rows[i]).Exec(ctx)
	return err
}

func (c *bunClient) InsertMany(ctx context.Context, n int) error { return c.insertRows(ctx, 0, n) }

func (c *bunClient) Copy(ctx context.Context) error {
	return chunks(len(c.rows), func(first, end int) error { return c.insertRows(ctx, first, end) })
}

func (c *bunClient) insertRows(ctx context.Context, first, end int) error {
	rows := c.rows[first:end]
	_, err := c.db.NewInsert().Model(&rows).Exec(ctx)
	return err
}

func (c *bunClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	res, err := c.db.NewUpdate().Model((*bunLoaded)(nil)).Set("quantity = ?", quantity).Set("note = ?", note).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *bunClient) Read() (items []item.Item, owners []string) {
	for i := range c.all {
		v := &c.all[i]
		items = append(items, item.Item{
			ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Weight: v.Weight,
			Active: v.Active, Attributes: v.Attributes, Note: v.Note, CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
		})
		if v.Owner != nil {
			owners = append(owners, v.Owner.Name)
		}
	}
	c.all = nil
	return items, owners
}

func (c *bunClient) Close() error { return c.db.Close() }
