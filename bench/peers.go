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

	head := []string{"client"}
	var copies []bool
	var results []*measure.Result
	for _, job := range jobs.All() {
		if o.only != "" && job.Name != o.only {
			continue
		}
		// Many clients take turns, so that there are fewer rounds.
		res, err := measure.Compare(ctx, measure.Options{Rounds: (o.rounds + 1) / 2, Turn: o.turn / 2}, job.Works...)
		if err != nil {
			return fmt.Errorf("%s: %w", job.Name, err)
		}
		results = append(results, res)
		head = append(head, job.Name)
		copies = append(copies, job.Copies)
	}
	if len(results) == 0 {
		return fmt.Errorf("no job is called %q", o.only)
	}
	ratios := report.Table{Head: head}
	costs := report.Table{Head: head}
	allocs := report.Table{Head: head}
	for i, p := range peers.All() {
		ratio, cost, alloc := []string{p.Name}, []string{p.Name}, []string{p.Name}
		for job, res := range results {
			c := res.Cost(i)
			mark := ""
			if copies[job] && p.CopyHow != "" {
				mark = " *"
			}
			ratio = append(ratio, report.Ratio(res.CPU(i, hand).Best)+mark)
			cost = append(cost, report.Nanos(c.CPU)+mark)
			alloc = append(alloc, report.Allocs(c.Allocs))
		}
		ratios.Add(ratio...)
		costs.Add(cost...)
		allocs.Add(alloc...)
	}
	parts := []struct {
		title string
		table *report.Table
	}{
		{"How each client is used", &settings},
		{"Client CPU time per row, of what pgx by hand needs (*: not with COPY but " + otherwise + ")", &ratios},
		{"Client CPU time per row", &costs},
		{"Allocations per row", &allocs},
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
