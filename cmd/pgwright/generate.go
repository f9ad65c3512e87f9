package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

func (a *app) generateCommand() *cobra.Command {
	var flags projectFlags
	cmd := &cobra.Command{
		Use:   "generate [flags]",
		Short: "Generate the Go code of a project",
		Long: "Generate the Go code that the configuration asks for. With an error in any file\n" +
			"nothing is written. Files that would not change are not touched.\n\n" +
			"What PostgreSQL said is recorded in pgwright.lock, beside the configuration.\n" +
			"Commit it: until queries or schema change, no PostgreSQL is needed.",
		Example: "pgwright generate -f sqlc.yaml",
		Args:    atMost(0),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			return a.generate(ctx, &flags)
		}),
	}
	flags.add(cmd)
	flags.addEngine(cmd)
	flags.addFresh(cmd)
	return cmd
}

func (a *app) generate(ctx context.Context, flags *projectFlags) error {
	start := time.Now()
	result, err := generator.Generate(ctx, flags.options(a))
	if err != nil {
		return err
	}
	a.say("%s", result.Report())
	if result.HasErrors() {
		return errReported
	}
	written, err := generator.Write(result)
	for _, c := range result.Changes {
		a.say("%s\n", c)
	}
	if flags.verbose && written != nil {
		for _, path := range written.Changed {
			a.say("wrote %s\n", path)
		}
		for _, path := range written.Removed {
			a.say("removed %s\n", path)
		}
		if written.Lock {
			a.say("wrote pgwright.lock\n")
		}
	}
	if err != nil {
		return err
	}
	return a.print("%s in %.2fs\n", summary(len(result.Files), len(written.Changed), len(written.Removed)), time.Since(start).Seconds())
}

// summary is the one line of success, without the time.
func summary(files, changed, removed int) string {
	noun := "files"
	if files == 1 {
		noun = "file"
	}
	details := []string{fmt.Sprintf("%d changed", changed)}
	if changed == 0 {
		details[0] = "none changed"
	}
	if removed > 0 {
		details = append(details, fmt.Sprintf("%d removed", removed))
	}
	return fmt.Sprintf("generated %d %s (%s)", files, noun, strings.Join(details, ", "))
}
