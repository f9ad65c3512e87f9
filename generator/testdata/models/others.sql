-- name: UserOf :one
SELECT u.* FROM users u JOIN posts p ON p.user_id = u.id WHERE p.id = $1;

-- name: At :many
SELECT id FROM users WHERE home = $1::place OR mood = ANY(sqlc.slice(moods));
