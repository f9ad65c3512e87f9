package nullability

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// tree is a node that can be changed and printed, for tests that damage trees.
type tree struct {
	tag    string
	names  []string
	values []any // *tree, []any, or the text of anything else
}

// thaw reads a tree for changing.
func thaw(t *testing.T, text string) *tree {
	t.Helper()
	root, err := nodetree.Parse(text)
	require.NoError(t, err)
	return thawNode(root)
}

func thawNode(n *nodetree.Node) *tree {
	out := &tree{tag: n.Tag()}
	for i := range n.Len() {
		name, v := n.Field(i)
		out.names = append(out.names, name)
		out.values = append(out.values, thawValue(v))
	}
	return out
}

func thawValue(v nodetree.Value) any {
	switch v.Kind() {
	case nodetree.Tree:
		return thawNode(v.Node())
	case nodetree.List:
		items := make([]any, len(v.List()))
		for i, item := range v.List() {
			items[i] = thawValue(item)
		}
		return items
	case nodetree.Numbers:
		return "(i " + strings.TrimSpace(v.Raw()) + ")"
	case nodetree.Null:
		return "<>"
	}
	return v.Raw()
}

// String prints the tree as the server would.
func (n *tree) String() string {
	var b strings.Builder
	printTree(&b, n)
	return b.String()
}

func printTree(b *strings.Builder, v any) {
	switch v := v.(type) {
	case *tree:
		b.WriteString("{" + v.tag)
		for i, name := range v.names {
			b.WriteString(" :" + name + " ")
			printTree(b, v.values[i])
		}
		b.WriteString("}")
	case []any:
		b.WriteString("(")
		for i, item := range v {
			if i > 0 {
				b.WriteByte(' ')
			}
			printTree(b, item)
		}
		b.WriteString(")")
	case string:
		b.WriteString(v)
	}
}

// nodes are a tree's nodes, itself first.
func (n *tree) nodes() []*tree {
	out := []*tree{n}
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case *tree:
			out = append(out, v.nodes()...)
		case []any:
			for _, item := range v {
				add(item)
			}
		}
	}
	for _, v := range n.values {
		add(v)
	}
	return out
}

// get returns the value of a field, or nil.
func (n *tree) get(name string) any {
	for i, x := range n.names {
		if x == name {
			return n.values[i]
		}
	}
	return nil
}

// set changes a field that the node has.
func (n *tree) set(name string, value any) bool {
	for i, x := range n.names {
		if x == name {
			n.values[i] = value
			return true
		}
	}
	return false
}

// targets are the expressions of the output columns.
func (n *tree) targets() []*tree {
	list := n.get("targetList")
	if n.get("commandType") != "1" {
		list = n.get("returningList")
	}
	items, _ := list.([]any)
	var out []*tree
	for _, item := range items {
		if t, ok := item.(*tree); ok && t.get("resjunk") == "false" {
			if expr, ok := t.get("expr").(*tree); ok {
				out = append(out, expr)
			}
		}
	}
	return out
}
