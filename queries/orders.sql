-- name: InsertOrder :one
INSERT INTO orders (user_id, ship_to) VALUES (@user_id, @ship_to) RETURNING id;

-- InsertItems adds the lines of orders, all in one round trip. The price is
-- the product's own at this moment.
-- name: InsertItems :batchexec
INSERT INTO items (order_id, product_id, quantity, price)
SELECT @order_id, p.id, @quantity, p.price FROM products p WHERE p.id = @product_id;

-- SetStatus moves an order on.
-- name: SetStatus :execrows
UPDATE orders
SET status = @status::order_status,
    shipped_at = CASE WHEN @status::order_status = 'shipped' THEN now() ELSE shipped_at END
WHERE id = @id;

-- OrdersSince lists a user's orders since a moment, with what they come to.
-- name: OrdersSince :many
SELECT o.id, o.status, o.placed_at, t.lines, t.total
FROM orders o
JOIN order_totals t ON t.order_id = o.id
WHERE o.user_id = @user_id AND o.placed_at >= @since
ORDER BY o.placed_at, o.id;

-- Revenue sums up what each user has spent. Total is nil for those who bought nothing.
-- name: Revenue :many
SELECT u.name, sum(t.total) AS total, max(t.status) AS furthest
FROM users u
LEFT JOIN order_totals t ON t.user_id = u.id AND t.status = ANY (sqlc.arg(statuses)::order_status[])
GROUP BY u.id
ORDER BY total DESC NULLS LAST, u.name;

-- name: OrderLines :many
SELECT sqlc.embed(i), p.name AS product
FROM items i
JOIN products p ON p.id = i.product_id
WHERE i.order_id = @order_id
ORDER BY p.name;
