-- name: Users :many
SELECT id, email, mood, duo, ticket FROM shop.users;

-- name: Visits :many
SELECT user_id, at, note FROM shop.visits_2024;

-- name: Views :many
SELECT h.id, h.email, c.visits, t.users FROM shop.happy h JOIN shop.counts c USING (id) CROSS JOIN shop.totals t;

-- name: Notes :many
SELECT note FROM shop.notes(@of_user);

-- name: First :one
SELECT shop.first_of(id) FROM shop.users;

-- name: Sadden :execrows
DELETE FROM shop.happy WHERE id = @id;

-- name: Forget :exec
CALL shop.forget(@of_user);
