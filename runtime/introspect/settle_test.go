package introspect

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"a list":        {"((a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))", "((a)::text = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text]))"},
		"one":           {"(ARRAY[1])::bigint[]", "ARRAY[(1)::bigint]"},
		"several":       {"(ARRAY[1])::a[] || (ARRAY[2, 3])::b[]", "ARRAY[(1)::a] || ARRAY[(2)::b, (3)::b]"},
		"inside":        {"(ARRAY[f((ARRAY[1, 2])::a[])])::b[]", "ARRAY[(f(ARRAY[(1)::a, (2)::a]))::b]"},
		"commas":        {"(ARRAY[f(1, 2), ','::text, (a)[1]])::t[]", "ARRAY[(f(1, 2))::t, (','::text)::t, ((a)[1])::t]"},
		"brackets":      {`(ARRAY[']'::text, '('''::text, "]"])::t[]`, `ARRAY[(']'::text)::t, ('('''::text)::t, ("]")::t]`},
		"escapes":       {`(ARRAY[E'\']'::text])::t[]`, `ARRAY[(E'\']'::text)::t]`},
		"odd type":      {`(ARRAY[1])::"A".numeric(10,2)[]`, `ARRAY[(1)::"A".numeric(10,2)]`},
		"long type":     {"(ARRAY[1])::timestamp(3) with time zone[] = x", "ARRAY[(1)::timestamp(3) with time zone] = x"},
		"ünï":           {`(ARRAY['ü'])::"Größe"[]`, `ARRAY[('ü')::"Größe"]`},
		"no cast":       {"(ARRAY[1, 2])", "(ARRAY[1, 2])"},
		"not to array":  {"(ARRAY[1, 2])::text = (a)::b[]", "(ARRAY[1, 2])::text = (a)::b[]"},
		"in a literal":  {"'(ARRAY[1])::a[]' || (ARRAY[1])::a[]", "'(ARRAY[1])::a[]' || ARRAY[(1)::a]"},
		"in a name":     {`"(ARRAY[1])::a[]"`, `"(ARRAY[1])::a[]"`},
		"not closed":    {"(ARRAY[1, (2", "(ARRAY[1, (2"},
		"closed wrong":  {"(ARRAY[1)])::a[]", "(ARRAY[1)])::a[]"},
		"ends":          {"(ARRAY['", "(ARRAY['"},
		"no type":       {"(ARRAY[1])::", "(ARRAY[1])::"},
		"empty":         {"", ""},
		"with operator": {"(ARRAY[1])::a || b[]", "(ARRAY[1])::a || b[]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, settled(c.in))
			require.Equal(t, c.want, settled(c.want), "twice")
		})
	}
}

func FuzzSettled(f *testing.F) {
	f.Add("((a)::text = ANY ((ARRAY['x'::character varying, 'y'''::character varying])::text[]))")
	f.Add(`(ARRAY[E'\']'::text, "]"])::"A".t(1,2)[]`)
	f.Fuzz(func(t *testing.T, sql string) {
		once := settled(sql)
		require.Equal(t, once, settled(once))
	})
}
