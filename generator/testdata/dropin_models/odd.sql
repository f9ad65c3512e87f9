-- name: Models :many
SELECT * FROM authors WHERE mood = @models;

-- name: Time :many
SELECT id, meta FROM books WHERE mood = @time AND meta = @meta;

-- name: ReadNullMood :one
SELECT last_mood FROM authors WHERE id = $1;

-- name: DecodeAuthor :one
SELECT * FROM authors WHERE id = $1;
