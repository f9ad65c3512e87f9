package runtime

import (
	"encoding/json"
	"math/big"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// BenchmarkEncodeRow encodes a row of twelve mixed columns for COPY.
func BenchmarkEncodeRow(b *testing.B) {
	type row struct {
		id, owner          int64
		ref                pgtype.UUID
		name               string
		quantity           int32
		price              pgtype.Numeric
		weight             *float64
		active             bool
		attributes         json.RawMessage
		note               *string
		created, shippedAt time.Time
	}
	weight, note := 1.5, "fragile"
	v := row{
		id: 1, owner: 2, ref: pgtype.UUID{Valid: true}, name: "a name of some length", quantity: 3,
		price: pgtype.Numeric{Int: big.NewInt(123456), Exp: -2, Valid: true}, weight: &weight, active: true,
		attributes: json.RawMessage(`{"colour": "red"}`), note: &note, created: time.Now(), shippedAt: time.Now(),
	}
	columns := make([]Column, 12)
	s := CopyStatement[row]{Columns: columns, Encode: func(v *row, e *Encoder) {
		e.Int8(v.id)
		e.UUID(v.ref)
		e.Int8(v.owner)
		e.Text(v.name)
		e.Int4(v.quantity)
		e.Numeric(v.price)
		e.NullFloat8(v.weight)
		e.Bool(v.active)
		e.JSONB(v.attributes)
		e.NullText(v.note)
		e.Timestamptz(v.created)
		e.NullTimestamptz(nil)
	}}
	e := Encoder{columns: columns, into: container{kind: copyContainer}, buf: make([]byte, 0, 65536)}
	for b.Loop() {
		if len(e.buf) > 60000 {
			e.buf = e.buf[:0]
		}
		s.encodeRow(&e, &v)
	}
	if e.err != nil {
		b.Fatal(e.err)
	}
}
