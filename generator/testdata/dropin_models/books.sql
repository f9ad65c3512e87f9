-- name: ListBooks :many
SELECT * FROM books ORDER BY id;

-- name: GetCopy :one
SELECT * FROM stock.copies WHERE id = $1;

-- name: CopyBooks :copyfrom
INSERT INTO books (id, author_id, title, mood) VALUES ($1, $2, $3, $4);

-- name: BatchBooks :batchmany
SELECT * FROM books WHERE author_id = $1 ORDER BY id;
