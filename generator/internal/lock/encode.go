package lock

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// Encode renders the lock. The same lock gives the same bytes.
func (l *Lock) Encode() ([]byte, error) {
	l.sort()
	w := &writer{}
	w.leaves = json.NewEncoder(&w.encoded)
	w.leaves.SetEscapeHTML(false) // SQL is full of < and >
	w.open("{")
	about := "what PostgreSQL said of the queries; written by pgwright generate, to be committed"
	if slices.ContainsFunc(l.Packages, func(p *Package) bool { return p.Engine != "" }) {
		about = "what PostgreSQL, or the engine that a package names, said of the queries; written by pgwright generate, to be committed"
	}
	w.field("about", about)
	w.field("format", Format)
	w.key("packages")
	w.open("[")
	for _, p := range l.Packages {
		w.item()
		w.packageOf(p)
	}
	w.close("]")
	w.close("}")
	w.buf.WriteByte('\n')
	return w.buf.Bytes(), w.err
}

// writer lays JSON out: containers that matter to a reader over several lines,
// leaves on one.
type writer struct {
	buf   bytes.Buffer
	depth int
	// first is true while the open container is empty.
	first bool
	err   error
	// leaves encodes into encoded.
	encoded bytes.Buffer
	leaves  *json.Encoder
}

func (w *writer) open(bracket string) {
	w.buf.WriteString(bracket)
	w.depth++
	w.first = true
}

func (w *writer) close(bracket string) {
	w.depth--
	if !w.first {
		w.line()
	}
	w.buf.WriteString(bracket)
	w.first = false
}

func (w *writer) line() {
	w.buf.WriteByte('\n')
	for range w.depth {
		w.buf.WriteByte(' ')
	}
}

func (w *writer) item() {
	if !w.first {
		w.buf.WriteByte(',')
	}
	w.first = false
	w.line()
}

func (w *writer) key(name string) {
	w.item()
	w.leaf(name)
	w.buf.WriteString(": ")
}

func (w *writer) field(name string, v any) {
	w.key(name)
	w.leaf(v)
}

// leaf writes a value on the current line.
func (w *writer) leaf(v any) {
	w.encoded.Reset()
	if err := w.leaves.Encode(v); err != nil && w.err == nil {
		w.err = err
	}
	w.buf.Write(bytes.TrimSuffix(w.encoded.Bytes(), []byte("\n")))
}

func leaves[T any](w *writer, name string, list []T) {
	if len(list) == 0 {
		return
	}
	w.key(name)
	w.open("[")
	for _, v := range list {
		w.item()
		w.leaf(v)
	}
	w.close("]")
}

func (w *writer) packageOf(p *Package) {
	g := newGraph(p.Model)
	w.open("{")
	w.field("out", p.Out)
	w.field("revision", p.Revision)
	if p.Engine != "" {
		w.field("engine", p.Engine)
	} else {
		w.field("server", p.Server)
	}
	if p.Live {
		w.field("live", true)
	}
	if p.Schema != "" {
		w.field("schema", p.Schema)
	}
	w.key("inputs")
	w.open("{")
	for _, name := range slices.Sorted(maps.Keys(p.Inputs)) {
		w.field(name, p.Inputs[name])
	}
	w.close("}")
	w.field("name", p.Model.Name)
	w.field("default_schema", p.Model.DefaultSchema)
	w.key("queries")
	w.open("{")
	queries := slices.Clone(p.Model.Queries)
	slices.SortFunc(queries, func(a, b *model.Query) int { return strings.Compare(a.Name, b.Name) })
	first := map[string]string{}
	for _, q := range queries {
		w.key(q.Name)
		w.query(g, q, p.Statements[q.Name], first)
	}
	w.close("}")
	w.key("tables")
	w.open("[")
	for _, t := range g.tables {
		w.item()
		w.open("{")
		w.field("table", tableName(t))
		if t.Comment != "" {
			w.field("comment", t.Comment)
		}
		if t.View {
			w.field("view", true)
		}
		if !g.listedTables[t] {
			w.field("hidden", true)
		}
		leaves(w, "columns", encodeColumns(g, t.Columns, nil))
		w.close("}")
	}
	w.close("]")
	var types []typeLine
	for _, t := range g.types {
		types = append(types, encodeType(g, t))
	}
	leaves(w, "types", types)
	leaves(w, "warnings", p.Warnings)
	if p.Tables != "" {
		w.field("made_by", p.Tables)
	}
	leaves(w, "made", p.Made)
	w.close("}")
}

// query writes a query. The columns of one that was made, which its table's
// other queries have too, are written once: first has who has them, by what
// they are.
func (w *writer) query(g *graph, q *model.Query, digest string, first map[string]string) {
	w.open("{")
	w.field("digest", digest)
	w.field("command", q.Command)
	if q.Output != "" {
		w.field("output", q.Output)
	}
	if q.SQL != "" {
		w.field("sql", q.SQL)
	}
	if q.RowName != "" {
		w.field("row", q.RowName)
	}
	if q.Copy != nil {
		w.field("copy", copyLine(*q.Copy))
	}
	if q.Rows {
		w.field("rows", true)
	}
	var params []paramLine
	for _, p := range q.Params {
		line := paramLine{
			Name: p.Name, Type: g.name(p.Type), Dimensions: p.Dimensions, Nullable: p.Nullable, Elements: p.ElementNullable,
			Why: p.Why, Slice: p.Slice, Named: p.Named, Bare: p.Bare, Use: string(p.Use), Stated: p.Stated, Source: source(p.Source), Go: p.GoType,
			Given: slices.Index(q.Params, p.Given) + 1,
		}
		switch {
		case p.Like != nil && g.stored(p.Like):
			line.Stored = true
		case p.Like != nil:
			line.Like = &encodeColumns(g, []*model.Column{p.Like}, nil)[0]
		}
		params = append(params, line)
	}
	leaves(w, "params", params)
	var embeds []embedLine
	number := map[*model.Embed]int{}
	for _, c := range q.Columns {
		if e := c.Embed; e != nil && number[e] == 0 {
			embeds = append(embeds, embedLine{Name: e.Name, Table: tableName(e.Table), Nullable: e.Nullable, Why: e.Why})
			number[e] = len(embeds)
		}
	}
	leaves(w, "embeds", embeds)
	columns := encodeColumns(g, q.Columns, number)
	if q.Output != "" && len(columns) > 1 && len(embeds) == 0 {
		text, err := json.Marshal(columns)
		if err != nil && w.err == nil {
			w.err = err
		}
		if name := first[string(text)]; name != "" {
			w.field("columns_of", name)
			columns = nil
		} else {
			first[string(text)] = q.Name
		}
	}
	leaves(w, "columns", columns)
	w.close("}")
}

// The lines of the file. Their fields are in the order that a reader wants.
type (
	columnLine struct {
		Name       string   `json:"name"`
		Type       string   `json:"type"`
		Nullable   bool     `json:"null"`
		Why        string   `json:"why"`
		Domain     string   `json:"domain,omitempty"`
		Dimensions int      `json:"dimensions,omitempty"`
		Elements   bool     `json:"null_elements,omitempty"`
		If         *ifLine  `json:"if,omitempty"`
		Overridden bool     `json:"overridden,omitempty"`
		Source     []string `json:"source,omitempty"`
		// Written is left out where it is Source, and Indirect true if it is none.
		Written  []string `json:"written,omitempty"`
		Indirect bool     `json:"indirect,omitempty"`
		Joined   bool     `json:"joined,omitempty"`
		Bare     string   `json:"bare,omitempty"`
		Logic    bool     `json:"logic,omitempty"`
		Embed    int      `json:"embed,omitempty"`
		Go       string   `json:"go,omitempty"`
		Comment  string   `json:"comment,omitempty"`
	}
	// ifLine is the verdict on a column if the parameters are given.
	ifLine struct {
		Params   []int  `json:"given"`
		Nullable bool   `json:"null"`
		Why      string `json:"why"`
		Elements bool   `json:"null_elements,omitempty"`
	}
	paramLine struct {
		Name       string   `json:"name"`
		Type       string   `json:"type"`
		Nullable   bool     `json:"null"`
		Why        string   `json:"why"`
		Dimensions int      `json:"dimensions,omitempty"`
		Elements   bool     `json:"null_elements,omitempty"`
		Slice      bool     `json:"slice,omitempty"`
		Named      bool     `json:"named,omitempty"`
		Bare       string   `json:"bare,omitempty"`
		Use        string   `json:"use,omitempty"`
		Stated     bool     `json:"stated,omitempty"`
		Source     []string `json:"source,omitempty"`
		Go         string   `json:"go,omitempty"`
		// Stored is true for a parameter that is typed as its source, a table's
		// column; Like is one of a table that is not listed. Given is the number
		// of the parameter that says whether this one is given.
		Stored bool        `json:"stored,omitempty"`
		Like   *columnLine `json:"like,omitempty"`
		Given  int         `json:"given,omitempty"`
	}
	embedLine struct {
		Name     string `json:"name"`
		Table    string `json:"table"`
		Nullable bool   `json:"null"`
		Why      string `json:"why,omitempty"`
	}
	copyLine struct {
		Schema  string   `json:"schema"`
		Table   string   `json:"table"`
		Columns []string `json:"columns"`
	}
	typeLine struct {
		Type       string      `json:"type"`
		Kind       string      `json:"kind"`
		Schema     string      `json:"schema,omitempty"`
		Name       string      `json:"name,omitempty"`
		Display    string      `json:"display,omitempty"`
		OID        uint32      `json:"oid,omitempty"`
		Text       bool        `json:"text,omitempty"`
		Element    string      `json:"of,omitempty"`
		Labels     []string    `json:"labels,omitempty"`
		Fields     []fieldLine `json:"fields,omitempty"`
		Dimensions int         `json:"dimensions,omitempty"`
		Extension  string      `json:"extension,omitempty"`
		RowOf      string      `json:"row_of,omitempty"`
		Comment    string      `json:"comment,omitempty"`
		Hidden     bool        `json:"hidden,omitempty"`
	}
	fieldLine struct {
		Name       string `json:"name"`
		Type       string `json:"type"`
		Dimensions int    `json:"dimensions,omitempty"`
		Comment    string `json:"comment,omitempty"`
	}
)

func encodeColumns(g *graph, columns []*model.Column, embeds map[*model.Embed]int) []columnLine {
	out := make([]columnLine, 0, len(columns))
	for _, c := range columns {
		line := columnLine{
			Name: c.Name, Type: g.name(c.Type), Nullable: c.Nullable, Why: c.Why, Dimensions: c.Dimensions,
			Elements: c.ElementNullable, Overridden: c.Overridden, Source: source(c.Source), Embed: embeds[c.Embed],
			Go: c.GoType, Comment: c.Comment,
		}
		if c.If != nil {
			line.If = &ifLine{Params: c.If.Params, Nullable: c.If.Nullable, Why: c.If.Why, Elements: c.If.ElementNullable}
		}
		line.Joined, line.Bare, line.Logic = c.Joined, c.Bare, c.Logic
		switch {
		case c.Written == nil:
			line.Indirect = c.Source != nil
		case c.Source == nil || *c.Source != *c.Written:
			line.Written = source(c.Written)
		}
		if c.Domain != nil {
			line.Domain = g.name(c.Domain)
		}
		out = append(out, line)
	}
	return out
}

func source(r *model.ColumnRef) []string {
	if r == nil {
		return nil
	}
	return []string{r.Schema, r.Table, r.Column}
}

func encodeType(g *graph, t *model.Type) typeLine {
	line := typeLine{
		Type: g.name(t), Kind: kinds[t.Kind], Schema: t.Schema, Name: t.Name, Text: !t.Binary, Labels: t.Labels,
		Dimensions: t.Dimensions, Extension: t.Extension, Comment: t.Comment,
	}
	if line.Type != t.Display {
		line.Display = t.Display
	}
	if t.Builtin {
		line.OID = t.OID
	}
	if t.Element != nil {
		line.Element = g.name(t.Element)
	}
	if t.RowOf != nil {
		line.RowOf = tableName(t.RowOf)
	}
	for _, f := range t.Fields {
		line.Fields = append(line.Fields, fieldLine{Name: f.Name, Type: g.name(f.Type), Dimensions: f.Dimensions, Comment: f.Comment})
	}
	switch t.Kind {
	case model.Enum, model.Composite, model.Domain, model.Range, model.Multirange:
		line.Hidden = !g.listedTypes[t]
	case model.Base, model.Array, model.Pseudo:
	}
	return line
}

var kinds = [...]string{
	model.Base: "base", model.Array: "array", model.Enum: "enum", model.Composite: "composite", model.Domain: "domain",
	model.Range: "range", model.Multirange: "multirange", model.Pseudo: "pseudo",
}

// graph is all that a package's model reaches, with a name for each type.
type graph struct {
	types        []*model.Type
	tables       []*model.Table
	names        map[*model.Type]string
	taken        map[string]bool
	seen         map[*model.Table]bool
	listedTables map[*model.Table]bool
	listedTypes  map[*model.Type]bool
	// storedColumns are those of the tables of the model.
	storedColumns map[*model.Column]bool
}

func newGraph(p *model.Package) *graph {
	g := &graph{
		names: map[*model.Type]string{}, taken: map[string]bool{}, seen: map[*model.Table]bool{},
		listedTables: map[*model.Table]bool{}, listedTypes: map[*model.Type]bool{},
		storedColumns: map[*model.Column]bool{},
	}
	// Those of the model come first, in its order.
	for _, t := range p.Tables {
		g.listedTables[t], g.seen[t] = true, true
		g.tables = append(g.tables, t)
	}
	for _, t := range p.Tables {
		g.columns(t.Columns)
		for _, c := range t.Columns {
			g.storedColumns[c] = true
		}
	}
	for _, t := range p.Types {
		g.listedTypes[t] = true
		g.typ(t)
	}
	for _, q := range p.Queries {
		for _, c := range q.Params {
			g.typ(c.Type)
			if c.Like != nil {
				g.columns([]*model.Column{c.Like})
			}
		}
		g.columns(q.Columns)
	}
	// A doubled name is numbered the same every time.
	slices.SortFunc(g.types, func(a, b *model.Type) int {
		for _, n := range []int{strings.Compare(a.Display, b.Display), strings.Compare(a.Schema, b.Schema), strings.Compare(a.Name, b.Name)} {
			if n != 0 {
				return n
			}
		}
		return 0
	})
	for _, t := range g.types {
		g.names[t] = g.free(t)
	}
	hidden := g.tables[len(p.Tables):]
	slices.SortFunc(hidden, func(a, b *model.Table) int { return strings.Compare(tableName(a), tableName(b)) })
	return g
}

// stored reports whether a column is one of a table that is listed.
func (g *graph) stored(c *model.Column) bool { return g.storedColumns[c] }

// free is a name for a type that no other has: what PostgreSQL displays, if
// that is one of a kind.
func (g *graph) free(t *model.Type) string {
	name := t.Display
	if g.taken[name] {
		name = quote(t.Schema) + "." + quote(t.Name)
	}
	for n := 2; g.taken[name]; n++ {
		name = t.Display + "#" + strconv.Itoa(n)
	}
	g.taken[name] = true
	return name
}

func (g *graph) name(t *model.Type) string { return g.names[t] }

func (g *graph) typ(t *model.Type) {
	if t == nil {
		return
	}
	if _, ok := g.names[t]; ok {
		return
	}
	g.names[t] = ""
	g.types = append(g.types, t)
	g.typ(t.Element)
	for _, f := range t.Fields {
		g.typ(f.Type)
	}
	if t.RowOf != nil {
		g.table(t.RowOf)
	}
}

func (g *graph) table(t *model.Table) {
	if g.seen[t] {
		return
	}
	g.seen[t] = true
	g.tables = append(g.tables, t)
	g.columns(t.Columns)
}

func (g *graph) columns(columns []*model.Column) {
	for _, c := range columns {
		g.typ(c.Type)
		g.typ(c.Domain)
		if c.Embed != nil {
			g.table(c.Embed.Table)
		}
	}
}
