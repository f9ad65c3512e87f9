package nullability

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// uncalled are functions that a test had better not call, or for which the
// samples have no input that works.
var uncalled = []string{
	"pg_sleep", "pg_sleep_for", "pg_sleep_until", "repeat", "pg_notify", "pg_advisory_unlock_all",
	"make_timestamp", "make_timestamptz", "to_ascii", "regexp_instr", "regexp_substr",
}

// newest is the version that the tables of functions are written for. Older
// ones lack functions, and have some with other arguments.
const newest = 18

func TestFunctionsReturnWhatTheirClassSays(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("testdata/functions.sql")
	require.NoError(t, err)
	d := open(t, string(script))
	var bad []string
	for _, f := range functions {
		known := d.catalog.Functions[f.oid]
		if known == nil || slices.Contains(uncalled, known.Name) {
			continue
		}
		nulls := make([]string, len(known.Arguments))
		for i := range nulls {
			nulls[i] = fmt.Sprint(f.class == never || f.class == first && i > 0 || f.class == either && i > 0)
		}
		var ok int
		var nullFor *string
		err := d.conn.QueryRow(t.Context(), "SELECT ok, null_for FROM try($1, $2::boolean[])",
			f.oid, "{"+strings.Join(nulls, ",")+"}").Scan(&ok, &nullFor)
		require.NoError(t, err, f.signature)
		if nullFor != nil {
			bad = append(bad, fmt.Sprintf("%s returns NULL for %s", f.signature, *nullFor))
		}
		if ok == 0 && d.catalog.ServerVersion/10000 == newest {
			bad = append(bad, fmt.Sprintf("no call of %s worked", f.signature))
		}
	}
	require.Empty(t, bad)
}

// An OID that the lists name must be that of the function they say.
func TestFunctionsAreWhatTheListsSay(t *testing.T) {
	t.Parallel()
	d := open(t)
	var all []builtin
	for i, f := range functions {
		all = append(all, f.builtin)
		require.True(t, i == 0 || functions[i-1].oid < f.oid, "%s is out of order", f.signature)
		if known := d.catalog.Functions[f.oid]; known != nil {
			require.Equal(t, catalog.PlainFunction, known.Kind, f.signature)
			require.False(t, known.ReturnsSet, f.signature)
			returns := d.catalog.BaseType(known.Returns)
			require.NotEqual(t, "record", returns.Name, f.signature)
			require.NotEqual(t, catalog.Composite, returns.Kind, f.signature)
		}
	}
	for _, f := range setFunctions {
		all = append(all, f.builtin)
		if known := d.catalog.Functions[f.oid]; known != nil {
			require.True(t, known.ReturnsSet, f.signature)
		}
	}
	for _, f := range aggregates {
		all = append(all, f.builtin)
		if known := d.catalog.Functions[f.oid]; known != nil {
			require.Equal(t, catalog.Aggregate, known.Kind, f.signature)
		}
	}
	for oid, signature := range constants {
		all = append(all, builtin{oid, signature})
	}
	a := &analysis{schema: d.analyzer.schema}
	var reused []string
	for _, f := range all {
		// Objects with larger OIDs get them anew in each initdb.
		require.Less(t, f.oid, uint32(10000), f.signature)
		known := d.catalog.Functions[f.oid]
		if known == nil {
			require.NotEqual(t, newest, d.catalog.ServerVersion/10000, "%s does not exist", f.signature)
			continue
		}
		require.Equal(t, "pg_catalog", known.Schema)
		if !a.has(f) {
			reused = append(reused, f.signature)
			continue
		}
		if d.catalog.ServerVersion/10000 == newest {
			var signature string
			require.NoError(t, d.conn.QueryRow(t.Context(), "SELECT $1::oid::regprocedure::text", f.oid).Scan(&signature))
			require.Equal(t, f.signature, signature)
		}
	}
	if d.catalog.ServerVersion/10000 >= 15 {
		require.Empty(t, reused)
	} else {
		require.Subset(t, []string{"xmltext(text)"}, reused)
	}
}

// constants are the functions that the code names.
var constants = map[uint32]string{
	arrayAppend:    "array_append(anycompatiblearray,anycompatible)",
	arrayPrepend:   "array_prepend(anycompatible,anycompatiblearray)",
	arrayCat:       "array_cat(anycompatiblearray,anycompatiblearray)",
	arrayRemove:    "array_remove(anycompatiblearray,anycompatible)",
	arrayAgg:       "array_agg(anynonarray)",
	unnest:         "unnest(anyarray)",
	stringToArray:  "string_to_array(text,text)",
	regexpSplit:    "regexp_split_to_array(text,text)",
	regexpSplitOpt: "regexp_split_to_array(text,text,text)",
	concatenate:    "textcat(text,text)",
	concat:         `concat("any")`,
	1171:           "date_part(text,timestamp with time zone)",
	1172:           "date_part(text,interval)",
	1384:           "date_part(text,date)",
	2021:           "date_part(text,timestamp without time zone)",
	6199:           `"extract"(text,date)`,
	6202:           `"extract"(text,timestamp without time zone)`,
	6203:           `"extract"(text,timestamp with time zone)`,
	6204:           `"extract"(text,interval)`,
	2003:           "textanycat(text,anynonarray)",
	2004:           "anytextcat(anynonarray,text)",
	1285:           "quote_literal(anyelement)",
	1290:           "quote_nullable(anyelement)",
	3100:           "row_number()",
	3101:           "rank()",
	3102:           "dense_rank()",
	3103:           "percent_rank()",
	3104:           "cume_dist()",
	3105:           "ntile(integer)",
	3108:           "lag(anycompatible,integer,anycompatible)",
	3111:           "lead(anycompatible,integer,anycompatible)",
	3112:           "first_value(anyelement)",
	3113:           "last_value(anyelement)",
}
