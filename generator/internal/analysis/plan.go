package analysis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// Parse analyses and rewrites a statement but does not plan it, and a few are
// refused only then: ON CONFLICT with columns that no unique index has, FULL
// JOIN on a condition that cannot be merged or hashed. They are planned here,
// without parameters and without being executed, so that they fail now and not
// in the application.

// planned reports whether the planner could refuse a statement that the
// analysis accepts. Planning all of them takes as long as all the rest.
func (a *analyser) planned(root *nodetree.Node) bool {
	if a.session.NoTree != "" {
		return true
	}
	var doubtful, foreign bool
	walk(root, func(n *nodetree.Node) {
		switch n.Tag() {
		case "QUERY":
			doubtful = doubtful || a.unwritable(n)
		case "ONCONFLICTEXPR":
			doubtful = doubtful || len(n.List("arbiterElems")) > 0 || n.OID("constraint") != 0
		case "ROWMARKCLAUSE":
			doubtful = true
		case "JOINEXPR":
			doubtful = doubtful || n.Int("jointype") == joinFull
		case "SORTGROUPCLAUSE":
			// Grouping takes operators that sort all columns, or that hash them.
			doubtful = doubtful || n.OID("sortop") == 0 || !n.Bool("hashable")
		case "RANGETBLENTRY", "RTE": // RTE in 13 to 15
			switch n.Text("relkind") {
			case "v":
				// What it is made of is not in the tree.
				doubtful = true
			case "f":
				foreign = true
			}
		}
	})
	// A foreign data wrapper may ask its server for an estimate.
	return doubtful && !foreign
}

// joinFull is JOIN_FULL of src/include/nodes/nodes.h.
const joinFull = 2

// unwritable reports whether a query could write to what cannot be written: a
// materialized view or a sequence, or a published table whose rows have
// nothing to be known by.
func (a *analyser) unwritable(query *nodetree.Node) bool {
	target := rangeTable(query, query.Int("resultRelation"))
	if target == nil {
		return false
	}
	if kind := target.Text("relkind"); kind != "r" && kind != "p" {
		return true
	}
	return query.Int("commandType") != commandInsert && !identified(a.session.Catalog.Relations[target.OID("relid")])
}

// identified reports whether a relation has a primary key.
func identified(r *catalog.Relation) bool {
	if r == nil {
		return false
	}
	for _, x := range r.Indexes {
		if x.Primary {
			return true
		}
	}
	return false
}

// walk calls visit for a node and all those below it.
func walk(n *nodetree.Node, visit func(*nodetree.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for i := range n.Len() {
		_, v := n.Field(i)
		if v.Kind() == nodetree.Tree {
			walk(v.Node(), visit)
		}
		for _, item := range v.List() {
			walkValue(item, visit)
		}
	}
	for _, item := range n.Items() {
		walkValue(item, visit)
	}
}

func walkValue(v nodetree.Value, visit func(*nodetree.Node)) {
	if v.Kind() == nodetree.Tree {
		walk(v.Node(), visit)
	}
	for _, item := range v.List() {
		walkValue(item, visit)
	}
}

// plan has the server plan statements, and reports those that it refuses
// whatever their parameters are.
func (a *analyser) plan(ctx context.Context, doubtful []*statement) error {
	list := make([]Explained, len(doubtful))
	for i, st := range doubtful {
		list[i].SQL = st.rewritten.SQL
		for _, oid := range st.answer.params {
			list[i].Params = append(list[i].Params, base(a.types.of(oid)).Display)
		}
	}
	return a.session.plan(ctx, list, func(i int, refused *pgconn.PgError) {
		if st := doubtful[i]; refused != nil && a.always(st, refused) {
			// A place in what was asked is none in the statement.
			refused.Position = 0
			a.reject(st, refused)
		}
	})
}

// always reports whether an error of planning a statement for no parameters in
// particular is one of every execution.
//
// Planning computes constants, which may stand where no execution gets, and
// runs functions that can raise anything. So it has to be an error of the
// planner's own, which the source file tells. The SQLSTATEs are those of what
// it cannot do (0A000), of a key that there is not (42P10), of the wrong kind of
// relation or constraint (42809), of a table without replica identity (55000).
func (a *analyser) always(st *statement, e *pgconn.PgError) bool {
	if e.Where != "" {
		return false // of a statement within a function
	}
	switch e.Code + " " + e.File {
	case "42P10 plancat.c", "42809 plancat.c":
		return a.constant(st, onConflictKey)
	case "42809 execMain.c", "55000 execReplication.c":
		return a.names(st, e) && a.constant(st, rowMarks)
	case "0A000 planner.c", "0A000 prepunion.c", "0A000 joinrels.c", "0A000 joinpath.c", "0A000 initsplan.c", "0A000 analyze.c":
		return a.constant(st, anywhere)
	case "XX000 pathnode.c":
		// What PostgreSQL 18 says of a UNION that it can neither sort nor hash.
		return strings.HasPrefix(e.Message, "could not devise a query plan") && a.constant(st, anywhere)
	}
	return false
}

// names reports whether a statement itself names the one relation that an error
// is about: a table that inherits from it may never be reached.
func (a *analyser) names(st *statement, e *pgconn.PgError) bool {
	_, name, _ := strings.Cut(e.Message, "\"")
	found := false
	walk(st.answer.root, func(n *nodetree.Node) {
		// Nothing but an entry of a range table has a relid.
		r := a.session.Catalog.Relations[n.OID("relid")]
		if r != nil && len(r.Children) == 0 && strings.HasPrefix(name, r.Name+"\"") {
			found = true
		}
	})
	return found
}

// plan asks for the plans of statements as [Session.Explain] does, but only
// for what the server has against them; nil where it has nothing.
func (s *Session) plan(ctx context.Context, list []Explained, got func(i int, refused *pgconn.PgError)) error {
	if len(list) == 0 {
		return nil
	}
	settings := append([][2]string{{"client_min_messages", "warning"}, {"debug_print_parse", "off"}}, genericPlans...)
	begin, end := sqlBegin+";\n", sqlRollback
	if s.live {
		begin, end = "", "release savepoint pgwright; "+sqlGoBack
	}
	err := s.run(ctx, begin+s.local(settings)+sqlMark)
	for from := 0; from < len(list) && err == nil; from += window {
		err = s.planWindow(ctx, list[from:min(from+window, len(list))], func(i int, refused *pgconn.PgError) { got(from+i, refused) })
	}
	if err == nil {
		err = s.run(ctx, end)
	}
	s.notices = s.notices[:0]
	if err != nil {
		return fmt.Errorf("plan statements: %w", err)
	}
	return nil
}

// planWindow plans some statements in one round trip.
func (s *Session) planWindow(ctx context.Context, list []Explained, got func(i int, refused *pgconn.PgError)) (err error) {
	p := s.conn.PgConn().StartPipeline(ctx)
	defer func() { err = errors.Join(err, p.Close()) }()
	// about has the statement that a request is about, -1 for those around it.
	var about []int
	send := func(i int, sql string) {
		p.SendQueryParams(sql, nil, nil, nil, nil)
		p.SendPipelineSync()
		about = append(about, i)
	}
	const around = -1
	for i, st := range list {
		if len(st.Params) == 0 {
			send(i, "explain\n"+st.SQL)
			send(around, sqlGoBack)
			continue
		}
		// EXPLAIN (GENERIC_PLAN) takes values for parameters in this protocol, and
		// plans with them.
		send(around, st.prepare(statementName))
		send(i, "explain "+st.execute(statementName))
		send(around, sqlGoBack)
		// Going back does not drop it, and dropping fails if it was not made.
		send(around, "deallocate "+statementName)
		send(around, sqlGoBack)
	}
	if err := p.Flush(); err != nil {
		return err
	}
	for _, i := range about {
		refused, err := outcome(p)
		if err != nil {
			return err
		}
		if i >= 0 {
			got(i, refused)
		}
	}
	return nil
}

// outcome reads the answer to a request up to its end: what the server has
// against it, or nil.
func outcome(p *pgconn.Pipeline) (refused *pgconn.PgError, err error) {
	for {
		result, err := p.GetResults()
		if r, ok := result.(*pgconn.ResultReader); ok && err == nil {
			_, err = r.Close()
		}
		if err != nil && !errors.As(err, &refused) {
			return nil, err
		}
		if _, ok := result.(*pgconn.PipelineSync); ok {
			return refused, nil
		}
	}
}

// prepare makes a statement that EXPLAIN can be asked about where it takes no
// parameters; what is prepared ends with a line of its own, since the statement
// may end with a comment.
func (e Explained) prepare(name string) string {
	return fmt.Sprintf("prepare %s (%s) as\n%s\n", name, strings.Join(e.Params, ", "), e.SQL)
}

// execute executes what prepare made, for NULLs.
func (e Explained) execute(name string) string {
	return fmt.Sprintf("execute %s(%s)", name, strings.TrimSuffix(strings.Repeat("null,", len(e.Params)), ","))
}

// genericPlans are the settings for plans of any parameters. Leaving out
// partitions because no row of theirs has a NULL for a key would show a plan
// that nobody gets.
var genericPlans = [][2]string{{"plan_cache_mode", "force_generic_plan"}, {"enable_partition_pruning", "off"}}

// local sets settings for the transaction.
func (s *Session) local(settings [][2]string) string {
	var b strings.Builder
	for _, v := range settings {
		if s.NoTree == "" || v[0] != "debug_print_parse" {
			fmt.Fprintf(&b, "set local %s = %s;\n", v[0], v[1])
		}
	}
	return b.String()
}
