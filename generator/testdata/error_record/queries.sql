-- name: A :many
SELECT (id, b) FROM a;

-- name: B :many
SELECT array_agg((id, b)) AS list FROM a;
