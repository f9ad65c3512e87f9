package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/internal/server"
)

func (a *app) postgresCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "postgres <command>",
		Short: "Show, install or use the PostgreSQL that pgwright starts",
		Long: "pgwright starts a PostgreSQL of its own to have queries checked. These commands\n" +
			"show which one, fetch one where there is none, and run programs on one.",
		Example: "pgwright postgres info",
		RunE:    group,
	}
	cmd.AddCommand(a.postgresInfoCommand(), a.postgresInstallCommand(), a.postgresRunCommand())
	return cmd
}

func (a *app) postgresInfoCommand() *cobra.Command {
	var bin string
	cmd := &cobra.Command{
		Use:   "info [flags]",
		Short: "Show where PostgreSQL is looked for and which one is used",
		Long: "Show where PostgreSQL is looked for. The one that is used is marked with *; the\n" +
			"others come with the reason why not.",
		Example: "pgwright postgres info",
		Args:    atMost(0),
		RunE: a.does(func(ctx context.Context, _ []string) error {
			return a.postgresInfo(ctx, bin)
		}),
	}
	cmd.Flags().StringVar(&bin, "postgres-bin", "", "the `folder` of the PostgreSQL to start")
	return cmd
}

func (a *app) postgresInfo(ctx context.Context, bin string) error {
	options := server.Options{BinDir: bin, Env: a.env}
	if _, err := server.Find(ctx, options); err != nil {
		return err
	}
	var b bytes.Buffer
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range server.Candidates(ctx, options) {
		mark := " "
		if c.Used {
			mark = "*"
		}
		// The tabwriter keeps write errors for Flush.
		_, _ = fmt.Fprintf(t, "%s %s\t%s\t%s\t%s\n", mark, orDash(c.Version), c.Source, orDash(c.Dir), c.Reason)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		if err := a.print("%s\n", strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (a *app) postgresInstallCommand() *cobra.Command {
	var baseURL string
	cmd := &cobra.Command{
		Use:   "install [flags] [version]",
		Short: "Fetch a PostgreSQL into the user's cache",
		Long: "Fetch the binaries of PostgreSQL and check their sum. They are used where no\n" +
			"other server is found. Known versions:\n" + strings.Join(server.InstallVersions(), ", ") + ".",
		Example: "pgwright postgres install 17",
		Args:    atMost(1),
		RunE: a.does(func(ctx context.Context, args []string) error {
			version := ""
			if len(args) > 0 {
				version = args[0]
			}
			return a.postgresInstall(ctx, version, baseURL)
		}),
	}
	cmd.Flags().StringVar(&baseURL, "base-url", "", "fetch from this `URL` (default: PGWRIGHT_POSTGRES_URL,\nelse the releases of theseus-rs/postgresql-binaries)")
	return cmd
}

func (a *app) postgresInstall(ctx context.Context, version, baseURL string) error {
	bar := newProgress(a.err, time.Now)
	bin, err := server.Install(ctx, server.InstallOptions{Version: version, BaseURL: baseURL, Env: a.env, Progress: bar.update})
	bar.end()
	if err != nil {
		return err
	}
	return a.print("PostgreSQL %s in %s\n", bin.Version, bin.Dir)
}

// isTerminal reports whether a person may be looking at what is written.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
