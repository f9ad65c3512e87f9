package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

func (a *app) vetCommand() *cobra.Command {
	var flags projectFlags
	var asJSON bool
	var rules []string
	var explain string
	cmd := &cobra.Command{
		Use:   "vet [flags]",
		Short: "Find queries that are valid and yet likely to hurt",
		Long: "Apply rules to the queries and the schema: those that are built in, and those of\n" +
			"rules: in the configuration. No statement is executed. The exit status is 1 if\n" +
			"a finding is an error.",
		Example: "pgwright vet --explain not-in-null",
		Args:    atMost(0),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			if explain != "" {
				return a.explainRule(explain)
			}
			return a.vet(ctx, &flags, rules, asJSON)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringSliceVar(&rules, "rules", nil, "apply only the rules of this comma-separated `list`")
	cmd.Flags().StringVar(&explain, "explain", "", "say what a `rule` finds, and why; \"all\" lists them")
	flags.add(cmd)
	var names []string
	for _, r := range generator.VetRules() {
		names = append(names, r.Name)
	}
	completes(cmd, "rules", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	completes(cmd, "explain", cobra.FixedCompletions(append(names, "all"), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (a *app) vet(ctx context.Context, flags *projectFlags, rules []string, asJSON bool) error {
	report, err := generator.Vet(ctx, flags.options(a), rules)
	if err != nil {
		return err
	}
	if asJSON {
		err = a.printJSON(report)
	} else {
		err = a.vetText(report, flags.verbose || len(rules) > 0)
	}
	if err != nil {
		return err
	}
	if report.Fails() {
		return errReported
	}
	return nil
}

func (a *app) vetText(report *generator.VetReport, notes bool) error {
	a.say("%s", report.Report())
	if err := a.print("%s", report.Text(notes)); err != nil {
		return err
	}
	counts := map[string]int{}
	for _, f := range report.Findings {
		counts[f.Severity]++
	}
	var parts []string
	for _, severity := range []string{"error", "warning", "note"} {
		if n := counts[severity]; n > 0 {
			parts = append(parts, countOf(n, severity))
		}
	}
	if counts["note"] > 0 && !notes {
		parts[len(parts)-1] += " (shown with -v)"
	}
	if len(parts) == 0 {
		parts = append(parts, "nothing found")
	}
	queries := "queries"
	if report.Queries == 1 {
		queries = "query"
	}
	summary := fmt.Sprintf("%d %s vetted: %s", report.Queries, queries, strings.Join(parts, ", "))
	if len(report.Errors) > 0 {
		summary += "; what has errors was left out"
	}
	return a.print("%s\n", summary)
}

// explainRule prints what is known of a rule.
func (a *app) explainRule(name string) error {
	rules := generator.VetRules()
	if name == "all" {
		for _, r := range rules {
			if err := a.print("%-20s %s\n", r.Name, r.Summary); err != nil {
				return err
			}
		}
		return nil
	}
	for _, r := range rules {
		if r.Name != name {
			continue
		}
		example := "bad:\n\n" + indented(r.Bad) + "\ngood:\n\n" + indented(r.Good)
		if r.Schema != "" {
			example = "with this schema:\n\n" + indented(r.Schema) + "\n" + example
		}
		return a.print("%s: %s\n\n%s\n\n%s\nto silence it, in the comment of a query:\n\n    -- vet: ignore %s <reason>\n", r.Name, r.Summary, r.Why, example, r.Name)
	}
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	return errors.New("there is no rule " + name + "; the rules that are built in are " + strings.Join(names, ", "))
}

func indented(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n    ") + "\n"
}
