package vet

import (
	"fmt"

	"github.com/pgwright/pgwright/generator/internal/nullability"
)

// notInNull finds NOT IN and <> ALL over a list that can hold a NULL.
func (c *check) notInNull() {
	in := nullability.Input{SQL: c.st.SQL, Root: c.st.Tree, Params: c.st.Params}
	if c.st.Tree == nil {
		return
	}
	for _, x := range c.judges.Exclusions(in, c.st.Nullable) {
		what, hint := "the list of this comparison", "leave the NULL out of the list, or compare with IS DISTINCT FROM"
		if x.Subquery {
			what, hint = "this subquery", "use NOT EXISTS (SELECT … WHERE …), or leave NULLs out with IS NOT NULL in the subquery"
		}
		c.report(x.Location, fmt.Sprintf("%s can hold a NULL (%s), and then the condition is true for no row", what, x.Why), hint)
	}
}
