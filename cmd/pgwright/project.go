package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

// projectFlags are those of the commands that analyse a project.
type projectFlags struct {
	file, database, profile, postgresBin string
	noQueryTree, fresh, verbose          bool
	engine, sqlc                         string
}

func (f *projectFlags) add(cmd *cobra.Command) {
	f.addProject(cmd)
	cmd.PreRunE = f.check
	cmd.Flags().StringVar(&f.database, "database", "", "analyse on the database at `URL` instead")
	cmd.Flags().StringVar(&f.profile, "profile", "", "analyse on the database of the profile `name`\n(see pgwright doctor)")
	cmd.Flags().BoolVar(&f.noQueryTree, "no-query-tree", false, "keep query trees out of that database's log; every\ncolumn then counts as nullable")
}

// check refuses flags that contradict each other.
func (f *projectFlags) check(*cobra.Command, []string) error {
	if f.database != "" && f.profile != "" {
		return errors.New("--database and --profile both name a database; give one")
	}
	if f.engine != "" && !slices.Contains(generator.Engines(), f.engine) {
		return fmt.Errorf("there is no engine %q; it is one of %s", f.engine, strings.Join(generator.Engines(), ", "))
	}
	if f.engine == "sqlc" && (f.database != "" || f.profile != "") {
		return errors.New("--engine sqlc asks no database; leave out --database and --profile, or the engine")
	}
	return nil
}

// addProject adds the flags that make sense without a database of the user's.
func (f *projectFlags) addProject(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.file, "file", "f", "", "`path` of the configuration (default: sqlc.yaml)")
	flags.StringVar(&f.postgresBin, "postgres-bin", "", "the `folder` of the PostgreSQL to start")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "say what is being done")
}

// addFresh adds the flag of the commands that can do with the lock.
func (f *projectFlags) addFresh(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.fresh, "fresh", false, "ask PostgreSQL again although pgwright.lock holds\n(or PGWRIGHT_FRESH=1)")
}

// addEngine adds the flags of the commands that can do without PostgreSQL.
func (f *projectFlags) addEngine(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.engine, "engine", "", "the `name` of who analyses: postgresql, or sqlc")
	cmd.Flags().StringVar(&f.sqlc, "sqlc", "", "the `path` of sqlc (or PGWRIGHT_SQLC)")
	completes(cmd, "engine", cobra.FixedCompletions(generator.Engines(), cobra.ShellCompDirectiveNoFileComp))
}

// options translates the flags for the generator.
func (f *projectFlags) options(a *app) generator.Options {
	o := generator.Options{ConfigFile: f.file, Database: f.database, Profile: f.profile, PostgresBin: f.postgresBin, NoQueryTree: f.noQueryTree, Fresh: f.fresh || a.env("PGWRIGHT_FRESH") == "1", Env: a.env, Engine: f.engine, SQLC: cmp.Or(f.sqlc, a.env("PGWRIGHT_SQLC")), Notice: a.err}
	if f.verbose {
		o.Log = a.err
	}
	return o
}
