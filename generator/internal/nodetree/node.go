package nodetree

// Node is a node of a tree: a tag and named fields.
type Node struct {
	tag    string
	fields []field
	items  []Value
}

type field struct {
	name  string
	value Value
}

// Tag returns the kind of the node in capitals, such as "VAR", and "" for a
// nil node and for the list that [Parse] returns for the text of a list.
func (n *Node) Tag() string {
	if n == nil {
		return ""
	}
	return n.tag
}

// Items returns the elements if the node stands for a list, see [Parse].
func (n *Node) Items() []Value {
	if n == nil {
		return nil
	}
	return n.items
}

// Get returns the field with a name, or the zero Value.
func (n *Node) Get(name string) Value {
	if n != nil {
		for i := range n.fields {
			if n.fields[i].name == name {
				return n.fields[i].value
			}
		}
	}
	return Value{}
}

// Has reports whether the node has a field with a name, null or not.
func (n *Node) Has(name string) bool {
	if n != nil {
		for i := range n.fields {
			if n.fields[i].name == name {
				return true
			}
		}
	}
	return false
}

// Len returns the number of fields, and Field the i-th of them, in the order
// that they were printed.
func (n *Node) Len() int {
	if n == nil {
		return 0
	}
	return len(n.fields)
}

// Field returns name and value of the i-th field.
func (n *Node) Field(i int) (string, Value) { return n.fields[i].name, n.fields[i].value }

// Node returns the node in a field, or nil.
func (n *Node) Node(name string) *Node { return n.Get(name).Node() }

// List returns the elements of the list in a field.
func (n *Node) List(name string) []Value { return n.Get(name).List() }

// Bool reports whether a field is true.
func (n *Node) Bool(name string) bool { return n.Get(name).Bool() }

// Text returns the string in a field.
func (n *Node) Text(name string) string { return n.Get(name).Text() }

// Int returns the number in a field, or 0.
func (n *Node) Int(name string) int {
	i, _ := n.Get(name).Int()
	return i
}

// OID returns the OID in a field, or 0.
func (n *Node) OID(name string) uint32 {
	i, _ := n.Get(name).Int()
	return uint32(i)
}
