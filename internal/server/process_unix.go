//go:build unix

package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

func (m stopMode) signal() syscall.Signal {
	switch m {
	case fast:
		return syscall.SIGINT
	case immediate:
		return syscall.SIGQUIT
	case group:
		return syscall.SIGTERM
	default:
		return syscall.SIGKILL
	}
}

func (p *process) send(mode stopMode) error {
	if mode == group || mode == kill {
		err := syscall.Kill(-p.cmd.Process.Pid, mode.signal())
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
	return p.cmd.Process.Signal(mode.signal())
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
