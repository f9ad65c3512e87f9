-- name: Single :many
SELECT * FROM foo;

-- name: Qualified :many
SELECT f.* FROM foo f;

-- name: Both :many
SELECT * FROM foo JOIN bar ON foo.a = bar.a;

-- name: Using :many
SELECT * FROM foo JOIN bar USING (a);

-- name: Full :many
SELECT * FROM foo FULL JOIN bar USING (a);

-- name: Mixed :many
SELECT foo.*, 1 AS one, bar.* FROM foo, bar;

-- name: Cte :many
WITH x AS (SELECT * FROM foo) SELECT * FROM x;

-- name: Sub :many
SELECT * FROM (SELECT * FROM bar) s;

-- name: Union :many
SELECT * FROM bar UNION ALL SELECT * FROM bar b;

-- name: Function :many
SELECT * FROM pairs($1);

-- name: Series :many
SELECT * FROM generate_series(1, 3);

-- name: ValuesList :many
SELECT * FROM (VALUES (1, 'a')) v;

-- name: Returning :many
DELETE FROM foo RETURNING *;

-- name: ReturningUsing :many
UPDATE foo SET key = c FROM bar WHERE bar.a = foo.a RETURNING *, foo.a * 2 AS twice;

-- name: Not :one
SELECT count(*), 2 * 3 AS six, row_to_json(foo.*) FROM foo GROUP BY foo.*;

-- name: TableCommand :many
TABLE bar;

-- name: InsertSelect :exec
INSERT INTO bar SELECT * FROM bar;

-- name: Grouped :many
SELECT *, count(*) AS n FROM keyed GROUP BY id;

-- name: GroupedByAll :many
SELECT k.*, k.id AS again FROM keyed k GROUP BY k.name, k.id, k.at;

-- name: GroupedBefore :many
SELECT k.name, k.*, count(*) AS n FROM keyed k JOIN foo ON foo.a = k.id GROUP BY k.id, k.name;

-- name: GroupedTwice :many
SELECT k.*, b.*, k.at, k.id AS again FROM keyed k LEFT JOIN keyed b ON b.id = k.id + 1 GROUP BY k.id, b.id, k.at;
