package nullability

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	ddl "github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// The corpora stand beside the repository, where they are at hand; the demo is
// part of it.
const (
	sqlcCorpus = "../../../../shared/corpus/sqlc"
	repository = "../../.."
)

// corpusCase is a schema with queries.
type corpusCase struct {
	name    string
	schema  []*ddl.Script
	queries []corpusQuery
}

type corpusQuery struct{ name, sql string }

// corpora reads all cases that are at hand. Cases that share a schema are one.
func corpora(t *testing.T) []*corpusCase {
	t.Helper()
	var cases []*corpusCase
	bySchema := map[string]*corpusCase{}
	add := func(name, root string, paths []string, queries []corpusQuery) {
		scripts, _, diags := ddl.Load(root, paths)
		require.False(t, diags.HasErrors(), "%s: %s", name, diags.Format())
		var text strings.Builder
		for _, s := range scripts {
			text.WriteString(s.SQL)
		}
		c := bySchema[text.String()]
		if c == nil {
			c = &corpusCase{name: name, schema: scripts}
			bySchema[text.String()] = c
			cases = append(cases, c)
		}
		for _, q := range queries {
			if !slices.ContainsFunc(c.queries, func(x corpusQuery) bool { return x.sql == q.sql }) {
				c.queries = append(c.queries, q)
			}
		}
	}
	add("demo", repository, []string{"schema/shop.sql"}, demoQueries(t))
	if _, err := os.Stat(sqlcCorpus); os.IsNotExist(err) {
		t.Log("the corpora are not here; the demo is the test")
		return cases
	}
	lines(t, filepath.Join(sharedCorpus, "cases.jsonl"), func(line []byte) {
		var c struct{ SQL, Note string }
		require.NoError(t, json.Unmarshal(line, &c))
		add("nullability", sharedCorpus, []string{"schema.sql"}, []corpusQuery{{c.Note, c.SQL}})
	})
	lines(t, filepath.Join(sqlcCorpus, "oracle.jsonl"), func(line []byte) {
		var c struct {
			Case   string
			Schema []string
			Oracle []struct{ Name, SQL string }
		}
		require.NoError(t, json.Unmarshal(line, &c))
		var queries []corpusQuery
		for _, q := range c.Oracle {
			queries = append(queries, corpusQuery{q.Name, q.SQL})
		}
		var paths []string
		for _, path := range c.Schema {
			if _, err := os.Stat(filepath.Join(sqlcCorpus, path)); err == nil {
				paths = append(paths, path)
			}
		}
		add(c.Case, sqlcCorpus, paths, queries)
	})
	return cases
}

func lines(t *testing.T, path string, each func([]byte)) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		each(s.Bytes())
	}
	require.NoError(t, s.Err())
}

// demoQueries are the queries of the demo as the server gets them.
func demoQueries(t *testing.T) (queries []corpusQuery) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(repository, "queries/*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		file, diags := sqltext.Split(name, string(text))
		require.False(t, diags.HasErrors(), diags.Format())
		for _, s := range file.Statements {
			r, diags := s.Rewrite()
			require.False(t, diags.HasErrors(), diags.Format())
			queries = append(queries, corpusQuery{s.Header.Name, r.SQL})
		}
	}
	return queries
}

// clear empties a database.
func (s *state) clear(t *testing.T) {
	t.Helper()
	require.NoError(t, s.script(t.Context(), `RESET ALL; SET statement_timeout = '20s'; SET client_min_messages = error; SET check_function_bodies = off;
		DO $$ DECLARE n text; BEGIN
			FOR n IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
				EXECUTE format('DROP SCHEMA %I CASCADE', n);
			END LOOP;
			FOR n IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' LOOP
				EXECUTE format('DROP EXTENSION IF EXISTS %I CASCADE', n);
			END LOOP;
		END $$; CREATE SCHEMA public; RESET search_path`))
}

// parameters are lists of values for the parameters of a statement: samples of
// several sizes, each also with NULL where that makes sense by the verdict, and
// NULL for all.
func parameters(c *catalog.Catalog, r *Result) func(string, *pgconn.StatementDescription) [][][]byte {
	f := filler{c}
	return func(state string, d *pgconn.StatementDescription) [][][]byte {
		lists := [][][]byte{make([][]byte, len(d.ParamOIDs))}
		sizes := []int{0, 1, 40}
		if state == "rows" {
			sizes = []int{0, 1, 4, 5, 6, 7, 8, 40}
		}
		for _, k := range sizes {
			for variant := range 2 {
				list := make([][]byte, len(d.ParamOIDs))
				for i, oid := range d.ParamOIDs {
					list[i] = []byte(f.literal(oid, k, variant))
				}
				nulled := slices.Clone(list)
				for i := range nulled {
					if r.Params[i].Nullable {
						nulled[i] = nil
					}
				}
				for _, l := range [][][]byte{list, nulled} {
					if !slices.ContainsFunc(lists, func(x [][]byte) bool { return slices.EqualFunc(x, l, sameValue) }) {
						lists = append(lists, l)
					}
				}
			}
		}
		return lists
	}
}

func sameValue(a, b []byte) bool { return (a == nil) == (b == nil) && string(a) == string(b) }

// judgement is a line of testdata/conservative.txt.
type judgement struct {
	never bool
	why   string
}

// judgements are what is known of columns that are called nullable and were
// never seen to be NULL.
func judgements(t *testing.T) map[string]judgement {
	t.Helper()
	out := map[string]judgement{}
	lines(t, "testdata/conservative.txt", func(line []byte) {
		text := string(line)
		if text == "" || text[0] == '#' {
			return
		}
		fields := strings.SplitN(text, " | ", 4)
		require.Len(t, fields, 4, text)
		require.Contains(t, []string{"never", "can be"}, fields[0], text)
		require.NotEmpty(t, fields[3], text)
		out[fields[1]+" | "+fields[2]] = judgement{never: fields[0] == "never", why: fields[3]}
	})
	return out
}

// maxConservative is the share of columns that are never NULL and may be called
// nullable all the same.
const maxConservative = 0.03

// TestCorporaHoldNoWitness runs the queries of real projects on rows that hold
// NULL wherever the schema takes it, on no rows, on one row that is NULL where
// it can be, on one that is not, and with every other table empty, each with
// several lists of parameters: no column
// that was claimed not null may be NULL. What is called nullable and was not
// NULL must be in testdata/conservative.txt, with a reason.
func TestCorporaHoldNoWitness(t *testing.T) {
	t.Parallel()
	p := newProof(t, "empty", "single", "full", "odd", "even")
	known := judgements(t)
	var unlisted, named []string
	noColumns := 0
	var demo, others shares
	for _, c := range corpora(t) {
		if err := p.prepare(t, c); err != nil {
			named = append(named, fmt.Sprintf("%s: the schema needs what this server has not: %s", c.name, err))
			continue
		}
		for _, q := range c.queries {
			where := c.name + " " + q.name
			in, _, err := p.ask(t.Context(), q.sql)
			if err != nil {
				require.NotNil(t, pgError(err), where)
				named = append(named, fmt.Sprintf("%s: not accepted: %s", where, err))
				continue
			}
			r := p.d.analyzer.Analyze(in)
			if in.Columns == 0 {
				noColumns++
			}
			if r.Fallback != "" {
				named = append(named, fmt.Sprintf("%s: %s", where, r.Fallback))
			}
			j, err := p.try(t.Context(), q.sql, parameters(p.d.catalog, r))
			require.NoError(t, err, where)
			require.Empty(t, j.lies, "%s: %s\n%s", where, j.in.SQL, reasons(j.result))
			p.count(j)
			if j.runs == 0 {
				named = append(named, fmt.Sprintf("%s: never ran: %s", where, j.errs[0]))
				continue
			}
			share := &others
			if c.name == "demo" {
				share = &demo
			}
			for i, column := range j.result.Columns {
				if !column.Nullable {
					share.claimed++
				}
				if !column.Nullable || j.null[i] {
					continue
				}
				key := where + " | " + strconv.Itoa(i+1)
				known, ok := known[key]
				if !ok {
					unlisted = append(unlisted, fmt.Sprintf("%s | %s: %s", key, column.Why, strings.Join(strings.Fields(q.sql), " ")))
					continue
				}
				if known.never {
					share.never++
				}
			}
		}
	}
	version := p.d.catalog.ServerVersion
	t.Logf("PostgreSQL %d, corpora: %s; %d statements return no columns", version, p.total.String(), noColumns)
	t.Logf("PostgreSQL %d, columns that are never NULL and called nullable: %s of the corpora, %s of the demo", version, others, demo)
	for _, n := range named {
		t.Log(n)
	}
	require.Empty(t, unlisted, "columns that are called nullable, never were NULL and are not in testdata/conservative.txt:\n%s", strings.Join(unlisted, "\n"))
	require.LessOrEqual(t, others.share(), maxConservative)
}

// shares counts columns that are never NULL: those that are called so, and
// those that are not.
type shares struct{ claimed, never int }

func (s shares) share() float64 {
	if s.never == 0 {
		return 0
	}
	return float64(s.never) / float64(s.never+s.claimed)
}

func (s shares) String() string {
	return fmt.Sprintf("%d of %d (%.1f %%)", s.never, s.never+s.claimed, 100*s.share())
}

// prepare loads a schema into all databases and fills them.
func (p *proof) prepare(t *testing.T, c *corpusCase) error {
	t.Helper()
	for _, s := range p.states {
		s.clear(t)
		for _, script := range c.schema {
			if err := s.script(t.Context(), script.SQL); err != nil {
				require.NotNil(t, pgError(err), c.name)
				return err
			}
			require.NoError(t, s.script(t.Context(), "RESET search_path"))
		}
	}
	p.d.reload(t)
	for _, s := range p.states {
		// The script of a schema may have rows of its own.
		for _, rel := range fillable(p.d.catalog) {
			require.NoError(t, s.script(t.Context(), "TRUNCATE "+tableName(rel)+" CASCADE"))
		}
		if s.name != "empty" {
			if empty := s.fill(t, p.d.catalog, s.name); len(empty) > 0 && s.name == "rows" {
				t.Logf("%s: no row fits %v", c.name, empty)
			}
		}
	}
	return nil
}
