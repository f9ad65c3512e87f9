package sqlcplugin

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"
)

// The binary format of protocol buffers (https://protobuf.dev/programming-guides/encoding/):
// a message is a list of fields, each with its number and one of these types.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

var errProtobuf = errors.New("the request is neither JSON nor a message of protocol buffers")

// field is one of a message: bytes for those of wireBytes, else a number.
type field struct {
	number int
	value  uint64
	bytes  []byte
}

// fields hands over the fields of a message, those of no known type left out.
func fields(message []byte, visit func(f field) error) error {
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 || tag>>3 == 0 || tag>>3 > 1<<29 {
			return errProtobuf
		}
		message = message[n:]
		f := field{number: int(tag >> 3)}
		size := 0
		switch tag & 7 {
		case wireVarint:
			if f.value, size = binary.Uvarint(message); size <= 0 {
				return errProtobuf
			}
		case wireFixed64:
			size = 8
		case wireFixed32:
			size = 4
		case wireBytes:
			length, n := binary.Uvarint(message)
			if n <= 0 || length > uint64(len(message)-n) {
				return errProtobuf
			}
			size = n + int(length)
			f.bytes = message[n:size]
		default:
			return errProtobuf
		}
		if size > len(message) {
			return errProtobuf
		}
		message = message[size:]
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// text takes a field as a string.
func (f field) text(out *string) error {
	if !utf8.Valid(f.bytes) {
		return errProtobuf
	}
	*out = string(f.bytes)
	return nil
}

func (f field) texts(out *[]string) error {
	var s string
	err := f.text(&s)
	*out = append(*out, s)
	return err
}

func (f field) flag(out *bool) error {
	*out = f.value != 0
	return nil
}

// into reads a field as a message.
func (f field) into(read func(f field) error) error { return fields(f.bytes, read) }

// add appends a message to a list.
func add[T any](f field, list *[]*T, read func(v *T, f field) error) error {
	v := new(T)
	*list = append(*list, v)
	return f.into(func(f field) error { return read(v, f) })
}

// The functions below have the numbers of codegen.proto.

func (r *Request) field(f field) error {
	switch f.number {
	case 1:
		return f.into(r.Settings.field)
	case 2:
		return f.into(r.Catalog.field)
	case 4:
		return f.text(&r.SQLCVersion)
	case 5:
		r.Options = f.bytes
	case 6:
		r.GlobalOptions = f.bytes
	}
	return nil
}

func (s *Settings) field(f field) error {
	switch f.number {
	case 1:
		return f.text(&s.Version)
	case 2:
		return f.text(&s.Engine)
	case 3:
		return f.texts(&s.Schema)
	case 4:
		return f.texts(&s.Queries)
	case 12:
		return f.into(s.Codegen.field)
	}
	return nil
}

func (c *Codegen) field(f field) error {
	switch f.number {
	case 1:
		return f.text(&c.Out)
	case 2:
		return f.text(&c.Plugin)
	}
	return nil
}

func (c *Catalog) field(f field) error {
	switch f.number {
	case 2:
		return f.text(&c.DefaultSchema)
	case 4:
		return add(f, &c.Schemas, (*Schema).field)
	}
	return nil
}

func (s *Schema) field(f field) error {
	switch f.number {
	case 2:
		return f.text(&s.Name)
	case 3:
		return add(f, &s.Tables, (*Table).field)
	case 4:
		return add(f, &s.Enums, (*Enum).field)
	case 5:
		return add(f, &s.Composites, (*CompositeType).field)
	}
	return nil
}

func (c *CompositeType) field(f field) error {
	switch f.number {
	case 1:
		return f.text(&c.Name)
	case 2:
		return f.text(&c.Comment)
	}
	return nil
}

func (e *Enum) field(f field) error {
	switch f.number {
	case 1:
		return f.text(&e.Name)
	case 2:
		return f.texts(&e.Values)
	case 3:
		return f.text(&e.Comment)
	}
	return nil
}

func (t *Table) field(f field) error {
	switch f.number {
	case 1:
		return f.into(t.Rel.field)
	case 2:
		return add(f, &t.Columns, (*Column).field)
	case 3:
		return f.text(&t.Comment)
	}
	return nil
}

func (i *Identifier) field(f field) error {
	switch f.number {
	case 2:
		return f.text(&i.Schema)
	case 3:
		return f.text(&i.Name)
	}
	return nil
}

func (c *Column) field(f field) error {
	switch f.number {
	case 1:
		return f.text(&c.Name)
	case 3:
		return f.flag(&c.NotNull)
	case 4:
		return f.flag(&c.Array)
	case 5:
		return f.text(&c.Comment)
	case 12:
		return f.into(c.Type.field)
	case 17:
		c.Dimensions = int(int32(f.value))
	}
	return nil
}

// encoded is a response as a message: its only field is the list of files, of
// which each has a name and its contents.
func encoded(files []File) []byte {
	var out []byte
	for _, f := range files {
		var file []byte
		file = appendBytes(file, 1, []byte(f.Name))
		file = appendBytes(file, 2, f.Contents)
		out = appendBytes(out, 1, file)
	}
	return out
}

func appendBytes(out []byte, number uint64, value []byte) []byte {
	out = binary.AppendUvarint(out, number<<3|wireBytes)
	out = binary.AppendUvarint(out, uint64(len(value)))
	return append(out, value...)
}
