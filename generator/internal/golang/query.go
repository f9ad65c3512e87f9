package golang

import (
	"cmp"
	"fmt"
	"go/token"
	"path"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
)

// query is a model.Query with its Go names and shapes.
type query struct {
	*model.Query
	variable string // the runtime.Statement
	constant string // the exported SQL, or empty
	// params are what callers give, args what becomes of it: $1, $2 …
	params []*field
	args   []argument
	// paramsStruct is the name of the struct of the parameters, or empty if
	// they stand in the signature.
	paramsStruct string
	// paramNames are the names of the parameters in the signature.
	paramNames []string
	row        *rowShape
	batch      string // name of the batch results type
	stream     string // name of the streaming twin, or empty
}

// argument is one argument of a statement.
type argument struct {
	// param is the index of what it is made of.
	param int
	// given is true for the boolean that tells whether that was given.
	given bool
}

// rowShape is what a row of a result becomes.
type rowShape struct {
	// scalar is set for a result of one column.
	scalar *field
	// table is set for a result that is a table's struct.
	table *model.Table
	// name is the name of the struct, fields what it holds.
	name   string
	fields []*rowField
	// own is true if the query's file defines the struct.
	own bool
}

// rowField is a field of a row: a column, or an embedded table.
type rowField struct {
	field
	embed   *model.Embed
	columns int // how many columns the embedded table has
}

// rowStruct is a row that queries share by a "-- row:" directive.
type rowStruct struct {
	query *model.Query
	key   string
}

func (g *generator) prepareQueries() {
	variables := newScope("_", "tidy", "q", "ctx", "db")
	g.reserveModelFuncs(variables)
	for _, mq := range g.pkg.Queries {
		q := &query{Query: g.settle(mq)}
		q.variable = g.names.statement(mq.Name)
		if reserved(q.variable) || q.variable == mq.Name {
			q.variable += "_"
		}
		q.variable = variables.unique(q.variable)
		g.queries = append(g.queries, q)
		if g.opt.ExportedQueries && mq.Command != model.CopyFrom {
			q.constant = g.top.unique(upperFirst(mq.Name))
		}
	}
	for _, q := range g.queries {
		g.prepareParams(q)
		g.prepareRow(q)
		switch q.Command {
		case model.BatchExec, model.BatchOne, model.BatchMany:
			q.batch = g.top.unique(g.typeOf(q) + "BatchResults")
			g.batches = true
		case model.CopyFrom:
			g.copies = true
		}
	}
	methods := newScope("_", "WithTx", "db")
	for _, q := range g.queries {
		if token.IsKeyword(q.Name) || q.Name == "_" {
			g.fail(q, fmt.Sprintf("%s cannot be the name of a method in Go", q.Name), "name the query as callers are to call it, such as "+upperFirst(strings.Trim(q.Name, "_")+"Query"))
			continue
		}
		if methods.used[q.Name] {
			g.fail(q, fmt.Sprintf("the method name %s is already taken", q.Name), "every query needs a name of its own")
		}
		methods.used[q.Name] = true
	}
	g.verify = g.opt.Verify && len(g.queries) > 0 && !methods.used["Verify"]
	if g.verify {
		methods.used["Verify"] = true
	}
	if g.opt.Streams {
		for _, q := range g.queries {
			switch q.Command {
			case model.Many:
				q.stream = methods.unique(streamName(q.Name))
			case model.CopyFrom:
				q.stream = methods.unique(q.Name + "Seq")
			}
		}
	}
}

// streamName is the name of a query's streaming twin: EachOrder for ListOrders.
func streamName(name string) string {
	for _, verb := range []string{"List", "GetAll", "FindAll", "SelectAll", "All"} {
		if rest, ok := strings.CutPrefix(name, verb); ok && rest != "" && strings.ToUpper(rest[:1]) == rest[:1] {
			return "Each" + singular(rest)
		}
	}
	return "Each" + upperFirst(name)
}

// columnName is what the field of a column is named after.
func (g *generator) columnName(c *model.Column, i int) string {
	if g.opt.SQLCNames {
		return orPlace(cmp.Or(c.Bare, c.Name), i)
	}
	return orPlace(c.Name, i)
}

// typeOf is what the names of a query's own types begin with.
func (g *generator) typeOf(q *query) string {
	if g.opt.SQLCNames {
		return q.Name
	}
	return upperFirst(q.Name)
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}

func (g *generator) prepareParams(q *query) {
	used, keys := newScope("_"), newScope("_")
	locals := newScope("_")
	type given struct {
		param *model.Param
		field *field
		name  string
	}
	var all []given
	for _, p := range q.Params {
		if p.Gives {
			continue
		}
		if isRecord(p.Type) && p.GoType == "" {
			g.fail(q, fmt.Sprintf("parameter %s of query %s is a %s, which PostgreSQL cannot read from outside", p.Name, q.Name, p.Type.Display),
				"cast it to a table or a composite type, as in $1::users")
			continue
		}
		name := fieldName(p)
		if g.opt.SQLCNames && p.Like == nil {
			name = cmp.Or(p.Bare, fmt.Sprintf("column_%d", p.Number))
		}
		f := &field{codec: g.paramCodec(p), name: used.unique(g.names.exported(name)), tag: map[string]string{}}
		if g.opt.JSONTags || g.opt.DBTags || len(g.opt.StructTags) > 0 {
			f.tag = g.tags(name, p.Type, g.paramNullable(p), p.Source, keys)
		}
		if p.Given != nil && f.tag["json"] != "" {
			f.tag["json"] += ",omitzero"
		}
		all = append(all, given{p, f, locals.unique(g.parameter(name, q))})
	}
	// What must be given comes before what may be left out.
	slices.SortStableFunc(all, func(a, b given) int { return cmp.Compare(optionality(a.param), optionality(b.param)) })
	places := map[*model.Param]int{}
	for i, v := range all {
		q.params, q.paramNames = append(q.params, v.field), append(q.paramNames, v.name)
		places[v.param] = i
		if v.param.Given != nil {
			places[v.param.Given] = i
		}
	}
	for _, p := range q.Params {
		q.args = append(q.args, argument{param: places[p], given: p.Gives})
	}
	if len(q.params) > 0 && len(q.params) > g.opt.ParameterLimit || g.takesMany(q) && len(q.params) > 1 || q.Rows {
		q.paramsStruct = g.top.unique(g.typeOf(q) + "Params")
	}
}

// parameter is the name of a parameter in a query's signature.
func (g *generator) parameter(name string, q *query) string {
	name = g.names.unexported(name, q.variable)
	for g.reserved[name] || name == q.variable {
		name += "_"
	}
	return name
}

// fieldName is what a parameter's field is named after: the column that it is
// typed as, where its own name is that one's but for a number that tells it
// from another name in upper or lower case.
func fieldName(p *model.Param) string {
	if p.Like == nil {
		return p.Name
	}
	name := strings.TrimRight(p.Name, "0123456789")
	if name != p.Name && strings.EqualFold(strings.TrimSuffix(name, "_"), p.Like.Name) {
		return p.Like.Name
	}
	return p.Name
}

// optionality is 1 for a parameter that may be left out.
func optionality(p *model.Param) int {
	if p.Given != nil {
		return 1
	}
	return 0
}

// fail reports what is wrong with a query, at its header.
func (g *generator) fail(q *query, message, hint string) {
	g.diags.Add(&diag.Diagnostic{
		File: q.File, Line: q.Line, Column: 1, Source: "-- name: " + q.Name + " " + string(q.Command),
		Message: message, Hint: hint,
	})
}

func (g *generator) prepareRow(q *query) {
	if !q.Command.ReturnsRows() {
		return
	}
	for _, c := range q.Columns {
		if isRecord(c.Type) && c.GoType == "" {
			g.fail(q, fmt.Sprintf("column %s of query %s is a %s, whose fields have no types", c.Name, q.Name, c.Type.Display),
				"select its fields one by one, or cast it to a composite type made with CREATE TYPE")
		}
	}
	if len(q.Columns) == 1 && q.Columns[0].Embed == nil && q.RowName == "" {
		c := q.Columns[0]
		q.row = &rowShape{scalar: &field{name: "v", codec: g.columnCodec(c)}}
		return
	}
	shape := &rowShape{}
	used, names, keys := newScope("_"), newScope("_"), newScope("_")
	for i := 0; i < len(q.Columns); {
		c := q.Columns[i]
		if c.Embed != nil {
			n := 0
			for i+n < len(q.Columns) && q.Columns[i+n].Embed == c.Embed {
				n++
			}
			k := tableKey{c.Embed.Table.Schema, c.Embed.Table.Name}
			g.usedTables[k], g.tableDecoders[k] = true, true
			typ := g.model(g.tableNames[k])
			note := ""
			if c.Embed.Nullable {
				typ = typ.wrap("*")
				note = "nil without a row: " + c.Embed.Why
			}
			column := c.Embed.Name
			if g.opt.SQLCNames {
				column = g.rowName(c.Embed.Table)
			}
			shape.fields = append(shape.fields, &rowField{
				field: field{name: used.unique(g.embedName(q, c.Embed)), codec: &codec{typ: typ}, tag: g.tags(names.unique(column), nil, false, nil, keys), note: note},
				embed: c.Embed, columns: n,
			})
			i += n
			continue
		}
		f := field{
			name:    used.unique(g.names.exported(g.columnName(c, i))),
			codec:   g.columnCodec(c),
			tag:     g.tags(names.unique(g.columnName(c, i)), c.Type, g.columnNullable(c), c.Source, keys),
			comment: c.Comment,
		}
		if c.Nullable && !plainReason(c.Why) {
			f.note = "nullable: " + c.Why
		}
		shape.fields = append(shape.fields, &rowField{field: f})
		i++
	}
	q.row = shape
	if q.RowName == "" {
		if t := g.matchingTable(q, shape); t != nil {
			k := tableKey{t.Schema, t.Name}
			g.usedTables[k], g.tableDecoders[k] = true, true
			shape.table, shape.name = t, g.tableNames[k]
			return
		}
		shape.name, shape.own = g.top.unique(g.typeOf(q)+"Row"), true
		return
	}
	key := shape.key()
	shared, ok := g.rows[q.RowName]
	switch {
	case !ok:
		if g.top.used[q.RowName] {
			g.fail(q, fmt.Sprintf("the row name %s of query %s is already the name of another type", q.RowName, q.Name), "choose another name in the \"-- row:\" line")
			return
		}
		g.top.used[q.RowName] = true
		g.rows[q.RowName] = &rowStruct{query: q.Query, key: key}
		shape.name, shape.own = q.RowName, true
	case shared.key != key:
		g.fail(q, fmt.Sprintf("queries %s and %s share the row %s but return different columns", shared.query.Name, q.Name, q.RowName), "give both the same columns in the same order with the same types, or give each a row of its own")
	default:
		shape.name = q.RowName
	}
}

// isRecord reports whether a type is record, or an array of it.
func isRecord(t *model.Type) bool {
	return t.Kind == model.Pseudo && (t.Name == "record" || t.Name == "_record")
}

// rowName is what a row of a table is called in SQL's way of writing.
func (g *generator) rowName(t *model.Table) string {
	name := t.Name
	if !g.opt.ExactTableNames && !slices.Contains(g.opt.KeepPlural, name) {
		name = g.names.singular(name)
	}
	return strings.ReplaceAll(relationName(t.Schema, name, g.opt.DefaultSchema), ".", "_")
}

// embedName is the field of an embedded table: named after the table's struct,
// or after its alias where the query embeds the same table twice.
func (g *generator) embedName(q *query, e *model.Embed) string {
	if g.opt.SQLCNames {
		return g.tableNames[tableKey{e.Table.Schema, e.Table.Name}]
	}
	for _, c := range q.Columns {
		if c.Embed != nil && c.Embed != e && c.Embed.Table == e.Table {
			return g.names.exported(e.Name)
		}
	}
	return g.tableNames[tableKey{e.Table.Schema, e.Table.Name}]
}

// plainReason reports whether a reason for being nullable only says that the
// column of the table is.
func plainReason(why string) bool {
	return why == "" || strings.HasSuffix(why, " is nullable") && !strings.Contains(why, ": ")
}

func (g *generator) columnCodec(c *model.Column) *codec {
	return g.codecFor(c.Type, c.Domain, g.columnNullable(c), c.Dimensions, c.ElementNullable, c.Source, c.GoType)
}

// columnNullable reports whether a column of a result can be NULL in Go.
func (g *generator) columnNullable(c *model.Column) bool {
	switch {
	case !g.opt.AsDeclared || c.Overridden:
		return c.Nullable
	case g.opt.SQLCNames && c.Logic:
		return true
	case c.Nullable:
		return true
	}
	nullable, known := g.declared(c.Source)
	return known && nullable || c.Joined && c.Source != nil
}

// declared reports whether a table's column is declared nullable.
func (g *generator) declared(ref *model.ColumnRef) (nullable, known bool) {
	if c := g.columnOf(ref); c != nil {
		return c.Nullable, true
	}
	return false, false
}

// declaredType is the name of a table's column's type, if that is built in.
func (g *generator) declaredType(ref *model.ColumnRef) string {
	if c := g.columnOf(ref); c != nil && c.Type.Builtin {
		return c.Type.Name
	}
	return ""
}

// columnOf finds a column of a table, nil if there is none.
func (g *generator) columnOf(ref *model.ColumnRef) *model.Column {
	if ref == nil {
		return nil
	}
	if g.columnsOf == nil {
		g.columnsOf = map[model.ColumnRef]*model.Column{}
		for _, t := range g.pkg.Tables {
			for _, c := range t.Columns {
				g.columnsOf[model.ColumnRef{Schema: t.Schema, Table: t.Name, Column: c.Name}] = c
			}
		}
	}
	return g.columnsOf[*ref]
}

// paramCodec is the codec of what callers give for a parameter: an element of
// it in a query that takes rows.
func (g *generator) paramCodec(p *model.Param) *codec {
	c := g.valueCodec(p)
	if p.Given != nil {
		return optional(c)
	}
	return c
}

func (g *generator) valueCodec(p *model.Param) *codec {
	switch {
	case p.Like != nil:
		c := g.codecFor(p.Like.Type, p.Like.Domain, p.Nullable, p.Like.Dimensions, p.Like.ElementNullable, p.Source, p.GoType)
		element := p.Type.Element
		for p.Each && element.Kind == model.Domain {
			element = element.Element
		}
		if p.Each && p.Like.Type != element {
			return spelled(c)
		}
		return c
	case p.Each:
		return g.codecFor(p.Type.Element, nil, p.ElementNullable, 0, false, p.Source, p.GoType)
	}
	if g.opt.AsDeclared && p.GoType == "" {
		if c := g.habitualCodec(p); c != nil {
			return c
		}
	}
	elementNullable := p.ElementNullable
	if g.opt.AsDeclared && p.Slice {
		elementNullable, _ = g.declared(p.Source)
	}
	source := p.Source
	if g.opt.AsDeclared && p.Use == model.Cast {
		source = nil // the cast says what it is
	}
	return g.codecFor(p.Type, nil, g.paramNullable(p), p.Dimensions, elementNullable, source, p.GoType)
}

// habitualCodec is for parameters that the server types otherwise than their
// callers think of them: limits are bigint, and what is compared with a cidr,
// which has no operators of its own, is inet, whose Go type holds no network.
func (g *generator) habitualCodec(p *model.Param) *codec {
	switch {
	case !p.Type.Builtin:
		return nil
	case p.Use == model.Limit && p.Type.Name == "int8":
		return g.stand(p, "int4")
	case p.Type.Name == "inet" && p.Source != nil && g.declaredType(p.Source) == "cidr":
		return g.stand(p, "cidr")
	}
	return nil
}

// stand is the codec of a built-in type for a parameter of another, unless an
// override says more.
func (g *generator) stand(p *model.Param, name string) *codec {
	nullable := g.paramNullable(p)
	c := g.codecFor(p.Type, nil, nullable, p.Dimensions, p.ElementNullable, p.Source, "")
	if c.origin != "" {
		return c
	}
	out := *g.baseCodec(&model.Type{Name: name, Builtin: true, Binary: true}, nullable)
	out.pg = c.pg
	return &out
}

// paramNullable reports whether a parameter can be NULL in Go.
func (g *generator) paramNullable(p *model.Param) bool {
	if !g.opt.AsDeclared || p.Stated {
		return p.Nullable
	}
	switch p.Use {
	case model.Cast, model.Call, model.Limit:
		return false
	case model.Inner, model.Direct:
	}
	if nullable, known := g.declared(p.Source); known {
		return nullable
	}
	return p.Nullable || p.Use == model.Inner && p.Source == nil && p.Type.Builtin && p.Type.Name == "text"
}

// key tells shapes apart.
func (s *rowShape) key() string {
	var b strings.Builder
	for _, f := range s.fields {
		fmt.Fprintf(&b, "%s %s %v;", f.name, f.codec.typ.key(), f.tag)
	}
	return b.String()
}

// readFrom is the table's column that makes a result one of the table's rows.
func (g *generator) readFrom(c *model.Column) *model.ColumnRef {
	if g.opt.SQLCNames {
		return c.Written
	}
	return c.Source
}

// matchingTable finds the table whose columns, all of them and in order, the
// result is.
func (g *generator) matchingTable(q *query, shape *rowShape) *model.Table {
	if len(q.Columns) == 0 || len(shape.fields) != len(q.Columns) || g.readFrom(q.Columns[0]) == nil {
		return nil
	}
	first := g.readFrom(q.Columns[0])
	for _, t := range g.pkg.Tables {
		if t.Schema != first.Schema || t.Name != first.Table || len(t.Columns) != len(q.Columns) {
			continue
		}
		for i, f := range g.tableFields(t) {
			c := q.Columns[i]
			if from := g.readFrom(c); from == nil || *from != (model.ColumnRef{Schema: t.Schema, Table: t.Name, Column: t.Columns[i].Name}) {
				return nil
			}
			if f.name == shape.fields[i].name && f.codec.typ.key() == shape.fields[i].codec.typ.key() {
				continue
			}
			// That this query's condition rules NULL out is no reason for a
			// struct of its own, unless the user says so.
			if c.Nullable || c.Overridden || c.GoType != "" || !t.Columns[i].Nullable || f.name != shape.fields[i].name {
				return nil
			}
		}
		for i, f := range g.tableFields(t) {
			g.tableColumns[q.Columns[i]] = f.codec
		}
		return t
	}
	return nil
}

// group is the queries of one file name. Those of :copyfrom can be in two: the
// statement with its row goes with the others of the query file, and the method
// into a file of its own.
type group struct {
	base string
	// own is true for the file of one kind of methods.
	own     bool
	queries []*query
}

func (g *generator) groups() []*group {
	var out []*group
	index := map[string]*group{}
	add := func(base string, own bool, q *query) {
		if index[base] == nil {
			index[base] = &group{base: base, own: own}
			out = append(out, index[base])
		}
		index[base].queries = append(index[base].queries, q)
	}
	for _, q := range g.queries {
		own := g.ownFile(q)
		if own == "" || q.Command == model.CopyFrom {
			add(cmp.Or(q.Output, path.Base(q.File)), false, q)
		}
		if own != "" {
			add(own, true, q)
		}
	}
	slices.SortFunc(out, func(a, b *group) int { return strings.Compare(a.base, b.base) })
	for _, gr := range out {
		if gr.queries[0].Output != "" {
			// What was made of the schema is in an order of its own.
			continue
		}
		slices.SortStableFunc(gr.queries, func(a, b *query) int { return strings.Compare(a.Name, b.Name) })
	}
	return out
}

// ownFile is the name of the file for a command's methods, empty if they stand
// with the others of their query file.
func (g *generator) ownFile(q *query) string {
	switch {
	case q.Command == model.CopyFrom:
		return g.opt.CopyFile
	case q.batch != "":
		return g.opt.BatchFile
	}
	return ""
}

func (g *generator) queryFile(gr *group) *jen.File {
	f := g.file(gr.base)
	if gr.own {
		f = g.file("")
		if gr.base == g.opt.BatchFile {
			f.Comment("// ErrBatchAlreadyClosed is what the callbacks get of a batch that was closed.")
			f.Var().Id("ErrBatchAlreadyClosed").Op("=").Qual(runtimePath, "ErrBatchAlreadyClosed")
			f.Line()
		}
	}
	for _, q := range gr.queries {
		split := q.Command == model.CopyFrom && g.opt.CopyFile != ""
		if !split || !gr.own {
			g.statement(f, q)
			g.paramsType(f, q)
			g.rowType(f, q)
		}
		if !split || gr.own {
			g.method(f, q)
		}
	}
	return f
}

// statement writes the variable that holds a query's SQL and shape.
func (g *generator) statement(f *jen.File, q *query) {
	sql := literal("-- name: " + q.Name + " " + string(q.Command) + "\n" + q.SQL)
	if q.constant != "" {
		f.Comment("// " + q.constant + " is the SQL of [Queries." + q.Name + "].")
		f.Const().Id(q.constant).Op("=").Add(sql)
		sql = jen.Id(q.constant)
	}
	switch {
	case q.Command == model.CopyFrom:
		g.copyStatement(f, q)
	case q.row == nil:
		f.Var().Id(q.variable).Op("=").Qual(runtimePath, "Command").Values(
			jen.Line().Id("Name").Op(":").Lit(q.Name),
			jen.Line().Id("SQL").Op(":").Add(sql),
			jen.Line(),
		)
	default:
		values := []jen.Code{
			jen.Line().Id("Name").Op(":").Lit(q.Name),
			jen.Line().Id("SQL").Op(":").Add(sql),
			jen.Line().Id("Columns").Op(":").Add(g.columns(q)),
			jen.Line().Id("Decode").Op(":").Add(g.decode(q)),
		}
		if g.opt.EmptySlices && q.Command == model.Many {
			values = append(values, jen.Line().Id("EmptySlices").Op(":").True())
		}
		values = append(values, jen.Line())
		f.Var().Id(q.variable).Op("=").Qual(runtimePath, "Statement").Types(g.rowCode(q)).Values(values...)
	}
}

// columns is the list of runtime.Columns of a result.
func (g *generator) columns(q *query) *jen.Statement {
	return jen.Index().Qual(runtimePath, "Column").ValuesFunc(func(list *jen.Group) {
		for i, c := range q.Columns {
			codec := g.columnCodecOfEmbed(q, i)
			list.Line().Add(columnLiteral(orPlace(c.Name, i), codec))
		}
		list.Line()
	})
}

func columnLiteral(name string, c *codec) *jen.Statement {
	values := []jen.Code{jen.Id("Name").Op(":").Lit(name), jen.Id("Type").Op(":").Add(c.pg())}
	if c.text {
		values = append(values, jen.Id("Text").Op(":").True())
	}
	return jen.Values(values...)
}

// columnCodecOfEmbed is the codec that reads column i: that of the table's
// struct for a column of an embedded table.
func (g *generator) columnCodecOfEmbed(q *query, i int) *codec {
	c := q.Columns[i]
	if c.Embed == nil {
		return g.columnCodec(c)
	}
	first := i
	for first > 0 && q.Columns[first-1].Embed == c.Embed {
		first--
	}
	return g.tableFields(c.Embed.Table)[i-first].codec
}

// rowCode is the Go type of a row.
func (g *generator) rowCode(q *query) *jen.Statement {
	if q.row.scalar != nil {
		return q.row.scalar.codec.typ.code()
	}
	if q.row.table != nil {
		return g.model(q.row.name).code()
	}
	return jen.Id(q.row.name)
}

// decode is the function that reads a row.
func (g *generator) decode(q *query) *jen.Statement {
	if q.row.scalar != nil {
		c := q.row.scalar.codec
		return jen.Func().Params(jen.Id("v").Op("*").Add(c.typ.code()), jen.Id("row").Op("*").Qual(runtimePath, "Row")).Block(
			jen.Op("*").Id("v").Op("=").Add(c.read()),
		)
	}
	if q.row.table != nil {
		return g.modelFunc("decode", q.row.name)
	}
	return jen.Parens(jen.Op("*").Id(q.row.name)).Dot("decode")
}

func (g *generator) paramsType(f *jen.File, q *query) {
	if q.paramsStruct == "" {
		return
	}
	doc := fmt.Sprintf("%s are the parameters of [Queries.%s].", q.paramsStruct, q.Name)
	if q.Command == model.CopyFrom {
		doc = fmt.Sprintf("%s is a row that [Queries.%s] copies.", q.paramsStruct, q.Name)
	}
	if q.Rows {
		doc = fmt.Sprintf("%s is a row that [Queries.%s] takes.", q.paramsStruct, q.Name)
	}
	g.structType(f, q.paramsStruct, doc, q.params)
	if q.Command == model.CopyFrom {
		f.Line()
		f.Func().Params(jen.Id("v").Op("*").Id(q.paramsStruct)).Id("encode").Params(jen.Id("e").Op("*").Qual(runtimePath, "Encoder")).BlockFunc(func(b *jen.Group) {
			for _, p := range q.params {
				b.Add(p.codec.write(jen.Id("v").Dot(p.name)))
			}
		})
	}
}

func (g *generator) rowType(f *jen.File, q *query) {
	if q.row == nil || !q.row.own {
		return
	}
	fields := make([]*field, len(q.row.fields))
	for i, rf := range q.row.fields {
		fields[i] = &rf.field
	}
	doc := fmt.Sprintf("%s is a row of [Queries.%s].", q.row.name, q.Name)
	if q.RowName != "" {
		doc = fmt.Sprintf("%s is a row of %s.", q.row.name, g.sharers(q.RowName))
	}
	g.structType(f, q.row.name, doc, fields)
	f.Line()
	f.Func().Params(jen.Id("v").Op("*").Id(q.row.name)).Id("decode").Params(jen.Id("row").Op("*").Qual(runtimePath, "Row")).BlockFunc(func(b *jen.Group) {
		for _, rf := range q.row.fields {
			table := ""
			if rf.embed != nil {
				table = g.tableNames[tableKey{rf.embed.Table.Schema, rf.embed.Table.Name}]
			}
			switch {
			case rf.embed == nil:
				b.Id("v").Dot(rf.name).Op("=").Add(rf.codec.read())
			case rf.embed.Nullable:
				b.Id("v").Dot(rf.name).Op("=").Qual(runtimePath, "Embed").Call(jen.Id("row"), jen.Lit(rf.columns), g.modelFunc("decode", table))
			case g.opt.Models != nil:
				b.Add(g.modelFunc("decode", table)).Call(jen.Op("&").Id("v").Dot(rf.name), jen.Id("row"))
			default:
				b.Id("v").Dot(rf.name).Dot("decode").Call(jen.Id("row"))
			}
		}
	})
}

// sharers lists the queries that share a row.
func (g *generator) sharers(row string) string {
	var names []string
	for _, q := range g.queries {
		if q.RowName == row {
			names = append(names, "[Queries."+q.Name+"]")
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
