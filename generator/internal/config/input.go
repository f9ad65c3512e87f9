package config

import (
	"fmt"
	"go/token"
	"path"
	"path/filepath"
	"strings"
)

// shared reads the keys at the root that both versions have.
func (r *reader) shared(t *table) {
	var word string
	if cloud := t.child("cloud"); cloud != nil {
		cloud.text("organization", &word)
		cloud.text("project", &word)
		cloud.text("hostname", &word)
		cloud.done()
	}
	for _, n := range t.list("servers", "servers") {
		if s := r.table(n, "a server"); s != nil {
			s.text("name", &word)
			s.text("engine", &word)
			s.text("uri", &word)
			s.done()
		}
	}
	seen := map[string]bool{}
	for _, n := range t.list("rules", "rules") {
		rt := r.table(n, "a rule")
		if rt == nil {
			continue
		}
		rule := Rule{Pos: rt.node.pos, ExpressionPos: rt.pos("rule")}
		if !rt.text("name", &rule.Name) || rule.Name == "" {
			rt.missing("name", "")
		} else if seen[rule.Name] {
			r.errorAt(rt.pos("name"), fmt.Sprintf("the rule %q is defined twice", rule.Name), "")
		}
		if !rt.text("rule", &rule.Expression) || rule.Expression == "" {
			rt.missing("rule", "give it an expression such as: query.cmd == \"exec\"")
		}
		rt.text("message", &rule.Message)
		rt.done()
		seen[rule.Name] = true
		r.cfg.Rules = append(r.cfg.Rules, rule)
	}
}

// inputs reads the keys of an entry that say what to analyse and with what.
func (r *reader) inputs(t *table, p *Package) {
	p.keys = map[string]Pos{}
	if t.name != "a package" {
		// In version 1 the same key names the Go package.
		var label string
		t.text("name", &label)
	}
	r.engine(t, p)
	p.Schema, p.SchemaPos = r.paths(t, "schema")
	p.Queries, p.QueriesPos = r.paths(t, "queries")
	r.database(t, p)
	if analyzer := t.child("analyzer"); analyzer != nil {
		if n := analyzer.get("database"); n != nil {
			if value, ok := n.truth(); ok {
				p.AnalyzerDatabase = fmt.Sprint(value)
			} else if n.kind == text && n.scalar == "only" {
				p.AnalyzerDatabase = "only"
			} else {
				analyzer.wrong(n, "analyzer.database", `true, false or "only"`)
			}
		}
		analyzer.done()
	}
	t.flag("strict_function_checks", &p.StrictFunctionChecks)
	t.flag("strict_order_by", &p.StrictOrderBy)
	p.Rules, p.rules = t.texts("rules")
	if t.get("schema") == nil && (p.Database == nil || p.Database.URI == "") {
		t.missing("schema", "give the files or folders with the DDL, or a database with a uri to read it from")
	}
	if t.get("queries") == nil && !t.wantsTables() {
		t.missing("queries", "give the files or folders with the annotated queries")
	}
	for _, key := range []string{"schema", "queries", "database", "engine", "analyzer"} {
		if t.get(key) != nil {
			p.keys[key] = t.pos(key)
		}
	}
}

func (r *reader) engine(t *table, p *Package) {
	p.Engine = "postgresql"
	var engine string
	if !t.text("engine", &engine) {
		return
	}
	switch engine {
	case "postgresql":
	case "mysql", "sqlite", "clickhouse", "ydb", "googlesql":
		r.errorAt(t.pos("engine"), fmt.Sprintf("the engine %q is not supported: pgwright generates for PostgreSQL", engine),
			"move the entry to a file for sqlc alone")
	default:
		hint := meant(engine, []string{p.Engine})
		if strings.HasPrefix(engine, "p") {
			hint = meant(p.Engine, []string{p.Engine})
		}
		r.errorAt(t.pos("engine"), fmt.Sprintf("unknown engine %q", engine), hint)
	}
}

// paths reads one path or a list of them.
func (r *reader) paths(t *table, key string) ([]string, []Pos) {
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
		if len(n.items) == 0 {
			r.errorAt(n.pos, key+" is an empty list", "")
		}
		for _, item := range n.items {
			if item.kind != text {
				r.errorAt(item.pos, fmt.Sprintf("an item of %s must be a path, not %s", key, item.describe()), "")
				continue
			}
			out, pos = append(out, item.scalar), append(pos, item.pos)
		}
	default:
		t.wrong(n, key, "a path or a list of paths")
	}
	for i, p := range out {
		r.relative(key, p, pos[i])
	}
	return out, pos
}

// relative reports a path that is empty or does not begin at the configuration
// file: the result must be the same on every machine.
func (r *reader) relative(key, p string, pos Pos) bool {
	switch {
	case strings.TrimSpace(p) == "":
		r.errorAt(pos, key+" is an empty path", "")
	case strings.ContainsAny(p, "\x00\n"):
		r.errorAt(pos, key+" holds a character that no path has", "")
	case path.IsAbs(filepath.ToSlash(p)) || filepath.IsAbs(p) || strings.HasPrefix(p, `\`) || len(p) > 1 && p[1] == ':' && isLetter(p[0]):
		r.errorAt(pos, fmt.Sprintf("%s is an absolute path: %s", key, p), "give it relative to the folder of the configuration file")
	default:
		return true
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// output reads where the code goes. nameKey is empty if the name stands
// elsewhere.
func (r *reader) output(t *table, p *Package, outKey, nameKey string) {
	switch {
	case !t.text(outKey, &p.Out):
		t.missing(outKey, "give the folder for the generated files")
	case r.relative(outKey, p.Out, t.pos(outKey)):
		p.keys["out"] = t.pos(outKey)
	default:
		p.Out = ""
	}
	if nameKey != "" {
		r.name(t, p, nameKey)
	}
}

// name reads the name of the Go package, or makes it of the folder's.
func (r *reader) name(t *table, p *Package, key string) {
	if t.text(key, &p.Name) {
		p.keys["package"] = t.pos(key)
		if !isPackageName(p.Name) {
			r.errorAt(t.pos(key), fmt.Sprintf("%q is not a name for a Go package", p.Name), "")
		}
		return
	}
	if p.Out == "" {
		return
	}
	p.Name = path.Base(path.Clean(strings.ReplaceAll(p.Out, `\`, "/")))
	if !isPackageName(p.Name) {
		r.errorAt(p.keys["out"], fmt.Sprintf("the folder's name %q is not a name for a Go package", p.Name), "give one with "+key+":")
	}
}

func isPackageName(name string) bool { return token.IsIdentifier(name) && name != "_" }
