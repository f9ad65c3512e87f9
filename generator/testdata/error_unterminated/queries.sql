-- name: A :many
SELECT id FROM a WHERE b = 'x;
