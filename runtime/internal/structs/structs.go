// Package structs finds the fields of a struct that the columns of a result are
// for.
//
// Rules:
//   - A field is for the column that its tag names, as `db:"placed_at"`, in any
//     case if there is none with exactly that name; what follows a comma in the
//     tag does not count. Without a tag the field's own name counts, without
//     regard to case and underscores. `db:"-"` leaves a field out, and so does
//     a field that is not exported.
//   - The fields of embedded structs, and of pointers to them, count as the
//     struct's own. As in Go, an outer field hides an inner one of its name.
//     With a tag an embedded struct is one field.
//   - Each column has one field and each field one column. What is left over is
//     an error that names all of it, and what may have been meant.
//   - A struct that can be a column by itself, such as time.Time and whatever
//     scans itself, has no fields for this package, nor has one that exports
//     none.
//
// This is the one package that uses reflect: nothing generates code for
// statements written by hand.
package structs

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/pgwright/pgwright/internal/nearest"
)

// Layout is the fields of a struct type, for the columns of a result. It is
// read-only and safe for concurrent use.
type Layout struct {
	name    string
	pointer bool
	fields  []field
	// private are columns that fields which are not exported have tags for.
	private map[string]string
}

// field is for one column.
type field struct {
	// path leads to the field from the struct.
	path []int
	name string
	// where is the name with those of the embedded structs around it.
	where  string
	column string
	tagged bool
}

// Of returns the layout of T, a struct or a pointer to one, and false if T is
// anything else. It fails if two fields are for one column.
func Of[T any]() (*Layout, bool, error) {
	t := reflect.TypeFor[T]()
	l := &Layout{}
	if t.Kind() == reflect.Pointer && !isValue(t) {
		t, l.pointer = t.Elem(), true
	}
	if t.Kind() != reflect.Struct || isValue(t) {
		return nil, false, nil
	}
	l.name = t.String()
	l.private = map[string]string{}
	if err := l.add(t, nil, nil); err != nil {
		return nil, false, err
	}
	if len(l.fields) == 0 && len(l.private) == 0 && t.NumField() > 0 {
		return nil, false, nil
	}
	return l, true, nil
}

// isValue reports whether pgx can scan a column into a value of type t though
// it is a struct.
func isValue(t reflect.Type) bool {
	switch reflect.New(t).Interface().(type) {
	case *time.Time, *net.IPNet, *netip.Addr, *netip.Prefix,
		sql.Scanner,
		pgtype.ArraySetter,
		pgtype.BitsScanner,
		pgtype.BoolScanner,
		pgtype.BoxScanner,
		pgtype.BytesScanner,
		pgtype.CircleScanner,
		pgtype.CompositeIndexScanner,
		pgtype.DateScanner,
		pgtype.Float64Scanner,
		pgtype.HstoreScanner,
		pgtype.Int64Scanner,
		pgtype.IntervalScanner,
		pgtype.LineScanner,
		pgtype.LsegScanner,
		pgtype.MultirangeSetter,
		pgtype.NetipPrefixScanner,
		pgtype.NumericScanner,
		pgtype.PathScanner,
		pgtype.PointScanner,
		pgtype.PolygonScanner,
		pgtype.RangeScanner,
		pgtype.TextScanner,
		pgtype.TIDScanner,
		pgtype.TimeScanner,
		pgtype.TimestampScanner,
		pgtype.TimestamptzScanner,
		pgtype.TSVectorScanner,
		pgtype.Uint32Scanner,
		pgtype.Uint64Scanner,
		pgtype.UUIDScanner:
		return true
	}
	return false
}

// embedding is the struct types on the way to a field.
type embedding []reflect.Type

func (e embedding) prefix() string {
	var b strings.Builder
	for _, t := range e[1:] {
		b.WriteString(t.Name())
		b.WriteByte('.')
	}
	return b.String()
}

// add adds the fields of t, which path leads to.
func (l *Layout) add(t reflect.Type, path []int, outer embedding) error {
	if slices.Contains(outer, t) {
		return nil // as in Go, what embeds itself is hidden by itself
	}
	outer = append(outer[:len(outer):len(outer)], t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("db")
		tag, _, _ = strings.Cut(tag, ",")
		if tag == "-" {
			continue
		}
		tagged = tagged && tag != ""
		at := append(path[:len(path):len(path)], i)
		if f.Anonymous && !tagged {
			embedded, pointer := f.Type, f.Type.Kind() == reflect.Pointer
			if pointer {
				embedded = embedded.Elem()
			}
			if embedded.Kind() == reflect.Struct && !isValue(embedded) {
				if pointer && !f.IsExported() {
					return fmt.Errorf("%s embeds a pointer to %s, which is not exported, so that nobody else can set it: embed the struct",
						t, embedded)
				}
				if err := l.add(embedded, at, outer); err != nil {
					return err
				}
				continue
			}
		}
		if !f.IsExported() {
			if tagged {
				l.private[tag] = f.Name
			}
			continue
		}
		added := field{path: at, name: f.Name, where: outer.prefix() + f.Name, column: tag, tagged: tagged}
		if !tagged {
			added.column = plain(f.Name)
		}
		if err := l.insert(added, outer); err != nil {
			return err
		}
	}
	return nil
}

// insert adds a field unless another one hides it, and drops the one that it
// hides.
func (l *Layout) insert(added field, outer embedding) error {
	for i, have := range l.fields {
		if !have.like(added) {
			continue
		}
		switch {
		case len(have.path) < len(added.path):
			return nil
		case len(have.path) > len(added.path):
			l.fields[i] = added
			return nil
		}
		return fmt.Errorf("two fields of %s, %s and %s, are both for column %q; give one another column with a tag, or leave it out with db:\"-\"",
			outer[0], have.where, added.where, added.column)
	}
	l.fields = append(l.fields, added)
	return nil
}

// like reports whether both fields are for the same column or have one name.
func (f field) like(other field) bool {
	return f.name == other.name && len(f.path) != len(other.path) || f.tagged == other.tagged && f.column == other.column
}

// plain is a name without what does not count.
func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// Targets says where to scan columns to.
type Targets struct {
	pointer bool
	paths   [][]int
}

// Match finds the field for each column.
func (l *Layout) Match(columns []string) (*Targets, error) {
	targets := &Targets{pointer: l.pointer, paths: make([][]int, len(columns))}
	owner := make([]int, len(l.fields)) // the column of each field, from 1
	of := make([]int, len(columns))     // the field of each column, from 1
	rules := []func(f field, column string) bool{
		func(f field, column string) bool { return f.tagged && f.column == column },
		func(f field, column string) bool { return f.tagged && strings.EqualFold(f.column, column) },
		func(f field, column string) bool { return !f.tagged && f.column == plain(column) },
	}
	for _, fits := range rules {
		for c, column := range columns {
			for i, f := range l.fields {
				if of[c] == 0 && owner[i] == 0 && fits(f, column) {
					of[c], owner[i] = i+1, c+1
				}
			}
		}
	}
	for c, i := range of {
		if i != 0 {
			targets.paths[c] = l.fields[i-1].path
		}
	}
	if err := Distinct(columns); err != nil {
		return nil, err
	}
	if slices.Contains(of, 0) || slices.Contains(owner, 0) {
		return nil, l.mismatch(columns, of, owner)
	}
	return targets, nil
}

// Distinct returns an error if two columns have one name.
func Distinct(columns []string) error {
	for i, column := range columns {
		if slices.Contains(columns[:i], column) {
			return fmt.Errorf("two columns of the result are called %q: name one of them otherwise, with AS", column)
		}
	}
	return nil
}

func (l *Layout) mismatch(columns []string, of, owner []int) error {
	names := make([]string, len(l.fields))
	for i, f := range l.fields {
		names[i] = plain(f.column)
	}
	plains := make([]string, len(columns))
	for i, column := range columns {
		plains[i] = plain(column)
	}
	var wrong []string
	for c, column := range columns {
		if of[c] != 0 {
			continue
		}
		message := fmt.Sprintf("column %q has no field", column)
		near := slices.Index(names, nearest.Name(plain(column), names))
		switch name, private := l.private[column]; {
		case private:
			message += fmt.Sprintf(" (field %s is not exported)", name)
		case column == "?column?":
			message += " (name it with AS)"
		case near >= 0 && owner[near] != 0:
			message += fmt.Sprintf(" (the nearest is %s, which has column %q)", l.fields[near].name, columns[owner[near]-1])
		case near >= 0:
			message += fmt.Sprintf(" (the nearest is %s)", l.fields[near].name)
		}
		wrong = append(wrong, message)
	}
	left := false
	for i, f := range l.fields {
		if owner[i] != 0 {
			continue
		}
		left = true
		message := "field " + f.name
		if f.tagged {
			message += fmt.Sprintf(" (db:%q)", f.column)
		}
		message += " has no column"
		if near := slices.Index(plains, nearest.Name(names[i], plains)); near >= 0 {
			message += fmt.Sprintf(" (the nearest is %q)", columns[near])
		}
		wrong = append(wrong, message)
	}
	message := "the result does not fit " + l.name + ": " + strings.Join(wrong, ", ")
	if left {
		message += `; db:"-" leaves a field out`
	}
	return errors.New(message)
}

// Point makes targets point to the fields of the struct that ptr points to, a
// *T of the T that the layout is of, in the order of the columns. Pointers on
// the way are set.
func (t *Targets) Point(ptr any, targets []any) {
	v := reflect.ValueOf(ptr).Elem()
	if t.pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	for i, path := range t.paths {
		f := v
		for _, at := range path {
			if f.Kind() == reflect.Pointer {
				if f.IsNil() {
					f.Set(reflect.New(f.Type().Elem()))
				}
				f = f.Elem()
			}
			f = f.Field(at)
		}
		targets[i] = f.Addr().Interface()
	}
}
