-- name: ListEverything :many
SELECT * FROM everything;

-- name: CopyEverything :copyfrom
INSERT INTO everything (
    a_bool, n_bool, a_int2, n_int2, a_int4, n_int4, a_int8, n_int8, a_oid, n_oid, a_float4, n_float4, a_float8, n_float8,
    a_text, n_text, a_bytea, n_bytea, a_jsonb, n_jsonb, a_json, n_json, a_uuid, n_uuid, a_numeric, n_numeric,
    a_timestamp, n_timestamp, a_date, n_date, a_mood, n_mood, a_thing, n_thing, a_int4range, n_int4range, a_float_range, n_float_range
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
    $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38);

-- name: InsertSome :exec
INSERT INTO everything (a_date, n_date, a_timestamp, n_timestamp, a_jsonb, n_jsonb, a_bytea, n_bytea, a_mood, n_mood, a_thing, n_thing,
    a_int4range, n_int4range, a_float_range, n_float_range, a_inet, n_inet, a_hstore, n_hstore, a_positive, n_positive, a_required)
VALUES (@a_date, @n_date, @a_timestamp, @n_timestamp, @a_jsonb, @n_jsonb, @a_bytea, @n_bytea, @a_mood, @n_mood, @a_thing, @n_thing,
    @a_int4range, @n_int4range, @a_float_range, @n_float_range, @a_inet, @n_inet, @a_hstore, @n_hstore, @a_positive, @n_positive, @a_required);

-- name: WholeRow :many
SELECT e FROM everything e WHERE a_int4 = $1;

-- name: Thing :many
SELECT (a_thing).label, (a_thing).at AS place, ((a_thing).at).x FROM everything;
