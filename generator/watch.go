package generator

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/schema"
)

// pollInterval is how often [Session.Watch] looks at the files. Looking works
// on every file system, mounted ones included, and at a thousand files costs
// a few milliseconds.
const pollInterval = 50 * time.Millisecond

// Watch waits until a file that the project reads is not what it was at the
// last call, or is new or gone, and returns nil; at the first call at once. It
// waits a little longer for an editor that writes several files. The error is
// that of ctx.
//
// What is watched are the configuration and the files that it names, whatever
// is wrong with them.
func (s *Session) Watch(ctx context.Context) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for last := s.seen; ; {
		now := s.files()
		switch {
		case s.seen == nil, !maps.Equal(now, s.seen) && maps.Equal(now, last):
			s.seen = now
			return ctx.Err()
		}
		last = now
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// fileState is what changes when a file is written.
type fileState struct {
	size     int64
	modified time.Time
}

// files is the state of all files that the project reads.
func (s *Session) files() map[string]fileState {
	out := map[string]fileState{}
	add := func(path string) {
		if info, err := os.Stat(path); err == nil {
			out[path] = fileState{info.Size(), info.ModTime()}
		}
	}
	path, err := configPath(s.opt)
	if err != nil {
		return out // it may appear
	}
	add(path)
	cfg, _ := config.Load(path)
	if cfg == nil {
		// As long as it cannot be read, what it named last is of no use either.
		return out
	}
	for _, p := range cfg.Packages {
		for _, list := range [][]string{p.Schema, p.Stubs, p.Queries, p.Templates()} {
			sources, _ := schema.Inputs(cfg.Root, list)
			for _, source := range sources {
				add(filepath.Clean(source.Path))
			}
		}
	}
	return out
}
