-- CountUsers is written by hand.
-- name: CountUsers :one
SELECT count(*)::int4 FROM users;

-- name: GetEquipment :optional
SELECT * FROM equipment WHERE id = @id;
