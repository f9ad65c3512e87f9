package analysis

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/generator/internal/nullability"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Session is a connection on which PostgreSQL analyses statements. It only
// parses and describes: nothing is executed but settings and the reading of
// system catalogs. A Session is not safe for concurrent use.
type Session struct {
	conn    *pgx.Conn
	Catalog *catalog.Catalog
	// NoTree says why the server shows no query trees, empty if it does.
	NoTree string
	// live is true for a database of the user's. Everything is then asked in one
	// read-only transaction: it and its settings are gone when it ends, and a
	// pooler keeps it on one connection.
	live bool
	// notices collects what the server says while one statement is parsed.
	notices []*pgconn.Notice
	// known is what earlier runs have found out.
	known *known
	// asked counts the statements that were sent.
	asked int
}

// Open connects and reads the catalog. A live database is the user's, who must
// not notice: all is done in a read-only transaction. tree tells whether query
// trees are wanted.
func Open(ctx context.Context, connString string, live, tree bool) (*Session, error) {
	config, err := pgx.ParseConfig(connString)
	if err != nil {
		return nil, err
	}
	return OpenConfig(ctx, config, live, tree)
}

// OpenConfig is [Open] with a configuration of pgx's own, whose OnNotice it
// replaces.
func OpenConfig(ctx context.Context, config *pgx.ConnConfig, live, tree bool) (*Session, error) {
	var err error
	s := &Session{live: live}
	config = config.Copy()
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { s.notices = append(s.notices, n) }
	s.conn, err = pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx, tree); err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	return s, nil
}

// The statements around what is asked of a live database. Parsing one that is
// wrong, or refusing a setting, aborts the transaction; going back to the
// savepoint mends it, and gives up the locks on the relations of a statement.
const (
	sqlBegin    = "begin isolation level repeatable read read only"
	sqlMark     = "savepoint pgwright"
	sqlRemark   = "release savepoint pgwright; savepoint pgwright"
	sqlGoBack   = "rollback to savepoint pgwright"
	sqlRollback = "rollback"
)

func (s *Session) prepare(ctx context.Context, tree bool) error {
	set := "set "
	if s.live {
		set = "set local "
		if _, err := s.conn.Exec(ctx, sqlBegin); err != nil {
			return fmt.Errorf("begin a read-only transaction: %w", err)
		}
	}
	var err error
	if s.Catalog, err = catalog.Load(ctx, s.conn); err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	if err := s.inTransaction(ctx, sqlMark); err != nil {
		return err
	}
	if !tree {
		s.NoTree = "the query tree is turned off"
		return nil
	}
	for setting, value := range nullability.Settings() {
		if _, err := s.conn.Exec(ctx, set+setting+" = "+value); err != nil {
			var pg *pgconn.PgError
			if !errors.As(err, &pg) {
				return fmt.Errorf("set %s: %w", setting, err)
			}
			s.NoTree = fmt.Sprintf("the server refuses to set %s: %s", setting, pg.Message)
			return s.inTransaction(ctx, sqlGoBack)
		}
	}
	// Going back must not undo the settings.
	return s.inTransaction(ctx, sqlRemark)
}

// inTransaction runs a statement about the transaction, if there is one.
func (s *Session) inTransaction(ctx context.Context, sql string) error {
	if !s.live {
		return nil
	}
	if _, err := s.conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// Alive reports whether the connection can still be used.
func (s *Session) Alive() bool { return !s.conn.IsClosed() }

// Close ends the connection.
func (s *Session) Close(ctx context.Context) error {
	var err error
	if s.Alive() {
		err = s.inTransaction(ctx, sqlRollback)
	}
	return errors.Join(err, s.conn.Close(ctx))
}

// answer is what the server says of one statement.
type answer struct {
	params []uint32
	// fields is nil for a statement that returns no rows, and empty for one
	// whose rows have no columns.
	fields []pgconn.FieldDescription
	// tree is the analysed query tree, empty for a statement that has none.
	tree string
	// root is the tree once it is read; nil if there is none or it cannot be.
	root *nodetree.Node
	err  *pgconn.PgError
}

// read reads the tree. What is wrong with one that cannot be read, the verdict
// says.
func (a *answer) read() {
	if root, err := nodetree.Parse(a.tree); err == nil {
		a.root = root
	}
}

// window is how many statements are sent at once. Two windows are under way,
// so that the server has the next one while the last answers are read. Both
// together bound what the answers, some 30 KB each with their trees, take in
// memory.
const window = 128

// ask has the server parse and describe statements, each on its own, and hands
// over the answers in order. They are read in another goroutine, so that the
// server does not wait while they are judged.
func (s *Session) ask(ctx context.Context, statements []string, got func(i int, a answer)) error {
	if len(statements) == 0 {
		return nil
	}
	s.asked += len(statements)
	answers := make(chan answer, window)
	failed := make(chan error, 1)
	go func() {
		failed <- s.read(ctx, statements, answers)
		close(answers)
	}()
	i := 0
	for a := range answers {
		got(i, a)
		i++
	}
	if err := <-failed; err != nil {
		return fmt.Errorf("describe statements: %w", err)
	}
	return nil
}

// read sends statements and reads their answers.
func (s *Session) read(ctx context.Context, statements []string, answers chan<- answer) (err error) {
	s.notices = s.notices[:0]
	p := s.conn.PgConn().StartPipeline(ctx)
	defer func() { err = errors.Join(err, p.Close()) }()
	sent := 0
	for i := range statements {
		if i%window == 0 {
			for to := min(i+2*window, len(statements)); sent < to; sent++ {
				p.SendPrepare("", statements[sent], nil)
				p.SendPipelineSync()
				if s.live {
					p.SendQueryParams(sqlGoBack, nil, nil, nil, nil)
					p.SendPipelineSync()
				}
			}
			if err := p.Flush(); err != nil {
				return err
			}
		}
		a, err := s.next(p)
		if err != nil {
			return err
		}
		if s.live {
			if err := wentBack(p); err != nil {
				return err
			}
			s.notices = s.notices[:0]
		}
		answers <- a
	}
	return nil
}

// next reads the answer to one statement.
func (s *Session) next(p *pgconn.Pipeline) (answer, error) {
	var a answer
	for {
		result, err := p.GetResults()
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg):
			a.err = pg
			continue
		case err != nil:
			return answer{}, err
		}
		switch r := result.(type) {
		case *pgconn.StatementDescription:
			a.params, a.fields = r.ParamOIDs, r.Fields
		case *pgconn.PipelineSync:
			a.tree = s.takeTree()
			return a, nil
		default:
			return answer{}, fmt.Errorf("unexpected %T from the server", result)
		}
	}
}

// wentBack reads the answer to going back to the savepoint.
func wentBack(p *pgconn.Pipeline) error {
	for {
		result, err := p.GetResults()
		if err != nil {
			return fmt.Errorf("%s: %w", sqlGoBack, err)
		}
		switch r := result.(type) {
		case *pgconn.ResultReader:
			if _, err := r.Close(); err != nil {
				return fmt.Errorf("%s: %w", sqlGoBack, err)
			}
		case *pgconn.PipelineSync:
			return nil
		default:
			return fmt.Errorf("unexpected %T from the server", result)
		}
	}
}

// takeTree finds the query tree among the notices of one statement.
func (s *Session) takeTree() string {
	tree := ""
	for _, n := range s.notices {
		if t, ok := nullability.TreeFromNotice(n.Message, n.Detail); ok {
			tree = t
		}
	}
	s.notices = s.notices[:0]
	return tree
}
