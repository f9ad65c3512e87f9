package runtime_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

const userTypes = `
CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE EXTENSION ltree;
CREATE TYPE mood AS ENUM ('sad', 'so, so', 'it''s "ok"', 'NULL', '');
CREATE DOMAIN price AS numeric CHECK (VALUE >= 0);
CREATE DOMAIN document AS jsonb;
CREATE DOMAIN tags AS text[];
CREATE TYPE spot AS (name text, x float8, at timestamptz, note text);
CREATE TYPE visit AS (id bigint, mood mood, spot spot, tags text[], moods mood[], path ltree, clock timetz, range int4range, blob bytea);
CREATE TYPE lone AS (v text);
CREATE TYPE "Odd Name" AS ENUM ('a');
CREATE TYPE stop AS (mood mood, moods mood[], spot spot, spots spot[], price price, odd "Odd Name");
CREATE SCHEMA "Odd ""Schema"".x"; CREATE TYPE "Odd ""Schema"".x"."Odd ""Type[]" AS ENUM ('sad');
CREATE TYPE textrange AS RANGE (subtype = text, collation = "C");
`

type Mood string

type Spot struct {
	Name *string
	X    float64
	At   time.Time
	Note string
}

func (v *Spot) decode(row *runtime.Row) {
	v.Name = row.NullText()
	v.X = row.Float8()
	v.At = row.Timestamptz()
	v.Note = row.Text()
}

func (v *Spot) encode(e *runtime.Encoder) {
	e.Field(runtime.Text).NullText(v.Name)
	e.Field(runtime.Float8).Float8(v.X)
	e.Field(runtime.Timestamptz).Timestamptz(v.At)
	e.Field(runtime.Text).Text(v.Note)
}

type Visit struct {
	ID    int64
	Mood  *Mood
	Spot  *Spot
	Tags  []string
	Moods []Mood
	Path  string
	Clock string
	Range pgtype.Range[int32]
	Blob  []byte
}

func (v *Visit) decode(row *runtime.Row) {
	v.ID = row.Int8()
	v.Mood = runtime.NullEnum[Mood](row)
	v.Spot = runtime.NullComposite(row, (*Spot).decode)
	v.Tags = runtime.NullArray(row, (*runtime.Row).Text)
	v.Moods = runtime.Array(row, runtime.Enum[Mood])
	v.Path = row.Text()
	v.Clock = row.Text()
	v.Range = runtime.NullRange(row, (*runtime.Row).Int4)
	v.Blob = row.NullBytea()
}

func (v *Visit) encode(e *runtime.Encoder) {
	e.Field(runtime.Int8).Int8(v.ID)
	runtime.EncodeNullEnum(e.Field("public.mood"), v.Mood)
	runtime.EncodeNullComposite(e.Field("public.spot"), v.Spot, "public.spot", (*Spot).encode)
	runtime.EncodeNullArray(e.Field(runtime.Text+"[]"), v.Tags, runtime.Text, (*runtime.Encoder).Text)
	runtime.EncodeArray(e.Field("public.mood[]"), v.Moods, "public.mood", runtime.EncodeEnum[Mood])
	e.Field("public.ltree").Text(v.Path)
	e.Field(runtime.TimeTZ).Text(v.Clock)
	runtime.EncodeNullRange(e.Field(runtime.Int4Range), v.Range, (*runtime.Encoder).Int4)
	e.Field(runtime.Bytea).NullBytea(v.Blob)
}

// Stop is made of types of the database's own and has a binary format, which
// contains their OIDs.
type Stop struct {
	Mood  Mood
	Moods []Mood
	Spot  Spot
	Spots []*Spot
	Price pgtype.Numeric
	Odd   *Mood
}

func (v *Stop) decode(row *runtime.Row) {
	v.Mood = runtime.Enum[Mood](row)
	v.Moods = runtime.Array(row, runtime.Enum[Mood])
	v.Spot = runtime.Composite(row, (*Spot).decode)
	v.Spots = runtime.Array(row, func(row *runtime.Row) *Spot { return runtime.NullComposite(row, (*Spot).decode) })
	v.Price = row.NullNumeric()
	v.Odd = runtime.NullEnum[Mood](row)
}

func (v *Stop) encode(e *runtime.Encoder) {
	runtime.EncodeEnum(e.Field("public.mood"), v.Mood)
	runtime.EncodeArray(e.Field("public.mood[]"), v.Moods, "public.mood", runtime.EncodeEnum[Mood])
	runtime.EncodeComposite(e.Field("public.spot"), v.Spot, "public.spot", (*Spot).encode)
	runtime.EncodeArray(e.Field("public.spot[]"), v.Spots, "public.spot", func(e *runtime.Encoder, v *Spot) {
		runtime.EncodeNullComposite(e, v, "public.spot", (*Spot).encode)
	})
	e.Field("public.price").NullNumeric(v.Price)
	runtime.EncodeNullEnum(e.Field(`public."Odd Name"`), v.Odd)
}

type Lone struct{ V *string }

func (v *Lone) decode(row *runtime.Row)   { v.V = row.NullText() }
func (v *Lone) encode(e *runtime.Encoder) { e.Field(runtime.Text).NullText(v.V) }

func compositeKind[T any](typ runtime.Type, decode func(*T, *runtime.Row), encode func(*T, *runtime.Encoder), text bool, samples ...sample[T]) *kind[T, *T] {
	return &kind[T, *T]{
		typ: typ, text: text, samples: samples, some: pointer[T], unwrappable: text,
		read:      func(r *row) T { return runtime.Composite(r, decode) },
		readNull:  func(r *row) *T { return runtime.NullComposite(r, decode) },
		write:     func(e *encoder, v T) { runtime.EncodeComposite(e, v, typ, encode) },
		writeNull: func(e *encoder, v *T) { runtime.EncodeNullComposite(e, v, typ, encode) },
		arg:       func(v T) any { return runtime.CompositeArg(v, encode) },
		nullArg:   func(v *T) any { return runtime.NullCompositeArg(v, encode) },
	}
}

func enumKind(typ runtime.Type, labels ...string) *kind[Mood, *Mood] {
	k := plain(typ, runtime.Enum[Mood], runtime.NullEnum[Mood], runtime.EncodeEnum[Mood], runtime.EncodeNullEnum[Mood])
	k.arg, k.nullArg = runtime.EnumArg[Mood], runtime.NullEnumArg[Mood]
	for _, label := range labels {
		k.samples = append(k.samples, sample[Mood]{Mood(label), quoteLiteral(label)})
	}
	return k
}

func TestUserTypes(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	_, err = conn.Exec(ctx, userTypes)
	require.NoError(t, err)
	require.NoError(t, conn.Close(ctx))

	spot := Spot{Name: pointer(`a "quoted" (name), \ with {all}`), X: -0.5, At: utc(2024, 1, 2, 3, 4, 5, 6), Note: ""}
	spotLiteral := `ROW('a "quoted" (name), \ with {all}', -0.5, '2024-01-02 03:04:05.000006+00', '')::spot`
	bare := Spot{At: utc(1, 1, 1, 0, 0, 0, 0), Note: "NULL"}
	bareLiteral := `ROW(NULL, 0, '0001-01-01 00:00:00+00', 'NULL')::spot`
	visit := Visit{
		ID: -7, Mood: pointer(Mood(`it's "ok"`)), Spot: &spot, Tags: []string{"", "NULL", `a"\b`, "c,d"},
		Moods: []Mood{"sad", "so, so", `it's "ok"`, "NULL", ""}, Path: "a.b", Clock: "01:02:03+04",
		Range: pgtype.Range[int32]{Lower: 1, Upper: 5, LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true},
		Blob:  []byte{0, 34, 92, 255},
	}
	visitLiteral := `ROW(-7, 'it''s "ok"', ` + spotLiteral + `, ARRAY['', 'NULL', 'a"\b', 'c,d'], ` +
		`ARRAY['sad', 'so, so', 'it''s "ok"', 'NULL', '']::mood[], 'a.b', '01:02:03+04', '[1,5)', '\x00225cff')::visit`
	few := Visit{Moods: []Mood{}, Path: "", Clock: "00:00:00+00"}
	fewLiteral := `ROW(0, NULL, NULL, NULL, '{}', '', '00:00:00+00', NULL, NULL)::visit`

	stop := Stop{
		Mood: "so, so", Moods: []Mood{"", "sad"}, Spot: bare, Spots: []*Spot{&spot, nil}, Price: numeric("9.90").value, Odd: pointer(Mood("a")),
	}
	stopLiteral := `ROW('so, so', ARRAY['', 'sad']::mood[], ` + bareLiteral + `, ARRAY[` + spotLiteral + `, NULL], 9.90, 'a')::stop`
	empty := Stop{Moods: []Mood{}, Spot: bare, Spots: []*Spot{}}
	emptyLiteral := `ROW('', '{}', ` + bareLiteral + `, '{}', NULL, NULL)::stop`

	hstore := valid("public.hstore", (*row).Hstore, (*row).NullHstore, (*encoder).Hstore, (*encoder).NullHstore,
		sample[pgtype.Hstore]{pgtype.Hstore{}, "''"},
		sample[pgtype.Hstore]{
			pgtype.Hstore{"a": pointer(""), `b"\,=>`: nil, "NULL": pointer(`NULL`), "": pointer(`x "y" \z`)},
			`'a=>"", "b\"\\,=>"=>NULL, "NULL"=>"NULL", ""=>"x \"y\" \\z"'`,
		})
	hstore.arg, hstore.nullArg = runtime.HstoreArg, runtime.HstoreArg

	document := jsonKind("public.document")
	document.write, document.writeNull = (*encoder).JSONB, (*encoder).NullJSONB
	document.base = runtime.JSONB
	price := valid("public.price", (*row).Numeric, (*row).NullNumeric, (*encoder).Numeric, (*encoder).NullNumeric, numeric("12.50"))
	price.base = runtime.Numeric

	citext := textKind("public.citext", false, "Abc", "")
	ltree := textKind("public.ltree", true, "a.b.c", "")
	ltree.text = true
	textrange := rangeKind("public.textrange", (*row).Text, (*encoder).Text, ``, ``, `b,"[( \`, `b,\"[( \\`)
	textmulti := multirangeKind("public.textmultirange", (*row).Text, (*encoder).Text, `a`, `a`, `b,"[({} \`, `b,\"[({} \\`)
	textmulti.unwrappable = false // pgx, which does not know the type, sends it as it is

	runs := map[string]interface {
		run(t *testing.T, url string)
	}{
		"mood":      enumKind("public.mood", "sad", "so, so", `it's "ok"`, "NULL", ""),
		"stop":      compositeKind("public.stop", (*Stop).decode, (*Stop).encode, false, sample[Stop]{stop, stopLiteral}, sample[Stop]{empty, emptyLiteral}),
		"odder":     enumKind(`"Odd ""Schema"".x"."Odd ""Type[]"`, "sad"),
		"odd":       enumKind(`public."Odd Name"`, "a"),
		"spot":      compositeKind("public.spot", (*Spot).decode, (*Spot).encode, false, sample[Spot]{spot, spotLiteral}, sample[Spot]{bare, bareLiteral}),
		"visit":     compositeKind("public.visit", (*Visit).decode, (*Visit).encode, true, sample[Visit]{visit, visitLiteral}, sample[Visit]{few, fewLiteral}),
		"lone":      compositeKind("public.lone", (*Lone).decode, (*Lone).encode, false, sample[Lone]{Lone{}, "ROW(NULL)::lone"}, sample[Lone]{Lone{pointer("")}, "ROW('')::lone"}),
		"hstore":    hstore,
		"citext":    citext,
		"ltree":     ltree,
		"document":  document,
		"price":     price,
		"textrange": textrange,
		"textmulti": textmulti,
	}
	if serverVersion(t, url) < 14 {
		delete(runs, "textmulti")
	}
	for name, k := range runs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k.run(t, url)
		})
	}
}
