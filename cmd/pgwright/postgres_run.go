package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
)

// interruptDelay is how long an interrupted program has to end by itself.
const interruptDelay = 10 * time.Second

func (a *app) postgresRunCommand() *cobra.Command {
	var flags projectFlags
	cmd := &cobra.Command{
		Use:   "run [flags] -- <program> [arguments]",
		Short: "Run a program on a throwaway database with the schema",
		Long: "Start a throwaway PostgreSQL, apply the project's schema, and run a program with\n" +
			"DATABASE_URL set to it. The data is gone when the program ends, and its exit\n" +
			"status is pgwright's.",
		Example: "pgwright postgres run -- go test ./...",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("name the program to run")
			}
			return nil
		},
	}
	cmd.RunE = a.does(func(ctx context.Context, args []string) error {
		return a.postgresRun(ctx, &flags, cmd.InOrStdin(), args)
	})
	// What follows the program's name is the program's.
	cmd.Flags().SetInterspersed(false)
	flags.addProject(cmd)
	return cmd
}

func (a *app) postgresRun(ctx context.Context, flags *projectFlags, in io.Reader, args []string) (err error) {
	db, report, err := generator.StartDatabase(ctx, flags.options(a))
	if err != nil {
		return err
	}
	a.say("%s", report)
	if db == nil {
		return errReported
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	program := exec.CommandContext(ctx, args[0], args[1:]...)
	program.Env = append(os.Environ(), "DATABASE_URL="+db.URL)
	program.Stdin, program.Stdout, program.Stderr = in, a.out, a.err
	program.Cancel = func() error { return program.Process.Signal(os.Interrupt) }
	program.WaitDelay = interruptDelay
	err = program.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		// The program has said why.
		return programStatus(exit.ExitCode())
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", args[0], err)
	}
	return nil
}
