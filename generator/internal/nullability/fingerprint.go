package nullability

import (
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// fingerprint prints an expression without what does not change its meaning:
// where it stood in the statement. plain is true if it consists of columns,
// constants and one aggregate, and so has one value however often it is written.
func fingerprint(n *nodetree.Node) (text string, plain bool) {
	var b strings.Builder
	plain = true
	var value func(v nodetree.Value)
	value = func(v nodetree.Value) {
		switch v.Kind() {
		case nodetree.Scalar:
			// The server breaks the lines of what it prints at some space.
			b.WriteString(strings.ReplaceAll(v.Raw(), "\n", " "))
		case nodetree.Numbers:
			for i := range v.Numbers() {
				b.WriteByte(' ')
				b.WriteString(strconv.Itoa(i))
			}
		case nodetree.List:
			b.WriteByte('(')
			for _, item := range v.List() {
				value(item)
				b.WriteByte(' ')
			}
			b.WriteByte(')')
		case nodetree.Tree:
			n := v.Node()
			switch n.Tag() {
			case "VAR", "CONST", "AGGREF", "TARGETENTRY", "RELABELTYPE":
			default:
				plain = false
			}
			b.WriteByte('{')
			b.WriteString(n.Tag())
			for i := range n.Len() {
				name, v := n.Field(i)
				switch name {
				case "location", "varnosyn", "varattnosyn", "varnullingrels", "aggno", "aggtransno",
					"stmt_location", "stmt_len", "list_start", "list_end",
					// How a cast was written does not matter to the server either.
					"funcformat", "relabelformat", "coerceformat", "convertformat", "coercionformat", "row_format":
					continue
				}
				b.WriteByte(':')
				b.WriteString(name)
				b.WriteByte(' ')
				value(v)
			}
			b.WriteByte('}')
		default:
			b.WriteString("<>")
		}
	}
	value(nodetree.NodeValue(n))
	return b.String(), plain
}
