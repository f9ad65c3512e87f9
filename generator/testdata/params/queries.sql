-- name: Compared :many
SELECT id FROM events WHERE title = $1 AND id > $2 AND $3 < at;

-- name: Page :many
SELECT id FROM events LIMIT $1 OFFSET $2;

-- name: Any :many
SELECT id FROM events WHERE id = ANY ($1::bigint[]) AND title = ANY ($2);

-- name: Slice :many
SELECT id FROM events WHERE id IN (sqlc.slice(ids)) AND title NOT IN (sqlc.slice('titles'));

-- name: Cast :one
SELECT $1::date AS day, $2::text || 'x' AS text;

-- name: Function :one
SELECT add_days($1, $2);

-- name: Between :many
SELECT id FROM events WHERE at BETWEEN $1 AND $2;

-- name: Insert :exec
INSERT INTO events (id, title, note, at, tags, price) VALUES ($1, $2, $3, $4, $5, $6);

-- name: Update :exec
UPDATE events SET note = $1, title = $2, price = $3 WHERE id = $4;

-- name: Optional :many
SELECT id FROM events WHERE title = coalesce(sqlc.narg('title'), title) AND ($1::text IS NULL OR note = $1);

-- name: Coalesce :exec
UPDATE events SET note = coalesce($1, note), title = coalesce($2, title) WHERE id = $3;

-- name: Distinct :many
SELECT id FROM events WHERE note IS DISTINCT FROM $1;

-- name: TwiceTheSame :many
SELECT id FROM events WHERE title = $1 OR note = $1;

-- name: Collide :many
SELECT a.id FROM events a, events b WHERE a.id = $1 AND b.id = $2;

-- name: Mixed :many
SELECT id FROM events WHERE id = $1 AND title = @title AND note = sqlc.arg(note);

-- name: Like :many
SELECT id FROM events WHERE title ILIKE '%' || @needle || '%' AND tags @> $1;

-- name: Directives :many
-- param: since nullable
-- column: note not null
SELECT id, note FROM events WHERE at >= @since;
