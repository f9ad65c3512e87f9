package generator

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
)

// How [Session.Watch] looks at files. Looking works on every file system,
// mounted ones included.
const (
	// pollInterval is how often it looks, which at two hundred files takes half a
	// millisecond.
	pollInterval = 25 * time.Millisecond
	// quietTime is for how long nothing may change after a change, for an editor
	// that writes several files, or one in several parts.
	quietTime = 12 * time.Millisecond
	// patience is the same for a save that looks unfinished.
	patience = 300 * time.Millisecond
	// listInterval is how often the folders are read although they look as
	// before, for file systems that keep no good time of theirs.
	listInterval = 3 * time.Second
)

// Watch waits until a file that the project reads is not what it was at the
// last call, or is new or gone, and returns nil; at the first call at once. It
// waits a little longer for an editor that writes several files, and longer
// still where a file looks half written: it is empty or gone, or lacks a query
// that it had. The error is that of ctx.
//
// What is watched are the configuration and the files that it names, whatever
// is wrong with them. Before it waits it does what the last run has left for
// later, and starts what the next one will need.
func (s *Session) Watch(ctx context.Context) error {
	if s.watched.files == nil {
		s.watched.list(s.opt)
		s.seen = s.watched.look(s.opt)
		return ctx.Err()
	}
	s.catchUp(ctx)
	for {
		if now := s.watched.look(s.opt); !maps.Equal(now, s.seen) {
			now, err := s.settled(ctx, now)
			if err != nil {
				return err
			}
			// An editor that writes beside a file and moves it may be back at the start.
			if !maps.Equal(now, s.seen) {
				s.seen = now
				return ctx.Err()
			}
		}
		if err := wait(ctx, pollInterval); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// settled waits until nobody writes any more, and returns the files as they are
// then.
func (s *Session) settled(ctx context.Context, now map[string]fileState) (map[string]fileState, error) {
	for changed := time.Now(); ; {
		if err := wait(ctx, quietTime); err != nil {
			return nil, err
		}
		next := s.watched.look(s.opt)
		switch {
		case !maps.Equal(next, now):
			now, changed = next, time.Now()
		case time.Since(changed) >= patience || s.finished(now):
			return now, nil
		}
	}
}

// finished reports whether files look as if their editor is done with them: what
// was there still is.
func (s *Session) finished(now map[string]fileState) bool {
	for path, before := range s.seen {
		after, ok := now[path]
		if !ok || after.size == 0 && before.size > 0 {
			return false
		}
		if after == before {
			continue
		}
		known, ok := s.memory.files[path]
		switch {
		case !ok && after.size < before.size:
			return false
		case ok && !complete(path, known.file):
			return false
		}
	}
	for path, after := range now {
		if _, ok := s.seen[path]; !ok && after.size == 0 {
			return false
		}
	}
	return true
}

// complete reports whether a query file has all queries that it had, and is not
// just its own beginning.
func complete(path string, before *sqltext.File) bool {
	text, err := os.ReadFile(path)
	if err != nil || len(text) < len(before.Text) && strings.HasPrefix(before.Text, string(text)) {
		return false
	}
	names := map[string]bool{}
	// What is wrong with the file, the run says.
	f, _ := sqltext.Split(before.Name, string(text))
	for _, st := range f.Statements {
		if st.Header != nil {
			names[st.Header.Name] = true
		}
	}
	for _, st := range before.Statements {
		if st.Header != nil && !names[st.Header.Name] {
			return false
		}
	}
	return true
}

// fileState is what changes when a file is written.
type fileState struct {
	size     int64
	modified time.Time
}

func stateOf(path string) (fileState, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}, false
	}
	return fileState{info.Size(), info.ModTime()}, true
}

// watchList is where the files are that a project reads.
type watchList struct {
	// config is the path of the configuration, empty while there is none, and
	// files are the paths of all files.
	config string
	files  map[string]bool
	// folders are those that a file may be added to, and configured is the state
	// of the configuration: as long as they are the same, so is the list.
	folders    map[string]fileState
	configured fileState
	listed     time.Time
}

// look is the state of all files.
func (w *watchList) look(opt Options) map[string]fileState {
	if w.stale() {
		w.list(opt)
	}
	out := make(map[string]fileState, len(w.files))
	for path := range w.files {
		if state, ok := stateOf(path); ok {
			out[path] = state
		}
	}
	return out
}

// stale reports whether there may be other files now.
func (w *watchList) stale() bool {
	if w.config == "" || time.Since(w.listed) > listInterval {
		return true
	}
	if state, _ := stateOf(w.config); state != w.configured {
		return true
	}
	for path, before := range w.folders {
		if state, _ := stateOf(path); state != before {
			return true
		}
	}
	return false
}

// list finds the files. The state of a folder is taken before it is read, so
// that nothing can come in between.
func (w *watchList) list(opt Options) {
	w.files, w.folders, w.listed, w.config = map[string]bool{}, map[string]fileState{}, time.Now(), ""
	path, err := configPath(opt)
	if err != nil {
		return // it may appear
	}
	w.config = path
	w.files[path] = true
	w.configured, _ = stateOf(path)
	cfg, _ := config.Load(path)
	if cfg == nil {
		// As long as it cannot be read, what it named last is of no use either.
		return
	}
	for _, p := range cfg.Packages {
		for _, list := range [][]string{p.Schema, p.Stubs, p.Queries, p.Templates()} {
			for _, named := range list {
				w.folder(cfg.Root, named)
			}
			sources, _ := schema.Inputs(cfg.Root, list)
			for _, source := range sources {
				w.files[filepath.Clean(source.Path)] = true
			}
		}
	}
}

// folder notes the folder of a path of the configuration: itself, or the one
// that it is in.
func (w *watchList) folder(root, named string) {
	path := filepath.FromSlash(named)
	if !filepath.IsAbs(path) {
		path = filepath.Join(root, path)
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		path = filepath.Dir(path)
	}
	w.folders[path], _ = stateOf(path)
}

// catchUp does what nobody should have to wait for when a file has been saved.
func (s *Session) catchUp(ctx context.Context) {
	if later := s.later; later != nil {
		s.later = nil
		if err := later(); err != nil {
			s.opt.logf("not remembered: %v", err)
		}
	}
	if !s.memory.cold {
		return
	}
	s.memory.cold = false
	if err := s.warm(ctx); err != nil {
		// The lock holds. Only if a query is edited the server is needed, and then
		// that it cannot be had will be an error.
		s.opt.logf("not prepared for the next change: %v", err)
	}
}

// warm has the project analysed and generated as if nothing were known, and
// throws the result away: the next run then has a server that knows the queries.
func (s *Session) warm(ctx context.Context) error {
	path, err := configPath(s.opt)
	if err != nil {
		return err
	}
	cfg, diags := config.Load(path)
	if cfg == nil || diags.HasErrors() {
		return nil // whose turn it is to be told has been told
	}
	opt := s.opt
	opt.Fresh = true
	l := &loader{opt: opt, cfg: cfg, databases: &s.databases, memory: s.memory}
	for _, p := range cfg.Packages {
		pkg := &projectPackage{config: p}
		if l.engine(pkg) != "" || opt.Database != "" || opt.Profile != "" || p.Database != nil && p.Database.URI != "" {
			return nil // there is no server of ours
		}
	}
	p, err := loadConfig(ctx, l, diags)
	if err != nil {
		return err
	}
	if p.emit(opt, s.memory).HasErrors() {
		return nil
	}
	_, err = p.newLock(s.memory)
	return err
}

// Write is the function [Write]. What is only for other processes to find, the
// session does when it has nothing else to do: in [Session.Watch] or at its end.
func (s *Session) Write(res *Result) (*Written, error) {
	out, err := write(res)
	if err == nil {
		s.later = res.remember
	}
	return out, err
}
