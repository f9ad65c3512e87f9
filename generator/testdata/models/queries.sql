-- name: FindUser :optional
SELECT * FROM users WHERE id = $1;

-- name: AllUsers :iter
SELECT * FROM users ORDER BY id;

-- name: ListHomes :many
SELECT home, places FROM users ORDER BY id;

-- name: GetHome :one
SELECT home FROM users WHERE id = $1;

-- name: CoalesceMood :one
SELECT coalesce(feeling, $2::mood) FROM users WHERE id = $1;

-- name: WithPosts :many
SELECT sqlc.embed(u), sqlc.embed(p) FROM users u LEFT JOIN posts p ON p.user_id = u.id ORDER BY u.id, p.id;

-- name: Whole :many
SELECT u AS who, p.title FROM users u JOIN posts p ON p.user_id = u.id ORDER BY p.id;

-- name: CopyUsers :copyfrom
INSERT INTO users (id, name, mood, feeling, moods, home, places) VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: SetHome :batchexec
UPDATE users SET home = $2, moods = $3 WHERE id = $1;
