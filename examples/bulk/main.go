// Bulk loads many rows with COPY, straight from Go structs that are made one by
// one, and streams them back into a CSV file. However many there are, memory
// stays flat: the program prints what it took.
//
// DATABASE_URL names a database with the schema of schema.sql. From this folder,
// on a database that is thrown away afterwards:
//
//	go run ../../cmd/pgwright postgres run -- go run . -out readings.csv
package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	goruntime "runtime"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pgwright/pgwright/examples/bulk/station"
	"github.com/pgwright/pgwright/runtime"
)

func main() {
	rows := flag.Int64("rows", 1_000_000, "how many rows to load")
	out := flag.String("out", "readings.csv", "the CSV file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	info, err := os.Stderr.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	if err := run(ctx, os.Getenv("DATABASE_URL"), *rows, *out, os.Stdout, &progress{out: os.Stderr, bar: terminal}); err != nil {
		fmt.Fprintln(os.Stderr, "bulk:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, rows int64, path string, out io.Writer, p *progress) error {
	if url == "" {
		return errors.New("DATABASE_URL is not set; the comment in main.go says how to get a database")
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	q := station.New(pool)

	begin := time.Now()
	p.start("loaded", rows)
	// COPY is all or nothing: after an interrupt no row stays.
	loaded, err := q.LoadReadingsSeq(ctx, counted(p, runtime.WithoutError(readings(rows))))
	if err != nil {
		return err
	}
	p.end()
	fmt.Fprintf(out, "loaded %d rows in %s\n", loaded, time.Since(begin).Round(time.Millisecond))

	total, err := q.CountReadings(ctx)
	if err != nil {
		return err
	}
	begin = time.Now()
	p.start("wrote", total)
	written, err := write(ctx, q, path, p)
	if err != nil {
		return err
	}
	p.end()
	fmt.Fprintf(out, "wrote %d rows, %.1f MB, to %s in %s\n", total, float64(written)/1e6, path, time.Since(begin).Round(time.Millisecond))
	fmt.Fprintf(out, "memory taken from the system: %.1f MB\n", float64(memory())/1e6)
	return nil
}

// readings makes n rows, one at a time.
func readings(n int64) iter.Seq[station.LoadReadingsParams] {
	stations := []string{"Kiel", "Jena", "Ulm, Süd", `the "old" one`}
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	return func(yield func(station.LoadReadingsParams) bool) {
		for i := range n {
			row := station.LoadReadingsParams{
				ID: i + 1, Station: stations[i%int64(len(stations))], MeasuredAt: start.Add(time.Duration(i) * time.Minute),
			}
			if i%100 == 7 {
				note := "no value:\nthe sensor was being changed"
				row.Note = &note
			} else {
				celsius := float64(i%600)/10 - 20
				row.Celsius = &celsius
			}
			if !yield(row) {
				return
			}
		}
	}
}

// write streams all readings into a CSV file and returns its size.
func write(ctx context.Context, q *station.Queries, path string, p *progress) (size int64, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	buffered := bufio.NewWriter(f)
	w := csv.NewWriter(buffered)
	if err := w.Write([]string{"id", "station", "measured_at", "celsius", "note"}); err != nil {
		return 0, err
	}
	record := make([]string, 5)
	for r, err := range q.EachReading(ctx) {
		if err != nil {
			return 0, err
		}
		record[0], record[1], record[2] = strconv.FormatInt(r.ID, 10), r.Station, r.MeasuredAt.UTC().Format(time.RFC3339)
		record[3], record[4] = "", ""
		if r.Celsius != nil {
			record[3] = strconv.FormatFloat(*r.Celsius, 'f', 1, 64)
		}
		if r.Note != nil {
			record[4] = *r.Note
		}
		if err := w.Write(record); err != nil {
			return 0, err // leaves the stream, which cancels the query
		}
		p.add()
	}
	w.Flush()
	if err := errors.Join(w.Error(), buffered.Flush()); err != nil {
		return 0, err
	}
	return f.Seek(0, io.SeekCurrent)
}

// memory is what the program has taken from the system until now, which the Go
// runtime counts and does not give back.
func memory() uint64 {
	var m goruntime.MemStats
	goruntime.ReadMemStats(&m)
	return m.Sys
}
