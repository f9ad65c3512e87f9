package structs_test

import (
	"database/sql"
	"net/netip"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/internal/structs"
)

type (
	base struct {
		ID        int
		CreatedAt time.Time
	}
	user struct {
		base
		Name   string
		Secret string `db:"-"`
		note   string
	}
	Exported struct{ ID int }
	pointing struct {
		*Exported
		Name string
	}
	deep struct {
		pointing
		Nick string
	}
	hiding struct {
		base
		ID string
	}
	ambiguous struct {
		base
		Exported
	}
	retagged struct {
		base
		Exported `db:"exported"`
	}
	unexported struct {
		*base
	}
	tagged struct {
		Number int    `db:"n,omitempty"`
		Upper  string `db:"N"`
		Empty  string `db:""`
	}
	twice struct {
		A int `db:"n"`
		B int `db:"n"`
	}
	snake  struct{ User_Id, HTTPPort int }
	hidden struct {
		ID   int
		name string `db:"name"`
	}
	recursive struct {
		ID int
		*Recursive
	}
	Recursive struct {
		Name string
		*Recursive
	}
	money struct {
		cents int64
	}
	scanner struct{ Cents int64 }
	status  string
)

func (*scanner) Scan(any) error { return nil }

func layout[T any](t *testing.T) *structs.Layout {
	t.Helper()
	l, ok, err := structs.Of[T]()
	require.NoError(t, err)
	require.True(t, ok)
	return l
}

// point returns what the columns are scanned to.
func point[T any](t *testing.T, ptr *T, columns ...string) []any {
	t.Helper()
	targets, err := layout[T](t).Match(columns)
	require.NoError(t, err)
	pointers := make([]any, len(columns))
	targets.Point(ptr, pointers)
	return pointers
}

func requireSame(t *testing.T, got []any, want ...any) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.Same(t, want[i], got[i])
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	u := user{note: "kept"}
	requireSame(t, point(t, &u, "created_at", "NAME", "id"), &u.CreatedAt, &u.Name, &u.ID)
	require.Equal(t, "kept", u.note)

	var pointer *user
	pointers := point(t, &pointer, "id", "createdat", "name")
	requireSame(t, pointers, &pointer.ID, &pointer.CreatedAt, &pointer.Name)

	var p pointing
	pointers = point(t, &p, "name", "id")
	requireSame(t, pointers, &p.Name, &p.ID)

	var d deep
	pointers = point(t, &d, "nick", "id", "name")
	requireSame(t, pointers, &d.Nick, &d.ID, &d.Name)

	var h hiding
	requireSame(t, point(t, &h, "id", "created_at"), &h.ID, &h.CreatedAt)

	var r retagged
	requireSame(t, point(t, &r, "id", "exported", "created_at"), &r.base.ID, &r.Exported, &r.CreatedAt)

	var tag tagged
	requireSame(t, point(t, &tag, "N", "empty", "n"), &tag.Upper, &tag.Empty, &tag.Number)

	var s snake
	requireSame(t, point(t, &s, "user_id", "http_port"), &s.User_Id, &s.HTTPPort)

	var re recursive
	pointers = point(t, &re, "id", "name")
	requireSame(t, pointers, &re.ID, &re.Name)

	require.Empty(t, point(t, &struct{}{}))
}

func TestMismatch(t *testing.T) {
	t.Parallel()
	match := func(l *structs.Layout, columns ...string) error {
		_, err := l.Match(columns)
		return err
	}
	tests := []struct {
		name    string
		layout  *structs.Layout
		columns []string
		message string
	}{
		{
			"both", layout[user](t),
			[]string{"id", "created_at", "nme"},
			`the result does not fit structs_test.user: column "nme" has no field (the nearest is Name), field Name has no column (the nearest is "nme"); db:"-" leaves a field out`,
		},
		{
			"a column too many", layout[user](t),
			[]string{"id", "created_at", "name", "names"},
			`the result does not fit structs_test.user: column "names" has no field (the nearest is Name, which has column "name")`,
		},
		{
			"nothing near", layout[user](t),
			[]string{"id", "created_at", "name", "total_amount"},
			`the result does not fit structs_test.user: column "total_amount" has no field`,
		},
		{
			"a column without a name", layout[user](t),
			[]string{"id", "created_at", "?column?"},
			`the result does not fit structs_test.user: column "?column?" has no field (name it with AS), field Name has no column; db:"-" leaves a field out`,
		},
		{
			"left out", layout[user](t),
			[]string{"id", "created_at", "name", "secret"},
			`the result does not fit structs_test.user: column "secret" has no field`,
		},
		{
			"tagged", layout[tagged](t),
			[]string{"n", "empty"},
			`the result does not fit structs_test.tagged: field Upper (db:"N") has no column (the nearest is "n"); db:"-" leaves a field out`,
		},
		{
			"not exported", layout[hidden](t),
			[]string{"id", "name"},
			`the result does not fit structs_test.hidden: column "name" has no field (field name is not exported)`,
		},
		{
			"columns of one field", layout[snake](t),
			[]string{"user_id", "userid", "http_port"},
			`the result does not fit structs_test.snake: column "userid" has no field (the nearest is User_Id, which has column "user_id")`,
		},
		{
			"columns of one name", layout[user](t),
			[]string{"id", "created_at", "name", "id"},
			`two columns of the result are called "id": name one of them otherwise, with AS`,
		},
		{"pointer", layout[*Exported](t), []string{"x"}, `the result does not fit structs_test.Exported: column "x" has no field (the nearest is ID), field ID has no column (the nearest is "x"); db:"-" leaves a field out`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, match(test.layout, test.columns...), test.message)
		})
	}

	_, _, err := structs.Of[ambiguous]()
	require.EqualError(t, err, `two fields of structs_test.ambiguous, base.ID and Exported.ID, are both for column "id"; give one another column with a tag, or leave it out with db:"-"`)
	_, _, err = structs.Of[twice]()
	require.EqualError(t, err, `two fields of structs_test.twice, A and B, are both for column "n"; give one another column with a tag, or leave it out with db:"-"`)
	_, _, err = structs.Of[unexported]()
	require.EqualError(t, err, `structs_test.unexported embeds a pointer to structs_test.base, which is not exported, so that nobody else can set it: embed the struct`)
}

func TestWhatIsNoStruct(t *testing.T) {
	t.Parallel()
	values := map[string]func() (*structs.Layout, bool, error){
		"int":           structs.Of[int],
		"*int":          structs.Of[*int],
		"status":        structs.Of[status],
		"any":           structs.Of[any],
		"[]byte":        structs.Of[[]byte],
		"map":           structs.Of[map[string]any],
		"time":          structs.Of[time.Time],
		"*time":         structs.Of[*time.Time],
		"addr":          structs.Of[netip.Addr],
		"null string":   structs.Of[sql.NullString],
		"sql.Null":      structs.Of[sql.Null[int]],
		"text":          structs.Of[pgtype.Text],
		"*text":         structs.Of[*pgtype.Text],
		"numeric":       structs.Of[pgtype.Numeric],
		"range":         structs.Of[pgtype.Range[pgtype.Int4]],
		"array":         structs.Of[pgtype.Array[int]],
		"uuid":          structs.Of[pgtype.UUID],
		"interval":      structs.Of[pgtype.Interval],
		"scanner":       structs.Of[scanner],
		"no field":      structs.Of[money],
		"a pointer too": structs.Of[**user],
	}
	for name, of := range values {
		_, ok, err := of()
		require.NoError(t, err, name)
		require.False(t, ok, name)
	}
	_ = money{cents: 1}.cents
	_ = hidden{name: ""}.name
}
