package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

func (a *app) describeCommand() *cobra.Command {
	var flags projectFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "describe [flags] [query ...]",
		Short: "Show the types of the queries, and why",
		Long: "Show what PostgreSQL says about the parameters and columns of the queries, and\n" +
			"why they can be NULL or not. A query that it rejects does not hide the others.",
		Example: "pgwright describe --json -f sqlc.yaml",
		RunE: a.does(func(ctx context.Context, names []string) error {
			return a.describe(ctx, &flags, asJSON, names)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	flags.add(cmd)
	flags.addEngine(cmd)
	flags.addFresh(cmd)
	return cmd
}

func (a *app) describe(ctx context.Context, flags *projectFlags, asJSON bool, names []string) error {
	d, err := generator.Describe(ctx, flags.options(a))
	if err != nil {
		return err
	}
	if err := keep(d, names); err != nil {
		return err
	}
	if asJSON {
		err = a.printJSON(d)
	} else {
		// JSON holds the errors itself.
		a.say("%s", d.Report)
		err = a.describeText(d)
	}
	if err != nil {
		return err
	}
	if d.HasErrors {
		return errReported
	}
	return nil
}

// keep drops the queries that were not asked for. A name that no query has is
// an error, unless it may be that of one that was rejected.
func keep(d *generator.Description, names []string) error {
	if len(names) == 0 {
		return nil
	}
	found := map[string]bool{}
	var all []string
	for _, p := range d.Packages {
		p.Queries = slices.DeleteFunc(p.Queries, func(q *generator.QueryDescription) bool {
			all = append(all, q.Name)
			wanted := slices.Contains(names, q.Name)
			found[q.Name] = found[q.Name] || wanted
			return !wanted
		})
	}
	for _, name := range names {
		if !found[name] && !d.HasErrors {
			return noQuery(name, all)
		}
	}
	return nil
}

// noQuery suggests the names that hold, or are held by, the one asked for.
func noQuery(name string, all []string) error {
	var near []string
	for _, n := range all {
		a, b := strings.ToLower(n), strings.ToLower(name)
		if strings.Contains(a, b) || strings.Contains(b, a) {
			near = append(near, n)
		}
	}
	if len(near) == 0 || len(near) > 5 {
		return fmt.Errorf("there is no query %s", name)
	}
	return fmt.Errorf("there is no query %s; did you mean %s?", name, strings.Join(near, " or "))
}

// describeText prints a heading and two tables for each query.
func (a *app) describeText(d *generator.Description) error {
	var b bytes.Buffer
	for _, p := range d.Packages {
		for _, q := range p.Queries {
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "%s.%s %s  %s:%d\n", p.Package, q.Name, q.Command, q.File, q.Line)
			if err := parameterTable(&b, q.Params); err != nil {
				return err
			}
			if err := columnTable(&b, q.Columns); err != nil {
				return err
			}
		}
	}
	return a.print("%s", b.Bytes())
}

func parameterTable(b *bytes.Buffer, params []*generator.ParamDescription) error {
	if len(params) == 0 {
		return nil
	}
	t := newTable(b, "parameters")
	for _, p := range params {
		t.row(fmt.Sprintf("$%d", p.Number), p.Name, p.Type, p.GoType, nullity(p.Nullable), p.Why)
	}
	return t.Flush()
}

func columnTable(b *bytes.Buffer, columns []*generator.ColumnDescription) error {
	if len(columns) == 0 {
		return nil
	}
	t := newTable(b, "columns")
	for _, c := range columns {
		t.row(c.Name, c.Type, c.GoType, nullity(c.Nullable), c.Why)
	}
	return t.Flush()
}

func nullity(nullable bool) string {
	if nullable {
		return "null"
	}
	return "not null"
}

// table aligns columns two spaces apart.
type table struct {
	*tabwriter.Writer
	indent string
}

// newTable begins a table in a section.
func newTable(b *bytes.Buffer, title string) table { return indentedTable(b, "  ", title) }

// newSection begins a table that is a section of its own.
func newSection(b *bytes.Buffer, title string) table { return indentedTable(b, "", title) }

func indentedTable(b *bytes.Buffer, indent, title string) table {
	fmt.Fprintf(b, "%s%s\n", indent, title)
	return table{tabwriter.NewWriter(b, 0, 0, 2, ' ', 0), indent + "  "}
}

// row adds a line. The tabwriter keeps write errors for Flush.
func (t table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = strings.Join(strings.Fields(cell), " ")
	}
	_, _ = fmt.Fprintf(t, "%s%s\n", t.indent, strings.Join(cells, "\t"))
}
