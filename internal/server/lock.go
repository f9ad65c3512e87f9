package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

var errLocked = errors.New("locked by another process")

// fileLock is a lock on a file that the system frees when its holder dies. Two locks on one file exclude each other even
// within one process.
type fileLock struct {
	file *os.File
}

// tryLock takes the lock on a file, which it creates. The error is errLocked if somebody else holds it.
func tryLock(path string, shared bool) (*fileLock, error) {
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
		if err := lockFile(f, shared); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		// A lock on a file that was removed meanwhile excludes nobody.
		mine, err := f.Stat()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock: %w", err), f.Close())
		}
		current, err := os.Lstat(path)
		if err == nil && os.SameFile(mine, current) {
			return &fileLock{file: f}, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(fmt.Errorf("lock: %w", err), f.Close())
		}
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("lock: %w", err)
		}
	}
}

// waitLock takes the lock as soon as it is free.
func waitLock(ctx context.Context, path string, shared bool) (*fileLock, error) {
	for {
		l, err := tryLock(path, shared)
		if !errors.Is(err, errLocked) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (l *fileLock) unlock() error {
	if err := errors.Join(unlockFile(l.file), l.file.Close()); err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	return nil
}

// unlockAndRemove removes the file too. Where an open file cannot be removed it stays, which does no harm.
func (l *fileLock) unlockAndRemove() error {
	err := os.Remove(l.file.Name())
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		err = nil
	}
	return errors.Join(err, l.unlock())
}
