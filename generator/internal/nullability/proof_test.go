package nullability

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// A proof runs statements on databases that have one schema and different
// rows, and compares what comes back with what was claimed.
type proof struct {
	d *database
	// asking is the connection that brings trees.
	asking *pgx.Conn
	states []*state
	total  figures
}

// state is a database with some of the rows.
type state struct {
	name string
	pgx  *pgx.Conn
	conn *pgconn.PgConn
}

// connect connects, or connects again.
func (s *state) connect(ctx context.Context, config *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	s.pgx, s.conn = conn, conn.PgConn()
	return s.script(ctx, settings)
}

// patience is what it takes to make a schema, rows included.
const (
	patience   = "SET statement_timeout = '20s'"
	impatience = "SET statement_timeout = '500ms'"
)

// settings keep a statement from taking long, and the planner too.
const settings = impatience + "; SET client_min_messages = error; SET jit = off; SET join_collapse_limit = 3; SET from_collapse_limit = 3"

// figures are what a proof has seen.
type figures struct {
	// statements are those that ran, runs how often in all, idle those that only
	// ever failed.
	statements, runs, idle int
	// claimed are columns called not null, in statements that ran; witnessed and
	// unseen are those called nullable that were NULL in some run, or never.
	claimed, witnessed, unseen int
	errors                     map[string]int
}

func (f *figures) add(g figures) {
	f.statements += g.statements
	f.runs += g.runs
	f.idle += g.idle
	f.claimed += g.claimed
	f.witnessed += g.witnessed
	f.unseen += g.unseen
	for k, n := range g.errors {
		f.fail(k, n)
	}
}

func (f *figures) fail(message string, n int) {
	if f.errors == nil {
		f.errors = map[string]int{}
	}
	f.errors[message] += n
}

func (f *figures) failed() int {
	n := 0
	for _, k := range f.errors {
		n += k
	}
	return n
}

func (f *figures) String() string {
	confirmed := 0.0
	if n := f.witnessed + f.unseen; n > 0 {
		confirmed = 100 * float64(f.witnessed) / float64(n)
	}
	return fmt.Sprintf("%d statements run, %d times in all; %d columns claimed not null, none of them ever NULL; of %d nullable claims a witness confirms %d (%.1f %%); %d statements and %d runs failed",
		f.statements, f.runs, f.claimed, f.witnessed+f.unseen, f.witnessed, confirmed, f.idle, f.failed())
}

// errorsList are the errors, the most frequent ones first.
func (f *figures) errorsList() string {
	keys := slices.SortedFunc(maps.Keys(f.errors), func(a, b string) int {
		if f.errors[a] != f.errors[b] {
			return f.errors[b] - f.errors[a]
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "\n%6d %s", f.errors[k], k)
	}
	return b.String()
}

// newProof makes the databases. Those besides the first, which is the one that
// statements are judged for, have the names of states.
func newProof(t *testing.T, states ...string) *proof {
	t.Helper()
	p := &proof{d: open(t)}
	p.states = append(p.states, &state{name: "rows", pgx: p.d.conn, conn: p.d.conn.PgConn()})
	require.NoError(t, p.states[0].script(t.Context(), settings))
	for _, name := range states {
		config, err := pgx.ParseConfig(pgtest.New(t))
		require.NoError(t, err)
		s := &state{name: name}
		require.NoError(t, s.connect(t.Context(), config))
		t.Cleanup(func() { require.NoError(t, s.pgx.Close(context.Background())) })
		p.states = append(p.states, s)
	}
	require.NoError(t, p.connectAsking(t.Context()))
	t.Cleanup(func() { require.NoError(t, p.asking.Close(context.Background())) })
	return p
}

func (p *proof) connectAsking(ctx context.Context) error {
	config, err := pgx.ParseConfig(p.d.conn.Config().ConnString())
	if err != nil {
		return err
	}
	maps.Copy(config.RuntimeParams, Settings())
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if tree, ok := TreeFromNotice(n.Message, n.Detail); ok {
			p.d.tree = tree
		}
	}
	p.asking, err = pgx.ConnectConfig(ctx, config)
	return err
}

// revive connects again to a server that crashed, when it is back.
func (p *proof) revive(t *testing.T) {
	t.Helper()
	again := func() error {
		for _, s := range p.states {
			if err := s.connect(t.Context(), s.pgx.Config()); err != nil {
				return err
			}
		}
		p.d.conn = p.states[0].pgx
		return p.connectAsking(t.Context())
	}
	require.Eventually(t, func() bool { return again() == nil }, time.Minute, 100*time.Millisecond, "the server did not come back")
}

func (s *state) script(ctx context.Context, sql string) error {
	_, err := s.conn.Exec(ctx, sql).ReadAll()
	return err
}

// ask judges a statement.
func (p *proof) ask(ctx context.Context, sql string) (Input, *pgconn.StatementDescription, error) {
	p.d.tree = ""
	description, err := p.asking.PgConn().Prepare(ctx, "", sql, nil)
	if err != nil {
		return Input{}, nil, err
	}
	return Input{SQL: sql, Tree: p.d.tree, Catalog: p.d.catalog, Columns: len(description.Fields), Params: len(description.ParamOIDs)}, description, nil
}

// execute runs a statement and takes back what it did.
func (s *state) execute(ctx context.Context, sql string, values [][]byte) (*pgconn.Result, error) {
	// All in one round trip. What is between BEGIN and ROLLBACK stands alone in
	// its result.
	var batch pgconn.Batch
	batch.ExecParams("BEGIN", nil, nil, nil, nil)
	batch.ExecParams(sql, values, nil, nil, nil)
	batch.ExecParams("ROLLBACK", nil, nil, nil, nil)
	results, err := s.conn.ExecBatch(ctx, &batch).ReadAll()
	if err == nil && len(results) == 3 {
		return results[1], nil
	}
	if err == nil {
		err = fmt.Errorf("%d results of a batch of 3", len(results))
	}
	if again := s.rollback(ctx); again != nil {
		return nil, again
	}
	return nil, err
}

// rollback ends a transaction. A timeout of the statement before can strike
// here.
func (s *state) rollback(ctx context.Context) error {
	err := s.script(ctx, "ROLLBACK")
	if e := pgError(err); e != nil && e.Code == "57014" {
		err = s.script(ctx, "ROLLBACK")
	}
	return err
}

// lie is a column that was NULL, or had a NULL element, against what was
// claimed.
type lie struct {
	column  int
	element bool
	state   string
	why     string
}

func (l lie) String() string {
	what := "is NULL but was claimed not to be"
	if l.element {
		what = "has a NULL element but was claimed to have none"
	}
	return fmt.Sprintf("column %d %s (%s), on %s", l.column+1, what, l.why, l.state)
}

// compare returns the lies that a result shows, and notes in null which columns
// were NULL.
func compare(c *catalog.Catalog, r *Result, result *pgconn.Result, state string, null []bool) []lie {
	var lies []lie
	for _, row := range result.Rows {
		for i, v := range row {
			if i >= len(r.Columns) {
				break
			}
			column := r.Columns[i]
			l := lie{column: i, state: state, why: column.Why}
			switch {
			case v == nil:
				null[i] = true
				if column.Nullable {
					continue
				}
			case column.ElementNullable || !nullElement.Match(v):
				continue
			default:
				t := c.BaseType(result.FieldDescriptions[i].DataTypeOID)
				if t == nil || t.Element == 0 {
					continue
				}
				l.element = true
			}
			if !slices.ContainsFunc(lies, func(x lie) bool { return x.column == i && x.element == l.element }) {
				lies = append(lies, l)
			}
		}
	}
	return lies
}

// judged is a statement with its verdict and what the runs showed of it.
type judged struct {
	in     Input
	result *Result
	// null are the columns that were NULL in some run.
	null []bool
	runs int
	lies []lie
	errs []error
	// results are those of the runs, with the name of the state.
	results []stateResult
}

type stateResult struct {
	state  string
	result *pgconn.Result
}

// try judges a statement and runs it with each list of parameters on each
// state. The error is that of a statement which the server does not accept.
func (p *proof) try(ctx context.Context, sql string, values func(state string, d *pgconn.StatementDescription) [][][]byte) (*judged, error) {
	in, description, err := p.ask(ctx, sql)
	if err != nil {
		return nil, err
	}
	j := &judged{in: in, result: p.d.analyzer.Analyze(in), null: make([]bool, in.Columns)}
	for _, s := range p.states {
		lists := [][][]byte{nil}
		if values != nil && in.Params > 0 {
			lists = values(s.name, description)
		}
		for _, list := range lists {
			result, err := s.execute(ctx, sql, list)
			if err != nil {
				if pgError(err) == nil {
					return nil, err
				}
				j.errs = append(j.errs, err)
				continue
			}
			j.runs++
			j.results = append(j.results, stateResult{s.name, result})
			j.lies = append(j.lies, compare(p.d.catalog, supposing(p.d.catalog, j.result, description, list), result, s.name, j.null)...)
		}
	}
	return j, nil
}

// count adds a statement to the figures.
func (p *proof) count(j *judged) {
	f := figures{runs: j.runs}
	for _, err := range j.errs {
		f.fail(errorText(err), 1)
	}
	if j.runs == 0 {
		f.idle = 1
	} else {
		f.statements = 1
		for i, c := range j.result.Columns {
			switch {
			case !c.Nullable:
				f.claimed++
			case j.null[i]:
				f.witnessed++
			default:
				f.unseen++
			}
		}
	}
	p.total.add(f)
}

// errorText is an error without what differs each time.
func errorText(err error) string {
	text := err.Error()
	if e, ok := err.(*pgconn.PgError); ok {
		text = e.Code + " " + e.Message
	}
	return quotedName.ReplaceAllString(text, `"…"`)
}
