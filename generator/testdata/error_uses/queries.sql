-- name: Operator :one
SELECT * FROM users WHERE id = @x AND email = @x;

-- name: OperatorBefore :one
SELECT * FROM users WHERE id = $1 AND $1 = email;

-- name: Assigned :exec
UPDATE users SET nick = sqlc.arg('xY'),
    parent = @xY;

-- name: OneCast :many
SELECT id FROM users WHERE (@a IS NULL OR id = @a::bigint);

-- name: NoCast :many
SELECT id FROM users WHERE @a IS NULL;

-- name: NoCastPositional :many
SELECT id FROM users WHERE $1 IS NULL;

-- name: NoParameter :many
SELECT id FROM users WHERE id = @a AND email = 5;

-- name: NoFrom :many
SELECT orders.id FROM users;

-- name: FarColumn :many
SELECT parnet_of FROM users;
