package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

func (a *app) diffSQLCCommand() *cobra.Command {
	var flags projectFlags
	var path string
	var asJSON, exitCode bool
	cmd := &cobra.Command{
		Use:   "diff-sqlc [flags]",
		Short: "Show what differs from the code that sqlc generates, and why",
		Long: "Show each name that callers of the generated code see otherwise than they would\n" +
			"with sqlc, with what PostgreSQL says of it. sqlc runs on the same configuration,\n" +
			"in a folder of its own; nothing of the project is touched. It is looked for on\n" +
			"PATH; without one, Go fetches v1.31.1.",
		Example: "pgwright diff-sqlc -f sqlc.yaml",
		Args:    atMost(0),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			report, err := generator.CompareSQLC(ctx, flags.options(a), path, a.err)
			if err != nil {
				return err
			}
			if asJSON {
				err = a.printJSON(report)
			} else {
				err = a.print("%s", differencesText(report))
			}
			if err != nil {
				return err
			}
			if exitCode && differs(report) {
				return errReported
			}
			return nil
		}),
	}
	cmd.Flags().StringVar(&path, "sqlc", "", "the `path` of the sqlc to compare with")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit with status 1 if anything differs")
	flags.add(cmd)
	flags.addFresh(cmd)
	return cmd
}

// differs reports whether sqlc's code is another for any package.
func differs(r *generator.SQLCReport) bool {
	for _, p := range r.Packages {
		if p.Rejected != "" || len(p.RejectedQueries)+len(p.Differences) > 0 {
			return true
		}
	}
	return false
}

// reasonWidth is how long a line of a reason may become, with its indent.
const reasonWidth = 88

func differencesText(r *generator.SQLCReport) []byte {
	var b bytes.Buffer
	for i, p := range r.Packages {
		if i > 0 {
			b.WriteByte('\n')
		}
		switch {
		case p.Rejected != "":
			fmt.Fprintf(&b, "%s: sqlc %s generates nothing. It says:\n", p.Package, r.SQLC)
			for _, line := range strings.Split(p.Rejected, "\n") {
				fmt.Fprintf(&b, "  %s\n", line)
			}
			continue
		case len(p.Differences) > 0:
			fmt.Fprintf(&b, "%s: %s from sqlc %s\n", p.Package, countOf(len(p.Differences), "difference"), r.SQLC)
		case len(p.RejectedQueries) > 0:
			fmt.Fprintf(&b, "%s: to its callers as with sqlc %s, but for what sqlc rejects\n", p.Package, r.SQLC)
		default:
			fmt.Fprintf(&b, "%s: to its callers as with sqlc %s\n", p.Package, r.SQLC)
		}
		if len(p.RejectedQueries) > 0 {
			b.WriteByte('\n')
		}
		for _, q := range p.RejectedQueries {
			fmt.Fprintf(&b, "sqlc rejects %s: %s\n", q.Query, strings.ReplaceAll(q.Said, "\n", "\n  "))
		}
		group := "none yet"
		for _, d := range p.Differences {
			heading := "types and files"
			if d.Query != "" {
				heading = fmt.Sprintf("%s  %s:%d", d.Query, d.File, d.Line)
			}
			if heading != group {
				group = heading
				fmt.Fprintf(&b, "\n%s\n", heading)
			}
			writeDifference(&b, d)
		}
	}
	return b.Bytes()
}

func countOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func writeDifference(b *bytes.Buffer, d generator.SQLCDifference) {
	fmt.Fprintf(b, "  %s\n", d.Name)
	sqlc, pgwright := d.Brief()
	fmt.Fprintf(b, "    sqlc      %s\n", cmp.Or(sqlc, "(nothing)"))
	fmt.Fprintf(b, "    pgwright  %s\n", cmp.Or(pgwright, "(nothing)"))
	for _, line := range folded(d.Why, reasonWidth-4) {
		fmt.Fprintf(b, "    %s\n", line)
	}
}

// folded breaks a text into lines at its spaces.
func folded(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
