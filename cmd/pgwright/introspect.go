package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

// introspectFlags are those of the command.
type introspectFlags struct {
	projectFlags
	what                    generator.Selection
	json, sql, dot, mermaid bool
}

func (a *app) introspectCommand() *cobra.Command {
	var flags introspectFlags
	cmd := &cobra.Command{
		Use:   "introspect [flags]",
		Short: "Show what a database holds, also as SQL or a diagram",
		Long: "Show the tables, views, types and functions of a database: that of the flags,\n" +
			"or of the configuration, or a throwaway one with the schema's files.",
		Example: "pgwright introspect --only 'users,order*' --mermaid",
		Args:    atMost(0),
		PreRunE: flags.check,
		RunE:    a.does(func(ctx context.Context, _ []string) error { return a.introspect(ctx, &flags) }),
	}
	f := cmd.Flags()
	f.StringSliceVar(&flags.what.Schemas, "schema", nil, "only what is in these `schemas`")
	f.StringSliceVar(&flags.what.Only, "only", nil, "only these `tables` and views, as users or shop.*")
	f.BoolVar(&flags.json, "json", false, "print JSON")
	f.BoolVar(&flags.sql, "sql", false, "print statements that make the objects")
	f.BoolVar(&flags.dot, "dot", false, "print a diagram for Graphviz")
	f.BoolVar(&flags.mermaid, "mermaid", false, "print a diagram for Mermaid")
	flags.addProject(cmd)
	f.StringVar(&flags.database, "database", "", "the database at `URL`")
	f.StringVar(&flags.profile, "profile", "", "the database of the profile `name`")
	f.StringVar(&flags.what.Package, "package", "", "the database of the package `name`")
	return cmd
}

// check refuses flags that contradict each other.
func (f *introspectFlags) check(cmd *cobra.Command, args []string) error {
	forms := 0
	for _, form := range []bool{f.json, f.sql, f.dot, f.mermaid} {
		if form {
			forms++
		}
	}
	if forms > 1 {
		return errors.New("--json, --sql, --dot and --mermaid exclude each other")
	}
	return f.projectFlags.check(cmd, args)
}

func (a *app) introspect(ctx context.Context, flags *introspectFlags) error {
	// What only SQL needs would be noise elsewhere.
	flags.what.Needed = flags.sql
	i, report, err := generator.Introspect(ctx, flags.options(a), flags.what)
	if err != nil {
		return err
	}
	a.say("%s", report)
	if i == nil {
		return errReported
	}
	a.say("%s", i.Warnings)
	var text string
	switch {
	case flags.json:
		var b []byte
		b, err = i.JSON()
		text = string(b)
	case flags.sql:
		text, err = i.SQL()
	case flags.dot:
		text = i.Dot()
	case flags.mermaid:
		text = i.Mermaid()
	default:
		text = i.Text()
	}
	if err != nil {
		return err
	}
	if text == "" {
		a.say("the database holds nothing\n")
	}
	return a.print("%s", text)
}
