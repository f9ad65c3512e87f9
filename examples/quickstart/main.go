// Quickstart runs the generated client of a small shop: it copies rows in,
// places an order in a transaction, reads back and streams.
//
// DATABASE_URL names a database that has the schema of schema/shop.sql. make
// demo starts one for it and throws it away afterwards.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/signal"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pgwright/pgwright/examples/quickstart/shop"
	"github.com/pgwright/pgwright/runtime"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Getenv("DATABASE_URL"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, out io.Writer) error {
	if url == "" {
		return errors.New("DATABASE_URL is not set; make demo runs this on a database of its own")
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	q := shop.New(pool)

	// Is the database still what the code was generated for?
	if err := q.Verify(ctx); err != nil {
		return err
	}

	// Rows come in by COPY, straight from Go structs.
	products, err := q.InsertProducts(ctx, []shop.InsertProductsParams{
		{SKU: "tea-01", Name: "Assam", Price: cents(790), Tags: []string{"tea", "black"}, Attributes: json.RawMessage(`{"grams": 250}`), Available: always},
		{SKU: "tea-02", Name: "Sencha", Price: cents(1250), Tags: []string{"tea", "green"}, Attributes: json.RawMessage(`{"grams": 100}`), Available: always},
		{SKU: "cup-01", Name: "Cup", Price: cents(480), Tags: []string{"ware"}, Attributes: json.RawMessage(`{}`), Available: always},
	})
	if err != nil {
		return err
	}
	users, err := q.CopyUsers(ctx, []shop.CopyUsersParams{
		{Email: "ada@example.com", Name: "Ada", Nickname: ptr("Countess"), Home: &shop.Address{City: ptr("London"), Country: ptr("GB")}},
		{Email: "alan@example.com", Name: "Alan"},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "copied %d products and %d users\n", products, users)

	// A row that may not be there is a pointer, and so is a column that can be NULL.
	ada, err := q.FindUser(ctx, "ada@example.com")
	if err != nil {
		return err
	}
	nobody, err := q.FindUser(ctx, "nobody@example.com")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is called %s and lives in %s; nobody is %v\n", ada.Name, *ada.Nickname, *ada.Home.City, nobody)

	order, err := placeOrder(ctx, pool, ada)
	if err != nil {
		return err
	}
	orders, err := q.OrdersSince(ctx, shop.OrdersSinceParams{UserID: ada.ID, Since: time.Now().Add(-time.Hour)})
	if err != nil {
		return err
	}
	for _, o := range orders {
		fmt.Fprintf(out, "the order is %s: %d lines, total %s\n", o.Status, o.Lines, amount(o.Total))
	}
	lines, err := q.OrderLines(ctx, order)
	if err != nil {
		return err
	}
	for _, l := range lines {
		fmt.Fprintf(out, "  %d × %s at %s\n", l.Item.Quantity, l.Product, amount(l.Item.Price))
	}

	// An embedded table is nil where the outer join found nothing.
	everybody, err := q.ListUsersWithLastOrder(ctx)
	if err != nil {
		return err
	}
	for _, u := range everybody {
		if u.Order == nil {
			fmt.Fprintf(out, "%s has not ordered yet\n", u.Name)
			continue
		}
		fmt.Fprintf(out, "%s has ordered; the order is %s\n", u.Name, u.Order.Status)
	}
	revenue, err := q.Revenue(ctx, []shop.OrderStatus{shop.OrderStatusPaid, shop.OrderStatusShipped})
	if err != nil {
		return err
	}
	for _, r := range revenue {
		fmt.Fprintf(out, "%s has spent %s\n", r.Name, amount(r.Total))
	}

	// Rows stream one by one, and the loop can end at any of them.
	for p, err := range q.StreamProducts(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "in stock: %s at %s\n", p.SKU, amount(p.Price))
	}
	return nil
}

// placeOrder orders two of each tea and cup, all in one transaction.
func placeOrder(ctx context.Context, pool *pgxpool.Pool, user *shop.User) (id pgtype.UUID, err error) {
	err = runtime.InTx(ctx, pool, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		q := shop.New(tx)
		if id, err = q.InsertOrder(ctx, shop.InsertOrderParams{UserID: user.ID, ShipTo: user.Home}); err != nil {
			return err
		}
		wanted, err := q.ProductsBySKU(ctx, []string{"tea-01", "cup-01"})
		if err != nil {
			return err
		}
		var items []shop.InsertItemsParams
		for _, p := range wanted {
			items = append(items, shop.InsertItemsParams{OrderID: id, ProductID: p.ID, Quantity: 2})
		}
		// All lines go to the server in one round trip.
		var failed error
		q.InsertItems(ctx, items).Exec(func(_ int, err error) { failed = errors.Join(failed, err) })
		if failed != nil {
			return failed
		}
		_, err = q.SetStatus(ctx, shop.SetStatusParams{Status: shop.OrderStatusPaid, ID: id})
		return err
	})
	return id, err
}

// always is a range without bounds.
var always = pgtype.Range[time.Time]{LowerType: pgtype.Unbounded, UpperType: pgtype.Unbounded, Valid: true}

func cents(n int64) pgtype.Numeric {
	return pgtype.Numeric{Int: big.NewInt(n), Exp: -2, Valid: true}
}

func amount(n pgtype.Numeric) string {
	f, err := n.Float64Value()
	if err != nil || !f.Valid {
		return "nothing"
	}
	return fmt.Sprintf("%.2f", f.Float64)
}

func ptr[T any](v T) *T { return &v }
