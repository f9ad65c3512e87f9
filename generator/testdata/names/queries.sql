-- name: Type :many
SELECT "type" FROM queries WHERE "type" = @type;

-- name: Len :one
SELECT count(*) FROM queries WHERE id = @len;

-- name: Context :exec
DELETE FROM queries WHERE id = @context AND "type" = @runtime;

-- name: Name :one
SELECT id FROM queries WHERE "type" = @name;

-- name: Runtime :one
SELECT id FROM queries WHERE id = ANY (@runtime::bigint[]);

-- name: Q :many
SELECT q.id FROM queries q WHERE q.id = @q OR q.id = @ctx OR q.id = @db OR q.id = @arg;

-- name: One :many
SELECT id FROM queries WHERE id = @ctx;

-- name: Two :many
SELECT id FROM queries WHERE id = @string;

-- name: Three :many
SELECT id FROM queries WHERE id = @error;

-- name: lower :many
SELECT id FROM queries WHERE id = @func;

-- name: Lower :many
SELECT id FROM queries WHERE id = @func;

-- name: Duplicates :many
SELECT a.id, b.id, a.id AS "ID", a.id + 1, b.id + 2, count(*) AS "id_2" FROM queries a, query b GROUP BY a.id, b.id;

-- name: Weird :many
SELECT * FROM "Weird Name" WHERE "2fa" = @"2fa" AND "Weird Name" = @"Weird Name" AND größe = @größe AND 日本 = @日本;

-- name: Queries :many
SELECT * FROM queries;

-- name: QueriesRow :many
SELECT id AS decode, id AS encode FROM queries;

-- name: New :one
SELECT '(a,1,t)'::new AS "new";

-- name: AppQuery :many
SELECT * FROM app.query;

-- name: AppType :many
SELECT 'x'::app.type, 'a-b'::type;

-- name: GetURLOfID :many
SELECT id AS url_id FROM queries WHERE id = $1;

-- name: BatchResults :batchexec
DELETE FROM queries WHERE id = @row;

-- name: CopyV :copyfrom
INSERT INTO queries (id, "type") VALUES (@e, @v);
