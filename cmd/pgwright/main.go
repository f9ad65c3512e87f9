// Command pgwright generates typed Go clients for PostgreSQL from SQL.
//
// What was asked for goes to standard output, everything else to standard
// error. The exit status is 0 if all is well, 1 for a failure or an error in
// the project's files, and 2 if the command line is wrong. Interrupting it
// stops what it started, servers included.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// gcPercent lets the heap grow to five times what is in use before it is
// collected: commands end soon, and what they hold is some tens of megabytes.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end, the second ends it.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
}
