-- All of a.
-- name: ListA :many
SELECT *
FROM a
WHERE id > @id;

-- name: CountA :one
SELECT count(*) FROM a;
