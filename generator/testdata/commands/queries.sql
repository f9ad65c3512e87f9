-- GetAuthor is documented
-- in two lines.
-- name: GetAuthor :one
SELECT * FROM authors WHERE id = $1;

-- name: GetName :one
SELECT name FROM authors WHERE id = $1;

-- name: GetBio :one
SELECT bio FROM authors WHERE id = $1;

-- name: FindAuthor :optional
SELECT * FROM authors WHERE name = @name;

-- name: FindBio :optional
SELECT bio FROM authors WHERE name = @name;

-- name: ListAuthors :many
SELECT * FROM authors ORDER BY name;

-- name: ListNames :many
SELECT id, name FROM authors WHERE mood = @mood AND name > @after LIMIT @max_rows;

-- name: StreamAuthors :iter
SELECT * FROM authors ORDER BY id;

-- name: CreateAuthor :exec
INSERT INTO authors (name, bio) VALUES ($1, $2);

-- name: CreateAuthorReturning :exec
INSERT INTO authors (name, bio) VALUES ($1, $2) RETURNING id;

-- name: DeleteAuthor :execrows
DELETE FROM authors WHERE id = $1;

-- name: TouchAuthors :execresult
UPDATE authors SET bio = bio;

-- name: CopyAuthors :copyfrom
INSERT INTO authors (name, bio, mood) VALUES ($1, $2, $3);

-- name: CopyNames :copyfrom
INSERT INTO authors (name) VALUES ($1);

-- name: CopyReordered :copyfrom
INSERT INTO "authors" (bio, name) VALUES ($2, $1);

-- name: BatchCreate :batchexec
INSERT INTO authors (name, bio) VALUES (@name, sqlc.narg(bio));

-- name: BatchRename :batchexec
UPDATE authors SET name = upper(name) WHERE id = $1;

-- name: BatchGet :batchone
SELECT * FROM authors WHERE id = $1;

-- name: BatchList :batchmany
SELECT id, bio FROM authors WHERE mood = $1 AND id > $2;

-- name: BatchNow :batchone
SELECT now();
