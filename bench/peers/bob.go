package peers

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stephenafamo/bob"
	"github.com/stephenafamo/bob/dialect/psql"
	"github.com/stephenafamo/bob/dialect/psql/dialect"
	"github.com/stephenafamo/bob/dialect/psql/im"
	"github.com/stephenafamo/bob/dialect/psql/sm"
	"github.com/stephenafamo/bob/dialect/psql/um"
	bobpgx "github.com/stephenafamo/bob/drivers/pgx"
	"github.com/stephenafamo/scan"

	"github.com/pgwright/pgwright/bench/item"
)

type bobClient struct {
	pool   *pgxpool.Pool
	db     bobpgx.Pool
	items  []item.Item
	all    []Plain
	joined []bobWithOwner
}

type bobWithOwner struct {
	Plain
	Owner string
}

func openBob(ctx context.Context, url string) (Client, error) {
	pool, err := openPool(ctx, url)
	return &bobClient{pool: pool, db: bobpgx.NewPool(pool)}, err
}

func (c *bobClient) Take(items []item.Item) { c.items = items }

func bobColumns(table string) bob.Mod[*dialect.SelectQuery] {
	columns := make([]any, len(item.Columns))
	for i, name := range item.Columns {
		columns[i] = psql.Quote(table, name)
	}
	return sm.Columns(columns...)
}

func (c *bobClient) Get(ctx context.Context, id int64) error {
	q := psql.Select(bobColumns("items"), sm.From("items"), sm.Where(psql.Quote("id").EQ(psql.Arg(id))))
	v, err := bob.One(ctx, c.db, q, scan.StructMapper[Plain]())
	c.all = append(c.all[:0], v)
	return err
}

func (c *bobClient) List(ctx context.Context, most int64) (err error) {
	q := psql.Select(bobColumns("items"), sm.From("items"), sm.Where(psql.Quote("id").LTE(psql.Arg(most))))
	c.all, err = bob.All(ctx, c.db, q, scan.StructMapper[Plain]())
	return err
}

func (c *bobClient) Join(ctx context.Context, most int64) (err error) {
	q := psql.Select(
		bobColumns("items"), sm.Columns(psql.Quote("owners", "name").As("owner")), sm.From("items"),
		sm.InnerJoin("owners").On(psql.Quote("owners", "id").EQ(psql.Quote("items", "owner_id"))),
		sm.Where(psql.Quote("items", "id").LTE(psql.Arg(most))),
	)
	c.joined, err = bob.All(ctx, c.db, q, scan.StructMapper[bobWithOwner]())
	return err
}

func (c *bobClient) Insert(ctx context.Context, i int) error { return c.insertRows(ctx, i, i+1) }

func (c *bobClient) InsertMany(ctx context.Context, n int) error { return c.insertRows(ctx, 0, n) }

func (c *bobClient) Copy(ctx context.Context) error {
	return chunks(len(c.items), func(first, end int) error { return c.insertRows(ctx, first, end) })
}

func (c *bobClient) insertRows(ctx context.Context, first, end int) error {
	mods := make([]bob.Mod[*dialect.InsertQuery], 0, 1+end-first)
	mods = append(mods, im.Into("loaded", item.Columns...))
	var args []any
	for i := first; i < end; i++ {
		args = insertArgs(args[:0], &c.items[i])
		mods = append(mods, im.Values(psql.Arg(args...)))
	}
	_, err := bob.Exec(ctx, c.db, psql.Insert(mods...))
	return err
}

func (c *bobClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	res, err := bob.Exec(ctx, c.db, psql.Update(
		um.Table("loaded"), um.SetCol("quantity").ToArg(quantity), um.SetCol("note").ToArg(note), um.Where(psql.Quote("id").EQ(psql.Arg(id))),
	))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (c *bobClient) Read() (items []item.Item, owners []string) {
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

func (c *bobClient) Close() error {
	c.pool.Close()
	return nil
}
