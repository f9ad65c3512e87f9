-- name: A :many
-- row: Shared
SELECT id, b FROM a;

-- name: B :many
-- row: Shared
SELECT b, id FROM a;

-- name: C :many
-- row: A
SELECT id, b, 1 AS one FROM a;

-- name: D :exec
-- row: Nothing
DELETE FROM a;
