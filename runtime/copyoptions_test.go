package runtime

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestTableName(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, table string
		want        pgx.Identifier
		err         string
	}{
		{name: "plain", table: "t", want: pgx.Identifier{"t"}},
		{name: "schema", table: "public.t", want: pgx.Identifier{"public", "t"}},
		{name: "case is kept", table: "Public.My Table", want: pgx.Identifier{"Public", "My Table"}},
		{name: "quoted dot", table: `"a.b".c`, want: pgx.Identifier{"a.b", "c"}},
		{name: "quoted both", table: `"a.b"."c.d"`, want: pgx.Identifier{"a.b", "c.d"}},
		{name: "doubled quote", table: `"a""b"`, want: pgx.Identifier{`a"b`}},
		{name: "only a quote", table: `""""`, want: pgx.Identifier{`"`}},
		{name: "quote inside", table: `a"b.c`, want: pgx.Identifier{`a"b`, "c"}},
		{name: "sql", table: `t"; drop table t; --`, want: pgx.Identifier{`t"; drop table t; --`}},
		{name: "sanitized", table: pgx.Identifier{`a".b`, "c"}.Sanitize(), want: pgx.Identifier{`a".b`, "c"}},
		{name: "empty", table: "", err: `table name "" has an empty part`},
		{name: "dot first", table: ".t", err: `table name ".t" has an empty part`},
		{name: "dot last", table: "t.", err: `table name "t." has an empty part`},
		{name: "empty quotes", table: `a.""`, err: `table name "a.\"\"" has an empty part`},
		{name: "open quote", table: `"a`, err: `table name "\"a" has no closing quote`},
		{name: "open at the end", table: `"a""`, err: `table name "\"a\"\"" has no closing quote`},
		{name: "goes on", table: `"a"b`, err: `table name "\"a\"b" goes on after a closing quote`},
	}
	for _, test := range tests {
		got, err := tableName(test.table)
		if test.err != "" {
			require.EqualError(t, err, test.err, test.name)
			continue
		}
		require.NoError(t, err, test.name)
		require.Equal(t, test.want, got, test.name)
	}
}

func FuzzTableName(f *testing.F) {
	f.Add(`"a".b`, "c.d")
	f.Fuzz(func(t *testing.T, table, part string) {
		if name, err := tableName(table); err == nil {
			require.NotEmpty(t, name)
		}
		if part != "" && !strings.Contains(part, "\x00") {
			name, err := tableName(pgx.Identifier{part, "t"}.Sanitize())
			require.NoError(t, err)
			require.Equal(t, pgx.Identifier{part, "t"}, name)
		}
	})
}

// TestRowCounter cuts data into random pieces.
func TestRowCounter(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	values := []string{"", "a", `"`, `""`, "\n", "a\nb", `\`, `\\`, ",", "ü\n\"", `\N`, `"\n`, "x\\\n"}
	for range 300 {
		n := r.IntN(20)
		var csvData, escaped, text, binaryData bytes.Buffer
		w := csv.NewWriter(&csvData)
		binaryData.WriteString(copySignature)
		for range n {
			row := []string{"k", values[r.IntN(len(values))], values[r.IntN(len(values))]}
			require.NoError(t, w.Write(row))
			for i, v := range row {
				if i > 0 {
					escaped.WriteByte(',')
					text.WriteByte('\t')
				}
				escaped.WriteString("'" + strings.NewReplacer("'", `\'`, `\`, `\\`).Replace(v) + "'")
				// A newline behind a backslash is one of the value.
				text.WriteString(strings.NewReplacer(`\`, `\\`, "\n", "\\\n", "\t", `\t`).Replace(v))
			}
			escaped.WriteByte('\n')
			text.WriteByte('\n')
			_ = binary.Write(&binaryData, binary.BigEndian, int16(3))
			for _, v := range row {
				if v == "" {
					_ = binary.Write(&binaryData, binary.BigEndian, int32(-1))
					continue
				}
				_ = binary.Write(&binaryData, binary.BigEndian, int32(len(v)))
				binaryData.WriteString(v)
			}
		}
		w.Flush()
		binaryData.WriteString(binaryEnd)
		for name, test := range map[string]struct {
			options CopyOptions
			data    []byte
			want    int
		}{
			"csv":     {CopyOptions{}, csvData.Bytes(), n},
			"header":  {CopyOptions{Header: true}, csvData.Bytes(), max(n-1, 0)},
			"escape":  {CopyOptions{Quote: "'", Escape: `\`}, escaped.Bytes(), n},
			"text":    {CopyOptions{Format: CopyText}, text.Bytes(), n},
			"binary":  {CopyOptions{Format: CopyBinary}, binaryData.Bytes(), n},
			"corrupt": {CopyOptions{Format: CopyBinary}, []byte("PGCOPY"), 0},
		} {
			counter := newRowCounter(&test.options)
			got := 0
			for data := test.data; len(data) > 0; {
				k := 1 + r.IntN(min(len(data), 40))
				got += counter.count(data[:k])
				data = data[k:]
			}
			require.Equal(t, test.want, got, "%s: %q", name, test.data)
		}
	}
}

func TestCopyPosition(t *testing.T) {
	t.Parallel()
	tests := []struct {
		where   string
		columns []string
		line    int64
		column  string
	}{
		{`COPY t, line 7, column n: "x"`, nil, 7, "n"},
		{`COPY t, line 7, column n: "x"`, []string{"n", "n: "}, 7, "n"},
		{`COPY t, line 7, column a, b: "x: y"`, []string{"a", "a, b"}, 7, "a, b"},
		{`COPY t, line 7, column n: null input`, nil, 7, "n"},
		{`COPY t, line 7, column n`, []string{"n"}, 7, "n"},
		{`COPY t, line 7: "COPY t, line 9"`, nil, 7, ""},
		{`COPY t, line 7`, nil, 7, ""},
		{`COPY t, line 7, column x: "y"`, []string{"n"}, 7, ""},
		{`COPY u, line 7`, nil, 0, ""},
		{`COPY t, Zeile 7`, nil, 0, ""},
		{`COPY t, line `, nil, 0, ""},
		{`COPY t, line 99999999999999999999`, nil, 0, ""},
		{`PL/pgSQL function f() line 3 at RAISE`, nil, 0, ""},
	}
	for _, test := range tests {
		line, column := copyPosition(test.where, "t", test.columns)
		require.Equal(t, test.line, line, test.where)
		require.Equal(t, test.column, column, test.where)
	}
}
