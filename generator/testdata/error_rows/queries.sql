-- params: rows
-- name: NoArray :exec
INSERT INTO users (id) SELECT * FROM unnest(@ids::int[]) WHERE true = @flag;

-- params: rows
-- name: NoParams :exec
DELETE FROM users;

-- params: rows
-- name: Copied :copyfrom
INSERT INTO users (id, name) VALUES (@id, @name);

-- params: all
-- name: Misspelt :exec
DELETE FROM users WHERE id = ANY (@ids);

-- param: name like users.nam
-- param: id like user.id
-- name: Unlike :exec
UPDATE users SET name = @name WHERE id = @id;

-- param: name like users
-- name: NoTable :exec
UPDATE users SET name = @name;

-- param: name set by name_given
-- name: NotThere :exec
UPDATE users SET name = CASE WHEN @given THEN @name ELSE name END;

-- param: name set by id
-- name: NoBoolean :exec
UPDATE users SET name = @name WHERE id = @id;

-- param: name set by given
-- param: nick set by given
-- name: Shared :exec
UPDATE users SET name = CASE WHEN @given THEN @name ELSE name END, nick = CASE WHEN @given THEN @nick END;

-- param: name set given
-- name: NoBy :exec
UPDATE users SET name = CASE WHEN @given THEN @name ELSE name END;

-- param: name set by
-- name: ByNothing :exec
UPDATE users SET name = CASE WHEN @given THEN @name ELSE name END;

-- param: name like "users.name
-- name: Unterminated :exec
UPDATE users SET name = @name;

-- column: name like users.name
-- name: OfColumn :many
SELECT name FROM users;
