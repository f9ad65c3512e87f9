package peers

import (
	"context"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/bench/item"
	"github.com/pgwright/pgwright/bench/peers/entdb"
	entitem "github.com/pgwright/pgwright/bench/peers/entdb/item"
	entloaded "github.com/pgwright/pgwright/bench/peers/entdb/loaded"
)

type entClient struct {
	db    *entdb.Client
	items []item.Item
	all   []*entdb.Item
}

func openEnt(ctx context.Context, url string) (Client, error) {
	db, err := openStdlib(ctx, url, pgx.QueryExecModeCacheStatement)
	if err != nil {
		return nil, err
	}
	return &entClient{db: entdb.NewClient(entdb.Driver(entsql.OpenDB(dialect.Postgres, db)))}, nil
}

func (c *entClient) Take(items []item.Item) { c.items = items }

func (c *entClient) Get(ctx context.Context, id int64) error {
	v, err := c.db.Item.Get(ctx, id)
	c.all = append(c.all[:0], v)
	return err
}

func (c *entClient) List(ctx context.Context, most int64) (err error) {
	c.all, err = c.db.Item.Query().Where(entitem.IDLTE(most)).All(ctx)
	return err
}

func (c *entClient) Join(ctx context.Context, most int64) (err error) {
	c.all, err = c.db.Item.Query().Where(entitem.IDLTE(most)).WithOwner().All(ctx)
	return err
}

// set gives ent the values: it has no struct to keep them in beforehand.
func set(create *entdb.LoadedCreate, v *item.Item) *entdb.LoadedCreate {
	return create.SetID(v.ID).SetRef(v.Ref).SetOwnerID(v.OwnerID).SetName(v.Name).SetQuantity(v.Quantity).
		SetPrice(v.Price).SetNillableWeight(v.Weight).SetActive(v.Active).SetAttributes(v.Attributes).SetNillableNote(v.Note).
		SetCreatedAt(v.CreatedAt).SetNillableShippedAt(v.ShippedAt)
}

func (c *entClient) Insert(ctx context.Context, i int) error {
	return set(c.db.Loaded.Create(), &c.items[i]).Exec(ctx)
}

func (c *entClient) InsertMany(ctx context.Context, n int) error { return c.insertRows(ctx, 0, n) }

func (c *entClient) Copy(ctx context.Context) error {
	return chunks(len(c.items), func(first, end int) error { return c.insertRows(ctx, first, end) })
}

func (c *entClient) insertRows(ctx context.Context, first, end int) error {
	return c.db.Loaded.MapCreateBulk(c.items[first:end], func(create *entdb.LoadedCreate, i int) {
		set(create, &c.items[first+i])
	}).Exec(ctx)
}

func (c *entClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	n, err := c.db.Loaded.Update().Where(entloaded.ID(id)).SetQuantity(quantity).SetNote(note).Save(ctx)
	return int64(n), err
}

func (c *entClient) Read() (items []item.Item, owners []string) {
	for _, v := range c.all {
		items = append(items, item.Item{
			ID: v.ID, Ref: v.Ref, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity, Price: v.Price, Weight: v.Weight,
			Active: v.Active, Attributes: v.Attributes, Note: v.Note, CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
		})
		if v.Edges.Owner != nil {
			owners = append(owners, v.Edges.Owner.Name)
		}
	}
	c.all = nil
	return items, owners
}

func (c *entClient) Close() error { return c.db.Close() }
