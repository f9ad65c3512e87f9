package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

func (a *app) watchCommand() *cobra.Command {
	var flags projectFlags
	cmd := &cobra.Command{
		Use:   "watch [flags]",
		Short: "Generate again whenever a file is saved",
		Long: "Generate whenever the configuration, a query or the schema is saved, until\n" +
			"interrupted. PostgreSQL is kept running meanwhile. Only what changes is said:\n" +
			"the files that were written, and what a query returns otherwise than before.",
		Example: "pgwright watch",
		Args:    atMost(0),
		RunE: a.does(func(ctx context.Context, _ []string) (err error) {
			s := generator.NewSession(flags.options(a))
			defer func() { err = errors.Join(err, s.Close(context.WithoutCancel(ctx))) }()
			for {
				if err := s.Watch(ctx); err != nil {
					return a.print("stopped\n")
				}
				if err := a.regenerate(ctx, s); err != nil {
					return err
				}
			}
		}),
	}
	flags.add(cmd)
	flags.addEngine(cmd)
	return cmd
}

// regenerate generates once. What is wrong with the files, or with the server,
// is said, and may be better the next time.
func (a *app) regenerate(ctx context.Context, s *generator.Session) error {
	start := time.Now()
	result, err := s.Generate(ctx)
	if err != nil {
		if ctx.Err() == nil {
			a.say("pgwright: %v\n", err)
		}
		return nil
	}
	a.say("%s", result.Report())
	if result.HasErrors() {
		return nil
	}
	written, err := s.Write(result)
	if err != nil {
		a.say("pgwright: %v\n", err)
		return nil
	}
	for _, c := range result.Changes {
		if err := a.print("%s\n", c); err != nil {
			return err
		}
	}
	for _, path := range written.Changed {
		if err := a.print("wrote %s\n", path); err != nil {
			return err
		}
	}
	for _, path := range written.Removed {
		if err := a.print("removed %s\n", path); err != nil {
			return err
		}
	}
	return a.print("%s in %.2fs\n", summary(len(result.Files), len(written.Changed), len(written.Removed)), time.Since(start).Seconds())
}
