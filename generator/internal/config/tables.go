package config

import (
	"fmt"
	"strings"
)

// Tables asks for methods that need no SQL of the user's: those made of the
// schema's tables, views and functions.
type Tables struct {
	// Include and Exclude are patterns as in "public.*": a schema and a name,
	// or a name alone for the schema that names are looked up in first. In both
	// * stands for any characters and ? for one. Without Include, everything is
	// included; Exclude has the last word.
	Include, Exclude []string
	// IncludePos and ExcludePos are the places of their items.
	IncludePos, ExcludePos []Pos
	// Templates is a folder, relative to [Config.Root], whose files replace the
	// templates of the same name; empty for none.
	Templates    string
	TemplatesPos Pos
	// Pos is the place of the option.
	Pos Pos
}

// tables reads the option of that name, nil if it is absent.
func (r *reader) tables(t *table) *Tables {
	pos := t.keyPos("tables")
	o := t.child("tables")
	if o == nil {
		return nil
	}
	out := &Tables{Pos: pos}
	out.Include, out.IncludePos = r.patterns(o, "include")
	out.Exclude, out.ExcludePos = r.patterns(o, "exclude")
	if o.text("templates", &out.Templates) {
		out.TemplatesPos = o.pos("templates")
		r.relative("templates", out.Templates, out.TemplatesPos)
	}
	o.done()
	return out
}

// patterns reads one pattern of names or a list of them.
func (r *reader) patterns(t *table, key string) ([]string, []Pos) {
	n := t.get(key)
	if n == nil {
		return nil, nil
	}
	var out []string
	var pos []Pos
	switch n.kind {
	case text:
		out, pos = []string{n.scalar}, []Pos{n.pos}
	case list:
		if out, pos = t.items(n, key); len(n.items) == 0 {
			r.errorAt(n.pos, key+" is an empty list", "remove the key: without include everything is included, without exclude nothing is left out")
		}
	default:
		t.wrong(n, key, "a pattern or a list of patterns")
	}
	for i, p := range out {
		if schema, name, found := strings.Cut(p, "."); p == "" || found && (schema == "" || name == "") {
			r.errorAt(pos[i], fmt.Sprintf("an item of %s is not a pattern of names: %q", key, p), "write a schema and a name, as in public.*")
		}
	}
	return out, pos
}

// wantsTables reports whether an entry of sql has methods made of tables, and
// so can do without queries.
func (t *table) wantsTables() bool {
	n := t.peek("codegen")
	if n == nil || n.kind != list {
		return false
	}
	for _, item := range n.items {
		if item.kind != mapping {
			continue
		}
		entry := table{r: t.r, node: item}
		if options := entry.peek("options"); options != nil && options.kind == mapping {
			if (&table{r: t.r, node: options}).peek("tables") != nil {
				return true
			}
		}
	}
	return false
}
