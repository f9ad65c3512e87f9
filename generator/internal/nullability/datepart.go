package nullability

import (
	"strings"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// evalDatePart judges extract and date_part. Of an infinite date they return
// NULL, but for the fields that grow with time, where they return infinity.
func (a *analysis) evalDatePart(e *env, oid uint32, args []nodetree.Value) (verdict, bool) {
	name, ok := datePart(oid)
	if !ok || len(args) != 2 {
		return verdict{}, false
	}
	field := args[0].Node()
	for field.Tag() == "RELABELTYPE" {
		field = field.Node("arg")
	}
	if !isConstant(field) {
		return nullable(name + " of a field that is not constant"), true
	}
	switch unit := strings.ToLower(textDatum(field)); unit {
	case "epoch", "year", "decade", "century", "millennium", "julian", "isoyear":
		return a.over(e, "strict function "+name, []*nodetree.Node{args[1].Node()}), true
	default:
		return nullable(name + " of an infinite value is null for " + unit), true
	}
}

// datePart recognises extract and date_part of types that have infinities.
// Those of a time have none and are total.
func datePart(oid uint32) (string, bool) {
	switch oid {
	case 1171, // date_part(text, timestamp with time zone)
		1172, // date_part(text, interval)
		1384, // date_part(text, date)
		2021: // date_part(text, timestamp without time zone)
		return "date_part", true
	case 6199, // extract(text, date)
		6202, // extract(text, timestamp without time zone)
		6203, // extract(text, timestamp with time zone)
		6204: // extract(text, interval)
		return "extract", true
	}
	return "", false
}

// textDatum is the text of a constant: what follows the four bytes of its
// length.
func textDatum(n *nodetree.Node) string {
	if b := n.Get("constvalue").Datum(); len(b) > 4 {
		return string(b[4:])
	}
	return ""
}
