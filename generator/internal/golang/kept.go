package golang

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
)

// Kept is what was generated of a package before, for generating it again when
// little has changed: the files that would come out the same are not rendered
// once more. The zero value has nothing yet. A Kept is not safe for concurrent
// use.
//
// The same pointer to a query, table or type must mean the same content: what
// has changed has to be a new one.
type Kept struct {
	// Rendered counts the files that were.
	Rendered int

	// singulars are those of the names of tables, as sqlc makes them or as they
	// should be.
	singulars map[string]string
	asSQLC    bool

	options string
	tables  []*model.Table
	types   []*model.Type
	files   map[string]*keptFile
}

// keptFile is a file with all that decided what is in it, besides what the
// whole package has in common.
type keptFile struct {
	queries []*model.Query
	names   string
	file    File
	// noted and imports are what writing the file had the generator remember.
	noted   noted
	imports map[string]string
}

// noted is what the code of a file needs of other files.
type noted struct {
	// decoders and encoders are the composites that need such a method.
	decoders, encoders map[typeKey]bool
	// readNulls and writtenNulls are the enums of which a struct that can be NULL
	// is read and written.
	readNulls, writtenNulls map[typeKey]bool
	usedTypes               map[typeKey]bool
}

func newNoted() noted {
	return noted{
		decoders: map[typeKey]bool{}, encoders: map[typeKey]bool{},
		readNulls: map[typeKey]bool{}, writtenNulls: map[typeKey]bool{}, usedTypes: map[typeKey]bool{},
	}
}

func (n *noted) join(other noted) {
	maps.Copy(n.decoders, other.decoders)
	maps.Copy(n.encoders, other.encoders)
	maps.Copy(n.readNulls, other.readNulls)
	maps.Copy(n.writtenNulls, other.writtenNulls)
	maps.Copy(n.usedTypes, other.usedTypes)
}

// noting returns what f has the generator note, which it notes as well.
func (g *generator) noting(f func()) noted {
	before := g.noted
	g.noted = newNoted()
	f()
	out := g.noted
	before.join(out)
	g.noted = before
	return out
}

// Generate is the function [Generate].
func (k *Kept) Generate(pkg *model.Package, opt Options, recall Recall) ([]File, diag.List) {
	g := newGenerator(pkg, opt)
	if k.singulars != nil && k.asSQLC == opt.SQLCNames {
		g.names.singulars = k.singulars
	}
	k.singulars, k.asSQLC = g.names.singulars, opt.SQLCNames
	g.prepare()
	if g.diags.HasErrors() {
		return nil, g.diags
	}
	k.begin(g)
	files := g.sources(k)
	slices.SortStableFunc(files, func(a, b *source) int { return strings.Compare(a.name, b.name) })
	out := g.render(files, recall)
	if g.diags.HasErrors() {
		return nil, g.diags
	}
	k.keep(files, out)
	return out, g.diags
}

// begin forgets everything if it was about another package than this.
func (k *Kept) begin(g *generator) {
	opt, models := g.opt, Models{}
	if opt.Models != nil {
		models, opt.Models = *opt.Models, nil // a pointer is printed as such
	}
	options := fmt.Sprintf("%q %+v %+v", g.pkg.DefaultSchema, opt, models)
	if k.options == options && slices.Equal(k.tables, g.pkg.Tables) && slices.Equal(k.types, g.pkg.Types) {
		return
	}
	k.options, k.tables, k.types, k.files = options, g.pkg.Tables, g.pkg.Types, nil
}

// keep remembers what was rendered, and nothing else.
func (k *Kept) keep(sources []*source, files []File) {
	now := map[string]*keptFile{}
	for i, s := range sources {
		if s.file != nil {
			k.Rendered++
		}
		if s.kept != nil {
			s.kept.file = files[i]
			now[s.key] = s.kept
		}
	}
	k.files = now
}

// sources are the files of a package, those that are kept already as text.
func (g *generator) sources(k *Kept) []*source {
	modelOf := map[*query]*model.Query{}
	for i, q := range g.queries {
		modelOf[q] = g.pkg.Queries[i]
	}
	var files []*source
	in := func(name string) string { return path.Join(g.opt.Folder, name) }
	// Queries first: they decide which methods the models need.
	for _, group := range g.groups() {
		name := group.base
		if !group.own {
			name = g.fileName(group.base)
		}
		is := &keptFile{names: g.namesOf(group)}
		for _, q := range group.queries {
			is.queries = append(is.queries, modelOf[q])
		}
		s := &source{name: in(name), key: fmt.Sprintf("queries %t %s", group.own, group.base), kept: is}
		if !s.recall(g, k) {
			is.noted = g.noting(func() { s.file = g.queryFile(group) })
			is.imports = maps.Clone(g.imports)
		}
		files = append(files, s)
	}
	db := g.dbFile()
	g.modelFuncs(db)
	files = append(files, &source{name: in(goFile(g.opt.DBFile, "db")), file: db})
	if g.opt.Models == nil || !g.opt.Models.Elsewhere {
		models := &source{name: g.modelsPath(), key: "models", kept: &keptFile{
			names: fmt.Sprint(g.noted, g.usedTables, g.tableDecoders, g.imports),
		}}
		if !models.recall(g, k) {
			models.file = g.modelsFile()
			models.kept.noted, models.kept.imports = g.noted, maps.Clone(g.imports)
		}
		if models.file != nil || models.text != nil {
			files = append(files, models)
		}
	}
	if g.opt.Interface {
		files = append(files, &source{name: in(goFile(g.opt.QuerierFile, "querier")), file: g.querierFile()})
	}
	return files
}

// recall takes the text of a file from what is kept, if nothing is otherwise
// that decides on it.
func (s *source) recall(g *generator, k *Kept) bool {
	old := k.files[s.key]
	if old == nil || old.names != s.kept.names || old.file.Name != s.name || !slices.Equal(old.queries, s.kept.queries) {
		return false
	}
	g.noted.join(old.noted)
	g.imports = maps.Clone(old.imports)
	s.kept, s.text, s.digest = old, old.file.Content, old.file.Source
	return true
}

// namesOf is all that the code of a group's queries has of the rest of the
// package's queries: the names that were still free for it, the shapes of rows
// that they share, and the imports that are known.
func (g *generator) namesOf(gr *group) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%t %t %t %v\n", g.copies, g.batches, g.verify, g.imports) // a Builder takes everything
	for _, q := range gr.queries {
		_, _ = fmt.Fprintf(&b, "%q %q %q %q %q %q", q.variable, q.constant, q.paramsStruct, q.paramNames, q.batch, q.stream)
		if r := q.row; r != nil {
			_, _ = fmt.Fprintf(&b, " %q %t %t", r.name, r.own, r.table != nil)
			if r.table != nil {
				_, _ = fmt.Fprintf(&b, " %q %q", r.table.Schema, r.table.Name)
			}
		}
		_, _ = fmt.Fprintf(&b, " %q\n", cmp.Or(q.Output, path.Base(q.File)))
	}
	return b.String()
}
