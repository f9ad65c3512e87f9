// Package cel_test holds internal/cel against cel-go, which sqlc evaluates its
// rules with: what compiles there compiles here, and the other way round, and
// gives the same value.
package cel_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	celgo "github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/pgwright/pgwright/internal/cel"
	"github.com/pgwright/pgwright/internal/cel/sqlc"
)

const plan = `[{"Plan": {"Node Type": "Nested Loop", "Parallel Aware": false, "Startup Cost": 0.29, "Total Cost": 16.61, "Plan Rows": 1000, "Plan Width": 40,
"Join Type": "Inner", "Inner Unique": true, "Output": ["u.id", "o.größe"], "Plans": [
{"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "users", "Schema": "public", "Alias": "u", "Total Cost": 8.17, "Plan Rows": 0, "Filter": "(x)"},
{"Node Type": "Index Scan", "Index Name": "orders_pkey", "Index Cond": "(o.id = $1)", "Total Cost": 8.29}]},
"Settings": {"work_mem": "64MB", "jit": "off"}, "Planning": {"Shared Hit Blocks": 3}}]`

// pair is both evaluators with the same variables.
type pair struct {
	types  map[string]*cel.Type
	values map[string]cel.Value
	env    *celgo.Env
	theirs map[string]any
}

func newPair(t testing.TB) *pair {
	t.Helper()
	e := sqlc.New()
	explained, err := e.PostgreSQL([]byte(plan))
	require.NoError(t, err)
	p := &pair{types: e.Variables, values: map[string]cel.Value{
		"query":      e.Query("SELECT id FROM users -- größe\nWHERE id = $1", "GetUser", "one", []int{1, 2}),
		"config":     e.Config("2", []string{"schema.sql", "more"}, []string{"q.sql"}),
		"postgresql": explained, "mysql": e.MySQL(),
	}, theirs: map[string]any{}}
	file, err := protodesc.NewFile(descriptor(e.Variables), nil)
	require.NoError(t, err)
	options := []celgo.EnvOption{celgo.StdLib(), ext.Strings(ext.StringsVersion(1)), celgo.TypeDescs(file)}
	for name, typ := range e.Variables {
		options = append(options, celgo.Variable(name, celgo.ObjectType(typ.Name)))
		p.theirs[name] = message(file, p.values[name].(*cel.Object))
	}
	p.env, err = celgo.NewEnv(options...)
	require.NoError(t, err)
	return p
}

// descriptor describes the messages to protobuf.
func descriptor(variables map[string]*cel.Type) *descriptorpb.FileDescriptorProto {
	file := &descriptorpb.FileDescriptorProto{Name: proto.String("vet.proto"), Package: proto.String("vet"), Syntax: proto.String("proto3")}
	seen := map[string]bool{}
	var add func(t *cel.Type)
	add = func(t *cel.Type) {
		switch t.Kind {
		case cel.ListKind, cel.MapKind:
			add(t.Element)
		case cel.MessageKind:
			if seen[t.Name] {
				return
			}
			seen[t.Name] = true
			m := &descriptorpb.DescriptorProto{Name: proto.String(flat(t.Name))}
			for i, f := range t.Fields {
				d := &descriptorpb.FieldDescriptorProto{Name: proto.String(f.Name), Number: proto.Int32(int32(i + 1)), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
				of := f.Type
				switch of.Kind {
				case cel.ListKind:
					d.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
					of = of.Element
				case cel.MapKind:
					d.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
					words := strings.Split(f.Name, "_")
					entry := ""
					for _, w := range words {
						entry += strings.ToUpper(w[:1]) + w[1:]
					}
					entry += "Entry"
					text := descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum()
					optional := descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()
					m.NestedType = append(m.NestedType, &descriptorpb.DescriptorProto{
						Name: proto.String(entry), Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
						Field: []*descriptorpb.FieldDescriptorProto{
							{Name: proto.String("key"), Number: proto.Int32(1), Type: text, Label: optional},
							{Name: proto.String("value"), Number: proto.Int32(2), Type: text, Label: optional},
						},
					})
					d.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
					d.TypeName = proto.String(".vet." + flat(t.Name) + "." + entry)
				}
				switch of.Kind {
				case cel.StringKind:
					d.Type = descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum()
				case cel.BoolKind:
					d.Type = descriptorpb.FieldDescriptorProto_TYPE_BOOL.Enum()
				case cel.IntKind:
					d.Type = descriptorpb.FieldDescriptorProto_TYPE_INT32.Enum()
				case cel.UintKind:
					d.Type = descriptorpb.FieldDescriptorProto_TYPE_UINT64.Enum()
				case cel.DoubleKind:
					d.Type = descriptorpb.FieldDescriptorProto_TYPE_FLOAT.Enum()
				case cel.MessageKind:
					d.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
					d.TypeName = proto.String(".vet." + flat(of.Name))
					add(of)
				}
				m.Field = append(m.Field, d)
			}
			file.MessageType = append(file.MessageType, m)
		}
	}
	for _, t := range variables {
		// Names with a dot would be messages inside of others.
		rename(t, map[*cel.Type]bool{})
		add(t)
	}
	return file
}

func flat(name string) string { return strings.TrimPrefix(name, "vet.") }

func rename(t *cel.Type, seen map[*cel.Type]bool) {
	if t == nil || seen[t] {
		return
	}
	seen[t] = true
	t.Name = strings.Replace(t.Name, "vet.", "vet:", 1)
	t.Name = strings.Replace(strings.ReplaceAll(t.Name, ".", ""), "vet:", "vet.", 1)
	rename(t.Element, seen)
	for _, f := range t.Fields {
		rename(f.Type, seen)
	}
}

// message turns an object into a message of protobuf.
func message(file protoreflect.FileDescriptor, o *cel.Object) protoreflect.ProtoMessage {
	m := dynamicpb.NewMessage(file.Messages().ByName(protoreflect.Name(flat(o.Type.Name))))
	for name, v := range o.Fields {
		f := m.Descriptor().Fields().ByName(protoreflect.Name(name))
		single := func(v cel.Value) protoreflect.Value {
			switch v := v.(type) {
			case int64:
				return protoreflect.ValueOfInt32(int32(v))
			case float64:
				return protoreflect.ValueOfFloat32(float32(v))
			case *cel.Object:
				return protoreflect.ValueOfMessage(message(file, v).ProtoReflect())
			}
			return protoreflect.ValueOf(v)
		}
		switch v := v.(type) {
		case []cel.Value:
			list := m.Mutable(f).List()
			for _, item := range v {
				list.Append(single(item))
			}
		case *cel.Table:
			entries := m.Mutable(f).Map()
			v.All(func(key, value cel.Value) {
				entries.Set(protoreflect.ValueOfString(key.(string)).MapKey(), protoreflect.ValueOfString(value.(string)))
			})
		default:
			m.Set(f, single(v))
		}
	}
	return m
}

// compare says how the two differ about an expression, or "".
func (p *pair) compare(text string) (difference string, good bool) {
	ours, fault := cel.Compile(text, p.types)
	ast, issues := p.env.Compile(text)
	switch {
	case fault != nil && issues.Err() != nil:
		return "", false
	case fault != nil:
		if strings.Contains(fault.Message, "not supported") {
			return "", false
		}
		// What fails whatever the values are, we refuse before.
		if program, err := p.env.Program(ast); err == nil {
			if _, _, err := program.Eval(p.theirs); err != nil {
				return "", false
			}
		}
		return "only cel-go compiles it: " + fault.Message, false
	case issues.Err() != nil:
		return "only we compile it: " + issues.Err().Error(), false
	}
	program, err := p.env.Program(ast)
	if err != nil {
		return "cel-go makes no program of it: " + err.Error(), false
	}
	their, _, theirErr := program.Eval(p.theirs)
	mine, err := ours.Eval(p.values)
	switch {
	case err != nil && theirErr != nil:
		return "", false
	case err != nil:
		if strings.Contains(err.Error(), "not supported") {
			return "", false
		}
		return fmt.Sprintf("only cel-go evaluates it, to %v: %v", their, err), false
	case theirErr != nil:
		return fmt.Sprintf("only we evaluate it, to %v: %v", mine, theirErr), false
	case !same(mine, their):
		return fmt.Sprintf("we evaluate it to %#v and cel-go to %v", mine, their), false
	}
	return "", true
}

func same(mine cel.Value, their ref.Val) bool {
	switch their := their.(type) {
	case types.Bool:
		return mine == bool(their)
	case types.Int:
		return mine == int64(their)
	case types.Uint:
		return mine == uint64(their)
	case types.Double:
		f, ok := mine.(float64)
		return ok && (f == float64(their) || math.IsNaN(f) && math.IsNaN(float64(their)))
	case types.String:
		return mine == string(their)
	case types.Null:
		return mine == nil
	case traits.Lister:
		list, ok := mine.([]cel.Value)
		if !ok || int64(len(list)) != int64(their.Size().(types.Int)) {
			return false
		}
		for i, v := range list {
			if !same(v, their.Get(types.Int(i))) {
				return false
			}
		}
		return true
	case traits.Mapper:
		table, ok := mine.(*cel.Table)
		if !ok {
			return false
		}
		n, equal := 0, true
		table.All(func(key, value cel.Value) {
			n++
			v, found := their.Find(types.DefaultTypeAdapter.NativeToValue(key))
			equal = equal && found && same(value, v)
		})
		return equal && int64(n) == int64(their.Size().(types.Int))
	}
	o, ok := mine.(*cel.Object)
	return ok && o.Type.Name == their.Type().TypeName()
}

// expressions are what rules are like, and the corners of the language.
var expressions = []string{
	`query.sql.contains("DELETE")`, `query.sql.lowerAscii().contains("delete ")`, `query.params.size() > 1`, `query.cmd == "exec"`,
	`config.engine == "postgresql"`, `config.version == "2"`, `config.schema[0]`, `"q.sql" in config.queries`, `config.schema + config.queries`,
	`postgresql.explain.plan.total_cost > 1.0`, `postgresql.explain.plan.node_type == 'Seq Scan'`, `!has(postgresql.explain)`, `has(postgresql.explain.plan)`,
	`has(mysql.explain.query_block.cost_info) && double(mysql.explain.query_block.cost_info.query_cost) > 2.0`, `has(mysql.explain)`,
	`has(mysql.explain.query_block.table.key) && mysql.explain.query_block.table.key != 'PRIMARY'`,
	`postgresql.explain.plan.plans.exists(p, p.node_type == "Seq Scan" && p.relation_name == "users")`, `postgresql.explain.plan.plans.map(p, p.total_cost)`,
	`postgresql.explain.plan.plans[5].node_type`, `postgresql.explain.plan.plans[0].plans.size()`, `postgresql.explain.settings["jit"]`, `postgresql.explain.settings.jit`,
	`has(postgresql.explain.settings.jit)`, `has(postgresql.explain.settings.nothing)`, `postgresql.explain.settings.nothing`, `"jit" in postgresql.explain.settings`,
	`postgresql.explain.planning.shared_hit_blocks == 3u`, `postgresql.explain.plan.plan_rows > 100u`, `postgresql.explain.plan.plan_rows > 100`, `postgresql.explain.plan.total_cost > 1`,
	`has(postgresql.explain.plan.plan_rows)`, `has(postgresql.explain.plan.plans[0].plan_rows)`, `has(postgresql.explain.plan.parallel_aware)`, `has(postgresql.explain.plan.output)`,
	`has(query.params)`, `has(query)`, `has(query.nothing)`, `query.nothing`, `query`, `query == query`, `query == config`, `postgresql == null`, `query.sql == null`, `null == null`,
	`query.params == query.params`, `query.params[0] == query.params[1]`, `query.params.map(p, p.number)`, `query.params[0].number + 1`, `query.params[-1]`, `query.params["0"]`,
	`1 + 2 * 3 - 4 / 2 % 3`, `-7 / 2`, `-7 % 3`, `7 % -3`, `1 / 0`, `1 % 0`, `1.0 / 0.0`, `-1.0 / 0.0`, `0.0 / 0.0 == 0.0 / 0.0`, `1u / 0u`, `1u - 2u`, `9223372036854775807 + 1`,
	`-9223372036854775808`, `-9223372036854775808 - 1`, `-9223372036854775808 / -1`, `-9223372036854775808 % -1`, `-(-9223372036854775808)`, `9223372036854775808`, `18446744073709551615u`, `18446744073709551616u`,
	`18446744073709551615u + 1u`, `4294967296 * 4294967296`, `0x10 + 0xFfu`, `0xffu`, `0XffU`, `0xffU`, `0x`, `1e3`, `1.5e-3`, `.5`, `1.`, `1e400`, `00012`, `1 == 1.0`, `1 < 1u`, `1 < 2 == true`, `1 == 1 == true`,
	`dyn(1) == 1.0`, `dyn(1) == 1u`, `dyn(1) < 1.5`, `dyn("a") < 1`, `dyn(1) + 1.0`, `dyn([1, 2.0])[1]`, `[1, 2.0]`, `[1, "a"][0] == 1`, `[1, null]`, `[] == [1]`, `[[], ["a"]]`, `[1] == [1.0]`, `{} == {}`,
	`!true`, `!!true`, `!!!true`, `!!1`, `!1`, `--"a"`, `--1`, `---1`, `- 1`, `-(1)`, `--x`, `-true`, `-1u`, `-"a"`, `-query.params[0].number`, `--query.params[0].number`,
	`true || 1 / 0 == 1`, `1 / 0 == 1 || true`, `false && 1 / 0 == 1`, `1 / 0 == 1 && false`, `1 / 0 == 1 || false`, `true && 1 / 0 == 1`, `true ? 1 : 2`, `true ? 1 : 2.0`, `true ? 1 : dyn(2.0)`, `1 ? 2 : 3`,
	`false ? 1 : true ? 2 : 3`, `true ? false ? 1 : 2 : 3`, `(true ? 1 / 0 : 2)`, `true ? null : query`, `true ? query : null`, `true || false ? 1 : 2`,
	`"a" + "b"`, `'a' + "b"`, `"""a"b"""`, `'''a'b'''`, `r"\n"`, `R'\d'`, `"\n\t\\\"\x41\u00e4\U0001F600\101"`, `"\q"`, `"\ud800"`, `"a`, `"a
b"`, `b"a"`, `"\?"`, "\"\\`\"", `"""a
b"""`, `"ä".size()`, `size("größe")`, `size([1, 2])`, `[1, 2].size()`, `{"a": 1}.size()`, `size(1)`, `"a".size(1)`, `"a" < "b"`, `true > false`, `[1] < [2]`, `null < null`,
	`{"a": 1, "b": 2}["a"]`, `{"a": 1}.a`, `{"a": 1}["b"]`, `{"a": 1}.b`, `{1: "a", 2: "b"}[1]`, `{1: "a"}[1u]`, `dyn({1: "a"})[1u]`, `{1u: "a"}[dyn(1.0)]`, `{1.0: "a"}`, `{"a": 1, "a": 2}`, `{true: 1}[true]`, `{null: 1}`, `"a" in {"a": 1}`, `1 in [1, 2]`, `1 in ["a"]`, `1.0 in [1, 2]`, `dyn(1.0) in [1, 2]`, `1 in 1`, `[1, 2][1]`, `[1, 2][2]`, `[1][dyn(0.0)]`, `[1][dyn(0.5)]`, `[1][0u]`, `[1][dyn(0u)]`, `[1, 2,]`, `{"a": 1,}`, `[,]`, `f(1,)`, `size("a",)`,
	`[1, 2, 3].all(x, x > 0)`, `[1, 2, 3].exists(x, x > 2)`, `[1, 2, 3].exists_one(x, x > 2)`, `[1, 2, 3].filter(x, x > 1)`, `[1, 2, 3].map(x, x * 2)`, `[1, 2, 3].map(x, x > 1, x * 2)`, `[1, 0].exists(x, 1 / x == 1)`, `[0, 1].exists(x, 1 / x == 1)`, `[0, 1].all(x, 1 / x == 2)`, `[0, 1].all(x, 1 / x == 1)`, `[0, 1].exists_one(x, 1 / x == 1)`, `[0, 1].filter(x, 1 / x == 1)`, `[].all(x, false)`, `[].exists(x, true)`, `{"a": 1}.all(k, k == "a")`, `{"a": 1}.map(k, k)`, `1.all(x, true)`, `[1].all(1, true)`, `[1].all(x, 1)`, `[1].map(x, 1, 2)`, `[1].all(x.y, true)`, `[1].all(x)`, `[1].exists(query, query > 0)`, `[[1, 2], [3]].map(l, l.map(x, x + 1))`, `[1].map(x, [2].map(x, x))`, `[1].map(x, x) + [x]`, `[1].map(x, true, query.sql)`, `[1, 2].exists(x, x)`, `dyn([1]).all(x, x == 1)`, `dyn(1).all(x, true)`, `[dyn(1)].all(x, x)`,
	`"abc".charAt(1)`, `"abc".charAt(3)`, `"abc".charAt(4)`, `"abc".charAt(-1)`, `"äbc".indexOf("c")`, `"abcabc".indexOf("c", 3)`, `"abc".indexOf("", 2)`, `"abc".indexOf("", 9)`, `"abc".indexOf("c", 9)`, `"abc".indexOf("c", -1)`, `"abc".indexOf("abcd")`, `"abcabc".lastIndexOf("a")`, `"abcabc".lastIndexOf("c", 3)`, `"abc".lastIndexOf("")`, `"abc".lastIndexOf("", 1)`, `"abc".lastIndexOf("c", -1)`, `"abc".lastIndexOf("abcd")`, `"abc".lastIndexOf("bcde", 1)`, `"".lastIndexOf("a")`, `"".lastIndexOf("")`, `"abc".lastIndexOf("c", 9)`, `["a", "b"].join()`, `["a", "b"].join("-")`, `[].join()`, `[1].join()`, `dyn(["a", 1]).join()`, `"TacoCÆt".lowerAscii()`, `"tacoä".upperAscii()`, `"aaa".replace("a", "b")`, `"aaa".replace("a", "b", 2)`, `"aaa".replace("a", "b", -1)`, `"abc".replace("", "_")`, `"a b c".split(" ")`, `"a b c".split(" ", 2)`, `"a b c".split(" ", 0)`, `"a b c".split(" ", -1)`, `"äb".split("")`, `"tacocat".substring(4)`, `"tacocat".substring(0, 4)`, `"tacocat".substring(7)`, `"tacocat".substring(8)`, `"tacocat".substring(2, 1)`, `"tacocat".substring(-1)`, `" \ta\n".trim()`, `strings.quote("a\n\"ä")`, `"%s".format(["a"])`, `"abc".reverse()`,
	`"abc".matches("^a.c$")`, `matches("abc", "b")`, `"abc".matches("(")`, `"abc".matches("a" + "(")`, `"(?i)ABC".matches("x")`, `"abc".contains(1)`, `contains("abc", "b")`, `"abc".startsWith("a")`, `"abc".endsWith("c")`, `"abc".lower()`, `size()`, `foo(1)`, `query.foo()`, `foo.bar`, `foo`,
	`int("12")`, `int("x")`, `int("1.5")`, `int(1.9)`, `int(-1.9)`, `int(1e19)`, `int(18446744073709551615u)`, `int(true)`, `uint(-1)`, `uint("12")`, `uint(1.9)`, `uint(-0.5)`, `uint(1e20)`, `double("1.5")`, `double("x")`, `double(3)`, `double(3u)`, `double("NaN") == double("NaN")`, `string(1)`, `string(1u)`, `string(1.5)`, `string(1e20)`, `string(1e21)`, `string(1e-7)`, `string(100000.0)`, `string(true)`, `string(null)`, `string([1])`, `bool("true")`, `bool("yes")`, `bool("1")`, `bool(1)`, `bool("tRUE")`, `type(1) == int`, `int`, `timestamp("2020-01-01T00:00:00Z")`, `duration("1h")`, `bytes("a")`, `dyn(1)`, `dyn()`, `dyn(1, 2)`,
	`vet.Parameter{number: 1}`, `query{}`, `.query.cmd`, `.has(query.sql)`, `.true`, `.size("a")`, `[1].map(query, .query)`, `[1].map(x, .x)`, `[1].map(.x, 1)`, `. query.cmd`, `query . cmd`, `(query).cmd`, `query["cmd"]`, `query.cmd.cmd`, `1.cmd`, `"a".b`, `query.in`, `query.true`, `query.for`, `for`, `in`, `query.sql.contains`, `has(1)`, `has(query.sql, 1)`, `has()`, `has("a".b)`, `has(query.sql.x)`, `has({"a": 1}.a)`, `has({"a": 1}.b)`, `has(dyn({"a": 1}).b)`, `has(dyn(1).b)`, `dyn({"a": 1}).b`, `query.cmd == "exec" // a comment`, `// nothing`, ``, ` `, `1 +`, `+ 1`, `1 = 1`, `a & b`, `a | b`, `1 1`, `(1`, `1)`, `[1`, `{1`, `@x`, `1 and 2`, `not true`, `true or false`, `1 <> 2`, `x ? y`, `1 in 2 in 3`, `"a" "b"`, `1..2`, `1.e3`, `1 . 2`, `$1`, `ä`, `a.ä`,
}

func TestAgainstCelGo(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	for _, text := range expressions {
		difference, _ := p.compare(text)
		require.Empty(t, difference, text)
	}
}

// TestRandomExpressions compares what is put together at random, of parts of
// the right type, and now and then of a wrong one.
func TestRandomExpressions(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	good := 0
	const n = 10_000
	for i := range uint64(n) {
		text := (&writer{rand.New(rand.NewPCG(i, 7))}).expression(kinds[i%uint64(len(kinds))], 4)
		difference, ok := p.compare(text)
		require.Empty(t, difference, text)
		if ok {
			good++
		}
	}
	// The others are wrong in one way or another, for both.
	require.Greater(t, good, n/3)
}

var kinds = []string{"bool", "int", "uint", "double", "string", "strings", "ints", "plan", "map"}

type writer struct{ *rand.Rand }

func (w *writer) pick(options ...string) string { return options[w.IntN(len(options))] }

// expression writes an expression of a kind. A % stands for one of the kind
// that a letter names.
func (w *writer) expression(kind string, depth int) string {
	if w.IntN(60) == 0 {
		kind = w.pick(kinds...)
	}
	var shape string
	if depth == 0 || w.IntN(5) == 0 {
		shape = map[string]func() string{
			"bool": func() string {
				return w.pick("true", "false", "has(query.params)", "postgresql.explain.plan.inner_unique", "has(mysql.explain)", "has(postgresql.explain.plan.alias)")
			},
			"int": func() string {
				return w.pick("0", "1", "-1", "2", "7", "query.params.size()", "query.params[0].number", "9223372036854775807", "-9223372036854775808")
			},
			"uint": func() string {
				return w.pick("0u", "1u", "3u", "postgresql.explain.plan.plan_rows", "18446744073709551615u", "postgresql.explain.planning.shared_hit_blocks")
			},
			"double": func() string {
				return w.pick("0.0", "1.5", "-2.0", "1e10", "postgresql.explain.plan.total_cost", "postgresql.explain.plan.startup_cost")
			},
			"string": func() string {
				return w.pick(`""`, `"a"`, `'größe'`, `"b c"`, "query.sql", "query.cmd", "query.name", "config.engine", "config.version", "postgresql.explain.plan.node_type")
			},
			"strings": func() string {
				return w.pick("config.schema", "config.queries", `["a", "b"]`, `[""]`, "postgresql.explain.plan.output")
			},
			"ints": func() string { return w.pick("[1, 2, 3]", "[0]", "[7, -1]") },
			"plan": func() string {
				return w.pick("postgresql.explain.plan", "postgresql.explain.plan.plans[0]", "postgresql.explain.plan.plans[1]")
			},
			"map": func() string {
				return w.pick("postgresql.explain.settings", `{"a": "b"}`, `{"jit": "x", "größe": ""}`)
			},
		}[kind]()
	} else {
		shape = w.pick(map[string][]string{
			"bool":    {"(%b && %b)", "(%b || %b)", "!%b", "(%i < %i)", "(%u >= %u)", "(%d > %d)", "(%s <= %s)", "(%i == %i)", "(%s != %s)", "(%S == %S)", "(%m == %m)", "(%p == %p)", "(%b ? %b : %b)", "%s.contains(%s)", "%s.startsWith(%s)", "%s.endsWith(%s)", "(%s in %S)", "(%i in %I)", "(%s in %m)", "%I.all(x, x > %i)", "%S.exists(x, x == %s)", "%I.exists_one(x, x == %i)", "has(%p.node_type)", "has(%p.plans)", "has(%m.jit)", "%p.plans.exists(q, q.total_cost > %d)", "(dyn(%i) == dyn(%d))", "(dyn(%i) < dyn(%u))", "(dyn(%s) < dyn(%i))", "bool(%s)", "%s.matches(%s)", "(%b == %b)", "(%b < %b)"},
			"int":     {"(%i + %i)", "(%i - %i)", "(%i * %i)", "(%i / %i)", "(%i % %i)", "-%i", "%s.size()", "size(%S)", "size(%m)", "%s.indexOf(%s)", "%s.indexOf(%s, %i)", "%s.lastIndexOf(%s)", "%s.lastIndexOf(%s, %i)", "(%b ? %i : %i)", "int(%d)", "int(%u)", "int(%s)", "%I[%i]", "%I.map(x, x + %i)[%i]"},
			"uint":    {"(%u + %u)", "(%u - %u)", "(%u * %u)", "(%u / %u)", "(%u % %u)", "uint(%i)", "uint(%d)", "%p.plan_rows", "%p.plan_width", "(%b ? %u : %u)"},
			"double":  {"(%d + %d)", "(%d - %d)", "(%d * %d)", "(%d / %d)", "-%d", "double(%i)", "double(%u)", "double(%s)", "%p.total_cost", "(%b ? %d : %d)"},
			"string":  {"(%s + %s)", "%s.lowerAscii()", "%s.upperAscii()", "%s.trim()", "%s.charAt(%i)", "%s.substring(%i)", "%s.substring(%i, %i)", "%s.replace(%s, %s)", "%s.replace(%s, %s, %i)", "%S.join()", "%S.join(%s)", "%S[%i]", "%m[%s]", "%m.jit", "string(%i)", "string(%u)", "string(%d)", "string(%b)", "%p.node_type", "%p.relation_name", "(%b ? %s : %s)", "strings.quote(%s)"},
			"strings": {"(%S + %S)", "%s.split(%s)", "%s.split(%s, %i)", "%S.filter(x, x != %s)", "%S.map(x, x + %s)", "%S.map(x, x == %s, x + %s)", "[%s, %s]", "%p.output", "%p.sort_key", "%m.map(k, k).filter(k, k == %s)", "(%b ? %S : %S)"},
			"ints":    {"(%I + %I)", "%I.filter(x, x > %i)", "%I.map(x, x * %i)", "[%i, %i]", "%S.map(x, x.size())"},
			"plan":    {"%p.plans[0]", "%p.plans[%i]", "(%b ? %p : %p)", "%p.plans.filter(q, q.total_cost > %d)[0]"},
			"map":     {"{%s: %s}", "(%b ? %m : %m)", "{%s: %s, %s: %s}"},
		}[kind]...)
	}
	letters := map[byte]string{'b': "bool", 'i': "int", 'u': "uint", 'd': "double", 's': "string", 'S': "strings", 'I': "ints", 'p': "plan", 'm': "map"}
	var b strings.Builder
	for i := 0; i < len(shape); i++ {
		if shape[i] == '%' && i+1 < len(shape) && letters[shape[i+1]] != "" {
			b.WriteString(w.expression(letters[shape[i+1]], depth-1))
			i++
			continue
		}
		b.WriteByte(shape[i])
	}
	return b.String()
}

// FuzzAgainstCelGo compares any text.
func FuzzAgainstCelGo(f *testing.F) {
	p := newPair(f)
	for _, text := range expressions {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 200 || !utf8.ValidString(text) {
			return
		}
		difference, _ := p.compare(text)
		require.Empty(t, difference, text)
	})
}
