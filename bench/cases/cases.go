// Package cases is the work that generated code is measured at, beside the same work written by hand.
//
// A case has the works as functions of a number of rows, so that a test can run it with few and the measurement with many.
// All run on one connection of one database, in turns. Nothing is kept that a case does not need: what is alive in the
// process, the garbage collector marks again for all that the works throw away.
package cases

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/bench/client"
	"github.com/pgwright/pgwright/bench/hand"
	"github.com/pgwright/pgwright/bench/item"
	"github.com/pgwright/pgwright/bench/measure"
)

// Case is one comparison.
type Case struct {
	Name string
	// Works makes the works, with what they need: generated code, code written by hand, and, where there is one, the floor:
	// the least that any client has to do.
	Works func() []measure.Work
}

// The indexes of [Case.Works].
const (
	Generated = iota
	ByHand
	Floor
)

// Names of the works.
const (
	GeneratedName = "pgwright"
	ByHandName    = "pgx by hand"
)

// Sizes say how much work each Run does.
type Sizes struct {
	// Rows is how many rows are read into a slice, streamed or copied.
	Rows int
	// Calls is how many single rows are read. Twice as many are inserted, in batches.
	Calls int
}

// BatchSize is how many inserts a batch has.
const BatchSize = 100

// Set makes the cases on a database.
type Set struct {
	conn  *pgx.Conn
	q     *client.Queries
	sizes Sizes
	sum   item.Sum
	quick item.Sum
}

// New connects to a database that has at least as many items as sizes asks for.
func New(ctx context.Context, url string, sizes Sizes) (*Set, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &Set{
		conn: conn, q: client.New(conn), sizes: sizes,
		sum: item.Of(item.Make(sizes.Rows)), quick: item.QuickOf(sizes.Rows),
	}, nil
}

// Close closes the connection.
func (s *Set) Close(ctx context.Context) error { return s.conn.Close(ctx) }

// All returns the cases.
func (s *Set) All() []Case {
	return []Case{
		{"many, wide", s.manyWide},
		{"many, narrow", s.manyNarrow},
		{"stream, wide", s.stream},
		{"one row by primary key", s.one},
		{"COPY in", s.copy},
		{fmt.Sprintf("batch of %d inserts", BatchSize), s.batch},
	}
}

// manyWide reads rows of twelve columns into a slice.
func (s *Set) manyWide() []measure.Work {
	var generated []client.Item
	var byHand []item.Item
	return []measure.Work{
		{
			Name: GeneratedName, Rows: s.sizes.Rows,
			Prepare: func(context.Context) error { generated = nil; return nil },
			Run: func(ctx context.Context) (err error) {
				generated, err = s.q.ListItems(ctx, int64(s.sizes.Rows))
				return err
			},
			Check: func(context.Context) error {
				var sum item.Sum
				for i := range generated {
					v := item.Item(generated[i])
					sum.Add(&v)
				}
				generated = nil
				return sum.Check(s.sum)
			},
		},
		{
			Name: ByHandName, Rows: s.sizes.Rows,
			Run: func(ctx context.Context) (err error) {
				byHand, err = hand.List(ctx, s.conn, int64(s.sizes.Rows))
				return err
			},
			Check: func(context.Context) error {
				sum := item.Of(byHand)
				byHand = nil
				return sum.Check(s.sum)
			},
		},
	}
}

// manyNarrow reads rows of two columns into a slice.
func (s *Set) manyNarrow() []measure.Work {
	var want item.Sum
	for _, v := range item.Make(s.sizes.Rows) {
		want.Quick(v.ID)
		want.AddText(v.Name)
	}
	var generated []client.ListNamesRow
	var byHand []hand.Name
	return []measure.Work{
		{
			Name: GeneratedName, Rows: s.sizes.Rows,
			Run: func(ctx context.Context) (err error) {
				generated, err = s.q.ListNames(ctx, int64(s.sizes.Rows))
				return err
			},
			Check: func(context.Context) error {
				var sum item.Sum
				for _, v := range generated {
					sum.Quick(v.ID)
					sum.AddText(v.Name)
				}
				generated = nil
				return sum.Check(want)
			},
		},
		{
			Name: ByHandName, Rows: s.sizes.Rows,
			Run: func(ctx context.Context) (err error) {
				byHand, err = hand.Names(ctx, s.conn, int64(s.sizes.Rows))
				return err
			},
			Check: func(context.Context) error {
				var sum item.Sum
				for _, v := range byHand {
					sum.Quick(v.ID)
					sum.AddText(v.Name)
				}
				byHand = nil
				return sum.Check(want)
			},
		},
	}
}

// stream reads rows of twelve columns one by one. The floor takes them off the connection and decodes none.
func (s *Set) stream() []measure.Work {
	most := int64(s.sizes.Rows)
	var sum item.Sum
	reset := func(context.Context) error { sum = item.Sum{}; return nil }
	check := func(context.Context) error { return sum.Check(s.quick) }
	return []measure.Work{
		{
			Name: GeneratedName, Rows: s.sizes.Rows, Prepare: reset, Check: check,
			Run: func(ctx context.Context) error {
				for v, err := range s.q.StreamItems(ctx, most) {
					if err != nil {
						return err
					}
					sum.Quick(v.ID)
				}
				return nil
			},
			Verify: func(ctx context.Context) error {
				var sum item.Sum
				for v, err := range s.q.StreamItems(ctx, most) {
					if err != nil {
						return err
					}
					w := item.Item(v)
					sum.Add(&w)
				}
				return sum.Check(s.sum)
			},
		},
		{
			Name: ByHandName, Rows: s.sizes.Rows, Prepare: reset, Check: check,
			Run: func(ctx context.Context) error {
				return hand.Stream(ctx, s.conn, most, func(v *item.Item) { sum.Quick(v.ID) })
			},
			Verify: func(ctx context.Context) error {
				var sum item.Sum
				if err := hand.Stream(ctx, s.conn, most, func(v *item.Item) { sum.Add(v) }); err != nil {
					return err
				}
				return sum.Check(s.sum)
			},
		},
		{
			Name: "drain, no decoding", Rows: s.sizes.Rows, Prepare: reset, Check: check,
			Run: func(ctx context.Context) error {
				return hand.Drain(ctx, s.conn, most, func(values [][]byte) {
					var id int64
					for _, b := range values[0] {
						id = id<<8 | int64(b)
					}
					sum.Quick(id)
				})
			},
		},
	}
}

// one reads one row by its primary key, many times.
func (s *Set) one() []measure.Work {
	var got []item.Item
	reset := func(context.Context) error { got = make([]item.Item, 0, s.sizes.Calls); return nil }
	id := func(call int) int64 { return int64(call*7919%s.sizes.Rows) + 1 }
	want := item.Sum{}
	items := item.Make(s.sizes.Rows)
	for call := range s.sizes.Calls {
		want.Add(&items[id(call)-1])
	}
	check := func(context.Context) error { return item.Of(got).Check(want) }
	return []measure.Work{
		{
			Name: GeneratedName, Rows: s.sizes.Calls, Prepare: reset, Check: check,
			Run: func(ctx context.Context) error {
				for call := range s.sizes.Calls {
					v, err := s.q.GetItem(ctx, id(call))
					if err != nil {
						return err
					}
					got = append(got, item.Item(v))
				}
				return nil
			},
		},
		{
			Name: ByHandName, Rows: s.sizes.Calls, Prepare: reset, Check: check,
			Run: func(ctx context.Context) error {
				for call := range s.sizes.Calls {
					v, err := hand.Get(ctx, s.conn, id(call))
					if err != nil {
						return err
					}
					got = append(got, v)
				}
				return nil
			},
		},
	}
}

// copy loads rows of twelve columns. The floor sends bytes that were encoded beforehand.
func (s *Set) copy() []measure.Work {
	items := item.Make(s.sizes.Rows)
	params := make([]client.CopyItemsParams, len(items))
	for i := range items {
		params[i] = client.CopyItemsParams(items[i])
	}
	var encoded []byte
	var loaded int64
	count := func(n int64, err error) error { loaded = n; return err }
	check := func(ctx context.Context) error {
		if loaded != int64(s.sizes.Rows) {
			return fmt.Errorf("%d rows loaded, not %d", loaded, s.sizes.Rows)
		}
		return s.checkLoaded(ctx, s.sizes.Rows)
	}
	return []measure.Work{
		{
			Name: GeneratedName, Rows: s.sizes.Rows, Prepare: s.truncate, Check: check,
			Run: func(ctx context.Context) error { return count(s.q.CopyItems(ctx, params)) },
		},
		{
			Name: ByHandName, Rows: s.sizes.Rows, Prepare: s.truncate, Check: check,
			Run: func(ctx context.Context) error { return count(hand.Copy(ctx, s.conn, items)) },
		},
		{
			Name: "bytes encoded beforehand", Rows: s.sizes.Rows, Check: check,
			Prepare: func(ctx context.Context) error {
				if encoded == nil {
					var b bytes.Buffer
					_, err := s.conn.PgConn().CopyTo(ctx, &b, fmt.Sprintf(
						"COPY (SELECT * FROM items WHERE id <= %d) TO STDOUT WITH (FORMAT binary)", s.sizes.Rows))
					if err != nil {
						return err
					}
					encoded = b.Bytes()
				}
				return s.truncate(ctx)
			},
			Run: func(ctx context.Context) error {
				tag, err := s.conn.PgConn().CopyFrom(ctx, onlyReader{bytes.NewReader(encoded)}, "COPY loaded FROM STDIN WITH (FORMAT binary)")
				return count(tag.RowsAffected(), err)
			},
		},
	}
}

// onlyReader hides the other methods of a reader, so that bytes are read as from any source.
type onlyReader struct{ io.Reader }

// batch sends batches of a hundred inserts.
func (s *Set) batch() []measure.Work {
	n := min(max(2*s.sizes.Calls, BatchSize), s.sizes.Rows)
	n -= n % BatchSize
	items := item.Make(n)
	params := make([]client.InsertItemsParams, n)
	for i := range params {
		params[i] = client.InsertItemsParams(items[i])
	}
	check := func(ctx context.Context) error { return s.checkLoaded(ctx, n) }
	return []measure.Work{
		{
			Name: GeneratedName, Rows: n, Prepare: s.truncate, Check: check,
			Run: func(ctx context.Context) error {
				for first := 0; first < n; first += BatchSize {
					var failed error
					s.q.InsertItems(ctx, params[first:first+BatchSize]).Exec(func(_ int, err error) {
						if err != nil {
							failed = errors.Join(failed, err)
						}
					})
					if failed != nil {
						return failed
					}
				}
				return nil
			},
		},
		{
			Name: ByHandName, Rows: n, Prepare: s.truncate, Check: check,
			Run: func(ctx context.Context) error {
				for first := 0; first < n; first += BatchSize {
					if err := hand.InsertBatch(ctx, s.conn, items[first:first+BatchSize]); err != nil {
						return err
					}
				}
				return nil
			},
		},
	}
}

func (s *Set) truncate(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, "TRUNCATE loaded")
	return err
}

// checkLoaded returns an error unless the table has exactly the first n items, as the server sees them.
func (s *Set) checkLoaded(ctx context.Context, n int) error {
	var loaded, same int
	err := s.conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM loaded), (SELECT count(*) FROM loaded l JOIN items i ON i.id = l.id
		WHERE l *= i AND i.id <= $1)`, n).Scan(&loaded, &same)
	if err != nil {
		return err
	}
	if loaded != n || same != n {
		return fmt.Errorf("%d rows were loaded, %d of them right, and %d were expected", loaded, same, n)
	}
	return nil
}
