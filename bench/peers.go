package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/pgwright/pgwright/bench/database"
	"github.com/pgwright/pgwright/bench/measure"
	"github.com/pgwright/pgwright/bench/peers"
	"github.com/pgwright/pgwright/bench/report"
)

// byHand is the peer that all are compared with, by its name.
const byHand = "pgx by hand"

func peersTable(ctx context.Context, o options) (err error) {
	db, err := database.Start(ctx, o.rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	jobs, err := peers.Open(ctx, db.URL, peers.Sizes{Rows: o.rows, Calls: o.calls})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, jobs.Close(ctx)) }()

	hand := 0
	otherwise := ""
	settings := report.Table{Head: []string{"client", "how it is used"}}
	for i, p := range peers.All() {
		if p.Name == byHand {
			hand = i
		}
		if p.CopyHow != "" {
			otherwise = p.CopyHow
		}
		settings.Add(p.Name, p.How)
	}

	served, err := compareJobs(ctx, o, jobs.All(), hand)
	if err != nil {
		return err
	}
	alone, err := compareJobs(ctx, o, jobs.Alone(), hand)
	if err != nil {
		return err
	}
	if served == nil {
		return fmt.Errorf("no job is called %q", o.only)
	}
	parts := []part{
		{"How each client is used", &settings},
		{"Client CPU time per row, of what pgx by hand needs (*: not with COPY but " + otherwise + ")", &served.ratios},
		{"Client CPU time per row", &served.costs},
		{"Allocations per row", &served.allocs},
	}
	if alone != nil {
		parts = append(parts, part{"The client's own part of it, of pgx by hand's: the server's answers are there already", &alone.ratios},
			part{"The client's own part of it", &alone.costs})
	}
	markdown := ""
	for _, part := range parts {
		fmt.Fprintf(o.out, "%s\n\n%s\n", part.title, part.table.Text())
		markdown += part.title + ":\n\n" + part.table.Markdown() + "\n"
	}
	if o.docs == "" || o.only != "" {
		return nil
	}
	return report.Fill(o.docs+"/PERFORMANCE.md", "peers", markdown)
}

// part is a table with what it shows.
type part struct {
	title string
	table *report.Table
}

// compared has a row for each peer and a column for each job.
type compared struct{ ratios, costs, allocs report.Table }

// compareJobs measures jobs, the ratios to the peer at index hand. It returns nil if there are none to measure.
func compareJobs(ctx context.Context, o options, jobs []peers.Job, hand int) (*compared, error) {
	head := []string{"client"}
	var copies []bool
	var results []*measure.Result
	for _, job := range jobs {
		if o.only != "" && job.Name != o.only {
			continue
		}
		// Many clients take turns, so that there are fewer rounds.
		res, err := measure.Compare(ctx, measure.Options{Rounds: (o.rounds + 2) / 3, Turn: o.turn}, job.Works...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", job.Name, err)
		}
		results = append(results, res)
		head = append(head, job.Name)
		copies = append(copies, job.Copies)
	}
	if len(results) == 0 {
		return nil, nil //nolint:nilnil // no job is meant
	}
	c := &compared{report.Table{Head: head}, report.Table{Head: head}, report.Table{Head: head}}
	for i, p := range peers.All() {
		ratio, cost, alloc := []string{p.Name}, []string{p.Name}, []string{p.Name}
		for job, res := range results {
			of := res.Cost(i)
			mark := ""
			if copies[job] && p.CopyHow != "" {
				mark = " *"
			}
			ratio = append(ratio, report.Ratio(res.CPU(i, hand).Median)+mark)
			cost = append(cost, report.Nanos(of.CPU)+mark)
			alloc = append(alloc, report.Allocs(of.Allocs))
		}
		c.ratios.Add(ratio...)
		c.costs.Add(cost...)
		c.allocs.Add(alloc...)
	}
	return c, nil
}
