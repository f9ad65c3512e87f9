-- name: GetAuthor :one
SELECT * FROM authors WHERE id = $1;

-- name: ListAuthors :many
SELECT * FROM authors WHERE mood = $1 OR last_mood = sqlc.narg(last) OR moods = @moods ORDER BY id;

-- name: GetMood :one
SELECT last_mood FROM authors WHERE id = $1;

-- name: GetMoods :one
SELECT moods FROM authors WHERE id = $1;

-- name: ListMoods :many
SELECT mood, last_mood, moods, home FROM authors ORDER BY id;

-- name: AddAuthor :exec
INSERT INTO authors (id, name, bio, born, mood, last_mood, moods, home) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: CopyAuthors :copyfrom
INSERT INTO authors (id, name, bio, born, mood, last_mood, moods) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: BatchMood :batchexec
UPDATE authors SET last_mood = $1 WHERE id = $2;

-- name: BatchAuthors :batchone
SELECT * FROM authors WHERE id = $1;

-- name: WithBooks :many
SELECT sqlc.embed(authors), sqlc.embed(books) FROM authors JOIN books ON books.author_id = authors.id ORDER BY books.id;

-- name: WithAnyBook :many
SELECT sqlc.embed(authors), sqlc.embed(books) FROM authors LEFT JOIN books ON books.author_id = authors.id ORDER BY authors.id, books.id;
