// Package measure compares what pieces of work cost this process.
//
// Rules:
//
//   - Cost is the CPU time of the process, user and system, with its allocations and the wall time beside. The server is
//     another process and does not count.
//   - The machine may be shared and its speed may change, so figures of different runs must not be compared. Works that
//     are compared take many short turns, forwards and backwards. A work does the same in each of its turns, and finds
//     the same: no garbage.
//   - How fast the machine is changes with what others do on it, but little from one turn to the next. What counts is the
//     median of the rounds' ratios, each of turns that follow upon one another. The ratio of the means of each work's
//     cheapest quarter of turns stands beside; that of the least would be a matter of luck, in how a turn's waits for the
//     server fall.
//   - What a work read or wrote is checked each time, while no clock runs.
//   - In a CPU profile, samples of a work's Run have its name as the label "work".
package measure

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"
)

// Work is something to measure. The functions that are nil are left out.
type Work struct {
	// Name is the client's name.
	Name string
	// Rows is how many rows, or calls, one Run has. Costs are given for one of them.
	Rows int
	// Prepare is called before each Run, while no clock runs.
	Prepare func(context.Context) error
	// Run is what is measured.
	Run func(context.Context) error
	// Check is called after each Run, while no clock runs, and returns an error if Run has not done what it should.
	Check func(context.Context) error
	// Verify is called once, before anything is measured: a check that would disturb Run.
	Verify func(context.Context) error
}

// Cost is what one row, or call, costs.
type Cost struct {
	// CPU and Wall are times in nanoseconds.
	CPU, Wall float64
	// Allocs and Bytes are heap allocations.
	Allocs, Bytes float64
}

// Options say how long to measure. The zero value runs each work once, for its checks.
type Options struct {
	// Rounds is how often the works take turns.
	Rounds int
	// Turn is about how long a work runs in each round. How many runs that are is found out once.
	Turn time.Duration
}

// Result has the costs of the works of one comparison, those of round r at index r.
type Result struct {
	works  []Work
	rounds [][]Cost
}

// Compare measures works in turns.
func Compare(ctx context.Context, opts Options, works ...Work) (*Result, error) {
	res := &Result{works: works, rounds: make([][]Cost, len(works))}
	runs := make([]int, len(works))
	for i := range works {
		w := &works[i]
		if w.Verify != nil {
			if err := w.Verify(ctx); err != nil {
				return nil, fmt.Errorf("%s: %w", w.Name, err)
			}
		}
		// The first run prepares statements, and lets the client learn.
		for range 2 {
			c, err := w.once(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.Name, err)
			}
			runs[i] = max(1, int(math.Round(float64(opts.Turn)/c.Wall)))
		}
	}
	for round := range max(opts.Rounds, 1) {
		order := make([]int, len(works))
		for i := range order {
			order[i] = i
		}
		if round%2 == 1 {
			slices.Reverse(order)
		}
		for _, i := range order {
			c, err := works[i].turn(ctx, runs[i])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", works[i].Name, err)
			}
			res.rounds[i] = append(res.rounds[i], c)
		}
	}
	return res, nil
}

// turn runs the work so many times.
func (w *Work) turn(ctx context.Context, runs int) (Cost, error) {
	// Garbage of others is not this work's.
	runtime.GC()
	var sum Cost
	for range runs {
		c, err := w.once(ctx)
		if err != nil {
			return Cost{}, err
		}
		sum.CPU += c.CPU
		sum.Wall += c.Wall
		sum.Allocs += c.Allocs
		sum.Bytes += c.Bytes
	}
	n := float64(runs * w.Rows)
	return Cost{CPU: sum.CPU / n, Wall: sum.Wall / n, Allocs: sum.Allocs / n, Bytes: sum.Bytes / n}, nil
}

// once runs the work once and returns what the whole run costs.
func (w *Work) once(ctx context.Context) (Cost, error) {
	if w.Prepare != nil {
		if err := w.Prepare(ctx); err != nil {
			return Cost{}, err
		}
	}
	labelled := pprof.WithLabels(ctx, pprof.Labels("work", w.Name))
	pprof.SetGoroutineLabels(labelled)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	used := cpuTime()
	err := w.Run(labelled)
	used = cpuTime() - used
	wall := time.Since(start)
	runtime.ReadMemStats(&after)
	pprof.SetGoroutineLabels(ctx)
	if err == nil && w.Check != nil {
		err = w.Check(ctx)
	}
	return Cost{
		CPU: float64(used), Wall: float64(wall),
		Allocs: float64(after.Mallocs - before.Mallocs), Bytes: float64(after.TotalAlloc - before.TotalAlloc),
	}, err
}

// Cost is what a work costs, figure by figure.
func (r *Result) Cost(work int) Cost {
	return Cost{CPU: r.cheap(work, cpu), Wall: r.cheap(work, wall), Allocs: r.cheap(work, allocs), Bytes: r.cheap(work, bytes)}
}

// cheap is the mean of the cheapest quarter of rounds.
func (r *Result) cheap(work int, figure func(Cost) float64) float64 {
	all := make([]float64, 0, len(r.rounds[work]))
	for _, c := range r.rounds[work] {
		all = append(all, figure(c))
	}
	slices.Sort(all)
	all = all[:(len(all)+3)/4]
	sum := 0.0
	for _, v := range all {
		sum += v
	}
	return sum / float64(len(all))
}

// Name is the name of a work.
func (r *Result) Name(work int) string { return r.works[work].Name }

// Len is the number of works.
func (r *Result) Len() int { return len(r.works) }

// Ratio is how much one work costs of what another does.
type Ratio struct {
	// Median is that of the rounds' ratios.
	Median float64
	// Cheap is the ratio of the costs in each work's cheapest quarter of rounds.
	Cheap float64
}

// CPU is the ratio of the CPU times of two works.
func (r *Result) CPU(work, to int) Ratio { return r.ratio(work, to, cpu) }

// Wall is the ratio of the wall times of two works.
func (r *Result) Wall(work, to int) Ratio { return r.ratio(work, to, wall) }

// Allocs is the ratio of the numbers of allocations of two works.
func (r *Result) Allocs(work, to int) Ratio { return r.ratio(work, to, allocs) }

func (r *Result) ratio(work, to int, figure func(Cost) float64) Ratio {
	var all []float64
	for round := range r.rounds[work] {
		all = append(all, figure(r.rounds[work][round])/figure(r.rounds[to][round]))
	}
	return Ratio{Median: median(all), Cheap: r.cheap(work, figure) / r.cheap(to, figure)}
}

func cpu(c Cost) float64    { return c.CPU }
func wall(c Cost) float64   { return c.Wall }
func allocs(c Cost) float64 { return c.Allocs }
func bytes(c Cost) float64  { return c.Bytes }

// median sorts values and returns the middle one.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	if n%2 == 1 {
		return values[n/2]
	}
	return (values[n/2-1] + values[n/2]) / 2
}
