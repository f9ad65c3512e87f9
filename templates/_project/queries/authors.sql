-- Every query has a name, which becomes the method's, and says what it returns.

-- name: CreateAuthor :one
INSERT INTO authors (name, bio)
VALUES (@name, @bio)
RETURNING *;

-- name: GetAuthor :one
SELECT *
FROM authors
WHERE id = @id;

-- name: ListAuthors :many
-- Authors with the number of their books, by name. The latest book is NULL for
-- an author without any.
SELECT a.id, a.name, count(b.id) AS books, max(b.published) AS latest
FROM authors a
LEFT JOIN books b ON b.author_id = a.id
GROUP BY a.id
ORDER BY a.name
LIMIT @max_rows;

-- name: DeleteAuthor :execrows
DELETE FROM authors
WHERE id = @id;
