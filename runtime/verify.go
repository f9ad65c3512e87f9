package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Verifiable is what [Verify] can ask the server about: a [*Statement], a
// [*Command] or a [*CopyStatement].
type Verifiable interface {
	expectation() expectation
}

// expectation is what code was generated for.
type expectation struct {
	name, sql string
	// columns are those of the result, nil where nothing is read of it.
	columns []Column
}

func (s *Statement[T]) expectation() expectation {
	return expectation{name: s.Name, sql: s.SQL, columns: s.Columns}
}

func (c *Command) expectation() expectation { return expectation{name: c.Name, sql: c.SQL} }

// expectation of a COPY is a query for the columns that it writes.
func (s *CopyStatement[T]) expectation() expectation {
	sql := "select "
	for i, c := range s.Columns {
		if i > 0 {
			sql += ", "
		}
		sql += pgx.Identifier{c.Name}.Sanitize()
	}
	return expectation{name: s.Name, sql: sql + " from " + pgx.Identifier(s.Table).Sanitize(), columns: s.Columns}
}

// Verify has the server prepare statements, all in one round trip and without
// running any, and returns how the schema differs from the one that the code
// was generated for: a statement that the server rejects, a column of another
// type, another number of columns. All differences come at once, joined, each
// an [*Error] that names the query, and a [*DriftError] beneath where it is one
// of types. That a column can be NULL now is not among them: pgwright check
// --database finds that.
//
// db is a pool or a connection, or a client; in a transaction the first
// difference would abort it, and it is refused.
func Verify(ctx context.Context, db any, statements ...Verifiable) error {
	if t, ok := db.(through); ok {
		db, _ = t.target()
	}
	copier, ok := db.(Copier)
	if !ok {
		return queryError("", errVerifyWrapper)
	}
	conn, release, err := direct(ctx, copier)
	switch {
	case err != nil:
		return queryError("", err)
	case conn == nil:
		return queryError("", errVerifyWrapper)
	}
	defer release()
	if conn.PgConn().TxStatus() != 'I' {
		return queryError("", errVerifyTx)
	}
	return queryError("", verify(ctx, conn, statements))
}

var (
	errVerifyWrapper = errors.New("verify needs the pool or the connection itself")
	errVerifyTx      = errors.New("verify cannot run in a transaction: what the server rejects would abort it")
)

func verify(ctx context.Context, conn *pgx.Conn, statements []Verifiable) (err error) {
	p := conn.PgConn().StartPipeline(ctx)
	defer func() {
		if closed := p.Close(); err == nil {
			err = closed
		}
	}()
	own := ownTypes(statements)
	if len(own) > 0 {
		sql, args := "select ", make([][]byte, len(own))
		for i, t := range own {
			if i > 0 {
				sql += ", "
			}
			sql += fmt.Sprintf("coalesce(to_regtype($%d::text)::oid, 0)", i+1)
			args[i] = []byte(t)
		}
		p.SendQueryParams(sql, args, nil, nil, nil)
		p.SendPipelineSync()
	}
	for _, s := range statements {
		// One Sync for each, so that one error does not hide the others.
		p.SendPrepare("", s.expectation().sql, nil)
		p.SendPipelineSync()
	}
	if err := p.Flush(); err != nil {
		return err
	}
	v := verifier{oids: map[Type]uint32{}, types: conn.TypeMap()}
	if len(own) > 0 {
		err := answers(p, func(result any) error {
			return v.resolve(own, result)
		})
		if err != nil {
			return err
		}
	}
	for _, s := range statements {
		want := s.expectation()
		err := answers(p, func(result any) error {
			d, ok := result.(*pgconn.StatementDescription)
			if !ok {
				return fmt.Errorf("unexpected %T from the server", result)
			}
			v.compare(want, d.Fields)
			return nil
		})
		var pg *pgconn.PgError
		switch {
		case errors.As(err, &pg):
			v.found = append(v.found, queryError(want.name, err))
		case err != nil:
			return errors.Join(append(v.found, err)...)
		}
	}
	return errors.Join(v.found...)
}

// ownTypes are the types of the database's own that code reads, each once.
func ownTypes(statements []Verifiable) []Type {
	var own []Type
	for _, s := range statements {
		for _, c := range s.expectation().columns {
			if c.Type.userDefined() && !slices.Contains(own, c.Type) {
				own = append(own, c.Type)
			}
		}
	}
	return own
}

// answers hands over what the server answers up to the next Sync, and returns
// its error, if it has one, or the first of got.
func answers(p *pgconn.Pipeline, got func(result any) error) error {
	var first error
	for {
		result, err := p.GetResults()
		var pg *pgconn.PgError
		switch {
		case err != nil && !errors.As(err, &pg):
			return err
		case err == nil:
			if _, synced := result.(*pgconn.PipelineSync); synced {
				return first
			}
			err = got(result)
		}
		if first == nil {
			first = err
		}
	}
}

// verifier collects differences.
type verifier struct {
	// oids are those of the database's own types, 0 for one that it does not
	// have.
	oids  map[Type]uint32
	types *pgtype.Map
	found []error
}

// resolve reads the OIDs of types.
func (v *verifier) resolve(own []Type, result any) error {
	r, ok := result.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("unexpected %T from the server", result)
	}
	for r.NextRow() {
		for i, value := range r.Values() {
			oid, err := strconv.ParseUint(string(value), 10, 32)
			if err != nil {
				return err
			}
			v.oids[own[i]] = uint32(oid)
		}
	}
	_, err := r.Close()
	return err
}

// compare compares the columns of a result with those that the code reads.
func (v *verifier) compare(want expectation, fields []pgconn.FieldDescription) {
	switch {
	case want.columns == nil:
		return
	case len(fields) != len(want.columns):
		v.found = append(v.found, countDrift(want.name, len(want.columns), len(fields)))
		return
	}
	for i, c := range want.columns {
		oid := fields[i].DataTypeOID
		own, resolved := v.oids[c.Type]
		if !c.Type.accepts(oid) || resolved && own != oid {
			v.found = append(v.found, typeDrift(want.name, c, v.name(oid)))
		}
	}
}

// name names a type for an error message.
func (v *verifier) name(oid uint32) string {
	for t, known := range v.oids {
		if known == oid {
			return string(t)
		}
	}
	return typeName(oid, v.types)
}
