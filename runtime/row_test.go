package runtime_test

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// value is a statement of one column.
func value[T any](sql string, column runtime.Column, read func(*runtime.Row) T) *runtime.Statement[T] {
	return &runtime.Statement[T]{
		Name: "Get", SQL: sql, Columns: []runtime.Column{column},
		Decode: func(v *T, row *runtime.Row) { *v = read(row) },
	}
}

func column(typ runtime.Type) runtime.Column { return runtime.Column{Name: "c", Type: typ} }

// bothFormats runs f on a connection that reads binary and one that reads text.
func bothFormats(t *testing.T, url string, f func(t *testing.T, conn *pgx.Conn)) {
	t.Helper()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) { f(t, connectMode(t, url, mode)) })
	}
}

// failing is a query that cannot be decoded.
type failing struct {
	name, sql string
	run       func(ctx context.Context, db runtime.Querier, sql string) error
	want      string
}

func fails[T any](name, sql string, column runtime.Column, read func(*runtime.Row) T, want string) failing {
	return failing{name, sql, func(ctx context.Context, db runtime.Querier, sql string) error {
		_, err := value(sql, column, read).One(ctx, db)
		return err
	}, want}
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	admin := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	_, err := admin.Exec(context.Background(), userTypes)
	require.NoError(t, err)

	lone := func(r *row) Lone { return runtime.Composite(r, (*Lone).decode) }
	two := func(r *row) Spot { return runtime.Composite(r, (*Spot).decode) }
	ints := func(r *row) []int32 { return runtime.Array(r, (*row).Int4) }
	matrix := func(r *row) [][]int32 { return runtime.Array(r, runtime.Dim((*row).Int4)) }
	const isNull = `Get: column "c": null in a column generated as not null; if NULL is right there, ` +
		`generate again with "-- column: … nullable" or a changed schema`
	const nullElement = `Get: column "c": null in an array whose elements are generated as not null; generate the column with nullable elements`
	const dimensions = `Get: column "c": array has more or fewer dimensions than the generated code expects; ` +
		`PostgreSQL does not enforce the declared number of dimensions, a CHECK on array_ndims does`
	const infinity = `Get: column "c": infinity does not fit time.Time; override the column's Go type with one of pgtype's`
	tests := []failing{
		fails("null bool", "SELECT NULL::bool", column(runtime.Bool), (*row).Bool, isNull),
		fails("null int2", "SELECT NULL::int2", column(runtime.Int2), (*row).Int2, isNull),
		fails("null int4", "SELECT NULL::int4", column(runtime.Int4), (*row).Int4, isNull),
		fails("null int8", "SELECT NULL::int8", column(runtime.Int8), (*row).Int8, isNull),
		fails("null oid", "SELECT NULL::oid", column(runtime.OID), (*row).OID, isNull),
		fails("null float4", "SELECT NULL::float4", column(runtime.Float4), (*row).Float4, isNull),
		fails("null float8", "SELECT NULL::float8", column(runtime.Float8), (*row).Float8, isNull),
		fails("null text", "SELECT NULL::text", column(runtime.Text), (*row).Text, isNull),
		fails("null enum", "SELECT NULL::mood", column("public.mood"), runtime.Enum[Mood], isNull),
		fails("null bytea", "SELECT NULL::bytea", column(runtime.Bytea), (*row).Bytea, isNull),
		fails("null json", "SELECT NULL::json", column(runtime.JSON), (*row).JSON, isNull),
		fails("null uuid", "SELECT NULL::uuid", column(runtime.UUID), (*row).UUID, isNull),
		fails("null numeric", "SELECT NULL::numeric", column(runtime.Numeric), (*row).Numeric, isNull),
		fails("null timestamptz", "SELECT NULL::timestamptz", column(runtime.Timestamptz), (*row).Timestamptz, isNull),
		fails("null timestamp", "SELECT NULL::timestamp", column(runtime.Timestamp), (*row).Timestamp, isNull),
		fails("null date", "SELECT NULL::date", column(runtime.Date), (*row).Date, isNull),
		fails("null time", "SELECT NULL::time", column(runtime.Time), (*row).Time, isNull),
		fails("null interval", "SELECT NULL::interval", column(runtime.Interval), (*row).Interval, isNull),
		fails("null bits", "SELECT NULL::varbit", column(runtime.Varbit), (*row).Bits, isNull),
		fails("null inet", "SELECT NULL::inet", column(runtime.Inet), (*row).Inet, isNull),
		fails("null cidr", "SELECT NULL::cidr", column(runtime.Cidr), (*row).Cidr, isNull),
		fails("null macaddr", "SELECT NULL::macaddr", column(runtime.Macaddr), (*row).Macaddr, isNull),
		fails("null point", "SELECT NULL::point", column(runtime.Point), (*row).Point, isNull),
		fails("null line", "SELECT NULL::line", column(runtime.Line), (*row).Line, isNull),
		fails("null lseg", "SELECT NULL::lseg", column(runtime.Lseg), (*row).Lseg, isNull),
		fails("null box", "SELECT NULL::box", column(runtime.Box), (*row).Box, isNull),
		fails("null path", "SELECT NULL::path", column(runtime.Path), (*row).Path, isNull),
		fails("null polygon", "SELECT NULL::polygon", column(runtime.Polygon), (*row).Polygon, isNull),
		fails("null circle", "SELECT NULL::circle", column(runtime.Circle), (*row).Circle, isNull),
		fails("null hstore", "SELECT NULL::hstore", column("public.hstore"), (*row).Hstore, isNull),
		fails("null array", "SELECT NULL::int4[]", column(runtime.Int4+"[]"), ints, isNull),
		fails("null composite", "SELECT NULL::lone", column("public.lone"), lone, isNull),
		fails("null range", "SELECT NULL::int4range", column(runtime.Int4Range),
			func(r *row) pgtype.Range[int32] { return runtime.Range(r, (*row).Int4) }, isNull),
		fails("null element", "SELECT ARRAY[1,NULL]", column(runtime.Int4+"[]"), ints, nullElement),
		fails("null element of text", "SELECT ARRAY['NULL',NULL]", column(runtime.Text+"[]"),
			func(r *row) []string { return runtime.Array(r, (*row).Text) }, nullElement),
		fails("null field", "SELECT ROW(NULL,NULL,NULL,NULL)::spot", column("public.spot"), two, isNull),
		fails("two dimensions for one", "SELECT ARRAY[[1,2],[3,4]]", column(runtime.Int4+"[]"), ints, dimensions),
		fails("one dimension for two", "SELECT ARRAY[1,2]", column(runtime.Int4+"[]"), matrix, dimensions),
		fails("three dimensions for two", "SELECT ARRAY[[[1]]]", column(runtime.Int4+"[]"), matrix, dimensions),
		fails("dimension outside of an array", "SELECT 1", column(runtime.Int4), runtime.Dim((*row).Int4),
			strings.Replace(dimensions, `column "c": `, "", 1)),
		fails("element not read", "SELECT ARRAY[1,2]", column(runtime.Int4+"[]"),
			func(r *row) []int { return runtime.Array(r, func(*row) int { return 1 }) },
			`Get: column "c": an array element was not read by its decoder`),
		fails("fewer fields", "SELECT ROW('a')::lone", column("public.lone"), two,
			`Get: column "c": composite has fewer fields than the generated code expects; run "pgwright generate"`),
		fails("more fields", "SELECT ROW('a',1,now(),'b')::spot", column("public.spot"), lone,
			`Get: column "c": composite has more fields than the generated code expects; run "pgwright generate"`),
		fails("timestamptz infinity", "SELECT 'infinity'::timestamptz", column(runtime.Timestamptz), (*row).Timestamptz, infinity),
		fails("timestamp -infinity", "SELECT '-infinity'::timestamp", column(runtime.Timestamp), (*row).NullTimestamp, infinity),
		fails("date infinity", "SELECT 'infinity'::date", column(runtime.Date), (*row).Date, infinity),
		fails("infinity in a range", "SELECT '[2024-01-01,infinity)'::daterange", column(runtime.DateRange),
			func(r *row) pgtype.Range[time.Time] { return runtime.Range(r, (*row).Date) }, infinity),
		fails("too many values", "SELECT 1", column(runtime.Int4), func(r *row) [2]int32 { return [2]int32{r.Int4(), r.Int4()} },
			`Get: column "c": the generated code reads more values than there are`),
		fails("embed too wide", "SELECT 1", column(runtime.Int4),
			func(r *row) *Lone { return runtime.Embed(r, 2, (*Lone).decode) },
			`Get: the generated code reads more values than there are`),
		fails("scan into the wrong type", "SELECT 'x'::text", column(runtime.Text), runtime.Scan[int], ""),
	}
	if serverVersion(t, url) >= 14 {
		tests = append(tests, fails("null multirange", "SELECT NULL::int4multirange", column(runtime.Int4Multirange),
			func(r *row) pgtype.Multirange[pgtype.Range[int32]] { return runtime.Multirange(r, (*row).Int4) }, isNull))
	}
	bothFormats(t, url, func(t *testing.T, conn *pgx.Conn) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				err := test.run(context.Background(), conn, test.sql)
				var e *runtime.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, "Get", e.Query)
				if test.want != "" {
					require.EqualError(t, err, test.want)
				}
				var one int
				require.NoError(t, conn.QueryRow(context.Background(), "SELECT 1").Scan(&one), "the connection is usable")
			})
		}
	})
}

func TestDrift(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	ctx := context.Background()
	admin := connectMode(t, url, pgx.QueryExecModeCacheStatement)
	_, err := admin.Exec(ctx, userTypes)
	require.NoError(t, err)

	const hint = `: the schema has changed; run "pgwright generate"`
	tests := []struct {
		name, sql string
		typ       runtime.Type
		generated string
		server    string
	}{
		{"int8 for int4", "SELECT 1::int8", runtime.Int4, "integer", "bigint"},
		{"json for jsonb", "SELECT '1'::json", runtime.JSONB, "jsonb", "json"},
		{"text for enum", "SELECT 'a'::text", "public.mood", "public.mood", "text"},
		{"bpchar for text", "SELECT 'a'::bpchar", runtime.Text, "text", "character"},
		{"array for element", "SELECT '{1}'::int4[]", runtime.Int4, "integer", "integer[]"},
		{"element for array", "SELECT 1", runtime.Int4 + "[]", "integer[]", "integer"},
		{"user array for builtin", "SELECT '{}'::mood[]", runtime.Text + "[]", "text[]", "the type with OID "},
		{"enum for text", "SELECT 'sad'::mood", runtime.Text, "text", "the type with OID "},
		{"money for a type of unknown name", "SELECT 1::money", "public.cash", "public.cash", "money"},
		{"enum for money", "SELECT 'sad'::mood", runtime.Money, "money", "the type with OID "},
	}
	bothFormats(t, url, func(t *testing.T, conn *pgx.Conn) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				s := value(test.sql, column(test.typ), (*row).NullText)
				for range 2 { // a drifted result is not taken for a verified one
					_, err := s.All(ctx, conn)
					var drift *runtime.DriftError
					require.ErrorAs(t, err, &drift)
					require.Equal(t, "Get", drift.Query)
					require.Equal(t, "c", drift.Column)
					require.Equal(t, test.generated, drift.Generated)
					require.Contains(t, drift.Server, test.server)
					require.ErrorContains(t, err, `Get: column "c": generated for `+test.generated+`, the server sends `+test.server)
					require.ErrorContains(t, err, hint)
				}
			})
		}
		t.Run("number of columns", func(t *testing.T) {
			_, err := value("SELECT 1, 2", column(runtime.Int4), (*row).Int4).One(ctx, conn)
			require.EqualError(t, err, `Get: generated for 1 columns, the server sends 2`+hint)
		})
		t.Run("no rows", func(t *testing.T) {
			_, err := value("SELECT 1::int8 WHERE false", column(runtime.Int4), (*row).Int4).All(ctx, conn)
			require.EqualError(t, err, `Get: column "c": generated for integer, the server sends bigint`+hint)
		})
		t.Run("a column altered between two runs", func(t *testing.T) {
			table := "altered_" + strings.ReplaceAll(conn.Config().DefaultQueryExecMode.String(), " ", "_")
			_, err := admin.Exec(ctx, "CREATE TABLE "+table+" AS SELECT 1 AS c")
			require.NoError(t, err)
			s := value("SELECT c FROM "+table, column(runtime.Int4), (*row).Int4)
			got, err := s.One(ctx, conn)
			require.NoError(t, err)
			require.Equal(t, int32(1), got)
			_, err = admin.Exec(ctx, "ALTER TABLE "+table+" ALTER c TYPE text")
			require.NoError(t, err)
			// A statement that was prepared before fails in PostgreSQL first.
			for range 3 {
				_, err = s.One(ctx, conn)
				require.Error(t, err)
			}
			require.EqualError(t, err, `Get: column "c": generated for integer, the server sends text`+hint)
			_, err = admin.Exec(ctx, "ALTER TABLE "+table+" ALTER c TYPE int4 USING c::int4")
			require.NoError(t, err)
			for range 3 {
				got, err = s.One(ctx, conn)
			}
			require.NoError(t, err)
			require.Equal(t, int32(1), got)
		})
		for _, pair := range [][2]string{{"text", "varchar"}, {"varchar", "text"}, {"text[]", "varchar[]"}, {"varchar[]", "text[]"}} {
			t.Run(pair[0]+" for "+pair[1], func(t *testing.T) {
				typ := runtime.Type(strings.Replace(pair[1], "varchar", string(runtime.Varchar), 1))
				_, err := value("SELECT NULL::"+pair[0], column(typ), (*row).NullText).One(ctx, conn)
				require.NoError(t, err)
			})
		}
	})
}

type upper struct{ S string }

func (u *upper) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("%T", v)
	}
	u.S = strings.ToUpper(s)
	return nil
}

func (u upper) Value() (driver.Value, error) {
	if u.S == "BAD" {
		return nil, errors.New("bad value")
	}
	return strings.ToLower(u.S), nil
}

type meta struct {
	A int      `json:"a"`
	B []string `json:"b"`
}

func TestScan(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	ctx := context.Background()
	_, err := connectMode(t, url, pgx.QueryExecModeCacheStatement).Exec(ctx, userTypes)
	require.NoError(t, err)
	bothFormats(t, url, func(t *testing.T, conn *pgx.Conn) {
		u, err := value("SELECT 'abc'", column(runtime.Text), runtime.Scan[upper]).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, upper{"ABC"}, u)
		enum, err := value("SELECT 'sad'::mood", runtime.Column{Name: "c", Type: "public.mood", Text: true}, runtime.Scan[upper]).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, upper{"SAD"}, enum)
		p, err := value("SELECT NULL::text", column(runtime.Text), runtime.Scan[*upper]).One(ctx, conn)
		require.NoError(t, err)
		require.Nil(t, p)
		m, err := value(`SELECT '{"a": 1, "b": ["x"]}'::jsonb`, column(runtime.JSONB), runtime.Scan[meta]).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, meta{1, []string{"x"}}, m)
		n, err := value(`SELECT 'infinity'::timestamptz`, column(runtime.Timestamptz), runtime.Scan[pgtype.Timestamptz]).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}, n)
		a, err := value(`SELECT ARRAY['a', NULL, 'c']`, column(runtime.Text+"[]"), func(r *row) []*upper {
			return runtime.Array(r, runtime.Scan[*upper])
		}).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, []*upper{{"A"}, nil, {"C"}}, a)
		whole, err := value(`SELECT ARRAY[1, 2]`, column(runtime.Int4+"[]"), runtime.Scan[[]int64]).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, []int64{1, 2}, whole)
	})
}

type pair struct {
	ID   int32
	User *Lone
	Next int32
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bothFormats(t, pgtest.New(t), func(t *testing.T, conn *pgx.Conn) {
		s := &runtime.Statement[pair]{
			Name: "Pairs", SQL: "SELECT * FROM (VALUES (1, 'a', 'b', 2), (3, NULL, NULL, 4), (5, NULL, 'c', 6)) AS v",
			Columns: []runtime.Column{{Name: "id", Type: runtime.Int4}, {Name: "x", Type: runtime.Text}, {Name: "y", Type: runtime.Text}, {Name: "next", Type: runtime.Int4}},
			Decode: func(p *pair, row *runtime.Row) {
				p.ID = row.Int4()
				p.User = runtime.Embed(row, 2, func(l *Lone, row *runtime.Row) {
					l.V = row.NullText()
					row.NullText()
				})
				p.Next = row.Int4()
			},
		}
		all, err := s.All(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, []pair{{1, &Lone{pointer("a")}, 2}, {3, nil, 4}, {5, &Lone{}, 6}}, all)
	})
}

func TestTextStyles(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connectMode(t, pgtest.New(t), pgx.QueryExecModeSimpleProtocol)
	set := func(sql string) {
		_, err := conn.Exec(ctx, sql)
		require.NoError(t, err)
	}
	get := func(s *runtime.Statement[time.Time]) error {
		_, err := s.One(ctx, conn)
		return err
	}
	for _, style := range []string{"German", "SQL, DMY", "Postgres, MDY"} {
		set("SET datestyle = '" + style + "'")
		for _, err := range []error{
			get(value("SELECT '2024-05-06'::date", column(runtime.Date), (*row).Date)),
			get(value("SELECT '2024-05-06'::timestamp", column(runtime.Timestamp), (*row).Timestamp)),
			get(value("SELECT '2024-05-06'::timestamptz", column(runtime.Timestamptz), (*row).Timestamptz)),
		} {
			require.ErrorContains(t, err, "only DateStyle ISO can be read in the text format: set datestyle = 'ISO'", style)
		}
	}
	set("SET datestyle = 'ISO, DMY'")
	require.NoError(t, get(value("SELECT '2024-05-06'::date", column(runtime.Date), (*row).Date)))

	interval := value("SELECT '1 year 2 mons -3 days 04:05:06.7'::interval", column(runtime.Interval), (*row).Interval)
	for _, style := range []string{"sql_standard", "postgres_verbose", "iso_8601"} {
		set("SET intervalstyle = '" + style + "'")
		_, err := interval.One(ctx, conn)
		require.ErrorContains(t, err, "only IntervalStyle postgres can be read in the text format", style)
	}

	for _, zone := range []string{"UTC", "Asia/Kathmandu", "America/St_Johns", "Africa/Monrovia", "<-03:30>+03:30"} {
		set("SET timezone = '" + zone + "'")
		for _, moment := range []time.Time{utc(2024, 5, 6, 7, 8, 9, 10), utc(1900, 1, 1, 0, 0, 0, 0), utc(1, 1, 1, 0, 0, 0, 0), utc(-100, 12, 31, 23, 0, 0, 0)} {
			got, err := value("SELECT $1::timestamptz", column(runtime.Timestamptz), (*row).Timestamptz).One(ctx, conn, moment)
			require.NoError(t, err, zone)
			require.True(t, moment.Equal(got), "%s: %s, not %s", zone, got, moment)
		}
	}

	for _, output := range []string{"hex", "escape"} {
		set("SET bytea_output = '" + output + "'")
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		got, err := value("SELECT $1::bytea", column(runtime.Bytea), (*row).Bytea).One(ctx, conn, all)
		require.NoError(t, err)
		require.Equal(t, all, got)
		set("SELECT 1")
		nested, err := value("SELECT ARRAY[$1::bytea]", column(runtime.Bytea+"[]"), func(r *row) [][]byte { return runtime.Array(r, (*row).Bytea) }).One(ctx, conn, all)
		require.NoError(t, err)
		require.Equal(t, [][]byte{all}, nested)
	}

	for _, digits := range []string{"-15", "0", "1", "3"} {
		set("SET extra_float_digits = " + digits)
		got, err := value("SELECT 0.5::float8", column(runtime.Float8), (*row).Float8).One(ctx, conn)
		require.NoError(t, err)
		require.InDelta(t, 0.5, got, 0)
	}
}

func TestArrayShapes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	ints := func(r *row) []int32 { return runtime.Array(r, (*row).Int4) }
	matrix := func(r *row) [][]int32 { return runtime.Array(r, runtime.Dim((*row).Int4)) }
	cube := func(r *row) [][][]*string { return runtime.Array(r, runtime.Dim(runtime.Dim((*row).NullText))) }
	bothFormats(t, pgtest.New(t), func(t *testing.T, conn *pgx.Conn) {
		one, err := value("SELECT '[-3:-1]={1,2,3}'::int4[]", column(runtime.Int4+"[]"), ints).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, []int32{1, 2, 3}, one)
		two, err := value("SELECT '[0:1][5:6]={{1,2},{3,4}}'::int4[]", column(runtime.Int4+"[]"), matrix).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, [][]int32{{1, 2}, {3, 4}}, two)
		none, err := value("SELECT '{}'::int4[]", column(runtime.Int4+"[]"), matrix).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, [][]int32{}, none)

		shape := [][][]*string{{{pointer("a"), nil}, {pointer(""), pointer("NULL")}}, {{pointer("}"), pointer(`"`)}, {pointer(`\`), pointer(",")}}}
		s := value("SELECT $1::text[]", column(runtime.Text+"[]"), cube)
		three, err := s.One(ctx, conn, runtime.ArrayArg(shape, runtime.EncodeDim(runtime.EncodeDim((*encoder).NullText))))
		require.NoError(t, err)
		require.Equal(t, shape, three)
		for _, empty := range [][][][]*string{nil, {}, {{}}, {{}, {}}, {nil}} {
			three, err = s.One(ctx, conn, runtime.ArrayArg(empty, runtime.EncodeDim(runtime.EncodeDim((*encoder).NullText))))
			require.NoError(t, err)
			require.Equal(t, [][][]*string{}, three)
		}
	})
}

func TestJSONNullIsNotNULL(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bothFormats(t, pgtest.New(t), func(t *testing.T, conn *pgx.Conn) {
		got, err := value("SELECT 'null'::jsonb", column(runtime.JSONB), (*row).NullJSON).One(ctx, conn)
		require.NoError(t, err)
		require.Equal(t, json.RawMessage("null"), got)
		got, err = value("SELECT NULL::jsonb", column(runtime.JSONB), (*row).NullJSON).One(ctx, conn)
		require.NoError(t, err)
		require.Nil(t, got)
	})
}
