// Tasks keeps a list of tasks, each with an owner.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pgwright/pgwright/examples/migrate/v1/tasks"
)

func main() {
	if err := run(context.Background(), os.Getenv("DATABASE_URL"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tasks:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, out io.Writer) error {
	if url == "" {
		return errors.New("DATABASE_URL is not set")
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	q := tasks.New(pool)
	// Is the database still what the code was generated for?
	if err := q.Verify(ctx); err != nil {
		return err
	}
	due := time.Date(2030, time.May, 1, 0, 0, 0, 0, time.UTC)
	id, err := q.AddTask(ctx, tasks.AddTaskParams{Title: "write the report", Owner: "Ada", Due: &due})
	if err != nil {
		return err
	}
	if _, err := q.AddTask(ctx, tasks.AddTaskParams{Title: "read the report", Owner: "Alan"}); err != nil {
		return err
	}
	if _, err := q.FinishTask(ctx, id); err != nil {
		return err
	}
	list, err := q.ListTasks(ctx)
	if err != nil {
		return err
	}
	for _, t := range list {
		due := "some day"
		if t.Due != nil {
			due = t.Due.Format(time.DateOnly)
		}
		if _, err := fmt.Fprintf(out, "%d. %s (%s, %s) done: %t\n", t.ID, t.Title, t.Owner, due, t.Done); err != nil {
			return err
		}
	}
	return nil
}
