-- name: CallF :one
SELECT f($1);

-- name: Spans :many
SELECT * FROM spans WHERE free @> @moment::timestamptz;

-- name: InsertSpan :exec
INSERT INTO spans VALUES ($1, $2, $3);

-- name: CopySpans :copyfrom
INSERT INTO spans (id, free, taken) VALUES ($1, $2, $3);
