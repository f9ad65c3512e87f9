package generator_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	tables "github.com/pgwright/pgwright/generator/testdata/tables/want"
	odd "github.com/pgwright/pgwright/generator/testdata/tables_odd/want"
	templated "github.com/pgwright/pgwright/generator/testdata/tables_templates/want"
)

// Every method that is made of a table, a view or a function runs: there are
// rows for which it succeeds, in every mode of pgx. The exceptions are named,
// with what PostgreSQL says.
func TestEveryMethodOfTablesRuns(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		project string
		queries func(tx pgx.Tx) any
		rows    string // with the keys that the methods are given
		refused map[string]string
	}{
		{"tables", func(tx pgx.Tx) any { return tables.New(tx) }, `
			DELETE FROM users;
			INSERT INTO users (id, email, name) OVERRIDING SYSTEM VALUE VALUES (1, 'a@b', 'a');
			INSERT INTO orders (id, user_id) VALUES ('01000000-0000-0000-0000-000000000000', 1);`, map[string]string{}},
		{"tables_odd", func(tx pgx.Tx) any { return odd.New(tx) }, `
			INSERT INTO defaults (always, own) OVERRIDING SYSTEM VALUE VALUES (1, 1);
			INSERT INTO generated_only (id) OVERRIDING SYSTEM VALUE VALUES (1);
			ALTER TABLE ruled DISABLE RULE ruled_insert;
			INSERT INTO ruled VALUES (1);
			INSERT INTO keyless VALUES (1);
			REFRESH MATERIALIZED VIEW totals;
			INSERT INTO unique_many (id, a, b, c) VALUES (2, 2, 1, 1);
			INSERT INTO unique_nullable VALUES (1, 'a');`, map[string]string{
			"CountRemotes": `55000 foreign-data wrapper "nowhere" has no handler`,
			"EachRemote":   `55000 foreign-data wrapper "nowhere" has no handler`,
			"ListRemotes":  `55000 foreign-data wrapper "nowhere" has no handler`,
		}},
		{"tables_templates", func(tx pgx.Tx) any { return templated.New(tx) }, "", map[string]string{}},
	} {
		for _, mode := range execModes {
			t.Run(tt.project+"/"+mode.String(), func(t *testing.T) {
				t.Parallel()
				ctx := context.Background()
				conn := connect(t, database(t, tt.project), mode)
				rows, err := conn.Query(ctx, "SELECT enumlabel::text FROM pg_enum ORDER BY enumsortorder")
				require.NoError(t, err)
				labels, err := pgx.CollectRows(rows, pgx.RowTo[string])
				require.NoError(t, err)
				tx, err := conn.Begin(ctx)
				require.NoError(t, err)

				// Methods are tried on empty tables, and again whenever a row has been
				// inserted, until nothing more can be inserted.
				refused := map[string]string{}
				for _, name := range methodsOf(tt.queries(tx)) {
					refused[name] = "not called"
				}
				require.NotEmpty(t, refused)
				insertable := []string{}
				for _, rows := range []string{"", tt.rows} {
					_, err = conn.Exec(ctx, rows)
					require.NoError(t, err)
					for progress := true; progress; {
						for name := range refused {
							if refused[name] = callMethod(t, tx, tt.queries, name, labels, false); refused[name] == "" {
								delete(refused, name)
								if strings.HasPrefix(name, "Insert") {
									insertable = append(insertable, name)
								}
							}
						}
						slices.Sort(insertable)
						progress = false
						for len(insertable) > 0 && !progress {
							progress = callMethod(t, tx, tt.queries, insertable[0], labels, true) == ""
							insertable = insertable[1:]
						}
					}
				}
				require.Equal(t, tt.refused, refused)
				require.NoError(t, tx.Rollback(ctx))
			})
		}
	}
}

// methodsOf returns the names of the methods of q that send a statement of
// their own.
func methodsOf(q any) []string {
	methods := map[string]bool{}
	for m := range reflect.TypeOf(q).NumMethod() {
		methods[reflect.TypeOf(q).Method(m).Name] = true
	}
	delete(methods, "WithTx")
	delete(methods, "Verify") // not in a transaction
	return slices.Sorted(maps.Keys(methods))
}

// callMethod calls a method with ordinary values, without those that may be left
// out, and if that fails with all of them, in a transaction within tx that is
// kept if keep says so and nothing failed. It returns what PostgreSQL refused, "no
// rows", or nothing; other errors end the test.
func callMethod(t *testing.T, tx pgx.Tx, queries func(pgx.Tx) any, name string, labels []string, keep bool) (refused string) {
	ctx := context.Background()
	for _, values := range []ordinary{{labels: labels}, {labels: labels, all: true}} {
		inner, err := tx.Begin(ctx)
		require.NoError(t, err)
		method := reflect.ValueOf(queries(inner)).MethodByName(name)
		args := []reflect.Value{reflect.ValueOf(ctx)}
		for i := 1; i < method.Type().NumIn(); i++ {
			args = append(args, values.value(t, method.Type().In(i)))
		}
		failure := errorOf(method.Call(args))
		if failure == nil && keep {
			require.NoError(t, inner.Commit(ctx))
			return ""
		}
		require.NoError(t, inner.Rollback(ctx))
		var pg *pgconn.PgError
		switch {
		case failure == nil:
			return ""
		case errors.Is(failure, pgx.ErrNoRows):
			refused = "no rows"
		case errors.As(failure, &pg):
			refused = pg.Code + " " + pg.Message
		default:
			require.NoError(t, failure, name)
		}
	}
	return refused
}

// errorOf returns the error of a call, after reading all rows if it gave a
// sequence.
func errorOf(results []reflect.Value) error {
	var failure error
	last := results[len(results)-1]
	if last.Kind() == reflect.Func {
		yield := reflect.MakeFunc(last.Type().In(0), func(pair []reflect.Value) []reflect.Value {
			failure, _ = pair[1].Interface().(error)
			return []reflect.Value{reflect.ValueOf(true)}
		})
		last.Call([]reflect.Value{yield})
		return failure
	}
	failure, _ = last.Interface().(error)
	return failure
}

// ordinary makes values of any type: 1, a short text, one element.
type ordinary struct {
	labels []string // of enums
	all    bool     // with what may be NULL or left out
}

func (o ordinary) value(t *testing.T, typ reflect.Type) reflect.Value {
	v := reflect.New(typ).Elem()
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
		if o.all {
			*x = time.Date(1996, 1, 2, 0, 0, 0, 0, time.UTC)
		}
		return v
	case *json.RawMessage:
		*x = json.RawMessage(`{}`)
		return v
	case *pgtype.Bits:
		*x = pgtype.Bits{Bytes: []byte{0b10100000}, Len: 3, Valid: true}
		return v
	case *pgtype.Range[int32]:
		*x = pgtype.Range[int32]{Lower: 1, Upper: 2, LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true}
		return v
	case *pgtype.Numeric:
		*x = pgtype.Numeric{Int: big.NewInt(1), Valid: true}
		return v
	case *pgtype.UUID:
		*x = pgtype.UUID{Bytes: [16]byte{1}, Valid: true}
		return v
	case interface{ Valid() bool }:
		for _, label := range o.labels {
			if v.SetString(label); x.Valid() {
				return v
			}
		}
	}
	switch typ.Kind() {
	case reflect.Struct:
		if set := v.Addr().MethodByName("Set"); set.IsValid() { // runtime.Opt
			if o.all {
				set.Call([]reflect.Value{o.value(t, set.Type().In(0))})
			}
			return v
		}
		for i := range typ.NumField() {
			require.True(t, typ.Field(i).IsExported(), "%v", typ)
			v.Field(i).Set(o.value(t, typ.Field(i).Type))
		}
	case reflect.Slice:
		v.Set(reflect.Append(v, o.value(t, typ.Elem())))
	case reflect.Func:
		v.Set(reflect.MakeFunc(typ, func(args []reflect.Value) []reflect.Value {
			yield := []reflect.Value{o.value(t, args[0].Type().In(0))}
			if args[0].Type().NumIn() == 2 {
				yield = append(yield, reflect.Zero(args[0].Type().In(1)))
			}
			args[0].Call(yield)
			return nil
		}))
	case reflect.Pointer:
		if o.all {
			v.Set(reflect.New(typ.Elem()))
			v.Elem().Set(o.value(t, typ.Elem()))
		}
	case reflect.String:
		v.SetString("a@b") // an address for those that check it
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint8:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Bool:
		v.SetBool(true)
	default:
		require.Fail(t, "no ordinary value", "%v", typ)
	}
	return v
}
