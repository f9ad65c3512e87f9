package static

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/sqlcplugin"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// builtinTypes are the types of pg_catalog whose OIDs PostgreSQL's source
// assigns (src/include/catalog/pg_type.dat): OID, name, OID of the array,
// kind, subtype of a range, whether there is a binary format, category, and
// the name that format_type gives.
//
//go:embed types.txt
var builtinTypes string

// aliases are names of types that are words of SQL, or of sqlc, and no names in
// the catalog.
var aliases = map[string]string{
	"integer": "int4", "int": "int4", "bigint": "int8", "smallint": "int2", "real": "float4", "float": "float8",
	"boolean": "bool", "decimal": "numeric", "dec": "numeric", "character": "bpchar", "nchar": "bpchar",
	"serial": "int4", "serial4": "int4", "bigserial": "int8", "serial8": "int8", "smallserial": "int2", "serial2": "int2",
	"string": "text",
}

// world is the catalog, made of what sqlc says of the schema and of what the
// schema files say beyond that.
type world struct {
	*catalog.Catalog
	ddl *ddl
	// types and relations are those of the catalog by name.
	types     map[key]uint32
	relations map[key]*catalog.Relation
	next      uint32
	// doubts says of columns that sqlc calls NOT NULL why they are not.
	doubts map[*catalog.Column]string
	// unknown are the types that nobody declares, by the tables that use them.
	unknown map[string]key
	// queries remembers what the queries of views and of tables made by queries
	// give; nil while one is being read.
	queries map[key]*relation
}

// newWorld builds the catalog of a request.
func newWorld(request *sqlcplugin.Request, d *ddl) *world {
	w := &world{
		Catalog: &catalog.Catalog{
			SearchPath: []string{defaultSchema}, Types: map[uint32]*catalog.Type{},
			Relations: map[uint32]*catalog.Relation{}, Functions: map[uint32]*catalog.Function{},
		},
		ddl: d, types: map[key]uint32{}, relations: map[key]*catalog.Relation{}, next: catalog.FirstUserOID,
		doubts: map[*catalog.Column]string{}, unknown: map[string]key{}, queries: map[key]*relation{},
	}
	w.builtins()
	w.declareTypes(request)
	w.declareRelations(request)
	w.families()
	w.describeTypes()
	w.describeFunctions()
	return w
}

func (w *world) builtins() {
	for line := range strings.Lines(builtinTypes) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 8)
		t := &catalog.Type{
			OID: number(f[0]), Schema: "pg_catalog", Name: f[1], Display: f[7], Kind: catalog.TypeKind(f[3][0]), Category: f[6][0],
			Array: number(f[2]), Subtype: number(f[4]), Binary: f[5] == "1",
		}
		w.add(t)
		if t.Array != 0 {
			w.add(&catalog.Type{
				OID: t.Array, Schema: "pg_catalog", Name: "_" + t.Name, Display: t.Display + "[]", Kind: catalog.Base, Category: 'A',
				Element: t.OID, Binary: t.Binary,
			})
		}
	}
	for _, d := range informationSchema {
		w.declare(key{"information_schema", d[0]}, catalog.Domain).Base = w.builtin(d[1])
	}
}

// informationSchema has the domains of information_schema.
var informationSchema = [][2]string{
	{"cardinal_number", "int4"}, {"character_data", "varchar"}, {"sql_identifier", "name"}, {"time_stamp", "timestamptz"}, {"yes_or_no", "varchar"},
}

// number reads an OID of the table above, whose form a test checks.
func number(s string) uint32 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

func (w *world) add(t *catalog.Type) {
	w.Types[t.OID] = t
	w.types[key{t.Schema, t.Name}] = t.OID
}

// fresh is an OID that nothing has. Generated code has none of them.
func (w *world) fresh() uint32 {
	w.next++
	return w.next - 1
}

// declare adds a type of the user's, and that of its arrays.
func (w *world) declare(k key, kind catalog.TypeKind) *catalog.Type {
	display := sqltext.Identifier(k[1])
	if k[0] != defaultSchema {
		display = sqltext.Identifier(k[0]) + "." + display
	}
	t := &catalog.Type{OID: w.fresh(), Array: w.fresh(), Schema: k[0], Name: k[1], Display: display, Kind: kind, Category: 'U', Binary: true}
	w.add(t)
	array := &catalog.Type{
		OID: t.Array, Schema: k[0], Name: "_" + k[1], Display: display + "[]", Kind: catalog.Base, Category: 'A', Element: t.OID, Binary: true,
	}
	w.Types[array.OID] = array
	return t
}

func (w *world) declareTypes(request *sqlcplugin.Request) {
	for _, s := range request.Catalog.Schemas {
		for _, e := range s.Enums {
			t := w.declare(key{s.Name, e.Name}, catalog.Enum)
			t.Category, t.Labels, t.Comment = 'E', e.Values, e.Comment
		}
		for _, c := range s.Composites {
			if _, ok := w.ddl.composites[key{s.Name, c.Name}]; !ok {
				continue
			}
			t := w.declare(key{s.Name, c.Name}, catalog.Composite)
			t.Category, t.Comment = 'C', c.Comment
		}
	}
	for _, k := range w.ddl.order {
		_, domain := w.ddl.domains[k]
		_, ranged := w.ddl.ranges[k]
		_, multi := w.ddl.ranges[w.ddl.multiranges[k]]
		_, composite := w.ddl.composites[k]
		switch {
		case w.types[k] != 0:
		case domain:
			w.declare(k, catalog.Domain)
		case ranged:
			w.declare(k, catalog.Range).Category = 'R'
		case multi:
			w.declare(k, catalog.Multirange).Category = 'R'
		case composite:
			w.declare(k, catalog.Composite).Category = 'C'
		}
	}
}

func (w *world) declareRelations(request *sqlcplugin.Request) {
	for _, s := range request.Catalog.Schemas {
		for _, t := range s.Tables {
			w.declareRelation(key{s.Name, t.Rel.Name}, t)
		}
	}
	for _, k := range w.ddl.sorted() {
		d := w.ddl.relations[k]
		for _, parent := range d.parents {
			if of := w.ddl.relations[parent]; d.kind == foreign && of != nil {
				of.doubtful = "the foreign table " + k[1] + " is part of it"
			}
			if p, c := w.relations[parent], w.relations[k]; p != nil && c != nil {
				p.Children = append(p.Children, c.OID)
			}
		}
	}
}

func (w *world) declareRelation(k key, t *sqlcplugin.Table) {
	r := &catalog.Relation{OID: w.fresh(), Schema: k[0], Name: k[1], Kind: catalog.Table, Comment: t.Comment}
	switch d := w.ddl.relations[k]; {
	case d == nil:
	case d.kind == view:
		r.Kind = catalog.View
	case d.kind == foreign:
		r.Kind = catalog.ForeignTable
	case d.kind == stored && d.body != nil && d.body.word(1) == "materialized":
		r.Kind = catalog.MaterializedView
	case len(d.parents) > 0:
		r.Partition = d.at.File != nil && isPartition(d)
	}
	w.Relations[r.OID], w.relations[k] = r, r
	if k[0] != "pg_catalog" && k[0] != "information_schema" && w.types[k] == 0 {
		row := w.declare(k, catalog.Composite)
		row.Category, row.Relation, r.Type = 'C', r.OID, row.OID
	}
	for i, c := range t.Columns {
		oid, known := w.typeNamed(c.Type.Schema, c.Type.Name)
		switch d := w.ddl.relations[k]; {
		case d != nil && d.kind != plain && d.kind != foreign:
			oid = 0 // sqlc guesses what the query gives
		case !known && k[0] == "information_schema":
			oid = w.types[key{k[0], c.Type.Name}]
		case !known && k[0] != "pg_catalog":
			oid = w.foreignType(k, c)
		}
		column := &catalog.Column{Number: int16(i + 1), Name: c.Name, Type: oid, Comment: c.Comment, NotNull: c.NotNull}
		if c.Array {
			column.Type, column.Dimensions = w.arrayOf(oid), max(1, c.Dimensions)
		}
		r.Columns = append(r.Columns, column)
	}
}

// families takes the trust from tables that inherit from each other, if NOT NULL
// was given to one of them but the first: sqlc gives it to all.
func (w *world) families() {
	root := func(k key) key {
		for range len(w.ddl.relations) {
			d := w.ddl.relations[k]
			if d == nil || len(d.parents) == 0 {
				return k
			}
			k = d.parents[0]
		}
		return k
	}
	raised := map[key]string{}
	for _, k := range w.ddl.sorted() {
		d := w.ddl.relations[k]
		if len(d.parents) == 0 {
			continue
		}
		of := w.relations[d.parents[0]]
		again := len(d.parents) > 1 || d.raised || of == nil || slices.ContainsFunc(of.Columns, func(c *catalog.Column) bool { return slices.Contains(d.own, c.Name) })
		if again {
			raised[root(k)] = k[1]
		}
	}
	for k, d := range w.ddl.relations {
		if by, ok := raised[root(k)]; ok && d.doubtful == "" && d.kind == plain {
			d.doubtful = "sqlc takes what holds for " + by + " to hold for what it inherits from"
		}
	}
}

// isPartition reports whether a table was created as a partition of another.
func isPartition(d *declared) bool {
	t := newText(d.at.File.Text[d.at.Start:d.at.End])
	for i := range t.tokens {
		if t.words(i, "partition", "of") {
			return true
		}
	}
	return false
}

// extensionOf has the extensions of types that are not called as they are.
var extensionOf = map[string]string{
	"geometry": "postgis", "geography": "postgis", "lquery": "ltree", "ltxtquery": "ltree", "halfvec": "vector", "sparsevec": "vector",
}

// foreignType makes a type that no schema file declares: one of an extension.
// It travels as text.
func (w *world) foreignType(table key, c *sqlcplugin.Column) uint32 {
	name := c.Type.Name
	extension := name
	if of, ok := extensionOf[name]; ok {
		extension = of
	}
	k := inSchema(c.Type.Schema, name)
	if s, ok := w.ddl.extensions[extension]; ok {
		if c.Type.Schema == "" {
			k[0] = s
		}
	} else {
		extension = ""
		w.unknown[k[0]+"."+k[1]] = table
	}
	if oid, ok := w.types[k]; ok {
		return oid
	}
	t := w.declare(k, catalog.Base)
	t.Extension = extension
	w.Types[t.Array].Extension = extension
	return t.OID
}

func (w *world) arrayOf(oid uint32) uint32 {
	if t := w.Types[oid]; t != nil && t.Array != 0 {
		return t.Array
	}
	return oid
}

// named is the type with a name, as sqlc writes it.
func (w *world) typeNamed(schema, name string) (uint32, bool) {
	if schema == "" {
		if s, n, qualified := strings.Cut(name, "."); qualified && s == "pg_catalog" {
			schema, name = s, n
		}
	}
	path := []string{"pg_catalog", defaultSchema}
	if schema != "" {
		path = []string{schema}
	}
	for _, s := range path {
		if oid, ok := w.types[key{s, name}]; ok {
			return oid, true
		}
		if alias, ok := aliases[name]; ok && s == "pg_catalog" {
			return w.types[key{s, alias}], true
		}
	}
	return 0, false
}

// typeAt reads a type as it is written. It returns the token behind it, and
// 0 for what is not known.
func (w *world) typeAt(t *text, i int) (oid uint32, dimensions, next int) {
	schema, name, next := t.qualified(i)
	word := t.word(i)
	if schema != "" {
		word = ""
	}
	if word == "national" {
		name, word, next = "character", "character", next+1
	}
	modifiers := func() {
		if t.is(next, "(") && t.pair(next) > 0 {
			next = t.pair(next) + 1
		}
	}
	switch word {
	case "double":
		if t.word(next) == "precision" {
			name, next = "float8", next+1
		}
	case "char", "character", "bit":
		if name = map[string]string{"char": "bpchar", "character": "bpchar", "bit": "bit"}[word]; t.word(next) == "varying" {
			name, next = map[string]string{"bpchar": "varchar", "bit": "varbit"}[name], next+1
		}
	case "float":
		if t.is(next, "(") {
			if number(t.raw(next+1)) < 25 {
				name = "float4"
			}
		}
	case "timestamp", "time":
		modifiers()
		if t.words(next, "with", "time", "zone") {
			name, next = word+"tz", next+3
		} else if t.words(next, "without", "time", "zone") {
			next += 3
		}
	case "interval":
		for {
			switch t.word(next) {
			case "year", "month", "day", "hour", "minute", "second", "to":
				next++
				continue
			}
			break
		}
	}
	modifiers()
	oid, _ = w.typeNamed(schema, name)
	for {
		switch {
		case t.is(next, "[") && t.pair(next) > 0:
			next = t.pair(next) + 1
			dimensions++
			continue
		case t.word(next) == "array" && dimensions == 0:
			next++
			dimensions = 1
			continue
		}
		break
	}
	if t.word(next-1) == "array" && t.is(next, "[") {
		next = t.pair(next) + 1
	}
	if dimensions > 0 && oid != 0 {
		oid = w.arrayOf(oid)
	}
	return oid, dimensions, next
}

func (w *world) spelled(s spelled) (oid uint32, dimensions int) {
	oid, dimensions, _ = w.typeAt(s.body, s.at)
	return oid, dimensions
}

// describeTypes says what the types are made of, now that all have names.
func (w *world) describeTypes() {
	for _, k := range w.ddl.order {
		t := w.Types[w.types[k]]
		if t == nil {
			continue
		}
		switch t.Kind {
		case catalog.Domain:
			t.Base, t.Dimensions = w.spelled(w.ddl.domains[k])
			if base := w.Types[t.Base]; base == nil {
				t.Base = w.types[key{"pg_catalog", "text"}]
			} else {
				t.Category = base.Category
			}
		case catalog.Range:
			t.Subtype, _ = w.spelled(w.ddl.ranges[k])
		case catalog.Multirange:
			t.Subtype = w.types[w.ddl.multiranges[k]]
		case catalog.Composite:
			r := &catalog.Relation{OID: w.fresh(), Schema: k[0], Name: k[1], Kind: catalog.CompositeType, Type: t.OID}
			w.Relations[r.OID], t.Relation = r, r.OID
			for i, f := range w.ddl.composites[k] {
				oid, dimensions := w.spelled(f.typ)
				if oid == 0 {
					_, name, _ := f.typ.body.qualified(f.typ.at)
					oid = w.foreignType(k, &sqlcplugin.Column{Type: sqlcplugin.Identifier{Name: name}})
				}
				r.Columns = append(r.Columns, &catalog.Column{Number: int16(i + 1), Name: f.name, Type: oid, Dimensions: dimensions})
			}
		}
	}
}

// describeFunctions adds the functions that a call can only mean one of.
func (w *world) describeFunctions() {
	for _, name := range slices.Sorted(maps.Keys(w.ddl.functions)) {
		list := w.ddl.functions[name]
		if len(list) != 1 || list[0] == nil {
			continue
		}
		f := &catalog.Function{OID: w.fresh(), Schema: defaultSchema, Name: name, Kind: catalog.PlainFunction, ReturnsSet: list[0].setOf}
		for _, a := range list[0].arguments {
			oid, _ := w.spelled(a.typ)
			f.Arguments, f.ArgumentNames = append(f.Arguments, oid), append(f.ArgumentNames, a.name)
		}
		w.Functions[f.OID] = f
	}
}

// base follows domains down to the type that they are over.
func (w *world) base(oid uint32) uint32 {
	for t := w.Types[oid]; t != nil && t.Kind == catalog.Domain; t = w.Types[oid] {
		oid = t.Base
	}
	return oid
}

// typeName is the name of a type of PostgreSQL's own, without its schema, else
// "".
func (w *world) typeName(oid uint32) string {
	if t := w.Types[oid]; t != nil && t.Schema == "pg_catalog" {
		return t.Name
	}
	return ""
}

func (w *world) builtin(name string) uint32 { return w.types[key{"pg_catalog", name}] }

// element is what an array is of, 0 for all else.
func (w *world) element(oid uint32) uint32 {
	if t := w.Types[w.base(oid)]; t != nil {
		return t.Element
	}
	return 0
}

// notNull says whether a stored column can hold no NULL, and if sqlc says so
// but it is not to be relied upon, why.
func (w *world) notNull(r *catalog.Relation, c *catalog.Column) (bool, string) {
	d := w.ddl.relations[key{r.Schema, r.Name}]
	switch {
	case !c.NotNull && (d == nil || d.freed || !slices.Contains(d.keyed, c.Name)):
		return false, r.Name + "." + c.Name + " is nullable"
	case d == nil:
		return false, "no schema file creates the table " + r.Name
	case d.kind == stored:
		return false, r.Name + " holds what its query once gave"
	case d.kind != plain:
		return false, r.Name + " is not a table whose constraints PostgreSQL checks"
	case d.doubtful != "":
		return false, "NOT NULL of " + r.Name + "." + c.Name + " is doubtful: " + d.doubtful
	case w.ddl.drops:
		return false, "a DO block may have dropped NOT NULL"
	}
	for _, child := range r.Children {
		for _, same := range w.Relations[child].Columns {
			if same.Name != c.Name {
				continue
			}
			if ok, _ := w.notNull(w.Relations[child], same); !ok {
				return false, "the child " + w.Relations[child].Name + " may hold NULL"
			}
		}
	}
	return true, r.Name + "." + c.Name + " is not null"
}
