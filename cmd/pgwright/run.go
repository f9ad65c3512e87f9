package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/internal/nearest"
)

// Exit statuses.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// errReported ends a command whose reasons have been printed.
var errReported = errors.New("reported")

// programStatus is the exit status of a program that was run, which becomes
// ours.
type programStatus int

func (s programStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// app is what the commands share.
type app struct {
	env      func(string) string
	out, err io.Writer
	// running is set once the command line was understood. Errors before that
	// are the caller's.
	running bool
}

// run executes one command line and returns the exit status.
func run(ctx context.Context, args []string, env func(string) string, in io.Reader, out, errOut io.Writer) int {
	a := &app{env: env, out: out, err: errOut}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	cmd, err := root.ExecuteContextC(ctx)
	var status programStatus
	switch {
	case err == nil:
		return exitOK
	case !a.running:
		a.say("pgwright: %v%s\n", err, nearestFlag(cmd, err))
		a.say("usage: %s\nfor help: %s --help\n", cmd.UseLine(), cmd.CommandPath())
		return exitUsage
	case ctx.Err() != nil:
		a.say("pgwright: interrupted\n")
	case errors.As(err, &status):
		return int(status)
	case !errors.Is(err, errReported):
		a.say("pgwright: %v\n", err)
	}
	return exitFailure
}

// say writes to standard error. There is nowhere to report that it fails.
func (a *app) say(format string, args ...any) {
	_, _ = fmt.Fprintf(a.err, format, args...)
}

// print writes to standard output.
func (a *app) print(format string, args ...any) error {
	_, err := fmt.Fprintf(a.out, format, args...)
	return err
}

// printJSON writes a value to standard output for programs, and for people who
// have a look.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	// SQL is full of the characters that HTML cares for.
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// does makes the body of a command, which runs once the command line was
// understood.
func (a *app) does(body func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.running = true
		return body(cmd.Context(), args)
	}
}

const helpTemplate = `{{with or .Long .Short}}{{. | trimTrailingWhitespaces}}

{{end}}Usage: {{.UseLine}}
{{if .HasAvailableSubCommands}}
Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasExample}}
Example: {{.Example}}
{{end}}`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "pgwright <command>",
		Short: "Typed Go clients for PostgreSQL, from SQL",
		Long: "pgwright generates typed Go clients for PostgreSQL from SQL.\n" +
			"PostgreSQL itself checks and types every query.",
		Example:       "pgwright init shop && cd shop && pgwright generate",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
		Args:          cobra.ArbitraryArgs,
		RunE:          group,

		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.AddCommand(a.initCommand(), a.generateCommand(), a.describeCommand(), a.introspectCommand(), a.checkCommand(), a.vetCommand(), a.diffSQLCCommand(), a.doctorCommand(), a.watchCommand(), a.postgresCommand(), a.sqlcPluginCommand(), a.versionCommand(), a.completionCommand())
	root.SetHelpTemplate(helpTemplate)
	help := helpCommand()
	root.SetHelpCommand(help)
	plain(help)
	root.SetVersionTemplate("{{.Version}}\n")
	root.PersistentFlags().BoolP("help", "h", false, "show the help of the command")
	root.Flags().Bool("version", false, "print the version")
	plain(root)
	return root
}

// plain keeps cobra from adding to usage lines and from sorting flags.
func plain(cmd *cobra.Command) {
	cmd.DisableFlagsInUseLine = true
	cmd.Flags().SortFlags = false
	for _, sub := range cmd.Commands() {
		plain(sub)
	}
}

// helpCommand is cobra's without its long text, and with an error for a command
// that does not exist.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [command]",
		Short:   "Show the help of a command",
		Example: "pgwright help generate",
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(target, rest[0])
			}
			return target.Help()
		},
	}
}

func unknownCommand(parent *cobra.Command, name string) error {
	message := fmt.Sprintf("unknown command %q", name)
	parent.SuggestionsMinimumDistance = 2
	if near := parent.SuggestionsFor(name); len(near) > 0 {
		message += fmt.Sprintf("; did you mean %s?", strings.Join(near, " or "))
	}
	return errors.New(message)
}

var (
	unknownFlag = regexp.MustCompile(`^unknown flag: --(\S+)$`)
	flagName    = regexp.MustCompile(`(?m)^ *(?:-\w, )?--(\S+)`)
)

// nearestFlag ends an error about an unknown flag with the one that was meant.
func nearestFlag(cmd *cobra.Command, err error) string {
	m := unknownFlag.FindStringSubmatch(err.Error())
	if m == nil {
		return ""
	}
	var names []string
	for _, f := range flagName.FindAllStringSubmatch(cmd.Flags().FlagUsages(), -1) {
		names = append(names, f[1])
	}
	if near := nearest.Name(m[1], names); near != "" {
		return fmt.Sprintf("; did you mean --%s?", near)
	}
	return ""
}

// atMost refuses more arguments than a command takes.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) <= n:
			return nil
		case n == 0:
			return fmt.Errorf("%s takes no arguments, and got %q", cmd.CommandPath(), args[0])
		default:
			return fmt.Errorf("%s takes one argument, and got %d", cmd.CommandPath(), len(args))
		}
	}
}

// group is the body of a command that only holds others.
func group(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return unknownCommand(cmd, args[0])
	}
	return errors.New("no command given")
}
