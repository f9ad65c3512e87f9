package peers

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pgwright/pgwright/bench/item"
	"github.com/pgwright/pgwright/bench/measure"
)

// Sizes say how much work each Run does.
type Sizes struct {
	// Rows is how many rows are many.
	Rows int
	// Calls is how many single rows are read, written and changed.
	Calls int
}

// Few is how many rows are few.
const Few = 100

// Job is one work for all peers.
type Job struct {
	Name string
	// Copies is true of the job that not all peers do with COPY.
	Copies bool
	// Works are those of the peers, in the order of All.
	Works []measure.Work
}

// Jobs has the connections of all peers.
type Jobs struct {
	conn    *pgx.Conn // of the checks
	clients []Client
	tapes   []*tape // of the clients
	sizes   Sizes
	items   []item.Item
}

// Open connects all peers to a database that has at least as many items as sizes asks for.
func Open(ctx context.Context, url string, sizes Sizes) (_ *Jobs, err error) {
	j := &Jobs{sizes: sizes, items: item.Make(sizes.Rows)}
	defer func() {
		if err != nil {
			err = errors.Join(err, j.Close(ctx))
		}
	}()
	if j.conn, err = pgx.Connect(ctx, url); err != nil {
		return nil, err
	}
	for _, p := range All() {
		t := newTape()
		c, err := p.Open(t.context(ctx), url)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.Name, err)
		}
		j.tapes = append(j.tapes, t)
		c.Take(item.Make(sizes.Rows)) // of its own, since an ORM may write to what it is given
		j.clients = append(j.clients, c)
	}
	return j, nil
}

// Close closes all connections.
func (j *Jobs) Close(ctx context.Context) error {
	var errs []error
	for _, c := range j.clients {
		errs = append(errs, c.Close())
	}
	if j.conn != nil {
		errs = append(errs, j.conn.Close(ctx))
	}
	return errors.Join(errs...)
}

// All returns the jobs.
func (j *Jobs) All() []Job {
	calls, rows := j.sizes.Calls, j.sizes.Rows
	id := func(call int) int64 { return int64(call*7919%rows) + 1 }
	return []Job{
		j.job("read one row", calls, func(c Client) measure.Work {
			return measure.Work{
				Run: func(ctx context.Context) error {
					for call := range calls {
						if err := c.Get(ctx, id(call)); err != nil {
							return err
						}
					}
					return nil
				},
				Check: j.checkRead(c, j.items[id(calls-1)-1:id(calls-1)], false),
			}
		}),
		j.job(fmt.Sprintf("read %d rows", Few), Few, func(c Client) measure.Work {
			return measure.Work{
				Run:   func(ctx context.Context) error { return c.List(ctx, Few) },
				Check: j.checkRead(c, j.items[:Few], false),
			}
		}),
		j.job(fmt.Sprintf("read %d rows", rows), rows, func(c Client) measure.Work {
			return measure.Work{
				Run:   func(ctx context.Context) error { return c.List(ctx, int64(rows)) },
				Check: j.checkRead(c, j.items, false),
			}
		}),
		j.job(fmt.Sprintf("join, %d rows", rows), rows, func(c Client) measure.Work {
			return measure.Work{
				Run:   func(ctx context.Context) error { return c.Join(ctx, int64(rows)) },
				Check: j.checkRead(c, j.items, true),
			}
		}),
		j.job("insert one row", calls, func(c Client) measure.Work {
			return measure.Work{
				Prepare: j.truncate,
				Run: func(ctx context.Context) error {
					for call := range calls {
						if err := c.Insert(ctx, call); err != nil {
							return err
						}
					}
					return nil
				},
				Check: j.checkLoaded("l.*::text = i.*::text", calls),
			}
		}),
		j.job(fmt.Sprintf("insert %d rows", Few), Few, func(c Client) measure.Work {
			return measure.Work{
				Prepare: j.truncate,
				Run:     func(ctx context.Context) error { return c.InsertMany(ctx, Few) },
				Check:   j.checkLoaded("l.*::text = i.*::text", Few),
			}
		}),
		j.copies(j.job(fmt.Sprintf("copy %d rows in", rows), rows, func(c Client) measure.Work {
			return measure.Work{Prepare: j.truncate, Run: c.Copy, Check: j.checkLoaded("l.*::text = i.*::text", rows)}
		})),
		j.job("update one row", calls, func(c Client) measure.Work {
			return measure.Work{
				Prepare: func(ctx context.Context) error { return j.load(ctx, calls) },
				Run: func(ctx context.Context) error {
					for call := range calls {
						n, err := c.Update(ctx, int64(call+1), int32(call), "changed")
						if err != nil {
							return err
						}
						if n != 1 {
							return fmt.Errorf("%d rows were updated, not 1", n)
						}
					}
					return nil
				},
				Check: j.checkLoaded("l.quantity = i.id - 1 AND l.note = 'changed' AND l.name = i.name", calls),
			}
		}),
	}
}

// Alone returns jobs of one call, over and over, on connections that play the server's answers: what it costs is what the
// client itself computes.
func (j *Jobs) Alone() []Job {
	insert := j.checkLoaded("l.*::text = i.*::text", 1)
	return []Job{
		j.alone("read one row", 1, nil, func(ctx context.Context, c Client) error { return c.Get(ctx, 1) },
			func(c Client) func(context.Context) error { return j.checkRead(c, j.items[:1], false) }),
		j.alone("insert one row", 1, j.truncate, func(ctx context.Context, c Client) error { return c.Insert(ctx, 0) },
			func(Client) func(context.Context) error { return insert }),
		j.alone(fmt.Sprintf("insert %d rows", Few), Few, j.truncate, func(ctx context.Context, c Client) error { return c.InsertMany(ctx, Few) },
			func(Client) func(context.Context) error { return j.checkLoaded("l.*::text = i.*::text", Few) }),
		j.alone("update one row", 1, func(ctx context.Context) error { return j.load(ctx, 1) }, func(ctx context.Context, c Client) error {
			n, err := c.Update(ctx, 1, 0, "changed")
			if err == nil && n != 1 {
				err = fmt.Errorf("%d rows were updated, not 1", n)
			}
			return err
		}, func(Client) func(context.Context) error {
			return j.checkLoaded("l.quantity = i.id - 1 AND l.note = 'changed' AND l.name = i.name", 1)
		}),
	}
}

// alone is a job of a call that writes or reads so many rows. What the server was asked is checked where it is recorded,
// with what the call has read or written there; the calls that are measured get the same answers.
func (j *Jobs) alone(name string, rows int, prepare func(context.Context) error, call func(context.Context, Client) error,
	check func(Client) func(context.Context) error,
) Job {
	calls := max(1, j.sizes.Calls/rows)
	next := 0
	return j.job(name, calls*rows, func(c Client) measure.Work {
		t := j.tapes[next]
		next++
		check := check(c)
		real := func(ctx context.Context) error {
			if prepare != nil {
				if err := prepare(ctx); err != nil {
					return err
				}
			}
			return call(ctx, c)
		}
		return measure.Work{
			Prepare: func(ctx context.Context) error {
				for range 2 { // the first one prepares statements
					if err := real(ctx); err != nil {
						return err
					}
				}
				if prepare != nil {
					if err := prepare(ctx); err != nil {
						return err
					}
				}
				if err := t.record(); err != nil {
					return err
				}
				if err := call(ctx, c); err != nil {
					return err
				}
				if err := check(ctx); err != nil {
					return err
				}
				return t.play()
			},
			Run: func(ctx context.Context) error {
				for range calls {
					if err := call(ctx, c); err != nil {
						return err
					}
				}
				return nil
			},
			Check: func(ctx context.Context) error {
				if err := t.stop(calls); err != nil {
					return err
				}
				return check(ctx)
			},
		}
	})
}

func (j *Jobs) job(name string, rows int, work func(Client) measure.Work) Job {
	job := Job{Name: name}
	for i, p := range All() {
		w := work(j.clients[i])
		w.Name, w.Rows = p.Name, rows
		job.Works = append(job.Works, w)
	}
	return job
}

func (*Jobs) copies(job Job) Job {
	job.Copies = true
	return job
}

func (j *Jobs) truncate(ctx context.Context) error {
	_, err := j.conn.Exec(ctx, "TRUNCATE loaded")
	return err
}

// load makes the table loaded hold the first n items.
func (j *Jobs) load(ctx context.Context, n int) error {
	if err := j.truncate(ctx); err != nil {
		return err
	}
	_, err := j.conn.Exec(ctx, "INSERT INTO loaded SELECT * FROM items WHERE id <= $1", n)
	return err
}

// checkRead compares what a client has read with the rows that it should have.
func (*Jobs) checkRead(c Client, want []item.Item, joined bool) func(context.Context) error {
	sum := item.Of(want)
	if joined {
		for i := range want {
			sum.AddText(item.Owner(want[i].OwnerID))
		}
	}
	return func(context.Context) error {
		items, owners := c.Read()
		got := item.Of(items)
		for _, owner := range owners {
			got.AddText(owner)
		}
		return got.Check(sum)
	}
}

// checkLoaded returns a check that the table loaded has n rows, and that a condition is true of each and its item.
func (j *Jobs) checkLoaded(condition string, n int) func(context.Context) error {
	return func(ctx context.Context) error {
		var loaded, right int
		err := j.conn.QueryRow(ctx, "SELECT (SELECT count(*) FROM loaded), (SELECT count(*) FROM loaded l JOIN items i ON i.id = l.id WHERE i.id <= $1 AND "+
			condition+")", n).Scan(&loaded, &right)
		if err != nil {
			return err
		}
		if loaded != n || right != n {
			return fmt.Errorf("%d rows were written, %d of them right, and %d were expected", loaded, right, n)
		}
		return nil
	}
}
