package server

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func setAttributes(cmd *exec.Cmd, account account, onDeath stopMode) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		// A group of its own keeps the terminal's Ctrl-C away: this process decides how the server stops.
		Setpgid:    true,
		Pdeathsig:  onDeath.signal(),
		Credential: account.credential(),
	}
}

// watch has nothing to do: the kernel sends the parent-death signal.
func watch(int, stopMode) (func() error, error) { return nil, nil }

// bootID identifies this boot of the machine; see proc_sys_kernel(5).
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}

// commandLine returns the arguments of a process, or nil if there is none with this id.
func commandLine(pid int) ([]string, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var args []string
	for arg := range bytes.SplitSeq(bytes.TrimRight(text, "\x00"), []byte{0}) {
		args = append(args, string(arg))
	}
	return args, nil
}
