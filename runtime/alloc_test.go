package runtime_test

import (
	"context"
	"encoding/json"
	"math"
	"math/big"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// wide is a row of kinds that tables have: what make bench measures with.
type wide struct {
	ID         int64
	Ref        pgtype.UUID
	OwnerID    int64
	Name       string
	Quantity   int32
	Price      pgtype.Numeric
	Weight     *float64
	Active     bool
	Attributes json.RawMessage
	Note       *string
	CreatedAt  time.Time
	ShippedAt  *time.Time
}

func (v *wide) decode(r *runtime.Row) {
	v.ID = r.Int8()
	v.Ref = r.UUID()
	v.OwnerID = r.Int8()
	v.Name = r.Text()
	v.Quantity = r.Int4()
	v.Price = r.Numeric()
	v.Weight = r.NullFloat8()
	v.Active = r.Bool()
	v.Attributes = r.JSON()
	v.Note = r.NullText()
	v.CreatedAt = r.Timestamptz()
	v.ShippedAt = r.NullTimestamptz()
}

func (v *wide) encode(e *runtime.Encoder) {
	e.Int8(v.ID)
	e.UUID(v.Ref)
	e.Int8(v.OwnerID)
	e.Text(v.Name)
	e.Int4(v.Quantity)
	e.Numeric(v.Price)
	e.NullFloat8(v.Weight)
	e.Bool(v.Active)
	e.JSONB(v.Attributes)
	e.NullText(v.Note)
	e.Timestamptz(v.CreatedAt)
	e.NullTimestamptz(v.ShippedAt)
}

func (v *wide) scan(row pgx.Row) error {
	return row.Scan(&v.ID, &v.Ref, &v.OwnerID, &v.Name, &v.Quantity, &v.Price, &v.Weight, &v.Active,
		(*[]byte)(&v.Attributes), &v.Note, &v.CreatedAt, &v.ShippedAt)
}

func (v *wide) values() []any {
	return []any{
		v.ID, v.Ref, v.OwnerID, v.Name, v.Quantity, v.Price, v.Weight, v.Active, v.Attributes, v.Note, v.CreatedAt, v.ShippedAt,
	}
}

func (v *wide) refs() []any {
	return []any{
		runtime.Ref(&v.ID), runtime.Ref(&v.Ref), runtime.Ref(&v.OwnerID), runtime.Ref(&v.Name), runtime.Ref(&v.Quantity),
		runtime.Ref(&v.Price), v.Weight, v.Active, runtime.JSONArg(v.Attributes), v.Note, runtime.Ref(&v.CreatedAt), v.ShippedAt,
	}
}

var wideColumns = []runtime.Column{
	{Name: "id", Type: runtime.Int8},
	{Name: "ref", Type: runtime.UUID},
	{Name: "owner_id", Type: runtime.Int8},
	{Name: "name", Type: runtime.Text},
	{Name: "quantity", Type: runtime.Int4},
	{Name: "price", Type: runtime.Numeric},
	{Name: "weight", Type: runtime.Float8},
	{Name: "active", Type: runtime.Bool},
	{Name: "attributes", Type: runtime.JSONB},
	{Name: "note", Type: runtime.Text},
	{Name: "created_at", Type: runtime.Timestamptz},
	{Name: "shipped_at", Type: runtime.Timestamptz},
}

const (
	wideTable = `CREATE TABLE items (id bigint PRIMARY KEY, ref uuid NOT NULL, owner_id bigint NOT NULL, name text NOT NULL,
		quantity integer NOT NULL, price numeric(12, 2) NOT NULL, weight double precision, active boolean NOT NULL,
		attributes jsonb NOT NULL, note text, created_at timestamptz NOT NULL, shipped_at timestamptz);
	CREATE TABLE loaded (LIKE items);`
	wideInsert = "INSERT INTO loaded VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
)

// cost is what one of n rows costs in allocations and bytes: the least of some runs, since the runtime of Go allocates
// too, now and then.
func cost(t *testing.T, n int, run func() error) (allocs, bytes float64) {
	t.Helper()
	require.NoError(t, run()) // prepares, and learns how many rows come
	allocs, bytes = math.Inf(1), math.Inf(1)
	for range 5 {
		var before, after goruntime.MemStats
		goruntime.ReadMemStats(&before)
		err := run()
		goruntime.ReadMemStats(&after)
		require.NoError(t, err)
		allocs = min(allocs, float64(after.Mallocs-before.Mallocs)/float64(n))
		bytes = min(bytes, float64(after.TotalAlloc-before.TotalAlloc)/float64(n))
	}
	return allocs, bytes
}

// TestAllocations holds what does not depend on the machine: how much is allocated for each row. It is not parallel, so
// that the parallel tests wait and allocate nothing meanwhile.
func TestAllocations(t *testing.T) { //nolint:paralleltest // see above
	ctx := context.Background()
	db, err := pgx.Connect(ctx, pgtest.Schema(t, wideTable))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close(ctx)) })

	const rows = 20_000
	items := make([]wide, rows)
	for i := range items {
		v := &items[i]
		*v = wide{
			ID: int64(i + 1), Ref: pgtype.UUID{Bytes: [16]byte{1, byte(i)}, Valid: true}, OwnerID: int64(i % 100), Name: "a name of usual length",
			Quantity: int32(i), Price: pgtype.Numeric{Int: big.NewInt(int64(i) + 1), Exp: -2, Valid: true}, Active: i%3 != 0,
			Attributes: json.RawMessage(`{"tags": ["a", "b"], "color": "green"}`), CreatedAt: time.Unix(int64(i), 0),
		}
		if i%2 == 0 {
			weight, note, shipped := float64(i), "a note that is somewhat longer than the name", time.Unix(int64(i), 0)
			v.Weight, v.Note, v.ShippedAt = &weight, &note, &shipped
		}
	}
	copyIn := func(table string) error {
		s := runtime.CopyStatement[wide]{Name: "Copy", Table: []string{table}, Columns: wideColumns, Encode: (*wide).encode}
		n, err := s.From(ctx, db, items)
		require.EqualValues(t, rows, n)
		return err
	}
	require.NoError(t, copyIn("items"))

	statement := func(sql string) *runtime.Statement[wide] {
		return &runtime.Statement[wide]{Name: "Items", SQL: sql, Columns: wideColumns, Decode: (*wide).decode}
	}
	list := statement("SELECT * FROM items")
	get := statement("SELECT * FROM items WHERE id = $1")
	insert := runtime.Command{Name: "Insert", SQL: wideInsert}
	const batchSize = 100

	tests := []struct {
		name string
		rows int
		run  func() error
		// allocs and bytes are the most for each row, where they are known.
		allocs, bytes float64
		// byHand does the same with pgx alone, and is to allocate more: fewer is how many allocations for each row.
		byHand func() error
		fewer  float64
	}{
		{
			name: "many", rows: rows, allocs: 0.06, bytes: 340,
			run: func() error {
				all, err := list.All(ctx, db)
				require.Len(t, all, rows)
				return err
			},
		},
		{
			name: "stream", rows: rows, allocs: 0.06, bytes: 165,
			run: func() error {
				n := 0
				for _, err := range list.Each(ctx, db) {
					if err != nil {
						return err
					}
					n++
				}
				require.Equal(t, rows, n)
				return nil
			},
		},
		{
			name: "COPY in", rows: rows, allocs: 0.004, bytes: 20,
			run: func() error { return copyIn("loaded") },
		},
		{
			name: "one", rows: 1, fewer: 9,
			run: func() error {
				_, err := get.One(ctx, db, int64(12))
				return err
			},
			byHand: func() error {
				var v wide
				return v.scan(db.QueryRow(ctx, get.SQL, int64(12)))
			},
		},
		{
			name: "insert", rows: 1, fewer: 14,
			run: func() error { return insert.Exec(ctx, db, items[0].refs()...) },
			byHand: func() error {
				_, err := db.Exec(ctx, wideInsert, items[0].values()...)
				return err
			},
		},
		{
			name: "batch", rows: batchSize, fewer: 14,
			run: func() error {
				var b pgx.Batch
				for i := range items[:batchSize] {
					insert.Queue(&b, items[i].refs()...)
				}
				var failed error
				insert.Send(ctx, db, &b).Exec(func(_ int, err error) {
					if err != nil {
						failed = err
					}
				})
				return failed
			},
			byHand: func() error {
				var b pgx.Batch
				for i := range items[:batchSize] {
					b.Queue(wideInsert, items[i].values()...)
				}
				return db.SendBatch(ctx, &b).Close()
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			allocs, bytes := cost(t, test.rows, test.run)
			t.Logf("%.4f allocations and %.0f bytes per row", allocs, bytes)
			if test.byHand == nil {
				require.LessOrEqual(t, allocs, test.allocs, "allocations per row")
				require.LessOrEqual(t, bytes, test.bytes, "bytes per row")
				return
			}
			byHand, bytesByHand := cost(t, test.rows, test.byHand)
			t.Logf("%.4f allocations and %.0f bytes per row by hand", byHand, bytesByHand)
			const few = 1.02 // for what a whole batch allocates once
			require.LessOrEqual(t, allocs, few*byHand-test.fewer, "allocations per row")
			require.LessOrEqual(t, bytes, few*bytesByHand, "bytes per row")
		})
	}
}
