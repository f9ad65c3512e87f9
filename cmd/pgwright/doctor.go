package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/runtime"
	"github.com/pgwright/pgwright/runtime/profile"
)

func (a *app) doctorCommand() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "doctor [flags] [profile]",
		Short: "Check a profile and the database that it names",
		Long: "Show where the settings of a profile (by default \"default\") come from, connect\n" +
			"as the application does, and say what is wrong and what to do about it.\n" +
			"Secrets are not shown, and nothing is changed in the database.\n\n" +
			"The exit status is 1 if there is an error; advice alone does not count.",
		Example: "pgwright doctor reporting",
		Args:    atMost(1),
		RunE: a.does(func(ctx context.Context, args []string) error {
			name := "default"
			if len(args) > 0 {
				name = args[0]
			}
			return a.doctor(ctx, name, config)
		}),
	}
	cmd.Flags().StringVar(&config, "config", "", "`path` of the file with the profiles (default: the nearest\npgwright.toml or pyproject.toml)")
	return cmd
}

// findings are what a doctor found, in the order in which it looked.
type findings struct {
	lines []string
	ill   bool
}

func (f *findings) error(format string, args ...any) {
	f.lines = append(f.lines, "error: "+fmt.Sprintf(format, args...))
	f.ill = true
}

func (f *findings) advise(format string, args ...any) {
	f.lines = append(f.lines, "advice: "+fmt.Sprintf(format, args...))
}

// patience is how long a doctor waits for a database in all.
const patience = time.Minute

func (a *app) doctor(ctx context.Context, name, config string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var f findings
	settings, err := profile.Load(ctx, name, profile.Options{Path: config})
	if err != nil {
		var e *profile.Error
		if !errors.As(err, &e) {
			return err
		}
		for _, p := range e.Problems {
			f.error("%s", p)
		}
		return a.reportFindings(&f)
	}
	text, err := settingsText(settings)
	if err != nil {
		return err
	}
	if err := a.print("%s\n", text); err != nil {
		return err
	}
	examineSettings(settings, &f)

	options := []runtime.Option{runtime.WithConfigFile(config), runtime.WithSetting("retries.attempts", 1), runtime.WithSetting("pool.min_size", 0)}
	begin := time.Now()
	client, err := runtime.Open(ctx, name, options...)
	if err != nil {
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return ctx.Err()
		}
		explainFailure(settings, err, &f)
		return a.reportFindings(&f)
	}
	defer client.Close()
	s := &instance{opened: time.Since(begin)}
	if err := s.examine(ctx, client, settings); err != nil {
		f.error("the connection fails: %v", err)
		return a.reportFindings(&f)
	}
	if text, err = s.text(); err != nil {
		return err
	}
	if err := a.print("%s\n", text); err != nil {
		return err
	}
	s.judge(settings, &f)
	if err := a.examineCode(ctx, name, config, &f); err != nil {
		return err
	}
	return a.reportFindings(&f)
}

// settingsText is a table of the settings that are set.
func settingsText(s *profile.Settings) ([]byte, error) {
	var b bytes.Buffer
	t := newSection(&b, "profile "+s.Profile)
	for _, e := range s.Explain() {
		if e.Origin == "" || e.Ignored {
			continue
		}
		origin := e.Origin
		if e.Secret != "" {
			origin += ", secret " + e.Secret
		}
		t.row(e.Key, e.Value, origin)
	}
	err := t.Flush()
	return b.Bytes(), err
}

// examineCode compares the database with what the code of the project was
// generated for, if the working folder has such.
func (a *app) examineCode(ctx context.Context, name, config string, f *findings) error {
	if config != "" {
		// Which project the file is of is not known.
		return nil
	}
	drifts, err := generator.FindDrift(ctx, generator.Options{Profile: name, NoQueryTree: true, Env: a.env})
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		f.advise("the generated code cannot be compared with the database: %v", err)
	case len(drifts) > 0:
		more := ""
		if len(drifts) > 1 {
			more = fmt.Sprintf(", and %d more, which pgwright check --profile %s shows", len(drifts)-1, name)
		}
		f.error("the database is not what the code was generated for: %s%s", drifts[0], more)
	}
	return ctx.Err()
}

// reportFindings prints what was found, and ends the command.
func (a *app) reportFindings(f *findings) error {
	for _, line := range f.lines {
		if err := a.print("%s\n", line); err != nil {
			return err
		}
	}
	if f.ill {
		return errReported
	}
	return a.print("healthy\n")
}
