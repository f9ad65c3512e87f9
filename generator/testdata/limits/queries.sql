-- name: BatchTwo :batchexec
UPDATE notes SET user_id = $1 WHERE id = ANY(@ids::bigint[]);

-- name: BatchOne :batchone
SELECT id FROM notes WHERE user_id = $1;

-- name: CopyTwo :copyfrom
INSERT INTO notes (id, held) VALUES ($1, $2);

-- name: Five :exec
UPDATE notes SET a_1 = $1, "b_[2]" = $2, b_2 = $3, mood = $4 WHERE id = $5;

-- name: Six :exec
UPDATE notes SET a_1 = $1, "b_[2]" = $2, b_2 = $3, mood = $4, user_id = $6 WHERE id = $5;

-- name: ListNotes :many
SELECT * FROM notes;
