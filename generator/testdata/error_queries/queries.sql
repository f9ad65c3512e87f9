-- name: UnknownColumn :many
SELECT id, nme FROM users
WHERE id = $1;

-- name: UnknownTable :many
SELECT id FROM user_s;

-- name: Syntax :one
SELECT FROM WHERE;

-- name: NoReturning :one
INSERT INTO users (id, name) VALUES ($1, $2);

-- name: Untyped :one
SELECT $1;

-- name: Conflict :exec
UPDATE users SET name = @x WHERE id = @x;

-- name: UnknownFunction :many
SELECT lowr(name) FROM users WHERE name = @name;

-- name: UnknownColumn :one
SELECT 1;

-- name: LastID :execlastid
INSERT INTO users (id, name) VALUES ($1, $2);

-- name: Gap :many
SELECT id FROM users WHERE id = $1 AND name = $3;

-- name: CopyExpression :copyfrom
INSERT INTO users (id, name) VALUES ($1, upper($2));

-- name: CopySelect :copyfrom
INSERT INTO users (id, name) SELECT $1, $2;

-- name: CopyConflict :copyfrom
INSERT INTO users (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: CopyNoColumns :copyfrom
INSERT INTO users VALUES ($1, $2, $3);

-- name: CopyUpdate :copyfrom
UPDATE users SET name = $1;

-- name: EmbedFunction :many
SELECT sqlc.embed(g) FROM generate_series(1, 2) AS g;

-- name: EmbedNothing :many
SELECT id FROM users WHERE sqlc.embed(users) IS NULL;

-- name: BadDirective :many
-- column: nmae not null
SELECT name FROM users;

-- name: BadParam :many
-- param: idd nullable
SELECT name FROM users WHERE id = @id;

-- name: Ambiguous :many
SELECT id FROM users a, users b;

-- name: Multibyte :many
SELECT 'größe 日本' AS größe, nme FROM users;
