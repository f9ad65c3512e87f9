package nullability

import (
	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// Bits of frameOptions (src/include/nodes/parsenodes.h).
const (
	frameRange          = 0x2
	frameStartUnbounded = 0x20
	frameEndUnbounded   = 0x100
	frameStartCurrent   = 0x200
	frameEndCurrent     = 0x400
	frameStartPreceding = 0x800
	frameEndFollowing   = 0x4000
	frameExcludeCurrent = 0x8000
	frameExcludeGroup   = 0x10000
)

// windowClass is how a window function of PostgreSQL's own makes NULLs.
type windowClass uint8

const (
	unknownWindow windowClass = iota
	// ranking functions always return a value.
	ranking
	// buckets: NULL for a NULL argument.
	buckets
	// edge: the argument in the first or last row of the frame.
	edge
	// offset: the argument in another row, or the default, the third argument.
	offset
)

// windowClassOf returns the class of a window function that is no aggregate.
func windowClassOf(oid uint32) windowClass {
	switch oid {
	case 3100, // row_number()
		3101, // rank()
		3102, // dense_rank()
		3103, // percent_rank()
		3104: // cume_dist()
		return ranking
	case 3105: // ntile(integer)
		return buckets
	case 3106, // lag(anyelement)
		3107, // lag(anyelement, integer)
		3108, // lag(anycompatible, integer, anycompatible)
		3109, // lead(anyelement)
		3110, // lead(anyelement, integer)
		3111: // lead(anycompatible, integer, anycompatible)
		return offset
	case 3112, // first_value(anyelement)
		3113: // last_value(anyelement)
		return edge
	}
	return unknownWindow
}

// evalWindow judges a window function. What it looks at are the rows of the
// window, for which the facts about one row do not hold.
func (a *analysis) evalWindow(e *env, n *nodetree.Node) verdict {
	oid := n.OID("winfnoid")
	name := a.functionName(oid)
	args := nodes(n.List("args"))
	rows := a.outputEnv(e.q, e.up)
	if n.Bool("winagg") {
		class := a.aggregateClass(oid)
		switch {
		case class == countAggregate:
			return notNull(name + " is never null")
		case class == unknownAggregate:
			return nullable(name + " can return null")
		case !n.Get("aggfilter").IsNull():
			return nullable(name + " with FILTER")
		case !e.q.frameHasCurrentRow(n):
			return nullable("the frame of " + name + " can be empty")
		case class == anyRow:
			return notNull("the frame of " + name + " has the current row")
		case len(args) == 0:
			return nullable(name + " without arguments")
		}
		return a.over(rows, name, args)
	}
	switch windowClassOf(oid) {
	case ranking:
		return notNull(name + " is never null")
	case buckets:
		return a.over(rows, name, args)
	case edge:
		if !e.q.frameHasCurrentRow(n) {
			return nullable("the frame of " + name + " can be empty")
		}
		return a.over(rows, name, args)
	case offset:
		if len(args) == 3 {
			return a.over(rows, name+" with a default", args)
		}
		return nullable(name + " can reach beyond the window")
	}
	return nullable(name + " can return null")
}

// frameHasCurrentRow reports whether the frame of every row has that row.
func (q *query) frameHasCurrentRow(n *nodetree.Node) bool {
	ref := n.Int("winref")
	for _, v := range q.node.List("windowClause") {
		w := v.Node()
		if w.Int("winref") != ref {
			continue
		}
		options, ok := w.Get("frameOptions").Int()
		return ok &&
			options&(frameStartUnbounded|frameStartCurrent|frameStartPreceding) != 0 &&
			options&(frameEndUnbounded|frameEndCurrent|frameEndFollowing) != 0 &&
			options&(frameExcludeCurrent|frameExcludeGroup) == 0 &&
			(options&frameRange == 0 ||
				(options&frameStartPreceding == 0 || reaches(w.OID("startInRangeFunc"), w.Node("startOffset"))) &&
					(options&frameEndFollowing == 0 || reaches(w.OID("endInRangeFunc"), w.Node("endOffset"))))
	}
	return false
}

// reaches reports whether the offset of a RANGE frame goes no further than the
// row it is counted from, in the direction that it is meant to go. PostgreSQL
// takes no negative offset, but an interval such as '1 month -30 days' is not
// negative and still leads from the first of March to the third.
func reaches(inRange uint32, offset *nodetree.Node) bool {
	switch {
	case inRange == 0 || inRange >= firstUserOID:
		return false
	case inRange != 4133 && // in_range(date, date, interval, boolean, boolean)
		inRange != 4134 && // in_range(timestamp, timestamp, interval, boolean, boolean)
		inRange != 4135: // in_range(timestamptz, timestamptz, interval, boolean, boolean)
		return true
	case !isConstant(offset):
		return false
	}
	// Microseconds, days and months (src/include/datatype/timestamp.h), as a
	// little-endian server has them. What another one prints ends with other
	// bytes than zero if it is small, and begins with 0xff if it is small and
	// negative.
	b := offset.Get("constvalue").Datum()
	if len(b) != 16 {
		return false
	}
	for _, field := range [][]byte{b[:8], b[8:12], b[12:]} {
		if field[0] == 0xff || field[len(field)-1] != 0 {
			return false
		}
	}
	return true
}
