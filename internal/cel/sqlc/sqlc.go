// Package sqlc holds the variables that sqlc's lint rules are about: query,
// config, postgresql and mysql, with the fields and types of sqlc's
// protos/vet/vet.proto (https://docs.sqlc.dev/en/stable/howto/vet.html).
package sqlc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pgwright/pgwright/internal/cel"
)

// Environment is the types of the variables. It is read-only once made, and
// safe for concurrent use.
type Environment struct {
	// Variables are the types by the variables' names.
	Variables map[string]*cel.Type

	parameter, explain *cel.Type
}

// New makes the environment.
func New() *Environment {
	e := &Environment{parameter: cel.Message("vet.Parameter", cel.Field{Name: "number", Type: cel.Int()})}
	text, texts := cel.String(), cel.List(cel.String())
	query := cel.Message("vet.Query", fields(text, "sql", "name", "cmd")...)
	query.Fields = append(query.Fields, cel.Field{Name: "params", Type: cel.List(e.parameter)})
	config := cel.Message("vet.Config", fields(text, "version", "engine")...)
	config.Fields = append(config.Fields, fields(texts, "schema", "queries")...)
	e.explain = explain()
	e.Variables = map[string]*cel.Type{
		"query": query, "config": config,
		"postgresql": cel.Message("vet.PostgreSQL", cel.Field{Name: "explain", Type: e.explain}),
		"mysql":      mysql(),
	}
	return e
}

func fields(t *cel.Type, names ...string) []cel.Field {
	out := make([]cel.Field, len(names))
	for i, n := range names {
		out[i] = cel.Field{Name: n, Type: t}
	}
	return out
}

// explain is what EXPLAIN (FORMAT JSON) prints. A field has the words of the
// plan's key, joined by underscores.
func explain() *cel.Type {
	text, texts, flag, cost, number := cel.String(), cel.List(cel.String()), cel.Bool(), cel.Double(), cel.Uint()
	blocks := fields(number,
		"shared_hit_blocks", "shared_read_blocks", "shared_dirtied_blocks", "shared_written_blocks",
		"local_hit_blocks", "local_read_blocks", "local_dirtied_blocks", "local_written_blocks",
		"temp_read_blocks", "temp_written_blocks")
	plan := cel.Message("vet.PostgreSQLExplain.Plan", fields(text, "node_type", "parent_relationship", "relation_name", "schema", "alias")...)
	plan.Fields = append(plan.Fields, fields(flag, "parallel_aware", "async_capable")...)
	plan.Fields = append(plan.Fields, fields(cost, "startup_cost", "total_cost")...)
	plan.Fields = append(plan.Fields, fields(number, "plan_rows", "plan_width")...)
	plan.Fields = append(plan.Fields, fields(texts, "output")...)
	plan.Fields = append(plan.Fields, fields(cel.List(plan), "plans")...)
	plan.Fields = append(plan.Fields, blocks...)
	plan.Fields = append(plan.Fields, fields(texts, "sort_key")...)
	plan.Fields = append(plan.Fields, fields(text, "join_type")...)
	plan.Fields = append(plan.Fields, fields(flag, "inner_unique")...)
	plan.Fields = append(plan.Fields, fields(text, "hash_cond", "index_name", "scan_direction", "index_cond")...)
	return cel.Message("vet.PostgreSQLExplain",
		cel.Field{Name: "plan", Type: plan},
		cel.Field{Name: "settings", Type: cel.Map(text, text)},
		cel.Field{Name: "planning", Type: cel.Message("vet.PostgreSQLExplain.Planning", blocks...)},
	)
}

// mysql is there for the rules of a file that has other engines as well. Its
// fields are never set.
func mysql() *cel.Type {
	text, texts, flag, number := cel.String(), cel.List(cel.String()), cel.Bool(), cel.Uint()
	costs := cel.Field{Name: "cost_info", Type: cel.Map(text, text)}
	table := cel.Message("vet.MySQLExplain.Table", fields(text, "table_name", "access_type")...)
	table.Fields = append(table.Fields, fields(number, "rows_examined_per_scan", "rows_produced_per_join")...)
	table.Fields = append(table.Fields, fields(text, "filtered")...)
	table.Fields = append(table.Fields, costs)
	table.Fields = append(table.Fields, fields(texts, "used_columns")...)
	table.Fields = append(table.Fields, fields(flag, "insert")...)
	table.Fields = append(table.Fields, fields(texts, "possible_keys")...)
	table.Fields = append(table.Fields, fields(text, "key")...)
	table.Fields = append(table.Fields, fields(texts, "used_key_parts")...)
	table.Fields = append(table.Fields, fields(text, "key_length")...)
	table.Fields = append(table.Fields, fields(texts, "ref")...)
	loop := cel.Message("vet.MySQLExplain.NestedLoopObj", cel.Field{Name: "table", Type: table})
	loops := cel.Field{Name: "nested_loop", Type: cel.List(loop)}
	ordering := cel.Message("vet.MySQLExplain.OrderingOperation", cel.Field{Name: "using_filesort", Type: flag}, costs, cel.Field{Name: "table", Type: table}, loops)
	block := cel.Message("vet.MySQLExplain.QueryBlock",
		cel.Field{Name: "select_id", Type: number}, cel.Field{Name: "message", Type: text}, costs, cel.Field{Name: "table", Type: table},
		cel.Field{Name: "ordering_operation", Type: ordering}, loops)
	return cel.Message("vet.MySQL", cel.Field{Name: "explain", Type: cel.Message("vet.MySQLExplain", cel.Field{Name: "query_block", Type: block})})
}

// Query is a query: its statement without header, its name, its command without
// a colon, and the numbers of its parameters.
func (e *Environment) Query(sql, name, command string, params []int) cel.Value {
	list := []cel.Value{}
	for _, n := range params {
		list = append(list, &cel.Object{Type: e.parameter, Fields: map[string]cel.Value{"number": int64(n)}})
	}
	return &cel.Object{Type: e.Variables["query"], Fields: map[string]cel.Value{"sql": sql, "name": name, "cmd": command, "params": list}}
}

// Config is what the configuration says of the query's package: the version of
// its format, and the paths of schema and queries as written.
func (e *Environment) Config(version string, schema, queries []string) cel.Value {
	return &cel.Object{Type: e.Variables["config"], Fields: map[string]cel.Value{
		"version": version, "engine": "postgresql", "schema": list(schema), "queries": list(queries),
	}}
}

func list(texts []string) cel.Value {
	out := []cel.Value{}
	for _, s := range texts {
		out = append(out, s)
	}
	return out
}

// MySQL is the variable of another engine.
func (e *Environment) MySQL() cel.Value { return &cel.Object{Type: e.Variables["mysql"]} }

// PostgreSQL is the plan of a query, of the output of EXPLAIN (FORMAT JSON); of
// several, which rules can make of one statement, the first. Without one,
// explain is not set. Keys of the plan that are no fields are left out.
func (e *Environment) PostgreSQL(plan []byte) (*cel.Object, error) {
	out := &cel.Object{Type: e.Variables["postgresql"], Fields: map[string]cel.Value{}}
	if plan == nil {
		return out, nil
	}
	var explained []any
	d := json.NewDecoder(bytes.NewReader(plan))
	d.UseNumber()
	if err := d.Decode(&explained); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	for _, item := range explained {
		if v := value(e.explain, item); v != nil {
			out.Fields["explain"] = v
			break
		}
	}
	return out, nil
}

// key is what a plan calls a field.
func key(field string) string {
	words := strings.Split(field, "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// value turns a value of JSON into one of a type, or nil.
func value(t *cel.Type, v any) cel.Value {
	switch v := v.(type) {
	case string:
		if t.Kind == cel.StringKind {
			return v
		}
	case bool:
		if t.Kind == cel.BoolKind {
			return v
		}
	case json.Number:
		f, err := v.Float64()
		switch {
		case err != nil:
		case t.Kind == cel.DoubleKind:
			// sqlc's costs are of type float.
			return float64(float32(f))
		case t.Kind == cel.UintKind && f >= 0 && f < 1<<64:
			return uint64(f)
		}
	case []any:
		if t.Kind != cel.ListKind {
			return nil
		}
		out := []cel.Value{}
		for _, item := range v {
			if one := value(t.Element, item); one != nil {
				out = append(out, one)
			}
		}
		return out
	case map[string]any:
		return object(t, v)
	}
	return nil
}

func object(t *cel.Type, v map[string]any) cel.Value {
	switch t.Kind {
	case cel.MapKind:
		texts := map[string]string{}
		for k, item := range v {
			if s, ok := item.(string); ok {
				texts[k] = s
			}
		}
		return cel.NewTable(texts)
	case cel.MessageKind:
		out := &cel.Object{Type: t, Fields: map[string]cel.Value{}}
		for _, f := range t.Fields {
			if item, ok := v[key(f.Name)]; ok {
				if one := value(f.Type, item); one != nil {
					out.Fields[f.Name] = one
				}
			}
		}
		return out
	}
	return nil
}
