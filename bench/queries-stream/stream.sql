-- name: StreamItems :iter
SELECT * FROM items WHERE id <= @most;

-- StreamRepeated streams the items with ids up to most, each many times over.
-- name: StreamRepeated :iter
SELECT items.* FROM items CROSS JOIN generate_series(1, @times::integer) WHERE id <= @most;
