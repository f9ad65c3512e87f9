-- name: NoCommand
SELECT 1;

-- name: Two :one :many
SELECT 1;

-- name: Wrong :tow
SELECT 1;

-- name: 2fa :one
SELECT 1;

-- colum: x not null
-- name: Colum :one
SELECT 1 AS x;

-- name: BadMacro :one
SELECT sqlc.argh(x), sqlc.arg(), sqlc.arg(1, 2);

-- name: Good :one
SELECT 1;

-- name: NoStatement :one
