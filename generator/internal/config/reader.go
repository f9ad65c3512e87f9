package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/internal/nearest"
)

// reader collects what is wrong while it turns nodes into values.
type reader struct {
	cfg   *Config
	diags diag.List
	// errors counts the errors, those beyond maxErrors too.
	errors int
	// warned is set once the one warning about sql_package was given.
	warned bool
	// unsaid is that warning where the key is missing. Nobody who has errors to
	// mend needs to hear of it.
	unsaid *diag.Diagnostic
}

// maxErrors is how many errors are reported: a file with more is not one that
// somebody is about to mend line by line.
const maxErrors = 100

func (r *reader) errorAt(pos Pos, message, hint string) {
	if r.errors++; r.errors <= maxErrors {
		r.diags.Add(r.cfg.At(pos, message, hint))
	}
}

func (r *reader) errorAtOffset(offset int, message, hint string) {
	line, column, _ := diag.Position(r.cfg.text, offset)
	r.errorAt(Pos{Line: line, Column: column}, message, hint)
}

func (r *reader) warnAt(pos Pos, message, hint string) {
	d := r.cfg.At(pos, message, hint)
	d.Severity = diag.Warning
	r.diags.Add(d)
}

// table reads one mapping. Every key that is asked for counts as known;
// [table.done] reports the others.
type table struct {
	r *reader
	// name is how messages call the mapping, such as "a package".
	name string
	node *node
	// known are the keys that belong here, refused those that are reported by
	// other means and are never suggested.
	known, refused []string
	// hint gives advice for an unknown key where it can.
	hint func(key string) string
}

// table returns nil, after saying so, if the node is not a mapping. Nothing in
// the place of a mapping is an empty mapping.
func (r *reader) table(n *node, name string) *table {
	switch n.kind {
	case mapping, null:
		return &table{r: r, name: name, node: n}
	default:
		r.errorAt(n.pos, fmt.Sprintf("%s must be a mapping, not %s", name, n.describe()), "")
		return nil
	}
}

// describe says what a value is in a message about the wrong kind.
func (n *node) describe() string {
	switch n.kind {
	case text:
		if len(n.scalar) <= 40 && !strings.ContainsAny(n.scalar, "\n") {
			return fmt.Sprintf("%q", n.scalar)
		}
		return "text"
	case number, boolean:
		return n.scalar
	default:
		return n.kind.String()
	}
}

// get returns the value of a key, or nil if it is absent or nothing.
func (t *table) get(key string) *node {
	if !slices.Contains(t.known, key) {
		t.known = append(t.known, key)
	}
	return t.peek(key)
}

// peek is get without making the key known.
func (t *table) peek(key string) *node {
	if i := t.node.index(key); i >= 0 && t.node.entries[i].value.kind != null {
		return t.node.entries[i].value
	}
	return nil
}

// pos returns the position of a key's value, of the key if it has no value, and
// else that of the table.
func (t *table) pos(key string) Pos {
	if i := t.node.index(key); i >= 0 {
		if e := t.node.entries[i]; e.value.kind != null {
			return e.value.pos
		}
		return t.node.entries[i].keyPos
	}
	return t.node.pos
}

// keyPos returns the position of a key, and of the table if it is absent.
func (t *table) keyPos(key string) Pos {
	if i := t.node.index(key); i >= 0 {
		return t.node.entries[i].keyPos
	}
	return t.node.pos
}

func (t *table) wrong(n *node, key, want string) {
	t.r.errorAt(n.pos, fmt.Sprintf("%s must be %s, not %s", key, want, n.describe()), "")
}

// text reads a string into out. A number or a boolean counts as its spelling,
// as in sqlc. It reports whether there was a value.
func (t *table) text(key string, out *string) bool {
	n := t.get(key)
	if n == nil {
		return false
	}
	switch n.kind {
	case text, number, boolean:
		*out = n.scalar
		return true
	}
	t.wrong(n, key, "text")
	return false
}

func (t *table) flag(key string, out *bool) bool {
	n := t.get(key)
	if n == nil {
		return false
	}
	value, ok := n.truth()
	if !ok {
		t.wrong(n, key, "true or false")
		return false
	}
	*out = value
	return true
}

// truth reads a boolean, in the spellings of YAML 1.1 too, which sqlc accepts.
func (n *node) truth() (value, ok bool) {
	if n.kind != boolean && (n.kind != text || !n.plain) {
		return false, false
	}
	switch strings.ToLower(n.scalar) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	}
	return false, false
}

// count reads a whole number that is not negative.
func (t *table) count(key string) *int {
	n := t.get(key)
	if n == nil {
		return nil
	}
	if n.kind != number {
		t.wrong(n, key, "a whole number")
		return nil
	}
	value, err := strconv.ParseInt(n.scalar, 10, 32)
	if err != nil {
		t.wrong(n, key, "a whole number")
		return nil
	}
	if value < 0 {
		t.r.errorAt(n.pos, key+" must not be negative", "0 makes every method take a struct; without the key the limit is 1")
		return nil
	}
	out := int(value)
	return &out
}

// oneOf reads one of a few words.
func (t *table) oneOf(key string, out *string, words ...string) {
	var value string
	if !t.text(key, &value) {
		return
	}
	if !slices.Contains(words, value) {
		t.r.errorAt(t.pos(key), fmt.Sprintf("%s must be %s, not %q", key, alternatives(words), value), meant(value, words))
		return
	}
	*out = value
}

// texts reads a list of strings. It is nil if the key is absent, and empty but
// not nil for an empty list.
func (t *table) texts(key string) ([]string, []Pos) {
	n := t.get(key)
	if n == nil {
		return nil, nil
	}
	if n.kind != list {
		t.wrong(n, key, "a list")
		return nil, nil
	}
	return t.items(n, key)
}

func (t *table) items(n *node, key string) ([]string, []Pos) {
	out := []string{}
	var pos []Pos
	for _, item := range n.items {
		switch item.kind {
		case text, number, boolean:
			out = append(out, item.scalar)
			pos = append(pos, item.pos)
		default:
			t.r.errorAt(item.pos, fmt.Sprintf("an item of %s must be text, not %s", key, item.describe()), "")
		}
	}
	return out, pos
}

// words reads a mapping of strings to strings.
func (t *table) words(key string) map[string]string {
	n := t.get(key)
	if n == nil {
		return nil
	}
	if n.kind != mapping {
		t.wrong(n, key, "a mapping of names to names")
		return nil
	}
	out := map[string]string{}
	for _, e := range n.entries {
		switch e.value.kind {
		case text, number, boolean:
			out[e.key] = e.value.scalar
		default:
			t.r.errorAt(e.value.pos, fmt.Sprintf("the new name of %q must be text, not %s", e.key, e.value.describe()), "")
		}
	}
	return out
}

// list returns the items of a list of mappings.
func (t *table) list(key, what string) []*node {
	n := t.get(key)
	if n == nil {
		return nil
	}
	if n.kind != list {
		hint := ""
		if n.kind == mapping {
			hint = "begin each entry with a dash"
		}
		t.r.errorAt(n.pos, fmt.Sprintf("%s must be a list of %s, not %s", key, what, n.describe()), hint)
		return nil
	}
	return n.items
}

// child returns the table under a key, or nil.
func (t *table) child(key string) *table {
	n := t.get(key)
	if n == nil {
		return nil
	}
	return t.r.table(n, key)
}

// refuse reports a key that is understood but has no place here, and whether it
// is there.
func (t *table) refuse(key, message, hint string) bool {
	t.refused = append(t.refused, key)
	if t.node.index(key) < 0 {
		return false
	}
	t.r.errorAt(t.keyPos(key), message, hint)
	return true
}

// missing reports an absent key that the table needs. A value of a wrong kind
// has been reported as such, and a key that is mistyped will be.
func (t *table) missing(key, hint string) {
	if n := t.peek(key); n != nil && (n.kind == mapping || n.kind == list && len(n.items) > 0) {
		return
	}
	for _, e := range t.node.entries {
		if !slices.Contains(t.known, e.key) && !slices.Contains(t.refused, e.key) && intended(e.key, []string{key}) != "" {
			return
		}
	}
	t.r.errorAt(t.pos(key), fmt.Sprintf("%s has no %s", t.name, key), hint)
}

// done reports the keys that nobody asked for.
func (t *table) done() {
	for _, e := range t.node.entries {
		if slices.Contains(t.known, e.key) || slices.Contains(t.refused, e.key) {
			continue
		}
		hint := ""
		if t.hint != nil {
			hint = t.hint(e.key)
		}
		if hint == "" {
			hint = meant(e.key, t.known)
		}
		if hint == "" && len(t.known) <= 10 {
			known := slices.Clone(t.known)
			slices.Sort(known)
			hint = "known here: " + strings.Join(known, ", ")
		}
		t.r.errorAt(e.keyPos, fmt.Sprintf("unknown key %q in %s", e.key, t.name), hint)
	}
}

// alternatives spells a choice: "a, b or c".
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// meant is the hint that names the candidate most like a word, or empty.
func meant(word string, candidates []string) string {
	if near := intended(word, candidates); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return ""
}

// intended returns the candidate with the fewest edits to a word if it is near
// enough to be a slip of the pen; the first in the alphabet of several.
func intended(word string, candidates []string) string {
	folded := fold(word)
	best, bestCost := "", len(folded)/3+1
	sorted := slices.Clone(candidates)
	slices.Sort(sorted)
	for _, candidate := range sorted {
		c := fold(candidate)
		if c == folded || "emit"+folded == c {
			return candidate
		}
		if cost := nearest.Distance(folded, c); cost < bestCost {
			best, bestCost = candidate, cost
		}
	}
	return best
}

// fold drops what people write differently: case, underscores, dashes.
func fold(s string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s))
}
