package nodetree

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const sample = `{QUERY :commandType 1 :utilityStmt <> :cteList <> :rtable ({RANGETBLENTRY
:eref {ALIAS :aliasname a\ b :colnames ("id" "x\"y" "a\
b" "")} :relid 4294967295 :relkind r :inh true :selectedCols (b 8 9) :none (b)
:oids (o 1 2) :cols (i 1 -2 3)} <> "s" 12) :v {CONST :constisnull false
:constvalue 9 [ 36 0 0 0 120 39 -1 32 122 ]} :resname :colon :last x}`

func TestParse(t *testing.T) {
	t.Parallel()
	n, err := Parse(sample)
	require.NoError(t, err)
	require.Equal(t, "QUERY", n.Tag())
	require.Equal(t, 1, n.Int("commandType"))
	require.True(t, n.Get("utilityStmt").IsNull())
	require.True(t, n.Has("utilityStmt"))
	require.False(t, n.Has("nothing"))
	require.Equal(t, ":colon", n.Text("resname"))
	require.Equal(t, "x", n.Text("last"))

	table := n.List("rtable")
	require.Len(t, table, 4)
	require.Equal(t, []Kind{Tree, Null, Scalar, Scalar}, []Kind{table[0].Kind(), table[1].Kind(), table[2].Kind(), table[3].Kind()})
	rte := table[0].Node()
	require.Equal(t, "RANGETBLENTRY", rte.Tag())
	require.Equal(t, uint32(4294967295), rte.OID("relid"))
	require.True(t, rte.Bool("inh"))
	require.False(t, rte.Bool("relkind"))
	require.Equal(t, []int{8, 9}, slices.Collect(rte.Get("selectedCols").Numbers()))
	require.Empty(t, slices.Collect(rte.Get("none").Numbers()))
	require.Equal(t, []int{1, 2}, slices.Collect(rte.Get("oids").Numbers()))
	require.Equal(t, []int{1, -2, 3}, slices.Collect(rte.Get("cols").Numbers()))
	alias := rte.Node("eref")
	require.Equal(t, "a b", alias.Text("aliasname"))
	var names []string
	for _, v := range alias.List("colnames") {
		names = append(names, v.Text())
	}
	require.Equal(t, []string{"id", `x"y`, "a b", ""}, names)

	constant := n.Node("v")
	require.Equal(t, []byte{36, 0, 0, 0, 'x', '\'', 255, ' ', 'z'}, constant.Get("constvalue").Datum())
	require.False(t, constant.Bool("constisnull"))
	require.Equal(t, 2, constant.Len())
	name, v := constant.Field(1)
	require.Equal(t, "constvalue", name)
	require.Equal(t, "9 [ 36 0 0 0 120 39 -1 32 122 ]", v.Raw())
}

func TestParseList(t *testing.T) {
	t.Parallel()
	n, err := Parse("({A :x 1} {B :y 2})")
	require.NoError(t, err)
	require.Empty(t, n.Tag())
	require.Len(t, n.Items(), 2)
	require.Equal(t, 2, n.Items()[1].Node().Int("y"))
}

func TestMissingIsZero(t *testing.T) {
	t.Parallel()
	var n *Node
	require.Empty(t, n.Tag())
	require.Zero(t, n.Len())
	require.Nil(t, n.Items())
	require.Nil(t, n.Node("a").Node("b"))
	require.Nil(t, n.List("a"))
	require.Zero(t, n.Int("a"))
	require.Zero(t, n.OID("a"))
	require.Empty(t, n.Text("a"))
	require.False(t, n.Bool("a"))
	require.False(t, n.Has("a"))
	require.Nil(t, n.Get("a").Datum())
	require.Empty(t, slices.Collect(n.Get("a").Numbers()))
}

// The writer prints nothing, or a bare token, for what it does not know.
func TestParseOddNodes(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"field without a value":  "{A :x 1 :y}",
		"bare token":             "{A NULL :x 1}",
		"bare node":              "{A {B :z 1} :x 1}",
		"value lost before next": "{A :lost :q 0 :x 1}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := Parse(text)
			require.NoError(t, err)
			require.Equal(t, 1, n.Int("x"))
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"empty":            {"", "expected { or ("},
		"token":            {"abc", "expected { or ("},
		"numbers":          {"(i 1 2)", "expected a node or a list of nodes"},
		"open node":        {"{A :x 1", "unexpected end"},
		"open field":       {"{A :x", "unexpected end"},
		"open list":        {"({A} ", "unexpected end"},
		"open numbers":     {"{A :x (i 1", "unexpected end"},
		"bracket in list":  {"({A} }", "unexpected closing bracket"},
		"bracket in node":  {"{A )}", "unexpected closing bracket"},
		"no tag":           {"{}", "expected the name of a node"},
		"more after":       {"{A} {B}", "unexpected text after the tree"},
		"node in numbers":  {"{A :x (i {B})}", "expected a number"},
		"deep lists":       {"{A :x " + strings.Repeat("(", 1<<20), "nested too deeply"},
		"deep nodes":       {strings.Repeat("{A :x ", 1<<20), "nested too deeply"},
		"escape at end":    {`{A :x a\`, "unexpected end"},
		"zero byte inside": {"{A \x00", "unexpected end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := Parse(c.text)
			require.ErrorContains(t, err, c.want)
			require.Nil(t, n)
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("({A :x 1} {B :y (b) :z (o 1)})")
	f.Add(`{A NULL :x a\ b :y "\"" :z <>}`)
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse(text)
		if err != nil {
			require.Nil(t, n)
			return
		}
		again, err := Parse(render(Value{kind: Tree, node: n}))
		require.NoError(t, err)
		require.Equal(t, render(Value{kind: Tree, node: n}), render(Value{kind: Tree, node: again}))
	})
}

// render prints a value in the format that it was read from.
func render(v Value) string {
	var b strings.Builder
	var write func(v Value)
	write = func(v Value) {
		if v.kind == Tree && v.node.tag == "" {
			v.kind = List
		}
		switch v.kind {
		case Null:
			b.WriteString("<>")
		case Scalar:
			b.WriteString(v.raw)
		case Numbers:
			b.WriteString("(i" + v.raw + ")")
		case List:
			b.WriteString("( ")
			for _, item := range v.node.items {
				write(item)
				b.WriteByte(' ')
			}
			b.WriteByte(')')
		case Tree:
			b.WriteString("{" + v.node.tag)
			for _, f := range v.node.fields {
				b.WriteString(" :" + f.name + " ")
				write(f.value)
			}
			b.WriteByte('}')
		}
	}
	write(v)
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	text.WriteString("(")
	for range 50 {
		text.WriteString(sample)
		text.WriteString(` {OPEXPR :opno 410 :opfuncid 467 :opresulttype 16 :opretset false :opcollid 0
:inputcollid 0 :args ({VAR :varno 2 :varattno 2 :vartype 20 :vartypmod -1 :varcollid 0
:varlevelsup 0 :varnosyn 2 :varattnosyn 2 :location 64} {VAR :varno 1 :varattno 1 :vartype
20 :vartypmod -1 :varcollid 0 :varlevelsup 0 :varnosyn 1 :varattnosyn 1 :location 72}) :location 70} `)
	}
	text.WriteString(")")
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text.String()); err != nil {
			b.Fatal(err)
		}
	}
}
