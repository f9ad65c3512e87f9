package nullability

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// incomplete says which field a tree lacks that verdicts rest on, or "". A
// field that is missing reads like one that is null or zero, and so like a
// query without FILTER, without LIMIT, without grouping sets. All versions print
// these fields, so a tree without one is from a version that nobody knows yet.
func incomplete(n *nodetree.Node, c *catalog.Catalog) string {
	for _, name := range required(n, c) {
		if !n.Has(name) {
			return "the query tree has a " + n.Tag() + " without " + name
		}
	}
	for i := range n.Len() {
		_, v := n.Field(i)
		if why := incompleteValue(v, c); why != "" {
			return why
		}
	}
	for _, v := range n.Items() {
		if why := incompleteValue(v, c); why != "" {
			return why
		}
	}
	return ""
}

func incompleteValue(v nodetree.Value, c *catalog.Catalog) string {
	if n := v.Node(); n != nil {
		return incomplete(n, c)
	}
	for _, item := range v.List() {
		if why := incompleteValue(item, c); why != "" {
			return why
		}
	}
	return ""
}

// required are the fields that a node must have.
func required(n *nodetree.Node, c *catalog.Catalog) []string {
	switch n.Tag() {
	case "QUERY":
		fields := []string{
			"commandType", "resultRelation", "hasAggs", "hasTargetSRFs", "cteList", "rtable", "jointree", "targetList", "returningList",
			"groupClause", "groupingSets", "havingQual", "windowClause", "limitOffset", "limitCount", "setOperations",
		}
		if commandOf(n, c) == mergeCommand {
			fields = append(fields, "mergeActionList")
		}
		return fields
	case "RTE", "RANGETBLENTRY":
		return requiredRelation(n)
	case "RANGETBLFUNCTION":
		return []string{"funcexpr", "funccolcount", "funccolnames"}
	case "RANGETBLREF":
		return []string{"rtindex"}
	case "FROMEXPR":
		return []string{"fromlist", "quals"}
	case "JOINEXPR":
		return []string{"jointype", "larg", "rarg", "quals", "rtindex"}
	case "SETOPERATIONSTMT":
		return []string{"op", "larg", "rarg", "colTypes"}
	case "COMMONTABLEEXPR":
		return []string{"ctename", "ctequery", "cterecursive"}
	case "GROUPINGSET":
		return []string{"kind", "content"}
	case "SORTGROUPCLAUSE":
		return []string{"tleSortGroupRef"}
	case "WINDOWCLAUSE":
		return []string{"winref", "frameOptions", "startOffset", "endOffset", "startInRangeFunc", "endInRangeFunc"}
	case "TARGETENTRY":
		return []string{"expr", "resjunk", "ressortgroupref"}
	case "TABLEFUNC":
		if c.ServerVersion >= 170000 {
			return []string{"functype", "ordinalitycol", "notnulls"}
		}
		return []string{"ordinalitycol", "notnulls"}
	}
	return requiredExpr(n, c)
}

func requiredRelation(n *nodetree.Node) []string {
	kind, ok := n.Get("rtekind").Int()
	if !ok {
		return []string{"rtekind"}
	}
	switch kind {
	case rteRelation:
		return []string{"relid", "inh"}
	case rteSubquery:
		return []string{"subquery"}
	case rteJoin:
		return []string{"joinaliasvars"}
	case rteFunction:
		return []string{"functions", "funcordinality"}
	case rteTableFunc:
		return []string{"tablefunc"}
	case rteValues:
		return []string{"values_lists"}
	case rteCTE:
		return []string{"ctename", "ctelevelsup"}
	case rteGroup:
		return []string{"groupexprs"}
	}
	return nil
}

func requiredExpr(n *nodetree.Node, c *catalog.Catalog) []string {
	switch n.Tag() {
	case "VAR":
		if c.ServerVersion >= 180000 {
			return []string{"varno", "varattno", "varlevelsup", "varreturningtype"}
		}
		return []string{"varno", "varattno", "varlevelsup"}
	case "CONST":
		return []string{"consttype", "constlen", "constisnull", "constvalue"}
	case "PARAM":
		return []string{"paramkind", "paramid"}
	case "OPEXPR":
		return []string{"opfuncid", "opresulttype", "opretset", "args"}
	case "DISTINCTEXPR", "NULLIFEXPR", "COALESCE", "COALESCEEXPR", "MINMAX", "MINMAXEXPR", "ROW", "ROWEXPR":
		return []string{"args"}
	case "FUNCEXPR":
		return []string{"funcid", "funcresulttype", "funcretset", "funcvariadic", "args"}
	case "SCALARARRAYOPEXPR":
		return []string{"opfuncid", "useOr", "args"}
	case "BOOLEXPR":
		return []string{"boolop", "args"}
	case "NULLTEST":
		return []string{"arg", "nulltesttype", "argisrow"}
	case "BOOLEANTEST":
		return []string{"arg", "booltesttype"}
	case "CASE", "CASEEXPR":
		return []string{"arg", "args", "defresult"}
	case "WHEN", "CASEWHEN":
		return []string{"expr", "result"}
	case "RELABELTYPE", "COERCEVIAIO", "CONVERTROWTYPEEXPR", "COERCETODOMAIN":
		return []string{"arg", "resulttype"}
	case "ARRAYCOERCEEXPR":
		return []string{"arg", "elemexpr", "resulttype"}
	case "COLLATE", "COLLATEEXPR", "NAMEDARGEXPR":
		return []string{"arg"}
	case "ARRAY", "ARRAYEXPR":
		return []string{"elements", "multidims"}
	case "FIELDSELECT":
		return []string{"arg", "fieldnum"}
	case "SUBSCRIPTINGREF":
		return []string{"refcontainertype", "refupperindexpr", "reflowerindexpr", "refexpr", "refassgnexpr"}
	case "SUBLINK":
		return []string{"subLinkType", "testexpr", "subselect"}
	case "AGGREF":
		return []string{"aggfnoid", "aggdirectargs", "args", "aggfilter", "agglevelsup"}
	case "WINDOWFUNC":
		return []string{"winfnoid", "args", "aggfilter", "winref", "winagg"}
	case "ROWCOMPARE", "ROWCOMPAREEXPR":
		return []string{"opnos", "largs", "rargs"}
	case "JSONCONSTRUCTOREXPR":
		return []string{"type", "coercion"}
	}
	return nil
}
