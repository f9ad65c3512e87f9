package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/bench/client"
	"github.com/pgwright/pgwright/bench/item"
	"github.com/pgwright/pgwright/bench/measure"
)

// peakMemory streams rows in a process of its own, the same few again and again, and returns the most memory that it held,
// in bytes.
func peakMemory(ctx context.Context, url string, different, rows int) (int64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "stream", "-url", url, "-rows", strconv.Itoa(different), "-memory-rows", strconv.Itoa(rows))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("stream %d rows in a process of its own: %w", rows, err)
	}
	return strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
}

// streamRepeated is that process.
func streamRepeated(ctx context.Context, o options) error {
	conn, err := pgx.Connect(ctx, o.url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if o.memoryRows%o.rows != 0 {
		return fmt.Errorf("%d rows is no multiple of %d", o.memoryRows, o.rows)
	}
	times := o.memoryRows / o.rows
	var got item.Sum
	for v, err := range client.New(conn).StreamRepeated(ctx, client.StreamRepeatedParams{Times: int32(times), Most: int64(o.rows)}) {
		if err != nil {
			return err
		}
		got.Quick(v.ID)
	}
	want := item.QuickOf(o.rows)
	want.Rows *= times
	want.Hash *= uint64(times)
	if err := got.Check(want); err != nil {
		return err
	}
	peak, err := measure.PeakMemory()
	fmt.Fprintln(o.out, peak)
	return err
}
