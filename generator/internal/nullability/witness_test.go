package nullability

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// witness runs statements and looks for a NULL where none was claimed to be.
type witness struct {
	d *database
	// states are scripts that bring the database into another state.
	states map[string]string
	// unseen are columns that were called nullable and never were NULL.
	unseen, seen, claimed int
	notes                 []string
}

// newWitness prepares three states: the rows of the schema, which hold NULL
// wherever it may be, no rows, and one row in each table.
func newWitness(t *testing.T, d *database) *witness {
	t.Helper()
	var empty, single strings.Builder
	empty.WriteString("SET LOCAL session_replication_role = replica;")
	single.WriteString(empty.String())
	for _, name := range tableNames(d.catalog) {
		fmt.Fprintf(&empty, "DELETE FROM %s;", name)
		fmt.Fprintf(&single, "DELETE FROM ONLY %[1]s WHERE ctid <> (SELECT min(ctid) FROM ONLY %[1]s);", name)
	}
	empty.WriteString("SET LOCAL session_replication_role = origin;")
	single.WriteString("SET LOCAL session_replication_role = origin;")
	if d.catalog.ServerVersion < 140000 {
		// There is no min of tid.
		single.Reset()
	}
	return &witness{d: d, states: map[string]string{"rows": "", "empty": empty.String(), "single": single.String()}}
}

// tableNames are the user's tables that have rows.
func tableNames(c *catalog.Catalog) []string {
	var names []string
	for oid, rel := range c.Relations {
		if oid >= catalog.FirstUserOID && rel.Kind == catalog.Table {
			names = append(names, fmt.Sprintf("%q.%q", rel.Schema, rel.Name))
		}
	}
	slices.Sort(names)
	return names
}

// samples are values for parameters, by type.
var samples = map[uint32][]string{
	16: {"t", "f"}, 21: {"1", "2"}, 23: {"1", "20"}, 25: {"x", "a"}, 700: {"1", "0"}, 701: {"1", "0"},
	1700: {"1.5", "0"}, 1082: {"2020-01-01", "infinity"}, 1114: {"2020-01-01", "infinity"}, 1184: {"2020-01-01", "-infinity"},
	1186: {"1 day", "0"}, 114: {"{}", "[1]"}, 3802: {"{}", "[1]"}, 1016: {"{1,2}", "{}"}, 1007: {"{1,NULL}", "{}"}, 1009: {"{x,a}", "{}"}, 1231: {"{1,NULL}", "{}"},
	2950: {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
}

// check runs a statement in all states with several values for its parameters.
func (w *witness) check(t *testing.T, sql string, description *pgconn.StatementDescription, r *Result) {
	t.Helper()
	null := make([]bool, len(r.Columns))
	ran := 0
	var last error
	for _, state := range []string{"rows", "empty", "single"} {
		for variant := range 3 {
			if variant > 0 && len(description.ParamOIDs) == 0 {
				break
			}
			err := w.run(t, sql, state, description, w.values(description, variant), r, null)
			if err != nil {
				last = err
				continue
			}
			ran++
		}
	}
	require.Positive(t, ran, "nothing could be run: %v\n%s", last, sql)
	for i, c := range r.Columns {
		switch {
		case !c.Nullable:
			w.claimed++
		case null[i]:
			w.seen++
		default:
			w.unseen++
			w.notes = append(w.notes, fmt.Sprintf("column %d is nullable (%s) without a witness: %s", i+1, c.Why, sql))
		}
	}
}

// values are the parameters of a variant: NULL, or one of two samples.
func (w *witness) values(description *pgconn.StatementDescription, variant int) [][]byte {
	values := make([][]byte, len(description.ParamOIDs))
	for i, oid := range description.ParamOIDs {
		switch s := samples[oid]; {
		case variant == 0:
		case oid == 20:
			// Keys differ.
			values[i] = strconv.AppendInt(nil, int64(variant*(10*i+1)), 10)
		case s != nil:
			values[i] = []byte(s[variant-1])
		default:
			if t := w.d.catalog.Type(oid); t != nil && len(t.Labels) > 0 {
				values[i] = []byte(t.Labels[0])
			} else if t != nil && t.Element != 0 {
				values[i] = []byte("{}")
			}
		}
	}
	return values
}

var nullElement = regexp.MustCompile(`[{,]NULL[,}]`)

// run executes a statement and takes back what it did.
func (w *witness) run(t *testing.T, sql, state string, description *pgconn.StatementDescription, values [][]byte, r *Result, null []bool) error {
	t.Helper()
	ctx := t.Context()
	conn := w.d.conn.PgConn()
	_, err := conn.Exec(ctx, "BEGIN;"+w.states[state]).ReadAll()
	require.NoError(t, err, state)
	defer func() {
		_, err := conn.Exec(ctx, "ROLLBACK").ReadAll()
		require.NoError(t, err)
	}()
	result := conn.ExecParams(ctx, sql, values, nil, nil, nil).Read()
	if result.Err != nil {
		return result.Err
	}
	r = supposing(w.d.catalog, r, description, values)
	for _, row := range result.Rows {
		for i, v := range row {
			c := r.Columns[i]
			if v == nil {
				null[i] = true
				require.True(t, c.Nullable, "column %d is NULL but was claimed not to be (%s), state %s, parameters %q\n%s", i+1, c.Why, state, values, sql)
				continue
			}
			if nullElement.Match(v) && w.isArray(result.FieldDescriptions[i].DataTypeOID) {
				require.True(t, c.ElementNullable, "column %d has a NULL element but was claimed to have none, state %s\n%s", i+1, state, sql)
			}
		}
	}
	return nil
}

func (w *witness) isArray(oid uint32) bool {
	t := w.d.catalog.BaseType(oid)
	return t != nil && t.Element != 0
}

// report says how many claims were seen to be needed.
func (w *witness) report(t *testing.T) {
	t.Helper()
	t.Logf("%d columns claimed not null, %d nullable and seen to be NULL, %d nullable and not seen to be", w.claimed, w.seen, w.unseen)
	for _, n := range w.notes {
		t.Log(n)
	}
}

// supposing is a verdict with what its conditions say for values of parameters.
func supposing(c *catalog.Catalog, r *Result, d *pgconn.StatementDescription, values [][]byte) *Result {
	out := *r
	out.Columns = slices.Clone(r.Columns)
	for i, column := range r.Columns {
		if column.If == nil || slices.ContainsFunc(column.If.Params, func(n int) bool {
			if t := c.BaseType(d.ParamOIDs[n-1]); t != nil && t.Element != 0 {
				return nullElement.Match(values[n-1])
			}
			return values[n-1] == nil
		}) {
			continue
		}
		given := &out.Columns[i]
		given.Nullable, given.ElementNullable, given.Why = column.If.Nullable, column.If.ElementNullable, column.If.Why
	}
	return &out
}
