-- name: func :one
SELECT 1;

-- name: db :one
SELECT 1;

-- name: _ :one
SELECT 1;

-- name: Row :one
-- row: User
SELECT id FROM users;

-- name: Record :many
SELECT id FROM users WHERE users = @whole;

-- name: Embedded :many
-- column: nick not null
SELECT sqlc.embed(users), 1 AS one FROM users;
