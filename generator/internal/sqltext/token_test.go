package sqltext

import (
	"strings"
	"testing"

	"github.com/sqlc-dev/oliphant"
	"github.com/stretchr/testify/require"
)

// texts are the token texts of a statement with their kinds.
func texts(sql string) []string {
	names := map[Kind]string{
		Comment: "comment", Ident: "ident", QuotedIdent: "quoted", String: "string", Number: "number",
		Placeholder: "param", Operator: "op", Punctuation: "punct", Other: "other",
	}
	var out []string
	for _, t := range Tokens(sql) {
		out = append(out, names[t.Kind]+" "+sql[t.Start:t.End])
	}
	return out
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"words and punctuation":    {"select a.b, c[1];", []string{"ident select", "ident a", "punct .", "ident b", "punct ,", "ident c", "punct [", "number 1", "punct ]", "punct ;"}},
		"dollar in identifier":     {"a$b$ $b$x$b$", []string{"ident a$b$", "string $b$x$b$"}},
		"nested dollar quotes":     {"$a$ $$ $b$ $a$ x", []string{"string $a$ $$ $b$ $a$", "ident x"}},
		"dollar tag not closed":    {"$a b", []string{"other $", "ident a", "ident b"}},
		"placeholder":              {"$1+$22", []string{"param $1", "op +", "param $22"}},
		"nested comment":           {"/* a /* b */ c */ d", []string{"comment /* a /* b */ c */", "ident d"}},
		"line comment ends at CR":  {"-- a\rb", []string{"comment -- a", "ident b"}},
		"operator before comment":  {"a*/*x*/b --c", []string{"ident a", "op *", "comment /*x*/", "ident b", "comment --c"}},
		"minus sign apart":         {"a=-1", []string{"ident a", "op =", "op -", "number 1"}},
		"exotic operator keeps it": {"a@-1", []string{"ident a", "op @-", "number 1"}},
		"at behind equals":         {"b=@x", []string{"ident b", "op =@", "ident x"}},
		"escape string":            {`E'a\'b' 'c\' d`, []string{`string E'a\'b'`, `string 'c\'`, "ident d"}},
		"doubled quote":            {"'a''b'", []string{"string 'a''b'"}},
		"continued string":         {"E'a'\n 'b\\'c' d", []string{"string E'a'\n 'b\\'c'", "ident d"}},
		"unicode":                  {`U&"d\0061" u&'x' U&y`, []string{`quoted U&"d\0061"`, "string u&'x'", "ident U", "op &", "ident y"}},
		"bit strings":              {"B'01' x'1F' n'q'", []string{"string B'01'", "string x'1F'", "ident n", "string 'q'"}},
		"numbers":                  {"1.5e-3 .5 1..2 0x1F 1_000 5.", []string{"number 1.5e-3", "number .5", "number 1", "punct ..", "number 2", "number 0x1F", "number 1_000", "number 5."}},
		"casts":                    {"a::int := b", []string{"ident a", "punct ::", "ident int", "punct :=", "ident b"}},
		"umlauts":                  {"größe=@straße", []string{"ident größe", "op =@", "ident straße"}},
		"backslash":                {`\d`, []string{`other \`, "ident d"}},
		"quoted with quote":        {`"a""b".c`, []string{`quoted "a""b"`, "punct .", "ident c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, texts(c.sql))
		})
	}
}

// FuzzTokens holds the scanner against a port of PostgreSQL's own.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{
		"select a.b, $1 from t where x >= @y and z = 'it''s' -- c", "/* a /* b */ */ 1.5e3 0x1F .5 1..2",
		"E'a\\'b'\n'c' $q$ $$ $q$ a$b$ U&\"x\" u&'y' b'01'", "a<=-1 b=@-2 ->>'x' ::int := || @> <@ !~*", "a -- b\r c", "a B''''0", "1+-+-2*-+@-",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		own := Tokens(sql)
		end := 0
		for _, tok := range own {
			require.LessOrEqual(t, end, tok.Start)
			require.Less(t, tok.Start, tok.End)
			require.Empty(t, strings.Trim(sql[end:tok.Start], " \t\r\n\f\v"))
			end = tok.End
		}
		require.Empty(t, strings.Trim(sql[end:], " \t\r\n\f\v"))

		if strings.IndexByte(sql, 0) >= 0 {
			return
		}
		theirs, err := oliphant.Scan(sql)
		if err != nil {
			return
		}
		var got, want [][2]int
		for _, tok := range own {
			got = append(got, [2]int{tok.Start, tok.End})
		}
		for _, tok := range theirs.Tokens {
			want = append(want, [2]int{int(tok.Start), int(tok.End)})
		}
		require.Equal(t, want, got)
	})
}
