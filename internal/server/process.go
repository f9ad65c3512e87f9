package server

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// stopMode is one of the ways to stop a postmaster; see "Shutting Down the Server" in PostgreSQL's manual.
type stopMode int

const (
	immediate stopMode = iota // SIGQUIT: no checkpoint, asynchronous commits may be lost
	fast                      // SIGINT: connections are cut, everything is written
	kill                      // SIGKILL: the last resort, which leaves a segment of System V memory behind
)

func (m stopMode) String() string {
	switch m {
	case immediate:
		return "immediate"
	case fast:
		return "fast"
	default:
		return "kill"
	}
}

// command describes a program of PostgreSQL to run.
type command struct {
	path    string
	args    []string
	dir     string
	output  *os.File
	account account
	onDeath stopMode // what the program receives when this process dies
}

// process is a running child. done is closed after it was reaped.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // result of Wait; read after done is closed

	unwatch func() error // ends what watches this process in place of the kernel
}

// startProcess starts a child that does not outlive this process.
func startProcess(c command) (*process, error) {
	cmd := exec.Command(c.path, c.args...)
	cmd.Dir = c.dir
	cmd.Env = childEnv(os.Environ())
	cmd.Stdout, cmd.Stderr = c.output, c.output
	setAttributes(cmd, c.account, c.onDeath)
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// Linux sends the parent-death signal when the thread that forked ends, so that thread is held until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s%s: %w", c.path, c.account.suffix(), err)
	}
	unwatch, err := watch(cmd.Process.Pid, c.onDeath)
	if err != nil {
		return nil, errors.Join(err, p.stop(kill, stopTimeout))
	}
	p.unwatch = unwatch
	return p, nil
}

// failure describes how the process ended. It is not nil: a server is never expected to end by itself.
func (p *process) failure() error {
	if p.err != nil {
		return p.err
	}
	return errors.New("exit status 0")
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop ends the process and waits for it. It sharpens the mode each time the limit passes. The error is not nil if the
// process had ended before or did not end in the asked way.
func (p *process) stop(mode stopMode, limit time.Duration) error {
	if p.ended() {
		return errors.Join(fmt.Errorf("%s had stopped by itself: %w", filepath.Base(p.cmd.Path), p.failure()), p.endWatch())
	}
	var late error
	for {
		if err := p.send(mode); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return errors.Join(fmt.Errorf("stop %s (%s): %w", filepath.Base(p.cmd.Path), mode, err), p.endWatch())
		}
		select {
		case <-p.done:
			return errors.Join(late, p.endWatch())
		case <-time.After(limit):
		}
		late = fmt.Errorf("%s did not stop within %s (%s)", filepath.Base(p.cmd.Path), limit, mode)
		switch mode {
		case fast:
			mode = immediate
		default:
			mode = kill
		}
	}
}

func (p *process) endWatch() error {
	if p.unwatch == nil {
		return nil
	}
	return p.unwatch()
}

// childEnv drops what would change the behaviour of PostgreSQL's programs: libpq's variables and the locale.
func childEnv(environ []string) []string {
	var env []string
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		upper := strings.ToUpper(name)
		if strings.HasPrefix(upper, "PG") || strings.HasPrefix(upper, "LC_") || upper == "LANG" || upper == "LANGUAGE" || upper == "TZ" {
			continue
		}
		env = append(env, v)
	}
	return append(env, "LC_ALL=C")
}
