//go:build unix

package server

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

func (m stopMode) signal() syscall.Signal {
	switch m {
	case fast:
		return syscall.SIGINT
	case immediate:
		return syscall.SIGQUIT
	default:
		return syscall.SIGKILL
	}
}

func (p *process) send(mode stopMode) error { return p.cmd.Process.Signal(mode.signal()) }

// endChildren waits for the children that a killed initdb leaves, and kills those that outlast the limit. They end by
// themselves when their input does, and then clean up, which they do not when they are killed.
func (p *process) endChildren(limit time.Duration) error {
	group := -p.cmd.Process.Pid
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if err := syscall.Kill(group, 0); errors.Is(err, syscall.ESRCH) {
			return nil
		}
	}
	if err := syscall.Kill(group, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the children of initdb: %w", err)
	}
	return nil
}

// signalOrphan signals a process that is not a child of this one.
func signalOrphan(pid int, mode stopMode, _ *Binaries) error {
	err := syscall.Kill(pid, mode.signal())
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// watchByShell stands in for the parent-death signal where the kernel has none: a shell reads from a pipe whose only
// writer is this process, and signals the server when the pipe ends. The returned function ends the shell.
func watchByShell(pid int, mode stopMode) (func() error, error) {
	script := `read -r line || kill -` + strconv.Itoa(int(mode.signal())) + ` "$0"`
	cmd := exec.Command("/bin/sh", "-c", script, strconv.Itoa(pid))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("watch the server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("watch the server: %w", err)
	}
	return func() error {
		_, err := io.WriteString(pipe, "stopped\n")
		if err := errors.Join(err, pipe.Close(), cmd.Wait()); err != nil {
			return fmt.Errorf("watch the server: %w", err)
		}
		return nil
	}, nil
}

func freePort() (int, error) { return 0, errors.New("not used where there are sockets") }
