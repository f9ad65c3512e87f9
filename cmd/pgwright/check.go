package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

func (a *app) checkCommand() *cobra.Command {
	var flags projectFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check [flags]",
		Short: "Check that the generated code is up to date, for CI",
		Long: "Check that the generated code and pgwright.lock are what generate would write,\n" +
			"and show what is not. As long as the lock holds, no PostgreSQL is needed.\n\n" +
			"With --database or --profile, check instead that the code fits the schema of\n" +
			"that database. The exit status is 1 if anything is stale or does not fit.",
		Example: "pgwright check --database \"$DATABASE_URL\"",
		Args:    atMost(0),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			if flags.database != "" || flags.profile != "" {
				return a.checkDatabase(ctx, &flags, asJSON)
			}
			return a.checkFiles(ctx, &flags)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what --database finds as JSON")
	flags.add(cmd)
	flags.addEngine(cmd)
	flags.addFresh(cmd)
	return cmd
}

func (a *app) checkFiles(ctx context.Context, flags *projectFlags) error {
	result, err := generator.Generate(ctx, flags.options(a))
	if err != nil {
		return err
	}
	a.say("%s", result.Report())
	if result.HasErrors() {
		return errReported
	}
	stale, err := generator.Check(result)
	if err != nil {
		return err
	}
	if len(stale) == 0 {
		return a.print("the generated code is up to date\n")
	}
	for _, s := range stale {
		if err := a.print("%s", s.Diff); err != nil {
			return err
		}
	}
	for _, s := range stale {
		a.say("stale: %s (%s)\n", s.Path, s.What)
	}
	a.say("run pgwright generate, and commit what it writes\n")
	return errReported
}

func (a *app) checkDatabase(ctx context.Context, flags *projectFlags, asJSON bool) error {
	drifts, err := generator.FindDrift(ctx, flags.options(a))
	if err != nil {
		return err
	}
	switch {
	case asJSON:
		if drifts == nil {
			drifts = []generator.Drift{}
		}
		if err := a.printJSON(drifts); err != nil {
			return err
		}
	case len(drifts) == 0:
		return a.print("the generated code fits the database\n")
	default:
		for _, d := range drifts {
			if err := a.print("%s\n", d); err != nil {
				return err
			}
		}
	}
	if len(drifts) > 0 {
		a.say("the database is not what the code was generated for: bring one of them up to date\n")
		return errReported
	}
	return nil
}
