package runtime_test

import (
	"database/sql/driver"
	"encoding/json"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime"
)

func TestOptIsLeftOutUntilSet(t *testing.T) {
	t.Parallel()
	var o runtime.Opt[*string]
	require.False(t, o.IsSet())
	require.True(t, o.IsZero())
	require.Nil(t, o.Arg())
	text := "x"
	require.Equal(t, &text, o.Or(&text))

	o.Set(nil)
	v, set := o.Get()
	require.True(t, set)
	require.Nil(t, v)
	require.Nil(t, o.Or(&text))
	require.Equal(t, runtime.SetNull[string](), o)

	o.Set(&text)
	require.Equal(t, runtime.SetPtr("x"), o)
	require.Equal(t, &text, o.Arg())
	o.Clear()
	require.Equal(t, runtime.Opt[*string]{}, o)
	require.Equal(t, 0, runtime.Set(0).Arg())
}

func TestOptInJSON(t *testing.T) {
	t.Parallel()
	type patch struct {
		Name runtime.Opt[string]      `json:"name,omitzero"`
		Nick runtime.Opt[*string]     `json:"nick,omitzero"`
		Ref  runtime.Opt[pgtype.UUID] `json:"ref,omitzero"`
		Tags runtime.Opt[[]string]    `json:"tags,omitzero"`
	}
	for _, c := range []struct {
		name, json string
		want       patch
		err        string
	}{
		{name: "nothing", json: `{}`},
		{name: "values", json: `{"name":"Ada","nick":"a","tags":["x"]}`, want: patch{Name: runtime.Set("Ada"), Nick: runtime.SetPtr("a"), Tags: runtime.Set([]string{"x"})}},
		{name: "zero values", json: `{"name":"","nick":"","tags":[]}`, want: patch{Name: runtime.Set(""), Nick: runtime.SetPtr(""), Tags: runtime.Set([]string{})}},
		{name: "null", json: `{"nick":null,"ref":null,"tags":null}`, want: patch{Nick: runtime.SetNull[string](), Ref: runtime.Set(pgtype.UUID{}), Tags: runtime.Set[[]string](nil)}},
		{name: "null where there is none", json: `{"name":null}`, err: "null for a value that cannot be null"},
		{name: "another type", json: `{"name":5}`, err: "cannot unmarshal number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got patch
			err := json.Unmarshal([]byte(c.json), &got)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			back, err := json.Marshal(got)
			require.NoError(t, err)
			require.JSONEq(t, c.json, string(back))
		})
	}
	b, err := json.Marshal(runtime.Opt[string]{})
	require.NoError(t, err)
	require.Equal(t, "null", string(b))
}

func TestOptArguments(t *testing.T) {
	t.Parallel()
	type row struct {
		name runtime.Opt[string]
		tags []string
	}
	rows := []row{{runtime.Set("a,b"), []string{"x", `"`}}, {}, {runtime.Set(""), []string{}}}
	require.Equal(t, `{"a,b",NULL,""}`, runtime.RowsArg(rows, runtime.Text, func(e *runtime.Encoder, v row) {
		runtime.EncodeOpt(e, v.name, (*runtime.Encoder).Text)
	}))
	require.Equal(t, `{"{x,\"\\\"\"}",NULL,"{}"}`, runtime.RowsArg(rows, runtime.Text, func(e *runtime.Encoder, v row) {
		runtime.EncodeLiteral(e, v.tags, runtime.Text+"[]", func(e *runtime.Encoder, v []string) {
			runtime.EncodeNullArray(e, v, runtime.Text, (*runtime.Encoder).Text)
		})
	}))
	require.Equal(t, "{}", runtime.RowsArg[row](nil, runtime.Text, func(e *runtime.Encoder, _ row) { e.Text("") }))
	require.Equal(t, "A", runtime.OptArg(runtime.Set("a"), func(string) any { return "A" }))
	require.Nil(t, runtime.OptArg(runtime.Opt[string]{}, func(string) any { return "A" }))

	// What cannot be written is an error when pgx asks for the value.
	bad, ok := runtime.RowsArg(make([]row, 1), runtime.Text, func(e *runtime.Encoder, _ row) {
		runtime.EncodeLiteral(e, pgtype.Range[float64]{LowerType: 9, Valid: true}, "numrange", func(e *runtime.Encoder, v pgtype.Range[float64]) {
			runtime.EncodeRange(e, v, (*runtime.Encoder).Float8)
		})
	}).(driver.Valuer)
	require.True(t, ok)
	_, err := bad.Value()
	require.ErrorContains(t, err, "bound of a range has no type")
}
