package config

import (
	"fmt"
	"slices"
	"strings"
)

// version2 reads the format whose entries list what to generate.
func (r *reader) version2(t *table) {
	t.hint = func(key string) string {
		switch {
		case key == "packages":
			return `this key is of version "1"; in version "2" it is sql`
		case key == "rename":
			return "in version \"2\" it stands under overrides:\n  overrides:\n    go:\n      rename: …"
		case key == "gen":
			return "for renames and overrides of all packages: overrides: go:"
		case slices.Contains(optionKeys(), key):
			return "this key belongs under gen: go: of an entry of sql"
		case key == "schema" || key == "queries" || key == "engine" || key == "codegen":
			return "this key belongs in an entry of sql"
		}
		return ""
	}
	var global globals
	if o := t.child("overrides"); o != nil {
		if goTable := o.child("go"); goTable != nil {
			goTable.name = "overrides: go:"
			global = r.globalOptions(goTable)
			goTable.done()
		}
		o.done()
	}
	global = r.pluginGlobals(t, global)
	r.plugins(t)
	r.shared(t)
	entries := t.list("sql", "schemas and queries")
	if t.get("sql") == nil || t.get("sql").kind == list && len(entries) == 0 {
		t.missing("sql", "give it a list with schema, queries and gen")
	}
	for _, n := range entries {
		if e := r.table(n, "an entry of sql"); e != nil {
			r.entry2(e, global)
		}
	}
	t.done()
}

// pluginGlobals reads what the file gives every pgwright package under
// options: pgwright:. Options of other plugins are theirs.
func (r *reader) pluginGlobals(t *table, global globals) globals {
	o := t.child("options")
	if o == nil {
		return global
	}
	ours := o.child(Plugin)
	if ours == nil {
		return global
	}
	ours.name = "options: " + Plugin + ":"
	more := r.globalOptions(ours)
	more.stubs, more.stubsPos = r.paths(ours, "stubs")
	more.vet = r.vet(ours)
	ours.oneOf("engine", &more.engine, Engines...)
	ours.done()
	return global.and(more)
}

// plugins checks the list that sqlc wants of every plugin in use. pgwright
// starts none of them.
func (r *reader) plugins(t *table) {
	seen := map[string]bool{}
	for _, n := range t.list("plugins", "plugins") {
		p := r.table(n, "a plugin")
		if p == nil {
			continue
		}
		var name, word string
		if !p.text("name", &name) || name == "" {
			p.missing("name", "")
		} else if seen[name] {
			r.errorAt(p.pos("name"), fmt.Sprintf("the plugin %q is listed twice", name), "")
		}
		seen[name] = true
		p.texts("env")
		if process := p.child("process"); process != nil {
			process.text("cmd", &word)
			process.text("format", &word)
			process.done()
		}
		if wasm := p.child("wasm"); wasm != nil {
			wasm.text("url", &word)
			wasm.text("sha256", &word)
			wasm.done()
		}
		p.done()
	}
}

func (r *reader) entry2(t *table, global globals) {
	t.hint = func(key string) string {
		switch {
		case key == "path":
			return `in version "2" this is out, under gen: go:`
		case key == "out" || key == "package" || slices.Contains(optionKeys(), key):
			return "this key belongs under gen: go:"
		case slices.Contains(nativeKeys, key):
			return "this key belongs under options: of the codegen entry of " + Plugin
		}
		return optionHint(key)
	}
	base := &Package{pos: t.node.pos}
	r.inputs(t, base)
	blocks := r.gen(t, base, global) + r.codegen(t, base, global)
	if blocks == 0 && t.bare("gen") && t.bare("codegen") {
		r.errorAt(t.node.pos, "this entry of sql generates nothing", "add gen: go: with package and out, or a codegen entry for the plugin "+Plugin)
	}
	t.done()
}

// bare reports whether a key is absent or has an empty value.
func (t *table) bare(key string) bool {
	n := t.get(key)
	return n == nil || n.kind == mapping && len(n.entries) == 0 || n.kind == list && len(n.items) == 0
}

// foreign names what sqlc generates besides Go.
var foreign = map[string]string{
	"json": "JSON", "kotlin": "Kotlin", "python": "Python", "typescript": "TypeScript", "swift": "Swift",
}

// gen reads the built-in generators and returns how many blocks it saw.
func (r *reader) gen(t *table, base *Package, global globals) int {
	g := t.child("gen")
	if g == nil {
		return 0
	}
	g.hint = func(key string) string {
		if key == "out" || key == "package" || slices.Contains(optionKeys(), key) {
			return "this key belongs under gen: go:"
		}
		return ""
	}
	blocks := 0
	for key, language := range foreign {
		if g.refuse(key, fmt.Sprintf("gen: %s: asks for %s, and pgwright generates Go", key, language), "move the block to a file for sqlc alone") {
			blocks++
		}
	}
	// A bare "go:" is a block whose keys are missing, not the absence of one.
	g.get("go")
	if i := g.node.index("go"); i >= 0 {
		blocks++
		n := g.node.entries[i].value
		if gt := r.table(n, "gen: go:"); gt != nil {
			gt.hint = func(key string) string {
				switch {
				case key == "path":
					return `in version "2" this key is out`
				case slices.Contains(nativeKeys, key):
					return "this is an option of the codegen entry of the plugin " + Plugin
				}
				return optionHint(key)
			}
			p := base.copy()
			p.Style = SQLC
			p.pos = g.keyPos("go")
			r.output(gt, p, "out", "package")
			r.sqlcOptions(gt, &p.Options, 2)
			r.finish(gt, p, global)
			gt.done()
		}
	}
	g.done()
	return blocks
}

// codegen reads the list of plugins to run and returns how many it saw.
func (r *reader) codegen(t *table, base *Package, global globals) int {
	entries := t.list("codegen", "plugins to run")
	var others []*table
	for _, n := range entries {
		c := r.table(n, "a codegen entry")
		if c == nil {
			continue
		}
		var plugin string
		if !c.text("plugin", &plugin) || plugin == "" {
			c.missing("plugin", "for pgwright: plugin: "+Plugin)
			continue
		}
		if plugin != Plugin {
			others = append(others, c)
			continue
		}
		c.hint = func(key string) string {
			if key == "package" || slices.Contains(nativeKeys, key) || slices.Contains(optionKeys(), key) {
				return "this key belongs under options: of the entry"
			}
			return ""
		}
		p := base.copy()
		p.pos = c.node.pos
		options := c.child("options")
		if options == nil {
			options = &table{r: r, name: "options", node: &node{kind: mapping, pos: c.node.pos}}
		}
		options.name = "the options of " + Plugin
		options.hint = func(key string) string {
			if key == "out" {
				return "this key stands beside options"
			}
			return optionHint(key)
		}
		r.output(c, p, "out", "")
		r.name(options, p, "package")
		p.Stubs, p.StubsPos = r.paths(options, "stubs")
		r.nativeOptions(options, &p.Options)
		r.finish(options, p, global)
		options.done()
		c.done()
	}
	for _, c := range others {
		var plugin string
		c.text("plugin", &plugin)
		message := fmt.Sprintf("the plugin %q is sqlc's to run; pgwright generates Go", plugin)
		switch {
		case intended(plugin, []string{Plugin}) != "" || strings.HasPrefix(fold(plugin), "pg"):
			r.errorAt(c.pos("plugin"), fmt.Sprintf("unknown plugin %q", plugin), meant(Plugin, []string{Plugin}))
		case len(entries) > len(others) || t.get("gen") != nil:
			r.warnAt(c.pos("plugin"), message, "")
		default:
			r.errorAt(c.pos("plugin"), message, "move the entry to a file for sqlc alone, or add one for the plugin "+Plugin)
		}
	}
	return len(entries)
}

// copy makes a further package of the same schema and queries.
func (p *Package) copy() *Package {
	out := *p
	out.keys = map[string]Pos{}
	for key, pos := range p.keys {
		out.keys[key] = pos
	}
	return &out
}
