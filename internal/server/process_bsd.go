//go:build unix && !linux

package server

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

func setAttributes(cmd *exec.Cmd, account account, _ stopMode) {
	// A group of its own keeps the terminal's Ctrl-C away: this process decides how the server stops.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: account.credential()}
}

func watch(pid int, mode stopMode) (func() error, error) { return watchByShell(pid, mode) }

// commandLine returns the arguments of a process, or nil if there is none with this id. Blanks inside an argument are
// not told from those between arguments.
func commandLine(pid int) ([]string, error) {
	text, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(string(text)), " "), nil
}
