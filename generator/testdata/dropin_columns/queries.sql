-- Names of columns are what the text alone says.
-- name: Casts :many
SELECT id, sum(age)::bigint, count(*)::int, people.name::text, (nick)::text, true::bool, $1::int FROM people GROUP BY id;

-- name: Choices :many
SELECT id, CASE WHEN age > 1 THEN nick ELSE name END, coalesce(nick, 'a'), tags[1], current_date, NOT EXISTS (SELECT 1), ARRAY[age] FROM people;

-- A condition of several can be NULL, for callers of sqlc's code.
-- name: Conditions :many
SELECT id, age > 1 AND name = 'a' AS both_of, NOT age > 1 AS less, age > 1 AS more FROM people;

-- NULL comes out only where NULL goes in, and it cannot.
-- name: Lock :one
SELECT pg_try_advisory_lock($1);

-- name: LockOrNot :one
SELECT pg_try_advisory_lock(sqlc.narg(key));

-- name: Elements :many
SELECT unnest(@names::text[]), length(@name);

-- The condition rules NULL out; the join says otherwise.
-- name: Joined :many
SELECT p.id, o.id AS order_id FROM people p LEFT JOIN orders o ON o.person_id = p.id WHERE o.id > @minID;

-- name: Pick :exec
UPDATE orders SET note = CASE WHEN $1::bool THEN $2 ELSE note END, person_id = nullif($3, 0) WHERE id = $4;

-- name: InSlice :many
SELECT id FROM people WHERE nick IN (sqlc.slice(nicks)) AND name IN (sqlc.slice(names));

-- name: lowerCase :many
SELECT id, nick FROM people WHERE id = $1 AND age = $2;
