package cel

import (
	"slices"
	"strings"
)

// Kind says what values a type has.
type Kind int

// The kinds of types.
const (
	DynKind Kind = iota
	NullKind
	BoolKind
	IntKind
	UintKind
	DoubleKind
	StringKind
	ListKind
	MapKind
	MessageKind
)

// Type is a type of the language. Types of the same kind, elements and name are
// the same.
type Type struct {
	Kind Kind
	// Key is that of a map, Element that of a map or a list.
	Key, Element *Type
	// Name is that of a message, and Fields are its fields.
	Name   string
	Fields []Field
}

// Field is a field of a message.
type Field struct {
	Name string
	Type *Type
}

// Basic types.
func Dyn() *Type    { return &Type{Kind: DynKind} }
func Null() *Type   { return &Type{Kind: NullKind} }
func Bool() *Type   { return &Type{Kind: BoolKind} }
func Int() *Type    { return &Type{Kind: IntKind} }
func Uint() *Type   { return &Type{Kind: UintKind} }
func Double() *Type { return &Type{Kind: DoubleKind} }
func String() *Type { return &Type{Kind: StringKind} }

// List is the type of lists of a type.
func List(of *Type) *Type { return &Type{Kind: ListKind, Element: of} }

// Map is the type of maps from key to element.
func Map(key, element *Type) *Type { return &Type{Kind: MapKind, Key: key, Element: element} }

// Message is the type of messages with fields. More can be added until the
// type is used.
func Message(name string, fields ...Field) *Type {
	return &Type{Kind: MessageKind, Name: name, Fields: fields}
}

// String is the type as messages about it show it.
func (t *Type) String() string {
	switch t.Kind {
	case NullKind:
		return "null"
	case BoolKind:
		return "bool"
	case IntKind:
		return "int"
	case UintKind:
		return "uint"
	case DoubleKind:
		return "double"
	case StringKind:
		return "string"
	case ListKind:
		return "list(" + t.Element.String() + ")"
	case MapKind:
		return "map(" + t.Key.String() + ", " + t.Element.String() + ")"
	case MessageKind:
		return t.Name
	case DynKind:
	}
	return "dyn"
}

// field finds a field of a message.
func (t *Type) field(name string) *Type {
	i := slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return t.Fields[i].Type
}

// fits reports whether a value of one type can stand where the other is
// wanted, in one direction or the other. Only a message can be null.
func fits(a, b *Type) bool {
	switch {
	case a.Kind == DynKind || b.Kind == DynKind:
		return true
	case a.Kind == NullKind && b.Kind == MessageKind, a.Kind == MessageKind && b.Kind == NullKind:
		return true
	case a.Kind != b.Kind:
		return false
	}
	switch a.Kind {
	case ListKind:
		return fits(a.Element, b.Element)
	case MapKind:
		return fits(a.Key, b.Key) && fits(a.Element, b.Element)
	case MessageKind:
		return a.Name == b.Name
	}
	return true
}

// join is the type of a value that is of the one or of the other.
func join(a, b *Type) *Type {
	switch {
	case a.Kind == NullKind && b.Kind == MessageKind:
		return b
	case fits(a, b) && !b.dynamic():
		return a
	case fits(a, b):
		return b
	}
	return Dyn()
}

// dynamic reports whether the type has a part that is not known.
func (t *Type) dynamic() bool {
	switch t.Kind {
	case DynKind:
		return true
	case ListKind:
		return t.Element.dynamic()
	case MapKind:
		return t.Key.dynamic() || t.Element.dynamic()
	}
	return false
}

func typeList(list []*Type) string {
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.String()
	}
	return strings.Join(names, ", ")
}
