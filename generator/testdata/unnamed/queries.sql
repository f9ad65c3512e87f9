-- name: A :exec
DELETE FROM a;

DELETE FROM a WHERE id = 1;
