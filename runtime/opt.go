package runtime

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Opt is a value that may be left out: of the columns that an update changes,
// of those of a new row that have a default, of a function's arguments. The
// zero value leaves it out. That is not the same as NULL: NULL is a value of
// T, if T has one, such as a nil *string or a pgtype.UUID that is not Valid.
//
//	shop.UpdateUserParams{
//		ID:       7,
//		Name:     runtime.Set("Ada"),          // Opt[string]
//		Nickname: runtime.SetNull[string](),   // Opt[*string]
//	}
//
// Or step by step:
//
//	patch := shop.UpdateUserParams{ID: 7}
//	patch.Name.Set("Ada")
//	patch.Nickname.Set(nil)
//
// In JSON a key that is absent leaves the value out, and null is NULL.
type Opt[T any] struct {
	value T
	set   bool
}

// Set returns an Opt that holds v.
func Set[T any](v T) Opt[T] { return Opt[T]{value: v, set: true} }

// SetPtr returns an Opt for what may be NULL, and is v.
func SetPtr[T any](v T) Opt[*T] { return Set(&v) }

// SetNull returns an Opt that is NULL.
func SetNull[T any]() Opt[*T] { return Set[*T](nil) }

// Set makes o hold v.
func (o *Opt[T]) Set(v T) { *o = Set(v) }

// Clear leaves the value out again.
func (o *Opt[T]) Clear() { *o = Opt[T]{} }

// IsSet reports whether o holds a value, NULL included.
func (o Opt[T]) IsSet() bool { return o.set }

// IsZero reports whether o is left out, for the option omitzero of struct tags
// for JSON.
func (o Opt[T]) IsZero() bool { return !o.set }

// Get returns what o holds, or the zero value and false if it is left out.
func (o Opt[T]) Get() (v T, set bool) { return o.value, o.set }

// Or returns what o holds, or v if it is left out.
func (o Opt[T]) Or(v T) T {
	if o.set {
		return o.value
	}
	return v
}

// MarshalJSON writes what o holds. What is left out is null, unless its field
// has the option omitzero, which leaves out the key.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

var (
	jsonNull  = []byte("null")
	errNoNull = errors.New("null for a value that cannot be null")
)

// UnmarshalJSON makes o hold what data says: NULL for null. A null where T has
// no NULL is an error.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	if bytes.Equal(bytes.TrimSpace(data), jsonNull) {
		// Decoding null into a string or a struct leaves it as it is; what has
		// a NULL writes its zero value as one.
		zero, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if !bytes.Equal(zero, jsonNull) {
			return errNoNull
		}
	}
	o.Set(v)
	return nil
}

// Arg is the argument of a statement for what o holds, NULL if it is left out.
func (o Opt[T]) Arg() any {
	if !o.set {
		return nil
	}
	return o.value
}

// OptArg is [Opt.Arg] for a value that goes through the function arg, one of
// those that make arguments.
func OptArg[T any](o Opt[T], arg func(T) any) any {
	if !o.set {
		return nil
	}
	return arg(o.value)
}

// EncodeOpt writes what o holds with write, and NULL if it is left out.
func EncodeOpt[T any](e *Encoder, o Opt[T], write func(*Encoder, T)) {
	if !o.set {
		e.null()
		return
	}
	write(e, o.value)
}

// EncodeLiteral writes a value as the text that PostgreSQL would read it from,
// into a text. typ is the value's own type. An array of such texts can hold
// arrays of different lengths, which an array of arrays cannot.
func EncodeLiteral[T any](e *Encoder, v T, typ Type, write func(*Encoder, T)) {
	inner := Encoder{text: true, into: container{typ: typ}}
	write(&inner, v)
	switch literal := inner.argument().(type) {
	case string:
		e.Text(literal)
	case badArgument:
		e.begin()
		e.fail(literal.err)
	default:
		e.null()
	}
}

// RowsArg makes an argument of one column of many rows: an array of type typ[]
// with an element for each row, which write writes.
func RowsArg[T any](rows []T, typ Type, write func(*Encoder, T)) any {
	e := Encoder{text: true}
	EncodeArray(&e, rows, typ, write)
	return e.argument()
}
