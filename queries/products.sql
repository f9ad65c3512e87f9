-- name: InsertProducts :copyfrom
INSERT INTO products (sku, name, price, tags, attributes, available)
VALUES (@sku, @name, @price, @tags, @attributes, @available);

-- name: ListProducts :many
SELECT * FROM products ORDER BY id;

-- StreamProducts reads all products one by one, however many there are.
-- name: StreamProducts :iter
SELECT id, sku, price FROM products ORDER BY sku;

-- name: ProductsBySKU :many
SELECT id, sku, name, price FROM products WHERE sku IN (sqlc.slice('skus')) ORDER BY sku;

-- ProductsTagged calls the function of that name.
-- name: ProductsTagged :many
SELECT * FROM products_tagged(@tag);

-- name: CountByTag :many
SELECT tag, count(*) AS products
FROM products, unnest(tags) AS tag
WHERE tag IS NOT NULL
GROUP BY tag
ORDER BY products DESC, tag;
