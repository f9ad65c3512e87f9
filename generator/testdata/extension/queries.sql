-- name: ByEmail :one
SELECT * FROM users WHERE email = @email;
