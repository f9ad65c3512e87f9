package nullability

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// A filler makes values by type: the k-th of each type, so that what joins on
// equal values finds some, and keys differ. A type has several variants, for
// where a constraint refuses the first.
type filler struct{ c *catalog.Catalog }

// variants is how many kinds of values a filler tries.
const variants = 4

// literal is the k-th value of a type as text, without quotes.
func (f filler) literal(typ uint32, k, variant int) string {
	t := f.c.BaseType(typ)
	if t == nil {
		return ""
	}
	switch {
	case t.Element != 0:
		return f.array(t, k, variant)
	case t.Kind == catalog.Enum && len(t.Labels) > 0:
		return t.Labels[k%len(t.Labels)]
	case t.Kind == catalog.Composite:
		return f.composite(t, k, variant)
	case t.Kind == catalog.Range:
		return f.rangeOf(t, k, variant)
	case t.Kind == catalog.Multirange:
		if r := f.c.Types[t.Subtype]; r != nil && k%3 > 0 {
			return "{" + f.rangeOf(r, k, variant) + "}"
		}
		return "{}"
	}
	return scalar(t.Name, k, variant)
}

// array has NULL elements in every other value.
func (f filler) array(t *catalog.Type, k, variant int) string {
	element := quoteIn(f.literal(t.Element, k, variant))
	switch k % 4 {
	case 0:
		return "{" + element + "}"
	case 1:
		return "{" + element + ",NULL}"
	case 2:
		return "{}"
	}
	return "{" + element + "," + quoteIn(f.literal(t.Element, k+1, variant)) + "}"
}

// composite has NULL fields in every other value.
func (f filler) composite(t *catalog.Type, k, variant int) string {
	rel := f.c.Relations[t.Relation]
	if rel == nil {
		return "()"
	}
	var fields []string
	for i, column := range rel.Columns {
		if (k+i)%2 == 1 && !column.NotNull {
			fields = append(fields, "")
		} else {
			fields = append(fields, quoteIn(f.literal(column.Type, k, variant)))
		}
	}
	return "(" + strings.Join(fields, ",") + ")"
}

func (f filler) rangeOf(t *catalog.Type, k, variant int) string {
	low := quoteIn(f.literal(t.Subtype, k, variant))
	switch k % 3 {
	case 0:
		return "[" + low + ",)"
	case 1:
		return "empty"
	}
	return "[" + low + "," + low + "]"
}

// quoteIn quotes a value within an array, a row or a range.
func quoteIn(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// scalar is a value of a base type by its name.
func scalar(name string, k, variant int) string {
	n := k + 1
	switch name {
	case "bool":
		return []string{"t", "f"}[k%2]
	case "int2", "int4", "int8", "oid", "xid", "cid", "xid8", "money", "numeric", "float4", "float8":
		return fmt.Sprint(n)
	case "date":
		return fmt.Sprintf("2020-01-%02d", 1+k%28)
	case "time", "timetz":
		return fmt.Sprintf("10:00:%02d", k%60)
	case "timestamp", "timestamptz":
		switch k % 4 {
		case 2:
			return fmt.Sprintf("2999-01-%02d 10:00:00", 1+k%28)
		case 3:
			return "infinity"
		}
		return fmt.Sprintf("2020-01-%02d 10:00:00", 1+k%28)
	case "interval":
		return fmt.Sprintf("%d days", n)
	case "uuid":
		return fmt.Sprintf("00000000-0000-0000-0000-%012d", n)
	case "json", "jsonb":
		return []string{`{"a": null}`, `[1, null]`, `{}`, `null`, `{"a": {"b": 1}, "name": "x", "id": 1}`}[k%5]
	case "xml":
		return "<a/>"
	case "bytea":
		return fmt.Sprintf(`\x%02x`, k%256)
	case "bit":
		return strings.Repeat("1", []int{1, 3, 8, 5}[variant%variants])
	case "varbit":
		return "1" + strings.Repeat("0", k%7)
	case "inet", "cidr":
		return netip.AddrFrom4([4]byte{10, 0, 0, byte(n)}).String()
	case "macaddr":
		return fmt.Sprintf("08:00:2b:01:02:%02x", k%256)
	case "macaddr8":
		return fmt.Sprintf("08:00:2b:01:02:03:04:%02x", k%256)
	case "point":
		return fmt.Sprintf("(%d,1)", n)
	case "line":
		return "{1,2,3}"
	case "lseg", "path", "box":
		return fmt.Sprintf("(1,1),(%d,2)", n+1)
	case "polygon":
		return "((1,1),(2,2),(3,1))"
	case "circle":
		return "<(1,1),2>"
	case "tid":
		return fmt.Sprintf("(0,%d)", n)
	case "tsvector", "tsquery":
		return "word"
	case "pg_lsn":
		return fmt.Sprintf("0/%X", n)
	case "txid_snapshot", "pg_snapshot":
		return "10:20:"
	case "ltree", "lquery":
		return "top.a"
	case "hstore":
		return `"a"=>NULL, "b"=>"1"`
	case "bpchar", "char":
		return string(rune('a' + k%26))
	}
	letter := string(rune('a' + k%26))
	if k >= 26 {
		letter = fmt.Sprintf("a%d", k)
	}
	return []string{letter, letter + "@example.org", "http://example.org/" + letter, fmt.Sprint(n)}[variant%variants]
}

// fill puts rows into all tables of a database: one with NULL wherever the
// table takes it, three with values, and for each column that takes NULL one
// in which it is the only NULL. What a constraint refuses is left out, and
// tables without any row are returned.
func (s *state) fill(t *testing.T, c *catalog.Catalog, rows string) (empty []string) {
	t.Helper()
	ctx := t.Context()
	require.NoError(t, s.script(ctx, "SET session_replication_role = replica"))
	for at, rel := range fillable(c) {
		if rows == "odd" && at%2 == 0 || rows == "even" && at%2 == 1 {
			continue
		}
		f := filler{c}
		var columns []*catalog.Column
		for _, column := range rel.Columns {
			if column.Generated == 0 {
				columns = append(columns, column)
			}
		}
		inserted := 0
		insert := func(k int, null func(i int) bool) {
			for variant := range variants {
				var names, values []string
				for i, column := range columns {
					names = append(names, quoteName(column.Name))
					if null(i) && !column.NotNull {
						values = append(values, "NULL")
					} else {
						values = append(values, quoteText(f.literal(column.Type, k, variant)))
					}
				}
				sql := fmt.Sprintf("INSERT INTO %s DEFAULT VALUES", tableName(rel))
				if len(columns) > 0 {
					sql = fmt.Sprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)", tableName(rel), strings.Join(names, ", "), strings.Join(values, ", "))
				}
				err := s.script(ctx, sql)
				if err == nil {
					inserted++
					return
				}
				require.NotNil(t, pgError(err), "%s", err)
			}
		}
		none := func(int) bool { return false }
		switch rows {
		case "single":
			insert(0, func(int) bool { return true })
		case "full":
			insert(0, none)
		default:
			insert(0, func(int) bool { return true })
			for k := range 3 {
				insert(k+1, none)
			}
			for i := range columns {
				insert(4+i, func(j int) bool { return i == j })
			}
			// And one that no row of another table belongs to.
			insert(30+at, none)
		}
		if inserted == 0 {
			empty = append(empty, rel.Schema+"."+rel.Name)
		}
	}
	for _, rel := range sortedRelations(c) {
		if rel.Kind == catalog.MaterializedView {
			// One that cannot be refreshed stays as it is.
			if err := s.script(ctx, "REFRESH MATERIALIZED VIEW "+tableName(rel)); err != nil {
				require.NotNil(t, pgError(err), "%s", err)
			}
		}
	}
	require.NoError(t, s.script(ctx, "SET session_replication_role = origin"))
	return empty
}

// fillable are the tables that rows go into.
func fillable(c *catalog.Catalog) []*catalog.Relation {
	return slices.DeleteFunc(sortedRelations(c), func(r *catalog.Relation) bool {
		return r.Extension != "" || r.Kind != catalog.Table && r.Kind != catalog.PartitionedTable || r.Partition
	})
}

func sortedRelations(c *catalog.Catalog) []*catalog.Relation {
	var rels []*catalog.Relation
	for oid, rel := range c.Relations {
		if oid >= catalog.FirstUserOID {
			rels = append(rels, rel)
		}
	}
	slices.SortFunc(rels, func(a, b *catalog.Relation) int { return cmp.Compare(a.OID, b.OID) })
	return rels
}

func tableName(rel *catalog.Relation) string {
	return quoteName(rel.Schema) + "." + quoteName(rel.Name)
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func quoteText(s string) string {
	return `E'` + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + `'`
}
