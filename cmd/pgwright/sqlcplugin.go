package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

func (a *app) sqlcPluginCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "sqlc-plugin",
		Aliases: []string{generator.SQLCPluginMethod},
		Short:   "Answer sqlc, as the process of its plugin",
		Long: "Answer sqlc, which runs this with a request on the standard input and reads the\n" +
			"files from the standard output. In sqlc.yaml:\n\n" +
			"  plugins:\n" +
			"    - name: pgwright\n" +
			"      env: [PATH, HOME]\n" +
			"      process: {cmd: pgwright}\n\n" +
			"A codegen entry with plugin: pgwright then has sqlc generate write pgwright's\n" +
			"code. PostgreSQL analyses the queries where there is one, and else sqlc.",
		Example: "cat request.json | pgwright sqlc-plugin",
		Args:    atMost(0),
		Hidden:  true, // for sqlc to run, not for people
	}
	cmd.RunE = a.does(func(ctx context.Context, _ []string) error {
		return generator.SQLCPlugin(ctx, generator.Options{Env: a.env}, cmd.InOrStdin(), a.out)
	})
	return cmd
}
