package lock

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// ErrFormat is the error of a lock in a format that is not [Format].
var ErrFormat = errors.New("the lock is in the format of another version of pgwright")

// The file as encoding/json reads it.
type (
	lockFile struct {
		About    string        `json:"about"`
		Format   int           `json:"format"`
		Packages []packageFile `json:"packages"`
	}
	packageFile struct {
		Out           string               `json:"out"`
		Revision      int                  `json:"revision"`
		Server        int                  `json:"server"`
		Engine        string               `json:"engine"`
		Live          bool                 `json:"live"`
		Schema        string               `json:"schema"`
		Inputs        map[string]string    `json:"inputs"`
		Name          string               `json:"name"`
		DefaultSchema string               `json:"default_schema"`
		Queries       map[string]queryFile `json:"queries"`
		Tables        []tableFile          `json:"tables"`
		Types         []typeLine           `json:"types"`
		Warnings      []Warning            `json:"warnings"`
		MadeBy        string               `json:"made_by"`
		Made          []Made               `json:"made"`
	}
	queryFile struct {
		Digest  string        `json:"digest"`
		Command model.Command `json:"command"`
		Output  string        `json:"output"`
		SQL     string        `json:"sql"`
		Row     string        `json:"row"`
		Copy    *copyLine     `json:"copy"`
		Rows    bool          `json:"rows"`
		Params  []paramLine   `json:"params"`
		Embeds  []embedLine   `json:"embeds"`
		Columns []columnLine  `json:"columns"`
		// ColumnsOf is the query that has the same columns.
		ColumnsOf string `json:"columns_of"`
	}
	tableFile struct {
		Table   string       `json:"table"`
		Comment string       `json:"comment"`
		View    bool         `json:"view"`
		Hidden  bool         `json:"hidden"`
		Columns []columnLine `json:"columns"`
	}
)

// Parse reads what [Lock.Encode] wrote.
func Parse(data []byte) (*Lock, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("it is empty")
	}
	if at := conflict(data); at >= 0 {
		return nil, &PlaceError{Offset: at, Err: errors.New("it holds both sides of a merge conflict")}
	}
	var f lockFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		// Another format may well have other fields.
		var format struct {
			Format int `json:"format"`
		}
		if json.Unmarshal(data, &format) == nil && format.Format != Format {
			return nil, ErrFormat
		}
		return nil, position(data, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something after the end of the lock")
	}
	if f.Format != Format {
		return nil, ErrFormat
	}
	l := &Lock{}
	for i := range f.Packages {
		p, err := decodePackage(&f.Packages[i])
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", f.Packages[i].Out, err)
		}
		if l.Package(p.Out) != nil {
			return nil, fmt.Errorf("package %s is there twice", p.Out)
		}
		l.Packages = append(l.Packages, p)
	}
	l.sort()
	return l, nil
}

// PlaceError is an error at a byte of a lock's text.
type PlaceError struct {
	Offset int
	Err    error
}

func (e *PlaceError) Error() string { return e.Err.Error() }

func (e *PlaceError) Unwrap() error { return e.Err }

// conflict is the offset of the first line that git marks a conflict with, or
// -1.
func conflict(data []byte) int {
	mark := []byte("<<<<<<< ")
	if bytes.HasPrefix(data, mark) {
		return 0
	}
	if i := bytes.Index(data, append([]byte("\n"), mark...)); i >= 0 {
		return i + 1
	}
	return -1
}

// position adds the place to an error of encoding/json.
func position(data []byte, err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &PlaceError{Offset: len(data), Err: errors.New("it ends in the middle")}
	case errors.As(err, &syntax):
		// Offset counts the bytes that were read, the wrong one included.
		return &PlaceError{Offset: max(0, int(syntax.Offset)-1), Err: err}
	case errors.As(err, &typ):
		return &PlaceError{Offset: int(typ.Offset), Err: err}
	}
	return err
}

// decoder puts the references of a package back together.
type decoder struct {
	types  map[string]*model.Type
	tables map[string]*model.Table
	err    error
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
}

func (d *decoder) typ(name string) *model.Type {
	t := d.types[name]
	if t == nil {
		d.fail("there is no type %q", name)
	}
	return t
}

// optional is typ for a reference that may be missing.
func (d *decoder) optional(name string) *model.Type {
	if name == "" {
		return nil
	}
	return d.typ(name)
}

func (d *decoder) table(name string) *model.Table {
	t := d.tables[name]
	if t == nil {
		d.fail("there is no table %s", name)
	}
	return t
}

func (d *decoder) source(parts []string) *model.ColumnRef {
	switch len(parts) {
	case 0:
		return nil
	case 3:
		return &model.ColumnRef{Schema: parts[0], Table: parts[1], Column: parts[2]}
	}
	d.fail("%q is not a schema, a table and a column", parts)
	return nil
}

func decodePackage(f *packageFile) (*Package, error) {
	d := &decoder{types: map[string]*model.Type{}, tables: map[string]*model.Table{}}
	m := &model.Package{Name: f.Name, DefaultSchema: f.DefaultSchema}
	p := &Package{
		Out: f.Out, Revision: f.Revision, Server: f.Server, Engine: f.Engine, Live: f.Live, Schema: f.Schema, Inputs: f.Inputs, Model: m,
		Statements: map[string]string{}, Warnings: f.Warnings, Tables: f.MadeBy, Made: f.Made,
	}
	// Types and tables refer to each other: make all, then fill them.
	for i := range f.Types {
		line := &f.Types[i]
		if d.types[line.Type] != nil {
			d.fail("type %q is there twice", line.Type)
		}
		d.types[line.Type] = &model.Type{}
	}
	for i := range f.Tables {
		t := &f.Tables[i]
		schema, name, ok := unquote(t.Table)
		if !ok || d.tables[t.Table] != nil {
			d.fail("%q is not the name of a table, or is there twice", t.Table)
			continue
		}
		table := &model.Table{Schema: schema, Name: name, Comment: t.Comment, View: t.View}
		d.tables[t.Table] = table
		if !t.Hidden {
			m.Tables = append(m.Tables, table)
		}
	}
	for i := range f.Types {
		d.fillType(&f.Types[i])
		if t := d.types[f.Types[i].Type]; !f.Types[i].Hidden && listed(t.Kind) {
			m.Types = append(m.Types, t)
		}
	}
	slices.SortFunc(m.Types, func(a, b *model.Type) int {
		return cmp.Or(strings.Compare(a.Schema, b.Schema), strings.Compare(a.Name, b.Name))
	})
	for i := range f.Tables {
		if t := d.tables[f.Tables[i].Table]; t != nil {
			t.Columns = d.columns(f.Tables[i].Columns, nil)
		}
	}
	for name, q := range f.Queries {
		p.Statements[name] = q.Digest
		if q.ColumnsOf != "" {
			other, ok := f.Queries[q.ColumnsOf]
			if !ok || len(other.Columns) == 0 {
				d.fail("query %s has the columns of %s, and there are none", name, q.ColumnsOf)
			}
			q.Columns = other.Columns
		}
		m.Queries = append(m.Queries, d.query(name, &q))
	}
	slices.SortFunc(m.Queries, func(a, b *model.Query) int { return strings.Compare(a.Name, b.Name) })
	return p, d.err
}

func (d *decoder) fillType(line *typeLine) {
	kind := slices.Index(kinds[:], line.Kind)
	if kind < 0 {
		d.fail("type %q is of the unknown kind %q", line.Type, line.Kind)
		return
	}
	t := d.types[line.Type]
	*t = model.Type{
		OID: line.OID, Schema: line.Schema, Name: line.Name, Display: line.Display, Kind: model.TypeKind(kind),
		Element: d.optional(line.Element), Labels: line.Labels, Binary: !line.Text, Dimensions: line.Dimensions,
		Builtin: line.OID != 0, Extension: line.Extension, Comment: line.Comment,
	}
	if t.Display == "" {
		t.Display = line.Type
	}
	if line.RowOf != "" {
		t.RowOf = d.table(line.RowOf)
	}
	for _, f := range line.Fields {
		t.Fields = append(t.Fields, &model.Field{Name: f.Name, Type: d.typ(f.Type), Dimensions: f.Dimensions, Comment: f.Comment})
	}
	switch t.Kind {
	case model.Array, model.Domain, model.Range, model.Multirange:
		if t.Element == nil {
			d.fail("type %q lacks what it is of", line.Type)
		}
		// Whoever follows the elements must come to an end.
		seen := map[*model.Type]bool{}
		for at := t; at != nil; at = at.Element {
			if seen[at] {
				d.fail("type %q is of itself", line.Type)
				return
			}
			seen[at] = true
		}
	case model.Base, model.Enum, model.Composite, model.Pseudo:
	}
}

func (d *decoder) columns(lines []columnLine, embeds []*model.Embed) []*model.Column {
	var out []*model.Column
	for i := range lines {
		l := &lines[i]
		c := &model.Column{
			Name: l.Name, Type: d.typ(l.Type), Domain: d.optional(l.Domain), Dimensions: l.Dimensions, Nullable: l.Nullable,
			ElementNullable: l.Elements, Why: l.Why, Overridden: l.Overridden, Source: d.source(l.Source), GoType: l.Go, Comment: l.Comment,
		}
		if l.If != nil {
			c.If = &model.Condition{Params: l.If.Params, Nullable: l.If.Nullable, Why: l.If.Why, ElementNullable: l.If.Elements}
		}
		c.Joined, c.Bare, c.Logic = l.Joined, l.Bare, l.Logic
		switch {
		case l.Written != nil:
			c.Written = d.source(l.Written)
		case !l.Indirect:
			c.Written = c.Source
		}
		switch {
		case l.Embed < 0 || l.Embed > len(embeds):
			d.fail("column %s is of an embed that is not there", l.Name)
		case l.Embed > 0:
			c.Embed = embeds[l.Embed-1]
		}
		out = append(out, c)
	}
	return out
}

func (d *decoder) query(name string, f *queryFile) *model.Query {
	q := &model.Query{Name: name, Command: f.Command, SQL: f.SQL, RowName: f.Row, Copy: (*model.CopyTarget)(f.Copy), Rows: f.Rows, Output: f.Output}
	if !slices.Contains(model.Commands, f.Command) {
		d.fail("query %s has the unknown command %q", name, f.Command)
	}
	for i := range f.Params {
		l := &f.Params[i]
		q.Params = append(q.Params, &model.Param{
			Number: i + 1, Name: l.Name, Type: d.typ(l.Type), Dimensions: l.Dimensions, Nullable: l.Nullable, ElementNullable: l.Elements,
			Why: l.Why, Slice: l.Slice, Named: l.Named, Bare: l.Bare, Use: model.Use(l.Use), Stated: l.Stated, Source: d.source(l.Source), GoType: l.Go, Each: f.Rows,
		})
		switch {
		case l.Like != nil:
			q.Params[i].Like = d.columns([]columnLine{*l.Like}, nil)[0]
		case l.Stored:
			q.Params[i].Like = d.stored(q.Params[i].Source)
		}
	}
	for i := range f.Params {
		switch given := f.Params[i].Given; {
		case given < 0 || given > len(q.Params):
			d.fail("parameter %s of query %s is given by one that is not there", f.Params[i].Name, name)
		case given > 0:
			q.Params[i].Given, q.Params[given-1].Gives = q.Params[given-1], true
		}
	}
	for _, p := range q.Params {
		if f.Rows && p.Type != nil && p.Type.Element == nil {
			d.fail("parameter %s of query %s is no array of values for rows", p.Name, name)
		}
		if p.Gives && p.Given != nil {
			d.fail("parameter %s of query %s is both optional and what gives one", p.Name, name)
		}
	}
	var embeds []*model.Embed
	for _, e := range f.Embeds {
		embeds = append(embeds, &model.Embed{Name: e.Name, Table: d.table(e.Table), Nullable: e.Nullable, Why: e.Why})
	}
	q.Columns = d.columns(f.Columns, embeds)
	return q
}

// stored is a column of a table.
func (d *decoder) stored(r *model.ColumnRef) *model.Column {
	if r == nil {
		d.fail("a parameter is stored nowhere")
		return nil
	}
	if t := d.tables[quote(r.Schema)+"."+quote(r.Table)]; t != nil {
		for _, c := range t.Columns {
			if c.Name == r.Column {
				return c
			}
		}
	}
	d.fail("there is no column %s of table %s.%s", r.Column, r.Schema, r.Table)
	return nil
}

func listed(k model.TypeKind) bool {
	switch k {
	case model.Enum, model.Composite, model.Domain, model.Range, model.Multirange:
		return true
	case model.Base, model.Array, model.Pseudo:
	}
	return false
}
