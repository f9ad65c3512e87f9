package peers

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/pgwright/pgwright/bench/item"
)

type gormClient struct {
	sql  *sql.DB
	db   *gorm.DB
	rows []gormLoaded
	all  []gormItem
}

type gormOwner struct {
	ID   int64
	Name string
}

func (gormOwner) TableName() string { return "owners" }

type gormItem struct {
	ID         int64          `gorm:"primaryKey;autoIncrement:false"`
	Ref        pgtype.UUID    `gorm:"type:uuid"`
	OwnerID    int64          `gorm:"column:owner_id"`
	Name       string         `gorm:"column:name"`
	Quantity   int32          `gorm:"column:quantity"`
	Price      pgtype.Numeric `gorm:"type:numeric(12,2)"`
	Weight     *float64       `gorm:"column:weight"`
	Active     bool           `gorm:"column:active"`
	Attributes []byte         `gorm:"type:jsonb"`
	Note       *string        `gorm:"column:note"`
	CreatedAt  time.Time      `gorm:"autoCreateTime:false"`
	ShippedAt  *time.Time     `gorm:"column:shipped_at"`
	Owner      *gormOwner     `gorm:"foreignKey:OwnerID"`
}

func (gormItem) TableName() string { return "items" }

type gormLoaded struct {
	ID         int64          `gorm:"primaryKey;autoIncrement:false"`
	Ref        pgtype.UUID    `gorm:"type:uuid"`
	OwnerID    int64          `gorm:"column:owner_id"`
	Name       string         `gorm:"column:name"`
	Quantity   int32          `gorm:"column:quantity"`
	Price      pgtype.Numeric `gorm:"type:numeric(12,2)"`
	Weight     *float64       `gorm:"column:weight"`
	Active     bool           `gorm:"column:active"`
	Attributes []byte         `gorm:"type:jsonb"`
	Note       *string        `gorm:"column:note"`
	CreatedAt  time.Time      `gorm:"autoCreateTime:false"`
	ShippedAt  *time.Time     `gorm:"column:shipped_at"`
}

func (gormLoaded) TableName() string { return "loaded" }

func openGorm(ctx context.Context, url string) (Client, error) {
	conn, err := openStdlib(ctx, url, pgx.QueryExecModeCacheStatement)
	if err != nil {
		return nil, err
	}
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: conn}), &gorm.Config{
		SkipDefaultTransaction: true, PrepareStmt: true, Logger: logger.Discard,
	})
	return &gormClient{sql: conn, db: db}, err
}

func (c *gormClient) Take(items []item.Item) {
	for i := range items {
		v := plainOf(&items[i])
		c.rows = append(c.rows, gormLoaded(v))
	}
}

func (c *gormClient) Get(ctx context.Context, id int64) error {
	var v gormItem
	err := c.db.WithContext(ctx).Take(&v, "id = ?", id).Error
	c.all = append(c.all[:0], v)
	return err
}

func (c *gormClient) List(ctx context.Context, most int64) error {
	c.all = nil
	return c.db.WithContext(ctx).Where("id <= ?", most).Find(&c.all).Error
}

func (c *gormClient) Join(ctx context.Context, most int64) error {
	c.all = nil
	return c.db.WithContext(ctx).InnerJoins("Owner").Where("items.id <= ?", most).Find(&c.all).Error
}

func (c *gormClient) Insert(ctx context.Context, i int) error {
	return c.db.WithContext(ctx).Create(&c.rows[i]).Error
}

func (c *gormClient) InsertMany(ctx context.Context, n int) error {
	return c.db.WithContext(ctx).CreateInBatches(c.rows[:n], chunk).Error
}

func (c *gormClient) Copy(ctx context.Context) error { return c.InsertMany(ctx, len(c.rows)) }

func (c *gormClient) Update(ctx context.Context, id int64, quantity int32, note string) (int64, error) {
	res := c.db.WithContext(ctx).Model(&gormLoaded{}).Where("id = ?", id).Updates(map[string]any{"quantity": quantity, "note": note})
	return res.RowsAffected, res.Error
}

func (c *gormClient) Read() (items []item.Item, owners []string) {
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

func (c *gormClient) Close() error { return c.sql.Close() }
