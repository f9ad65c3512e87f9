// Package item is the data that every client reads and writes, and the checksum that says whether it did.
//
// Rules:
//
//   - The rows are a pure function of their number: [Make] of the same number gives the same rows everywhere.
//   - A client turns what it read into an [Item] and adds it to a [Sum]; equal rows in any order give equal sums.
//   - Nothing here is called while a clock runs, but for [Sum.Quick].
package item

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Item is a row of the tables items and loaded.
type Item struct {
	ID         int64
	Ref        pgtype.UUID
	OwnerID    int64
	Name       string
	Quantity   int32
	Price      pgtype.Numeric
	Weight     *float64
	Active     bool
	Attributes json.RawMessage
	Note       *string
	CreatedAt  time.Time
	ShippedAt  *time.Time
}

// Columns are those of the tables, in order.
var Columns = []string{
	"id", "ref", "owner_id", "name", "quantity", "price", "weight", "active", "attributes", "note", "created_at", "shipped_at",
}

// Owners is how many owners the items are shared by.
const Owners = 100

// Owner is the name of an owner.
func Owner(id int64) string { return fmt.Sprintf("owner %d", id) }

// Make returns the rows with the ids 1 to n.
func Make(n int) []Item {
	epoch := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	items := make([]Item, n)
	for i := range items {
		id := int64(i + 1)
		v := Item{
			ID:       id,
			OwnerID:  id%Owners + 1,
			Name:     fmt.Sprintf("item number %d", id),
			Quantity: int32(id * 7919 % 1000),
			Price:    pgtype.Numeric{Int: big.NewInt(id*104729%10_000_000 + 1), Exp: -2, Valid: true},
			Active:   id%3 != 0,
			// As jsonb prints it, so that it comes back the same.
			Attributes: json.RawMessage(fmt.Sprintf(`{"tags": ["a", "b%d"], "color": "color %d"}`, id%10, id%50)),
			CreatedAt:  epoch.Add(time.Duration(id) * 12345 * time.Microsecond),
		}
		v.Ref.Valid = true
		binary.BigEndian.PutUint64(v.Ref.Bytes[:8], uint64(id)*0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(v.Ref.Bytes[8:], uint64(id)*0xc2b2ae3d27d4eb4f)
		if id%4 != 0 {
			weight := float64(id%1000) / 8
			v.Weight = &weight
		}
		if id%2 == 0 {
			note := fmt.Sprintf("a note about the item with the number %d", id)
			v.Note = &note
		}
		if id%5 != 0 {
			shipped := v.CreatedAt.Add(36 * time.Hour)
			v.ShippedAt = &shipped
		}
		items[i] = v
	}
	return items
}

// Sum is the number of rows and a checksum of all their values.
type Sum struct {
	Rows int
	Hash uint64
}

// Of returns the sum of rows.
func Of(items []Item) Sum {
	var s Sum
	for i := range items {
		s.Add(&items[i])
	}
	return s
}

// Add adds a row. The order of rows makes no difference.
func (s *Sum) Add(v *Item) {
	h := fnv.New64a()
	var b []byte
	b = binary.BigEndian.AppendUint64(b, uint64(v.ID))
	b = append(b, v.Ref.Bytes[:]...)
	b = appendBool(b, v.Ref.Valid)
	b = binary.BigEndian.AppendUint64(b, uint64(v.OwnerID))
	b = appendString(b, v.Name)
	b = binary.BigEndian.AppendUint32(b, uint32(v.Quantity))
	b = appendString(b, cents(v.Price))
	if b = appendBool(b, v.Weight != nil); v.Weight != nil {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(*v.Weight))
	}
	b = appendBool(b, v.Active)
	b = appendString(b, string(v.Attributes))
	if b = appendBool(b, v.Note != nil); v.Note != nil {
		b = appendString(b, *v.Note)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(v.CreatedAt.UnixMicro()))
	if b = appendBool(b, v.ShippedAt != nil); v.ShippedAt != nil {
		b = binary.BigEndian.AppendUint64(b, uint64(v.ShippedAt.UnixMicro()))
	}
	_, _ = h.Write(b) // a hash returns no error
	s.Rows++
	s.Hash += h.Sum64()
}

// AddText adds the text that a row has besides an item's columns.
func (s *Sum) AddText(text string) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text))
	s.Hash += h.Sum64()
}

// Quick adds a row by its number only. It is cheap enough to be called for each row of a stream that is being measured.
func (s *Sum) Quick(id int64) {
	s.Rows++
	s.Hash += uint64(id)
}

// QuickOf is what Quick gives for the ids 1 to n.
func QuickOf(n int) Sum { return Sum{Rows: n, Hash: uint64(n) * uint64(n+1) / 2} }

// Check returns an error if the sum is not the wanted one.
func (s Sum) Check(want Sum) error {
	if s != want {
		return fmt.Errorf("%d rows with the checksum %x, but %d rows with %x were expected", s.Rows, s.Hash, want.Rows, want.Hash)
	}
	return nil
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendString(b []byte, v string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
}

// cents is a price with two digits after the point, however the numeric was made.
func cents(n pgtype.Numeric) string {
	if !n.Valid || n.NaN || n.InfinityModifier != pgtype.Finite || n.Int == nil {
		return "not a price"
	}
	ten := big.NewInt(10)
	exp := int64(n.Exp) + 2
	if exp >= 0 {
		return new(big.Int).Mul(n.Int, new(big.Int).Exp(ten, big.NewInt(exp), nil)).String()
	}
	quotient, rest := new(big.Int).QuoRem(n.Int, new(big.Int).Exp(ten, big.NewInt(-exp), nil), new(big.Int))
	if rest.Sign() != 0 {
		return "fractions of a cent"
	}
	return quotient.String()
}
