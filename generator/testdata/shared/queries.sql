CREATE TABLE items (id bigint PRIMARY KEY, name text NOT NULL, price numeric);

-- name: ItemName :many
-- row: NamedItem
SELECT id, name FROM items;

-- name: ItemsNamed :many
-- row: NamedItem
SELECT id, name FROM items WHERE name = $1;

-- name: Prices :many
-- column: price not null
SELECT price FROM items;

-- name: JustNames :many
-- row: JustName
SELECT name FROM items;
