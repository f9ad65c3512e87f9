-- name: GetItem :one
SELECT * FROM items WHERE id = $1;

-- name: ListItems :many
SELECT * FROM items WHERE id <= @most;

-- name: ListNames :many
SELECT id, name FROM items WHERE id <= @most;

-- name: ListItemsWithOwner :many
SELECT i.*, o.name AS owner
FROM items i
JOIN owners o ON o.id = i.owner_id
WHERE i.id <= @most;

-- name: UpdateItem :execrows
UPDATE loaded SET quantity = @quantity, note = @note WHERE id = @id;

-- name: InsertItem :exec
INSERT INTO loaded (id, ref, owner_id, name, quantity, price, weight, active, attributes, note, created_at, shipped_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: InsertItems :batchexec
INSERT INTO loaded (id, ref, owner_id, name, quantity, price, weight, active, attributes, note, created_at, shipped_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: CopyItems :copyfrom
INSERT INTO loaded (id, ref, owner_id, name, quantity, price, weight, active, attributes, note, created_at, shipped_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
