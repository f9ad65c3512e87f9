package config

import "slices"

// version1 reads the format whose packages are all Go.
func (r *reader) version1(t *table) {
	t.hint = func(key string) string {
		switch {
		case key == "sql" || key == "plugins" || key == "options":
			return `this key is of version "2"`
		case slices.Contains(optionKeys(), key) || key == "path" || key == "schema" || key == "queries":
			return "this key belongs in an entry of packages"
		}
		return ""
	}
	global := r.globalOptions(t)
	r.shared(t)
	entries := t.list("packages", "packages")
	if n := t.get("packages"); n == nil || n.kind == list && len(entries) == 0 {
		t.missing("packages", "give it a list with schema, queries and path")
	}
	for _, n := range entries {
		if e := r.table(n, "a package"); e != nil {
			r.package1(e, global)
		}
	}
	t.done()
}

func (r *reader) package1(t *table, global globals) {
	t.hint = func(key string) string {
		switch key {
		case "out":
			return `in version "1" this key is path`
		case "package":
			return `in version "1" this key is name`
		case "gen", "codegen":
			return `this key is of version "2"`
		case "rename":
			return `in version "1" rename stands beside packages, for all of them`
		}
		return optionHint(key)
	}
	p := &Package{Style: SQLC, pos: t.node.pos}
	r.inputs(t, p)
	r.output(t, p, "path", "name")
	r.sqlcOptions(t, &p.Options, 1)
	r.finish(t, p, global)
	t.done()
}
