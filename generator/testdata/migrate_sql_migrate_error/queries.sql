-- name: ListUsers :many
SELECT * FROM users;

-- name: ListOrders :many
SELECT * FROM orders;

-- name: Total :one
SELECT total(@user_id::bigint) AS total;
