-- name: A :many
SELECT from_migration(id) FROM a;
