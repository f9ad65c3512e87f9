package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"time"
)

const (
	copyWorkers       = 3
	initdbStopTimeout = time.Second
)

// initdbArgs are the arguments of initdb besides the directory. Locale and superuser are fixed so that an analysis does
// not depend on the machine. Small WAL segments make the copy smaller.
func initdbArgs() []string {
	return []string{
		"--no-sync", "-A", "trust", "--locale=C", "-E", "UTF8", "-U", Superuser, "--wal-segsize=1",
	}
}

// fill gives the entry a new data directory, copied from the template of this build. It reports whether the template had
// to be made.
func (c *cache) fill(ctx context.Context, bin *Binaries, e *entry) (made bool, err error) {
	if err := e.unmark(); err != nil {
		return false, err
	}
	if err := removeAll(e.data()); err != nil {
		return false, err
	}
	template, made, err := c.template(ctx, bin)
	if err != nil {
		return made, err
	}
	begin := time.Now()
	if err := copyTree(ctx, template.data(), e.data(), c.account); err != nil {
		return made, errors.Join(fmt.Errorf("copy the data directory: %w", err), template.lock.unlock())
	}
	c.log.step("copied an initialised data directory", begin)
	return made, template.lock.unlock()
}

// template returns the initialised data directory of this build, with a shared lock that keeps it from being removed.
func (c *cache) template(ctx context.Context, bin *Binaries) (e *entry, made bool, err error) {
	e, err = c.templateEntry(bin)
	if err != nil {
		return nil, false, err
	}
	for {
		e.lock, err = waitLock(ctx, e.dir+".lock", true)
		if err != nil {
			return nil, made, err
		}
		if e.isComplete() {
			if err := e.touch(); err != nil {
				return nil, made, errors.Join(err, e.lock.unlock())
			}
			return e, made, nil
		}
		if err := e.lock.unlock(); err != nil {
			return nil, made, err
		}
		e.lock, err = waitLock(ctx, e.dir+".lock", false)
		if err != nil {
			return nil, made, err
		}
		if !e.isComplete() {
			made = true
			if err := c.initialise(ctx, bin, e); err != nil {
				return nil, made, errors.Join(err, e.discard())
			}
		}
		if err := e.lock.unlock(); err != nil {
			return nil, made, err
		}
	}
}

func (c *cache) templateEntry(bin *Binaries) (*entry, error) {
	build, err := buildID(bin)
	if err != nil {
		return nil, err
	}
	return &entry{dir: c.dataDir("template", build), account: c.account}, nil
}

// dropTemplate removes the template of this build, so that the next use makes a new one.
func (c *cache) dropTemplate(ctx context.Context, bin *Binaries) error {
	e, err := c.templateEntry(bin)
	if err != nil {
		return err
	}
	if e.lock, err = waitLock(ctx, e.dir+".lock", false); err != nil {
		return err
	}
	return e.discard()
}

// initialise runs initdb. The entry is locked.
func (c *cache) initialise(ctx context.Context, bin *Binaries, e *entry) error {
	begin := time.Now()
	if err := removeAll(e.dir); err != nil {
		return err
	}
	if err := c.mkdir(e.dir); err != nil {
		return fmt.Errorf("template directory: %w", err)
	}
	if err := os.Mkdir(e.data(), 0o700); err != nil {
		return fmt.Errorf("template directory: %w", err)
	}
	if err := c.account.own(e.data()); err != nil {
		return fmt.Errorf("template directory: %w", err)
	}
	output, err := os.Create(e.logFile())
	if err != nil {
		return fmt.Errorf("template directory: %w", err)
	}
	defer output.Close()
	p, err := startProcess(command{
		path:    bin.program("initdb"),
		args:    append(initdbArgs(), "-D", e.data()),
		dir:     e.data(),
		output:  output,
		account: c.account,
		onDeath: kill,
	})
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.stop(kill, stopTimeout), p.endChildren(initdbStopTimeout))
	case <-p.done:
	}
	if err := p.endWatch(); err != nil {
		return err
	}
	if p.err != nil {
		return fmt.Errorf("initdb%s: %w; its output ends:\n%s", c.account.suffix(), p.err, logTail(e.logFile()))
	}
	c.log.step("initialised a data directory", begin)
	return e.markComplete()
}

// copyTree copies directories and regular files to a place that does not exist yet, and hands them to the account.
// It refuses anything else, links in particular: the server's account could plant one to make root read another file.
func copyTree(ctx context.Context, from, to string, account account) error {
	source, err := os.OpenRoot(from)
	if err != nil {
		return err
	}
	defer source.Close()
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	target, err := os.OpenRoot(to)
	if err != nil {
		return err
	}
	defer target.Close()

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	dirs := make(chan string)
	var workers sync.WaitGroup
	for range copyWorkers {
		workers.Go(func() {
			for dir := range dirs {
				if err := copyFiles(ctx, source, target, dir, account); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	var made []string
	err = fs.WalkDir(source.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case name != ".":
			made = append(made, name)
			if err := target.Mkdir(name, 0o700); err != nil {
				return err
			}
		}
		select {
		case dirs <- name:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(dirs)
	workers.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	// The outermost directory is handed over last: until then the account cannot reach what is inside.
	for _, dir := range append(made, ".") {
		if err := account.own(filepath.Join(to, dir)); err != nil {
			return err
		}
	}
	return nil
}

// copyFiles copies the files of one directory. One worker does all of them, because the system makes the files of one
// directory one after the other anyway.
func copyFiles(ctx context.Context, source, target *os.Root, dir string, account account) error {
	files, err := fs.ReadDir(source.FS(), dir)
	if err != nil {
		return err
	}
	for _, d := range files {
		name := path.Join(dir, d.Name())
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case d.IsDir():
			continue
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is neither a file nor a directory", filepath.Join(source.Name(), name))
		}
		if err := copyFile(source, target, name, account); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(source, target *os.Root, name string, account account) error {
	in, err := source.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := target.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// Between files the standard library asks the kernel to copy, which shares the blocks where the file system can.
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	if err := account.ownFile(out); err != nil {
		return errors.Join(err, out.Close())
	}
	return out.Close()
}
