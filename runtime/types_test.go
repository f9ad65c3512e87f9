package runtime_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"math/big"
	"net"
	"net/netip"
	"reflect"
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

// modes are pgx's exec modes. The last two send arguments and results as text.
var modes = []pgx.QueryExecMode{
	pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
	pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
}

// forMode is the way to a database that an exec mode needs. Prepared statements
// live in a session, which a pooler does not keep, and so does the unnamed one
// that is described in one transaction and executed in the next.
func forMode(t *testing.T, url string, mode pgx.QueryExecMode) string {
	t.Helper()
	switch mode {
	case pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec:
		return pgtest.Direct(t, url)
	}
	return url
}

func connectMode(t *testing.T, url string, mode pgx.QueryExecMode) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	config, err := pgx.ParseConfig(forMode(t, url, mode))
	require.NoError(t, err)
	config.DefaultQueryExecMode = mode
	conn, err := pgx.ConnectConfig(ctx, config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(ctx)) })
	return conn
}

// sample is a value in Go and in SQL.
type sample[T any] struct {
	value   T
	literal string
}

// kind is a PostgreSQL type, and how generated code reads and writes it: T not
// null, N nullable.
type kind[T, N any] struct {
	typ       runtime.Type
	base      runtime.Type // what typ is a domain over
	declared  string       // the SQL type of the table's column, if it is not typ
	text      bool
	samples   []sample[T]
	read      func(*runtime.Row) T
	readNull  func(*runtime.Row) N
	write     func(*runtime.Encoder, T)
	writeNull func(*runtime.Encoder, N)
	arg       func(T) any
	nullArg   func(N) any
	some      func(T) N
	// unwrappable is true if pgx cannot copy the type, or arrays of it,
	// through a wrapper without its being registered.
	unwrappable bool
}

// record is a row of the table that a kind is tested with.
type record[T, N any] struct {
	ID       int32
	V        T
	N        N
	Array    []T
	Null     []T
	Elements []N
	Matrix   [][]T
}

func (k *kind[T, N]) columns() []runtime.Column {
	typ := k.typ
	if k.base != "" {
		typ = k.base // as the server says of a domain
	}
	return []runtime.Column{
		{Name: "id", Type: runtime.Int4},
		{Name: "v", Type: typ, Text: k.text},
		{Name: "n", Type: typ, Text: k.text},
		{Name: "a", Type: k.typ + "[]", Text: k.text},
		{Name: "z", Type: k.typ + "[]", Text: k.text},
		{Name: "e", Type: k.typ + "[]", Text: k.text},
		{Name: "m", Type: k.typ + "[]", Text: k.text},
	}
}

func (k *kind[T, N]) decode(v *record[T, N], row *runtime.Row) {
	v.ID = row.Int4()
	v.V = k.read(row)
	v.N = k.readNull(row)
	v.Array = runtime.Array(row, k.read)
	v.Null = runtime.NullArray(row, k.read)
	v.Elements = runtime.Array(row, k.readNull)
	v.Matrix = runtime.Array(row, runtime.Dim(k.read))
}

func (k *kind[T, N]) encode(v *record[T, N], e *runtime.Encoder) {
	e.Int4(v.ID)
	k.write(e, v.V)
	k.writeNull(e, v.N)
	runtime.EncodeArray(e, v.Array, k.typ, k.write)
	runtime.EncodeNullArray(e, v.Null, k.typ, k.write)
	runtime.EncodeArray(e, v.Elements, k.typ, k.writeNull)
	runtime.EncodeArray(e, v.Matrix, k.typ, runtime.EncodeDim(k.write))
}

func (k *kind[T, N]) args(v *record[T, N]) []any {
	arg, nullArg := k.arg, k.nullArg
	if arg == nil {
		arg = func(v T) any { return v }
	}
	if nullArg == nil {
		nullArg = func(v N) any { return v }
	}
	return []any{
		v.ID, arg(v.V), nullArg(v.N),
		runtime.ArrayArg(v.Array, k.write), runtime.NullArrayArg(v.Null, k.write),
		runtime.ArrayArg(v.Elements, k.writeNull), runtime.ArrayArg(v.Matrix, runtime.EncodeDim(k.write)),
	}
}

// records are rows with every sample, NULL, empty arrays, NULL elements and
// two dimensions, and what PostgreSQL should print for them.
func (k *kind[T, N]) records() (records []record[T, N], literals [][]string) {
	var null N
	all := []T{}
	var elements []N
	var allLiterals, elementLiterals []string
	for i, s := range k.samples {
		all = append(all, s.value)
		elements = append(elements, null, k.some(s.value))
		allLiterals = append(allLiterals, s.literal)
		elementLiterals = append(elementLiterals, "NULL", s.literal)
		r := record[T, N]{
			ID: int32(2 * i), V: s.value, N: null, Array: []T{}, Null: nil, Elements: []N{}, Matrix: [][]T{},
		}
		records = append(records, r)
		literals = append(literals, []string{s.literal, "NULL", k.array(), "NULL", k.array(), k.array()})
		r = record[T, N]{
			ID: int32(2*i + 1), V: s.value, N: k.some(s.value), Array: append([]T{}, all...), Null: []T{s.value},
			Elements: append([]N{}, elements...), Matrix: [][]T{append([]T{}, all...), append([]T{}, all...)},
		}
		records = append(records, r)
		literals = append(literals, []string{
			s.literal, s.literal, k.array(allLiterals...), k.array(s.literal), k.array(elementLiterals...),
			fmt.Sprintf("ARRAY[%s,%s]", k.array(allLiterals...), k.array(allLiterals...)),
		})
	}
	return records, literals
}

func (k *kind[T, N]) array(literals ...string) string {
	return "ARRAY[" + strings.Join(literals, ",") + "]::" + k.column() + "[]"
}

func (k *kind[T, N]) column() string {
	if k.declared != "" {
		return k.declared
	}
	return string(k.typ)
}

// wrapper hides what the connection is.
type wrapper struct{ *pgx.Conn }

// run sends every record to the server in every way and reads it back.
func (k *kind[T, N]) run(t *testing.T, url string) {
	ctx := context.Background()
	records, literals := k.records()
	table := "t_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, t.Name()[strings.LastIndex(t.Name(), "/")+1:])
	admin := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	create := fmt.Sprintf("CREATE TABLE %s (way text, id int, v %[2]s NOT NULL, n %[2]s, a %[2]s[], z %[2]s[], e %[2]s[], m %[2]s[])",
		table, k.column())
	_, err := admin.Exec(ctx, create)
	require.NoError(t, err)

	list := &runtime.Statement[record[T, N]]{
		Name:    "List",
		SQL:     fmt.Sprintf("SELECT id, v, n, a, z, e, m FROM %s WHERE way = $1 ORDER BY id", table),
		Columns: k.columns(),
		Decode:  k.decode,
	}
	one := &runtime.Statement[record[T, N]]{
		Name:    "Insert",
		SQL:     fmt.Sprintf("INSERT INTO %s VALUES ('arg', $1, $2, $3, $4, $5, $6, $7) RETURNING id, v, n, a, z, e, m", table),
		Columns: k.columns(),
		Decode:  k.decode,
	}

	check := func(t *testing.T, way string) {
		t.Helper()
		for i := range records {
			var got, want []string
			query := fmt.Sprintf("SELECT ARRAY[v::text, n::text, a::text, z::text, e::text, m::text] FROM %s WHERE way = $1 AND id = $2", table)
			require.NoError(t, admin.QueryRow(ctx, query, way, records[i].ID).Scan((*texts)(&got)))
			for j := range literals[i] {
				cast := k.column()
				if j > 1 {
					cast += "[]"
				}
				want = append(want, fmt.Sprintf("((%s)::%s)::text", literals[i][j], cast))
			}
			var wanted []string
			require.NoError(t, admin.QueryRow(ctx, "SELECT ARRAY["+strings.Join(want, ",")+"]").Scan((*texts)(&wanted)))
			require.Equal(t, wanted, got)
		}
	}

	// The literals themselves, so that what follows is not compared with what
	// this package wrote.
	for i := range records {
		_, err := admin.Exec(ctx, fmt.Sprintf("INSERT INTO %s VALUES ('literal', %d, %s)", table, records[i].ID, strings.Join(literals[i], ",")))
		require.NoError(t, err)
	}
	for _, mode := range modes {
		conn := connectMode(t, url, mode)
		all, err := list.All(ctx, conn, "literal")
		require.NoError(t, err, mode)
		requireSame(t, records, all, mode)

		for i := range records {
			got, err := one.One(ctx, conn, k.args(&records[i])...)
			require.NoError(t, err, mode)
			requireSame(t, records[i], got, mode)
		}
		check(t, "arg")
		_, err = conn.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE way = 'arg'", table))
		require.NoError(t, err)

		var b pgx.Batch
		list.Queue(&b, "literal")
		many := list.SendMany(ctx, conn, &b)
		calls := 0
		many.Query(func(_ int, rows []record[T, N], err error) {
			calls++
			require.NoError(t, err, mode)
			requireSame(t, records, rows, mode)
		})
		require.NoError(t, many.Close())
		require.Equal(t, 1, calls)

		b = pgx.Batch{}
		for i := range records {
			one.Queue(&b, k.args(&records[i])...)
		}
		single := one.SendOne(ctx, conn, &b)
		single.QueryRow(func(i int, row record[T, N], err error) {
			require.NoError(t, err, mode)
			requireSame(t, records[i], row, mode)
		})
		require.NoError(t, single.Close())
		check(t, "arg")
		_, err = conn.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE way = 'arg'", table))
		require.NoError(t, err)
	}

	conn := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	for _, way := range []string{"copy", "text", "wrapper"} {
		_, err := conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s ALTER way SET DEFAULT '%s'", table, way))
		require.NoError(t, err)
		load := &runtime.CopyStatement[record[T, N]]{Name: "Load", Table: []string{"public", table}, Columns: k.columns(), Encode: k.encode}
		var db runtime.Copier = conn
		switch way {
		case "text":
			for i := range load.Columns {
				load.Columns[i].Text = true
			}
		case "wrapper":
			db = &wrapper{conn}
		}
		n, err := load.From(ctx, db, records)
		// Before 14 the server compares the OIDs of elements and fields.
		old := serverVersion(t, url) < 14 && strings.Contains(string(k.typ), ".")
		if way == "wrapper" && (k.unwrappable || old) {
			require.Error(t, err)
			require.Regexp(t, "pass the pool, connection or transaction itself|cannot find encode plan", err.Error())
			continue
		}
		require.NoError(t, err, way)
		require.Equal(t, int64(len(records)), n)
		check(t, way)
		n, err = load.FromSeq(ctx, db, each(records))
		require.NoError(t, err, way)
		require.Equal(t, int64(len(records)), n)
	}
}

func each[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// texts scans a text[] with NULL elements.
type texts []string

func (a *texts) ScanNull() error { return fmt.Errorf("null") }

func (a *texts) SetDimensions(d []pgtype.ArrayDimension) error {
	*a = make([]string, d[0].Length)
	return nil
}
func (a texts) ScanIndex(i int) any { return &nullableText{&a[i]} }
func (a texts) ScanIndexType() any  { return &nullableText{} }

type nullableText struct{ to *string }

func (n *nullableText) ScanText(v pgtype.Text) error {
	*n.to = v.String
	if !v.Valid {
		*n.to = "<NULL>"
	}
	return nil
}

// requireSame compares what two values print as, so that times compare by
// their instant, numbers by value, and NaN is NaN.
func requireSame(t *testing.T, want, got any, context ...any) {
	t.Helper()
	require.Equal(t, dump(want), dump(got), context...)
}

// dump prints a value, telling nil from empty.
func dump(v any) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(v))
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value) {
	if !v.IsValid() {
		b.WriteString("nil")
		return
	}
	switch x := v.Interface().(type) {
	case time.Time:
		b.WriteString(x.UTC().Format("2006-01-02T15:04:05.999999999"))
		return
	case big.Int:
		b.WriteString(x.String())
		return
	case netip.Prefix:
		b.WriteString(x.String())
		return
	case netip.Addr:
		b.WriteString(x.String())
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		b.WriteByte('&')
		dumpValue(b, v.Elem())
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.IsNil() {
			b.WriteString("nil")
			return
		}
		b.WriteByte('[')
		for i := range v.Len() {
			dumpValue(b, v.Index(i))
			b.WriteByte(' ')
		}
		b.WriteByte(']')
	case reflect.Struct:
		b.WriteByte('{')
		for i := range v.NumField() {
			b.WriteString(v.Type().Field(i).Name + ":")
			dumpValue(b, v.Field(i))
			b.WriteByte('\n')
		}
		b.WriteByte('}')
	case reflect.Map:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		var entries []string
		for _, key := range v.MapKeys() {
			entries = append(entries, dump(key.Interface())+":"+dump(v.MapIndex(key).Interface()))
		}
		slices.Sort(entries)
		fmt.Fprint(b, entries)
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprintf(b, "%v", v.Interface())
	}
}

func pointer[T any](v T) *T { return &v }
func itself[T any](v T) T   { return v }

func utc(year int, month time.Month, day, hour, minute, second, us int) time.Time {
	return time.Date(year, month, day, hour, minute, second, us*1000, time.UTC)
}

// plain is a kind whose nullable Go type is a pointer and whose arguments are
// passed as they are.
func plain[T any](typ runtime.Type, read func(*runtime.Row) T, readNull func(*runtime.Row) *T,
	write func(*runtime.Encoder, T), writeNull func(*runtime.Encoder, *T), samples ...sample[T],
) *kind[T, *T] {
	return &kind[T, *T]{
		typ: typ, samples: samples, read: read, readNull: readNull, write: write, writeNull: writeNull,
		some: pointer[T],
	}
}

// valid is a kind whose Go type itself knows NULL.
func valid[T any](typ runtime.Type, read, readNull func(*runtime.Row) T,
	write, writeNull func(*runtime.Encoder, T), samples ...sample[T],
) *kind[T, T] {
	return &kind[T, T]{
		typ: typ, samples: samples, read: read, readNull: readNull, write: write, writeNull: writeNull,
		some: itself[T],
	}
}

type (
	row     = runtime.Row
	encoder = runtime.Encoder
)

func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func textSamples() []sample[string] {
	values := []string{
		"", "a", "NULL", "null", " leading", "it's", `back\slash`, `"quoted"`, "{braces}", "(parens)", "a,b;c",
		"tab\tnewline\nreturn\r", "größe 世界 🎉", `\N`, `\.`, "\x01\x7f", strings.Repeat("wide ✓ ", 3000),
	}
	samples := make([]sample[string], len(values))
	for i, v := range values {
		samples[i] = sample[string]{v, quoteLiteral(v)}
	}
	return samples
}

func numeric(text string) sample[pgtype.Numeric] {
	var n pgtype.Numeric
	if err := n.Scan(text); err != nil {
		panic(err)
	}
	return sample[pgtype.Numeric]{n, "'" + text + "'"}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	runs := map[string]interface {
		run(t *testing.T, url string)
	}{
		"bool": plain(runtime.Bool, (*row).Bool, (*row).NullBool, (*encoder).Bool, (*encoder).NullBool,
			sample[bool]{true, "true"}, sample[bool]{false, "false"}),
		"int2": plain(runtime.Int2, (*row).Int2, (*row).NullInt2, (*encoder).Int2, (*encoder).NullInt2,
			sample[int16]{0, "0"}, sample[int16]{math.MinInt16, "'-32768'"}, sample[int16]{math.MaxInt16, "32767"}),
		"int4": plain(runtime.Int4, (*row).Int4, (*row).NullInt4, (*encoder).Int4, (*encoder).NullInt4,
			sample[int32]{0, "0"}, sample[int32]{math.MinInt32, "'-2147483648'"}, sample[int32]{math.MaxInt32, "2147483647"}),
		"int8": plain(runtime.Int8, (*row).Int8, (*row).NullInt8, (*encoder).Int8, (*encoder).NullInt8,
			sample[int64]{0, "0"}, sample[int64]{math.MinInt64, "'-9223372036854775808'"}, sample[int64]{math.MaxInt64, "9223372036854775807"}),
		"oid": plain(runtime.OID, (*row).OID, (*row).NullOID, (*encoder).OID, (*encoder).NullOID,
			sample[uint32]{0, "0"}, sample[uint32]{math.MaxUint32, "4294967295"}),
		"xid": plain(runtime.XID, (*row).OID, (*row).NullOID, (*encoder).OID, (*encoder).NullOID,
			sample[uint32]{0, "'0'"}, sample[uint32]{math.MaxUint32, "'4294967295'"}),
		"float4": plain(runtime.Float4, (*row).Float4, (*row).NullFloat4, (*encoder).Float4, (*encoder).NullFloat4,
			sample[float32]{0, "0"}, sample[float32]{math.MaxFloat32, "3.4028235e38"}, sample[float32]{-1.5e-20, "-1.5e-20"},
			sample[float32]{float32(math.NaN()), "'NaN'"}, sample[float32]{float32(math.Inf(-1)), "'-Infinity'"},
			sample[float32]{0.1, "0.1"}),
		"float8": plain(runtime.Float8, (*row).Float8, (*row).NullFloat8, (*encoder).Float8, (*encoder).NullFloat8,
			sample[float64]{0, "0"}, sample[float64]{math.MaxFloat64, "1.7976931348623157e308"}, sample[float64]{0.1, "0.1"},
			sample[float64]{math.SmallestNonzeroFloat64, "5e-324"}, sample[float64]{math.NaN(), "'NaN'"},
			sample[float64]{math.Inf(1), "'Infinity'"}, sample[float64]{1e21, "1e21"}),
		"text":    plain(runtime.Text, (*row).Text, (*row).NullText, (*encoder).Text, (*encoder).NullText, textSamples()...),
		"varchar": plain(runtime.Varchar, (*row).Text, (*row).NullText, (*encoder).Text, (*encoder).NullText, textSamples()[:3]...),
		"bpchar": plain(runtime.Bpchar, (*row).Text, (*row).NullText, (*encoder).Text, (*encoder).NullText,
			sample[string]{"a", "'a'"}),
		"name": plain(runtime.Name, (*row).Text, (*row).NullText, (*encoder).Text, (*encoder).NullText, textSamples()[:12]...),
		"bytea": &kind[[]byte, []byte]{
			typ: runtime.Bytea, read: (*row).Bytea, readNull: (*row).NullBytea,
			write: (*encoder).Bytea, writeNull: (*encoder).NullBytea, some: itself[[]byte], arg: runtime.ByteaArg,
			samples: []sample[[]byte]{{[]byte{}, `'\x'`}, {[]byte{0, 1, 255, '\\', '\''}, `'\x0001ff5c27'`}, {[]byte(`\x41`), `'\x5c783431'`}},
		},
		"json":  jsonKind(runtime.JSON),
		"jsonb": jsonKind(runtime.JSONB),
		"uuid": valid(runtime.UUID, (*row).UUID, (*row).NullUUID, (*encoder).UUID, (*encoder).NullUUID,
			sample[pgtype.UUID]{pgtype.UUID{Valid: true}, "'00000000-0000-0000-0000-000000000000'"},
			sample[pgtype.UUID]{
				pgtype.UUID{Bytes: [16]byte{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 0xff}, Valid: true},
				"'12345678-9abc-def0-0102-0304050607ff'",
			}),
		"numeric": valid(runtime.Numeric, (*row).Numeric, (*row).NullNumeric, (*encoder).Numeric, (*encoder).NullNumeric,
			numeric("0"), numeric("0.00"), numeric("1"), numeric("-1"), numeric("10"), numeric("10000"), numeric("100000000"),
			numeric("12345.6789"), numeric("-0.000000000000000000000000000000000000000000000001"), numeric("0.0001"),
			numeric("99999999999999999999.99999999999999999999"), numeric("100.00"), numeric("18446744073709551616"),
			numeric("9999.9999"), numeric("1"+strings.Repeat("0", 3000)), numeric("1"+strings.Repeat("7", 5000)+".5"),
			numeric("0."+strings.Repeat("3", 4000)), numeric("1.50"), numeric("123456789012345678"),
			numeric("9999999999999999"), numeric("-10000000000000001"), numeric("999999999999.9999"), numeric("10000000000000000.5"),
			numeric("1234.5"), numeric("12.345"), numeric("0.01"), numeric("100020003000.4"), numeric("0.00000001"),
			sample[pgtype.Numeric]{pgtype.Numeric{NaN: true, Valid: true}, "'NaN'"},
			sample[pgtype.Numeric]{pgtype.Numeric{NaN: true, Valid: true}, "'nan'"}),
		"timestamptz": plain(runtime.Timestamptz, (*row).Timestamptz, (*row).NullTimestamptz, (*encoder).Timestamptz, (*encoder).NullTimestamptz,
			sample[time.Time]{utc(2024, 2, 29, 23, 59, 59, 999999), "'2024-02-29 23:59:59.999999+00'"},
			sample[time.Time]{utc(1, 1, 1, 0, 0, 0, 0), "'0001-01-01 00:00:00+00'"},
			sample[time.Time]{utc(9999, 12, 31, 23, 59, 59, 999999), "'9999-12-31 23:59:59.999999+00'"},
			sample[time.Time]{utc(0, 3, 1, 0, 0, 0, 0), "'0001-03-01 00:00:00+00 BC'"},
			sample[time.Time]{utc(-4712, 1, 2, 0, 0, 0, 0), "'4713-01-02 00:00:00+00 BC'"},
			sample[time.Time]{utc(294276, 12, 31, 23, 59, 59, 999999), "'294276-12-31 23:59:59.999999+00'"},
			sample[time.Time]{utc(1999, 12, 31, 23, 59, 59, 999999), "'1999-12-31 23:59:59.999999+00'"},
			sample[time.Time]{time.Date(2024, 7, 1, 12, 0, 0, 5000, time.FixedZone("", -5*3600-1800)), "'2024-07-01 17:30:00.000005+00'"}),
		"timestamp": &kind[time.Time, *time.Time]{
			typ: runtime.Timestamp, read: (*row).Timestamp, readNull: (*row).NullTimestamp,
			write: (*encoder).Timestamp, writeNull: (*encoder).NullTimestamp, some: pointer[time.Time],
			arg: runtime.TimestampArg, nullArg: runtime.NullTimestampArg,
			samples: []sample[time.Time]{
				{utc(2024, 2, 29, 23, 59, 59, 999999), "'2024-02-29 23:59:59.999999'"},
				{utc(1, 1, 1, 0, 0, 0, 0), "'0001-01-01 00:00:00'"},
				{utc(9999, 12, 31, 23, 59, 59, 999999), "'9999-12-31 23:59:59.999999'"},
				{utc(-4712, 1, 2, 0, 0, 0, 100), "'4713-01-02 00:00:00.0001 BC'"},
				{utc(294276, 12, 31, 23, 59, 59, 999999), "'294276-12-31 23:59:59.999999'"},
			},
		},
		"date": &kind[time.Time, *time.Time]{
			typ: runtime.Date, read: (*row).Date, readNull: (*row).NullDate,
			write: (*encoder).Date, writeNull: (*encoder).NullDate, some: pointer[time.Time],
			arg: runtime.DateArg, nullArg: runtime.NullDateArg,
			samples: []sample[time.Time]{
				{utc(2024, 2, 29, 0, 0, 0, 0), "'2024-02-29'"},
				{utc(1, 1, 1, 0, 0, 0, 0), "'0001-01-01'"},
				{utc(9999, 12, 31, 0, 0, 0, 0), "'9999-12-31'"},
				{utc(-4712, 1, 2, 0, 0, 0, 0), "'4713-01-02 BC'"},
				{utc(5874897, 12, 31, 0, 0, 0, 0), "'5874897-12-31'"},
			},
		},
		"time": valid(runtime.Time, (*row).Time, (*row).NullTime, (*encoder).Time, (*encoder).NullTime,
			sample[pgtype.Time]{pgtype.Time{Valid: true}, "'00:00:00'"},
			sample[pgtype.Time]{pgtype.Time{Microseconds: 86_400_000_000, Valid: true}, "'24:00:00'"},
			sample[pgtype.Time]{pgtype.Time{Microseconds: 45_296_000_007, Valid: true}, "'12:34:56.000007'"}),
		"interval": valid(runtime.Interval, (*row).Interval, (*row).NullInterval, (*encoder).Interval, (*encoder).NullInterval,
			sample[pgtype.Interval]{pgtype.Interval{Valid: true}, "'0'"},
			sample[pgtype.Interval]{pgtype.Interval{Months: 14, Days: 3, Microseconds: 14_706_000_007, Valid: true}, "'1 year 2 mons 3 days 04:05:06.000007'"},
			sample[pgtype.Interval]{pgtype.Interval{Months: -14, Days: 3, Microseconds: -14_706_500_000, Valid: true}, "'-1 year -2 mons 3 days -04:05:06.5'"},
			sample[pgtype.Interval]{pgtype.Interval{Months: math.MaxInt32 - 7, Days: math.MaxInt32, Valid: true}, "'178956970 years 2147483647 days'"},
			sample[pgtype.Interval]{pgtype.Interval{Months: 2, Valid: true}, "'2 mons'"},
			sample[pgtype.Interval]{pgtype.Interval{Days: -1, Valid: true}, "'-1 day'"},
			sample[pgtype.Interval]{pgtype.Interval{Microseconds: 2147483647 * 3_600_000_000, Valid: true}, "'2147483647:00:00'"},
			sample[pgtype.Interval]{pgtype.Interval{Microseconds: -2147483647*3_600_000_000 - 1, Valid: true}, "'-2147483647:00:00.000001'"}),
		"bit": &kind[pgtype.Bits, pgtype.Bits]{
			typ: runtime.Bit, declared: "bit(10)", read: (*row).Bits, readNull: (*row).NullBits,
			write: (*encoder).Bits, writeNull: (*encoder).NullBits, some: itself[pgtype.Bits],
			samples: []sample[pgtype.Bits]{
				{pgtype.Bits{Bytes: []byte{0, 0}, Len: 10, Valid: true}, "B'0000000000'"},
				{pgtype.Bits{Bytes: []byte{0xa5, 0xc0}, Len: 10, Valid: true}, "B'1010010111'"},
			},
		},
		"varbit": valid(runtime.Varbit, (*row).Bits, (*row).NullBits, (*encoder).Bits, (*encoder).NullBits,
			sample[pgtype.Bits]{pgtype.Bits{Bytes: []byte{}, Len: 0, Valid: true}, "B''"},
			sample[pgtype.Bits]{pgtype.Bits{Bytes: []byte{0x80}, Len: 1, Valid: true}, "B'1'"},
			sample[pgtype.Bits]{pgtype.Bits{Bytes: []byte{1, 2, 3}, Len: 24, Valid: true}, "B'000000010000001000000011'"}),
		"inet": networkKind(runtime.Inet, "10.1.2.3/8", "192.168.0.1/32", "0.0.0.0/0", "::1/128", "2001:db8::ff/64", "::ffff:1.2.3.4/128"),
		"cidr": networkKind(runtime.Cidr, "10.0.0.0/8", "192.168.0.1/32", "0.0.0.0/0", "2001:db8::/32", "::/0"),
		"macaddr": &kind[net.HardwareAddr, net.HardwareAddr]{
			typ: runtime.Macaddr, read: (*row).Macaddr, readNull: (*row).NullMacaddr,
			write: (*encoder).Macaddr, writeNull: (*encoder).NullMacaddr, some: itself[net.HardwareAddr], arg: macaddrArg, nullArg: macaddrArg,
			samples: []sample[net.HardwareAddr]{
				{net.HardwareAddr{0, 0, 0, 0, 0, 0}, "'00:00:00:00:00:00'"}, {net.HardwareAddr{8, 0, 0x2b, 1, 2, 0xff}, "'08:00:2b:01:02:ff'"},
			},
		},
		"macaddr8": &kind[net.HardwareAddr, net.HardwareAddr]{
			typ: runtime.Macaddr8, read: (*row).Macaddr, readNull: (*row).NullMacaddr,
			write: (*encoder).Macaddr, writeNull: (*encoder).NullMacaddr, some: itself[net.HardwareAddr], arg: macaddrArg, nullArg: macaddrArg,
			unwrappable: true,
			samples:     []sample[net.HardwareAddr]{{net.HardwareAddr{8, 0, 0x2b, 1, 2, 3, 4, 0xff}, "'08:00:2b:01:02:03:04:ff'"}},
		},
		"point": valid(runtime.Point, (*row).Point, (*row).NullPoint, (*encoder).Point, (*encoder).NullPoint,
			sample[pgtype.Point]{pgtype.Point{P: pgtype.Vec2{X: 1.5, Y: -2e30}, Valid: true}, "'(1.5,-2e30)'"},
			sample[pgtype.Point]{pgtype.Point{P: pgtype.Vec2{X: math.Inf(1), Y: math.NaN()}, Valid: true}, "'(Infinity,NaN)'"}),
		"line": valid(runtime.Line, (*row).Line, (*row).NullLine, (*encoder).Line, (*encoder).NullLine,
			sample[pgtype.Line]{pgtype.Line{A: 1, B: -2.25, C: 3e-7, Valid: true}, "'{1,-2.25,3e-7}'"}),
		"lseg": valid(runtime.Lseg, (*row).Lseg, (*row).NullLseg, (*encoder).Lseg, (*encoder).NullLseg,
			sample[pgtype.Lseg]{pgtype.Lseg{P: [2]pgtype.Vec2{{X: 1, Y: 2}, {X: -3.5, Y: 4}}, Valid: true}, "'[(1,2),(-3.5,4)]'"}),
		"box": valid(runtime.Box, (*row).Box, (*row).NullBox, (*encoder).Box, (*encoder).NullBox,
			sample[pgtype.Box]{pgtype.Box{P: [2]pgtype.Vec2{{X: 3, Y: 4}, {X: -1, Y: 2}}, Valid: true}, "'(3,4),(-1,2)'"},
			sample[pgtype.Box]{pgtype.Box{Valid: true}, "'(0,0),(0,0)'"}),
		"path": valid(runtime.Path, (*row).Path, (*row).NullPath, (*encoder).Path, (*encoder).NullPath,
			sample[pgtype.Path]{pgtype.Path{P: []pgtype.Vec2{{X: 1, Y: 2}}, Valid: true}, "'[(1,2)]'"},
			sample[pgtype.Path]{pgtype.Path{P: []pgtype.Vec2{{X: 1, Y: 2}, {X: 3, Y: -4}, {X: 5, Y: 6}}, Closed: true, Valid: true}, "'((1,2),(3,-4),(5,6))'"}),
		"polygon": valid(runtime.Polygon, (*row).Polygon, (*row).NullPolygon, (*encoder).Polygon, (*encoder).NullPolygon,
			sample[pgtype.Polygon]{pgtype.Polygon{P: []pgtype.Vec2{{X: 1, Y: 2}}, Valid: true}, "'((1,2))'"},
			sample[pgtype.Polygon]{pgtype.Polygon{P: []pgtype.Vec2{{X: 1, Y: 2}, {X: 3, Y: -4}}, Valid: true}, "'((1,2),(3,-4))'"}),
		"circle": valid(runtime.Circle, (*row).Circle, (*row).NullCircle, (*encoder).Circle, (*encoder).NullCircle,
			sample[pgtype.Circle]{pgtype.Circle{P: pgtype.Vec2{X: 1, Y: -2.5}, R: 3, Valid: true}, "'<(1,-2.5),3>'"}),

		"int4range":  rangeKind(runtime.Int4Range, (*row).Int4, (*encoder).Int4, -1, "-1", 7, "7"),
		"int8range":  rangeKind(runtime.Int8Range, (*row).Int8, (*encoder).Int8, -1, "-1", 1<<40, "1099511627776"),
		"numrange":   rangeKind(runtime.NumRange, (*row).Numeric, (*encoder).Numeric, numeric("-1.5").value, "-1.5", numeric("7").value, "7"),
		"tsrange":    rangeKind(runtime.TSRange, (*row).Timestamp, (*encoder).Timestamp, utc(1, 1, 1, 0, 0, 0, 0), "0001-01-01", utc(2024, 1, 1, 1, 2, 3, 4), "2024-01-01 01:02:03.000004"),
		"tstzrange":  rangeKind(runtime.TSTZRange, (*row).Timestamptz, (*encoder).Timestamptz, utc(-5, 1, 1, 0, 0, 0, 0), "0006-01-01 00:00:00+00 BC", utc(2024, 1, 1, 1, 2, 3, 4), "2024-01-01 01:02:03.000004+00"),
		"daterange":  rangeKind(runtime.DateRange, (*row).Date, (*encoder).Date, utc(1, 1, 1, 0, 0, 0, 0), "0001-01-01", utc(2024, 1, 1, 0, 0, 0, 0), "2024-01-01"),
		"int4multi":  multirangeKind(runtime.Int4Multirange, (*row).Int4, (*encoder).Int4, -1, "-1", 7, "7"),
		"int8multi":  multirangeKind(runtime.Int8Multirange, (*row).Int8, (*encoder).Int8, -1, "-1", 7, "7"),
		"nummulti":   multirangeKind(runtime.NumMultirange, (*row).Numeric, (*encoder).Numeric, numeric("-1.5").value, "-1.5", numeric("7").value, "7"),
		"tsmulti":    multirangeKind(runtime.TSMultirange, (*row).Timestamp, (*encoder).Timestamp, utc(1, 1, 1, 0, 0, 0, 0), "0001-01-01", utc(2024, 1, 1, 1, 2, 3, 4), "2024-01-01 01:02:03.000004"),
		"tstzmulti":  multirangeKind(runtime.TSTZMultirange, (*row).Timestamptz, (*encoder).Timestamptz, utc(1, 1, 1, 0, 0, 0, 0), "0001-01-01 00:00:00+00", utc(2024, 1, 1, 1, 2, 3, 4), "2024-01-01 01:02:03.000004+00"),
		"datemulti":  multirangeKind(runtime.DateMultirange, (*row).Date, (*encoder).Date, utc(1, 1, 1, 0, 0, 0, 0), "0001-01-01", utc(2024, 1, 1, 0, 0, 0, 0), "2024-01-01"),
		"timetz":     textKind(runtime.TimeTZ, true, "12:34:56.7+02", "24:00:00-15:59:59"),
		"money":      textKind(runtime.Money, true, "$1,234.50", "-$0.01"),
		"tsvector":   textKind(runtime.TSVector, false, "'a':1 'fat':2A,3B,4C,16383 'it''s\\\\':4", ""),
		"tsquery":    textKind(runtime.TSQuery, true, "'fat' & ( 'rat' | 'cat':* )"),
		"xml":        textKind(runtime.XML, false, `<a b="1">x &amp; y</a>`),
		"pg_lsn":     textKind(runtime.PgLSN, true, "0/0", "16/B374D848"),
		"xid8":       textKind(runtime.XID8, false, "18446744073709551615"),
		"tid":        textKind(runtime.TID, false, "(4294967295,65535)"),
		"jsonpath":   textKind(runtime.JSONPath, true, `$."a"[*]?(@ > 1)`),
		"regclass":   textKind(runtime.RegClass, true, "pg_class"),
		"regtype":    textKind(runtime.RegType, true, "integer", "text[]"),
		"char":       textKind(`"char"`, false, "a", ""),
		"int2vector": textKind("int2vector", true, "1 2 3"),
	}
	version := serverVersion(t, url)
	if version >= 14 {
		runs["numeric infinity"] = valid(runtime.Numeric, (*row).Numeric, (*row).NullNumeric, (*encoder).Numeric, (*encoder).NullNumeric,
			sample[pgtype.Numeric]{pgtype.Numeric{InfinityModifier: pgtype.Infinity, Valid: true}, "'Infinity'"},
			sample[pgtype.Numeric]{pgtype.Numeric{InfinityModifier: pgtype.NegativeInfinity, Valid: true}, "'-Infinity'"})
	}
	if version >= 15 {
		runs["long interval"] = valid(runtime.Interval, (*row).Interval, (*row).NullInterval, (*encoder).Interval, (*encoder).NullInterval,
			sample[pgtype.Interval]{pgtype.Interval{Microseconds: math.MaxInt64, Valid: true}, "'2562047788:00:54.775807'"},
			sample[pgtype.Interval]{pgtype.Interval{Microseconds: math.MinInt64 + 1, Valid: true}, "'-2562047788:00:54.775807'"})
	}
	if version >= 17 {
		infinity := valid(runtime.Interval, (*row).Interval, (*row).NullInterval, (*encoder).Interval, (*encoder).NullInterval,
			sample[pgtype.Interval]{pgtype.Interval{Microseconds: math.MaxInt64, Days: math.MaxInt32, Months: math.MaxInt32, Valid: true}, "'infinity'"},
			sample[pgtype.Interval]{pgtype.Interval{Microseconds: math.MinInt64, Days: math.MinInt32, Months: math.MinInt32, Valid: true}, "'-infinity'"})
		// pgx does not know infinity: as an argument it has to be text.
		infinity.arg = func(v pgtype.Interval) any { return runtime.Arg(v, (*encoder).Interval) }
		infinity.nullArg, infinity.unwrappable = infinity.arg, true
		runs["infinite interval"] = infinity
	}
	if version < 14 {
		for _, name := range []string{"int4multi", "int8multi", "nummulti", "tsmulti", "tstzmulti", "datemulti"} {
			delete(runs, name)
		}
	}
	for name, k := range runs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k.run(t, url)
		})
	}
}

// serverVersion is the server's major version. The tests run on all that
// PostgreSQL supports, and what a version does not have they leave out.
func serverVersion(t *testing.T, url string) int {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	var version int
	require.NoError(t, conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int4 / 10000").Scan(&version))
	require.NoError(t, conn.Close(ctx))
	return version
}

func jsonKind(typ runtime.Type) *kind[json.RawMessage, json.RawMessage] {
	values := []string{`null`, `{}`, `[1, 2.5, "x\\n\"y\""]`, `{"a": 12345678901234567890.123, "b": "größe"}`, `"{}"`}
	k := &kind[json.RawMessage, json.RawMessage]{
		typ: typ, read: (*row).JSON, readNull: (*row).NullJSON, write: (*encoder).JSON, writeNull: (*encoder).NullJSON,
		some: itself[json.RawMessage], arg: runtime.JSONArg, nullArg: runtime.JSONArg,
	}
	for _, v := range values {
		k.samples = append(k.samples, sample[json.RawMessage]{json.RawMessage(v), quoteLiteral(v)})
	}
	return k
}

func networkKind(typ runtime.Type, values ...string) *kind[netip.Prefix, *netip.Prefix] {
	k := plain(typ, (*row).Inet, (*row).NullInet, (*encoder).Inet, (*encoder).NullInet)
	if typ == runtime.Cidr {
		k = plain(typ, (*row).Cidr, (*row).NullCidr, (*encoder).Cidr, (*encoder).NullCidr)
	}
	for _, v := range values {
		k.samples = append(k.samples, sample[netip.Prefix]{netip.MustParsePrefix(v), quoteLiteral(v)})
	}
	return k
}

func rangeKind[T any](typ runtime.Type, read func(*row) T, write func(*encoder, T), low T, lowText string, high T, highText string) *kind[pgtype.Range[T], pgtype.Range[T]] {
	quoted := func(s string) string { return `"` + s + `"` }
	samples := []sample[pgtype.Range[T]]{
		{pgtype.Range[T]{LowerType: pgtype.Empty, UpperType: pgtype.Empty, Valid: true}, "'empty'"},
		{pgtype.Range[T]{LowerType: pgtype.Unbounded, UpperType: pgtype.Unbounded, Valid: true}, "'(,)'"},
		{
			pgtype.Range[T]{Lower: low, Upper: high, LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true},
			"'[" + quoted(lowText) + "," + quoted(highText) + ")'",
		},
		{
			pgtype.Range[T]{Lower: low, LowerType: pgtype.Inclusive, UpperType: pgtype.Unbounded, Valid: true},
			"'[" + quoted(lowText) + ",)'",
		},
		{
			pgtype.Range[T]{Upper: high, LowerType: pgtype.Unbounded, UpperType: pgtype.Exclusive, Valid: true},
			"'(," + quoted(highText) + ")'",
		},
	}
	return &kind[pgtype.Range[T], pgtype.Range[T]]{
		typ: typ, samples: samples, some: itself[pgtype.Range[T]],
		read:      func(r *row) pgtype.Range[T] { return runtime.Range(r, read) },
		readNull:  func(r *row) pgtype.Range[T] { return runtime.NullRange(r, read) },
		write:     func(e *encoder, v pgtype.Range[T]) { runtime.EncodeRange(e, v, write) },
		writeNull: func(e *encoder, v pgtype.Range[T]) { runtime.EncodeNullRange(e, v, write) },
		arg:       func(v pgtype.Range[T]) any { return runtime.RangeArg(v, write) },
		nullArg:   func(v pgtype.Range[T]) any { return runtime.NullRangeArg(v, write) },
	}
}

func multirangeKind[T any](typ runtime.Type, read func(*row) T, write func(*encoder, T), low T, lowText string, high T, highText string) *kind[pgtype.Multirange[pgtype.Range[T]], pgtype.Multirange[pgtype.Range[T]]] {
	type multirange = pgtype.Multirange[pgtype.Range[T]]
	below := pgtype.Range[T]{Upper: low, LowerType: pgtype.Unbounded, UpperType: pgtype.Exclusive, Valid: true}
	above := pgtype.Range[T]{Lower: high, LowerType: pgtype.Inclusive, UpperType: pgtype.Unbounded, Valid: true}
	samples := []sample[multirange]{
		{multirange{}, "'{}'"},
		{multirange{below}, `'{(,"` + lowText + `")}'`},
		{multirange{below, above}, `'{(,"` + lowText + `"),["` + highText + `",)}'`},
	}
	return &kind[multirange, multirange]{
		typ: typ, samples: samples, some: itself[multirange], unwrappable: true,
		read:      func(r *row) multirange { return runtime.Multirange(r, read) },
		readNull:  func(r *row) multirange { return runtime.NullMultirange(r, read) },
		write:     func(e *encoder, v multirange) { runtime.EncodeMultirange(e, v, write) },
		writeNull: func(e *encoder, v multirange) { runtime.EncodeNullMultirange(e, v, write) },
		arg:       func(v multirange) any { return runtime.MultirangeArg(v, write) },
		nullArg:   func(v multirange) any { return runtime.NullMultirangeArg(v, write) },
	}
}

// textKind is a type that Go holds as the string that PostgreSQL prints.
// unknown is true if pgx does not know it.
func textKind(typ runtime.Type, unknown bool, values ...string) *kind[string, *string] {
	k := plain(typ, (*row).Text, (*row).NullText, (*encoder).Text, (*encoder).NullText)
	k.unwrappable = unknown
	for _, v := range values {
		k.samples = append(k.samples, sample[string]{v, quoteLiteral(v)})
	}
	return k
}

func macaddrArg(v net.HardwareAddr) any { return runtime.Arg(v, (*encoder).NullMacaddr) }
