package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

type item struct {
	ID   int64
	Name string
}

func items() *runtime.CopyStatement[item] {
	return &runtime.CopyStatement[item]{
		Name: "LoadItems", Table: []string{"public", `odd "table"`},
		Columns: []runtime.Column{{Name: "id", Type: runtime.Int8}, {Name: `odd "name"`, Type: runtime.Text}},
		Encode: func(i *item, e *runtime.Encoder) {
			e.Int8(i.ID)
			e.Text(i.Name)
		},
	}
}

// many yields n items, and then err if it is not nil.
func many(n int, err error) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		name := strings.Repeat("x", 100)
		for i := range n {
			if !yield(item{int64(i), name}, nil) {
				return
			}
		}
		if err != nil {
			yield(item{}, err)
		}
	}
}

// through is an application's DBTX: it has the methods of a connection and is
// none.
type through struct {
	*pgxpool.Pool
	calls int
}

func (w *through) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	w.calls++
	return w.Pool.CopyFrom(ctx, table, columns, rows)
}

func TestCopy(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, `CREATE TABLE "odd ""table""" (id int8 UNIQUE, "odd ""name""" text)`)
	require.NoError(t, err)
	wrapped := &through{Pool: db}
	textual := items()
	textual.Columns[1].Text = true

	requireCount := func(t *testing.T, want int) {
		t.Helper()
		var n int
		require.NoError(t, db.QueryRow(ctx, `SELECT count(*) FROM "odd ""table"""`).Scan(&n))
		require.Equal(t, want, n)
		_, err := db.Exec(ctx, `TRUNCATE "odd ""table"""`)
		require.NoError(t, err)
		require.Zero(t, db.Stat().AcquiredConns(), "connections are given back")
	}
	mine := errors.New("mine")
	ways := []struct {
		name  string
		load  *runtime.CopyStatement[item]
		db    runtime.Copier
		calls int
	}{{"binary", items(), db, 0}, {"text", textual, db, 0}, {"wrapper", items(), wrapped, 1}}
	for _, way := range ways {
		// Fewer rows than a chunk or batch, exactly one batch, and many.
		for _, n := range []int{0, 1, 63, 64, 65, 5000} {
			got, err := way.load.FromSeq(ctx, way.db, many(n, nil))
			require.NoError(t, err, way.name)
			require.Equal(t, int64(n), got, way.name)
			requireCount(t, n)

			got, err = way.load.FromSeq(ctx, way.db, runtime.WithoutError(maps.Values(map[int]item{1: {1, "a"}, 2: {2, "b"}})))
			require.NoError(t, err, way.name)
			require.Equal(t, int64(2), got, way.name)
			requireCount(t, 2)

			got, err = way.load.FromSeq(ctx, way.db, many(n, mine))
			require.ErrorIs(t, err, mine, way.name)
			require.EqualError(t, err, "LoadItems: mine")
			require.Zero(t, got)
			requireCount(t, 0)

			pointers := make([]*item, n)
			for i := range pointers {
				pointers[i] = &item{int64(i), "p"}
			}
			got, err = way.load.FromPointers(ctx, way.db, pointers)
			require.NoError(t, err, way.name)
			require.Equal(t, int64(n), got, way.name)
			requireCount(t, n)
			_, err = way.load.FromPointers(ctx, way.db, append(pointers, nil))
			require.EqualError(t, err, fmt.Sprintf("LoadItems: row %d is nil", n))
			requireCount(t, 0)

			require.PanicsWithValue(t, "oh", func() {
				_, _ = way.load.FromSeq(ctx, way.db, func(yield func(item, error) bool) {
					many(n, nil)(yield)
					panic("oh")
				})
			}, way.name)
			requireCount(t, 0)

			done := make(chan struct{})
			go func() {
				defer close(done)
				_, _ = way.load.FromSeq(ctx, way.db, func(yield func(item, error) bool) {
					many(n, nil)(yield)
					goruntime.Goexit()
				})
			}()
			<-done
			requireCount(t, 0)
		}

		// A row that the server refuses, early and late.
		for _, n := range []int{10, 20_000} {
			_, err := way.load.FromSeq(ctx, way.db, func(yield func(item, error) bool) {
				if yield(item{1, "first"}, nil) {
					many(n, nil)(yield)
				}
			})
			requirePgError(t, err, "LoadItems", "23505")
			requireCount(t, 0)
		}

		// An endless source ends when the server has refused a row.
		_, err := way.load.FromSeq(ctx, way.db, func(yield func(item, error) bool) {
			for yield(item{1, "again"}, nil) {
			}
		})
		requirePgError(t, err, "LoadItems", "23505")
		requireCount(t, 0)

		// A cancelled context, before and during.
		cancelled, cancel := context.WithCancel(ctx)
		_, err = way.load.FromSeq(cancelled, way.db, func(yield func(item, error) bool) {
			for i := int64(0); yield(item{i, "x"}, nil); i++ {
				if i == 10_000 {
					cancel()
				}
			}
		})
		require.ErrorIs(t, err, context.Canceled, way.name)
		requireCount(t, 0)
		_, err = way.load.From(cancelled, way.db, []item{{1, "a"}})
		require.ErrorIs(t, err, context.Canceled, way.name)
		requireCount(t, 0)

		// A value that cannot be written.
		bad := *way.load
		bad.Encode = func(i *item, e *runtime.Encoder) {
			e.Int8(i.ID)
			runtime.EncodeRange(e, pgtype.Range[int32]{Valid: true}, (*runtime.Encoder).Int4)
		}
		_, err = bad.FromSeq(ctx, way.db, many(3, nil))
		require.ErrorContains(t, err, `LoadItems: column "odd "name"": bound of a range has no type`)
		requireCount(t, 0)
		bad.Encode = func(i *item, e *runtime.Encoder) { e.Int8(i.ID) }
		_, err = bad.From(ctx, way.db, []item{{1, "a"}})
		require.ErrorContains(t, err, "1 values were written for 2 columns")
		requireCount(t, 0)

		missing := *way.load
		missing.Table = []string{"missing"}
		_, err = missing.From(ctx, way.db, []item{{1, "a"}})
		requirePgError(t, err, "LoadItems", "42P01")
		require.Equal(t, way.calls > 0, wrapped.calls > 0)
	}
}

func TestCopyZeroByte(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t)
	_, err := conn.Exec(ctx, `CREATE TABLE "odd ""table""" (id int8, "odd ""name""" text)`)
	require.NoError(t, err)
	textual := items()
	textual.Columns[1].Text = true
	_, err = textual.From(ctx, conn, []item{{1, "a\x00b"}})
	require.ErrorContains(t, err, "text with a zero byte")
	_, err = items().From(ctx, conn, []item{{1, "a\x00b"}})
	requirePgError(t, err, "LoadItems", "22021")
}

func TestCopyInTransactions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, `CREATE TABLE "odd ""table""" (id int8, "odd ""name""" text)`)
	require.NoError(t, err)
	load, one := items(), []item{{1, "a"}}
	count := func() (n int) {
		require.NoError(t, db.QueryRow(ctx, `SELECT count(*) FROM "odd ""table"""`).Scan(&n))
		return n
	}

	acquired, err := db.Acquire(ctx)
	require.NoError(t, err)
	defer acquired.Release()
	poolTx, err := db.Begin(ctx)
	require.NoError(t, err)
	connTx, err := acquired.Begin(ctx)
	require.NoError(t, err)
	nested, err := connTx.Begin(ctx)
	require.NoError(t, err)
	for _, tx := range []pgx.Tx{poolTx, nested, connTx} {
		n, err := load.From(ctx, tx, one)
		require.NoError(t, err, "%T", tx)
		require.Equal(t, int64(1), n)
		require.NoError(t, tx.Rollback(ctx))
		require.Zero(t, count())
		// What its connection is used for afterwards is not touched.
		_, err = load.From(ctx, tx, one)
		require.ErrorIs(t, err, pgx.ErrTxClosed, "%T", tx)
		require.Zero(t, count())
	}
	n, err := load.From(ctx, acquired, one)
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
	require.Equal(t, 1, count())

	textual := items() // which pgx's own CopyFrom cannot
	textual.Columns[1].Text = true
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		n, err := textual.FromSeq(ctx, tx, func(yield func(item, error) bool) {
			_, err := tx.Exec(ctx, "SELECT 1")
			require.ErrorContains(t, err, "another statement of this transaction has not ended")
			yield(one[0], nil)
		})
		require.Equal(t, int64(1), n)
		return err
	}))
	require.Equal(t, 2, count())
	require.Error(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := load.From(ctx, tx, one)
		require.NoError(t, err)
		_, err = tx.CopyFrom(ctx, load.Table, []string{"id"}, pgx.CopyFromRows([][]any{{int64(5)}}))
		require.NoError(t, err)
		return errors.New("no")
	}))
	require.Equal(t, 2, count())

	// A type that embeds a transaction is there to see the calls.
	tx, err := db.Begin(ctx)
	require.NoError(t, err)
	seen := &seeing{Tx: tx}
	_, err = load.From(ctx, seen, one)
	require.NoError(t, err)
	require.Equal(t, 1, seen.calls)
	require.NoError(t, tx.Rollback(ctx))

	closed, err := pgxpool.New(ctx, db.Config().ConnString())
	require.NoError(t, err)
	closed.Close()
	_, err = load.From(ctx, closed, one)
	require.ErrorContains(t, err, "LoadItems: closed pool")
}

type seeing struct {
	pgx.Tx
	calls int
}

func (s *seeing) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	s.calls++
	return s.Tx.CopyFrom(ctx, table, columns, rows)
}

// stubborn are CopyFroms that do not do what they should.
type stubborn func(pgx.CopyFromSource) (int64, error)

func (s stubborn) CopyFrom(_ context.Context, _ pgx.Identifier, _ []string, rows pgx.CopyFromSource) (int64, error) {
	return s(rows)
}

func TestCopyThroughStubbornWrappers(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	no := errors.New("no")
	_, err := items().FromSeq(ctx, stubborn(func(pgx.CopyFromSource) (int64, error) { return 0, no }), many(10_000, nil))
	require.ErrorIs(t, err, no, "it reads nothing")
	n, err := items().FromSeq(ctx, stubborn(func(pgx.CopyFromSource) (int64, error) { return 7, nil }), many(10_000, nil))
	require.NoError(t, err)
	require.Equal(t, int64(7), n, "what it says is believed")
	_, err = items().FromSeq(ctx, stubborn(func(pgx.CopyFromSource) (int64, error) {
		goruntime.Goexit()
		return 0, nil
	}), many(10_000, nil))
	require.ErrorContains(t, err, "CopyFrom did not return")
	n, err = items().FromSeq(ctx, stubborn(func(rows pgx.CopyFromSource) (int64, error) {
		if err := rows.Err(); err != nil {
			return 0, err
		}
		n := int64(0)
		for rows.Next() {
			values, err := rows.Values()
			if err != nil || len(values) != 2 {
				return 0, no
			}
			n++
		}
		if rows.Next() {
			return 0, no
		}
		return n, rows.Err()
	}), many(1000, nil))
	require.NoError(t, err)
	require.Equal(t, int64(1000), n)
}

type copyTracer struct {
	mu     sync.Mutex
	events []string
}

func (c *copyTracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}
func (c *copyTracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *copyTracer) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromStartData) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, data.TableName.Sanitize()+" "+strings.Join(data.ColumnNames, ","))
	return ctx
}

func (c *copyTracer) TraceCopyFromEnd(_ context.Context, _ *pgx.Conn, data pgx.TraceCopyFromEndData) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if data.Err != nil {
		c.events = append(c.events, "error")
		return
	}
	c.events = append(c.events, data.CommandTag.String())
}

func TestCopyIsTraced(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	config, err := pgx.ParseConfig(pgtest.New(t))
	require.NoError(t, err)
	tracer := &copyTracer{}
	config.Tracer = tracer
	conn, err := pgx.ConnectConfig(ctx, config)
	require.NoError(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `CREATE TABLE "odd ""table""" (id int8, "odd ""name""" text)`)
	require.NoError(t, err)
	_, err = items().FromSeq(ctx, conn, many(3, nil))
	require.NoError(t, err)
	_, err = items().FromSeq(ctx, conn, many(3, errors.New("no")))
	require.Error(t, err)
	start := `"public"."odd ""table""" id,odd "name"`
	require.Equal(t, []string{start, "COPY 3", start, "error"}, tracer.events)
}

// TestCopyLostConnection cuts the connection while rows are on their way.
func TestCopyLostConnection(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.New(t)
	admin, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer admin.Close(ctx)
	_, err = admin.Exec(ctx, `CREATE TABLE "odd ""table""" (id int8, "odd ""name""" text)`)
	require.NoError(t, err)
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	_, err = items().FromSeq(ctx, conn, func(yield func(item, error) bool) {
		deadline := time.Now().Add(30 * time.Second)
		for i := int64(0); time.Now().Before(deadline) && yield(item{i, "x"}, nil); i++ {
			if i == 10_000 {
				_, err := admin.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
				require.NoError(t, err)
			}
		}
	})
	require.Error(t, err)
	var pg *pgconn.PgError
	require.True(t, errors.As(err, &pg) && pg.Code == "57P01" || conn.IsClosed(), "%v", err)
	var n int
	require.NoError(t, admin.QueryRow(ctx, `SELECT count(*) FROM "odd ""table"""`).Scan(&n))
	require.Zero(t, n)
}

// TestCopyThroughWrapper copies types of the database's own, which pgx is told
// of or not.
func TestCopyThroughWrapper(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t)
	_, err := conn.Exec(ctx, userTypes+"CREATE TABLE w (v int4range, e mood, s spot, a mood[]); CREATE TABLE m (v money)")
	require.NoError(t, err)
	type shop struct {
		Range pgtype.Range[int32]
		Mood  Mood
		Spot  *Spot
		Moods []Mood
	}
	load := &runtime.CopyStatement[shop]{
		Name: "Load", Table: []string{"w"},
		Columns: []runtime.Column{
			{Name: "v", Type: runtime.Int4Range},
			{Name: "e", Type: "public.mood"},
			{Name: "s", Type: "public.spot"},
			{Name: "a", Type: "public.mood[]"},
		},
		Encode: func(s *shop, e *runtime.Encoder) {
			runtime.EncodeRange(e, s.Range, (*runtime.Encoder).Int4)
			runtime.EncodeEnum(e, s.Mood)
			runtime.EncodeNullComposite(e, s.Spot, "public.spot", (*Spot).encode)
			runtime.EncodeNullArray(e, s.Moods, "public.mood", runtime.EncodeEnum[Mood])
		},
	}
	span := pgtype.Range[int32]{Lower: 1, Upper: 3, LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true}
	plain := []shop{{Range: span, Mood: "sad"}}
	rich := []shop{{Range: span, Mood: "sad", Spot: &Spot{Name: pointer(`"x"`), Note: "n"}, Moods: []Mood{"so, so", ""}}}
	db := &wrapper{conn}
	const hint = "pgx encodes what is copied through a wrapper, and can be at fault with public.mood: " +
		"pass the pool, connection or transaction itself"
	count := func() (n int) {
		require.NoError(t, conn.QueryRow(ctx, "SELECT count(*) FROM w WHERE v = '[1,3)' AND e = 'sad'").Scan(&n))
		return n
	}

	_, err = load.From(ctx, db, plain)
	require.NoError(t, err)
	require.Equal(t, 1, count())
	_, err = load.From(ctx, db, rich)
	old := serverVersion(t, conn.Config().ConnString()) < 14
	if old {
		require.ErrorContains(t, err, hint)
	} else {
		require.NoError(t, err)
		require.Equal(t, 2, count())
	}

	types, err := conn.LoadTypes(ctx, []string{"mood", "_mood", "spot"})
	require.NoError(t, err)
	conn.TypeMap().RegisterTypes(types)
	_, err = load.From(ctx, db, rich)
	require.ErrorContains(t, err, hint)
	rich[0].Spot = nil
	_, err = load.From(ctx, db, rich)
	require.NoError(t, err)
	var text string
	require.NoError(t, conn.QueryRow(ctx, "SELECT max(a::text) FROM w").Scan(&text))
	require.Equal(t, `{"so, so",""}`, text)

	if !old {
		type multirange = pgtype.Multirange[pgtype.Range[int32]]
		_, err = conn.Exec(ctx, "CREATE TABLE r (v int4multirange)")
		require.NoError(t, err)
		ranges := &runtime.CopyStatement[multirange]{
			Name: "Load", Table: []string{"r"}, Columns: []runtime.Column{{Name: "v", Type: runtime.Int4Multirange}},
			Encode: func(v *multirange, e *runtime.Encoder) { runtime.EncodeMultirange(e, *v, (*runtime.Encoder).Int4) },
		}
		_, err = ranges.From(ctx, db, []multirange{{span}, {}})
		require.NoError(t, err)
		require.NoError(t, conn.QueryRow(ctx, "SELECT string_agg(v::text, ' ' ORDER BY v) FROM r").Scan(&text))
		require.Equal(t, "{} {[1,3)}", text)
	}

	// Eight bytes of text would be taken for the eight bytes of a money.
	money := &runtime.CopyStatement[string]{
		Name: "Load", Table: []string{"m"}, Columns: []runtime.Column{{Name: "v", Type: runtime.Money}},
		Encode: func(s *string, e *runtime.Encoder) { e.Text(*s) },
	}
	_, err = money.From(ctx, db, []string{"12345.67"})
	require.EqualError(t, err, `Load: column "v": pgx, which encodes what is copied through a wrapper, cannot encode money: `+
		"pass the pool, connection or transaction itself")
	money.Columns[0] = runtime.Column{Name: "v", Type: "public.cash", Text: true}
	_, err = money.From(ctx, db, []string{"12345.67"})
	require.ErrorContains(t, err, "cannot encode public.cash")
}

// TestCopyNewOIDs has a type that is dropped and created anew.
func TestCopyNewOIDs(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t)
	load := &runtime.CopyStatement[[]Mood]{
		Name: "Load", Table: []string{"t"}, Columns: []runtime.Column{{Name: "a", Type: "public.mood[]"}},
		Encode: func(v *[]Mood, e *runtime.Encoder) {
			runtime.EncodeArray(e, *v, "public.mood", runtime.EncodeEnum[Mood])
		},
	}
	const create = "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (a mood[])"
	for _, sql := range []string{create, "DROP TABLE t; DROP TYPE mood;" + create} {
		_, err := conn.Exec(ctx, sql)
		require.NoError(t, err)
		_, err = load.From(ctx, conn, [][]Mood{{"sad"}})
		require.NoError(t, err)
	}
}

// A slice is encoded where pgx reads it: whatever goes wrong there is the
// caller's to know, the table stays as it was, and the connection serves on.
func TestCopySliceFails(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := pgx.Connect(ctx, pgtest.Schema(t, `create table "odd ""table""" (id bigint primary key, "odd ""name""" text not null)`))
	require.NoError(t, err)
	defer db.Close(ctx)
	requireEmpty := func() {
		t.Helper()
		var n int
		require.NoError(t, db.QueryRow(ctx, `select count(*) from "odd ""table"""`).Scan(&n))
		require.Zero(t, n)
	}
	rows := make([]item, 50_000)
	for i := range rows {
		rows[i] = item{int64(i), "name"}
	}
	for _, at := range []int64{0, 1, 40_000, 49_999} {
		broken := items()
		broken.Encode = func(v *item, e *runtime.Encoder) {
			if v.ID == at {
				panic("oh")
			}
			e.Int8(v.ID)
			e.Text(v.Name)
		}
		require.PanicsWithValue(t, "oh", func() { _, _ = broken.From(ctx, db, rows) })
		requireEmpty()

		broken.Encode = func(v *item, e *runtime.Encoder) {
			e.Int8(v.ID)
			if v.ID != at {
				e.Text(v.Name)
			}
		}
		_, err := broken.From(ctx, db, rows)
		require.ErrorContains(t, err, "1 values were written for 2 columns")
		requireEmpty()

		// The server refuses it.
		twice := append([]item{{at, "first"}}, rows...)
		_, err = items().From(ctx, db, twice)
		requirePgError(t, err, "LoadItems", "23505")
		requireEmpty()
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = items().From(ended, db, rows)
	require.ErrorIs(t, err, context.Canceled)

	n, err := items().From(ctx, db, rows)
	require.NoError(t, err)
	require.Equal(t, int64(len(rows)), n)
	var sum int64
	require.NoError(t, db.QueryRow(ctx, `select sum(id) from "odd ""table""" where "odd ""name""" = 'name'`).Scan(&sum))
	require.Equal(t, int64(50_000)*49_999/2, sum)

	// The connection goes away in the midst: nobody touches the rows any more
	// once the call has returned.
	broken := items()
	broken.Encode = func(v *item, e *runtime.Encoder) {
		if v.ID == 60_000 {
			require.NoError(t, db.PgConn().Conn().Close())
		}
		e.Int8(v.ID)
		e.Text(v.Name)
	}
	for i := range rows {
		rows[i].ID += 50_000
	}
	_, err = broken.From(ctx, db, rows)
	require.Error(t, err)
	clear(rows) // a race if they were still being read
}

// TestCopySizes copies rows of all sizes beside those of a message, with values whose memory has been used before.
func TestCopySizes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	type sized struct {
		ID      uint32
		Name    string
		Skipped *int32
	}
	s := &runtime.CopyStatement[sized]{
		Name: "LoadSized", Table: []string{"sized"},
		Columns: []runtime.Column{
			{Name: "name", Type: runtime.Text}, {Name: "id", Type: runtime.OID}, {Name: "skipped", Type: runtime.Int4},
		},
		Encode: func(v *sized, e *runtime.Encoder) {
			e.Text(v.Name)
			e.OID(v.ID)
			e.NullInt4(v.Skipped)
		},
	}
	const message = 65531
	tests := []struct {
		name string
		rows int
		// size is the length of a row's name.
		size func(row int) int
	}{
		{"none", 0, nil},
		{"empty", 10_000, func(int) int { return 0 }},
		{"small", 10_000, func(int) int { return 30 }},
		{"growing", 2_000, func(row int) int { return row }},
		{"shrinking", 2_000, func(row int) int { return 2_000 - row }},
		{"an eighth of a message", 100, func(row int) int { return message/8 - 50 + row }},
		{"a message", 100, func(row int) int { return message - 50 + row }},
		{"now and then more than a message", 1_000, func(row int) int { return row % 100 / 99 * 200_000 }},
		{"one large row first", 1_000, func(row int) int { return max(0, 1-row) * 1_000_000 }},
		{"one large row last", 1_000, func(row int) int { return row / 999 * 1_000_000 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			conn, err := pgx.Connect(ctx, pgtest.Schema(t, "CREATE TABLE sized (id oid, name text, skipped integer)"))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, conn.Close(ctx)) })
			rows, sum := make([]sized, test.rows), 0
			for i := range rows {
				rows[i] = sized{ID: uint32(i), Name: strings.Repeat("n", test.size(i))}
				sum += test.size(i)
			}
			check := func(n int64, err error) {
				t.Helper()
				require.NoError(t, err)
				require.EqualValues(t, test.rows, n)
				var count, ids, size, wrong int
				require.NoError(t, conn.QueryRow(ctx, `SELECT count(*), count(DISTINCT id), coalesce(sum(length(name)), 0),
					count(*) FILTER (WHERE name ~ '[^n]' OR skipped IS NOT NULL OR id >= $1) FROM sized`, uint32(test.rows)).
					Scan(&count, &ids, &size, &wrong))
				require.Equal(t, []int{test.rows, test.rows, sum, 0}, []int{count, ids, size, wrong})
				_, err = conn.Exec(ctx, "TRUNCATE sized")
				require.NoError(t, err)
			}
			check(s.From(ctx, conn, rows))
			check(s.FromSeq(ctx, conn, func(yield func(sized, error) bool) {
				for _, row := range rows {
					if !yield(row, nil) {
						return
					}
				}
			}))
		})
	}
}
