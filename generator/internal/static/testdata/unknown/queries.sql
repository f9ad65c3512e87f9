-- name: Types :many
SELECT c, s FROM t;

-- name: Operator :many
SELECT p <-> point(1, 1) AS distance FROM t;

-- name: Cast :many
SELECT (p <-> point(1, 1))::float8 AS distance FROM t;

-- name: FromView :many
SELECT id, distance FROM v;

-- name: EmbedView :many
SELECT sqlc.embed(v) FROM v;

-- name: Natural :many
SELECT * FROM t NATURAL JOIN v;

-- name: Param :many
SELECT id FROM t WHERE at - @since > interval '1 day';

-- name: Named :many
SELECT id FROM t WHERE p <-> $1 < 3;

-- name: NoRows :exec
SELECT p <-> point(1, 1) FROM t;

-- name: Gap :many
SELECT id FROM t WHERE id = $2;

-- name: WrongColumn :many
SELECT id FROM t WHERE att = now();

-- name: WrongQualified :many
SELECT u.id FROM t u WHERE u.nope IS NULL AND EXISTS (SELECT FROM t v WHERE v.id = u.idd);

-- name: WrongTarget :exec
INSERT INTO t (id, jj) VALUES (1, @j);

-- name: WrongSet :exec
UPDATE t SET pp = @p WHERE id = 1;

-- name: Locks :exec
SELECT pg_advisory_xact_lock(@k), pg_try_advisory_lock(@a, @b);
