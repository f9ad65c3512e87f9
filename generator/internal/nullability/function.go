package nullability

import (
	"sort"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

const firstUserOID = catalog.FirstUserOID

const boolOID = 16

// functionClass is when a function of PostgreSQL's own returns NULL.
type functionClass uint8

const (
	// partial functions can return NULL whatever the input.
	partial functionClass = iota
	// total functions return a value if no argument is NULL.
	total
	// never: not even for NULL arguments.
	never
	// first: only if the first argument is NULL.
	first
	// either: only if all arguments are NULL.
	either
)

// function is a function of PostgreSQL's own with its class.
type function struct {
	builtin
	class functionClass
}

// classify returns the class of a function.
func (a *analysis) classify(oid uint32) functionClass {
	i := sort.Search(len(functions), func(i int) bool { return functions[i].oid >= oid })
	if i < len(functions) && functions[i].oid == oid && a.has(functions[i].builtin) {
		return functions[i].class
	}
	return partial
}

// builtin is a function of PostgreSQL's own, whose OID is the same in all
// databases.
type builtin struct {
	oid uint32
	// signature is how regprocedure prints the function, in the newest version.
	signature string
}

// has reports whether the server has the function. PostgreSQL gives the OID of
// a function that it dropped to a new one in a later version.
func (a *analysis) has(b builtin) bool {
	f := a.schema.catalog.Functions[b.oid]
	if f == nil {
		return false
	}
	rest, ok := strings.CutPrefix(strings.TrimPrefix(b.signature, `"`), f.Name)
	return ok && strings.HasPrefix(strings.TrimPrefix(rest, `"`), "(")
}

func (a *analysis) functionName(oid uint32) string {
	if f := a.schema.catalog.Functions[oid]; f != nil {
		return f.Name
	}
	return "unknown function"
}

func (a *analysis) evalFuncExpr(e *env, n *nodetree.Node) verdict {
	oid := n.OID("funcid")
	args := n.List("args")
	if v, ok := a.evalDatePart(e, oid, args); ok {
		return v
	}
	return a.evalFunction(e, "function "+a.functionName(oid), oid, args, n.Bool("funcvariadic"))
}

func (a *analysis) evalFunction(e *env, what string, oid uint32, args []nodetree.Value, variadic bool) verdict {
	class := a.classify(oid)
	if a.castsArgument(oid, args) {
		class = partial
	}
	if variadic && class != partial {
		// An array that is NULL counts as no arguments for some functions and as
		// a NULL argument for others.
		class = total
	}
	switch class {
	case never:
		return notNull(what + " is never null")
	case first:
		if len(args) > 0 {
			return a.over(e, what, nodes(args[:1]))
		}
	case either:
		for _, v := range args {
			if !a.eval(e, v.Node()).null {
				return notNull(what + " over a value that is not null")
			}
		}
		return nullable(what + " over values that can all be null")
	case total:
		if what == "operator" || a.strict(oid) {
			what = "strict " + what
		}
		return a.over(e, what, nodes(args))
	}
	if oid >= firstUserOID {
		return nullable(what + " is user-defined")
	}
	return nullable(what + " can return null")
}

// castsArgument reports whether a function casts an argument of a user's type
// to text, with a cast that may be the user's too.
func (a *analysis) castsArgument(oid uint32, args []nodetree.Value) bool {
	switch oid {
	case 2003, // textanycat(text, anynonarray)
		2004, // anytextcat(anynonarray, text)
		1285, // quote_literal(anyelement)
		1290: // quote_nullable(anyelement)
		for _, v := range args {
			if t := a.schema.catalog.BaseType(exprType(v.Node())); t == nil || t.OID >= firstUserOID && t.Kind != catalog.Enum {
				return true
			}
		}
	}
	return false
}

func (a *analysis) strict(oid uint32) bool {
	f := a.schema.catalog.Functions[oid]
	return f != nil && f.Strict
}

// evalArrayOperator judges x = ANY (array) and its like: NULL also if an
// element is.
func (a *analysis) evalArrayOperator(e *env, n *nodetree.Node) verdict {
	args := n.List("args")
	if len(args) != 2 || a.classify(n.OID("opfuncid")) != total {
		return nullable("operator can return null")
	}
	if a.elements(e, args[1].Node()) {
		return nullable("comparison with elements that can be null")
	}
	return a.over(e, "comparison", nodes(args))
}
