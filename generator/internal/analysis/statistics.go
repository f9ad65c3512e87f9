package analysis

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Statistics are what a database knows of its tables besides their shape.
type Statistics struct {
	// Rows are the rows of each table by OID, as the planner estimates them:
	// those of partitions and children are not among their parent's.
	Rows map[uint32]int64
	// ForeignKeys are sorted by table and name. Those that a partition has from
	// its parent are left out.
	ForeignKeys []ForeignKey
}

// ForeignKey is a foreign key constraint.
type ForeignKey struct {
	Name string
	// Table has the key, and References is what it refers to.
	Table, References uint32
	// Columns are the numbers of its columns.
	Columns []int16
}

// A table that was never analysed has no estimate; its size tells then, with
// rows of 100 bytes.
const sqlRows = `
SELECT oid, CASE
  WHEN reltuples > 0 THEN reltuples::pg_catalog.int8
  WHEN relkind IN ('r', 'm') THEN pg_catalog.pg_relation_size(oid) / 100
  ELSE 0 END
FROM pg_catalog.pg_class
WHERE relkind IN ('r', 'm', 'f', 'p') AND oid >= 16384`

const sqlForeignKeys = `
SELECT conname, conrelid, confrelid, conkey
FROM pg_catalog.pg_constraint
WHERE contype = 'f' AND conparentid = 0 AND conrelid >= 16384
ORDER BY conrelid, conname`

// Statistics reads them.
func (s *Session) Statistics(ctx context.Context) (*Statistics, error) {
	out := &Statistics{Rows: map[uint32]int64{}}
	rows, err := s.conn.Query(ctx, sqlRows, pgx.QueryExecModeExec)
	if err != nil {
		return nil, fmt.Errorf("read the sizes of tables: %w", err)
	}
	var oid uint32
	var count int64
	if _, err := pgx.ForEachRow(rows, []any{&oid, &count}, func() error {
		out.Rows[oid] = count
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the sizes of tables: %w", err)
	}
	rows, err = s.conn.Query(ctx, sqlForeignKeys, pgx.QueryExecModeExec)
	if err != nil {
		return nil, fmt.Errorf("read the foreign keys: %w", err)
	}
	var k ForeignKey
	if _, err := pgx.ForEachRow(rows, []any{&k.Name, &k.Table, &k.References, &k.Columns}, func() error {
		one := k
		one.Columns = append([]int16(nil), k.Columns...)
		out.ForeignKeys = append(out.ForeignKeys, one)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read the foreign keys: %w", err)
	}
	s.notices = s.notices[:0]
	return out, nil
}
