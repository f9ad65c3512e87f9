package measure

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// kept keeps what tests allocate from being optimised away.
type kept struct{ chunks [][]byte }

func TestCompareMeasuresTheRunOnly(t *testing.T) { //nolint:paralleltest // others would allocate meanwhile
	var k kept
	allocate := func(n int) func(context.Context) error {
		return func(context.Context) error {
			k.chunks = nil
			for range n {
				k.chunks = append(k.chunks, make([]byte, 1<<10))
			}
			return nil
		}
	}
	var order []string
	note := func(name string) func(context.Context) error {
		return func(context.Context) error { order = append(order, name); return nil }
	}
	res, err := Compare(context.Background(), Options{Rounds: 3},
		Work{Name: "one", Rows: 100, Prepare: note("one"), Run: allocate(1000), Check: allocate(5000)},
		Work{Name: "two", Rows: 100, Prepare: note("two"), Run: allocate(2000), Verify: allocate(5000)},
	)
	require.NoError(t, err)
	require.InDelta(t, 10, res.Cost(0).Allocs, 1)
	require.InDelta(t, 2, res.Allocs(1, 0).Cheap, 0.1)
	require.Greater(t, res.Cost(1).Bytes, 20*float64(1<<10))
	require.Equal(t, []string{"one", "one", "two", "two", "one", "two", "two", "one", "one", "two"}, order, "in turns, forwards and backwards")
	require.Equal(t, "two", res.Name(1))
}

func TestCompareMeasuresCPUTimeAndNotSleep(t *testing.T) { //nolint:paralleltest // others would use time meanwhile
	res, err := Compare(context.Background(), Options{Rounds: 2},
		Work{Name: "sleep", Rows: 1, Run: func(context.Context) error { time.Sleep(50 * time.Millisecond); return nil }},
		Work{Name: "work", Rows: 1, Run: func(context.Context) error {
			for start := cpuTime(); cpuTime()-start < 30*time.Millisecond; {
			}
			return nil
		}},
	)
	require.NoError(t, err)
	require.GreaterOrEqual(t, res.Cost(0).Wall, 50e6)
	require.GreaterOrEqual(t, res.Cost(1).CPU, 30e6)
	require.Less(t, res.CPU(0, 1).Cheap, 0.5)
	require.Less(t, res.CPU(0, 1).Median, 0.5)
	require.Positive(t, res.Wall(0, 1).Cheap)
}

func TestCompareReturnsWhatFails(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad")
	fails := func(context.Context) error { return bad }
	fine := func(context.Context) error { return nil }
	for name, w := range map[string]Work{
		"verify":  {Verify: fails, Run: fine},
		"prepare": {Prepare: fails, Run: fine},
		"run":     {Run: fails},
		"check":   {Run: fine, Check: fails},
	} {
		w.Name, w.Rows = name, 1
		_, err := Compare(context.Background(), Options{}, w)
		require.ErrorIs(t, err, bad)
		require.ErrorContains(t, err, name)
	}
}

func TestCostIsTheMeanOfTheCheapestQuarter(t *testing.T) {
	t.Parallel()
	costs := func(cpu ...float64) (rounds []Cost) {
		for _, c := range cpu {
			rounds = append(rounds, Cost{CPU: c})
		}
		return rounds
	}
	res := &Result{works: make([]Work, 2), rounds: [][]Cost{costs(90, 2, 50, 4, 70, 60, 80, 90), costs(20, 10, 30, 30, 40, 30, 30, 50)}}
	require.Equal(t, 3.0, res.Cost(0).CPU)
	require.Equal(t, 15.0, res.Cost(1).CPU)
	require.Equal(t, 0.2, res.CPU(0, 1).Cheap)
	require.InDelta(t, 1.775, res.CPU(0, 1).Median, 1e-9)
	require.Equal(t, 7.0, (&Result{rounds: [][]Cost{costs(9, 7, 8)}}).Cost(0).CPU, "of few rounds the least")
}

func TestEachTurnHasTheSameNumberOfRuns(t *testing.T) {
	t.Parallel()
	const each = 2 * time.Millisecond
	runs, longer := 0, time.Duration(0)
	_, err := Compare(t.Context(), Options{Rounds: 4, Turn: 20 * each}, Work{Name: "one", Rows: 1, Run: func(context.Context) error {
		runs++
		time.Sleep(each + longer)
		if runs == 2 { // warm, and slow from now on
			longer = each
		}
		return nil
	}})
	require.NoError(t, err)
	require.Zero(t, (runs-2)%4)
	require.Greater(t, runs-2, 4)
}

func TestMedian(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2.0, median([]float64{9, 1, 2}))
	require.Equal(t, 1.5, median([]float64{9, 1, 2, 0}))
}

func TestPeakMemory(t *testing.T) {
	t.Parallel()
	peak, err := PeakMemory()
	require.NoError(t, err)
	require.Greater(t, peak, int64(1<<20))
	const more = 64 << 20
	b := make([]byte, more)
	for i := range b {
		b[i] = 1
	}
	grown, err := PeakMemory()
	require.NoError(t, err)
	require.GreaterOrEqual(t, grown, peak)
	require.Greater(t, grown, int64(more))
	require.EqualValues(t, 1, b[len(b)-1])
}
