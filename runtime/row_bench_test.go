//go:build unix

package runtime_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/pgwright/pgwright/runtime"
)

// cannedRows are n rows that no server sends, a few of them again and again, as
// near to the processor as what has just been read.
type cannedRows struct {
	fields []pgconn.FieldDescription
	rows   [][][]byte
	at, n  int
}

func (c *cannedRows) Query(context.Context, string, ...any) (pgx.Rows, error) {
	c.at = -1
	return c, nil
}
func (c *cannedRows) Close()                                       {}
func (c *cannedRows) Err() error                                   { return nil }
func (c *cannedRows) CommandTag() pgconn.CommandTag                { return pgconn.CommandTag{} }
func (c *cannedRows) FieldDescriptions() []pgconn.FieldDescription { return c.fields }
func (c *cannedRows) Next() bool                                   { c.at++; return c.at < c.n }
func (c *cannedRows) Scan(...any) error                            { return nil }
func (c *cannedRows) Values() ([]any, error)                       { return nil, nil }
func (c *cannedRows) RawValues() [][]byte                          { return c.rows[c.at%len(c.rows)] }
func (c *cannedRows) Conn() *pgx.Conn                              { return nil }
func (c *cannedRows) TypeMap() *pgtype.Map                         { return nil }

// benchRows makes n rows of [wide], as they come in binary.
func benchRows(b *testing.B, n int) (*runtime.Statement[wide], *cannedRows) {
	s := &runtime.Statement[wide]{Name: "Items", Columns: wideColumns, Decode: (*wide).decode}
	c := &cannedRows{n: n}
	for i, oid := range []uint32{
		pgtype.Int8OID, pgtype.UUIDOID, pgtype.Int8OID, pgtype.TextOID, pgtype.Int4OID, pgtype.NumericOID, pgtype.Float8OID,
		pgtype.BoolOID, pgtype.JSONBOID, pgtype.TextOID, pgtype.TimestamptzOID, pgtype.TimestamptzOID,
	} {
		c.fields = append(c.fields, pgconn.FieldDescription{Name: wideColumns[i].Name, DataTypeOID: oid, Format: pgx.BinaryFormatCode})
	}
	m := pgtype.NewMap()
	for i := range 64 {
		number, err := m.Encode(pgtype.NumericOID, pgx.BinaryFormatCode, pgtype.Numeric{Int: big.NewInt(int64(i*104729%10_000_000 + 1)), Exp: -2, Valid: true}, nil)
		if err != nil {
			b.Fatal(err)
		}
		id := binary.BigEndian.AppendUint64(nil, uint64(i+1))
		row := [][]byte{
			id, append(id, id...), id, fmt.Appendf(nil, "item number %d", i), id[4:], number,
			binary.BigEndian.AppendUint64(nil, math.Float64bits(float64(i)/8)),
			{byte(i % 2)},
			fmt.Appendf(nil, "\x01{\"tags\": [\"a\", \"b%d\"], \"color\": \"color %d\"}", i%10, i%50),
			fmt.Appendf(nil, "a note about the item with the number %d", i), id, id,
		}
		if i%4 == 0 {
			row[6] = nil
		}
		if i%2 == 0 {
			row[9] = nil
		}
		if i%5 == 0 {
			row[11] = nil
		}
		c.rows = append(c.rows, row)
	}
	return s, c
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkDecodeStream decodes rows of twelve mixed columns, one by one.
func BenchmarkDecodeStream(b *testing.B) {
	const n = 20_000
	s, db := benchRows(b, n)
	b.ReportAllocs()
	cpu := cpuTime(b)
	for b.Loop() {
		for v, err := range s.Each(b.Context(), db) {
			if err != nil {
				b.Fatal(err)
			}
			if v.ID == 0 {
				b.Fatal("no id")
			}
		}
	}
	b.ReportMetric(float64(cpuTime(b)-cpu)/float64(b.N)/n, "cpu-ns/row")
}

// BenchmarkDecodeMany decodes the same rows into a slice.
func BenchmarkDecodeMany(b *testing.B) {
	const n = 20_000
	s, db := benchRows(b, n)
	b.ReportAllocs()
	cpu := cpuTime(b)
	for b.Loop() {
		all, err := s.All(b.Context(), db)
		if err != nil || len(all) != n {
			b.Fatal(len(all), err)
		}
	}
	b.ReportMetric(float64(cpuTime(b)-cpu)/float64(b.N)/n, "cpu-ns/row")
}
