package sqltext

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// one splits a text that is one statement.
func one(t require.TestingT, text string) *Statement {
	f, diags := Split("q.sql", text)
	require.Empty(t, diags.Format())
	require.Len(t, f.Statements, 1)
	return f.Statements[0]
}

// params describes parameters in short: number, kind, name.
func params(r *Rewritten) []string {
	var out []string
	for _, p := range r.Params {
		kind := map[ParamKind]string{Positional: "positional", Arg: "arg", Narg: "narg", Slice: "slice"}[p.Kind]
		if p.Nullable && p.Kind != Narg {
			kind += " nullable"
		}
		out = append(out, strings.TrimSpace("$"+string(rune('0'+p.Number))+" "+kind+" "+p.Name))
	}
	return out
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql, want string
		params    []string
	}{
		"none":                      {"select 'it''s @x' from t -- @y", "select 'it''s @x' from t -- @y", nil},
		"positional":                {"select $2, $1, $2", "select $2, $1, $2", []string{"$1 positional", "$2 positional"}},
		"gap":                       {"select $1, $3", "select $1, $3", []string{"$1 positional", "$3 positional"}},
		"named":                     {"select @a, @b, @a", "select $1, $2, $1", []string{"$1 arg a", "$2 arg b"}},
		"mixed":                     {"select @a, $2, @b", "select $3, $2, $4", []string{"$2 positional", "$3 arg a", "$4 arg b"}},
		"minus":                     {"where d > @since - interval '1 day'", "where d > $1 - interval '1 day'", []string{"$1 arg since"}},
		"tight minus":               {"select @a-1", "select $1-1", []string{"$1 arg a"}},
		"plus":                      {"select @a + 1", "select $1 + 1", []string{"$1 arg a"}},
		"equals":                    {"where b=@x", "where b=$1", []string{"$1 arg x"}},
		"at least":                  {"where b>=@x and c<>@y and d!=@z", "where b>=$1 and c<>$2 and d!=$3", []string{"$1 arg x", "$2 arg y", "$3 arg z"}},
		"concatenation":             {"select a||@x||'b'", "select a||$1||'b'", []string{"$1 arg x"}},
		"json":                      {"select a->>@x, a->@y, a#>>@z", "select a->>$1, a->$2, a#>>$3", []string{"$1 arg x", "$2 arg y", "$3 arg z"}},
		"contains":                  {"where a @>@x and b &&@y", "where a @>$1 and b &&$2", []string{"$1 arg x", "$2 arg y"}},
		"match":                     {"where a !~*@x or a ~@y", "where a !~*$1 or a ~$2", []string{"$1 arg x", "$2 arg y"}},
		"arithmetic":                {"select a*@x, a/@y, a%@z, a-@u, a+@v, a^@w", "select a*$1, a/$2, a%$3, a-$4, a+$5, a^@w", []string{"$1 arg x", "$2 arg y", "$3 arg z", "$4 arg u", "$5 arg v"}},
		"cast":                      {"limit @lim::int", "limit $1::int", []string{"$1 arg lim"}},
		"array cast":                {"unnest(@a::bigint[])", "unnest($1::bigint[])", []string{"$1 arg a"}},
		"camelCase":                 {"select @userId, @userid, sqlc.arg('USERID')", "select $1, $1, $1", []string{"$1 arg userId"}},
		"quoted":                    {`select @"Quoted ""Name"`, "select $1", []string{`$1 arg Quoted "Name`}},
		"keyword":                   {"limit @limit offset @offset", "limit $1 offset $2", []string{"$1 arg limit", "$2 arg offset"}},
		"umlaut":                    {"select @größe", "select $1", []string{"$1 arg größe"}},
		"touching words":            {"select@a from t limit@b", "select $1 from t limit $2", []string{"$1 arg a", "$2 arg b"}},
		"touching words behind":     {`select sqlc.arg(a)b, @"a"c`, "select $1 b, $1 c", []string{"$1 arg a"}},
		"field of a composite":      {"select (@p).x", "select ($1).x", []string{"$1 arg p"}},
		"macros":                    {"select sqlc.arg(a), sqlc.arg('b'), sqlc.arg( 'c' ), sqlc.narg(d), SQLC.ARG(e)", "select $1, $2, $3, $4, $5", []string{"$1 arg a", "$2 arg b", "$3 arg c", "$4 narg d", "$5 arg e"}},
		"macro with blanks":         {"select sqlc . arg -- x\n ( /* y */ a )", "select $1", []string{"$1 arg a"}},
		"macro with quoted name":    {`select sqlc.arg("A b")`, "select $1", []string{"$1 arg A b"}},
		"macro with quote in it":    {"select sqlc.arg('a''b')", "select $1", []string{"$1 arg a'b"}},
		"nullable wins":             {"select @a, sqlc.narg(a)", "select $1, $1", []string{"$1 narg a"}},
		"nullable wins early":       {"where sqlc.narg('x')::text is null or x = sqlc.arg('x')", "where $1::text is null or x = $1", []string{"$1 narg x"}},
		"in":                        {"where id IN (sqlc.slice('ids'))", "where id = ANY ($1)", []string{"$1 slice ids"}},
		"in, tight":                 {"where id in(sqlc.slice(ids))", "where id = ANY($1)", []string{"$1 slice ids"}},
		"in, with comments":         {"where id not /* a */ in /* b */ ( /* c */ sqlc.slice(ids) /* d */ )", "where id <> /* a */ ALL /* b */ ( /* c */ $1 /* d */ )", []string{"$1 slice ids"}},
		"not in":                    {"where id NOT IN (sqlc.slice(ids))", "where id <> ALL ($1)", []string{"$1 slice ids"}},
		"in, with cast":             {"where id IN (sqlc.slice(ids)::uuid[])", "where id = ANY ($1::uuid[])", []string{"$1 slice ids"}},
		"any":                       {"where id = ANY(sqlc.slice('ids')::int[])", "where id = ANY($1::int[])", []string{"$1 slice ids"}},
		"slice and arg":             {"where @ids::int[] is null or id in (sqlc.slice(ids)) or sqlc.narg(ids) is null", "where $1::int[] is null or id = ANY ($1) or $1 is null", []string{"$1 slice nullable ids"}},
		"named before in":           {"where @a in (sqlc.slice(b))", "where $1 = ANY ($2)", []string{"$1 arg a", "$2 slice b"}},
		"embed":                     {"select sqlc.embed(u), sqlc.embed('posts') from u", "select u.*, posts.* from u", nil},
		"embed with schema":         {`select sqlc.embed(s . "T")`, `select s."T".*`, nil},
		"embed of odd names":        {`select sqlc.embed('My T'), sqlc.embed("a""b"), sqlc.embed('1')`, `select "My T".*, "a""b".*, "1".*`, nil},
		"embed before a comment":    {"select sqlc.embed(u)/* c */, 1", "select u.*/* c */, 1", nil},
		"absolute value":            {"select @ -5, @-5, @ x, @(x), @$1, @'5', @5", "select @ -5, @-5, @ x, @(x), @$1, @'5', @5", []string{"$1 positional"}},
		"operators":                 {"where a @> b and a <@ b and a @@ b and a @? b and @-@ c and a ^@ b", "where a @> b and a <@ b and a @@ b and a @? b and @-@ c and a ^@ b", nil},
		"operators that touch":      {"where a<@b and a@@b and @-@c = 1 and a^@b and a?@b", "where a<@b and a@@b and @-@c = 1 and a^@b and a?@b", nil},
		"operator and parameter":    {"where a <@@x and a @>@y", "where a <@$1 and a @>$2", []string{"$1 arg x", "$2 arg y"}},
		"absolute value of a macro": {"select @sqlc.arg(x)", "select @$1", []string{"$1 arg x"}},
		"qualified name sqlc":       {"select sqlc.arg, x.sqlc.arg(1), sqlc.t.arg from sqlc", "select sqlc.arg, x.sqlc.arg(1), sqlc.t.arg from sqlc", nil},
		"macros in quotes":          {`select 'sqlc.arg(a)', "sqlc.arg(b)", $$@c$$, E'\'@d', U&'@e' /* @f sqlc.arg(g) */`, `select 'sqlc.arg(a)', "sqlc.arg(b)", $$@c$$, E'\'@d', U&'@e' /* @f sqlc.arg(g) */`, nil},
		"carriage returns":          {"select\r\n@a,\r@b", "select\r\n$1,\r$2", []string{"$1 arg a", "$2 arg b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, header := range []string{"", "-- name: A :one\n"} {
				r, diags := one(t, header+c.sql).Rewrite()
				require.Empty(t, diags.Format())
				require.Equal(t, header+c.want, r.SQL)
				require.Equal(t, c.params, params(r))
			}
		})
	}
}

func TestRewriteParams(t *testing.T) {
	t.Parallel()
	text := "-- name: A :one\n-- Words.\nselect @userId, $1, sqlc.narg('userid'), $1, @\"X\";"
	r, diags := one(t, text).Rewrite()
	require.Empty(t, diags.Format())
	at := func(s string, n int) int {
		offset := -1
		for ; n >= 0; n-- {
			offset += 1 + strings.Index(text[offset+1:], s)
		}
		return offset
	}
	require.Equal(t, []Param{
		{Number: 1, Kind: Positional, Offsets: []int{at("$1", 0), at("$1", 1)}},
		{Number: 2, Name: "userId", Folded: "userid", Kind: Narg, Nullable: true, Offsets: []int{at("@userId", 0), at("sqlc.narg", 0)}},
		{Number: 3, Name: "X", Folded: "X", Kind: Arg, Offsets: []int{at(`@"X"`, 0)}},
	}, r.Params)
	require.Equal(t, "-- name: A :one\nselect $2, $1, $2, $1, $3", r.SQL)
}

func TestRewriteEmbeds(t *testing.T) {
	t.Parallel()
	text := `select @a, sqlc.embed(U), sqlc.embed(s."T"), sqlc.embed('My T') from x`
	r, diags := one(t, text).Rewrite()
	require.Empty(t, diags.Format())
	var got []string
	for _, e := range r.Embeds {
		got = append(got, e.Name+" "+r.SQL[e.Start:e.End]+" "+text[e.Offset:e.Offset+10])
		require.Equal(t, e.Offset, r.MapOffset(e.Start))
	}
	require.Equal(t, []string{`u U.* sqlc.embed`, `T s."T".* sqlc.embed`, `My T "My T".* sqlc.embed`}, got)
}

func TestRewriteErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql, message, hint string
		column             int
	}{
		"unknown macro":      {"select sqlc.argh(x)", `function "sqlc.argh" does not exist`, "did you mean sqlc.arg?", 8},
		"far from a macro":   {"select sqlc.parameter(x)", `function "sqlc.parameter" does not exist`, "the macros are sqlc.arg, sqlc.narg, sqlc.slice and sqlc.embed", 8},
		"no argument":        {"select sqlc.arg()", "expected 1 parameter to sqlc.arg; got 0", "write sqlc.arg(name)", 8},
		"no argument inside": {"select f(sqlc.arg())", "expected 1 parameter to sqlc.arg; got 0", "write sqlc.arg(name)", 10},
		"two arguments":      {"select sqlc.arg('a', f(b, c))", "expected 1 parameter to sqlc.arg; got 2", "write sqlc.arg(name)", 8},
		"nested":             {"select sqlc.arg(sqlc.arg(x))", "expected parameter to sqlc.arg to be a name or a string; got another macro", "write sqlc.arg(name) or sqlc.arg('name')", 8},
		"positional":         {"select sqlc.narg($1)", "expected parameter to sqlc.narg to be a name or a string; got a positional parameter", "write sqlc.narg(name) or sqlc.narg('name')", 8},
		"number":             {"select sqlc.slice(5)", "expected parameter to sqlc.slice to be a name or a string; got a number", "write sqlc.slice(name) or sqlc.slice('name')", 8},
		"expression":         {"select sqlc.arg(a + 1)", "expected parameter to sqlc.arg to be a name or a string; got an expression", "write sqlc.arg(name) or sqlc.arg('name')", 8},
		"column":             {"select sqlc.arg(t.a)", "expected parameter to sqlc.arg to be a name or a string; got an expression", "write sqlc.arg(name) or sqlc.arg('name')", 8},
		"parameter":          {"select sqlc.arg(@a)", "expected parameter to sqlc.arg to be a name or a string; got an expression", "write sqlc.arg(name) or sqlc.arg('name')", 8},
		"empty string":       {"select sqlc.arg(' ')", "expected parameter to sqlc.arg to be a name or a string; got an empty string", "write sqlc.arg(name) or sqlc.arg('name')", 8},
		"escape string":      {`select sqlc.arg(E'a')`, "expected parameter to sqlc.arg to be a name or a string; got a string with a prefix or on several lines", "write sqlc.arg(name) or sqlc.arg('name')", 8},
		"continued string":   {"select sqlc.arg('a'\n'b')", "expected parameter to sqlc.arg to be a name or a string; got a string with a prefix or on several lines", "write sqlc.arg(name) or sqlc.arg('name')", 8},
		"embed of a call":    {"select sqlc.embed(f(x))", "expected parameter to sqlc.embed to be a name or a string; got an expression", "write sqlc.embed(name) or sqlc.embed('name')", 8},
		"left open":          {"select ä, sqlc.arg(x", "sqlc.arg without its closing parenthesis", "", 11},
		"slice beside":       {"where x in (sqlc.slice(a), 5)", "sqlc.slice beside other values of an IN list", "write x = ANY(sqlc.slice(name)) OR x IN (…)", 13},
		"number zero":        {"select $0", "there is no parameter $0", "parameters are numbered from $1", 8},
		"number too high":    {"select $65536", "parameter number $65536 is too high", "PostgreSQL takes up to 65535 parameters", 8},
		"number far off":     {"select $99999999999999999999", "parameter number $99999999999999999999 is too high", "PostgreSQL takes up to 65535 parameters", 8},
		"named one too far":  {"select $65535, @a", "too many parameters", "PostgreSQL takes up to 65535 parameters", 16},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := one(t, c.sql).Rewrite()
			all := diags.Sorted()
			require.Len(t, all, 1)
			require.Equal(t, c.message, all[0].Message)
			require.Equal(t, c.hint, all[0].Hint)
			require.Equal(t, c.column, all[0].Column)
		})
	}
}

func TestMapOffset(t *testing.T) {
	t.Parallel()
	text := "select 0;\n\n-- Ä.\n-- name: A :one\n-- B.\nselect @since - x, sqlc.arg( 'y' )z /* @a */\n , sqlc.embed(t) from t;\n"
	f, diags := Split("q.sql", text)
	require.Empty(t, diags.Format())
	r, diags := f.Statements[1].Rewrite()
	require.Empty(t, diags.Format())
	require.Equal(t, "-- name: A :one\nselect $1 - x, $2 z /* @a */\n , t.* from t", r.SQL)
	for _, c := range []struct{ sql, file string }{
		{"-- name", "-- name"},
		{"name", "-- name"},
		{"select", "select @"},
		{"$1", "@since"},
		{"- x", "- x"},
		{"$2", "sqlc.arg"},
		{"z", "z"},
		{"t.*", "sqlc.embed"},
		{".*", "sqlc.embed"},
		{"from t", "from t"},
	} {
		require.Equal(t, strings.Index(text, c.file), r.MapOffset(strings.Index(r.SQL, c.sql)), c.sql)
	}
	require.Equal(t, f.Statements[1].End, r.MapOffset(len(r.SQL)))
	require.Equal(t, f.Statements[1].End, r.MapOffset(len(r.SQL)+9))
	require.Equal(t, f.Statements[1].Header.Offset, r.MapOffset(-9))

	out, err := r.Replace([]Edit{
		{strings.Index(r.SQL, "t.*"), strings.Index(r.SQL, "t.*") + 3, "t.a, t.b"},
	})
	require.NoError(t, err)
	require.Equal(t, "-- name: A :one\nselect $1 - x, $2 z /* @a */\n , t.a, t.b from t", out.SQL)
	require.Equal(t, "t.a, t.b", out.SQL[out.Embeds[0].Start:out.Embeds[0].End])
	require.Equal(t, "t.*", r.SQL[r.Embeds[0].Start:r.Embeds[0].End])
	for _, c := range []struct{ sql, file string }{
		{"name", "-- name"}, {"$1", "@since"}, {"$2", "sqlc.arg"}, {"t.a", "sqlc.embed"}, {"t.b", "sqlc.embed"}, {"from t", "from t"},
	} {
		require.Equal(t, strings.Index(text, c.file), out.MapOffset(strings.Index(out.SQL, c.sql)), c.sql)
	}
	require.Equal(t, f.Statements[1].End, out.MapOffset(len(out.SQL)))
}

func TestReplace(t *testing.T) {
	t.Parallel()
	r, diags := one(t, "select*from a union select*,sqlc.embed(b)from b").Rewrite()
	require.Empty(t, diags.Format())
	require.Equal(t, "select*from a union select*,b.*from b", r.SQL)
	var edits []Edit
	for _, s := range Stars(r.SQL) {
		edits = append(edits, Edit{s.Start, s.End, "x, y"})
	}
	require.Len(t, edits, 3)
	out, err := r.Replace(edits)
	require.NoError(t, err)
	require.Equal(t, "select x, y from a union select x, y,x, y from b", out.SQL)
	require.Equal(t, "x, y", out.SQL[out.Embeds[0].Start:out.Embeds[0].End])
	require.Equal(t, ",x, y from b", out.SQL[out.Embeds[0].Start-1:])

	last, err := r.Replace([]Edit{{len(r.SQL) - 1, len(r.SQL), "long name"}})
	require.NoError(t, err)
	require.Equal(t, r.MapOffset(len(r.SQL)), last.MapOffset(len(last.SQL)))
	require.Equal(t, r.MapOffset(len(r.SQL)-1), last.MapOffset(len(last.SQL)-1))

	same, err := r.Replace(nil)
	require.NoError(t, err)
	require.Equal(t, r.SQL, same.SQL)
	require.Equal(t, r.Embeds, same.Embeds)

	for name, bad := range map[string][]Edit{
		"outside":     {{0, len(r.SQL) + 1, ""}},
		"negative":    {{-1, 0, ""}},
		"backwards":   {{5, 4, ""}},
		"overlapping": {{0, 4, "a"}, {3, 5, "b"}},
	} {
		_, err := r.Replace(bad)
		require.Error(t, err, name)
	}
}

func TestByteOffset(t *testing.T) {
	t.Parallel()
	for position, want := range map[int]int{-1: 0, 0: 0, 1: 0, 2: 2, 3: 3, 4: 4, 5: 4, 99: 4} {
		require.Equal(t, want, ByteOffset("äbc", position), position)
	}
	require.Zero(t, ByteOffset("", 1))
}

func FuzzRewrite(f *testing.F) {
	for _, s := range []string{
		"select @a, b=@c, $2, sqlc.arg( 'x' ), sqlc.narg(y), @\"Z\" from t where id not in (sqlc.slice(ids)) -- @q",
		"select sqlc.embed(t), sqlc.embed(s.\"T\") from t", "select sqlc.arg(sqlc.arg(x)), sqlc.argh(), @ -5, a <@b, $99999999999", "-- name: A :one\nselect@a-@b",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, _ := Split("f.sql", text)
		for _, s := range file.Statements {
			r, diags := s.Rewrite()
			low := s.Start
			if s.Header != nil {
				low = s.Header.Offset
				require.True(t, strings.HasPrefix(r.SQL, s.Header.Text()))
			}
			// Offsets never go backwards, and copied bytes are the file's.
			before := low
			for i := 0; i <= len(r.SQL); i++ {
				at := r.MapOffset(i)
				require.LessOrEqual(t, before, at)
				require.LessOrEqual(t, at, s.End)
				before = at
			}
			for i, p := range r.origin.pieces {
				end := len(r.SQL)
				if i+1 < len(r.origin.pieces) {
					end = r.origin.pieces[i+1].at
				}
				if p.copied {
					require.Equal(t, text[p.source:p.source+end-p.at], r.SQL[p.at:end])
				}
			}
			for i, p := range r.Params {
				if i > 0 {
					require.Greater(t, p.Number, r.Params[i-1].Number)
				}
				require.NotEmpty(t, p.Offsets)
			}
			for _, e := range r.Embeds {
				require.True(t, strings.HasSuffix(r.SQL[e.Start:e.End], ".*"))
			}
			for _, star := range Stars(r.SQL) {
				require.Less(t, star.Item, star.Items)
				require.Equal(t, star.Outer, star.Arm >= 0)
			}
			if diags.HasErrors() || s.Broken {
				continue
			}
			// What has no macros stays as it is.
			again, diags := split("g.sql", r.SQL, true)
			require.Empty(t, diags.Format(), r.SQL)
			require.Len(t, again.Statements, 1)
			twice, _ := again.Statements[0].Rewrite()
			if s.Header == nil {
				require.Equal(t, r.SQL, twice.SQL)
			}
			numbers := map[int]bool{}
			for _, p := range twice.Params {
				require.Equal(t, Positional, p.Kind)
				numbers[p.Number] = true
			}
			for _, p := range r.Params {
				require.True(t, numbers[p.Number])
			}
			require.Len(t, r.Params, len(numbers))
		}
	})
}

// What large sqlc projects hold, as far as it is a matter of tokens.
func TestRealProjects(t *testing.T) {
	t.Parallel()
	var ctes strings.Builder
	for i := range 60 {
		ctes.WriteString(", c" + strings.Repeat("x", i) + " AS (SELECT * FROM t WHERE a = @a)\n")
	}
	for name, c := range map[string]struct{ sql, want string }{
		"analyze":             {"ANALYZE t", "ANALYZE t"},
		"refresh":             {"REFRESH MATERIALIZED VIEW CONCURRENTLY v", "REFRESH MATERIALIZED VIEW CONCURRENTLY v"},
		"truncate":            {"TRUNCATE TABLE t CASCADE", "TRUNCATE TABLE t CASCADE"},
		"lock":                {"LOCK TABLE t IN EXCLUSIVE MODE", "LOCK TABLE t IN EXCLUSIVE MODE"},
		"call":                {"CALL p(@a, b => @b, c :=@c)", "CALL p($1, b => $2, c :=$3)"},
		"notify":              {"NOTIFY c, '@x'", "NOTIFY c, '@x'"},
		"set":                 {"SET LOCAL a.b = 'c'", "SET LOCAL a.b = 'c'"},
		"partition":           {"CREATE TABLE IF NOT EXISTS p PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')", "CREATE TABLE IF NOT EXISTS p PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')"},
		"copy":                {"COPY t (a, b) FROM STDIN WITH (FORMAT csv)", "COPY t (a, b) FROM STDIN WITH (FORMAT csv)"},
		"template comment":    {"SELECT 1 FROM /* TEMPLATE: schema */job WHERE a = @a -- @b\n", "SELECT 1 FROM /* TEMPLATE: schema */job WHERE a = $1 -- @b"},
		"optional filter":     {"WHERE (sqlc.narg('x')::text IS NULL OR x = sqlc.narg('x')::text)", "WHERE ($1::text IS NULL OR x = $1::text)"},
		"arrays":              {"SELECT unnest(@a::bigint[]), unnest(sqlc.arg('b')::text[][])", "SELECT unnest($1::bigint[]), unnest($2::text[][])"},
		"mixed-case names":    {`UPDATE "Users" SET "displayName"=@displayName WHERE "Users"."ID"=@"ID"`, `UPDATE "Users" SET "displayName"=$1 WHERE "Users"."ID"=$2`},
		"dates":               {"WHERE d > @since - interval '1 day' AND d < @until::date + 1", "WHERE d > $1 - interval '1 day' AND d < $2::date + 1"},
		"json paths":          {`WHERE j @? '$.a[*] ? (@ > 2)' AND j @@ '$.b == 1' AND j @> @doc::jsonb`, `WHERE j @? '$.a[*] ? (@ > 2)' AND j @@ '$.b == 1' AND j @> $1::jsonb`},
		"mail address":        {"WHERE mail LIKE '%@example.com' AND note = $$me@home$$", "WHERE mail LIKE '%@example.com' AND note = $$me@home$$"},
		"dozens of with":      {"WITH c AS (SELECT 1)" + ctes.String() + "SELECT * FROM c", "WITH c AS (SELECT 1)" + strings.ReplaceAll(ctes.String(), "@a", "$1") + "SELECT * FROM c"},
		"positional and name": {"INSERT INTO t VALUES ($1, $2, @c, sqlc.narg(d))", "INSERT INTO t VALUES ($1, $2, $3, $4)"},
		"between":             {"WHERE a BETWEEN @lo AND @hi", "WHERE a BETWEEN $1 AND $2"},
		"array elements":      {"SELECT ARRAY[@a,@b], x[@i]", "SELECT ARRAY[$1,$2], x[$3]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, diags := one(t, "-- name: A :exec\n"+c.sql+";").Rewrite()
			require.Empty(t, diags.Format())
			require.Equal(t, "-- name: A :exec\n"+c.want, r.SQL)
		})
	}
}

// Anything that takes more than linear time would keep this test from ending.
func TestLargeInputs(t *testing.T) {
	t.Parallel()
	const n = 200_000
	for name, text := range map[string]string{
		"macros left open":     "select " + strings.Repeat("sqlc.arg(", n),
		"macros":               "select " + strings.Repeat("@a, sqlc.arg(b), ", n) + "1",
		"embeds":               "select " + strings.Repeat("sqlc.embed(t), ", n) + "1",
		"slices":               "select " + strings.Repeat("a in (sqlc.slice(b)) or ", n) + "true",
		"parentheses":          "select " + strings.Repeat("(", n) + "t.*" + strings.Repeat(")", n),
		"open parentheses":     strings.Repeat("(", n),
		"open selects":         strings.Repeat("(select *, ", n),
		"unions":               strings.Repeat("select * from t union ", n) + "select 1",
		"comments":             strings.Repeat("-- a\n", n) + "-- name: A :one\n" + strings.Repeat("/* b */\n", n) + "select 1",
		"comments inside":      "select 1" + strings.Repeat("\n-- a", n),
		"open comments":        strings.Repeat("/*", n),
		"copies without end":   strings.Repeat("copy t from stdin;\n", n),
		"copies with dots":     strings.Repeat("copy t from stdin;\n x\\.\n", n/10),
		"headers alone":        strings.Repeat("-- name: A :one\n\n", n/10),
		"queries":              strings.Repeat("-- name: A :one\nselect 1;\n", n/10),
		"faults on a line":     strings.Repeat("/* name: A :two */ select 1;", n/100),
		"dollars":              strings.Repeat("$a $1$ ", n),
		"quotes":               strings.Repeat("'a' ", n),
		"backslashes":          "select" + strings.Repeat(" \\", n),
		"carriage returns":     strings.Repeat("\r", n) + "select 1",
		"operators":            strings.Repeat("=@a", n),
		"operator":             strings.Repeat("+-", n),
		"directives":           strings.Repeat("-- param: a nullable\n", n/100) + "-- name: A :one\nselect 1",
		"one long identifier":  strings.Repeat("a", n),
		"one long star's name": "select " + strings.Repeat("a.", n) + "*",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, _ := Split("q.sql", text)
			for _, s := range f.Statements {
				r, _ := s.Rewrite()
				Stars(r.SQL)
				require.Equal(t, s.End, r.MapOffset(len(r.SQL)))
			}
		})
	}
}
