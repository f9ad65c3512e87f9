package server

import (
	"encoding/csv"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func setAttributes(cmd *exec.Cmd, _ account, _ stopMode) {
	// A group of its own keeps the console's Ctrl-C away: this process decides how the server stops.
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}

func watch(int, stopMode) (func() error, error) { return nil, nil }

func (m stopMode) signalName() string {
	switch m {
	case fast:
		return "INT"
	case immediate:
		return "QUIT"
	default:
		return "KILL"
	}
}

// send uses pg_ctl, which knows the pipe on which a server without signals listens for them.
func (p *process) send(mode stopMode) error {
	if mode == kill {
		return p.cmd.Process.Kill()
	}
	return pgCtlKill(filepath.Dir(p.cmd.Path), p.cmd.Process.Pid, mode)
}

// endChildren has nothing to do: children of initdb end when their input does.
func (p *process) endChildren(time.Duration) error { return nil }

func signalOrphan(pid int, mode stopMode, bin *Binaries) error {
	if mode == kill {
		process, err := os.FindProcess(pid)
		if err != nil {
			return nil
		}
		return process.Kill()
	}
	return pgCtlKill(bin.Dir, pid, mode)
}

func pgCtlKill(binDir string, pid int, mode stopMode) error {
	out, err := exec.Command(filepath.Join(binDir, "pg_ctl.exe"), "kill", mode.signalName(), strconv.Itoa(pid)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pg_ctl kill: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// commandLine returns the program name of a process, or nil if there is none with this id. Windows has no simple way to
// the arguments; postmaster.pid in the locked directory names the process as ours.
func commandLine(pid int) ([]string, error) {
	out, err := exec.Command("tasklist", "/FI", "PID eq "+strconv.Itoa(pid), "/FO", "CSV", "/NH").Output()
	if err != nil {
		return nil, fmt.Errorf("tasklist: %w", err)
	}
	record, err := csv.NewReader(strings.NewReader(string(out))).Read()
	if err != nil || len(record) < 2 || record[1] != strconv.Itoa(pid) {
		return nil, nil
	}
	return record[:1], nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}
