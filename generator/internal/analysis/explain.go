package analysis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
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
		defer func() { err = errors.Join(err, s.run(ctx, sqlRollback)) }()
	}
	for i, st := range statements {
		plan, refused, err := s.explain(ctx, st, set)
		if err != nil {
			return fmt.Errorf("explain a statement: %w", err)
		}
		got(i, plan, refused)
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

// statementName is what a statement is prepared as where EXPLAIN takes no
// parameters.
const statementName = "pgwright_vet"

func (s *Session) explain(ctx context.Context, st Explained, set [][2]string) ([]byte, *pgconn.PgError, error) {
	// The server would print, and log, a query tree for this too.
	settings := append([][2]string{{"client_min_messages", "warning"}, {"debug_print_parse", "off"}}, set...)
	prepared := s.Catalog.ServerVersion < 160000 && len(st.Params) > 0
	if prepared {
		settings = append(settings, genericPlans...)
	}
	var b strings.Builder
	b.WriteString(s.local(settings))
	const explain = "explain (verbose, costs, settings, buffers, format json"
	switch {
	case prepared:
		fmt.Fprintf(&b, "%s;\n%s) %s;\ndeallocate %s;\n", st.prepare(), explain, st.execute(), statementName)
	case len(st.Params) > 0:
		fmt.Fprintf(&b, "%s, generic_plan)\n%s\n;\n", explain, st.SQL)
	default:
		fmt.Fprintf(&b, "%s)\n%s\n;\n", explain, st.SQL)
	}
	b.WriteString(sqlGoBack)
	results, err := s.conn.PgConn().Exec(ctx, b.String()).ReadAll()
	s.notices = s.notices[:0]
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg):
		if err := s.run(ctx, sqlGoBack); err != nil {
			return nil, nil, err
		}
		if prepared {
			err = s.forget(ctx)
		} else {
			err = nil
		}
		return nil, pg, err
	case err != nil:
		return nil, nil, err
	}
	var plan []byte
	for _, r := range results {
		for _, row := range r.Rows {
			if len(row) == 1 {
				plan = append(plan, row[0]...)
			}
		}
	}
	return plan, nil, nil
}

// forget drops the statement that was prepared, if it was: going back to a
// savepoint does not.
func (s *Session) forget(ctx context.Context) error {
	err := s.run(ctx, "deallocate "+statementName)
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
