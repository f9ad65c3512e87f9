-- name: Items :many
SELECT * FROM items;
