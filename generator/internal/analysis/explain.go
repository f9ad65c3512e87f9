package analysis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// Explain asks for the plans of statements, in order, for no parameters in
// particular: the plans that a prepared statement ends up with. Nothing is
// executed, and what the planner is told by set, pairs of a setting and its
// value, is forgotten afterwards. A plan is the text of EXPLAIN (FORMAT JSON);
// where the server refuses, which it does for what has no plan, that is said
// instead.
func (s *Session) Explain(ctx context.Context, statements []Explained, set [][2]string, got func(i int, plan []byte, refused *pgconn.PgError)) (err error) {
	if len(statements) == 0 {
		return nil
	}
	if !s.live {
		if err := s.run(ctx, sqlBegin+"; "+sqlMark); err != nil {
			return err
		}
		defer func() {
			if s.Alive() {
				err = errors.Join(err, s.run(ctx, sqlRollback))
			}
		}()
	}
	if err := s.explain(ctx, statements, set, got); err != nil {
		// Answers may be under way that nobody would know what to do with.
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		return fmt.Errorf("explain statements: %w", errors.Join(err, s.conn.Close(closing)))
	}
	return nil
}

// Explained is a statement to explain, and the types of its parameters in the
// order of their numbers, as SQL. For a domain that is what it is over: no
// NULL can stand for a value of one that forbids it.
type Explained struct {
	SQL    string
	Params []string
}

// statementName is what a statement is prepared as, with a number, where EXPLAIN
// takes no parameters. A pooler may have given us a session that others use.
const statementName = "pgwright_vet"

// explaining are the statements that set what is to be planned, ask for the plan
// and forget everything, but for what is left to do if one of them fails.
func (s *Session) explaining(i int, st Explained, set [][2]string) string {
	// The server would print, and log, a query tree for this too.
	settings := append([][2]string{{"client_min_messages", "warning"}, {"debug_print_parse", "off"}}, set...)
	prepared := s.prepares(st)
	if prepared {
		settings = append(settings, genericPlans...)
	}
	var b strings.Builder
	b.WriteString(s.local(settings))
	const explain = "explain (verbose, costs, settings, buffers, format json"
	switch {
	case prepared:
		name := preparedName(i)
		fmt.Fprintf(&b, "%s;\n%s) %s;\ndeallocate %s", st.prepare(name), explain, st.execute(name), name)
	case len(st.Params) > 0:
		fmt.Fprintf(&b, "%s, generic_plan)\n%s\n", explain, st.SQL)
	default:
		fmt.Fprintf(&b, "%s)\n%s\n", explain, st.SQL)
	}
	return b.String()
}

// prepares reports whether a statement has to be prepared to be explained.
func (s *Session) prepares(st Explained) bool {
	return s.Catalog.ServerVersion < 160000 && len(st.Params) > 0
}

func preparedName(i int) string { return fmt.Sprintf("%s_%d", statementName, i) }

// ahead is how many bytes of statements are sent before the answers to earlier
// ones are read. They fit any socket, so that sending them never waits for a
// server that waits for its answers to be read.
const ahead = 8 << 10

// explain sends several statements and reads their answers. It speaks the simple
// protocol, since EXPLAIN of the extended one takes the values of its own
// parameters for the statement's; what pgconn calls a pipeline has no way to say
// that. Every statement is followed by going back to the savepoint, whether it
// fails or not.
func (s *Session) explain(ctx context.Context, statements []Explained, set [][2]string, got func(i int, plan []byte, refused *pgconn.PgError)) error {
	conn := s.conn.PgConn()
	var left []string
	sizes := make([]int, 0, len(statements))
	waiting := 0
	for i, st := range statements {
		for sent := len(sizes); sent < len(statements); sent = len(sizes) {
			text := s.explaining(sent, statements[sent], set)
			if waiting > 0 && waiting+len(text) > ahead {
				break
			}
			conn.Frontend().SendQuery(&pgproto3.Query{String: text})
			conn.Frontend().SendQuery(&pgproto3.Query{String: sqlGoBack})
			sizes = append(sizes, len(text))
			waiting += len(text)
		}
		if err := conn.Frontend().Flush(); err != nil {
			return err
		}
		plan, refused, err := answered(ctx, conn)
		if err != nil {
			return err
		}
		if _, failed, err := answered(ctx, conn); err != nil {
			return err
		} else if failed != nil {
			return fmt.Errorf("%s: %w", sqlGoBack, failed)
		}
		waiting -= sizes[i]
		if refused != nil && s.prepares(st) {
			left = append(left, preparedName(i))
		}
		s.notices = s.notices[:0]
		got(i, plan, refused)
	}
	for _, name := range left {
		if err := s.forget(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// answered reads the answer to one message: the text of all rows of one column,
// or the error.
func answered(ctx context.Context, conn *pgconn.PgConn) (text []byte, failed *pgconn.PgError, err error) {
	for {
		message, err := conn.ReceiveMessage(ctx)
		if err != nil {
			return nil, nil, err
		}
		switch m := message.(type) {
		case *pgproto3.DataRow:
			if len(m.Values) == 1 {
				text = append(text, m.Values[0]...)
			}
		case *pgproto3.ErrorResponse:
			failed = pgconn.ErrorResponseToPgError(m)
		case *pgproto3.ReadyForQuery:
			if failed != nil {
				text = nil
			}
			return text, failed, nil
		}
	}
}

// forget drops a statement that was prepared, if it was: going back to a
// savepoint does not.
func (s *Session) forget(ctx context.Context, name string) error {
	err := s.run(ctx, "deallocate "+name)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "26000" {
		return s.run(ctx, sqlGoBack)
	}
	return err
}

// run executes statements of ours.
func (s *Session) run(ctx context.Context, sql string) error {
	_, err := s.conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}
