package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// CopyFrom loads the data that r yields, in the format that the options say,
// into a table with COPY FROM STDIN, and returns the number of rows.
//
// The table's name is quoted as an identifier and can have its schema in front:
// public.orders. It is taken as it is, case included; a part with a dot is put
// in double quotes, and a quote in it is doubled, as Sanitize of
// [pgx.Identifier] does. Nothing in it nor in the options can become SQL.
//
// Either all rows are loaded or none: an error of r, data that the server
// refuses, the end of ctx or a panic of r leave the table as it was. The
// connection can be used afterwards; a transaction is aborted, as by any
// statement that fails. An [*Error] says the line and column that the server
// names. r is read in the goroutine of the caller, about 64 kB at a time, and a
// Read that blocks is not interrupted.
//
// db is a pool, a connection or a transaction of pgx, a [*Client] or a [*Tx].
// An application's own type has no method that data could go through, and is
// refused.
func CopyFrom(ctx context.Context, db Copier, table string, r io.Reader, o CopyOptions) (int64, error) {
	return copyData(ctx, db, true, func(ctx context.Context, conn *pgx.Conn) (int64, error) {
		name, err := tableName(table)
		if err != nil {
			return 0, err
		}
		sql := newCopySQL(conn.PgConn())
		sql.identifier("table name", name...)
		if o.Columns != nil {
			sql.columns("column", o.Columns)
		}
		sql.WriteString(" from stdin")
		sql.options(&o, true)
		if sql.err != nil {
			return 0, sql.err
		}
		tracer, _ := conn.Config().Tracer.(pgx.CopyFromTracer)
		if tracer != nil {
			ctx = tracer.TraceCopyFromStart(ctx, conn, pgx.TraceCopyFromStartData{TableName: name, ColumnNames: o.Columns})
		}
		tag, err := sendData(ctx, conn.PgConn(), sql.String(), r, &o)
		if tracer != nil {
			tracer.TraceCopyFromEnd(ctx, conn, pgx.TraceCopyFromEndData{CommandTag: tag, Err: err})
		}
		return tag.RowsAffected(), copyError(err, name, o.Columns)
	})
}

// CopyQuery is a query whose result [CopyTo] writes. It is SQL of the
// application's own, and is not quoted.
type CopyQuery string

// CopyTo writes a table, or the result of a [CopyQuery], to w with COPY TO
// STDOUT, in the format that the options say, and returns the number of rows.
//
// See [CopyFrom] for the name of the table and for db. The rows of tables that
// inherit from a table, or are its partitions, need a query. w is called in the
// goroutine of the caller with about 64 kB at a time. An error of w, or a panic,
// cancels the statement, and so do the end of ctx and an error of the server;
// what w has got until then is not complete. The connection can be used
// afterwards; a transaction is aborted, as by any statement that fails.
func CopyTo[S string | CopyQuery](ctx context.Context, db Copier, source S, w io.Writer, o CopyOptions) (int64, error) {
	return copyData(ctx, db, false, func(ctx context.Context, conn *pgx.Conn) (int64, error) {
		sql := newCopySQL(conn.PgConn())
		switch source := any(source).(type) {
		case string:
			name, err := tableName(source)
			if err != nil {
				return 0, err
			}
			sql.identifier("table name", name...)
			if o.Columns != nil {
				sql.columns("column", o.Columns)
			}
		case CopyQuery:
			if o.Columns != nil {
				sql.fail(errors.New("the columns of a query are in the query"))
			}
			// A comment can be at the end.
			sql.WriteString("(" + strings.TrimRight(string(source), "; \t\r\n") + "\n)")
		}
		sql.WriteString(" to stdout")
		sql.options(&o, false)
		if sql.err != nil {
			return 0, sql.err
		}
		tracer := conn.Config().Tracer
		if tracer != nil {
			ctx = tracer.TraceQueryStart(ctx, conn, pgx.TraceQueryStartData{SQL: sql.String()})
		}
		tag, err := receiveData(ctx, conn.PgConn(), sql.String(), w, &o)
		if tracer != nil {
			tracer.TraceQueryEnd(ctx, conn, pgx.TraceQueryEndData{CommandTag: tag, Err: err})
		}
		return tag.RowsAffected(), err
	})
}

// copyData runs a COPY on the connection behind db. Every COPY of data starts
// and ends here.
func copyData(ctx context.Context, db Copier, loads bool, f func(ctx context.Context, conn *pgx.Conn) (int64, error)) (n int64, err error) {
	w := watchOf(db)
	if t, ok := db.(through); ok {
		db, _ = t.target()
	}
	err = observed(ctx, w, OpCopy, "", func(ctx context.Context) (int64, error) {
		n, err = startCopy(ctx, db, loads, func(db Copier) (int64, error) {
			conn, release, err := direct(ctx, db)
			if err != nil {
				return 0, err
			}
			if conn == nil {
				return 0, fmt.Errorf("data cannot be copied through a %T: %s", db, hintDirect)
			}
			defer release()
			n, err := f(ctx, conn)
			if err != nil {
				n = 0
			}
			return n, err
		})
		return n, err
	})
	return n, err
}

// sendData sends what r yields.
func sendData(ctx context.Context, conn *pgconn.PgConn, sql string, r io.Reader, o *CopyOptions) (pgconn.CommandTag, error) {
	c := sending{ctx: ctx, conn: conn, sql: sql}
	defer c.abandon()
	p := progress{call: o.Progress}
	var rows rowCounter
	if p.call != nil {
		rows = newRowCounter(o)
	}
	chunk := make([]byte, 0, copyChunk)
	var err error
	for err == nil && chunk != nil {
		chunk, err = fill(chunk, r)
		switch {
		case len(chunk) == 0 || err != nil && err != io.EOF:
		case rows == nil:
		default:
			p.add(rows.count(chunk), len(chunk))
		}
		if err == nil {
			chunk = c.send(chunk)
		}
	}
	switch {
	case err == io.EOF: //nolint:errorlint // as Read returns it
		err = nil
	case err != nil:
		err = fmt.Errorf("read: %w", err)
	}
	tag, err := c.finish(chunk, err)
	if err == nil {
		p.end(tag.RowsAffected())
	}
	return tag, err
}

// fill reads until the chunk is full.
func fill(chunk []byte, r io.Reader) ([]byte, error) {
	empty := 0
	for len(chunk) < cap(chunk) {
		n, err := r.Read(chunk[len(chunk):cap(chunk)])
		chunk = chunk[:len(chunk)+n]
		if err != nil {
			return chunk, err
		}
		if n > 0 {
			empty = 0
		} else if empty++; empty == 100 {
			return chunk, io.ErrNoProgress
		}
	}
	return chunk, nil
}

// receiveData passes what the server sends on to w, while another goroutine
// receives more.
func receiveData(ctx context.Context, conn *pgconn.PgConn, sql string, w io.Writer, o *CopyOptions) (pgconn.CommandTag, error) {
	in := receiving{
		binary: o.Format == CopyBinary,
		full:   make(chan piece), empty: make(chan []byte, 2), gone: make(chan struct{}),
	}
	in.piece.data = make([]byte, 0, copyChunk)
	in.empty <- make([]byte, 0, copyChunk)
	inner, leave := context.WithCancel(ctx)
	defer leave()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(in.full)
		in.err = interruptible(inner, conn, func(ctx context.Context) (err error) {
			in.tag, err = conn.CopyTo(ctx, &in, sql)
			if err == nil && len(in.piece.data) > 0 {
				in.pass()
			}
			return err
		})
	}()
	ended := false
	defer func() {
		if !ended { // an error, or a panic
			leave()
			close(in.gone)
			<-done
		}
	}()
	p := progress{call: o.Progress}
	if o.Header {
		p.rows = -1
	}
	for piece := range in.full {
		n, err := w.Write(piece.data)
		if err == nil && n < len(piece.data) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return pgconn.CommandTag{}, fmt.Errorf("write: %w", err)
		}
		p.add(piece.rows, len(piece.data))
		in.empty <- piece.data[:0]
	}
	<-done
	ended = true
	if in.err == nil {
		p.end(in.tag.RowsAffected())
	}
	return in.tag, cancelled(ctx, in.err)
}

// piece is data of several rows.
type piece struct {
	data []byte
	rows int
}

// receiving is a COPY on its way from the server.
type receiving struct {
	binary bool
	piece  piece
	full   chan piece
	empty  chan []byte
	gone   chan struct{} // closed when nobody takes the data any more
	tag    pgconn.CommandTag
	err    error
}

// Write takes a message, which the server sends for each row. It does not fail:
// pgx would close the connection.
func (in *receiving) Write(data []byte) (int, error) {
	if len(in.piece.data)+len(data) > cap(in.piece.data) && len(in.piece.data) > 0 {
		in.pass()
	}
	select {
	case <-in.gone:
		return len(data), nil
	default:
	}
	in.piece.data = append(in.piece.data, data...)
	if !in.binary || len(data) != len(binaryEnd) {
		in.piece.rows++
	}
	return len(data), nil
}

// pass gives the piece away.
func (in *receiving) pass() {
	select {
	case in.full <- in.piece:
	case <-in.gone:
		return
	}
	in.piece = piece{}
	select {
	case in.piece.data = <-in.empty:
	case <-in.gone:
	}
}

// interruptible runs f, which runs one statement on the connection, so that the
// end of ctx ends the statement and leaves the connection usable, whatever pgx
// was told to do with it: f has a moment to end by itself, then the server is
// asked to cancel the statement, and only if that does not help, f's own
// context ends.
func interruptible(ctx context.Context, conn *pgconn.PgConn, f func(ctx context.Context) error) error {
	if ctx.Done() == nil {
		return f(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	inner, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	done, over := make(chan struct{}), make(chan struct{})
	confirmed := true
	stop := context.AfterFunc(ctx, func() {
		defer close(over)
		if wait(done, leaveGrace) {
			return
		}
		r := requestCancel(conn)
		if !wait(done, cancelTimeout) {
			kill()
		}
		confirmed = r.end(answerTimeout)
	})
	err := f(inner)
	close(done)
	if !stop() {
		<-over
		if !confirmed {
			time.Sleep(cancelDelivery)
		}
	}
	return err
}

// wait waits for done, but not longer than d.
func wait(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
