package analysis

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// The numbers of CmdType in the trees of all versions (src/include/nodes/nodes.h).
const (
	commandUpdate = 2
	commandInsert = 3
)

// doubt is a warning about a statement that fails for every row, unless a
// trigger comes before.
type doubt struct {
	st            *statement
	relation      *catalog.Relation
	offset        int
	message, hint string
	warning       *diag.Diagnostic
}

// violations finds, while the tree is at hand, where a statement leaves a NOT
// NULL column empty for all to see: the constant NULL, and a column of an
// INSERT that is not named and has no default.
func (a *analyser) violations(st *statement, got answer) {
	query := queryOf(got.root)
	command := query.Int("commandType")
	if query == nil || command != commandInsert && command != commandUpdate {
		return
	}
	r := a.session.Catalog.Relations[rangeTable(query, query.Int("resultRelation")).OID("relid")]
	if r == nil || r.Rules || r.Kind != catalog.Table && r.Kind != catalog.PartitionedTable {
		return
	}
	given := map[int16]bool{}
	for _, target := range query.List("targetList") {
		t := target.Node()
		number := int16(t.Int("resno"))
		given[number] = true
		c := r.Column(number)
		value := t.Node("expr")
		if c == nil || !c.NotNull || value.Tag() != "CONST" || !value.Bool("constisnull") {
			continue
		}
		offset := value.Int("location")
		if offset < 0 || offset >= len(st.rewritten.SQL) {
			continue
		}
		a.doubt(st, r, offset, fmt.Sprintf("column %s of %s is NOT NULL, so no row can be written like this", c.Name, r.Name), "give it a value, or a parameter")
	}
	if command != commandInsert {
		return
	}
	var missing []string
	for _, c := range r.Columns {
		if c.NotNull && !given[c.Number] && !c.HasDefault && c.Identity == 0 && c.Generated == 0 && a.domainDefault(c.Type) == "" {
			missing = append(missing, sqltext.Identifier(c.Name))
		}
	}
	hint := "name it among the columns and give it a value"
	switch n := len(missing); {
	case n == 0:
		return
	case n == 1:
		a.doubt(st, r, inserted(st.rewritten.SQL), fmt.Sprintf("column %s of %s is NOT NULL and has no default, so no row can be inserted without it", missing[0], r.Name), hint)
	default:
		if n > 5 {
			missing = append(missing[:4], fmt.Sprintf("%d more", n-4))
		}
		last := len(missing) - 1
		list := strings.Join(missing[:last], ", ") + " and " + missing[last]
		a.doubt(st, r, inserted(st.rewritten.SQL), fmt.Sprintf("columns %s of %s are NOT NULL and have no default, so no row can be inserted without them", list, r.Name), strings.ReplaceAll(hint, " it ", " them "))
	}
}

func (a *analyser) doubt(st *statement, r *catalog.Relation, offset int, message, hint string) {
	w := st.at(offset, message, hint)
	w.Severity = diag.Warning
	d := doubt{st, r, offset, message, hint, w}
	st.doubts = append(st.doubts, d)
	a.doubts = append(a.doubts, d)
}

// domainDefault is the default that a column has of its type.
func (a *analyser) domainDefault(oid uint32) string {
	for t := a.session.Catalog.Type(oid); t != nil && t.Kind == catalog.Domain; t = a.session.Catalog.Type(t.Base) {
		if t.Default != "" {
			return t.Default
		}
	}
	return ""
}

// inserted is where an INSERT names its table; the statement's beginning if it
// does not look like one.
func inserted(sql string) int {
	tokens := sqltext.Significant(sql)
	for i, t := range tokens {
		if strings.EqualFold(sql[t.Start:t.End], "into") && i+1 < len(tokens) {
			return tokens[i+1].Start
		}
	}
	return 0
}

// sqlBeforeTriggers lists the tables whose rows a trigger can change before
// they are stored: the bits of tgtype are those of src/include/catalog/pg_trigger.h.
const sqlBeforeTriggers = "select tgrelid from pg_catalog.pg_trigger where tgtype & 3 = 3 and tgrelid = any($1::oid[])"

// decide reports the doubts that no trigger clears up.
func (a *analyser) decide(ctx context.Context) error {
	if len(a.doubts) == 0 {
		return nil
	}
	var oids []string
	for _, d := range a.doubts {
		oids = append(oids, strconv.Itoa(int(d.relation.OID)))
		for _, child := range d.relation.Children {
			oids = append(oids, strconv.Itoa(int(child)))
		}
	}
	result := a.session.conn.PgConn().ExecParams(ctx, sqlBeforeTriggers, [][]byte{[]byte("{" + strings.Join(oids, ",") + "}")}, nil, nil, nil).Read()
	if result.Err != nil {
		return fmt.Errorf("look for triggers: %w", result.Err)
	}
	triggered := map[string]bool{}
	for _, row := range result.Rows {
		triggered[string(row[0])] = true
	}
	for _, d := range a.doubts {
		cleared := triggered[strconv.Itoa(int(d.relation.OID))]
		for _, child := range d.relation.Children {
			cleared = cleared || triggered[strconv.Itoa(int(child))]
		}
		if !cleared {
			a.during(d.st, func() { a.report(d.warning) })
		}
	}
	return nil
}
