// Package goapi reads what a Go package exports from its source, and tells two
// packages apart.
//
// A name is a declaration ("Order"), a field or a method ("Order.Total"). What
// is said of it is its type in Go's syntax, packages by their import path, so
// that names of imports and of parameters make no difference. Only what callers
// can see counts: no bodies, no comments, nothing unexported, and of constants
// the value only where their type is one of the package's own.
package goapi

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// API is what a package exports.
type API struct {
	// Files are the names of the package's files, sorted.
	Files []string
	// Names says of each name what it is.
	Names map[string]string
}

// Difference is a name of which two packages say different things. One that a
// package does not have is empty there.
type Difference struct{ Name, A, B string }

// Compare lists the names of which two packages say different things, sorted.
// A declaration that one of them does not have stands for its fields and
// methods, and fields that one does not have for the list of them in a struct.
func Compare(a, b *API) []Difference {
	var out []Difference
	add := func(name string) {
		d := Difference{Name: name, A: a.Names[name], B: b.Names[name]}
		if parent, _, inner := strings.Cut(name, "."); inner && (a.Names[parent] == "") != (b.Names[parent] == "") {
			return
		}
		if !sameFields(d.A, d.B) {
			return
		}
		out = append(out, d)
	}
	for name, said := range a.Names {
		if b.Names[name] != said {
			add(name)
		}
	}
	for name := range b.Names {
		if _, ok := a.Names[name]; !ok {
			add(name)
		}
	}
	slices.SortFunc(out, func(x, y Difference) int { return cmp.Compare(x.Name, y.Name) })
	return out
}

// sameFields is false for two structs that do not have the same fields, in
// whatever order.
func sameFields(a, b string) bool {
	if !strings.HasPrefix(a, "struct{") || !strings.HasPrefix(b, "struct{") {
		return true
	}
	fields := func(s string) []string {
		return slices.Sorted(slices.Values(strings.Split(s[len("struct{"):len(s)-1], "; ")))
	}
	return slices.Equal(fields(a), fields(b))
}

var majorVersion = regexp.MustCompile(`/v[0-9]+(\.|$)`)

// Brief is what is said of a name as people write it: with the names of
// packages in place of their import paths, and methods without their receiver.
func Brief(said string) string {
	said, tag, tagged := strings.Cut(said, "`")
	var b strings.Builder
	word := 0
	for i := 0; i <= len(said); i++ {
		if i < len(said) && !strings.ContainsRune("()[]{}*, ;", rune(said[i])) {
			continue
		}
		name := majorVersion.ReplaceAllString(said[word:i], "$1")
		b.WriteString(name[strings.LastIndexByte(name, '/')+1:])
		if i < len(said) {
			b.WriteByte(said[i])
		}
		word = i + 1
	}
	out := strings.Replace(b.String(), "func*(", "func(", 1)
	if tagged {
		out += "`" + tag
	}
	return out
}

// Read reads the files of a package by their names.
func Read(files map[string][]byte) (*API, error) {
	api := &API{Files: slices.Sorted(maps.Keys(files)), Names: map[string]string{}}
	for _, name := range api.Files {
		f, err := parser.ParseFile(token.NewFileSet(), name, files[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		r := &reader{api: api, imports: imports(f)}
		for _, d := range f.Decls {
			r.declaration(d)
		}
	}
	return api, nil
}

// imports maps the names that a file calls its imports by to their paths.
func imports(f *ast.File) map[string]string {
	out := map[string]string{}
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue // the parser has checked it
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if major := strings.TrimPrefix(name, "v"); major != name && strings.Trim(major, "0123456789") == "" {
			rest := strings.TrimSuffix(path, "/"+name)
			name = rest[strings.LastIndexByte(rest, '/')+1:]
		}
		if i.Name != nil {
			name = i.Name.Name
		}
		out[name] = path
	}
	return out
}

// reader reads one file.
type reader struct {
	api     *API
	imports map[string]string
}

func (r *reader) declaration(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		r.function(d)
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				r.typeSpec(s)
			case *ast.ValueSpec:
				r.values(d.Tok, s)
			}
		}
	}
}

func (r *reader) function(d *ast.FuncDecl) {
	if !d.Name.IsExported() {
		return
	}
	if d.Recv == nil {
		r.api.Names[d.Name.Name] = "func" + r.signature(d.Type)
		return
	}
	receiver, pointer := d.Recv.List[0].Type, ""
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver, pointer = star.X, "*"
	}
	if id, ok := receiver.(*ast.Ident); ok && id.IsExported() {
		r.api.Names[id.Name+"."+d.Name.Name] = "func" + pointer + r.signature(d.Type)
	}
}

func (r *reader) values(tok token.Token, s *ast.ValueSpec) {
	for i, n := range s.Names {
		switch {
		case !n.IsExported():
		case s.Type == nil:
			r.api.Names[n.Name] = tok.String()
		case i < len(s.Values) && tok == token.CONST:
			value := ""
			if lit, ok := s.Values[i].(*ast.BasicLit); ok {
				value = " = " + lit.Value
			}
			r.api.Names[n.Name] = "const " + r.typ(s.Type) + value
		default:
			r.api.Names[n.Name] = tok.String() + " " + r.typ(s.Type)
		}
	}
}

func (r *reader) typeSpec(s *ast.TypeSpec) {
	if !s.Name.IsExported() {
		return
	}
	name := s.Name.Name
	if s.Assign.IsValid() && r.batch(name, s.Type) {
		return
	}
	switch t := s.Type.(type) {
	case *ast.StructType:
		var fields []string
		for _, f := range t.Fields.List {
			tag := ""
			if f.Tag != nil {
				tag = " " + f.Tag.Value
			}
			for _, n := range f.Names {
				if n.IsExported() {
					fields = append(fields, n.Name)
					r.api.Names[name+"."+n.Name] = r.typ(f.Type) + tag
				}
			}
		}
		r.api.Names[name] = "struct{" + strings.Join(fields, "; ") + "}"
	case *ast.InterfaceType:
		r.api.Names[name] = "interface"
		for _, m := range t.Methods.List {
			for _, n := range m.Names {
				if f, ok := m.Type.(*ast.FuncType); ok {
					r.api.Names[name+"."+n.Name] = "func" + r.signature(f)
				}
			}
		}
	default:
		r.api.Names[name] = "type " + r.typ(s.Type)
	}
}

// batch reads an alias of one of the runtime's types for the results of a
// batch as the type with its methods, which is what callers see.
func (r *reader) batch(name string, t ast.Expr) bool {
	element := ""
	if index, ok := t.(*ast.IndexExpr); ok {
		element, t = r.typ(index.Index), index.X
	}
	var method, argument string
	switch r.typ(t) {
	case "github.com/pgwright/pgwright/runtime.BatchExecResults":
		method, argument = "Exec", "func(int, error)"
	case "github.com/pgwright/pgwright/runtime.BatchOneResults":
		method, argument = "QueryRow", "func(int, "+element+", error)"
	case "github.com/pgwright/pgwright/runtime.BatchOnePointers":
		method, argument = "QueryRow", "func(int, *"+element+", error)"
	case "github.com/pgwright/pgwright/runtime.BatchManyPointers":
		method, argument = "Query", "func(int, []*"+element+", error)"
	case "github.com/pgwright/pgwright/runtime.BatchManyResults":
		method, argument = "Query", "func(int, []"+element+", error)"
	default:
		return false
	}
	r.api.Names[name] = "struct{}"
	r.api.Names[name+"."+method] = "func*(" + argument + ")"
	r.api.Names[name+".Close"] = "func*() error"
	return true
}

// signature is a function's type without the names of its parameters.
func (r *reader) signature(t *ast.FuncType) string {
	s := "(" + strings.Join(r.list(t.Params), ", ") + ")"
	switch results := r.list(t.Results); len(results) {
	case 0:
		return s
	case 1:
		return s + " " + results[0]
	default:
		return s + " (" + strings.Join(results, ", ") + ")"
	}
}

func (r *reader) list(fields *ast.FieldList) []string {
	var out []string
	if fields == nil {
		return out
	}
	for _, f := range fields.List {
		for range max(1, len(f.Names)) {
			out = append(out, r.typ(f.Type))
		}
	}
	return out
}

// typ prints a type.
func (r *reader) typ(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.ParenExpr:
		return r.typ(t.X)
	case *ast.StarExpr:
		return "*" + r.typ(t.X)
	case *ast.SelectorExpr:
		x := r.typ(t.X)
		return cmp.Or(r.imports[x], x) + "." + t.Sel.Name
	case *ast.ArrayType:
		length := ""
		if lit, ok := t.Len.(*ast.BasicLit); ok {
			length = lit.Value
		}
		return "[" + length + "]" + r.typ(t.Elt)
	case *ast.Ellipsis:
		return "..." + r.typ(t.Elt)
	case *ast.MapType:
		return "map[" + r.typ(t.Key) + "]" + r.typ(t.Value)
	case *ast.InterfaceType:
		if t.Methods == nil || len(t.Methods.List) == 0 {
			return "any"
		}
		return "interface{…}"
	case *ast.FuncType:
		return "func" + r.signature(t)
	case *ast.IndexExpr:
		return r.typ(t.X) + "[" + r.typ(t.Index) + "]"
	case *ast.IndexListExpr:
		args := make([]string, len(t.Indices))
		for i, x := range t.Indices {
			args[i] = r.typ(x)
		}
		return r.typ(t.X) + "[" + strings.Join(args, ", ") + "]"
	case *ast.StructType:
		return "struct{…}"
	default:
		return fmt.Sprintf("%T", e)
	}
}
