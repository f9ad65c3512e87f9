-- name: One :one
SELECT id FROM t LIMIT 1;
