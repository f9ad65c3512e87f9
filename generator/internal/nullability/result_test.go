package nullability

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// openCases is a database with the schema of the cases.
func openCases(t testing.TB) *database {
	t.Helper()
	schema, err := os.ReadFile("testdata/schema.sql")
	require.NoError(t, err)
	return open(t, string(schema))
}

// columnName writes the table column that a value comes from.
func columnName(c *catalog.Catalog, relation uint32, attribute int16) string {
	rel := c.Relations[relation]
	if rel == nil {
		return "-"
	}
	return rel.Name + "." + rel.Column(attribute).Name
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	for sql, want := range map[string]string{
		"SELECT id, bio, upper(bio), 1 FROM users":                                              "users.id users.bio - -",
		"SELECT x.i FROM (SELECT id AS i FROM users) x":                                         "users.id",
		"WITH x AS (SELECT id AS i FROM users) SELECT i, i + 1 FROM x":                          "users.id -",
		"SELECT post_id, title FROM written":                                                    "posts.id posts.title",
		"SELECT id, n FROM cached":                                                              "cached.id cached.n",
		"SELECT id FROM users JOIN (SELECT user_id AS id FROM posts) p USING (id)":              "users.id",
		"SELECT id FROM users FULL JOIN (SELECT user_id AS id FROM posts) p USING (id)":         "-",
		"SELECT email, count(*) FROM users GROUP BY email":                                      "users.email -",
		"SELECT id FROM users UNION SELECT id FROM posts":                                       "-",
		"INSERT INTO users (id, email) VALUES (1, 'a') RETURNING id, email":                     "users.id users.email",
		"WITH x AS (DELETE FROM posts RETURNING title) SELECT title FROM x":                     "posts.title",
		"SELECT relname FROM pg_class":                                                          "pg_class.relname",
		"SELECT tablename FROM pg_tables":                                                       "pg_tables.tablename",
		"SELECT ctid, u FROM users u":                                                           "- -",
		"SELECT (u).email FROM users u":                                                         "users.email",
		"SELECT x.email FROM users u, LATERAL (SELECT u.email) x":                               "users.email",
		"SELECT bio::text, bio COLLATE \"C\" FROM users":                                        "users.bio -",
		"SELECT a FROM (VALUES (1)) v(a)":                                                       "-",
		"SELECT at FROM events_old":                                                             "events_old.at",
		"WITH RECURSIVE t AS (SELECT id FROM users UNION SELECT id + 1 FROM t) SELECT * FROM t": "-",
	} {
		var got []string
		for _, c := range d.analyze(t, sql).Columns {
			got = append(got, columnName(d.catalog, c.Relation, c.Attribute))
		}
		require.Equal(t, want, strings.Join(got, " "), sql)
	}
}

func TestParameterOrigins(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	for sql, want := range map[string]string{
		"SELECT 1 FROM users WHERE bio = $1 AND lower(email) = $2 AND id = ANY($3)": "users.bio - users.id",
		"INSERT INTO bios (id, text) VALUES ($1, $2)":                               "users.id users.bio",
		"UPDATE users SET mood = $1":                                                "users.mood",
		"SELECT 1 FROM written WHERE body = $1 LIMIT $2":                            "posts.body -",
	} {
		var got []string
		for _, p := range d.analyze(t, sql).Params {
			got = append(got, columnName(d.catalog, p.Relation, p.Attribute))
		}
		require.Equal(t, want, strings.Join(got, " "), sql)
	}
	r := d.analyze(t, "SELECT * FROM found($1, p_flag => $2) WHERE id = ANY($3)")
	require.Equal(t, []string{"found", "found", ""}, []string{r.Params[0].Function, r.Params[1].Function, r.Params[2].Function})
	require.Equal(t, []bool{false, false, true}, []bool{r.Params[0].ArrayOf, r.Params[1].ArrayOf, r.Params[2].ArrayOf})
	r = d.analyze(t, "INSERT INTO users (id, email, bio) SELECT unnest($1::bigint[]), 'x', unnest($2::text[])")
	require.Equal(t, []bool{false, true}, []bool{r.Params[0].ElementNullable, r.Params[1].ElementNullable})
	require.Equal(t, []bool{false, false}, []bool{r.Params[0].Nullable, r.Params[1].Nullable})
}

// Columns of one table reference share its number, and know if it can be missing.
func TestReferences(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	r := d.analyze(t, "SELECT u.id, u.bio, p.id, p.body, e.email, 1, upper(u.email) FROM users u LEFT JOIN posts p ON p.user_id = u.id JOIN users e ON e.id = u.manager_id")
	c := r.Columns
	require.Equal(t, c[0].RangeTable, c[1].RangeTable)
	require.Equal(t, c[2].RangeTable, c[3].RangeTable)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values([]int{0, c[0].RangeTable, c[2].RangeTable, c[4].RangeTable}))), 4)
	require.Zero(t, c[5].RangeTable)
	require.Zero(t, c[6].RangeTable)
	require.Equal(t, []bool{false, true, false}, []bool{c[0].OuterJoined, c[3].OuterJoined, c[4].OuterJoined})
	require.Equal(t, "left join to posts p", c[2].OuterJoinWhy)
	require.Equal(t, "left join to posts p", c[2].Why)
	require.Equal(t, "users.id is not null", c[0].Why)

	r = d.analyze(t, "SELECT p.id, p.body FROM users u LEFT JOIN posts p ON p.user_id = u.id WHERE p.id > 0")
	require.False(t, r.Columns[1].OuterJoined)
	require.True(t, r.Columns[1].Nullable)
	r = d.analyze(t, "SELECT p.id, u.id FROM users u FULL JOIN posts p ON p.user_id = u.id GROUP BY p.id, u.id HAVING p.id > 0")
	require.Equal(t, []bool{false, true}, []bool{r.Columns[0].OuterJoined, r.Columns[1].OuterJoined})
	require.Equal(t, "having: id is not null", r.Columns[0].Why)
}

func TestDomains(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	r := d.analyze(t, "SELECT named, scored, id, scored + 1, 'x'::label, coalesce(scored, 1::score) FROM facts")
	var names []string
	for _, c := range r.Columns {
		name := "-"
		if t := d.catalog.Type(c.Domain); t != nil {
			name = t.Name
		}
		names = append(names, name)
	}
	require.Equal(t, []string{"label", "score", "-", "-", "label", "score"}, names)
}

func TestFallback(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	good, _, err := d.input(t, "SELECT id, $1::int FROM users WHERE email = $2")
	require.NoError(t, err)
	with := func(change func(*Input)) Input {
		in := good
		change(&in)
		return in
	}
	for name, c := range map[string]struct {
		in   Input
		want string
	}{
		"no tree":       {with(func(in *Input) { in.Tree = "" }), "the server sent no query tree"},
		"no catalog":    {with(func(in *Input) { in.Catalog = nil }), "no catalog"},
		"broken tree":   {with(func(in *Input) { in.Tree = in.Tree[:len(in.Tree)/2] }), "node tree: unexpected end"},
		"other columns": {with(func(in *Input) { in.Columns = 3 }), "the tree has 2 columns and the result 3"},
		"other node":    {with(func(in *Input) { in.Tree = "{VAR :varno 1}" }), "not that of a query"},
		"several":       {with(func(in *Input) { in.Tree = "(" + in.Tree + in.Tree + ")" }), "rewritten into 2 queries"},
		"a plan":        {with(func(in *Input) { in.Tree = "({PLANNEDSTMT})" }), "not that of a query"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Analyze(c.in)
			require.Contains(t, r.Fallback, c.want)
			require.Len(t, r.Columns, c.in.Columns)
			require.Len(t, r.Params, 2)
			for _, column := range r.Columns {
				require.True(t, column.Nullable)
				require.True(t, column.ElementNullable)
				require.Equal(t, r.Fallback, column.Why)
			}
			require.NotEmpty(t, r.Params[0].Name)
		})
	}
	r := Analyze(with(func(in *Input) { in.Tree = "(" + in.Tree + ")" }))
	require.Empty(t, r.Fallback)
	require.Equal(t, "RN", letters(r))

	r = Analyze(with(func(in *Input) { in.Params = 4 }))
	require.Equal(t, "arg1 email arg3 arg4", func() string { _, p := verdicts(r); return p }())
	r = Analyze(with(func(in *Input) { in.Params = 1 }))
	require.Len(t, r.Params, 1)
}

// Utility statements have no query to judge.
func TestUtilityStatements(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	for _, sql := range []string{
		"EXPLAIN SELECT id FROM users", "SHOW search_path", "REFRESH MATERIALIZED VIEW cached", "TRUNCATE comments", "LOCK TABLE users",
		"NOTIFY x", "SET search_path = public", "DECLARE c CURSOR FOR SELECT id FROM users", "CREATE TABLE made AS SELECT id FROM users",
		"ANALYZE users", "CREATE TABLE z (a int)", "COPY users TO STDOUT", "",
	} {
		in, _, err := d.input(t, sql)
		require.NoError(t, err, sql)
		r := d.analyzer.Analyze(in)
		require.NotEmpty(t, r.Fallback, sql)
		for _, c := range r.Columns {
			require.True(t, c.Nullable, sql)
		}
	}
}

func TestTreeFromNotice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		message, detail string
		want            bool
	}{
		{"parse tree:", "{QUERY :commandType 1}", true},
		{"rewritten parse tree:", "({QUERY :commandType 1})", false},
		{"parse tree:", "", false},
		{"something else", "{QUERY :commandType 1}", false},
	} {
		tree, ok := TreeFromNotice(c.message, c.detail)
		require.Equal(t, c.want, ok, c)
		require.Equal(t, c.detail, tree)
	}
}

// PostgreSQL 16 marks each reference with the joins that can null it. What the
// join tree says must be the same.
func TestNullingJoinsAgreeWithTheServer(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	compared := 0
	for _, c := range readCases(t) {
		if d.catalog.ServerVersion/10000 < c.version {
			continue
		}
		in, _, err := d.input(t, c.sql)
		require.NoError(t, err)
		root, err := nodetree.Parse(in.Tree)
		require.NoError(t, err)
		a := &analysis{schema: d.analyzer.schema, queries: map[*nodetree.Node]*query{}}
		q := a.query(root, nil)
		if q.command != selectCommand || q.setop != nil {
			continue
		}
		for _, target := range q.targets() {
			v := target.Node("expr")
			r := q.rel(v.Int("varno"))
			if v.Tag() != "VAR" || !v.Has("varnullingrels") || r == nil || r.kind == rteGroup || v.Int("varlevelsup") != 0 {
				continue
			}
			compared++
			want := slices.Sorted(v.Get("varnullingrels").Numbers())
			var got []int
			for _, s := range r.nulledBy {
				got = append(got, s.join.Int("rtindex"))
			}
			slices.Sort(got)
			require.Equal(t, want, got, c.sql)
		}
	}
	if d.catalog.ServerVersion >= 160000 {
		require.Greater(t, compared, 100)
	} else {
		require.Zero(t, compared)
	}
}

// An Analyzer serves many goroutines, which all see the same.
func TestAnalyzerIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	d := openCases(t)
	var inputs []Input
	var want []*Result
	for _, c := range readCases(t) {
		if d.catalog.ServerVersion/10000 < c.version {
			continue
		}
		in, _, err := d.input(t, c.sql)
		require.NoError(t, err)
		inputs = append(inputs, in)
		want = append(want, Analyze(in))
	}
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Go(func() {
			for i := range inputs {
				at := (i + worker*len(inputs)/4) % len(inputs)
				if got := d.analyzer.Analyze(inputs[at]); !reflect.DeepEqual(got, want[at]) {
					t.Errorf("%s: another result beside others", inputs[at].SQL)
				}
			}
		})
	}
	wait.Wait()
}

func TestPlural(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"id": "ids", "user_id": "user_ids", "userID": "userIDs", "ID": "IDs", "category": "categories", "key": "keys", "status": "statuses",
		"box": "boxes", "address": "addresses", "tags": "tags", "analysis": "analyses", "match": "matches", "NAME": "NAMES", "CITY": "CITIES", "": "", "y": "ies", "größe": "größes",
	} {
		require.Equal(t, want, Plural(name), name)
	}
}

func TestUnique(t *testing.T) {
	t.Parallel()
	names := []string{"id", "id", "id_2", "id", "x", "x"}
	unique(names)
	require.Equal(t, []string{"id", "id_2", "id_2_2", "id_3", "x", "x_2"}, names)
}

// Whatever stands in a tree, there is an answer.
func FuzzAnalyze(f *testing.F) {
	f.Add("{QUERY :commandType 1 :rtable ({RTE :rtekind 0 :relid 1 :inh true}) :jointree {FROMEXPR :fromlist ({RANGETBLREF :rtindex 1})} :targetList ({TARGETENTRY :expr {VAR :varno 1 :varattno 1} :resno 1})}", 1, 1)
	f.Add("{QUERY :commandType 3 :resultRelation 1 :rtable ({RTE :rtekind 5 :values_lists (({PARAM :paramkind 0 :paramid 1}))} {RTE :rtekind 2 :joinaliasvars ({VAR :varno 2 :varattno 1})}) :targetList ({TARGETENTRY :expr {VAR :varno 2 :varattno 1}}) :returningList ({TARGETENTRY :expr {VAR :varno 2 :varattno 1}})}", 1, 2)
	f.Add("{QUERY :commandType 1 :cteList ({COMMONTABLEEXPR :ctename t :cterecursive true :ctequery {QUERY :commandType 1 :targetList ({TARGETENTRY :expr {CONST :constisnull false}})}}) :rtable ({RTE :rtekind 6 :ctename t :ctelevelsup 0}) :targetList ({TARGETENTRY :expr {FIELDSELECT :arg {VAR :varno 1 :varattno 0} :fieldnum 1}})}", 1, 0)
	c := &catalog.Catalog{
		ServerVersion: 180000,
		Types:         map[uint32]*catalog.Type{},
		Relations:     map[uint32]*catalog.Relation{1: {OID: 1, Kind: catalog.Table, Columns: []*catalog.Column{{Number: 1, Name: "a", NotNull: true}}, Children: []uint32{1}}},
		Functions:     map[uint32]*catalog.Function{},
	}
	f.Fuzz(func(t *testing.T, tree string, columns, params int) {
		columns, params = columns&7, params&7
		r := Analyze(Input{Tree: tree, Catalog: c, Columns: columns, Params: params})
		require.Len(t, r.Columns, columns)
		require.Len(t, r.Params, params)
	})
}

// BenchmarkAnalyze judges 2,500 statements, the reading of their trees included.
func BenchmarkAnalyze(b *testing.B) {
	d := openCases(b)
	var inputs []Input
	for _, c := range readCases(b) {
		if d.catalog.ServerVersion/10000 >= c.version {
			in, _, err := d.input(b, c.sql)
			require.NoError(b, err)
			inputs = append(inputs, in)
		}
	}
	for b.Loop() {
		for i := range 2500 {
			d.analyzer.Analyze(inputs[i%len(inputs)])
		}
	}
}
