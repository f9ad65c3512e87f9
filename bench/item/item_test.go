package item

import (
	"math/big"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"
)

func TestSumSeesEveryColumn(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*Item){
		"id":                  func(v *Item) { v.ID++ },
		"ref":                 func(v *Item) { v.Ref.Bytes[15]++ },
		"owner":               func(v *Item) { v.OwnerID++ },
		"name":                func(v *Item) { v.Name += " " },
		"quantity":            func(v *Item) { v.Quantity++ },
		"price":               func(v *Item) { v.Price.Int.Add(v.Price.Int, big.NewInt(1)) },
		"price null":          func(v *Item) { v.Price.Valid = false },
		"weight":              func(v *Item) { *v.Weight++ },
		"weight null":         func(v *Item) { v.Weight = nil },
		"active":              func(v *Item) { v.Active = !v.Active },
		"attributes":          func(v *Item) { v.Attributes = v.Attributes[1:] },
		"note":                func(v *Item) { *v.Note += "x" },
		"note null":           func(v *Item) { v.Note = nil },
		"created":             func(v *Item) { v.CreatedAt = v.CreatedAt.Add(1000) },
		"shipped":             func(v *Item) { *v.ShippedAt = v.ShippedAt.Add(1000) },
		"shipped null":        func(v *Item) { v.ShippedAt = nil },
		"name runs into note": func(v *Item) { v.Name, *v.Note = v.Name+(*v.Note)[:1], (*v.Note)[1:] },
	}
	want := Of(Make(2))
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			items := Make(2)
			change(&items[1])
			require.Error(t, Of(items).Check(want))
		})
	}
	items := Make(2)
	items[0], items[1] = items[1], items[0]
	require.NoError(t, Of(items).Check(want))
	require.Error(t, Of(items[:1]).Check(want))
}

func TestSumKnowsAPriceInWhateverFormItComes(t *testing.T) {
	t.Parallel()
	for _, n := range []pgtype.Numeric{
		{Int: big.NewInt(1200), Exp: -2, Valid: true},
		{Int: big.NewInt(12), Exp: 0, Valid: true},
		{Int: big.NewInt(120000), Exp: -4, Valid: true},
	} {
		require.Equal(t, "1200", cents(n))
	}
	require.Equal(t, "fractions of a cent", cents(pgtype.Numeric{Int: big.NewInt(12001), Exp: -3, Valid: true}))
}
