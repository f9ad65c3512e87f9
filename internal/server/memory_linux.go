package server

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

const (
	sharedMemory   = "/dev/shm"
	sharedMemoryFS = 0x01021994 // TMPFS_MAGIC, see statfs(2)
	minFreeMemory  = 1 << 30
)

// MemoryDir returns a folder in memory for [Options].ScratchDir, or "" if there is none with a gigabyte to spare. Tests
// make and drop databases of some 300 files each, which costs several times as much on a disk.
func MemoryDir() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(sharedMemory, &fs); err != nil || int64(fs.Type) != sharedMemoryFS {
		return ""
	}
	if int64(fs.Bavail)*int64(fs.Bsize) < minFreeMemory {
		return ""
	}
	return filepath.Join(sharedMemory, "pgwright-"+strconv.Itoa(os.Geteuid()))
}
