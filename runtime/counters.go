package runtime

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Counters is an [Observer] that counts operations. Its zero value is ready to
// use. It is safe for concurrent use, and must not be copied. It satisfies
// expvar.Var, so that expvar.Publish("postgres", &counters) shows it.
type Counters struct {
	ops sync.Map // of *opCounter by operation
}

var _ Observer = (*Counters)(nil)

type opCounter struct {
	count, errors, rows atomic.Int64
	latency             atomic.Int64
	buckets             [len(latencyBounds) + 1]atomic.Int64
}

// latencyBounds are the upper bounds of the histogram's buckets but the last,
// which has none.
var latencyBounds = [...]time.Duration{
	1 * time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	1 * time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
}

// Observe counts an operation.
func (c *Counters) Observe(_ context.Context, e Event) {
	found, ok := c.ops.Load(e.Op)
	if !ok {
		found, _ = c.ops.LoadOrStore(e.Op, new(opCounter))
	}
	op := found.(*opCounter) //nolint:forcetypeassert // nothing else is stored
	op.count.Add(1)
	if e.Err != nil {
		op.errors.Add(1)
	}
	op.rows.Add(e.Rows)
	op.latency.Add(int64(e.Duration))
	i, _ := slices.BinarySearch(latencyBounds[:], e.Duration)
	op.buckets[i].Add(1)
}

// Counter is what [Counters] has counted of one operation.
type Counter struct {
	// Op is one of the Op constants.
	Op string
	// Count is the number of operations that have ended, Errors of those that
	// failed, and Rows the sum of their rows.
	Count, Errors, Rows int64
	// Latency is the sum of the durations. Divided by Count it is the mean.
	Latency time.Duration
	// Histogram has the number of operations by duration, not cumulative.
	Histogram []Bucket
}

// Bucket is the number of operations that took longer than the bound of the
// bucket before it, and not longer than its own.
type Bucket struct {
	// Bound is 0 for the last bucket, which has no bound.
	Bound time.Duration
	Count int64
}

// Snapshot returns what was counted so far, by operation, in the order of their
// names. Counters that others are increasing meanwhile can differ by what is
// under way.
func (c *Counters) Snapshot() []Counter {
	var all []Counter
	c.ops.Range(func(key, value any) bool {
		op := value.(*opCounter) //nolint:forcetypeassert // nothing else is stored
		counter := Counter{
			Op: key.(string), Count: op.count.Load(), Errors: op.errors.Load(), Rows: op.rows.Load(), //nolint:forcetypeassert // as above
			Latency: time.Duration(op.latency.Load()), Histogram: make([]Bucket, len(op.buckets)),
		}
		for i := range op.buckets {
			counter.Histogram[i].Count = op.buckets[i].Load()
			if i < len(latencyBounds) {
				counter.Histogram[i].Bound = latencyBounds[i]
			}
		}
		all = append(all, counter)
		return true
	})
	slices.SortFunc(all, func(a, b Counter) int { return strings.Compare(a.Op, b.Op) })
	return all
}

// Metrics returns what was counted so far under the names that dashboards use:
// postgres.<op>.count, postgres.<op>.errors, postgres.<op>.rows, and
// postgres.<op>.latency_ms, the sum of the durations in milliseconds. All of
// them only ever grow.
func (c *Counters) Metrics() map[string]float64 {
	metrics := make(map[string]float64)
	for _, counter := range c.Snapshot() {
		prefix := "postgres." + counter.Op + "."
		metrics[prefix+"count"] = float64(counter.Count)
		metrics[prefix+"errors"] = float64(counter.Errors)
		metrics[prefix+"rows"] = float64(counter.Rows)
		metrics[prefix+"latency_ms"] = float64(counter.Latency) / float64(time.Millisecond)
	}
	return metrics
}

// String returns [Counters.Metrics] as JSON.
func (c *Counters) String() string {
	text, err := json.Marshal(c.Metrics())
	if err != nil {
		return "{}" // cannot be: the numbers are finite
	}
	return string(text)
}
