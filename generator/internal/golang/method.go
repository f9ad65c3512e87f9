package golang

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/pgwright/pgwright/generator/internal/model"
)

// dbFile holds DBTX, Queries and what makes them.
func (g *generator) dbFile() *jen.File {
	f := g.file("")
	f.Comment("// This line does not compile where the runtime module is older or newer than\n// this code: update github.com/pgwright/pgwright, or generate again.")
	f.Const().Id("_").Bool().Op("=").Qual(runtimePath, "SupportsV1")

	ctx := func() *jen.Statement { return jen.Qual("context", "Context") }
	f.Comment("// DBTX is what the queries run on: a *pgxpool.Pool, a *pgx.Conn, a pgx.Tx, or a\n// wrapper of one of them.")
	f.Type().Id("DBTX").InterfaceFunc(func(m *jen.Group) {
		m.Id("Exec").Params(ctx(), jen.String(), jen.Op("...").Any()).Params(jen.Qual(pgconnPath, "CommandTag"), jen.Error())
		m.Id("Query").Params(ctx(), jen.String(), jen.Op("...").Any()).Params(jen.Qual(pgxPath, "Rows"), jen.Error())
		m.Id("QueryRow").Params(ctx(), jen.String(), jen.Op("...").Any()).Qual(pgxPath, "Row")
		if g.copies {
			m.Id("CopyFrom").Params(ctx(), jen.Qual(pgxPath, "Identifier"), jen.Index().String(), jen.Qual(pgxPath, "CopyFromSource")).Params(jen.Int64(), jen.Error())
		}
		if g.batches {
			m.Id("SendBatch").Params(ctx(), jen.Op("*").Qual(pgxPath, "Batch")).Qual(pgxPath, "BatchResults")
		}
	})
	if g.opt.MethodsWithDB {
		f.Comment("// New returns the queries. Each method takes what it runs on.")
		f.Func().Id("New").Params().Op("*").Id("Queries").Block(jen.Return(jen.Op("&").Id("Queries").Values()))
		f.Comment("// Queries has a method for each query. It is safe for concurrent use.")
		f.Type().Id("Queries").Struct()
		g.verifyMethod(f)
		return f
	}
	f.Comment("// New returns the queries on db.")
	f.Func().Id("New").Params(jen.Id("db").Id("DBTX")).Op("*").Id("Queries").Block(
		jen.Return(jen.Op("&").Id("Queries").Values(jen.Id("db").Op(":").Id("db"))),
	)
	f.Comment("// Queries has a method for each query. It is as safe for concurrent use as the\n// DBTX that it was made with.")
	f.Type().Id("Queries").Struct(jen.Id("db").Id("DBTX"))
	f.Comment("// WithTx returns the queries on a transaction.")
	f.Func().Params(jen.Id("q").Op("*").Id("Queries")).Id("WithTx").Params(jen.Id("tx").Qual(pgxPath, "Tx")).Op("*").Id("Queries").Block(
		jen.Return(jen.Op("&").Id("Queries").Values(jen.Id("db").Op(":").Id("tx"))),
	)
	g.verifyMethod(f)
	return f
}

// verifyMethod writes the method that asks the server about all queries.
func (g *generator) verifyMethod(f *jen.File) {
	if !g.verify {
		return
	}
	f.Comment("// Verify asks the server, in one round trip, whether the queries still are what\n// this code was generated for, and returns all differences: for a start-up or a\n// health check. It needs a pool or a connection.")
	params := []jen.Code{jen.Id("ctx").Qual("context", "Context")}
	db := jen.Id("q").Dot("db")
	if g.opt.MethodsWithDB {
		params = append(params, jen.Id("db").Id("DBTX"))
		db = jen.Id("db")
	}
	f.Func().Params(jen.Id("q").Op("*").Id("Queries")).Id("Verify").Params(params...).Error().Block(
		jen.Return(jen.Qual(runtimePath, "Verify").CustomFunc(jen.Options{Open: "(", Close: ")", Separator: ",", Multi: true}, func(group *jen.Group) {
			group.Id("ctx")
			group.Add(db)
			for _, q := range g.queries {
				group.Op("&").Id(q.variable)
			}
		})),
	)
}

// signature writes a query's parameters.
func (g *generator) signature(q *query) []jen.Code {
	params := []jen.Code{jen.Id("ctx").Qual("context", "Context")}
	if g.opt.MethodsWithDB {
		params = append(params, jen.Id("db").Id("DBTX"))
	}
	many := g.takesMany(q)
	switch {
	case q.paramsStruct != "":
		p := jen.Id("arg")
		if many {
			p.Index()
		}
		if g.opt.ParamsPointers && !q.Rows {
			p.Op("*")
		}
		params = append(params, p.Id(q.paramsStruct))
	case many && len(q.params) == 0:
		params = append(params, jen.Id("n").Int())
	default:
		for i, p := range q.params {
			s := jen.Id(q.paramNames[i])
			if many {
				s.Index()
			}
			params = append(params, s.Add(p.codec.typ.code()))
		}
	}
	return params
}

// takesMany reports whether a query takes a slice, to run once for each of its
// elements or for all of them at once.
func (g *generator) takesMany(q *query) bool {
	if q.Rows {
		return true
	}
	switch q.Command {
	case model.BatchExec, model.BatchOne, model.BatchMany, model.CopyFrom:
		return true
	}
	return false
}

// manyArguments is how many arguments stand on one line at most.
const manyArguments = 4

// callWith calls a method of a query's variable with its parameters, a line
// each if there are many.
func (g *generator) callWith(q *query, method string, first []jen.Code, item string) *jen.Statement {
	args := append(first, g.arguments(q, item)...)
	if len(q.args) > manyArguments || q.Rows {
		for i, a := range args {
			args[i] = jen.Line().Add(a)
		}
		args = append(args, jen.Line())
	}
	return jen.Id(q.variable).Dot(method).Call(args...)
}

// arguments are the expressions for the parameters $1, $2 …; item is the
// struct that holds them.
func (g *generator) arguments(q *query, item string) []jen.Code {
	var out []jen.Code
	for _, a := range q.args {
		p := q.params[a.param]
		v := jen.Id(q.paramNames[a.param])
		switch {
		case q.Rows:
			out = append(out, g.columnArgument(q, a, item))
			continue
		case q.paramsStruct != "":
			v = jen.Id(item).Dot(p.name)
		case item != "arg":
			v = jen.Id(item)
		}
		if a.given {
			out = append(out, v.Dot("IsSet").Call())
			continue
		}
		if g.byReference(q, p.codec) {
			out = append(out, jen.Qual(runtimePath, "Ref").Call(jen.Op("&").Add(v)))
			continue
		}
		out = append(out, p.codec.argument(v))
	}
	return out
}

// byReference reports whether an argument is passed by reference. In a call with
// few arguments that saves too little to be worth reading, and a struct that is
// the caller's could change before a stream is read.
func (g *generator) byReference(q *query, c *codec) bool {
	kept := q.batch == "" && g.opt.ParamsPointers
	return q.paramsStruct != "" && len(q.args) > manyArguments && !kept && c.arg == nil && references[c.typ.key()]
}

// references are the Go types of which the runtime's Ref saves the copy.
var references = map[string]bool{
	".int16": true, ".int32": true, ".int64": true, ".float64": true, ".string": true, "time.Time": true,
	pgtypePath + ".UUID": true, pgtypePath + ".Numeric": true, pgtypePath + ".Interval": true, pgtypePath + ".Time": true,
	pgtypePath + ".Bool": true, pgtypePath + ".Int2": true, pgtypePath + ".Int4": true, pgtypePath + ".Int8": true,
	pgtypePath + ".Float4": true, pgtypePath + ".Float8": true, pgtypePath + ".Text": true,
	pgtypePath + ".Timestamptz": true, pgtypePath + ".Timestamp": true, pgtypePath + ".Date": true,
}

// columnArgument is the array of what all rows have in one field.
func (g *generator) columnArgument(q *query, a argument, rows string) *jen.Statement {
	p := q.params[a.param]
	v := jen.Id("v").Dot(p.name)
	typ, write := p.codec.pg(), p.codec.write(v)
	if a.given {
		typ, write = jen.Qual(runtimePath, "Bool"), jen.Id("e").Dot("Bool").Call(v.Dot("IsSet").Call())
	}
	return jen.Qual(runtimePath, "RowsArg").Call(jen.Id(rows), typ, jen.Func().Params(
		jen.Id("e").Op("*").Qual(runtimePath, "Encoder"), jen.Id("v").Id(q.paramsStruct),
	).Block(write))
}

// results writes a query's results.
func (g *generator) results(q *query) []jen.Code {
	pointer := func(s *jen.Statement) *jen.Statement {
		if g.opt.ResultPointers && q.row.scalar == nil {
			return jen.Op("*").Add(s)
		}
		return s
	}
	switch q.Command {
	case model.One:
		return []jen.Code{pointer(g.rowCode(q)), jen.Error()}
	case model.Many:
		return []jen.Code{jen.Index().Add(pointer(g.rowCode(q))), jen.Error()}
	case model.Optional:
		return []jen.Code{jen.Op("*").Add(g.rowCode(q)), jen.Error()}
	case model.Iter:
		return []jen.Code{g.seq(q)}
	case model.Exec:
		return []jen.Code{jen.Error()}
	case model.ExecRows, model.CopyFrom:
		return []jen.Code{jen.Int64(), jen.Error()}
	case model.ExecResult:
		return []jen.Code{jen.Qual(pgconnPath, "CommandTag"), jen.Error()}
	default:
		return []jen.Code{jen.Op("*").Id(q.batch)}
	}
}

func (g *generator) seq(q *query) *jen.Statement {
	return jen.Qual("iter", "Seq2").Types(g.rowCode(q), jen.Error())
}

// copySeq is the signature of a :copyfrom's streaming twin.
func (g *generator) copySeq(q *query) *jen.Statement {
	params := []jen.Code{jen.Id("ctx").Qual("context", "Context")}
	if g.opt.MethodsWithDB {
		params = append(params, jen.Id("db").Id("DBTX"))
	}
	params = append(params, jen.Id("rows").Qual("iter", "Seq2").Types(g.copyRow(q), jen.Error()))
	return jen.Params(params...).Params(jen.Int64(), jen.Error())
}

// copyRow is the type of the rows of a :copyfrom.
func (g *generator) copyRow(q *query) *jen.Statement {
	if q.paramsStruct != "" {
		return jen.Id(q.paramsStruct)
	}
	return q.params[0].codec.typ.code()
}

// call is the runtime's method that does a command's work.
func (g *generator) call(q *query) string {
	pointers := g.opt.ResultPointers && q.row != nil && q.row.scalar == nil
	switch q.Command {
	case model.One:
		if pointers {
			return "OnePointer"
		}
		return "One"
	case model.Many:
		if pointers {
			return "AllPointers"
		}
		return "All"
	case model.Optional:
		return "Optional"
	case model.Iter:
		return "Each"
	case model.ExecRows:
		return "Rows"
	case model.ExecResult:
		return "Result"
	case model.BatchOne:
		if pointers {
			return "SendOnePointer"
		}
		return "SendOne"
	case model.BatchMany:
		if pointers {
			return "SendManyPointers"
		}
		return "SendMany"
	case model.BatchExec:
		return "Send"
	}
	return "Exec"
}

func (g *generator) db() *jen.Statement {
	if g.opt.MethodsWithDB {
		return jen.Id("db")
	}
	return jen.Id("q").Dot("db")
}

// method writes the method of a query, and its streaming twin.
func (g *generator) method(f *jen.File, q *query) {
	if q.batch != "" {
		g.batchType(f, q)
	}
	f.Add(comment(&jen.Statement{}, g.doc(q)...).Add(g.methodCode(q)))
	if q.stream != "" && q.Command == model.CopyFrom {
		f.Comment(fmt.Sprintf("// %s is [Queries.%s] for rows that come one by one. The first error\n// among them ends it, and no row stays.", q.stream, q.Name))
		f.Func().Params(jen.Id("q").Op("*").Id("Queries")).Id(q.stream).Add(g.copySeq(q)).Block(
			jen.Return(jen.Id(q.variable).Dot("FromSeq").Call(jen.Id("ctx"), g.db(), jen.Id("rows"))),
		)
	} else if q.stream != "" {
		f.Comment(fmt.Sprintf("// %s is [Queries.%s] as a stream. The connection is busy until the loop ends.", q.stream, q.Name))
		f.Func().Params(jen.Id("q").Op("*").Id("Queries")).Id(q.stream).Params(g.signature(q)...).Add(g.seq(q)).Block(
			jen.Return(g.callWith(q, "Each", []jen.Code{jen.Id("ctx"), g.db()}, "arg")),
		)
	}
}

func (g *generator) methodCode(q *query) *jen.Statement {
	s := jen.Func().Params(jen.Id("q").Op("*").Id("Queries")).Id(q.Name).Params(g.signature(q)...)
	if results := g.results(q); len(results) == 1 {
		s.Add(results[0])
	} else {
		s.Params(results...)
	}
	return s.BlockFunc(func(b *jen.Group) {
		switch {
		case q.Command == model.CopyFrom:
			rows := "arg"
			if q.paramsStruct == "" {
				rows = q.paramNames[0]
			}
			from := "From"
			if g.opt.ParamsPointers && q.paramsStruct != "" {
				from = "FromPointers"
			}
			b.Return(jen.Id(q.variable).Dot(from).Call(jen.Id("ctx"), g.db(), jen.Id(rows)))
		case q.batch != "":
			g.batchBody(b, q)
		default:
			b.Return(g.callWith(q, g.call(q), []jen.Code{jen.Id("ctx"), g.db()}, "arg"))
		}
	})
}

func (g *generator) batchType(f *jen.File, q *query) {
	f.Comment(fmt.Sprintf("// %s are the results of [Queries.%s], in the order of its arguments.\n// They must be closed.", q.batch, q.Name))
	s := f.Type().Id(q.batch).Op("=")
	of := "Results"
	if g.opt.ResultPointers && q.row != nil && q.row.scalar == nil {
		of = "Pointers"
	}
	switch q.Command {
	case model.BatchOne:
		s.Qual(runtimePath, "BatchOne"+of).Types(g.rowCode(q))
	case model.BatchMany:
		s.Qual(runtimePath, "BatchMany"+of).Types(g.rowCode(q))
	default:
		s.Qual(runtimePath, "BatchExecResults")
	}
}

func (g *generator) batchBody(b *jen.Group, q *query) {
	b.Id("batch").Op(":=").Op("&").Qual(pgxPath, "Batch").Values()
	queue := func(item string) *jen.Statement {
		return g.callWith(q, "Queue", []jen.Code{jen.Id("batch")}, item)
	}
	switch {
	case len(q.params) == 0:
		b.For(jen.Range().Id("n")).Block(queue(""))
	case q.paramsStruct != "" && !g.opt.ParamsPointers && slices.ContainsFunc(q.args, func(a argument) bool {
		return !a.given && g.byReference(q, q.params[a.param].codec)
	}):
		b.For(jen.Id("i").Op(":=").Range().Id("arg")).Block(jen.Id("row").Op(":=").Op("&").Id("arg").Index(jen.Id("i")), queue("row"))
	case q.paramsStruct != "":
		b.For(jen.List(jen.Id("_"), jen.Id("row")).Op(":=").Range().Id("arg")).Block(queue("row"))
	default:
		b.For(jen.List(jen.Id("_"), jen.Id("row")).Op(":=").Range().Id(q.paramNames[0])).Block(queue("row"))
	}
	b.Return(jen.Id(q.variable).Dot(g.call(q)).Call(jen.Id("ctx"), g.db(), jen.Id("batch")))
}

func (g *generator) copyStatement(f *jen.File, q *query) {
	table := []jen.Code{}
	if q.Copy.Schema != "" {
		table = append(table, jen.Lit(q.Copy.Schema))
	}
	table = append(table, jen.Lit(q.Copy.Table))
	row, encode := g.copyRow(q), (*jen.Statement)(nil)
	if q.paramsStruct != "" {
		encode = jen.Parens(jen.Op("*").Id(q.paramsStruct)).Dot("encode")
	} else {
		c := q.params[0].codec
		encode = jen.Func().Params(jen.Id("v").Op("*").Add(c.typ.code()), jen.Id("e").Op("*").Qual(runtimePath, "Encoder")).Block(c.write(jen.Op("*").Id("v")))
	}
	f.Var().Id(q.variable).Op("=").Qual(runtimePath, "CopyStatement").Types(row).Values(
		jen.Line().Id("Name").Op(":").Lit(q.Name),
		jen.Line().Id("Table").Op(":").Index().String().Values(table...),
		jen.Line().Id("Columns").Op(":").Index().Qual(runtimePath, "Column").ValuesFunc(func(list *jen.Group) {
			for i, p := range q.params {
				list.Line().Add(columnLiteral(q.Copy.Columns[i], p.codec))
			}
			list.Line()
		}),
		jen.Line().Id("Encode").Op(":").Add(encode),
		jen.Line(),
	)
}

// doc is a method's comment: what the user wrote above the query, else a
// sentence that says what the command does.
func (g *generator) doc(q *query) []string {
	lines := q.Comment
	if len(lines) == 0 {
		lines = []string{q.Name + " " + map[model.Command]string{
			model.One:        "returns the one row of its query, or an error that is pgx.ErrNoRows.",
			model.Many:       "returns the rows of its query.",
			model.Iter:       "streams the rows of its query. The connection is busy until the loop ends.",
			model.Optional:   "returns the one row of its query, or nil without one.",
			model.Exec:       "runs its query.",
			model.ExecRows:   "runs its query and returns how many rows it touched.",
			model.ExecResult: "runs its query and returns the server's command tag.",
			model.CopyFrom:   "copies rows into " + copyName(q) + " and returns how many.",
			model.BatchExec:  "runs its query for each argument, all in one round trip.",
			model.BatchOne:   "runs its query for each argument, all in one round trip; each returns one row.",
			model.BatchMany:  "runs its query for each argument, all in one round trip; each returns rows.",
		}[q.Command]}
	}
	if g.opt.SQLAsComment {
		lines = append(append([]string{}, lines...), "")
		for _, l := range strings.Split(q.SQL, "\n") {
			lines = append(lines, "\t"+l)
		}
	}
	return lines
}

func copyName(q *query) string {
	if q.Copy == nil {
		return "its table"
	}
	return q.Copy.Table
}

// querierFile holds the interface of all methods.
func (g *generator) querierFile() *jen.File {
	f := g.file("")
	f.Comment("// Querier is what [Queries] does, for code that wants to be tested without a\n// database.")
	f.Type().Id("Querier").InterfaceFunc(func(m *jen.Group) {
		listed := map[*query]bool{}
		for _, gr := range g.groups() {
			for _, q := range gr.queries {
				if listed[q] {
					continue
				}
				listed[q] = true
				s := comment(&jen.Statement{}, g.doc(q)...).Id(q.Name).Params(g.signature(q)...)
				if results := g.results(q); len(results) == 1 {
					s.Add(results[0])
				} else {
					s.Params(results...)
				}
				m.Add(s)
				switch {
				case q.stream == "":
				case q.Command == model.CopyFrom:
					m.Id(q.stream).Add(g.copySeq(q))
				default:
					m.Id(q.stream).Params(g.signature(q)...).Add(g.seq(q))
				}
			}
		}
	})
	f.Var().Id("_").Id("Querier").Op("=").Parens(jen.Op("*").Id("Queries")).Parens(jen.Nil())
	return f
}
