package nullability

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

var (
	randomQueries = flag.Int("random.queries", 300, "how many random statements to judge and run, those not counted that cannot be run")
	randomSeed    = flag.Uint64("random.seed", 1, "seed of the random schemas, rows and statements")
	randomShrink  = flag.Duration("random.shrink", time.Minute, "how long to make a statement that fails smaller")
	randomErrors  = flag.Bool("random.errors", false, "list the errors of statements that could not be run")
)

// perWorld is the number of statements for each random schema.
const perWorld = 100

var quotedName = regexp.MustCompile(`"[^"]*"`)

func wordIn(text, word string) bool { return strings.Contains(text, word) }

// randomProof is a proof on random schemas.
type randomProof struct {
	*proof
	world *randomWorld
	// script are the statements that made the schema, and the rows that it took.
	script []string
}

// load makes the schema anew. What fails of the script is left out: a random
// view can divide by zero, and rows can violate a constraint.
func (p *randomProof) load(t *testing.T, script []string, turn int) {
	t.Helper()
	ctx := t.Context()
	p.script = nil
	rows := map[string][]string{}
	for _, s := range p.states {
		require.NoError(t, s.script(ctx, patience+"; DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
	}
	for _, sql := range script {
		if err := p.states[0].script(ctx, sql); err != nil {
			require.NotNil(t, pgError(err), "%s", err)
			continue
		}
		p.script = append(p.script, sql)
		if strings.HasPrefix(sql, rowMarker) {
			rows[tableOf(sql)] = append(rows[tableOf(sql)], sql)
		}
	}
	for _, s := range p.states[1:] {
		for _, sql := range p.script {
			if strings.HasPrefix(sql, rowMarker) {
				// One row of each table, another one in each schema.
				of := rows[tableOf(sql)]
				if s.name == "empty" || sql != of[turn%len(of)] {
					continue
				}
			}
			if err := s.script(ctx, sql); err != nil {
				require.NotNil(t, pgError(err), "%s", err)
				p.total.fail("on "+s.name+": "+errorText(err), 1)
			}
		}
	}
	p.d.reload(t)
	for _, s := range p.states {
		require.NoError(t, s.script(ctx, impatience))
	}
}

func tableOf(row string) string {
	return strings.Fields(strings.TrimPrefix(row, rowMarker))[2]
}

func pgError(err error) *pgconn.PgError {
	var e *pgconn.PgError
	errors.As(err, &e)
	return e
}

// keep leaves of a world what the server has.
func (w *randomWorld) keep(has func(name string) bool) {
	w.readable = slices.DeleteFunc(w.readable, func(n string) bool { return !has(n) })
	w.tables = slices.DeleteFunc(w.tables, func(t randomTable) bool { return !has(t.name) })
}

func newRandomProof(t *testing.T) *randomProof {
	return &randomProof{proof: newProof(t, "empty", "single")}
}

// newWorld makes the i-th random schema of a seed.
func (p *randomProof) newWorld(t *testing.T, seed uint64, i int) {
	t.Helper()
	g := &generator{choices: choices{rand: rand.New(rand.NewPCG(seed, uint64(i)))}, version: p.d.catalog.ServerVersion}
	p.world = g.schema()
	p.load(t, p.world.script, i)
	names := map[string]bool{}
	for _, rel := range p.d.catalog.Relations {
		if rel.Schema == "public" {
			names[rel.Name] = true
		}
	}
	p.world.keep(func(name string) bool { return names[name] })
	// What has no rows shows nothing.
	p.world.readable = slices.DeleteFunc(p.world.readable, func(name string) bool {
		result, err := p.states[0].execute(t.Context(), "SELECT FROM "+name+" LIMIT 1", nil)
		if err != nil {
			require.NotNil(t, pgError(err), "%s", err)
		}
		return err != nil || len(result.Rows) == 0
	})
}

// build makes a statement from choices.
func (p *randomProof) build(taken []uint32) *made {
	g := &generator{choices: choices{replay: taken}, version: p.d.catalog.ServerVersion, world: p.world}
	return &made{text: g.statement(), taken: g.taken, spans: g.spans}
}

// newStatement makes the i-th random statement of a seed.
func (p *randomProof) newStatement(seed uint64, i int) *made {
	g := &generator{choices: choices{rand: rand.New(rand.NewPCG(seed, 1<<40+uint64(i)))}, version: p.d.catalog.ServerVersion, world: p.world}
	return &made{text: g.statement(), taken: g.taken, spans: g.spans}
}

// report makes a statement that fails small, and fails with it.
func (p *randomProof) report(t *testing.T, m *made, turn int, where string) {
	t.Helper()
	ctx := t.Context()
	lies := func(text string) []lie {
		j, err := p.try(ctx, text, parameterValues)
		if err != nil {
			return nil
		}
		return j.lies
	}
	small := shrink(m, p.build, func(text string) bool { return len(lies(text)) > 0 }, *randomShrink)
	script := shrinkList(p.script, func(less []string) bool {
		p.load(t, less, turn)
		return len(lies(small.text)) > 0
	}, *randomShrink)
	p.load(t, script, turn)
	var b strings.Builder
	for _, l := range lies(small.text) {
		fmt.Fprintln(&b, l)
	}
	require.Fail(t, "a column that was claimed not null is NULL", "%s\n%s\nSchema:\n%s;\n\nStatement:\n%s\n\nAs found:\n%s",
		where, b.String(), strings.Join(p.script, ";\n"), small.text, m.text)
}

// features are what random statements must contain in good number.
var features = []string{
	"LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LATERAL", "USING (a)", "NATURAL", "UNION", "INTERSECT", "EXCEPT", "RECURSIVE", "GROUPING SETS", "ROLLUP",
	"CUBE", "HAVING", "FILTER", "OVER", "EXCLUDE", "RANGE BETWEEN", "-30 days", "CASE", "coalesce", "nullif", "greatest", "DISTINCT ON", "LIMIT", "EXISTS", "= ANY", "<> ALL",
	"INSERT", "UPDATE", "DELETE", "ON CONFLICT", "RETURNING", "ONLY", " v1 ", " m1 ", " vu ", " parts ", "WITHIN GROUP", "array_agg", "VALUES", "$1::int", "$1::text",
}

// TestRandomStatements judges random statements on random schemas and runs
// them: no column that was claimed not null may hold a NULL.
func TestRandomStatements(t *testing.T) {
	t.Parallel()
	p := newRandomProof(t)
	seen := map[string]int{}
	ctx := t.Context()
	var rejected figures
	crashes := 0
	for i := 0; p.total.statements < *randomQueries; i++ {
		require.Less(t, i, 100+2**randomQueries, "too few statements could be run:%s%s", rejected.errorsList(), p.total.errorsList())
		turn := i / perWorld
		if i%perWorld == 0 {
			p.newWorld(t, *randomSeed, turn)
		}
		m := p.newStatement(*randomSeed, i)
		j, err := p.try(ctx, m.text, parameterValues)
		if err != nil && (pgError(err) == nil || pgError(err).Severity == "FATAL") {
			// A server that such a statement brings down has a bug of its own.
			t.Logf("the server crashed (%s): %s", err, m.text)
			require.Less(t, crashes, 1+*randomQueries/1000, "the server crashes all the time")
			crashes++
			p.revive(t)
			p.newWorld(t, *randomSeed, turn)
			continue
		}
		if err != nil {
			rejected.fail(errorText(err), 1)
			continue
		}
		where := fmt.Sprintf("-random.seed=%d, statement %d, PostgreSQL %d", *randomSeed, i, p.d.catalog.ServerVersion)
		require.Empty(t, j.result.Fallback, "%s\n%s", where, m.text)
		if len(j.lies) > 0 {
			p.report(t, m, turn, where)
		}
		p.count(j)
		for _, f := range features {
			if j.runs > 0 && strings.Contains(m.text, f) {
				seen[f]++
			}
		}
	}
	t.Logf("PostgreSQL %d, random statements of seed %d: %s; %d were not accepted", p.d.catalog.ServerVersion, *randomSeed, p.total.String(), rejected.failed())
	if *randomErrors {
		t.Logf("not accepted:%s\nfailed:%s", rejected.errorsList(), p.total.errorsList())
	}
	require.Greater(t, p.total.runs, 3**randomQueries/2, "too few runs:%s%s", rejected.errorsList(), p.total.errorsList())
	require.Greater(t, p.total.claimed, *randomQueries/4, "too little was claimed to test anything")
	require.Greater(t, p.total.witnessed, p.total.unseen/3, "the rows show too few NULLs")
	if *randomQueries >= 2000 {
		for _, f := range features {
			require.Greater(t, seen[f], *randomQueries/1000, "too few statements with %s", f)
		}
	}
}

// The same seed makes the same schema, rows and statements.
func TestRandomStatementsAreReproducible(t *testing.T) {
	t.Parallel()
	again := func() (out []string) {
		for i := range 50 {
			g := &generator{choices: choices{rand: rand.New(rand.NewPCG(7, uint64(i)))}, version: 170000}
			out = append(out, g.schema().script...)
			out = append(out, g.statement())
		}
		return out
	}
	require.Equal(t, again(), again())
}
