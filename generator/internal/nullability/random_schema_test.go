package nullability

import (
	"fmt"
	"slices"
	"strings"
)

// Every relation of a random schema has the columns a, b, c, d, f and e, of
// the kinds i, i, t, t, b and e: int, text, boolean and int[].
var columnNames = []string{"a", "b", "c", "d", "f", "e"}

const kinds = "iittbe"

var typeNames = map[byte]string{'i': "int", 't': "text", 'b': "boolean", 'e': "int[]"}

// randomWorld is a random schema with rows.
type randomWorld struct {
	// script makes the schema. What begins with a row marker is a row of a
	// table, and can fail.
	script []string
	tables []randomTable
	// readable are the names of all that can stand in FROM.
	readable []string
	// functions that return six columns.
	sets []string
}

// randomTable is something that can be changed.
type randomTable struct {
	name string
	// writable are the columns that a statement may set, and of them those that
	// must have a value.
	writable, needed []string
	// keys are lists of columns that ON CONFLICT can name.
	keys []string
	// inherited: ONLY makes a difference.
	inherited bool
	view      bool
}

// worldTypes are the types and functions that every random schema has.
var worldTypes = []string{
	"CREATE DOMAIN must AS int NOT NULL",
	"CREATE DOMAIN deep AS must",
	"CREATE DOMAIN sure AS int CHECK (VALUE IS NOT NULL AND VALUE > -100)",
	"CREATE DOMAIN small AS int CHECK (VALUE < 1000)",
	"CREATE DOMAIN label AS text NOT NULL",
	"CREATE DOMAIN word AS text CHECK (length(VALUE) < 100)",
	"CREATE DOMAIN flag AS boolean NOT NULL",
	"CREATE DOMAIN list AS int[] NOT NULL",
	// Functions: strict ones that return NULL all the same, and others that make
	// something of NULL.
	"CREATE FUNCTION half(int) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS 'SELECT CASE WHEN $1 > 1 THEN $1 / 2 END'",
	"CREATE FUNCTION orone(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1, 1)'",
	"CREATE FUNCTION same(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 IS NOT DISTINCT FROM $2'",
	"CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = same)",
	"CREATE FUNCTION near(int, int) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS 'SELECT CASE WHEN $1 <> 2 THEN abs($1 - $2) < 2 END'",
	"CREATE OPERATOR ~~~ (LEFTARG = int, RIGHTARG = int, FUNCTION = near)",
	"CREATE AGGREGATE last_one(int) (SFUNC = int4larger, STYPE = int)",
	"CREATE FUNCTION some_rows(int) RETURNS TABLE (a int, b int, c text, d text, f boolean, e int[]) LANGUAGE sql IMMUTABLE AS $$ VALUES ($1, NULL::int, 'x', NULL, true, '{1}'::int[]), (1, 2, NULL, 'y', NULL, NULL) $$",
	"CREATE FUNCTION one_row(int, OUT a int, OUT b int, OUT c text, OUT d text, OUT f boolean, OUT e int[]) LANGUAGE sql IMMUTABLE AS $$ SELECT $1, NULL::int, 'x', NULL::text, true, NULL::int[] $$",
	"CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := NULL; NEW.d := NULL; RETURN NEW; END $$",
	"CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; NEW.a := NULL; NEW.c := NULL; RETURN NEW; END $$",
}

const rowMarker = "/* row */ "

// plainWorld is the simplest schema, for tests without a server.
func plainWorld() *randomWorld {
	return (&generator{version: 180000}).schema()
}

// schema makes a random schema.
func (g *generator) schema() *randomWorld {
	w := &randomWorld{script: slices.Clone(worldTypes), sets: []string{"some_rows", "one_row"}}
	g.world = w
	for i := range 4 {
		g.part("table", func() string { g.table(fmt.Sprintf("t%d", i+1)); return "" })
	}
	g.part("table", func() string { g.inheritance(); return "" })
	g.part("table", func() string { g.partitions(); return "" })
	g.part("table", func() string { g.rule(); return "" })
	for i := range 2 + g.IntN(3) {
		g.part("view", func() string { g.view(fmt.Sprintf("v%d", i+1)); return "" })
	}
	g.part("view", func() string { g.changeableViews(); return "" })
	g.part("view", func() string { g.materialized(); return "" })
	return w
}

func (w *randomWorld) run(format string, args ...any) {
	w.script = append(w.script, fmt.Sprintf(format, args...))
}

// column writes the definition of a column. It says whether a statement may
// set it and whether it must.
func (g *generator) column(i int, plain bool) (sql string, writable, needed bool) {
	name, kind := columnNames[i], kinds[i]
	typ := typeNames[kind]
	domains := map[byte][]string{
		'i': {"must", "deep", "sure", "small"}, 't': {"label", "word"}, 'b': {"flag"}, 'e': {"list"},
	}[kind]
	if plain {
		return name + " " + typ, true, false
	}
	switch g.IntN(10) {
	case 5, 6:
		return name + " " + typ + " NOT NULL", true, true
	case 7:
		domain := g.one(domains...)
		return name + " " + domain, true, domain != "small" && domain != "word"
	case 8:
		check := g.one("IS NOT NULL", "IS NOT NULL AND true", "IS NULL OR true", "IS DISTINCT FROM NULL", "= "+name)
		return fmt.Sprintf("%s %s CHECK (%s %s)", name, typ, name, check), true, strings.HasPrefix(check, "IS NOT") || strings.HasPrefix(check, "IS D")
	case 9:
		stored := "STORED"
		if g.version >= 180000 && g.IntN(2) == 1 {
			stored = "VIRTUAL"
		}
		switch name {
		case "b":
			return fmt.Sprintf("b int GENERATED ALWAYS AS (%s) %s%s", g.one("a + 1", "coalesce(a, 1)", "nullif(a, 1)", "length(c)"), stored, g.notNullGenerated(stored)), false, false
		case "d":
			return fmt.Sprintf("d text GENERATED ALWAYS AS (%s) %s%s", g.one("upper(c)", "coalesce(c, 'x')", "a::text"), stored, g.notNullGenerated(stored)), false, false
		}
	}
	return name + " " + typ, true, false
}

func (g *generator) notNullGenerated(stored string) string {
	if stored == "STORED" || g.version >= 180000 {
		return g.one("", " NOT NULL")
	}
	return ""
}

// definition writes the columns and constraints of a table.
func (g *generator) definition(t *randomTable, key string) string {
	var parts []string
	generated := false
	for i, name := range columnNames {
		sql, writable, needed := g.column(i, false)
		generated = generated || !writable
		if writable {
			t.writable = append(t.writable, name)
		}
		if needed {
			t.needed = append(t.needed, name)
		}
		parts = append(parts, sql)
	}
	unique := func(kind, columns string) {
		parts = append(parts, fmt.Sprintf("%s (%s)", kind, columns))
		t.keys = append(t.keys, columns)
	}
	for _, name := range []string{"a", "b", "c"} {
		if key != "" && name != key || !slices.Contains(t.writable, name) {
			continue
		}
		switch g.IntN(8) {
		case 6:
			unique("UNIQUE", name)
		case 7:
			if len(t.keys) == 0 {
				unique("PRIMARY KEY", name)
				t.needed = append(t.needed, name)
			}
		}
	}
	if g.chance(3) {
		parts = append(parts, "CHECK ("+g.one("a IS NOT NULL AND (b IS NOT NULL OR c IS NOT NULL)", "b IS NOT NULL OR d IS NOT NULL",
			"(c IS NULL) = (d IS NULL)", "NOT (a IS NULL OR f IS NULL)", "a > 0 OR a IS NULL", "CASE WHEN a > 1 THEN b IS NOT NULL ELSE c IS NOT NULL END",
			"coalesce(b, a) IS NOT NULL", "num_nonnulls(a, b) = 2", "(a, c) IS NOT NULL", "c IS NOT NULL AND length(c) > 0")+")")
	}
	slices.Sort(t.needed)
	t.needed = slices.Compact(t.needed)
	return strings.Join(parts, ", ")
}

// table makes a table with rows.
func (g *generator) table(name string) {
	t := randomTable{name: name}
	w := g.world
	switch g.IntN(4) {
	case 2:
		// A dropped column leaves a gap in the numbers.
		w.run("CREATE TABLE %s (gone int NOT NULL DEFAULT 1, %s)", name, g.definition(&t, ""))
		w.run("ALTER TABLE %s DROP COLUMN gone", name)
	case 3:
		// A column that is added has a value in rows that are there, or has not.
		w.run("CREATE TABLE %s (%s)", name, g.definition(&t, ""))
		g.rows(&t)
		w.run("ALTER TABLE %s RENAME COLUMN e TO gone", name)
		w.run("ALTER TABLE %s ADD COLUMN e int[] %s", name, g.one("", "DEFAULT '{1,NULL}'", "NOT NULL DEFAULT '{2}'"))
		w.run("ALTER TABLE %s DROP COLUMN gone CASCADE", name)
		t.needed = slices.DeleteFunc(t.needed, func(n string) bool { return n == "e" })
	default:
		w.run("CREATE TABLE %s (%s)", name, g.definition(&t, ""))
	}
	g.rows(&t)
	for range g.IntN(3) {
		switch g.IntN(3) {
		case 0:
			w.run("ALTER TABLE %s ADD CHECK (%s IS NOT NULL) NOT VALID", name, g.one("b", "d", "f"))
		case 1:
			if g.version >= 180000 {
				w.run("ALTER TABLE %s ADD CONSTRAINT %s NOT NULL %s NOT VALID", name, g.name("later"), g.one("b", "d", "f"))
			}
		case 2:
			w.run("CREATE TRIGGER %s BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION spoil()", g.name("spoil"), name)
		}
	}
	w.tables = append(w.tables, t)
	w.readable = append(w.readable, name)
}

// rows fills a table: NULL wherever the table takes it in one row, values
// everywhere in another, and at random in more.
func (g *generator) rows(t *randomTable) {
	for row := range 6 {
		var columns, values []string
		for i, name := range columnNames {
			if !slices.Contains(t.writable, name) {
				continue
			}
			null := row == 0 || row > 1 && g.IntN(5) > 2
			if slices.Contains(t.needed, name) {
				null = false
			}
			value := "NULL"
			if !null {
				value = g.value(kinds[i], row, len(t.keys) > 0)
			}
			columns, values = append(columns, name), append(values, value)
		}
		g.world.run("%sINSERT INTO %s (%s) VALUES (%s)", rowMarker, t.name, strings.Join(columns, ", "), strings.Join(values, ", "))
	}
}

// value is one of few, so that conditions and joins often hold; with distinct,
// each row has another.
func (g *generator) value(kind byte, row int, distinct bool) string {
	switch kind {
	case 'i':
		if distinct {
			return fmt.Sprint(1 + row)
		}
		return fmt.Sprint(1 + (row+g.IntN(2))%3)
	case 't':
		if distinct && row > 2 {
			return fmt.Sprintf("'z%d'", row)
		}
		return g.one("'x'", "'y'")
	case 'b':
		return g.one("true", "false")
	}
	return g.one("'{1,2}'", "'{}'", "'{NULL}'", "'{3,NULL}'")
}

// inheritance makes a table with a child.
func (g *generator) inheritance() {
	w := g.world
	parent := randomTable{name: "parent", inherited: true}
	definition := g.definition(&parent, "")
	w.run("CREATE TABLE parent (%s%s)", definition, g.one("", ", CHECK (f IS NOT NULL) NO INHERIT"))
	child := randomTable{name: "child", writable: parent.writable}
	switch g.IntN(3) {
	case 0:
		w.run("CREATE TABLE child (%s) INHERITS (parent)", g.one("", "b int", "e int[] NOT NULL"))
	case 1:
		w.run("CREATE TABLE child (CHECK (c IS NOT NULL)) INHERITS (parent)")
	default:
		w.run("CREATE TABLE child () INHERITS (parent)")
		if g.version < 180000 {
			for _, name := range []string{"b", "d", "f"} {
				// What a child of an older server may do to its columns.
				w.run("ALTER TABLE child ALTER %s DROP NOT NULL", name)
			}
		}
	}
	g.rows(&parent)
	child.needed = parent.needed
	g.rows(&child)
	if g.version < 180000 {
		child.needed = nil
		g.rows(&child)
	}
	w.tables = append(w.tables, parent, child)
	w.readable = append(w.readable, "parent", "child")
}

// partitions makes a partitioned table, one partition of which has its columns
// in another order.
func (g *generator) partitions() {
	w := g.world
	t := randomTable{name: "parts", inherited: true}
	var columns, other []string
	for i, name := range columnNames {
		sql := name + " " + typeNames[kinds[i]]
		if i != 1 && g.chance(3) {
			sql += " NOT NULL"
			t.needed = append(t.needed, name)
		}
		columns, other = append(columns, sql), append([]string{sql}, other...)
	}
	t.writable = slices.Clone(columnNames)
	w.run("CREATE TABLE parts (%s) PARTITION BY LIST (b)", strings.Join(columns, ", "))
	w.run("CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1, NULL)")
	w.run("CREATE TABLE parts_2 (%s)", strings.Join(other, ", "))
	w.run("ALTER TABLE parts ATTACH PARTITION parts_2 FOR VALUES IN (2, 3)")
	w.run("CREATE TABLE parts_d PARTITION OF parts DEFAULT")
	if g.chance(2) {
		w.run("ALTER TABLE parts_2 ALTER c SET NOT NULL")
	}
	g.rows(&t)
	w.tables = append(w.tables, t)
	w.readable = append(w.readable, "parts", "parts_2")
}

// rule makes a table whose rule returns something else.
func (g *generator) rule() {
	w := g.world
	t := randomTable{name: "ruled", writable: slices.Clone(columnNames)}
	w.run("CREATE TABLE ruled (a int NOT NULL, b int, c text NOT NULL, d text, f boolean NOT NULL, e int[])")
	w.run("CREATE TABLE ruled_log (a int, b int, c text, d text, f boolean, e int[])")
	w.run("%sINSERT INTO ruled_log VALUES (NULL, NULL, NULL, NULL, NULL, NULL)", rowMarker)
	for range 3 {
		w.run("%sINSERT INTO ruled VALUES (%s, %s, %s, %s, %s, %s)", rowMarker, g.value('i', 1, false), g.one("NULL", "1"), g.value('t', 1, false), g.one("NULL", "'x'"), g.value('b', 1, false), g.one("NULL", "'{1}'"))
	}
	if g.chance(2) {
		w.run("CREATE RULE logged AS ON INSERT TO ruled DO INSTEAD INSERT INTO ruled_log VALUES (NEW.b, NEW.a, NEW.d, NEW.c, NULL, NEW.e) RETURNING *")
	}
	if g.chance(2) {
		w.run("CREATE RULE kept AS ON UPDATE TO ruled DO INSTEAD UPDATE ruled_log SET b = NULL RETURNING NULL::int, b, NULL::text, d, f, e")
	}
	if g.chance(2) {
		w.run("CREATE RULE gone AS ON DELETE TO ruled DO INSTEAD DELETE FROM ruled_log RETURNING NULL::int, b, NULL::text, d, f, e")
	}
	t.needed = []string{"a", "c", "f"}
	w.tables = append(w.tables, t)
	w.readable = append(w.readable, "ruled")
}

// view makes a view of a random query, which can be over other views.
func (g *generator) view(name string) {
	g.world.run("CREATE VIEW %s AS %s", name, g.query(2, nil))
	g.world.readable = append(g.world.readable, name)
}

// changeableViews are a view that PostgreSQL lets change by itself, and one
// with a trigger.
func (g *generator) changeableViews() {
	w := g.world
	base := w.tables[g.IntN(4)]
	w.run("CREATE VIEW vu AS SELECT a, b, c, d, f, e FROM %s x WHERE %s", base.name, g.condition(g.columns("x"), 1, nil))
	base.name, base.view = "vu", true
	w.tables = append(w.tables, base)
	if g.chance(2) {
		w.run("CREATE VIEW vi AS %s", g.query(1, nil))
		w.run("CREATE TRIGGER instead INSTEAD OF INSERT OR UPDATE OR DELETE ON vi FOR EACH ROW EXECUTE FUNCTION instead()")
		w.tables = append(w.tables, randomTable{name: "vi", writable: columnNames, view: true})
		w.readable = append(w.readable, "vi")
	}
	w.readable = append(w.readable, "vu")
}

// materialized makes a materialized view, and then takes from a table what it
// was made from.
func (g *generator) materialized() {
	w := g.world
	w.run("CREATE MATERIALIZED VIEW m1 AS %s", g.query(1, nil))
	w.readable = append(w.readable, "m1")
	if g.chance(2) {
		w.run("CREATE MATERIALIZED VIEW m2 AS SELECT * FROM t1")
		w.run("DELETE FROM t1 WHERE d IS NULL OR f IS NULL")
		w.run("ALTER TABLE t1 ALTER f SET NOT NULL")
		w.readable = append(w.readable, "m2")
	}
}
