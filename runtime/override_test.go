package runtime_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// overridden is a row with Go types of the application's own.
type overridden struct {
	Name  upper
	Alias *upper
	Mood  upper
	Meta  meta
	More  *meta
	At    pgtype.Timestamptz
	Names []upper
	Moods []*upper
}

func (o *overridden) decode(r *runtime.Row) {
	o.Name = runtime.Scan[upper](r)
	o.Alias = runtime.Scan[*upper](r)
	o.Mood = runtime.Scan[upper](r)
	o.Meta = runtime.Scan[meta](r)
	o.More = runtime.Scan[*meta](r)
	o.At = runtime.Scan[pgtype.Timestamptz](r)
	o.Names = runtime.Array(r, runtime.Scan[upper])
	o.Moods = runtime.Array(r, runtime.Scan[*upper])
}

func (o *overridden) encode(e *runtime.Encoder) {
	runtime.Encode(e, o.Name)
	runtime.Encode(e, o.Alias)
	runtime.Encode(e, o.Mood)
	runtime.Encode(e, o.Meta)
	runtime.Encode(e, o.More)
	runtime.Encode(e, o.At)
	runtime.EncodeArray(e, o.Names, runtime.Text, runtime.Encode[upper])
	runtime.EncodeArray(e, o.Moods, "public.mood", runtime.Encode[*upper])
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	ctx := context.Background()
	admin := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	_, err := admin.Exec(ctx, userTypes+`CREATE TABLE o (way text, name text, alias text, mood mood, meta jsonb, more json, at timestamptz, names text[], moods mood[])`)
	require.NoError(t, err)
	columns := []runtime.Column{
		{Name: "name", Type: runtime.Text},
		{Name: "alias", Type: runtime.Text},
		{Name: "mood", Type: "public.mood", Text: true},
		{Name: "meta", Type: runtime.JSONB},
		{Name: "more", Type: runtime.JSON},
		{Name: "at", Type: runtime.Timestamptz},
		{Name: "names", Type: runtime.Text + "[]"},
		{Name: "moods", Type: "public.mood[]", Text: true},
	}
	rows := []overridden{
		{
			Name: upper{"A"}, Alias: &upper{"B"}, Mood: upper{"SAD"}, Meta: meta{1, []string{"x"}}, More: &meta{A: 2},
			At: pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}, Names: []upper{{"A,B"}, {""}}, Moods: []*upper{{"SAD"}, nil},
		},
		{
			Name: upper{""}, Mood: upper{""}, At: pgtype.Timestamptz{Time: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Valid: true},
			Names: []upper{}, Moods: []*upper{},
		},
	}
	list := &runtime.Statement[overridden]{
		Name: "List", SQL: "SELECT name, alias, mood, meta, more, at, names, moods FROM o WHERE way = $1 ORDER BY name DESC",
		Columns: columns, Decode: (*overridden).decode,
	}
	insert := &runtime.Command{Name: "Insert", SQL: "INSERT INTO o VALUES ('arg', $1, $2, $3, $4, $5, $6, $7, $8)"}
	for _, mode := range modes {
		conn := connectMode(t, url, mode)
		for _, o := range rows {
			require.NoError(t, insert.Exec(ctx, conn, o.Name, o.Alias, o.Mood, jsonArg(mode, o.Meta), jsonArg(mode, o.More), o.At,
				runtime.ArrayArg(o.Names, runtime.Encode[upper]), runtime.ArrayArg(o.Moods, runtime.Encode[*upper])), mode)
		}
		got, err := list.All(ctx, conn, "arg")
		require.NoError(t, err, mode)
		requireSame(t, rows, got, mode)
		_, err = conn.Exec(ctx, "DELETE FROM o")
		require.NoError(t, err)
	}

	load := func(columns ...runtime.Column) *runtime.CopyStatement[overridden] {
		return &runtime.CopyStatement[overridden]{Name: "Load", Table: []string{"o"}, Columns: columns, Encode: (*overridden).encode}
	}
	_, err = admin.Exec(ctx, "ALTER TABLE o ALTER way SET DEFAULT 'copy'")
	require.NoError(t, err)
	_, err = load(columns...).From(ctx, admin, rows)
	require.NoError(t, err)
	got, err := list.All(ctx, admin, "copy")
	require.NoError(t, err)
	requireSame(t, rows, got)

	// Binary, without the array that the binary format cannot have.
	_, err = admin.Exec(ctx, "DELETE FROM o; ALTER TABLE o ALTER moods SET DEFAULT '{}'")
	require.NoError(t, err)
	binary := load(columns[:7]...)
	binary.Columns[2].Text = false
	binary.Encode = func(o *overridden, e *runtime.Encoder) {
		runtime.Encode(e, o.Name)
		runtime.Encode(e, o.Alias)
		runtime.Encode(e, o.Mood)
		runtime.Encode(e, o.Meta)
		runtime.Encode(e, o.More)
		runtime.Encode(e, o.At)
		runtime.EncodeArray(e, o.Names, runtime.Text, runtime.Encode[upper])
	}
	for _, db := range []runtime.Copier{admin, &wrapper{admin}} {
		_, err = binary.From(ctx, db, rows)
		require.NoError(t, err)
		got, err = list.All(ctx, admin, "copy")
		require.NoError(t, err)
		for i := range got {
			got[i].Moods = rows[i].Moods
		}
		requireSame(t, rows, got)
		_, err = admin.Exec(ctx, "DELETE FROM o")
		require.NoError(t, err)
	}
	_, err = load(columns...).From(ctx, admin, []overridden{{Name: upper{"BAD"}}})
	require.ErrorContains(t, err, `Load: column "name"`)
	require.ErrorContains(t, err, "bad value")
}

// jsonArg is a struct for a json parameter. Modes that do not tell pgx the
// parameter's type need it as text.
func jsonArg(mode pgx.QueryExecMode, v any) any {
	if mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol {
		if m, ok := v.(*meta); ok && m == nil {
			return nil
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		return string(text)
	}
	return v
}
