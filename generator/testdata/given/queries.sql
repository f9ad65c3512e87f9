-- Go's plain types hold no NULL.
-- name: Plain :many
SELECT id + @step::int AS next, @title || ' ' || id AS label, at + @pause::int * interval '1 s' AS later, @mood::mood AS mood FROM steps;

-- name: Elements :many
SELECT i.id, n.name FROM unnest(@ids::bigint[]) AS i(id) JOIN unnest(@names::text[]) AS n(name) ON true;

-- A slice can be nil, a pgtype.Numeric invalid, an overridden type whatever it wants.
-- name: NotPlain :one
SELECT @ids::bigint[] AS ids, @factor::numeric * 2 AS twice, @span::interval AS span, @small::smallint + 1 AS more;

-- name: Stated :one
-- param: b nullable
-- column: c nullable
SELECT sqlc.narg(a)::int + 1 AS a, @b::int + 1 AS b, @c::int + 1 AS c, coalesce(@d::int, 1) AS d;

-- Only what it depends on decides on a column.
-- name: Apart :one
SELECT @a::int + 1 AS a, @n::numeric AS n, greatest(@a::int, @b::int) AS g, least(@a::int, @s::smallint) AS l;
