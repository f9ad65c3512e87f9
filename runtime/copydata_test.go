package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	goruntime "runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// million is how many rows go round in each format.
const million = 1_000_000

// source has everything that a format could lose: quotes, newlines,
// backslashes, NULL beside the empty string, what stands for NULL, and
// characters of one to four bytes.
const sourceTable = `CREATE UNLOGGED TABLE source AS SELECT i AS id,
	CASE i %% 11 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN '"' WHEN 3 THEN E'a\nb\r\n' WHEN 4 THEN '\N' WHEN 5 THEN '\.'
		WHEN 6 THEN E'\t,;''"\\' WHEN 7 THEN 'größe 漢字 🐘' WHEN 8 THEN 'NULL' WHEN 9 THEN ' ' ELSE 'x' || i END AS "te,xt",
	CASE WHEN i %% 7 > 0 THEN decode(lpad(to_hex(i), 8, '0'), 'hex') END AS data
	FROM generate_series(1, %d) i`

func TestCopyDataRoundTrip(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, fmt.Sprintf(sourceTable, million))
	require.NoError(t, err)
	checksum := func(table string) (sum string) {
		require.NoError(t, db.QueryRow(ctx, `SELECT count(*) || ' ' || sum(hashtextextended(t::text, 0)) FROM `+table+" t").Scan(&sum))
		return sum
	}
	want := checksum("source")
	nothing := "NOTHING"
	for name, o := range map[string]runtime.CopyOptions{
		"csv":    {Header: true},
		"text":   {Format: runtime.CopyText},
		"binary": {Format: runtime.CopyBinary},
		"odd":    {Delimiter: ";", Quote: "'", Escape: `\`, Null: &nothing, Encoding: "UTF8", ForceQuote: []string{"te,xt"}},
	} {
		_, err := db.Exec(ctx, "CREATE UNLOGGED TABLE copied (LIKE source)")
		require.NoError(t, err)
		r, w := io.Pipe()
		var read, written int64
		wrote := make(chan error, 1)
		go func() {
			o := o
			o.Progress = func(rows, bytes int64) { written = bytes }
			n, err := runtime.CopyTo(ctx, db, "public.source", w, o)
			if err == nil && n != million {
				err = fmt.Errorf("%d rows", n)
			}
			wrote <- errors.Join(err, w.CloseWithError(err))
		}()
		in := o
		in.ForceQuote = nil
		var rows int64
		in.Progress = func(n, bytes int64) { rows, read = n, bytes }
		start := time.Now()
		n, err := runtime.CopyFrom(ctx, db, "copied", r, in)
		require.NoError(t, err, name)
		require.NoError(t, <-wrote, name)
		require.Equal(t, int64(million), n, name)
		require.Equal(t, n, rows, name)
		require.Equal(t, written, read, name)
		t.Logf("%-6s %d bytes in %v", name, read, time.Since(start).Round(time.Millisecond))
		require.Equal(t, want, checksum("copied"), name)
		_, err = db.Exec(ctx, "DROP TABLE copied")
		require.NoError(t, err)
	}
}

// csvLines are the rows "0,name" to "n-1,name", and may end in err.
func csvLines(n int, err error) io.Reader {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "%d,name\n", i)
	}
	if err != nil {
		return io.MultiReader(&b, iotest.ErrReader(err))
	}
	return &b
}

// readerFunc and writerFunc are functions as what they are named after.
type (
	readerFunc func(p []byte) (int, error)
	writerFunc func(p []byte) (int, error)
)

func (f readerFunc) Read(p []byte) (int, error)  { return f(p) }
func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestCopyDataFails(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, `CREATE TABLE t (n int4 CHECK (n <> 777777), "na,me" text)`)
	require.NoError(t, err)
	conn := connectMode(t, db.Config().ConnString(), pgx.QueryExecModeCacheStatement)
	client := runtime.NewClient(db)
	defer client.Close()
	mine := errors.New("mine")

	ways := []struct {
		name string
		db   interface {
			runtime.Copier
			runtime.Execer
		}
	}{{"pool", db}, {"connection", conn}, {"client", client}}
	for _, way := range ways {
		untouched := func(what string) {
			t.Helper()
			_, err := way.db.Exec(ctx, "SELECT 1")
			require.NoError(t, err, "%s: %s", way.name, what)
			var n int
			require.NoError(t, db.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&n))
			require.Zero(t, n, "%s: %s", way.name, what)
			require.False(t, conn.IsClosed(), what)
			require.Zero(t, db.Stat().AcquiredConns())
		}
		load := func(ctx context.Context, r io.Reader) error {
			n, err := runtime.CopyFrom(ctx, way.db, "t", r, runtime.CopyOptions{})
			if err != nil {
				require.Zero(t, n)
			}
			return err
		}
		pid := conn.PgConn().PID()

		for _, n := range []int{0, 1, 50_000} {
			err := load(ctx, csvLines(n, mine))
			require.ErrorIs(t, err, mine)
			require.EqualError(t, err, "copy: read: mine")
			untouched("a reader that fails")
			require.PanicsWithValue(t, "oh", func() {
				_ = load(ctx, io.MultiReader(csvLines(n, nil), readerFunc(func([]byte) (int, error) { panic("oh") })))
			})
			untouched("a reader that panics")
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = load(ctx, io.MultiReader(csvLines(n, nil), readerFunc(func([]byte) (int, error) {
					goruntime.Goexit()
					return 0, nil
				})))
			}()
			<-done
			untouched("a reader that exits")
		}
		err := load(ctx, readerFunc(func([]byte) (int, error) { return 0, nil }))
		require.ErrorIs(t, err, io.ErrNoProgress)
		untouched("a reader that does nothing")

		// A bad row, far into the data, which go on.
		err = load(ctx, io.MultiReader(csvLines(499_999, nil), strings.NewReader("x,bad\n"), csvLines(100_000, nil)))
		e := requirePlace(t, err, "22P02", 500_000, "n")
		require.EqualError(t, err, `copy: line 500000: column "n": ERROR: invalid input syntax for type integer: "x" (SQLSTATE 22P02)`)
		require.Equal(t, runtime.KindPermanent, e.Kind)
		untouched("a bad row")
		err = load(ctx, strings.NewReader("1,a\n777777,b\n"))
		requirePlace(t, err, "23514", 2, "")
		untouched("a row against a constraint")
		err = load(ctx, strings.NewReader("1,a\n2\n"))
		requirePlace(t, err, "22P04", 2, "")
		untouched("a row without a column")
		// An endless reader ends when the server has refused a row.
		err = load(ctx, readerFunc(func(p []byte) (int, error) { return copy(p, "x,y\n"), nil }))
		requirePlace(t, err, "22P02", 1, "n")
		untouched("an endless reader")
		_, err = way.db.Exec(ctx, `CREATE DOMAIN short AS text CHECK (length(value) < 3); ALTER TABLE t ADD d short`)
		require.NoError(t, err)
		n, err := runtime.CopyFrom(ctx, way.db, "public.t", strings.NewReader("1\n"), runtime.CopyOptions{Columns: []string{"na,me"}})
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
		n, err = runtime.CopyFrom(ctx, way.db, "public.t", strings.NewReader("1,a\n2,long\n"), runtime.CopyOptions{Columns: []string{"na,me", "d"}})
		require.Zero(t, n)
		requirePlace(t, err, "23514", 2, "d")
		_, err = way.db.Exec(ctx, `TRUNCATE t; ALTER TABLE t DROP d; DROP DOMAIN short`)
		require.NoError(t, err)

		// A context that ends, before and during, and while the server waits.
		cancelled, cancel := context.WithCancel(ctx)
		err = load(cancelled, readerFunc(func(p []byte) (int, error) {
			cancel()
			return copy(p, "1,a\n"), nil
		}))
		require.ErrorIs(t, err, context.Canceled)
		untouched("a context that ends")
		err = load(cancelled, csvLines(10, nil))
		require.ErrorIs(t, err, context.Canceled)
		untouched("a context that has ended")
		lock, err := db.Begin(ctx)
		require.NoError(t, err)
		_, err = lock.Exec(ctx, "LOCK TABLE t")
		require.NoError(t, err)
		deadline, stop := context.WithTimeout(ctx, 50*time.Millisecond)
		start := time.Now()
		err = load(deadline, csvLines(200_000, nil))
		stop()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, runtime.ErrTimeout)
		require.Less(t, time.Since(start), 4*time.Second)
		require.NoError(t, lock.Rollback(ctx))
		untouched("a context that ends while the server waits")

		// Out.
		write := func(ctx context.Context, w io.Writer) error {
			n, err := runtime.CopyTo(ctx, way.db, runtime.CopyQuery("SELECT generate_series(1, 10000000), 'x' -- all"), w, runtime.CopyOptions{})
			require.Zero(t, n)
			return err
		}
		start = time.Now()
		err = write(ctx, writerFunc(func([]byte) (int, error) { return 0, mine }))
		require.ErrorIs(t, err, mine)
		require.EqualError(t, err, "copy: write: mine")
		untouched("a writer that fails")
		err = write(ctx, writerFunc(func(p []byte) (int, error) { return len(p) - 1, nil }))
		require.ErrorIs(t, err, io.ErrShortWrite)
		untouched("a writer that writes less")
		require.PanicsWithValue(t, "oh", func() {
			_ = write(ctx, writerFunc(func([]byte) (int, error) { panic("oh") }))
		})
		untouched("a writer that panics")
		cancelled, cancel = context.WithCancel(ctx)
		err = write(cancelled, writerFunc(func(p []byte) (int, error) {
			cancel()
			return len(p), nil
		}))
		require.ErrorIs(t, err, context.Canceled)
		untouched("a context that ends, out")
		require.Less(t, time.Since(start), 10*time.Second, "ten million rows are not read")
		var out bytes.Buffer
		_, err = runtime.CopyTo(ctx, way.db, runtime.CopyQuery("SELECT 1/(5 - generate_series(1, 10));"), &out, runtime.CopyOptions{})
		requirePgError(t, err, "", "22012")
		untouched("an error of the query")
		require.Equal(t, pid, conn.PgConn().PID())
	}

	// A wrapper has no method for it.
	_, err = runtime.CopyFrom(ctx, &through{Pool: db}, "t", csvLines(1, nil), runtime.CopyOptions{})
	require.ErrorContains(t, err, "copy: data cannot be copied through a *runtime_test.through: pass the pool, connection or transaction itself")
	_, err = runtime.CopyTo(ctx, &through{Pool: db}, "t", io.Discard, runtime.CopyOptions{})
	require.ErrorContains(t, err, "data cannot be copied through")
}

func requirePlace(t *testing.T, err error, code string, line int64, column string) *runtime.Error {
	t.Helper()
	requirePgError(t, err, "", code)
	e := new(runtime.Error)
	require.ErrorAs(t, err, &e)
	require.Equal(t, line, e.Line)
	require.Equal(t, column, e.Column)
	return e
}

func TestCopyDataInTransactions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pool(t)
	_, err := db.Exec(ctx, "CREATE TABLE t (n int4, name text)")
	require.NoError(t, err)
	o := runtime.CopyOptions{}
	require.NoError(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		for _, db := range []runtime.Copier{tx, tx.Pgx(), tx.Pgx().Conn()} {
			n, err := runtime.CopyFrom(ctx, db, "t", csvLines(3, nil), o)
			require.NoError(t, err)
			require.Equal(t, int64(3), n)
		}
		var out bytes.Buffer
		n, err := runtime.CopyTo(ctx, tx, "t", &out, o)
		require.NoError(t, err)
		require.Equal(t, int64(9), n)
		require.Equal(t, strings.Repeat("0,name\n1,name\n2,name\n", 3), out.String())
		_, err = runtime.CopyFrom(ctx, tx, "t", readerFunc(func([]byte) (int, error) {
			_, err := tx.Exec(ctx, "SELECT 1")
			require.ErrorContains(t, err, "another statement of this transaction has not ended")
			return 0, io.EOF
		}), o)
		require.NoError(t, err)
		return nil
	}))
	mine := errors.New("mine")
	require.ErrorIs(t, runtime.InTx(ctx, db, runtime.TxOptions{}, func(tx *runtime.Tx) error {
		_, err := runtime.CopyFrom(ctx, tx, "t", csvLines(50_000, mine), o)
		require.ErrorIs(t, err, mine)
		_, failed := tx.Exec(ctx, "SELECT 1")
		requirePgError(t, failed, "", "25P02")
		return err
	}), mine)
	// With a timeout, which is a transaction around it.
	n, err := runtime.CopyFrom(runtime.WithTimeout(ctx, time.Minute), db, "t", csvLines(3, nil), o)
	require.NoError(t, err)
	require.Equal(t, int64(3), n)
	_, err = runtime.CopyTo(runtime.WithTimeout(ctx, 50*time.Millisecond), db, runtime.CopyQuery("SELECT pg_sleep(30)"), io.Discard, o)
	require.ErrorIs(t, err, runtime.ErrTimeout)
	require.ErrorContains(t, err, "copy: statement timeout of 50ms: ")
	var count int
	require.NoError(t, db.QueryRow(ctx, "SELECT count(*) FROM t").Scan(&count))
	require.Equal(t, 12, count)
}

// TestCopyDataHostile passes SQL wherever a string goes. Nothing may happen.
func TestCopyDataHostile(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Schema(t, "CREATE TABLE victim (n int4, name text); INSERT INTO victim VALUES (1, 'a')")
	hostile := []string{
		`victim"; DROP TABLE victim; --`,
		`victim; DROP TABLE victim`,
		`"victim"; DROP TABLE victim; --`,
		`"victim""; DROP TABLE victim; --"`,
		`victim (n) from stdin; DROP TABLE victim; --`,
		`'; DROP TABLE victim; --`,
		`\'; DROP TABLE victim; --`,
		`\\'; DROP TABLE victim; --`,
		`'); DROP TABLE victim; --`,
		`E'\'); DROP TABLE victim; --`,
		`$$; DROP TABLE victim; --`,
		`) to program 'touch /tmp/x'; --`,
		"/* \n*/; DROP TABLE victim; --",
		"\xbf'; DROP TABLE victim; --",
		"\xe5\\'; DROP TABLE victim; --",
		"x\x00'; DROP TABLE victim; --",
		"victim\x00",
		`表'; DROP TABLE victim; --`,
	}
	for _, setup := range []struct{ name, sql string }{
		{"as it is", ""},
		{"no standard strings", "SET standard_conforming_strings = off; SET backslash_quote = on"},
		{"another encoding", "SET client_encoding = 'SJIS'"},
	} {
		conn := connectMode(t, url, pgx.QueryExecModeCacheStatement)
		if setup.sql != "" {
			_, err := conn.PgConn().Exec(ctx, setup.sql).ReadAll()
			if err != nil {
				require.ErrorContains(t, err, "not supported", "a later version has no such setting: %s", setup.name)
				continue
			}
		}
		for _, s := range hostile {
			null := s
			for what, o := range map[string]runtime.CopyOptions{
				"table": {}, "column": {Columns: []string{"n", s}}, "delimiter": {Delimiter: s}, "null": {Null: &null},
				"quote": {Quote: s}, "escape": {Escape: s}, "encoding": {Encoding: s}, "default": {Default: s},
				"force null": {ForceNull: []string{s}}, "force not null": {ForceNotNull: []string{s}},
				"force quote": {ForceQuote: []string{s}}, "format": {Format: 77},
			} {
				table := "victim"
				if what == "table" {
					table = s
				}
				in, errIn := runtime.CopyFrom(ctx, conn, table, strings.NewReader(""), o)
				_, errOut := runtime.CopyTo(ctx, conn, table, io.Discard, o)
				if what == "null" {
					// It can be any string without the delimiter and line ends, of UTF-8 and no zero byte.
					require.Zero(t, in)
				} else if what != "default" {
					require.Error(t, errIn, "%s %q", what, s)
					require.Error(t, errOut, "%s %q", what, s)
				}
			}
			var n, relations int
			require.NoError(t, conn.QueryRow(ctx, "SELECT count(*) FROM victim WHERE n = 1 AND name = 'a'").Scan(&n), s)
			require.NoError(t, conn.QueryRow(ctx, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").Scan(&relations))
			require.Equal(t, 1, n, s)
			require.Equal(t, 1, relations, s)
		}
		_, err := conn.Exec(ctx, "RESET ALL")
		require.NoError(t, err)
	}
	conn := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	// Odd names that exist are found, and what stands for NULL is not SQL.
	null := `'; \ " --`
	var out bytes.Buffer
	for i, name := range hostile {
		if !utf8.ValidString(name) || strings.Contains(name, "\x00") {
			continue // no name can be so
		}
		table := pgx.Identifier{fmt.Sprint(i, name)}.Sanitize()
		column := pgx.Identifier{name}.Sanitize()
		_, err := conn.Exec(ctx, "CREATE TABLE "+table+" ("+column+" text)")
		require.NoError(t, err)
		o := runtime.CopyOptions{Columns: []string{name}, Null: &null, Format: runtime.CopyText}
		n, err := runtime.CopyFrom(ctx, conn, "public."+table, strings.NewReader(null+"\n\\\\x\n"), o)
		require.NoError(t, err, table)
		require.Equal(t, int64(2), n)
		out.Reset()
		_, err = runtime.CopyTo(ctx, conn, runtime.CopyQuery("SELECT "+column+" IS NULL, "+column+" FROM "+table), &out, runtime.CopyOptions{Null: &null, Format: runtime.CopyText})
		require.NoError(t, err, table)
		require.Equal(t, "t\t"+null+"\nf\t\\\\x\n", out.String())
	}
}

func TestCopyDataOptions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := pgtest.Schema(t, "CREATE TABLE t (n int4, name text DEFAULT 'none', g int4 GENERATED ALWAYS AS (n * 2) STORED)")
	conn := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	version := serverVersion(t, url)
	empty := ""
	tests := []struct {
		name    string
		options runtime.CopyOptions
		data    string
		since   int
		want    string
		err     string
		option  string
	}{
		{name: "zero value", data: "1,a\n2,\n3,\"\"\n", want: "1|a 2|NULL 3|"},
		{name: "no newline at the end", data: "1,a\r\n2,b", want: "1|a 2|b"},
		{name: "header", options: runtime.CopyOptions{Header: true}, data: "x,y\n1,a\n", want: "1|a"},
		{name: "columns", options: runtime.CopyOptions{Columns: []string{"n"}}, data: "1\n", want: "1|none"},
		{name: "no columns", options: runtime.CopyOptions{Columns: []string{}}, data: "1\n", err: "syntax error"},
		{name: "unknown column", options: runtime.CopyOptions{Columns: []string{"N"}}, data: "1\n", err: `column "N" of relation "t" does not exist`},
		{name: "generated column", options: runtime.CopyOptions{Columns: []string{"g"}}, data: "1\n", err: `column "g" is a generated column`},
		{name: "null", options: runtime.CopyOptions{Format: runtime.CopyText, Null: &empty}, data: "1\t\n2\ta\n", want: "1|NULL 2|a"},
		{name: "force null", options: runtime.CopyOptions{ForceNull: []string{"name"}}, data: "1,\"\"\n", want: "1|NULL"},
		{name: "force not null", options: runtime.CopyOptions{ForceNotNull: []string{"name"}}, data: "1,\n", want: "1|"},
		{name: "encoding", options: runtime.CopyOptions{Encoding: "LATIN1"}, data: "1,gr\xf6\xdfe\n", want: "1|größe"},
		{name: "bad encoding", data: "1,gr\xf6\xdfe\n", err: "line 1: ERROR: invalid byte sequence"},
		{name: "delimiter of two bytes", options: runtime.CopyOptions{Delimiter: "||"}, data: "1||a\n", err: "delimiter must be a single one-byte character"},
		{name: "quote in text", options: runtime.CopyOptions{Format: runtime.CopyText, Quote: "'"}, data: "", err: "CSV mode"},
		{name: "force quote in", options: runtime.CopyOptions{ForceQuote: []string{"n"}}, data: "", err: "COPY"},
		{name: "header of text", options: runtime.CopyOptions{Format: runtime.CopyText, Header: true}, data: "x\ty\n1\ta\n", want: "1|a", since: 15, option: "Header with CopyText"},
		{name: "matching header", options: runtime.CopyOptions{MatchHeader: true}, data: "n,name\n1,a\n", want: "1|a", since: 15, option: "MatchHeader"},
		{name: "another header", options: runtime.CopyOptions{MatchHeader: true}, data: "name,n\n1,a\n", err: "column name mismatch", since: 15, option: "MatchHeader"},
		{name: "default", options: runtime.CopyOptions{Default: "DEFAULT"}, data: "1,DEFAULT\n", want: "1|none", since: 16, option: "Default"},
		{name: "skipped errors", options: runtime.CopyOptions{SkipErrors: true}, data: "x,a\n2,b\n", want: "2|b", since: 17, option: "SkipErrors"},
		{name: "too many errors", options: runtime.CopyOptions{SkipErrors: true, MaxErrors: 1}, data: "x,a\ny,b\n", err: "skipped more than REJECT_LIMIT", since: 18, option: "MaxErrors"},
	}
	for _, test := range tests {
		_, err := conn.Exec(ctx, "TRUNCATE t")
		require.NoError(t, err)
		var calls [][2]int64
		test.options.Progress = func(rows, bytes int64) { calls = append(calls, [2]int64{rows, bytes}) }
		n, err := runtime.CopyFrom(ctx, conn, "t", strings.NewReader(test.data), test.options)
		switch {
		case version < test.since:
			require.Error(t, err, test.name)
			require.Contains(t, err.Error(), fmt.Sprintf("needs PostgreSQL %d, and the server is %d", test.since, version), test.name)
			continue
		case test.err != "":
			require.ErrorContains(t, err, test.err, test.name)
			continue
		}
		require.NoError(t, err, test.name)
		var got string
		require.NoError(t, conn.QueryRow(ctx, "SELECT coalesce(string_agg(n || '|' || coalesce(name, 'NULL'), ' ' ORDER BY n), '') FROM t").Scan(&got))
		require.Equal(t, test.want, got, test.name)
		require.Equal(t, int64(strings.Count(test.want, "|")), n, test.name)
		require.Equal(t, [2]int64{n, int64(len(test.data))}, calls[len(calls)-1], test.name)
	}

	// Out.
	_, err := conn.Exec(ctx, "TRUNCATE t; INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, '')")
	require.NoError(t, err)
	out := func(o runtime.CopyOptions) string {
		var b bytes.Buffer
		calls := 0
		o.Progress = func(rows, bytes int64) {
			calls++
			require.LessOrEqual(t, rows, int64(3))
			require.Equal(t, int64(b.Len()), bytes)
		}
		n, err := runtime.CopyTo(ctx, conn, "t", &b, o)
		require.NoError(t, err)
		require.Equal(t, int64(3), n)
		require.Positive(t, calls)
		return b.String()
	}
	require.Equal(t, "1,a\n2,\n3,\"\"\n", out(runtime.CopyOptions{}))
	require.Equal(t, "name;n\n\"a\";1\n;2\n\"\";3\n", out(runtime.CopyOptions{
		Header: true, Columns: []string{"name", "n"}, Delimiter: ";", ForceQuote: []string{"name"},
	}))
	require.Equal(t, "1\ta\n2\t\\N\n3\t\n", out(runtime.CopyOptions{Format: runtime.CopyText}))
	require.True(t, strings.HasPrefix(out(runtime.CopyOptions{Format: runtime.CopyBinary}), "PGCOPY\n"))
	_, err = runtime.CopyTo(ctx, conn, runtime.CopyQuery("SELECT 1"), io.Discard, runtime.CopyOptions{Columns: []string{"n"}})
	require.EqualError(t, err, "copy: the columns of a query are in the query")
	_, err = runtime.CopyTo(ctx, conn, "t", io.Discard, runtime.CopyOptions{MatchHeader: true})
	require.EqualError(t, err, "copy: MatchHeader is for CopyFrom")
	_, err = runtime.CopyTo(ctx, conn, "t", io.Discard, runtime.CopyOptions{Format: 9})
	require.EqualError(t, err, "copy: there is no CopyFormat(9)")
	_, err = runtime.CopyTo(ctx, conn, "a.b.c.d", io.Discard, runtime.CopyOptions{})
	require.ErrorContains(t, err, "improper qualified name")

	// One value of more than a piece, and of more than a few.
	_, err = conn.Exec(ctx, "TRUNCATE t; INSERT INTO t SELECT i, repeat('x', i) FROM unnest(ARRAY[1, 70000, 3, 1000000]) i")
	require.NoError(t, err)
	var b bytes.Buffer
	_, err = runtime.CopyTo(ctx, conn, "t", &b, runtime.CopyOptions{})
	require.NoError(t, err)
	require.Equal(t, 1_070_004+len("1,\n70000,\n3,\n1000000,\n"), b.Len())
	n, err := runtime.CopyFrom(ctx, conn, "t", iotest.HalfReader(&b), runtime.CopyOptions{})
	require.NoError(t, err)
	require.Equal(t, int64(4), n)
}

// TestCopyDataIsFlat copies much more than may live on the heap.
func TestCopyDataIsFlat(t *testing.T) { //nolint:paralleltest // it looks at the heap
	ctx := context.Background()
	conn := connect(t)
	_, err := conn.Exec(ctx, "CREATE UNLOGGED TABLE t (n int4, name text)")
	require.NoError(t, err)
	var least, most uint64 = math.MaxUint64, 0
	measure := func(int64, int64) {
		goruntime.GC()
		var m goruntime.MemStats
		goruntime.ReadMemStats(&m)
		least, most = min(least, m.HeapAlloc), max(most, m.HeapAlloc)
	}
	const row, rows = "1,0123456789012345678901234567890123456789012345678901234567890123456789\n", 600_000
	at := 0
	n, err := runtime.CopyFrom(ctx, conn, "t", io.LimitReader(readerFunc(func(p []byte) (n int, err error) {
		for n < len(p) {
			k := copy(p[n:], row[at:])
			n, at = n+k, (at+k)%len(row)
		}
		return n, nil
	}), rows*int64(len(row))), runtime.CopyOptions{Progress: measure})
	require.NoError(t, err)
	require.Equal(t, int64(rows), n)
	_, err = runtime.CopyTo(ctx, conn, "t", io.Discard, runtime.CopyOptions{Progress: measure})
	require.NoError(t, err)
	require.Less(t, most-least, uint64(4<<20))
}

// TestCopyDataIsObserved wants one event for each copy.
func TestCopyDataIsObserved(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	config, err := pgxpool.ParseConfig(pgtest.Schema(t, "CREATE TABLE t (n int4, name text)"))
	require.NoError(t, err)
	tracer := &copyTracer{}
	config.ConnConfig.Tracer = tracer
	db, err := pgxpool.NewWithConfig(ctx, config)
	require.NoError(t, err)
	defer db.Close()
	var events []runtime.Event
	client := runtime.NewClient(db, runtime.WithObserver(runtime.ObserverFunc(func(_ context.Context, e runtime.Event) {
		events = append(events, e)
	})))
	defer client.Close()
	_, err = runtime.CopyFrom(ctx, client, "public.t", csvLines(3, nil), runtime.CopyOptions{Columns: []string{"n", "name"}})
	require.NoError(t, err)
	_, err = runtime.CopyFrom(ctx, client, "t", strings.NewReader("x,y\n"), runtime.CopyOptions{})
	require.Error(t, err)
	_, err = runtime.CopyTo(ctx, client, "t", io.Discard, runtime.CopyOptions{})
	require.NoError(t, err)
	require.Len(t, events, 3)
	require.Equal(t, runtime.Event{Op: runtime.OpCopy, Rows: 3, Start: events[0].Start, Duration: events[0].Duration}, events[0])
	require.Equal(t, runtime.KindPermanent, events[1].Kind())
	require.Equal(t, int64(3), events[2].Rows)
	require.Equal(t, []string{`"public"."t" n,name`, "COPY 3", `"t" `, "error"}, tracer.events)
}
