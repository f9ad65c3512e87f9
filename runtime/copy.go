package runtime

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// CopyStatement loads rows of type T into a table with COPY. It must not be
// changed after its first use.
//
// Given a pool, a connection or a transaction of pgx itself, rows are encoded
// straight into COPY's binary format, or into its text format if there is a
// column that has to be text. Given anything else, such as an application's
// wrapper, the rows go through its CopyFrom, and pgx encodes them; columns
// marked Text cannot be copied so.
type CopyStatement[T any] struct {
	// Name is the query's name, for errors.
	Name string
	// Table is the name of the table, its schema first if it is qualified.
	Table []string
	// Columns are the columns that are written, in order.
	Columns []Column
	// Encode writes one row, all its columns in order.
	Encode func(*T, *Encoder)
}

// From loads the rows and returns their number. Either all rows are loaded or
// none.
func (s *CopyStatement[T]) From(ctx context.Context, db Copier, rows []T) (int64, error) {
	source := func(yield func(*T) bool) error {
		for i := range rows {
			if !yield(&rows[i]) {
				break
			}
		}
		return nil
	}
	return s.load(ctx, db, source, func(ctx context.Context, conn *pgx.Conn) (pgconn.CommandTag, error) {
		return s.encodeSlice(ctx, conn, rows)
	})
}

// FromPointers is [CopyStatement.From] for pointers to rows, none of which may
// be nil.
func (s *CopyStatement[T]) FromPointers(ctx context.Context, db Copier, rows []*T) (int64, error) {
	source := func(yield func(*T) bool) error {
		for i, row := range rows {
			if row == nil {
				return fmt.Errorf("row %d is nil", i)
			}
			if !yield(row) {
				break
			}
		}
		return nil
	}
	return s.load(ctx, db, source, func(ctx context.Context, conn *pgx.Conn) (pgconn.CommandTag, error) {
		return s.encode(ctx, conn, source)
	})
}

// FromSeq is [CopyStatement.From] for rows that come one by one; nil has none.
// The first
// error that comes with one ends the load without any row, and is returned.
// The sequence is not left early if ctx is done; it must see to that itself.
func (s *CopyStatement[T]) FromSeq(ctx context.Context, db Copier, rows iter.Seq2[T, error]) (int64, error) {
	source := func(yield func(*T) bool) error {
		if rows == nil {
			return nil
		}
		var row T // one for all, since the encoder's pointer to it escapes
		for v, err := range rows {
			if err != nil {
				return err
			}
			if row = v; !yield(&row) {
				break
			}
		}
		return nil
	}
	return s.load(ctx, db, source, func(ctx context.Context, conn *pgx.Conn) (pgconn.CommandTag, error) {
		return s.encode(ctx, conn, source)
	})
}

// WithoutError makes a sequence that [CopyStatement.FromSeq], and generated
// methods, take of one that cannot fail.
func WithoutError[T any](rows iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// source calls yield for each row until it returns false.
type source[T any] func(yield func(*T) bool) error

// load loads rows: with encode on a connection, and from the source through
// what is not one.
func (s *CopyStatement[T]) load(ctx context.Context, db Copier, rows source[T], encode encoding) (n int64, err error) {
	w := watchOf(db)
	if t, ok := db.(through); ok {
		db, _ = t.target()
	}
	err = observed(ctx, w, OpCopy, s.Name, func(ctx context.Context) (int64, error) {
		n, err = startCopy(ctx, db, true, func(db Copier) (int64, error) { return s.run(ctx, db, rows, encode) })
		return n, err
	})
	return n, err
}

// encoding sends rows that it knows to the server.
type encoding func(ctx context.Context, conn *pgx.Conn) (pgconn.CommandTag, error)

func (s *CopyStatement[T]) run(ctx context.Context, db Copier, rows source[T], encode encoding) (int64, error) {
	conn, release, err := direct(ctx, db)
	if err != nil {
		return 0, err
	}
	if conn == nil {
		return s.through(ctx, db, rows)
	}
	defer release()
	tracer, _ := conn.Config().Tracer.(pgx.CopyFromTracer)
	if tracer != nil {
		ctx = tracer.TraceCopyFromStart(ctx, conn, pgx.TraceCopyFromStartData{
			TableName: s.Table, ColumnNames: s.columnNames(),
		})
	}
	tag, err := encode(ctx, conn)
	if tracer != nil {
		tracer.TraceCopyFromEnd(ctx, conn, pgx.TraceCopyFromEndData{CommandTag: tag, Err: err})
	}
	if err != nil {
		return 0, copyError(err, s.Table, s.columnNames())
	}
	return tag.RowsAffected(), nil
}

// direct returns the connection behind db, nil if only db itself may be used.
// What was acquired is given back with release.
func direct(ctx context.Context, db Copier) (conn *pgx.Conn, release func(), err error) {
	nothing := func() {}
	switch db := db.(type) {
	case *pgx.Conn:
		return db, nothing, nil
	case *pgxpool.Pool:
		return borrow(ctx, db)
	case *supply:
		return borrow(ctx, db)
	case *supplyTx:
		return direct(ctx, db.Tx)
	case *guarded:
		return db.direct(ctx)
	case closedClient:
		return nil, nil, db.err
	case *pgxpool.Conn:
		return db.Conn(), nothing, nil
	case pgx.Tx:
		// pgx does not export the type of its transactions. A type of someone
		// else's that embeds one must see the call, since it is there for that.
		switch fmt.Sprintf("%T", db) {
		case "*pgx.dbTx", "*pgx.dbSimulatedNestedTx", "*pgxpool.Tx":
		default:
			return nil, nothing, nil
		}
		// A transaction that has ended must not write to what its connection
		// is used for now. An empty batch asks it without a round trip.
		if err := db.SendBatch(ctx, &pgx.Batch{}).Close(); err != nil {
			return nil, nil, err
		}
		return db.Conn(), nothing, nil
	}
	return nil, nothing, nil
}

// direct returns the connection of the transaction, which is in use until it is
// released.
func (g *guarded) direct(ctx context.Context) (conn *pgx.Conn, release func(), err error) {
	if err := g.use(); err != nil {
		return nil, nil, err
	}
	conn, _, err = direct(ctx, g.tx)
	if conn == nil {
		g.unuse()
	}
	return conn, g.unuse, err
}

func borrow(ctx context.Context, pool acquirer) (conn *pgx.Conn, release func(), err error) {
	c, err := pool.Acquire(ctx)
	if err != nil {
		return nil, nil, err
	}
	return c.Conn(), c.Release, nil
}

func (s *CopyStatement[T]) columnNames() []string {
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Name
	}
	return names
}

// textual is true if the rows must be written in the text format.
func (s *CopyStatement[T]) textual(conn *pgconn.PgConn) bool {
	for _, c := range s.Columns {
		if c.wantsText() {
			return true
		}
	}
	return s.hasOwnTypes() && !ignoresOIDs(conn.ParameterStatus("server_version"))
}

// ignoresOIDs is true of servers that read an array or composite in binary
// whatever it says the OIDs of its elements and fields are, if they are types
// of the database's own. PostgreSQL does since 14, and so nobody has to ask for
// these OIDs, nor to notice that they have changed.
func ignoresOIDs(version string) bool { return majorVersion(version) >= 14 }

// majorVersion returns the number in front of a server's version, 0 if there is
// none.
func majorVersion(version string) int {
	end := 0
	for end < len(version) && version[end] >= '0' && version[end] <= '9' {
		end++
	}
	major, err := strconv.Atoi(version[:end])
	if err != nil {
		return 0
	}
	return major
}

func (s *CopyStatement[T]) sql(text bool) string {
	var b strings.Builder
	b.WriteString("copy ")
	b.WriteString(pgx.Identifier(s.Table).Sanitize())
	b.WriteString(" (")
	for i, c := range s.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(pgx.Identifier{c.Name}.Sanitize())
	}
	b.WriteString(") from stdin")
	if !text {
		b.WriteString(" with (format binary)")
	}
	return b.String()
}

// copyChunk is how much is encoded before it is sent: what fits into a message
// of pgx.
const copyChunk = 65536 - 5

// encode sends the rows to the server. They are encoded in the caller's
// goroutine, where a panic of the source belongs, while another one sends what
// was encoded before.
func (s *CopyStatement[T]) encode(ctx context.Context, conn *pgx.Conn, rows source[T]) (tag pgconn.CommandTag, err error) {
	e := s.encoder(conn)
	e.buf = make([]byte, 0, 1024)
	if !e.text {
		e.buf = append(e.buf, copySignature...)
	}
	c := sending{ctx: ctx, conn: conn.PgConn(), sql: s.sql(e.text)}
	defer c.abandon()
	err = rows(func(row *T) bool {
		if s.encodeRow(&e, row); e.err != nil {
			return false
		}
		if len(e.buf) >= copyChunk {
			e.buf = c.send(e.buf)
		}
		return e.buf != nil
	})
	if e.err != nil {
		err = e.err
	}
	if err == nil && !e.text && e.buf != nil {
		e.buf = append(e.buf, binaryEnd...)
	}
	return c.finish(e.buf, err)
}

// encoder returns what encodes rows for a connection.
func (s *CopyStatement[T]) encoder(conn *pgx.Conn) Encoder {
	return Encoder{
		text: s.textual(conn.PgConn()), name: s.Name, columns: s.Columns, types: conn.TypeMap(),
		into: container{kind: copyContainer},
	}
}

// encodeSlice sends rows to the server. No code of the caller's hands them
// over, so they are encoded where pgx reads them, with nothing to wait for.
func (s *CopyStatement[T]) encodeSlice(ctx context.Context, conn *pgx.Conn, rows []T) (pgconn.CommandTag, error) {
	r := &sliceReader[T]{statement: s, rows: rows, encoder: s.encoder(conn)}
	tag, err := conn.PgConn().CopyFrom(ctx, r, s.sql(r.encoder.text))
	r.close()
	switch {
	case r.panicked:
		panic(r.value) // as it would have in the caller's goroutine
	case r.encoder.err != nil:
		// The server's answer only repeats that the COPY was made to fail.
		return pgconn.CommandTag{}, r.encoder.err
	}
	return tag, cancelled(ctx, err)
}

// sliceReader encodes rows for whoever reads them.
type sliceReader[T any] struct {
	statement *CopyStatement[T]
	// mu is held while rows are encoded: pgx may return from a COPY that failed
	// while it still reads.
	mu      sync.Mutex
	rows    []T
	encoder Encoder
	// own is the memory that rows are encoded in where the reader's is too small.
	own []byte
	// rest is what is encoded and not read yet.
	rest []byte
	// largest is the size of the largest row.
	largest int
	// begun is true once the signature has been encoded, ended when all rows
	// were, and closed when nobody is interested any more.
	begun, ended, closed bool
	panicked             bool
	value                any
}

func (r *sliceReader[T]) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed, r.rows = true, nil
}

// Read reads encoded rows. As many as surely fit are encoded where the reader
// wants them, so that most are neither copied nor cut.
func (r *sliceReader[T]) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.rest) == 0 {
		into, most := p[:0:len(p)], len(p)-r.largest-numericSlack
		if r.largest > len(p)/8 || len(p) < copyChunk {
			into, most = r.own[:0], copyChunk
		}
		encoded, err := r.fill(into, most)
		if err != nil {
			return 0, err
		}
		if len(encoded) > 0 && len(p) > 0 && &encoded[0] == &p[0] {
			return len(encoded), nil
		}
		r.own, r.rest = encoded, encoded
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// fill encodes rows behind b, in its memory or in more, until there are most
// bytes.
func (r *sliceReader[T]) fill(b []byte, most int) (encoded []byte, err error) {
	e := &r.encoder
	switch {
	case r.closed:
		return nil, errAbandoned
	case e.err != nil:
		return nil, e.err
	case r.ended:
		return nil, io.EOF
	}
	e.buf = b
	defer func() {
		e.buf = nil // it can be the reader's
		// What an encoder of the application's panics with belongs to the
		// caller's goroutine; this one is pgx's.
		if v := recover(); v != nil {
			r.panicked, r.value = true, v
			err = errAbandoned
		}
	}()
	if !r.begun && !e.text {
		e.buf = append(e.buf, copySignature...)
	}
	r.begun = true
	for len(e.buf) < most {
		if len(r.rows) == 0 {
			r.ended = true
			if !e.text {
				e.buf = append(e.buf, binaryEnd...)
			}
			break
		}
		start := len(e.buf)
		if r.statement.encodeRow(e, &r.rows[0]); e.err != nil {
			return nil, e.err
		}
		r.rows = r.rows[1:]
		if size := len(e.buf) - start; size > r.largest {
			most -= size - r.largest
			r.largest = size
		}
	}
	if len(e.buf) == 0 {
		return nil, io.EOF
	}
	return e.buf, nil
}

func (s *CopyStatement[T]) encodeRow(e *Encoder, row *T) {
	e.column = 0
	if e.plain = !e.text; e.plain {
		e.buf = binary.BigEndian.AppendUint16(e.buf, uint16(len(s.Columns)))
	}
	s.Encode(row, e)
	if e.err == nil && e.column != len(s.Columns) {
		e.fail(fmt.Errorf("%d values were written for %d columns", e.column, len(s.Columns)))
	}
	if e.text {
		e.buf = append(e.buf, '\n')
	}
}

// sending is a COPY on its way to the server.
type sending struct {
	ctx  context.Context //nolint:containedctx // of one call
	conn *pgconn.PgConn
	sql  string
	// full has the chunks to send, empty those that were sent, and done is
	// closed when the server has answered. They are nil until there is more
	// than one chunk.
	full, empty chan []byte
	done        chan struct{}
	tag         pgconn.CommandTag
	err         error
	// failure is why full was closed before the end.
	failure error
	ended   bool
}

// send passes a chunk on and returns an empty one to fill, or nil if the
// server takes no more.
func (c *sending) send(chunk []byte) []byte {
	if c.done == nil {
		c.full = make(chan []byte)
		c.empty = make(chan []byte, 2)
		c.empty <- make([]byte, 0, cap(chunk))
		c.done = make(chan struct{})
		go func() {
			defer close(c.done)
			c.tag, c.err = c.copy(&chunkReader{from: c})
		}()
	}
	select {
	case c.full <- chunk:
	case <-c.done:
		return nil
	}
	select {
	case chunk = <-c.empty:
		return chunk[:0]
	case <-c.done:
		return nil
	}
}

// finish sends the last chunk, or makes the COPY fail, and waits for the
// server's answer.
func (c *sending) finish(chunk []byte, failure error) (pgconn.CommandTag, error) {
	c.ended = true
	if c.done == nil {
		if failure != nil {
			return pgconn.CommandTag{}, failure
		}
		tag, err := c.copy(bytes.NewReader(chunk))
		return tag, cancelled(c.ctx, err)
	}
	c.failure = failure
	if failure == nil && len(chunk) > 0 {
		select {
		case c.full <- chunk:
		case <-c.done:
		}
	}
	close(c.full)
	<-c.done
	if failure != nil {
		// The server's answer only repeats that the COPY was made to fail.
		return pgconn.CommandTag{}, failure
	}
	return c.tag, cancelled(c.ctx, c.err)
}

func (c *sending) copy(r io.Reader) (tag pgconn.CommandTag, err error) {
	err = interruptible(c.ctx, c.conn, func(ctx context.Context) error {
		tag, err = c.conn.CopyFrom(ctx, r, c.sql)
		return err
	})
	return tag, err
}

// cancelled makes an error that follows from the end of ctx say so. pgx does
// if it notices the end when it reads, but not when it writes, nor when the
// server was asked to cancel the statement and has answered that it did.
func cancelled(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code != queryCanceled {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

// queryCanceled is the SQLSTATE of a statement that was cancelled, by a request
// or by statement_timeout.
const queryCanceled = "57014"

var (
	errAbandoned   = errors.New("the source of the rows did not return")
	errNotReturned = errors.New("CopyFrom did not return")
)

// abandon ends the COPY if a panic keeps finish from it.
func (c *sending) abandon() {
	if !c.ended {
		_, _ = c.finish(nil, errAbandoned) // the panic is the news
	}
}

// chunkReader is how pgx reads the chunks.
type chunkReader struct {
	from        *sending
	chunk, rest []byte
}

// Read reads from one chunk.
func (r *chunkReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.chunk != nil {
			r.from.empty <- r.chunk
			r.chunk = nil
		}
		select {
		case <-r.from.ctx.Done():
			return 0, r.from.ctx.Err() // makes the COPY fail
		case chunk, ok := <-r.from.full:
			if !ok {
				if r.from.failure != nil {
					return 0, r.from.failure
				}
				return 0, io.EOF
			}
			r.chunk, r.rest = chunk, chunk
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// copyBatch is how many rows at a time go to the goroutine that pgx copies in.
const copyBatch = 64

// through loads the rows through db's own CopyFrom, which runs in a goroutine
// of its own, while the source runs in the caller's.
func (s *CopyStatement[T]) through(ctx context.Context, db Copier, rows source[T]) (int64, error) {
	types := pgtype.NewMap()
	if err := s.encodable(types); err != nil {
		return 0, err
	}
	v := &copyValues{full: make(chan [][]any), done: make(chan struct{})}
	go func() {
		defer close(v.done)
		v.rows, v.err = db.CopyFrom(ctx, s.Table, s.columnNames(), v)
		v.returned = true
	}()
	ended := false
	defer func() {
		if !ended { // a panic in the source
			v.failure = errAbandoned
			close(v.full)
			<-v.done
		}
	}()
	var batch [][]any
	var failure error
	err := rows(func(row *T) bool {
		values, err := s.values(types, row)
		if err != nil {
			failure = err
			return false
		}
		if batch = append(batch, values); len(batch) < copyBatch {
			return true
		}
		full := batch
		batch = make([][]any, 0, copyBatch)
		return v.send(full)
	})
	if failure == nil {
		failure = err
	}
	if failure == nil && len(batch) > 0 {
		v.send(batch)
	}
	ended = true
	v.failure = failure
	close(v.full)
	<-v.done
	switch {
	case failure != nil:
		return 0, failure
	case !v.returned: // but called runtime.Goexit
		return 0, errNotReturned
	case v.err != nil:
		return 0, s.explain(cancelled(ctx, v.err))
	}
	return v.rows, nil
}

// hintDirect says how to copy what pgx cannot encode.
const hintDirect = "pass the pool, connection or transaction itself"

// encodable returns an error if there is a column that pgx cannot encode. It
// would send text in the place of the binary format, which some types of fixed
// length would take for a value.
func (s *CopyStatement[T]) encodable(types *pgtype.Map) error {
	for _, c := range s.Columns {
		known := c.Type.userDefined() && !c.Text
		if t, ok := types.TypeForOID(c.Type.oid()); ok {
			known = t.Codec.FormatSupported(pgx.BinaryFormatCode)
		}
		if !known {
			return &Error{Query: s.Name, Column: c.Name, Err: fmt.Errorf(
				"pgx, which encodes what is copied through a wrapper, cannot encode %s: %s", c.Type, hintDirect)}
		}
	}
	return nil
}

// explain adds what to do to the complaint about a value of a type that pgx
// knows otherwise than PostgreSQL.
func (s *CopyStatement[T]) explain(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code {
	case "22P03", "08P01", "42804", "54000": // not the binary format of the type
	case "57014": // pgx could not encode it, and gave the COPY up
	default:
		return err
	}
	for _, c := range s.Columns {
		if c.Type.userDefined() {
			return fmt.Errorf("%w; pgx encodes what is copied through a wrapper, and can be at fault with %s: %s",
				err, c.Type, hintDirect)
		}
	}
	return err
}

// values returns the values of a row as pgx can encode them.
func (s *CopyStatement[T]) values(types *pgtype.Map, row *T) ([]any, error) {
	e := Encoder{
		text: true, name: s.Name, columns: s.Columns, types: types,
		into: container{kind: valuesContainer}, values: make([]any, 0, len(s.Columns)),
	}
	s.Encode(row, &e)
	if e.err == nil && len(e.values) != len(s.Columns) {
		e.fail(fmt.Errorf("%d values were written for %d columns", len(e.values), len(s.Columns)))
	}
	var data []byte
	if e.err == nil && s.hasOwnTypes() {
		binary := Encoder{name: s.Name, columns: s.Columns, types: types, into: container{kind: copyContainer}}
		s.encodeRow(&binary, row)
		data, e.err = binary.buf[2:], binary.err
	}
	if e.err != nil {
		return nil, e.err
	}
	for i := range e.values {
		var own []byte
		var err error
		if data != nil {
			own, data, err = lengthPrefixed(data)
		}
		text, ok := e.values[i].(string)
		switch {
		case !ok || err != nil: // NULL
		case s.Columns[i].Type.userDefined():
			e.values[i] = ownValue{text: text, binary: string(own)}
		default:
			e.values[i], err = copyValue(types, s.Columns[i].Type, text)
		}
		if err != nil {
			e.column = i + 1
			e.fail(err)
			return nil, e.err
		}
	}
	return e.values, nil
}

// hasOwnTypes is true if there are columns of types of the database's own.
func (s *CopyStatement[T]) hasOwnTypes() bool {
	for _, c := range s.Columns {
		if c.Type.userDefined() {
			return true
		}
	}
	return false
}

// ownValue is a value of a type of the database's own. pgx does not know the
// type, and sends the string that it gets from Value as it is; or it was
// told of the type, cannot encode that string, and asks for text, which it
// reads with its codec of the type.
type ownValue struct{ text, binary string }

// Value returns the binary format.
func (v ownValue) Value() (driver.Value, error) { return v.binary, nil }

// TextValue returns the text format.
func (v ownValue) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: v.text, Valid: true}, nil
}

// copyValues is a pgx.CopyFromSource of what is sent to it.
type copyValues struct {
	full  chan [][]any
	batch [][]any
	// failure is why full was closed before the end.
	failure error
	// ended is true if there are no more rows.
	ended bool
	// done is closed when CopyFrom has ended. It has returned the rest.
	done     chan struct{}
	rows     int64
	err      error
	returned bool
}

// send passes rows on, unless CopyFrom has ended.
func (v *copyValues) send(batch [][]any) bool {
	select {
	case v.full <- batch:
		return true
	case <-v.done:
		return false
	}
}

// Next goes to the next row.
func (v *copyValues) Next() bool {
	if len(v.batch) > 1 {
		v.batch = v.batch[1:]
		return true
	}
	batch, ok := <-v.full
	v.batch, v.ended = batch, !ok
	return ok
}

// Values returns the row's values.
func (v *copyValues) Values() ([]any, error) { return v.batch[0], nil }

// Err returns why the rows end early.
func (v *copyValues) Err() error {
	if !v.ended {
		return nil
	}
	return v.failure
}

// copyValue returns what pgx's CopyFrom can encode as a value of a type: text
// that it reads into a value of its own choice, except where it has no choice
// or would choose badly.
func copyValue(m *pgtype.Map, typ Type, text string) (any, error) {
	element, array := strings.CutSuffix(string(typ), "[]")
	switch Type(element) {
	case Bytea:
		if !array {
			return parseBytea([]byte(text))
		}
	case JSON, JSONB:
		if array {
			// pgx would read the JSON and lose digits of large numbers.
			return copyScan[pgtype.Array[json.RawMessage]](m, Text+"[]", text)
		}
	case Timestamptz:
		return copyTime[pgtype.Timestamptz](m, typ, text)
	case Timestamp:
		return copyTime[pgtype.Timestamp](m, typ, text)
	case Date:
		return copyTime[pgtype.Date](m, typ, text)
	case Int4Range, Int4Multirange:
		return copyRange[pgtype.Int4](m, typ, text)
	case Int8Range, Int8Multirange:
		return copyRange[pgtype.Int8](m, typ, text)
	case NumRange, NumMultirange:
		return copyRange[pgtype.Numeric](m, typ, text)
	case TSRange, TSMultirange:
		return copyRange[pgtype.Timestamp](m, typ, text)
	case TSTZRange, TSTZMultirange:
		return copyRange[pgtype.Timestamptz](m, typ, text)
	case DateRange, DateMultirange:
		return copyRange[pgtype.Date](m, typ, text)
	}
	return text, nil
}

// copyTime reads a time with pgtype, which knows infinity.
func copyTime[T any](m *pgtype.Map, typ Type, text string) (any, error) {
	if strings.HasSuffix(string(typ), "[]") {
		return copyScan[pgtype.Array[T]](m, typ, text)
	}
	return copyScan[T](m, typ, text)
}

func copyRange[T any](m *pgtype.Map, typ Type, text string) (any, error) {
	element, array := strings.CutSuffix(string(typ), "[]")
	switch multirange := strings.HasSuffix(element, "multirange"); {
	case multirange && array:
		return text, nil // pgx does not know the type
	case multirange:
		return copyScan[pgtype.Multirange[pgtype.Range[T]]](m, typ, text)
	case array:
		return copyScan[pgtype.Array[pgtype.Range[T]]](m, typ, text)
	}
	return copyScan[pgtype.Range[T]](m, typ, text)
}

// copyScan reads text with pgx's codec of a type.
func copyScan[T any](m *pgtype.Map, typ Type, text string) (any, error) {
	var v T
	err := m.Scan(typ.oid(), pgx.TextFormatCode, []byte(text), &v)
	return v, err
}
