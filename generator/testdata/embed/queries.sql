-- name: Inner :many
SELECT sqlc.embed(users), sqlc.embed(orders) FROM users JOIN orders ON orders.user_id = users.id;

-- name: Left :many
SELECT sqlc.embed(u), sqlc.embed(o) FROM users u LEFT JOIN orders o ON o.user_id = u.id;

-- name: Full :many
SELECT sqlc.embed(u), sqlc.embed(o), u.id + 1 AS next FROM users u FULL JOIN orders o ON o.user_id = u.id;

-- name: LeftThenWhere :many
SELECT sqlc.embed(u), sqlc.embed(o) FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.id > 1;

-- name: Twice :many
SELECT sqlc.embed(a), sqlc.embed(b) FROM users a LEFT JOIN users b ON b.id = a.id + 1;

-- name: Other :one
SELECT sqlc.embed(other.users), 1 AS one FROM other.users;

-- name: Loose :many
SELECT u.id, sqlc.embed(loose) FROM users u LEFT JOIN loose ON loose.a = u.id;

-- name: OnlyOne :one
SELECT sqlc.embed(users) FROM users WHERE id = $1;

-- name: View :many
SELECT sqlc.embed(n), u.* FROM users u LEFT JOIN order_notes n ON n.id = u.id;

-- name: Returning :one
INSERT INTO users (id, name) VALUES ($1, $2) RETURNING sqlc.embed(users), bio IS NULL AS empty;

-- name: Grouped :many
SELECT sqlc.embed(u), count(o.id) AS orders FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;

-- name: GroupedLeft :many
SELECT u.id, sqlc.embed(u), sqlc.embed(o), o.id AS again FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id, u.name, o.id;
