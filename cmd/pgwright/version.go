package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "pgwright version",
		Args:    atMost(0),
		RunE: a.does(func(context.Context, []string) error {
			return a.print("%s\n", version())
		}),
	}
}

// version says what the go command recorded in the binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return describeBuild(info)
}

func describeBuild(info *debug.BuildInfo) string {
	name := info.Main.Version
	if name == "" || name == "(devel)" {
		name = "development version"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && s.Value != "" {
				name += " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return fmt.Sprintf("pgwright %s (%s, %s/%s)", name, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
