package introspect

import (
	"fmt"
	"slices"
	"strings"
)

// choose leaves out what the options do not choose. Everything was read, because
// what an object needs is known only then.
func (d *Database) choose(opt Options) error {
	for _, name := range opt.Schemas {
		if !slices.ContainsFunc(d.Schemas, func(s *Schema) bool { return s.Name == name }) {
			return fmt.Errorf("there is no schema %q", name)
		}
	}
	if len(opt.Schemas) == 0 && len(opt.Only) == 0 {
		return nil
	}
	inSchema := func(schema string) bool { return len(opt.Schemas) == 0 || slices.Contains(opt.Schemas, schema) }
	chosen := map[Object]bool{}
	used := make([]bool, len(opt.Only))
	for _, rel := range slices.Concat(d.Tables, d.Views) {
		wanted := len(opt.Only) == 0
		for i, pattern := range opt.Only {
			if inSchema(rel.Schema) && matches(pattern, rel.Schema, rel.Name) {
				wanted, used[i] = true, true
			}
		}
		if wanted && inSchema(rel.Schema) {
			chosen[object(rel)] = true
		}
	}
	if i := slices.Index(used, false); i >= 0 {
		return d.nothingFits(opt.Only[i])
	}
	if len(opt.Only) == 0 {
		for _, o := range d.ownObjects() {
			if o.Schema != "" && inSchema(o.Schema) || o.Kind == SchemaObject && slices.Contains(opt.Schemas, o.Name) {
				chosen[o] = true
			}
		}
	}
	d.close(chosen, opt.Needed)
	d.keep(chosen)
	d.Omitted = []string{}
	return nil
}

// nothingFits suggests a name that looks like the one asked for.
func (d *Database) nothingFits(pattern string) error {
	var near []string
	for _, rel := range slices.Concat(d.Tables, d.Views) {
		_, plain, found := strings.Cut(pattern, ".")
		if !found {
			plain = pattern
		}
		a, b := strings.ToLower(rel.Name), strings.ToLower(plain)
		if a == b || b != "" && (strings.Contains(a, b) || strings.Contains(b, a)) {
			near = append(near, rel.Schema+"."+rel.Name)
		}
	}
	if len(near) == 0 || len(near) > 5 {
		return fmt.Errorf("there is no table or view %s", pattern)
	}
	return fmt.Errorf("there is no table or view %s; did you mean %s?", pattern, strings.Join(near, " or "))
}

// matches reports whether a pattern fits a relation: its name, or its schema and
// name. A name can hold a dot itself.
func matches(pattern, schema, name string) bool {
	return fits(pattern, name) || strings.Contains(pattern, ".") && fits(pattern, schema+"."+name)
}

func fits(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	for _, p := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, p)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// ownObjects are the objects that stand for themselves and not for a part of
// another one.
func (d *Database) ownObjects() []Object {
	var out []Object
	for _, s := range d.Schemas {
		out = append(out, Object{Kind: SchemaObject, Name: s.Name})
	}
	for _, e := range d.Extensions {
		out = append(out, Object{Kind: ExtensionObject, Name: e.Name, Schema: ""})
	}
	for _, r := range slices.Concat(d.Tables, d.Views) {
		out = append(out, object(r))
	}
	for _, t := range d.Enums {
		out = append(out, Object{Kind: TypeObject, Schema: t.Schema, Name: t.Name})
	}
	for _, t := range d.Domains {
		out = append(out, Object{Kind: TypeObject, Schema: t.Schema, Name: t.Name})
	}
	for _, t := range d.Composites {
		out = append(out, Object{Kind: TypeObject, Schema: t.Schema, Name: t.Name})
	}
	for _, t := range d.Ranges {
		out = append(out, Object{Kind: TypeObject, Schema: t.Schema, Name: t.Name})
	}
	for _, t := range d.BaseTypes {
		out = append(out, Object{Kind: TypeObject, Schema: t.Schema, Name: t.Name})
	}
	for _, s := range d.Sequences {
		out = append(out, Object{Kind: SequenceObject, Schema: s.Schema, Name: s.Name})
	}
	for _, f := range d.Functions {
		out = append(out, Object{FunctionObject, f.Schema, f.Name, f.Signature})
	}
	for _, c := range d.Collations {
		out = append(out, Object{Kind: CollationObject, Schema: c.Schema, Name: c.Name})
	}
	for _, s := range d.Statistics {
		out = append(out, Object{Kind: StatisticsObject, Schema: s.Schema, Name: s.Name})
	}
	return out
}

// holders tell of which object an object is a part.
type holders struct {
	domains map[Object]bool
	indexes map[Object]Object
}

func (h *holders) of(o Object) Object {
	switch o.Kind {
	case DefaultObject, TriggerObject, RuleObject, PolicyObject:
		return Object{Kind: RelationObject, Schema: o.Schema, Name: o.Name}
	case ConstraintObject:
		if domain := (Object{Kind: TypeObject, Schema: o.Schema, Name: o.Name}); h.domains[domain] {
			return domain
		}
		return Object{Kind: RelationObject, Schema: o.Schema, Name: o.Name}
	case IndexObject:
		return h.indexes[o]
	}
	return o
}

// close adds what the chosen objects need. Without all, relations need no other
// relations.
func (d *Database) close(chosen map[Object]bool, all bool) {
	h := holders{domains: map[Object]bool{}, indexes: map[Object]Object{}}
	for _, t := range d.Domains {
		h.domains[Object{Kind: TypeObject, Schema: t.Schema, Name: t.Name}] = true
	}
	foreign := map[Object]bool{}
	for _, rel := range slices.Concat(d.Tables, d.Views) {
		for _, x := range rel.Indexes {
			h.indexes[Object{Kind: IndexObject, Schema: rel.Schema, Name: x.Name}] = object(rel)
		}
		for _, k := range rel.ForeignKeys {
			foreign[Object{ConstraintObject, rel.Schema, rel.Name, k.Name}] = true
		}
	}
	needs := map[Object][]Object{}
	for _, dep := range d.Dependencies {
		if !foreign[dep.Object] {
			from := h.of(dep.Object)
			needs[from] = append(needs[from], h.of(dep.Needs))
		}
	}
	// Statistics go with the table that they are about, sequences with the one
	// that owns them.
	for _, dep := range d.Dependencies {
		if dep.Object.Kind == StatisticsObject && dep.Needs.Kind == RelationObject {
			needs[dep.Needs] = append(needs[dep.Needs], dep.Object)
		}
	}
	for _, s := range d.Sequences {
		if s.OwnedBy != nil {
			owner := Object{Kind: RelationObject, Schema: s.OwnedBy.Schema, Name: s.OwnedBy.Table}
			needs[owner] = append(needs[owner], Object{Kind: SequenceObject, Schema: s.Schema, Name: s.Name})
		}
	}
	var queue []Object
	for o := range chosen {
		queue = append(queue, o)
	}
	for len(queue) > 0 {
		o := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, n := range needs[o] {
			if !chosen[n] && (all || n.Kind != RelationObject) {
				chosen[n] = true
				queue = append(queue, n)
			}
		}
	}
	for o := range chosen {
		if o.Schema != "" {
			chosen[Object{Kind: SchemaObject, Name: o.Schema}] = true
		}
	}
	for _, e := range d.Extensions {
		if chosen[Object{Kind: ExtensionObject, Name: e.Name}] {
			chosen[Object{Kind: SchemaObject, Name: e.Schema}] = true
		}
	}
}

// keep drops all other objects.
func (d *Database) keep(chosen map[Object]bool) {
	drop := func(o Object) bool { return !chosen[o] }
	typ := func(schema, name string) bool { return drop(Object{Kind: TypeObject, Schema: schema, Name: name}) }
	d.Schemas = slices.DeleteFunc(d.Schemas, func(s *Schema) bool { return drop(Object{Kind: SchemaObject, Name: s.Name}) })
	d.Extensions = slices.DeleteFunc(d.Extensions, func(e *Extension) bool { return drop(Object{Kind: ExtensionObject, Name: e.Name}) })
	d.Tables = slices.DeleteFunc(d.Tables, func(r *Relation) bool { return drop(object(r)) })
	d.Views = slices.DeleteFunc(d.Views, func(r *Relation) bool { return drop(object(r)) })
	d.Enums = slices.DeleteFunc(d.Enums, func(t *Enum) bool { return typ(t.Schema, t.Name) })
	d.Domains = slices.DeleteFunc(d.Domains, func(t *Domain) bool { return typ(t.Schema, t.Name) })
	d.Composites = slices.DeleteFunc(d.Composites, func(t *Composite) bool { return typ(t.Schema, t.Name) })
	d.Ranges = slices.DeleteFunc(d.Ranges, func(t *Range) bool { return typ(t.Schema, t.Name) })
	d.BaseTypes = slices.DeleteFunc(d.BaseTypes, func(t *BaseType) bool { return typ(t.Schema, t.Name) })
	d.Sequences = slices.DeleteFunc(d.Sequences, func(s *Sequence) bool {
		return drop(Object{Kind: SequenceObject, Schema: s.Schema, Name: s.Name})
	})
	d.Functions = slices.DeleteFunc(d.Functions, func(f *Function) bool { return drop(Object{FunctionObject, f.Schema, f.Name, f.Signature}) })
	d.Collations = slices.DeleteFunc(d.Collations, func(c *Collation) bool {
		return drop(Object{Kind: CollationObject, Schema: c.Schema, Name: c.Name})
	})
	d.Statistics = slices.DeleteFunc(d.Statistics, func(s *Statistics) bool {
		return drop(Object{Kind: StatisticsObject, Schema: s.Schema, Name: s.Name})
	})
	d.Wrappers = slices.DeleteFunc(d.Wrappers, func(w *Wrapper) bool { return drop(Object{Kind: WrapperObject, Name: w.Name}) })
	d.Servers = slices.DeleteFunc(d.Servers, func(s *ServerObject) bool { return drop(Object{Kind: ForeignServer, Name: s.Name}) })
}
