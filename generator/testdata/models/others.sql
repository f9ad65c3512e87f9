-- name: UserOf :one
SELECT u.* FROM users u JOIN posts p ON p.user_id = u.id WHERE p.id = $1;

-- name: At :many
SELECT id FROM users WHERE home = $1::place OR mood = ANY(sqlc.slice(moods));

-- name: Odd :many
SELECT id FROM users WHERE home = sqlc.arg(encode_place)::place OR mood = sqlc.arg(models) OR name = sqlc.arg(decode_user);

-- name: DecodePlace :one
-- row: OneUser
SELECT u.* FROM users u WHERE home = $1::place;

-- name: OddPlace :one
SELECT id FROM users WHERE home = sqlc.arg(encode_place)::place;
