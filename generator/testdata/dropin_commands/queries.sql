-- name: GetNote :one
SELECT * FROM notes WHERE id = $1;

-- name: ListNotes :many
SELECT id, mood FROM notes WHERE mood = $1;

-- name: NotesWithTags :many
SELECT sqlc.embed(notes), tags.name FROM notes LEFT JOIN tags ON tags.note_id = notes.id;

-- name: DeleteNote :execrows
DELETE FROM notes WHERE id = $1;

-- name: TouchNotes :execresult
UPDATE notes SET text = sqlc.narg(text) WHERE id = ANY(@ids::int8[]);

-- name: AddNote :exec
INSERT INTO notes (id, text, mood) VALUES ($1, $2, $3);

-- name: AddNotes :copyfrom
INSERT INTO notes (id, text, mood) VALUES ($1, $2, $3);

-- name: SetMood :batchexec
UPDATE notes SET mood = $2 WHERE id = $1;

-- name: MoodOf :batchone
SELECT mood FROM notes WHERE id = $1;

-- name: NotesOf :batchmany
SELECT * FROM notes WHERE mood = $1 AND text = $2;
