package peers

import (
	"context"
	"encoding/json"
	"math"
	"math/big"

	"github.com/go-jet/jet/v2/postgres"
	"github.com/go-jet/jet/v2/stmtcache"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/pgwright/pgwright/bench/item"
	"github.com/pgwright/pgwright/bench/peers/jetdb/model"
	"github.com/pgwright/pgwright/bench/peers/jetdb/table"
)

// jetClient uses what jet generates: prices are float64, JSON is a string.
type jetClient struct {
	db     *stmtcache.DB
	rows   []model.Loaded
	all    []model.Items
	joined []jetWithOwner
}

type jetWithOwner struct {
	model.Items
	Owner model.Owners
}

func openJet(ctx context.Context, url string) (Client, error) {
	db, err := openStdlib(ctx, url, pgx.QueryExecModeCacheStatement)
	if err != nil {
		return nil, err
	}
	return &jetClient{db: stmtcache.New(db)}, nil
}

func (c *jetClient) Take(items []item.Item) {
	for _, v := range items {
		c.rows = append(c.rows, model.Loaded{
			ID: v.ID, Ref: v.Ref.Bytes, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity,
			Price: float64(v.Price.Int.Int64()) / 100, Weight: v.Weight, Active: v.Active, Attributes: string(v.Attributes),
			Note: v.Note, CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
		})
	}
}

func (c *jetClient) Get(ctx context.Context, id int64) error {
	var v model.Items
	err := postgres.SELECT(table.Items.AllColumns).FROM(table.Items).WHERE(table.Items.ID.EQ(postgres.Int64(id))).QueryContext(ctx, c.db, &v)
	c.all = append(c.all[:0], v)
	return err
}

func (c *jetClient) List(ctx context.Context, most int64) error {
	c.all = nil
	return postgres.SELECT(table.Items.AllColumns).FROM(table.Items).WHERE(table.Items.ID.LT_EQ(postgres.Int64(most))).QueryContext(ctx, c.db, &c.all)
}

func (c *jetClient) Join(ctx context.Context, most int64) error {
	c.joined = nil
	return postgres.SELECT(table.Items.AllColumns, table.Owners.Name).
		FROM(table.Items.INNER_JOIN(table.Owners, table.Owners.ID.EQ(table.Items.OwnerID))).
		WHERE(table.Items.ID.LT_EQ(postgres.Int64(most))).
		QueryContext(ctx, c.db, &c.joined)
}

func (c *jetClient) Insert(ctx context.Context, i int) error { return c.insertRows(ctx, i, i+1) }

func (c *jetClient) InsertMany(ctx context.Context, n int) error { return c.insertRows(ctx, 0, n) }

func (c *jetClient) Copy(ctx context.Context) error {
	return chunks(len(c.rows), func(first, end int) error { return c.insertRows(ctx, first, end) })
}

func (c *jetClient) insertRows(ctx context.Context, first, end int) error {
	_, err := table.Loaded.INSERT(table.Loaded.AllColumns).MODELS(c.rows[first:end]).ExecContext(ctx, c.db)
	return err
}

func (c *jetClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	res, err := table.Loaded.UPDATE().
		SET(table.Loaded.Quantity.SET(postgres.Int32(quantity)), table.Loaded.Note.SET(postgres.String(note))).
		WHERE(table.Loaded.ID.EQ(postgres.Int64(id))).
		ExecContext(ctx, c.db)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *jetClient) Read() (items []item.Item, owners []string) {
	add := func(v *model.Items) {
		items = append(items, item.Item{
			ID: v.ID, Ref: pgtype.UUID{Bytes: v.Ref, Valid: true}, OwnerID: v.OwnerID, Name: v.Name, Quantity: v.Quantity,
			Price:  pgtype.Numeric{Int: big.NewInt(int64(math.Round(v.Price * 100))), Exp: -2, Valid: true},
			Weight: v.Weight, Active: v.Active, Attributes: json.RawMessage(v.Attributes), Note: v.Note,
			CreatedAt: v.CreatedAt, ShippedAt: v.ShippedAt,
		})
	}
	for i := range c.all {
		add(&c.all[i])
	}
	for i := range c.joined {
		add(&c.joined[i].Items)
		owners = append(owners, c.joined[i].Owner.Name)
	}
	c.all, c.joined = nil, nil
	return items, owners
}

func (c *jetClient) Close() error { return c.db.Close() }
