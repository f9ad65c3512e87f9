//go:build unix

package server

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// account is the user that runs the server's programs.
type account struct {
	name     string
	uid, gid int
	drop     bool // this process is root and must give up its rights
}

// serverAccount is this process's own user, or for root one with fewer rights.
func serverAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{Superuser, "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			var unknown user.UnknownUserError
			if errors.As(err, &unknown) {
				continue
			}
			return account{}, fmt.Errorf("look up the user %s: %w", name, err)
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if errUID != nil || errGID != nil || uid == 0 {
			continue
		}
		return account{name: name, uid: uid, gid: gid, drop: true}, nil
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody to run it as: run pgwright as another user")
}

func (a account) credential() *syscall.Credential {
	if !a.drop {
		return nil
	}
	return &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
}

// suffix names the account in messages when it is not the caller's.
func (a account) suffix() string {
	if !a.drop {
		return ""
	}
	return " as user " + a.name
}

// own hands a file or directory to the account.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return os.Lchown(path, a.uid, a.gid)
}

func (a account) ownFile(f *os.File) error {
	if !a.drop {
		return nil
	}
	return f.Chown(a.uid, a.gid)
}

// canEnter returns an error that names the first directory on the way to path that the account cannot pass. Directories
// that do not exist yet are taken as passable: this process will make them.
func (a account) canEnter(path string) error {
	if !a.drop {
		return nil
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is not a directory", dir)
		}
		if err == nil && !a.may(info, 1) {
			return fmt.Errorf("user %s, as which the server runs, cannot enter %s", a.name, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func (a account) may(info os.FileInfo, bit os.FileMode) bool {
	mode := info.Mode().Perm()
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && int(stat.Uid) == a.uid:
		return mode&(bit<<6) != 0
	case ok && int(stat.Gid) == a.gid:
		return mode&(bit<<3) != 0
	default:
		return mode&bit != 0
	}
}

// checkOwner refuses a directory in which another user could plant files.
func checkOwner(path string, info os.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if ok && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user (uid %d, this is uid %d)", path, stat.Uid, os.Geteuid())
	}
	if info.IsDir() && info.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("%s can be written by every user", path)
	}
	return nil
}
