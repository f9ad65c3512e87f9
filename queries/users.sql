-- name: GetUser :one
SELECT * FROM users WHERE id = @id;

-- FindUser looks a user up by address, which is unique.
-- name: FindUser :optional
SELECT * FROM users WHERE email = @email;

-- name: InsertUser :one
INSERT INTO users (email, name, nickname, home)
VALUES (@email, @name, @nickname, @home)
RETURNING id, created_at;

-- RenameUser sets the nickname; nil takes it away.
-- name: RenameUser :execrows
UPDATE users SET nickname = @nickname WHERE id = @id;

-- CopyUsers brings many users in at once.
-- name: CopyUsers :copyfrom
INSERT INTO users (email, name, nickname, home) VALUES (@email, @name, @nickname, @home);

-- ListUsersWithLastOrder lists all users; LastOrder is nil for those who never ordered.
-- name: ListUsersWithLastOrder :many
SELECT u.id, u.name, u.nickname, sqlc.embed(o)
FROM users u
LEFT JOIN LATERAL (SELECT id FROM orders WHERE user_id = u.id ORDER BY placed_at DESC LIMIT 1) last ON true
LEFT JOIN orders o ON o.id = last.id
ORDER BY u.id;
