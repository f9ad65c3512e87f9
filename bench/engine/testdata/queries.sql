-- name: ListUsers :many
SELECT u.*, count(*) OVER () AS total FROM users u WHERE name = @name AND mood = ANY (sqlc.slice(moods));
