// Bench measures pgwright beside what it is compared with, and prints ratios.
//
//	bench runtime     generated code beside pgx by hand: make bench
//	bench generator   pgwright generate beside sqlc generate: make bench
//	bench peers       generated code beside other libraries: make bench-peers
//
// A ratio that misses its target is printed as MISSED, and is no failure. The exit status is 1 only if something could not
// be measured, or if what was read or written is wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags of all commands.
type options struct {
	rows, calls, rounds int
	turn                time.Duration
	memoryRows          int
	docs                string
	only, profile       string
	pgwright, sqlc      string
	install             bool
	url                 string
	out                 io.Writer
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o := options{out: out}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&o.rows, "rows", 20_000, "rows that are read, streamed and copied at a time")
	flags.IntVar(&o.calls, "calls", 1_000, "calls of single rows at a time")
	flags.IntVar(&o.rounds, "rounds", 60, "how often the clients, or the generators, take turns")
	flags.DurationVar(&o.turn, "turn", 80*time.Millisecond, "about how long a client's turn lasts")
	flags.IntVar(&o.memoryRows, "memory-rows", 10_000_000, "rows that are streamed to see whether memory stays flat")
	flags.StringVar(&o.only, "case", "", "the one case of runtime or peers to measure, such as \"COPY in\"; neither docs nor memory then")
	flags.StringVar(&o.profile, "cpuprofile", "", "file for a CPU profile of runtime; go tool pprof -tagfocus work=pgwright shows one side")
	flags.StringVar(&o.docs, "docs", "", "folder whose PERFORMANCE.md and performance.svg are brought up to date")
	flags.StringVar(&o.pgwright, "pgwright", "../bin/pgwright", "the pgwright to measure")
	flags.StringVar(&o.sqlc, "sqlc", "../bin/sqlc", "the sqlc to compare with")
	flags.BoolVar(&o.install, "install", false, "build both generators with nothing compiled before, which takes minutes")
	flags.StringVar(&o.url, "url", "", "database, of the internal command stream")
	command := ""
	if len(args) > 0 {
		command = args[0]
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
	}
	for _, path := range []*string{&o.pgwright, &o.sqlc} {
		abs, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = abs
	}
	switch command {
	case "runtime":
		return runtimeTable(ctx, o)
	case "generator":
		return generatorTable(ctx, o)
	case "peers":
		return peersTable(ctx, o)
	case "stream":
		return streamRepeated(ctx, o)
	default:
		return fmt.Errorf("unknown command %q: runtime, generator or peers", command)
	}
}
