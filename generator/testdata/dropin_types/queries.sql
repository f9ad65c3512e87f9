-- name: GetSolid :one
SELECT * FROM solid;

-- name: ListHollow :many
SELECT * FROM hollow;

-- name: GetLists :one
SELECT * FROM lists;

-- name: SetLists :exec
UPDATE lists SET flags = $1, words = $2, moods = $3, docs = $4, hosts = $5, times = $6, pairs = $7, grid = $8;

-- name: SetHollow :exec
UPDATE hollow SET c_oid = $1, c_tid = $2, c_text = $3, c_jsonb = $4, c_inet = $5, c_macaddr8 = $6, c_date = $7,
    c_tstzrange = $8, c_int4range = $9, c_mood = $10, c_pair = $11, c_hstore = $12, c_ltree = $13;

-- name: SetSolid :exec
UPDATE solid SET c_oid = $1, c_tid = $2, c_text = $3, c_jsonb = $4, c_inet = $5, c_macaddr8 = $6, c_date = $7,
    c_tstzrange = $8, c_int4range = $9, c_mood = $10, c_pair = $11, c_hstore = $12, c_ltree = $13;

-- name: FillHollow :copyfrom
INSERT INTO hollow (c_int4, c_text, c_jsonb, c_inet, c_timestamptz, c_mood, c_int8range) VALUES ($1, $2, $3, $4, $5, $6, $7);
