// Etl extracts, transforms and loads: it creates its tables, seeds them with
// sales, computes the statistics of each category, some categories side by side,
// writes them as summaries in the place of those of the last run, reads them back
// and prints them. All SQL is in create.sql and queries.sql; this program calls
// methods.
//
// The database is the one of the profile "example": pgwright.toml says where it
// is if the program runs in its folder, and the environment can say otherwise,
// key by key. DATABASE_URL wins over both, and so this runs anywhere, on a database
// that is thrown away afterwards:
//
//	pgwright postgres run -- go run ./examples/etl
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/pgwright/pgwright/examples/etl/sales"
	"github.com/pgwright/pgwright/runtime"
)

const (
	// sideBySide is how many categories are computed at once, each on a
	// connection of its own.
	sideBySide = 4
	// statisticsTimeout is what the server may take for one category.
	statisticsTimeout = 10 * time.Second
)

func main() {
	rows := flag.Int("rows", 10_000, "how many sales to seed")
	flag.Parse()
	// An interrupt cancels what the server is doing, and the seeding is undone.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var options []runtime.Option
	if url := os.Getenv("DATABASE_URL"); url != "" {
		options = append(options, runtime.WithDSN(url))
	}
	if err := run(ctx, *rows, os.Stdout, options...); err != nil {
		fmt.Fprintln(os.Stderr, "etl:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rows int, out io.Writer, options ...runtime.Option) error {
	client, err := runtime.Open(ctx, "example", options...)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := create(ctx, client); err != nil {
		return err
	}
	loaded, err := seed(ctx, client, rows)
	if err != nil {
		return err
	}
	q := sales.New(client)
	categories, err := q.Categories(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "seeded %d sales in %d categories\n\n", loaded, len(categories))
	summaries, err := summarise(ctx, q, categories)
	if err != nil {
		return err
	}
	if err := save(ctx, client, categories, summaries); err != nil {
		return err
	}
	return report(ctx, q, out)
}

// create makes the tables where there are none. Whatever was there before has to
// be what the code was generated for.
func create(ctx context.Context, client *runtime.Client) error {
	err := client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		q := sales.New(tx)
		for _, step := range []func(context.Context) error{q.CreateSales, q.IndexSales, q.CreateSummaries} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sales.New(client).Verify(ctx)
}

// seed puts new sales in the place of the old ones. Nobody sees a table that is
// empty or half full, and after an error it is as it was.
func seed(ctx context.Context, client *runtime.Client, rows int) (loaded int64, err error) {
	err = client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		q := sales.New(tx)
		if _, err := q.ClearSales(ctx); err != nil {
			return err
		}
		loaded, err = q.LoadSales(ctx, invent(rows))
		return err
	})
	return loaded, err
}

// invent makes sales, the same ones each time.
func invent(rows int) []sales.LoadSalesParams {
	categories := []string{"books", "coffee", "garden", "music", "tea", "toys"}
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2025, time.March, 1, 8, 0, 0, 0, time.UTC)
	made := make([]sales.LoadSalesParams, rows)
	for i := range made {
		made[i] = sales.LoadSalesParams{
			ID:       int64(i) + 1,
			Category: categories[random.IntN(len(categories))],
			SoldAt:   start.Add(time.Duration(i) * 7 * time.Minute),
			Cents:    100 + random.Int64N(4900),
		}
	}
	return made
}

// summarise computes the categories, some at once. The first error ends the
// others, on the server too.
func summarise(ctx context.Context, q *sales.Queries, categories []string) ([]sales.SaveSummariesParams, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	summaries := make([]sales.SaveSummariesParams, len(categories))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(sideBySide, len(categories)) {
		workers.Go(func() {
			for i := range next {
				s, err := q.Statistics(runtime.WithTimeout(ctx, statisticsTimeout), categories[i])
				if err != nil {
					cancel(fmt.Errorf("category %s: %w", categories[i], err))
					continue // what is left fails at once
				}
				summaries[i] = sales.SaveSummariesParams{
					Category: categories[i], Sales: s.Sales, Revenue: s.Revenue, Median: s.Median, BestDay: s.BestDay,
				}
			}
		})
	}
	for i := range categories {
		next <- i
	}
	close(next)
	workers.Wait()
	return summaries, context.Cause(ctx)
}

// save puts the summaries in the place of those of the last run, all of them or
// none. However many there are, they go to the server in one round trip.
func save(ctx context.Context, client *runtime.Client, categories []string, summaries []sales.SaveSummariesParams) error {
	return client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		q := sales.New(tx)
		if _, err := q.ForgetSummaries(ctx, categories); err != nil {
			return err
		}
		var failed error
		q.SaveSummaries(ctx, summaries).Exec(func(_ int, err error) { failed = errors.Join(failed, err) })
		return failed
	})
}

func report(ctx context.Context, q *sales.Queries, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "category\tsales\trevenue\tmedian\tbest day\trun\t")
	for s, err := range q.EachSummary(ctx) {
		if err != nil {
			return err
		}
		day := "never"
		if s.BestDay != nil {
			day = s.BestDay.Format(time.DateOnly)
		}
		fmt.Fprintf(table, "%s\t%d\t%.2f\t%.2f\t%s\t%d\t\n", s.Category, s.Sales, float64(s.Revenue)/100, s.Median/100, day, s.Runs)
	}
	return table.Flush()
}
