package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"

	"github.com/pgwright/pgwright/bench/cases"
	"github.com/pgwright/pgwright/bench/database"
	"github.com/pgwright/pgwright/bench/measure"
	"github.com/pgwright/pgwright/bench/report"
)

// fewRows is what streaming very many rows is compared with.
const fewRows = 10_000

// target is one line of the targets: a figure of a case and what it is to be at most.
type target struct {
	of     string
	most   float64
	figure func(*measure.Result) measure.Ratio
}

func cpuRatio(r *measure.Result) measure.Ratio { return r.CPU(cases.Generated, cases.ByHand) }

func allocsPerRow(r *measure.Result) measure.Ratio {
	a := r.Cost(cases.Generated).Allocs
	return measure.Ratio{Median: a, Cheap: a}
}

func floorRatio(r *measure.Result) measure.Ratio { return r.CPU(cases.Generated, cases.Floor) }

// targets are those of each case, in the order of [cases.Set.All].
var targets = [][]target{
	{{"CPU", 0.35, cpuRatio}, {"allocations per row", 0.1, allocsPerRow}},
	{{"CPU", 0.5, cpuRatio}},
	{{"CPU", 0.54, cpuRatio}, {"CPU, of draining", 1.3, floorRatio}},
	{{"CPU", 0.9, cpuRatio}, {"allocations", 0.9, func(r *measure.Result) measure.Ratio { return r.Allocs(cases.Generated, cases.ByHand) }}},
	{{"CPU", 0.13, cpuRatio}, {"CPU, of encoded bytes", 1.5, floorRatio}, {"allocations per row", 0.01, allocsPerRow}},
	{{"CPU", 1, cpuRatio}},
}

func runtimeTable(ctx context.Context, o options) (err error) {
	db, err := database.Start(ctx, o.rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	set, err := cases.New(ctx, db.URL, cases.Sizes{Rows: o.rows, Calls: o.calls})
	if err != nil {
		return err
	}
	costs := report.Table{Head: []string{"", "client", "CPU per row", "allocations per row", "bytes per row", "wall time per row"}}
	ratios := report.Table{Head: []string{"", "ratio", "to reach", "measured", "", "of cheapest turns"}}
	var bars []report.Bar
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return errors.Join(err, f.Close())
		}
		defer func() {
			pprof.StopCPUProfile()
			err = errors.Join(err, f.Close())
		}()
	}
	measured := 0
	for i, c := range set.All() {
		if o.only != "" && c.Name != o.only {
			continue
		}
		measured++
		res, err := measure.Compare(ctx, measure.Options{Rounds: o.rounds, Turn: o.turn}, c.Works()...)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		name := c.Name
		for work := range res.Len() {
			cost := res.Cost(work)
			costs.Add(name, res.Name(work), report.Nanos(cost.CPU), report.Allocs(cost.Allocs), report.Count(cost.Bytes), report.Nanos(cost.Wall))
			name = ""
		}
		name = c.Name
		for _, t := range targets[i] {
			r := t.figure(res)
			ratios.Add(name, t.of, report.AtMost(t.most), report.Ratio(r.Median), report.Verdict(r.Median, t.most), report.Ratio(r.Cheap))
			name = ""
		}
		bar := report.Bar{Label: c.Name, Ratio: res.CPU(cases.Generated, cases.ByHand).Median}
		if res.Len() > cases.Floor {
			bar.Floor = res.CPU(cases.Floor, cases.ByHand).Median
		}
		bars = append(bars, bar)
	}
	if err := set.Close(ctx); err != nil {
		return err
	}
	if measured == 0 {
		return fmt.Errorf("no case is called %q", o.only)
	}
	if o.only == "" {
		if err := flatMemory(ctx, o, db.URL, &ratios); err != nil {
			return err
		}
	}

	title := fmt.Sprintf("%d rows, batches of %d, %d rounds in turns", o.rows, cases.BatchSize, o.rounds)
	fmt.Fprintf(o.out, "Generated code beside pgx by hand: %s\n\n%s\n%s", title, costs.Text(), ratios.Text())
	if o.docs == "" || o.only != "" {
		return nil
	}
	return errors.Join(
		report.Fill(o.docs+"/PERFORMANCE.md", "runtime", costs.Markdown()+"\n"+ratios.Markdown()),
		report.WriteFile(o.docs+"/performance.svg", report.Plot("Client CPU time per row, of what pgx by hand needs", cases.ByHandName, cases.GeneratedName, bars)),
	)
}

// flatMemory adds how much more memory it takes to stream very many rows than to stream few.
func flatMemory(ctx context.Context, o options, url string, ratios *report.Table) error {
	few, err := peakMemory(ctx, url, min(o.rows, fewRows), fewRows)
	if err != nil {
		return err
	}
	many, err := peakMemory(ctx, url, o.rows, o.memoryRows)
	if err != nil {
		return err
	}
	const mb = 1e6
	more := float64(many-few) / mb
	ratios.Add("flat memory", fmt.Sprintf("peak of %d rows over that of %d (%.1f MB), in MB", o.memoryRows, fewRows, float64(few)/mb),
		report.AtMost(10), fmt.Sprintf("%.1f", more), report.Verdict(more, 10), "")
	return nil
}
