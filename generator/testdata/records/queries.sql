-- name: ListA :many
SELECT * FROM a;
