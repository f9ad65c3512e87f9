package nullability

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The server does not enforce what a foreign table declares, and a partition
// can be one.
func TestForeignTables(t *testing.T) {
	t.Parallel()
	d := open(t, `
		CREATE FOREIGN DATA WRAPPER nowhere;
		CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
		CREATE FOREIGN TABLE away (id int NOT NULL, note text) SERVER far;
		CREATE TABLE parts (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
		CREATE TABLE near PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO (MAXVALUE);
		CREATE TABLE base (id int NOT NULL CHECK (id > 0));
	`)
	require.Equal(t, "R", letters(d.analyze(t, "SELECT id FROM parts")))
	_, err := d.conn.PgConn().Exec(t.Context(), `
		CREATE FOREIGN TABLE old PARTITION OF parts FOR VALUES FROM (MINVALUE) TO ('2020-01-01') SERVER far;
		CREATE FOREIGN TABLE far_base () INHERITS (base) SERVER far;
	`).ReadAll()
	require.NoError(t, err)
	d.reload(t)
	for sql, want := range map[string]string{
		"SELECT id, note FROM away":                                            "NN",
		"SELECT id, note FROM away WHERE note IS NOT NULL AND id > 1":          "RR",
		"SELECT ctid, tableoid FROM away":                                      "NN",
		"SELECT id FROM parts":                                                 "N",
		"SELECT id FROM near":                                                  "R",
		"SELECT id FROM base":                                                  "N",
		"SELECT id FROM ONLY base":                                             "R",
		"SELECT tableoid FROM base":                                            "N",
		"SELECT tableoid FROM ONLY base":                                       "R",
		"INSERT INTO parts VALUES (1, '2019-01-01') RETURNING id":              "N",
		"INSERT INTO base VALUES (1) RETURNING id":                             "R",
		"UPDATE base SET id = 2 RETURNING id":                                  "N",
		"DELETE FROM away WHERE id = 1 RETURNING id, note":                     "RN",
		"SELECT max(id) FROM near GROUP BY at":                                 "R",
		"SELECT p.id FROM parts p JOIN near n ON n.id = p.id":                  "R",
		"SELECT p.id, p.at FROM parts p LEFT JOIN near n USING (id)":           "NN",
		"SELECT p.at FROM near p LEFT JOIN parts n ON n.at = p.at":             "R",
		"SELECT coalesce(p.id, n.id) FROM near p, parts n":                     "R",
		"INSERT INTO away VALUES (1, 'a') RETURNING id":                        "N",
		"SELECT a.id FROM away a RIGHT JOIN near n ON n.id = a.id":             "N",
		"SELECT array_agg(id) FROM parts GROUP BY at HAVING at > '2000-01-01'": "R",
		"SELECT (SELECT count(*) FROM parts), EXISTS (SELECT FROM away)":       "RR",
	} {
		r := d.analyze(t, sql)
		require.Equal(t, want, letters(r), "%s\n%s", sql, reasons(r))
	}
}

// Before PostgreSQL 18 a child could lose the NOT NULL that it inherited.
func TestInheritedConstraints(t *testing.T) {
	t.Parallel()
	d := open(t, `
		CREATE TABLE parent (id int NOT NULL, note text);
		CREATE TABLE child () INHERITS (parent);
		CREATE TABLE grandchild () INHERITS (child);
	`)
	require.Equal(t, "R", letters(d.analyze(t, "SELECT id FROM parent")))
	if d.catalog.ServerVersion >= 180000 {
		_, err := d.conn.Exec(t.Context(), "CREATE TABLE loose (id int NOT NULL NO INHERIT); CREATE TABLE tight () INHERITS (loose)")
		require.NoError(t, err)
		d.reload(t)
		require.Equal(t, "N", letters(d.analyze(t, "SELECT id FROM loose")))
		require.Equal(t, "R", letters(d.analyze(t, "SELECT id FROM ONLY loose")))
		return
	}
	_, err := d.conn.Exec(t.Context(), "ALTER TABLE grandchild ALTER id DROP NOT NULL")
	require.NoError(t, err)
	d.reload(t)
	for sql, want := range map[string]string{
		"SELECT id FROM parent":                          "N",
		"SELECT id FROM ONLY parent":                     "R",
		"SELECT id FROM child":                           "N",
		"SELECT id FROM ONLY child":                      "R",
		"SELECT id FROM grandchild":                      "N",
		"INSERT INTO parent VALUES (1, '') RETURNING id": "R",
		"UPDATE parent SET note = '' RETURNING id":       "N",
	} {
		require.Equal(t, want, letters(d.analyze(t, sql)), sql)
	}
}

// A constraint that is NOT VALID says nothing of older rows.
func TestNotValidConstraints(t *testing.T) {
	t.Parallel()
	d := open(t, "CREATE TABLE t (a int, b int); INSERT INTO t VALUES (NULL, NULL); ALTER TABLE t ADD CHECK (b IS NOT NULL) NOT VALID")
	if d.catalog.ServerVersion >= 180000 {
		_, err := d.conn.Exec(t.Context(), "ALTER TABLE t ADD CONSTRAINT a_set NOT NULL a NOT VALID")
		require.NoError(t, err)
		_, err = d.conn.Exec(t.Context(), "ALTER TABLE t ADD c int CHECK (c IS NOT NULL) NOT ENFORCED")
		require.NoError(t, err)
		d.reload(t)
		require.Equal(t, "NNN", letters(d.analyze(t, "SELECT a, b, c FROM t")))
		_, err = d.conn.Exec(t.Context(), "DELETE FROM t; ALTER TABLE t VALIDATE CONSTRAINT a_set")
		require.NoError(t, err)
		d.reload(t)
		require.Equal(t, "RNN", letters(d.analyze(t, "SELECT a, b, c FROM t")))
		return
	}
	require.Equal(t, "NN", letters(d.analyze(t, "SELECT a, b FROM t")))
}

// A materialized view keeps the rows that it had when its table's column could
// still be NULL.
func TestStaleMaterializedView(t *testing.T) {
	t.Parallel()
	d := open(t, `
		CREATE TABLE t (a int);
		INSERT INTO t VALUES (NULL);
		CREATE VIEW v AS SELECT a FROM t;
		CREATE MATERIALIZED VIEW m AS SELECT a FROM t;
		CREATE MATERIALIZED VIEW mv AS SELECT a FROM v;
		UPDATE t SET a = 1;
		ALTER TABLE t ALTER a SET NOT NULL;
	`)
	w := newWitness(t, d)
	for sql, want := range map[string]string{"SELECT a FROM t": "R", "SELECT a FROM v": "R", "SELECT a FROM m": "N", "SELECT a FROM mv": "N"} {
		in, _, err := d.input(t, sql)
		require.NoError(t, err)
		r := d.analyzer.Analyze(in)
		require.Equal(t, want, letters(r), sql)
		null := make([]bool, 1)
		require.NoError(t, w.run(t, sql, "rows", nil, nil, r, null))
		require.Equal(t, want == "N", null[0], sql)
	}
}
