package config

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
)

// GoType is the Go type of an override. With both Slice and Pointer it is a
// slice of pointers.
type GoType struct {
	// Import is the import path, empty for a type of the generated package or of
	// the language.
	Import string
	// Package is the name that qualifies the type: as configured, and otherwise
	// what an import path like this one usually declares. It is empty if Import
	// is.
	Package string
	// Type is the type's name without the package, possibly with type arguments
	// of the language's own types. Without an Import it may be any type
	// expression that needs none, such as "map[string]string".
	Type string
	// Pointer and Slice modify the type.
	Pointer, Slice bool
	// BuiltIn marks a type that is the language's own, such as "string" or
	// "[]byte", where the brackets are in Slice.
	BuiltIn bool
}

// IsZero reports whether no type was given.
func (t GoType) IsZero() bool { return t == GoType{} }

// goType reads one of the two forms: text, or a mapping.
func (r *reader) goType(n *node) GoType {
	switch n.kind {
	case text:
		out, problem, hint := parseGoType(n.scalar)
		if problem != "" {
			r.errorAt(n.pos, fmt.Sprintf("go_type %s: %q", problem, n.scalar), hint)
		}
		return out
	case mapping:
		return r.goTypeTable(n)
	default:
		r.errorAt(n.pos, "go_type must be a type such as \"github.com/google/uuid.UUID\", or a mapping, not "+n.describe(), "")
		return GoType{}
	}
}

func (r *reader) goTypeTable(n *node) GoType {
	t := r.table(n, "go_type")
	var out GoType
	t.text("import", &out.Import)
	t.text("package", &out.Package)
	t.flag("pointer", &out.Pointer)
	t.flag("slice", &out.Slice)
	if !t.text("type", &out.Type) || out.Type == "" {
		t.missing("type", "give the type's name without the package")
		t.done()
		return out
	}
	t.done()
	if out.Import == "" {
		if out.Package != "" {
			r.errorAt(t.pos("package"), "go_type has a package and no import", "add the import path")
		}
		if problem := checkLocalType(out.Type); problem != "" {
			r.errorAt(t.pos("type"), fmt.Sprintf("type %s: %q", problem, out.Type), "for a type of another package add import")
		}
		out.BuiltIn = isPredeclared(out.Type)
		return out
	}
	if !isImportPath(out.Import) {
		r.errorAt(t.pos("import"), fmt.Sprintf("import is not an import path: %q", out.Import), "")
	}
	if problem := checkImportedType(out.Type); problem != "" {
		r.errorAt(t.pos("type"), fmt.Sprintf("type %s: %q", problem, out.Type), "the package stands in import; pointers and slices are switches of their own")
	}
	if out.Package == "" {
		out.Package = packageOf(out.Import)
	} else if !isPackageName(out.Package) {
		r.errorAt(t.pos("package"), fmt.Sprintf("%q is not a name for a Go package", out.Package), "")
	}
	return out
}

// parseGoType reads the short form: an optional [] and *, then a type of the
// language, or an import path, a dot and a type.
func parseGoType(s string) (out GoType, problem, hint string) {
	rest := strings.TrimSpace(s)
	rest, out.Slice = strings.CutPrefix(rest, "[]")
	rest, out.Pointer = strings.CutPrefix(rest, "*")
	switch {
	case rest == "":
		return out, "names no type", `write the import path, a dot and the type: "github.com/google/uuid.UUID"`
	case out.Pointer && strings.HasPrefix(rest, "[]"):
		return out, "is a pointer to a slice", "a slice has a nil of its own: leave the * out"
	}
	name, arguments := rest, ""
	if i := strings.IndexByte(rest, '['); i >= 0 && strings.HasSuffix(rest, "]") {
		name, arguments = rest[:i], rest[i:]
	}
	dot, slash := strings.LastIndexByte(name, '.'), strings.LastIndexByte(name, '/')
	if dot < 0 && slash < 0 {
		out.Type = rest
		if !isPredeclared(rest) {
			return out, "is not a type of the language", `write the import path before the type: "github.com/google/uuid.UUID"; for a type of the generated package use the form go_type: {type: …}`
		}
		out.BuiltIn = true
		return out, "", ""
	}
	if dot < slash {
		return out, "names no type", `write the import path, a dot and the type: "github.com/google/uuid.UUID"`
	}
	out.Import, out.Type = name[:dot], name[dot+1:]+arguments
	if !isImportPath(out.Import) {
		return out, "has no import path before the type", `write it as in "github.com/google/uuid.UUID"`
	}
	if problem := checkImportedType(out.Type); problem != "" {
		return out, problem, `write the import path, a dot and the type: "github.com/google/uuid.UUID"`
	}
	out.Package = packageOf(out.Import)
	return out, "", ""
}

// isPredeclared reports whether a name is a type of the language.
func isPredeclared(name string) bool {
	switch name {
	case "any", "bool", "byte", "complex64", "complex128", "error", "float32", "float64",
		"int", "int8", "int16", "int32", "int64", "rune", "string",
		"uint", "uint8", "uint16", "uint32", "uint64", "uintptr":
		return true
	}
	return false
}

// checkLocalType returns what is wrong with a type expression that has no
// import, or "".
func checkLocalType(s string) string {
	expr, err := parser.ParseExpr(s)
	if err != nil {
		return "is not a Go type"
	}
	return checkTypeExpr(expr)
}

func checkTypeExpr(expr ast.Expr) string {
	switch e := expr.(type) {
	case *ast.Ident:
		if e.Name == "_" || token.IsKeyword(e.Name) {
			return "is not a Go type"
		}
		return ""
	case *ast.StarExpr:
		return checkTypeExpr(e.X)
	case *ast.ArrayType:
		if lit, ok := e.Len.(*ast.BasicLit); e.Len != nil && (!ok || lit.Kind != token.INT) {
			return "is not a Go type"
		}
		return checkTypeExpr(e.Elt)
	case *ast.MapType:
		if problem := checkTypeExpr(e.Key); problem != "" {
			return problem
		}
		return checkTypeExpr(e.Value)
	case *ast.IndexExpr:
		if problem := checkTypeExpr(e.X); problem != "" {
			return problem
		}
		return checkTypeExpr(e.Index)
	case *ast.IndexListExpr:
		for _, x := range append([]ast.Expr{e.X}, e.Indices...) {
			if problem := checkTypeExpr(x); problem != "" {
				return problem
			}
		}
		return ""
	case *ast.InterfaceType:
		if e.Methods != nil && len(e.Methods.List) > 0 {
			return "is not a type that can be given in place"
		}
		return ""
	case *ast.SelectorExpr:
		return "names a package that is not imported"
	default:
		return "is not a Go type"
	}
}

// checkImportedType returns what is wrong with the type's name after an import
// path, or "".
func checkImportedType(s string) string {
	expr, err := parser.ParseExpr(s)
	if err != nil {
		return "is not the name of a type"
	}
	base := expr
	switch e := expr.(type) {
	case *ast.IndexExpr:
		base = e.X
	case *ast.IndexListExpr:
		base = e.X
	}
	name, ok := base.(*ast.Ident)
	if !ok {
		return "is not the name of a type"
	}
	if !name.IsExported() {
		return "is not exported"
	}
	return checkTypeExpr(expr)
}

// isImportPath follows the compiler: printable characters without the ones
// that quoting or a file name would trip over, and no empty element.
func isImportPath(p string) bool {
	if p == "" || path.IsAbs(p) || path.Clean(p) != p || strings.HasPrefix(p, ".") || p == "C" {
		return false
	}
	for _, c := range p {
		if c <= ' ' || c == 0x7f || strings.ContainsRune("!\"#$%&'()*,:;<=>?[\\]^`{|}\uFFFD", c) {
			return false
		}
	}
	return true
}

// packageOf guesses the name that a package with an import path declares: its
// last element, without a major version and the go that some put around it.
func packageOf(importPath string) string {
	name := path.Base(importPath)
	if isMajor(name) && path.Dir(importPath) != "." {
		name = path.Base(path.Dir(importPath))
	}
	if i := strings.LastIndex(name, ".v"); i > 0 && isMajor(name[i+1:]) {
		name = name[:i]
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "go-"), "-go")
	name = strings.TrimSuffix(strings.TrimPrefix(name, "go."), ".go")
	var b strings.Builder
	for i, c := range name {
		switch {
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9':
			b.WriteRune(c)
		default:
			b.WriteByte('_')
		}
	}
	if out := b.String(); isPackageName(out) {
		return out
	}
	return "pkg"
}

// isMajor reports whether a path element is a major version, such as "v5".
func isMajor(s string) bool {
	digits, ok := strings.CutPrefix(s, "v")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}
