package nullability

import (
	"maps"
	"slices"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// Condition is a verdict that holds as long as certain parameters are given.
type Condition struct {
	// Params are the numbers of the parameters of which none may be NULL, nor an
	// element of one that is an array. An array that is NULL itself does no harm.
	Params []int
	// Nullable, Why and ElementNullable are then those of the [Column].
	Nullable        bool
	Why             string
	ElementNullable bool
}

// maxGiven is how many parameters are told apart; of more, all have to be given.
const maxGiven = 16

// conditions finds the columns that are nullable only because a parameter could
// be NULL that nobody has a reason to pass NULL for, whatever the caller's
// language makes of that.
func (z *Analyzer) conditions(in Input, root *nodetree.Node, a *analysis, r *Result) {
	given := map[int]bool{}
	for n := range a.asked {
		if n >= 1 && n <= len(r.Params) && !r.Params[n-1].Nullable && !r.Params[n-1].ElementNullable {
			given[n] = true
		}
	}
	if len(given) == 0 {
		return
	}
	judge := func(given map[int]bool) []Column {
		b := &analysis{schema: z.schema, sql: in.SQL, queries: map[*nodetree.Node]*query{}, given: given}
		out := &Result{Columns: make([]Column, len(r.Columns)), Params: make([]Param, len(r.Params))}
		if b.columns(root, out) != "" {
			return r.Columns
		}
		return out.Columns
	}
	better := func(c, than Column) bool {
		return !c.Nullable && than.Nullable || !c.ElementNullable && than.ElementNullable
	}
	same := func(c, d Column) bool {
		return c.Nullable == d.Nullable && c.ElementNullable == d.ElementNullable
	}
	all := judge(given)
	if !slices.EqualFunc(all, r.Columns, same) && len(given) <= maxGiven {
		// A parameter without which nothing changes for a column is not needed for
		// it, unless others are as good.
		without := map[int][]Column{}
		for n := range given {
			rest := maps.Clone(given)
			delete(rest, n)
			without[n] = judge(rest)
		}
		for i := range all {
			if !better(all[i], r.Columns[i]) {
				continue
			}
			needed := map[int]bool{}
			for n, columns := range without {
				if !same(columns[i], all[i]) {
					needed[n] = true
				}
			}
			if len(needed) == 0 || !same(judge(needed)[i], all[i]) {
				// Of several that are as good the first is enough.
				needed = maps.Clone(given)
				for _, n := range slices.Backward(slices.Sorted(maps.Keys(given))) {
					delete(needed, n)
					if !same(judge(needed)[i], all[i]) {
						needed[n] = true
					}
				}
			}
			r.Columns[i].If = condition(needed, all[i])
		}
		return
	}
	for i := range all {
		if better(all[i], r.Columns[i]) {
			r.Columns[i].If = condition(given, all[i])
		}
	}
}

func condition(params map[int]bool, c Column) *Condition {
	return &Condition{
		Params:   slices.Sorted(maps.Keys(params)),
		Nullable: c.Nullable, Why: c.Why, ElementNullable: c.ElementNullable,
	}
}
