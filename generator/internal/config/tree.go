package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// kind is what a node of the document is.
type kind int

const (
	null kind = iota
	text
	number
	boolean
	list
	mapping
)

// String names the kind as messages do.
func (k kind) String() string {
	switch k {
	case text:
		return "text"
	case number:
		return "a number"
	case boolean:
		return "true or false"
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	default:
		return "nothing"
	}
}

// node is a value of the document, free of what is particular to YAML:
// anchors, aliases, merge keys and tags are resolved.
type node struct {
	kind kind
	pos  Pos
	// scalar is the value of text, and the spelling of a number or a boolean.
	scalar string
	// plain says that text stands without quotes.
	plain   bool
	items   []*node
	entries []entry
	// byKey has the index in entries of each key.
	byKey map[string]int
}

type entry struct {
	key    string
	keyPos Pos
	value  *node
	// merged marks an entry that came from another mapping by a merge key: the
	// mapping's own entries replace it.
	merged bool
}

// Limits of what is read. The YAML parser recurses with the nesting and takes
// quadratic time on some texts, and merge keys can multiply what there is; a
// configuration is nowhere near.
const (
	maxBytes  = 1 << 18
	maxDepth  = 64
	maxMerged = 10_000
)

// parseTree reads a YAML or JSON document. It reports what is wrong with it as
// a whole to r and returns nil then.
func (r *reader) parseTree(source string) *node {
	if len(source) > maxBytes {
		r.errorAt(Pos{}, fmt.Sprintf("the file is larger than %d bytes", maxBytes), "is this the right file?")
		return nil
	}
	if at := invalidUTF8(source); at >= 0 {
		r.errorAtOffset(at, "the file is not UTF-8", "save it as UTF-8")
		return nil
	}
	if at := conflict(source); at >= 0 {
		r.errorAtOffset(at, "the file holds both sides of a merge conflict", "resolve it: keep one side, or join them, and remove the lines with <<<<<<<, ======= and >>>>>>>")
		return nil
	}
	source = withoutTabs(source)
	if at := tooDeep(source); at >= 0 {
		r.errorAtOffset(at, "the file is nested too deeply", "")
		return nil
	}
	file, err := parseYAML(source)
	if err != nil {
		r.syntaxError(source, err)
		return nil
	}
	c := converter{r: r, anchors: map[string]*node{}}
	var root *node
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.DirectiveType || doc.Body.Type() == ast.CommentType {
			continue
		}
		n := c.node(doc.Body)
		if root != nil {
			c.fail(n.pos, "a second document in the file", "remove everything from the line with --- on")
			break
		}
		root = n
	}
	switch {
	case c.broken:
		return nil
	case root == nil || root.kind == null:
		r.errorAt(Pos{}, "the file is empty", "write one with: pgwright init")
		return nil
	case root.kind != mapping:
		r.errorAt(root.pos, fmt.Sprintf("the file must hold a mapping, not %s", root.kind), `begin the file with version: "2"`)
		return nil
	}
	return root
}

// parseYAML calls the parser and makes an error of a panic inside it, so that
// no text that a user feeds us ends the program.
func parseYAML(source string) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the YAML parser gave up: %v", p)
		}
	}()
	return parser.ParseBytes([]byte(source), 0, parser.AllowDuplicateMapKey())
}

func (r *reader) syntaxError(source string, err error) {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) {
		r.errorAt(Pos{}, err.Error(), "")
		return
	}
	hint := ""
	pos := positionOf(syntax.Token)
	if line := lineOf(source, pos.Line); strings.Contains(line[:len(line)-len(strings.TrimLeft(line, " \t"))], "\t") {
		hint = "YAML is indented with spaces, not tabs"
	} else if strings.HasPrefix(syntax.Message, "mapping value is not allowed") {
		hint = "is this line or the next indented too far? a value with a colon in it is written in quotes"
	}
	format := "YAML"
	if strings.HasSuffix(r.cfg.File, ".json") {
		format = "JSON"
	}
	r.errorAt(pos, "not valid "+format+": "+plainMessage(syntax.Message), hint)
}

// plainMessage makes the parser's control characters visible.
func plainMessage(message string) string {
	return strings.NewReplacer("'\t'", "tab", "\t", "tab", "\n", " ").Replace(message)
}

func lineOf(source string, line int) string {
	for ; line > 1; line-- {
		_, rest, ok := strings.Cut(source, "\n")
		if !ok {
			return ""
		}
		source = rest
	}
	source, _, _ = strings.Cut(source, "\n")
	return source
}

func positionOf(t *token.Token) Pos {
	if t == nil || t.Position == nil {
		return Pos{}
	}
	return Pos{Line: t.Position.Line, Column: t.Position.Column}
}

// conflict returns the offset of the first line with which git marks a
// conflict, or -1.
func conflict(source string) int {
	const mark = "<<<<<<< "
	if strings.HasPrefix(source, mark) {
		return 0
	}
	if i := strings.Index(source, "\n"+mark); i >= 0 {
		return i + 1
	}
	return -1
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(source string) int {
	for i, c := range source {
		if c != utf8.RuneError {
			continue
		}
		if _, size := utf8.DecodeRuneInString(source[i:]); size == 1 {
			return i
		}
	}
	return -1
}

// normalise gives the text the line ends that the YAML parser counts by, and
// drops a byte order mark.
func normalise(source string) string {
	source = strings.TrimPrefix(source, "\ufeff")
	source = strings.ReplaceAll(source, "\r\n", "\n")
	return strings.ReplaceAll(source, "\r", "\n")
}

// withoutTabs turns the tabs between the tokens of a JSON document into spaces:
// JSON allows them there, and the YAML parser miscounts columns behind them.
func withoutTabs(source string) string {
	if start := strings.TrimLeft(source, " \t\n"); !strings.HasPrefix(start, "{") && !strings.HasPrefix(start, "[") {
		return source
	}
	out := []byte(source)
	quoted := false
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && c == '\t':
			out[i] = ' '
		}
	}
	return string(out)
}

// tooDeep returns the offset at which brackets or block structure nest deeper
// than maxDepth, or -1. Brackets in text or comments count too: the limit is
// far from what a configuration needs.
func tooDeep(source string) int {
	brackets := 0
	for i := 0; i < len(source); i++ {
		switch source[i] {
		case '[', '{':
			if brackets++; brackets > maxDepth {
				return i
			}
		case ']', '}':
			brackets = max(0, brackets-1)
		}
	}
	offset := 0
	for line := range strings.SplitSeq(source, "\n") {
		markers := 0
		for i := 0; i < len(line) && strings.IndexByte(" -?:&*!", line[i]) >= 0; i++ {
			if line[i] == ' ' {
				continue
			}
			if markers++; markers > maxDepth {
				return offset + i
			}
		}
		offset += len(line) + 1
	}
	return -1
}

// converter makes nodes of the parser's syntax tree.
type converter struct {
	r       *reader
	anchors map[string]*node
	// merged counts the entries that merge keys brought.
	merged int
	// broken is set by what leaves holes in the tree: complaints about those
	// would only distract.
	broken bool
}

func (c *converter) fail(pos Pos, message, hint string) {
	c.broken = true
	c.r.errorAt(pos, message, hint)
}

// node never returns nil: what cannot be understood is reported and null.
func (c *converter) node(n ast.Node) *node {
	if n == nil {
		return &node{}
	}
	pos := positionOf(n.GetToken())
	switch n := n.(type) {
	case *ast.NullNode:
		return &node{pos: pos}
	case *ast.StringNode:
		return &node{kind: text, pos: pos, scalar: n.Value, plain: n.Token.Type == token.StringType}
	case *ast.LiteralNode:
		return &node{kind: text, pos: pos, scalar: n.Value.Value}
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return &node{kind: number, pos: pos, scalar: n.GetToken().Value}
	case *ast.BoolNode:
		return &node{kind: boolean, pos: pos, scalar: n.Token.Value}
	case *ast.SequenceNode:
		out := &node{kind: list, pos: pos}
		for i, item := range n.Values {
			value := c.node(item)
			if value.kind == null {
				// The parser places an absent item anywhere.
				value = &node{pos: pos}
				if i < len(n.Entries) {
					value.pos = positionOf(n.Entries[i].Start)
				}
			}
			out.items = append(out.items, value)
		}
		return out
	case *ast.MappingNode:
		out := &node{kind: mapping, pos: pos}
		for _, value := range n.Values {
			c.entry(out, value)
		}
		if !n.IsFlowStyle && len(n.Values) > 0 {
			out.pos = positionOf(n.Values[0].Key.GetToken())
		}
		return out
	case *ast.MappingValueNode:
		out := &node{kind: mapping, pos: positionOf(n.Key.GetToken())}
		c.entry(out, n)
		return out
	case *ast.AnchorNode:
		value := c.node(n.Value)
		c.anchors[n.Name.String()] = value
		return value
	case *ast.AliasNode:
		name := n.Value.String()
		target := c.anchors[name]
		if target == nil {
			c.fail(pos, fmt.Sprintf("no anchor &%s stands before this", name), "")
			return &node{pos: pos}
		}
		return target
	case *ast.TagNode:
		return c.tagged(n, pos)
	default:
		c.fail(pos, "this has no meaning in a configuration", "")
		return &node{pos: pos}
	}
}

func (c *converter) tagged(n *ast.TagNode, pos Pos) *node {
	value := c.node(n.Value)
	switch n.Start.Value {
	case "!!str":
		if value.kind == number || value.kind == boolean || value.kind == text {
			return &node{kind: text, pos: value.pos, scalar: value.scalar}
		}
	case "!!map", "!!seq", "!!int", "!!float", "!!bool", "!!null":
		return value
	}
	c.fail(pos, fmt.Sprintf("the tag %s has no meaning here", n.Start.Value), "remove the tag")
	return value
}

func (c *converter) entry(out *node, n *ast.MappingValueNode) {
	keyNode := ast.Node(n.Key)
	if explicit, ok := keyNode.(*ast.MappingKeyNode); ok {
		keyNode = explicit.Value
	}
	if _, ok := keyNode.(*ast.MergeKeyNode); ok {
		c.merge(out, c.node(n.Value))
		return
	}
	pos := positionOf(keyNode.GetToken())
	key := c.node(keyNode)
	name := key.scalar
	switch key.kind {
	case text, number, boolean:
	case null:
		name = keyNode.GetToken().Value
	default:
		c.fail(pos, "a key must be a word", "")
		return
	}
	value := c.node(n.Value)
	if value.kind == null {
		value = &node{pos: pos}
	}
	e := entry{key: name, keyPos: pos, value: value}
	if i := out.index(name); i >= 0 {
		if !out.entries[i].merged {
			c.r.errorAt(pos, fmt.Sprintf("the key %q is given twice", name), fmt.Sprintf("it stands in line %d already", out.entries[i].keyPos.Line))
			return
		}
		out.entries[i] = e
		return
	}
	out.add(e)
}

// merge adds the entries that out lacks. Of several mappings the earlier wins.
func (c *converter) merge(out, from *node) {
	switch from.kind {
	case mapping:
		for _, e := range from.entries {
			if out.index(e.key) >= 0 {
				continue
			}
			if c.merged++; c.merged > maxMerged {
				if !c.broken {
					c.fail(from.pos, "too many keys are merged with <<", "")
				}
				return
			}
			e.merged = true
			out.add(e)
		}
	case list:
		for _, item := range from.items {
			if item.kind != mapping {
				c.fail(item.pos, fmt.Sprintf("only mappings can be merged with <<, not %s", item.kind), "")
				continue
			}
			c.merge(out, item)
		}
	default:
		c.fail(from.pos, fmt.Sprintf("only mappings can be merged with <<, not %s", from.kind), "")
	}
}

// index returns the place of a key among the entries, or -1.
func (n *node) index(key string) int {
	if i, ok := n.byKey[key]; ok {
		return i
	}
	return -1
}

// add appends an entry whose key is new.
func (n *node) add(e entry) {
	if n.byKey == nil {
		n.byKey = map[string]int{}
	}
	n.byKey[e.key] = len(n.entries)
	n.entries = append(n.entries, e)
}
