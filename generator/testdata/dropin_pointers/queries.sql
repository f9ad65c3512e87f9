-- name: GetHollow :one
SELECT * FROM hollow WHERE id = $1;

-- name: FindHollow :many
SELECT id FROM hollow WHERE word = $1 OR mood = $2 OR whole = ANY($3::int4[]) OR ratio > sqlc.narg(least)::float8;

-- name: SetHollow :exec
UPDATE hollow SET flag = $2, word = $3, host = $4, doc = $5, at = $6, mood = $7, pair = $8, words = $9 WHERE id = $1;
