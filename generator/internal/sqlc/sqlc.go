// Package sqlc finds the sqlc of the user's machine and runs it.
//
// It is a program of somebody else's, which pgwright does not bring: one that is
// installed is taken as it is, whatever its version, and without one the Go
// toolchain fetches and builds [Version].
package sqlc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// Version is the release that pgwright's generated code is held against, and
// that is fetched where no sqlc is installed.
const Version = "v1.31.1"

// module is the Go package of the command.
const module = "github.com/sqlc-dev/sqlc/cmd/sqlc"

// Program is a way to run sqlc. It is read-only, and safe for concurrent use.
type Program struct {
	// Version is what it says of itself, such as "v1.31.1".
	Version string
	// command is the program and the arguments that come before those of sqlc.
	command []string
}

// ErrNotFound is wrapped by the error for a machine that has neither sqlc nor
// the Go toolchain.
var ErrNotFound = errors.New("sqlc is not there")

// Find finds sqlc: the program at path, or, if that is empty, the one on PATH,
// or else the Go toolchain, which then needs a network and some minutes the
// first time; log, which may be nil, is told before that begins.
func Find(ctx context.Context, path string, log io.Writer) (*Program, error) {
	p := &Program{}
	switch {
	case path != "":
		found, err := lookPath(path)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
		}
		p.command = []string{found}
	default:
		if found, err := lookPath("sqlc"); err == nil {
			p.command = []string{found}
			break
		}
		tool, err := lookPath("go")
		if err != nil {
			return nil, fmt.Errorf("%w: install %s (https://docs.sqlc.dev), or Go, which can fetch it; neither is on PATH", ErrNotFound, Version)
		}
		if log != nil {
			// Whether it arrives changes nothing.
			_, _ = fmt.Fprintf(log, "sqlc is not on PATH: go run %s@%s, which takes some minutes the first time\n", module, Version)
		}
		p.command = []string{tool, "run", module + "@" + Version}
	}
	said, err := p.Run(ctx, "", "version")
	if err != nil {
		return nil, err
	}
	if p.Version = strings.TrimSpace(said); !version.MatchString(p.Version) {
		return nil, fmt.Errorf("%s is not sqlc: asked for its version, it says %q", p.command[0], firstLine(p.Version))
	}
	return p, nil
}

var version = regexp.MustCompile(`^v?\d+\.\d+[^\s]*$`)

// lookPath is exec.LookPath with an absolute answer, because the program runs
// in other folders.
func lookPath(name string) (string, error) {
	found, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(found)
}

// Failure is the error for a run of sqlc that ended with a status other than 0.
type Failure struct {
	// Said is what it printed, on both outputs, without space around it.
	Said   string
	Status int
}

// Error is the first line that it printed, and how many more there are.
func (f *Failure) Error() string {
	first, rest, more := strings.Cut(f.Said, "\n")
	switch {
	case first == "":
		return fmt.Sprintf("sqlc: exit status %d", f.Status)
	case more:
		return fmt.Sprintf("sqlc: %s (and %d more lines)", first, 1+strings.Count(rest, "\n"))
	default:
		return "sqlc: " + first
	}
}

// Run runs sqlc with arguments in a folder, or in that of the process if it is
// empty, and returns what it printed to its standard output. A status other
// than 0 is a [*Failure].
func (p *Program) Run(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.command[0], append(p.command[1:len(p.command):len(p.command)], args...)...)
	cmd.Dir = folder
	// Two goroutines write: each needs a buffer of its own.
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out.String(), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &exit):
		said := strings.TrimSpace(errOut.String() + out.String())
		if len(p.command) > 1 {
			// go run adds a line of its own.
			said = strings.TrimSpace(strings.TrimSuffix(said, fmt.Sprintf("exit status %d", exit.ExitCode())))
		}
		return "", &Failure{Said: said, Status: exit.ExitCode()}
	default:
		return "", fmt.Errorf("run %s: %w", p.command[0], err)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
