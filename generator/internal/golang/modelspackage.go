package golang

import (
	"maps"
	"path"

	"github.com/dave/jennifer/jen"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// Models is a package of its own for what the schema defines: the structs of
// tables, the enums and the composites. It holds types alone. What reads and
// writes them stands beside the queries, so that two packages of queries can
// have the same models.
type Models struct {
	// Name and Import are the package's name and import path.
	Name, Import string
	// Folder is where its file goes.
	Folder string
	// Elsewhere is true if somebody else writes the file.
	Elsewhere bool
}

// modelsName is what generated code calls that package, as sqlc does: the name
// of its own could be that of another import.
const modelsName = "models"

// apart reports whether a model is in another package.
func (g *generator) apart(name string) bool { return g.opt.Models != nil && !g.own[name] }

// ownRecords are the row types that the models do without: those of whole rows
// that queries return. They stay with the queries, so that the models are the
// same whatever is queried.
func (g *generator) ownRecords() map[typeKey]bool {
	if g.opt.Models == nil {
		return nil
	}
	own := map[typeKey]bool{}
	for _, c := range g.composites {
		own[typeKey{c.Schema, c.Name}] = c.RowOf != nil
	}
	var needed func(t *model.Type)
	needed = func(t *model.Type) {
		switch k := (typeKey{}); {
		case t == nil:
		case t.Kind == model.Composite:
			k = typeKey{t.Schema, t.Name}
			if t.RowOf != nil && !own[k] {
				return // seen before
			}
			own[k] = false
			for _, f := range t.Fields {
				needed(f.Type)
			}
		default:
			needed(t.Element)
		}
	}
	for _, c := range g.composites {
		if c.RowOf == nil {
			needed(c)
		}
	}
	for _, t := range g.pkg.Tables {
		for _, c := range t.Columns {
			needed(c.Type)
		}
	}
	return own
}

// model is the Go type of an enum, a composite or a table's struct.
func (g *generator) model(name string) goType {
	if !g.apart(name) {
		return goType{name: name}
	}
	return goType{path: g.opt.Models.Import, alias: modelsName, name: name}
}

// modelFunc is the function that decodes or encodes a model: the method of that
// name or, since a type has no methods outside of its package, a function.
func (g *generator) modelFunc(verb, name string) *jen.Statement {
	if !g.apart(name) {
		return jen.Parens(jen.Op("*").Id(name)).Dot(verb)
	}
	return jen.Id(verb + name)
}

// defineModelFunc begins the definition of a [generator.modelFunc]; v is the
// model.
func (g *generator) defineModelFunc(verb, name string, param jen.Code) *jen.Statement {
	v := jen.Id("v").Op("*").Add(g.model(name).code())
	if !g.apart(name) {
		return jen.Func().Params(v).Id(verb).Params(param)
	}
	return jen.Func().Id(verb+name).Params(v, param)
}

// reserveModelFuncs keeps the variables of queries, their types and their
// parameters from having the names of these functions.
func (g *generator) reserveModelFuncs(variables *scope) {
	for _, name := range g.nullNames {
		variables.used["read"+name], variables.used["write"+name] = true, true
	}
	if g.opt.Models == nil {
		return
	}
	g.reserved = map[string]bool{modelsName: true}
	for _, name := range g.nullNames {
		g.reserved["read"+name], g.reserved["write"+name] = true, true
	}
	for _, name := range g.typeNames {
		g.reserved["decode"+name], g.reserved["encode"+name] = true, true
	}
	for _, name := range g.tableNames {
		g.reserved["decode"+name] = true
	}
	maps.Copy(variables.used, g.reserved)
	maps.Copy(g.top.used, g.reserved)
}

// modelFuncs writes the functions for the models of another package. Those of
// tables come first: they decide which of the others there are, and composites
// which enums are read.
func (g *generator) modelFuncs(f *jen.File) {
	if g.opt.Models == nil {
		return
	}
	for _, t := range g.pkg.Tables {
		g.tableFuncs(f, t)
	}
	for _, c := range g.composites {
		k := typeKey{c.Schema, c.Name}
		switch {
		case g.apart(g.typeNames[k]):
			g.compositeFuncs(f, c, g.compositeFields(c))
		case g.usedTypes[k]:
			g.composite(f, c)
		}
	}
	for _, e := range g.enums {
		g.nullEnumFuncs(f, e)
	}
}

// tableFuncs writes what decodes a table's struct, if anything does.
func (g *generator) tableFuncs(f *jen.File, t *model.Table) {
	k := tableKey{t.Schema, t.Name}
	if g.tableDecoders[k] {
		g.decodeMethod(f, g.tableNames[k], g.tableFields(t))
	}
}

// compositeFuncs writes what decodes and encodes a composite, as far as that is
// done.
func (g *generator) compositeFuncs(f *jen.File, t *model.Type, fields []*field) {
	k := typeKey{t.Schema, t.Name}
	name := g.typeNames[k]
	if g.decoders[k] {
		g.decodeMethod(f, name, fields)
	}
	if g.encoders[k] {
		f.Line()
		f.Add(g.defineModelFunc("encode", name, jen.Id("e").Op("*").Qual(runtimePath, "Encoder")).BlockFunc(func(b *jen.Group) {
			for _, fd := range fields {
				b.Id("e").Dot("Field").Call(fd.codec.pg())
				b.Add(fd.codec.write(jen.Id("v").Dot(fd.name)))
			}
		}))
	}
}

// nullEnumFuncs writes what reads and writes the struct for an enum that can be
// NULL, as far as that is done.
func (g *generator) nullEnumFuncs(f *jen.File, t *model.Type) {
	k := typeKey{t.Schema, t.Name}
	name, null := g.typeNames[k], g.nullNames[k]
	if g.readNulls[k] {
		f.Line()
		f.Func().Id("read"+null).Params(jen.Id("row").Op("*").Qual(runtimePath, "Row")).Add(g.model(null).code()).Block(
			jen.List(jen.Id("v"), jen.Id("valid")).Op(":=").Qual(runtimePath, "EnumOrNull").Types(g.model(name).code()).Call(jen.Id("row")),
			jen.Return(g.model(null).code().Values(jen.Id(name).Op(":").Id("v"), jen.Id("Valid").Op(":").Id("valid"))),
		)
	}
	if g.writtenNulls[k] {
		f.Line()
		f.Func().Id("write"+null).Params(jen.Id("e").Op("*").Qual(runtimePath, "Encoder"), jen.Id("v").Add(g.model(null).code())).Block(
			jen.Qual(runtimePath, "EncodeEnumOrNull").Call(jen.Id("e"), jen.Id("v").Dot(name), jen.Id("v").Dot("Valid")),
		)
	}
}

// modelsPath is the path of the models' file.
func (g *generator) modelsPath() string {
	folder := g.opt.Folder
	if g.opt.Models != nil {
		folder = g.opt.Models.Folder
	}
	return path.Join(folder, goFile(g.opt.ModelsFile, "models"))
}

// newModelsFile begins the models' file, in which the models are called by
// their names alone.
func (g *generator) newModelsFile() *jen.File {
	if m := g.opt.Models; m != nil {
		return g.begin(m.Import, m.Name, "")
	}
	return g.file("")
}

// importModels gives the package of the models its name in a file.
func (g *generator) importModels(f *jen.File) {
	m := g.opt.Models
	switch {
	case m == nil:
	case m.Name == modelsName && path.Base(m.Import) == modelsName:
		f.ImportName(m.Import, modelsName)
	default:
		f.ImportAlias(m.Import, modelsName)
	}
}
