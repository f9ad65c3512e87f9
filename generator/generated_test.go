package generator_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	arrays "github.com/pgwright/pgwright/generator/testdata/arrays/want"
	shared "github.com/pgwright/pgwright/generator/testdata/shared/want"
	types "github.com/pgwright/pgwright/generator/testdata/types/want"
	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// execModes are all ways in which pgx can talk to the server. The last two
// bring results as text, or arguments without types.
var execModes = []pgx.QueryExecMode{
	pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
	pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
}

// database makes an empty database with the schema of a golden project.
func database(t *testing.T, project string) string {
	url := pgtest.New(t)
	require.NoError(t, generator.ApplySchema(context.Background(), "testdata/"+project+"/sqlc.yaml", url))
	return url
}

func connect(t *testing.T, url string, mode pgx.QueryExecMode) *pgx.Conn {
	config, err := pgx.ParseConfig(url)
	require.NoError(t, err)
	config.DefaultQueryExecMode = mode
	conn, err := pgx.ConnectConfig(context.Background(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	return conn
}

// literals are values of each column of the golden project "types": an
// ordinary one, an empty or smallest one, and the largest or oddest.
var literals = map[string][3]string{
	"bool":        {"true", "false", "true"},
	"int2":        {"7", "-32768", "32767"},
	"int4":        {"7", "-2147483648", "2147483647"},
	"int8":        {"7", "-9223372036854775808", "9223372036854775807"},
	"oid":         {"7", "0", "4294967295"},
	"float4":      {"1.5", "'-Infinity'", "'NaN'"},
	"float8":      {"0.1", "'-1.7976931348623157e308'", "'NaN'"},
	"text":        {"'text'", "''", "repeat('größe 日本 \\ \" '' , {} () ', 1000)"},
	"varchar":     {"'abc'", "''", "'日本日本日本日本日本'"},
	"bpchar":      {"'abc'", "''", "'a'"},
	"name":        {"'abc'", "''", "'Mixed Name'"},
	"char":        {"'x'", "''", "'\"'"},
	"citext":      {"'AbC'", "''", "'Größe'"},
	"xml":         {"'<a>b</a>'", "'<a/>'", "'<a b=\"ü\">&lt;</a>'"},
	"ltree":       {"'a.b.c'", "''", "'Top.Science'"},
	"tsvector":    {"'a:1 b:2'", "''", "'fat cats ate rats'"},
	"money":       {"'1.25'", "'0'", "'-92233720368547758.08'"},
	"timetz":      {"'12:34:56.789+02'", "'00:00:00+00'", "'24:00:00-15:59'"},
	"pg_lsn":      {"'16/B374D848'", "'0/0'", "'FFFFFFFF/FFFFFFFF'"},
	"regclass":    {"'pg_class'", "'0'", "'everything'"},
	"macaddr8":    {"'08:00:2b:01:02:03:04:05'", "'00:00:00:00:00:00:00:00'", "'ff:ff:ff:ff:ff:ff:ff:ff'"},
	"jsonpath":    {"'$.a'", "'$'", "'$.a[*] ? (@ > 1)'"},
	"bytea":       {"'\\x0102'", "''", "decode(repeat('00ff5c27', 5000), 'hex')"},
	"json":        {"'{\"a\":  1}'", "'[]'", "'\"ü\\u0000\"'"},
	"jsonb":       {"'{\"a\": 1}'", "'{}'", "'[null, 1e100, \"日本\", {\"b\": []}]'"},
	"uuid":        {"'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"},
	"numeric":     {"123.4500", "0", "-9999999999999999.9999"},
	"interval":    {"'1 year 2 mons 3 days 04:05:06.789'", "'0'", "'-178000000 years'"},
	"time":        {"'12:34:56.789012'", "'00:00'", "'24:00'"},
	"bit":         {"'1010'", "'0000'", "'1111'"},
	"varbit":      {"'101'", "''", "'110011001100110011'"},
	"point":       {"'(1.5,2)'", "'(0,0)'", "'(-1e300,1e-300)'"},
	"line":        {"'{1,2,3}'", "'{0,1,0}'", "'{-1.5,1e10,0.1}'"},
	"lseg":        {"'[(1,2),(3,4)]'", "'[(0,0),(0,0)]'", "'[(-1,1e10),(0.1,4)]'"},
	"box":         {"'(3,4),(1,2)'", "'(0,0),(0,0)'", "'(1e10,4),(0.1,-4)'"},
	"path":        {"'[(1,2),(3,4)]'", "'((0,0))'", "'((1,2),(3,4),(5,6))'"},
	"polygon":     {"'((1,2),(3,4))'", "'((0,0))'", "'((1,2),(3,4),(5,6))'"},
	"circle":      {"'<(1,2),3>'", "'<(0,0),0>'", "'<(-1,1e10),0.1>'"},
	"hstore":      {"'a=>1'", "''", "'\"a b\"=>NULL, \"\\\"\"=>\"ü\"'"},
	"timestamptz": {"'2024-02-29 12:34:56.789012+00'", "'0001-01-01 00:00:00+00'", "'9999-12-31 23:59:59.999999+00'"},
	"timestamp":   {"'2024-02-29 12:34:56.789012'", "'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"},
	"date":        {"'2024-02-29'", "'0001-01-01'", "'9999-12-31'"},
	"inet":        {"'192.168.1.5/24'", "'0.0.0.0/0'", "'2001:db8::1/128'"},
	"cidr":        {"'192.168.1.0/24'", "'0.0.0.0/0'", "'2001:db8::/32'"},
	"macaddr":     {"'08:00:2b:01:02:03'", "'00:00:00:00:00:00'", "'ff:ff:ff:ff:ff:ff'"},
	"int4range":   {"'[1,5)'", "'empty'", "'(,)'"},
	"int8range":   {"'[1,5)'", "'empty'", "'[9223372036854775806,)'"},
	"numrange":    {"'(1.5,2.5]'", "'empty'", "'(,0]'"},
	"tsrange":     {"'[2024-01-01,2024-02-01)'", "'empty'", "'(,)'"},
	"tstzrange":   {"'[2024-01-01 00:00+00,2024-02-01 00:00+00)'", "'empty'", "'[2024-01-01 00:00+00,)'"},
	"daterange":   {"'[2024-01-01,2024-02-01)'", "'empty'", "'(,2024-01-01)'"},
	"float_range": {"'[1.5,2.5)'", "'empty'", "'(,1e300]'"},
	"mood":        {"'ok'", "'sad'", "'very happy'"},
	"positive":    {"7", "1", "2147483647"},
	"required":    {"'x'", "''", "'y'"},
	"thing": {
		"ROW('a \"b\", (c)', ROW(1, 2), '{ok,sad}', ARRAY[ROW(1,2)::inner_point, ROW(NULL,NULL)::inner_point], 5)",
		"ROW('', ROW(NULL, NULL), '{}', '{}', 1)", "ROW(NULL, NULL, NULL, NULL, NULL)",
	},
}

var columnName = regexp.MustCompile(`^([an])_(.*)$`)

// fill inserts the literals: three rows with all values and one with NULL
// wherever it is allowed.
func fill(t *testing.T, conn *pgx.Conn) {
	rows, err := conn.Query(context.Background(), "SELECT attname::text FROM pg_attribute WHERE attrelid = 'everything'::regclass AND attnum > 0 ORDER BY attnum")
	require.NoError(t, err)
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for row := range 4 {
		values := make([]string, len(columns))
		for i, c := range columns {
			m := columnName.FindStringSubmatch(c)
			require.NotNil(t, m, c)
			l, ok := literals[m[2]]
			require.True(t, ok, "no literals for column %s", c)
			switch {
			case row < 3:
				values[i] = l[row]
			case m[1] == "n":
				values[i] = "NULL"
			default:
				values[i] = l[0]
			}
		}
		_, err := conn.Exec(context.Background(), "INSERT INTO everything VALUES ("+strings.Join(values, ", ")+")")
		require.NoError(t, err, "row %d", row)
	}
}

func contents(t *testing.T, conn *pgx.Conn, table string) []string {
	rows, err := conn.Query(context.Background(), "SELECT x::text FROM "+table+" x ORDER BY 1")
	require.NoError(t, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return out
}

// Every type survives the way out of the server and in again, in binary and
// text, as an argument, in a batch and by COPY.
func TestGeneratedTypesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			conn := connect(t, database(t, "types"), mode)
			fill(t, conn)
			want := contents(t, conn, "everything")
			q := types.New(conn)
			rows, err := q.ListEverything(ctx)
			require.NoError(t, err)
			require.Len(t, rows, 4)

			ways := map[string]func() error{
				"argument": func() error {
					for _, r := range rows {
						if err := q.InsertEverything(ctx, types.InsertEverythingParams(r)); err != nil {
							return err
						}
					}
					return nil
				},
				"copy": func() error {
					var params []types.CopyEverythingParams
					for _, r := range rows {
						params = append(params, types.CopyEverythingParams(r))
					}
					n, err := q.CopyEverything(ctx, params)
					require.EqualValues(t, len(rows), n)
					return err
				},
				"batch": func() error {
					var params []types.BatchEverythingParams
					for _, r := range rows {
						params = append(params, types.BatchEverythingParams(r))
					}
					var first error
					q.BatchEverything(ctx, params).Exec(func(_ int, err error) {
						if first == nil {
							first = err
						}
					})
					return first
				},
			}
			for name, way := range ways {
				_, err := conn.Exec(ctx, "TRUNCATE everything")
				require.NoError(t, err)
				require.NoError(t, way(), name)
				require.Equal(t, want, contents(t, conn, "everything"), name)
			}
		})
	}
}

func TestGeneratedArraysRoundTrip(t *testing.T) {
	t.Parallel()
	const fill = `INSERT INTO lists VALUES
		(1, '{a,"b c",NULL_,"\"\\"}', '{x}', '{1,-2147483648}', '{{1,2},{3,4}}', '{{1},{2}}', '{{{1,2}},{{3,4}}}', '{ok,sad}', '{sad}', '{{ok},{sad}}',
			ARRAY[ROW(1,'a, "b"')::pair, ROW(NULL,'')::pair], ARRAY[ROW(NULL,NULL)::pair], '{"[1,3)",empty}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}',
			ARRAY['{"a": "b,{}"}'::jsonb, '[]'], ARRAY['\x00ff'::bytea, ''], '{"2024-02-29 12:00:00+00"}', '{{1,2,3}}'),
		(2, '{}', NULL, '{}', '{}', NULL, '{}', '{}', NULL, '{}', '{}', NULL, '{}', '{}', '{}', '{}', '{}', '{}')`
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			conn := connect(t, database(t, "arrays"), mode)
			_, err := conn.Exec(ctx, fill)
			require.NoError(t, err)
			want := contents(t, conn, "lists")
			q := arrays.New(conn)
			rows, err := q.ListLists(ctx)
			require.NoError(t, err)
			require.Equal(t, [][]int32{{1, 2}, {3, 4}}, rows[0].Grid)
			require.Equal(t, [][][]float64{{{1, 2}}, {{3, 4}}}, rows[0].Cube)
			require.Equal(t, []string{}, rows[1].Texts)
			require.Nil(t, rows[1].NTexts)

			_, err = conn.Exec(ctx, "TRUNCATE lists")
			require.NoError(t, err)
			for _, r := range rows {
				require.NoError(t, q.InsertLists(ctx, arrays.InsertListsParams(r)))
			}
			require.Equal(t, want, contents(t, conn, "lists"))

			_, err = conn.Exec(ctx, "TRUNCATE lists")
			require.NoError(t, err)
			_, err = q.CopyLists(ctx, []arrays.CopyListsParams{arrays.CopyListsParams(rows[0]), arrays.CopyListsParams(rows[1])})
			require.NoError(t, err)
			require.Equal(t, want, contents(t, conn, "lists"))

			// nil is an empty array where NULL is not allowed.
			require.NoError(t, q.InsertLists(ctx, arrays.InsertListsParams{ID: 3}))

			gathered, err := q.Gather(ctx)
			require.NoError(t, err)
			require.NotEmpty(t, gathered)
			require.Len(t, gathered[0].Holes, 1)
			require.Nil(t, gathered[0].Holes[0][1])
			ids, err := q.ByTexts(ctx, arrays.ByTextsParams{Texts: []string{"b c"}, IDs: []int64{1, 2}})
			require.NoError(t, err)
			require.Equal(t, []int64{1}, ids)
		})
	}
}

// A NULL in a column that somebody declared not null is an error that says
// where, and so is a column whose type has changed since.
func TestGeneratedCodeReportsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			conn := connect(t, database(t, "shared"), mode)
			q := shared.New(conn)
			_, err := conn.Exec(ctx, "INSERT INTO items VALUES (1, 'a', NULL)")
			require.NoError(t, err)
			_, err = q.Prices(ctx)
			var failure *runtime.Error
			require.ErrorAs(t, err, &failure)
			require.Equal(t, "Prices", failure.Query)
			require.Equal(t, "price", failure.Column)
			require.ErrorContains(t, err, "Prices")
			require.ErrorContains(t, err, "price")

			names, err := q.ItemName(ctx)
			require.NoError(t, err)
			require.Equal(t, []shared.NamedItem{{ID: 1, Name: "a"}}, names)

			_, err = conn.Exec(ctx, "ALTER TABLE items ALTER COLUMN name TYPE integer USING 5")
			require.NoError(t, err)
			if mode == pgx.QueryExecModeCacheStatement {
				// The connection still has the query prepared: it says what to
				// do, and knows better at the next call.
				_, err = q.ItemName(ctx)
				require.ErrorContains(t, err, "ItemName: the columns of the result have changed")
				require.ErrorContains(t, err, "pgwright generate")
				var drift *runtime.DriftError
				_, err = q.ItemName(ctx)
				require.ErrorAs(t, err, &drift)
			}
			later := shared.New(connect(t, conn.Config().ConnString(), mode))
			_, err = later.ItemName(ctx)
			var drift *runtime.DriftError
			require.ErrorAs(t, err, &drift)
			for _, part := range []string{"ItemName", "name", "integer", "text", "pgwright generate"} {
				require.ErrorContains(t, err, part)
			}
		})
	}
}

// An element that is NULL in an array of plain elements is an error as well.
func TestGeneratedCodeReportsNullElements(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t, database(t, "arrays"), pgx.QueryExecModeCacheStatement)
	q := arrays.New(conn)
	require.NoError(t, q.InsertLists(ctx, arrays.InsertListsParams{ID: 1}))
	_, err := conn.Exec(ctx, "UPDATE lists SET texts = '{a,NULL}'")
	require.NoError(t, err)
	_, err = q.ListLists(ctx)
	require.ErrorContains(t, err, "ListLists")
	require.ErrorContains(t, err, "texts")

	// A directive makes room for it.
	rows, err := q.TextsWithNull(ctx)
	require.NoError(t, err)
	require.Len(t, rows[0].Texts, 2)
	require.Equal(t, "a", *rows[0].Texts[0])
	require.Nil(t, rows[0].Texts[1])
}

// time.Time has no infinity: reading one is an error, not a wrong time.
func TestGeneratedCodeReportsInfinity(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t, database(t, "types"), pgx.QueryExecModeCacheStatement)
	fill(t, conn)
	for _, column := range []string{"a_timestamptz", "a_timestamp", "a_date"} {
		for _, infinity := range []string{"infinity", "-infinity"} {
			t.Run(fmt.Sprintf("%s %s", column, infinity), func(t *testing.T) {
				tx, err := conn.Begin(ctx)
				require.NoError(t, err)
				_, err = tx.Exec(ctx, fmt.Sprintf("UPDATE everything SET %s = '%s'", column, infinity))
				require.NoError(t, err)
				_, err = types.New(tx).ListEverything(ctx)
				require.ErrorContains(t, err, "infinity")
				require.ErrorContains(t, err, column)
				require.NoError(t, tx.Rollback(ctx))
			})
		}
	}
}

// Composites, whole rows and their fields come as structs.
func TestGeneratedComposites(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t, database(t, "types"), pgx.QueryExecModeCacheStatement)
	fill(t, conn)
	q := types.New(conn)
	whole, err := q.WholeRow(ctx, 7)
	require.NoError(t, err)
	require.NotEmpty(t, whole)
	require.EqualValues(t, 7, *whole[0].AInt4)
	require.Equal(t, types.MoodOk, *whole[0].AMood)
	require.Equal(t, time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), whole[0].ADate.UTC())
	require.Equal(t, pgtype.Range[int32]{Lower: 1, Upper: 5, LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true}, whole[0].AInt4range)
	things, err := q.Thing(ctx)
	require.NoError(t, err)
	require.Equal(t, `a "b", (c)`, *things[0].Label)
	require.EqualValues(t, 2, *things[0].Place.Y)
}
