package catalog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Load reads the system catalogs of the database that conn is connected to, in
// one round trip and one snapshot. It needs no privilege beyond CONNECT, writes
// nothing, and works on PostgreSQL 13 and later.
//
// If conn is in no transaction, Load uses a read-only one of its own. In a
// transaction it reads what that sees. The connection must be idle, and is the
// caller's again when Load returns, except that it is closed where neither
// COMMIT nor ROLLBACK could end the transaction.
func Load(ctx context.Context, conn *pgx.Conn) (*Catalog, error) {
	pg := conn.PgConn()
	major, err := majorVersion(pg.ParameterStatus("server_version"))
	if err != nil {
		return nil, err
	}
	l := newLoader(major)
	own := pg.TxStatus() == 'I'
	batch := &pgconn.Batch{}
	send := func(sql string) { batch.ExecParams(sql, nil, nil, nil, binaryResult) }
	if own {
		send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	}
	for _, s := range l.steps {
		send(s.sql)
	}
	if own {
		send("COMMIT")
	}
	err = l.read(pg.ExecBatch(ctx, batch), own)
	if err != nil {
		err = fmt.Errorf("load the catalog: %w", err)
		if own && pg.TxStatus() == 'E' {
			if _, rollback := pg.Exec(ctx, "ROLLBACK").ReadAll(); rollback != nil {
				err = errors.Join(err, rollback, conn.Close(ctx))
			}
		}
		return nil, err
	}
	l.finish()
	return l.catalog, nil
}

// binaryResult asks for all columns in the binary format, in which numbers and
// arrays need no parsing.
var binaryResult = []int16{1}

// majorVersion reads what the server reported at the start of the connection,
// "15.18 (Debian 15.18-0)" or "18beta1".
func majorVersion(version string) (int, error) {
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(version)
	}
	major, err := strconv.Atoi(version[:end])
	if err != nil {
		return 0, fmt.Errorf("server version %q is not PostgreSQL's", version)
	}
	if major < 13 {
		return 0, fmt.Errorf("PostgreSQL %s is too old: version 13 is the oldest one supported", version)
	}
	return major, nil
}

// step is one statement and what to do with each of its rows.
type step struct {
	name string
	sql  string
	scan func(*row)
}

type loader struct {
	catalog *Catalog
	steps   []step
	// elements are typelem of all types: only some of them are arrays.
	elements map[uint32]uint32
	// sent are the types that have a send function of their own.
	sent map[uint32]bool
}

func newLoader(major int) *loader {
	l := &loader{
		catalog: &Catalog{
			Types:     make(map[uint32]*Type, 1024),
			Relations: make(map[uint32]*Relation, 512),
			Functions: make(map[uint32]*Function, 4096),
		},
		elements: map[uint32]uint32{},
		sent:     make(map[uint32]bool, 1024),
	}
	multirange, ofMultirange := "0::oid", ""
	if major >= 14 {
		multirange = "coalesce(m.rngtypid, 0)"
		ofMultirange = "LEFT JOIN pg_catalog.pg_range m ON m.rngmultitypid = t.oid"
	}
	l.steps = []step{
		{"settings", sqlSettings, l.settings},
		{"types", fmt.Sprintf(sqlTypes, multirange, ofMultirange), l.types},
		{"enum labels", sqlLabels, l.labels},
		{"relations", sqlRelations, l.relations},
		{"columns", sqlColumns, l.columns},
		{"defaults", sqlDefaults, l.defaults},
		{"domain defaults", sqlDomainDefaults, l.domainDefaults},
		{"indexes", sqlIndexes, l.indexes},
		{"foreign keys", sqlForeignKeys, l.foreignKeys},
		{"inheritance", sqlInherits, l.inherits},
		{"constraints", sqlChecks, l.checks},
		{"view queries", sqlViews, l.views},
		{"functions", sqlFunctions, l.functions},
		{"arguments", sqlArguments, l.arguments},
		{"comments", sqlComments, l.comments},
		{"extensions", sqlExtensions, l.extensions},
	}
	if major >= 18 {
		l.steps = append(l.steps, step{"not-null constraints", sqlNotValid, l.notValid})
	}
	return l
}

// read consumes the results in the order that the statements were sent.
func (l *loader) read(results *pgconn.MultiResultReader, own bool) error {
	at := 0
	if own {
		at = -1
	}
	for results.NextResult() {
		rr := results.ResultReader()
		r := row{}
		for rr.NextRow() {
			if at < 0 || at >= len(l.steps) || r.err != nil {
				continue
			}
			r.values = rr.Values()
			l.steps[at].scan(&r)
		}
		_, err := rr.Close()
		if err == nil {
			err = r.err
		}
		if err != nil {
			return errors.Join(err, closeQuietly(results, err))
		}
		at++
	}
	return results.Close()
}

// closeQuietly drains the results after an error and returns what else went
// wrong meanwhile.
func closeQuietly(results *pgconn.MultiResultReader, cause error) error {
	if err := results.Close(); err != nil && err.Error() != cause.Error() {
		return err
	}
	return nil
}
