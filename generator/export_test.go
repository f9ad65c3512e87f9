package generator

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
)

// ApplySchema brings the schema of a project's first package into a database,
// so that tests can share one server and analyse on it as on a live one.
func ApplySchema(ctx context.Context, configFile, url string) error {
	cfg, diags := config.Load(configFile)
	if cfg == nil {
		return errors.New(diags.Format())
	}
	p := &projectPackage{config: cfg.Packages[0]}
	scripts, ok := (&loader{cfg: cfg}).scripts(p)
	if ok {
		var err error
		if ok, err = applySchema(ctx, url, scripts, &p.diags); err != nil {
			return err
		}
	}
	if !ok {
		return errors.New(p.diags.Format())
	}
	return nil
}

// Lock is the lock that [Write] writes.
func (r *Result) Lock() []byte { return r.lock }

// StampPath is where [Write] remembers the result.
func (r *Result) StampPath(t *testing.T) string {
	path, err := stampPath(r.opt, r.stamp)
	require.NoError(t, err)
	return path
}

// FormattedPath is where [Write] remembers how the files were formatted.
func (r *Result) FormattedPath() string { return r.formatted.path }

// Diagnostics are what the report is made of.
func (r *Result) Diagnostics() []*diag.Diagnostic { return r.diags.Sorted() }

// Work is what a session has done since it was made: the query files that were
// split, the statements that the server was asked about, and the Go files that
// were rendered.
type Work struct{ Split, Asked, Rendered int }

// Work is what the session has done so far.
func (s *Session) Work() Work {
	w := Work{Split: s.memory.split}
	for _, d := range s.databases.running {
		w.Asked += d.session.Asked()
	}
	for _, k := range s.memory.generated {
		w.Rendered += k.Rendered
	}
	return w
}

// CatchUp is what [Session.Watch] does before it waits.
func (s *Session) CatchUp(ctx context.Context) { s.catchUp(ctx) }

// Finished is what [Session.Watch] thinks of the files as they are.
func (s *Session) Finished() bool { return s.finished(s.watched.look(s.opt)) }
