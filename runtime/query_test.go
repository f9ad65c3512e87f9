package runtime_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

type audit struct {
	CreatedAt time.Time
	UpdatedAt *time.Time
}

type mood string

type document struct {
	Tags []string `json:"tags"`
}

type person struct {
	ID int64 `db:"person_id"`
	audit
	Name      string
	Nick      *string
	Mood      mood
	Meta      document
	Raw       json.RawMessage
	Numbers   []int32
	Price     pgtype.Numeric
	Null      sql.NullString `db:"null"`
	Picture   []byte
	Unrelated int `db:"-"`
}

const people = `SELECT i AS person_id, timestamptz '2024-02-29 12:00+00' AS created_at, NULL::timestamptz AS updated_at,
	'p' || i AS name, CASE WHEN i > 1 THEN 'n' || i END AS nick, 'fine' AS mood, '{"tags":["a","b"]}'::jsonb AS meta,
	'{"a": 1}'::json AS raw, ARRAY[i, 2] AS numbers, 1.5 AS price, NULL::text AS "null", '\x01ff'::bytea AS picture
	FROM generate_series(1, @n::int4) AS i ORDER BY i`

func wantPerson(i int) person {
	p := person{
		ID: int64(i), audit: audit{CreatedAt: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)}, Name: fmt.Sprintf("p%d", i),
		Mood: "fine", Meta: document{Tags: []string{"a", "b"}}, Raw: json.RawMessage(`{"a": 1}`), Numbers: []int32{int32(i), 2},
		Picture: []byte{1, 255},
	}
	if i > 1 {
		nick := fmt.Sprintf("n%d", i)
		p.Nick = &nick
	}
	return p
}

func requirePeople(t *testing.T, got []person, n int) {
	t.Helper()
	require.Len(t, got, n)
	for i, p := range got {
		price, err := p.Price.Float64Value()
		require.NoError(t, err)
		require.InDelta(t, 1.5, price.Float64, 0)
		p.Price = pgtype.Numeric{}
		p.CreatedAt = p.CreatedAt.UTC()
		require.Equal(t, wantPerson(i+1), p)
	}
}

func TestHandWritten(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			conn := connectMode(t, pgtest.New(t), mode)
			named := func(n int) pgx.NamedArgs { return pgx.NamedArgs{"n": n} }

			all, err := runtime.All[person](ctx, conn, people, named(3))
			require.NoError(t, err)
			requirePeople(t, all, 3)
			none, err := runtime.All[person](ctx, conn, people, named(0))
			require.NoError(t, err)
			require.Nil(t, none)
			pointers, err := runtime.All[*person](ctx, conn, people, named(2))
			require.NoError(t, err)
			requirePeople(t, []person{*pointers[0], *pointers[1]}, 2)

			one, err := runtime.One[person](ctx, conn, people, named(2)) // more rows are ignored
			require.NoError(t, err)
			requirePeople(t, []person{one}, 1)
			_, err = runtime.One[person](ctx, conn, people, named(0))
			require.ErrorIs(t, err, runtime.ErrNoRows)
			require.ErrorIs(t, err, pgx.ErrNoRows)
			require.ErrorIs(t, err, sql.ErrNoRows)
			require.EqualError(t, err, "query: no rows in result set")

			first, err := runtime.First[person](ctx, conn, people, named(1))
			require.NoError(t, err)
			requirePeople(t, []person{*first}, 1)
			first, err = runtime.First[person](ctx, conn, people, named(0))
			require.NoError(t, err)
			require.Nil(t, first)

			var streamed []person
			for p, err := range runtime.Iter[person](ctx, conn, people, named(3)) {
				require.NoError(t, err)
				streamed = append(streamed, p)
			}
			requirePeople(t, streamed, 3)

			maps, err := runtime.All[map[string]any](ctx, conn, "SELECT 1::int4 AS n, 'a' AS s, NULL::int4 AS missing")
			require.NoError(t, err)
			require.Equal(t, []map[string]any{{"n": int32(1), "s": "a", "missing": nil}}, maps)

			_, err = runtime.All[int](ctx, conn, "SELECT 10 / (3 - i) FROM generate_series(1, 5) AS i")
			requirePgError(t, err, "", "22012")
			var e *runtime.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, runtime.OpQuery, e.Op)
			// An error after the first row is one.
			_, err = runtime.One[int](ctx, conn, "SELECT 10 / (3 - i) FROM generate_series(1, 5) AS i")
			requirePgError(t, err, "", "22012")
			_, err = runtime.All[int](ctx, conn, "SELEC")
			requirePgError(t, err, "", "42601")

			n, err := runtime.Exec(ctx, conn, "CREATE TABLE n (n int4 PRIMARY KEY)")
			require.NoError(t, err)
			require.Zero(t, n)
			n, err = runtime.Exec(ctx, conn, "INSERT INTO n SELECT generate_series(1, @n::int4)", named(4))
			require.NoError(t, err)
			require.Equal(t, int64(4), n)
			_, err = runtime.Exec(ctx, conn, "INSERT INTO n VALUES ($1)", 4)
			requirePgError(t, err, "", "23505")
			require.ErrorContains(t, err, "exec: ERROR")
			returned, err := runtime.All[int](ctx, conn, "DELETE FROM n WHERE n > $1 RETURNING n", 2)
			require.NoError(t, err)
			require.Equal(t, []int{3, 4}, returned)

			n, err = runtime.ExecMany(ctx, conn, "INSERT INTO n VALUES (@n)", [][]any{{named(10)}, {named(11)}})
			require.NoError(t, err)
			require.Equal(t, int64(2), n)
			n, err = runtime.ExecMany(ctx, conn, "UPDATE n SET n = n + 100 WHERE n BETWEEN $1 AND $2", [][]any{{1, 2}, {10, 11}, {50, 60}})
			require.NoError(t, err)
			require.Equal(t, int64(4), n)
			n, err = runtime.ExecMany(ctx, conn, "INSERT INTO n VALUES ($1)", [][]any{{1}, {2}, {1}, {3}})
			requirePgError(t, err, "", "23505")
			require.Zero(t, n)
			if mode != pgx.QueryExecModeSimpleProtocol { // where the statements are one
				require.ErrorContains(t, err, "batch: row 3: ERROR")
			}
			count, err := runtime.Value[int](ctx, conn, "SELECT count(*) FROM n")
			require.NoError(t, err)
			require.Equal(t, 4, count, "all of the batch or nothing")
		})
	}
}

// requireValue reads a value in all ways.
func requireValue[T any](t *testing.T, db runtime.Querier, query string, want T) {
	t.Helper()
	ctx := context.Background()
	got, err := runtime.Value[T](ctx, db, query)
	require.NoError(t, err, query)
	require.Equal(t, want, got, query)
	got, err = runtime.One[T](ctx, db, query)
	require.NoError(t, err, query)
	require.Equal(t, want, got, query)
	all, err := runtime.All[T](ctx, db, query)
	require.NoError(t, err, query)
	require.Equal(t, []T{want}, all, query)
	for got, err := range runtime.Iter[T](ctx, db, query) {
		require.NoError(t, err, query)
		require.Equal(t, want, got, query)
	}
}

type couple struct{ A, B int }

// ScanRow makes a row of its own.
func (p *couple) ScanRow(rows pgx.Rows) error { return rows.Scan(&p.B, &p.A) }

func TestHandWrittenValues(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := connect(t)
	seven, text := 7, "a"
	requireValue(t, db, "SELECT 7", 7)
	requireValue(t, db, "SELECT 7", &seven)
	requireValue[*int](t, db, "SELECT NULL::int4", nil)
	requireValue(t, db, "SELECT 'a'", text)
	requireValue(t, db, "SELECT 'a'", &text)
	requireValue(t, db, "SELECT 'fine'", mood("fine"))
	requireValue(t, db, "SELECT true", true)
	requireValue(t, db, "SELECT 1.5::float8", 1.5)
	requireValue(t, db, `SELECT '\x01'::bytea`, []byte{1})
	requireValue[[]byte](t, db, "SELECT NULL::bytea", nil)
	requireValue(t, db, `SELECT '{"a": 1}'::json`, json.RawMessage(`{"a": 1}`))
	requireValue(t, db, "SELECT '{a,b}'::text[]", []string{"a", "b"})
	requireValue(t, db, "SELECT date '2024-02-29'", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC))
	requireValue(t, db, "SELECT 'a'", pgtype.Text{String: "a", Valid: true})
	requireValue(t, db, "SELECT NULL::text", pgtype.Text{})
	requireValue(t, db, "SELECT NULL::text", sql.NullString{})
	requireValue(t, db, "SELECT 7::int8", sql.Null[int64]{V: 7, Valid: true})
	requireValue(t, db, "SELECT int4range(1, 5)", pgtype.Range[int32]{
		Lower: 1, Upper: 5, LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true,
	})
	requireValue(t, db, "SELECT interval '1 day'", pgtype.Interval{Days: 1, Valid: true})
	requireValue[any](t, db, "SELECT 7", int32(7))
	requireValue[any](t, db, "SELECT NULL", nil)
	requireValue(t, db, `SELECT '{"a": "b"}'::jsonb`, map[string]string{"a": "b"})

	// A struct is a column too, where one is asked for.
	doc, err := runtime.Value[document](ctx, db, `SELECT '{"tags": ["a"]}'::jsonb`)
	require.NoError(t, err)
	require.Equal(t, document{Tags: []string{"a"}}, doc)
	nothing, err := runtime.Value[*document](ctx, db, "SELECT NULL::jsonb")
	require.NoError(t, err)
	require.Nil(t, nothing)
	// As a row, it reads itself.
	pairs, err := runtime.All[couple](ctx, db, "SELECT 1, 2")
	require.NoError(t, err)
	require.Equal(t, []couple{{A: 2, B: 1}}, pairs)
	value, err := runtime.First[int](ctx, db, "SELECT 7")
	require.NoError(t, err)
	require.Equal(t, 7, *value)

	_, err = runtime.Value[int](ctx, db, "SELECT 1 WHERE false")
	require.ErrorIs(t, err, runtime.ErrNoRows)
	require.ErrorIs(t, err, sql.ErrNoRows)
}

func TestHandWrittenMistakes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	type user struct {
		ID   int
		Name string
	}
	read := func(f func() error) func() error { return f }
	rows := func(query string) func() error {
		return read(func() error { _, err := runtime.All[user](ctx, db, query); return err })
	}
	tests := []struct {
		name    string
		run     func() error
		message string
		column  string
	}{
		{
			"a misspelt column", rows("SELECT 1 AS id, 'a' AS nme"),
			`query: the result does not fit runtime_test.user: column "nme" has no field (the nearest is Name), ` +
				`field Name has no column (the nearest is "nme"); db:"-" leaves a field out`, "",
		},
		{
			"found without a row", rows("SELECT 1 AS id, 'a' AS nme WHERE false"),
			`query: the result does not fit runtime_test.user: column "nme" has no field (the nearest is Name), ` +
				`field Name has no column (the nearest is "nme"); db:"-" leaves a field out`, "",
		},
		{
			"the same column twice", rows("SELECT 1 AS id, 2 AS id, 'a' AS name"),
			`query: two columns of the result are called "id": name one of them otherwise, with AS`, "",
		},
		{
			"the same column twice in a map",
			func() error {
				_, err := runtime.All[map[string]any](ctx, db, "SELECT 1 AS id, 2 AS id")
				return err
			},
			`query: two columns of the result are called "id": name one of them otherwise, with AS`, "",
		},
		{
			"NULL into a field", rows("SELECT 1 AS id, NULL::text AS name"),
			`query: column "name": NULL does not fit string, use *string: cannot scan NULL into *string`, "name",
		},
		{
			"NULL into a value",
			func() error { _, err := runtime.Value[int](ctx, db, "SELECT NULL::int4 AS n"); return err },
			`query: column "n": NULL does not fit int, use *int: cannot scan NULL into *int`, "n",
		},
		{
			"another type", rows("SELECT now() AS id, 'a' AS name"),
			`query: column "id": cannot scan timestamptz (OID 1184) in binary format into *int`, "id",
		},
		{
			"a number that is too large",
			func() error { _, err := runtime.Value[int8](ctx, db, "SELECT 300 AS n"); return err },
			`query: column "n": 300 is greater than maximum value for int8`, "n",
		},
		{
			"a value of two columns",
			func() error {
				_, err := runtime.Value[int](ctx, db, "SELECT 1 AS a, 2 AS b")
				return err
			},
			"query: one value of type int is asked for, the result has 2 columns: a, b", "",
		},
		{
			"a scalar of two columns",
			func() error { _, err := runtime.All[time.Time](ctx, db, "SELECT 1 AS a, 2 AS b"); return err },
			"query: one value of type time.Time is asked for, the result has 2 columns: a, b", "",
		},
		{"no columns", rows("CREATE TABLE x ()"), "query: the statement returns no columns: use Exec, or add RETURNING", ""},
		{
			"no column for a value",
			func() error { _, err := runtime.Value[int](ctx, db, "DROP TABLE x"); return err },
			"query: the statement returns no columns: use Exec, or add RETURNING", "",
		},
		{
			"the wrong number of arguments",
			func() error { _, err := runtime.All[int](ctx, db, "SELECT $1::int4"); return err },
			"query: expected 1 arguments, got 0", "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.run()
			require.EqualError(t, err, test.message)
			var e *runtime.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, runtime.OpQuery, e.Op)
			require.Equal(t, test.column, e.Column)
			require.Empty(t, e.Query)
			require.Zero(t, db.Stat().AcquiredConns())
		})
	}
}

func TestIter(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	rows := runtime.Iter[int](ctx, db, "SELECT 12 / (5 - i) FROM generate_series(1, 10) AS i")
	for range 2 { // a sequence can be used again
		var got []int
		var last error
		for n, err := range rows {
			require.NoError(t, last, "the error comes last")
			if last = err; err != nil {
				require.Zero(t, n)
				continue
			}
			got = append(got, n)
		}
		require.Equal(t, []int{3, 4, 6, 12}, got)
		requirePgError(t, last, "", "22012")
		require.Zero(t, db.Stat().AcquiredConns())
	}
	for n, err := range rows {
		require.NoError(t, err)
		require.Equal(t, 3, n)
		require.Equal(t, int32(1), db.Stat().AcquiredConns())
		break
	}
	require.Zero(t, db.Stat().AcquiredConns())
	require.PanicsWithValue(t, "oh", func() {
		for range rows {
			panic("oh")
		}
	})
	require.Zero(t, db.Stat().AcquiredConns())
	calls := 0
	for _, err := range runtime.Iter[int](ctx, db, "SELEC") {
		requirePgError(t, err, "", "42601")
		calls++
	}
	require.Equal(t, 1, calls)
	// Nothing of a row is left in the next one.
	var docs []document
	for doc, err := range runtime.Iter[struct{ Doc document }](ctx, db, `SELECT doc FROM (VALUES ('{"tags": ["a"]}'::json), ('{}')) v(doc)`) {
		require.NoError(t, err)
		docs = append(docs, doc.Doc)
	}
	require.Equal(t, []document{{Tags: []string{"a"}}, {}}, docs)

	// A timeout holds.
	for _, err := range runtime.Iter[string](runtime.WithTimeout(ctx, 50*time.Millisecond), db, "SELECT pg_sleep(60)::text") {
		require.ErrorIs(t, err, runtime.ErrTimeout)
	}

	// Leaving does not wait for the rest, and the connection can be used.
	start := time.Now()
	for range 3 {
		for n, err := range runtime.Iter[int](ctx, db, "SELECT generate_series(1, 1000000000)") {
			require.NoError(t, err)
			if n == 10 {
				break
			}
		}
	}
	require.Less(t, time.Since(start), 10*time.Second)
	requireReleased(t, db)

	// Through a cursor, other statements can run in between.
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		sum := 0
		for row, err := range runtime.Iter[struct{ N int }](runtime.WithFetchSize(ctx, 3), tx, "SELECT generate_series(1, @n::int4) AS n", pgx.NamedArgs{"n": 10}) {
			require.NoError(t, err)
			n, err := runtime.Value[int](ctx, tx, "SELECT $1::int4", row.N)
			require.NoError(t, err)
			sum += n
		}
		require.Equal(t, 55, sum)
		return nil
	}))
	for _, err := range runtime.Iter[struct{ N int }](runtime.WithFetchSize(ctx, 3), db, "SELECT 1 AS n, 2 AS m") {
		require.EqualError(t, err, `query: the result does not fit struct { N int }: column "m" has no field (the nearest is N, which has column "n")`)
	}
	requireReleased(t, db)

	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	var last error
	for _, err := range runtime.Iter[string](cancelled, db, "SELECT repeat('x', 1000) FROM generate_series(1, 1000000)") {
		last = err
		cancel()
	}
	require.ErrorIs(t, last, context.Canceled)
}

func TestExecMany(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, j := tracedPool(t)
	_, all := numbers(t, db)
	const insert = "INSERT INTO n VALUES ($1)"
	sequence := func(from, to int) iter.Seq[[]any] {
		return func(yield func([]any) bool) {
			for i := from; i <= to && yield([]any{i}); i++ {
			}
		}
	}
	n, err := runtime.ExecMany(ctx, db, insert, sequence(1, 2500))
	require.NoError(t, err)
	require.Equal(t, int64(2500), n)
	require.Len(t, all(), 2500)

	// What was sent before the batch that fails, stays.
	_, err = runtime.Exec(ctx, db, "DELETE FROM n WHERE n <> 1900")
	require.NoError(t, err)
	n, err = runtime.ExecMany(ctx, db, insert, sequence(1, 2500))
	requirePgError(t, err, "", "23505")
	require.ErrorContains(t, err, "batch: row 1900: ERROR: duplicate key")
	require.Equal(t, int64(1000), n)
	require.Len(t, all(), 1001)
	constraint, ok := runtime.UniqueViolation(err)
	require.True(t, ok)
	require.Equal(t, "n_pkey", constraint)

	// In a transaction nothing does.
	_, err = runtime.Exec(ctx, db, "DELETE FROM n WHERE n <> 1900")
	require.NoError(t, err)
	err = runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := runtime.ExecMany(ctx, tx, insert, sequence(1, 2500))
		return err
	})
	requirePgError(t, err, "", "23505")
	require.Equal(t, []int32{1900}, all())

	// Nothing sends nothing.
	j.take()
	n, err = runtime.ExecMany(ctx, db, insert, [][]any{})
	require.NoError(t, err)
	require.Zero(t, n)
	n, err = runtime.ExecMany(ctx, db, insert, maps.Values(map[int][]any{}))
	require.NoError(t, err)
	require.Zero(t, n)
	require.Zero(t, db.Stat().AcquiredConns())

	// An argument that cannot be sent may be any row's of its batch.
	_, err = runtime.ExecMany(ctx, db, insert, [][]any{{3000}, {struct{}{}}, {3001}})
	require.ErrorContains(t, err, "batch: rows 1 to 3: ")
	_, err = runtime.ExecMany(ctx, db, insert, [][]any{{struct{}{}}})
	require.ErrorContains(t, err, "batch: row 1: ")
	require.Equal(t, []int32{1900}, all())
	requireReleased(t, db)

	// A sequence that panics leaves nothing behind.
	require.PanicsWithValue(t, "oh", func() {
		_, _ = runtime.ExecMany(ctx, db, insert, iter.Seq[[]any](func(yield func([]any) bool) {
			yield([]any{1})
			panic("oh")
		}))
	})
	require.Equal(t, []int32{1900}, all())

	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = runtime.ExecMany(cancelled, db, insert, [][]any{{1}})
	require.ErrorIs(t, err, context.Canceled)
}

// batches counts what a BatchSender is given.
type batches struct {
	runtime.BatchSender
	lengths []int
}

func (b *batches) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	b.lengths = append(b.lengths, batch.Len())
	return b.BatchSender.SendBatch(ctx, batch)
}

func TestExecManyBatches(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := &batches{BatchSender: connect(t)}
	rows := func(n int, args ...any) [][]any { return slices.Repeat([][]any{args}, n) }
	big := strings.Repeat("x", 1<<20)
	tests := []struct {
		name string
		rows [][]any
		want []int
	}{
		{"one row", rows(1, "x"), []int{1}},
		{"a batch", rows(1000, "x"), []int{1000}},
		{"more", rows(2001, "x"), []int{1000, 1000, 1}},
		{"large strings", rows(9, big), []int{4, 4, 1}},
		{"large bytes", rows(5, []byte(big)), []int{4, 1}},
	}
	for _, test := range tests {
		db.lengths = nil
		n, err := runtime.ExecMany(ctx, db, "SELECT length($1::text)", test.rows)
		require.NoError(t, err, test.name)
		require.Equal(t, int64(len(test.rows)), n, test.name)
		require.Equal(t, test.want, db.lengths, test.name)
	}
}

func TestHandWrittenThroughClientAndTransaction(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	client := runtime.NewClient(pool(t))
	t.Cleanup(client.Close)
	type total struct{ Sum int64 }
	run := func(db runtime.DB) error {
		_, err := runtime.Exec(ctx, db, "CREATE TABLE n (n int4)")
		if err != nil {
			return err
		}
		n, err := runtime.ExecMany(ctx, db, "INSERT INTO n VALUES ($1)", [][]any{{1}, {2}, {3}})
		if err != nil {
			return err
		}
		require.Equal(t, int64(3), n)
		sum, err := runtime.One[total](ctx, db, "SELECT sum(n) FROM n")
		require.Equal(t, int64(6), sum.Sum)
		for n, err := range runtime.Iter[int](ctx, db, "SELECT n FROM n ORDER BY n") {
			require.NoError(t, err)
			require.Equal(t, 1, n)
			break
		}
		_, nulls := runtime.One[total](ctx, db, "SELECT NULL::int8 AS sum")
		var e *runtime.Error
		require.ErrorAs(t, nulls, &e)
		require.Equal(t, "sum", e.Column)
		return err
	}
	mine := errors.New("mine")
	require.Same(t, mine, client.InTx(ctx, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		require.NoError(t, run(tx))
		return mine
	}))
	require.NoError(t, run(client))
	require.Zero(t, client.Stats().AcquiredConns())
}
